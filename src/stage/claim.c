#include "stage/claim.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "stage/row.h"
#include "stage/standing.h"

// A claim's value is the line of the first row, counted over all files, and what that row says of its address.
enum { KIND_CLAIM = PS_SUPPRESSION_KINDS + 1, STANDING_BITS = 3 };
static_assert((int)KIND_CLAIM <= (int)PS_ROSTER_KINDS, "a kind of its own");
static_assert((int)PS_STANDING_COUNT <= 1 << STANDING_BITS, "a standing fits");
static_assert(PS_CLAIM_LINES_MAX < 1U << (32 - STANDING_BITS), "a line fits");

ps_status ps_claims_open(ps_claims *claims, const ps_facts *facts, unsigned readers, uint64_t bytes_total,
                         ps_error *err)
{
    ps_status status = PS_OK;

    memset(claims, 0, sizeof *claims);
    claims->bytes_total = bytes_total;
    if (facts->suppression != NULL) {
        claims->roster = ps_suppression_roster(facts->suppression);
    } else {
        status = ps_roster_new(&claims->own, err);
        claims->roster = claims->own;
    }
    if (status != PS_OK) return status;
    claims->run = ps_roster_share(claims->roster, readers);
    if (claims->run > 1 && facts->suppression != NULL) ps_suppression_unsee(facts->suppression);
    return PS_OK;
}

void ps_claims_done(ps_claims *claims)
{
    ps_roster_free(claims->own);
    memset(claims, 0, sizeof *claims);
}

// ---- who claims

// What is the same for all rows of a batch.
typedef struct rules {
    const ps_facts *facts;
    const ps_batch *batch;
    ps_findings settling;
    ps_standing_rules standing;
    uint16_t all; // policies, as bits
    bool evidence_first;
} rules;

static uint16_t all_policies(const ps_facts *facts)
{
    static_assert(PS_POLICIES_MAX < 16, "a bit for each, and for the job's own");
    return (uint16_t)((2U << facts->alternatives_count) - 1);
}

// The policies under which the row may carry the verdict of its address. Policies differ only in whether a date that
// cannot be read could change something.
static uint16_t policies_of(const rules *by, const ps_row *row)
{
    unsigned bits = ps_findings_has(row->findings, PS_REASON_DATE) ? 0 : 1;

    for (size_t i = 0; i < by->facts->alternatives_count; i++) {
        bool held = ps_findings_has(ps_row_projection(by->facts, by->batch, row, i)->findings, PS_REASON_DATE);
        if (!held) bits |= 2U << i;
    }
    return (uint16_t)bits;
}

static ps_claimant claimant_of(const rules *by, ps_row *row)
{
    bool settled = (row->findings & by->settling) != 0;
    // Judged alone, the first row may be the one that opted out: nobody may go out in a later one.
    bool goes_out = !settled || (by->evidence_first && ps_row_opted_out(by->facts, row));

    return (ps_claimant){
        .row = row,
        .line = row->line < UINT32_MAX ? (uint32_t)row->line : UINT32_MAX, // as good as any that is too far
        .policies = !goes_out ? 0
                    : settled ? by->all
                              : policies_of(by, row),
        .standing = by->evidence_first ? (uint8_t)ps_standing_of(&by->standing, row) : 0,
        .settled = settled,
    };
}

// Who one is in the claims of this run, under all policies.
static ps_hash hash_for_run(const ps_claims *claims, ps_hash identity)
{
    return (ps_hash){.low = identity.low ^ (uint64_t)claims->run << 8, .high = identity.high};
}

// In the order of their rows, on the way into a queue.
typedef struct gathered {
    ps_hash *hashes;
    ps_claimant *items;
    uint32_t count;
} gathered;

static void open_queue(ps_batch *batch, gathered *found, ps_claim_queue *out)
{
    size_t room = batch->row_count + 1;

    *found = (gathered){.count = 0};
    found->hashes = ps_arena_room(&batch->arena, room * sizeof *found->hashes);
    found->items = ps_arena_room(&batch->arena, room * sizeof *found->items);
    out->hashes = ps_arena_room(&batch->arena, room * sizeof *out->hashes);
    out->items = ps_arena_room(&batch->arena, room * sizeof *out->items);
    memset(out->from, 0, sizeof out->from);
}

// It is put there in any case: `counts`, which may be as good as random, says whether it stays.
static void note(gathered *found, ps_claim_queue *queue, ps_hash hash, const ps_claimant *who, bool counts)
{
    found->hashes[found->count] = hash;
    found->items[found->count] = *who;
    found->count += counts;
    queue->from[ps_roster_part(hash) + 1] += counts;
}

// They were counted: now each is put where its part begins, in their order.
static void place(const gathered *found, ps_claim_queue *out)
{
    uint32_t next[PS_ROSTER_PARTS];

    for (size_t part = 0; part < PS_ROSTER_PARTS; part++) {
        next[part] = out->from[part];
        out->from[part + 1] += out->from[part];
    }
    for (size_t i = 0; i < found->count; i++) {
        uint32_t at = next[ps_roster_part(found->hashes[i])]++;
        out->hashes[at] = found->hashes[i];
        out->items[at] = found->items[i];
    }
}

void ps_claim_list_make(const ps_facts *facts, const ps_claims *claims, ps_batch *batch, ps_claim_list *out)
{
    const rules by = {
        .facts = facts,
        .batch = batch,
        .settling = facts->policy.settling,
        .standing = ps_standing_rules_of(facts),
        .all = all_policies(facts),
        .evidence_first = facts->job->evidence_first,
    };
    gathered going, settled;

    open_queue(batch, &going, &out->going);
    open_queue(batch, &settled, &out->settled);
    for (size_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        if (!ps_row_has_key(row) || ps_row_damaged(row) || ps_row_alone(facts, batch, row)) continue;
        const ps_claimant who = claimant_of(&by, row);
        const ps_hash hash = hash_for_run(claims, ps_row_identity(facts, row));
        note(&going, &out->going, hash, &who, who.policies != 0);
        if (who.settled) note(&settled, &out->settled, hash, &who, true);
    }
    place(&going, &out->going);
    place(&settled, &out->settled);
}

// ---- where the first row stands

// Part 0 is claimed before all others, so what it notes of a file is known to them.
static void note_lines(ps_claims *claims, const ps_batch *batch)
{
    if (batch->row_count == 0) return;
    for (; claims->file < batch->file; claims->file++)
        claims->lines_before[claims->file + 1] = claims->lines_end;
    claims->lines_end = claims->lines_before[batch->file] + batch->rows[batch->row_count - 1].line;
}

static ps_status too_many_lines(ps_error *err)
{
    ps_error_set(err, PS_INPUT, "The recipients have more than %d lines, too many to look for duplicates in.",
                 PS_CLAIM_LINES_MAX);
    ps_error_hint(err, "Split the list into several jobs, or, if it holds no address twice, write dedupe: {key: off}");
    return PS_INPUT;
}

// Some claims of one part, with their values.
typedef struct claims_block {
    const ps_hash *hashes;
    const ps_claimant *items;
    uint32_t values[PS_ROSTER_BLOCK];
    size_t count;
} claims_block;

// Of each the line over all files, and how it stands. Lines rise, so the last says whether any is too far.
static ps_status values_of(const ps_claims *claims, const ps_batch *batch, claims_block *block, ps_error *err)
{
    uint64_t before = claims->lines_before[batch->file];

    if (before + block->items[block->count - 1].line > PS_CLAIM_LINES_MAX) return too_many_lines(err);
    for (size_t i = 0; i < block->count; i++)
        block->values[i] = (uint32_t)(before + block->items[i].line) << STANDING_BITS | block->items[i].standing;
    return PS_OK;
}

static void mark_duplicate(const ps_claims *claims, const ps_batch *batch, ps_row *row, uint32_t first)
{
    uint64_t line = first >> STANDING_BITS;
    uint32_t file = batch->file;

    while (claims->lines_before[file] >= line)
        file--; // line 1 is the least, and no line is before the first file
    row->findings |= PS_FIND(DUPLICATE);
    row->first_file = (uint16_t)file;
    row->first_line = (uint32_t)(line - claims->lines_before[file]);
}

// ---- claiming

// What one batch's claims of one part work with.
typedef struct claiming {
    const ps_facts *facts;
    ps_claims *claims;
    const ps_batch *batch;
    struct ps_claims_part *part;
} claiming;

enum { ALL_POLICIES, ONE_POLICY, SETTLED = UINT8_MAX }; // ONE_POLICY is the first of so many as there are

// The key of a claim under all policies or one alone: other entries of the same bucket.
static ps_roster_key key_under(ps_hash hash, unsigned policy)
{
    static_assert(ONE_POLICY + PS_POLICIES_MAX < SETTLED, "a policy fits into what the number of the run leaves");
    return (ps_roster_key){{.low = hash.low ^ policy, .high = hash.high}, KIND_CLAIM};
}

// Policy by policy: this row or an earlier one of the part claims under some of them only. `*out_taken` are those that
// another row has; `*out_first` is what stands for the job's own.
static ps_status claim_each(claiming *c, ps_hash hash, const ps_claimant *who, uint32_t value, uint32_t *out_taken,
                            uint32_t *out_first, ps_error *err)
{
    ps_status status = PS_OK;

    *out_taken = who->policies;
    if (ps_roster_find(c->claims->roster, key_under(hash, ALL_POLICIES), out_first)) return PS_OK;
    *out_taken = 0;
    for (unsigned i = 0; i <= c->facts->alternatives_count && status == PS_OK; i++) {
        uint32_t stands = value;
        if ((who->policies >> i & 1) == 0) continue;
        status = ps_roster_claim(c->claims->roster, key_under(hash, ONE_POLICY + i), value, &stands, err);
        if (stands != value) *out_taken |= 1U << i;
        if (i == 0) *out_first = stands;
    }
    c->part->partial++;
    return status;
}

static void note_outdone(claiming *c, const ps_claimant *who, uint32_t first)
{
    ps_standing before = first & ((1U << STANDING_BITS) - 1), now = who->standing;

    bool against = ps_standing_speaks_against(before, now, who->row);

    c->part->outdone += against || ps_standing_outdoes(before, now);
    c->part->against += against;
}

// A dead address that stands a thousand times is one that was removed, not a thousand. Of most the lists know; their
// entry is marked, and only the others get one of their own.
static ps_status claim_settled(claiming *c, ps_hash hash, const ps_claimant *who, uint32_t value, ps_error *err)
{
    const ps_suppression *lists = c->facts->suppression;
    uint32_t first = 0;
    bool before = false;

    if (lists != NULL && ps_suppression_see(lists, ps_row_identity(c->facts, who->row), &before)) {
        who->row->repeated = before;
        return PS_OK;
    }
    ps_status status = ps_roster_claim(c->claims->roster, key_under(hash, SETTLED), value, &first, err);
    who->row->repeated = status == PS_OK && first != value;
    return status;
}

// What follows from the policies under which another row was first; `first` is what stands for the job's own.
static void note_taken(claiming *c, const ps_claimant *who, uint32_t taken, uint32_t first)
{
    if ((taken & 1) != 0 && c->facts->job->evidence_first) note_outdone(c, who, first);
    if (who->settled) return;
    if ((taken & 1) != 0) mark_duplicate(c->claims, c->batch, who->row, first);
    for (size_t i = 0; i < c->facts->alternatives_count; i++) {
        if ((taken >> i & 2U) == 0) continue;
        ps_row_projection(c->facts, c->batch, who->row, i)->findings |= PS_FIND(DUPLICATE);
    }
}

static ps_status claim_row(claiming *c, ps_hash hash, const ps_claimant *who, uint32_t value, ps_error *err)
{
    bool whole = c->part->partial == 0 && who->policies == all_policies(c->facts);
    uint32_t taken = 0, first = 0;
    ps_status status = PS_OK;

    if (whole) {
        status = ps_roster_claim(c->claims->roster, key_under(hash, ALL_POLICIES), value, &first, err);
        taken = first != value ? who->policies : 0;
    } else {
        status = claim_each(c, hash, who, value, &taken, &first, err);
    }
    if (status == PS_OK) note_taken(c, who, taken, first);
    return status;
}

typedef ps_status claim_some(claiming *c, const claims_block *block, ps_error *err);

static ps_status claim_rows(claiming *c, const claims_block *block, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < block->count && status == PS_OK; i++)
        status = claim_row(c, block->hashes[i], &block->items[i], block->values[i], err);
    return status;
}

// The same where only the job's own policy counts, so that all claims are alike and can be made at once.
static ps_status claim_alike(claiming *c, const claims_block *block, ps_error *err)
{
    uint32_t stands[PS_ROSTER_BLOCK];

    memcpy(stands, block->values, block->count * sizeof *stands);
    ps_status status = ps_roster_claim_all(c->claims->roster, KIND_CLAIM, block->hashes, stands, block->count, err);
    for (size_t i = 0; i < block->count && status == PS_OK; i++) {
        if (stands[i] != block->values[i]) note_taken(c, &block->items[i], 1, stands[i]);
    }
    return status;
}

static ps_status claim_all_settled(claiming *c, const claims_block *block, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < block->count && status == PS_OK; i++)
        status = claim_settled(c, block->hashes[i], &block->items[i], block->values[i], err);
    return status;
}

static ps_status claim_queue(claiming *c, const ps_claim_queue *queue, unsigned part, claim_some *claim, ps_error *err)
{
    ps_status status = PS_OK;
    claims_block block;

    for (uint32_t i = queue->from[part], to = queue->from[part + 1]; i < to && status == PS_OK; i += PS_ROSTER_BLOCK) {
        block.hashes = queue->hashes + i;
        block.items = queue->items + i;
        block.count = to - i < PS_ROSTER_BLOCK ? to - i : PS_ROSTER_BLOCK;
        status = values_of(c->claims, c->batch, &block, err);
        if (status == PS_OK) status = claim(c, &block, err);
    }
    return status;
}

// The first batch tells how many claims all of them will make.
static ps_status reserve(ps_claims *claims, const ps_batch *batch, const ps_claim_list *list, ps_error *err)
{
    double share = batch->len == 0 ? 0 : (double)claims->bytes_total / (double)batch->len;
    uint32_t entries = list->going.from[PS_ROSTER_PARTS];

    for (uint32_t i = 0; i < list->settled.from[PS_ROSTER_PARTS]; i++)
        entries += list->settled.items[i].row->suppressed == NULL;
    return ps_roster_reserve(claims->roster, (uint64_t)(entries * share), err);
}

// The look-up of suppressed addresses has touched the same buckets, but a batch is more than the near cache holds.
static void prefetch(const ps_claims *claims, const ps_claim_queue *queue, unsigned part)
{
    ps_roster_prefetch_claims(claims->roster, queue->hashes + queue->from[part],
                              queue->from[part + 1] - queue->from[part]);
}

ps_status ps_stage_claim_part(const ps_facts *facts, ps_claims *claims, const ps_batch *batch,
                              const ps_claim_list *list, unsigned part, ps_error *err)
{
    claiming c = {facts, claims, batch, &claims->parts[part]};
    ps_status status = ps_roster_turn(claims->roster, part, batch->number, err);

    if (part == 0) note_lines(claims, batch);
    if (status == PS_OK && part == 0 && batch->number == 0) status = reserve(claims, batch, list, err);
    // The part behind this one: what it waits for comes while this one is claimed, and before its turn.
    if (part + 1 < PS_ROSTER_PARTS) {
        prefetch(claims, &list->going, part + 1);
        prefetch(claims, &list->settled, part + 1);
    }
    claim_some *claim = facts->alternatives_count == 0 ? claim_alike : claim_rows;
    if (status == PS_OK) status = claim_queue(&c, &list->settled, part, claim_all_settled, err);
    return status == PS_OK ? claim_queue(&c, &list->going, part, claim, err) : status;
}

ps_status ps_stage_claim(const ps_facts *facts, ps_claims *claims, ps_batch *batch, ps_error *err)
{
    ps_claim_list list;
    ps_status status = PS_OK;

    if (facts->job->dedupe == PS_DEDUPE_OFF) return PS_OK;
    ps_claim_list_make(facts, claims, batch, &list);
    for (unsigned part = 0; part < PS_ROSTER_PARTS && status == PS_OK; part++)
        status = ps_stage_claim_part(facts, claims, batch, &list, part, err);
    return status;
}

uint64_t ps_claims_outdone(const ps_claims *claims, uint64_t *out_against)
{
    uint64_t rows = 0;

    *out_against = 0;
    for (size_t i = 0; i < PS_ROSTER_PARTS; i++) {
        rows += claims->parts[i].outdone;
        *out_against += claims->parts[i].against;
    }
    return rows;
}
