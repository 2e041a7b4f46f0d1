"""`retry`, `cancel`, `close`: an operator's word, in every state that a handoff can be in."""
import concurrent.futures
import re
import threading

import pytest

import behaviours
import operations
import story
from behaviours import Gate
from daemon import EXIT_WRONG, Daemon
from operations import IN_SPANISH, attempts, command, kinds, refused, state_of, story_of, wait_for_state
from story import ANA, LUIS, a_handoff, address

BAD_TOKEN, BAD_CONTENT, NO_NUMBER = (behaviours.error(401, 20003), behaviours.error(400, 21617), behaviours.error(400, 21211))
LATER = behaviours.error(429, 20429, retry_after=60)
ASKING = {"ask_for": "1s", "times": 1, "give_up": "5m"}
CRASHES_TO_PARK = 3


class Case:
    """One handoff that has come to where the test wants it."""

    def __init__(self, daemon, twilio, handoff, handoff_id):
        self.daemon, self.twilio, self.handoff, self.id = daemon, twilio, handoff, handoff_id
        self.gate = None

    def messages(self):
        return self.twilio.ledger.about(self.handoff["conversation_id"])

    def wait_for_messages(self, count):
        self.twilio.ledger.wait_until(lambda: len(self.messages()) >= count, f"{count} messages about it")

    def order(self, word, **more):
        return command(self.daemon, word, self.id, **more)

    def again(self):
        """The agent asks once more: what it is told now."""
        return self.daemon.post(self.handoff)

    def story(self):
        return story_of(self.daemon, self.id)


def _posted(daemon, twilio, behaviour):
    """Everything goes that way, until the test says otherwise."""
    twilio.always(behaviour)
    handoff = a_handoff()
    return Case(daemon, twilio, handoff, daemon.post(handoff)["handoff_id"])


def held_by_account(daemon, twilio):
    case = _posted(daemon, twilio, BAD_TOKEN)
    wait_for_state(daemon, case.id, "held", "deferred")
    return case


def held_by_message(daemon, twilio):
    case = _posted(daemon, twilio, BAD_CONTENT)
    wait_for_state(daemon, case.id, "held", "refused")
    return case


def exhausted(daemon, twilio):
    case = _posted(daemon, twilio, NO_NUMBER)
    wait_for_state(daemon, case.id, "exhausted", "refused")
    return case


def deferred(daemon, twilio):
    case = _posted(daemon, twilio, LATER)
    wait_for_state(daemon, case.id, "assigned", "deferred")
    return case


def unknown(daemon, twilio):
    """It was taken, nobody heard so, and nobody can find out."""
    twilio.always_asks(behaviours.error(500, 20500))
    case = _posted(daemon, twilio, behaviours.close_after_reading())
    wait_for_state(daemon, case.id, "assigned", "unknown")
    return case


def notified(daemon, twilio):
    return _posted(daemon, twilio, behaviours.accept)


def on_its_way(daemon, twilio):
    gate = Gate()
    case = _posted(daemon, twilio, behaviours.hold(gate))
    case.gate = gate
    return case


def parked(daemon, twilio):
    """On its way at three crashes: each time the provider never had it, so that it was sent anew."""
    case = _posted(daemon, twilio, behaviours.hang(accepted=False))
    for crash in range(CRASHES_TO_PARK):
        twilio.ledger.wait_for_sends(crash + 1)
        daemon.kill()
        daemon.restart()
    wait_for_state(daemon, case.id, "parked")
    return case


@pytest.fixture
def office(start, twilio):
    return start(story.company(twilio, ANA, server={"reply_within": "300ms"}, unknown=ASKING))


TO_RETRY = {"held by the account": (held_by_account, 1), "held by the message": (held_by_message, 1),
            "exhausted": (exhausted, 1), "deferred": (deferred, 1), "unknown": (unknown, 2), "parked": (parked, 1)}


@pytest.mark.parametrize("where", TO_RETRY)
def test_retry_tells_somebody_now_that_it_can_be_done(office, twilio, where):
    bring, told = TO_RETRY[where]
    case = bring(office, twilio)
    twilio.always(behaviours.accept)
    assert case.order("retry").strip() == f"{case.id}: it is tried again"
    case.wait_for_messages(told)
    wait_for_state(office, case.id, "notified", "sent")
    again = case.again()
    assert (again.status, again["message_sid"], again["duplicate"]) == (200, case.messages()[-1].sid, True)
    assert len(case.messages()) == told


@pytest.mark.parametrize("where", ["held by the message", "exhausted", "deferred", "unknown"])
def test_the_story_tells_of_the_retry(office, twilio, where):
    case = TO_RETRY[where][0](office, twilio)
    twilio.always(behaviours.accept)
    case.order("retry")
    wait_for_state(office, case.id, "notified", "sent")
    assert "by an operator" in str([event.get("detail") for event in case.story()["events"]]), case.story()["events"]


@pytest.mark.parametrize("where", ["unknown", "parked"])
def test_who_may_have_been_told_already_reads_that_it_may_be_the_second_time(office, twilio, where):
    case = TO_RETRY[where][0](office, twilio)
    twilio.always(behaviours.accept)
    case.order("retry")
    wait_for_state(office, case.id, "notified", "sent")
    assert "duplicado" in case.messages()[-1].text
    assert attempts(case.story())[-2:] == ["ambiguous", "sent"]


@pytest.mark.parametrize("where", ["held by the account", "held by the message", "exhausted", "deferred"])
def test_retry_while_nothing_was_mended_leads_back_to_where_it_was(office, twilio, where):
    case = TO_RETRY[where][0](office, twilio)
    before, sends = state_of(office, case.id), len(twilio.ledger.sends)
    case.order("retry")
    twilio.ledger.wait_for_sends(sends + 1)
    wait_for_state(office, case.id, *before)
    assert case.messages() == []
    assert case.again()["duplicate"] is True and case.again()["handoff_id"] == case.id


def test_retry_goes_to_whoever_is_there_now(office, twilio):
    case = exhausted(office, twilio)
    twilio.always(behaviours.accept)
    office.configure(story.company(twilio, LUIS, server={"reply_within": "300ms"}))
    command(office, "reload")
    case.order("retry")
    case.wait_for_messages(1)
    assert case.messages()[0].to == address(LUIS)


REFUSALS = {"told": (notified, "somebody was told already", "ya se avisó a alguien"),
            "on its way": (on_its_way, "it is on its way: wait a minute", "el aviso está en camino: espera un minuto")}


@pytest.mark.parametrize("where", REFUSALS)
@pytest.mark.parametrize("language", ["english", "spanish"])
def test_retry_is_refused_where_it_would_tell_twice(start, twilio, where, language):
    env = IN_SPANISH if language == "spanish" else None
    daemon = start(story.company(twilio, server={"reply_within": "300ms"}), env=env)
    bring, english, spanish = REFUSALS[where]
    case = bring(daemon, twilio)
    assert refused(daemon, "retry", case.id, env=env).strip() == (spanish if env else english)
    if case.gate:
        case.gate.open()
    case.wait_for_messages(1)
    daemon.stop()
    assert len(case.messages()) == 1


# -- cancel and close --

TO_END = {"held by the account": held_by_account, "held by the message": held_by_message, "exhausted": exhausted,
          "deferred": deferred, "unknown": unknown, "notified": notified, "parked": parked}
ENDS = {"cancel": ("cancelled", "cancelled: nobody is told any more", "cancelado: ya no se avisa a nadie"),
        "close": ("closed", "closed", "cerrado")}


@pytest.mark.parametrize("word", ENDS)
@pytest.mark.parametrize("where", TO_END)
def test_what_is_ended_stays_so(office, twilio, where, word):
    state, words, _ = ENDS[word]
    case = TO_END[where](office, twilio)
    assert case.order(word).strip() == f"{case.id}: {words}"
    assert case.story()["state"] == state and kinds(case.story())[-1] == state
    told = len(case.messages())
    twilio.always(behaviours.accept)
    twilio.always_asks(behaviours.accept)
    for other in ("retry", "cancel", "close"):
        assert "it was closed" in refused(office, other, case.id)
    office.kill()
    office.restart()
    marker = a_handoff()
    assert office.post(marker).status == 200
    twilio.ledger.wait_about(marker["conversation_id"])
    assert case.story()["state"] == state and len(case.messages()) == told
    assert operations.command(office, "verify")


@pytest.mark.parametrize("word", ENDS)
@pytest.mark.parametrize("where", TO_END)
def test_the_agent_who_asks_again_hears_what_is_so(office, twilio, where, word):
    case = TO_END[where](office, twilio)
    case.order(word)
    before = case.again()
    office.stop()
    office.restart()
    after = case.again()
    for answer in (before, after):
        assert answer["handoff_id"] == case.id and answer["duplicate"] is True
        if where == "notified":
            assert (answer.status, answer["message_sid"]) == (200, case.messages()[0].sid)
        else:
            assert (answer.status, answer["stored"]) == (500, True)


@pytest.mark.parametrize("word", ENDS)
def test_in_spanish(office, twilio, word):
    case = deferred(office, twilio)
    assert case.order(word, env=IN_SPANISH).strip() == f"{case.id}: {ENDS[word][2]}"


def test_retry_in_spanish(office, twilio):
    case = deferred(office, twilio)
    assert case.order("retry", env=IN_SPANISH).strip() == f"{case.id}: se intenta de nuevo"


@pytest.mark.parametrize("word", ENDS)
def test_what_is_on_its_way_arrives_and_is_written_down(office, twilio, word):
    """Nobody can call a message back: it is ended, and its story says that it arrived."""
    case = on_its_way(office, twilio)
    case.order(word)
    assert state_of(office, case.id) == (ENDS[word][0], "sending")
    case.gate.open()
    wait_for_state(office, case.id, ENDS[word][0], "sent")
    again = case.again()
    assert (again.status, again["message_sid"]) == (200, case.messages()[0].sid), "somebody was told"
    office.stop()
    office.restart()
    again = case.again()
    assert (again.status, again["message_sid"]) == (200, case.messages()[0].sid), "somebody was told"


@pytest.mark.parametrize("word", ENDS)
def test_what_is_on_its_way_and_fails_goes_to_nobody_else(start, twilio, word):
    daemon = start(story.company(twilio, ANA, LUIS, server={"reply_within": "300ms"}))
    gate = Gate()
    case = _posted(daemon, twilio, behaviours.hold(gate, NO_NUMBER))
    case.order(word)
    gate.open()
    wait_for_state(daemon, case.id, ENDS[word][0], "refused")
    daemon.stop()
    assert len(twilio.ledger.sends) == 1


def test_an_agent_who_waits_hears_at_once_that_it_was_cancelled(start, twilio):
    daemon = start(story.company(twilio, server={"reply_within": "15s"}))
    twilio.always(LATER)
    handoff = a_handoff()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(daemon.post, handoff)
        daemon.wait_for_log(r"state=deferred")
        (row,) = operations.handoffs(daemon)
        command(daemon, "cancel", row["id"])
        answer = waiting.result()
    assert answer.status == 500 and answer["stored"] is True


# -- words --

@pytest.mark.parametrize("word", ["retry", "cancel", "close"])
def test_an_id_that_is_none_of_ours_is_a_no(daemon, word):
    assert "no such handoff" in refused(daemon, word, "ho_zzz")
    assert "no such handoff" in refused(daemon, word, "ho_" + "0" * 200)


@pytest.mark.parametrize("word", ["retry", "cancel", "close"])
@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["a/b"], ["--all"]])
def test_wrong_use_is_2(daemon, word, arguments):
    words = refused(daemon, word, *arguments, code=EXIT_WRONG)
    assert word in words and '""' not in words


@pytest.mark.parametrize("word", ["retry", "cancel", "close"])
def test_without_a_daemon_it_says_so(tmp_path, twilio, word):
    words = refused(Daemon(tmp_path, story.company(twilio)), word, "ho_a", code=EXIT_WRONG)
    assert "is it running" in words


def test_many_orders_at_once_about_one_handoff_tell_once(office, twilio):
    case = exhausted(office, twilio)
    gate = Gate()
    twilio.always(behaviours.hold(gate))
    ready = threading.Barrier(8)

    def retry():
        ready.wait()
        return operations.ask(office, "POST", f"/handoffs/{case.id}/retry").status
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = sorted(future.result() for future in [pool.submit(retry) for _ in range(8)])
    assert statuses == [200] + [409] * 7
    gate.open()
    case.wait_for_messages(1)
    wait_for_state(office, case.id, "notified", "sent")
    assert len(case.messages()) == 1


def test_hundreds_held_by_one_account_go_out_by_one_retry(office, twilio):
    """Mended: the first that gets through opens the way for all."""
    twilio.always(BAD_TOKEN)
    handoffs = [a_handoff() for _ in range(100)]
    ids = [office.post(handoff)["handoff_id"] for handoff in handoffs]
    twilio.always(behaviours.accept)
    command(office, "retry", ids[50])
    twilio.ledger.wait_for(100)
    office.turn_until(lambda: not operations.handoffs(office, "--state", "held"), "nothing to be held any more")
    assert all(len(twilio.ledger.about(handoff["conversation_id"])) == 1 for handoff in handoffs)
    assert re.search(r"notified +100", command(office, "verify"))


@pytest.mark.parametrize("where", ["held by the account", "held by the message", "exhausted", "deferred", "unknown"])
def test_retry_where_nobody_real_is_left_is_refused(start, twilio, where):
    sections = story.company(twilio, ANA, server={"reply_within": "300ms"}, unknown=ASKING)
    daemon = start(sections)
    case = TO_RETRY[where][0](daemon, twilio)
    twilio.always(behaviours.accept)
    sections["vendors"] = [{"id": "ejemplo", "name": "Ejemplo", "example": True, "notify": {"log": ""}}]
    daemon.configure(sections)
    command(daemon, "reload")
    assert refused(daemon, "retry", case.id).strip() == "nobody real is in vendors.yaml"
    assert case.again()["duplicate"] is True and case.again().status != 200
    told = len(case.messages())
    daemon.configure(story.company(twilio, ANA, server={"reply_within": "300ms"}, unknown=ASKING))
    command(daemon, "reload")
    operations.ask(daemon, "POST", f"/handoffs/{case.id}/retry")        # some were sent by the reload
    case.wait_for_messages(told + 1)
    wait_for_state(daemon, case.id, "notified", "sent")
    assert len(case.messages()) == told + 1
