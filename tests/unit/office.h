/* office - a dispatcher with everything real around it but the people: a loop that runs, a store in
 * a folder of its own, a clock that only the test moves, and channels that note whom they told and
 * say what the test wants. */
#ifndef TESTS_OFFICE_H
#define TESTS_OFFICE_H

#include "base/arena.h"
#include "handoff/dispatcher.h"
#include "plugin/instance.h"

enum { OFFICE_PEOPLE = 4, OFFICE_DELIVERIES = 4096, OFFICE_PLANS = 256, OFFICE_TROUBLES = 32 };

/* What a channel was given, copied. */
struct delivery_note {
    uint64_t attempt_id;
    const char *instance;
    const char *handoff_id;
    const char *vendor;
    const char *to;
    const char *text;
    const char *callback_url;
};

/* What a channel says to one delivery, or to one question: at once (reported from inside deliver or
 * find), or nothing. */
struct plan {
    enum handoffd_outcome outcome; /* 0: to a delivery SENT, with the id "SM" and the attempt's; to
                                      a question ABSENT */
    int32_t code;
    const char *text;
    const char *message_id; /* of a question's answer */
    int64_t retry_after_ms;
    bool needs_attention;
    bool in_any_form;
    bool is_silent;
};

/* What a channel was asked, copied. */
struct question_note {
    uint64_t attempt_id;
    const char *message_id;
    const char *taken_ids; /* each followed by a newline */
};

struct office {
    char *folder;
    struct loop *loop;
    struct store *store;
    struct arena *arena;  /* what was noted */
    struct arena *opened; /* of one opening: the chain */
    struct dispatcher *dispatcher;
    struct plugin_host host;

    /* To be changed before office_open; of the people and their contacts, before office_adopt too.
     */
    struct roster roster;
    struct dispatcher_setup setup;
    struct vendor vendors[OFFICE_PEOPLE];
    struct contact contacts[OFFICE_PEOPLE][2];
    struct instance whatsapp;     /* the first contact of everyone: "to-ana" and so on */
    struct instance sms;          /* the second contact of ana alone */
    bool is_never[OFFICE_PEOPLE]; /* the router leaves them out */

    struct handoffd_channel channel; /* what both channels are; may be changed at any time */
    struct handoffd_limits limits;   /* what they say that their provider takes */

    struct plan plans[OFFICE_PLANS]; /* by the number of the delivery, from 0; beyond: SENT */
    struct plan finds[OFFICE_PLANS]; /* by the number of the question, from 0; beyond: */
    struct plan find_otherwise;      /* ABSENT, where the test says nothing else */
    struct question_note questions[OFFICE_DELIVERIES];
    size_t question_count;
    int64_t reading_ms; /* how long office_open reads the store */
    bool is_silent;     /* every delivery is, whatever the plan */
    struct delivery_note deliveries[OFFICE_DELIVERIES];
    size_t delivery_count;

    size_t drained; /* how often on_drained was called */
    size_t store_failures;
    const char
        *troubles[OFFICE_TROUBLES]; /* "cause: text", or "cause mended"; the rest is dropped */
    size_t trouble_count;
    struct receipt call; /* of office_call */
    size_t reached;      /* how often on_told was called */
};

/* cmocka's; *state is the office. Not open yet. */
int office_setup(void **state);
int office_teardown(void **state);

/* Before office_open: both channels say that the same attempt delivered twice arrives once; that
 * they can be asked (office->finds); that they tell of delivery, and are called back. */
void office_make_repeat_safe(struct office *office);
void office_make_askable(struct office *office);
void office_make_telling(struct office *office);
/* "to-ana" is refused, "other-to-ana" is the same phone in its other form. */
void office_make_two_formed(struct office *office);

/* Opens the store, starts the channels, takes up what is unfinished. */
void office_open(struct office *office);

/* Counts that it was drained; ends the loop. Fits dispatcher_drain, with the office. */
void office_on_drained(void *context);

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

/* Another vendors.yaml takes the place of this one: office->setup, with a chain of its own over
 * office->roster. */
void office_adopt(struct office *office);

/* An operator's word on the handoff; the problem in words, or NULL. */
const char *office_order(struct office *office, const char *handoff_id, enum operator_order word);

/* The same without waiting for what comes of it. */
struct visitor {
    struct order order;
    const char *problem;
    bool is_done;
};
void office_visit(struct office *office, const char *handoff_id, enum operator_order word,
                  struct visitor *visitor);

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
