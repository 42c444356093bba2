#include "cmd/outcome.h"

#include "base/clock.h"
#include "base/json_write.h"

static void put_counts(ps_json *json, const ps_run *run)
{
    ps_json_object(json, "counts");
    ps_json_count(json, "rows", run->rows);
    for (unsigned i = 0; i < PS_VERDICT_COUNT; i++)
        ps_json_count(json, ps_verdict_word((ps_verdict)i), run->verdict[i]);
    ps_json_object_end(json);
}

// One member a decided reason, in the order of precedence; two reasons of one wire name are told apart by their
// verdict.
static void put_reasons(ps_json *json, const ps_run *run)
{
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count);

    ps_json_array(json, "reasons");
    for (size_t i = 0; i < count; i++) {
        uint64_t rows = run->decided[table[i].reason];
        if (rows == 0) continue;
        ps_json_object(json, NULL);
        ps_json_text(json, "reason", table[i].wire);
        ps_json_text(json, "effect", ps_effect_word(run->job->effect[table[i].reason]));
        ps_json_count(json, "rows", rows);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

static void put_files(ps_json *json, const ps_run *run)
{
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
}

static void put_warnings(ps_json *json, const ps_run *run)
{
    ps_json_array(json, "warnings");
    for (size_t i = 0; i < run->warnings_count; i++) {
        ps_json_object(json, NULL);
        ps_json_text(json, "code", run->warnings[i].code);
        ps_json_span(json, "text", ps_span_of(run->warnings[i].text));
        ps_json_bool(json, "headline", run->warnings[i].headline);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

static void put_guards(ps_json *json, const ps_run *run)
{
    ps_json_array(json, "accepted_guards");
    for (size_t i = 0; i < run->guards_count; i++) {
        if (!run->guards[i].fired) continue; // one that fired and was not accepted never gets here
        ps_json_object(json, NULL);
        ps_json_text(json, "name", run->guards[i].name);
        ps_json_number(json, "share", run->guards[i].share);
        ps_json_number(json, "limit", run->guards[i].limit);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

void ps_outcome_json(const char *command, const ps_run *run, ps_buf *out)
{
    char as_of[PS_DAY_TEXT_SIZE];
    ps_json json;

    ps_day_text(run->job->as_of, as_of);
    ps_json_init(&json, out, 0);
    ps_json_object(&json, NULL);
    ps_json_text(&json, "schema_version", "1.0");
    ps_json_text(&json, "command", command);
    ps_json_text(&json, "run_id", run->id);
    ps_json_text(&json, "as_of", as_of);
    ps_json_span(&json, "directory", ps_span_of(run->job->output_directory));
    put_counts(&json, run);
    put_reasons(&json, run);
    put_files(&json, run);
    put_guards(&json, run);
    put_warnings(&json, run);
    ps_json_object_end(&json);
    ps_buf_add_char(out, '\n');
}
