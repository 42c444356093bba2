#include "engine/activity.h"

#include <assert.h>
#include <inttypes.h>

#include "base/memory.h"
#include "engine/dates.h"
#include "stage/row.h"
#include "stage/stage.h"

// What is taken by its name alone. An export of orders has a status and a creation date of the order, and a number of
// it: taking those for the customer's would remove people. The job may declare them.
static bool is_plain(ps_column column, const ps_activity *activity)
{
    static const ps_column plain[] = {
        PS_COLUMN_OPTOUT,     PS_COLUMN_OPTOUT_AT,     PS_COLUMN_BOUNCED,       PS_COLUMN_COMPLAINED,
        PS_COLUMN_LAST_OPEN,  PS_COLUMN_LAST_CLICK,    PS_COLUMN_LAST_SENT,     PS_COLUMN_LAST_LOGIN,
        PS_COLUMN_LAST_REPLY, PS_COLUMN_LAST_PURCHASE, PS_COLUMN_LAST_ACTIVITY, PS_COLUMN_RESUBSCRIBED_AT,
    };

    if (column == (activity->by_id ? PS_COLUMN_ID : PS_COLUMN_EMAIL)) return true;
    for (size_t i = 0; i < PS_COUNT_OF(plain); i++) {
        if (plain[i] == column) return true;
    }
    return false;
}

static void drop_guesses(const ps_activity *activity, ps_layout *layout)
{
    size_t kept = 0;

    for (size_t i = 0; i < layout->mapped_count; i++) {
        const ps_mapped *mapped = &layout->mapped[i];
        if (mapped->declared || is_plain(mapped->column, activity)) layout->mapped[kept++] = *mapped;
    }
    layout->mapped_count = kept;
}

static bool has_evidence(const ps_layout *layout)
{
    for (size_t i = 0; i < layout->mapped_count; i++) {
        if (ps_column_kind_of(layout->mapped[i].column) != PS_COLUMN_KIND_TEXT) return true;
    }
    return false;
}

static ps_status refuse_silent(const ps_layout *layout, ps_error *err)
{
    ps_error_set(err, PS_INPUT, "No column of the activity file %s says anything about a recipient.", layout->file);
    ps_error_hint(err, "Name the column of its dates in the job file: columns: {last_login: ITS HEADER}");
    return PS_INPUT;
}

static void init_columns(ps_activity_file *file)
{
    for (size_t slot = 0; slot < PS_MAPPED_MAX; slot++)
        ps_survey_column_init(&file->columns[slot]);
}

static ps_status open_file(const ps_job *job, const volatile int *stop, const ps_activity *activity,
                           ps_activity_file *out, ps_error *err)
{
    out->config = activity;
    out->job = *job;
    out->table = activity->table;
    out->table.activity = true;
    out->job.recipients = &out->table;
    out->job.recipients_count = 1;
    init_columns(out);
    ps_status status = ps_inputs_open(&out->job, NULL, stop, &out->inputs, err);
    if (status != PS_OK) return status;
    ps_layout *layout = ps_reader_layout(out->inputs.readers[0]);
    drop_guesses(activity, layout);
    return has_evidence(layout) ? PS_OK : refuse_silent(layout, err);
}

ps_status ps_activities_open(const ps_job *job, const volatile int *stop, ps_activities *out, ps_error *err)
{
    ps_status status = PS_OK;

    if (job->activity_count == 0) return PS_OK;
    out->files = ps_memory_new(job->activity_count, sizeof *out->files, err);
    if (out->files == NULL) return PS_RETRY;
    out->count = job->activity_count;
    for (size_t i = 0; i < out->count && status == PS_OK; i++)
        status = open_file(job, stop, &job->activity[i], &out->files[i], err);
    return status;
}

void ps_activities_close(ps_activities *activities)
{
    for (size_t i = 0; i < activities->count; i++)
        ps_inputs_close(&activities->files[i].inputs);
    ps_memory_free(activities->files);
    ps_memory_free(activities->seen);
    *activities = (ps_activities){.count = 0};
}

// ---- one file

// What the pass over one file works with.
typedef struct join {
    ps_activities *activities;
    ps_activity_file *file;
} join;

static void see_signals(join *j, const ps_signals *signals, uint32_t address)
{
    uint16_t *seen = &j->activities->seen[address];

    for (unsigned i = 0; i < PS_SIGNAL_COUNT; i++) {
        bool new = signals->date[i] != PS_DAY_NONE && (*seen >> i & 1) == 0;
        if (!new) continue;
        *seen = (uint16_t)(*seen | 1U << i);
        j->file->addresses[i]++;
    }
}

static_assert(PS_SIGNAL_COUNT <= 16, "the signals of an address are bits of 16");

// A date here that cannot be read may be the one that shows that somebody is there, so it stays with the address.
static void add_evidence(join *j, const ps_batch *batch, const ps_row *row, uint32_t address)
{
    const ps_signals said = ps_said_signals(batch, row);
    ps_signals *into = &j->activities->survey->evidence.signals[address];
    uint32_t unreadable = (into->flags | said.flags) & ~(uint32_t)PS_FLAGS_OF_ADDRESS;

    ps_signals_merge(into, &said);
    into->flags |= unreadable;
    see_signals(j, &said, address);
}

static void add_by_id(join *j, const ps_batch *batch, const ps_row *row)
{
    const ps_ids *ids = &j->activities->survey->ids;
    int slot = ps_layout_slot(batch->layout, PS_COLUMN_ID);

    assert(slot >= 0); // a file without the column is refused by its header
    uint32_t link = ps_ids_find(ids, ps_batch_values(batch, row)[slot]);
    j->file->matched += link != PS_INDEX_NONE;
    for (; link != PS_INDEX_NONE; link = ids->links[link].next)
        add_evidence(j, batch, row, ids->links[link].address);
}

static void add_by_address(join *j, const ps_batch *batch, const ps_row *row)
{
    if (!ps_row_has_key(row)) return;
    uint32_t address = ps_index_find(&j->activities->survey->evidence.index, ps_row_identity(&j->file->facts, row));
    if (address == PS_INDEX_NONE) return; // not a recipient
    j->file->matched++;
    add_evidence(j, batch, row, address);
}

static void add_row(join *j, const ps_batch *batch, const ps_row *row)
{
    if (ps_row_damaged(row)) { // its cells may stand under the wrong header, the key too
        j->file->damaged++;
    } else if (j->file->config->by_id) {
        add_by_id(j, batch, row);
    } else {
        add_by_address(j, batch, row);
    }
}

static ps_status carry(void *context, ps_worker *worker, ps_order *order, ps_error *err)
{
    (void)err; // nothing is kept but what the evidence has room for
    join *j = context;
    ps_batch *batch = &worker->batch;
    ps_survey_column columns[PS_MAPPED_MAX];

    ps_stage_normalize(&j->file->facts, batch);
    if (!j->file->config->by_id) ps_stage_syntax(&j->file->facts, batch);
    ps_stage_signals(&j->file->facts, batch);
    ps_survey_note(&j->file->facts, batch, columns, NULL);
    if (!ps_order_enter(order, PS_ORDER_CLAIM, batch->number)) return PS_OK;
    j->file->rows += batch->row_count;
    ps_survey_merge(j->file->columns, columns, batch->layout->mapped_count);
    for (size_t i = 0; i < batch->row_count; i++)
        add_row(j, batch, &batch->rows[i]);
    ps_order_leave(order, PS_ORDER_CLAIM);
    return PS_OK;
}

// Nobody would be saved by such a file, and nobody would notice.
static ps_status check_match(const ps_activities *activities, const ps_activity_file *file, ps_error *err)
{
    const ps_layout *layout = ps_inputs_layout(&file->inputs, 0);
    bool by_id = file->config->by_id;

    if (file->matched > 0 || activities->survey->evidence.count == 0) return PS_OK;
    ps_error_set(err, PS_INPUT,
                 "None of the %" PRIu64
                 " rows of the activity file %s is about a recipient: no %s of it stands in the recipient file.",
                 file->rows, layout->file, by_id ? "id" : "address");
    ps_error_hint(err,
                  "Name the column that says whose row it is, or join by the %s: activity: [{file: ..., key: %s, "
                  "columns: {%s: ITS HEADER}}]",
                  by_id ? "address" : "customer number", by_id ? "email" : "id", by_id ? "email" : "id");
    return PS_INPUT;
}

// ---- how its dates are written

static ps_status note_dates(void *context, ps_worker *worker, ps_order *order, ps_error *err)
{
    (void)err; // nothing here can fail
    ps_activity_file *file = context;
    ps_batch *batch = &worker->batch;
    ps_survey_column columns[PS_MAPPED_MAX];

    ps_stage_normalize(&file->facts, batch);
    ps_survey_note(&file->facts, batch, columns, NULL);
    if (!ps_order_enter(order, PS_ORDER_CLAIM, batch->number)) return PS_OK;
    ps_survey_merge(file->columns, columns, batch->layout->mapped_count);
    ps_order_leave(order, PS_ORDER_CLAIM);
    return PS_OK;
}

static bool has_open_dates(const ps_activity_file *file)
{
    const ps_layout *layout = ps_inputs_layout(&file->inputs, 0);

    for (size_t slot = 0; slot < layout->mapped_count; slot++) {
        ps_column column = layout->mapped[slot].column;
        if (ps_column_kind_of(column) == PS_COLUMN_KIND_DATE && file->table.dates[column] == PS_DATE_FORM_AUTO)
            return true;
    }
    return false;
}

// What a row says goes to the evidence at once, so the forms must be known before the first one.
static ps_status seal_dates(ps_activity_file *file, const ps_pass *pass, ps_error *err)
{
    ps_pass own = *pass;
    bool changed = false;

    if (!has_open_dates(file)) return PS_OK;
    own.carry = note_dates;
    own.context = file;
    ps_status status = ps_pipeline_run(&own, NULL, err);
    if (status == PS_OK) status = ps_inputs_check(&file->inputs, err);
    if (status == PS_OK) status = ps_inputs_rewind(&file->inputs, err);
    if (status == PS_OK) status = ps_dates_seal(&file->inputs, file->columns, &file->table, &changed, err);
    init_columns(file);
    return status;
}

ps_status ps_activities_join(ps_activities *activities, size_t number, const ps_pass *pass, ps_error *err)
{
    ps_activity_file *file = &activities->files[number];
    join j = {activities, file};
    ps_pass own = *pass;

    ps_memory_free(activities->seen);
    activities->seen = ps_memory_new(activities->survey->evidence.count + 1, sizeof *activities->seen, err);
    if (activities->seen == NULL) return PS_RETRY;
    file->facts = *pass->facts;
    file->facts.job = &file->job;
    own.facts = &file->facts;
    own.inputs = &file->inputs;
    ps_status status = seal_dates(file, &own, err);
    own.carry = carry;
    own.context = &j;
    if (status == PS_OK) status = ps_pipeline_run(&own, NULL, err);
    if (status == PS_OK) status = ps_inputs_check(&file->inputs, err);
    return status != PS_OK ? status : check_match(activities, file, err);
}

// ---- what it proves

// That somebody is not in the file says something only when the file is about these recipients at all: it must have
// the signal for as large a share of their addresses as a column of their own must be filled, and reach as near to the
// day of judgement.
bool ps_activity_tracked(const ps_activities *activities, const ps_activity_file *file, const ps_job *job, size_t slot)
{
    const ps_survey_column *column = &file->columns[slot];
    ps_signal signal = ps_signal_of(ps_inputs_layout(&file->inputs, 0)->mapped[slot].column);

    if (signal == PS_SIGNAL_COUNT || column->newest == PS_DAY_NONE) return false;
    if (job->engagement.coverage <= 0) return true;
    double wanted = job->engagement.coverage * (double)activities->survey->evidence.count;
    return (double)file->addresses[signal] >= wanted && column->newest >= job->as_of - job->engagement.active;
}

static void cover(const ps_activities *activities, const ps_activity_file *file, const ps_job *job, size_t slot,
                  ps_coverage *coverage)
{
    ps_column column = ps_inputs_layout(&file->inputs, 0)->mapped[slot].column;
    ps_signal signal = ps_signal_of(column);
    ps_day declared = job->engagement.observed_since[column];
    ps_day oldest = ps_signal_settle(file->columns[slot].oldest, job->as_of); // a clock may be a little ahead
    ps_day since = declared != PS_DAY_NONE ? declared : oldest;

    coverage->sends_present = coverage->sends_present || column == PS_COLUMN_SENDS_SINCE_ENGAGEMENT;
    coverage->optin_present = coverage->optin_present || column == PS_COLUMN_OPTIN;
    coverage->optin_has_false = coverage->optin_has_false || file->columns[slot].has_false;
    if (signal == PS_SIGNAL_COUNT) return;
    coverage->present[signal] = true;
    if (!ps_activity_tracked(activities, file, job, slot)) return;
    bool earlier = !coverage->tracked[signal] || since < coverage->observed_since[signal];
    if (earlier) coverage->observed_since[signal] = since;
    coverage->tracked[signal] = true;
}

void ps_activities_coverage(const ps_activities *activities, const ps_job *job, ps_coverage *coverage)
{
    for (size_t i = 0; i < activities->count; i++) {
        const ps_activity_file *file = &activities->files[i];
        for (size_t slot = 0; slot < ps_inputs_layout(&file->inputs, 0)->mapped_count; slot++)
            cover(activities, file, job, slot, coverage);
    }
}
