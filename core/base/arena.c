/* arena - a chain of blocks, newest first; a value never moves. */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/require.h"

struct block {
    struct block *older;
    size_t used;
    size_t capacity;
    _Alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *newest;
};

static struct block *block_create(size_t capacity, struct block *older)
{
    require(capacity < SIZE_MAX - sizeof(struct block));
    struct block *block = calloc(1, sizeof *block + capacity);
    require(block != NULL);
    block->capacity = capacity;
    block->older = older;
    return block;
}

/* The arena lives in its own first block: one allocation for a small owner. */
struct arena *arena_create(size_t first_block_bytes)
{
    struct block *first = block_create(first_block_bytes + sizeof(struct arena), NULL);
    struct arena *arena = (void *)first->bytes;
    first->used = sizeof *arena;
    arena->newest = first;
    return arena;
}

void arena_destroy(struct arena *arena)
{
    struct block *block = arena ? arena->newest : NULL;
    while (block != NULL) {
        struct block *older = block->older;
        explicit_bzero(block->bytes, block->used);
        free(block);
        block = older;
    }
}

static void *take(struct arena *arena, size_t bytes, size_t alignment)
{
    struct block *block = arena->newest;
    size_t start = (block->used + alignment - 1) & ~(alignment - 1);
    if (start > block->capacity || bytes > block->capacity - start) {
        size_t capacity = block->capacity * 2 > bytes ? block->capacity * 2 : bytes;
        block = arena->newest = block_create(capacity, block);
        start = 0;
    }
    block->used = start + bytes;
    return block->bytes + start;
}

void *arena_zeroed(struct arena *arena, size_t count, size_t size)
{
    require(size == 0 || count <= SIZE_MAX / size);
    return take(arena, count * size, _Alignof(max_align_t));
}

char *arena_bytes(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = take(arena, length + 1, 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
    return text ? arena_bytes(arena, text, strlen(text)) : NULL;
}

char *arena_vformat(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    require(length >= 0);
    char *text = take(arena, (size_t)length + 1, 1);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vformat(arena, format, arguments);
    va_end(arguments);
    return text;
}
