/* log - each line is one write(2), so lines of two processes never mix. */
#include "base/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/utf8.h"

enum { LINE_BYTES = 2048, PHONE_DIGITS = 7, SECRETS_MOST = 64, SECRET_LEAST_BYTES = 6 };

/* The log's sink is the process's: its level, and what it must never show. */
static enum log_level lowest = LOG_INFO;
static char *secrets[SECRETS_MOST];
static size_t secret_count;
static size_t dropped;

void log_set_level(enum log_level level)
{
    lowest = level;
}

/* A pipe or a terminal that says it is ready has room for a line of ours. */
static void write_line(const char *line, size_t length)
{
    struct pollfd sink = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&sink, 1, 0) < 1 || (sink.revents & POLLOUT) == 0) {
        dropped++;
        return;
    }
    if (dropped > 0) {
        char said[64];
        int said_length = snprintf(said, sizeof said,
                                   "[WARNING] lines of this log were dropped lines=%zu\n", dropped);
        dropped = 0;
        if (write(STDERR_FILENO, said, (size_t)said_length) < 0)
            return; /* nobody reads our log: there is nowhere to say so */
        write_line(line, length);
        return;
    }
    if (write(STDERR_FILENO, line, length) < 0)
        return;
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
    write_line(line, length);
}

static bool is_hidden(const char *secret)
{
    for (size_t i = 0; i < secret_count; i++) {
        if (strcmp(secrets[i], secret) == 0)
            return true;
    }
    return false;
}

void log_hide(const char *secret)
{
    if (strlen(secret) >= SECRET_LEAST_BYTES && secret_count < SECRETS_MOST && !is_hidden(secret))
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

/* The longest of the secrets that begins here, or 0. A text may have been cut inside one. */
static size_t secret_length(const char *text)
{
    size_t longest = 0;
    for (size_t i = 0; i < secret_count; i++) {
        size_t length = strnlen(text, strlen(secrets[i]));
        if (length > longest && length >= SECRET_LEAST_BYTES &&
            strncmp(text, secrets[i], length) == 0)
            longest = length;
    }
    return longest;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Wide ones too. */
static bool is_any_digit(uint32_t character)
{
    return (character >= '0' && character <= '9') || (character >= 0xff10 && character <= 0xff19);
}

/* Spaces and dashes of Unicode too. */
static bool is_separator(uint32_t character)
{
    return (character > 0 && character < 0x80 && strchr(" -.()+", (int)character) != NULL) ||
           character == 0xa0 || (character >= 0x2000 && character <= 0x2015) || character == 0x202f;
}

/* The length of a run of digits and separators that starts and ends with a digit (or a plus before
 * it), or 0 where it has too few digits to be a phone number. */
static size_t phone_length(const char *text)
{
    size_t digits = 0;
    const char *end = text;
    const char *at = text;
    uint32_t character = utf8_next(&at);
    if (!is_any_digit(character) && character != '+')
        return 0;
    for (; is_any_digit(character) || is_separator(character); character = utf8_next(&at)) {
        digits += is_any_digit(character);
        end = is_any_digit(character) ? at : end;
    }
    return digits >= PHONE_DIGITS ? (size_t)(end - text) : 0;
}

static const char word_characters[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";

/* A whole word of 34 like Twilio's ids (two capitals, 32 hexadecimal digits) or of 29 like ours. */
static size_t id_length(const char *text)
{
    size_t length = strspn(text, word_characters);
    bool is_sid = length == 34 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") >= 2 &&
                  strspn(text + 2, "0123456789abcdef") == 32;
    bool is_ours = length == 29 && strncmp(text, "ho_", 3) == 0;
    return is_sid || is_ours ? length : 0;
}

/* A day of this century, 2026-11-22; nobody writes a phone number so. */
static size_t date_length(const char *text)
{
    static const char any[] = "0123456789";
    static const char *const day[] = {"2", "0", any, any, "-", "01", any, "-", "0123", any};
    size_t length = sizeof day / sizeof day[0];
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\0' || strchr(day[i], text[i]) == NULL)
            return 0;
    }
    return is_digit(text[length]) || text[length] == '-' ? 0 : length;
}

/* Copies one character: a control character as a space, a byte that is no text as `?`. */
static size_t copy_character(char *to, const char **text)
{
    const char *from = *text;
    uint32_t character = utf8_next(text);
    size_t length = (size_t)(*text - from);
    memcpy(to, from, length);
    if (length > 1 && character >= 0xa0)
        return length;
    bool is_control = character < 0x20 || (character >= 0x7f && character < 0xa0);
    if (is_control)
        *to = ' ';
    else if (character >= 0x7f)
        *to = '?';
    return 1;
}

const char *log_masked(char *to, size_t size, const char *text)
{
    static const char mask[] = "…";
    const char *shown_until = text; /* the end of an id or a day: its digits are no phone number */
    bool is_in_word = false;
    size_t used = 0;
    while (*text != '\0' && used + sizeof mask < size) {
        if (!is_in_word && text >= shown_until)
            shown_until = text + id_length(text) + date_length(text);
        size_t hidden = secret_length(text);
        if (hidden == 0 && text >= shown_until)
            hidden = phone_length(text);
        is_in_word = strchr(word_characters, text[hidden > 0 ? hidden - 1 : 0]) != NULL;
        if (hidden > 0)
            memcpy(to + used, mask, sizeof mask - 1);
        used += hidden > 0 ? sizeof mask - 1 : copy_character(to + used, &text);
        text += hidden;
    }
    if (size > 0)
        to[used] = '\0';
    return to;
}
