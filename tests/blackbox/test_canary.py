"""What the daemon writes never holds a phone, a name, a reason, a token or a key: log, metrics, answers, commands, core files."""
import concurrent.futures
import json
import os
import re
import signal
import subprocess
from urllib.parse import urlencode

import pytest

import behaviours
import callbacks
import canaries
import fates
import operations
import story
from account import ACCOUNT_SID, API_KEY_SID
from canaries import ANA, AUTH_TOKEN, CONVERSATION, CUSTOMER, DOTENV_VALUE, EXTRA, LUIS, PHONE_FORMS, SIGNER_SECRET, seen_in
from client import ENDPOINT, TIMEOUT_SECONDS, Client, request_bytes
from daemon import BINARY, EXIT_WRONG, LISTENING, Daemon, clean_environment
from signature import sign

NOTE = "cat >> alerts.txt; env >> environment.txt"
SALESPEOPLE = ("Anacleta", "Ludovico")
LEVELS = pytest.mark.parametrize("level", [(), ("--verbose",)], ids=["info", "verbose"])
CREDENTIALS = " | ".join((AUTH_TOKEN, canaries.API_KEY_SECRET, f"https://{ACCOUNT_SID}:{AUTH_TOKEN}@api.twilio.com/x", *PHONE_FORMS))
SPEECH = " | ".join((*CUSTOMER.values(), *EXTRA.values(), CONVERSATION, CREDENTIALS))      # 400 characters: none is cut off
EVERYTHING = f"{SPEECH} | {SIGNER_SECRET}"


@pytest.fixture
def flock(twilio, tmp_path):
    """A company whose every datum is a canary; a function that starts it at a level."""
    daemons = []

    def begin(level=(), **channel):
        sections = story.company(twilio, ANA, LUIS, server={"reply_within": "300ms"}, channel={"timeout": "1s", **channel},
                                 alerts={"to": ["luis"], "command": NOTE}, access={"signers": {"crm": {"secrets": [SIGNER_SECRET]}}},
                                 unknown={"ask_for": "2s", "times": 2, "give_up": "4s"})
        sections = story.called_back(sections)
        sections["channels"]["whatsapp"].update(auth_token="${AUTH_TOKEN}", api_key_sid=API_KEY_SID,
                                                api_key_secret=canaries.API_KEY_SECRET)
        daemon = Daemon(tmp_path, sections, {"AUTH_TOKEN": AUTH_TOKEN, "UNUSED": DOTENV_VALUE})
        daemon.arguments = level
        daemon.wrapper = ("sh", "-c", 'exec "$@" > stdout.txt', "sh")
        daemons.append(daemon)
        return daemon.start()
    yield begin
    for daemon in daemons:
        daemon.clean_up()


def signed(daemon, body):
    """A POST of a partner who signs."""
    import test_keys
    signed.count = getattr(signed, "count", 0) + 1
    return daemon.ask("POST", ENDPOINT, body, {"Content-Type": "application/json",
                                               **test_keys.signed(body, SIGNER_SECRET, f"msg_{signed.count}")})


def tell(daemon, **fields):
    """A handoff of the customer; each has a conversation of its own."""
    handoff = story.a_handoff(**{**CUSTOMER, **EXTRA, **fields})
    handoff["conversation_id"] += CONVERSATION
    return signed(daemon, json.dumps(handoff, ensure_ascii=False).encode())


def tell_all(daemon, count):
    """Side by side; what each was answered."""
    with concurrent.futures.ThreadPoolExecutor(16) as crowd:
        return list(crowd.map(lambda _: tell(daemon), range(count)))


def written(daemon, name):
    file = daemon.folder / name
    return file.read_text("utf-8", "replace") if file.exists() else ""


def expect_silence(daemon, *answers):
    """Nothing sings in what was written; answers and alerts, which are for people, may name a salesperson."""
    metrics = daemon.ask("GET", "/metrics").body.decode()
    daemon.stop()
    for text in (daemon.log, metrics, written(daemon, "stdout.txt"), written(daemon, "environment.txt")):
        assert seen_in(text) == []
    for text in (written(daemon, "alerts.txt"), *(f"{answer.headers} {answer.body.decode('utf-8')}" for answer in answers)):
        assert seen_in(text, SALESPEOPLE) == []


# -- what the provider says --

def echo(status, code, wrap="{}"):
    """It repeats everything that it knows: the message, the address, who asks and with what."""
    def behave(exchange):
        said = f"{SPEECH} {exchange.form['To']} {exchange.form.get('StatusCallback')} {canaries.whole_of(exchange.form)}"
        exchange.refuse(status, code, wrap.replace("{}", said).replace("{", "(").replace("}", ")"))
    return behave


def echo_raw(status, content_type):
    def behave(exchange):
        exchange.answer_raw(status, f"<html>{SPEECH} {exchange.form}</html>".encode(), content_type)
    return behave


def accept_with(**changes):
    """It takes the message, and says strange things of it."""
    def behave(exchange):
        exchange.answer(exchange.fine_status, {**exchange.accept(), **changes})
    return behave


def cut_at(length):
    """A token that does not fit any more is a token all the same; so is a number."""
    return behaviours.error(400, 21617, "x" * length + f" {AUTH_TOKEN} +5215550001111")


TROUBLE = [
    echo(400, 21211), echo(400, 21617), echo(400, 63016), echo(429, 20429), echo(500, 20500), echo(503, 20503), echo(404, 20404),
    echo(400, 21656, "Invalid variables: {}"), echo_raw(500, "text/html"), echo_raw(400, "application/json"),
    echo_raw(201, "application/json"), accept_with(sid=SPEECH), accept_with(status=SPEECH), behaviours.nonsense(json.dumps({"sid": 7, "message": SPEECH}).encode()),
    behaviours.nonsense(SPEECH.encode()), behaviours.html_error(502), behaviours.garbage(), behaviours.reset(),
    behaviours.cut_in_body(), behaviours.cut_in_head(), behaviours.close_after_reading(False), behaviours.hang(),
    behaviours.huge(2), behaviours.drip(0.1), behaviours.slow(0.5), behaviours.error(400, 21610), behaviours.error(429, 20429)]
FATES = [fates.undelivered(63024), fates.failed(63016), fates.read(), fates.untold(fates.undelivered(63003)),
         fates.told(fates.read(), callbacks.with_more_fields), fates.backwards(fates.read()),
         *(fates.forged(fates.undelivered(63024), way) for way in (*callbacks.FORGED.values(), *callbacks.MISLEADING.values()))]


@LEVELS
@pytest.mark.parametrize("template", [None, {"sid": "HX" + "1" * 32, "variables": ["cliente", "telefono", "motivo", "contexto"]}],
                         ids=["text", "template"])
def test_whatever_the_provider_says(flock, twilio, level, template):
    daemon = flock(level, template=template)
    twilio.next(*TROUBLE)
    twilio.next_asks(behaviours.error(500, 20500, SPEECH), behaviours.nonsense(SPEECH.encode()), echo_ask(404), behaviours.garbage())
    answers = tell_all(daemon, len(TROUBLE))
    twilio.next_fates(*FATES)
    answers += tell_all(daemon, len(FATES))
    daemon.turn_until(lambda: "ready" not in operations.command(daemon, "handoffs", "--unfinished"), "what is under way")
    shown = operations.command(daemon, "alerts") + daemon.log
    assert {answer.status for answer in answers} >= {200, 202} and "state=" in shown
    expect_silence(daemon, *answers)


def echo_ask(status):
    return behaviours.error(status, 20404, SPEECH)


@LEVELS
@pytest.mark.parametrize("status, code", [(401, 20003), (400, 63007), (429, 63038)])
def test_whatever_is_said_of_the_account(flock, twilio, level, status, code):
    daemon = flock(level)
    twilio.always(echo(status, code))
    answers = tell_all(daemon, 3)
    operations.wait_for_alerts(daemon, "channel whatsapp")
    said = operations.command(daemon, "alerts") + json.dumps(operations.alerts(daemon), ensure_ascii=False)
    assert str(code) in said and seen_in(said) == []
    daemon.turn_until(lambda: written(daemon, "environment.txt"), "the command")
    expect_silence(daemon, *answers)


def test_the_next_customer_does_not_hear_of_the_one_before(flock, twilio):
    """Why a channel is closed is said to whoever finds it closed."""
    daemon = flock()
    twilio.always(echo(401, 20003))
    tell(daemon)
    operations.wait_for_alerts(daemon, "channel whatsapp")
    other = signed(daemon, json.dumps(story.a_handoff(user_phone="+34600000000", reason="Una avería")).encode())
    assert other.status == 500 and twilio.ledger.sends_about("avería") == []
    expect_silence(daemon, other)


def test_a_secret_that_was_cut_is_a_secret(flock, twilio):
    daemon = flock(("--verbose",))
    twilio.next(*(cut_at(length) for length in range(440, 520, 2)))
    answers = tell_all(daemon, 40)
    expect_silence(daemon, *answers)


def test_what_a_history_tells_is_what_happened_and_not_to_whom(flock, twilio):
    daemon = flock()
    twilio.always(echo(400, 21617))
    handoff = tell(daemon)["handoff_id"]
    operations.wait_for_state(daemon, handoff, "held")
    told = operations.story_of(daemon, handoff)
    assert "21617" in json.dumps(told)
    assert seen_in(json.dumps([told["events"], told.get("trace")], ensure_ascii=False)) == []
    expect_silence(daemon)


def test_a_start_that_finds_trouble(flock, twilio):
    daemon = flock(("--verbose",))
    twilio.always(behaviours.hang(accepted=False))
    tell_all(daemon, 4)
    daemon.kill()
    twilio.always(echo(400, 21211))
    twilio.always_asks(behaviours.error(500, 20500, SPEECH))
    daemon.restart()
    daemon.wait_for_log("state=ambiguous", count=4, this_run=True)
    expect_silence(daemon)


# -- what clients say --

def hostile(daemon, token):
    """Requests that say it all in places where nobody should."""
    good = json.dumps({**CUSTOMER, **EXTRA}, ensure_ascii=False)
    twice = good[:-1] + ', "user_phone": "+5215550001111"}'
    names = json.dumps({**CUSTOMER, **{f"{word} {i}": "x" for word in EVERYTHING.split(" | ") for i in range(4)}})
    bodies = [good[:-9], good + good, twice, names, json.dumps(EVERYTHING), json.dumps({"user_phone": EVERYTHING, "reason": ""}),
              json.dumps({**CUSTOMER, "Zacarías Canario": "y" * 3000}), json.dumps({**CUSTOMER, "user_name": "Zacarías" * 90}),
              good.encode("utf-16").decode("latin-1"), "[" * 3000 + good, '{"reason": "\\ud800 ' + EVERYTHING]
    for body in bodies:
        yield signed(daemon, body.encode())
    secret = {"Authorization": f"Bearer {canaries.CLIENT_KEY}", "X-Forwarded-For": "+5215550001111", "Idempotency-Key": SPEECH[:99]}
    for path in (ENDPOINT, "/metrics", "/" + urlencode({"q": SPEECH}), f"/hooks/whatsapp/{token}?{urlencode({'q': SPEECH})}", "/readyz"):
        for method in ("GET", "POST", "DELETE"):
            yield daemon.ask(method, path, good.encode(), {k: v.encode() for k, v in secret.items()})


def raw_ends(daemon):
    """Answers to what is not HTTP."""
    for data in (f"GET /{CUSTOMER['user_phone']} HTTP/9.9\r\n{AUTH_TOKEN}\r\n\r\n".encode(),
                 b"POST " + ENDPOINT.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 5550001111\r\n\r\n",
                 request_bytes(headers=("Host: a", f"X-Canary {SIGNER_SECRET}"))):
        with daemon.raw() as raw:
            raw.send(data)
            yield raw.read_answer()


@LEVELS
def test_whatever_clients_say(flock, twilio, level):
    daemon = flock(level)
    tell(daemon)
    url = twilio.ledger.sends[0].form["StatusCallback"]
    answers = [*hostile(daemon, url.rpartition("/")[2]), *raw_ends(daemon)]
    assert {400, 401, 404, 422} <= {answer.status for answer in answers}
    echoed = (*canaries.WORDS, *canaries.DIGITS)            # a field's name, to whom it came from
    assert not [secret for answer in answers for secret in seen_in(answer.body.decode("utf-8"), echoed)]
    expect_silence(daemon)


@LEVELS
def test_whoever_forges_a_callback_learns_nothing(flock, twilio, level):
    daemon = flock(level)
    tell(daemon)
    url = twilio.ledger.sends[0].form["StatusCallback"]
    fields = {"MessageSid": SPEECH, "MessageStatus": SPEECH, "To": CUSTOMER["user_phone"], "AccountSid": ACCOUNT_SID,
              "ErrorMessage": SPEECH, "ErrorCode": "63024", "ChannelStatusMessage": SPEECH}
    answers = []
    for signature in ("", AUTH_TOKEN, sign(url, list(fields.items()), "another"), sign(url, list(fields.items()), AUTH_TOKEN)):
        for status in (SPEECH, "undelivered", "failed"):
            form = {**fields, "MessageStatus": status}
            true = sign(url, list(form.items()), AUTH_TOKEN) if signature == sign(url, list(fields.items()), AUTH_TOKEN) else signature
            answers.append(daemon.ask("POST", url[url.index("/hooks"):], urlencode(form).encode(),
                                      {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": true}))
            assert true == "" or true not in daemon.log
    token = url.rpartition("/")[2]
    assert {403, 204} <= {answer.status for answer in answers}, [answer.status for answer in answers]
    expect_silence(daemon, *answers)
    assert token not in daemon.log


# -- what operators do --

FAULTS = {
    "open quote": "auth_token: \"{token}\n",
    "a list": "auth_token: [{token}]\n",
    "a group": "auth_token: {{a: {token}}}\n",
    "two colons": "auth_token: a: {token}\n",
    "a tab": "\tauth_token: {token}\n",
    "twice": "auth_token: {token}\n      auth_token: {token}2\n",
    "an alias": "auth_token: *{token}\n",
    "a tag": "auth_token: !{token} x\n",
    "a bad escape": "auth_token: \"\\q{token}\"\n",
    "a lone variable": "auth_token: ${{{token}\n",
    "another name": "auth_tokn: {token}\n",
    "another type": "auth_token: {token}\n      timeout: {token}\n",
    "a variable elsewhere": "auth_token: x\n      timeout: ${{TOKEN}}\n",
    "a file that is not there": "auth_token: x\n      auth_token_file: /nowhere/{token}\n",
    "nothing": "auth_token: {token}\n      from: ''\n",
    "a wrong number": "auth_token: {token}\n      from: \"+52 {phone} {token}\"\n",
    "an API key": "api_key_sid: {token}\n      api_key_secret: [{token}]\n",
    "a signer": "auth_token: x\naccess: {{signers: {{crm: {{secrets: [\"{token}\"]}}}}}}\n",
    "a key for its hash": "auth_token: x\naccess: {{keys: {{crm: {{hashes: [\"{key}\"]}}}}}}\n",
    "a second document": "auth_token: x\n---\nauth_token: {token}\n",
    "no name": "auth_token: x\n      {token}\n",
}


def faulty(twilio, fault):
    line = FAULTS[fault].format(token=AUTH_TOKEN, key=canaries.CLIENT_KEY, phone="5550001111")
    return (f"company: {{name: X, country: MX}}\nvendors:\n  - {{id: ana, name: Anacleta Torres, notify: {{whatsapp: \"+573105550022\"}}}}\n"
            f"routing: [round_robin]\nserver: {{listen: \"127.0.0.1:0\"}}\nstore: {{path: data/handoffd.db}}\n"
            f"channels:\n  whatsapp:\n      plugin: twilio_whatsapp\n      account_sid: {ACCOUNT_SID}\n"
            f"      api_base: {twilio.url}\n      {line}")


def expect_a_fault(done):
    assert done.returncode != 0 and "vendors.yaml" in done.stderr, done
    assert seen_in(done.stdout + done.stderr) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_file_does_not_show_the_line(tmp_path, twilio, fault):
    daemon = Daemon(tmp_path, faulty(twilio, fault), {"TOKEN": AUTH_TOKEN})
    for language in ({}, operations.IN_SPANISH):
        expect_a_fault(daemon.run("check", env=language))
    daemon.spawn()
    assert daemon.wait_for_exit() == EXIT_WRONG
    assert seen_in(daemon.log) == []


def test_a_reload_that_fails_does_not_show_the_line(flock, twilio):
    daemon = flock(("--verbose",))
    for fault in FAULTS:
        daemon.configure(faulty(twilio, fault))
        expect_a_fault(daemon.run("reload"))
    expect_silence(daemon)


def test_a_fault_in_dotenv_does_not_show_the_line(tmp_path, twilio):
    daemon = Daemon(tmp_path, story.company(twilio, ANA))
    (tmp_path / ".env").write_text(f"A {AUTH_TOKEN}\nB=\"{AUTH_TOKEN}\nC='{AUTH_TOKEN}' {AUTH_TOKEN}\n{AUTH_TOKEN}\n=x{AUTH_TOKEN}\n")
    done = daemon.run("check")
    assert ".env:1" in done.stderr and seen_in(done.stderr) == []


@pytest.mark.parametrize("command", [("check", "--online"), ("send-test", "ana")])
@pytest.mark.parametrize("behaviour", [behaviours.error(401, 20003, CREDENTIALS), behaviours.error(404, 20404, CREDENTIALS),
                                       behaviours.error(400, 21211, CREDENTIALS), behaviours.garbage(),
                                       behaviours.error(400, 21211, "x" * 490 + AUTH_TOKEN)],
                         ids=["401", "404", "400", "garbage", "cut"])
def test_whatever_the_provider_says_to_a_command(tmp_path, twilio, command, behaviour):
    twilio.always(behaviour)
    twilio.always_asks(behaviour)
    channel = {"content_base": twilio.url, "messaging_base": twilio.url, "timeout": "1s", "api_key_sid": API_KEY_SID,
               "api_key_secret": canaries.API_KEY_SECRET}
    done = Daemon(tmp_path, story.company(twilio, ANA, channel=channel)).run(*command)
    assert done.returncode != 0
    assert seen_in(done.stdout + done.stderr, SALESPEOPLE) == []


def test_a_provider_that_is_not_there(tmp_path, twilio):
    """curl's words of a URL."""
    base = f"http://user:{AUTH_TOKEN}@127.0.0.1:1/5550001111"
    done = Daemon(tmp_path, story.company(twilio, ANA, channel={"api_base": base})).run("send-test", "ana")
    assert done.returncode != 0 and seen_in(done.stdout + done.stderr, SALESPEOPLE) == []


# -- when it dies --

def dump(*command, cwd, then):
    """Runs it with cores of any size, kills it with each signal; how it ended, and what it left."""
    process = subprocess.Popen(["sh", "-c", 'ulimit -c unlimited && exec "$@"', "sh", *map(str, command)], cwd=cwd,
                               env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    then(process)
    _, status = os.waitpid(process.pid, 0)
    process.stderr.close()
    process.returncode = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    return os.WCOREDUMP(status), [file for file in cwd.rglob("*core*") if file.is_file()]


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV, signal.SIGQUIT], ids=lambda number: number.name)
def test_it_leaves_no_core(tmp_path, twilio, number):
    (control := tmp_path / "control").mkdir()
    is_dumped, _ = dump("sh", "-c", f"kill -{int(number)} $$", cwd=control, then=lambda process: None)
    if not is_dumped:
        pattern = open("/proc/sys/kernel/core_pattern", encoding="ascii").read().strip()
        pytest.skip(f"nobody leaves a core here (core_pattern: {pattern})")
    sections = story.company(twilio, ANA, server={"reply_within": "300ms"})
    (folder := tmp_path / "daemon").mkdir()
    (folder / "vendors.yaml").write_text(json.dumps(sections), "utf-8")

    def work_and_die(process):
        listening = next(match for line in process.stderr if (match := re.search(LISTENING, line.decode())))
        with Client(int(listening[1])) as client:
            assert client.post({**CUSTOMER, "conversation_id": CONVERSATION}).status == 200
        process.send_signal(number)
    is_dumped, cores = dump(BINARY, "serve", cwd=folder, then=work_and_die)
    assert (is_dumped, cores) == (False, [])
