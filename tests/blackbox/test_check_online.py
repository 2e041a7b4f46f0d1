"""`handoffd check --online`: whether the provider would take a message, before any is sent."""
import pytest

import account
import behaviours
import story
from daemon import EXIT_FINE, EXIT_NO, EXIT_WRONG, Daemon
from operations import IN_SPANISH
from story import ANA

TEMPLATE = "HX" + "1" * 32


def company(twilio, **channel):
    return story.company(twilio, ANA, channel={"content_base": twilio.url, "messaging_base": twilio.url, "timeout": "1s",
                                               "template": {"sid": TEMPLATE, "variables": ["cliente", "motivo"]}, **channel})


@pytest.fixture
def stopped(tmp_path, twilio):
    twilio.templates[TEMPLATE] = account.template()
    twilio.senders[:] = [account.sender(story.SENDER)]
    return Daemon(tmp_path, company(twilio))


def verdict(stopped, code, env=None):
    """What is said of the channel whatsapp: the lines under its name."""
    done = stopped.run("check", "--online", env=env)
    assert done.returncode == code, f"exit {done.returncode}: {done.stdout}{done.stderr}"
    lines = done.stdout.splitlines()
    name = "canal whatsapp (Twilio)" if env else "channel whatsapp (Twilio)"
    return "\n".join(lines[lines.index(name) + 1:])


def test_all_is_fine(stopped, twilio):
    assert verdict(stopped, EXIT_FINE) == "  the provider agrees"
    assert not twilio.ledger.sends, "it sent something"
    assert {request.method for request in twilio.ledger.requests} == {"GET"}


def test_in_spanish(stopped, twilio):
    assert verdict(stopped, EXIT_FINE, IN_SPANISH) == "  el proveedor está de acuerdo"
    twilio.templates[TEMPLATE] = account.template(status="paused")
    assert verdict(stopped, EXIT_NO, IN_SPANISH) == f"  el proveedor objeta: la plantilla {TEMPLATE} está en pausa"


UNHEARD = {None: "  without server.public_url no provider calls back: it is asked what became of a message, which takes longer",
           "es": "  sin server.public_url ningún proveedor avisa: se le pregunta qué fue de cada mensaje, y tarda más"}


def unheard(stopped, language=None):
    lines = stopped.run("check", "--online", env=IN_SPANISH if language else None).stdout.splitlines()
    return lines.count(UNHEARD[language])


def test_without_a_public_url_it_says_once_that_nobody_calls_back(stopped, twilio):
    sections = company(twilio)
    sections["channels"]["otra"] = sections["channels"]["whatsapp"]
    stopped.configure(sections)
    assert unheard(stopped) == unheard(stopped, "es") == 1
    assert UNHEARD[None] not in stopped.run("check").stdout
    sections["server"]["public_url"] = "https://handoff.example.com"
    stopped.configure(sections)
    assert unheard(stopped) == 0


def test_where_no_channel_could_be_called_back_it_says_nothing(stopped, twilio):
    stopped.configure(company(twilio, auth_token="${NOT_SET:-}"))
    assert unheard(stopped) == 0


def test_a_channel_without_anything_to_ask(stopped):
    done = stopped.run("check", "--online")
    lines = done.stdout.splitlines()
    assert lines[lines.index("channel log (Log)") + 1] == "  nothing to ask"
    spanish = stopped.run("check", "--online", env=IN_SPANISH).stdout
    assert "nada que preguntar" in spanish


def test_a_channel_that_is_not_set_up(stopped, twilio):
    stopped.configure(company(twilio, auth_token="${NOT_SET:-}"))
    assert verdict(stopped, EXIT_FINE) == "  not set up" and not twilio.ledger.requests


def test_bad_credentials(stopped, twilio):
    stopped.configure(company(twilio, auth_token="wrong-wrong-wrong-wrong-wrong-00"))
    words = verdict(stopped, EXIT_NO)
    assert words.startswith("  the provider objects: Twilio does not accept the credentials") and "wrong-wrong" not in words


@pytest.mark.parametrize("status, words", [("paused", "is paused"), ("rejected", "was rejected: INVALID_FORMAT"),
                                           ("pending", "is not approved yet"), ("disabled", "is disabled")])
def test_a_template_that_is_not_to_be_used(stopped, twilio, status, words):
    reason = "INVALID_FORMAT" if status == "rejected" else ""
    twilio.templates[TEMPLATE] = account.template(status=status, rejection_reason=reason)
    assert verdict(stopped, EXIT_NO) == f"  the provider objects: the template {TEMPLATE} {words}"


def test_a_template_that_is_not_there_or_wants_more(stopped, twilio):
    twilio.templates[TEMPLATE] = account.template("{{1}} {{2}} {{3}}")
    assert "has {{3}}, but template.variables fills only 2" in verdict(stopped, EXIT_NO)
    twilio.templates.clear()
    assert f"the template {TEMPLATE} does not exist in this account" in verdict(stopped, EXIT_NO)


def test_a_template_that_meta_may_withhold_is_said_and_is_no_fault(stopped, twilio):
    twilio.templates[TEMPLATE] = account.template(category="MARKETING")
    assert verdict(stopped, EXIT_FINE).startswith("  the provider agrees: the template's category is MARKETING")


def test_a_sender_that_is_not_there_or_not_online(stopped, twilio):
    twilio.senders[:] = [account.sender("+14155550199")]
    assert "from is not a WhatsApp sender of this account" in verdict(stopped, EXIT_NO)
    twilio.senders[:] = [account.sender(story.SENDER, status="OFFLINE", offline_reasons=[{"code": "1", "message": "banned"}])]
    assert "its state is OFFLINE: banned" in verdict(stopped, EXIT_NO)


def test_a_provider_that_is_away(stopped, twilio):
    twilio.stop()
    assert verdict(stopped, EXIT_NO).startswith("  it is not known: Twilio could not be asked: ")
    assert verdict(stopped, EXIT_NO, IN_SPANISH).startswith("  no se sabe: no se pudo preguntar a Twilio: ")
    twilio.start()


@pytest.mark.parametrize("how", [behaviours.hang(), behaviours.error(500, 20500), behaviours.garbage(), behaviours.html_error(502)])
def test_an_answer_that_says_nothing(stopped, twilio, how):
    twilio.always_asks(how)
    assert verdict(stopped, EXIT_NO).startswith("  it is not known: Twilio could not be asked: ")


def test_two_channels_are_both_asked(stopped, twilio):
    sections = company(twilio)
    sections["channels"]["otra"] = {**sections["channels"]["whatsapp"], "auth_token": "wrong-wrong-wrong-wrong-wrong-00"}
    stopped.configure(sections)
    done = stopped.run("check", "--online")
    assert done.returncode == EXIT_NO
    assert "the provider agrees" in done.stdout and "the provider objects" in done.stdout


def test_without_online_nobody_is_asked(stopped, twilio):
    assert stopped.run("check").returncode == EXIT_FINE and not twilio.ledger.requests


def test_a_wrong_file_is_not_asked_about(stopped, twilio):
    stopped.configure("company: {nmae: x}\n")
    assert stopped.run("check", "--online").returncode == EXIT_WRONG and not twilio.ledger.requests


def test_the_file_may_stand_before_or_behind(stopped):
    for arguments in (["vendors.yaml", "--online"], ["--online", "vendors.yaml"]):
        assert stopped.run("check", *arguments).returncode == EXIT_FINE
    assert stopped.run("check", "--onlin").returncode == EXIT_WRONG
