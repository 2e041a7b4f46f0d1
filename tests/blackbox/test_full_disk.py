"""A full disk: a refusal that promises nothing, before anything is written; and service again once there is room."""
import os
import subprocess

import pytest

import story
from story import a_handoff

SIZE_BYTES = 128 * 1024 * 1024


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES}", "tmpfs", disk], capture_output=True, check=False).returncode == 0
    if not mounted:
        pytest.skip("no right to mount a small disk here")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def fill(path):
    with open(path, "wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 65536):
                pass
        except OSError:
            pass


def test_a_full_disk_refuses_before_it_writes_and_recovers(small_disk, start, twilio):
    daemon = start(story.company(twilio, store={"path": str(small_disk / "handoffd.db")}))
    assert daemon.post(a_handoff()).status == 200
    fill(small_disk / "ballast")
    handoff = a_handoff()
    refused = story.expect_say(daemon.post(handoff))
    assert refused.status == 503 and refused["stored"] is False and int(refused.headers["retry-after"]) > 0
    assert len(twilio.ledger.sends) == 1
    (small_disk / "ballast").unlink()
    answers = []                                        # how much room there is, it may know for a second
    daemon.turn_until(lambda: answers.append(daemon.post(handoff)) or answers[-1].status != 503, "service again")
    assert answers[-1].status == 200 and "duplicate" not in answers[-1].json
    daemon.stop()
