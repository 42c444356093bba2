#ifndef PS_STORE_IMAGE_H
#define PS_STORE_IMAGE_H

// The stored lists as rows are compared with them: a file beside the state that is read at the speed of memory. Sixteen
// bytes an address and a small table of what entries have in common. It proves nothing and is owed nothing: it counts
// only while it fits the counts and sums of the lists in the state, its own checksum, and the address rules; else it is
// made anew.

#include "facts/book.h"
#include "facts/suppression.h"

// What all entries of a list say that are judged alike.
typedef struct ps_image_fact {
    int64_t list; // its id in the state
    uint64_t rows; // entries of the list
    ps_day date, expires; // or PS_DAY_NONE
    uint32_t class; // ps_class
    uint32_t kind; // ps_stored_kind
    uint32_t scope, scope_len; // in the texts
} ps_image_fact;

typedef struct ps_image_list {
    int64_t id;
    uint64_t count;
    ps_hash sum;
    uint64_t unreadable, unmatched; // entries that are no addresses, and addresses that nobody can have
} ps_image_list;

typedef struct ps_image_domain {
    uint32_t fact;
    uint32_t name, name_len; // in the texts
    uint32_t subdomains; // 1: those below it only
} ps_image_domain;

typedef struct ps_image {
    ps_image_list *lists;
    ps_image_fact *facts;
    ps_image_domain *domains;
    ps_suppression_pair *pairs; // `fact` is an index of `facts`; only while it is made
    char *texts;
    size_t list_count, fact_count, domain_count, text_len;
    uint64_t pair_count;
    size_t list_room, fact_room, domain_room, text_room, pair_room; // only while it is made
    ps_index fact_numbers;
    bool is_file; // one that is read, from `fd`
    int fd;
    uint64_t pairs_offset;
} ps_image;

// ---- making one; a zeroed image is empty, and ps_image_close() frees it in any case

ps_status ps_image_add_list(ps_image *image, const ps_image_list *list, ps_error *err);
// The number of the fact, `rows` more of which there are.
ps_status ps_image_add_fact(ps_image *image, const ps_image_fact *fact, ps_span scope, uint32_t *out, ps_error *err);
ps_status ps_image_add_address(ps_image *image, ps_hash hash, uint32_t fact, ps_error *err); // may have the alias bit
ps_status ps_image_add_domain(ps_image *image, ps_span name, bool subdomains, uint32_t fact, ps_error *err);

// In place of the one that is there, all at once. `rules` stands for what its keys were made by.
ps_status ps_image_write(const ps_image *image, const char *path, ps_hash rules, ps_error *err);

// ---- reading one

// `*out_fits` is false where there is none, or not one of these rules and whole: that is no error.
ps_status ps_image_open(const char *path, ps_hash rules, ps_image *out, bool *out_fits, ps_error *err);
void ps_image_close(ps_image *image);

// Whether it is of exactly this list.
bool ps_image_fits(const ps_image *image, const ps_stored_list *list);

// All pairs, some at a time. They may be changed.
typedef ps_status ps_image_visit(void *context, ps_suppression_pair *pairs, size_t count, ps_error *err);
ps_status ps_image_pairs(const ps_image *image, ps_image_visit *visit, void *context, ps_error *err);

#endif
