"""proxies - the real Caddy and the real nginx before a daemon, with the files of packaging/; and a tap between the two."""
import re
import shutil
import socket
import ssl
import subprocess
import threading

from client import TIMEOUT_SECONDS, Answer, RawConnection
from daemon import REPOSITORY
from ledger import WAIT_SECONDS
from story import free_port

NAME = "handoff.example.com"            # as the shipped files have it
STATUS_LINE = re.compile(rb"^HTTP/1\.1 ([2-5]\d\d) ", re.MULTILINE)
REQUEST_LINE = re.compile(rb"[A-Z]+ /[!-~\x80-\xff]* HTTP/1\.1")
FIELD = re.compile(rb"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ ]?([^\0\r\n]*)")
SERVERS = {"caddy": "/usr/bin/caddy", "nginx": "/usr/sbin/nginx"}

# What surrounds the shipped file: one process that stays in front, and writes to no place but its own folder.
NGINX_CONF = """daemon off; master_process off; pid {folder}/pid; error_log stderr notice;
events {{ worker_connections 512; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/handoffd.conf;
}}
"""


def found(server):
    """Where it is installed, or None."""
    return shutil.which(server) or shutil.which(SERVERS[server])


def shipped(server):
    return (REPOSITORY / {"caddy": "packaging/Caddyfile", "nginx": "packaging/nginx.conf"}[server]).read_text("utf-8")


def make_certificate(folder):
    """A certificate for NAME and its key, as two files."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return certificate, key


def substituted(text, *pairs):
    """Each stands there exactly once: what is tested is the shipped file, and nothing is left out by mistake."""
    for old, new in pairs:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the file"
        text = text.replace(old, new)
    return text


# -- between the two --

class Requests:
    """Counts the requests in what a proxy writes, and takes nothing that could be understood in two ways."""

    def __init__(self):
        self.heads, self._rest, self._steps = [], b"", self._read()
        self._wanted = next(self._steps)

    @property
    def whole(self):
        """How many have come to their end."""
        return len(self.heads) - (not self.is_between)

    @property
    def is_between(self):
        return self._wanted == "head" and not self._rest

    def give_up(self):
        self._wanted = None

    def feed(self, data):
        self._rest += data
        while self._wanted is not None:
            if isinstance(self._wanted, int):
                end = self._wanted
            else:
                mark = b"\r\n\r\n" if self._wanted == "head" else b"\r\n"
                end = self._rest.find(mark) + len(mark) if mark in self._rest else len(self._rest) + 1
            if len(self._rest) < end:
                return
            piece, self._rest = self._rest[:end], self._rest[end:]
            self._wanted = self._steps.send(piece)

    def _read(self):
        """Says what it wants next: a head, a line, or so many bytes."""
        while True:
            line, *fields = (yield "head")[:-4].split(b"\r\n")
            assert REQUEST_LINE.fullmatch(line), line
            pairs = [FIELD.fullmatch(field).groups() for field in fields]
            head = [(name.lower(), value) for name, value in pairs]
            self.heads.append((line, head))
            lengths, codings = ([value for name, value in head if name == wanted]
                                for wanted in (b"content-length", b"transfer-encoding"))
            assert len(lengths) + len(codings) <= 1 and codings in ([], [b"chunked"]), head
            assert [name for name, _ in head].count(b"host") == 1, head
            if codings:
                yield from self._read_chunks()
            elif lengths and int(lengths[0]) > 0:
                yield int(lengths[0])

    def _read_chunks(self):
        while (line := (yield "line")) != b"0\r\n":
            data = yield int(line, 16) + 2
            assert data.endswith(b"\r\n"), data
        while (yield "line") != b"\r\n":
            pass


class Passage:
    """One connection of a proxy to the daemon."""

    def __init__(self, front, back):
        self.ends, self.requests, self.statuses, self._rest = (front, back), Requests(), [], b""

    def hear(self, data):
        """What the daemon says."""
        self._rest += data
        for found in STATUS_LINE.finditer(self._rest):
            self.statuses.append(int(found[1]))
        self._rest = self._rest[-len(b"\nHTTP/1.1 20"):]


class Tap:
    """Passes on what a proxy and the daemon say to each other, and counts it."""

    def __init__(self, port):
        self.daemon_port, self.port, self.faults = port, free_port(), []
        self._lock, self._passages = threading.Lock(), []
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                front, _ = self._listener.accept()
            except OSError:
                return
            try:
                passage = Passage(front, socket.create_connection(("127.0.0.1", self.daemon_port)))
            except ConnectionRefusedError:
                front.close()
                continue
            with self._lock:
                self._passages.append(passage)
            for way in (self._pass_requests, self._pass_answers):
                threading.Thread(target=way, args=(passage,), daemon=True).start()

    def _pass_requests(self, passage):
        def note(data):
            try:
                passage.requests.feed(data)
            except (AssertionError, AttributeError, ValueError) as fault:
                passage.requests.give_up()
                self.faults.append(f"a proxy wrote what could be understood in two ways: {data!r} ({fault!r})")
        self._pass(*passage.ends, note)

    def _pass_answers(self, passage):
        self._pass(*reversed(passage.ends), passage.hear)

    def _pass(self, source, target, note):
        try:
            while data := source.recv(65536):
                with self._lock:
                    note(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            source.close()
            target.close()

    @property
    def whole(self):
        """How many requests proxies have written to their ends."""
        with self._lock:
            return sum(passage.requests.whole for passage in self._passages)

    @property
    def heads(self):
        """The heads of all requests, each with its line and its fields."""
        with self._lock:
            return [head for passage in self._passages for head in passage.requests.heads]

    def expect_agreement(self):
        """The daemon answered as many requests as the proxies wrote; and one more at most where they broke off inside it."""
        faults, self.faults = self.faults, []
        assert faults == []
        with self._lock:
            for passage in self._passages:
                requests, statuses = passage.requests, passage.statuses
                assert len(statuses) <= requests.whole + (not requests.is_between), (requests.heads, statuses)
                assert all(status >= 400 for status in statuses[requests.whole:]), (requests.heads, statuses)

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


# -- the proxies --

class Proxy:
    """One of them, in a folder of its own, at a port of its own, before the daemon (or the tap) at `upstream_port`."""

    def __init__(self, server, folder, upstream_port):
        self.server, self.folder, self.port = server, folder, free_port()
        certificate, key = make_certificate(folder)
        self._context = ssl.create_default_context(cafile=certificate)
        self._log, self._changed = [], threading.Condition()
        configure = {"caddy": configure_caddy, "nginx": configure_nginx}[server]
        self.run, self.check, self._ready = configure(folder, self.port, upstream_port, certificate, key)
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder)}
        self.process = None

    def start(self):
        self.process = subprocess.Popen(self.run, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        threading.Thread(target=self._read_stderr, daemon=True).start()
        with self._changed:
            assert self._changed.wait_for(self._has_begun_or_ended, WAIT_SECONDS) and self.process.poll() is None, self.log
        return self

    def _read_stderr(self):
        for line in self.process.stderr:
            with self._changed:
                self._log.append(line.decode("utf-8", "replace").rstrip("\n"))
                self._changed.notify_all()
        self.process.wait()
        with self._changed:
            self._changed.notify_all()

    def _has_begun_or_ended(self):
        return any(self._ready in line for line in self._log) or self.process.poll() is not None

    @property
    def log(self):
        with self._changed:
            return "\n".join(self._log)

    def stop(self):
        self.process.kill()
        self.process.wait(WAIT_SECONDS)

    def connect(self, source="127.0.0.1", protocol="http/1.1"):
        return TlsConnection(self.port, self._context, source, protocol)


def configure_caddy(folder, port, upstream_port, certificate, key):
    text = substituted(shipped("caddy"), ("reverse_proxy 127.0.0.1:8000 {", f"reverse_proxy 127.0.0.1:{upstream_port} {{"),
                       ("\n{\n\tservers", "\n{\n\tadmin off\n\tauto_https disable_redirects\n\tservers"),
                       (f"\n{NAME} {{\n", f"\n{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {certificate} {key}\n"))
    file = folder / "Caddyfile"
    file.write_text(text, "utf-8")
    where = ["--config", file, "--adapter", "caddyfile"]
    return [found("caddy"), "run", *where], [found("caddy"), "validate", *where], "serving initial configuration"


def configure_nginx(folder, port, upstream_port, certificate, key):
    text = substituted(shipped("nginx"), ("server 127.0.0.1:8000 ", f"server 127.0.0.1:{upstream_port} "),
                       ("listen 443 ", f"listen 127.0.0.1:{port} "), ("listen [::]:443 ", f"listen 127.0.0.2:{port} "),
                       (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", str(certificate)),
                       (f"/etc/letsencrypt/live/{NAME}/privkey.pem", str(key)))
    (folder / "handoffd.conf").write_text(text, "utf-8")
    file = folder / "nginx.conf"
    file.write_text(NGINX_CONF.format(folder=folder), "utf-8")
    command = [found("nginx"), "-p", folder, "-c", file]
    return command, [*command, "-t"], "using the \"epoll\" event method"


class TlsConnection(RawConnection):
    """Bytes out and answers in, through TLS, from an address of this machine that may be chosen."""

    def __init__(self, port, context, source, protocol):
        plain = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS, (source, 0))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context.set_alpn_protocols([protocol])
        self._socket, self._buffer = context.wrap_socket(plain, server_hostname=NAME), b""

    def read_answers(self, heads=()):
        """All that come until the other side closes; `heads`: the numbers of those to a HEAD."""
        answers = []
        while self._buffer or self._receive():
            answers.append(self.read_answer(to_head=len(answers) in heads))
        return answers

    def read_answer(self, to_head=False):
        """Of HTTP/0.9, too: a body, which nginx sends to whom it takes for that old."""
        while len(self._buffer) < len(b"HTTP/") and self._receive():
            pass
        if self._buffer.startswith(b"HTTP/"):
            return super().read_answer(to_head)
        return Answer(0, {}, self._read_rest())

    def _read_body(self, headers):
        """One that ends with the connection, too (RFC 9112 section 6.3): Caddy's refusals do."""
        is_framed = "content-length" in headers or "transfer-encoding" in headers
        return super()._read_body(headers) if is_framed else self._read_rest()

    def read_some(self, size):
        """So many bytes, or fewer where the connection ends."""
        while len(self._buffer) < size and self._receive():
            pass
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found

    def _read_rest(self):
        while self._receive():
            pass
        rest, self._buffer = self._buffer, b""
        return rest
