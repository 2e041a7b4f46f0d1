"""The shipped vendors.yaml with nothing set: the first POST works without any account."""
import pytest

import story
from daemon import REPOSITORY
from fake_twilio import ACCOUNT_SID, AUTH_TOKEN
from story import a_handoff


@pytest.fixture(scope="module")
def shipped(start_shared):
    return start_shared(story.shipped_file(REPOSITORY))


def test_the_first_handoff_works_without_an_account(shipped):
    answer = story.expect_say(shipped.post(a_handoff()))
    assert answer.status == 200 and answer["status"] == "ok"
    assert answer["message_sid"].startswith("log-")


def test_the_three_example_people_take_turns(shipped):
    people = [shipped.post(a_handoff())["vendor"]["id"] for _ in range(6)]
    assert len(set(people[:3])) == 3 and people[:3] == people[3:]


def test_says_that_the_message_was_logged_but_not_the_message(shipped):
    answer = shipped.post(a_handoff(user_name="Canario Amarillo"))
    shipped.wait_for_log(rf"handoff={answer['handoff_id']}")
    assert "Canario" not in shipped.log


def test_the_shipped_file_passes_its_own_check(shipped):
    assert shipped.run("check", "vendors.yaml").returncode == 0


def test_example_people_step_aside_for_the_configured_one(start, twilio):
    daemon = start(story.shipped_file(REPOSITORY), env={
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN, "TWILIO_WHATSAPP_FROM": "whatsapp:+14155238886",
        "VENDEDOR_WHATSAPP": "whatsapp:+5214420000001", "TWILIO_API_BASE": twilio.url})
    for _ in range(4):
        assert daemon.post(a_handoff())["message_sid"].startswith("SM")
    assert {message.to for message in twilio.ledger.messages} == {"whatsapp:+5214420000001"}


def test_a_number_without_credentials_is_the_specified_503(start, twilio):
    daemon = start(story.shipped_file(REPOSITORY), dotenv={"VENDEDOR_WHATSAPP": "whatsapp:+5214420000001",
                                                           "TWILIO_API_BASE": twilio.url})
    answer = daemon.post(a_handoff())
    assert (answer.status, answer["detail"]) == (503, story.NOT_CONFIGURED)


def test_credentials_without_a_number_never_leave_the_customer_to_an_example(start, twilio):
    daemon = start(story.shipped_file(REPOSITORY), dotenv={
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN, "TWILIO_WHATSAPP_FROM": "whatsapp:+14155238886",
        "TWILIO_API_BASE": twilio.url})
    answer = daemon.post(a_handoff())
    assert (answer.status, answer["detail"]) == (503, story.NOT_CONFIGURED)
