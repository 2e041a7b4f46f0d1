/* test_language - which of the environment's variables decides, and what counts as Spanish. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/language.h"
#include "base/memory.h"

static void set(const char *name, const char *value)
{
    if (value != NULL)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static void follows_the_first_variable_that_says_something(void **state)
{
    static const struct {
        const char *all;
        const char *messages;
        const char *lang;
        bool is_spanish;
    } cases[] = {
        {NULL, NULL, NULL, false},
        {NULL, NULL, "es_MX.UTF-8", true},
        {NULL, NULL, "es", true},
        {NULL, NULL, "es_ES@euro", true},
        {NULL, NULL, "en_US.UTF-8", false},
        {NULL, NULL, "C.UTF-8", false},
        {NULL, NULL, "", false},
        {NULL, "es_CO.UTF-8", "en_US.UTF-8", true},
        {NULL, "C", "es_MX.UTF-8", false},
        {NULL, "", "es_MX.UTF-8", true},
        {"C", "es_MX", "es_MX", false},
        {"es_AR", "C", "C", true},
        {"", "", "es_AR", true},
        {"ES_MX", NULL, NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        set("LC_ALL", cases[i].all);
        set("LC_MESSAGES", cases[i].messages);
        set("LANG", cases[i].lang);
        if (language_is_spanish() != cases[i].is_spanish)
            fail_msg("case %zu", i);
        assert_string_equal(in_language("one", "uno"), cases[i].is_spanish ? "uno" : "one");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_first_variable_that_says_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
