/* plugin.h - the contract between handoffd and its plugins. The only header of ours that a plugin
 * includes.
 *
 * A plugin is a shared object that exports one constant:
 *
 *     const struct handoffd_plugin handoffd_plugin = {
 *         HANDOFFD_PLUGIN_HEADER, .name = "by_name", .version = "1.0.0",
 *         .summary = "prefers the person whom the customer asked for",
 *         .router = &router,
 *     };
 *
 * The laws
 *  1. Threads. Every call, in either direction, is made on the daemon's loop thread. Never block in
 * one.
 *  2. Versions. A plugin is loaded when its major number is the daemon's. Structs that one side
 * fills and the other reads start with their size; the reader copies that much into a zeroed struct
 * of its own, so members may be added at the end. Arrays are columns, or carry the size of their
 * elements.
 *  3. Ownership. Arguments are borrowed until the call returns, those of `find` and `receive` too.
 * Only what `deliver` was given stays valid longer: until the first report on its attempt (also one
 * that `receive` makes while the provider still owes deliver its answer), until its minute is over,
 * or until `stop` is called, whichever is first. Texts are UTF-8, end in NUL, and are NULL where
 * absent.
 *  4. One verb back. deliver and find each end in one host->report of their own, now or within a
 * minute, whatever `receive` reports meanwhile: a delivery without any report by then is UNKNOWN.
 * Attempt ids never return: a report that comes twice, late or for nothing known is logged and
 * ignored.
 *  5. Times are milliseconds; `_ms` at the end of a name says so.
 *  6. A plugin keeps everything in its state, which the daemon allocates, zeroes and fills with
 * options.
 */
#ifndef HANDOFFD_PLUGIN_H
#define HANDOFFD_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HANDOFFD_CONTRACT_MAJOR 1
#define HANDOFFD_CONTRACT_MINOR 0

/* ---------------------------------------------------------------- options: what may stand in
 * vendors.yaml */

enum handoffd_option_type {
    HANDOFFD_TEXT = 1, /* const char *: never empty; NULL where absent */
    HANDOFFD_INTEGER,  /* int64_t */
    HANDOFFD_DURATION, /* int64_t milliseconds; written 500ms, 8s, 10m, 24h, 3d */
    HANDOFFD_BOOLEAN,  /* bool; written true, false, yes, no, sí */
    HANDOFFD_LIST,     /* struct handoffd_list of texts; a lone text is a list of one */
    HANDOFFD_RECORD,   /* a struct inside the struct, with a table of its own */
    HANDOFFD_MAP       /* struct handoffd_fields: the file's own names, each with a text; it has no
                        * default, and where it is secret, no file */
};

struct handoffd_list {
    const char *const *items;
    size_t count;
};

/* Columns of the same length: names[i] belongs to values[i]. */
struct handoffd_fields {
    const char *const *names;
    const char *const *values;
    size_t count;
};

struct handoffd_option;

struct handoffd_options {
    const struct handoffd_option *items;
    uint32_t count;
    uint32_t item_size; /* sizeof(struct handoffd_option) where the table was compiled */
};

/* One row of an option table. Write rows with the macros below: they check the member's type. */
struct handoffd_option {
    const char *name;    /* the key in vendors.yaml */
    const char *help;    /* one line, English */
    const char *help_es; /* the same in Spanish; NULL: help serves */
    const char
        *otherwise;  /* the default, written as in vendors.yaml; NULL: absent (0, false, empty) */
    int64_t least;   /* of an integer or a duration; */
    int64_t most;    /* both 0: any */
    uint32_t type;   /* enum handoffd_option_type */
    uint32_t offset; /* of the member in the struct that receives the values */
    bool required;   /* absent: an error. Left empty by ${NAME:-}: its channel is not configured */
    bool secret;     /* of a text, a list or a map: never printed, hidden in logs; `<name>_file` may
                      * name a file that holds it */
    const struct handoffd_options *record; /* of a HANDOFFD_RECORD */
    const char
        *unless; /* with required: another row of the table. Either of the two is enough; where
                  * neither has a value, an error, or unconfigured if either was left empty */
};

/* A row: HANDOFFD_OPTION_TEXT("from", struct state, from, .help = "the sender", .required = true)
 */
#define HANDOFFD_OPTION_TEXT(key, type_, member, ...)                                              \
    HANDOFFD_OPTION_(key, type_, member, const char *, HANDOFFD_TEXT, __VA_ARGS__)
#define HANDOFFD_OPTION_INTEGER(key, type_, member, ...)                                           \
    HANDOFFD_OPTION_(key, type_, member, int64_t, HANDOFFD_INTEGER, __VA_ARGS__)
#define HANDOFFD_OPTION_DURATION(key, type_, member, ...)                                          \
    HANDOFFD_OPTION_(key, type_, member, int64_t, HANDOFFD_DURATION, __VA_ARGS__)
#define HANDOFFD_OPTION_BOOLEAN(key, type_, member, ...)                                           \
    HANDOFFD_OPTION_(key, type_, member, bool, HANDOFFD_BOOLEAN, __VA_ARGS__)
#define HANDOFFD_OPTION_LIST(key, type_, member, ...)                                              \
    HANDOFFD_OPTION_(key, type_, member, struct handoffd_list, HANDOFFD_LIST, __VA_ARGS__)
#define HANDOFFD_OPTION_MAP(key, type_, member, ...)                                               \
    HANDOFFD_OPTION_(key, type_, member, struct handoffd_fields, HANDOFFD_MAP, __VA_ARGS__)
#define HANDOFFD_OPTION_RECORD(key, type_, member, table, ...)                                     \
    {.name = (key),                                                                                \
     .type = HANDOFFD_RECORD,                                                                      \
     .offset = offsetof(type_, member),                                                            \
     .record = (table),                                                                            \
     __VA_ARGS__}

/* Fails to compile where the member is not of the type that the row promises. */
#define HANDOFFD_OPTION_(key, type_, member, c_type, option_type, ...)                             \
    {.name = (key),                                                                                \
     .type = (option_type),                                                                        \
     .offset = offsetof(type_, member) + _Generic(((type_ *)0)->member, c_type: 0),                \
     __VA_ARGS__}

/* struct handoffd_options out of an array of rows. */
#define HANDOFFD_OPTIONS(rows) {(rows), sizeof(rows) / sizeof((rows)[0]), sizeof((rows)[0])}

/* ---------------------------------------------------------------- what is handed over */

/* The customer's words, as the agent sent them: trimmed, valid UTF-8, otherwise untouched. */
struct handoffd_handoff {
    size_t size;
    const char *id; /* ho_… */
    const char
        *user_phone;    /* +5215512345678; NULL only where somebody asks `route` without a phone */
    const char *reason; /* never NULL */
    const char *user_name;
    const char *conversation_id;
    const char *additional_context;
    struct handoffd_fields
        fields;          /* the request's other fields; values as JSON where they are not text */
    int64_t received_ms; /* since 1970, UTC */
};

/* ---------------------------------------------------------------- routers */

/* A router that leaves somebody out says so with this rank. */
#define HANDOFFD_NEVER INT64_MAX

/* The people to rank, in the order of vendors.yaml, as columns of `count` elements each. A column
 * that the daemon does not have is NULL. */
struct handoffd_people {
    size_t size;
    size_t count;
    const char *const *id;
    const char *const *name;
    const void *const *options; /* each person's values of the router's own `person_options`: a
                                 * struct of person_size bytes; NULL where the router has none */
    const int64_t *last_turn;   /* of this step: 0 never chosen, else rises with each turn taken */
};

struct handoffd_router {
    size_t size;

    /* Ranks everybody: smaller is better. `rank` has people->count zeros; 0 for everyone leaves the
     * choice to the next step. Pure: the same arguments give the same ranks. Required. */
    void (*rank)(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank[]);

    /* Called after start, and before the first rank whenever the people change: builds what rank
     * needs to be quick, in the state; frees what it built before. `people` here is everybody
     * (indexes are not those that rank will see; ids and option pointers are). Optional. */
    void (*prepare)(void *state, const struct handoffd_people *people);
};

/* ---------------------------------------------------------------- channels */

enum handoffd_text_unit { HANDOFFD_BYTES = 1, HANDOFFD_CODE_POINTS, HANDOFFD_UTF16_UNITS };

/* One try to tell one person. */
struct handoffd_attempt {
    size_t size;
    uint64_t id;              /* never returns; name it in the report */
    const char *handoff_id;   /* ho_… */
    const char *vendor_id;    /* whom */
    const char *to;           /* where, as check_to or other_to wrote it */
    int64_t started_ms;       /* since 1970, UTC */
    const char *callback_url; /* where the provider may say what becomes of it: https://…/hooks/…,
                               * which names this attempt and cannot be guessed; NULL where
                               * vendors.yaml has no public_url */
    const char *message_id;   /* find: the provider's id, where it is known; deliver: NULL */
    struct handoffd_list taken_ids; /* find without message_id: the provider's ids of other messages
                                     * to the same address: none of them is this one */
};

/* What to tell. Both forms are clean: customer text has no control characters, no line breaks, none
 * of the channel's markup, and nothing that the channel makes links of. Where the daemon adds a
 * note (that this is an update, that somebody may know it already), the note is the first paragraph
 * of the text, and stands before motivo among the fields, with ". " between. */
struct handoffd_message {
    size_t size;
    const char *text; /* composed by the template, cut to the channel's limit */
    struct handoffd_fields
        fields; /* cliente, telefono, motivo, conversacion, contexto, vendedor, id */
};

enum handoffd_outcome {
    HANDOFFD_SENT = 1,          /* the provider took it; message_id is its id */
    HANDOFFD_DELIVERED,         /* it is on the person's phone */
    HANDOFFD_READ,              /* the person opened it */
    HANDOFFD_UNDELIVERED,       /* taken, then not delivered */
    HANDOFFD_DEFERRED,          /* surely not sent; the same may work later */
    HANDOFFD_REFUSED_RECIPIENT, /* not to this address, ever */
    HANDOFFD_REFUSED_MESSAGE,   /* not with this content, to anybody */
    HANDOFFD_REFUSED_ACCOUNT,   /* nothing can be sent: credentials, sender, suspension */
    HANDOFFD_UNKNOWN,           /* may have been sent; never repeated blindly */
    HANDOFFD_ABSENT /* answer to find: the provider was asked, and has no such message */
};

struct handoffd_report {
    size_t size;
    uint32_t outcome; /* enum handoffd_outcome */
    int32_t code;     /* the provider's error code; 0: none */
    const char *
        message_id; /* the provider's id, where it gave one: at most 128 visible ASCII characters */
    const char *text; /* why, in the provider's words or yours; never shown unmasked in logs */
    int64_t retry_after_ms; /* with DEFERRED: the provider's own wish; 0: none */
    bool needs_attention; /* with a failure: somebody should hear that this person's messages do not
                             arrive, though the handoff goes on */
    bool in_any_form; /* with REFUSED_RECIPIENT: other_to would be refused too, and is not tried */
};

/* `count` messages each `period_ms`, of which `burst` may go at once; count 0: as many as there
 * are.
 */
struct handoffd_rate {
    int64_t count;
    int64_t period_ms;
    int64_t burst;
};

/* What the provider takes; the daemon keeps to it. */
struct handoffd_limits {
    size_t size;
    struct handoffd_rate channel;   /* all messages of the instance together */
    struct handoffd_rate recipient; /* to one address */
    int64_t per_day;                /* in any 24 hours; 0: no limit */
};

/* What came to public_url/hooks/CHANNEL/…; borrowed until receive returns. */
struct handoffd_request {
    size_t size;
    uint64_t attempt_id; /* whose callback_url was called; 0: nobody's */
    const char *method;  /* "POST" */
    const char *url;     /* as the provider was given it: public_url and the rest, query included */
    const char *path;    /* what stands behind /hooks/CHANNEL/, without the query */
    struct handoffd_fields headers; /* names in lower case; those that came twice stand twice */
    const char *body;               /* NUL behind */
    size_t body_length;
};

/* What the provider is answered. */
struct handoffd_answer {
    size_t size;
    uint32_t status;          /* 204 until set */
    const char *content_type; /* NULL: text/plain */
    const char *body;         /* valid until the next call; NULL: empty */
};

struct handoffd_channel {
    size_t size;

    /* What the channel is, as data: the daemon composes sentences and texts from it. */
    const char *medium;     /* "WhatsApp": "… service not configured." */
    const char *provider;   /* "Twilio": "Twilio error sending WhatsApp: …" */
    const char *setup_hint; /* "Check TWILIO_* environment variables."; may be NULL */
    uint32_t text_limit;    /* of message->text, in text_unit; 0: none */
    uint32_t text_unit;     /* enum handoffd_text_unit */
    const char *
        markup; /* characters that format text when they stand around a word: "*_~`"; may be NULL */
    const char *line_markup; /* characters that format a line when they start it: ">-1", where 1 is
                              * any number with a dot behind it; may be NULL */
    bool is_repeat_safe;     /* the same attempt delivered twice arrives once */
    bool tells_delivery;     /* DELIVERED or UNDELIVERED is reported after SENT, by receive or find;
                              * what is not DELIVERED in time goes to the next person */

    /* Writes the address that `to` means into `normal` (its form for deliver, at most `normal_size`
     * bytes with the NUL), or says in `error` what is wrong with it. `to` is NULL or "" where the
     * file gives none. `country` is the company's (ISO 3166, "MX") or NULL. A normal form is its
     * own normal form. Runs at check time, before start, without state. Required. */
    bool (*check_to)(const char *to, const char *country, char *normal, size_t normal_size,
                     char *error, size_t error_size);

    /* Tells one person, then reports on attempt->id: SENT, DEFERRED, REFUSED_* or UNKNOWN.
     * Required. */
    void (*deliver)(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message);

    /* "Was this sent, and what became of it?" Asks the provider, then reports on attempt->id: SENT
     * (with the message_id), DELIVERED, READ, UNDELIVERED or REFUSED_* with what is so now;
     * DEFERRED where the provider failed to send it and the same may work later; ABSENT where it
     * has no such message; UNKNOWN where it could not be asked. `message` is what deliver was
     * given, as vendors.yaml would compose it now. Optional: without it an unknown attempt waits
     * for receive.
     */
    void (*find)(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message);

    /* Somebody called a callback_url, perhaps the provider. Checks who it is, then reports on
     * request->attempt_id. What it cannot trust (unsigned, forged, attempt_id 0) reports nothing,
     * and leaves no line in the log for each time: nobody else logs that it was refused. Fills
     * `answer`, which is sent once everything reported during the call is on disk; 503 instead of
     * it where that could not be kept. Optional: without it attempts have no callback_url. */
    void (*receive)(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer);

    /* The provider's limits for this instance; `limits` comes zeroed: none. Called after start.
     * vendors.yaml may set others. Optional. */
    void (*limits)(const void *state, struct handoffd_limits *limits);

    /* Another way to write the address `to` (a normal form) that the provider may know the same
     * person by, as +521… for +52…; false: there is none. Tried once where `to` is refused, and
     * remembered where it works. Pure; other_to of other_to is `to`. Optional. */
    bool (*other_to)(const char *to, char *other, size_t other_size);

    /* What a person should do about an error code of the provider: one sentence in the language of
     * LANG (as in start's errors), or NULL. Pure. Optional. */
    const char *(*explain)(int32_t code);

    /* `handoffd check --online`: asks the provider whether credentials, sender and template are fit
     * for use, then reports on attempt_id: SENT where they are, REFUSED_ACCOUNT or REFUSED_MESSAGE
     * with what is wrong in `text`, UNKNOWN where it could not be asked. Sends no message.
     * Optional. */
    void (*probe)(void *state, uint64_t attempt_id);

    bool makes_links; /* of what looks like a web address: the daemon breaks customers' ones */
};

/* ---------------------------------------------------------------- the host: what a plugin may ask
 * for */

enum handoffd_log_level {
    HANDOFFD_LOG_DEBUG,
    HANDOFFD_LOG_INFO,
    HANDOFFD_LOG_WARNING,
    HANDOFFD_LOG_ERROR
};

/* All borrowed until http_send returns. */
struct handoffd_http_request {
    size_t size;
    const char *method; /* "GET" or "POST" */
    const char *url;    /* http:// or https:// */
    const char *user;   /* Basic authentication, with password; NULL: none */
    const char *password;
    const char *content_type;       /* of the body */
    struct handoffd_fields headers; /* others */
    const char *body;
    size_t body_length;
    int64_t timeout_ms; /* for the whole call; 0: 10 s; at most 50 s */
};

enum handoffd_http_result {
    HANDOFFD_HTTP_ANSWERED = 1, /* status and body were read to their end */
    HANDOFFD_HTTP_NOT_SENT,     /* surely nothing left this host */
    HANDOFFD_HTTP_NO_ANSWER /* something may have left, and no whole answer came: it may have been
                               done */
};

/* Borrowed until on_answer returns. */
struct handoffd_http_answer {
    size_t size;
    uint32_t result;        /* enum handoffd_http_result */
    int32_t status;         /* 201; 0 where no status line was read */
    const char *body;       /* never NULL; NUL behind */
    size_t body_length;     /* at most 1 MB: a longer answer is NO_ANSWER */
    int64_t retry_after_ms; /* from the header Retry-After; 0: none */
    const char *error;      /* in words, where it was not ANSWERED; else NULL */
    int64_t date_ms; /* from the header Date: the provider's clock, in full seconds since 1970, UTC,
                      * when it answered; 0: none, or none that can be read */
};

/* One table for each running instance of a plugin; valid from start until stop. */
struct handoffd_host {
    size_t size;
    void *instance; /* the daemon's */

    /* One line, stamped with the instance. Never a phone number, a name, a reason or a secret. */
    void (*log)(const struct handoffd_host *host, uint32_t level, const char *text);

    /* Since 1970, UTC. */
    int64_t (*now_ms)(const struct handoffd_host *host);

    /* Calls on_answer exactly once, never before http_send has returned. Connections are kept; TLS
     * is verified; nothing is repeated or redirected. */
    void (*http_send)(const struct handoffd_host *host, const struct handoffd_http_request *request,
                      void (*on_answer)(void *context, const struct handoffd_http_answer *answer),
                      void *context);

    /* Says what became of an attempt. May be called inside deliver: the daemon queues it. */
    void (*report)(const struct handoffd_host *host, uint64_t attempt_id,
                   const struct handoffd_report *report);
};

/* ---------------------------------------------------------------- the plugin */

struct handoffd_plugin {
    size_t size;
    uint32_t contract_major;
    uint32_t contract_minor;

    const char *name;    /* as in `plugin: NAME`: a-z, 0-9 and _ */
    const char *version; /* the plugin's own */
    const char *summary; /* one line, English */

    size_t state_size;               /* of the struct that options and the calls use; 0: none */
    struct handoffd_options options; /* of the instance, into the state */
    size_t person_size;              /* routers: of the struct that a person's options fill */
    struct handoffd_options
        person_options; /* routers: keys that a person may have while this router is in use */

    /* Begins work with the options in place; false stops the daemon with `error` in words, and
     * nothing else of this instance is called, stop included. The host table stays valid until
     * stop. Optional. */
    bool (*start)(void *state, const struct handoffd_host *host, char *error, size_t error_size);

    /* Ends it: nothing of the plugin runs afterwards, answers of http_send included. Optional. */
    void (*stop)(void *state);

    /* Exactly one of the two. */
    const struct handoffd_router *router;
    const struct handoffd_channel *channel;
};

#define HANDOFFD_PLUGIN_HEADER                                                                     \
    .size = sizeof(struct handoffd_plugin), .contract_major = HANDOFFD_CONTRACT_MAJOR,             \
    .contract_minor = HANDOFFD_CONTRACT_MINOR

/* What the daemon looks up. */
extern
#if defined(__GNUC__)
    __attribute__((visibility("default")))
#endif
    const struct handoffd_plugin handoffd_plugin;

#ifdef __cplusplus
}
#endif

#endif
