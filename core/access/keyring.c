/* keyring - a list: a company has few keys. */
#include "access/keyring.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct entry {
    struct api_key key;
    struct entry *next;
};

struct keyring {
    struct entry *first;
    struct entry **last;
    size_t count;
};

struct keyring *keyring_create(void)
{
    struct keyring *keyring = memory_zeroed(1, sizeof *keyring);
    keyring->last = &keyring->first;
    return keyring;
}

static void entry_destroy(struct entry *entry)
{
    free((char *)entry->key.id);
    free((char *)entry->key.name);
    free(entry);
}

void keyring_destroy(struct keyring *keyring)
{
    if (keyring == NULL)
        return;
    while (keyring->first != NULL) {
        struct entry *entry = keyring->first;
        keyring->first = entry->next;
        entry_destroy(entry);
    }
    free(keyring);
}

static struct entry *add(struct keyring *keyring, const struct api_key *key)
{
    struct entry *entry = memory_zeroed(1, sizeof *entry);
    entry->key = *key;
    entry->key.id = memory_text(key->id);
    entry->key.name = memory_text(key->name);
    *keyring->last = entry;
    keyring->last = &entry->next;
    keyring->count++;
    return entry;
}

void keyring_add(struct keyring *keyring, const struct api_key *key)
{
    add(keyring, key);
}

/* Takes out the one that `link` points at. */
static void cut(struct keyring *keyring, struct entry **link)
{
    struct entry *entry = *link;
    *link = entry->next;
    if (keyring->last == &entry->next)
        keyring->last = link;
    keyring->count--;
    entry_destroy(entry);
}

bool keyring_remove(struct keyring *keyring, const char *id)
{
    for (struct entry **link = &keyring->first; *link != NULL; link = &(*link)->next) {
        if ((*link)->key.id == NULL || strcmp((*link)->key.id, id) != 0)
            continue;
        cut(keyring, link);
        return true;
    }
    return false;
}

/* ---- those of vendors.yaml */

static const struct entry *find_in_file(const struct keyring *keyring, const struct digest *digest)
{
    for (const struct entry *entry = keyring->first; entry != NULL; entry = entry->next) {
        if (entry->key.id == NULL && digest_is_same(&entry->key.digest, digest))
            return entry;
    }
    return NULL;
}

/* The first `count` of the list are older than the rest. */
static void cut_those_of_file(struct keyring *keyring, size_t count)
{
    struct entry **link = &keyring->first;
    for (; count > 0 && *link != NULL; count--) {
        if ((*link)->key.id == NULL)
            cut(keyring, link);
        else
            link = &(*link)->next;
    }
}

void keyring_adopt(struct keyring *keyring, const struct api_key *keys, size_t count)
{
    size_t older = keyring->count;
    for (size_t i = 0; i < count; i++) {
        const struct entry *before = find_in_file(keyring, &keys[i].digest);
        int64_t used_ms = before != NULL ? before->key.used_ms : 0;
        add(keyring, &keys[i])->key.used_ms = used_ms;
    }
    cut_those_of_file(keyring, older);
}

/* ---- use */

size_t keyring_count(const struct keyring *keyring)
{
    return keyring->count;
}

size_t keyring_stored(const struct keyring *keyring)
{
    size_t count = 0;
    for (const struct entry *entry = keyring->first; entry != NULL; entry = entry->next)
        count += entry->key.id != NULL;
    return count;
}

const struct api_key *keyring_find(const struct keyring *keyring, const char *text)
{
    const struct api_key *found = NULL;
    struct digest digest = digest_of(text, strlen(text));
    for (const struct entry *entry = keyring->first; entry != NULL; entry = entry->next) {
        if (digest_is_same(&entry->key.digest, &digest))
            found = &entry->key;
    }
    return found;
}

void keyring_use(const struct api_key *key, int64_t now_ms)
{
    container_of(key, struct entry, key)->key.used_ms = now_ms;
}

void keyring_each(const struct keyring *keyring,
                  void (*on_key)(void *context, const struct api_key *key), void *context)
{
    for (const struct entry *entry = keyring->first; entry != NULL; entry = entry->next)
        on_key(context, &entry->key);
}
