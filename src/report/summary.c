#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "report/format.h"
#include "report/view.h"

enum {
    WIDTH_DEFAULT = 80,
    WIDTH_MIN = 40,
    WIDTH_MAX = 400,
    LINES_MAX = 21, // of the 24 of the smallest screen: the place of the set and the next prompt come below
    HEADLINES_MAX = 4,
    ROOM_FOR_OTHERS = 8, // below the policies: reasons and warnings
    WRAPPED_LINES_MAX = 2,
    MARK_WIDTH = 2,
    REASONS_MAX = 7,
    NUMBER_WIDTH = 13, // 9,999,999,999
    SHARE_WIDTH = 7,
    WORD_WIDTH = 9,
    TEXT_BYTES_MAX = 4 * WIDTH_MAX, // in UTF-8, at least WIDTH_MAX characters
    LINE_BYTES_MAX = 4 * TEXT_BYTES_MAX + 1024 // each byte may be shown as \x.., and what presend adds
};

typedef struct ps_summary {
    const ps_view *view;
    ps_buf *out;
    bool color;
    unsigned width;
    unsigned lines; // written so far
    ps_buf line, number; // being put together
} ps_summary;

typedef enum ps_paint {
    PAINT_NONE,
    PAINT_GREEN,
    PAINT_YELLOW,
    PAINT_BLUE,
    PAINT_RED,
    PAINT_BOLD,
    PAINT_COUNT
} ps_paint;

static const char *const codes[PAINT_COUNT] = {
    [PAINT_NONE] = "",         [PAINT_GREEN] = "\033[32m", [PAINT_YELLOW] = "\033[33m",
    [PAINT_BLUE] = "\033[34m", [PAINT_RED] = "\033[31m",   [PAINT_BOLD] = "\033[1m",
};

static ps_paint verdict_paint(ps_verdict verdict)
{
    static const ps_paint paints[PS_VERDICT_COUNT] = {
        [PS_VERDICT_CLEAN] = PAINT_GREEN,
        [PS_VERDICT_WINBACK] = PAINT_YELLOW,
        [PS_VERDICT_HELD] = PAINT_BLUE,
        [PS_VERDICT_REMOVED] = PAINT_RED,
    };

    return paints[verdict];
}

// Columns that a character takes on a terminal: two for the scripts that are written on squares.
static unsigned columns_of(int32_t code_point)
{
    static const struct {
        int32_t first, last;
    } wide[] = {{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},
                {0xfe30, 0xfe4f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};

    for (size_t i = 0; i < PS_COUNT_OF(wide); i++) {
        if (code_point >= wide[i].first && code_point <= wide[i].last) return 2;
    }
    return 1;
}

// How many bytes of `text` fit into `columns`.
static size_t fitting(ps_span text, unsigned columns)
{
    size_t offset = 0;

    for (unsigned used = 0; offset < text.len;) {
        size_t next = offset;
        used += columns_of(ps_utf8_next(text, &next));
        if (used > columns) return offset;
        offset = next;
    }
    return offset;
}

// Empty a helping buffer; what failed in it fails the summary.
static void drain(ps_summary *summary, ps_buf *buf)
{
    if (buf->failed) summary->out->failed = true;
    ps_buf_clear(buf);
}

// A text of the run, safe for a terminal. What no screen is wide enough for is cut: put_line() says so by its dots.
static void put_text(ps_summary *summary, const char *text)
{
    ps_add_visible(&summary->line, (ps_span){text, strnlen(text, TEXT_BYTES_MAX)});
}

// How many bytes of `text` make a line: up to the last blank that fits, or to the middle of a word that does not.
static size_t breaking(ps_span text, unsigned columns)
{
    size_t len = fitting(text, columns);

    if (len == text.len) return len;
    for (size_t at = len; at > 0; at--) {
        if (text.bytes[at] == ' ') return at;
    }
    return len;
}

// One line: safe for a terminal, no wider than it, in one colour.
static void put_line(ps_summary *summary, ps_paint paint)
{
    ps_span text = ps_buf_span(&summary->line);
    bool painted = summary->color && paint != PAINT_NONE;

    while (text.len > 0 && text.bytes[text.len - 1] == ' ')
        text.len--;
    bool cut = fitting(text, summary->width) < text.len;
    if (cut) text.len = fitting(text, summary->width - 3);
    if (painted) ps_buf_add_text(summary->out, codes[paint]);
    ps_buf_add_span(summary->out, text);
    if (cut) ps_buf_add_text(summary->out, "...");
    if (painted) ps_buf_add_text(summary->out, "\033[0m");
    ps_buf_add_char(summary->out, '\n');
    summary->lines++;
    drain(summary, &summary->line);
}

static void pad_to(ps_buf *line, size_t len)
{
    while (!line->failed && line->len < len)
        ps_buf_add_char(line, ' ');
}

// The number, at the right of `width` columns.
static void put_number(ps_summary *summary, unsigned width)
{
    size_t end = summary->line.len + width;

    if (summary->number.len < width) pad_to(&summary->line, end - summary->number.len);
    ps_buf_add_span(&summary->line, ps_buf_span(&summary->number));
    drain(summary, &summary->number);
}

static void put_title(ps_summary *summary)
{
    const ps_job *job = summary->view->run->job;
    char day[PS_DAY_TEXT_SIZE];

    ps_day_text(job->as_of, day);
    if (job->campaign != NULL) {
        put_text(summary, job->campaign);
        ps_buf_add_text(&summary->line, ", ");
    }
    ps_add_rows(&summary->line, summary->view->run->rows);
    ps_buf_add_format(&summary->line, " judged as of %s", day);
    put_line(summary, PAINT_BOLD);
}

// A text over as many lines as it takes, but no more than `lines_max`; the further ones stand under its first word.
static void put_wrapped(ps_summary *summary, ps_paint paint, const char *mark, const char *text, unsigned lines_max)
{
    ps_buf whole;

    ps_buf_init(&whole, LINE_BYTES_MAX);
    ps_add_visible(&whole, (ps_span){text, strnlen(text, TEXT_BYTES_MAX)});
    if (whole.failed) summary->out->failed = true;
    ps_span rest = ps_buf_span(&whole);
    for (unsigned i = 0; i < lines_max && (rest.len > 0 || i == 0); i++) {
        size_t len = i + 1 == lines_max ? rest.len : breaking(rest, summary->width - MARK_WIDTH);
        ps_buf_add_text(&summary->line, i == 0 ? mark : "  ");
        ps_buf_add(&summary->line, rest.bytes, len);
        put_line(summary, paint);
        rest = ps_ascii_trim((ps_span){rest.bytes + len, rest.len - len});
    }
    ps_buf_done(&whole);
}

// The guard that keeps the set back, then the headlines; returns how many warnings have not been shown.
static size_t put_headlines(ps_summary *summary)
{
    const ps_run *run = summary->view->run;
    const ps_run_guard *fired = summary->view->fired;
    size_t shown = 0;

    if (fired != NULL) {
        ps_buf_add_format(&summary->line, "Kept back by the guard %s:", fired->name);
        put_line(summary, PAINT_RED);
        put_wrapped(summary, PAINT_RED, "  ", fired->text, WRAPPED_LINES_MAX);
    }
    for (size_t i = 0; i < run->warnings_count; i++) {
        if (!run->warnings[i].headline || shown == HEADLINES_MAX) continue;
        put_wrapped(summary, PAINT_YELLOW, "! ", run->warnings[i].text, WRAPPED_LINES_MAX);
        shown++;
    }
    return run->warnings_count - shown;
}

static void put_bar(ps_buf *line, uint64_t part, uint64_t whole, unsigned width)
{
    uint64_t marks = whole == 0 ? 0 : (part * width + whole / 2) / whole;

    if (part > 0 && marks == 0) marks = 1;
    for (uint64_t i = 0; i < marks; i++)
        ps_buf_add_char(line, '#');
}

static void put_outcomes(ps_summary *summary)
{
    const ps_run *run = summary->view->run;
    const unsigned used = 2 + WORD_WIDTH + NUMBER_WIDTH + SHARE_WIDTH + 2;

    for (unsigned i = 0; i < PS_VERDICT_COUNT; i++) {
        ps_buf_add_format(&summary->line, "  %-*s", WORD_WIDTH, ps_view_outcome_of((ps_verdict)i)->word);
        ps_add_count(&summary->number, run->verdict[i]);
        put_number(summary, NUMBER_WIDTH);
        ps_add_share(&summary->number, run->verdict[i], run->rows);
        put_number(summary, SHARE_WIDTH);
        ps_buf_add_text(&summary->line, "  ");
        if (summary->width > used) put_bar(&summary->line, run->verdict[i], run->rows, summary->width - used);
        put_line(summary, verdict_paint((ps_verdict)i));
    }
}

// What another policy would have done, where the screen has room for it beside the reasons and a warning.
static void put_policies(ps_summary *summary)
{
    const ps_run *run = summary->view->run;
    bool roomy = summary->lines + run->policies_count + ROOM_FOR_OTHERS <= LINES_MAX;

    for (size_t i = 0; roomy && i < run->policies_count; i++) {
        const ps_run_policy *other = &run->policies[i];
        ps_buf_add_format(&summary->line, "  Policy %s would give ", other->policy->name);
        for (unsigned v = 0; v < PS_VERDICT_COUNT; v++) {
            if (v > 0) ps_buf_add_text(&summary->line, ", ");
            ps_add_count(&summary->line, other->verdict[v]);
            ps_buf_add_format(&summary->line, " %s", ps_verdict_word((ps_verdict)v));
        }
        put_line(summary, PAINT_NONE);
    }
}

static void put_blank(ps_summary *summary)
{
    ps_buf_add_char(summary->out, '\n');
    summary->lines++;
}

static int compare_rows(const void *left, const void *right)
{
    const ps_view_slice *a = left, *b = right;

    if (a->rows != b->rows) return a->rows > b->rows ? -1 : 1;
    if (a->info != b->info) return a->info < b->info ? -1 : 1; // the table's order is the precedence
    return a->verdict > b->verdict ? -1 : 1;
}

static void put_reason(ps_summary *summary, const ps_view_slice *slice)
{
    ps_buf_add_format(&summary->line, "  %-*s", WORD_WIDTH, ps_verdict_word(slice->verdict));
    ps_add_count(&summary->number, slice->rows);
    put_number(summary, NUMBER_WIDTH);
    ps_buf_add_format(&summary->line, "  %s", slice->info->text);
    put_line(summary, PAINT_NONE);
}

// As many as the screen holds beside the blank line before, the line of the others, and what is still to come.
static void put_reasons(ps_summary *summary, size_t warnings_left)
{
    const ps_view *view = summary->view;
    ps_view_slice slices[PS_COUNT_OF(view->slices)];
    size_t room = LINES_MAX - summary->lines - 2 - (warnings_left > 0 ? 2 : 0);
    size_t shown = room < REASONS_MAX ? room : REASONS_MAX;
    uint64_t rest = 0;

    if (view->slices_count == 0) return;
    if (shown > view->slices_count) shown = view->slices_count;
    memcpy(slices, view->slices, view->slices_count * sizeof slices[0]);
    qsort(slices, view->slices_count, sizeof slices[0], compare_rows);
    put_blank(summary);
    for (size_t i = 0; i < shown; i++)
        put_reason(summary, &slices[i]);
    if (shown == view->slices_count) return;
    for (size_t i = shown; i < view->slices_count; i++)
        rest += slices[i].rows;
    pad_to(&summary->line, 2 + WORD_WIDTH);
    ps_add_count(&summary->number, rest);
    put_number(summary, NUMBER_WIDTH);
    ps_buf_add_format(&summary->line, "  for %zu further reasons: see the report", view->slices_count - shown);
    put_line(summary, PAINT_NONE);
}

// The warnings that are no headline, as far as the screen goes: one line each, or two where all fit even so.
static void put_warnings(ps_summary *summary, size_t left)
{
    const ps_run *run = summary->view->run;
    size_t headlines = 0;

    if (left == 0) return;
    put_blank(summary);
    for (size_t i = 0; i < run->warnings_count && left > 0; i++) {
        if (run->warnings[i].headline && headlines++ < HEADLINES_MAX) continue;
        if (summary->lines + 1 == LINES_MAX && left > 1) break;
        unsigned lines_max = summary->lines + left < LINES_MAX ? WRAPPED_LINES_MAX : 1;
        put_wrapped(summary, PAINT_YELLOW, "! ", run->warnings[i].text, lines_max);
        left--;
    }
    if (left == 0) return;
    ps_buf_add_format(&summary->line, "! %zu more: see the report", left);
    put_line(summary, PAINT_YELLOW);
}

ps_status ps_report_summary(const ps_run *run, bool color, unsigned width, ps_buf *out, ps_error *err)
{
    ps_view view;
    ps_summary summary = {.view = &view, .out = out, .color = color, .width = width == 0 ? WIDTH_DEFAULT : width};

    ps_view_init(&view, run);
    ps_buf_init(&summary.line, LINE_BYTES_MAX);
    ps_buf_init(&summary.number, LINE_BYTES_MAX);
    if (summary.width < WIDTH_MIN) summary.width = WIDTH_MIN;
    if (summary.width > WIDTH_MAX) summary.width = WIDTH_MAX;
    put_title(&summary);
    size_t left = put_headlines(&summary);
    put_blank(&summary);
    put_outcomes(&summary);
    put_policies(&summary);
    put_reasons(&summary, left);
    put_warnings(&summary, left);

    ps_status status = ps_buf_status(out, "the summary", err);
    ps_buf_done(&summary.line);
    ps_buf_done(&summary.number);
    return status;
}
