#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <uninorm.h>

#include "base/text.h"
#include "table/header.h"

// The longest word that means anything has 19 bytes; a longer cell is prose.
enum { WORD_BYTES_MAX = 64, FOLDED_BYTES_MAX = 1024 };

typedef struct word_meaning {
    const char *text; // folded
    ps_word word;
} word_meaning;

static const word_meaning flag_words[] = {
    {"1", PS_WORD_TRUE},           {"y", PS_WORD_TRUE},           {"yes", PS_WORD_TRUE},
    {"true", PS_WORD_TRUE},        {"t", PS_WORD_TRUE},           {"on", PS_WORD_TRUE},
    {"○", PS_WORD_TRUE},           {"〇", PS_WORD_TRUE},          {"◯", PS_WORD_TRUE},
    {"有", PS_WORD_TRUE},          {"はい", PS_WORD_TRUE},        {"可", PS_WORD_TRUE},
    {"許可", PS_WORD_TRUE},        {"希望", PS_WORD_TRUE},        {"希望する", PS_WORD_TRUE},
    {"受信する", PS_WORD_TRUE},    {"購読中", PS_WORD_TRUE},      {"配信中", PS_WORD_TRUE},
    {"0", PS_WORD_FALSE},          {"n", PS_WORD_FALSE},          {"no", PS_WORD_FALSE},
    {"false", PS_WORD_FALSE},      {"f", PS_WORD_FALSE},          {"off", PS_WORD_FALSE},
    {"×", PS_WORD_FALSE},          {"無", PS_WORD_FALSE},         {"いいえ", PS_WORD_FALSE},
    {"不可", PS_WORD_FALSE},       {"拒否", PS_WORD_FALSE},       {"希望しない", PS_WORD_FALSE},
    {"受信しない", PS_WORD_FALSE}, {"配信停止", PS_WORD_FALSE},   {"停止", PS_WORD_FALSE},
    {"配信する", PS_WORD_TRUE},    {"配信しない", PS_WORD_FALSE}, {"購読する", PS_WORD_TRUE},
    {"購読しない", PS_WORD_FALSE}, {"送る", PS_WORD_TRUE},        {"送らない", PS_WORD_FALSE},
};

// With the other spellings of the same words: an unknown word stops nobody, and a wrong stop costs one mail.
static const word_meaning status_words[] = {
    {"unsubscribed", PS_WORD_STOP}, {"unsubscribe", PS_WORD_STOP},
    {"unsub", PS_WORD_STOP},        {"cancelled", PS_WORD_STOP},
    {"canceled", PS_WORD_STOP},     {"optout", PS_WORD_STOP},
    {"optedout", PS_WORD_STOP},     {"cleaned", PS_WORD_STOP},
    {"bounced", PS_WORD_STOP},      {"bounce", PS_WORD_STOP},
    {"hardbounced", PS_WORD_STOP},  {"hardbounce", PS_WORD_STOP},
    {"held", PS_WORD_STOP},         {"undeliverable", PS_WORD_STOP},
    {"suppressed", PS_WORD_STOP},   {"deleted", PS_WORD_STOP},
    {"inactive", PS_WORD_STOP},     {"blocked", PS_WORD_STOP},
    {"blacklisted", PS_WORD_STOP},  {"blocklisted", PS_WORD_STOP},
    {"complained", PS_WORD_STOP},   {"complaint", PS_WORD_STOP},
    {"spam", PS_WORD_STOP},         {"配信停止", PS_WORD_STOP},
    {"配信停止中", PS_WORD_STOP},   {"配信停止済", PS_WORD_STOP},
    {"配信停止済み", PS_WORD_STOP}, {"停止", PS_WORD_STOP},
    {"停止中", PS_WORD_STOP},       {"エラー停止", PS_WORD_STOP},
    {"受信拒否", PS_WORD_STOP},     {"解除", PS_WORD_STOP},
    {"解除済", PS_WORD_STOP},       {"解除済み", PS_WORD_STOP},
    {"購読解除", PS_WORD_STOP},     {"退会", PS_WORD_STOP},
    {"退会済", PS_WORD_STOP},       {"退会済み", PS_WORD_STOP},
    {"退会者", PS_WORD_STOP},       {"無効", PS_WORD_STOP},
    {"仮会員", PS_WORD_STOP},       {"unconfirmed", PS_WORD_PENDING},
    {"pending", PS_WORD_PENDING},   {"notsubscribed", PS_WORD_PENDING},
    {"仮登録", PS_WORD_PENDING},
};

// Where consent came from, in words that say it did not, or that nobody knows.
static const word_meaning consent_words[] = {
    {"withdrawn", PS_WORD_FALSE},
    {"withdraw", PS_WORD_FALSE},
    {"consentwithdrawn", PS_WORD_FALSE},
    {"revoked", PS_WORD_FALSE},
    {"consentrevoked", PS_WORD_FALSE},
    {"declined", PS_WORD_FALSE},
    {"denied", PS_WORD_FALSE},
    {"refused", PS_WORD_FALSE},
    {"rejected", PS_WORD_FALSE},
    {"noconsent", PS_WORD_FALSE},
    {"withoutconsent", PS_WORD_FALSE},
    {"notconsented", PS_WORD_FALSE},
    {"notgiven", PS_WORD_FALSE},
    {"notgranted", PS_WORD_FALSE},
    {"neversubscribed", PS_WORD_FALSE},
    {"nonsubscribed", PS_WORD_FALSE},
    {"撤回", PS_WORD_FALSE},
    {"撤回済", PS_WORD_FALSE},
    {"撤回済み", PS_WORD_FALSE},
    {"同意撤回", PS_WORD_FALSE},
    {"未同意", PS_WORD_FALSE},
    {"不同意", PS_WORD_FALSE},
    {"非同意", PS_WORD_FALSE},
    {"同意しない", PS_WORD_FALSE},
    {"同意しません", PS_WORD_FALSE},
    {"同意していない", PS_WORD_FALSE},
    {"同意していません", PS_WORD_FALSE},
    {"同意せず", PS_WORD_FALSE},
    {"同意なし", PS_WORD_FALSE},
    {"同意無し", PS_WORD_FALSE},
    {"配信拒否", PS_WORD_FALSE},
    {"unknown", PS_WORD_BLANK},
    {"none", PS_WORD_BLANK},
    {"不明", PS_WORD_BLANK},
    {"未取得", PS_WORD_BLANK},
    {"未確認", PS_WORD_BLANK},
    {"未回答", PS_WORD_BLANK},
    {"なし", PS_WORD_BLANK},
    {"無し", PS_WORD_BLANK},
    {"未", PS_WORD_BLANK},
};

// What people put between words and around notes, after NFKC (which makes the full-width forms and U+3000 ASCII).
static bool is_filler(int32_t code_point)
{
    static const char ascii[] = " \t\r\n\v\f_-./()[]{}<>";
    static const int32_t others[] = {0x3008, 0x3009, 0x300a, 0x300b, 0x300c, 0x300d, 0x300e,
                                     0x300f, 0x3010, 0x3011, 0x3014, 0x3015, 0x200b, 0xfeff};

    if (code_point > 0 && code_point < 0x80) return strchr(ascii, (int)code_point) != NULL;
    for (size_t i = 0; i < PS_COUNT_OF(others); i++) {
        if (others[i] == code_point) return true;
    }
    return false;
}

// Drop the filler from `text` into `out`, which may be the same memory.
static size_t squeeze(ps_span text, char *out)
{
    size_t len = 0;

    for (size_t offset = 0; offset < text.len;) {
        size_t start = offset;
        if (is_filler(ps_utf8_next(text, &offset))) continue;
        memmove(out + len, text.bytes + start, offset - start);
        len += offset - start;
    }
    return len;
}

static bool fold_ascii(ps_span text, char *out, size_t *out_len)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte >= 0x80) return false;
        out[i] = (char)(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
    }
    *out_len = squeeze((ps_span){out, text.len}, out);
    return true;
}

// In the caller's buffer where it fits, else in memory to be freed. NULL: not UTF-8, or no memory.
static uint8_t *fold_unicode(ps_span text, uint8_t *buffer, size_t *len)
{
    return u8_casefold((const uint8_t *)text.bytes, text.len, NULL, UNINORM_NFKC, buffer, len);
}

ps_span ps_header_fold(ps_span name, ps_arena *arena)
{
    size_t len;
    char *ascii = ps_arena_take(arena, name.len + 1);

    if (fold_ascii(name, ascii, &len)) return (ps_span){ascii, len};
    uint8_t *folded = fold_unicode(name, NULL, &len);
    if (folded == NULL) return name; // then it is no header that anyone knows
    char *out = ps_arena_take(arena, len + 1);
    len = squeeze((ps_span){(const char *)folded, len}, out);
    free(folded);
    return (ps_span){out, len};
}

// The folded cell in `out`; false when it is no word.
static bool fold_word(ps_span text, char out[FOLDED_BYTES_MAX], ps_span *folded)
{
    ps_span trimmed = ps_ascii_trim(text);
    size_t len = FOLDED_BYTES_MAX;

    if (trimmed.len > WORD_BYTES_MAX) return false;
    if (!fold_ascii(trimmed, out, &len)) {
        uint8_t buffer[FOLDED_BYTES_MAX];
        len = sizeof buffer;
        uint8_t *unicode = fold_unicode(trimmed, buffer, &len);
        if (unicode == NULL) return false;
        bool fits = unicode == buffer;
        if (fits) len = squeeze((ps_span){(const char *)buffer, len}, out);
        if (!fits) free(unicode); // 64 bytes became 1024: no word does
        if (!fits) return false;
    }
    *folded = (ps_span){out, len};
    return true;
}

// `text` is not empty. Its first byte tells it from most words: nearly every row asks.
static ps_word find_word(const word_meaning *words, size_t count, ps_span text)
{
    for (size_t i = 0; i < count; i++) {
        if (words[i].text[0] != text.bytes[0]) continue;
        if (ps_span_equal(text, ps_span_of(words[i].text))) return words[i].word;
    }
    return PS_WORD_OTHER;
}

static ps_word find_flag(ps_span text)
{
    return find_word(flag_words, PS_COUNT_OF(flag_words), text);
}

static ps_word find_status(ps_span text)
{
    return find_word(status_words, PS_COUNT_OF(status_words), text);
}

// A no, and whatever stops mail or waits in a column of states, is no source either.
static ps_word find_consent(ps_span text)
{
    ps_word word = find_word(consent_words, PS_COUNT_OF(consent_words), text);

    if (word != PS_WORD_OTHER) return word;
    return find_flag(text) == PS_WORD_FALSE || find_status(text) != PS_WORD_OTHER ? PS_WORD_FALSE : PS_WORD_OTHER;
}

typedef ps_word word_finder(ps_span text);

static ps_word folded_meaning(word_finder *find, ps_span text)
{
    char bytes[FOLDED_BYTES_MAX];
    ps_span folded;

    if (!fold_word(text, bytes, &folded)) return PS_WORD_OTHER;
    return folded.len == 0 ? PS_WORD_BLANK : find(folded);
}

// Folding Japanese is slow, and most cells need none.
static ps_word meaning(word_finder *find, ps_span text)
{
    if (text.len == 0) return PS_WORD_BLANK;
    ps_word word = find(text);
    return word != PS_WORD_OTHER ? word : folded_meaning(find, text);
}

ps_word ps_flag_word(ps_span text)
{
    return meaning(find_flag, text);
}

ps_word ps_status_column_word(ps_span text)
{
    return meaning(find_status, text);
}

ps_word ps_consent_word(ps_span text)
{
    return meaning(find_consent, text);
}
