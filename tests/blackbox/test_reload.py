"""A changed vendors.yaml, taken over by the running daemon: by `handoffd reload`, and by SIGHUP."""
import collections
import concurrent.futures
import re
import signal
import threading

import pytest

import behaviours
import fates
import operations
import story
from behaviours import Gate
from daemon import BINARY, EXIT_WRONG, REPOSITORY, Daemon
from operations import IN_SPANISH, command, refused, wait_for_state
from story import ANA, DIEGO, LUIS, a_handoff, address

TAKEN = r"^\[INFO\] the configuration was read anew"
IS_SANITIZED = b"__asan_init" in BINARY.read_bytes() if BINARY.exists() else False


def company(twilio, *vendors, **sections):
    return story.company(twilio, *vendors, **{"server": {"reply_within": "300ms"}, **sections})


@pytest.fixture
def office(start, twilio):
    return start(company(twilio, ANA))


def by_command(daemon):
    assert command(daemon, "reload").strip() == f"{daemon.file}: fine, in use now"


def by_signal(daemon):
    before = len(re.findall(TAKEN, daemon.log, re.MULTILINE))
    daemon.signal(signal.SIGHUP)
    daemon.wait_for_log(TAKEN, count=before + 1)


def told(daemon, twilio):
    """Who gets a handoff now."""
    handoff = a_handoff()
    answer = daemon.post(handoff)
    message = twilio.ledger.wait_about(handoff["conversation_id"])
    return answer, message.to


# -- people --

@pytest.mark.parametrize("reload", [by_command, by_signal])
def test_a_person_who_was_added_is_told_and_one_who_was_removed_is_not(office, twilio, reload):
    assert told(office, twilio)[1] == address(ANA)
    office.configure(company(twilio, ANA, LUIS))
    reload(office)
    assert {told(office, twilio)[1] for _ in range(2)} == {address(ANA), address(LUIS)}
    office.configure(company(twilio, LUIS))
    reload(office)
    assert {told(office, twilio)[1] for _ in range(3)} == {address(LUIS)}


def test_turns_go_on_where_they_were(start, twilio):
    daemon = start(company(twilio, ANA, LUIS, DIEGO))
    assert told(daemon, twilio)[1] == address(ANA)
    by_command(daemon)
    assert told(daemon, twilio)[1] == address(LUIS)
    by_command(daemon)
    assert told(daemon, twilio)[1] == address(DIEGO)


def test_a_new_name_is_what_the_agent_says(office, twilio):
    office.configure(company(twilio, {**ANA, "name": "Ana María"}))
    by_command(office)
    answer, _ = told(office, twilio)
    assert answer["vendor"] == {"id": "ana", "name": "Ana María"} and answer["say"].startswith("Ana María")


def test_a_new_address_is_told_what_waits_for_the_old_one(office, twilio):
    twilio.always(behaviours.error(429, 20429, retry_after=60))
    handoff = a_handoff()
    handoff_id = office.post(handoff)["handoff_id"]
    wait_for_state(office, handoff_id, "assigned", "deferred")
    twilio.always(behaviours.accept)
    moved = {**ANA, "notify": {"whatsapp": "+573000000009"}}
    office.configure(company(twilio, moved))
    by_command(office)
    assert told(office, twilio)[1] == address(moved)
    command(office, "retry", handoff_id)
    assert twilio.ledger.wait_about(handoff["conversation_id"]).to == address(moved)


def test_the_message_and_the_sentences_too(office, twilio):
    office.configure(company(twilio, ANA, message="Te buscan: {motivo}", say={"sent": "Listo, avisé a {vendedor}."}))
    by_command(office)
    handoff = a_handoff(reason="robots azules")
    assert office.post(handoff)["say"] == "Listo, avisé a Ana Torres."
    assert twilio.ledger.messages[-1].text == "Te buscan: robots azules"


# -- credentials and channels --

@pytest.mark.parametrize("reload", [by_command, by_signal])
def test_mended_credentials_let_everything_out_that_was_held(start, twilio, reload):
    daemon = start(company(twilio, ANA, channel={"auth_token": "not-the-token-of-the-account-000"}))
    handoffs = [a_handoff() for _ in range(20)]
    for handoff in handoffs:
        assert daemon.post(handoff).status == 500
    sends = len(twilio.ledger.sends)
    assert sends < 10, "each of them knocked at a closed door"
    daemon.configure(company(twilio, ANA))
    reload(daemon)
    twilio.ledger.wait_for(20)
    for handoff in handoffs:
        daemon.turn_until(lambda handoff=handoff: daemon.post(handoff).status == 200, "the agent to hear so")
    assert all(len(twilio.ledger.about(handoff["conversation_id"])) == 1 for handoff in handoffs)


def test_the_dotenv_is_read_anew(start, twilio):
    daemon = start(company(twilio, ANA, channel={"auth_token": "${TOKEN}"}), dotenv={"TOKEN": "wrong-wrong-wrong-wrong-wrong-00"})
    handoff = a_handoff()
    assert daemon.post(handoff).status == 500
    daemon.configure(daemon.file.read_text("utf-8"), dotenv={"TOKEN": story.AUTH_TOKEN})
    by_command(daemon)
    twilio.ledger.wait_about(handoff["conversation_id"])


def renamed(twilio, **changes):
    """The same account under another name: as far as the daemon knows, another channel."""
    sections = company(twilio, {**ANA, "notify": {"ventas": ANA["notify"]["whatsapp"]}}, **changes)
    sections["channels"]["ventas"] = sections["channels"].pop("whatsapp")
    return sections


def test_what_is_on_its_way_ends_on_the_channel_that_carries_it(office, twilio):
    gate = Gate()
    twilio.next(behaviours.hold(gate))
    first, second = a_handoff(), a_handoff()
    handoff_id = office.post(first)["handoff_id"]
    twilio.ledger.wait_for_sends(1)
    office.configure(renamed(twilio))
    by_command(office)
    assert office.post(second).status == 200
    gate.open()
    wait_for_state(office, handoff_id, "notified", "sent")
    again = office.post(first)
    assert (again.status, again["message_sid"]) == (200, twilio.ledger.about(first["conversation_id"])[0].sid)
    office.stop()
    assert len(twilio.ledger.sends) == 2


def test_what_was_on_its_way_and_is_deferred_goes_by_the_new_channel(office, twilio):
    gate = Gate()
    twilio.next(behaviours.hold(gate, behaviours.error(429, 20429)))
    handoff = a_handoff()
    handoff_id = office.post(handoff)["handoff_id"]
    twilio.ledger.wait_for_sends(1)
    office.configure(renamed(twilio))
    by_command(office)
    gate.open()
    wait_for_state(office, handoff_id, "notified", "sent")
    assert [a["channel"] for a in operations.story_of(office, handoff_id)["attempts"]] == ["whatsapp", "ventas"]
    assert len(twilio.ledger.about(handoff["conversation_id"])) == 1


def test_the_daemon_stops_in_good_order_with_an_old_channel_still_at_work(office, twilio):
    gate = Gate()
    twilio.next(behaviours.hold(gate))
    handoff = a_handoff()
    office.post(handoff)
    twilio.ledger.wait_for_sends(1)
    office.configure(renamed(twilio))
    by_command(office)
    office.signal(signal.SIGTERM)
    office.wait_for_log("stopping")
    gate.open()
    assert office.wait_for_exit() == 0
    office.restart()
    assert office.post(handoff).status == 200 and len(twilio.ledger.sends) == 1


def test_calls_about_messages_of_before_are_still_taken(start, twilio):
    gate = Gate()
    twilio.fate(fates.later(gate, fates.delivered()))
    sections = story.called_back(company(twilio, ANA))
    daemon = start(sections)
    handoff = a_handoff()
    daemon.post(handoff)
    by_command(daemon)
    gate.open()
    daemon.wait_for_attempts(handoff, "delivered")


# -- files that are wrong --

def wrong(name):
    """(what is wrong in the file, where the verdict must point, a word of it)"""
    good = 'company: {name: "x"}\n'
    return {
        "an unknown key": (good + "vendors:\n  - {id: ana, nmae: Ana}\n", r":3:15: ", "nmae"),
        "an option of a plugin": ('channels:\n  whatsapp:\n    plugin: twilio_whatsapp\n    timeout: banana\n'
                                  'vendors: [{id: ana, notify: {whatsapp: "+573000000001"}}]\n', r":4:14: ", "banana"),
        "a plugin that there is not": ("channels: {x: {plugin: telegraph}}\nvendors: [{id: ana, notify: {x: }}]\n",
                                       r":1:24: ", "telegraph"),
        "a variable that is not set": ("company:\n  name: $" + "{NOBODY_SET_THIS}\n", r":2:9: ", "NOBODY_SET_THIS"),
    }[name]


WRONG = ["an unknown key", "an option of a plugin", "a plugin that there is not", "a variable that is not set"]


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_file_changes_nothing_and_the_verdict_points_at_it(office, twilio, what):
    text, where, word = wrong(what)
    office.configure(text)
    words = refused(office, "reload")
    assert re.search(r"vendors\.yaml" + where, words), words
    assert word in words and words.rstrip().endswith("nothing was changed")
    assert told(office, twilio)[1] == address(ANA)
    office.configure(company(twilio, LUIS))
    by_command(office)
    assert told(office, twilio)[1] == address(LUIS)


@pytest.mark.parametrize("text, where", [("vendors: [\n", r":\d+:\d+: error"), ("vendors:\n\t- {id: ana}\n", r":2:1: error: .*tab")])
def test_what_is_no_yaml_does_not_even_say_where_the_daemon_is(office, twilio, text, where):
    good = office.file.read_text("utf-8")
    office.configure(text)
    assert re.search(r"vendors\.yaml" + where, refused(office, "reload", code=EXIT_WRONG))
    answer = operations.ask(office, "POST", "/reload")
    assert answer.status == 422 and re.search(r"vendors\.yaml" + where, answer["detail"])
    assert told(office, twilio)[1] == address(ANA)
    office.configure(good)
    by_command(office)


def test_all_faults_at_once_in_order(office):
    office.configure("company: {name: x, cuontry: MX}\nvendors:\n  - {id: ana}\n  - {id: ana}\nroutnig: []\n")
    words = refused(office, "reload")
    at = [int(line) for line in re.findall(r"vendors\.yaml:(\d+):\d+: error", words)]
    assert at == sorted(at) and {1, 4, 5} <= set(at), words


def test_a_plugin_that_does_not_start_is_named(office, twilio):
    office.configure(company(twilio, ANA, channel={"from": "hola"}))
    words = refused(office, "reload")
    assert "from" in words and "nothing was changed" in words
    assert told(office, twilio)[1] == address(ANA)


def test_a_missing_file_changes_nothing(office, twilio):
    text = office.file.read_text("utf-8")
    office.file.unlink()
    done = operations.ask(office, "POST", "/reload")
    assert done.status == 422 and "vendors.yaml" in done["detail"]
    office.configure(text)
    assert told(office, twilio)[1] == address(ANA)


def test_a_wrong_file_by_signal_is_in_the_log(office, twilio):
    office.configure("company: {nmae: x}\n")
    office.signal(signal.SIGHUP)
    office.wait_for_log(r"^\[ERROR\] the new configuration is not used")
    office.wait_for_log(r"vendors\.yaml:1:11: error: .*nmae")
    assert told(office, twilio)[1] == address(ANA)


def test_a_secret_of_the_file_stays_out_of_the_log(start, twilio):
    secret = "super-secret-token-0123456789abcd"
    daemon = start(company(twilio, ANA))
    for text in (company(twilio, ANA, channel={"auth_token": secret}),
                 company(twilio, ANA, channel={"auth_token": secret, "timeout": "banana"})):
        daemon.configure(text)
        daemon.signal(signal.SIGHUP)
        assert secret not in operations.ask(daemon, "POST", "/reload").body.decode()
    daemon.post(a_handoff())
    assert secret not in daemon.log


# -- what a reload cannot change --

MOVED = {"server.listen": {"server": {"listen": "127.0.0.1:1"}}, "server.control": {"server": {"control": "elsewhere.sock"}},
         "server.max_connections": {"server": {"max_connections": 99}},
         "store.path": {"store": {"path": "elsewhere.db"}, "server": {"control": operations.SOCKET}}}


@pytest.mark.parametrize("what", MOVED)
def test_what_needs_a_start_is_said(office, twilio, what):
    """Otherwise somebody waits for what never comes."""
    office.configure(story.company(twilio, ANA, **MOVED[what]))
    operations.ask(office, "POST", "/reload")
    words = operations.ask(office, "POST", "/reload")           # the second one knows it too
    assert words.status == 200
    assert words["verdict"].splitlines()[:-1] == [f"{what} stays as it was until the next start"]
    assert told(office, twilio)[1] == address(ANA)


def test_by_signal_it_is_said_in_the_log(office, twilio):
    office.configure(story.company(twilio, ANA, store={"path": "elsewhere.db"}))
    office.signal(signal.SIGHUP)
    office.wait_for_log("store.path stays as it was until the next start")
    assert "with the same vendors.yaml?" in refused(office, "reload", code=EXIT_WRONG)      # it looks beside the new one
    assert not (office.folder / "elsewhere.db").exists()


# -- what it can, of the keys that no person sees; server.public_url has its own story in test_hooks.py --

def changed(office, twilio, **sections):
    """The office, after a reload in which nothing had to wait for the next start."""
    office.configure(company(twilio, ANA, **sections))
    by_command(office)
    return office


def test_reply_within_is_the_new_one(start, twilio):
    daemon = start(company(twilio, ANA, server={"reply_within": "1m"}))
    gate = Gate()
    twilio.next(behaviours.hold(gate))
    changed(daemon, twilio, server={"reply_within": "100ms"})
    handoff = a_handoff()
    assert (daemon.post(handoff).status, daemon.post(handoff)["status"]) == (202, "queued")
    gate.open()
    twilio.ledger.wait_about(handoff["conversation_id"])


def test_dedupe_window_is_the_new_one(office, twilio):
    handoff = a_handoff()
    first = office.post(handoff)["handoff_id"]
    assert office.post(handoff)["handoff_id"] == first
    changed(office, twilio, server={"dedupe_window": "1ms"})
    assert office.post(handoff)["handoff_id"] != first


def test_max_open_is_the_new_one(office, twilio):
    gate = Gate()
    twilio.next(behaviours.hold(gate))
    waiting = a_handoff()
    assert office.post(waiting).status == 202
    changed(office, twilio, server={"max_open": 1})
    assert office.post(a_handoff()).status == 503
    gate.open()
    twilio.ledger.wait_about(waiting["conversation_id"])


def test_whom_it_trusts_is_the_new_one(office, twilio):
    forwarded = {"X_Forwarded_For": "203.0.113.7, 192.0.2.9"}
    assert office.post(a_handoff(), **forwarded).status == 401
    changed(office, twilio, server={"insecure": True}, access={"per_address": 1})
    assert [office.post(a_handoff(), **forwarded).status for _ in range(2)] == [200, 429]
    changed(office, twilio, server={"insecure": True, "trusted_proxies": ["192.0.2.9"]}, access={"per_address": 1})
    assert [office.post(a_handoff(), **forwarded).status for _ in range(2)] == [200, 429]       # the customer's side of it


def test_min_free_mb_is_the_new_one(office, twilio):
    changed(office, twilio, store={"path": "data/handoffd.db", "min_free_mb": 1000000000})
    assert office.post(a_handoff()).status == 503
    changed(office, twilio, store={"path": "data/handoffd.db", "min_free_mb": 0})
    assert office.post(a_handoff()).status == 200


def test_every_key_of_server_has_a_test_here():
    """One that was added changes at a reload, or is named: say which."""
    source = (REPOSITORY / "core/settings/own.c").read_text("utf-8")
    rows = re.search(r"server_rows\[\] = \{(.*?)\n\};", source, re.DOTALL)[1]
    keys = set(re.findall(r'HANDOFFD_OPTION_\w+\(\s*"(\w+)"', rows))
    stays = {key.removeprefix("server.") for key in MOVED if key.startswith("server.")}
    assert keys == stays | {"reply_within", "dedupe_window", "max_open", "public_url", "trusted_proxies", "insecure"}


def test_what_a_reload_can_change_is_said_to_be_in_use(office, twilio):
    office.configure(company(twilio, LUIS))
    assert "until the next start" not in command(office, "reload")


def test_warnings_are_shown_and_the_file_is_used(office, twilio):
    office.configure(company(twilio, ANA, alerts={"to": ["ana"], "command": "cat"}))
    by_command(office)
    sections = company(twilio, ANA, {**LUIS, "example": True}, alerts={"to": ["luis"]})
    office.configure(sections)
    words = command(office, "reload")
    assert "warning" in words and "luis" in words and "fine, in use now" in words


# -- language, use --

def test_in_spanish(start, twilio):
    daemon = start(company(twilio, ANA), env=IN_SPANISH)
    assert command(daemon, "reload", env=IN_SPANISH).strip() == f"{daemon.file}: en orden, ya en uso"
    daemon.configure("company: {nmae: x}\n")
    words = refused(daemon, "reload", env=IN_SPANISH)
    assert "no se cambió nada" in words and "vendors.yaml:1:11: error: " in words
    daemon.configure(story.company(twilio, ANA, store={"path": "otra.db"}))
    assert "store.path sigue como estaba hasta el próximo arranque" in operations.ask(daemon, "POST", "/reload")["verdict"]


def test_wrong_use(tmp_path, twilio, daemon):
    refused(daemon, "reload", "now", code=EXIT_WRONG)
    assert "is it running" in refused(Daemon(tmp_path, story.company(twilio)), "reload", code=EXIT_WRONG)


# -- many of them --

RELOADS, CLIENTS = 50, 4


class Caller(threading.Thread):
    """Posts until it is told to stop, and keeps what it was answered."""

    def __init__(self, daemon, stopping):
        super().__init__(daemon=True)
        self._daemon, self._stopping, self.answers = daemon, stopping, []

    def run(self):
        with self._daemon.client() as client:
            while not self._stopping.is_set():
                handoff = a_handoff()
                self.answers.append((handoff["conversation_id"], client.post(handoff).status))


def test_fifty_reloads_under_load_lose_nothing_and_leak_nothing(start, twilio):
    twilio.always(behaviours.alternate(*[behaviours.accept] * 7, behaviours.slow(0.02), behaviours.error(429, 20429)))
    files = [company(twilio, ANA, LUIS, channel={"deliver_within": "1h"}),
             company(twilio, LUIS, DIEGO, channel={"timeout": "5s", "deliver_within": "1h"})]
    daemon = start(files[0])
    stopping = threading.Event()
    callers = [Caller(daemon, stopping) for _ in range(CLIENTS)]
    figures = []
    for caller in callers:
        caller.start()
    for number in range(RELOADS):
        messages = len(twilio.ledger.messages)
        daemon.configure(files[(number + 1) % 2])
        assert operations.ask(daemon, "POST", "/reload").status == 200
        twilio.ledger.wait_for(messages + 3)
        if number in (RELOADS // 2, RELOADS - 1):
            figures.append((operations.open_files(daemon), operations.memory_kb(daemon)))
    stopping.set()
    twilio.always(behaviours.accept)
    for caller in callers:
        caller.join()
    answers = [answer for caller in callers for answer in caller.answers]
    assert {status for _, status in answers} <= {200, 202}
    twilio.ledger.wait_until(lambda: len({c for m in twilio.ledger.messages for c in re.findall(r"conv_\d+", m.text)}) ==
                             len(answers), "every handoff to be sent")
    office = collections.Counter(re.search(r"conv_\d+", m.text)[0] for m in twilio.ledger.messages)
    assert set(office.values()) == {1}, "somebody was told twice"
    (files_before, memory_before), (files_after, memory_after) = figures
    assert files_after <= files_before + 5, "descriptors leak"
    if not IS_SANITIZED:
        assert memory_after - memory_before < 4096, f"{memory_before} kB, later {memory_after} kB"
    assert command(daemon, "verify")


def test_a_hundred_reloads_of_an_idle_daemon_leave_it_as_it_was(office):
    for _ in range(20):
        operations.ask(office, "POST", "/reload")
    files, memory = operations.open_files(office), operations.memory_kb(office)
    for _ in range(100):
        assert operations.ask(office, "POST", "/reload").status == 200
    office.turn_until(lambda: operations.open_files(office) <= files, "the last connection to be closed")
    if not IS_SANITIZED:
        assert operations.memory_kb(office) - memory < 1024


def test_reloads_at_the_same_moment_are_all_answered(office, twilio):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(operations.ask, office, "POST", "/reload") for _ in range(16)]
        for _ in range(4):
            office.signal(signal.SIGHUP)
        assert {answer.result().status for answer in answers} == {200}
    assert told(office, twilio)[1] == address(ANA)
