#include <assert.h>

#include "mail/rules.h"
#include "stage/row.h"
#include "stage/stage.h"

static void set_key(ps_batch *batch, ps_row *row, const ps_address *address)
{
    batch->domain_numbers[row - batch->rows] = address->domain_number;
    row->has_key = address->key.len != 0;
    assert(row->has_key == (address->domain.len != 0)); // it is a part of the key
    if (!row->has_key) return;
    bool same = ps_span_equal(address->key, address->provider_key);

    row->key = ps_hash_of(address->key);
    row->provider = same ? row->key : ps_hash_of(address->provider_key);
}

// The row is about the address that was meant. How it was written stays known: lists may have it so.
static ps_findings fix_slip(const ps_facts *facts, ps_batch *batch, ps_row *row)
{
    ps_span fixed = ps_address_fixed(facts->address_rules, row->address, &batch->arena);

    if (fixed.len == 0) return PS_FIND(TYPO_SUSPECTED); // no listed slip
    ps_match *written = ps_arena_take(&batch->arena, sizeof *written);
    *written = (ps_match){row->key, row->provider, row->address->domain};
    batch->written[row - batch->rows] = written;
    row->was_slip = true;
    ps_findings findings = ps_address_parse(facts->address_rules, fixed, &batch->arena, row->address);
    set_key(batch, row, row->address);
    assert(ps_row_has_key(row)); // the table names real domains
    return findings | PS_FIND(TYPO_FIXED);
}

// Some form of the address is not its cell, or something is to be said of it.
static void parse_unlike(const ps_facts *facts, ps_batch *batch, ps_row *row, ps_span cell, const ps_glance *glance)
{
    row->address = ps_arena_room(&batch->arena, sizeof *row->address);
    ps_findings findings = ps_address_parse_unlike(facts->address_rules, cell, glance, &batch->arena, row->address);

    set_key(batch, row, row->address);
    if (facts->job->typo_fix && ps_findings_has(findings, PS_REASON_TYPO_SUSPECTED))
        findings = (findings & ~PS_FIND(TYPO_SUSPECTED)) | fix_slip(facts, batch, row);
    // So it may not be passed over by what is known of others of its domain.
    if (ps_findings_has(findings, PS_REASON_TYPO_SUSPECTED)) batch->domain_numbers[row - batch->rows] = 0;
    // A damaged row is not judged, but its address is still looked for on the suppression lists.
    if (!ps_row_damaged(row)) row->findings |= findings;
}

static void take_ordinary(ps_row *row, ps_span cell)
{
    row->address = NULL;
    row->has_key = true;
    row->key = row->provider = ps_hash_of(cell);
}

// Where the cells are, and what is known of their domains, is more than the near caches hold, so one row at a time
// would wait for both. Each loop's rows do not depend on each other, so that the processor has several at work.
// bench/road shows the gain.
enum { BLOCK_ROWS = 32 };

// Rows one after the other, and their address cells.
typedef struct block {
    ps_row *rows;
    ps_cells cells;
    bool last;
} block;

static void parse_block(const ps_facts *facts, ps_batch *batch, const block *b)
{
    const ps_address_rules *rules = facts->address_rules;
    const ps_cells *cells = &b->cells;
    ps_glance glances[BLOCK_ROWS];
    uint32_t *numbers = batch->domain_numbers + (b->rows - batch->rows);

    uint64_t ordinary = ps_address_look(rules, cells, glances, numbers);
    uint64_t others = ~ordinary & ~UINT64_C(0) >> (64 - cells->count);
    for (; ordinary != 0; ordinary &= ordinary - 1) {
        int i = __builtin_ctzll(ordinary);
        take_ordinary(&b->rows[i], ps_cells_at(cells, (size_t)i));
        if (!b->last) __builtin_prefetch(ps_cells_at(cells, (size_t)i + BLOCK_ROWS).bytes);
    }
    for (; others != 0; others &= others - 1) {
        int i = __builtin_ctzll(others);
        parse_unlike(facts, batch, &b->rows[i], ps_cells_at(cells, (size_t)i), &glances[i]);
    }
}

void ps_stage_syntax(const ps_facts *facts, ps_batch *batch)
{
    int slot = ps_layout_slot(batch->layout, PS_COLUMN_EMAIL);
    size_t rows = batch->row_count + 1, stride = batch->layout->mapped_count; // one more: a batch may have no row

    assert(slot >= 0); // a file without an address column is refused by its header
    batch->written = facts->job->typo_fix ? ps_arena_take(&batch->arena, rows * sizeof(ps_match *)) : NULL;
    batch->domain_numbers = ps_arena_room(&batch->arena, rows * sizeof(uint32_t));
    for (size_t from = 0; from < batch->row_count; from += BLOCK_ROWS) {
        size_t left = batch->row_count - from, count = left < BLOCK_ROWS ? left : BLOCK_ROWS;
        const ps_span *cells = &batch->values[from * stride + (size_t)slot];
        block b = {&batch->rows[from], {cells, stride, count}, left < 2 * BLOCK_ROWS};
        parse_block(facts, batch, &b);
    }
}
