#include "stage/stage.h"

#include <assert.h>

#include "base/day_texts.h"
#include "base/number.h"
#include "base/text.h"
#include "facts/operators.h"
#include "stage/row.h"
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

enum { WORK_BYTES_MAX = 1 << 20 }; // details are addresses, names of lists and files
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

// The cells that say why, written out once for each set of findings. The file's name stands
// behind them, so that a row without a detail takes both at once.
typedef struct reasons_text {
    ps_findings findings;
    ps_reason reason;
    uint32_t why_len; // up to where the detail goes
    ps_span cells; // with delimiters around them; no bytes: not written yet
} reasons_text;

// The cells that the job adds to one row.
typedef struct added_cells {
    char numbers[PS_ADDED_COUNT][PS_NUMBER_SIZE], day[PS_DAY_ROOM];
    ps_span cells[PS_ADDED_COUNT + 1];
} added_cells;

// What one batch's plan works with.
typedef struct plan {
    const ps_facts *facts;
    ps_batch *batch;
    ps_encoder *encoder; // opened at the first text that is not ASCII; most batches have none
    bool failed; // no memory: the outputs of the batch are not whole
    int email; // the slot of the address
    uint32_t email_index; // and its column
    bool plain; // a clean row that keeps its address is written as it stands
    bool own_plain; // a detail of presend's own words, or a day, needs no quotes
    uint32_t run_start, run_end; // such rows that stand behind each other and are not written yet
    ps_buf work;
    ps_span file_cell; // with delimiters around it
    ps_counted numbers, lines;
    added_cells added;
    reasons_text reasons[PS_ROW_SLOTS];
} plan;

// UTF-8 in the bytes of the batch. Gives the number of characters that the encoding lacks.
static size_t encode(plan *p, ps_span text, ps_span *out)
{
    *out = text;
    if (ps_ascii_only(text)) return 0;
    if (p->encoder == NULL && ps_encoder_open(p->batch->layout->encoding, &p->encoder, NULL) != PS_OK) {
        p->failed = true;
        return 0;
    }
    return ps_encoder_cell(p->encoder, text, &p->batch->arena, out);
}

// The address cell is to be sent as it stands: most addresses are their cell.
static bool keeps_address(const plan *p, const ps_row *row)
{
    if (row->address == NULL || p->facts->job->email_original) return true;
    return ps_span_equal(ps_batch_values(p->batch, row)[p->email], row->address->deliverable);
}

// The address cell as it is to be sent, where that differs from what stands there. A `?` in an address would be another
// address, so what the file's encoding cannot write keeps its bytes.
static const ps_replacement *address_replacement(plan *p, const ps_row *row, ps_replacement *replacement)
{
    if (keeps_address(p, row)) return NULL;
    if (encode(p, row->address->deliverable, &replacement->value) > 0) return NULL;
    replacement->index = p->email_index;
    return replacement;
}

// Nothing where the value is below `least`, which says that it is not known.
static ps_span number_cell(int32_t value, int32_t least, char number[PS_NUMBER_SIZE])
{
    if (value < least) return (ps_span){NULL, 0};
    return (ps_span){number, (size_t)(ps_put_number(number, (uint64_t)value) - number)};
}

// One cell that the job adds; empty where there is nothing to say.
static ps_span added_cell(const plan *p, const ps_row *row, ps_added what, char number[PS_NUMBER_SIZE])
{
    switch (what) {
    case PS_ADDED_TIER:
        return number_cell(row->tier, 1, number);
    case PS_ADDED_IDLE_DAYS:
        return number_cell(row->idle_days, 0, number);
    case PS_ADDED_OPERATOR:
        return ps_span_of(ps_operator_get(ps_domains_taker(p->facts->domains, ps_row_host(p->batch, row)))->name);
    case PS_ADDED_COUNT:
        break;
    }
    return (ps_span){NULL, 0};
}

static void write_sendable(plan *p, const ps_row *row)
{
    ps_replacement replacement;
    const ps_job *job = p->facts->job;
    added_cells *added = &p->added;
    ps_buf *out = &p->batch->out[row->verdict];
    size_t count = 0;

    for (; count < job->added_count; count++)
        added->cells[count] = added_cell(p, row, job->added[count], added->numbers[count]);
    if (row->verdict == PS_VERDICT_WINBACK) {
        const char *end = ps_put_known_day(p->batch->day_texts, added->day, row->reply_by);
        added->cells[count++] = (ps_span){added->day, (size_t)(end - added->day)};
    }
    ps_write_record(out, p->batch, row, address_replacement(p, row, &replacement), added->cells, count);
}

// A record of usual length goes out with what lies behind it, up to so many bytes: the lengths of a list's records lie
// about the bounds at which memcpy goes another way, and so would each be mispredicted.
enum { BODY_BYTES = 192 };

static inline char *put_body(char *at, const ps_batch *batch, const ps_row *row)
{
    if (row->body_len > BODY_BYTES || batch->capacity - row->start < BODY_BYTES)
        return ps_put_span(at, ps_row_body(batch, row));
    memcpy(at, batch->bytes + row->start, BODY_BYTES);
    return at + row->body_len;
}

// Nearly all win-back rows are their own bytes and the day.
static void write_winback(plan *p, const ps_row *row)
{
    ps_buf *out = &p->batch->out[PS_VERDICT_WINBACK];

    if (!p->plain || !p->own_plain || !keeps_address(p, row)) {
        write_sendable(p, row);
        return;
    }
    char *at = ps_buf_room(out, row->body_len + BODY_BYTES);
    if (at == NULL) return;
    at = put_body(at, p->batch, row);
    *at++ = p->batch->layout->delimiter;
    at = ps_put_known_day(p->batch->day_texts, at, row->reply_by);
    ps_buf_end(out, ps_put_line_end(at, p->batch, row));
}

static bool is_written(const char *const *written, size_t count, const char *wire)
{
    size_t same = 0;

    while (same < count && strcmp(written[same], wire) != 0)
        same++;
    return same < count;
}

// Every finding that does something, then the notes, by precedence; a name that stands for two is written once.
static void add_reasons(const ps_policy *policy, const ps_row *row, ps_buf *out)
{
    ps_findings notes = policy->mask[PS_EFFECT_KEEP];
    ps_reason reasons[2 * PS_FINDING_COUNT_MAX];
    const char *written[PS_FINDING_COUNT_MAX];
    size_t count = ps_policy_sort(policy, row->findings & ~notes, reasons), written_count = 0;

    count += ps_policy_sort(policy, row->findings & notes, reasons + count);
    for (size_t i = 0; i < count; i++) {
        const char *wire = ps_reason_get(reasons[i])->wire;
        if (is_written(written, written_count, wire)) continue;
        if (written_count > 0) ps_buf_add_char(out, ' ');
        ps_buf_add_text(out, wire);
        written[written_count++] = wire;
    }
}

// What stands in many rows lies in a room of so many bytes, and goes out with what lies behind it likewise.
enum { OFTEN_BYTES = 64 };
static_assert((int)BODY_BYTES >= (int)OFTEN_BYTES && (int)BODY_BYTES > 1 + (int)PS_DAY_ROOM + (int)PS_LINE_END_MAX,
              "room for one copy that is too long");

static ps_span keep_often(plan *p, ps_span text)
{
    char *room = ps_arena_take(&p->batch->arena, text.len > OFTEN_BYTES ? text.len : OFTEN_BYTES);

    memset(room, 0, OFTEN_BYTES);
    memcpy(room, text.bytes, text.len);
    return (ps_span){room, text.len};
}

// Up to OFTEN_BYTES more are written than there are.
static inline char *put_often(char *at, ps_span text)
{
    if (text.len > OFTEN_BYTES) return ps_put_span(at, text);
    memcpy(at, text.bytes, OFTEN_BYTES);
    return at + text.len;
}

static void write_reasons(plan *p, const ps_row *row, reasons_text *out)
{
    char delimiter = p->batch->layout->delimiter;

    ps_buf_clear(&p->work);
    ps_buf_add_char(&p->work, delimiter);
    ps_buf_add_text(&p->work, ps_reason_get(row->reason)->wire);
    ps_buf_add_char(&p->work, delimiter);
    add_reasons(&p->facts->policy, row, &p->work); // names and blanks need no quotes
    ps_buf_add_char(&p->work, delimiter);
    *out = (reasons_text){row->findings, row->reason, (uint32_t)p->work.len, {NULL, 0}};
    ps_buf_add_span(&p->work, p->file_cell);
    p->failed = p->failed || p->work.failed;
    if (!p->failed) out->cells = keep_often(p, ps_buf_span(&p->work));
}

static const reasons_text *reasons_of(plan *p, const ps_row *row)
{
    reasons_text *known = &p->reasons[ps_row_slot(row)];

    if (known->cells.bytes == NULL || known->findings != row->findings || known->reason != row->reason)
        write_reasons(p, row, known);
    return known;
}

// A detail in the encoding of the file, with its quotes and its guard.
static void add_odd_detail(plan *p, const ps_row *row, ps_buf *out)
{
    ps_span cell;

    ps_buf_clear(&p->work);
    ps_row_detail(p->facts, row, p->batch->day_texts, &p->work);
    p->failed = p->failed || p->work.failed;
    if (p->failed) return;
    (void)encode(p, ps_buf_span(&p->work), &cell); // `?` is fine there
    ps_write_cell_guarded(out, cell, p->batch->layout->delimiter);
}

// Nearly every detail is a cell as it stands, so it is written there, and taken back where it is not.
static void add_detail(plan *p, const ps_row *row, ps_buf *out)
{
    size_t before = out->len;

    ps_row_detail(p->facts, row, p->batch->day_texts, out);
    if (out->failed) return;
    ps_span cell = {out->bytes + before, out->len - before};
    if (ps_cell_is_plain(cell, p->batch->layout->delimiter)) return;
    ps_buf_end(out, cell.bytes);
    add_odd_detail(p, row, out);
}

#define PLACE_MAX (2 * PS_NUMBER_SIZE + 1 + PS_LINE_END_MAX)

static char *put_place(char *at, plan *p, const ps_row *row)
{
    at = ps_put_counted(&p->numbers, at, ps_row_number(p->batch, row));
    *at++ = p->batch->layout->delimiter;
    at = ps_put_counted(&p->lines, at, row->line);
    return ps_put_line_end(at, p->batch, row);
}

// The rest of a row whose detail may be anything: of any length, in need of quotes, not ASCII.
static void write_detailed(plan *p, const ps_row *row, const reasons_text *reasons)
{
    ps_buf *out = &p->batch->out[row->verdict];

    ps_buf_add(out, reasons->cells.bytes, reasons->why_len);
    add_detail(p, row, out);
    ps_buf_add_span(out, p->file_cell);
    char *at = ps_buf_room(out, PLACE_MAX);
    if (at != NULL) ps_buf_end(out, put_place(at, p, row));
}

// One look for room is enough for nearly all rows.
static void write_reasoned(plan *p, const ps_row *row)
{
    ps_buf *out = &p->batch->out[row->verdict];
    const reasons_text *reasons = reasons_of(p, row);
    if (p->failed) return;
    ps_detail_kind kind = ps_row_detail_kind(p->facts->job, row);
    char *at =
        ps_buf_room(out, PS_BODY_GUARDED_MAX(row) + reasons->cells.len + PS_OWN_DETAIL_MAX + PLACE_MAX + BODY_BYTES);

    if (at == NULL) return;
    bool harmless = (row->lacks & PS_SPLIT_FORMULA) != 0;
    at = harmless ? put_body(at, p->batch, row) : ps_put_body_guarded(at, p->batch, row);
    if (kind == PS_DETAIL_FOREIGN || !p->own_plain) {
        ps_buf_end(out, at);
        write_detailed(p, row, reasons);
        return;
    }
    if (kind == PS_DETAIL_NONE) {
        at = put_often(at, reasons->cells);
    } else {
        at = put_often(at, (ps_span){reasons->cells.bytes, reasons->why_len});
        at = ps_put_own_detail(at, p->facts->job, row, p->batch->day_texts);
        at = put_often(at, p->file_cell);
    }
    ps_buf_end(out, put_place(at, p, row));
}

static void flush_run(plan *p)
{
    ps_span run = {p->batch->bytes + p->run_start, p->run_end - p->run_start};

    ps_buf_add_span(&p->batch->out[PS_VERDICT_CLEAN], run);
    p->run_start = p->run_end;
}

// Most clean rows are their own bytes; where several stand together one copy takes them all.
static bool joins_run(plan *p, const ps_row *row)
{
    bool plain = p->plain && row->verdict == PS_VERDICT_CLEAN && row->len > row->body_len && keeps_address(p, row);

    if (!plain) return false;
    if (row->start != p->run_end) {
        flush_run(p);
        p->run_start = row->start;
    }
    p->run_end = row->start + row->len;
    return true;
}

static void write_row(plan *p, const ps_row *row)
{
    assert(row->verdict < PS_VERDICT_COUNT);
    p->batch->out_rows[row->verdict]++;
    if (joins_run(p, row)) return;
    switch (row->verdict) {
    case PS_VERDICT_CLEAN:
        flush_run(p);
        write_sendable(p, row);
        return;
    case PS_VERDICT_WINBACK:
        write_winback(p, row);
        return;
    case PS_VERDICT_HELD:
    case PS_VERDICT_REMOVED:
        write_reasoned(p, row);
        return;
    case PS_VERDICT_COUNT:
        break;
    }
}

static void write_file_cell(plan *p)
{
    char delimiter = p->batch->layout->delimiter;
    ps_span name;

    (void)encode(p, ps_recipients_name(p->facts->job, p->batch->file), &name); // `?` is fine in a file's name
    ps_buf_add_char(&p->work, delimiter);
    ps_write_cell_guarded(&p->work, name, delimiter);
    ps_buf_add_char(&p->work, delimiter);
    p->failed = p->failed || p->work.failed;
    if (!p->failed) p->file_cell = keep_often(p, ps_buf_span(&p->work));
}

void ps_stage_plan(const ps_facts *facts, ps_batch *batch)
{
    plan p = {.facts = facts, .batch = batch, .numbers = PS_COUNTED_BEGIN, .lines = PS_COUNTED_BEGIN};

    ps_buf_init(&p.work, WORK_BYTES_MAX);
    p.email = ps_layout_slot(batch->layout, PS_COLUMN_EMAIL);
    p.email_index = batch->layout->mapped[p.email].index;
    p.plain = facts->job->added_count == 0;
    p.own_plain = !ps_detail_may_hold(batch->layout->delimiter);
    write_file_cell(&p);
    for (size_t i = 0; i < batch->row_count && !p.failed; i++)
        write_row(&p, &batch->rows[i]);
    flush_run(&p);
    // A failed buffer is what the writer of the batch checks for.
    for (size_t i = 0; i < PS_VERDICT_COUNT && p.failed; i++)
        batch->out[i].failed = true;
    ps_encoder_close(p.encoder);
    ps_buf_done(&p.work);
}
