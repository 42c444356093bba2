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

// Few come here, and the loop that they come from needs its registers.
static __attribute__((noinline)) void judge_row(const ps_facts *facts, const ps_sight *sight, const ps_batch *batch,
                                                ps_row *row)
{
    ps_engagement_result result = judge_judged(facts, sight, batch, row);
    bool held = is_held_for_date(facts, batch, row, result.findings);
    row->findings |= held ? PS_FIND(DATE) : result.findings;
    row->idle_days = result.idle_days;
    row->tier = held ? 0 : result.tier & 3U;
    row->winback_at = result.winback_at;
    row->reply_by = held ? PS_DAY_NONE : result.reply_by;
}

// What is the same for all rows of a batch.
typedef struct engaging {
    const ps_facts *facts;
    ps_engagement_terms terms;
    ps_engagement_judge_block *judge;
    ps_engagement_block block; // the one that is judged
    ps_findings passed_over; // rows with one of these
    ps_day reply_by[PS_DECISION_COUNT]; // where it does not depend on a mail
} engaging;

enum { ODD = PS_FLAG_PROTECTED | PS_FLAG_SEGMENT_B2B | PS_FLAG_SEGMENT_B2C | PS_FLAG_BAD_DATE };

static void begin(engaging *e, const ps_facts *facts)
{
    e->facts = facts;
    e->terms.policy = facts->job->engagement;
    e->terms.sight = ps_sight_of(&facts->coverage);
    e->terms.as_of = facts->job->as_of;
    e->judge = ps_engagement_block_for(ps_cpu_best());
    e->passed_over = facts->policy.settling | ps_row_damage;
    for (size_t i = 0; i < PS_DECISION_COUNT; i++) {
        bool due = ps_decisions[i].reason == PS_REASON_WINBACK_DUE;
        e->reply_by[i] = due ? e->terms.as_of + e->terms.policy.reply : PS_DAY_NONE;
    }
}

// Of the ordinary row, by what its block found.
static void take_row(const engaging *e, size_t i, ps_row *row)
{
    enum { IN_COURSE = 1 << PS_DECISION_is_winback_pending | 1 << PS_DECISION_is_winback_expired };
    unsigned number = (unsigned)__builtin_ctz(e->block.answers[i]);

    row->findings |= ps_decisions[number].findings;
    row->idle_days = e->block.idle_days[i];
    row->tier = ps_decisions[number].tier & 3U;
    row->reply_by = e->reply_by[number];
    if ((1U << number & IN_COURSE) == 0) return;
    row->winback_at = e->block.days[PS_SIGNAL_WINBACK_SENT][i];
    row->reply_by = row->winback_at + e->terms.policy.reply;
}

static void judge_block(engaging *e, const ps_batch *batch, size_t from, size_t to)
{
    const uint32_t *flags = batch->said.flags;
    bool plain = batch->said.sends == NULL;
    ps_engagement_block *block = &e->block;

    for (size_t i = 0; i < PS_SIGNAL_COUNT; i++)
        block->days[i] = batch->said.days[i] == NULL ? NULL : batch->said.days[i] + from;
    e->judge(&e->terms, block);
    for (size_t i = from; i < to; i++) {
        ps_row *row = &batch->rows[i];
        row->idle_days = -1; // and no tier, as it came
        row->winback_at = row->reply_by = PS_DAY_NONE;
        if ((row->findings & e->passed_over) != 0) continue;
        if (plain && row->judged == NULL && (flags[i] & ODD) == 0) {
            take_row(e, i - from, row);
        } else {
            judge_row(e->facts, &e->terms.sight, batch, row);
        }
    }
}

// Rows that something else removes have no engagement: nobody mails them, whatever their dates say.
void ps_stage_engage(const ps_facts *facts, ps_batch *batch)
{
    engaging e;

    begin(&e, facts);
    for (size_t from = 0; from < batch->row_count; from += PS_ENGAGEMENT_BLOCK) {
        size_t left = batch->row_count - from;
        judge_block(&e, batch, from, from + (left < PS_ENGAGEMENT_BLOCK ? left : PS_ENGAGEMENT_BLOCK));
    }
}
