/* plugin_test - what the tests of single plugins share: each test gets a fresh subject as its
 * state.
 *
 * PLUGIN_DIRECTORY, a compile definition, is the folder that holds routing/ and channel/. */
#ifndef TEST_PLUGIN_TEST_H
#define TEST_PLUGIN_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "fault.h"
#include "loan.h"
#include "subject.h"

/* The plugin under test; cmocka's setup has no argument for it. */
static const char *plugin_under_test;

static inline int plugin_setup(void **state)
{
    char path[512];
    struct error error;
    snprintf(path, sizeof path, "%s/%s.so", PLUGIN_DIRECTORY, plugin_under_test);
    *state = subject_load(path, &error);
    if (*state == NULL)
        print_error("%s\n", error.message);
    return *state == NULL;
}

static inline int plugin_teardown(void **state)
{
    subject_unload(*state);
    return 0;
}

#define PLUGIN_TEST(function)                                                                      \
    cmocka_unit_test_setup_teardown(function, plugin_setup, plugin_teardown)

#define run_plugin_tests(plugin, tests)                                                            \
    (plugin_under_test = (plugin), fault_start(plugin), setenv("LC_ALL", "C", 1),                  \
     cmocka_run_group_tests(tests, NULL, NULL))

#endif
