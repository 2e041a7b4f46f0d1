/* daemon - start downwards, stop upwards:
 *
 *   client, plugins, store, dispatcher, server     each needs those before it
 *   stop: the server takes nothing new, the dispatcher drains; then plugins, client and store close
 */
#include "daemon.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "base/log.h"
#include "handoff/dispatcher.h"
#include "store/store.h"

enum { DRAIN_AT_MOST_MS = 15 * 1000 };

struct daemon {
    struct settings *settings;
    struct loop *loop;
    struct http_client *client;
    struct plugin_host host;
    struct store *store;
    struct dispatcher *dispatcher;
    struct api api;
    struct http_server *server;
    uv_signal_t on_term;
    uv_signal_t on_int;
    uv_signal_t on_hup;
    int signals;
    bool is_stopping;
    bool is_drained;
    int exit_code;
};

static void stop(struct daemon *daemon);
static void on_server_stopped(void *context);
static void on_drained(void *context);
static void close_parts(struct daemon *daemon);

/* ---- start */

/* The dispatcher is not there yet when the plugins start. */
static void on_report(void *context, const struct instance *instance, uint64_t attempt_id,
                      const struct handoffd_report *report)
{
    const struct daemon *daemon = context;
    if (daemon->dispatcher != NULL)
        dispatcher_report(daemon->dispatcher, instance, attempt_id, report);
}

static void on_store_failed(void *context)
{
    struct daemon *daemon = context;
    if (daemon->exit_code == 0)
        log_error("the store failed: %s: stopping, so that the next start finds what is on disk "
                  "path=%s",
                  store_failure(daemon->store), daemon->settings->store.path);
    daemon->exit_code = 1;
    stop(daemon);
}

static bool start_dispatcher(struct daemon *daemon, struct error *error)
{
    const struct settings *settings = daemon->settings;
    struct dispatcher_options options = {
        .roster = &settings->roster,
        .chain = settings->chain,
        .template = settings->template,
        .unconfigured = settings->unconfigured,
        .dedupe_window_ms = settings->server.dedupe_window_ms,
        .most_open = settings->server.most_open,
        .least_free_bytes = settings->store.least_free_mb * 1024 * 1024,
        .on_store_failed = on_store_failed,
        .context = daemon,
    };
    daemon->dispatcher = dispatcher_create(daemon->loop, daemon->store, &options, error);
    return daemon->dispatcher != NULL;
}

static bool start_server(struct daemon *daemon, struct error *error)
{
    const struct server_settings *server = &daemon->settings->server;
    daemon->api = (struct api){
        .dispatcher = daemon->dispatcher,
        .say = &daemon->settings->say,
        .reply_within_ms = server->reply_within_ms,
    };
    struct http_handler handler = api_handler(&daemon->api);
    daemon->server =
        http_server_start(daemon->loop, server->listen, &server->limits, &handler, error);
    return daemon->server != NULL;
}

/* A second signal is like a crash: what is on its way is unknown at the next start. */
static void on_signal(uv_signal_t *handle, int signal_number)
{
    struct daemon *daemon = handle->data;
    log_info("stopping signal=%d", signal_number);
    if (daemon->signals++ > 0)
        _exit(1);
    stop(daemon);
}

static void watch_signals(struct daemon *daemon)
{
    uv_loop_t *uv = loop_uv(daemon->loop);
    daemon->on_term.data = daemon->on_int.data = daemon->on_hup.data = daemon;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
    signal(SIGALRM, SIG_IGN);
    uv_signal_init(uv, &daemon->on_term);
    uv_signal_init(uv, &daemon->on_int);
    uv_signal_init(uv, &daemon->on_hup);
    uv_signal_start(&daemon->on_term, on_signal, SIGTERM);
    uv_signal_start(&daemon->on_int, on_signal, SIGINT);
    uv_signal_start(&daemon->on_hup, on_signal, SIGHUP); /* the terminal was closed */
}

static bool start(struct daemon *daemon, struct error *error)
{
    struct settings *settings = daemon->settings;
    daemon->client = http_client_create(daemon->loop);
    daemon->host = (struct plugin_host){
        .loop = daemon->loop,
        .client = daemon->client,
        .on_report = on_report,
        .context = daemon,
    };
    watch_signals(daemon);
    if (!settings_start_plugins(settings, &daemon->host, error))
        return false;
    daemon->store = store_open(daemon->loop, settings->store.path, error);
    if (daemon->store == NULL || !start_dispatcher(daemon, error) || !start_server(daemon, error))
        return false;
    dispatcher_start(daemon->dispatcher); /* last: a start that fails has moved nothing */
    return true;
}

int daemon_run(struct settings *settings)
{
    struct daemon daemon = {.settings = settings};
    struct error error;
    umask(0077); /* the store holds customers */
    daemon.loop = loop_create();
    if (start(&daemon, &error)) {
        if (settings->roster.is_example)
            log_warning("only example people are in vendors.yaml: nobody is told for real");
        log_info("listening address=%s people=%zu", http_server_address(daemon.server),
                 settings->roster.count);
    } else {
        log_error("%s", error.message);
        daemon.exit_code = 2;
        daemon.is_stopping = true;
        close_parts(&daemon);
    }
    loop_run(daemon.loop);
    loop_destroy(daemon.loop);
    return daemon.exit_code;
}

/* ---- stop */

static void stop(struct daemon *daemon)
{
    if (daemon->is_stopping)
        return;
    daemon->is_stopping = true;
    http_server_stop(daemon->server, on_server_stopped, daemon);
    dispatcher_drain(daemon->dispatcher, DRAIN_AT_MOST_MS, on_drained, daemon);
}

static void on_server_stopped(void *context)
{
    struct daemon *daemon = context;
    daemon->server = NULL;
    if (daemon->is_drained)
        close_parts(daemon);
}

static void on_drained(void *context)
{
    struct daemon *daemon = context;
    daemon->is_drained = true;
    if (daemon->server == NULL)
        close_parts(daemon);
}

/* Whatever of it was started. The store's last changes are on disk when store_close returns; then
 * nothing moves any more, and the loop ends by itself. */
static void close_parts(struct daemon *daemon)
{
    uv_close((uv_handle_t *)&daemon->on_term,
             NULL); /* from here on a signal kills: a disk may hang */
    uv_close((uv_handle_t *)&daemon->on_int, NULL);
    uv_close((uv_handle_t *)&daemon->on_hup, NULL);
    settings_stop_plugins(daemon->settings);
    if (daemon->store != NULL)
        store_close(daemon->store, NULL, NULL);
    dispatcher_destroy(daemon->dispatcher);
    daemon->dispatcher = NULL;
    http_client_close(daemon->client, NULL, NULL);
}
