/* sqlite_factory - the SQLite store to the conformance suite; a place is a folder. */
#ifndef TESTS_SQLITE_FACTORY_H
#define TESTS_SQLITE_FACTORY_H

#include "store_conformance.h"

extern const struct store_factory sqlite_factory;

/* Where a file of this name lies in a folder; the store of a place is "handoffd.db". */
const char *path_in(const char *folder, const char *name, char path[static 256]);

#endif
