/* test_loader_channel - channels of every age of the contract, and what one must have to promise
 * what it promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "plugin/loader.h"

struct fixture {
    struct arena *arena;
    struct error error;
};

static int setup(void **state)
{
    struct fixture *fixture = memory_zeroed(1, sizeof *fixture);
    fixture->arena = arena_create(4096);
    setenv("LC_ALL", "C", 1);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    arena_destroy(fixture->arena);
    free(fixture);
    return 0;
}

static void expect_words(const struct fixture *fixture, const char *words)
{
    if (strstr(fixture->error.message, words) == NULL)
        fail_msg("expected \"%s\" in \"%s\"", words, fixture->error.message);
}

static bool check_to(const char *to, const char *country, char *normal, size_t normal_size,
                     char *error, size_t error_size)
{
    (void)to;
    (void)country;
    (void)error;
    (void)error_size;
    return snprintf(normal, normal_size, "x") == 1;
}

/* Of find too. */
static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    (void)state;
    (void)attempt;
    (void)message;
}

static const struct handoffd_channel sound = {
    .size = sizeof sound,
    .medium = "Pigeon",
    .provider = "Loft",
    .check_to = check_to,
    .deliver = deliver,
};

static const struct plugin *check(struct fixture *fixture, const struct handoffd_channel *channel)
{
    const struct handoffd_plugin contract = {
        HANDOFFD_PLUGIN_HEADER, .name = "sound",    .version = "1.2.3",
        .summary = "a channel", .channel = channel,
    };
    return plugin_check(&contract, "/plugins/sound.so", PLUGIN_CHANNEL, fixture->arena,
                        &fixture->error);
}

/* struct handoffd_channel as it was then, with all that its compiler left in the gaps. */
struct first_channel {
    size_t size;
    const char *medium;
    const char *provider;
    const char *setup_hint;
    uint32_t text_limit;
    uint32_t text_unit;
    const char *markup;
    const char *line_markup;
    bool is_repeat_safe;
    bool (*check_to)(const char *to, const char *country, char *normal, size_t normal_size,
                     char *error, size_t error_size);
    void (*deliver)(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message);
};

static void takes_a_channel_of_the_first_contract_without_what_came_later(void **state)
{
    struct {
        struct first_channel channel;
        char behind[64];
    } first;
    memset(&first, 0xAA, sizeof first);
    first.channel.size = sizeof first.channel;
    first.channel.medium = "Pigeon";
    first.channel.provider = "Loft";
    first.channel.setup_hint = first.channel.markup = first.channel.line_markup = NULL;
    first.channel.text_limit = 0;
    first.channel.is_repeat_safe = true;
    first.channel.check_to = check_to;
    first.channel.deliver = deliver;
    const struct plugin *plugin = check(*state, (const void *)&first.channel);
    assert_non_null(plugin);
    assert_true(plugin->channel.is_repeat_safe);
    assert_true(plugin->channel.deliver == deliver);
    assert_false(plugin->channel.tells_delivery);
    assert_null(plugin->channel.find);
    assert_null(plugin->channel.receive);
    assert_null(plugin->channel.limits);
    assert_null(plugin->channel.other_to);
    assert_null(plugin->channel.explain);
    assert_null(plugin->channel.probe);
}

/* A channel that was compiled when the contract reached up to `size`. */
static void takes_a_channel_of_any_age_in_between(void **state)
{
    struct handoffd_channel whole = sound;
    whole.find = deliver;
    for (size_t size = offsetof(struct handoffd_channel, find); size <= sizeof whole;
         size += sizeof(void *)) {
        CLEANUP(memory_free) struct handoffd_channel *exact = memory_zeroed(1, size);
        memcpy(exact, &whole, size);
        exact->size = size;
        const struct plugin *plugin = check(*state, exact);
        assert_non_null(plugin);
        assert_int_equal(plugin->channel.find != NULL,
                         size > offsetof(struct handoffd_channel, find));
    }
}

static void receive(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer)
{
    (void)state;
    (void)request;
    (void)answer;
}

static void refuses_who_promises_to_tell_and_cannot_hear(void **state)
{
    struct handoffd_channel teller = sound;
    teller.tells_delivery = true;
    assert_null(check(*state, &teller));
    expect_words(*state, "plugin /plugins/sound.so: says channel.tells_delivery, and has neither "
                         "find nor receive");
    teller.find = deliver;
    assert_non_null(check(*state, &teller));
    teller.receive = receive;
    assert_non_null(check(*state, &teller));
    teller.find = NULL;
    assert_non_null(check(*state, &teller));
}

static void refuses_half_a_member(void **state)
{
    struct handoffd_channel cut = sound;
    cut.size = offsetof(struct handoffd_channel, probe) + sizeof(void *) / 2;
    assert_null(check(*state, &cut));
    expect_words(*state, "set its size with sizeof");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(takes_a_channel_of_the_first_contract_without_what_came_later),
        TEST(takes_a_channel_of_any_age_in_between),
        TEST(refuses_who_promises_to_tell_and_cannot_hear),
        TEST(refuses_half_a_member),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
