/* history - handoffs as the store holds them, in JSON: a line each for lists, one with its whole
 * story. For operators: it holds customers' names and numbers where it is asked for one. */
#ifndef API_HISTORY_H
#define API_HISTORY_H

#include <cjson/cJSON.h>

#include "handoff/public_id.h"
#include "store/store.h"

/* {"id", "state", "received", "vendor", "channel", "attempt", "code", …}; the caller's to free. */
cJSON *history_line(const struct store_found *found, const struct public_ids *ids);

/* The same with "customer", "attempts" and "events". */
cJSON *history_story(const struct store_found *found, const struct public_ids *ids);

/* 2026-11-22T18:49:16Z */
enum { HISTORY_TIME_SIZE = 32 };
void history_time(int64_t ms, char text[HISTORY_TIME_SIZE]);

#endif
