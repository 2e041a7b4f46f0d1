"""callbacks - the provider's side of a status callback: what Twilio posts, and whatever else may reach that address.

A way is a function that makes of one honest call the calls that really go out.
"""
import concurrent.futures
import dataclasses
import http.client
import secrets
import threading
from typing import Optional
from urllib.parse import urlencode, urlsplit

from ledger import Callback
from signature import sign

READ_SECONDS = 15                           # Twilio's own limit
EVENT_TYPES = {"delivered": "DELIVERED", "read": "READ", "undelivered": "UNDELIVERED"}
INSTALL_SID = "XE" + "0c" * 16


@dataclasses.dataclass(frozen=True)
class Call:
    """One POST to a StatusCallback."""
    sid: str
    status: str
    url: str
    fields: tuple
    token: str                              # that it is signed with
    way: str = "as Twilio"
    signature: Optional[str] = None
    body: bytes = b""


def honest_call(resource, status, error_code=None):
    fields = tuple(_fields(resource, status, error_code))
    return _signed(Call(resource.sid, status, resource.callback_url, fields, resource.token))


def _fields(resource, status, error_code):
    to = resource.to
    fields = {"ChannelPrefix": "whatsapp", "ApiVersion": "2010-04-01", "MessageStatus": status, "SmsSid": resource.sid,
              "SmsStatus": status, "ChannelInstallSid": INSTALL_SID, "To": to, "From": resource.sender,
              "MessageSid": resource.sid, "AccountSid": resource.account, "StructuredMessage": "false",
              "ChannelToAddress": to.partition(":")[2][:-4] + "XXXX"}
    if status in EVENT_TYPES:
        fields["EventType"] = EVENT_TYPES[status]
    if resource.service:
        fields["MessagingServiceSid"] = resource.service
    if error_code is not None:
        fields.update(ErrorCode=str(error_code), ErrorMessage="Failed to send message",
                      ChannelStatusMessage=f"Channel provider error {error_code}")
    return fields.items()


def _signed(call, **changes):
    """The call with changes, signed again: for what Twilio itself might send."""
    call = dataclasses.replace(call, **changes)
    return dataclasses.replace(call, body=urlencode(call.fields).encode(), signature=sign(call.url, call.fields, call.token))


def _changed(call, **values):
    return tuple((name, values.get(name, value)) for name, value in call.fields)


# -- ways --

def as_twilio(call):
    return [call]


def repeated(times):
    return lambda call: [call] + [dataclasses.replace(call, way="repeated")] * (times - 1)


def unsigned(call):
    return [dataclasses.replace(call, signature=None, way="no signature")]


def empty_signature(call):
    return [dataclasses.replace(call, signature="", way="an empty signature")]


def wrongly_signed(call):
    """By somebody who knows everything but the token."""
    return [_signed(call, token=secrets.token_hex(16), way="signed by another")]


def signed_for_another_url(call):
    """A signature that was overheard: it holds for another address."""
    other = sign(call.url + "0", call.fields, call.token)
    return [dataclasses.replace(call, signature=other, way="signed for another address")]


def flipped(position=None):
    """One bit of the body is not what was signed."""
    def way(call):
        at, body = secrets.randbelow(len(call.body)) if position is None else position, bytearray(call.body)
        body[at] ^= 1
        return [dataclasses.replace(call, body=bytes(body), way=f"byte {at} flipped")]
    return way


def about(sid=None):
    """Signed by Twilio, but for another message."""
    def way(call):
        other = sid or "SM" + secrets.token_hex(16)
        return [_signed(call, fields=_changed(call, MessageSid=other, SmsSid=other), way="another message")]
    return way


def from_another_account(call):
    return [_signed(call, fields=_changed(call, AccountSid="AC" + "9" * 32), way="another account")]


def to_url(url=None):
    """Signed by Twilio, but to an address that is not this attempt's: by default to one that is nobody's."""
    def way(call):
        head, _, token = call.url.rpartition("/")
        nobodys = head + "/" + secrets.token_hex(len(token))[:len(token)]
        return [_signed(call, url=url or nobodys, way="another address")]
    return way


def with_more_fields(call):
    """Parameters may be added at any time, repeated ones and those with odd characters too: all are signed."""
    more = (("NewIn2027", "¡sí! 👋 +&=%"), ("Tag[]", "b"), ("Tag[]", "a"), ("Tag[]", "b"), ("Empty", ""))
    return [_signed(call, fields=call.fields + more, way="more fields")]


def saying(status):
    """Signed by Twilio, with a word that nobody has heard of."""
    return lambda call: [_signed(call, fields=_changed(call, MessageStatus=status, SmsStatus=status), way=f"says {status}")]


FORGED = {"no signature": unsigned, "an empty signature": empty_signature, "signed by another": wrongly_signed,
          "signed for another address": signed_for_another_url, "a byte flipped": flipped()}
MISLEADING = {"another message": about(), "another account": from_another_account, "another address": to_url()}


# -- sending --

class Courier:
    """Posts callbacks in the background, those of one message in their order."""

    def __init__(self, ledger):
        self._ledger, self._local, self._pool = ledger, threading.local(), None

    def start(self):
        self._pool = concurrent.futures.ThreadPoolExecutor(4, thread_name_prefix="courier")

    def stop(self):
        """What was to be posted is lost."""
        pool, self._pool = self._pool, None
        pool.shutdown(wait=False, cancel_futures=True)

    def submit(self, work):
        pool = self._pool
        if pool is not None:
            pool.submit(work)

    def post(self, call):
        """Twilio repeats once, and only where no connection was made."""
        answer, is_retry = self._try(call, {}), False
        if answer == "no connection":
            self._record(call, answer, is_retry)
            answer, is_retry = self._try(call, {"I-Twilio-Idempotency-Token": secrets.token_hex(16)}), True
        self._record(call, answer, is_retry)
        return answer

    def _record(self, call, answer, is_retry):
        self._ledger.add_callback(Callback(call.sid, call.status, call.way, call.url, answer, is_retry))

    def _try(self, call, headers):
        """The answer's status, or why there was none. A kept connection that turns out dead is an ordinary thing."""
        parts = urlsplit(call.url)
        target = parts.path + ("?" + parts.query if parts.query else "")
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "User-Agent": "TwilioProxy/1.1",
                   **headers, **({} if call.signature is None else {"X-Twilio-Signature": call.signature})}
        connection, is_kept = self._connection(parts.netloc)
        while True:
            try:
                if connection.sock is None:
                    connection.connect()
            except OSError:
                return "no connection"
            try:
                connection.request("POST", target, call.body, headers)
                answer = connection.getresponse()
                answer.read()
                return answer.status
            except (OSError, http.client.HTTPException) as lost:
                connection.close()
                if not is_kept:
                    return f"no answer: {type(lost).__name__}"
                is_kept = False

    def _connection(self, netloc):
        kept = self._local.__dict__.setdefault("connections", {})
        connection = kept.setdefault(netloc, http.client.HTTPConnection(netloc, timeout=READ_SECONDS))
        return connection, connection.sock is not None
