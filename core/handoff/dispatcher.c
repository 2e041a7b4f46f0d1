/* dispatcher - puts the parts together: who asks, who reports, who orders; what happens to each
 * handoff is delivery's.
 *
 *   accept   acceptance.c's
 *   report   a channel's word finds its handoff, in memory or in the store
 *   order    so does an operator's
 *   drain    nothing new; who waits is answered; what is on its way arrives
 */
#include "handoff/dispatcher.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/language.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/require.h"
#include "handoff/addresses.h"
#include "handoff/claims.h"
#include "handoff/journal.h"
#include "handoff/known.h"
#include "handoff/public_id.h"
#include "handoff/recovery.h"
#include "handoff/registry.h"
#include "handoff/report.h"
#include "handoff/resume.h"
#include "handoff/watch.h"

struct dispatcher {
    struct delivery delivery;
    struct loop *loop;
    struct store *store;
    struct acceptance acceptance;
    struct dispatcher_owner owner;
    struct known *known;
    struct registry *registry;
    struct watch *watch;
    struct timer drain_timer;
    struct turn drain_turn;
    void (*on_drained)(void *context);
    void *drained_context;
};

void dispatcher_accept(struct dispatcher *dispatcher, const struct request *request,
                       struct waiter *waiter)
{
    acceptance_take(&dispatcher->acceptance, request, waiter);
}

bool dispatcher_has_accepted(struct dispatcher *dispatcher, const struct request *request)
{
    return acceptance_is_repeated(&dispatcher->acceptance, request);
}

/* ---- delivery's calls */

static struct dispatcher *of_delivery(struct delivery *delivery)
{
    return container_of(delivery, struct dispatcher, delivery);
}

static void on_finished(struct delivery *delivery, struct handoff *handoff)
{
    registry_remove(of_delivery(delivery)->registry, handoff);
}

static void on_resting(struct delivery *delivery, int64_t due_ms)
{
    registry_expect(of_delivery(delivery)->registry, due_ms);
}

static void on_store_failed(struct delivery *delivery)
{
    const struct dispatcher_owner *owner = &of_delivery(delivery)->owner;
    owner->on_store_failed(owner->context);
}

static void on_trouble(struct delivery *delivery, const char *cause, const char *text)
{
    const struct dispatcher_owner *owner = &of_delivery(delivery)->owner;
    owner->on_trouble(owner->context, cause, text);
}

static void on_stuck(struct delivery *delivery, const char *former, const char *cause,
                     const char *text)
{
    const struct dispatcher_owner *owner = &of_delivery(delivery)->owner;
    owner->on_stuck(owner->context, former, cause, text);
}

static void on_told(struct delivery *delivery, const char *vendor_id, const char *channel,
                    bool has_arrived)
{
    const struct dispatcher_owner *owner = &of_delivery(delivery)->owner;
    owner->on_told(owner->context, vendor_id, channel, has_arrived);
}

static void on_outcome(struct delivery *delivery, const char *channel, enum attempt_event event,
                       int64_t code)
{
    const struct dispatcher_owner *owner = &of_delivery(delivery)->owner;
    owner->on_outcome(owner->context, channel, event, code);
}

/* ---- report */

/* A report whose handoff is perhaps not in memory: a copy. */
struct late_report {
    struct visit visit;
    struct dispatcher *dispatcher;
    struct instance *instance; /* kept busy meanwhile */
    struct receipt *receipt;
    uint64_t attempt_id;
    struct handoffd_report report;
    struct arena *arena;
};

static void ignore_report(const struct instance *instance, uint64_t attempt_id, uint32_t outcome)
{
    log_debug("a report was ignored instance=%s attempt=%llu outcome=%u", instance->name,
              (unsigned long long)attempt_id, outcome);
}

static void hand_report(struct handoff *handoff, const struct instance *instance,
                        uint64_t attempt_id, const struct handoffd_report *report,
                        struct receipt *receipt)
{
    const struct registry *registry = of_delivery(handoff->delivery)->registry;
    int64_t number = handoff->number;
    if (!report_take(handoff, instance, attempt_id, report, receipt != NULL))
        ignore_report(instance, attempt_id, report->outcome);
    if (registry_find(registry, number) != NULL)
        journal_follow(handoff, receipt);
    else
        receipt_settle(receipt, true); /* it was the last that happened to it */
}

static void on_late_report(struct visit *visit, struct handoff *handoff, bool is_failed)
{
    struct late_report *late = container_of(visit, struct late_report, visit);
    late->instance->busy--;
    late->dispatcher->owner.on_landed(late->dispatcher->owner.context);
    if (handoff != NULL) {
        hand_report(handoff, late->instance, late->attempt_id, &late->report, late->receipt);
    } else {
        ignore_report(late->instance, late->attempt_id, late->report.outcome);
        receipt_settle(late->receipt, !is_failed);
    }
    arena_destroy(late->arena);
}

static void fetch_for_report(struct dispatcher *dispatcher, struct instance *instance,
                             uint64_t attempt_id, const struct handoffd_report *report,
                             struct receipt *receipt)
{
    struct arena *arena = arena_create(512);
    struct late_report *late = arena_zeroed(arena, 1, sizeof *late);
    *late = (struct late_report){
        .visit = {.on_there = on_late_report},
        .dispatcher = dispatcher,
        .instance = instance,
        .receipt = receipt,
        .attempt_id = attempt_id,
        .report = *report,
        .arena = arena,
    };
    late->report.message_id = arena_text(arena, report->message_id);
    late->report.text = arena_text(arena, report->text);
    instance->busy++;
    registry_visit(dispatcher->registry, (int64_t)(attempt_id >> 24), &late->visit);
}

void dispatcher_report(void *context, struct instance *instance, uint64_t attempt_id,
                       const struct handoffd_report *report, struct receipt *receipt)
{
    struct dispatcher *dispatcher = context;
    struct handoff *handoff = registry_find(dispatcher->registry, (int64_t)(attempt_id >> 24));
    if (handoff != NULL)
        hand_report(handoff, instance, attempt_id, report, receipt);
    else
        fetch_for_report(dispatcher, instance, attempt_id, report, receipt);
}

uint64_t dispatcher_attempt_of(const struct dispatcher *dispatcher, const char *token)
{
    uint64_t attempt_id = 0;
    return attempt_token_read(dispatcher->delivery.ids, token, &attempt_id) ? attempt_id : 0;
}

/* ---- order */

static void on_order_kept(struct receipt *receipt, bool is_kept)
{
    struct order *order = container_of(receipt, struct order, receipt);
    order->on_done(order, is_kept ? NULL
                                  : in_language("it could not be written to the disk",
                                                "no se pudo escribir en el disco"));
}

/* The order may have been the last that was to be done with the handoff. */
static void give_order(struct order *order, struct handoff *handoff)
{
    const struct registry *registry = of_delivery(handoff->delivery)->registry;
    int64_t number = handoff->number;
    const char *problem = operator_give(handoff, order->word);
    if (problem != NULL) {
        order->on_done(order, problem);
        return;
    }
    order->receipt.on_settled = on_order_kept;
    receipt_expect(&order->receipt);
    if (registry_find(registry, number) != NULL)
        journal_follow(handoff, &order->receipt);
    else
        receipt_settle(&order->receipt, true);
}

static void on_order_there(struct visit *visit, struct handoff *handoff, bool is_failed)
{
    struct order *order = container_of(visit, struct order, visit);
    if (is_failed)
        order->on_done(order,
                       in_language("the store cannot be read", "no se puede leer el almacén"));
    else if (handoff == NULL)
        order->on_done(order, in_language("there is no such handoff", "no existe esa solicitud"));
    else
        give_order(order, handoff);
}

bool dispatcher_number(const struct dispatcher *dispatcher, const char *id, int64_t *number)
{
    return public_id_read(dispatcher->delivery.ids, id, number);
}

const struct public_ids *dispatcher_ids(const struct dispatcher *dispatcher)
{
    return dispatcher->delivery.ids;
}

bool dispatcher_order(struct dispatcher *dispatcher, const char *id, struct order *order)
{
    int64_t number = 0;
    if (!dispatcher_number(dispatcher, id, &number))
        return false;
    order->visit.on_there = on_order_there;
    registry_visit(dispatcher->registry, number, &order->visit);
    return true;
}

/* ---- drain */

static void drained(struct turn *turn)
{
    struct dispatcher *dispatcher = container_of(turn, struct dispatcher, drain_turn);
    void (*on_drained)(void *) = dispatcher->on_drained;
    dispatcher->on_drained = NULL; /* what lands now is late */
    loop_timer_stop(dispatcher->loop, &dispatcher->drain_timer);
    dispatcher->delivery.is_closed = true;
    struct handoff *handoff = registry_first(dispatcher->registry);
    for (; handoff != NULL; handoff = registry_next(handoff)) {
        if (!handoff->memo->is_stored)
            memo_set(handoff->memo, &(struct answer){.kind = ANSWER_LOST});
        waiters_answer(handoff);
    }
    on_drained(dispatcher->drained_context);
}

static void on_landed(struct delivery *delivery)
{
    struct dispatcher *dispatcher = of_delivery(delivery);
    if (dispatcher->on_drained != NULL && delivery->sending == 0)
        loop_next_turn(dispatcher->loop, &dispatcher->drain_turn);
    dispatcher->owner.on_landed(dispatcher->owner.context);
}

static void on_drain_over(struct timer *timer)
{
    struct dispatcher *dispatcher = container_of(timer, struct dispatcher, drain_timer);
    log_warning("stopping with attempts on their way attempts=%zu", dispatcher->delivery.sending);
    loop_next_turn(dispatcher->loop, &dispatcher->drain_turn);
}

void dispatcher_drain(struct dispatcher *dispatcher, int64_t at_most_ms,
                      void (*on_drained)(void *context), void *context)
{
    dispatcher->delivery.is_resting = true;
    registry_stop(dispatcher->registry);
    watch_stop(dispatcher->watch);
    dispatcher->on_drained = on_drained;
    dispatcher->drained_context = context;
    dispatcher->drain_turn.run = drained;
    dispatcher->drain_timer.on_due = on_drain_over;
    loop_timer_start(dispatcher->loop, &dispatcher->drain_timer, at_most_ms);
    on_landed(&dispatcher->delivery);
}

bool dispatcher_is_ready(const struct dispatcher *dispatcher)
{
    return dispatcher->delivery.setup.roster->count > 0 &&
           !acceptance_is_overloaded(&dispatcher->acceptance);
}

/* ---- figures */

size_t dispatcher_open(const struct dispatcher *dispatcher)
{
    return registry_count(dispatcher->registry);
}

bool dispatcher_channel_is_open(const struct dispatcher *dispatcher, const char *channel)
{
    return gate_closed_why(gates_find(dispatcher->delivery.gates, channel)) == NULL;
}

struct dispatcher_figures dispatcher_figures(const struct dispatcher *dispatcher)
{
    struct dispatcher_figures figures = {
        .open = dispatcher_open(dispatcher),
        .sending = dispatcher->delivery.sending,
        .counts = dispatcher->delivery.counts,
    };
    int64_t now_ms = clock_wall_ms();
    const struct handoff *handoff = registry_first(dispatcher->registry);
    for (; handoff != NULL; handoff = registry_next(handoff)) {
        int64_t age_ms = now_ms - handoff->given.received_ms;
        figures.open_by_state[handoff->state]++;
        if (handoff->state == HANDOFF_ASSIGNED && age_ms > figures.oldest_open_ms)
            figures.oldest_open_ms = age_ms;
    }
    return figures;
}

/* ---- the dispatcher's own life */

void dispatcher_start(struct dispatcher *dispatcher)
{
    struct handoff *handoff = registry_first(dispatcher->registry);
    if (handoff != NULL)
        log_info("taken up from the store open=%zu", dispatcher_open(dispatcher));
    while (handoff != NULL) {
        struct handoff *next = registry_next(handoff);
        resume_handoff(handoff);
        handoff = next;
    }
    registry_expect(dispatcher->registry, delivery_now_ms(&dispatcher->delivery));
    watch_start(dispatcher->watch);
}

/* Whoever waits at a gate for a contact that is gone need not wait, nor who was kept for somebody
 * real to come. */
static void let_go_on(struct dispatcher *dispatcher)
{
    const struct roster *roster = dispatcher->delivery.setup.roster;
    struct handoff *handoff = registry_first(dispatcher->registry);
    while (handoff != NULL) {
        struct handoff *next = registry_next(handoff);
        bool is_unbound = gate_wait_is_started(&handoff->wait) &&
                          attempt_bind(&handoff->attempt, roster).vendor == NULL;
        if (is_unbound || handoff->is_kept) {
            delivery_stop_waiting(handoff);
            delivery_launch(handoff, &(struct entry){0});
        }
        handoff = next;
    }
}

void dispatcher_adopt(struct dispatcher *dispatcher, const struct dispatcher_setup *setup)
{
    if (dispatcher->delivery.setup.chain != NULL)
        chain_inherit(setup->delivery.chain, dispatcher->delivery.setup.chain);
    chain_prepare(setup->delivery.chain);
    dispatcher->delivery.setup = setup->delivery;
    dispatcher->acceptance.rules = setup->acceptance;
    known_set_window(dispatcher->known, setup->acceptance.dedupe_window_ms);
    gates_try_all(dispatcher->delivery.gates);
    let_go_on(dispatcher);
}

static struct delivery make_delivery(struct loop *loop, struct store *store)
{
    return (struct delivery){
        .loop = loop,
        .store = store,
        .ids = public_ids_create(store_secret(store)),
        .gates = gates_create(loop),
        .addresses = addresses_create(),
        .claims = claims_create(),
        .clock_offset_ms = clock_wall_ms() - clock_steady_ms(),
        .begun_ms = clock_wall_ms(),
        .on_finished = on_finished,
        .on_resting = on_resting,
        .on_store_failed = on_store_failed,
        .on_landed = on_landed,
        .on_trouble = on_trouble,
        .on_stuck = on_stuck,
        .on_told = on_told,
        .on_outcome = on_outcome,
    };
}

struct dispatcher *dispatcher_create(struct loop *loop, struct store *store,
                                     const struct dispatcher_setup *setup,
                                     const struct dispatcher_owner *owner, struct error *error)
{
    struct dispatcher *dispatcher = memory_zeroed(1, sizeof *dispatcher);
    dispatcher->loop = loop;
    dispatcher->store = store;
    dispatcher->owner = *owner;
    dispatcher->delivery = make_delivery(loop, store);
    dispatcher->known = known_create(setup->acceptance.dedupe_window_ms);
    dispatcher->registry = registry_create(&dispatcher->delivery, dispatcher->known);
    dispatcher->delivery.registry = dispatcher->registry;
    dispatcher->watch = watch_create(&dispatcher->delivery);
    dispatcher->acceptance = (struct acceptance){
        .delivery = &dispatcher->delivery,
        .known = dispatcher->known,
        .registry = dispatcher->registry,
        .last_number = store_last_number(store),
    };
    dispatcher_adopt(dispatcher, setup);
    if (recovery_read(&dispatcher->delivery, dispatcher->known, dispatcher->registry,
                      setup->acceptance.dedupe_window_ms, error))
        return dispatcher;
    dispatcher_destroy(dispatcher);
    return NULL;
}

void dispatcher_destroy(struct dispatcher *dispatcher)
{
    if (dispatcher == NULL)
        return;
    watch_destroy(dispatcher->watch);
    registry_destroy(dispatcher->registry);
    known_destroy(dispatcher->known);
    claims_destroy(dispatcher->delivery.claims);
    addresses_destroy(dispatcher->delivery.addresses);
    gates_destroy(dispatcher->delivery.gates);
    public_ids_destroy(dispatcher->delivery.ids);
    free(dispatcher);
}
