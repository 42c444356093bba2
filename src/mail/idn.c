#include "mail/idn.h"

#include <idn2.h>

#include "base/text.h"
#include "mail/parse.h"
#include "presend/address.h"

bool ps_idn_is_alabel(ps_span label)
{
    return label.len >= 4 && ps_ascii_equal_fold(ps_span_head(label, 4), ps_span_of("xn--"));
}

// Not equal, not less-than, not greater-than: what is left of `=` `<` `>` with a stroke. Without
// IDN2_USE_STD3_ASCII_RULES libidn2 lets them pass; with it, it drops characters silently and yields another person's
// domain.
static bool has_std3_symbol(ps_span label)
{
    size_t at = 0;

    while (at < label.len) {
        int32_t c = ps_utf8_next(label, &at);
        if (c == 0x2260 || c == 0x226E || c == 0x226F) return true;
    }
    return false;
}

static ps_reason reason_of(int code)
{
    if (code == IDN2_MALLOC) ps_parse_out_of_memory(); // never: as said there
    // The whole of what libidn2 sees is one label, so a domain that is too big is a label that is.
    bool too_big = code == IDN2_TOO_BIG_LABEL || code == IDN2_TOO_BIG_DOMAIN || code == IDN2_PUNYCODE_BIG_OUTPUT;
    return too_big ? PS_REASON_DOMAIN_LABEL_TOO_LONG : PS_REASON_DOMAIN_IDNA_INVALID;
}

ps_reason ps_idn_to_ascii(ps_span label, ps_label *out)
{
    uint8_t text[PS_ADDRESS_CELL_BYTES_MAX * 3 + 1]; // NFC of a cell is the longest that comes
    uint8_t *ascii = NULL;
    ps_reason reason = PS_REASON_OK;

    if (has_std3_symbol(label)) {
        out->detail = "std3";
        return PS_REASON_DOMAIN_IDNA_INVALID;
    }
    if (label.len >= sizeof(text)) return PS_REASON_DOMAIN_LABEL_TOO_LONG;
    memcpy(text, label.bytes, label.len);
    text[label.len] = '\0';
    // Label by label: the call fails a whole name for an innocent ASCII label with -- in the third and fourth place.
    // The round trip of A-labels stays on, so that what decodes to nonsense is refused.
    int code = idn2_lookup_u8(text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (code != IDN2_OK) {
        reason = reason_of(code);
        out->detail = reason == PS_REASON_DOMAIN_IDNA_INVALID ? idn2_strerror_name(code) : NULL;
        return reason;
    }
    size_t len = strlen((const char *)ascii);
    if (len == 0) { // nothing but characters that UTS 46 maps to nothing, such as U+034F
        reason = PS_REASON_DOMAIN_EMPTY_LABEL;
    } else if (len > PS_LABEL_BYTES_MAX) { // never: libidn2 has refused it; only the room here stands behind this
        reason = PS_REASON_DOMAIN_LABEL_TOO_LONG;
    } else {
        memcpy(out->text, ascii, len + 1);
        out->len = len;
    }
    idn2_free(ascii);
    return reason;
}

// One label of `host`, NUL-terminated, as a U-label at `at`; returns its bytes.
static size_t put_unicode(const char *label, size_t len, char *at)
{
    char *unicode = NULL;

    if (!ps_span_begins((ps_span){label, len}, "xn--")) {
        memcpy(at, label, len);
        return len;
    }
    int code = idn2_to_unicode_8z8z(label, &unicode, 0);
    if (code == IDN2_MALLOC) ps_parse_out_of_memory(); // never: as said there
    if (code != IDN2_OK) { // never: the lookup has decoded it already; without it, the label is shown as it is
        memcpy(at, label, len);
        return len;
    }
    size_t unicode_len = strlen(unicode);
    memcpy(at, unicode, unicode_len);
    idn2_free(unicode);
    return unicode_len;
}

ps_span ps_idn_to_unicode(ps_span host, ps_arena *arena)
{
    char *bytes =
        ps_arena_take(arena, host.len * 4 + 1); // an A-label has a byte or more for each character of up to four
    size_t len = 0;

    for (size_t start = 0, i = 0; i <= host.len; i++) {
        char label[PS_LABEL_BYTES_MAX + 1];
        size_t label_len = i - start;
        if (i < host.len && host.bytes[i] != '.') continue;
        memcpy(label, host.bytes + start, label_len);
        label[label_len] = '\0';
        len += put_unicode(label, label_len, bytes + len);
        if (i < host.len) bytes[len++] = '.';
        start = i + 1;
    }
    return (ps_span){bytes, len};
}
