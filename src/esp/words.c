#include "esp/words.h"

#include "base/text.h"

// After folding. `blocked`, `blocklist` and the like are deliberately no `block`: many write them for people whom they
// do not mail, and block is only noted. A word that is not here is PS_CLASS_UNKNOWN, which removes.
static const struct {
    const char *word;
    ps_class class;
    bool vague; // it leaves open of what kind: another cell of the record may say
} words[] = {
    {"abuse", PS_CLASS_COMPLAINT, false},
    {"abusecomplaint", PS_CLASS_COMPLAINT, false},
    {"complained", PS_CLASS_COMPLAINT, false},
    {"complaint", PS_CLASS_COMPLAINT, false},
    {"complaints", PS_CLASS_COMPLAINT, false},
    {"contactflaggedasspam", PS_CLASS_COMPLAINT, false},
    {"feedback", PS_CLASS_COMPLAINT, false},
    {"junk", PS_CLASS_COMPLAINT, false},
    {"spam", PS_CLASS_COMPLAINT, false},
    {"spamcomplaint", PS_CLASS_COMPLAINT, false},
    {"spamreport", PS_CLASS_COMPLAINT, false},
    {"spamreports", PS_CLASS_COMPLAINT, false},
    {"苦情", PS_CLASS_COMPLAINT, false},
    {"迷惑メール", PS_CLASS_COMPLAINT, false},
    {"迷惑メール報告", PS_CLASS_COMPLAINT, false},
    {"groupunsubscribe", PS_CLASS_UNSUBSCRIBE, false},
    {"listunsubscribe", PS_CLASS_UNSUBSCRIBE, false},
    {"optedout", PS_CLASS_UNSUBSCRIBE, false},
    {"optout", PS_CLASS_UNSUBSCRIBE, false},
    {"unsub", PS_CLASS_UNSUBSCRIBE, false},
    {"unsubscribe", PS_CLASS_UNSUBSCRIBE, false},
    {"unsubscribed", PS_CLASS_UNSUBSCRIBE, false},
    {"unsubscribes", PS_CLASS_UNSUBSCRIBE, false},
    {"unsubscribedviaapi", PS_CLASS_UNSUBSCRIBE, false},
    {"unsubscribedviaemail", PS_CLASS_UNSUBSCRIBE, false},
    {"unsubscribedviama", PS_CLASS_UNSUBSCRIBE, false},
    {"unsubscribelink", PS_CLASS_UNSUBSCRIBE, false},
    {"オプトアウト", PS_CLASS_UNSUBSCRIBE, false},
    {"受信拒否", PS_CLASS_UNSUBSCRIBE, false},
    {"購読解除", PS_CLASS_UNSUBSCRIBE, false},
    {"解除", PS_CLASS_UNSUBSCRIBE, false},
    {"退会", PS_CLASS_UNSUBSCRIBE, false},
    {"配信停止", PS_CLASS_UNSUBSCRIBE, false},
    {"admin", PS_CLASS_MANUAL, false},
    {"adminblocked", PS_CLASS_MANUAL, false},
    {"blacklist", PS_CLASS_MANUAL, false},
    {"blacklisted", PS_CLASS_MANUAL, false},
    {"blocklist", PS_CLASS_MANUAL, false},
    {"blocklisted", PS_CLASS_MANUAL, false},
    {"compliance", PS_CLASS_MANUAL, false},
    {"custom", PS_CLASS_MANUAL, false},
    {"donotmail", PS_CLASS_MANUAL, false},
    {"manual", PS_CLASS_MANUAL, false},
    {"manuallyadded", PS_CLASS_MANUAL, false},
    {"manualsuppression", PS_CLASS_MANUAL, false},
    {"suppressed", PS_CLASS_MANUAL, false},
    {"手動", PS_CLASS_MANUAL, false},
    {"配信禁止", PS_CLASS_MANUAL, false},
    {"bounce", PS_CLASS_HARD, true},
    {"bounced", PS_CLASS_HARD, true},
    {"bounces", PS_CLASS_HARD, true},
    {"bouncerule", PS_CLASS_HARD, false},
    {"hard", PS_CLASS_HARD, false},
    {"hardbounce", PS_CLASS_HARD, false},
    {"hardbounced", PS_CLASS_HARD, false},
    {"permanent", PS_CLASS_HARD, false},
    {"userunknown", PS_CLASS_HARD, false},
    {"エラー停止", PS_CLASS_HARD, true},
    {"ハードバウンス", PS_CLASS_HARD, false},
    {"バウンス", PS_CLASS_HARD, true},
    {"不達", PS_CLASS_HARD, true},
    {"宛先不明", PS_CLASS_HARD, false},
    {"ユーザ不明", PS_CLASS_HARD, false},
    {"ユーザー不明", PS_CLASS_HARD, false},
    {"ホスト不明", PS_CLASS_HARD, false},
    {"アドレス不正", PS_CLASS_HARD, false},
    {"不在", PS_CLASS_HARD, false},
    {"永続", PS_CLASS_HARD, false},
    {"恒久的", PS_CLASS_HARD, false},
    {"恒久的エラー", PS_CLASS_HARD, false},
    {"恒久エラー", PS_CLASS_HARD, false},
    {"invalid", PS_CLASS_INVALID, false},
    {"invalidaddress", PS_CLASS_INVALID, false},
    {"invalidemail", PS_CLASS_INVALID, false},
    {"invalidemails", PS_CLASS_INVALID, false},
    {"不正", PS_CLASS_INVALID, false},
    {"無効", PS_CLASS_INVALID, false},
    {"block", PS_CLASS_BLOCK, false},
    {"blocks", PS_CLASS_BLOCK, false},
    {"deferred", PS_CLASS_SOFT, false},
    {"soft", PS_CLASS_SOFT, false},
    {"softbounce", PS_CLASS_SOFT, false},
    {"softbounced", PS_CLASS_SOFT, false},
    {"temporary", PS_CLASS_SOFT, false},
    {"transient", PS_CLASS_SOFT, false},
    {"ソフトバウンス", PS_CLASS_SOFT, false},
    {"一時エラー", PS_CLASS_SOFT, false},
    {"タイムアウト", PS_CLASS_SOFT, false},
    {"メールボックス容量", PS_CLASS_SOFT, false},
    {"一時的", PS_CLASS_SOFT, false},
    {"一時的エラー", PS_CLASS_SOFT, false},
    {"容量超過", PS_CLASS_SOFT, false},
};

// Stems of file names. `blocks` counts as a whole word only, for the same reason as above.
static const struct {
    const char *stem;
    bool whole;
    ps_word_hint hint;
} hints[] = {
    {"bounce", false, {PS_CLASS_HARD, "bounces"}},
    {"blocks", true, {PS_CLASS_BLOCK, "blocks"}},
    {"spam", false, {PS_CLASS_COMPLAINT, "spam_reports"}},
    {"complain", false, {PS_CLASS_COMPLAINT, "complaints"}},
    {"invalid", false, {PS_CLASS_INVALID, "invalid_emails"}},
    {"unsub", false, {PS_CLASS_UNSUBSCRIBE, "unsubscribes"}},
    {"optout", false, {PS_CLASS_UNSUBSCRIBE, "unsubscribes"}},
    {"opt-out", false, {PS_CLASS_UNSUBSCRIBE, "unsubscribes"}},
    {"opt_out", false, {PS_CLASS_UNSUBSCRIBE, "unsubscribes"}},
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_passed_over(char c)
{
    return c <= ' ' ? c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0'
                    : c == '"' || c == '\'' || c == '_' || c == '-';
}

bool ps_word_fold(ps_span text, char out[PS_WORD_BYTES_MAX + 1])
{
    static const char bom[] = "\xEF\xBB\xBF", wide_blank[] = "\xE3\x80\x80";
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        size_t left = text.len - i;
        char c = text.bytes[i];
        if (left >= 3 && (memcmp(text.bytes + i, bom, 3) == 0 || memcmp(text.bytes + i, wide_blank, 3) == 0)) {
            i += 2;
            continue;
        }
        if (is_passed_over(c)) continue;
        if (len == PS_WORD_BYTES_MAX) return false;
        out[len++] = lower(c);
    }
    out[len] = '\0';
    return true;
}

bool ps_word_is_blank(ps_span text)
{
    char folded[PS_WORD_BYTES_MAX + 1];

    return ps_word_fold(text, folded) && folded[0] == '\0';
}

// Japanese has no blanks, and each service words its cells in its own way: 一時的なエラー（容量超過）. The longest word
// in them counts, of two as long the stronger.
static size_t longest_within(const char *folded)
{
    size_t found = SIZE_MAX, longest = 0;

    for (size_t i = 0; i < PS_COUNT_OF(words); i++) {
        size_t len = strlen(words[i].word);
        bool japanese = (words[i].word[0] & 0x80) != 0;
        if (!japanese || len < longest || strstr(folded, words[i].word) == NULL) continue;
        if (len == longest && words[i].class >= words[found].class) continue;
        found = i;
        longest = len;
    }
    return found;
}

bool ps_word_class(ps_span text, ps_class *out, bool *out_vague)
{
    char folded[PS_WORD_BYTES_MAX + 1];
    size_t found = 0;

    if (!ps_word_fold(text, folded)) return false;
    while (found < PS_COUNT_OF(words) && !ps_word_same(words[found].word, folded))
        found++;
    if (found == PS_COUNT_OF(words)) found = longest_within(folded);
    if (found == SIZE_MAX) return false;
    *out = words[found].class;
    *out_vague = words[found].vague;
    return true;
}

static bool is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool name_has(const char *name, const char *stem, bool whole)
{
    size_t len = strlen(stem), name_len = strlen(name);

    for (size_t i = 0; i + len <= name_len; i++) {
        if (!ps_ascii_equal_fold((ps_span){name + i, len}, (ps_span){stem, len})) continue;
        if (!whole) return true;
        if ((i == 0 || !is_letter(name[i - 1])) && !is_letter(name[i + len])) return true;
    }
    return false;
}

bool ps_word_file_hint(const char *file, ps_word_hint *out)
{
    const char *slash = strrchr(file, '/');
    const char *name = slash == NULL ? file : slash + 1;
    const ps_word_hint *found = NULL;

    for (size_t i = 0; i < PS_COUNT_OF(hints); i++) {
        if (!name_has(name, hints[i].stem, hints[i].whole)) continue;
        if (found != NULL && found->class != hints[i].hint.class) return false;
        found = &hints[i].hint;
    }
    if (found != NULL) *out = *found;
    return found != NULL;
}
