#include "engine/inspect.h"

#include "engine/dates.h"
#include "stage/stage.h"
#include "table/header.h"

static void note_refusal(ps_inspection *inspection, const ps_error *err)
{
    if (inspection->refusals_count == PS_INSPECT_REFUSALS_MAX) return;
    inspection->refusals[inspection->refusals_count++] = *err;
}

static ps_status open_reader(ps_inspection *inspection, const volatile int *stop, ps_error *err)
{
    const ps_reader_options options = {
        .source =
            {.path = inspection->table.file, .missing = PS_MISSING, .bad = PS_INPUT, .allow_pipe = true, .stop = stop},
        .encoding = inspection->table.encoding,
        .headerless = inspection->table.headerless,
    };
    ps_error why = {.status = PS_OK};
    ps_status status = ps_reader_open(&options, &inspection->reader, err);

    if (status != PS_OK) return status;
    status = ps_header_map(&inspection->table, inspection->reader, &why);
    inspection->mapped = status == PS_OK;
    if (status == PS_INPUT) note_refusal(inspection, &why);
    if (status != PS_OK && status != PS_INPUT) *err = why;
    return status == PS_INPUT ? PS_OK : status;
}

static ps_status carry(void *context, ps_worker *worker, ps_order *order, ps_error *err)
{
    (void)err; // nothing here can fail
    ps_inspection *inspection = context;
    ps_batch *batch = &worker->batch;
    ps_survey_column columns[PS_MAPPED_MAX];
    uint64_t damaged = 0;

    ps_stage_normalize(&inspection->facts, batch);
    ps_survey_note(&inspection->facts, batch, columns, NULL);
    for (size_t i = 0; i < batch->row_count; i++)
        damaged += ps_findings_has(batch->rows[i].findings, PS_REASON_COLUMNS);
    if (!ps_order_enter(order, PS_ORDER_CLAIM, batch->number)) return PS_OK;
    inspection->rows += batch->row_count;
    inspection->damaged += damaged;
    ps_survey_merge(inspection->columns, columns, batch->layout->mapped_count);
    ps_order_leave(order, PS_ORDER_CLAIM);
    return PS_OK;
}

// Seals column by column: one that is refused is noted, declared so that it is passed over, and the rest goes on.
static ps_status seal(ps_inspection *inspection, ps_error *err)
{
    bool declared[PS_COLUMN_COUNT] = {false};
    ps_status status = PS_INPUT;

    for (size_t i = 0; i <= PS_MAPPED_MAX && status == PS_INPUT; i++) {
        ps_error why = {.status = PS_OK};
        ps_column at = PS_COLUMN_COUNT;
        bool changed;
        status = ps_dates_seal_next(&inspection->inputs, inspection->columns, &inspection->table, &changed, &at, &why);
        if (status == PS_INPUT) note_refusal(inspection, &why);
        if (status == PS_INPUT) inspection->table.dates[at] = PS_DATE_FORM_DMY;
        if (status == PS_INPUT) declared[at] = true;
        if (status != PS_OK && status != PS_INPUT) *err = why;
    }
    for (size_t column = 0; column < PS_COLUMN_COUNT; column++) {
        if (declared[column]) inspection->table.dates[column] = PS_DATE_FORM_AUTO;
    }
    return status;
}

static ps_status read_rows(ps_inspection *inspection, const volatile int *stop, ps_error *err)
{
    const ps_pass pass = {
        .stage = "inspect",
        .facts = &inspection->facts,
        .inputs = &inspection->inputs,
        .threads = ps_pipeline_threads(&inspection->job),
        .stop = stop,
        .carry = carry,
        .context = inspection,
    };
    ps_error why = {.status = PS_OK};
    ps_status status = ps_pipeline_run(&pass, NULL, &why);

    if (status == PS_OK) status = ps_inputs_check(&inspection->inputs, &why);
    if (status == PS_OK) return seal(inspection, err);
    if (status != PS_INPUT) *err = why;
    if (status != PS_INPUT) return status;
    note_refusal(inspection, &why); // a quote that is never closed, far down
    return PS_OK;
}

ps_status ps_inspect_open(const char *zone_name, ps_day as_of, const volatile int *stop, ps_inspection *out,
                          ps_error *err)
{
    ps_status status = ps_zone_new(zone_name, &out->zone, err);

    ps_job_init(&out->job);
    out->job.as_of = as_of != PS_DAY_NONE || status != PS_OK ? as_of : ps_zone_day(out->zone, ps_clock_now_s());
    out->job.timezone = zone_name;
    out->job.recipients = &out->table;
    out->job.recipients_count = 1;
    out->facts.job = &out->job;
    out->facts.zone = out->zone;
    for (size_t slot = 0; slot < PS_MAPPED_MAX; slot++)
        ps_survey_column_init(&out->columns[slot]);
    if (status == PS_OK) status = open_reader(out, stop, err);
    out->inputs = (ps_inputs){.job = &out->job, .readers = &out->reader, .count = 1};
    return status == PS_OK && out->mapped ? read_rows(out, stop, err) : status;
}

void ps_inspect_close(ps_inspection *inspection)
{
    ps_reader_close(inspection->reader);
    ps_zone_free(inspection->zone);
    inspection->reader = NULL;
    inspection->zone = NULL;
}

int ps_inspect_slot(const ps_inspection *inspection, size_t index)
{
    const ps_layout *layout = ps_inspect_layout(inspection);

    for (size_t slot = 0; slot < layout->mapped_count; slot++) {
        if (layout->mapped[slot].index == index) return (int)slot;
    }
    return -1;
}
