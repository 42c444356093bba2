// What reading an ESP's list costs us, in microseconds of CPU an entry: a million bounces over loopback, 1,000 a page,
// from a server in a process of its own.
//
//     fetch [ENTRIES]      measures Mailgun, SendGrid and SES; a line a provider: entries, pages, seconds, CPU an entry

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "esp/client.h"

enum { ENTRIES = 1000000, PAGE = 1000, PAGE_SENDGRID = 500, BODY_BYTES_MAX = 4 << 20, REQUEST_BYTES_MAX = 1 << 16 };

// How a provider writes a page from entry `from` on.
typedef struct provider {
    const char *type, *list, *domain, *region;
    size_t page;
    void (*write)(ps_buf *out, size_t from, size_t to, size_t all);
    size_t (*from)(const char *target); // of a request
} provider;

static size_t number_after(const char *target, const char *name)
{
    const char *at = strstr(target, name);

    return at == NULL ? 0 : strtoull(at + strlen(name), NULL, 10);
}

static void write_mailgun(ps_buf *out, size_t from, size_t to, size_t all)
{
    (void)all; // its lists state no count
    ps_buf_add_text(out, "{\"items\":[");
    for (size_t i = from; i < to; i++)
        ps_buf_add_format(out,
                          "%s{\"address\":\"customer.%07zu@mail%zu.example.com\",\"code\":\"550\",\"error\":\"5.1.1 "
                          "The email account "
                          "that you tried to reach does not exist\",\"created_at\":\"Thu, 11 Dec 2025 01:49:40 UTC\"}",
                          i == from ? "" : ",", i, i % 997);
    ps_buf_add_format(out, "],\"paging\":{\"next\":\"https://api.mailgun.net/v3/mg.example.com/bounces?from=%zu\"}}",
                      to);
}

static size_t from_mailgun(const char *target)
{
    return number_after(target, "from=");
}

static void write_sendgrid(ps_buf *out, size_t from, size_t to, size_t all)
{
    (void)all; // its lists state no count
    ps_buf_add_text(out, "[");
    for (size_t i = from; i < to; i++)
        ps_buf_add_format(
            out,
            "%s{\"created\":%zu,\"email\":\"customer.%07zu@mail%zu.example.com\",\"reason\":\"550 5.1.1 The email "
            "account that you tried to reach does not exist.\",\"status\":\"5.1.1\"}",
            i == from ? "" : ",", 1700000000 + i, i, i % 997);
    ps_buf_add_text(out, "]");
}

static size_t from_sendgrid(const char *target)
{
    return number_after(target, "offset=");
}

static void write_ses(ps_buf *out, size_t from, size_t to, size_t all)
{
    ps_buf_add_text(out, "{\"SuppressionAttributes\":{\"SuppressedReasons\":[\"BOUNCE\",\"COMPLAINT\"]},"
                         "\"SuppressedDestinationSummaries\":[");
    for (size_t i = from; i < to; i++)
        ps_buf_add_format(out,
                          "%s{\"EmailAddress\":\"customer.%07zu@mail%zu.example.com\",\"LastUpdateTime\":17%08zu.123,"
                          "\"Reason\":\"%s\"}",
                          i == from ? "" : ",", i, i % 997, i, i % 10 == 0 ? "COMPLAINT" : "BOUNCE");
    ps_buf_add_text(out, "]");
    if (to < all) ps_buf_add_format(out, ",\"NextToken\":\"at%zu\"", to);
    ps_buf_add_text(out, "}");
}

static size_t from_ses(const char *target)
{
    return number_after(target, "NextToken=at");
}

static const provider providers[] = {
    {"mailgun", "bounces", "mg.example.com", NULL, PAGE, write_mailgun, from_mailgun},
    {"sendgrid", "bounces", NULL, NULL, PAGE_SENDGRID, write_sendgrid, from_sendgrid},
    {"ses", "suppression_list", NULL, "us-east-1", PAGE, write_ses, from_ses},
};

static void send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0) _exit(0); // the client has what it wanted
        bytes += sent;
        len -= (size_t)sent;
    }
}

// One connection, one request after the other.
static void serve(int listener, const provider *by, size_t all)
{
    char request[REQUEST_BYTES_MAX], head[160];
    int fd = accept(listener, NULL, NULL);
    ps_buf body;

    ps_buf_init(&body, BODY_BYTES_MAX);
    for (;;) {
        ssize_t len = recv(fd, request, sizeof request - 1, 0);
        if (len <= 0) _exit(0);
        request[len] = '\0';
        request[strcspn(request, "\r")] = '\0';
        size_t from = by->from(request), to = from + by->page;
        if (from > all) from = all;
        if (to > all) to = all;
        ps_buf_clear(&body);
        by->write(&body, from, to, all);
        int head_len =
            snprintf(head, sizeof head,
                     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", body.len);
        send_all(fd, head, (size_t)head_len);
        send_all(fd, body.bytes, body.len);
    }
}

static int open_listener(uint16_t *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 8) != 0) exit(1);
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0) exit(1);
    *out_port = ntohs(address.sin_port);
    return fd;
}

static double cpu_s(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           ((double)usage.ru_utime.tv_usec + (double)usage.ru_stime.tv_usec) / 1e6;
}

static ps_status on_page(void *context, const ps_client_page *page, ps_error *err)
{
    size_t *bytes = context;

    (void)err; // nothing fails
    for (size_t i = 0; i < page->count; i++)
        *bytes += page->entries[i].text.len;
    return PS_OK;
}

static void measure(const provider *by, size_t all)
{
    char url[64];
    uint16_t port = 0;
    int listener = open_listener(&port);
    size_t bytes = 0;
    ps_client *client = NULL;
    ps_error err = {.status = PS_OK};

    pid_t child = fork();
    if (child == 0) serve(listener, by, all);
    close(listener);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", (unsigned)port);
    const ps_source_config config = {.name = "bench",
                                     .type = by->type,
                                     .base_url = url,
                                     .domain = by->domain,
                                     .region = by->region,
                                     .user = by->region == NULL ? NULL : "bench",
                                     .key = "env:PS_BENCH_KEY"};
    if (ps_client_new(&config, &client, &err) != PS_OK) exit((fprintf(stderr, "%s\n", err.text), 1));
    ps_client_fetch fetch = {
        .client = client, .list = ps_client_list_find(client, by->list), .page = on_page, .context = &bytes};
    double cpu = cpu_s();
    uint64_t began_ms = ps_clock_monotonic_ms();
    ps_status status = ps_client_fetch_all(&fetch, 1, NULL, &err);
    double seconds = (double)(ps_clock_monotonic_ms() - began_ms) / 1000;
    cpu = cpu_s() - cpu;
    if (status != PS_OK || fetch.entries != all) exit((fprintf(stderr, "%s\n", err.text), 1));
    printf("%-10s %zu entries, %llu pages, %.2f s, %.2f us of CPU an entry\n", by->type, all,
           (unsigned long long)fetch.pages, seconds, cpu * 1e6 / (double)all);
    ps_client_free(client);
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
    size_t all = argc > 1 ? strtoull(argv[1], NULL, 10) : ENTRIES;

    setenv("PS_BENCH_KEY", "bench", 1);
    for (size_t i = 0; i < PS_COUNT_OF(providers); i++)
        measure(&providers[i], all);
    return 0;
}
