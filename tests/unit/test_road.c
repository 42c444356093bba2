// The road of a row, end to end: a file's text in, verdicts and outputs out.
// layer: stage

#include <unistd.h>

#include "assert.h"
#include "base/clock.h"
#include "stage/claim.h"
#include "stage/stage.h"
#include "table/reader.h"

enum { FILES_MAX = 2, TEXT_MAX = 1 << 16 };

// What a case judges by; begins with defaults that open() makes.
typedef struct road {
    ps_job job;
    ps_recipients recipients[FILES_MAX];
    ps_source_config sources[3];
    ps_facts facts;
    ps_address_rules *rules;
    ps_zone *zone;
    ps_suppression *suppression;
    ps_domains domains;
    ps_evidence evidence;
    ps_claims claims;
    ps_tally tally;
    char paths[FILES_MAX][64];
    char out[PS_VERDICT_COUNT][TEXT_MAX]; // the outputs' rows, without headers
    char reasons[TEXT_MAX]; // "verdict:reason" of each row, blank between
} road;

static ps_error error;

static void road_open(road *r)
{
    memset(r, 0, sizeof *r);
    ps_job_init(&r->job);
    r->job.as_of = ps_day_of(2026, 11, 21);
    r->job.timezone = "Asia/Tokyo";
    r->job.special_use_all = true;
    r->job.engagement.applied = true;
    r->job.recipients = r->recipients;
    r->job.recipients_count = 1;
    r->sources[0].name = "esp";
    r->sources[1].name = "own";
    r->sources[2].name = "old";
    r->job.sources = r->sources;
    r->job.sources_count = 3;
    for (size_t i = 0; i < PS_SIGNAL_COUNT; i++)
        r->facts.coverage.observed_since[i] = PS_DAY_NONE;
    assert_ok(ps_zone_new(r->job.timezone, &r->zone, &error), &error);
    assert_ok(ps_suppression_new(&r->suppression, &error), &error);
    assert_ok(ps_domains_open(&r->domains, &error), &error);
    assert_ok(ps_tally_open(&r->tally, &error), &error);
    const ps_address_options options = {.special_use_all = true};
    assert_ok(ps_address_rules_new(&options, &r->rules, &error), &error);
    r->facts.job = &r->job;
    r->facts.zone = r->zone;
    r->facts.suppression = r->suppression;
    r->facts.domains = &r->domains;
    r->facts.address_rules = r->rules;
}

static void road_close(road *r)
{
    for (size_t i = 0; i < r->job.recipients_count; i++)
        unlink(r->paths[i]);
    ps_tally_close(&r->tally);
    ps_claims_done(&r->claims);
    ps_evidence_done(&r->evidence);
    ps_domains_close(&r->domains);
    ps_suppression_free(r->suppression);
    ps_address_rules_free(r->rules);
    ps_zone_free(r->zone);
}

static void track(road *r, ps_signal signal)
{
    r->facts.coverage.present[signal] = r->facts.coverage.tracked[signal] = true;
}

static void suppress(road *r, const char *cell, uint32_t source, ps_class class, const char *list, const char *day)
{
    ps_arena arena;
    ps_address address;
    bool is_new;
    ps_suppression_entry entry = {.source = source, .class = class, .list = list, .date = PS_DAY_NONE};

    assert_ok(ps_arena_open(1 << 20, &arena, &error), &error);
    if (day[0] != '\0') assert_true(ps_day_parse(ps_span_of(day), &entry.date));
    if (strchr(cell, '@') != NULL) {
        (void)ps_address_parse(r->rules, ps_span_of(cell), &arena, &address);
        entry.key = address.key;
        entry.provider_key = address.provider_key;
    } else {
        entry.key = ps_span_of(cell);
        entry.domain = true;
    }
    assert_ok(ps_suppression_add(r->suppression, &entry, &is_new, &error), &error);
    ps_arena_close(&arena);
}

static void domain(road *r, const char *name, ps_mail_verdict verdict, ps_reason reason, ps_findings warnings)
{
    uint32_t number;

    assert_ok(ps_domains_add(&r->domains, ps_span_of(name), &number, &error), &error);
    r->domains.facts[number] = (ps_domain_fact){verdict, reason, warnings, PS_DAY_NONE};
}

static void write_file(road *r, size_t file, const char *text, size_t len)
{
    snprintf(r->paths[file], sizeof r->paths[file], "/tmp/presend-road%zu-XXXXXX", file);
    int fd = mkstemp(r->paths[file]);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    assert_int_equal(close(fd), 0);
    r->recipients[file].file = r->paths[file];
}

static void gather(road *r, const ps_batch *batch)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        if (row->address.key.len == 0) continue;
        assert_ok(ps_evidence_add(&r->evidence, row->key, &row->signals, &error), &error);
    }
}

static void note_outcome(road *r, const ps_batch *batch)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        char word[96];
        const ps_row *row = &batch->rows[i];
        snprintf(word, sizeof word, "%s%s:%s", r->reasons[0] == '\0' ? "" : " ", ps_verdict_word(row->verdict),
                 ps_reason_get(row->reason)->wire);
        strncat(r->reasons, word, sizeof r->reasons - strlen(r->reasons) - 1);
    }
    for (size_t v = 0; v < PS_VERDICT_COUNT; v++) {
        assert_false(batch->out[v].failed);
        assert_true(strlen(r->out[v]) + batch->out[v].len < TEXT_MAX);
        if (batch->out[v].len > 0) strncat(r->out[v], batch->out[v].bytes, batch->out[v].len);
    }
}

static void judge(road *r, ps_batch *batch)
{
    ps_stage_evidence(&r->facts, batch);
    ps_stage_suppress(&r->facts, batch);
    ps_stage_columns(&r->facts, batch);
    ps_stage_domain(&r->facts, batch);
    ps_stage_engage(&r->facts, batch);
    assert_ok(ps_stage_claim(&r->facts, &r->claims, batch, &error), &error);
    ps_stage_decide(&r->facts, batch);
    ps_stage_plan(&r->facts, batch);
    assert_ok(ps_tally_batch(&r->tally, &r->facts, batch, &error), &error);
    note_outcome(r, batch);
}

// By the columns' own names, so that a case may hold any cell. (Which header means what has tests of its own.)
static void map_columns(ps_layout *layout)
{
    for (uint32_t i = 0; i < layout->column_count; i++) {
        ps_column column = ps_column_find(layout->names[i]);
        if (column == PS_COLUMN_COUNT) continue;
        layout->mapped[layout->mapped_count++] = (ps_mapped){.column = column, .index = i};
    }
}

static void pass(road *r, size_t file, bool judging)
{
    ps_reader *reader = NULL;
    ps_batch batch = {.number = 0};
    bool more = true;
    const ps_reader_options options = {
        .source = {.path = r->paths[file], .missing = PS_MISSING, .bad = PS_INPUT},
        .encoding = r->recipients[file].encoding,
        .batch_bytes = r->job.batch_bytes,
    };

    assert_ok(ps_reader_open(&options, &reader, &error), &error);
    ps_layout *layout = ps_reader_layout(reader);
    map_columns(layout);
    assert_ok(ps_batch_open(PS_BATCH_BYTES, &batch, &error), &error);
    ps_decoder *decoder = NULL;
    assert_ok(ps_decoder_open(layout->encoding, &decoder, &error), &error);
    for (;;) {
        ps_batch_reset(&batch);
        batch.layout = layout;
        batch.file = (uint32_t)file;
        batch.decoder = decoder;
        assert_ok(ps_reader_next(reader, &batch, &more, &error), &error);
        if (!more) break;
        assert_ok(ps_batch_parse(&batch, &error), &error);
        ps_stage_normalize(&r->facts, &batch);
        ps_stage_syntax(&r->facts, &batch);
        ps_stage_signals(&r->facts, &batch);
        if (judging) judge(r, &batch);
        if (!judging) gather(r, &batch);
    }
    ps_decoder_close(decoder);
    ps_batch_close(&batch);
    ps_reader_close(reader);
}

// Both passes over what was written.
static void travel(road *r)
{
    ps_policy_init(&r->facts.policy, &r->job);
    for (size_t i = 0; i < r->job.recipients_count && !r->job.evidence_first; i++)
        pass(r, i, false);
    r->facts.evidence = r->job.evidence_first ? NULL : &r->evidence;
    for (size_t i = 0; i < r->job.recipients_count; i++)
        pass(r, i, true);
    uint64_t rows = 0;
    for (size_t v = 0; v < PS_VERDICT_COUNT; v++)
        rows += r->tally.verdict[v];
    assert_int_equal(rows, r->tally.rows);
}

static void travel_text(road *r, const char *text)
{
    write_file(r, 0, text, strlen(text));
    travel(r);
}

static void test_clean_rows(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    domain(&r, "example.jp", PS_MAIL_DELIVERABLE, PS_REASON_MX, 0);
    travel_text(&r, "name,email\r\n"
                    "A,a@example.jp\r\n"
                    "\"B, b\",\"b@example.jp\"\r\n"
                    "C,  c@EXAMPLE.JP \r\n"
                    "D,ｄ＠ｅｘａｍｐｌｅ．ｊｐ\r\n"
                    "E,e@例え.jp\r\n"
                    "\"=1+1\",f@example.jp");
    assert_string_equal(r.reasons, "clean:ok clean:ok clean:ok clean:ok clean:ok clean:ok");
    // Only cells that differ are written anew; quotes and all else stay as they were.
    assert_string_equal(r.out[PS_VERDICT_CLEAN], "A,a@example.jp\r\n"
                                                 "\"B, b\",\"b@example.jp\"\r\n"
                                                 "C,c@example.jp\r\n"
                                                 "D,d@example.jp\r\n"
                                                 "E,e@xn--r8jz45g.jp\r\n"
                                                 "\"=1+1\",f@example.jp\r\n");
    assert_int_equal(r.tally.formula_rows, 1);
    assert_int_equal(r.tally.found[PS_REASON_REPAIRED_WIDTH], 1);
    assert_int_equal(r.tally.found[PS_REASON_NOT_CHECKED], 1); // the IDN domain
    assert_int_equal(r.tally.domain_names.count, 2);
    road_close(&r);
}

static void test_original_addresses(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    r.job.email_original = true;
    travel_text(&r, "email\nA@EXAMPLE.JP\n b@example.jp\n");
    assert_string_equal(r.out[PS_VERDICT_CLEAN], "A@EXAMPLE.JP\n b@example.jp\n");
    road_close(&r);
}

static void test_suppression(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    suppress(&r, "a@example.jp", 0, PS_CLASS_HARD, "bounces", "2026-03-01");
    suppress(&r, "a@example.jp", 1, PS_CLASS_UNSUBSCRIBE, "unsubscribes", "2026-04-01");
    suppress(&r, "Soft@Example.jp", 0, PS_CLASS_SOFT, "bounces", "");
    suppress(&r, "blocked@example.jp", 0, PS_CLASS_BLOCK, "blocks", "");
    suppress(&r, "jane.doe@gmail.com", 0, PS_CLASS_COMPLAINT, "complaints", "2026-05-01");
    suppress(&r, "bob@gmail.com", 2, PS_CLASS_HARD, "bounces", "");
    suppress(&r, "rival.example", 1, PS_CLASS_MANUAL, "", "");
    suppress(&r, "unknown@example.jp", 2, PS_CLASS_UNKNOWN, "", "");
    suppress(&r, "both@rival.example", 0, PS_CLASS_INVALID, "invalid_emails", "");
    travel_text(&r, "email,name\n"
                    "Ａ@EXAMPLE.jp,1\n"
                    "a@example.jp,2\n"
                    "soft@example.jp,3\n"
                    "blocked@example.jp,4\n"
                    "janedoe+x@gmail.com,5\n"
                    "b.o.b@gmail.com,6\n"
                    "x@rival.example,7\n"
                    "x@sub.rival.example,8\n"
                    "unknown@example.jp,9\n"
                    "both@rival.example,10\n"
                    "a@example.jp\n");
    assert_string_equal(r.reasons,
                        "removed:suppressed_unsubscribe removed:suppressed_unsubscribe clean:ok clean:ok "
                        "removed:suppressed_alias held:suppressed_alias removed:suppressed_domain clean:ok "
                        "removed:suppressed_unknown removed:suppressed_invalid removed:suppressed_unsubscribe");
    char expected[1024];
    const char *name = strrchr(r.paths[0], '/') + 1;
    snprintf(
        expected, sizeof expected,
        "Ａ@EXAMPLE.jp,1,suppressed_unsubscribe,suppressed_unsubscribe suppressed_bounce not_checked repaired_width "
        "normalized_case,own unsubscribes 2026-04-01,%s,1,2\n",
        name);
    assert_memory_equal(r.out[PS_VERDICT_REMOVED], expected, strlen(expected));
    // A row with a cell too few is looked up all the same.
    assert_non_null(strstr(r.out[PS_VERDICT_REMOVED],
                           "a@example.jp,suppressed_unsubscribe,columns suppressed_unsubscribe suppressed_bounce,own"));
    assert_int_equal(r.tally.matched[0], 7);
    assert_int_equal(r.tally.matched[1], 5);
    assert_int_equal(r.tally.matched[2], 2);
    road_close(&r);
}

static void test_alias_policies(void **state)
{
    static const struct {
        int alias;
        const char *reasons;
    } cases[] = {
        {PS_ALIAS_AUTO, "removed:suppressed_alias held:suppressed_alias clean:ok"},
        {PS_ALIAS_OFF, "clean:ok clean:ok clean:ok"},
        {PS_ALIAS_HOLD, "held:suppressed_alias held:suppressed_alias clean:ok"},
        {PS_ALIAS_REMOVE, "removed:suppressed_alias removed:suppressed_alias clean:ok"},
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        road r;
        road_open(&r);
        memcpy(&r.job.alias, &cases[i].alias, sizeof r.job.alias);
        suppress(&r, "jane.doe@gmail.com", 0, PS_CLASS_UNSUBSCRIBE, "", "");
        suppress(&r, "bob@gmail.com", 0, PS_CLASS_HARD, "", "");
        suppress(&r, "soft@gmail.com", 0, PS_CLASS_SOFT, "", "");
        travel_text(&r, "email\njanedoe@gmail.com\nbob+1@gmail.com\ns.oft@gmail.com\n");
        assert_string_equal(r.reasons, cases[i].reasons);
        road_close(&r);
    }
}

static void test_syntax(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    r.recipients[0].encoding = PS_ENCODING_UTF8;
    travel_text(&r, "email\n"
                    "none\n"
                    "taro@gmail.con\n" // removed by the rules, but a person can put it right
                    "a@example.jp、b@example.jp\n"
                    "taro@gmial.com\n"
                    "noreply@example.jp\n"
                    "taro@@example.jp\n"
                    "\"\"\n"
                    "t\x81ro@example.jp\n");
    assert_string_equal(r.reasons, "removed:no_at_sign held:domain_unknown_tld held:multiple_addresses "
                                   "held:typo_suspected held:role_account removed:multiple_at_signs removed:empty "
                                   "removed:invalid_encoding");
    assert_non_null(strstr(r.out[PS_VERDICT_HELD], "suggestion: taro@gmail.com"));
    road_close(&r);
}

// A suggestion softens nothing that a list, a column or DNS says.
static void test_softening_is_for_syntax_alone(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    travel_text(&r, "email,optout\ntaro@gmail.con,1\ntaro@gmail.con,0\n");
    assert_string_equal(r.reasons, "removed:domain_unknown_tld held:domain_unknown_tld");
    assert_non_null(strstr(r.out[PS_VERDICT_REMOVED], ",domain_unknown_tld column_optout,"));
    road_close(&r);
}

static void test_policies(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    r.job.effect[PS_REASON_TYPO_SUSPECTED] = PS_EFFECT_KEEP;
    r.job.effect[PS_REASON_ROLE_SYSTEM] = PS_EFFECT_OFF;
    r.job.effect[PS_REASON_ROLE_ACCOUNT] = PS_EFFECT_REMOVE;
    travel_text(&r, "email\ntaro@gmial.com\nnoreply@example.jp\ninfo@example.jp\n");
    assert_string_equal(r.reasons, "clean:ok clean:ok removed:role_account");
    assert_int_equal(r.tally.found[PS_REASON_ROLE_SYSTEM], 0);
    assert_int_equal(r.tally.found[PS_REASON_TYPO_SUSPECTED], 1);
    road_close(&r);
}

static void test_domains(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    domain(&r, "dead.example.jp", PS_MAIL_NONE, PS_REASON_NXDOMAIN, 0);
    domain(&r, "slow.example.jp", PS_MAIL_UNKNOWN, PS_REASON_TIMEOUT, 0);
    domain(&r, "bare.example.jp", PS_MAIL_DELIVERABLE, PS_REASON_IMPLICIT_MX, PS_FIND(IMPLICIT_MX));
    domain(&r, "part.example.jp", PS_MAIL_DELIVERABLE, PS_REASON_MX, PS_FIND(MX_PARTIAL));
    travel_text(&r, "email\na@dead.example.jp\na@slow.example.jp\na@bare.example.jp\na@part.example.jp\na@example."
                    "jp\na@dead.example.jp\n");
    assert_string_equal(r.reasons, "removed:nxdomain clean:ok clean:ok clean:ok clean:ok removed:nxdomain");
    assert_int_equal(r.tally.found[PS_REASON_TIMEOUT], 1);
    assert_int_equal(r.tally.found[PS_REASON_IMPLICIT_MX], 1);
    assert_int_equal(r.tally.found[PS_REASON_MX_PARTIAL], 1);
    assert_int_equal(r.tally.found[PS_REASON_NOT_CHECKED], 1);
    assert_int_equal(r.tally.found[PS_REASON_DUPLICATE], 0); // undeliverable rows each say so
    road_close(&r);
}

static void test_mx_off(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    r.facts.domains = NULL;
    travel_text(&r, "email\na@example.jp\nbad\n");
    assert_string_equal(r.reasons, "clean:ok removed:no_at_sign");
    assert_int_equal(r.tally.found[PS_REASON_NOT_CHECKED], 1);
    road_close(&r);
}

static void test_columns(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    travel_text(&r, "email,optout,optout_at,bounced,complained,status\n"
                    "a@example.jp,0,,0,0,active\n"
                    "b@example.jp,1,,0,0,\n"
                    "c@example.jp,no,2024-01-01 10:00,0,0,\n"
                    "d@example.jp,no,0000-00-00 00:00:00,0,0,\n"
                    "e@example.jp,no,NULL,0,0,\n"
                    "f@example.jp,no,someday,0,0,\n"
                    "g@example.jp,no,,yes,0,\n"
                    "h@example.jp,no,,0,1,\n"
                    "i@example.jp,no,,0,0,Unsubscribed\n"
                    "j@example.jp,no,,0,0,pending\n"
                    "k@example.jp,1,,1,1,bounced\n"
                    "l@example.jp,拒否,,0,0,\n");
    assert_string_equal(r.reasons,
                        "clean:ok removed:column_optout removed:column_optout clean:ok clean:ok "
                        "removed:column_optout removed:column_bounced removed:column_complained "
                        "removed:column_status held:column_pending removed:column_optout removed:column_optout");
    assert_non_null(strstr(r.out[PS_VERDICT_REMOVED], "column_optout column_complained column_bounced column_status"));
    road_close(&r);
}

static void test_optin(void **state)
{
    static const char text[] = "email,optin\na@example.jp,yes\nb@example.jp,\nc@example.jp,no\nd@example.jp,maybe\n"
                               "e@example.jp,yes\ne@example.jp,\n";
    road r;

    (void)state;
    for (int has_false = 0; has_false < 2; has_false++) {
        road_open(&r);
        r.facts.coverage.optin_present = true;
        r.facts.coverage.optin_has_false = has_false != 0;
        travel_text(&r, text);
        assert_string_equal(r.reasons, has_false != 0 ? "clean:ok held:optin_unknown removed:column_optout "
                                                        "held:optin_unknown held:optin_unknown removed:duplicate"
                                                      : "clean:ok removed:not_opted_in removed:column_optout "
                                                        "held:optin_unknown removed:not_opted_in removed:not_opted_in");
        road_close(&r);
    }
}

static void test_duplicates(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    travel_text(&r, "email,name\n"
                    "a@example.jp,\"two\nlines\"\n"
                    "A@EXAMPLE.JP,2\n"
                    "b@example.jp,3,extra\n"
                    "b@example.jp,4\n"
                    "b@example.jp,5\n"
                    "j.d@gmail.com,6\n"
                    "jd@gmail.com,7\n");
    assert_string_equal(r.reasons,
                        "clean:ok removed:duplicate held:columns clean:ok removed:duplicate clean:ok clean:ok");
    assert_non_null(
        strstr(r.out[PS_VERDICT_REMOVED],
               "A@EXAMPLE.JP,2,duplicate,duplicate not_checked normalized_case no_engagement_data,line 2,"));
    assert_non_null(
        strstr(r.out[PS_VERDICT_REMOVED], "b@example.jp,5,duplicate,duplicate not_checked no_engagement_data,line 6,"));
    // A damaged row keeps its cells, and presend's are the last six.
    assert_non_null(strstr(r.out[PS_VERDICT_HELD], "b@example.jp,3,extra,columns,columns,,"));
    road_close(&r);

    road_open(&r);
    r.job.dedupe = PS_DEDUPE_PROVIDER;
    travel_text(&r, "email\nj.d@gmail.com\njd@gmail.com\njd+1@gmail.com\nj.d@example.jp\n");
    assert_string_equal(r.reasons, "clean:ok removed:duplicate removed:duplicate clean:ok");
    road_close(&r);

    road_open(&r);
    r.job.dedupe = PS_DEDUPE_OFF;
    travel_text(&r, "email\na@example.jp\na@example.jp\n");
    assert_string_equal(r.reasons, "clean:ok clean:ok");
    road_close(&r);
}

static void test_two_files(void **state)
{
    static const char one[] = "email\na@example.jp\n", two[] = "email\nb@example.jp\na@example.jp\n";
    road r;

    (void)state;
    road_open(&r);
    r.job.recipients_count = 2;
    write_file(&r, 0, one, strlen(one));
    write_file(&r, 1, two, strlen(two));
    travel(&r);
    assert_string_equal(r.reasons, "clean:ok clean:ok removed:duplicate");
    char expected[256];
    snprintf(expected, sizeof expected,
             "a@example.jp,duplicate,duplicate not_checked no_engagement_data,line 2 of %s,%s,2,3\n",
             strrchr(r.paths[0], '/') + 1, strrchr(r.paths[1], '/') + 1);
    assert_string_equal(r.out[PS_VERDICT_REMOVED], expected);
    assert_int_equal(r.tally.file_rows[0], 1);
    assert_int_equal(r.tally.file_rows[1], 2);
    road_close(&r);
}

static const char engagement_rows[] = "email,signup_at,last_click,winback_sent_at\n"
                                      "active@example.jp,2020-01-01,2026-11-01,\n"
                                      "cooling@example.jp,2020-01-01,2026/7/1,\n"
                                      "due@example.jp,2020-01-01,2026-02-01,\n"
                                      "dormant@example.jp,2020-01-01,2024-01-01,\n"
                                      "never@example.jp,2020-01-01,なし,\n"
                                      "new@example.jp,2026-11-11,,\n"
                                      "expired@example.jp,2020-01-01,2026-01-01,2026-10-01\n"
                                      "pending@example.jp,2020-01-01,2026-01-01,2026-11-20\n"
                                      "broken@example.jp,2020-01-01,soon,\n"
                                      "future@example.jp,2020-01-01,2027-11-01,\n"
                                      "dead@dead.example.jp,2020-01-01,2024-01-01,\n";

static void test_engagement(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    track(&r, PS_SIGNAL_CLICK);
    domain(&r, "dead.example.jp", PS_MAIL_NONE, PS_REASON_NXDOMAIN, 0);
    travel_text(&r, engagement_rows);
    assert_string_equal(r.reasons,
                        "clean:ok clean:ok winback:winback_due removed:dormant removed:never_engaged clean:ok "
                        "removed:winback_expired held:winback_pending held:date removed:never_engaged "
                        "removed:nxdomain");
    assert_string_equal(r.out[PS_VERDICT_WINBACK], "due@example.jp,2020-01-01,2026-02-01,,2026-12-21\n");
    assert_int_equal(r.tally.tier[1], 1);
    assert_int_equal(r.tally.tier[3], 1);
    assert_int_equal(r.tally.tier[0], 1);
    assert_int_equal(r.tally.found[PS_REASON_DORMANT], 1); // a dead domain has no engagement
    assert_non_null(strstr(r.out[PS_VERDICT_HELD], "soon,,date,date not_checked,"));
    road_close(&r);

    road_open(&r);
    r.job.engagement.applied = false;
    track(&r, PS_SIGNAL_CLICK);
    travel_text(&r, engagement_rows);
    assert_int_equal(r.tally.verdict[PS_VERDICT_CLEAN], 11);
    assert_int_equal(r.tally.found[PS_REASON_DORMANT], 2); // reported all the same
    road_close(&r);
}

// A date that cannot be read holds a row only where some day in its place would change the verdict.
static void test_bad_dates(void **state)
{
    road r;

    (void)state;
    road_open(&r);
    track(&r, PS_SIGNAL_CLICK);
    travel_text(&r, "email,signup_at,last_click,last_purchase,winback_sent_at,protected\n"
                    "a@example.jp,2020-01-01,2026-11-01,??,,no\n"
                    "b@example.jp,2020-01-01,2026-07-01,??,,no\n"
                    "c@example.jp,2020-01-01,2026-01-01,??,,no\n"
                    "d@example.jp,2020-01-01,2024-01-01,??,,no\n"
                    "e@example.jp,??,2024-01-01,,,no\n"
                    "f@example.jp,2020-01-01,2024-01-01,??,,yes\n"
                    "g@example.jp,2020-01-01,2026-11-01,,??,no\n"
                    "h@example.jp,2020-01-01,??,,,no\n"
                    "h@example.jp,2020-01-01,2026-11-01,,,no\n");
    assert_string_equal(r.reasons, "clean:ok clean:ok held:date held:date removed:dormant clean:ok held:date "
                                   "clean:ok removed:duplicate");
    road_close(&r);

    road_open(&r);
    track(&r, PS_SIGNAL_CLICK);
    travel_text(&r, "email,signup_at,last_click,last_purchase\n"
                    "h@example.jp,2020-01-01,,??\n"
                    "h@example.jp,2020-01-01,,\n");
    assert_string_equal(r.reasons, "held:date removed:never_engaged"); // a held row is never the first
    road_close(&r);
}

// One address is judged once: on the best dates and the worst wishes of all its rows.
static void test_one_address_one_judgement(void **state)
{
    static const char text[] = "email,signup_at,last_click,optout\n"
                               "a@example.jp,2020-01-01,2024-01-01,no\n"
                               "a@example.jp,2020-01-01,2026-11-01,no\n"
                               "b@example.jp,2020-01-01,2026-11-01,no\n"
                               "b@example.jp,2020-01-01,2026-11-01,yes\n";
    road r;

    (void)state;
    road_open(&r);
    track(&r, PS_SIGNAL_CLICK);
    travel_text(&r, text);
    assert_string_equal(r.reasons, "clean:ok removed:duplicate removed:column_optout removed:column_optout");
    road_close(&r);

    road_open(&r);
    r.job.evidence_first = true;
    track(&r, PS_SIGNAL_CLICK);
    travel_text(&r, text);
    assert_string_equal(r.reasons, "removed:dormant removed:duplicate clean:ok removed:column_optout");
    road_close(&r);
}

// 氏名 and 山田太郎 in CP932; the outputs keep those bytes.
static void test_cp932(void **state)
{
    static const char text[] = "\x8e\x81\x96\xbc,email\r\n"
                               "\x8e\x52\x93\x63\x91\xbe\x98\x59,\x82\x94\x82\x81\x82\x92\x82\x8f\x81\x97"
                               "example.jp\r\n"
                               "\x8e\x52\x93\x63,\x91\xbe\x98\x59@EXAMPLE.jp\r\n"
                               "\x8e\x52\x93\x63,t\x81\xff@example.jp\r\n";
    road r;

    (void)state;
    road_open(&r);
    r.recipients[0].encoding = PS_ENCODING_CP932;
    r.job.effect[PS_REASON_SMTPUTF8_REQUIRED] = PS_EFFECT_KEEP;
    write_file(&r, 0, text, sizeof text - 1);
    travel(&r);
    assert_string_equal(r.reasons, "clean:ok clean:ok removed:invalid_encoding");
    assert_string_equal(r.out[PS_VERDICT_CLEAN], "\x8e\x52\x93\x63\x91\xbe\x98\x59,taro@example.jp\r\n"
                                                 "\x8e\x52\x93\x63,\x91\xbe\x98\x59@example.jp\r\n");
    assert_non_null(strstr(r.out[PS_VERDICT_REMOVED], "\x8e\x52\x93\x63,t\x81\xff@example.jp,invalid_encoding,"));
    road_close(&r);
}

// The same bytes whatever the batches' size.
static void test_batch_size(void **state)
{
    static road whole, pieces;

    (void)state;
    road_open(&whole);
    track(&whole, PS_SIGNAL_CLICK);
    travel_text(&whole, engagement_rows);
    road_open(&pieces);
    pieces.job.batch_bytes = 64;
    track(&pieces, PS_SIGNAL_CLICK);
    travel_text(&pieces, engagement_rows);
    assert_string_equal(whole.reasons, pieces.reasons);
    assert_string_equal(whole.out[PS_VERDICT_CLEAN], pieces.out[PS_VERDICT_CLEAN]);
    assert_memory_equal(whole.tally.found, pieces.tally.found, sizeof whole.tally.found);
    road_close(&pieces);
    road_close(&whole);
}

static void test_tally_merge(void **state)
{
    static road a, b;
    ps_tally sum;

    (void)state;
    road_open(&a);
    travel_text(&a, "email\na@one.example.jp\nb@two.example.jp\nbad\n");
    road_open(&b);
    travel_text(&b, "email\nc@two.example.jp\nd@three.example.jp\nd@three.example.jp\n");
    assert_ok(ps_tally_open(&sum, &error), &error);
    assert_ok(ps_tally_merge(&sum, &b.tally, &error), &error);
    assert_ok(ps_tally_merge(&sum, &a.tally, &error), &error);
    assert_int_equal(sum.rows, 6);
    assert_int_equal(sum.verdict[PS_VERDICT_CLEAN], 4);
    assert_int_equal(sum.decided[PS_REASON_DUPLICATE], 1);
    assert_int_equal(sum.file_rows[0], 6);
    assert_int_equal(sum.domain_names.count, 3);
    uint32_t two = ps_intern_find(&sum.domain_names, ps_span_of("two.example.jp"));
    assert_int_equal(sum.domains[two].rows, 2);
    assert_int_equal(sum.domains[two].verdict[PS_VERDICT_CLEAN], 2);
    ps_tally_close(&sum);
    road_close(&b);
    road_close(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean_rows),  cmocka_unit_test(test_original_addresses),
        cmocka_unit_test(test_suppression), cmocka_unit_test(test_alias_policies),
        cmocka_unit_test(test_syntax),      cmocka_unit_test(test_softening_is_for_syntax_alone),
        cmocka_unit_test(test_policies),    cmocka_unit_test(test_domains),
        cmocka_unit_test(test_mx_off),      cmocka_unit_test(test_columns),
        cmocka_unit_test(test_optin),       cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_two_files),   cmocka_unit_test(test_engagement),
        cmocka_unit_test(test_bad_dates),   cmocka_unit_test(test_one_address_one_judgement),
        cmocka_unit_test(test_cp932),       cmocka_unit_test(test_batch_size),
        cmocka_unit_test(test_tally_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
