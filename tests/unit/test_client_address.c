/* test_client_address - who counts as the client, behind which proxies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access/client_address.h"
#include "base/memory.h"

enum { FORWARDED_MOST = 3 };

static struct client_address client_of(const char *peer, const char *const forwarded[],
                                       const char *const trusted[])
{
    struct http_header headers[FORWARDED_MOST];
    struct network networks[FORWARDED_MOST];
    size_t count = 0;
    size_t network_count = 0;
    for (; count < FORWARDED_MOST && forwarded[count] != NULL; count++)
        headers[count] = (struct http_header){"x-forwarded-for", forwarded[count]};
    for (; network_count < FORWARDED_MOST && trusted[network_count] != NULL; network_count++)
        assert_true(network_parse(trusted[network_count], &networks[network_count]));
    struct http_request request = {.peer = peer, .headers = headers, .header_count = count};
    return client_address_of(&request, networks, network_count);
}

static void reads_back_as_far_as_it_trusts(void **state)
{
    static const struct {
        const char *peer;
        const char *forwarded[FORWARDED_MOST];
        const char *trusted[FORWARDED_MOST];
        const char *client;
    } cases[] = {
        {"203.0.113.7", {NULL}, {NULL}, "203.0.113.7"},
        {"203.0.113.7", {"198.51.100.1"}, {NULL}, "203.0.113.7"},
        {"127.0.0.1", {"198.51.100.1"}, {NULL}, "198.51.100.1"},
        {"127.9.9.9", {"198.51.100.1"}, {NULL}, "198.51.100.1"},
        {"::1", {"198.51.100.1"}, {NULL}, "198.51.100.1"},
        {"unix", {"198.51.100.1"}, {NULL}, "198.51.100.1"},
        {"unix", {NULL}, {NULL}, "unix"},
        /* a peer that is not known is nobody */
        {"", {"198.51.100.1"}, {NULL}, "::/64"},
        {"203.0.113", {"198.51.100.1"}, {"10.0.0.0/8"}, "::/64"},
        {"127.0.0.1", {NULL}, {NULL}, "127.0.0.1"},
        /* what the client wrote itself stands in front */
        {"127.0.0.1", {"1.2.3.4, 198.51.100.1"}, {NULL}, "198.51.100.1"},
        {"127.0.0.1", {"127.0.0.1, 198.51.100.1"}, {NULL}, "198.51.100.1"},
        {"127.0.0.1", {"1.2.3.4", "198.51.100.1"}, {NULL}, "198.51.100.1"},
        /* a chain of proxies */
        {"10.1.2.3", {"198.51.100.1, 10.9.9.9"}, {"10.0.0.0/8"}, "198.51.100.1"},
        {"10.1.2.3", {"1.2.3.4, 198.51.100.1, 10.9.9.9"}, {"10.0.0.0/8"}, "198.51.100.1"},
        {"10.1.2.3", {"1.2.3.4", "198.51.100.1", "10.9.9.9"}, {"10.0.0.0/8"}, "198.51.100.1"},
        {"11.1.2.3", {"198.51.100.1"}, {"10.0.0.0/8"}, "11.1.2.3"},
        {"10.1.2.3", {"198.51.100.1"}, {"10.1.2.3"}, "198.51.100.1"},
        {"10.1.2.4", {"198.51.100.1"}, {"10.1.2.3"}, "10.1.2.4"},
        {"10.1.2.127", {"198.51.100.1"}, {"10.1.2.0/25"}, "198.51.100.1"},
        {"10.1.2.128", {"198.51.100.1"}, {"10.1.2.0/25"}, "10.1.2.128"},
        {"fd00::1", {"198.51.100.1"}, {"192.0.2.1", "fd00::/8"}, "198.51.100.1"},
        {"8.8.8.8", {"198.51.100.1"}, {"0.0.0.0/0"}, "198.51.100.1"},
        /* every proxy is ours: the first of them */
        {"10.1.2.3", {"10.0.0.1, 10.0.0.2"}, {"10.0.0.0/8"}, "10.0.0.1"},
        /* forms */
        {"127.0.0.1", {"198.51.100.1:4711"}, {NULL}, "198.51.100.1"},
        {"127.0.0.1", {"[2001:db8:1:2:3:4:5:6]:4711"}, {NULL}, "2001:db8:1:2::/64"},
        {"127.0.0.1", {"2001:db8:1:2:3:4:5:6"}, {NULL}, "2001:db8:1:2::/64"},
        {"127.0.0.1", {" \t198.51.100.1\t "}, {NULL}, "198.51.100.1"},
        {"::ffff:203.0.113.7", {NULL}, {NULL}, "203.0.113.7"},
        {"::ffff:127.0.0.1", {"198.51.100.1"}, {NULL}, "198.51.100.1"},
        {"2001:db8:1:2:3:4:5:6", {NULL}, {NULL}, "2001:db8:1:2::/64"},
        /* what cannot be read ends it: the last one who can be trusted */
        {"127.0.0.1", {"unknown"}, {NULL}, "127.0.0.1"},
        {"127.0.0.1", {"198.51.100.1, garbage"}, {NULL}, "127.0.0.1"},
        {"127.0.0.1", {""}, {NULL}, "127.0.0.1"},
        {"127.0.0.1", {","}, {NULL}, "127.0.0.1"},
        {"127.0.0.1", {"198.51.100.1,"}, {NULL}, "127.0.0.1"},
        {"127.0.0.1", {"198.51.100.1", "garbage"}, {NULL}, "127.0.0.1"},
        {"127.0.0.1",
         {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
         {NULL},
         "127.0.0.1"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct client_address client =
            client_of(cases[i].peer, cases[i].forwarded, cases[i].trusted);
        if (strcmp(client.text, cases[i].client) != 0)
            fail_msg("case %zu: %s instead of %s", i, client.text, cases[i].client);
    }
}

/* Of this machine, and through nobody. */
static void knows_who_is_local(void **state)
{
    static const struct {
        const char *peer;
        const char *header;
        bool is_local;
        bool is_forwarded;
    } cases[] = {
        {"127.0.0.1", "host", true, false},
        {"::1", "user-agent", true, false},
        {"unix", "host", true, false},
        {"203.0.113.7", "host", false, false},
        {"127.0.0.1", "x-forwarded-for", false, true},
        {"127.0.0.1", "forwarded", false, true},
        {"127.0.0.1", "x-real-ip", false, true},
        {"127.0.0.1", "x-forwarded-proto", false, true},
        {"127.0.0.1", "x-forwarded-host", false, true},
        {"127.0.0.1", "via", false, true},
        {"127.0.0.1", "cf-connecting-ip", false, true},
        {"unix", "forwarded", false, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_header header = {cases[i].header, "x"};
        struct http_request request = {
            .peer = cases[i].peer, .headers = &header, .header_count = 1};
        struct client_address client = client_address_of(&request, NULL, 0);
        assert_int_equal(client.is_local, cases[i].is_local);
        assert_int_equal(client.is_forwarded, cases[i].is_forwarded);
    }
}

static void refuses_what_is_no_network(void **state)
{
    static const char *const wrong[] = {
        "",
        "a",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "10.0.0.0/8x",
        "10.0.0/8",
        "fd00::/129",
        "/8",
        "::/0/0",
        "10.0.0.256",
        "10.0.0.0/ 8",
        "10.0.0.0 ",
        "10.0.0.0/8 ",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/8"};
    struct network network;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (network_parse(wrong[i], &network))
            fail_msg("\"%s\" was taken", wrong[i]);
    }
    assert_true(network_parse("10.0.0.0/8", &network));
    assert_int_equal(network.bits, 104);
    assert_true(network_parse("::/0", &network));
    assert_int_equal(network.bits, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_back_as_far_as_it_trusts),
        cmocka_unit_test(knows_who_is_local),
        cmocka_unit_test(refuses_what_is_no_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
