/* telling - a list of attempts that no handoff has. */
#include "alert/telling.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "plugin/instance.h"

enum {
    SILENCE_MS = 60 * 1000, /* a channel that says nothing by then has perhaps done it */
    AGAIN_MS = 60 * 1000,
    TRIES_MOST = 5
};

/* One message to one person. */
struct telling {
    struct tellings *tellings;
    struct telling *next;
    struct telling **previous;
    struct arena *arena;
    const char *vendor_id;
    size_t contact;
    int tries;
    struct timer timer;
    struct instance *carrier; /* it is under way there; or NULL */
    struct handoffd_attempt attempt;
    struct handoffd_message message;
};

struct tellings {
    struct loop *loop;
    const struct roster *roster;
    struct telling *first;
    uint64_t last_id;
};

static void tell(struct telling *telling);

struct tellings *tellings_create(struct loop *loop, const struct roster *roster)
{
    struct tellings *tellings = memory_zeroed(1, sizeof *tellings);
    tellings->loop = loop;
    tellings->roster = roster;
    return tellings;
}

void tellings_adopt(struct tellings *tellings, const struct roster *roster)
{
    tellings->roster = roster;
}

static void put_down(struct telling *telling)
{
    loop_timer_stop(telling->tellings->loop, &telling->timer);
    if (telling->carrier != NULL)
        telling->carrier->busy--;
    telling->carrier = NULL;
}

static void end(struct telling *telling)
{
    put_down(telling);
    *telling->previous = telling->next;
    if (telling->next != NULL)
        telling->next->previous = telling->previous;
    arena_destroy(telling->arena);
}

static const struct vendor *find_vendor(const struct telling *telling)
{
    const struct roster *roster = telling->tellings->roster;
    size_t found = roster_find(roster, telling->vendor_id);
    return found != NOBODY ? &roster->vendors[found] : NULL;
}

static void on_due(struct timer *timer)
{
    struct telling *telling = container_of(timer, struct telling, timer);
    if (telling->carrier != NULL)
        end(telling); /* silence */
    else
        tell(telling);
}

static void tell(struct telling *telling)
{
    struct tellings *tellings = telling->tellings;
    const struct vendor *vendor = find_vendor(telling);
    if (vendor == NULL || telling->contact >= vendor->contact_count) {
        log_warning("nobody could be told of an alert vendor=%s", telling->vendor_id);
        end(telling);
        return;
    }
    const struct contact *contact = &vendor->contacts[telling->contact];
    struct instance *channel = contact->channel;
    telling->tries++;
    telling->carrier = channel;
    channel->busy++;
    telling->attempt = (struct handoffd_attempt){
        .size = sizeof telling->attempt,
        .id = ++tellings->last_id & 0xffffff, /* a handoff's number would stand above */
        .handoff_id = "alert",
        .vendor_id = telling->vendor_id,
        .to = arena_text(telling->arena, contact->to),
        .started_ms = clock_wall_ms(),
    };
    loop_timer_start(tellings->loop, &telling->timer, SILENCE_MS);
    channel->plugin->contract.channel->deliver(channel->state, &telling->attempt,
                                               &telling->message);
}

void tellings_report(struct tellings *tellings, uint64_t attempt_id,
                     const struct handoffd_report *report)
{
    struct telling *telling = tellings->first;
    while (telling != NULL && (telling->attempt.id != attempt_id || telling->carrier == NULL))
        telling = telling->next;
    if (telling == NULL)
        return;
    put_down(telling);
    switch ((enum handoffd_outcome)report->outcome) {
    case HANDOFFD_DEFERRED:
        if (telling->tries >= TRIES_MOST)
            end(telling);
        else
            loop_timer_start(tellings->loop, &telling->timer, AGAIN_MS);
        break;
    case HANDOFFD_UNDELIVERED:
    case HANDOFFD_REFUSED_RECIPIENT:
    case HANDOFFD_REFUSED_MESSAGE:
    case HANDOFFD_REFUSED_ACCOUNT:
        telling->contact++;
        tell(telling);
        break;
    default:
        end(telling);
        break;
    }
}

/* A template has variables, not a text: each of them says something. */
static struct handoffd_message message_of(struct arena *arena, const char *text)
{
    static const char *const names[] = {"cliente",  "telefono", "motivo", "conversacion",
                                        "contexto", "vendedor", "id"};
    const char **values = arena_zeroed(arena, COUNT_OF(names), sizeof *values);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        values[i] = "-";
    values[0] = "handoffd";
    values[2] = arena_text(arena, text);
    return (struct handoffd_message){
        .size = sizeof(struct handoffd_message),
        .text = values[2],
        .fields = {names, values, COUNT_OF(names)},
    };
}

void tellings_begin(struct tellings *tellings, const char *vendor_id, const char *text)
{
    struct arena *arena = arena_create(1024);
    struct telling *telling = arena_zeroed(arena, 1, sizeof *telling);
    telling->tellings = tellings;
    telling->arena = arena;
    telling->vendor_id = arena_text(arena, vendor_id);
    telling->message = message_of(arena, text);
    telling->timer.on_due = on_due;
    telling->next = tellings->first;
    telling->previous = &tellings->first;
    if (telling->next != NULL)
        telling->next->previous = &telling->next;
    tellings->first = telling;
    tell(telling);
}

void tellings_destroy(struct tellings *tellings)
{
    while (tellings->first != NULL)
        end(tellings->first);
    free(tellings);
}
