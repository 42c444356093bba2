// What all rows of an address say, gathered in two passes: the same as adding them all up.
// layer: engine

#include "engine/gather.h"

#include "assert.h"
#include "engine/order.h"
#include "engine/repeats.h"
#include "facts/engagement.h"
#include "stage/row.h"

enum { PEOPLE = 700, ROWS = 400, BATCHES = 6 };

// A batch, and what its rows say.
typedef struct piece {
    ps_row rows[ROWS];
    ps_span values[ROWS];
    ps_day clicks[ROWS], signups[ROWS];
    int32_t sends[ROWS];
    uint32_t flags[ROWS];
} piece;

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static ps_hash hash_of(uint32_t who)
{
    return ps_hash_of((ps_span){(const char *)&who, sizeof who});
}

// Person 0 has no address, and the last tenth of all people have one row at most.
static uint32_t choose(uint32_t *seed, size_t row)
{
    bool alone = next_random(seed) % 10 == 0;

    return alone ? PEOPLE + (uint32_t)row : next_random(seed) % PEOPLE;
}

static void fill(piece *p, ps_batch *batch, uint32_t *seed)
{
    static const uint32_t flags[] = {0, 0, PS_FLAG_OPTOUT, PS_FLAG_NO_CONSENT};

    batch->rows = p->rows;
    batch->values = p->values;
    batch->row_count = ROWS - next_random(seed) % 9;
    batch->said = (ps_said){
        .days = {[PS_SIGNAL_CLICK] = p->clicks, [PS_SIGNAL_SIGNUP] = p->signups},
        .sends = p->sends,
        .flags = p->flags,
    };
    for (size_t i = 0; i < batch->row_count; i++) {
        uint32_t who = choose(seed, batch->number * ROWS + i);
        p->rows[i] = (ps_row){.place = (uint32_t)i, .has_key = who != 0, .key = hash_of(who)};
        p->clicks[i] = next_random(seed) % 3 == 0 ? PS_DAY_NONE : (ps_day)(next_random(seed) % 20000);
        p->signups[i] = next_random(seed) % 3 == 0 ? PS_DAY_NONE : (ps_day)(next_random(seed) % 20000);
        p->sends[i] = (int32_t)(next_random(seed) % 5) - 1;
        p->flags[i] = flags[next_random(seed) % PS_COUNT_OF(flags)];
    }
}

// As the survey does: the rows that are left are of a batch that is not needed any more.
static void gather_later(const ps_repeats *repeats, const ps_facts *facts, const ps_batch *of, ps_evidence *out)
{
    static piece left;
    ps_batch batch = *of;
    size_t kept = 0;
    ps_error err;

    for (size_t i = 0; i < of->row_count; i++) {
        if (!ps_repeated_later(&repeats->rows, of->file, ps_row_number(of, &of->rows[i]))) continue;
        left.clicks[kept] = of->said.days[PS_SIGNAL_CLICK][i];
        left.signups[kept] = of->said.days[PS_SIGNAL_SIGNUP][i];
        left.sends[kept] = of->said.sends[i];
        left.flags[kept++] = of->said.flags[i];
    }
    memcpy(left.rows, of->rows, sizeof left.rows);
    batch.rows = left.rows;
    batch.values = left.values;
    batch.said.days[PS_SIGNAL_CLICK] = left.clicks;
    batch.said.days[PS_SIGNAL_SIGNUP] = left.signups;
    batch.said.sends = left.sends;
    batch.said.flags = left.flags;
    ps_repeats_keep_later(repeats, &batch);
    assert_int_equal(batch.row_count, kept);
    assert_ok(ps_gather_rows(out, facts, &batch, &err), &err);
}

static void check(const ps_facts *facts, const ps_batch *batch, const ps_evidence *all, const ps_evidence *got)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        const ps_signals *found = ps_evidence_find(got, ps_row_identity(facts, row));
        assert_int_equal(found != NULL, ps_row_has_key(row) && !ps_row_alone(facts, batch, row));
        if (found == NULL) continue;
        assert_memory_equal(found, ps_evidence_find(all, ps_row_identity(facts, row)), sizeof *found);
    }
}

static void test_in_two_passes(void **state)
{
    static piece pieces[BATCHES];
    ps_layout layout = {.mapped_count = 1};
    ps_batch batches[BATCHES] = {0};
    ps_job job;
    ps_repeats repeats = {.count = 0};
    ps_facts facts = {.job = &job, .repeated = &repeats.rows};
    ps_evidence all = {.count = 0}, got = {.count = 0};
    ps_order order;
    ps_error err;
    uint32_t seed = 3;
    (void)state;

    ps_job_init(&job);
    ps_order_init(&order);
    for (size_t i = 0; i < BATCHES; i++) {
        batches[i] = (ps_batch){.number = i, .layout = &layout, .first_number = i * ROWS + 1};
        assert_ok(ps_arena_open(1 << 20, &batches[i].arena, &err), &err);
        fill(&pieces[i], &batches[i], &seed);
        assert_ok(ps_gather_rows(&all, &facts, &batches[i], &err), &err);
        assert_ok(ps_repeats_note(&repeats, &facts, &batches[i], ROWS, &err), &err);
        gather_later(&repeats, &facts, &batches[i], &got);
    }
    ps_repeats_seal(&repeats);
    assert_int_equal(got.count, repeats.count);
    assert_true(got.count > 0 && got.count < all.count);
    for (size_t i = 0; i < BATCHES; i++) {
        assert_true(ps_gather_firsts(&got, &facts, &batches[i], &order));
        check(&facts, &batches[i], &all, &got); // no row of an address comes before its first
    }
    for (size_t i = 0; i < BATCHES; i++)
        ps_arena_close(&batches[i].arena);
    ps_order_done(&order);
    ps_evidence_done(&all);
    ps_evidence_done(&got);
    ps_repeats_done(&repeats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_in_two_passes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
