#include "stage/stage.h"

#include <assert.h>
#include <stdio.h>

#include "base/text.h"
#include "facts/operators.h"
#include "table/writer.h"

// The cells that presend adds, in their order.
static const char *const reason_columns[] = {
    "presend_reason", "presend_reasons", "presend_detail", "presend_file", "presend_row", "presend_line",
};
static const char *const added_columns[PS_ADDED_COUNT] = {
    [PS_ADDED_TIER] = "presend_tier",
    [PS_ADDED_IDLE_DAYS] = "presend_idle_days",
    [PS_ADDED_OPERATOR] = "presend_operator",
};

enum {
    CELL_REASON,
    CELL_REASONS,
    CELL_DETAIL,
    CELL_FILE,
    CELL_ROW,
    CELL_LINE,
    CELL_COUNT,
    NUMBER_SIZE = 21, // a 64-bit number
    WORK_BYTES_MAX = 1 << 20 // details are addresses, names of lists and files
};
static_assert(PS_COUNT_OF(reason_columns) == CELL_COUNT, "a cell without a name");

static_assert(PS_COUNT_OF(reason_columns) <= PS_PLAN_COLUMNS_MAX, "too little room");

// What the job adds stands right after the input's columns, so that both lists that go out begin alike.
static size_t sendable_columns(const ps_job *job, bool winback, const char *out[PS_PLAN_COLUMNS_MAX])
{
    for (size_t i = 0; i < job->added_count; i++)
        out[i] = added_columns[job->added[i]];
    if (winback) out[job->added_count] = "presend_reply_by";
    return job->added_count + (winback ? 1 : 0);
}

size_t ps_plan_columns(const ps_job *job, ps_verdict verdict, const char *out[PS_PLAN_COLUMNS_MAX])
{
    switch (verdict) {
    case PS_VERDICT_CLEAN:
    case PS_VERDICT_WINBACK:
        return sendable_columns(job, verdict == PS_VERDICT_WINBACK, out);
    case PS_VERDICT_HELD:
    case PS_VERDICT_REMOVED:
        memcpy(out, reason_columns, sizeof reason_columns);
        return PS_COUNT_OF(reason_columns);
    case PS_VERDICT_COUNT:
        break;
    }
    return 0;
}

// What one batch's plan works with.
typedef struct plan {
    const ps_facts *facts;
    ps_batch *batch;
    ps_encoder *encoder; // opened at the first text that is not ASCII; most batches have none
    bool failed; // no memory: the outputs of the batch are not whole
    ps_buf work;
    ps_span file_name;
} plan;

static bool is_ascii(ps_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.bytes[i] > 0x7F) return false;
    }
    return true;
}

// UTF-8 in the bytes of the batch. Gives the number of characters that the encoding lacks.
static size_t encode(plan *p, ps_span text, ps_span *out)
{
    *out = text;
    if (is_ascii(text)) return 0;
    if (p->encoder == NULL && ps_encoder_open(p->batch->layout->encoding, &p->encoder, NULL) != PS_OK) {
        p->failed = true;
        return 0;
    }
    return ps_encoder_cell(p->encoder, text, &p->batch->arena, out);
}

// The address cell as it is to be sent, where that differs from what stands there. A `?` in an address would be another
// address, so what the file's encoding cannot write keeps its bytes.
static const ps_replacement *address_replacement(plan *p, const ps_row *row, ps_replacement *replacement)
{
    int slot = ps_layout_slot(p->batch->layout, PS_COLUMN_EMAIL);
    ps_span value = ps_batch_values(p->batch, row)[slot];

    if (p->facts->job->email_original || ps_span_equal(value, row->address.deliverable)) return NULL;
    if (encode(p, row->address.deliverable, &replacement->value) > 0) return NULL;
    replacement->index = p->batch->layout->mapped[slot].index;
    return replacement;
}

static ps_span number_cell(bool known, int32_t value, char number[NUMBER_SIZE])
{
    if (!known) return (ps_span){NULL, 0};
    snprintf(number, NUMBER_SIZE, "%ld", (long)value);
    return ps_span_of(number);
}

// One cell that the job adds; empty where there is nothing to say.
static ps_span added_cell(const ps_facts *facts, const ps_row *row, ps_added what, char number[NUMBER_SIZE])
{
    switch (what) {
    case PS_ADDED_TIER:
        return number_cell(row->tier > 0, row->tier, number);
    case PS_ADDED_IDLE_DAYS:
        return number_cell(row->idle_days >= 0, row->idle_days, number);
    case PS_ADDED_OPERATOR:
        return ps_span_of(ps_operator_get(ps_domains_taker(facts->domains, row->address.domain))->name);
    case PS_ADDED_COUNT:
        break;
    }
    return (ps_span){NULL, 0};
}

static void write_sendable(plan *p, const ps_row *row)
{
    ps_replacement replacement;
    char numbers[PS_ADDED_COUNT][NUMBER_SIZE], day[PS_DAY_TEXT_SIZE];
    ps_span cells[PS_ADDED_COUNT + 1];
    const ps_job *job = p->facts->job;
    ps_buf *out = &p->batch->out[row->verdict];
    size_t count = 0;

    for (; count < job->added_count; count++)
        cells[count] = added_cell(p->facts, row, job->added[count], numbers[count]);
    ps_day_text(row->reply_by, day);
    if (row->verdict == PS_VERDICT_WINBACK) cells[count++] = ps_span_of(day);
    ps_write_record(out, p->batch, row, address_replacement(p, row, &replacement), cells, count);
}

// Every finding that does something, then the notes, by precedence; a name that stands for two is written once.
static void add_reasons(const ps_policy *policy, const ps_row *row, ps_buf *out)
{
    ps_findings notes = policy->mask[PS_EFFECT_KEEP];
    const ps_findings passes[] = {row->findings & ~notes, row->findings & notes};
    const char *written[PS_FINDING_COUNT_MAX];
    size_t written_count = 0;

    for (size_t i = 0; i < 2 * policy->order_count; i++) {
        ps_reason reason = policy->order[i % policy->order_count];
        if (!ps_findings_has(passes[i / policy->order_count], reason)) continue;
        const char *wire = ps_reason_get(reason)->wire;
        size_t same = 0;
        while (same < written_count && strcmp(written[same], wire) != 0)
            same++;
        if (same < written_count) continue;
        if (written_count > 0) ps_buf_add_char(out, ' ');
        ps_buf_add_text(out, wire);
        written[written_count++] = wire;
    }
}

static void write_reasoned(plan *p, const ps_row *row)
{
    ps_span cells[CELL_COUNT];
    char number[NUMBER_SIZE], line[NUMBER_SIZE];
    ps_buf *out = &p->batch->out[row->verdict];

    snprintf(number, sizeof number, "%llu", (unsigned long long)row->number);
    snprintf(line, sizeof line, "%llu", (unsigned long long)row->line);
    ps_buf_clear(&p->work);
    add_reasons(&p->facts->policy, row, &p->work);
    size_t reasons_len = p->work.len;
    ps_row_detail(p->facts, row, &p->work);
    p->failed = p->failed || p->work.failed;
    if (p->failed) return;

    ps_span work = ps_buf_span(&p->work);
    cells[CELL_REASON] = ps_span_of(ps_reason_get(row->reason)->wire);
    cells[CELL_REASONS] = (ps_span){work.bytes, reasons_len};
    (void)encode(p, (ps_span){work.bytes + reasons_len, work.len - reasons_len},
                 &cells[CELL_DETAIL]); // `?` is fine there
    cells[CELL_FILE] = p->file_name;
    cells[CELL_ROW] = ps_span_of(number);
    cells[CELL_LINE] = ps_span_of(line);
    ps_write_record_guarded(out, p->batch, row, cells, CELL_COUNT);
}

static void write_row(plan *p, const ps_row *row)
{
    assert(row->verdict < PS_VERDICT_COUNT);
    p->batch->out_rows[row->verdict]++;
    switch (row->verdict) {
    case PS_VERDICT_CLEAN:
    case PS_VERDICT_WINBACK:
        write_sendable(p, row);
        return;
    case PS_VERDICT_HELD:
    case PS_VERDICT_REMOVED:
        write_reasoned(p, row);
        return;
    case PS_VERDICT_COUNT:
        break;
    }
}

void ps_stage_plan(const ps_facts *facts, ps_batch *batch)
{
    plan p = {.facts = facts, .batch = batch};

    ps_buf_init(&p.work, WORK_BYTES_MAX);
    (void)encode(&p, ps_recipients_name(facts->job, batch->file), &p.file_name); // `?` is fine in a file's name
    for (size_t i = 0; i < batch->row_count && !p.failed; i++)
        write_row(&p, &batch->rows[i]);
    // A failed buffer is what the writer of the batch checks for.
    for (size_t i = 0; i < PS_VERDICT_COUNT && p.failed; i++)
        batch->out[i].failed = true;
    ps_encoder_close(p.encoder);
    ps_buf_done(&p.work);
}
