#include "esp/merge.h"

static bool is_of_scope(const ps_source_config *source, ps_span scope)
{
    for (size_t i = 0; i < source->scope_count; i++) {
        if (ps_span_equal(scope, ps_span_of(source->scope[i]))) return true;
    }
    return source->scope_count == 0 || scope.len == 0;
}

ps_merge_verdict ps_merge_judge(const ps_job *job, const ps_source_config *source, const ps_merge_kind *kind)
{
    bool unsubscribe = kind->class == PS_CLASS_UNSUBSCRIBE;

    if (kind->allowlist) return PS_MERGE_ALLOWED;
    if (kind->expires != PS_DAY_NONE && kind->expires < job->as_of) return PS_MERGE_EXPIRED;
    if (unsubscribe && source->unsubscribes_off) return PS_MERGE_OTHER_BRAND;
    if (unsubscribe && !is_of_scope(source, kind->scope)) return PS_MERGE_OTHER_SCOPE;
    return PS_MERGE_COUNTS;
}

void ps_merge_count(ps_run_source *out, ps_merge_verdict verdict, uint64_t count)
{
    switch (verdict) {
    case PS_MERGE_ALLOWED:
        out->allowed += count;
        break;
    case PS_MERGE_EXPIRED:
        out->expired += count;
        break;
    case PS_MERGE_OTHER_SCOPE:
        out->other_scopes += count;
        break;
    case PS_MERGE_OTHER_BRAND:
        out->other_brands += count;
        break;
    case PS_MERGE_COUNTS:
        break;
    }
}

static ps_status take(void *context, const ps_suppression_entry *found, bool *out_new, ps_error *err)
{
    const ps_merge *merge = context;
    ps_suppression_entry entry = *found;

    entry.source = merge->source;
    entry.list = merge->list->name;
    ps_status status = ps_suppression_add(merge->set, &entry, out_new, err);
    if (status != PS_OK || !*out_new) return status;
    merge->out->entries[entry.class]++;
    if (entry.domain || entry.subdomains) {
        merge->out->domains++;
    } else {
        merge->out->addresses++;
    }
    *out_new = false; // it is counted here
    return PS_OK;
}

ps_status ps_merge_open(ps_merge *merge, const ps_address_rules *rules, const ps_zone *zone, ps_error *err)
{
    ps_status status = ps_expander_open(&merge->expander, merge->job->sources[merge->source].name, rules, zone, err);

    merge->expander.take = take;
    merge->expander.context = merge;
    return status;
}

void ps_merge_close(ps_merge *merge)
{
    ps_expander_close(&merge->expander);
}

ps_status ps_merge_entry(void *context, const ps_stored_list *list, const ps_stored_entry *entry, ps_error *err)
{
    ps_merge *merge = context;
    const ps_zone *zone = merge->expander.import.zone;
    const ps_merge_kind kind = {
        .class = entry->class,
        .scope = entry->scope,
        .expires = entry->expires_s == 0 ? PS_DAY_NONE : ps_zone_day(zone, entry->expires_s),
        .allowlist = list->allowlist,
    };
    ps_merge_verdict verdict = ps_merge_judge(merge->job, &merge->job->sources[merge->source], &kind);

    if (verdict != PS_MERGE_COUNTS) {
        ps_merge_count(merge->out, verdict, 1);
        return PS_OK;
    }
    merge->list = list;
    ps_status status = ps_expand(&merge->expander, list->name, entry, err);
    merge->out->unreadable = merge->expander.counts.unreadable;
    merge->out->unmatched = merge->expander.counts.unmatched;
    return status;
}
