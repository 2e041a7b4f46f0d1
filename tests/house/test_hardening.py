"""What the compiler and the linker were asked to do against faults of ours is in what they made."""
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("HANDOFFD", ROOT / "build/dev/bin/handoffd")).absolute()
PLUGINS = sorted((BINARY.parents[1] / "lib/handoffd").glob("*/*.so"))
EVERY = pytest.mark.parametrize("file", [BINARY, *PLUGINS], ids=lambda file: file.name)


def output(*command):
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=60,
                          env={**os.environ, "LC_ALL": "C"}).stdout


def readelf(file, *what):
    return output("readelf", "--wide", *what, file)


pytestmark = pytest.mark.skipif("__asan_init" in readelf(BINARY, "--dyn-syms"), reason="sanitizers bring their own")


@EVERY
def test_relocations_are_read_only_and_bound_at_the_start(file):
    assert "GNU_RELRO" in readelf(file, "--program-headers")
    assert re.search(r"\bBIND_NOW\b|FLAGS_1.*\bNOW\b", readelf(file, "--dynamic"))


@EVERY
def test_nothing_is_both_written_and_run(file):
    headers = readelf(file, "--program-headers")
    assert not re.search(r"^ +\w+ .* RWE ", headers, re.MULTILINE)
    assert "TEXTREL" not in readelf(file, "--dynamic") and "GNU_STACK" in headers


@EVERY
def test_no_library_is_looked_for_where_it_does_not_belong(file):
    assert not re.search("RPATH|RUNPATH", readelf(file, "--dynamic"))


def test_its_address_is_random():
    assert re.search(r"FLAGS_1.*\bPIE\b", readelf(BINARY, "--dynamic"))


def test_a_plugin_can_be_loaded():
    assert PLUGINS
    for plugin in PLUGINS:
        assert "NODLOPEN" not in readelf(plugin, "--dynamic")


def test_stacks_and_buffers_are_guarded():
    imported = readelf(BINARY, "--dyn-syms")
    assert "__stack_chk_fail" in imported
    assert re.search(r"__\w+_chk\b", imported.replace("__stack_chk_fail", ""))


@pytest.mark.skipif(platform.machine() != "x86_64", reason="an instruction of x86-64")
@EVERY
def test_indirect_jumps_land_where_they_may(file):
    """Debian's own start-up objects are not marked, so the file as a whole is not: the functions are."""
    code = output("objdump", "--disassemble", "--no-show-raw-insn", file)
    functions = re.findall(r"^[0-9a-f]+ <(\w+)>:\n.*?\t(\S+)", code, re.MULTILINE)
    marked = {name for name, first in functions if first == "endbr64"}
    assert marked - {"frame_dummy", "_init", "_fini", "_start"}         # the compiler's own


def test_the_packagers_tool_is_content():
    """But for what is not ours: see the test before; and round_robin has no array that a stack protector would guard."""
    tool = shutil.which("hardening-check")
    if tool is None:
        pytest.skip("hardening-check (Debian package devscripts) is not installed")
    files = [file for file in (BINARY, *PLUGINS) if file.name != "round_robin.so"]
    done = subprocess.run([tool, "--nocfprotection", "--nopie", *files[1:]], capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    done = subprocess.run([tool, "--nocfprotection", files[0]], capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0, done.stdout
