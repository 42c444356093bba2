// Queries built and answers read: packets as knotd sent them, and what is left of them when they are damaged.
// layer: net

#include "net/dns_wire.h"

#include <arpa/nameser.h>
#include <stddef.h>

#include "assert.h"
#include "net/ip.h"

enum { PACKET_MAX = 1024, ID = 0x1234, HEADER_BYTES = 12 };

typedef struct test_packet {
    unsigned char bytes[PACKET_MAX];
    size_t len;
} test_packet;

static unsigned nibble(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

// Hex digits; blanks are for the reader.
static test_packet packet_of(const char *hex)
{
    test_packet out = {.len = 0};

    for (; *hex != '\0'; hex++) {
        if (*hex == ' ') continue;
        assert_true(out.len < sizeof out.bytes);
        out.bytes[out.len++] = (unsigned char)(nibble(hex[0]) << 4 | nibble(hex[1]));
        hex++;
    }
    return out;
}

static ps_span span_of(const test_packet *packet)
{
    return (ps_span){(const char *)packet->bytes, packet->len};
}

// From knotd 3.2, each with its OPT record.
#define OPT "00 0029 04d0 00000000 0000"
#define SOA                                                                                                            \
    "00 0006 0001 0000003c 0038 01610773657276657273076578616d706c65036e6574000a686f73746d6173746572c038"              \
    "00000001 00000e10 00000258 00015180 0000003c"
static const char mx_one[] = "1234 8500 0001 0001 0000 0002 036f6e65076578616d706c65026a7000 000f 0001"
                             "c00c 000f 0001 0000003c 0014 000a 046d61696c076578616d706c65036e657400"
                             "c02e 0001 0001 0000003c 0004 c0af3006" OPT;
static const char mx_null[] = "1234 8500 0001 0001 0000 0001 046e756c6c076578616d706c65026a7000 000f 0001"
                              "c00c 000f 0001 0000003c 0003 0000 00" OPT;
static const char mx_mixed[] = "1234 8500 0001 0002 0000 0002 0a6e756c6c2d6d69786564076578616d706c65026a7000 000f 0001"
                               "c00c 000f 0001 0000003c 0003 0000 00"
                               "c00c 000f 0001 0000003c 0014 000a 046d61696c076578616d706c65036e657400"
                               "c044 0001 0001 0000003c 0004 c0af3006" OPT;
static const char mx_ip[] = "1234 8500 0001 0002 0000 0002 0a7061727469616c2d6970076578616d706c65026a7000 000f 0001"
                            "c00c 000f 0001 0000003c 000f 000a 03323033013003313133013500"
                            "c00c 000f 0001 0000003c 0014 0014 046d61696c076578616d706c65036e657400"
                            "c050 0001 0001 0000003c 0004 c0af3006" OPT;
static const char mx_odd[] = "1234 8500 0001 0001 0000 0001 036f6464076578616d706c65026a7000 000f 0001"
                             "c00c 000f 0001 0000003c 001b 000a 0b6d61696c20736572766572076578616d706c65036e657400" OPT;
static const char nodata[] = "1234 8500 0001 0000 0001 0001 066e6f64617461076578616d706c65026a7000 000f 0001" SOA OPT;
static const char absent[] = "1234 8503 0001 0000 0001 0001 06616273656e74076578616d706c65026a7000 000f 0001" SOA OPT;
static const char a_alias[] = "1234 8500 0001 0002 0000 0001 05616c696173076578616d706c65036e657400 0001 0001"
                              "c00c 0005 0001 0000003c 0007 046d61696cc012"
                              "c02f 0001 0001 0000003c 0004 c0af3006" OPT;
static const char a_loop[] = "1234 8500 0001 0002 0000 0001 066c6f6f702d61076578616d706c65036e657400 0001 0001"
                             "c00c 0005 0001 0000003c 0009 066c6f6f702d62c013"
                             "c030 0005 0001 0000003c 0009 066c6f6f702d61c013" OPT;
static const char a_out[] = "1234 8500 0001 0001 0000 0000 05616c696173076578616d706c65036e657400 0001 0001"
                            "c00c 0005 0001 0000003c 0007 046d61696cc012";
static const char a_six[] = "1234 8500 0001 0001 0000 0001 03736978076578616d706c65036e657400 001c 0001"
                            "c00c 001c 0001 0000003c 0010 2620004f800000000000000000000006" OPT;
static const char head[] = "036f6e65076578616d706c65026a7000 000f 0001"; // the question of mx_one

static const struct {
    const char *title, *hex, *name;
    uint16_t type;
    ps_dns_outcome outcome;
    unsigned addresses;
    size_t mx_count;
    const char *first, *second; // targets
    uint8_t hops;
} cases[] = {
    {"one MX", mx_one, "one.example.jp", ns_t_mx, PS_DNS_FOUND, 0, 1, "mail.example.net", NULL, 0},
    {"null MX", mx_null, "null.example.jp", ns_t_mx, PS_DNS_FOUND, 0, 1, ".", NULL, 0},
    {"null and real MX", mx_mixed, "null-mixed.example.jp", ns_t_mx, PS_DNS_FOUND, 0, 2, ".", "mail.example.net", 0},
    {"an address as MX", mx_ip, "partial-ip.example.jp", ns_t_mx, PS_DNS_FOUND, 0, 2, "203.0.113.5", "mail.example.net",
     0},
    {"an MX with a blank", mx_odd, "odd.example.jp", ns_t_mx, PS_DNS_FOUND, 0, 1, "", NULL, 0},
    {"no data", nodata, "nodata.example.jp", ns_t_mx, PS_DNS_NODATA, 0, 0, NULL, NULL, 0},
    {"no name", absent, "absent.example.jp", ns_t_mx, PS_DNS_NXDOMAIN, 0, 0, NULL, NULL, 0},
    {"an alias", a_alias, "alias.example.net", ns_t_a, PS_DNS_FOUND, PS_IP_PUBLIC, 0, NULL, NULL, 1},
    {"aliases in a circle", a_loop, "loop-a.example.net", ns_t_a, PS_DNS_CNAME_LOOP, 0, 0, NULL, NULL, 9},
    {"an alias out of the answer", a_out, "alias.example.net", ns_t_a, PS_DNS_ELSEWHERE, 0, 0, NULL, NULL, 1},
    {"an IPv6 address", a_six, "six.example.net", ns_t_aaaa, PS_DNS_FOUND, PS_IP_PUBLIC, 0, NULL, NULL, 0},
};

static void test_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].title);
        test_packet packet = packet_of(cases[i].hex);
        ps_dns_answer answer;
        const ps_dns_query query = {.name = cases[i].name, .type = cases[i].type, .id = ID};
        assert_int_equal(ps_dns_match_reply(span_of(&packet), &query), PS_DNS_MATCH);
        ps_dns_read(span_of(&packet), cases[i].name, cases[i].type, &answer);
        assert_int_equal(answer.outcome, cases[i].outcome);
        assert_int_equal(answer.addresses, cases[i].addresses);
        assert_int_equal(answer.mx_count, cases[i].mx_count);
        assert_int_equal(answer.hops, cases[i].hops);
        if (cases[i].first != NULL) assert_string_equal(answer.mx[0].target, cases[i].first);
        if (cases[i].second != NULL) assert_string_equal(answer.mx[1].target, cases[i].second);
        if (answer.outcome == PS_DNS_ELSEWHERE) assert_string_equal(answer.name, "mail.example.net");
    }
}

// Whose word it is that there is nothing: only the zone's own counts, as its SOA shows.
#define QUESTION "06616273656e74076578616d706c65026a7000 000f 0001"
#define SOA_OF(owner) owner " 0006 0001 0000003c 0016 0000 00000001 00000e10 00000258 00015180 0000001e"
static const struct {
    const char *title, *hex;
    ps_dns_outcome outcome;
    bool shown;
} zones[] = {
    {"the root's", "1234 8183 0001 0000 0001 0000" QUESTION SOA_OF("00"), PS_DNS_NXDOMAIN, true},
    {"the name above", "1234 8183 0001 0000 0001 0000" QUESTION SOA_OF("c013"), PS_DNS_NXDOMAIN, true},
    {"the name itself", "1234 8180 0001 0000 0001 0000" QUESTION SOA_OF("c00c"), PS_DNS_NODATA, true},
    {"in other letters", "1234 8180 0001 0000 0001 0000" QUESTION SOA_OF("024a5000"), PS_DNS_NODATA, true},
    {"none", "1234 8183 0001 0000 0000 0000" QUESTION, PS_DNS_NXDOMAIN, false},
    {"none, no data", "1234 8180 0001 0000 0000 0000" QUESTION, PS_DNS_NODATA, false},
    {"a policy's", "1234 8183 0001 0000 0001 0000" QUESTION SOA_OF("0372707a046c697374 00"), PS_DNS_NXDOMAIN, false},
    {"a label that ends alike", "1234 8183 0001 0000 0001 0000" QUESTION SOA_OF("026c65026a7000"), PS_DNS_NXDOMAIN,
     false},
    {"longer than the name", "1234 8183 0001 0000 0001 0000" QUESTION SOA_OF("0161c00c"), PS_DNS_NXDOMAIN, false},
    {"in the wrong section", "1234 8183 0001 0000 0000 0001" QUESTION SOA_OF("c013"), PS_DNS_NXDOMAIN, false},
    {"of where an alias leads to",
     "1234 8183 0001 0001 0001 0000" QUESTION "c00c 0005 0001 0000003c 0005 0161016200" SOA_OF("016200"),
     PS_DNS_NXDOMAIN, true},
    {"of where an alias comes from",
     "1234 8183 0001 0001 0001 0000" QUESTION "c00c 0005 0001 0000003c 0005 0161016200" SOA_OF("c013"), PS_DNS_NXDOMAIN,
     false},
};

static void test_zone(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(zones); i++) {
        print_message("  %s\n", zones[i].title);
        test_packet packet = packet_of(zones[i].hex);
        ps_dns_answer answer, slow;
        ps_dns_read(span_of(&packet), "absent.example.jp", ns_t_mx, &answer);
        ps_dns_read_slow(span_of(&packet), "absent.example.jp", ns_t_mx, &slow);
        assert_int_equal(answer.outcome, zones[i].outcome);
        assert_int_equal(answer.zone_shown, zones[i].shown);
        assert_int_equal(slow.zone_shown, zones[i].shown);
    }
}

// However a packet is cut or lengthened, it is not believed.
static void test_read_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        test_packet whole = packet_of(cases[i].hex);
        test_packet longer = whole;
        ps_dns_answer answer;
        longer.len++;
        for (size_t len = 0; len < whole.len; len++) {
            ps_dns_read((ps_span){(const char *)whole.bytes, len}, cases[i].name, cases[i].type, &answer);
            assert_int_equal(answer.outcome, PS_DNS_BAD_ANSWER);
        }
        ps_dns_read(span_of(&longer), cases[i].name, cases[i].type, &answer);
        assert_int_equal(answer.outcome, PS_DNS_BAD_ANSWER);
    }
}

// Changes of one place in the packet `mx_one`.
static const struct {
    const char *title;
    size_t at;
    unsigned char from, to;
    ps_dns_outcome outcome;
} changes[] = {
    {"truncated", 2, 0x85, 0x87, PS_DNS_TRUNCATED},
    {"SERVFAIL", 3, 0x00, 0x02, PS_DNS_SERVFAIL},
    {"FORMERR", 3, 0x00, 0x01, PS_DNS_RESOLVER_ERROR},
    {"NOTIMP", 3, 0x00, 0x04, PS_DNS_RESOLVER_ERROR},
    {"REFUSED", 3, 0x00, 0x05, PS_DNS_REFUSED},
    {"NOTAUTH", 3, 0x00, 0x09, PS_DNS_RESOLVER_ERROR},
    {"NXDOMAIN beside records", 3, 0x00, 0x03, PS_DNS_BAD_ANSWER},
    {"more answers counted than there are", 7, 0x01, 0x04, PS_DNS_BAD_ANSWER},
    {"fewer", 7, 0x01, 0x00, PS_DNS_BAD_ANSWER},
    {"the owner points at itself", 33, 0x0c, 0x20, PS_DNS_BAD_ANSWER},
    {"the owner is another name", 33, 0x0c, 0x10, PS_DNS_NODATA},
    {"another type", 35, 0x0f, 0x10, PS_DNS_NODATA},
    {"another class", 37, 0x01, 0x03, PS_DNS_NODATA},
    {"data one octet short", 43, 0x14, 0x13, PS_DNS_BAD_ANSWER},
    {"data past the end", 42, 0x00, 0x10, PS_DNS_BAD_ANSWER},
    {"a label too long for the data", 46, 0x04, 0x3f, PS_DNS_BAD_ANSWER},
    {"a label of an unknown kind", 46, 0x04, 0x80, PS_DNS_BAD_ANSWER},
};

static void test_read_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(changes); i++) {
        print_message("  %s\n", changes[i].title);
        test_packet packet = packet_of(mx_one);
        ps_dns_answer answer;
        assert_int_equal(packet.bytes[changes[i].at], changes[i].from);
        packet.bytes[changes[i].at] = changes[i].to;
        ps_dns_read(span_of(&packet), "one.example.jp", ns_t_mx, &answer);
        assert_int_equal(answer.outcome, changes[i].outcome);
    }
}

// An answer to `one.example.jp MX` of a code, with an OPT record that explains it.
static const struct {
    const char *title, *flags, *opt;
    ps_dns_outcome outcome;
    bool no_edns;
} explained[] = {
    {"no explanation", "8182", OPT, PS_DNS_SERVFAIL, false},
    {"DNSSEC bogus", "8182", "00 0029 04d0 00000000 0006 000f 0002 0006", PS_DNS_BOGUS, false},
    {"DNSSEC, with a text", "8182", "00 0029 04d0 00000000 0008 000f 0004 000c 6162", PS_DNS_BOGUS, false},
    {"no reachable authority", "8182", "00 0029 04d0 00000000 0006 000f 0002 0016", PS_DNS_AUTH_UNREACHABLE, false},
    {"network error", "8182", "00 0029 04d0 00000000 0006 000f 0002 0017", PS_DNS_AUTH_UNREACHABLE, false},
    {"both", "8182", "00 0029 04d0 00000000 000c 000f 0002 0016 000f 0002 0009", PS_DNS_BOGUS, false},
    {"stale answer", "8182", "00 0029 04d0 00000000 0006 000f 0002 0003", PS_DNS_SERVFAIL, false},
    {"blocked", "8183", "00 0029 04d0 00000000 0006 000f 0002 000f", PS_DNS_FILTERED, false},
    {"prohibited", "8185", "00 0029 04d0 00000000 0006 000f 0002 0012", PS_DNS_FILTERED, false},
    {"filtered, as no data", "8180", "00 0029 04d0 00000000 0006 000f 0002 0011", PS_DNS_FILTERED, false},
    {"bogus explains no REFUSED", "8185", "00 0029 04d0 00000000 0006 000f 0002 0006", PS_DNS_REFUSED, false},
    {"another option first", "8182", "00 0029 04d0 00000000 000b 0003 0001 61 000f 0002 0006", PS_DNS_BOGUS, false},
    {"option past the end", "8182", "00 0029 04d0 00000000 0006 000f 0003 0006", PS_DNS_BAD_ANSWER, false},
    {"half an option", "8182", "00 0029 04d0 00000000 0003 000f 00", PS_DNS_BAD_ANSWER, false},
    {"BADVERS", "8180", "00 0029 04d0 01000000 0000", PS_DNS_RESOLVER_ERROR, true},
    {"FORMERR", "8181", OPT, PS_DNS_RESOLVER_ERROR, true},
};

static void test_read_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(explained); i++) {
        char hex[PACKET_MAX];
        ps_dns_answer answer;
        print_message("  %s\n", explained[i].title);
        snprintf(hex, sizeof hex, "1234 %s 0001 0000 0000 0001 %s %s", explained[i].flags, head, explained[i].opt);
        test_packet packet = packet_of(hex);
        ps_dns_read(span_of(&packet), "one.example.jp", ns_t_mx, &answer);
        assert_int_equal(answer.outcome, explained[i].outcome);
        assert_int_equal(answer.no_edns, explained[i].no_edns);
    }
}

static const struct {
    const char *title, *hex;
    ps_dns_match match;
} matches[] = {
    {"the answer", "1234 8180 0001 0000 0000 0000 036f6e65076578616d706c65026a7000 000f 0001", PS_DNS_MATCH},
    {"in capitals", "1234 8180 0001 0000 0000 0000 034f4e45074558414d504c45024a5000 000f 0001", PS_DNS_MATCH_CASE},
    {"one capital", "1234 8180 0001 0000 0000 0000 036f6e65076578616d706c65026a5000 000f 0001", PS_DNS_MATCH_CASE},
    {"a query", "1234 0100 0001 0000 0000 0000 036f6e65076578616d706c65026a7000 000f 0001", PS_DNS_MATCH_NONE},
    {"another id", "1235 8180 0001 0000 0000 0000 036f6e65076578616d706c65026a7000 000f 0001", PS_DNS_MATCH_QUESTION},
    {"another name", "1234 8180 0001 0000 0000 0000 036f6e66076578616d706c65026a7000 000f 0001", PS_DNS_MATCH_ID},
    {"another type", "1234 8180 0001 0000 0000 0000 036f6e65076578616d706c65026a7000 0001 0001", PS_DNS_MATCH_ID},
    {"another class", "1234 8180 0001 0000 0000 0000 036f6e65076578616d706c65026a7000 000f 0003", PS_DNS_MATCH_ID},
    {"all different", "1235 8180 0001 0000 0000 0000 036f6e66076578616d706c65026a7000 000f 0001", PS_DNS_MATCH_NONE},
    {"two questions", "1234 8180 0002 0000 0000 0000 036f6e65076578616d706c65026a7000 000f 0001", PS_DNS_MATCH_ID},
    {"the question cut", "1234 8180 0001 0000 0000 0000 036f6e65076578616d706c65026a7000 000f 00", PS_DNS_MATCH_ID},
    {"the name cut", "1234 8180 0001 0000 0000 0000 036f6e65076578", PS_DNS_MATCH_ID},
    {"the name a loop", "1234 8180 0001 0000 0000 0000 c00c 000f 0001", PS_DNS_MATCH_ID},
    {"an error without question", "1234 8181 0000 0000 0000 0000", PS_DNS_MATCH},
    {"the same of another id", "1235 8181 0000 0000 0000 0000", PS_DNS_MATCH_NONE},
    {"success without question", "1234 8180 0000 0000 0000 0000", PS_DNS_MATCH_ID},
    {"absence without question", "1234 8183 0000 0000 0000 0000", PS_DNS_MATCH_ID},
    {"too short", "1234 8180 0001 0000 0000 00", PS_DNS_MATCH_NONE},
    {"nothing", "", PS_DNS_MATCH_NONE},
};

static const ps_dns_query one = {.name = "one.example.jp", .type = ns_t_mx, .id = ID};

static void test_match(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(matches); i++) {
        print_message("  %s\n", matches[i].title);
        test_packet packet = packet_of(matches[i].hex);
        assert_int_equal(ps_dns_match_reply(span_of(&packet), &one), matches[i].match);
    }
}

static void test_query(void **state)
{
    unsigned char bytes[PS_DNS_QUERY_SIZE_MAX];
    test_packet with = packet_of("1234 0120 0001 0000 0000 0001 036f6e65076578616d706c65026a7000 000f 0001" OPT);
    test_packet without = packet_of("1234 0120 0001 0000 0000 0000 036f6e65076578616d706c65026a7000 000f 0001");
    char longest[PS_DNS_NAME_SIZE];

    (void)state;
    ps_dns_query query = one;
    assert_int_equal(ps_dns_query_write(&query, bytes), without.len);
    assert_memory_equal(bytes, without.bytes, without.len);
    query.edns = true;
    assert_int_equal(ps_dns_query_write(&query, bytes), with.len);
    assert_memory_equal(bytes, with.bytes, with.len);

    memset(longest, 'a', sizeof longest);
    longest[63] = longest[127] = longest[191] = '.';
    longest[253] = '\0';
    query = (ps_dns_query){.name = longest, .type = ns_t_mx, .id = ID, .capitals = UINT64_MAX};
    assert_int_equal(ps_dns_query_write(&query, bytes), HEADER_BYTES + 255 + 4);
}

// Every pattern of capitals goes out as such, and only its own echo is the answer.
static void test_capitals(void **state)
{
    ps_dns_query query = {.name = "a-1.ex_z.jp", .type = ns_t_a, .id = ID};
    unsigned char bytes[PS_DNS_QUERY_SIZE_MAX];

    (void)state;
    for (unsigned i = 0; i < 1 << 11; i++) {
        query.capitals = i;
        size_t len = ps_dns_query_write(&query, bytes);
        bytes[2] |= 0x80; // QR
        ps_span echo = {(const char *)bytes, len};
        for (size_t at = 0; query.name[at] != '\0'; at++) {
            bool letter = query.name[at] >= 'a' && query.name[at] <= 'z';
            char sent = echo.bytes[HEADER_BYTES + 1 + at];
            if (query.name[at] != '.') {
                assert_int_equal(sent, letter && (i >> at & 1) != 0 ? query.name[at] - 32 : query.name[at]);
            }
        }
        assert_int_equal(ps_dns_match_reply(echo, &query), PS_DNS_MATCH);
        query.capitals ^= 1;
        assert_int_equal(ps_dns_match_reply(echo, &query), PS_DNS_MATCH_CASE);
    }
}

// An answer to `one.example.jp TXT` with records of these strings.
static const struct {
    const char *title, *hex;
    unsigned count, texts, policies;
    bool sends_nothing;
} policies[] = {
    {"sends nothing", "000c 0b 763d73706631202d616c6c", 1, 1, 1, true},
    {"in capitals, a blank behind", "000d 0c 563d53504631202d414c4c20", 1, 1, 1, true},
    {"in two pieces", "000d 03 763d73 08 706631202d616c6c", 1, 1, 1, true},
    {"sends a little", "000f 0e 763d737066312061202d616c6c20", 1, 1, 1, false},
    {"sends anything", "000c 0b 763d73706631207e616c6c", 1, 1, 1, false},
    {"and more behind", "000f 0e 763d73706631202d616c6c202020", 1, 1, 1, false},
    {"a policy and no more", "0007 06 763d73706631", 1, 1, 1, false},
    {"another version", "000d 0c 763d7370663130202d616c6c", 1, 1, 0, false},
    {"something else", "0003 02 6869", 1, 1, 0, false},
    {"an empty string", "0001 00", 1, 1, 0, false},
    {"no string", "0000", 1, 1, 0, false},
    {"two policies", "000c 0b 763d73706631202d616c6c c00c 0010 0001 0000003c 0007 06 763d73706631", 2, 2, 2, true},
};

static void test_policies(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(policies); i++) {
        char hex[PACKET_MAX];
        ps_dns_answer answer;
        print_message("  %s\n", policies[i].title);
        snprintf(hex, sizeof hex,
                 "1234 8180 0001 %04x 0000 0000 036f6e65076578616d706c65026a7000 0010 0001 c00c 0010 0001 0000003c %s",
                 policies[i].count, policies[i].hex);
        test_packet packet = packet_of(hex);
        ps_dns_read(span_of(&packet), "one.example.jp", ns_t_txt, &answer);
        assert_int_equal(answer.outcome, PS_DNS_FOUND);
        assert_int_equal(answer.texts, policies[i].texts);
        assert_int_equal(answer.policies, policies[i].policies);
        assert_int_equal(answer.sends_nothing, policies[i].sends_nothing);
    }
}

// How long an answer holds: the least of its records; of "nothing" what the SOA says, in either field.
static void test_ttl(void **state)
{
    test_packet mixed = packet_of(mx_mixed), empty = packet_of(nodata);
    ps_dns_answer answer;

    (void)state;
    ps_dns_read(span_of(&mixed), "null-mixed.example.jp", ns_t_mx, &answer);
    assert_int_equal(answer.ttl_s, 60);
    mixed.bytes[HEADER_BYTES + 27 + 9] = 7; // of the first record
    ps_dns_read(span_of(&mixed), "null-mixed.example.jp", ns_t_mx, &answer);
    assert_int_equal(answer.ttl_s, 7);
    ps_dns_read(span_of(&empty), "nodata.example.jp", ns_t_mx, &answer);
    assert_int_equal(answer.ttl_s, 60);
    empty.bytes[empty.len - 12] = 30; // the minimum, before the OPT record
    ps_dns_read(span_of(&empty), "nodata.example.jp", ns_t_mx, &answer);
    assert_int_equal(answer.ttl_s, 30);
    assert_false(answer.authentic);
    mixed.bytes[3] |= 0x20;
    ps_dns_read(span_of(&mixed), "null-mixed.example.jp", ns_t_mx, &answer);
    assert_true(answer.authentic);
}

// The short way and the C library's agree; which of them is taken does not show.
static void test_quick(void **state)
{
    static const char *const common[] = {mx_one, mx_null, mx_mixed, mx_ip, nodata, absent, a_six};
    unsigned quick = 0;

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        test_packet packet = packet_of(cases[i].hex);
        ps_dns_answer fast, slow;
        ps_dns_read_slow(span_of(&packet), cases[i].name, cases[i].type, &slow);
        if (!ps_dns_read_quick(span_of(&packet), cases[i].name, cases[i].type, &fast)) continue;
        quick++;
        assert_memory_equal(&fast, &slow, offsetof(ps_dns_answer, name));
        assert_int_equal(fast.mx_count, slow.mx_count);
    }
    assert_int_equal(quick, PS_COUNT_OF(common));
}

// More mail servers than are looked at: the best stay, in order.
static void test_many_mx(void **state)
{
    test_packet packet = packet_of("1234 8180 0001 0000 0000 0000 036f6e65076578616d706c65026a7000 000f 0001");
    ps_dns_answer answer;
    enum { COUNT = 40 };

    (void)state;
    packet.bytes[7] = COUNT;
    for (unsigned i = 0; i < COUNT; i++) {
        // From the worst to the best: 39 to 0, at hosts `a`, `b` and so on of the domain.
        unsigned char record[] = {0xc0, 0x0c, 0, 15, 0, 1, 0, 0, 0, 60, 0, 6, 0, 0, 1, 'a', 0xc0, 0x0c};
        record[13] = (unsigned char)(COUNT - 1 - i);
        record[15] = (unsigned char)('a' + record[13] % 26);
        memcpy(packet.bytes + packet.len, record, sizeof record);
        packet.len += sizeof record;
    }
    ps_dns_read(span_of(&packet), "one.example.jp", ns_t_mx, &answer);
    assert_int_equal(answer.outcome, PS_DNS_FOUND);
    assert_int_equal(answer.mx_count, PS_DNS_MX_MAX);
    assert_true(answer.mx_cut);
    for (unsigned i = 0; i < PS_DNS_MX_MAX; i++) {
        assert_int_equal(answer.mx[i].preference, i);
        assert_int_equal(answer.mx[i].target[0], 'a' + i % 26);
    }
}

static const struct {
    const char *name;
    bool domain, host;
} names[] = {
    {"example.jp", true, true},
    {"xn--r8jz45g.jp", true, true},
    {"a.b", true, true},
    {"1.2", true, true},
    {"jp", false, true},
    {"", false, false},
    {".", false, false},
    {"example.jp.", false, false},
    {".example.jp", false, false},
    {"a..b", false, false},
    {"Example.jp", false, false},
    {"-a.jp", false, true},
    {"a-.jp", false, true},
    {"a_b.jp", false, true},
    {"a b.jp", false, false},
    {"\xe4\xbe\x8b.jp", false, false},
    {"a\\.b.jp", false, false},
    {"a/b.jp", false, false},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.jp", true, true},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.jp", false, false},
};

static void test_names(void **state)
{
    char longest[PS_DNS_NAME_SIZE + 1];

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        print_message("  %s\n", names[i].name);
        assert_int_equal(ps_dns_is_domain(ps_span_of(names[i].name)), names[i].domain);
        assert_int_equal(ps_dns_is_host(ps_span_of(names[i].name)), names[i].host);
    }
    memset(longest, 'a', sizeof longest);
    for (size_t i = 1; i < 254; i += 2) {
        longest[i] = '.';
    }
    assert_true(ps_dns_is_domain((ps_span){longest, 253}));
    assert_false(ps_dns_is_domain((ps_span){longest, 255}));
    assert_false(ps_dns_is_domain((ps_span){"a.b\0c", 5}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),           cmocka_unit_test(test_read_cut), cmocka_unit_test(test_read_changed),
        cmocka_unit_test(test_read_explained), cmocka_unit_test(test_match),    cmocka_unit_test(test_capitals),
        cmocka_unit_test(test_policies),       cmocka_unit_test(test_ttl),      cmocka_unit_test(test_quick),
        cmocka_unit_test(test_zone),           cmocka_unit_test(test_query),    cmocka_unit_test(test_many_mx),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
