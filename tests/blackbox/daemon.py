"""daemon - the real handoffd as a child process: started, watched through its stderr, stopped, killed, started again."""
import json
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

from client import Client, RawConnection
from ledger import WAIT_SECONDS
from store import read_store

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("HANDOFFD", REPOSITORY / "build/dev/bin/handoffd")).absolute()
LISTENING = r"listening\b.*\baddress=127\.0\.0\.1:(\d+)"
SANITIZER_REPORT = re.compile(r"ERROR: \w*Sanitizer|WARNING: \w*Sanitizer|runtime error:|SUMMARY: \w*Sanitizer")
PASSED_ON = ("PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "ASAN_SYMBOLIZER_PATH",
             "LLVM_PROFILE_FILE")
EXIT_FINE, EXIT_NO, EXIT_WRONG = 0, 1, 2

os.umask(0o077)     # what a test writes may hold secrets: others must not be able to read it


def clean_environment(changes=None):
    """What the daemon sees: nothing of the developer's own shell."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", **(changes or {})}


def run(*arguments, cwd=None, env=None):
    """Runs one subcommand to its end."""
    done = subprocess.run([BINARY, *map(str, arguments)], cwd=cwd, env=clean_environment(env), capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=WAIT_SECONDS, encoding="utf-8", check=False)
    assert not SANITIZER_REPORT.search(done.stderr), done.stderr
    return done


class Daemon:
    """One daemon, its folder (vendors.yaml, .env, data/) and everything that it wrote to stderr."""

    all = []                # for the report of a test that failed

    def __init__(self, folder, configuration, dotenv=None, env=None):
        self.folder, self.env, self.wrapper = Path(folder), env, ()     # the wrapper: a command that runs it
        self.arguments = ()                                             # behind "serve"
        self.descriptors = ()                                           # what it inherits
        self.file = self.folder / "vendors.yaml"
        self.configure(configuration, dotenv)
        self.process, self.port, self._log, self._changed = None, None, [], threading.Condition()
        self._run_starts = 0
        Daemon.all.append(self)

    def configure(self, configuration, dotenv=None):
        """Writes vendors.yaml from text, or from a dict of its sections; and the .env beside it."""
        if not isinstance(configuration, str):
            configuration = as_yaml(configuration)
        self.file.write_text(configuration, "utf-8")
        if dotenv is not None:
            (self.folder / ".env").write_text("".join(f"{k}={v}\n" for k, v in dotenv.items()), "utf-8")

    def spawn(self):
        """Starts the process and waits for nothing."""
        self._run_starts = len(self._log)
        command = [*self.wrapper, BINARY, "serve", *self.arguments, "-c", self.file]
        self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=clean_environment(self.env),
                                        pass_fds=self.descriptors)
        self._reader = threading.Thread(target=self._read_stderr, args=(self.process,), daemon=True)
        self._reader.start()
        return self

    def start(self):
        self.spawn()
        self.port = int(self.wait_for_log(LISTENING, this_run=True)[1])
        return self

    def restart(self):
        """Starts again on the same store."""
        return self.start()

    def _read_stderr(self, process):
        for line in process.stderr:
            with self._changed:
                self._log.append(line.decode("utf-8", "replace").rstrip("\n"))
                self._changed.notify_all()
        process.wait()
        with self._changed:
            self._changed.notify_all()

    # -- its log --

    @property
    def log(self):
        with self._changed:
            return "\n".join(self._log)

    def wait_for_log(self, pattern, count=1, this_run=False, timeout=WAIT_SECONDS):
        """Waits for so many lines that match; returns the last match. A daemon that is gone writes no more."""
        deadline, pattern = time.monotonic() + timeout, re.compile(pattern)
        with self._changed:
            while True:
                lines = self._log[self._run_starts:] if this_run else self._log
                found = [match for line in lines if (match := pattern.search(line))]
                if len(found) >= count:
                    return found[count - 1]
                remaining = deadline - time.monotonic()
                assert self._reader.is_alive(), f"the daemon ended ({self.process.poll()}) without {pattern.pattern!r} in its log"
                assert remaining > 0, f"waited {timeout} s for {pattern.pattern!r} in the log"
                self._changed.wait(min(remaining, 1))

    # -- its ends --

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait_for_exit(self):
        code = self.process.wait(WAIT_SECONDS)
        self._reader.join(WAIT_SECONDS)
        self.process.stderr.close()
        assert not SANITIZER_REPORT.search(self._log_of_this_run()), "a sanitizer complained: see the log"
        return code

    def _log_of_this_run(self):
        with self._changed:
            return "\n".join(self._log[self._run_starts:])

    def stop(self):
        self.signal(signal.SIGTERM)
        code = self.wait_for_exit()
        last = "\n".join(self._log_of_this_run().splitlines()[-30:])
        assert code == EXIT_FINE, f"exit code {code} after SIGTERM; its last words:\n{last}"

    def kill(self):
        self.signal(signal.SIGKILL)
        self.wait_for_exit()

    def clean_up(self):
        """The end of a test: whoever still runs must stop in good order."""
        try:
            if self.is_running:
                self.stop()
            elif self.process is not None and not self.process.stderr.closed:
                raise AssertionError(f"the daemon ended by itself: exit code {self.wait_for_exit()}")
        finally:
            if self.is_running:
                self.kill()

    # -- talking to it --

    def client(self):
        return Client(self.port)

    def raw(self):
        return RawConnection(self.port)

    def ask(self, method, path, body=None, headers=None):
        with self.client() as client:
            return client.ask(method, path, body, headers)

    def post(self, handoff, **headers):
        with self.client() as client:
            return client.post(handoff, **headers)

    def run(self, *arguments, env=None):
        """Another subcommand, in this daemon's folder."""
        return run(*arguments, cwd=self.folder, env=env)

    def attempts(self, handoff):
        """The states of its attempts, in order; out of the store."""
        rows = [row for row in read_store(self.folder / "data/handoffd.db").values()
                if row.conversation == handoff["conversation_id"]]
        return [state for row in rows for state, _, _ in row.attempts]

    def wait_for_attempts(self, handoff, *states):
        """Waits until its attempts are just these."""
        self.turn_until(lambda: self.attempts(handoff) == list(states), f"{states} instead of {self.attempts(handoff)}")

    def turn_until(self, holds, what, timeout=WAIT_SECONDS):
        """For what no log tells: asks for something small, which makes the daemon's loop turn, until holds() is true."""
        deadline = time.monotonic() + timeout
        while not holds():
            assert time.monotonic() < deadline, f"waited {timeout} s for {what}"
            self.ask("GET", "/healthz")
            with self._changed:
                self._changed.wait(0.01)        # it has the processor meanwhile


def as_yaml(sections):
    """vendors.yaml from a dict: a section a line, its value in flow style (JSON is YAML)."""
    return "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in sections.items())
