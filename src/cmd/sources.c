#include "cmd/sources.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "cmd/image.h"
#include "engine/each.h"
#include "esp/hash_look.h"
#include "esp/import.h"
#include "table/estimate.h"

enum {
    MAX_AGE_S = 24 * 3600, // of an ESP's lists, where the job says nothing
    AHEAD_S = 600, // so much a clock may be set back between two runs
    SHRINK_MIN = 100, // so many entries may always go from a file
    GUARDS_PER_SOURCE = 2
};

static ps_status check_stop(const ps_session *session, ps_error *err)
{
    int number = *session->stop;

    if (number == 0) return PS_OK;
    ps_status status = number == SIGINT ? PS_INTERRUPTED : PS_TERMINATED;
    ps_error_set(err, status, "Stopped by a signal; nothing was published.");
    ps_error_hint(err, "Run the same command again: it starts over.");
    return status;
}

static const char *keep(ps_sources *sources, const char *text)
{
    return ps_arena_copy(&sources->session->config.arena, ps_span_of(text)).bytes;
}

// ---- guards

static void add_guard(ps_sources *sources, const ps_source_config *source, const char *guard, const ps_run_guard *found)
{
    char name[128];
    ps_run_guard *out = &sources->guards[sources->guards_count++];

    snprintf(name, sizeof name, "%s:%s", source->name, guard);
    *out = *found;
    out->name = keep(sources, name);
    out->text = keep(sources, found->text);
    out->accepted = ps_source_accepts(sources->job, source->name, guard);
}

static void tell_age(int64_t age_s, char out[32])
{
    bool days = age_s >= 2 * 86400;

    snprintf(out, 32, "%" PRId64 " %s", days ? age_s / 86400 : age_s / 3600, days ? "days" : "hours");
}

static void guard_age(ps_sources *sources, uint32_t number)
{
    const ps_source_config *source = &sources->job->sources[number];
    int64_t age_s = ps_clock_now_s() - sources->items[number].whole_s;
    int64_t limit_s = source->max_age_s == 0 ? MAX_AGE_S : source->max_age_s;
    char text[256], age[32], limit[32];
    bool ahead = age_s < -AHEAD_S, fired = ahead || age_s > limit_s;

    if (source->retired) return;
    tell_age(ahead ? -age_s : age_s, age);
    tell_age(limit_s, limit);
    if (fired) ps_log(PS_LOG_WARNING, "the lists of %s were whole %s %s", source->name, age, ahead ? "ahead" : "ago");
    // How old exactly is told in what is of this run alone.
    snprintf(text, sizeof text, "the lists of %s were%s whole within the limit of %s", source->name,
             fired ? " not" : "", limit);
    const ps_run_guard guard = {.fired = fired, .text = text};
    add_guard(sources, source, "stale", &guard);
}

static const char passing[] = ". What has left a log of events does not count any more; `presend suppress import FILE "
                              "--into NAME` keeps what its events said";

// A file that lost entries since the last run was cut, or is another.
static ps_status guard_shrink(ps_sources *sources, uint32_t number, ps_error *err)
{
    const ps_source_config *source = &sources->job->sources[number];
    const ps_run_source *item = &sources->items[number];
    const ps_remember *remember = sources->remember;
    uint64_t before = 0, now = ps_run_source_entries(item);
    double limit = sources->job->guards.shrink;
    char text[512];

    if (remember->store == NULL) return PS_OK;
    ps_status status =
        ps_store_source_entries(remember->store, &remember->key, sources->job->as_of, source->name, &before, err);
    if (status != PS_OK || before == 0) return status;
    uint64_t lost = before > now ? before - now : 0;
    double share = (double)lost / (double)before;
    snprintf(text, sizeof text,
             "%s has %" PRIu64 " entries and had %" PRIu64 " in the last run: %.1f %% are gone; the limit is %.1f %%%s",
             source->name, now, before, 100 * share, 100 * limit, lost > 0 && item->events > 0 ? passing : "");
    const ps_run_guard guard = {
        .share = share, .limit = limit, .rows = lost, .fired = lost > SHRINK_MIN && share > limit, .text = text};
    add_guard(sources, source, "shrink", &guard);
    return PS_OK;
}

// ---- ESPs

static ps_status without_state(ps_error *err)
{
    ps_error_set(err, PS_CONFIG, "The lists of ESPs are kept in the state, and this run has none.");
    ps_error_hint(err, "Name the file: --state FILE");
    return PS_CONFIG;
}

static bool is_asked(const ps_job *job, const ps_source_config *source)
{
    return !ps_source_is_file(source) && !source->retired && !job->offline;
}

static ps_status sync_all(ps_sources *sources, ps_error *err)
{
    const ps_job *job = sources->job;
    const ps_sync_request request = {
        .session = sources->session, .store = sources->remember->store, .rules = sources->expand_rules};
    size_t count = 0;
    ps_sync_source *asked = ps_memory_new(job->sources_count + 1, sizeof *asked, err);

    if (asked == NULL) return PS_RETRY;
    for (size_t i = 0; i < job->sources_count; i++) {
        if (is_asked(job, &job->sources[i])) ps_sync_source_init(job, &job->sources[i], &asked[count++]);
    }
    ps_error ignored = {.status = PS_OK};
    // Each source has its own status: whether it stops the run is judged one by one.
    if (count > 0) (void)ps_sync_job(&request, asked, count, &ignored);
    count = 0;
    for (size_t i = 0; i < job->sources_count; i++) {
        if (is_asked(job, &job->sources[i])) sources->synced[i] = asked[count++];
    }
    ps_memory_free(asked);
    return check_stop(sources->session, err);
}

// What failed may be passed: by the job while the ESP is out of reach, or for one run by its name.
static ps_status judge_sync(ps_sources *sources, uint32_t number, ps_error *err)
{
    const ps_source_config *source = &sources->job->sources[number];
    const ps_sync_source *synced = &sources->synced[number];
    ps_run_source *item = &sources->items[number];
    bool accepted = ps_source_accepts(sources->job, source->name, "stale");

    item->synced = is_asked(sources->job, source) && synced->status == PS_OK;
    item->outage = synced->status == PS_RETRY && source->on_outage_last_whole;
    if (!is_asked(sources->job, source) || synced->status == PS_OK) return PS_OK;
    if (accepted || item->outage) {
        ps_log(PS_LOG_WARNING, "%s is not synced, and its last whole lists are used: %s", source->name,
               synced->error.text);
        return PS_OK;
    }
    if (err != NULL) *err = synced->error;
    return synced->status;
}

static ps_status never_whole(const ps_source_config *source, ps_error *err)
{
    ps_error_set(err, PS_SOURCE, "Suppression source '%s' cannot be used: its lists were never read whole.",
                 source->name);
    ps_error_hint(err, "Read them: presend suppress sync %s --job JOB.yaml", source->name);
    return PS_SOURCE;
}

static void describe(ps_sources *sources, uint32_t number)
{
    const ps_source_config *source = &sources->job->sources[number];
    const ps_sync_source *synced = &sources->synced[number];
    const ps_stored_source *stored = &sources->stored[number];
    ps_run_source *item = &sources->items[number];

    item->name = source->name;
    item->type = source->type;
    item->note = ps_client_note(source->type);
    item->account = stored->origin;
    item->whole_s = ps_stored_whole_s(stored);
    item->full = item->synced && synced->full;
    item->added = synced->change.added + synced->change.returned;
    item->gone = synced->change.gone;
    item->lifted = synced->change.lifted;
    item->kept = synced->change.kept;
    item->held_back = synced->change.held_back;
    if (synced->warning[0] != '\0') item->warning = keep(sources, synced->warning);
}

// All that the state holds of the job's sources, at once.
static ps_status merge_stored(ps_sources *sources, ps_error *err)
{
    const ps_image_request request = {.store = sources->remember->store,
                                      .rules = sources->expand_rules,
                                      .zone = sources->session->config.zone,
                                      .timezone = sources->job->timezone};
    ps_image_source wanted[PS_SOURCES_MAX];
    ps_image image = {.fd = -1};
    size_t count = 0;

    for (uint32_t i = 0; i < sources->job->sources_count; i++) {
        if (ps_source_is_file(&sources->job->sources[i])) continue;
        wanted[count++] = (ps_image_source){
            .job = sources->job, .source = i, .stored = &sources->stored[i], .out = &sources->items[i]};
    }
    if (count == 0) return PS_OK;
    ps_status status = ps_image_load(&request, &image, err);
    if (status == PS_OK) status = ps_image_merge(&image, wanted, count, sources->set, err);
    ps_image_close(&image);
    return status;
}

static ps_status load_esp(ps_sources *sources, uint32_t number, ps_error *err)
{
    const ps_source_config *source = &sources->job->sources[number];
    bool found = false;
    ps_status status = judge_sync(sources, number, err);

    if (status == PS_OK)
        status = ps_store_source(sources->remember->store, source->name, &sources->stored[number], &found, err);
    if (status != PS_OK) return status;
    bool lasting = found && strcmp(sources->stored[number].type, PS_STORED_IMPORTED) == 0;
    bool whole = lasting || (found && ps_stored_whole_s(&sources->stored[number]) != 0);
    if (!whole) return never_whole(source, err);
    describe(sources, number);
    guard_age(sources, number);
    return PS_OK;
}

// ---- files

// One file on its way into the set. Two threads may be at it: what each comes to stands apart.
struct ps_file_reading {
    ps_source_config config;
    ps_import import;
    ps_status status;
    ps_error error;
    off_t size; // 0: no file, or not there, as reading it will say
};

static void prepare_file(ps_sources *sources, uint32_t number, const ps_import_crew *crew)
{
    ps_file_reading *file = &sources->files[number];
    ps_source_config *source = &file->config;
    struct stat info;

    *source = sources->job->sources[number];
    source->allow_empty = source->allow_empty || ps_source_accepts(sources->job, source->name, "empty");
    source->accept_kinds = ps_source_accepts(sources->job, source->name, "kinds");
    source->as_of = sources->job->as_of;
    source->hash_by_content = sources->session->config.file.folder == NULL; // a job file says how
    file->import = (ps_import){.config = source,
                               .source = number,
                               .rules = sources->rules,
                               .zone = sources->session->config.zone,
                               .crew = crew,
                               .set = sources->set};
    if (stat(source->file, &info) == 0) file->size = info.st_size;
    ps_log(PS_LOG_DEBUG, "reading suppression source %s", source->name);
}

static int compare_sizes(const void *a, const void *b)
{
    const ps_file_reading *one = *(ps_file_reading *const *)a, *other = *(ps_file_reading *const *)b;

    if (one->size != other->size) return one->size > other->size ? -1 : 1;
    return one < other ? -1 : one > other; // as the job names them
}

// The files, the largest first.
typedef struct file_line {
    const ps_sources *sources;
    ps_crew *crew;
    ps_file_reading *files[PS_SOURCES_MAX];
    size_t count;
} file_line;

static void line_up(ps_sources *sources, const ps_import_crew *crew, file_line *out)
{
    *out = (file_line){.sources = sources, .crew = crew->context};
    for (uint32_t i = 0; i < sources->job->sources_count; i++) {
        if (!ps_source_is_file(&sources->job->sources[i])) continue;
        prepare_file(sources, i, crew);
        out->files[out->count++] = &sources->files[i];
    }
    qsort(out->files, out->count, sizeof *out->files, compare_sizes);
}

static void touch_step(void *context, size_t number)
{
    const file_line *line = context;

    ps_roster_touch(ps_suppression_roster(line->sources->set), (unsigned)number);
}

// Who finds no file left to read helps those who still read.
static void read_step(void *context, size_t number)
{
    const file_line *line = context;

    if (number >= line->count) {
        ps_crew_help(line->crew);
        return;
    }
    ps_file_reading *file = line->files[number];
    if (*line->sources->session->stop == 0)
        file->status = ps_import_entries(&file->import, &line->sources->items[file->import.source], &file->error);
    ps_crew_retire(line->crew);
}

static uint64_t estimate_rows(const ps_job *job)
{
    uint64_t rows = 0;

    for (size_t i = 0; i < job->recipients_count; i++)
        rows += ps_estimate_addresses(job->recipients[i].file);
    return rows;
}

// About how many will stand in the set. Half of who is on a list is among the recipients, or on another list; and a log
// has many lines for each, so that lines are no more than half of the rows. A job that looks at everybody before it
// judges needs the memory of the rows for something else first, and claims later: then it is the lists' entries, up to
// a quarter of the rows, with what more ps_suppression_expect() asks for.
static uint64_t estimate_all(const ps_job *job, uint64_t lines)
{
    bool claims_now = job->evidence_first && job->activity_count == 0 && job->dedupe != PS_DEDUPE_OFF;
    uint64_t rows = estimate_rows(job), most = claims_now ? rows : rows / 4, entries = lines < most ? lines : most;

    return claims_now ? rows + entries / 2 : entries + entries / 8;
}

// Room for all of them before the first comes, so that in most runs nothing is ever moved. It is only a guess: what is
// lacking is made later. The memory of a large set is taken by all threads, which nobody can do beside those who fill
// it.
static void expect_all(file_line *line)
{
    enum { EXPECTED_MAX = 64 << 20, TOUCHED_MIN = 1 << 20 };
    const ps_job *job = line->sources->job;
    uint64_t lines = 0;

    for (size_t i = 0; i < line->count; i++)
        lines += ps_estimate_addresses(line->files[i]->config.file);
    uint64_t all = estimate_all(job, lines);
    // Without memory for it the set grows.
    (void)ps_roster_reserve(ps_suppression_roster(line->sources->set), all < EXPECTED_MAX ? all : EXPECTED_MAX, NULL);
    if (all >= TOUCHED_MIN) ps_each(job, PS_ROSTER_PARTS, touch_step, line);
}

static size_t count_files(const ps_job *job)
{
    size_t count = 0;

    for (size_t i = 0; i < job->sources_count; i++)
        count += ps_source_is_file(&job->sources[i]);
    return count;
}

// All of them at once: what came of each is judged in the order of the job.
static ps_status read_files(ps_sources *sources, ps_error *err)
{
    size_t count = count_files(sources->job);
    ps_turn *turn = NULL;
    ps_crew *crew = NULL;
    file_line line;
    ps_status status = ps_turn_new(&turn, err);

    if (status == PS_OK) status = ps_crew_new(count, &crew, err);
    if (status != PS_OK) goto done;
    const ps_import_crew import_crew = {ps_crew_lead, crew};
    const ps_suppression_turn turns = {ps_turn_enter, ps_turn_leave, turn};
    line_up(sources, &import_crew, &line);
    expect_all(&line);
    ps_suppression_share(sources->set, &turns);
    if (count > 0) ps_each(sources->job, count + PS_THREADS_MAX, read_step, &line);
    ps_suppression_share(sources->set, NULL);
    status = check_stop(sources->session, err);

done:
    ps_crew_free(crew);
    ps_turn_free(turn);
    return status;
}

static ps_status load_file(ps_sources *sources, uint32_t number, ps_error *err)
{
    const ps_file_reading *file = &sources->files[number];
    const ps_source_config *source = &file->config;

    if (file->status != PS_OK) {
        if (err != NULL) *err = file->error;
        return file->status;
    }
    if (source->hash == PS_DIGEST_NONE && ps_hash_is_format(sources->items[number].format))
        ps_log(PS_LOG_WARNING, "%s is read as a hashed list (%s), by what it looks like", source->file,
               sources->items[number].format);
    if (sources->items[number].expired > 0)
        ps_log(PS_LOG_WARNING, "entries of %s that are too old to count: %" PRIu64, source->name,
               sources->items[number].expired);
    return guard_shrink(sources, number, err);
}

// ---- all

// Which guards this run passes for a source, for the report.
static void note_accepted(ps_sources *sources, uint32_t number)
{
    const char *name = sources->job->sources[number].name, *guard;
    char text[128] = "";

    for (size_t i = 0; (guard = ps_source_guard_name(i)) != NULL; i++) {
        if (!ps_source_accepts(sources->job, name, guard)) continue;
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%s%s", len == 0 ? "" : " ", guard);
        ps_log(PS_LOG_WARNING, "accepted for this run: %s:%s", name, guard);
    }
    if (text[0] != '\0') sources->items[number].accepted = keep(sources, text);
}

static ps_status make_room(ps_sources *sources, ps_error *err)
{
    size_t count = sources->job->sources_count;

    sources->items = ps_memory_new(count, sizeof *sources->items, err);
    sources->guards = ps_memory_new(count * GUARDS_PER_SOURCE, sizeof *sources->guards, err);
    sources->synced = ps_memory_new(count, sizeof *sources->synced, err);
    sources->stored = ps_memory_new(count, sizeof *sources->stored, err);
    sources->files = ps_memory_new(count, sizeof *sources->files, err);
    bool all = sources->items != NULL && sources->guards != NULL && sources->synced != NULL &&
               sources->stored != NULL && sources->files != NULL;
    if (!all) return PS_RETRY;
    ps_status status = ps_suppression_new(&sources->set, err);
    return status == PS_OK ? ps_expand_rules(&sources->expand_rules, err) : status;
}

static bool has_esp(const ps_job *job)
{
    for (size_t i = 0; i < job->sources_count; i++) {
        if (!ps_source_is_file(&job->sources[i])) return true;
    }
    return false;
}

// Whom an account that the job no longer names had suppressed is mailed again: that must be meant.
static void tell_unnamed(const ps_job *job, const ps_stored_source *source)
{
    uint64_t entries = 0;

    for (size_t i = 0; i < job->sources_count; i++) {
        if (strcmp(job->sources[i].name, source->name) == 0) return;
    }
    for (size_t i = 0; i < source->list_count; i++)
        entries += source->lists[i].allowlist ? 0 : source->lists[i].count;
    if (entries == 0) return;
    ps_log(PS_LOG_WARNING,
           "the state has %" PRIu64 " entries of %s (%s), which the job does not name: they suppress nobody. For an "
           "account that is no longer used, name it with `retired: true`",
           entries, source->name, source->type);
}

// What was imported for good counts in every run of its state, whether the job names it or not.
static ps_status add_lasting(void *context, const ps_stored_source *source, ps_error *err)
{
    ps_sources *sources = context;
    ps_job *job = &sources->session->config.job;
    ps_status status = ps_store_source_check(sources->remember->store, source, err);

    if (status != PS_OK) return status;
    if (strcmp(source->type, PS_STORED_IMPORTED) != 0) {
        tell_unnamed(job, source);
        return PS_OK;
    }
    for (size_t i = 0; i < job->sources_count; i++) {
        if (strcmp(job->sources[i].name, source->name) != 0) continue;
        ps_error_set(err, PS_CONFIG, "The job and the state both have a suppression source `%s`, of other entries.",
                     source->name);
        ps_error_hint(err, "Give the job's another `name`: what was imported into the state counts in any case.");
        return PS_CONFIG;
    }
    if (job->sources_count == PS_SOURCES_MAX) {
        return ps_error_set(err, PS_CONFIG, "The job and its state have more than %d suppression sources.",
                            PS_SOURCES_MAX);
    }
    ps_source_config *more = ps_arena_take(&sources->session->config.arena, (job->sources_count + 1) * sizeof *more);
    if (job->sources_count > 0) memcpy(more, job->sources, job->sources_count * sizeof *more);
    more[job->sources_count] = (ps_source_config){.name = keep(sources, source->name),
                                                  .type = PS_STORED_IMPORTED,
                                                  .default_class = PS_CLASS_MANUAL,
                                                  .retired = true, // nobody is asked
                                                  .unsubscribes_off = job->service};
    job->sources = more;
    job->sources_count++;
    return PS_OK;
}

ps_status ps_sources_open(ps_sources *sources, ps_error *err)
{
    const ps_job *job = sources->job;
    ps_status status = PS_OK;

    if (sources->remember->store != NULL) {
        status = ps_store_sources(sources->remember->store, add_lasting, sources, err);
    }
    if (status != PS_OK || job->sources_count == 0) return status;
    // A job without lists of its own still heeds what was imported for good.
    sources->session->config.job.suppressions_none = false;
    bool esp = has_esp(job);
    if (esp && sources->remember->store == NULL) return without_state(err);
    status = make_room(sources, err);
    if (status == PS_OK && esp) status = sync_all(sources, err);
    if (status == PS_OK) status = read_files(sources, err);
    for (uint32_t i = 0; status == PS_OK && i < job->sources_count; i++) {
        status = ps_source_is_file(&job->sources[i]) ? load_file(sources, i, err) : load_esp(sources, i, err);
        note_accepted(sources, i);
        if (status == PS_OK) status = check_stop(sources->session, err);
    }
    if (status == PS_OK) status = merge_stored(sources, err);
    // No list is read any more, and what these rules learnt of domains is as large as what those of the rows will
    // learn.
    ps_address_rules_free(sources->expand_rules);
    sources->expand_rules = NULL;
    return status;
}

void ps_sources_close(ps_sources *sources)
{
    ps_suppression_free(sources->set);
    ps_address_rules_free(sources->expand_rules);
    ps_memory_free(sources->items);
    ps_memory_free(sources->guards);
    ps_memory_free(sources->synced);
    ps_memory_free(sources->stored);
    ps_memory_free(sources->files);
}
