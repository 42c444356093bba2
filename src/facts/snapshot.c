#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "facts/date.h"
#include "facts/domains.h"
#include "facts/operators.h"
#include "table/reader.h"

typedef enum field {
    FIELD_DOMAIN,
    FIELD_VERDICT,
    FIELD_REASON,
    FIELD_OPERATOR,
    FIELD_MX,
    FIELD_CHECKED_AT,
    FIELD_COUNT
} field;

static const struct {
    const char *name;
    bool needed;
    ps_column column; // batches know cells by column; a snapshot borrows six names
} fields[FIELD_COUNT] = {
    [FIELD_DOMAIN] = {"domain", true, PS_COLUMN_EMAIL},
    [FIELD_VERDICT] = {"verdict", true, PS_COLUMN_STATUS},
    [FIELD_REASON] = {"reason", false, PS_COLUMN_NAME},
    [FIELD_OPERATOR] = {"operator", false, PS_COLUMN_ID},
    [FIELD_MX] = {"mx", false, PS_COLUMN_SEGMENT},
    [FIELD_CHECKED_AT] = {"checked_at", false, PS_COLUMN_UPDATED_AT},
};

// A verdict, and the reason it has where the snapshot names none.
static const struct {
    const char *word;
    ps_mail_verdict verdict;
    ps_reason reason;
} verdicts[] = {
    {"deliverable", PS_MAIL_DELIVERABLE, PS_REASON_MX},
    {"no_mail", PS_MAIL_NONE, PS_REASON_NODATA},
    {"unknown", PS_MAIL_UNKNOWN, PS_REASON_NOT_CHECKED},
};

typedef struct loader {
    const char *path;
    ps_domains *domains;
    ps_zone *zone;
    ps_reader *reader;
    ps_batch batch;
    bool *seen; // by the domain's number: this snapshot said something of it
    size_t seen_capacity;
    uint64_t entries;
    ps_run_mx *stats;
} loader;

static ps_status refuse(const loader *l, const ps_row *row, ps_error *err, const char *what, ps_span value)
{
    ps_buf text;

    ps_buf_init(&text, PS_ERROR_TEXT_MAX);
    ps_add_visible(&text, value.len > 100 ? (ps_span){value.bytes, 100} : value);
    (void)ps_error_set(err, PS_INPUT, "The MX snapshot %s cannot be trusted: \"%s\" %s.", l->path, ps_buf_text(&text),
                       what); // its result is the status that stands below
    ps_error_where(err, "%s:%llu", l->path, (unsigned long long)row->line);
    ps_error_hint(err, "Write the snapshot anew (`presend domains`), or take it out of the job (`mx: {mode: live}`).");
    ps_buf_done(&text);
    return PS_INPUT;
}

static bool is_domain_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

// The domain in lower case, without the root's dot; empty when it is no A-label name.
static ps_span domain_name(ps_span cell, ps_arena *arena)
{
    ps_span name = ps_arena_copy(arena, ps_ascii_trim(cell));
    char *bytes = arena->base + (name.bytes - arena->base);
    size_t label = 0;

    if (name.len > 1 && name.bytes[name.len - 1] == '.') name.len--;
    for (size_t i = 0; i < name.len; i++) {
        if (bytes[i] >= 'A' && bytes[i] <= 'Z') bytes[i] = (char)(bytes[i] + ('a' - 'A'));
        label = bytes[i] == '.' ? 0 : label + 1;
        if (!is_domain_byte(bytes[i]) || label > 63 || (label == 0 && (i == 0 || bytes[i - 1] == '.')))
            return (ps_span){0};
    }
    return name.len > 253 || label == 0 ? (ps_span){0} : name;
}

static bool find_verdict(ps_span word, ps_domain_fact *fact)
{
    for (size_t i = 0; i < PS_COUNT_OF(verdicts); i++) {
        if (!ps_ascii_equal_fold(word, ps_span_of(verdicts[i].word))) continue;
        fact->verdict = verdicts[i].verdict;
        fact->reason = verdicts[i].reason;
        return true;
    }
    return false;
}

// A reason that says the opposite of its verdict is a broken snapshot.
static bool fits(ps_mail_verdict verdict, ps_reason reason)
{
    bool removes = ps_reason_get(reason)->effect == PS_EFFECT_REMOVE;
    bool is_warning = !removes && ((int)reason >= PS_FINDING_COUNT_MAX || reason == PS_REASON_STALE ||
                                   reason == PS_REASON_DISPOSABLE_MX ||
                                   (reason >= PS_REASON_IMPLICIT_MX && reason <= PS_REASON_MX_CNAME));

    switch (verdict) {
    case PS_MAIL_NONE:
        return removes;
    case PS_MAIL_DELIVERABLE:
        return is_warning;
    case PS_MAIL_UNKNOWN:
        break;
    }
    return !removes && !is_warning;
}

static void note_age(ps_run_mx *stats, ps_day checked)
{
    if (checked == PS_DAY_NONE) return;
    if (stats->snapshot_oldest == PS_DAY_NONE || checked < stats->snapshot_oldest) stats->snapshot_oldest = checked;
    if (stats->snapshot_newest == PS_DAY_NONE || checked > stats->snapshot_newest) stats->snapshot_newest = checked;
}

static ps_status put(loader *l, const ps_row *row, const ps_domain_answer *answer, ps_error *err)
{
    const ps_domain_fact *fact = &answer->fact;
    ps_span name = answer->domain;
    uint32_t number;
    size_t before = l->seen_capacity;
    ps_status status = ps_domains_add(l->domains, name, &number, err);

    if (status != PS_OK) return status;
    status = ps_memory_grow((void **)&l->seen, &l->seen_capacity, (size_t)number + 1, sizeof *l->seen, err);
    if (status != PS_OK) return status;
    memset(l->seen + before, 0, l->seen_capacity - before);
    if (l->seen[number] && l->domains->facts[number].verdict != fact->verdict) {
        return refuse(l, row, err, "stands in it with two verdicts", name);
    }
    l->entries += !l->seen[number];
    if (!l->seen[number]) status = ps_domains_put(l->domains, number, answer, err);
    l->seen[number] = true;
    note_age(l->stats, fact->checked);
    return status;
}

static ps_span value_of(const loader *l, const ps_row *row, field which)
{
    int slot = ps_layout_slot(l->batch.layout, fields[which].column);

    return slot < 0 ? (ps_span){0} : ps_ascii_trim(ps_batch_values(&l->batch, row)[slot]);
}

// What says whose the domain is. An operator that this build does not know, and hosts that are none, say nothing.
static void take_servers(loader *l, const ps_row *row, ps_domain_answer *out)
{
    ps_span servers = ps_arena_copy(&l->batch.arena, value_of(l, row, FIELD_MX));
    char *bytes = l->batch.arena.base + (servers.bytes - l->batch.arena.base);

    out->fact.taker = ps_operator_find(value_of(l, row, FIELD_OPERATOR));
    for (size_t i = 0; i < servers.len; i++) {
        if (bytes[i] >= 'A' && bytes[i] <= 'Z') bytes[i] = (char)(bytes[i] + ('a' - 'A'));
        if (!is_domain_byte(bytes[i]) && bytes[i] != ' ') return;
    }
    if (servers.len <= PS_DOMAIN_SERVERS_MAX * (size_t)254) out->servers = servers;
}

static ps_status load_row(loader *l, const ps_row *row, ps_error *err)
{
    ps_domain_answer answer = {.fact = {.checked = PS_DAY_NONE}};
    ps_domain_fact *fact = &answer.fact;
    ps_span domain = value_of(l, row, FIELD_DOMAIN), verdict = value_of(l, row, FIELD_VERDICT);
    ps_span reason = value_of(l, row, FIELD_REASON), checked = value_of(l, row, FIELD_CHECKED_AT);

    if (row->findings != 0) return refuse(l, row, err, "is in a row with too few or too many cells", domain);
    answer.domain = domain_name(domain, &l->batch.arena);
    if (answer.domain.len == 0) return refuse(l, row, err, "is no domain (write IDNs as A-labels)", domain);
    if (!find_verdict(verdict, fact))
        return refuse(l, row, err, "is no verdict: deliverable, no_mail, unknown", verdict);
    ps_reason why = fact->reason;
    if (reason.len != 0 && !ps_reason_find(reason, PS_REASON_STAGE_DOMAIN, &why)) {
        return refuse(l, row, err, "is no reason of a domain", reason);
    }
    fact->reason = why;
    if (!fits(fact->verdict, fact->reason)) {
        return refuse(l, row, err, "is a reason that contradicts its verdict", reason);
    }
    if (ps_date_read(checked, PS_DATE_FORM_AUTO, l->zone, &fact->checked) == PS_DATE_UNREADABLE) {
        return refuse(l, row, err, "is no date", checked);
    }
    take_servers(l, row, &answer);
    return put(l, row, &answer, err);
}

// The columns by their names; batches want them ascending by place.
static ps_status map_columns(const loader *l, ps_error *err)
{
    ps_layout *layout = ps_reader_layout(l->reader);
    bool found[FIELD_COUNT] = {false};

    layout->mapped_count = 0;
    for (uint32_t i = 0; i < layout->column_count; i++) {
        for (size_t f = 0; f < FIELD_COUNT; f++) {
            if (found[f] || !ps_ascii_equal_fold(ps_ascii_trim(layout->names[i]), ps_span_of(fields[f].name))) continue;
            layout->mapped[layout->mapped_count++] = (ps_mapped){.column = fields[f].column, .index = i};
            found[f] = true;
        }
    }
    for (size_t f = 0; f < FIELD_COUNT; f++) {
        if (found[f] || !fields[f].needed) continue;
        ps_status status =
            ps_error_set(err, PS_INPUT, "The MX snapshot %s has no column `%s`.", l->path, fields[f].name);
        ps_error_hint(
            err, "Its first line must be: domain,verdict,reason,operator,mx,checked_at (the last four are optional).");
        return status;
    }
    return PS_OK;
}

static ps_status load_batches(loader *l, ps_error *err)
{
    bool more = true;
    ps_status status = ps_batch_open(PS_BATCH_BYTES, &l->batch, err);

    while (status == PS_OK) {
        ps_batch_reset(&l->batch);
        l->batch.layout = ps_reader_layout(l->reader);
        status = ps_reader_next(l->reader, &l->batch, &more, err);
        if (status != PS_OK || !more) break;
        status = ps_batch_parse(&l->batch, err);
        for (size_t i = 0; status == PS_OK && i < l->batch.row_count; i++)
            status = load_row(l, &l->batch.rows[i], err);
    }
    if (status == PS_OK) status = ps_reader_check(l->reader, err);
    if (status == PS_OK && l->entries == 0) {
        status = ps_error_set(err, PS_INPUT, "The MX snapshot %s holds no domain.", l->path);
    }
    return status;
}

ps_status ps_snapshot_load(const char *path, ps_domains *domains, ps_run_mx *out, ps_error *err)
{
    ps_run_mx stats = *out;
    loader l = {.path = path, .domains = domains, .stats = &stats};
    ps_reader_options options = {
        .source = {.path = path, .missing = PS_MISSING, .bad = PS_INPUT, .allow_pipe = false},
    };

    stats.snapshot = path;
    stats.snapshot_oldest = stats.snapshot_newest = PS_DAY_NONE;
    ps_status status = ps_zone_new("UTC", &l.zone, err);
    if (status == PS_OK) status = ps_reader_open(&options, &l.reader, err);
    if (status == PS_OK) status = map_columns(&l, err);
    if (status == PS_OK) status = load_batches(&l, err);
    if (status == PS_OK) *out = stats;

    ps_memory_free(l.seen);
    ps_batch_close(&l.batch);
    ps_reader_close(l.reader);
    ps_zone_free(l.zone);
    return status;
}
