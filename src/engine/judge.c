#include "engine/judge.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "engine/gather.h"
#include "stage/recall.h"
#include "stage/row.h"
#include "stage/stage.h"

ps_status ps_judge_open(const ps_inputs *inputs, ps_judge *judge, ps_error *err)
{
    unsigned threads = judge->run->threads;
    ps_status status = ps_claims_open(&judge->claims, judge->facts, threads, ps_inputs_bytes(inputs), err);

    judge->samples_capacity = PS_REASON_NUMBER_MAX * PS_SAMPLES_PER_REASON;
    return status == PS_OK ? ps_lists_open(inputs, judge->set, threads, &judge->lists, err) : status;
}

static ps_status take_sample(ps_judge *judge, const ps_batch *batch, const ps_row *row, ps_error *err)
{
    ps_run *run = judge->run;
    const ps_job *job = run->job;
    ps_buf text;

    if (run->samples_count == judge->samples_capacity) return PS_OK;
    ps_buf_init(&text, PS_BATCH_BYTES);
    ps_span sent = ps_row_sent(batch, row), address = sent.len > 0 ? sent : ps_row_cell(batch, row);
    if (address.len > PS_ADDRESS_BYTES_MAX) address.len = PS_ADDRESS_BYTES_MAX;
    if (job->report_unmasked) {
        ps_add_visible(&text, address);
    } else {
        ps_mask_address(address, &text);
    }
    ps_run_sample *sample = &run->samples[run->samples_count++];
    *sample = (ps_run_sample){.reason = row->reason, .row = ps_row_number(batch, row), .line = row->line};
    sample->address = ps_arena_copy(&run->arena, ps_buf_span(&text)).bytes;
    sample->file = ps_arena_copy(&run->arena, ps_recipients_name(job, batch->file)).bytes;
    ps_buf_clear(&text);
    if (!job->report_unmasked && ps_row_suggestion(row).len > 0) {
        ps_buf_add_text(&text, "a suggestion"); // a suggestion is nearly the address
    } else {
        ps_row_detail(judge->facts, batch, row, &text);
    }
    sample->detail = ps_arena_copy(&run->arena, ps_buf_span(&text)).bytes;
    ps_status status = ps_buf_status(&text, "a sample", err);
    ps_buf_done(&text);
    return status;
}

// After a few batches none is; and the batches behind wait for this one.
static bool any_wanted(const ps_judge *judge, const ps_batch *batch)
{
    bool wanted = false;

    for (uint32_t i = 0; i < batch->kind_count && !wanted; i++) {
        const ps_kind *kind = &batch->kinds[i];
        wanted =
            kind->rows > 0 && kind->verdict != PS_VERDICT_CLEAN && judge->sampled[kind->reason] < PS_SAMPLES_PER_REASON;
    }
    return wanted;
}

static ps_status take_samples(ps_judge *judge, const ps_batch *batch, ps_error *err)
{
    ps_status status = PS_OK;

    if (!any_wanted(judge, batch)) return PS_OK;
    for (size_t i = 0; i < batch->row_count && status == PS_OK; i++) {
        const ps_row *row = &batch->rows[i];
        if (row->verdict == PS_VERDICT_CLEAN || judge->sampled[row->reason] == PS_SAMPLES_PER_REASON) continue;
        judge->sampled[row->reason]++;
        status = take_sample(judge, batch, row, err);
    }
    return status;
}

// Group by group, so that the batches behind can follow.
static bool enter_group(void *context, unsigned group, uint64_t batch)
{
    return ps_order_enter(context, PS_ORDER_CLAIM + group, batch);
}

static void leave_group(void *context, unsigned group)
{
    ps_order_leave(context, PS_ORDER_CLAIM + group);
}

// What the workers do by themselves between the points where they meet.
static ps_status judge_rows(ps_judge *judge, ps_batch *batch, ps_order *order, bool *out_go, ps_error *err)
{
    static ps_stage *const before_evidence[] = {
        ps_stage_normalize,
        ps_stage_syntax,
        ps_stage_signals,
    };
    static ps_stage *const before_claim[] = {
        ps_stage_columns,
        ps_stage_domain,
        ps_stage_engage,
        ps_stage_project,
    };

    for (size_t i = 0; i < PS_COUNT_OF(before_evidence); i++)
        before_evidence[i](judge->facts, batch);
    *out_go = judge->lacking == NULL || ps_gather_firsts(judge->lacking, judge->facts, batch, order);
    if (!*out_go) return PS_OK;
    ps_stage_evidence(judge->facts, batch);
    ps_status status = ps_stage_recall(judge->facts, batch, err);
    if (status != PS_OK) return status;
    for (size_t i = 0; i < PS_COUNT_OF(before_claim); i++)
        before_claim[i](judge->facts, batch);
    return PS_OK;
}

// What one batch leaves.
typedef struct written {
    ps_pieces pieces;
    ps_hash *listed;
    size_t listed_count;
} written;

static ps_status prepare(ps_judge *judge, ps_worker *worker, written *out, ps_error *err)
{
    ps_batch *batch = &worker->batch;

    ps_stage_decide(judge->facts, batch);
    ps_stage_plan(judge->facts, batch);
    ps_status status = ps_tally_batch(&worker->tally, judge->facts, batch, err);
    if (status == PS_OK) status = ps_stage_listed(judge->facts, batch, &out->listed, &out->listed_count, err);
    return status == PS_OK ? ps_lists_pack(&judge->lists, batch, &out->pieces, err) : status;
}

static ps_status place(ps_judge *judge, const ps_batch *batch, written *out, ps_error *err)
{
    ps_status status = take_samples(judge, batch, err);

    if (status == PS_OK && judge->listed != NULL)
        status = ps_listed_add(judge->listed, out->listed, out->listed_count, err);
    ps_lists_place(&judge->lists, batch, &out->pieces);
    return status;
}

ps_status ps_judge_carry(void *context, ps_worker *worker, ps_order *order, ps_error *err)
{
    ps_judge *judge = context;
    ps_batch *batch = &worker->batch;
    ps_claims_turn turn = {.enter = enter_group, .leave = leave_group, .context = order};
    written out = {.listed_count = 0};
    bool go = true;

    ps_status status = judge_rows(judge, batch, order, &go, err);
    if (status == PS_OK && go) status = ps_stage_claim(judge->facts, &judge->claims, batch, &turn, err);
    go = go && !turn.ended;
    if (status == PS_OK && go) status = prepare(judge, worker, &out, err);
    if (status != PS_OK || !go || !ps_order_enter(order, PS_ORDER_WRITE, batch->number)) return status;
    status = place(judge, batch, &out, err);
    ps_order_leave(order, PS_ORDER_WRITE);
    // Before the write: whoever comes next waits for the digest, and would wait for the write, too. Workers that wait
    // for each other stay side by side in the same steps, and ask for the same part of the machine at the same time.
    if (status == PS_OK) ps_lists_digest(&judge->lists, &out.pieces, order, batch->number);
    if (status == PS_OK) status = ps_lists_write(&judge->lists, &out.pieces, err);
    return status;
}

ps_status ps_judge_finish(ps_judge *judge, ps_error *err)
{
    judge->run->outdone_rows = ps_claims_outdone(&judge->claims, &judge->run->outdone_against);
    return ps_lists_finish(&judge->lists, judge->run, err);
}

void ps_judge_done(ps_judge *judge)
{
    ps_lists_done(&judge->lists);
    ps_claims_done(&judge->claims);
}
