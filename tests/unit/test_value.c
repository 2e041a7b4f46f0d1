/* test_value - YAML to a tree with places, and every way in which a file can be wrong. */
#include "config_fixture.h"

#include "config/value.h"

static const struct value *read_text(struct fixture *fixture, const char *bytes)
{
    /* Exactly sized, so that the sanitizer sees a read behind the end. */
    size_t length = strlen(bytes);
    char *exact = malloc(length > 0 ? length : 1);
    memcpy(exact, bytes, length);
    const char *path = fixture_path(fixture, "vendors.yaml");
    const struct value *value =
        value_read_bytes(path, exact, length, fixture->arena, fixture->diagnostics);
    free(exact);
    return value;
}

static const char *said_of(struct fixture *fixture, const char *bytes)
{
    read_text(fixture, bytes);
    return fixture_said(fixture);
}

static void assert_mark(struct mark mark, unsigned line, unsigned column)
{
    assert_int_equal(mark.line, line);
    assert_int_equal(mark.column, column);
}

static void reads_a_tree_with_places(void **state)
{
    struct fixture *fixture = *state;
    const struct value *root = read_text(fixture, "# a comment\n"
                                                  "company:\n"
                                                  "  name: Robótica del Bajío\n"
                                                  "vendors:\n"
                                                  "  - {id: añá, notify: [x, 'y z']}\n"
                                                  "  - id: \"luis\"\n"
                                                  "message: |\n"
                                                  "  line one\n"
                                                  "  line two\n");
    assert_string_equal(fixture_said(fixture), "");
    assert_int_equal(root->kind, VALUE_MAP);
    assert_int_equal(root->count, 3);
    assert_mark(root->mark, 2, 1);
    const struct value *name = value_get(value_get(root, "company"), "name");
    assert_string_equal(name->text, "Robótica del Bajío");
    assert_mark(name->mark, 3, 9);
    assert_mark(name->key_mark, 3, 3);
    const struct value *vendors = value_get(root, "vendors");
    assert_int_equal(vendors->kind, VALUE_LIST);
    assert_int_equal(vendors->count, 2);
    const struct value *notify = value_get(vendors->first, "notify");
    assert_mark(notify->key_mark, 5, 15); /* in characters, not bytes */
    assert_string_equal(notify->first->next->text, "y z");
    assert_string_equal(value_get(vendors->first->next, "id")->text, "luis");
    assert_null(vendors->first->next->next);
    assert_string_equal(value_get(root, "message")->text, "line one\nline two\n");
}

static void finds_no_entry_where_there_is_no_map(void **state)
{
    struct fixture *fixture = *state;
    const struct value *root = read_text(fixture, "a: text\n");
    assert_null(value_get(NULL, "a"));
    assert_null(value_get(root, "b"));
    assert_null(value_get(value_get(root, "a"), "b"));
}

static void leaves_types_to_the_reader(void **state)
{
    struct fixture *fixture = *state;
    static const char *const texts[] = {"yes",    "0x10", "1e3", "2024-01-01",
                                        "+1 512", "010",  "true"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const char *yaml = arena_format(fixture->arena, "a: %s\n", texts[i]);
        const struct value *text = value_get(read_text(fixture, yaml), "a");
        assert_int_equal(text->kind, VALUE_TEXT);
        assert_string_equal(text->text, texts[i]);
        assert_false(text->is_blank);
    }
}

static void knows_where_nothing_stands(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *yaml;
        bool is_blank;
        bool is_from_environment;
    } cases[] = {
        {"a:\n", true, false},
        {"a: ~\n", true, false},
        {"a: null\n", true, false},
        {"a: ''\n", true, false},
        {"a: \"  \"\n", true, false},
        {"a: 'null'\n", false, false},
        {"a: '~'\n", false, false},
        {"a: ${T_ABSENT:-}\n", true, true},
        {"a: \"${T_ABSENT:-}\"\n", true, true},
        {"a: ${T_ABSENT:-null}\n", false, true},
        {"a: x${T_ABSENT:-}\n", false, true},
        {"a: $${T_ABSENT}\n", false, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct value *value = value_get(read_text(fixture, cases[i].yaml), "a");
        assert_int_equal(value->is_blank, cases[i].is_blank);
        assert_int_equal(value->is_from_environment, cases[i].is_from_environment);
        if (value->is_blank)
            assert_string_equal(value->text, "");
        assert_string_equal(fixture_said(fixture), "");
    }
}

static void replaces_variables_in_values_only(void **state)
{
    struct fixture *fixture = *state;
    setenv("T_LIST", "[a, b]: *c", 1);
    const struct value *root = read_text(fixture, "${T_LIST}: ${T_LIST}\n"
                                                  "list: ['${T_LIST}', \"${T_NOT:-x}\"]\n"
                                                  "block: |\n"
                                                  "  ${T_LIST} {cliente}\n");
    assert_string_equal(fixture_said(fixture), "");
    assert_string_equal(value_get(root, "${T_LIST}")->text, "[a, b]: *c");
    const struct value *list = value_get(root, "list");
    assert_string_equal(list->first->text, "[a, b]: *c");
    assert_string_equal(list->first->next->text, "x");
    assert_string_equal(value_get(root, "block")->text, "[a, b]: *c {cliente}\n");
    unsetenv("T_LIST");
}

static void reads_the_env_file_beside_it(void **state)
{
    struct fixture *fixture = *state;
    fixture_file(fixture, ".env", "T_FROM=whatsapp:+14155238886\n");
    const char *path = fixture_file(fixture, "vendors.yaml", "from: ${T_FROM}\nto: ${T_TO}\n");
    const struct value *root = value_read_file(path, fixture->arena, fixture->diagnostics);
    assert_string_equal(value_get(root, "from")->text, "whatsapp:+14155238886");
    assert_string_equal(value_get(root, "to")->text, "");
    assert_string_equal(fixture_said(fixture),
                        "vendors.yaml:2:5: error: the variable T_TO is not set: set it in the "
                        "environment or in .env, or write ${T_TO:-} where it may be absent\n");
}

static void takes_files_as_windows_writes_them(void **state)
{
    struct fixture *fixture = *state;
    const struct value *root =
        read_text(fixture, "\xef\xbb\xbf"
                           "a: ñ\r\nb:\r\n  - x\r\nc: |\r\n  one\r\n  two\r\n");
    assert_string_equal(fixture_said(fixture), "");
    assert_mark(value_get(root, "a")->mark, 1, 4);
    assert_mark(value_get(root, "b")->first->mark, 3, 5);
    assert_string_equal(value_get(root, "c")->text, "one\ntwo\n");
}

static void reads_an_empty_file_as_an_empty_map(void **state)
{
    struct fixture *fixture = *state;
    static const char *const texts[] = {"", "\n\n", "# nothing\n", "---\n...\n", "\xef\xbb\xbf"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const struct value *root = read_text(fixture, texts[i]);
        assert_string_equal(fixture_said(fixture), "");
        assert_non_null(root);
        assert_null(value_get(root, "a"));
        assert_true(root->kind == VALUE_MAP || root->is_blank);
    }
}

/* ---------------------------------------------------------------- what is refused */

struct fault {
    const char *yaml;
    const char *said;
};

static void assert_faults(struct fixture *fixture, const struct fault *faults, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *said = said_of(fixture, faults[i].yaml);
        if (strncmp(said, faults[i].said, strlen(faults[i].said)) != 0 ||
            strchr(said, '\n') != strrchr(said, '\n'))
            fail_msg("%s\nsaid: %s\nnot:  %s", faults[i].yaml, said, faults[i].said);
    }
}

static void tells_of_syntax_in_words(void **state)
{
    struct fixture *fixture = *state;
    static const struct fault faults[] = {
        {"a:\n\tb: 1\n", "vendors.yaml:2:1: error: a tab at line 2; YAML wants spaces\n"},
        {"a:\n  - id: x\n \tname: y\n",
         "vendors.yaml:3:2: error: a tab at line 3; YAML wants spaces\n"},
        {"a: >\n\tx\n", "vendors.yaml:2:1: error: a tab at line 2; YAML wants spaces\n"},
        {"a: b\n\xc2\xa0 c: d\n", "vendors.yaml:2:1: error: a no-break space at line 2"},
        {"a: b\nc: \"x\nd: e\n",
         "vendors.yaml:2:4: error: the quote that opens here is never closed\n"},
        {"a: 'x\n---\n", "vendors.yaml:1:4: error: the quote that opens here is never closed\n"},
        {"a: \"C:\\path\"\n", "vendors.yaml:1:7: error: inside \"…\" a backslash"},
        {"a: b\nc\nd: e\n", "vendors.yaml:2:1: error: this line needs a \":\""},
        {"a: hola: mundo\n", "vendors.yaml:1:8: error: a \":\" is not expected here"},
        {"a: b\n c: d\n", "vendors.yaml:2:3: error: a \":\" is not expected here"},
        {"a: \"x\" y\n", "vendors.yaml:1:8: error: this does not fit the lines above"},
        {"a:\n  b: 1\n c: 2\n", "vendors.yaml:3:2: error: this does not fit the lines above"},
        {"- a\nb: c\n", "vendors.yaml:2:1: error: this does not fit the list above"},
        {"a: [x, y\nb: 2\n", "vendors.yaml:1:4: error: in the list that opens here with [ a comma"},
        {"a: {x: 1\nb: 2\n",
         "vendors.yaml:1:4: error: in the group that opens here with { a comma"},
        {"a: [x,,y]\n", "vendors.yaml:1:7: error: a value is missing here\n"},
        {"a: ]\n", "vendors.yaml:1:4: error: a value is missing here;"},
        {"a: @x\n",
         "vendors.yaml:1:4: error: a text that begins with %, @ or ` must be in quotes\n"},
        {"%x\na: b\n", "vendors.yaml:1:1: error: a line cannot begin with %\n"},
        {"a: | x\n  y\n", "vendors.yaml:1:6: error: after | or > nothing may follow"},
        {"a: - b\n",
         "vendors.yaml:1:4: error: a list written with \"- \" begins on a line of its own"},
        {"a: ? b\n", "vendors.yaml:1:4: error: a text that begins with ? must be in quotes\n"},
        {"a: !x!y z\n", "vendors.yaml:1:4: error: a text that begins with ! must be in quotes\n"},
        {"a: *\n", "vendors.yaml:1:4: error: a text that begins with * must be in quotes\n"},
        {"a: & b\n", "vendors.yaml:1:4: error: a text that begins with & must be in quotes\n"},
        {"a: {b: ${T_X:-}, c: 1}\n",
         "vendors.yaml:1:8: error: inside [ ] and { } a ${…} must be in quotes: \"${NAME}\"\n"},
        {"a: [${T_X}]\n", "vendors.yaml:1:5: error: inside [ ] and { } a ${…} must be in quotes"},
    };
    assert_faults(fixture, faults, COUNT_OF(faults));
}

static void tells_of_syntax_in_spanish(void **state)
{
    struct fixture *fixture = *state;
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    static const struct fault faults[] = {
        {"a:\n\tb: 1\n",
         "vendors.yaml:2:1: error: hay un tabulador en la línea 2; YAML quiere espacios\n"},
        {"a: \"x\n", "vendors.yaml:1:4: error: las comillas que abren aquí nunca se cierran\n"},
        {"a: 1\na: 2\n",
         "vendors.yaml:2:1: error: \"a\" está aquí por segunda vez; la primera, en la línea 1\n"},
        {"a: ni\xf1o\n",
         "vendors.yaml:1:6: error: el byte 0xF1 no es UTF-8 (en Latin-1 sería \"ñ\"): guarda "
         "el archivo como UTF-8 en tu editor\n"},
    };
    assert_faults(fixture, faults, COUNT_OF(faults));
}

static void refuses_what_it_does_not_want_of_yaml(void **state)
{
    struct fixture *fixture = *state;
    static const struct fault faults[] = {
        {"a: &x y\n", "vendors.yaml:1:4: error: anchors (&name) are not supported here"},
        {"a: &x [y]\n", "vendors.yaml:1:4: error: anchors (&name) are not supported here"},
        {"a: &x {y: z}\n", "vendors.yaml:1:4: error: anchors (&name) are not supported here"},
        {"a: *Nuevo\n", "vendors.yaml:1:4: error: aliases (*name) are not supported here"},
        {"a: *Nuevo cliente*\n", "vendors.yaml:1:4: error: aliases (*name) are not supported here"},
        {"*a : b\n", "vendors.yaml:1:1: error: aliases (*name) are not supported here"},
        {"a: !!int 5\n", "vendors.yaml:1:4: error: tags (!name) are not supported here"},
        {"a: !urgente\n", "vendors.yaml:1:4: error: tags (!name) are not supported here"},
        {"a: b\n---\nc: d\n",
         "vendors.yaml:2:1: error: a second document begins here: delete the line ---\n"},
        {"a: {{x}}\n", "vendors.yaml:1:5: error: a plain name must stand before the \":\""},
        {"? [a]\n: b\n", "vendors.yaml:1:3: error: a plain name must stand before the \":\""},
        {"'': b\n", "vendors.yaml:1:1: error: a plain name must stand before the \":\""},
        {"a: \"x\\0y\"\n", "vendors.yaml:1:4: error: a text cannot hold the character \\0\n"},
        {"a:\n - x\n  - y\n",
         "vendors.yaml:2:4: error: for YAML this text goes on in the next line"},
    };
    assert_faults(fixture, faults, COUNT_OF(faults));
}

static void refuses_bytes_that_are_not_text(void **state)
{
    struct fixture *fixture = *state;
    static const struct fault faults[] = {
        {"a: b\nñ: ni\xf1o\n",
         "vendors.yaml:2:6: error: the byte 0xF1 is not UTF-8 (in Latin-1 it would be "
         "\"ñ\"): save the file as UTF-8 in your editor\n"},
        {"a: \x93x\x94\n", "vendors.yaml:1:4: error: the byte 0x93 is not UTF-8: save the file"},
        {"a: b\r\nc: \xe9", "vendors.yaml:2:4: error: the byte 0xE9 is not UTF-8"},
        {"a: b\rc: \xe9", "vendors.yaml:2:4: error: the byte 0xE9 is not UTF-8"},
        {"\xff\xfe"
         "a",
         "vendors.yaml:1:1: error: the file is UTF-16"},
        {"\xfe\xff", "vendors.yaml:1:1: error: the file is UTF-16"},
        {"a: \x07\n",
         "vendors.yaml:1:4: error: an invisible character (U+0007) stands here: delete it\n"},
        {"a: x\xe2\x80\xa8y\n",
         "vendors.yaml:1:5: error: an invisible character (U+2028) stands here"},
        {"a: \xc2\x85\n", "vendors.yaml:1:4: error: an invisible character (U+0085) stands here"},
        {"a: \xef\xbb\xbf\n",
         "vendors.yaml:1:4: error: an invisible character (U+FEFF) stands here"},
    };
    assert_faults(fixture, faults, COUNT_OF(faults));
}

static void refuses_bytes_with_zeros(void **state)
{
    struct fixture *fixture = *state;
    const char *path = fixture_path(fixture, "vendors.yaml");
    assert_null(value_read_bytes(path, "a\0:\0 \0", 6, fixture->arena, fixture->diagnostics));
    assert_non_null(strstr(fixture_said(fixture), "vendors.yaml:1:1: error: the file is UTF-16"));
    assert_null(value_read_bytes(path, "a: \0", 4, fixture->arena, fixture->diagnostics));
    assert_non_null(
        strstr(fixture_said(fixture), "vendors.yaml:1:4: error: an invisible character"));
}

static void refuses_a_key_that_is_there_twice(void **state)
{
    struct fixture *fixture = *state;
    const struct value *root = read_text(fixture, "a: 1\nb: {c: 2, c: 3}\nd: 4\na: 5\na: 6\n");
    assert_int_equal(root->count, 3);
    assert_string_equal(value_get(root, "a")->text, "1");
    assert_string_equal(value_get(root, "d")->text, "4");
    assert_string_equal(
        fixture_said(fixture),
        "vendors.yaml:2:11: error: \"c\" is here a second time; the first is on line 2\n"
        "vendors.yaml:4:1: error: \"a\" is here a second time; the first is on line 1\n"
        "vendors.yaml:5:1: error: \"a\" is here a second time; the first is on line 1\n");
}

static void tells_of_everything_at_once(void **state)
{
    struct fixture *fixture = *state;
    fixture_file(fixture, ".env", "bad line\n");
    assert_non_null(read_text(fixture, "a: *x\nb: ${T_NOT}\nc: 1\nc: ${T_NOT\nd: !y z\n"));
    assert_int_equal(diagnostics_errors(fixture->diagnostics), 6);
    const char *said = fixture_said(fixture);
    static const char *const starts[] = {
        ".env:1:1: ",         "vendors.yaml:1:4: ", "vendors.yaml:2:4: ",
        "vendors.yaml:4:1: ", "vendors.yaml:4:4: ", "vendors.yaml:5:4: "};
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        assert_int_equal(strncmp(said, starts[i], strlen(starts[i])), 0);
        said = strchr(said, '\n') + 1;
    }
}

static const char *nested(struct fixture *fixture, size_t levels)
{
    char *text = arena_zeroed(fixture->arena, 2 * levels + 1, 1);
    memset(text, '[', levels);
    memset(text + levels, ']', levels);
    return text;
}

static void bounds_the_depth(void **state)
{
    struct fixture *fixture = *state;
    assert_non_null(read_text(fixture, nested(fixture, 32)));
    assert_string_equal(fixture_said(fixture), "");
    assert_null(read_text(fixture, nested(fixture, 33)));
    assert_string_equal(fixture_said(fixture),
                        "vendors.yaml:1:33: error: this is nested more than 32 levels deep\n");
    assert_null(read_text(fixture, nested(fixture, 300000)));
}

static void bounds_the_size(void **state)
{
    struct fixture *fixture = *state;
    size_t size = 1024 * 1024 + 1;
    char *bytes = arena_zeroed(fixture->arena, size + 1, 1);
    memset(bytes, '\n', size);
    assert_null(read_text(fixture, bytes));
    assert_string_equal(fixture_said(fixture),
                        "vendors.yaml: error: is too large: more than 1024 KB\n");
    const char *path = fixture_file(fixture, "vendors.yaml", bytes);
    assert_null(value_read_file(path, fixture->arena, fixture->diagnostics));
    assert_string_equal(fixture_said(fixture),
                        "vendors.yaml: error: is too large: more than 1024 KB\n");
}

static void says_why_a_file_cannot_be_read(void **state)
{
    struct fixture *fixture = *state;
    const char *missing = fixture_path(fixture, "vendors.yaml");
    assert_null(value_read_file(missing, fixture->arena, fixture->diagnostics));
    assert_string_equal(fixture_said(fixture),
                        "vendors.yaml: error: cannot be read: there is no such file\n");
    assert_null(value_read_file("/", fixture->arena, fixture->diagnostics));
    assert_string_equal(fixture_said(fixture),
                        "/: error: cannot be read: it is not an ordinary file\n");
}

static void is_quick_with_a_large_map(void **state)
{
    struct fixture *fixture = *state;
    enum { KEYS = 100000 };
    char *yaml = arena_zeroed(fixture->arena, KEYS + 1, 10);
    for (size_t i = 0; i < KEYS; i++)
        snprintf(yaml + i * 10, 11, "k%06zu: \n", i);
    assert_int_equal(read_text(fixture, yaml)->count, KEYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(reads_a_tree_with_places),
        FIXTURE_TEST(finds_no_entry_where_there_is_no_map),
        FIXTURE_TEST(leaves_types_to_the_reader),
        FIXTURE_TEST(knows_where_nothing_stands),
        FIXTURE_TEST(replaces_variables_in_values_only),
        FIXTURE_TEST(reads_the_env_file_beside_it),
        FIXTURE_TEST(takes_files_as_windows_writes_them),
        FIXTURE_TEST(reads_an_empty_file_as_an_empty_map),
        FIXTURE_TEST(tells_of_syntax_in_words),
        FIXTURE_TEST(tells_of_syntax_in_spanish),
        FIXTURE_TEST(refuses_what_it_does_not_want_of_yaml),
        FIXTURE_TEST(refuses_bytes_that_are_not_text),
        FIXTURE_TEST(refuses_bytes_with_zeros),
        FIXTURE_TEST(refuses_a_key_that_is_there_twice),
        FIXTURE_TEST(tells_of_everything_at_once),
        FIXTURE_TEST(bounds_the_depth),
        FIXTURE_TEST(bounds_the_size),
        FIXTURE_TEST(says_why_a_file_cannot_be_read),
        FIXTURE_TEST(is_quick_with_a_large_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
