/* floor_below - the functions that core/api calls; the linker then has no need of the library's. */
#include "floor_below.h"

#include <stdlib.h>
#include <string.h>

#include "access/keeper.h"
#include "access/limiter.h"
#include "alert/alerts.h"
#include "api/control.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/require.h"
#include "base/utf8.h"
#include "handoff/phone.h"
#include "handoff/public_id.h"
#include "handoff/tally.h"

enum { MOST_LATER = 64, MOST_STORY = 1024 * 1024, MOST_KEY = 255 };

static struct floor *open_floor;
static struct loop *loop;

/* ---- later */

static struct later {
    void (*run)(void *what);
    void *what;
} later[MOST_LATER];

static size_t later_count;

static void do_later(void (*run)(void *what), void *what)
{
    require(later_count < MOST_LATER);
    later[later_count++] = (struct later){run, what};
}

void floor_settle(void)
{
    for (size_t i = 0; i < later_count; i++)
        later[i].run(later[i].what);
    later_count = 0;
}

static bool reload(void *daemon, struct buffer *verdict)
{
    (void)daemon;
    open_floor->orders++;
    buffer_append_text(verdict, "fine\n");
    return true;
}

void floor_open(struct floor *floor)
{
    static const struct sentences say = {"{vendedor} ya", "en cola", "no", "falta"};
    if (loop == NULL)
        loop = loop_create();
    log_set_level(LOG_ERROR);
    *floor = (struct floor){
        .api = {.say = &say, .reply_within_ms = 8000, .loop = loop, .reload = reload}};
    buffer_init(&floor->story, MOST_STORY);
    open_floor = floor;
}

void floor_close(struct floor *floor)
{
    require(later_count == 0);
    buffer_deinit(&floor->story);
    open_floor = NULL;
}

/* ---- dispatcher */

const struct public_ids *dispatcher_ids(const struct dispatcher *dispatcher)
{
    static const unsigned char key[PUBLIC_ID_KEY_BYTES] = "sixteen letters";
    static struct public_ids *ids;
    (void)dispatcher;
    if (ids == NULL)
        ids = public_ids_create(key);
    return ids;
}

bool dispatcher_number(const struct dispatcher *dispatcher, const char *id, int64_t *number)
{
    return public_id_read(dispatcher_ids(dispatcher), id, number);
}

static void check_text(const char *text)
{
    require(text == NULL || (text[0] != '\0' && utf8_is_valid(text, strlen(text))));
}

static void check_request(const struct request *request)
{
    char normal[PHONE_SIZE];
    const struct handoffd_handoff *handoff = &request->handoff;
    require(phone_normalise(handoff->user_phone, normal));
    require(strcmp(normal, handoff->user_phone) == 0 && handoff->reason != NULL);
    check_text(handoff->reason);
    check_text(handoff->user_name);
    check_text(handoff->conversation_id);
    check_text(handoff->additional_context);
    require(request->digest >= 0 && request->reply_within_ms > 0);
    for (const char *at = request->key != NULL ? request->key : ""; *at != '\0'; at++)
        require(*at > ' ' && *at <= '~' && at - request->key < MOST_KEY);
}

static enum answer_kind next_kind;

static void answer_waiter(void *what)
{
    struct waiter *waiter = what;
    const struct answer answer = {.kind = next_kind,
                                  .handoff_id = "ho_1",
                                  .vendor_id = "ana",
                                  .vendor_name = "Ana",
                                  .message_id = "SM1",
                                  .detail = "no"};
    waiter->on_answer(waiter, &answer);
}

void dispatcher_accept(struct dispatcher *dispatcher, const struct request *request,
                       struct waiter *waiter)
{
    (void)dispatcher;
    check_request(request);
    next_kind = (enum answer_kind)(request->digest % (ANSWER_LOST + 1));
    open_floor->accepted++;
    open_floor->caller = request->caller;
    buffer_format(&open_floor->story, "accepted %s %s %s %s\n", request->handoff.user_phone,
                  request->handoff.reason, request->key != NULL ? request->key : "-",
                  request->caller != NULL ? request->caller : "-");
    do_later(answer_waiter, waiter);
}

bool dispatcher_has_accepted(struct dispatcher *dispatcher, const struct request *request)
{
    (void)dispatcher;
    return request->digest % 8 == 0;
}

uint64_t dispatcher_attempt_of(const struct dispatcher *dispatcher, const char *token)
{
    (void)dispatcher;
    return token[0] != '\0' ? 7 : 0;
}

static void finish_order(void *what)
{
    struct order *order = what;
    order->on_done(order, order->word == ORDER_CLOSE ? "it is closed" : NULL);
}

bool dispatcher_order(struct dispatcher *dispatcher, const char *id, struct order *order)
{
    int64_t number = 0;
    if (!dispatcher_number(dispatcher, id, &number))
        return false;
    require(order->word <= ORDER_CLOSE);
    open_floor->orders++;
    do_later(finish_order, order);
    return true;
}

bool dispatcher_is_ready(const struct dispatcher *dispatcher)
{
    (void)dispatcher;
    return true;
}

bool dispatcher_channel_is_open(const struct dispatcher *dispatcher, const char *channel)
{
    (void)dispatcher;
    return channel[0] != 'x';
}

struct dispatcher_figures dispatcher_figures(const struct dispatcher *dispatcher)
{
    (void)dispatcher;
    return (struct dispatcher_figures){.open = 1};
}

/* ---- store */

static void answer_query(void *what)
{
    static const struct store_attempt attempt = {
        .number = 1, .state = "sent", .vendor = "ana", .channel = "log", .address = "ana"};
    static const struct store_event event = {.number = 1, .at_ms = 1, .kind = "assigned"};
    static struct store_found found = {
        .handoff = {.number = 1, .received_ms = FLOOR_NOW_MS, .user_phone = "+1", .reason = "r\n"},
        .state = "notified",
        .attempts = &attempt,
        .attempt_count = 1,
        .story = &event,
        .story_count = 1,
    };
    struct store_query *query = what;
    query->found = &found;
    query->count = query->question == STORE_ONE || query->limit > 1 ? 1 : 0;
    query->on_done(query);
}

void store_ask(struct store *store, struct store_query *query)
{
    (void)store;
    require(query->question == STORE_ONE ||
            (query->limit > 0 && query->limit <= CONTROL_LIMIT_MOST));
    do_later(answer_query, query);
}

void store_query_finish(struct store_query *query)
{
    (void)query;
}

static struct {
    void (*on_done)(void *context, const struct error *error);
    void *context;
} backup;

static void finish_backup(void *what)
{
    (void)what;
    backup.on_done(backup.context, NULL);
}

void store_backup(struct store *store, const char *path,
                  void (*on_done)(void *context, const struct error *error), void *context)
{
    (void)store;
    require(path[0] == '/');
    open_floor->orders++;
    backup.on_done = on_done;
    backup.context = context;
    do_later(finish_backup, NULL);
}

const struct histogram *store_commit_seconds(const struct store *store)
{
    static const struct histogram commits;
    (void)store;
    return &commits;
}

int64_t store_free_bytes(const struct store *store)
{
    (void)store;
    return 1;
}

/* ---- keys, alerts, counts */

static void finish_key(void *what)
{
    struct key_order *order = what;
    order->on_done(order, order->key.scope != SCOPE_READ);
}

void keeper_make(struct keeper *keeper, struct key_order *order)
{
    (void)keeper;
    require(api_key_is_name(order->key.name) && order->key.scope != SCOPE_NONE);
    require(order->key.expires_ms == 0 || order->key.expires_ms > FLOOR_NOW_MS);
    open_floor->orders++;
    memcpy(order->text, "hk_0", sizeof "hk_0");
    memcpy(order->id, "0", sizeof "0");
    order->key.id = order->id;
    do_later(finish_key, order);
}

bool keeper_revoke(struct keeper *keeper, const char *id, struct key_order *order)
{
    (void)keeper;
    require(strlen(id) < sizeof order->id);
    open_floor->orders++;
    memcpy(order->id, id, strlen(id) + 1);
    do_later(finish_key, order);
    return true;
}

size_t alerts_count(const struct alerts *alerts)
{
    (void)alerts;
    return 1;
}

void alerts_each(const struct alerts *alerts,
                 void (*on_alert)(void *context, const struct store_alert *alert), void *context)
{
    static const struct store_alert alert = {.cause = "c", .text = "t", .since_ms = 1};
    (void)alerts;
    on_alert(context, &alert);
}

void tally_each(const struct tally *tally,
                void (*on_count)(void *context, const char *channel, enum attempt_event event,
                                 int64_t code, int64_t count),
                void *context)
{
    (void)tally;
    (void)on_count;
    (void)context;
}

/* ---- limits: of all together, without the megabyte that telling them apart takes */

struct limiter {
    int64_t taken[LIMITED_FAILURES + 1];
};

struct limiter *limiter_create(void)
{
    return memory_zeroed(1, sizeof(struct limiter));
}

void limiter_destroy(struct limiter *limiter)
{
    free(limiter);
}

int64_t limiter_take_ms(struct limiter *limiter, enum limited what, const char *who, int64_t most,
                        int64_t now_ms)
{
    (void)now_ms;
    require(who[0] != '\0');
    return most > 0 && ++limiter->taken[what] > most ? 1500 : 0;
}

/* ---- the clock, and the server */

int64_t clock_wall_ms(void)
{
    return FLOOR_NOW_MS;
}

int64_t clock_steady_ms(void)
{
    return 1;
}

size_t http_server_connections(const struct http_server *server)
{
    (void)server;
    return 1;
}

/* A header of ours that held a line break would be two. */
static void check_headers(const struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        require(strpbrk(headers[i].value, "\r\n") == NULL && headers[i].name[0] != '\0');
}

void http_respond(struct http_exchange *exchange, int status, const struct http_header *headers,
                  size_t header_count, const char *body, size_t body_length)
{
    (void)exchange;
    require(status >= 200 && status <= 599);
    check_headers(headers, header_count);
    require(utf8_is_valid(body, body_length));
    open_floor->responses++;
    buffer_format(&open_floor->story, "%d ", status);
    if (strcmp(open_floor->request->path, "/metrics") != 0) /* how long the loop was busy */
        buffer_append(&open_floor->story, body, body_length);
    buffer_append_char(&open_floor->story, '\n');
}
