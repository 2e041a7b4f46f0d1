"""When nobody can say whether a message was sent: it is shown as unknown and never repeated."""
import pytest

import behaviours
import story
from story import a_handoff

LOST = {
    "cut inside the headers": behaviours.cut_in_head(),
    "cut inside the body": behaviours.cut_in_body(),
    "closed after reading": behaviours.close_after_reading(),
    "reset": behaviours.reset(),
    "garbage instead of HTTP": behaviours.garbage(),
    "silence": behaviours.hang(),
    "500 with a code": behaviours.error(500, 20500),
    "500 in HTML": behaviours.html_error(500),
    "502 in HTML": behaviours.html_error(502),
}


@pytest.fixture(scope="module")
def hasty(start_shared, shared_twilio):
    """A daemon that gives its provider a second, and its clients half of one."""
    return start_shared(story.company(shared_twilio, server={"reply_within": "500ms"}, channel={"timeout": "1s"}))


def expect_never_repeated(daemon, twilio, handoff):
    """Another handoff goes all the way through, and the first one has still been tried just once."""
    marker = a_handoff()
    daemon.post(marker)
    twilio.ledger.wait_about(marker["conversation_id"])
    assert len(twilio.ledger.sends_about(handoff["conversation_id"])) == 1


@pytest.mark.parametrize("how", LOST)
def test_a_lost_answer_is_unknown_and_not_repeated(hasty, shared_twilio, how):
    handoff = a_handoff()
    shared_twilio.next(LOST[how])
    answer = story.expect_say(hasty.post(handoff))
    assert answer.status == 202 and answer["handoff_id"]
    hasty.wait_for_log(rf"handoff={answer['handoff_id']}\b.*state=unknown|state=unknown.*handoff={answer['handoff_id']}\b")
    expect_never_repeated(hasty, shared_twilio, handoff)


def test_a_lost_answer_on_a_connection_that_was_used_before_is_not_repeated(hasty, shared_twilio):
    """Here libraries like to repeat by themselves: they take the close for an idle connection that had timed out."""
    before, handoff = a_handoff(), a_handoff()
    assert hasty.post(before).status == 200
    shared_twilio.next(behaviours.close_after_reading())
    assert hasty.post(handoff).status == 202
    connections = [r.connection for r in shared_twilio.ledger.sends[-2:]]
    assert connections[0] == connections[1], "the connection was not used again: this test shows nothing"
    expect_never_repeated(hasty, shared_twilio, handoff)


def test_an_idle_connection_that_the_provider_closed_costs_nothing(hasty, shared_twilio):
    assert hasty.post(a_handoff()).status == 200
    shared_twilio.close_idle()
    handoff = a_handoff()
    assert hasty.post(handoff).status == 200
    assert len(shared_twilio.ledger.sends_about(handoff["conversation_id"])) == 1


def test_an_answer_without_end_is_cut_and_not_repeated(hasty, shared_twilio):
    handoff = a_handoff()
    shared_twilio.next(behaviours.huge())
    assert hasty.post(handoff).status == 202
    expect_never_repeated(hasty, shared_twilio, handoff)


def test_the_same_request_again_does_not_repeat_it_either(hasty, shared_twilio):
    handoff = a_handoff()
    shared_twilio.next(behaviours.close_after_reading())
    first = hasty.post(handoff)
    again = hasty.post(handoff)
    assert (again["handoff_id"], again["duplicate"]) == (first["handoff_id"], True)
    expect_never_repeated(hasty, shared_twilio, handoff)
