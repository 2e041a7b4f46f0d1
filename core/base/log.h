/* log - one line for each change of state, on stderr: `[INFO] what happened key=value key=value`.
 *
 * A line never holds a phone number, a name, a reason or a secret: callers pass ids, and text that
 * came from outside goes through log_masked first. Only the loop thread and start-up log. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>

enum log_level {
    LOG_DEBUG,
    LOG_INFO,
    LOG_WARNING,
    LOG_ERROR /* somebody must act */
};

/* Lines below this level are dropped; LOG_INFO until set. */
void log_set_level(enum log_level level);

/* Never blocks: where nobody reads stderr fast enough, lines are dropped, and counted in the next
 * one that fits. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_debug(...)   log_line(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)    log_line(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_error(...)   log_line(LOG_ERROR, __VA_ARGS__)

/* From now on log_masked takes this text out, wherever a stranger repeats it. Copied; at least 6
 * bytes, at most 64 secrets (further ones are not hidden). Where the text ends inside one, its
 * first 6 bytes or more go too. log_forget_secrets undoes all. */
void log_hide(const char *secret);
void log_forget_secrets(void);

/* Copies text that came from outside, fit for a log: valid UTF-8 without control characters, and
 * every run that could be a phone number (7 digits or more, separators allowed; but not those of an
 * id of Twilio's or ours, nor a day like 2026-11-22) and every hidden secret becomes `…`. Cut to
 * fit, between characters. Returns `to`. */
const char *log_masked(char *to, size_t size, const char *text);

#endif
