/* main - arguments to one subcommand. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/language.h"
#include "command/command.h"
#include "command/elevenlabs.h"
#include "version.h"

static int run_elevenlabs(const char *config, int argc, char **argv)
{
    (void)config;
    return command_elevenlabs(argc, argv);
}

static const struct command {
    const char *name;
    int (*run)(const char *config, int argc, char **argv);
    const char *english;
    const char *spanish;
} commands[] = {
    {"serve", command_serve, "serve [--verbose]           run the daemon (the default)",
     "serve [--verbose]           el servicio (lo que hace sin argumentos)"},
    {"check", command_check,
     "check [FILE] [--online]     read the configuration as serve does; ask the providers too",
     "check [ARCHIVO] [--online]  lee la configuración igual que serve; pregunta a los "
     "proveedores"},
    {"route", command_route,
     "route REASON [--phone N] [--at \"2026-12-25 10:00\"]\n"
     "                              who would get it, and why; touches nothing",
     "route MOTIVO [--phone N] [--at \"2026-12-25 10:00\"]\n"
     "                              a quién le tocaría y por qué; no toca nada"},
    {"plugins", command_plugins,
     "plugins [NAME]              what is installed; the options of one",
     "plugins [NOMBRE]            los instalados; las opciones de uno"},
    {"handoffs", command_handoffs,
     "handoffs [ID] [--state S] [--vendor V] [--unfinished] [--before ID] [--limit N] [--json]\n"
     "                              those of the running daemon; one with its whole story",
     "handoffs [ID] [--state E] [--vendor V] [--unfinished] [--before ID] [--limit N] [--json]\n"
     "                              las del servicio en marcha; una, con toda su historia"},
    {"alerts", command_alerts, "alerts [--json]             what is wrong now",
     "alerts [--json]             lo que anda mal ahora"},
    {"retry", command_retry, "retry ID                    try again to tell somebody",
     "retry ID                    intentar de nuevo avisar a alguien"},
    {"cancel", command_cancel, "cancel ID                   nobody is to be told any more",
     "cancel ID                   que ya no se avise a nadie"},
    {"close", command_close, "close ID                    it is taken care of",
     "close ID                    ya está atendida"},
    {"reload", command_reload,
     "reload                      the running daemon reads its configuration anew",
     "reload                      el servicio en marcha lee de nuevo su configuración"},
    {"backup", command_backup, "backup FILE                 a copy of the store while it serves",
     "backup ARCHIVO              una copia de la base de datos, sin parar"},
    {"restore", command_restore, "restore FILE                a backup takes the store's place",
     "restore ARCHIVO             un respaldo toma el lugar de la base de datos"},
    {"verify", command_verify, "verify [STORE]              whether the store keeps its promises",
     "verify [BASE]               si la base de datos cumple lo que promete"},
    {"key", command_key,
     "key new NAME [--scope handoff|read|admin] [--expires 90d] [--for-file] | list | revoke ID\n"
     "                              the keys that let clients in",
     "key new NOMBRE [--scope handoff|read|admin] [--expires 90d] [--for-file] | list | revoke ID\n"
     "                              las claves que dejan entrar a los clientes"},
    {"send-test", command_send_test,
     "send-test ID [--wait 2m]    a test message to one person, until it is on the phone",
     "send-test ID [--wait 2m]    un mensaje de prueba a una persona, hasta que llegue"},
    {"elevenlabs", run_elevenlabs,
     "elevenlabs tool --url URL [--chat]\n"
     "                              the tool's JSON for ElevenLabs, and words for the prompt",
     "elevenlabs tool --url URL [--chat]\n"
     "                              el JSON de la herramienta, y un párrafo para el prompt"},
};

static int print_help(FILE *to, int exit_code)
{
    fputs(in_language("handoffd: tells the right salesperson that a customer wants a person\n\n"
                      "usage: handoffd [-c FILE] [COMMAND]\n\n"
                      "  -c FILE    the configuration (default: vendors.yaml)\n"
                      "  --version  --help\n\n",
                      "handoffd: avisa al vendedor indicado que un cliente quiere una persona\n\n"
                      "uso: handoffd [-c ARCHIVO] [COMANDO]\n\n"
                      "  -c ARCHIVO la configuración (si no se dice: vendors.yaml)\n"
                      "  --version  --help\n\n"),
          to);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(to, "  %s\n", in_language(commands[i].english, commands[i].spanish));
    fputs(in_language("\nexit codes: 0 fine, 1 the answer is no, 2 wrong use or configuration\n",
                      "\ncódigos de salida: 0 bien, 1 la respuesta es no, 2 mal uso o mala "
                      "configuración\n"),
          to);
    return exit_code;
}

static int run_command(const char *config, int argc, char **argv)
{
    bool wants_help = strcmp(argv[0], "help") == 0 ||
                      (argc > 1 && strcmp(argv[1], "--help") == 0 &&
                       strcmp(argv[0], "elevenlabs") != 0); /* it has a help of its own */
    if (wants_help)
        return print_help(stdout, 0);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[0], commands[i].name) == 0)
            return commands[i].run(config, argc, argv);
    }
    fprintf(stderr,
            in_language("handoffd: no command \"%s\"\n\n", "handoffd: no hay comando «%s»\n\n"),
            argv[0]);
    return print_help(stderr, 2);
}

/* Takes `-c FILE` (or `--config FILE`) out of the arguments, wherever it stands. False: the file is
 * missing. */
static bool take_config(int *argc, char **argv, const char **config)
{
    int kept = 0;
    for (int i = 0; i < *argc; i++) {
        if (strcmp(argv[i], "-c") != 0 && strcmp(argv[i], "--config") != 0) {
            argv[kept++] = argv[i];
            continue;
        }
        if (++i == *argc)
            return false;
        *config = argv[i];
    }
    argv[kept] = NULL;
    *argc = kept;
    return true;
}

/* A descriptor that was closed would be given to a socket, and our words sent there. */
static void open_standard_files(void)
{
    int opened = open("/dev/null", O_RDWR);
    while (opened >= 0 && opened <= STDERR_FILENO)
        opened = dup(opened);
    if (opened >= 0)
        close(opened);
}

/* A core file would hold customers and tokens; RLIMIT_CORE does not keep them from a core_pattern
 * that is a program. */
static void leave_no_core(void)
{
    prctl(PR_SET_DUMPABLE, 0);
}

int main(int argc, char **argv)
{
    leave_no_core();
    open_standard_files();
    static char serve[] = "serve";
    static char *by_default[] = {serve, NULL};
    const char *config = "vendors.yaml";
    if (!take_config(&argc, argv, &config))
        return print_help(stderr, 2);
    if (argc < 2)
        return command_serve(config, 1, by_default);
    if (strcmp(argv[1], "--version") == 0)
        return puts("handoffd " HANDOFFD_VERSION) < 0;
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return print_help(stdout, 0);
    return run_command(config, argc - 1, argv + 1);
}
