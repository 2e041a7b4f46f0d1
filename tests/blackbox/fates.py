"""fates - what becomes of a message after the provider took it, and how the provider tells of it.

A fate is a list of steps; a message goes through them in order, as fast as they are told. Nothing here measures time: a
step that is to come late waits for a gate.
"""
import dataclasses
from typing import Callable, Optional

from behaviours import Gate
from callbacks import as_twilio, honest_call


@dataclasses.dataclass(frozen=True)
class Step:
    status: str
    error_code: Optional[int] = None
    is_so: bool = True                      # the message's resource says so from now on
    is_told: bool = True                    # a callback says so
    way: Callable = as_twilio               # how
    after: Optional[Gate] = None            # not before this opens
    is_early: bool = False                  # before the answer to the request that sent it


# -- what becomes of it --

def nothing():
    """It stays as it was taken: queued or accepted, for ever."""
    return []


def sent():
    return [Step("sent")]


def delivered():
    return [Step("sent"), Step("delivered")]


def read():
    return [*delivered(), Step("read")]


def undelivered(error_code):
    return [Step("sent"), Step("undelivered", error_code)]


def failed(error_code):
    return [Step("failed", error_code)]


# -- how it is told --

def _each(fate, **changes):
    return [dataclasses.replace(step, **changes) for step in fate]


def untold(fate):
    """It happens, and no callback says so: the provider has to be asked."""
    return _each(fate, is_told=False)


def told(fate, way):
    """Every callback in this way."""
    return _each(fate, way=way)


def forged(fate, way):
    """Nothing of this happens, but somebody says so in this way."""
    return _each(fate, is_so=False, way=way)


def early(fate):
    """Before the request that sent the message is answered."""
    return _each(fate, is_early=True)


def later(gate, fate):
    """Hours later: when the test says so."""
    return [dataclasses.replace(step, after=gate) if number == 0 else step for number, step in enumerate(fate)]


def backwards(fate):
    """It all happens; then the callbacks come, the last one first."""
    return [*untold(fate), *_each(reversed(fate), is_so=False)]


class Life:
    """One message on its way through its fate."""

    def __init__(self, resource, fate, courier):
        self._resource, self._steps, self._courier = resource, list(fate), courier

    def begin_early(self):
        while self._steps and self._steps[0].is_early:
            self._take(self._steps.pop(0))

    def go_on(self):
        """The rest of it; where there is somebody to tell, in the background."""
        while self._steps:
            gate = self._steps[0].after
            if gate is not None and not gate.is_set():
                return gate.when_open(self.go_on)
            if self._resource.callback_url:
                return self._courier.submit(self._next)
            self._take(self._steps.pop(0))
        return None

    def _next(self):
        self._take(self._steps.pop(0))
        self.go_on()

    def _take(self, step):
        if step.is_so:
            self._resource.become(step.status, step.error_code)
        if step.is_told and self._resource.callback_url:
            for call in step.way(honest_call(self._resource, step.status, step.error_code)):
                self._courier.post(call)
