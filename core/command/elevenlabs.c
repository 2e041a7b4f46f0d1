/* elevenlabs - reads the arguments, prints the tool and how to use it. */
#include "command/elevenlabs.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/language.h"
#include "base/memory.h"
#include "command/elevenlabs_tool.h"

enum { EXIT_FINE = 0, EXIT_WRONG_USE = 2 };

struct arguments {
    bool wants_help;
    const char *url;
    enum elevenlabs_medium medium;
};

static bool read_arguments(int argc, char **argv, struct arguments *arguments, struct error *error);
static void print_help(FILE *to);
static bool print_tool(const char *url, enum elevenlabs_medium medium);
static void print_steps(const char *url, enum elevenlabs_medium medium);

static int fail(const char *message)
{
    fprintf(stderr, "handoffd elevenlabs: %s\n", message);
    fprintf(stderr, "%s\n",
            in_language("`handoffd elevenlabs --help` says how.",
                        "`handoffd elevenlabs --help` dice cómo."));
    return EXIT_WRONG_USE;
}

static void free_arena(struct arena **arena)
{
    arena_destroy(*arena);
}

int command_elevenlabs(int argc, char **argv)
{
    struct arguments arguments = {.medium = ELEVENLABS_VOICE};
    struct error error;
    if (!read_arguments(argc, argv, &arguments, &error))
        return fail(error.message);
    if (arguments.wants_help) {
        print_help(stdout);
        return EXIT_FINE;
    }
    CLEANUP(free_arena) struct arena *arena = arena_create(256);
    const char *url = elevenlabs_tool_url(arguments.url, arena, &error);
    if (url == NULL)
        return fail(error.message);
    if (!print_tool(url, arguments.medium))
        return fail(in_language("cannot write to stdout", "no se puede escribir en stdout"));
    print_steps(url, arguments.medium);
    return EXIT_FINE;
}

/* The value of `--url URL` or `--url=URL` at argv[*i]; moves *i over it. NULL: no such option, or
 * without a value. */
static const char *read_url(int argc, char **argv, int *i)
{
    if (strncmp(argv[*i], "--url=", 6) == 0)
        return argv[*i] + 6;
    if (strcmp(argv[*i], "--url") != 0 || *i + 1 >= argc)
        return NULL;
    return argv[++*i];
}

static bool read_option(int argc, char **argv, int *i, struct arguments *arguments,
                        struct error *error)
{
    const char *option = argv[*i];
    if (strcmp(option, "--chat") == 0) {
        arguments->medium = ELEVENLABS_CHAT;
        return true;
    }
    const char *url = read_url(argc, argv, i);
    if (url != NULL) {
        arguments->url = url;
        return true;
    }
    if (strcmp(option, "--url") == 0)
        return error_set(error, "%s", in_language("--url wants a URL", "falta la URL de --url"));
    return error_set(error, in_language("unknown argument \"%s\"", "argumento desconocido \"%s\""),
                     option);
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static bool read_arguments(int argc, char **argv, struct arguments *arguments, struct error *error)
{
    arguments->wants_help = asks_for_help(argc, argv);
    if (arguments->wants_help)
        return true;
    if (argc < 2 || strcmp(argv[1], "tool") != 0)
        return error_set(error, "%s",
                         in_language("say what: `handoffd elevenlabs tool --url URL`",
                                     "di qué: `handoffd elevenlabs tool --url URL`"));
    for (int i = 2; i < argc; i++)
        if (!read_option(argc, argv, &i, arguments, error))
            return false;
    if (arguments->url == NULL)
        return error_set(error, "%s",
                         in_language("--url is missing: where ElevenLabs reaches this server",
                                     "falta --url: dónde alcanza ElevenLabs a este servidor"));
    return true;
}

static void print_help(FILE *to)
{
    fputs(in_language(
              "handoffd elevenlabs tool --url URL [--chat]\n"
              "\n"
              "Prints the tool that lets an ElevenLabs agent hand over customers: its JSON on\n"
              "stdout, how to install it and what the agent's prompt must say on stderr.\n"
              "\n"
              "  --url URL  where ElevenLabs reaches this server, https://…; a bare host gets\n"
              "             the path /api/elevenlabs/handoff. http:// only on localhost\n"
              "  --chat     the customer writes or talks on a web page: the agent asks for the\n"
              "             phone number. Without it, the number of the call is used\n"
              "  --help     this text\n"
              "\n"
              "Example: handoffd elevenlabs tool --url https://handoff.example.com > tool.json\n",
              "handoffd elevenlabs tool --url URL [--chat]\n"
              "\n"
              "Imprime la herramienta con la que un agente de ElevenLabs pasa clientes a una\n"
              "persona: su JSON en stdout; cómo instalarla y qué debe decir el prompt del agente,\n"
              "en stderr.\n"
              "\n"
              "  --url URL  dónde alcanza ElevenLabs a este servidor, https://…; si solo trae el\n"
              "             servidor, se agrega la ruta /api/elevenlabs/handoff. http:// solo en\n"
              "             localhost\n"
              "  --chat     el cliente escribe o habla en una página web: el agente le pide su\n"
              "             teléfono. Sin esta opción se usa el número de la llamada\n"
              "  --help     este texto\n"
              "\n"
              "Ejemplo: handoffd elevenlabs tool --url https://handoff.example.com > tool.json\n"),
          to);
}

static bool print_tool(const char *url, enum elevenlabs_medium medium)
{
    CLEANUP(memory_free) char *json = elevenlabs_tool_json(url, medium);
    return printf("%s\n", json) > 0 && fflush(stdout) == 0;
}

static void print_steps(const char *url, enum elevenlabs_medium medium)
{
    fprintf(
        stderr,
        in_language(
            "\n"
            "The agent will call %s\n"
            "\n"
            "1. The JSON sends a key in the header Authorization: make one with `handoffd key new\n"
            "   elevenlabs`, keep \"Bearer hk_...\" as a secret in ElevenLabs, and put that "
            "secret's\n"
            "   id in place of SECRET_ID.\n"
            "2. Create the tool: POST the JSON to https://api.elevenlabs.io/v1/convai/tools with\n"
            "   the header xi-api-key; add the id that it gives to the agent's tool_ids.\n"
            "3. Put this into the agent's prompt:\n"
            "\n",
            "\n"
            "El agente llamará a %s\n"
            "\n"
            "1. El JSON envía una clave en la cabecera Authorization: créala con «handoffd key "
            "new\n"
            "   elevenlabs», guarda \"Bearer hk_...\" como secreto en ElevenLabs y pon el id de "
            "ese\n"
            "   secreto en lugar de SECRET_ID.\n"
            "2. Crea la herramienta: envía el JSON por POST a\n"
            "   https://api.elevenlabs.io/v1/convai/tools con la cabecera xi-api-key; agrega el\n"
            "   id que responde a tool_ids del agente.\n"
            "3. Agrega esto al prompt del agente:\n"
            "\n"),
        url);
    fputs(elevenlabs_tool_prompt(medium), stderr);
    if (medium == ELEVENLABS_VOICE)
        fputs(
            in_language(
                "\nCallers who hide their number cannot be handed over; with --chat the agent "
                "asks.\n",
                "\nQuien oculta su número no se puede pasar; con --chat el agente lo pregunta.\n"),
            stderr);
}
