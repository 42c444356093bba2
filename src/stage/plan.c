#include "stage/stage.h"

#include <assert.h>

#include "base/day_texts.h"
#include "base/number.h"
#include "base/text.h"
#include "facts/operators.h"
#include "stage/planning.h"
#include "stage/row.h"

// The cells that presend adds, in their order.
static const char *const reason_columns[] = {
    "presend_reason", "presend_reasons", "presend_detail", "presend_file", "presend_row", "presend_line",
};
static const char *const added_columns[PS_ADDED_COUNT] = {
    [PS_ADDED_TIER] = "presend_tier",
    [PS_ADDED_IDLE_DAYS] = "presend_idle_days",
    [PS_ADDED_OPERATOR] = "presend_operator",
};

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

// The cells that the job adds to one row.
typedef struct added_cells {
    char numbers[PS_ADDED_COUNT][PS_NUMBER_SIZE], day[PS_DAY_ROOM];
    ps_span cells[PS_ADDED_COUNT + 1];
} added_cells;

// What the rows of one batch that are sent are written with.
typedef struct sendable {
    ps_planning *plan;
    uint32_t email_index; // the column of the address
    bool plain; // a clean row that keeps its address is written as it stands
    ps_day reply_by; // of who is on the win-back list
    uint32_t run_start, run_end; // such rows that stand behind each other and are not written yet
    added_cells added;
} sendable;

static size_t encode(ps_planning *p, ps_encoding encoding, ps_encoder **encoder, ps_span text, ps_span *out)
{
    *out = text;
    if (ps_ascii_only(text)) return 0;
    if (*encoder == NULL && ps_encoder_open(encoding, encoder, NULL) != PS_OK) {
        p->failed = true;
        return 0;
    }
    return ps_encoder_cell(*encoder, text, &p->batch->arena, out);
}

size_t ps_planning_encode(ps_planning *p, ps_span text, ps_span *out)
{
    return encode(p, p->batch->layout->encoding, &p->encoder, text, out);
}

// Whether the lists can say the text, if they are not in the encoding of their file.
static bool lists_hold(ps_planning *p, ps_span text)
{
    ps_encoding encoding = p->facts->job->output_encoding;
    ps_span ignored;

    if (encoding == PS_ENCODING_AUTO || encoding == p->batch->layout->encoding) return true;
    return encode(p, encoding, &p->list_encoder, text, &ignored) == 0;
}

// Most addresses are their cell, which is sent as it stands. One that the lists cannot say as it stands is sent in
// ASCII.
static bool keeps_address(const sendable *s, const ps_row *row)
{
    if (row->address == NULL) return true;
    ps_span cell = ps_row_cell(s->plan->batch, row);
    if (s->plan->facts->job->email_original) return lists_hold(s->plan, cell);
    return ps_span_equal(cell, row->address->deliverable);
}

// The address cell as it is to be sent, where that differs from what stands there. A `?` in an address would be another
// address, so what the file's encoding cannot write keeps its bytes.
static const ps_replacement *address_replacement(sendable *s, const ps_row *row, ps_replacement *replacement)
{
    if (keeps_address(s, row)) return NULL;
    if (ps_planning_encode(s->plan, row->address->deliverable, &replacement->value) > 0) return NULL;
    replacement->index = s->email_index;
    return replacement;
}

// Nothing where the value is below `least`, which says that it is not known.
static ps_span number_cell(int32_t value, int32_t least, char number[PS_NUMBER_SIZE])
{
    if (value < least) return (ps_span){NULL, 0};
    return (ps_span){number, (size_t)(ps_put_number(number, (uint64_t)value) - number)};
}

// One cell that the job adds; empty where there is nothing to say.
static ps_span added_cell(const ps_planning *p, const ps_row *row, ps_added what, char number[PS_NUMBER_SIZE])
{
    switch (what) {
    case PS_ADDED_TIER:
        return number_cell(row->verdict == PS_VERDICT_CLEAN ? (int32_t)ps_engagement_tier(row->findings) : 0, 1,
                           number);
    case PS_ADDED_IDLE_DAYS:
        return number_cell(p->batch->idle_days[row - p->batch->rows], 0, number);
    case PS_ADDED_OPERATOR:
        return ps_span_of(ps_operator_get(ps_domains_taker(p->facts->domains, ps_row_host(p->batch, row)))->name);
    case PS_ADDED_COUNT:
        break;
    }
    return (ps_span){NULL, 0};
}

static void write_sendable(sendable *s, const ps_row *row)
{
    ps_replacement replacement;
    const ps_job *job = s->plan->facts->job;
    added_cells *added = &s->added;
    ps_buf *out = &s->plan->batch->out[row->verdict];
    size_t count = 0;

    for (; count < job->added_count; count++)
        added->cells[count] = added_cell(s->plan, row, job->added[count], added->numbers[count]);
    if (row->verdict == PS_VERDICT_WINBACK) {
        const char *end = ps_put_known_day(s->plan->batch->day_texts, added->day, s->reply_by);
        added->cells[count++] = (ps_span){added->day, (size_t)(end - added->day)};
    }
    ps_write_record(out, s->plan->batch, row, address_replacement(s, row, &replacement), added->cells, count);
}

// Nearly all win-back rows are their own bytes and the day.
static void write_winback(sendable *s, const ps_row *row)
{
    const ps_batch *batch = s->plan->batch;
    ps_buf *out = &s->plan->batch->out[PS_VERDICT_WINBACK];

    if (!s->plain || !s->plan->own_plain || !keeps_address(s, row)) {
        write_sendable(s, row);
        return;
    }
    char *at = ps_buf_room(out, row->body_len + PS_PIECE_BYTES);
    if (at == NULL) return;
    at = ps_put_piece(at, batch, row->start, row->body_len);
    *at++ = batch->layout->delimiter;
    at = ps_put_known_day(batch->day_texts, at, s->reply_by);
    ps_buf_end(out, ps_put_line_end(at, batch, row));
}

static void flush_run(sendable *s)
{
    ps_buf *out = &s->plan->batch->out[PS_VERDICT_CLEAN];
    uint32_t len = s->run_end - s->run_start;
    char *at = ps_buf_room(out, len + PS_PIECE_BYTES);

    if (at != NULL) ps_buf_end(out, ps_put_piece(at, s->plan->batch, s->run_start, len));
    s->run_start = s->run_end;
}

// Most clean rows are their own bytes; where several stand together one copy takes them all.
static bool joins_run(sendable *s, const ps_row *row)
{
    if (!s->plain || row->len == row->body_len || !keeps_address(s, row)) return false;
    if (row->start != s->run_end) {
        flush_run(s);
        s->run_start = row->start;
    }
    s->run_end = row->start + row->len;
    return true;
}

static void write_clean(sendable *s, const ps_row *row)
{
    if (joins_run(s, row)) return;
    flush_run(s);
    write_sendable(s, row);
}

static void write_list(sendable *s, ps_verdict verdict, void write(sendable *, const ps_row *))
{
    const ps_batch *batch = s->plan->batch;
    const uint32_t *rows = batch->out_rows[verdict], count = batch->out_row_count[verdict];

    for (uint32_t i = 0; i < count && !s->plan->failed; i++) {
        ps_planning_prefetch(batch, rows + i, count - i);
        write(s, &batch->rows[rows[i]]);
    }
}

static void plan_sendable(ps_planning *p)
{
    sendable s = {.plan = p, .plain = p->facts->job->added_count == 0};

    s.reply_by = p->facts->job->as_of + p->facts->job->engagement.reply;
    s.email_index = p->batch->layout->mapped[ps_layout_slot(p->batch->layout, PS_COLUMN_EMAIL)].index;
    write_list(&s, PS_VERDICT_CLEAN, write_clean);
    flush_run(&s);
    write_list(&s, PS_VERDICT_WINBACK, write_winback);
}

void ps_stage_plan(const ps_facts *facts, ps_batch *batch)
{
    ps_planning p = {.facts = facts, .batch = batch};

    p.own_plain = !ps_detail_may_hold(batch->layout->delimiter);
    plan_sendable(&p);
    ps_plan_taken_out(&p);
    // A failed buffer is what the writer of the batch checks for.
    for (size_t i = 0; i < PS_VERDICT_COUNT && p.failed; i++)
        batch->out[i].failed = true;
    ps_encoder_close(p.encoder);
    ps_encoder_close(p.list_encoder);
}
