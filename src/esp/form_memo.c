#include "esp/form_memo.h"

#include "base/hash.h"

// The words behind each other, each after its length, so that no two records look alike. 0: they are too long.
static uint32_t join(const ps_form_slots *slots, const ps_span *words, char out[PS_FORM_MEMO_BYTES])
{
    size_t len = 0;

    for (size_t i = 0; i < slots->words_count; i++) {
        if (len + 1 + words[i].len > PS_FORM_MEMO_BYTES) return 0;
        out[len++] = (char)words[i].len;
        if (words[i].len > 0) memcpy(out + len, words[i].bytes, words[i].len);
        len += words[i].len;
    }
    return (uint32_t)len;
}

ps_class ps_form_memo_class(ps_form_memo *memo, const ps_form_slots *slots, const ps_span *words)
{
    char said[PS_FORM_MEMO_BYTES];
    uint32_t len = join(slots, words, said);

    if (len == 0) return ps_form_class(slots, words);
    size_t at = ps_hash_of((ps_span){said, len}).low % PS_FORM_MEMO_SLOTS;
    if (memo->slots[at].len == len && memcmp(memo->slots[at].said, said, len) == 0) return memo->slots[at].class;
    memo->slots[at].class = ps_form_class(slots, words);
    memo->slots[at].len = len;
    memcpy(memo->slots[at].said, said, len);
    return memo->slots[at].class;
}
