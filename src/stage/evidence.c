#include <assert.h>

#include "facts/operators.h"
#include "stage/row.h"
#include "stage/stage.h"

// Masks behind which a mailbox hides. They take the pictures out or fetch them by themselves.
static const char *const relays[] = {
    "privaterelay.appleid.com", "mozmail.com", "duck.com", "simplelogin.com", "slmail.me", "aleeas.com", "anonaddy.me",
};

// Apple's mail programs fetch every picture before anybody reads, under its own domains and those that it hosts.
static bool is_prefetched(const ps_facts *facts, ps_operator apple, ps_span domain)
{
    for (size_t i = 0; i < PS_COUNT_OF(relays); i++) {
        if (ps_span_equal(domain, ps_span_of(relays[i]))) return true;
    }
    return ps_domains_taker(facts->domains, domain) == apple;
}

// The same of a row's domain: most rows have one that was asked about before.
static bool is_row_prefetched(const ps_facts *facts, ps_operator apple, ps_batch *batch, const ps_address *address)
{
    enum { NOT_ASKED, NO, YES };
    uint8_t *note = &batch->domain_notes[address->domain_number];

    if (address->domain_number == 0) return is_prefetched(facts, apple, address->domain);
    if (*note == NOT_ASKED) *note = is_prefetched(facts, apple, address->domain) ? YES : NO;
    return *note == YES;
}

// An open there says nothing, unless the file knows that it was a person's. Nor does a mixed date, which counts opens.
static void drop_prefetched(const ps_facts *facts, ps_operator apple, ps_batch *batch, ps_row *row)
{
    ps_signals *own = ps_batch_signals(batch, row);
    const uint32_t bad = (uint32_t)PS_FLAG_BAD_SIGNAL << PS_SIGNAL_OPEN | (uint32_t)PS_FLAG_BAD_SIGNAL
                                                                              << PS_SIGNAL_ACTIVITY;
    const ps_day *date = row->judged->date;
    bool has_open = date[PS_SIGNAL_OPEN] != PS_DAY_NONE || date[PS_SIGNAL_ACTIVITY] != PS_DAY_NONE;
    bool has_bad = ((own->flags | row->judged->flags) & bad) != 0;

    if ((!has_open && !has_bad) || !is_row_prefetched(facts, apple, batch, row->address)) return;
    ps_signals *known = ps_arena_take(&batch->arena, sizeof *known);
    *known = *row->judged; // many rows may share it
    known->date[PS_SIGNAL_OPEN] = known->date[PS_SIGNAL_ACTIVITY] = PS_DAY_NONE;
    known->flags &= ~bad; // whatever stands there
    own->flags &= ~bad;
    row->judged = known;
}

void ps_stage_evidence(const ps_facts *facts, ps_batch *batch)
{
    const ps_operator apple = ps_operator_find(ps_span_of("apple_icloud"));

    assert(apple != PS_OPERATOR_NONE); // it stands in the table
    for (size_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        const ps_signals *own = ps_batch_signals(batch, row);
        row->is_protected = (own->flags & PS_FLAG_PROTECTED) != 0;
        row->is_unprotected = (own->flags & PS_FLAG_UNPROTECTED) != 0;
        row->judged = NULL;
        if (facts->evidence != NULL && ps_row_has_key(row))
            row->judged = ps_evidence_find(facts->evidence, ps_row_identity(facts, row));
        if (row->judged == NULL) row->judged = own;
        drop_prefetched(facts, apple, batch, row);
    }
}
