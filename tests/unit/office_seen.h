/* office_seen - what the tests of the delivery ask of an office, and what they look at afterwards.
 */
#ifndef TESTS_OFFICE_SEEN_H
#define TESTS_OFFICE_SEEN_H

#include "base/memory.h"
#include "office.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

extern const char office_juan[]; /* the customer of all of these */

/* ---- plans */

/* From the delivery `first` on, `count` of them. */
void office_plan(struct office *office, size_t first, size_t count, const struct plan *plan);
void office_plan_finds(struct office *office, size_t first, size_t count, const struct plan *plan);

extern const struct plan plan_refused; /* the recipient, 21211 */
extern const struct plan plan_account; /* 20003 */
extern const struct plan plan_unknown;
extern const struct plan plan_deferred;
extern const struct plan plan_silent;

/* ---- asking */

/* Asks for Juan with this key, and for a conversation of the same name; lets everything happen that
 * can happen now. */
struct client *office_begin(struct office *office, const char *key);

/* The same, and it must have been answered. */
const struct answer *office_tell(struct office *office, const char *key);

/* Passes the time in steps, so that everything happens in its order. */
void office_pass_by(struct office *office, int64_t ms, int64_t step_ms);

/* What the first contact of everyone reports on a delivery that was noted; queued only. */
void office_say(struct office *office, size_t delivery, uint32_t outcome, const char *message_id);

/* The same as a call of the provider's own. */
void office_call(struct office *office, size_t delivery, uint32_t outcome, const char *message_id);

/* Ends the process without a word, and begins the next one. */
void office_restart(struct office *office);

/* ---- what is seen */

/* "ana whatsapp sent 1, ana sms sending 1": every attempt there is, with its tries. */
const char *office_attempts(struct office *office);

/* "assigned,sent": every event there is. */
const char *office_events(struct office *office);

/* "notified 0": every handoff there is, with its wake. */
const char *office_handoffs(struct office *office);

/* How long until the first attempt is due; 0 where nothing is. */
int64_t office_due_in(struct office *office);

/* Somebody was told of exactly this trouble. */
bool office_has_trouble(const struct office *office, const char *trouble);

/* These addresses were told, in this order, and no others. */
void office_assert_told(const struct office *office, const char *const *addresses, size_t count);

#define ASSERT_TOLD(office, ...)                                                                   \
    office_assert_told(office, (const char *const[]){__VA_ARGS__},                                 \
                       COUNT_OF(((const char *const[]){__VA_ARGS__})))

/* The text is marked as a possible duplicate. */
bool office_is_marked(const struct delivery_note *delivery);

#define OFFICE_TEST(test) cmocka_unit_test_setup_teardown(test, office_setup, office_teardown)

#endif
