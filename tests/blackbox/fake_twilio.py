#!/usr/bin/env python3
"""fake_twilio - Twilio's Messages API on loopback, as badly behaved as the real one can be, with a ledger of what it took.

In tests:      twilio = FakeTwilio().start(); twilio.next(error(429, 20429)); twilio.ledger.wait_for(1)
On the shell:  python3 fake_twilio.py --port 9999        (GET /ledger shows what it took, as JSON)
"""
import argparse
import collections
import email.utils
import json
import secrets
import socket
import sys
import threading
from urllib.parse import parse_qsl, urlsplit

import twilio_rules
from behaviours import HangUp, accept, error, slow
from ledger import Ledger, Message
from twilio_rules import Refusal
from wire import Connection, render

ACCOUNT_SID, AUTH_TOKEN = "AC0123456789abcdef0123456789abcdef", "7oken-of-the-main-account-000001"
API_KEY_SID, API_KEY_SECRET = "SKfedcba9876543210fedcba9876543210", "5ecret-of-the-api-key-0000000001"


class Exchange:
    """One well-formed request to send a message, handed to a behaviour."""

    def __init__(self, fake, connection, account, request):
        self._fake, self._connection = fake, connection
        self.account, self.request, self.form = account, request, request.form

    def accept(self, record=True):
        """Takes the message (into the ledger) and returns Twilio's resource for it."""
        sid = ("MM" if "ContentSid" in self.form else "SM") + secrets.token_hex(16)
        if record:
            variables = json.loads(self.form.get("ContentVariables", "{}"))
            self._fake.record(Message(sid, self.form["To"], self.form.get("Body", ""), variables, self.form,
                                      self.request.number, self._connection.number))
        return message_resource(self.account, sid, self.form)

    def answer(self, status, body, headers=None):
        self._connection.answer(self.rendered(status, body, headers))

    def answer_raw(self, status, body, content_type):
        self._connection.answer(render(status, body, {"Content-Type": content_type}))

    def refuse(self, status, code, message=None, headers=None):
        message = message or twilio_rules.ERROR_MESSAGES.get(code, "Unknown error")
        self.answer(status, error_resource(status, code, message.format(to=self.form.get("To", ""))), headers)

    def rendered(self, status, body, headers=None):
        return render(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})

    def send(self, data):
        self._connection.sock.sendall(data)

    def reset(self):
        self._connection.close(reset=True)

    def pause(self, seconds):
        if self._connection.stopping.wait(seconds):
            raise HangUp

    def wait_for(self, gate):
        while not gate.wait(0.05):
            self.pause(0)


def error_resource(status, code, message):
    return {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}


def message_resource(account, sid, form):
    now = email.utils.format_datetime(email.utils.localtime())
    uri = f"/2010-04-01/Accounts/{account}/Messages/{sid}"
    service = form.get("MessagingServiceSid")
    return {"account_sid": account, "api_version": "2010-04-01", "body": form.get("Body", "(content)"), "date_created": now,
            "date_sent": None, "date_updated": now, "direction": "outbound-api", "error_code": None, "error_message": None,
            "from": form.get("From"), "messaging_service_sid": service, "num_media": "0",
            "num_segments": "0" if service else "1", "price": None, "price_unit": None, "sid": sid,
            "status": "accepted" if service else "queued", "subresource_uris": {"media": uri + "/Media.json"},
            "to": form["To"], "uri": uri + ".json"}


class FakeTwilio:
    def __init__(self, port=0, any_credentials=False, on_message=None):
        self.ledger, self.problems = Ledger(), []
        self._any_credentials, self._on_message = any_credentials, on_message
        self._queues, self._defaults = collections.defaultdict(collections.deque), {None: accept}
        self._lock, self._connections, self._count = threading.Lock(), set(), 0
        self._reservation = self._bound(port)       # keeps the port ours while connections are being refused
        self.port = self._reservation.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._listener = None

    # -- what a test says about it --

    def next(self, *behaviours, to=None):
        """What happens to the next messages (to one number, or to any), one behaviour each."""
        with self._lock:
            self._queues[to].extend(behaviours)

    def always(self, behaviour, to=None):
        """What happens when nothing is queued."""
        with self._lock:
            self._defaults[to] = behaviour

    @staticmethod
    def _bound(port):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
        return sock

    def start(self):
        self._stopping = threading.Event()
        self._listener = self._bound(self.port)
        self._listener.listen(512)
        threading.Thread(target=self._accept_loop, args=(self._listener,), daemon=True).start()
        return self

    def stop(self):
        """Refuses connections from now on and drops those that are open; start() ends it."""
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self.connections:
            connection.close()

    def close_idle(self):
        for connection in self.connections:
            if connection.is_idle:
                connection.close()

    @property
    def connections(self):
        with self._lock:
            return list(self._connections)

    # -- what it does --

    def _accept_loop(self, listener):
        stopping = self._stopping
        while not stopping.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._count += 1
                connection = Connection(sock, self._count, stopping)
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            while not connection.stopping.is_set():
                self._answer(connection, *connection.read_request())
        except (HangUp, OSError):
            pass
        except (AssertionError, ValueError) as bad:
            self.problems.append(f"not HTTP as Twilio takes it: {bad}")
        finally:
            connection.close()
            connection.sock.close()
            with self._lock:
                self._connections.discard(connection)

    def _answer(self, connection, method, target, header_list, body):
        headers, path = dict(header_list), urlsplit(target).path
        if path == "/ledger":
            data = json.dumps(self.ledger.as_json(), ensure_ascii=False, indent=1).encode()
            return connection.answer(render(200, data, {"Content-Type": "application/json"}))
        form, user, refusal = {}, "", None
        try:
            assert [name for name, _ in header_list].count("host") == 1, "not exactly one Host"
            account, user = self._check_account(path, headers)
            if method == "POST" and twilio_rules.MESSAGES_PATH.fullmatch(path):
                form = twilio_rules.check_message(headers, body)
            elif method != "GET":
                raise Refusal(404, 20404, f"nothing takes {method} {path}")
        except Refusal as why:
            refusal = why
        request = self.ledger.add_request(connection=connection.number, method=method, path=path, form=form, user=user)
        if refusal:
            return self._refuse(connection, request, refusal)
        if method == "GET":
            return self._show(connection, account, path, dict(parse_qsl(urlsplit(target).query)))
        return self._behaviour_for(form["To"])(Exchange(self, connection, account, request))

    def _check_account(self, path, headers):
        where = twilio_rules.MESSAGES_PATH.fullmatch(path) or twilio_rules.ONE_MESSAGE_PATH.fullmatch(path)
        if not where or not twilio_rules.ACCOUNT_PATTERN.fullmatch(where["account"]):
            raise Refusal(404, 20404, f"no such resource: {path}")
        user, password = twilio_rules.credentials(headers)
        known = {(where["account"], AUTH_TOKEN), (API_KEY_SID, API_KEY_SECRET)}
        if not self._any_credentials and (where["account"] != ACCOUNT_SID or (user, password) not in known):
            raise Refusal(401, 20003, "unknown account, token or key")
        return where["account"], user

    def _refuse(self, connection, request, refusal):
        if refusal.status != 401:                   # a wrong token may be what a test is about; a wrong request never is
            self.problems.append(str(refusal))
        Exchange(self, connection, "", request).refuse(refusal.status, refusal.code)

    def _show(self, connection, account, path, query):
        """The list of messages, or one of them: how a client finds out whether something was sent."""
        found = [message_resource(account, m.sid, m.form) for m in self.ledger.messages
                 if query.get("To", m.to) == m.to and query.get("From", m.form.get("From")) == m.form.get("From")]
        one = twilio_rules.ONE_MESSAGE_PATH.fullmatch(path)
        body = {"messages": found[::-1], "page": 0, "page_size": 50, "next_page_uri": None, "uri": path}
        if one:
            body = next((m for m in found if m["sid"] == one["sid"]), None)
        status = 404 if body is None else 200
        body = body or error_resource(404, 20404, twilio_rules.ERROR_MESSAGES[20404])
        connection.answer(render(status, json.dumps(body).encode(), {"Content-Type": "application/json"}))

    def _behaviour_for(self, to):
        with self._lock:
            for queue in (self._queues[to], self._queues[None]):
                if queue:
                    return queue.popleft()
            return self._defaults.get(to, self._defaults[None])

    def record(self, message):
        self.ledger.add_message(message)
        if self._on_message:
            self._on_message(message)


def main():
    parser = argparse.ArgumentParser(description="A stand-in for Twilio's Messages API: takes messages, sends nothing.")
    parser.add_argument("--port", type=int, default=9999)
    parser.add_argument("--slow", type=float, metavar="SECONDS", help="answer this late")
    parser.add_argument("--error", metavar="STATUS/CODE", help="refuse everything, e.g. 400/21211")
    options = parser.parse_args()
    fake = FakeTwilio(options.port, any_credentials=True,
                      on_message=lambda m: print(f"{m.sid} to {m.to}: {m.text or m.variables!r}", flush=True))
    behaviour = error(*map(int, options.error.split("/"))) if options.error else accept
    fake.always(slow(options.slow, behaviour) if options.slow else behaviour)
    fake.start()
    print(f"api_base: {fake.url}   ledger: {fake.url}/ledger", file=sys.stderr, flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        fake.stop()


if __name__ == "__main__":
    main()
