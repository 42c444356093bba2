#ifndef PRESEND_JOB_H
#define PRESEND_JOB_H

#include <stdint.h>
#include <string.h>

#include "presend/alert.h"
#include "presend/column.h"
#include "presend/reason.h"
#include "presend/source.h"

/**
 * A job: what to read, what to judge by, where to write. Plain data, made by whoever reads the job file or the
 * command line; texts are NUL-terminated, borrowed, and outlive the run. Paths are ready to open.
 */

/** A civil day as the number of days since 1970-01-01. */
typedef int32_t ps_day;
#define PS_DAY_NONE INT32_MIN

/** How the dates of a column are written. No date fits two of them but ISO and YMD, and DMY and MDY. */
typedef enum ps_date_form {
    PS_DATE_FORM_AUTO, /**< any of the forms that say themselves what they are: iso ymd era compact rfc5322 */
    PS_DATE_FORM_ISO, /**< 2024-02-01, also with time and zone */
    PS_DATE_FORM_YMD, /**< 2024/2/1, 2024年2月1日; year, month, day with any signs between */
    PS_DATE_FORM_DMY, /**< 1/2/2024, 01-02-2024: the day first */
    PS_DATE_FORM_MDY, /**< the month first */
    PS_DATE_FORM_ERA, /**< 令和6年2月1日, R6.2.1 */
    PS_DATE_FORM_COMPACT, /**< 20240201, 20240201123456 */
    PS_DATE_FORM_EPOCH, /**< seconds, milliseconds or microseconds since 1970 */
    PS_DATE_FORM_RFC5322, /**< Fri, 21 Oct 2011 11:02:55 GMT; Feb 1, 2024 3:04 PM */
    PS_DATE_FORM_EXCEL, /**< a spreadsheet's day number; only where the job says so */
    PS_DATE_FORM_COUNT
} ps_date_form;

/** One recipient file and what the job says of it. */
typedef struct ps_recipients {
    const char *file; /**< `-` is standard input */
    ps_encoding encoding;
    bool headerless; /**< `header: none`: columns are numbers from 1 */
    const char *columns[PS_COLUMN_COUNT]; /**< the header that a column is taken from; NULL: by detection */
    ps_date_form dates[PS_COLUMN_COUNT];
    bool needs_id; /**< rows are joined by the id column: there must be one, and only one */
    bool activity; /**< more evidence about recipients, never one: opt-in columns of it say nothing of them */
    bool no_email; /**< rows are known by their id: no address column is looked for */
} ps_recipients;

/** A file of logins, purchases or the like: more evidence about recipients, never a recipient. */
typedef struct ps_activity {
    ps_recipients table;
    bool by_id; /**< joined by the id columns of both files; else by the address */
} ps_activity;

/** Whether it is a file, and not read at an ESP. */
static inline bool ps_source_is_file(const ps_source_config *source)
{
    return source->type == NULL || strcmp(source->type, "file") == 0;
}

typedef enum ps_mx_mode {
    PS_MX_OFF,
    PS_MX_SNAPSHOT,
    PS_MX_LIVE,
    PS_MX_OFFLINE /**< live, but no packet may leave: what the cache knows, and the snapshot where there is one */
} ps_mx_mode;
enum { PS_MX_RATE_AUTO = -1 }; /**< by the kind of the resolver's address */
typedef enum ps_dedupe_key { PS_DEDUPE_OFF, PS_DEDUPE_EXACT, PS_DEDUPE_PROVIDER } ps_dedupe_key;

/** Engagement windows in days and thresholds (engagement-policy section 4). */
typedef struct ps_engagement {
    bool applied; /**< false: no `engagement` key, so it is reported and never applied */
    const char *profile;
    int32_t active, winback, sunset, grace, reply, relist, open_credit;
    int32_t min_sends, sends_never, sends_since;
    double coverage; /**< share of rows that a column must fill to count as tracked; 0: off */
    bool dormant_held; /**< `dormant: hold` */
    ps_day observed_since[PS_COLUMN_COUNT]; /**< PS_DAY_NONE: the column's oldest value */
} ps_engagement;

/** An engagement policy that is counted beside the job's own and never applied. */
typedef struct ps_named_policy {
    const char *name; /**< [a-z0-9_-] */
    ps_engagement engagement;
} ps_named_policy;

/** A column that the job adds to the lists that go out. */
typedef enum ps_added {
    PS_ADDED_TIER, /**< presend_tier: 1 active, 2 by opens only, 3 cooling; empty where engagement says nothing */
    PS_ADDED_IDLE_DAYS, /**< presend_idle_days: days without a strong sign; empty where that is not known */
    PS_ADDED_OPERATOR, /**< presend_operator: who takes the mail of the row's domain; empty where that is not known */
    PS_ADDED_COUNT
} ps_added;

/** Shares above which a run is kept back, as fractions of the rows. */
typedef struct ps_guards {
    double removed_share, engagement_share, dead_rows;
    double shrink; /**< of the entries of a file source */
    uint64_t min_rows; /**< guards do not count below this many rows */
} ps_guards;

/** Whether lists in UTF-8 begin with a byte order mark; others never do. */
typedef enum ps_bom {
    PS_BOM_AUTO, /**< where the input does, or was in another encoding than the lists */
    PS_BOM_ALWAYS,
    PS_BOM_NEVER
} ps_bom;

/** How the lists are compressed: in many members or frames, which every program unpacks as one. */
typedef enum ps_compression { PS_COMPRESSION_NONE, PS_COMPRESSION_GZIP, PS_COMPRESSION_ZSTD } ps_compression;

typedef struct ps_job {
    const char *campaign; /**< or NULL */
    const char *job_file; /**< NULL for `clean` */
    const char *const *included; /**< files that it includes */
    size_t included_count;
    bool service; /**< `purpose: service`: no advertising */
    const char *brand; /**< or NULL */
    bool offline; /**< no packet may leave */
    ps_day as_of;
    const char *timezone; /**< IANA name or +09:00 */

    const ps_recipients *recipients;
    size_t recipients_count;
    const ps_activity *activity;
    size_t activity_count;

    /** Effects of reasons that the job file set; index is the reason's number. Filled from reason.def, then changed. */
    ps_effect effect[PS_REASON_NUMBER_MAX];
    bool typo_fix; /**< `typo: fix`: the table's slips are put right; others have their effect */
    bool legacy_carrier_quoted;
    bool special_use_all;
    const ps_span *special_use;
    size_t special_use_count;

    ps_dedupe_key dedupe;
    bool evidence_first; /**< each row is judged alone */
    enum { PS_ALIAS_AUTO, PS_ALIAS_OFF, PS_ALIAS_HOLD, PS_ALIAS_REMOVE } alias;

    ps_mx_mode mx_mode;
    const char *mx_snapshot;
    const char *const *resolvers; /**< addresses with optional :port; count 0: the system's */
    size_t resolvers_count;
    const char *mx_doh; /**< URL of a DNS-over-HTTPS resolver that is asked in their place; or NULL */
    bool mx_no_answer_unknown; /**< `no_answer: unknown`: do not stop when no resolver answers */
    uint32_t mx_budget_s; /**< 0: none */
    int32_t mx_rate; /**< questions a second to each resolver, 0: as many as it takes; or PS_MX_RATE_AUTO */
    int32_t mx_cache; /**< days that the answer "takes mail" is good for */
    const char *mx_save_snapshot; /**< where a live run writes what it found out; or NULL */

    const ps_source_config *sources;
    size_t sources_count;
    bool suppressions_none; /**< written out: no source at all */

    ps_engagement engagement;
    const ps_named_policy *policies;
    size_t policies_count;
    ps_guards guards;

    ps_alerts alerts;

    const char *output_directory;
    ps_encoding output_encoding; /**< of the four lists: UTF-8 or CP932; PS_ENCODING_AUTO: as the input */
    ps_bom output_bom;
    ps_compression compress; /**< of the four lists; reports stay as they are */
    bool email_original; /**< the address cell keeps its bytes */
    ps_added added[PS_ADDED_COUNT]; /**< `output.add`, in its order */
    size_t added_count;
    bool report_unmasked;
    const char *metrics_file; /**< where each run says how it went, for Prometheus; or NULL */

    const char *state; /**< the file that runs are remembered in; NULL: they are not */
    const char *owner; /**< whose state it is, or NULL */
    int32_t retain; /**< days that runs are remembered */
    const char *const *accepted; /**< guards that this run passes: GUARD or SOURCE:GUARD */
    size_t accepted_count;
    unsigned threads; /**< 0: OMP_NUM_THREADS or the processors of this process */
    size_t batch_bytes; /**< 0: 256 KiB; tests make it small */
} ps_job;

/** Whether its MX snapshot is read: named, and not only in case that packets may not leave. */
static inline bool ps_job_reads_snapshot(const ps_job *job)
{
    return job->mx_snapshot != NULL && (job->mx_mode == PS_MX_SNAPSHOT || job->mx_mode == PS_MX_OFFLINE);
}

/** A job with every default of the design and nothing to read. */
void ps_job_init(ps_job *job);

#endif
