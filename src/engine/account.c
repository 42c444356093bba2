#include "engine/account.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "facts/domain_cache.h"
#include "facts/operators.h"
#include "mail/charset.h"
#include "stage/stage.h"

static const char *keep_text(ps_run *run, ps_span text)
{
    return ps_arena_copy(&run->arena, text).bytes;
}

// A version 4 UUID (RFC 9562).
static ps_status make_id(char out[37], ps_error *err)
{
    unsigned char bytes[16];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return ps_error_set(err, PS_RETRY, "The system gives no random numbers.");
    }
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    char *end = out;
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *end++ = '-';
        snprintf(end, 3, "%02x", bytes[i]);
        end += 2;
    }
    return PS_OK;
}

ps_status ps_account_begin(const ps_engine *engine, ps_run *run, ps_error *err)
{
    ps_status status = ps_arena_open(PS_ARENA_RUN_BYTES, &run->arena, err);

    if (status == PS_OK) status = make_id(run->id, err);
    if (status != PS_OK) return status;
    run->job = engine->job;
    run->history = engine->history;
    run->state = engine->state;
    run->started_s = ps_clock_now_s();
    run->threads = ps_pipeline_threads(engine->job);
    run->sources = engine->sources;
    run->sources_count = engine->sources_count;
    run->samples = ps_arena_take(&run->arena, PS_REASON_NUMBER_MAX * PS_SAMPLES_PER_REASON * sizeof *run->samples);
    return PS_OK;
}

static const char *delimiter_word(char delimiter, ps_run *run)
{
    return delimiter == '\t' ? "tab" : keep_text(run, (ps_span){&delimiter, 1});
}

// One file, and what the pass over it found in its columns.
typedef struct described {
    const ps_inputs *inputs;
    size_t file;
    const ps_survey_column *columns; // of all recipient files together
    const ps_survey_column *own; // of this file
    const ps_activity_file *activity; // NULL: a recipient file
} described;

static bool is_tracked(const ps_account *account, const described *from, size_t slot)
{
    const ps_job *job = account->run->job;

    if (from->activity == NULL) return ps_survey_tracked(account->survey, job, slot);
    return ps_activity_tracked(account->activities, from->activity, job, slot);
}

static void describe_column(const ps_account *account, const described *from, size_t slot, ps_run_column *out)
{
    const ps_layout *layout = ps_inputs_layout(from->inputs, from->file);
    const ps_mapped *mapped = &layout->mapped[slot];
    const ps_survey_column *found = &from->columns[slot];
    bool date = ps_column_kind_of(mapped->column) == PS_COLUMN_KIND_DATE;
    char number[16];

    snprintf(number, sizeof number, "%" PRIu32, mapped->index + 1);
    ps_span header = layout->headerless ? ps_span_of(number) : layout->names[mapped->index];
    *out = (ps_run_column){.column = mapped->column,
                           .index = mapped->index,
                           .declared = mapped->declared,
                           .oldest = PS_DAY_NONE,
                           .newest = PS_DAY_NONE};
    out->header = keep_text(account->run, header);
    if (!date || account->survey->rows == 0) return;
    out->filled = found->filled;
    out->missing = found->missing;
    out->unreadable = found->unreadable;
    out->future = found->future;
    out->oldest = found->oldest;
    out->newest = found->newest;
    out->forms = from->own[slot].forms;
    out->tracked = is_tracked(account, from, slot);
}

static void describe_headers(ps_run *run, const ps_layout *layout, ps_run_input *out)
{
    size_t count = layout->headerless ? 0 : layout->column_count;
    const char **headers = ps_arena_take(&run->arena, (count + 1) * sizeof *headers);

    for (size_t i = 0; i < count; i++)
        headers[i] = keep_text(run, layout->names[i]);
    out->headers = headers;
    out->headers_count = count;
}

static void describe_input(const ps_account *account, const described *from, ps_run_input *out)
{
    ps_run *run = account->run;
    const ps_reader *reader = from->inputs->readers[from->file];
    const ps_source *source = ps_reader_source(reader);
    const ps_layout *layout = ps_inputs_layout(from->inputs, from->file);
    ps_run_column *columns = ps_arena_take(&run->arena, (layout->mapped_count + 1) * sizeof *columns);

    *out = (ps_run_input){
        .file = keep_text(run, ps_recipients_name(from->inputs->job, from->file)),
        .encoding = ps_charset_name(layout->stored),
        .encoding_declared = layout->encoding_declared,
        .compression = ps_source_compression(source),
        .delimiter = delimiter_word(layout->delimiter, run),
        .line_end = layout->line_end,
        .bom = layout->bom,
        .size_bytes = ps_source_size(source),
        .blank_lines = ps_reader_blank_lines(reader),
        .columns = columns,
        .columns_count = layout->mapped_count,
    };
    ps_source_fingerprint(source, out->fingerprint);
    for (size_t slot = 0; slot < layout->mapped_count; slot++)
        describe_column(account, from, slot, &columns[slot]);
    describe_headers(run, layout, out);
}

void ps_account_inputs(ps_account *account)
{
    ps_run *run = account->run;

    run->inputs_count = account->inputs->count + account->activities->count;
    run->inputs = ps_arena_take(&run->arena, run->inputs_count * sizeof *run->inputs);
    for (size_t i = 0; i < account->inputs->count; i++) {
        size_t first = i * ps_inputs_layout(account->inputs, i)->mapped_count;
        const ps_survey_column *by_file = account->survey->by_file; // NULL without a survey
        const described from = {account->inputs, i, account->survey->columns, by_file == NULL ? NULL : by_file + first,
                                NULL};
        describe_input(account, &from, &run->inputs[i]);
        run->inputs[i].rows = account->tally->file_rows[i];
    }
    for (size_t i = 0; i < account->activities->count; i++) {
        const ps_activity_file *file = &account->activities->files[i];
        const described from = {&file->inputs, 0, file->columns, file->columns, file};
        ps_run_input *out = &run->inputs[account->inputs->count + i];
        describe_input(account, &from, out);
        out->role = PS_RUN_ACTIVITY;
        out->rows = file->rows;
        out->rows_matched = file->matched;
    }
}

static int compare_domains(const ps_domain_count *left, const ps_domain_count *right)
{
    if (left->rows != right->rows) return left->rows < right->rows ? 1 : -1;
    return ps_span_compare(left->name, right->name);
}

// Distinct domains of the list by what is known of them.
static void count_mail(const ps_account *account, const ps_domain_count *domain)
{
    static const ps_domain_fact never_asked = {.verdict = PS_MAIL_UNKNOWN, .reason = PS_REASON_NOT_CHECKED};
    const ps_domain_fact *fact =
        account->domains == NULL ? &never_asked : ps_domains_find(account->domains, domain->name);
    ps_run_mx *mx = &account->run->mx;

    mx->domains++;
    mx->stale += ps_findings_has(fact->warnings, PS_REASON_STALE);
    mx->cached += fact->cached && !ps_findings_has(fact->warnings, PS_REASON_STALE);
    if (fact->reason == PS_REASON_NOT_CHECKED) {
        mx->not_checked++;
    } else if (fact->verdict == PS_MAIL_DELIVERABLE) {
        mx->deliverable++;
    } else if (fact->verdict == PS_MAIL_NONE) {
        mx->no_mail++;
    } else {
        mx->unknown++;
    }
}

// The domains of the list, by their numbers among all; there may be many more, as in a snapshot.
typedef struct listed_domains {
    ps_domains *of;
    uint64_t *numbers;
    size_t count;
} listed_domains;

static void find_domain(void *context, const ps_domain_count *domain)
{
    listed_domains *found = context;
    uint32_t number = ps_intern_find(&found->of->names, domain->name);

    if (number == PS_INDEX_NONE) return;
    found->of->rows[number] = domain->rows;
    found->numbers[found->count++] = number;
}

static ps_status recall_all(const listed_domains *found, const ps_domain_cache *past, ps_error *err)
{
    ps_status status = ps_domain_cache_sort(past, &found->of->names, found->numbers, found->count, err);

    for (size_t i = 0; past != NULL && i < found->count && status == PS_OK; i++) {
        uint64_t number = found->numbers[i];
        ps_cache_entry entry;
        status = past->find(past->context, ps_intern_text(&found->of->names, number), &entry, err);
        if (status == PS_OK) found->of->facts[number].past |= entry.answer.fact.past;
    }
    return status;
}

// Whoever asks DNS recalls what runs knew of a domain; a snapshot tells nothing of it, and of the list's domains only
// it is wanted.
static ps_status recall_past(ps_account *account, ps_error *err)
{
    const ps_domain_cache *past = ps_job_reads_snapshot(account->run->job) ? account->engine->past : NULL;
    listed_domains found = {.of = account->engine->domains};

    if (account->domains == NULL) return PS_OK;
    found.numbers = ps_memory_new(account->run->domains_distinct + 1, sizeof *found.numbers, err);
    if (found.numbers == NULL) return PS_RETRY;
    ps_status status = ps_domain_counts_each(&account->tally->domains, find_domain, &found, err);
    if (status == PS_OK) status = recall_all(&found, past, err);
    ps_memory_free(found.numbers);
    return status;
}

static uint64_t rows_to_guard(const ps_domain_count *domain)
{
    return domain->rows - domain->ordinary;
}

// A domain that never took mail tells nothing of this run's DNS; one that no run knew may be a wrong answer.
static void count_unseen(void *context, const ps_domain_count *domain)
{
    const ps_account *account = context;
    const ps_domain_fact *fact = ps_domains_find(account->domains, domain->name);
    bool unseen = fact->verdict == PS_MAIL_NONE && (fact->past & PS_PAST_SEEN) == 0;

    if (unseen) account->run->dead_rows += rows_to_guard(domain);
}

static ps_status count_dead(ps_account *account, ps_error *err)
{
    ps_run *run = account->run;

    if (account->domains == NULL) return PS_OK;
    for (size_t i = 0; i < account->biggest_count; i++) {
        const ps_domain_fact *fact = ps_domains_find(account->domains, account->biggest[i].count.name);
        if (fact->verdict != PS_MAIL_NONE || (fact->past & PS_PAST_MAIL) == 0) continue;
        run->lost++;
        run->lost_rows += rows_to_guard(&account->biggest[i].count);
    }
    return ps_domain_counts_each(&account->tally->domains, count_unseen, account, err);
}

// Of a million domains only the biggest are wanted: the rest is not worth their memory, or a sort.
static void keep_biggest(ps_account *account, const ps_domain_count *domain)
{
    struct ps_big_domain *biggest = account->biggest, fresh = {.count = *domain};
    size_t place = account->biggest_count;

    if (place == PS_REPORT_DOMAINS_MAX) {
        if (compare_domains(domain, &biggest[--place].count) > 0) return;
        fresh.name = biggest[place].name;
    } else {
        fresh.name = account->biggest_names[account->biggest_count++];
    }
    memcpy(fresh.name, domain->name.bytes, domain->name.len);
    fresh.count.name.bytes = fresh.name;
    for (; place > 0 && compare_domains(domain, &biggest[place - 1].count) < 0; place--)
        biggest[place] = biggest[place - 1];
    biggest[place] = fresh;
}

static void tell_biggest(ps_account *account)
{
    ps_run *run = account->run;

    run->domains = ps_arena_take(&run->arena, PS_REPORT_DOMAINS_MAX * sizeof *run->domains);
    run->domains_count = account->biggest_count;
    for (size_t i = 0; i < run->domains_count; i++) {
        const ps_domain_count *big = &account->biggest[i].count;
        run->domains[i] = (ps_run_domain){.domain = keep_text(run, big->name), .rows = big->rows};
        memcpy(run->domains[i].verdict, big->verdict, sizeof big->verdict);
    }
}

static int compare_operators(const void *a, const void *b)
{
    const ps_run_operator *left = a, *right = b;

    if ((left->name == NULL) != (right->name == NULL)) return left->name == NULL ? 1 : -1;
    if (left->rows != right->rows) return left->rows < right->rows ? 1 : -1;
    return left->name == NULL ? 0 : strcmp(left->name, right->name);
}

static void name_operator(ps_operator number, ps_run_operator *out)
{
    const ps_operator_info *info = ps_operator_get(number);

    if (number == PS_OPERATOR_NONE) return;
    out->name = info->name;
    out->kind = ps_operator_kind_word(info->kind);
    out->region = info->region;
}

static void count_taker(const ps_account *account, const ps_domain_count *domain)
{
    ps_run_operator *taker = &account->run->operators[ps_domains_taker(account->domains, domain->name)];

    taker->domains++;
    taker->rows += domain->rows;
    for (unsigned v = 0; v < PS_VERDICT_COUNT; v++)
        taker->verdict[v] += domain->verdict[v];
}

// By number until here.
static void sort_operators(ps_run *run, size_t count)
{
    ps_run_operator *operators = run->operators;

    for (size_t i = 0; i < count; i++) {
        name_operator((ps_operator)i, &operators[i]);
        if (operators[i].rows > 0) operators[run->operators_count++] = operators[i];
    }
    qsort(operators, run->operators_count, sizeof *operators, compare_operators);
}

static void count_domain(void *context, const ps_domain_count *domain)
{
    ps_account *account = context;

    account->run->domains_distinct++;
    keep_biggest(account, domain);
    count_taker(account, domain);
    count_mail(account, domain);
}

// There may be a million, so they are gone through once for all that is told of them.
static ps_status count_domains(ps_account *account, ps_error *err)
{
    ps_run *run = account->run;
    ps_run_mx *mx = &run->mx;
    size_t count = ps_operator_count();

    run->operators = ps_arena_take(&run->arena, count * sizeof *run->operators);
    mx->domains = mx->deliverable = mx->no_mail = mx->unknown = mx->not_checked = mx->cached = mx->stale = 0;
    ps_status status = ps_domain_counts_each(&account->tally->domains, count_domain, account, err);
    tell_biggest(account);
    sort_operators(run, count);
    return status;
}

static void count_policies(ps_account *account)
{
    ps_run *run = account->run;
    const ps_job *job = run->job;

    run->policies = ps_arena_take(&run->arena, (job->policies_count + 1) * sizeof *run->policies);
    run->policies_count = job->policies_count;
    for (size_t i = 0; i < job->policies_count; i++) {
        run->policies[i].policy = &job->policies[i];
        memcpy(run->policies[i].verdict, account->tally->projected[i], sizeof run->policies[i].verdict);
    }
}

static ps_status check_conservation(const ps_run *run, ps_error *err)
{
    uint64_t out = 0, written = 0;

    for (unsigned v = 0; v < PS_VERDICT_COUNT; v++)
        out += run->verdict[v];
    for (size_t i = 0; i < run->outputs_count; i++)
        written += run->outputs[i].rows;
    if (out == run->rows && written == run->rows) return PS_OK;
    ps_error_set(err, PS_BUG, "%" PRIu64 " rows came in, %" PRIu64 " got a verdict and %" PRIu64 " were written.",
                 run->rows, out, written);
    ps_error_hint(err, "Nothing was published; please report this with the version of presend and the job file.");
    return PS_BUG;
}

ps_status ps_account_counts(ps_account *account, ps_error *err)
{
    const ps_tally *tally = account->tally;
    ps_run *run = account->run;

    run->rows = tally->rows;
    run->formula_rows = tally->formula_rows;
    run->doubts = tally->doubts;
    memcpy(run->verdict, tally->verdict, sizeof run->verdict);
    memcpy(run->decided, tally->decided, sizeof run->decided);
    memcpy(run->held, tally->held, sizeof run->held);
    memcpy(run->repeated, tally->repeated, sizeof run->repeated);
    memcpy(run->found, tally->found, sizeof run->found);
    memcpy(run->tier, tally->tier, sizeof run->tier);
    for (size_t i = 0; i < run->sources_count; i++)
        run->sources[i].rows_matched = tally->matched[i];
    count_policies(account);
    ps_status status = count_domains(account, err);
    if (status == PS_OK) status = recall_past(account, err);
    if (status == PS_OK) status = count_dead(account, err);
    return status == PS_OK ? check_conservation(run, err) : status;
}
