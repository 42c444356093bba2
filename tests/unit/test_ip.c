// What addresses are good for, and how resolvers are written.
// layer: net

#include "net/ip.h"

#include <arpa/inet.h>

#include "assert.h"

static const struct {
    const char *text;
    unsigned kind;
} addresses[] = {
    {"192.175.48.6", PS_IP_PUBLIC},
    {"1.0.0.0", PS_IP_PUBLIC},
    {"9.255.255.255", PS_IP_PUBLIC},
    {"10.0.0.0", PS_IP_SITE},
    {"10.255.255.255", PS_IP_SITE},
    {"11.0.0.0", PS_IP_PUBLIC},
    {"0.0.0.0", PS_IP_NULL},
    {"0.0.0.1", PS_IP_SPECIAL},
    {"0.255.255.255", PS_IP_SPECIAL},
    {"100.63.255.255", PS_IP_PUBLIC},
    {"100.64.0.0", PS_IP_SITE},
    {"100.127.255.255", PS_IP_SITE},
    {"100.128.0.0", PS_IP_PUBLIC},
    {"127.0.0.1", PS_IP_SPECIAL},
    {"127.0.53.53", PS_IP_COLLISION},
    {"127.0.53.54", PS_IP_SPECIAL},
    {"169.253.0.1", PS_IP_PUBLIC},
    {"169.254.0.1", PS_IP_SPECIAL},
    {"172.15.255.255", PS_IP_PUBLIC},
    {"172.16.0.0", PS_IP_SITE},
    {"172.31.255.255", PS_IP_SITE},
    {"172.32.0.0", PS_IP_PUBLIC},
    {"192.0.0.8", PS_IP_SPECIAL},
    {"192.0.2.1", PS_IP_SPECIAL},
    {"192.0.3.1", PS_IP_PUBLIC},
    {"192.167.1.1", PS_IP_PUBLIC},
    {"192.168.1.1", PS_IP_SITE},
    {"198.17.0.1", PS_IP_PUBLIC},
    {"198.18.0.1", PS_IP_SPECIAL},
    {"198.19.255.255", PS_IP_SPECIAL},
    {"198.20.0.0", PS_IP_PUBLIC},
    {"198.51.100.7", PS_IP_SPECIAL},
    {"203.0.113.7", PS_IP_SPECIAL},
    {"223.255.255.255", PS_IP_PUBLIC},
    {"224.0.0.1", PS_IP_SPECIAL},
    {"240.0.0.1", PS_IP_SPECIAL},
    {"255.255.255.255", PS_IP_SPECIAL},
    {"2620:4f:8000::6", PS_IP_PUBLIC},
    {"2001:db8::1", PS_IP_SPECIAL},
    {"2001:db9::1", PS_IP_PUBLIC},
    {"3fff:fff::1", PS_IP_SPECIAL},
    {"3fff:1000::1", PS_IP_PUBLIC},
    {"1fff::1", PS_IP_SPECIAL},
    {"4000::1", PS_IP_SPECIAL},
    {"::", PS_IP_NULL},
    {"::2", PS_IP_SPECIAL},
    {"::ffff:0.0.0.0", PS_IP_NULL},
    {"::1", PS_IP_SPECIAL},
    {"fc00::1", PS_IP_SITE},
    {"fdff::1", PS_IP_SITE},
    {"fe80::1", PS_IP_SPECIAL},
    {"ff02::1", PS_IP_SPECIAL},
    {"::ffff:10.0.0.1", PS_IP_SITE},
    {"::ffff:192.175.48.6", PS_IP_PUBLIC},
    {"64:ff9b::c0af:3006", PS_IP_PUBLIC},
    {"64:ff9b::a00:1", PS_IP_SITE},
    {"64:ff9b:1::1", PS_IP_SPECIAL},
};

static void test_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(addresses); i++) {
        unsigned char bytes[16];
        print_message("  %s\n", addresses[i].text);
        assert_true(ps_ip_is_literal(addresses[i].text));
        if (inet_pton(AF_INET, addresses[i].text, bytes) == 1) {
            assert_int_equal(ps_ip4_kind(bytes), addresses[i].kind);
        } else {
            assert_int_equal(inet_pton(AF_INET6, addresses[i].text, bytes), 1);
            assert_int_equal(ps_ip6_kind(bytes), addresses[i].kind);
        }
    }
    assert_false(ps_ip_is_literal("mail.example.net"));
    assert_false(ps_ip_is_literal("127.1"));
    assert_false(ps_ip_is_literal(""));
}

static const struct {
    const char *text, *shown; // NULL: not an address
    int family;
    unsigned port;
    bool loopback, private;
} endpoints[] = {
    {"192.0.2.53", "192.0.2.53", AF_INET, 53, false, true},
    {"9.9.9.9", "9.9.9.9", AF_INET, 53, false, false},
    {"9.9.9.9:53", "9.9.9.9", AF_INET, 53, false, false},
    {"127.0.0.1:5353", "127.0.0.1:5353", AF_INET, 5353, true, false},
    {"127.0.0.53", "127.0.0.53", AF_INET, 53, true, true},
    {"127.0.0.54", "127.0.0.54", AF_INET, 53, true, true},
    {"127.0.0.11", "127.0.0.11", AF_INET, 53, true, true},
    {"127.0.1.1", "127.0.1.1", AF_INET, 53, true, true},
    {"127.0.0.53:5353", "127.0.0.53:5353", AF_INET, 5353, true, true},
    {"127.0.0.52", "127.0.0.52", AF_INET, 53, true, false},
    {"10.0.0.1:65535", "10.0.0.1:65535", AF_INET, 65535, false, true},
    {"::1", "::1", AF_INET6, 53, true, false},
    {"[::1]", "::1", AF_INET6, 53, true, false},
    {"[::1]:5353", "[::1]:5353", AF_INET6, 5353, true, false},
    {"2620:fe::fe", "2620:fe::fe", AF_INET6, 53, false, false},
    {"fd00::53", "fd00::53", AF_INET6, 53, false, true},
    {"fe80::1%lo", "fe80::1%lo", AF_INET6, 53, false, true},
    {"[fe80::1%lo]:54", "[fe80::1%lo]:54", AF_INET6, 54, false, true},
    {"fe80::1%no-such-interface", NULL, 0, 0, false, false},
    {"", NULL, 0, 0, false, false},
    {"dns.example.jp", NULL, 0, 0, false, false},
    {"9.9.9", NULL, 0, 0, false, false},
    {"9.9.9.9.9", NULL, 0, 0, false, false},
    {"9.9.9.9 ", NULL, 0, 0, false, false},
    {"9.9.9.9:", NULL, 0, 0, false, false},
    {"9.9.9.9:0", NULL, 0, 0, false, false},
    {"9.9.9.9:65536", NULL, 0, 0, false, false},
    {"9.9.9.9:5x", NULL, 0, 0, false, false},
    {"9.9.9.9:+53", NULL, 0, 0, false, false},
    {"9.9.9.9:000053", NULL, 0, 0, false, false},
    {"[9.9.9.9]:53", NULL, 0, 0, false, false},
    {"[::1", NULL, 0, 0, false, false},
    {"[::1]x", NULL, 0, 0, false, false},
    {"[::1]:", NULL, 0, 0, false, false},
    {"[]:53", NULL, 0, 0, false, false},
    {":53", NULL, 0, 0, false, false},
    {"https://dns.example.jp/dns-query", NULL, 0, 0, false, false},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL, 0, 0,
     false, false},
};

static unsigned port_of(const ps_endpoint *endpoint)
{
    const struct sockaddr *address = (const struct sockaddr *)&endpoint->address;

    if (address->sa_family == AF_INET) return ntohs(((const struct sockaddr_in *)&endpoint->address)->sin_port);
    return ntohs(((const struct sockaddr_in6 *)&endpoint->address)->sin6_port);
}

static void test_endpoint(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(endpoints); i++) {
        ps_endpoint endpoint;
        print_message("  %s\n", endpoints[i].text);
        assert_int_equal(ps_endpoint_parse(endpoints[i].text, &endpoint), endpoints[i].shown != NULL);
        if (endpoints[i].shown == NULL) continue;
        assert_string_equal(endpoint.text, endpoints[i].shown);
        assert_int_equal(endpoint.address.ss_family, endpoints[i].family);
        assert_int_equal(port_of(&endpoint), endpoints[i].port);
        assert_int_equal(ps_endpoint_is_loopback(&endpoint), endpoints[i].loopback);
        assert_int_equal(ps_endpoint_is_private(&endpoint), endpoints[i].private);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kind),
        cmocka_unit_test(test_endpoint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
