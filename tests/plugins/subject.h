/* subject - one instance of a plugin under test, with everything that it is given on loan.
 *
 * Every call of the plugin goes through here: arguments are protected while it runs and gone when
 * it has ended. */
#ifndef TEST_SUBJECT_H
#define TEST_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake_host.h"
#include "plugin/loader.h"

enum { MOST_PEOPLE = 16, MOST_PERSON_OPTIONS = 4 };

struct subject {
    const struct plugin *plugin;
    void *state;
    struct fake_host *host;
    struct arena *arena;
    struct loan *state_loan;
    struct loan *values; /* what the options point at */
};

/* Loads the file through the daemon's loader, with the options' defaults in the state. NULL:
 * `error` says what the loader said. */
struct subject *subject_load(const char *path, struct error *error);
void subject_unload(struct subject *subject);

/* `name` may be `template.sid`; lists are separated by commas. Ends the program where the plugin
 * has no such option. */
void subject_set(struct subject *subject, const char *name, const char *value);

/* False: start said false, with its words in `error`. */
bool subject_start(struct subject *subject, char *error, size_t error_size);

/* Stops the plugin and forgets its state, which starts anew with the defaults. */
void subject_stop(struct subject *subject);

/* The same without stop: behind a start that said false. */
void subject_forget(struct subject *subject);

/* ---- routers */

struct person {
    const char *id;
    const char *name;
    const char *options[MOST_PERSON_OPTIONS]; /* "keywords=robot,precio" */
    int64_t last_turn;
};

/* People whose options live until it is destroyed, like the daemon's configuration. */
struct roster;

struct roster *roster_create(const struct subject *subject, const struct person *people,
                             size_t count);
void roster_destroy(struct roster *roster);

/* Calls prepare, where the router has one. */
void subject_prepare(struct subject *subject, const struct roster *roster);

/* Ranks the chosen ones (indexes into the roster; NULL: the first `count`) for a handoff. */
void subject_rank(const struct subject *subject, const struct roster *roster, const size_t chosen[],
                  size_t count, const struct handoffd_handoff *handoff, int64_t rank[]);

/* The same where the daemon has none of the columns. */
void subject_rank_without_columns(const struct subject *subject, size_t count,
                                  const struct handoffd_handoff *handoff, int64_t rank[]);

/* The specification's example, with this reason. */
struct handoffd_handoff example_handoff(const char *reason);

/* ---- channels: what they know */

enum { MOST_ADDRESS_BYTES = 128, MOST_ERROR_BYTES = 256 };

/* check_to into buffers of these sizes; false: `error` has words. */
bool subject_check_to(const struct subject *subject, const char *to, const char *country,
                      size_t normal_size, char normal[MOST_ADDRESS_BYTES], size_t error_size,
                      char error[MOST_ERROR_BYTES]);

/* other_to into a buffer of this size. */
bool subject_other_to(const struct subject *subject, const char *to, size_t other_size,
                      char other[MOST_ADDRESS_BYTES]);

struct handoffd_limits subject_limits(const struct subject *subject);

/* ---- channels: what they do */

/* The specification's example, as the daemon would hand it over. */
struct handoffd_attempt example_attempt(uint64_t id, const char *to);
struct handoffd_message example_message(void);

/* Calls deliver; what it was given ends with subject_end_attempt, which comes after the report. */
void subject_deliver(struct subject *subject, const struct handoffd_attempt *attempt,
                     const struct handoffd_message *message, struct loan **given);
void subject_end_attempt(struct loan *given);

/* Calls find; what it was given ends with the call. */
void subject_find(struct subject *subject, const struct handoffd_attempt *attempt,
                  const struct handoffd_message *message);

void subject_probe(struct subject *subject, uint64_t attempt_id);

/* What receive answered: copies. */
struct received {
    uint32_t status;
    char *content_type;
    char *body;
};

/* Calls receive; the request ends with the call, and the answer is read after that. */
struct received subject_receive(struct subject *subject, const struct handoffd_request *request);
void received_deinit(struct received *received);

#endif
