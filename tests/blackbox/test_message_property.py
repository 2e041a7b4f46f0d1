"""Whatever a customer says, the text that reaches the provider has the template's lines and labels, and nothing else.

What is checked is written from what WhatsApp makes of a text: its formatting, its lists, its links. The unit test of the same
name does this thousands of times, with templates of every shape; here it is the body that was really sent.
"""
import random
import re
import unicodedata

import pytest

import story
from story import a_handoff
from twilio_rules import utf16_units

ORDINARY = ["hola", "quiero", "una cotización", "¿cuánto cuesta?", "¡urgente!", "José Ñandú", "$1.500.000", "3.5 kg", "👍🏽", "🇲🇽",
            "👨‍👩‍👧", "☎️", "e\u0301", "conv_abc123", "2*3", "日本語", "русский", "juan.perez@empresa.com.mx", "+52 1 55 1234 5678"]
NASTY = ["\n", "\r", "\r\n", "\v", "\f", "\t", "\x1c", "\x85", "\u2028", "\u2029", "     ", "\u00a0", "\u3000",
         "\n📱 *Teléfono:* +19995550000\n", "*", "_", "~", "`", "```", "*oferta*", "_ya_", "~no~", "```x```", "a_ñ", "é*", "> ", "- ",
         "* ", "1. ", "12.", "http://", "HTTPS://www.", "evil.com", "robot.mx", "wa.me/5215550000000", ".com", ".", "\uff0e",
         "evil\uff0ecom", "evil\u3002com", "evil.\u200bcom", "://", "192.0.2.1", "@", "x@evil.com/login", "россия.рф",
         *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f\ufe01",
         "\U000e0041", "\U000e0100", "\U000e0fff", "\u0301", "\u0301" * 9, "\u0336", "\u20e3", "𝗧𝗲𝗹𝗲́𝗳𝗼𝗻𝗼:", "𝟏. ", "𝒆𝒗𝒊𝒍.𝒄𝒐𝒎", "ℋ",
         "\x01", "\x1b[31m", "{motivo}", "%s", "🇲", "\U0001f3fd"]
FIELDS = ["reason", "user_name", "conversation_id", "additional_context", "agente"]
HIDDEN = re.compile("[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufe00-\ufe0d\ufeff"
                    "\U000e0000-\U000e0fff]|  |^ | $")
MARKUP = re.compile(r"(?<![A-Za-z0-9])[*_~`]|[*_~`](?![A-Za-z0-9])|^[-*>]|^\d+\.( |$)")
LINK = re.compile(r"[:\uff1a][/\\\uff0f]|\S[.\u2024\u3002\ufe52\uff0e\uff61][^\W\d_ˍ]|\d+\.\d+\.\d+\.\d+")
EMAIL = re.compile(r"[(<\[\"']*[\w.%+-]+@[\w.-]+[.,;:!?)>\]\"'…]*", re.ASCII)
PHONE, MOST = "+5215512345678", {"user_name": 200, "conversation_id": 150}


def expect_harmless(value):
    """Nothing in it is more than its words."""
    assert not HIDDEN.search(value), ascii(value)
    assert not MARKUP.search(value), ascii(value)
    assert not any(unicodedata.decomposition(c).startswith("<font>") or unicodedata.combining(c) == 1 for c in value), ascii(value)
    assert "mmmmm" not in "".join("m" if unicodedata.category(c)[0] == "M" else "-" for c in value), ascii(value)
    assert not [word for word in value.split(" ") if LINK.search(word) and not EMAIL.fullmatch(word)], ascii(value)


def lines_of(text):
    """The five values of the shipped message, by their labels; its lines must be these and no other."""
    found = re.fullmatch("🔔 \\*Nuevo cliente solicita atención humana\\*\n\n"
                         "(?:👤 \\*Cliente:\\* ([^\n]+)\n)?"
                         "📱 \\*Teléfono:\\* ([^\n]+)\n"
                         "📝 \\*Motivo:\\* ([^\n]+)"
                         "(?:\n🆔 \\*Conversación:\\* ([^\n]+))?"
                         "(?:\n\n💬 \\*Contexto:\\*\n([^\n]+))?", text)
    assert found, text
    return dict(zip(("user_name", "user_phone", "reason", "conversation_id", "additional_context"), found.groups()))


def is_visible(text):
    return any(unicodedata.category(c)[0] in "LNPS" and not HIDDEN.search(f"a{c}a") for c in text)


@pytest.fixture
def words():
    dice = random.Random(20261123)

    def some(most=12):
        pieces = dice.choices([*ORDINARY, *NASTY], weights=[3] * len(ORDINARY) + [1] * len(NASTY), k=dice.randint(1, most))
        return dice.choice(["", " "]).join(pieces)

    def handoff(number):
        fields = {name: some(300 if dice.random() < 0.1 and name not in MOST else 12)[:MOST.get(name, 8000)] for name in FIELDS}
        fields["conversation_id"] += f" c{number}"
        fields["reason"] += " r"
        return a_handoff(user_phone=PHONE, **{name: text for name, text in fields.items() if dice.random() < 0.8 or name in
                                              ("reason", "conversation_id")})
    return handoff


def tell(daemon, twilio, handoff):
    answer = daemon.post(handoff)
    assert answer.status == 200, answer.body
    return next(message for message in twilio.ledger.messages if message.sid == answer["message_sid"])


def test_a_text_has_the_templates_lines_and_nothing_else(shared, shared_twilio, words):
    for number in range(250):
        handoff = words(number)
        text = tell(shared, shared_twilio, handoff).text
        assert utf16_units(text) <= 1600
        values = lines_of(text)
        assert values["user_phone"] == PHONE
        for name, value in values.items():
            assert (value is not None) == is_visible(handoff.get(name, "")), name
            if value is not None:
                expect_harmless(value)


def with_template(twilio, *variables):
    return story.company(twilio, channel={"template": {"sid": "HX" + "1" * 32, "variables": list(variables)}})


@pytest.mark.parametrize("one", ["🇲🇽", "👍🏽", "e\u0301", "☎️", "juan.perez@empresa.com.mx "])
@pytest.mark.parametrize("before", ["", "x", "xy"])
def test_nothing_is_cut_in_two(shared, shared_twilio, start, twilio, one, before):
    daemon = start(with_template(twilio, "motivo", "contexto"))
    context = (before + " " + one * 1000).strip()
    text = tell(shared, shared_twilio, a_handoff(additional_context=context)).text
    variable = tell(daemon, twilio, a_handoff(additional_context=context)).variables["2"]
    for value, most in ((text.rpartition("\n")[2], 1600), (variable, 1024)):
        whole, dots, _ = value.partition("…")
        assert dots and utf16_units(value) <= most
        assert (whole.removeprefix(before + " ") + " ").replace(one, "").strip() == ""
        assert utf16_units(value) > most - 200


def test_a_template_has_one_harmless_line_for_each_variable(start, twilio, words):
    variables = ["cliente", "telefono", "motivo", "conversacion", "contexto", "vendedor"]
    daemon = start(with_template(twilio, *variables))
    for number in range(120):
        message = tell(daemon, twilio, words(number))
        assert "Body" not in message.form and list(message.variables) == [str(i + 1) for i in range(len(variables))]
        for value in message.variables.values():
            assert value and utf16_units(value) <= 1024
            if value != "-":
                expect_harmless(value)


def test_a_long_name_does_not_push_the_number_out(shared, shared_twilio):
    handoff = a_handoff(reason="motivo " * 800, additional_context="contexto " * 800, user_name="n" * 200)
    values = lines_of(tell(shared, shared_twilio, handoff).text)
    assert (values["user_phone"], values["user_name"]) == (PHONE, "n" * 200)
    assert values["reason"].endswith("…") and values["additional_context"].endswith("…")
