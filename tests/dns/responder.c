// A resolver that answers for the world of world.h, as fast as it can, on a UDP port of 127.0.0.1 that it prints.
//
//   dns_responder [--loss PERCENT] [--limit QUERIES_A_SECOND] [--delay MS] [--cpu N]
//
// --loss: of queries and answers together, by chance; --limit: more are dropped without a word, as by a cloud's
// resolver; --delay: of each answer.

#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "world.h"

enum { BATCH = 64, SIZE = 1500, DELAYED = 1 << 16, A = 1, SOA = 6, MX = 15, TXT = 16, AAAA = 28 };

typedef struct packet {
    unsigned char bytes[SIZE];
    size_t len;
    struct sockaddr_in peer;
    uint64_t due_ms;
} packet;

static unsigned loss, limit, delay;
static uint64_t seed = 88172645463325252;

static unsigned chance(unsigned below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 11) % below;
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

// Whether this query is above what one second has room for.
static int is_over_limit(void)
{
    static uint64_t second;
    static unsigned count;
    uint64_t this_second = now_ms() / 1000;

    if (this_second != second) count = 0;
    second = this_second;
    return limit > 0 && ++count > limit;
}

static unsigned char *put(unsigned char *at, const void *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

static unsigned char *put16(unsigned char *at, unsigned value)
{
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
    return at + 2;
}

static unsigned char *put_name(unsigned char *at, const char *name)
{
    while (*name != '\0') {
        size_t len = strcspn(name, ".");
        *at++ = (unsigned char)len;
        at = put(at, name, len);
        name += len + (name[len] == '.');
    }
    *at++ = 0;
    return at;
}

// One record of the name that was asked for; returns where its data begins.
static unsigned char *put_record(unsigned char *at, unsigned type, size_t len)
{
    at = put16(put16(put16(at, 0xc00c), type), 1);
    at = put16(put16(at, 0), 300);
    return put16(at, (unsigned)len);
}

static unsigned char *put_mx(unsigned char *at, unsigned preference, const char *target)
{
    unsigned char name[256];
    size_t len = (size_t)(put_name(name, target) - name);

    return put(put16(put_record(at, MX, 2 + len), preference), name, len);
}

static unsigned char *put_soa(unsigned char *at)
{
    static const unsigned char data[] = {1, 'a', 0, 1, 'b', 0, 0, 0, 0, 1, 0, 0, 0,
                                         9, 0,   0, 0, 9,   0, 0, 0, 9, 0, 0, 1, 0x2c};

    return put(put_record(at, SOA, sizeof data), data, sizeof data);
}

static unsigned char *put_servers(unsigned char *at, world_kind kind, uint32_t number, const char *name,
                                  unsigned *count)
{
    static const char *const google[] = {"aspmx.l.google.com", "alt1.aspmx.l.google.com", "alt2.aspmx.l.google.com",
                                         "alt3.aspmx.l.google.com", "alt4.aspmx.l.google.com"};
    static const char *const others[] = {"mx1.mail.yahoo.co.jp",     "mx.zoho.com",  "mail.protonmail.ch",
                                         "route1.mx.cloudflare.net", "mx00.gmx.net", "in1-smtp.messagingengine.com"};
    char host[320];

    *count = 1;
    if (kind == WORLD_GOOGLE) {
        for (unsigned i = 0; i < 5; i++)
            at = put_mx(at, 1 + i * 5, google[i]);
        *count = 5;
        return at;
    }
    if (kind == WORLD_OPERATOR) return put_mx(at, 10, others[number % 6]);
    if (kind == WORLD_NULL) return put_mx(at, 0, "");
    if (kind == WORLD_SHARED) {
        snprintf(host, sizeof host, "mx%u.h%u.hosts-of-many.example.net", number % 2, number % 300);
    } else if (kind == WORLD_TENANT) {
        snprintf(host, sizeof host, "d%u-tenant.mail.protection.outlook.com", number);
    } else {
        snprintf(host, sizeof host, "mail.%s", name);
    }
    return put_mx(at, 10, host);
}

static unsigned char *put_address(unsigned char *at, unsigned first, unsigned *count)
{
    unsigned char address[] = {(unsigned char)first, 175, 48, 6};

    *count = 1;
    return put(put_record(at, A, sizeof address), address, sizeof address);
}

static int takes_mail(world_kind kind)
{
    return kind <= WORLD_OWN || kind == WORLD_NULL || kind == WORLD_PRIVATE || kind == WORLD_DANGLING;
}

// The records for a name and type; -1: no such name, -2: SERVFAIL, -3: silence.
static int answer(unsigned char **at, const char *name, unsigned type)
{
    int is_host;
    unsigned count = 0;
    int64_t number = world_number(name, &is_host);
    world_kind kind = number < 0 ? WORLD_KINDS : world_kind_of((uint32_t)number);

    if (number < 0) {
        if (type == MX && strcmp(name, "example.com") == 0)
            *at = put_mx(*at, 0, ""), count = 1;
        else if (strstr(name, ".example.net") == NULL)
            return -1;
        else if (type == A)
            *at = put_address(*at, 192, &count);
        return (int)count;
    }
    if (is_host) {
        if (kind == WORLD_DANGLING) return -1;
        if (type == A) *at = put_address(*at, kind == WORLD_PRIVATE ? 10 : 192, &count);
        return (int)count;
    }
    if (kind == WORLD_DEAD) return -3;
    if (kind == WORLD_SERVFAIL) return -2;
    if (kind == WORLD_ABSENT) return -1;
    if (strstr(name, ".outlook.com") != NULL) {
        if (type == A) *at = put_address(*at, 192, &count);
    } else if (type == MX && takes_mail(kind)) {
        *at = put_servers(*at, kind, (uint32_t)number, name, &count);
    } else if (type == A && kind == WORLD_IMPLICIT) {
        *at = put_address(*at, 192, &count);
    }
    return (int)count;
}

// The name in lower case; where the question ends.
static size_t read_question(const packet *p, char *name, unsigned *type)
{
    size_t at = 12, len = 0;

    while (at < p->len && p->bytes[at] != 0) {
        size_t size = p->bytes[at++];
        if (size > 63 || at + size + 5 > p->len || len + size + 2 > 256) return 0;
        for (size_t i = 0; i < size; i++) {
            unsigned char c = p->bytes[at + i];
            name[len++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        }
        name[len++] = '.';
        at += size;
    }
    if (len == 0 || at + 5 > p->len) return 0;
    name[len - 1] = '\0';
    *type = (unsigned)(p->bytes[at + 1] << 8 | p->bytes[at + 2]);
    return at + 5;
}

// False: no answer.
static int make_answer(packet *p)
{
    static const unsigned char opt[] = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0};
    char name[257];
    unsigned type;
    size_t end = p->len < 12 ? 0 : read_question(p, name, &type);
    unsigned char *at = p->bytes + end;

    if (end == 0 || is_over_limit() || (loss > 0 && chance(100) < loss)) return 0;
    int edns = p->bytes[11] != 0;
    int count = answer(&at, name, type);
    if (count == -3) return 0;
    p->bytes[2] = 0x81;
    p->bytes[3] = (unsigned char)(0x80 | (count == -1 ? 3 : count == -2 ? 2 : 0));
    p->bytes[7] = (unsigned char)(count > 0 ? count : 0);
    p->bytes[9] = count == 0 || count == -1;
    if (p->bytes[9] != 0) at = put_soa(at);
    if (edns) at = put(at, opt, sizeof opt);
    p->len = (size_t)(at - p->bytes);
    return 1;
}

static packet packets[BATCH], *delayed;
static size_t delayed_first, delayed_count;

static void send_all(int fd, packet **items, unsigned count)
{
    struct mmsghdr headers[BATCH] = {0};
    struct iovec parts[BATCH];

    for (unsigned i = 0; i < count; i++) {
        parts[i] = (struct iovec){items[i]->bytes, items[i]->len};
        headers[i].msg_hdr = (struct msghdr){
            .msg_name = &items[i]->peer, .msg_namelen = sizeof items[i]->peer, .msg_iov = &parts[i], .msg_iovlen = 1};
    }
    for (unsigned sent = 0; sent < count;) {
        int n = sendmmsg(fd, headers + sent, count - sent, 0);
        sent += n > 0 ? (unsigned)n : 1; // one that cannot be sent is lost
    }
}

static int receive(int fd)
{
    struct mmsghdr headers[BATCH] = {0};
    struct iovec parts[BATCH];

    for (unsigned i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){packets[i].bytes, 512};
        headers[i].msg_hdr = (struct msghdr){
            .msg_name = &packets[i].peer, .msg_namelen = sizeof packets[i].peer, .msg_iov = &parts[i], .msg_iovlen = 1};
    }
    int count = recvmmsg(fd, headers, BATCH, MSG_WAITFORONE | (delay > 0 ? MSG_DONTWAIT : 0), NULL);
    for (int i = 0; i < count; i++)
        packets[i].len = headers[i].msg_len;
    return count;
}

static void send_delayed(int fd)
{
    packet *item;

    while (delayed_count > 0 && (item = &delayed[delayed_first % DELAYED])->due_ms <= now_ms()) {
        send_all(fd, &item, 1);
        delayed_first++;
        delayed_count--;
    }
}

static void serve(int fd)
{
    packet *ready[BATCH];

    for (;;) {
        struct pollfd event = {.fd = fd, .events = POLLIN};
        unsigned count = 0;
        if (delay > 0) poll(&event, 1, delayed_count > 0 ? 1 : 1000);
        int received = receive(fd);
        for (int i = 0; i < received; i++) {
            if (make_answer(&packets[i])) ready[count++] = &packets[i];
        }
        if (delay == 0 && count > 0) send_all(fd, ready, count);
        for (unsigned i = 0; i < count && delay > 0 && delayed_count < DELAYED; i++) {
            packet *place = &delayed[(delayed_first + delayed_count++) % DELAYED];
            *place = *ready[i];
            place->due_ms = now_ms() + delay;
        }
        send_delayed(fd);
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int bytes = 4 << 20, fd = socket(AF_INET, SOCK_DGRAM, 0);
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    for (int i = 1; i + 1 < argc; i += 2) {
        unsigned value = (unsigned)strtoul(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--loss") == 0) loss = value;
        if (strcmp(argv[i], "--limit") == 0) limit = value;
        if (strcmp(argv[i], "--delay") == 0) delay = value;
        if (strcmp(argv[i], "--cpu") == 0) CPU_SET(value, &cpus);
    }
    if (CPU_COUNT(&cpus) > 0 && sched_setaffinity(0, sizeof cpus, &cpus) != 0) return 1;
    delayed = calloc(delay > 0 ? DELAYED : 1, sizeof *delayed);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    if (delayed == NULL || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) return 1;
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0) return 1;
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
    serve(fd);
}
