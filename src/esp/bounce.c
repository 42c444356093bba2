#include "esp/bounce.h"

#include <string.h>

#include "base/text.h"

enum { TEXT_BYTES_MAX = 2000, WHOLE_BYTES_MAX = 4 }; // an answer is a line or two; so short a fragment is a whole word

static const struct {
    const char *fragment;
    ps_class class;
} fragments[] = {
    {"mailbox full", PS_CLASS_SOFT},
    {"over quota", PS_CLASS_SOFT},
    {"quota exceeded", PS_CLASS_SOFT},
    {"exceeded storage", PS_CLASS_SOFT},
    {"too much mail data", PS_CLASS_SOFT},
    {"mailbox size limit", PS_CLASS_SOFT},
    {"insufficient storage", PS_CLASS_SOFT},
    {"try again later", PS_CLASS_SOFT},
    {"greylist", PS_CLASS_SOFT},
    {"temporarily", PS_CLASS_SOFT},
    {"too many connections", PS_CLASS_SOFT},
    {"rate limit", PS_CLASS_SOFT},
    {"timed out", PS_CLASS_SOFT},
    {"connection refused", PS_CLASS_SOFT},
    {"user(s) account is disabled", PS_CLASS_SOFT}, // au, of a line that is not paid for
    {"spam", PS_CLASS_BLOCK},
    {"blacklist", PS_CLASS_BLOCK},
    {"blocklist", PS_CLASS_BLOCK},
    {"blocked", PS_CLASS_BLOCK},
    {"spamhaus", PS_CLASS_BLOCK},
    {"barracuda", PS_CLASS_BLOCK},
    {"policy", PS_CLASS_BLOCK},
    {"reputation", PS_CLASS_BLOCK},
    {"dmarc", PS_CLASS_BLOCK},
    {"spf", PS_CLASS_BLOCK},
    {"dkim", PS_CLASS_BLOCK},
    {"ptr", PS_CLASS_BLOCK},
    {"reverse dns", PS_CLASS_BLOCK},
    {"virus", PS_CLASS_BLOCK},
    {"content rejected", PS_CLASS_BLOCK},
    {"relay", PS_CLASS_BLOCK},
    {"not authorized", PS_CLASS_BLOCK},
    {"access denied", PS_CLASS_BLOCK},
    {"too large", PS_CLASS_BLOCK},
    {"user unknown", PS_CLASS_HARD},
    {"unknown user", PS_CLASS_HARD},
    {"no such user", PS_CLASS_HARD},
    {"no such recipient", PS_CLASS_HARD},
    {"no such mailbox", PS_CLASS_HARD},
    {"recipient not found", PS_CLASS_HARD},
    {"does not exist", PS_CLASS_HARD},
    {"invalid recipient", PS_CLASS_HARD},
    {"address rejected: undeliverable", PS_CLASS_HARD},
    {"account has been disabled", PS_CLASS_HARD},
    {"mailbox disabled", PS_CLASS_HARD},
    {"no longer valid", PS_CLASS_HARD},
    {"host unknown", PS_CLASS_HARD},
    {"domain not found", PS_CLASS_HARD},
    {"nxdomain", PS_CLASS_HARD},
    {"null mx", PS_CLASS_HARD},
};

// Enhanced statuses by how they begin, the first that fits; `.` at the end: any detail.
static const struct {
    const char *begin;
    ps_class class;
} statuses[] = {
    {"4.", PS_CLASS_SOFT},       {"5.1.3", PS_CLASS_INVALID}, {"5.1.7", PS_CLASS_UNKNOWN}, {"5.1.8", PS_CLASS_UNKNOWN},
    {"5.1.9", PS_CLASS_UNKNOWN}, {"5.1.5", PS_CLASS_UNKNOWN}, {"5.1.", PS_CLASS_HARD},     {"5.2.1", PS_CLASS_HARD},
    {"5.2.2", PS_CLASS_SOFT},    {"5.2.3", PS_CLASS_SOFT},    {"5.2.", PS_CLASS_UNKNOWN},  {"5.3.4", PS_CLASS_BLOCK},
    {"5.3.", PS_CLASS_SOFT},     {"5.4.4", PS_CLASS_UNKNOWN}, {"5.4.", PS_CLASS_SOFT},     {"5.5.", PS_CLASS_UNKNOWN},
    {"5.6.", PS_CLASS_BLOCK},    {"5.7.13", PS_CLASS_HARD},   {"5.7.17", PS_CLASS_HARD},   {"5.7.18", PS_CLASS_HARD},
    {"5.7.", PS_CLASS_BLOCK},
};

static const struct {
    const char *code;
    ps_class class;
} codes[] = {
    {"421", PS_CLASS_SOFT}, {"450", PS_CLASS_SOFT},  {"451", PS_CLASS_SOFT}, {"452", PS_CLASS_SOFT},
    {"552", PS_CLASS_SOFT}, {"554", PS_CLASS_BLOCK}, {"521", PS_CLASS_HARD}, {"556", PS_CLASS_HARD},
};

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// In lower case, without words that hold an @: the recipient's own name says nothing about why, though it be
// `spam.me@example.com`.
static void fold(ps_span text, char out[TEXT_BYTES_MAX + 1])
{
    size_t len = 0, word = 0;

    for (size_t i = 0; i < text.len && len < TEXT_BYTES_MAX; i++) {
        char c = text.bytes[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
        bool blank = c <= ' ' && c >= '\0';
        out[len++] = blank ? ' ' : c;
        if (blank) word = len;
        if (c != '@') continue;
        len = word;
        while (i + 1 < text.len && (unsigned char)text.bytes[i + 1] > ' ')
            i++;
    }
    out[len] = '\0';
}

static bool holds(const char *text, const char *fragment)
{
    size_t len = strlen(fragment);

    for (const char *at = strstr(text, fragment); at != NULL; at = strstr(at + 1, fragment)) {
        if (len > WHOLE_BYTES_MAX) return true;
        if ((at == text || !is_letter(at[-1])) && !is_letter(at[len])) return true;
    }
    return false;
}

// Japanese carriers answer `user unknown` also where the phone's filter refuses the mail: docomo then says it to the
// mail and not to the recipient, au then leaves the address out.
static const struct {
    const char *server, *words;
} filters[] = {
    {"docomo.ne.jp", "end of data"}, // in reply to, or after
    {"docomo.ne.jp", "to data command"}, {"docomo.ne.jp", ">>> data"}, // as Sendmail writes it
    {"au.com", " : user unknown"},       {"ezweb.ne.jp", " : user unknown"},
};

static bool is_filter(const char *text)
{
    for (size_t i = 0; i < PS_COUNT_OF(filters); i++) {
        if (strstr(text, filters[i].server) != NULL && strstr(text, filters[i].words) != NULL) return true;
    }
    return false;
}

// What is about the moment or the mail beats what is about the address; of those the longest fragment.
static ps_class by_text(const char *text, bool refused_mailbox)
{
    ps_class found = PS_CLASS_COUNT;
    size_t longest = 0;
    bool hard = refused_mailbox && strstr(text, "mailbox unavailable") != NULL;

    for (size_t i = 0; i < PS_COUNT_OF(fragments); i++) {
        if (!holds(text, fragments[i].fragment)) continue;
        size_t len = strlen(fragments[i].fragment);
        if (fragments[i].class == PS_CLASS_HARD) {
            hard = true;
        } else if (len > longest) {
            longest = len;
            found = fragments[i].class;
        }
    }
    if (found != PS_CLASS_COUNT) return found;
    if (hard && is_filter(text)) return PS_CLASS_BLOCK;
    return hard ? PS_CLASS_HARD : PS_CLASS_COUNT;
}

static bool begins(ps_span text, const char *with)
{
    size_t len = strlen(with);

    if (text.len < len || memcmp(text.bytes, with, len) != 0) return false;
    return with[len - 1] == '.' || text.len == len || !is_digit(text.bytes[len]);
}

static bool is_status(const char *at)
{
    return (at[0] == '4' || at[0] == '5') && at[1] == '.' && is_digit(at[2]) && at[3] == '.' && is_digit(at[4]);
}

// An enhanced status or a code that stands in the answer itself, where the record does not have it apart.
static void find_in_text(const char *text, ps_span *status, ps_span *code)
{
    for (const char *at = text; *at != '\0'; at++) {
        bool begins_word = at == text || !(is_letter(at[-1]) || is_digit(at[-1]) || at[-1] == '.');
        if (!begins_word || !(at[0] == '4' || at[0] == '5')) continue;
        if (status->len == 0 && is_status(at)) {
            *status = (ps_span){at, 5 + strspn(at + 5, "0123456789")};
        } else if (code->len == 0 && is_digit(at[1]) && is_digit(at[2]) && !is_digit(at[3]) && at[3] != '.') {
            *code = (ps_span){at, 3};
        }
    }
}

ps_class ps_bounce_class(ps_span status, ps_span code, ps_span text)
{
    char folded[TEXT_BYTES_MAX + 1];

    fold(text, folded);
    if (status.len == 3 && is_digit(status.bytes[1])) {
        if (code.len == 0) code = status;
        status.len = 0;
    }
    find_in_text(folded, &status, &code);
    ps_class class = by_text(folded, begins(status, "5.1.") || begins(code, "550"));
    if (class != PS_CLASS_COUNT) return class;
    for (size_t i = 0; i < PS_COUNT_OF(statuses); i++) {
        if (!begins(status, statuses[i].begin)) continue;
        if (statuses[i].class != PS_CLASS_UNKNOWN) return statuses[i].class;
        break;
    }
    for (size_t i = 0; i < PS_COUNT_OF(codes); i++) {
        if (begins(code, codes[i].code)) return codes[i].class;
    }
    return PS_CLASS_UNKNOWN;
}
