// The report as JSON: its members, its numbers, hostile texts, and what may differ between two runs.
// layer: report
#include "assert.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "report/report.h"
#include "report_run.h"

enum { REPORT_BYTES_MAX = 1 << 20 };

static const char *draw(const ps_run *run, ps_buf *out)
{
    ps_error err = {0};

    ps_buf_init(out, REPORT_BYTES_MAX);
    assert_ok(ps_report_json(run, out, &err), &err);
    return ps_buf_text(out);
}

// The text of a top-level member, found by its indentation, up to the next one.
static void cut_member(const char *json, const char *name, ps_span *out)
{
    char start[64];

    snprintf(start, sizeof start, "\n  \"%s\": ", name);
    const char *begin = strstr(json, start);
    assert_non_null(begin);
    const char *end = strstr(begin + 1, "\n  \"");
    if (end == NULL) end = begin + strlen(begin);
    *out = (ps_span){begin, (size_t)(end - begin)};
}

static void assert_in(const char *text, const char *part)
{
    if (strstr(text, part) != NULL) return;
    print_error("not there: %s\n", part);
    fail();
}

static void test_members(void **state)
{
    static const char *const names[] = {
        "schema_version", "run",       "job",      "inputs",    "counts",     "reasons", "stages",
        "sources",        "operators", "domains",  "addresses", "engagement", "dns",     "projections",
        "guards",         "overrides", "warnings", "samples",   "data_lists", "history",
    };
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    const char *json = draw(&fixture.run, &out);
    const char *at = json;
    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        char start[64];
        snprintf(start, sizeof start, "\n  \"%s\": ", names[i]);
        at = strstr(at, start); // in this order
        assert_non_null(at);
    }
    size_t members = 0;
    for (at = strstr(json, "\n  \""); at != NULL; at = strstr(at + 1, "\n  \""))
        members++;
    assert_int_equal(members, PS_COUNT_OF(names));
    ps_buf_done(&out);
}

static void test_numbers(void **state)
{
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    const char *json = draw(&fixture.run, &out);
    assert_in(json,
              "\"rows\": 5000,\n    \"clean\": 3912,\n    \"winback\": 214,\n    \"held\": 120,\n    \"removed\": 754");
    assert_in(json,
              "\"reason\": \"suppressed_unsubscribe\",\n      \"stage\": \"suppress\",\n      \"effect\": \"remove\",\n"
              "      \"decided\": 233,\n      \"held\": 0,\n      \"found\": 251,\n"
              "      \"text\": \"unsubscribed at the ESP\"");
    assert_in(json, "\"stage\": \"suppress\",\n      \"winback\": 0,\n      \"held\": 0,\n      \"removed\": 381");
    assert_in(json, "\"stage\": \"syntax\",\n      \"winback\": 0,\n      \"held\": 60,\n      \"removed\": 16");
    assert_in(json, "\"bounced_before\": 118,\n      \"domain_without_mail\": 69,\n      \"share\": 0.0374");
    assert_in(json, "\"age_days\": 50");
    assert_in(json, "\"operator\": \"docomo\",\n      \"kind\": \"carrier\",\n      \"region\": \"jp\",\n"
                    "      \"domains\": 1,\n      \"rows\": 305,\n      \"clean\": 281,");
    assert_in(json, "\"operator\": null,\n      \"kind\": null,\n      \"region\": null,\n      \"domains\": 642,");
    assert_in(json, "\"overrides\": [\n    \"stale\"\n  ]");
    assert_in(json, "\"code\": \"mx_snapshot\",\n      \"headline\": true");
    assert_in(json, "\"file\": \"campaign.yaml\"");
    assert_null(strstr(json, "somebody"));
    ps_buf_done(&out);
}

// Small groups are told only where addresses are.
static void test_small_domains(void **state)
{
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    const char *json = draw(&fixture.run, &out);
    assert_null(strstr(json, "small-family"));
    assert_in(json, "\"domain\": \"xn--r8jz45g.example\",\n        \"rows\": 10");
    assert_in(json, "\"other\": {\n      \"rows\": 1190,\n      \"clean\": 752,");
    ps_buf_done(&out);

    fixture.job.report_unmasked = true;
    json = draw(&fixture.run, &out);
    assert_in(json, "small-family");
    ps_buf_done(&out);
}

static void test_hostile(void **state)
{
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_hostile(&fixture);
    const char *json = draw(&fixture.run, &out);
    assert_true(ps_utf8_valid(ps_buf_span(&out)));
    assert_in(json, "\"address_b64\": \"");
    assert_in(json, "\"b64\": \"");
    ps_buf_done(&out);
}

// Only `run` may change with the machine, the clock and the threads.
static void test_same_bytes(void **state)
{
    static const char *const names[] = {"job", "inputs", "counts", "sources", "dns", "warnings", "samples"};
    report_run first, second;
    ps_buf one, two;

    (void)state; // cmocka's signature
    report_run_make(&first);
    report_run_make(&second);
    memcpy(second.run.id, "00000000-0000-4000-8000-000000000000", 37);
    second.run.started_s += 86400;
    second.run.finished_s += 86405;
    second.run.threads = 64;
    second.run.mx.queries = 17;
    second.run.mx.cached = 4;
    second.job.threads = 64;
    second.job.batch_bytes = 4096;
    second.job.output_directory = "elsewhere";
    second.job.job_file = "/other/place/campaign.yaml";
    second.sources[0].modified_s += 1000;
    second.sources[0].file = "/other/place/mailgun_bounces.csv";
    const char *a = draw(&first.run, &one), *b = draw(&second.run, &two);
    ps_span run_a, run_b;
    cut_member(a, "run", &run_a);
    cut_member(b, "run", &run_b);
    assert_false(ps_span_equal(run_a, run_b));
    assert_string_equal(run_a.bytes + run_a.len, run_b.bytes + run_b.len);
    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        cut_member(a, names[i], &run_a);
        cut_member(b, names[i], &run_b);
        assert_true(ps_span_equal(run_a, run_b));
    }
    ps_buf_done(&one);
    ps_buf_done(&two);
}

static void test_empty(void **state)
{
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_empty(&fixture);
    const char *json = draw(&fixture.run, &out);
    assert_in(json, "\"code\": \"no_suppression\",\n      \"headline\": true");
    assert_in(json, "\"code\": \"mx_off\",\n      \"headline\": true");
    assert_in(json, "\"share\": 0,");
    ps_buf_done(&out);
}

static void test_no_room(void **state)
{
    report_run fixture;
    ps_error err = {0};
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    ps_buf_init(&out, 1000);
    assert_int_equal(ps_report_json(&fixture.run, &out, &err), PS_BUG);
    assert_true(strlen(err.text) > 0);
    ps_buf_done(&out);
}

// The quoted word at `*at` or after it; `*at` moves past it.
static ps_span next_word(const char **at)
{
    const char *begin = strchr(*at, '"');

    assert_non_null(begin);
    const char *end = strchr(begin + 1, '"');
    assert_non_null(end);
    *at = end + 1;
    return (ps_span){begin + 1, (size_t)(end - begin - 1)};
}

static bool is_first_of_its_wire(const ps_reason_info *table, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (strcmp(table[j].wire, table[i].wire) == 0) return false;
    }
    return true;
}

// The schema's reasons are those of reason.def, in its order, each once.
static void test_schema_reasons(void **state)
{
    ps_error err = {0};
    ps_buf schema;
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count);

    (void)state; // cmocka's signature
    ps_buf_init(&schema, REPORT_BYTES_MAX);
    assert_ok(ps_file_load(PS_TEST_FOLDER "/../schemas/report.schema.json", PS_MISSING, &schema, &err), &err);
    const char *at = strstr(ps_buf_text(&schema), "in its order.\"");
    assert_non_null(at);
    at = strchr(at, '[');
    assert_non_null(at);
    for (size_t i = 0; i < count; i++) {
        if (!is_first_of_its_wire(table, i)) continue;
        assert_span_equal(next_word(&at), table[i].wire);
    }
    assert_int_equal(at[strspn(at, " \n")], ']');
    ps_buf_done(&schema);
}

// Every allocation fails once: each time the caller is told, and what comes out in the end is the whole.
static void test_no_memory(void **state)
{
    report_run fixture;
    ps_buf whole, out;
    ps_status status = PS_RETRY;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    draw(&fixture.run, &whole);
    for (unsigned long n = 1; status != PS_OK; n++) {
        ps_error err = {0};
        ps_buf_init(&out, REPORT_BYTES_MAX);
        ps_memory_fail_at(n, 0);
        status = ps_report_json(&fixture.run, &out, &err);
        ps_memory_fail_at(0, 0);
        assert_true(status == PS_OK || status == PS_RETRY);
        if (status == PS_OK) assert_string_equal(ps_buf_text(&out), ps_buf_text(&whole));
        ps_buf_done(&out);
    }
    ps_buf_done(&whole);
}

static int put_file(const char *folder, const char *name, void make(report_run *))
{
    report_run fixture;
    ps_buf out;
    char path[4096];

    make(&fixture);
    draw(&fixture.run, &out);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL) return 1;
    int failed = fwrite(out.bytes, 1, out.len, file) != out.len;
    ps_buf_done(&out);
    return fclose(file) != 0 || failed;
}

// With a folder as its argument the program writes the reports for tests/report/schema.py instead.
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members), cmocka_unit_test(test_numbers),    cmocka_unit_test(test_small_domains),
        cmocka_unit_test(test_hostile), cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_empty),
        cmocka_unit_test(test_no_room), cmocka_unit_test(test_no_memory),  cmocka_unit_test(test_schema_reasons),
    };

    if (argc == 2) {
        return put_file(argv[1], "plain.json", report_run_make) +
               put_file(argv[1], "hostile.json", report_run_hostile) +
               put_file(argv[1], "empty.json", report_run_empty);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
