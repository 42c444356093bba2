// The text format of Prometheus, for the textfile collector of its node exporter: gauges alone, since each run writes
// the file anew, and no time stamps behind the samples, which the collector refuses.

#include <inttypes.h>

#include "base/text.h"
#include "presend/presend.h"
#include "report/report.h"
#include "report/view.h"

typedef struct writing {
    const ps_metrics *metrics;
    const ps_run *run;
    ps_view view; // of a run that went through all rows
    const char *name; // of the metric that is being written, behind `presend_`
    ps_buf *out;
} writing;

// A label's value, as the format wants it.
static void add_value(ps_buf *out, const char *value)
{
    ps_buf visible;

    ps_buf_init(&visible, PS_ERROR_TEXT_MAX);
    ps_add_visible(&visible, ps_span_of(value));
    ps_buf_add_char(out, '"');
    for (size_t i = 0; i < visible.len; i++) {
        if (visible.bytes[i] == '"' || visible.bytes[i] == '\\') ps_buf_add_char(out, '\\');
        ps_buf_add_char(out, visible.bytes[i]);
    }
    ps_buf_add_char(out, '"');
    out->failed |= visible.failed;
    ps_buf_done(&visible);
}

// One sample, with one more label than the job's (NULL: none).
static void put(writing *w, const char *label, const char *value, uint64_t number)
{
    ps_buf_add_format(w->out, "presend_%s{config=", w->name);
    add_value(w->out, w->metrics->config);
    if (label != NULL) {
        ps_buf_add_format(w->out, ",%s=", label);
        add_value(w->out, value);
    }
    ps_buf_add_format(w->out, "} %" PRIu64 "\n", number);
}

static void put_build(writing *w)
{
    put(w, "version", PS_VERSION, 1);
}

static void put_ended(writing *w)
{
    put(w, NULL, NULL, (uint64_t)w->metrics->ended_s);
}

static void put_succeeded(writing *w)
{
    if (w->metrics->succeeded_s > 0) put(w, NULL, NULL, (uint64_t)w->metrics->succeeded_s);
}

static void put_exit_code(writing *w)
{
    put(w, NULL, NULL, (uint64_t)w->metrics->exit_code);
}

static void put_duration(writing *w)
{
    put(w, NULL, NULL, (uint64_t)(w->run->finished_s - w->run->started_s));
}

static void put_rows(writing *w)
{
    put(w, "stage", "input", w->run->rows);
    for (unsigned i = 0; i < PS_VERDICT_COUNT; i++)
        put(w, "stage", ps_verdict_word((ps_verdict)i), w->run->verdict[i]);
}

static void put_slices(writing *w, ps_verdict verdict)
{
    for (size_t i = 0; i < w->view.slices_count; i++) {
        const ps_view_slice *slice = &w->view.slices[i];
        if (slice->verdict == verdict) put(w, "reason", slice->info->wire, slice->rows);
    }
}

static void put_removed(writing *w)
{
    put_slices(w, PS_VERDICT_REMOVED);
}

static void put_held(writing *w)
{
    put_slices(w, PS_VERDICT_HELD);
}

static void put_domains(writing *w)
{
    const ps_run_mx *mx = &w->run->mx;

    put(w, "verdict", "deliverable", mx->deliverable);
    put(w, "verdict", "no_mail", mx->no_mail);
    put(w, "verdict", "unknown", mx->unknown);
    put(w, "verdict", "not_checked", mx->not_checked);
}

static void put_queries(writing *w)
{
    put(w, NULL, NULL, w->run->mx.queries);
}

static void put_timeouts(writing *w)
{
    put(w, NULL, NULL, w->run->mx.timeouts);
}

static void put_entries(writing *w)
{
    for (size_t i = 0; i < w->run->sources_count; i++)
        put(w, "source", w->run->sources[i].name, w->run->sources[i].addresses + w->run->sources[i].domains);
}

static void put_matched(writing *w)
{
    for (size_t i = 0; i < w->run->sources_count; i++)
        put(w, "source", w->run->sources[i].name, w->run->sources[i].rows_matched);
}

static void put_whole(writing *w)
{
    for (size_t i = 0; i < w->run->sources_count; i++) {
        const ps_run_source *source = &w->run->sources[i];
        put(w, "source", source->name, (uint64_t)(source->file == NULL ? source->whole_s : source->modified_s));
    }
}

static void put_guards(writing *w)
{
    for (size_t i = 0; i < w->run->guards_count; i++) {
        const ps_run_guard *guard = &w->run->guards[i];
        put(w, "guard", guard->name, guard->fired && !guard->accepted);
    }
}

static void put_warnings(writing *w)
{
    put(w, NULL, NULL, w->run->warnings_count);
}

static const struct {
    const char *name, *help;
    void (*put)(writing *);
    bool of_rows; // only of a run that went through all of them
} table[] = {
    {"build_info", "Which presend it was.", put_build, false},
    {"last_run_timestamp_seconds", "When the last run ended, well or not.", put_ended, false},
    {"last_run_exit_code", "How it ended: 0 is published.", put_exit_code, false},
    {"last_success_timestamp_seconds", "When a run was published last.", put_succeeded, false},
    {"run_duration_seconds", "How long the last run took, without publishing.", put_duration, true},
    {"rows", "Rows of the last run: those that came in, and where they went.", put_rows, true},
    {"rows_removed", "Removed rows by their reason.", put_removed, true},
    {"rows_held", "Held rows by their reason.", put_held, true},
    {"domains", "Domains by what DNS says of them.", put_domains, true},
    {"dns_queries", "DNS queries that were sent.", put_queries, true},
    {"dns_timeouts", "Those that got no answer in time.", put_timeouts, true},
    {"suppression_entries", "Entries of each suppression source.", put_entries, true},
    {"suppression_rows", "Rows that some entry of the source is about.", put_matched, true},
    {"suppression_whole_timestamp_seconds", "When its lists were known to be whole; of a file, when it was written.",
     put_whole, true},
    {"guard_fired", "Whether the guard kept the last run back.", put_guards, true},
    {"warnings", "Warnings of the last run.", put_warnings, true},
};

ps_status ps_report_metrics(const ps_metrics *metrics, ps_buf *out, ps_error *err)
{
    writing w = {.metrics = metrics, .run = metrics->run, .out = out};

    if (w.run != NULL) ps_view_init(&w.view, w.run);
    for (size_t i = 0; i < PS_COUNT_OF(table); i++) {
        if (table[i].of_rows && w.run == NULL) continue;
        w.name = table[i].name;
        ps_buf_add_format(out, "# HELP presend_%s %s\n# TYPE presend_%s gauge\n", w.name, table[i].help, w.name);
        table[i].put(&w);
    }
    return ps_buf_status(out, "the metrics", err);
}
