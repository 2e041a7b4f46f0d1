/* keeper - a new key is in the keyring when it is on disk; a revoked one is out of it before. */
#include "access/keeper.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

enum { NOTE_EVERY_MS = 60 * 1000 };

struct keeper {
    struct loop *loop;
    struct store *store;
    struct keyring *keyring;
    struct timer timer;
    int64_t noted_ms; /* what was used since is not on disk */
};

/* When one key was used last, on its way to the disk. */
struct note {
    struct store_change change;
    struct store_api_key row;
    struct digest digest;
    char *id;
    char *name;
};

static void on_due(struct timer *timer);

/* ---- life */

struct api_key keeper_key_of(const struct store_api_key *row)
{
    struct api_key key = {.id = row->id,
                          .name = row->name,
                          .scope = SCOPE_NONE,
                          .created_ms = row->created_ms,
                          .expires_ms = row->expires_ms,
                          .used_ms = row->used_ms};
    memcpy(key.digest.bytes, row->digest, DIGEST_BYTES);
    scope_parse(row->scope, &key.scope);
    return key;
}

static void on_found(void *context, const struct store_api_key *row)
{
    const struct keeper *keeper = context;
    struct api_key key = keeper_key_of(row);
    if (key.scope != SCOPE_NONE)
        keyring_add(keeper->keyring, &key);
    else
        log_warning("a key of an unknown scope lets nobody in id=%s scope=%s", row->id, row->scope);
}

struct keeper *keeper_create(struct loop *loop, struct store *store, struct keyring *keyring,
                             struct error *error)
{
    struct keeper *keeper = memory_zeroed(1, sizeof *keeper);
    keeper->loop = loop;
    keeper->store = store;
    keeper->keyring = keyring;
    keeper->timer.on_due = on_due;
    keeper->noted_ms = clock_wall_ms();
    if (store_api_keys(store, on_found, keeper, error)) {
        loop_timer_start(loop, &keeper->timer, NOTE_EVERY_MS);
        return keeper;
    }
    free(keeper);
    return NULL;
}

void keeper_destroy(struct keeper *keeper)
{
    free(keeper);
}

/* ---- when each was used last */

static struct store_api_key row_of(const struct api_key *key)
{
    return (struct store_api_key){.id = key->id,
                                  .name = key->name,
                                  .scope = scope_name(key->scope),
                                  .digest = key->digest.bytes,
                                  .created_ms = key->created_ms,
                                  .expires_ms = key->expires_ms,
                                  .used_ms = key->used_ms};
}

/* Lost, it is a minute that nobody knows of. */
static void on_noted(struct store_change *change)
{
    struct note *note = container_of(change, struct note, change);
    free(note->id);
    free(note->name);
    free(note);
}

static void note_use(void *context, const struct api_key *key)
{
    const struct keeper *keeper = context;
    if (key->id == NULL || key->used_ms < keeper->noted_ms)
        return;
    struct note *note = memory_zeroed(1, sizeof *note);
    note->row = row_of(key);
    note->digest = key->digest;
    note->row.digest = note->digest.bytes;
    note->row.id = note->id = memory_text(key->id);
    note->row.name = note->name = memory_text(key->name);
    note->change = (struct store_change){.api_key = &note->row, .on_done = on_noted};
    store_submit(keeper->store, &note->change);
}

static void note_uses(struct keeper *keeper)
{
    int64_t now_ms = clock_wall_ms();
    keyring_each(keeper->keyring, note_use, keeper);
    keeper->noted_ms = now_ms;
}

static void on_due(struct timer *timer)
{
    struct keeper *keeper = container_of(timer, struct keeper, timer);
    note_uses(keeper);
    loop_timer_start(keeper->loop, timer, NOTE_EVERY_MS);
}

void keeper_stop(struct keeper *keeper)
{
    if (keeper == NULL)
        return;
    loop_timer_stop(keeper->loop, &keeper->timer);
    note_uses(keeper);
}

/* ---- make and revoke */

static void on_made(struct store_change *change)
{
    struct key_order *order = container_of(change, struct key_order, change);
    bool is_kept = change->result == STORE_STORED;
    if (is_kept) {
        keyring_add(order->keeper->keyring, &order->key);
        log_info("a key was made id=%s name=%s scope=%s", order->key.id, order->key.name,
                 scope_name(order->key.scope));
    }
    order->on_done(order, is_kept);
}

void keeper_make(struct keeper *keeper, struct key_order *order)
{
    api_key_make(order->text, order->id);
    order->keeper = keeper;
    order->key.id = order->id;
    order->key.digest = digest_of(order->text, strlen(order->text));
    order->key.created_ms = clock_wall_ms();
    order->row = row_of(&order->key);
    order->change = (struct store_change){.api_key = &order->row, .on_done = on_made};
    store_submit(keeper->store, &order->change);
}

/* On disk it still is there: it would be again after a restart. */
static void on_revoked(struct store_change *change)
{
    struct key_order *order = container_of(change, struct key_order, change);
    order->on_done(order, change->result == STORE_STORED);
}

bool keeper_revoke(struct keeper *keeper, const char *id, struct key_order *order)
{
    if (!keyring_remove(keeper->keyring, id))
        return false;
    log_info("a key was revoked id=%s", id);
    strncat(order->id, id, sizeof order->id - 1);
    order->keeper = keeper;
    order->row = (struct store_api_key){.id = order->id};
    order->change = (struct store_change){.api_key = &order->row, .on_done = on_revoked};
    store_submit(keeper->store, &order->change);
    return true;
}
