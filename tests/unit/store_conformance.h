/* store_conformance - what every store must do, whichever backend keeps the contract of store.h. */
#ifndef TESTS_STORE_CONFORMANCE_H
#define TESTS_STORE_CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "failing_disk.h"
#include "store/store.h"

/* One backend, to the suite. A place is where one store lives; each test has its own. */
struct store_factory {
    void *(*create_place)(void);
    void (*destroy_place)(void *place);
    struct store *(*open)(void *place, struct loop *loop, struct error *error);
    bool (*peek_turns)(void *place, void (*on_turn)(void *context, const struct store_turn *turn),
                       void *context, struct error *error);

    /* A store of a later schema than this version knows, in an empty place. */
    void (*make_newer)(void *place);
    void (*set_disk)(enum disk disk);
};

/* cmocka's result: how many tests failed. */
int store_conformance_run(const struct store_factory *factory);

#endif
