/* test_loader_files - where plugins are looked for, and what is said where they are not.
 *
 * PLUGIN_DIRECTORY, a compile definition, is the folder that holds the built routing/ and channel/.
 * Plugins that are broken as files are refused in tests/plugins/test_broken.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "plugin/loader.h"

struct fixture {
    struct arena *arena;
    struct error error;
    char folder[64]; /* empty: the test's own */
};

static int setup(void **state)
{
    struct fixture *fixture = memory_zeroed(1, sizeof *fixture);
    fixture->arena = arena_create(4096);
    strcpy(fixture->folder, "/tmp/handoffd-test-XXXXXX");
    setenv("LC_ALL", "C", 1);
    setenv("HANDOFFD_PLUGIN_PATH", PLUGIN_DIRECTORY, 1);
    *state = fixture;
    return mkdtemp(fixture->folder) == NULL;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    int failed = rmdir(fixture->folder);
    arena_destroy(fixture->arena);
    free(fixture);
    return failed;
}

static void expect_words(const struct fixture *fixture, const char *words)
{
    if (strstr(fixture->error.message, words) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", words, fixture->error.message);
}

static const struct plugin *load(struct fixture *fixture, const char *name, enum plugin_kind kind)
{
    return plugin_load(name, kind, fixture->arena, &fixture->error);
}

static void loads_by_name_from_the_plugin_path(void **state)
{
    const struct plugin *keyword = load(*state, "keyword", PLUGIN_ROUTER);
    assert_non_null(keyword);
    assert_string_equal(keyword->contract.name, "keyword");
    assert_string_equal(keyword->path, PLUGIN_DIRECTORY "/routing/keyword.so");
    const struct plugin *whatsapp = load(*state, "twilio_whatsapp", PLUGIN_CHANNEL);
    assert_non_null(whatsapp);
    assert_string_equal(whatsapp->channel.medium, "WhatsApp");
}

static void loads_the_same_plugin_twice(void **state)
{
    const struct plugin *one = load(*state, "log", PLUGIN_CHANNEL);
    const struct plugin *two = load(*state, "log", PLUGIN_CHANNEL);
    assert_true(one != NULL && two != NULL && one != two);
}

static void loads_a_file_by_its_whole_path(void **state)
{
    unsetenv("HANDOFFD_PLUGIN_PATH");
    assert_non_null(load(*state, PLUGIN_DIRECTORY "/routing/round_robin.so", PLUGIN_ROUTER));
}

static void says_where_it_looked(void **state)
{
    struct fixture *fixture = *state;
    char path[256];
    snprintf(path, sizeof path, "/nowhere:%s::relative", fixture->folder);
    setenv("HANDOFFD_PLUGIN_PATH", path, 1);
    assert_null(load(fixture, "pigeon", PLUGIN_CHANNEL));
    expect_words(fixture, "plugin \"pigeon\" was not found in /nowhere/channel, ");
    expect_words(fixture, fixture->folder);
    expect_words(fixture, "relative/channel, ");
    expect_words(fixture, "/lib/handoffd/channel; put pigeon.so there");
}

static void suggests_the_name_that_was_meant(void **state)
{
    assert_null(load(*state, "keywrod", PLUGIN_ROUTER));
    expect_words(*state, "did you mean \"keyword\"?");
}

static void says_that_a_name_belongs_to_the_other_kind(void **state)
{
    assert_null(load(*state, "log", PLUGIN_ROUTER));
    expect_words(*state, "channel/log.so: is a channel, not a router");
    assert_null(load(*state, "keyword", PLUGIN_CHANNEL));
    expect_words(*state, "routing/keyword.so: is a router, not a channel");
}

static void takes_no_name_that_leads_out_of_the_folders(void **state)
{
    static const char *const names[] = {"../channel/log", "a/b", "", "log.so", "Log", "."};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_null(load(*state, names[i], PLUGIN_CHANNEL));
        expect_words(*state, "names no plugin");
    }
}

static void says_what_the_system_said_of_a_file(void **state)
{
    struct fixture *fixture = *state;
    assert_null(load(fixture, "/nowhere/pigeon.so", PLUGIN_CHANNEL));
    expect_words(fixture, "plugin /nowhere/pigeon.so: cannot be loaded: ");
    char path[128];
    snprintf(path, sizeof path, "%s/pigeon.so", fixture->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("this is no library", file);
    fclose(file);
    assert_null(load(fixture, path, PLUGIN_CHANNEL));
    expect_words(fixture, "cannot be loaded: ");
    unlink(path);
}

static void takes_the_first_folder_that_has_the_name(void **state)
{
    struct fixture *fixture = *state;
    char routing[96];
    char copy[128];
    char path[512];
    snprintf(routing, sizeof routing, "%s/routing", fixture->folder);
    snprintf(copy, sizeof copy, "%s/keyword.so", routing);
    snprintf(path, sizeof path, "%s:%s", fixture->folder, PLUGIN_DIRECTORY);
    setenv("HANDOFFD_PLUGIN_PATH", path, 1);
    assert_int_equal(mkdir(routing, 0700), 0);
    assert_int_equal(symlink(PLUGIN_DIRECTORY "/routing/keyword.so", copy), 0);
    const struct plugin *plugin = load(fixture, "keyword", PLUGIN_ROUTER);
    assert_non_null(plugin);
    assert_string_equal(plugin->path, copy);
    unlink(copy);
    rmdir(routing);
}

struct names {
    char text[256];
};

static void on_name(void *context, const char *name)
{
    struct names *names = context;
    assert_true(strlen(names->text) + strlen(name) + 2 < sizeof names->text);
    strcat(names->text, name);
    strcat(names->text, " ");
}

static int times_in(const char *text, const char *word)
{
    int times = 0;
    for (const char *next = strstr(text, word); next != NULL; next = strstr(next + 1, word))
        times++;
    return times;
}

static void lists_plugins_sorted_and_once(void **state)
{
    (void)state;
    setenv("HANDOFFD_PLUGIN_PATH", PLUGIN_DIRECTORY ":" PLUGIN_DIRECTORY, 1);
    struct names routers = {""};
    plugin_list(PLUGIN_ROUTER, on_name, &routers);
    assert_int_equal(times_in(routers.text, "keyword "), 1);
    assert_int_equal(times_in(routers.text, "round_robin "), 1);
    assert_true(strstr(routers.text, "keyword ") < strstr(routers.text, "round_robin "));
    struct names channels = {""};
    plugin_list(PLUGIN_CHANNEL, on_name, &channels);
    assert_int_equal(times_in(channels.text, "log "), 1);
    assert_null(strstr(channels.text, "keyword"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(loads_by_name_from_the_plugin_path),
        TEST(loads_the_same_plugin_twice),
        TEST(loads_a_file_by_its_whole_path),
        TEST(says_where_it_looked),
        TEST(suggests_the_name_that_was_meant),
        TEST(says_that_a_name_belongs_to_the_other_kind),
        TEST(takes_no_name_that_leads_out_of_the_folders),
        TEST(says_what_the_system_said_of_a_file),
        TEST(takes_the_first_folder_that_has_the_name),
        TEST(lists_plugins_sorted_and_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
