/* door - identify, then count. Who shows a good key is never refused for what others at the same
 * address do. */
#include "access/door.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "access/limiter.h"
#include "access/replays.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/memory.h"

struct door {
    struct door_rules rules;
    struct keyring *keyring;
    struct limiter *limiter;
    struct replays *replays;
};

struct door *door_create(struct keyring *keyring)
{
    struct door *door = memory_zeroed(1, sizeof *door);
    door->keyring = keyring;
    door->limiter = limiter_create();
    door->replays = replays_create();
    return door;
}

void door_destroy(struct door *door)
{
    if (door == NULL)
        return;
    limiter_destroy(door->limiter);
    replays_destroy(door->replays);
    free(door);
}

bool door_is_safe(const struct door_rules *rules, size_t stored_keys, struct error *error)
{
    bool has_keys = rules->key_count + rules->signer_count + stored_keys > 0;
    if (!rules->is_exposed || rules->is_insecure || has_keys)
        return true;
    return error_set(
        error, "%s",
        in_language("server: listen or public_url lets others reach it, and no key keeps strangers "
                    "out: make one with `handoffd key new NAME`, or write `insecure: true` under "
                    "server:",
                    "server: por listen o public_url se llega desde fuera, y no hay ninguna clave "
                    "que cierre el paso: crea una con «handoffd key new NOMBRE», o escribe "
                    "`insecure: true` en server:"));
}

void door_adopt(struct door *door, const struct door_rules *rules)
{
    door->rules = *rules;
    keyring_adopt(door->keyring, rules->keys, rules->key_count);
}

/* ---- who it is */

/* "Bearer TEXT"; NULL: something else. */
static const char *bearer_of(const char *value)
{
    static const char scheme[] = "bearer ";
    size_t length = sizeof scheme - 1;
    return strncasecmp(value, scheme, length) == 0 ? value + length + strspn(value + length, " ")
                                                   : NULL;
}

struct credentials {
    const char *key; /* the last one; NULL: none */
    int count;       /* how many are shown */
};

static struct credentials credentials_of(const struct http_request *request)
{
    struct credentials shown = {0};
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        const char *key = NULL;
        if (strcmp(header->name, "authorization") == 0)
            key = bearer_of(header->value);
        else if (strcmp(header->name, "x-api-key") == 0)
            key = header->value;
        if (key == NULL)
            continue;
        shown.key = key;
        shown.count++;
    }
    return shown;
}

static enum door_answer check_key(const struct door *door, const char *text, enum scope scope,
                                  struct visitor *visitor)
{
    const struct api_key *key = keyring_find(door->keyring, text);
    int64_t now_ms = clock_wall_ms();
    if (key == NULL)
        return DOOR_WRONG_KEY;
    visitor->name = key->name;
    if (key->expires_ms > 0 && key->expires_ms <= now_ms)
        return DOOR_EXPIRED_KEY;
    if (!scope_covers(key->scope, scope))
        return DOOR_WRONG_SCOPE;
    keyring_use(key, now_ms);
    return DOOR_OPEN;
}

static enum door_answer check_signed_head(const struct http_request *request)
{
    switch (webhook_look(request, clock_wall_ms())) {
    case WEBHOOK_HEAD_FINE:
        return DOOR_OPEN;
    case WEBHOOK_HEAD_STALE:
        return DOOR_STALE_SIGNATURE;
    default:
        return DOOR_WRONG_SIGNATURE;
    }
}

/* Nothing is shown. Where no key is set up, none is asked for on this machine. */
static enum door_answer check_nothing(const struct door *door, const struct visitor *visitor)
{
    bool has_keys = keyring_count(door->keyring) > 0 || door->rules.signer_count > 0;
    bool is_from_outside = door->rules.is_exposed || visitor->client.is_forwarded;
    if (has_keys)
        return DOOR_NO_KEY;
    return is_from_outside && !door->rules.is_insecure ? DOOR_NO_KEYS : DOOR_OPEN;
}

static bool is_signed(const struct door *door, const struct http_request *request, enum scope scope)
{
    return door->rules.signer_count > 0 && scope == SCOPE_HANDOFF && webhook_is_signed(request);
}

static enum door_answer identify(const struct door *door, const struct http_request *request,
                                 enum scope scope, struct visitor *visitor)
{
    struct credentials shown = credentials_of(request);
    if (shown.count > 1)
        return DOOR_MANY_KEYS;
    if (shown.count == 1 && keyring_count(door->keyring) > 0)
        return check_key(door, shown.key, scope, visitor);
    if (is_signed(door, request, scope))
        return check_signed_head(request);
    return check_nothing(door, visitor);
}

/* ---- how often */

static void take(struct door *door, enum limited what, const char *who, int64_t most,
                 struct visitor *visitor)
{
    int64_t wait_ms = limiter_take_ms(door->limiter, what, who, most, clock_steady_ms());
    if (wait_ms == 0)
        return;
    visitor->answer = DOOR_BUSY;
    visitor->retry_after_ms = wait_ms;
}

/* Who fails takes nothing of what the others at the same address may. */
static void count_address(struct door *door, struct visitor *visitor)
{
    const struct door_limits *limits = &door->rules.limits;
    if (visitor->answer != DOOR_OPEN)
        take(door, LIMITED_FAILURES, visitor->client.text, limits->failures, visitor);
    else if (!visitor->client.is_local)
        take(door, LIMITED_ADDRESS, visitor->client.text, limits->per_address, visitor);
}

static void count_name(struct door *door, struct visitor *visitor)
{
    if (visitor->answer == DOOR_OPEN && visitor->name != NULL)
        take(door, LIMITED_KEY, visitor->name, door->rules.limits.per_key, visitor);
}

struct visitor door_look(struct door *door, const struct http_request *request, enum scope scope)
{
    struct visitor visitor = {.answer = DOOR_OPEN};
    if (scope == SCOPE_NONE)
        return visitor;
    visitor.client = client_address_of(request, door->rules.trusted, door->rules.trusted_count);
    visitor.answer = identify(door, request, scope, &visitor);
    count_address(door, &visitor);
    count_name(door, &visitor);
    return visitor;
}

/* ---- the whole */

static enum door_answer check_signature(struct door *door, const struct http_request *request,
                                        struct visitor *visitor)
{
    const struct signer *signer =
        webhook_signer(request, door->rules.signers, door->rules.signer_count);
    if (signer == NULL)
        return DOOR_WRONG_SIGNATURE;
    visitor->name = signer->name;
    bool is_new = replays_note(door->replays, http_request_header(request, WEBHOOK_ID),
                               http_request_header(request, WEBHOOK_TIMESTAMP), clock_steady_ms());
    return is_new ? DOOR_OPEN : DOOR_REPLAYED;
}

struct visitor door_enter(struct door *door, const struct http_request *request, enum scope scope)
{
    struct visitor visitor = {.answer = DOOR_OPEN};
    if (scope == SCOPE_NONE)
        return visitor;
    visitor.client = client_address_of(request, door->rules.trusted, door->rules.trusted_count);
    visitor.answer = identify(door, request, scope, &visitor);
    if (visitor.answer != DOOR_OPEN || visitor.name != NULL || !is_signed(door, request, scope))
        return visitor;
    visitor.answer = check_signature(door, request, &visitor);
    if (visitor.answer != DOOR_OPEN)
        count_address(door, &visitor);
    count_name(door, &visitor);
    return visitor;
}

int64_t door_conversation_ms(struct door *door, const char *conversation)
{
    return limiter_take_ms(door->limiter, LIMITED_CONVERSATION, conversation,
                           door->rules.limits.per_conversation, clock_steady_ms());
}
