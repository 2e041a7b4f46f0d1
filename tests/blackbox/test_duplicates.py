"""The same request again is answered as the first one, and nobody is told twice."""
import concurrent.futures

import behaviours
import story
from behaviours import Gate
from story import a_handoff


def expect_duplicate(answer, first):
    assert answer.status == first.status
    assert answer["duplicate"] is True and "duplicate" not in first.json
    assert answer["handoff_id"] == first["handoff_id"]
    assert answer.json.get("message_sid") == first.json.get("message_sid")
    story.expect_say(answer)


def test_the_same_key_again_is_the_same_handoff(shared, shared_twilio):
    handoff = a_handoff()
    first = shared.post(handoff, Idempotency_Key="key-1")
    expect_duplicate(shared.post(handoff, Idempotency_Key="key-1"), first)
    expect_duplicate(shared.post(handoff, Idempotency_Key="key-1"), first)
    assert len(shared_twilio.ledger.about(handoff["conversation_id"])) == 1


def test_the_same_conversation_and_customer_again_is_the_same_handoff(shared, shared_twilio):
    handoff = a_handoff()
    first = shared.post(handoff)
    expect_duplicate(shared.post(handoff), first)
    assert len(shared_twilio.ledger.about(handoff["conversation_id"])) == 1


def test_a_phone_written_otherwise_is_the_same_customer(shared, shared_twilio):
    handoff = a_handoff(user_phone="+5215512345678")
    first = shared.post(handoff)
    expect_duplicate(shared.post({**handoff, "user_phone": "whatsapp:+52 155 1234-5678"}), first)
    assert len(shared_twilio.ledger.about(handoff["conversation_id"])) == 1


def test_a_rephrased_reason_is_no_second_handoff(shared):
    handoff = a_handoff()
    first = shared.post(handoff)
    again = shared.post({**handoff, "reason": "El cliente insiste en hablar con una persona"})
    assert again["handoff_id"] == first["handoff_id"] and again["duplicate"] is True


def test_another_conversation_or_another_customer_is_another_handoff(shared, shared_twilio):
    handoff = a_handoff()
    answers = [shared.post(handoff), shared.post(a_handoff()), shared.post({**handoff, "user_phone": "+5215500000000"})]
    assert len({answer["handoff_id"] for answer in answers}) == 3
    assert not any("duplicate" in answer.json for answer in answers)


def test_without_key_and_conversation_every_request_is_a_new_handoff(shared):
    handoff = a_handoff(conversation_id=None)
    assert shared.post(handoff)["handoff_id"] != shared.post(handoff)["handoff_id"]


def test_another_key_without_a_conversation_is_another_handoff(shared):
    handoff = a_handoff(conversation_id=None)
    one, two = (shared.post(handoff, Idempotency_Key=key)["handoff_id"] for key in ("one", "two"))
    assert one != two


def test_refuses_the_same_key_with_another_body(shared, shared_twilio):
    handoff, other = a_handoff(), a_handoff()
    shared.post(handoff, Idempotency_Key="key-2")
    answer = story.expect_say(shared.post(other, Idempotency_Key="key-2"))
    assert answer.status == 422 and answer["detail"]
    assert not shared_twilio.ledger.about(other["conversation_id"])


def test_the_key_of_a_refused_request_is_still_free(shared):
    assert shared.post(a_handoff(reason=None), Idempotency_Key="key-3").status == 422
    answer = shared.post(a_handoff(), Idempotency_Key="key-3")
    assert answer.status == 200 and "duplicate" not in answer.json


def test_a_second_request_joins_the_wait_of_the_first(daemon, twilio):
    gate, handoff = Gate(), a_handoff()
    twilio.next(behaviours.hold(gate))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        first = pool.submit(daemon.post, handoff, Idempotency_Key="joined")
        twilio.ledger.wait_for_sends(1)
        second = pool.submit(daemon.post, handoff, Idempotency_Key="joined")
        third = pool.submit(daemon.post, handoff)
        for _ in range(10):
            assert daemon.ask("GET", "/healthz").status == 200
        assert not first.done() and not second.done() and not third.done()
        gate.open()
        assert first.result().status == 200
        expect_duplicate(second.result(), first.result())
        expect_duplicate(third.result(), first.result())
    assert len(twilio.ledger.sends) == 1


def test_many_at_once_with_one_key_tell_one_person_once(daemon, twilio):
    handoff = a_handoff()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: daemon.post(handoff, Idempotency_Key="stampede"), range(32)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer["handoff_id"] for answer in answers}) == 1
    assert sum("duplicate" not in answer.json for answer in answers) == 1
    assert len(twilio.ledger.sends) == 1


def test_the_present_answer_is_given_not_the_first_one(start, twilio):
    daemon, gate, handoff = start(story.company(twilio, server={"reply_within": "300ms"})), Gate(), a_handoff()
    twilio.next(behaviours.hold(gate))
    assert daemon.post(handoff).status == 202
    again = daemon.post(handoff)
    assert (again.status, again["duplicate"]) == (202, True)
    gate.open()
    daemon.wait_for_log(r"notification sent")
    assert daemon.post(handoff).status == 200
    assert len(twilio.ledger.sends) == 1


def test_a_refusal_is_repeated_as_a_refusal(daemon, twilio):
    twilio.always(behaviours.error(400, 21211))
    handoff = a_handoff()
    first = daemon.post(handoff)
    again = daemon.post(handoff)
    assert (first.status, again.status) == (500, 500)
    assert again["handoff_id"] == first["handoff_id"] and again["duplicate"] is True


def test_keys_and_conversations_are_remembered_after_a_crash(daemon, twilio):
    keyed, plain = a_handoff(), a_handoff()
    first = {"keyed": daemon.post(keyed, Idempotency_Key="before"), "plain": daemon.post(plain)}
    for _ in first:
        daemon.wait_for_log("notification sent", count=2)
    daemon.stop()
    daemon.restart()
    expect_duplicate(daemon.post(keyed, Idempotency_Key="before"), first["keyed"])
    expect_duplicate(daemon.post(plain), first["plain"])
    assert daemon.post(a_handoff(), Idempotency_Key="before").status == 422
    daemon.kill()
    daemon.restart()
    assert daemon.post(keyed, Idempotency_Key="before")["handoff_id"] == first["keyed"]["handoff_id"]
    assert len(twilio.ledger.sends) == 2
