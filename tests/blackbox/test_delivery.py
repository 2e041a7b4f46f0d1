"""What was promised is kept: through refused connections, through too many requests, through kill -9."""
from concurrent.futures import ThreadPoolExecutor

import pytest

import behaviours
import story
from story import a_handoff

TOO_MANY = behaviours.error(429, 20429)


@pytest.fixture
def hasty(start, twilio):
    return start(story.company(twilio, server={"reply_within": "500ms"}))


def test_too_many_requests_then_one_message(daemon, twilio):
    twilio.next(TOO_MANY)
    handoff = a_handoff()
    answer = daemon.post(handoff)
    assert answer.status in (200, 202)
    twilio.ledger.wait_for(1)
    daemon.stop()
    assert len(twilio.ledger.sends) == 2 and len(twilio.ledger.messages) == 1


def test_retry_after_is_honoured(hasty, twilio):
    twilio.next(behaviours.error(429, 20429, retry_after=2))
    hasty.post(a_handoff())
    twilio.ledger.wait_for(1)
    first, second = twilio.ledger.sends
    assert second.time - first.time > 1.9


def test_a_provider_that_is_down_gets_the_message_when_it_is_back(hasty, twilio):
    twilio.stop()
    assert hasty.post(a_handoff()).status == 202
    twilio.start()
    twilio.ledger.wait_for(1)
    hasty.stop()
    assert len(twilio.ledger.sends) == 1


def test_a_deferred_message_survives_kill_9_and_is_sent_once(hasty, twilio):
    twilio.always(TOO_MANY)
    handoff = a_handoff()
    queued = hasty.post(handoff)
    assert queued.status == 202
    hasty.kill()
    twilio.always(behaviours.accept)
    hasty.restart()
    message = twilio.ledger.wait_about(handoff["conversation_id"])
    hasty.wait_for_log(rf"SID: {message.sid}.* handoff={queued['handoff_id']}", this_run=True)
    assert hasty.post(handoff)["message_sid"] == message.sid
    hasty.stop()
    assert len(twilio.ledger.messages) == 1


def test_a_deferred_message_survives_an_ordinary_restart(hasty, twilio):
    twilio.always(TOO_MANY)
    handoff = a_handoff()
    assert hasty.post(handoff).status == 202
    hasty.stop()
    twilio.always(behaviours.accept)
    hasty.restart()
    twilio.ledger.wait_about(handoff["conversation_id"])
    hasty.stop()
    assert len(twilio.ledger.messages) == 1


def test_many_deferred_messages_survive_kill_9_and_each_is_sent_once(hasty, twilio):
    twilio.always(behaviours.error(429, 20429, retry_after=3))  # all rest when the kill comes: none is on its way
    handoffs = [a_handoff() for _ in range(10)]
    with ThreadPoolExecutor(len(handoffs)) as clients:
        assert {answer.status for answer in clients.map(hasty.post, handoffs)} == {202}
    hasty.kill()
    twilio.always(behaviours.accept)
    hasty.restart()
    for handoff in handoffs:
        twilio.ledger.wait_about(handoff["conversation_id"])
    hasty.stop()
    assert all(len(twilio.ledger.about(handoff["conversation_id"])) == 1 for handoff in handoffs)


def test_what_was_being_sent_at_kill_9_is_unknown_and_not_repeated(hasty, twilio):
    twilio.next(behaviours.hang())
    handoff = a_handoff()
    queued = hasty.post(handoff)
    assert queued.status == 202 and len(twilio.ledger.sends) == 1
    hasty.kill()
    hasty.restart()
    hasty.wait_for_log(rf"^(?=.*state=unknown)(?=.*handoff={queued['handoff_id']}\b)", this_run=True)
    again = hasty.post(handoff)
    assert (again["handoff_id"], again["duplicate"]) == (queued["handoff_id"], True)
    marker = a_handoff()
    assert hasty.post(marker).status == 200
    hasty.stop()
    assert len(twilio.ledger.sends_about(handoff["conversation_id"])) == 1


def test_a_message_that_was_sent_is_not_sent_again_after_kill_9(daemon, twilio):
    handoffs = [a_handoff() for _ in range(5)]
    for handoff in handoffs:
        assert daemon.post(handoff).status == 200
    daemon.kill()
    daemon.restart()
    assert daemon.post(a_handoff()).status == 200
    daemon.stop()
    assert len(twilio.ledger.sends) == 6


def test_nothing_is_sent_twice_by_starting_many_times(daemon, twilio):
    daemon.post(a_handoff())
    for _ in range(3):
        daemon.stop()
        daemon.restart()
    assert daemon.post(a_handoff()).status == 200
    assert len(twilio.ledger.sends) == 2
