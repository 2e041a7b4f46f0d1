/* test_mask - a provider that repeats the message says nothing of who wrote it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/memory.h"
#include "handoff/mask.h"

static const char *const extra_names[] = {"agente"};
static const char *const extra_values[] = {"sucursal Celaya"};

static const struct handoffd_handoff handoff = {
    .size = sizeof handoff,
    .user_phone = "+5215512345678",
    .user_name = "Li Zacarías",
    .reason = "Quiero un robot, ¡ya!",
    .additional_context = "李明 pagó 1500",
    .conversation_id = "conv_abc123",
    .fields = {(const char **)extra_names, (const char **)extra_values, 1},
};

static int create_arena(void **state)
{
    *state = arena_create(4096);
    return 0;
}

static int destroy_arena(void **state)
{
    log_forget_secrets();
    arena_destroy(*state);
    return 0;
}

static void assert_masked(const char *text, const char *expected, struct arena *arena)
{
    assert_string_equal(mask_text(text, &handoff, "Ana Torres", arena), expected);
}

static void leaves_the_providers_own_words(void **state)
{
    static const char text[] = "The 'To' number is not valid (21211): see https://x/21211.";
    assert_masked(text, text, *state);
    assert_masked("", "", *state);
}

static void takes_out_the_words_of_everybody_in_the_handoff(void **state)
{
    assert_masked("Body 'Li Zacarías: Quiero un robot' is bad", "Body '…: …' is bad", *state);
    assert_masked("to Ana Torres, from CELAYA", "to …, from …", *state);
    assert_masked("李明, conv_abc123, 1500", "…, …_…, …", *state);
    assert_masked("zacarías", "…", *state);
}

static void takes_out_words_that_were_cut(void **state)
{
    assert_masked("Zacar", "…", *state);
    assert_masked("Zacar%C3%ADas", "…%C3%ADas", *state);
    assert_masked("Quie", "…", *state);
    assert_masked("Qui", "Qui", *state);
    assert_masked("Zacaríasson", "Zacaríasson", *state);
}

static void takes_out_numbers_and_secrets_as_a_log_does(void **state)
{
    log_hide("zacarías-token");
    assert_masked("zacarías-token for +52 1 55 1234 5678", "… for …", *state);
    assert_string_equal(mask_text("quiero", &(struct handoffd_handoff){.size = 1}, NULL, *state),
                        "quiero");
}

static void whatever_it_is_given_fits(void **state)
{
    char text[4000] = "";
    while (strlen(text) + 4 < sizeof text)
        memcpy(text + strlen(text), "Li.", sizeof "Li.");
    const char *masked = mask_text(text, &handoff, NULL, *state);
    assert_null(strstr(masked, "Li"));
    assert_true(strlen(masked) > 500);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, create_arena, destroy_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(leaves_the_providers_own_words), TEST(takes_out_the_words_of_everybody_in_the_handoff),
        TEST(takes_out_words_that_were_cut),  TEST(takes_out_numbers_and_secrets_as_a_log_does),
        TEST(whatever_it_is_given_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
