"""What the agent is told once a handoff is understood: 200, 202, 500, 503."""
import re

import pytest

import behaviours
import story
from behaviours import Gate
from story import a_handoff


@pytest.fixture
def impatient(start, twilio):
    """A daemon that lets its clients wait only a moment."""
    return start(story.company(twilio, server={"reply_within": "300ms"}))


def test_answers_200_when_the_provider_took_it(shared, shared_twilio):
    handoff = a_handoff(user_name="Juan Pérez")
    answer = story.expect_say(shared.post(handoff))
    message = shared_twilio.ledger.wait_about(handoff["conversation_id"])
    assert answer.status == 200
    assert answer.json == {
        "status": "ok", "message": "Notificación enviada al vendedor", "message_sid": message.sid,
        "handoff_id": answer["handoff_id"], "vendor": {"id": "ana", "name": "Ana Torres"}, "say": answer["say"]}
    assert re.fullmatch(story.HANDOFF_ID, answer["handoff_id"])


def test_every_handoff_has_an_id_of_its_own(shared):
    ids = [shared.post(a_handoff())["handoff_id"] for _ in range(5)]
    assert len(set(ids)) == 5


def test_says_who_will_write(start, twilio):
    daemon = start(story.company(twilio, say={"sent": "Te escribe {vendedor}.", "queued": "Avisamos.", "failed": "Llámanos."}))
    assert daemon.post(a_handoff())["say"] == "Te escribe Ana Torres."


def test_answers_202_when_the_provider_is_slow_and_sends_once(impatient, twilio):
    gate, handoff = Gate(), a_handoff()
    twilio.next(behaviours.hold(gate))
    queued = story.expect_say(impatient.post(handoff))
    assert queued.status == 202
    assert queued.json == {"status": "queued", "message": "Notificación en cola para el vendedor",
                           "handoff_id": queued["handoff_id"], "say": queued["say"]}
    gate.open()
    (message,) = twilio.ledger.wait_for(1)
    impatient.wait_for_log(rf"SID: {message.sid}.* handoff={queued['handoff_id']}")
    later = impatient.post(handoff)
    assert later.status == 200 and later["duplicate"] is True
    assert later["message_sid"] == message.sid and later["handoff_id"] == queued["handoff_id"]
    impatient.stop()
    assert len(twilio.ledger.sends) == 1


def test_answers_503_and_stores_nothing_when_the_channel_is_not_configured(start, twilio):
    nothing_set = {"account_sid": "${TWILIO_ACCOUNT_SID:-}", "auth_token": "${TWILIO_AUTH_TOKEN:-}"}
    daemon = start(story.company(twilio, channel=nothing_set))
    handoff = a_handoff()
    answer = story.expect_say(daemon.post(handoff))
    assert answer.status == 503
    assert answer["detail"] == story.NOT_CONFIGURED
    assert "handoff_id" not in answer.json
    daemon.stop()
    daemon.configure(story.company(twilio))
    daemon.restart()
    assert "duplicate" not in daemon.post(handoff).json
    assert len(twilio.ledger.wait_for(1)) == 1


@pytest.mark.parametrize("option", ["account_sid", "auth_token", "from"])
def test_an_empty_variable_leaves_the_channel_unconfigured(start, twilio, option):
    daemon = start(story.company(twilio, channel={option: "${NOT_SET_ANYWHERE:-}"}))
    answer = daemon.post(a_handoff())
    assert (answer.status, answer["detail"]) == (503, story.NOT_CONFIGURED)


@pytest.mark.parametrize("status, code", [(401, 20003), (400, 63007), (404, 20404)])
def test_answers_500_but_keeps_the_handoff_when_the_account_is_refused(daemon, twilio, status, code):
    twilio.always(behaviours.error(status, code))
    answer = story.expect_say(daemon.post(a_handoff()))
    assert answer.status == 500
    assert answer["detail"].startswith("Twilio error sending WhatsApp: ")
    assert re.fullmatch(story.HANDOFF_ID, answer["handoff_id"]) and answer["stored"] is True
    daemon.wait_for_log(rf"\[ERROR\] Twilio error sending WhatsApp: .* handoff={answer['handoff_id']}\b.* vendor=ana")


def test_a_wrong_token_is_an_account_refusal(start, twilio):
    daemon = start(story.company(twilio, channel={"auth_token": "not the token"}))
    answer = daemon.post(a_handoff())
    assert (answer.status, answer["stored"]) == (500, True)
    assert not twilio.ledger.messages


def test_a_daily_limit_is_not_hammered(impatient, twilio):
    twilio.always(behaviours.error(429, 63038))
    answer = impatient.post(a_handoff())
    assert answer.status in (202, 500) and answer["handoff_id"]
    impatient.stop()
    assert len(twilio.ledger.sends) == 1
