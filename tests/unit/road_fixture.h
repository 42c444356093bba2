#ifndef PS_TEST_ROAD_FIXTURE_H
#define PS_TEST_ROAD_FIXTURE_H

// A file's text through both passes and every step: verdicts and outputs come out.

#include "road_setup.h"

static inline void gather(road *r, const ps_batch *batch)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        if (!row->has_key) continue;
        const ps_signals said = ps_said_signals(batch, row);
        assert_ok(ps_evidence_add(&r->evidence, row->key, &said, &error), &error);
    }
}

// Claims and counts with memory that runs out at the n-th allocation, then on.
static inline void judge_without_memory(road *r, ps_batch *batch)
{
    ps_memory_fail_at(r->fail_at, 0);
    ps_status claimed = ps_stage_claim(&r->facts, &r->claims, batch, NULL, &error);
    ps_stage_decide(&r->facts, batch);
    ps_stage_plan(&r->facts, batch);
    ps_status counted = ps_tally_batch(&r->tally, &r->facts, batch, &error);
    ps_memory_fail_at(0, 0);
    bool failed = claimed != PS_OK || counted != PS_OK;
    for (size_t v = 0; v < PS_VERDICT_COUNT; v++)
        failed = failed || ps_buf_status(&batch->out[v], "an output", &error) != PS_OK;
    r->failed = r->failed || failed;
}

static inline void note_outcome(road *r, const ps_batch *batch)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        ps_buf_add_format(&r->reasons, "%s%s:%s", r->reasons.len == 0 ? "" : " ", ps_verdict_word(row->verdict),
                          ps_reason_get(row->reason)->wire);
    }
    for (size_t v = 0; v < PS_VERDICT_COUNT; v++) {
        assert_ok(ps_buf_status(&batch->out[v], "an output", &error), &error);
        ps_buf_add_span(&r->out[v], ps_buf_span(&batch->out[v]));
    }
}

static inline const char *out(road *r, ps_verdict verdict)
{
    return ps_buf_text(&r->out[verdict]);
}

static inline void judge(road *r, ps_batch *batch)
{
    ps_stage_evidence(&r->facts, batch);
    ps_stage_columns(&r->facts, batch);
    ps_stage_domain(&r->facts, batch);
    ps_stage_engage(&r->facts, batch);
    if (r->fail_at > 0) {
        judge_without_memory(r, batch);
        return;
    }
    assert_ok(ps_stage_claim(&r->facts, &r->claims, batch, NULL, &error), &error);
    ps_stage_decide(&r->facts, batch);
    ps_stage_plan(&r->facts, batch);
    assert_ok(ps_tally_batch(&r->tally, &r->facts, batch, &error), &error);
    note_outcome(r, batch);
}

// By the columns' own names, so that a case may hold any cell. (Which header means what has tests of its own.)
static inline void map_columns(ps_layout *layout)
{
    for (uint32_t i = 0; i < layout->column_count; i++) {
        ps_column column = ps_column_find(layout->names[i]);
        if (column == PS_COLUMN_COUNT) continue;
        layout->mapped[layout->mapped_count++] = (ps_mapped){.column = column, .index = i};
    }
}

static inline void pass(road *r, size_t file, bool judging)
{
    ps_reader *reader = NULL;
    ps_batch batch = {.number = 0};
    bool more = true;
    const ps_reader_options options = {
        .source = {.path = r->paths[file], .missing = PS_MISSING, .bad = PS_INPUT},
        .encoding = r->recipients[file].encoding,
        .batch_bytes = r->job.batch_bytes,
    };

    assert_ok(ps_reader_open(&options, &reader, &error), &error);
    ps_layout *layout = ps_reader_layout(reader);
    map_columns(layout);
    assert_ok(ps_batch_open(PS_BATCH_BYTES, &batch, &error), &error);
    ps_decoder *decoder = NULL;
    assert_ok(ps_decoder_open(layout->encoding, &decoder, &error), &error);
    for (;;) {
        ps_batch_reset(&batch);
        batch.layout = layout;
        batch.file = (uint32_t)file;
        batch.decoder = decoder;
        assert_ok(ps_reader_next(reader, &batch, &more, &error), &error);
        if (!more) break;
        assert_ok(ps_batch_parse(&batch, &error), &error);
        ps_stage_normalize(&r->facts, &batch);
        ps_stage_syntax(&r->facts, &batch);
        ps_stage_signals(&r->facts, &batch);
        if (judging) judge(r, &batch);
        if (!judging) gather(r, &batch);
    }
    ps_decoder_close(decoder);
    ps_batch_close(&batch);
    ps_reader_close(reader);
}

// Both passes over what was written.
static inline void travel(road *r)
{
    ps_policy_init(&r->facts.policy, &r->job);
    assert_ok(ps_claims_open(&r->claims, &r->facts, 0, 0, &error), &error);
    for (size_t i = 0; i < r->job.recipients_count && !r->job.evidence_first; i++)
        pass(r, i, false);
    r->facts.evidence = r->job.evidence_first ? NULL : &r->evidence;
    for (size_t i = 0; i < r->job.recipients_count; i++)
        pass(r, i, true);
    uint64_t rows = 0;
    if (r->fail_at > 0) return;
    for (size_t v = 0; v < PS_VERDICT_COUNT; v++)
        rows += r->tally.verdict[v];
    assert_int_equal(rows, r->tally.rows);
}

static inline void travel_text(road *r, const char *text)
{
    write_file(r, 0, text, strlen(text));
    travel(r);
}

#endif
