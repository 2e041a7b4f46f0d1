/* key - `handoffd key new|list|revoke`: the keys that let clients in. By the daemon where one runs,
 * else straight in its store. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "access/api_key.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/memory.h"
#include "base/require.h"
#include "command/command.h"
#include "command/control.h"
#include "command/key_alone.h"
#include "command/show.h"
#include "config/options.h"

enum { TARGET_BYTES = 256, ANSWER_MS = 30 * 1000 };

struct wish {
    const char *name;
    enum scope scope;
    int64_t expires_in_ms; /* 0: never */
    bool is_for_file;
    bool is_json;
};

/* ---- the answer: of the daemon, or of the store alone; NULL: said, and *exit_code is set */

static char *ask_daemon(const char *socket, const struct control_request *request, int *exit_code)
{
    struct control_answer answer;
    struct error error;
    *exit_code = 2;
    if (!control_ask(socket, request, &answer, &error)) {
        fprintf(stderr, "handoffd key: %s\n", error.message);
        return NULL;
    }
    if (answer.status / 100 == 2) {
        *exit_code = 0;
        return answer.body;
    }
    *exit_code = 1;
    show_detail(answer.body);
    control_answer_deinit(&answer);
    return NULL;
}

static char *ask_alone(char *answer, const struct error *error, int *exit_code)
{
    *exit_code = answer != NULL ? 0 : 2;
    if (answer == NULL)
        fprintf(stderr, "handoffd key: %s\n", error->message);
    return answer;
}

/* ---- new */

static void show_lines_for_file(const struct wish *wish)
{
    char text[API_KEY_SIZE];
    char id[API_KEY_ID_SIZE];
    api_key_make(text, id);
    struct digest digest = digest_of(text, strlen(text));
    printf("%s\n\naccess:\n  keys:\n    %s: {scope: %s, hashes: [", text, wish->name,
           scope_name(wish->scope));
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        printf("%02x", digest.bytes[i]);
    printf("]}\n");
    OPENSSL_cleanse(text, sizeof text);
}

static char *make_by_daemon(const char *socket, const struct wish *wish, int *exit_code)
{
    cJSON *body = cJSON_CreateObject();
    require(cJSON_AddStringToObject(body, "name", wish->name) != NULL &&
            cJSON_AddStringToObject(body, "scope", scope_name(wish->scope)) != NULL);
    if (wish->expires_in_ms > 0)
        require(cJSON_AddNumberToObject(body, "expires_in_ms", (double)wish->expires_in_ms) !=
                NULL);
    char *json = cJSON_PrintUnformatted(body);
    struct control_request request = {
        .method = "POST", .target = "/keys", .json = json, .timeout_ms = ANSWER_MS};
    char *answer = ask_daemon(socket, &request, exit_code);
    cJSON_free(json);
    cJSON_Delete(body);
    return answer;
}

static char *make_alone(const char *store, const struct wish *wish, int *exit_code)
{
    struct error error;
    struct api_key key = {.name = wish->name, .scope = wish->scope};
    if (wish->expires_in_ms > 0)
        key.expires_ms = clock_wall_ms() + wish->expires_in_ms;
    return ask_alone(key_alone_make(store, &key, &error), &error, exit_code);
}

static int make(const struct places_read *places, const struct wish *wish)
{
    int exit_code = 2;
    char *answer = control_is_there(places->control)
                       ? make_by_daemon(places->control, wish, &exit_code)
                       : make_alone(places->store, wish, &exit_code);
    if (answer == NULL)
        return exit_code;
    if (wish->is_json)
        printf("%s\n", answer);
    else
        show_new_key(answer);
    OPENSSL_cleanse(answer, strlen(answer));
    free(answer);
    return 0;
}

/* False: argv[*at] is not understood. */
static bool read_word(struct wish *wish, int argc, char **argv, int *at)
{
    const char *word = argv[*at];
    const char *value = *at + 1 < argc ? argv[*at + 1] : NULL;
    if (strcmp(word, "--scope") == 0 && value != NULL)
        return scope_parse(argv[++*at], &wish->scope);
    if (strcmp(word, "--expires") == 0 && value != NULL)
        return options_parse_duration(argv[++*at], &wish->expires_in_ms) && wish->expires_in_ms > 0;
    if (strcmp(word, "--for-file") == 0)
        return wish->is_for_file = true;
    if (strcmp(word, "--json") == 0)
        return wish->is_json = true;
    if (wish->name != NULL || !api_key_is_name(word) || word[0] == '-')
        return false;
    wish->name = word;
    return true;
}

static int key_new(const struct places_read *places, int argc, char **argv)
{
    struct wish wish = {.scope = SCOPE_HANDOFF};
    for (int i = 2; i < argc; i++) {
        if (!read_word(&wish, argc, argv, &i))
            return command_misused("key new", argv[i]);
    }
    if (wish.name == NULL)
        return command_incomplete(
            "key new", in_language("a name for who will use it", "un nombre de quién la va a usar"),
            "elevenlabs --expires 365d");
    if (!wish.is_for_file)
        return make(places, &wish);
    show_lines_for_file(&wish);
    return 0;
}

/* ---- list and revoke */

static int key_list(const struct places_read *places, int argc, char **argv)
{
    struct error error;
    int exit_code = 2;
    struct control_request request = {.method = "GET", .target = "/keys", .timeout_ms = ANSWER_MS};
    bool is_json = argc == 3 && strcmp(argv[2], "--json") == 0;
    if (argc > 2 && !is_json)
        return command_misused("key list", argv[argc - 1]);
    char *answer = control_is_there(places->control)
                       ? ask_daemon(places->control, &request, &exit_code)
                       : ask_alone(key_alone_list(places->store, &error), &error, &exit_code);
    if (answer == NULL)
        return exit_code;
    if (is_json)
        printf("%s\n", answer);
    else
        show_keys(answer);
    free(answer);
    return 0;
}

static int revoke_by_daemon(const char *socket, const char *word)
{
    int exit_code = 2;
    CLEANUP(buffer_deinit) struct buffer target;
    buffer_init(&target, TARGET_BYTES);
    buffer_format(&target, "/keys/%s/revoke", word);
    struct control_request request = {
        .method = "POST", .target = target.bytes, .timeout_ms = ANSWER_MS};
    free(ask_daemon(socket, &request, &exit_code));
    return exit_code;
}

static int revoke_alone(const char *store, const char *word)
{
    struct error error;
    if (key_alone_revoke(store, word, &error))
        return 0;
    fprintf(stderr, "handoffd key: %s\n", error.message);
    return 1;
}

static int key_revoke(const struct places_read *places, int argc, char **argv)
{
    if (argc < 3)
        return command_incomplete("key revoke", in_language("the key's id", "el id de la clave"),
                                  "7f3kq0zd");
    if (argc > 3 || !api_key_is_name(argv[2]))
        return command_misused("key revoke", argv[argc - 1]);
    int exit_code = control_is_there(places->control) ? revoke_by_daemon(places->control, argv[2])
                                                      : revoke_alone(places->store, argv[2]);
    if (exit_code == 0)
        printf(in_language("%s: revoked, it lets nobody in any more\n",
                           "%s: revocada, ya no deja entrar a nadie\n"),
               argv[2]);
    return exit_code;
}

int command_key(const char *config, int argc, char **argv)
{
    static const struct {
        const char *word;
        int (*run)(const struct places_read *places, int argc, char **argv);
    } words[] = {{"new", key_new}, {"list", key_list}, {"revoke", key_revoke}};
    if (argc < 2)
        return command_incomplete("key", "new, list, revoke", "new elevenlabs");
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcmp(words[i].word, argv[1]) != 0)
            continue;
        struct places_read places = command_places(config);
        int exit_code = places.store != NULL ? words[i].run(&places, argc, argv) : 2;
        command_places_free(&places);
        return exit_code;
    }
    return command_misused("key", argv[1]);
}
