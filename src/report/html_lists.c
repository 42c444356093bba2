#include "report/html_part.h"

#include <inttypes.h>

#include "base/clock.h"
#include "report/format.h"
#include "report/html.h"

enum { OPERATORS_SHOWN = 20 };

void ps_report_html_bounces(ps_buf *out, const ps_view *view)
{
    uint64_t rows = view->bounce_rows + view->dead_domain_rows;
    uint64_t whole = view->run->rows;
    // Amazon SES reviews an account from 5 % bounces on and may pause it from 10 % on.
    const ps_chart_gauge gauge = {
        .id = "bounces",
        .title = "Share of the list whose mail would have bounced",
        .share = whole == 0 ? 0 : (uint64_t)((double)rows / (double)whole * 1e6 + 0.5),
        .warn = 50000,
        .stop = 100000,
        .warn_word = "5% review",
        .stop_word = "10% pause",
    };

    ps_html_section(out, "bounce", "Bounces avoided");
    ps_buf_add_text(out, "<p class=\"figure\"><strong>");
    ps_html_share(out, rows, whole);
    ps_buf_add_text(out, "</strong> or more of the list would have bounced</p>\n");
    ps_chart_gauge_draw(out, &gauge);
    ps_buf_add_text(out, "<p class=\"hint\">");
    ps_add_rows(out, view->bounce_rows);
    ps_buf_add_text(out, " bounced before, ");
    ps_add_rows(out, view->dead_domain_rows);
    ps_buf_add_text(out,
                    " at domains without mail. The marks are the bounce rates from which Amazon SES reviews and may "
                    "pause an account.</p>\n");
    ps_html_section_end(out);
}

static void put_snapshot(ps_buf *out, const ps_run *run)
{
    const ps_run_mx *mx = &run->mx;
    int32_t age = ps_view_age(run, mx->snapshot_oldest);
    char oldest[PS_DAY_TEXT_SIZE], newest[PS_DAY_TEXT_SIZE];

    ps_html_foreign(out, ps_view_file_name(mx->snapshot));
    ps_day_text(mx->snapshot_oldest, oldest);
    ps_day_text(mx->snapshot_newest, newest);
    if (age < 0) ps_buf_add_text(out, ", which does not say how old it is.");
    if (age >= 0) {
        ps_buf_add_format(out, ", checked <time>%s</time> to <time>%s</time>: up to %" PRId32 " %s old.", oldest,
                          newest, age, age == 1 ? "day" : "days");
    }
}

static void put_mx_source(ps_buf *out, const ps_run *run)
{
    ps_buf_add_text(out, "<p class=\"hint\">");
    switch (run->mx.mode) {
    case PS_MX_OFF:
        ps_buf_add_text(out, "Not checked: the job says <code>mx.mode: off</code>.");
        break;
    case PS_MX_LIVE:
        ps_buf_add_text(out, "Asked the DNS, but for domains that an earlier run had asked about lately.");
        break;
    case PS_MX_OFFLINE:
        ps_buf_add_text(out, "No packet was to leave: what earlier runs had asked about");
        if (run->mx.snapshot != NULL) ps_buf_add_text(out, ", and the snapshot ");
        if (run->mx.snapshot != NULL) put_snapshot(out, run);
        if (run->mx.snapshot == NULL) ps_buf_add_char(out, '.');
        break;
    case PS_MX_SNAPSHOT:
        ps_buf_add_text(out, "Read from the snapshot ");
        put_snapshot(out, run);
        break;
    }
    ps_buf_add_text(out, "</p>\n");
}

static void put_operator(ps_buf *out, const ps_run_operator *taker, uint64_t rows)
{
    ps_html_row(out, taker->name == NULL ? "not known" : taker->name);
    ps_html_cell(out, taker->kind);
    ps_html_cell(out, taker->region);
    ps_html_cell_count(out, taker->domains);
    ps_html_cell_count(out, taker->rows);
    ps_html_cell_share(out, taker->rows, rows);
    ps_html_cell_count(out, taker->verdict[PS_VERDICT_CLEAN]);
    ps_html_row_end(out);
}

// The rest of the operators stands in report.json.
static void put_operators(ps_buf *out, const ps_run *run)
{
    static const ps_html_column columns[] = {
        {"Operator", PS_HTML_WORDS}, {"Kind", PS_HTML_WORDS},   {"Region", PS_HTML_WORDS}, {"Domains", PS_HTML_NUMBER},
        {"Rows", PS_HTML_NUMBER},    {"Share", PS_HTML_NUMBER}, {"Clean", PS_HTML_NUMBER}};
    size_t shown = run->operators_count < OPERATORS_SHOWN ? run->operators_count : OPERATORS_SHOWN;

    if (shown == 0) return;
    ps_buf_add_text(out, "<h3>Who takes their mail</h3>\n");
    ps_html_table(out, "Operators of the domains' mail servers", columns, PS_COUNT_OF(columns));
    for (size_t i = 0; i < shown; i++)
        put_operator(out, &run->operators[i], run->rows);
    if (shown < run->operators_count && run->operators[run->operators_count - 1].name == NULL) {
        put_operator(out, &run->operators[run->operators_count - 1], run->rows);
    }
    ps_html_table_end(out);
}

void ps_report_html_mx(ps_buf *out, const ps_view *view)
{
    const ps_run_mx *mx = &view->run->mx;
    const ps_chart_part parts[] = {
        {"Takes mail", "clean", "#0e7a5f", mx->deliverable},
        {"No mail", "removed", "#a3213a", mx->no_mail},
        {"Unknown", "winback", "#c98a0c", mx->unknown},
        {"Not checked", "none", "#9aa0a8", mx->not_checked},
    };

    ps_html_section(out, "mx", "Mail domains");
    ps_buf_add_text(out, "<p class=\"figure\"><strong>");
    ps_add_count(out, view->run->domains_distinct);
    ps_buf_add_text(out, view->run->domains_distinct == 1 ? "</strong> domain</p>\n" : "</strong> domains</p>\n");
    if (mx->mode != PS_MX_OFF && mx->domains > 0) {
        ps_chart_stack(out, "mxbar", "Domains by whether they take mail", parts, PS_COUNT_OF(parts));
        ps_chart_legend(out, parts, PS_COUNT_OF(parts));
    }
    put_mx_source(out, view->run);
    put_operators(out, view->run);
    ps_html_section_end(out);
}

// Entries that suppress nobody in this job, by why.
static void put_left_out(ps_buf *out, const ps_run_source *source)
{
    const struct {
        const char *words;
        uint64_t count;
    } parts[] = {{" of other brands", source->other_brands},
                 {" of other tags or groups", source->other_scopes},
                 {" expired", source->expired},
                 {" allowlisted, which lifts nothing", source->allowed}};

    for (size_t i = 0; i < PS_COUNT_OF(parts); i++) {
        if (parts[i].count == 0) continue;
        ps_buf_add_text(out, "<small>");
        ps_add_count(out, parts[i].count);
        ps_buf_add_format(out, "%s</small>", parts[i].words);
    }
}

static void put_classes(ps_buf *out, const ps_run_source *source)
{
    const char *between = "";

    ps_buf_add_text(out, "<td>");
    for (unsigned i = 0; i < PS_CLASS_COUNT; i++) {
        if (source->entries[i] == 0) continue;
        ps_buf_add_format(out, "%s<span class=\"pair-of\">%s ", between, ps_class_word((ps_class)i));
        ps_add_count(out, source->entries[i]);
        ps_buf_add_text(out, "</span>");
        between = ", ";
    }
    if (*between == '\0') ps_buf_add_text(out, "–");
    if (source->domains > 0) {
        ps_buf_add_text(out, "<small>");
        ps_add_count(out, source->domains);
        ps_buf_add_text(out, source->domains == 1 ? " is a whole domain</small>" : " are whole domains</small>");
    }
    put_left_out(out, source);
    ps_buf_add_text(out, "</td>");
}

static void put_account(ps_buf *out, const ps_run_source *source)
{
    ps_buf_add_text(out, "<td>");
    ps_html_foreign(out, source->type);
    ps_buf_add_text(out, "<small>");
    ps_html_foreign(out, source->account);
    ps_buf_add_text(out, "</small>");
    if (source->outage)
        ps_buf_add_text(out, "<small><strong>out of reach: its last whole lists were used</strong></small>");
    ps_buf_add_text(out, "</td>");
}

static void put_list_file(ps_buf *out, const ps_run_source *source)
{
    if (source->file == NULL) {
        put_account(out, source);
        return;
    }
    ps_buf_add_text(out, "<td>");
    ps_html_foreign(out, ps_view_file_name(source->file));
    ps_buf_add_text(out, "<small>");
    ps_html_foreign(out, source->format);
    ps_buf_add_text(out, ", ");
    ps_html_foreign(out, source->encoding);
    ps_buf_add_text(out, ", ");
    ps_add_size(out, source->size_bytes);
    if (source->events > 0) {
        ps_buf_add_text(out, ", ");
        ps_add_count(out, source->events);
        ps_buf_add_text(out, source->events == 1 ? " event" : " events");
    }
    ps_buf_add_text(out, "</small></td>");
}

static void put_source(ps_buf *out, const ps_run_source *source)
{
    ps_html_row(out, source->name);
    put_list_file(out, source);
    ps_html_cell_count(out, source->addresses + source->domains);
    put_classes(out, source);
    ps_html_cell_count(out, source->unreadable);
    ps_html_cell_count(out, source->rows_matched);
    ps_html_cell_hash(out, source->sha256);
    ps_html_row_end(out);
}

void ps_report_html_sources(ps_buf *out, const ps_view *view)
{
    static const ps_html_column columns[] = {
        {"List", PS_HTML_WORDS},     {"From", PS_HTML_WORDS},        {"Entries", PS_HTML_NUMBER},
        {"Of which", PS_HTML_WORDS}, {"Unreadable", PS_HTML_NUMBER}, {"Rows matched", PS_HTML_NUMBER},
        {"SHA-256", PS_HTML_WORDS},
    };

    ps_html_section(out, "lists", "Suppression lists");
    if (view->run->sources_count == 0) {
        ps_buf_add_text(
            out, "<p class=\"hint\">None was checked. The job says <code>suppressions: none</code>, so people who "
                 "unsubscribed, complained or bounced are still among the clean rows.</p>\n");
        ps_html_section_end(out);
        return;
    }
    ps_html_table(out, "Suppression lists and the rows they matched", columns, PS_COUNT_OF(columns));
    for (size_t i = 0; i < view->run->sources_count; i++)
        put_source(out, &view->run->sources[i]);
    ps_html_table_end(out);
    ps_html_section_end(out);
}
