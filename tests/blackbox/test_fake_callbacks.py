"""The fake's callbacks: as Twilio posts them, and in every way in which they may come instead."""
import json
import re
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

import behaviours
import callbacks
import fates
from account import ACCOUNT_SID, AUTH_TOKEN
from behaviours import Gate
from fake_twilio import FakeTwilio
from receiver import Receiver
from signature import sign
from test_fake_twilio import FORM, PATH, TEMPLATE, Client

VECTORS = json.loads((Path(__file__).parent / "data/twilio_signature_vectors.json").read_text("utf-8"))


def pairs(params):
    return [(name, value) for name, values in params.items() for value in ([values] if isinstance(values, str) else values)]


def forms_of(url):
    """The ways to write one address that Twilio's SDKs take for the same: the port, and one odd character."""
    port = "443" if url.startswith("https") else "80"
    bare = re.sub(r"(//[^/]*?):\d+(?=/)", r"\1", url)
    with_port = re.sub(r"(//[^/]+)", rf"\1:{port}", bare, count=1)
    return {form for known in (url, bare, with_port) for form in (known, known.replace("'", quote("'")))}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["url"])
def test_signs_as_both_sdks_and_the_documentation_do(vector):
    made = {form: sign(form, pairs(vector["params"]), vector["token"]) for form in forms_of(vector["url"])}
    assert vector["signature"] in made.values()
    assert not vector["exact"] or made[vector["url"]] == vector["signature"]


@pytest.fixture
def fake():
    fake = FakeTwilio().start()
    yield fake
    fake.stop()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def send(fake, receiver):
    client = Client(fake)

    def send(**changes):
        status, message = client.send({**FORM, "StatusCallback": receiver.url + "/hooks/whatsapp/7oken", **changes})
        assert status == 201
        return message
    return send


def statuses(received):
    return [call.fields["MessageStatus"] for call in received]


def is_signed(receiver, call):
    return call.headers.get("x-twilio-signature") == sign(receiver.url + call.path, call.pairs, AUTH_TOKEN)


def test_calls_back_with_the_documented_fields_and_signs_them(fake, receiver, send):
    fake.fate(fates.read())
    message = send()
    calls = receiver.wait_for(3)
    assert message["status"] == "queued" and statuses(calls) == ["sent", "delivered", "read"]
    for call in calls:
        fields = call.fields
        assert call.path == "/hooks/whatsapp/7oken"
        assert call.headers["content-type"].startswith("application/x-www-form-urlencoded")
        assert is_signed(receiver, call)
        assert fields["MessageSid"] == fields["SmsSid"] == message["sid"]
        assert (fields["AccountSid"], fields["To"], fields["From"]) == (ACCOUNT_SID, FORM["To"], FORM["From"])
        assert (fields["ApiVersion"], fields["ChannelPrefix"]) == ("2010-04-01", "whatsapp")
        assert fields["ChannelToAddress"] == "+521442000XXXX", "Twilio masks it"
        assert "ErrorCode" not in fields and "i-twilio-idempotency-token" not in call.headers
    assert [call.fields.get("EventType") for call in calls] == [None, "DELIVERED", "READ"]
    assert [(c.status, c.answer, c.is_retry) for c in fake.ledger.wait_for_callbacks(3)] == [
        ("sent", 204, False), ("delivered", 204, False), ("read", 204, False)]


@pytest.mark.parametrize("fate, last", [(fates.failed(63016), "failed"), (fates.undelivered(63024), "undelivered")])
def test_tells_why_it_failed(fake, receiver, send, fate, last):
    fake.fate(fate)
    send()
    call = receiver.wait_for(len(fate))[-1].fields
    assert call["MessageStatus"] == last and call["ErrorCode"] == str(fate[-1].error_code)
    assert {"ErrorMessage", "ChannelStatusMessage"} <= set(call)


def test_says_nothing_without_an_address_and_nothing_when_nothing_happens(fake, receiver):
    client = Client(fake)
    assert client.send()[0] == 201
    fake.fate(fates.nothing())
    assert client.send({**FORM, "StatusCallback": receiver.url})[0] == 201
    fake.fate(fates.sent())
    assert client.send({**FORM, "StatusCallback": receiver.url})[0] == 201
    assert statuses(receiver.wait_for(1)) == ["sent"] and fake.ledger.wait_for_callbacks(1)


def test_a_service_tells_its_name(fake, receiver):
    fake.fate(fates.sent())
    Client(fake).send({**TEMPLATE, "StatusCallback": receiver.url})
    assert receiver.wait_for(1)[0].fields["MessagingServiceSid"] == TEMPLATE["MessagingServiceSid"]


def test_every_message_may_have_a_fate_of_its_own(fake, receiver, send):
    fake.fate(fates.undelivered(63003), to="whatsapp:+5214420000009")
    fake.next_fates(fates.read())
    send()
    assert statuses(receiver.wait_for(3)) == ["sent", "delivered", "read"]
    send()
    send(To="whatsapp:+5214420000009")
    assert statuses(sorted(receiver.wait_for(7)[3:], key=lambda call: call.fields["To"])) == [
        "sent", "delivered", "sent", "undelivered"]


def test_may_call_before_it_answers(fake, receiver, send):
    fake.fate(fates.early(fates.sent()))
    message = send()
    assert [call.fields["MessageSid"] for call in receiver.all] == [message["sid"]], "it was there before the answer"


def test_otherwise_calls_after_its_answer(fake, receiver, send):
    fake.next(behaviours.cut_in_body())
    with pytest.raises(Exception):
        send()
    assert statuses(receiver.wait_for(2)) == ["sent", "delivered"], "a lost answer is an answer too"


def test_calls_while_its_answer_hangs(fake, receiver):
    fake.next(behaviours.hang())
    client = Client(fake)
    client.http.timeout = 0.3
    with pytest.raises(TimeoutError):
        client.send({**FORM, "StatusCallback": receiver.url})
    receiver.wait_for(2)


def test_may_call_hours_later(fake, receiver, send):
    gate = Gate()
    fake.next_fates(fates.later(gate, fates.delivered()))
    send()
    fake.next_fates(fates.sent())
    other = send()
    assert receiver.wait_for(1)[0].fields["MessageSid"] == other["sid"]
    gate.open()
    assert statuses(receiver.wait_for(3)[1:]) == ["sent", "delivered"]


def test_repeats_itself(fake, receiver, send):
    fake.fate(fates.told(fates.sent(), callbacks.repeated(3)))
    send()
    first, *others = receiver.wait_for(3)
    assert [call.body for call in others] == [first.body] * 2


def test_calls_in_the_wrong_order(fake, receiver, send):
    fake.fate(fates.backwards(fates.read()))
    send()
    assert statuses(receiver.wait_for(3)) == ["read", "delivered", "sent"]


@pytest.mark.parametrize("way", callbacks.FORGED)
def test_forged_calls_do_not_have_the_right_signature(fake, receiver, send, way):
    fake.fate(fates.forged(fates.delivered(), callbacks.FORGED[way]))
    message = send()
    calls = receiver.wait_for(2)
    assert not [call for call in calls if is_signed(receiver, call)]
    assert Client(fake).ask("GET", PATH.replace(".json", f"/{message['sid']}.json")).read().count(b'"queued"') == 1


@pytest.mark.parametrize("position", range(0, 300, 7))
def test_a_flipped_byte_always_matters(position):
    resource = type("Resource", (), {"sid": "SM" + "0" * 32, "to": FORM["To"], "sender": FORM["From"], "service": None,
                                     "callback_url": "http://127.0.0.1/hooks/a/b", "account": ACCOUNT_SID,
                                     "token": AUTH_TOKEN})()
    (call,) = callbacks.flipped(position)(callbacks.honest_call(resource, "sent"))
    assert call.body != urlencode(call.fields).encode() and len(call.body) == len(urlencode(call.fields))


@pytest.mark.parametrize("way", callbacks.MISLEADING)
def test_misleading_calls_are_signed(fake, receiver, send, way):
    fake.fate(fates.told(fates.sent(), callbacks.MISLEADING[way]))
    message = send()
    (call,) = receiver.wait_for(1)
    assert is_signed(receiver, call)
    known = (message["sid"], ACCOUNT_SID, "/hooks/whatsapp/7oken")
    assert (call.fields["MessageSid"], call.fields["AccountSid"], call.path) != known
    assert len(call.path) == len(known[2])


def test_adds_parameters_and_signs_them(fake, receiver, send):
    fake.fate(fates.told(fates.sent(), callbacks.with_more_fields))
    send()
    (call,) = receiver.wait_for(1)
    assert is_signed(receiver, call) and [v for n, v in call.pairs if n == "Tag[]"] == ["b", "a", "b"]


def test_tries_once_more_where_nobody_answers_the_door(fake, receiver, send):
    receiver.stop()
    send()
    first, second = fake.ledger.wait_for_callbacks(2)[:2]
    assert (first.answer, first.is_retry) == ("no connection", False)
    assert (second.answer, second.is_retry) == ("no connection", True)


def test_a_retry_says_that_it_is_one(fake, receiver):
    resource = type("Resource", (), {"sid": "SM" + "0" * 32, "to": FORM["To"], "sender": FORM["From"], "service": None,
                                     "callback_url": receiver.url + "/a", "account": ACCOUNT_SID, "token": AUTH_TOKEN})()
    courier = callbacks.Courier(fake.ledger)
    real, courier._try = courier._try, lambda call, headers: real(call, headers) if headers else "no connection"
    assert courier.post(callbacks.honest_call(resource, "sent")) == 204
    assert receiver.all[0].headers["i-twilio-idempotency-token"]


def test_an_answer_of_500_is_not_repeated(fake, receiver, send):
    receiver.status = 500
    send()
    receiver.wait_for(2)
    assert [c.answer for c in fake.ledger.wait_for_callbacks(2)] == [500, 500]
