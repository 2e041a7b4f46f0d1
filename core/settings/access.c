/* access - `access:`: the keys and signers that vendors.yaml names, and how often each may come;
 * and what `server:` says of proxies. */
#include <string.h>
#include <time.h>

#include "base/language.h"
#include "base/memory.h"
#include "settings/sections.h"

static const struct handoffd_option access_rows[] = {
    HANDOFFD_OPTION_INTEGER("per_key", struct door_limits, per_key, .otherwise = "600", .least = 0,
                            .most = 10000000, .help = "requests a minute with one key; 0: no limit",
                            .help_es = "solicitudes por minuto con una clave; 0: sin límite"),
    HANDOFFD_OPTION_INTEGER("per_address", struct door_limits, per_address, .otherwise = "600",
                            .least = 0, .most = 10000000,
                            .help = "requests a minute from one address; 0: no limit",
                            .help_es = "solicitudes por minuto desde una dirección; 0: sin límite"),
    HANDOFFD_OPTION_INTEGER("per_conversation", struct door_limits, per_conversation,
                            .otherwise = "20", .least = 0, .most = 10000000,
                            .help = "requests a minute of one conversation; 0: no limit",
                            .help_es = "solicitudes por minuto de una conversación; 0: sin límite"),
    HANDOFFD_OPTION_INTEGER("failures", struct door_limits, failures, .otherwise = "30", .least = 0,
                            .most = 10000000,
                            .help = "wrong keys a minute from one address; 0: no limit",
                            .help_es = "claves incorrectas por minuto desde una dirección; 0: sin "
                                       "límite"),
};

struct key_entry {
    struct handoffd_list hashes;
    const char *scope;
    const char *expires;
};

static const struct handoffd_option key_rows[] = {
    HANDOFFD_OPTION_LIST(
        "hashes", struct key_entry, hashes, .required = true,
        .help = "the SHA-256 of each key of this name: handoffd key new --for-file",
        .help_es = "el SHA-256 de cada clave de este nombre: handoffd key new --for-file"),
    HANDOFFD_OPTION_TEXT("scope", struct key_entry, scope, .otherwise = "handoff",
                         .help = "handoff, read or admin", .help_es = "handoff, read o admin"),
    HANDOFFD_OPTION_TEXT("expires", struct key_entry, expires,
                         .help = "the first day on which it is no longer good, as 2027-01-31 (UTC)",
                         .help_es = "el primer día en que ya no sirve, como 2027-01-31 (UTC)"),
};

struct signer_entry {
    struct handoffd_list secrets;
};

static const struct handoffd_option signer_rows[] = {
    HANDOFFD_OPTION_LIST("secrets", struct signer_entry, secrets, .required = true, .secret = true,
                         .help = "whsec_… of Standard Webhooks; several while they are changed",
                         .help_es = "whsec_… de Standard Webhooks; varios mientras se cambian"),
};

static const struct handoffd_options access_options = HANDOFFD_OPTIONS(access_rows);
static const struct handoffd_options key_options = HANDOFFD_OPTIONS(key_rows);
static const struct handoffd_options signer_options = HANDOFFD_OPTIONS(signer_rows);

/* An entry NAME: {…} of `access.keys` or `access.signers`. */
static bool read_entry(struct reading *reading, const struct value *entry, const char *section,
                       const struct handoffd_options *options, void *target)
{
    const char *what = arena_format(reading->arena, "access.%s.%s", section, entry->key);
    if (!api_key_is_name(entry->key))
        diagnostics_error(reading->diagnostics, entry->key_mark,
                          in_language("%s: a name has letters without accents, digits, _ - and .",
                                      "%s: un nombre lleva letras sin acento, cifras, _ - y ."),
                          what);
    return options_read(options, entry, &entry->key_mark, what, NULL, 0, target, reading->arena,
                        reading->diagnostics) == OPTIONS_FINE;
}

static const struct value *map_of(struct reading *reading, const char *name)
{
    const struct value *map = value_get(value_get(reading->root, "access"), name);
    if (map == NULL || map->kind == VALUE_MAP || (map->kind == VALUE_TEXT && map->is_blank))
        return map;
    diagnostics_error(reading->diagnostics, map->mark,
                      in_language("access: %s: write NAME: {…}, one line each",
                                  "access: %s: escribe NOMBRE: {…}, uno por línea"),
                      name);
    return NULL;
}

/* ---- keys */

/* The first moment of a day, UTC. */
static bool parse_day(const char *text, int64_t *ms)
{
    struct tm day = {0};
    const char *end = strptime(text, "%Y-%m-%d", &day);
    if (end == NULL || *end != '\0')
        return false;
    *ms = (int64_t)timegm(&day) * 1000;
    return true;
}

static struct api_key key_of(struct reading *reading, const struct value *entry,
                             const struct key_entry *read)
{
    struct api_key key = {.name = entry->key, .scope = SCOPE_HANDOFF};
    if (!scope_parse(read->scope, &key.scope))
        diagnostics_error(reading->diagnostics, value_get(entry, "scope")->mark,
                          in_language("access.keys.%s: scope is handoff, read or admin",
                                      "access.keys.%s: scope es handoff, read o admin"),
                          entry->key);
    if (read->expires != NULL && !parse_day(read->expires, &key.expires_ms))
        diagnostics_error(reading->diagnostics, value_get(entry, "expires")->mark,
                          in_language("access.keys.%s: expires: write a day as 2027-01-31",
                                      "access.keys.%s: expires: escribe un día como 2027-01-31"),
                          entry->key);
    return key;
}

static void read_key(struct reading *reading, const struct value *entry)
{
    struct door_rules *rules = &reading->settings->door;
    struct key_entry read = {0};
    if (!read_entry(reading, entry, "keys", &key_options, &read))
        return;
    struct api_key key = key_of(reading, entry, &read);
    struct api_key *keys =
        arena_zeroed(reading->arena, rules->key_count + read.hashes.count, sizeof *keys);
    for (size_t i = 0; i < rules->key_count; i++)
        keys[i] = rules->keys[i];
    for (size_t i = 0; i < read.hashes.count; i++) {
        if (!digest_parse(read.hashes.items[i], &key.digest))
            diagnostics_error(reading->diagnostics, value_get(entry, "hashes")->mark,
                              in_language("access.keys.%s: a hash has 64 digits: handoffd key new "
                                          "%s --for-file makes a key and writes its hash",
                                          "access.keys.%s: un hash tiene 64 cifras: handoffd key "
                                          "new %s --for-file hace una clave y escribe su hash"),
                              entry->key, entry->key);
        keys[rules->key_count++] = key;
    }
    rules->keys = keys;
}

/* ---- signers */

static void read_secrets(struct reading *reading, const struct value *entry,
                         const struct handoffd_list *texts, struct webhook_secret *secrets)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (webhook_secret_parse(texts->items[i], &secrets[i]))
            continue;
        diagnostics_error(reading->diagnostics, entry->key_mark,
                          in_language("access.signers.%s: a secret is whsec_ and the base64 of 24 "
                                      "to 64 bytes",
                                      "access.signers.%s: un secreto es whsec_ y el base64 de 24 a "
                                      "64 bytes"),
                          entry->key);
    }
}

static bool read_signer(struct reading *reading, const struct value *entry, struct signer *signer)
{
    struct signer_entry read = {0};
    if (!read_entry(reading, entry, "signers", &signer_options, &read))
        return false;
    struct webhook_secret *secrets =
        arena_zeroed(reading->arena, read.secrets.count, sizeof *secrets);
    read_secrets(reading, entry, &read.secrets, secrets);
    *signer = (struct signer){entry->key, secrets, read.secrets.count};
    return true;
}

static void read_signers(struct reading *reading, const struct value *section)
{
    struct door_rules *rules = &reading->settings->door;
    struct signer *signers = arena_zeroed(reading->arena, section->count, sizeof *signers);
    for (const struct value *entry = section->first; entry != NULL; entry = entry->next) {
        if (read_signer(reading, entry, &signers[rules->signer_count]))
            rules->signer_count++;
    }
    rules->signers = signers;
}

/* ---- proxies */

static void read_proxies(struct reading *reading)
{
    const struct handoffd_list *texts = &reading->settings->server.trusted_proxies;
    const struct value *list = value_get(value_get(reading->root, "server"), "trusted_proxies");
    struct network *networks = arena_zeroed(reading->arena, texts->count, sizeof *networks);
    for (size_t i = 0; i < texts->count; i++) {
        if (!network_parse(texts->items[i], &networks[i]))
            diagnostics_error(reading->diagnostics, list->mark,
                              in_language("server: trusted_proxies: \"%s\" is no address or "
                                          "network, such as 10.0.0.5 or 10.0.0.0/8",
                                          "server: trusted_proxies: «%s» no es una dirección ni "
                                          "una red, como 10.0.0.5 o 10.0.0.0/8"),
                              texts->items[i]);
    }
    reading->settings->door.trusted = networks;
    reading->settings->door.trusted_count = texts->count;
}

void read_access(struct reading *reading)
{
    static const char *const others[] = {"keys", "signers"};
    struct door_rules *rules = &reading->settings->door;
    const struct server_settings *server = &reading->settings->server;
    const struct value *section = value_get(reading->root, "access");
    options_read(&access_options, section, section != NULL ? &section->mark : NULL, "access",
                 others, COUNT_OF(others), &rules->limits, reading->arena, reading->diagnostics);
    const struct value *keys = map_of(reading, "keys");
    const struct value *signers = map_of(reading, "signers");
    for (const struct value *entry = keys ? keys->first : NULL; entry; entry = entry->next)
        read_key(reading, entry);
    if (signers != NULL)
        read_signers(reading, signers);
    read_proxies(reading);
    rules->is_insecure = server->is_insecure;
    bool is_listening = server->listen != NULL; /* else `server:` is no map, which is said */
    rules->is_exposed =
        server->public_url != NULL || (is_listening && http_listen_is_exposed(server->listen));
}
