"""The provider's limits are kept, and nobody waits because of somebody else."""
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import fates
import story
from story import ANA, DIEGO, LUIS, a_handoff, address

ANAS, LUISES = {**ANA, "keywords": ["ana"]}, {**LUIS, "keywords": ["luis"]}


@pytest.fixture
def limited(start, twilio):
    def start_it(**channel):
        return start(story.company(twilio, ANAS, LUISES, routing=("keyword", "round_robin"), server={"reply_within": "100ms"},
                                   channel=channel))
    return start_it


def post_at_once(daemon, count, **fields):
    handoffs = [a_handoff(**fields) for _ in range(count)]
    with ThreadPoolExecutor(count) as clients:
        answers = list(clients.map(daemon.post, handoffs))
    assert all(answer.status in (200, 202) or answer["stored"] for answer in answers)
    return handoffs


def test_so_many_a_second_and_no_more(limited, twilio):
    daemon = limited(max_per_second=10)
    post_at_once(daemon, 40)
    twilio.ledger.wait_for(40)
    twilio.ledger.expect_rate(10, 1.0, burst=10)
    times = twilio.ledger.times()
    assert times[-1] - times[0] < 6, "slower than it need be"


def test_one_person_is_not_flooded_and_the_other_does_not_wait(limited, twilio):
    daemon = limited(person_every="500ms", person_burst=2)
    post_at_once(daemon, 6, reason="busco a ana")
    asked = time.time()
    post_at_once(daemon, 2, reason="busco a luis")
    twilio.ledger.wait_for(8)
    twilio.ledger.expect_rate(1, 0.5, burst=2, to=address(ANA))
    assert max(twilio.ledger.times(to=address(LUIS))) - asked < 1.0


def test_so_many_a_day_and_a_restart_forgets_none(limited, twilio):
    daemon = limited(max_per_day=3)
    handoffs = post_at_once(daemon, 5)
    twilio.ledger.wait_for(3)
    daemon.wait_for_log(r"\[ERROR\].*limit of 3 messages in 24 hours")
    daemon.kill()
    daemon.restart()
    assert daemon.post(a_handoff())["handoff_id"]
    daemon.stop()
    assert len(twilio.ledger.sends) == 3
    assert daemon.log.count("[ERROR] alert") <= 2, "one alarm for each start, however many messages wait"
    assert sum(bool(twilio.ledger.about(handoff["conversation_id"])) for handoff in handoffs) == 3


def test_what_waits_for_its_turn_survives_kill_9_and_is_sent_once(limited, twilio):
    daemon = limited(max_per_second=5)
    handoffs = post_at_once(daemon, 20)
    twilio.ledger.wait_for(7)
    daemon.kill()
    daemon.restart()
    twilio.ledger.wait_for(18)
    daemon.turn_until(lambda: all(state not in ("ready", "sending", "unknown") for handoff in handoffs
                                  for state in daemon.attempts(handoff)), "all to be settled")
    assert all(len(twilio.ledger.about(handoff["conversation_id"])) == 1 for handoff in handoffs)


# -- deadlines --

@pytest.fixture
def hurried(start, twilio):
    return start(story.called_back(story.company(twilio, ANA, LUIS, channel={"deliver_within": "1s"})))


def test_what_never_arrives_goes_to_the_next_person(hurried, twilio):
    twilio.fate(fates.sent(), to=address(ANA))
    handoff = a_handoff()
    assert hurried.post(handoff)["vendor"]["id"] == "ana"
    twilio.ledger.wait_until(lambda: len(twilio.ledger.about(handoff["conversation_id"])) == 2, "the next person's message")
    first, second = twilio.ledger.about(handoff["conversation_id"])
    assert second.to == address(LUIS) and 0.9 < second.time - first.time < 5


def test_what_arrived_in_time_goes_to_nobody_else(hurried, twilio):
    handoff, marker = a_handoff(), a_handoff()
    hurried.post(handoff)
    twilio.next_fates(fates.sent())
    hurried.post(marker)                                # Luis', who never gets it: Ana is told when its second is over
    twilio.ledger.wait_until(lambda: len(twilio.ledger.about(marker["conversation_id"])) == 2, "the marker's second message")
    assert len(twilio.ledger.about(handoff["conversation_id"])) == 1


def test_a_callback_that_got_lost_is_asked_for_before_anybody_else_is_told(hurried, twilio):
    twilio.fate(fates.untold(fates.delivered()))
    handoff = a_handoff()
    hurried.post(handoff)
    hurried.wait_for_attempts(handoff, "delivered")
    assert len(twilio.ledger.asks) >= 1 and len(twilio.ledger.about(handoff["conversation_id"])) == 1


def test_a_deadline_that_passed_while_it_was_down_counts_after_the_start(hurried, twilio):
    twilio.fate(fates.sent(), to=address(ANA))
    handoff = a_handoff()
    hurried.post(handoff)
    hurried.kill()
    hurried.restart()
    twilio.ledger.wait_until(lambda: len(twilio.ledger.about(handoff["conversation_id"])) == 2, "the next person's message")


# -- what a code means --

@pytest.mark.parametrize("word, told", [("recipient", [DIEGO, LUIS]), ("deferred", [DIEGO, DIEGO]), ("message", [DIEGO])])
def test_a_code_means_what_the_file_says(start, twilio, word, told):
    twilio.next_fates(fates.failed(30008))
    daemon = start(story.called_back(story.company(twilio, DIEGO, LUIS, channel={"outcomes": {"30008": word}})))
    handoff = a_handoff()
    daemon.post(handoff)
    twilio.ledger.wait_until(lambda: len(twilio.ledger.about(handoff["conversation_id"])) == len(told), "everybody to be told")
    twilio.ledger.wait_for_callbacks(1)
    marker = a_handoff()
    daemon.post(marker)
    twilio.ledger.wait_about(marker["conversation_id"])
    assert [message.to for message in twilio.ledger.about(handoff["conversation_id"])] == [address(vendor) for vendor in told]
