#ifndef PS_TEST_REPORT_RUN_H
#define PS_TEST_REPORT_RUN_H

// Runs made by hand for the tests of the report: an ordinary one, one whose every text attacks, and an empty one.

#include "report_run_files.h"
#include "report_run_rows.h"

// Markup, quotes, a right-to-left override, a newline, and a byte that is no UTF-8.
#define HOSTILE "<script>alert('x')</script>\"' onload=x & \xe2\x80\xae evil\n\xff </td>"

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
    out->job.guards = (ps_guards){.removed_share = 0.5, .engagement_share = 0.3, .dead_rows = 0.05, .min_rows = 1000};
    out->accepted[0] = "stale";
    out->job.accepted = out->accepted;
    out->job.accepted_count = 1;
}

static inline void report_run_make(report_run *out)
{
    memset(out, 0, sizeof *out);
    report_run_job(out);
    report_run_decide(out);
    report_run_inputs(out);
    report_run_outputs(out);
    report_run_sources(out);
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
