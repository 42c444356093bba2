#include "stage/claim.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "stage/row.h"
#include "stage/stage.h"
#include "stage/standing.h"
#include "stage/visit.h"

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

    while (readers > 1 && groups < readers * GROUPS_A_READER && groups < PS_ROSTER_PARTS)
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

// Bits of a claim's key that tell it from those of other runs.
static uint64_t run_bits(const ps_claims *claims)
{
    return (uint64_t)claims->run << 8;
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
    ps_batch *batch;
    const ps_visits *visits;
    uint32_t looked_up; // visits, so far
    ps_standing_rules standing;
} claiming;

// Some of them, each with its row; their hashes are those of this run, under all policies.
typedef struct claims_block {
    ps_row *rows[PS_ROSTER_BLOCK];
    ps_roster_claims claims;
} claims_block;

// A row that is removed for what it says itself and yet may be the first of its address stands in both.
typedef struct visits_block {
    claims_block going; // those that may go out
    claims_block settled;
} visits_block;

static ps_standing standing_of(const claiming *c, const ps_row *row)
{
    return c->facts->job->evidence_first ? ps_standing_of(&c->standing, c->batch, row) : 0;
}

// It is put there in any case: `counts`, which may be as good as random, says whether it stays.
static inline void note(claims_block *out, ps_row *row, ps_hash hash, uint32_t value, uint64_t gap, bool counts)
{
    size_t i = out->claims.count;

    out->rows[i] = row;
    out->claims.hashes[i] = hash;
    out->claims.values[i] = value;
    out->claims.gaps[i] = gap;
    out->claims.count += counts;
}

// Rows that are held for their own damage claim nothing; nor do those that are known to be the only ones of their
// address.
static bool claims_nothing(const ps_facts *facts, const ps_batch *batch, const ps_row *row)
{
    return ps_row_damaged(row) || ps_row_alone(facts, batch, row);
}

// The value of each: the line over all files, and how it stands. Lines rise, so the last that claims says whether any
// is too far.
static ps_status gather(const claiming *c, uint32_t from, uint32_t to, visits_block *out, ps_error *err)
{
    const ps_visits *visits = c->visits;
    uint64_t before = c->claims->lines_before[c->batch->file], run = run_bits(c->claims), last = 0;

    out->going.claims.count = out->settled.claims.count = 0;
    out->going.claims.moves = visits->moves;
    for (uint32_t i = from; i < to; i++) {
        ps_row *row = &c->batch->rows[visits->rows[i]];
        ps_hash hash = ps_row_identity(c->facts, row);
        if (claims_nothing(c->facts, c->batch, row)) continue;
        bool is_settled = ps_row_settled(c->facts, row), going = goes_out(c->facts, c->batch, row, is_settled);
        uint32_t value = (uint32_t)(before + row->line) << STANDING_BITS | (uint32_t)standing_of(c, row);
        hash.low ^= run;
        last = going || is_settled ? before + row->line : last;
        note(&out->going, row, hash, value, visits->gaps[i], going);
        note(&out->settled, row, hash, value, PS_ROSTER_NO_GAP, is_settled);
    }
    return last > PS_CLAIM_LINES_MAX ? too_many_lines(err) : PS_OK;
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
    return (claimed){block->rows[i], block->claims.hashes[i], block->claims.values[i]};
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

// As claim_row() where only the job's own policy counts, so that all claims are alike and can be made at once.
static ps_status claim_alike(claiming *c, claims_block *block, ps_error *err)
{
    uint32_t values[PS_ROSTER_BLOCK];

    memcpy(values, block->claims.values, block->claims.count * sizeof *values);
    ps_status status = ps_roster_claim_all(c->claims->roster, KIND_CLAIM, &block->claims, err);
    for (size_t i = 0; i < block->claims.count && status == PS_OK; i++) {
        uint32_t stands = block->claims.values[i];
        if (stands == values[i]) continue;
        const claimed later = {block->rows[i], block->claims.hashes[i], values[i]};
        note_taken(c, &later, 1, stands);
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

typedef ps_status claim_one(claiming *c, const claimed *this, ps_error *err);

static inline ps_status claim_one_by_one(claiming *c, const claims_block *block, claim_one *claim, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < block->claims.count && status == PS_OK; i++) {
        const claimed this = claim_at(block, i);
        status = claim(c, &this, err);
    }
    return status;
}

static ps_status claim_block(claiming *c, visits_block *block, ps_error *err)
{
    ps_status status = claim_one_by_one(c, &block->settled, claim_settled, err);

    if (status != PS_OK) return status;
    if (c->facts->alternatives_count > 0) return claim_one_by_one(c, &block->going, claim_row, err);
    return claim_alike(c, &block->going, err);
}

// What looking up brings near is near still when so many claim.
static void look_up_to(claiming *c, uint32_t to)
{
    if (c->looked_up >= to) return;
    ps_stage_suppress(c->facts, c->batch, c->visits, c->looked_up, to);
    c->looked_up = to;
}

// Digests of hashed lists take too long for a turn: the whole group is looked up before.
static uint32_t piece_end(const claiming *c, uint32_t from, uint32_t to)
{
    enum { PIECE_VISITS = 8 * PS_ROSTER_BLOCK };
    const ps_suppression *lists = c->facts->suppression;
    bool whole = to - from < PIECE_VISITS || (lists != NULL && ps_suppression_hashings(lists)->count > 0);

    return whole ? to : from + PIECE_VISITS;
}

static ps_status claim_group(claiming *c, unsigned group, ps_error *err)
{
    uint32_t next = c->visits->from[group], to = c->visits->from[group + 1];
    ps_status status = PS_OK;
    visits_block block;

    while (status == PS_OK && next < to) {
        uint32_t end = to - next < PS_ROSTER_BLOCK ? to : next + PS_ROSTER_BLOCK;
        if (c->looked_up < end) look_up_to(c, piece_end(c, next, to));
        status = gather(c, next, end, &block, err);
        if (status == PS_OK) status = claim_block(c, &block, err);
        next = end;
    }
    return status;
}

// The first batch tells how many claims all of them will make. Of most that are settled the lists know.
static ps_status reserve(const claiming *c, ps_error *err)
{
    const ps_batch *batch = c->batch;
    double share = batch->len == 0 ? 0 : (double)c->claims->bytes_total / (double)batch->len;
    uint64_t entries = 0;

    for (uint32_t i = 0; i < c->visits->from[c->claims->groups]; i++) {
        const ps_row *row = &batch->rows[c->visits->rows[i]];
        if (claims_nothing(c->facts, batch, row)) continue;
        bool is_settled = ps_row_settled(c->facts, row);
        entries += goes_out(c->facts, batch, row, is_settled);
        entries += is_settled && row->suppressed == NULL;
    }
    return ps_roster_reserve(c->claims->roster, (uint64_t)((double)entries * share), err);
}

static ps_status enter_parts(ps_claims *claims, uint64_t batch, unsigned group, ps_error *err)
{
    unsigned parts = PS_ROSTER_PARTS / claims->groups;
    ps_status status = PS_OK;

    for (unsigned i = 0; i < parts && status == PS_OK; i++)
        status = ps_roster_turn(claims->roster, group * parts + i, batch, err);
    return status;
}

// What one batch claims in one group, in the order of the batches; group 0 comes first.
static ps_status take_turn(claiming *c, unsigned group, ps_error *err)
{
    const ps_batch *batch = c->batch;
    ps_status status = enter_parts(c->claims, batch->number, group, err);

    if (group == 0) note_lines(c->claims, batch);
    if (status == PS_OK && group == 0 && batch->number == 0) status = reserve(c, err);
    return status == PS_OK ? claim_group(c, group, err) : status;
}

static bool enter(ps_claims_turn *turn, unsigned group, uint64_t batch)
{
    if (turn != NULL) turn->ended = !turn->enter(turn->context, group, batch);
    return turn == NULL || !turn->ended;
}

ps_status ps_stage_claim(const ps_facts *facts, ps_claims *claims, ps_batch *batch, ps_claims_turn *turn, ps_error *err)
{
    ps_visits visits = {.roster = claims->roster, .groups = claims->groups, .apart = run_bits(claims)};
    claiming c = {facts, claims, batch, &visits, 0, ps_standing_rules_of(facts)};
    unsigned groups = facts->job->dedupe == PS_DEDUPE_OFF ? 0 : claims->groups;
    ps_status status = PS_OK;

    ps_visits_list(facts, batch, &visits);
    if (groups == 0 && facts->suppression == NULL) return PS_OK;
    // How many rows of the first batch claim tells how many all will.
    if (groups == 0 || batch->number == 0) look_up_to(&c, visits.from[claims->groups]);
    for (unsigned group = 0; group < groups && status == PS_OK; group++) {
        look_up_to(&c, piece_end(&c, visits.from[group], visits.from[group + 1]));
        if (!enter(turn, group, batch->number)) break;
        status = take_turn(&c, group, err);
        if (turn != NULL) turn->leave(turn->context, group);
    }
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
