#include "mail/charset.h"

#include <errno.h>
#include <iconv.h>

#include "base/text.h"

// glibc's SHIFT_JIS turns ~ and \ into other characters and refuses the circled digits that Windows writes; its EUC-JP
// and ISO-2022-JP refuse more of the same. So: CP932, EUC-JP-MS, ISO-2022-JP-3 and no other.
static const struct {
    const char *name, *iconv_name;
    bool ascii_safe, jis;
} charsets[PS_ENCODING_COUNT] = {
    [PS_ENCODING_AUTO] = {"auto", "UTF-8", true, false},
    [PS_ENCODING_UTF8] = {"UTF-8", "UTF-8", true, false},
    [PS_ENCODING_CP932] = {"CP932", "CP932", true, true},
    [PS_ENCODING_EUC_JP_MS] = {"EUC-JP", "EUC-JP-MS", true, true},
    [PS_ENCODING_ISO_2022_JP_3] = {"ISO-2022-JP", "ISO-2022-JP-3", false, true},
    [PS_ENCODING_UTF16LE] = {"UTF-16LE", "UTF-16LE", false, false},
    [PS_ENCODING_UTF16BE] = {"UTF-16BE", "UTF-16BE", false, false},
    [PS_ENCODING_WINDOWS_1252] = {"Windows-1252", "CP1252", true, false},
};

// What people write in a job file. `utf-16` with a byte order mark in front is decided by the mark.
static const struct {
    const char *name;
    ps_encoding encoding;
} names[] = {
    {"auto", PS_ENCODING_AUTO},
    {"utf-8", PS_ENCODING_UTF8},
    {"utf8", PS_ENCODING_UTF8},
    {"cp932", PS_ENCODING_CP932},
    {"shift_jis", PS_ENCODING_CP932},
    {"shift-jis", PS_ENCODING_CP932},
    {"sjis", PS_ENCODING_CP932},
    {"ms932", PS_ENCODING_CP932},
    {"windows-31j", PS_ENCODING_CP932},
    {"euc-jp", PS_ENCODING_EUC_JP_MS},
    {"euc-jp-ms", PS_ENCODING_EUC_JP_MS},
    {"iso-2022-jp", PS_ENCODING_ISO_2022_JP_3},
    {"iso-2022-jp-3", PS_ENCODING_ISO_2022_JP_3},
    {"utf-16", PS_ENCODING_UTF16LE},
    {"utf-16le", PS_ENCODING_UTF16LE},
    {"utf-16be", PS_ENCODING_UTF16BE},
    {"windows-1252", PS_ENCODING_WINDOWS_1252},
    {"cp1252", PS_ENCODING_WINDOWS_1252},
};

static const struct {
    const char *mark;
    size_t len;
    ps_encoding encoding;
} marks[] = {
    {"\xEF\xBB\xBF", 3, PS_ENCODING_UTF8},
    {"\xFF\xFE", 2, PS_ENCODING_UTF16LE},
    {"\xFE\xFF", 2, PS_ENCODING_UTF16BE},
};

size_t ps_charset_bom(ps_span text, ps_encoding *out)
{
    for (size_t i = 0; i < PS_COUNT_OF(marks); i++) {
        if (text.len < marks[i].len || memcmp(text.bytes, marks[i].mark, marks[i].len) != 0) continue;
        *out = marks[i].encoding;
        return marks[i].len;
    }
    return 0;
}

static bool has_high_byte(ps_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.bytes[i] > 0x7F) return true;
    }
    return false;
}

// ESC $ begins the two-byte sets, ESC ( the one-byte ones.
static bool has_jis_escape(ps_span text)
{
    const char *at = text.bytes;
    size_t left = text.len;

    while (left > 1 && (at = memchr(at, 0x1B, left - 1)) != NULL) {
        if (at[1] == '$' || at[1] == '(') return true;
        at++;
        left = (size_t)(text.bytes + text.len - at);
    }
    return false;
}

bool ps_charset_undecided(ps_span sample)
{
    return !has_high_byte(sample) && !has_jis_escape(sample);
}

// The longest UTF-8 character has four bytes, so at most three of a cut one stand at the end.
static bool is_utf8(ps_span sample, bool whole)
{
    size_t cut_max = whole ? 0 : sample.len < 3 ? sample.len : 3;

    if (ps_utf8_valid(sample)) return true;
    for (size_t cut = 1; cut <= cut_max; cut++) {
        size_t len = sample.len - cut;
        unsigned char lead = (unsigned char)sample.bytes[len];
        size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;

        if (lead >= 0x80 && lead < 0xC0) continue;
        return need > cut && lead <= 0xF4 && ps_utf8_valid((ps_span){sample.bytes, len});
    }
    return false;
}

// U+FF61 to U+FF9F are EF BD A1 to EF BE 9F in UTF-8. The encodings that are looked for have nothing from there to
// EF BE BF.
static size_t count_katakana(const char *utf8, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i + 2 < len; i++) {
        unsigned char second = (unsigned char)utf8[i + 1], third = (unsigned char)utf8[i + 2];
        if (utf8[i] != '\xEF') continue;
        count += (second == 0xBD && third >= 0xA1) || second == 0xBE;
    }
    return count;
}

// Half-width katakana that `sample` yields when read as `encoding`; SIZE_MAX when it cannot be read so.
static size_t try_legacy(ps_span sample, bool whole, ps_encoding encoding)
{
    char utf8[4096];
    char *in = (char *)(uintptr_t)sample.bytes; // iconv() does not write to its input
    size_t left = sample.len, katakana = 0, converted = (size_t)-1;
    iconv_t converter = iconv_open("UTF-8", charsets[encoding].iconv_name);

    if (converter == (iconv_t)-1) return SIZE_MAX; // never: where tests run, iconv has them
    do {
        char *out = utf8;
        size_t room = sizeof(utf8);
        converted = iconv(converter, &in, &left, &out, &room);
        katakana += count_katakana(utf8, sizeof(utf8) - room);
    } while (converted == (size_t)-1 && errno == E2BIG);
    bool cut_at_end = converted == (size_t)-1 && errno == EINVAL && !whole;
    iconv_close(converter);
    return converted == (size_t)-1 && !cut_at_end ? SIZE_MAX : katakana;
}

// EUC-JP kanji often read as CP932 half-width katakana without an error, hardly ever the other way round: so where both
// can be read, the one with fewer of them is meant.
static ps_encoding detect_legacy(ps_span sample, bool whole)
{
    size_t cp932 = try_legacy(sample, whole, PS_ENCODING_CP932);
    size_t euc = try_legacy(sample, whole, PS_ENCODING_EUC_JP_MS);

    if (cp932 == SIZE_MAX && euc == SIZE_MAX) return PS_ENCODING_AUTO;
    return euc < cp932 ? PS_ENCODING_EUC_JP_MS : PS_ENCODING_CP932;
}

ps_encoding ps_charset_detect(ps_span sample, bool whole, size_t *out_bom_len)
{
    ps_encoding encoding = PS_ENCODING_AUTO;

    *out_bom_len = ps_charset_bom(sample, &encoding);
    if (*out_bom_len > 0) return encoding;
    // Before UTF-8: such a file is valid UTF-8 too.
    if (!has_high_byte(sample)) return has_jis_escape(sample) ? PS_ENCODING_ISO_2022_JP_3 : PS_ENCODING_UTF8;
    if (is_utf8(sample, whole)) return PS_ENCODING_UTF8;
    return detect_legacy(sample, whole);
}

bool ps_charset_find(ps_span name, ps_encoding *out)
{
    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        if (!ps_ascii_equal_fold(name, ps_span_of(names[i].name))) continue;
        *out = names[i].encoding;
        return true;
    }
    return false;
}

const char *ps_charset_name(ps_encoding encoding)
{
    return charsets[encoding].name;
}

const char *ps_charset_iconv_name(ps_encoding encoding)
{
    return charsets[encoding].iconv_name;
}

bool ps_charset_ascii_safe(ps_encoding encoding)
{
    return charsets[encoding].ascii_safe;
}

bool ps_charset_byte_is_safe(ps_encoding encoding, char byte)
{
    if (!charsets[encoding].ascii_safe) return false;
    return encoding != PS_ENCODING_CP932 || (unsigned char)byte < 0x40;
}

bool ps_charset_is_jis(ps_encoding encoding)
{
    return charsets[encoding].jis;
}
