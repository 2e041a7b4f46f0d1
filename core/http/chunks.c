/* chunks - a state for each place in the frame; data is stepped over, everything else is looked at
 * byte by byte. */
#include "http/chunks.h"

#include <string.h>

#include "base/memory.h"
#include "http/strict.h"

#define MAX_SIZE_DIGITS 8

static enum chunks_state expect(char character, char expected, enum chunks_state next)
{
    return character == expected ? next : CHUNKS_MALFORMED;
}

static int hex_digit(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    char lower = (char)(character | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static enum chunks_state after_size(struct chunks *chunks, char character)
{
    int digit = hex_digit(character);
    if (digit < 0)
        return chunks->digits > 0 ? expect(character, '\r', CHUNKS_SIZE_END) : CHUNKS_MALFORMED;
    if (++chunks->digits > MAX_SIZE_DIGITS)
        return CHUNKS_MALFORMED;
    chunks->left = chunks->left * 16 + (uint64_t)digit;
    return CHUNKS_SIZE;
}

static enum chunks_state after_size_end(struct chunks *chunks, char character)
{
    chunks->data_bytes += chunks->left;
    chunks->digits = 0;
    return expect(character, '\n', chunks->left > 0 ? CHUNKS_DATA : CHUNKS_TRAILER);
}

static enum chunks_state after_name(struct chunks *chunks, char character)
{
    bool is_letter = character >= 'A' && character <= 'Z';
    if (!strict_is_token(character))
        return CHUNKS_MALFORMED;
    if (chunks->name_length < sizeof chunks->name)
        chunks->name[chunks->name_length] = is_letter ? (char)(character | 0x20) : character;
    chunks->name_length++;
    return CHUNKS_TRAILER_NAME;
}

static bool is_of_frame(const struct chunks *chunks)
{
    static const char *const names[] = {"content-length", "transfer-encoding", "host"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        size_t length = strlen(names[i]);
        if (chunks->name_length == length && memcmp(chunks->name, names[i], length) == 0)
            return true;
    }
    return false;
}

static enum chunks_state after_trailer(struct chunks *chunks, char character)
{
    chunks->trailer_bytes++;
    switch (chunks->state) {
    case CHUNKS_TRAILER:
        if (character == '\r')
            return CHUNKS_LAST_END;
        chunks->trailers++;
        chunks->name_length = 0;
        return after_name(chunks, character);
    case CHUNKS_TRAILER_NAME:
        if (character == ':')
            return is_of_frame(chunks) ? CHUNKS_MALFORMED : CHUNKS_TRAILER_VALUE;
        return after_name(chunks, character);
    default:
        if (character == '\r')
            return CHUNKS_TRAILER_END;
        return strict_is_text(&character, 1) ? CHUNKS_TRAILER_VALUE : CHUNKS_MALFORMED;
    }
}

static enum chunks_state after(struct chunks *chunks, char character)
{
    switch (chunks->state) {
    case CHUNKS_SIZE:
        return after_size(chunks, character);
    case CHUNKS_SIZE_END:
        return after_size_end(chunks, character);
    case CHUNKS_DATA_END:
        return expect(character, '\r', CHUNKS_DATA_LINE_END);
    case CHUNKS_DATA_LINE_END:
        return expect(character, '\n', CHUNKS_SIZE);
    case CHUNKS_TRAILER_END:
        return expect(character, '\n', CHUNKS_TRAILER);
    case CHUNKS_LAST_END:
        return expect(character, '\n', CHUNKS_DONE);
    default:
        return after_trailer(chunks, character);
    }
}

static size_t step_over(struct chunks *chunks, size_t length)
{
    size_t data = length < chunks->left ? length : (size_t)chunks->left;
    chunks->left -= data;
    if (chunks->left == 0)
        chunks->state = CHUNKS_DATA_END;
    return data;
}

size_t chunks_take(struct chunks *chunks, const char *bytes, size_t length)
{
    size_t taken = 0;
    while (taken < length && chunks->state < CHUNKS_DONE) {
        if (chunks->state == CHUNKS_DATA)
            taken += step_over(chunks, length - taken);
        else
            chunks->state = after(chunks, bytes[taken++]);
    }
    return taken;
}
