#ifndef PS_BASE_ROSTER_H
#define PS_BASE_ROSTER_H

// Who is known, by hash, and 32 bits about each: one table for everybody who must not be mailed and everybody who was
// seen, so that one wait on memory answers both. No key is kept: an entry is told from another by 56 bits of its hash
// and by its place, 77 bits among ten million, so a wrong match is expected once in 10^9 runs of that size.
//
// The table is cut into parts by hash. Anybody may look anything up at any time; entries are added to a part by one
// thread at a time, its owner.

#include <stdbool.h>

#include "base/hash.h"

enum {
    PS_ROSTER_PARTS = 64, // enough for as many threads
    PS_ROSTER_KINDS = 3, // 1 to 3
    PS_ROSTER_BLOCK = 64 // hashes asked about at once: their waits for memory overlap
};

typedef struct ps_roster ps_roster;

// One hash may stand once for each kind.
typedef struct ps_roster_key {
    ps_hash hash;
    unsigned kind;
} ps_roster_key;

ps_status ps_roster_new(ps_roster **out, ps_error *err);
void ps_roster_free(ps_roster *roster); // NULL is fine

// The part that a hash belongs to.
static inline unsigned ps_roster_part(ps_hash hash)
{
    return (unsigned)(hash.high >> 58);
}

// Room for this many more entries in one part, or in each of them. What is not reserved grows as it fills. PS_RETRY
// without memory; the entries stay.
ps_status ps_roster_reserve_part(ps_roster *roster, unsigned part, uint64_t more, ps_error *err);
ps_status ps_roster_reserve(ps_roster *roster, uint64_t more, ps_error *err);

// Takes the memory of a part, whose room is about to be filled: several threads may do so for a part each.
void ps_roster_touch(ps_roster *roster, unsigned part);

// The value of an entry. Safe on any thread, also while owners add others; an entry that is being added may be missed.
bool ps_roster_find(const ps_roster *roster, ps_roster_key key, uint32_t *out_value);
// All kinds of one hash at once: bit n of the result says that kind n is there, and values[n] is its value.
unsigned ps_roster_find_all(const ps_roster *roster, ps_hash hash, uint32_t values[PS_ROSTER_KINDS + 1]);

// What is asked about a block of hashes: which of them may be there, of any kind, and where those that are not would be
// added. In `apart` are bits of `low`: who differs from a hash by them alone counts as being there, too.
typedef struct ps_roster_question {
    ps_hash hashes[PS_ROSTER_BLOCK];
    size_t count;
    uint64_t apart;
    // The answer, by hash:
    uint64_t may; // bit n is 0: hash n is not there; most always a 1 is right, too
    uint64_t open; // of these it is not told yet
    uint64_t gaps[PS_ROSTER_BLOCK]; // of those that are not there: for ps_roster_claim_all
} ps_roster_question;

// ps_roster_prefetch() comes first, then ps_roster_ask(), and some time later, when the memory has come that the open
// ones take, ps_roster_ask_open(). They bring what claiming the hashes touches, too.
void ps_roster_ask(const ps_roster *roster, ps_roster_question *question);
void ps_roster_ask_open(const ps_roster *roster, ps_roster_question *question);

// How often parts have moved: gaps are those of a part as it stood.
uint64_t ps_roster_moves(const ps_roster *roster);

// Asks for what looking up to PS_ROSTER_BLOCK hashes up will touch; what claiming any number of them will. Quickest for
// many at once: the waits overlap.
void ps_roster_prefetch(const ps_roster *roster, const ps_hash *hashes, size_t count);
void ps_roster_prefetch_claims(const ps_roster *roster, const ps_hash *hashes, size_t count);

// Find `key`; if it is not there, add it with `value`. `*out_value` is what now stands. The owner of its part only.
// PS_RETRY without memory.
ps_status ps_roster_claim(ps_roster *roster, ps_roster_key key, uint32_t value, uint32_t *out_value, ps_error *err);

// The same for up to PS_ROSTER_BLOCK hashes in their order, all of one kind.
#define PS_ROSTER_NO_GAP UINT64_MAX
typedef struct ps_roster_claims {
    ps_hash hashes[PS_ROSTER_BLOCK];
    uint64_t gaps[PS_ROSTER_BLOCK]; // as they were answered, to this `kind` and hash as well; or PS_ROSTER_NO_GAP
    uint64_t moves; // before they were asked about
    uint32_t values[PS_ROSTER_BLOCK]; // each becomes what now stands
    size_t count;
} ps_roster_claims;

// The owner of all their parts only. After a failure some may have been added.
ps_status ps_roster_claim_all(ps_roster *roster, unsigned kind, ps_roster_claims *claims, ps_error *err);

// Add those of up to PS_ROSTER_BLOCK hashes, of any parts, of which nothing is there yet, of any kind, and which need
// no search to tell: most of a list that is read. Bit n of the result: hash n was left out, and takes the calls above.
// The owner of all parts only.
uint64_t ps_roster_add_new(ps_roster *roster, unsigned kind, const ps_hash *hashes, const uint32_t *values,
                           size_t count);

// Set bits in the value of an entry; `*out_before` is what it was. False: it is not there. The owner only; who looks it
// up meanwhile sees either value.
bool ps_roster_mark(ps_roster *roster, ps_roster_key key, uint32_t bits, uint32_t *out_before);
// Take these bits out of all values of some kinds (bit n: kind n). Nobody may be looking them up.
void ps_roster_unmark(ps_roster *roster, unsigned kinds, uint32_t bits);

// The value of `key`, there or not, is now this one. Nobody may be looking it up.
ps_status ps_roster_put(ps_roster *roster, ps_roster_key key, uint32_t value, ps_error *err);

// The same where it is `before`, and nothing of another kind stands under the hash; else false, and nothing is done.
bool ps_roster_replace(ps_roster *roster, ps_roster_key key, uint32_t before, uint32_t value);

// From now on owners add while up to `readers` threads look up, each with one numbered batch in hand, and every part is
// passed on in the order of the batches: ps_roster_turn() says whose turn it is. Memory that a part has outgrown is
// given back once no batch that may still look into it is on the road. Batch 0 may reserve for all parts at its turn of
// part 0; they move to what was reserved at the turns of the batches that have their numbers. PS_RETRY without memory.
// Gives the number of this call, from 1: what one run notes can be told from what the last one did.
uint32_t ps_roster_share(ps_roster *roster, unsigned readers);
ps_status ps_roster_turn(ps_roster *roster, unsigned part, uint64_t batch, ps_error *err);

uint64_t ps_roster_count(const ps_roster *roster);
uint64_t ps_roster_count_part(const ps_roster *roster, unsigned part);
uint64_t ps_roster_bytes(const ps_roster *roster); // of the tables in use

#endif
