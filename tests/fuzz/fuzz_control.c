/* fuzz_control - what may come in at the operators' socket: every request has one answer, and what
 * it asks of the store keeps to the limits. Lines: method, path and query; then the body. */
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "access/keyring.h"
#include "api/control.h"
#include "base/memory.h"
#include "base/require.h"
#include "floor_below.h"
#include "input.h"

enum { MOST_BYTES = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct keyring *keys(void)
{
    static struct keyring *keyring;
    if (keyring != NULL)
        return keyring;
    keyring = keyring_create();
    keyring_add(keyring, &(struct api_key){.id = "abcd1234", .name = "eleven"});
    keyring_add(keyring, &(struct api_key){.id = "abcd1235", .name = "twice"});
    keyring_add(keyring, &(struct api_key){.id = "abcd1236", .name = "twice"});
    keyring_add(keyring, &(struct api_key){.name = "file"});
    return keyring;
}

/* "200 {…}\n" */
static void check_story(const struct floor *floor, const char *path)
{
    const char *body = strchr(floor->story.bytes, ' ') + 1;
    if (strcmp(path, "/metrics") == 0)
        return;
    cJSON *answer = cJSON_Parse(body);
    require(cJSON_IsObject(answer));
    bool is_refused = floor->story.bytes[0] != '2';
    require(!is_refused || cJSON_IsString(cJSON_GetObjectItemCaseSensitive(answer, "detail")));
    cJSON_Delete(answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct floor floor;
    if (size > MOST_BYTES)
        return 0;
    CLEANUP(memory_free) char *method = input_line(&input);
    CLEANUP(memory_free) char *path = input_line(&input);
    char *question = strchr(path, '?');
    struct http_request request = {
        .method = method, .path = path, .query = question != NULL ? question + 1 : "", .peer = ""};
    if (question != NULL)
        *question = '\0';
    CLEANUP(memory_free) char *body = input_rest(&input, &request.body_length);
    request.body = body;
    floor_open(&floor);
    floor.api.keyring = keys();
    floor.request = &request;
    struct http_handler handler = control_handler(&floor.api);
    handler.on_request(handler.context, NULL, &request);
    floor_settle();
    require(floor.responses == 1 && floor.accepted == 0);
    require(floor.orders == 0 || strcmp(method, "POST") == 0);
    require(control_scope(&request) != SCOPE_HANDOFF);
    check_story(&floor, path);
    floor_close(&floor);
    return 0;
}
