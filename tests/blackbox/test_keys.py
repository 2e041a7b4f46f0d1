"""API keys: made, shown once, asked for at the door before the body is read, counted, revoked."""
import base64
import hashlib
import hmac
import json
import re
import time

import pytest

import story
from client import ENDPOINT, request_bytes
from daemon import EXIT_FINE, EXIT_NO, EXIT_WRONG, run
from operations import command
from story import ANA, a_handoff, expect_say

KEY = re.compile(r"hk_[0-9a-z]{8}_[0-9a-z]{26}")
OUTSIDE = {"X-Forwarded-For": "203.0.113.7"}


def new_key(daemon, name="elevenlabs", *more):
    done = daemon.run("key", "new", name, *more)
    assert done.returncode == EXIT_FINE, done.stderr
    assert KEY.fullmatch(done.stdout.strip()), done.stdout
    return done.stdout.strip()


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def keys_of(daemon):
    return json.loads(daemon.run("key", "list", "--json").stdout)["keys"]


def hash_of(key):
    return hashlib.sha256(key.encode()).hexdigest()


# -- without any key --

def test_on_this_machine_none_is_needed(daemon):
    assert daemon.post(a_handoff()).status == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Proto", "Via"])
def test_what_a_proxy_brings_is_refused(daemon, twilio, header):
    answer = expect_say(daemon.post(a_handoff(), **{header: "203.0.113.7"}))
    assert answer.status == 401
    assert "handoffd key new" in answer["detail"]
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert twilio.ledger.message_count == 0


def test_insecure_lets_them_in(start, twilio):
    daemon = start(story.company(twilio, server={"insecure": True}))
    assert daemon.post(a_handoff(), **OUTSIDE).status == 200


@pytest.mark.parametrize("server", [{"listen": "0.0.0.0:0"}, {"listen": "[::]:0"}, {"public_url": "https://handoff.example.com"}])
def test_it_does_not_start_where_strangers_could_come(spawn, twilio, server):
    daemon = spawn(story.company(twilio, server=server))
    assert daemon.wait_for_exit() == EXIT_WRONG
    assert "handoffd key new" in daemon.log


def test_check_says_that_it_will_not_start_there(tmp_path, twilio):
    """And no more than says: the file is fine, and the keys may be on another machine."""
    sections = story.company(twilio, server={"public_url": "https://handoff.example.com"})
    (tmp_path / "vendors.yaml").write_text(json.dumps(sections), "utf-8")
    done = run("check", cwd=tmp_path)
    assert done.returncode == EXIT_FINE and "serve will not start" in done.stdout and "handoffd key new" in done.stdout
    run("key", "new", "elevenlabs", cwd=tmp_path)
    assert "serve will not start" not in run("check", cwd=tmp_path).stdout


def test_it_starts_there_with_a_key(start, twilio, tmp_path):
    made = run("key", "new", "elevenlabs", "--for-file")
    key, hash_ = made.stdout.split()[0], re.search(r"[0-9a-f]{64}", made.stdout)[0]
    assert hash_of(key) == hash_
    daemon = start(story.company(twilio, server={"public_url": "https://handoff.example.com"},
                                 access={"keys": {"elevenlabs": {"hashes": [hash_]}}}))
    assert daemon.post(a_handoff()).status == 401
    assert daemon.post(a_handoff(), **bearer(key)).status == 200


def test_a_key_can_be_made_before_the_first_start(start, twilio, tmp_path):
    sections = story.company(twilio, server={"public_url": "https://handoff.example.com"})
    (tmp_path / "vendors.yaml").write_text(json.dumps(sections), "utf-8")
    made = run("key", "new", "elevenlabs", cwd=tmp_path)
    assert made.returncode == EXIT_FINE, made.stderr
    assert [key["name"] for key in json.loads(run("key", "list", "--json", cwd=tmp_path).stdout)["keys"]] == ["elevenlabs"]
    daemon = start({**sections, "store": {"path": str(tmp_path / "data/handoffd.db")}})
    assert daemon.post(a_handoff(), **bearer(made.stdout.strip())).status == 200


# -- with one --

@pytest.mark.parametrize("header", [lambda key: {"Authorization": f"Bearer {key}"}, lambda key: {"X-API-Key": key},
                                    lambda key: {"authorization": f"bearer {key}"}])
def test_it_is_asked_for_from_the_moment_it_is_made(daemon, twilio, header):
    key = new_key(daemon)
    assert daemon.post(a_handoff(), **header(key)).status == 200
    assert daemon.post(a_handoff(), **{**header(key), **OUTSIDE}).status == 200
    for wrong in ({}, header(key[:-1]), header(key + "x"), header(key.upper()), {"Authorization": key}):
        answer = expect_say(daemon.post(a_handoff(), **wrong))
        assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="handoffd"')
    assert twilio.ledger.message_count == 2


def test_two_keys_in_one_request_are_one_too_many(daemon):
    key = new_key(daemon)
    assert daemon.post(a_handoff(), **bearer(key), X_API_Key=key).status == 400


def test_several_are_good_at_once_and_a_revoked_one_no_more(daemon):
    old, new = new_key(daemon), new_key(daemon)
    assert daemon.post(a_handoff(), **bearer(old)).status == daemon.post(a_handoff(), **bearer(new)).status == 200
    by_name = daemon.run("key", "revoke", "elevenlabs")
    assert by_name.returncode == EXIT_NO and "handoffd key list" in by_name.stderr     # which of them?
    assert daemon.run("key", "revoke", old.split("_")[1]).returncode == EXIT_FINE
    assert daemon.post(a_handoff(), **bearer(old)).status == 401
    assert daemon.post(a_handoff(), **bearer(new)).status == 200
    assert daemon.run("key", "revoke", old.split("_")[1]).returncode == EXIT_NO
    daemon.kill()
    daemon.restart()
    assert daemon.post(a_handoff(), **bearer(old)).status == 401
    assert daemon.post(a_handoff(), **bearer(new)).status == 200


def test_it_is_made_and_revoked_without_a_daemon_too(daemon):
    daemon.stop()
    key = new_key(daemon)
    assert [entry["name"] for entry in keys_of(daemon)] == ["elevenlabs"]
    daemon.restart()
    assert daemon.post(a_handoff(), **bearer(key)).status == 200
    daemon.stop()
    assert daemon.run("key", "revoke", "elevenlabs").returncode == EXIT_FINE
    assert keys_of(daemon) == []
    daemon.restart()
    assert daemon.post(a_handoff(), **bearer(key)).status == 200     # nobody is asked for one any more


def test_its_scope_says_what_it_may(daemon):
    post, read, admin = (new_key(daemon, scope, "--scope", scope) for scope in ("handoff", "read", "admin"))
    assert daemon.post(a_handoff(), **bearer(post)).status == 200
    assert daemon.post(a_handoff(), **bearer(read)).status == 403
    assert daemon.post(a_handoff(), **bearer(admin)).status == 200
    assert [daemon.ask("GET", "/metrics", headers=bearer(key)).status for key in (post, read, admin)] == [403, 200, 200]
    assert daemon.ask("GET", "/metrics").status == 401
    assert daemon.ask("GET", "/healthz").status == daemon.ask("GET", "/readyz").status == 200


def test_operators_have_keys_too(daemon):
    post, read, admin = (new_key(daemon, scope, "--scope", scope) for scope in ("handoff", "read", "admin"))
    id_ = daemon.post(a_handoff(), **bearer(post))["handoff_id"]

    def ask(method, path):
        return [daemon.ask(method, path, headers=bearer(key)).status for key in (post, read, admin)]
    assert ask("GET", "/handoffs") == ask("GET", f"/handoffs/{id_}") == ask("GET", "/alerts") == [403, 200, 200]
    assert daemon.ask("GET", f"/handoffs/{id_}", headers=bearer(read))["customer"]["user_phone"]
    assert ask("POST", f"/handoffs/{id_}/close") == ask("POST", "/reload") == [403, 403, 200]
    assert daemon.ask("GET", "/handoffs").status == daemon.ask("POST", "/reload").status == 401
    for method, path in (("GET", "/keys"), ("POST", "/keys"), ("POST", "/keys/read/revoke"), ("POST", "/backup")):
        assert ask(method, path) == [404] * 3            # on the socket alone
    for name in ("handoff", "read", "admin"):
        assert daemon.run("key", "revoke", name).returncode == EXIT_FINE
    assert daemon.ask("GET", "/handoffs").status == 404     # without any key, nobody is shown a customer


def test_it_expires(daemon):
    key = new_key(daemon, "elevenlabs", "--expires", "1ms")
    other = new_key(daemon, "other", "--expires", "1h")
    daemon.turn_until(lambda: "venci" in daemon.post(a_handoff(), **bearer(key))["detail"], "it to expire")
    assert daemon.post(a_handoff(), **bearer(other)).status == 200


def test_its_name_is_in_the_history_and_its_last_use_in_the_list(daemon):
    key = new_key(daemon)
    assert "used" not in keys_of(daemon)[0]
    answer = daemon.post(a_handoff(), **bearer(key))
    assert json.loads(command(daemon, "handoffs", answer["handoff_id"], "--json"))["caller"] == "elevenlabs"
    used = keys_of(daemon)[0]["used"]
    daemon.stop()                                       # which keeps it
    assert keys_of(daemon)[0]["used"] == used
    assert used.replace("T", " ").rstrip("Z") in daemon.run("key", "list", env={"TZ": "UTC"}).stdout


def test_the_key_itself_is_nowhere(daemon):
    key = new_key(daemon)
    daemon.post(a_handoff(), **bearer(key))
    secret = key.split("_")[2].encode()
    daemon.stop()
    for file in daemon.folder.rglob("*"):
        assert not file.is_file() or secret not in file.read_bytes(), file
    assert secret.decode() not in daemon.log


# -- in vendors.yaml --

def test_a_reload_brings_new_ones_and_takes_old_ones_away(start, twilio):
    def sections(**keys):
        return story.company(twilio, access={"keys": {name: {"hashes": [hash_of(key)]} for name, key in keys.items()}})
    daemon = start(sections(first="key-of-the-first-one"))
    assert daemon.post(a_handoff(), X_API_Key="key-of-the-first-one").status == 200
    daemon.configure(sections(second="key-of-the-second-one"))
    assert daemon.run("reload").returncode == EXIT_FINE
    assert daemon.post(a_handoff(), X_API_Key="key-of-the-first-one").status == 401
    assert daemon.post(a_handoff(), X_API_Key="key-of-the-second-one").status == 200
    revoke = daemon.run("key", "revoke", "second")
    assert revoke.returncode == EXIT_NO and "vendors.yaml" in revoke.stderr


def test_a_reload_does_not_open_the_door(start, twilio):
    daemon = start(story.company(twilio))
    daemon.configure(story.company(twilio, server={"public_url": "https://handoff.example.com"}))
    done = daemon.run("reload")
    assert done.returncode == EXIT_NO and "handoffd key new" in done.stderr
    assert daemon.post(a_handoff()).status == 200


@pytest.mark.parametrize("access, words", [
    ({"keys": {"a b": {"hashes": ["0" * 64]}}}, "a name has letters"),
    ({"keys": {"a": {"hashes": ["0" * 63]}}}, "64 digits"),
    ({"keys": {"a": {"hashes": ["0" * 64], "scope": "all"}}}, "handoff, read or admin"),
    ({"keys": {"a": {"hashes": ["0" * 64], "expires": "mañana"}}}, "2027-01-31"),
    ({"keys": {"a": {}}}, "hashes"),
    ({"keys": ["a"]}, "NAME"),
    ({"signers": {"a": {"secrets": ["whsec_short"]}}}, "24 to 64 bytes"),
    ({"per_key": -1}, "per_key"),
    ({"per_keys": 1}, "per_key"),
])
def test_faults_are_named(tmp_path, twilio, access, words):
    (tmp_path / "vendors.yaml").write_text(json.dumps(story.company(twilio, access=access)), "utf-8")
    done = run("check", cwd=tmp_path)
    assert done.returncode == EXIT_WRONG
    assert words in done.stderr and "vendors.yaml:1:" in done.stderr
    assert "whsec_short" not in done.stderr


def test_a_proxy_that_is_none_is_named(tmp_path, twilio):
    (tmp_path / "vendors.yaml").write_text(json.dumps(story.company(twilio, server={"trusted_proxies": ["10.0.0.0/33"]})), "utf-8")
    done = run("check", cwd=tmp_path)
    assert done.returncode == EXIT_WRONG and "10.0.0.0/33" in done.stderr


# -- before the body --

def test_the_answer_comes_before_the_body(daemon):
    new_key(daemon)
    raw = daemon.raw()
    raw.send(request_bytes(headers=("Host: localhost", "Content-Length: 60000", "Expect: 100-continue"), length=False))
    answer = raw.read_answer()
    assert (answer.status, answer.headers["connection"]) == (401, "close")     # no 100 Continue: nobody wants it
    raw.expect_close()


def test_a_body_that_came_along_is_passed_by(daemon):
    key = new_key(daemon)
    raw, body = daemon.raw(), json.dumps(a_handoff()).encode()
    good = request_bytes(headers=("Host: localhost", f"X-API-Key: {key}"), body=body)
    raw.send(request_bytes(body=body) + request_bytes(body=b"no JSON") + good + request_bytes(method="GET", path="/nowhere") + good)
    assert [raw.read_answer().status for _ in range(5)] == [401, 401, 200, 404, 200]


def test_a_chunked_body_is_not_waited_for(daemon):
    new_key(daemon)
    raw = daemon.raw()
    raw.send(request_bytes(headers=("Host: localhost", "Transfer-Encoding: chunked")) + b"5\r\nhello\r\n")
    assert raw.read_answer().status == 401
    raw.expect_close()


# -- how often --

def test_a_key_has_so_many_a_minute(start, twilio):
    daemon = start(story.company(twilio, access={"per_key": 3}))
    key, other = new_key(daemon), new_key(daemon, "other")
    assert [daemon.post(a_handoff(), **bearer(key)).status for _ in range(5)] == [200] * 3 + [429] * 2
    answer = expect_say(daemon.post(a_handoff(), **bearer(key)))
    assert 1 <= int(answer.headers["retry-after"]) <= 20
    assert daemon.post(a_handoff(), **bearer(other)).status == 200
    assert twilio.ledger.message_count == 4


def test_an_address_has_so_many_a_minute(start, twilio):
    daemon = start(story.company(twilio, server={"insecure": True, "trusted_proxies": ["192.0.2.0/24"]}, access={"per_address": 3}))

    def come(forwarded):
        return daemon.post(a_handoff(), X_Forwarded_For=forwarded).status
    assert [come("203.0.113.7") for _ in range(4)] == [200] * 3 + [429]
    assert come("1.2.3.4, 203.0.113.7") == 429                      # what strangers write counts for nothing
    assert come("203.0.113.7, 192.0.2.9") == 429                    # what our own proxies write does
    assert come("203.0.113.8") == 200


def test_a_conversation_has_so_many_a_minute(start, twilio):
    daemon = start(story.company(twilio, access={"per_conversation": 2}))
    first = a_handoff(conversation_id="conv_busy")
    others = [a_handoff(conversation_id="conv_busy", user_phone=f"+521551234000{i}") for i in range(3)]
    assert daemon.post(first).status == 200
    assert [daemon.post(first).status for _ in range(5)] == [200] * 5       # what was asked before tells nobody
    assert [daemon.post(other).status for other in others] == [200, 429, 429]
    assert daemon.post(a_handoff()).status == daemon.post(first).status == 200
    assert twilio.ledger.message_count == 3


def test_whoever_guesses_is_slowed_down_and_whoever_knows_is_not(start, twilio):
    daemon = start(story.company(twilio, access={"failures": 3}))
    key = new_key(daemon)
    assert [daemon.post(a_handoff(), X_API_Key=f"guess-{i}").status for i in range(5)] == [401] * 3 + [429] * 2
    assert daemon.post(a_handoff(), **bearer(key)).status == 200


# -- signed --

SECRETS = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"]


def signed(body, secret=SECRETS[0], id_="msg_1", at=None):
    at = str(int(time.time() if at is None else at))
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), f"{id_}.{at}.".encode() + body, hashlib.sha256)
    return {"webhook-id": id_, "webhook-timestamp": at, "webhook-signature": "v1," + base64.b64encode(mac.digest()).decode()}


@pytest.fixture
def signing(start, twilio):
    return start(story.company(twilio, access={"signers": {"crm": {"secrets": SECRETS}}}))


def test_a_signature_is_as_good_as_a_key(signing, twilio):
    for number, secret in enumerate(SECRETS):
        body = json.dumps(a_handoff()).encode()
        answer = signing.post(body, **signed(body, secret, f"msg_{number}"))
        assert answer.status == 200
        assert json.loads(command(signing, "handoffs", answer["handoff_id"], "--json"))["caller"] == "crm"
    assert signing.post(a_handoff()).status == 401


def test_one_that_is_wrong_old_or_heard_already_is_refused(signing, twilio):
    body = json.dumps(a_handoff()).encode()
    right = signed(body)
    assert signing.post(body + b" ", **right).status == 401
    assert signing.post(body, **{**right, "webhook-id": "msg_2"}).status == 401
    assert signing.post(body, **signed(body, "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFC")).status == 401
    assert signing.post(body, **signed(body, at=time.time() - 301)).status == 401
    assert signing.post(body, **signed(body, at=time.time() + 302)).status == 401
    assert signing.post(body, **right).status == 200
    assert signing.post(body, **right).status == 401                # the very same again
    again = signing.post(body, **signed(body, at=time.time() + 1))  # sent anew by its sender
    assert (again.status, again["duplicate"]) == (200, True)
    assert twilio.ledger.message_count == 1
