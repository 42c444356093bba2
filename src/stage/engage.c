#include "facts/engagement_block.h"
#include "stage/row.h"
#include "stage/stage.h"

static ps_effect effect_of(const ps_policy *policy, ps_findings findings)
{
    for (unsigned effect = PS_EFFECT_REMOVE; effect > PS_EFFECT_KEEP; effect--) {
        if ((findings & policy->mask[effect]) != 0) return (ps_effect)effect;
    }
    return PS_EFFECT_KEEP;
}

static ps_engagement_result judge(const ps_facts *facts, const ps_sight *sight, const ps_signals *signals)
{
    const ps_job *job = facts->job;

    return ps_engagement_judge_by(&job->engagement, sight, job->as_of, signals);
}

// A row's own dates were settled as they were read.
static ps_engagement_result judge_judged(const ps_facts *facts, const ps_sight *sight, const ps_batch *batch,
                                         const ps_row *row)
{
    const ps_job *job = facts->job;

    if (row->judged != NULL) return judge(facts, sight, row->judged);
    const ps_signals said = ps_said_signals(batch, row);
    return ps_engagement_judge_settled(&job->engagement, sight, job->as_of, &said);
}

// Would some day in place of one cell that cannot be read change what happens to the row? One day from each side of
// every window stands for all days.
static bool could_change(const ps_facts *facts, const ps_signals *judged, ps_signal signal, ps_effect now)
{
    const ps_sight sight = ps_sight_of(&facts->coverage); // such cells are rare
    const ps_engagement windows = ps_engagement_of_segment(&facts->job->engagement, judged->flags);
    const int32_t ages[] = {
        0, windows.reply + 1, windows.grace + 1, windows.active + 1, windows.winback + 1, windows.sunset + 1,
    };

    for (size_t i = 0; i < PS_COUNT_OF(ages); i++) {
        ps_signals guess = *judged;
        ps_signals_add_day(&guess, signal, facts->job->as_of - ages[i]);
        if (effect_of(&facts->policy, judge(facts, &sight, &guess).findings) != now) return true;
    }
    return false;
}

static bool is_held_for_date(const ps_facts *facts, const ps_batch *batch, const ps_row *row, ps_findings found)
{
    // An activity file's bad date is the address's.
    uint32_t flags = batch->said.flags[row - batch->rows] | ps_row_flags(batch, row);

    if ((flags & PS_FLAG_BAD_DATE) == 0 || !facts->job->engagement.applied) return false;
    const ps_signals judged = ps_row_signals(batch, row);
    ps_effect now = effect_of(&facts->policy, found);
    for (unsigned signal = 0; signal < PS_SIGNAL_COUNT; signal++) {
        bool is_bad = (flags >> signal & PS_FLAG_BAD_SIGNAL) != 0;
        if (is_bad && could_change(facts, &judged, (ps_signal)signal, now)) return true;
    }
    return false;
}

// What was found without the cell that cannot be read is no judgement, so it does not stand beside `date`.
ps_findings ps_engage_findings(const ps_facts *facts, const ps_batch *batch, const ps_row *row)
{
    const ps_sight sight = ps_sight_of(&facts->coverage);
    ps_engagement_result result = judge_judged(facts, &sight, batch, row);

    return is_held_for_date(facts, batch, row, result.findings) ? PS_FIND(DATE) : result.findings;
}

static void judge_row(const ps_facts *facts, const ps_sight *sight, const ps_batch *batch, ps_row *row)
{
    ps_engagement_result result = judge_judged(facts, sight, batch, row);
    bool held = is_held_for_date(facts, batch, row, result.findings);
    row->findings |= held ? PS_FIND(DATE) : result.findings;
    row->idle_days = result.idle_days;
    row->tier = held ? 0 : result.tier & 3U;
    row->winback_at = result.winback_at;
    row->reply_by = held ? PS_DAY_NONE : result.reply_by;
}

// Of the ordinary row, by what its block found.
static void take_row(const ps_engagement_terms *terms, const ps_engagement_block *block, size_t i, ps_row *row)
{
    const ps_decision *decision = &ps_decisions[__builtin_ctz(block->answers[i])];
    const ps_day *sent = block->days[PS_SIGNAL_WINBACK_SENT];

    row->findings |= decision->findings;
    row->idle_days = block->idle_days[i];
    row->tier = decision->tier & 3U;
    if (decision->reason == PS_REASON_WINBACK_DUE) row->reply_by = terms->as_of + terms->policy.reply;
    if (decision->reason != PS_REASON_WINBACK_PENDING && decision->reason != PS_REASON_WINBACK_EXPIRED) return;
    row->winback_at = sent[i];
    row->reply_by = sent[i] + terms->policy.reply;
}

// Judged by what it says itself, and nothing in that is odd.
static bool is_ordinary(const ps_batch *batch, const ps_row *row)
{
    uint32_t flags = batch->said.flags[row - batch->rows];

    return row->judged == NULL && batch->said.sends == NULL && ps_engagement_is_plain(flags) &&
           (flags & PS_FLAG_BAD_DATE) == 0;
}

static void judge_block(const ps_facts *facts, const ps_engagement_terms *terms, const ps_batch *batch, size_t from,
                        size_t to)
{
    ps_engagement_block block;

    for (size_t i = 0; i < PS_SIGNAL_COUNT; i++)
        block.days[i] = batch->said.days[i] == NULL ? NULL : batch->said.days[i] + from;
    ps_engagement_block_for(ps_cpu_best())(terms, &block);
    for (size_t i = from; i < to; i++) {
        ps_row *row = &batch->rows[i];
        row->idle_days = -1;
        row->tier = 0;
        row->winback_at = row->reply_by = PS_DAY_NONE;
        if (ps_row_damaged(row) || ps_row_settled(facts, row)) continue;
        if (is_ordinary(batch, row)) {
            take_row(terms, &block, i - from, row);
        } else {
            judge_row(facts, &terms->sight, batch, row);
        }
    }
}

// Rows that something else removes have no engagement: nobody mails them, whatever their dates say.
void ps_stage_engage(const ps_facts *facts, ps_batch *batch)
{
    const ps_engagement_terms terms = {
        .policy = facts->job->engagement,
        .sight = ps_sight_of(&facts->coverage),
        .as_of = facts->job->as_of,
    };

    for (size_t from = 0; from < batch->row_count; from += PS_ENGAGEMENT_BLOCK) {
        size_t left = batch->row_count - from;
        judge_block(facts, &terms, batch, from, from + (left < PS_ENGAGEMENT_BLOCK ? left : PS_ENGAGEMENT_BLOCK));
    }
}
