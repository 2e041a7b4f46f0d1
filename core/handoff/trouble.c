/* trouble - causes are alert's words, texts are for people. */
#include "handoff/trouble.h"

#include <string.h>

#include "alert/cause.h"
#include "base/language.h"
#include "plugin/instance.h"

/* What was refused, and what to do about it. */
static const char *with_advice(struct handoff *handoff, const struct attempt *attempt,
                               const char *failure)
{
    const struct instance *instance = attempt_channel(attempt, handoff->delivery->setup.roster);
    const struct handoffd_channel *channel =
        instance != NULL ? instance->plugin->contract.channel : NULL;
    const char *advice = channel != NULL && channel->explain != NULL && attempt->code != 0
                             ? channel->explain((int32_t)attempt->code)
                             : NULL;
    if (attempt->code == 0)
        return failure;
    return arena_format(handoff->arena, "%s (%lld)%s%s", failure, (long long)attempt->code,
                        advice != NULL ? ". " : "", advice != NULL ? advice : "");
}

void trouble_of_channel(struct handoff *handoff, const char *failure)
{
    struct delivery *delivery = handoff->delivery;
    char cause[CAUSE_SIZE];
    cause_of_channel(cause, handoff->attempt.channel);
    delivery->on_trouble(delivery, cause, with_advice(handoff, &handoff->attempt, failure));
}

void trouble_of_person(struct handoff *handoff, const struct attempt *attempt, const char *failure)
{
    struct delivery *delivery = handoff->delivery;
    const struct vendor *vendor = attempt_bind(attempt, delivery->setup.roster).vendor;
    char cause[CAUSE_SIZE];
    cause_of_person(cause, attempt->vendor_id, attempt->channel);
    delivery->on_trouble(delivery, cause,
                         arena_format(handoff->arena,
                                      in_language("messages do not reach %s by %s: %s [%s]",
                                                  "a %s no le llegan los mensajes por %s: %s [%s]"),
                                      vendor != NULL ? vendor->name : attempt->vendor_id,
                                      attempt->channel, with_advice(handoff, attempt, failure),
                                      handoff->given.id));
}

/* ---- stuck */

static const char *cause_of_held(const struct handoff *handoff)
{
    const struct attempt *attempt = &handoff->attempt;
    char cause[CAUSE_SIZE];
    if (attempt_state_is_moving(attempt->state))
        return NULL; /* it waits for its channel */
    if (attempt->state == ATTEMPT_AMBIGUOUS)
        return CAUSE_AMBIGUOUS;
    cause_of_message(cause, attempt->channel, attempt->code);
    return arena_text(handoff->arena, cause);
}

const char *trouble_cause(const struct handoff *handoff)
{
    switch (handoff->state) {
    case HANDOFF_HELD:
        return cause_of_held(handoff);
    case HANDOFF_EXHAUSTED:
        return CAUSE_EXHAUSTED;
    case HANDOFF_PARKED:
        return CAUSE_PARKED;
    default:
        return NULL;
    }
}

static const char *sentence_of(struct handoff *handoff, const char *cause, const char *why)
{
    if (strcmp(cause, CAUSE_PARKED) == 0)
        return in_language("a customer's message was set aside: the service crashed three times "
                           "over it",
                           "el aviso de un cliente quedó apartado: el servicio se cayó tres veces "
                           "con él");
    if (strcmp(cause, CAUSE_AMBIGUOUS) == 0)
        return in_language("nobody can say whether a customer's message reached anybody",
                           "no se puede saber si el aviso de un cliente llegó a alguien");
    if (strcmp(cause, CAUSE_EXHAUSTED) == 0)
        return arena_format(handoff->arena,
                            in_language("a customer waits, and nobody is left to tell: %s",
                                        "un cliente espera y no queda a quién avisar: %s"),
                            with_advice(handoff, &handoff->attempt, why));
    return arena_format(handoff->arena,
                        in_language("a customer waits: %s", "un cliente espera: %s"),
                        with_advice(handoff, &handoff->attempt, why));
}

static bool is_same(const char *one, const char *other)
{
    return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

void trouble_settle(struct handoff *handoff, const char *cause, const char *why)
{
    struct delivery *delivery = handoff->delivery;
    const char *former = handoff->stuck;
    const char *text = NULL;
    if (is_same(former, cause) || delivery->is_closed)
        return; /* or the next start says it */
    if (cause != NULL)
        text = arena_format(handoff->arena, "%s [%s]",
                            sentence_of(handoff, cause, why != NULL ? why : ""), handoff->given.id);
    handoff->stuck = cause;
    delivery->on_stuck(delivery, former, cause, text);
}
