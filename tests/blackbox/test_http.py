"""HTTP as clients speak it: connections kept, requests in a row, bodies in pieces, old versions."""
import json

import behaviours
import story
from behaviours import Gate
from client import ENDPOINT, chunked, request_bytes
from story import a_handoff

HOST = "Host: localhost"
JSON = "Content-Type: application/json"


def handoff_bytes(**fields):
    return json.dumps(a_handoff(**fields)).encode()


def test_keeps_the_connection(shared):
    with shared.raw() as raw:
        for _ in range(3):
            raw.send(request_bytes(body=handoff_bytes()))
            answer = raw.read_answer()
            assert answer.status == 200 and answer.headers.get("connection", "keep-alive").lower() == "keep-alive"


def test_keeps_the_connection_after_a_refusal(shared):
    with shared.raw() as raw:
        for body, status in [(b"{}", 422), (b"{", 400), (handoff_bytes(), 200)]:
            raw.send(request_bytes(body=body))
            assert raw.read_answer().status == status


def test_closes_when_asked_to(shared):
    with shared.raw() as raw:
        raw.send(request_bytes(body=handoff_bytes(), headers=[HOST, "Connection: close"]))
        answer = raw.read_answer()
        assert answer.status == 200 and answer.headers["connection"].lower() == "close"
        raw.expect_close()


def test_answers_pipelined_requests_in_order(shared):
    with shared.raw() as raw:
        raw.send(request_bytes(body=handoff_bytes()) + request_bytes("GET", "/healthz") + request_bytes(body=b"{}")
                 + request_bytes("GET", "/nowhere") + request_bytes("HEAD", "/healthz") + request_bytes(body=b"{")
                 + request_bytes(body=handoff_bytes()))
        answers = [raw.read_answer(to_head=(number == 4)).status for number in range(7)]
        assert answers == [200, 200, 422, 404, 200, 400, 200]


def test_a_slow_answer_holds_back_those_behind_it(daemon, twilio):
    gate = Gate()
    twilio.next(behaviours.hold(gate))
    with daemon.raw() as raw:
        raw.send(request_bytes(body=handoff_bytes()) + request_bytes("GET", "/nowhere"))
        twilio.ledger.wait_for_sends(1)
        gate.open()
        assert [raw.read_answer().status for _ in range(2)] == [200, 404]


def test_reads_a_request_that_comes_byte_by_byte(shared):
    with shared.raw() as raw:
        for byte in request_bytes(body=handoff_bytes()):
            raw.send(bytes([byte]))
        assert raw.read_answer().status == 200


def test_reads_chunked_bodies(shared):
    for size in (1, 7, 4096):
        with shared.raw() as raw:
            raw.send(request_bytes(headers=[HOST, JSON, "Transfer-Encoding: chunked"]) + chunked(handoff_bytes(), size))
            assert raw.read_answer().status == 200
            raw.send(request_bytes("GET", "/healthz"))
            assert raw.read_answer().status == 200


def test_steps_over_trailers(shared):
    body = handoff_bytes()
    with shared.raw() as raw:
        raw.send(request_bytes(headers=[HOST, JSON, "transfer-encoding: Chunked"])
                 + b"%x\r\n%s\r\n0\r\nX-Trailer: yes\r\n\r\n" % (len(body), body))
        assert raw.read_answer().status == 200


def test_refuses_chunk_extensions(shared):
    body = handoff_bytes()
    with shared.raw() as raw:
        raw.send(request_bytes(headers=[HOST, JSON, "Transfer-Encoding: chunked"])
                 + b"%x;name=value\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        assert raw.read_answer().status == 400


def test_says_continue_to_who_waits_for_it(shared):
    body = handoff_bytes()
    with shared.raw() as raw:
        raw.send(request_bytes(headers=[HOST, JSON, "Expect: 100-continue", f"Content-Length: {len(body)}"], length=False))
        assert raw.read_answer().status == 100
        raw.send(body)
        assert raw.read_answer().status == 200


def test_says_no_instead_of_continue_to_a_body_that_is_too_large(shared):
    with shared.raw() as raw:
        raw.send(request_bytes(headers=[HOST, JSON, "Expect: 100-continue", "Content-Length: 100000"], length=False))
        assert raw.read_answer().status == 413
        raw.expect_close()


def test_speaks_http_1_0(shared):
    with shared.raw() as raw:
        raw.send(request_bytes(body=handoff_bytes(), version="HTTP/1.0", headers=[]))
        assert raw.read_answer().status == 200
        raw.expect_close()


def test_head_is_get_without_a_body(shared):
    get = shared.ask("GET", "/healthz")
    with shared.raw() as raw:
        raw.send(request_bytes("HEAD", "/healthz") + request_bytes("GET", "/healthz"))
        head = raw.read_answer(to_head=True)
        assert head.status == get.status == 200
        assert head.headers.get("content-length") == get.headers.get("content-length")
        assert raw.read_answer().status == 200
        raw.send(request_bytes("HEAD", ENDPOINT))
        head = raw.read_answer(to_head=True)
        assert head.status == 405 and "POST" in head.headers["allow"]


def test_header_names_are_read_in_any_case(shared):
    body = handoff_bytes()
    with shared.raw() as raw:
        raw.send(request_bytes(headers=["hOsT: a", "CONTENT-TYPE: application/json", f"content-LENGTH:{len(body)}",
                                        "idempotency-KEY: odd-case"], length=False) + body)
        first = raw.read_answer()
        raw.send(request_bytes(headers=["Host: a", "Idempotency-Key: odd-case"], body=body))
        assert raw.read_answer()["handoff_id"] == first["handoff_id"]


def test_a_client_that_leaves_before_the_answer_is_no_trouble(daemon, twilio):
    gate = Gate()
    twilio.next(behaviours.hold(gate))
    handoff = a_handoff()
    with daemon.raw() as raw:
        raw.send(request_bytes(body=json.dumps(handoff).encode()))
        twilio.ledger.wait_for_sends(1)
    gate.open()
    twilio.ledger.wait_for(1)
    answer = daemon.post(handoff)
    assert answer.status == 200 and answer["duplicate"] is True
    assert len(twilio.ledger.sends) == 1


def test_a_client_that_leaves_inside_its_request_leaves_nothing_behind(shared, shared_twilio):
    handoff = a_handoff()
    whole = request_bytes(body=json.dumps(handoff).encode())
    for end in (3, 30, len(whole) - 1):
        with shared.raw() as raw:
            raw.send(whole[:end])
    assert shared.post(a_handoff()).status == 200
    assert not shared_twilio.ledger.about(handoff["conversation_id"])


def test_is_healthy_and_ready(shared):
    assert shared.ask("GET", "/healthz").status == 200
    assert shared.ask("GET", "/readyz").status == 200


def test_error_answers_are_json(shared):
    answer = story.expect_say(shared.ask("GET", "/nowhere"))
    assert answer.json["detail"]
