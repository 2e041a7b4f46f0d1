/* buffer - bytes that grow up to a named limit; always NUL-terminated behind `length`. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *bytes; /* never NULL after init */
    size_t length;
    size_t capacity;
    size_t limit_bytes;
    bool is_full; /* an append did not fit; nothing of it was added. Sticky until clear. */
};

void buffer_init(struct buffer *buffer, size_t limit_bytes);

/* Nothing of the bytes is left in memory: they may be a secret, or what a customer said. */
void buffer_deinit(struct buffer *buffer);

/* Both keep the memory; the second leaves nothing in it. */
void buffer_clear(struct buffer *buffer);
void buffer_wipe(struct buffer *buffer);

/* Each appends all or nothing; false when the limit would be passed. */
bool buffer_append(struct buffer *buffer, const char *bytes, size_t length);
bool buffer_append_text(struct buffer *buffer, const char *text);
bool buffer_append_char(struct buffer *buffer, char character);
bool buffer_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool buffer_vformat(struct buffer *buffer, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

#endif
