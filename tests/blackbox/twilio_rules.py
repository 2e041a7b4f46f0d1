"""twilio_rules - which message requests Twilio takes, by its own OpenAPI description and by its error pages.

The description says little: no upper limit for Body, nothing about WhatsApp, and its own server ignores what it does not
know. Here an unknown parameter is refused, so that a misspelt one cannot pass unseen.
"""
import base64
import copy
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

from jsonschema import Draft7Validator

DESCRIPTION = json.loads((Path(__file__).parent / "data/twilio_messages_openapi.json").read_text("utf-8"))
CREATE_PATH = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
BODY_LIMIT_UTF16_UNITS = 1600

MESSAGES_PATH = re.compile(r"/2010-04-01/Accounts/(?P<account>[^/]+)/Messages\.json")
ONE_MESSAGE_PATH = re.compile(r"/2010-04-01/Accounts/(?P<account>[^/]+)/Messages/(?P<sid>[^/]+)\.json")
WHATSAPP_ADDRESS = re.compile(r"whatsapp:\+[1-9]\d{6,14}")
FORM_TEXT = re.compile(rb"(?:[A-Za-z0-9._~*+-]|%[0-9A-Fa-f]{2})*")

ERROR_MESSAGES = {
    20001: "Invalid parameter",
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "An internal server error has occurred",
    20503: "Service Unavailable",
    21211: "The 'To' number {to} is not a valid phone number.",
    21602: "Message body is required.",
    21603: "A 'From' phone number is required.",
    21604: "A 'To' phone number is required.",
    21609: "The 'StatusCallback' URL is not a valid fully qualified URL.",
    21610: "Attempt to send to unsubscribed recipient {to}",
    21617: "The concatenated message body exceeds the 1600 character limit.",
    21655: "The ContentSid is Invalid",
    21656: "The Content Variables parameter is invalid.",
    21705: "The Messaging Service Sid is invalid.",
    21910: "Invalid From and To pair. From and To should be of the same channel",
    63007: "Twilio could not find a Channel with the specified From address",
    63031: "Channels message cannot have same From and To",
    63038: "Account exceeded the 50 daily messages limit",
    90007: "Invalid ValidityPeriod",
}
CODE_FOR_PARAMETER = {"To": 21211, "StatusCallback": 21609, "MessagingServiceSid": 21705, "ContentSid": 21655,
                      "ValidityPeriod": 90007}


class Refusal(Exception):
    """Twilio says no: the answer to give, and why, in words for whoever reads the test's output."""

    def __init__(self, status, code, why):
        super().__init__(f"{status}/{code}: {why}")
        self.status, self.code = status, code


def _operation():
    return DESCRIPTION["paths"][CREATE_PATH]["post"]


def _form_schema():
    schema = copy.deepcopy(_operation()["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"])
    schema["additionalProperties"] = False
    schema["properties"]["ValidityPeriod"].update(minimum=1, maximum=36000)
    schema["components"] = DESCRIPTION["components"]
    return schema


def with_nulls(node):
    """OpenAPI's `nullable: true` in the words of JSON Schema."""
    if isinstance(node, list):
        return [with_nulls(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: with_nulls(value) for key, value in node.items()}
    if node.pop("nullable", False) is True:
        return {"anyOf": [node, {"type": "null"}]}
    return node


def answer_validator():
    """Checks a message resource: so that the fake cannot answer what Twilio never would."""
    schema = copy.deepcopy(_operation()["responses"]["201"]["content"]["application/json"]["schema"])
    return Draft7Validator({"allOf": [schema], "components": with_nulls(DESCRIPTION["components"])})


FORM_SCHEMA = _form_schema()
FORM_VALIDATOR = Draft7Validator(FORM_SCHEMA)
ACCOUNT_PATTERN = re.compile(_operation()["parameters"][0]["schema"]["pattern"])


def utf16_units(text):
    return len(text.encode("utf-16-le")) // 2


def parse_form(body):
    """The fields of a form body, in order; strict about encoding, so nothing half-escaped slips through."""
    fields = []
    for pair in body.split(b"&"):
        name, equals, value = pair.partition(b"=")
        if not equals or not FORM_TEXT.fullmatch(name) or not FORM_TEXT.fullmatch(value):
            raise Refusal(400, 20001, f"not a form field: {pair[:80]!r}")
        fields.append((_decode(name), _decode(value)))
    return fields


def _decode(text):
    raw = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), text.replace(b"+", b" "))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(400, 20001, f"not UTF-8: {raw[:80]!r}") from None


def credentials(headers):
    """The user and the password of a Basic authorization."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except ValueError:
        user, colon, password = "", "", ""
    if scheme.lower() != "basic" or not colon:
        raise Refusal(401, 20003, "no Basic authorization")
    return user, password


def check_message(headers, body):
    """The fields of a message request that Twilio would take; raises Refusal for any other."""
    if headers.get("content-type", "").split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Refusal(400, 21604, f"not a form but {headers.get('content-type')!r}")
    form = _typed(parse_form(body))
    for problem in sorted(FORM_VALIDATOR.iter_errors(form), key=str):
        name = problem.path[0] if problem.path else None
        code = 21604 if problem.validator == "required" else CODE_FOR_PARAMETER.get(name, 20001)
        raise Refusal(400, code, f"{name or 'request'}: {problem.message}")
    _check_addresses(form)
    _check_content(form)
    if "StatusCallback" in form:
        _check_callback(form["StatusCallback"])
    return form


def _typed(fields):
    """Form text turned into the types of the description: arrays from repeated names, numbers and booleans from words."""
    form = {}
    for name, value in fields:
        kind = FORM_SCHEMA["properties"].get(name, {}).get("type")
        if kind == "array":
            form.setdefault(name, []).append(value)
        elif name in form:
            raise Refusal(400, 20001, f"{name}: given twice")
        elif kind in ("integer", "number") and re.fullmatch(r"-?\d+", value):
            form[name] = int(value)
        elif kind == "boolean" and value in ("true", "false"):
            form[name] = value == "true"
        else:
            form[name] = value
    return form


def _check_addresses(form):
    if not WHATSAPP_ADDRESS.fullmatch(form["To"]):
        raise Refusal(400, 21211, f"To: {form['To']!r} is no WhatsApp address")
    if ("From" in form) == ("MessagingServiceSid" in form):
        raise Refusal(400, 21603, "exactly one of From and MessagingServiceSid is wanted")
    if "From" in form and not WHATSAPP_ADDRESS.fullmatch(form["From"]):
        raise Refusal(400, 21910, f"From: {form['From']!r} is no WhatsApp address")
    if form.get("From") == form["To"]:
        raise Refusal(400, 63031, "From and To are the same")


def _check_content(form):
    if ("Body" in form) == ("ContentSid" in form):
        raise Refusal(400, 21602, "exactly one of Body and ContentSid is wanted")
    if "Body" in form and not form["Body"].strip():
        raise Refusal(400, 21602, "Body is empty")
    if utf16_units(form.get("Body", "")) > BODY_LIMIT_UTF16_UNITS:
        raise Refusal(400, 21617, f"Body has {utf16_units(form['Body'])} UTF-16 units")
    if "ContentVariables" in form:
        if "ContentSid" not in form:
            raise Refusal(400, 21654, "ContentVariables without ContentSid")
        _check_variables(form["ContentVariables"])


def _check_variables(text):
    try:
        variables = json.loads(text)
    except ValueError:
        raise Refusal(400, 21656, f"ContentVariables is not JSON: {text[:80]!r}") from None
    if not isinstance(variables, dict) or not variables:
        raise Refusal(400, 21656, "ContentVariables is not an object with members")
    for name, value in variables.items():
        if not name or len(name) > 16 or " " in name:
            raise Refusal(400, 21656, f"ContentVariables: bad name {name!r}")
        if not isinstance(value, str) or not value.strip() or len(value) > 1600:
            raise Refusal(400, 21656, f"ContentVariables {name}: {value!r} is not a text of 1 to 1600 characters")
        if re.search(r"[\n\r\t]| {5}", value):
            raise Refusal(400, 21656, f"ContentVariables {name}: newline, tab or five spaces in {value!r}")


def _check_callback(url):
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "_" in parts.hostname or len(url) > 4000:
        raise Refusal(400, 21609, f"StatusCallback: {url[:80]!r}")
