"""`handoffd handoffs`: what came in and what became of it, told by the daemon that runs."""
import re
import stat

import pytest

import behaviours
import operations
import story
from daemon import EXIT_WRONG, Daemon
from operations import IN_SPANISH, SOCKET, as_nobody, command, handoffs, refused, story_of
from story import ANA, HANDOFF_ID, LUIS, a_handoff

OPTED_OUT = behaviours.error(400, 21610)


@pytest.fixture
def office(start, twilio):
    """Ana, then Luis, in turn."""
    return start(story.company(twilio, ANA, LUIS, server={"reply_within": "300ms"}))


def post(daemon, **fields):
    return daemon.post(a_handoff(**fields))["handoff_id"]


def lines(text):
    return text.splitlines()


def test_an_empty_house_says_so(daemon):
    assert command(daemon, "handoffs").strip() == "none"
    assert command(daemon, "handoffs", env=IN_SPANISH).strip() == "ninguna"
    assert handoffs(daemon) == []


def test_the_newest_comes_first_with_who_was_told(office):
    first, second = post(office), post(office)
    head, *rows = lines(command(office, "handoffs"))
    assert head.split() == ["ID", "STATE", "RECEIVED", "PERSON", "CHANNEL", "MESSAGE", "CODE"]
    assert [row.split()[0] for row in rows] == [second, first]
    assert rows[1].split()[1:2] + rows[1].split()[4:] == ["notified", "ana", "whatsapp", "sent"]
    assert re.search(r" 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d ", rows[0])


def test_in_spanish(office):
    handoff = post(office)
    head, row = lines(command(office, "handoffs", env=IN_SPANISH))
    assert head.split() == ["ID", "ESTADO", "RECIBIDA", "PERSONA", "CANAL", "MENSAJE", "CÓDIGO"]
    assert row.startswith(handoff) and head.index("ESTADO") == row.index("notified")
    words = command(office, "handoffs", handoff, env=IN_SPANISH)
    for word in ("Cliente", "teléfono", "motivo", "Intentos", "Historia"):
        assert word in words


def test_the_code_of_a_failure_stands_in_the_list(office, twilio):
    twilio.always(behaviours.error(400, 21617))
    handoff = post(office)
    operations.wait_for_state(office, handoff, "held")
    assert lines(command(office, "handoffs"))[1].split()[-1] == "21617"
    assert handoffs(office)[0]["code"] == 21617


def test_filters(office, twilio):
    told = [post(office), post(office)]
    twilio.always(behaviours.error(400, 21617))
    held = post(office)
    operations.wait_for_state(office, held, "held")

    def ids(*filters):
        return [row["id"] for row in handoffs(office, *filters)]
    assert ids("--state", "held") == [held]
    assert ids("--state", "notified") == told[::-1]
    assert ids("--vendor", "luis") == [told[1]]
    assert ids("--vendor", "ana", "--state", "notified") == [told[0]]
    assert ids("--vendor", "nadie") == []


def test_unfinished_are_those_that_something_is_still_to_happen_to(start, twilio):
    daemon = start(story.company(twilio, server={"reply_within": "300ms"}, channel={"deliver_within": None}))
    post(daemon)
    twilio.next(behaviours.error(429, 20429, retry_after=60))
    waiting = post(daemon)
    operations.wait_for_state(daemon, waiting, "assigned", "deferred")
    assert waiting in [row["id"] for row in handoffs(daemon, "--unfinished")]


def test_page_by_page(office):
    ids = [post(office) for _ in range(5)]
    assert [row["id"] for row in handoffs(office, "--limit", "2")] == [ids[4], ids[3]]
    assert [row["id"] for row in handoffs(office, "--limit", "2", "--before", ids[3])] == [ids[2], ids[1]]
    assert [row["id"] for row in handoffs(office, "--before", ids[1])] == [ids[0]]
    assert handoffs(office, "--before", ids[0]) == []


def test_fifty_unless_more_are_asked_for(daemon):
    with daemon.client() as client:
        for _ in range(60):
            assert client.post(a_handoff()).status == 200
    assert len(handoffs(daemon)) == 50 and len(handoffs(daemon, "--limit", "1000")) == 60


WRONG = {"a state that there is not": ["--state", "hled"], "no number": ["--limit", "many"], "nothing": ["--limit", "0"],
         "too many": ["--limit", "10000000"]}


@pytest.mark.parametrize("how", WRONG)
def test_a_filter_that_means_nothing_is_named_not_ignored(daemon, how):
    """Otherwise somebody reads "none" and goes home."""
    post(daemon)
    words = refused(daemon, "handoffs", *WRONG[how], code=EXIT_WRONG)
    assert WRONG[how][1] in words, words
    if "--state" in WRONG[how]:
        assert "held" in words, "which states there are"


@pytest.mark.parametrize("arguments", [["--state"], ["--sate", "held"], ["--state", "a b"], ["--vendor", "x&limit=1"],
                                       ["ho_a", "ho_b"], ["../reload"]])
def test_wrong_use_is_2(daemon, arguments):
    refused(daemon, "handoffs", *arguments, code=EXIT_WRONG)


def test_one_with_its_whole_story(office, twilio):
    twilio.next(OPTED_OUT)                             # Ana
    handoff = a_handoff(user_name="Juana Pérez", additional_context="viene de la feria", ciudad="León")
    handoff_id = office.post(handoff)["handoff_id"]
    operations.wait_for_state(office, handoff_id, "notified")
    story_ = story_of(office, handoff_id)
    customer = story_["customer"]
    assert (customer["user_name"], customer["user_phone"], customer["reason"], customer["conversation_id"],
            customer["additional_context"]) == ("Juana Pérez", handoff["user_phone"], handoff["reason"],
                                                handoff["conversation_id"], "viene de la feria")
    assert "León" in customer["fields"]
    assert [(a["vendor"], a["state"]) for a in story_["attempts"]] == [("ana", "refused"), ("luis", "sent")]
    assert story_["attempts"][0]["code"] == 21610 and story_["attempts"][1]["message_id"] == twilio.ledger.messages[0].sid
    assert [event["number"] for event in story_["events"]] == list(range(1, len(story_["events"]) + 1))
    assert operations.kinds(story_)[0] == "assigned" and operations.kinds(story_)[-1] == "sent"

    words = command(office, "handoffs", handoff_id)
    for text in (handoff_id, "Juana Pérez", handoff["user_phone"], handoff["reason"], "viene de la feria", "León",
                 f"1. ana (whatsapp): refused  {story.address(ANA)}", "code 21610",
                 f"2. luis (whatsapp): sent  {story.address(LUIS)}", twilio.ledger.messages[0].sid):
        assert text in words, words


MEXICAN = {"id": "ana", "name": "Ana Torres", "notify": {"whatsapp": "+524420000001"}}


def test_the_other_form_of_a_number_is_told_from_the_first(start, twilio):
    daemon = start(story.company(twilio, MEXICAN, server={"reply_within": "300ms"}))
    twilio.next(behaviours.error(400, 63024))
    handoff = post(daemon)
    operations.wait_for_state(daemon, handoff, "notified")
    words = command(daemon, "handoffs", handoff)
    forms = re.findall(r"^  \d\. ana \(whatsapp\): (\w+)  whatsapp:(\+\d+)", words, re.MULTILINE)
    assert [state for state, _ in forms] == ["refused", "sent"], words
    assert {address for _, address in forms} == {"+524420000001", "+5214420000001"}, words


def test_an_update_names_the_handoff_that_it_follows(office):
    handoff = a_handoff()
    first = office.post(handoff)["handoff_id"]
    office.post({**handoff, "reason": "y además una refacción"})
    update = handoffs(office)[0]
    assert update["update_of"] == first and update["id"] != first
    head, *rows = lines(command(office, "handoffs"))
    assert rows[0].startswith(update["id"]) and rows[0].endswith(f"  update of {first}")
    assert "update of" not in rows[1]
    assert f"actualización de {first}" in lines(command(office, "handoffs", update["id"], env=IN_SPANISH))[0]


@pytest.mark.parametrize("env", [None, IN_SPANISH])
def test_columns_stand_under_each_other_whatever_the_accents(office, env):
    handoff = office.post(a_handoff(user_name="Íñigo Núñez"))["handoff_id"]
    words = command(office, "handoffs", handoff, env=env)
    values = [next(line for line in lines(words) if text in line).index(text)
              for text in ("Íñigo", "+5215512345678", "Cliente desea", "conv_")]
    assert len(set(values)) == 1, words


def test_events_hold_no_personal_data(office, twilio):
    twilio.next(OPTED_OUT)
    handoff = a_handoff(user_name="Juana Pérez", reason="quiero un robot azul")
    story_ = story_of(office, office.post(handoff)["handoff_id"])
    text = str(story_["events"])
    assert "Juana" not in text and "azul" not in text and not re.search(r"\d{10,}(?![0-9a-f])", re.sub(r"(SM|ho_)\w+", "", text))


def test_an_id_that_is_none_of_ours(daemon):
    other = post(daemon)
    for unknown in ("ho_zzz", "x", other[:-1] + ("0" if other[-1] != "0" else "1")):
        assert "no such handoff" in refused(daemon, "handoffs", unknown)
    assert "no such handoff" in refused(daemon, "handoffs", "--before", "ho_zzz")


def test_a_daemon_that_speaks_spanish_says_so_in_spanish(start, twilio):
    daemon = start(story.company(twilio), env=IN_SPANISH)
    assert "no existe esa solicitud" in refused(daemon, "handoffs", "ho_zzz", env=IN_SPANISH)
    words = refused(daemon, "handoffs", "--state", "hled", code=EXIT_WRONG, env=IN_SPANISH)
    assert "no se entiende «hled»" in words and "estados: assigned" in words


# -- who may ask, and whether anybody answers --

def test_without_a_daemon_it_says_so(tmp_path, twilio):
    stopped = Daemon(tmp_path, story.company(twilio))
    words = refused(stopped, "handoffs", code=EXIT_WRONG)
    assert SOCKET in words and "running" in words
    assert "¿está en marcha" in refused(stopped, "handoffs", code=EXIT_WRONG, env=IN_SPANISH)
    assert not (tmp_path / "data").exists(), "asking made something"


def test_the_socket_goes_when_the_daemon_stops(daemon):
    path = daemon.folder / SOCKET
    assert stat.S_ISSOCK(path.stat().st_mode) and stat.S_IMODE(path.stat().st_mode) == 0o660
    daemon.stop()
    assert not path.exists()
    refused(daemon, "handoffs", code=EXIT_WRONG)


def test_a_socket_left_by_kill_9_is_in_nobodys_way(daemon):
    daemon.kill()
    assert (daemon.folder / SOCKET).exists()
    assert "running" in refused(daemon, "handoffs", code=EXIT_WRONG)
    daemon.restart()
    assert re.match(HANDOFF_ID, post(daemon)) and len(handoffs(daemon)) == 1


def test_a_second_daemon_leaves_the_first_ones_socket_alone(daemon, spawn, twilio):
    sections = story.company(twilio, store={"path": str(daemon.folder / "data/handoffd.db")})
    assert spawn(sections).wait_for_exit() == EXIT_WRONG
    handoff = post(daemon)
    assert [row["id"] for row in handoffs(daemon)] == [handoff]


def test_two_daemons_are_asked_each_by_its_own_file(start, twilio):
    one, other = start(story.company(twilio)), start(story.company(twilio))
    ones, others = post(one), post(other)
    assert [row["id"] for row in handoffs(one)] == [ones]
    assert [row["id"] for row in handoffs(other)] == [others]
    refused(other, "handoffs", ones)


def test_two_daemons_cannot_share_a_socket(daemon, spawn, twilio):
    sections = story.company(twilio, server={"control": str(daemon.folder / SOCKET)})
    second = spawn(sections)
    assert second.wait_for_exit() == EXIT_WRONG
    assert "handoffd.sock" in second.log
    assert handoffs(daemon) == []


def test_the_socket_may_stand_elsewhere(start, twilio):
    daemon = start(story.company(twilio, server={"control": "operators.sock"}))
    assert (daemon.folder / "operators.sock").exists() and not (daemon.folder / SOCKET).exists()
    assert handoffs(daemon) == []


def test_who_may_not_ask_is_told_what_to_do(start, twilio, open_folder):
    place = open_folder
    daemon = start(story.company(twilio, server={"control": str(place / "c.sock")}))
    readable = place / "vendors.yaml"
    readable.write_text(daemon.file.read_text("utf-8"), "utf-8")
    readable.chmod(0o644)
    done = as_nobody(daemon, "-c", readable, "handoffs")
    if done is None:
        pytest.skip("only root can become somebody else")
    assert done.returncode == EXIT_WRONG and "sudo" in done.stderr and str(place / "c.sock") in done.stderr
    assert "usa sudo" in as_nobody(daemon, "-c", readable, "handoffs", env=IN_SPANISH).stderr


@pytest.fixture
def shared_office(start, twilio, open_folder):
    """A daemon whose socket everybody may use, and a vendors.yaml beside a .env that is its owner's alone."""
    daemon = start(story.company(twilio, server={"control": str(open_folder / "c.sock")}))
    daemon.socket, daemon.readable = open_folder / "c.sock", open_folder / "vendors.yaml"
    daemon.socket.chmod(0o666)
    text = daemon.file.read_text("utf-8").replace(f'"{story.AUTH_TOKEN}"', '"${TOKEN}"')
    assert "${TOKEN}" in text
    daemon.readable.write_text(text, "utf-8")
    daemon.readable.chmod(0o644)
    (open_folder / ".env").write_text("TOKEN=x\n", "utf-8")
    (open_folder / ".env").chmod(0o600)
    if operations.as_nobody(daemon, "--version") is None:
        pytest.skip("only root can become somebody else")
    return daemon


def test_who_may_use_the_socket_need_not_read_the_dotenv(shared_office):
    handoff = post(shared_office)
    for arguments in (["handoffs"], ["handoffs", handoff], ["close", handoff], ["reload"]):
        done = operations.as_nobody(shared_office, "-c", shared_office.readable, *arguments)
        assert (done.returncode, done.stderr) == (0, ""), done


def test_unless_the_socket_itself_stands_there(shared_office):
    shared_office.readable.write_text("server: {control: '${SOCKET}'}\n", "utf-8")
    done = operations.as_nobody(shared_office, "-c", shared_office.readable, "handoffs")
    assert ".env" in done.stderr and "SOCKET" in done.stderr and done.returncode == EXIT_WRONG


def test_who_may_not_read_vendors_yaml_is_told_how_to_go_on(shared_office, open_folder):
    shared_office.readable.chmod(0o600)
    done = operations.as_nobody(shared_office, "-c", shared_office.readable, "handoffs")
    assert done.returncode == EXIT_WRONG and "no permission to read it" in done.stderr
    assert "sudo -u root" in done.stderr and "-c" in done.stderr and len(lines(done.stderr)) == 2
    spanish = operations.as_nobody(shared_office, "-c", shared_office.readable, "handoffs", env=IN_SPANISH).stderr
    assert "sudo -u root" in spanish and "nombra con -c" in spanish
    small = open_folder / "small.yaml"                  # the one key that is needed
    small.write_text(f"server: {{control: {shared_office.socket}}}\n", "utf-8")
    small.chmod(0o644)
    assert operations.as_nobody(shared_office, "-c", small, "handoffs").returncode == 0


def test_where_there_is_no_vendors_yaml_it_says_how_to_name_one(daemon):
    words = refused(daemon, "-c", "nowhere.yaml", "handoffs", code=EXIT_WRONG)
    assert "no such file" in words and "handoffd -c /etc/handoffd/vendors.yaml" in words
    assert "-c dice dónde está" in refused(daemon, "-c", "nowhere.yaml", "check", code=EXIT_WRONG, env=IN_SPANISH)
