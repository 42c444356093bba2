#ifndef PS_MAIL_MEMO_ENTRY_H
#define PS_MAIL_MEMO_ENTRY_H

// What the memo keeps of one domain.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "presend/reason.h"
#include "presend/span.h"

enum { PS_MEMO_UNIT = 4 }; // each entry begins at a multiple

// Of most there is nothing to say but the text and its number, 23 bytes on average.
typedef struct ps_memo_entry {
    uint32_t number : 20; // from 1, in the order in which they came
    bool usable : 1, refused : 1, as_written : 1, has_more : 1; // as_written: the host is the text
    uint8_t text_len, provider;
    uint8_t minds; // the marks of a cell (PS_PLAIN_*) with which not all forms are the cell as it stands
    char bytes[]; // the text
} ps_memo_entry;

// What is behind the text of few: the texts that it has lengths of stand behind it in their order.
typedef struct ps_memo_more {
    ps_findings findings __attribute__((packed, aligned(PS_MEMO_UNIT)));
    uint16_t unicode_len, provider_key_len;
    uint8_t host_len, meant_len; // the host is not written out where it is the text
} ps_memo_more;

static inline size_t ps_memo_more_offset(size_t text_len)
{
    const size_t align = _Alignof(ps_memo_more);

    return (offsetof(ps_memo_entry, bytes) + text_len + align - 1) & ~(align - 1);
}

// NULL where there is no more.
static inline const ps_memo_more *ps_memo_more_of(const ps_memo_entry *entry)
{
    const char *at = (const char *)entry + ps_memo_more_offset(entry->text_len);

    return entry->has_more ? (const ps_memo_more *)(const void *)at : NULL;
}

static inline ps_findings ps_memo_findings(const ps_memo_entry *entry)
{
    return entry->has_more ? ps_memo_more_of(entry)->findings : 0;
}

static inline ps_span ps_memo_host(const ps_memo_entry *entry)
{
    if (entry->as_written) return (ps_span){entry->bytes, entry->text_len};
    const ps_memo_more *more = ps_memo_more_of(entry); // what is not as written has more
    return (ps_span){(const char *)(more + 1), more->host_len};
}

// These are empty where there is no more.
ps_span ps_memo_unicode(const ps_memo_entry *entry);
ps_span ps_memo_meant(const ps_memo_entry *entry);
ps_span ps_memo_provider_key(const ps_memo_entry *entry);

#endif
