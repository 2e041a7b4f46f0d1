"""docs/vendors.es.md names every option that exists, with its default."""
import re

import pytest

from documents import ROOT, handoffd, text_of

REFERENCE = ROOT / "docs/vendors.es.md"
ROW = re.compile(r'HANDOFFD_OPTION_[A-Z]+\(\s*"(\w+)"(.*?)(?=HANDOFFD_OPTION_|\};)', re.DOTALL)
LITERAL = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
KEYS = re.compile(r'static const char \*const (?:own|own_keys|others)\[\] = \{(.*?)\};', re.DOTALL)


def joined(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))


def daemon_options():
    """{(name, default or None)} of the daemon's own tables."""
    found = set()
    for source in sorted((ROOT / "core/settings").glob("*.c")):
        for name, rest in ROW.findall(source.read_text("utf-8")):
            default = re.search(r"\.otherwise\s*=\s*" + LITERAL, rest)
            found.add((name, joined(default[1]) if default else None))
    return found


def daemon_keys():
    """The keys that are read by hand: sections, `to`, `as`, `notify`, …"""
    text = "".join(source.read_text("utf-8") for source in sorted((ROOT / "core/settings").glob("*.c")))
    keys = {joined(f'"{key}"') for body in KEYS.findall(text) for key in re.findall(r'"(\w+)"', body)}
    return keys | {"notify"}


def plugin_options(folder):
    """{(name, default or None)}, as `handoffd plugins NAME` tells them."""
    names = re.findall(r"^(\w+) \S+ \((?:routing|channel)\)", handoffd("plugins", cwd=folder).stdout, re.MULTILINE)
    assert {"keyword", "round_robin", "log", "twilio_whatsapp"} <= set(names)
    found = {(name, None) for name in names}
    for name in names:
        told = handoffd("plugins", name, cwd=folder).stdout
        for option, rest in re.findall(r"^ {4,}(\w+): (.*)$", told, re.MULTILINE):
            default = re.search(r", default (\S+)", rest)
            found.add((option, default[1] if default else None))
    return found


def check_is_told(name, default):
    lines = [line for line in text_of(REFERENCE).splitlines() if re.search(rf"`{name}(?:: [^`]*)?`", line)]
    assert lines, f"`{name}` is not in {REFERENCE.name}"
    if default is not None:
        assert any(default in line for line in lines), f"`{name}`: its default is {default}"


@pytest.mark.parametrize("name, default", sorted(daemon_options(), key=str))
def test_tells_every_option_of_the_daemon(name, default):
    check_is_told(name, default)


def test_finds_the_daemons_options():
    names = {name for name, _ in daemon_options()}
    assert {"timezone", "reply_within", "min_free_mb", "example", "then", "plugin", "channel", "message"} <= names


@pytest.mark.parametrize("key", sorted(daemon_keys()))
def test_tells_every_key_that_is_read_by_hand(key):
    check_is_told(key, None)


def test_tells_every_option_of_the_plugins(tmp_path):
    for name, default in sorted(plugin_options(tmp_path), key=str):
        check_is_told(name, default)
