"""small_disk - a disk of its own that can be filled, where there is the right to mount one."""
import contextlib
import os
import subprocess

import pytest

SIZE_BYTES = 128 * 1024 * 1024


@contextlib.contextmanager
def mounted(folder, size_bytes=SIZE_BYTES):
    """A tmpfs at `folder`; where that is not allowed, the test is skipped."""
    folder.mkdir()
    is_there = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", folder], capture_output=True, check=False).returncode == 0
    if not is_there:
        pytest.skip("no right to mount a small disk here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(path, leave=0):
    """Writes until nothing more fits, then gives so many bytes back."""
    with open(path, "wb", buffering=0) as file:
        size = 0
        try:
            while written := file.write(b"\0" * 65536):
                size += written
        except OSError:
            pass
        file.truncate(max(size - leave, 0))
