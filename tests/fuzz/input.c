/* input - pieces of a fuzzer's bytes. */
#include "input.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

unsigned input_byte(struct input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

/* Of what is left, the bytes before the next `end`. */
static size_t length_until(const struct input *input, char end)
{
    const uint8_t *found = input->left > 0 ? memchr(input->at, end, input->left) : NULL;
    return found != NULL ? (size_t)(found - input->at) : input->left;
}

static char *take(struct input *input, size_t count)
{
    char *piece = memory_zeroed(1, count + 1);
    if (count > 0)
        memcpy(piece, input->at, count);
    input->at += count;
    input->left -= count;
    return piece;
}

char *input_until(struct input *input, char end, size_t *length)
{
    size_t count = length_until(input, end);
    char *piece = take(input, count);
    input_byte(input);
    if (length != NULL)
        *length = count;
    return piece;
}

char *input_line(struct input *input)
{
    return input_until(input, '\n', NULL);
}

char *input_rest(struct input *input, size_t *length)
{
    if (length != NULL)
        *length = input->left;
    return take(input, input->left);
}

char *input_part(struct input *input)
{
    char *part = input_until(input, INPUT_PART, NULL);
    if (part[0] != '\0')
        return part;
    free(part);
    return NULL;
}
