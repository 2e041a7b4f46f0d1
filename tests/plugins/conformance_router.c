/* conformance_router - a router ranks everybody, says the same again, and keeps nothing but its
 * state. */
#include "conformance.h"

#include <string.h>

#include "base/memory.h"
#include "fault.h"

enum { PEOPLE = 5, RANKS = MOST_PEOPLE };

static const char *const reasons[] = {
    "Cliente desea información sobre cotizaciones",
    "mi robot no prende",
    "x",
    "¡¿ROBOT de Limpieza?! 🤖 ٣٤٥ 中文 ß ﬁ",
    "a, b; c: d. e! f? (g) [h] {i} \"j\" 'k' <l> /m\\ n|o",
};

/* The settings' person options go to every second person. */
static void make_people(const struct settings *settings, struct person people[static PEOPLE])
{
    static const char *const ids[] = {"ana", "luis", "diego", "eva", "ñandú"};
    for (size_t i = 0; i < PEOPLE; i++)
        people[i] =
            (struct person){.id = ids[i], .name = "Ana Torres", .last_turn = (int64_t)(i * 3 % 4)};
    for (size_t i = 0; i < PEOPLE; i += 2) {
        size_t count = 0;
        for (size_t k = 0; k < settings->count && count < MOST_PERSON_OPTIONS; k++) {
            if (strncmp(settings->items[k], "person.", 7) == 0)
                people[i].options[count++] = settings->items[k] + 7;
        }
    }
}

static void check_same(const int64_t once[], const int64_t again[], size_t count, const char *when)
{
    if (memcmp(once, again, count * sizeof once[0]) != 0)
        fault("rank is not pure: the same arguments gave other ranks %s", when);
}

static void check_reason(const struct subject *subject, const struct roster *roster,
                         const struct handoffd_handoff *handoff)
{
    static const size_t subset[] = {4, 1, 3};
    int64_t once[RANKS];
    int64_t again[RANKS];
    int64_t few[RANKS];
    subject_rank(subject, roster, NULL, PEOPLE, handoff, once);
    subject_rank(subject, roster, NULL, PEOPLE, handoff, again);
    check_same(once, again, PEOPLE, "at once");
    subject_rank(subject, roster, subset, COUNT_OF(subset), handoff, few);
    subject_rank(subject, roster, NULL, 0, handoff, few);
    subject_rank(subject, roster, NULL, 1, handoff, few);
    subject_rank(subject, roster, NULL, PEOPLE, handoff, again);
    check_same(once, again, PEOPLE, "after others were ranked");
    subject_rank_without_columns(subject, PEOPLE, handoff, few);
}

static void check_reasons(const struct subject *subject, const struct roster *roster)
{
    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        struct handoffd_handoff handoff = example_handoff(reasons[i]);
        check_reason(subject, roster, &handoff);
        handoff.user_phone = NULL; /* as `handoffd route` asks without a phone */
        handoff.user_name = NULL;
        handoff.conversation_id = NULL;
        handoff.additional_context = NULL;
        check_reason(subject, roster, &handoff);
    }
}

static void check_life(struct subject *subject, const struct settings *settings)
{
    struct person people[PEOPLE] = {0};
    make_people(settings, people);
    conformance_start(subject, settings);
    struct roster *roster = roster_create(subject, people, PEOPLE);
    subject_prepare(subject, roster);
    check_reasons(subject, roster);

    /* The people change: what prepare saw before is gone. */
    struct roster *others = roster_create(subject, people + 1, PEOPLE - 1);
    subject_prepare(subject, others);
    roster_destroy(roster);
    int64_t rank[RANKS];
    struct handoffd_handoff handoff = example_handoff(reasons[0]);
    subject_rank(subject, others, NULL, PEOPLE - 1, &handoff, rank);
    struct roster *nobody = roster_create(subject, people, 0);
    subject_prepare(subject, nobody);
    roster_destroy(others);
    subject_rank(subject, nobody, NULL, 0, &handoff, rank);
    roster_destroy(nobody);
    subject_stop(subject);
}

static void check_stop_without_people(struct subject *subject, const struct settings *settings)
{
    conformance_start(subject, settings);
    subject_stop(subject);
}

void conformance_router(struct subject *subject, const struct settings *settings)
{
    check_life(subject, settings);
    check_life(subject, settings); /* a second instance is like the first */
    check_stop_without_people(subject, settings);
}
