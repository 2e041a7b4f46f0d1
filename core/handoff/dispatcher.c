/* dispatcher - who asks, what is known already, and which handoffs are open; what happens to each
 * is delivery's.
 *
 *   accept   known already? the present answer; else a record, and its delivery begins
 *   report   a channel's word finds its handoff
 *   drain    nothing new; who waits is answered; what is on its way arrives
 */
#include "handoff/dispatcher.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/require.h"
#include "handoff/delivery.h"
#include "handoff/journal.h"
#include "handoff/phone.h"
#include "handoff/public_id.h"
#include "handoff/recall.h"

enum { KEY_WINDOW_MS = 24 * 60 * 60 * 1000 };

struct dispatcher {
    struct delivery delivery;
    struct loop *loop;
    struct store *store;
    struct dispatcher_options options;
    struct public_ids *ids;
    struct handoff *open; /* by number */
    struct recall *keys;
    struct recall *customers;
    int64_t last_number;
    bool is_refusing; /* said in the log */
    struct timer drain_timer;
    struct turn drain_turn;
    void (*on_drained)(void *context);
    void *drained_context;
};

/* ---- what is known already */

/* Same conversation and customer; NULL where either is missing. */
static const char *customer_key(const struct handoffd_handoff *handoff, struct arena *arena)
{
    char phone[PHONE_SIZE];
    if (handoff->conversation_id == NULL || handoff->user_phone == NULL)
        return NULL;
    phone_key(handoff->user_phone, phone);
    return arena_format(arena, "%s %s", phone, handoff->conversation_id);
}

struct known {
    struct memo *memo; /* NULL: nothing like it was asked lately */
    bool is_conflict;  /* the key was used for another body */
    bool is_new_key;   /* the same conversation and customer, under a key not heard before */
};

static struct handoff *find_open(struct dispatcher *dispatcher, int64_t number)
{
    struct handoff *handoff = NULL;
    HASH_FIND(hh, dispatcher->open, &number, sizeof number, handoff);
    return handoff;
}

/* What `text` (or NULL) led to; what never came to disk is as if nobody had asked. */
static struct memo *find_memo(struct dispatcher *dispatcher, struct recall *recall,
                              const char *text, int64_t now_ms, int64_t *digest)
{
    struct memo *memo = text != NULL ? recall_find(recall, text, now_ms, digest) : NULL;
    bool is_lost = memo != NULL && !memo->is_stored && find_open(dispatcher, memo->number) == NULL;
    return is_lost ? NULL : memo;
}

static struct memo *find_customer(struct dispatcher *dispatcher, const struct request *request,
                                  int64_t now_ms)
{
    int64_t digest = 0;
    struct arena *arena = arena_create(256);
    struct memo *memo = find_memo(dispatcher, dispatcher->customers,
                                  customer_key(&request->handoff, arena), now_ms, &digest);
    arena_destroy(arena);
    return memo;
}

static struct known find_known(struct dispatcher *dispatcher, const struct request *request)
{
    int64_t digest = 0;
    int64_t now = clock_wall_ms();
    struct memo *memo = find_memo(dispatcher, dispatcher->keys, request->key, now, &digest);
    if (memo != NULL)
        return (struct known){.memo = memo, .is_conflict = digest != request->digest};
    memo = find_customer(dispatcher, request, now);
    return (struct known){.memo = memo, .is_new_key = memo != NULL && request->key != NULL};
}

/* The present answer; while the first one waits, this one joins that wait. */
static void answer_known(struct dispatcher *dispatcher, const struct request *request,
                         const struct known *known, struct waiter *waiter)
{
    struct memo *memo = known->memo;
    struct handoff *handoff = find_open(dispatcher, memo->number);
    if (known->is_conflict)
        waiter_answer(waiter, dispatcher->loop, &(struct answer){.kind = ANSWER_CONFLICT});
    else if (handoff != NULL && (handoff->waiters != NULL || !memo->is_stored))
        waiter_join(waiter, dispatcher->loop, handoff, true, request->reply_within_ms);
    else
        waiter_answer_from(waiter, dispatcher->loop, memo, true);
}

/* ---- learn: from now on the new key stands for what is known; it is on disk before that is said
 */

struct learning {
    struct store_change change;
    struct store_key key;
    struct dispatcher *dispatcher;
    struct memo *memo;
    struct waiter *waiter;
    int64_t reply_within_ms;
    char text[];
};

static void on_learnt(struct store_change *change)
{
    struct learning *learning = container_of(change, struct learning, change);
    struct dispatcher *dispatcher = learning->dispatcher;
    struct request request = {.reply_within_ms = learning->reply_within_ms};
    struct known known = {.memo = learning->memo};
    if (change->result == STORE_STORED) {
        answer_known(dispatcher, &request, &known, learning->waiter);
    } else {
        recall_remove(dispatcher->keys, learning->text);
        waiter_answer(learning->waiter, dispatcher->loop,
                      &(struct answer){.kind = ANSWER_OVERLOADED});
    }
    if (change->result == STORE_FAILED)
        dispatcher->options.on_store_failed(dispatcher->options.context);
    memo_unref(learning->memo);
    free(learning);
}

static void learn_key(struct dispatcher *dispatcher, const struct request *request,
                      struct memo *memo, struct waiter *waiter)
{
    size_t length = strlen(request->key);
    struct learning *learning = memory_zeroed(1, sizeof *learning + length + 1);
    memcpy(learning->text, request->key, length);
    learning->dispatcher = dispatcher;
    learning->memo = memo_ref(memo);
    learning->waiter = waiter;
    learning->reply_within_ms = request->reply_within_ms;
    learning->key = (struct store_key){.handoff = memo->number,
                                       .at_ms = clock_wall_ms(),
                                       .digest = request->digest,
                                       .key = learning->text};
    learning->change =
        (struct store_change){.handoff = memo->number, .key = &learning->key, .on_done = on_learnt};
    recall_add(dispatcher->keys, request->key, request->digest, memo, learning->key.at_ms);
    store_submit(dispatcher->store, &learning->change);
}

/* ---- accept */

static bool is_overloaded(const struct dispatcher *dispatcher)
{
    return dispatcher->delivery.is_resting ||
           (int64_t)dispatcher_open(dispatcher) >= dispatcher->options.most_open ||
           store_free_bytes(dispatcher->store) < dispatcher->options.least_free_bytes;
}

static void remember(struct dispatcher *dispatcher, const struct handoff *handoff)
{
    const char *customer = customer_key(&handoff->given, handoff->arena);
    int64_t at_ms = handoff->given.received_ms;
    if (handoff->request_key != NULL)
        recall_add(dispatcher->keys, handoff->request_key, handoff->digest, handoff->memo, at_ms);
    if (customer != NULL)
        recall_add(dispatcher->customers, customer, handoff->digest, handoff->memo, at_ms);
}

static void add_open(struct dispatcher *dispatcher, struct handoff *handoff)
{
    HASH_ADD(hh, dispatcher->open, number, sizeof handoff->number, handoff);
}

static struct handoff *begin(struct dispatcher *dispatcher, const struct request *request)
{
    char id[PUBLIC_ID_SIZE];
    int64_t number = ++dispatcher->last_number;
    struct handoffd_handoff given = request->handoff;
    given.received_ms = clock_wall_ms();
    public_id_write(dispatcher->ids, number, id);
    struct handoff *handoff = handoff_create(number, id, &given, request->key, request->digest,
                                             dispatcher->options.roster);
    add_open(dispatcher, handoff);
    remember(dispatcher, handoff);
    return handoff;
}

/* Said when it begins and when it ends. */
static void note_overload(struct dispatcher *dispatcher, bool is_refusing)
{
    if (dispatcher->is_refusing == is_refusing || dispatcher->delivery.is_resting)
        return;
    dispatcher->is_refusing = is_refusing;
    if (is_refusing)
        log_error("handoffs are refused: too many are open, or the disk is short open=%zu "
                  "max_open=%lld free_mb=%lld min_free_mb=%lld",
                  dispatcher_open(dispatcher), (long long)dispatcher->options.most_open,
                  (long long)(store_free_bytes(dispatcher->store) >> 20),
                  (long long)(dispatcher->options.least_free_bytes >> 20));
    else
        log_info("handoffs are taken again");
}

void dispatcher_accept(struct dispatcher *dispatcher, const struct request *request,
                       struct waiter *waiter)
{
    struct known known = find_known(dispatcher, request);
    if (known.is_new_key) {
        learn_key(dispatcher, request, known.memo, waiter);
    } else if (known.memo != NULL) {
        answer_known(dispatcher, request, &known, waiter);
    } else if (dispatcher->options.roster->count == 0) {
        struct answer answer = {.kind = ANSWER_UNCONFIGURED,
                                .detail = dispatcher->options.unconfigured};
        waiter_answer(waiter, dispatcher->loop, &answer);
    } else if (is_overloaded(dispatcher)) {
        note_overload(dispatcher, true);
        waiter_answer(waiter, dispatcher->loop, &(struct answer){.kind = ANSWER_OVERLOADED});
    } else {
        note_overload(dispatcher, false);
        struct handoff *handoff = begin(dispatcher, request);
        waiter_join(waiter, dispatcher->loop, handoff, false, request->reply_within_ms);
        delivery_begin(&dispatcher->delivery, handoff);
    }
}

/* ---- delivery's calls */

static struct dispatcher *of_delivery(struct delivery *delivery)
{
    return container_of(delivery, struct dispatcher, delivery);
}

static void on_finished(struct delivery *delivery, struct handoff *handoff)
{
    struct dispatcher *dispatcher = of_delivery(delivery);
    HASH_DEL(dispatcher->open, handoff);
    handoff_destroy(handoff);
}

static void on_store_failed(struct delivery *delivery)
{
    struct dispatcher *dispatcher = of_delivery(delivery);
    dispatcher->options.on_store_failed(dispatcher->options.context);
}

void dispatcher_report(void *context, const struct instance *instance, uint64_t attempt_id,
                       const struct handoffd_report *report)
{
    struct dispatcher *dispatcher = context;
    struct handoff *handoff = find_open(dispatcher, (int64_t)(attempt_id >> 24));
    bool is_its_attempt = handoff != NULL && handoff->handed.id == attempt_id &&
                          strcmp(handoff->attempt.channel, instance->name) == 0;
    if (!is_its_attempt || !delivery_report(handoff, report))
        log_warning("a report was ignored instance=%s attempt=%llu outcome=%u", instance->name,
                    (unsigned long long)attempt_id, report->outcome);
}

/* ---- drain */

static void drained(struct turn *turn)
{
    struct dispatcher *dispatcher = container_of(turn, struct dispatcher, drain_turn);
    struct handoff *handoff = NULL;
    struct handoff *next = NULL;
    void (*on_drained)(void *) = dispatcher->on_drained;
    dispatcher->on_drained = NULL; /* what lands now is late */
    loop_timer_stop(dispatcher->loop, &dispatcher->drain_timer);
    dispatcher->delivery.is_closed = true;
    HASH_ITER(hh, dispatcher->open, handoff, next)
    {
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
    dispatcher->on_drained = on_drained;
    dispatcher->drained_context = context;
    dispatcher->drain_turn.run = drained;
    dispatcher->drain_timer.on_due = on_drain_over;
    loop_timer_start(dispatcher->loop, &dispatcher->drain_timer, at_most_ms);
    on_landed(&dispatcher->delivery);
}

bool dispatcher_is_ready(const struct dispatcher *dispatcher)
{
    return dispatcher->options.roster->count > 0 && !is_overloaded(dispatcher);
}

size_t dispatcher_open(const struct dispatcher *dispatcher)
{
    return HASH_COUNT(dispatcher->open);
}

/* ---- from the store, at start */

/* The present answer of what the store holds, as far as the store tells it. */
static void recall_answer(struct dispatcher *dispatcher, const struct store_found *found,
                          const char *id, struct memo *memo)
{
    const struct roster *roster = dispatcher->options.roster;
    enum handoff_state state;
    handoff_state_parse(found->state, &state);
    size_t vendor = found->attempt.number > 0 ? roster_find(roster, found->attempt.vendor) : NOBODY;
    struct answer answer = {
        .kind = state == HANDOFF_NOTIFIED   ? ANSWER_SENT
                : state == HANDOFF_ASSIGNED ? ANSWER_QUEUED
                                            : ANSWER_FAILED,
        .handoff_id = id,
        .vendor_id = found->attempt.vendor,
        .vendor_name = vendor != NOBODY ? roster->vendors[vendor].name : found->attempt.vendor,
        .message_id = found->attempt.message_id,
        .detail = found->detail,
    };
    memo_set(memo, &answer);
    memo->is_stored = true;
}

/* Each line is `at_ms digest key`. */
static void recall_keys(struct dispatcher *dispatcher, const char *lines, struct memo *memo)
{
    while (lines != NULL && *lines != '\0') {
        char *rest = NULL;
        int64_t at_ms = strtoll(lines, &rest, 10);
        int64_t digest = strtoll(rest, &rest, 10);
        size_t length = strcspn(rest + 1, "\n");
        CLEANUP(memory_free) char *key = strndup(rest + 1, length);
        require(key != NULL);
        recall_add(dispatcher->keys, key, digest, memo, at_ms);
        lines = rest + 1 + length + 1;
    }
}

static void on_found(void *context, const struct store_found *found)
{
    struct dispatcher *dispatcher = context;
    char id[PUBLIC_ID_SIZE];
    public_id_write(dispatcher->ids, found->handoff.number, id);
    struct handoff *handoff = handoff_restore(found, id, dispatcher->options.roster);
    recall_answer(dispatcher, found, id, handoff->memo);
    remember(dispatcher, handoff);
    recall_keys(dispatcher, found->keys, handoff->memo);
    if (handoff_state_is_open(handoff->state))
        add_open(dispatcher, handoff);
    else
        handoff_destroy(handoff);
}

static void on_turn(void *context, const struct store_turn *turn)
{
    struct dispatcher *dispatcher = context;
    chain_set_turn(dispatcher->options.chain, turn->step, turn->vendor, turn->turn);
    if (turn->turn > dispatcher->delivery.last_turn)
        dispatcher->delivery.last_turn = turn->turn;
}

static bool recover(struct dispatcher *dispatcher, struct error *error)
{
    int64_t since_ms = clock_wall_ms() - dispatcher->options.dedupe_window_ms;
    return store_turns(dispatcher->store, on_turn, dispatcher, error) &&
           store_recover(dispatcher->store, since_ms, since_ms - KEY_WINDOW_MS, on_found,
                         dispatcher, error);
}

void dispatcher_start(struct dispatcher *dispatcher)
{
    struct handoff *handoff = NULL;
    struct handoff *next = NULL;
    if (dispatcher->open != NULL)
        log_info("taken up from the store open=%zu", dispatcher_open(dispatcher));
    HASH_ITER(hh, dispatcher->open, handoff, next)
    {
        delivery_resume(&dispatcher->delivery, handoff);
    }
}

/* ---- the dispatcher's own life */

struct dispatcher *dispatcher_create(struct loop *loop, struct store *store,
                                     const struct dispatcher_options *options, struct error *error)
{
    struct dispatcher *dispatcher = memory_zeroed(1, sizeof *dispatcher);
    dispatcher->loop = loop;
    dispatcher->store = store;
    dispatcher->options = *options;
    dispatcher->ids = public_ids_create(store_secret(store));
    dispatcher->keys = recall_create(KEY_WINDOW_MS);
    dispatcher->customers = recall_create(options->dedupe_window_ms);
    dispatcher->last_number = store_last_number(store);
    dispatcher->delivery = (struct delivery){
        .loop = loop,
        .store = store,
        .roster = options->roster,
        .chain = options->chain,
        .template = options->template,
        .labels = memory_zeroed(chain_step_count(options->chain), sizeof(char *)),
        .on_finished = on_finished,
        .on_store_failed = on_store_failed,
        .on_landed = on_landed,
    };
    chain_prepare(options->chain);
    if (recover(dispatcher, error))
        return dispatcher;
    dispatcher_destroy(dispatcher);
    return NULL;
}

void dispatcher_destroy(struct dispatcher *dispatcher)
{
    if (dispatcher == NULL)
        return;
    while (dispatcher->open != NULL) {
        struct handoff *handoff = dispatcher->open;
        journal_abandon(handoff);
        loop_timer_stop(dispatcher->loop, &handoff->timer);
        HASH_DEL(dispatcher->open, handoff);
        handoff_destroy(handoff);
    }
    recall_destroy(dispatcher->keys);
    recall_destroy(dispatcher->customers);
    public_ids_destroy(dispatcher->ids);
    free(dispatcher->delivery.labels);
    free(dispatcher);
}
