/* log - each line is one write(2), so lines of two processes never mix. */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

enum { LINE_BYTES = 2048, PHONE_DIGITS = 7, SECRETS_MOST = 64, SECRET_LEAST_BYTES = 6 };

/* The log's sink is the process's: its level, and what it must never show. */
static enum log_level lowest = LOG_INFO;
static char *secrets[SECRETS_MOST];
static size_t secret_count;

void log_set_level(enum log_level level)
{
    lowest = level;
}

void log_line(enum log_level level, const char *format, ...)
{
    static const char *const names[] = {"DEBUG", "INFO", "WARNING", "ERROR"};
    if (level < lowest)
        return;
    char line[LINE_BYTES];
    int start = snprintf(line, sizeof line, "[%s] ", names[level]);
    va_list arguments;
    va_start(arguments, format);
    int body = vsnprintf(line + start, sizeof line - (size_t)start - 1, format, arguments);
    va_end(arguments);
    size_t length = body < 0 ? (size_t)start : (size_t)start + (size_t)body;
    if (length > sizeof line - 2)
        length = sizeof line - 2;
    line[length++] = '\n';
    if (write(STDERR_FILENO, line, length) < 0)
        return; /* nobody reads our log: there is nowhere to say so */
}

void log_hide(const char *secret)
{
    if (strlen(secret) >= SECRET_LEAST_BYTES && secret_count < SECRETS_MOST)
        secrets[secret_count++] = memory_text(secret);
}

void log_forget_secrets(void)
{
    while (secret_count > 0) {
        char *secret = secrets[--secret_count];
        explicit_bzero(secret, strlen(secret));
        free(secret);
    }
}

static size_t secret_length(const char *text)
{
    for (size_t i = 0; i < secret_count; i++) {
        size_t length = strlen(secrets[i]);
        if (strncmp(text, secrets[i], length) == 0)
            return length;
    }
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_separator(char c)
{
    return c != '\0' && strchr(" -.()+", c) != NULL;
}

/* The length of a run of digits and separators that starts and ends with a digit (or a plus before
 * it), or 0 where it has too few digits to be a phone number. */
static size_t phone_length(const char *text)
{
    size_t digits = 0;
    size_t end = 0;
    for (size_t i = 0; is_digit(text[i]) || is_separator(text[i]); i++) {
        if (!is_digit(text[i]))
            continue;
        digits++;
        end = i + 1;
    }
    return digits >= PHONE_DIGITS ? end : 0;
}

const char *log_masked(char *to, size_t size, const char *text)
{
    static const char mask[] = "…";
    size_t used = 0;
    while (*text != '\0' && used + sizeof mask < size) {
        size_t skip = secret_length(text);
        if (skip == 0 && (is_digit(*text) || *text == '+'))
            skip = phone_length(text);
        if (skip > 0) {
            memcpy(to + used, mask, sizeof mask - 1);
            used += sizeof mask - 1;
            text += skip;
        } else {
            to[used++] = (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text;
            text++;
        }
    }
    if (size > 0)
        to[used] = '\0';
    return to;
}
