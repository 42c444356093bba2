#include "engine/survey.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "engine/dates.h"
#include "engine/gather.h"
#include "stage/row.h"
#include "stage/stage.h"
#include "table/header.h"

// The address and the names of people prove nothing about sending.
static bool is_evidence(const ps_mapped *mapped)
{
    return ps_column_kind_of(mapped->column) != PS_COLUMN_KIND_TEXT;
}

// A job that takes every column as tracked wants to know nothing of what stands in them.
static bool asks_coverage(const ps_job *job)
{
    bool asks = job->engagement.coverage > 0;

    for (size_t i = 0; i < job->policies_count; i++)
        asks = asks || job->policies[i].engagement.coverage > 0;
    return asks;
}

// A form that is not declared is known once all of the column was seen.
static bool asks_form(const ps_job *job, ps_column column)
{
    bool asks = false;

    if (ps_signal_of(column) == PS_SIGNAL_COUNT) return false; // nobody is judged by it
    for (size_t i = 0; i < job->recipients_count; i++)
        asks = asks || job->recipients[i].dates[column] == PS_DATE_FORM_AUTO;
    return asks;
}

// Whether an opt-in column has words that say no is known from its first rows, where one of them does.
static bool sample_has_false(const ps_inputs *inputs, size_t slot)
{
    for (size_t file = 0; file < inputs->count; file++) {
        const ps_layout *layout = ps_inputs_layout(inputs, file);
        size_t rows;
        const ps_span *cells = ps_reader_sample(inputs->readers[file], &rows);
        for (size_t row = 0; row < rows; row++) {
            if (ps_survey_is_against(cells[row * layout->column_count + layout->mapped[slot].index])) return true;
        }
    }
    return false;
}

bool ps_survey_init(const ps_job *job, const ps_inputs *inputs, ps_survey *out)
{
    const ps_layout *layout = ps_inputs_layout(inputs, 0);

    *out = (ps_survey){.inputs = inputs, .wants_domains = job->mx_mode >= PS_MX_LIVE};
    out->of_everybody = job->activity_count > 0; // which files say of addresses, not of rows
    out->wants_evidence = out->of_everybody;
    out->counts_signups = asks_coverage(job); // else columns are taken as they are
    for (size_t i = 0; i < job->activity_count; i++)
        out->wants_ids = out->wants_ids || job->activity[i].by_id;
    for (size_t slot = 0; slot < layout->mapped_count; slot++) {
        const ps_mapped *mapped = &layout->mapped[slot];
        ps_survey_column_init(&out->columns[slot]);
        out->wants_evidence = out->wants_evidence || (is_evidence(mapped) && !job->evidence_first);
        bool date = ps_survey_is_date(mapped) && (asks_coverage(job) || asks_form(job, mapped->column));
        bool optin = mapped->column == PS_COLUMN_OPTIN;
        out->columns[slot].has_false = optin && sample_has_false(inputs, slot);
        out->wants_columns = out->wants_columns || date || (optin && !out->columns[slot].has_false);
    }
    return out->wants_evidence || out->wants_columns || out->wants_domains;
}

void ps_survey_done(ps_survey *survey)
{
    ps_repeats_done(&survey->repeats);
    ps_evidence_done(&survey->evidence);
    ps_ids_done(&survey->ids);
    ps_memory_free(survey->by_file);
    ps_memory_free(survey->signups);
}

ps_status ps_survey_begin(ps_survey *survey, const ps_job *job, ps_error *err)
{
    size_t columns = survey->inputs->count * ps_inputs_layout(survey->inputs, 0)->mapped_count;
    size_t days = job->as_of > 0 ? (size_t)job->as_of + 1 : 1;

    survey->by_file = ps_memory_new(columns + 1, sizeof *survey->by_file, err);
    survey->signups = ps_memory_new(days, sizeof *survey->signups, err);
    if (survey->by_file == NULL || survey->signups == NULL) return PS_RETRY;
    for (size_t i = 0; i < columns; i++)
        ps_survey_column_init(&survey->by_file[i]);
    return PS_OK;
}

static ps_status merge_id(ps_survey *survey, const ps_batch *batch, const ps_row *row, ps_error *err)
{
    int slot = ps_layout_slot(batch->layout, PS_COLUMN_ID);

    assert(slot >= 0); // a file without the column is refused by its header
    if (ps_row_damaged(row)) return PS_OK;
    uint32_t address = ps_index_find(&survey->evidence.index, ps_row_identity(survey->facts, row));
    return ps_ids_add(&survey->ids, ps_batch_values(batch, row)[slot], address, err);
}

static void count_signups(ps_survey *survey, const ps_batch *batch)
{
    const ps_day *days = batch->said.days[PS_SIGNAL_SIGNUP], as_of = survey->facts->job->as_of;

    if (!survey->counts_signups || days == NULL) return;
    for (size_t i = 0; i < batch->row_count; i++) {
        if (days[i] >= 0 && days[i] <= as_of) survey->signups[days[i]]++;
    }
}

// The first pass gathers what it finds repeated, all but the first row; another one, if it is needed, gathers all.
static bool gathers_later(const ps_survey *survey)
{
    return survey->wants_evidence && !survey->of_everybody && !survey->again;
}

static bool gathers(const ps_survey *survey, const ps_batch *batch, const ps_row *row)
{
    if (!survey->wants_evidence || survey->of_everybody) return survey->wants_evidence;
    return survey->again && !ps_row_alone(survey->facts, batch, row);
}

// Most rows have a domain that another one had before.
static ps_status merge_domain(ps_survey *survey, const ps_batch *batch, const ps_row *row, ps_error *err)
{
    uint32_t known = ps_row_domain_number(batch, row), *place = &batch->domain_places[known], number = 0;

    if (known != 0 && *place != 0) {
        survey->domains->rows[*place - 1]++;
        return PS_OK;
    }
    ps_status status = ps_domains_add(survey->domains, ps_row_host(batch, row), &number, err);
    if (status != PS_OK) return status;
    *place = number + 1; // of rows whose domain has no number nobody reads it
    if (survey->domains->rows[number]++ == 0 && survey->resolver != NULL)
        survey->resolver->offer(survey->resolver->context, number, ps_row_host(batch, row));
    return PS_OK;
}

static bool asks_domains(const ps_survey *survey)
{
    return survey->wants_domains && !survey->again;
}

static ps_status merge_row(ps_survey *survey, const ps_batch *batch, const ps_row *row, ps_error *err)
{
    ps_status status = PS_OK;

    if (!ps_row_has_key(row)) return PS_OK;
    if (gathers(survey, batch, row)) {
        const ps_signals said = ps_said_signals(batch, row);
        status = ps_evidence_add(&survey->evidence, ps_row_identity(survey->facts, row), &said, err);
    }
    if (status == PS_OK && survey->wants_ids) status = merge_id(survey, batch, row, err);
    return status == PS_OK && asks_domains(survey) ? merge_domain(survey, batch, row, err) : status;
}

// The evidence of a long list is more than the near cache holds.
static void prefetch(const ps_survey *survey, const ps_batch *batch, size_t i)
{
    if (i >= batch->row_count || !ps_row_has_key(&batch->rows[i]) || !gathers(survey, batch, &batch->rows[i])) return;
    ps_index_prefetch(&survey->evidence.index, ps_row_identity(survey->facts, &batch->rows[i]));
}

static ps_status merge_rows(ps_survey *survey, const ps_batch *batch, ps_error *err)
{
    enum { ROWS_AHEAD = 32 };
    bool gathered = survey->wants_evidence && (survey->again || survey->of_everybody);
    ps_status status = PS_OK;

    count_signups(survey, batch);
    if (!gathered && !asks_domains(survey)) return PS_OK; // ids are asked with evidence alone
    for (size_t i = 0; i < batch->row_count && status == PS_OK; i++) {
        if (gathered) prefetch(survey, batch, i + ROWS_AHEAD);
        status = merge_row(survey, batch, &batch->rows[i], err);
    }
    return status;
}

static ps_status merge_batch(ps_survey *survey, const ps_batch *batch, const ps_survey_column *columns, ps_error *err)
{
    size_t count = batch->layout->mapped_count;

    survey->rows += batch->row_count;
    ps_survey_merge(&survey->by_file[batch->file * count], columns, count);
    if (!survey->wants_evidence || survey->of_everybody) return PS_OK;
    return ps_repeats_note(&survey->repeats, survey->facts, batch, ps_inputs_rows(survey->inputs, batch), err);
}

// Only repeated addresses are looked at.
static bool keeps_repeats(const ps_survey *survey)
{
    return survey->again && !survey->of_everybody && !survey->counts_signups;
}

void ps_survey_choose(void *context, ps_batch *batch)
{
    const ps_survey *survey = context;

    if (keeps_repeats(survey)) ps_repeats_want(&survey->repeats, batch);
}

static void read_rows(const ps_survey *survey, ps_batch *batch)
{
    bool gathered = survey->again || survey->of_everybody;

    if (keeps_repeats(survey)) ps_repeats_keep(&survey->repeats, batch);
    ps_stage_normalize(survey->facts, batch);
    ps_stage_syntax(survey->facts, batch);
    if (gathered) ps_stage_signals(survey->facts, batch);
}

// Of rows whose evidence is not gathered nothing more is asked than the day they signed up.
static void note_columns(const ps_survey *survey, ps_batch *batch, ps_survey_column out[PS_MAPPED_MAX])
{
    bool asks_signups = survey->counts_signups && !survey->of_everybody;
    ps_day *signups = asks_signups ? ps_arena_room(&batch->arena, (batch->row_count + 1) * sizeof *signups) : NULL;

    assert(survey->facts->import_days_count == 0 || !asks_signups); // that is what they are counted for
    ps_survey_note(survey->facts, batch, out, signups);
    if (asks_signups) batch->said = (ps_said){.days = {[PS_SIGNAL_SIGNUP] = signups}};
}

// Of the rows that are left.
static ps_status gather_later(ps_survey *survey, ps_batch *batch, ps_order *order, ps_error *err)
{
    ps_stage_signals(survey->facts, batch);
    if (!ps_order_enter(order, PS_ORDER_EVIDENCE, batch->number)) return PS_OK;
    ps_status status = ps_gather_rows(&survey->evidence, survey->facts, batch, err);
    ps_order_leave(order, PS_ORDER_EVIDENCE);
    return status;
}

ps_status ps_survey_carry(void *context, ps_worker *worker, ps_order *order, ps_error *err)
{
    ps_survey *survey = context;
    ps_batch *batch = &worker->batch;
    ps_survey_column columns[PS_MAPPED_MAX];
    ps_status status = PS_OK;

    read_rows(survey, batch);
    if (!survey->again) note_columns(survey, batch, columns);
    if (!ps_order_enter(order, PS_ORDER_CLAIM, batch->number)) return PS_OK;
    if (!survey->again) status = merge_batch(survey, batch, columns, err);
    if (status == PS_OK) status = merge_rows(survey, batch, err);
    if (status == PS_OK && gathers_later(survey)) ps_repeats_keep_later(&survey->repeats, batch);
    ps_order_leave(order, PS_ORDER_CLAIM);
    return status == PS_OK && gathers_later(survey) ? gather_later(survey, batch, order, err) : status;
}

// ---- what the pass found, sealed

// A day on which more than one in five signed up is that of an import. In a small list it is chance.
static void find_imports(const ps_survey *survey, ps_facts *facts)
{
    enum { ONE_IN = 5 };
    uint64_t all = 0;
    ps_day as_of = facts->job->as_of;

    if (!asks_coverage(facts->job)) return;
    for (ps_day day = 0; day <= as_of; day++)
        all += survey->signups[day];
    for (ps_day day = 0; day <= as_of && all > 0 && all >= facts->job->guards.min_rows; day++) {
        if ((uint64_t)survey->signups[day] * ONE_IN <= all) continue;
        assert(facts->import_days_count < PS_COUNT_OF(facts->import_days)); // five such days are more than all
        facts->import_days[facts->import_days_count++] = day;
    }
}

// What was gathered from dates that are read otherwise from now on.
static void forget_evidence(ps_survey *survey)
{
    size_t days = survey->facts->job->as_of > 0 ? (size_t)survey->facts->job->as_of + 1 : 1;

    ps_evidence_done(&survey->evidence);
    ps_ids_done(&survey->ids);
    memset(&survey->evidence, 0, sizeof survey->evidence);
    memset(&survey->ids, 0, sizeof survey->ids);
    if (survey->facts->import_days_count == 0) memset(survey->signups, 0, days * sizeof *survey->signups);
}

static ps_status seal_columns(ps_survey *survey, ps_recipients *sealed, bool *out_changed, ps_error *err)
{
    const ps_inputs *inputs = survey->inputs;
    size_t count = ps_inputs_layout(inputs, 0)->mapped_count;
    ps_status status = ps_dates_seal(inputs, survey->by_file, sealed, out_changed, err);

    for (size_t file = 0; file < inputs->count && status == PS_OK; file++)
        ps_survey_merge(survey->columns, &survey->by_file[file * count], count);
    return status;
}

ps_status ps_survey_seal(ps_survey *survey, ps_recipients *sealed, ps_facts *facts, bool *out_again, ps_error *err)
{
    bool changed = false;
    size_t imports = facts->import_days_count;
    ps_status status = survey->again ? PS_OK : seal_columns(survey, sealed, &changed, err);

    ps_repeats_seal(&survey->repeats);
    bool recount = changed && survey->wants_evidence; // the next pass knows how sign-ups are read
    if (imports == 0 && !recount) find_imports(survey, facts);
    bool otherwise = changed || facts->import_days_count > imports;
    *out_again = survey->wants_evidence && otherwise;
    survey->lacks_firsts = gathers_later(survey) && !*out_again;
    if (*out_again) forget_evidence(survey);
    if (survey->wants_evidence && !survey->of_everybody) facts->repeated = &survey->repeats.rows;
    survey->counts_signups = recount && asks_coverage(facts->job);
    survey->again = true;
    return status;
}

bool ps_survey_tracked(const ps_survey *survey, const ps_job *job, size_t slot)
{
    const ps_survey_column *column = &survey->columns[slot];

    if (job->engagement.coverage <= 0) return true;
    if (column->newest == PS_DAY_NONE) return false;
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
        // A clock that is a little ahead must not make a column begin tomorrow.
        bool counts = job->engagement.coverage > 0;
        ps_day oldest = counts ? ps_signal_settle(survey->columns[slot].oldest, job->as_of) : PS_DAY_NONE;
        out->observed_since[signal] = declared != PS_DAY_NONE ? declared : oldest;
    }
}
