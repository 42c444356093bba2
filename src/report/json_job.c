#include "facts/date.h"
#include "report/json_part.h"

// The job as it was applied. What has no bearing on the result (threads, batch size, where the output lies) is not
// told.

static const char *encoding_word(ps_encoding encoding)
{
    static const char *const words[PS_ENCODING_COUNT] = {
        [PS_ENCODING_AUTO] = "auto",
        [PS_ENCODING_UTF8] = "utf-8",
        [PS_ENCODING_CP932] = "cp932",
        [PS_ENCODING_EUC_JP_MS] = "euc-jp-ms",
        [PS_ENCODING_ISO_2022_JP_3] = "iso-2022-jp-3",
        [PS_ENCODING_UTF16LE] = "utf-16le",
        [PS_ENCODING_UTF16BE] = "utf-16be",
        [PS_ENCODING_WINDOWS_1252] = "windows-1252",
    };

    return words[encoding];
}

static void put_declared(ps_json *json, const ps_recipients *recipients)
{
    ps_json_object(json, "columns");
    for (unsigned i = 0; i < PS_COLUMN_COUNT; i++) {
        if (recipients->columns[i] == NULL) continue;
        ps_json_text(json, ps_column_name((ps_column)i), recipients->columns[i]);
    }
    ps_json_object_end(json);
    ps_json_object(json, "dates");
    for (unsigned i = 0; i < PS_COLUMN_COUNT; i++) {
        if (recipients->dates[i] == PS_DATE_FORM_AUTO) continue;
        ps_json_text(json, ps_column_name((ps_column)i), ps_date_form_word(recipients->dates[i]));
    }
    ps_json_object_end(json);
}

static void put_table(ps_json *json, const ps_recipients *table)
{
    ps_json_text(json, "file", ps_view_file_name(table->file));
    ps_json_text(json, "encoding", encoding_word(table->encoding));
    ps_json_bool(json, "header", !table->headerless);
    put_declared(json, table);
}

static void put_recipients(ps_json *json, const ps_job *job)
{
    ps_json_array(json, "recipients");
    for (size_t i = 0; i < job->recipients_count; i++) {
        ps_json_object(json, NULL);
        put_table(json, &job->recipients[i]);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
    ps_json_array(json, "activity");
    for (size_t i = 0; i < job->activity_count; i++) {
        ps_json_object(json, NULL);
        ps_json_text(json, "key", job->activity[i].by_id ? "id" : "email");
        put_table(json, &job->activity[i].table);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

// Only what differs from reason.def: the policies that this job changed.
static void put_effects(ps_json *json, const ps_job *job)
{
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count);

    ps_json_array(json, "effects");
    for (size_t i = 0; i < count; i++) {
        if (job->effect[table[i].reason] == table[i].effect) continue;
        ps_json_object(json, NULL);
        ps_json_text(json, "reason", table[i].wire);
        ps_json_text(json, "stage", ps_reason_stage_word(table[i].stage));
        ps_json_text(json, "default", ps_effect_word(table[i].effect));
        ps_json_text(json, "effect", ps_effect_word(job->effect[table[i].reason]));
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

static void put_address(ps_json *json, const ps_job *job)
{
    static const char *const aliases[] = {
        [PS_ALIAS_AUTO] = "auto", [PS_ALIAS_OFF] = "off", [PS_ALIAS_HOLD] = "hold", [PS_ALIAS_REMOVE] = "remove"};
    static const char *const keys[] = {
        [PS_DEDUPE_OFF] = "off", [PS_DEDUPE_EXACT] = "exact", [PS_DEDUPE_PROVIDER] = "provider"};

    ps_json_object(json, "address");
    ps_json_text(json, "legacy_carrier", job->legacy_carrier_quoted ? "quoted" : "raw");
    ps_json_bool(json, "typo_fix", job->typo_fix);
    ps_json_bool(json, "allow_special_use_all", job->special_use_all);
    ps_json_array(json, "allow_special_use");
    for (size_t i = 0; i < job->special_use_count; i++)
        ps_json_span(json, NULL, job->special_use[i]);
    ps_json_array_end(json);
    ps_json_object_end(json);
    ps_json_object(json, "dedupe");
    ps_json_text(json, "key", keys[job->dedupe]);
    ps_json_text(json, "evidence", job->evidence_first ? "first" : "best");
    ps_json_object_end(json);
    ps_json_text(json, "alias", aliases[job->alias]);
}

// A resolver is named by its host; what follows may be an account there.
static ps_span origin_of(const char *url)
{
    const char *host = strstr(url, "://");
    size_t start = host == NULL ? 0 : (size_t)(host - url) + strlen("://");

    return (ps_span){url, start + strcspn(url + start, "/?")};
}

static void put_mx(ps_json *json, const ps_job *job)
{
    ps_json_object(json, "mx");
    ps_json_text(json, "mode", ps_view_mx_word(job->mx_mode));
    ps_json_text(json, "snapshot", ps_view_file_name(job->mx_snapshot));
    ps_json_array(json, "resolvers");
    for (size_t i = 0; i < job->resolvers_count; i++)
        ps_json_text(json, NULL, job->resolvers[i]);
    if (job->mx_doh != NULL) ps_json_span(json, NULL, origin_of(job->mx_doh));
    ps_json_array_end(json);
    ps_json_text(json, "no_answer", job->mx_no_answer_unknown ? "unknown" : "stop");
    ps_json_count(json, "budget_s", job->mx_budget_s);
    ps_json_int(json, "cache_days", job->mx_cache); // how old an answer may be; `rate` changes none
    ps_json_object_end(json);
}

static void put_texts(ps_json *json, const char *name, const char *const *texts, size_t count)
{
    ps_json_array(json, name);
    for (size_t i = 0; i < count; i++)
        ps_json_text(json, NULL, texts[i]);
    ps_json_array_end(json);
}

static void put_suppressions(ps_json *json, const ps_job *job)
{
    static const char *const kinds[] = {
        [PS_ENTRY_ADDRESS] = "address", [PS_ENTRY_DOMAIN] = "domain", [PS_ENTRY_BOTH] = "both"};

    ps_json_array(json, "suppressions");
    for (size_t i = 0; i < job->sources_count; i++) {
        const ps_source_config *source = &job->sources[i];
        ps_json_object(json, NULL);
        ps_json_text(json, "name", source->name);
        ps_json_text(json, "type", source->type == NULL ? "file" : source->type);
        ps_json_text(json, "file", ps_view_file_name(source->file));
        ps_json_text(json, "format", source->format);
        ps_json_text(json, "encoding", encoding_word(source->encoding));
        ps_json_text(json, "column", source->column);
        ps_json_text(json, "kind", kinds[source->kind]);
        ps_json_text(json, "class", ps_class_word(source->default_class));
        ps_json_bool(json, "allow_empty", source->allow_empty);
        ps_json_bool(json, "retired", source->retired);
        put_texts(json, "without", source->without, source->without_count);
        put_texts(json, "scope", source->scope, source->scope_count);
        put_texts(json, "brands", source->brands, source->brands_count);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

void ps_report_json_windows(ps_json *json, const ps_engagement *engagement)
{
    ps_json_text(json, "profile", engagement->profile);
    ps_json_int(json, "active", engagement->active);
    ps_json_int(json, "winback", engagement->winback);
    ps_json_int(json, "sunset", engagement->sunset);
    ps_json_int(json, "grace", engagement->grace);
    ps_json_int(json, "reply", engagement->reply);
    ps_json_int(json, "relist", engagement->relist);
    ps_json_int(json, "open_credit", engagement->open_credit);
    ps_json_int(json, "min_sends", engagement->min_sends);
    ps_json_int(json, "sends_never", engagement->sends_never);
    ps_json_int(json, "sends_since", engagement->sends_since);
    ps_json_number(json, "coverage", engagement->coverage);
    ps_json_text(json, "dormant", engagement->dormant_held ? "hold" : "remove");
    ps_json_object(json, "observed_since");
    for (unsigned i = 0; i < PS_COLUMN_COUNT; i++) {
        if (engagement->observed_since[i] == PS_DAY_NONE) continue;
        ps_report_json_day(json, ps_column_name((ps_column)i), engagement->observed_since[i]);
    }
    ps_json_object_end(json);
}

static void put_engagement(ps_json *json, const ps_engagement *engagement)
{
    ps_json_object(json, "engagement");
    ps_json_bool(json, "applied", engagement->applied);
    ps_report_json_windows(json, engagement);
    ps_json_object_end(json);
}

static void put_added(ps_json *json, const ps_job *job)
{
    static const char *const words[PS_ADDED_COUNT] = {
        [PS_ADDED_TIER] = "tier", [PS_ADDED_IDLE_DAYS] = "idle_days", [PS_ADDED_OPERATOR] = "operator"};

    ps_json_array(json, "add");
    for (size_t i = 0; i < job->added_count; i++)
        ps_json_text(json, NULL, words[job->added[i]]);
    ps_json_array_end(json);
}

static void put_guards(ps_json *json, const ps_guards *guards)
{
    ps_json_object(json, "guards");
    ps_json_number(json, "removed_share", guards->removed_share);
    ps_json_number(json, "engagement_share", guards->engagement_share);
    ps_json_number(json, "dead_rows", guards->dead_rows);
    ps_json_count(json, "min_rows", guards->min_rows);
    ps_json_object_end(json);
}

static const char *const boms[] = {[PS_BOM_AUTO] = "auto", [PS_BOM_ALWAYS] = "always", [PS_BOM_NEVER] = "never"};
static const char *const compressions[] = {
    [PS_COMPRESSION_NONE] = "none", [PS_COMPRESSION_GZIP] = "gzip", [PS_COMPRESSION_ZSTD] = "zstd"};

void ps_report_json_job(ps_json *json, const ps_job *job)
{
    ps_json_object(json, "job");
    ps_json_text(json, "file", ps_view_file_name(job->job_file));
    ps_json_text(json, "campaign", job->campaign);
    ps_report_json_day(json, "as_of", job->as_of);
    ps_json_text(json, "timezone", job->timezone);
    put_recipients(json, job);
    put_effects(json, job);
    put_address(json, job);
    put_mx(json, job);
    put_suppressions(json, job);
    put_engagement(json, &job->engagement);
    put_guards(json, &job->guards);
    ps_json_text(json, "email", job->email_original ? "original" : "normalized");
    ps_json_text(json, "encoding", ps_view_encoding_word(job->output_encoding));
    ps_json_text(json, "bom", boms[job->output_bom]);
    ps_json_text(json, "compress", compressions[job->compress]);
    put_added(json, job);
    ps_json_bool(json, "mask", !job->report_unmasked);
    ps_json_object_end(json);
}
