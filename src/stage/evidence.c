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
static bool is_row_prefetched(const ps_facts *facts, ps_operator apple, ps_batch *batch, const ps_row *row)
{
    uint32_t number = ps_row_domain_number(batch, row);

    if (ps_batch_noted(batch, PS_NOTE_FETCHED_BY_PEOPLE, number)) return false;
    if (ps_batch_noted(batch, PS_NOTE_PREFETCHED, number)) return true;
    bool prefetched = is_prefetched(facts, apple, ps_row_host(batch, row));
    if (number != 0) ps_batch_note(batch, prefetched ? PS_NOTE_PREFETCHED : PS_NOTE_FETCHED_BY_PEOPLE, number);
    return prefetched;
}

// What says nothing where pictures are fetched by machines: an open, unless the file knows that it was a person's, and
// a mixed date, which counts opens. Also where such a cell cannot be read: whatever stands there.
static const uint32_t bad_opens = (uint32_t)PS_FLAG_BAD_SIGNAL << PS_SIGNAL_OPEN | (uint32_t)PS_FLAG_BAD_SIGNAL
                                                                                       << PS_SIGNAL_ACTIVITY;

static bool has_opens(const ps_batch *batch, const ps_row *row)
{
    uint32_t said = batch->said.flags[row - batch->rows];
    const ps_day *open = batch->said.days[PS_SIGNAL_OPEN], *activity = batch->said.days[PS_SIGNAL_ACTIVITY];
    size_t i = (size_t)(row - batch->rows);
    bool dated = (open != NULL && open[i] != PS_DAY_NONE) || (activity != NULL && activity[i] != PS_DAY_NONE);

    if (row->judged != NULL) {
        said |= row->judged->flags;
        dated =
            row->judged->date[PS_SIGNAL_OPEN] != PS_DAY_NONE || row->judged->date[PS_SIGNAL_ACTIVITY] != PS_DAY_NONE;
    }
    return dated || (said & bad_opens) != 0;
}

static void forget_opens(ps_batch *batch, ps_row *row)
{
    size_t i = (size_t)(row - batch->rows);
    ps_said *said = &batch->said;

    said->flags[i] &= ~bad_opens;
    if (row->judged == NULL) {
        if (said->days[PS_SIGNAL_OPEN] != NULL) said->days[PS_SIGNAL_OPEN][i] = PS_DAY_NONE;
        if (said->days[PS_SIGNAL_ACTIVITY] != NULL) said->days[PS_SIGNAL_ACTIVITY][i] = PS_DAY_NONE;
        return;
    }
    ps_signals *known = ps_arena_take(&batch->arena, sizeof *known);
    *known = *row->judged; // many rows may share it
    known->date[PS_SIGNAL_OPEN] = known->date[PS_SIGNAL_ACTIVITY] = PS_DAY_NONE;
    known->flags &= ~bad_opens;
    ps_row_judge_on(batch, row, known);
}

// What its own cells say is not all that is known of the row.
static bool is_shared(const ps_facts *facts, const ps_batch *batch, const ps_row *row)
{
    return facts->evidence != NULL && ps_row_has_key(row) && !ps_row_alone(facts, batch, row);
}

// What all rows of its address say, if there are others.
static void find_judged(const ps_facts *facts, ps_batch *batch, ps_row *row)
{
    if (!is_shared(facts, batch, row)) return;
    const ps_signals *known = ps_evidence_find(facts->evidence, ps_row_identity(facts, row));
    if (known == NULL) return;
    ps_row_judge_on(batch, row, known);
    __builtin_prefetch(known);
}

static void weigh(const ps_facts *facts, ps_operator apple, ps_batch *batch, ps_row *row)
{
    if (has_opens(batch, row) && is_row_prefetched(facts, apple, batch, row)) forget_opens(batch, row);
}

enum { BLOCK_ROWS = 64 };

// Some rows of a batch, and those of them that are weighed.
typedef struct block {
    uint32_t weighed[BLOCK_ROWS];
    size_t count;
} block;

// Of a block's rows, those whose address others have, too; bit n is row n.
static uint64_t shared_rows(const ps_facts *facts, const ps_batch *batch, size_t from, size_t end)
{
    uint64_t all = ~UINT64_C(0) >> (BLOCK_ROWS - (end - from)), row = batch->first_number + from;

    if (facts->evidence == NULL) return 0;
    if (facts->repeated == NULL) return all;
    assert(batch->passed_over == 0); // so the rows have numbers one after the other
    return all &
           ps_repeated_marks(facts->repeated, facts->repeated->marks, facts->repeated->rows_before[batch->file] + row);
}

// Of most rows the domain is all that is asked: whether they have opens is as good as random. Which rows these are is
// random, too, so they are listed without a branch. The evidence of a long list is more than the near cache holds: it
// is on its way while the block before is weighed.
static void list_weighed(const ps_facts *facts, const ps_batch *batch, size_t from, block *out)
{
    const uint32_t *numbers = batch->domain_numbers;

    out->count = 0;
    if (from >= batch->row_count) return;
    size_t left = batch->row_count - from, end = left < BLOCK_ROWS ? batch->row_count : from + BLOCK_ROWS;
    uint64_t shared = shared_rows(facts, batch, from, end);
    for (size_t i = from; i < end; i++) {
        bool asked = !ps_batch_noted(batch, PS_NOTE_FETCHED_BY_PEOPLE, numbers[i]);
        out->weighed[out->count] = (uint32_t)i;
        out->count += asked | (shared >> (i - from) & 1);
    }
    for (; shared != 0; shared &= shared - 1) {
        const ps_row *row = &batch->rows[from + (size_t)__builtin_ctzll(shared)];
        ps_index_prefetch(&facts->evidence->index, ps_row_identity(facts, row));
    }
}

// Does some cell of the batch speak of what is weighed here?
static bool is_asked(const ps_facts *facts, const ps_batch *batch)
{
    const ps_said *said = &batch->said;

    return facts->evidence != NULL || said->days[PS_SIGNAL_OPEN] != NULL || said->days[PS_SIGNAL_ACTIVITY] != NULL;
}

void ps_stage_evidence(const ps_facts *facts, ps_batch *batch)
{
    const ps_operator apple = ps_operator_find(ps_span_of("apple_icloud"));
    block blocks[2], *now = &blocks[0], *next = &blocks[1];

    assert(apple != PS_OPERATOR_NONE); // it stands in the table
    if (!is_asked(facts, batch)) return;
    list_weighed(facts, batch, 0, now);
    for (size_t from = 0; from < batch->row_count; from += BLOCK_ROWS) {
        list_weighed(facts, batch, from + BLOCK_ROWS, next);
        for (size_t i = 0; i < now->count; i++)
            find_judged(facts, batch, &batch->rows[now->weighed[i]]);
        for (size_t i = 0; i < now->count; i++)
            weigh(facts, apple, batch, &batch->rows[now->weighed[i]]);
        block *weighed = now;
        now = next;
        next = weighed;
    }
}
