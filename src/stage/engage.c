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

    if (row->judged != ps_batch_signals(batch, row)) return judge(facts, sight, row->judged);
    return ps_engagement_judge_settled(&job->engagement, sight, job->as_of, row->judged);
}

// Would some day in place of one cell that cannot be read change what happens to the row? One day from each side of
// every window stands for all days.
static bool could_change(const ps_facts *facts, const ps_row *row, ps_signal signal, ps_effect now)
{
    const ps_sight sight = ps_sight_of(&facts->coverage); // such cells are rare
    const ps_engagement windows = ps_engagement_of_segment(&facts->job->engagement, row->judged->flags);
    const int32_t ages[] = {
        0, windows.reply + 1, windows.grace + 1, windows.active + 1, windows.winback + 1, windows.sunset + 1,
    };

    for (size_t i = 0; i < PS_COUNT_OF(ages); i++) {
        ps_signals guess = *row->judged;
        ps_signals_add_day(&guess, signal, facts->job->as_of - ages[i]);
        if (effect_of(&facts->policy, judge(facts, &sight, &guess).findings) != now) return true;
    }
    return false;
}

static bool is_held_for_date(const ps_facts *facts, const ps_batch *batch, const ps_row *row, ps_findings found)
{
    uint32_t flags =
        ps_batch_signals(batch, row)->flags | row->judged->flags; // an activity file's bad date is the address's
    ps_effect now = effect_of(&facts->policy, found);

    if ((flags & PS_FLAG_BAD_DATE) == 0 || !facts->job->engagement.applied) return false;
    for (unsigned signal = 0; signal < PS_SIGNAL_COUNT; signal++) {
        bool is_bad = (flags >> signal & PS_FLAG_BAD_SIGNAL) != 0;
        if (is_bad && could_change(facts, row, (ps_signal)signal, now)) return true;
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

// Rows that something else removes have no engagement: nobody mails them, whatever their dates say.
void ps_stage_engage(const ps_facts *facts, ps_batch *batch)
{
    const ps_sight sight = ps_sight_of(&facts->coverage);

    for (size_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        row->idle_days = -1;
        row->tier = 0;
        row->winback_at = row->reply_by = PS_DAY_NONE;
        if (!ps_row_damaged(row) && !ps_row_settled(facts, row)) judge_row(facts, &sight, batch, row);
    }
}
