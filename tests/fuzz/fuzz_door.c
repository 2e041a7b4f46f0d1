/* fuzz_door - the headers of a request before a door: exactly who shows one key that is known, is
 * still good and is for this comes in. The first byte says what is asked for, the next how the door
 * is set up; the others are headers, a line each. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "access/door.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/require.h"
#include "input.h"

enum { MOST_BYTES = 4096, MOST_HEADERS = 16 };

/* How it is set up. */
enum { IS_INSECURE = 1, IS_EXPOSED = 2, HAS_KEYS = 4, HAS_SIGNER = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct known_key {
    const char *text;
    const char *name;
    enum scope scope;
    int64_t expires_ms;
} known_keys[] = {
    {"hk_1", "agent", SCOPE_HANDOFF, 0},
    {"hk_22", "looker", SCOPE_READ, 0},
    {"hk_333", "boss", SCOPE_ADMIN, 0},
    {"hk_old", "former", SCOPE_ADMIN, 1},
};

/* As long as the process: a door takes a megabyte. */
struct entry {
    struct door *door;
    struct api_key keys[COUNT_OF(known_keys)];
    struct webhook_secret secret;
    struct signer signer;
};

static struct entry *entry_create(void)
{
    struct entry *entry = memory_zeroed(1, sizeof *entry);
    for (size_t i = 0; i < COUNT_OF(known_keys); i++)
        entry->keys[i] = (struct api_key){
            .name = known_keys[i].name,
            .scope = known_keys[i].scope,
            .digest = digest_of(known_keys[i].text, strlen(known_keys[i].text)),
            .expires_ms = known_keys[i].expires_ms,
        };
    entry->secret.length = WEBHOOK_SECRET_LEAST; /* zeros: a corpus can be signed with it */
    entry->signer = (struct signer){"signer", &entry->secret, 1};
    entry->door = door_create(keyring_create());
    return entry;
}

/* ---- what is shown */

struct shown {
    const char *key;
    size_t count;
};

/* As the documentation says it: Authorization: Bearer KEY, or X-API-Key: KEY. */
static struct shown shown_in(const struct http_request *request)
{
    static const char bearer[] = "bearer ";
    struct shown shown = {0};
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        const char *key = NULL;
        if (strcmp(header->name, "x-api-key") == 0)
            key = header->value;
        else if (strcmp(header->name, "authorization") == 0 &&
                 strncasecmp(header->value, bearer, strlen(bearer)) == 0)
            key = header->value + strlen(bearer) + strspn(header->value + strlen(bearer), " ");
        shown.count += key != NULL;
        shown.key = key != NULL ? key : shown.key;
    }
    return shown;
}

static bool is_good(const struct shown *shown, enum scope scope)
{
    for (size_t i = 0; shown->count == 1 && i < COUNT_OF(known_keys); i++) {
        const struct known_key *key = &known_keys[i];
        if (strcmp(key->text, shown->key) == 0)
            return key->expires_ms == 0 && (key->scope == scope || key->scope == SCOPE_ADMIN);
    }
    return false;
}

/* ---- who comes in */

static bool is_open_to_all(const struct door_rules *rules, const struct visitor *visitor)
{
    bool is_outside = rules->is_exposed || visitor->client.is_forwarded;
    return rules->key_count == 0 && rules->signer_count == 0 && (!is_outside || rules->is_insecure);
}

static void check_look(const struct visitor *visitor, const struct door_rules *rules,
                       const struct http_request *request, enum scope scope)
{
    struct shown shown = shown_in(request);
    bool is_open = visitor->answer == DOOR_OPEN;
    bool has_shown = shown.count == 1 && rules->key_count > 0;
    bool is_signed = rules->signer_count > 0 && scope == SCOPE_HANDOFF && !has_shown &&
                     webhook_is_signed(request);
    require((visitor->answer == DOOR_MANY_KEYS) == (shown.count > 1));
    if (shown.count > 1)
        return;
    if (has_shown)
        require(is_open == is_good(&shown, scope) && (!is_open || visitor->name != NULL));
    else if (is_signed)
        require(is_open == (webhook_look(request, clock_wall_ms()) == WEBHOOK_HEAD_FINE));
    else
        require(is_open == is_open_to_all(rules, visitor));
}

/* What is signed is let in by its head as far as that goes, and the whole of it only where it was
 * signed indeed; every other one that was let in stays so. */
static void check_enter(struct entry *entry, const struct visitor *looked,
                        const struct door_rules *rules, const struct http_request *request,
                        enum scope scope)
{
    bool is_signed = rules->signer_count > 0 && scope == SCOPE_HANDOFF && looked->name == NULL;
    struct visitor entered = door_enter(entry->door, request, scope);
    if (!is_signed) {
        require(entered.answer == DOOR_OPEN && entered.name == looked->name);
        return;
    }
    const struct signer *signer = webhook_signer(request, rules->signers, rules->signer_count);
    if (signer == NULL)
        require(entered.answer == DOOR_WRONG_SIGNATURE);
    else
        require(entered.answer == DOOR_OPEN || entered.answer == DOOR_REPLAYED);
    require(door_enter(entry->door, request, scope).answer != DOOR_OPEN);
}

static void check(struct entry *entry, const struct door_rules *rules,
                  const struct http_request *request, enum scope scope)
{
    door_adopt(entry->door, rules);
    struct visitor visitor = door_look(entry->door, request, scope);
    require(visitor.answer != DOOR_BUSY && visitor.retry_after_ms == 0);
    if (scope == SCOPE_NONE)
        require(visitor.answer == DOOR_OPEN);
    else
        check_look(&visitor, rules, request, scope);
    if (visitor.answer == DOOR_OPEN)
        check_enter(entry, &visitor, rules, request, scope);
}

/* ---- the input */

/* Names in lower case, as the reader of requests gives them. */
static size_t read_headers(struct input *input, struct http_header headers[MOST_HEADERS])
{
    size_t count = 0;
    while (input->left > 0 && count < MOST_HEADERS) {
        char *line = input_line(input);
        char *colon = strchr(line, ':');
        if (colon == NULL) {
            free(line);
            continue;
        }
        *colon = '\0';
        headers[count++] = (struct http_header){line, colon + 1 + strspn(colon + 1, " \t")};
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct entry *entry;
    struct input input = {data, size};
    struct http_header headers[MOST_HEADERS];
    if (size > MOST_BYTES)
        return 0;
    entry = entry != NULL ? entry : entry_create();
    enum scope scope = (enum scope)(input_byte(&input) % (SCOPE_ADMIN + 1));
    unsigned kind = input_byte(&input);
    struct http_request request = {.peer = "127.0.0.1", .headers = headers, .body = ""};
    request.header_count = read_headers(&input, headers);
    const struct door_rules rules = {
        .is_insecure = (kind & IS_INSECURE) != 0,
        .is_exposed = (kind & IS_EXPOSED) != 0,
        .keys = entry->keys,
        .key_count = (kind & HAS_KEYS) != 0 ? COUNT_OF(entry->keys) : 0,
        .signers = &entry->signer,
        .signer_count = (kind & HAS_SIGNER) != 0 ? 1 : 0,
    };
    check(entry, &rules, &request, scope);
    for (size_t i = 0; i < request.header_count; i++)
        free((char *)headers[i].name);
    return 0;
}
