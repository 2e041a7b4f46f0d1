"""Bytes that two readers could understand differently: one refusal, one close, and never two requests."""
import json

import pytest

from client import ENDPOINT, request_bytes
from story import a_handoff

SMUGGLED = json.dumps(a_handoff(conversation_id="conv_smuggled")).encode()
SECOND = request_bytes(body=SMUGGLED)                               # what must never be heard
OUTER = json.dumps(a_handoff(conversation_id="conv_outer")).encode()
LENGTH = f"Content-Length: {len(OUTER)}"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(OUTER), OUTER)


def post(*headers, body=OUTER, version="HTTP/1.1"):
    return request_bytes(headers=headers, body=body, version=version, length=False)


def chunks(size_line, data=OUTER):
    return post("Host: a", "Transfer-Encoding: chunked", body=size_line + b"\r\n" + data + b"\r\n0\r\n\r\n")


SIZE = b"%x" % len(OUTER)
PROBES = {
    "two hosts": post("Host: a", "Host: b", LENGTH),
    "the same host twice": post("Host: a", "Host: a", LENGTH),
    "no host on 1.1": post(LENGTH),
    "transfer-encoding on 1.0": post("Host: a", "Transfer-Encoding: chunked", body=CHUNKS, version="HTTP/1.0"),
    "transfer-encoding and content-length": post("Host: a", "Transfer-Encoding: chunked", LENGTH, body=CHUNKS),
    "content-length and transfer-encoding": post("Host: a", LENGTH, "Transfer-Encoding: chunked", body=CHUNKS),
    "chunked is not last": post("Host: a", "Transfer-Encoding: chunked, identity", body=CHUNKS),
    "chunked twice": post("Host: a", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=CHUNKS),
    "an unknown transfer-encoding": post("Host: a", "Transfer-Encoding: xchunked", body=CHUNKS),
    "transfer-encoding with a space before its colon": post("Host: a", "Transfer-Encoding : chunked", body=CHUNKS),
    "a folded header": post("Host: a", "X-Fold: one", " Transfer-Encoding: chunked", LENGTH),
    "a first header line that starts with a space": post(" Host: a", LENGTH),
    "a folded content-length": post("Host: a", "Content-Length:", f" {len(OUTER)}"),
    "http/0.9": b"GET /healthz\r\n\r\n",
    "http/0.9 post": b"POST " + ENDPOINT.encode() + b"\r\n\r\n" + OUTER,
    "bare line feeds": post("Host: a", LENGTH).replace(b"\r\n", b"\n"),
    "one bare line feed": post("Host: a\nX: y", LENGTH),
    "a bare carriage return": post("Host: a", "X-Bare: one\rContent-Length: 3", LENGTH),
    "a nul in a header": post("Host: a", "X-Nul: a\0b", LENGTH),
    "space before colon": post("Host: a", f"Content-Length : {len(OUTER)}"),
    "two different lengths": post("Host: a", LENGTH, "Content-Length: 3"),
    "two lengths in one line": post("Host: a", f"Content-Length: {len(OUTER)}, 3"),
    "a signed length": post("Host: a", f"Content-Length: +{len(OUTER)}"),
    "a negative length": post("Host: a", "Content-Length: -1"),
    "a length with letters": post("Host: a", f"Content-Length: {len(OUTER)}x"),
    "an empty length": post("Host: a", "Content-Length: "),
    "a length beyond 64 bits": post("Host: a", "Content-Length: 18446744073709551617"),
    "chunk size with garbage": chunks(SIZE + b"g"),
    "chunk size in 0x": chunks(b"0x" + SIZE),
    "negative chunk size": chunks(b"-1"),
    "chunk size after a space": chunks(b" " + SIZE),
    "chunk size beyond 64 bits": chunks(b"FFFFFFFFFFFFFFFFF"),
    "no chunk size": chunks(b""),
    "chunk longer than its size": chunks(b"3"),
    "chunk size ended by a bare line feed": post("Host: a", "Transfer-Encoding: chunked",
                                                 body=SIZE + b"\n" + OUTER + b"\r\n0\r\n\r\n"),
    "65 headers": post("Host: a", LENGTH, *(f"X-{n}: y" for n in range(63))),
    "headers over 16 KB": post("Host: a", LENGTH, "X-Long: " + "z" * 17000),
    "a path over 16 KB": request_bytes("GET", "/" + "z" * 17000),
    "no method": b" / HTTP/1.1\r\nHost: a\r\n\r\n",
    "a header without a name": post("Host: a", ": nothing", LENGTH),
    "a header without a colon": post("Host: a", "Nothing", LENGTH),
    "version 2.0": post("Host: a", LENGTH, version="HTTP/2.0"),
    "version 1.10": post("Host: a", LENGTH, version="HTTP/1.10"),
    "http/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "tls": bytes.fromhex("160301020001000000fc0303") + b"\0" * 64 + b"\r\n\r\n",
}


@pytest.mark.parametrize("probe", PROBES)
def test_one_refusal_and_a_close(shared, shared_twilio, probe):
    with shared.raw() as raw:
        raw.send(PROBES[probe] + SECOND)
        answer = raw.read_answer()
        assert 400 <= answer.status < 600, answer
        assert answer.headers.get("connection", "").lower() == "close"
        raw.expect_close()
    assert shared.ask("GET", "/healthz").status == 200
    assert not shared_twilio.ledger.about("conv_smuggled") and not shared_twilio.ledger.about("conv_outer")


def test_64_headers_are_welcome(shared):
    with shared.raw() as raw:
        raw.send(post("Host: a", LENGTH.replace(str(len(OUTER)), "2"), *(f"X-{n}: y" for n in range(62)), body=b"{}"))
        assert raw.read_answer().status == 422


def test_headers_just_under_16_kb_are_welcome(shared):
    with shared.raw() as raw:
        raw.send(request_bytes("GET", "/healthz", headers=["Host: a", "X-Long: " + "z" * 15000]))
        assert raw.read_answer().status == 200
