"""The provider calls back: what becomes of a message is known, whoever is lying, repeating or late."""
import re
from urllib.parse import urlsplit

import pytest

import behaviours
import callbacks
import fates
import story
from behaviours import Gate
from story import ANA, LUIS, a_handoff, address

REFUSED_BY_WHATSAPP = 63024


@pytest.fixture
def called(start, twilio):
    """Ana, then Luis; a daemon that the provider can reach."""
    return start(story.called_back(story.company(twilio, ANA, LUIS, server={"reply_within": "500ms"}, channel={"timeout": "2s"})))


def post(daemon, twilio):
    """A handoff that Ana was sent, its message, and what the agent heard."""
    handoff = a_handoff()
    answer = daemon.post(handoff)
    return handoff, twilio.ledger.wait_about(handoff["conversation_id"]), answer


def answers_of(twilio, message, count):
    twilio.ledger.wait_until(lambda: len(twilio.ledger.callbacks_of(message.sid)) >= count, f"{count} callbacks")
    return [callback.answer for callback in twilio.ledger.callbacks_of(message.sid)]


def expect_just_sent(daemon, twilio, *handoffs):
    """Whatever was said of them: the provider took them, and that is all. What was just read rides on the next commit."""
    for handoff in handoffs:
        daemon.wait_for_attempts(handoff, "sent")
    marker = a_handoff()
    daemon.post(marker)                                 # goes all the way; whoever was to be told again is told by now
    twilio.ledger.wait_about(marker["conversation_id"])
    assert [daemon.attempts(handoff) for handoff in handoffs] == [["sent"]] * len(handoffs)
    assert len(twilio.ledger.sends) == len(handoffs) + 1


def test_every_message_has_an_address_of_its_own(called, twilio):
    urls = [post(called, twilio)[1].form["StatusCallback"] for _ in range(5)]
    assert len(set(urls)) == 5
    for url in urls:
        assert re.fullmatch(r"/hooks/whatsapp/[A-Za-z0-9_-]{20,}", urlsplit(url).path), url
        assert urlsplit(url).netloc == f"127.0.0.1:{called.port}" and not urlsplit(url).query


def test_without_a_public_url_there_is_no_address(start, twilio):
    daemon = start(story.company(twilio))
    assert "StatusCallback" not in post(daemon, twilio)[1].form
    assert daemon.ask("POST", "/hooks/whatsapp/x", b"MessageStatus=read").status == 404


@pytest.mark.parametrize("fate, state", [(fates.sent(), "sent"), (fates.delivered(), "delivered"), (fates.read(), "read")])
def test_the_state_goes_forward(called, twilio, fate, state):
    twilio.fate(fate)
    handoff, message, _ = post(called, twilio)
    assert answers_of(twilio, message, len(fate)) == [204] * len(fate)
    called.wait_for_attempts(handoff, state)


def test_and_never_back(called, twilio):
    twilio.fate(fates.backwards(fates.read()))
    handoff, message, _ = post(called, twilio)
    assert answers_of(twilio, message, 3) == [204] * 3
    called.wait_for_attempts(handoff, "read")


def test_a_call_before_the_answer_is_as_good(called, twilio):
    twilio.fate(fates.early(fates.delivered()))
    handoff, message, answer = post(called, twilio)
    assert answer.status == 200 and answer["message_sid"] == message.sid
    called.wait_for_attempts(handoff, "delivered")
    assert len(twilio.ledger.sends) == 1


@pytest.mark.parametrize("lose", [behaviours.hang(), behaviours.cut_in_body(), behaviours.reset(), behaviours.garbage()])
def test_a_call_settles_what_was_unknown(called, twilio, lose):
    twilio.next(lose)
    handoff, message, _ = post(called, twilio)
    called.wait_for_attempts(handoff, "delivered")
    again = called.post(handoff)
    assert (again.status, again["message_sid"], again["duplicate"]) == (200, message.sid, True)
    assert len(twilio.ledger.sends_about(handoff["conversation_id"])) == 1


@pytest.mark.parametrize("fate", [fates.undelivered(REFUSED_BY_WHATSAPP), fates.failed(REFUSED_BY_WHATSAPP)])
def test_what_cannot_be_delivered_goes_to_the_next_person_once(called, twilio, fate):
    twilio.fate(fates.told(fate, callbacks.repeated(3)), to=address(ANA))
    handoff, _, _ = post(called, twilio)
    twilio.ledger.wait_until(lambda: len(twilio.ledger.about(handoff["conversation_id"])) == 2, "the next person's message")
    called.stop()
    assert [message.to for message in twilio.ledger.about(handoff["conversation_id"])] == [address(ANA), address(LUIS)]


def test_a_message_outside_the_window_goes_on_and_somebody_hears_of_it(called, twilio):
    twilio.fate(fates.failed(63016), to=address(ANA))
    handoff, _, answer = post(called, twilio)
    twilio.ledger.wait_until(lambda: len(twilio.ledger.about(handoff["conversation_id"])) == 2, "the next person's message")
    called.wait_for_log(rf"^\[ERROR\].*handoff={answer['handoff_id']}.*code=63016|^\[ERROR\].*63016")


@pytest.mark.parametrize("way", callbacks.FORGED)
def test_a_forged_call_is_refused_and_changes_nothing(called, twilio, way):
    twilio.fate(fates.forged(fates.undelivered(REFUSED_BY_WHATSAPP), callbacks.FORGED[way]))
    handoff, message, _ = post(called, twilio)
    assert answers_of(twilio, message, 2) == [403, 403]
    expect_just_sent(called, twilio, handoff)


def test_every_flipped_byte_is_refused(called, twilio):
    """The same message, called about again and again: each time another byte is wrong."""
    def one_in_seven(call):
        return [spoilt for at in range(0, len(call.body), 7) for spoilt in callbacks.flipped(at)(call)]
    twilio.fate(fates.forged([fates.Step("undelivered", REFUSED_BY_WHATSAPP)], one_in_seven))
    handoff, message, _ = post(called, twilio)
    assert set(answers_of(twilio, message, 60)) == {403}
    expect_just_sent(called, twilio, handoff)


@pytest.mark.parametrize("way, answers", [("another account", {403}), ("another address", {404}), ("another message", {204, 404})])
def test_a_misleading_call_changes_nothing(called, twilio, way, answers):
    twilio.fate(fates.forged([fates.Step("undelivered", REFUSED_BY_WHATSAPP)], callbacks.MISLEADING[way]))
    handoff, message, _ = post(called, twilio)
    assert set(answers_of(twilio, message, 1)) <= answers
    expect_just_sent(called, twilio, handoff)


def test_a_call_about_one_message_to_the_address_of_another_changes_neither(called, twilio):
    twilio.fate(fates.nothing())
    first, first_message, _ = post(called, twilio)
    twilio.fate(fates.forged([fates.Step("undelivered", REFUSED_BY_WHATSAPP)],
                             callbacks.to_url(first_message.form["StatusCallback"])))
    second, message, _ = post(called, twilio)
    answers_of(twilio, message, 1)
    expect_just_sent(called, twilio, first, second)


def test_parameters_of_tomorrow_are_signed_and_taken(called, twilio):
    twilio.fate(fates.told(fates.read(), callbacks.with_more_fields))
    handoff, message, _ = post(called, twilio)
    assert answers_of(twilio, message, 3) == [204] * 3
    called.wait_for_attempts(handoff, "read")


def test_a_word_of_tomorrow_is_taken_and_ignored(called, twilio):
    twilio.fate(fates.forged(fates.sent(), callbacks.saying("teleported")))
    handoff, message, _ = post(called, twilio)
    assert answers_of(twilio, message, 1) == [204]
    expect_just_sent(called, twilio, handoff)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_call_hours_later_finds_its_message_after_a_restart(called, twilio, end):
    gate = Gate()
    twilio.fate(fates.later(gate, fates.read()))
    handoff, message, _ = post(called, twilio)
    getattr(called, end)()
    called.restart()
    gate.open()
    assert answers_of(twilio, message, 3) == [204] * 3
    called.wait_for_attempts(handoff, "read")


def test_a_failure_hours_later_is_told_to_the_next_person_after_a_restart(called, twilio):
    gate = Gate()
    twilio.next_fates(fates.later(gate, fates.undelivered(REFUSED_BY_WHATSAPP)))
    handoff, _, _ = post(called, twilio)
    called.kill()
    called.restart()
    gate.open()
    twilio.ledger.wait_until(lambda: len(twilio.ledger.about(handoff["conversation_id"])) == 2, "the next person's message")


def test_calls_of_hundreds_of_messages_are_all_kept(called, twilio):
    twilio.fate(fates.read())
    handoffs = [post(called, twilio)[0] for _ in range(100)]
    twilio.ledger.wait_for_callbacks(300)
    assert {callback.answer for callback in twilio.ledger.callbacks} == {204}
    called.kill()
    assert [called.attempts(handoff) for handoff in handoffs] == [["read"]] * 100, "answered before it was on disk"
    called.restart()


@pytest.mark.parametrize("method, body, status", [
    ("GET", None, 405), ("PUT", b"a=b", 405), ("POST", b"a=b" * 100000, 413), ("POST", b"", 415)],
    ids=["GET", "PUT", "too large", "no form"])
def test_other_requests_there_are_refused(called, twilio, method, body, status):
    handoff, message, _ = post(called, twilio)
    path = urlsplit(message.form["StatusCallback"]).path
    assert called.ask(method, path, body).status == status
    called.wait_for_attempts(handoff, "delivered")


def test_the_log_holds_no_token_and_nobody(called, twilio):
    twilio.fate(fates.forged(fates.read(), callbacks.wrongly_signed))
    _, message, _ = post(called, twilio)
    answers_of(twilio, message, 3)
    called.stop()
    token = urlsplit(message.form["StatusCallback"]).path.rpartition("/")[2]
    assert token not in called.log and "3000000001" not in called.log
