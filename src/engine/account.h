#ifndef PS_ENGINE_ACCOUNT_H
#define PS_ENGINE_ACCOUNT_H

// From what the passes gathered to what the report says: inputs, counts, guards and warnings.

#include "engine/activity.h"
#include "engine/engine.h"
#include "engine/survey.h"

// All that one run knows of itself, for the writers of the account.
typedef struct ps_account {
    const ps_engine *engine;
    const ps_inputs *inputs;
    const ps_survey *survey; // its rows are 0 when there was none
    const ps_activities *activities;
    ps_tally *tally;
    const ps_domains *domains; // NULL: MX off
    ps_run *run;
    size_t warnings_capacity;
    struct ps_big_domain {
        ps_domain_count count;
        char *name; // where its name is kept
    } biggest[PS_REPORT_DOMAINS_MAX]; // the domains with most rows, as many as the report lists
    size_t biggest_count;
    char biggest_names[PS_REPORT_DOMAINS_MAX][PS_ADDRESS_BYTES_MAX]; // in no order
} ps_account;

// Who ran: id, times, threads; before the first pass.
ps_status ps_account_begin(const ps_engine *engine, ps_run *run, ps_error *err);

// The files and what their columns were taken for.
void ps_account_inputs(ps_account *account);

// Sums of the tally: verdicts, reasons, sources, domains. PS_BUG when rows in are not clean + winback + held + removed.
ps_status ps_account_counts(ps_account *account, ps_error *err);

// Share guards, and what the user must know.
void ps_account_guards(ps_account *account);
void ps_account_warnings(ps_account *account);

// Add a warning; `format` gives one sentence.
void ps_account_warn(ps_account *account, const char *code, bool headline, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
