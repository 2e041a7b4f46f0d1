/* explain_slowly - breaks law 1: it takes 20 µs for each code, of which there are many. */
#include "pigeon.h"

#include <time.h>

static int64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static const char *explain(int32_t code)
{
    int64_t start_ns = cpu_ns();
    (void)code;
    while (cpu_ns() - start_ns < 20000) {
    }
    return NULL;
}

static const struct handoffd_channel channel = {PIGEON_CHANNEL, .explain = explain};

PIGEON("explain_slowly");
