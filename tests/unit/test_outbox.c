// Queries that leave by one system call arrive one by one, whole and once, however the kernel is asked to carry them.
// layer: net

#include "net/outbox.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <unistd.h>

#include "assert.h"

typedef struct pair {
    int from, to;
} pair;

static pair open_pair(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    pair p = {socket(AF_INET, SOCK_DGRAM, 0), socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)};

    assert_true(p.from >= 0 && p.to >= 0);
    assert_int_equal(bind(p.to, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(p.to, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(connect(p.from, (struct sockaddr *)&address, sizeof address), 0);
    return p;
}

static void close_pair(pair p)
{
    close(p.from);
    close(p.to);
}

// Names of 9 to 13 octets in no order, and one that is alone with its length.
static ps_dns_query query_of(unsigned number, char name[PS_DNS_NAME_SIZE])
{
    unsigned value = number * 7 % 5, digits = 1;

    for (unsigned i = 0; i < value; i++)
        digits *= 10;
    snprintf(name, PS_DNS_NAME_SIZE, number == 9 ? "alone-with-its-length%u.jp" : "d%u.co.jp", digits + number);
    return (ps_dns_query){
        .name = name, .capitals = UINT64_MAX / 3, .type = 15, .id = (uint16_t)(1000 + number), .edns = number % 3 != 0};
}

static void fill(ps_outbox *outbox, unsigned count)
{
    char name[PS_DNS_NAME_SIZE];

    outbox->count = 0;
    for (unsigned i = 0; i < count; i++) {
        ps_dns_query query = query_of(i, name);
        ps_outbox_put(outbox, i, &query);
    }
}

// The number of the query that came, which must be what was put in.
static unsigned number_of(const unsigned char *bytes, size_t len)
{
    unsigned char expected[PS_DNS_QUERY_SIZE_MAX];
    char name[PS_DNS_NAME_SIZE];
    unsigned number = (unsigned)(bytes[0] << 8 | bytes[1]) - 1000;

    assert_true(number < PS_OUTBOX_QUERIES);
    ps_dns_query query = query_of(number, name);
    assert_int_equal(len, ps_dns_query_write(&query, expected));
    assert_memory_equal(bytes, expected, len);
    return number;
}

static unsigned receive_all(int fd, unsigned seen[PS_OUTBOX_QUERIES])
{
    unsigned char bytes[2048];
    unsigned count = 0;

    for (ssize_t len; (len = recv(fd, bytes, sizeof bytes, 0)) >= 0; count++)
        seen[number_of(bytes, (size_t)len)]++;
    return count;
}

static const struct {
    const char *name;
    unsigned count;
    bool together, unchecked; // the kernel cuts no datagrams without a checksum
    bool is_cut;
} cases[] = {
    {"one alone", 1, true, false, false},
    {"all apart", PS_OUTBOX_QUERIES, false, false, false},
    {"together", PS_OUTBOX_QUERIES, true, false, true},
    {"no two of one length", 3, true, false, false},
    {"refused by the system", PS_OUTBOX_QUERIES, true, true, false},
};

static void test_send(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        static ps_outbox outbox;
        unsigned seen[PS_OUTBOX_QUERIES] = {0};
        pair p = open_pair();
        int unchecked = cases[i].unchecked;

        print_message("  %s\n", cases[i].name);
        outbox = (ps_outbox){.apart = false};
        assert_int_equal(setsockopt(p.from, SOL_SOCKET, SO_NO_CHECK, &unchecked, sizeof unchecked), 0);
        fill(&outbox, cases[i].count);
        assert_int_equal(ps_outbox_send(&outbox, p.from, cases[i].together), cases[i].count);
        assert_int_equal(receive_all(p.to, seen), cases[i].count);
        for (unsigned k = 0; k < cases[i].count; k++)
            assert_int_equal(seen[k], 1);
        assert_int_equal(outbox.apart, cases[i].unchecked);
        size_t longest = 0;
        for (unsigned k = 0; k < PS_OUTBOX_QUERIES; k++)
            longest = longest < outbox.headers[k].msg_hdr.msg_iovlen ? outbox.headers[k].msg_hdr.msg_iovlen : longest;
        assert_int_equal(longest > 1, cases[i].is_cut);
        close_pair(p);
    }
}

// What could not leave is told apart from what did by its place: the first ones left.
static void test_places(void **state)
{
    static ps_outbox outbox;
    char name[PS_DNS_NAME_SIZE];

    (void)state;
    fill(&outbox, PS_OUTBOX_QUERIES);
    for (unsigned i = 0; i < outbox.count; i++) {
        ps_dns_query query = query_of(outbox.places[i], name);
        unsigned char expected[PS_DNS_QUERY_SIZE_MAX];
        size_t len = ps_dns_query_write(&query, expected);
        assert_int_equal(outbox.parts[i].iov_len, len);
        assert_memory_equal(outbox.parts[i].iov_base, expected, len);
        assert_true(i == 0 || outbox.parts[i - 1].iov_len <= len);
    }
    assert_int_equal(ps_outbox_send(&outbox, -1, true), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_send),
        cmocka_unit_test(test_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
