#include "report/html_part.h"

#include "report/format.h"
#include "report/html.h"

// Reasons that the waterfall names; the table below it has them all.
static const size_t steps_max[PS_VERDICT_COUNT] = {
    [PS_VERDICT_WINBACK] = 3, [PS_VERDICT_HELD] = 5, [PS_VERDICT_REMOVED] = 9};

// The waterfall is a table whose rows become blocks on a narrow screen: roles keep it a table there.
static void put_cell(ps_buf *out, const char *class)
{
    ps_buf_add_format(out, "<td role=\"cell\" class=\"%s\">", class);
}

static void put_count(ps_buf *out, const char *class, uint64_t count)
{
    put_cell(out, class);
    ps_add_count(out, count);
    ps_buf_add_text(out, "</td>");
}

static void put_share(ps_buf *out, uint64_t part, uint64_t whole)
{
    put_cell(out, "n share");
    ps_html_share(out, part, whole);
    ps_buf_add_text(out, "</td>");
}

static void put_outcome(ps_buf *out, ps_verdict verdict)
{
    put_cell(out, "outcome");
    ps_chart_icon(out, verdict);
    ps_buf_add_format(out, " %s</td>", ps_view_outcome_of(verdict)->word);
}

static void open_row(ps_buf *out, const char *class)
{
    ps_buf_add_format(out, "<tr role=\"row\"%s><th role=\"rowheader\" scope=\"row\" align=\"left\">", class);
}

// The first and the last line: all rows, and those that are left.
static void put_end(ps_buf *out, const ps_run *run, const char *word, uint64_t rows)
{
    const ps_view_outcome *outcome = ps_view_outcome_of(PS_VERDICT_CLEAN);
    const ps_chart_part part = {"", rows == run->rows ? "all" : outcome->name,
                                rows == run->rows ? "#9aa19a" : outcome->color, rows};

    open_row(out, " class=\"end\"");
    ps_buf_add_format(out, "%s</th>", word);
    put_cell(out, "outcome");
    ps_buf_add_text(out, "</td>");
    put_cell(out, "chart");
    ps_chart_cell_step(out, rows, rows, run->rows, &part);
    ps_buf_add_text(out, "</td>");
    put_count(out, "n rows", rows);
    put_share(out, rows, run->rows);
    ps_buf_add_text(out, "</tr>\n");
}

// The first cells of a table of reasons: what it says, its name, its step.
static void put_reason_cells(ps_buf *out, const ps_reason_info *info)
{
    ps_buf_add_text(out, "<tr><th scope=\"row\" align=\"left\">");
    ps_html_sentence(out, info->text);
    ps_buf_add_text(out, "</th><td>");
    ps_html_code(out, info->wire);
    ps_buf_add_text(out, "</td>");
    ps_html_cell(out, ps_reason_stage_word(info->stage));
}

static void put_step(ps_buf *out, const ps_run *run, ps_verdict verdict, uint64_t left, uint64_t rows)
{
    const ps_view_outcome *outcome = ps_view_outcome_of(verdict);
    const ps_chart_part part = {"", outcome->name, outcome->color, rows};

    put_outcome(out, verdict);
    put_cell(out, "chart");
    ps_chart_cell_step(out, left, rows, run->rows, &part);
    ps_buf_add_text(out, "</td>");
    put_count(out, "n rows", rows);
    put_share(out, rows, run->rows);
    ps_buf_add_text(out, "</tr>\n");
}

static void put_slice(ps_buf *out, const ps_run *run, const ps_view_slice *slice, uint64_t left)
{
    open_row(out, "");
    ps_html_sentence(out, slice->info->text);
    ps_buf_add_char(out, ' ');
    ps_html_code(out, slice->info->wire);
    ps_buf_add_text(out, "</th>");
    put_step(out, run, slice->verdict, left, slice->rows);
}

// The slices of one outcome from `first` on, the small ones in one line; returns how many slices they were.
static size_t put_outcome_steps(ps_buf *out, const ps_view *view, size_t first, uint64_t *left)
{
    ps_verdict verdict = view->slices[first].verdict;
    uint64_t rest = 0;
    size_t count = 0;

    while (first + count < view->slices_count && view->slices[first + count].verdict == verdict)
        count++;
    size_t shown = count <= steps_max[verdict] + 1 ? count : steps_max[verdict];
    for (size_t i = first; i < first + shown; i++) {
        put_slice(out, view->run, &view->slices[i], *left);
        *left -= view->slices[i].rows;
    }
    for (size_t i = first + shown; i < first + count; i++)
        rest += view->slices[i].rows;
    if (rest > 0) {
        open_row(out, " class=\"rest\"");
        ps_buf_add_format(out, "%zu further reasons</th>", count - shown);
        put_step(out, view->run, verdict, *left, rest);
        *left -= rest;
    }
    return count;
}

static void put_waterfall(ps_buf *out, const ps_view *view)
{
    uint64_t left = view->run->rows;

    ps_buf_add_text(
        out, "<table class=\"flow\" role=\"table\" cellpadding=\"4\">\n<caption class=\"hidden\">Rows by deciding "
             "reason</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">"
             "<th role=\"columnheader\" scope=\"col\">Reason</th>"
             "<th role=\"columnheader\" scope=\"col\">Outcome</th>"
             "<th role=\"columnheader\" scope=\"col\" class=\"chart\">What was left of the list</th>"
             "<th role=\"columnheader\" scope=\"col\" class=\"n\">Rows</th>"
             "<th role=\"columnheader\" scope=\"col\" class=\"n\">Share</th>"
             "</tr></thead>\n<tbody role=\"rowgroup\">\n");
    put_end(out, view->run, "All rows", view->run->rows);
    for (size_t i = 0; i < view->slices_count;)
        i += put_outcome_steps(out, view, i, &left);
    put_end(out, view->run, "Clean: the send list", view->run->verdict[PS_VERDICT_CLEAN]);
    ps_buf_add_text(out, "</tbody>\n</table>\n");
}

static void put_every_reason(ps_buf *out, const ps_view *view)
{
    static const ps_html_column columns[] = {
        {"Reason", PS_HTML_WORDS}, {"Name", PS_HTML_WORDS},   {"Step", PS_HTML_WORDS},     {"Outcome", PS_HTML_WORDS},
        {"Rows", PS_HTML_NUMBER},  {"Share", PS_HTML_NUMBER}, {"Carry it", PS_HTML_NUMBER}};

    if (view->slices_count == 0) return;
    ps_buf_add_format(out, "<details>\n<summary>All %zu reasons as a table</summary>\n", view->slices_count);
    ps_buf_add_text(out,
                    "<p class=\"hint\"><em>Carry it</em> counts every row that the reason is true of, also where a "
                    "stronger one decided.</p>\n");
    ps_html_table(out, "Every deciding reason", columns, PS_COUNT_OF(columns));
    for (size_t i = 0; i < view->slices_count; i++) {
        const ps_view_slice *slice = &view->slices[i];
        put_reason_cells(out, slice->info);
        ps_html_cell(out, ps_view_outcome_of(slice->verdict)->word);
        ps_html_cell_count(out, slice->rows);
        ps_html_cell_share(out, slice->rows, view->run->rows);
        ps_html_cell_count(out, slice->found);
        ps_html_row_end(out);
    }
    ps_html_table_end(out);
    ps_buf_add_text(out, "</details>\n");
}

void ps_report_html_flow(ps_buf *out, const ps_view *view)
{
    ps_html_section(out, "flow", "Where the rows went, and why");
    ps_buf_add_text(out, "<p class=\"hint\">Each row counts once, under the strongest of its reasons.</p>\n");
    put_waterfall(out, view);
    put_every_reason(out, view);
    ps_html_section_end(out);
}

static bool is_note(const ps_view_reason *reason)
{
    bool shown_elsewhere = reason->info->stage == PS_REASON_STAGE_ENGAGE;

    return reason->effect == PS_EFFECT_KEEP && reason->found > 0 && reason->info->reason != PS_REASON_OK &&
           !shown_elsewhere;
}

void ps_report_html_notes(ps_buf *out, const ps_view *view)
{
    static const ps_html_column columns[] = {{"Note", PS_HTML_WORDS},
                                             {"Name", PS_HTML_WORDS},
                                             {"Step", PS_HTML_WORDS},
                                             {"Rows", PS_HTML_NUMBER},
                                             {"Share", PS_HTML_NUMBER}};
    size_t count = 0;

    for (size_t i = 0; i < view->reasons_count; i++)
        count += is_note(&view->reasons[i]);
    if (count == 0) return;
    ps_html_section(out, "notes", "Noted, and let through");
    ps_html_table(out, "What was noted about rows without keeping them back", columns, PS_COUNT_OF(columns));
    for (size_t i = 0; i < view->reasons_count; i++) {
        const ps_view_reason *reason = &view->reasons[i];
        if (!is_note(reason)) continue;
        put_reason_cells(out, reason->info);
        ps_html_cell_count(out, reason->found);
        ps_html_cell_share(out, reason->found, view->run->rows);
        ps_html_row_end(out);
    }
    ps_html_table_end(out);
    ps_html_section_end(out);
}
