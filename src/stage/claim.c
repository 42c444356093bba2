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

// One thread has nobody to let pass. Several follow each other group by group: with four for each, who is behind by one
// has three to wait in before another is caught up with. A group costs a turn in every batch, so there are no more.
static unsigned groups_for(unsigned readers)
{
    enum { GROUPS_A_READER = 4 };
    unsigned groups = 1;

    while (readers > 1 && groups < readers * GROUPS_A_READER && groups < PS_CLAIM_GROUPS_MAX)
        groups *= 2;
    return groups;
}

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
    claims->groups = groups_for(readers);
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

static uint16_t all_policies(const ps_facts *facts)
{
    static_assert(PS_POLICIES_MAX < 16, "a bit for each, and for the job's own");
    return (uint16_t)((2U << facts->alternatives_count) - 1);
}

// The policies under which a row may carry the verdict of its address, as bits: 0 the job's own, n the n-th that is
// only counted. They differ only in whether a date that cannot be read could change something.
static uint16_t policies_of(const ps_facts *facts, const ps_batch *batch, const ps_row *row)
{
    unsigned bits = batch->engaged[row - batch->rows] == PS_ENGAGED_DATE ? 0 : 1;

    if (ps_row_settled(facts, row)) return all_policies(facts); // see goes_out()
    for (size_t i = 0; i < facts->alternatives_count; i++) {
        if (ps_row_projection(facts, batch, row, i)->engaged != PS_ENGAGED_DATE) bits |= 2U << i;
    }
    return (uint16_t)bits;
}

// What is removed for what it says itself is no duplicate. Judged alone, the first row may be the one that opted out:
// nobody may go out in a later one.
static bool goes_out(const ps_facts *facts, const ps_batch *batch, const ps_row *row, bool settled)
{
    if (settled) return facts->job->evidence_first && ps_row_opted_out(facts, row);
    return batch->engaged[row - batch->rows] != PS_ENGAGED_DATE ||
           (facts->alternatives_count > 0 && policies_of(facts, batch, row) != 0);
}

static unsigned group_of(const ps_claims *claims, ps_hash hash)
{
    return ps_roster_part(hash) * claims->groups / PS_ROSTER_PARTS;
}

// In their order, on the way into a queue.
typedef struct gathered {
    uint32_t *rows;
    uint32_t count;
} gathered;

static gathered open_queue(ps_batch *batch, ps_claim_queue *out)
{
    size_t size = (batch->row_count + 1) * sizeof *out->rows;

    memset(out->from, 0, sizeof out->from);
    out->rows = ps_arena_room(&batch->arena, size);
    return (gathered){.rows = ps_arena_room(&batch->arena, size)};
}

// It is put there in any case: `counts`, which may be as good as random, says whether it stays.
static inline void note(gathered *found, ps_claim_queue *queue, size_t row, unsigned group, bool counts)
{
    found->rows[found->count] = (uint32_t)row;
    found->count += counts;
    queue->from[group + 1] += counts;
}

// They were counted: now each is put where its group begins, in their order.
static void place(const ps_facts *facts, const ps_claims *claims, const ps_batch *batch, const gathered *found,
                  ps_claim_queue *out)
{
    uint32_t next[PS_CLAIM_GROUPS_MAX];

    for (size_t group = 0; group < claims->groups; group++) {
        next[group] = out->from[group];
        out->from[group + 1] += out->from[group];
    }
    if (claims->groups == 1) {
        out->rows = found->rows;
        return;
    }
    for (size_t i = 0; i < found->count; i++) {
        uint32_t row = found->rows[i];
        out->rows[next[group_of(claims, ps_row_identity(facts, &batch->rows[row]))]++] = row;
    }
}

void ps_claim_list_make(const ps_facts *facts, const ps_claims *claims, ps_batch *batch, ps_claim_list *out)
{
    gathered going = open_queue(batch, &out->going), settled = open_queue(batch, &out->settled);

    for (size_t i = 0; i < batch->row_count; i++) {
        const ps_row *row = &batch->rows[i];
        if (!ps_row_has_key(row) || ps_row_damaged(row) || ps_row_alone(facts, batch, row)) continue;
        unsigned group = group_of(claims, ps_row_identity(facts, row));
        bool is_settled = ps_row_settled(facts, row);
        note(&going, &out->going, i, group, goes_out(facts, batch, row, is_settled));
        note(&settled, &out->settled, i, group, is_settled);
    }
    place(facts, claims, batch, &going, &out->going);
    place(facts, claims, batch, &settled, &out->settled);
}

// ---- where the first row stands

// Group 0 is claimed before all others, so what it notes of a file is known to them.
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

// What one batch's claims of one group work with.
typedef struct claiming {
    const ps_facts *facts;
    ps_claims *claims;
    const ps_batch *batch;
    ps_standing_rules standing;
} claiming;

// Some of them.
typedef struct claims_block {
    ps_row *rows[PS_ROSTER_BLOCK];
    ps_hash hashes[PS_ROSTER_BLOCK]; // who they are, for this run, under all policies
    uint32_t values[PS_ROSTER_BLOCK];
    size_t count;
} claims_block;

static ps_standing standing_of(const claiming *c, const ps_row *row)
{
    return c->facts->job->evidence_first ? ps_standing_of(&c->standing, c->batch, row) : 0;
}

// The value of each: the line over all files, and how it stands. Lines rise, so the last says whether any is too far.
static ps_status gather(const claiming *c, const uint32_t *rows, size_t count, claims_block *out, ps_error *err)
{
    uint64_t before = c->claims->lines_before[c->batch->file], run = (uint64_t)c->claims->run << 8;

    if (before + c->batch->rows[rows[count - 1]].line > PS_CLAIM_LINES_MAX) return too_many_lines(err);
    for (size_t i = 0; i < count; i++) {
        ps_row *row = &c->batch->rows[rows[i]];
        ps_hash identity = ps_row_identity(c->facts, row);
        out->rows[i] = row;
        out->hashes[i] = (ps_hash){.low = identity.low ^ run, .high = identity.high};
        out->values[i] = (uint32_t)(before + row->line) << STANDING_BITS | (uint32_t)standing_of(c, row);
    }
    out->count = count;
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

// What is counted of the part of the roster that a claim is of.
static struct ps_claims_part *part_of(const claiming *c, ps_hash hash)
{
    return &c->claims->parts[ps_roster_part(hash)];
}

enum { ALL_POLICIES, ONE_POLICY, SETTLED = UINT8_MAX }; // ONE_POLICY is the first of so many as there are

// The key of a claim under all policies or one alone: other entries of the same bucket.
static ps_roster_key key_under(ps_hash hash, unsigned policy)
{
    static_assert(ONE_POLICY + PS_POLICIES_MAX < SETTLED, "a policy fits into what the number of the run leaves");
    return (ps_roster_key){{.low = hash.low ^ policy, .high = hash.high}, KIND_CLAIM};
}

// One of a block.
typedef struct claimed {
    ps_row *row;
    ps_hash hash;
    uint32_t value;
} claimed;

static claimed claim_at(const claims_block *block, size_t i)
{
    return (claimed){block->rows[i], block->hashes[i], block->values[i]};
}

// Policy by policy: this row or an earlier one of the part claims under some of them only. `*out_taken` are those that
// another row has; `*out_first` is what stands for the job's own.
static ps_status claim_each(claiming *c, const claimed *this, uint32_t policies, uint32_t *out_taken,
                            uint32_t *out_first, ps_error *err)
{
    ps_status status = PS_OK;

    *out_taken = policies;
    if (ps_roster_find(c->claims->roster, key_under(this->hash, ALL_POLICIES), out_first)) return PS_OK;
    *out_taken = 0;
    for (unsigned i = 0; i <= c->facts->alternatives_count && status == PS_OK; i++) {
        uint32_t stands = this->value;
        if ((policies >> i & 1) == 0) continue;
        status = ps_roster_claim(c->claims->roster, key_under(this->hash, ONE_POLICY + i), this->value, &stands, err);
        if (stands != this->value) *out_taken |= 1U << i;
        if (i == 0) *out_first = stands;
    }
    part_of(c, this->hash)->partial++;
    return status;
}

static void note_outdone(claiming *c, const claimed *later, uint32_t first)
{
    const uint32_t mask = (1U << STANDING_BITS) - 1;
    ps_standing before = first & mask, now = later->value & mask;
    bool unprotected = (c->batch->said.flags[later->row - c->batch->rows] & PS_FLAG_UNPROTECTED) != 0;
    bool against = ps_standing_speaks_against(before, now, unprotected);

    part_of(c, later->hash)->outdone += against || ps_standing_outdoes(before, now);
    part_of(c, later->hash)->against += against;
}

// What follows from the policies under which another row was first; `first` is what stands for the job's own.
static void note_taken(claiming *c, const claimed *later, uint32_t taken, uint32_t first)
{
    if ((taken & 1) != 0 && c->facts->job->evidence_first) note_outdone(c, later, first);
    if (ps_row_settled(c->facts, later->row)) return;
    if ((taken & 1) != 0) mark_duplicate(c->claims, c->batch, later->row, first);
    for (size_t i = 0; i < c->facts->alternatives_count; i++) {
        if ((taken >> i & 2U) == 0) continue;
        ps_row_projection(c->facts, c->batch, later->row, i)->duplicate = true;
    }
}

static ps_status claim_row(claiming *c, const claimed *this, ps_error *err)
{
    uint32_t policies = policies_of(c->facts, c->batch, this->row), taken = 0, first = 0;
    bool whole = part_of(c, this->hash)->partial == 0 && policies == all_policies(c->facts);
    ps_status status = PS_OK;

    if (whole) {
        status = ps_roster_claim(c->claims->roster, key_under(this->hash, ALL_POLICIES), this->value, &first, err);
        taken = first != this->value ? policies : 0;
    } else {
        status = claim_each(c, this, policies, &taken, &first, err);
    }
    if (status == PS_OK) note_taken(c, this, taken, first);
    return status;
}

typedef ps_status claim_some(claiming *c, const claims_block *block, ps_error *err);

static ps_status claim_rows(claiming *c, const claims_block *block, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < block->count && status == PS_OK; i++) {
        const claimed this = claim_at(block, i);
        status = claim_row(c, &this, err);
    }
    return status;
}

// The same where only the job's own policy counts, so that all claims are alike and can be made at once.
static ps_status claim_alike(claiming *c, const claims_block *block, ps_error *err)
{
    uint32_t stands[PS_ROSTER_BLOCK];

    memcpy(stands, block->values, block->count * sizeof *stands);
    ps_status status = ps_roster_claim_all(c->claims->roster, KIND_CLAIM, block->hashes, stands, block->count, err);
    for (size_t i = 0; i < block->count && status == PS_OK; i++) {
        if (stands[i] == block->values[i]) continue;
        const claimed later = claim_at(block, i);
        note_taken(c, &later, 1, stands[i]);
    }
    return status;
}

// A dead address that stands a thousand times is one that was removed, not a thousand. Of most the lists know; their
// entry is marked, and only the others get one of their own.
static ps_status claim_settled(claiming *c, const claimed *this, ps_error *err)
{
    const ps_suppression *lists = c->facts->suppression;
    uint32_t first = 0;
    bool before = false;

    if (lists != NULL && ps_suppression_see(lists, ps_row_identity(c->facts, this->row), &before)) {
        this->row->repeated = before;
        return PS_OK;
    }
    ps_status status = ps_roster_claim(c->claims->roster, key_under(this->hash, SETTLED), this->value, &first, err);
    this->row->repeated = status == PS_OK && first != this->value;
    return status;
}

static ps_status claim_all_settled(claiming *c, const claims_block *block, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < block->count && status == PS_OK; i++) {
        const claimed this = claim_at(block, i);
        status = claim_settled(c, &this, err);
    }
    return status;
}

// The next claims of a group, with what they touch on its way. Where there are lists, looking the rows up has brought
// the values; but a batch has more pages of the table than the processor keeps the addresses of.
static ps_status next_block(const claiming *c, const ps_claim_queue *queue, uint32_t from, uint32_t to,
                            claims_block *out, ps_error *err)
{
    size_t left = to - from, count = left < PS_ROSTER_BLOCK ? left : PS_ROSTER_BLOCK;

    out->count = 0;
    if (count == 0) return PS_OK;
    ps_status status = gather(c, queue->rows + from, count, out, err);
    if (c->facts->suppression == NULL) {
        ps_roster_prefetch_claims(c->claims->roster, out->hashes, out->count);
    } else {
        ps_roster_prefetch(c->claims->roster, out->hashes, out->count);
    }
    return status;
}

static ps_status claim_queue(claiming *c, const ps_claim_queue *queue, unsigned group, claim_some *claim, ps_error *err)
{
    uint32_t next = queue->from[group], to = queue->from[group + 1];
    claims_block blocks[2];

    ps_status status = next_block(c, queue, next, to, &blocks[0], err);
    for (unsigned i = 0; status == PS_OK && blocks[i].count > 0; i ^= 1) {
        next += (uint32_t)blocks[i].count;
        status = next_block(c, queue, next, to, &blocks[i ^ 1], err);
        if (status == PS_OK) status = claim(c, &blocks[i], err);
    }
    return status;
}

// The first batch tells how many claims all of them will make.
static ps_status reserve(ps_claims *claims, const ps_batch *batch, const ps_claim_list *list, ps_error *err)
{
    double share = batch->len == 0 ? 0 : (double)claims->bytes_total / (double)batch->len;
    uint32_t entries = list->going.from[claims->groups];

    for (uint32_t i = 0; i < list->settled.from[claims->groups]; i++)
        entries += batch->rows[list->settled.rows[i]].suppressed == NULL;
    return ps_roster_reserve(claims->roster, (uint64_t)(entries * share), err);
}

static ps_status take_turn(ps_claims *claims, uint64_t batch, unsigned group, ps_error *err)
{
    unsigned parts = PS_ROSTER_PARTS / claims->groups;
    ps_status status = PS_OK;

    for (unsigned i = 0; i < parts && status == PS_OK; i++)
        status = ps_roster_turn(claims->roster, group * parts + i, batch, err);
    return status;
}

ps_status ps_stage_claim_group(const ps_facts *facts, ps_claims *claims, const ps_batch *batch,
                               const ps_claim_list *list, unsigned group, ps_error *err)
{
    claiming c = {facts, claims, batch, ps_standing_rules_of(facts)};
    claim_some *claim = facts->alternatives_count == 0 ? claim_alike : claim_rows;
    ps_status status = take_turn(claims, batch->number, group, err);

    if (group == 0) note_lines(claims, batch);
    if (status == PS_OK && group == 0 && batch->number == 0) status = reserve(claims, batch, list, err);
    if (status == PS_OK) status = claim_queue(&c, &list->settled, group, claim_all_settled, err);
    return status == PS_OK ? claim_queue(&c, &list->going, group, claim, err) : status;
}

ps_status ps_stage_claim(const ps_facts *facts, ps_claims *claims, ps_batch *batch, ps_error *err)
{
    ps_claim_list list;
    ps_status status = PS_OK;

    if (facts->job->dedupe == PS_DEDUPE_OFF) return PS_OK;
    ps_claim_list_make(facts, claims, batch, &list);
    for (unsigned group = 0; group < claims->groups && status == PS_OK; group++)
        status = ps_stage_claim_group(facts, claims, batch, &list, group, err);
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
