/* route - `handoffd route "mi robot no prende"`: who would get it, and why. Touches nothing: the
 * turns of the store are read, none is taken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/language.h"
#include "base/utf8.h"
#include "command/command.h"
#include "handoff/phone.h"
#include "store/store.h"

/* What was asked on the command line. */
struct question {
    const char *reason;
    const char *at;
    char phone[PHONE_SIZE];
};

static bool read_question(int argc, char **argv, struct question *question)
{
    for (int i = 1; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--phone") == 0 && has_value) {
            if (!phone_normalise(argv[++i], question->phone)) {
                command_misused("route", argv[i]);
                return false;
            }
        } else if (strcmp(argv[i], "--at") == 0 && has_value) {
            question->at = argv[++i];
        } else if (argv[i][0] == '-' || question->reason != NULL) {
            command_misused("route", argv[i]);
            return false;
        } else {
            question->reason = argv[i];
        }
    }
    if (question->reason == NULL)
        fprintf(stderr, "%s",
                in_language("handoffd route: write the reason, in quotes\n",
                            "handoffd route: escribe el motivo, entre comillas\n"));
    return question->reason != NULL;
}

/* "2026-12-25 10:00" where the company works; this process has no other use for the time zone. */
static bool read_time(const char *text, const char *zone, int64_t *ms)
{
    struct tm local = {.tm_isdst = -1};
    if (zone != NULL)
        setenv("TZ", zone, 1);
    tzset();
    const char *rest = strptime(text, "%Y-%m-%d %H:%M", &local);
    if (rest == NULL || *rest != '\0')
        return false;
    *ms = (int64_t)mktime(&local) * 1000;
    return true;
}

static void on_turn(void *context, const struct store_turn *turn)
{
    chain_set_turn(context, turn->step, turn->vendor, turn->turn);
}

static void print_rank(int64_t rank)
{
    if (rank == HANDOFFD_NEVER)
        printf("%12s", in_language("never", "nunca"));
    else
        printf("%12lld", (long long)rank);
}

/* Wider than its column where it must be: the next one begins behind it. */
static void print_label(const char *label)
{
    printf(" %*s", utf8_field(label, 11), label);
}

static void print_ranking(const struct settings *settings, const struct ranking *ranking)
{
    printf("%-16s", "");
    for (size_t step = 0; step < ranking->step_count; step++)
        print_label(chain_label(settings->chain, step));
    printf("\n");
    for (size_t i = 0; i < ranking->count; i++) {
        printf("%-16s", settings->roster.vendors[ranking->vendors[i]].id);
        for (size_t step = 0; step < ranking->step_count; step++)
            print_rank(ranking->ranks[step][ranking->vendors[i]]);
        printf("\n");
    }
}

/* The first where the ranks of the best and the next differ is the one that decided. */
static const char *deciding_step(const struct settings *settings, const struct ranking *ranking)
{
    for (size_t step = 0; ranking->count > 1 && step < ranking->step_count; step++) {
        if (ranking->ranks[step][ranking->vendors[0]] != ranking->ranks[step][ranking->vendors[1]])
            return chain_label(settings->chain, step);
    }
    return in_language("the order of the file", "el orden del archivo");
}

static int print_choice(const struct settings *settings, struct ranking *ranking)
{
    size_t best = ranking_best(ranking);
    bool is_fallback = best == NOBODY && settings->roster.fallback != NOBODY;
    ranking_sort(ranking);
    if (is_fallback)
        best = settings->roster.fallback;
    if (best == NOBODY) {
        bool is_empty = settings->roster.count == 0;
        printf(in_language("nobody: %s\n\n", "nadie: %s\n\n"),
               is_empty
                   ? settings->unconfigured
                   : in_language("the routing leaves everybody out; add when_nobody: {then: ID}",
                                 "routing deja fuera a todos; agrega when_nobody: {then: ID}"));
        print_ranking(settings, ranking);
        return 1;
    }
    const struct vendor *vendor = &settings->roster.vendors[best];
    printf(in_language("%s (%s), by %s\n\n", "%s (%s), por %s\n\n"), vendor->id, vendor->name,
           is_fallback ? "when_nobody" : deciding_step(settings, ranking));
    print_ranking(settings, ranking);
    return 0;
}

static int route(struct settings *settings, struct loop *loop, void *context)
{
    (void)loop;
    const struct question *question = context;
    struct error error;
    struct ranking ranking;
    struct handoffd_handoff handoff = {
        .size = sizeof handoff,
        .id = "ho_route",
        .reason = question->reason,
        .user_phone = question->phone[0] != '\0' ? question->phone : NULL,
        .received_ms = clock_wall_ms(),
    };
    if (question->at != NULL &&
        !read_time(question->at, settings->company.timezone, &handoff.received_ms))
        return command_misused("route", question->at);
    if (!command_may_read("route", settings->store.path))
        return 2;
    if (!store_peek_turns(settings->store.path, on_turn, settings->chain, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return 2;
    }
    chain_prepare(settings->chain);
    chain_rank(settings->chain, &handoff, NULL, settings->arena, &ranking);
    return print_choice(settings, &ranking);
}

int command_route(const char *config, int argc, char **argv)
{
    struct question question = {0};
    if (!read_question(argc, argv, &question))
        return 2;
    struct plugin_user user = {.use = route, .context = &question};
    return command_with_plugins(config, &user);
}
