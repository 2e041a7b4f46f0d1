"""exchange - one well-formed request to the provider, in the hands of a behaviour."""
import json
import secrets

import twilio_rules
from behaviours import HangUp
from ledger import Message
from resources import Resource
from wire import render

JSON_TYPE = {"Content-Type": "application/json"}


def error_resource(status, code, message):
    return {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}


class Exchange:
    """What both kinds have: an answer to give, whole or not."""

    fine_status = 200

    def __init__(self, connection, request):
        self._connection, self.request = connection, request

    def accept(self, record=True):
        """What the provider does when all is well: the body of its answer."""
        raise NotImplementedError

    def to(self):
        """Whom it is about, for the words of a refusal."""
        return ""

    def after_answer(self):
        """The other side has its answer, or waits for it, or will never get it."""

    def answer(self, status, body, headers=None):
        self._connection.answer(self.rendered(status, body, headers))
        self.after_answer()

    def answer_raw(self, status, body, content_type):
        self._connection.answer(render(status, body, {"Content-Type": content_type, **self._connection.clock.headers()}))
        self.after_answer()

    def refuse(self, status, code, message=None, headers=None):
        message = message or twilio_rules.ERROR_MESSAGES.get(code, "Unknown error")
        self.answer(status, error_resource(status, code, message.format(to=self.to())), headers)

    def rendered(self, status, body, headers=None):
        return render(status, json.dumps(body).encode(), {**JSON_TYPE, **self._connection.clock.headers(), **(headers or {})})

    def send(self, data):
        self._connection.sock.sendall(data)
        self.after_answer()

    def reset(self):
        self._connection.close(reset=True)
        self.after_answer()

    def pause(self, seconds):
        self.after_answer()
        if self._connection.stopping.wait(seconds):
            raise HangUp

    def wait_for(self, gate):
        while not gate.wait(0.05):
            self.pause(0)


class Send(Exchange):
    """A request to send a message."""

    fine_status = 201

    def __init__(self, connection, request, owner, record):
        """The owner is an account and its token; record(message, resource) takes it and returns its life."""
        super().__init__(connection, request)
        self.form, self._owner, self._record, self._lives = request.form, owner, record, []

    def to(self):
        return self.form["To"]

    def accept(self, record=True):
        """Takes the message (into the ledger) and returns Twilio's resource for it."""
        sid = ("MM" if "ContentSid" in self.form else "SM") + secrets.token_hex(16)
        resource = Resource(self._owner, sid, self.form, self._connection.clock)
        body = resource.as_json()
        if record:
            variables = json.loads(self.form.get("ContentVariables", "{}"))
            message = Message(sid, resource.to, self.form.get("Body", ""), variables, self.form, self.request.number,
                              self._connection.number)
            self._lives.append(self._record(message, resource))
        return body

    def after_answer(self):
        """From now on the message has its fate."""
        while self._lives:
            self._lives.pop().go_on()


class Ask(Exchange):
    """A request to see something: `look` finds it, with the status that goes with it."""

    def __init__(self, connection, request, look):
        super().__init__(connection, request)
        self._look = look

    def accept(self, record=True):
        self.fine_status, body = self._look()
        return body
