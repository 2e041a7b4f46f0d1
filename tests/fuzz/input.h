/* input - a fuzzer's bytes, taken apart from the front.
 *
 * Every piece is in memory of its own and of its exact size, so that a sanitizer sees one byte too
 * many. */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

/* Stands between parts that have several lines: RS, which no text of ours may contain. */
#define INPUT_PART '\x1e'

struct input {
    const uint8_t *at;
    size_t left;
};

/* The next byte; 0 behind the last. */
unsigned input_byte(struct input *input);

/* What comes before the next `end`, which is taken too, or all that is left. NUL behind, and
 * perhaps within. The caller frees it; `length` may be NULL. */
char *input_until(struct input *input, char end, size_t *length);
char *input_line(struct input *input);
char *input_rest(struct input *input, size_t *length);

/* NULL where the next part is empty. */
char *input_part(struct input *input);

#endif
