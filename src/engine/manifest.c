#include "engine/manifest.h"

#include <limits.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_write.h"
#include "presend/presend.h"

static void write_time(ps_json *json, const char *name, int64_t seconds)
{
    char text[PS_TIME_TEXT_SIZE];

    ps_time_text(seconds, text);
    ps_json_text(json, name, text);
}

static void write_counts(ps_json *json, const ps_run *run)
{
    ps_json_object(json, "counts");
    ps_json_count(json, "rows_in", run->rows);
    for (unsigned v = 0; v < PS_VERDICT_COUNT; v++)
        ps_json_count(json, ps_verdict_word((ps_verdict)v), run->verdict[v]);
    ps_json_object_end(json);
}

static void write_files(ps_json *json, const ps_manifest *manifest)
{
    ps_json_array(json, "files");
    for (size_t i = 0; i < manifest->files_count; i++) {
        const ps_run_output *file = &manifest->files[i];
        ps_json_object(json, NULL);
        ps_json_text(json, "name", file->name);
        ps_json_count(json, "rows", file->rows);
        ps_json_count(json, "size_bytes", file->size_bytes);
        ps_json_text(json, "sha256", file->sha256);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

// Since when nothing is known of some list that the set was made by: whoever left it later is not taken out. A file
// counts from when this run read it.
static int64_t known_since(const ps_run *run)
{
    int64_t oldest = run->started_s;

    for (size_t i = 0; i < run->sources_count; i++) {
        bool synced = run->sources[i].file == NULL && !run->job->sources[i].retired;
        if (synced && run->sources[i].whole_s < oldest) oldest = run->sources[i].whole_s;
    }
    return oldest;
}

static void write_members(ps_json *json, const ps_manifest *manifest)
{
    const ps_run *run = manifest->run;
    char as_of[PS_DAY_TEXT_SIZE];

    ps_day_text(run->job->as_of, as_of);
    ps_json_text(json, "schema_version", PS_MANIFEST_SCHEMA);
    ps_json_text(json, "run_id", run->id);
    ps_json_text(json, "program_version", PS_VERSION);
    ps_json_text(json, "as_of", as_of);
    write_time(json, "valid_until", known_since(run) + PS_SET_VALID_S);
    if (run->state == NULL) {
        ps_json_null(json, "state");
    } else {
        ps_json_span(json, "state", ps_span_of(run->state));
    }
    write_counts(json, run);
    write_files(json, manifest);
}

ps_status ps_manifest_write(const ps_manifest *manifest, ps_buf *out, ps_error *err)
{
    ps_json json;

    ps_json_init(&json, out, 2);
    ps_json_object(&json, NULL);
    write_members(&json, manifest);
    ps_json_object_end(&json);
    ps_buf_add_char(out, '\n');
    return ps_buf_status(out, "the manifest", err);
}

static void write_origins(ps_json *json, const ps_manifest *manifest)
{
    ps_json_array(json, "made_from");
    for (size_t i = 0; i < manifest->origins_count; i++) {
        ps_json_object(json, NULL);
        ps_json_span(json, "path", ps_span_of(manifest->origins[i].path));
        ps_json_text(json, "fingerprint", manifest->origins[i].fingerprint);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

// Where approving it is told.
static void write_metrics(ps_json *json, const ps_job *job)
{
    char path[PATH_MAX];

    if (job->metrics_file != NULL && ps_path_real(job->metrics_file, path, sizeof path)) {
        ps_json_span(json, "metrics", ps_span_of(path));
    } else {
        ps_json_null(json, "metrics");
    }
}

ps_status ps_manifest_write_pending(const ps_manifest *manifest, ps_buf *out, ps_error *err)
{
    const ps_run *run = manifest->run;
    ps_json json;

    ps_json_init(&json, out, 2);
    ps_json_object(&json, NULL);
    ps_json_array(&json, "kept_back_by");
    for (size_t i = 0; i < run->guards_count; i++) {
        if (run->guards[i].fired && !run->guards[i].accepted) ps_json_text(&json, NULL, run->guards[i].name);
    }
    ps_json_array_end(&json);
    ps_json_int(&json, "approve_before_s", run->started_s + PS_PENDING_VALID_S);
    write_metrics(&json, run->job);
    write_origins(&json, manifest);
    ps_json_object(&json, "manifest");
    write_members(&json, manifest);
    ps_json_object_end(&json);
    ps_json_object_end(&json);
    ps_buf_add_char(out, '\n');
    return ps_buf_status(out, "the list of files of the waiting set", err);
}
