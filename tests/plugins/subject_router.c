/* subject_router - rosters, prepare and rank of a router under test. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fault.h"
#include "loan.h"
#include "option_value.h"
#include "subject.h"

struct roster {
    struct loan *loan;
    size_t count;
    const char *id[MOST_PEOPLE];
    const char *name[MOST_PEOPLE];
    const void *options[MOST_PEOPLE];
    int64_t last_turn[MOST_PEOPLE];
};

static void *person_options(const struct subject *subject, const struct person *person,
                            struct loan *loan)
{
    const struct handoffd_plugin *contract = &subject->plugin->contract;
    if (contract->person_size == 0)
        return NULL;
    CLEANUP(memory_free) void *zeros = memory_zeroed(1, contract->person_size);
    void *options = loan_copy(loan, zeros, contract->person_size);
    option_defaults(&contract->person_options, options, subject->arena);
    for (size_t i = 0; i < MOST_PERSON_OPTIONS && person->options[i] != NULL; i++) {
        CLEANUP(memory_free) char *name = memory_text(person->options[i]);
        char *equals = strchr(name, '=');
        if (equals == NULL)
            fault("the test gives a person \"%s\" without =", name);
        *equals = '\0';
        option_set(&contract->person_options, name, equals + 1, options, loan);
    }
    return options;
}

struct roster *roster_create(const struct subject *subject, const struct person *people,
                             size_t count)
{
    if (count > MOST_PEOPLE)
        fault("the test has more than %d people", MOST_PEOPLE);
    struct roster *roster = memory_zeroed(1, sizeof *roster);
    roster->loan = loan_create();
    roster->count = count;
    for (size_t i = 0; i < count; i++) {
        roster->id[i] = loan_text(roster->loan, people[i].id);
        roster->name[i] = loan_text(roster->loan, people[i].name);
        roster->options[i] = person_options(subject, &people[i], roster->loan);
        roster->last_turn[i] = people[i].last_turn;
    }
    loan_protect(roster->loan);
    return roster;
}

void roster_destroy(struct roster *roster)
{
    if (roster == NULL)
        return;
    loan_end(roster->loan);
    free(roster);
}

/* The columns are lent for one call; what they point at lives with the roster. */
static struct handoffd_people *lend_people(struct loan *loan, const struct subject *subject,
                                           const struct roster *roster, const size_t chosen[],
                                           size_t count)
{
    struct roster columns = {.count = count};
    for (size_t i = 0; i < count; i++) {
        size_t from = chosen != NULL ? chosen[i] : i;
        columns.id[i] = roster->id[from];
        columns.name[i] = roster->name[from];
        columns.options[i] = roster->options[from];
        columns.last_turn[i] = roster->last_turn[from];
    }
    bool has_options = subject->plugin->contract.person_size > 0;
    const struct handoffd_people people = {
        .size = sizeof people,
        .count = count,
        .id = loan_copy(loan, columns.id, count * sizeof columns.id[0]),
        .name = loan_copy(loan, columns.name, count * sizeof columns.name[0]),
        .options = has_options ? loan_copy(loan, columns.options, count * sizeof columns.options[0])
                               : NULL,
        .last_turn = loan_copy(loan, columns.last_turn, count * sizeof columns.last_turn[0]),
    };
    return loan_copy(loan, &people, sizeof people);
}

static struct handoffd_handoff *lend_handoff(struct loan *loan,
                                             const struct handoffd_handoff *handoff)
{
    struct handoffd_handoff lent = *handoff;
    lent.id = loan_text(loan, handoff->id);
    lent.user_phone = loan_text(loan, handoff->user_phone);
    lent.reason = loan_text(loan, handoff->reason);
    lent.user_name = loan_text(loan, handoff->user_name);
    lent.conversation_id = loan_text(loan, handoff->conversation_id);
    lent.additional_context = loan_text(loan, handoff->additional_context);
    return loan_copy(loan, &lent, sizeof lent);
}

void subject_prepare(struct subject *subject, const struct roster *roster)
{
    if (subject->plugin->router.prepare == NULL)
        return;
    struct loan *loan = loan_create();
    const struct handoffd_people *people = lend_people(loan, subject, roster, NULL, roster->count);
    loan_protect(loan);
    fault_enter("prepare");
    subject->plugin->router.prepare(subject->state, people);
    fault_leave();
    loan_end(loan);
}

/* `loan` holds the arguments; the ranks have one of their own, which may be written. */
static void call_rank(const struct subject *subject, struct loan *loan,
                      const struct handoffd_handoff *handoff, const struct handoffd_people *people,
                      int64_t rank[])
{
    size_t bytes = people->count * sizeof rank[0];
    struct loan *ranks = loan_create();
    memset(rank, 0, bytes);
    int64_t *lent_rank = loan_copy(ranks, rank, bytes);
    loan_protect(loan);
    loan_protect(subject->state_loan);
    fault_enter("rank");
    subject->plugin->router.rank(subject->state, handoff, people, lent_rank);
    fault_leave();
    memcpy(rank, lent_rank, bytes);
    loan_end(ranks);
    loan_release(subject->state_loan);
}

void subject_rank(const struct subject *subject, const struct roster *roster, const size_t chosen[],
                  size_t count, const struct handoffd_handoff *handoff, int64_t rank[])
{
    struct loan *loan = loan_create();
    const struct handoffd_handoff *lent = lend_handoff(loan, handoff);
    call_rank(subject, loan, lent, lend_people(loan, subject, roster, chosen, count), rank);
    loan_end(loan);
}

void subject_rank_without_columns(const struct subject *subject, size_t count,
                                  const struct handoffd_handoff *handoff, int64_t rank[])
{
    struct loan *loan = loan_create();
    const struct handoffd_people people = {.size = sizeof people, .count = count};
    const struct handoffd_handoff *lent = lend_handoff(loan, handoff);
    call_rank(subject, loan, lent, loan_copy(loan, &people, sizeof people), rank);
    loan_end(loan);
}

struct handoffd_handoff example_handoff(const char *reason)
{
    return (struct handoffd_handoff){
        .size = sizeof(struct handoffd_handoff),
        .id = "ho_7m2k9q",
        .user_phone = "+5215512345678",
        .reason = reason,
        .user_name = "Juan Pérez",
        .conversation_id = "conv_abc123",
        .additional_context = "El cliente preguntó por robots para restaurante",
        .received_ms = INT64_C(1767268800000),
    };
}
