"""The fake itself: it must be as strict and as badly behaved as the tests believe."""
import base64
import http.client
import json
import socket
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

import behaviours
import wire
from behaviours import Gate
from fake_twilio import ACCOUNT_SID, API_KEY_SECRET, API_KEY_SID, AUTH_TOKEN, FakeTwilio
from twilio_rules import answer_validator

PATH = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
FORM = {"To": "whatsapp:+5214420000001", "From": "whatsapp:+14155238886", "Body": "¡Hola! 👋"}
TEMPLATE = {"To": FORM["To"], "MessagingServiceSid": "MG" + "0a" * 16, "ContentSid": "HX" + "b1" * 16,
            "ContentVariables": '{"1":"Juan Pérez"}'}
OWNER = (ACCOUNT_SID, AUTH_TOKEN)


def authorization(user):
    return {"Authorization": "Basic " + base64.b64encode(":".join(user).encode()).decode()} if user else {}


@pytest.fixture
def fake():
    fake = FakeTwilio().start()
    yield fake
    fake.stop()


class Client:
    def __init__(self, fake):
        self.http = http.client.HTTPConnection("127.0.0.1", fake.port, timeout=20)

    def ask(self, method, path, body=None, user=OWNER, content_type="application/x-www-form-urlencoded"):
        self.http.request(method, path, body, {"Content-Type": content_type, **authorization(user)})
        return self.http.getresponse()

    def send(self, form=None, path=PATH, body=None, **how):
        answer = self.ask("POST", path, body or urlencode(form or FORM), **how)
        return answer.status, json.loads(answer.read())


@pytest.fixture
def client(fake):
    return Client(fake)


@pytest.mark.parametrize("form, prefix, status", [(FORM, "SM", "queued"), (TEMPLATE, "MM", "accepted")])
def test_takes_a_message_and_answers_as_the_description_says(fake, client, form, prefix, status):
    code, message = client.send(form)
    assert code == 201 and message["sid"].startswith(prefix) and message["status"] == status
    assert not list(answer_validator().iter_errors(message))
    (accepted,) = fake.ledger.wait_for(1)
    assert (accepted.sid, accepted.to, accepted.text) == (message["sid"], form["To"], form.get("Body", ""))
    assert fake.problems == []


@pytest.mark.parametrize("change, code", [
    ({"To": None}, 21604),
    ({"To": "+5214420000001"}, 21211),
    ({"To": "whatsapp:4420000001"}, 21211),
    ({"From": None}, 21603),
    ({"From": "+14155238886"}, 21910),
    ({"From": FORM["To"]}, 63031),
    ({"MessagingServiceSid": "MG" + "0a" * 16}, 21603),
    ({"From": None, "MessagingServiceSid": "MG12"}, 21705),
    ({"Body": None}, 21602),
    ({"Body": "a" * 1601}, 21617),
    ({"Body": "🤖" * 801}, 21617),
    ({"ContentSid": "HX" + "b1" * 16}, 21602),
    ({"Body": None, "ContentSid": "HX12"}, 21655),
    ({"ValidityPeriod": "36001"}, 90007),
    ({"ValidityPeriod": "soon"}, 90007),
    ({"StatusCallback": "ftp://example.com/"}, 21609),
    ({"Bdy": "misspelt"}, 20001),
    ({"ShortenUrls": "maybe"}, 20001),
])
def test_refuses_a_request_that_twilio_would_not_take(fake, client, change, code):
    form = {name: value for name, value in {**FORM, **change}.items() if value is not None}
    status, body = client.send(form)
    assert (status, body["code"], body["status"]) == (400, code, 400)
    assert len(fake.problems) == 1 and not fake.ledger.messages


@pytest.mark.parametrize("variables", ["", "no", "[]", "{}", '{"1":""}', '{"1":null}', '{"1":5}', '{"1":"a\\nb"}',
                                       '{"1":"a\\tb"}', '{"1":"a     b"}', '{"a key":"x"}'])
def test_refuses_template_variables_that_twilio_would_not_take(client, variables):
    status, body = client.send({**TEMPLATE, "ContentVariables": variables})
    assert (status, body["code"]) == (400, 21656)


def test_takes_exactly_1600_units(client):
    assert client.send({**FORM, "Body": "🤖" * 800})[0] == 201


@pytest.mark.parametrize("body", [b"To=whatsapp:+52", b"To", b"To=%zz", b"To=%ff", b"To=a&To=b"])
def test_refuses_a_body_that_is_not_a_form(client, body):
    assert client.send(body=body)[0] == 400


def test_refuses_json(client):
    assert client.send(body=json.dumps(FORM), content_type="application/json")[0] == 400


@pytest.mark.parametrize("user, status", [
    (OWNER, 201), ((API_KEY_SID, API_KEY_SECRET), 201), ((ACCOUNT_SID, "wrong"), 401), ((API_KEY_SID, "wrong"), 401),
    (("AC" + "9" * 32, AUTH_TOKEN), 401), (None, 401)])
def test_knows_one_account_and_one_api_key(fake, client, user, status):
    assert client.send(user=user)[0] == status
    assert fake.problems == []


def test_refuses_another_account_and_an_unknown_path(client):
    assert client.send(path=PATH.replace(ACCOUNT_SID, "AC" + "9" * 32))[0] == 401
    assert client.send(path=PATH.replace(".json", ""))[1]["code"] == 20404


@pytest.mark.parametrize("status, code", [(400, 21211), (400, 63007), (401, 20003), (429, 20429), (429, 63038),
                                          (500, 20500), (503, 20503)])
def test_answers_the_error_that_it_was_told_to(fake, client, status, code):
    fake.next(behaviours.error(status, code))
    answered, body = client.send()
    assert answered == status
    assert body == {"code": code, "message": body["message"], "status": status,
                    "more_info": f"https://www.twilio.com/docs/errors/{code}"}
    assert not fake.ledger.messages and len(fake.ledger.sends) == 1
    assert client.send()[0] == 201, "only the next one was to fail"


def test_a_script_for_one_number_leaves_the_others_alone(fake, client):
    fake.always(behaviours.error(400, 21211), to="whatsapp:+5214420000009")
    assert client.send({**FORM, "To": "whatsapp:+5214420000009"})[0] == 400
    assert client.send()[0] == 201


@pytest.mark.parametrize("lose", [behaviours.cut_in_head, behaviours.cut_in_body, behaviours.close_after_reading,
                                  behaviours.reset, behaviours.garbage])
@pytest.mark.parametrize("accepted", [True, False])
def test_loses_the_answer_with_or_without_having_taken_the_message(fake, client, lose, accepted):
    fake.next(lose(accepted))
    with pytest.raises((http.client.HTTPException, OSError, ValueError)):
        client.send()
    assert len(fake.ledger.sends) == 1 and len(fake.ledger.messages) == accepted


def test_answers_html_instead_of_json(fake, client):
    fake.next(behaviours.html_error())
    with pytest.raises(json.JSONDecodeError):
        client.send()


def test_never_stops_talking(fake, client):
    fake.next(behaviours.huge(megabytes=2))
    answer = client.ask("POST", PATH, urlencode(FORM))
    assert answer.status == 201 and len(answer.read(2**20)) == 2**20


def test_says_nothing_until_it_is_stopped(fake, client):
    fake.next(behaviours.hang())
    client.http.timeout = 0.3
    with pytest.raises(TimeoutError):
        client.send()
    assert len(fake.ledger.messages) == 1


def test_holds_an_answer_until_the_gate_opens(fake, client):
    gate = Gate()
    fake.next(behaviours.hold(gate))
    client.http.timeout = 0.3
    with pytest.raises(TimeoutError):
        client.send()
    assert not fake.ledger.messages
    gate.open()
    fake.ledger.wait_for(1)


def test_keeps_connections_and_can_close_the_idle_ones(fake, client):
    client.send()
    client.send()
    assert {message.connection for message in fake.ledger.messages} == {1}
    fake.close_idle()
    assert client.http.sock.recv(1) == b""


def test_refuses_connections_while_stopped_and_comes_back_on_the_same_port(fake):
    fake.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", fake.port))
    fake.start()
    assert Client(fake).send()[0] == 201


@pytest.mark.parametrize("door, trouble", [(wire.silent, TimeoutError), (wire.slammed, OSError)])
def test_may_not_even_read(fake, client, door, trouble):
    fake.door(door)
    client.http.timeout = 0.3
    with pytest.raises(trouble):
        client.send()
    fake.door()
    assert Client(fake).send()[0] == 201 and len(fake.ledger.sends) == 1


def test_speaks_https_where_it_has_a_certificate(tmp_path):
    certificate = tmp_path / "fake.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", certificate,
                    "-out", tmp_path / "only.pem"], check=True, capture_output=True)
    certificate.write_text(certificate.read_text() + (tmp_path / "only.pem").read_text())
    fake = FakeTwilio(certificate=certificate).start()
    client = Client(fake)
    client.http = http.client.HTTPSConnection("127.0.0.1", fake.port, timeout=20,
                                              context=ssl.create_default_context(cafile=tmp_path / "only.pem"))
    assert fake.url.startswith("https:") and client.send()[0] == 201
    with pytest.raises(ssl.SSLError):
        http.client.HTTPSConnection("127.0.0.1", fake.port, timeout=20).request("GET", "/")
    fake.stop()


def test_lists_and_shows_what_it_took(fake, client):
    sid = client.send()[1]["sid"]

    def get(path):
        return json.load(client.ask("GET", path))
    assert [m["sid"] for m in get(PATH + "?To=whatsapp%3A%2B5214420000001")["messages"]] == [sid]
    assert get(PATH + "?To=whatsapp%3A%2B1")["messages"] == []
    assert get(PATH.replace(".json", f"/{sid}.json"))["sid"] == sid


@pytest.fixture
def started_by_hand():
    script = Path(__file__).parent / "fake_twilio.py"
    process = subprocess.Popen([sys.executable, script, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)
    yield process
    process.kill()
    process.communicate()


def test_can_be_tried_by_hand(started_by_hand):
    base = urlsplit(started_by_hand.stderr.readline().split()[1])
    sid = Client(base).send(user=(ACCOUNT_SID, "any token"))[1]["sid"]
    assert started_by_hand.stdout.readline().startswith(f"{sid} to {FORM['To']}: {FORM['Body']!r}")
    with urllib.request.urlopen(base.geturl() + "/ledger", timeout=20) as ledger:
        assert [m["sid"] for m in json.load(ledger)["messages"]] == [sid]
