#include "mail/rules.h"
#include "stage/row.h"
#include "stage/stage.h"

static const ps_domain_fact unknown = {.verdict = PS_MAIL_UNKNOWN, .reason = PS_REASON_NOT_CHECKED};

static ps_span domain_part(ps_span address)
{
    const char *at = memrchr(address.bytes, '@', address.len);

    return at == NULL ? (ps_span){0} : (ps_span){at + 1, address.len - (size_t)(at + 1 - address.bytes)};
}

// A domain that is only near a well-known one is that one's neighbour, not its misspelling, once it takes mail. The
// listed slips stay suspicious: somebody may have registered them for the mail that goes astray.
static bool is_neighbour(const ps_batch *batch, const ps_row *row, const ps_domain_fact *fact, ps_known known)
{
    if (fact->verdict != PS_MAIL_DELIVERABLE || ps_row_suggestion(row).len == 0) return false;
    if (ps_span_equal(domain_part(ps_row_suggestion(row)), ps_row_host(batch, row)))
        return false; // its local part is odd
    return known.kind != PS_KNOWN_TYPO;
}

// What the address rules found in the domain's name, in the light of what DNS says.
static void judge_likeness(const ps_facts *facts, const ps_batch *batch, ps_row *row, const ps_domain_fact *fact)
{
    if (!ps_findings_has(row->findings, PS_REASON_TYPO_SUSPECTED)) return;
    ps_known known = ps_rules_domain(facts->address_rules, ps_row_host(batch, row));
    bool neighbour = is_neighbour(batch, row, fact, known);
    if (neighbour) row->findings ^= PS_FIND(TYPO_SUSPECTED) | PS_FIND(TYPO_DEMOTED);
    // Throw-away providers sit on such names; a suspicion that stops nothing must not hide them.
    bool stops = !neighbour && (facts->policy.mask[PS_EFFECT_KEEP] & PS_FIND(TYPO_SUSPECTED)) == 0 &&
                 (facts->policy.mask[PS_EFFECT_OFF] & PS_FIND(TYPO_SUSPECTED)) == 0;
    if (known.kind == PS_KNOWN_DISPOSABLE && !stops) row->findings |= PS_FIND(DISPOSABLE_DOMAIN);
}

// Most rows have a domain that another one had before.
static const ps_domain_fact *fact_of(const ps_facts *facts, ps_batch *batch, const ps_row *row)
{
    uint32_t *place = &batch->domain_places[row->domain_number];

    if (row->domain_number == 0) return ps_domains_find(facts->domains, ps_row_host(batch, row));
    if (*place == 0) *place = ps_domains_number(facts->domains, ps_row_host(batch, row)) + 1;
    return ps_domains_fact(facts->domains, *place - 1);
}

// What DNS says against the domain. Outcomes such as `mx` are no findings: their numbers lie beyond the bits.
static ps_findings findings_of(const ps_domain_fact *fact)
{
    ps_findings of_reason = (int)fact->reason < PS_FINDING_COUNT_MAX ? (ps_findings)1 << fact->reason : 0;

    return of_reason | fact->warnings;
}

static void judge_row(const ps_facts *facts, ps_batch *batch, ps_row *row)
{
    const ps_domain_fact *fact = fact_of(facts, batch, row);
    ps_findings findings = findings_of(fact);

    if (findings == 0 && row->domain_number != 0) batch->domain_notes[row->domain_number] |= PS_NOTE_SILENT;
    row->findings |= findings;
    judge_likeness(facts, batch, row, fact);
}

// Most domains take mail and nothing more is to be said: then the facts, which many domains make larger than the near
// cache, are left alone.
static bool is_silent(const ps_batch *batch, const ps_row *row)
{
    return (batch->domain_notes[row->domain_number] & PS_NOTE_SILENT) != 0 &&
           !ps_findings_has(row->findings, PS_REASON_TYPO_SUSPECTED);
}

// Where MX is off.
static void judge_unasked(const ps_facts *facts, const ps_batch *batch, ps_row *row)
{
    row->findings |= PS_FIND(NOT_CHECKED);
    judge_likeness(facts, batch, row, &unknown);
}

void ps_stage_domain(const ps_facts *facts, ps_batch *batch)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        if (ps_row_damaged(row) || !ps_row_has_key(row) || is_silent(batch, row)) continue;
        if (facts->domains == NULL) {
            judge_unasked(facts, batch, row);
        } else {
            judge_row(facts, batch, row);
        }
    }
}
