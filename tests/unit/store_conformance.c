/* store_conformance - what was promised is found again, exactly, in order, and all of it or
 * nothing. */
#include "store_conformance.h"

int store_conformance_run(const struct store_factory *factory)
{
    return store_conformance_keeping(factory) + store_conformance_changes(factory) +
           store_conformance_start(factory) + store_conformance_asking(factory) +
           store_conformance_backups(factory) + store_conformance_trouble(factory);
}
