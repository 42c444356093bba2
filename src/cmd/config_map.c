#include "cmd/config_map.h"

#include <assert.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "facts/engagement.h"
#include "facts/policy.h"
#include "mail/charset.h"

typedef enum field_kind {
    FIELD_TEXT,
    FIELD_PATH, // relative to the text that it stands in
    FIELD_SECRET, // env:NAME or file:PATH, the path likewise; any other text as it stands
    FIELD_FLAG, // a bool: whether the value is `word`
    FIELD_CHOICE, // an enum: the value of the word in `choices`
    FIELD_ENCODING,
    FIELD_DAYS, // 90d
    FIELD_DAY, // 2026-04-01
    FIELD_SECONDS, // none, 90s, 10m, 1h, 7d
    FIELD_SHARE, // 5 % as 0.05
    FIELD_NUMBER, // int32_t
    FIELD_RATE, // auto or a number
    FIELD_COUNT // uint64_t
} field_kind;

typedef struct choice {
    const char *word;
    int value;
} choice;

typedef struct field {
    const char *path;
    field_kind kind;
    size_t offset;
    const char *word;
    const choice *choices;
} field;

static const choice dedupe_keys[] = {
    {"off", PS_DEDUPE_OFF}, {"exact", PS_DEDUPE_EXACT}, {"provider", PS_DEDUPE_PROVIDER}, {NULL, 0}};
static const choice aliases[] = {
    {"auto", PS_ALIAS_AUTO}, {"off", PS_ALIAS_OFF}, {"hold", PS_ALIAS_HOLD}, {"remove", PS_ALIAS_REMOVE}, {NULL, 0}};
static const choice mx_modes[] = {{"off", PS_MX_OFF}, {"snapshot", PS_MX_SNAPSHOT}, {"live", PS_MX_LIVE}, {NULL, 0}};
static const choice kinds[] = {
    {"address", PS_ENTRY_ADDRESS}, {"domain", PS_ENTRY_DOMAIN}, {"both", PS_ENTRY_BOTH}, {NULL, 0}};
static const choice classes[] = {
#define PS_CLASS(symbol, word) {word, PS_CLASS_##symbol},
#include "presend/class.def"
#undef PS_CLASS
    {NULL, 0},
};
static const choice hashes[] = {{"md5", PS_DIGEST_MD5},
                                {"sha1", PS_DIGEST_SHA1},
                                {"sha256", PS_DIGEST_SHA256},
                                {"sha512", PS_DIGEST_SHA512},
                                {"hmac-sha256", PS_DIGEST_HMAC_SHA256},
                                {NULL, 0}};
static const choice added[] = {
    {"tier", PS_ADDED_TIER}, {"idle_days", PS_ADDED_IDLE_DAYS}, {"operator", PS_ADDED_OPERATOR}, {NULL, 0}};
static const choice date_forms[] = {{"iso", PS_DATE_FORM_ISO},     {"ymd", PS_DATE_FORM_YMD},
                                    {"dmy", PS_DATE_FORM_DMY},     {"mdy", PS_DATE_FORM_MDY},
                                    {"era", PS_DATE_FORM_ERA},     {"compact", PS_DATE_FORM_COMPACT},
                                    {"epoch", PS_DATE_FORM_EPOCH}, {"rfc5322", PS_DATE_FORM_RFC5322},
                                    {"excel", PS_DATE_FORM_EXCEL}, {NULL, 0}};

static const choice encodings[] = {
    {"same", PS_ENCODING_AUTO}, {"utf-8", PS_ENCODING_UTF8}, {"cp932", PS_ENCODING_CP932}, {NULL, 0}};
static const choice boms[] = {{"auto", PS_BOM_AUTO}, {"always", PS_BOM_ALWAYS}, {"never", PS_BOM_NEVER}, {NULL, 0}};
static const choice compressions[] = {
    {"none", PS_COMPRESSION_NONE}, {"gzip", PS_COMPRESSION_GZIP}, {"zstd", PS_COMPRESSION_ZSTD}, {NULL, 0}};

static const choice alert_types[] = {{"slack", PS_ALERT_SLACK},
                                     {"teams", PS_ALERT_TEAMS},
                                     {"discord", PS_ALERT_DISCORD},
                                     {"google_chat", PS_ALERT_GOOGLE_CHAT},
                                     {"chatwork", PS_ALERT_CHATWORK},
                                     {"webhook", PS_ALERT_WEBHOOK},
                                     {NULL, 0}};

#define JOB(member) offsetof(ps_job, member)
static const field job_fields[] = {
    {"campaign", FIELD_TEXT, JOB(campaign), NULL, NULL},
    {"purpose", FIELD_FLAG, JOB(service), "service", NULL},
    {"brand", FIELD_TEXT, JOB(brand), NULL, NULL},
    {"owner", FIELD_TEXT, JOB(owner), NULL, NULL},
    {"state", FIELD_PATH, JOB(state), NULL, NULL},
    {"retain", FIELD_DAYS, JOB(retain), NULL, NULL},
    {"timezone", FIELD_TEXT, JOB(timezone), NULL, NULL},
    {"address.typo", FIELD_FLAG, JOB(typo_fix), "fix", NULL}, // its effects are in facts/policy.c
    {"address.legacy_carrier", FIELD_FLAG, JOB(legacy_carrier_quoted), "quoted", NULL},
    {"address.allow_special_use", FIELD_FLAG, JOB(special_use_all), "all", NULL},
    {"dedupe.key", FIELD_CHOICE, JOB(dedupe), NULL, dedupe_keys},
    {"dedupe.evidence", FIELD_FLAG, JOB(evidence_first), "first", NULL},
    {"alias", FIELD_CHOICE, JOB(alias), NULL, aliases},
    {"mx.mode", FIELD_CHOICE, JOB(mx_mode), NULL, mx_modes},
    {"mx.snapshot", FIELD_PATH, JOB(mx_snapshot), NULL, NULL},
    {"mx.no_answer", FIELD_FLAG, JOB(mx_no_answer_unknown), "unknown", NULL},
    {"mx.budget", FIELD_SECONDS, JOB(mx_budget_s), NULL, NULL},
    {"mx.rate", FIELD_RATE, JOB(mx_rate), NULL, NULL},
    {"mx.cache", FIELD_DAYS, JOB(mx_cache), NULL, NULL},
    {"mx.save_snapshot", FIELD_PATH, JOB(mx_save_snapshot), NULL, NULL},
    {"guards.removed_share", FIELD_SHARE, JOB(guards.removed_share), NULL, NULL},
    {"guards.engagement_share", FIELD_SHARE, JOB(guards.engagement_share), NULL, NULL},
    {"guards.shrink", FIELD_SHARE, JOB(guards.shrink), NULL, NULL},
    {"guards.dead_rows", FIELD_SHARE, JOB(guards.dead_rows), NULL, NULL},
    {"guards.min_rows", FIELD_COUNT, JOB(guards.min_rows), NULL, NULL},
    {"output.directory", FIELD_PATH, JOB(output_directory), NULL, NULL},
    {"output.encoding", FIELD_CHOICE, JOB(output_encoding), NULL, encodings},
    {"output.bom", FIELD_CHOICE, JOB(output_bom), NULL, boms},
    {"output.compress", FIELD_CHOICE, JOB(compress), NULL, compressions},
    {"output.email", FIELD_FLAG, JOB(email_original), "original", NULL},
    {"alerts.mask", FIELD_FLAG, JOB(alerts.unmasked), "false", NULL},
    {"report.mask", FIELD_FLAG, JOB(report_unmasked), "false", NULL},
    {"metrics.file", FIELD_PATH, JOB(metrics_file), NULL, NULL},
};

#define ENGAGEMENT(member) offsetof(ps_engagement, member)
static const field engagement_fields[] = {
    {"active", FIELD_DAYS, ENGAGEMENT(active), NULL, NULL},
    {"winback", FIELD_DAYS, ENGAGEMENT(winback), NULL, NULL},
    {"sunset", FIELD_DAYS, ENGAGEMENT(sunset), NULL, NULL},
    {"grace", FIELD_DAYS, ENGAGEMENT(grace), NULL, NULL},
    {"reply", FIELD_DAYS, ENGAGEMENT(reply), NULL, NULL},
    {"relist", FIELD_DAYS, ENGAGEMENT(relist), NULL, NULL},
    {"open_credit", FIELD_DAYS, ENGAGEMENT(open_credit), NULL, NULL},
    {"min_sends", FIELD_NUMBER, ENGAGEMENT(min_sends), NULL, NULL},
    {"sends_never", FIELD_NUMBER, ENGAGEMENT(sends_never), NULL, NULL},
    {"sends_since", FIELD_NUMBER, ENGAGEMENT(sends_since), NULL, NULL},
    {"coverage", FIELD_SHARE, ENGAGEMENT(coverage), NULL, NULL},
    {"dormant", FIELD_FLAG, ENGAGEMENT(dormant_held), "hold", NULL},
};

static const field recipients_fields[] = {
    {"file", FIELD_PATH, offsetof(ps_recipients, file), NULL, NULL},
    {"encoding", FIELD_ENCODING, offsetof(ps_recipients, encoding), NULL, NULL},
    {"header", FIELD_FLAG, offsetof(ps_recipients, headerless), "none", NULL},
};

#define SOURCE(member) offsetof(ps_source_config, member)
static const field source_fields[] = {
    {"name", FIELD_TEXT, SOURCE(name), NULL, NULL},
    {"file", FIELD_PATH, SOURCE(file), NULL, NULL},
    {"format", FIELD_TEXT, SOURCE(format), NULL, NULL},
    {"encoding", FIELD_ENCODING, SOURCE(encoding), NULL, NULL},
    {"column", FIELD_TEXT, SOURCE(column), NULL, NULL},
    {"kind", FIELD_CHOICE, SOURCE(kind), NULL, kinds},
    {"class", FIELD_CHOICE, SOURCE(default_class), NULL, classes},
    {"allow_empty", FIELD_FLAG, SOURCE(allow_empty), "true", NULL},
    {"hash", FIELD_CHOICE, SOURCE(hash), NULL, hashes},
    {"hash_key", FIELD_SECRET, SOURCE(hash_key), NULL, NULL},
    {"type", FIELD_TEXT, SOURCE(type), NULL, NULL},
    {"client", FIELD_PATH, SOURCE(client), NULL, NULL},
    {"base_url", FIELD_TEXT, SOURCE(base_url), NULL, NULL},
    {"domain", FIELD_TEXT, SOURCE(domain), NULL, NULL},
    {"region", FIELD_TEXT, SOURCE(region), NULL, NULL},
    {"account", FIELD_TEXT, SOURCE(account), NULL, NULL},
    {"user", FIELD_SECRET, SOURCE(user), NULL, NULL},
    {"key", FIELD_SECRET, SOURCE(key), NULL, NULL},
    {"ca_file", FIELD_PATH, SOURCE(ca_file), NULL, NULL},
    {"proxy", FIELD_TEXT, SOURCE(proxy), NULL, NULL},
    {"max_reply_mib", FIELD_COUNT, SOURCE(max_reply_mib), NULL, NULL},
    {"recorded_elsewhere", FIELD_FLAG, SOURCE(recorded_elsewhere), "true", NULL},
    {"max_age", FIELD_SECONDS, SOURCE(max_age_s), NULL, NULL},
    {"dated", FIELD_DAY, SOURCE(dated), NULL, NULL},
    {"retired", FIELD_FLAG, SOURCE(retired), "true", NULL},
    {"on_outage", FIELD_FLAG, SOURCE(on_outage_last_whole), "last_whole", NULL},
};

#define TARGET(member) offsetof(ps_alert_target, member)
static const field target_fields[] = {
    {"type", FIELD_CHOICE, TARGET(type), NULL, alert_types},
    {"url", FIELD_SECRET, TARGET(url), NULL, NULL},
    {"key", FIELD_SECRET, TARGET(key), NULL, NULL},
};

// Enumerations are written through an int.
static_assert(sizeof(ps_mx_mode) == sizeof(int) && sizeof(ps_class) == sizeof(int), "enums of another size");

// A path as it can be opened. Those of the working directory stay as they are written.
static const char *path_of(ps_config *config, const ps_yaml *node)
{
    char path[PATH_MAX];
    const char *folder = node->place.origin->folder;

    if (folder == NULL || strcmp(folder, ".") == 0) return node->text.bytes;
    if (!ps_path_join(folder, node->text.bytes, path, sizeof path)) {
        ps_problem_add(&config->problems, &node->place, "the path is too long");
        return node->text.bytes;
    }
    return ps_arena_copy(&config->arena, ps_span_of(path)).bytes;
}

// `file:PATH` with the path as it can be opened.
static const char *secret_of(ps_config *config, const ps_yaml *node)
{
    static const char prefix[] = "file:";
    const size_t prefix_len = sizeof prefix - 1;
    ps_yaml path = *node;

    if (strncmp(node->text.bytes, prefix, prefix_len) != 0) return node->text.bytes;
    path.text = ps_span_of(node->text.bytes + prefix_len);
    ps_span joined = ps_span_of(path_of(config, &path));
    char *reference = ps_arena_take(&config->arena, prefix_len + joined.len + 1);
    memcpy(reference, prefix, prefix_len);
    memcpy(reference + prefix_len, joined.bytes, joined.len);
    return reference;
}

static int choice_value(const choice *choices, const char *word)
{
    while (choices->word != NULL && strcmp(choices->word, word) != 0)
        choices++;
    assert(choices->word != NULL); // the schema lists the same words
    return choices->value;
}

static uint32_t seconds_of(const char *text)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10); // 0 for `none`

    return (uint32_t)(number * (*end == 'd' ? 86400 : *end == 'h' ? 3600 : *end == 'm' ? 60 : 1));
}

// 12.5% without strtod, which heeds the locale.
static double share_of(const char *text)
{
    char *end;
    double share = (double)strtoul(text, &end, 10), unit = 0.1;

    for (const char *digit = end + (*end == '.'); *digit >= '0' && *digit <= '9'; digit++, unit /= 10)
        share += unit * (*digit - '0');
    return share / 100;
}

static ps_encoding encoding_of(const ps_yaml *node)
{
    ps_encoding encoding = PS_ENCODING_AUTO;
    bool found = ps_charset_find(node->text, &encoding);

    assert(found); // the schema lists the same words
    (void)found; // unused without asserts
    return encoding;
}

static ps_day day_of(ps_config *config, const ps_yaml *node)
{
    ps_day day = PS_DAY_NONE;

    if (!ps_day_parse(node->text, &day)) {
        ps_problem_add(&config->problems, &node->place, "there is no day %s", node->text.bytes);
    }
    return day;
}

// Writes through memcpy, because fields of many types are reached by their offset.
static void store(ps_config *config, const field *to, const ps_yaml *node, char *base)
{
    const char *text = node->text.bytes, *value = text;
    bool flag = to->word != NULL && ps_ascii_equal_fold(node->text, ps_span_of(to->word));
    int32_t number = (int32_t)strtol(text, NULL, 10);
    uint64_t count = strtoull(text, NULL, 10);
    int chosen = to->choices != NULL ? choice_value(to->choices, text) : 0;

    switch (to->kind) {
    case FIELD_PATH:
    case FIELD_SECRET:
        value = to->kind == FIELD_PATH ? path_of(config, node) : secret_of(config, node);
        __attribute__((fallthrough));
    case FIELD_TEXT:
        memcpy(base + to->offset, &value, sizeof value);
        break;
    case FIELD_FLAG:
        memcpy(base + to->offset, &flag, sizeof flag);
        break;
    case FIELD_ENCODING:
        chosen = (int)encoding_of(node);
        __attribute__((fallthrough));
    case FIELD_CHOICE:
        memcpy(base + to->offset, &chosen, sizeof chosen);
        break;
    case FIELD_RATE:
        if (strcmp(text, "auto") == 0) number = PS_MX_RATE_AUTO;
        __attribute__((fallthrough));
    case FIELD_DAYS:
    case FIELD_NUMBER:
        memcpy(base + to->offset, &number, sizeof number);
        break;
    case FIELD_DAY:
        memcpy(base + to->offset, &(ps_day){day_of(config, node)}, sizeof(ps_day));
        break;
    case FIELD_SECONDS:
        memcpy(base + to->offset, &(uint32_t){seconds_of(text)}, sizeof(uint32_t));
        break;
    case FIELD_SHARE:
        memcpy(base + to->offset, &(double){share_of(text)}, sizeof(double));
        break;
    case FIELD_COUNT:
        memcpy(base + to->offset, &count, sizeof count);
        break;
    }
}

static void map_fields(ps_config *config, ps_yaml *root, const field *fields, size_t count, void *base)
{
    for (size_t i = 0; i < count; i++) {
        const ps_yaml *node = ps_yaml_find(root, fields[i].path);
        if (node != NULL && node->kind == PS_YAML_SCALAR) store(config, &fields[i], node, base);
    }
}

static void map_columns(const ps_yaml *node, ps_recipients *out)
{
    const ps_yaml *columns = ps_yaml_member(node, "columns"), *dates = ps_yaml_member(node, "dates");

    for (const ps_yaml *member = columns == NULL ? NULL : columns->first; member != NULL; member = member->next)
        out->columns[ps_column_find(member->key)] = member->text.bytes;
    for (const ps_yaml *member = dates == NULL ? NULL : dates->first; member != NULL; member = member->next) {
        out->dates[ps_column_find(member->key)] = (ps_date_form)choice_value(date_forms, member->text.bytes);
    }
}

static void map_recipients(ps_config *config, const ps_yaml *list, bool needs_id)
{
    ps_recipients *recipients = ps_arena_take(&config->arena, list->count * sizeof *recipients);
    size_t i = 0;

    for (ps_yaml *node = list->first; node != NULL; node = node->next, i++) {
        map_fields(config, node, recipients_fields, PS_COUNT_OF(recipients_fields), &recipients[i]);
        map_columns(node, &recipients[i]);
        recipients[i].needs_id = needs_id;
    }
    config->job.recipients = recipients;
    config->job.recipients_count = list->count;
}

static bool joins_by_id(const ps_yaml *node)
{
    return ps_span_equal(ps_yaml_member(node, "key")->text, ps_span_of("id"));
}

static void map_activity(ps_config *config, const ps_yaml *list)
{
    size_t count = list == NULL ? 0 : list->count, i = 0;
    ps_activity *activity = ps_arena_take(&config->arena, count * sizeof *activity);

    for (ps_yaml *node = list == NULL ? NULL : list->first; node != NULL; node = node->next, i++) {
        ps_recipients *table = &activity[i].table;
        map_fields(config, node, recipients_fields, PS_COUNT_OF(recipients_fields), table);
        map_columns(node, table);
        activity[i].by_id = table->needs_id = table->no_email = joins_by_id(node);
    }
    config->job.activity = activity;
    config->job.activity_count = count;
}

// Recipients are known by their id, too, when an activity file is joined by it.
static bool wants_ids(const ps_yaml *activity)
{
    for (const ps_yaml *node = activity == NULL ? NULL : activity->first; node != NULL; node = node->next) {
        if (joins_by_id(node)) return true;
    }
    return false;
}

// A list of texts, in the arena; none for anything that is no list.
static const char *const *texts_of(ps_config *config, const ps_yaml *list, size_t *out_count)
{
    size_t count = list == NULL || list->kind != PS_YAML_SEQUENCE ? 0 : list->count, i = 0;
    const char **texts = ps_arena_take(&config->arena, (count + 1) * sizeof *texts);

    for (const ps_yaml *item = count == 0 ? NULL : list->first; item != NULL; item = item->next)
        texts[i++] = item->text.bytes;
    *out_count = count;
    return texts;
}

// Where the job names no brand, everybody's unsubscribes count.
static bool is_of_others(const ps_job *job, const ps_source_config *source)
{
    for (size_t i = 0; job->brand != NULL && i < source->brands_count; i++) {
        if (strcmp(source->brands[i], job->brand) == 0) return false;
    }
    return job->brand != NULL && source->brands_count > 0;
}

static void map_sources(ps_config *config, const ps_yaml *list)
{
    if (list->kind != PS_YAML_SEQUENCE) {
        config->job.suppressions_none = true;
        return;
    }
    ps_source_config *sources = ps_arena_take(&config->arena, list->count * sizeof *sources);
    size_t i = 0;

    for (ps_yaml *node = list->first; node != NULL; node = node->next, i++) {
        sources[i].default_class = PS_CLASS_MANUAL;
        map_fields(config, node, source_fields, PS_COUNT_OF(source_fields), &sources[i]);
        sources[i].lists = texts_of(config, ps_yaml_member(node, "lists"), &sources[i].lists_count);
        sources[i].without = texts_of(config, ps_yaml_member(node, "without"), &sources[i].without_count);
        sources[i].scope = texts_of(config, ps_yaml_member(node, "scope"), &sources[i].scope_count);
        sources[i].brands = texts_of(config, ps_yaml_member(node, "brands"), &sources[i].brands_count);
        sources[i].unsubscribes_off = config->job.service || is_of_others(&config->job, &sources[i]);
    }
    config->job.sources = sources;
    config->job.sources_count = list->count;
}

static void map_alerts(ps_config *config, ps_yaml *root)
{
    const ps_yaml *list = ps_yaml_find(root, "alerts.to");
    ps_alerts *alerts = &config->job.alerts;

    alerts->domains = texts_of(config, ps_yaml_find(root, "alerts.domains"), &alerts->domains_count);
    if (list == NULL) return;
    ps_alert_target *targets = ps_arena_take(&config->arena, list->count * sizeof *targets);
    for (ps_yaml *node = list->first; node != NULL; node = node->next)
        map_fields(config, node, target_fields, PS_COUNT_OF(target_fields), &targets[alerts->targets_count++]);
    alerts->targets = targets;
}

static void map_effects(ps_config *config, ps_yaml *root)
{
    size_t count;
    const ps_policy_key *keys = ps_policy_keys(&count);

    for (size_t i = 0; i < count; i++) {
        const ps_yaml *node = ps_yaml_find(root, keys[i].path);
        for (unsigned effect = 0; node != NULL && effect < PS_EFFECT_COUNT; effect++) {
            if (!ps_span_equal(node->text, ps_span_of(ps_effect_word((ps_effect)effect)))) continue;
            for (size_t r = 0; r < keys[i].reason_count; r++)
                config->job.effect[keys[i].reasons[r]] = (ps_effect)effect;
        }
    }
}

// Mail that is owed, such as a receipt: what somebody wished about advertising does not count, and nobody is inactive.
static void map_purpose(ps_config *config)
{
    static const struct {
        ps_reason reason;
        ps_effect effect;
    } effects[] = {
        {PS_REASON_SUPPRESSED_COMPLAINT, PS_EFFECT_HOLD}, {PS_REASON_COLUMN_COMPLAINED, PS_EFFECT_HOLD},
        {PS_REASON_COLUMN_OPTOUT, PS_EFFECT_KEEP},        {PS_REASON_NOT_OPTED_IN, PS_EFFECT_KEEP},
        {PS_REASON_OPTIN_UNKNOWN, PS_EFFECT_KEEP},
    };

    if (!config->job.service) return;
    for (size_t i = 0; i < PS_COUNT_OF(effects); i++)
        config->job.effect[effects[i].reason] = effects[i].effect;
    config->job.engagement.applied = false;
}

// The profile first: single windows override it.
static void map_engagement(ps_config *config, ps_yaml *node, ps_engagement *out)
{
    const ps_yaml *profile = ps_yaml_member(node, "profile"), *since = ps_yaml_member(node, "observed_since");

    out->applied = true;
    if (profile != NULL) {
        bool found = ps_engagement_profile(profile->text.bytes, out);
        assert(found); // the schema lists the same words
        (void)found; // unused without asserts
    }
    map_fields(config, node, engagement_fields, PS_COUNT_OF(engagement_fields), out);
    for (const ps_yaml *member = since == NULL ? NULL : since->first; member != NULL; member = member->next)
        out->observed_since[ps_column_find(member->key)] = day_of(config, member);
}

static void map_policies(ps_config *config, ps_yaml *root)
{
    ps_yaml *engagement = ps_yaml_member(root, "engagement"), *policies = ps_yaml_member(root, "policies");
    const ps_engagement defaults = config->job.engagement;
    size_t count = 0;

    if (engagement != NULL) map_engagement(config, engagement, &config->job.engagement);
    if (policies == NULL) return;
    ps_named_policy *named = ps_arena_take(&config->arena, (policies->count + 1) * sizeof *named);
    for (ps_yaml *node = policies->first; node != NULL; node = node->next, count++) {
        named[count] = (ps_named_policy){node->key.bytes, defaults};
        map_engagement(config, node, &named[count].engagement);
    }
    config->job.policies = named;
    config->job.policies_count = count;
}

static ps_status map_time(ps_config *config, ps_yaml *root, ps_error *err)
{
    const ps_yaml *zone = ps_yaml_member(root, "timezone"), *as_of = ps_yaml_member(root, "as_of");
    ps_error why = {.status = PS_OK};
    ps_status status = ps_zone_new(config->job.timezone, &config->zone, &why);

    if (status == PS_CONFIG) {
        ps_problem_add(&config->problems, zone != NULL ? &zone->place : &root->place, "%s", why.text);
        if (why.hint[0] != '\0') ps_problem_hint(&config->problems, "%s", why.hint);
    } else if (status != PS_OK) {
        *err = why;
        return status;
    } else {
        config->job.as_of = ps_zone_day(config->zone, ps_clock_now_s());
    }
    if (as_of != NULL && !ps_span_equal(as_of->text, ps_span_of("now"))) config->job.as_of = day_of(config, as_of);
    return PS_OK;
}

static void map_lists(ps_config *config, ps_yaml *root)
{
    const ps_yaml *names = ps_yaml_find(root, "address.allow_special_use");
    const ps_yaml *resolvers = ps_yaml_find(root, "mx.resolvers"), *doh = ps_yaml_find(root, "mx.doh");

    if (names != NULL && names->kind == PS_YAML_SEQUENCE) {
        ps_span *spans = ps_arena_take(&config->arena, names->count * sizeof *spans);
        size_t i = 0;
        for (const ps_yaml *item = names->first; item != NULL; item = item->next)
            spans[i++] = item->text;
        config->job.special_use = spans;
        config->job.special_use_count = names->count;
    }
    config->job.resolvers = texts_of(config, resolvers, &config->job.resolvers_count);
    if (doh != NULL && !ps_span_equal(doh->text, ps_span_of("none"))) config->job.mx_doh = doh->text.bytes;
}

static void map_added(ps_config *config, ps_yaml *root)
{
    const ps_yaml *list = ps_yaml_find(root, "output.add");
    ps_job *job = &config->job;

    for (const ps_yaml *item = list == NULL ? NULL : list->first; item != NULL; item = item->next) {
        ps_added column = (ps_added)choice_value(added, item->text.bytes);
        size_t same = 0;
        while (same < job->added_count && job->added[same] != column)
            same++;
        if (same == job->added_count) {
            job->added[job->added_count++] = column;
        } else {
            ps_problem_add(&config->problems, &item->place, "`%s` stands twice", item->text.bytes);
        }
    }
}

ps_status ps_config_map(ps_config *config, ps_yaml *root, ps_error *err)
{
    map_policies(config, root);
    map_fields(config, root, job_fields, PS_COUNT_OF(job_fields), &config->job);
    map_effects(config, root);
    map_purpose(config);
    map_lists(config, root);
    map_added(config, root);
    map_alerts(config, root);
    map_activity(config, ps_yaml_member(root, "activity"));
    map_recipients(config, ps_yaml_member(root, "recipients"), wants_ids(ps_yaml_member(root, "activity")));
    map_sources(config, ps_yaml_member(root, "suppressions"));
    return map_time(config, root, err);
}
