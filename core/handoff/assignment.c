/* assignment - turns a choice into an attempt, and an attempt into what its channel is given. */
#include "handoff/assignment.h"

#include <string.h>

#include "handoff/addresses.h"
#include "plugin/instance.h"

enum { ADDRESS_BYTES = 256, HANDING_BYTES = 4096 };

/* ---- whom */

static void begin(struct handoff *handoff, const struct vendor *vendor,
                  const struct contact *contact)
{
    const struct delivery *delivery = handoff->delivery;
    const char *channel = contact->channel->name;
    handoff_begin_attempt(handoff, vendor->id, channel,
                          addresses_find(delivery->addresses, channel, contact->to),
                          delivery_now_ms(delivery));
}

static void exclude(bool *excluded, const struct roster *roster, const struct attempt *attempt,
                    int64_t tried_from)
{
    size_t vendor = attempt->number > tried_from ? roster_find(roster, attempt->vendor_id) : NOBODY;
    if (vendor != NOBODY)
        excluded[vendor] = true;
}

/* Everybody who was tried; NULL: nobody was. */
static const bool *tried_of(const struct handoff *handoff, struct arena *arena)
{
    const struct roster *roster = handoff->delivery->setup.roster;
    if (handoff->attempt.number == 0)
        return NULL;
    bool *excluded = arena_zeroed(arena, roster->count, sizeof *excluded);
    exclude(excluded, roster, &handoff->attempt, handoff->tried_from);
    for (const struct former *former = handoff->formers; former != NULL; former = former->next)
        exclude(excluded, roster, &former->attempt, handoff->tried_from);
    return excluded;
}

static size_t choose(struct handoff *handoff, struct arena *arena, struct choice *choice)
{
    struct delivery *delivery = handoff->delivery;
    const struct roster *roster = delivery->setup.roster;
    struct chain *chain = delivery->setup.chain;
    const bool *tried = tried_of(handoff, arena);
    struct ranking ranking;
    chain_rank(chain, &handoff->given, tried, arena, &ranking);
    size_t best = ranking_best(&ranking);
    choice->turn_labels = arena_zeroed(handoff->arena, chain_step_count(chain), sizeof(char *));
    if (best != NOBODY)
        choice->turn_count =
            chain_take_turns(chain, &ranking, best, delivery->last_turn + 1, choice->turn_labels);
    if (choice->turn_count > 0)
        choice->turn = ++delivery->last_turn;
    choice->trace = chain_trace(chain, &ranking, handoff->arena);
    bool has_fallback = roster->fallback != NOBODY && (tried == NULL || !tried[roster->fallback]);
    return best == NOBODY && has_fallback ? roster->fallback : best;
}

static bool is_open(const struct delivery *delivery, const struct contact *contact)
{
    return gate_closed_why(gates_find(delivery->gates, contact->channel->name)) == NULL;
}

/* The first contact whose channel takes anything now; the first of all where none does. */
static const struct contact *first_contact(const struct delivery *delivery,
                                           const struct vendor *vendor)
{
    for (size_t i = 0; i < vendor->contact_count; i++) {
        if (is_open(delivery, &vendor->contacts[i]))
            return &vendor->contacts[i];
    }
    return &vendor->contacts[0];
}

bool assign_person(struct handoff *handoff, struct choice *choice)
{
    struct arena *arena = arena_create(4096);
    size_t best = choose(handoff, arena, choice);
    arena_destroy(arena);
    if (best == NOBODY)
        return false;
    const struct vendor *vendor = &handoff->delivery->setup.roster->vendors[best];
    begin(handoff, vendor, first_contact(handoff->delivery, vendor));
    return true;
}

bool assign_next_contact(struct handoff *handoff)
{
    const struct delivery *delivery = handoff->delivery;
    struct binding bound = attempt_bind(&handoff->attempt, delivery->setup.roster);
    for (size_t i = bound.contact_index + 1; bound.vendor && i < bound.vendor->contact_count; i++) {
        if (!is_open(delivery, &bound.vendor->contacts[i]))
            continue;
        begin(handoff, bound.vendor, &bound.vendor->contacts[i]);
        return true;
    }
    return false;
}

static bool was_tried(const struct handoff *handoff, const char *channel, const char *address)
{
    for (const struct former *former = handoff->formers; former != NULL; former = former->next) {
        if (strcmp(former->attempt.channel, channel) == 0 &&
            strcmp(former->attempt.address, address) == 0)
            return true;
    }
    return false;
}

bool assign_other_form(struct handoff *handoff)
{
    const struct attempt *attempt = &handoff->attempt;
    struct binding bound = attempt_bind(attempt, handoff->delivery->setup.roster);
    char other[ADDRESS_BYTES];
    if (bound.vendor == NULL)
        return false;
    const struct handoffd_channel *channel = bound.contact->channel->plugin->contract.channel;
    if (channel->other_to == NULL || !channel->other_to(attempt->address, other, sizeof other) ||
        was_tried(handoff, attempt->channel, other))
        return false;
    handoff_begin_attempt(handoff, attempt->vendor_id, attempt->channel, other,
                          delivery_now_ms(handoff->delivery));
    return true;
}

bool assign_vendor(struct handoff *handoff, const char *vendor_id)
{
    const struct roster *roster = handoff->delivery->setup.roster;
    size_t found = vendor_id != NULL ? roster_find(roster, vendor_id) : NOBODY;
    if (found == NOBODY || handoff->attempt.number >= ATTEMPTS_MOST)
        return false;
    begin(handoff, &roster->vendors[found],
          first_contact(handoff->delivery, &roster->vendors[found]));
    return true;
}

void assign_again(struct handoff *handoff)
{
    const struct attempt *attempt = &handoff->attempt;
    handoff_begin_attempt(handoff, attempt->vendor_id, attempt->channel, attempt->address,
                          delivery_now_ms(handoff->delivery));
}

/* ---- what the channel is given */

static const char *callback_url(const struct handoff *handoff, const struct instance *instance,
                                uint64_t id)
{
    const struct delivery *delivery = handoff->delivery;
    char token[ATTEMPT_TOKEN_SIZE];
    if (delivery->setup.public_url == NULL || instance->plugin->contract.channel->receive == NULL)
        return NULL;
    attempt_token_write(delivery->ids, id, token);
    return arena_format(handoff->handing, "%s/hooks/%s/%s", delivery->setup.public_url,
                        instance->name, token);
}

static const char *note_of(const struct handoff *handoff)
{
    if (handoff->parent != 0)
        return message_update;
    return handoff_may_be_known(handoff) ? message_possible_duplicate : NULL;
}

void assignment_compose(struct handoff *handoff, const struct instance *instance)
{
    const struct attempt *attempt = &handoff->attempt;
    const struct roster *roster = handoff->delivery->setup.roster;
    size_t vendor = roster_find(roster, attempt->vendor_id);
    const char *name = vendor != NOBODY ? roster->vendors[vendor].name : attempt->vendor_id;
    uint64_t id = attempt_id(handoff->number, attempt);
    arena_destroy(handoff->handing);
    handoff->handing = arena_create(HANDING_BYTES);
    handoff->handed = (struct handoffd_attempt){
        .size = sizeof handoff->handed,
        .id = id,
        .handoff_id = handoff->given.id,
        .vendor_id = attempt->vendor_id,
        .to = attempt->address,
        .started_ms = attempt->started_ms,
        .callback_url = callback_url(handoff, instance, id),
    };
    message_compose(handoff->delivery->setup.template, instance->plugin->contract.channel,
                    &handoff->given, name, note_of(handoff), handoff->handing, &handoff->message);
}
