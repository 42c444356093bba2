#include "report/html_part.h"

#include <inttypes.h>

#include "report/format.h"
#include "report/html.h"

// The states of the engagement table, most engaged first.
static const struct {
    const char *word, *name, *color;
    ps_reason reason, also; // `also`: the same state under another effect
} states[] = {
    {"Active", "e1", "#0e7a5f", PS_REASON_ACTIVE, PS_REASON_ACTIVE},
    {"Active by opens only", "e2", "#4f9d80", PS_REASON_ACTIVE_OPEN_ONLY, PS_REASON_ACTIVE_OPEN_ONLY},
    {"Won back", "e3", "#7fb59b", PS_REASON_WINBACK_WON, PS_REASON_WINBACK_WON},
    {"New", "e4", "#a7cbb9", PS_REASON_NEW_GRACE, PS_REASON_NEW_GRACE},
    {"Never mailed", "e5", "#b9bdb3", PS_REASON_NEVER_MAILED, PS_REASON_NEVER_MAILED_OLD},
    {"Not measured", "none", "#9aa0a8", PS_REASON_NO_ENGAGEMENT_DATA, PS_REASON_NO_ENGAGEMENT_DATA},
    {"Protected", "e6", "#8a86b8", PS_REASON_PROTECTED, PS_REASON_PROTECTED},
    {"Cooling", "e7", "#dcb65c", PS_REASON_COOLING, PS_REASON_COOLING},
    {"Win-back due", "winback", "#c98a0c", PS_REASON_WINBACK_DUE, PS_REASON_WINBACK_DUE},
    {"Win-back open", "held", "#5560c9", PS_REASON_WINBACK_PENDING, PS_REASON_WINBACK_PENDING},
    {"Win-back expired", "e8", "#c05a66", PS_REASON_WINBACK_EXPIRED, PS_REASON_WINBACK_EXPIRED},
    {"Dormant", "removed", "#a3213a", PS_REASON_DORMANT, PS_REASON_NEVER_ENGAGED},
};

static void put_windows(ps_buf *out, const ps_engagement *engagement)
{
    ps_buf_add_text(out, "<p class=\"hint\">");
    if (!engagement->applied) {
        ps_buf_add_text(out,
                        "Counted only: without an <code>engagement</code> key in the job nobody is kept back for being "
                        "inactive. ");
    }
    if (engagement->profile != NULL) {
        ps_buf_add_text(out, "Profile ");
        ps_html_code(out, engagement->profile);
        ps_buf_add_text(out, ": ");
    }
    ps_buf_add_format(
        out,
        "active up to %" PRId32 " days after the last sign, win-back after %" PRId32 ", dormant after %" PRId32
        "; new for %" PRId32 " days, %" PRId32 " days to answer a win-back mail.</p>\n",
        engagement->active, engagement->winback, engagement->sunset, engagement->grace, engagement->reply);
}

static void put_policy(ps_buf *out, const char *name, const ps_engagement *windows,
                       const uint64_t verdict[PS_VERDICT_COUNT])
{
    ps_html_row(out, name);
    ps_html_cell_count(out, (uint64_t)windows->active);
    ps_html_cell_count(out, (uint64_t)windows->winback);
    ps_html_cell_count(out, (uint64_t)windows->sunset);
    for (unsigned i = 0; i < PS_VERDICT_COUNT; i++)
        ps_html_cell_count(out, verdict[i]);
    ps_html_row_end(out);
}

// What would have become of the rows under each policy, below what became of them.
static void put_policies(ps_buf *out, const ps_run *run)
{
    static const ps_html_column columns[] = {{"Policy", PS_HTML_WORDS},          {"Active up to, days", PS_HTML_NUMBER},
                                             {"Win-back after", PS_HTML_NUMBER}, {"Dormant after", PS_HTML_NUMBER},
                                             {"Clean", PS_HTML_NUMBER},          {"Win-back", PS_HTML_NUMBER},
                                             {"Held", PS_HTML_NUMBER},           {"Removed", PS_HTML_NUMBER}};
    const ps_engagement *own = &run->job->engagement;

    if (run->policies_count == 0) return;
    ps_buf_add_text(out, "<h3>Policies side by side</h3>\n<p class=\"hint\">Only the first line happened; the others "
                         "were counted beside it.</p>\n");
    ps_html_table(out, "Where the rows would go under each engagement policy", columns, PS_COUNT_OF(columns));
    put_policy(out, own->applied ? "this run" : "this run, engagement not applied", own, run->verdict);
    for (size_t i = 0; i < run->policies_count; i++)
        put_policy(out, run->policies[i].policy->name, &run->policies[i].policy->engagement, run->policies[i].verdict);
    ps_html_table_end(out);
}

void ps_report_html_engagement(ps_buf *out, const ps_view *view)
{
    ps_chart_part parts[PS_COUNT_OF(states)];
    size_t count = 0;

    for (size_t i = 0; i < PS_COUNT_OF(states); i++) {
        uint64_t rows = view->run->found[states[i].reason];
        if (states[i].also != states[i].reason) rows += view->run->found[states[i].also];
        if (rows > 0) parts[count++] = (ps_chart_part){states[i].word, states[i].name, states[i].color, rows};
    }
    if (count == 0) return;
    ps_html_section(out, "engagement", "Engagement");
    ps_chart_stack(out, "tiers", "Rows by engagement", parts, count);
    ps_chart_legend(out, parts, count);
    put_windows(out, &view->run->job->engagement);
    put_policies(out, view->run);
    ps_html_section_end(out);
}

static void put_domain(ps_buf *out, const ps_run_domain *domain, const char *word, uint64_t whole)
{
    ps_chart_part parts[PS_VERDICT_COUNT];

    ps_report_html_outcomes(domain->verdict, parts);
    ps_html_row(out, word);
    ps_buf_add_text(out, "<td class=\"chart\">");
    ps_chart_cell_stack(out, parts, PS_VERDICT_COUNT, domain->rows);
    ps_buf_add_text(out, "</td>");
    ps_html_cell_count(out, domain->rows);
    ps_html_cell_share(out, domain->rows, whole);
    for (unsigned i = 0; i < PS_VERDICT_COUNT; i++)
        ps_html_cell_count(out, domain->verdict[i]);
    ps_html_row_end(out);
}

void ps_report_html_domains(ps_buf *out, const ps_view *view)
{
    static const ps_html_column columns[] = {
        {"Domain", PS_HTML_WORDS}, {"Outcomes", PS_HTML_CHART},  {"Rows", PS_HTML_NUMBER}, {"Share", PS_HTML_NUMBER},
        {"Clean", PS_HTML_NUMBER}, {"Win-back", PS_HTML_NUMBER}, {"Held", PS_HTML_NUMBER}, {"Removed", PS_HTML_NUMBER}};
    const ps_run *run = view->run;

    if (run->domains_count == 0) return;
    ps_html_section(out, "domains", "Biggest domains");
    ps_buf_add_text(out, "<p class=\"hint\">");
    ps_add_count(out, view->domains_shown);
    ps_buf_add_text(out, " of ");
    ps_add_count(out, run->domains_distinct);
    ps_buf_add_text(out, " domains. ");
    if (!run->job->report_unmasked) {
        ps_buf_add_format(out, "Domains with fewer than %d rows are not named, so that nobody can be guessed. ",
                          PS_VIEW_SMALL_GROUP_ROWS);
    }
    ps_buf_add_text(out, "The last line holds all other rows, also those without a usable domain.</p>\n");
    ps_html_table(out, "Biggest domains and where their rows went", columns, PS_COUNT_OF(columns));
    for (size_t i = 0; i < view->domains_shown; i++)
        put_domain(out, &run->domains[i], run->domains[i].domain, run->rows);
    if (view->other.rows > 0) put_domain(out, &view->other, "all others", run->rows);
    ps_html_table_end(out);
    ps_html_section_end(out);
}

static void put_sample(ps_buf *out, const ps_run_sample *sample)
{
    const ps_reason_info *info = ps_reason_get(sample->reason);

    ps_buf_add_text(out, "<tr><th scope=\"row\" align=\"left\">");
    ps_html_sentence(out, info->text);
    ps_buf_add_text(out, "</th>");
    ps_html_cell(out, sample->address);
    ps_html_cell(out, sample->detail);
    ps_html_cell(out, sample->file);
    ps_html_cell_count(out, sample->row);
    ps_html_cell_count(out, sample->line);
    ps_html_row_end(out);
}

void ps_report_html_samples(ps_buf *out, const ps_view *view)
{
    static const ps_html_column columns[] = {{"Reason", PS_HTML_WORDS}, {"Address", PS_HTML_WORDS},
                                             {"Detail", PS_HTML_WORDS}, {"File", PS_HTML_WORDS},
                                             {"Row", PS_HTML_NUMBER},   {"Line", PS_HTML_NUMBER}};
    const ps_run *run = view->run;

    if (run->samples_count == 0) return;
    ps_html_section(out, "samples", "Examples");
    ps_buf_add_text(out, run->job->report_unmasked
                             ? "<p class=\"hint\">Addresses are shown in full.</p>\n"
                             : "<p class=\"hint\">Up to three rows a reason, addresses masked.</p>\n");
    ps_buf_add_text(out, "<details>\n<summary>Show the examples</summary>\n");
    ps_html_table(out, "Example rows by reason", columns, PS_COUNT_OF(columns));
    for (size_t i = 0; i < run->samples_count; i++)
        put_sample(out, &run->samples[i]);
    ps_html_table_end(out);
    ps_buf_add_text(out, "</details>\n");
    ps_html_section_end(out);
}
