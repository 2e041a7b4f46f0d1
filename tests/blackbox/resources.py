"""resources - the messages as the provider's API shows them: one at a time, or page by page, newest first."""
import email.utils
import itertools
import threading
from urllib.parse import urlencode

from twilio_rules import Refusal

FILTERS = {"To", "From"}
PAGING = {"PageSize", "Page", "PageToken"}
PAGE_SIZE, PAGE_SIZE_MOST = 50, 1000


class Resource:
    """A message, with a status that changes."""

    def __init__(self, owner, sid, form, clock):
        (self.account, self.token), self.sid, self.form, self._clock = owner, sid, form, clock
        self.to, self.sender = form["To"], form.get("From", "whatsapp:+14155550100")
        self.service, self.callback_url = form.get("MessagingServiceSid"), form.get("StatusCallback")
        self.status = "accepted" if self.service else "queued"
        self.created, self.sent, self.error_code = clock.now(), None, None
        self.hidden_asks, self.hidden_until = 0, None

    def become(self, status, error_code=None):
        self.status, self.error_code = status, error_code
        if self.sent is None and status not in ("failed", "canceled"):
            self.sent = self._clock.now()

    def is_hidden(self):
        """The list lags behind: for so many asks, or until a gate opens."""
        if self.hidden_until is not None and not self.hidden_until.is_set():
            return True
        self.hidden_asks -= 1
        return self.hidden_asks >= 0

    def as_json(self):
        uri = f"/2010-04-01/Accounts/{self.account}/Messages/{self.sid}"
        return {"account_sid": self.account, "api_version": "2010-04-01", "body": self._body(),
                "date_created": rfc2822(self.created), "date_sent": self.sent and rfc2822(self.sent),
                "date_updated": rfc2822(self.sent or self.created), "direction": "outbound-api", "error_code": self.error_code,
                "error_message": None if self.error_code is None else "Failed to send message",
                "from": self.form.get("From") or (self.sent and self.sender), "messaging_service_sid": self.service,
                "num_media": "0", "num_segments": "0" if self.service and not self.sent else "1", "price": None,
                "price_unit": None, "sid": self.sid, "status": self.status,
                "subresource_uris": {"media": uri + "/Media.json"}, "to": self.to, "uri": uri + ".json"}

    def _body(self):
        """Of a template, the text that it makes with its variables."""
        return self.form.get("Body") or "Plantilla: " + self.form.get("ContentVariables", "")


def rfc2822(seconds):
    return email.utils.formatdate(seconds, usegmt=False, localtime=False).replace("-0000", "+0000")


class Resources:
    def __init__(self):
        self._lock, self._by_sid, self._by_to, self._all = threading.Lock(), {}, {}, []

    def add(self, resource):
        with self._lock:
            self._by_sid[resource.sid] = resource
            self._by_to.setdefault(resource.to, []).append(resource)
            self._all.append(resource)

    def one(self, sid):
        with self._lock:
            return self._by_sid.get(sid)

    def page(self, path, query):
        """The answer to a request for the list."""
        size = check_query(query)
        filters = {name: query[name] for name in FILTERS if name in query}
        number, found = int(query.get("Page", 0)), self._visible(filters)
        if "PageToken" in query:                # a page begins behind the last message of the one before, whatever came since
            behind = query["PageToken"][2:]
            found = itertools.islice(itertools.dropwhile(lambda resource: resource.sid != behind, found), 1, None)
        shown = list(itertools.islice(found, size + 1))
        shown, is_more = shown[:size], len(shown) > size

        def uri(page, behind=None):
            token = {} if behind is None else {"PageToken": "PA" + behind}
            return f"{path}?{urlencode({**filters, 'PageSize': size, 'Page': page, **token})}"
        return {"messages": [resource.as_json() for resource in shown], "page": number, "page_size": size,
                "start": number * size, "end": number * size + max(len(shown) - 1, 0), "first_page_uri": uri(0),
                "previous_page_uri": uri(number - 1) if number else None, "uri": uri(number),
                "next_page_uri": uri(number + 1, shown[-1].sid) if is_more else None}

    def _visible(self, filters):
        """The newest first; only as many are looked at as somebody wants to see."""
        with self._lock:
            chosen = self._by_to.get(filters["To"], []) if "To" in filters else self._all
            count = len(chosen)                 # it only grows
        for position in range(count - 1, -1, -1):
            resource = chosen[position]
            if filters.get("From", resource.sender) == resource.sender and not resource.is_hidden():
                yield resource


def check_query(query):
    """The size of a page; what Twilio would quietly ignore is refused, so that it cannot pass unseen."""
    unknown = set(query) - FILTERS - PAGING
    if unknown:
        raise Refusal(400, 20001, f"the list of messages has no filter {sorted(unknown)}, or the fake does not know it")
    size = query.get("PageSize", str(PAGE_SIZE))
    if not size.isdigit() or not 1 <= int(size) <= PAGE_SIZE_MOST:
        raise Refusal(400, 20001, f"PageSize: {size!r}")
    if int(query.get("Page", 0)) > 0 and not query.get("PageToken", "").startswith("PA"):
        raise Refusal(400, 20001, "a later page has a PageToken: follow next_page_uri")
    return int(size)
