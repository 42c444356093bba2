// Guards: what a run must not do without being asked, because a broken input would look just like it.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/account.h"
#include "engine/guards_history.h"

typedef struct counted {
    uint64_t rows, whole; // of so many
    uint64_t read; // rows, whatever they say: the guard counts from `min_rows` of them on
} counted;

static double share_of(uint64_t rows, uint64_t whole)
{
    return whole == 0 ? 0 : (double)rows / (double)whole;
}

static counted removed_rows(const ps_run *run)
{
    uint64_t removed = 0;

    for (unsigned reason = 0; reason < PS_REASON_NUMBER_MAX; reason++) {
        if (!ps_reason_is_ordinary((ps_reason)reason)) removed += ps_run_removed(run, (ps_reason)reason);
    }
    return (counted){removed, ps_run_addresses(run), run->rows};
}

static counted inactive_rows(const ps_run *run)
{
    uint64_t rows = run->decided[PS_REASON_DORMANT] + run->decided[PS_REASON_NEVER_ENGAGED];
    bool removes = run->job->engagement.applied && !run->job->engagement.dormant_held;
    return (counted){removes ? rows : 0, ps_run_addresses(run), run->rows};
}

static counted dead_rows(const ps_run *run)
{
    return (counted){run->dead_rows + run->lost_rows, ps_run_addresses(run), run->rows};
}

// However few its rows: a domain that many write to does not stop taking mail.
static bool lost_a_big_domain(const ps_run *run)
{
    return run->lost > 0;
}

// The column with the largest share of its rows; `*out` is NULL where none has any. A column of the recipient files
// counts over all of them.
static counted worst_column(const ps_run *run, bool future, const ps_run_column **out)
{
    counted worst = {0, run->rows, run->rows};

    *out = NULL;
    for (size_t i = 0; i < run->inputs_count; i++) {
        const ps_run_input *input = &run->inputs[i];
        uint64_t whole = input->role == PS_RUN_ACTIVITY ? input->rows : run->rows;
        for (size_t c = 0; c < input->columns_count; c++) {
            uint64_t rows = future ? input->columns[c].future : input->columns[c].unreadable;
            bool worse = share_of(rows, whole) > share_of(worst.rows, worst.whole);
            if (!worse) continue;
            worst = (counted){rows, whole, whole};
            *out = &input->columns[c];
        }
    }
    return worst;
}

static counted unreadable_dates(const ps_run *run)
{
    const ps_run_column *column;

    return worst_column(run, false, &column);
}

static counted future_dates(const ps_run *run)
{
    const ps_run_column *column;

    return worst_column(run, true, &column);
}

enum { DATE_LIMIT_PERCENT = 1 }; // more than this of a column is a wrong form or a wrong clock, not a slip

static double date_limit(const ps_guards *guards)
{
    (void)guards; // no key of the job file changes it
    return DATE_LIMIT_PERCENT / 100.0;
}

static double removed_limit(const ps_guards *guards)
{
    return guards->removed_share;
}

static double engagement_limit(const ps_guards *guards)
{
    return guards->engagement_share;
}

static double dead_limit(const ps_guards *guards)
{
    return guards->dead_rows;
}

// Which rule took how many: whoever is asked to let a guard pass must see whether one of them went wrong.
static void tell_inactive(const ps_run *run, char *out, size_t size)
{
    if (inactive_rows(run).rows == 0) return;
    snprintf(out, size, " (%s %" PRIu64 ", %s %" PRIu64 ")", ps_reason_get(PS_REASON_DORMANT)->wire,
             run->decided[PS_REASON_DORMANT], ps_reason_get(PS_REASON_NEVER_ENGAGED)->wire,
             run->decided[PS_REASON_NEVER_ENGAGED]);
}

// Which column, as the file and as the job file name it.
static void tell_column(const ps_run *run, bool future, char *out, size_t size)
{
    const ps_run_column *column;
    ps_buf header;

    (void)worst_column(run, future, &column); // the count was told already
    if (column == NULL) return;
    ps_buf_init(&header, size);
    ps_add_visible(&header, ps_span_of(column->header));
    bool fits = !header.failed && header.len < size / 2; // a header may be prose
    snprintf(out, size, ", `%s`%s%s%s", ps_column_name(column->column), fits ? " from '" : "",
             fits ? ps_buf_text(&header) : "", fits ? "'" : "");
    ps_buf_done(&header);
}

static void tell_unreadable(const ps_run *run, char *out, size_t size)
{
    tell_column(run, false, out, size);
}

static void tell_future(const ps_run *run, char *out, size_t size)
{
    tell_column(run, true, out, size);
}

static void tell_lost(const ps_run *run, char *out, size_t size)
{
    if (run->lost == 0) return;
    snprintf(out, size, " (%" PRIu64 " of them at %" PRIu64 " of the biggest domains, which took mail before)",
             run->lost_rows, run->lost);
}

static const struct {
    const char *name;
    counted (*count)(const ps_run *run);
    double (*limit)(const ps_guards *guards);
    const char *what;
    void (*tell)(const ps_run *run, char *out, size_t size); // NULL: nothing more to tell
    bool (*fires)(const ps_run *run); // also below the limit; NULL: never
} table[] = {
    {"removed_share", removed_rows, removed_limit, "addresses would be removed", NULL, NULL},
    {"engagement_share", inactive_rows, engagement_limit, "addresses would be removed as inactive", tell_inactive,
     NULL},
    {"dead_rows", dead_rows, dead_limit, "addresses have a domain without mail that was not known to be so", tell_lost,
     lost_a_big_domain},
    {"dates", unreadable_dates, date_limit, "cells of one date column cannot be read", tell_unreadable, NULL},
    {"future_dates", future_dates, date_limit, "cells of one date column lie in the future", tell_future, NULL},
};

static const char evidence[] = "evidence";

const char *ps_guard_name(size_t index)
{
    size_t count = 0;
    const ps_history_guard *later = ps_history_guards(&count);

    if (index < PS_COUNT_OF(table)) return table[index].name;
    index -= PS_COUNT_OF(table);
    if (index < count) return later[index].name;
    return index == count ? evidence : NULL;
}

static bool is_accepted(const ps_job *job, const char *name)
{
    for (size_t i = 0; i < job->accepted_count; i++) {
        if (strcmp(job->accepted[i], name) == 0) return true;
    }
    return false;
}

static void count_guard(ps_account *account, size_t index, ps_run_guard *out)
{
    ps_run *run = account->run;
    counted found = table[index].count(run);
    double limit = table[index].limit(&run->job->guards);
    double share = share_of(found.rows, found.whole);
    char more[128] = "", text[384];

    if (table[index].tell != NULL) table[index].tell(run, more, sizeof more);
    snprintf(text, sizeof text, "%" PRIu64 " of %" PRIu64 " %s%s: %.1f %%; the limit is %.1f %%", found.rows,
             found.whole, table[index].what, more, 100 * share, 100 * limit);
    *out = (ps_run_guard){.name = table[index].name, .share = share, .limit = limit, .rows = found.rows};
    out->text = ps_arena_copy(&run->arena, ps_span_of(text)).bytes;
    bool fires = share > limit || (table[index].fires != NULL && table[index].fires(run));
    out->fired = found.read >= run->job->guards.min_rows && fires;
    out->accepted = is_accepted(run->job, out->name);
}

// `evidence: first` is for lists that hold an address once. One row too many is enough: somebody may be mailed who
// opted out in it.
static void count_evidence(ps_run *run, ps_run_guard *out)
{
    char text[384];

    snprintf(text, sizeof text,
             "%" PRIu64 " rows say more of their address than its first row does, and %" PRIu64
             " of them speak against mailing it; `dedupe: {evidence: best}` judges an address on all its rows",
             run->outdone_rows, run->outdone_against);
    *out = (ps_run_guard){.name = evidence, .share = share_of(run->outdone_rows, run->rows), .rows = run->outdone_rows};
    out->text = ps_arena_copy(&run->arena, ps_span_of(text)).bytes;
    out->fired = run->outdone_rows > 0;
    out->accepted = is_accepted(run->job, evidence);
}

void ps_account_guards(ps_account *account)
{
    ps_run *run = account->run;

    size_t later_count = 0;
    const ps_history_guard *later = ps_history_guards(&later_count);

    size_t most = PS_COUNT_OF(table) + 1 + later_count + account->engine->guards_count;
    run->guards = ps_arena_take(&run->arena, most * sizeof *run->guards);
    run->guards_count = PS_COUNT_OF(table);
    for (size_t i = 0; i < PS_COUNT_OF(table); i++)
        count_guard(account, i, &run->guards[i]);
    if (run->job->evidence_first) count_evidence(run, &run->guards[run->guards_count++]);
    for (size_t i = 0; ps_history_known(run) && i < later_count; i++) {
        ps_run_guard *guard = &run->guards[run->guards_count++];
        *guard = (ps_run_guard){.name = later[i].name};
        later[i].count(run, guard);
        guard->accepted = is_accepted(run->job, guard->name);
    }
    for (size_t i = 0; i < account->engine->guards_count; i++)
        run->guards[run->guards_count++] = account->engine->guards[i];
}

const ps_run_guard *ps_run_fired(const ps_run *run)
{
    for (size_t i = 0; i < run->guards_count; i++) {
        if (run->guards[i].fired && !run->guards[i].accepted) return &run->guards[i];
    }
    return NULL;
}
