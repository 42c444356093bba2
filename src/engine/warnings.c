// What the user must know although the run went through.

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "engine/account.h"

enum {
    WARNINGS_MAX = 64,
    SOURCE_OLD_DAYS = 35, // an export older than a monthly routine is a forgotten one
    SNAPSHOT_OLD_DAYS = 30 // domains come and go
};

void ps_account_warn(ps_account *account, const char *code, bool headline, const char *format, ...)
{
    ps_run *run = account->run;
    char text[512];
    va_list arguments;

    if (run->warnings == NULL) run->warnings = ps_arena_take(&run->arena, WARNINGS_MAX * sizeof *run->warnings);
    if (run->warnings_count == WARNINGS_MAX) return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    run->warnings[run->warnings_count++] = (ps_run_warning){
        .code = code, .headline = headline, .text = ps_arena_copy(&run->arena, ps_span_of(text)).bytes};
}

static void warn_suppression(ps_account *account)
{
    const ps_run *run = account->run;

    if (run->job->service) {
        ps_account_warn(
            account, "service", true,
            "The list is for service mail: no advertising may be sent to it, since unsubscribes and opt-outs "
            "were not applied.");
    }
    if (run->job->suppressions_none) {
        ps_account_warn(account, "no_suppression", true, "No suppression list was checked.");
    }
    for (size_t i = 0; i < run->sources_count; i++) {
        const ps_run_source *source = &run->sources[i];
        int64_t age = run->job->as_of - (int64_t)(source->modified_s / 86400);
        bool own = i < run->job->sources_count && run->job->sources[i].max_age_s > 0;
        int64_t old = own ? run->job->sources[i].max_age_s / 86400 : SOURCE_OLD_DAYS;
        if (source->file != NULL && age > old) {
            ps_account_warn(account, "old_source", true, "The file of suppression source %s is %" PRId64 " days old.",
                            source->name, age);
        }
        if (source->outage) {
            ps_account_warn(
                account, "source_outage", true,
                "%s was out of reach, so its lists are as they were whole last: whoever left since then may "
                "still be among the clean rows.",
                source->name);
        }
        if (source->held_back > 0) {
            ps_account_warn(account, "lift", true,
                            "%" PRIu64 " bounces vanished from the lists of %s at once, and stay suppressed until "
                            "somebody looks; if that is right: --accept %s:lift",
                            source->held_back, source->name, source->name);
        }
        if (source->warning != NULL) ps_account_warn(account, "source", true, "%s: %s", source->name, source->warning);
        if (source->note != NULL) {
            ps_account_warn(account, "source_note", false, "%s: %s", source->name, source->note);
        }
        if (source->events_unknown > 0) {
            ps_account_warn(account, "unknown_events", true,
                            "Among the events of suppression source %s are some of kinds that are not known (%" PRIu64
                            ", the first in line %" PRIu64 "): nobody is suppressed by them.",
                            source->name, source->events_unknown, source->first_unknown);
        }
        if (source->accepted != NULL) {
            ps_account_warn(account, "accepted", true, "For suppression source %s this run passed: %s.", source->name,
                            source->accepted);
        }
        if (source->unmatched > 0) {
            ps_account_warn(account, "unmatched_entries", false,
                            "Entries of suppression source %s with an address that nobody can have, so that they match "
                            "nobody: %" PRIu64 ".",
                            source->name, source->unmatched);
        }
        if (source->unreadable > 0) {
            ps_account_warn(account, "unreadable_entries", false,
                            "Entries of suppression source %s that are no addresses and match nobody: %" PRIu64 ".",
                            source->name, source->unreadable);
        }
    }
}

static void warn_snapshot(ps_account *account)
{
    const ps_run_mx *mx = &account->run->mx;
    char oldest[PS_DAY_TEXT_SIZE];

    if (mx->snapshot_oldest == PS_DAY_NONE) {
        ps_account_warn(account, "snapshot_undated", false,
                        "The MX snapshot does not say when its domains were checked.");
        return;
    }
    ps_day_text(mx->snapshot_oldest, oldest);
    int32_t age = account->run->job->as_of - mx->snapshot_oldest;
    ps_account_warn(account, "mx_snapshot", age > SNAPSHOT_OLD_DAYS,
                    "Domains were judged by an MX snapshot, not by DNS; its oldest entry is of %s (%" PRId32
                    " %s old).",
                    oldest, age, age == 1 ? "day" : "days");
}

static void warn_trust(ps_account *account)
{
    static const char *const wrongs[] = {
        [PS_MX_TRUST_UNSURE] = "did not know names that everybody knows, or stopped answering",
        [PS_MX_TRUST_LIES] = "had addresses for names that do not exist",
    };
    ps_mx_trust trust = account->run->mx.trust;

    if (trust == PS_MX_TRUST_GOOD) return;
    ps_account_warn(account, "dns_not_trusted", true,
                    "The DNS resolvers %s: domains that only they say are not there count as unknown. Another one can "
                    "be named in the job file: mx: {resolvers: [ADDRESS]}.",
                    wrongs[trust]);
}

static void warn_mx(ps_account *account)
{
    const ps_run *run = account->run;

    switch (run->job->mx_mode) {
    case PS_MX_OFF:
        ps_account_warn(account, "mx_off", true, "Domains were not checked for mail servers.");
        break;
    case PS_MX_SNAPSHOT:
        warn_snapshot(account);
        break;
    case PS_MX_OFFLINE:
        ps_account_warn(account, "mx_offline", true,
                        "DNS was not asked: earlier answers are known of %" PRIu64 " of %" PRIu64 " domains.",
                        run->mx.domains - run->mx.not_checked, run->mx.domains);
        break;
    case PS_MX_LIVE:
        break;
    }
    warn_trust(account);
    if (run->mx.spoofed > 0) {
        ps_account_warn(account, "dns_spoofed", true,
                        "DNS queries that somebody on the way tried to answer in the resolver's place: %" PRIu64
                        ". They were asked again by TCP, where that does not work.",
                        run->mx.spoofed);
    }
    uint64_t unchecked = run->found[PS_REASON_NOT_CHECKED];
    if (run->job->mx_mode != PS_MX_OFF && unchecked > 0) {
        ps_account_warn(account, "mx_not_checked", false, "Rows whose domain was not looked up: %" PRIu64 ".",
                        unchecked);
    }
}

// Columns whose empty cells would say that nothing happened. Most people never sign up twice or are won back.
static bool proves_absence(ps_column column)
{
    ps_signal signal = ps_signal_of(column);

    return signal != PS_SIGNAL_COUNT && signal != PS_SIGNAL_SIGNUP && signal != PS_SIGNAL_RESUBSCRIBED &&
           signal != PS_SIGNAL_WINBACK_SENT;
}

static void warn_columns(ps_account *account)
{
    const ps_run *run = account->run;

    for (size_t i = 0; i < run->inputs_count; i++) {
        for (size_t c = 0; c < run->inputs[i].columns_count; c++) {
            const ps_run_column *column = &run->inputs[i].columns[c];
            if (column->unreadable > 0) {
                ps_account_warn(account, "dates", false, "Dates of the column \"%s\" that cannot be read: %" PRIu64 ".",
                                column->header, column->unreadable);
            }
            if (column->future > 0) {
                ps_account_warn(account, "future_dates", false,
                                "Dates of the column \"%s\" that lie in the future and count as missing: %" PRIu64 ".",
                                column->header, column->future);
            }
            bool wanted = run->job->engagement.applied && run->rows > 0 && proves_absence(column->column);
            if (wanted && !column->tracked) {
                ps_account_warn(
                    account, "not_tracked", false,
                    "The column \"%s\" is filled too rarely or ends too early to prove that somebody is inactive.",
                    column->header);
            }
        }
    }
}

static void warn_imports(ps_account *account)
{
    const ps_facts *facts = account->survey->facts;

    for (size_t i = 0; facts != NULL && i < facts->import_days_count; i++) {
        char day[PS_DAY_TEXT_SIZE];
        ps_day_text(facts->import_days[i], day);
        ps_account_warn(account, "import_date", false,
                        "%" PRIu32 " sign-ups lie on %s: that is the day of an import, and not used as a sign-up.",
                        account->survey->signups[facts->import_days[i]], day);
    }
}

static uint64_t judged_rows(const ps_run *run)
{
    uint64_t rows = 0;
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count);

    for (size_t i = 0; i < count; i++) {
        if (table[i].stage == PS_REASON_STAGE_ENGAGE) rows += run->found[table[i].reason];
    }
    return rows;
}

// A job that prunes the inactive, and a file that cannot say who they are.
static void warn_unmeasured(ps_account *account)
{
    const ps_run *run = account->run;
    uint64_t rows = run->found[PS_REASON_NO_ENGAGEMENT_DATA];

    if (!run->job->engagement.applied || rows == 0) return;
    if (rows == judged_rows(run)) {
        ps_account_warn(account, "unmeasured", true,
                        "Nobody was judged inactive: no column shows well enough who clicked, logged in, bought, "
                        "replied or opened.");
        return;
    }
    ps_account_warn(account, "unmeasured", false,
                    "Rows that nothing is known of, so that nobody can say whether they are inactive: %" PRIu64 ".",
                    rows);
}

static void warn_doubts(ps_account *account)
{
    const ps_run_doubts *doubts = &account->run->doubts;

    if (doubts->replies_alone > 0) {
        ps_account_warn(account, "reply_alone", false,
                        "Answers to a win-back mail that no column says was sent, taken as signs of life: %" PRIu64 ".",
                        doubts->replies_alone);
    }
    if (doubts->replies_early > 0) {
        ps_account_warn(account, "reply_early", false,
                        "Answers from before the win-back mail, which do not count as its answer: %" PRIu64 ".",
                        doubts->replies_early);
    }
    if (doubts->returned > 0) {
        ps_account_warn(account, "returned", false,
                        "Rows that a list has as unsubscribed and that opted in again later: %" PRIu64
                        ". They stay left out until the list lets go of them.",
                        doubts->returned);
    }
}

static void warn_rows(ps_account *account)
{
    const ps_run *run = account->run;

    if (run->rows == 0) ps_account_warn(account, "no_rows", true, "The recipient file holds a header only.");
    for (size_t i = 0; i < run->inputs_count; i++) {
        if (run->inputs[i].blank_lines > 0) {
            ps_account_warn(account, "blank_lines", false, "Empty lines of %s, which are no records: %" PRIu64 ".",
                            run->inputs[i].file, run->inputs[i].blank_lines);
        }
    }
    if (run->formula_rows > 0) {
        ps_account_warn(account, "formulas", false,
                        "Rows that go out with a cell that a spreadsheet would run as a formula: %" PRIu64 ".",
                        run->formula_rows);
    }
}

static void warn_characters(ps_account *account)
{
    const ps_run *run = account->run;
    bool utf8 = run->job->output_encoding == PS_ENCODING_UTF8;

    if (run->characters_lost == 0) return;
    ps_account_warn(account, "characters_lost", false,
                    utf8 ? "Bytes that are no text, written as U+FFFD in the lists: %" PRIu64 "."
                         : "Characters that CP932 lacks, written as ? in the lists: %" PRIu64 ".",
                    run->characters_lost);
}

static void warn_activity(ps_account *account)
{
    for (size_t i = 0; i < account->activities->count; i++) {
        const ps_activity_file *file = &account->activities->files[i];
        if (file->damaged == 0) continue;
        ps_account_warn(account, "activity_damaged", false,
                        "%" PRIu64 " of %" PRIu64 " rows of %s have too few or too many cells and say nothing.",
                        file->damaged, file->rows, account->run->inputs[account->inputs->count + i].file);
    }
}

void ps_account_warnings(ps_account *account)
{
    warn_suppression(account);
    warn_mx(account);
    warn_columns(account);
    warn_imports(account);
    warn_activity(account);
    warn_unmeasured(account);
    warn_doubts(account);
    warn_rows(account);
    warn_characters(account);
    if (!ps_set_exchanges(account->engine->set)) {
        ps_account_warn(
            account, "no_exchange", false,
            "The file system cannot exchange folders: the set was replaced file by file, its manifest last.");
    }
}
