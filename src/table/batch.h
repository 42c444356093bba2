#ifndef PS_TABLE_BATCH_H
#define PS_TABLE_BATCH_H

// A batch: one numbered piece of the input, cut at record ends, and its rows. One worker owns it and carries it the
// whole road.

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/day_texts.h"
#include "mail/charset.h"
#include "presend/address.h"
#include "presend/arena.h"
#include "presend/facts.h"
#include "table/layout.h"
#include "table/row.h"
#include "table/split.h"
#include "table/why_texts.h"

// Bounds of one raw cell in batch->bytes: quotes included, the delimiter not.
typedef struct ps_cell {
    uint32_t start, end;
} ps_cell;

// What the cells of a batch say, column by column: most files have a few of the columns that there are, and a step that
// asks one of them goes over the days alone. By row, in the arena; some more than there are rows, with nothing known.
typedef struct ps_said {
    ps_day *days[PS_SIGNAL_COUNT]; // NULL: no column says it
    int32_t *sends; // likewise; -1: not known
    uint32_t *flags; // PS_FLAG_
} ps_said;

typedef struct ps_batch {
    uint64_t number; // from 0 over all files of the job
    uint32_t file; // index of the recipient file
    const ps_layout *layout; // of that file
    ps_decoder *decoder; // of that file's encoding, owned by the worker
    // By domain_number, 64 in a word of each note, since bytes do not fit into the cache; until the batch is closed.
    uint64_t (*domain_notes)[PS_NOTE_COUNT];
    uint32_t
        *domain_places; // by domain_number, likewise: its number among the facts' domains, and one; 0: not known yet
    ps_day_texts *day_texts; // the days that its rows write; it stays likewise
    ps_why_texts *why_texts; // and why they are taken out
    char *bytes; // whole records
    size_t len, capacity;
    uint64_t first_number, first_line; // of the first record, of the first byte
    uint64_t record_count; // as the reader counted them; 0: not counted
    ps_wanted wanted; // rows are made of these at least; set before ps_batch_parse, and none after a reset
    size_t passed_over; // records that no row was made of
    ps_arena arena; // lives until the batch is written
    ps_row *rows;
    size_t row_count;
    bool damaged; // some row came with a finding of ps_batch_parse
    // By row, in the arena:
    ps_said said; // by the signals step
    uint32_t *domain_numbers; // of addresses, by the syntax step: see ps_address; 0: ask for its name
    const ps_match **written; // as it was, where a slip in the domain was put right; NULL: the job puts none right
    ps_split split; // where cells end; `regular`: it says so of all of `bytes`, and they need not be parsed again
    ps_split run; // of what is regular in a batch that as a whole is not
    // The mapped cells, row by row in the order of layout->mapped: first the unescaped bytes, after the normalize step
    // UTF-8 text. A cell that the record lacks is empty.
    ps_span *values;
    size_t row_capacity, value_capacity; // of the two arrays, on the heap: they live as long as the batch
    ps_projection *projections; // by row, and within it by alternative; in the arena
    // By the engage step, by row, in the arena:
    uint8_t *engaged; // what engagement says of it, of which nothing stands in its findings before it is decided
    int32_t *idle_days; // -1: not known
    // By the decide step, in the arena:
    ps_kind *kinds;
    uint32_t kind_count;
    uint32_t *kind_numbers; // by row, the one in `kinds` that it is of
    uint32_t *out_rows[PS_VERDICT_COUNT]; // the rows of each verdict, ascending
    uint32_t out_row_count[PS_VERDICT_COUNT];
    ps_buf out[PS_VERDICT_COUNT]; // what the plan step wrote for each output
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

static inline bool ps_batch_noted(const ps_batch *batch, ps_note note, uint32_t domain_number)
{
    return (batch->domain_notes[domain_number / 64][note] >> domain_number % 64 & 1) != 0;
}

static inline void ps_batch_note(ps_batch *batch, ps_note note, uint32_t domain_number)
{
    batch->domain_notes[domain_number / 64][note] |= UINT64_C(1) << domain_number % 64;
}

// Of the record in its file, from 1 after the header.
static inline uint64_t ps_row_number(const ps_batch *batch, const ps_row *row)
{
    return batch->first_number + row->place;
}

// From the decide step on.
static inline const ps_kind *ps_row_kind(const ps_batch *batch, const ps_row *row)
{
    return &batch->kinds[batch->kind_numbers[row - batch->rows]];
}

// What the row's own cells say; from the signals step on.
static inline ps_day ps_said_day(const ps_batch *batch, const ps_row *row, ps_signal signal)
{
    const ps_day *days = batch->said.days[signal];

    return days == NULL ? PS_DAY_NONE : days[row - batch->rows];
}

static inline ps_signals ps_said_signals(const ps_batch *batch, const ps_row *row)
{
    const ps_said *said = &batch->said;
    ps_signals signals = {.flags = said->flags[row - batch->rows]};

    signals.sends = said->sends == NULL ? -1 : said->sends[row - batch->rows];
    for (size_t i = 0; i < PS_SIGNAL_COUNT; i++)
        signals.date[i] = ps_said_day(batch, row, (ps_signal)i);
    return signals;
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
// Where batch->split is regular the rows are made of it, else libcsv takes apart what is not; both say the same.
ps_status ps_batch_parse(ps_batch *batch, ps_error *err);

#endif
