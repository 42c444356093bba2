#ifndef PS_NOTIFY_NOTICE_H
#define PS_NOTIFY_NOTICE_H

// What a message says, whatever form it goes out in.

#include "base/buf.h"

typedef struct ps_notice_entry {
    const char *address; // as it may be shown: masked, and visible characters only
    const char *source, *list;
    const char *class;
    const char *day; // 2026-11-21; "" where the ESP tells none
} ps_notice_entry;

typedef struct ps_notice {
    const char *title; // one line of visible characters
    const ps_notice_entry *entries; // the first of them
    size_t entries_count;
    uint64_t total;
} ps_notice;

// Add a text so that the markup of the receiver has no part in it.
typedef void ps_notice_escape(ps_buf *out, const char *text);

// One entry: `t***@example.jp  mailgun bounces, hard, 2026-11-21`.
void ps_notice_add_entry(const ps_notice_entry *entry, ps_notice_escape *escape, ps_buf *out);

// `... and 12 more`; nothing when all are shown.
void ps_notice_add_rest(const ps_notice *notice, size_t shown, ps_buf *out);

// The entries, one a line, as many as `max` bytes hold, and the rest. Rooms refuse a message that is too long.
void ps_notice_add_lines(const ps_notice *notice, size_t max, ps_notice_escape *escape, ps_buf *out);

#endif
