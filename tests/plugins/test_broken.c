/* test_broken - plugins that break one law each: the loader or the conformance program refuses
 * every one, in words that name the fault. Folders by compile definition: BROKEN_DIRECTORY, and
 * CONFORMANCE, the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/memory.h"
#include "plugin/loader.h"

struct broken {
    const char *name;
    const char *words;
};

/* What the daemon itself refuses: `check` and `serve` stop with these words. */
static const struct broken refused_by_loader[] = {
    {"other_major", "is made for contract 2.0 and this handoffd speaks 1.0"},
    {"too_small", "its struct handoffd_plugin has"},
    {"says_too_large", "not a struct of the size that it says"},
    {"no_symbol", "exports no constant handoffd_plugin"},
    {"function_symbol", "not a struct of the size that it says"},
    {"undefined_symbol", "undefined symbol: function_that_nobody_has"},
    {"other_name", "calls itself \"somebody_else\""},
    {"no_name", "its member name is missing"},
    {"no_kind", "is neither a router nor a channel"},
    {"two_kinds", "is both a router and a channel"},
    {"no_rank", "its member router.rank is missing"},
    {"no_deliver", "its member channel.deliver is missing"},
    {"no_check_to", "its member channel.check_to is missing"},
    {"no_medium", "its member channel.medium is missing"},
    {"no_text_unit", "its member channel.text_unit is 0"},
    {"channel_for_people", "only routers have person_options"},
    {"option_outside", "its options: option \"text\": its member is outside"},
    {"option_twice", "its options: option \"text\" is declared twice"},
    {"option_of_no_type", "its options: option \"text\": unknown type 99"},
    {"option_bad_default", "its options: option \"wait\": its default \"soon\""},
    {"option_unless_nothing", "its options: option \"text\": unless \"txet\""},
    {"option_without_rows", "rows of 0 bytes"},
    {"huge_state", "the struct of its options has"},
    {"tells_nobody", "says channel.tells_delivery, and has neither find nor receive"},
};

/* What only shows when it runs. */
static const struct broken refused_by_conformance[] = {
    {"writes_column", "rank wrote to what it may only read: law 3"},
    {"writes_state", "rank wrote to what it may only read: law 3"},
    {"keeps_people", "rank used what it had borrowed before and must not have kept: law 3"},
    {"counts_in_global", "law 6 (state): keeps something in a variable of its own"},
    {"throws_dice", "rank is not pure"},
    {"ranks_too_many", "rank went behind the end of what it was given: law 3"},
    {"needs_a_name", "rank crashed"},
    {"needs_columns", "rank crashed"},
    {"blocks", "law 1 (threads): does not return, and the loop stands still: rank"},
    {"starts_thread", "law 1 (threads): started a thread"},
    {"start_without_words", "start says false without words"},
    {"never_reports", "law 4 (one verb back): deliver never reported"},
    {"reports_twice", "law 4 (one verb back): 2 reports where one was due"},
    {"reports_another", "law 4 (one verb back): reported on attempt 2, was given 1"},
    {"reports_no_size", "law 2 (versions): report: its size is 0"},
    {"reports_bytes", "law 3 (ownership): not UTF-8: report.text"},
    {"logs_customer", "log: a line holds the customer's words"},
    {"logs_secret", "log: a line holds the secret \"token\""},
    {"keeps_attempt", "deliver used what it had borrowed before and must not have kept: law 3"},
    {"keeps_attempt_past_receive", "on_answer used what it had borrowed before and must not have"},
    {"keeps_answer", "on_answer used what it had borrowed before and must not have kept: law 3"},
    {"sure_of_nothing", "deliver reports \"deferred\" after no answer"},
    {"sends_ftp", "http_send: the URL starts with neither"},
    {"address_overflows", "check_to went behind the end of what it was given: law 3"},
    {"address_silent", "check_to says false without words"},
    {"address_drifts", "is a normal form, and not its own normal form"},
    {"delivers_absent", "deliver reports \"absent\", which is an answer to find"},
    {"find_never_reports", "law 4 (one verb back): find never reported"},
    {"find_reports_twice", "law 4 (one verb back): 2 reports where one was due"},
    {"find_reports_another", "law 4 (one verb back): reported on attempt 8, was given 7"},
    {"find_hopes", "find reports \"delivered\" after no answer: that tells nothing"},
    {"find_gives_up", "find reports \"absent\" after no answer: that tells nothing"},
    {"find_reads_5xx", "find reports \"absent\" after 500: that tells nothing"},
    {"find_believes_anything", "find reports \"sent\" after 200 {}: that tells nothing"},
    {"find_reads_no_list", "find reports \"absent\" after 200 {}: that tells nothing"},
    {"find_blames_the_account", "find reports \"refused_account\" after 401"},
    {"find_forgets_the_id", "find reports \"sent\" without the message's id"},
    {"find_answers_for_another", "find was asked about one message and reports on another"},
    {"find_takes_what_is_taken", "find takes the message of another attempt for its own"},
    {"find_keeps_attempt", "on_answer used what it had borrowed before and must not have kept"},
    {"find_turns_every_page", "law 4 (one verb back): find reported after its minute"},
    {"find_sends_again", "find posts to where deliver does: it must send no message"},
    {"stop_looks_back", "stop used what it had borrowed before and must not have kept: law 3"},
    {"receive_keeps_body", "receive used what it had borrowed before and must not have kept"},
    {"receive_echoes", "the answer of receive used what it had borrowed before"},
    {"receive_decodes_in_place", "receive wrote to what it may only read: law 3"},
    {"receive_reports_another", "receive was called for attempt 500 and reports on 501"},
    {"receive_reports_nobody", "receive reports though nobody's address was called"},
    {"receive_reports_absent", "receive reports \"absent\""},
    {"receive_believes_anybody", "receive believes a request that nobody signed"},
    {"receive_believes_empty", "nobody signed: a form with an empty signature"},
    {"receive_answers_99", "receive answers 99"},
    {"receive_splits_the_answer", "its content_type is not one line of ASCII"},
    {"receive_needs_a_header", "receive crashed"},
    {"receive_logs_each", "receive: a line in the log for every bad request"},
    {"limits_below_zero", "limits: per_day is below 0"},
    {"limits_without_period", "limits: channel has 80 messages in no time"},
    {"limits_without_burst", "limits: recipient lets nothing through"},
    {"limits_count_calls", "limits wrote to what it may only read: law 3"},
    {"other_leads_away", "which does not lead back"},
    {"other_is_the_same", "is the same"},
    {"other_is_not_normal", "is no normal form"},
    {"other_cut_short", "which is cut short"},
    {"other_throws_dice", "other_to is not pure"},
    {"explain_two_lines", "explain: more than one line for code 21211"},
    {"explain_latin", "law 3 (ownership): not UTF-8: what explain says to code 30008"},
    {"explain_empty", "explain: nothing but \"\" for code 0"},
    {"explain_takes_turns", "explain is not pure"},
    {"explain_from_a_buffer", "law 6 (state): keeps something in a variable of its own"},
    {"explain_slowly", "and the loop stands still"},
    {"probe_never_reports", "law 4 (one verb back): probe never reported"},
    {"probe_reports_twice", "law 4 (one verb back): 2 reports where one was due"},
    {"probe_says_delivered", "probe reports \"delivered\""},
    {"probe_is_content", "it could not be asked, so it is unknown"},
    {"probe_overlooks_401", "probe reports that all is well after 401"},
    {"probe_without_words", "probe does not say what is wrong after 401"},
    {"probe_sends", "probe posts to where deliver does"},
};

static void expect_words(const struct broken *broken, const char *said)
{
    if (strstr(said, broken->words) == NULL)
        fail_msg("%s: expected \"%s\" in \"%s\"", broken->name, broken->words, said);
}

static void loader_refuses_every_plugin_that_is_broken_as_data(void **state)
{
    (void)state;
    struct arena *arena = arena_create(4096);
    for (size_t i = 0; i < COUNT_OF(refused_by_loader); i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s.so", BROKEN_DIRECTORY, refused_by_loader[i].name);
        for (int kind = PLUGIN_ROUTER; kind <= PLUGIN_CHANNEL; kind++) {
            struct error error = {""};
            assert_null(plugin_load(path, (enum plugin_kind)kind, arena, &error));
            expect_words(&refused_by_loader[i], error.message);
        }
    }
    arena_destroy(arena);
}

/* The exit code; what it wrote to stderr in `said`. */
static int run_conformance(const char *name, char *said, size_t size)
{
    char command[1024];
    snprintf(command, sizeof command, "'%s' '%s/%s.so' 2>&1 >/dev/null", CONFORMANCE,
             BROKEN_DIRECTORY, name);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    size_t length = fread(said, 1, size - 1, output);
    said[length] = '\0';
    int status = pclose(output);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void conformance_refuses_every_plugin_that_breaks_a_law(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused_by_conformance); i++) {
        char said[4096];
        int code = run_conformance(refused_by_conformance[i].name, said, sizeof said);
        expect_words(&refused_by_conformance[i], said);
        assert_int_equal(code, 1);
    }
}

/* The daemon takes them: it is the suite that catches them, before they reach it. */
static void loader_takes_what_only_breaks_a_law_when_it_runs(void **state)
{
    (void)state;
    struct arena *arena = arena_create(4096);
    for (size_t i = 0; i < COUNT_OF(refused_by_conformance); i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s.so", BROKEN_DIRECTORY, refused_by_conformance[i].name);
        struct error error;
        assert_true(plugin_load(path, PLUGIN_ROUTER, arena, &error) != NULL ||
                    plugin_load(path, PLUGIN_CHANNEL, arena, &error) != NULL);
    }
    arena_destroy(arena);
}

int main(void)
{
    setenv("LC_ALL", "C", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loader_refuses_every_plugin_that_is_broken_as_data),
        cmocka_unit_test(loader_takes_what_only_breaks_a_law_when_it_runs),
        cmocka_unit_test(conformance_refuses_every_plugin_that_breaks_a_law),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
