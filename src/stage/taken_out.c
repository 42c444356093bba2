#include <assert.h>

#include "base/number.h"
#include "base/text.h"
#include "stage/place_text.h"
#include "stage/planning.h"
#include "stage/row.h"
#include "stage/stage.h"

enum { WORK_BYTES_MAX = 1 << 20 }; // details are addresses, names of lists and files

// What stands in many rows lies in a room of so many bytes, and goes out with what lies behind it, as the record does.
enum { OFTEN_BYTES = 64 };

typedef struct often {
    const char *bytes; // NULL: not written yet
    size_t len;
} often;

// What a detail says because of the findings: some of these.
enum {
    SAYS_FIRST = 1, // the line of a duplicate's first
    SAYS_WINBACK = 2, // the days of a win-back
    SAYS_FOREIGN = 4 // any of these in a way that needs a closer look: a file's name, or a cell that may need quotes
};

// What is the same in all rows of a kind: the cells that say why, with delimiters around them, up to the detail.
typedef struct kind_text {
    often why;
    unsigned says;
} kind_text;

// Which list of which source has an address, as a detail begins with it: with a blank behind it.
typedef struct list_text {
    const char *list; // NULL: nothing is known here
    uint32_t source;
    often text; // no bytes: it is not plain
} list_text;

enum { LIST_TEXTS = 64 };

// What the rows of one batch that are taken out are written with.
typedef struct taken_out {
    ps_planning *plan;
    ps_buf work;
    ps_place_text place;
    kind_text *kinds; // by the batch's number of a kind
    list_text lists[LIST_TEXTS]; // by a few bits of what they are about
} taken_out;

static often keep_often(taken_out *t, ps_span text)
{
    char *room = ps_arena_take(&t->plan->batch->arena, text.len > OFTEN_BYTES ? text.len : OFTEN_BYTES);

    memcpy(room, text.bytes, text.len);
    return (often){room, text.len};
}

// Up to OFTEN_BYTES more are written than there are.
static inline char *put_often(char *at, const often *text)
{
    if (text->len > OFTEN_BYTES) return ps_put_span(at, (ps_span){text->bytes, text->len});
    memcpy(at, text->bytes, OFTEN_BYTES);
    return at + text->len;
}

static bool is_written(const char *const *written, size_t count, const char *wire)
{
    size_t same = 0;

    while (same < count && strcmp(written[same], wire) != 0)
        same++;
    return same < count;
}

// Every finding that does something, then the notes, by precedence; a name that stands for two is written once.
static void add_reasons(const ps_policy *policy, ps_findings findings, ps_buf *out)
{
    ps_findings notes = policy->mask[PS_EFFECT_KEEP];
    ps_reason reasons[2 * PS_FINDING_COUNT_MAX];
    const char *written[PS_FINDING_COUNT_MAX];
    size_t count = ps_policy_sort(policy, findings & ~notes, reasons), written_count = 0;

    count += ps_policy_sort(policy, findings & notes, reasons + count);
    for (size_t i = 0; i < count; i++) {
        const char *wire = ps_reason_get(reasons[i])->wire;
        if (is_written(written, written_count, wire)) continue;
        if (written_count > 0) ps_buf_add_char(out, ' ');
        ps_buf_add_text(out, wire);
        written[written_count++] = wire;
    }
}

// The name of the file of a duplicate's first may be anything.
static unsigned says_of(const ps_planning *p, ps_findings findings)
{
    bool first = ps_findings_has(findings, PS_REASON_DUPLICATE), names_file = p->facts->job->recipients_count > 1;
    unsigned says = first ? SAYS_FIRST : 0;

    if ((findings & PS_DETAIL_FINDINGS & ~PS_FIND(DUPLICATE)) != 0) says |= SAYS_WINBACK;
    if (says != 0 && (!p->own_plain || (first && names_file))) says |= SAYS_FOREIGN;
    return says;
}

// The cells that say why, with delimiters around them.
static ps_span write_why(taken_out *t, const ps_kind *kind)
{
    char delimiter = t->plan->batch->layout->delimiter;

    ps_buf_clear(&t->work);
    ps_buf_add_char(&t->work, delimiter);
    ps_buf_add_text(&t->work, ps_reason_get(kind->reason)->wire);
    ps_buf_add_char(&t->work, delimiter);
    add_reasons(&t->plan->facts->policy, kind->findings, &t->work); // names and blanks need no quotes
    ps_buf_add_char(&t->work, delimiter);
    t->plan->failed = t->plan->failed || t->work.failed;
    return ps_buf_span(&t->work);
}

// The same, as it was written before.
static ps_span why_of(taken_out *t, const ps_kind *kind)
{
    const ps_batch *batch = t->plan->batch;
    struct ps_why_text *known = &batch->why_texts->known[ps_findings_place(kind->findings, PS_WHY_TEXT_BITS)];
    bool same = known->findings == kind->findings && known->reason == kind->reason;

    if (same && known->delimiter == batch->layout->delimiter && known->len > 0)
        return (ps_span){known->text, known->len};
    ps_span text = write_why(t, kind);
    if (t->plan->failed || text.len > PS_WHY_TEXT_MAX) return text;
    *known = (struct ps_why_text){
        .findings = kind->findings,
        .reason = (uint8_t)kind->reason,
        .len = (uint8_t)text.len,
        .delimiter = batch->layout->delimiter,
    };
    memcpy(known->text, text.bytes, text.len);
    return text;
}

static void write_kinds(taken_out *t)
{
    const ps_batch *batch = t->plan->batch;

    t->kinds = ps_arena_room(&t->plan->batch->arena, batch->kind_count * sizeof *t->kinds);
    for (uint32_t i = 0; i < batch->kind_count && !t->plan->failed; i++) {
        const ps_kind *kind = &batch->kinds[i];
        bool is_listed = kind->verdict == PS_VERDICT_HELD || kind->verdict == PS_VERDICT_REMOVED;
        if (kind->rows == 0 || !is_listed) continue;
        ps_span why = why_of(t, kind);
        if (!t->plan->failed) t->kinds[i] = (kind_text){keep_often(t, why), says_of(t->plan, kind->findings)};
    }
}

static void write_list_name(taken_out *t, const ps_suppressed *entry, list_text *out)
{
    ps_planning *p = t->plan;

    *out = (list_text){.list = entry->list, .source = entry->source};
    ps_buf_clear(&t->work);
    ps_add_list_name(p->facts->job, entry, &t->work);
    bool plain = p->own_plain && ps_cell_is_plain(ps_buf_span(&t->work), p->batch->layout->delimiter);
    ps_buf_add_char(&t->work, ' ');
    p->failed = p->failed || t->work.failed;
    if (plain && t->work.len <= OFTEN_BYTES && !p->failed) out->text = keep_often(t, ps_buf_span(&t->work));
}

static const often *list_name_of(taken_out *t, const ps_suppressed *entry)
{
    list_text *known = &t->lists[(entry->source ^ (uintptr_t)entry->list >> 4) % LIST_TEXTS];

    if (known->list != entry->list || known->source != entry->source) write_list_name(t, entry, known);
    return &known->text;
}

static bool says_more(const ps_row *row)
{
    return row->address != NULL && (row->address->detail != NULL || row->address->suggestion.len != 0);
}

// Apart, since most were written before.
static __attribute__((noinline)) char *put_new_wait(char *at, const ps_planning *p, const ps_row *row,
                                                    const ps_wait *wait, struct ps_wait_text *out)
{
    char *end = ps_put_winback_detail(at, p->facts->job, p->batch, row);
    size_t len = (size_t)(end - at);

    if (len > sizeof out->text) return end; // its days are far from ours
    out->winback_at = wait->winback_at;
    out->reply_by = wait->reply_by;
    out->len = (uint32_t)len;
    memcpy(out->text, at, len);
    return end;
}

static inline char *put_wait(char *at, const ps_planning *p, const ps_row *row)
{
    const ps_wait wait = ps_row_wait(p->facts->job, p->batch, row);
    struct ps_wait_text *known = &p->batch->why_texts->waits[(uint32_t)wait.winback_at % PS_WAIT_TEXTS];
    bool same = known->winback_at == wait.winback_at && known->reply_by == wait.reply_by && known->len > 0;

    if (!same) return put_new_wait(at, p, row, &wait, known);
    memcpy(at, known->text, sizeof known->text); // what lies behind it, too
    return at + known->len;
}

// NULL: it is not plain.
static inline char *put_entry(char *at, taken_out *t, const ps_suppressed *entry)
{
    const often *list = list_name_of(t, entry);

    if (list->bytes == NULL) return NULL;
    at = put_often(at, list);
    return entry->date == PS_DAY_NONE ? at - 1 : ps_put_known_day(t->plan->batch->day_texts, at, entry->date);
}

// Nearly all details are a cell as they stand, which is known without a look at each. NULL: a closer look is needed.
static inline char *put_plain_detail(char *at, taken_out *t, const ps_row *row, unsigned says)
{
    if (says_more(row)) return NULL;
    if (says == 0) return row->suppressed == NULL ? at : put_entry(at, t, row->suppressed);
    if (row->suppressed != NULL || (says & SAYS_FOREIGN) != 0) return NULL;
    if ((says & SAYS_FIRST) != 0) at = ps_put_first_detail(at, row);
    if (says == (SAYS_FIRST | SAYS_WINBACK)) at = ps_put_text(at, "; ");
    return (says & SAYS_WINBACK) != 0 ? put_wait(at, t->plan, row) : at;
}

// A detail in the encoding of the file, with its quotes and its guard.
static void add_detail(taken_out *t, const ps_row *row, ps_buf *out)
{
    ps_planning *p = t->plan;
    ps_span cell;

    ps_buf_clear(&t->work);
    ps_row_detail(p->facts, p->batch, row, &t->work);
    p->failed = p->failed || t->work.failed;
    if (p->failed) return;
    (void)ps_planning_encode(p, ps_buf_span(&t->work), &cell); // `?` is fine there
    ps_write_cell_guarded(out, cell, p->batch->layout->delimiter);
}

static inline char *put_place(char *at, taken_out *t, const ps_row *row)
{
    const ps_batch *batch = t->plan->batch;

    return ps_put_line_end(ps_put_place(&t->place, at, ps_row_number(batch, row), row->line), batch, row);
}

// All that stands behind the record and `why` in most rows; and the row.
enum { PLAIN_DETAIL_MAX = 192, ORDINARY_MAX = PS_PIECE_BYTES + OFTEN_BYTES + PLAIN_DETAIL_MAX + PS_LINE_END_MAX };
static_assert((int)PLAIN_DETAIL_MAX >= (int)PS_FIRST_DETAIL_MAX + 2 + (int)PS_WINBACK_DETAIL_MAX, "any of both");
static_assert((int)PS_WINBACK_DETAIL_MAX >= (int)PS_WAIT_TEXT_MAX, "with what lies behind a wait");
static_assert((int)PLAIN_DETAIL_MAX >= (int)OFTEN_BYTES + (int)PS_DAY_ROOM, "or a list and a day");

// A row like most, where there is room for one. NULL: it is not.
static inline char *put_ordinary(char *at, taken_out *t, const ps_row *row, const kind_text *kind)
{
    bool harmless = (row->lacks & PS_SPLIT_FORMULA) != 0;

    if (!harmless || row->body_len > PS_PIECE_BYTES || kind->why.len > OFTEN_BYTES) return NULL;
    at = ps_put_piece(at, t->plan->batch, row->start, row->body_len);
    at = put_often(at, &kind->why);
    at = put_plain_detail(at, t, row, kind->says);
    return at == NULL ? NULL : put_place(at, t, row);
}

static void add_place(taken_out *t, const ps_row *row, ps_buf *out)
{
    char *at = ps_buf_room(out, ps_place_text_max(&t->place) + PS_LINE_END_MAX);

    if (at != NULL) ps_buf_end(out, put_place(at, t, row));
}

// Any row.
static void write_row(taken_out *t, const ps_row *row, const kind_text *kind, ps_buf *out)
{
    char *at = ps_buf_room(out, PS_BODY_GUARDED_MAX(row) + kind->why.len + OFTEN_BYTES + PLAIN_DETAIL_MAX);

    if (at == NULL) return;
    at = put_often(ps_put_body_guarded(at, t->plan->batch, row), &kind->why);
    char *detail_end = put_plain_detail(at, t, row, kind->says);
    ps_buf_end(out, detail_end == NULL ? at : detail_end);
    if (detail_end == NULL) add_detail(t, row, out);
    add_place(t, row, out);
}

// What the lists say of a row lies apart, too. Its row was asked for before; for most it is nothing.
PS_PREFETCHING void prefetch_suppressed(const ps_batch *batch, const uint32_t *rows, uint32_t left)
{
    enum { AHEAD = 8 };

    if (left <= AHEAD) return;
    const ps_row *row = &batch->rows[rows[AHEAD]];
    __builtin_prefetch(row->suppressed == NULL ? (const void *)row : row->suppressed);
}

// One look for room is enough for many rows.
static void write_rows_of(taken_out *t, ps_verdict verdict)
{
    enum { ROOM = 32 << 10 };
    const ps_batch *batch = t->plan->batch;
    const uint32_t *rows = batch->out_rows[verdict], count = batch->out_row_count[verdict];
    const size_t row_max = ORDINARY_MAX + ps_place_text_max(&t->place), room = ROOM + row_max;
    ps_buf *out = &t->plan->batch->out[verdict];
    char *at = ps_buf_room(out, room), *full = at;

    for (uint32_t i = 0; i < count && at != NULL; i++) {
        const ps_row *row = &batch->rows[rows[i]];
        const kind_text *kind = &t->kinds[batch->kind_numbers[rows[i]]];
        ps_planning_prefetch(batch, rows + i, count - i);
        prefetch_suppressed(batch, rows + i, count - i);
        char *end = at < full ? put_ordinary(at, t, row, kind) : NULL;
        if (end == NULL) {
            ps_buf_end(out, at);
            write_row(t, row, kind, out);
            end = ps_buf_room(out, room);
            full = end == NULL ? NULL : end + ROOM;
        }
        at = end;
    }
    if (at != NULL) ps_buf_end(out, at);
}

static void write_file_cell(taken_out *t)
{
    ps_planning *p = t->plan;
    char delimiter = p->batch->layout->delimiter;
    ps_span name;

    (void)ps_planning_encode(p, ps_recipients_name(p->facts->job, p->batch->file), &name); // `?` is fine in its name
    ps_buf_add_char(&t->work, delimiter);
    ps_write_cell_guarded(&t->work, name, delimiter);
    ps_buf_add_char(&t->work, delimiter);
    p->failed = p->failed || t->work.failed;
    if (p->failed) return;
    t->place = PS_PLACE_TEXT_OF(ps_arena_copy(&p->batch->arena, ps_buf_span(&t->work)), delimiter);
}

void ps_plan_taken_out(ps_planning *p)
{
    static const ps_verdict lists[] = {PS_VERDICT_HELD, PS_VERDICT_REMOVED};
    taken_out t = {.plan = p};

    ps_buf_init(&t.work, WORK_BYTES_MAX);
    write_file_cell(&t);
    write_kinds(&t);
    for (size_t i = 0; i < PS_COUNT_OF(lists) && !p->failed; i++)
        write_rows_of(&t, lists[i]);
    ps_buf_done(&t.work);
}
