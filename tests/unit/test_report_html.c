// The report as a page: what it says, that no text from outside becomes markup, and what may differ between two runs.
// layer: report
#include "assert.h"

#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"
#include "report/html.h"
#include "report/report.h"
#include "report_run.h"

enum { PAGE_BYTES_MAX = 1 << 22 };

static const char job_text[] = "version: 1\r\ncampaign: 2026-autumn # 秋のご案内\n\tnote: <b>&\"'\n";

static const char *draw(const ps_run *run, ps_span text, ps_buf *out)
{
    ps_error err = {0};

    ps_buf_init(out, PAGE_BYTES_MAX);
    assert_ok(ps_report_html(run, text, out, &err), &err);
    return ps_buf_text(out);
}

static void assert_in(const char *text, const char *part)
{
    if (strstr(text, part) != NULL) return;
    print_error("not there: %s\n", part);
    fail();
}

static void assert_not_in(const char *text, const char *part)
{
    const char *at = strstr(text, part);

    if (at == NULL) return;
    print_error("there: %.200s\n", at);
    fail();
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

static void test_escape(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"日本", "日本"},
        {"<a href='x' b=\"y\">&amp;`", "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;amp;&#96;"},
        {"a\xe2\x80\xae"
         "b",
         "a\\xe2\\x80\\xaeb"},
        {"a\xff\n\x1b", "a\\xff\\x0a\\x1b"},
        {"\xc3", "\\xc3"},
    };
    ps_buf out;

    (void)state; // cmocka's signature
    ps_buf_init(&out, PAGE_BYTES_MAX);
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_buf_clear(&out);
        ps_html_text(&out, ps_span_of(cases[i].text));
        assert_string_equal(ps_buf_text(&out), cases[i].expected);
        ps_buf_clear(&out);
        ps_html_attribute(&out, ps_span_of(cases[i].text));
        assert_string_equal(ps_buf_text(&out), cases[i].expected);
    }
    ps_buf_clear(&out);
    ps_html_prose(&out, "say `a<b` or ` so");
    assert_string_equal(ps_buf_text(&out), "<bdi>say </bdi><code>a&lt;b</code><bdi> or </bdi><bdi>` so</bdi>");
    ps_buf_clear(&out);
    ps_html_lines(&out, ps_span_of("a\r\n\tb\rc\n<\x01"));
    assert_string_equal(ps_buf_text(&out), "a\n\tb\\x0dc\n&lt;\\x01");
    ps_buf_done(&out);
}

static void test_page(void **state)
{
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    const char *page = draw(&fixture.run, ps_span_of(job_text), &out);
    assert_in(page, "<title>3,912 of 5,000 rows may be mailed - 2026-autumn 秋のご案内</title>");
    assert_in(page, "<span class=\"big\">3,912</span> <span class=\"of\">of 5,000 rows may be mailed</span>");
    assert_in(page, "That is <strong>78.2%</strong> of the list.");
    assert_in(page, "<strong>Warning.</strong> <bdi>Domains were judged by an MX snapshot");
    assert_in(page, "checked <time>2026-10-02</time> to <time>2026-11-18</time>: up to 50 days old.");
    assert_in(page, "Unsubscribed at the ESP <code>suppressed_unsubscribe</code>");
    assert_in(page, "hard 790</span>, <span class=\"pair-of\">soft 22</span>");
    assert_in(page,
              "data-copy=\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\">9f86d081884c…</code>");
    assert_in(page, "Clean 3,912 (78.2%), Win-back 214 (4.3%), Held 120 (2.4%), Removed 754 (15.1%)</desc>");
    assert_in(page, "4 further reasons</th>"); // of the 13 that removed rows the waterfall names the biggest
    assert_in(page, "All 21 reasons as a table");
    assert_in(page, "14 are whole domains");
    assert_in(page, "<bdi>google_gmail</bdi></th><td><bdi>mailbox</bdi></td>");
    assert_in(page, "<bdi>not known</bdi></th><td>–</td><td>–</td><td class=\"n\">642</td>");
    assert_in(page, "t***@gmail.com");
    assert_in(page, "campaign: 2026-autumn # 秋のご案内\n\tnote: &lt;b&gt;&amp;&quot;&#39;\n</pre>");
    assert_in(page, "<code>role_account</code> hold (else keep)");
    assert_not_in(page, "small-family");
    assert_not_in(page, "somebody");
    ps_buf_done(&out);
}

// One file: nothing is fetched, styles and scripts are allowed by hash only, and no attribute holds either.
static void test_policy(void **state)
{
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    const char *page = draw(&fixture.run, ps_span_of(job_text), &out);
    assert_in(page, "content=\"default-src 'none'; style-src 'sha256-");
    assert_int_equal(count_of(page, "<style"), 1);
    assert_int_equal(count_of(page, "<script"), 1);
    assert_int_equal(count_of(page, "'sha256-"), 2);
    assert_not_in(page, "unsafe-inline");
    assert_not_in(page, " style=");
    assert_not_in(page, " onclick=");
    assert_not_in(page, " src=");
    assert_not_in(page, "<link");
    assert_not_in(page, "@import");
    assert_not_in(page, "url(");
    assert_not_in(page, "http://");
    assert_not_in(page, "https://");
    const char *script = strstr(page, "<script>");
    assert_true(strlen(script) < 10000);
    ps_buf_done(&out);
}

static void test_hostile(void **state)
{
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_hostile(&fixture);
    const char *page = draw(&fixture.run, ps_span_of(HOSTILE), &out);
    assert_true(ps_utf8_valid(ps_buf_span(&out)));
    assert_int_equal(count_of(page, "<script"), 1);
    assert_not_in(page, "alert('x')");
    assert_not_in(page, "\xe2\x80\xae");
    assert_in(
        page,
        "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&#39; onload=x &amp; \\xe2\\x80\\xae evil\\x0a\\xff");
    assert_in(page, "Kept back.");
    assert_in(page, "of 5,000 rows passed, but a guard kept the set back");
    ps_buf_done(&out);
}

// Takes the footer's box out.
static void cut_run(const char *page, ps_buf *out)
{
    const char *begin = strstr(page, "<footer id=\"run\""), *end = strstr(page, "</footer>");

    assert_true(begin != NULL && end != NULL);
    ps_buf_init(out, PAGE_BYTES_MAX);
    ps_buf_add(out, page, (size_t)(begin - page));
    ps_buf_add_text(out, end);
}

static void test_same_bytes(void **state)
{
    report_run first, second;
    ps_buf one, two, rest_one, rest_two;

    (void)state; // cmocka's signature
    report_run_make(&first);
    report_run_make(&second);
    memcpy(second.run.id, "00000000-0000-4000-8000-000000000000", 37);
    second.run.started_s += 86400;
    second.run.finished_s += 86405;
    second.run.threads = 64;
    second.run.mx.queries = 17;
    second.job.threads = 64;
    second.job.output_directory = "elsewhere";
    second.job.job_file = "/other/place/campaign.yaml";
    second.sources[0].modified_s += 1000;
    const char *a = draw(&first.run, ps_span_of(job_text), &one), *b = draw(&second.run, ps_span_of(job_text), &two);
    assert_string_not_equal(a, b);
    cut_run(a, &rest_one);
    cut_run(b, &rest_two);
    assert_string_equal(ps_buf_text(&rest_one), ps_buf_text(&rest_two));
    ps_buf_done(&one);
    ps_buf_done(&two);
    ps_buf_done(&rest_one);
    ps_buf_done(&rest_two);
}

static void test_empty(void **state)
{
    report_run fixture;
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_empty(&fixture);
    const char *page = draw(&fixture.run, (ps_span){NULL, 0}, &out);
    assert_in(page, "of 0 rows are left, but no suppression list was checked");
    assert_in(page, "The input holds no rows.");
    assert_in(page, "None was checked.");
    assert_in(page, "Not checked: the job says <code>mx.mode: off</code>.");
    assert_not_in(page, "Show the job file");
    ps_buf_done(&out);
}

static void test_no_room(void **state)
{
    report_run fixture;
    ps_error err = {0};
    ps_buf out;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    ps_buf_init(&out, 20000);
    assert_int_equal(ps_report_html(&fixture.run, (ps_span){NULL, 0}, &out, &err), PS_BUG);
    ps_buf_done(&out);
}

// Every allocation fails once: each time the caller is told, and what comes out in the end is the whole.
static void test_no_memory(void **state)
{
    report_run fixture;
    ps_buf whole, out;
    ps_status status = PS_RETRY;

    (void)state; // cmocka's signature
    report_run_make(&fixture);
    draw(&fixture.run, ps_span_of(job_text), &whole);
    for (unsigned long n = 1; status != PS_OK; n++) {
        ps_error err = {0};
        ps_buf_init(&out, PAGE_BYTES_MAX);
        ps_memory_fail_at(n, 0);
        status = ps_report_html(&fixture.run, ps_span_of(job_text), &out, &err);
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
    draw(&fixture.run, ps_span_of(job_text), &out);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL) return 1;
    int failed = fwrite(out.bytes, 1, out.len, file) != out.len;
    ps_buf_done(&out);
    return fclose(file) != 0 || failed;
}

// With a folder as its argument the program writes the pages for tests/report/check.mjs instead.
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape),  cmocka_unit_test(test_page),       cmocka_unit_test(test_policy),
        cmocka_unit_test(test_hostile), cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_empty),
        cmocka_unit_test(test_no_room), cmocka_unit_test(test_no_memory),
    };

    if (argc == 2) {
        return put_file(argv[1], "plain.html", report_run_make) +
               put_file(argv[1], "hostile.html", report_run_hostile) +
               put_file(argv[1], "empty.html", report_run_empty);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
