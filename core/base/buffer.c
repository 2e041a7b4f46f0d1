/* buffer - doubles its memory as it fills; an empty one owns none. */
#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"

static char empty[1];

void buffer_init(struct buffer *buffer, size_t limit_bytes)
{
    *buffer = (struct buffer){.bytes = empty, .limit_bytes = limit_bytes};
}

static void wipe_and_free(const struct buffer *buffer)
{
    if (buffer->capacity == 0)
        return;
    explicit_bzero(buffer->bytes, buffer->capacity);
    free(buffer->bytes);
}

void buffer_deinit(struct buffer *buffer)
{
    wipe_and_free(buffer);
    buffer_init(buffer, buffer->limit_bytes);
}

void buffer_wipe(struct buffer *buffer)
{
    if (buffer->capacity > 0)
        explicit_bzero(buffer->bytes, buffer->capacity);
    buffer_clear(buffer);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    buffer->is_full = false;
    if (buffer->capacity > 0)
        buffer->bytes[0] = '\0';
}

/* Room for `more` bytes and the NUL. */
static bool reserve(struct buffer *buffer, size_t more)
{
    if (buffer->is_full || more > buffer->limit_bytes - buffer->length) {
        buffer->is_full = true;
        return false;
    }
    size_t wanted = buffer->length + more + 1;
    if (wanted <= buffer->capacity)
        return true;
    size_t capacity = buffer->capacity * 2 > wanted ? buffer->capacity * 2 : wanted;
    capacity = capacity < 64 ? 64 : capacity;
    char *grown = memory_resized(NULL, capacity);
    memcpy(grown, buffer->bytes, buffer->length + 1);
    wipe_and_free(buffer);
    buffer->bytes = grown;
    buffer->capacity = capacity;
    return true;
}

bool buffer_append(struct buffer *buffer, const char *bytes, size_t length)
{
    if (!reserve(buffer, length))
        return false;
    if (length > 0)
        memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    buffer->bytes[buffer->length] = '\0';
    return true;
}

bool buffer_append_text(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

bool buffer_append_char(struct buffer *buffer, char character)
{
    return buffer_append(buffer, &character, 1);
}

bool buffer_vformat(struct buffer *buffer, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    require(length >= 0);
    if (!reserve(buffer, (size_t)length))
        return false;
    vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format, arguments);
    buffer->length += (size_t)length;
    return true;
}

bool buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bool fits = buffer_vformat(buffer, format, arguments);
    va_end(arguments);
    return fits;
}
