#ifndef PRESEND_RUN_SOURCE_H
#define PRESEND_RUN_SOURCE_H

#include "presend/source.h"

/** What a run has to say of one suppression source. Texts outlive it. */

typedef struct ps_run_source {
    const char *name, *type; /**< file, mailgun, ... */
    const char *file, *format, *encoding; /**< of a file; else NULL */
    uint64_t size_bytes;
    int64_t modified_s; /**< mtime, seconds since 1970 */
    char sha256[65];
    uint64_t entries[PS_CLASS_COUNT]; /**< after merging within the source */
    uint64_t addresses, domains; /**< entries by kind */
    uint64_t unreadable; /**< entries that are no address, below the limit that refuses a source */
    uint64_t unmatched; /**< entries that the address rules remove: no recipient can be like them */
    uint64_t undated; /**< entries whose time stamp cannot be read */
    uint64_t other_brands; /**< unsubscribes that do not count in this job: of other brands, or about advertising */
    uint64_t other_scopes; /**< unsubscribes from other tags, groups or streams than this campaign's */
    uint64_t expired; /**< entries that the ESP itself lets go of */
    uint64_t allowed; /**< entries of its allowlist: they lift nothing */
    /** Of a file of events: how many; those of a kind that is not known, which suppress nobody; their first line. */
    uint64_t events, events_unknown, first_unknown;

    /** Of an ESP's lists; of a file all of it is 0. */
    const char *account; /**< which one, without any secret */
    int64_t whole_s; /**< when the oldest of its lists was known to be whole */
    bool synced; /**< by this run; else the lists are as they were whole last */
    bool outage; /**< out of reach, and the job says that the last whole lists do */
    bool full; /**< read from end to end by this run */
    uint64_t added, gone, lifted, kept, held_back; /**< by this run */
    const char *accepted; /**< the guards that this run passes for it, or NULL */
    const char *warning; /**< what its client says in spite of success, or NULL */
    const char *note; /**< what the lists of that ESP never hold, or NULL */

    uint64_t rows_matched; /**< recipients that some entry of this source is about */
} ps_run_source;

/** How many entries there are, to be compared with another day's: soft bounces and blocks of events come and go. */
static inline uint64_t ps_run_source_entries(const ps_run_source *source)
{
    uint64_t all = source->addresses + source->domains;
    uint64_t passing = source->entries[PS_CLASS_SOFT] + source->entries[PS_CLASS_BLOCK];

    return source->events > 0 ? all - passing : all;
}

#endif
