#include "report/html_part.h"

#include <string.h>

#include "base/clock.h"
#include "report/format.h"
#include "report/html.h"

enum { NOTES_OPEN_MAX = 4 };

void ps_report_html_outcomes(const uint64_t verdict[PS_VERDICT_COUNT], ps_chart_part out[PS_VERDICT_COUNT])
{
    for (unsigned i = 0; i < PS_VERDICT_COUNT; i++) {
        const ps_view_outcome *outcome = ps_view_outcome_of((ps_verdict)i);
        out[i] = (ps_chart_part){outcome->word, outcome->name, outcome->color, verdict[i]};
    }
}

static void put_top(ps_buf *out, const ps_job *job)
{
    char day[PS_DAY_TEXT_SIZE];

    ps_day_text(job->as_of, day);
    ps_buf_add_text(
        out, "<header class=\"top\">\n<p class=\"brand\"><span class=\"mark\" aria-hidden=\"true\"></span>presend"
             "</p>\n<p class=\"campaign\">");
    if (job->campaign != NULL) {
        ps_html_foreign(out, job->campaign);
        ps_buf_add_text(out, " · ");
    }
    ps_buf_add_format(out, "judged as of <time datetime=\"%s\">%s</time></p>\n</header>\n", day, day);
}

static void put_clause(ps_buf *out, uint64_t rows, const char *text)
{
    if (rows == 0) return;
    ps_buf_add_text(out, " <strong>");
    ps_add_rows(out, rows);
    ps_buf_add_format(out, "</strong> %s", text);
}

// What may be said of the clean rows: never more than what was checked and published.
static const char *verdict_words(const ps_view *view)
{
    if (view->fired != NULL) return " passed, but a guard kept the set back";
    if (view->run->sources_count == 0) return " are left, but no suppression list was checked";
    return " may be mailed";
}

static void put_verdict(ps_buf *out, const ps_view *view)
{
    const ps_run *run = view->run;

    ps_buf_add_text(out, "<h1 id=\"verdict\"><span class=\"big\">");
    ps_add_count(out, run->verdict[PS_VERDICT_CLEAN]);
    ps_buf_add_text(out, "</span> <span class=\"of\">of ");
    ps_add_rows(out, run->rows);
    ps_html_text(out, ps_span_of(verdict_words(view)));
    ps_buf_add_text(out, "</span></h1>\n<p class=\"lede\">");
    if (run->rows == 0) {
        ps_buf_add_text(out, "The input holds no rows.</p>\n");
        return;
    }
    ps_buf_add_text(out, "That is <strong>");
    ps_html_share(out, run->verdict[PS_VERDICT_CLEAN], run->rows);
    ps_buf_add_text(out, "</strong> of the list.");
    put_clause(out, run->verdict[PS_VERDICT_REMOVED], "must not or cannot be mailed.");
    put_clause(out, run->verdict[PS_VERDICT_HELD], "wait for your decision.");
    put_clause(out, run->verdict[PS_VERDICT_WINBACK], "should get a win-back mail first.");
    ps_buf_add_text(out, "</p>\n");
}

static void put_alert(ps_buf *out, const char *class, const char *word, const char *text)
{
    ps_buf_add_format(out, "<li class=\"%s\"><strong>%s</strong> ", class, word);
    ps_html_prose(out, text);
    ps_buf_add_text(out, "</li>\n");
}

static void put_fired(ps_buf *out, const ps_view *view)
{
    if (view->fired == NULL) return;
    put_alert(out, "stop", "Kept back.",
              "A guard fired, so nothing was published: the set waits beside the output "
              "directory, and `presend approve` publishes it within 24 hours.");
    for (size_t i = 0; i < view->run->guards_count; i++) {
        const ps_run_guard *guard = &view->run->guards[i];
        if (guard->fired && !guard->accepted) put_alert(out, "stop", "Guard.", guard->text);
    }
}

static void put_warnings(ps_buf *out, const ps_run *run, bool headline)
{
    for (size_t i = 0; i < run->warnings_count; i++) {
        if (run->warnings[i].headline != headline) continue;
        put_alert(out, headline ? "warn" : "note", headline ? "Warning." : "Note.", run->warnings[i].text);
    }
}

// A few notes stand open; many would push what matters off the screen.
static void put_notes(ps_buf *out, const ps_run *run)
{
    size_t count = 0;

    for (size_t i = 0; i < run->warnings_count; i++)
        count += !run->warnings[i].headline;
    if (count == 0) return;
    bool fold = count > NOTES_OPEN_MAX;
    if (fold) ps_buf_add_format(out, "<details>\n<summary>%zu notes</summary>\n", count);
    ps_buf_add_text(out, "<ul>\n");
    put_warnings(out, run, false);
    ps_buf_add_text(out, fold ? "</ul>\n</details>\n" : "</ul>\n");
}

static void put_alerts(ps_buf *out, const ps_view *view)
{
    bool serious = view->fired != NULL;

    if (view->fired == NULL && view->run->warnings_count == 0) return;
    for (size_t i = 0; i < view->run->warnings_count; i++)
        serious = serious || view->run->warnings[i].headline;
    ps_buf_add_text(out, "<section class=\"alerts\" aria-label=\"Warnings\">\n");
    if (serious) ps_buf_add_text(out, "<ul>\n");
    put_fired(out, view);
    put_warnings(out, view->run, true);
    if (serious) ps_buf_add_text(out, "</ul>\n");
    put_notes(out, view->run);
    ps_buf_add_text(out, "</section>\n");
}

static void put_file(ps_buf *out, const ps_run *run, ps_verdict verdict)
{
    if (run->outputs_count != PS_VERDICT_COUNT) return; // the four lists, in the order of the verdicts
    const ps_run_output *file = &run->outputs[verdict];
    ps_buf_add_text(out, "<a class=\"file\" href=\"");
    ps_html_attribute(out, ps_span_of(file->name));
    ps_buf_add_text(out, "\">");
    ps_html_text(out, ps_span_of(file->name));
    ps_buf_add_text(out, "</a>");
}

static void put_tiles(ps_buf *out, const ps_run *run)
{
    ps_buf_add_text(out, "<ul class=\"tiles\">\n");
    for (unsigned i = 0; i < PS_VERDICT_COUNT; i++) {
        const ps_view_outcome *outcome = ps_view_outcome_of((ps_verdict)i);
        ps_buf_add_format(out, "<li class=\"tile t-%s\"><span class=\"name\">", outcome->name);
        ps_chart_icon(out, (ps_verdict)i);
        ps_buf_add_format(out, " %s</span> <strong>", outcome->word);
        ps_add_count(out, run->verdict[i]);
        ps_buf_add_text(out, "</strong> <span class=\"share\">");
        ps_html_share(out, run->verdict[i], run->rows);
        ps_buf_add_format(out, "</span> <span class=\"what\">%s</span> ", outcome->text);
        put_file(out, run, (ps_verdict)i);
        ps_buf_add_text(out, "</li>\n");
    }
    ps_buf_add_text(out, "</ul>\n");
}

void ps_report_html_hero(ps_buf *out, const ps_view *view)
{
    ps_chart_part parts[PS_VERDICT_COUNT];

    put_top(out, view->run->job);
    ps_buf_add_text(out, "<main id=\"main\">\n<section class=\"hero\" aria-labelledby=\"verdict\">\n");
    put_verdict(out, view);
    ps_report_html_outcomes(view->run->verdict, parts);
    ps_chart_stack(out, "outcomes", "Where the rows went", parts, PS_VERDICT_COUNT);
    put_tiles(out, view->run);
    ps_buf_add_text(out, "</section>\n");
    put_alerts(out, view);
}
