/* client_address - addresses as 16 bytes, whichever family they are of. */
#include "access/client_address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { ADDRESS_BYTES = 16, V4_OFFSET = 12, ITEM_MOST = 64 };

/* ---- addresses and networks */

static const unsigned char v4_in_v6[V4_OFFSET] = {[10] = 0xff, [11] = 0xff};
static const unsigned char loopback[ADDRESS_BYTES] = {[15] = 1};

static bool parse_address(const char *text, unsigned char address[ADDRESS_BYTES])
{
    if (inet_pton(AF_INET6, text, address) == 1)
        return true;
    memcpy(address, v4_in_v6, sizeof v4_in_v6);
    return inet_pton(AF_INET, text, address + V4_OFFSET) == 1;
}

static bool is_v4(const unsigned char address[ADDRESS_BYTES])
{
    return memcmp(address, v4_in_v6, sizeof v4_in_v6) == 0;
}

static bool parse_bits(const char *text, int most, int *bits)
{
    char *end = NULL;
    long value = text[0] >= '0' && text[0] <= '9' ? strtol(text, &end, 10) : -1;
    if (value < 0 || value > most || *end != '\0')
        return false;
    *bits = (int)value + (128 - most);
    return true;
}

bool network_parse(const char *text, struct network *network)
{
    char address[ITEM_MOST];
    size_t length = strcspn(text, "/");
    if (length >= sizeof address)
        return false;
    memcpy(address, text, length);
    address[length] = '\0';
    if (!parse_address(address, network->address))
        return false;
    network->bits = 128;
    return text[length] == '\0' ||
           parse_bits(text + length + 1, strchr(address, ':') == NULL ? 32 : 128, &network->bits);
}

static bool is_in(const unsigned char address[ADDRESS_BYTES], const struct network *network)
{
    size_t whole = (size_t)network->bits / 8;
    int rest = network->bits % 8;
    unsigned char mask = (unsigned char)(0xff00 >> rest);
    return memcmp(address, network->address, whole) == 0 &&
           (rest == 0 || ((address[whole] ^ network->address[whole]) & mask) == 0);
}

static bool is_loopback(const unsigned char address[ADDRESS_BYTES])
{
    return is_v4(address) ? address[V4_OFFSET] == 127
                          : memcmp(address, loopback, ADDRESS_BYTES) == 0;
}

static bool is_trusted(const unsigned char address[ADDRESS_BYTES], const struct network *trusted,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_in(address, &trusted[i]))
            return true;
    }
    return is_loopback(address);
}

/* ---- what was forwarded */

static bool is_forwarding(const char *name)
{
    static const char *const names[] = {"forwarded",       "x-forwarded-for",   "x-forwarded-host",
                                        "x-real-ip",       "x-forwarded-proto", "via",
                                        "cf-connecting-ip"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* "203.0.113.7", "203.0.113.7:4711", "2001:db8::1" or "[2001:db8::1]:4711". */
static bool parse_item(const char *item, size_t length, unsigned char address[ADDRESS_BYTES])
{
    char text[ITEM_MOST];
    if (length == 0 || length >= sizeof text)
        return false;
    memcpy(text, item, length);
    text[length] = '\0';
    char *begin = text;
    char *colon = strchr(text, ':');
    if (text[0] == '[') {
        begin++;
        begin[strcspn(begin, "]")] = '\0';
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        *colon = '\0';
    }
    return parse_address(begin, address);
}

/* Goes back through one header, from its end; false: further back nothing counts. */
static bool walk_back(const char *value, const struct network *trusted, size_t trusted_count,
                      unsigned char address[ADDRESS_BYTES])
{
    size_t end = strlen(value);
    unsigned char before[ADDRESS_BYTES];
    while (is_trusted(address, trusted, trusted_count)) {
        size_t begin = end;
        while (begin > 0 && value[begin - 1] != ',')
            begin--;
        size_t from = begin + strspn(value + begin, " \t");
        size_t to = end;
        while (to > from && (value[to - 1] == ' ' || value[to - 1] == '\t'))
            to--;
        if (!parse_item(value + from, to - from, before))
            return false;
        memcpy(address, before, sizeof before);
        if (begin == 0)
            return true;
        end = begin - 1;
    }
    return false;
}

static void write_text(const unsigned char address[ADDRESS_BYTES], char text[CLIENT_ADDRESS_SIZE])
{
    unsigned char network[ADDRESS_BYTES] = {0};
    char begin[INET6_ADDRSTRLEN];
    if (is_v4(address)) {
        inet_ntop(AF_INET, address + V4_OFFSET, text, CLIENT_ADDRESS_SIZE);
        return;
    }
    memcpy(network, address, ADDRESS_BYTES / 2);
    snprintf(text, CLIENT_ADDRESS_SIZE, "%s/64", inet_ntop(AF_INET6, network, begin, sizeof begin));
}

struct client_address client_address_of(const struct http_request *request,
                                        const struct network *trusted, size_t trusted_count)
{
    struct client_address client = {0};
    unsigned char address[ADDRESS_BYTES] = {0};
    bool is_unix = strcmp(request->peer, "unix") == 0;
    bool goes_on = true;
    if (is_unix)
        memcpy(address, loopback, sizeof address);
    else if (!parse_address(request->peer, address))
        memset(address, 0, sizeof address); /* nobody's, and not this machine's */
    for (size_t i = request->header_count; i > 0; i--) {
        const struct http_header *header = &request->headers[i - 1];
        client.is_forwarded |= is_forwarding(header->name);
        if (goes_on && strcmp(header->name, "x-forwarded-for") == 0)
            goes_on = walk_back(header->value, trusted, trusted_count, address);
    }
    client.is_local = is_loopback(address) && !client.is_forwarded;
    if (is_unix && is_loopback(address))
        snprintf(client.text, sizeof client.text, "unix");
    else
        write_text(address, client.text);
    return client;
}
