/* handoff_json - the body of POST /api/elevenlabs/handoff to a handoff, or to what is wrong with
 * it, in Spanish. Pure. */
#ifndef API_HANDOFF_JSON_H
#define API_HANDOFF_JSON_H

#include "base/arena.h"
#include "plugin.h"

enum handoff_json_result {
    HANDOFF_JSON_FINE,
    HANDOFF_JSON_MALFORMED, /* 400: no JSON object, bad UTF-8, too deep, a NUL; see detail */
    HANDOFF_JSON_INVALID    /* 422: see errors, one for each field at fault */
};

struct field_error {
    const char *field;
    const char *message;
    bool is_unknown; /* the client's word, not one of the specification's */
};

enum { HANDOFF_JSON_ERRORS = 8 };

struct handoff_json {
    struct handoffd_handoff
        handoff; /* id and received_ms are the caller's to fill; user_phone is in normal form */
    const char *detail; /* where not FINE: one sentence for `detail` */
    struct field_error errors[HANDOFF_JSON_ERRORS];
    size_t error_count;
};

/* Everything lives in the arena. null, "" and what nobody can see mean absent; texts are trimmed; a
 * known field that is not a text is a fault, so is a key that stands twice. Limits of length are
 * generous: reason and context as much as a body holds, name and conversation 200; 32 other fields
 * of 2,000 each. Beyond is a fault: nothing is cut or dropped silently. */
enum handoff_json_result handoff_json_read(const char *body, size_t length, struct arena *arena,
                                           struct handoff_json *read);

#endif
