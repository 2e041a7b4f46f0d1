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

char *input_until(struct input *input, const char *ends, size_t *length)
{
    size_t count = 0;
    while (count < input->left && (input->at[count] == '\0' || !strchr(ends, input->at[count])))
        count++;
    char *piece = memory_zeroed(1, count + 1);
    if (count > 0)
        memcpy(piece, input->at, count);
    size_t taken = count < input->left ? count + 1 : count;
    input->at += taken;
    input->left -= taken;
    if (length != NULL)
        *length = count;
    return piece;
}

char *input_line(struct input *input)
{
    return input_until(input, "\n", NULL);
}

char *input_rest(struct input *input, size_t *length)
{
    return input_until(input, "", length);
}

char *input_part(struct input *input)
{
    char *part = input_until(input, INPUT_PART, NULL);
    if (part[0] != '\0')
        return part;
    free(part);
    return NULL;
}
