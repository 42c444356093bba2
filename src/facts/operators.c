#include "facts/operators.h"

#include <stdlib.h>
#include <string.h>

typedef struct ps_operator_entry {
    ps_span name;
    ps_operator number;
    bool tenant; // each customer may have a host of his own
} ps_operator_entry;

#include "mail/operators.inc" // generated from operators.csv: operators, suffixes, domains

static int compare(const void *key, const void *entry)
{
    return ps_span_compare(*(const ps_span *)key, ((const ps_operator_entry *)entry)->name);
}

static const ps_operator_entry *find(ps_span name, const ps_operator_entry *entries, size_t count)
{
    return name.len == 0 ? NULL : bsearch(&name, entries, count, sizeof *entries, compare);
}

// Without its first label; empty after the last.
static ps_span parent(ps_span name)
{
    const char *dot = memchr(name.bytes, '.', name.len);

    if (dot == NULL) return (ps_span){0};
    return (ps_span){dot + 1, name.len - (size_t)(dot + 1 - name.bytes)};
}

ps_operator ps_operator_of_host(ps_span host, bool *out_shared)
{
    for (ps_span suffix = host; suffix.len > 0; suffix = parent(suffix)) {
        const ps_operator_entry *entry = find(suffix, suffixes, PS_COUNT_OF(suffixes));
        if (entry == NULL) continue;
        if (out_shared != NULL) *out_shared = !entry->tenant;
        return entry->number;
    }
    if (out_shared != NULL) *out_shared = false;
    return PS_OPERATOR_NONE;
}

ps_operator ps_operator_of_domain(ps_span domain)
{
    const ps_operator_entry *entry = find(domain, domains, PS_COUNT_OF(domains));

    return entry == NULL ? PS_OPERATOR_NONE : entry->number;
}

ps_operator ps_operator_find(ps_span name)
{
    if (name.len == 0) return PS_OPERATOR_NONE; // as in most snapshots
    for (size_t i = 1; i < PS_COUNT_OF(operators); i++) {
        if (ps_span_equal(name, ps_span_of(operators[i].name))) return (ps_operator)i;
    }
    return PS_OPERATOR_NONE;
}

const ps_operator_info *ps_operator_get(ps_operator number)
{
    return &operators[number < PS_COUNT_OF(operators) ? number : PS_OPERATOR_NONE];
}

size_t ps_operator_count(void)
{
    return PS_COUNT_OF(operators);
}

const char *ps_operator_kind_word(ps_operator_kind kind)
{
    static const char *const words[PS_OPERATOR_KIND_COUNT] = {
        "", "mailbox", "hosted", "carrier", "isp", "hosting", "security", "forwarding", "esp", "parking", "disposable",
    };

    return words[kind];
}
