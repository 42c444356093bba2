// What loading the suppression lists of ESPs costs: an image of N entries, opened, checked and merged into the set that
// rows are compared with; and what the state costs: entries read page by page, made the source's state, and read again.
// And hashed lists: read from a file, and what each row costs that is compared with them.
//
//     ninja -C build/release bench_lists && build/release/bench/bench_lists 10000000 1000000

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "cmd/image.h"
#include "esp/import.h"
#include "stage/hashed.h"

enum { PAGE = 1000, DAYS = 1000 };

static double now_s(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(ps_status status, const ps_error *err)
{
    if (status == PS_OK) return;
    fprintf(stderr, "bench_lists: %s\n", err->text);
    exit(EXIT_FAILURE);
}

static const ps_source_config config = {.name = "mg", .type = "mailgun"};

static void bench_image(uint64_t count)
{
    static const char path[] = "bench-image";
    const ps_hash rules = {1, 2};
    ps_stored_source stored = {.name = "mg", .list_count = 1, .lists = {{.id = 1, .name = "bounces", .count = count}}};
    ps_image image = {.fd = -1};
    ps_suppression *set = NULL;
    ps_run_source counts = {.name = "mg"};
    ps_job job;
    struct stat info;
    bool fits = false;
    ps_error err;

    ps_job_init(&job);
    job.as_of = 20000;
    job.sources = &config;
    job.sources_count = 1;
    must(ps_image_add_list(&image, &(ps_image_list){.id = 1, .count = count}, &err), &err);
    for (uint64_t i = 0; i < count; i++) {
        const ps_image_fact fact = {
            .list = 1, .rows = 1, .date = (ps_day)(i % DAYS), .expires = PS_DAY_NONE, .class = PS_CLASS_HARD};
        uint32_t number = 0;
        must(ps_image_add_fact(&image, &fact, ps_span_of(""), &number, &err), &err);
        must(ps_image_add_address(&image, ps_hash_of((ps_span){(const char *)&i, sizeof i}), number, &err), &err);
    }
    must(ps_image_write(&image, path, rules, &err), &err);
    ps_image_close(&image);
    must(stat(path, &info) == 0 ? PS_OK : PS_IO, &err);

    double from = now_s(CLOCK_PROCESS_CPUTIME_ID);
    must(ps_image_open(path, rules, &image, &fits, &err), &err);
    double opened = now_s(CLOCK_PROCESS_CPUTIME_ID);
    const ps_image_source source = {.job = &job, .source = 0, .stored = &stored, .out = &counts};
    must(ps_suppression_new(&set, &err), &err);
    must(ps_image_merge(&image, &source, 1, set, &err), &err);
    double loaded = now_s(CLOCK_PROCESS_CPUTIME_ID);
    printf("| %" PRIu64
           " entries from the image | %.2f s of CPU, of which %.2f s to check it | %.2f bytes an entry |\n",
           count, loaded - from, opened - from, (double)info.st_size / (double)count);
    if (!fits || ps_suppression_count(set) != count) exit(EXIT_FAILURE);
    ps_image_close(&image);
    ps_suppression_free(set);
    (void)unlink(path);
}

static void read_all(ps_store_intake *intake, uint64_t count)
{
    static char texts[PAGE][48];
    static ps_stored_entry entries[PAGE];
    ps_reading reading = {.list = "bounces"};
    ps_error err;

    must(ps_store_reading_begin(intake, &reading, &err), &err);
    for (uint64_t from = 0; from < count; from += PAGE) {
        size_t taken = count - from < PAGE ? (size_t)(count - from) : PAGE;
        for (size_t i = 0; i < taken; i++) {
            snprintf(texts[i], sizeof texts[i], "person%09" PRIu64 "@example.com", from + i);
            entries[i] = (ps_stored_entry){.text = ps_span_of(texts[i]),
                                           .code = ps_span_of("550"),
                                           .reason = ps_span_of("5.1.1 No such mailbox here"),
                                           .class = PS_CLASS_HARD,
                                           .created_s = 1760000000 + (int64_t)(from + i)};
        }
        const ps_intake_page page = {
            .entries = entries, .count = taken, .token = from + PAGE < count ? "more" : NULL, .first = from == 0};
        must(ps_store_reading_page(intake, &reading, &page, &err), &err);
    }
}

static void bench_store(const char *what, uint64_t count, int64_t now)
{
    const ps_intake_options options = {
        .name = "mg", .type = "mailgun", .origin = "us", .fresh = true, .now_s = 1790000000 + now};
    ps_store *store = NULL;
    ps_store_intake *intake = NULL;
    ps_intake_change change;
    ps_error err;

    double from = now_s(CLOCK_PROCESS_CPUTIME_ID);
    must(ps_store_open("bench.sqlite", NULL, &store, &err), &err);
    must(ps_store_intake_open(store, &options, &intake, &err), &err);
    read_all(intake, count);
    double read = now_s(CLOCK_PROCESS_CPUTIME_ID);
    must(ps_store_intake_apply(intake, &(ps_intake_accept){.accept_lift = false}, &change, &err), &err);
    double applied = now_s(CLOCK_PROCESS_CPUTIME_ID);
    ps_store_intake_close(intake);
    ps_store_close(store);
    printf("| %" PRIu64
           " entries into the state, %s | %.2f us an entry to keep its page, %.2f us to make it the state | |\n",
           count, what, (read - from) * 1e6 / (double)count, (applied - read) * 1e6 / (double)count);
}

static ps_status ignore(void *context, ps_suppression_pair *pairs, size_t count, ps_error *err)
{
    (void)pairs;
    (void)err;
    *(uint64_t *)context += count;
    return PS_OK;
}

static void bench_make(uint64_t count)
{
    ps_store *store = NULL;
    ps_image image;
    ps_address_rules *rules = NULL;
    ps_zone *zone = NULL;
    uint64_t pairs = 0;
    ps_error err;

    must(ps_store_open("bench.sqlite", NULL, &store, &err), &err);
    must(ps_address_rules_new(&(ps_address_options){.special_use_all = true}, &rules, &err), &err);
    must(ps_zone_new("UTC", &zone, &err), &err);
    const ps_image_request request = {.store = store, .rules = rules, .zone = zone, .timezone = "UTC"};
    double from = now_s(CLOCK_PROCESS_CPUTIME_ID);
    must(ps_image_load(&request, &image, &err), &err);
    printf("| the image of %" PRIu64 " entries made anew | %.2f us an entry | |\n", count,
           (now_s(CLOCK_PROCESS_CPUTIME_ID) - from) * 1e6 / (double)count);
    must(ps_image_pairs(&image, ignore, &pairs, &err), &err);
    if (pairs != count) exit(EXIT_FAILURE);
    ps_image_close(&image);
    ps_zone_free(zone);
    ps_address_rules_free(rules);
    ps_store_close(store);
}

static void write_digests(const char *path, ps_digest_kind kind, uint64_t count)
{
    unsigned char digest[PS_DIGEST_BYTES_MAX];
    char text[48], line[2 * PS_DIGEST_BYTES_MAX + 1];
    ps_digester *digester = NULL;
    FILE *file = fopen(path, "w");
    ps_error err = {.text = "cannot write"};

    must(file == NULL ? PS_IO : ps_digester_new(kind, NULL, &digester, &err), &err);
    for (uint64_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "person%09" PRIu64 "@example.com", 10 * i);
        ps_digester_of(digester, ps_span_of(text), digest);
        for (size_t byte = 0; byte < ps_digest_bytes(kind); byte++)
            snprintf(line + 2 * byte, 3, "%02x", digest[byte]);
        fprintf(file, "%s\n", line);
    }
    ps_digester_free(digester);
    must(fclose(file) == 0 ? PS_OK : PS_IO, &err);
}

// Every tenth row is on the list; each is asked for once for each of its spellings that differ.
static uint64_t look_rows(const ps_suppression *set, const ps_address_rules *rules, uint64_t count)
{
    ps_arena arena;
    ps_hashed hashed;
    char text[48];
    uint64_t found = 0;
    ps_error err;

    must(ps_arena_open(1 << 20, &arena, &err), &err);
    ps_hashed_open(set, &hashed);
    for (uint64_t i = 0; i < count; i++) {
        ps_suppressed known, alias;
        ps_address address;
        snprintf(text, sizeof text, "Person%09" PRIu64 "@Example.com", i);
        ps_arena_reset(&arena);
        ps_address_parse(rules, ps_span_of(text), &arena, &address);
        ps_hashed_look(&hashed, &address, ps_span_of(text), &known, &alias);
        found += known.classes != 0;
    }
    ps_hashed_close(&hashed);
    ps_arena_close(&arena);
    return found;
}

static void bench_hashed(ps_digest_kind kind, uint64_t count)
{
    static const char path[] = "bench-digests";
    const ps_source_config list = {.name = "partner", .file = path, .default_class = PS_CLASS_MANUAL, .hash = kind};
    ps_address_rules *rules = NULL;
    ps_suppression *set = NULL;
    ps_run_source counts;
    ps_zone *zone = NULL;
    ps_error err;

    write_digests(path, kind, count);
    must(ps_address_rules_new(&(ps_address_options){.special_use_all = true}, &rules, &err), &err);
    must(ps_zone_new("UTC", &zone, &err), &err);
    must(ps_suppression_new(&set, &err), &err);
    double from = now_s(CLOCK_PROCESS_CPUTIME_ID);
    ps_import import = {.config = &list, .rules = rules, .zone = zone, .set = set};
    must(ps_import_entries(&import, &counts, &err), &err);
    double read = now_s(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t found = look_rows(set, rules, count);
    double looked = now_s(CLOCK_PROCESS_CPUTIME_ID);
    printf("| %" PRIu64 " %s digests from a file | %.2f us an entry | %.2f us a row to look it up, address rules "
           "included |\n",
           count, ps_digest_name(kind), (read - from) * 1e6 / (double)count, (looked - read) * 1e6 / (double)count);
    if (counts.addresses != count || found != (count + 9) / 10) exit(EXIT_FAILURE);
    ps_suppression_free(set);
    ps_zone_free(zone);
    ps_address_rules_free(rules);
    (void)unlink(path);
}

int main(int argc, char **argv)
{
    uint64_t in_image = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    uint64_t in_store = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
    char folder[] = "/tmp/presend-bench-XXXXXX";

    if (mkdtemp(folder) == NULL || chdir(folder) != 0) return EXIT_FAILURE;
    bench_image(in_image);
    bench_store("new", in_store, 0);
    bench_store("the same again", in_store, 3600);
    bench_make(in_store);
    for (unsigned kind = PS_DIGEST_MD5; kind <= PS_DIGEST_SHA512; kind++)
        bench_hashed((ps_digest_kind)kind, in_store);
    static const char *const left[] = {"bench.sqlite", "bench.sqlite-wal", "bench.sqlite-shm", "bench.sqlite-lists",
                                       ".bench.sqlite.lock"};
    for (size_t i = 0; i < PS_COUNT_OF(left); i++)
        (void)unlink(left[i]); // some are not there
    return chdir("/") == 0 && rmdir(folder) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
