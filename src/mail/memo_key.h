#ifndef PS_MAIL_MEMO_KEY_H
#define PS_MAIL_MEMO_KEY_H

// What a domain is looked up by in the memo.

#include <stdint.h>
#include <string.h>

#include "mail/character.h"
#include "presend/span.h"

enum {
    PS_MEMO_TEXT_MIN = 4, // no shorter domain can be mailed to
    PS_MEMO_TEXT_MAX = 64,
    PS_MEMO_WORDS_BYTES = 24, // up to so many bytes of a text its three words leave nothing out
    PS_MEMO_BYTES_BEFORE = 4, // before a text, so many bytes must be there to read; what they are does not matter
};

// Three words of a text, from its beginning, its middle and its end; they overlap.
typedef struct ps_memo_words {
    uint64_t first, middle, last;
} ps_memo_words;

// What ps_memo_find() looks for.
typedef struct ps_memo_key {
    ps_memo_words words;
    uint64_t hash;
    bool lowered; // they are of the text in lower case, which is ASCII
} ps_memo_key;

static inline uint64_t ps_memo_load(const char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

// No branch: lengths are as good as random, and a mispredicted one costs more than all the rest. Of a text shorter than
// a word, bytes before it are read too (PS_MEMO_BYTES_BEFORE) and shifted out again.
static inline ps_memo_words ps_memo_words_of(ps_span text)
{
    const size_t word = sizeof(uint64_t);
    size_t beyond = text.len < word ? 0 : text.len - word;
    unsigned shift = text.len < word ? (unsigned)(word - text.len) * 8 : 0;
    const char *last = text.bytes + text.len - word, *first = last - beyond;

    return (ps_memo_words){
        ps_memo_load(first) >> shift,
        ps_memo_load(first + beyond / 2) >> shift,
        ps_memo_load(last) >> shift,
    };
}

// Two texts of one length up to PS_MEMO_WORDS_BYTES are the same.
static inline bool ps_memo_short_same(const char *a, const char *b, size_t len)
{
    const ps_memo_words one = ps_memo_words_of((ps_span){a, len}), other = ps_memo_words_of((ps_span){b, len});

    return ((one.first ^ other.first) | (one.middle ^ other.middle) | (one.last ^ other.last)) == 0;
}

static inline bool ps_memo_words_same(const ps_memo_words *words, ps_span text)
{
    ps_memo_words own = ps_memo_words_of(text);

    return ((words->first ^ own.first) | (words->middle ^ own.middle) | (words->last ^ own.last)) == 0;
}

// Multiplications by odd constants: quick, and good enough where a collision costs a comparison.
static inline uint64_t ps_memo_hash(const ps_memo_words *words, size_t len)
{
    uint64_t hash = words->first * UINT64_C(0x9E3779B97F4A7C15) + (words->middle ^ len) * UINT64_C(0xD6E8FEB86659FD93);

    hash ^= words->last * UINT64_C(0xA0761D6478BD642F) ^ hash >> 31;
    hash *= UINT64_C(0xE7037ED1A0B428DB);
    return hash ^ hash >> 32;
}

// `text` has a length between the bounds, and PS_MEMO_BYTES_BEFORE before it. `lower`: look for it in lower case.
static inline void ps_memo_key_of(ps_span text, bool lower, ps_memo_key *out)
{
    ps_memo_words words = ps_memo_words_of(text);

    if (lower) {
        words.first = ps_lower_word(words.first);
        words.middle = ps_lower_word(words.middle);
        words.last = ps_lower_word(words.last);
    }
    out->words = words;
    out->hash = ps_memo_hash(&words, text.len);
    out->lowered = lower;
}

#endif
