#include "cmd/metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "cmd/beside.h"
#include "report/report.h"

enum { METRICS_BYTES_MAX = 4 << 20 }; // hundreds of sources have 100 KiB

// Others read it: it says nothing of people.
static const ps_beside_kind metrics_kind = {
    .what = "metrics file", .key = "metrics.file", .example = "metrics: {file: presend.prom}", .mode = 0644};

ps_status ps_metrics_check(const ps_job *job, ps_error *err)
{
    ps_error why = {.status = PS_OK};

    if (job->metrics_file == NULL) return PS_OK;
    if (ps_beside_check(job, &metrics_kind, job->metrics_file, &why) != PS_USAGE) return PS_OK; // else a warning later
    if (err != NULL) *err = why;
    return PS_USAGE;
}

// What the file says of the last success; 0 where it is none of ours.
static int64_t last_success(const char *path)
{
    static const char name[] = "\npresend_last_success_timestamp_seconds{";
    int64_t seconds = 0;
    ps_buf text;

    ps_buf_init(&text, METRICS_BYTES_MAX);
    if (ps_file_load(path, PS_MISSING, &text, NULL) == PS_OK) {
        const char *line = strstr(ps_buf_text(&text), name), *end = line == NULL ? NULL : strchr(line + 1, '\n');
        while (end != NULL && end > line && *end != ' ')
            end--;
        if (end != NULL) seconds = strtoll(end, NULL, 10);
    }
    ps_buf_done(&text);
    return seconds > 0 ? seconds : 0;
}

static ps_status write_file(const ps_job *job, ps_span text, ps_error *err)
{
    ps_beside file = {.fd = -1};
    ps_status status = ps_beside_create(job, &metrics_kind, job->metrics_file, &file, err);

    if (status == PS_OK) status = ps_file_write(file.fd, text, job->metrics_file, err);
    if (status == PS_OK) status = ps_beside_sync(&file, err);
    if (status == PS_OK) status = ps_beside_settle(&file, err);
    ps_beside_done(&file);
    return status;
}

static const char *config_name(const ps_job *job)
{
    const char *slash = job->job_file == NULL ? NULL : strrchr(job->job_file, '/');

    if (job->job_file == NULL) return "clean";
    return slash == NULL ? job->job_file : slash + 1;
}

void ps_metrics_write(const ps_job *job, const ps_run *run, ps_status ended)
{
    ps_error err = {.status = PS_OK};
    ps_buf text;

    if (job->metrics_file == NULL) return;
    if (ended == PS_USAGE && ps_metrics_check(job, NULL) != PS_OK) return; // that is what was said
    ps_metrics metrics = {
        .config = config_name(job), .exit_code = ps_status_exit_code(ended), .ended_s = ps_clock_now_s()};
    metrics.run = run->finished_s > 0 ? run : NULL;
    metrics.succeeded_s = ended == PS_OK ? metrics.ended_s : last_success(job->metrics_file);
    ps_buf_init(&text, METRICS_BYTES_MAX);
    ps_status status = ps_report_metrics(&metrics, &text, &err);
    if (status == PS_OK) status = write_file(job, ps_buf_span(&text), &err);
    if (status != PS_OK) ps_log(PS_LOG_WARNING, "the metrics were not written: %s", err.text);
    ps_buf_done(&text);
}

// ---- approving

typedef struct approving {
    ps_span labels; // of the job, as a sample has them
    int64_t now_s;
    ps_buf out;
} approving;

static bool begins(ps_span line, const char *with)
{
    size_t len = strlen(with);

    return line.len >= len && memcmp(line.bytes, with, len) == 0;
}

// The samples are told in the order of the table: the exit code comes before the last success.
static void put_line(approving *a, ps_span line)
{
    static const char code[] = "presend_last_run_exit_code", success[] = "presend_last_success_timestamp_seconds";
    const char *value = memrchr(line.bytes, ' ', line.len);
    bool told = begins(line, code) && value != NULL;

    if (begins(line, success)) return;
    if (told) a->labels = (ps_span){line.bytes + strlen(code), (size_t)(value - line.bytes) - strlen(code)};
    bool guarded = told && strtol(value, NULL, 10) == ps_status_exit_code(PS_GUARD);
    ps_buf_add(&a->out, line.bytes, guarded ? (size_t)(value - line.bytes) : line.len);
    ps_buf_add_text(&a->out, guarded ? " 0\n" : "\n");
    if (!begins(line, "# TYPE presend_last_success") || a->labels.len == 0) return;
    ps_buf_add_text(&a->out, success);
    ps_buf_add_span(&a->out, a->labels);
    ps_buf_add_format(&a->out, " %" PRId64 "\n", a->now_s);
}

void ps_metrics_approve(const char *directory, const char *file)
{
    const ps_job job = {.output_directory = directory, .metrics_file = file};
    approving a = {.now_s = ps_clock_now_s()};
    ps_error err = {.status = PS_OK};
    ps_buf text;

    if (*file == '\0') return;
    ps_buf_init(&text, METRICS_BYTES_MAX);
    ps_buf_init(&a.out, METRICS_BYTES_MAX);
    ps_status status = ps_file_load(file, PS_MISSING, &text, &err);
    for (const char *at = ps_buf_text(&text), *end; status == PS_OK && *at != '\0'; at = end + (*end != '\0')) {
        end = strchrnul(at, '\n');
        put_line(&a, (ps_span){at, (size_t)(end - at)});
    }
    if (status == PS_OK) status = ps_buf_status(&a.out, "the metrics", &err);
    if (status == PS_OK && a.labels.len == 0) status = ps_error_set(&err, PS_INPUT, "'%s' is another file now.", file);
    if (status == PS_OK) status = write_file(&job, ps_buf_span(&a.out), &err);
    if (status != PS_OK) ps_log(PS_LOG_WARNING, "the set is published, but not told to the metrics: %s", err.text);
    ps_buf_done(&a.out);
    ps_buf_done(&text);
}
