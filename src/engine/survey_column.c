#include "engine/survey_column.h"

#include "facts/date_cells.h"
#include "facts/engagement.h"
#include "stage/row.h"
#include "table/header.h"

bool ps_survey_is_date(const ps_mapped *mapped)
{
    return ps_column_kind_of(mapped->column) == PS_COLUMN_KIND_DATE;
}

bool ps_survey_is_against(ps_span cell)
{
    ps_word word = ps_flag_word(cell);

    return word == PS_WORD_FALSE || word == PS_WORD_OTHER;
}

void ps_survey_column_init(ps_survey_column *column)
{
    *column = (ps_survey_column){.oldest = PS_DAY_NONE, .newest = PS_DAY_NONE};
    ps_date_doubt_init(&column->doubt);
}

// What is done with the columns of a batch, block by block.
typedef struct noting {
    const ps_facts *facts;
    const ps_batch *batch;
    ps_survey_column *columns;
    ps_day *signups; // by row; NULL: not asked
    ps_date_reader readers[PS_MAPPED_MAX]; // of the dates
} noting;

// Some rows of the batch. Bit n of `shifted`: the cells of row n may stand under the wrong header, for it has too few
// or too many.
typedef struct note_rows {
    size_t from, count;
    uint64_t shifted;
} note_rows;

// Gives how many were days.
static size_t note_days(const ps_facts *facts, const ps_day *days, size_t count, ps_survey_column *column)
{
    ps_date_days known = {column->filled, column->future, column->oldest, column->newest};
    size_t noted = ps_date_days_add_all(&known, days, count, facts->job->as_of);

    column->filled = known.filled;
    column->future = known.future;
    column->oldest = known.oldest;
    column->newest = known.newest;
    return noted;
}

static ps_day note_odd_date(noting *by, size_t slot, ps_span cell)
{
    const ps_facts *facts = by->facts;
    ps_survey_column *column = &by->columns[slot];
    ps_date_form form = by->readers[slot].form, found = PS_DATE_FORM_AUTO;
    ps_day day = PS_DAY_NONE;

    switch (ps_date_read_form(cell, form, facts->zone, &day, &found)) {
    case PS_DATE_MISSING:
        column->missing++;
        break;
    case PS_DATE_UNREADABLE:
        column->unreadable++;
        if (form == PS_DATE_FORM_AUTO) ps_date_doubt_add(&column->doubt, cell, facts->zone, facts->job->as_of);
        break;
    case PS_DATE_READ:
        column->forms |= UINT32_C(1) << found;
        note_days(facts, &day, 1, column);
        break;
    }
    ps_date_cells_learn(&by->readers[slot], cell, day);
    return day;
}

// A row may have several such columns: it signed up on the earliest of the days.
static void note_signups(const noting *by, const note_rows *rows, const ps_day *days)
{
    ps_day *signups = by->signups + rows->from, as_of = by->facts->job->as_of;

    for (size_t i = 0; i < rows->count; i++)
        signups[i] = ps_day_earlier(signups[i], ps_signal_settle(days[i], as_of));
}

// Nearly all cells are exact dates or empty, and are counted together. What is odd or shifted is no day there.
static void note_dates(noting *by, size_t slot, const note_rows *rows)
{
    size_t stride = by->batch->layout->mapped_count;
    const ps_span *cells = by->batch->values + rows->from * stride + slot;
    ps_survey_column *column = &by->columns[slot];
    ps_day days[PS_DATE_CELLS_MAX];
    ps_date_form form;
    uint64_t odd = ps_date_cells_exact(&by->readers[slot], cells, stride, rows->count, days, &form) & ~rows->shifted;
    uint64_t beside = odd | rows->shifted;

    for (uint64_t left = beside; left != 0; left &= left - 1)
        days[__builtin_ctzll(left)] = PS_DAY_NONE;
    size_t noted = note_days(by->facts, days, rows->count, column);
    column->missing += rows->count - (size_t)__builtin_popcountll(beside) - noted;
    if (noted > 0) column->forms |= UINT32_C(1) << form;
    for (; odd != 0; odd &= odd - 1) {
        size_t i = (size_t)__builtin_ctzll(odd);
        days[i] = note_odd_date(by, slot, cells[i * stride]);
    }
    bool asked = by->signups != NULL && ps_signal_of(by->batch->layout->mapped[slot].column) == PS_SIGNAL_SIGNUP;
    if (asked) note_signups(by, rows, days);
}

// Words that say no are asked for until there is one.
static void note_optin(noting *by, size_t slot, const note_rows *rows)
{
    size_t stride = by->batch->layout->mapped_count;
    const ps_span *cells = by->batch->values + rows->from * stride + slot;
    bool *has_false = &by->columns[slot].has_false;

    for (size_t i = 0; i < rows->count && !*has_false; i++)
        *has_false = (rows->shifted >> i & 1) == 0 && ps_survey_is_against(cells[i * stride]);
}

static void note_block(noting *by, const note_rows *rows)
{
    for (size_t slot = 0; slot < by->batch->layout->mapped_count; slot++) {
        const ps_mapped *mapped = &by->batch->layout->mapped[slot];
        if (ps_survey_is_date(mapped)) note_dates(by, slot, rows);
        if (mapped->column == PS_COLUMN_OPTIN) note_optin(by, slot, rows);
    }
}

static void begin_note(noting *by)
{
    const ps_layout *layout = by->batch->layout;
    const ps_date_form *forms = by->facts->job->recipients[by->batch->file].dates;

    for (size_t slot = 0; slot < PS_MAPPED_MAX; slot++)
        ps_survey_column_init(&by->columns[slot]);
    for (size_t slot = 0; slot < layout->mapped_count; slot++) {
        if (!ps_survey_is_date(&layout->mapped[slot])) continue;
        ps_date_form form = forms[layout->mapped[slot].column];
        ps_date_reader_init(&by->readers[slot], form, by->facts->zone, by->facts->job->as_of);
    }
}

void ps_survey_note(const ps_facts *facts, const ps_batch *batch, ps_survey_column out[PS_MAPPED_MAX], ps_day *signups)
{
    noting by = {.facts = facts, .batch = batch, .columns = out, .signups = signups};

    begin_note(&by);
    for (size_t i = 0; i < batch->row_count && signups != NULL; i++)
        signups[i] = PS_DAY_NONE;
    for (size_t from = 0; from < batch->row_count; from += PS_DATE_CELLS_MAX) {
        size_t left = batch->row_count - from;
        note_rows rows = {.from = from, .count = left < PS_DATE_CELLS_MAX ? left : PS_DATE_CELLS_MAX};
        for (size_t i = 0; i < rows.count && batch->damaged; i++)
            rows.shifted |= (uint64_t)ps_findings_has(batch->rows[from + i].findings, PS_REASON_COLUMNS) << i;
        note_block(&by, &rows);
    }
}

static void merge_column(ps_survey_column *into, const ps_survey_column *other)
{
    into->filled += other->filled;
    into->missing += other->missing;
    into->unreadable += other->unreadable;
    into->future += other->future;
    into->forms |= other->forms;
    into->has_false = into->has_false || other->has_false;
    ps_date_doubt_merge(&into->doubt, &other->doubt);
    if (other->oldest == PS_DAY_NONE) return;
    if (into->oldest == PS_DAY_NONE || other->oldest < into->oldest) into->oldest = other->oldest;
    if (into->newest == PS_DAY_NONE || other->newest > into->newest) into->newest = other->newest;
}

void ps_survey_merge(ps_survey_column *into, const ps_survey_column *other, size_t count)
{
    for (size_t slot = 0; slot < count; slot++)
        merge_column(&into[slot], &other[slot]);
}
