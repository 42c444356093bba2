#include "report/html_part.h"

#include <stdio.h>

#include "base/clock.h"
#include "facts/date.h"
#include "presend/presend.h"
#include "report/format.h"
#include "report/html.h"

// Only dates are counted cell by cell; of other columns the table says what they were taken for.
static void put_coverage(ps_buf *out, const ps_run_column *column)
{
    uint64_t whole = column->filled + column->missing + column->unreadable + column->future;

    if (whole == 0) {
        ps_buf_add_text(out, "<td></td><td></td><td></td><td></td>");
        return;
    }
    ps_buf_add_text(out, "<td class=\"chart\">");
    ps_chart_cell_bar(out, column->filled, whole, "ink2", "#5d6670");
    ps_buf_add_text(out, "</td>");
    ps_html_cell_share(out, column->filled, whole);
    ps_html_cell_count(out, column->unreadable);
    ps_html_cell_count(out, column->future);
}

static void put_forms(ps_buf *out, uint32_t forms)
{
    ps_buf_add_text(out, "<td>");
    ps_date_forms_text(forms, out);
    ps_buf_add_text(out, "</td>");
}

static void put_column(ps_buf *out, const ps_run_column *column)
{
    bool date = ps_column_kind_of(column->column) == PS_COLUMN_KIND_DATE;

    ps_html_row(out, column->header);
    ps_html_cell(out, ps_column_name(column->column));
    ps_html_cell(out, column->declared ? "the job" : "detection");
    put_forms(out, column->forms);
    put_coverage(out, column);
    ps_html_cell_day(out, column->oldest);
    ps_html_cell_day(out, column->newest);
    ps_html_cell(out, !date ? "" : column->tracked ? "yes" : "no");
    ps_html_row_end(out);
}

static bool is_used(const ps_run_input *input, size_t index)
{
    for (size_t i = 0; i < input->columns_count; i++) {
        if (input->columns[i].index == index) return true;
    }
    return false;
}

static void put_unused(ps_buf *out, const ps_run_input *input)
{
    const char *between = "<p class=\"hint\">Copied through and not looked at: ";

    for (size_t i = 0; i < input->headers_count; i++) {
        if (is_used(input, i)) continue;
        ps_buf_add_text(out, between);
        ps_html_foreign(out, input->headers[i]);
        between = ", ";
    }
    if (between[0] == ',') ps_buf_add_text(out, ".</p>\n");
}

void ps_report_html_columns(ps_buf *out, const ps_view *view)
{
    static const ps_html_column columns[] = {
        {"Header", PS_HTML_WORDS},      {"Taken for", PS_HTML_WORDS},        {"By", PS_HTML_WORDS},
        {"Dates as", PS_HTML_WORDS},    {"Filled", PS_HTML_CHART},           {"Share", PS_HTML_NUMBER},
        {"Unreadable", PS_HTML_NUMBER}, {"In the future", PS_HTML_NUMBER},   {"Oldest", PS_HTML_WORDS},
        {"Newest", PS_HTML_WORDS},      {"Proves inactivity", PS_HTML_WORDS}};
    const ps_run *run = view->run;

    if (run->inputs_count == 0) return;
    ps_html_section(out, "columns", "Columns");
    for (size_t i = 0; i < run->inputs_count; i++) {
        const ps_run_input *input = &run->inputs[i];
        ps_buf_add_text(out, "<h3>");
        ps_html_foreign(out, input->file);
        ps_buf_add_text(out, "</h3>\n");
        char caption[64];
        snprintf(caption, sizeof caption, "What the columns of input %zu were taken for", i + 1);
        ps_html_table(out, caption, columns, PS_COUNT_OF(columns));
        for (size_t j = 0; j < input->columns_count; j++)
            put_column(out, &input->columns[j]);
        ps_html_table_end(out);
        put_unused(out, input);
    }
    ps_html_section_end(out);
}

static const char *guard_word(const ps_run_guard *guard)
{
    if (!guard->fired) return "passed";
    return guard->accepted ? "fired, accepted" : "fired";
}

void ps_report_html_guards(ps_buf *out, const ps_view *view)
{
    static const ps_html_column columns[] = {{"Guard", PS_HTML_WORDS},  {"Rows", PS_HTML_NUMBER},
                                             {"Share", PS_HTML_NUMBER}, {"Limit", PS_HTML_NUMBER},
                                             {"Result", PS_HTML_WORDS}, {"What it says", PS_HTML_WORDS}};
    const ps_run *run = view->run;

    if (run->guards_count == 0) return;
    ps_html_section(out, "guards", "Guards");
    ps_html_table(out, "Guards that may keep a run back", columns, PS_COUNT_OF(columns));
    for (size_t i = 0; i < run->guards_count; i++) {
        const ps_run_guard *guard = &run->guards[i];
        ps_html_row(out, guard->name);
        ps_html_cell_count(out, guard->rows);
        ps_buf_add_text(out, "<td class=\"n\">");
        ps_add_fraction(out, guard->share);
        ps_buf_add_text(out, "</td><td class=\"n\">");
        ps_add_fraction(out, guard->limit);
        ps_buf_add_text(out, "</td>");
        ps_html_cell(out, guard_word(guard));
        ps_buf_add_text(out, "<td>");
        ps_html_prose(out, guard->text);
        ps_buf_add_text(out, "</td>");
        ps_html_row_end(out);
    }
    ps_html_table_end(out);
    ps_html_section_end(out);
}

static void put_role(ps_buf *out, const ps_run_input *input)
{
    if (input->role == PS_RUN_RECIPIENTS) {
        ps_html_cell(out, "recipients");
        return;
    }
    ps_buf_add_text(out, "<td>activity: ");
    ps_add_rows(out, input->rows_matched);
    ps_buf_add_text(out, " about a recipient</td>");
}

static void put_inputs(ps_buf *out, const ps_run *run)
{
    static const ps_html_column columns[] = {{"Input", PS_HTML_WORDS},     {"Read as", PS_HTML_WORDS},
                                             {"Rows", PS_HTML_NUMBER},     {"Blank lines", PS_HTML_NUMBER},
                                             {"Encoding", PS_HTML_WORDS},  {"Packed", PS_HTML_WORDS},
                                             {"Delimiter", PS_HTML_WORDS}, {"Line ends", PS_HTML_WORDS},
                                             {"Size", PS_HTML_NUMBER},     {"XXH3-128", PS_HTML_WORDS}};

    ps_buf_add_text(out, "<h3>In</h3>\n");
    ps_html_table(out, "Input files", columns, PS_COUNT_OF(columns));
    for (size_t i = 0; i < run->inputs_count; i++) {
        const ps_run_input *input = &run->inputs[i];
        ps_html_row(out, input->file);
        put_role(out, input);
        ps_html_cell_count(out, input->rows);
        ps_html_cell_count(out, input->blank_lines);
        ps_buf_add_text(out, "<td>");
        ps_html_foreign(out, input->encoding);
        ps_buf_add_text(out, input->encoding_declared ? ", declared" : ", detected");
        ps_buf_add_text(out, input->bom ? ", with BOM</td>" : "</td>");
        ps_html_cell(out, input->compression);
        ps_html_cell(out, input->delimiter);
        ps_html_cell(out, input->line_end);
        ps_html_cell_size(out, input->size_bytes);
        ps_html_cell_hash(out, input->fingerprint);
        ps_html_row_end(out);
    }
    ps_html_table_end(out);
}

static void put_outputs(ps_buf *out, const ps_run *run)
{
    static const ps_html_column columns[] = {
        {"Output", PS_HTML_WORDS}, {"Rows", PS_HTML_NUMBER}, {"Size", PS_HTML_NUMBER}, {"SHA-256", PS_HTML_WORDS}};

    if (run->outputs_count == 0) return;
    ps_buf_add_text(out, "<h3>Out</h3>\n");
    ps_html_table(out, "Output files", columns, PS_COUNT_OF(columns));
    for (size_t i = 0; i < run->outputs_count; i++) {
        ps_html_row(out, run->outputs[i].name);
        ps_html_cell_count(out, run->outputs[i].rows);
        ps_html_cell_size(out, run->outputs[i].size_bytes);
        ps_html_cell_hash(out, run->outputs[i].sha256);
        ps_html_row_end(out);
    }
    ps_html_table_end(out);
}

void ps_report_html_files(ps_buf *out, const ps_view *view)
{
    ps_html_section(out, "files", "Files");
    put_inputs(out, view->run);
    put_outputs(out, view->run);
    ps_buf_add_text(
        out, "<p class=\"hint\">The same numbers for machines: <a href=\"report.json\">report.json</a>. The set is "
             "valid only with its <a href=\"manifest.json\">manifest.json</a>.</p>\n");
    ps_html_section_end(out);
}

// The policies that the job changed.
static void put_effects(ps_buf *out, const ps_job *job)
{
    const char *between = "<p class=\"hint\">Changed by the job: ";
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count);

    for (size_t i = 0; i < count; i++) {
        ps_effect effect = job->effect[table[i].reason];
        if (effect == table[i].effect) continue;
        ps_buf_add_text(out, between);
        ps_html_code(out, table[i].wire);
        ps_buf_add_format(out, " %s (else %s)", ps_effect_word(effect), ps_effect_word(table[i].effect));
        between = ", ";
    }
    if (between[0] == ',') ps_buf_add_text(out, ".</p>\n");
}

void ps_report_html_job(ps_buf *out, const ps_view *view, ps_span job_text)
{
    const ps_job *job = view->run->job;
    char day[PS_DAY_TEXT_SIZE];

    ps_day_text(job->as_of, day);
    ps_html_section(out, "job", "The job");
    ps_buf_add_text(out, "<dl class=\"facts\">\n");
    if (job->job_file != NULL) ps_html_fact(out, "File", ps_view_file_name(job->job_file));
    ps_html_fact(out, "Campaign", job->campaign);
    ps_html_fact(out, "Judged as of", day);
    ps_html_fact(out, "Time zone", job->timezone);
    ps_html_fact(out, "MX", ps_view_mx_word(job->mx_mode));
    ps_html_fact(out, "Engagement", job->engagement.applied ? "applied" : "counted only");
    ps_html_fact(out, "Address cells", job->email_original ? "original" : "normalized");
    ps_html_fact(out, "Encoding of the lists", ps_view_encoding_word(job->output_encoding));
    ps_buf_add_text(out, "</dl>\n");
    put_effects(out, job);
    if (job_text.len > 0) {
        ps_buf_add_text(out, "<details>\n<summary>Show the job file</summary>\n<pre tabindex=\"0\" id=\"job-text\">");
        ps_html_lines(out, job_text);
        ps_buf_add_text(out, "</pre>\n</details>\n");
    }
    ps_html_section_end(out);
}

void ps_report_html_data(ps_buf *out, const ps_view *view)
{
    static const ps_html_column columns[] = {{"List", PS_HTML_WORDS},
                                             {"Entries", PS_HTML_NUMBER},
                                             {"Source", PS_HTML_WORDS},
                                             {"Licence", PS_HTML_WORDS},
                                             {"Date", PS_HTML_WORDS}};
    const ps_run *run = view->run;

    if (run->data_lists_count == 0) return;
    ps_html_section(out, "data", "Data lists of presend");
    ps_html_table(out, "Data lists compiled into the program", columns, PS_COUNT_OF(columns));
    for (size_t i = 0; i < run->data_lists_count; i++) {
        const ps_run_data_list *list = &run->data_lists[i];
        ps_html_row(out, list->name);
        ps_html_cell_count(out, list->entries);
        ps_html_cell(out, list->source);
        ps_html_cell(out, list->licence);
        ps_buf_add_text(out, "<td class=\"day\">");
        ps_html_foreign(out, list->date);
        ps_buf_add_text(out, "</td>");
        ps_html_row_end(out);
    }
    ps_html_table_end(out);
    ps_html_section_end(out);
}

// What the sync of this run did.
static void put_sync(ps_buf *out, const ps_run_source *source)
{
    const struct {
        const char *words;
        uint64_t count;
    } parts[] = {{" new", source->added},
                 {" lifted", source->lifted},
                 {" gone but kept", source->kept},
                 {" held back", source->held_back}};

    if (!source->synced) ps_buf_add_text(out, ", not synced");
    for (size_t i = 0; i < PS_COUNT_OF(parts); i++) {
        if (parts[i].count == 0) continue;
        ps_buf_add_text(out, ", ");
        ps_add_count(out, parts[i].count);
        ps_buf_add_text(out, parts[i].words);
    }
}

void ps_report_html_run(ps_buf *out, const ps_view *view)
{
    const ps_run *run = view->run;
    char text[PS_TIME_TEXT_SIZE];

    ps_buf_add_text(out, "<footer id=\"run\" aria-label=\"This run\">\n<h2>This run</h2>\n<dl class=\"facts\">\n");
    ps_html_fact(out, "Program", "presend " PS_VERSION);
    ps_html_fact(out, "Run", run->id);
    ps_time_text(run->started_s, text);
    ps_html_fact(out, "Started", text);
    ps_time_text(run->finished_s, text);
    ps_html_fact(out, "Finished", text);
    ps_html_fact_count(out, "Threads", run->threads);
    ps_html_fact_count(out, "DNS queries", run->mx.queries);
    ps_html_fact_count(out, "Domains known from earlier runs", run->mx.cached);
    for (size_t i = 0; i < run->sources_count; i++) {
        const ps_run_source *source = &run->sources[i];
        bool file = source->file != NULL;
        ps_buf_add_text(out, file ? "<div><dt>List file " : "<div><dt>Lists of ");
        ps_html_foreign(out, source->name);
        ps_time_text(file ? source->modified_s : source->whole_s, text);
        ps_buf_add_format(out, "</dt><dd>%s %s", file ? "saved" : "whole at", text);
        if (!file) put_sync(out, source);
        ps_buf_add_text(out, "</dd></div>\n");
    }
    ps_buf_add_text(out, "</dl>\n</footer>\n");
}
