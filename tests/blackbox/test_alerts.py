"""`alerts:`: people hear that something is wrong: once, and once more when it is mended; and never of a customer."""
import json
import re
import sqlite3
import time

import pytest

import behaviours
import fates
import operations
import story
from behaviours import Gate
from operations import IN_SPANISH, alerts, command, wait_for_alerts, wait_for_state
from store import query_all
from story import ANA, DIEGO, LUIS, a_handoff, address

BOSS = {"id": "jefa", "name": "Rosa Díaz", "notify": {"whatsapp": "+573000000077"}}
BAD_TOKEN, BAD_TEMPLATE = behaviours.error(401, 20003), behaviours.error(400, 21617)
NOT_IN_SANDBOX = behaviours.error(400, 63015)
ACCOUNT, PERSON, MESSAGE = "channel whatsapp", "person ana channel whatsapp", "stuck channel whatsapp code 21617"
NOTE = "cat >> alerts.txt && echo >> alerts.txt && echo --- >> alerts.txt"
HANDFUL = 4


def company(twilio, *vendors, alerts=None, **sections):
    """Rosa hears of trouble and is never chosen for a customer."""
    people = [{**vendor, "keywords": ["cliente"]} for vendor in (vendors or (ANA,))] + [{**BOSS, "keywords": ["nunca"]}]
    return story.company(twilio, *people, routing=[{"plugin": "keyword", "only": True}, "round_robin"],
                         server={"reply_within": "300ms", **sections.pop("server", {})},
                         alerts=alerts or {"to": ["jefa"], "command": NOTE}, **sections)


@pytest.fixture
def office(start, twilio):
    return start(company(twilio))


def noted(daemon):
    """What the command was given, so far."""
    file = daemon.folder / "alerts.txt"
    return [text.strip() for text in (file.read_text("utf-8") if file.exists() else "").split("---\n")[:-1]]


def wait_for_notes(daemon, count):
    daemon.turn_until(lambda: len(noted(daemon)) >= count, f"{count} notes; there are {noted(daemon)}")
    return noted(daemon)


def boss_heard(twilio, to=BOSS):
    return [message.text for message in twilio.ledger.messages if message.to == address(to)]


def wait_for_boss(twilio, count, to=BOSS):
    twilio.ledger.wait_until(lambda: len(boss_heard(twilio, to)) >= count, f"{count} messages to {to['id']}")
    return boss_heard(twilio, to)


def post(daemon, **fields):
    return daemon.post(a_handoff(**fields))["handoff_id"]


def only_for(vendor, behaviour, twilio):
    """It happens to this person's messages alone."""
    twilio.always(behaviour, to=address(vendor))


# -- raised and mended --

def test_a_refused_account_is_told_once_and_told_again_when_it_is_mended(office, twilio):
    only_for(ANA, BAD_TOKEN, twilio)
    ids = [post(office) for _ in range(5)]
    (text,) = wait_for_boss(twilio, 1)
    assert text.startswith("⚠️ handoffd: ") and "20003" in text and "auth_token" in text, text
    assert wait_for_notes(office, 1) == [text]
    assert [alert["cause"] for alert in alerts(office)] == [ACCOUNT]
    only_for(ANA, behaviours.accept, twilio)
    command(office, "retry", ids[0])
    wait_for_alerts(office)
    _, mended = wait_for_boss(twilio, 2)
    assert mended == text.replace("⚠️ handoffd: ", "✅ handoffd: mended: ")
    assert wait_for_notes(office, 2) == [text, mended]
    only_for(ANA, BAD_TOKEN, twilio)
    post(office)
    assert wait_for_boss(twilio, 3)[2] == text


def told_on_disk(daemon):
    return query_all(daemon.folder / "data/handoffd.db", "SELECT cause FROM alert ORDER BY cause")


def test_a_restart_does_not_tell_it_again(office, twilio):
    only_for(ANA, BAD_TOKEN, twilio)
    wait_for_state(office, post(office), "held")
    wait_for_boss(twilio, 1)
    office.turn_until(lambda: told_on_disk(office) == [[(ACCOUNT,)]], "the alert to be on disk")
    for end in (office.kill, office.stop):
        end()
        office.restart()
        handoff_id = post(office)
        wait_for_state(office, handoff_id, "held")
        wait_for_alerts(office, ACCOUNT)
    office.stop()
    assert len(boss_heard(twilio)) == 1 and len(noted(office)) == 1


def test_what_a_restart_mended_is_told_as_mended_and_its_return_too(start, twilio):
    """The usual way to mend credentials: the file, and a start."""
    daemon = start(company(twilio, channel={"auth_token": "wrong-wrong-wrong-wrong-wrong-00"},
                           alerts={"command": NOTE}))
    post(daemon)
    wait_for_notes(daemon, 1)
    daemon.stop()
    daemon.configure(company(twilio, alerts={"command": NOTE}))
    daemon.restart()
    wait_for_alerts(daemon)
    assert wait_for_notes(daemon, 2)[1].startswith("✅")
    only_for(ANA, BAD_TOKEN, twilio)
    post(daemon)
    assert wait_for_notes(daemon, 3)[2].startswith("⚠️")


def test_what_a_reload_mended_is_told_as_mended(start, twilio):
    daemon = start(company(twilio, channel={"auth_token": "wrong-wrong-wrong-wrong-wrong-00"}))
    post(daemon)
    wait_for_notes(daemon, 1)
    daemon.configure(company(twilio))
    command(daemon, "reload")
    assert wait_for_notes(daemon, 2)[1].startswith("✅")
    assert wait_for_boss(twilio, 1) == [noted(daemon)[1]]


def test_the_operators_socket_shows_what_stands(office, twilio):
    assert alerts(office) == []
    only_for(ANA, BAD_TEMPLATE, twilio)
    post(office)
    wait_for_alerts(office, MESSAGE)
    (alert,) = alerts(office)
    assert "21617" in alert["text"] and re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", alert["since"])


def test_somebody_nobody_could_be_told_for(office, twilio):
    only_for(ANA, behaviours.error(400, 21211), twilio)
    wait_for_state(office, post(office), "exhausted")
    wait_for_alerts(office, "stuck exhausted", PERSON)
    assert len(wait_for_boss(twilio, 2)) == 2


def test_what_nobody_can_find_out(start, twilio):
    daemon = start(company(twilio, unknown={"ask_for": "1s", "times": 1, "give_up": "1s", "on_ambiguous": "hold"}),
                   env=IN_SPANISH)
    twilio.always_asks(behaviours.error(500, 20500))
    only_for(ANA, behaviours.close_after_reading(accepted=False), twilio)
    post(daemon)
    (text,) = wait_for_boss(twilio, 1)
    assert re.fullmatch(r"⚠️ handoffd: no se puede saber si el aviso de un cliente llegó a alguien \[ho_\w+\]", text)


def test_an_overload_is_told_when_it_begins_and_when_it_ends(start, twilio):
    daemon = start(company(twilio, server={"max_open": 2}))
    gate = Gate()
    only_for(ANA, behaviours.hold(gate), twilio)
    post(daemon), post(daemon)
    for _ in range(5):
        assert daemon.post(a_handoff()).status == 503
    (text,) = wait_for_notes(daemon, 1)
    assert "customers are refused" in text
    gate.open()
    daemon.turn_until(lambda: daemon.post(a_handoff()).status == 200, "room")
    assert wait_for_notes(daemon, 2)[1].startswith("✅")


# -- those that wait for somebody --

def test_who_waits_for_somebody_is_told_until_the_last_one_is_taken_care_of(office, twilio):
    only_for(ANA, BAD_TEMPLATE, twilio)
    ids = [post(office) for _ in range(3)]
    (text,) = wait_for_boss(twilio, 1)
    assert ids[0] in text and "a customer waits: " in text
    unfinished = [row["id"] for row in operations.handoffs(office, "--unfinished")]
    assert sorted(unfinished) == sorted(ids)
    command(office, "close", ids[0])
    command(office, "cancel", ids[1])
    wait_for_alerts(office, MESSAGE)
    office.stop()
    office.restart()
    wait_for_alerts(office, MESSAGE)
    only_for(ANA, behaviours.accept, twilio)
    command(office, "retry", ids[2])
    wait_for_alerts(office)
    assert wait_for_boss(twilio, 2)[1].startswith("✅")
    office.turn_until(lambda: operations.handoffs(office, "--unfinished") == [], "the last one to be told")


def test_what_no_former_process_came_to_say_is_said_at_the_start(office, twilio):
    only_for(ANA, BAD_TEMPLATE, twilio)
    for _ in range(2):
        wait_for_state(office, post(office), "held")
    wait_for_boss(twilio, 1)
    office.stop()
    with sqlite3.connect(office.folder / "data/handoffd.db") as database:
        database.execute("DELETE FROM alert")
        database.execute("INSERT INTO alert VALUES ('stuck parked', 'nothing of it is left', 1)")
    database.close()
    office.restart()
    heard = wait_for_boss(twilio, 3)[1:]
    assert sorted(text[:1] for text in heard) == ["⚠", "✅"]
    assert any("2 handoffs wait" in text for text in heard)
    wait_for_alerts(office, MESSAGE)


def test_a_person_is_mended_by_what_reaches_that_person_and_by_nothing_else(start, twilio):
    daemon = start(story.called_back(company(twilio, ANA, LUIS)))
    twilio.fate(fates.delivered())
    only_for(ANA, NOT_IN_SANDBOX, twilio)
    handoff_id = post(daemon)
    (text,) = wait_for_boss(twilio, 1)
    for word in ("Ana Torres", "63015", "sandbox", handoff_id):
        assert word in text, text
    wait_for_state(daemon, handoff_id, "notified", "delivered")   # to Luis
    wait_for_alerts(daemon, PERSON)
    only_for(ANA, behaviours.accept, twilio)
    wait_for_state(daemon, post(daemon), "notified", "delivered")
    wait_for_state(daemon, post(daemon), "notified", "delivered")
    wait_for_alerts(daemon)
    assert wait_for_boss(twilio, 2)[1].startswith("✅")


def test_a_person_who_is_no_longer_there_is_no_trouble(start, twilio):
    daemon = start(company(twilio, ANA, LUIS))
    only_for(ANA, NOT_IN_SANDBOX, twilio)
    post(daemon)
    wait_for_alerts(daemon, PERSON)
    daemon.configure(company(twilio, LUIS))
    command(daemon, "reload")
    wait_for_alerts(daemon)


def test_the_command_shows_them(office, twilio):
    assert command(office, "alerts").strip() == "nothing is wrong"
    only_for(ANA, BAD_TEMPLATE, twilio)
    handoff_id = post(office)
    wait_for_alerts(office, MESSAGE)
    (line,) = command(office, "alerts").splitlines()
    assert re.match(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d  a customer waits", line) and handoff_id in line
    assert json.loads(command(office, "alerts", "--json"))["alerts"][0]["cause"] == MESSAGE
    assert "no hay" not in command(office, "alerts") and office.run("alerts", "--nothing").returncode == 2


ONE_WAY = {"one channel": ({"to": ["jefa"]}, True), "a command too": ({"to": ["jefa"], "command": "cat"}, False),
           "a command alone": ({"command": "cat"}, False)}


@pytest.mark.parametrize("how", ONE_WAY)
def test_check_says_where_there_is_only_one_way(office, twilio, how):
    section, is_warned = ONE_WAY[how]
    office.configure(company(twilio, alerts=section))
    done = office.run("check")
    assert done.returncode == 0 and ("there is no other way" in done.stdout + done.stderr) == is_warned


# -- many --

def expect_few(daemon, twilio, told):
    """Whatever comes after all of them shows that nothing more was said."""
    daemon.stop()
    heard = boss_heard(twilio)
    assert told <= len(heard) <= HANDFUL, heard
    assert len(noted(daemon)) <= HANDFUL


@pytest.mark.parametrize("behaviour", [BAD_TOKEN, BAD_TEMPLATE, behaviours.error(400, 21211), behaviours.error(400, 63016)])
def test_two_hundred_that_fail_for_one_cause_are_a_handful_of_messages(office, twilio, behaviour):
    only_for(ANA, behaviour, twilio)
    with office.client() as client:
        for _ in range(200):
            client.post(a_handoff())
    wait_for_boss(twilio, 1)
    expect_few(office, twilio, 1)


def test_one_person_who_is_refused_while_others_are_told_is_a_handful_too(start, twilio):
    """Every other message gets through: that mends nothing for the one who is not in the sandbox."""
    daemon = start(company(twilio, ANA, LUIS))
    only_for(ANA, NOT_IN_SANDBOX, twilio)
    with daemon.client() as client:
        for _ in range(200):
            assert client.post(a_handoff()).status in (200, 202)
    wait_for_boss(twilio, 1)
    expect_few(daemon, twilio, 1)


def test_messages_that_are_taken_and_then_fail_are_a_handful_too(start, twilio):
    sections = story.called_back(company(twilio, ANA, LUIS))
    daemon = start(sections)
    twilio.fate(fates.failed(63016), to=address(ANA))
    with daemon.client() as client:
        for _ in range(100):
            assert client.post(a_handoff()).status in (200, 202)
    wait_for_boss(twilio, 1)
    twilio.ledger.wait_for_callbacks(100)
    expect_few(daemon, twilio, 1)


def age_alerts(daemon, hours):
    """As if they had stood for so long; the daemon is not there."""
    database = sqlite3.connect(daemon.folder / "data/handoffd.db", isolation_level=None)
    database.execute("UPDATE alert SET since_ms = since_ms - ?", (hours * 3600 * 1000,))
    database.close()


def test_what_still_goes_wrong_a_day_later_is_told_again(office, twilio):
    only_for(ANA, BAD_TEMPLATE, twilio)
    post(office)
    wait_for_boss(twilio, 1)
    office.stop()
    age_alerts(office, 25)
    office.restart()
    post(office)
    first, second = wait_for_boss(twilio, 2)
    assert first.startswith("⚠️") and "2 handoffs wait: handoffd handoffs --unfinished" in second


# -- by which way --

def test_through_a_broken_account_by_the_persons_other_channel(start, twilio):
    boss = {**BOSS, "notify": [{"channel": "whatsapp", "to": "+573000000077"}, {"channel": "respaldo", "to": "+573000000088"}]}
    sections = company(twilio)
    sections["vendors"][-1] = {**boss, "keywords": ["nunca"]}
    sections["channels"]["respaldo"] = dict(sections["channels"]["whatsapp"])
    sections["channels"]["whatsapp"]["auth_token"] = "wrong-wrong-wrong-wrong-wrong-00"
    daemon = start(sections)
    post(daemon)
    message = twilio.ledger.wait_for(1)[0]
    assert message.to == "whatsapp:+573000000088" and message.text.startswith("⚠️ handoffd: ")


def test_who_cannot_be_told_is_in_the_log_and_the_command_runs(start, twilio):
    daemon = start(company(twilio, channel={"auth_token": "wrong-wrong-wrong-wrong-wrong-00"}))
    post(daemon)
    wait_for_notes(daemon, 1)
    daemon.wait_for_log(r"\[WARNING\] nobody could be told of an alert vendor=jefa")


def test_by_a_template_where_there_is_one(start, twilio):
    sid = "HX" + "0" * 32
    daemon = start(company(twilio, channel={"template": {"sid": sid, "variables": ["cliente", "motivo", "telefono"]}}))
    only_for(ANA, BAD_TEMPLATE, twilio)
    post(daemon)
    twilio.ledger.wait_until(lambda: [m for m in twilio.ledger.messages if m.to == address(BOSS)], "Rosa's message")
    (message,) = [m for m in twilio.ledger.messages if m.to == address(BOSS)]
    assert message.variables["1"] == "handoffd" and "21617" in message.variables["2"] and message.variables["3"] == "-"


COMMANDS = {"fails": ("exit 3", r"\[ERROR\] the alerts' command failed exit=3"),
            "is not there": ("no-such-program-at-all", r"\[ERROR\] the alerts' command failed exit=127"),
            "dies": ("kill -9 $$", r"\[ERROR\] the alerts' command failed exit=0 signal=9"),
            "does not read": ("exec <&-; exit 4", r"exit=4")}


@pytest.mark.parametrize("how", COMMANDS)
def test_a_command_that_fails_is_in_the_log_and_in_nobodys_way(start, twilio, how):
    text, said = COMMANDS[how]
    daemon = start(company(twilio, alerts={"to": ["jefa"], "command": text}))
    only_for(ANA, BAD_TEMPLATE, twilio)
    post(daemon)
    daemon.wait_for_log(said)
    wait_for_boss(twilio, 1)
    only_for(ANA, behaviours.accept, twilio)
    assert daemon.post(a_handoff()).status == 200


def test_a_command_that_hangs_is_in_nobodys_way_and_ends_with_the_daemon(start, twilio):
    daemon = start(company(twilio, alerts={"command": "echo $$ > pid; sleep 1000 & wait"}))
    only_for(ANA, BAD_TEMPLATE, twilio)
    post(daemon)
    daemon.turn_until((daemon.folder / "pid").exists, "the command to run")
    daemon.turn_until(lambda: (daemon.folder / "pid").read_text(), "its number")
    only_for(ANA, behaviours.accept, twilio)
    assert daemon.post(a_handoff()).status == 200
    began = time.monotonic()
    daemon.stop()
    assert time.monotonic() - began < 10, "the stop waited for it"
    assert not is_alive(int((daemon.folder / "pid").read_text()))


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_command_has_nothing_of_ours_open(start, twilio):
    daemon = start(company(twilio, alerts={"command": "ls -l /proc/$$/fd > files.part; mv files.part files"}))
    only_for(ANA, BAD_TEMPLATE, twilio)
    post(daemon)
    daemon.turn_until((daemon.folder / "files").exists, "the command to end")
    text = (daemon.folder / "files").read_text()
    assert "handoffd" not in text and text.count("socket:") <= 1, text


# -- reload, personal data, words --

def test_a_reload_changes_who_is_told(office, twilio):
    only_for(ANA, BAD_TEMPLATE, twilio)
    post(office)
    wait_for_boss(twilio, 1)
    sections = company(twilio, alerts={"to": ["diego"]})
    sections["vendors"].append({**DIEGO, "keywords": ["nunca"]})
    office.configure(sections)
    command(office, "reload")
    only_for(ANA, behaviours.error(400, 63013), twilio)
    post(office)
    wait_for_boss(twilio, 1, to=DIEGO)
    office.stop()
    assert len(boss_heard(twilio)) == 1 and len(noted(office)) == 1


def test_without_alerts_the_log_has_it(start, twilio):
    daemon = start(story.company(twilio, ANA))
    only_for(ANA, BAD_TEMPLATE, twilio)
    post(daemon)
    daemon.wait_for_log(rf'alert raised cause="{MESSAGE}"')
    wait_for_alerts(daemon, MESSAGE)


def test_no_customer_and_no_secret_is_in_any_alert(start, twilio):
    daemon = start(company(twilio, ANA, LUIS))
    for code, message in ((21211, "The 'To' number {to} is not valid"), (21617, "+5215512345678 Juana"), (63013, "policy")):
        only_for(ANA, behaviours.error(400, code, message.replace("Juana", "")), twilio)
        only_for(LUIS, behaviours.error(400, code, message.replace("Juana", "")), twilio)
        post(daemon, user_name="Juana Pérez", reason="soy cliente y quiero robots azules")
    wait_for_boss(twilio, 3)
    daemon.stop()
    stored = query_all(daemon.folder / "data/handoffd.db", "SELECT cause, text FROM alert")
    for text in boss_heard(twilio) + noted(daemon) + [str(stored)]:
        for word in ("Juana", "azules", "5512345678", "3000000001", "conv_", story.AUTH_TOKEN):
            assert word not in text, text


def test_in_spanish(start, twilio):
    daemon = start(company(twilio), env=IN_SPANISH)
    only_for(ANA, BAD_TOKEN, twilio)
    handoff_id = post(daemon)
    (text,) = wait_for_boss(twilio, 1)
    assert "Revisa account_sid y auth_token" in text
    only_for(ANA, behaviours.accept, twilio)
    command(daemon, "retry", handoff_id)
    assert wait_for_boss(twilio, 2)[1].startswith("✅ handoffd: resuelto: ")


@pytest.mark.parametrize("section, word", [({"to": ["nadie"]}, "nadie"), ({"too": ["jefa"]}, "too"), ({"to": "jefa"}, "")])
def test_a_wrong_section_is_named(office, twilio, section, word):
    office.configure(company(twilio, alerts=section))
    if word:
        assert word in operations.refused(office, "reload") and word in office.run("check").stderr
    else:
        command(office, "reload")                       # one person needs no list
