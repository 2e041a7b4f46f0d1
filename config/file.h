/* file - small files beside vendors.yaml: the .env, and those that hold a secret. */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

enum file_result {
    FILE_READ,
    FILE_MISSING, /* said in `error` too, for those to whom it matters */
    FILE_WRONG    /* said in `error` */
};

/* Appends a whole ordinary file; one longer than the buffer's limit is wrong. The message begins
 * with a verb and does not name the file: "cannot be opened: permission denied". *is_shared (may be
 * NULL): others on this machine may read it, too. */
enum file_result file_read(const char *path, struct buffer *bytes, bool *is_shared,
                           struct error *error) MUST_CHECK;

/* The same of a file that holds a secret: one that others may read is wrong. root's own may be for
 * one group to read, which is then ours. */
enum file_result file_read_secret(const char *path, struct buffer *bytes,
                                  struct error *error) MUST_CHECK;

/* `name` in the folder of the file `beside`; an absolute name is itself. */
const char *file_beside(struct arena *arena, const char *beside, const char *name);

#endif
