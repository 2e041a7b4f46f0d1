/* inquiry - one question at a time for each handoff:
 *
 *   wait        it may have been sent: ask soon
 *   ask         the store for the messages that are others', then the provider
 *   missed      the provider does not have it: often enough, and it was not sent
 *   still       nothing new: ask later, until the time is over
 *   give_up     nobody can tell: on_ambiguous decides
 *   overdue     sent, and not delivered in time: the next person
 */
#include "handoff/inquiry.h"
#include "handoff/escalation.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "handoff/assignment.h"
#include "handoff/claims.h"
#include "handoff/journal.h"
#include "handoff/notice.h"
#include "handoff/registry.h"
#include "handoff/waiter.h"
#include "plugin/instance.h"

enum {
    FIRST_ASK_MS = 1000,      /* a provider's list may lag a moment */
    ASK_AGAIN_MS = 10 * 1000, /* where the provider could not be asked */
    FIRST_POLL_MS = 15 * 1000,
    SLOWEST_POLL_SHIFT = 6
};

/* What is asked of the store before the provider is. The store goes on reading when the handoff is
 * gone: the texts are its own. */
struct inquiry {
    struct store_ids_query query;
    struct handoff *handoff; /* NULL: forgotten */
    char *channel;
    char *address;
};

static void ask_provider(struct handoff *handoff, const struct handoffd_list *taken);
static void give_up(struct handoff *handoff);
static void overdue(struct handoff *handoff);

static int64_t age_ms(const struct handoff *handoff)
{
    return delivery_now_ms(handoff->delivery) - handoff->attempt.since_ms;
}

static struct instance *asked_instance(const struct handoff *handoff)
{
    return attempt_channel(&handoff->attempt, handoff->delivery->setup.roster);
}

static bool can_ask(const struct instance *instance)
{
    return instance != NULL && instance->is_running &&
           instance->plugin->contract.channel->find != NULL;
}

/* ---- wait */

void inquiry_wait(struct handoff *handoff, const char *failure)
{
    const struct unknown_rules *rules = &handoff->delivery->setup.unknown;
    notice_log_failure(LOG_ERROR, handoff, failure);
    delivery_set_due(handoff, can_ask(asked_instance(handoff)) ? FIRST_ASK_MS : rules->give_up_ms);
    delivery_record(handoff, attempt_state_name(ATTEMPT_UNKNOWN), failure);
    waiters_answer(handoff);
}

void inquiry_hasten(struct handoff *handoff)
{
    const struct delivery *delivery = handoff->delivery;
    int64_t passed_ms = delivery_now_ms(delivery) - delivery->begun_ms;
    if (handoff->attempt.state == ATTEMPT_UNKNOWN && can_ask(asked_instance(handoff)))
        delivery_set_due(handoff, passed_ms < FIRST_ASK_MS ? FIRST_ASK_MS - passed_ms : 0);
}

/* ---- ask */

static void on_taken_ids(struct store_ids_query *query)
{
    struct inquiry *inquiry = container_of(query, struct inquiry, query);
    struct handoff *handoff = inquiry->handoff;
    if (handoff != NULL) {
        struct handoffd_list taken = {.items = query->ids, .count = query->count};
        handoff->inquiry = NULL;
        if (query->is_failed) /* another's message might be taken for its own */
            inquiry_still(handoff, EVENT_UNKNOWN);
        else
            ask_provider(handoff, &taken);
    }
    store_ids_finish(query);
    free(inquiry->channel);
    free(inquiry->address);
    free(inquiry);
}

/* What the store is not asked for: messages that become others' from now on, and those whose
 * commit is on its way. */
static void begin_listening(const struct handoff *handoff)
{
    const struct delivery *delivery = handoff->delivery;
    const struct handoff *other = registry_first(delivery->registry);
    int64_t now_ms = delivery_now_ms(delivery);
    if (!claims_listen(delivery->claims, now_ms))
        return;
    for (; other != NULL; other = registry_next(other)) {
        if (other->commits != NULL && other->attempt.message_id != NULL && other != handoff)
            claims_hear(delivery->claims, other->attempt.message_id, other->number, now_ms);
    }
}

static void ask_store(struct handoff *handoff)
{
    struct inquiry *inquiry = memory_zeroed(1, sizeof *inquiry);
    begin_listening(handoff);
    inquiry->handoff = handoff;
    inquiry->channel = memory_text(handoff->attempt.channel);
    inquiry->address = memory_text(handoff->attempt.address);
    inquiry->query = (struct store_ids_query){
        .number = handoff->number,
        .channel = inquiry->channel,
        .address = inquiry->address,
        .on_done = on_taken_ids,
    };
    handoff->inquiry = inquiry;
    store_ask_ids(handoff->delivery->store, &inquiry->query);
}

void inquiry_ask(struct handoff *handoff)
{
    if (!can_ask(asked_instance(handoff)))
        inquiry_still(handoff, EVENT_UNKNOWN);
    else if (handoff->attempt.message_id != NULL)
        ask_provider(handoff, &(struct handoffd_list){0});
    else
        ask_store(handoff);
}

static size_t count_formers(const struct handoff *handoff)
{
    size_t count = 0;
    for (const struct former *former = handoff->formers; former != NULL; former = former->next)
        count += former->attempt.message_id != NULL;
    return count;
}

/* Those of other handoffs, and of this one's former attempts. */
static struct handoffd_list all_taken(const struct handoff *handoff,
                                      const struct handoffd_list *others)
{
    size_t most = others->count + count_formers(handoff);
    const char **ids = arena_zeroed(handoff->handing, most, sizeof *ids);
    size_t count = 0;
    for (size_t i = 0; i < others->count; i++)
        ids[count++] = arena_text(handoff->handing, others->items[i]);
    for (const struct former *former = handoff->formers; former != NULL; former = former->next) {
        if (former->attempt.message_id != NULL)
            ids[count++] = former->attempt.message_id;
    }
    return (struct handoffd_list){.items = ids, .count = count};
}

static void ask_provider(struct handoff *handoff, const struct handoffd_list *taken)
{
    struct instance *instance = asked_instance(handoff);
    if (!can_ask(instance)) {
        inquiry_still(handoff, EVENT_UNKNOWN); /* vendors.yaml changed meanwhile */
        return;
    }
    delivery_carry(handoff, instance, true);
    handoff->handed.message_id = handoff->attempt.message_id;
    handoff->handed.taken_ids = all_taken(handoff, taken);
    instance->plugin->contract.channel->find(instance->state, &handoff->handed, &handoff->message);
}

void inquiry_abandon(struct handoff *handoff)
{
    if (handoff->inquiry != NULL)
        handoff->inquiry->handoff = NULL;
    handoff->inquiry = NULL;
}

/* ---- what the provider's answer leads to */

/* The message has not left: it may be sent. */
static void send_after_all(struct handoff *handoff)
{
    handoff->attempt.state = ATTEMPT_READY;
    handoff->attempt.asked = 0;
    handoff->pass = (struct gate_pass){0};
    delivery_launch(handoff, &(struct entry){.kind = attempt_state_name(ATTEMPT_READY),
                                             .detail = "the provider never had it"});
}

/* Spread over ask_for; where the provider was away for a part of it, at least not all at once. */
static int64_t miss_pause_ms(const struct handoff *handoff, const struct unknown_rules *rules)
{
    int64_t remaining_ms = rules->ask_for_ms - age_ms(handoff);
    int64_t asks_left = rules->times - handoff->attempt.asked;
    int64_t least_ms = asks_left > 0 ? rules->ask_for_ms / rules->times : 0;
    int64_t pause_ms = asks_left > 1 ? remaining_ms / asks_left : remaining_ms;
    return pause_ms > least_ms ? pause_ms : least_ms;
}

void inquiry_missed(struct handoff *handoff)
{
    const struct unknown_rules *rules = &handoff->delivery->setup.unknown;
    struct attempt *attempt = &handoff->attempt;
    attempt->asked++;
    if (attempt->asked >= rules->times && age_ms(handoff) >= rules->ask_for_ms) {
        send_after_all(handoff);
        return;
    }
    delivery_set_due(handoff, miss_pause_ms(handoff, rules));
    delivery_record(handoff, "absent", NULL);
}

static void still_unknown(struct handoff *handoff)
{
    const struct unknown_rules *rules = &handoff->delivery->setup.unknown;
    int64_t remaining_ms = rules->give_up_ms - age_ms(handoff);
    int64_t pause_ms = ASK_AGAIN_MS + (int64_t)(delivery_random() % ASK_AGAIN_MS);
    if (remaining_ms <= 0)
        give_up(handoff);
    else
        delivery_set_due(handoff, remaining_ms < pause_ms ? remaining_ms : pause_ms);
}

/* How long until the next look at a message that was sent. */
static int64_t check_delay_ms(const struct handoff *handoff, const struct instance *instance)
{
    int64_t asked = handoff->attempt.asked;
    int64_t remaining_ms = instance->rules.deliver_within_ms - age_ms(handoff);
    int64_t poll_ms = (int64_t)FIRST_POLL_MS
                      << (asked < SLOWEST_POLL_SHIFT ? asked : SLOWEST_POLL_SHIFT);
    bool has_callbacks = handoff->delivery->setup.public_url != NULL &&
                         instance->plugin->contract.channel->receive != NULL;
    bool is_polled = can_ask(instance) && !has_callbacks && remaining_ms > poll_ms;
    if (remaining_ms <= 0)
        return poll_ms; /* the provider could not be asked in time: a little later */
    return is_polled ? poll_ms : remaining_ms;
}

int64_t inquiry_first_check_ms(const struct handoff *handoff, const struct instance *instance)
{
    bool is_watched =
        instance->plugin->contract.channel->tells_delivery && instance->rules.deliver_within_ms > 0;
    return is_watched ? check_delay_ms(handoff, instance) : 0;
}

/* A provider that cannot be asked gets as much time again; of a channel that is gone nobody hears
 * any more. */
static void still_sent(struct handoff *handoff, enum attempt_event event)
{
    const struct instance *instance = asked_instance(handoff);
    int64_t within_ms = instance != NULL ? instance->rules.deliver_within_ms : 0;
    bool is_sure = event == EVENT_SENT || !can_ask(instance);
    handoff->attempt.asked++;
    if (within_ms == 0) {
        handoff->attempt.due_ms = 0;
        delivery_record(handoff, NULL, NULL);
        return;
    }
    if (age_ms(handoff) >= (is_sure ? within_ms : 2 * within_ms)) {
        overdue(handoff);
        return;
    }
    handoff->attempt.due_ms =
        delivery_now_ms(handoff->delivery) + check_delay_ms(handoff, instance);
    delivery_record(handoff, NULL, NULL);
}

void inquiry_still(struct handoff *handoff, enum attempt_event event)
{
    if (handoff->attempt.state == ATTEMPT_UNKNOWN)
        still_unknown(handoff);
    else
        still_sent(handoff, event);
}

/* ---- messages found in the provider's list: each stands for one handoff */

/* One that was answered a moment ago may not be on disk yet. */
static bool is_of_another(const struct handoff *handoff, const char *message_id)
{
    const struct handoff *other = registry_first(handoff->delivery->registry);
    for (; other != NULL; other = registry_next(other)) {
        const char *its_id = other->attempt.message_id;
        if (other != handoff && its_id != NULL && strcmp(its_id, message_id) == 0)
            return true;
    }
    return false;
}

bool inquiry_may_adopt(struct handoff *handoff, const char *message_id)
{
    return !is_of_another(handoff, message_id) &&
           claims_guess(handoff->delivery->claims, message_id, handoff->number);
}

struct mistake {
    struct visit visit;
    char message_id[];
};

/* What it took for its own was another's: all is as it was before. */
static void give_back(struct handoff *handoff, const char *message_id)
{
    struct attempt *attempt = &handoff->attempt;
    if (handoff_state_is_over(handoff->state) || !attempt_state_is_told(attempt->state) ||
        !attempt->is_guess || strcmp(attempt->message_id, message_id) != 0)
        return;
    delivery_stop_waiting(handoff);
    attempt->message_id = NULL;
    attempt->is_guess = false;
    delivery_set_attempt_state(handoff, ATTEMPT_UNKNOWN);
    delivery_set_on_its_way(handoff);
    delivery_set_due(handoff, FIRST_ASK_MS);
    log_warning("the message that was found is another's handoff=%s", handoff->given.id);
    delivery_record(handoff, attempt_state_name(ATTEMPT_UNKNOWN), "its message was another's");
}

static void on_mistaken_there(struct visit *visit, struct handoff *handoff, bool is_failed)
{
    struct mistake *mistake = container_of(visit, struct mistake, visit);
    if (handoff != NULL && !is_failed)
        give_back(handoff, mistake->message_id);
    free(mistake);
}

void inquiry_settle(struct handoff *handoff, const char *message_id)
{
    const struct delivery *delivery = handoff->delivery;
    int64_t other =
        claims_settle(delivery->claims, message_id, handoff->number, delivery_now_ms(delivery));
    size_t length = strlen(message_id);
    if (other == 0)
        return;
    struct mistake *mistake = memory_zeroed(1, sizeof *mistake + length + 1);
    memcpy(mistake->message_id, message_id, length);
    mistake->visit.on_there = on_mistaken_there;
    registry_visit(delivery->registry, other, &mistake->visit);
}

/* ---- the time is over */

/* Once: a provider that takes everything and answers nothing is not sent the same for ever. */
static void resend(struct handoff *handoff, const char *why)
{
    struct attempt former = handoff->attempt;
    const struct former *before = handoff->formers;
    bool is_resent = before != NULL && before->attempt.state == ATTEMPT_AMBIGUOUS &&
                     strcmp(before->attempt.channel, former.channel) == 0 &&
                     strcmp(before->attempt.address, former.address) == 0;
    if (is_resent || former.number >= ATTEMPTS_MOST) {
        escalation_next(handoff, why);
        return;
    }
    assign_again(handoff);
    escalation_follow(handoff, &former, why);
}

static void give_up(struct handoff *handoff)
{
    struct delivery *delivery = handoff->delivery;
    static const char why[] = "nobody can say whether it was sent";
    handoff->attempt.state = ATTEMPT_AMBIGUOUS;
    handoff->attempt.since_ms = delivery_now_ms(delivery);
    handoff->attempt.due_ms = 0;
    notice_log_failure(LOG_ERROR, handoff, why);
    switch (delivery->setup.unknown.on_ambiguous) {
    case AMBIGUOUS_ESCALATE:
        escalation_next(handoff, why);
        break;
    case AMBIGUOUS_RESEND:
        resend(handoff, why);
        break;
    case AMBIGUOUS_HOLD:
        escalation_hold(handoff, why);
        break;
    }
}

static void overdue(struct handoff *handoff)
{
    static const char why[] = "not delivered in time";
    handoff->attempt.due_ms = 0;
    notice_log_failure(LOG_WARNING, handoff, why);
    escalation_next(handoff, why);
}
