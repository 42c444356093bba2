#include "engine/first_rows.h"

#include <assert.h>

#include "base/memory.h"

// A word is 32 bits of the hash, and the row. Words are never taken out, so a line with a gap ends every search.
enum { ROW_BITS = 32, ALL = (1 << PS_BUCKET_WORDS) - 1 };
static const uint64_t row_mask = (UINT64_C(1) << ROW_BITS) - 1;

// Percent of the words: the table is that full when the last row has come, and thrown away then.
enum { LOAD_MAX = 75, LINES_MIN = 1 << 14 };

static ps_status add_level(ps_first_rows *rows, uint64_t lines, ps_error *err)
{
    ps_first_level *level = &rows->levels[rows->count];

    assert(rows->count < PS_FIRST_ROWS_LEVELS_MAX); // rows have 32 bits
    level->lines = ps_memory_map(lines * sizeof *level->lines, err);
    if (level->lines == NULL) return PS_RETRY;
    level->count = lines;
    rows->room = lines * PS_BUCKET_WORDS * LOAD_MAX / 100;
    rows->count++;
    return PS_OK;
}

ps_status ps_first_rows_open(ps_first_rows *out, uint64_t expected, ps_error *err)
{
    uint64_t most = expected < UINT32_MAX ? expected : UINT32_MAX;
    uint64_t lines = most * 100 / (LOAD_MAX * PS_BUCKET_WORDS) + 1;

    *out = (ps_first_rows){.form = ps_bucket_form_for(ps_bucket_cpu_best())};
    return add_level(out, lines < LINES_MIN ? LINES_MIN : lines, err);
}

void ps_first_rows_close(ps_first_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        ps_memory_unmap(rows->levels[i].lines, rows->levels[i].count * sizeof *rows->levels[i].lines);
    *rows = (ps_first_rows){.count = 0};
}

static ps_bucket *home_in(const ps_first_level *level, ps_hash hash)
{
    return &level->lines[(hash.high >> 32) * level->count >> 32];
}

static uint64_t word_of(ps_hash hash)
{
    return hash.low << ROW_BITS;
}

void ps_first_rows_prefetch(const ps_first_rows *rows, const ps_hash *hashes, size_t count)
{
    for (size_t level = 0; level < rows->count; level++) {
        for (size_t i = 0; i < count; i++)
            __builtin_prefetch(home_in(&rows->levels[level], hashes[i]), 1);
    }
}

static unsigned gaps_of(unsigned seen)
{
    return seen >> PS_BUCKET_WORDS;
}

// A gap looks like a hash of zeros.
static unsigned hits_of(unsigned seen)
{
    return seen & ALL & ~gaps_of(seen);
}

static _Atomic uint64_t *first_of(ps_bucket *line, unsigned bits)
{
    return &line->words[(unsigned)__builtin_ctz(bits)];
}

// Where the hash stands in a level, or the gap where it would.
static _Atomic uint64_t *search(ps_bucket_look *look, const ps_first_level *level, ps_hash hash)
{
    for (ps_bucket *line = home_in(level, hash);; line++) {
        if (line == level->lines + level->count) line = level->lines;
        unsigned seen = look(line, word_of(hash), row_mask);
        if (hits_of(seen) != 0) return first_of(line, hits_of(seen));
        if (gaps_of(seen) != 0) return first_of(line, gaps_of(seen));
    }
}

static uint32_t row_at(const _Atomic uint64_t *place)
{
    return (uint32_t)(atomic_load_explicit(place, memory_order_relaxed) & row_mask); // 0: a gap
}

static void put(ps_first_rows *rows, _Atomic uint64_t *gap, ps_hash hash, uint32_t row)
{
    atomic_store_explicit(gap, word_of(hash) | row, memory_order_relaxed);
    rows->room--;
}

static uint32_t claim_one(ps_first_rows *rows, ps_hash hash, uint32_t row)
{
    _Atomic uint64_t *place = NULL;

    for (size_t level = 0; level < rows->count; level++) {
        place = search(rows->form.look, &rows->levels[level], hash);
        if (row_at(place) != 0) return row_at(place);
    }
    assert(place != NULL); // there is a level
    put(rows, place, hash, row);
    return row;
}

// Most are new to a line that has a gap at home, and are told to be so without a search. What was seen of a line before
// others were added still holds where its gap is one still: those would have filled that one first.
static void claim_at_home(ps_first_rows *rows, const ps_hash *hashes, uint32_t *numbers, size_t count)
{
    const ps_bucket *homes[PS_FIRST_ROWS_BLOCK] = {NULL};
    uint64_t words[PS_FIRST_ROWS_BLOCK] = {0};
    uint16_t seen[PS_FIRST_ROWS_BLOCK];

    for (size_t i = 0; i < count; i++) {
        homes[i] = home_in(&rows->levels[0], hashes[i]);
        words[i] = word_of(hashes[i]);
    }
    rows->form.look_each(homes, words, row_mask, count, seen);
    for (size_t i = 0; i < count; i++) {
        ps_bucket *home = home_in(&rows->levels[0], hashes[i]);
        _Atomic uint64_t *gap = gaps_of(seen[i]) == 0 ? NULL : first_of(home, gaps_of(seen[i]));
        bool known = hits_of(seen[i]) != 0, new = !known && (gap != NULL && row_at(gap) == 0);
        if (new) put(rows, gap, hashes[i], numbers[i]);
        if (!new) numbers[i] = claim_one(rows, hashes[i], numbers[i]);
    }
}

ps_status ps_first_rows_claim(ps_first_rows *rows, const ps_hash *hashes, uint32_t *numbers, size_t count,
                              ps_error *err)
{
    const ps_first_level *last = &rows->levels[rows->count - 1];
    ps_status status = rows->room < count ? add_level(rows, 2 * last->count, err) : PS_OK;

    assert(count <= PS_FIRST_ROWS_BLOCK);
    if (status != PS_OK) return status;
    if (rows->count == 1) {
        claim_at_home(rows, hashes, numbers, count);
        return PS_OK;
    }
    for (size_t i = 0; i < count; i++)
        numbers[i] = claim_one(rows, hashes[i], numbers[i]);
    return PS_OK;
}
