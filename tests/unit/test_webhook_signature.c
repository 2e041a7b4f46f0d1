/* test_webhook_signature - the vector of the specification's own libraries, and everything near it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access/replays.h"
#include "access/webhook_signature.h"
#include "base/memory.h"

#define ID       "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define TIME     "1614265330"
#define BODY     "{\"test\": 2432232314}"
#define RIGHT    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define WRONG    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF="
#define SECRET   "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define OTHER    "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
#define MINUTE   (60 * 1000)
#define THEN_MS  (INT64_C(1614265330) * 1000)
#define NO_VALUE NULL

struct sample {
    struct http_header headers[4];
    struct http_request request;
};

static void add(struct sample *sample, const char *name, const char *value)
{
    if (value != NULL)
        sample->headers[sample->request.header_count++] = (struct http_header){name, value};
}

static struct http_request *request_of(struct sample *sample, const char *id, const char *time,
                                       const char *signatures, const char *body)
{
    *sample = (struct sample){0};
    sample->request = (struct http_request){
        .headers = sample->headers, .body = body, .body_length = strlen(body)};
    add(sample, WEBHOOK_ID, id);
    add(sample, WEBHOOK_TIMESTAMP, time);
    add(sample, WEBHOOK_SIGNATURE, signatures);
    return &sample->request;
}

static void knows_who_has_signed(void **state)
{
    static const struct {
        const char *id;
        const char *time;
        const char *signatures;
        const char *body;
        const char *signer;
    } cases[] = {
        {ID, TIME, RIGHT, BODY, "crm"},
        {ID, TIME, WRONG " " RIGHT, BODY, "crm"},
        {ID, TIME, RIGHT " " WRONG, BODY, "crm"},
        {ID, TIME, "v1a,AAAA  " RIGHT, BODY, "crm"},
        {ID, TIME, WRONG, BODY, NULL},
        {ID, TIME, "", BODY, NULL},
        {ID, TIME, "v1," RIGHT, BODY, NULL},
        {ID, TIME, "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY, NULL},
        {ID, TIME, "V1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY, NULL},
        {ID, TIME, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY, NULL},
        {ID, TIME, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE", BODY, NULL},
        {ID "x", TIME, RIGHT, BODY, NULL},
        {ID, "1614265331", RIGHT, BODY, NULL},
        {ID, TIME, RIGHT, BODY " ", NULL},
        {ID, TIME, RIGHT, "", NULL},
        {"", TIME, RIGHT, BODY, NULL},
    };
    struct webhook_secret crm[2];
    struct webhook_secret shop;
    const struct signer signers[] = {{"shop", &shop, 1}, {"crm", crm, 2}};
    (void)state;
    assert_true(webhook_secret_parse(OTHER, &shop));
    assert_true(webhook_secret_parse("whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFC", &crm[0]));
    assert_true(webhook_secret_parse(SECRET, &crm[1]));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sample sample;
        const struct signer *signer = webhook_signer(
            request_of(&sample, cases[i].id, cases[i].time, cases[i].signatures, cases[i].body),
            signers, COUNT_OF(signers));
        if ((signer == NULL) != (cases[i].signer == NULL))
            fail_msg("case %zu: %s", i, signer != NULL ? signer->name : "nobody");
        if (signer != NULL)
            assert_string_equal(signer->name, cases[i].signer);
    }
}

static void looks_at_the_head(void **state)
{
    static const struct {
        const char *id;
        const char *time;
        const char *signatures;
        int64_t now_ms;
        enum webhook_head head;
    } cases[] = {
        {ID, TIME, RIGHT, THEN_MS, WEBHOOK_HEAD_FINE},
        {ID, TIME, RIGHT, THEN_MS + 5 * MINUTE, WEBHOOK_HEAD_FINE},
        {ID, TIME, RIGHT, THEN_MS + 5 * MINUTE + 1, WEBHOOK_HEAD_STALE},
        {ID, TIME, RIGHT, THEN_MS - 5 * MINUTE, WEBHOOK_HEAD_FINE},
        {ID, TIME, RIGHT, THEN_MS - 5 * MINUTE - 1, WEBHOOK_HEAD_STALE},
        {NO_VALUE, TIME, RIGHT, THEN_MS, WEBHOOK_HEAD_WRONG},
        {ID, NO_VALUE, RIGHT, THEN_MS, WEBHOOK_HEAD_WRONG},
        {ID, TIME, NO_VALUE, THEN_MS, WEBHOOK_HEAD_WRONG},
        {"", TIME, RIGHT, THEN_MS, WEBHOOK_HEAD_WRONG},
        {ID, "", RIGHT, THEN_MS, WEBHOOK_HEAD_WRONG},
        {ID, "-1614265330", RIGHT, THEN_MS, WEBHOOK_HEAD_WRONG},
        {ID, "1614265330.5", RIGHT, THEN_MS, WEBHOOK_HEAD_WRONG},
        {ID, "16142653300000", RIGHT, THEN_MS, WEBHOOK_HEAD_WRONG},
        {ID, "999999999999", RIGHT, THEN_MS, WEBHOOK_HEAD_STALE},
        {ID, "0", RIGHT, THEN_MS, WEBHOOK_HEAD_STALE},
        {ID, "now", RIGHT, THEN_MS, WEBHOOK_HEAD_WRONG},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sample sample;
        struct http_request *request =
            request_of(&sample, cases[i].id, cases[i].time, cases[i].signatures, BODY);
        if (webhook_look(request, cases[i].now_ms) != cases[i].head)
            fail_msg("case %zu", i);
    }
}

/* Which of the two was signed, nobody could say. */
static void refuses_a_header_that_stands_twice(void **state)
{
    static const char *const names[] = {WEBHOOK_ID, WEBHOOK_TIMESTAMP, WEBHOOK_SIGNATURE};
    static const char *const values[] = {ID, TIME, RIGHT};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct sample sample;
        request_of(&sample, ID, TIME, RIGHT, BODY);
        add(&sample, names[i], values[i]);
        assert_int_equal(webhook_look(&sample.request, THEN_MS), WEBHOOK_HEAD_WRONG);
    }
}

static void knows_what_is_signed_at_all(void **state)
{
    struct sample sample;
    (void)state;
    assert_true(webhook_is_signed(request_of(&sample, ID, NO_VALUE, NO_VALUE, BODY)));
    assert_true(webhook_is_signed(request_of(&sample, NO_VALUE, TIME, NO_VALUE, BODY)));
    assert_true(webhook_is_signed(request_of(&sample, NO_VALUE, NO_VALUE, RIGHT, BODY)));
    assert_false(webhook_is_signed(request_of(&sample, NO_VALUE, NO_VALUE, NO_VALUE, BODY)));
}

static void refuses_what_is_no_secret(void **state)
{
    static const char *const wrong[] = {
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!",
        "whsec_====",
        "whsec_"
        "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
        "QUFBQUFB",
        "whsec_    QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB", /* what OpenSSL takes, too */
        "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQQ==    ",
        "whsec_QUFBQUFB=UFBQUFBQUFBQUFBQUFBQUFB",
        "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQR==",
    };
    struct webhook_secret secret;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (webhook_secret_parse(wrong[i], &secret))
            fail_msg("\"%s\" was taken", wrong[i]);
    }
    assert_true(webhook_secret_parse("whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQQ==", &secret));
    assert_int_equal(secret.length, 25);
    assert_true(
        webhook_secret_parse("whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
                             "QUFBQUFBQUFBQUFBQUFBQUFBQQ==",
                             &secret));
    assert_int_equal(secret.length, WEBHOOK_SECRET_MOST);
}

/* ---- what was heard already */

static void hears_each_once(void **state)
{
    struct replays *replays = replays_create();
    (void)state;
    assert_true(replays_note(replays, "one", TIME, 0));
    assert_false(replays_note(replays, "one", TIME, 0));
    assert_true(replays_note(replays, "one", "1614265331", 0)); /* sent anew by its sender */
    assert_true(replays_note(replays, "two", TIME, 0));
    assert_false(replays_note(replays, "one", TIME, 10 * MINUTE - 1));
    assert_false(replays_note(replays, "two", TIME, 10 * MINUTE - 1));
    assert_true(replays_note(replays, "one", TIME, 10 * MINUTE));
    assert_true(replays_note(replays, "two", TIME, 10 * MINUTE));
    replays_destroy(replays);
    replays_destroy(NULL);
}

/* Better to refuse than to hear one twice. */
static void refuses_what_it_cannot_remember(void **state)
{
    struct replays *replays = replays_create();
    char id[32];
    (void)state;
    for (int i = 0; i < 100000; i++) {
        snprintf(id, sizeof id, "%d", i);
        assert_true(replays_note(replays, id, TIME, i));
    }
    assert_false(replays_note(replays, "one more", TIME, 100000));
    assert_true(replays_note(replays, "one more", TIME, 10 * MINUTE));
    replays_destroy(replays);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_who_has_signed),
        cmocka_unit_test(looks_at_the_head),
        cmocka_unit_test(refuses_a_header_that_stands_twice),
        cmocka_unit_test(knows_what_is_signed_at_all),
        cmocka_unit_test(refuses_what_is_no_secret),
        cmocka_unit_test(hears_each_once),
        cmocka_unit_test(refuses_what_it_cannot_remember),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
