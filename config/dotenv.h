/* dotenv - the file `.env`: lines of NAME=VALUE. */
#ifndef CONFIG_DOTENV_H
#define CONFIG_DOTENV_H

#include "base/arena.h"
#include "config/diagnostics.h"
#include "config/file.h"

struct variable {
    const char *name;
    const char *value;
    struct variable *next; /* in the order of the file */
    unsigned line;
};

/* NULL where the file is missing or has none. See environment.h for what a line may be. */
const struct variable *dotenv_read(const char *file, struct arena *arena,
                                   struct diagnostics *diagnostics);

/* How many bytes at the start of `text` are a name: A-Z, a-z, 0-9 and _, no digit first. */
size_t variable_name_length(const char *text);

#endif
