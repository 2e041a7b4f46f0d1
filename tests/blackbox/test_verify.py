"""`handoffd verify`: whether the store keeps its promises; what it does not keep is named, in words."""
import re
import shutil
import sqlite3

import pytest

import behaviours
import operations
import story
from daemon import BINARY, EXIT_NO, EXIT_WRONG, Daemon
from operations import IN_SPANISH, command, wait_for_state
from story import ANA, LUIS, a_handoff

STORE = "data/handoffd.db"


@pytest.fixture
def office(start, twilio):
    """Two handoffs: Ana was told of the first; Ana refused the second, Luis was told."""
    daemon = start(story.company(twilio, ANA, LUIS, server={"reply_within": "300ms"}, channel={"deliver_within": "1h"}))
    daemon.first = daemon.post(a_handoff())["handoff_id"]
    daemon.configure(story.company(twilio, ANA, LUIS, routing=[], channel={"deliver_within": "1h"}))
    command(daemon, "reload")
    twilio.next(behaviours.error(400, 21610))
    daemon.second = daemon.post(a_handoff())["handoff_id"]
    wait_for_state(daemon, daemon.second, "notified", "sent")
    return daemon


def change(daemon, *statements):
    """By hand, in a store that nobody has open; returns how many rows that were."""
    database = sqlite3.connect(daemon.folder / STORE, isolation_level=None)
    try:
        return sum(database.execute(statement).rowcount for statement in statements)
    finally:
        database.close()


def faults(daemon, *arguments, env=None):
    """What a store that is not sound is said to have: all that was printed."""
    done = daemon.run("verify", *arguments, env=env)
    assert done.returncode == EXIT_NO, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


GOOD = """handoffs 2
  notified     2
attempts 3
  sent         2
  refused      1
events 6
faults 0
"""


def test_a_good_store_is_counted_while_it_is_served_and_afterwards(office):
    assert command(office, "verify") == GOOD
    assert command(office, "verify", STORE) == GOOD
    office.stop()
    before = (office.folder / STORE).read_bytes()
    assert command(office, "verify") == GOOD
    assert (office.folder / STORE).read_bytes() == before, "verify changed it"


def test_in_spanish(office):
    words = command(office, "verify", env=IN_SPANISH)
    assert words == GOOD.replace("handoffs", "solicitudes").replace("attempts", "intentos").replace(
        "events", "eventos").replace("faults", "fallas")


def test_it_may_be_verified_under_load(start, twilio):
    daemon = start(story.company(twilio, ANA))
    with daemon.client() as client:
        for _ in range(20):
            for _ in range(10):
                assert client.post(a_handoff()).status == 200
            assert "faults 0" in command(daemon, "verify")


# what is done to it, what must be said, in Spanish, and of which handoff (None: of none)
DAMAGE = {
    "a gap in the events": (["DELETE FROM event WHERE handoff = 2 AND number = 2"],
                            "its events are not numbered one after the other", "sus eventos no van numerados uno tras otro", 2),
    "no events": (["DELETE FROM event WHERE handoff = 1"], "has no events", "no tiene eventos", 1),
    "a gap in the attempts": (["DELETE FROM attempt WHERE handoff = 2 AND number = 1"],
                              "its attempts are not numbered one after the other",
                              "sus intentos no van numerados uno tras otro", 2),
    "an attempt that moved to another handoff": (["UPDATE attempt SET handoff = 1, number = 2 WHERE handoff = 2 AND number = 1"],
                                                 "not numbered one after the other", "no van numerados uno tras otro", 2),
    "a state of tomorrow": (["UPDATE handoff SET state = 'teleported' WHERE number = 1"],
                            "a state that this version does not know", "un estado que esta versión no conoce", 1),
    "an attempt's state of tomorrow": (["UPDATE attempt SET state = 'teleported' WHERE handoff = 1"],
                                       "an attempt has a state that this version does not know",
                                       "un intento tiene un estado que esta versión no conoce", 1),
    "an attempt that still moves behind another": (["UPDATE attempt SET state = 'deferred' WHERE handoff = 2 AND number = 1"],
                                                   "an attempt still moves, though another one followed",
                                                   "un intento sigue en marcha aunque ya le siguió otro", 2),
    "told twice": (["UPDATE attempt SET state = 'sent', vendor = 'luis', address = (SELECT address FROM attempt "
                    "WHERE handoff = 2 AND number = 2) WHERE handoff = 2 AND number = 1"],
                   "told the same person twice", "avisó dos veces a la misma persona", 2),
    "assigned and forgotten": (["UPDATE handoff SET state = 'assigned', wake = 0 WHERE number = 1"],
                               "would be forgotten: it is assigned, and nothing takes it up",
                               "quedaría olvidada: está asignada y nada la retoma", 1),
    "closed and not left alone": (["UPDATE handoff SET state = 'closed', wake = 1 WHERE number = 1"],
                                  "is over, and would be taken up again", "terminó, y volvería a tomarse", 1),
    "parked and unseen": (["UPDATE handoff SET state = 'parked' WHERE number = 1"],
                          "waits for somebody, and nobody would hear of it", "espera a alguien, y nadie se enteraría", 1),
    "seen for nothing": (["UPDATE handoff SET stuck = 'stuck parked' WHERE number = 1"],
                         "does not wait for anybody, and is listed as if it did", "no espera a nadie, y figura como si esperara", 1),
    "resting for ever": (["UPDATE handoff SET wake = 2, due_ms = 0 WHERE number = 1"],
                         "rests without an end", "descansa sin fecha de regreso", 1),
    "a wake that there is not": (["UPDATE handoff SET wake = 7 WHERE number = 1"], "its wake is none of ours",
                                 "su wake no es ninguno de los nuestros", 1),
    "attempts of nobody": (["DELETE FROM handoff WHERE number = 1"], "1 attempt belongs to no handoff",
                           "1 intento no es de ninguna solicitud", None),
    "events of nobody": (["INSERT INTO event (handoff, number, at_ms, kind) VALUES (99, 1, 0, 'sent')"],
                         "1 event belongs to no handoff", "1 evento no es de ninguna solicitud", None),
    "a customer of nobody": (["INSERT INTO customer (handoff, user_phone, reason) VALUES (99, '+1', 'x')"],
                             "1 customer belongs to no handoff", "1 cliente no es de ninguna solicitud", None),
    "one message for two attempts": (["UPDATE attempt SET message_id = 'SMx' WHERE state = 'sent'"],
                                     "1 message of a provider stands for more than one attempt",
                                     "1 mensaje de un proveedor está en más de un intento", None),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_what_is_wrong_is_named(office, what):
    statements, english, spanish, number = DAMAGE[what]
    office.stop()
    assert change(office, *statements) > 0
    words = faults(office)
    assert english in words, words
    if number is not None:
        assert {1: office.first, 2: office.second}[number] + ": " in words, words
    assert "faults 0" not in words, words
    assert spanish in faults(office, env=IN_SPANISH)


def test_every_fault_is_counted_and_the_rest_too(office):
    """A store with an orphan may have other faults: whoever mends it wants to see all of them."""
    office.stop()
    several = ("no events", "a state of tomorrow", "an attempt that still moves behind another", "a customer of nobody")
    change(office, *[statement for what in several for statement in DAMAGE[what][0]])
    words = faults(office)
    for what in several:
        assert DAMAGE[what][1] in words, words
    assert re.search(r"^faults 4$", words, re.MULTILINE)
    assert re.search(r"^handoffs 2$", words, re.MULTILINE)


def test_many_faults_are_counted_and_some_of_them_shown(start, twilio):
    daemon = start(story.company(twilio, ANA))
    with daemon.client() as client:
        for _ in range(60):
            client.post(a_handoff())
    daemon.stop()
    change(daemon, "DELETE FROM event")
    words = faults(daemon)
    assert re.search(r"^faults 60$", words, re.MULTILINE) and 0 < words.count("has no events") < 60


def test_more_than_one_page_is_read_to_its_end(start, twilio):
    """The oldest of many."""
    daemon = start(story.company(twilio, ANA))
    daemon.post(a_handoff())
    daemon.stop()
    change(daemon, "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1700) INSERT INTO handoff "
                   "(number, state, wake, received_ms, request_digest) SELECT i, 'closed', 0, 1, 1 FROM n",
           "INSERT INTO event (handoff, number, at_ms, kind) SELECT number, 1, 1, 'closed' FROM handoff WHERE number > 1",
           "INSERT INTO customer (handoff, user_phone, reason) SELECT number, '+1', 'x' FROM handoff WHERE number > 1")
    assert "handoffs 1700\n" in command(daemon, "verify")
    change(daemon, "DELETE FROM event WHERE handoff = 1")
    assert "has no events" in faults(daemon)


# -- files that are not sound --

def page(path, number, content=b"\xff" * 64):
    with open(path, "r+b") as file:
        file.seek(number * 4096)
        file.write(content)


BROKEN = {"cut short": lambda path: path.write_bytes(path.read_bytes()[:-9000]),
          "cut in half": lambda path: path.write_bytes(path.read_bytes()[:path.stat().st_size // 2]),
          "a page of nonsense": lambda path: page(path, 3), "text": lambda path: path.write_text("dear diary\n" * 500),
          "the header gone": lambda path: page(path, 0)}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_a_no_in_words(office, what):
    office.stop()
    BROKEN[what](office.folder / STORE)
    words = faults(office)
    assert re.search(r"malformed|not a database|damaged|Page|page|disk image|Tree|btree", words), words
    assert "faults 0" not in words, words
    faults(office, env=IN_SPANISH)


@pytest.mark.parametrize("command", [("verify",), ("route", "quiero un robot"), ("restore", "{store}")])
def test_a_store_that_is_somebody_elses_is_not_said_to_be_missing(office, open_folder, command):
    """It is there, and who may read it is said."""
    office.stop()
    vendors = open_folder / "vendors.yaml"
    vendors.write_text(office.file.read_text("utf-8").replace("data/handoffd.db", str(office.folder / STORE)), "utf-8")
    operations.give_to_nobody(vendors)
    command = [word.format(store=office.folder / STORE) for word in command]
    plugins = {"HANDOFFD_PLUGIN_PATH": shutil.copytree(BINARY.parent.parent / "lib/handoffd", open_folder / "plugins")}
    done = operations.as_nobody(office, "-c", vendors, *command, env=plugins)
    if done is None:
        pytest.skip("only root can become somebody else")
    assert done.returncode == EXIT_WRONG and f'your user may not read "{office.folder / STORE}"' in done.stderr, done
    assert "sudo -u root" in done.stderr and not done.stdout
    assert "tu usuario no puede leer" in operations.as_nobody(office, "-c", vendors, *command,
                                                            env=IN_SPANISH | plugins).stderr


def test_one_that_is_named_needs_no_configuration(office):
    office.file.unlink()
    assert command(office, "verify", STORE) == GOOD


def test_no_store_yet_and_wrong_use(tmp_path, twilio):
    stopped = Daemon(tmp_path, story.company(twilio))
    assert "there is none" in operations.refused(stopped, "verify", code=EXIT_WRONG)
    assert "todavía no hay ninguno" in operations.refused(stopped, "verify", code=EXIT_WRONG, env=IN_SPANISH)
    assert "nowhere.db" in operations.refused(stopped, "verify", "nowhere.db", code=EXIT_WRONG)
    operations.refused(stopped, "verify", "a", "b", code=EXIT_WRONG)
    assert not (tmp_path / "data").exists()
