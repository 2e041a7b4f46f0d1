/* store_conformance - what every store must do, whichever backend keeps the contract of store.h. */
#ifndef TESTS_STORE_CONFORMANCE_H
#define TESTS_STORE_CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "failing_disk.h"
#include "store/store.h"

/* One backend, to the suite. A place is where one store lives; each test has its own. What has no
 * place is the same for all places. */
struct store_factory {
    void *(*create_place)(void);
    void (*destroy_place)(void *place);
    struct store *(*open)(void *place, struct loop *loop, struct error *error);
    struct store_reader *(*open_reader)(void *place, struct error *error);
    bool (*peek_turns)(void *place, void (*on_turn)(void *context, const struct store_turn *turn),
                       void *context, struct error *error);
    bool (*restore)(void *place, const char *backup, const char *parked_state, const char *stuck,
                    char *kept, size_t kept_size, int64_t *parked, struct error *error);

    /* A store of an earlier, of a later schema than this version's, in an empty place. */
    void (*make_older)(void *place);
    void (*make_newer)(void *place);
    void (*set_disk)(enum disk disk);
};

/* How many tests failed. */
int store_conformance_run(const struct store_factory *factory);

/* Its parts, a cmocka group each. */
int store_conformance_keeping(const struct store_factory *factory);
int store_conformance_changes(const struct store_factory *factory);
int store_conformance_start(const struct store_factory *factory);
int store_conformance_asking(const struct store_factory *factory);
int store_conformance_backups(const struct store_factory *factory);
int store_conformance_trouble(const struct store_factory *factory);

#endif
