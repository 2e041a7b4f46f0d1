/* key_alone - the daemon's store, keyring and keeper on a loop of their own, for one order. */
#include "command/key_alone.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/keeper.h"
#include "api/keys.h"
#include "base/language.h"
#include "base/memory.h"
#include "base/require.h"

enum { STORE_FILES = 0077 };

struct alone {
    struct loop *loop;
    struct store *store;
    struct keyring *keyring;
    struct keeper *keeper;
    bool is_kept; /* what came of the order */
    char *answer;
};

/* ---- the parts */

static void close_parts(struct alone *alone)
{
    keeper_stop(alone->keeper);
    if (alone->store != NULL)
        store_close(alone->store, NULL, NULL);
    loop_run(alone->loop);
    keeper_destroy(alone->keeper);
    keyring_destroy(alone->keyring);
    loop_destroy(alone->loop);
}

/* What root makes belongs to whom the folder does, so that the daemon can open it. */
static void be_the_owner(const char *path)
{
    struct stat status;
    CLEANUP(memory_free) char *folder = memory_text(path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = '\0';
    if (geteuid() != 0 || stat(slash == NULL ? "." : folder, &status) != 0 || status.st_uid == 0)
        return;
    require(setegid(status.st_gid) == 0 && seteuid(status.st_uid) == 0);
}

static bool open_parts(struct alone *alone, const char *path, struct error *error)
{
    be_the_owner(path);
    umask(STORE_FILES);
    alone->loop = loop_create();
    alone->keyring = keyring_create();
    alone->store = store_open(alone->loop, path, error);
    if (alone->store != NULL)
        alone->keeper = keeper_create(alone->loop, alone->store, alone->keyring, error);
    return alone->keeper != NULL;
}

static void run_to_end(struct alone *alone)
{
    keeper_stop(alone->keeper);
    store_close(alone->store, NULL, NULL); /* the order's on_done has run when this returns */
    alone->store = NULL;
}

static bool is_unkept(struct error *error)
{
    return error_set(error, in_language("the store could not keep it: is the disk full?",
                                        "no se pudo guardar: ¿el disco está lleno?"));
}

/* ---- make */

struct making {
    struct key_order order;
    struct alone *alone;
};

static void on_made(struct key_order *order, bool is_kept)
{
    struct making *making = container_of(order, struct making, order);
    cJSON *line = keys_line(&order->key);
    require(cJSON_AddStringToObject(line, "key", order->text) != NULL);
    making->alone->is_kept = is_kept;
    making->alone->answer = cJSON_PrintUnformatted(line);
    cJSON_Delete(line);
    OPENSSL_cleanse(order->text, sizeof order->text);
}

char *key_alone_make(const char *store, const struct api_key *wish, struct error *error)
{
    struct alone alone = {0};
    struct making making = {.order = {.on_done = on_made, .key = *wish}, .alone = &alone};
    if (open_parts(&alone, store, error)) {
        keeper_make(alone.keeper, &making.order);
        run_to_end(&alone);
        if (!alone.is_kept)
            is_unkept(error);
    }
    close_parts(&alone);
    if (alone.is_kept)
        return alone.answer;
    cJSON_free(alone.answer);
    return NULL;
}

/* ---- revoke */

struct revoking {
    struct key_order order;
    struct alone *alone;
};

static void on_revoked(struct key_order *order, bool is_kept)
{
    container_of(order, struct revoking, order)->alone->is_kept = is_kept;
}

static bool revoke_key(struct alone *alone, const char *word, struct error *error)
{
    char id[API_KEY_ID_SIZE];
    const char *problem = keys_find(alone->keyring, word, id);
    struct revoking revoking = {.order = {.on_done = on_revoked}, .alone = alone};
    if (problem != NULL)
        return error_set(error, "%s", problem);
    require(keeper_revoke(alone->keeper, id, &revoking.order));
    run_to_end(alone);
    return alone->is_kept || is_unkept(error);
}

bool key_alone_revoke(const char *store, const char *word, struct error *error)
{
    struct alone alone = {0};
    bool is_revoked = open_parts(&alone, store, error) && revoke_key(&alone, word, error);
    close_parts(&alone);
    return is_revoked;
}

/* ---- list */

static void on_row(void *context, const struct store_api_key *row)
{
    struct api_key key = keeper_key_of(row);
    require(cJSON_AddItemToArray(context, keys_line(&key)));
}

static void on_counted(void *context, const struct store_api_key *row)
{
    size_t *count = context;
    (void)row;
    *count += 1;
}

size_t key_alone_count(const char *store)
{
    struct error error;
    size_t count = 0;
    struct store_reader *reader =
        access(store, R_OK) == 0 ? store_reader_open(store, &error) : NULL;
    if (reader != NULL && !store_reader_api_keys(reader, on_counted, &count, &error))
        count = 0;
    store_reader_close(reader);
    return count;
}

char *key_alone_list(const char *store, struct error *error)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON *keys = cJSON_AddArrayToObject(answer, "keys");
    struct store_reader *reader = NULL;
    bool is_read =
        access(store, F_OK) != 0 || ((reader = store_reader_open(store, error)) != NULL &&
                                     store_reader_api_keys(reader, on_row, keys, error));
    char *text = is_read ? cJSON_PrintUnformatted(answer) : NULL;
    store_reader_close(reader);
    cJSON_Delete(answer);
    return text;
}
