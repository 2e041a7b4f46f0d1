"""README.md's plugin compiles, loads and decides as README.md says."""
import re
import shlex
import subprocess

import pytest

from documents import HANDOFFD, ROOT, WAIT_SECONDS, fences, handoffd

README = ROOT / "README.md"
SOURCE = "prefix.c"
FOLDER = "my-plugins"
STRICT = ["-Wall", "-Wextra", "-Werror"]


def only(found):
    assert len(found) == 1, f"{len(found)} places in README.md where one was expected"
    return found[0]


def compiler_line():
    lines = [line for block in fences(README, "sh") for line in block.splitlines()]
    return only([line for line in lines if line.startswith("gcc ")])


def transcript():
    """[(arguments of handoffd, the first line of its answer or None)]"""
    block = only([block for block in fences(README, "console") if FOLDER in block])
    steps = []
    for line in block.splitlines():
        if not line.startswith("$ "):
            steps[-1][1] = steps[-1][1] or line
        elif "handoffd " in line:
            steps.append([shlex.split(line.removeprefix("$ "))[1:], None])
    return steps


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder where somebody has done what README.md says."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / SOURCE).write_text(only(fences(README, "c")), "utf-8")
    (folder / "plugins").symlink_to(ROOT / "plugins")
    (folder / FOLDER / "routing").mkdir(parents=True)
    done = subprocess.run([*shlex.split(compiler_line()), *STRICT], cwd=folder, capture_output=True, timeout=WAIT_SECONDS,
                          encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    person, step = only([block for block in fences(README, "yaml") if "prefix" in block]).splitlines()
    shipped = (ROOT / "vendors.yaml").read_text("utf-8")
    edited, count = re.subn(r"^\s*\nrouting:.*$", f"{person}\n\n{step}", shipped, flags=re.MULTILINE)
    assert count == 1, "vendors.yaml has no blank line and `routing:` behind its people any more"
    (folder / "vendors.yaml").write_text(edited, "utf-8")
    return folder


def test_the_plugin_passes_check(folder):
    done = handoffd("check", cwd=folder, HANDOFFD_PLUGIN_PATH=FOLDER)
    assert done.returncode == 0, done.stderr
    assert "mary (Mary Lee): log" in done.stdout


def test_the_plugin_lists_its_options(folder):
    done = handoffd("plugins", "prefix", cwd=folder, HANDOFFD_PLUGIN_PATH=FOLDER)
    assert done.returncode == 0 and "prefixes: list" in done.stdout, done.stdout + done.stderr


def test_it_loads_by_its_whole_path(folder):
    path = folder / FOLDER / "routing" / "prefix.so"
    text = (folder / "vendors.yaml").read_text("utf-8").replace("[prefix,", f"[{{plugin: {path}, as: prefix}},")
    assert str(path) in text
    (folder / "by_path.yaml").write_text(text, "utf-8")
    done = handoffd("check", "by_path.yaml", cwd=folder)
    assert done.returncode == 0, done.stderr


def test_it_keeps_the_laws_of_plugin_h(folder):
    conformance = HANDOFFD.with_name("conformance")
    if not conformance.exists():
        pytest.skip("this build has no tests beside handoffd")
    done = subprocess.run([conformance, folder / FOLDER / "routing" / "prefix.so", "person.prefixes=+1"], capture_output=True,
                          timeout=WAIT_SECONDS, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_the_plugin_the_file_is_refused(folder):
    assert handoffd("check", cwd=folder).returncode == 2


@pytest.mark.parametrize("arguments, answer", transcript(), ids=lambda value: None)
def test_each_command_of_the_transcript_answers_as_written(folder, arguments, answer):
    done = handoffd(*arguments, cwd=folder, HANDOFFD_PLUGIN_PATH=FOLDER)
    assert done.returncode == 0, done.stderr
    if answer is not None:
        assert done.stdout.splitlines()[0] == answer


def test_the_transcript_has_decisions():
    assert len([answer for _, answer in transcript() if answer is not None]) >= 2
