/* test_keyword - which reasons match which keywords, and what that does to the ranks. */
#include <time.h>

#include "plugin_test.h"

enum { ANA, LUIS, DIEGO, PEOPLE };

static bool start(struct subject *subject)
{
    char error[MOST_ERROR_BYTES];
    return subject_start(subject, error, sizeof error);
}

/* Ranks ana, who has these keywords, before luis, who has none. */
static bool matches(struct subject *subject, const char *keywords, const char *reason)
{
    char option[512];
    snprintf(option, sizeof option, "keywords=%s", keywords);
    const struct person people[] = {{.id = "ana", .options = {option}}, {.id = "luis"}};
    struct roster *roster = roster_create(subject, people, COUNT_OF(people));
    const struct handoffd_handoff handoff = example_handoff(reason);
    int64_t rank[MOST_PEOPLE];
    subject_prepare(subject, roster);
    subject_rank(subject, roster, NULL, COUNT_OF(people), &handoff, rank);
    roster_destroy(roster);
    assert_int_equal(rank[ANA], 0);
    assert_true(rank[LUIS] == 0 || rank[LUIS] == 1);
    return rank[LUIS] == 1;
}

static void finds_words_as_people_write_them(void **state)
{
    static const struct {
        const char *keyword;
        const char *reason;
        bool is_match;
    } cases[] = {
        {"cotización", "Cliente desea información sobre una cotización", true},
        {"cotizacion", "COTIZACIÓN urgente", true},
        {"COTIZACIÓN", "cotizacion", true},
        {"cotizacio\u0301n", "una cotización", true}, /* the accent as a mark of its own */
        {"cotización", "una cotizacio\u0301n", true},
        {"diseno", "pide un diseño", true},
        {"diseño", "pide un DISENO", true},
        {"robot", "mi robot no prende", true},
        {"robot", "robot", true},
        {"robot", "¿robot?", true},
        {"robot", "«Robot»…", true},
        {"robot", "e-robot/x", true},
        {"robot", "mi🤖robot🤖", true},
        {"robot", "robots", false}, /* whole words */
        {"robot", "microrobot", false},
        {"robot", "rob ot", false},
        {"robot*", "robots", true},
        {"robot*", "robot", true},
        {"robot*", "ROBÓTICA", true},
        {"robot *", "robots", false}, /* the star is no part of a word */
        {"*robot", "microrobot", false},
        {"cotiza*", "quiere cotizaciones", true},
        {"cotiza*", "recotiza", false},
        {"garantí*", "¿Y la GARANTIA?", true},
        {"robot de limpieza", "un robot de limpieza", true},
        {"robot de limpieza", "un Robot  de\n(limpieza)!", true},
        {"robot-de-limpieza", "robot de limpieza", true},
        {"robot de limpieza", "robot de cocina, limpieza", false},
        {"robot de limpieza", "robot de", false},
        {"robot de limpieza", "de limpieza robot", false},
        {"robot de limp*", "robot de limpiezas", true},
        {"robot de limp*", "robots de limpiezas", false},
        {"24/7", "servicio 24 7", true},
        {"r2d2", "R2D2", true},
        {"straße", "STRASSE", true},
        {"ﬁn", "fin", true},
        {"ａｂｃ", "abc", true},
        {"机器人", "机器人", true},
        {"а́но", "ано", true}, /* Cyrillic keeps its letters, and loses its accents */
        {"робот", "РОБОТ", true},
        {"x", "x", true},
        {"soft\u00ADhyphen", "softhyphen", true},
        {"🤖", "🤖", false}, /* no letter, no digit */
        {"*", "cualquier cosa", false},
        {"", "", false},
        {" ", "a", false},
    };
    struct subject *subject = *state;
    assert_true(start(subject));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (matches(subject, cases[i].keyword, cases[i].reason) != cases[i].is_match)
            fail_msg("\"%s\" in \"%s\"", cases[i].keyword, cases[i].reason);
    }
    subject_stop(subject);
}

static void rank_three(struct subject *subject, const char *reason, int64_t rank[static PEOPLE])
{
    static const struct person people[PEOPLE] = {
        [ANA] = {.id = "ana", .options = {"keywords=cotiza*,precio,robot de limpieza"}},
        [LUIS] = {.id = "luis", .options = {"keywords=garantía,robot"}},
        [DIEGO] = {.id = "diego"},
    };
    struct roster *roster = roster_create(subject, people, PEOPLE);
    const struct handoffd_handoff handoff = example_handoff(reason);
    subject_prepare(subject, roster);
    subject_rank(subject, roster, NULL, PEOPLE, &handoff, rank);
    roster_destroy(roster);
}

static void prefers_whoever_has_the_keyword_and_keeps_the_others_behind(void **state)
{
    int64_t rank[PEOPLE];
    assert_true(start(*state));
    rank_three(*state, "pide precio", rank);
    assert_int_equal(rank[ANA], 0);
    assert_int_equal(rank[LUIS], 1);
    assert_int_equal(rank[DIEGO], 1);
    rank_three(*state, "garantía del robot de limpieza", rank);
    assert_int_equal(rank[ANA], 0);
    assert_int_equal(rank[LUIS], 0);
    assert_int_equal(rank[DIEGO], 1);
    subject_stop(*state);
}

static void leaves_it_to_the_next_step_where_nobody_matches(void **state)
{
    int64_t rank[PEOPLE];
    assert_true(start(*state));
    rank_three(*state, "buenas tardes", rank);
    for (size_t i = 0; i < PEOPLE; i++)
        assert_int_equal(rank[i], 0);
    subject_stop(*state);
}

static void leaves_out_whoever_does_not_match_with_only(void **state)
{
    int64_t rank[PEOPLE];
    subject_set(*state, "only", "true");
    assert_true(start(*state));
    rank_three(*state, "pide precio", rank);
    assert_int_equal(rank[ANA], 0);
    assert_int_equal(rank[LUIS], HANDOFFD_NEVER);
    assert_int_equal(rank[DIEGO], HANDOFFD_NEVER);
    rank_three(*state, "buenas tardes", rank);
    for (size_t i = 0; i < PEOPLE; i++)
        assert_int_equal(rank[i], HANDOFFD_NEVER);
    subject_stop(*state);
}

static void reads_the_reason_only(void **state)
{
    assert_true(start(*state));
    assert_false(matches(*state, "restaurante", "otra cosa")); /* it is in additional_context */
    subject_stop(*state);
}

static void knows_people_again_in_another_order(void **state)
{
    static const struct person people[PEOPLE] = {
        [ANA] = {.id = "ana", .options = {"keywords=precio"}},
        [LUIS] = {.id = "luis", .options = {"keywords=falla"}},
        [DIEGO] = {.id = "diego"},
    };
    static const size_t chosen[] = {DIEGO, LUIS};
    struct subject *subject = *state;
    assert_true(start(subject));
    struct roster *roster = roster_create(subject, people, PEOPLE);
    subject_prepare(subject, roster);
    int64_t rank[PEOPLE];
    struct handoffd_handoff handoff = example_handoff("una falla");
    subject_rank(subject, roster, chosen, COUNT_OF(chosen), &handoff, rank);
    assert_int_equal(rank[0], 1);
    assert_int_equal(rank[1], 0);
    handoff = example_handoff("el precio"); /* hers, who is not among them */
    subject_rank(subject, roster, chosen, COUNT_OF(chosen), &handoff, rank);
    assert_int_equal(rank[0], 1);
    assert_int_equal(rank[1], 1);
    roster_destroy(roster);
    subject_stop(subject);
}

static void warns_of_keywords_that_match_nothing(void **state)
{
    struct subject *subject = *state;
    assert_true(start(subject));
    matches(subject, "precio,🤖,!!", "precio");
    assert_int_equal(subject->host->line_count, 1);
    assert_non_null(strstr(subject->host->lines[0], "count=2"));
    subject_stop(subject);
}

/* ---- size */

enum { CROWD = 1000, WORDS_EACH = 10, ROUNDS = 2000 };

struct crowd {
    char texts[CROWD][WORDS_EACH][16];
    const char *items[CROWD][WORDS_EACH];
    struct handoffd_list keywords[CROWD]; /* a person's options are this list */
    const void *options[CROWD];
    int64_t rank[CROWD];
};

static struct handoffd_people fill(struct crowd *crowd)
{
    for (size_t i = 0; i < CROWD; i++) {
        for (size_t k = 0; k < WORDS_EACH; k++) {
            snprintf(crowd->texts[i][k], sizeof crowd->texts[i][k], "%s%zux%zu%s",
                     k % 3 == 0 ? "palabra" : "p", i, k, k % 5 == 0 ? "*" : "");
            crowd->items[i][k] = crowd->texts[i][k];
        }
        crowd->keywords[i] = (struct handoffd_list){crowd->items[i], WORDS_EACH};
        crowd->options[i] = &crowd->keywords[i];
    }
    return (struct handoffd_people){
        .size = sizeof(struct handoffd_people), .count = CROWD, .options = crowd->options};
}

/* No bound on the time, which a loaded machine would break: it is printed. */
static void finds_one_of_ten_thousand_keywords(void **state)
{
    struct subject *subject = *state;
    const struct handoffd_router *router = &subject->plugin->router;
    assert_true(start(subject));
    struct crowd *crowd = memory_zeroed(1, sizeof *crowd);
    const struct handoffd_people people = fill(crowd);
    router->prepare(subject->state, &people);
    const struct handoffd_handoff handoff = example_handoff(
        "Buenas tardes, quisiera información de P777X8, precios y también de PALABRA42x0bis");
    struct timespec before;
    struct timespec after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    for (size_t i = 0; i < ROUNDS; i++)
        router->rank(subject->state, &handoff, &people, crowd->rank);
    clock_gettime(CLOCK_MONOTONIC, &after);
    for (size_t i = 0; i < CROWD; i++)
        assert_int_equal(crowd->rank[i], i == 777 || i == 42 ? 0 : 1);
    double seconds =
        (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
    print_message("%d keywords, %d people: %.1f us a rank\n", CROWD * WORDS_EACH, CROWD,
                  seconds * 1e6 / (double)ROUNDS);
    subject_stop(subject);
    free(crowd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_TEST(finds_words_as_people_write_them),
        PLUGIN_TEST(prefers_whoever_has_the_keyword_and_keeps_the_others_behind),
        PLUGIN_TEST(leaves_it_to_the_next_step_where_nobody_matches),
        PLUGIN_TEST(leaves_out_whoever_does_not_match_with_only),
        PLUGIN_TEST(reads_the_reason_only),
        PLUGIN_TEST(knows_people_again_in_another_order),
        PLUGIN_TEST(warns_of_keywords_that_match_nothing),
        PLUGIN_TEST(finds_one_of_ten_thousand_keywords),
    };
    return run_plugin_tests("routing/keyword", tests);
}
