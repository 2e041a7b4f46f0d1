/* verify - `handoffd verify`: reads the whole store, beside a daemon that may be running, and says
 * whether every promise about it holds; then what it counted. Changes nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/language.h"
#include "base/memory.h"
#include "command/command.h"
#include "handoff/public_id.h"
#include "handoff/state.h"
#include "store/store.h"

enum { PAGE = 500, FAULTS_SHOWN = 20 };

struct verification {
    struct public_ids *ids;
    long long handoffs;
    long long by_state[HANDOFF_STATES];
    long long attempts;
    long long by_attempt[ATTEMPT_STATES];
    long long events;
    long long faults;
};

static void complain(struct verification *verification, const struct store_found *found,
                     const char *what)
{
    char id[PUBLIC_ID_SIZE];
    public_id_write(verification->ids, found->handoff.number, id);
    if (verification->faults++ < FAULTS_SHOWN)
        printf("%s: %s\n", id, what);
}

/* ---- one handoff */

static void check_events(struct verification *verification, const struct store_found *found)
{
    verification->events += (long long)found->story_count;
    if (found->story_count == 0)
        complain(verification, found, in_language("has no events", "no tiene eventos"));
    for (size_t i = 0; i < found->story_count; i++) {
        if (found->story[i].number == (int64_t)i + 1)
            continue;
        complain(verification, found,
                 in_language("its events are not numbered one after the other",
                             "sus eventos no van numerados uno tras otro"));
        return;
    }
}

/* The same person at the same address, twice, though nothing was in doubt. */
static bool is_told_twice(const struct store_attempt *first, enum attempt_state first_state,
                          const struct store_attempt *second, enum attempt_state second_state)
{
    return attempt_state_is_told(first_state) && attempt_state_is_told(second_state) &&
           strcmp(first->channel, second->channel) == 0 &&
           strcmp(first->address, second->address) == 0;
}

static void check_twice(struct verification *verification, const struct store_found *found,
                        const enum attempt_state *states, size_t at)
{
    for (size_t other = 0; other < at; other++) {
        if (is_told_twice(&found->attempts[other], states[other], &found->attempts[at], states[at]))
            complain(
                verification, found,
                in_language("told the same person twice", "avisó dos veces a la misma persona"));
    }
}

static void check_attempts(struct verification *verification, const struct store_found *found)
{
    CLEANUP(memory_free)
    enum attempt_state *states = memory_zeroed(found->attempt_count + 1, sizeof *states);
    for (size_t i = 0; i < found->attempt_count; i++) {
        const struct store_attempt *attempt = &found->attempts[i];
        if (attempt->number != (int64_t)i + 1)
            complain(verification, found,
                     in_language("its attempts are not numbered one after the other",
                                 "sus intentos no van numerados uno tras otro"));
        if (attempt_state_parse(attempt->state, &states[i]))
            verification->by_attempt[states[i]]++;
        else
            complain(verification, found,
                     in_language("an attempt has a state that this version does not know",
                                 "un intento tiene un estado que esta versión no conoce"));
        if (i + 1 < found->attempt_count && attempt_state_is_moving(states[i]))
            complain(verification, found,
                     in_language("an attempt still moves, though another one followed",
                                 "un intento sigue en marcha aunque ya le siguió otro"));
        check_twice(verification, found, states, i);
    }
    verification->attempts += (long long)found->attempt_count;
}

static void check_wake(struct verification *verification, const struct store_found *found,
                       enum handoff_state state)
{
    bool is_over = handoff_state_is_over(state);
    if (found->wake != STORE_DONE && found->wake != STORE_OPEN && found->wake != STORE_RESTING)
        complain(verification, found,
                 in_language("nobody knows when it would be taken up: its wake is none of ours",
                             "no se sabe cuándo se retomaría: su wake no es ninguno de los "
                             "nuestros"));
    if (is_over && found->wake != STORE_DONE)
        complain(
            verification, found,
            in_language("is over, and would be taken up again", "terminó, y volvería a tomarse"));
    if (state == HANDOFF_ASSIGNED && found->wake == STORE_DONE)
        complain(verification, found,
                 in_language("would be forgotten: it is assigned, and nothing takes it up",
                             "quedaría olvidada: está asignada y nada la retoma"));
    bool is_stuck = state == HANDOFF_PARKED || state == HANDOFF_EXHAUSTED ||
                    (state == HANDOFF_HELD && found->wake == STORE_DONE);
    if (is_stuck != (found->stuck != NULL))
        complain(verification, found,
                 is_stuck ? in_language("waits for somebody, and nobody would hear of it",
                                        "espera a alguien, y nadie se enteraría")
                          : in_language("does not wait for anybody, and is listed as if it did",
                                        "no espera a nadie, y figura como si esperara"));
    if (found->wake == STORE_RESTING && found->due_ms <= 0)
        complain(verification, found,
                 in_language("rests without an end", "descansa sin fecha de regreso"));
}

static void check_handoff(struct verification *verification, const struct store_found *found)
{
    enum handoff_state state;
    verification->handoffs++;
    if (handoff_state_parse(found->state, &state)) {
        verification->by_state[state]++;
        check_wake(verification, found, state);
    } else {
        complain(verification, found,
                 in_language("has a state that this version does not know",
                             "tiene un estado que esta versión no conoce"));
    }
    check_events(verification, found);
    check_attempts(verification, found);
}

/* ---- all of them, from the newest */

static bool check_all(struct store_reader *reader, struct verification *verification,
                      struct error *error)
{
    int64_t before = 0;
    do {
        struct store_query query = {
            .question = STORE_LATEST, .number = before, .limit = PAGE, .has_story = true};
        store_reader_ask(reader, &query);
        bool is_failed = query.is_failed;
        size_t count = query.count;
        if (is_failed)
            *error = query.error;
        for (size_t i = 0; i < count; i++)
            check_handoff(verification, &query.found[i]);
        before = count > 0 ? query.found[count - 1].handoff.number : 0;
        store_query_finish(&query);
        if (is_failed)
            return false;
        if (count < PAGE)
            break;
    } while (before > 1);
    return true;
}

static void print_counts(const struct verification *verification)
{
    printf(in_language("handoffs %lld\n", "solicitudes %lld\n"), verification->handoffs);
    for (int state = 0; state < HANDOFF_STATES; state++) {
        if (verification->by_state[state] > 0)
            printf("  %-12s %lld\n", handoff_state_name((enum handoff_state)state),
                   verification->by_state[state]);
    }
    printf(in_language("attempts %lld\n", "intentos %lld\n"), verification->attempts);
    for (int state = 0; state < ATTEMPT_STATES; state++) {
        if (verification->by_attempt[state] > 0)
            printf("  %-12s %lld\n", attempt_state_name((enum attempt_state)state),
                   verification->by_attempt[state]);
    }
    printf(in_language("events %lld\nfaults %lld\n", "eventos %lld\nfallas %lld\n"),
           verification->events, verification->faults);
}

/* A fault of the whole. What else there is to see is looked at even so. */
static void complain_of_all(struct verification *verification, const struct error *error)
{
    printf("%s\n", error->message);
    verification->faults++;
}

static void read_all(struct store_reader *reader, struct verification *verification)
{
    struct error error;
    verification->ids = public_ids_create(store_reader_secret(reader));
    if (!store_reader_check(reader, &error))
        complain_of_all(verification, &error);
    if (!check_all(reader, verification, &error))
        complain_of_all(verification, &error);
    public_ids_destroy(verification->ids);
}

/* That there is none is no answer; that it cannot be read as one is. */
static int verify(const char *path)
{
    struct error error;
    struct verification verification = {0};
    if (!command_may_read("verify", path))
        return 2;
    struct store_reader *reader = store_reader_open(path, &error);
    if (reader == NULL) {
        fprintf(stderr, "handoffd verify: %s\n", error.message);
        return access(path, R_OK) == 0 ? 1 : 2;
    }
    read_all(reader, &verification);
    store_reader_close(reader);
    print_counts(&verification);
    return verification.faults == 0 ? 0 : 1;
}

int command_verify(const char *config, int argc, char **argv)
{
    if (argc > 2)
        return command_misused("verify", argv[2]);
    if (argc == 2)
        return verify(argv[1]);
    struct places_read places = command_places(config);
    int exit_code = places.store != NULL ? verify(places.store) : 2;
    command_places_free(&places);
    return exit_code;
}
