/* test_language - which of the environment's variables decides, what counts as Spanish, and that
 * the system's own words follow. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/error.h"
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

static void says_in_it_what_errno_means(void **state)
{
    (void)state;
    set("LC_ALL", "C");
    assert_string_equal(error_reason(ENOENT), "No such file or directory");
    set("LC_ALL", "es_MX.UTF-8");
    assert_string_equal(error_reason(ENOENT), "no existe el archivo o la carpeta");
    assert_string_equal(error_reason(EDOM), "Numerical argument out of domain");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_in_it_what_errno_means),
        cmocka_unit_test(follows_the_first_variable_that_says_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
