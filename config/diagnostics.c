/* diagnostics - collected as they are found, sorted by place when they are printed. */
#include "config/diagnostics.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/language.h"
#include "base/memory.h"

enum { FIRST_BLOCK_BYTES = 1024 };

struct diagnostic {
    struct mark mark;
    enum severity severity;
    const char *text;
    size_t order; /* of being found: the last word when two stand at the same place */
    struct diagnostic *older;
};

struct diagnostics {
    struct arena *arena;
    struct diagnostic *newest;
    size_t errors;
    size_t warnings;
};

struct diagnostics *diagnostics_create(void)
{
    struct diagnostics *diagnostics = memory_zeroed(1, sizeof *diagnostics);
    diagnostics->arena = arena_create(FIRST_BLOCK_BYTES);
    return diagnostics;
}

void diagnostics_destroy(struct diagnostics *diagnostics)
{
    if (diagnostics == NULL)
        return;
    arena_destroy(diagnostics->arena);
    free(diagnostics);
}

/* Nearly always the same file as before: one copy serves. */
static const char *file_copy(struct diagnostics *diagnostics, const char *file)
{
    const struct diagnostic *newest = diagnostics->newest;
    const char *last = newest != NULL ? newest->mark.file : NULL;
    bool is_same = last != NULL && file != NULL && strcmp(last, file) == 0;
    return is_same ? last : arena_text(diagnostics->arena, file);
}

static void flatten(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = ' ';
}

static void add(struct diagnostics *diagnostics, enum severity severity, struct mark mark,
                char *text)
{
    flatten(text);
    struct diagnostic *added = arena_zeroed(diagnostics->arena, 1, sizeof *added);
    added->mark = mark;
    added->mark.file = file_copy(diagnostics, mark.file);
    added->severity = severity;
    added->text = text;
    added->order = diagnostics->errors + diagnostics->warnings;
    added->older = diagnostics->newest;
    diagnostics->newest = added;
    if (severity == SEVERITY_ERROR)
        diagnostics->errors++;
    else
        diagnostics->warnings++;
}

void diagnostics_error(struct diagnostics *diagnostics, struct mark mark, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vformat(diagnostics->arena, format, arguments);
    va_end(arguments);
    add(diagnostics, SEVERITY_ERROR, mark, text);
}

void diagnostics_warning(struct diagnostics *diagnostics, struct mark mark, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vformat(diagnostics->arena, format, arguments);
    va_end(arguments);
    add(diagnostics, SEVERITY_WARNING, mark, text);
}

size_t diagnostics_errors(const struct diagnostics *diagnostics)
{
    return diagnostics->errors;
}

size_t diagnostics_warnings(const struct diagnostics *diagnostics)
{
    return diagnostics->warnings;
}

static int compare_numbers(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int compare_places(const void *left, const void *right)
{
    const struct diagnostic *a = *(const struct diagnostic *const *)left;
    const struct diagnostic *b = *(const struct diagnostic *const *)right;
    int order = strcmp(a->mark.file ? a->mark.file : "", b->mark.file ? b->mark.file : "");
    if (order == 0)
        order = compare_numbers(a->mark.line, b->mark.line);
    if (order == 0)
        order = compare_numbers(a->mark.column, b->mark.column);
    return order != 0 ? order : compare_numbers(a->order, b->order);
}

static void print_one(const struct diagnostic *diagnostic, FILE *to)
{
    const struct mark *mark = &diagnostic->mark;
    if (mark->file != NULL && mark->line > 0)
        fprintf(to, "%s:%u:%u: ", mark->file, mark->line, mark->column);
    else if (mark->file != NULL)
        fprintf(to, "%s: ", mark->file);
    const char *severity = diagnostic->severity == SEVERITY_ERROR ? in_language("error", "error")
                                                                  : in_language("warning", "aviso");
    fprintf(to, "%s: %s\n", severity, diagnostic->text);
}

void diagnostics_print(const struct diagnostics *diagnostics, FILE *to)
{
    size_t count = diagnostics->errors + diagnostics->warnings;
    const struct diagnostic **sorted = memory_zeroed(count, sizeof(struct diagnostic *));
    for (const struct diagnostic *each = diagnostics->newest; each != NULL; each = each->older)
        sorted[each->order] = each;
    qsort(sorted, count, sizeof(struct diagnostic *), compare_places);
    for (size_t i = 0; i < count; i++)
        print_one(sorted[i], to);
    free(sorted);
}
