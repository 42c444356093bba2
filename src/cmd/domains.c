// `presend domains`: whether domains can receive mail, by the rules that a run goes by.

#include <stdio.h>
#include <unistd.h>

#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "cmd/domains.h"
#include "cmd/lines.h"
#include "cmd/mx.h"
#include "cmd/remember.h"
#include "presend/address.h"

enum {
    SETTINGS_MAX = 8,
    SETTING_BYTES_MAX = 64 << 10,
    WRITE_BYTES = 64 << 10,
    RATE_MAX = 1000000, // of the job file's schema
};

// Decoding takes three times the bytes of a line.
#define ARENA_BYTES ((size_t)16 << 20)
#define OUTPUT_BYTES_MAX ((size_t)16 << 20) // a line of PS_FIELD_BYTES_MAX, each byte escaped, and what waits before it

static const ps_option options[] = {
    {"resolver", 0, PS_OPTION_TEXT, "ADDRESS[:PORT]", NULL, "ask this DNS resolver; may repeat", NULL, 0, 0},
    {"doh", 0, PS_OPTION_TEXT, "URL", NULL, "ask this DNS-over-HTTPS resolver", NULL, 0, 0},
    {"dns-rate", 0, PS_OPTION_NUMBER, "N", NULL, "questions a second to each resolver; 0, for loopback only: no limit",
     NULL, 0, RATE_MAX},
    {"offline", 0, PS_OPTION_FLAG, NULL, NULL, "let no packet leave: what the cache and the job's snapshot say", NULL,
     0, 0},
    {"job", 0, PS_OPTION_TEXT, "JOB.yaml", NULL, "go by this job's mx keys, and use its state", NULL, 0, 0},
    {"state", 0, PS_OPTION_TEXT, "FILE", NULL, "keep answers in this file", NULL, 0, 0},
    {"no-cache", 0, PS_OPTION_FLAG, NULL, NULL, "ask anew, and keep nothing", NULL, 0, 0},
    {"cache", 0, PS_OPTION_CHOICE, "WHAT", NULL, "list, forget or export what is kept", "list clear export", 0, 0},
    {"encoding", 0, PS_OPTION_TEXT, "NAME", "auto", "what the lines are in, as utf-8 or cp932", NULL, 0, 0},
    {"json", 0, PS_OPTION_FLAG, NULL, NULL, "tell each result as one line of JSON", NULL, 0, 0},
};

// One thing that was asked, in the order of asking.
typedef struct asked {
    uint32_t domain; // its number in mx.domains; PS_INDEX_NONE: it is no domain
    uint32_t text; // of what is no domain, in `texts`
    uint16_t reason; // likewise: why
} asked;

typedef struct asking {
    ps_session *session;
    ps_setting settings[SETTINGS_MAX];
    size_t settings_count;
    ps_buf resolvers, rate; // --resolver and --dns-rate, as the job file would say them
    ps_encoding encoding;
    ps_store *store;
    ps_mx mx;
    ps_address_rules *rules, *rules_any_tld;
    ps_arena arena;
    ps_intern texts;
    asked *items;
    size_t count, capacity;
    ps_buf out;
} asking;

// ---- what to go by

static void set(asking *a, const char *option, const char *path, const char *text)
{
    if (text != NULL) a->settings[a->settings_count++] = (ps_setting){option, path, text};
}

// A repeated option is a list in the job file.
static void set_resolvers(asking *a)
{
    const ps_arguments *arguments = &a->session->arguments;
    ps_json json;
    bool any = false;

    ps_buf_add_text(&a->resolvers, "mx.resolvers=");
    ps_json_init(&json, &a->resolvers, 0);
    ps_json_array(&json, NULL);
    for (size_t i = 0; i < arguments->count; i++) {
        if (strcmp(arguments->items[i].option->name, "resolver") != 0) continue;
        ps_json_text(&json, NULL, arguments->items[i].value);
        any = true;
    }
    ps_json_array_end(&json);
    set(a, "--resolver", NULL, any ? ps_buf_text(&a->resolvers) : NULL);
    set(a, "--resolver", "mx.doh", any ? "none" : NULL);
}

// Whom an option names is asked in place of all that the job names.
static ps_status choose_resolvers(asking *a, ps_error *err)
{
    const ps_arguments *arguments = &a->session->arguments;
    const char *doh = ps_arguments_value(arguments, "doh");

    if (doh != NULL && ps_arguments_has(arguments, "resolver")) {
        return ps_error_set(err, PS_USAGE, "--doh and --resolver name two ways to ask; one is enough.");
    }
    set_resolvers(a);
    set(a, "--doh", "mx.resolvers", doh == NULL ? NULL : "system");
    set(a, "--doh", "mx.doh", doh);
    return PS_OK;
}

static ps_status open_job(asking *a, ps_error *err)
{
    const ps_arguments *arguments = &a->session->arguments;
    const char *job_file = ps_arguments_value(arguments, "job"), *rate = ps_arguments_value(arguments, "dns-rate");
    ps_job *job = &a->session->config.job;

    if (job_file == NULL) {
        set(a, "domains", "recipients.0.file", "-");
        set(a, "domains", "suppressions", "none");
    }
    ps_status status = choose_resolvers(a, err);
    if (status != PS_OK) return status;
    if (rate != NULL) ps_buf_add_format(&a->rate, "mx.rate=%s", rate);
    set(a, "--dns-rate", NULL, rate == NULL ? NULL : ps_buf_text(&a->rate));
    set(a, "--state", "state", ps_arguments_value(arguments, "state"));
    const ps_config_request request = {.job_file = job_file,
                                       .settings = a->settings,
                                       .settings_count = a->settings_count,
                                       .offline = ps_arguments_has(arguments, "offline")};
    status = ps_config_open(&request, &a->session->config, err);
    if (status != PS_OK) return status;
    // Whatever a run of the job does: somebody who asks wants an answer.
    job->mx_mode = job->offline ? PS_MX_OFFLINE : PS_MX_LIVE;
    job->mx_save_snapshot = NULL;
    return PS_OK;
}

static ps_status take_encoding(asking *a, ps_error *err)
{
    const char *name = ps_arguments_value(&a->session->arguments, "encoding");

    if (name == NULL || ps_charset_find(ps_span_of(name), &a->encoding)) return PS_OK;
    ps_error_set(err, PS_USAGE, "There is no encoding `%s`.", name);
    ps_error_hint(err, "It is one of: auto utf-8 cp932 euc-jp iso-2022-jp utf-16 utf-16be windows-1252.");
    return PS_USAGE;
}

static ps_status open_rules(asking *a, ps_error *err)
{
    const ps_job *job = &a->session->config.job;
    ps_address_options rules = {.special_use_all = job->special_use_all,
                                .special_use = job->special_use,
                                .special_use_count = job->special_use_count};
    ps_status status = ps_address_rules_new(&rules, &a->rules, err);

    rules.tld_any = true;
    return status == PS_OK ? ps_address_rules_new(&rules, &a->rules_any_tld, err) : status;
}

// Answers are kept where somebody says so. Without a job the state may be anybody's: domains take mail or do not,
// whoever asks.
static ps_status open_store(asking *a, ps_error *err)
{
    const ps_job *job = &a->session->config.job;
    const char *owner = ps_arguments_has(&a->session->arguments, "job") ? job->owner : PS_STORE_ANY_OWNER;

    if (job->state == NULL || ps_arguments_has(&a->session->arguments, "no-cache")) return PS_OK;
    return ps_store_open(job->state, owner, &a->store, err);
}

static ps_status open_mx(asking *a, ps_error *err)
{
    const ps_job *job = &a->session->config.job;
    ps_run_mx stats = {.mode = job->mx_mode};
    ps_status status = ps_mx_open(job, a->store, &a->mx, err);

    if (status != PS_OK) return status;
    ps_mx_show_progress(&a->mx, &a->session->terminal);
    status = ps_domains_keep_servers(&a->mx.domains, err);
    if (status == PS_OK && ps_job_reads_snapshot(job)) {
        status = ps_snapshot_load(job->mx_snapshot, &a->mx.domains, &stats, err);
    }
    if (status != PS_OK || a->mx.resolver.begin == NULL) return status;
    return a->mx.resolver.begin(a->mx.resolver.context, a->session->stop, err);
}

// ---- what is asked

// What the address rules call a name that is not to be looked up has a word of its own here.
static ps_reason reason_of(ps_reason reason)
{
    if (reason == PS_REASON_DOMAIN_SPECIAL_USE) return PS_REASON_SPECIAL_NAME;
    return reason == PS_REASON_DOMAIN_SINGLE_LABEL ? PS_REASON_DOTLESS : reason;
}

// The first finding that removes: there is at most one.
static bool find_refusal(ps_findings findings, ps_reason *out)
{
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count);

    for (size_t i = 0; i < count && (int)table[i].reason < PS_FINDING_COUNT_MAX; i++) {
        if (table[i].effect != PS_EFFECT_REMOVE || !ps_findings_has(findings, table[i].reason)) continue;
        *out = reason_of(table[i].reason);
        return true;
    }
    return false;
}

// A domain is judged as that of an address; an address is taken as it is.
static ps_findings judge_name(asking *a, ps_span text, ps_address *out)
{
    ps_span name = ps_ascii_trim(text);

    if (name.len > 0 && memchr(name.bytes, '@', name.len) == NULL) {
        char *bytes = ps_arena_take(&a->arena, name.len + 2);
        memcpy(bytes, "x@", 2);
        memcpy(bytes + 2, name.bytes, name.len);
        name = (ps_span){bytes, name.len + 2};
    }
    return ps_address_parse(a->rules_any_tld, name, &a->arena, out);
}

static ps_status add_domain(asking *a, ps_span name, uint32_t *out, ps_error *err)
{
    ps_domains *domains = &a->mx.domains;
    ps_status status = ps_domains_add(domains, name, out, err);

    if (status != PS_OK) return status;
    if (domains->rows[*out]++ == 0 && a->mx.resolver.offer != NULL) {
        a->mx.resolver.offer(a->mx.resolver.context, *out, ps_intern_text(&domains->names, *out));
    }
    return PS_OK;
}

static ps_status ask(asking *a, ps_span input, ps_span text, ps_error *err)
{
    ps_address address;
    ps_reason reason = PS_REASON_OK;
    asked item = {.domain = PS_INDEX_NONE};
    ps_status status = ps_memory_grow((void **)&a->items, &a->capacity, a->count + 1, sizeof *a->items, err);

    if (status != PS_OK) return status;
    if (find_refusal(judge_name(a, text, &address), &reason)) {
        item.reason = (uint16_t)reason;
        status = ps_intern_add(&a->texts, input, &item.text, err);
    } else {
        status = add_domain(a, address.domain, &item.domain, err);
    }
    if (status == PS_OK) a->items[a->count++] = item;
    ps_arena_reset(&a->arena);
    return status;
}

// The command line is UTF-8 unless an encoding is named.
static ps_status ask_arguments(asking *a, ps_error *err)
{
    const ps_arguments *arguments = &a->session->arguments;
    ps_encoding encoding = a->encoding == PS_ENCODING_AUTO ? PS_ENCODING_UTF8 : a->encoding;
    ps_decoder *decoder = NULL;
    ps_status status = ps_decoder_open(encoding, &decoder, err);

    for (size_t i = 0; status == PS_OK && i < arguments->operands_count; i++) {
        ps_span bytes = ps_span_of(arguments->operands[i]), text;
        if (bytes.len > PS_FIELD_BYTES_MAX) bytes.len = PS_FIELD_BYTES_MAX; // no system takes so long a one
        bool whole = ps_decoder_cell(decoder, bytes, &a->arena, &text);
        status = ask(a, whole ? text : bytes, text, err);
    }
    ps_decoder_close(decoder);
    return status;
}

static ps_status ask_lines(asking *a, ps_error *err)
{
    ps_lines *lines = NULL;
    ps_line line;
    bool more = true;
    ps_status status = ps_lines_open(STDIN_FILENO, a->encoding, &lines, err);

    while (status == PS_OK) {
        status = ps_lines_next(lines, a->session->stop, &a->arena, &line, &more, err);
        if (status != PS_OK || !more) break;
        status = ask(a, line.whole ? line.text : line.bytes, line.text, err);
    }
    ps_lines_close(lines);
    return status;
}

// ---- what came of it

// A domain that does not exist, under an ending that none does: then it is the ending that is wrong.
static bool has_no_ending(asking *a, ps_span domain)
{
    char *bytes = ps_arena_take(&a->arena, domain.len + 2);
    ps_address address;

    memcpy(bytes, "x@", 2);
    memcpy(bytes + 2, domain.bytes, domain.len);
    ps_findings findings = ps_address_parse(a->rules, (ps_span){bytes, domain.len + 2}, &a->arena, &address);
    ps_arena_reset(&a->arena);
    return ps_findings_has(findings, PS_REASON_DOMAIN_UNKNOWN_TLD);
}

static void tell_item(asking *a, const asked *item)
{
    ps_domain_answer answer = {.fact = {.verdict = PS_MAIL_NONE, .reason = (ps_reason)item->reason}};

    if (item->domain == PS_INDEX_NONE) {
        answer.domain = ps_intern_text(&a->texts, item->text);
    } else {
        answer.domain = ps_intern_text(&a->mx.domains.names, item->domain);
        answer.fact = a->mx.domains.facts[item->domain];
        answer.fact.taker = ps_domains_taker(&a->mx.domains, answer.domain);
        answer.servers = ps_domains_servers(&a->mx.domains, item->domain);
        bool absent = answer.fact.reason == PS_REASON_NXDOMAIN;
        if (absent && has_no_ending(a, answer.domain)) answer.fact.reason = PS_REASON_TLD_UNKNOWN;
    }
    ps_domains_tell(&a->session->terminal, &answer, &a->out);
}

static ps_status flush(asking *a, ps_error *err)
{
    ps_status status = ps_buf_status(&a->out, "the results", err);

    if (status == PS_OK) status = ps_terminal_data(&a->session->terminal, ps_buf_span(&a->out), err);
    ps_buf_clear(&a->out);
    return status;
}

static ps_status tell(asking *a, ps_error *err)
{
    ps_status status = PS_OK;

    ps_terminal_clear(&a->session->terminal);
    ps_domains_tell_head(&a->session->terminal, &a->out);
    for (size_t i = 0; i < a->count && status == PS_OK; i++) {
        tell_item(a, &a->items[i]);
        if (a->out.len >= WRITE_BYTES) status = flush(a, err);
    }
    return status == PS_OK ? flush(a, err) : status;
}

static ps_status resolve(asking *a, ps_error *err)
{
    ps_resolver *resolver = ps_mx_resolver(&a->mx);
    ps_run_mx stats = {.mode = a->session->config.job.mx_mode};

    ps_status status = resolver->resolve(resolver->context, &a->mx.domains, a->session->stop, &stats, err);
    if (status == PS_OK) ps_log(PS_LOG_DEBUG, "%llu DNS queries were sent", (unsigned long long)stats.queries);
    return status;
}

static ps_status run_questions(asking *a, ps_error *err)
{
    bool named = a->session->arguments.operands_count > 0;
    ps_status status = take_encoding(a, err);

    if (status == PS_OK) status = open_rules(a, err);
    if (status == PS_OK) status = ps_intern_open(&a->texts, err);
    if (status == PS_OK) status = ps_arena_open(ARENA_BYTES, &a->arena, err);
    if (status == PS_OK) status = open_store(a, err);
    if (status == PS_OK) status = open_mx(a, err);
    if (status == PS_OK) status = named ? ask_arguments(a, err) : ask_lines(a, err);
    if (status == PS_OK) status = resolve(a, err);
    return status == PS_OK ? tell(a, err) : status;
}

// ---- the command

static ps_status run_cache(asking *a, const char *word, ps_error *err)
{
    const ps_arguments *arguments = &a->session->arguments;
    const char *state = a->session->config.job.state;

    if (arguments->operands_count > 0 || ps_arguments_has(arguments, "no-cache")) {
        return ps_error_set(err, PS_USAGE, "--cache %s asks about no domain, and uses the cache.", word);
    }
    if (state == NULL) {
        ps_error_set(err, PS_USAGE, "--cache %s: whose cache is not said.", word);
        ps_error_hint(err, "Name the job with --job JOB.yaml, or its state with --state FILE.");
        return PS_USAGE;
    }
    ps_status status = ps_remember_visit(state, &a->store, err);
    return status == PS_OK ? ps_domains_work_cache(a->session, a->store, word, err) : status;
}

static void close_asking(asking *a)
{
    ps_mx_close(&a->mx);
    ps_store_close(a->store);
    ps_address_rules_free(a->rules);
    ps_address_rules_free(a->rules_any_tld);
    ps_arena_close(&a->arena);
    ps_intern_close(&a->texts);
    ps_memory_free(a->items);
    ps_buf_done(&a->resolvers);
    ps_buf_done(&a->rate);
    ps_buf_done(&a->out);
}

static ps_status domains(ps_session *session, ps_error *err)
{
    const char *cache = ps_arguments_value(&session->arguments, "cache");
    bool named = session->arguments.operands_count > 0;
    asking a = {.session = session};

    if (cache == NULL && !named && isatty(STDIN_FILENO) == 1)
        return ps_refuse_keyboard(session, "domain", "domains", err);
    ps_buf_init(&a.resolvers, SETTING_BYTES_MAX);
    ps_buf_init(&a.rate, SETTING_BYTES_MAX);
    ps_buf_init(&a.out, OUTPUT_BYTES_MAX);
    ps_status status = open_job(&a, err);
    if (status == PS_OK) status = cache != NULL ? run_cache(&a, cache, err) : run_questions(&a, err);
    close_asking(&a);
    return status;
}

const ps_command ps_command_domains = {
    .syntax = {.name = "domains",
               .operands = "[DOMAIN...]",
               .operands_least = 0,
               .operands_most = SIZE_MAX,
               .summary = "Ask DNS whether domains take mail: named ones, or one a line on standard input",
               .examples = {"presend domains example.co.jp 例え.jp",
                            "cut -d@ -f2 addresses.txt | sort -u | presend domains --json --state presend.sqlite"},
               .options = options,
               .options_count = PS_COUNT_OF(options)},
    .run = domains,
};
