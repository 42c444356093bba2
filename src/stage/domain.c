#include "mail/rules.h"
#include "stage/row.h"
#include "stage/stage.h"

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
    static const ps_domain_fact unknown = {.verdict = PS_MAIL_UNKNOWN, .reason = PS_REASON_NOT_CHECKED};
    uint32_t number = ps_row_domain_number(batch, row), *place = &batch->domain_places[number];

    if (facts->domains == NULL) return &unknown;
    if (number == 0) return ps_domains_find(facts->domains, ps_row_host(batch, row));
    if (*place == 0) *place = ps_domains_number(facts->domains, ps_row_host(batch, row)) + 1;
    return ps_domains_fact(facts->domains, *place - 1);
}

// What DNS says against the domain. Outcomes such as `mx` are no findings: their numbers lie beyond the bits.
static ps_findings findings_of(const ps_domain_fact *fact)
{
    ps_findings of_reason = (int)fact->reason < PS_FINDING_COUNT_MAX ? (ps_findings)1 << fact->reason : 0;

    return of_reason | fact->warnings;
}

// Where MX is off all rows are alike, and decide says it of them.
static void judge_row(const ps_facts *facts, ps_batch *batch, ps_row *row)
{
    const ps_domain_fact *fact = fact_of(facts, batch, row);
    ps_findings findings = facts->domains == NULL ? 0 : findings_of(fact);
    uint32_t number = ps_row_domain_number(batch, row);

    if (findings == 0 && number != 0) ps_batch_note(batch, PS_NOTE_SILENT, number);
    row->findings |= findings;
    judge_likeness(facts, batch, row, fact);
}

// Most domains take mail and nothing more is to be said: then neither the row nor the facts, which many domains make
// larger than the near cache, are looked at. Of domains without a number nothing is noted.
void ps_stage_domain(const ps_facts *facts, ps_batch *batch)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        if (ps_batch_noted(batch, PS_NOTE_SILENT, batch->domain_numbers[i])) continue;
        if (!ps_row_damaged(row) && ps_row_has_key(row)) judge_row(facts, batch, row);
    }
}
