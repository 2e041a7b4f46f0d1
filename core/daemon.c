/* daemon - start downwards, stop upwards:
 *
 *   client, plugins, store, alerts, door, dispatcher, servers     each needs those before it
 *   reload: a second set of plugins starts, the first one ends its work
 *   stop: the server takes nothing new, the dispatcher drains; then plugins, client and store close
 */
#include "daemon.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/door.h"
#include "access/keeper.h"
#include "alert/alerts.h"
#include "api/api.h"
#include "api/control.h"
#include "base/language.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/supervisor.h"
#include "handoff/dispatcher.h"
#include "handoff/tally.h"
#include "settings/opened.h"
#include "store/store.h"

enum { DRAIN_AT_MOST_MS = 15 * 1000, CONTROL_CONNECTIONS = 32, VERDICT_BYTES = 1024 * 1024 };

struct daemon {
    const char *path; /* of the configuration */
    struct opened opened;
    struct settings *settings;
    struct settings *retired; /* replaced, with attempts still on their way */
    struct turn reaping;
    struct loop *loop;
    struct supervisor *supervisor;
    struct http_client *client;
    struct plugin_host host;
    struct store *store;
    struct alerts *alerts;
    struct tally *tally;
    struct dispatcher *dispatcher;
    struct keyring *keyring;
    struct keeper *keeper;
    struct door *door;
    struct api api;
    struct http_server *server;
    struct http_server *control;
    uv_signal_t on_term;
    uv_signal_t on_int;
    uv_signal_t on_hup;
    int signals;
    bool has_terminal;
    bool is_stopping;
    struct timer drain; /* due when no request can come any more */
    bool is_drained;
    int exit_code;
};

static void stop(struct daemon *daemon);
static void on_server_stopped(void *context);
static void on_control_stopped(void *context);
static void on_drain_due(struct timer *timer);
static void on_drained(void *context);
static void close_parts(struct daemon *daemon);
static bool reload(void *context, struct buffer *verdict);

/* ---- start */

/* An instance may be idle now that is no longer used. */
static void on_landed(void *context)
{
    struct daemon *daemon = context;
    if (daemon->retired != NULL)
        loop_next_turn(daemon->loop, &daemon->reaping);
}

/* The dispatcher is not there yet when the plugins start. */
static void on_report(void *context, struct instance *instance, uint64_t attempt_id,
                      const struct handoffd_report *report, struct receipt *receipt)
{
    const struct daemon *daemon = context;
    if (daemon->dispatcher == NULL) {
        receipt_settle(receipt, false);
    } else if (attempt_id >> 24 == ALERTS_NUMBER) {
        alerts_report(daemon->alerts, attempt_id, report);
        receipt_settle(receipt, true);
        on_landed(context);
    } else {
        dispatcher_report(daemon->dispatcher, instance, attempt_id, report, receipt);
    }
}

static void on_store_failed(void *context)
{
    struct daemon *daemon = context;
    if (daemon->exit_code == 0)
        log_error("the store failed: %s: stopping, so that the next start finds what is on disk "
                  "path=%s",
                  store_failure(daemon->store), daemon->opened.store);
    daemon->exit_code = 1;
    stop(daemon);
}

static void on_trouble(void *context, const char *cause, const char *text)
{
    const struct daemon *daemon = context;
    if (text != NULL)
        alerts_raise(daemon->alerts, cause, text);
    else
        alerts_mend(daemon->alerts, cause);
}

static void on_stuck(void *context, const char *former, const char *cause, const char *text)
{
    const struct daemon *daemon = context;
    alerts_stuck(daemon->alerts, former, cause, text);
}

static void on_told(void *context, const char *vendor_id, const char *channel, bool has_arrived)
{
    const struct daemon *daemon = context;
    alerts_told(daemon->alerts, vendor_id, channel, has_arrived);
}

static void on_outcome(void *context, const char *channel, enum attempt_event event, int64_t code)
{
    const struct daemon *daemon = context;
    tally_add(daemon->tally, channel, event, code);
}

static struct dispatcher_setup setup_of(const struct settings *settings)
{
    return (struct dispatcher_setup){
        .delivery = {.roster = &settings->roster,
                     .chain = settings->chain,
                     .template = settings->template,
                     .public_url = settings->server.public_url,
                     .unknown = settings->unknown},
        .acceptance = {.unconfigured = settings->unconfigured,
                       .dedupe_window_ms = settings->server.dedupe_window_ms,
                       .most_open = settings->server.most_open,
                       .least_free_bytes = settings->store.least_free_mb * 1024 * 1024},
    };
}

static bool start_dispatcher(struct daemon *daemon, struct error *error)
{
    struct dispatcher_setup setup = setup_of(daemon->settings);
    struct dispatcher_owner owner = {
        .context = daemon,
        .on_store_failed = on_store_failed,
        .on_landed = on_landed,
        .on_trouble = on_trouble,
        .on_stuck = on_stuck,
        .on_told = on_told,
        .on_outcome = on_outcome,
    };
    daemon->dispatcher = dispatcher_create(daemon->loop, daemon->store, &setup, &owner, error);
    return daemon->dispatcher != NULL;
}

static void set_api(struct daemon *daemon)
{
    const struct settings *settings = daemon->settings;
    daemon->api.dispatcher = daemon->dispatcher;
    daemon->api.say = &settings->say;
    daemon->api.reply_within_ms = settings->server.reply_within_ms;
    daemon->api.public_url = settings->server.public_url;
    daemon->api.channels = settings->channels.items;
    daemon->api.channel_count = settings->channels.count;
    daemon->api.door = daemon->door;
    daemon->api.keeper = daemon->keeper;
    daemon->api.keyring = daemon->keyring;
    daemon->api.loop = daemon->loop;
    daemon->api.store = daemon->store;
    daemon->api.alerts = daemon->alerts;
    daemon->api.tally = daemon->tally;
    daemon->api.server = daemon->server;
    daemon->api.reload = reload;
    daemon->api.daemon = daemon;
}

static bool start_door(struct daemon *daemon, struct error *error)
{
    daemon->keyring = keyring_create();
    daemon->door = door_create(daemon->keyring);
    daemon->keeper = keeper_create(daemon->loop, daemon->store, daemon->keyring, error);
    if (daemon->keeper == NULL ||
        !door_is_safe(&daemon->settings->door, keyring_stored(daemon->keyring), error))
        return false;
    door_adopt(daemon->door, &daemon->settings->door);
    return true;
}

/* Few clients, all of them ours. */
static bool start_control(struct daemon *daemon, struct error *error)
{
    struct buffer address;
    struct http_limits limits = daemon->settings->server.limits;
    struct http_handler handler = control_handler(&daemon->api);
    limits.connections = CONTROL_CONNECTIONS;
    buffer_init(&address, PATH_MAX);
    buffer_format(&address, "unix:%s", daemon->settings->server.control);
    daemon->control = http_server_start(daemon->loop, address.bytes, &limits, &handler, error);
    buffer_deinit(&address);
    if (daemon->control == NULL && !daemon->settings->server.is_control_chosen) {
        log_warning("handoffd's other commands cannot reach this daemon: %s: set server.control",
                    error->message);
        return true;
    }
    return daemon->control != NULL;
}

static bool start_server(struct daemon *daemon, struct error *error)
{
    const struct server_settings *server = &daemon->settings->server;
    struct http_handler handler = api_handler(&daemon->api);
    set_api(daemon);
    daemon->server =
        http_server_start(daemon->loop, server->listen, &server->limits, &handler, error);
    set_api(daemon);
    return daemon->server != NULL && start_control(daemon, error);
}

/* ---- reload: another settings takes the place of the present one, which ends its work */

static bool is_idle(const struct settings *settings)
{
    for (size_t i = 0; i < settings->channels.count; i++) {
        if (settings->channels.items[i]->busy > 0)
            return false;
    }
    return true;
}

static void reap(struct turn *turn)
{
    struct daemon *daemon = container_of(turn, struct daemon, reaping);
    struct settings **link = &daemon->retired;
    while (*link != NULL) {
        struct settings *settings = *link;
        if (!is_idle(settings)) {
            link = &settings->older;
            continue;
        }
        *link = settings->older;
        settings_stop_plugins(settings);
        settings_destroy(settings);
        settings_hide_secrets(daemon->settings);
    }
}

static void take_over(struct daemon *daemon, struct settings *settings, struct buffer *verdict)
{
    struct dispatcher_setup setup = setup_of(settings);
    struct settings *former = daemon->settings;
    opened_name_what_stays(&daemon->opened, settings, verdict);
    daemon->settings = settings;
    set_api(daemon);
    door_adopt(daemon->door, &settings->door);
    dispatcher_adopt(daemon->dispatcher, &setup);
    alerts_adopt(daemon->alerts, &settings->alerts);
    former->older = daemon->retired;
    daemon->retired = former;
    loop_next_turn(daemon->loop, &daemon->reaping);
    log_info("the configuration was read anew people=%zu", settings->roster.count);
}

static void append_diagnostics(const struct diagnostics *diagnostics, struct buffer *verdict)
{
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    if (memory == NULL)
        return;
    diagnostics_print(diagnostics, memory);
    fclose(memory);
    buffer_append(verdict, text, length);
    free(text);
}

static bool reload(void *context, struct buffer *verdict)
{
    struct daemon *daemon = context;
    struct error error = {"see its errors"};
    struct diagnostics *diagnostics = diagnostics_create();
    struct settings *settings = settings_load(daemon->path, diagnostics);
    bool is_taken = settings != NULL &&
                    door_is_safe(&settings->door, keyring_stored(daemon->keyring), &error) &&
                    settings_start_plugins(settings, &daemon->host, &error);
    append_diagnostics(diagnostics, verdict);
    diagnostics_destroy(diagnostics);
    if (is_taken) {
        take_over(daemon, settings, verdict);
        buffer_format(verdict, in_language("%s: fine, in use now\n", "%s: en orden, ya en uso\n"),
                      daemon->path);
        return true;
    }
    if (settings != NULL)
        buffer_format(verdict, "%s\n", error.message);
    buffer_format(verdict, in_language("%s: nothing was changed\n", "%s: no se cambió nada\n"),
                  daemon->path);
    log_error("the new configuration is not used: %s file=%s", error.message, daemon->path);
    settings_destroy(settings);
    settings_hide_secrets(daemon->settings);
    return false;
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

/* A terminal that was closed cannot be asked any more what it is. */
static bool is_terminal_gone(const struct daemon *daemon)
{
    return daemon->has_terminal && !isatty(STDERR_FILENO);
}

static void reload_by_signal(struct daemon *daemon)
{
    struct buffer verdict;
    buffer_init(&verdict, VERDICT_BYTES);
    reload(daemon, &verdict);
    fputs(verdict.bytes, stderr);
    buffer_deinit(&verdict);
}

static void on_hangup(uv_signal_t *handle, int signal_number)
{
    struct daemon *daemon = handle->data;
    if (is_terminal_gone(daemon))
        on_signal(handle, signal_number);
    else if (!daemon->is_stopping)
        reload_by_signal(daemon);
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
    uv_signal_start(&daemon->on_hup, on_hangup, SIGHUP);
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
    if (daemon->store == NULL)
        return false;
    daemon->tally = tally_create();
    daemon->alerts = alerts_create(daemon->loop, daemon->store, &settings->alerts, error);
    if (daemon->alerts == NULL || !start_door(daemon, error) || !start_dispatcher(daemon, error) ||
        !start_server(daemon, error))
        return false;
    alerts_start(daemon->alerts); /* this and the next last: a start that fails has moved nothing */
    dispatcher_start(daemon->dispatcher);
    return true;
}

int daemon_run(struct settings *settings, const char *path)
{
    struct daemon daemon = {.settings = settings,
                            .opened = opened_of(settings),
                            .path = path,
                            .reaping = {.run = reap},
                            .drain = {.on_due = on_drain_due}};
    struct error error;
    daemon.has_terminal = isatty(STDERR_FILENO);
    umask(0077); /* the store holds customers */
    daemon.loop = loop_create();
    daemon.supervisor = supervisor_create(daemon.loop);
    if (start(&daemon, &error)) {
        if (settings->roster.is_example)
            log_warning("only example people are in vendors.yaml: nobody is told for real");
        log_info("listening address=%s people=%zu", http_server_address(daemon.server),
                 settings->roster.count);
        supervisor_tell_ready(daemon.supervisor);
    } else {
        log_error("%s", error.message);
        daemon.exit_code = 2;
        daemon.is_stopping = true;
        if (daemon.server != NULL)
            http_server_stop(daemon.server, NULL, NULL);
        close_parts(&daemon);
    }
    loop_run(daemon.loop);
    loop_destroy(daemon.loop);
    settings_destroy(daemon.settings);
    opened_deinit(&daemon.opened);
    return daemon.exit_code;
}

/* ---- stop */

static void stop(struct daemon *daemon)
{
    if (daemon->is_stopping)
        return;
    daemon->is_stopping = true;
    supervisor_tell_stopping(daemon->supervisor);
    store_give_up_backups(daemon->store);
    int64_t newcomers_ms = http_server_stop(daemon->server, on_server_stopped, daemon);
    if (daemon->control != NULL)
        http_server_stop(daemon->control, on_control_stopped, daemon);
    loop_timer_start(daemon->loop, &daemon->drain, daemon->exit_code == 0 ? newcomers_ms : 0);
}

static void on_drain_due(struct timer *timer)
{
    struct daemon *daemon = container_of(timer, struct daemon, drain);
    dispatcher_drain(daemon->dispatcher, DRAIN_AT_MOST_MS, on_drained, daemon);
}

static void close_when_quiet(struct daemon *daemon)
{
    if (daemon->is_drained && daemon->server == NULL && daemon->control == NULL)
        close_parts(daemon);
}

static void on_server_stopped(void *context)
{
    struct daemon *daemon = context;
    daemon->server = NULL;
    close_when_quiet(daemon);
}

static void on_control_stopped(void *context)
{
    struct daemon *daemon = context;
    daemon->control = NULL;
    close_when_quiet(daemon);
}

static void on_drained(void *context)
{
    struct daemon *daemon = context;
    daemon->is_drained = true;
    close_when_quiet(daemon);
}

static void stop_retired(const struct daemon *daemon)
{
    for (struct settings *settings = daemon->retired; settings; settings = settings->older)
        settings_stop_plugins(settings);
}

static void destroy_retired(struct daemon *daemon)
{
    while (daemon->retired != NULL) {
        struct settings *settings = daemon->retired;
        daemon->retired = settings->older;
        settings_destroy(settings);
    }
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
    stop_retired(daemon);
    keeper_stop(daemon->keeper);
    if (daemon->store != NULL)
        store_close(daemon->store, NULL, NULL);
    dispatcher_destroy(daemon->dispatcher);
    daemon->dispatcher = NULL;
    door_destroy(daemon->door);
    keeper_destroy(daemon->keeper);
    keyring_destroy(daemon->keyring);
    alerts_destroy(daemon->alerts);
    tally_destroy(daemon->tally);
    destroy_retired(daemon);
    http_client_close(daemon->client, NULL, NULL);
    supervisor_destroy(daemon->supervisor);
}
