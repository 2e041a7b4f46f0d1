"""What is no handoff: refused at once with a reason, nothing stored, nobody told."""
import json

import pytest

import story
from client import ENDPOINT, request_bytes
from story import a_handoff

SPANISH = ("teléfono", "formato", "falta", "obligatori", "requerid", "debe", "texto", "vací", "necesari")


@pytest.fixture(autouse=True)
def nobody_is_told(shared_twilio):
    told = len(shared_twilio.ledger.messages)
    yield
    assert len(shared_twilio.ledger.messages) == told


def expect_field_errors(answer, *fields):
    story.expect_say(answer)
    assert answer.status == 422
    assert [error["field"] for error in answer["errors"]] == list(fields)
    assert answer["detail"].startswith(fields[0] + ": ")
    for error in answer["errors"]:
        assert any(word in error["message"].lower() for word in SPANISH), error
    assert "handoff_id" not in answer.json


@pytest.mark.parametrize("body", [
    b"", b" ", b"{", b'{"user_phone": "+5215512345678", "reason": "x"', b'{"user_phone": +52}', b"user_phone=%2B52",
    b"{'user_phone': 'x'}", b'{"a": NaN}', b'{"a": 1,}', b'{"a": 1} {"b": 2}', b"nul", b"[" * 30000, b'{"a":' * 10000,
])
def test_refuses_what_is_not_json(shared, body):
    answer = story.expect_say(shared.post(body))
    assert answer.status == 400
    assert isinstance(answer["detail"], str) and answer["detail"]


@pytest.mark.parametrize("text", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"Jos\xe9", b"\xe2\x82"])
def test_refuses_what_is_not_utf_8(shared, text):
    answer = story.expect_say(shared.post(b'{"user_phone": "+5215512345678", "reason": "' + text + b'"}'))
    assert answer.status == 400


@pytest.mark.parametrize("escape", [r"\ud800", r"\udc00x", r"\ud83d\ud83d"])
def test_refuses_half_a_surrogate_pair(shared, escape):
    body = '{"user_phone": "+5215512345678", "reason": "%s"}' % escape
    assert shared.post(body.encode()).status in (400, 422)


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"5", b"null", b"true"])
def test_refuses_json_that_is_not_an_object(shared, body):
    assert story.expect_say(shared.post(body)).status in (400, 422)


def test_refuses_a_handoff_without_a_phone(shared):
    expect_field_errors(shared.post(a_handoff(user_phone=None)), "user_phone")


def test_refuses_a_handoff_without_a_reason(shared):
    expect_field_errors(shared.post(a_handoff(reason=None)), "reason")


@pytest.mark.parametrize("phone", ["", "   ", "5215512345678", "0015215512345678", "+0215512345678", "+123456",
                                   "+1234567890123456", "+52155ABCD678", "+52 155 1234 5678 ext 3", "++5215512345678", "+",
                                   "tel:+5215512345678", "unknown", "null", "+５２１５５１２３４５６７８"])
def test_refuses_a_phone_that_is_not_international(shared, phone):
    expect_field_errors(shared.post(a_handoff(user_phone=phone)), "user_phone")


@pytest.mark.parametrize("value", [5215512345678, ["+5215512345678"], {"n": 1}, True, None])
def test_refuses_a_phone_that_is_not_text(shared, value):
    expect_field_errors(shared.post(json.dumps({"user_phone": value, "reason": "x"}).encode()), "user_phone")


@pytest.mark.parametrize("reason", ["", " ", "\n\t ", "\u00a0\u2003"])
def test_refuses_a_blank_reason(shared, reason):
    expect_field_errors(shared.post(a_handoff(reason=reason)), "reason")


@pytest.mark.parametrize("field", ["user_name", "conversation_id", "additional_context"])
@pytest.mark.parametrize("value", [5, ["x"], {"a": "b"}, False])
def test_refuses_an_optional_field_that_is_not_text(shared, field, value):
    expect_field_errors(shared.post(a_handoff(**{field: value})), field)


def test_names_all_wrong_fields_at_once(shared):
    answer = shared.post(a_handoff(user_phone="123", reason="  ", user_name=5))
    expect_field_errors(answer, "user_phone", "reason", "user_name")


def test_refuses_a_body_over_64_kb_without_reading_it(shared):
    with shared.raw() as raw:
        raw.send(request_bytes(headers=["Host: a", "Content-Type: application/json", "Content-Length: 70000"], length=False))
        answer = story.expect_say(raw.read_answer())
        assert answer.status == 413
        raw.expect_close()


def test_refuses_a_chunked_body_that_grows_over_64_kb(shared):
    with shared.raw() as raw:
        raw.send(request_bytes(headers=["Host: a", "Transfer-Encoding: chunked"]))
        raw.send((b"1000\r\n" + b"x" * 4096 + b"\r\n") * 20)
        assert story.expect_say(raw.read_answer()).status == 413
        raw.expect_close()


def test_answers_408_to_who_is_too_slow(shared):
    """5 s to the end of the headers, 10 s to the end of the body: all at once, since it takes that long."""
    late_head, no_head, late_body = shared.raw(), shared.raw(), shared.raw()
    with late_head, no_head, late_body:
        late_body.send(request_bytes(headers=["Host: a", "Content-Length: 100"], length=False) + b'{"user_phone": ')
        no_head.send(b"POST ")
        late_head.trickle(request_bytes(headers=["Host: a", "X-Slow: " + "z" * 100]), every_seconds=0.5)
        for raw in (late_head, no_head, late_body):
            answer = raw.read_answer()
            assert answer.status == 408 and story.expect_say(answer)["detail"]
            raw.expect_close()


def test_answers_404_to_an_unknown_path(shared):
    for method, path in [("GET", "/"), ("POST", "/api/elevenlabs/handof"), ("POST", ENDPOINT + "/x"), ("GET", "/vendors.yaml")]:
        answer = story.expect_say(shared.ask(method, path, b"{}" if method == "POST" else None))
        assert answer.status == 404 and answer["detail"]


def test_answers_405_and_says_what_is_allowed(shared):
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = story.expect_say(shared.ask(method, ENDPOINT))
        assert answer.status == 405 and "POST" in answer.headers["allow"]
    assert "GET" in shared.ask("POST", "/healthz", b"{}").headers["allow"]
