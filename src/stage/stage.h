#ifndef PS_STAGE_STAGE_H
#define PS_STAGE_STAGE_H

// The road of a row, in order. A step reads what earlier steps wrote, adds findings, and cannot fail. Only decide turns
// findings into a verdict; only claim sees other rows, and so runs in batch order.

#include "base/day_texts.h"
#include "facts/facts.h"
#include "stage/tally.h"
#include "table/batch.h"

typedef void ps_stage(const ps_facts *facts, ps_batch *batch);

// In both passes:
ps_stage ps_stage_normalize; // the cells that are read, from the file's encoding to UTF-8 text
ps_stage ps_stage_syntax; // the address cell through the address rules; key hashes
ps_stage ps_stage_signals; // date, flag and status cells -> batch->said

// In the judging pass:
ps_stage ps_stage_evidence; // row->judged: the best evidence of the address; NULL: its own
ps_stage ps_stage_columns; // opt-outs, complaints, bounces and status words of the file -> column_* findings
ps_stage ps_stage_domain; // MX verdict of the row's domain, where MX is not off -> its finding and warnings
ps_stage ps_stage_engage; // the decision table of engagement -> batch->engaged, whether or not the job applies it
ps_stage ps_stage_project; // the same for each policy that is only counted -> batch->projections
// ps_stage_claim comes here (stage/claim.h); it brings ps_stage_suppress with it, group by group
ps_stage ps_stage_decide; // findings, what engagement says, and `not_checked` where MX is off -> verdict and reason
ps_stage ps_stage_plan; // verdict -> bytes in batch->out

// The names of the columns that plan adds to an output, in their order; gives their number.
enum { PS_PLAN_COLUMNS_MAX = 8 };
size_t ps_plan_columns(const ps_job *job, ps_verdict verdict, const char *out[PS_PLAN_COLUMNS_MAX]);

// The `presend_detail` cell of a row, as UTF-8: line of the first for a duplicate, list and date for a suppressed row,
// the days of a win-back in course, the suggestion.
void ps_row_detail(const ps_facts *facts, const ps_batch *batch, const ps_row *row, ps_buf *out);

// Findings of which the detail says numbers and days, in words of presend's own: of nothing but letters, digits, blanks
// and ( ) ; - as long as the first of a duplicate needs no file's name.
#define PS_DETAIL_FINDINGS (PS_FIND(DUPLICATE) | PS_FIND(WINBACK_PENDING) | PS_FIND(WINBACK_EXPIRED))
bool ps_detail_may_hold(char c);

// What the detail says of them as bytes, up to so many each: the first of a duplicate, the days of a win-back. Gives
// the end.
enum { PS_FIRST_DETAIL_MAX = 5 + 20, PS_WINBACK_DETAIL_MAX = 100 };
char *ps_put_first_detail(char *at, const ps_row *row);
char *ps_put_winback_detail(char *at, const ps_job *job, const ps_batch *batch, const ps_row *row);

// The source and the list that have an entry, as the detail says them before the date.
void ps_add_list_name(const ps_job *job, const ps_suppressed *entry, ps_buf *out);

// What engagement says of a row that nothing else removes; `sight` is that of the facts.
uint8_t ps_engage_row(const ps_facts *facts, const ps_sight *sight, const ps_batch *batch, const ps_row *row,
                      int32_t *out_idle_days);

// The base name of a recipient file; `stdin` for standard input.
ps_span ps_recipients_name(const ps_job *job, size_t file);

#endif
