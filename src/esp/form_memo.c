#include "esp/form_memo.h"

#include <string.h>

// Of the ends of a word and its length: which slot it is looked for in does not decide what is found there.
static uint64_t ends_of(ps_span word)
{
    uint64_t first = 0, last = 0;

    if (word.len >= sizeof first) {
        memcpy(&first, word.bytes, sizeof first);
        memcpy(&last, word.bytes + word.len - sizeof last, sizeof last);
    } else if (word.len > 0) {
        first = (unsigned char)word.bytes[0] << 8 | (unsigned char)word.bytes[word.len / 2];
        last = (unsigned char)word.bytes[word.len - 1];
    }
    return (first ^ (last << 29 | last >> 35)) + word.len;
}

static size_t slot_of(const ps_form_slots *slots, const ps_span *words)
{
    uint64_t mixed = 0;

    for (size_t i = 0; i < slots->words_count; i++)
        mixed = (mixed ^ ends_of(words[i])) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(mixed >> 32) % PS_FORM_MEMO_SLOTS;
}

// The words behind each other, each after its length, so that no two records look alike. False: they are too long.
static bool join(const ps_form_slots *slots, const ps_span *words, struct ps_form_kept *out)
{
    size_t len = 0;

    for (size_t i = 0; i < slots->words_count; i++) {
        if (len + 1 + words[i].len > PS_FORM_MEMO_BYTES) return false;
        out->said[len++] = (char)words[i].len;
        if (words[i].len > 0) memcpy(out->said + len, words[i].bytes, words[i].len);
        len += words[i].len;
    }
    out->len = (uint32_t)len + 1;
    return true;
}

// Whether what is kept is what join() makes of the words.
static bool is_kept(const ps_form_slots *slots, const ps_span *words, const struct ps_form_kept *kept)
{
    size_t at = 0;

    if (kept->len == 0) return false;
    for (size_t i = 0; i < slots->words_count; i++) {
        size_t len = words[i].len;
        if (at + 1 + len > kept->len - 1 || kept->said[at] != (char)len) return false;
        if (len > 0 && memcmp(kept->said + at + 1, words[i].bytes, len) != 0) return false;
        at += 1 + len;
    }
    return at == kept->len - 1;
}

ps_class ps_form_memo_class(ps_form_memo *memo, const ps_form_slots *slots, const ps_span *words)
{
    if (is_kept(slots, words, &memo->slots[memo->late])) return memo->slots[memo->late].class;
    memo->late = slot_of(slots, words);
    struct ps_form_kept *kept = &memo->slots[memo->late];
    if (is_kept(slots, words, kept)) return kept->class;
    kept->class = ps_form_class(slots, words);
    if (!join(slots, words, kept)) kept->len = 0;
    return kept->class;
}
