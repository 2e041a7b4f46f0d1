/* fuzz_api - a stream of bytes to the door and the routes, in one piece and in cuts: the same
 * becomes of it, every request has one answer, and nobody gets further than their key lets them.
 * The first byte is what vendors.yaml says, the second chooses the peer and the cuts. */
#include <stdlib.h>
#include <string.h>

#include "access/door.h"
#include "base/memory.h"
#include "base/require.h"
#include "floor_below.h"
#include "http/exchange.h"
#include "http/request.h"
#include "input.h"

enum { MOST_STREAM = 8192, KEYS = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the first byte says. */
enum { HAS_KEYS = 1, HAS_SIGNER = 2, IS_EXPOSED = 4, IS_LIMITED = 8, HAS_PROXY = 16 };

static const struct http_limits limits = {.header_bytes = 1024, .headers = 12, .body_bytes = 2048};

static const char *const key_texts[KEYS] = {"hk_agent", "hk_looker", "hk_boss"};

struct world {
    struct floor floor;
    struct http_handler handler;
    struct http_exchange exchange;
    struct door_rules rules;
    struct api_key keys[KEYS];
    struct webhook_secret secret;
    struct signer signer;
    struct network proxy;
    struct keyring *keyring;
    bool is_over; /* nothing further is read */
};

/* ---- a world for one stream */

static void add_keys(struct world *world)
{
    static const struct {
        const char *name;
        enum scope scope;
    } keys[KEYS] = {{"agent", SCOPE_HANDOFF}, {"looker", SCOPE_READ}, {"boss", SCOPE_ADMIN}};
    for (size_t i = 0; i < KEYS; i++)
        world->keys[i] = (struct api_key){.name = keys[i].name,
                                          .scope = keys[i].scope,
                                          .digest = digest_of(key_texts[i], strlen(key_texts[i]))};
    world->rules.keys = world->keys;
    world->rules.key_count = KEYS;
}

static void add_signer(struct world *world)
{
    require(webhook_secret_parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &world->secret));
    world->signer = (struct signer){"sender", &world->secret, 1};
    world->rules.signers = &world->signer;
    world->rules.signer_count = 1;
}

static void world_init(struct world *world, unsigned flags, const char *peer)
{
    *world = (struct world){.keyring = keyring_create()};
    floor_open(&world->floor);
    world->rules.is_exposed = (flags & IS_EXPOSED) != 0;
    if (flags & HAS_KEYS)
        add_keys(world);
    if (flags & HAS_SIGNER)
        add_signer(world);
    if (flags & IS_LIMITED)
        world->rules.limits = (struct door_limits){2, 2, 1, 1};
    if (flags & HAS_PROXY) {
        require(network_parse("10.0.0.0/8", &world->proxy));
        world->rules.trusted = &world->proxy;
        world->rules.trusted_count = 1;
    }
    world->floor.api.door = door_create(world->keyring);
    world->floor.api.keyring = world->keyring;
    door_adopt(world->floor.api.door, &world->rules);
    world->handler = api_handler(&world->floor.api);
    request_init(&world->exchange.reader, &limits);
    world->exchange.reader.request.peer = peer;
}

static void world_deinit(struct world *world)
{
    request_deinit(&world->exchange.reader);
    door_destroy(world->floor.api.door);
    keyring_destroy(world->keyring);
    floor_close(&world->floor);
}

/* ---- what may have been let in */

static bool shows(const struct http_request *request, const char *key)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        const char *end = header->value + strlen(header->value) - strlen(key);
        bool is_there = end >= header->value && strcmp(end, key) == 0;
        if (is_there &&
            (strcmp(header->name, "x-api-key") == 0 || strcmp(header->name, "authorization") == 0))
            return true;
    }
    return false;
}

static void check_admission(const struct world *world, size_t accepted, size_t orders)
{
    const struct http_request *request = &world->exchange.reader.request;
    const struct floor *floor = &world->floor;
    bool has_keys = world->rules.key_count > 0;
    require(floor->orders == orders || (has_keys && shows(request, key_texts[2])));
    if (floor->accepted == accepted)
        return;
    require(strcmp(request->method, "POST") == 0);
    require(strcmp(request->path, "/api/elevenlabs/handoff") == 0);
    const char *caller = floor->caller;
    if (caller == NULL)
        require(!has_keys && world->rules.signer_count == 0 && !world->rules.is_exposed);
    else if (strcmp(caller, "sender") == 0)
        require(http_request_header(request, WEBHOOK_SIGNATURE) != NULL);
    else
        require(shows(request, key_texts[strcmp(caller, "boss") == 0 ? 2 : 0]));
}

/* ---- as a connection does it */

static void next_request(struct world *world)
{
    struct request_reader *reader = &world->exchange.reader;
    const char *peer = reader->request.peer;
    world->is_over = reader->state != REQUEST_COMPLETE || !reader->keeps_alive;
    request_reset(reader);
    reader->request.peer = peer;
}

/* False: it is answered. */
static bool take_head(struct world *world)
{
    struct floor *floor = &world->floor;
    size_t before = floor->responses;
    size_t accepted = floor->accepted;
    struct http_request head = world->exchange.reader.request;
    head.body = NULL;
    head.body_length = 0;
    bool is_let_in = world->handler.on_head(&floor->api, &world->exchange, &head);
    require(floor->responses == before + (is_let_in ? 0 : 1) && floor->accepted == accepted);
    if (!is_let_in)
        next_request(world);
    return is_let_in;
}

static void take_request(struct world *world)
{
    struct floor *floor = &world->floor;
    size_t before = floor->responses;
    size_t accepted = floor->accepted;
    size_t orders = floor->orders;
    world->handler.on_request(&floor->api, &world->exchange, &world->exchange.reader.request);
    floor_settle();
    require(floor->responses == before + 1 && floor->accepted <= accepted + 1);
    check_admission(world, accepted, orders);
    next_request(world);
}

static void feed(struct world *world, const char *bytes, size_t length)
{
    struct request_reader *reader = &world->exchange.reader;
    size_t taken = 0;
    while (taken < length && !world->is_over) {
        bool was_head = reader->state == REQUEST_HEAD;
        taken += request_feed(reader, bytes + taken, length - taken);
        world->floor.request = &reader->request;
        bool is_head =
            was_head && (reader->state == REQUEST_BODY || reader->state == REQUEST_COMPLETE);
        if (reader->state == REQUEST_REFUSED) {
            buffer_append_text(&world->floor.story, "refused\n");
            world->is_over = true;
        }
        if (is_head && !take_head(world))
            continue;
        if (reader->state == REQUEST_COMPLETE)
            take_request(world);
    }
}

/* Pieces of 1 to `longest` bytes, each in memory of its own. */
static void run(struct world *world, const char *bytes, size_t length, size_t longest)
{
    size_t taken = 0;
    size_t cut = longest;
    while (taken < length && !world->is_over) {
        cut = (cut * 31 + 7) % longest + 1;
        size_t size = cut < length - taken ? cut : length - taken;
        CLEANUP(memory_free) char *piece = memory_zeroed(1, size);
        memcpy(piece, bytes + taken, size);
        feed(world, piece, size);
        taken += size;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const peers[] = {"127.0.0.1", "10.1.2.3", "203.0.113.7", "unix"};
    struct input input = {data, size};
    struct world whole;
    struct world cut;
    if (size > MOST_STREAM)
        return 0;
    unsigned flags = input_byte(&input);
    unsigned choice = input_byte(&input);
    const char *bytes = (const char *)input.at;
    world_init(&whole, flags, peers[choice % COUNT_OF(peers)]);
    run(&whole, bytes, input.left, input.left + 1);
    struct buffer story = whole.floor.story;
    buffer_init(&whole.floor.story, 0);
    world_deinit(&whole);
    world_init(&cut, flags, peers[choice % COUNT_OF(peers)]);
    run(&cut, bytes, input.left, 1 + choice / COUNT_OF(peers));
    require(story.length == cut.floor.story.length);
    require(memcmp(story.bytes, cut.floor.story.bytes, story.length) == 0);
    world_deinit(&cut);
    buffer_deinit(&story);
    return 0;
}
