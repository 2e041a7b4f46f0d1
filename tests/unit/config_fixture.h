/* config_fixture - what the tests of config/ share: an arena, a list of diagnostics, and its text.
 */
#ifndef TESTS_CONFIG_FIXTURE_H
#define TESTS_CONFIG_FIXTURE_H

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

#include "base/arena.h"
#include "base/memory.h"
#include "config/diagnostics.h"

struct fixture {
    struct arena *arena;
    struct diagnostics *diagnostics;
    char folder[64]; /* empty, the test's own; removed with the files that fixture_file wrote */
    const char *files[8];
    size_t file_count;
};

static inline int fixture_setup(void **state)
{
    struct fixture *fixture = memory_zeroed(1, sizeof *fixture);
    fixture->arena = arena_create(4096);
    fixture->diagnostics = diagnostics_create();
    strcpy(fixture->folder, "/tmp/handoffd-test-XXXXXX");
    setenv("LC_ALL", "C", 1);
    *state = fixture;
    umask(077); /* it may hold secrets */
    return mkdtemp(fixture->folder) == NULL;
}

static inline int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < fixture->file_count; i++)
        unlink(fixture->files[i]);
    int failed = rmdir(fixture->folder);
    arena_destroy(fixture->arena);
    diagnostics_destroy(fixture->diagnostics);
    free(fixture);
    return failed;
}

/* Its path in the test's folder. */
static inline const char *fixture_path(struct fixture *fixture, const char *name)
{
    return arena_format(fixture->arena, "%s/%s", fixture->folder, name);
}

static inline const char *fixture_file(struct fixture *fixture, const char *name, const char *bytes)
{
    const char *path = fixture_path(fixture, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, strlen(bytes), file), strlen(bytes));
    assert_int_equal(fclose(file), 0);
    assert_true(fixture->file_count < COUNT_OF(fixture->files));
    fixture->files[fixture->file_count++] = path;
    return path;
}

/* All that diagnostics_print writes; the list is empty afterwards. The test's folder is left out of
 * it. */
static inline const char *fixture_said(struct fixture *fixture)
{
    char *printed = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&printed, &length);
    diagnostics_print(fixture->diagnostics, memory);
    fclose(memory);
    diagnostics_destroy(fixture->diagnostics);
    fixture->diagnostics = diagnostics_create();
    char *said = arena_zeroed(fixture->arena, length + 1, 1);
    char *to = said;
    size_t folder_length = strlen(fixture->folder);
    for (const char *from = printed; *from != '\0';) {
        if (strncmp(from, fixture->folder, folder_length) == 0 && from[folder_length] == '/')
            from += folder_length + 1;
        else
            *to++ = *from++;
    }
    free(printed);
    return said;
}

#define FIXTURE_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

#endif
