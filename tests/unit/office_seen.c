/* office_seen - short words for what most tests of the delivery do. */
#include "office_seen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

const char office_juan[] = "+5215512345678";

const struct plan plan_refused = {.outcome = HANDOFFD_REFUSED_RECIPIENT,
                                  .code = 21211,
                                  .text = "The 'To' number whatsapp:+5215500000001 is not valid"};
const struct plan plan_account = {
    .outcome = HANDOFFD_REFUSED_ACCOUNT, .code = 20003, .text = "Authenticate"};
const struct plan plan_unknown = {.outcome = HANDOFFD_UNKNOWN, .text = "no answer"};
const struct plan plan_deferred = {.outcome = HANDOFFD_DEFERRED, .code = 429, .text = "busy"};
const struct plan plan_silent = {.is_silent = true};

void office_plan(struct office *office, size_t first, size_t count, const struct plan *plan)
{
    for (size_t i = first; i < first + count; i++)
        office->plans[i] = *plan;
}

void office_plan_finds(struct office *office, size_t first, size_t count, const struct plan *plan)
{
    for (size_t i = first; i < first + count; i++)
        office->finds[i] = *plan;
}

/* ---- asking */

struct client *office_begin(struct office *office, const char *key)
{
    struct request request = office_request(office_juan, key);
    request.key = key;
    struct client *client = office_ask(office, &request);
    office_settle(office);
    return client;
}

const struct answer *office_tell(struct office *office, const char *key)
{
    const struct client *client = office_begin(office, key);
    assert_true(client->is_answered);
    return &client->answer;
}

void office_pass_by(struct office *office, int64_t ms, int64_t step_ms)
{
    for (; ms > 0; ms -= step_ms)
        office_pass(office, ms < step_ms ? ms : step_ms);
}

void office_say(struct office *office, size_t delivery, uint32_t outcome, const char *message_id)
{
    const struct delivery_note *note = &office->deliveries[delivery];
    struct instance *instance =
        strcmp(note->instance, "sms") == 0 ? &office->sms : &office->whatsapp;
    struct handoffd_report report = {
        .size = sizeof report, .outcome = outcome, .message_id = message_id};
    instance->host.report(&instance->host, note->attempt_id, &report);
}

static void on_called(struct receipt *receipt, bool is_kept)
{
    (void)receipt, (void)is_kept;
}

void office_call(struct office *office, size_t delivery, uint32_t outcome, const char *message_id)
{
    office->call = (struct receipt){.on_settled = on_called};
    office->whatsapp.receipt = &office->call;
    office_say(office, delivery, outcome, message_id);
    office->whatsapp.receipt = NULL;
}

void office_restart(struct office *office)
{
    office_settle(office);
    office_crash(office);
    office_open(office);
    office_settle(office);
}

/* ---- what is seen */

const char *office_attempts(struct office *office)
{
    return office_on_disk(office, "SELECT group_concat(vendor || ' ' || channel || ' ' || state || "
                                  "' ' || tries, ', ') FROM (SELECT * FROM attempt "
                                  "ORDER BY handoff, number)");
}

const char *office_events(struct office *office)
{
    return office_on_disk(
        office, "SELECT group_concat(kind) FROM (SELECT kind FROM event ORDER BY handoff, number)");
}

const char *office_handoffs(struct office *office)
{
    return office_on_disk(office, "SELECT group_concat(state || ' ' || wake, ', ') "
                                  "FROM (SELECT * FROM handoff ORDER BY number)");
}

int64_t office_due_in(struct office *office)
{
    const char *due = office_on_disk(office, "SELECT min(due_ms) FROM attempt WHERE due_ms > 0");
    return *due != '\0' ? strtoll(due, NULL, 10) - clock_wall_ms() : 0;
}

bool office_has_trouble(const struct office *office, const char *trouble)
{
    for (size_t i = 0; i < office->trouble_count; i++) {
        if (strcmp(office->troubles[i], trouble) == 0)
            return true;
    }
    return false;
}

void office_assert_told(const struct office *office, const char *const *addresses, size_t count)
{
    for (size_t i = 0; i < count && i < office->delivery_count; i++)
        assert_string_equal(office->deliveries[i].to, addresses[i]);
    assert_int_equal(office->delivery_count, count);
}

bool office_is_marked(const struct delivery_note *delivery)
{
    static const char mark[] = "⚠️ Posible duplicado";
    return strncmp(delivery->text, mark, sizeof mark - 1) == 0;
}
