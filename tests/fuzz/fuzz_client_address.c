/* fuzz_client_address - who is behind the proxies: what strangers write before the trusted end of
 * X-Forwarded-For counts for nothing. The first line is the peer, the second the trusted networks,
 * the others are headers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/client_address.h"
#include "base/memory.h"
#include "base/require.h"
#include "input.h"

enum { MOST_BYTES = 4096, MOST_NETWORKS = 8, MOST_HEADERS = 16, VALUE_SIZE = MOST_BYTES + 64 };

static const char stranger[] = "203.0.113.99";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t read_networks(char *line, struct network networks[MOST_NETWORKS])
{
    char *rest = NULL;
    size_t count = 0;
    for (char *word = strtok_r(line, " ", &rest); word != NULL && count < MOST_NETWORKS;
         word = strtok_r(NULL, " ", &rest)) {
        if (!network_parse(word, &networks[count]))
            continue;
        require(networks[count].bits >= 0 && networks[count].bits <= 128);
        count++;
    }
    return count;
}

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

static void free_headers(struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((char *)headers[i].name);
}

static struct http_header *first_forwarded(struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(headers[i].name, "x-forwarded-for") == 0)
            return &headers[i];
    }
    return NULL;
}

static void check_text(const struct client_address *client)
{
    require(client->text[0] != '\0' && strlen(client->text) < sizeof client->text);
    require(strspn(client->text, "0123456789abcdef.:/unix") == strlen(client->text));
    require(!client->is_local || !client->is_forwarded);
}

/* Who writes further in front is taken at their word only where all behind them are trusted. */
static void check_stranger(const struct http_request *request, struct http_header *header,
                           const struct network *networks, size_t count)
{
    char value[VALUE_SIZE];
    struct client_address before = client_address_of(request, networks, count);
    const char *given = header->value;
    snprintf(value, sizeof value, "%s, %s", stranger, given);
    header->value = value;
    struct client_address after = client_address_of(request, networks, count);
    header->value = given;
    require(strcmp(after.text, before.text) == 0 || strcmp(after.text, stranger) == 0);
    bool is_near = strcmp(request->peer, "unix") == 0 || strncmp(request->peer, "127.", 4) == 0 ||
                   strchr(request->peer, ':') != NULL;
    require(is_near || count > 0 || strcmp(after.text, before.text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct network networks[MOST_NETWORKS];
    struct http_header headers[MOST_HEADERS];
    if (size > MOST_BYTES)
        return 0;
    CLEANUP(memory_free) char *peer = input_line(&input);
    CLEANUP(memory_free) char *trusted = input_line(&input);
    size_t network_count = read_networks(trusted, networks);
    struct http_request request = {.peer = peer, .headers = headers};
    struct client_address alone = client_address_of(&request, networks, network_count);
    check_text(&alone);
    require(!alone.is_forwarded);
    request.header_count = read_headers(&input, headers);
    struct client_address client = client_address_of(&request, networks, network_count);
    check_text(&client);
    struct http_header *forwarded = first_forwarded(headers, request.header_count);
    if (forwarded != NULL)
        check_stranger(&request, forwarded, networks, network_count);
    else
        require(strcmp(client.text, alone.text) == 0);
    free_headers(headers, request.header_count);
    return 0;
}
