// What must hold for any job file whatever.
// layer: cmd
// replays: 3000

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cmd/config_map.h"
#include "cmd/schema.h"

enum { INPUT_BYTES_MAX = 64 << 10, MESSAGES_BYTES_MAX = 4 << 20 };

static ps_schema *schema;

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

// Every message is text that a terminal can show, and points into the file.
static void check_problems(const ps_problems *problems)
{
    ps_buf out;

    ps_buf_init(&out, MESSAGES_BYTES_MAX);
    ps_problems_write(problems, &out);
    must(!out.failed, "messages have a limit");
    must(ps_utf8_valid(ps_buf_span(&out)), "messages are text");
    for (size_t i = 0; i < out.len; i++) {
        unsigned char c = (unsigned char)out.bytes[i];
        must(c >= ' ' || c == '\n' || c == '\t', "messages hold no control character");
    }
    ps_buf_done(&out);
}

static void check_job(const ps_job *job)
{
    must(job->recipients_count > 0 && job->recipients[0].file != NULL, "a job reads something");
    must(job->suppressions_none == (job->sources_count == 0), "no list at all is written out");
    must(job->engagement.active < job->engagement.winback, "windows follow each other");
    must(job->guards.removed_share >= 0 && job->guards.removed_share <= 1, "a share is a share");
    for (size_t i = 0; i < job->sources_count; i++)
        must(job->sources[i].name != NULL && job->sources[i].file != NULL, "a source is a file with a name");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    ps_config config = {.job = {.campaign = NULL}};
    ps_error err;

    if (len > INPUT_BYTES_MAX) return 0;
    if (schema == NULL) must(ps_schema_open_job(&schema, &err) == PS_OK, "the schema is readable");
    must(ps_arena_open((size_t)512 << 20, &config.arena, &err) == PS_OK, "an arena opens");
    ps_problems_init(&config.problems, &config.arena);
    ps_job_init(&config.job);
    config.file = (ps_config_text){.name = "job.yaml", .text = {(const char *)bytes, len}, .folder = "."};
    ps_yaml *root = ps_yaml_read(&config.file, &config.arena, &config.problems);
    must((root == NULL) == (config.problems.count > 0), "what cannot be read is said");
    if (root != NULL) ps_schema_check(schema, root, &config.problems);
    if (config.problems.count == 0) {
        must(ps_config_map(&config, root, &err) == PS_OK, "there is memory");
        ps_config_check(&config, root);
        if (config.problems.count == 0) check_job(&config.job);
    }
    ps_problems_sort(&config.problems);
    check_problems(&config.problems);
    ps_config_close(&config);
    return 0;
}
