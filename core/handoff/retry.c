/* retry - 1 s doubling to 5 minutes, a random part of it ("full jitter"), so that what failed
 * together does not come back together. */
#include "handoff/retry.h"

enum { FIRST_MS = 1000, MOST_MS = 5 * 60 * 1000, LEAST_MS = 500, ACCOUNT_MS = 5 * 60 * 1000 };

static int64_t part_of(int64_t span_ms, uint64_t random)
{
    return (int64_t)(random % (uint64_t)span_ms);
}

int64_t retry_delay_ms(int64_t tries, int64_t retry_after_ms, uint64_t random)
{
    int64_t ceiling = FIRST_MS;
    for (int64_t i = 1; i < tries && ceiling < MOST_MS; i++)
        ceiling *= 2;
    if (ceiling > MOST_MS)
        ceiling = MOST_MS;
    int64_t delay = part_of(ceiling, random);
    if (delay < LEAST_MS)
        delay = LEAST_MS;
    if (retry_after_ms > RETRY_MOST_MS)
        retry_after_ms = RETRY_MOST_MS;
    return delay > retry_after_ms ? delay : retry_after_ms;
}

int64_t retry_account_delay_ms(uint64_t random)
{
    return ACCOUNT_MS / 2 + part_of(ACCOUNT_MS, random);
}
