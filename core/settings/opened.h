/* opened - what a start opens, and no reload moves: a copy, as its settings may be gone. */
#ifndef SETTINGS_OPENED_H
#define SETTINGS_OPENED_H

#include "base/buffer.h"
#include "settings/settings.h"

struct opened {
    char *listen;
    char *control;
    char *store;
    int64_t connections;
};

struct opened opened_of(const struct settings *settings);
void opened_deinit(struct opened *opened);

/* A line for each key that `settings` has otherwise, and that waits for the next start. */
void opened_name_what_stays(const struct opened *opened, const struct settings *settings,
                            struct buffer *verdict);

#endif
