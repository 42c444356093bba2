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
uint8_t ps_engage_row(const ps_facts *facts, const ps_sight *sight, const ps_batch *batch, const ps_row *row,
                      int32_t *out_idle_days)
{
    ps_engagement_result result = judge_judged(facts, sight, batch, row);
    bool held = is_held_for_date(facts, batch, row, result.findings);

    *out_idle_days = result.idle_days;
    return held ? (uint8_t)PS_ENGAGED_DATE : (uint8_t)result.decision;
}

// Rows whose block does not judge them: few, where no column tells how often they were mailed.
enum { ODD = PS_FLAG_PROTECTED | PS_FLAG_SEGMENT_B2B | PS_FLAG_SEGMENT_B2C | PS_FLAG_BAD_DATE | PS_FLAG_JUDGED };

static void judge_odd(const ps_facts *facts, const ps_sight *sight, ps_batch *batch, size_t from, size_t to)
{
    const uint32_t *flags = batch->said.flags;
    const bool all = batch->said.sends != NULL;

    for (size_t i = from; i < to; i++) {
        const ps_row *row = &batch->rows[i];
        if (!all && (flags[i] & ODD) == 0) continue;
        if (ps_row_damaged(row) || ps_row_settled(facts, row)) continue;
        batch->engaged[i] = ps_engage_row(facts, sight, batch, row, &batch->idle_days[i]);
    }
}

static void open_answers(ps_batch *batch)
{
    size_t places = (batch->row_count / PS_ENGAGEMENT_BLOCK + 1) * PS_ENGAGEMENT_BLOCK; // whole blocks

    batch->engaged = ps_arena_room(&batch->arena, places * sizeof *batch->engaged);
    batch->idle_days = ps_arena_room(&batch->arena, places * sizeof *batch->idle_days);
}

// Of rows that something else removes, too, whatever may be said of them: nobody mails them, and what engagement says
// of them is passed over when they are decided. Asking which rows these are would take more time than the answers.
void ps_stage_engage(const ps_facts *facts, ps_batch *batch)
{
    const ps_engagement_terms terms = {facts->job->engagement, ps_sight_of(&facts->coverage), facts->job->as_of};
    ps_engagement_judge_block *judge_block = ps_engagement_block_for(ps_cpu_best());

    open_answers(batch);
    for (size_t from = 0; from < batch->row_count; from += PS_ENGAGEMENT_BLOCK) {
        size_t left = batch->row_count - from, count = left < PS_ENGAGEMENT_BLOCK ? left : PS_ENGAGEMENT_BLOCK;
        ps_engagement_block block = {.decisions = batch->engaged + from, .idle_days = batch->idle_days + from};
        for (size_t i = 0; i < PS_SIGNAL_COUNT; i++)
            block.days[i] = batch->said.days[i] == NULL ? NULL : batch->said.days[i] + from;
        judge_block(&terms, &block);
        judge_odd(facts, &terms.sight, batch, from, from + count);
    }
}
