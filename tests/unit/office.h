/* office - a dispatcher with everything real around it but the people: a loop that runs, a store in
 * a folder of its own, a clock that only the test moves, and channels that note whom they told and
 * say what the test wants. */
#ifndef TESTS_OFFICE_H
#define TESTS_OFFICE_H

#include "base/arena.h"
#include "handoff/dispatcher.h"
#include "plugin/instance.h"

enum { OFFICE_PEOPLE = 4, OFFICE_DELIVERIES = 2048, OFFICE_PLANS = 16 };

/* What a channel was given, copied. */
struct delivery_note {
    uint64_t attempt_id;
    const char *instance;
    const char *handoff_id;
    const char *vendor;
    const char *to;
    const char *text;
};

/* What a channel says to one delivery: at once (reported from inside deliver), or nothing. */
struct plan {
    enum handoffd_outcome outcome; /* 0: SENT, with the id "SM" and the attempt's */
    int32_t code;
    const char *text;
    int64_t retry_after_ms;
    bool is_silent;
};

struct office {
    char *folder;
    struct loop *loop;
    struct store *store;
    struct arena *arena;  /* what was noted */
    struct arena *opened; /* of one opening: the chain */
    struct dispatcher *dispatcher;
    struct plugin_host host;

    /* To be changed before office_open. */
    struct roster roster;
    struct dispatcher_options options;
    struct vendor vendors[OFFICE_PEOPLE];
    struct contact contacts[OFFICE_PEOPLE][2];
    struct instance whatsapp;     /* the first contact of everyone: "to-ana" and so on */
    struct instance sms;          /* the second contact of ana alone */
    bool is_never[OFFICE_PEOPLE]; /* the router leaves them out */

    struct plan plans[OFFICE_PLANS]; /* by the number of the delivery, from 0; beyond: SENT */
    bool is_silent;                  /* every delivery is, whatever the plan */
    struct delivery_note deliveries[OFFICE_DELIVERIES];
    size_t delivery_count;

    size_t drained; /* how often on_drained was called */
    size_t store_failures;
};

/* cmocka's; *state is the office. Not open yet. */
int office_setup(void **state);
int office_teardown(void **state);

/* From now on both channels say that the same attempt delivered twice arrives once. */
void office_make_repeat_safe(struct office *office);

/* Opens the store, starts the channels, takes up what is unfinished. */
void office_open(struct office *office);

/* Drains, and closes everything. */
void office_close(struct office *office);

/* Closes everything as it stands: what is on its way stays so on the disk. */
void office_crash(struct office *office);

/* Lets everything happen that can happen now. */
void office_settle(struct office *office);

/* Moves the clock, and runs all timers that are due by then; at least 1 ms. */
void office_move(struct office *office, int64_t ms);

/* Moves the clock, and lets everything happen that can happen then. */
void office_pass(struct office *office, int64_t ms);

/* ---- clients */

struct client {
    struct waiter waiter;
    struct office *office;
    bool is_answered;
    struct answer answer; /* its texts in the office's arena */
};

/* A request with every field there is; change what matters to the test. */
struct request office_request(const char *phone, const char *conversation);

/* Asks, without waiting for the answer. */
struct client *office_ask(struct office *office, const struct request *request);

/* Runs until it has come. */
void office_wait_for(struct client *client);

/* Asks, waits, and gives the answer. */
const struct answer *office_answer(struct office *office, const struct request *request);

/* ---- what is seen from outside */

/* The plugin behind an instance reports, as it would later. */
void office_report(struct office *office, struct instance *instance, uint64_t attempt_id,
                   enum handoffd_outcome outcome, const char *message_id);

/* The first column of the first row of a query on the database, as text ("" for NULL or no row). */
const char *office_on_disk(struct office *office, const char *sql);

#endif
