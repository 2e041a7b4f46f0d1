/* reply - the JSON bodies of the answers, and the sentence for the customer in each. */
#ifndef API_REPLY_H
#define API_REPLY_H

#include "api/handoff_json.h"
#include "api/sentences.h"
#include "base/buffer.h"
#include "handoff/answer.h"

enum { REPLY_BYTES = 64 * 1024 };

/* {"detail": …, "say": …} for what is refused before it is a handoff. */
void reply_error(struct buffer *body, const char *detail, const char *say);

/* The same with "errors": one for each field. */
void reply_invalid(struct buffer *body, const struct handoff_json *read, const char *say);

/* What became of a handoff; returns the HTTP status. */
int reply_answer(struct buffer *body, const struct answer *answer, const struct sentences *say);

#endif
