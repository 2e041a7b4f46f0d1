"""client - the tests' two HTTP clients: one that anybody would use, and one that works byte by byte."""
import dataclasses
import http.client
import json
import re
import socket
import ssl

TIMEOUT_SECONDS = 20
ENDPOINT = "/api/elevenlabs/handoff"


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict           # names in lower case
    body: bytes

    @property
    def json(self):
        assert self.headers.get("content-type", "").split(";")[0] == "application/json", self.headers
        return json.loads(self.body.decode("utf-8"))

    def __getitem__(self, name):
        return self.json[name]


class Client:
    """A keep-alive connection to a daemon."""

    def __init__(self, port):
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)

    def ask(self, method, path, body=None, headers=None):
        self._http.request(method, path, body, headers or {})
        answer = self._http.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def post(self, handoff, **headers):
        """Posts a handoff (a dict, or bytes to send as they are); headers are written with_underscores."""
        body = handoff if isinstance(handoff, bytes) else json.dumps(handoff, ensure_ascii=False).encode("utf-8")
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", ENDPOINT, body, {"Content-Type": "application/json", **names})

    def close(self):
        self._http.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def request_bytes(method="POST", path=ENDPOINT, body=b"", version="HTTP/1.1", headers=("Host: localhost",), length=True):
    """An HTTP request as bytes; headers are whole lines, so that a test can write wrong ones."""
    lines = [f"{method} {path} {version}", *headers]
    if length and body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(body, size):
    pieces = [body[i:i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


class RawConnection:
    """Bytes out; answers in, read as strictly as HTTP is written."""

    _takes_no_more = False

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
        self._buffer = b""

    def send(self, data):
        """Sends what the other side is willing to take: an answer may come, and a close, before the end."""
        if self._takes_no_more:
            return      # after a write that broke off, OpenSSL takes no shorter one
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            self._takes_no_more = True

    def end_sending(self):
        """Says that nothing more will come; answers still may."""
        self._socket.shutdown(socket.SHUT_WR)

    def _receive(self):
        try:
            data = self._socket.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            data = b""
        self._buffer += data
        return bool(data)

    def _read_until(self, end):
        while end not in self._buffer:
            assert self._receive(), f"the connection ended inside an answer: {self._buffer!r}"
        found, _, self._buffer = self._buffer.partition(end)
        return found

    def _read(self, size):
        while len(self._buffer) < size:
            assert self._receive(), f"the connection ended inside a body: {self._buffer!r}"
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found

    def read_answer(self, to_head=False):
        """The next answer, which must be exact: status line, headers, and a body of a stated length."""
        head = self._read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        status_line = re.fullmatch(r"HTTP/1\.[01] ([1-5]\d\d) ?[ -~]*", head[0])
        assert status_line, f"bad status line {head[0]!r}"
        status, headers = int(status_line[1]), {}
        for line in head[1:]:
            header = re.fullmatch(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*(.*?)[ \t]*", line)
            assert header, f"bad header line {line!r}"
            assert header[1].lower() not in headers, f"header given twice: {line!r}"
            headers[header[1].lower()] = header[2]
        if to_head or status // 100 == 1 or status in (204, 304):
            return Answer(status, headers, b"")
        return Answer(status, headers, self._read_body(headers))

    def _read_body(self, headers):
        assert ("content-length" in headers) != ("transfer-encoding" in headers), headers
        if "content-length" in headers:
            return self._read(int(headers["content-length"]))
        return self._read_chunks()

    def _read_chunks(self):
        body = b""
        while size := int(self._read_until(b"\r\n"), 16):
            body += self._read(size)
            assert self._read(2) == b"\r\n"
        assert self._read(2) == b"\r\n"
        return body

    def expect_close(self):
        """Nothing more may come but the end."""
        while self._receive():
            pass
        assert self._buffer == b"", f"more came after the last answer: {self._buffer!r}"
        self.close()

    def trickle(self, data, every_seconds):
        """Sends a byte at a time until an answer begins, the other side closes, or there is nothing left."""
        for byte in data:
            self.send(bytes([byte]))
            self._socket.settimeout(every_seconds)
            try:
                self._receive()
                break
            except TimeoutError:
                pass
        self._socket.settimeout(TIMEOUT_SECONDS)

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
