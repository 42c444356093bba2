#include "stage/cell_flags.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "facts/date.h"
#include "table/header.h"

// ---- what a word says

// Words that are false in an opt-in column, but say what an opt-out column is for: 受信拒否 with 拒否 in the cell.
static bool says_stop(ps_span cell)
{
    static const char *const words[] = {"不可", "拒否",       "希望しない", "受信しない", "配信停止",
                                        "停止", "配信しない", "購読しない", "送らない"};
    ps_span text = ps_ascii_trim(cell);

    for (size_t i = 0; i < PS_COUNT_OF(words); i++) {
        if (ps_span_equal(text, ps_span_of(words[i]))) return true;
    }
    return false;
}

bool ps_cell_says_nothing(const ps_facts *facts, ps_span cell)
{
    ps_day day;

    return ps_date_read(cell, PS_DATE_FORM_AUTO, facts->zone, &day) == PS_DATE_MISSING;
}

// A word or date against the address. What is not understood stops the mail: a wrong stop costs one mail, a wrong send
// a person's trust.
static bool is_against(const ps_facts *facts, ps_span cell)
{
    ps_word word = ps_flag_word(cell);

    if (word == PS_WORD_BLANK) return false;
    if (word == PS_WORD_FALSE) return says_stop(cell);
    return word == PS_WORD_TRUE || !ps_cell_says_nothing(facts, cell);
}

static uint32_t optout_flags(const ps_facts *facts, ps_span cell)
{
    return is_against(facts, cell) ? PS_FLAG_OPTOUT : 0;
}

static uint32_t bounced_flags(const ps_facts *facts, ps_span cell)
{
    return is_against(facts, cell) ? PS_FLAG_BOUNCED : 0;
}

static uint32_t complained_flags(const ps_facts *facts, ps_span cell)
{
    return is_against(facts, cell) ? PS_FLAG_COMPLAINED : 0;
}

static uint32_t optin_flags(const ps_facts *facts, ps_span cell)
{
    ps_word word = ps_flag_word(cell);

    (void)facts; // the word says it all
    if (word == PS_WORD_FALSE) return PS_FLAG_OPTOUT;
    if (word == PS_WORD_BLANK) return PS_FLAG_OPTIN_BLANK;
    return word == PS_WORD_OTHER ? PS_FLAG_OPTIN_UNKNOWN : 0;
}

static uint32_t protected_flags(const ps_facts *facts, ps_span cell)
{
    ps_word word = ps_flag_word(cell);

    (void)facts; // the word says it all
    if (word == PS_WORD_TRUE) return PS_FLAG_PROTECTED;
    return word == PS_WORD_FALSE ? PS_FLAG_UNPROTECTED : 0;
}

static uint32_t segment_flags(const ps_facts *facts, ps_span cell)
{
    static const struct {
        const char *word;
        uint32_t flag;
    } segments[] = {
        {"b2b", PS_FLAG_SEGMENT_B2B}, {"btob", PS_FLAG_SEGMENT_B2B}, {"法人", PS_FLAG_SEGMENT_B2B},
        {"b2c", PS_FLAG_SEGMENT_B2C}, {"btoc", PS_FLAG_SEGMENT_B2C}, {"個人", PS_FLAG_SEGMENT_B2C},
    };
    ps_span text = ps_ascii_trim(cell);

    (void)facts; // the word says it all
    for (size_t i = 0; i < PS_COUNT_OF(segments); i++) {
        if (ps_ascii_equal_fold(text, ps_span_of(segments[i].word))) return segments[i].flag;
    }
    return 0;
}

static uint32_t status_flags(const ps_facts *facts, ps_span cell)
{
    ps_word word = ps_status_column_word(cell);

    (void)facts; // the word says it all
    if (word == PS_WORD_STOP) return PS_FLAG_STATUS;
    return word == PS_WORD_PENDING ? PS_FLAG_PENDING : 0;
}

// Whether an open is a machine's is asked with its date.
static ps_cell_asker *const askers[PS_COLUMN_COUNT] = {
    [PS_COLUMN_OPTIN] = optin_flags,           [PS_COLUMN_OPTOUT] = optout_flags,
    [PS_COLUMN_OPTOUT_AT] = optout_flags,      [PS_COLUMN_BOUNCED] = bounced_flags,
    [PS_COLUMN_COMPLAINED] = complained_flags, [PS_COLUMN_PROTECTED] = protected_flags,
    [PS_COLUMN_SEGMENT] = segment_flags,       [PS_COLUMN_STATUS] = status_flags,
};

// ---- what it said before

enum { WORD = sizeof(uint64_t), REMEMBERED_MAX = 2 * WORD + PS_CELL_REST_BYTES }; // 16 kanji

static inline uint64_t up_to_seven(ps_span cell)
{
    const unsigned char *bytes = (const unsigned char *)cell.bytes;
    uint32_t first, last;

    if (cell.len == 0) return 0;
    if (cell.len < sizeof first)
        return bytes[0] | (uint64_t)bytes[cell.len >> 1] << 8 | (uint64_t)bytes[cell.len - 1] << 16;
    memcpy(&first, bytes, sizeof first);
    memcpy(&last, bytes + cell.len - sizeof last, sizeof last);
    return first | (uint64_t)last << 32;
}

// With their number they are the bytes again. Some may stand twice: no load goes beyond the cell.
static inline ps_cell_memo memo_of(ps_span cell)
{
    ps_cell_memo out = {.len = (uint32_t)cell.len};

    if (cell.len < WORD) {
        out.first = up_to_seven(cell);
        return out;
    }
    memcpy(&out.first, cell.bytes, WORD);
    if (cell.len > 2 * WORD) memcpy(out.rest, cell.bytes + WORD, cell.len - 2 * WORD);
    memcpy(&out.last, cell.bytes + cell.len - WORD, WORD);
    return out;
}

static inline bool is_same(const ps_cell_memo *a, const ps_cell_memo *b)
{
    bool alike = a->len == b->len && a->first == b->first && a->last == b->last;

    return alike && (a->len <= 2 * WORD || memcmp(a->rest, b->rest, sizeof a->rest) == 0);
}

// Of the same length, the bytes too.
static inline bool has_bytes_of(const ps_cell_memo *word, ps_span cell)
{
    uint64_t first, last;

    if (cell.len < WORD) return word->first == up_to_seven(cell);
    if (cell.len > 2 * WORD && memcmp(word->rest, cell.bytes + WORD, cell.len - 2 * WORD) != 0) return false;
    memcpy(&first, cell.bytes, WORD);
    memcpy(&last, cell.bytes + cell.len - WORD, WORD);
    return word->first == first && word->last == last;
}

static inline size_t slot_of(const ps_cell_memo *word)
{
    uint64_t mixed = word->first ^ word->last ^ word->len ^ ps_text_word(word->rest);

    return (mixed * UINT64_C(0x9E3779B97F4A7C15)) >> 59;
}
static_assert(PS_CELL_MEMOS == 1 << (64 - 59), "slot_of gives one of them");

void ps_cell_flags_ask(ps_cell_flags *out, const ps_facts *facts, ps_cell_asker *ask)
{
    uint32_t of_nothing = ask(facts, (ps_span){0});

    *out = (ps_cell_flags){.facts = facts, .ask = ask};
    for (size_t i = 0; i < PS_CELL_MEMOS; i++)
        out->memos[i].flags = of_nothing; // of the empty cell, as which they begin
}

bool ps_cell_flags_init(ps_cell_flags *out, const ps_facts *facts, ps_column column)
{
    if (askers[column] == NULL) return false;
    ps_cell_flags_ask(out, facts, askers[column]);
    return true;
}

// Apart, since most words are the usual one. Each has two places, for two words that fall on one would drive each other
// out cell by cell; to ask what a word says takes a hundred times as long as to find it.
static __attribute__((noinline)) const ps_cell_memo *recall(ps_cell_flags *known, ps_span cell)
{
    ps_cell_memo word = memo_of(cell);
    size_t slot = slot_of(&word);
    ps_cell_memo *memo = &known->memos[slot], *other = &known->memos[slot ^ 1];

    if (is_same(memo, &word)) return memo;
    if (is_same(other, &word)) return other;
    word.flags = known->ask(known->facts, cell);
    *other = *memo;
    *memo = word;
    return memo;
}

// Nearly all cells say what the usual one says, and so have its length. Which those are is as good as random, and each
// that is another is mispredicted: it must not make the one behind it another, too. So a word is usual where it comes
// twice in a row.
void ps_cell_flags_read(ps_cell_flags *known, const ps_span *cells, size_t stride, size_t count, uint32_t *flags)
{
    const ps_cell_memo *usual = &known->memos[known->usual], *other = NULL;

    for (size_t i = 0; i < count; i++) {
        ps_span cell = cells[i * stride];
        if (cell.len == usual->len && has_bytes_of(usual, cell)) {
            flags[i] |= usual->flags;
        } else if (cell.len > REMEMBERED_MAX) {
            flags[i] |= known->ask(known->facts, cell);
        } else {
            const ps_cell_memo *said = recall(known, cell);
            flags[i] |= said->flags;
            if (said == other) usual = said;
            other = said;
        }
    }
    known->usual = (size_t)(usual - known->memos);
}
