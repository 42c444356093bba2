// Many cases through the whole engine in one process, for people.py and domains.py: `driver FOLDER` reads cases from
// standard input and writes what became of each to standard output. FOLDER is for its files, best in memory.
//
// A case is lines of words, a `file` line followed by that many bytes, and ends with `run`:
//   dedupe exact|provider|off          applied 0|1             dormant remove|hold
//   profile NAME                       policy NAME PROFILE     observed COLUMN DATE
//   threads N                          batch BYTES             file recipients|email|id BYTES
//   consent keep|hold                  relist DAYS             min_rows N
//   evidence best|first                listing KEY DATE SENT|-
//   report unmasked
// Every header that is a column's own name is declared as that column. The answer is `exit CODE`, then for a run that
// went through `list NAME BYTES` with the bytes of each list, `policy NAME CLEAN WINBACK HELD REMOVED`, `activity ROWS
// MATCHED`, with `report` also `list report.json BYTES` and that, and always `end`.

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/hmac.h"
#include "base/memory.h"
#include "engine/engine.h"
#include "facts/engagement.h"
#include "report/report.h"

enum { FILES_MAX = 8, LINE_SIZE = 256, WORD_SIZE = 64, NAME_SIZE = 16, REPORT_BYTES_MAX = 1 << 20 };

typedef struct table {
    char path[PATH_MAX];
    ps_recipients recipients;
    char headers[PS_COLUMN_COUNT][WORD_SIZE]; // what recipients.columns point to
} table;

// One case as it is read.
typedef struct reading {
    const char *folder;
    ps_job job;
    table tables[FILES_MAX];
    size_t tables_count;
    ps_recipients recipients[FILES_MAX];
    ps_activity activity[FILES_MAX];
    ps_named_policy policies[FILES_MAX];
    char names[FILES_MAX][WORD_SIZE];
    char output[PATH_MAX];
    ps_listings listings;
} reading;

static void fail(const char *what)
{
    fprintf(stderr, "driver: %s\n", what);
    exit(2);
}

static void begin(reading *r)
{
    r->tables_count = 0;
    ps_listings_done(&r->listings);
    ps_job_init(&r->job);
    r->job.suppressions_none = true;
    r->job.job_file = "job.yaml";
    r->job.mx_mode = PS_MX_OFF;
    r->job.email_original = true;
    r->job.special_use_all = true;
    r->job.timezone = "+09:00";
    r->job.recipients = r->recipients;
    r->job.activity = r->activity;
    r->job.policies = r->policies;
    r->job.output_directory = r->output;
    r->job.added[0] = PS_ADDED_TIER;
    r->job.added[1] = PS_ADDED_IDLE_DAYS;
    r->job.added_count = 2;
    if (!ps_day_parse(ps_span_of("2026-11-21"), &r->job.as_of)) fail("no day of judgement");
}

// Every name of the header line that is a column's own is declared.
static void declare(table *t, const char *bytes)
{
    if (strncmp(bytes, "sep=,\n", 6) == 0) bytes += 6;
    size_t line = strcspn(bytes, "\r\n");

    for (size_t at = 0; at < line; at++) {
        size_t len = strcspn(bytes + at, ",\r\n");
        ps_column column = ps_column_find((ps_span){bytes + at, len});
        if (column < PS_COLUMN_COUNT && len < WORD_SIZE) {
            memcpy(t->headers[column], bytes + at, len);
            t->headers[column][len] = '\0';
            t->recipients.columns[column] = t->headers[column];
        }
        at += len;
    }
}

static void read_file(reading *r, const char *role, size_t len)
{
    table *t = &r->tables[r->tables_count];
    char *bytes = calloc(len + 1, 1);

    if (r->tables_count == FILES_MAX || bytes == NULL || fread(bytes, 1, len, stdin) != len) fail("a file is cut");
    memset(t, 0, sizeof *t);
    snprintf(t->path, sizeof t->path, "%s/%s%zu.csv", r->folder, role, r->tables_count++);
    FILE *out = fopen(t->path, "wb");
    if (out == NULL || fwrite(bytes, 1, len, out) != len || fclose(out) != 0) fail("a file cannot be written");
    t->recipients.file = t->path;
    declare(t, bytes);
    free(bytes);
    bool by_id = strcmp(role, "id") == 0;
    if (strcmp(role, "recipients") == 0) {
        r->recipients[r->job.recipients_count++] = t->recipients;
        return;
    }
    t->recipients.needs_id = t->recipients.no_email = by_id;
    r->activity[r->job.activity_count++] = (ps_activity){t->recipients, by_id};
}

static void set_policy(reading *r, const char *name, const char *profile)
{
    size_t i = r->job.policies_count++;

    if (i == FILES_MAX) fail("too many policies");
    snprintf(r->names[i], WORD_SIZE, "%s", name);
    r->policies[i] = (ps_named_policy){r->names[i], r->job.engagement};
    r->policies[i].engagement.applied = true;
    r->policies[i].engagement.dormant_held = false;
    if (!ps_engagement_profile(profile, &r->policies[i].engagement)) fail("no such profile");
}

static void set_dedupe(reading *r, const char *word)
{
    r->job.dedupe = strcmp(word, "off") == 0     ? PS_DEDUPE_OFF
                    : strcmp(word, "exact") == 0 ? PS_DEDUPE_EXACT
                                                 : PS_DEDUPE_PROVIDER;
}

static void observe(reading *r, const char *column, const char *day)
{
    ps_column which = ps_column_find(ps_span_of(column));

    if (which == PS_COLUMN_COUNT) fail("no such column");
    if (!ps_day_parse(ps_span_of(day), &r->job.engagement.observed_since[which])) fail("no such day");
}

static void set_consent(reading *r, const char *word)
{
    r->job.effect[PS_REASON_CONSENT] = strcmp(word, "hold") == 0 ? PS_EFFECT_HOLD : PS_EFFECT_KEEP;
}

static void add_listing(reading *r, const char *key, const char *day, const char *sent)
{
    ps_listing listing = {.sent_at = PS_DAY_NONE};
    ps_hmac *hmac = NULL;
    ps_hash digest;
    ps_error err;

    if (!ps_day_parse(ps_span_of(day), &listing.listed_at)) fail("no such day");
    if (strcmp(sent, "-") != 0 && !ps_day_parse(ps_span_of(sent), &listing.sent_at)) fail("no such day");
    ps_status status = ps_hmac_new(r->listings.key, sizeof r->listings.key, &hmac, &err);
    if (status == PS_OK) status = ps_hmac_hash(hmac, ps_span_of(key), &digest, &err);
    if (status == PS_OK) status = ps_listings_add(&r->listings, digest, listing, &err);
    if (status != PS_OK) fail("no listing");
    ps_hmac_free(hmac);
}

// One line of a case; false for `run`.
static bool read_line(reading *r, const char *line)
{
    char word[WORD_SIZE] = "", one[WORD_SIZE] = "", two[WORD_SIZE] = "", three[WORD_SIZE] = "";

    if (sscanf(line, "%63s %63s %63s %63s", word, one, two, three) < 1) fail("an empty line");
    if (strcmp(word, "run") == 0) return false;
    if (strcmp(word, "dedupe") == 0) {
        set_dedupe(r, one);
    } else if (strcmp(word, "applied") == 0) {
        r->job.engagement.applied = one[0] == '1';
    } else if (strcmp(word, "dormant") == 0) {
        r->job.engagement.dormant_held = strcmp(one, "hold") == 0;
    } else if (strcmp(word, "profile") == 0) {
        if (!ps_engagement_profile(one, &r->job.engagement)) fail("no such profile");
    } else if (strcmp(word, "policy") == 0) {
        set_policy(r, one, two);
    } else if (strcmp(word, "observed") == 0) {
        observe(r, one, two);
    } else if (strcmp(word, "consent") == 0) {
        set_consent(r, one);
    } else if (strcmp(word, "relist") == 0) {
        r->job.engagement.relist = (int32_t)strtol(one, NULL, 10);
    } else if (strcmp(word, "min_rows") == 0) {
        r->job.guards.min_rows = strtoul(one, NULL, 10);
    } else if (strcmp(word, "evidence") == 0) {
        r->job.evidence_first = strcmp(one, "first") == 0;
    } else if (strcmp(word, "listing") == 0) {
        add_listing(r, one, two, three);
    } else if (strcmp(word, "report") == 0) {
        r->job.report_unmasked = strcmp(one, "unmasked") == 0;
    } else if (strcmp(word, "threads") == 0) {
        r->job.threads = (unsigned)strtoul(one, NULL, 10);
    } else if (strcmp(word, "batch") == 0) {
        r->job.batch_bytes = strtoul(one, NULL, 10);
    } else if (strcmp(word, "file") == 0) {
        read_file(r, one, strtoul(two, NULL, 10));
    } else {
        fail("a word that is not known");
    }
    return true;
}

static void write_list(const char *folder, const char *name)
{
    char path[PATH_MAX + NAME_SIZE];
    struct stat info;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = fopen(path, "rb");
    if (in == NULL || fstat(fileno(in), &info) != 0) fail("a list is missing");
    char *bytes = calloc((size_t)info.st_size + 1, 1);
    if (bytes == NULL || fread(bytes, 1, (size_t)info.st_size, in) != (size_t)info.st_size) fail("a list is cut");
    printf("list %s %lld\n", name, (long long)info.st_size);
    fwrite(bytes, 1, (size_t)info.st_size, stdout);
    free(bytes);
    fclose(in);
}

static void write_answer(const ps_run *run, const ps_set *set)
{
    for (size_t i = 0; i < run->outputs_count; i++)
        write_list(ps_set_folder(set), run->outputs[i].name);
    for (size_t i = 0; i < run->policies_count; i++) {
        const ps_run_policy *policy = &run->policies[i];
        printf("policy %s", policy->policy->name);
        for (unsigned v = 0; v < PS_VERDICT_COUNT; v++)
            printf(" %" PRIu64, policy->verdict[v]);
        printf("\n");
    }
    for (size_t i = 0; i < run->inputs_count; i++) {
        if (run->inputs[i].role != PS_RUN_ACTIVITY) continue;
        printf("activity %" PRIu64 " %" PRIu64 "\n", run->inputs[i].rows, run->inputs[i].rows_matched);
    }
}

static void write_report(const ps_run *run)
{
    ps_buf out;
    ps_error err;

    ps_buf_init(&out, REPORT_BYTES_MAX);
    if (ps_report_json(run, &out, &err) != PS_OK) fail("no report");
    printf("list report.json %zu\n", out.len);
    fwrite(out.bytes, 1, out.len, stdout);
    ps_buf_done(&out);
}

static void run_case(const reading *r)
{
    ps_error err = {.status = PS_OK};
    ps_set *set = NULL;
    ps_run run = {.rows = 0};

    ps_status status = ps_set_open(r->output, &set, &err);
    if (status == PS_OK) {
        const ps_engine engine = {.job = &r->job, .set = set, .listings = &r->listings};
        status = ps_engine_run(&engine, &run, &err);
    }
    printf("exit %d\n", ps_status_exit_code(status));
    if (status == PS_OK) write_answer(&run, set);
    if (status == PS_OK && r->job.report_unmasked) write_report(&run);
    if (status != PS_OK) printf("error %s\n", err.text);
    printf("end\n");
    ps_run_done(&run);
    ps_set_close(set);
}

int main(int argc, char **argv)
{
    static reading r;
    char line[LINE_SIZE];

    if (argc != 2) fail("usage: driver FOLDER");
    ps_memory_map_large(); // as presend does; else what is large, and empty for a short list, is cleared for each
    r.folder = argv[1];
    snprintf(r.output, sizeof r.output, "%s/out", argv[1]);
    begin(&r);
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (read_line(&r, line)) continue;
        run_case(&r);
        fflush(stdout);
        begin(&r);
    }
    return 0;
}
