/* watch - the oldest of the open handoffs that are being told. */
#include "handoff/watch.h"

#include <stdlib.h>

#include "alert/cause.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/memory.h"
#include "handoff/registry.h"

enum { EVERY_MS = 30 * 1000, LATE_MS = 10 * 60 * 1000 };

struct watch {
    struct delivery *delivery;
    struct timer timer;
    int64_t suspect; /* the handoff that was late at the last look; 0: none */
    bool is_late;
};

/* For how long nobody has it; since the last who was told has it no more. */
static int64_t waited_ms(const struct handoff *handoff)
{
    int64_t since_ms = handoff->attempt.started_ms;
    for (const struct former *former = handoff->formers; former != NULL; former = former->next) {
        if (attempt_state_is_told(former->attempt.state))
            return delivery_now_ms(handoff->delivery) - since_ms;
        since_ms = former->attempt.started_ms;
    }
    return clock_wall_ms() - handoff->given.received_ms;
}

static const struct handoff *oldest_assigned(const struct registry *registry)
{
    const struct handoff *oldest = NULL;
    const struct handoff *handoff = registry_first(registry);
    for (; handoff != NULL; handoff = registry_next(handoff)) {
        bool is_older = oldest == NULL || waited_ms(handoff) > waited_ms(oldest);
        if (handoff->state == HANDOFF_ASSIGNED && is_older)
            oldest = handoff;
    }
    return oldest;
}

static void say_late(struct delivery *delivery, const struct handoff *handoff)
{
    struct arena *arena = arena_create(512);
    delivery->on_trouble(
        delivery, CAUSE_LATE,
        arena_format(arena,
                     in_language("a customer has waited for 10 minutes, and nobody could be told "
                                 "yet; it is still tried [%s]",
                                 "un cliente lleva 10 minutos esperando y aún no se pudo avisar a "
                                 "nadie; se sigue intentando [%s]"),
                     handoff->given.id));
    arena_destroy(arena);
}

static void on_due(struct timer *timer)
{
    struct watch *watch = container_of(timer, struct watch, timer);
    struct delivery *delivery = watch->delivery;
    const struct handoff *oldest = oldest_assigned(delivery->registry);
    int64_t suspect = oldest != NULL && waited_ms(oldest) >= LATE_MS ? oldest->number : 0;
    /* Once is not enough: what is held is tried for a moment now and then. */
    bool is_late = suspect != 0 && (watch->is_late || suspect == watch->suspect);
    if (is_late && !watch->is_late)
        say_late(delivery, oldest);
    else if (!is_late && watch->is_late)
        delivery->on_trouble(delivery, CAUSE_LATE, NULL);
    watch->is_late = is_late;
    watch->suspect = suspect;
    watch_start(watch);
}

struct watch *watch_create(struct delivery *delivery)
{
    struct watch *watch = memory_zeroed(1, sizeof *watch);
    watch->delivery = delivery;
    watch->timer.on_due = on_due;
    return watch;
}

void watch_start(struct watch *watch)
{
    loop_timer_start(watch->delivery->loop, &watch->timer, EVERY_MS);
}

void watch_stop(struct watch *watch)
{
    loop_timer_stop(watch->delivery->loop, &watch->timer);
}

void watch_destroy(struct watch *watch)
{
    watch_stop(watch);
    free(watch);
}
