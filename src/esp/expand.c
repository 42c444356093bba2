#include "esp/expand.h"

#include "esp/refuse.h"
#include "esp/shape.h"

#define ENTRY_ARENA_BYTES ((size_t)32 << 20)

ps_status ps_expand_rules(ps_address_rules **out, ps_error *err)
{
    const ps_address_options options = {.special_use_all = true};

    return ps_address_rules_new(&options, out, err);
}

static ps_status put(void *context, ps_suppression_entry *found, ps_day expires, bool *out_new, ps_error *err)
{
    ps_expander *expander = context;
    (void)expires; // a stored entry has its own

    found->date = expander->created_s == 0 ? PS_DAY_NONE : ps_zone_day(expander->import.zone, expander->created_s);
    return expander->take(expander->context, found, out_new, err);
}

ps_status ps_expander_open(ps_expander *out, const char *name, const ps_address_rules *rules, const ps_zone *zone,
                           ps_error *err)
{
    *out = (ps_expander){.config = {.name = name}};
    out->import = (ps_import){
        .config = &out->config, .rules = rules, .zone = zone, .put = put, .put_context = out, .out = &out->counts};
    return ps_arena_open(ENTRY_ARENA_BYTES, &out->import.arena, err);
}

void ps_expander_close(ps_expander *expander)
{
    ps_arena_close(&expander->import.arena);
}

// What stands in a list of addresses without being one; people type anything into forms.
static bool is_unreadable(const ps_stored_entry *entry)
{
    if (ps_shape_is_digest(ps_shape_trim(entry->text))) return true;
    if (entry->kind == PS_STORED_DOMAIN || entry->class == PS_CLASS_INVALID) return false;
    return !ps_shape_has_at(ps_shape_trim(entry->text));
}

static ps_status refuse(const ps_expander *expander, const char *list, ps_error *err)
{
    ps_error_set(err, PS_SOURCE,
                 "Suppression source '%s' cannot be used: its list %s holds a wildcard or a pattern, and presend does "
                 "not know whom it means.",
                 expander->config.name, list);
    ps_error_hint(err, "Look for entries with * or %% in that list at the ESP, and write out whom they mean.");
    return PS_SOURCE;
}

ps_status ps_expand(ps_expander *expander, const char *list, const ps_stored_entry *entry, ps_error *err)
{
    const ps_import_entry item = {.text = entry->text, .class = entry->class, .list = list};
    bool domain = entry->kind == PS_STORED_DOMAIN;

    if (is_unreadable(entry)) {
        expander->import.records++;
        expander->counts.unreadable++;
        return PS_OK;
    }
    expander->config.kind = domain ? PS_ENTRY_BOTH : PS_ENTRY_ADDRESS;
    expander->created_s = entry->created_s;
    if (ps_shape_is_pattern(ps_shape_trim(entry->text), expander->config.kind) && entry->class != PS_CLASS_INVALID) {
        return refuse(expander, list, err);
    }
    return ps_import_add(&expander->import, &item, err);
}

ps_status ps_expander_finish(const ps_expander *expander, ps_error *err)
{
    uint64_t unreadable = expander->counts.unreadable, records = expander->import.records;

    if (unreadable * PS_UNREADABLE_SHARE <= records) return PS_OK;
    ps_error_set(err, PS_SOURCE,
                 "Suppression source '%s' cannot be used: %llu of its %llu entries are no addresses, and at most one "
                 "in a thousand may be none.",
                 expander->config.name, (unsigned long long)unreadable, (unsigned long long)records);
    ps_error_hint(err, "Look at the list at the ESP. If it is right as it is: --accept %s:kinds",
                  expander->config.name);
    return PS_SOURCE;
}
