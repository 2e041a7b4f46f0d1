/* memory - malloc, realloc and strdup that abort instead of failing. */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/require.h"

void *memory_zeroed(size_t count, size_t size)
{
    void *block = calloc(count ? count : 1, size ? size : 1);
    require(block != NULL);
    return block;
}

void *memory_resized(void *block, size_t size)
{
    void *resized = realloc(block, size ? size : 1);
    require(resized != NULL);
    return resized;
}

char *memory_text(const char *text)
{
    if (text == NULL)
        return NULL;
    char *copy = strdup(text);
    require(copy != NULL);
    return copy;
}

void memory_free(void *pointer_to_block)
{
    void *block = NULL;
    memcpy(&block, pointer_to_block, sizeof block);
    free(block);
}
