/* memory - allocation that never returns NULL: out of memory stops the process. Free with free().
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* count * size zeroed bytes; an overflow of the product stops the process too. */
void *memory_zeroed(size_t count, size_t size);

/* Like realloc. */
void *memory_resized(void *block, size_t size);

/* A copy of a NUL-terminated text; NULL gives NULL. */
char *memory_text(const char *text);

/* The struct that a member is embedded in. */
#define container_of(pointer, type, member)                                                        \
    ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

/* For locals that die in the function that made them: CLEANUP(memory_free) char *text = ... */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* free() for CLEANUP: takes the address of any pointer. */
void memory_free(void *pointer_to_block);

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
