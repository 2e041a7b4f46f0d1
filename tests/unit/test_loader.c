/* test_loader - which contracts are taken, and what a refusal says. Files are
 * test_loader_files.c's. */
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

/* ---------------------------------------------------------------- a contract in memory */

struct state {
    const char *text;
    int64_t wait_ms;
};

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t ranks[])
{
    (void)state;
    (void)handoff;
    (void)people;
    (void)ranks;
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

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    (void)state;
    (void)attempt;
    (void)message;
}

static const struct handoffd_option rows[] = {
    HANDOFFD_OPTION_TEXT("text", struct state, text, .otherwise = "x"),
    HANDOFFD_OPTION_DURATION("wait", struct state, wait_ms, .otherwise = "8s"),
};

static const struct handoffd_router router = {.size = sizeof(struct handoffd_router), .rank = rank};

static const struct handoffd_channel channel = {
    .size = sizeof(struct handoffd_channel),
    .medium = "Pigeon",
    .provider = "Loft",
    .text_limit = 100,
    .text_unit = HANDOFFD_CODE_POINTS,
    .check_to = check_to,
    .deliver = deliver,
};

static struct handoffd_plugin sound_router(void)
{
    return (struct handoffd_plugin){
        HANDOFFD_PLUGIN_HEADER,
        .name = "sound",
        .version = "1.2.3",
        .summary = "a router",
        .state_size = sizeof(struct state),
        .options = HANDOFFD_OPTIONS(rows),
        .person_size = sizeof(struct state),
        .person_options = HANDOFFD_OPTIONS(rows),
        .router = &router,
    };
}

static struct handoffd_plugin sound_channel(void)
{
    return (struct handoffd_plugin){
        HANDOFFD_PLUGIN_HEADER, .name = "sound",     .version = "1.2.3",
        .summary = "a channel", .channel = &channel,
    };
}

static const struct plugin *check(struct fixture *fixture, const struct handoffd_plugin *contract,
                                  enum plugin_kind kind)
{
    return plugin_check(contract, "/plugins/sound.so", kind, fixture->arena, &fixture->error);
}

static void takes_a_sound_router(void **state)
{
    const struct handoffd_plugin contract = sound_router();
    const struct plugin *plugin = check(*state, &contract, PLUGIN_ROUTER);
    assert_non_null(plugin);
    assert_int_equal(plugin->kind, PLUGIN_ROUTER);
    assert_string_equal(plugin->path, "/plugins/sound.so");
    assert_ptr_equal(plugin->contract.router, &plugin->router);
    assert_null(plugin->contract.channel);
    assert_true(plugin->router.rank == rank);
}

static void takes_a_sound_channel(void **state)
{
    const struct handoffd_plugin contract = sound_channel();
    const struct plugin *plugin = check(*state, &contract, PLUGIN_CHANNEL);
    assert_non_null(plugin);
    assert_int_equal(plugin->kind, PLUGIN_CHANNEL);
    assert_ptr_equal(plugin->contract.channel, &plugin->channel);
    assert_string_equal(plugin->channel.medium, "Pigeon");
}

static void refuses_the_other_kind(void **state)
{
    const struct handoffd_plugin a_router = sound_router();
    assert_null(check(*state, &a_router, PLUGIN_CHANNEL));
    expect_words(*state, "plugin /plugins/sound.so: is a router, not a channel");
    const struct handoffd_plugin a_channel = sound_channel();
    assert_null(check(*state, &a_channel, PLUGIN_ROUTER));
    expect_words(*state, "is a channel, not a router");
}

/* A later minor version: everything is longer, and says so. */
static void takes_the_known_part_of_longer_structs(void **state)
{
    struct {
        struct handoffd_plugin known;
        char later[64];
    } contract = {.known = sound_channel()};
    struct {
        struct handoffd_channel known;
        void (*later)(void);
    } longer = {.known = channel};
    memset(contract.later, 0xAA, sizeof contract.later);
    contract.known.size = sizeof contract;
    contract.known.contract_minor = HANDOFFD_CONTRACT_MINOR + 5;
    contract.known.channel = &longer.known;
    longer.known.size = sizeof longer;
    const struct plugin *plugin = check(*state, &contract.known, PLUGIN_CHANNEL);
    assert_non_null(plugin);
    assert_string_equal(plugin->contract.name, "sound");
    assert_true(plugin->channel.deliver == deliver);
}

static void takes_rows_that_are_longer_than_ours(void **state)
{
    struct longer_row {
        struct handoffd_option known;
        const char *later[2];
    };
    const struct longer_row longer[] = {{.known = rows[0]}, {.known = rows[1]}};
    struct handoffd_plugin contract = sound_router();
    contract.options = (struct handoffd_options){&longer[0].known, 2, sizeof longer[0]};
    assert_non_null(check(*state, &contract, PLUGIN_ROUTER));
}

/* ---- refusals: each row spoils one thing */

static const struct handoffd_router small_router = {.size = 8, .rank = rank};
static const struct handoffd_channel small_channel = {
    .size = offsetof(struct handoffd_channel, deliver)};

static void spoil_version(struct handoffd_plugin *contract)
{
    contract->contract_major = 7;
    contract->contract_minor = 3;
}

static void spoil_size(struct handoffd_plugin *contract)
{
    contract->size = 0;
}

static void spoil_size_a_little(struct handoffd_plugin *contract)
{
    contract->size -= 1;
}

static void spoil_router_size(struct handoffd_plugin *contract)
{
    contract->router = &small_router;
}

static void spoil_channel_size(struct handoffd_plugin *contract)
{
    contract->router = NULL;
    contract->channel = &small_channel;
}

static void spoil_name(struct handoffd_plugin *contract)
{
    contract->name = NULL;
}

static void spoil_letters_of_name(struct handoffd_plugin *contract)
{
    contract->name = "So-und";
}

static void spoil_name_of_file(struct handoffd_plugin *contract)
{
    contract->name = "soun";
}

static void spoil_version_text(struct handoffd_plugin *contract)
{
    contract->version = "";
}

static void spoil_summary(struct handoffd_plugin *contract)
{
    contract->summary = NULL;
}

static void spoil_kind(struct handoffd_plugin *contract)
{
    contract->router = NULL;
}

static void spoil_both_kinds(struct handoffd_plugin *contract)
{
    contract->channel = &channel;
}

static void spoil_state_size(struct handoffd_plugin *contract)
{
    contract->state_size = SIZE_MAX;
}

static void spoil_option_offset(struct handoffd_plugin *contract)
{
    contract->state_size = 8;
}

static void spoil_person_size(struct handoffd_plugin *contract)
{
    contract->person_size = 0;
}

static void spoil_rows(struct handoffd_plugin *contract)
{
    contract->options.items = NULL;
}

static void spoil_row_size(struct handoffd_plugin *contract)
{
    contract->options.item_size = 16;
}

static void spoil_row_alignment(struct handoffd_plugin *contract)
{
    contract->options.item_size += 1;
}

static void names_what_is_wrong(void **state)
{
    static const struct {
        void (*spoil)(struct handoffd_plugin *contract);
        const char *words;
    } cases[] = {
        {spoil_version, "is made for contract 7.3 and this handoffd speaks 1.0"},
        {spoil_size, "says size 0: start it with HANDOFFD_PLUGIN_HEADER"},
        {spoil_size_a_little, "its struct handoffd_plugin has"},
        {spoil_router_size, "its struct handoffd_router has 8 bytes"},
        {spoil_channel_size, "its struct handoffd_channel has"},
        {spoil_name, "its member name is missing"},
        {spoil_letters_of_name, "its name \"So-und\" has other characters"},
        {spoil_name_of_file, "calls itself \"soun\"; its file must be soun.so"},
        {spoil_version_text, "its member version is missing"},
        {spoil_summary, "its member summary is missing"},
        {spoil_kind, "is neither a router nor a channel"},
        {spoil_both_kinds, "is both a router and a channel"},
        {spoil_state_size, "the struct of its options has"},
        {spoil_option_offset, "its options: option \"wait\""},
        {spoil_person_size, "its person_options: option \"text\""},
        {spoil_rows, "the table of its options has no rows"},
        {spoil_row_size, "rows of 16 bytes"},
        {spoil_row_alignment, "write it with HANDOFFD_OPTIONS"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct handoffd_plugin contract = sound_router();
        cases[i].spoil(&contract);
        assert_null(check(*state, &contract, PLUGIN_ROUTER));
        expect_words(*state, cases[i].words);
        expect_words(*state, "plugin /plugins/sound.so: ");
    }
}

static void speaks_spanish_to_who_reads_spanish(void **state)
{
    struct handoffd_plugin contract = sound_router();
    spoil_version(&contract);
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    assert_null(check(*state, &contract, PLUGIN_ROUTER));
    expect_words(*state, "está hecho para el contrato 7.3 y este handoffd habla 1.0");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(takes_a_sound_router),
        TEST(takes_a_sound_channel),
        TEST(refuses_the_other_kind),
        TEST(takes_the_known_part_of_longer_structs),
        TEST(takes_rows_that_are_longer_than_ours),
        TEST(names_what_is_wrong),
        TEST(speaks_spanish_to_who_reads_spanish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
