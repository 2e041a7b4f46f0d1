/* control - asks the daemon that runs: HTTP over the UNIX socket beside its store. Waits for the
 * answer, on a loop of its own. */
#ifndef COMMAND_CONTROL_H
#define COMMAND_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct control_request {
    const char *method; /* "GET" or "POST" */
    const char *target; /* "/handoffs?state=waiting", encoded as a URL wants it */
    const char *json;   /* what a POST brings; NULL: nothing */
    int64_t timeout_ms; /* for all of it; 0: as long as it takes */
};

struct control_answer {
    int status; /* 200; a refusal of the daemon's is an answer too */
    char *body; /* never NULL, NUL behind; at most 64 MB */
    size_t body_length;
};

/* `path` is the socket. False, with an error in words for the person at the terminal, where no
 * whole answer came; `answer` is then empty. */
bool control_ask(const char *path, const struct control_request *request,
                 struct control_answer *answer, struct error *error) MUST_CHECK;

/* Does a daemon listen at this socket, or may one, as far as this user can tell? False: no. */
bool control_is_there(const char *path);

void control_answer_deinit(struct control_answer *answer);

#endif
