#ifndef PS_TEST_ROAD_SETUP_H
#define PS_TEST_ROAD_SETUP_H

// What a row is judged by, for the tests of the road.

#include <unistd.h>

#include "assert.h"
#include "base/clock.h"
#include "base/memory.h"
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
    unsigned long fail_at; // this allocation of the judging pass fails; 0: none
    bool failed; // and it was said
    char paths[FILES_MAX][64];
    ps_buf out[PS_VERDICT_COUNT]; // the outputs' rows, without headers
    ps_buf reasons; // "verdict:reason" of each row, blank between
} road;

static ps_error error;

static inline void road_open(road *r)
{
    memset(r, 0, sizeof *r);
    ps_job_init(&r->job);
    for (size_t v = 0; v < PS_VERDICT_COUNT; v++)
        ps_buf_init(&r->out[v], TEXT_MAX);
    ps_buf_init(&r->reasons, TEXT_MAX);
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
    assert_ok(ps_tally_open(NULL, NULL, &r->tally, &error), &error);
    const ps_address_options options = {.special_use_all = true};
    assert_ok(ps_address_rules_new(&options, &r->rules, &error), &error);
    r->facts.job = &r->job;
    r->facts.zone = r->zone;
    r->facts.suppression = r->suppression;
    r->facts.domains = &r->domains;
    r->facts.address_rules = r->rules;
}

static inline void road_close(road *r)
{
    for (size_t i = 0; i < r->job.recipients_count; i++)
        unlink(r->paths[i]);
    for (size_t v = 0; v < PS_VERDICT_COUNT; v++)
        ps_buf_done(&r->out[v]);
    ps_buf_done(&r->reasons);
    ps_tally_close(&r->tally);
    ps_claims_done(&r->claims);
    ps_evidence_done(&r->evidence);
    ps_domains_close(&r->domains);
    ps_suppression_free(r->suppression);
    ps_address_rules_free(r->rules);
    ps_zone_free(r->zone);
}

static inline void track(road *r, ps_signal signal)
{
    r->facts.coverage.present[signal] = r->facts.coverage.tracked[signal] = true;
}

static inline void suppress(road *r, const char *cell, uint32_t source, ps_class class, const char *list,
                            const char *day)
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

static inline void domain(road *r, const char *name, ps_mail_verdict verdict, ps_reason reason, ps_findings warnings)
{
    uint32_t number;

    assert_ok(ps_domains_add(&r->domains, ps_span_of(name), &number, &error), &error);
    r->domains.facts[number] =
        (ps_domain_fact){.verdict = verdict, .reason = reason, .warnings = warnings, .checked = PS_DAY_NONE};
}

static inline void write_file(road *r, size_t file, const char *text, size_t len)
{
    snprintf(r->paths[file], sizeof r->paths[file], "/tmp/presend-road%zu-XXXXXX", file);
    int fd = mkstemp(r->paths[file]);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    assert_int_equal(close(fd), 0);
    r->recipients[file].file = r->paths[file];
}

#endif
