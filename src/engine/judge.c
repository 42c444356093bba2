#include "engine/judge.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "stage/recall.h"
#include "stage/stage.h"
#include "table/writer.h"

// What each verdict's list is called. A list that was checked against no suppression list must not look like one that
// was.
static const char *list_name(const ps_job *job, ps_verdict verdict)
{
    static const char *const names[PS_VERDICT_COUNT] = {
        [PS_VERDICT_CLEAN] = "clean.csv",
        [PS_VERDICT_WINBACK] = "winback.csv",
        [PS_VERDICT_HELD] = "held.csv",
        [PS_VERDICT_REMOVED] = "removed.csv",
    };
    bool unchecked = job->suppressions_none && job->job_file == NULL;

    return verdict == PS_VERDICT_CLEAN && unchecked ? "unsuppressed.csv" : names[verdict];
}

// Of all records, as far as that is known before they are read.
static uint64_t bytes_total(const ps_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        bool plain = strcmp(ps_source_compression(ps_reader_source(inputs->readers[i])), "none") == 0;
        if (!plain) return 0;
    }
    return inputs->bytes_total;
}

ps_status ps_judge_open(const ps_inputs *inputs, ps_judge *judge, ps_error *err)
{
    const ps_layout *layout = ps_inputs_layout(inputs, 0);
    ps_buf preamble;

    ps_status status = ps_claims_open(&judge->claims, judge->facts, judge->run->threads, bytes_total(inputs), err);
    judge->samples_capacity = PS_REASON_NUMBER_MAX * PS_SAMPLES_PER_REASON;
    ps_buf_init(&preamble, PS_RECORD_BYTES_MAX);
    for (unsigned v = 0; v < PS_VERDICT_COUNT && status == PS_OK; v++) {
        const char *extra[PS_PLAN_COLUMNS_MAX];
        size_t extra_count = ps_plan_columns(judge->facts->job, (ps_verdict)v, extra);
        ps_buf_clear(&preamble);
        ps_write_preamble(&preamble, layout, extra, extra_count);
        status = ps_buf_status(&preamble, "the header of an output", err);
        const char *name = list_name(judge->facts->job, (ps_verdict)v);
        if (status == PS_OK) status = ps_set_create(judge->set, name, &judge->files[v], err);
        if (status == PS_OK) status = ps_set_write(judge->files[v], ps_buf_span(&preamble), err);
    }
    ps_buf_done(&preamble);
    return status;
}

static ps_status take_sample(ps_judge *judge, const ps_batch *batch, const ps_row *row, ps_error *err)
{
    ps_run *run = judge->run;
    const ps_job *job = run->job;
    ps_buf text;

    if (run->samples_count == judge->samples_capacity) return PS_OK;
    ps_buf_init(&text, PS_BATCH_BYTES);
    const ps_span *values = ps_batch_values(batch, row);
    int slot = ps_layout_slot(batch->layout, PS_COLUMN_EMAIL);
    ps_span address = row->address.deliverable.len > 0 || slot == -1 ? row->address.deliverable : values[slot];
    if (address.len > PS_ADDRESS_BYTES_MAX) address.len = PS_ADDRESS_BYTES_MAX;
    if (job->report_unmasked) {
        ps_add_visible(&text, address);
    } else {
        ps_mask_address(address, &text);
    }
    ps_run_sample *sample = &run->samples[run->samples_count++];
    *sample = (ps_run_sample){.reason = row->reason, .row = row->number, .line = row->line};
    sample->address = ps_arena_copy(&run->arena, ps_buf_span(&text)).bytes;
    sample->file = ps_arena_copy(&run->arena, ps_recipients_name(job, batch->file)).bytes;
    ps_buf_clear(&text);
    if (!job->report_unmasked && row->address.suggestion.len > 0) {
        ps_buf_add_text(&text, "a suggestion"); // a suggestion is nearly the address
    } else {
        ps_row_detail(judge->facts, row, &text);
    }
    sample->detail = ps_arena_copy(&run->arena, ps_buf_span(&text)).bytes;
    ps_status status = ps_buf_status(&text, "a sample", err);
    ps_buf_done(&text);
    return status;
}

static ps_status take_samples(ps_judge *judge, const ps_batch *batch, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < batch->row_count && status == PS_OK; i++) {
        const ps_row *row = &batch->rows[i];
        if (row->verdict == PS_VERDICT_CLEAN || judge->sampled[row->reason] == PS_SAMPLES_PER_REASON) continue;
        judge->sampled[row->reason]++;
        status = take_sample(judge, batch, row, err);
    }
    return status;
}

static ps_status write_batch(ps_judge *judge, ps_batch *batch, ps_error *err)
{
    ps_status status = take_samples(judge, batch, err);

    for (unsigned v = 0; v < PS_VERDICT_COUNT && status == PS_OK; v++) {
        status = ps_buf_status(&batch->out[v], "a piece of an output", err);
        if (status == PS_OK) status = ps_set_write(judge->files[v], ps_buf_span(&batch->out[v]), err);
        judge->rows[v] += batch->out_rows[v];
    }
    return status;
}

// Part by part, so that the batches behind can follow.
static ps_status claim(ps_judge *judge, ps_batch *batch, ps_order *order, bool *out_go, ps_error *err)
{
    ps_claim_list list;
    ps_status status = PS_OK;

    if (judge->facts->job->dedupe == PS_DEDUPE_OFF) return PS_OK;
    ps_claim_list_make(judge->facts, batch, &list);
    for (unsigned part = 0; part < PS_ROSTER_PARTS && status == PS_OK; part++) {
        *out_go = ps_order_enter(order, PS_ORDER_CLAIM + part, batch->number);
        if (!*out_go) return PS_OK;
        status = ps_stage_claim_part(judge->facts, &judge->claims, batch, &list, part, err);
        ps_order_leave(order, PS_ORDER_CLAIM + part);
    }
    return status;
}

ps_status ps_judge_carry(void *context, ps_worker *worker, ps_order *order, ps_error *err)
{
    static ps_stage *const before_recall[] = {
        ps_stage_normalize,
        ps_stage_syntax,
        ps_stage_signals,
        ps_stage_evidence,
    };
    static ps_stage *const before_claim[] = {
        ps_stage_suppress, ps_stage_columns, ps_stage_domain, ps_stage_project, ps_stage_engage,
    };
    ps_judge *judge = context;
    ps_batch *batch = &worker->batch;
    ps_hash *listed = NULL;
    size_t listed_count = 0;
    bool go = true;

    for (size_t i = 0; i < PS_COUNT_OF(before_recall); i++)
        before_recall[i](judge->facts, batch);
    ps_status status = ps_stage_recall(judge->facts, batch, err);
    if (status != PS_OK) return status;
    for (size_t i = 0; i < PS_COUNT_OF(before_claim); i++)
        before_claim[i](judge->facts, batch);
    status = claim(judge, batch, order, &go, err);
    if (status != PS_OK || !go) return status;
    ps_stage_decide(judge->facts, batch);
    ps_stage_plan(judge->facts, batch);
    status = ps_tally_batch(&worker->tally, judge->facts, batch, err);
    if (status == PS_OK) status = ps_stage_listed(judge->facts, batch, &listed, &listed_count, err);
    if (status != PS_OK || !ps_order_enter(order, PS_ORDER_WRITE, batch->number)) return status;
    status = write_batch(judge, batch, err);
    if (status == PS_OK && judge->listed != NULL) status = ps_listed_add(judge->listed, listed, listed_count, err);
    ps_order_leave(order, PS_ORDER_WRITE);
    return status;
}

ps_status ps_judge_finish(ps_judge *judge, ps_error *err)
{
    ps_run *run = judge->run;
    ps_status status = PS_OK;

    run->outdone_rows = ps_claims_outdone(&judge->claims, &run->outdone_against);
    run->outputs = ps_arena_take(&run->arena, PS_VERDICT_COUNT * sizeof *run->outputs);
    for (unsigned v = 0; v < PS_VERDICT_COUNT && status == PS_OK; v++) {
        status = ps_set_close_file(judge->files[v], judge->rows[v], &run->outputs[v], err);
        judge->files[v] = NULL;
        if (status == PS_OK) run->outputs_count++;
    }
    return status;
}

void ps_judge_done(ps_judge *judge)
{
    for (unsigned v = 0; v < PS_VERDICT_COUNT; v++)
        ps_set_drop_file(judge->files[v]);
    ps_claims_done(&judge->claims);
}
