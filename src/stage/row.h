#ifndef PS_STAGE_ROW_H
#define PS_STAGE_ROW_H

// Questions about a row that more than one step asks.

#include <assert.h>
#include <string.h>

#include "facts/decisions.h"
#include "facts/facts.h"
#include "table/batch.h"

// Its cells cannot be trusted to stand where the header says (or one is absurdly long): it is held, and not judged.
static const ps_findings ps_row_damage = PS_FIND(COLUMNS) | PS_FIND(TOO_LARGE);

static inline bool ps_row_damaged(const ps_row *row)
{
    return (row->findings & ps_row_damage) != 0;
}

// The address rules, a list, a column of the file or DNS remove it: the row says so itself, whatever else is true of
// it.
static inline bool ps_row_settled(const ps_facts *facts, const ps_row *row)
{
    return (row->findings & facts->policy.settling) != 0;
}

// What the row is judged on.
static inline ps_day ps_row_day(const ps_batch *batch, const ps_row *row, ps_signal signal)
{
    return row->judged == NULL ? ps_said_day(batch, row, signal) : row->judged->date[signal];
}

static inline uint32_t ps_row_flags(const ps_batch *batch, const ps_row *row)
{
    return row->judged == NULL ? batch->said.flags[row - batch->rows] : row->judged->flags;
}

// What the row is judged on is not what its cells say.
static inline void ps_row_judge_on(ps_batch *batch, ps_row *row, const ps_signals *signals)
{
    row->judged = signals;
    batch->said.flags[row - batch->rows] |= PS_FLAG_JUDGED;
}

static inline ps_signals ps_row_signals(const ps_batch *batch, const ps_row *row)
{
    return row->judged == NULL ? ps_said_signals(batch, row) : *row->judged;
}

// What makes two rows one address: the match key, or the mailbox at its provider where the job says so.
static inline ps_hash ps_row_identity(const ps_facts *facts, const ps_row *row)
{
    return facts->job->dedupe == PS_DEDUPE_PROVIDER ? row->provider : row->key;
}

// No other row has its address, as the survey has found out.
static inline bool ps_row_alone(const ps_facts *facts, const ps_batch *batch, const ps_row *row)
{
    return facts->repeated != NULL && !ps_repeated_has(facts->repeated, batch->file, ps_row_number(batch, row));
}

// The row under the alternative of this number.
static inline ps_projection *ps_row_projection(const ps_facts *facts, const ps_batch *batch, const ps_row *row,
                                               size_t alternative)
{
    return &batch->projections[(size_t)(row - batch->rows) * facts->alternatives_count + alternative];
}

// The days that its win-back hangs on, where one is in course.
static inline ps_wait ps_row_wait(const ps_job *job, const ps_batch *batch, const ps_row *row)
{
    ps_day sent = ps_row_day(batch, row, PS_SIGNAL_WINBACK_SENT);
    ps_day listed = ps_row_day(batch, row, PS_SIGNAL_WINBACK_LISTED);

    return ps_engagement_wait(&job->engagement, batch->engaged[row - batch->rows], ps_signal_settle(sent, job->as_of),
                              ps_signal_settle(listed, job->as_of));
}

// The place of a set of findings in a table of what is known of sets, of so many bits. Another may stand there.
static inline size_t ps_findings_place(ps_findings findings, unsigned bits)
{
    uint64_t folded = (uint64_t)findings ^ (uint64_t)(findings >> 64);

    return folded * UINT64_C(0x9E3779B97F4A7C15) >> (64 - bits); // the upper ones: a single high finding reaches them
}

// The text of its address cell.
static inline ps_span ps_row_cell(const ps_batch *batch, const ps_row *row)
{
    return ps_batch_values(batch, row)[ps_layout_slot(batch->layout, PS_COLUMN_EMAIL)];
}

// Forms of its address: see ps_address. What is not written out is the cell.
static inline ps_span ps_row_sent(const ps_batch *batch, const ps_row *row)
{
    return row->address == NULL ? ps_row_cell(batch, row) : row->address->deliverable;
}

static inline ps_span ps_row_host(const ps_batch *batch, const ps_row *row)
{
    if (row->address != NULL) return row->address->domain;
    ps_span cell = ps_row_cell(batch, row);
    const char *at = memchr(cell.bytes, '@', cell.len);
    assert(at != NULL); // or it would be no address
    return (ps_span){at + 1, cell.len - (size_t)(at + 1 - cell.bytes)};
}

static inline ps_span ps_row_suggestion(const ps_row *row)
{
    return row->address == NULL ? (ps_span){NULL, 0} : row->address->suggestion;
}

static inline uint32_t ps_row_domain_number(const ps_batch *batch, const ps_row *row)
{
    return batch->domain_numbers[row - batch->rows];
}

// All of them.
static inline ps_address ps_row_address(const ps_batch *batch, const ps_row *row)
{
    if (row->address != NULL) return *row->address;
    ps_span cell = ps_row_cell(batch, row);
    return (ps_address){
        .ascii = cell,
        .unicode = cell,
        .deliverable = cell,
        .domain = ps_row_host(batch, row),
        .key = cell,
        .provider_key = cell,
        .domain_number = ps_row_domain_number(batch, row),
    };
}

static inline bool ps_row_has_key(const ps_row *row)
{
    return row->has_key;
}

#endif
