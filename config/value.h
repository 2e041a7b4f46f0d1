/* value - vendors.yaml as a tree of values, each with the line and column where it stands.
 *
 * Values are texts, lists and maps; what type a text has, the reader's option table says, never
 * YAML. Everything lives in the arena that it was read into. */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "config/diagnostics.h"

enum value_kind { VALUE_TEXT, VALUE_LIST, VALUE_MAP };

struct value {
    enum value_kind kind;
    struct mark mark; /* where it starts */

    const char *text;         /* VALUE_TEXT: after ${}; "" where nothing stands */
    bool is_blank;            /* VALUE_TEXT: nothing stands there (or blanks, ~, null unquoted) */
    bool is_from_environment; /* VALUE_TEXT: a ${…} was replaced in it */
    bool is_shared;           /* it stands in a file that others on this machine may read */

    const char *key;      /* as an entry of a map; else NULL */
    struct mark key_mark; /* where that key stands */

    struct value *first; /* VALUE_LIST, VALUE_MAP: the entries, in the order of the file */
    struct value *next;  /* the next entry of the same parent */
    size_t count;
};

/* The entry of a map, or NULL (also where `map` is NULL or no map). */
const struct value *value_get(const struct value *map, const char *key);

/* Reads a file of YAML; NULL when it cannot be read as YAML at all. Every fault is added to
 * `diagnostics`: syntax, a tab, bytes that are not UTF-8, a duplicate key (the first stays in the
 * tree), an anchor, alias, tag or second document (not supported), a text without quotes that goes
 * on in the next line (nearly always a slip), ${NAME} that is not set. At most 1 MB, and 32 levels;
 * an empty file is an empty map. Variables come from the environment, then from a `.env` beside the
 * file. */
const struct value *value_read_file(const char *path, struct arena *arena,
                                    struct diagnostics *diagnostics);

/* The same with the bytes in memory; `path` names them in messages, and its folder holds the
 * `.env`. */
const struct value *value_read_bytes(const char *path, const char *bytes, size_t length,
                                     struct arena *arena, struct diagnostics *diagnostics);

#endif
