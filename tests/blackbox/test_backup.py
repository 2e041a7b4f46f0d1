"""`backup` while it serves, and `restore` of what was kept: nothing is lost, and nothing is sent by itself."""
import concurrent.futures
import os
import re
import sqlite3
import stat
import subprocess

import pytest

import behaviours
import operations
import small_disk
import story
from behaviours import Gate
from daemon import EXIT_WRONG, Daemon, run
from operations import IN_SPANISH, command, refused, state_of, wait_for_state
from store import query_all, read_store
from story import ANA, a_handoff

STORE = "data/handoffd.db"


@pytest.fixture
def office(start, twilio):
    return start(story.company(twilio, ANA, server={"reply_within": "300ms"}))


def ids(path):
    return {row.conversation for row in read_store(path).values()}


# -- backup --

def test_the_copy_is_whole_and_nobody_elses(office):
    handoffs = [a_handoff() for _ in range(5)]
    for handoff in handoffs:
        assert office.post(handoff).status == 200
    copy = office.folder / "copy.db"
    assert command(office, "backup", "copy.db").strip() == f"backup written: {copy}"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert ids(copy) == {handoff["conversation_id"] for handoff in handoffs}
    assert re.search(r"^handoffs 5$.*^faults 0$", command(office, "verify", "copy.db"), re.MULTILINE | re.DOTALL)
    assert sorted(path.name for path in office.folder.iterdir()) == ["copy.db", "data", "vendors.yaml"]


def test_under_load_it_has_everything_that_was_answered_before_it_began(office):
    """And nobody waits for it."""
    answered, stopping = [], []

    def call():
        with office.client() as client:
            while not stopping:
                handoff = a_handoff()
                assert client.post(handoff).status in (200, 202)
                answered.append(handoff["conversation_id"])
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        callers = [pool.submit(call) for _ in range(4)]
        for number in range(5):
            office.turn_until(lambda number=number: len(answered) > 40 * (number + 1), "some answers")
            before = set(answered)
            command(office, "backup", f"copy{number}.db")
            copy = office.folder / f"copy{number}.db"
            assert before <= ids(copy)
            assert "faults 0" in command(office, "verify", copy)
        stopping.append(True)
        for caller in callers:
            caller.result()
    assert len(answered) > 200


def test_a_relative_path_is_where_the_operator_stands(office, tmp_path):
    done = run("-c", office.file, "backup", "here.db", cwd=tmp_path)
    assert done.returncode == 0 and str(tmp_path / "here.db") in done.stdout
    assert (tmp_path / "here.db").exists() and not (office.folder / "here.db").exists()


def test_a_file_that_is_there_is_never_overwritten(office):
    old = office.folder / "old.db"
    old.write_bytes(b"precious")
    assert "is there already" in refused(office, "backup", "old.db")
    assert old.read_bytes() == b"precious"
    link = office.folder / "link.db"
    link.symlink_to("nowhere.db")
    refused(office, "backup", "link.db")
    assert not (office.folder / "nowhere.db").exists()
    assert str(office.folder / STORE) in refused(office, "backup", STORE)


@pytest.mark.parametrize("where", ["no/such/folder/x.db", "vendors.yaml/x.db", ".", "/proc/x.db"])
def test_where_it_cannot_be_written_the_reason_is_said(office, where):
    before = sorted(office.folder.rglob("*"))
    words = refused(office, "backup", where)
    assert re.search(r"No such file|Not a directory|is there already|Permission|not permitted", words), words
    assert sorted(office.folder.rglob("*")) == before
    assert office.post(a_handoff()).status == 200


def test_a_full_disk_leaves_no_half_copy(office, tmp_path):
    for _ in range(30):
        office.post(a_handoff(additional_context="x" * 4000))
    with small_disk.mounted(tmp_path / "disk", 1024 * 1024) as disk:
        small_disk.fill(disk / "ballast", leave=64 * 1024)
        words = refused(office, "backup", disk / "copy.db")
        assert "full" in words or "space" in words, words
        assert [path.name for path in disk.iterdir()] == ["ballast"]
        (disk / "ballast").unlink()
        command(office, "backup", disk / "copy.db")
        assert "faults 0" in command(office, "verify", disk / "copy.db")


def test_copies_at_the_same_moment_do_not_disturb_each_other(office):
    for _ in range(50):
        office.post(a_handoff())
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(operations.ask, office, "POST", "/backup", {"file": str(office.folder / f"{n}.db")})
                   for n in range(4)]
        results = {n: answer.result() for n, answer in enumerate(answers)}
    written = [n for n, answer in results.items() if answer.status == 200]
    assert written and all("another backup" in answer["detail"] for answer in results.values() if answer.status != 200)
    for n in range(4):
        assert (office.folder / f"{n}.db").exists() == (n in written)


def test_without_a_daemon_and_wrong_use(tmp_path, twilio):
    stopped = Daemon(tmp_path, story.company(twilio))
    assert "is it running" in refused(stopped, "backup", "x.db", code=EXIT_WRONG)
    for arguments in ([], ["a", "b"]):
        words = refused(stopped, "backup", *arguments, code=EXIT_WRONG)
        assert words.startswith("handoffd backup: ") and '""' not in words


def test_backup_in_spanish(start, twilio):
    daemon = start(story.company(twilio), env=IN_SPANISH)
    assert command(daemon, "backup", "copia.db", env=IN_SPANISH).startswith("respaldo escrito: ")
    words = refused(daemon, "backup", "copia.db", env=IN_SPANISH)
    assert "ya existe" in words or "ya está" in words, words
    assert "no se puede crear" in (words := refused(daemon, "backup", "nada/x.db", env=IN_SPANISH)), words
    assert "no existe el archivo o la carpeta" in words


# -- restore --

@pytest.fixture
def backed_up(start, twilio):
    """One of each kind in the backup, and two more that came after it."""
    daemon = start(story.company(twilio, ANA, server={"reply_within": "300ms"}, unknown={"give_up": "1h"}))
    daemon.kept = {}

    def post(name, behaviour=behaviours.accept):
        twilio.next(behaviour)
        handoff = a_handoff()
        daemon.kept[name] = (handoff, daemon.post(handoff)["handoff_id"])
        return daemon.kept[name]
    twilio.always_asks(behaviours.error(500, 20500))
    post("told")
    wait_for_state(daemon, post("deferred", behaviours.error(429, 20429, retry_after=60))[1], "assigned", "deferred")
    wait_for_state(daemon, post("unknown", behaviours.close_after_reading(accepted=False))[1], "assigned", "unknown")
    wait_for_state(daemon, post("held", behaviours.error(400, 21617))[1], "held", "refused")
    gate = Gate()
    post("on its way", behaviours.hold(gate))
    command(daemon, "backup", "copy.db")
    gate.open()
    wait_for_state(daemon, daemon.kept["on its way"][1], "notified", "sent")
    post("after")
    daemon.stop()
    return daemon


UNFINISHED = ("deferred", "unknown", "on its way")


def restored(daemon):
    words = command(daemon, "restore", "copy.db")
    daemon.restart()
    return words


def test_what_was_unfinished_is_parked_and_nothing_is_sent_by_itself(backed_up, twilio):
    sends = len(twilio.ledger.sends)
    words = restored(backed_up)
    parked = {row["id"] for row in operations.handoffs(backed_up, "--state", "parked")}
    assert {backed_up.kept[name][1] for name in UNFINISHED} <= parked
    assert re.search(rf": {len(parked)}$", words, re.MULTILINE), words
    assert state_of(backed_up, backed_up.kept["held"][1])[0] == "held"
    assert backed_up.post(a_handoff()).status == 200
    backed_up.stop()
    backed_up.restart()
    assert backed_up.post(a_handoff()).status == 200
    assert len(twilio.ledger.sends) == sends + 2
    assert "faults 0" in command(backed_up, "verify")


def test_what_was_told_before_the_backup_needs_nothing(backed_up):
    """Nobody should be asked to look at each of yesterday's messages."""
    restored(backed_up)
    handoff, handoff_id = backed_up.kept["told"]
    again = backed_up.post(handoff)
    assert again["handoff_id"] == handoff_id
    assert state_of(backed_up, handoff_id)[1] == "sent"


@pytest.mark.parametrize("name", UNFINISHED)
def test_then_retry_sends_it_once(backed_up, twilio, name):
    restored(backed_up)
    handoff, handoff_id = backed_up.kept[name]
    told = len(twilio.ledger.about(handoff["conversation_id"]))
    assert backed_up.post(handoff)["stored"] is True
    command(backed_up, "retry", handoff_id)
    wait_for_state(backed_up, handoff_id, "notified", "sent")
    assert len(twilio.ledger.about(handoff["conversation_id"])) == told + 1
    assert backed_up.post(handoff).status == 200
    assert "faults 0" in command(backed_up, "verify")


@pytest.mark.parametrize("name", UNFINISHED)
@pytest.mark.parametrize("word, state", [("close", "closed"), ("cancel", "cancelled")])
def test_or_it_is_ended(backed_up, twilio, name, word, state):
    sends = len(twilio.ledger.sends)
    restored(backed_up)
    command(backed_up, word, backed_up.kept[name][1])
    wait_for_state(backed_up, backed_up.kept[name][1], state)
    assert backed_up.post(a_handoff()).status == 200
    assert 'handoffd_handoffs_open{state="%s"} 0' % state in backed_up.ask("GET", "/metrics").body.decode()
    backed_up.stop()
    assert len(twilio.ledger.sends) == sends + 1


def test_the_former_store_is_kept_whole(backed_up):
    before = ids(backed_up.folder / STORE)
    words = command(backed_up, "restore", "copy.db")
    kept = re.search(r"what was there is kept: (\S+)", words)[1]
    assert ids(kept) == before and "faults 0" in command(backed_up, "verify", kept)
    assert ids(backed_up.folder / STORE) == before - {backed_up.kept["after"][0]["conversation_id"]}
    backed_up.restart()
    backed_up.stop()
    command(backed_up, "restore", kept)                 # and back again
    assert ids(backed_up.folder / STORE) == before


def test_new_ids_are_not_those_of_handoffs_that_were_lost(backed_up):
    lost = backed_up.kept["after"][1]
    restored(backed_up)
    refused(backed_up, "handoffs", lost)
    new = backed_up.post(a_handoff())["handoff_id"]
    assert new not in {handoff_id for _, handoff_id in backed_up.kept.values()}
    (numbers,) = query_all(backed_up.folder / STORE, "SELECT max(number) FROM handoff")
    assert numbers[0][0] > 1000000


def test_where_there_is_no_store_yet_it_becomes_the_store(backed_up, tmp_path, twilio):
    other = Daemon(tmp_path, story.company(twilio))
    words = command(other, "restore", backed_up.folder / "copy.db")
    assert "what was there" not in words
    other.start()
    assert backed_up.kept["told"][0]["conversation_id"] in ids(tmp_path / STORE)
    other.stop()


def test_while_the_daemon_runs_it_is_refused(office):
    office.post(a_handoff())
    command(office, "backup", "copy.db")
    before = ids(office.folder / STORE)
    words = refused(office, "restore", "copy.db", code=EXIT_WRONG)
    assert str(office.process.pid) in words and "stop" in words
    assert ids(office.folder / STORE) == before and office.post(a_handoff()).status == 200


def damaged(path):
    data = bytearray(path.read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096:page * 4096 + 16] = b"\xff" * 16
    path.write_bytes(data)


def another_database(path):
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE songs (title TEXT)")


def in_spanish(words):
    assert words.startswith("handoffd restore: almacén: ") and not re.search(r"cannot| store:|No such|unable|Is a", words), words


NO_BACKUPS = {"damaged": damaged, "another database": another_database, "missing": lambda path: path.unlink(),
              "truncated": lambda path: path.write_bytes(path.read_bytes()[:10000]),
              "empty": lambda path: path.write_bytes(b""), "text": lambda path: path.write_text("dear diary\n" * 500),
              "a folder": lambda path: (path.unlink(), path.mkdir())}


@pytest.mark.parametrize("what", NO_BACKUPS)
def test_what_is_no_backup_is_refused_and_the_store_is_as_it_was(backed_up, what):
    copy = backed_up.folder / "copy.db"
    NO_BACKUPS[what](copy)
    before, files = ids(backed_up.folder / STORE), sorted((backed_up.folder / "data").iterdir())
    words = refused(backed_up, "restore", "copy.db", code=EXIT_WRONG)
    assert "copy.db" in words, words
    if what not in ("text", "truncated"):               # of those SQLite says so, in its own words
        in_spanish(refused(backed_up, "restore", "copy.db", code=EXIT_WRONG, env=IN_SPANISH))
    assert ids(backed_up.folder / STORE) == before
    assert [path for path in sorted((backed_up.folder / "data").iterdir()) if path not in files] == []
    backed_up.restart()
    assert backed_up.post(backed_up.kept["after"][0]).status == 200


def test_one_that_is_parked_is_one_and_where_there_is_none_nothing_is_to_be_done(office, twilio):
    command(office, "backup", "none.db")
    twilio.next(behaviours.error(429, 20429, retry_after=60))
    wait_for_state(office, office.post(a_handoff())["handoff_id"], "assigned", "deferred")
    command(office, "backup", "one.db")
    office.stop()
    words = command(office, "restore", "one.db", env=IN_SPANISH)
    assert "apartada, porque no se sabe qué fue de ella desde entonces: 1\n" in words and "retry ID" in words
    assert "parked, because nobody knows what became of it since: 1\n" in command(office, "restore", "one.db")
    words = command(office, "restore", "none.db")
    assert words.endswith("since: 0\n"), words


def test_the_store_itself_is_no_backup(backed_up):
    assert "is the store itself" in refused(backed_up, "restore", STORE, code=EXIT_WRONG)


def test_a_full_disk_changes_nothing(backed_up, tmp_path, twilio):
    with small_disk.mounted(tmp_path / "disk", 4 * 1024 * 1024) as disk:
        other = Daemon(tmp_path, story.company(twilio, store={"path": str(disk / "s.db")}))
        command(other, "restore", backed_up.folder / "copy.db")
        before = ids(disk / "s.db")
        small_disk.fill(disk / "ballast", leave=16 * 1024)
        refused(other, "restore", backed_up.folder / "copy.db", code=EXIT_WRONG)
        assert ids(disk / "s.db") == before
        (disk / "ballast").unlink()
        assert "faults 0" in command(other, "verify")


def test_a_new_owner_for_what_root_restores(backed_up):
    """The daemon that runs as somebody must be able to open what root put there."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    for path in (backed_up.folder / "data", *(backed_up.folder / "data").iterdir()):
        os.chown(path, 65534, 65534)
    command(backed_up, "restore", "copy.db")
    assert {path.stat().st_uid for path in (backed_up.folder / "data").glob("handoffd.db*")} == {65534}
    subprocess.run(["chown", "-R", "0:0", backed_up.folder / "data"], check=True)


def test_restore_in_spanish_and_wrong_use(backed_up):
    words = command(backed_up, "restore", "copy.db", env=IN_SPANISH)
    for part in ("restaurado: ", "lo que había se conserva: ", "apartadas, porque no se sabe qué fue de ellas desde entonces: "):
        assert part in words
    assert "copy.db" in refused(backed_up, "restore", "nada/copy.db", code=EXIT_WRONG, env=IN_SPANISH)
    for arguments in ([], ["a", "b"]):
        refused(backed_up, "restore", *arguments, code=EXIT_WRONG)
