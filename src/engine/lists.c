#include "engine/lists.h"

#include <omp.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/memory.h"
#include "stage/stage.h"
#include "table/writer.h"

enum { NAME_BYTES = 32 };

// What each verdict's list is called. A list that was checked against no suppression list must not look like one that
// was.
static void list_name(const ps_job *job, ps_verdict verdict, char out[NAME_BYTES])
{
    static const char *const names[PS_VERDICT_COUNT] = {
        [PS_VERDICT_CLEAN] = "clean.csv",
        [PS_VERDICT_WINBACK] = "winback.csv",
        [PS_VERDICT_HELD] = "held.csv",
        [PS_VERDICT_REMOVED] = "removed.csv",
    };
    bool unchecked = job->suppressions_none && job->job_file == NULL;
    const char *name = verdict == PS_VERDICT_CLEAN && unchecked ? "unsuppressed.csv" : names[verdict];

    snprintf(out, NAME_BYTES, "%s%s", name, ps_packed_suffix(job->compress));
}

static ps_status open_tools(ps_lists *lists, const ps_job *job, unsigned threads, ps_error *err)
{
    bool recoded = job->output_encoding != PS_ENCODING_AUTO;
    ps_status status = PS_OK;

    lists->tools = ps_memory_new(threads, sizeof *lists->tools, err);
    if (lists->tools == NULL) return PS_RETRY;
    lists->tools_count = threads;
    for (unsigned i = 0; i < threads && status == PS_OK; i++) {
        if (recoded) status = ps_recoder_new(job->output_encoding, &lists->tools[i].recoder, err);
        if (status == PS_OK) status = ps_packer_new(job->compress, &lists->tools[i].packer, err);
    }
    return status;
}

static void close_tools(ps_lists *lists)
{
    for (unsigned i = 0; i < lists->tools_count; i++) {
        ps_recoder_free(lists->tools[i].recoder);
        ps_packer_free(lists->tools[i].packer);
    }
    ps_memory_free(lists->tools);
}

// Whole lines of a file with this layout, in the encoding of the list.
static ps_status recode(ps_list_tools *tools, ps_verdict verdict, const ps_layout *layout, ps_span lines, ps_span *out,
                        ps_error *err)
{
    *out = lines;
    if (tools->recoder == NULL) return PS_OK;
    return ps_recoder_piece(tools->recoder, verdict, layout->encoding, lines, out, err);
}

// A spreadsheet knows a list in UTF-8 by its mark. One that comes of another encoding has it, so that it is not taken
// for one that still is.
static bool begins_with_bom(const ps_job *job, const ps_layout *layout)
{
    bool same = job->output_encoding == PS_ENCODING_AUTO;
    ps_encoding encoding = same ? layout->encoding : job->output_encoding;

    if (encoding != PS_ENCODING_UTF8 || job->output_bom == PS_BOM_NEVER) return false;
    return job->output_bom == PS_BOM_ALWAYS || layout->bom || layout->encoding != encoding;
}

static ps_status make_preamble(ps_lists *lists, const ps_inputs *inputs, ps_verdict verdict, ps_buf *out, ps_error *err)
{
    const ps_layout *layout = ps_inputs_layout(inputs, 0);
    const char *extra[PS_PLAN_COLUMNS_MAX];
    size_t extra_count = ps_plan_columns(inputs->job, verdict, extra);
    ps_span recoded = {NULL, 0};
    ps_buf lines;

    ps_buf_init(&lines, PS_RECORD_BYTES_MAX);
    ps_write_preamble(&lines, layout, extra, extra_count);
    ps_status status = ps_buf_status(&lines, "the header of an output", err);
    if (status == PS_OK) status = recode(&lists->tools[0], verdict, layout, ps_buf_span(&lines), &recoded, err);
    ps_buf_clear(out);
    if (begins_with_bom(inputs->job, layout)) ps_buf_add_text(out, "\xef\xbb\xbf");
    ps_buf_add_span(out, recoded);
    ps_buf_done(&lines);
    return status == PS_OK ? ps_buf_status(out, "the header of an output", err) : status;
}

// An empty one is written, too: a compressed file without a member would be damaged.
static ps_status write_preamble(ps_lists *lists, const ps_inputs *inputs, ps_verdict verdict, ps_buf *work,
                                ps_error *err)
{
    ps_span packed = {NULL, 0};

    ps_status status = make_preamble(lists, inputs, verdict, work, err);
    if (status == PS_OK) status = ps_packer_pack(lists->tools[0].packer, verdict, ps_buf_span(work), &packed, err);
    return status == PS_OK ? ps_set_write(lists->files[verdict].file, packed, err) : status;
}

ps_status ps_lists_open(const ps_inputs *inputs, ps_set *set, unsigned threads, ps_lists *out, ps_error *err)
{
    ps_status status = open_tools(out, inputs->job, threads, err);
    if (status == PS_OK) status = ps_blocks_open(&out->blocks, err);
    char name[NAME_BYTES];
    ps_buf work;

    ps_buf_init(&work, 2 * PS_RECORD_BYTES_MAX);
    for (unsigned v = 0; v < PS_VERDICT_COUNT && status == PS_OK; v++) {
        list_name(inputs->job, (ps_verdict)v, name);
        status = ps_set_create(set, name, &out->files[v].file, err);
        if (status == PS_OK) status = write_preamble(out, inputs, (ps_verdict)v, &work, err);
    }
    ps_buf_done(&work);
    return status;
}

void ps_lists_done(ps_lists *lists)
{
    for (unsigned v = 0; v < PS_VERDICT_COUNT; v++)
        ps_set_drop_file(lists->files[v].file);
    close_tools(lists);
    ps_blocks_done(&lists->blocks);
    *lists = (ps_lists){.tools_count = 0};
}

ps_status ps_lists_pack(ps_lists *lists, const ps_batch *batch, ps_pieces *out, ps_error *err)
{
    ps_list_tools *tools = &lists->tools[omp_get_thread_num()];
    ps_status status = PS_OK;

    for (unsigned v = 0; v < PS_VERDICT_COUNT && status == PS_OK; v++) {
        out->bytes[v] = (ps_span){NULL, 0};
        status = ps_buf_status(&batch->out[v], "a piece of an output", err);
        if (status != PS_OK || batch->out[v].len == 0) continue;
        ps_span lines = {NULL, 0};
        status = recode(tools, (ps_verdict)v, batch->layout, ps_buf_span(&batch->out[v]), &lines, err);
        if (status == PS_OK) status = ps_packer_pack(tools->packer, (ps_verdict)v, lines, &out->bytes[v], err);
    }
    return status;
}

void ps_lists_place(ps_lists *lists, const ps_batch *batch, ps_pieces *pieces)
{
    for (unsigned v = 0; v < PS_VERDICT_COUNT; v++) {
        ps_blocks_place(&lists->blocks, &lists->files[v], pieces->bytes[v].len, &pieces->places[v]);
        lists->rows[v] += batch->out_row_count[v];
    }
}

// A digest is a chain, so one thread after the other adds to it; those of different lists go on side by side.
void ps_lists_digest(ps_lists *lists, const ps_pieces *pieces, ps_order *order, uint64_t number)
{
    for (unsigned v = 0; v < PS_VERDICT_COUNT; v++) {
        if (!ps_order_enter(order, PS_ORDER_DIGEST + v, number)) return;
        if (pieces->bytes[v].len > 0) ps_set_digest(lists->files[v].file, pieces->bytes[v]);
        ps_order_leave(order, PS_ORDER_DIGEST + v);
    }
}

ps_status ps_lists_write(ps_lists *lists, const ps_pieces *pieces, ps_error *err)
{
    ps_status status = PS_OK;

    for (unsigned v = 0; v < PS_VERDICT_COUNT && status == PS_OK; v++) {
        if (pieces->bytes[v].len == 0) continue;
        status = ps_blocks_write(lists->files[v].file, &pieces->places[v], pieces->bytes[v], err);
    }
    return status;
}

ps_status ps_lists_finish(ps_lists *lists, ps_run *run, ps_error *err)
{
    ps_status status = PS_OK;

    run->outputs = ps_arena_take(&run->arena, PS_VERDICT_COUNT * sizeof *run->outputs);
    for (unsigned v = 0; v < PS_VERDICT_COUNT && status == PS_OK; v++) {
        status = ps_blocks_finish(&lists->files[v], err);
        if (status != PS_OK) break;
        status = ps_set_close_file(lists->files[v].file, lists->rows[v], &run->outputs[v], err);
        lists->files[v].file = NULL;
        if (status == PS_OK) run->outputs_count++;
    }
    for (unsigned i = 0; i < lists->tools_count; i++) {
        if (lists->tools[i].recoder != NULL) run->characters_lost += ps_recoder_lost(lists->tools[i].recoder);
    }
    return status;
}
