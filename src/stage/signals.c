#include <string.h>

#include "base/text.h"
#include "facts/date_cells.h"
#include "stage/cell_flags.h"
#include "stage/row.h"
#include "stage/stage.h"
#include "table/header.h"

// The day on which a list was imported is nobody's sign-up.
static void drop_imports(const ps_facts *facts, ps_day days[PS_DATE_CELLS_MAX])
{
    for (size_t import = 0; import < facts->import_days_count; import++) {
        for (size_t i = 0; i < PS_DATE_CELLS_MAX; i++)
            days[i] = days[i] == facts->import_days[import] ? PS_DAY_NONE : days[i];
    }
}

// A block of rows is read column by column: what a column needs is decided once a batch, and its cells are alike.
typedef struct row_block {
    const ps_said *said; // where it is written
    size_t from; // the first row
    const ps_span *values; // of that row
    size_t stride; // from a row's values to the next one's
    size_t count;
} row_block;

enum { BLOCK_ROWS = PS_DATE_CELLS_MAX };

typedef struct column_reader column_reader;
typedef void read_column(const ps_facts *facts, column_reader *reader, const row_block *block);

// How the cells of one mapped column are read.
struct column_reader {
    read_column *read; // NULL: nothing is judged by them
    size_t slot;
    ps_signal signal; // of a date
    bool first; // no other column before it says anything of that signal
    union {
        ps_date_reader dates;
        ps_cell_flags flags;
    } known;
};

static inline ps_span cell_of(const row_block *block, size_t slot, size_t i)
{
    return block->values[i * block->stride + slot];
}

// Hardly a block has any.
static bool any_behind(const ps_day days[PS_DATE_CELLS_MAX], ps_day as_of)
{
    int any = 0;

    for (size_t i = 0; i < PS_DATE_CELLS_MAX; i++)
        any |= days[i] > as_of;
    return any != 0;
}

static void settle(ps_day days[PS_DATE_CELLS_MAX], ps_day as_of)
{
    for (size_t i = 0; i < PS_DATE_CELLS_MAX; i++)
        days[i] = ps_signal_settle(days[i], as_of);
}

// Dates with what their column and their file say about them.
static uint64_t read_settled(const ps_facts *facts, column_reader *reader, const row_block *block, ps_day *days)
{
    const ps_day as_of = facts->job->as_of;
    uint64_t unreadable =
        ps_date_cells_read(&reader->known.dates, block->values + reader->slot, block->stride, block->count, days);

    if (any_behind(days, as_of)) settle(days, as_of);
    if (reader->signal == PS_SIGNAL_SIGNUP) drop_imports(facts, days);
    return unreadable;
}

// Apart, since few files have two columns of one signal.
static __attribute__((noinline)) uint64_t read_more(const ps_facts *facts, column_reader *reader,
                                                    const row_block *block, ps_day *days)
{
    ps_day more[BLOCK_ROWS];
    uint64_t unreadable = read_settled(facts, reader, block, more);

    for (size_t i = 0; i < BLOCK_ROWS; i++)
        days[i] = ps_signal_merge(reader->signal, days[i], more[i]);
    return unreadable;
}

static void read_dates(const ps_facts *facts, column_reader *reader, const row_block *block)
{
    ps_day *days = block->said->days[reader->signal] + block->from;
    uint64_t unreadable =
        reader->first ? read_settled(facts, reader, block, days) : read_more(facts, reader, block, days);

    for (; unreadable != 0; unreadable &= unreadable - 1) {
        block->said->flags[block->from + (size_t)__builtin_ctzll(unreadable)] |=
            PS_FLAG_BAD_DATE | (uint32_t)PS_FLAG_BAD_SIGNAL << reader->signal;
    }
}

static void read_flags(const ps_facts *facts, column_reader *reader, const row_block *block)
{
    (void)facts; // they stand in what is known of the column
    ps_cell_flags_read(&reader->known.flags, block->values + reader->slot, block->stride, block->count,
                       block->said->flags + block->from);
}

// A whole number, also as 12.0, which spreadsheets and data frames make of it; anything else is not known.
static void read_sends(ps_span cell, int32_t *out)
{
    enum { SENDS_MAX = 1000000 }; // a daily mail for 2,700 years
    ps_span text = ps_ascii_trim(cell);
    int32_t value = 0;
    size_t i = 0;

    for (; i < text.len && text.bytes[i] >= '0' && text.bytes[i] <= '9' && value < SENDS_MAX; i++) {
        value = value * 10 + (text.bytes[i] - '0');
    }
    if (i == 0) return;
    if (i < text.len && text.bytes[i] == '.') i++;
    while (i < text.len && text.bytes[i] == '0')
        i++;
    if (i == text.len) *out = value;
}

static void read_counts(const ps_facts *facts, column_reader *reader, const row_block *block)
{
    (void)facts; // a number is a number
    for (size_t i = 0; i < block->count; i++)
        read_sends(cell_of(block, reader->slot, i), &block->said->sends[block->from + i]);
}

static column_reader reader_of(const ps_facts *facts, const ps_batch *batch, size_t slot)
{
    ps_column column = batch->layout->mapped[slot].column;
    ps_column_kind kind = ps_column_kind_of(column);
    column_reader reader = {.slot = slot, .signal = ps_signal_of(column)};

    if (kind == PS_COLUMN_KIND_COUNT) reader.read = read_counts;
    if (kind == PS_COLUMN_KIND_DATE && reader.signal != PS_SIGNAL_COUNT) {
        reader.read = read_dates;
        ps_date_reader_init(&reader.known.dates, facts->job->recipients[batch->file].dates[column], facts->zone,
                            facts->job->as_of);
    } else if (ps_cell_flags_init(&reader.known.flags, facts, column)) {
        reader.read = read_flags;
    }
    return reader;
}

// ---- what several cells say together

// The columns that are read together.
typedef struct together {
    int consent_at, consent_source, open_is_machine; // slots; -1: the file has no such column
    ps_cell_flags sources, machines; // what their words said
} together;

// What one cell says of consent; what comes later outvotes what comes before.
typedef enum consent {
    CONSENT_UNSAID,
    CONSENT_SHOWN,
    CONSENT_DENIED,
} consent;

static uint32_t consent_by_source(const ps_facts *facts, ps_span cell)
{
    ps_word word = ps_consent_word(cell);

    if (word == PS_WORD_FALSE) return CONSENT_DENIED;
    return word == PS_WORD_BLANK || ps_cell_says_nothing(facts, cell) ? CONSENT_UNSAID : CONSENT_SHOWN;
}

// A word may stand where the day should be: 0 is no day, 撤回 is no consent.
static consent consent_by_day(const ps_facts *facts, ps_date_form form, ps_span cell)
{
    ps_day day = PS_DAY_NONE;

    switch (ps_date_read(cell, form, facts->zone, &day)) {
    case PS_DATE_READ:
        return ps_signal_settle(day, facts->job->as_of) != PS_DAY_NONE ? CONSENT_SHOWN : CONSENT_UNSAID;
    case PS_DATE_MISSING:
        break;
    case PS_DATE_UNREADABLE:
        return ps_consent_word(cell) == PS_WORD_FALSE ? CONSENT_DENIED : CONSENT_UNSAID;
    }
    return CONSENT_UNSAID;
}

static uint32_t machine_word(const ps_facts *facts, ps_span cell)
{
    (void)facts; // the word says it all
    return ps_flag_word(cell);
}

static void find_together(const ps_facts *facts, const ps_layout *layout, together *out)
{
    out->consent_at = ps_layout_slot(layout, PS_COLUMN_CONSENT_AT);
    out->consent_source = ps_layout_slot(layout, PS_COLUMN_CONSENT_SOURCE);
    out->open_is_machine = ps_layout_slot(layout, PS_COLUMN_OPEN_IS_MACHINE);
    if (out->consent_source >= 0) ps_cell_flags_ask(&out->sources, facts, consent_by_source);
    if (out->open_is_machine >= 0) ps_cell_flags_ask(&out->machines, facts, machine_word);
}

// Who withdrew had consented once: a no outvotes the day beside it. Gives PS_FLAG_NO_CONSENT or nothing.
static void read_consent(const ps_facts *facts, const ps_batch *batch, together *t, const row_block *block)
{
    ps_date_form form = facts->job->recipients[batch->file].dates[PS_COLUMN_CONSENT_AT];
    uint32_t said[BLOCK_ROWS] = {CONSENT_UNSAID};

    if (t->consent_source >= 0)
        ps_cell_flags_read(&t->sources, block->values + t->consent_source, block->stride, block->count, said);
    for (size_t i = 0; i < block->count; i++) {
        consent source = (consent)said[i], day = CONSENT_UNSAID;
        if (t->consent_at >= 0) day = consent_by_day(facts, form, cell_of(block, (size_t)t->consent_at, i));
        bool shown = (source > day ? source : day) == CONSENT_SHOWN;
        batch->said.flags[block->from + i] |= shown ? 0 : PS_FLAG_NO_CONSENT;
    }
}

// Whether an open was a machine's or a person's, where the file knows.
static void sort_open(const ps_said *said, size_t i, ps_word is_machine)
{
    const uint32_t bad = (uint32_t)PS_FLAG_BAD_SIGNAL << PS_SIGNAL_OPEN;

    switch (is_machine) {
    case PS_WORD_TRUE:
        said->days[PS_SIGNAL_OPEN][i] = PS_DAY_NONE;
        said->flags[i] &= ~bad; // whenever it was
        break;
    case PS_WORD_FALSE:
        said->days[PS_SIGNAL_OPEN_PERSON][i] = said->days[PS_SIGNAL_OPEN][i];
        if ((said->flags[i] & bad) != 0) said->flags[i] |= (uint32_t)PS_FLAG_BAD_SIGNAL << PS_SIGNAL_OPEN_PERSON;
        break;
    case PS_WORD_BLANK:
    case PS_WORD_STOP:
    case PS_WORD_PENDING:
    case PS_WORD_OTHER:
        break;
    }
}

static void sort_opens(const ps_batch *batch, together *t, const row_block *block)
{
    uint32_t words[BLOCK_ROWS] = {0};

    ps_cell_flags_read(&t->machines, block->values + t->open_is_machine, block->stride, block->count, words);
    for (size_t i = 0; i < block->count; i++)
        sort_open(&batch->said, block->from + i, (ps_word)words[i]);
}

static void read_together(const ps_facts *facts, const ps_batch *batch, together *t, const row_block *block)
{
    if (t->consent_at >= 0 || t->consent_source >= 0) read_consent(facts, batch, t, block);
    if (t->open_is_machine >= 0) sort_opens(batch, t, block);
}

// ---- the batch

// The columns that anything is judged by; gives their number.
static size_t make_readers(const ps_facts *facts, const ps_batch *batch, column_reader *out)
{
    size_t count = 0;

    for (size_t slot = 0; slot < batch->layout->mapped_count; slot++) {
        out[count] = reader_of(facts, batch, slot);
        count += out[count].read != NULL;
    }
    return count;
}

static void forget(const ps_said *said, size_t i)
{
    for (size_t signal = 0; signal < PS_SIGNAL_COUNT; signal++) {
        if (said->days[signal] != NULL) said->days[signal][i] = PS_DAY_NONE;
    }
    if (said->sends != NULL) said->sends[i] = -1;
    said->flags[i] = 0;
}

// Cells of a row with too few or too many may stand under the wrong header, so they say nothing.
static void forget_damaged(const ps_batch *batch, const row_block *block)
{
    if (!batch->damaged) return; // and no row is looked at
    for (size_t i = block->from; i < block->from + block->count; i++) {
        if (ps_findings_has(batch->rows[i].findings, PS_REASON_COLUMNS)) forget(&batch->said, i);
    }
}

// Whole blocks, so that a step may go over them without a rest.
static size_t places_of(const ps_batch *batch)
{
    return (batch->row_count / BLOCK_ROWS + 1) * BLOCK_ROWS;
}

static void *open_column(ps_batch *batch)
{
    static_assert(sizeof(ps_day) == sizeof(int32_t), "all columns have words of one size");
    return ps_arena_room(&batch->arena, places_of(batch) * sizeof(int32_t));
}

// Of a signal that has no column of its own, or where one may be lacking.
static void open_blank_days(ps_batch *batch, ps_signal signal)
{
    ps_day *days = batch->said.days[signal] = open_column(batch);

    for (size_t i = 0; i < places_of(batch); i++)
        days[i] = PS_DAY_NONE;
}

static void open_columns(ps_batch *batch, column_reader *readers, size_t readers_count, const together *t)
{
    ps_said *said = &batch->said;

    *said = (ps_said){.flags = open_column(batch)};
    if (t->open_is_machine >= 0) {
        open_blank_days(batch, PS_SIGNAL_OPEN);
        open_blank_days(batch, PS_SIGNAL_OPEN_PERSON);
    }
    for (size_t i = 0; i < readers_count; i++) {
        column_reader *reader = &readers[i];
        if (reader->read == read_counts) said->sends = open_column(batch);
        if (reader->read != read_dates) continue;
        reader->first = said->days[reader->signal] == NULL;
        if (reader->first) said->days[reader->signal] = open_column(batch);
    }
}

// Days are written by who reads them; of words and numbers a cell may say nothing.
static void begin_block(const ps_said *said, size_t from)
{
    memset(said->flags + from, 0, BLOCK_ROWS * sizeof *said->flags);
    for (size_t i = from; i < from + BLOCK_ROWS && said->sends != NULL; i++)
        said->sends[i] = -1;
}

void ps_stage_signals(const ps_facts *facts, ps_batch *batch)
{
    size_t stride = batch->layout->mapped_count;
    column_reader *readers = ps_arena_room(&batch->arena, stride * sizeof *readers);
    size_t readers_count = make_readers(facts, batch, readers);
    together t;

    find_together(facts, batch->layout, &t);
    open_columns(batch, readers, readers_count, &t);
    for (size_t from = 0; from < batch->row_count; from += BLOCK_ROWS) {
        size_t left = batch->row_count - from;
        const row_block block = {
            .said = &batch->said,
            .from = from,
            .values = batch->values + from * stride,
            .stride = stride,
            .count = left < BLOCK_ROWS ? left : BLOCK_ROWS,
        };
        begin_block(&batch->said, from);
        for (size_t i = 0; i < readers_count; i++)
            readers[i].read(facts, &readers[i], &block);
        read_together(facts, batch, &t, &block);
        forget_damaged(batch, &block);
    }
}
