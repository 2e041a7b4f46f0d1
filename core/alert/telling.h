/* telling - a text of our own to one of the company's people: by their first contact, by the next
 * where that one refuses. What cannot be sent now is tried a few times; nothing of it is kept. */
#ifndef ALERT_TELLING_H
#define ALERT_TELLING_H

#include "base/loop.h"
#include "plugin.h"
#include "routing/roster.h"

/* Those that are under way. */
struct tellings;

struct tellings *tellings_create(struct loop *loop, const struct roster *roster);
/* Another roster, borrowed, for what is sent from now on. */
void tellings_adopt(struct tellings *tellings, const struct roster *roster);
void tellings_destroy(struct tellings *tellings);

/* Copies both texts. */
void tellings_begin(struct tellings *tellings, const char *vendor_id, const char *text);

void tellings_report(struct tellings *tellings, uint64_t attempt_id,
                     const struct handoffd_report *report);

#endif
