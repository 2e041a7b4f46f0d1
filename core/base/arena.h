/* arena - many small values that live and die together: a configuration, a handoff. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* first_block_bytes is what most owners of such an arena need; it grows by blocks of its own. */
struct arena *arena_create(size_t first_block_bytes);

/* Frees every value at once, and leaves nothing of them in memory: they may be secrets, or what a
 * customer said. NULL is fine. */
void arena_destroy(struct arena *arena);

/* Zeroed and aligned for any type; never NULL. */
void *arena_zeroed(struct arena *arena, size_t count, size_t size);

/* Copies with a NUL behind. NULL gives NULL. */
char *arena_text(struct arena *arena, const char *text);
char *arena_bytes(struct arena *arena, const char *bytes, size_t length);

char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vformat(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

#endif
