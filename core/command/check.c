/* check - `handoffd check [FILE]`: reads the configuration and starts its plugins as serve does,
 * then says what it found. */
#include <stdio.h>
#include <string.h>

#include "base/language.h"
#include "base/log.h"
#include "base/memory.h"
#include "command/command.h"
#include "command/key_alone.h"

static void print_summary(const struct settings *settings, const char *config)
{
    printf(in_language("%s: fine\n", "%s: en orden\n"), config);
    if (settings->company.name != NULL)
        printf("  %s\n", settings->company.name);
    for (size_t i = 0; i < settings->roster.count; i++) {
        const struct vendor *vendor = &settings->roster.vendors[i];
        printf("  %s (%s):", vendor->id, vendor->name);
        for (size_t c = 0; c < vendor->contact_count; c++)
            printf(" %s", vendor->contacts[c].channel->name);
        printf("\n");
    }
    if (settings->roster.count == 0)
        printf(
            in_language("  nobody can be told yet: %s\n", "  todavía no hay a quién avisar: %s\n"),
            settings->unconfigured);
    if (settings->roster.is_example)
        printf("%s", in_language("  (only example people: nobody is told for real)\n",
                                 "  (solo personas de ejemplo: no se avisa a nadie de verdad)\n"));
}

/* ---- --online: what the providers say of credentials, sender and template */

enum { PROBE_WITHIN_MS = 60 * 1000 };

struct check {
    const char *file;
    bool is_online;
    struct loop *loop;
    struct timer patience;
    uint64_t asked; /* the probe that is waited for */
    int exit_code;
};

static void print_probe(uint32_t outcome, const char *text)
{
    const char *verdict = outcome == HANDOFFD_SENT
                              ? in_language("the provider agrees", "el proveedor está de acuerdo")
                          : outcome == HANDOFFD_UNKNOWN
                              ? in_language("it is not known", "no se sabe")
                              : in_language("the provider objects", "el proveedor objeta");
    char masked[1024];
    bool has_text = text != NULL && text[0] != '\0';
    printf("  %s%s%s\n", verdict, has_text ? ": " : "",
           log_masked(masked, sizeof masked, has_text ? text : ""));
}

static void on_probed(void *context, uint64_t attempt_id, const struct handoffd_report *report)
{
    struct check *check = context;
    if (attempt_id != check->asked)
        return;
    print_probe(report->outcome, report->text);
    check->exit_code |= report->outcome != HANDOFFD_SENT;
    loop_stop(check->loop);
}

static void on_no_answer(struct timer *timer)
{
    struct check *check = container_of(timer, struct check, patience);
    print_probe(HANDOFFD_UNKNOWN,
                in_language("no answer within a minute", "sin respuesta en un minuto"));
    check->exit_code = 1;
    loop_stop(check->loop);
}

static void probe(struct check *check, const struct instance *channel)
{
    const struct handoffd_channel *about = channel->plugin->contract.channel;
    printf(in_language("channel %s (%s)\n", "canal %s (%s)\n"), channel->name, about->provider);
    if (!channel->is_running) {
        printf("  %s\n", in_language("not set up", "sin configurar"));
        return;
    }
    if (about->probe == NULL) {
        printf("  %s\n", in_language("nothing to ask", "nada que preguntar"));
        return;
    }
    check->asked++;
    check->patience.on_due = on_no_answer;
    loop_timer_start(check->loop, &check->patience, PROBE_WITHIN_MS);
    about->probe(channel->state, check->asked);
    loop_run(check->loop);
    loop_timer_stop(check->loop, &check->patience);
}

/* What a channel could hear of its messages, and does not: once, whichever channels they are. */
static void print_unheard(const struct settings *settings)
{
    for (size_t i = 0; i < settings->channels.count; i++) {
        const struct instance *channel = settings->channels.items[i];
        const struct handoffd_channel *about = channel->plugin->contract.channel;
        if (settings->server.public_url != NULL || !channel->is_running || about->receive == NULL)
            continue;
        printf("  %s\n",
               about->find != NULL
                   ? in_language("without server.public_url no provider calls back: it is "
                                 "asked what became of a message, which takes longer",
                                 "sin server.public_url ningún proveedor avisa: se le "
                                 "pregunta qué fue de cada mensaje, y tarda más")
                   : in_language("without server.public_url nobody hears what became of "
                                 "a message",
                                 "sin server.public_url no se sabe qué fue de cada "
                                 "mensaje"));
        return;
    }
}

/* A key can be made at any time: its want is no fault of the file. */
static void print_open_door(const struct settings *settings)
{
    struct error error;
    if (!door_is_safe(&settings->door, key_alone_count(settings->store.path), &error))
        printf(in_language("  serve will not start: %s\n", "  serve no va a arrancar: %s\n"),
               error.message);
}

static int print_result(struct settings *settings, struct loop *loop, void *context)
{
    struct check *check = context;
    print_summary(settings, check->file);
    print_open_door(settings);
    check->loop = loop;
    if (check->is_online)
        print_unheard(settings);
    for (size_t i = 0; check->is_online && i < settings->channels.count; i++)
        probe(check, settings->channels.items[i]);
    return check->exit_code;
}

int command_check(const char *config, int argc, char **argv)
{
    struct check check = {.file = config};
    struct plugin_user user = {.use = print_result, .on_report = on_probed, .context = &check};
    bool has_file = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--online") == 0)
            check.is_online = true;
        else if (has_file || argv[i][0] == '-')
            return command_misused("check", argv[i]);
        else
            check.file = argv[i], has_file = true;
    }
    return command_with_plugins(check.file, &user);
}
