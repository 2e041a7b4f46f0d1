"""The specification's own words: its four variables, its request, its message, its answers, its log lines."""
import re
import shutil
import subprocess

import pytest

import behaviours
import story
from daemon import REPOSITORY
from fake_twilio import ACCOUNT_SID, AUTH_TOKEN

CURL_BODY = """{
    "user_phone": "+5215512345678",
    "reason": "Cliente desea hablar con vendedor",
    "user_name": "María González",
    "conversation_id": "conv_test123"
  }"""
CURL_TEXT = """🔔 *Nuevo cliente solicita atención humana*

👤 *Cliente:* María González
📱 *Teléfono:* +5215512345678
📝 *Motivo:* Cliente desea hablar con vendedor
🆔 *Conversación:* conv_test123"""

FULL_BODY = {"user_phone": "+5215512345678", "reason": "Cliente desea información sobre cotizaciones",
             "user_name": "Juan Pérez", "conversation_id": "conv_abc123",
             "additional_context": "El cliente preguntó por robots para restaurante"}
FULL_TEXT = """🔔 *Nuevo cliente solicita atención humana*

👤 *Cliente:* Juan Pérez
📱 *Teléfono:* +5215512345678
📝 *Motivo:* Cliente desea información sobre cotizaciones
🆔 *Conversación:* conv_abc123

💬 *Contexto:*
El cliente preguntó por robots para restaurante"""


@pytest.fixture
def shipped(start, twilio):
    """The shipped vendors.yaml and a .env with the four variables: what the reader of the specification has."""
    return start(story.shipped_file(REPOSITORY), dotenv={
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_WHATSAPP_FROM": "whatsapp:+14155238886", "VENDEDOR_WHATSAPP": "whatsapp:+5215512345678",
        "TWILIO_API_BASE": twilio.url})


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_of_the_specification_tells_the_salesperson(shipped, twilio):
    curl = subprocess.run(
        ["curl", "-sS", "-X", "POST", f"http://localhost:{shipped.port}/api/elevenlabs/handoff", "--ipv4", "--noproxy", "*",
         "-H", "Content-Type: application/json", "-d", CURL_BODY, "-w", "\n%{http_code}"],
        capture_output=True, text=True, timeout=20, check=True)
    body, _, status = curl.stdout.rpartition("\n")
    (message,) = twilio.ledger.wait_for(1)
    assert status == "200"
    for member in ('"status":"ok"', '"message":"Notificación enviada al vendedor"', f'"message_sid":"{message.sid}"'):
        assert member in body.replace('": "', '":"')
    assert message.text == CURL_TEXT
    assert message.to == "whatsapp:+5215512345678"
    assert message.form["From"] == "whatsapp:+14155238886"
    assert twilio.ledger.requests[0].user == ACCOUNT_SID


def test_message_is_the_specified_one_byte_for_byte(shipped, twilio):
    answer = shipped.post(FULL_BODY)
    (message,) = twilio.ledger.wait_for(1)
    assert message.text.encode() == FULL_TEXT.encode()
    assert story.expect_say(answer).status == 200
    assert set(answer.json) == {"status", "message", "message_sid", "handoff_id", "vendor", "say"}
    assert answer["status"] == "ok" and answer["message"] == "Notificación enviada al vendedor"
    assert answer["message_sid"] == message.sid
    assert re.fullmatch(story.HANDOFF_ID, answer["handoff_id"])
    assert set(answer["vendor"]) == {"id", "name"}


def test_every_message_goes_to_the_configured_number_only(shipped, twilio):
    for _ in range(3):
        assert shipped.post(story.a_handoff()).status == 200
    assert {message.to for message in twilio.ledger.wait_for(3)} == {"whatsapp:+5215512345678"}


def test_logs_the_line_of_success(shipped, twilio):
    answer = shipped.post(FULL_BODY)
    line = shipped.wait_for_log(r"\[INFO\] WhatsApp handoff notification sent\. SID: (SM\w+)(.*)")
    assert line[1] == answer["message_sid"]
    assert f" handoff={answer['handoff_id']}" in line[2] and f" vendor={answer['vendor']['id']}" in line[2]


def test_logs_the_line_of_failure(shipped, twilio):
    twilio.always(behaviours.error(400, 21211, "The 'To' number is not a valid phone number."))
    answer = shipped.post(FULL_BODY)
    line = shipped.wait_for_log(r"\[ERROR\] Twilio error sending WhatsApp: (.+)")
    assert f" handoff={answer['handoff_id']}" in line[1] and " vendor=" in line[1]
    assert "not a valid phone number" in line[1]
