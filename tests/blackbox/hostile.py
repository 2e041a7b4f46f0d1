"""hostile - what data/hostile_http.txt holds: bytes, how they must be answered, and why. Its head explains the form."""
import dataclasses
import json
import re
from pathlib import Path

from client import ENDPOINT, chunked, request_bytes
from story import a_handoff

DATA = Path(__file__).parent / "data/hostile_http.txt"
HEADING = re.compile(r"== (.+) ==")
TITLE = re.compile(r"(?P<name>[^:]+): (?P<wants>(?:[\w|]+ )*)(?P<end>open|close)")
REPEAT = re.compile(rb"(\d+)\*(.+)", re.DOTALL)
MACRO = rb"<(?P<macro>(?:[^<>]|<[^<>]*>)*)>"
IN_WIRE = re.compile(MACRO + rb"|\\(?P<escape>x[0-9a-f]{2}|.)")
IN_BODY = re.compile(MACRO + rb"|\\(?P<escape>x[0-9a-f]{2})")   # JSON has escapes of its own
CONTROLS = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0", b"\\": b"\\"}


@dataclasses.dataclass(frozen=True)
class Wire:
    """A case as it is sent."""
    data: bytes
    conversations: tuple    # of the handoff in it, and of the second one


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    section: str
    wants: tuple            # a status for each answer; "400|422": either; "head200": to a HEAD
    closes: bool
    why: str
    is_body: bool
    text: bytes

    @property
    def is_cut_off(self):
        """The client sends no more, and says so."""
        return self.text.endswith(b"<end>")

    @property
    def is_unfinished(self):
        """A server may well wait for more."""
        return self.text.endswith((b"<end>", b"<more>"))

    def wire(self, host, secret):
        first, second = a_handoff(), a_handoff()
        macros = _macros(host.encode(), secret.encode(), *(json.dumps(handoff).encode() for handoff in (first, second)))
        macros[b"good"] = json.dumps(first).encode()[1:-1]
        data = _expand(self.text, macros, IN_BODY if self.is_body else IN_WIRE)
        if self.is_body:
            data = macros[b"post"] + b"Content-Length: %d\r\n\r\n%b" % (len(data), data)
        return Wire(data, (first["conversation_id"], second["conversation_id"]))


def post(handoff, host, secret):
    """A good request."""
    return request_bytes(headers=(f"Host: {host}", f"X-API-Key: {secret}"), body=json.dumps(handoff).encode())


def _expand(text, macros, pattern):
    """An escape or a macro that nobody knows is a fault in the file."""
    def value(match):
        escape, macro = match["escape"], match["macro"]
        if macro is None:
            return CONTROLS[escape] if escape in CONTROLS else bytes([int(escape[1:], 16)])
        repeat = REPEAT.fullmatch(macro)
        return _expand(repeat[2], macros, pattern) * int(repeat[1]) if repeat else macros[macro]
    return pattern.sub(value, text)


def _macros(host, secret, handoff, second):
    key = b"X-API-Key: " + secret + b"\r\n"
    headers = b"Host: " + host + b"\r\n" + key
    line = b"POST " + ENDPOINT.encode() + b" HTTP/1.1\r\n"
    counted = b"Content-Length: %d\r\n\r\n%b"
    whole = line + headers + counted % (len(second), second)
    return {b"host": host, b"secret": secret, b"key": key, b"headers": headers, b"path": ENDPOINT.encode(), b"line": line,
            b"post": line + headers, b"handoff": handoff, b"length": b"%d" % len(handoff), b"hex": b"%x" % len(handoff),
            b"HEX": b"%X" % len(handoff), b"chunks": chunked(handoff, len(handoff)), b"small chunks": chunked(handoff, 3),
            b"rest": b" HTTP/1.1\r\n" + headers + counted % (len(handoff), handoff), b"end": b"", b"more": b"",
            b"second": whole, b"second length": b"%d" % len(whole), b"second hex": b"%x" % len(whole)}


def read_cases(file=DATA):
    """All of them, in the file's order."""
    cases, section = [], None
    for number, record in enumerate(re.split(r"\n{2,}", file.read_text("utf-8").rstrip("\n")), 1):
        lines = [line for line in record.split("\n") if not line.startswith("#")]
        if lines and (heading := HEADING.fullmatch(lines[0])):
            section = heading[1]
            lines = lines[1:]
        if not lines:
            continue
        assert section, f"record {number} stands in no section"
        cases.append(_read_case(section, lines))
    names = [case.name for case in cases]
    assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
    return cases


def _read_case(section, lines):
    title = TITLE.fullmatch(lines[0])
    assert title and len(lines) >= 3, lines
    why, *pieces = [re.fullmatch(r"    (why|wire|body) (.*)", line) for line in lines[1:]]
    assert why[1] == "why" and len({piece[1] for piece in pieces}) == 1, lines
    text = "".join(piece[2] for piece in pieces).encode()
    return Case(title["name"], section, tuple(title["wants"].split()), title["end"] == "close", why[2],
                pieces[0][1] == "body", text)


CASES = read_cases()
