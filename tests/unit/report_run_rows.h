#ifndef PS_TEST_REPORT_RUN_ROWS_H
#define PS_TEST_REPORT_RUN_ROWS_H

// The rows of the run made by hand: why they went where, their domains, examples of them.

#include "report_run_type.h"

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

    static const ps_run_operator operators[] = {
        {"google_gmail", "mailbox", "global", 1, 802, {661, 3, 40, 98}},
        {"docomo", "carrier", "jp", 1, 305, {281, 2, 4, 18}},
        {NULL, NULL, NULL, 642, 900, {700, 10, 80, 110}},
    };

    memcpy(out->domains, domains, sizeof domains);
    out->run.domains = out->domains;
    out->run.domains_count = 7;
    out->run.domains_distinct = 644;
    memcpy(out->samples, samples, sizeof samples);
    out->run.samples = out->samples;
    out->run.samples_count = 4;
    out->run.mx = (ps_run_mx){.mode = PS_MX_SNAPSHOT,
                              .domains = 644,
                              .deliverable = 561,
                              .no_mail = 31,
                              .unknown = 7,
                              .not_checked = 45,
                              .snapshot = "mx.csv",
                              .snapshot_oldest = ps_day_of(2026, 10, 2),
                              .snapshot_newest = ps_day_of(2026, 11, 18)};
    memcpy(out->operators, operators, sizeof operators);
    out->run.operators = out->operators;
    out->run.operators_count = PS_COUNT_OF(operators);
}

#endif
