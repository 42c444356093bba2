#ifndef PRESEND_RUN_H
#define PRESEND_RUN_H

#include "presend/arena.h"
#include "presend/job.h"
#include "presend/run_source.h"

/**
 * What a run did: everything that the report says. Filled by the engine, read by the report and the program.
 * Texts are UTF-8, NUL-terminated and live as long as the run. Counts are rows unless said otherwise.
 */

/** What one column of a recipient file was taken for, and what the survey found in it. */
typedef struct ps_run_column {
    ps_column column;
    size_t index; /**< from 0 */
    const char *header; /**< as in the file */
    bool declared; /**< by the job file rather than by its name and content */
    bool tracked; /**< filled often and lately enough to prove inactivity (dates only) */
    uint64_t filled, missing, unreadable, future;
    ps_day oldest, newest; /**< PS_DAY_NONE without a value */
    uint32_t forms; /**< bit n: some cell of this file is a date of form n (ps_date_form) */
} ps_run_column;

typedef enum ps_run_role { PS_RUN_RECIPIENTS, PS_RUN_ACTIVITY } ps_run_role;

typedef struct ps_run_input {
    const char *file; /**< as the job names it */
    ps_run_role role;
    uint64_t rows_matched; /**< of an activity file: rows that are about some recipient */
    const char *encoding; /**< such as `CP932` */
    bool encoding_declared;
    const char *compression; /**< none, gzip, zstd */
    const char *delimiter; /**< such as `,` or `tab` */
    const char *line_end; /**< crlf, lf, cr, mixed */
    bool bom;
    uint64_t size_bytes; /**< as read, before unpacking */
    uint64_t rows, blank_lines;
    char fingerprint[33]; /**< XXH3-128 of the bytes as read, hex */
    const ps_run_column *columns;
    size_t columns_count;
    const char *const *headers; /**< every header of the file */
    size_t headers_count;
} ps_run_input;

typedef struct ps_run_domain {
    const char *domain;
    uint64_t rows, verdict[PS_VERDICT_COUNT];
} ps_run_domain;

/** Who takes the mail of rows, by the domains' mail servers or the domains themselves. */
typedef struct ps_run_operator {
    const char *name; /**< such as google_gmail; NULL: not known, the last of the list */
    const char *kind, *region; /**< such as mailbox and global; NULL with the name */
    uint64_t domains, rows, verdict[PS_VERDICT_COUNT];
} ps_run_operator;

/** One example row of a reason; the address is masked unless the job says otherwise. */
typedef struct ps_run_sample {
    ps_reason reason;
    const char *address, *detail, *file;
    uint64_t row, line;
} ps_run_sample;

typedef struct ps_run_guard {
    const char *name; /**< as --accept takes it */
    double share, limit;
    uint64_t rows;
    bool fired, accepted;
    const char *text; /**< one sentence: what was counted, what the limit is */
} ps_run_guard;

typedef struct ps_run_warning {
    const char *code, *text;
    bool headline; /**< so serious that the report's headline says it */
} ps_run_warning;

/** How far the resolvers could be believed when they said that there is nothing. */
typedef enum ps_mx_trust {
    PS_MX_TRUST_GOOD,
    PS_MX_TRUST_UNSURE, /**< they denied names that everybody knows, or were silent in the end */
    PS_MX_TRUST_LIES /**< they had addresses for names that do not exist */
} ps_mx_trust;

typedef struct ps_run_mx {
    ps_mx_mode mode;
    uint64_t domains, deliverable, no_mail, unknown, not_checked; /**< distinct domains */
    uint64_t cached; /**< of the domains: known from an earlier run, so that nobody was asked */
    uint64_t stale; /**< of the domains: known from an earlier run, since DNS did not tell this time */
    uint64_t queries; /**< sent in this run */
    uint64_t timeouts; /**< of them, those that got no answer in time */
    uint64_t dropped; /**< answers that this machine had no room for; they were asked for again */
    uint64_t spoofed; /**< queries that so many wrong answers came to that somebody was guessing */
    uint64_t authentic; /**< answers that DNSSEC vouches for, as a resolver on this machine or by HTTPS says */
    ps_mx_trust trust; /**< unless GOOD, domains were not judged by that, or it was taken back */
    const char *snapshot; /**< file name */
    ps_day snapshot_oldest, snapshot_newest; /**< checked_at of the entries used; PS_DAY_NONE if they say nothing */
} ps_run_mx;

/** What would have become of the rows under a policy that is only counted. */
typedef struct ps_run_policy {
    const ps_named_policy *policy;
    uint64_t verdict[PS_VERDICT_COUNT];
} ps_run_policy;

/** Rows whose own dates do not go together. */
typedef struct ps_run_doubts {
    uint64_t replies_alone; /**< an answer to a win-back mail that nobody says was sent */
    uint64_t replies_early; /**< an answer from before the mail */
    uint64_t returned; /**< suppressed as unsubscribed before they opted in again */
} ps_run_doubts;

/** A data list compiled in, such as the TLDs. */
typedef struct ps_run_data_list {
    const char *name, *source, *licence, *date;
    uint64_t entries;
} ps_run_data_list;

typedef struct ps_run_output {
    const char *name;
    uint64_t rows, size_bytes;
    char sha256[65];
} ps_run_output;

/** An earlier run of the job, as the state remembers it. */
typedef struct ps_run_past {
    ps_day as_of;
    uint64_t rows, verdict[PS_VERDICT_COUNT];
    uint64_t addresses; /**< as ps_run_addresses */
    uint64_t removed[PS_REASON_NUMBER_MAX]; /**< as ps_run_removed */
} ps_run_past;

enum { PS_RUN_PAST_MAX = 5 }; /**< earlier runs that a run is compared with */

typedef struct ps_run_history {
    ps_run_past runs[PS_RUN_PAST_MAX]; /**< of earlier days, one a day, the latest first */
    size_t count;
    ps_day last_as_of; /**< of the last run, whatever its day; PS_DAY_NONE: this is the first */
} ps_run_history;

typedef struct ps_run {
    const ps_job *job;
    const ps_run_history *history; /**< NULL: runs are not remembered */
    const char *state; /**< the file that they are remembered in, absolute; else NULL */
    char id[37]; /**< random UUID; the only thing besides times that differs from run to run */
    int64_t started_s, finished_s; /**< machine's clock */
    unsigned threads;
    uint64_t rows;
    uint64_t verdict[PS_VERDICT_COUNT];
    uint64_t decided[PS_REASON_NUMBER_MAX]; /**< rows whose reason this is */
    uint64_t held[PS_REASON_NUMBER_MAX]; /**< of the decided rows, those held: a reason that removes holds where a
                                            suggestion stands */
    uint64_t repeated[PS_REASON_NUMBER_MAX]; /**< of the decided rows, those that removed an address once more */
    uint64_t found[PS_REASON_NUMBER_MAX]; /**< rows that carry the finding at all */
    uint64_t tier[4]; /**< clean rows by engagement tier 1 to 3; 0: not judged */
    uint64_t outdone_rows; /**< `evidence: first`: rows that say more of their address than its first row does */
    uint64_t outdone_against; /**< and of them, those that say against it */
    ps_run_doubts doubts;
    uint64_t formula_rows; /**< clean or win-back rows with a cell that a spreadsheet would run */
    ps_run_input *inputs; /**< the recipient files, then the activity files */
    size_t inputs_count;
    ps_run_source *sources;
    size_t sources_count;
    ps_run_mx mx;
    ps_run_domain *domains; /**< biggest first, then by name; at most 100 */
    size_t domains_count;
    uint64_t domains_distinct;
    ps_run_operator *operators; /**< most rows first, then by name; rows without a domain are in none */
    size_t operators_count;
    ps_run_sample *samples; /**< at most three a reason, in input order */
    size_t samples_count;
    ps_run_guard *guards;
    size_t guards_count;
    ps_run_warning *warnings;
    size_t warnings_count;
    ps_run_policy *policies; /**< in the job's order */
    size_t policies_count;
    uint64_t dead_rows; /**< addresses of domains without mail that no published run had seen */
    uint64_t lost, lost_rows; /**< of the biggest domains, those that took mail in the last run that knew them */
    ps_run_data_list *data_lists;
    size_t data_lists_count;
    ps_run_output *outputs; /**< the four lists */
    size_t outputs_count;
    uint64_t characters_lost; /**< of the lists: `?` or U+FFFD stands for what the encoding that the job names lacks */
    ps_arena arena; /**< holds the arrays and texts above */
} ps_run;

/** Duplicates, empty cells and expired win-backs are no sign of a broken input, however many there are. */
static inline bool ps_reason_is_ordinary(ps_reason reason)
{
    return reason == PS_REASON_DUPLICATE || reason == PS_REASON_EMPTY || reason == PS_REASON_WINBACK_EXPIRED;
}

/**
 * The addresses that a reason removed, as guards count them: rows that have none count one by one. A reason that
 * removes may also hold rows, and other reasons remove none.
 */
static inline uint64_t ps_run_removed(const ps_run *run, ps_reason reason)
{
    uint64_t others = run->held[reason] + run->repeated[reason];

    return run->job->effect[reason] == PS_EFFECT_REMOVE ? run->decided[reason] - others : 0;
}

/** All addresses, counted alike, that what was removed is a share of: rows that say one once more would hide it. */
static inline uint64_t ps_run_addresses(const ps_run *run)
{
    uint64_t again = run->decided[PS_REASON_DUPLICATE] + run->decided[PS_REASON_EMPTY];

    for (unsigned reason = 0; reason < PS_REASON_NUMBER_MAX; reason++) {
        if (!ps_reason_is_ordinary((ps_reason)reason)) again += run->repeated[reason];
    }
    return run->rows - again;
}

#endif
