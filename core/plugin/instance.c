/* instance - the host table: every call of a plugin into the daemon comes through here.
 *
 * A pending is one thing that the host owes a plugin: an answer of the network, or passing on a
 * report. */
#include "plugin/instance.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/language.h"
#include "base/log.h"
#include "base/memory.h"

enum { CALL_MOST_MS = 50 * 1000 }; /* within the minute that an attempt has for its report */

struct pending {
    struct instance *instance;
    struct pending *next;
    struct pending **previous;

    struct http_call *call; /* an http_send, */
    void (*on_answer)(void *context, const struct handoffd_http_answer *answer);
    void *context;

    struct turn turn; /* or a report */
    bool is_dropped;
    struct receipt *receipt;
    uint64_t attempt_id;
    struct handoffd_report report;
    char *message_id;
    char *text;
};

/* ---- the list of what is under way */

static struct pending *pending_create(struct instance *instance)
{
    struct pending *pending = memory_zeroed(1, sizeof *pending);
    pending->instance = instance;
    pending->next = instance->pending;
    pending->previous = &instance->pending;
    if (pending->next != NULL)
        pending->next->previous = &pending->next;
    instance->pending = pending;
    return pending;
}

static void pending_unlink(struct pending *pending)
{
    *pending->previous = pending->next;
    if (pending->next != NULL)
        pending->next->previous = pending->previous;
}

static void pending_free(struct pending *pending)
{
    free(pending->message_id);
    free(pending->text);
    free(pending);
}

/* ---- what plugins call */

static struct instance *instance_of(const struct handoffd_host *host)
{
    return host->instance;
}

static void host_log(const struct handoffd_host *host, uint32_t level, const char *text)
{
    const struct instance *instance = instance_of(host);
    char masked[1024];
    log_line(level <= LOG_ERROR ? (enum log_level)level : LOG_ERROR, "%s plugin=%s instance=%s",
             log_masked(masked, sizeof masked, text), instance->plugin->contract.name,
             instance->name);
}

static int64_t host_now_ms(const struct handoffd_host *host)
{
    (void)host;
    return clock_wall_ms();
}

static void on_http_answer(void *context, const struct handoffd_http_answer *answer)
{
    struct pending *pending = context;
    pending_unlink(pending);
    pending->on_answer(pending->context, answer);
    pending_free(pending);
}

static void
host_http_send(const struct handoffd_host *host, const struct handoffd_http_request *request,
               void (*on_answer)(void *context, const struct handoffd_http_answer *answer),
               void *context)
{
    struct instance *instance = instance_of(host);
    struct pending *pending = pending_create(instance);
    pending->on_answer = on_answer;
    pending->context = context;
    struct handoffd_http_request known = {0};
    memcpy(&known, request, request->size < sizeof known ? request->size : sizeof known);
    known.size = sizeof known;
    if (known.timeout_ms > CALL_MOST_MS)
        known.timeout_ms = CALL_MOST_MS;
    pending->call = http_client_send(instance->shared->client, &known, on_http_answer, pending);
}

static void pass_report(struct turn *turn)
{
    struct pending *pending = container_of(turn, struct pending, turn);
    if (!pending->is_dropped) {
        const struct plugin_host *shared = pending->instance->shared;
        pending_unlink(pending);
        shared->on_report(shared->context, pending->instance, pending->attempt_id, &pending->report,
                          pending->receipt);
    }
    pending_free(pending);
}

/* A provider's id goes into logs and answers: whatever is no plain text of a fair length is no id.
 */
static char *clean_id(const char *id)
{
    enum { MOST_BYTES = 128 };
    for (size_t i = 0; id != NULL && id[i] != '\0'; i++) {
        if (i == MOST_BYTES || id[i] <= ' ' || id[i] > '~')
            return NULL;
    }
    return memory_text(id);
}

static void host_report(const struct handoffd_host *host, uint64_t attempt_id,
                        const struct handoffd_report *report)
{
    struct instance *instance = instance_of(host);
    struct pending *pending = pending_create(instance);
    pending->attempt_id = attempt_id;
    pending->receipt = instance->receipt;
    receipt_expect(pending->receipt);
    memcpy(&pending->report, report, report->size < sizeof *report ? report->size : sizeof *report);
    pending->report.size = sizeof pending->report;
    pending->report.message_id = pending->message_id = clean_id(pending->report.message_id);
    pending->report.text = pending->text = memory_text(pending->report.text);
    pending->turn.run = pass_report;
    loop_next_turn(instance->shared->loop, &pending->turn);
}

/* ---- running */

/* A report that waits for its turn is in the loop's list: it is dropped there, and freed when its
 * turn comes. */
static void drop(struct pending *pending)
{
    pending_unlink(pending);
    receipt_settle(pending->receipt, false);
    if (pending->call != NULL) {
        http_call_cancel(pending->call);
        pending_free(pending);
    } else {
        pending->is_dropped = true;
    }
}

static void drop_all(struct instance *instance)
{
    while (instance->pending != NULL)
        drop(instance->pending);
}

static void set_rate(struct handoffd_rate *rate, const struct handoffd_rate *chosen)
{
    if (chosen->count > 0)
        *rate = *chosen;
    else if (chosen->burst > 0)
        rate->burst = chosen->burst;
}

/* What the provider takes, unless vendors.yaml has a word of its own. */
static void set_limits(struct instance *instance)
{
    const struct handoffd_channel *channel = instance->plugin->contract.channel;
    const struct handoffd_limits *chosen = &instance->rules.chosen;
    struct handoffd_limits *limits = &instance->rules.limits;
    *limits = (struct handoffd_limits){.size = sizeof *limits};
    if (channel != NULL && channel->limits != NULL)
        channel->limits(instance->state, limits);
    set_rate(&limits->channel, &chosen->channel);
    set_rate(&limits->recipient, &chosen->recipient);
    if (chosen->per_day > 0)
        limits->per_day = chosen->per_day;
}

bool instance_start(struct instance *instance, const struct plugin_host *shared,
                    struct error *error)
{
    const struct handoffd_plugin *contract = &instance->plugin->contract;
    char reason[256] = "no reason given";
    instance->shared = shared;
    instance->host = (struct handoffd_host){
        .size = sizeof instance->host,
        .instance = instance,
        .log = host_log,
        .now_ms = host_now_ms,
        .http_send = host_http_send,
        .report = host_report,
    };
    if (contract->start != NULL &&
        !contract->start(instance->state, &instance->host, reason, sizeof reason)) {
        drop_all(instance);
        return error_set(error, "%s \"%s\": %s",
                         instance->plugin->kind == PLUGIN_CHANNEL ? in_language("channel", "canal")
                                                                  : in_language("step", "paso"),
                         instance->name, reason);
    }
    instance->is_running = true;
    set_limits(instance);
    return true;
}

void instance_receive(struct instance *instance, const struct handoffd_request *request,
                      struct handoffd_answer *answer, struct receipt *receipt)
{
    *answer = (struct handoffd_answer){.size = sizeof *answer, .status = 204};
    instance->receipt = receipt;
    instance->plugin->contract.channel->receive(instance->state, request, answer);
    instance->receipt = NULL;
}

void instance_stop(struct instance *instance)
{
    if (!instance->is_running)
        return;
    instance->is_running = false;
    drop_all(instance);
    if (instance->plugin->contract.stop != NULL)
        instance->plugin->contract.stop(instance->state);
    drop_all(instance);
}
