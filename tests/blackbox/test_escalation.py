"""When a person cannot be told: the next way to tell them, then the next person, and at the end a clear no."""
import re

import behaviours
import story
from story import ANA, DIEGO, LUIS, a_handoff, address

NOBODY_THERE = behaviours.error(400, 21211)


def recipients(twilio):
    return [request.form["To"] for request in twilio.ledger.sends]


def test_the_next_way_to_tell_the_same_person(start, twilio):
    ana = {**ANA, "notify": [{"channel": "whatsapp", "to": "+573000000001"}, {"channel": "whatsapp", "to": "+573000000009"}]}
    twilio.always(NOBODY_THERE, to="whatsapp:+573000000001")
    daemon = start(story.company(twilio, ana, LUIS))
    answer = daemon.post(a_handoff())
    assert answer.status == 200 and answer["vendor"]["id"] == "ana"
    assert recipients(twilio) == ["whatsapp:+573000000001", "whatsapp:+573000000009"]
    assert answer["message_sid"] == twilio.ledger.messages[0].sid


def test_another_channel_of_the_same_person(start, twilio):
    ana = {**ANA, "notify": [{"channel": "whatsapp", "to": "+573000000001"}, {"channel": "log"}]}
    twilio.always(NOBODY_THERE)
    daemon = start(story.company(twilio, ana))
    answer = daemon.post(a_handoff())
    assert answer.status == 200 and answer["message_sid"].startswith("log-")


def test_then_the_next_person(start, twilio):
    twilio.always(NOBODY_THERE, to=address(ANA))
    daemon = start(story.company(twilio, ANA, LUIS, DIEGO))
    answer = daemon.post(a_handoff())
    assert answer.status == 200 and answer["vendor"] == {"id": "luis", "name": "Luis Rangel"}
    assert recipients(twilio) == [address(ANA), address(LUIS)]
    daemon.wait_for_log(rf"notification sent\. SID: {answer['message_sid']}.* vendor=luis")


def test_nobody_is_tried_twice(start, twilio):
    for vendor in (ANA, LUIS):
        twilio.always(behaviours.error(400, 21610), to=address(vendor))
    daemon = start(story.company(twilio, ANA, LUIS, DIEGO))
    assert daemon.post(a_handoff())["vendor"]["id"] == "diego"
    assert recipients(twilio) == [address(ANA), address(LUIS), address(DIEGO)]


def test_a_clear_no_when_everyone_refuses(start, twilio):
    twilio.always(NOBODY_THERE)
    daemon = start(story.company(twilio, ANA, LUIS, DIEGO))
    answer = story.expect_say(daemon.post(a_handoff()))
    assert answer.status == 500
    assert answer["detail"].startswith("Twilio error sending WhatsApp: ")
    assert re.fullmatch(story.HANDOFF_ID, answer["handoff_id"]) and answer["stored"] is True
    assert sorted(recipients(twilio)) == sorted(map(address, (ANA, LUIS, DIEGO)))


def test_a_refused_account_is_not_tried_with_everyone(start, twilio):
    twilio.always(behaviours.error(401, 20003))
    daemon = start(story.company(twilio, ANA, LUIS, DIEGO))
    answer = daemon.post(a_handoff())
    assert (answer.status, answer["stored"]) == (500, True)
    assert len(set(recipients(twilio))) == 1, "another person cannot help against a wrong token"


def test_escalation_goes_on_after_the_client_was_answered(start, twilio):
    gate = behaviours.Gate()
    twilio.always(behaviours.hold(gate, NOBODY_THERE), to=address(ANA))
    daemon = start(story.company(twilio, ANA, LUIS, server={"reply_within": "300ms"}))
    assert daemon.post(a_handoff()).status == 202
    gate.open()
    (message,) = twilio.ledger.wait_for(1)
    assert message.to == address(LUIS)


def test_the_turns_go_on_fairly_after_an_escalation(start, twilio):
    twilio.next(NOBODY_THERE, to=address(ANA))
    daemon = start(story.company(twilio, ANA, LUIS, DIEGO))
    got = [daemon.post(a_handoff())["vendor"]["id"] for _ in range(3)]
    assert got == ["luis", "diego", "ana"]
