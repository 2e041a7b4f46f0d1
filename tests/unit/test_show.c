/* test_show - what the daemon answers, on the terminal of whoever asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "command/show.h"

/* What a view prints, on stdout or stderr. */
static char *printed(void (*view)(const char *json), const char *json)
{
    FILE *const terminal[] = {stdout, stderr};
    char *text = NULL;
    size_t length = 0;
    stdout = stderr = open_memstream(&text, &length);
    view(json);
    FILE *memory = stdout;
    stdout = terminal[0];
    stderr = terminal[1];
    fclose(memory);
    return text;
}

static void expect(void (*view)(const char *json), const char *json, const char *part)
{
    CLEANUP(memory_free) char *text = printed(view, json);
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void leaves_nothing_that_a_terminal_obeys(void **state)
{
    (void)state;
    expect(show_story, "{\"customer\":{\"reason\":\"a\\u001b[2Jb\"}}", "a [2Jb");
    expect(show_story, "{\"customer\":{\"reason\":\"a\\u009b2Jb\"}}", "a  2Jb");
    expect(show_story, "{\"customer\":{\"user_name\":\"Ana\\u007f\\r\\u0007\\u00e9\"}}",
           "Ana   \xc3\xa9");
    expect(show_alerts, "{\"alerts\":[{\"text\":\"a\\u001bb\"}]}", "a b");
    expect(show_keys, "{\"keys\":[{\"name\":\"a\\u001bb\"}]}", "a b");
    expect(show_list, "\x1b[2J", " [2J\n");
    expect(show_detail, "\x1b[2J", " [2J\n");
    expect(show_detail, "{\"detail\":\"a\\u001bb\"}", "a b\n");
}

static void keeps_a_customer_from_writing_lines_of_ours(void **state)
{
    (void)state;
    expect(show_story, "{\"customer\":{\"reason\":\"a\\nAttempts\\n  1. ana: read\"}}",
           "a Attempts   1. ana: read\n");
}

static void leaves_the_lines_of_a_verdict(void **state)
{
    (void)state;
    expect(show_verdict, "{\"verdict\":\"one\\ntwo\\n\"}", "one\ntwo\n");
    expect(show_detail, "{\"detail\":\"one\\ntwo\\n\"}", "one\ntwo\n");
    expect(show_detail, "{\"detail\":\"one\"}", "one\n");
}

static void takes_a_number_that_is_none_of_ours_for_nothing(void **state)
{
    (void)state;
    expect(show_story, "{\"attempts\":[{\"number\":1e300,\"tries\":-1e300,\"code\":1e20}]}",
           "  0.  (): \n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_nothing_that_a_terminal_obeys),
        cmocka_unit_test(keeps_a_customer_from_writing_lines_of_ours),
        cmocka_unit_test(leaves_the_lines_of_a_verdict),
        cmocka_unit_test(takes_a_number_that_is_none_of_ours_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
