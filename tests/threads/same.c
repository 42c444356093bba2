// The bytes of the lists depend on nothing but what goes in: `same FOLDER` runs the job of bench/w.yaml over FOLDER's
// list.csv and left.txt (addresses that are suppressed, one a line) for every kind of CPU that this machine has,
// numbers of threads and sizes of batches. It prints one line a run: the SHA-256 of each list, then what the run was.

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/memory.h"
#include "engine/engine.h"
#include "facts/engagement.h"

enum { LINE_SIZE = 512 };

typedef struct scene {
    char list[PATH_MAX], left[PATH_MAX], output[PATH_MAX];
    ps_recipients recipients;
    ps_source_config config;
    ps_job job;
    ps_suppression *suppression;
} scene;

static void check(ps_status status, const ps_error *err)
{
    if (status == PS_OK) return;
    fprintf(stderr, "same: %s\n", err->text);
    exit(1);
}

static void read_left(scene *s)
{
    char line[LINE_SIZE];
    ps_error err = {.status = PS_OK};
    FILE *file = fopen(s->left, "r");
    bool is_new = false;
    size_t added = 0;

    check(ps_suppression_new(&s->suppression, &err), &err);
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        ps_suppression_entry entry = {.key = ps_span_of(line), .class = PS_CLASS_UNSUBSCRIBE, .date = PS_DAY_NONE};
        entry.list = "left";
        check(ps_suppression_add(s->suppression, &entry, &is_new, &err), &err);
        added += is_new;
    }
    if (file == NULL || fclose(file) != 0 || added == 0) exit(2);
}

static void prepare(scene *s)
{
    ps_job *job = &s->job;

    ps_job_init(job);
    s->recipients = (ps_recipients){.file = s->list};
    s->recipients.columns[PS_COLUMN_EMAIL] = "email";
    s->config = (ps_source_config){.name = "left", .file = s->left};
    job->as_of = ps_day_of(2026, 1, 1);
    job->timezone = "UTC";
    job->recipients = &s->recipients;
    job->recipients_count = 1;
    job->sources = &s->config;
    job->sources_count = 1;
    job->dedupe = PS_DEDUPE_PROVIDER;
    job->mx_mode = PS_MX_OFF;
    job->guards.min_rows = 1000000000;
    job->output_directory = s->output;
    if (!ps_engagement_profile("b2c_weekly", &job->engagement)) exit(2);
    job->engagement.applied = true;
}

static void run(scene *s, ps_cpu cpu)
{
    ps_set *set = NULL;
    ps_run result = {0};
    ps_run_source source = {.name = "left"};
    ps_error err = {.status = PS_OK};
    ps_engine engine = {.job = &s->job, .suppression = s->suppression, .sources = &source, .sources_count = 1};

    ps_cpu_limit(cpu);
    check(ps_set_open(s->output, &set, &err), &err);
    engine.set = set;
    check(ps_engine_run(&engine, &result, &err), &err);
    for (size_t i = 0; i < result.outputs_count; i++)
        printf("%s ", result.outputs[i].sha256);
    printf("%s, %u threads, %zu KiB\n", ps_cpu_name(cpu), s->job.threads, s->job.batch_bytes >> 10);
    ps_run_done(&result);
    ps_set_close(set);
}

int main(int argc, char **argv)
{
    static const unsigned threads[] = {1, 2, 3, 8};
    static const size_t batches[] = {64 << 10, 512 << 10, 4 << 20};
    static scene s;

    if (argc < 2) return 64;
    ps_memory_map_large(); // as presend does
    snprintf(s.list, sizeof s.list, "%s/list.csv", argv[1]);
    snprintf(s.left, sizeof s.left, "%s/left.txt", argv[1]);
    snprintf(s.output, sizeof s.output, "%s/out", argv[1]);
    read_left(&s);
    prepare(&s);
    for (ps_cpu cpu = ps_cpu_best() + 1; cpu-- > PS_CPU_SCALAR;) {
        for (size_t i = 0; i < PS_COUNT_OF(threads) * PS_COUNT_OF(batches); i++) {
            s.job.threads = threads[i % PS_COUNT_OF(threads)];
            s.job.batch_bytes = batches[i / PS_COUNT_OF(threads)];
            run(&s, cpu);
        }
    }
    ps_suppression_free(s.suppression);
    return 0;
}
