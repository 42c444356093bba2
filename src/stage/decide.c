#include <assert.h>
#include <string.h>

#include "stage/row.h"
#include "stage/stage.h"

static bool would_be_kept(const ps_facts *facts, ps_batch *batch, ps_span address)
{
    ps_address parsed;
    ps_reason reason;
    ps_findings findings = ps_address_parse(facts->address_rules, address, &batch->arena, &parsed);

    return ps_policy_decide(&facts->policy, findings, &reason) == PS_VERDICT_CLEAN;
}

// An address that the rules remove, but that a person can put right: removing it in silence would lose a customer. What
// a list, a column or DNS removes stays removed.
static bool is_mendable(const ps_policy *policy, ps_findings findings)
{
    return (findings & policy->mask[PS_EFFECT_REMOVE] & ~policy->stage[PS_REASON_STAGE_SYNTAX]) == 0;
}

static bool can_be_put_right(const ps_facts *facts, ps_batch *batch, const ps_row *row, ps_findings findings)
{
    if (ps_findings_has(findings, PS_REASON_MULTIPLE_ADDRESSES)) return true;
    ps_span suggestion = ps_row_suggestion(row);
    return suggestion.len != 0 && would_be_kept(facts, batch, suggestion);
}

// What follows from a set of findings alone.
typedef struct known {
    ps_findings findings;
    uint32_t kind; // of its rows, in batch->kinds
    uint32_t mended; // of those whose address can be put right; 0: there were none
    bool mendable; // removed, and the address may be one that can be put right
} known;

// By a few bits of the set; another may stand there.
enum { KNOWN_BITS = 8, KNOWN_MAX = 1 << KNOWN_BITS };

static uint32_t add_kind(ps_batch *batch, ps_findings findings, ps_reason reason, ps_verdict verdict)
{
    assert(batch->kind_count <= 2 * batch->row_count);
    batch->kinds[batch->kind_count] = (ps_kind){.findings = findings, .reason = reason, .verdict = verdict};
    return batch->kind_count++;
}

// Few sets are new, and few rows can be put right: the loop that asks for them needs its registers.
static __attribute__((noinline)) void learn(const ps_policy *policy, ps_batch *batch, ps_findings findings, known *out)
{
    ps_findings found = findings & ~policy->mask[PS_EFFECT_OFF]; // what the job does not look for is not found
    ps_reason reason;
    ps_verdict verdict = ps_policy_decide(policy, found, &reason);

    *out = (known){.findings = findings, .kind = add_kind(batch, found, reason, verdict)};
    out->mendable = verdict == PS_VERDICT_REMOVED && is_mendable(policy, found);
}

static __attribute__((noinline)) uint32_t mended_kind(const ps_facts *facts, ps_batch *batch, const ps_row *row,
                                                      known *set)
{
    const ps_kind kind = batch->kinds[set->kind];

    if (!can_be_put_right(facts, batch, row, kind.findings)) return set->kind;
    if (set->mended == 0) set->mended = add_kind(batch, kind.findings, kind.reason, PS_VERDICT_HELD);
    return set->mended;
}

static inline uint32_t kind_of(const ps_facts *facts, ps_batch *batch, const ps_row *row, known table[KNOWN_MAX])
{
    known *set = &table[ps_findings_place(row->findings, KNOWN_BITS)];

    if (set->findings != row->findings) learn(&facts->policy, batch, row->findings, set);
    return set->mendable ? mended_kind(facts, batch, row, set) : set->kind;
}

static ps_verdict verdict_of(const ps_facts *facts, ps_batch *batch, const ps_row *row, ps_findings findings)
{
    ps_reason reason; // only the verdict is counted
    ps_verdict verdict = ps_policy_decide(&facts->policy, findings, &reason);

    if (verdict != PS_VERDICT_REMOVED || !is_mendable(&facts->policy, findings)) return verdict;
    return can_be_put_right(facts, batch, row, findings) ? PS_VERDICT_HELD : verdict;
}

// What is joined to the findings of a row, since it is the same for many.
typedef struct joined {
    ps_findings settling; // with one of these engagement does not count
    ps_findings found[2][PS_ENGAGED_COUNT]; // by whether there is an address, and what engagement says
} joined;

static ps_findings findings_of_engaged(unsigned engaged)
{
    if (engaged < PS_DECISION_COUNT) return ps_decisions[engaged].findings;
    return engaged == PS_ENGAGED_DATE ? PS_FIND(DATE) : 0;
}

static joined joined_by(const ps_facts *facts)
{
    joined out = {.settling = facts->policy.settling};

    for (unsigned i = 0; i < PS_ENGAGED_COUNT; i++) {
        out.found[false][i] = out.found[true][i] = findings_of_engaged(i);
        if (facts->domains == NULL) out.found[true][i] |= PS_FIND(NOT_CHECKED); // MX is off
    }
    return out;
}

static inline ps_findings join(const joined *by, const ps_row *row, unsigned engaged)
{
    bool settled = (row->findings & by->settling) != 0;

    if (ps_row_damaged(row)) return row->findings;
    return row->findings | by->found[row->has_key][settled ? PS_ENGAGED_NOT : engaged];
}

// Before the row has what is found under the job's own policy alone.
static void decide_projection(const ps_facts *facts, size_t number, ps_batch *batch)
{
    const ps_facts *alternative = &facts->alternatives[number];
    const joined by = joined_by(alternative);

    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        ps_projection *projection = ps_row_projection(facts, batch, row, number);
        ps_findings findings = join(&by, row, projection->engaged) & ~PS_FIND(DUPLICATE);
        if (projection->duplicate) findings |= PS_FIND(DUPLICATE);
        projection->verdict = verdict_of(alternative, batch, row, findings);
    }
}

// By what is known of its findings: verdicts are as good as random, and working each out anew mispredicts twice.
static void decide_rows(const ps_facts *facts, ps_batch *batch)
{
    const joined by = joined_by(facts);
    known table[KNOWN_MAX] = {[0] = {.kind = 0}}; // the place of the empty set, which is clean
    uint32_t count[PS_VERDICT_COUNT] = {0};

    for (uint32_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        row->findings = join(&by, row, batch->engaged[i]);
        uint32_t number = batch->kind_numbers[i] = kind_of(facts, batch, row, table);
        ps_kind *kind = &batch->kinds[number];
        row->verdict = kind->verdict;
        row->reason = kind->reason;
        kind->rows++;
        batch->out_rows[kind->verdict][count[kind->verdict]++] = i;
    }
    memcpy(batch->out_row_count, count, sizeof count);
}

// Each row makes two kinds at most, the second where its address can be put right; and one is there from the begin.
static void open_kinds(ps_batch *batch)
{
    size_t numbers_bytes = batch->row_count * sizeof(uint32_t);

    batch->kinds = ps_arena_room(&batch->arena, (2 * batch->row_count + 1) * sizeof *batch->kinds);
    batch->kind_count = 0;
    batch->kind_numbers = ps_arena_room(&batch->arena, numbers_bytes);
    for (size_t v = 0; v < PS_VERDICT_COUNT; v++)
        batch->out_rows[v] = ps_arena_room(&batch->arena, numbers_bytes);
    (void)add_kind(batch, 0, PS_REASON_OK, PS_VERDICT_CLEAN); // number 0, as the table has it
}

void ps_stage_decide(const ps_facts *facts, ps_batch *batch)
{
    open_kinds(batch);
    for (size_t i = 0; i < facts->alternatives_count; i++)
        decide_projection(facts, i, batch);
    decide_rows(facts, batch);
}
