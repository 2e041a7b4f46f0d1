/* test_command_plugins - what `handoffd plugins NAME` tells of one.
 *
 * SOUND_DIRECTORY, a compile definition, is the folder of the suite's own plugins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "command/command.h"

enum { MOST_OUTPUT = 8192 };

/* What it prints; the exit code is checked. */
static void run_command(const char *name, int code, char said[MOST_OUTPUT])
{
    char *arguments[] = {memory_text("plugins"), memory_text(name), NULL};
    FILE *file = tmpfile();
    assert_non_null(file);
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    dup2(fileno(file), STDOUT_FILENO);
    int answered = command_plugins(NULL, 2, arguments);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    rewind(file);
    said[fread(said, 1, MOST_OUTPUT - 1, file)] = '\0';
    fclose(file);
    free(arguments[0]);
    free(arguments[1]);
    assert_int_equal(answered, code);
}

static int setup(void **state)
{
    (void)state;
    setenv("LC_ALL", "C", 1);
    return setenv("HANDOFFD_PLUGIN_PATH", SOUND_DIRECTORY, 1);
}

static void expect_behind_the_path(const char *said, const char *expected)
{
    const char *behind = strstr(said, ".so\n");
    assert_non_null(behind);
    assert_string_equal(behind + 4, expected);
}

static void tells_what_a_channel_can_do_in_a_line_each(void **state)
{
    (void)state;
    char said[MOST_OUTPUT];
    run_command("pigeon", 0, said);
    assert_non_null(strstr(said, "pigeon 1.0.0 (channel): for the tests\n"));
    expect_behind_the_path(
        said, "  can:\n"
              "    find - asks the provider what became of a message\n"
              "    callbacks - the provider calls back, where server: has a public_url\n"
              "    delivery - tells whether a message arrived\n"
              "    limits - knows how much the provider takes\n"
              "    addresses - knows that one person may have two\n"
              "    codes - says what to do about the provider's error codes\n"
              "    probe - handoffd check --online asks the provider whether all is set up\n"
              "  options:\n"
              "    token: text, secret (or token_file), default s3cret\n"
              "    outcomes: map of texts - what a code means\n");
}

static void tells_it_in_spanish(void **state)
{
    (void)state;
    char said[MOST_OUTPUT];
    setenv("LC_ALL", "es_MX.UTF-8", 1);
    run_command("pigeon", 0, said);
    expect_behind_the_path(
        said, "  puede:\n"
              "    consulta - pregunta al proveedor qué fue de un mensaje\n"
              "    avisos - el proveedor avisa, si server: tiene public_url\n"
              "    entrega - dice si un mensaje llegó\n"
              "    límites - sabe cuánto acepta el proveedor\n"
              "    direcciones - sabe que una persona puede tener dos\n"
              "    códigos - dice qué hacer ante los códigos de error del proveedor\n"
              "    prueba - handoffd check --online pregunta al proveedor si todo está en orden\n"
              "  opciones:\n"
              "    token: texto, secreto (o token_file), por omisión s3cret\n"
              "    outcomes: mapa de textos - qué significa un código\n");
}

static void says_nothing_of_what_a_channel_cannot_do(void **state)
{
    (void)state;
    char said[MOST_OUTPUT];
    run_command("first_contract", 0, said);
    expect_behind_the_path(said, "");
}

static void says_no_where_there_is_no_such_plugin(void **state)
{
    (void)state;
    char said[MOST_OUTPUT];
    run_command("dove", 1, said);
    assert_string_equal(said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(tells_what_a_channel_can_do_in_a_line_each, setup),
        cmocka_unit_test_setup(tells_it_in_spanish, setup),
        cmocka_unit_test_setup(says_nothing_of_what_a_channel_cannot_do, setup),
        cmocka_unit_test_setup(says_no_where_there_is_no_such_plugin, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
