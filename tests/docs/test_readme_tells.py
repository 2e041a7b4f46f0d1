"""README.md tells every command, state and metric there is, and its log lines are those of the sources."""
import re

import pytest

from documents import DOCUMENTS, ROOT, FENCE, handoffd, shell_lines, text_of

README = ROOT / "README.md"
LOG_CALL = re.compile(r'log_(?:line\(level|info\(|warning\(|error\(|debug\()[,\s]*((?:"(?:[^"\\]|\\.)*"\s*)+)')
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
TOLD_LINE = re.compile(r"^\[[A-Z]+\] (.+)$", re.MULTILINE)
METRIC = re.compile(r'begin\(body, "(\w+)"')


def commands():
    return re.findall(r'^    \{"([a-z-]+)", \w+,', (ROOT / "core/main.c").read_text("utf-8"), re.MULTILINE)


def states(kind):
    table = (ROOT / "core/handoff/state.c").read_text("utf-8")
    return re.findall(rf'\[{kind}_\w+\] = "(\w+)"', table)


def metrics():
    return [f"handoffd_{name}" for name in METRIC.findall((ROOT / "core/api/metrics.c").read_text("utf-8"))]


def first_cells():
    """The codes in the first column of README.md's tables."""
    rows = re.findall(r"^\| (`.*?) \|", text_of(README), re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`(\w+)`", row)}


def formats():
    """What log lines look like, as patterns."""
    found = []
    for source in sorted((ROOT / "core").rglob("*.c")):
        for literals in LOG_CALL.findall(source.read_text("utf-8")):
            text = "".join(LITERAL.findall(literals)).replace('\\"', '"')
            found.append(re.compile(re.sub(r"%[a-z]+", ".+", re.escape(text).replace(r"\%", "%"))))
    return found


def told_lines():
    blocks = [body for document in DOCUMENTS for name, body in FENCE.findall(text_of(document)) if name == ""]
    return [line for block in blocks for line in TOLD_LINE.findall(block)]


def test_finds_what_there_is():
    assert {"serve", "handoffs", "send-test", "restore"} <= set(commands())
    assert {"held", "parked"} <= set(states("HANDOFF")) and {"unknown", "read"} <= set(states("ATTEMPT"))
    assert len(metrics()) > 10 and len(formats()) > 30 and len(told_lines()) > 5


def test_the_help_has_every_command(tmp_path):
    told = handoffd("--help", cwd=tmp_path).stdout
    assert [name for name in commands() if not re.search(rf"^  {name}\b", told, re.MULTILINE)] == []


@pytest.mark.parametrize("command", commands())
def test_every_command_is_there(command):
    assert any(re.search(rf"\bhandoffd {command}(?!\S)", line) for line in shell_lines(README)), f"handoffd {command}"


@pytest.mark.parametrize("state", [*states("HANDOFF"), *states("ATTEMPT")])
def test_every_state_has_its_row(state):
    assert state in first_cells()


@pytest.mark.parametrize("metric", metrics())
def test_every_metric_is_there(metric):
    assert f"`{metric}`" in text_of(README)


def test_no_metric_is_there_that_is_not():
    assert set(re.findall(r"`(handoffd_\w+)`", text_of(README))) <= {*metrics(), "handoffd_plugin"}


@pytest.mark.parametrize("line", told_lines())
def test_every_log_line_is_one_that_the_sources_write(line):
    assert any(pattern.fullmatch(line) for pattern in formats()), line
