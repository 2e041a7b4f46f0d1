"""Who gets the handoff, seen from outside."""
import pytest

import story
from story import ANA, DIEGO, LUIS, a_handoff

KEYWORDS_ONLY = [{"plugin": "keyword", "only": True}, "round_robin"]


def with_keywords(vendor, *keywords):
    return {**vendor, "keywords": list(keywords)}


TEAM = (with_keywords(ANA, "cotización", "precio", "cotiza*"), with_keywords(LUIS, "garantía", "no prende", "refacción"), DIEGO)


@pytest.fixture(scope="module")
def by_keyword(start_shared, shared_twilio):
    return start_shared(story.company(shared_twilio, *TEAM, routing=KEYWORDS_ONLY, when_nobody={"then": "diego"}))


def who_gets(daemon, reason=None, **fields):
    answer = daemon.post(a_handoff(**({"reason": reason} if reason else {}), **fields))
    assert answer.status == 200, answer.body
    return answer["vendor"]["id"]


@pytest.mark.parametrize("reason, vendor", [
    ("Quiero una cotización", "ana"),
    ("QUIERO UNA COTIZACIÓN", "ana"),
    ("quiero una cotizacion", "ana"),
    ("quiero una cotizacio\u0301n", "ana"),
    ("¿precio?", "ana"),
    ("el precio, por favor", "ana"),
    ("estoy cotizando robots", "ana"),
    ("mi robot no prende", "luis"),
    ("Mi robot NO   PRENDE!!", "luis"),
    ("hago valida la garantia", "luis"),
    ("qué precioso robot", "diego"),
    ("el robot no se prende", "diego"),
    ("sobreprecio", "diego"),
    ("hola", "diego"),
])
def test_the_keyword_decides(by_keyword, reason, vendor):
    assert who_gets(by_keyword, reason) == vendor


def test_the_one_who_was_chosen_is_told(by_keyword, shared_twilio):
    handoff = a_handoff(reason="precio")
    assert by_keyword.post(handoff)["vendor"] == {"id": "ana", "name": "Ana Torres"}
    assert shared_twilio.ledger.wait_about(handoff["conversation_id"]).to == story.address(ANA)


def test_a_keyword_prefers_and_the_turn_decides_among_equals(start, twilio):
    daemon = start(story.company(twilio, *TEAM, routing=["keyword", "round_robin"]))
    assert [who_gets(daemon, "precio") for _ in range(3)] == ["ana"] * 3
    assert sorted(who_gets(daemon, "hola") for _ in range(3)) == ["ana", "diego", "luis"]


def test_turns_are_fair_over_nine_handoffs(start, twilio):
    daemon = start(story.company(twilio, ANA, LUIS, DIEGO))
    assert [who_gets(daemon) for _ in range(9)] == ["ana", "luis", "diego"] * 3


def test_turns_stay_fair_across_a_restart_and_a_crash(start, twilio):
    daemon = start(story.company(twilio, ANA, LUIS, DIEGO))
    got = [who_gets(daemon) for _ in range(4)]
    daemon.wait_for_log("notification sent", count=4)
    daemon.stop()
    daemon.restart()
    got += [who_gets(daemon) for _ in range(3)]
    daemon.wait_for_log("notification sent", count=7)
    daemon.kill()
    daemon.restart()
    got += [who_gets(daemon) for _ in range(2)]
    assert got == ["ana", "luis", "diego"] * 3


def test_a_newcomer_is_next_and_the_others_keep_their_turns(start, twilio):
    daemon = start(story.company(twilio, ANA, LUIS))
    assert [who_gets(daemon) for _ in range(3)] == ["ana", "luis", "ana"]
    daemon.stop()
    daemon.configure(story.company(twilio, ANA, LUIS, DIEGO))
    daemon.restart()
    assert [who_gets(daemon) for _ in range(4)] == ["diego", "luis", "ana", "diego"]


def test_a_refused_request_takes_nobodys_turn(start, twilio):
    daemon = start(story.company(twilio, ANA, LUIS))
    first, again = a_handoff(), a_handoff(reason=" ")
    assert daemon.post(first)["vendor"]["id"] == "ana"
    assert daemon.post(again).status == 422
    assert daemon.post(first)["duplicate"] is True
    assert who_gets(daemon) == "luis"


def test_a_person_without_a_number_is_not_there(start, twilio):
    nobody = {**LUIS, "notify": {"whatsapp": "${NUMBER_OF_LUIS:-}"}}
    daemon = start(story.company(twilio, ANA, nobody))
    assert [who_gets(daemon) for _ in range(3)] == ["ana"] * 3


def test_a_number_may_be_written_as_people_write_it(start, twilio):
    daemon = start(story.company(twilio, {**ANA, "notify": {"whatsapp": "442 000 0001"}}))
    who_gets(daemon)
    (message,) = twilio.ledger.wait_for(1)
    assert message.to in ("whatsapp:+524420000001", "whatsapp:+5214420000001")


@pytest.mark.parametrize("reason, name", [("precio", "Ana Torres"), ("mi robot no prende", "Luis Rangel"), ("hola", "Diego Mora")])
def test_route_tells_who_would_get_it_and_touches_nothing(by_keyword, shared_twilio, reason, name):
    asked = len(shared_twilio.ledger.requests)
    done = by_keyword.run("route", "-c", "vendors.yaml", reason)
    assert done.returncode == 0, done.stderr
    assert name in done.stdout
    assert len(shared_twilio.ledger.requests) == asked
