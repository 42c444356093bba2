#include "report/view.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const ps_view_outcome *ps_view_outcome_of(ps_verdict verdict)
{
    static const ps_view_outcome outcomes[PS_VERDICT_COUNT] = {
        [PS_VERDICT_CLEAN] = {"Clean", "ready to be mailed", "clean", "#0e7a5f"},
        [PS_VERDICT_WINBACK] = {"Win-back", "inactive: win them back first", "winback", "#c98a0c"},
        [PS_VERDICT_HELD] = {"Held", "wait for your decision", "held", "#5560c9"},
        [PS_VERDICT_REMOVED] = {"Removed", "must not or cannot be mailed", "removed", "#a3213a"},
    };

    assert((unsigned)verdict < PS_VERDICT_COUNT);
    return &outcomes[verdict];
}

const char *ps_view_mx_word(ps_mx_mode mode)
{
    static const char *const words[] = {
        [PS_MX_OFF] = "off", [PS_MX_SNAPSHOT] = "snapshot", [PS_MX_LIVE] = "live", [PS_MX_OFFLINE] = "offline"};

    assert((unsigned)mode < PS_COUNT_OF(words));
    return words[mode];
}

const char *ps_view_encoding_word(ps_encoding encoding)
{
    static const char *const words[PS_ENCODING_COUNT] = {
        [PS_ENCODING_AUTO] = "same", [PS_ENCODING_UTF8] = "utf-8", [PS_ENCODING_CP932] = "cp932"};

    assert(words[encoding] != NULL);
    return words[encoding];
}

const char *ps_view_file_name(const char *path)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');

    return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

int32_t ps_view_age(const ps_run *run, ps_day day)
{
    if (day == PS_DAY_NONE) return -1;
    return day >= run->job->as_of ? 0 : run->job->as_of - day;
}

static void gather_reasons(ps_view *view)
{
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count);

    for (size_t i = 0; i < count; i++) {
        ps_reason number = table[i].reason;
        if (view->run->decided[number] == 0 && view->run->found[number] == 0) continue;
        view->reasons[view->reasons_count++] = (ps_view_reason){
            .info = &table[i],
            .effect = view->run->job->effect[number],
            .decided = view->run->decided[number],
            .held = view->run->held[number],
            .found = view->run->found[number],
        };
    }
}

// Whoever counted no held rows by reason left the field empty: then the effect says where the rows went.
static void settle_held(ps_view *view)
{
    uint64_t held = 0;

    for (size_t i = 0; i < view->reasons_count; i++)
        held += view->reasons[i].held;
    if (held > 0) return;
    for (size_t i = 0; i < view->reasons_count; i++) {
        if (view->reasons[i].effect == PS_EFFECT_HOLD) view->reasons[i].held = view->reasons[i].decided;
    }
}

static void add_slice(ps_view *view, const ps_view_reason *reason, ps_verdict verdict, uint64_t rows)
{
    if (rows == 0) return;
    view->slices[view->slices_count++] = (ps_view_slice){reason->info, verdict, rows, reason->found};
}

static int compare_slices(const void *left, const void *right)
{
    const ps_view_slice *a = left, *b = right;

    if (a->verdict != b->verdict) return a->verdict > b->verdict ? -1 : 1;
    if (a->rows != b->rows) return a->rows > b->rows ? -1 : 1;
    return a->info < b->info ? -1 : a->info > b->info; // the table's order is the precedence
}

static void gather_slices(ps_view *view)
{
    for (size_t i = 0; i < view->reasons_count; i++) {
        const ps_view_reason *reason = &view->reasons[i];
        uint64_t others = reason->decided - reason->held;
        add_slice(view, reason, PS_VERDICT_HELD, reason->held);
        if (reason->effect == PS_EFFECT_WINBACK) add_slice(view, reason, PS_VERDICT_WINBACK, others);
        if (reason->effect == PS_EFFECT_REMOVE) add_slice(view, reason, PS_VERDICT_REMOVED, others);
    }
    if (view->slices_count > 0) {
        qsort(view->slices, view->slices_count, sizeof view->slices[0], compare_slices);
    }
}

// Each row counts once, under the reason that decided, so these are lower bounds and never add up to more than the
// rows.
static void gather_bounces(ps_view *view)
{
    static const ps_reason bounced[] = {PS_REASON_SUPPRESSED_BOUNCE, PS_REASON_SUPPRESSED_INVALID,
                                        PS_REASON_COLUMN_BOUNCED};

    for (size_t i = 0; i < PS_COUNT_OF(bounced); i++)
        view->bounce_rows += view->run->decided[bounced[i]];
    for (size_t i = 0; i < view->slices_count; i++) {
        const ps_view_slice *slice = &view->slices[i];
        bool dead = slice->info->stage == PS_REASON_STAGE_DOMAIN && slice->verdict == PS_VERDICT_REMOVED;
        if (dead) view->dead_domain_rows += slice->rows;
    }
}

static void gather_domains(ps_view *view)
{
    const ps_run *run = view->run;
    uint64_t least = run->job->report_unmasked ? 0 : PS_VIEW_SMALL_GROUP_ROWS;

    view->other.rows = run->rows;
    memcpy(view->other.verdict, run->verdict, sizeof run->verdict);
    // Biggest first: the first small one ends the list.
    while (view->domains_shown < run->domains_count && run->domains[view->domains_shown].rows >= least) {
        const ps_run_domain *domain = &run->domains[view->domains_shown++];
        assert(domain->rows <= view->other.rows);
        view->other.rows -= domain->rows;
        for (unsigned i = 0; i < PS_VERDICT_COUNT; i++)
            view->other.verdict[i] -= domain->verdict[i];
    }
}

void ps_view_init(ps_view *out, const ps_run *run)
{
    assert(run->job != NULL);
    memset(out, 0, sizeof *out);
    out->run = run;
    gather_reasons(out);
    settle_held(out);
    gather_slices(out);
    gather_bounces(out);
    gather_domains(out);
    for (size_t i = 0; i < run->guards_count && out->fired == NULL; i++) {
        if (run->guards[i].fired && !run->guards[i].accepted) out->fired = &run->guards[i];
    }
}
