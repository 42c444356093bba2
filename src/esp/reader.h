#ifndef PS_ESP_READER_H
#define PS_ESP_READER_H

// One list on its way from its first page to its end: what to ask for next, and what a reply means. It knows nothing of
// HTTP's ways to fail; esp/fetch.c does.

#include "base/clock.h"
#include "base/hash.h"
#include "esp/client_state.h"
#include "esp/items.h"

typedef enum ps_list_reader_phase {
    PS_READER_PROOF,
    PS_READER_PARTS,
    PS_READER_PAGES,
    PS_READER_ENDED
} ps_list_reader_phase;

enum { PS_READER_PARTS_MAX = 1000, PS_READER_TARGET_BYTES_MAX = 64 << 10 };

typedef struct ps_list_reader {
    const ps_client *client;
    const ps_client_list *public_list;
    const ps_api_list *list;
    int64_t since_s, start_s;
    ps_list_reader_phase phase;
    char **parts; // names, where the API has parts
    size_t parts_count, part;
    ps_buf wanted_part; // of a resumed read, until the parts are known
    ps_buf cursor; // of the next page, or its path and query; empty: the first page
    uint64_t offset, page; // within the part
    uint64_t items, repeated; // so far within the part; entries that came again, where pages are told by offsets
    uint64_t pages, entries; // so far
    uint64_t total_first, total; // as stated; UINT64_MAX: not
    uint64_t page_size; // of the part's first page
    bool overlaps; // the next page is asked for from the last item of this one on
    ps_hash first_item, last_item; // of the part, and what the next page must begin with
    ps_hash sum, sum_before; // of the entries of this reading, order-free, and of the one before
    unsigned readings; // that came to the end of a list whose pages nothing else proves
    bool resumed; // and nothing was read since
    bool restarted; // once is enough
    bool accept_count; // whatever the ESP counts
    ps_index seen; // requests and pages
    ps_hash first_page;
    ps_items page_items;
    ps_buf target, body, resume;
    char warning[512];
} ps_list_reader;

// `resume` NULL or unreadable, or of a read of something else: from the beginning.
ps_status ps_list_reader_open(const ps_client *client, const ps_client_list *list, int64_t since_s, int64_t now_s,
                              const char *resume, ps_list_reader *out, ps_error *err);
void ps_list_reader_close(ps_list_reader *reader); // a zeroed one is fine

// The next request. `target` is path and query, still without the client's prefix.
typedef struct ps_list_reader_request {
    const char *method, *target;
    ps_span body; // holds the key where the ESP wants it there
} ps_list_reader_request;
ps_status ps_list_reader_next(ps_list_reader *reader, ps_list_reader_request *out, ps_error *err);

// The reply to it, of a status 2xx. The page's entries point into `*out_reply`, which the caller gives back with
// json_decref(), also after an error. `*out_has_page` is false after replies that are no page of the list.
ps_status ps_list_reader_take(ps_list_reader *reader, ps_span body, const char *content_type, json_t **out_reply,
                              ps_client_page *out_page, bool *out_has_page, ps_error *err);

// A status 4xx that is not about credentials: true when the list is to be read from its beginning, as cursors grow old.
bool ps_list_reader_start_over(ps_list_reader *reader);

// What is asked before the list itself may be refused (401, 403): true when that is only worth a warning.
bool ps_list_reader_skip_proof(ps_list_reader *reader);

// PS_SOURCE: "Suppression source 'x' cannot be used: page 3 of its list 'bounces' " and the text.
ps_status ps_list_reader_refuse(const ps_list_reader *reader, ps_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
