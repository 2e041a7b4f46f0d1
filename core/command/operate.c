/* operate - the commands that talk to the daemon that runs: handoffs, alerts, retry, cancel, close,
 * reload, backup. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "api/control.h"
#include "base/buffer.h"
#include "base/language.h"
#include "base/memory.h"
#include "command/command.h"
#include "command/control.h"
#include "command/show.h"
#include "handoff/state.h"

enum { TARGET_BYTES = 4096, ANSWER_MS = 30 * 1000 };

/* Asks the daemon of this configuration. 0: *answer is a 2xx; else the exit code, and why was said.
 */
static int ask(const char *config, const struct control_request *request,
               struct control_answer *answer)
{
    struct places_read places = command_places(config);
    struct error error;
    int exit_code = 2;
    if (places.control == NULL) {
        exit_code = 2;
    } else if (!control_ask(places.control, request, answer, &error)) {
        fprintf(stderr, "handoffd: %s\n", error.message);
    } else if (answer->status / 100 == 2) {
        exit_code = 0;
    } else {
        show_detail(answer->body);
        control_answer_deinit(answer);
        exit_code = 1;
    }
    command_places_free(&places);
    return exit_code;
}

/* ---- handoffs */

struct listing {
    const char *id;
    bool is_json;
    struct buffer target;
};

static bool is_plain(const char *value)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    return value[0] != '\0' && strspn(value, plain) == strlen(value);
}

static void add_filter(struct buffer *target, const char *name, const char *value)
{
    buffer_append_char(target, strchr(target->bytes, '?') == NULL ? '?' : '&');
    buffer_format(target, "%s=%s", name, value);
}

/* A word that is no state would find nothing, and nothing would be wrong. */
static bool is_state(const char *value)
{
    enum handoff_state state;
    return handoff_state_parse(value, &state);
}

static bool is_count(const char *value)
{
    char *end = NULL;
    long count = strtol(value, &end, 10);
    return *end == '\0' && count > 0 && count <= CONTROL_LIMIT_MOST;
}

static const struct filter {
    const char *name;
    bool (*is_fine)(const char *value);
} filters[] = {
    {"--state", is_state}, {"--vendor", is_plain}, {"--before", is_plain}, {"--limit", is_count}};

/* False: argv[*at] is not understood. */
static bool read_filter(struct listing *listing, int argc, char **argv, int *at)
{
    const char *word = argv[*at];
    for (size_t i = 0; i < COUNT_OF(filters); i++) {
        if (strcmp(word, filters[i].name) != 0)
            continue;
        if (*at + 1 >= argc)
            return false;
        if (!filters[i].is_fine(argv[++*at]))
            return false;
        add_filter(&listing->target, filters[i].name + 2, argv[*at]);
        return true;
    }
    if (strcmp(word, "--unfinished") == 0)
        add_filter(&listing->target, "unfinished", "1");
    else if (strcmp(word, "--json") == 0)
        listing->is_json = true;
    else if (word[0] != '-' && is_plain(word) && listing->id == NULL)
        listing->id = word;
    else
        return false;
    return true;
}

static void print_listing(const struct listing *listing, const char *body)
{
    if (listing->is_json)
        printf("%s\n", body);
    else if (listing->id != NULL)
        show_story(body);
    else
        show_list(body);
}

static int list(const char *config, struct listing *listing)
{
    struct control_answer answer;
    if (listing->id != NULL)
        buffer_format(&listing->target, "/%s", listing->id);
    struct control_request request = {
        .method = "GET", .target = listing->target.bytes, .timeout_ms = ANSWER_MS};
    int exit_code = ask(config, &request, &answer);
    if (exit_code != 0)
        return exit_code;
    print_listing(listing, answer.body);
    control_answer_deinit(&answer);
    return 0;
}

/* Which words there are, where one was not. */
static void hint(const char *option)
{
    if (strcmp(option, "--state") == 0) {
        fprintf(stderr, "%s", in_language("states:", "estados:"));
        for (int state = 0; state < HANDOFF_STATES; state++)
            fprintf(stderr, " %s", handoff_state_name((enum handoff_state)state));
        fprintf(stderr, "\n");
    } else if (strcmp(option, "--limit") == 0) {
        fprintf(stderr, in_language("from 1 to %d\n", "de 1 a %d\n"), CONTROL_LIMIT_MOST);
    }
}

int command_handoffs(const char *config, int argc, char **argv)
{
    struct listing listing = {0};
    int exit_code = -1;
    buffer_init(&listing.target, TARGET_BYTES);
    buffer_append_text(&listing.target, "/handoffs");
    for (int i = 1; exit_code < 0 && i < argc; i++) {
        int first = i;
        if (read_filter(&listing, argc, argv, &i))
            continue;
        exit_code = command_misused("handoffs", argv[i]);
        hint(argv[first]);
    }
    if (exit_code < 0)
        exit_code = list(config, &listing);
    buffer_deinit(&listing.target);
    return exit_code;
}

/* ---- alerts */

int command_alerts(const char *config, int argc, char **argv)
{
    struct control_answer answer;
    struct control_request request = {
        .method = "GET", .target = "/alerts", .timeout_ms = ANSWER_MS};
    bool is_json = argc == 2 && strcmp(argv[1], "--json") == 0;
    if (argc > 1 && !is_json)
        return command_misused("alerts", argv[argc - 1]);
    int exit_code = ask(config, &request, &answer);
    if (exit_code != 0)
        return exit_code;
    if (is_json)
        printf("%s\n", answer.body);
    else
        show_alerts(answer.body);
    control_answer_deinit(&answer);
    return 0;
}

/* ---- orders */

static int order(const char *config, int argc, char **argv, const char *done)
{
    struct control_answer answer;
    struct buffer target;
    if (argc < 2 || argv[1][0] == '\0')
        return command_incomplete(argv[0], in_language("the handoff's id", "el id de la solicitud"),
                                  "ho_vb30bwt21z22zb44astxfw5ey4");
    if (argc > 2 || argv[1][0] == '-' || !is_plain(argv[1]))
        return command_misused(argv[0], argv[argc - 1]);
    buffer_init(&target, TARGET_BYTES);
    buffer_format(&target, "/handoffs/%s/%s", argv[1], argv[0]);
    struct control_request request = {
        .method = "POST", .target = target.bytes, .timeout_ms = ANSWER_MS};
    int exit_code = ask(config, &request, &answer);
    if (exit_code == 0) {
        printf("%s: %s\n", argv[1], done);
        control_answer_deinit(&answer);
    }
    buffer_deinit(&target);
    return exit_code;
}

int command_retry(const char *config, int argc, char **argv)
{
    return order(config, argc, argv, in_language("it is tried again", "se intenta de nuevo"));
}

int command_cancel(const char *config, int argc, char **argv)
{
    return order(
        config, argc, argv,
        in_language("cancelled: nobody is told any more", "cancelado: ya no se avisa a nadie"));
}

int command_close(const char *config, int argc, char **argv)
{
    return order(config, argc, argv, in_language("closed", "cerrado"));
}

/* ---- the daemon itself */

int command_reload(const char *config, int argc, char **argv)
{
    struct control_answer answer;
    struct control_request request = {
        .method = "POST", .target = "/reload", .timeout_ms = ANSWER_MS};
    if (argc > 1)
        return command_misused("reload", argv[1]);
    int exit_code = ask(config, &request, &answer);
    if (exit_code != 0)
        return exit_code;
    show_verdict(answer.body);
    control_answer_deinit(&answer);
    return 0;
}

/* The daemon has a working folder of its own. */
static char *whole_path(const char *file)
{
    CLEANUP(memory_free) char *folder = realpath(".", NULL);
    struct buffer path;
    if (file[0] == '/' || folder == NULL)
        return memory_text(file);
    buffer_init(&path, TARGET_BYTES);
    buffer_format(&path, "%s/%s", folder, file);
    char *text = memory_text(path.bytes);
    buffer_deinit(&path);
    return text;
}

int command_backup(const char *config, int argc, char **argv)
{
    struct control_answer answer;
    if (argc < 2 || argv[1][0] == '\0')
        return command_incomplete("backup", in_language("the new file", "el archivo nuevo"),
                                  "/var/backups/handoffd/today.db");
    if (argc > 2)
        return command_misused("backup", argv[2]);
    CLEANUP(memory_free) char *path = whole_path(argv[1]);
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "file", path);
    char *json = cJSON_PrintUnformatted(body);
    struct control_request request = {.method = "POST", .target = "/backup", .json = json};
    int exit_code = ask(config, &request, &answer);
    if (exit_code == 0) {
        printf(in_language("backup written: %s\n", "respaldo escrito: %s\n"), path);
        control_answer_deinit(&answer);
    }
    cJSON_free(json);
    cJSON_Delete(body);
    return exit_code;
}
