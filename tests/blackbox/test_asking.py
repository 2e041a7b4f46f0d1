"""When nobody knows whether a message was sent, the provider is asked: soon, patiently, and before anything is repeated."""
import time

import pytest

import behaviours
import story
from story import ANA, LUIS, a_handoff, address

ASK_FOR_SECONDS = 2


@pytest.fixture
def asking(start, twilio):
    """A function that starts one which asks three times in two seconds; Ana, then Luis."""
    def start_it(vendors=(ANA, LUIS), template=None, **unknown):
        rules = {"ask_for": f"{ASK_FOR_SECONDS}s", "times": 3, "give_up": "5s", **unknown}
        channel = {"timeout": "1s", "template": template}
        return start(story.company(twilio, *vendors, server={"reply_within": "300ms"}, channel=channel, unknown=rules))
    return start_it


LOST = {"cut": behaviours.cut_in_body, "closed": behaviours.close_after_reading, "reset": behaviours.reset,
        "garbage": behaviours.garbage, "hang": behaviours.hang}


def recipients(twilio, handoff):
    return [message.to for message in twilio.ledger.about(handoff["conversation_id"])]


@pytest.mark.parametrize("how", LOST)
def test_what_was_taken_is_found_and_adopted(asking, twilio, how):
    daemon = asking()
    twilio.next(LOST[how]())
    handoff = a_handoff()
    assert daemon.post(handoff).status == 202
    message = twilio.ledger.wait_about(handoff["conversation_id"])
    daemon.wait_for_log(rf"notification sent\. SID: {message.sid}")
    again = daemon.post(handoff)
    assert (again.status, again["message_sid"], again["duplicate"]) == (200, message.sid, True)
    assert len(twilio.ledger.sends) == 1


def test_it_is_asked_within_two_seconds(asking, twilio):
    daemon = asking()
    twilio.next(behaviours.close_after_reading())
    daemon.post(a_handoff())
    (send,), ask = twilio.ledger.sends, twilio.ledger.wait_for_asks(1)[0]
    assert ask.time - send.time < 2.0 and ask.query["To"] == address(ANA)


@pytest.mark.parametrize("how", LOST)
def test_what_was_not_taken_is_sent_once_after_the_asking(asking, twilio, how):
    daemon = asking()
    twilio.next(LOST[how](accepted=False))
    handoff = a_handoff()
    daemon.post(handoff)
    twilio.ledger.wait_about(handoff["conversation_id"])
    first, second = twilio.ledger.sends
    assert second.time - first.time >= ASK_FOR_SECONDS - 0.1 and len(twilio.ledger.asks) >= 3
    daemon.stop()
    assert recipients(twilio, handoff) == [address(ANA)]


def test_a_list_that_lags_is_asked_again(asking, twilio):
    daemon = asking()
    twilio.lag(asks=2)
    twilio.next(behaviours.close_after_reading())
    handoff = a_handoff()
    daemon.post(handoff)
    message = twilio.ledger.wait_about(handoff["conversation_id"])
    daemon.wait_for_log(rf"notification sent\. SID: {message.sid}")
    assert len(twilio.ledger.asks) == 3 and len(twilio.ledger.sends) == 1


USELESS = {"500": behaviours.error(500, 20500), "401": behaviours.error(401, 20003), "garbage": behaviours.garbage(),
           "nonsense": behaviours.nonsense(), "cut": behaviours.cut_in_body(), "html": behaviours.html_error(502),
           "empty": behaviours.nonsense(b""), "an empty object": behaviours.nonsense(b"{}"),
           "404 in HTML": behaviours.html_error(404)}


@pytest.mark.parametrize("answer", USELESS)
def test_an_answer_that_says_nothing_never_leads_to_a_repeat(asking, twilio, answer):
    daemon = asking(on_ambiguous="hold")
    twilio.always_asks(USELESS[answer])
    twilio.next(behaviours.close_after_reading())
    handoff = a_handoff()
    daemon.post(handoff)
    daemon.wait_for_attempts(handoff, "ambiguous")
    daemon.stop()
    assert recipients(twilio, handoff) == [address(ANA)]


@pytest.mark.parametrize("on_ambiguous, told", [("escalate", [ANA, LUIS]), ("resend", [ANA, ANA]), ("hold", [ANA])])
def test_what_stays_unknown_is_decided_as_configured(asking, twilio, on_ambiguous, told):
    daemon = asking(on_ambiguous=on_ambiguous)
    twilio.always_asks(behaviours.error(500, 20500))
    twilio.next(behaviours.close_after_reading())
    handoff = a_handoff()
    daemon.post(handoff)
    twilio.ledger.wait_until(lambda: len(recipients(twilio, handoff)) == len(told), "everybody who is to be told")
    daemon.turn_until(lambda: daemon.attempts(handoff)[0] == "ambiguous", "the first attempt to be ambiguous")
    daemon.stop()
    assert recipients(twilio, handoff) == [address(vendor) for vendor in told]
    first, *others = twilio.ledger.about(handoff["conversation_id"])
    assert "duplicado" not in first.text and all("duplicado" in message.text for message in others)


def test_two_lost_messages_to_one_person_are_told_apart(asking, twilio):
    daemon = asking()
    twilio.next(*[behaviours.close_after_reading()] * 4)
    handoffs = [a_handoff() for _ in range(4)]
    for handoff in handoffs:
        daemon.post(handoff)
    daemon.wait_for_log(r"notification sent\. SID: ", count=4)
    sids = [daemon.post(handoff)["message_sid"] for handoff in handoffs]
    assert sids == [twilio.ledger.about(handoff["conversation_id"])[0].sid for handoff in handoffs]


TEMPLATE = {"sid": "HX" + "0123456789abcdef" * 2, "variables": ["telefono", "motivo"]}
FORMS = {"text": None, "template": TEMPLATE}
ROBOT = "Quiere un robot"
REASONS = {"other words": "Pregunta por la garantía", "more words": ROBOT + " y su garantía"}


def told(twilio, reason):
    """How often somebody was told just this."""
    return sum(f"*Motivo:* {reason}\n" in message.text + "\n" or reason in message.variables.values()
               for message in twilio.ledger.messages)


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("form", FORMS)
def test_a_customers_other_message_is_not_taken_for_the_lost_one(asking, twilio, form, reason):
    """Two handoffs, but for the reason the same: the first never came, and the second is there and nobody's yet."""
    daemon = asking([ANA], template=FORMS[form])
    twilio.next(behaviours.close_after_reading(accepted=False), behaviours.close_after_reading())
    daemon.post(a_handoff(reason=ROBOT, conversation_id=None))
    daemon.post(a_handoff(reason=REASONS[reason], conversation_id=None))
    daemon.wait_for_log(r"notification sent\. SID: ", count=2)
    assert told(twilio, ROBOT) == told(twilio, REASONS[reason]) == 1 and len(twilio.ledger.messages) == 2


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("form", FORMS)
def test_an_update_is_not_taken_for_the_lost_message(asking, twilio, form, reason):
    daemon = asking(template=FORMS[form])
    twilio.next(behaviours.close_after_reading(accepted=False), behaviours.close_after_reading())
    handoff = a_handoff(reason=ROBOT)
    daemon.post(handoff)
    daemon.post({**handoff, "reason": REASONS[reason]})
    daemon.wait_for_log(r"notification sent\. SID: ", count=2)
    assert told(twilio, ROBOT) == 1 and len(twilio.ledger.messages) == 2


def test_a_template_that_shows_no_reason_leaves_it_unknown(asking, twilio):
    daemon = asking(template={**TEMPLATE, "variables": ["telefono"]}, on_ambiguous="hold")
    twilio.next(behaviours.close_after_reading())
    handoff = a_handoff()
    daemon.post(handoff)
    daemon.wait_for_attempts(handoff, "ambiguous")
    assert len(twilio.ledger.sends) == 1


# Twilio's clock, compared with ours; and whether its answers say what it shows.
CLOCKS = {"an hour behind": (-3600, True), "a month behind": (-30 * 86400, True), "an hour ahead": (3600, True),
          "an hour behind, untold": (-3600, False)}


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_clock_that_is_wrong_hides_no_message(asking, twilio, clock):
    twilio.clock.ahead_seconds, twilio.clock.is_told = CLOCKS[clock]
    daemon = asking()
    twilio.next(behaviours.close_after_reading())
    handoff = a_handoff()
    daemon.post(handoff)
    message = twilio.ledger.wait_about(handoff["conversation_id"])
    daemon.wait_for_log(rf"notification sent\. SID: {message.sid}")
    assert len(twilio.ledger.sends) == 1


def test_what_was_being_sent_at_kill_9_is_asked_about_within_two_seconds(asking, twilio):
    daemon = asking()
    twilio.next(behaviours.hang())
    handoff = a_handoff()
    assert daemon.post(handoff).status == 202
    message = twilio.ledger.wait_about(handoff["conversation_id"])
    daemon.kill()
    started = time.time()
    daemon.restart()
    assert twilio.ledger.wait_for_asks(1)[-1].time - started < 2.0
    daemon.wait_for_log(rf"notification sent\. SID: {message.sid}", this_run=True)
    assert len(twilio.ledger.sends) == 1


def test_the_asking_goes_on_after_a_restart_where_it_was(asking, twilio):
    daemon = asking()
    twilio.next(behaviours.close_after_reading(accepted=False))
    handoff = a_handoff()
    daemon.post(handoff)
    twilio.ledger.wait_for_asks(1)
    daemon.kill()
    daemon.restart()
    twilio.ledger.wait_about(handoff["conversation_id"])
    daemon.stop()
    assert recipients(twilio, handoff) == [address(ANA)]
