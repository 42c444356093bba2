#include <assert.h>

#include "stage/hashed.h"
#include "stage/row.h"
#include "stage/stage.h"
#include "stage/visit.h"

// The set is far larger than the cache, so one row at a time would wait on memory at every look-up. Asking for a block
// of rows lets the waits overlap; a row has two keys at most.
enum { BLOCK_ROWS = PS_ROSTER_BLOCK / 2 };

// What an entry about the address itself does. Blocks and soft bounces are failed deliveries, no wish of anyone.
static const ps_findings address_findings[PS_CLASS_COUNT] = {
    [PS_CLASS_COMPLAINT] = PS_FIND(SUPPRESSED_COMPLAINT),
    [PS_CLASS_UNSUBSCRIBE] = PS_FIND(SUPPRESSED_UNSUBSCRIBE),
    [PS_CLASS_MANUAL] = PS_FIND(SUPPRESSED_MANUAL),
    [PS_CLASS_HARD] = PS_FIND(SUPPRESSED_BOUNCE),
    [PS_CLASS_INVALID] = PS_FIND(SUPPRESSED_INVALID),
    [PS_CLASS_UNKNOWN] = PS_FIND(SUPPRESSED_UNKNOWN),
    [PS_CLASS_BLOCK] = PS_FIND(ESP_BLOCK),
    [PS_CLASS_SOFT] = PS_FIND(ESP_SOFT),
    [PS_CLASS_VERIFIED] = PS_FIND(SUPPRESSED_VERIFIED),
};

enum {
    CLASSES_OF_PEOPLE = 1 << PS_CLASS_COMPLAINT | 1 << PS_CLASS_UNSUBSCRIBE | 1 << PS_CLASS_MANUAL,
    CLASSES_THAT_STOP = CLASSES_OF_PEOPLE | 1 << PS_CLASS_HARD | 1 << PS_CLASS_INVALID | 1 << PS_CLASS_UNKNOWN
};

static bool stops(const ps_suppressed *entry)
{
    return entry != NULL && (entry->classes & CLASSES_THAT_STOP) != 0;
}

static ps_findings of_address(const ps_suppressed *entry)
{
    ps_findings findings = 0;

    for (unsigned class = 0; class < PS_CLASS_COUNT; class ++) {
        if ((entry->classes >> class & 1) != 0) findings |= address_findings[class];
    }
    return findings;
}

// Somebody clicked, logged in, bought or wrote after the last hard bounce: the mailbox is there, or was there again. An
// entry without a date contradicts nothing.
static bool is_contradicted(const ps_suppressed *entry, const ps_batch *batch, const ps_row *row)
{
    static const ps_signal signals[] = {PS_SIGNAL_CLICK, PS_SIGNAL_LOGIN, PS_SIGNAL_PURCHASE, PS_SIGNAL_REPLY};

    for (size_t i = 0; i < PS_COUNT_OF(signals); i++) {
        ps_day day = ps_row_day(batch, row, signals[i]);
        if (day != PS_DAY_NONE && day > entry->last_bounce) return true;
    }
    return false;
}

static ps_findings of_bounce(const ps_suppressed *entry, const ps_batch *batch, const ps_row *row, ps_findings findings)
{
    bool bounced = (entry->classes >> PS_CLASS_HARD & 1) != 0;

    if (!bounced || !is_contradicted(entry, batch, row)) return findings;
    return (findings & ~PS_FIND(SUPPRESSED_BOUNCE)) | PS_FIND(BOUNCE_CONTRADICTED);
}

// Another spelling of the same mailbox: the person's own will counts for all spellings, a bounce may be of the
// spelling.
static ps_findings of_alias(const ps_job *job, const ps_suppressed *entry)
{
    switch (job->alias) {
    case PS_ALIAS_OFF:
        return 0;
    case PS_ALIAS_HOLD:
        return PS_FIND(SUPPRESSED_ALIAS_HELD);
    case PS_ALIAS_REMOVE:
        return PS_FIND(SUPPRESSED_ALIAS);
    case PS_ALIAS_AUTO:
        break;
    }
    // A complaint is about advertising: where none is sent it holds, as the address's own does.
    unsigned people = job->service ? CLASSES_OF_PEOPLE & ~(1U << PS_CLASS_COMPLAINT) : CLASSES_OF_PEOPLE;
    return (entry->classes & people) != 0 ? PS_FIND(SUPPRESSED_ALIAS) : PS_FIND(SUPPRESSED_ALIAS_HELD);
}

// The row's detail shows the first that is about it; its sources are those of all.
static void note(ps_batch *batch, ps_row *row, const ps_suppressed *entry)
{
    if (row->suppressed == NULL || row->suppressed == entry) {
        row->suppressed = entry;
        return;
    }
    ps_suppressed *both = ps_arena_take(&batch->arena, sizeof *both);
    *both = *row->suppressed;
    both->sources |= entry->sources;
    row->suppressed = both;
}

// What the lists have of an address.
typedef struct entries {
    const ps_suppressed *address, *alias;
} entries;

static void judge(const ps_facts *facts, ps_batch *batch, ps_row *row, ps_span host, const entries *found)
{
    const ps_suppressed *address = found->address, *alias = found->alias;
    const ps_suppressed *domain = ps_suppression_domain(facts->suppression, host);

    if (address != NULL) {
        row->findings |= of_bounce(address, batch, row, of_address(address));
        note(batch, row, address);
    }
    if (stops(domain)) {
        row->findings |= PS_FIND(SUPPRESSED_DOMAIN);
        note(batch, row, domain);
    }
    // Where the address is on a list itself, that says it all; and the spellings hold the row's own.
    if (facts->job->alias == PS_ALIAS_OFF || stops(address) || !stops(alias)) return;
    row->findings |= of_alias(facts->job, alias);
    note(batch, row, alias);
}

static entries look_up(const ps_facts *facts, const ps_hash *key, const ps_hash *provider)
{
    entries found;

    ps_suppression_look(facts->suppression, key, provider, &found.address, &found.alias);
    return found;
}

static const ps_suppressed *keep(ps_batch *batch, const ps_suppressed *found)
{
    ps_suppressed *kept = ps_arena_take(&batch->arena, sizeof *kept);

    *kept = *found;
    return kept;
}

// As above, by the digests of hashed lists.
static void look_up_hashed(const ps_facts *facts, const ps_hashed *hashed, ps_batch *batch, ps_row *row)
{
    ps_suppressed address, alias;
    const ps_address forms = ps_row_address(batch, row);

    ps_hashed_look(hashed, &forms, ps_row_cell(batch, row), &address, &alias);
    if (address.classes != 0) {
        row->findings |= of_bounce(&address, batch, row, of_address(&address));
        note(batch, row, keep(batch, &address));
    }
    if (facts->job->alias == PS_ALIAS_OFF || stops(&address) || !stops(&alias)) return;
    row->findings |= of_alias(facts->job, &alias);
    note(batch, row, keep(batch, &alias));
}

// Most jobs have no such list.
static void look_up_some_hashed(const ps_facts *facts, ps_batch *batch, const uint32_t *numbers, size_t count)
{
    ps_hashed hashed;

    ps_hashed_open(facts->suppression, &hashed);
    for (size_t i = 0; i < count; i++)
        look_up_hashed(facts, &hashed, batch, &batch->rows[numbers[i]]);
    ps_hashed_close(&hashed);
}

static void judge_row(const ps_facts *facts, ps_batch *batch, ps_row *row, const entries *found)
{
    judge(facts, batch, row, ps_row_host(batch, row), found);
    if (!row->was_slip) return;
    const ps_match *written = batch->written[row - batch->rows];
    const entries as_written = look_up(facts, &written->key, &written->provider);
    judge(facts, batch, row, written->domain, &as_written);
}

// A block of visits, and what is asked about them.
typedef struct block {
    const uint32_t *numbers; // of their rows
    uint64_t *gaps;
    size_t count;
    ps_roster_question asked;
    uint8_t visit_of[PS_ROSTER_BLOCK]; // by hash
    uint8_t identity_of[BLOCK_ROWS]; // by visit, the hash of who it is
    uint32_t slips; // rows that are looked up in any case
} block;

// The visits that are looked up, and the next of them.
typedef struct looking {
    const ps_facts *facts;
    ps_batch *batch;
    const ps_visits *visits;
    uint32_t next, to;
} looking;

// Asks for the key of a visit's row, and for its provider's where that is another. Gives how many hashes are asked for.
static inline size_t ask_visit(block *out, size_t hashes, size_t visit, const ps_row *row, bool by_provider)
{
    bool alike = ps_hash_equal(row->key, row->provider);

    out->identity_of[visit] = (uint8_t)(hashes + (!alike && by_provider));
    out->visit_of[hashes] = (uint8_t)visit;
    out->asked.hashes[hashes++] = row->key;
    if (alike) return hashes;
    out->visit_of[hashes] = (uint8_t)visit;
    out->asked.hashes[hashes++] = row->provider;
    return hashes;
}

static void ask_block(looking *l, block *out)
{
    bool by_provider = l->facts->job->dedupe == PS_DEDUPE_PROVIDER;
    uint32_t left = l->to - l->next;
    size_t hashes = 0;

    static_assert(BLOCK_ROWS <= 32, "a bit for each");
    out->numbers = l->visits->rows + l->next;
    out->gaps = l->visits->gaps + l->next;
    out->count = left < BLOCK_ROWS ? left : BLOCK_ROWS;
    out->slips = 0;
    for (size_t i = 0; i < out->count; i++) {
        const ps_row *row = &l->batch->rows[out->numbers[i]];
        out->slips |= (uint32_t)row->was_slip << i;
        hashes = ask_visit(out, hashes, i, row, by_provider);
    }
    out->asked.count = hashes;
    out->asked.apart = l->visits->apart;
    l->next += (uint32_t)out->count;
    ps_roster_prefetch(l->visits->roster, out->asked.hashes, hashes);
}

// Bit n: visit n of the block may be on a list.
static uint32_t answer_open(const ps_visits *visits, block *of)
{
    uint32_t mask = of->slips;

    ps_roster_ask_open(visits->roster, &of->asked);
    for (size_t i = 0; i < of->count; i++)
        of->gaps[i] = of->asked.gaps[of->identity_of[i]];
    for (uint64_t may = of->asked.may; may != 0; may &= may - 1)
        mask |= UINT32_C(1) << of->visit_of[__builtin_ctzll(may)];
    return mask;
}

// Four rows in five are on no list, which the block says of all its rows at once. Only entries of domains are asked
// about row by row. What an entry says is far away, too: all of them are asked for before the first is read.
static void look_up_block(const ps_facts *facts, ps_batch *batch, const block *of, uint32_t mask)
{
    entries found[BLOCK_ROWS];
    uint32_t which[BLOCK_ROWS];
    size_t count = 0;

    if (ps_suppression_has_domains(facts->suppression)) mask = (uint32_t)((UINT64_C(1) << of->count) - 1);
    for (; mask != 0; mask &= mask - 1) {
        const ps_row *row = &batch->rows[which[count] = of->numbers[__builtin_ctz(mask)]];
        found[count] = look_up(facts, &row->key, &row->provider);
        __builtin_prefetch(found[count].address);
        if (found[count].alias != found[count].address) __builtin_prefetch(found[count].alias);
        count++;
    }
    for (size_t i = 0; i < count; i++)
        judge_row(facts, batch, &batch->rows[which[i]], &found[i]);
}

// What a block touches comes while the two before it are asked about: first its homes, then what is behind those that
// are full, and what it has found while the next one is.
void ps_stage_suppress(const ps_facts *facts, ps_batch *batch, const ps_visits *visits, uint32_t from, uint32_t to)
{
    looking l = {facts, batch, visits, from, to};
    block blocks[3];

    ask_block(&l, &blocks[0]);
    ask_block(&l, &blocks[1]);
    ps_roster_ask(visits->roster, &blocks[0].asked);
    for (size_t i = 0; blocks[i].count > 0; i = (i + 1) % 3) {
        ask_block(&l, &blocks[(i + 2) % 3]);
        ps_roster_ask(visits->roster, &blocks[(i + 1) % 3].asked);
        uint32_t mask = answer_open(visits, &blocks[i]);
        if (facts->suppression != NULL) look_up_block(facts, batch, &blocks[i], mask);
    }
    if (facts->suppression == NULL || ps_suppression_hashings(facts->suppression)->count == 0) return;
    look_up_some_hashed(facts, batch, visits->rows + from, to - from);
}
