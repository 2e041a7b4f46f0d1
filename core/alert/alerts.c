/* alerts - one cause, one flow:
 *
 *   raise   it is new: to the log, to the store, to the people and the command
 *   mend    the same way back
 *
 * A handoff that is stuck is counted under its cause: the first one raises it, the last one to go
 * mends it. */
#include "alert/alerts.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "alert/cause.h"
#include "alert/telling.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/process.h"

/* What goes on is told again: each customer who waits is a customer who leaves. */
enum { STUCK_AGAIN_MS = 60 * 60 * 1000, AGAIN_MS = 24 * 60 * 60 * 1000 };

enum { COMMAND_MS = 60 * 1000 };

/* One cause that stands. */
struct alert {
    UT_hash_handle hh;
    char *text;
    int64_t since_ms;    /* when it was told last; 0: not yet */
    int64_t stuck;       /* handoffs */
    bool is_from_before; /* told by a process before this one */
    char cause[];
};

struct note {
    struct store_change change;
    struct store_alert alert;
    char *cause;
    char *text;
};

struct alerts {
    struct store *store;
    struct alerts_setup setup;
    struct tellings *tellings;
    struct processes *processes;
    struct alert *standing;
};

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

static void tell_all(struct alerts *alerts, const char *sign, const char *text)
{
    struct arena *arena = arena_create(512);
    const char *message = arena_format(arena, "%s handoffd: %s", sign, text);
    for (size_t i = 0; i < alerts->setup.people_count; i++)
        tellings_begin(alerts->tellings, alerts->setup.people[i], message);
    if (alerts->setup.command != NULL)
        process_run(alerts->processes, alerts->setup.command, message, COMMAND_MS,
                    "the alerts' command");
    arena_destroy(arena);
}

/* ---- those that stand */

static struct alert *find(const struct alerts *alerts, const char *cause)
{
    struct alert *alert = NULL;
    HASH_FIND(hh, alerts->standing, cause, strlen(cause), alert);
    return alert;
}

static struct alert *stand(struct alerts *alerts, const char *cause)
{
    size_t length = strlen(cause);
    struct alert *alert = find(alerts, cause);
    if (alert != NULL)
        return alert;
    alert = memory_zeroed(1, sizeof *alert + length + 1);
    memcpy(alert->cause, cause, length);
    HASH_ADD_KEYPTR(hh, alerts->standing, alert->cause, length, alert);
    return alert;
}

static void drop(struct alerts *alerts, struct alert *alert)
{
    HASH_DEL(alerts->standing, alert);
    free(alert->text);
    free(alert);
}

/* ---- raise and mend */

static bool is_news(const struct alert *alert, int64_t now_ms)
{
    int64_t pause_ms = cause_is_stuck(alert->cause) ? STUCK_AGAIN_MS : AGAIN_MS;
    return now_ms - alert->since_ms >= pause_ms;
}

static void set_text(struct alert *alert, const char *text)
{
    char *copy = memory_text(text);
    free(alert->text);
    alert->text = copy;
}

static void tell(struct alerts *alerts, struct alert *alert)
{
    struct arena *arena = arena_create(512);
    alert->since_ms = clock_wall_ms();
    alert->is_from_before = false;
    log_info("alert raised cause=\"%s\"", alert->cause);
    keep(alerts, alert->cause, alert->text, alert->since_ms);
    const char *text =
        alert->stuck > 1
            ? arena_format(arena,
                           in_language("%s [%lld handoffs wait: handoffd handoffs --unfinished]",
                                       "%s [esperan %lld: handoffd handoffs --unfinished]"),
                           alert->text, (long long)alert->stuck)
            : alert->text;
    tell_all(alerts, "⚠️", text);
    arena_destroy(arena);
}

static void tell_news(struct alerts *alerts, struct alert *alert, const char *text)
{
    if (!is_news(alert, clock_wall_ms()))
        return;
    set_text(alert, text);
    tell(alerts, alert);
}

void alerts_raise(struct alerts *alerts, const char *cause, const char *text)
{
    tell_news(alerts, stand(alerts, cause), text);
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

void alerts_stuck(struct alerts *alerts, const char *former, const char *cause, const char *text)
{
    struct alert *left = former != NULL ? find(alerts, former) : NULL;
    if (cause != NULL) {
        struct alert *alert = stand(alerts, cause);
        alert->stuck++;
        tell_news(alerts, alert, text);
    }
    if (left != NULL && --left->stuck <= 0)
        mend(alerts, left);
}

/* A channel's gate opens again in the process that closed it, and the door to customers too; of a
 * process before this one, the first message that is taken shows it. */
static void mend_from_before(struct alerts *alerts, const char *cause)
{
    struct alert *alert = find(alerts, cause);
    if (alert != NULL && alert->is_from_before)
        mend(alerts, alert);
}

void alerts_told(struct alerts *alerts, const char *vendor_id, const char *channel,
                 bool has_arrived)
{
    char cause[CAUSE_SIZE];
    if (alerts->standing == NULL)
        return;
    mend_from_before(alerts, CAUSE_OVERLOAD);
    mend_from_before(alerts, CAUSE_LATE);
    cause_of_channel(cause, channel);
    mend_from_before(alerts, cause);
    cause_of_person(cause, vendor_id, channel);
    if (has_arrived)
        alerts_mend(alerts, cause);
}

void alerts_report(struct alerts *alerts, uint64_t attempt_id, const struct handoffd_report *report)
{
    tellings_report(alerts->tellings, attempt_id, report);
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

static void on_alert_found(void *context, const struct store_alert *found)
{
    struct alert *alert = stand(context, found->cause);
    set_text(alert, found->text);
    alert->since_ms = found->since_ms;
    alert->is_from_before = true;
}

static void on_stuck_found(void *context, const char *cause, int64_t count)
{
    struct alert *alert = stand(context, cause);
    alert->stuck = count;
    if (alert->text == NULL)
        alert->text = memory_text(in_language("customers wait for somebody to look",
                                              "hay clientes que esperan a que alguien mire"));
}

struct alerts *alerts_create(struct loop *loop, struct store *store,
                             const struct alerts_setup *setup, struct error *error)
{
    struct alerts *alerts = memory_zeroed(1, sizeof *alerts);
    alerts->store = store;
    alerts->setup = *setup;
    alerts->tellings = tellings_create(loop, setup->roster);
    alerts->processes = processes_create(loop);
    if (store_alerts(store, on_alert_found, alerts, error) &&
        store_stuck(store, on_stuck_found, alerts, error))
        return alerts;
    alerts_destroy(alerts);
    return NULL;
}

static bool is_over(const struct alerts *alerts, const struct alert *alert)
{
    return cause_is_stuck(alert->cause) ? alert->stuck == 0
                                        : cause_is_gone(alert->cause, alerts->setup.roster);
}

static void mend_what_is_over(struct alerts *alerts)
{
    struct alert *alert = NULL;
    struct alert *next = NULL;
    HASH_ITER(hh, alerts->standing, alert, next)
    {
        if (is_over(alerts, alert))
            mend(alerts, alert);
    }
}

void alerts_start(struct alerts *alerts)
{
    mend_what_is_over(alerts);
    for (struct alert *alert = alerts->standing; alert != NULL; alert = alert->hh.next) {
        if (alert->since_ms == 0)
            tell(alerts, alert);
    }
}

void alerts_adopt(struct alerts *alerts, const struct alerts_setup *setup)
{
    alerts->setup = *setup;
    tellings_adopt(alerts->tellings, setup->roster);
    mend_what_is_over(alerts);
}

void alerts_destroy(struct alerts *alerts)
{
    if (alerts == NULL)
        return;
    while (alerts->standing != NULL)
        drop(alerts, alerts->standing);
    tellings_destroy(alerts->tellings);
    processes_close(alerts->processes);
    free(alerts);
}
