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

// What comes of a decision where it does not depend on a mail.
typedef struct outcome {
    ps_findings findings;
    ps_day reply_by;
    int32_t in_course; // all bits: a win-back is, and its days are those of its mail; else 0
    uint8_t tier;
} outcome;

enum { PASSED_OVER = PS_DECISION_COUNT, OUTCOME_COUNT }; // something else decides; a bit above all others

// What is the same for all rows of a batch.
typedef struct engaging {
    const ps_facts *facts;
    ps_engagement_terms terms;
    ps_engagement_judge_block *judge;
    ps_engagement_block block; // the one that is judged
    ps_findings passed_over; // rows with one of these
    outcome outcomes[OUTCOME_COUNT];
} engaging;

enum { ODD = PS_FLAG_PROTECTED | PS_FLAG_SEGMENT_B2B | PS_FLAG_SEGMENT_B2C | PS_FLAG_BAD_DATE };

static outcome outcome_of(const ps_decision *decision, const ps_engagement_terms *terms)
{
    bool due = decision->reason == PS_REASON_WINBACK_DUE;
    bool in_course = decision->reason == PS_REASON_WINBACK_PENDING || decision->reason == PS_REASON_WINBACK_EXPIRED;

    return (outcome){
        .findings = decision->findings,
        .reply_by = due ? terms->as_of + terms->policy.reply : PS_DAY_NONE,
        .in_course = -in_course,
        .tier = decision->tier,
    };
}

static void begin(engaging *e, const ps_facts *facts)
{
    e->facts = facts;
    e->terms.policy = facts->job->engagement;
    e->terms.sight = ps_sight_of(&facts->coverage);
    e->terms.as_of = facts->job->as_of;
    e->judge = ps_engagement_block_for(ps_cpu_best());
    e->passed_over = facts->policy.settling | ps_row_damage;
    for (size_t i = 0; i < PS_DECISION_COUNT; i++)
        e->outcomes[i] = outcome_of(&ps_decisions[i], &e->terms);
    e->outcomes[PASSED_OVER] = (outcome){.reply_by = PS_DAY_NONE};
}

// Few come here, and the loop that they come from needs its registers.
static __attribute__((noinline)) void judge_odd(const engaging *e, const ps_batch *batch, ps_row *row)
{
    ps_engagement_result result = {.idle_days = -1, .winback_at = PS_DAY_NONE, .reply_by = PS_DAY_NONE};
    bool passed_over = (row->findings & e->passed_over) != 0;

    if (!passed_over) result = judge_judged(e->facts, &e->terms.sight, batch, row);
    bool held = !passed_over && is_held_for_date(e->facts, batch, row, result.findings);
    row->findings |= held ? PS_FIND(DATE) : result.findings;
    row->idle_days = result.idle_days;
    row->tier = held ? 0 : result.tier & 3U;
    row->winback_at = result.winback_at;
    row->reply_by = held ? PS_DAY_NONE : result.reply_by;
}

static inline ps_day select_day(int32_t yes, ps_day a, ps_day b)
{
    return (yes & a) | (~yes & b);
}

// Of the ordinary row, by what its block found and the day of its win-back mail. What was decided, and whether by
// something else, is as good as random: here is no branch.
static inline void take_row(const engaging *e, size_t i, ps_day mail, ps_row *row)
{
    uint32_t passed_over = -(uint32_t)((row->findings & e->passed_over) != 0);
    uint32_t answers = (e->block.answers[i] & ~passed_over) | UINT32_C(1) << PASSED_OVER;
    const outcome *found = &e->outcomes[__builtin_ctz(answers)];

    row->findings |= found->findings;
    row->idle_days = e->block.idle_days[i] | (int32_t)passed_over; // -1
    row->tier = found->tier & 3U;
    row->winback_at = select_day(found->in_course, mail, PS_DAY_NONE);
    row->reply_by = select_day(found->in_course, mail + e->terms.policy.reply, found->reply_by);
}

static void judge_block(engaging *e, const ps_batch *batch, size_t from, size_t count)
{
    static const ps_day no_mail[PS_ENGAGEMENT_BLOCK];
    const uint32_t *flags = batch->said.flags + from;
    bool plain = batch->said.sends == NULL;
    ps_row *rows = batch->rows + from;
    ps_engagement_block *block = &e->block;

    for (size_t i = 0; i < PS_SIGNAL_COUNT; i++)
        block->days[i] = batch->said.days[i] == NULL ? NULL : batch->said.days[i] + from;
    e->judge(&e->terms, block);
    const ps_day *mail = block->days[PS_SIGNAL_WINBACK_SENT];
    if (mail == NULL) mail = no_mail;
    for (size_t i = 0; i < count; i++) {
        if (plain && rows[i].judged == NULL && (flags[i] & ODD) == 0) {
            take_row(e, i, mail[i], &rows[i]);
        } else {
            judge_odd(e, batch, &rows[i]);
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
        judge_block(&e, batch, from, left < PS_ENGAGEMENT_BLOCK ? left : PS_ENGAGEMENT_BLOCK);
    }
}
