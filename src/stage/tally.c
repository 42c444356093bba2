#include "stage/tally.h"

#include <string.h>

#include "base/memory.h"
#include "stage/row.h"
#include "table/writer.h"

ps_status ps_tally_open(const ps_tally *whole, const char *folder, ps_tally *out, ps_error *err)
{
    ps_domain_counts domains;
    ps_status status = ps_domain_counts_open(whole == NULL ? NULL : &whole->domains, folder, &domains, err);

    if (status != PS_OK) return status;
    memset(out, 0, sizeof *out);
    out->domains = domains;
    return PS_OK;
}

void ps_tally_close(ps_tally *tally)
{
    ps_domain_counts_close(&tally->domains);
    memset(tally, 0, sizeof *tally);
}

static void count_findings(ps_tally *tally, ps_findings findings, uint64_t rows)
{
    for (unsigned half = 0; half < 2; half++) {
        uint64_t bits = (uint64_t)(findings >> (64 * half));
        for (; bits != 0; bits &= bits - 1)
            tally->found[64 * half + (unsigned)__builtin_ctzll(bits)] += rows;
    }
}

static void count_kind(ps_tally *tally, const ps_kind *kind)
{
    tally->verdict[kind->verdict] += kind->rows;
    tally->decided[kind->reason] += kind->rows;
    if (kind->verdict == PS_VERDICT_CLEAN) tally->tier[ps_engagement_tier(kind->findings)] += kind->rows;
    if (kind->verdict == PS_VERDICT_HELD) tally->held[kind->reason] += kind->rows;
    count_findings(tally, kind->findings, kind->rows);
}

// What the lists say of few rows only.
static void count_suppressed(ps_tally *tally, const ps_batch *batch, const ps_row *row)
{
    const ps_suppressed *entry = row->suppressed;
    ps_day again = ps_row_day(batch, row, PS_SIGNAL_RESUBSCRIBED);

    for (uint64_t bits = entry->sources; bits != 0; bits &= bits - 1)
        tally->matched[__builtin_ctzll(bits)]++;
    if (entry->strongest != PS_CLASS_UNSUBSCRIBE || entry->date == PS_DAY_NONE) return;
    if (again > entry->date) tally->doubts.returned++;
}

static void count_reply(ps_run_doubts *doubts, const ps_batch *batch, const ps_row *row)
{
    ps_day replied = ps_row_day(batch, row, PS_SIGNAL_WINBACK_REPLIED);

    if (replied == PS_DAY_NONE) return;
    ps_day sent = ps_row_day(batch, row, PS_SIGNAL_WINBACK_SENT);
    if (sent == PS_DAY_NONE) doubts->replies_alone++;
    if (replied < sent) doubts->replies_early++;
}

// Replies are of the row's own cells, or of other rows of its address.
static bool may_have_replies(const ps_facts *facts, const ps_batch *batch)
{
    return batch->said.days[PS_SIGNAL_WINBACK_REPLIED] != NULL || facts->evidence != NULL;
}

static void count_projections(ps_tally *tally, const ps_facts *facts, const ps_batch *batch, const ps_row *row)
{
    for (size_t i = 0; i < facts->alternatives_count; i++)
        tally->projected[i][ps_row_projection(facts, batch, row, i)->verdict]++;
}

// Few rows are not: of those lists say something, or there is no domain, or an earlier row was removed for the same.
static inline bool is_ordinary(const ps_row *row)
{
    return row->suppressed == NULL && row->has_key && !row->repeated;
}

static ps_status count_any(ps_tally *tally, const ps_batch *batch, const ps_row *row, ps_error *err)
{
    bool ordinary = row->repeated || ps_reason_is_ordinary(row->reason);
    uint32_t number = ps_row_domain_number(batch, row);

    if (row->suppressed != NULL) count_suppressed(tally, batch, row);
    if (row->repeated && row->verdict == PS_VERDICT_REMOVED) tally->repeated[row->reason]++;
    if (!ps_row_has_key(row)) return PS_OK;
    if (number == 0)
        return ps_domain_counts_add_named(&tally->domains, ps_row_host(batch, row), row->verdict, ordinary, err);
    ps_domain_counts_add(&tally->domains, number, ps_domain_word(row->verdict, ordinary));
    return PS_OK;
}

// By kind, what the counts of a domain get of a row.
static uint64_t *make_words(ps_batch *batch)
{
    uint64_t *words = ps_arena_room(&batch->arena, batch->kind_count * sizeof *words);

    for (uint32_t i = 0; i < batch->kind_count; i++)
        words[i] = ps_domain_word(batch->kinds[i].verdict, ps_reason_is_ordinary(batch->kinds[i].reason));
    return words;
}

// The counts of a hundred thousand domains are more than the near cache holds, so each is asked for some rows before
// its turn: bench/road shows the gain.
static ps_status count_rows(ps_tally *tally, ps_batch *batch, ps_error *err)
{
    enum { AHEAD = 32 };
    const uint64_t *words = make_words(batch);
    ps_domain_counts *domains = &tally->domains;
    const uint32_t *numbers = batch->domain_numbers;
    const ps_row *rows = batch->rows;
    ps_status status = PS_OK;

    for (size_t i = 0; i < batch->row_count && status == PS_OK; i++) {
        if (i + AHEAD < batch->row_count) ps_domain_counts_prefetch(domains, numbers[i + AHEAD]);
        if (numbers[i] != 0 && is_ordinary(&rows[i])) {
            ps_domain_counts_add(domains, numbers[i], words[batch->kind_numbers[i]]);
        } else {
            status = count_any(tally, batch, &rows[i], err);
        }
    }
    return status;
}

static void count_formulas(ps_tally *tally, const ps_batch *batch, ps_verdict sent)
{
    for (uint32_t i = 0; i < batch->out_row_count[sent]; i++) {
        const ps_row *row = &batch->rows[batch->out_rows[sent][i]];
        if ((row->lacks & PS_SPLIT_FORMULA) == 0 && ps_record_has_formula(batch, row)) tally->formula_rows++;
    }
}

// What is counted of rows as they lie in the lists that they go to.
static void count_lists(ps_tally *tally, const ps_batch *batch)
{
    for (uint32_t i = 0; i < batch->kind_count; i++)
        count_kind(tally, &batch->kinds[i]);
    count_formulas(tally, batch, PS_VERDICT_CLEAN);
    count_formulas(tally, batch, PS_VERDICT_WINBACK);
}

ps_status ps_tally_batch(ps_tally *tally, const ps_facts *facts, ps_batch *batch, ps_error *err)
{
    bool replies = may_have_replies(facts, batch);

    tally->rows += batch->row_count;
    tally->file_rows[batch->file] += batch->row_count;
    count_lists(tally, batch);
    for (size_t i = 0; replies && i < batch->row_count; i++)
        count_reply(&tally->doubts, batch, &batch->rows[i]);
    for (size_t i = 0; facts->alternatives_count > 0 && i < batch->row_count; i++)
        count_projections(tally, facts, batch, &batch->rows[i]);
    return count_rows(tally, batch, err);
}

static void add_all(uint64_t *into, const uint64_t *other, size_t count)
{
    for (size_t i = 0; i < count; i++)
        into[i] += other[i];
}

ps_status ps_tally_merge(ps_tally *into, ps_tally *part, ps_error *err)
{
    into->rows += part->rows;
    into->formula_rows += part->formula_rows;
    into->doubts.replies_alone += part->doubts.replies_alone;
    into->doubts.replies_early += part->doubts.replies_early;
    into->doubts.returned += part->doubts.returned;
    add_all(into->verdict, part->verdict, PS_COUNT_OF(into->verdict));
    add_all(into->decided, part->decided, PS_COUNT_OF(into->decided));
    add_all(into->held, part->held, PS_COUNT_OF(into->held));
    add_all(into->repeated, part->repeated, PS_COUNT_OF(into->repeated));
    add_all(into->found, part->found, PS_COUNT_OF(into->found));
    add_all(into->tier, part->tier, PS_COUNT_OF(into->tier));
    for (size_t i = 0; i < PS_POLICIES_MAX; i++)
        add_all(into->projected[i], part->projected[i], PS_VERDICT_COUNT);
    add_all(into->matched, part->matched, PS_COUNT_OF(into->matched));
    add_all(into->file_rows, part->file_rows, PS_COUNT_OF(into->file_rows));
    return ps_domain_counts_merge(&into->domains, &part->domains, err);
}
