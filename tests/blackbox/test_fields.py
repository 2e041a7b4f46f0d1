"""What a handoff may hold, and how it reaches the salesperson's screen."""
import unicodedata

import pytest

import story
from story import a_handoff, message_text
from twilio_rules import utf16_units

PHONE, REASON = "+5215512345678", "Cliente desea hablar con vendedor"
INVISIBLE = "\u200b\u200c\u200e\u200f\u202a\u202b\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u061c"
LINE_BREAKS = ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]


@pytest.fixture
def told(shared, shared_twilio):
    """Posts a handoff and returns the text that the salesperson got, with its conversation."""
    def post(**fields):
        handoff = a_handoff(**fields)
        answer = shared.post(handoff)
        assert answer.status == 200, answer.body
        texts = {message.sid: message.text for message in shared_twilio.ledger.messages}
        return texts[answer["message_sid"]], handoff.get("conversation_id")
    return post


@pytest.mark.parametrize("fields, expected", [
    ({}, {}),
    ({"user_name": "Juan Pérez"}, {"name": "Juan Pérez"}),
    ({"additional_context": "Robots para restaurante"}, {"context": "Robots para restaurante"}),
    ({"user_name": "Zoë 🤖 O'Neill", "additional_context": "¿Cuánto?"}, {"name": "Zoë 🤖 O'Neill", "context": "¿Cuánto?"}),
])
def test_leaves_out_the_line_of_what_is_absent(told, fields, expected):
    text, conversation = told(**fields)
    assert text == message_text(PHONE, REASON, conversation=conversation, **expected)


def test_the_smallest_handoff_is_a_phone_and_a_reason(told):
    text, _ = told(conversation_id=None)
    assert text == message_text(PHONE, REASON)


@pytest.mark.parametrize("nothing", ["", "  ", "\n"])
def test_empty_means_absent(told, nothing):
    text, _ = told(conversation_id=nothing, user_name=nothing, additional_context=nothing)
    assert text == message_text(PHONE, REASON)


def test_null_means_absent(shared, shared_twilio):
    answer = shared.post(b'{"user_phone": "+5215512345678", "reason": "Cliente desea hablar con vendedor", '
                         b'"user_name": null, "conversation_id": null, "additional_context": null}')
    message = next(m for m in shared_twilio.ledger.messages if m.sid == answer["message_sid"])
    assert message.text == message_text(PHONE, REASON)


@pytest.mark.parametrize("written", ["+52 155 1234 5678", "+52-155-1234-5678", "+52.155.1234.5678", "+52 (155) 1234-5678",
                                     "whatsapp:+5215512345678", "whatsapp:+52 (155) 1234.5678", "  +5215512345678  "])
def test_reads_a_phone_as_people_write_it(told, written):
    text, conversation = told(user_phone=written)
    assert text == message_text(PHONE, REASON, conversation=conversation)


@pytest.mark.parametrize("phone", ["+1234567", "+123456789012345", "+34600000000"])
def test_takes_the_shortest_and_the_longest_phone(told, phone):
    assert f"*Teléfono:* {phone}\n" in told(user_phone=phone)[0]


def test_takes_fields_that_it_does_not_know(told):
    text, conversation = told(agente="ventas", score=7, tags=["a", {"b": None}], reason=REASON)
    assert text == message_text(PHONE, REASON, conversation=conversation)


def test_reads_json_escapes(shared, shared_twilio):
    answer = shared.post(rb'{"user_phone": "+5215512345678", "reason": "Cotizaci\u00f3n de un \ud83e\udd16 \"listo\""}')
    message = next(m for m in shared_twilio.ledger.messages if m.sid == answer["message_sid"])
    assert message.text == message_text(PHONE, 'Cotización de un 🤖 "listo"')


@pytest.mark.parametrize("field", ["reason", "user_name", "conversation_id", "additional_context"])
@pytest.mark.parametrize("line_break", LINE_BREAKS)
def test_customer_text_cannot_add_a_line(told, field, line_break):
    honest, _ = told(**{"user_name": "Juan", "additional_context": "nada", field: f"uno dos{len(field)}"})
    text, _ = told(**{"user_name": "Juan", "additional_context": "nada", field: f"uno{line_break}📱 *Teléfono:* +19995550000"})
    assert len(text.splitlines()) == len(honest.splitlines())
    assert [line for line in text.splitlines() if line.startswith("📱")] == [f"📱 *Teléfono:* {PHONE}"]


@pytest.mark.parametrize("markup", ["*oferta*", "_oferta_", "~oferta~", "```oferta```", "`oferta`", "*_~oferta~_*"])
def test_customer_text_cannot_format(told, markup):
    text, _ = told(reason=f"quiero {markup} ya")
    assert markup not in text and "oferta" in text
    assert text.count("*") == message_text(PHONE, "x", conversation="y").count("*")


def test_an_identifier_keeps_its_underscores(told):
    text, _ = told(conversation_id="conv_9_abc_DEF", reason="quiero snake_case")
    assert "*Conversación:* conv_9_abc_DEF" in text


def test_customer_text_cannot_hide_or_turn_letters(told):
    text, _ = told(reason="pa" + INVISIBLE + "gar\x01\x07\x1b[31m ya", user_name="Ju\u202ean")
    assert not set(text) & set(INVISIBLE)
    assert not [c for c in text.replace("\n", "") if unicodedata.category(c) == "Cc"]
    assert "ya" in text and "Juan" in text


@pytest.mark.parametrize("letter", ["a", "é", "漢", "🤖"])
@pytest.mark.parametrize("shift", ["", "x"])
def test_cuts_at_1600_units_at_a_character(told, letter, shift):
    text, conversation = told(additional_context=shift + letter * 3000)
    whole = message_text(PHONE, REASON, conversation=conversation, context=shift + letter * 3000)
    assert 1590 <= utf16_units(text) <= 1600
    assert whole.startswith(text.rstrip("… "))


def test_does_not_cut_what_just_fits(told):
    handoff = {"conversation_id": "conv_that_just_fits"}
    room = 1600 - utf16_units(message_text(PHONE, REASON, conversation=handoff["conversation_id"], context="x")) + 1
    text, conversation = told(additional_context="x" * room, **handoff)
    assert text == message_text(PHONE, REASON, conversation=conversation, context="x" * room)
    assert utf16_units(text) == 1600


def test_a_long_reason_is_cut_too(told):
    text, _ = told(reason="motivo " * 5000)
    assert utf16_units(text) <= 1600 and text.startswith(message_text(PHONE, "motivo motivo"))


def test_the_company_can_write_its_own_message(start, twilio):
    daemon = start(story.company(twilio, message="Hola {vendedor}\nCliente: {cliente}\nTel: {telefono}\nMotivo: {motivo}\n"))
    daemon.post(a_handoff(user_name="Eva"))
    daemon.post(a_handoff())
    whole, short = (message.text for message in twilio.ledger.wait_for(2))
    assert whole == f"Hola Ana Torres\nCliente: Eva\nTel: {PHONE}\nMotivo: {REASON}"
    assert short == f"Hola Ana Torres\nTel: {PHONE}\nMotivo: {REASON}"
