"""/hooks/CHANNEL/TOKEN: the door for providers; what comes through it is on disk before they hear so."""
import concurrent.futures
import signal
from urllib.parse import quote, urlencode, urlsplit

import pytest

import behaviours
import fates
import signature
import small_disk
import story
from fake_twilio import ACCOUNT_SID, AUTH_TOKEN
from operations import command, wait_for_state
from store import read_store
from story import ANA, LUIS, a_handoff

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def called(start, twilio):
    """One that the provider can call; nothing calls but the test itself."""
    twilio.fate(fates.nothing())
    return start(story.called_back(story.company(twilio, ANA, LUIS, channel={"deliver_within": "1h"})))


def post(daemon, twilio):
    """A handoff that Ana was told of, and the message."""
    handoff = a_handoff()
    handoff_id = daemon.post(handoff)["handoff_id"]
    return handoff_id, twilio.ledger.wait_about(handoff["conversation_id"])


def call(daemon, message, status="delivered", url=None, token=AUTH_TOKEN, method="POST", sign=True, more=()):
    """As Twilio would; or nearly."""
    url = url or message.form["StatusCallback"]
    fields = [("MessageSid", message.sid), ("MessageStatus", status), ("AccountSid", ACCOUNT_SID), ("To", message.to), *more]
    headers = {**FORM, **({"X-Twilio-Signature": signature.sign(url, fields, token)} if sign else {})}
    parts = urlsplit(url)
    return daemon.ask(method, parts.path + ("?" + parts.query if parts.query else ""), urlencode(fields).encode(), headers)


def other_path(message, channel=None, token=None):
    url = message.form["StatusCallback"]
    head, _, own = url.rpartition("/")
    base, _, name = head.rpartition("/")
    return f"{base}/{channel if channel is not None else name}/{token if token is not None else own}"


def test_the_right_one_is_204_after_the_commit(called, twilio):
    handoff_id, message = post(called, twilio)
    answer = call(called, message)
    called.kill()                                       # at once: what was answered is on disk
    assert (answer.status, answer.body) == (204, b"")
    called.restart()
    wait_for_state(called, handoff_id, "notified", "delivered")


def test_again_is_204_again_and_changes_nothing(called, twilio):
    handoff_id, message = post(called, twilio)
    assert [call(called, message).status for _ in range(3)] == [204] * 3
    assert call(called, message, "sent").status == 204
    wait_for_state(called, handoff_id, "notified", "delivered")
    assert len(twilio.ledger.sends) == 1


@pytest.mark.parametrize("channel", ["log", "telegrama", "", "whatsap", "whatsapp2", "WHATSAPP", ".."])
def test_a_wrong_channel_is_404(called, twilio, channel):
    handoff_id, message = post(called, twilio)
    answer = call(called, message, "undelivered", url=other_path(message, channel=channel))
    assert answer.status == 404 and answer["detail"]
    wait_for_state(called, handoff_id, "notified", "sent")


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "A" * 5000, "%00", "../../metrics", "é"])
def test_an_unknown_token_is_404_and_nobodys(called, twilio, token):
    handoff_id, message = post(called, twilio)
    answer = call(called, message, "undelivered", url=other_path(message, token=quote(token, safe="%/")))
    assert answer.status == 404
    wait_for_state(called, handoff_id, "notified", "sent")
    assert len(twilio.ledger.sends) == 1


@pytest.mark.parametrize("wrong", ["another token", "no signature", "another address", "more than was signed"])
def test_a_wrong_signature_is_403(called, twilio, wrong):
    handoff_id, message = post(called, twilio)
    if wrong == "another token":
        answer = call(called, message, "undelivered", token="x" * 32)
    elif wrong == "no signature":
        answer = call(called, message, "undelivered", sign=False)
    elif wrong == "another address":
        fields = [("MessageSid", message.sid), ("MessageStatus", "undelivered"), ("AccountSid", ACCOUNT_SID)]
        signed = signature.sign("https://elsewhere.example/" + urlsplit(message.form["StatusCallback"]).path, fields, AUTH_TOKEN)
        answer = called.ask("POST", urlsplit(message.form["StatusCallback"]).path, urlencode(fields),
                            {**FORM, "X-Twilio-Signature": signed})
    else:
        fields = [("MessageSid", message.sid), ("MessageStatus", "undelivered"), ("AccountSid", ACCOUNT_SID)]
        signed = signature.sign(message.form["StatusCallback"], fields, AUTH_TOKEN)
        answer = called.ask("POST", urlsplit(message.form["StatusCallback"]).path, urlencode(fields + [("ErrorCode", "63024")]),
                            {**FORM, "X-Twilio-Signature": signed})
    assert answer.status == 403
    called.wait_for_log(r"^\[WARNING\] status callback refused: it is not signed by this account \(1 so far\).* instance=whatsapp$")
    wait_for_state(called, handoff_id, "notified", "sent")
    assert call(called, message, "undelivered", token="x" * 32).status == 403
    assert called.log.count("refused") == 1, "a line for each would let a stranger fill the log"


def test_another_method_is_405(called, twilio):
    _, message = post(called, twilio)
    path = urlsplit(message.form["StatusCallback"]).path
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert called.ask(method, path).status == 405, method
    assert called.ask("GET", "/hooks/whatsapp/").status in (404, 405)


def test_without_a_public_url_there_is_no_door(start, twilio):
    daemon = start(story.company(twilio, ANA))
    for path in ("/hooks/whatsapp/x", "/hooks/whatsapp/", "/hooks/whatsapp", "/hooks/", "/hooks"):
        assert daemon.ask("POST", path, b"MessageStatus=read", FORM).status == 404, path


def test_the_door_opens_and_closes_with_a_reload(start, twilio):
    twilio.fate(fates.nothing())
    sections = story.called_back(story.company(twilio, ANA, channel={"deliver_within": "1h"}))
    daemon = start(sections)
    handoff_id, message = post(daemon, twilio)
    closed = {**sections, "server": {key: value for key, value in sections["server"].items() if key != "public_url"}}
    daemon.configure(closed)
    command(daemon, "reload")
    assert call(daemon, message).status == 404
    daemon.configure(sections)
    command(daemon, "reload")
    assert call(daemon, message).status == 204
    wait_for_state(daemon, handoff_id, "notified", "delivered")


def test_a_query_behind_the_address_is_signed_too(start, twilio):
    """Some proxies and some providers add one: whoever signs, signs all of it."""
    twilio.fate(fates.nothing())
    daemon = start(story.called_back(story.company(twilio, ANA, channel={"deliver_within": "1h"})))
    handoff_id, message = post(daemon, twilio)
    assert call(daemon, message, url=message.form["StatusCallback"] + "?via=proxy").status == 204
    wait_for_state(daemon, handoff_id, "notified", "delivered")


def test_behind_a_proxy_the_address_is_the_public_one(start, twilio):
    twilio.fate(fates.nothing())
    daemon = start(story.company(twilio, ANA, server={"public_url": "https://handoff.example.com/agente/", "insecure": True},
                                 channel={"deliver_within": "1h"}))
    handoff_id, message = post(daemon, twilio)
    url = message.form["StatusCallback"]
    assert url.startswith("https://handoff.example.com/agente/hooks/whatsapp/")
    fields = [("MessageSid", message.sid), ("MessageStatus", "delivered"), ("AccountSid", ACCOUNT_SID)]
    path = urlsplit(url).path.removeprefix("/agente")   # as the proxy passes it on
    answer = daemon.ask("POST", path, urlencode(fields), {**FORM, "X-Twilio-Signature": signature.sign(url, fields, AUTH_TOKEN)})
    assert answer.status == 204
    wait_for_state(daemon, handoff_id, "notified", "delivered")


@pytest.mark.parametrize("body, headers, status", [
    (b"", FORM, 403), (b"MessageStatus=read", {}, 415), (b"{}", {"Content-Type": "application/json"}, 415), (b"%zz=%", FORM, 403),
    (b"a=b" * 30000, FORM, 413)])
def test_what_no_provider_posts_is_refused(called, twilio, body, headers, status):
    handoff_id, message = post(called, twilio)
    assert called.ask("POST", urlsplit(message.form["StatusCallback"]).path, body, headers).status == status
    wait_for_state(called, handoff_id, "notified", "sent")


@pytest.fixture
def on_small_disk(start, twilio, tmp_path):
    """Ana was told of one handoff; then the disk fills up to the last byte, and a call comes."""
    twilio.fate(fates.nothing())
    with small_disk.mounted(tmp_path / "disk") as disk, concurrent.futures.ThreadPoolExecutor() as pool:
        daemon = start(story.called_back(story.company(twilio, ANA, channel={"deliver_within": "1h"},
                                                       store={"path": str(disk / "s.db"), "min_free_mb": 0},
                                                       server={"control": "c.sock"})))
        daemon.message = post(daemon, twilio)[1]
        daemon.ballast = disk / "ballast"
        small_disk.fill(daemon.ballast)
        daemon.waiting = pool.submit(call, daemon, daemon.message)
        daemon.wait_for_log(r"the disk is full: trying again")
        assert not daemon.waiting.done(), f"answered {daemon.waiting.result().status} with nothing on disk"
        yield daemon
        if daemon.is_running:
            daemon.stop()


def delivered(path):
    return [state for row in read_store(path).values() for state, _, _ in row.attempts] == ["delivered"]


def test_with_the_disk_full_the_answer_waits_for_room(on_small_disk):
    on_small_disk.ballast.unlink()
    assert on_small_disk.waiting.result().status == 204
    assert delivered(on_small_disk.ballast.parent / "s.db")


def test_with_the_disk_full_until_the_end_it_is_503_and_taken_at_the_next_call(on_small_disk):
    """Nobody is told that we have it before we have."""
    on_small_disk.signal(signal.SIGTERM)
    assert on_small_disk.waiting.result().status == 503
    on_small_disk.wait_for_exit()
    on_small_disk.ballast.unlink()
    on_small_disk.restart()
    assert call(on_small_disk, on_small_disk.message).status == 204
    assert delivered(on_small_disk.ballast.parent / "s.db")


def test_words_for_people_are_in_spanish(called, twilio):
    """As all answers on this side are."""
    _, message = post(called, twilio)
    assert "ningún canal" in call(called, message, url=other_path(message, channel="nada"))["detail"]


def test_a_call_for_a_handoff_that_was_ended_is_written_down(called, twilio):
    handoff_id, message = post(called, twilio)
    command(called, "close", handoff_id)
    assert call(called, message, "undelivered", more=[("ErrorCode", "63024")]).status == 204
    wait_for_state(called, handoff_id, "closed", "refused")
    assert len(twilio.ledger.sends) == 1


def test_a_call_about_what_was_lost_arrives_while_it_is_unknown_and_an_operator_was_quicker(called, twilio):
    twilio.next(behaviours.close_after_reading())
    handoff = a_handoff()
    handoff_id = called.post(handoff)["handoff_id"]
    message = twilio.ledger.wait_about(handoff["conversation_id"])
    wait_for_state(called, handoff_id, "assigned", "unknown")
    command(called, "cancel", handoff_id)
    assert call(called, message).status == 204
    wait_for_state(called, handoff_id, "cancelled", "delivered")
    again = called.post(handoff)
    assert (again.status, again["message_sid"]) == (200, message.sid)
