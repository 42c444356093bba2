#include "esp/merge.h"

bool ps_merge_in_scope(const ps_source_config *source, ps_span scope)
{
    for (size_t i = 0; i < source->scope_count; i++) {
        if (ps_span_equal(scope, ps_span_of(source->scope[i]))) return true;
    }
    return source->scope_count == 0 || scope.len == 0;
}

bool ps_merge_lapses(ps_class class)
{
    return class == PS_CLASS_HARD || class == PS_CLASS_SOFT;
}

ps_merge_verdict ps_merge_judge(const ps_job *job, const ps_source_config *source, const ps_merge_kind *kind)
{
    bool unsubscribe = kind->class == PS_CLASS_UNSUBSCRIBE;
    bool over = kind->expires != PS_DAY_NONE && kind->expires < job->as_of;

    if (kind->allowlist) return PS_MERGE_ALLOWED;
    if (over && ps_merge_lapses(kind->class)) return PS_MERGE_EXPIRED;
    if (unsubscribe && source->unsubscribes_off) return PS_MERGE_OTHER_BRAND;
    if (unsubscribe && !ps_merge_in_scope(source, kind->scope)) return PS_MERGE_OTHER_SCOPE;
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
