"""terminal - a real one, as long as somebody looks at it: what a person types into, reads, and closes."""
import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time

from daemon import clean_environment
from ledger import WAIT_SECONDS


class Terminal:
    """Closing it is what the end of a window or of an ssh session is: the kernel sends SIGHUP."""

    def __init__(self):
        self._ours, self._theirs = pty.openpty()
        self.text = ""

    def run(self, *command):
        """As the leader of a session that has this terminal."""
        def take_terminal():
            os.setsid()
            fcntl.ioctl(self._theirs, termios.TIOCSCTTY, 0)
        process = subprocess.Popen(command, stdin=self._theirs, stdout=self._theirs, stderr=self._theirs,
                                   preexec_fn=take_terminal, env=clean_environment())
        os.close(self._theirs)
        return process

    def wait_for(self, pattern):
        deadline = time.monotonic() + WAIT_SECONDS
        while not (found := re.search(pattern, self.text)):
            remaining = deadline - time.monotonic()
            assert remaining > 0, f"waited for {pattern!r} on the terminal, which shows:\n{self.text}"
            if select.select([self._ours], [], [], remaining)[0]:
                self.text += os.read(self._ours, 65536).decode("utf-8", "replace")
        return found

    def type(self, keys):
        os.write(self._ours, keys)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._ours)
