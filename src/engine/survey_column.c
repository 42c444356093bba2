#include "engine/survey_column.h"

#include "facts/date_cells.h"
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
    ps_date_reader readers[PS_MAPPED_MAX]; // of the dates
} noting;

// Some rows of the batch. Bit n of `shifted`: the cells of row n may stand under the wrong header, for it has too few
// or too many.
typedef struct note_rows {
    size_t from, count;
    uint64_t shifted;
} note_rows;

static void note_days(const ps_facts *facts, const ps_day *days, size_t count, ps_survey_column *column)
{
    ps_date_days known = {column->filled, column->future, column->oldest, column->newest};
    size_t filled = ps_date_days_add_all(&known, days, count, facts->job->as_of);

    column->filled = known.filled;
    column->future = known.future;
    column->oldest = known.oldest;
    column->newest = known.newest;
    column->missing += count - filled;
}

static void note_odd_date(noting *by, size_t slot, ps_span cell)
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
}

// Nearly all cells are exact dates or empty, and are read together. What is odd or shifted leaves their row.
static void note_dates(noting *by, size_t slot, const note_rows *rows)
{
    size_t stride = by->batch->layout->mapped_count, exact = 0;
    const ps_span *cells = by->batch->values + rows->from * stride + slot;
    ps_day days[PS_DATE_CELLS_MAX];
    ps_date_form form;
    uint64_t odd = ps_date_cells_exact(&by->readers[slot], cells, stride, rows->count, days, &form);
    uint64_t filled = by->columns[slot].filled + by->columns[slot].future;

    for (size_t i = 0; i < rows->count; i++) {
        days[exact] = days[i];
        exact += ((odd | rows->shifted) >> i & 1) == 0;
    }
    note_days(by->facts, days, exact, &by->columns[slot]);
    if (by->columns[slot].filled + by->columns[slot].future > filled) by->columns[slot].forms |= UINT32_C(1) << form;
    for (odd &= ~rows->shifted; odd != 0; odd &= odd - 1)
        note_odd_date(by, slot, cells[(size_t)__builtin_ctzll(odd) * stride]);
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

void ps_survey_note(const ps_facts *facts, const ps_batch *batch, ps_survey_column out[PS_MAPPED_MAX])
{
    noting by = {.facts = facts, .batch = batch, .columns = out};

    begin_note(&by);
    for (size_t from = 0; from < batch->row_count; from += PS_DATE_CELLS_MAX) {
        size_t left = batch->row_count - from;
        note_rows rows = {.from = from, .count = left < PS_DATE_CELLS_MAX ? left : PS_DATE_CELLS_MAX};
        for (size_t i = 0; i < rows.count; i++)
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
