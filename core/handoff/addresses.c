/* addresses - a hash by channel and given form; few entries, for few people need another form. */
#include "handoff/addresses.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/buffer.h"
#include "base/memory.h"

enum { KEY_BYTES = 1024 };

struct address {
    UT_hash_handle hh;
    char *key;
    char *works;
};

struct addresses {
    struct address *known;
};

struct addresses *addresses_create(void)
{
    return memory_zeroed(1, sizeof(struct addresses));
}

static void forget(struct addresses *addresses, struct address *address)
{
    HASH_DEL(addresses->known, address);
    free(address->key);
    free(address->works);
    free(address);
}

void addresses_destroy(struct addresses *addresses)
{
    if (addresses == NULL)
        return;
    while (addresses->known != NULL)
        forget(addresses, addresses->known);
    free(addresses);
}

static struct address *find(const struct addresses *addresses, const char *channel,
                            const char *given)
{
    struct address *address = NULL;
    struct buffer key;
    buffer_init(&key, KEY_BYTES);
    buffer_format(&key, "%s\n%s", channel, given);
    HASH_FIND(hh, addresses->known, key.bytes, key.length, address);
    buffer_deinit(&key);
    return address;
}

static void add(struct addresses *addresses, const char *channel, const char *given,
                const char *works)
{
    struct address *address = memory_zeroed(1, sizeof *address);
    struct buffer key;
    buffer_init(&key, KEY_BYTES);
    buffer_format(&key, "%s\n%s", channel, given);
    address->key = memory_text(key.bytes);
    address->works = memory_text(works);
    buffer_deinit(&key);
    HASH_ADD_KEYPTR(hh, addresses->known, address->key, strlen(address->key), address);
}

void addresses_learn(struct addresses *addresses, const char *channel, const char *given,
                     const char *works)
{
    struct address *former = find(addresses, channel, given);
    if (former != NULL)
        forget(addresses, former);
    if (works != NULL)
        add(addresses, channel, given, works);
}

const char *addresses_find(const struct addresses *addresses, const char *channel,
                           const char *given)
{
    const struct address *address =
        addresses->known != NULL ? find(addresses, channel, given) : NULL;
    return address != NULL ? address->works : given;
}
