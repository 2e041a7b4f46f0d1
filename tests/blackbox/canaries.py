"""canaries - words that stand for everything that must never be seen, and whoever looks for them in what was written.

Personal data: the customer's and the salespeople's. Secrets: what lets somebody in. Not among them, because an operator needs
them and they open nothing: ids (handoff, vendor, message, account), codes and states.
"""
import base64
import re
import unicodedata
from urllib.parse import quote

from account import ACCOUNT_SID, API_KEY_SECRET, AUTH_TOKEN

CUSTOMER = {"user_phone": "+5215550001111", "user_name": "Zacarías Canario", "reason": "Motivo zafirino: comprar un brontosaurio",
            "additional_context": "Contexto esmeraldino; paga con turmalinas"}
EXTRA = {"agente": "campo turquesado"}
CONVERSATION = "conv_rubicundo"
DIGITS = ("5550001111", "3105550022", "3105550033")             # the customer's; Ana's; Luis's
WORDS = ("Zacarías", "Canario", "zafirino", "brontosaurio", "esmeraldino", "turmalinas", "turquesado", "rubicundo", "Anacleta",
         "Ludovico")
ANA = {"id": "ana", "name": "Anacleta Torres", "notify": {"whatsapp": "+573105550022"}}
LUIS = {"id": "luis", "name": "Ludovico Rangel", "notify": {"whatsapp": "+573105550033"}}
SIGNER_SECRET = "whsec_" + base64.b64encode(b"canary-of-a-signer-0000001").decode()
CLIENT_KEY, DOTENV_VALUE = "hk_canary01_0123456789abcdefghijklmnop", "dotenv-canary-of-nobody-0001"
SECRETS = (AUTH_TOKEN, API_KEY_SECRET, SIGNER_SECRET, CLIENT_KEY, DOTENV_VALUE)

PHONE_FORMS = ("+5215550001111", "5215550001111", "5550001111", "+52 1 555 000 1111", "(555) 000-1111", "555.000.11.11",
               "whatsapp:+5215550001111", "whatsapp%3A%2B5215550001111", "tel:+52-1-555-000-1111",
               "+52\u00a01\u00a0555\u00a0000\u00a01111", "555\u2011000\u20111111", "５５５０００１１１１", "+57 310 555 0022")


def whole_of(form):
    """A message as it went out: a provider that repeats it says all of it."""
    return form.get("Body", "") + form.get("ContentVariables", "")


def basic(user, password):
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def forms_of(secret):
    """As it is, and as it stands in a URL, in base64, in the head of a request."""
    return {secret, secret[:12], secret[-12:], quote(secret, safe=""), basic(ACCOUNT_SID, secret)[-16:-4],
            base64.b64encode(secret.encode()).decode()[:16]}


def digits_of(number):
    return re.compile(r"[^0-9A-Za-z\n]{0,3}".join(number))


def seen_in(text, but=()):
    """The canaries that sing in there, each with what is around it."""
    plain = unicodedata.normalize("NFKC", text)
    found = [word for word in WORDS if word.lower() in plain.lower() and word not in but]
    found += [number for number in DIGITS if number not in but and digits_of(number).search(plain)]
    found += [form for secret in SECRETS for form in forms_of(secret) if form in text]
    return [f"{one!r} in {around(plain, one)!r}" for one in found]


def around(text, one):
    at = text.lower().find(one.lower())
    return text[max(0, at - 80):at + 80] if at >= 0 else [line for line in text.splitlines() if digits_of(one).search(line)][:2]
