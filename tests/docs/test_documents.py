"""What the documents show can be used as it stands: configurations, links, commands, error codes."""
import re

import pytest

from documents import DOCUMENTS, INLINE, ROOT, TWILIO, fences, handoffd, shell_lines, text_of

LINK = re.compile(r"\]\(([^)\s]+)\)")
PLACE = re.compile(r"(?<![\w./-])(?:core|config|plugins|tests|docs|packaging)/[\w./-]+")
USE = re.compile(r"(?:^|[\s/])handoffd((?: +\S+)*)")
SECTION = re.compile(r"^([a-z_]+):", re.MULTILINE)
SECTIONS = {"company", "vendors", "routing", "when_nobody", "message", "say", "alerts", "server", "unknown", "channels", "store"}


def yaml_blocks():
    """Blocks of YAML that begin with one of vendors.yaml's sections."""
    found = []
    for document in DOCUMENTS:
        for number, block in enumerate(fences(document, "yaml"), 1):
            names = SECTION.findall(block)
            if names and set(names) <= SECTIONS and not block.startswith(" "):
                found.append(pytest.param(block, id=f"{document.name} {number}"))
    return found


def with_sections_of(block):
    """The shipped file, its sections replaced by those of the block; a whole file stays as it is."""
    names = SECTION.findall(block)
    if {"vendors", "channels"} <= set(names):
        return block
    shipped = (ROOT / "vendors.yaml").read_text("utf-8")
    kept = re.split(r"^(?=[a-z_]+:)", shipped, flags=re.MULTILINE)
    return "".join(part for part in kept if part.split(":")[0] not in names) + "\n" + block


@pytest.mark.parametrize("block", yaml_blocks())
@pytest.mark.parametrize("environment", [{}, TWILIO], ids=["no account", "an account"])
def test_every_configuration_passes_check(tmp_path, block, environment):
    (tmp_path / "vendors.yaml").write_text(with_sections_of(block), "utf-8")
    done = handoffd("check", cwd=tmp_path, **environment)
    assert done.returncode == 0, done.stderr


def test_there_are_configurations():
    assert len(yaml_blocks()) >= 4


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_relative_link_points_at_a_file(document):
    links = [link.split("#")[0] for link in LINK.findall(text_of(document)) if "://" not in link]
    assert [link for link in links if link and not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_place_in_the_tree_is_there(document):
    places = {place.rstrip("./") for place in PLACE.findall(text_of(document)) if not re.search("[A-Z]", place.replace("README", ""))}
    assert [place for place in sorted(places) if not (ROOT / place).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_command_is_in_the_help(document, tmp_path):
    told = handoffd("--help", cwd=tmp_path).stdout
    commands = set(re.findall(r"^  ([a-z][a-z-]*)", told, re.MULTILINE))
    assert {"serve", "check", "route"} <= commands
    unknown = []
    for line in shell_lines(document):
        for use in USE.findall(line.replace("sudo -u handoffd ", "")):
            words = re.sub(r"(-c|--config) \S+", "", use.split("#")[0]).split()
            unknown += [f"handoffd {word}" for word in words[:1] if re.fullmatch("[a-z][a-z-]*", word) and word not in commands]
            unknown += [word for word in re.findall(r"(?<!\S)--[a-z-]+", use) if word not in told]
    assert unknown == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_error_code_is_one_that_the_channel_knows(document):
    table = (ROOT / "plugins/channel/twilio_whatsapp/codes.c").read_text("utf-8")
    ranges = re.findall(r"\{(\d+), (\d+), [A-Z]", table)
    assert len(ranges) > 20
    codes = [int(code) for code in INLINE.findall(text_of(document)) if re.fullmatch(r"\d{5}", code)]
    assert [code for code in codes if not any(int(first) <= code <= int(last) for first, last in ranges)] == []


def test_every_proof_of_a_promise_is_there():
    proofs = re.findall(r"`((?:unit|blackbox|force|house|fuzz)/[\w./]*)`", text_of(ROOT / "docs/security.md"))
    assert len(proofs) > 30
    assert [proof for proof in proofs if not (ROOT / "tests" / proof).exists()] == []
