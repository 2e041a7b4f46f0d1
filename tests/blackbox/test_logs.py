"""The log tells what happened to each handoff, and nothing about the people in it."""
import pytest

import behaviours
import story
from fake_twilio import AUTH_TOKEN
from story import ANA, LUIS, a_handoff

CANARIES = {"user_phone": "+5215550001111", "user_name": "Zacarías Canario", "reason": "motivo secretísimo",
            "additional_context": "contexto reservado"}
PRIVATE = ("5550001111", "Zacar", "Canario", "secret\u00edsimo", "reservado", "3000000001", "3000000002", AUTH_TOKEN,
           "QUMwMTIz")      # the last is how the account begins in a Basic authorization


def expect_private(daemon):
    assert [word for word in PRIVATE if word in daemon.log] == []


def provider_that_repeats_everything(exchange):
    """An error text with the recipient, the message and the credentials in it."""
    exchange.refuse(400, 21211, f"Bad {exchange.form['To']} {CANARIES['user_phone']} token {AUTH_TOKEN}".replace("{", ""))


@pytest.fixture
def talkative(start, twilio):
    return start(story.company(twilio, ANA, LUIS, server={"reply_within": "500ms"}, channel={"timeout": "1s"}))


def test_success_is_logged_without_anybody_in_it(talkative):
    answer = talkative.post(a_handoff(**CANARIES))
    talkative.wait_for_log(rf"\[INFO\] WhatsApp handoff notification sent\. SID: {answer['message_sid']}"
                           rf".* handoff={answer['handoff_id']}.* vendor=ana")
    talkative.stop()
    expect_private(talkative)


def test_a_provider_that_repeats_private_things_is_masked(talkative, twilio):
    twilio.always(provider_that_repeats_everything)
    assert talkative.post(a_handoff(**CANARIES)).status == 500
    talkative.wait_for_log(r"\[ERROR\] Twilio error sending WhatsApp: ")
    talkative.stop()
    expect_private(talkative)


def test_trouble_of_every_kind_is_logged_without_anybody_in_it(talkative, twilio):
    twilio.next(behaviours.html_error(500), behaviours.garbage(), behaviours.error(429, 20429), behaviours.hang())
    for _ in range(4):
        talkative.post(a_handoff(**CANARIES))
    talkative.wait_for_log("state=unknown", count=3)
    talkative.kill()
    talkative.restart()
    talkative.stop()
    expect_private(talkative)


def test_refused_requests_are_logged_without_anybody_in_them(talkative):
    talkative.post(a_handoff(**{**CANARIES, "user_phone": "5550001111"}))
    talkative.post(b'{"user_name": "Canario", "reason": "reservado')
    talkative.ask("GET", "/?phone=5550001111")
    talkative.stop()
    expect_private(talkative)


def test_the_log_channel_prints_no_message_where_no_terminal_is(start, twilio):
    daemon = start(story.company(twilio, {**ANA, "notify": [{"channel": "log"}]}))
    answer = daemon.post(a_handoff(**CANARIES))
    assert answer["message_sid"].startswith("log-")
    daemon.stop()
    expect_private(daemon)


def test_customer_text_cannot_write_a_line_of_the_log(talkative):
    talkative.post(a_handoff(conversation_id="conv_x\n[ERROR] forged handoff=ho_forged", user_name="a\n[ERROR] forged"))
    talkative.ask("GET", "/x%0a[ERROR]%20forged")
    talkative.stop()
    assert not [line for line in talkative.log.splitlines() if line.startswith("[ERROR] forged")]
