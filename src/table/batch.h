#ifndef PS_TABLE_BATCH_H
#define PS_TABLE_BATCH_H

// A batch: one numbered piece of the input, cut at record ends, and its rows. One worker owns it and carries it the
// whole road.

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"
#include "mail/charset.h"
#include "presend/address.h"
#include "presend/arena.h"
#include "presend/facts.h"
#include "table/layout.h"
#include "table/split.h"

// Bounds of one raw cell in batch->bytes: quotes included, the delimiter not.
typedef struct ps_cell {
    uint32_t start, end;
} ps_cell;

// What the suppression lists are asked about an address.
typedef struct ps_match {
    ps_hash key, provider;
    ps_span domain;
} ps_match;

// A step goes over thousands of them, so a row is two lines of the cache: what it has beside that is behind a pointer
// or in an array of the batch.
typedef struct ps_row {
    ps_findings findings;
    ps_hash key, provider; // of address->key and address->provider_key; only where has_key
    ps_address *address; // set by the syntax step
    const ps_signals *judged; // what the row is judged on: its own, or the best evidence of its address
    const ps_suppressed *suppressed; // what the lists say of its address, domain or alias; NULL: nothing
    uint64_t line; // physical line of its first byte in the file, from 1
    uint32_t place; // of the record in its batch, from 0: see ps_row_number
    uint32_t start, len; // the record in batch->bytes, with its line end (the last one may have none)
    uint32_t body_len; // without the line end
    uint32_t first_cell; // the end of its first cell, in batch->split.ends
    uint32_t domain_number; // of address
    int32_t idle_days; // engagement; -1: not known
    ps_day winback_at, reply_by; // of a row whose win-back mail is due or was sent: see ps_engagement_result
    uint32_t first_line; // duplicate: line and file of the row that carries the verdict
    uint16_t first_file;
    uint16_t cell_count;
    ps_reason reason : 8;
    ps_verdict verdict : 8;
    unsigned lacks : 4; // PS_SPLIT_ bits of what is known not to be in it
    unsigned tier : 2; // 1 to 3 for a clean row that engagement judged, else 0
    bool run_together : 1; // at a stray quote: what looks like one record may be several
    bool has_key : 1; // address->key is not empty
    bool is_protected : 1, is_unprotected : 1; // its cells say so: PS_FLAG_PROTECTED, PS_FLAG_UNPROTECTED
    bool was_slip : 1; // in the domain, which was put right: see batch->written
    bool repeated : 1; // removed for what it says itself, as an earlier row of its address was
} ps_row;
static_assert(sizeof(ps_row) == 128, "two lines of the cache");

// A row under a policy that is only counted.
typedef struct ps_projection {
    ps_findings findings;
    ps_verdict verdict;
} ps_projection;

typedef struct ps_batch {
    uint64_t number; // from 0 over all files of the job
    uint32_t file; // index of the recipient file
    const ps_layout *layout; // of that file
    ps_decoder *decoder; // of that file's encoding, owned by the worker
    uint8_t *domain_notes; // by domain_number: what a step found out about a domain; it stays until the batch is closed
    char *bytes; // whole records
    size_t len, capacity;
    uint64_t first_number, first_line; // of the first record, of the first byte
    uint64_t record_count; // as the reader counted them; 0: not counted
    ps_arena arena; // lives until the batch is written
    ps_row *rows;
    size_t row_count;
    // By row, in the arena:
    ps_signals *signals; // of its cells, by the signals step
    const ps_match **written; // as it was, where a slip in the domain was put right; NULL: the job puts none right
    ps_split split; // where cells end; `regular`: it says so of all of `bytes`, and they need not be parsed again
    // The mapped cells, row by row in the order of layout->mapped: first the unescaped bytes, after the normalize step
    // UTF-8 text. A cell that the record lacks is empty.
    ps_span *values;
    size_t row_capacity, value_capacity; // of the two arrays, on the heap: they live as long as the batch
    ps_projection *projections; // by row, and within it by alternative; in the arena
    ps_buf out[PS_VERDICT_COUNT]; // what the plan step wrote for each output
    uint64_t out_rows[PS_VERDICT_COUNT];
} ps_batch;

// Reserve what any batch of up to `bytes_max` bytes of records needs. A batch that holds one longer record grows
// (ps_batch_room).
ps_status ps_batch_open(size_t bytes_max, ps_batch *out, ps_error *err);
void ps_batch_close(ps_batch *batch); // a zeroed batch is fine
void ps_batch_reset(ps_batch *batch); // forget rows, cells and arena; keep the memory

// Make batch->bytes at least `size` bytes; what is in it stays.
ps_status ps_batch_room(ps_batch *batch, size_t size, ps_error *err);

static inline ps_span *ps_batch_values(const ps_batch *batch, const ps_row *row)
{
    return batch->values + (size_t)(row - batch->rows) * batch->layout->mapped_count;
}

// Of the record in its file, from 1 after the header.
static inline uint64_t ps_row_number(const ps_batch *batch, const ps_row *row)
{
    return batch->first_number + row->place;
}

// What the row's own cells say; from the signals step on.
static inline ps_signals *ps_batch_signals(const ps_batch *batch, const ps_row *row)
{
    return batch->signals + (row - batch->rows);
}

// Where cell `index` of the row stands.
static inline ps_cell ps_batch_cell(const ps_batch *batch, const ps_row *row, size_t index)
{
    const uint32_t *ends = batch->split.ends + row->first_cell;
    bool last = index + 1 == row->cell_count; // what ends it may be two bytes, or none

    return (ps_cell){index == 0 ? row->start : ends[index - 1] + 1, last ? row->start + row->body_len : ends[index]};
}

// The rows, cells and values of batch->bytes by libcsv's grammar (space trimming off): blank records are no rows.
// Findings: `columns` where the cell count is not the header's or records seem to have run together, `too_large` where
// a cell is over PS_FIELD_BYTES_MAX. Safe on any thread. layout->bad: over PS_COLUMNS_MAX cells in a record. PS_RETRY
// without memory. PS_BUG: the rows are not as many as the reader counted.
//
// Where batch->split is regular the rows are made of it, else libcsv takes the bytes apart; both say the same.
ps_status ps_batch_parse(ps_batch *batch, ps_error *err);

#endif
