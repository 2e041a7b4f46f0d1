/* metrics - one function a family. */
#include "api/metrics.h"

#include "alert/alerts.h"
#include "base/histogram.h"
#include "handoff/outcome.h"
#include "handoff/tally.h"
#include "version.h"

enum { BODY_BYTES = 1024 * 1024 };

static void begin(struct buffer *body, const char *name, const char *type, const char *help)
{
    buffer_format(body, "# HELP handoffd_%s %s\n# TYPE handoffd_%s %s\n", name, help, name, type);
}

static void write_handoffs(struct buffer *body, const struct dispatcher_figures *figures)
{
    begin(body, "handoffs_total", "counter", "Times that a handoff came to a state.");
    for (int state = 0; state < HANDOFF_STATES; state++)
        buffer_format(body, "handoffd_handoffs_total{state=\"%s\"} %lld\n",
                      handoff_state_name((enum handoff_state)state),
                      (long long)figures->counts.handoffs[state]);
    begin(body, "handoffs_open", "gauge", "Handoffs under way, in memory, by state.");
    for (int state = 0; state < HANDOFF_STATES; state++)
        buffer_format(body, "handoffd_handoffs_open{state=\"%s\"} %zu\n",
                      handoff_state_name((enum handoff_state)state), figures->open_by_state[state]);
    begin(body, "attempts_sending", "gauge", "Attempts on their way to a provider.");
    buffer_format(body, "handoffd_attempts_sending %zu\n", figures->sending);
    begin(body, "oldest_waiting_seconds", "gauge",
          "How long the oldest handoff waits that nobody was told of, those held apart.");
    buffer_format(body, "handoffd_oldest_waiting_seconds %.3f\n",
                  (double)figures->oldest_open_ms / 1000);
}

static void write_attempt(void *context, const char *channel, enum attempt_event event,
                          int64_t code, int64_t count)
{
    buffer_format(context,
                  "handoffd_attempts_total{channel=\"%s\",outcome=\"%s\",code=\"%lld\"} %lld\n",
                  channel, outcome_name(event), (long long)code, (long long)count);
}

static void write_attempts(struct buffer *body, const struct tally *tally)
{
    begin(body, "attempts_total", "counter",
          "Reports of attempts by channel, outcome and the provider's code.");
    tally_each(tally, write_attempt, body);
}

static void write_channels(struct buffer *body, const struct api *api)
{
    begin(body, "channel_open", "gauge", "1: the channel sends; 0: closed by its provider.");
    for (size_t i = 0; i < api->channel_count; i++)
        buffer_format(body, "handoffd_channel_open{channel=\"%s\"} %d\n", api->channels[i]->name,
                      dispatcher_channel_is_open(api->dispatcher, api->channels[i]->name));
}

static void write_store(struct buffer *body, const struct store *store)
{
    const struct histogram *commits = store_commit_seconds(store);
    begin(body, "commit_seconds", "histogram", "How long a commit of the store took.");
    for (size_t step = 0; step < HISTOGRAM_STEPS; step++)
        buffer_format(body, "handoffd_commit_seconds_bucket{le=\"%g\"} %llu\n",
                      histogram_step_seconds(step),
                      (unsigned long long)histogram_up_to(commits, step));
    buffer_format(body,
                  "handoffd_commit_seconds_bucket{le=\"+Inf\"} %llu\n"
                  "handoffd_commit_seconds_sum %.6f\nhandoffd_commit_seconds_count %llu\n",
                  (unsigned long long)commits->count, histogram_sum_seconds(commits),
                  (unsigned long long)commits->count);
    begin(body, "store_free_bytes", "gauge", "Free bytes on the store's disk.");
    buffer_format(body, "handoffd_store_free_bytes %lld\n", (long long)store_free_bytes(store));
}

static void write_process(struct buffer *body, const struct api *api)
{
    begin(body, "build_info", "gauge", "Always 1.");
    buffer_format(body, "handoffd_build_info{version=\"%s\"} 1\n", HANDOFFD_VERSION);
    begin(body, "loop_lag_seconds", "gauge",
          "The longest turn of the event loop since this was asked last.");
    buffer_format(body, "handoffd_loop_lag_seconds %.6f\n",
                  (double)loop_lag_max_us(api->loop) / 1e6);
    begin(body, "loop_busy_seconds_total", "counter", "How long the event loop was busy.");
    buffer_format(body, "handoffd_loop_busy_seconds_total %.6f\n",
                  (double)loop_busy_us(api->loop) / 1e6);
    begin(body, "http_connections", "gauge", "Open connections of clients.");
    buffer_format(body, "handoffd_http_connections %zu\n", http_server_connections(api->server));
    begin(body, "alerts", "gauge", "Alerts that stand.");
    buffer_format(body, "handoffd_alerts %zu\n", alerts_count(api->alerts));
}

void metrics_request(struct api *api, struct http_exchange *exchange,
                     const struct http_request *request)
{
    static const struct http_header type = {"Content-Type",
                                            "text/plain; version=0.0.4; charset=utf-8"};
    struct dispatcher_figures figures = dispatcher_figures(api->dispatcher);
    struct buffer body;
    (void)request;
    buffer_init(&body, BODY_BYTES);
    write_process(&body, api);
    write_handoffs(&body, &figures);
    write_attempts(&body, api->tally);
    write_channels(&body, api);
    write_store(&body, api->store);
    http_respond(exchange, 200, &type, 1, body.bytes, body.length);
    buffer_deinit(&body);
}
