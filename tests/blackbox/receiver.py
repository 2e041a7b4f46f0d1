"""receiver - a small web server that takes callbacks: what the daemon is, as far as the fake provider can tell."""
import dataclasses
import http.server
import threading
from urllib.parse import parse_qsl

from ledger import WAIT_SECONDS


@dataclasses.dataclass(frozen=True)
class Received:
    path: str
    headers: dict           # names in lower case
    body: bytes

    @property
    def pairs(self):
        return parse_qsl(self.body.decode(), keep_blank_values=True)

    @property
    def fields(self):
        return dict(self.pairs)


class Receiver:
    """Keeps what arrives, in order, and answers with `status`."""

    def __init__(self, status=204):
        self.status, self.all, self._changed = status, [], threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.take(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, received):
        with self._changed:
            self.all.append(received)
            self._changed.notify_all()

    def wait_for(self, count):
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.all) >= count, WAIT_SECONDS), f"{len(self.all)} of {count} came"
            return list(self.all)

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
