/* alerts - one cause, one flow:
 *
 *   raise     it is new: to the log, to the store, to the people and the command
 *   tell      one person, by their first contact; by the next where that one refuses
 *   mend      the same way back
 *
 * A message that cannot be sent now is tried a few times; the log has it in any case.
 */
#include "alert/alerts.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/process.h"

/* The same trouble comes and goes with whoever is told: it is over when it has not come for a
 * while, and said again when it goes on. */
enum { QUIET_MS = 60 * 60 * 1000, AGAIN_AFTER_MS = 24 * 60 * 60 * 1000 };

enum {
    COMMAND_MS = 60 * 1000,
    TELLING_MS = 60 * 1000, /* a channel that says nothing by then has perhaps done it */
    AGAIN_MS = 60 * 1000,
    TRIES_MOST = 5
};

/* One cause that stands. */
struct alert {
    UT_hash_handle hh;
    char *text;
    int64_t since_ms;
    int64_t last_ms;     /* when it was raised last */
    bool is_from_before; /* of the process before this one */
    char cause[];
};

/* One message to one person. */
struct telling {
    struct alerts *alerts;
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

struct note {
    struct store_change change;
    struct store_alert alert;
    char *cause;
    char *text;
};

struct alerts {
    struct loop *loop;
    struct store *store;
    struct alerts_setup setup;
    struct processes *processes;
    struct alert *standing;
    struct telling *tellings;
    uint64_t last_id;
};

static void tell(struct telling *telling);

/* ---- to the store */

static void on_noted(struct store_change *change)
{
    struct note *note = container_of(change, struct note, change);
    if (change->result != STORE_STORED)
        log_warning("an alert could not be kept cause=\"%s\"", note->cause);
    free(note->cause);
    free(note->text);
    free(note);
}

static void keep(struct alerts *alerts, const char *cause, const char *text, int64_t since_ms)
{
    struct note *note = memory_zeroed(1, sizeof *note);
    note->cause = memory_text(cause);
    note->text = memory_text(text);
    note->alert =
        (struct store_alert){.cause = note->cause, .text = note->text, .since_ms = since_ms};
    note->change = (struct store_change){.alert = &note->alert, .on_done = on_noted};
    store_submit(alerts->store, &note->change);
}

/* ---- to people */

static void telling_end(struct telling *telling)
{
    loop_timer_stop(telling->alerts->loop, &telling->timer);
    if (telling->carrier != NULL)
        telling->carrier->busy--;
    *telling->previous = telling->next;
    if (telling->next != NULL)
        telling->next->previous = telling->previous;
    arena_destroy(telling->arena);
}

static const struct vendor *find_vendor(const struct telling *telling)
{
    const struct roster *roster = telling->alerts->setup.roster;
    size_t found = roster_find(roster, telling->vendor_id);
    return found != NOBODY ? &roster->vendors[found] : NULL;
}

static void put_down(struct telling *telling)
{
    loop_timer_stop(telling->alerts->loop, &telling->timer);
    if (telling->carrier != NULL)
        telling->carrier->busy--;
    telling->carrier = NULL;
}

static void on_due(struct timer *timer)
{
    struct telling *telling = container_of(timer, struct telling, timer);
    if (telling->carrier != NULL)
        telling_end(telling); /* silence */
    else
        tell(telling);
}

static void tell(struct telling *telling)
{
    struct alerts *alerts = telling->alerts;
    const struct vendor *vendor = find_vendor(telling);
    if (vendor == NULL || telling->contact >= vendor->contact_count) {
        log_warning("nobody could be told of an alert vendor=%s", telling->vendor_id);
        telling_end(telling);
        return;
    }
    const struct contact *contact = &vendor->contacts[telling->contact];
    struct instance *channel = contact->channel;
    telling->tries++;
    telling->carrier = channel;
    channel->busy++;
    telling->attempt = (struct handoffd_attempt){
        .size = sizeof telling->attempt,
        .id = ++alerts->last_id & 0xffffff, /* a handoff's number would stand above */
        .handoff_id = "alert",
        .vendor_id = telling->vendor_id,
        .to = arena_text(telling->arena, contact->to),
        .started_ms = clock_wall_ms(),
    };
    loop_timer_start(alerts->loop, &telling->timer, TELLING_MS);
    channel->plugin->contract.channel->deliver(channel->state, &telling->attempt,
                                               &telling->message);
}

void alerts_report(struct alerts *alerts, uint64_t attempt_id, const struct handoffd_report *report)
{
    struct telling *telling = alerts->tellings;
    while (telling != NULL && (telling->attempt.id != attempt_id || telling->carrier == NULL))
        telling = telling->next;
    if (telling == NULL)
        return;
    put_down(telling);
    switch ((enum handoffd_outcome)report->outcome) {
    case HANDOFFD_DEFERRED:
        if (telling->tries >= TRIES_MOST)
            telling_end(telling);
        else
            loop_timer_start(alerts->loop, &telling->timer, AGAIN_MS);
        break;
    case HANDOFFD_UNDELIVERED:
    case HANDOFFD_REFUSED_RECIPIENT:
    case HANDOFFD_REFUSED_MESSAGE:
    case HANDOFFD_REFUSED_ACCOUNT:
        telling->contact++;
        tell(telling);
        break;
    default:
        telling_end(telling);
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

static void begin_telling(struct alerts *alerts, const char *vendor_id, const char *text)
{
    struct arena *arena = arena_create(1024);
    struct telling *telling = arena_zeroed(arena, 1, sizeof *telling);
    telling->alerts = alerts;
    telling->arena = arena;
    telling->vendor_id = arena_text(arena, vendor_id);
    telling->message = message_of(arena, text);
    telling->timer.on_due = on_due;
    telling->next = alerts->tellings;
    telling->previous = &alerts->tellings;
    if (telling->next != NULL)
        telling->next->previous = &telling->next;
    alerts->tellings = telling;
    tell(telling);
}

static void tell_all(struct alerts *alerts, const char *sign, const char *text)
{
    struct arena *arena = arena_create(512);
    const char *message = arena_format(arena, "%s handoffd: %s", sign, text);
    for (size_t i = 0; i < alerts->setup.people_count; i++)
        begin_telling(alerts, alerts->setup.people[i], message);
    if (alerts->setup.command != NULL)
        process_run(alerts->processes, alerts->setup.command, message, COMMAND_MS,
                    "the alerts' command");
    arena_destroy(arena);
}

/* ---- raise and mend */

static struct alert *find(const struct alerts *alerts, const char *cause)
{
    struct alert *alert = NULL;
    HASH_FIND(hh, alerts->standing, cause, strlen(cause), alert);
    return alert;
}

static struct alert *stand(struct alerts *alerts, const char *cause, const char *text,
                           int64_t since_ms)
{
    size_t length = strlen(cause);
    struct alert *alert = memory_zeroed(1, sizeof *alert + length + 1);
    memcpy(alert->cause, cause, length);
    alert->text = memory_text(text);
    alert->since_ms = alert->last_ms = since_ms;
    HASH_ADD_KEYPTR(hh, alerts->standing, alert->cause, length, alert);
    return alert;
}

static void drop(struct alerts *alerts, struct alert *alert)
{
    HASH_DEL(alerts->standing, alert);
    free(alert->text);
    free(alert);
}

/* What happened, for people; the log has it in its own words. */
static const char *sentence_of(const char *cause, const char *text)
{
    static const struct {
        const char *cause;
        const char *english;
        const char *spanish;
    } sentences[] = {
        {"ambiguous", "nobody can say whether a customer's message reached anybody",
         "no se puede saber si el aviso de un cliente llegó a alguien"},
        {"overdue", "a customer's message did not arrive in time, and there is nobody else to tell",
         "el aviso de un cliente no llegó a tiempo y no hay a quién más avisar"},
        {"overload", "customers are refused: too many wait, or the disk is nearly full",
         "se rechaza a los clientes: hay demasiados en espera, o el disco está casi lleno"},
        {"parked", "a customer's message was set aside: the service crashed three times over it",
         "el aviso de un cliente quedó apartado: el servicio se cayó tres veces con él"},
    };
    for (size_t i = 0; i < COUNT_OF(sentences); i++) {
        if (strcmp(sentences[i].cause, cause) == 0)
            return in_language(sentences[i].english, sentences[i].spanish);
    }
    return text;
}

void alerts_raise(struct alerts *alerts, const char *cause, const char *words)
{
    const char *text = sentence_of(cause, words);
    int64_t now_ms = clock_wall_ms();
    struct alert *former = find(alerts, cause);
    if (former != NULL && now_ms - former->since_ms < AGAIN_AFTER_MS) {
        former->last_ms = now_ms;
        return;
    }
    if (former != NULL)
        drop(alerts, former);
    stand(alerts, cause, text, now_ms);
    log_info("alert raised cause=\"%s\"", cause);
    keep(alerts, cause, text, now_ms);
    tell_all(alerts, "⚠️", text);
}

static void mend(struct alerts *alerts, struct alert *alert)
{
    log_info("alert mended cause=\"%s\"", alert->cause);
    keep(alerts, alert->cause, NULL, alert->since_ms);
    struct arena *arena = arena_create(512);
    tell_all(alerts, "✅",
             arena_format(arena, in_language("mended: %s", "resuelto: %s"), alert->text));
    arena_destroy(arena);
    drop(alerts, alert);
}

void alerts_mend(struct alerts *alerts, const char *cause)
{
    struct alert *alert = find(alerts, cause);
    if (alert != NULL)
        mend(alerts, alert);
}

/* What stands behind "channel whatsapp"; NULL: the cause is another. */
static const char *rest_of_channel(const char *cause, const char *channel)
{
    static const char prefix[] = "channel ";
    size_t length = strlen(channel);
    const char *rest = cause + sizeof prefix - 1;
    if (strncmp(cause, prefix, sizeof prefix - 1) != 0 || strncmp(rest, channel, length) != 0)
        return NULL;
    return rest[length] == ' ' || rest[length] == '\0' ? rest + length : NULL;
}

/* A channel is mended when its gate opens; but nobody closed it in this process, where the trouble
 * is from before. */
static bool is_over(const struct alert *alert, const char *channel, int64_t now_ms)
{
    const char *rest = rest_of_channel(alert->cause, channel);
    bool is_quiet = now_ms - alert->last_ms >= QUIET_MS;
    if (rest == NULL)
        return strcmp(alert->cause, "exhausted") == 0 && is_quiet;
    return rest[0] == '\0' ? alert->is_from_before : is_quiet;
}

/* What happened once, and is nothing that could be mended. */
static bool is_forgotten(const struct alert *alert, int64_t now_ms)
{
    static const char *const causes[] = {"ambiguous", "overdue", "parked"};
    for (size_t i = 0; i < COUNT_OF(causes); i++) {
        if (strcmp(alert->cause, causes[i]) == 0)
            return now_ms - alert->last_ms >= AGAIN_AFTER_MS;
    }
    return false;
}

void alerts_reached(struct alerts *alerts, const char *channel)
{
    struct alert *alert = NULL;
    struct alert *next = NULL;
    int64_t now_ms = clock_wall_ms();
    HASH_ITER(hh, alerts->standing, alert, next)
    {
        if (is_over(alert, channel, now_ms)) {
            mend(alerts, alert);
        } else if (is_forgotten(alert, now_ms)) {
            keep(alerts, alert->cause, NULL, alert->since_ms);
            drop(alerts, alert);
        }
    }
}

size_t alerts_count(const struct alerts *alerts)
{
    return HASH_COUNT(alerts->standing);
}

void alerts_each(const struct alerts *alerts,
                 void (*on_alert)(void *context, const struct store_alert *alert), void *context)
{
    for (const struct alert *alert = alerts->standing; alert != NULL; alert = alert->hh.next) {
        struct store_alert said = {alert->cause, alert->text, alert->since_ms};
        on_alert(context, &said);
    }
}

/* ---- their own life */

static void on_alert_found(void *context, const struct store_alert *alert)
{
    stand(context, alert->cause, alert->text, alert->since_ms)->is_from_before = true;
}

struct alerts *alerts_create(struct loop *loop, struct store *store,
                             const struct alerts_setup *setup, struct error *error)
{
    struct alerts *alerts = memory_zeroed(1, sizeof *alerts);
    alerts->loop = loop;
    alerts->store = store;
    alerts->setup = *setup;
    alerts->processes = processes_create(loop);
    if (store_alerts(store, on_alert_found, alerts, error))
        return alerts;
    alerts_destroy(alerts);
    return NULL;
}

void alerts_adopt(struct alerts *alerts, const struct alerts_setup *setup)
{
    alerts->setup = *setup;
}

void alerts_destroy(struct alerts *alerts)
{
    if (alerts == NULL)
        return;
    while (alerts->tellings != NULL)
        telling_end(alerts->tellings);
    while (alerts->standing != NULL)
        drop(alerts, alerts->standing);
    processes_close(alerts->processes);
    free(alerts);
}
