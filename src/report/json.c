#include "report/report.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "presend/presend.h"
#include "report/json_part.h"
#include "report/view.h"

// Of report.json: the minor number grows with new members, the major one when a reader must change.
#define SCHEMA_VERSION "1.0"

static void put_time(ps_json *json, const char *name, int64_t seconds)
{
    char text[PS_TIME_TEXT_SIZE];

    ps_time_text(seconds, text);
    ps_json_text(json, name, text);
}

// When an ESP's lists were whole, and what this run's sync of them did.
static void put_syncs(ps_json *json, const ps_run *run)
{
    ps_json_array(json, "source_syncs");
    for (size_t i = 0; i < run->sources_count; i++) {
        const ps_run_source *source = &run->sources[i];
        if (source->file != NULL) continue;
        ps_json_object(json, NULL);
        ps_json_text(json, "source", source->name);
        put_time(json, "whole_at", source->whole_s);
        ps_json_bool(json, "synced", source->synced);
        ps_json_bool(json, "outage", source->outage);
        ps_json_bool(json, "full", source->full);
        ps_json_count(json, "added", source->added);
        ps_json_count(json, "gone", source->gone);
        ps_json_count(json, "lifted", source->lifted);
        ps_json_count(json, "kept", source->kept);
        ps_json_count(json, "held_back", source->held_back);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

// All that may differ between two runs over the same input, and nothing else.
static void put_run(ps_json *json, const ps_run *run)
{
    ps_json_object(json, "run");
    ps_json_text(json, "id", run->id);
    ps_json_text(json, "program", "presend");
    ps_json_text(json, "version", PS_VERSION);
    put_time(json, "started_at", run->started_s);
    put_time(json, "finished_at", run->finished_s);
    ps_json_count(json, "threads", run->threads);
    ps_json_count(json, "dns_queries", run->mx.queries); // retries depend on the network
    ps_json_count(json, "dns_timeouts", run->mx.timeouts);
    ps_json_count(json, "dns_dropped", run->mx.dropped);
    ps_json_count(json, "dns_spoofed", run->mx.spoofed);
    ps_json_count(json, "dns_authentic", run->mx.authentic);
    ps_json_count(json, "dns_cached", run->mx.cached); // and who is asked at all on earlier runs
    // A copied list has the same bytes and another date.
    ps_json_array(json, "source_files");
    for (size_t i = 0; i < run->sources_count; i++) {
        if (run->sources[i].file == NULL) continue;
        ps_json_object(json, NULL);
        ps_json_text(json, "source", run->sources[i].name);
        put_time(json, "modified_at", run->sources[i].modified_s);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
    put_syncs(json, run);
    ps_json_object_end(json);
}

static void put_counts(ps_json *json, const ps_run *run)
{
    uint64_t blank_lines = 0;

    for (size_t i = 0; i < run->inputs_count; i++) {
        if (run->inputs[i].role == PS_RUN_RECIPIENTS) blank_lines += run->inputs[i].blank_lines;
    }
    ps_json_object(json, "counts");
    ps_json_count(json, "rows", run->rows);
    ps_report_json_verdicts(json, run->verdict);
    ps_json_count(json, "blank_lines", blank_lines);
    ps_json_count(json, "formula_rows", run->formula_rows);
    ps_json_array(json, "files");
    for (size_t i = 0; i < run->outputs_count; i++) {
        ps_json_object(json, NULL);
        ps_json_text(json, "name", run->outputs[i].name);
        ps_json_count(json, "rows", run->outputs[i].rows);
        ps_json_count(json, "size_bytes", run->outputs[i].size_bytes);
        ps_json_text(json, "sha256", run->outputs[i].sha256);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
    ps_json_object_end(json);
}

static void put_reasons(ps_json *json, const ps_view *view)
{
    ps_json_array(json, "reasons");
    for (size_t i = 0; i < view->reasons_count; i++) {
        const ps_view_reason *reason = &view->reasons[i];
        ps_json_object(json, NULL);
        ps_json_text(json, "reason", reason->info->wire);
        ps_json_text(json, "stage", ps_reason_stage_word(reason->info->stage));
        ps_json_text(json, "effect", ps_effect_word(reason->effect));
        ps_json_count(json, "decided", reason->decided);
        ps_json_count(json, "held", reason->held);
        ps_json_count(json, "found", reason->found);
        ps_json_text(json, "text", reason->info->text);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

// What each step took out of the send list, in the order of the road.
static void put_stages(ps_json *json, const ps_view *view)
{
    ps_json_array(json, "stages");
    for (unsigned stage = 0; stage < PS_REASON_STAGE_DECIDE; stage++) {
        uint64_t rows[PS_VERDICT_COUNT] = {0};
        for (size_t i = 0; i < view->slices_count; i++) {
            const ps_view_slice *slice = &view->slices[i];
            if ((unsigned)slice->info->stage == stage) rows[slice->verdict] += slice->rows;
        }
        ps_json_object(json, NULL);
        ps_json_text(json, "stage", ps_reason_stage_word((ps_reason_stage)stage));
        ps_json_count(json, "winback", rows[PS_VERDICT_WINBACK]);
        ps_json_count(json, "held", rows[PS_VERDICT_HELD]);
        ps_json_count(json, "removed", rows[PS_VERDICT_REMOVED]);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

// What the address rules noted about rows and let stand: repairs, forms, role accounts.
static void put_addresses(ps_json *json, const ps_view *view)
{
    ps_json_object(json, "addresses");
    ps_json_array(json, "notes");
    for (size_t i = 0; i < view->reasons_count; i++) {
        const ps_view_reason *reason = &view->reasons[i];
        if (reason->info->stage != PS_REASON_STAGE_SYNTAX || reason->effect != PS_EFFECT_KEEP) continue;
        ps_json_object(json, NULL);
        ps_json_text(json, "reason", reason->info->wire);
        ps_json_count(json, "rows", reason->found);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
    ps_json_object_end(json);
}

static void put_guards(ps_json *json, const ps_run *run)
{
    ps_json_array(json, "guards");
    for (size_t i = 0; i < run->guards_count; i++) {
        const ps_run_guard *guard = &run->guards[i];
        ps_json_object(json, NULL);
        ps_json_text(json, "guard", guard->name);
        ps_json_count(json, "rows", guard->rows);
        ps_json_number(json, "share", guard->share);
        ps_json_number(json, "limit", guard->limit);
        ps_json_bool(json, "fired", guard->fired);
        ps_json_bool(json, "accepted", guard->accepted);
        ps_json_text(json, "text", guard->text);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
    ps_json_array(json, "overrides");
    for (size_t i = 0; i < run->job->accepted_count; i++)
        ps_json_text(json, NULL, run->job->accepted[i]);
    ps_json_array_end(json);
}

static void put_warnings(ps_json *json, const ps_run *run)
{
    ps_json_array(json, "warnings");
    for (size_t i = 0; i < run->warnings_count; i++) {
        ps_json_object(json, NULL);
        ps_json_text(json, "code", run->warnings[i].code);
        ps_json_bool(json, "headline", run->warnings[i].headline);
        ps_json_text(json, "text", run->warnings[i].text);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

static void put_samples(ps_json *json, const ps_run *run)
{
    ps_json_array(json, "samples");
    for (size_t i = 0; i < run->samples_count; i++) {
        const ps_run_sample *sample = &run->samples[i];
        const ps_reason_info *info = ps_reason_get(sample->reason);
        ps_json_object(json, NULL);
        ps_json_text(json, "reason", info->wire);
        ps_json_text(json, "stage", ps_reason_stage_word(info->stage));
        ps_json_text(json, "address", sample->address);
        ps_json_text(json, "detail", sample->detail);
        ps_json_text(json, "file", sample->file);
        ps_json_count(json, "row", sample->row);
        ps_json_count(json, "line", sample->line);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

static void put_data_lists(ps_json *json, const ps_run *run)
{
    ps_json_array(json, "data_lists");
    for (size_t i = 0; i < run->data_lists_count; i++) {
        const ps_run_data_list *list = &run->data_lists[i];
        ps_json_object(json, NULL);
        ps_json_text(json, "name", list->name);
        ps_json_text(json, "source", list->source);
        ps_json_text(json, "licence", list->licence);
        ps_json_text(json, "date", list->date);
        ps_json_count(json, "entries", list->entries);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

static void put_history(ps_json *json, const ps_run_history *history)
{
    char as_of[PS_DAY_TEXT_SIZE];

    ps_json_array(json, "history");
    for (size_t i = 0; history != NULL && i < history->count; i++) {
        const ps_run_past *past = &history->runs[i];
        ps_day_text(past->as_of, as_of);
        ps_json_object(json, NULL);
        ps_json_text(json, "as_of", as_of);
        ps_json_count(json, "rows", past->rows);
        for (unsigned v = 0; v < PS_VERDICT_COUNT; v++)
            ps_json_count(json, ps_verdict_word((ps_verdict)v), past->verdict[v]);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

static void put_all(ps_json *json, const ps_view *view)
{
    const ps_run *run = view->run;

    ps_json_object(json, NULL);
    ps_json_text(json, "schema_version", SCHEMA_VERSION);
    put_run(json, run);
    ps_report_json_job(json, run->job);
    ps_report_json_inputs(json, run);
    put_counts(json, run);
    put_reasons(json, view);
    put_stages(json, view);
    ps_report_json_sources(json, run);
    ps_report_json_operators(json, run);
    ps_report_json_domains(json, view);
    put_addresses(json, view);
    ps_report_json_engagement(json, run);
    ps_report_json_dns(json, run);
    ps_report_json_projections(json, view);
    put_guards(json, run);
    put_warnings(json, run);
    put_samples(json, run);
    put_data_lists(json, run);
    put_history(json, run->history);
    ps_json_object_end(json);
}

ps_status ps_report_json(const ps_run *run, ps_buf *out, ps_error *err)
{
    ps_view view;
    ps_json json;

    ps_view_init(&view, run);
    ps_json_init(&json, out, 2);
    put_all(&json, &view);
    ps_buf_add_char(out, '\n');
    return ps_buf_status(out, "report.json", err);
}
