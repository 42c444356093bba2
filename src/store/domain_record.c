#include "store/domain_record.h"

#include <assert.h>

// As they lie in the file: in the order of x86 and ARM, like all numbers there.
typedef struct __attribute__((packed)) stored_answer {
    uint8_t reason, sources, warnings;
    uint16_t resolvers, servers;
    uint32_t ttl_s, checked_s, expires_s;
} stored_answer;

typedef struct __attribute__((packed)) stored_past {
    uint8_t bits; // of now, and four to the left those of before
    int32_t since;
} stored_past;

typedef struct __attribute__((packed)) stored_failures {
    uint32_t count, first_s;
} stored_failures;

// "Takes mail" may stand in for an answer that does not come for 30 days since it was checked.
enum { DAY_S = 86400, STALE_S_MAX = 30 * DAY_S };
enum { PAST_SHIFT = 4, PAST_BITS = PS_PAST_SEEN | PS_PAST_MAIL, NAMED = PS_RECORD_ANSWER | PS_RECORD_FAILURES };

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers lie in the file as they do here");
static_assert(2 + sizeof(stored_answer) + sizeof(stored_past) + sizeof(stored_failures) <= 64, "as the header counts");

static char *put(char *at, const void *bytes, size_t len)
{
    if (len > 0) memcpy(at, bytes, len);
    return at + len;
}

static char *put_answer(char *at, const ps_domain_record *record)
{
    char *head = at;
    stored_answer answer = {.reason = record->reason,
                            .sources = record->sources,
                            .resolvers = record->resolvers,
                            .servers = (uint16_t)record->servers.len,
                            .ttl_s = record->ttl_s,
                            .checked_s = record->checked_s,
                            .expires_s = record->expires_s};

    at = put(at + sizeof answer, record->servers.bytes, record->servers.len);
    ps_findings left = record->warnings;
    for (unsigned n = 0; left != 0 && answer.warnings < PS_RECORD_WARNINGS_MAX; n++, left >>= 1) {
        if ((left & 1) == 0) continue;
        *at++ = (char)n;
        answer.warnings++;
    }
    (void)put(head, &answer, sizeof answer); // where it ends is known
    return at;
}

size_t ps_domain_record_write(const ps_domain_record *record, char *out)
{
    char *at = out;

    assert(record->name.len <= PS_RECORD_NAME_MAX && record->servers.len <= PS_RECORD_SERVERS_MAX);
    *at++ = (char)record->parts;
    if ((record->parts & NAMED) != 0) {
        *at++ = (char)record->name.len;
        at = put(at, record->name.bytes, record->name.len);
    }
    if ((record->parts & PS_RECORD_ANSWER) != 0) at = put_answer(at, record);
    if ((record->parts & PS_RECORD_FAILURES) != 0) {
        at = put(at, &(stored_failures){record->failures, record->first_failed_s}, sizeof(stored_failures));
    }
    if ((record->parts & PS_RECORD_PAST) != 0) {
        const stored_past past = {(uint8_t)(record->past | record->past_before << PAST_SHIFT), record->past_since};
        at = put(at, &past, sizeof past);
    }
    return (size_t)(at - out);
}

// The next `len` bytes, or NULL.
static const char *take(ps_span *rest, size_t len)
{
    const char *bytes = rest->bytes;

    if (rest->len < len) return NULL;
    *rest = (ps_span){rest->bytes + len, rest->len - len};
    return bytes;
}

static bool read_name(ps_span *rest, ps_domain_record *out)
{
    const char *len = take(rest, 1);

    if (len == NULL) return false;
    out->name.len = (unsigned char)*len;
    out->name.bytes = take(rest, out->name.len);
    return out->name.bytes != NULL;
}

static bool read_warnings(ps_span *rest, size_t count, ps_findings *out)
{
    const char *numbers = take(rest, count);

    for (size_t i = 0; numbers != NULL && i < count; i++) {
        if ((unsigned char)numbers[i] >= PS_FINDING_COUNT_MAX) return false;
        *out |= (ps_findings)1 << numbers[i];
    }
    return numbers != NULL;
}

static bool read_answer(ps_span *rest, ps_domain_record *out)
{
    stored_answer answer;
    const char *bytes = take(rest, sizeof answer);

    if (bytes == NULL) return false;
    memcpy(&answer, bytes, sizeof answer);
    out->reason = answer.reason;
    out->sources = answer.sources;
    out->resolvers = answer.resolvers;
    out->ttl_s = answer.ttl_s;
    out->checked_s = answer.checked_s;
    out->expires_s = answer.expires_s;
    if (answer.servers > PS_RECORD_SERVERS_MAX) return false;
    out->servers = (ps_span){take(rest, answer.servers), answer.servers};
    return out->servers.bytes != NULL && read_warnings(rest, answer.warnings, &out->warnings);
}

static bool read_failures(ps_span *rest, ps_domain_record *out)
{
    stored_failures failures;
    const char *bytes = take(rest, sizeof failures);

    if (bytes == NULL) return false;
    memcpy(&failures, bytes, sizeof failures);
    out->failures = failures.count;
    out->first_failed_s = failures.first_s;
    return true;
}

static bool read_past(ps_span *rest, ps_domain_record *out)
{
    stored_past past;
    const char *bytes = take(rest, sizeof past);

    if (bytes == NULL) return false;
    memcpy(&past, bytes, sizeof past);
    out->past = past.bits & PAST_BITS;
    out->past_before = past.bits >> PAST_SHIFT & PAST_BITS;
    out->past_since = past.since;
    return true;
}

bool ps_domain_record_read(ps_span bytes, ps_domain_record *out)
{
    const char *parts = take(&bytes, 1);

    *out = (ps_domain_record){.key = out->key, .past_since = PS_DAY_NONE};
    if (parts == NULL) return false;
    out->parts = (unsigned char)*parts;
    if ((out->parts & NAMED) != 0 && !read_name(&bytes, out)) return false;
    if ((out->parts & PS_RECORD_ANSWER) != 0 && !read_answer(&bytes, out)) return false;
    if ((out->parts & PS_RECORD_FAILURES) != 0 && !read_failures(&bytes, out)) return false;
    if ((out->parts & PS_RECORD_PAST) != 0 && !read_past(&bytes, out)) return false;
    return bytes.len == 0;
}

// ---- changes

static void apply_answer(const ps_domain_record *change, bool vouched, ps_domain_record *to)
{
    const ps_domain_record before = *to;
    bool forgotten = (change->parts & PS_RECORD_UNSURE) != 0 && !vouched;

    *to = *change;
    to->parts = forgotten ? 0 : change->parts & (PS_RECORD_ANSWER | PS_RECORD_NO_MAIL);
    to->parts |= before.parts & PS_RECORD_PAST;
    to->past = before.past;
    to->past_before = before.past_before;
    to->past_since = before.past_since;
    to->failures = to->first_failed_s = 0;
}

static void apply_failures(const ps_domain_record *change, ps_domain_record *to)
{
    // The answer of another domain that shares the key is none of this one.
    if (!ps_span_equal(to->name, change->name)) to->parts &= PS_RECORD_PAST;
    if ((to->parts & PS_RECORD_FAILURES) == 0) to->failures = 0;
    if ((to->parts & PS_RECORD_FAILURES) == 0) to->first_failed_s = change->first_failed_s;
    to->failures += to->failures <= UINT32_MAX - change->failures ? change->failures : 0;
    to->parts |= PS_RECORD_FAILURES;
    to->name = change->name;
}

// A run of the same day as the last one is made again, or of an earlier day published late: what was before stays.
static void apply_past(const ps_domain_record *change, ps_domain_record *to)
{
    if (to->past_since < change->past_since) {
        to->past_before = to->past | change->past_before;
        to->past_since = change->past_since;
    }
    to->past = change->past;
    to->parts |= PS_RECORD_PAST;
}

void ps_domain_record_apply(const ps_domain_record *change, bool vouched, ps_domain_record *to)
{
    if ((change->parts & PS_RECORD_ANSWER) != 0) apply_answer(change, vouched, to);
    if ((change->parts & PS_RECORD_FAILURES) != 0) apply_failures(change, to);
    if ((change->parts & PS_RECORD_PAST) != 0) apply_past(change, to);
}

bool ps_domain_record_is_empty(const ps_domain_record *record)
{
    bool told = (record->parts & (PS_RECORD_ANSWER | PS_RECORD_FAILURES)) != 0;

    return !told && (record->past | record->past_before) == 0;
}

// ---- what it is good for

// An answer that does not say what a run could have written is none: the domain is asked again.
static bool is_verdict(const ps_domain_record *record)
{
    const ps_reason_info *info = ps_reason_get((ps_reason)record->reason);

    return (record->parts & PS_RECORD_ANSWER) != 0 && info != NULL && info->stage == PS_REASON_STAGE_DOMAIN;
}

ps_cached ps_domain_record_kind(const ps_domain_record *record, int64_t now_s)
{
    int64_t checked = record->checked_s;
    // A clock that was set back must not keep an answer for ever.
    bool fresh = now_s < (int64_t)record->expires_s && checked <= now_s + DAY_S;

    if (!is_verdict(record)) return PS_CACHED_NOTHING;
    if (fresh) return PS_CACHED_FRESH;
    if ((record->parts & PS_RECORD_NO_MAIL) != 0) return PS_CACHED_STALE_NO_MAIL;
    return now_s - checked <= STALE_S_MAX ? PS_CACHED_STALE_MAIL : PS_CACHED_NOTHING;
}
