/* test_log - what the log channel says, and above all where it says nothing. */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "plugin_test.h"

enum { MOST_OUTPUT = 4096 };

/* What one delivery writes to stderr, which is `inside` meanwhile and is read from `outside`. */
static void capture(struct subject *subject, int inside, int outside, char said[MOST_OUTPUT])
{
    const struct handoffd_attempt attempt = example_attempt(42, "");
    const struct handoffd_message message = example_message();
    char error[MOST_ERROR_BYTES];
    assert_true(subject_start(subject, error, sizeof error));
    int kept = dup(STDERR_FILENO);
    dup2(inside, STDERR_FILENO);
    struct loan *given = NULL;
    subject_deliver(subject, &attempt, &message, &given);
    dup2(kept, STDERR_FILENO);
    close(kept);
    loan_end(given);
    struct pollfd readable = {.fd = outside, .events = POLLIN};
    ssize_t length = poll(&readable, 1, 0) > 0 ? read(outside, said, MOST_OUTPUT - 1) : 0;
    said[length > 0 ? length : 0] = '\0';
    subject_stop(subject);
}

static void reports_sent_with_the_attempts_id(void **state)
{
    struct subject *subject = *state;
    int ends[2];
    char said[MOST_OUTPUT];
    assert_int_equal(pipe(ends), 0);
    capture(subject, ends[1], ends[0], said);
    const struct made_report *report = fake_host_report(subject->host);
    assert_int_equal(report->outcome, HANDOFFD_SENT);
    assert_int_equal(report->attempt_id, 42);
    assert_string_equal(report->message_id, "log-42");
    close(ends[0]);
    close(ends[1]);
}

static void prints_nothing_where_the_output_is_kept(void **state)
{
    struct subject *subject = *state;
    int ends[2];
    char said[MOST_OUTPUT];
    assert_int_equal(pipe(ends), 0);
    capture(subject, ends[1], ends[0], said);
    assert_string_equal(said, "");
    assert_int_equal(subject->host->line_count, 0);
    close(ends[0]);
    close(ends[1]);
}

static void shows_the_message_on_a_terminal(void **state)
{
    int outside = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(outside >= 0);
    assert_int_equal(grantpt(outside), 0);
    assert_int_equal(unlockpt(outside), 0);
    int inside = open(ptsname(outside), O_RDWR | O_NOCTTY);
    assert_true(inside >= 0);
    char said[MOST_OUTPUT];
    capture(*state, inside, outside, said);
    assert_non_null(strstr(said, "ho_7m2k9q -> ana"));
    assert_non_null(strstr(said, "*Cliente:* Juan Pérez"));
    close(inside);
    close(outside);
}

static void takes_any_address_and_none(void **state)
{
    static const char *const addresses[] = {NULL, "", "ana", "#ventas", "+52 442 000 0001"};
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        char normal[MOST_ADDRESS_BYTES];
        char error[MOST_ERROR_BYTES];
        assert_true(subject_check_to(*state, addresses[i], "MX", sizeof normal, normal,
                                     sizeof error, error));
        assert_string_equal(normal, addresses[i] != NULL ? addresses[i] : "");
    }
}

static void says_that_repeating_is_safe(void **state)
{
    const struct subject *subject = *state;
    assert_true(subject->plugin->channel.is_repeat_safe);
    assert_string_equal(subject->plugin->channel.medium, "Log");
    assert_int_equal(subject->plugin->channel.text_limit, 0);
}

/* Sent is all that it can say: nobody waits for a "delivered". */
static void promises_nothing_about_delivery(void **state)
{
    const struct subject *subject = *state;
    assert_false(subject->plugin->channel.tells_delivery);
    assert_null(subject->plugin->channel.find);
    assert_null(subject->plugin->channel.receive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_TEST(reports_sent_with_the_attempts_id),
        PLUGIN_TEST(prints_nothing_where_the_output_is_kept),
        PLUGIN_TEST(shows_the_message_on_a_terminal),
        PLUGIN_TEST(takes_any_address_and_none),
        PLUGIN_TEST(says_that_repeating_is_safe),
        PLUGIN_TEST(promises_nothing_about_delivery),
    };
    return run_plugin_tests("channel/log", tests);
}
