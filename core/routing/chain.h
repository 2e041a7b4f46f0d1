/* chain - the steps of `routing:` as one stable lexicographic order of the people.
 *
 * The first step decides, the second breaks its ties, and so on; the order of the file is the last
 * word. Whoever a step ranks HANDOFFD_NEVER is out. The ranks are the trace. */
#ifndef ROUTING_CHAIN_H
#define ROUTING_CHAIN_H

#include <stdbool.h>

#include "base/arena.h"
#include "plugin.h"
#include "routing/roster.h"

/* A step as vendors.yaml has it. */
struct chain_step {
    const char *label; /* turns belong to it */
    const struct handoffd_router *router;
    void *state;
    const void *const *person_options; /* one for each vendor of the roster, of this router's own */
};

struct chain;

/* Borrows everything. The chain lives in the arena. */
struct chain *chain_create(const struct roster *roster, const struct chain_step *steps,
                           size_t step_count, struct arena *arena);

/* Tells the routers who is there: once they are started, and before the first ranking. */
void chain_prepare(struct chain *chain);

/* A turn that was taken before: told at start. Unknown labels and ids are ignored. */
void chain_set_turn(struct chain *chain, const char *label, const char *vendor_id, int64_t turn);

/* Takes over the turns of a chain that this one replaces: of every person who is still there, at
 * every step of the same label. */
void chain_inherit(struct chain *chain, const struct chain *former);

/* Who is there, and how each step ranked them. */
struct ranking {
    size_t step_count;
    size_t count;          /* the candidates: the roster without those left out beforehand */
    size_t *vendors;       /* their index in the roster; best first after ranking_sort */
    const int64_t **ranks; /* one array a step, by index in the roster */
};

/* Ranks everyone but those for whom excluded[index in the roster] is true (NULL: everyone). */
void chain_rank(const struct chain *chain, const struct handoffd_handoff *handoff,
                const bool *excluded, struct arena *arena, struct ranking *ranking);

/* The best of them, or NOBODY. */
size_t ranking_best(const struct ranking *ranking);

/* Best first; those who are out are last. */
void ranking_sort(struct ranking *ranking);

bool ranking_is_out(const struct ranking *ranking, size_t vendor);

/* The steps where `vendor` had to be told from another who was still level: it takes a turn there.
 * Fills `labels` (step_count of room), remembers `turn` as their last, and says how many. */
size_t chain_take_turns(struct chain *chain, const struct ranking *ranking, size_t vendor,
                        int64_t turn, const char **labels);

/* The ranks in words, for the history: `keyword 0:luis 1:ana,diego; round_robin 3:ana
 * 5:luis,diego`. */
const char *chain_trace(const struct chain *chain, const struct ranking *ranking,
                        struct arena *arena);

size_t chain_step_count(const struct chain *chain);
const char *chain_label(const struct chain *chain, size_t step);

#endif
