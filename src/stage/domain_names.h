#ifndef PS_STAGE_DOMAIN_NAMES_H
#define PS_STAGE_DOMAIN_NAMES_H

// Rows of domains by name. A list may have more domains than memory is worth: some thousands stay there, and whenever
// they are as many they are put aside, in a file, by parts that their names' hashes choose. A domain may be put aside
// many times; all of it lies in one part, and part by part it is summed up again.

#include <stdatomic.h>

#include "base/buf.h"
#include "base/intern.h"
#include "stage/domain_word.h"

enum {
    PS_DOMAIN_NAMES_MAX = 1 << 12, // in memory, of each thread
    PS_DOMAIN_PARTS = 64
};

// The file that all threads put names aside in.
typedef struct ps_domain_file {
    const char *folder; // where it is made, without a name
    _Atomic int fd; // -1: nobody has made it yet
    _Atomic uint64_t bytes;
} ps_domain_file;

typedef struct ps_domain_names {
    ps_intern names;
    ps_domain_sum *sums; // by number in `names`
    size_t capacity;
    ps_domain_file *file; // borrowed; NULL: all stay in memory
    struct ps_domain_run {
        uint64_t from; // in the file
        uint32_t ends[PS_DOMAIN_PARTS]; // of its parts, counted from there
    } * runs;
    size_t runs_count, runs_capacity;
    ps_buf bytes; // what is written or read
} ps_domain_names;

void ps_domain_file_init(const char *folder, ps_domain_file *out);
void ps_domain_file_done(ps_domain_file *file); // what it held is of no more use

ps_status ps_domain_names_open(ps_domain_file *file, ps_domain_names *out, ps_error *err);
void ps_domain_names_close(ps_domain_names *names); // a zeroed one is fine

// PS_CREATE, PS_IO: the file.
ps_status ps_domain_names_add(ps_domain_names *names, ps_span name, const ps_domain_sum *rows, ps_error *err);

// What `part` has, of the same file; it is of no more use then but to be closed.
ps_status ps_domain_names_merge(ps_domain_names *into, ps_domain_names *part, ps_error *err);

// Nothing more is added, and parts can be read. Returns through `out` how many there are.
ps_status ps_domain_names_seal(ps_domain_names *names, size_t *out_parts, ps_error *err);

// From here until another part is read, `names` and `sums` are those of this one.
ps_status ps_domain_names_read(ps_domain_names *names, size_t part, ps_error *err);

#endif
