// Who is known, by hash: against a plain set, in every size, and while others look.
// layer: engine
// labels: threads
#include "assert.h"

#include <omp.h>
#include <sched.h>
#include <stdatomic.h>

#include "base/cpu.h"
#include "base/memory.h"
#include "base/roster.h"

static ps_error error;

static ps_hash hash_of(uint64_t number)
{
    return ps_hash_of((ps_span){(const char *)&number, sizeof number});
}

static ps_roster *new_roster(void)
{
    ps_roster *roster = NULL;

    assert_ok(ps_roster_new(&roster, &error), &error);
    return roster;
}

static uint32_t claim(ps_roster *roster, ps_hash hash, unsigned kind, uint32_t value)
{
    uint32_t stands = 0;

    assert_ok(ps_roster_claim(roster, (ps_roster_key){hash, kind}, value, &stands, &error), &error);
    return stands;
}

// The value of a key, or -1.
static int64_t find(const ps_roster *roster, ps_hash hash, unsigned kind)
{
    uint32_t value = 0;

    return ps_roster_find(roster, (ps_roster_key){hash, kind}, &value) ? (int64_t)value : -1;
}

static void test_kinds_are_apart(void **state)
{
    ps_roster *roster = new_roster();
    ps_hash hash = hash_of(1);

    (void)state;
    assert_int_equal(find(roster, hash, 1), -1);
    assert_int_equal(claim(roster, hash, 1, 7), 7);
    assert_int_equal(claim(roster, hash, 1, 8), 7); // the first stays
    assert_int_equal(find(roster, hash, 2), -1);
    assert_int_equal(claim(roster, hash, 2, 9), 9);
    assert_int_equal(claim(roster, hash, 3, UINT32_MAX), UINT32_MAX);
    assert_ok(ps_roster_put(roster, (ps_roster_key){hash, 1}, 10, &error), &error);
    assert_ok(ps_roster_put(roster, (ps_roster_key){hash_of(2), 1}, 11, &error), &error);
    assert_int_equal(find(roster, hash, 1), 10);
    assert_int_equal(find(roster, hash, 2), 9);
    assert_int_equal(find(roster, hash, 3), UINT32_MAX);
    assert_int_equal(find(roster, hash_of(2), 1), 11);
    uint32_t values[PS_ROSTER_KINDS + 1] = {0};
    assert_int_equal(ps_roster_find_all(roster, hash, values), 1 << 1 | 1 << 2 | 1 << 3);
    assert_true(values[1] == 10 && values[2] == 9 && values[3] == UINT32_MAX);
    assert_int_equal(ps_roster_find_all(roster, hash_of(2), values), 1 << 1);
    assert_int_equal(ps_roster_find_all(roster, hash_of(3), values), 0);
    assert_int_equal(ps_roster_find_all(roster, (ps_hash){0}, values), 0);
    assert_int_equal(claim(roster, (ps_hash){0}, 2, 5), 5);
    assert_int_equal(ps_roster_find_all(roster, (ps_hash){0}, values), 1 << 2);
    assert_int_equal(ps_roster_count(roster), 5);
    ps_roster_free(roster);
    ps_roster_free(NULL);
}

// Numbers in random order, each several times, against an array that is indexed by them; sized right, far too small,
// a little too small and in steps.
static void test_against_plain_set(void **state)
{
    enum { NUMBERS = 60000, CLAIMS = 100000 };
    static const uint64_t reserved[] = {0, 100, 5000, 20000, 60000, 61000, 500000};
    static int64_t plain[NUMBERS];

    (void)state;
    for (size_t r = 0; r < PS_COUNT_OF(reserved); r++) {
        ps_roster *roster = new_roster();
        uint64_t random = 88172645463325252U;
        assert_ok(ps_roster_reserve(roster, reserved[r], &error), &error);
        memset(plain, 0xff, sizeof plain);
        for (uint32_t i = 0; i < CLAIMS; i++) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            unsigned number = (unsigned)(random >> 33) % NUMBERS;
            if (i == CLAIMS / 2) assert_ok(ps_roster_reserve(roster, reserved[r] / 3, &error), &error);
            if (plain[number] < 0) plain[number] = i;
            assert_int_equal(claim(roster, hash_of(number), 1 + number % 3, i), plain[number]);
        }
        uint64_t count = 0;
        for (unsigned number = 0; number < NUMBERS; number++) {
            count += plain[number] >= 0;
            assert_int_equal(find(roster, hash_of(number), 1 + number % 3), plain[number]);
            assert_int_equal(find(roster, hash_of(number), 1 + (number + 1) % 3), -1);
            assert_int_equal(find(roster, hash_of(number + NUMBERS), 1 + number % 3), -1);
        }
        assert_int_equal(ps_roster_count(roster), count);
        ps_roster_free(roster);
    }
}

// That the memory of a part is taken changes nothing of who is in it.
static void test_touch(void **state)
{
    enum { ENTRIES = 20000 };
    ps_roster *roster = new_roster();

    (void)state;
    assert_ok(ps_roster_reserve(roster, ENTRIES, &error), &error);
    for (uint64_t round = 0; round < 2; round++) {
        for (unsigned part = 0; part < PS_ROSTER_PARTS; part++)
            ps_roster_touch(roster, part);
        assert_int_equal(ps_roster_count(roster), round * ENTRIES);
        for (uint64_t i = 0; i < ENTRIES; i++)
            assert_int_equal(claim(roster, hash_of(i), 1, (uint32_t)(i + round)), i); // the first stays
    }
    ps_roster_free(roster);
}

// What a block is told of its hashes: never that one is missing which is there, and in a table that is full to the last
// still not the other way round. Who has a gap is not there.
static void check_ask(void)
{
    enum { ENTRIES = 100000, APART = 5 << 8 };
    ps_roster *roster = new_roster();
    ps_roster_question question = {.count = 0, .apart = APART};
    uint64_t opened = 0;

    ps_roster_ask(roster, &question);
    ps_roster_ask_open(roster, &question);
    assert_int_equal(question.may, 0);
    assert_ok(ps_roster_reserve(roster, ENTRIES, &error), &error);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        ps_hash hash = hash_of(i);
        if (i % 5 == 0) hash.low ^= APART;
        claim(roster, hash, 1 + (unsigned)i % 3, 0);
    }
    question.count = PS_ROSTER_BLOCK;
    for (uint64_t i = 0; i < ENTRIES; i += PS_ROSTER_BLOCK / 2) {
        for (uint64_t k = 0; k < PS_ROSTER_BLOCK; k++)
            question.hashes[k] = hash_of(k % 2 == 0 ? (i + k / 2) % ENTRIES : ENTRIES + i + k);
        ps_roster_ask(roster, &question);
        assert_int_equal(question.may & question.open, 0);
        opened += question.open != 0;
        ps_roster_ask_open(roster, &question);
        assert_int_equal(question.may, UINT64_C(0x5555555555555555));
        for (uint64_t k = 0; k < PS_ROSTER_BLOCK; k++)
            assert_int_equal(question.gaps[k] == PS_ROSTER_NO_GAP, k % 2 == 0);
    }
    assert_true(opened > 0);
    ps_roster_free(roster);
}

static void in_every_form(void (*check)(void))
{
    for (unsigned cpu = (unsigned)ps_cpu_best() + 1; cpu-- > 0;) {
        ps_cpu_limit((ps_cpu)cpu);
        check();
    }
    ps_cpu_limit(PS_CPU_COUNT - 1);
}

static void test_ask(void **state)
{
    (void)state;
    in_every_form(check_ask);
}

// A block of which most is new, with repeats within it: what is added, and what is left to be claimed, comes to the
// same as claims one by one, and whatever stands there of another kind is left.
static void check_add_new(void)
{
    enum { NUMBERS = 40000, ROUNDS = 1500 };
    static const uint64_t reserved[] = {0, 30000, 2 * NUMBERS};
    static const uint32_t taken = 12345;

    for (size_t r = 0; r < PS_COUNT_OF(reserved); r++) {
        ps_roster *all = new_roster(), *each = new_roster();
        uint64_t random = 88172645463325252U, added = 0, left_absent = 0;
        assert_ok(ps_roster_reserve(all, reserved[r], &error), &error);
        assert_int_equal(ps_roster_add_new(all, 1, NULL, NULL, 0), 0);
        for (unsigned number = 0; number < NUMBERS; number += 50) {
            claim(all, hash_of(number), 2, taken);
            claim(each, hash_of(number), 2, taken);
        }
        for (uint32_t round = 0; round < ROUNDS; round++) {
            ps_hash hashes[PS_ROSTER_BLOCK];
            uint32_t values[PS_ROSTER_BLOCK];
            size_t count = 1 + round % PS_ROSTER_BLOCK;
            for (uint32_t i = 0; i < count; i++) {
                random = random * 6364136223846793005U + 1442695040888963407U;
                hashes[i] = hash_of((random >> 33) % (round % 3 == 0 ? 30 : NUMBERS));
                values[i] = round * PS_ROSTER_BLOCK + i;
            }
            uint64_t left = ps_roster_add_new(all, 1, hashes, values, count);
            added += count - (uint64_t)__builtin_popcountll(left);
            for (size_t i = 0; i < count; i++) {
                int64_t before = find(each, hashes[i], 1);
                bool is_left = (left >> i & 1) != 0, other_kind = find(each, hashes[i], 2) >= 0;
                assert_true(is_left || (before < 0 && !other_kind));
                left_absent += is_left && before < 0 && !other_kind;
                uint32_t stands = claim(each, hashes[i], 1, values[i]);
                if (is_left) claim(all, hashes[i], 1, values[i]);
                assert_int_equal(find(all, hashes[i], 1), stands);
            }
        }
        for (unsigned number = 0; number < NUMBERS; number++) {
            assert_int_equal(find(all, hash_of(number), 1), find(each, hash_of(number), 1));
            assert_int_equal(find(all, hash_of(number), 2), find(each, hash_of(number), 2));
        }
        assert_int_equal(ps_roster_count(all), ps_roster_count(each));
        assert_true(added > NUMBERS / 4);
        if (reserved[r] > NUMBERS) assert_true(left_absent < added / 10); // where there is room, nearly all
        ps_roster_free(all);
        ps_roster_free(each);
    }
}

static void test_add_new(void **state)
{
    (void)state;
    in_every_form(check_add_new);
}

// Of claims whose gaps are asked for, or, in some rounds, not.
static void ask_gaps(const ps_roster *roster, uint32_t round, ps_roster_claims *claims)
{
    ps_roster_question question = {.count = claims->count};

    claims->moves = ps_roster_moves(roster);
    memcpy(question.hashes, claims->hashes, sizeof question.hashes);
    ps_roster_ask(roster, &question);
    ps_roster_ask_open(roster, &question);
    for (size_t i = 0; i < claims->count; i++)
        claims->gaps[i] = round % 7 == 0 ? PS_ROSTER_NO_GAP : question.gaps[i];
}

// Blocks of one part or of all, with repeats within a block and between them, are claimed as one by one; also where
// gaps were filled by others, or their part moved, since they were asked for.
static void check_claim_all(void)
{
    enum { NUMBERS = 700, ROUNDS = 4000 };
    static const uint64_t reserved[] = {0, 64 * NUMBERS};

    for (size_t r = 0; r < PS_COUNT_OF(reserved); r++) {
        ps_roster *all = new_roster(), *each = new_roster();
        uint64_t random = 88172645463325252U;
        ps_roster_claims claims = {.count = 0};
        assert_ok(ps_roster_reserve(all, reserved[r], &error), &error);
        assert_ok(ps_roster_claim_all(all, 1, &claims, &error), &error);
        for (uint32_t round = 0; round < ROUNDS; round++) {
            unsigned kind = 1 + (unsigned)(random >> 20) % 3;
            claims.count = 1 + round % PS_ROSTER_BLOCK;
            for (uint32_t i = 0; i < claims.count; i++) {
                random = random * 6364136223846793005U + 1442695040888963407U;
                claims.hashes[i] = hash_of((random >> 33) % (1 + round % 5 * NUMBERS));
                if (round % 4 != 3)
                    claims.hashes[i].high = claims.hashes[i].high << 6 >> 6 | (uint64_t)(round % 4) << 58;
                claims.values[i] = round * PS_ROSTER_BLOCK + i;
            }
            ask_gaps(all, round, &claims);
            for (uint64_t i = 0; i < round % 3; i++) {
                ps_hash other = hash_of(UINT32_MAX + (uint64_t)round * 3 + i);
                other.high = other.high << 6 >> 6 | (uint64_t)(round % 4) << 58;
                assert_int_equal(claim(all, other, kind, 7), claim(each, other, kind, 7));
            }
            if (round % 50 == 0) assert_ok(ps_roster_reserve_part(all, round % 4, round * 8, &error), &error);
            assert_ok(ps_roster_claim_all(all, kind, &claims, &error), &error);
            for (uint32_t i = 0; i < claims.count; i++)
                assert_int_equal(claims.values[i], claim(each, claims.hashes[i], kind, round * PS_ROSTER_BLOCK + i));
        }
        assert_int_equal(ps_roster_count(all), ps_roster_count(each));
        ps_roster_free(all);
        ps_roster_free(each);
    }
}

static void test_claim_all(void **state)
{
    (void)state;
    in_every_form(check_claim_all);
}

static void test_mark(void **state)
{
    enum { ENTRIES = 30000, BIT = 1 << 20 };
    ps_roster *roster = new_roster();
    uint32_t before = 0;

    (void)state;
    for (uint32_t i = 0; i < ENTRIES; i++)
        claim(roster, hash_of(i), 1 + i % 3, i);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        const ps_roster_key key = {hash_of(i), 1 + i % 3}, other = {hash_of(i), 1 + (i + 1) % 3};
        assert_true(ps_roster_mark(roster, key, BIT, &before));
        assert_int_equal(before, i);
        assert_true(ps_roster_mark(roster, key, BIT, &before));
        assert_int_equal(before, i | BIT);
        assert_false(ps_roster_mark(roster, other, BIT, &before));
    }
    assert_ok(ps_roster_reserve(roster, 10 * ENTRIES, &error), &error); // marks move with their entries
    ps_roster_unmark(roster, 1 << 1 | 1 << 3, BIT);
    for (uint32_t i = 0; i < ENTRIES; i++)
        assert_int_equal(find(roster, hash_of(i), 1 + i % 3), i % 3 == 1 ? i | BIT : i);
    ps_roster_free(roster);
}

static void test_replace(void **state)
{
    enum { ENTRIES = 30000 };
    ps_roster *roster = new_roster();

    (void)state;
    for (uint32_t i = 0; i < ENTRIES; i++) {
        claim(roster, hash_of(i), 1 + i % 3, i);
        if (i % 5 == 0) claim(roster, hash_of(i), 1 + (i + 1) % 3, i);
    }
    for (uint32_t i = 0; i < ENTRIES; i++) {
        const ps_roster_key key = {hash_of(i), 1 + i % 3}, other = {hash_of(i), 1 + (i + 2) % 3};
        const ps_roster_key absent = {hash_of(i + ENTRIES), 1};
        bool alone = i % 5 != 0;
        assert_false(ps_roster_replace(roster, key, i + 1, i + 2));
        assert_false(ps_roster_replace(roster, other, i, i + 2));
        assert_false(ps_roster_replace(roster, absent, i, i + 2));
        assert_int_equal(ps_roster_replace(roster, key, i, i + 2), alone);
        assert_int_equal(find(roster, key.hash, key.kind), alone ? i + 2 : i);
    }
    ps_roster_free(roster);
}

// Hashes of one home: they stand in bucket after bucket, and when these are all full the part grows.
static void test_one_home(void **state)
{
    enum { ALIKE = 4000 };
    ps_roster *roster = new_roster();

    (void)state;
    for (uint64_t i = 0; i < ALIKE; i++) {
        ps_hash hash = {.high = 0, .low = i << 40 | i}; // the bits that tell them apart when a part grows, and others
        assert_int_equal(claim(roster, hash, 1, (uint32_t)i), i);
    }
    for (uint64_t i = 0; i < ALIKE; i++) {
        assert_int_equal(find(roster, (ps_hash){.high = 0, .low = i << 40 | i}, 1), i);
        assert_int_equal(find(roster, (ps_hash){.high = UINT64_C(1) << 63, .low = i << 40 | i}, 1), -1);
        assert_int_equal(find(roster, (ps_hash){.high = 0, .low = i << 40 | (i + 1)}, 1), -1);
    }
    ps_roster_free(roster);
}

// More of them than any table can tell apart is an error, not an endless loop.
static void test_hopeless_hashes(void **state)
{
    ps_roster *roster = new_roster();
    ps_status status = PS_OK;
    uint32_t value, taken = 0;

    (void)state;
    while (status == PS_OK && taken < 10000) {
        status = ps_roster_claim(roster, (ps_roster_key){{.high = 0, .low = taken}, 1}, taken, &value, &error);
        taken += status == PS_OK;
    }
    assert_int_equal(status, PS_RETRY);
    assert_int_equal(taken, 512); // 64 buckets of 8
    for (uint32_t i = 0; i < taken; i++)
        assert_int_equal(find(roster, (ps_hash){.high = 0, .low = i}, 1), i);
    ps_roster_free(roster);
}

// An entry takes 13.2 bytes where the number of them was known, which whole pages round up in small parts, and growing
// keeps the table at least half full.
static void test_bytes(void **state)
{
    enum { ENTRIES = 400000 };
    ps_roster *roster = new_roster();

    (void)state;
    assert_ok(ps_roster_reserve(roster, ENTRIES, &error), &error);
    uint64_t before = ps_roster_bytes(roster);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        // Who expects a little more once half of them are there moves nothing.
        if (i == ENTRIES / 2) assert_ok(ps_roster_reserve(roster, ENTRIES / 2 + ENTRIES / 50, &error), &error);
        claim(roster, hash_of(i), 1, 0);
    }
    assert_int_equal(ps_roster_bytes(roster), before);
    assert_true(before * 10 <= (uint64_t)ENTRIES * 140);
    for (uint64_t i = 0; i < ENTRIES; i++)
        claim(roster, hash_of(i), 2, 0);
    assert_true(ps_roster_bytes(roster) <= (uint64_t)ENTRIES * 2 * 24);
    ps_roster_free(roster);
}

static void test_no_memory(void **state)
{
    (void)state;
    for (unsigned long n = 1; n < 4; n++) {
        ps_roster *roster = new_roster();
        uint32_t value = 0, taken = 0;
        ps_status status = PS_OK;
        ps_memory_fail_at(n, 0);
        for (; status == PS_OK && taken < 400000; taken += status == PS_OK)
            status = ps_roster_claim(roster, (ps_roster_key){hash_of(taken), 1}, taken, &value, &error);
        ps_memory_fail_at(0, 0);
        assert_int_equal(status, PS_RETRY);
        for (uint32_t i = 0; i < taken; i++)
            assert_int_equal(find(roster, hash_of(i), 1), i);
        assert_int_equal(claim(roster, hash_of(taken), 1, taken), taken);
        ps_roster_free(roster);
    }
    ps_roster *none = NULL;
    for (unsigned long n = 1; n <= 1 + 2 * PS_ROSTER_PARTS; n += 9) {
        ps_memory_fail_at(n, 0);
        assert_int_equal(ps_roster_new(&none, &error), PS_RETRY);
        ps_memory_fail_at(0, 0);
    }
    assert_null(none);
}

// More than there is: a sentence, not a crash.
static void test_too_much_memory(void **state)
{
    ps_roster *roster = new_roster();
    ps_error err = {.status = PS_OK};

    (void)state;
    assert_int_equal(ps_roster_reserve(roster, UINT64_C(1) << 45, &err), PS_RETRY);
    assert_true(strlen(err.text) > 0);
    assert_int_equal(claim(roster, hash_of(1), 1, 5), 5);
    ps_roster_free(roster);
}

// ---- while others look

enum { THREADS = 4, BATCHES = 200, ROWS = 128, KNOWN = 3000, STEP = 60 };

typedef struct shift {
    ps_roster *roster;
    _Atomic uint64_t next, turn[PS_ROSTER_PARTS];
    _Atomic uint64_t wrong;
    uint64_t reserved; // for so many entries by the first batch
} shift;

// Rows of a batch repeat those of the one STEP batches before.
static uint64_t number_of(uint64_t batch, unsigned row)
{
    return KNOWN + (batch % STEP) * ROWS + row;
}

static void look_up(shift *s, uint64_t batch)
{
    for (uint64_t i = 0; i < ROWS; i++) {
        uint64_t known = (batch * 31 + i * 17) % KNOWN;
        if (find(s->roster, hash_of(known), 2) != (int64_t)known) atomic_fetch_add(&s->wrong, 1);
        if (find(s->roster, hash_of(known), 3) != -1) atomic_fetch_add(&s->wrong, 1);
    }
}

// What the rows of a batch will claim; their gaps are looked for while others add.
typedef struct wishes {
    ps_roster_claims claims[ROWS]; // one in each
} wishes;

static void wish(const shift *s, uint64_t batch, wishes *out)
{
    for (unsigned row = 0; row < ROWS; row++) {
        ps_roster_claims *claims = &out->claims[row];
        claims->count = 1;
        claims->hashes[0] = hash_of(number_of(batch, row));
        claims->values[0] = (uint32_t)(batch * ROWS + row);
        ask_gaps(s->roster, row, claims);
    }
}

static void add_part(shift *s, uint64_t batch, unsigned part, wishes *of)
{
    if (ps_roster_turn(s->roster, part, batch, NULL) != PS_OK) atomic_fetch_add(&s->wrong, 1);
    if (batch == 0 && part == 0 && ps_roster_reserve(s->roster, s->reserved, NULL) != PS_OK)
        atomic_fetch_add(&s->wrong, 1);
    for (unsigned row = 0; row < ROWS; row++) {
        ps_roster_claims *claims = &of->claims[row];
        uint32_t first = (uint32_t)(batch % STEP * ROWS + row);
        if (ps_roster_part(claims->hashes[0]) != part) continue;
        ps_status status = ps_roster_claim_all(s->roster, 1, claims, NULL);
        if (status != PS_OK || claims->values[0] != first) atomic_fetch_add(&s->wrong, 1);
    }
}

static void work(shift *s)
{
    wishes of;

    for (uint64_t batch = atomic_fetch_add(&s->next, 1); batch < BATCHES; batch = atomic_fetch_add(&s->next, 1)) {
        look_up(s, batch);
        wish(s, batch, &of);
        for (unsigned part = 0; part < PS_ROSTER_PARTS; part++) {
            while (atomic_load_explicit(&s->turn[part], memory_order_acquire) != batch) {
            }
            add_part(s, batch, part, &of);
            atomic_store_explicit(&s->turn[part], batch + 1, memory_order_release);
        }
    }
}

// The first claim in the order of the batches wins while the parts grow under those who look.
static void test_growing_under_readers(void **state)
{
    static const uint64_t reserved[] = {0, 0, STEP * ROWS, STEP * ROWS / 8, 100 * STEP * ROWS};

    (void)state;
    for (size_t round = 0; round < PS_COUNT_OF(reserved); round++) {
        shift s = {.roster = new_roster(), .reserved = reserved[round]};
        for (uint64_t i = 0; i < KNOWN; i++)
            claim(s.roster, hash_of(i), 2, (uint32_t)i);
        ps_roster_share(s.roster, THREADS);
#pragma omp parallel num_threads(THREADS)
        work(&s);
        assert_int_equal(s.wrong, 0);
        assert_int_equal(ps_roster_count(s.roster), KNOWN + STEP * ROWS);
        ps_roster_free(s.roster);
    }
}

// Parts are not in memory twice while they move: each moves at the turn of another batch, where it is not full before,
// and a run may be over sooner.
static void test_moving_in_turn(void **state)
{
    enum { READERS = 2, ENTRIES = 50000 }; // reserved for eight times as many, no part is large enough
    ps_roster *roster = new_roster();

    (void)state;
    for (uint64_t i = 0; i < ENTRIES; i++)
        claim(roster, hash_of(i), 1, (uint32_t)i);
    ps_roster_share(roster, READERS);
    assert_ok(ps_roster_turn(roster, 0, 0, &error), &error);
    uint64_t before = ps_roster_bytes(roster);
    assert_ok(ps_roster_reserve(roster, 8 * ENTRIES, &error), &error);
    assert_int_equal(ps_roster_bytes(roster), before);
    for (unsigned part = 0; part < PS_ROSTER_PARTS / 2; part++) {
        before = ps_roster_bytes(roster);
        assert_ok(ps_roster_turn(roster, part + 1, part, &error), &error);
        assert_int_equal(ps_roster_bytes(roster), before);
        assert_ok(ps_roster_turn(roster, part, part, &error), &error);
        assert_true(ps_roster_bytes(roster) > before);
    }
    for (uint64_t i = 0; i < ENTRIES; i++)
        assert_int_equal(find(roster, hash_of(i), 1), i);
    assert_ok(ps_roster_reserve(roster, 16 * ENTRIES, &error), &error); // in place of what was reserved
    ps_roster_free(roster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_are_apart),
        cmocka_unit_test(test_against_plain_set),
        cmocka_unit_test(test_touch),
        cmocka_unit_test(test_ask),
        cmocka_unit_test(test_add_new),
        cmocka_unit_test(test_claim_all),
        cmocka_unit_test(test_mark),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_one_home),
        cmocka_unit_test(test_hopeless_hashes),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_too_much_memory),
        cmocka_unit_test(test_growing_under_readers),
        cmocka_unit_test(test_moving_in_turn),
    };
    if (PS_TEST_RACES) cmocka_set_test_filter("test_growing_under_readers"); // the one that has threads
    return cmocka_run_group_tests(tests, NULL, NULL);
}
