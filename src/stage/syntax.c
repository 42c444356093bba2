#include <assert.h>

#include "mail/rules.h"
#include "stage/row.h"
#include "stage/stage.h"

static void set_key(ps_row *row)
{
    row->domain_number = row->address->domain_number;
    row->has_key = row->address->key.len != 0;
    assert(row->has_key == (row->address->domain.len != 0)); // it is a part of the key
    if (!row->has_key) return;
    bool same = ps_span_equal(row->address->key, row->address->provider_key);

    row->key = ps_hash_of(row->address->key);
    row->provider = same ? row->key : ps_hash_of(row->address->provider_key);
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
    set_key(row);
    assert(ps_row_has_key(row)); // the table names real domains
    return findings | PS_FIND(TYPO_FIXED);
}

// A damaged row is not judged, but its address is still looked for on the suppression lists.
static void parse_row(const ps_facts *facts, ps_batch *batch, ps_row *row, ps_span cell, const ps_glance *glance)
{
    ps_findings findings = ps_address_parse_glanced(facts->address_rules, cell, glance, &batch->arena, row->address);

    set_key(row);
    if (facts->job->typo_fix && ps_findings_has(findings, PS_REASON_TYPO_SUSPECTED))
        findings = (findings & ~PS_FIND(TYPO_SUSPECTED)) | fix_slip(facts, batch, row);
    if (!ps_row_damaged(row)) row->findings |= findings;
}

static ps_span cell_of(const ps_batch *batch, size_t i, int slot)
{
    return ps_batch_values(batch, &batch->rows[i])[slot];
}

// Where the cells are, and what is known of their domains, is more than the near caches hold, so one row at a time
// would wait for both. Each loop's rows do not depend on each other, so that the processor has several at work.
// bench/road shows the gain.
enum { BLOCK_ROWS = 32 };

static void parse_block(const ps_facts *facts, ps_batch *batch, ps_address *addresses, size_t from, size_t to)
{
    const ps_address_rules *rules = facts->address_rules;
    int slot = ps_layout_slot(batch->layout, PS_COLUMN_EMAIL);
    ps_glance glances[BLOCK_ROWS];

    assert(slot >= 0); // a file without an address column is refused by its header
    for (size_t i = from; i < to; i++)
        ps_address_glance(rules, cell_of(batch, i, slot), &glances[i - from]);
    for (size_t i = from; i < to; i++) {
        ps_address_prefetch(rules, &glances[i - from]);
        if (i + BLOCK_ROWS < batch->row_count) __builtin_prefetch(cell_of(batch, i + BLOCK_ROWS, slot).bytes);
    }
    for (size_t i = from; i < to; i++) {
        ps_row *row = &batch->rows[i];
        row->address = &addresses[i];
        parse_row(facts, batch, row, cell_of(batch, i, slot), &glances[i - from]);
    }
}

void ps_stage_syntax(const ps_facts *facts, ps_batch *batch)
{
    size_t rows = batch->row_count + 1; // one more, since a batch may have none
    ps_address *addresses = ps_arena_room(&batch->arena, rows * sizeof *addresses);

    batch->written = facts->job->typo_fix ? ps_arena_take(&batch->arena, rows * sizeof(ps_match *)) : NULL;
    for (size_t from = 0; from < batch->row_count; from += BLOCK_ROWS) {
        size_t left = batch->row_count - from;
        parse_block(facts, batch, addresses, from, from + (left < BLOCK_ROWS ? left : BLOCK_ROWS));
    }
}
