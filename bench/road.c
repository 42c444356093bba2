// What a row costs, step by step, on one thread: `bench_road list.csv [rounds] [KiB of a batch]`, the list as
// bench_workload makes it. The suppression lists and the writing are not here; `presend run` has them.

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/pipeline.h"
#include "mail/charset.h"
#include "stage/claim.h"
#include "stage/stage.h"

enum { AS_OF = 20454, STEPS_MAX = 16 }; // 2026-01-01

// As bench/w.yaml has them.
static const ps_recipients recipients = {
    .encoding = PS_ENCODING_UTF8,
    .columns =
        {
            [PS_COLUMN_EMAIL] = "email",
            [PS_COLUMN_SIGNUP_AT] = "signup_date",
            [PS_COLUMN_LAST_OPEN] = "last_open_at",
            [PS_COLUMN_LAST_CLICK] = "last_click_at",
            [PS_COLUMN_LAST_PURCHASE] = "last_purchase_at",
            [PS_COLUMN_WINBACK_SENT_AT] = "winback_sent_at",
            [PS_COLUMN_OPTIN] = "consent",
        },
};

typedef struct road {
    ps_job job;
    ps_facts facts;
    ps_inputs inputs;
    ps_batch batch;
    ps_claims claims;
    ps_tally tally;
    uint64_t rows;
    double seconds[STEPS_MAX];
} road;

static void tally(const ps_facts *facts, road *r)
{
    if (ps_tally_batch(&r->tally, facts, &r->batch, NULL) != PS_OK) abort();
}

static const struct {
    const char *name;
    ps_stage *step; // NULL: the claim, which sees other rows
} steps[] = {
    {"normalize", ps_stage_normalize}, {"syntax", ps_stage_syntax},   {"signals", ps_stage_signals},
    {"evidence", ps_stage_evidence},   {"columns", ps_stage_columns}, {"domain", ps_stage_domain},
    {"engage", ps_stage_engage},       {"project", ps_stage_project}, {"claim", NULL},
    {"decide", ps_stage_decide},       {"plan", ps_stage_plan},
};

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// What has passed since the last call is what this place took.
static void book(road *r, size_t *at, double *last)
{
    double now = now_s();

    r->seconds[(*at)++] += now - *last;
    *last = now;
}

static void check(ps_status status, const ps_error *err)
{
    if (status == PS_OK) return;
    fprintf(stderr, "bench_road: %s\n", err->text);
    exit(1);
}

static void take_step(road *r, size_t i, ps_error *err)
{
    if (steps[i].step != NULL) {
        steps[i].step(&r->facts, &r->batch);
    } else {
        check(ps_stage_claim(&r->facts, &r->claims, &r->batch, NULL, err), err);
    }
}

static bool carry(road *r, ps_error *err)
{
    ps_piece piece;
    bool more = false;
    size_t at = 0;

    double last = now_s();
    ps_batch_reset(&r->batch);
    check(ps_inputs_take(&r->inputs, &r->batch, &piece, &more, err), err);
    if (!more) return false;
    if (piece.reader != NULL) {
        check(ps_piece_read(&piece, &r->batch, err), err);
        check(ps_piece_settle(&piece, &r->batch, err), err);
    }
    if (r->batch.decoder == NULL) check(ps_decoder_open(r->batch.layout->encoding, &r->batch.decoder, err), err);
    book(r, &at, &last);
    check(ps_batch_parse(&r->batch, err), err);
    book(r, &at, &last);
    for (size_t i = 0; i < PS_COUNT_OF(steps); i++) {
        take_step(r, i, err);
        book(r, &at, &last);
    }
    tally(&r->facts, r);
    book(r, &at, &last);
    r->rows += r->batch.row_count;
    r->batch.number++;
    return true;
}

static void open_road(road *r, const ps_recipients *table, size_t batch_bytes, ps_error *err)
{
    ps_job *job = &r->job;
    ps_address_rules *rules = NULL;
    ps_zone *zone = NULL;

    ps_job_init(job);
    job->batch_bytes = batch_bytes;
    job->as_of = AS_OF;
    job->recipients = table;
    job->recipients_count = 1;
    job->dedupe = PS_DEDUPE_PROVIDER;
    job->evidence_first = true;
    job->mx_mode = PS_MX_OFF;
    job->effect[PS_REASON_TYPO_SUSPECTED] = PS_EFFECT_OFF;
    job->effect[PS_REASON_DISPOSABLE_DOMAIN] = PS_EFFECT_OFF;
    job->effect[PS_REASON_ROLE_ACCOUNT] = PS_EFFECT_OFF;
    if (!ps_engagement_profile("b2c_weekly", &job->engagement)) abort();
    job->engagement.applied = true;
    job->engagement.coverage = 0;
    r->facts.job = job;
    check(ps_inputs_open(job, NULL, NULL, &r->inputs, err), err);
    check(ps_address_rules_new(NULL, &rules, err), err);
    check(ps_zone_new("UTC", &zone, err), err);
    r->facts.address_rules = rules;
    r->facts.zone = zone;
    check(ps_batch_open(job->batch_bytes, &r->batch, err), err);
    check(ps_tally_open(NULL, &r->tally, err), err);
    ps_policy_init(&r->facts.policy, job);
    for (size_t i = 0; i < PS_SIGNAL_COUNT; i++) {
        r->facts.coverage.tracked[i] = i == PS_SIGNAL_OPEN || i == PS_SIGNAL_CLICK || i == PS_SIGNAL_PURCHASE;
        r->facts.coverage.observed_since[i] = PS_DAY_NONE;
    }
}

static void begin_round(road *r, ps_error *err)
{
    check(ps_inputs_rewind(&r->inputs, err), err);
    ps_claims_done(&r->claims);
    check(ps_claims_open(&r->claims, &r->facts, 1, ps_inputs_bytes(&r->inputs), err), err);
    r->batch.number = 0;
}

static void print(const road *r)
{
    double all = 0;

    for (size_t i = 0; i < PS_COUNT_OF(steps) + 3; i++) {
        bool step = i >= 2 && i < PS_COUNT_OF(steps) + 2;
        const char *name = i == 0 ? "read" : i == 1 ? "rows" : step ? steps[i - 2].name : "tally";
        printf("%-10s %6.1f ns a row\n", name, r->seconds[i] * 1e9 / (double)r->rows);
        all += r->seconds[i];
    }
    printf("%-10s %6.1f ns a row, %llu rows\n", "all", all * 1e9 / (double)r->rows, (unsigned long long)r->rows);
}

int main(int argc, char **argv)
{
    static road r;
    ps_error err = {.status = PS_OK};
    ps_recipients table = recipients;
    long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 1, batch_kib = argc > 3 ? strtol(argv[3], NULL, 10) : 512;

    if (argc < 2) return 64;
    table.file = argv[1];
    for (size_t i = 0; i < PS_COLUMN_COUNT; i++)
        table.dates[i] = PS_DATE_FORM_ISO;
    open_road(&r, &table, (size_t)batch_kib << 10, &err);
    for (long round = 0; round < rounds; round++) {
        begin_round(&r, &err);
        while (carry(&r, &err)) {
        }
    }
    print(&r);
    return 0;
}
