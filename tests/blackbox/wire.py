"""wire - the fake provider's side of one TCP connection, byte by byte, so that it can also be broken on purpose."""
import email.utils
import re
import socket
import struct
import time
from http import HTTPStatus

from behaviours import HangUp


class Clock:
    """The provider's own, which need not show what the daemon's does; and whether its answers say what it shows."""

    def __init__(self):
        self.ahead_seconds, self.is_told = 0, True

    def now(self):
        return time.time() + self.ahead_seconds

    def headers(self):
        return {"Date": email.utils.formatdate(self.now(), usegmt=True)} if self.is_told else {}


class Connection:
    """One TCP connection: requests in, bytes out, and a few ways to end it rudely."""

    def __init__(self, sock, number, stopping, clock):
        self.sock, self.number, self.stopping, self.clock = sock, number, stopping, clock
        self.is_idle = True
        self._buffer = b""

    def _fill(self):
        data = self.sock.recv(65536)
        if not data:
            raise HangUp
        self._buffer += data

    def _take(self, size):
        while len(self._buffer) < size:
            self._fill()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _take_line(self):
        while b"\r\n" not in self._buffer:
            self._fill()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def read_request(self):
        """Method, target, headers (a list) and body; a request that ends early is a hang-up."""
        method, target, version = self._take_line().decode("ascii").split(" ")
        self.is_idle = False
        headers = []
        while line := self._take_line().decode("latin-1"):
            name, colon, value = line.partition(":")
            assert colon and re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name), f"bad header line {line!r}"
            headers.append((name.lower(), value.strip()))
        assert version == "HTTP/1.1", f"bad version {version!r}"
        return method, target, headers, self._read_body(dict(headers))

    def _read_body(self, headers):
        if headers.get("expect", "").lower() == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self._take(int(headers.get("content-length", "0")))
        body = b""
        while size := int(self._take_line().split(b";")[0], 16):
            body += self._take(size)
            self._take_line()
        while self._take_line():
            pass
        return body

    def answer(self, data):
        """Sends a whole answer. Idle from before its first byte: who has read it may count on that."""
        self.is_idle = True
        self.sock.sendall(data)

    def close(self, reset=False):
        try:
            if reset:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        if reset:
            self.sock.close()


# -- doors: instead of Connection.read_request --

def silent(connection):
    """The connection is taken, and nothing is ever read from it."""
    connection.stopping.wait(3600)
    raise HangUp


def slammed(connection):
    """Reset at once."""
    connection.close(reset=True)
    raise HangUp


def render(status, body, headers):
    head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Length: {len(body)}",
            "Twilio-Request-Duration: 0.031", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body
