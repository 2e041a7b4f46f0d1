"""behaviours - what a provider may do to a well-formed request, to send or to show, from the usual to the worst.

A behaviour is a function of one exchange. Those that lose the answer take the message first (unless told otherwise),
because that is the case that hurts: who repeats it, tells a person twice.
"""
import threading


class HangUp(Exception):
    """The connection is over."""


class Gate(threading.Event):
    """Holds the provider's answers back until it is opened; so a test can be slow without measuring time."""

    def __init__(self):
        super().__init__()
        self._lock, self._waiting = threading.Lock(), []

    def open(self):
        with self._lock:
            self.set()
            waiting, self._waiting = self._waiting, []
        for then in waiting:
            then()

    def when_open(self, then):
        """Calls then() once it is open; it may be already."""
        with self._lock:
            if not self.is_set():
                self._waiting.append(then)
                return
        then()


def accept(exchange):
    body = exchange.accept()
    exchange.answer(exchange.fine_status, body)


def accept_and_close(exchange):
    """Takes it, answers, and keeps no connection."""
    body = exchange.accept()
    exchange.answer(exchange.fine_status, body, {"Connection": "close"})
    raise HangUp


def slow(seconds, then=accept):
    def behave(exchange):
        exchange.pause(seconds)
        then(exchange)
    return behave


def hold(gate, then=accept):
    def behave(exchange):
        exchange.wait_for(gate)
        then(exchange)
    return behave


def error(status, code, message=None, retry_after=None):
    def behave(exchange):
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        exchange.refuse(status, code, message, headers)
    return behave


def html_error(status=500):
    """What a load balancer says when nobody is behind it."""
    def behave(exchange):
        exchange.answer_raw(status, b"<html><head><title>Oops</title></head><body><h1>Internal Server Error</h1></body></html>",
                            "text/html")
    return behave


def _losing_the_answer(lose):
    """Makes a behaviour of lose(exchange, answer bytes), with the choice of having taken the message or not."""
    def choose(accepted=True):
        def behave(exchange):
            body = exchange.accept(record=accepted)
            answer = exchange.rendered(exchange.fine_status, body)
            lose(exchange, answer)
            raise HangUp
        return behave
    return choose


@_losing_the_answer
def cut_in_head(exchange, answer):
    exchange.send(answer[:30])


@_losing_the_answer
def cut_in_body(exchange, answer):
    exchange.send(answer[:answer.index(b"\r\n\r\n") + 40])


@_losing_the_answer
def close_after_reading(exchange, _answer):
    pass


@_losing_the_answer
def reset(exchange, _answer):
    exchange.reset()


@_losing_the_answer
def garbage(exchange, _answer):
    exchange.send(b"\x16\x03\x01\x02\x00 this was never HTTP \xff\xfe\r\n\r\n")


@_losing_the_answer
def hang(exchange, _answer):
    exchange.pause(3600)


def huge(megabytes=32):
    """Takes it, and then never stops talking."""
    def behave(exchange):
        exchange.accept()
        exchange.send(b"HTTP/1.1 %d Fine\r\nContent-Type: application/json\r\n"
                      b"Content-Length: %d\r\n\r\n{\"sid\": \"" % (exchange.fine_status, megabytes * 1024 * 1024))
        for _ in range(megabytes):
            exchange.send(b"S" * 1024 * 1024)
        raise HangUp
    return behave


def drip(seconds_each=0.2, piece=1):
    """Takes it, and then talks so slowly that nobody should listen to the end."""
    def behave(exchange):
        body = exchange.accept()
        answer = exchange.rendered(exchange.fine_status, body)
        for start in range(0, len(answer), piece):
            exchange.send(answer[start:start + piece])
            exchange.pause(seconds_each)
        raise HangUp
    return behave


def nonsense(body=b'{"sid": 5, "status": ["queued"], "messages": {}}', status=None):
    """Well-formed HTTP, and JSON that means nothing."""
    def behave(exchange):
        exchange.accept()
        exchange.answer_raw(status or exchange.fine_status, body, "application/json")
    return behave


def alternate(*behaviours):
    """One after the other, and again from the first."""
    turn, lock = iter(range(10**9)), threading.Lock()

    def behave(exchange):
        with lock:
            number = next(turn)
        behaviours[number % len(behaviours)](exchange)
    return behave
