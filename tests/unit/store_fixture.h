/* store_fixture - an open store in a place of its own, what a test promised it, and what it found
 * in it. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <stdint.h>

#include "store_conformance.h"

enum { NEVER_SINCE = INT64_MAX };

struct store_fixture {
    const struct store_factory *factory;
    void *place;
    char *folder; /* for files of the tests */
    struct loop *loop;
    struct store *store;      /* NULL while closed */
    struct arena *arena;      /* promises, and copies of what was found */
    unsigned char secret[16]; /* where a test keeps it */
    size_t under_way;
    size_t done;

    int64_t keyed_since_ms;    /* for fixture_recover; 0: as since_ms */
    struct store_found *found; /* of the last fixture_recover */
    size_t found_count;
};

/* A change with room for its rows, and what became of it. */
struct promise {
    struct store_change change;
    struct store_handoff handoff;
    struct store_attempt attempts[3];
    struct store_event events[3];
    struct store_turn turns[3];
    struct store_fixture *fixture;
    size_t done_as; /* the first to be done is 1; 0: not yet */
    void (*and_then)(struct promise *promise);
};

/* cmocka's; *state is the factory before setup, the fixture after it. */
int store_fixture_setup(void **state);
int store_fixture_teardown(void **state);

/* A test of a group, where `factory` is at hand. */
#define STORE_TEST(test)                                                                           \
    cmocka_unit_test_prestate_setup_teardown(test, store_fixture_setup, store_fixture_teardown,    \
                                             (void *)factory)

void fixture_open(struct store_fixture *fixture);
void fixture_close(struct store_fixture *fixture);
void fixture_reopen(struct store_fixture *fixture);

/* Closes what is open, and leaves the place for a new one. */
void fixture_move(struct store_fixture *fixture);

/* A new handoff with every text there is, one attempt and one event; received at number * 1000. */
struct promise *promise_handoff(struct store_fixture *fixture, int64_t number);

/* A later change of a handoff: its state, and event `event`. */
struct promise *promise_step(struct store_fixture *fixture, int64_t number, int64_t event,
                             const char *state, enum store_wake wake);

/* A change of nothing yet, of no handoff. */
struct promise *promise_nothing(struct store_fixture *fixture);

void fixture_submit(struct store_fixture *fixture, struct promise *promise);

/* Runs the loop until all that was submitted is done. */
void fixture_wait(struct store_fixture *fixture);

/* Both. */
enum store_result fixture_store(struct store_fixture *fixture, struct promise *promise);

/* Copies what store_recover finds. */
void fixture_recover(struct store_fixture *fixture, int64_t since_ms);

/* The one with this number, or NULL. */
const struct store_found *fixture_find(const struct store_fixture *fixture, int64_t number);

/* The handoff, its attempts and its events are what was promised. */
void assert_found(const struct store_found *found, const struct promise *promise);

/* The same, of what fixture_recover found. */
void assert_kept(const struct store_fixture *fixture, const struct promise *promise);

/* Both NULL, or the same text. */
void assert_same_text(const char *found, const char *promised);

/* An error, and it says so. */
void assert_says(const struct error *error, const char *said);

/* A file of this name in a folder of the fixture's, which dies with it. */
const char *fixture_file(struct store_fixture *fixture, const char *name);

/* Nothing is in that folder. */
void assert_no_files(const struct store_fixture *fixture);

#endif
