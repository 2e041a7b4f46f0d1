"""What the WhatsApp channel asks of Twilio, by its options: sender, credentials, template. (The fake checks every request.)"""
import pytest

import story
from fake_twilio import ACCOUNT_SID, API_KEY_SECRET, API_KEY_SID
from story import a_handoff

TEMPLATE_SID = "HX" + "0123456789abcdef" * 2
SERVICE_SID = "MG" + "fedcba9876543210" * 2
FIELDS = ["cliente", "telefono", "motivo", "conversacion", "contexto", "vendedor"]


def sent_with(start, twilio, handoff=None, **options):
    """The form that Twilio got for one handoff."""
    daemon = start(story.company(twilio, channel=options))
    answer = daemon.post(handoff or a_handoff())
    assert answer.status == 200, answer.body
    (message,) = twilio.ledger.wait_for(1)
    assert answer["message_sid"] == message.sid
    return message


def test_a_text_has_only_to_from_and_body(start, twilio):
    message = sent_with(start, twilio)
    assert {"To", "From", "Body"} <= set(message.form) <= {"To", "From", "Body", "StatusCallback", "ValidityPeriod"}


@pytest.mark.parametrize("sender", ["whatsapp:+14155238886", "+14155238886", "whatsapp:+1 415 523 8886"])
def test_the_sender_may_be_written_with_or_without_its_prefix(start, twilio, sender):
    assert sent_with(start, twilio, **{"from": sender}).form["From"] == "whatsapp:+14155238886"


def test_a_messaging_service_takes_the_place_of_the_sender(start, twilio):
    message = sent_with(start, twilio, messaging_service_sid=SERVICE_SID, **{"from": None})
    assert message.form["MessagingServiceSid"] == SERVICE_SID and "From" not in message.form


def test_an_api_key_takes_the_place_of_the_token(start, twilio):
    sent_with(start, twilio, auth_token=None, api_key_sid=API_KEY_SID, api_key_secret=API_KEY_SECRET)
    (request,) = twilio.ledger.sends
    assert request.user == API_KEY_SID and f"/Accounts/{ACCOUNT_SID}/" in request.path


def test_a_secret_may_come_from_a_file(start, twilio, tmp_path):
    (tmp_path / "token").write_text(story.AUTH_TOKEN + "\n")
    sent_with(start, twilio, auth_token=None, auth_token_file=str(tmp_path / "token"))


def test_a_template_takes_the_place_of_the_text(start, twilio):
    handoff = a_handoff(user_name="Juan Pérez", additional_context="Robots para restaurante")
    message = sent_with(start, twilio, handoff, template={"sid": TEMPLATE_SID, "variables": FIELDS})
    assert message.form["ContentSid"] == TEMPLATE_SID and "Body" not in message.form
    assert message.variables == {
        "1": "Juan Pérez", "2": "+5215512345678", "3": "Cliente desea hablar con vendedor",
        "4": handoff["conversation_id"], "5": "Robots para restaurante", "6": "Ana Torres"}
    assert message.sid.startswith("MM")


def test_variables_come_in_the_order_of_the_file(start, twilio):
    message = sent_with(start, twilio, template={"sid": TEMPLATE_SID, "variables": ["motivo", "telefono"]})
    assert message.variables == {"1": "Cliente desea hablar con vendedor", "2": "+5215512345678"}


def test_an_absent_field_is_a_dash_in_a_template(start, twilio):
    message = sent_with(start, twilio, template={"sid": TEMPLATE_SID, "variables": ["cliente", "motivo", "contexto"]})
    assert message.variables == {"1": "-", "2": "Cliente desea hablar con vendedor", "3": "-"}


def test_variables_are_cleaned_as_whatsapp_wants_them(start, twilio):
    handoff = a_handoff(reason="uno\ndos\ttres      cuatro\r\n\r\ncinco", additional_context='"comillas" \\ y 🤖')
    message = sent_with(start, twilio, handoff, template={"sid": TEMPLATE_SID, "variables": ["motivo", "contexto"]})
    assert message.variables == {"1": "uno dos tres cuatro cinco", "2": '"comillas" \\ y 🤖'}


def test_a_variable_is_never_too_long(start, twilio):
    handoff = a_handoff(reason="🤖" * 3000)
    message = sent_with(start, twilio, handoff, template={"sid": TEMPLATE_SID, "variables": ["motivo", "telefono"]})
    assert set(message.variables["1"].rstrip("… ")) == {"🤖"}
    assert message.variables["2"] == "+5215512345678"


def test_a_template_whose_sid_is_an_empty_variable_is_none(start, twilio):
    message = sent_with(start, twilio, template={"sid": "${TWILIO_CONTENT_SID:-}", "variables": ["motivo"]})
    assert message.text and "ContentSid" not in message.form


@pytest.mark.parametrize("slash", ["", "/"])
def test_api_base_may_end_in_a_slash(start, twilio, slash):
    sent_with(start, twilio, api_base=twilio.url + slash)
