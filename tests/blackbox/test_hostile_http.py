"""Bytes of strangers, as data/hostile_http.txt has them: each is answered as it says there, and nobody is told by mistake."""
import hashlib

import pytest

import hostile
import story
from story import a_handoff

HOST, SECRET = "handoff.example.com", "key-of-the-client"
LEAST_CASES = 250


@pytest.fixture(scope="module")
def daemon(start_shared, shared_twilio):
    key = {"hashes": [hashlib.sha256(SECRET.encode()).hexdigest()]}
    limits = {"per_key": 0, "failures": 0, "per_conversation": 0}
    return start_shared(story.company(shared_twilio, access={"keys": {"client": key}, **limits}))


def whole(data):
    return [data]


def in_pieces(data):
    """Odd ones, small where most of the reading is done."""
    size = max(11, len(data) // 400)
    return [data[i:i + size] for i in range(0, len(data), size)]


def read_answers(raw, case):
    """All that come, and whether the last one says that it is the last one."""
    answers = []
    for want in case.wants:
        answers.append(raw.read_answer(to_head=want.startswith("head")))
        assert str(answers[-1].status) in want.removeprefix("head").split("|"), answers[-1]
        assert answers[-1].status < 400 or not answers[-1].body or story.expect_say(answers[-1])["detail"]
        if answers[-1].headers.get("connection", "").lower() == "close":
            return answers, True
    return answers, False


def may_close(case, cut, answers):
    """Whoever is refused by the head alone keeps the connection only where the whole body has come with it."""
    return case.closes or (cut is in_pieces and answers[-1].status in (400, 401, 404, 405))


def told_by(answers):
    return [answer["message_sid"] for answer in answers if answer.status == 200 and b"message_sid" in answer.body]


def expect_good_one(raw):
    handoff = a_handoff()
    raw.send(hostile.post(handoff, HOST, SECRET))
    answer = raw.read_answer()
    assert answer.status == 200
    return answer["message_sid"]


@pytest.mark.parametrize("cut", [whole, in_pieces])
@pytest.mark.parametrize("case", hostile.CASES, ids=lambda case: case.name)
def test_is_answered_as_written(daemon, shared_twilio, case, cut):
    before, wire = shared_twilio.ledger.message_count, case.wire(HOST, SECRET)
    with daemon.raw() as raw:
        for piece in cut(wire.data):
            raw.send(piece)
        if case.is_cut_off:
            raw.end_sending()
        answers, is_last = read_answers(raw, case)
        told = told_by(answers)
        if is_last or not answers:
            assert may_close(case, cut, answers)
            raw.expect_close()
        else:
            assert not case.closes
            told.append(expect_good_one(raw))
    with daemon.raw() as raw:
        told.append(expect_good_one(raw))
    assert [message.sid for message in shared_twilio.ledger.messages[before:]] == told


def test_there_are_enough_of_them():
    assert len(hostile.CASES) >= LEAST_CASES
