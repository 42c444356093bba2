#ifndef PS_TEST_STORE_FIXTURE_H
#define PS_TEST_STORE_FIXTURE_H

// Runs to put into a state file.

#include <fcntl.h>

#include "state_file.h"
#include "store/suppressions.h"

static const ps_store_job nightly = {.name = "job.yaml", .campaign = "autumn"};
static const ps_store_job other_job = {.name = "other.yaml", .campaign = "autumn"};

// Digests of people, told apart by a number.
static inline ps_hash person(unsigned number)
{
    return (ps_hash){.low = number, .high = number * 31};
}

// A run of some day whose id ends in `number`; it lists the people from `first` on, `count` of them.
typedef struct test_run {
    unsigned number;
    ps_day as_of;
    unsigned first, count;
    uint64_t rows, bounced, duplicates;
    const char *owner;
    int32_t retain_days; // 0: 400
    const ps_store_job *job; // NULL: nightly
    const ps_domains *domains; // it asked about; may be NULL
} test_run;

static inline void id_of(unsigned number, char out[37])
{
    snprintf(out, 37, "00000000-0000-4000-8000-%012u", number);
}

static inline ps_status prepare_run(ps_store *store, const test_run *t, ps_error *err)
{
    ps_job job;
    ps_listed listed = {0};
    ps_run run = {.job = &job, .started_s = 1, .finished_s = 2, .rows = t->rows};

    ps_job_init(&job);
    job.as_of = t->as_of;
    job.timezone = "Asia/Tokyo";
    id_of(t->number, run.id);
    run.verdict[PS_VERDICT_REMOVED] = t->bounced;
    run.verdict[PS_VERDICT_WINBACK] = t->count;
    run.verdict[PS_VERDICT_CLEAN] = t->rows - t->bounced - t->count - t->duplicates;
    run.decided[PS_REASON_SUPPRESSED_BOUNCE] = t->bounced;
    run.decided[PS_REASON_DUPLICATE] = t->duplicates;
    run.decided[PS_REASON_WINBACK_DUE] = t->count;
    for (unsigned i = 0; i < t->count; i++) {
        ps_hash digest = person(t->first + i);
        assert_ok(ps_listed_add(&listed, &digest, 1, err), err);
    }
    const ps_store_run stored = {.run = &run,
                                 .job = t->job == NULL ? nightly : *t->job,
                                 .owner = t->owner,
                                 .directory = "/srv/out",
                                 .retain_days = t->retain_days == 0 ? 400 : t->retain_days,
                                 .listed = &listed,
                                 .domains = t->domains};
    ps_status status = ps_store_prepare(store, &stored, err);
    ps_listed_done(&listed);
    return status;
}

static inline void add_run(ps_store *store, const test_run *t)
{
    char id[37];
    ps_error err;

    id_of(t->number, id);
    assert_ok(prepare_run(store, t, &err), &err);
    assert_ok(ps_store_settle(store, id, &err), &err);
}

static inline ps_listing listing_of(ps_store *store, const ps_store_job *job, ps_day as_of, unsigned number)
{
    ps_listings listings = {0};
    ps_error err;

    assert_ok(ps_store_listings(store, job, as_of, &listings, &err), &err);
    const ps_listing *found = ps_listings_find(&listings, person(number));
    ps_listing listing = found == NULL ? (ps_listing){PS_DAY_NONE, PS_DAY_NONE} : *found;
    ps_listings_done(&listings);
    return listing;
}

static inline ps_store_intake *open_intake(ps_store *store, int64_t now_s)
{
    const ps_intake_options options = {
        .name = "mailgun-jp", .type = "mailgun", .origin = "us mg.example.jp", .now_s = now_s};
    ps_store_intake *intake = NULL;
    ps_error err;

    assert_ok(ps_store_intake_open(store, &options, &intake, &err), &err);
    return intake;
}

#endif
