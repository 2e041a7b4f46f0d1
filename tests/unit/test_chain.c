/* test_chain - the order of the people, whose turn it is, and why; routers are columns of numbers
 * here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "routing/chain.h"

enum { PEOPLE_MOST = 12, STEPS_MOST = 4 };

#define NEVER HANDOFFD_NEVER

/* A router that gives everyone the rank that the test wrote down, known by id. */
struct column {
    const struct roster *roster;
    int64_t ranks[PEOPLE_MOST];
};

static void rank_by_column(const void *state, const struct handoffd_handoff *handoff,
                           const struct handoffd_people *people, int64_t rank[])
{
    const struct column *column = state;
    (void)handoff;
    for (size_t i = 0; i < people->count; i++) {
        assert_int_equal(rank[i], 0); /* as the contract says */
        rank[i] = column->ranks[roster_find(column->roster, people->id[i])];
    }
}

static const struct handoffd_router by_column = {.size = sizeof by_column, .rank = rank_by_column};

static void rank_by_turn(const void *state, const struct handoffd_handoff *handoff,
                         const struct handoffd_people *people, int64_t rank[])
{
    (void)state, (void)handoff;
    for (size_t i = 0; i < people->count; i++)
        rank[i] = people->last_turn[i];
}

static const struct handoffd_router by_turn = {.size = sizeof by_turn, .rank = rank_by_turn};

static void rank_nothing(const void *state, const struct handoffd_handoff *handoff,
                         const struct handoffd_people *people, int64_t rank[])
{
    (void)state, (void)handoff, (void)people, (void)rank;
}

static const struct handoffd_router by_nothing = {.size = sizeof by_nothing, .rank = rank_nothing};

/* ---- a fixture: a roster of some people, and steps that a test adds */

struct fixture {
    struct arena *arena;
    struct vendor vendors[PEOPLE_MOST];
    struct roster roster;
    struct column columns[STEPS_MOST];
    struct chain_step steps[STEPS_MOST];
    size_t step_count;
    struct chain *chain;
    struct ranking ranking; /* the last one */
};

static int setup(void **state)
{
    static const char *const ids[PEOPLE_MOST] = {"ana", "luis", "diego", "eva", "raul", "sol",
                                                 "p6",  "p7",   "p8",    "p9",  "p10",  "p11"};
    struct arena *arena = arena_create(4096);
    struct fixture *fixture = arena_zeroed(arena, 1, sizeof *fixture);
    fixture->arena = arena;
    for (size_t i = 0; i < PEOPLE_MOST; i++)
        fixture->vendors[i] = (struct vendor){.id = ids[i], .name = ids[i]};
    fixture->roster = (struct roster){.vendors = fixture->vendors, .count = 3, .fallback = NOBODY};
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    arena_destroy(fixture->arena);
    return 0;
}

static void add_step(struct fixture *fixture, const char *label,
                     const struct handoffd_router *router, void *router_state)
{
    fixture->steps[fixture->step_count++] =
        (struct chain_step){.label = label, .router = router, .state = router_state};
}

static int64_t *add_column(struct fixture *fixture, const char *label)
{
    struct column *column = &fixture->columns[fixture->step_count];
    column->roster = &fixture->roster;
    add_step(fixture, label, &by_column, column);
    return column->ranks;
}

static void set_ranks(int64_t *ranks, const int64_t *values, size_t count)
{
    memcpy(ranks, values, count * sizeof *ranks);
}

#define SET(ranks, ...)                                                                            \
    set_ranks(ranks, (const int64_t[]){__VA_ARGS__}, COUNT_OF(((const int64_t[]){__VA_ARGS__})))

static void build(struct fixture *fixture)
{
    fixture->chain =
        chain_create(&fixture->roster, fixture->steps, fixture->step_count, fixture->arena);
    chain_prepare(fixture->chain);
}

static const struct handoffd_handoff handoff = {.size = sizeof handoff, .reason = "hola"};

static size_t best(struct fixture *fixture, const bool *excluded)
{
    chain_rank(fixture->chain, &handoff, excluded, fixture->arena, &fixture->ranking);
    return ranking_best(&fixture->ranking);
}

static const char *trace(struct fixture *fixture)
{
    return chain_trace(fixture->chain, &fixture->ranking, fixture->arena);
}

/* The labels of the steps where `vendor` took a turn, with a blank behind each. */
static const char *take_turns(struct fixture *fixture, size_t vendor, int64_t turn)
{
    const char *labels[STEPS_MOST];
    const char *text = "";
    size_t count = chain_take_turns(fixture->chain, &fixture->ranking, vendor, turn, labels);
    for (size_t i = 0; i < count; i++)
        text = arena_format(fixture->arena, "%s%s ", text, labels[i]);
    return text;
}

/* ---- the order */

static void takes_the_order_of_the_file_without_steps(void **state)
{
    struct fixture *fixture = *state;
    build(fixture);
    assert_int_equal(best(fixture, NULL), 0);
    assert_int_equal(fixture->ranking.count, 3);
    assert_string_equal(trace(fixture), "");
    assert_int_equal(chain_step_count(fixture->chain), 0);
}

static void lets_the_first_step_decide_and_the_next_break_its_ties(void **state)
{
    struct fixture *fixture = *state;
    SET(add_column(fixture, "first"), 2, 1, 1);
    SET(add_column(fixture, "second"), -100, 7, 3);
    build(fixture);
    assert_int_equal(best(fixture, NULL), 2);
    assert_string_equal(trace(fixture), "first 1:luis,diego 2:ana; second -100:ana 3:diego 7:luis");
    assert_int_equal(chain_step_count(fixture->chain), 2);
    assert_string_equal(chain_label(fixture->chain, 1), "second");
}

static void leaves_the_last_word_to_the_file(void **state)
{
    struct fixture *fixture = *state;
    SET(add_column(fixture, "first"), 5, 1, 1);
    build(fixture);
    assert_int_equal(best(fixture, NULL), 1);
    ranking_sort(&fixture->ranking);
    assert_int_equal(fixture->ranking.vendors[0], 1);
    assert_int_equal(fixture->ranking.vendors[1], 2);
    assert_int_equal(fixture->ranking.vendors[2], 0);
}

static void leaves_out_whom_any_step_leaves_out(void **state)
{
    struct fixture *fixture = *state;
    SET(add_column(fixture, "first"), 0, 1, NEVER);
    SET(add_column(fixture, "second"), NEVER, 1, -9);
    build(fixture);
    assert_int_equal(best(fixture, NULL), 1);
    assert_true(ranking_is_out(&fixture->ranking, 0));
    assert_false(ranking_is_out(&fixture->ranking, 1));
    assert_true(ranking_is_out(&fixture->ranking, 2));
    ranking_sort(&fixture->ranking);
    assert_int_equal(fixture->ranking.vendors[0], 1);
    assert_string_equal(trace(fixture),
                        "first 0:ana 1:luis never:diego; second -9:diego 1:luis never:ana");
}

static void leaves_nobody_where_everyone_is_out(void **state)
{
    struct fixture *fixture = *state;
    SET(add_column(fixture, "only"), NEVER, NEVER, NEVER);
    build(fixture);
    assert_int_equal(best(fixture, NULL), NOBODY);
    assert_string_equal(trace(fixture), "only never:ana,luis,diego");
    fixture->columns[0].ranks[1] = INT64_MAX - 1; /* the worst is still somebody */
    assert_int_equal(best(fixture, NULL), 1);
    fixture->columns[0].ranks[2] = INT64_MIN;
    assert_int_equal(best(fixture, NULL), 2);
}

static void does_not_see_those_left_out_beforehand(void **state)
{
    struct fixture *fixture = *state;
    bool excluded[PEOPLE_MOST] = {true};
    SET(add_column(fixture, "first"), 1, 2, 3);
    build(fixture);
    assert_int_equal(best(fixture, excluded), 1);
    assert_int_equal(fixture->ranking.count, 2);
    assert_string_equal(trace(fixture), "first 2:luis 3:diego");
    excluded[1] = excluded[2] = true;
    assert_int_equal(best(fixture, excluded), NOBODY);
    assert_string_equal(trace(fixture), "first");
}

static void has_nobody_in_an_empty_roster(void **state)
{
    struct fixture *fixture = *state;
    fixture->roster.count = 0;
    add_column(fixture, "first");
    build(fixture);
    assert_int_equal(best(fixture, NULL), NOBODY);
}

/* ---- what a router sees */

struct seen {
    size_t prepared;
    size_t ranked;
    struct handoffd_people people;
    const char *names[PEOPLE_MOST];
    const void *options[PEOPLE_MOST];
    int64_t last_turn[PEOPLE_MOST];
};

static void look(struct seen *seen, const struct handoffd_people *people)
{
    seen->people = *people;
    for (size_t i = 0; i < people->count; i++) {
        seen->names[i] = people->name[i];
        seen->options[i] = people->options[i];
        seen->last_turn[i] = people->last_turn[i];
    }
}

static void prepare_looking(void *state, const struct handoffd_people *people)
{
    struct seen *seen = *(struct seen **)state;
    seen->prepared++;
    look(seen, people);
}

static void rank_looking(const void *state, const struct handoffd_handoff *given,
                         const struct handoffd_people *people, int64_t rank[])
{
    struct seen *seen = *(struct seen *const *)state;
    assert_ptr_equal(given, &handoff);
    seen->ranked++;
    look(seen, people);
    rank[0] = 1;
}

static void shows_each_router_the_people_with_its_own_options(void **state)
{
    static const struct handoffd_router looking = {
        .size = sizeof looking, .rank = rank_looking, .prepare = prepare_looking};
    struct fixture *fixture = *state;
    struct seen seen = {0};
    struct seen *pointer = &seen;
    const void *const options[] = {"a", "l", "d"};
    bool excluded[PEOPLE_MOST] = {false, true};
    add_step(fixture, "looking", &looking, &pointer);
    fixture->steps[0].person_options = options;
    build(fixture);
    assert_int_equal(seen.prepared, 1); /* with everybody */
    assert_int_equal(seen.people.count, 3);
    assert_int_equal(seen.people.size, sizeof seen.people);
    assert_ptr_equal(seen.options[1], options[1]);
    chain_set_turn(fixture->chain, "looking", "diego", 42);
    assert_int_equal(best(fixture, excluded), 2);
    assert_int_equal(seen.ranked, 1); /* without luis */
    assert_int_equal(seen.people.count, 2);
    assert_string_equal(seen.names[1], "diego");
    assert_ptr_equal(seen.options[1], options[2]);
    assert_int_equal(seen.last_turn[0], 0);
    assert_int_equal(seen.last_turn[1], 42);
}

/* ---- turns */

static void takes_turns_only_where_there_was_a_choice(void **state)
{
    static const struct {
        int64_t first[3];
        int64_t second[3];
        const char *labels; /* of the best one's turns */
    } cases[] = {
        {{0, 1, 2}, {0, 0, 0}, "first "},        /* decided at once */
        {{0, 0, 1}, {1, 0, 0}, "first second "}, /* by the second */
        {{0, 0, 0}, {0, 0, 0}, "first second "}, /* by the file */
        {{NEVER, 5, NEVER}, {0, 0, 0}, ""},      /* nobody else was there */
        {{0, 0, 1}, {0, NEVER, 0}, "first "},    /* luis was never to be told from ana */
        {{3, NEVER, 2}, {0, 0, NEVER}, ""},      /* out by another step is out */
        {{NEVER, NEVER, NEVER}, {0, 0, 0}, NULL},
    };
    struct fixture *fixture = *state;
    int64_t *first = add_column(fixture, "first");
    int64_t *second = add_column(fixture, "second");
    build(fixture);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        set_ranks(first, cases[i].first, 3);
        set_ranks(second, cases[i].second, 3);
        size_t vendor = best(fixture, NULL);
        if (cases[i].labels == NULL)
            assert_int_equal(vendor, NOBODY);
        else
            assert_string_equal(take_turns(fixture, vendor, 1), cases[i].labels);
    }
}

static void remembers_a_turn_at_its_step_alone(void **state)
{
    struct fixture *fixture = *state;
    add_step(fixture, "day", &by_turn, NULL);
    add_step(fixture, "night", &by_turn, NULL);
    build(fixture);
    chain_set_turn(fixture->chain, "day", "ana", 7);
    chain_set_turn(fixture->chain, "night", "luis", 3);
    chain_set_turn(fixture->chain, "noon", "ana", 9);  /* no such step */
    chain_set_turn(fixture->chain, "day", "pedro", 9); /* nobody of that name */
    assert_int_equal(best(fixture, NULL), 2);
    assert_string_equal(trace(fixture), "day 0:luis,diego 7:ana; night 0:ana,diego 3:luis");
    assert_string_equal(take_turns(fixture, 2, 8), "day night ");
    assert_int_equal(best(fixture, NULL), 1);
    assert_string_equal(trace(fixture), "day 0:luis 7:ana 8:diego; night 0:ana 3:luis 8:diego");
    assert_string_equal(take_turns(fixture, 1, 9), "day ");
    best(fixture, NULL);
    assert_string_equal(trace(fixture), "day 7:ana 8:diego 9:luis; night 0:ana 3:luis 8:diego");
}

/* ---- properties */

/* splitmix64, so that a failure can be repeated */
static uint64_t next_random(uint64_t *random)
{
    uint64_t z = *random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static int64_t random_rank(uint64_t *random)
{
    static const int64_t ranks[] = {0, 0, 1, 1, 2, -1, INT64_MIN, INT64_MAX - 1, NEVER};
    return ranks[next_random(random) % COUNT_OF(ranks)];
}

/* Does `a` come before `b`? Word for word what chain.h says. */
static bool is_before(const struct fixture *fixture, size_t a, size_t b)
{
    for (size_t step = 0; step < fixture->step_count; step++) {
        int64_t left = fixture->columns[step].ranks[a];
        int64_t right = fixture->columns[step].ranks[b];
        if (left != right)
            return left < right;
    }
    return a < b;
}

static bool is_in(const struct fixture *fixture, const bool *excluded, size_t vendor)
{
    bool is_there = !excluded[vendor];
    for (size_t step = 0; step < fixture->step_count; step++)
        is_there = is_there && fixture->columns[step].ranks[vendor] != NEVER;
    return is_there;
}

/* The people in order, by asking for the first among those left; returns how many are in. */
static size_t naive_order(const struct fixture *fixture, const bool *excluded, size_t *order)
{
    bool used[PEOPLE_MOST] = {false};
    size_t count = 0;
    for (;;) {
        size_t first = NOBODY;
        for (size_t i = 0; i < fixture->roster.count; i++) {
            if (!used[i] && is_in(fixture, excluded, i) &&
                (first == NOBODY || is_before(fixture, i, first)))
                first = i;
        }
        if (first == NOBODY)
            return count;
        used[first] = true;
        order[count++] = first;
    }
}

static void agrees_with_a_naive_order(void **state)
{
    struct fixture *fixture = *state;
    uint64_t random = 20261122;
    fixture->roster.count = PEOPLE_MOST;
    for (size_t step = 0; step < STEPS_MOST; step++)
        add_column(fixture, "step");
    for (int round = 0; round < 20000; round++) {
        bool excluded[PEOPLE_MOST];
        size_t order[PEOPLE_MOST];
        fixture->roster.count = next_random(&random) % (PEOPLE_MOST + 1);
        fixture->step_count = next_random(&random) % (STEPS_MOST + 1);
        for (size_t i = 0; i < PEOPLE_MOST; i++) {
            excluded[i] = next_random(&random) % 5 == 0;
            for (size_t step = 0; step < STEPS_MOST; step++)
                fixture->columns[step].ranks[i] = random_rank(&random);
        }
        struct arena *kept = fixture->arena;
        fixture->arena = arena_create(4096);
        build(fixture);
        size_t count = naive_order(fixture, excluded, order);
        assert_int_equal(best(fixture, excluded), count > 0 ? order[0] : NOBODY);
        ranking_sort(&fixture->ranking);
        assert_int_equal(ranking_best(&fixture->ranking), count > 0 ? order[0] : NOBODY);
        for (size_t i = 0; i < fixture->ranking.count; i++) {
            assert_int_equal(ranking_is_out(&fixture->ranking, fixture->ranking.vendors[i]),
                             i >= count);
            if (i < count)
                assert_int_equal(fixture->ranking.vendors[i], order[i]);
        }
        arena_destroy(fixture->arena);
        fixture->arena = kept;
    }
}

/* Whoever is here the whole time gets as many as the others who are, give or take one. */
static void shares_turns_fairly_whoever_comes_and_goes(void **state)
{
    struct fixture *fixture = *state;
    enum { ALWAYS = 4, COME_AND_GO = 3, HANDOFFS = 5000 };
    size_t told[ALWAYS + COME_AND_GO] = {0};
    uint64_t random = 7;
    fixture->roster.count = ALWAYS + COME_AND_GO;
    add_step(fixture, "keyword", &by_nothing, NULL);
    add_step(fixture, "round_robin", &by_turn, NULL);
    build(fixture);
    for (int64_t turn = 1; turn <= HANDOFFS; turn++) {
        bool excluded[PEOPLE_MOST] = {false};
        for (size_t i = ALWAYS; i < fixture->roster.count; i++)
            excluded[i] = next_random(&random) % 2 == 0;
        size_t vendor = best(fixture, excluded);
        assert_int_not_equal(vendor, NOBODY);
        assert_string_equal(take_turns(fixture, vendor, turn), "keyword round_robin ");
        told[vendor]++;
        size_t least = SIZE_MAX;
        size_t most = 0;
        for (size_t i = 0; i < ALWAYS; i++) {
            least = told[i] < least ? told[i] : least;
            most = told[i] > most ? told[i] : most;
        }
        assert_true(most - least <= 1);
    }
    for (size_t i = ALWAYS; i < fixture->roster.count;
         i++) /* nobody catches up, nobody is forgotten */
        assert_true(told[i] <= told[0] + 1 && told[i] > told[0] / 3);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(takes_the_order_of_the_file_without_steps),
        TEST(lets_the_first_step_decide_and_the_next_break_its_ties),
        TEST(leaves_the_last_word_to_the_file),
        TEST(leaves_out_whom_any_step_leaves_out),
        TEST(leaves_nobody_where_everyone_is_out),
        TEST(does_not_see_those_left_out_beforehand),
        TEST(has_nobody_in_an_empty_roster),
        TEST(shows_each_router_the_people_with_its_own_options),
        TEST(takes_turns_only_where_there_was_a_choice),
        TEST(remembers_a_turn_at_its_step_alone),
        TEST(agrees_with_a_naive_order),
        TEST(shares_turns_fairly_whoever_comes_and_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
