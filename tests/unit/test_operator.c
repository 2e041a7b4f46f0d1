/* test_operator - a person's word on one handoff, in every state that it may be in, in memory and
 * at rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_disk.h"
#include "office_seen.h"

/* ---- how to come to each state: one handoff, ana, and whatever was said of her message */

static void become(struct office *office, const struct plan *plan)
{
    office->plans[0] = *plan;
    office_open(office);
    office_begin(office, "a");
}

static void become_sending(struct office *office)
{
    become(office, &plan_silent);
}

static void become_ready(struct office *office)
{
    office->limits.channel = (struct handoffd_rate){.count = 1, .period_ms = HOUR, .burst = 1};
    office->plans[1] = plan_deferred; /* of the other one, that takes the turn */
    office_open(office);
    office_tell(office, "first");
    office_begin(office, "a");
}

static void become_deferred(struct office *office)
{
    become(office, &(struct plan){.outcome = HANDOFFD_DEFERRED, .retry_after_ms = HOUR});
}

static void become_unknown(struct office *office)
{
    become(office, &plan_unknown);
}

static void become_asked(struct office *office)
{
    office_make_askable(office);
    office->finds[0] = plan_silent;
    become(office, &plan_unknown);
    office_pass(office, SECOND);
    assert_int_equal(office->question_count, 1);
}

static void become_sent(struct office *office)
{
    become(office, &(struct plan){0});
}

static void become_resting(struct office *office)
{
    office_make_telling(office);
    office->whatsapp.rules.deliver_within_ms = HOUR;
    become(office, &(struct plan){0});
}

static void become_held_by_message(struct office *office)
{
    become(office, &(struct plan){.outcome = HANDOFFD_REFUSED_MESSAGE});
}

static void become_held_by_account(struct office *office)
{
    office->vendors[0].contact_count = 1;
    become(office, &plan_account);
}

static void become_ambiguous(struct office *office)
{
    office->setup.delivery.unknown.on_ambiguous = AMBIGUOUS_HOLD;
    become(office, &plan_unknown);
    office_pass(office, 5 * MINUTE);
}

static void become_exhausted(struct office *office)
{
    office_plan(office, 0, 4, &plan_refused);
    become(office, &plan_refused);
}

static void become_parked(struct office *office)
{
    become(office, &plan_silent);
    office_pass(office, 8 * SECOND);
    office_crash(office);
    office_on_disk(office, "UPDATE handoff SET crashes = 2");
    office_open(office);
    office_settle(office);
}

/* ---- the table */

struct cell {
    const char *name;
    void (*become)(struct office *office);
    const char *before;  /* the handoff, and its attempts */
    const char *retried; /* the same after each order */
    const char *ended;   /* "%s" is cancelled or closed */
    const char *refusal; /* of the retry; NULL: it is done */
};

static const char on_its_way[] = "it is on its way: wait a minute";
static const char told_already[] = "somebody was told already";

static const struct cell cells[] = {
    {"sending", become_sending, "assigned 1: ana whatsapp sending 1",
     "assigned 1: ana whatsapp sending 1", "%s 0: ana whatsapp sending 1", on_its_way},
    {"deferred", become_deferred, "assigned 1: ana whatsapp deferred 1",
     "notified 0: ana whatsapp sent 2", "%s 0: ana whatsapp cancelled 1", NULL},
    {"unknown", become_unknown, "assigned 1: ana whatsapp unknown 1",
     "notified 0: ana whatsapp ambiguous 1, ana whatsapp sent 1", "%s 0: ana whatsapp unknown 1",
     NULL},
    {"asked", become_asked, "assigned 1: ana whatsapp unknown 1",
     "assigned 1: ana whatsapp unknown 1", "%s 0: ana whatsapp unknown 1", on_its_way},
    {"sent", become_sent, "notified 0: ana whatsapp sent 1", "notified 0: ana whatsapp sent 1",
     "%s 0: ana whatsapp sent 1", told_already},
    {"resting", become_resting, "notified 2: ana whatsapp sent 1",
     "notified 2: ana whatsapp sent 1", "%s 0: ana whatsapp sent 1", told_already},
    {"held by its message", become_held_by_message, "held 0: ana whatsapp refused 1",
     "notified 0: ana whatsapp refused 1, ana whatsapp sent 1", "%s 0: ana whatsapp refused 1",
     NULL},
    {"held by its account", become_held_by_account, "held 1: ana whatsapp deferred 1",
     "notified 0: ana whatsapp sent 2", "%s 0: ana whatsapp cancelled 1", NULL},
    {"ambiguous", become_ambiguous, "held 0: ana whatsapp ambiguous 1",
     "notified 0: ana whatsapp ambiguous 1, ana whatsapp sent 1", "%s 0: ana whatsapp ambiguous 1",
     NULL},
    {"exhausted", become_exhausted,
     "exhausted 0: ana whatsapp refused 1, ana sms refused 1, luis whatsapp refused 1, "
     "diego whatsapp refused 1",
     "notified 0: ana whatsapp refused 1, ana sms refused 1, luis whatsapp refused 1, "
     "diego whatsapp refused 1, diego whatsapp sent 1", /* the one without a turn */
     "%s 0: ana whatsapp refused 1, ana sms refused 1, luis whatsapp refused 1, "
     "diego whatsapp refused 1",
     NULL},
    {"parked", become_parked, "parked 0: ana whatsapp unknown 1",
     "notified 0: ana whatsapp ambiguous 1, ana whatsapp sent 1", "%s 0: ana whatsapp unknown 1",
     NULL},
};

static const char *seen(struct office *office)
{
    return arena_format(office->arena, "%s: %s", office_handoffs(office), office_attempts(office));
}

/* The present answer, and with it the id. */
static const struct answer *present_answer(struct office *office)
{
    struct request request = office_request(office_juan, NULL);
    request.key = "a";
    request.reply_within_ms = 100;
    struct client *client = office_ask(office, &request);
    office_settle(office);
    if (!client->is_answered)
        office_pass(office, 100);
    return &client->answer;
}

static const char *id_of(struct office *office)
{
    return present_answer(office)->handoff_id;
}

static struct office *come_to(const struct cell *cell)
{
    struct office *office = NULL;
    office_setup((void **)&office);
    cell->become(office);
    assert_string_equal(seen(office), cell->before);
    return office;
}

static void retries_from_every_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        struct office *office = come_to(&cells[i]);
        const char *problem = office_order(office, id_of(office), ORDER_RETRY);
        if (cells[i].refusal != NULL)
            assert_string_equal(problem, cells[i].refusal);
        else
            assert_null(problem);
        office_pass(office, SECOND);
        assert_string_equal(seen(office), cells[i].retried);
        if (problem == NULL) {
            assert_int_equal(present_answer(office)->kind, ANSWER_SENT);
            assert_int_equal(dispatcher_open(office->dispatcher), 0);
        }
        office_teardown((void **)&office);
    }
}

static void check_end(const struct cell *cell, enum operator_order order, const char *word)
{
    struct office *office = come_to(cell);
    bool was_told = strncmp(cell->before, "notified", 8) == 0;
    assert_null(office_order(office, id_of(office), order));
    const char *ended = strchr(cell->ended, ' ');
    assert_string_equal(seen(office), arena_format(office->arena, "%s%s", word, ended));
    assert_string_equal(office_order(office, id_of(office), order), "it was closed");
    assert_string_equal(office_order(office, id_of(office), ORDER_RETRY), "it was closed");
    size_t told = office->delivery_count;
    office_pass_by(office, 2 * HOUR, MINUTE);
    assert_int_equal(office->delivery_count, told);
    assert_int_equal(present_answer(office)->kind, was_told ? ANSWER_SENT : ANSWER_FAILED);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    assert_int_equal(office->whatsapp.busy, 0);
    office_restart(office);
    office_pass_by(office, 2 * HOUR, MINUTE);
    assert_int_equal(office->delivery_count, told);
    assert_non_null(strstr(seen(office), word));
    office_teardown((void **)&office);
}

static void cancels_in_every_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cells); i++)
        check_end(&cells[i], ORDER_CANCEL, "cancelled");
}

static void closes_in_every_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cells); i++)
        check_end(&cells[i], ORDER_CLOSE, "closed");
}

/* ---- what is on its way when the word comes */

/* The message may well arrive: that is written down, and nobody else is told. */
static void an_end_does_not_stop_what_is_on_its_way(void **state)
{
    static const struct {
        uint32_t outcome;
        const char *attempts;
    } cases[] = {
        {HANDOFFD_SENT, "ana whatsapp sent 1"},
        {HANDOFFD_DELIVERED, "ana whatsapp delivered 1"},
        {HANDOFFD_UNDELIVERED, "ana whatsapp undelivered 1"},
        {HANDOFFD_REFUSED_RECIPIENT, "ana whatsapp refused 1"},
        {HANDOFFD_REFUSED_MESSAGE, "ana whatsapp refused 1"},
        {HANDOFFD_DEFERRED, "ana whatsapp cancelled 1"},
        {HANDOFFD_REFUSED_ACCOUNT, "ana whatsapp cancelled 1"},
        {HANDOFFD_UNKNOWN, "ana whatsapp unknown 1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = come_to(&cells[0]);
        assert_null(office_order(office, id_of(office), ORDER_CANCEL));
        assert_int_equal(dispatcher_open(office->dispatcher), 1);
        office_say(office, 0, cases[i].outcome, NULL);
        office_settle(office);
        assert_string_equal(office_attempts(office), cases[i].attempts);
        assert_string_equal(office_handoffs(office), "cancelled 0");
        office_pass_by(office, HOUR, MINUTE);
        assert_int_equal(office->delivery_count, 1);
        assert_int_equal(dispatcher_open(office->dispatcher), 0);
        assert_int_equal(office->whatsapp.busy, 0);
        office_teardown((void **)&office);
    }
    (void)state;
}

/* The answer to the question comes afterwards, or never. */
static void an_end_puts_down_the_question(void **state)
{
    static const struct {
        uint32_t outcome;
        const char *attempts;
    } cases[] = {{0, "ana whatsapp unknown 1"},
                 {HANDOFFD_ABSENT, "ana whatsapp unknown 1"},
                 {HANDOFFD_UNKNOWN, "ana whatsapp unknown 1"},
                 {HANDOFFD_SENT, "ana whatsapp sent 1"},
                 {HANDOFFD_UNDELIVERED, "ana whatsapp undelivered 1"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct office *office = come_to(&cells[3]);
        assert_null(office_order(office, id_of(office), ORDER_CLOSE));
        assert_int_equal(office->whatsapp.busy, 0);
        if (cases[i].outcome != 0)
            office_say(office, 0, cases[i].outcome, NULL);
        office_settle(office);
        assert_string_equal(office_attempts(office), cases[i].attempts);
        assert_string_equal(office_handoffs(office), "closed 0");
        office_pass(office, 2 * MINUTE);
        assert_int_equal(dispatcher_open(office->dispatcher), 0);
        office_teardown((void **)&office);
    }
    (void)state;
}

static void an_end_while_the_store_is_asked(void **state)
{
    struct office *office = *state;
    struct visitor visitor;
    office_make_askable(office);
    become(office, &plan_unknown);
    const char *id = id_of(office);
    failing_disk_set(DISK_READ_HELD);
    office_move(office, SECOND);
    office_visit(office, id, ORDER_CANCEL, &visitor);
    failing_disk_set(DISK_FINE);
    office_settle(office);
    assert_true(visitor.is_done);
    assert_string_equal(office_handoffs(office), "cancelled 0");
    assert_int_equal(office->question_count, 0);
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
    assert_int_equal(office->whatsapp.busy, 0);
}

static void cancels_what_waits_for_its_turn(void **state)
{
    struct office *office = *state;
    become_ready(office);
    assert_null(office_order(office, id_of(office), ORDER_CANCEL));
    assert_string_equal(office_attempts(office), "ana whatsapp sent 1, luis whatsapp cancelled 0");
    office_pass(office, 2 * HOUR);
    assert_int_equal(office->delivery_count, 1);
}

/* A retry takes its turn like everything else. */
static void a_retry_keeps_to_the_rate(void **state)
{
    struct office *office = *state;
    become_ready(office);
    assert_null(office_order(office, id_of(office), ORDER_RETRY));
    office_pass(office, MINUTE);
    assert_int_equal(office->delivery_count, 1);
    office_pass(office, HOUR);
    assert_int_equal(office->delivery_count, 2);
}

/* Somebody has mended the account, and does not want to wait: the account is tried at once, and all
 * the others go with it. */
static void a_retry_tries_a_closed_channel(void **state)
{
    struct office *office = *state;
    office->vendors[0].contact_count = 1;
    office->plans[0] = plan_account;
    office_open(office);
    office_tell(office, "a");
    office_tell(office, "b");
    office_tell(office, "c");
    assert_null(office_order(office, id_of(office), ORDER_RETRY));
    office_pass(office, SECOND);
    assert_string_equal(office_handoffs(office), "notified 0, notified 0, notified 0");
    assert_int_equal(office->delivery_count, 4);
}

/* Whoever was refused may be asked again; and this time the others after them. */
static void a_retry_forgets_who_refused(void **state)
{
    struct office *office = *state;
    become_exhausted(office);
    office_plan(office, 4, 2, &plan_refused);
    assert_null(office_order(office, id_of(office), ORDER_RETRY));
    ASSERT_TOLD(office, "to-ana", "sms-ana", "to-luis", "to-diego", "to-diego", "to-ana",
                "sms-ana");
    assert_string_equal(office_handoffs(office), "notified 0");
    assert_string_equal(present_answer(office)->vendor_id, "ana");
}

/* What may have been told already is said to be so. */
static void a_retry_of_what_may_be_known_is_marked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        struct office *office = come_to(&cells[i]);
        office_order(office, id_of(office), ORDER_RETRY);
        office_pass(office, SECOND);
        bool may_be_known = strstr(cells[i].retried, "ambiguous") != NULL;
        for (size_t told = 0; told < office->delivery_count; told++)
            assert_int_equal(office_is_marked(&office->deliveries[told]),
                             may_be_known && told + 1 == office->delivery_count);
        office_teardown((void **)&office);
    }
}

static void a_retry_goes_to_the_next_where_the_person_is_gone(void **state)
{
    struct office *office = *state;
    become_held_by_message(office);
    const char *id = id_of(office);
    office->roster.vendors++; /* without ana */
    office->roster.count--;
    office_adopt(office);
    assert_null(office_order(office, id, ORDER_RETRY));
    ASSERT_TOLD(office, "to-ana", "to-luis");
}

/* Nobody could be told at first: no attempt was ever made. */
static void a_retry_of_what_nobody_was_told(void **state)
{
    struct office *office = *state;
    office->is_never[0] = office->is_never[1] = office->is_never[2] = true;
    office->roster.is_example = true;
    office_open(office);
    const char *id = office_tell(office, "a")->handoff_id;
    assert_string_equal(office_handoffs(office), "exhausted 0");
    assert_null(office_order(office, id, ORDER_RETRY));
    assert_string_equal(office_handoffs(office), "exhausted 0");
    office->is_never[1] = false;
    assert_null(office_order(office, id, ORDER_RETRY));
    ASSERT_TOLD(office, "to-luis");
    assert_string_equal(office_handoffs(office), "notified 0");
}

static void a_retry_leaves_no_customer_to_an_example(void **state)
{
    struct office *office = *state;
    become_held_by_message(office);
    const char *id = id_of(office);
    office->roster.vendors++;
    office->roster.count--;
    office->roster.is_example = true;
    office_adopt(office);
    assert_string_equal(office_order(office, id, ORDER_RETRY), "nobody real is in vendors.yaml");
    assert_int_equal(office->delivery_count, 1);
    assert_string_equal(office_handoffs(office), "held 0");
}

/* In flight at three crashes, sent by an operator, and crashing again: it may have three more. */
static void a_retry_begins_the_count_of_crashes_anew(void **state)
{
    struct office *office = *state;
    become_parked(office);
    office->plans[1] = plan_silent;
    assert_null(office_order(office, id_of(office), ORDER_RETRY));
    assert_int_equal(office->delivery_count, 2);
    office_pass(office, 8 * SECOND);
    office_restart(office);
    assert_string_equal(office_on_disk(office, "SELECT state || crashes FROM handoff"),
                        "assigned1");
}

/* ---- ids */

static void on_done(struct order *order, const char *problem)
{
    (void)order, (void)problem;
    fail();
}

static void knows_what_is_no_id_of_ours(void **state)
{
    struct office *office = *state;
    static const char *const ids[] = {"", "ho_", "1", "ho_cvmmqn7fh8p3q22cz9cwmd1b5r"};
    struct order order = {.on_done = on_done};
    office_open(office);
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        assert_false(dispatcher_order(office->dispatcher, ids[i], &order));
}

static void knows_an_id_that_is_ours_and_of_nothing(void **state)
{
    struct office *office = *state;
    char id[PUBLIC_ID_SIZE];
    office_open(office);
    public_id_write(dispatcher_ids(office->dispatcher), 99, id);
    assert_string_equal(office_order(office, id, ORDER_RETRY), "there is no such handoff");
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    assert_string_equal(office_order(office, id, ORDER_CLOSE), "no existe esa solicitud");
    assert_int_equal(dispatcher_open(office->dispatcher), 0);
}

static void says_when_the_store_cannot_be_read(void **state)
{
    struct office *office = *state;
    become_sent(office);
    const char *id = id_of(office);
    office_on_disk(office, "ALTER TABLE customer RENAME TO hidden");
    assert_string_equal(office_order(office, id, ORDER_CLOSE), "the store cannot be read");
    office_on_disk(office, "ALTER TABLE hidden RENAME TO customer");
    assert_null(office_order(office, id, ORDER_CLOSE));
}

static void is_done_when_it_is_on_disk_and_not_before(void **state)
{
    struct office *office = *state;
    struct visitor visitor;
    become_unknown(office);
    const char *id = id_of(office);
    failing_disk_set(DISK_FULL);
    office_visit(office, id, ORDER_CANCEL, &visitor);
    office_settle(office);
    assert_false(visitor.is_done);
    failing_disk_set(DISK_FINE);
    office_pass(office, 5 * SECOND);
    assert_true(visitor.is_done);
    assert_string_equal(office_handoffs(office), "cancelled 0");
}

static void a_retry_while_nobody_is_there(void **state)
{
    struct office *office = *state;
    become_deferred(office);
    const char *id = id_of(office);
    office_pass(office, 8 * SECOND);
    office_crash(office);
    office->roster.count = 0;
    office_open(office);
    office_pass(office, SECOND);
    assert_string_equal(office_order(office, id, ORDER_RETRY), "nobody real is in vendors.yaml");
    assert_int_equal(dispatcher_open(office->dispatcher), 1);
    office_crash(office);
    office->roster.count = 3;
    office->roster.is_example = true; /* ana at another address */
    office->contacts[0][0].to = "example-ana";
    office_open(office);
    office_pass(office, SECOND);
    assert_null(office_order(office, id, ORDER_RETRY));
    assert_int_equal(office->delivery_count, 1);
    office->roster.is_example = false;
    office_adopt(office);
    office_pass_by(office, MINUTE, SECOND);
    assert_int_equal(office->delivery_count, 2); /* not lost, and without a restart */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retries_from_every_state),
        cmocka_unit_test(cancels_in_every_state),
        cmocka_unit_test(closes_in_every_state),
        cmocka_unit_test(an_end_does_not_stop_what_is_on_its_way),
        cmocka_unit_test(an_end_puts_down_the_question),
        OFFICE_TEST(an_end_while_the_store_is_asked),
        OFFICE_TEST(cancels_what_waits_for_its_turn),
        OFFICE_TEST(a_retry_keeps_to_the_rate),
        OFFICE_TEST(a_retry_tries_a_closed_channel),
        OFFICE_TEST(a_retry_forgets_who_refused),
        cmocka_unit_test(a_retry_of_what_may_be_known_is_marked),
        OFFICE_TEST(a_retry_goes_to_the_next_where_the_person_is_gone),
        OFFICE_TEST(a_retry_of_what_nobody_was_told),
        OFFICE_TEST(a_retry_leaves_no_customer_to_an_example),
        OFFICE_TEST(a_retry_begins_the_count_of_crashes_anew),
        OFFICE_TEST(knows_what_is_no_id_of_ours),
        OFFICE_TEST(knows_an_id_that_is_ours_and_of_nothing),
        OFFICE_TEST(says_when_the_store_cannot_be_read),
        OFFICE_TEST(is_done_when_it_is_on_disk_and_not_before),
        OFFICE_TEST(a_retry_while_nobody_is_there),
    };
    return cmocka_run_group_tests(tests, failing_disk_install, NULL);
}
