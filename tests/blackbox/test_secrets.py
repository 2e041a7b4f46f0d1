"""Secrets are read where nobody else can, and are seen nowhere: not in the environment of the process, not in a child's."""
import json
from pathlib import Path

import pytest

import behaviours
import story
from daemon import EXIT_WRONG, run
from story import a_handoff

TOKEN = story.AUTH_TOKEN


def with_variable(twilio, **sections):
    return story.company(twilio, channel={"auth_token": "${TOKEN}"}, **sections)


def environment_of(daemon):
    return Path(f"/proc/{daemon.process.pid}/environ").read_bytes()


def test_one_of_the_environment_is_taken_out_of_it(start, twilio):
    daemon = start(with_variable(twilio, alerts={"command": "env > seen; echo done > said"}), env={"TOKEN": TOKEN, "OTHER": "other"})
    assert b"TOKEN=" in environment_of(daemon) and b"OTHER=other" in environment_of(daemon)
    assert TOKEN.encode() not in environment_of(daemon)
    assert daemon.post(a_handoff()).status == 200
    assert daemon.run("reload").returncode == 0                         # it is still known
    assert daemon.post(a_handoff()).status == 200
    twilio.always(behaviours.error(401, 20003))
    daemon.post(a_handoff())
    daemon.turn_until(lambda: (daemon.folder / "said").exists(), "the command of alerts")
    seen = (daemon.folder / "seen").read_text("utf-8")
    assert "OTHER=other" in seen and TOKEN not in seen


def test_one_may_be_handed_over_by_the_service_manager(start, twilio, tmp_path):
    (tmp_path / "TOKEN").write_text(TOKEN + "\n", "utf-8")
    daemon = start(with_variable(twilio), env={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert daemon.post(a_handoff()).status == 200


@pytest.mark.parametrize("mode, is_fine", [(0o600, True), (0o400, True), (0o644, False), (0o604, False), (0o660, False)])
def test_the_dotenv_is_its_owners_alone(tmp_path, twilio, mode, is_fine):
    (tmp_path / "vendors.yaml").write_text(json.dumps(with_variable(twilio)), "utf-8")
    (tmp_path / ".env").write_text(f"TOKEN={TOKEN}\n", "utf-8")
    (tmp_path / ".env").chmod(mode)
    done = run("check", cwd=tmp_path)
    assert (done.returncode == 0) == is_fine, done.stderr
    assert is_fine or ("chmod 600 .env" in done.stderr and TOKEN not in done.stderr)


def test_one_in_vendors_yaml_is_refused_where_others_may_read_it(tmp_path, twilio):
    file = tmp_path / "vendors.yaml"
    file.write_text(json.dumps(story.company(twilio, channel={"auth_token": TOKEN})), "utf-8")
    assert run("check", cwd=tmp_path).returncode == 0
    file.chmod(0o644)
    done = run("check", cwd=tmp_path)
    assert done.returncode == EXIT_WRONG and TOKEN not in done.stderr
    assert "vendors.yaml:1:" in done.stderr and "chmod 600 vendors.yaml" in done.stderr and "${NAME}" in done.stderr
    file.write_text(json.dumps(with_variable(twilio)), "utf-8")         # which may be read by all
    assert run("check", cwd=tmp_path, env={"TOKEN": TOKEN}).returncode == 0


def test_the_file_of_one_is_its_owners_alone(tmp_path, twilio):
    sections = story.company(twilio)
    sections["channels"]["whatsapp"]["auth_token_file"] = "token"
    del sections["channels"]["whatsapp"]["auth_token"]
    (tmp_path / "vendors.yaml").write_text(json.dumps(sections), "utf-8")
    (tmp_path / "token").write_text(TOKEN, "utf-8")
    assert run("check", cwd=tmp_path).returncode == 0
    (tmp_path / "token").chmod(0o644)
    done = run("check", cwd=tmp_path)
    assert done.returncode == EXIT_WRONG and "chmod 600 token" in done.stderr
