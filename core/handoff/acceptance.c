/* acceptance - one request of a client:
 *
 *   look up   was it asked before? by its key, by its conversation and customer
 *   answer    the present answer of the first one
 *   learn     a new key that stands for what is known
 *   update    known, but the customer said more: whoever has them hears it
 *   begin     a record, and its delivery
 */
#include "handoff/acceptance.h"

#include <stdlib.h>
#include <string.h>

#include "alert/cause.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/log.h"
#include "base/memory.h"
#include "handoff/delivery.h"
#include "handoff/known.h"
#include "handoff/registry.h"

/* ---- what is known already */

struct finding {
    struct memo *memo; /* NULL: nothing like it was asked lately */
    bool is_conflict;  /* the key was used for another body */
    bool is_new_key;   /* the same conversation and customer, under a key not heard before */
    bool is_news;      /* the same, with another reason */
};

/* What never came to disk is as if nobody had asked. */
static struct memo *unless_lost(struct acceptance *acceptance, struct memo *memo)
{
    bool is_lost = memo != NULL && !memo->is_stored &&
                   registry_find(acceptance->registry, memo->number) == NULL;
    return is_lost ? NULL : memo;
}

static struct finding look_up(struct acceptance *acceptance, const struct request *request)
{
    int64_t digest = 0;
    int64_t now_ms = delivery_now_ms(acceptance->delivery);
    struct known *known = acceptance->known;
    struct memo *memo = unless_lost(acceptance, known_by_key(known, request->key, now_ms, &digest));
    if (memo != NULL)
        return (struct finding){.memo = memo, .is_conflict = digest != request->digest};
    bool is_news = false;
    memo = unless_lost(acceptance, known_by_customer(known, &request->handoff, now_ms, &is_news));
    if (memo != NULL && is_news && memo->answer.kind == ANSWER_FAILED)
        memo = NULL; /* nobody has the customer: what they say now is a handoff of its own */
    return (struct finding){.memo = memo,
                            .is_new_key = memo != NULL && request->key != NULL,
                            .is_news = memo != NULL && is_news};
}

/* The present answer; while the first one waits, this one joins that wait. */
static void answer_known(struct acceptance *acceptance, const struct request *request,
                         const struct finding *finding, struct waiter *waiter)
{
    struct memo *memo = finding->memo;
    struct handoff *handoff = registry_find(acceptance->registry, memo->number);
    if (finding->is_conflict)
        waiter_answer(waiter, acceptance->delivery->loop,
                      &(struct answer){.kind = ANSWER_CONFLICT});
    else if (handoff != NULL && (handoff->waiters != NULL || !memo->is_stored))
        waiter_join(waiter, acceptance->delivery->loop, handoff, true, request->reply_within_ms);
    else
        waiter_answer_from(waiter, acceptance->delivery->loop, memo, true);
}

/* ---- learn: from now on the new key stands for what is known; it is on disk before that is said
 */

struct learning {
    struct store_change change;
    struct store_key key;
    struct acceptance *acceptance;
    struct memo *memo;
    struct waiter *waiter;
    int64_t reply_within_ms;
    char text[];
};

static void on_learnt(struct store_change *change)
{
    struct learning *learning = container_of(change, struct learning, change);
    struct acceptance *acceptance = learning->acceptance;
    struct request request = {.reply_within_ms = learning->reply_within_ms};
    struct finding finding = {.memo = learning->memo};
    if (change->result == STORE_STORED) {
        answer_known(acceptance, &request, &finding, learning->waiter);
    } else {
        known_forget_key(acceptance->known, learning->text);
        waiter_answer(learning->waiter, acceptance->delivery->loop,
                      &(struct answer){.kind = ANSWER_OVERLOADED});
    }
    if (change->result == STORE_FAILED)
        acceptance->delivery->on_store_failed(acceptance->delivery);
    memo_unref(learning->memo);
    free(learning);
}

static void learn_key(struct acceptance *acceptance, const struct request *request,
                      struct memo *memo, struct waiter *waiter)
{
    size_t length = strlen(request->key);
    struct learning *learning = memory_zeroed(1, sizeof *learning + length + 1);
    memcpy(learning->text, request->key, length);
    learning->acceptance = acceptance;
    learning->memo = memo_ref(memo);
    learning->waiter = waiter;
    learning->reply_within_ms = request->reply_within_ms;
    learning->key = (struct store_key){.handoff = memo->number,
                                       .at_ms = clock_wall_ms(),
                                       .digest = request->digest,
                                       .key = learning->text};
    learning->change =
        (struct store_change){.handoff = memo->number, .key = &learning->key, .on_done = on_learnt};
    known_add_key(acceptance->known, request->key, request->digest, memo,
                  delivery_now_ms(acceptance->delivery));
    store_submit(acceptance->delivery->store, &learning->change);
}

/* ---- accept */

bool acceptance_is_repeated(struct acceptance *acceptance, const struct request *request)
{
    struct finding finding = look_up(acceptance, request);
    return finding.memo != NULL && !finding.is_news;
}

bool acceptance_is_overloaded(const struct acceptance *acceptance)
{
    return acceptance->delivery->is_resting ||
           (int64_t)registry_count(acceptance->registry) >= acceptance->rules.most_open ||
           store_free_bytes(acceptance->delivery->store) < acceptance->rules.least_free_bytes;
}

static struct handoff *enter(struct acceptance *acceptance, const struct request *request,
                             const char *key)
{
    char id[PUBLIC_ID_SIZE];
    int64_t number = ++acceptance->last_number;
    struct handoffd_handoff given = request->handoff;
    given.received_ms = clock_wall_ms();
    public_id_write(acceptance->delivery->ids, number, id);
    struct handoff *handoff = handoff_create(number, id, &given, key, request->digest, NULL);
    handoff->caller = arena_text(handoff->arena, request->caller);
    registry_add(acceptance->registry, handoff);
    return handoff;
}

static struct handoff *begin(struct acceptance *acceptance, const struct request *request)
{
    struct handoff *handoff = enter(acceptance, request, request->key);
    known_remember(acceptance->known, &handoff->given, handoff->request_key, handoff->digest,
                   handoff->memo, delivery_now_ms(acceptance->delivery));
    return handoff;
}

/* ---- update: what the customer said later goes to whoever has them already. It is a small handoff
 * of its own, so that it is kept and sent as surely; the client is answered of the first one. */

enum { UPDATES_MOST = 5 };

struct update {
    struct waiter waiter; /* for the update to be on disk */
    struct acceptance *acceptance;
    struct memo *memo;
    struct waiter *asker;
    const struct handoff *handoff; /* the update itself, until it is on disk or refused */
    struct request request;        /* its key and what goes with it; the rest is not kept */
    char key[];
};

/* It was not kept: the same words are news when they come again. */
static void unlearn(struct acceptance *acceptance, const struct update *update)
{
    struct handoffd_handoff given = update->handoff->given;
    given.reason = "";
    update->memo->updates--;
    known_remember(acceptance->known, &given, NULL, 0, update->memo,
                   delivery_now_ms(acceptance->delivery));
}

static void on_update_kept(struct waiter *waiter, const struct answer *answer)
{
    struct update *update = container_of(waiter, struct update, waiter);
    struct acceptance *acceptance = update->acceptance;
    struct finding finding = {.memo = update->memo};
    bool is_kept = answer->kind != ANSWER_OVERLOADED && answer->kind != ANSWER_LOST;
    if (!is_kept) {
        unlearn(acceptance, update);
        waiter_answer(update->asker, acceptance->delivery->loop,
                      &(struct answer){.kind = answer->kind});
    } else if (update->request.key != NULL) {
        learn_key(acceptance, &update->request, update->memo, update->asker);
    } else {
        answer_known(acceptance, &update->request, &finding, update->asker);
    }
    memo_unref(update->memo);
    free(update);
}

/* Who has the customer, or is being told; NULL: nobody yet. */
static const char *vendor_of(const struct acceptance *acceptance, const struct memo *memo)
{
    const struct handoff *handoff = registry_find(acceptance->registry, memo->number);
    bool is_under_way = handoff != NULL && handoff->attempt.number > 0;
    return is_under_way && memo->answer.kind != ANSWER_SENT ? handoff->attempt.vendor_id
                                                            : memo->answer.vendor_id;
}

static bool may_update(const struct acceptance *acceptance, const struct finding *finding)
{
    return finding->is_news && finding->memo->is_stored && finding->memo->updates < UPDATES_MOST &&
           !acceptance_is_overloaded(acceptance) && vendor_of(acceptance, finding->memo) != NULL;
}

static void begin_update(struct acceptance *acceptance, const struct request *request,
                         struct memo *memo, struct waiter *asker)
{
    size_t length = request->key != NULL ? strlen(request->key) : 0;
    struct update *update = memory_zeroed(1, sizeof *update + length + 1);
    struct handoff *handoff = enter(acceptance, request, NULL);
    handoff->parent = memo->number;
    handoff->only_vendor = arena_text(handoff->arena, vendor_of(acceptance, memo));
    update->acceptance = acceptance;
    update->memo = memo_ref(memo);
    update->asker = asker;
    update->handoff = handoff;
    update->waiter.on_answer = on_update_kept;
    update->request =
        (struct request){.digest = request->digest, .reply_within_ms = request->reply_within_ms};
    if (request->key != NULL)
        update->request.key = memcpy(update->key, request->key, length);
    memo->updates++;
    known_remember(acceptance->known, &handoff->given, NULL, 0, memo,
                   delivery_now_ms(acceptance->delivery));
    log_info("the customer said more handoff=%s update=%s", memo->answer.handoff_id,
             handoff->given.id);
    waiter_join(&update->waiter, acceptance->delivery->loop, handoff, false, 0);
    delivery_begin(acceptance->delivery, handoff);
}

/* Said when it begins and when it ends. */
static void note_overload(struct acceptance *acceptance, bool is_refusing)
{
    struct delivery *delivery = acceptance->delivery;
    const char *text =
        in_language("customers are refused: too many wait, or the disk is nearly full",
                    "se rechaza a los clientes: hay demasiados en espera, o el disco "
                    "está casi lleno");
    if (acceptance->is_refusing == is_refusing || delivery->is_resting)
        return;
    acceptance->is_refusing = is_refusing;
    delivery->on_trouble(delivery, CAUSE_OVERLOAD, is_refusing ? text : NULL);
    if (is_refusing)
        log_error("handoffs are refused: too many are open, or the disk is short open=%zu "
                  "max_open=%lld free_mb=%lld min_free_mb=%lld",
                  registry_count(acceptance->registry), (long long)acceptance->rules.most_open,
                  (long long)(store_free_bytes(delivery->store) >> 20),
                  (long long)(acceptance->rules.least_free_bytes >> 20));
    else
        log_info("handoffs are taken again");
}

void acceptance_take(struct acceptance *acceptance, const struct request *request,
                     struct waiter *waiter)
{
    struct finding finding = look_up(acceptance, request);
    if (finding.memo != NULL && may_update(acceptance, &finding)) {
        begin_update(acceptance, request, finding.memo, waiter);
    } else if (finding.is_new_key) {
        learn_key(acceptance, request, finding.memo, waiter);
    } else if (finding.memo != NULL) {
        answer_known(acceptance, request, &finding, waiter);
    } else if (acceptance->delivery->setup.roster->count == 0) {
        struct answer answer = {.kind = ANSWER_UNCONFIGURED,
                                .detail = acceptance->rules.unconfigured};
        waiter_answer(waiter, acceptance->delivery->loop, &answer);
    } else if (acceptance_is_overloaded(acceptance)) {
        note_overload(acceptance, true);
        waiter_answer(waiter, acceptance->delivery->loop,
                      &(struct answer){.kind = ANSWER_OVERLOADED});
    } else {
        note_overload(acceptance, false);
        struct handoff *handoff = begin(acceptance, request);
        waiter_join(waiter, acceptance->delivery->loop, handoff, false, request->reply_within_ms);
        delivery_begin(acceptance->delivery, handoff);
    }
}
