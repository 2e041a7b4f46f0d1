"""Through the real Caddy and the real nginx, with the files of packaging/: only what shall come through does, and once."""
import hashlib
import json
import subprocess

import pytest

import behaviours
import hostile
import proxies
import story
from behaviours import Gate
from client import ENDPOINT, request_bytes
from http2 import Conversation
from http2 import request as http2_request
from proxies import NAME, Proxy, Tap
from story import a_handoff

SECRET = "key-of-the-client"


def keyed(twilio, **more):
    """Ana alone, and one key; only those limits that are given."""
    key = {"hashes": [hashlib.sha256(SECRET.encode()).hexdigest()]}
    limits = {"per_key": 0, "per_address": 0, "per_conversation": 0, "failures": 0, **more}
    return story.company(twilio, access={"keys": {"client": key}, **limits}, server={"public_url": f"https://{NAME}"})


@pytest.fixture(scope="module")
def daemon(start_shared, shared_twilio):
    return start_shared(keyed(shared_twilio))


@pytest.fixture(scope="module")
def tap(daemon):
    tap = Tap(daemon.port)
    yield tap
    tap.stop()


@pytest.fixture(scope="module", params=["caddy", "nginx"])
def proxy(request, tap, tmp_path_factory):
    if proxies.found(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    proxy = Proxy(request.param, tmp_path_factory.mktemp(request.param), tap.port).start()
    yield proxy
    proxy.stop()


def post(handoff, *headers, secret=SECRET, path=ENDPOINT):
    key = [f"X-API-Key: {secret}"] if secret else []
    return request_bytes(path=path, headers=(f"Host: {NAME}", *key, *headers), body=json.dumps(handoff).encode())


def ask(proxy, data, **how):
    with proxy.connect(**how) as raw:
        raw.send(data)
        return raw.read_answer()


def get(path, *headers, method="GET"):
    return request_bytes(method, path, headers=(f"Host: {NAME}", f"X-API-Key: {SECRET}", *headers))


def is_ours(answer):
    """Written by the daemon: a proxy's own answers have nothing to say to a customer."""
    return b'"say"' in answer.body


def told_to(twilio, sid):
    """The message that an answer speaks of."""
    return next(message for message in twilio.ledger.messages if message.sid == sid)


# -- what comes through --

def test_the_file_is_one_that_the_server_takes(proxy):
    done = subprocess.run(proxy.check, cwd=proxy.folder, env=proxy.environment, capture_output=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr


def test_a_request_with_a_key_comes_through_and_one_without_does_not(proxy, shared_twilio):
    before, handoff = shared_twilio.ledger.message_count, a_handoff()
    answer = ask(proxy, post(handoff))
    assert answer.status == 200 and told_to(shared_twilio, answer["message_sid"]).mentions(handoff["conversation_id"])
    for secret in (None, "wrong", SECRET.upper()):
        answer = story.expect_say(ask(proxy, post(a_handoff(), secret=secret)))
        assert answer.status == 401 and answer.headers["www-authenticate"].startswith("Bearer")
    assert shared_twilio.ledger.message_count == before + 1


def test_hooks_come_through(proxy, tap):
    answer = ask(proxy, post({}, path="/hooks/whatsapp/status?x=1"))
    assert tap.heads[-1][0] == b"POST /hooks/whatsapp/status?x=1 HTTP/1.1" and 400 <= answer.status < 500


HIDDEN = ["/", "/healthz", "/readyz", "/metrics", "/handoffs", "/handoffs/ho_1", "/handoffs/ho_1/close", "/keys",
          "/keys/client/revoke", "/alerts", "/reload", "/backup", "/vendors.yaml", "/hooks", "/hooksx", "/api", "/api/elevenlabs",
          ENDPOINT + "/", ENDPOINT + "/x", ENDPOINT + "x", "/%6detrics", "//metrics", "/./metrics", "/metrics/",
          "/metrics%00", "/metrics%0d%0a"]
TRICKS = ["/hooks/../metrics", "/hooks/%2e%2e/metrics", "/hooks/..%2fmetrics", "/hooks/%2e%2e%2fmetrics", "/hooks/.%2e/metrics",
          "/hooks//../../metrics", "/hooks/./../metrics", "/hooks/x/../../metrics", "/hooks/..;/metrics", "/hooks/..\\metrics",
          "/hooks/%5c../metrics", "/hooks/%252e%252e/metrics", "/hooks/%252e%252e%252fmetrics", "/hooks/..%00/metrics",
          "/hooks/%c0%ae%c0%ae/metrics", "/hooks/..%c0%afmetrics", "/hooks/..%ef%bc%8fmetrics", "/hooks/../handoffs",
          "/hooks/../reload", "/hooks/?/../metrics", "/metrics?/hooks/", "/metrics#/hooks/", "/metrics;/hooks/x", "/metrics/../hooks/x",
          ENDPOINT + "/../../../metrics", ENDPOINT + "/../../../handoffs", ENDPOINT + "%2f..%2f..%2f..%2fmetrics",
          ENDPOINT + "?/../../metrics", ENDPOINT + "%3f/../../metrics", ENDPOINT + ";/../metrics", "/hooks/%0d%0aGET%20/metrics"]


@pytest.mark.parametrize("path", HIDDEN)
def test_nothing_else_comes_through(proxy, tap, path):
    before = tap.whole
    for method in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"):
        with proxy.connect() as raw:
            raw.send(get(path, method=method))
            answer = raw.read_answer(to_head=method == "HEAD")
        assert answer.status == 404 or (answer.status == 400 and "%00" in path), answer
        assert not is_ours(answer)
    assert tap.whole == before


@pytest.mark.parametrize("path", TRICKS)
def test_no_trick_leads_to_another_route(proxy, tap, shared_twilio, path):
    """What comes through is where the daemon has nothing but hooks and the endpoint itself."""
    before, told = len(tap.heads), shared_twilio.ledger.message_count
    for method in ("GET", "POST"):
        answer = ask(proxy, request_bytes(method, path, headers=(f"Host: {NAME}", f"X-API-Key: {SECRET}"), body=b"{}"))
        assert 400 <= answer.status < 500, answer
    for line, _ in tap.heads[before:]:
        assert line.startswith((b"POST /hooks/", b"POST " + ENDPOINT.encode())), line
    assert shared_twilio.ledger.message_count == told


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "post", "BREW", "CONNECT"])
@pytest.mark.parametrize("path", [ENDPOINT, "/hooks/whatsapp/x"])
def test_other_methods_do_not_come_through(proxy, tap, method, path):
    before = tap.whole
    with proxy.connect() as raw:
        raw.send(get(path, "Connection: close", method=method))
        answer = raw.read_answer(to_head=method == "HEAD")
    assert 400 <= answer.status <= 501 and tap.whole == before


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1", "localhost:8000", f"x.{NAME}"])
def test_the_host_of_another_leads_to_no_other_route(proxy, tap, host):
    before = tap.whole
    ask(proxy, get("/metrics").replace(f"Host: {NAME}".encode(), f"Host: {host}".encode()))
    ask(proxy, get(f"http://{host}/metrics"))
    assert tap.whole == before


# -- bodies --

def padded(size):
    """A handoff of so many bytes."""
    handoff = a_handoff(additional_context="")
    return {**handoff, "additional_context": "z" * (size - len(json.dumps(handoff)))}


def test_a_body_of_64_kb_comes_through(proxy):
    assert ask(proxy, post(padded(65536))).status == 200


@pytest.mark.parametrize("size", [65537, 70000, 200000, 3000000])
def test_a_larger_one_is_refused(proxy, shared_twilio, size):
    before, body = shared_twilio.ledger.message_count, json.dumps(padded(size)).encode()
    with proxy.connect() as raw:
        raw.send(post(padded(size)))
        assert raw.read_answer().status == 413
    with proxy.connect() as raw:
        raw.send(request_bytes(path=ENDPOINT, headers=(f"Host: {NAME}", f"X-API-Key: {SECRET}", "Transfer-Encoding: chunked")))
        raw.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
        assert raw.read_answer().status == 413
    assert shared_twilio.ledger.message_count == before
    assert ask(proxy, post(a_handoff())).status == 200


# -- who it was --

FORWARDING = ["X-Forwarded-For: 203.0.113.7", "x-forwarded-for: 127.0.0.1", "X-Forwarded-For: 203.0.113.7, 203.0.113.8",
              "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2", "X-Forwarded-For:", "Connection: X-Forwarded-For",
              "Connection: close, x-forwarded-for\r\nX-Forwarded-For: 203.0.113.7", "X_Forwarded_For: 203.0.113.7",
              "Forwarded: for=203.0.113.7", "X-Real-IP: 203.0.113.7"]


@pytest.mark.parametrize("header", FORWARDING)
def test_what_a_client_says_of_its_address_is_thrown_away(proxy, tap, header):
    assert ask(proxy, post(a_handoff(), header), source="127.0.0.9").status == 200
    said = [value for name, value in tap.heads[-1][1] if name == b"x-forwarded-for"]
    assert said == [b"127.0.0.9"]


@pytest.fixture
def before_daemon(proxy, tmp_path, request):
    """Starts another one of the same kind, straight before a daemon."""
    def start(daemon):
        another = Proxy(proxy.server, tmp_path, daemon.port).start()
        request.addfinalizer(another.stop)
        return another
    return start


def test_the_limits_count_the_clients_own_address(before_daemon, start, twilio):
    another = before_daemon(start(keyed(twilio, per_address=3)))

    def come(source, number):
        return ask(another, post(a_handoff(), f"X-Forwarded-For: 203.0.113.{number}"), source=source).status
    assert [come("127.0.0.8", number) for number in range(5)] == [200] * 3 + [429] * 2
    assert come("127.0.0.9", 0) == 200
    assert twilio.ledger.message_count == 4


def test_guesses_count_for_the_clients_own_address(before_daemon, start, twilio):
    another = before_daemon(start(keyed(twilio, failures=3)))

    def guess(source, number):
        return ask(another, post(a_handoff(), f"X-Forwarded-For: 203.0.113.{number}", secret="guess"), source=source).status
    assert [guess("127.0.0.8", number) for number in range(5)] == [401] * 3 + [429] * 2
    assert guess("127.0.0.9", 0) == 401
    assert ask(another, post(a_handoff()), source="127.0.0.8").status == 200


# -- a daemon that goes --

def test_a_daemon_that_dies_is_502_and_no_repeat(before_daemon, start, twilio):
    gate, handoff = Gate(), a_handoff()
    daemon = start(story.called_back(keyed(twilio)) | {"unknown": {"ask_for": "3s", "times": 3, "give_up": "8s"}})
    tap = Tap(daemon.port)
    another = before_daemon(tap)
    with another.connect() as raw:
        raw.send(post(a_handoff()))
        assert raw.read_answer().status == 200
        twilio.next(behaviours.hold(gate))
        raw.send(post(handoff, f"Idempotency-Key: {handoff['conversation_id']}"))
        twilio.ledger.wait_for_sends(2)
        daemon.kill()
        answer = raw.read_answer()
        assert answer.status == 502 and not is_ours(answer)
        raw.send(post(a_handoff()))
        assert raw.read_answer().status == 502
        gate.open()
        daemon.restart()
        last = a_handoff()
        raw.send(post(last))
        answer = raw.read_answer()
        assert answer.status == 200 and told_to(twilio, answer["message_sid"]).mentions(last["conversation_id"])
    assert tap.whole == 3                                           # the first, the one that was cut off, the last
    again = ask(another, post(handoff, f"Idempotency-Key: {handoff['conversation_id']}"))
    assert again["duplicate"] is True
    assert len(twilio.ledger.about(handoff["conversation_id"])) == 1
    tap.expect_agreement()
    tap.stop()


# -- the bytes of strangers --

@pytest.mark.parametrize("case", hostile.CASES, ids=lambda case: case.name)
def test_both_understand_the_same_requests(proxy, tap, shared_twilio, case):
    """As many whole requests as the proxy passes on, it answers with the daemon's words, each with those about itself."""
    before, whole, wire, last = shared_twilio.ledger.message_count, tap.whole, case.wire(NAME, SECRET), a_handoff()
    heads = [number for number, want in enumerate(case.wants) if want.startswith("head")]
    with proxy.connect() as raw:
        raw.send(wire.data)
        if case.is_unfinished:
            answers = []
        else:
            raw.send(post(last, "Connection: close"))
            answers = raw.read_answers(heads)
    ours = [answer for answer in answers if is_ours(answer)]
    told = [answer["message_sid"] for answer in ours if answer.status == 200]
    messages = shared_twilio.ledger.messages[before:]
    assert [message.sid for message in messages] == told
    expect_order(messages, [*wire.conversations, last["conversation_id"]])
    early = len(ours) - (tap.whole - whole)             # refused before their end was written
    assert 0 <= early <= len([answer for answer in ours if answer.status >= 400])
    expect_own_answers(proxy, shared_twilio)
    tap.expect_agreement()


def expect_order(messages, conversations):
    """Each is about one of the conversations, in their order."""
    found = [number for message in messages for number, word in enumerate(conversations) if message.mentions(word)]
    assert found == sorted(set(found)), found


def expect_own_answers(proxy, twilio):
    """Connections that are kept are as they were: who comes next, and next again, hears of their own handoffs."""
    with proxy.connect() as one, proxy.connect() as other:
        for raw in (one, other, one):
            handoff = a_handoff()
            raw.send(post(handoff))
            answer = raw.read_answer()
            assert answer.status == 200
            assert told_to(twilio, answer["message_sid"]).mentions(handoff["conversation_id"])


# -- the same in HTTP/2, which a proxy turns into HTTP/1.1 --

PSEUDO = {b":method": b"POST", b":scheme": b"https", b":authority": NAME.encode(), b":path": ENDPOINT.encode()}
KEY = (b"x-api-key", SECRET.encode())


def http2(*more, body=None, trailers=(), without=(), **changes):
    """Pseudo fields, changed or without some, and further ones; the body is a good one where none is given. %b stands for a whole
    request of HTTP/1.1, which must never be heard."""
    changed = {**PSEUDO, **{b":" + name.encode(): value for name, value in changes.items()}}
    return [pair for pair in changed.items() if pair[0] not in without] + [KEY, *more], body, trailers


HTTP2_CASES = {
    "chunked": http2((b"transfer-encoding", b"chunked"), body=b"0\r\n\r\n%b"),
    "chunked in odd case": http2((b"transfer-encoding", b"ChunKed"), body=b"0\r\n\r\n%b"),
    "chunked behind a connection field": http2((b"connection", b"transfer-encoding"), (b"transfer-encoding", b"chunked"),
                                               body=b"0\r\n\r\n%b"),
    "a length of zero": http2((b"content-length", b"0"), body=b"%b"),
    "a length that is too short": http2((b"content-length", b"5"), body=b"{    %b"),
    "a length that is too long": http2((b"content-length", b"5000"), body=b"%b"),
    "two lengths": http2((b"content-length", b"5"), (b"content-length", b"6"), body=b"hello%b"),
    "a length with a plus": http2((b"content-length", b"+5"), body=b"hello%b"),
    "a length in a list": http2((b"content-length", b"5, 5"), body=b"hello%b"),
    "a line end in a value": http2((b"x-one", b"a\r\ntransfer-encoding: chunked"), body=b"0\r\n\r\n%b"),
    "a request in a value": http2((b"x-one", b"a\r\n\r\n%b")),
    "LF in a value": http2((b"x-one", b"a\ntransfer-encoding: chunked"), body=b"0\r\n\r\n%b"),
    "CR in a value": http2((b"x-one", b"a\rtransfer-encoding: chunked"), body=b"0\r\n\r\n%b"),
    "NUL in a value": http2((b"x-one", b"a\0b")),
    "a colon in a name": http2((b"transfer-encoding: chunked\r\nx", b"y"), body=b"0\r\n\r\n%b"),
    "a line end in a name": http2((b"x\r\n\r\n%b", b"y")),
    "a blank in a name": http2((b"transfer-encoding ", b"chunked"), body=b"0\r\n\r\n%b"),
    "upper case in a name": http2((b"Transfer-Encoding", b"chunked"), body=b"0\r\n\r\n%b"),
    "an empty name": http2((b"", b"y")),
    "a request in the path": http2(path=ENDPOINT.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n%b"),
    "a blank in the path": http2(path=ENDPOINT.encode() + b" HTTP/1.1"),
    "an absolute path": http2(path=b"https://elsewhere.example/metrics"),
    "an empty path": http2(path=b""),
    "a relative path": http2(path=b"metrics"),
    "an asterisk": http2(path=b"*"),
    "dots in the path": http2(path=b"/hooks/../metrics"),
    "a request in the method": http2(method=b"POST / HTTP/1.1\r\nHost: x\r\n\r\nGET"),
    "a path in the method": http2(method=b"GET /metrics?"),
    "CONNECT": http2(method=b"CONNECT"),
    "a path in the authority": http2(authority=NAME.encode() + b"/metrics?"),
    "a line end in the authority": http2(authority=NAME.encode() + b"\r\nx-one: y"),
    "a user in the authority": http2(authority=b"user@" + NAME.encode()),
    "a request in the scheme": http2(scheme=b"https://x/metrics HTTP/1.1\r\n\r\n%b"),
    "no path": http2(without=[b":path"]),
    "no method": http2(without=[b":method"]),
    "an unknown pseudo field": http2((b":x", b"y")),
    "a pseudo field behind": http2((b":path", b"/metrics")),
    "another host": http2((b"host", b"elsewhere.example")),
    "two hosts": http2((b"host", NAME.encode()), (b"host", b"elsewhere.example")),
    "a connection field": http2((b"connection", b"close, x-forwarded-for")),
    "an upgrade": http2((b"connection", b"upgrade"), (b"upgrade", b"h2c")),
    "an expectation": http2((b"expect", b"100-continue")),
    "a length in the trailers": http2(trailers=[(b"content-length", b"3")]),
    "a pseudo field in the trailers": http2(trailers=[(b":path", b"/metrics")]),
    "a request in the trailers": http2(trailers=[(b"x-one", b"y\r\n\r\n%b")]),
}


@pytest.mark.parametrize("case", HTTP2_CASES)
def test_both_understand_the_same_requests_of_http_2(proxy, tap, shared_twilio, case):
    before, heads, first, last = shared_twilio.ledger.message_count, len(tap.heads), a_handoff(), a_handoff()
    pairs, body, trailers = HTTP2_CASES[case]
    hidden = a_handoff()

    def filled(text):
        return text.replace(b"%b", post(hidden))
    pairs, trailers = ([(filled(name), filled(value)) for name, value in some] for some in (pairs, trailers))
    body = json.dumps(first).encode() if body is None else filled(body)
    good = [*PSEUDO.items(), KEY]
    with proxy.connect(protocol="h2") as raw:
        answers = Conversation(raw).ask((1, http2_request(1, pairs, body, trailers)),
                                        (3, http2_request(3, good, json.dumps(last).encode())))
    told = [json.loads(answer)["message_sid"] for answer in answers if b"message_sid" in answer]
    messages = shared_twilio.ledger.messages[before:]
    assert sorted(message.sid for message in messages) == sorted(told)
    assert not any(message.mentions(hidden["conversation_id"]) for message in messages)
    for line, _ in tap.heads[heads:]:
        assert line.startswith((b"POST /hooks/", b"POST " + ENDPOINT.encode())), line
    expect_own_answers(proxy, shared_twilio)
    tap.expect_agreement()


def test_http_2_comes_through(proxy, shared_twilio):
    handoffs = {number: a_handoff() for number in (1, 3, 5)}
    asked = [(number, http2_request(number, [*PSEUDO.items(), KEY], json.dumps(handoff).encode()))
             for number, handoff in handoffs.items()]
    with proxy.connect(protocol="h2") as raw:
        answers = Conversation(raw).ask(*asked)
    for answer, handoff in zip(answers, handoffs.values()):
        assert told_to(shared_twilio, json.loads(answer)["message_sid"]).mentions(handoff["conversation_id"])
