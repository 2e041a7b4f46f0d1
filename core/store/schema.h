/* schema - the numbered SQL files of schema/, compiled in. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

/* schema_steps[n] brings a database from version n to n + 1. */
extern const char *const schema_steps[];
extern const int schema_count;

#endif
