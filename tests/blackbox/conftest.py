"""Fixtures: a fake provider and real daemons, for one test or shared by the tests of one file."""
import contextlib
import tempfile
from pathlib import Path

import pytest

import story
from daemon import Daemon
from fake_twilio import FakeTwilio


def _provider():
    fake = FakeTwilio().start()
    yield fake
    fake.stop()
    assert fake.problems == [], "the daemon asked Twilio for something that Twilio would not take"


def _starter(new_folder):
    """A function that starts daemons, each in a folder of its own; afterwards all of them must stop in good order."""
    with contextlib.ExitStack() as ends:
        def start(configuration, dotenv=None, env=None):
            daemon = Daemon(new_folder(), configuration, dotenv, env)
            ends.callback(daemon.clean_up)
            return daemon.start()
        yield start


@pytest.fixture
def twilio():
    yield from _provider()


@pytest.fixture(scope="module")
def shared_twilio():
    yield from _provider()


@pytest.fixture
def start(twilio, tmp_path_factory):
    yield from _starter(lambda: tmp_path_factory.mktemp("daemon"))


@pytest.fixture(scope="module")
def start_shared(shared_twilio, tmp_path_factory):
    yield from _starter(lambda: tmp_path_factory.mktemp("daemon"))


@pytest.fixture
def spawn(tmp_path_factory):
    """Starts a daemon that is expected to end by itself."""
    with contextlib.ExitStack() as ends:
        def spawn(configuration):
            daemon = Daemon(tmp_path_factory.mktemp("daemon"), configuration).spawn()
            ends.callback(lambda: daemon.is_running and daemon.kill())
            return daemon
        yield spawn


@pytest.fixture
def open_folder():
    """A folder that everybody may come into: none of pytest's, which it closes whenever one begins."""
    with tempfile.TemporaryDirectory(prefix="handoffd-") as name:
        place = Path(name)
        place.chmod(0o711)
        yield place


@pytest.fixture
def daemon(start, twilio):
    """Ana alone, told through the fake: for tests that break things."""
    return start(story.company(twilio))


@pytest.fixture(scope="module")
def shared(start_shared, shared_twilio):
    """The same, for the tests of a file that leave it as they found it."""
    return start_shared(story.company(shared_twilio))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows what the daemons wrote, when a test fails."""
    outcome = yield
    if outcome.get_result().failed:
        for daemon in Daemon.all:
            outcome.get_result().sections.append((f"stderr of handoffd in {daemon.folder}", daemon.log))


def pytest_runtest_logfinish(nodeid):
    Daemon.all[:] = [daemon for daemon in Daemon.all if daemon.is_running]
