/* assignment - turns a choice into an attempt. */
#include "handoff/assignment.h"

#include "plugin/instance.h"

bool assign_person(struct handoff *handoff, const struct roster *roster, struct chain *chain,
                   int64_t turn, const char **labels, size_t *turns, const char **trace)
{
    struct arena *scratch = arena_create(4096);
    struct ranking ranking;
    chain_rank(chain, &handoff->given, handoff->tried, scratch, &ranking);
    size_t best = ranking_best(&ranking);
    *turns = best == NOBODY ? 0 : chain_take_turns(chain, &ranking, best, turn, labels);
    *trace = chain_trace(chain, &ranking, handoff->arena);
    if (best == NOBODY && roster->fallback != NOBODY && !handoff->tried[roster->fallback])
        best = roster->fallback;
    arena_destroy(scratch);
    if (best == NOBODY)
        return false;
    handoff->tried[best] = true;
    handoff_begin_attempt(handoff, &roster->vendors[best], 0);
    return true;
}

bool assign_next_contact(struct handoff *handoff)
{
    const struct attempt *attempt = &handoff->attempt;
    if (attempt->vendor == NULL || attempt->contact + 1 >= attempt->vendor->contact_count)
        return false;
    handoff_begin_attempt(handoff, attempt->vendor, attempt->contact + 1);
    return true;
}

/* Never returns: the handoff's number, its attempt, its try. */
static uint64_t delivery_id(const struct handoff *handoff)
{
    return (uint64_t)handoff->number << 24 | ((uint64_t)handoff->attempt.number & 0xff) << 16 |
           ((uint64_t)handoff->attempt.tries & 0xffff);
}

void assignment_compose(struct handoff *handoff, const struct message_template *template)
{
    const struct attempt *attempt = &handoff->attempt;
    handoff->handed = (struct handoffd_attempt){
        .size = sizeof handoff->handed,
        .id = delivery_id(handoff),
        .handoff_id = handoff->given.id,
        .vendor_id = attempt->vendor->id,
        .to = attempt->address,
        .started_ms = attempt->started_ms,
    };
    if (handoff->composed == attempt->number)
        return;
    handoff->composed = attempt->number;
    message_compose(template, attempt_instance(attempt)->plugin->contract.channel, &handoff->given,
                    attempt->vendor->name, handoff->arena, &handoff->message);
}
