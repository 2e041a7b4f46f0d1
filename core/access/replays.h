/* replays - which signed requests were heard already, as long as they could be sent again. */
#ifndef ACCESS_REPLAYS_H
#define ACCESS_REPLAYS_H

#include <stdbool.h>
#include <stdint.h>

struct replays;

struct replays *replays_create(void);
/* NULL is fine. */
void replays_destroy(struct replays *replays);

/* False: the same id and time came before, within twice WEBHOOK_TOLERANCE_MS; or too many others
 * did (100,000), and nobody can tell. */
bool replays_note(struct replays *replays, const char *id, const char *time, int64_t now_ms);

#endif
