/* store_sample - a store with every kind of row, as tests/unit/data/store-N.db of this version's
 * schema holds it. */
#ifndef TESTS_STORE_SAMPLE_H
#define TESTS_STORE_SAMPLE_H

#include "store_fixture.h"

/* Writes it to the fixture's open store. */
void store_sample_write(struct store_fixture *fixture);

/* All of it is in the fixture's open store, as it was written: in this version's schema, or in that
 * of an earlier one (from 2 on), which did not know all of it. */
void assert_store_sample(struct store_fixture *fixture, int version);

#endif
