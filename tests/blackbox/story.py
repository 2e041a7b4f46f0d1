"""story - the people, numbers and texts that the tests tell their stories with."""
import itertools
import socket

from fake_twilio import ACCOUNT_SID, AUTH_TOKEN

SENDER = "+14155550100"     # not the sandbox's number, which takes a message in three seconds
ANA = {"id": "ana", "name": "Ana Torres", "notify": {"whatsapp": "+573000000001"}}
LUIS = {"id": "luis", "name": "Luis Rangel", "notify": {"whatsapp": "+573000000002"}}
DIEGO = {"id": "diego", "name": "Diego Mora", "notify": {"whatsapp": "+15120000003"}}

HANDOFF_ID = r"ho_[0-9A-Za-z_-]+"
NOT_CONFIGURED = "WhatsApp service not configured. Check TWILIO_* environment variables."

_numbers = itertools.count(1)
_ports = []


# Limits that no test reaches, except the tests of the limits.
UNHURRIED = {"max_per_second": 100000, "max_per_day": 1000000, "person_every": "1ms", "person_burst": 100000}


def address(vendor):
    """The WhatsApp address that Twilio is given for a vendor."""
    return "whatsapp:" + vendor["notify"]["whatsapp"]


def whatsapp(twilio, **options):
    """The channel's section, pointed at the fake; an option given as None is left out."""
    section = {"plugin": "twilio_whatsapp", "account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "from": "whatsapp:" + SENDER,
               "api_base": twilio.url, **UNHURRIED, **options}
    return {name: value for name, value in section.items() if value is not None}


def company(twilio, *vendors, routing=("round_robin",), server=None, channel=None, **sections):
    """A whole vendors.yaml as a dict: by default Ana alone, told through the fake."""
    return {"company": {"name": "Robótica del Bajío", "timezone": "America/Mexico_City", "country": "MX"},
            "vendors": list(vendors) or [ANA], "routing": list(routing),
            "server": {"listen": "127.0.0.1:0", **(server or {})},
            "channels": {"log": {"plugin": "log"}, "whatsapp": whatsapp(twilio, **(channel or {}))},
            "store": {"path": "data/handoffd.db"}, **sections}


def free_port():
    """A port that stays ours, as long as the tests run, for a daemon that must be found again after a restart."""
    port = socket.socket()
    port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    port.bind(("127.0.0.1", 0))
    _ports.append(port)
    return port.getsockname()[1]


def called_back(sections):
    """The same company, with an address where the provider finds it."""
    address = f"127.0.0.1:{free_port()}"
    return {**sections, "server": {**sections["server"], "listen": address, "public_url": f"http://{address}", "insecure": True}}


def a_handoff(**fields):
    """A handoff that no other test has: a conversation of its own. A field given as None is left out."""
    handoff = {"user_phone": "+5215512345678", "reason": "Cliente desea hablar con vendedor",
               "conversation_id": f"conv_{next(_numbers):06d}", **fields}
    return {name: value for name, value in handoff.items() if value is not None}


def message_text(phone, reason, name=None, conversation=None, context=None):
    """The specification's message, icons included; the line of what is absent is not there."""
    lines = ["🔔 *Nuevo cliente solicita atención humana*", ""]
    if name:
        lines.append(f"👤 *Cliente:* {name}")
    lines += [f"📱 *Teléfono:* {phone}", f"📝 *Motivo:* {reason}"]
    if conversation:
        lines.append(f"🆔 *Conversación:* {conversation}")
    if context:
        lines += ["", "💬 *Contexto:*", context]
    return "\n".join(lines)


def shipped_file(repository):
    """The repository's own vendors.yaml, with nothing changed but the port, which must be free."""
    text = (repository / "vendors.yaml").read_text("utf-8")
    assert "127.0.0.1:8000" in text
    return text.replace("127.0.0.1:8000", "127.0.0.1:0")


def expect_say(answer):
    """Every answer carries a sentence that the agent can read to the customer."""
    assert isinstance(answer["say"], str) and answer["say"].strip(), answer.body
    return answer
