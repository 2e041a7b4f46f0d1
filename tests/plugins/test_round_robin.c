/* test_round_robin - the rank is the last turn, whatever it is. */
#include "plugin_test.h"

static void ranks_by_the_last_turn(void **state)
{
    struct subject *subject = *state;
    static const struct person people[] = {
        {.id = "ana", .last_turn = 7}, {.id = "luis"}, {.id = "diego", .last_turn = INT64_MAX - 1}};
    struct roster *roster = roster_create(subject, people, COUNT_OF(people));
    const struct handoffd_handoff handoff = example_handoff("precio");
    int64_t rank[MOST_PEOPLE];
    subject_rank(subject, roster, NULL, COUNT_OF(people), &handoff, rank);
    assert_int_equal(rank[0], 7);
    assert_int_equal(rank[1], 0);
    assert_int_equal(rank[2], INT64_MAX - 1);
    roster_destroy(roster);
}

static void leaves_it_to_the_next_step_where_no_turns_are_known(void **state)
{
    const struct handoffd_handoff handoff = example_handoff("precio");
    int64_t rank[MOST_PEOPLE];
    subject_rank_without_columns(*state, 3, &handoff, rank);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(rank[i], 0);
}

static void has_no_options(void **state)
{
    const struct subject *subject = *state;
    assert_int_equal(subject->plugin->contract.options.count, 0);
    assert_int_equal(subject->plugin->contract.person_options.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_TEST(ranks_by_the_last_turn),
        PLUGIN_TEST(leaves_it_to_the_next_step_where_no_turns_are_known),
        PLUGIN_TEST(has_no_options),
    };
    return run_plugin_tests("routing/round_robin", tests);
}
