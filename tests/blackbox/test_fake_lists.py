"""The fake's answers to questions: the list of messages, one message, templates, senders; and what its ledger counts."""
import email.utils
import http.client
import json
import time

import pytest
from jsonschema import Draft7Validator

import account
import behaviours
import fates
import twilio_rules
from account import ACCOUNT_SID, API_KEY_SECRET, API_KEY_SID
from behaviours import Gate
from fake_twilio import FakeTwilio
from ledger import Ledger, Request
from test_fake_twilio import FORM, PATH, TEMPLATE, Client

OTHER = "whatsapp:+5214420000002"
HX = "HX" + "b1" * 16
TO_ANA = "?To=whatsapp%3A%2B5214420000001"


@pytest.fixture
def fake():
    fake = FakeTwilio().start()
    yield fake
    fake.stop()


@pytest.fixture
def client(fake):
    return Client(fake)


def get(client, target, **how):
    answer = client.ask("GET", target, **how)
    return answer.status, json.loads(answer.read())


def listed(client, query=""):
    status, page = get(client, PATH + query)
    assert status == 200
    return [message["sid"] for message in page["messages"]]


def list_validator():
    schema = twilio_rules.DESCRIPTION["paths"][twilio_rules.CREATE_PATH]["get"]["responses"]["200"]["content"]
    return Draft7Validator(twilio_rules.with_nulls({"allOf": [schema["application/json"]["schema"]],
                                                    "components": twilio_rules.DESCRIPTION["components"]}))


def test_shows_the_newest_first_and_filters(client):
    first, second = client.send()[1]["sid"], client.send({**FORM, "To": OTHER})[1]["sid"]
    third = client.send({**FORM, "From": "whatsapp:+15005550006"})[1]["sid"]
    assert listed(client) == [third, second, first]
    assert listed(client, TO_ANA) == [third, first]
    assert listed(client, TO_ANA + "&From=whatsapp%3A%2B14155238886") == [first]
    assert listed(client, "?To=whatsapp%3A%2B1") == []


def test_its_pages_are_as_the_description_says(client):
    sids = [client.send()[1]["sid"] for _ in range(5)]
    status, page = get(client, PATH + TO_ANA + "&PageSize=2")
    seen = []
    while True:
        assert status == 200 and not list(list_validator().iter_errors(page))
        seen += [message["sid"] for message in page["messages"]]
        if page["next_page_uri"] is None:
            break
        client.send()                               # what comes meanwhile moves nothing on later pages
        status, page = get(client, page["next_page_uri"])
    assert seen == sids[::-1] and page["page"] == 2 and page["previous_page_uri"] is not None


@pytest.mark.parametrize("query", ["?DateSent=2026-01-01", "?Recipient=x", "?PageSize=0", "?PageSize=1001", "?PageSize=x",
                                   "?Page=1"])
def test_a_question_that_twilio_would_take_otherwise_is_a_problem(fake, client, query):
    assert get(client, PATH + query)[0] == 400 and len(fake.problems) == 1


def test_a_message_moves_on(fake, client):
    gate = Gate()
    fake.next_fates(fates.later(gate, fates.undelivered(63024)))
    before = time.time()
    sid = client.send()[1]["sid"]
    one = PATH.replace(".json", f"/{sid}.json")
    assert get(client, one)[1]["status"] == "queued" and get(client, one)[1]["date_sent"] is None
    gate.open()
    status, message = get(client, one)
    assert (status, message["status"], message["error_code"]) == (200, "undelivered", 63024)
    assert not list(twilio_rules.answer_validator().iter_errors(message))
    created = email.utils.parsedate_to_datetime(message["date_created"]).timestamp()
    assert int(before) <= created <= time.time() and message["date_created"].endswith("+0000")
    assert message["date_sent"] and get(client, PATH)[1]["messages"][0] == message


def test_one_that_is_not_there_is_404(client):
    assert get(client, PATH.replace(".json", f"/SM{'0' * 32}.json"))[1]["code"] == 20404


def test_a_template_shows_the_text_that_it_makes_and_a_service_its_sender_only_later(fake, client):
    fake.fate(fates.nothing())
    client.send(TEMPLATE)
    (message,) = get(client, PATH)[1]["messages"]
    assert "Juan Pérez" in message["body"] and message["from"] is None and message["status"] == "accepted"


def test_the_list_may_lag_for_so_many_asks(fake, client):
    fake.lag(asks=2, to=FORM["To"])
    late = client.send()[1]["sid"]
    fake.lag(to=FORM["To"])
    soon = client.send()[1]["sid"]
    assert [listed(client, TO_ANA) for _ in range(3)] == [[soon], [soon], [soon, late]]


def test_or_until_a_gate_opens(fake, client):
    gate = Gate()
    fake.lag(until=gate)
    sid = client.send()[1]["sid"]
    assert listed(client) == [] and get(client, PATH.replace(".json", f"/{sid}.json"))[0] == 200
    gate.open()
    assert listed(client) == [sid]


@pytest.mark.parametrize("behaviour, status", [
    (behaviours.error(401, 20003), 401), (behaviours.error(500, 20500), 500), (behaviours.error(404, 20404), 404)])
def test_questions_have_behaviours_of_their_own(fake, client, behaviour, status):
    fake.next_asks(behaviour)
    assert client.send()[0] == 201
    assert get(client, PATH)[0] == status
    assert get(client, PATH)[0] == 200
    assert len(fake.ledger.asks) == 2 and len(fake.ledger.sends) == 1


@pytest.mark.parametrize("lose", [behaviours.cut_in_body, behaviours.garbage, behaviours.reset, behaviours.cut_in_head])
def test_answers_to_questions_get_lost_too(fake, client, lose):
    client.send()
    fake.always_asks(lose(), to=FORM["To"])
    with pytest.raises((http.client.HTTPException, OSError, ValueError)):
        get(client, PATH + TO_ANA)
    assert get(Client(fake), PATH)[0] == 200


def test_answers_nonsense(fake, client):
    fake.next_asks(behaviours.nonsense())
    assert get(client, PATH) == (200, {"sid": 5, "status": ["queued"], "messages": {}})


def test_drips(fake, client):
    fake.next_asks(behaviours.drip(0.001, piece=200))
    assert get(client, PATH)[0] == 200


# -- templates and senders --

@pytest.mark.parametrize("status, reason", [("approved", ""), ("paused", ""), ("rejected", "INVALID_FORMAT")])
def test_shows_a_template_and_whether_meta_approved_it(fake, client, status, reason):
    fake.templates[HX] = account.template(status=status, rejection_reason=reason)
    code, content = get(client, f"/v1/Content/{HX}")
    assert code == 200 and content["sid"] == HX and set(content["variables"]) == {"1", "2"}
    code, approval = get(client, f"/v1/Content/{HX}/ApprovalRequests")
    assert code == 200 and (approval["sid"], approval["account_sid"]) == (HX, ACCOUNT_SID)
    assert (approval["whatsapp"]["status"], approval["whatsapp"]["rejection_reason"]) == (status, reason)
    assert approval["whatsapp"]["category"] == "UTILITY"


def test_knows_no_other_template(client):
    assert get(client, f"/v1/Content/{HX}")[1]["code"] == 20404


def test_lists_the_senders_of_whatsapp(fake, client):
    fake.senders = [account.sender("+14155550100"), account.sender("+14155550101", status="OFFLINE", offline_reasons=[
        {"code": "63020", "message": "not accepted", "more_info": "https://www.twilio.com/docs/errors/63020"}])]
    code, page = get(client, "/v2/Channels/Senders?Channel=whatsapp&PageSize=50")
    assert code == 200 and page["meta"]["key"] == "senders" and page["meta"]["next_page_url"] is None
    assert [(s["sender_id"], s["status"]) for s in page["senders"]] == [
        ("whatsapp:+14155550100", "ONLINE"), ("whatsapp:+14155550101", "OFFLINE")]
    assert get(client, "/v2/Channels/Senders")[0] == 404, "Channel is required"


@pytest.mark.parametrize("target", [f"/v1/Content/{HX}", "/v2/Channels/Senders?Channel=whatsapp", PATH])
@pytest.mark.parametrize("user, status", [((API_KEY_SID, API_KEY_SECRET), (200, 404)), ((ACCOUNT_SID, "wrong"), (401,)),
                                          (None, (401,))])
def test_shows_nothing_to_strangers(client, target, user, status):
    assert get(client, target, user=user)[0] in status


# -- rates --

def ledger_with(times, to="a", sender="s"):
    ledger = Ledger()
    for number, at in enumerate(times):
        ledger._requests.append(Request(number, 1, "POST", PATH, {"To": to, "From": sender}, "", {}, at))
    return ledger


def test_counts_what_came_in_any_window():
    ledger = ledger_with([0, 0.1, 0.2, 5, 5.9, 6.0])
    assert ledger.most_within(1) == 3 and ledger.most_within(100) == 6 and ledger.most_within(0.05) == 1
    assert ledger.most_within(1, to="b") == 0 and ledger.most_within(1, sender="s") == 3


@pytest.mark.parametrize("times, is_fine", [
    ([0, 0, 0, 1, 2, 3], True), ([0, 0, 0, 0], False), ([0, 1, 2, 3, 4, 5, 6], True), ([0, 0, 0, 1, 1], False),
    ([0, 0, 0, 1, 2, 2.5, 3], False), ([], True)])
def test_knows_a_bucket_that_ran_over(times, is_fine):
    ledger = ledger_with(times)
    if is_fine:
        return ledger.expect_rate(1, 1.0, burst=3)
    with pytest.raises(AssertionError):
        ledger.expect_rate(1, 1.0, burst=3)
    return None
