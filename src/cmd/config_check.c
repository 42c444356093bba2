#include <stdlib.h>

#include "base/text.h"
#include "cmd/config_map.h"
#include "esp/client.h"
#include "facts/engagement.h"
#include "net/http.h"
#include "net/ip.h"
#include "notify/render.h"

static void check_snapshot(ps_config *config, ps_yaml *root)
{
    const ps_yaml *mode = ps_yaml_find(root, "mx.mode");

    if (config->job.mx_mode != PS_MX_SNAPSHOT || config->job.mx_snapshot != NULL) return;
    ps_problem_add(&config->problems, &mode->place, "`mode: snapshot` needs the file");
    ps_problem_hint(&config->problems, "add `snapshot: mx.csv` beside it");
}

static void check_fix(ps_config *config, ps_yaml *root)
{
    const ps_yaml *typo = ps_yaml_find(root, "address.typo");

    if (!config->job.typo_fix || !config->job.email_original) return;
    ps_problem_add(&config->problems, &typo->place, "`typo: fix` changes addresses that `email: original` keeps");
    ps_problem_hint(&config->problems, "use `output: {email: normalized}`, or `typo: hold`");
}

// A `?` in an address would be another address.
static void check_encoding(ps_config *config, ps_yaml *root)
{
    const ps_yaml *encoding = ps_yaml_find(root, "output.encoding"), *bom = ps_yaml_find(root, "output.bom");

    if (config->job.output_encoding != PS_ENCODING_CP932) return;
    if (config->job.output_bom == PS_BOM_ALWAYS) {
        ps_problem_add(&config->problems, &bom->place, "a list in CP932 has no byte order mark");
        ps_problem_hint(&config->problems, "use `encoding: utf-8`, or take `bom` out");
    }
    if (config->job.effect[PS_REASON_SMTPUTF8_REQUIRED] >= PS_EFFECT_HOLD) return;
    ps_problem_add(&config->problems, &encoding->place,
                   "`encoding: cp932` cannot write every address that `address.smtputf8` lets through");
    ps_problem_hint(&config->problems, "use `encoding: utf-8`, or `smtputf8: hold`");
}

static void check_resolvers(ps_config *config, ps_yaml *root)
{
    const ps_yaml *list = ps_yaml_find(root, "mx.resolvers"), *rate = ps_yaml_find(root, "mx.rate");
    bool unlimited = config->job.mx_rate == 0, listed = list != NULL && list->kind == PS_YAML_SEQUENCE;

    for (const ps_yaml *item = list == NULL ? NULL : list->first; item != NULL; item = item->next) {
        ps_endpoint endpoint;
        if (!ps_endpoint_parse(item->text.bytes, &endpoint)) {
            ps_problem_add(&config->problems, &item->place, "`%s` is no IP address", item->text.bytes);
        } else if (unlimited && !ps_endpoint_is_loopback(&endpoint)) {
            ps_problem_add(&config->problems, &rate->place, "`rate: 0` would flood the resolver %s", item->text.bytes);
            ps_problem_hint(&config->problems, "write `rate: auto`, or ask a resolver on this machine: 127.0.0.1");
        }
    }
    if (!unlimited || listed || config->job.mx_doh != NULL) return;
    ps_problem_add(&config->problems, &rate->place, "`rate: 0` would flood the system's resolvers");
    ps_problem_hint(&config->problems, "write `rate: auto`, or name a resolver on this machine: "
                                       "`resolvers: [127.0.0.1]`");
}

static void check_doh(ps_config *config, ps_yaml *root)
{
    const ps_yaml *doh = ps_yaml_find(root, "mx.doh"), *list = ps_yaml_find(root, "mx.resolvers");
    const ps_yaml *rate = ps_yaml_find(root, "mx.rate");
    const char *url = config->job.mx_doh;

    if (url == NULL) return;
    if (!ps_http_is_askable(url)) {
        ps_problem_add(&config->problems, &doh->place, "`%s` is no URL that a resolver can be asked by", url);
        ps_problem_hint(&config->problems, "write it whole, as its operator gives it, `https://dns.example/dns-query`; "
                                           "plain http is for this machine only");
    }
    if (list != NULL && list->kind == PS_YAML_SEQUENCE) {
        ps_problem_add(&config->problems, &doh->place, "`doh` is asked in place of `resolvers`, and both are named");
        ps_problem_hint(&config->problems, "take one of them out");
    }
    if (config->job.mx_rate != 0 || ps_http_is_loopback(url)) return;
    ps_problem_add(&config->problems, &rate->place, "`rate: 0` would flood the resolver %s", url);
    ps_problem_hint(&config->problems, "write `rate: auto`, or ask a resolver on this machine: 127.0.0.1");
}

static void check_header(ps_config *config, const ps_yaml *node, const ps_recipients *recipients)
{
    const ps_yaml *columns = ps_yaml_member(node, "columns");

    for (const ps_yaml *member = columns == NULL ? NULL : columns->first; member != NULL; member = member->next) {
        char *end;
        unsigned long number = strtoul(member->text.bytes, &end, 10);
        bool is_number = *end == '\0' && member->text.bytes[0] >= '0' && member->text.bytes[0] <= '9' && number > 0;
        if (recipients->headerless && !is_number) {
            ps_problem_add(&config->problems, &member->place,
                           "with `header: none` a column is its number from 1, found `%s`", member->text.bytes);
        }
        for (const ps_yaml *other = columns->first; other != member; other = other->next) {
            if (!ps_span_equal(other->text, member->text)) continue;
            ps_problem_add(&config->problems, &member->place, "`%s` is already the column `%s`", member->text.bytes,
                           other->key.bytes);
        }
    }
}

static void check_recipients(ps_config *config, ps_yaml *root)
{
    const ps_yaml *list = ps_yaml_member(root, "recipients");
    bool stdin_taken = false;
    size_t i = 0;

    for (const ps_yaml *node = list->first; node != NULL; node = node->next, i++) {
        const ps_recipients *recipients = &config->job.recipients[i];
        bool is_stdin = strcmp(recipients->file, "-") == 0;
        if (is_stdin && stdin_taken) {
            ps_problem_add(&config->problems, &ps_yaml_member(node, "file")->place,
                           "standard input can be read only once");
        }
        stdin_taken = stdin_taken || is_stdin;
        check_header(config, node, recipients);
    }
}

static void check_activity(ps_config *config, ps_yaml *root)
{
    const ps_yaml *list = ps_yaml_member(root, "activity");
    size_t i = 0;

    for (const ps_yaml *node = list == NULL ? NULL : list->first; node != NULL; node = node->next, i++) {
        const ps_yaml *file = ps_yaml_member(node, "file");
        if (ps_span_equal(file->text, ps_span_of("-"))) {
            ps_problem_add(&config->problems, &file->place, "an activity file cannot be standard input");
            ps_problem_hint(&config->problems, "save it as a file");
        }
        check_header(config, node, &config->job.activity[i].table);
    }
}

static void check_file_source(ps_config *config, const ps_yaml *node)
{
    static const char *const keys[] = {"retired", "on_outage", "max_reply_mib"}; // what only an ESP's lists have
    const ps_yaml *file = ps_yaml_member(node, "file");

    if (file == NULL) {
        ps_problem_add(&config->problems, &node->first->key_place, "`file` is missing");
        ps_problem_hint(&config->problems, "add `file: export.csv`");
    } else if (ps_span_equal(file->text, ps_span_of("-"))) {
        ps_problem_add(&config->problems, &file->place, "a suppression list cannot be standard input");
        ps_problem_hint(&config->problems, "save it as a file: a list is read whole, or the run ends");
    }
    for (size_t i = 0; i < PS_COUNT_OF(keys); i++) {
        const ps_yaml *member = ps_yaml_member(node, keys[i]);
        if (member == NULL) continue;
        ps_problem_add(&config->problems, &member->key_place, "`%s` is about the lists of an ESP, and this is a file",
                       keys[i]);
        ps_problem_hint(&config->problems, "take the line out");
    }
}

// Digests are of addresses, and nothing but how they were made can be said of them.
static void check_hash(ps_config *config, const ps_yaml *node, const ps_source_config *source)
{
    const ps_yaml *hash = ps_yaml_member(node, "hash"), *key = ps_yaml_member(node, "hash_key");
    const ps_yaml *kind = ps_yaml_member(node, "kind"), *format = ps_yaml_member(node, "format");
    bool keyed = source->hash == PS_DIGEST_HMAC_SHA256, hashed = source->hash != PS_DIGEST_NONE;

    if (keyed && key == NULL) {
        ps_problem_add(&config->problems, &hash->place, "`hmac-sha256` needs the key that the digests were made with");
        ps_problem_hint(&config->problems, "add `hash_key: file:PATH` or `hash_key: env:NAME` beside it");
    } else if (!keyed && key != NULL) {
        ps_problem_add(&config->problems, &key->key_place, "only `hash: hmac-sha256` has a key");
        ps_problem_hint(&config->problems, "take the line out, or write `hash: hmac-sha256`");
    }
    if (hashed && source->kind != PS_ENTRY_ADDRESS) {
        ps_problem_add(&config->problems, &kind->place, "hashed lists are lists of addresses");
        ps_problem_hint(&config->problems, "take the line out");
    }
    bool esp = format != NULL && strcmp(source->format, "plain") != 0 && strcmp(source->format, "csv") != 0;
    if (!hashed || !esp) return;
    ps_problem_add(&config->problems, &format->place, "no export of an ESP holds digests");
    ps_problem_hint(&config->problems, "take the line out, or write `format: csv`");
}

// What is wrong with an ESP's settings, each at the key that it is about.
static void check_client(ps_config *config, const ps_yaml *node, const ps_source_config *source)
{
    ps_client_fault fault;

    for (size_t i = 0; ps_client_config_fault(source, i, &fault); i++) {
        const ps_yaml *member = ps_yaml_member(node, fault.key);
        if (member == NULL) member = ps_yaml_member(node, "type");
        ps_problem_add(&config->problems, &member->place, "%s", fault.text);
        if (fault.hint[0] != '\0') ps_problem_hint(&config->problems, "%s", fault.hint);
    }
}

static void check_source(ps_config *config, const ps_yaml *node, const ps_source_config *source)
{
    if (ps_source_is_file(source)) {
        check_file_source(config, node);
        check_hash(config, node, source);
        return;
    }
    check_client(config, node, source);
    if (source->dated != 0) {
        ps_problem_add(&config->problems, &ps_yaml_member(node, "dated")->key_place,
                       "`dated` is about a file, and an ESP's lists are as they are when they are read");
        ps_problem_hint(&config->problems, "take the line out");
    }
    if (source->hash != PS_DIGEST_NONE) {
        ps_problem_add(&config->problems, &ps_yaml_member(node, "hash")->place, "an ESP's own lists are not hashed");
        ps_problem_hint(&config->problems, "take the line out");
    }
    if (!source->on_outage_last_whole || source->max_age_s != 0) return;
    ps_problem_add(&config->problems, &ps_yaml_member(node, "on_outage")->place,
                   "`last_whole` needs a limit: how old may the lists be?");
    ps_problem_hint(&config->problems, "add `max_age: 72h` beside it");
}

static void check_sources(ps_config *config, ps_yaml *root)
{
    const ps_yaml *list = ps_yaml_member(root, "suppressions");
    size_t i = 0;

    for (const ps_yaml *node = list->first; node != NULL; node = node->next, i++) {
        const ps_yaml *name = ps_yaml_member(node, "name");
        if (config->job.sources_count > 0) check_source(config, node, &config->job.sources[i]);
        for (const ps_yaml *other = list->first; other != node; other = other->next) {
            if (!ps_span_equal(ps_yaml_member(other, "name")->text, name->text)) continue;
            ps_problem_add(&config->problems, &name->place, "the name `%s` stands twice", name->text.bytes);
            break;
        }
    }
}

static void check_alert(ps_config *config, const ps_yaml *node, const ps_alert_target *target)
{
    const ps_notify_form *form = ps_notify_form_of(target->type);
    const ps_yaml *key = ps_yaml_member(node, "key");

    if (form->key_needed && key == NULL) {
        ps_problem_add(&config->problems, &ps_yaml_member(node, "type")->place, "`%s` needs a token", form->name);
        ps_problem_hint(&config->problems, "add `key: env:NAME` or `key: file:PATH` beside it");
    } else if (form->key_header == NULL && key != NULL) {
        ps_problem_add(&config->problems, &key->key_place, "`%s` has no key: its URL says it all", form->name);
        ps_problem_hint(&config->problems, "take the line out");
    }
}

static void check_alerts(ps_config *config, ps_yaml *root)
{
    const ps_yaml *domains = ps_yaml_find(root, "alerts.domains"), *list = ps_yaml_find(root, "alerts.to");
    size_t i = 0;

    for (const ps_yaml *item = domains == NULL ? NULL : domains->first; item != NULL; item = item->next) {
        if (strchr(item->text.bytes, '@') == NULL) continue;
        ps_problem_add(&config->problems, &item->place, "`%s` is an address", item->text.bytes);
        ps_problem_hint(&config->problems, "write the domain alone: %s", strrchr(item->text.bytes, '@') + 1);
    }
    for (const ps_yaml *node = list == NULL ? NULL : list->first; node != NULL; node = node->next)
        check_alert(config, node, &config->job.alerts.targets[i++]);
}

// Windows follow each other; where two come from the profile, they do.
static void check_windows(ps_config *config, const ps_yaml *policy, const ps_engagement *windows)
{
    const struct {
        const char *shorter, *longer;
        int32_t shorter_days, longer_days;
    } pairs[] = {{"active", "winback", windows->active, windows->winback},
                 {"winback", "sunset", windows->winback, windows->sunset}};

    for (size_t i = 0; policy != NULL && i < PS_COUNT_OF(pairs); i++) {
        const ps_yaml *node = ps_yaml_member(policy, pairs[i].shorter);
        if (node == NULL) node = ps_yaml_member(policy, pairs[i].longer);
        if (node == NULL || pairs[i].shorter_days < pairs[i].longer_days) continue;
        ps_problem_add(&config->problems, &node->place, "`%s` (%dd) must be shorter than `%s` (%dd)", pairs[i].shorter,
                       (int)pairs[i].shorter_days, pairs[i].longer, (int)pairs[i].longer_days);
    }
}

static void check_observed(ps_config *config, const ps_yaml *policy, const ps_engagement *windows)
{
    const ps_yaml *since = ps_yaml_member(policy, "observed_since");

    for (const ps_yaml *member = since == NULL ? NULL : since->first; member != NULL; member = member->next) {
        ps_day day = windows->observed_since[ps_column_find(member->key)];
        if (day == PS_DAY_NONE || config->job.as_of == PS_DAY_NONE || day <= config->job.as_of) continue;
        ps_problem_add(&config->problems, &member->place, "%s lies after the day of judgement", member->text.bytes);
    }
}

static void check_policies(ps_config *config, ps_yaml *root)
{
    const ps_yaml *engagement = ps_yaml_member(root, "engagement"), *policies = ps_yaml_member(root, "policies");
    size_t i = 0;

    check_windows(config, engagement, &config->job.engagement);
    check_observed(config, engagement, &config->job.engagement);
    for (const ps_yaml *node = policies == NULL ? NULL : policies->first; node != NULL; node = node->next, i++) {
        check_windows(config, node, &config->job.policies[i].engagement);
        check_observed(config, node, &config->job.policies[i].engagement);
    }
}

void ps_config_check(ps_config *config, ps_yaml *root)
{
    check_snapshot(config, root);
    check_fix(config, root);
    check_encoding(config, root);
    check_resolvers(config, root);
    check_doh(config, root);
    check_recipients(config, root);
    check_activity(config, root);
    check_sources(config, root);
    check_policies(config, root);
    check_alerts(config, root);
}
