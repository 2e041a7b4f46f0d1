/* limiter - a table of sets of four; the digest of who it is, with a secret in front, says which.
 */
#include "access/limiter.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "access/digest.h"
#include "base/memory.h"
#include "base/require.h"

enum { SETS = 16384, WAYS = 4, SEED_BYTES = 16, WHO_MOST = 256, MINUTE_US = 60 * 1000 * 1000 };

/* When the next one is due, were they to come evenly. */
struct arrival {
    uint64_t who; /* 0: free */
    int64_t due_us;
};

struct limiter {
    unsigned char seed[SEED_BYTES];
    struct arrival sets[SETS][WAYS];
};

struct limiter *limiter_create(void)
{
    struct limiter *limiter = memory_zeroed(1, sizeof *limiter);
    require(getrandom(limiter->seed, sizeof limiter->seed, 0) == sizeof limiter->seed);
    return limiter;
}

void limiter_destroy(struct limiter *limiter)
{
    free(limiter);
}

/* Nobody outside can find two that are taken for each other. */
static uint64_t name_of(const struct limiter *limiter, enum limited what, const char *who)
{
    char text[SEED_BYTES + 1 + WHO_MOST];
    size_t length = strnlen(who, WHO_MOST);
    uint64_t name = 0;
    memcpy(text, limiter->seed, SEED_BYTES);
    text[SEED_BYTES] = (char)what;
    memcpy(text + SEED_BYTES + 1, who, length);
    struct digest digest = digest_of(text, SEED_BYTES + 1 + length);
    memcpy(&name, digest.bytes, sizeof name);
    return name | 1;
}

/* Its place, or that of the one who came longest ago. */
static struct arrival *place_of(struct limiter *limiter, uint64_t name)
{
    struct arrival *set = limiter->sets[(name >> 1) % SETS];
    struct arrival *oldest = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].who == name)
            return &set[i];
        if (set[i].due_us < oldest->due_us)
            oldest = &set[i];
    }
    *oldest = (struct arrival){.who = name};
    return oldest;
}

int64_t limiter_take_ms(struct limiter *limiter, enum limited what, const char *who, int64_t most,
                        int64_t now_ms)
{
    if (most <= 0)
        return 0;
    struct arrival *arrival = place_of(limiter, name_of(limiter, what, who));
    int64_t now_us = now_ms * 1000;
    int64_t interval_us = MINUTE_US / most;
    int64_t early_us = MINUTE_US - interval_us;
    int64_t wait_us = arrival->due_us - early_us - now_us;
    if (wait_us > 0)
        return (wait_us + 999) / 1000;
    arrival->due_us = (arrival->due_us > now_us ? arrival->due_us : now_us) + interval_us;
    return 0;
}
