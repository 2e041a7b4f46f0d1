/* office - one fake plugin of each kind, by hand; the host table that they call back through is the
 * daemon's. */
#include "office.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/require.h"
#include "failing_disk.h"
#include "moving_clock.h"
#include "scratch_folder.h"

/* ---- the channel */

/* The state of an instance is a pointer to its office. */
struct desk {
    struct office *office;
    struct instance *instance;
};

static bool check_to(const char *to, const char *country, char *normal, size_t normal_size,
                     char *error, size_t error_size)
{
    (void)country, (void)error, (void)error_size;
    snprintf(normal, normal_size, "%s", to);
    return true;
}

static void note(struct office *office, const struct instance *instance,
                 const struct handoffd_attempt *attempt, const struct handoffd_message *message)
{
    require(office->delivery_count < OFFICE_DELIVERIES);
    office->deliveries[office->delivery_count++] = (struct delivery_note){
        .attempt_id = attempt->id,
        .instance = instance->name,
        .handoff_id = arena_text(office->arena, attempt->handoff_id),
        .vendor = arena_text(office->arena, attempt->vendor_id),
        .to = arena_text(office->arena, attempt->to),
        .text = arena_text(office->arena, message->text),
        .callback_url = arena_text(office->arena, attempt->callback_url),
    };
}

static void deliver(void *state, const struct handoffd_attempt *attempt,
                    const struct handoffd_message *message)
{
    struct desk *desk = state;
    struct office *office = desk->office;
    char id[32];
    size_t number = office->delivery_count;
    struct plan plan = number < OFFICE_PLANS ? office->plans[number] : (struct plan){0};
    note(office, desk->instance, attempt, message);
    if (plan.is_silent || office->is_silent || !desk->instance->is_running)
        return;
    snprintf(id, sizeof id, "SM%llu", (unsigned long long)attempt->id);
    struct handoffd_report report = {
        .size = sizeof report,
        .outcome = plan.outcome != 0 ? plan.outcome : HANDOFFD_SENT,
        .code = plan.code,
        .message_id = plan.outcome == 0 ? id : NULL,
        .text = plan.text,
        .retry_after_ms = plan.retry_after_ms,
        .needs_attention = plan.needs_attention,
        .in_any_form = plan.in_any_form,
    };
    desk->instance->host.report(&desk->instance->host, attempt->id, &report);
}

static void note_question(struct office *office, const struct handoffd_attempt *attempt)
{
    const char *taken = "";
    for (size_t i = 0; i < attempt->taken_ids.count; i++)
        taken = arena_format(office->arena, "%s%s\n", taken, attempt->taken_ids.items[i]);
    size_t number = office->question_count++;
    if (number >= OFFICE_DELIVERIES)
        return; /* counted only */
    office->questions[number] =
        (struct question_note){.attempt_id = attempt->id,
                               .message_id = arena_text(office->arena, attempt->message_id),
                               .taken_ids = taken};
}

static void find(void *state, const struct handoffd_attempt *attempt,
                 const struct handoffd_message *message)
{
    struct desk *desk = state;
    struct office *office = desk->office;
    size_t number = office->question_count;
    struct plan plan = number < OFFICE_PLANS ? office->finds[number] : office->find_otherwise;
    (void)message;
    note_question(office, attempt);
    if (plan.is_silent)
        return;
    struct handoffd_report report = {
        .size = sizeof report,
        .outcome = plan.outcome != 0 ? plan.outcome : HANDOFFD_ABSENT,
        .code = plan.code,
        .message_id = plan.message_id,
        .text = plan.text,
        .retry_after_ms = plan.retry_after_ms,
    };
    desk->instance->host.report(&desk->instance->host, attempt->id, &report);
}

static void receive(void *state, const struct handoffd_request *request,
                    struct handoffd_answer *answer)
{
    (void)state, (void)request, (void)answer; /* the tests report by themselves */
}

static void limits(const void *state, struct handoffd_limits *taken)
{
    const struct desk *desk = state;
    *taken = desk->office->limits;
    taken->size = sizeof *taken;
}

/* "to-ana" and "other-to-ana" are the same phone. */
static bool other_to(const char *to, char *other, size_t other_size)
{
    static const char prefix[] = "other-";
    bool is_other = strncmp(to, prefix, sizeof prefix - 1) == 0;
    int length = is_other ? snprintf(other, other_size, "%s", to + sizeof prefix - 1)
                          : snprintf(other, other_size, "%s%s", prefix, to);
    return length > 0 && (size_t)length < other_size;
}

static const struct handoffd_channel plain_channel = {.size = sizeof plain_channel,
                                                      .medium = "WhatsApp",
                                                      .provider = "Twilio",
                                                      .check_to = check_to,
                                                      .deliver = deliver,
                                                      .limits = limits};

void office_make_repeat_safe(struct office *office)
{
    office->channel.is_repeat_safe = true;
}

void office_make_askable(struct office *office)
{
    office->channel.find = find;
}

void office_make_telling(struct office *office)
{
    office->channel.tells_delivery = true;
    office->channel.receive = receive;
    office->setup.delivery.public_url = "https://handoff.example.com";
}

void office_make_two_formed(struct office *office)
{
    office->channel.other_to = other_to;
}

/* ---- the router: whoever's last turn is longest ago, without those who are left out */

static bool is_left_out(const struct office *office, const char *id)
{
    size_t vendor = 0;
    while (strcmp(office->vendors[vendor].id, id) != 0)
        vendor++;
    return office->is_never[vendor];
}

static void rank(const void *state, const struct handoffd_handoff *handoff,
                 const struct handoffd_people *people, int64_t rank_of[])
{
    const struct office *office = state;
    (void)handoff;
    for (size_t i = 0; i < people->count; i++) {
        rank_of[i] = is_left_out(office, people->id[i]) ? HANDOFFD_NEVER : people->last_turn[i];
    }
}

static const struct handoffd_router router = {.size = sizeof router, .rank = rank};

/* ---- opening and closing */

static void furnish(struct office *office)
{
    static const char *const ids[] = {"ana", "luis", "diego", "eva"};
    static const char *const names[] = {"Ana Torres", "Luis Rangel", "Diego Mora", "Eva Sol"};
    static const char *const addresses[] = {"to-ana", "to-luis", "to-diego", "to-eva"};
    struct desk *desks = arena_zeroed(office->arena, 2, sizeof *desks);
    desks[0] = (struct desk){office, &office->whatsapp};
    desks[1] = (struct desk){office, &office->sms};
    struct plugin *plugin = arena_zeroed(office->arena, 1, sizeof *plugin);
    office->channel = plain_channel;
    plugin->kind = PLUGIN_CHANNEL;
    plugin->contract = (struct handoffd_plugin){
        .name = "fake", .state_size = sizeof(struct desk), .channel = &office->channel};
    office->whatsapp = (struct instance){
        .plugin = plugin, .name = "whatsapp", .state = &desks[0], .is_configured = true};
    office->sms = (struct instance){
        .plugin = plugin, .name = "sms", .state = &desks[1], .is_configured = true};
    for (size_t i = 0; i < OFFICE_PEOPLE; i++) {
        office->contacts[i][0] = (struct contact){&office->whatsapp, addresses[i]};
        office->contacts[i][1] = (struct contact){&office->sms, "sms-ana"};
        office->vendors[i] = (struct vendor){ids[i], names[i], office->contacts[i], i == 0 ? 2 : 1};
    }
    office->roster = (struct roster){.vendors = office->vendors, .count = 3, .fallback = NOBODY};
}

static void on_store_failed(void *context)
{
    struct office *office = context;
    office->store_failures++;
}

static void on_landed(void *context)
{
    (void)context;
}

/* Without the handoff's id, which differs from run to run. */
static void on_trouble(void *context, const char *cause, const char *text)
{
    struct office *office = context;
    const char *id = text != NULL ? strstr(text, " [ho_") : NULL;
    int length = text == NULL ? 0 : id != NULL ? (int)(id - text) : (int)strlen(text);
    if (office->trouble_count < OFFICE_TROUBLES)
        office->troubles[office->trouble_count++] =
            text != NULL ? arena_format(office->arena, "%s: %.*s", cause, length, text)
                         : arena_format(office->arena, "%s mended", cause);
}

static void on_stuck(void *context, const char *former, const char *cause, const char *text)
{
    if (former != NULL)
        on_trouble(context, former, NULL);
    if (cause != NULL)
        on_trouble(context, cause, text);
}

static void on_told(void *context, const char *vendor_id, const char *channel, bool has_arrived)
{
    struct office *office = context;
    (void)vendor_id, (void)channel, (void)has_arrived;
    office->reached++;
}

static void on_outcome(void *context, const char *channel, enum attempt_event event, int64_t code)
{
    (void)context, (void)channel, (void)event, (void)code;
}

int office_setup(void **state)
{
    struct office *office = memory_zeroed(1, sizeof *office);
    office->arena = arena_create(4096);
    office->folder = scratch_folder_create();
    office->loop = loop_create();
    office->setup = (struct dispatcher_setup){
        .delivery = {.unknown = {.ask_for_ms = 120 * 1000, .times = 3, .give_up_ms = 300 * 1000}},
        .acceptance = {.unconfigured = "WhatsApp service not configured.",
                       .dedupe_window_ms = 10 * 60 * 1000,
                       .most_open = 10000},
    };
    furnish(office);
    failing_disk_set(DISK_FINE);
    log_set_level(LOG_ERROR + 1); /* the tests look at what happens, not at what is said of it */
    setenv("LC_ALL", "C", 1);
    *state = office;
    return 0;
}

int office_teardown(void **state)
{
    struct office *office = *state;
    failing_disk_set(DISK_FINE);
    if (office->dispatcher != NULL)
        office_close(office);
    loop_destroy(office->loop);
    scratch_folder_remove(office->folder);
    arena_destroy(office->arena);
    free(office);
    return 0;
}

static const char *store_path(struct office *office)
{
    return arena_format(office->arena, "%s/handoffd.db", office->folder);
}

static void pass_report(void *context, struct instance *instance, uint64_t attempt_id,
                        const struct handoffd_report *report, struct receipt *receipt)
{
    const struct office *office = context;
    dispatcher_report(office->dispatcher, instance, attempt_id, report, receipt);
}

/* What vendors.yaml says now: the tests go on to change theirs. */
static const struct roster *copy_roster(struct office *office)
{
    struct roster *copy = arena_zeroed(office->opened, 1, sizeof *copy);
    struct vendor *vendors = arena_zeroed(office->opened, OFFICE_PEOPLE, sizeof *vendors);
    *copy = office->roster;
    for (size_t i = 0; i < copy->count; i++) {
        struct contact *contacts = arena_zeroed(office->opened, 2, sizeof *contacts);
        vendors[i] = office->roster.vendors[i];
        memcpy(contacts, vendors[i].contacts, vendors[i].contact_count * sizeof *contacts);
        vendors[i].contacts = contacts;
    }
    copy->vendors = vendors;
    return copy;
}

static void make_chain(struct office *office)
{
    struct error error = {"no error was set"};
    const struct roster *roster = copy_roster(office);
    office->setup.delivery.roster = roster;
    struct chain_step *step = arena_zeroed(office->opened, 1, sizeof *step);
    *step = (struct chain_step){.label = "round_robin", .router = &router, .state = office};
    office->setup.delivery.chain = chain_create(roster, step, 1, office->opened);
    office->setup.delivery.template =
        message_template_create(message_default_template, office->opened, &error);
}

void office_open(struct office *office)
{
    struct error error = {"no error was set"};
    office->opened = arena_create(4096);
    make_chain(office);
    office->host =
        (struct plugin_host){.loop = office->loop, .on_report = pass_report, .context = office};
    const struct dispatcher_owner owner = {
        .context = office,
        .on_store_failed = on_store_failed,
        .on_landed = on_landed,
        .on_trouble = on_trouble,
        .on_stuck = on_stuck,
        .on_told = on_told,
        .on_outcome = on_outcome,
    };
    if (!instance_start(&office->whatsapp, &office->host, &error) ||
        !instance_start(&office->sms, &office->host, &error) ||
        (office->store = store_open(office->loop, store_path(office), &error)) == NULL ||
        (office->dispatcher = dispatcher_create(office->loop, office->store, &office->setup, &owner,
                                                &error)) == NULL)
        fail_msg("%s", error.message);
    clock_move(office->reading_ms);
    dispatcher_start(office->dispatcher);
}

static void on_closed(void *context)
{
    struct office *office = context;
    office->store = NULL;
    loop_stop(office->loop);
}

void office_crash(struct office *office)
{
    instance_stop(&office->whatsapp);
    instance_stop(&office->sms);
    store_close(office->store, on_closed, office);
    dispatcher_destroy(office->dispatcher);
    office->dispatcher = NULL;
    while (office->store != NULL)
        loop_run(office->loop);
    arena_destroy(office->opened);
}

void office_on_drained(void *context)
{
    struct office *office = context;
    office->drained++;
    loop_stop(office->loop);
}

void office_close(struct office *office)
{
    office->drained = 0;
    dispatcher_drain(office->dispatcher, 0, office_on_drained, office);
    office_move(office, 1);
    while (office->drained == 0)
        loop_run(office->loop);
    office_crash(office);
}

void office_adopt(struct office *office)
{
    make_chain(office);
    dispatcher_adopt(office->dispatcher, &office->setup);
}

/* ---- time */

/* A change of no handoff and a question about none: when both are done, so is all that was
 * submitted and asked before. */
struct marker {
    struct store_change change;
    struct store_query query;
    struct turn turn;
    struct loop *loop;
    size_t under_way;
};

static void on_marker_turn(struct turn *turn)
{
    struct marker *marker = container_of(turn, struct marker, turn);
    loop_stop(marker->loop);
}

static void mark(struct marker *marker)
{
    if (--marker->under_way == 0)
        loop_next_turn(marker->loop, &marker->turn);
}

static void on_marker_done(struct store_change *change)
{
    mark(container_of(change, struct marker, change));
}

static void on_marker_answered(struct store_query *query)
{
    store_query_finish(query);
    mark(container_of(query, struct marker, query));
}

/* Every step of a handoff is a commit or a question, and a turn: so many rounds are enough for so
 * many steps. */
void office_settle(struct office *office)
{
    for (int round = 0; round < 16; round++) {
        struct marker marker = {
            .change = {.handoff = -1, .handoff_state = "", .on_done = on_marker_done},
            .query = {.question = STORE_ONE, .number = -1, .on_done = on_marker_answered},
            .turn = {.run = on_marker_turn},
            .loop = office->loop,
            .under_way = 2,
        };
        store_submit(office->store, &marker.change);
        store_ask(office->store, &marker.query);
        while (marker.under_way > 0 || marker.turn.is_waiting)
            loop_run(office->loop);
    }
}

struct moment {
    struct timer timer;
    struct loop *loop;
    bool is_over;
};

static void on_moment(struct timer *timer)
{
    struct moment *moment = container_of(timer, struct moment, timer);
    moment->is_over = true;
    loop_stop(moment->loop);
}

/* The first moment makes the loop look at its clock; the second is due when all of them are. */
void office_move(struct office *office, int64_t ms)
{
    struct moment first = {.timer = {.on_due = on_moment}, .loop = office->loop};
    struct moment last = first;
    loop_timer_start(office->loop, &first.timer, 0);
    loop_timer_start(office->loop, &last.timer, ms);
    clock_move(ms);
    while (!first.is_over || !last.is_over)
        loop_run(office->loop);
}

void office_pass(struct office *office, int64_t ms)
{
    office_move(office, ms);
    office_settle(office);
}

/* ---- clients */

struct request office_request(const char *phone, const char *conversation)
{
    return (struct request){
        .handoff = {.size = sizeof(struct handoffd_handoff),
                    .user_phone = phone,
                    .reason = "Cliente desea información",
                    .user_name = "Juan Pérez",
                    .conversation_id = conversation},
        .digest = 1,
        .reply_within_ms = 8000,
    };
}

static void on_answer(struct waiter *waiter, const struct answer *answer)
{
    struct client *client = container_of(waiter, struct client, waiter);
    struct arena *arena = client->office->arena;
    assert_false(client->is_answered);
    client->is_answered = true;
    client->answer = (struct answer){
        .kind = answer->kind,
        .is_duplicate = answer->is_duplicate,
        .handoff_id = arena_text(arena, answer->handoff_id),
        .vendor_id = arena_text(arena, answer->vendor_id),
        .vendor_name = arena_text(arena, answer->vendor_name),
        .message_id = arena_text(arena, answer->message_id),
        .detail = arena_text(arena, answer->detail),
    };
    loop_stop(client->office->loop);
}

struct client *office_ask(struct office *office, const struct request *request)
{
    struct client *client = arena_zeroed(office->arena, 1, sizeof *client);
    client->office = office;
    client->waiter.on_answer = on_answer;
    dispatcher_accept(office->dispatcher, request, &client->waiter);
    assert_false(client->is_answered); /* always on a later turn */
    return client;
}

void office_wait_for(struct client *client)
{
    while (!client->is_answered)
        loop_run(client->office->loop);
}

const struct answer *office_answer(struct office *office, const struct request *request)
{
    struct client *client = office_ask(office, request);
    office_wait_for(client);
    return &client->answer;
}

/* ---- operators */

static void on_order_done(struct order *order, const char *problem)
{
    struct visitor *visitor = container_of(order, struct visitor, order);
    visitor->problem = problem;
    visitor->is_done = true;
}

void office_visit(struct office *office, const char *handoff_id, enum operator_order word,
                  struct visitor *visitor)
{
    *visitor = (struct visitor){.order = {.on_done = on_order_done, .word = word}};
    assert_true(dispatcher_order(office->dispatcher, handoff_id, &visitor->order));
}

const char *office_order(struct office *office, const char *handoff_id, enum operator_order word)
{
    struct visitor visitor;
    office_visit(office, handoff_id, word, &visitor);
    office_settle(office);
    assert_true(visitor.is_done);
    return visitor.problem;
}

/* ---- what is seen from outside */

void office_report(struct office *office, struct instance *instance, uint64_t attempt_id,
                   enum handoffd_outcome outcome, const char *message_id)
{
    struct handoffd_report report = {
        .size = sizeof report, .outcome = outcome, .message_id = message_id};
    instance->host.report(&instance->host, attempt_id, &report);
    office_settle(office);
}

const char *office_on_disk(struct office *office, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    const char *found = "";
    assert_int_equal(sqlite3_open(store_path(office), &db), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(row) == SQLITE_ROW && sqlite3_column_text(row, 0) != NULL)
        found = arena_text(office->arena, (const char *)sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
    sqlite3_close(db);
    return found;
}
