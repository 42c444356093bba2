// Which non-ASCII characters a mailbox name may have.
// layer: mail

#include "mail/precis.h"

#include "assert.h"

static const struct {
    const char *name, *text;
    bool fits;
} cases[] = {
    {"ASCII is not looked at", "a b\"", true},
    {"kanji, kana, the long vowel mark", "山ーあア", true},
    {"ideographic zero", "〇", true},
    {"katakana middle dot", "・", true},
    {"letters with marks", "josé", true},
    {"a mark on a letter", "a\u0301", true},
    {"a mark first", "\u0301a", false},
    {"a spacing mark first", "\u0903a", false},
    {"digits of another script", "\u0967\u0968", true},
    {"a circled digit", "①", false},
    {"a ligature", "ﬁ", false},
    {"a superscript", "a²", false},
    {"half-width katakana", "ﾀ", false},
    {"a symbol", "❤", false},
    {"an emoji", "😀", false},
    {"an en dash", "a–b", false},
    {"private use", "\uE000", false},
    {"a noncharacter", "\uFDD0", false},
    {"unassigned", "\u0378", false},
    {"a line separator", "a\u2028b", false},
    {"a bidi control", "a\u202Eb", false},
    {"a Hangul syllable", "한", true},
    {"a Hangul filler, which shows nothing", "\u115F", false},
    {"a conjoining jamo", "\u1100", false},
    {"the combining grapheme joiner", "あ\u034F", false},
    {"kashida", "\u0640", false},
    {"kashida of N'Ko", "\u07FA", false},
    {"Hangul tone marks", "あ\u302E", false},
    {"the double one", "あ\u302F", false},
    {"a repeat mark", "\u3031", false},
    {"the last of the repeat marks", "\u3035", false},
    {"the masu mark behind them", "\u303C", true},
    {"the vertical iteration mark", "\u303B", false},
    {"a conjoining jamo of the extension", "\uA960", false},
    {"the other extension", "\uD7B0", false},
    {"behind it", "\uD7FC", false},
    {"ZWJ after a virama", "क्\u200Dष", true},
    {"ZWJ elsewhere", "あ\u200Dい", false},
    {"ZWNJ after a virama", "क्\u200Cष", true},
    {"ZWNJ between joining letters", "نامه\u200Cای", true},
    {"ZWNJ between joining letters, over a mark", "نامه\u064E\u200Cای", true},
    {"ZWNJ after a letter that does not join on", "د\u200Cا", false},
    {"ZWNJ between letters, over a mark behind it", "نامه\u200C\u064Eای", true},
    {"ZWNJ before a letter that does not join back", "نامه\u200Cあ", false},
    {"ZWNJ behind a letter that joins on only", "\uA872\u200Cای", true},
    {"ZWNJ before a letter that joins on both sides", "نامه\u200Cن", true},
    {"ZWNJ before a letter that joins on only", "نامه\u200C\uA872", false},
    {"ZWNJ with marks to the end", "نامه\u200C\u064E", false},
    {"ZWNJ at the end", "نامه\u200C", false},
    {"ZWNJ at the start", "\u200Cنامه", false},
};

static void test_identifier(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].name);
        assert_int_equal(ps_precis_is_identifier(ps_span_of(cases[i].text)), cases[i].fits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identifier),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
