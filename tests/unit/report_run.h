#ifndef PS_TEST_REPORT_RUN_H
#define PS_TEST_REPORT_RUN_H

// Runs made by hand for the tests of the report: an ordinary one, one whose every text attacks, and an empty one.

#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "presend/run.h"

// Markup, quotes, a right-to-left override, a newline, and a byte that is no UTF-8.
#define HOSTILE "<script>alert('x')</script>\"' onload=x & \xe2\x80\xae evil\n\xff </td>"

typedef struct report_run {
    ps_run run;
    ps_job job;
    ps_recipients recipients[1];
    ps_source_config configs[3];
    ps_run_input inputs[2];
    ps_run_column columns[8];
    ps_run_source sources[3];
    ps_run_domain domains[7];
    ps_run_sample samples[4];
    ps_run_guard guards[3];
    ps_run_warning warnings[4];
    ps_run_data_list lists[2];
    ps_run_output outputs[PS_VERDICT_COUNT];
    const char *headers[5];
    const char *accepted[1];
} report_run;

static inline void report_run_job(report_run *out)
{
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count);

    for (size_t i = 0; i < count; i++)
        out->job.effect[table[i].reason] = table[i].effect;
    out->job.effect[PS_REASON_ROLE_ACCOUNT] = PS_EFFECT_HOLD;
    out->job.campaign = "2026-autumn 秋のご案内";
    out->job.job_file = "/home/somebody/jobs/campaign.yaml";
    out->job.as_of = ps_day_of(2026, 11, 21);
    out->job.timezone = "Asia/Tokyo";
    out->recipients[0] = (ps_recipients){.file = "data/会員一覧.csv", .encoding = PS_ENCODING_CP932};
    out->recipients[0].columns[PS_COLUMN_EMAIL] = "メールアドレス";
    out->recipients[0].dates[PS_COLUMN_LAST_CLICK] = PS_DATE_FORM_YMD;
    out->job.recipients = out->recipients;
    out->job.recipients_count = 1;
    out->job.dedupe = PS_DEDUPE_EXACT;
    out->job.mx_mode = PS_MX_SNAPSHOT;
    out->job.mx_snapshot = "mx.csv";
    out->job.sources = out->configs;
    out->job.sources_count = 3;
    static const char *const names[] = {"mailgun-jp", "sendgrid", "ses"};
    for (size_t i = 0; i < 3; i++)
        out->configs[i] = (ps_source_config){.name = names[i], .file = "lists/x.csv", .default_class = PS_CLASS_MANUAL};
    out->job.engagement = (ps_engagement){.applied = true,
                                          .profile = "b2c_weekly",
                                          .active = 90,
                                          .winback = 180,
                                          .sunset = 365,
                                          .grace = 30,
                                          .reply = 30,
                                          .open_credit = 90,
                                          .min_sends = 3,
                                          .sends_never = 11,
                                          .sends_since = 16,
                                          .coverage = 0.2};
    for (size_t i = 0; i < PS_COLUMN_COUNT; i++)
        out->job.engagement.observed_since[i] = PS_DAY_NONE;
    out->job.engagement.observed_since[PS_COLUMN_LAST_CLICK] = ps_day_of(2024, 4, 1);
    out->job.guards = (ps_guards){0.5, 0.3, 0.05, 1000};
    out->accepted[0] = "stale";
    out->job.accepted = out->accepted;
    out->job.accepted_count = 1;
}

static inline void report_run_decide(report_run *out)
{
    static const struct {
        ps_reason reason;
        uint64_t decided, held, found;
    } rows[] = {
        {PS_REASON_OK, 3912, 0, 3912},
        {PS_REASON_SUPPRESSED_UNSUBSCRIBE, 233, 0, 251},
        {PS_REASON_SUPPRESSED_BOUNCE, 118, 0, 140},
        {PS_REASON_SUPPRESSED_COMPLAINT, 21, 0, 21},
        {PS_REASON_SUPPRESSED_DOMAIN, 9, 0, 9},
        {PS_REASON_COLUMN_OPTOUT, 74, 0, 102},
        {PS_REASON_NXDOMAIN, 57, 0, 60},
        {PS_REASON_NULL_MX, 12, 0, 12},
        {PS_REASON_DUPLICATE, 131, 0, 131},
        {PS_REASON_DORMANT, 61, 0, 63},
        {PS_REASON_WINBACK_EXPIRED, 22, 0, 22},
        {PS_REASON_EMPTY, 8, 0, 8},
        {PS_REASON_LOCAL_DOT_PLACEMENT, 5, 0, 5},
        {PS_REASON_MULTIPLE_ADDRESSES, 7, 7, 7},
        {PS_REASON_DOMAIN_UNKNOWN_TLD, 5, 2, 5},
        {PS_REASON_WINBACK_DUE, 214, 0, 214},
        {PS_REASON_WINBACK_PENDING, 40, 40, 41},
        {PS_REASON_TYPO_SUSPECTED, 33, 33, 35},
        {PS_REASON_DATE, 14, 14, 14},
        {PS_REASON_COLUMNS, 6, 6, 6},
        {PS_REASON_ROLE_SYSTEM, 18, 18, 20},
        {PS_REASON_REPAIRED_WIDTH, 0, 0, 96},
        {PS_REASON_REPAIRED_WHITESPACE, 0, 0, 41},
        {PS_REASON_NORMALIZED_CASE, 0, 0, 388},
        {PS_REASON_CARRIER_LEGACY_LOCAL, 0, 0, 52},
        {PS_REASON_IDN_DOMAIN, 0, 0, 11},
        {PS_REASON_ACTIVE, 0, 0, 2804},
        {PS_REASON_ACTIVE_OPEN_ONLY, 0, 0, 402},
        {PS_REASON_COOLING, 0, 0, 512},
        {PS_REASON_NEVER_MAILED, 0, 0, 35},
        {PS_REASON_NEW_GRACE, 0, 0, 159},
        {PS_REASON_NOT_CHECKED, 0, 0, 75},
    };

    for (size_t i = 0; i < PS_COUNT_OF(rows); i++) {
        out->run.decided[rows[i].reason] = rows[i].decided;
        out->run.held[rows[i].reason] = rows[i].held;
        out->run.found[rows[i].reason] = rows[i].found;
    }
    out->run.rows = 5000;
    out->run.verdict[PS_VERDICT_CLEAN] = 3912;
    out->run.verdict[PS_VERDICT_WINBACK] = 214;
    out->run.verdict[PS_VERDICT_HELD] = 120;
    out->run.verdict[PS_VERDICT_REMOVED] = 754;
    out->run.tier[0] = 194;
    out->run.tier[1] = 2804;
    out->run.tier[2] = 402;
    out->run.tier[3] = 512;
    out->run.formula_rows = 3;
}

static inline void report_run_files(report_run *out)
{
    static const char hash[65] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    static const char *const headers[] = {"会員番号", "氏名", "メールアドレス", "最終クリック日", "メルマガ配信停止"};
    const ps_day oldest = ps_day_of(2024, 4, 2), newest = ps_day_of(2026, 11, 19);

    memcpy(out->headers, headers, sizeof headers);
    out->columns[0] =
        (ps_run_column){PS_COLUMN_EMAIL, 2, headers[2], true, false, 0, 0, 0, 0, PS_DAY_NONE, PS_DAY_NONE};
    out->columns[1] =
        (ps_run_column){PS_COLUMN_LAST_CLICK, 3, headers[3], false, true, 3320, 666, 14, 0, oldest, newest};
    out->columns[2] =
        (ps_run_column){PS_COLUMN_OPTOUT, 4, headers[4], false, false, 0, 0, 0, 0, PS_DAY_NONE, PS_DAY_NONE};
    out->columns[3] =
        (ps_run_column){PS_COLUMN_NAME, 1, headers[1], false, false, 0, 0, 0, 0, PS_DAY_NONE, PS_DAY_NONE};
    out->inputs[0] = (ps_run_input){.file = "data/会員一覧.csv",
                                    .encoding = "CP932",
                                    .encoding_declared = true,
                                    .compression = "none",
                                    .delimiter = ",",
                                    .line_end = "crlf",
                                    .size_bytes = 612345,
                                    .rows = 4000,
                                    .blank_lines = 1,
                                    .fingerprint = "0123456789abcdef0123456789abcdef",
                                    .columns = out->columns,
                                    .columns_count = 4,
                                    .headers = out->headers,
                                    .headers_count = 5};
    out->inputs[1] = out->inputs[0];
    out->inputs[1].file = "data/追加.csv.gz";
    out->inputs[1].compression = "gzip";
    out->inputs[1].rows = 1000;
    out->inputs[1].columns = out->columns + 4;
    for (size_t i = 0; i < 4; i++) {
        out->columns[4 + i] = out->columns[i];
        out->columns[4 + i].filled /= 4;
        out->columns[4 + i].missing /= 4;
    }
    out->run.inputs = out->inputs;
    out->run.inputs_count = 2;

    static const char *const files[] = {"clean.csv", "winback.csv", "held.csv", "removed.csv"};
    for (size_t i = 0; i < PS_VERDICT_COUNT; i++) {
        out->outputs[i] = (ps_run_output){
            .name = files[i], .rows = out->run.verdict[i], .size_bytes = 1000 + 479000 / (i * i * 9 + 1)};
        memcpy(out->outputs[i].sha256, hash, sizeof hash);
    }
    out->run.outputs = out->outputs;
    out->run.outputs_count = PS_VERDICT_COUNT;

    out->sources[0] = (ps_run_source){.name = "mailgun-jp",
                                      .file = "/home/somebody/lists/mailgun_bounces.csv",
                                      .format = "mailgun",
                                      .encoding = "UTF-8",
                                      .size_bytes = 48211,
                                      .modified_s = 1794987600,
                                      .addresses = 812,
                                      .rows_matched = 140};
    out->sources[0].entries[PS_CLASS_HARD] = 790;
    out->sources[0].entries[PS_CLASS_SOFT] = 22;
    out->sources[1] = (ps_run_source){.name = "sendgrid",
                                      .file = "lists/sg_unsubscribes.csv",
                                      .format = "sendgrid",
                                      .encoding = "UTF-8",
                                      .size_bytes = 120,
                                      .modified_s = 1795000000,
                                      .addresses = 1204,
                                      .unreadable = 1,
                                      .rows_matched = 251};
    out->sources[1].entries[PS_CLASS_UNSUBSCRIBE] = 1183;
    out->sources[1].entries[PS_CLASS_COMPLAINT] = 21;
    out->sources[2] = (ps_run_source){.name = "competitors",
                                      .file = "domains.txt",
                                      .format = "plain",
                                      .encoding = "UTF-8",
                                      .modified_s = 1780000000,
                                      .domains = 14,
                                      .rows_matched = 9};
    out->sources[2].entries[PS_CLASS_MANUAL] = 14;
    for (size_t i = 0; i < 3; i++)
        memcpy(out->sources[i].sha256, hash, sizeof hash);
    out->run.sources = out->sources;
    out->run.sources_count = 3;
}

static inline void report_run_people(report_run *out)
{
    static const ps_run_domain domains[] = {
        {"gmail.com", 1820, {1490, 70, 40, 220}},  {"docomo.ne.jp", 930, {801, 40, 20, 69}},
        {"ezweb.ne.jp", 402, {330, 30, 10, 32}},   {"yahoo.co.jp", 388, {310, 24, 10, 44}},
        {"softbank.ne.jp", 260, {221, 12, 5, 22}}, {"xn--r8jz45g.example", 10, {8, 0, 1, 1}},
        {"small-family.example", 9, {7, 0, 1, 1}},
    };
    static const ps_run_sample samples[] = {
        {PS_REASON_SUPPRESSED_UNSUBSCRIBE, "t***@gmail.com", "sendgrid, unsubscribes, 2026-08-02", "data/会員一覧.csv",
         12, 13},
        {PS_REASON_SUPPRESSED_UNSUBSCRIBE, "h***@docomo.ne.jp", "sendgrid, unsubscribes, 2025-12-30",
         "data/会員一覧.csv", 88, 90},
        {PS_REASON_DUPLICATE, "y***@yahoo.co.jp", "line 310", "data/会員一覧.csv", 412, 415},
        {PS_REASON_TYPO_SUSPECTED, "k***@gmial.com", "gmail.com", "data/追加.csv.gz", 7, 8},
    };

    memcpy(out->domains, domains, sizeof domains);
    out->run.domains = out->domains;
    out->run.domains_count = 7;
    out->run.domains_distinct = 644;
    memcpy(out->samples, samples, sizeof samples);
    out->run.samples = out->samples;
    out->run.samples_count = 4;
    out->run.mx =
        (ps_run_mx){PS_MX_SNAPSHOT, 644, 561, 31, 7, 45, 0, "mx.csv", ps_day_of(2026, 10, 2), ps_day_of(2026, 11, 18)};
}

static inline void report_run_make(report_run *out)
{
    memset(out, 0, sizeof *out);
    report_run_job(out);
    report_run_decide(out);
    report_run_files(out);
    report_run_people(out);
    out->guards[0] = (ps_run_guard){
        "removed_share", 0.1246, 0.5, 623, false, false, "623 of 5,000 rows were removed; the limit is 50 %."};
    out->guards[1] = (ps_run_guard){
        "engagement_share", 0.0122, 0.3, 61, false, false, "61 of 5,000 rows were removed for inactivity."};
    out->guards[2] = (ps_run_guard){"stale", 0, 0, 0, true, true, "The list `competitors` is over 35 days old."};
    out->run.guards = out->guards;
    out->run.guards_count = 3;
    out->warnings[0] =
        (ps_run_warning){"old_source", "The file of suppression source competitors is 208 days old.", true};
    out->warnings[1] = (ps_run_warning){"mx_snapshot",
                                        "Domains were judged by an MX snapshot, not by DNS; its oldest entry is of "
                                        "2026-10-02, an age of 50 days.",
                                        true};
    out->warnings[2] = (ps_run_warning){"mx_not_checked", "75 rows have a domain that was not looked up.", false};
    out->warnings[3] = (ps_run_warning){
        "formulas", "3 rows that go out hold a cell that a spreadsheet would run as a formula.", false};
    out->run.warnings = out->warnings;
    out->run.warnings_count = 4;
    out->lists[0] = (ps_run_data_list){"tlds", "IANA root zone database", "public domain", "2026-11-01", 1437};
    out->lists[1] = (ps_run_data_list){"disposable", "disposable-email-domains", "CC0-1.0", "2026-10-28", 4127};
    out->run.data_lists = out->lists;
    out->run.data_lists_count = 2;
    out->run.job = &out->job;
    memcpy(out->run.id, "6f1e8a52-0b1c-4a53-9a40-3f0c7d7f2b11", 37);
    out->run.started_s = 1795228800;
    out->run.finished_s = 1795228807;
    out->run.threads = 2;
}

// Every text that a file, a job or a list can bring is HOSTILE.
static inline void report_run_hostile(report_run *out)
{
    report_run_make(out);
    out->job.campaign = out->job.job_file = out->job.mx_snapshot = HOSTILE;
    out->recipients[0].file = out->recipients[0].columns[PS_COLUMN_EMAIL] = HOSTILE;
    out->configs[0].file = out->configs[0].column = HOSTILE;
    out->run.mx.snapshot = HOSTILE;
    for (size_t i = 0; i < PS_COUNT_OF(out->headers); i++)
        out->headers[i] = HOSTILE;
    for (size_t i = 0; i < PS_COUNT_OF(out->columns); i++)
        out->columns[i].header = HOSTILE;
    for (size_t i = 0; i < PS_COUNT_OF(out->inputs); i++)
        out->inputs[i].file = HOSTILE;
    for (size_t i = 0; i < PS_COUNT_OF(out->sources); i++)
        out->sources[i].file = HOSTILE;
    for (size_t i = 0; i < PS_COUNT_OF(out->domains); i++)
        out->domains[i].domain = HOSTILE;
    for (size_t i = 0; i < PS_COUNT_OF(out->samples); i++)
        out->samples[i].address = out->samples[i].detail = out->samples[i].file = HOSTILE;
    for (size_t i = 0; i < PS_COUNT_OF(out->guards); i++)
        out->guards[i].text = HOSTILE;
    out->guards[0].fired = true;
    out->warnings[0] = (ps_run_warning){"hostile", HOSTILE, true};
}

// A header and nothing else, judged without any list.
static inline void report_run_empty(report_run *out)
{
    report_run_make(out);
    out->run = (ps_run){.job = &out->job, .threads = 1};
    out->job.sources_count = 0;
    out->job.suppressions_none = true;
    out->job.engagement.applied = false;
    out->job.campaign = out->job.job_file = NULL;
    out->job.mx_mode = PS_MX_OFF;
    out->warnings[0] = (ps_run_warning){"no_suppression", "No suppression list was checked.", true};
    out->warnings[1] = (ps_run_warning){"mx_off", "Domains were not checked for mail servers.", true};
    out->run.warnings = out->warnings;
    out->run.warnings_count = 2;
}

#endif
