// Where the resolvers come from, what is refused, and the order questions wait in.
// layer: net

#include "net/resolvers.h"

#include <unistd.h>

#include "assert.h"
#include "net/dns_state.h"
#include "net/queue.h"

static const struct {
    const char *title, *text;
    size_t count;
    const char *found[3];
} files[] = {
    {"two", "nameserver 192.0.2.1\nnameserver 2001:db8::53\n", 2, {"192.0.2.1", "2001:db8::53"}},
    {"comments and options",
     "# nameserver 192.0.2.9\n; nameserver 192.0.2.8\nsearch example.jp\n"
     "options timeout:1 rotate\nnameserver\t192.0.2.1 # mine\r\n",
     1,
     {"192.0.2.1"}},
    {"as many as the C library takes",
     "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
     "nameserver 192.0.2.4",
     3,
     {"192.0.2.1", "192.0.2.2", "192.0.2.3"}},
    {"no line end", "nameserver 192.0.2.1", 1, {"192.0.2.1"}},
    {"systemd-resolved's",
     "# This is /run/systemd/resolve/stub-resolv.conf managed by man:systemd-resolved(8).\n\n"
     "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch example.jp\n",
     1,
     {"127.0.0.53"}},
    {"CRLF", "nameserver 192.0.2.1\r\nnameserver 192.0.2.2\r\n", 2, {"192.0.2.1", "192.0.2.2"}},
    {"by an interface", "nameserver fe80::1%lo\nnameserver fe80::2%no-such\n", 1, {"fe80::1%lo"}},
    {"not at the start of a line", " nameserver 192.0.2.1\n#nameserver 192.0.2.2\nnameserver 192.0.2.3;\n", 0, {NULL}},
    {"other words", "nameservers 192.0.2.1\nNAMESERVER 192.0.2.2\nnameserver 3\n", 0, {NULL}},
    {"a long line",
     "nameserver 1111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111"
     "111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111"
     "111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111\n"
     "nameserver 192.0.2.1\n",
     1,
     {"192.0.2.1"}},
    {"what is no address is passed over",
     "nameserver dns.example.jp\nnameserver 192.0.2.1:54\nnameserver [::1]\n"
     "nameserver\nnameserver192.0.2.7\nnameserver 192.0.2.2\n",
     1,
     {"192.0.2.2"}},
    {"none", "search example.jp\n", 0, {NULL}},
    {"empty", "", 0, {NULL}},
};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_system(void **state)
{
    char path[] = "/tmp/presend-resolv-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i < PS_COUNT_OF(files); i++) {
        ps_endpoint found[PS_UPSTREAMS_MAX];
        ps_error err = {.status = PS_OK};
        size_t count = 0;
        ps_job job;
        print_message("  %s\n", files[i].title);
        ps_job_init(&job);
        write_file(path, files[i].text);
        ps_status status = ps_resolvers_find(&job, path, found, &count, &err);
        assert_int_equal(status, files[i].count == 0 ? PS_RETRY : PS_OK);
        assert_int_equal(count, files[i].count);
        for (size_t n = 0; n < count; n++) {
            assert_string_equal(found[n].text, files[i].found[n]);
        }
        if (count == 0) assert_non_null(strstr(err.text, path));
    }
    unlink(path);
}

// Whoever may answer with addresses of a network of its own: what it says of such addresses is no proof.
static const struct {
    const char *title, *text, *listed;
    bool inside;
} views[] = {
    {"a public one", "nameserver 9.9.9.9\n", NULL, false},
    {"a router", "nameserver 192.168.1.1\n", NULL, true},
    {"one of two, in a network", "nameserver 9.9.9.9\nnameserver fd00::1\n", NULL, true},
    {"systemd-resolved", "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n", NULL, true},
    {"the system's own, whatever it is", "nameserver 127.0.0.1\n", NULL, true},
    {"the system's own by IPv6", "nameserver ::1\n", NULL, true},
    {"the job's on this machine", "", "127.0.0.1", false},
    {"the job's in a network", "", "10.1.2.3", true},
    {"a forwarder, though the job names it", "", "127.0.0.53", true},
};

static void test_sees_inside(void **state)
{
    char path[] = "/tmp/presend-resolv-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i < PS_COUNT_OF(views); i++) {
        ps_error err = {.status = PS_OK};
        ps_dns_options options;
        ps_dns *dns = NULL;
        ps_job job;
        print_message("  %s\n", views[i].title);
        ps_job_init(&job);
        ps_dns_options_init(&options);
        write_file(path, views[i].text);
        options.resolv_conf = path;
        job.resolvers = &views[i].listed;
        job.resolvers_count = views[i].listed != NULL;
        assert_ok(ps_dns_open_with(&job, &options, &dns, &err), &err);
        ps_dns_look_around(dns);
        assert_int_equal(dns->view.site_addresses, views[i].inside);
        ps_dns_close(dns);
    }
    unlink(path);
}

static void test_missing_file(void **state)
{
    ps_dns_options options;
    ps_error err = {.status = PS_OK};
    ps_dns *dns = NULL;
    ps_job job;

    (void)state;
    ps_job_init(&job);
    ps_dns_options_init(&options);
    options.resolv_conf = "/nonexistent/resolv.conf";
    assert_int_equal(ps_dns_open_with(&job, &options, &dns, &err), PS_RETRY);
    assert_null(dns);
    assert_string_equal(err.text, "No DNS resolver is known: /nonexistent/resolv.conf names none.");
    ps_dns_close(NULL);
}

static void test_job(void **state)
{
    static const char *const good[] = {"127.0.0.1:5353", "[::1]:54"}, *const bad[] = {"127.0.0.1", "dns\x1b.example"};
    static const char *const many[9] = {"::1", "::1", "::1", "::1", "::1", "::1", "::1", "::1", "::1"};
    ps_error err = {.status = PS_OK};
    ps_dns *dns = NULL;
    ps_job job;

    (void)state;
    ps_job_init(&job);
    job.resolvers = good;
    job.resolvers_count = 2;
    assert_ok(ps_dns_open(&job, &dns, &err), &err);
    ps_dns_close(dns);
    dns = NULL;
    job.resolvers = bad;
    assert_int_equal(ps_dns_open(&job, &dns, &err), PS_CONFIG);
    assert_string_equal(err.text, "The resolver 'dns\\x1b.example' is not an IP address.");
    job.resolvers = many;
    job.resolvers_count = 9;
    assert_int_equal(ps_dns_open(&job, &dns, &err), PS_CONFIG);
    assert_string_equal(err.text, "The job names 9 resolvers; the limit is 8.");
    assert_null(dns);
}

static void test_doh(void **state)
{
    static const struct {
        const char *url, *text;
        bool loopback, private;
    } cases[] = {
        {"https://dns.example/dns-query", "https://dns.example", false, false},
        {"https://10.1.2.3/dns-query", "https://10.1.2.3", false, true},
        {"https://[fd00::1]:8443/", "https://[fd00::1]:8443", false, true},
        {"https://dns.example:8443/account-7/", "https://dns.example:8443", false, false},
        {"https://dns.example?account=7", "https://dns.example", false, false},
        {"https://192.175.48.6", "https://192.175.48.6", false, false},
        {"http://127.0.0.1:8053/dns-query", "http://127.0.0.1:8053", true, false},
        {"https://localhost/dns-query", "https://localhost", true, false},
        {"http://dns.example/dns-query", NULL, false, false},
        {"http://10.1.2.3/dns-query", NULL, false, false},
        {"dns.example", NULL, false, false},
    };
    static const char *const listed[] = {"192.0.2.1"};
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_endpoint found[PS_UPSTREAMS_MAX];
        ps_error err = {.status = PS_OK};
        size_t count = 0;
        ps_job job;
        print_message("  %s\n", cases[i].url);
        ps_job_init(&job);
        job.resolvers = listed;
        job.resolvers_count = 1;
        job.mx_doh = cases[i].url;
        ps_status status = ps_resolvers_find(&job, "/nonexistent", found, &count, &err);
        assert_int_equal(status, cases[i].text == NULL ? PS_CONFIG : PS_OK);
        if (status != PS_OK) continue;
        assert_int_equal(count, 1);
        assert_string_equal(found[0].text, cases[i].text);
        assert_string_equal(found[0].url, cases[i].url);
        assert_int_equal(ps_endpoint_is_loopback(&found[0]), cases[i].loopback);
        assert_int_equal(ps_endpoint_is_private(&found[0]), cases[i].private);
    }
}

// Many questions with few due times, as they come in a run.
static void test_queue(void **state)
{
    enum { COUNT = 1000 };
    ps_queue queue = {0};
    ps_question question = {.name = "one.example.jp"};
    ps_error err = {.status = PS_OK};
    uint64_t last_due = 0;
    uint32_t last_number = 0;

    (void)state;
    assert_int_equal(ps_queue_next_ms(&queue), UINT64_MAX);
    assert_false(ps_queue_take(&queue, UINT64_MAX - 1, &question));
    for (uint32_t i = 0; i < COUNT; i++) {
        question.number = i;
        question.due_ms = 10 + i * 7919 % 13;
        assert_ok(ps_queue_add(&queue, &question, &err), &err);
    }
    assert_int_equal(ps_queue_next_ms(&queue), 10);
    assert_false(ps_queue_take(&queue, 9, &question));
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_true(ps_queue_take(&queue, 100, &question));
        if (question.due_ms == last_due) assert_true(question.number > last_number);
        assert_true(question.due_ms >= last_due);
        last_due = question.due_ms;
        last_number = question.number;
    }
    assert_false(ps_queue_take(&queue, 100, &question));
    ps_queue_done(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_system), cmocka_unit_test(test_missing_file), cmocka_unit_test(test_job),
        cmocka_unit_test(test_doh),    cmocka_unit_test(test_sees_inside),  cmocka_unit_test(test_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
