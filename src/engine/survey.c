#include "engine/survey.h"

#include <assert.h>

#include "facts/date.h"
#include "stage/row.h"
#include "stage/stage.h"
#include "table/header.h"

static bool is_date(const ps_mapped *mapped)
{
    return ps_column_kind_of(mapped->column) == PS_COLUMN_KIND_DATE;
}

// The address and the names of people prove nothing about sending.
static bool is_evidence(const ps_mapped *mapped)
{
    return ps_column_kind_of(mapped->column) != PS_COLUMN_KIND_TEXT;
}

bool ps_survey_init(const ps_job *job, const ps_inputs *inputs, ps_survey *out)
{
    const ps_layout *layout = ps_inputs_layout(inputs, 0);

    *out = (ps_survey){.inputs = inputs, .wants_domains = job->mx_mode == PS_MX_LIVE};
    out->wants_evidence = job->activity_count > 0; // which files say of addresses, not of rows
    for (size_t i = 0; i < job->activity_count; i++)
        out->wants_ids = out->wants_ids || job->activity[i].by_id;
    for (size_t slot = 0; slot < layout->mapped_count; slot++) {
        const ps_mapped *mapped = &layout->mapped[slot];
        out->columns[slot] = (ps_survey_column){.oldest = PS_DAY_NONE, .newest = PS_DAY_NONE};
        out->wants_evidence = out->wants_evidence || (is_evidence(mapped) && !job->evidence_first);
        out->wants_columns = out->wants_columns || is_date(mapped) || mapped->column == PS_COLUMN_OPTIN;
    }
    return out->wants_evidence || out->wants_columns || out->wants_domains;
}

void ps_survey_done(ps_survey *survey)
{
    ps_evidence_done(&survey->evidence);
    ps_ids_done(&survey->ids);
}

static void note_day(ps_survey_column *column, ps_day day)
{
    column->filled++;
    if (column->oldest == PS_DAY_NONE || day < column->oldest) column->oldest = day;
    if (column->newest == PS_DAY_NONE || day > column->newest) column->newest = day;
}

static void note_date(const ps_facts *facts, ps_date_form form, ps_span cell, ps_survey_column *column)
{
    ps_day day = PS_DAY_NONE;

    switch (ps_date_read(cell, form, facts->zone, &day)) {
    case PS_DATE_MISSING:
        column->missing++;
        break;
    case PS_DATE_UNREADABLE:
        column->unreadable++;
        break;
    case PS_DATE_READ:
        // One day ahead is a clock in another zone; more is no date of the past.
        if (day > facts->job->as_of + 1) {
            column->future++;
        } else {
            note_day(column, day);
        }
        break;
    }
}

static void note_row(const ps_facts *facts, const ps_batch *batch, const ps_row *row, ps_survey_column *columns)
{
    const ps_span *values = ps_batch_values(batch, row);
    const ps_date_form *forms = facts->job->recipients[batch->file].dates;

    for (size_t slot = 0; slot < batch->layout->mapped_count; slot++) {
        const ps_mapped *mapped = &batch->layout->mapped[slot];
        if (is_date(mapped)) note_date(facts, forms[mapped->column], values[slot], &columns[slot]);
        if (mapped->column != PS_COLUMN_OPTIN) continue;
        ps_word word = ps_flag_word(values[slot]);
        columns[slot].has_false = columns[slot].has_false || word == PS_WORD_FALSE || word == PS_WORD_OTHER;
    }
}

void ps_survey_note(const ps_facts *facts, const ps_batch *batch, ps_survey_column out[PS_MAPPED_MAX])
{
    for (size_t slot = 0; slot < PS_MAPPED_MAX; slot++)
        out[slot] = (ps_survey_column){.oldest = PS_DAY_NONE, .newest = PS_DAY_NONE};
    for (size_t i = 0; i < batch->row_count; i++) {
        // The cells of a row with too few or too many may stand under the wrong header.
        bool shifted = ps_findings_has(batch->rows[i].findings, PS_REASON_COLUMNS);
        if (!shifted) note_row(facts, batch, &batch->rows[i], out);
    }
}

static void merge_column(ps_survey_column *into, const ps_survey_column *other)
{
    into->filled += other->filled;
    into->missing += other->missing;
    into->unreadable += other->unreadable;
    into->future += other->future;
    into->has_false = into->has_false || other->has_false;
    if (other->oldest == PS_DAY_NONE) return;
    if (into->oldest == PS_DAY_NONE || other->oldest < into->oldest) into->oldest = other->oldest;
    if (into->newest == PS_DAY_NONE || other->newest > into->newest) into->newest = other->newest;
}

void ps_survey_merge(ps_survey_column *into, const ps_survey_column *other, size_t count)
{
    for (size_t slot = 0; slot < count; slot++)
        merge_column(&into[slot], &other[slot]);
}

static ps_status merge_id(ps_survey *survey, const ps_batch *batch, const ps_row *row, ps_error *err)
{
    int slot = ps_layout_slot(batch->layout, PS_COLUMN_ID);

    assert(slot >= 0); // a file without the column is refused by its header
    if (ps_row_damaged(row)) return PS_OK;
    uint32_t address = ps_index_find(&survey->evidence.index, ps_row_identity(survey->facts, row));
    return ps_ids_add(&survey->ids, ps_batch_values(batch, row)[slot], address, err);
}

static ps_status merge_row(ps_survey *survey, const ps_batch *batch, const ps_row *row, ps_error *err)
{
    ps_status status = PS_OK;
    uint32_t number = 0;

    if (row->address.key.len == 0) return PS_OK;
    if (survey->wants_evidence) {
        status = ps_evidence_add(&survey->evidence, ps_row_identity(survey->facts, row), &row->signals, err);
    }
    if (status == PS_OK && survey->wants_ids) status = merge_id(survey, batch, row, err);
    if (status != PS_OK || !survey->wants_domains) return status;
    status = ps_domains_add(survey->domains, row->address.domain, &number, err);
    if (status == PS_OK) survey->domains->rows[number]++;
    return status;
}

ps_status ps_survey_carry(void *context, ps_worker *worker, ps_order *order, ps_error *err)
{
    ps_survey *survey = context;
    ps_batch *batch = &worker->batch;
    ps_survey_column columns[PS_MAPPED_MAX];
    ps_status status = PS_OK;

    ps_stage_normalize(survey->facts, batch);
    ps_stage_syntax(survey->facts, batch);
    ps_stage_signals(survey->facts, batch);
    ps_survey_note(survey->facts, batch, columns);
    if (!ps_order_enter(order, PS_ORDER_CLAIM, batch->number)) return PS_OK;
    survey->rows += batch->row_count;
    ps_survey_merge(survey->columns, columns, batch->layout->mapped_count);
    for (size_t i = 0; i < batch->row_count && status == PS_OK; i++)
        status = merge_row(survey, batch, &batch->rows[i], err);
    ps_order_leave(order, PS_ORDER_CLAIM);
    return status;
}

bool ps_survey_tracked(const ps_survey *survey, const ps_job *job, size_t slot)
{
    const ps_survey_column *column = &survey->columns[slot];

    if (column->newest == PS_DAY_NONE) return false;
    if (job->engagement.coverage <= 0) return true;
    bool filled = (double)column->filled >= job->engagement.coverage * (double)survey->rows;
    return filled && column->newest >= job->as_of - job->engagement.active;
}

void ps_survey_coverage(const ps_survey *survey, const ps_job *job, ps_coverage *out)
{
    const ps_layout *layout = ps_inputs_layout(survey->inputs, 0);

    *out = (ps_coverage){0};
    for (size_t i = 0; i < PS_SIGNAL_COUNT; i++)
        out->observed_since[i] = PS_DAY_NONE;
    for (size_t slot = 0; slot < layout->mapped_count; slot++) {
        ps_column column = layout->mapped[slot].column;
        ps_signal signal = ps_signal_of(column);
        out->sends_present = out->sends_present || column == PS_COLUMN_SENDS_SINCE_ENGAGEMENT;
        out->optin_present = out->optin_present || column == PS_COLUMN_OPTIN;
        if (column == PS_COLUMN_OPTIN) out->optin_has_false = survey->columns[slot].has_false;
        if (signal == PS_SIGNAL_COUNT) continue;
        ps_day declared = job->engagement.observed_since[column];
        out->present[signal] = true;
        out->tracked[signal] = ps_survey_tracked(survey, job, slot);
        out->observed_since[signal] = declared != PS_DAY_NONE ? declared : survey->columns[slot].oldest;
    }
}
