#ifndef PS_TABLE_ROW_H
#define PS_TABLE_ROW_H

// A row: a record of the input, and what the road finds out about it.

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "presend/address.h"
#include "presend/facts.h"

// What the suppression lists are asked about an address.
typedef struct ps_match {
    ps_hash key, provider;
    ps_span domain;
} ps_match;

// What steps found out about the domain of a number; a batch keeps it.
typedef enum ps_note {
    PS_NOTE_FETCHED_BY_PEOPLE, // its pictures; neither this nor the next: nobody asked yet
    PS_NOTE_PREFETCHED, // by machines
    PS_NOTE_SILENT, // what DNS says of it is no finding
    PS_NOTE_COUNT
} ps_note;

// Records of a batch that somebody asks for; bit `from` is the first one's, and behind `end` there are none.
typedef struct ps_wanted {
    const uint64_t *marks; // NULL: all are
    uint64_t from, end;
} ps_wanted;

static inline bool ps_wanted_has(const ps_wanted *wanted, uint64_t record)
{
    enum { WORD_BITS = 64 };
    uint64_t bit = wanted->from + record;

    return wanted->marks == NULL || (bit < wanted->end && (wanted->marks[bit / WORD_BITS] >> bit % WORD_BITS & 1) != 0);
}

// A step goes over thousands of them, so a row is two lines of the cache: what it has beside that is behind a pointer
// or in an array of the batch.
typedef struct ps_row {
    ps_findings findings;
    ps_hash key, provider; // of address->key and address->provider_key; only where has_key
    const ps_signals *judged; // what the row is judged on: the best evidence of its address; NULL: what it says itself
    uint32_t first_cell; // the end of its first cell, in batch->split.ends
    // From here on the other line, which is all that the steps behind the verdict ask of most rows:
    ps_address *address; // set by the syntax step; NULL, as for most: its cell, as it stands, is all forms of it
    const ps_suppressed *suppressed; // what the lists say of its address, domain or alias; NULL: nothing
    uint64_t line; // physical line of its first byte in the file, from 1
    uint32_t place; // of the record in its batch, from 0: see ps_row_number
    uint32_t start, len; // the record in batch->bytes, with its line end (the last one may have none)
    uint32_t body_len; // without the line end
    uint32_t first_line; // duplicate: line and file of the row that carries the verdict
    uint16_t first_file;
    uint16_t cell_count;
    ps_reason reason : 8;
    ps_verdict verdict : 8;
    unsigned lacks : 4; // PS_SPLIT_ bits of what is known not to be in it
    bool run_together : 1; // at a stray quote: what looks like one record may be several
    bool has_key : 1; // address->key is not empty
    bool was_slip : 1; // in the domain, which was put right: see batch->written
    bool repeated : 1; // removed for what it says itself, as an earlier row of its address was
} ps_row;
static_assert(sizeof(ps_row) == 128, "two lines of the cache");
static_assert(offsetof(ps_row, address) == 64, "the second of them");

// A row under a policy that is only counted.
typedef struct ps_projection {
    uint8_t engaged; // as ps_batch.engaged
    bool duplicate : 1;
    ps_verdict verdict : 7;
} ps_projection;

// Rows of one set of findings and one verdict: a batch has a few hundred kinds, and most rows are of a dozen, so what
// follows from a kind alone is found once. Two kinds may be alike.
typedef struct ps_kind {
    ps_findings findings;
    ps_reason reason : 8;
    ps_verdict verdict : 8;
    uint32_t rows;
} ps_kind;

#endif
