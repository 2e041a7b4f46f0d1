"""GET /metrics: what a strict reader of Prometheus' format takes, and what it says is what happened."""
import re

import pytest

import behaviours
import fates
import operations
import prometheus
import story
from behaviours import Gate
from operations import command, wait_for_state
from prometheus import Metrics
from store import query_all
from story import ANA, LUIS, a_handoff

WHATSAPP = {"channel": "whatsapp"}


@pytest.fixture
def office(start, twilio):
    return start(story.company(twilio, ANA, server={"reply_within": "300ms"}, channel={"deliver_within": "1h"}))


def scrape(daemon):
    answer = daemon.ask("GET", "/metrics")
    assert answer.status == 200 and prometheus.CONTENT_TYPE.fullmatch(answer.headers["content-type"]), answer.headers
    return Metrics(answer.body.decode("utf-8"))


def handoffs_total(metrics):
    return {labels["state"]: value for labels, value in metrics.all("handoffd_handoffs_total") if value}


def attempts_total(metrics):
    return {(labels["outcome"], labels["code"]): value for labels, value in metrics.all("handoffd_attempts_total")}


def open_handoffs(metrics):
    return {labels["state"]: value for labels, value in metrics.all("handoffd_handoffs_open") if value}


def test_a_fresh_daemon_is_read_strictly(office):
    metrics = scrape(office)
    for family in ("build_info", "handoffs_total", "handoffs_open", "attempts_sending", "oldest_waiting_seconds",
                   "attempts_total", "channel_open", "commit_seconds", "store_free_bytes", "loop_lag_seconds", "alerts"):
        assert metrics.families[f"handoffd_{family}"].help, family
    assert handoffs_total(metrics) == {} == open_handoffs(metrics)
    assert metrics("handoffd_channel_open", channel="whatsapp") == 1
    assert re.fullmatch(r"\d+\.\d+.*", metrics.all("handoffd_build_info")[0][0]["version"])


def test_every_family_is_read_strictly_after_all_kinds_of_things(office, twilio):
    for behaviour in (behaviours.accept, behaviours.error(400, 21617), behaviours.error(400, 21211), behaviours.error(400, 21211),
                      behaviours.error(429, 20429, retry_after=60), behaviours.close_after_reading(), behaviours.error(401, 20003)):
        twilio.next(behaviour)
        office.post(a_handoff())
        scrape(office)


def test_what_was_told_is_counted(office):
    for _ in range(3):
        office.post(a_handoff())
    metrics = scrape(office)
    assert handoffs_total(metrics) == {"assigned": 3, "notified": 3}
    assert attempts_total(metrics) == {("sent", "0"): 3}
    office.turn_until(lambda: open_handoffs(scrape(office)) == {}, "the last word to be written down")
    assert scrape(office)("handoffd_attempts_sending") == 0


def test_a_duplicate_is_no_handoff(office):
    handoff = a_handoff()
    for _ in range(3):
        office.post(handoff)
    assert handoffs_total(scrape(office)) == {"assigned": 1, "notified": 1}


def test_failures_are_counted_by_outcome_and_code(office, twilio):
    for behaviour, state in ((behaviours.error(400, 21617), "held"), (behaviours.error(400, 21610), "exhausted"),
                             (behaviours.error(429, 20429, retry_after=60), "assigned"),
                             (behaviours.close_after_reading(accepted=False), "assigned")):
        twilio.next(behaviour)
        handoff_id = office.post(a_handoff())["handoff_id"]
        wait_for_state(office, handoff_id, state)
    office.wait_for_log("state=unknown")
    metrics = scrape(office)
    found = attempts_total(metrics)
    assert found.items() >= {("refused_message", "21617"): 1, ("refused_recipient", "21610"): 1, ("deferred", "20429"): 1,
                             ("unknown", "0"): 1}.items(), found
    assert handoffs_total(metrics) == {"assigned": 4, "held": 1, "exhausted": 1}
    assert open_handoffs(metrics) == {"assigned": 2}


def test_what_becomes_of_a_message_is_counted(start, twilio):
    daemon = start(story.called_back(story.company(twilio, ANA)))
    twilio.fate(fates.read())
    daemon.post(a_handoff())
    twilio.ledger.wait_for_callbacks(3)
    assert attempts_total(scrape(daemon)).items() >= {("sent", "0"): 1, ("delivered", "0"): 1, ("read", "0"): 1}.items()


def test_a_closed_channel_and_its_alert(office, twilio):
    twilio.next(behaviours.error(401, 20003))
    handoff_id = office.post(a_handoff())["handoff_id"]
    wait_for_state(office, handoff_id, "held")
    metrics = scrape(office)
    assert metrics("handoffd_channel_open", **WHATSAPP) == 0 and metrics("handoffd_channel_open", channel="log") == 1
    assert metrics("handoffd_alerts") == 1 and open_handoffs(metrics) == {"held": 1}
    assert metrics("handoffd_oldest_waiting_seconds") == 0, "what is held is apart"
    command(office, "retry", handoff_id)
    wait_for_state(office, handoff_id, "notified")
    metrics = scrape(office)
    assert metrics("handoffd_channel_open", **WHATSAPP) == 1 and metrics("handoffd_alerts") == 0


def test_the_oldest_that_waits(office, twilio):
    gate = Gate()
    twilio.next(behaviours.hold(gate))
    office.post(a_handoff())                            # answered after 0.3 s
    metrics = scrape(office)
    first = metrics("handoffd_oldest_waiting_seconds")
    assert 0.25 < first < 60 and metrics("handoffd_attempts_sending") == 1
    office.post(a_handoff())
    assert scrape(office)("handoffd_oldest_waiting_seconds") > first
    gate.open()
    office.turn_until(lambda: scrape(office)("handoffd_oldest_waiting_seconds") == 0, "nobody to wait any more")


def test_commits_are_counted(office):
    before = scrape(office)("handoffd_commit_seconds_count")
    for _ in range(5):
        office.post(a_handoff())
    metrics = scrape(office)
    after = metrics("handoffd_commit_seconds_count")
    assert before + 5 <= after <= before + 10           # the intent and the report, which may share one
    assert 0 < metrics("handoffd_commit_seconds_sum") < 20
    (rows,) = query_all(office.folder / "data/handoffd.db", "SELECT count(*) FROM event")
    assert after <= rows[0][0]


def test_counters_only_rise_and_begin_anew_with_the_process(office):
    seen = {}
    for _ in range(5):
        office.post(a_handoff())
        for family in scrape(office).families.values():
            for name, labels, value in family.samples:
                if family.type == "counter":
                    key = (name, tuple(labels.items()))
                    assert value >= seen.get(key, 0), key
                    seen[key] = value
    office.stop()
    office.restart()
    assert handoffs_total(scrape(office)) == {}


def test_head_has_the_headers_and_no_body(office):
    with office.raw() as connection:
        connection.send(b"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        head = connection.read_answer(to_head=True)
        assert head.status == 200 and prometheus.CONTENT_TYPE.fullmatch(head.headers["content-type"])
        assert int(head.headers["content-length"]) > 1000
        assert connection.read_answer().status == 200, "a body came after HEAD"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_else(office, method):
    answer = office.ask(method, "/metrics")
    assert answer.status == 405 and answer.headers["allow"] == "GET, HEAD"


def test_the_operators_socket_has_them_too(office):
    office.post(a_handoff())
    metrics = Metrics(operations.ask(office, "GET", "/metrics").body.decode())
    assert handoffs_total(metrics) == {"assigned": 1, "notified": 1}


def test_no_personal_data(office, twilio):
    twilio.next(behaviours.error(400, 21211))
    office.post(a_handoff(user_name="Juana Pérez", reason="robots azules"))
    text = office.ask("GET", "/metrics").body.decode()
    for word in ("Juana", "azules", "5512345678", "3000000001", "Ana", "ho_", "conv_"):
        assert word not in text


def test_a_channel_by_another_name(start, twilio):
    sections = story.company(twilio, {**ANA, "notify": {"WhatsApp-2.mx": ANA["notify"]["whatsapp"]}})
    sections["channels"]["WhatsApp-2.mx"] = sections["channels"].pop("whatsapp")
    daemon = start(sections)
    daemon.post(a_handoff())
    assert scrape(daemon)("handoffd_attempts_total", channel="WhatsApp-2.mx", outcome="sent", code="0") == 1


def test_a_reload_keeps_the_counts_and_changes_the_channels(office, twilio):
    office.post(a_handoff())
    sections = story.company(twilio, LUIS)
    sections["channels"]["otro"] = {"plugin": "log"}
    office.configure(sections)
    command(office, "reload")
    metrics = scrape(office)
    assert metrics("handoffd_channel_open", channel="otro") == 1
    assert attempts_total(metrics) == {("sent", "0"): 1}


def test_many_codes_do_not_make_many_series(start, twilio):
    """A provider that invents codes must not fill somebody's Prometheus."""
    daemon = start(story.company(twilio, ANA, server={"max_open": 100000}))
    with daemon.client() as client:
        for code in range(70000, 70600):
            twilio.next(behaviours.error(400, code))
            client.post(a_handoff())
    metrics = scrape(daemon)
    assert len(metrics.all("handoffd_attempts_total")) < 550
    assert metrics.sum("handoffd_attempts_total") == 600


# -- the reader itself --

BAD = ["# HELP a_total x\n# TYPE a_total counter\na_total 1", "# TYPE a_total counter\na_total 1\n", "a 1\n",
       "# HELP a_total x\n# TYPE a_total counter\na_total{b=\"c} 1\n", "# HELP a_total x\n# TYPE a_total counter\na_total -1\n",
       "# HELP a_total x\n# TYPE a_total counter\n# TYPE a_total counter\na_total 1\n",
       "# HELP a_total x\n# TYPE a_total counter\na_total 1\na_total 2\n", "# HELP a x\n# TYPE a counter\na 1\n",
       "# HELP a x\n# TYPE a gauge\n# HELP b x\n# TYPE b gauge\nb 1\na 1\nb{c=\"d\"} 1\n",
       "# HELP h x\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
       "# HELP h x\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 1\nh_count 3\n",
       "# HELP a x\n# TYPE a gauge\na 1,5\n"]


@pytest.mark.parametrize("text", BAD)
def test_the_reader_is_strict(text):
    with pytest.raises(AssertionError):
        prometheus.parse(text)


def test_the_reader_undoes_escapes():
    metrics = Metrics('# HELP a x\n# TYPE a gauge\na{b="c\\"d\\\\e\\nf"} 1.5e3\n')
    assert metrics("a", b='c"d\\e\nf') == 1500
