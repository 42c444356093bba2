// The table of hashes against a plain array: whatever is claimed, put and reserved in whatever order, both hold the
// same.
// layer: base
// replays: 3000
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/roster.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { NUMBERS = 256 };

static void must(bool holds)
{
    if (!holds) abort();
}

// Few homes, so that buckets overflow and parts grow.
static ps_hash hash_of(unsigned number)
{
    return (ps_hash){.low = (uint64_t)number << 40 | number << 4 | 1, .high = (uint64_t)(number % 3) << 57};
}

static void check(const ps_roster *roster, int64_t plain[NUMBERS][PS_ROSTER_KINDS + 1])
{
    uint64_t count = 0;

    for (unsigned number = 0; number < NUMBERS; number++) {
        uint32_t values[PS_ROSTER_KINDS + 1] = {0}, value = 0;
        unsigned found = ps_roster_find_all(roster, hash_of(number), values);
        for (unsigned kind = 1; kind <= PS_ROSTER_KINDS; kind++) {
            bool there = plain[number][kind] >= 0;
            count += there;
            must(ps_roster_find(roster, (ps_roster_key){hash_of(number), kind}, &value) == there);
            must((found >> kind & 1) == there && (!there || values[kind] == plain[number][kind]));
            must(!there || value == plain[number][kind]);
        }
        ps_roster_question question = {.hashes = {hash_of(number)}, .count = 1};
        ps_roster_ask(roster, &question);
        ps_roster_ask_open(roster, &question);
        must(found == 0 || question.may == 1);
        must(question.may == 1 ? question.gaps[0] == PS_ROSTER_NO_GAP : question.gaps[0] != PS_ROSTER_NO_GAP);
    }
    must(ps_roster_count(roster) == count);
}

// The key and its neighbours, all at once.
static void claim_all(ps_roster *roster, int64_t plain[NUMBERS][PS_ROSTER_KINDS + 1], unsigned number, unsigned kind,
                      uint32_t value)
{
    enum { STEP = 3, COUNT = 20 }; // hash_of() puts these into one part
    ps_roster_question question = {.count = COUNT};
    ps_roster_claims claims = {.count = COUNT, .moves = ps_roster_moves(roster)};

    for (unsigned i = 0; i < COUNT; i++) {
        claims.hashes[i] = question.hashes[i] = hash_of((number + i % 13 * STEP) % (NUMBERS - NUMBERS % STEP));
        claims.values[i] = value + i;
    }
    ps_roster_ask(roster, &question);
    ps_roster_ask_open(roster, &question);
    memcpy(claims.gaps, question.gaps, sizeof claims.gaps);
    must(ps_roster_claim_all(roster, kind, &claims, NULL) == PS_OK);
    for (unsigned i = 0; i < COUNT; i++) {
        int64_t *stands = &plain[(number + i % 13 * STEP) % (NUMBERS - NUMBERS % STEP)][kind];
        if (*stands < 0) *stands = value + i;
        must(*stands == claims.values[i]);
    }
}

// Neighbours of the key, of any part.
static void add_new(ps_roster *roster, int64_t plain[NUMBERS][PS_ROSTER_KINDS + 1], unsigned number, unsigned kind,
                    uint32_t value)
{
    enum { COUNT = 20 };
    ps_hash hashes[COUNT];
    uint32_t values[COUNT];

    for (unsigned i = 0; i < COUNT; i++) {
        hashes[i] = hash_of((number + i % 13) % NUMBERS);
        values[i] = value + i;
    }
    uint64_t left = ps_roster_add_new(roster, kind, hashes, values, COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        int64_t *stands = plain[(number + i % 13) % NUMBERS];
        if ((left >> i & 1) != 0) continue;
        must(stands[1] < 0 && stands[2] < 0 && stands[3] < 0);
        stands[kind] = values[i];
    }
}

static void replace(ps_roster *roster, int64_t plain[NUMBERS][PS_ROSTER_KINDS + 1], unsigned number, unsigned kind,
                    uint32_t value)
{
    int64_t *stands = plain[number];
    bool alone = stands[kind] >= 0 && stands[1] + stands[2] + stands[3] == stands[kind] - 2;
    uint32_t before = stands[kind] < 0 ? value : (uint32_t)stands[kind];

    must(ps_roster_replace(roster, (ps_roster_key){hash_of(number), kind}, before, value) == alone);
    must(!ps_roster_replace(roster, (ps_roster_key){hash_of(number), kind}, value + 1, value));
    if (alone) stands[kind] = value;
}

static void step(ps_roster *roster, int64_t plain[NUMBERS][PS_ROSTER_KINDS + 1], const uint8_t bytes[2], uint32_t value)
{
    ps_roster_key key = {hash_of(bytes[1]), 1 + (bytes[0] >> 2) % PS_ROSTER_KINDS};
    int64_t *stands = &plain[bytes[1]][key.kind];
    uint32_t out = 0;

    switch ((bytes[0] >> 5 & 4) | (bytes[0] & 3)) {
    case 0:
        must(ps_roster_put(roster, key, value, NULL) == PS_OK);
        *stands = value;
        break;
    case 1:
        must(ps_roster_reserve_part(roster, ps_roster_part(key.hash), (uint64_t)bytes[1] * 16, NULL) == PS_OK);
        break;
    case 3:
        replace(roster, plain, bytes[1], key.kind, value);
        break;
    case 6:
        add_new(roster, plain, bytes[1], key.kind, value);
        break;
    case 4:
    case 5:
        claim_all(roster, plain, bytes[1], key.kind, value);
        break;
    default:
        if (*stands < 0) *stands = value;
        must(ps_roster_claim(roster, key, value, &out, NULL) == PS_OK && out == *stands);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    int64_t plain[NUMBERS][PS_ROSTER_KINDS + 1];
    ps_roster *roster = NULL;

    memset(plain, 0xff, sizeof plain);
    must(ps_roster_new(&roster, NULL) == PS_OK);
    for (size_t i = 0; i + 1 < size; i += 2)
        step(roster, plain, bytes + i, (uint32_t)i);
    check(roster, plain);
    ps_roster_free(roster);
    return 0;
}
