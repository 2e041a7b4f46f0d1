/* send_test - `handoffd send-test ana [--wait 2m]`: a message to one person by their first contact,
 * and what becomes of it until it is on their phone, in words. Stores nothing; needs no daemon.
 *
 *   deliver    the channel sends
 *   on_report  what it says; where it was taken, the provider is asked
 *   look       soon, then every few seconds, until the end is known or patience is over
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/language.h"
#include "base/log.h"
#include "base/memory.h"
#include "command/command.h"
#include "config/options.h"
#include "config/scalar.h"

enum {
    FIRST_LOOK_MS = 500,
    LOOK_EVERY_MS = 3000,
    PATIENCE_MS = 120 * 1000,
    PATIENCE_MOST_MS = 24 * 60 * 60 * 1000,
    REPORT_WITHIN_MS = 60 * 1000,
    TEST_ID = 1
};

struct test {
    const char *vendor_id;
    struct loop *loop;
    const struct handoffd_channel *channel;
    struct instance *instance;
    struct arena *arena;
    struct handoffd_attempt attempt;
    struct handoffd_message message;
    struct timer timer;
    int64_t patience_ms;
    int64_t end_ms; /* of the patience, once it was sent */
    int64_t pause_ms;
    bool is_sent;
    bool was_said; /* SENT was printed */
    int exit_code;
};

static void deliver(struct test *test, const struct settings *settings,
                    const struct vendor *vendor);
static void on_report(void *context, uint64_t attempt_id, const struct handoffd_report *report);
static void on_time(struct timer *timer);

static void end(struct test *test, int exit_code)
{
    loop_timer_stop(test->loop, &test->timer);
    test->exit_code = exit_code;
    loop_stop(test->loop);
}

/* ---- deliver */

static struct handoffd_handoff sample(struct arena *arena)
{
    return (struct handoffd_handoff){
        .size = sizeof(struct handoffd_handoff),
        .id = "ho_prueba",
        .user_phone = "+5215500000000",
        .user_name = "Cliente de prueba",
        .reason = "Prueba de handoffd: no hay que hacer nada",
        .conversation_id = arena_format(arena, "prueba_%lld", (long long)(clock_wall_ms() / 1000)),
        .received_ms = clock_wall_ms(),
    };
}

static void deliver(struct test *test, const struct settings *settings, const struct vendor *vendor)
{
    struct handoffd_handoff handoff = sample(test->arena);
    message_compose(settings->template, test->channel, &handoff, vendor->name, NULL, test->arena,
                    &test->message);
    test->attempt = (struct handoffd_attempt){
        .size = sizeof test->attempt,
        .id = TEST_ID,
        .handoff_id = handoff.id,
        .vendor_id = vendor->id,
        .to = vendor->contacts[0].to,
        .started_ms = clock_wall_ms(),
    };
    test->pause_ms = FIRST_LOOK_MS;
    test->timer.on_due = on_time;
    loop_timer_start(test->loop, &test->timer, REPORT_WITHIN_MS);
    printf(in_language("sending to %s by %s …\n", "enviando a %s por %s …\n"), vendor->id,
           test->instance->name);
    test->channel->deliver(test->instance->state, &test->attempt, &test->message);
    loop_run(test->loop);
}

/* ---- what the channel says */

static void print_failure(const struct test *test, const struct handoffd_report *report)
{
    const char *advice = test->channel->explain != NULL && report->code != 0
                             ? test->channel->explain(report->code)
                             : NULL;
    char masked[1024];
    printf(in_language("failed: %s", "falló: %s"),
           log_masked(masked, sizeof masked, report->text != NULL ? report->text : ""));
    if (report->code != 0)
        printf(in_language(" (code %d)", " (código %d)"), report->code);
    printf("\n");
    if (advice != NULL)
        printf(in_language("what to do: %s\n", "qué hacer: %s\n"), advice);
}

/* Not beyond the end of the patience. */
static void set_timer(struct test *test, int64_t delay_ms)
{
    int64_t remaining_ms = test->end_ms - clock_steady_ms();
    int64_t most_ms = remaining_ms > 0 ? remaining_ms : 0;
    loop_timer_start(test->loop, &test->timer, delay_ms < most_ms ? delay_ms : most_ms);
}

static void look_later(struct test *test)
{
    set_timer(test, test->pause_ms);
    test->pause_ms = test->pause_ms * 2 < LOOK_EVERY_MS ? test->pause_ms * 2 : LOOK_EVERY_MS;
}

static void on_sent(struct test *test, const struct handoffd_report *report)
{
    bool can_look = test->channel->find != NULL && test->channel->tells_delivery;
    if (!test->is_sent)
        test->end_ms = clock_steady_ms() + test->patience_ms;
    test->is_sent = true;
    if (report->message_id != NULL)
        test->attempt.message_id = arena_text(test->arena, report->message_id);
    if (!test->was_said)
        printf(in_language("taken by %s: %s\n", "recibido por %s: %s\n"), test->channel->provider,
               test->attempt.message_id != NULL ? test->attempt.message_id : "");
    test->was_said = true;
    if (can_look)
        look_later(test);
    else
        end(test, 0);
}

static void on_report(void *context, uint64_t attempt_id, const struct handoffd_report *report)
{
    struct test *test = context;
    if (attempt_id != TEST_ID)
        return;
    loop_timer_stop(test->loop, &test->timer);
    switch ((enum handoffd_outcome)report->outcome) {
    case HANDOFFD_SENT:
        on_sent(test, report);
        break;
    case HANDOFFD_DELIVERED:
    case HANDOFFD_READ:
        printf("%s\n", in_language("it is on the phone", "ya está en el teléfono"));
        end(test, 0);
        break;
    case HANDOFFD_ABSENT:
    case HANDOFFD_UNKNOWN:
        if (test->is_sent) {
            look_later(test);
            break;
        }
        print_failure(test, report);
        printf("%s\n", in_language("it may have been sent: look at the phone",
                                   "quizá sí se envió: mira el teléfono"));
        end(test, 1);
        break;
    default:
        print_failure(test, report);
        end(test, 1);
        break;
    }
}

/* ---- look */

static void on_time(struct timer *timer)
{
    struct test *test = container_of(timer, struct test, timer);
    if (!test->is_sent) {
        printf("%s\n", in_language("no answer within a minute", "sin respuesta en un minuto"));
        end(test, 1);
    } else if (clock_steady_ms() >= test->end_ms) {
        printf(in_language("taken, but not on the phone within %s: is it off, or did it block this "
                           "number?\n",
                           "recibido, pero en %s no llegó al teléfono: ¿está apagado, o bloqueó "
                           "este número?\n"),
               scalar_duration_text(test->arena, test->patience_ms));
        end(test, 1);
    } else {
        set_timer(test, REPORT_WITHIN_MS);
        test->channel->find(test->instance->state, &test->attempt, &test->message);
    }
}

static int send_test(struct settings *settings, struct loop *loop, void *context)
{
    struct test *test = context;
    size_t found = roster_find(&settings->roster, test->vendor_id);
    if (found == NOBODY) {
        fprintf(stderr,
                in_language("handoffd send-test: \"%s\" cannot be told: not among vendors:, or "
                            "without an address on a channel that is set up\n",
                            "handoffd send-test: no se puede avisar a «%s»: no está en vendors:, o "
                            "no tiene dirección en un canal configurado\n"),
                test->vendor_id);
        return 1;
    }
    const struct vendor *vendor = &settings->roster.vendors[found];
    test->loop = loop;
    test->arena = settings->arena;
    test->instance = vendor->contacts[0].channel;
    test->channel = test->instance->plugin->contract.channel;
    deliver(test, settings, vendor);
    return test->exit_code;
}

/* False: argv[*at] is not understood. */
static bool read_argument(struct test *test, int argc, char **argv, int *at)
{
    const char *word = argv[*at];
    if (strcmp(word, "--wait") == 0) {
        const char *value = *at + 1 < argc ? argv[*at + 1] : "";
        ++*at;
        return options_parse_duration(value, &test->patience_ms) && test->patience_ms > 0 &&
               test->patience_ms <= PATIENCE_MOST_MS;
    }
    if (word[0] == '-' || test->vendor_id != NULL)
        return false;
    test->vendor_id = word;
    return true;
}

int command_send_test(const char *config, int argc, char **argv)
{
    struct test test = {.patience_ms = PATIENCE_MS, .exit_code = 1};
    struct plugin_user user = {.use = send_test, .on_report = on_report, .context = &test};
    for (int i = 1; i < argc; i++) {
        if (!read_argument(&test, argc, argv, &i))
            return command_misused("send-test", i < argc ? argv[i] : "--wait");
    }
    return test.vendor_id != NULL && test.vendor_id[0] != '\0'
               ? command_with_plugins(config, &user)
               : command_incomplete("send-test",
                                    in_language("the person's id", "el id de la persona"), "ana");
}
