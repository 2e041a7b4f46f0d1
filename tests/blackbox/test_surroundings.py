"""What surrounds the process is odd: nobody reads its log, its standard files are closed."""
import http.client
import json
import os
import signal
import socket
import subprocess

import pytest

import story
from daemon import BINARY, REPOSITORY, clean_environment
from ledger import WAIT_SECONDS
from story import a_handoff

MORE_THAN_A_PIPE_HOLDS = 1000  # handoffs; each writes a line of the log


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def served(tmp_path):
    """Starts the shipped configuration by a shell command that ends in the daemon; kills what is left."""
    port, running = free_port(), []
    text = (REPOSITORY / "vendors.yaml").read_text("utf-8").replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    (tmp_path / "vendors.yaml").write_text(text, "utf-8")

    def serve(redirections, **files):
        command = f'exec "{BINARY}" serve {redirections}'
        running.append(subprocess.Popen(["/bin/sh", "-c", command], cwd=tmp_path, env=clean_environment(), **files))
        return running[0], port

    yield serve
    for process in running:
        process.kill()
        process.wait(WAIT_SECONDS)


def post_many(port, count):
    connection = None
    while connection is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)
            connection.connect()
        except ConnectionRefusedError:
            connection = None
    for _ in range(count):
        connection.request("POST", "/api/elevenlabs/handoff", json.dumps(a_handoff()))
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()


def test_goes_on_while_nobody_reads_its_log(served):
    reading, writing = os.pipe()
    process, port = served("", stderr=writing)
    os.close(writing)
    post_many(port, MORE_THAN_A_PIPE_HOLDS)
    process.send_signal(signal.SIGTERM)
    assert process.wait(WAIT_SECONDS) == 0
    os.close(reading)


@pytest.mark.parametrize("redirections", ["<&- >&- 2>&-", ">&- 2>&-", "2>&-"])
def test_goes_on_without_standard_files(served, redirections):
    process, port = served(redirections, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    post_many(port, MORE_THAN_A_PIPE_HOLDS)
    process.send_signal(signal.SIGTERM)
    assert process.wait(WAIT_SECONDS) == 0


def test_says_once_that_it_refuses_and_once_that_it_takes_again(start, twilio):
    daemon = start(story.company(twilio, store={"path": "data/handoffd.db", "min_free_mb": 900_000_000}))
    for _ in range(3):
        assert daemon.post(a_handoff()).status == 503
    assert daemon.ask("GET", "/readyz").status == 503
    daemon.wait_for_log(r"\[ERROR\] handoffs are refused.*min_free_mb=900000000")
    daemon.stop()
    assert daemon.log.count("[ERROR] handoffs are refused") == 1
