#!/usr/bin/env python3
"""fake_twilio - Twilio's API on loopback, as badly behaved as the real one can be, with a ledger of what it took and told.

In tests:      twilio = FakeTwilio().start(); twilio.next(error(429, 20429)); twilio.fate(undelivered(63016))
On the shell:  python3 fake_twilio.py --port 9999        (GET /ledger shows what it took, as JSON)
"""
import argparse
import collections
import json
import socket
import ssl
import sys
import threading
from urllib.parse import parse_qsl, urlsplit

import account
import fates
import twilio_rules
from account import ACCOUNT_SID, API_KEY_SECRET, API_KEY_SID, AUTH_TOKEN
from behaviours import HangUp, accept, error, slow
from callbacks import Courier
from exchange import JSON_TYPE, Ask, Send, error_resource
from ledger import Ledger
from resources import Resources, check_query
from twilio_rules import Refusal
from wire import Clock, Connection, render


class Script:
    """What a test ordered: for the next ones, one each, and for all others; for one number, or for any."""

    def __init__(self, default):
        self._lock, self._queues, self._defaults = threading.Lock(), collections.defaultdict(collections.deque), {None: default}

    def next(self, *items, to=None):
        with self._lock:
            self._queues[to].extend(items)

    def always(self, item, to=None):
        with self._lock:
            self._defaults[to] = item

    def take(self, to):
        with self._lock:
            for queue in (self._queues[to], self._queues[None]):
                if queue:
                    return queue.popleft()
            return self._defaults.get(to, self._defaults[None])


class FakeTwilio:
    def __init__(self, port=0, any_credentials=False, on_message=None, certificate=None):
        """With a certificate (a file with its key) it speaks https."""
        self.ledger, self.problems, self.clock = Ledger(), [], Clock()
        self.templates, self.senders = {}, [account.sender("+14155550100")]
        self._any_credentials, self._on_message = any_credentials, on_message
        self._sends, self._asks, self._fates = Script(accept), Script(accept), Script(fates.delivered())
        self._lags, self._resources, self._door = {}, Resources(), Connection.read_request
        self._lock, self._connections, self._count = threading.Lock(), set(), 0
        self._reservation = self._bound(port)       # keeps the port ours while connections are being refused
        self.port = self._reservation.getsockname()[1]
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        self._tls = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)
        self._listener, self._courier = None, Courier(self.ledger)

    # -- what a test says about it --

    def next(self, *behaviours, to=None):
        """What happens to the next messages (to one number, or to any), one behaviour each."""
        self._sends.next(*behaviours, to=to)

    def always(self, behaviour, to=None):
        """What happens when nothing is queued."""
        self._sends.always(behaviour, to)

    def next_asks(self, *behaviours, to=None):
        """The same for requests to see the list, or one message."""
        self._asks.next(*behaviours, to=to)

    def always_asks(self, behaviour, to=None):
        self._asks.always(behaviour, to)

    def fate(self, fate, to=None):
        """What becomes of every message from now on; see fates.py."""
        self._fates.always(fate, to)

    def next_fates(self, *all_of_them, to=None):
        self._fates.next(*all_of_them, to=to)

    def lag(self, asks=0, until=None, to=None):
        """Messages from now on are missing in the list for so many asks, or until a gate opens; lag() ends it."""
        with self._lock:
            self._lags[to] = (asks, until)

    def door(self, behaviour=None):
        """What happens to connections before a byte of them is read (see doors in wire.py); door() opens it again."""
        self._door = behaviour or Connection.read_request

    @staticmethod
    def _bound(port):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))
        return sock

    def start(self):
        self._stopping = threading.Event()
        self._courier.start()
        self._listener = self._bound(self.port)
        self._listener.listen(512)
        threading.Thread(target=self._accept_loop, args=(self._listener,), daemon=True).start()
        return self

    def stop(self):
        """Refuses connections from now on, drops those that are open and calls nobody back; start() ends it."""
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._courier.stop()
        for connection in self.connections:
            connection.close()

    def close_idle(self):
        for connection in self.connections:
            if connection.is_idle:
                connection.close()

    @property
    def reached(self):
        """The messages that were taken and of which nobody has said that they failed."""
        return [m for m in self.ledger.messages if self._resources.one(m.sid).status not in ("failed", "undelivered")]

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
                connection = Connection(sock, self._count, stopping, self.clock)
                self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self._tls:
                connection.sock = self._tls.wrap_socket(connection.sock, server_side=True)
            while not connection.stopping.is_set():
                self._answer(connection, *self._door(connection))
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
        query = dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
        if path == "/ledger":
            data = json.dumps(self.ledger.as_json(), ensure_ascii=False, indent=1).encode()
            return connection.answer(render(200, data, JSON_TYPE))
        form, user, owner, found, refusal = {}, "", None, None, None
        try:
            assert [name for name, _ in header_list].count("host") == 1, "not exactly one Host"
            user, owner = self._check_user(path, headers)
            if method == "POST" and twilio_rules.MESSAGES_PATH.fullmatch(path):
                form = twilio_rules.check_message(headers, body)
            elif method == "GET":
                found = self._finder(path, query)
            else:
                raise Refusal(404, 20404, f"nothing takes {method} {path}")
        except Refusal as why:
            refusal = why
        request = self.ledger.add_request(connection=connection.number, method=method, path=path, form=form, user=user,
                                          query=query)
        if refusal:
            return self._refuse(connection, request, refusal)
        if method == "GET":
            behaviour, exchange = self._asks.take(query.get("To")), Ask(connection, request, found)
        else:
            behaviour, exchange = self._sends.take(form["To"]), Send(connection, request, owner, self.record)
        try:
            return behaviour(exchange)
        finally:
            exchange.after_answer()

    def _check_user(self, path, headers):
        """Who asks, and the account that it is about with the token that signs its callbacks."""
        where = twilio_rules.MESSAGES_PATH.fullmatch(path) or twilio_rules.ONE_MESSAGE_PATH.fullmatch(path)
        if where and not twilio_rules.ACCOUNT_PATTERN.fullmatch(where["account"]):
            raise Refusal(404, 20404, f"no such resource: {path}")
        user, password = twilio_rules.credentials(headers)
        named = where["account"] if where else ACCOUNT_SID
        known = {(ACCOUNT_SID, AUTH_TOKEN), (API_KEY_SID, API_KEY_SECRET)}
        if not self._any_credentials and (named != ACCOUNT_SID or (user, password) not in known):
            raise Refusal(401, 20003, "unknown account, token or key")
        return user, (named, password if self._any_credentials else AUTH_TOKEN)

    def _refuse(self, connection, request, refusal):
        if refusal.status != 401:                   # a wrong token may be what a test is about; a wrong request never is
            self.problems.append(str(refusal))
        Ask(connection, request, None).refuse(refusal.status, refusal.code)

    def _finder(self, path, query):
        """What a GET shows: a function that finds it, when the answer is due."""
        one = twilio_rules.ONE_MESSAGE_PATH.fullmatch(path)
        content = account.CONTENT_PATH.fullmatch(path)
        if twilio_rules.MESSAGES_PATH.fullmatch(path):
            check_query(query)
            return lambda: (200, self._resources.page(path, query))
        if one:
            return lambda: shown(self._resources.one(one["sid"]), lambda resource: resource.as_json())
        if content:
            render_it = account.approval_resource if content["approval"] else account.content_resource
            return lambda: shown(self.templates.get(content["sid"]), lambda made: render_it(self.url, content["sid"], made))
        if path == account.SENDERS_PATH and query.get("Channel") == "whatsapp":
            return lambda: (200, account.sender_page(self.url, self.senders))
        raise Refusal(404, 20404, f"nothing takes GET {path} {query}")

    def record(self, message, resource):
        """It is taken. Returns the life that it has from now on."""
        with self._lock:
            resource.hidden_asks, resource.hidden_until = self._lags.get(message.to, self._lags.get(None, (0, None)))
        self._resources.add(resource)
        self.ledger.add_message(message)
        if self._on_message:
            self._on_message(message)
        life = fates.Life(resource, self._fates.take(message.to), self._courier)
        life.begin_early()
        return life


def shown(found, as_json):
    return (200, as_json(found)) if found else (404, error_resource(404, 20404, twilio_rules.ERROR_MESSAGES[20404]))


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
