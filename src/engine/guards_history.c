#include "engine/guards_history.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "stage/tally.h"

enum { TIMES_MEDIAN = 3, ADDRESSES_MORE = 1000 };
static const double points_more = 0.02;

static const char *keep(ps_run *run, const char *text)
{
    return ps_arena_copy(&run->arena, ps_span_of(text)).bytes;
}

static double share_of(uint64_t rows, uint64_t whole)
{
    return whole == 0 ? 0 : (double)rows / (double)whole;
}

// Of the earlier runs; 0 without any. Of an even number, the mean of the two in the middle.
static double median_share(const ps_run_history *history, ps_reason reason)
{
    double shares[PS_RUN_PAST_MAX];
    size_t count = history->count;

    for (size_t i = 0; i < count; i++) {
        double share = share_of(history->runs[i].removed[reason], history->runs[i].addresses);
        size_t at = i;
        for (; at > 0 && shares[at - 1] > share; at--)
            shares[at] = shares[at - 1];
        shares[at] = share;
    }
    if (count == 0) return 0;
    return (shares[(count - 1) / 2] + shares[count / 2]) / 2;
}

// More than three times the median, and two points, and a thousand addresses more than it: a small list jumps about,
// and a reason that was rare may become less so.
static bool jumps(uint64_t removed, uint64_t whole, double median)
{
    double share = share_of(removed, whole), usual = median * (double)whole;

    return share > TIMES_MEDIAN * median && share - median > points_more && (double)removed - usual > ADDRESSES_MORE;
}

// The reason that lies furthest above its median, of those that jump, else of all.
static ps_reason worst_reason(const ps_run *run, bool *out_jumps)
{
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count);
    ps_reason worst = PS_REASON_OK;
    const uint64_t whole = ps_run_addresses(run);
    double worst_rise = 0;

    *out_jumps = false;
    for (size_t i = 0; i < count; i++) {
        ps_reason reason = table[i].reason;
        uint64_t removed = ps_run_removed(run, reason);
        if (removed == 0 || ps_reason_is_ordinary(reason)) continue;
        double median = median_share(run->history, reason), rise = share_of(removed, whole) - median;
        bool jump = jumps(removed, whole, median);
        if (jump < *out_jumps || (jump == *out_jumps && rise <= worst_rise)) continue;
        *out_jumps = jump;
        worst = reason;
        worst_rise = rise;
    }
    return worst;
}

static void count_jump(ps_run *run, ps_run_guard *out)
{
    const uint64_t whole = ps_run_addresses(run);
    char text[256];
    bool jump = false;

    out->text = "there is no run of an earlier day to compare with";
    if (run->history->count == 0) return;
    ps_reason reason = worst_reason(run, &jump);
    out->text = "no reason removes more addresses than in earlier runs";
    if (reason == PS_REASON_OK) return;
    double median = median_share(run->history, reason);
    out->rows = ps_run_removed(run, reason);
    out->share = share_of(out->rows, whole);
    out->limit = TIMES_MEDIAN * median > median + points_more ? TIMES_MEDIAN * median : median + points_more;
    out->limit = out->limit > 1 ? 1 : out->limit;
    snprintf(text, sizeof text,
             "%" PRIu64 " of %" PRIu64
             " addresses would be removed as %s: %.1f %%; in the last %zu runs the median was %.1f %%",
             out->rows, whole, ps_reason_get(reason)->wire, 100 * out->share, run->history->count, 100 * median);
    out->text = keep(run, text);
    out->fired = jump && run->rows >= run->job->guards.min_rows;
}

// A clock that was set back makes the inactive active, and so lists and mails people for nothing.
static void count_as_of(ps_run *run, ps_run_guard *out)
{
    char text[128], now[PS_DAY_TEXT_SIZE], last[PS_DAY_TEXT_SIZE];

    out->text = "the day of judgement is not before the last run's";
    if (run->job->as_of >= run->history->last_as_of) return;
    ps_day_text(run->job->as_of, now);
    ps_day_text(run->history->last_as_of, last);
    snprintf(text, sizeof text, "the day of judgement is %s, and the last run's was %s", now, last);
    out->text = keep(run, text);
    out->fired = true;
}

static const ps_history_guard guards[] = {{"removed_jump", count_jump}, {"as_of", count_as_of}};

bool ps_history_known(const ps_run *run)
{
    const ps_run_history *history = run->history;

    return history != NULL && (history->count > 0 || run->job->as_of < history->last_as_of);
}

const ps_history_guard *ps_history_guards(size_t *out_count)
{
    *out_count = PS_COUNT_OF(guards);
    return guards;
}
