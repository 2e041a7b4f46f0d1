/* test_log - what a line looks like, and what a stranger's text may not bring into it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/utf8.h"

/* ---- lines */

struct capture {
    FILE *file;
    int kept; /* the real stderr */
    char said[16384];
};

static int setup(void **state)
{
    struct capture *capture = memory_zeroed(1, sizeof *capture);
    capture->file = tmpfile();
    fflush(stderr);
    capture->kept = dup(STDERR_FILENO);
    dup2(fileno(capture->file), STDERR_FILENO);
    log_set_level(LOG_INFO);
    *state = capture;
    return 0;
}

static int teardown(void **state)
{
    struct capture *capture = *state;
    dup2(capture->kept, STDERR_FILENO);
    close(capture->kept);
    fclose(capture->file);
    free(capture);
    return 0;
}

/* What was logged since the test began. */
static const char *said(struct capture *capture)
{
    ssize_t length = pread(fileno(capture->file), capture->said, sizeof capture->said - 1, 0);
    capture->said[length > 0 ? length : 0] = '\0';
    return capture->said;
}

static void writes_a_line_for_each_level(void **state)
{
    log_debug("not by default");
    log_info("WhatsApp handoff notification sent. SID: %s handoff=%s", "SM1", "ho_1");
    log_warning("w=%d", 1);
    log_error("%s", "e");
    log_set_level(LOG_DEBUG);
    log_debug("now");
    log_set_level(LOG_ERROR);
    log_warning("no more");
    log_error("still");
    assert_string_equal(said(*state),
                        "[INFO] WhatsApp handoff notification sent. SID: SM1 handoff=ho_1\n"
                        "[WARNING] w=1\n[ERROR] e\n[DEBUG] now\n[ERROR] still\n");
}

static void cuts_a_line_that_is_too_long_and_still_ends_it(void **state)
{
    char *text = memory_zeroed(5000, 1);
    for (size_t length = 2000; length < 2100; length++) {
        memset(text, 'x', length);
        text[length] = '\0';
        log_info("%s", text);
    }
    free(text);
    const char *line = said(*state);
    for (size_t i = 0; i < 8; i++) {
        size_t length = strcspn(line, "\n");
        assert_int_equal(strncmp(line, "[INFO] xxx", 10), 0);
        assert_true(length <= 2047);
        assert_int_equal(line[length], '\n');
        line += length + 1;
    }
}

/* ---- text from outside */

static void assert_masked(const char *text, const char *expected)
{
    char masked[512];
    assert_ptr_equal(log_masked(masked, sizeof masked, text), masked);
    assert_string_equal(masked, expected);
}

static void takes_out_every_number_that_could_be_a_telephone(void **state)
{
    static const struct {
        const char *text;
        const char *masked;
    } cases[] = {
        {"+5215512345678", "…"},
        {"5512345678", "…"},
        {"1234567", "…"},
        {"whatsapp:+5215512345678", "whatsapp:…"},
        {"The 'To' number whatsapp:+52 155 1234 5678 is not valid",
         "The 'To' number whatsapp:… is not valid"},
        {"call 55-1234-5678, or 55.1234.5678.", "call …, or …."},
        {"(55) 1234 5678", "(…"},
        {"+52 (155) 1234-5678!", "…!"},
        {"tel5512345678", "tel…"},
        {"to=5512345678&from=+14155238886", "to=…&from=…"},
        {"1 2 3 4 5 6 7", "…"},
        {"+52\u00a01\u202f55 1234\u20115678", "…"},
        {"５５１２３４５６７８", "…"},
        {"5512345678 5512345679", "…"},
        {"Juan5512345678Perez", "Juan…Perez"},
        {"ext 5512345678ext", "ext …ext"},
        {"0123456789012345678901234567890123456789", "…"},
        {"+5215512345678\n+5215512345678", "… …"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_masked(cases[i].text, cases[i].masked);
}

static void leaves_what_operators_look_for(void **state)
{
    static const char *const texts[] = {
        "",
        "error 21211: invalid",
        "code=63016 status=400",
        "123456",
        "HTTP 503 after 10000 ms",
        "at 10:05:33",
        "2026-12-25T10:05:33Z",
        "on 2026-12-25",
        "/2010-04-01/Accounts",
        "SM0123456789abcdef0123456789012345",
        "ACffffffff00000000111111112222222a was not found",
        "resource /2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json",
        "MG12345678901234567890123456789012",
        "ho_01234567890123456789012345",
        "ho_8xrhg5q93nqz0pdvqwnzb3gftc vendor=ana",
        "127.0.0.1:8000",
        "ñandú 🤖",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_masked(texts[i], texts[i]);
}

/* What only resembles an id or a date hides nothing. */
static void is_not_deceived_by_what_resembles_an_id(void **state)
{
    static const struct {
        const char *text;
        const char *masked;
    } cases[] = {
        {"SM5512345678", "SM…"},
        {"ho_5512345678", "ho_…"},
        {"xho_01234567890123456789012345", "xho_…"},
        {"2026-12-25 5512345678", "2026-12-25 …"},
        {"2026-12-255512345678", "…"},
        {"5512026-12-25", "…"},
        {"+2026-12-25", "…"},
        {"2055-34-12", "…"},
        {"5512-34-56", "…"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_masked(cases[i].text, cases[i].masked);
}

static void makes_one_line_of_it(void **state)
{
    (void)state;
    assert_masked("a\nb\r\tc\x01\x1f\x7f", "a b  c   ");
    assert_masked("[INFO] fake\n[ERROR] line", "[INFO] fake [ERROR] line");
    assert_masked("e\xc2\x85x\xc2\x9b", "e x "); /* NEL and CSI: control characters too */
}

/* The text goes on into answers and the database: it has to be text. */
static void leaves_valid_text_whatever_comes_in(void **state)
{
    (void)state;
    assert_masked("caf\xe9", "caf?");
    assert_masked("\xf0\x9f\xa4", "???");
    assert_masked("a\xc3\xb1o \xff.", "año ?.");
}

static void cuts_between_characters(void **state)
{
    static const char *const texts[] = {"ñññññññññññññ", "🤖🤖🤖🤖🤖🤖", "a日本日本日本日本",
                                        "1234567 ñ 1234567 ñ 1234567", "plain text that is long"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        for (size_t size = 1; size < 40; size++) {
            char masked[64];
            memset(masked, 'z', sizeof masked);
            log_masked(masked, size, texts[i]);
            assert_true(strlen(masked) < size);
            assert_true(utf8_is_valid(masked, strlen(masked)));
            assert_int_equal(masked[size], 'z');
        }
    }
    char untouched = 'z';
    log_masked(&untouched, 0, "text");
    assert_int_equal(untouched, 'z');
}

/* ---- secrets */

static int forget(void **state)
{
    (void)state;
    log_forget_secrets();
    return 0;
}

static void takes_out_every_secret_wherever_it_stands(void **state)
{
    (void)state;
    char secret[] = "s3cret-token";
    log_hide("s3cret"); /* the beginning of another */
    log_hide(secret);
    memset(secret, 'x', sizeof secret - 1); /* copied */
    log_hide("short");                      /* too short to be told from ordinary words */
    assert_masked("s3cret-token", "…");
    assert_masked("as3cret-tokenb s3cret-toke", "a…b …"); /* cut inside */
    assert_masked("s3cret-tok!", "…-tok!");
    assert_masked("short s3cre", "short s3cre");
    assert_masked("token=s3cret-tokens3cret-token", "token=……");
    log_forget_secrets();
    assert_masked("s3cret-token", "s3cret-token");
}

static void takes_out_a_secret_that_looks_like_an_id_or_a_number(void **state)
{
    (void)state;
    log_hide("0123456789abcdef0123456789abcdef");
    log_hide("12345678901234567890");
    assert_masked("SM0123456789abcdef0123456789abcdef", "SM…");
    assert_masked("key 0123456789abcdef0123456789abcdef.", "key ….");
    assert_masked("a12345678901234567890b", "a…b");
}

static void hides_64_secrets_and_survives_more(void **state)
{
    char secret[32];
    (void)state;
    for (int i = 0; i < 100; i++) {
        snprintf(secret, sizeof secret, "secret-%c%c-x", 'a' + i / 26, 'a' + i % 26);
        log_hide(secret);
    }
    assert_masked("secret-aa-x secret-cl-x secret-cm-x", "… … secret-cm-x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_a_line_for_each_level, setup, teardown),
        cmocka_unit_test_setup_teardown(cuts_a_line_that_is_too_long_and_still_ends_it, setup,
                                        teardown),
        cmocka_unit_test(takes_out_every_number_that_could_be_a_telephone),
        cmocka_unit_test(leaves_what_operators_look_for),
        cmocka_unit_test(is_not_deceived_by_what_resembles_an_id),
        cmocka_unit_test(makes_one_line_of_it),
        cmocka_unit_test(leaves_valid_text_whatever_comes_in),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test_teardown(takes_out_every_secret_wherever_it_stands, forget),
        cmocka_unit_test_teardown(takes_out_a_secret_that_looks_like_an_id_or_a_number, forget),
        cmocka_unit_test_teardown(hides_64_secrets_and_survives_more, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
