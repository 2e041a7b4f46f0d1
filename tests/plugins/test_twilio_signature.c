/* test_twilio_signature - the vectors of Twilio's own SDKs and documents, each a case, and the form
 * that is signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/memory.h"
#include "form.h"
#include "signature.h"

enum { MOST_BYTES = 65536, VECTORS = 16 };

static cJSON *read_vectors(void)
{
    static char text[MOST_BYTES];
    FILE *file = fopen(TWILIO_VECTORS, "rb");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    cJSON *vectors = cJSON_Parse(text);
    assert_int_equal(cJSON_GetArraySize(vectors), VECTORS);
    return vectors;
}

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name)->valuestring;
}

static void write_form(const cJSON *params, struct form *form)
{
    const cJSON *param = NULL;
    cJSON_ArrayForEach(param, params)
    {
        int count = cJSON_IsArray(param) ? cJSON_GetArraySize(param) : 1;
        for (int i = 0; i < count; i++) {
            const cJSON *value = cJSON_IsArray(param) ? cJSON_GetArrayItem(param, i) : param;
            form_add(form, param->string, value->valuestring);
        }
    }
}

/* "twilio-node spec/validation.spec.js (body {})" */
static void find_body(const char *source, char body[256])
{
    const char *start = strstr(source, "(body ");
    snprintf(body, 256, "%s", start != NULL ? start + 6 : "");
    if (start != NULL)
        body[strlen(body) - 1] = '\0';
}

static bool is_right(const cJSON *vector, const char *url, const char *signature)
{
    char body[256];
    struct form form = {0};
    struct parameters parameters;
    write_form(cJSON_GetObjectItemCaseSensitive(vector, "params"), &form);
    find_body(text_of(vector, "src"), body);
    bool is_json = body[0] != '\0';
    const char *posted = is_json || form.bytes == NULL ? body : form.bytes;
    assert_true(parameters_read(posted, strlen(posted), &parameters));
    bool answer = signature_is_right(text_of(vector, "token"), url, &parameters, posted,
                                     strlen(posted), signature);
    parameters_deinit(&parameters);
    form_deinit(&form);
    return answer;
}

static bool has_a_body_of_ours(const cJSON *vector)
{
    return strstr(text_of(vector, "url"), "bodySHA256") == NULL ||
           strstr(text_of(vector, "src"), "(body ") != NULL;
}

static void takes_every_vector(void **state)
{
    (void)state;
    cJSON *vectors = read_vectors();
    const cJSON *vector = NULL;
    size_t without_body = 0;
    cJSON_ArrayForEach(vector, vectors)
    {
        if (!has_a_body_of_ours(vector)) {
            without_body++;
            continue;
        }
        if (!is_right(vector, text_of(vector, "url"), text_of(vector, "signature")))
            fail_msg("%s %s", text_of(vector, "url"), text_of(vector, "signature"));
    }
    assert_int_equal(without_body, 1); /* the next test */
    cJSON_Delete(vectors);
}

static void takes_the_vector_whose_body_stands_with_another(void **state)
{
    (void)state;
    const char *body = "{\"property\": \"value\", \"boolean\": true}";
    const struct parameters none = {0};
    assert_true(signature_is_right(
        "12345",
        "https://mycompany.com/"
        "myapp.php?bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
        &none, body, strlen(body), "y77kIzt2vzLz71DgmJGsen2scGs="));
}

static void refuses_every_vector_with_another_body_or_bit(void **state)
{
    (void)state;
    cJSON *vectors = read_vectors();
    const cJSON *vector = NULL;
    cJSON_ArrayForEach(vector, vectors)
    {
        char url[512];
        char signature[64];
        snprintf(url, sizeof url, "%s&x=1", text_of(vector, "url"));
        assert_false(is_right(vector, url, text_of(vector, "signature")));
        for (size_t i = 0; i < strlen(text_of(vector, "signature")); i++) {
            snprintf(signature, sizeof signature, "%s", text_of(vector, "signature"));
            signature[i] ^= 2;
            assert_false(is_right(vector, text_of(vector, "url"), signature));
        }
        assert_false(is_right(vector, text_of(vector, "url"), ""));
        assert_false(is_right(vector, text_of(vector, "url"), NULL));
    }
    cJSON_Delete(vectors);
}

static void compares_the_hash_of_a_body_that_is_no_form(void **state)
{
    (void)state;
    static const char url[] = "https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256="
                              "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    static const char signature[] = "Ldidvp12m26NI7eqEvxnEpkd9Hc=";
    struct parameters parameters;
    assert_true(parameters_read("{}", 2, &parameters)); /* not signed, and not looked at */
    assert_true(signature_is_right("12345", url, &parameters, "{}", 2, signature));
    assert_false(signature_is_right("12345", url, &parameters, "{ }", 3, signature));
    assert_false(signature_is_right("12345", url, &parameters, "", 0, signature));
    parameters_deinit(&parameters);
}

/* ---- the form */

static void expect_pair(const char *body, size_t length, const char *name, const char *value)
{
    struct parameters parameters;
    assert_true(parameters_read(body, length, &parameters));
    const char *found = parameters_value(&parameters, name);
    if (value == NULL)
        assert_null(found);
    else
        assert_string_equal(found, value);
    parameters_deinit(&parameters);
}

static void decodes_what_a_form_can_hold(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        const char *name;
        const char *value; /* NULL: none */
    } cases[] = {
        {"a=b", "a", "b"},
        {"a=b&c=d", "c", "d"},
        {"a=+x++y+", "a", " x  y "},
        {"a=%2B%20%26%3d%25", "a", "+ &=%"},
        {"a=%c3%B1", "a", "ñ"},
        {"a=%", "a", "%"},
        {"a=%4", "a", "%4"},
        {"a=%4x%zz%", "a", "%4x%zz%"},
        {"a=%%41", "a", "%A"},
        {"a=b=c", "a", "b=c"},
        {"a+b=c", "a b", "c"},
        {"%61=c", "a", "c"},
        {"&&a=b&&", "a", "b"},
        {"a", "a", NULL},
        {"a=", "a", NULL},
        {"a=x%00y", "a", NULL},
        {"a=b&a=b", "a", "b"},
        {"a=b&a=c", "a", NULL},
        {"=b", "", "b"},
        {"", "a", NULL},
        {"ab=c", "a", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_pair(cases[i].body, strlen(cases[i].body), cases[i].name, cases[i].value);
    expect_pair("a=b%4", 3, "a", "b"); /* what is behind the length is not there */
    expect_pair("a=%41", 4, "a", "%4");
}

static void keeps_doubles_and_sorts_by_bytes(void **state)
{
    (void)state;
    static const char *const sorted[] = {"", "A", "a", "a", "a", "aa", "\xC3\xB1"};
    static const char *const values[] = {"e", "1", "", "1", "2", "0", "z"};
    const char body[] = "%c3%b1=z&aa=0&a=2&a=1&A=1&a&=e";
    struct parameters parameters;
    assert_true(parameters_read(body, strlen(body), &parameters));
    assert_int_equal(parameters.count, COUNT_OF(sorted));
    for (size_t i = 0; i < COUNT_OF(sorted); i++) {
        assert_string_equal(parameters.items[i].name.bytes, sorted[i]);
        assert_string_equal(parameters.items[i].value.bytes, values[i]);
    }
    parameters_deinit(&parameters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_vector),
        cmocka_unit_test(takes_the_vector_whose_body_stands_with_another),
        cmocka_unit_test(refuses_every_vector_with_another_body_or_bit),
        cmocka_unit_test(compares_the_hash_of_a_body_that_is_no_form),
        cmocka_unit_test(decodes_what_a_form_can_hold),
        cmocka_unit_test(keeps_doubles_and_sorts_by_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
