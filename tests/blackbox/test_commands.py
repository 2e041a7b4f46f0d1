"""The command line beside `serve`."""
import json
import re

import pytest

import story
from daemon import EXIT_FINE, EXIT_WRONG, REPOSITORY, Daemon, run
from operations import IN_SPANISH

SAMPLE_TOOL = json.loads((REPOSITORY / "tests/blackbox/data/elevenlabs_tool.json").read_text("utf-8"))
URL = "https://handoff.example.com/api/elevenlabs/handoff"
PARAMETERS = ["user_phone", "reason", "user_name", "conversation_id", "additional_context"]


def test_tells_its_version():
    done = run("--version")
    assert done.returncode == EXIT_FINE and re.match(r"handoffd \d+\.\d+", done.stdout)


def test_help_names_every_subcommand():
    done = run("--help")
    assert done.returncode == EXIT_FINE
    for word in ("serve", "check", "route", "plugins", "elevenlabs", "--version", "-c"):
        assert word in done.stdout


@pytest.mark.parametrize("arguments", [["fly"], ["--wings"], ["route"], ["serve", "-c"], ["elevenlabs", "tool"]])
def test_wrong_use_is_2_and_explained(arguments, tmp_path):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == EXIT_WRONG and done.stderr.strip() and not done.stdout.strip()


MISSING = {"retry": ("the handoff's id", "el id de la solicitud", "ho_"), "cancel": ("the handoff's id", "el id de la solicitud", "ho_"),
           "close": ("the handoff's id", "el id de la solicitud", "ho_"), "send-test": ("the person's id", "el id de la persona", "ana"),
           "backup": ("the new file", "el archivo nuevo", "/"), "restore": ("the backup", "el respaldo", "/")}


@pytest.mark.parametrize("command", MISSING)
@pytest.mark.parametrize("arguments", [[], [""]])
def test_what_is_missing_is_named_with_an_example(command, arguments, tmp_path):
    english, spanish, example = MISSING[command]
    done = run(command, *arguments, cwd=tmp_path)
    assert done.returncode == EXIT_WRONG and not done.stdout
    assert done.stderr.startswith(f"handoffd {command}: {english} is missing, as in: handoffd {command} {example}"), done.stderr
    done = run(command, *arguments, cwd=tmp_path, env=IN_SPANISH)
    assert done.stderr.startswith(f"handoffd {command}: falta {spanish}, por ejemplo: handoffd {command} {example}"), done.stderr


def test_a_missing_configuration_is_2_and_named(tmp_path):
    for command in ("serve", "check"):
        done = run(command, *(["-c"] if command == "serve" else []), "nowhere.yaml", cwd=tmp_path)
        assert done.returncode == EXIT_WRONG and "nowhere.yaml" in done.stderr


def test_lists_its_plugins():
    done = run("plugins")
    assert done.returncode == EXIT_FINE
    for name in ("keyword", "round_robin", "log", "twilio_whatsapp"):
        assert re.search(rf"^\s*{name}\b", done.stdout, re.MULTILINE), done.stdout


@pytest.mark.parametrize("env, words", [(None, "from 100ms to 1m, default 10s"), (IN_SPANISH, "de 100ms a 1m, por omisión 10s")])
def test_durations_are_told_as_vendors_yaml_takes_them(env, words):
    assert words in run("plugins", "twilio_whatsapp", env=env).stdout


# -- route --

@pytest.fixture
def stopped(tmp_path, twilio):
    """A configuration and no daemon."""
    ana, luis = ({**vendor, "keywords": [word]} for vendor, word in ((story.ANA, "precio"), (story.LUIS, "garantía")))
    return Daemon(tmp_path, story.company(twilio, ana, luis, routing=["keyword", "round_robin"]))


def test_route_needs_no_daemon_and_leaves_no_trace(stopped, twilio):
    before = sorted(stopped.folder.rglob("*"))
    done = stopped.run("route", "-c", "vendors.yaml", "quiero un PRECIO")
    assert done.returncode == EXIT_FINE and "Ana Torres" in done.stdout
    assert sorted(stopped.folder.rglob("*")) == before and not twilio.ledger.requests


def test_route_tells_why(stopped):
    done = stopped.run("route", "-c", "vendors.yaml", "es por la garantia")
    assert "Luis Rangel" in done.stdout and "keyword" in done.stdout and "round_robin" in done.stdout


def test_route_takes_a_phone(stopped):
    assert stopped.run("route", "-c", "vendors.yaml", "precio", "--phone", "+5215512345678").returncode == EXIT_FINE


def test_the_ranks_stand_under_their_step_whatever_its_accents(stopped, twilio):
    stopped.configure(story.company(twilio, story.ANA, story.LUIS, routing=[{"plugin": "round_robin", "as": "según_año"}, "round_robin"]))
    head, first, _ = stopped.run("route", "hola").stdout.splitlines()[-3:]
    assert len(head) == len(first) and head.endswith("round_robin"), (head, first)


def test_route_says_no_when_nobody_is_left(stopped, twilio):
    ana = {**story.ANA, "keywords": ["precio"]}
    stopped.configure(story.company(twilio, ana, routing=[{"plugin": "keyword", "only": True}]))
    assert stopped.run("route", "-c", "vendors.yaml", "hola").returncode == 1


# -- elevenlabs tool --

def tool(*arguments):
    """The JSON that begins the output, and the words that follow it."""
    done = run("elevenlabs", "tool", "--url", URL, *arguments)
    assert done.returncode == EXIT_FINE, done.stderr
    config, end = json.JSONDecoder().raw_decode(done.stdout)
    return config, done.stdout[end:] + done.stderr


def expect_shape(value, sample, where="tool"):
    """Everything in the sample is there, with the same type."""
    assert type(value) is type(sample), where
    if isinstance(sample, dict) and not where.endswith(("request_headers", "properties")):
        assert set(sample) <= set(value), where
        for name, part in sample.items():
            expect_shape(value[name], part, f"{where}.{name}")


def test_elevenlabs_tool_has_the_shape_that_elevenlabs_takes():
    config, _ = tool()
    expect_shape(config, SAMPLE_TOOL)
    schema = config["tool_config"]["api_schema"]
    assert (schema["url"], schema["method"]) == (URL, "POST")
    assert config["tool_config"]["type"] == "webhook"
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", config["tool_config"]["name"])
    assert 5 <= config["tool_config"]["response_timeout_secs"] <= 300
    assert config["tool_config"]["tool_error_handling_mode"] == "passthrough"


@pytest.mark.parametrize("arguments", [[], ["--chat"]])
def test_elevenlabs_tool_gives_every_field_exactly_one_source(arguments):
    config, _ = tool(*arguments)
    body = config["tool_config"]["api_schema"]["request_body_schema"]
    assert sorted(body["properties"]) == sorted(PARAMETERS)
    assert sorted(body["required"]) == ["reason", "user_phone"]
    for name, field in body["properties"].items():
        assert field["type"] == "string"
        assert len({"description", "dynamic_variable", "constant_value"} & set(field)) == 1, name
    assert body["properties"]["conversation_id"]["dynamic_variable"] == "system__conversation_id"


def test_elevenlabs_tool_takes_the_phone_from_the_call_but_asks_for_it_in_a_chat():
    voice, chat = (tool(*arguments)[0]["tool_config"]["api_schema"]["request_body_schema"]["properties"]["user_phone"]
                   for arguments in ([], ["--chat"]))
    assert voice["dynamic_variable"] == "system__caller_id"
    assert "dynamic_variable" not in chat and chat["description"]


def test_elevenlabs_tool_sends_its_key_as_a_secret_header():
    headers = tool()[0]["tool_config"]["api_schema"]["request_headers"]
    assert any(isinstance(value, dict) and "secret_id" in value for value in headers.values())


def test_elevenlabs_tool_adds_a_paragraph_for_the_prompt():
    _, words = tool()
    assert "cliente" in words.lower() and "handoff" in words.lower()
