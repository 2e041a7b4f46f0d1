/* test_handoff_json - what a body must be to become a handoff, and the sentences for what it is
 * not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/handoff_json.h"
#include "base/memory.h"

#define PHONE         "\"user_phone\":\"+5215512345678\""
#define REASON        "\"reason\":\"cotización\""
/* A body that is right but for what is added. */
#define WITH(members) "{" PHONE "," REASON "," members "}"

struct fixture {
    struct arena *arena;
    struct handoff_json read;
};

static int create_arena(void **state)
{
    struct fixture *fixture = memory_zeroed(1, sizeof *fixture);
    fixture->arena = arena_create(4096);
    *state = fixture;
    return 0;
}

static int destroy_arena(void **state)
{
    struct fixture *fixture = *state;
    arena_destroy(fixture->arena);
    memory_free(state);
    return 0;
}

static enum handoff_json_result read_body(struct fixture *fixture, const char *body)
{
    return handoff_json_read(body, strlen(body), fixture->arena, &fixture->read);
}

static const struct handoffd_handoff *read_fine(struct fixture *fixture, const char *body)
{
    if (read_body(fixture, body) != HANDOFF_JSON_FINE)
        fail_msg("%s: %s", body, fixture->read.detail);
    return &fixture->read.handoff;
}

static void check_malformed(struct fixture *fixture, const char *body, size_t length,
                            const char *detail)
{
    enum handoff_json_result result =
        handoff_json_read(body, length, fixture->arena, &fixture->read);
    if (result != HANDOFF_JSON_MALFORMED)
        fail_msg("not malformed: %s", body);
    assert_int_equal(fixture->read.error_count, 0);
    if (strstr(fixture->read.detail, detail) == NULL)
        fail_msg("%s: \"%s\" lacks \"%s\"", body, fixture->read.detail, detail);
}

static void check_invalid(struct fixture *fixture, const char *body, const char *detail)
{
    if (read_body(fixture, body) != HANDOFF_JSON_INVALID)
        fail_msg("not invalid: %s", body);
    assert_string_equal(fixture->read.detail, detail);
}

/* n times the letter, in the arena. */
static const char *repeated(struct fixture *fixture, char letter, size_t count)
{
    char *text = arena_zeroed(fixture->arena, count + 1, 1);
    memset(text, letter, count);
    return text;
}

static void reads_the_example_of_the_specification(void **state)
{
    const struct handoffd_handoff *handoff =
        read_fine(*state, "{\n"
                          "  \"user_phone\": \"+5215512345678\",\n"
                          "  \"reason\": \"Cliente desea información sobre cotizaciones\",\n"
                          "  \"user_name\": \"Juan Pérez\",\n"
                          "  \"conversation_id\": \"conv_abc123\",\n"
                          "  \"additional_context\": \"El cliente preguntó por robots\"\n"
                          "}\n");
    assert_string_equal(handoff->user_phone, "+5215512345678");
    assert_string_equal(handoff->reason, "Cliente desea información sobre cotizaciones");
    assert_string_equal(handoff->user_name, "Juan Pérez");
    assert_string_equal(handoff->conversation_id, "conv_abc123");
    assert_string_equal(handoff->additional_context, "El cliente preguntó por robots");
    assert_int_equal(handoff->size, sizeof *handoff);
    assert_int_equal(handoff->fields.count, 0);
    assert_null(handoff->id);
}

static void the_phone_is_in_normal_form(void **state)
{
    const struct handoffd_handoff *handoff =
        read_fine(*state, "{\"user_phone\":\" whatsapp:+52 (1) 55-1234.5678\"," REASON "}");
    assert_string_equal(handoff->user_phone, "+5215512345678");
}

static void null_and_empty_and_invisible_mean_absent(void **state)
{
    const struct handoffd_handoff *handoff = read_fine(
        *state, WITH("\"user_name\":null,\"conversation_id\":\"\","
                     "\"additional_context\":\" \\n\\u200b\\u00a0 \",\"x\":null,\"y\":\"\""));
    assert_null(handoff->user_name);
    assert_null(handoff->conversation_id);
    assert_null(handoff->additional_context);
    assert_int_equal(handoff->fields.count, 0);
}

static void texts_are_trimmed_and_otherwise_untouched(void **state)
{
    const struct handoffd_handoff *handoff =
        read_fine(*state, WITH("\"user_name\":\" \\u2066Ana *La Jefa*\\u2069 \","
                               "\"additional_context\":\"\\n uno\\ndos\\t\\ud83d\\ude00\\n\""));
    assert_string_equal(handoff->user_name, "Ana *La Jefa*");
    assert_string_equal(handoff->additional_context, "uno\ndos\t😀");
}

static void keeps_the_other_fields_in_their_order(void **state)
{
    static const struct {
        const char *name, *value;
    } expected[] = {
        {"agente", "Ana"},
        {"total", "12.50"},
        {"pedido", "120210000000000123"},
        {"urgente", "true"},
        {"articulos", "[{\"id\":120210000000000124,\"n\":\"año 1\"},-1e+5,null]"},
        {"User_Name", "otra clave"},
    };
    const struct handoffd_handoff *handoff = read_fine(
        *state,
        WITH("\"agente\":\" Ana \",\"total\":12.50,\"pedido\":120210000000000123,\"urgente\":true,"
             "\"articulos\":[ {\"id\": 120210000000000124, \"n\":\"a\\u00f1o 1\"}, -1e+5, null ],"
             "\"User_Name\":\"otra clave\""));
    assert_int_equal(handoff->fields.count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_string_equal(handoff->fields.names[i], expected[i].name);
        assert_string_equal(handoff->fields.values[i], expected[i].value);
    }
    assert_null(handoff->user_name);
}

static void refuses_a_handoff_without_a_phone(void **state)
{
    static const char detail[] = "user_phone: falta; es obligatorio";
    check_invalid(*state, "{" REASON "}", detail);
    check_invalid(*state, "{\"user_phone\":null," REASON "}", detail);
    check_invalid(*state, "{\"user_phone\":\"\"," REASON "}", detail);
    check_invalid(*state, "{\"user_phone\":\"  \"," REASON "}", detail);
    check_invalid(*state, "{\"USER_PHONE\":\"+5215512345678\"," REASON "}", detail);
}

static void refuses_what_an_agent_writes_when_it_knows_no_phone(void **state)
{
    static const char *const phones[] = {
        "unknown",    "null",      "None",   "N/A", "+",
        "5512345678", "anonymous", "+52 55", "0",   "{{system__caller_id}}"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(phones); i++)
        check_invalid(fixture,
                      arena_format(fixture->arena, "{\"user_phone\":\"%s\"," REASON "}", phones[i]),
                      "user_phone: debe estar en formato internacional, por ejemplo "
                      "+5215512345678");
}

static void refuses_a_blank_reason(void **state)
{
    static const char detail[] = "reason: falta; es obligatorio";
    check_invalid(*state, "{" PHONE "}", detail);
    check_invalid(*state, "{" PHONE ",\"reason\":\" \\t\"}", detail);
    check_invalid(*state, "{" PHONE ",\"reason\":\"\\u200b\\u3164\\u2800\"}", detail);
}

static void refuses_known_fields_that_are_no_text(void **state)
{
    check_invalid(*state, "{\"user_phone\":5215512345678," REASON "}",
                  "user_phone: debe ser texto");
    check_invalid(*state, "{" PHONE ",\"reason\":[\"a\"]}", "reason: debe ser texto");
    check_invalid(*state, WITH("\"user_name\":{\"a\":1}"), "user_name: debe ser texto");
    check_invalid(*state, WITH("\"conversation_id\":7"), "conversation_id: debe ser texto");
    check_invalid(*state, WITH("\"additional_context\":false"),
                  "additional_context: debe ser texto");
}

static void names_every_field_at_fault(void **state)
{
    struct fixture *fixture = *state;
    check_invalid(fixture, "{\"additional_context\":1,\"user_name\":2,\"user_phone\":\"x\"}",
                  "user_phone: debe estar en formato internacional, por ejemplo +5215512345678; "
                  "reason: falta; es obligatorio; user_name: debe ser texto; "
                  "additional_context: debe ser texto");
    assert_int_equal(fixture->read.error_count, 4);
    assert_string_equal(fixture->read.errors[1].field, "reason");
    assert_string_equal(fixture->read.errors[1].message, "falta; es obligatorio");
}

static void refuses_a_key_that_stands_twice(void **state)
{
    check_invalid(*state, WITH(PHONE), "user_phone: viene dos veces");
    check_invalid(*state, WITH("\"user_name\":\"a\",\"user_name\":null,\"user_name\":\"b\""),
                  "user_name: viene dos veces");
    check_invalid(*state, WITH("\"x\":1,\"y\":2,\"x\":1"), "x: viene dos veces");
    check_invalid(*state, WITH("\"re\\u0061son\":\"b\""), "reason: viene dos veces");
}

static void refuses_texts_beyond_their_limit(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *name;
        size_t most;
    } limits[] = {{"user_name", 200}, {"conversation_id", 200}, {"x", 2000}};
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        const char *most = repeated(fixture, 'a', limits[i].most - 1);
        static const char format[] = "{" PHONE "," REASON ",\"%s\":\"%sñ%s\"}";
        read_fine(fixture, arena_format(fixture->arena, format, limits[i].name, most, ""));
        check_invalid(fixture, arena_format(fixture->arena, format, limits[i].name, most, "a"),
                      arena_format(fixture->arena, "%s: pasa de %zu caracteres", limits[i].name,
                                   limits[i].most));
    }
}

static const char *body_with_fields(struct fixture *fixture, size_t count)
{
    const char *body = "{" PHONE "," REASON;
    for (size_t i = 0; i < count; i++)
        body = arena_format(fixture->arena, "%s,\"campo_%zu\":%zu", body, i, i);
    return arena_format(fixture->arena, "%s}", body);
}

static void takes_thirty_two_other_fields_and_no_more(void **state)
{
    struct fixture *fixture = *state;
    const struct handoffd_handoff *handoff = read_fine(fixture, body_with_fields(fixture, 32));
    assert_int_equal(handoff->fields.count, 32);
    assert_string_equal(handoff->fields.values[31], "31");
    check_invalid(fixture, body_with_fields(fixture, 33),
                  "campo_32: sobra; se admiten 32 campos adicionales");
    check_invalid(fixture, body_with_fields(fixture, 500),
                  "campo_32: sobra; se admiten 32 campos adicionales");
}

static void names_of_other_fields_are_shown_short_and_clean(void **state)
{
    struct fixture *fixture = *state;
    const char *name = repeated(fixture, 'n', 101);
    check_invalid(fixture, arena_format(fixture->arena, "{" PHONE "," REASON ",\"%s\":1}", name),
                  "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn…: su nombre es demasiado largo");
    check_invalid(fixture, WITH("\"a\\nb\":1,\"a\\nb\":1"), "a b: viene dos veces");
    check_invalid(fixture, WITH("\"\":1,\"\":1"), "(sin nombre): viene dos veces");
}

static void refuses_bodies_that_are_no_object(void **state)
{
    static const char *const bodies[] = {"[]", "\"texto\"", "12", "null", "true", " [ {} ] "};
    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        check_malformed(*state, bodies[i], strlen(bodies[i]), "debe ser un objeto JSON");
}

static void refuses_an_empty_body(void **state)
{
    check_malformed(*state, "", 0, "está vacío");
    check_malformed(*state, " \r\n\t", 4, "está vacío");
}

static void refuses_what_is_no_json(void **state)
{
    static const char *const bodies[] = {
        "{",
        "}",
        "hola",
        "user_phone=%2B52",
        "{\"a\":1,}",
        "{\"a\":1 \"b\":2}",
        "{'a':1}",
        "{a:1}",
        "{\"a\"}",
        "{\"a\":}",
        "{} {}",
        "{}x",
        "{\"a\":tru}",
        "{\"a\":True}",
        "{\"a\":NaN}",
        "{\"a\":01}",
        "{\"a\":-01}",
        "{\"a\":1.}",
        "{\"a\":-.5}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":0x1}",
        "{\"a\":-}",
        "{\"a\":1.2.3}",
        "{\"a\":\"sin fin",
        "{\"a\":\"\\",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u00g0\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\ud800\\u0041\"}",
        "{\"a\":\"con\nsalto\"}",
        "{\"a\":\"con\ttabulador\"}",
        "{\f\"a\":1}",
        "{\"a\":1}\x01",
        "/* nota */ {}",
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        check_malformed(*state, bodies[i], strlen(bodies[i]), "no es JSON válido (posición ");
}

static void says_where_the_json_goes_wrong(void **state)
{
    check_malformed(*state, "{\"a\":01}", 8, "(posición 6)");
    check_malformed(*state, "{\"a\":1 \"b\":2}", 13, "(posición 8)");
}

static void refuses_what_is_not_utf8(void **state)
{
    static const char *const bodies[] = {
        "{\"a\":\"cotizaci\xf3n\"}",    /* Latin-1 */
        "{\"a\":\"\xc0\xaf\"}",         /* overlong */
        "{\"a\":\"\xed\xa0\x80\"}",     /* a surrogate */
        "{\"a\":\"\xf4\x90\x80\x80\"}", /* beyond U+10FFFF */
        "{\"a\":\"\xe2\x82",            /* cut */
    };
    for (size_t i = 0; i < COUNT_OF(bodies); i++)
        check_malformed(*state, bodies[i], strlen(bodies[i]), "no es UTF-8 válido");
}

static void refuses_the_nul_character(void **state)
{
    static const char raw[] = "{\"a\":\"b\0c\"}";
    check_malformed(*state, raw, sizeof raw - 1, "carácter nulo");
    static const char escaped[] = "{\"a\":\"b\\u0000c\"}";
    check_malformed(*state, escaped, sizeof escaped - 1, "carácter nulo");
    static const char in_key[] = "{\"reason\\u0000\":\"c\"}";
    check_malformed(*state, in_key, sizeof in_key - 1, "carácter nulo");
}

static void takes_an_escaped_backslash_before_u0000(void **state)
{
    const struct handoffd_handoff *handoff = read_fine(*state, WITH("\"x\":\"\\\\u0000\""));
    assert_string_equal(handoff->fields.values[0], "\\u0000");
}

static void refuses_deep_nesting(void **state)
{
    struct fixture *fixture = *state;
    static const char format[] = "{" PHONE "," REASON ",\"x\":%s%s}";
    read_fine(fixture, arena_format(fixture->arena, format, repeated(fixture, '[', 31),
                                    repeated(fixture, ']', 31)));
    const char *deep = arena_format(fixture->arena, format, repeated(fixture, '[', 32),
                                    repeated(fixture, ']', 32));
    check_malformed(fixture, deep, strlen(deep), "más de 32 niveles");
    const char *open = repeated(fixture, '[', 60000);
    check_malformed(fixture, open, strlen(open), "más de 32 niveles");
    read_fine(fixture, WITH("\"x\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\""));
}

static void takes_a_byte_order_mark(void **state)
{
    read_fine(*state, "\xEF\xBB\xBF{" PHONE "," REASON "}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_the_example_of_the_specification, create_arena,
                                        destroy_arena),
        cmocka_unit_test_setup_teardown(the_phone_is_in_normal_form, create_arena, destroy_arena),
        cmocka_unit_test_setup_teardown(null_and_empty_and_invisible_mean_absent, create_arena,
                                        destroy_arena),
        cmocka_unit_test_setup_teardown(texts_are_trimmed_and_otherwise_untouched, create_arena,
                                        destroy_arena),
        cmocka_unit_test_setup_teardown(keeps_the_other_fields_in_their_order, create_arena,
                                        destroy_arena),
        cmocka_unit_test_setup_teardown(refuses_a_handoff_without_a_phone, create_arena,
                                        destroy_arena),
        cmocka_unit_test_setup_teardown(refuses_what_an_agent_writes_when_it_knows_no_phone,
                                        create_arena, destroy_arena),
        cmocka_unit_test_setup_teardown(refuses_a_blank_reason, create_arena, destroy_arena),
        cmocka_unit_test_setup_teardown(refuses_known_fields_that_are_no_text, create_arena,
                                        destroy_arena),
        cmocka_unit_test_setup_teardown(names_every_field_at_fault, create_arena, destroy_arena),
        cmocka_unit_test_setup_teardown(refuses_a_key_that_stands_twice, create_arena,
                                        destroy_arena),
        cmocka_unit_test_setup_teardown(refuses_texts_beyond_their_limit, create_arena,
                                        destroy_arena),
        cmocka_unit_test_setup_teardown(takes_thirty_two_other_fields_and_no_more, create_arena,
                                        destroy_arena),
        cmocka_unit_test_setup_teardown(names_of_other_fields_are_shown_short_and_clean,
                                        create_arena, destroy_arena),
        cmocka_unit_test_setup_teardown(refuses_bodies_that_are_no_object, create_arena,
                                        destroy_arena),
        cmocka_unit_test_setup_teardown(refuses_an_empty_body, create_arena, destroy_arena),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_json, create_arena, destroy_arena),
        cmocka_unit_test_setup_teardown(says_where_the_json_goes_wrong, create_arena,
                                        destroy_arena),
        cmocka_unit_test_setup_teardown(refuses_what_is_not_utf8, create_arena, destroy_arena),
        cmocka_unit_test_setup_teardown(refuses_the_nul_character, create_arena, destroy_arena),
        cmocka_unit_test_setup_teardown(takes_an_escaped_backslash_before_u0000, create_arena,
                                        destroy_arena),
        cmocka_unit_test_setup_teardown(refuses_deep_nesting, create_arena, destroy_arena),
        cmocka_unit_test_setup_teardown(takes_a_byte_order_mark, create_arena, destroy_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
