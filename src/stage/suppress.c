#include <assert.h>

#include "stage/hashed.h"
#include "stage/row.h"
#include "stage/stage.h"

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
static void look_up_all_hashed(const ps_facts *facts, ps_batch *batch)
{
    ps_hashed hashed;

    ps_hashed_open(facts->suppression, &hashed);
    for (size_t i = 0; i < batch->row_count; i++) {
        if (ps_row_has_key(&batch->rows[i])) look_up_hashed(facts, &hashed, batch, &batch->rows[i]);
    }
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

static size_t block_at(const ps_batch *batch, size_t from)
{
    size_t left = from < batch->row_count ? batch->row_count - from : 0;

    return left < BLOCK_ROWS ? left : BLOCK_ROWS;
}

// What is asked about a block of rows.
typedef struct question {
    ps_hash hashes[PS_ROSTER_BLOCK];
    uint8_t row_of[PS_ROSTER_BLOCK];
    size_t count;
    uint32_t slips; // rows that are looked up in any case
    uint64_t may, open; // by hash: what the first answer said
} question;

static void ask_block(const ps_facts *facts, const ps_batch *batch, size_t from, question *out)
{
    const ps_row *rows = &batch->rows[from];
    size_t count = block_at(batch, from);

    static_assert(BLOCK_ROWS <= 32, "a bit for each");
    out->count = 0;
    out->slips = 0;
    for (size_t i = 0; i < count; i++) {
        const ps_row *row = &rows[i];
        if (!ps_row_has_key(row)) continue;
        out->slips |= (uint32_t)row->was_slip << i;
        out->row_of[out->count] = (uint8_t)i;
        out->hashes[out->count++] = row->key;
        if (ps_hash_equal(row->key, row->provider)) continue;
        out->row_of[out->count] = (uint8_t)i;
        out->hashes[out->count++] = row->provider;
    }
    ps_roster_prefetch(ps_suppression_roster(facts->suppression), out->hashes, out->count);
}

static void answer_block(const ps_facts *facts, question *asked)
{
    const ps_roster *roster = ps_suppression_roster(facts->suppression);

    asked->may = ps_roster_may_have(roster, asked->hashes, asked->count, &asked->open);
}

// Bit n: row n of the block may be on a list.
static uint32_t answer_open(const ps_facts *facts, const question *asked)
{
    const ps_roster *roster = ps_suppression_roster(facts->suppression);
    uint64_t may = asked->may | ps_roster_may_have_open(roster, asked->hashes, asked->open);
    uint32_t mask = asked->slips;

    for (; may != 0; may &= may - 1)
        mask |= UINT32_C(1) << asked->row_of[__builtin_ctzll(may)];
    return mask;
}

// Four rows in five are on no list, which the block says of all its rows at once. Only entries of domains are asked
// about row by row. What an entry says is far away, too: all of them are asked for before the first is read.
static void look_up_block(const ps_facts *facts, ps_batch *batch, size_t from, uint32_t mask)
{
    ps_row *rows = &batch->rows[from];
    size_t rows_count = block_at(batch, from);
    entries found[BLOCK_ROWS];
    uint8_t which[BLOCK_ROWS];
    size_t count = 0;

    if (ps_suppression_has_domains(facts->suppression)) mask = UINT32_MAX;
    for (size_t i = 0; i < rows_count; i++) {
        rows[i].suppressed = NULL;
        if ((mask >> i & 1) == 0 || !ps_row_has_key(&rows[i])) continue;
        found[count] = look_up(facts, &rows[i].key, &rows[i].provider);
        __builtin_prefetch(found[count].address);
        if (found[count].alias != found[count].address) __builtin_prefetch(found[count].alias);
        which[count++] = (uint8_t)i;
    }
    for (size_t i = 0; i < count; i++)
        judge_row(facts, batch, &rows[which[i]], &found[i]);
}

// Every row that has a key is looked up, whatever else is wrong with it.
void ps_stage_suppress(const ps_facts *facts, ps_batch *batch)
{
    if (facts->suppression == NULL) {
        for (size_t i = 0; i < batch->row_count; i++)
            batch->rows[i].suppressed = NULL;
        return;
    }
    // What a block touches comes while the two before it are asked about: first its homes, then what is behind those
    // that are full, and what it has found while the next one is.
    question asked[3];
    ask_block(facts, batch, 0, &asked[0]);
    ask_block(facts, batch, BLOCK_ROWS, &asked[1]);
    answer_block(facts, &asked[0]);
    for (size_t from = 0, i = 0; from < batch->row_count; from += BLOCK_ROWS, i = (i + 1) % 3) {
        ask_block(facts, batch, from + 2 * BLOCK_ROWS, &asked[(i + 2) % 3]);
        answer_block(facts, &asked[(i + 1) % 3]);
        look_up_block(facts, batch, from, answer_open(facts, &asked[i]));
    }
    if (ps_suppression_hashings(facts->suppression)->count > 0) look_up_all_hashed(facts, batch);
}
