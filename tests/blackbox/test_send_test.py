"""`handoffd send-test ana`: a message on a real phone before the first customer comes; or why there is none."""
import re

import pytest

import behaviours
import fates
import operations
import story
from behaviours import Gate
from daemon import EXIT_FINE, EXIT_NO, EXIT_WRONG, Daemon
from operations import IN_SPANISH, SPANISH_WORD
from story import ANA, LUIS, address


@pytest.fixture
def stopped(tmp_path, twilio):
    """A configuration and no daemon: none is needed."""
    return Daemon(tmp_path, story.company(twilio, ANA, LUIS, channel={"timeout": "1s"}))


def expect(done, code, *words):
    assert done.returncode == code, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    assert not done.stderr.strip(), done.stderr
    for word in words:
        assert word in done.stdout, done.stdout
    return done.stdout.splitlines()


def test_delivered(stopped, twilio):
    lines = expect(stopped.run("send-test", "ana"), EXIT_FINE)
    (message,) = twilio.ledger.messages
    assert lines == ["sending to ana by whatsapp …", f"taken by Twilio: {message.sid}", "it is on the phone"]
    assert message.to == address(ANA) and "Prueba de handoffd" in message.text and "StatusCallback" not in message.form
    assert not (stopped.folder / "data").exists(), "it left something behind"


def test_beside_a_running_daemon_it_stores_nothing(daemon, twilio):
    expect(daemon.run("send-test", "ana"), EXIT_FINE)
    assert operations.handoffs(daemon) == [] and len(twilio.ledger.messages) == 1


def test_it_is_asked_for_until_it_arrives(stopped, twilio):
    """The first look finds it on its way, and opens the gate behind which it arrives."""
    gate = Gate()
    twilio.fate(fates.later(gate, fates.delivered()))

    def open_after(exchange):
        behaviours.accept(exchange)
        gate.open()
    twilio.next_asks(open_after)
    lines = expect(stopped.run("send-test", "ana"), EXIT_FINE)
    assert lines[-1] == "it is on the phone" and len(twilio.ledger.asks) == 2


def test_taken_and_never_delivered(stopped, twilio):
    twilio.fate(fates.sent())
    lines = expect(stopped.run("send-test", "ana", "--wait", "1s"), EXIT_NO)
    assert lines[1].startswith("taken by Twilio: SM")
    assert lines[2] == "taken, but not on the phone within 1s: is it off, or did it block this number?"
    assert len(twilio.ledger.messages) == 1


LATE = {63016: "set template.sid to an approved template", 63015: 'must send "join"', 63024: "no WhatsApp"}


@pytest.mark.parametrize("code", LATE)
def test_taken_and_then_refused(stopped, twilio, code):
    twilio.fate(fates.failed(code))
    lines = expect(stopped.run("send-test", "ana", "--wait", "20s"), EXIT_NO, f"(code {code})", LATE[code])
    assert re.match(r"failed: .+ \(code \d+\)$", lines[2]) and lines[3].startswith("what to do: ")


AT_ONCE = {63015: (400, 'must send "join"'), 63007: (400, "from is not a WhatsApp sender of this account"),
           20003: (401, "Check account_sid and auth_token"), 21211: (400, "")}


@pytest.mark.parametrize("code", AT_ONCE)
def test_refused_at_once(stopped, twilio, code):
    status, advice = AT_ONCE[code]
    twilio.always(behaviours.error(status, code))
    lines = expect(stopped.run("send-test", "ana"), EXIT_NO, f"(code {code})", advice)
    assert lines[1].startswith("failed: ") and lines[2].startswith("what to do: ")
    assert len(twilio.ledger.sends) == 1


@pytest.mark.parametrize("code", [*LATE, *AT_ONCE])
def test_in_spanish_what_to_do(stopped, twilio, code):
    if code in LATE:
        twilio.fate(fates.failed(code))
    else:
        twilio.always(behaviours.error(AT_ONCE[code][0], code))
    lines = expect(stopped.run("send-test", "ana", env=IN_SPANISH), EXIT_NO, f"(código {code})")
    assert lines[0] == "enviando a ana por whatsapp …"
    assert lines[-1].startswith("qué hacer: ") and SPANISH_WORD.search(lines[-1][11:])


def test_wrong_credentials(stopped, twilio):
    stopped.configure(story.company(twilio, channel={"auth_token": "wrong-wrong-wrong-wrong-wrong-00"}))
    done = stopped.run("send-test", "ana")
    expect(done, EXIT_NO, "(code 20003)", "what to do: Check account_sid and auth_token")
    assert "wrong-wrong" not in done.stdout


@pytest.mark.parametrize("how", [behaviours.hang(), behaviours.cut_in_body(), behaviours.reset()])
def test_an_answer_that_does_not_come(stopped, twilio, how):
    twilio.always(how)
    lines = expect(stopped.run("send-test", "ana"), EXIT_NO)
    assert lines[1].startswith("failed: ") and lines[2] == "it may have been sent: look at the phone"
    assert len(twilio.ledger.sends) == 1


def test_a_provider_that_is_away(stopped, twilio):
    twilio.stop()
    lines = expect(stopped.run("send-test", "ana"), EXIT_NO)
    assert lines[1].startswith("failed: ") and "may have been sent" not in lines[-1]
    twilio.start()


def test_the_looking_that_leads_nowhere_ends_too(stopped, twilio):
    twilio.always_asks(behaviours.hang())
    expect(stopped.run("send-test", "ana", "--wait", "1s"), EXIT_NO, "not on the phone within 1s")


def test_a_person_who_is_told_by_the_log(stopped, twilio):
    stopped.configure(story.company(twilio, {"id": "ana", "name": "Ana", "notify": {"log": ""}}))
    done = stopped.run("send-test", "ana")
    assert done.returncode == EXIT_FINE and "sending to ana by log" in done.stdout and not twilio.ledger.requests


@pytest.mark.parametrize("language", ["english", "spanish"])
def test_somebody_unknown(stopped, twilio, language):
    env = IN_SPANISH if language == "spanish" else None
    done = stopped.run("send-test", "pepe", env=env)
    assert done.returncode == EXIT_NO and "pepe" in done.stderr and not done.stdout
    assert ("no se puede avisar a «pepe»" if env else '"pepe" cannot be told') in done.stderr
    assert not twilio.ledger.requests


def test_a_person_on_a_channel_that_is_not_set_up(stopped, twilio):
    stopped.configure(story.company(twilio, channel={"auth_token": "${NOT_SET:-}"}))
    done = stopped.run("send-test", "ana")
    assert done.returncode == EXIT_NO and "set up" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["ana", "luis"], ["ana", "--wait"], ["ana", "--wait", "soon"], ["ana", "--wait", "0s"],
                                       ["--now"], ["ana", "--wait", "-5s"]])
def test_wrong_use(stopped, twilio, arguments):
    words = operations.refused(stopped, "send-test", *arguments, code=EXIT_WRONG)
    assert words.startswith("handoffd send-test: ") and '""' not in words
    assert not twilio.ledger.requests


def test_a_wrong_file(stopped, twilio):
    stopped.configure("company: {nmae: x}\n")
    done = stopped.run("send-test", "ana")
    assert done.returncode == EXIT_WRONG and "vendors.yaml:1:11: error" in done.stderr and not twilio.ledger.requests


def test_never_delivered_in_spanish(stopped, twilio):
    twilio.fate(fates.sent())
    lines = expect(stopped.run("send-test", "ana", "--wait", "1s", env=IN_SPANISH), EXIT_NO)
    assert lines[-1] == "recibido, pero en 1s no llegó al teléfono: ¿está apagado, o bloqueó este número?"
