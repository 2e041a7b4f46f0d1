/* floor_below - takes the place of all that the API stands on (dispatcher, store, keeper, alerts,
 * limits, the clock) in a fuzz target: it checks what it is given, and answers when the target says
 * so. */
#ifndef TESTS_FUZZ_FLOOR_BELOW_H
#define TESTS_FUZZ_FLOOR_BELOW_H

#include "api/api.h"
#include "base/buffer.h"

/* The clock stands here. */
#define FLOOR_NOW_S  1790000000
#define FLOOR_NOW_MS (INT64_C(1000) * FLOOR_NOW_S)

struct floor {
    struct api api; /* without door, keyring and channels, which are the target's */
    const struct http_request *request; /* what is being handled */
    struct buffer story;                /* what became of the requests, a line each */
    size_t accepted;
    size_t orders; /* what only somebody with the right key, or at the socket, may ask */
    size_t responses;
    const char *caller; /* of the last that was accepted */
};

/* One at a time. Zeroes it but for the loop, which stays from one to the next. */
void floor_open(struct floor *floor);
void floor_close(struct floor *floor);

/* Everything that was asked is answered, in order. */
void floor_settle(void);

#endif
