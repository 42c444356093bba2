#include "report/json_part.h"

#include "base/clock.h"
#include "facts/date.h"

void ps_report_json_day(ps_json *json, const char *name, ps_day day)
{
    char text[PS_DAY_TEXT_SIZE];

    ps_day_text(day, text);
    ps_json_text(json, name, day == PS_DAY_NONE ? NULL : text);
}

void ps_report_json_verdicts(ps_json *json, const uint64_t verdict[PS_VERDICT_COUNT])
{
    for (unsigned i = 0; i < PS_VERDICT_COUNT; i++)
        ps_json_count(json, ps_verdict_word((ps_verdict)i), verdict[i]);
}

void ps_report_json_share(ps_json *json, const char *name, uint64_t part, uint64_t whole)
{
    ps_json_number(json, name, whole == 0 ? 0 : (double)part / (double)whole);
}

static void put_forms(ps_json *json, uint32_t forms)
{
    ps_json_array(json, "forms");
    for (unsigned form = 0; form < PS_DATE_FORM_COUNT; form++) {
        if ((forms >> form & 1) != 0) ps_json_text(json, NULL, ps_date_form_word((ps_date_form)form));
    }
    ps_json_array_end(json);
}

static void put_columns(ps_json *json, const ps_run_input *input)
{
    ps_json_array(json, "columns");
    for (size_t i = 0; i < input->columns_count; i++) {
        const ps_run_column *column = &input->columns[i];
        ps_json_object(json, NULL);
        ps_json_text(json, "column", ps_column_name(column->column));
        ps_json_count(json, "number", column->index + 1); // as people and headerless jobs count
        ps_json_text(json, "header", column->header);
        ps_json_bool(json, "declared", column->declared);
        put_forms(json, column->forms);
        ps_json_bool(json, "tracked", column->tracked);
        ps_json_count(json, "filled", column->filled);
        ps_json_count(json, "missing", column->missing);
        ps_json_count(json, "unreadable", column->unreadable);
        ps_json_count(json, "future", column->future);
        ps_report_json_day(json, "oldest", column->oldest);
        ps_report_json_day(json, "newest", column->newest);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

void ps_report_json_inputs(ps_json *json, const ps_run *run)
{
    ps_json_array(json, "inputs");
    for (size_t i = 0; i < run->inputs_count; i++) {
        const ps_run_input *input = &run->inputs[i];
        ps_json_object(json, NULL);
        ps_json_text(json, "file", input->file);
        ps_json_text(json, "role", input->role == PS_RUN_ACTIVITY ? "activity" : "recipients");
        ps_json_text(json, "encoding", input->encoding);
        ps_json_bool(json, "encoding_declared", input->encoding_declared);
        ps_json_text(json, "compression", input->compression);
        ps_json_text(json, "delimiter", input->delimiter);
        ps_json_text(json, "line_end", input->line_end);
        ps_json_bool(json, "bom", input->bom);
        ps_json_count(json, "size_bytes", input->size_bytes);
        ps_json_count(json, "rows", input->rows);
        if (input->role == PS_RUN_ACTIVITY) ps_json_count(json, "rows_matched", input->rows_matched);
        ps_json_count(json, "blank_lines", input->blank_lines);
        ps_json_text(json, "fingerprint", input->fingerprint);
        ps_json_array(json, "headers");
        for (size_t j = 0; j < input->headers_count; j++)
            ps_json_text(json, NULL, input->headers[j]);
        ps_json_array_end(json);
        put_columns(json, input);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

static void put_source_file(ps_json *json, const ps_run_source *source)
{
    ps_json_text(json, "file", ps_view_file_name(source->file));
    ps_json_text(json, "format", source->format);
    ps_json_text(json, "encoding", source->encoding);
    ps_json_count(json, "size_bytes", source->size_bytes);
    ps_json_text(json, "sha256", source->sha256);
    if (source->other_scopes > 0) ps_json_count(json, "other_scopes", source->other_scopes);
    if (source->events == 0) return;
    ps_json_count(json, "events", source->events);
    ps_json_count(json, "events_unknown", source->events_unknown);
}

// What this run's sync did is of the run: it differs from run to run where nothing else does.
static void put_source_lists(ps_json *json, const ps_run_source *source)
{
    ps_json_text(json, "account", source->account);
    ps_json_count(json, "other_scopes", source->other_scopes);
    ps_json_count(json, "expired", source->expired);
    ps_json_count(json, "allowlisted", source->allowed);
}

void ps_report_json_sources(ps_json *json, const ps_run *run)
{
    ps_json_array(json, "sources");
    for (size_t i = 0; i < run->sources_count; i++) {
        const ps_run_source *source = &run->sources[i];
        ps_json_object(json, NULL);
        ps_json_text(json, "source", source->name);
        ps_json_text(json, "type", source->type);
        if (source->file != NULL) {
            put_source_file(json, source);
        } else {
            put_source_lists(json, source);
        }
        ps_json_object(json, "entries");
        for (unsigned class = 0; class < PS_CLASS_COUNT; class ++) {
            if (class == PS_CLASS_VERIFIED && source->entries[class] == 0) continue; // of one kind of file alone
            ps_json_count(json, ps_class_word((ps_class) class), source->entries[class]);
        }
        ps_json_object_end(json);
        ps_json_count(json, "addresses", source->addresses);
        ps_json_count(json, "domains", source->domains);
        ps_json_count(json, "unreadable", source->unreadable);
        ps_json_count(json, "other_brands", source->other_brands);
        ps_json_text(json, "accepted", source->accepted == NULL ? "" : source->accepted);
        ps_json_count(json, "rows_matched", source->rows_matched);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

void ps_report_json_domains(ps_json *json, const ps_view *view)
{
    const ps_run *run = view->run;

    ps_json_object(json, "domains");
    ps_json_count(json, "distinct", run->domains_distinct);
    ps_json_count(json, "rows_least", run->job->report_unmasked ? 0 : PS_VIEW_SMALL_GROUP_ROWS);
    ps_json_array(json, "biggest");
    for (size_t i = 0; i < view->domains_shown; i++) {
        ps_json_object(json, NULL);
        ps_json_text(json, "domain", run->domains[i].domain);
        ps_json_count(json, "rows", run->domains[i].rows);
        ps_report_json_verdicts(json, run->domains[i].verdict);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
    ps_json_object(json, "other"); // rows without a usable domain too: nothing is left out
    ps_json_count(json, "rows", view->other.rows);
    ps_report_json_verdicts(json, view->other.verdict);
    ps_json_object_end(json);
    ps_json_object_end(json);
}

void ps_report_json_engagement(ps_json *json, const ps_run *run)
{
    static const char *const tiers[] = {"not_judged", "active", "active_open_only", "cooling"};

    ps_json_object(json, "engagement");
    ps_json_bool(json, "applied", run->job->engagement.applied);
    ps_json_object(json, "clean_rows");
    for (size_t i = 0; i < PS_COUNT_OF(tiers); i++)
        ps_json_count(json, tiers[i], run->tier[i]);
    ps_json_object_end(json);
    ps_json_object(json, "found");
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (table[i].stage != PS_REASON_STAGE_ENGAGE || run->found[table[i].reason] == 0) continue;
        // never_mailed is a note or a hold by age: one state, one member.
        if (table[i].reason == PS_REASON_NEVER_MAILED && run->found[PS_REASON_NEVER_MAILED_OLD] > 0) continue;
        uint64_t rows = run->found[table[i].reason];
        if (table[i].reason == PS_REASON_NEVER_MAILED_OLD) rows += run->found[PS_REASON_NEVER_MAILED];
        ps_json_count(json, table[i].wire, rows);
    }
    ps_json_object_end(json);
    ps_json_object_end(json);
}

void ps_report_json_dns(ps_json *json, const ps_run *run)
{
    const ps_run_mx *mx = &run->mx;
    int32_t age = ps_view_age(run, mx->snapshot_oldest);

    ps_json_object(json, "dns");
    ps_json_text(json, "mode", ps_view_mx_word(mx->mode));
    ps_json_count(json, "domains", mx->domains);
    ps_json_count(json, "deliverable", mx->deliverable);
    ps_json_count(json, "no_mail", mx->no_mail);
    ps_json_count(json, "unknown", mx->unknown);
    ps_json_count(json, "not_checked", mx->not_checked);
    ps_json_count(json, "stale", mx->stale);
    if (mx->snapshot != NULL) {
        ps_json_object(json, "snapshot");
        ps_json_text(json, "file", ps_view_file_name(mx->snapshot));
        ps_report_json_day(json, "oldest", mx->snapshot_oldest);
        ps_report_json_day(json, "newest", mx->snapshot_newest);
        if (age < 0) ps_json_null(json, "age_days");
        if (age >= 0) ps_json_int(json, "age_days", age);
        ps_json_object_end(json);
    } else {
        ps_json_null(json, "snapshot");
    }
    ps_json_object_end(json);
}

void ps_report_json_operators(ps_json *json, const ps_run *run)
{
    ps_json_array(json, "operators");
    for (size_t i = 0; i < run->operators_count; i++) {
        const ps_run_operator *taker = &run->operators[i];
        ps_json_object(json, NULL);
        ps_json_text(json, "operator", taker->name);
        ps_json_text(json, "kind", taker->kind);
        ps_json_text(json, "region", taker->region);
        ps_json_count(json, "domains", taker->domains);
        ps_json_count(json, "rows", taker->rows);
        ps_report_json_verdicts(json, taker->verdict);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

// What would have become of the rows, had another policy decided.
static void put_policies(ps_json *json, const ps_run *run)
{
    ps_json_array(json, "policies");
    for (size_t i = 0; i < run->policies_count; i++) {
        ps_json_object(json, NULL);
        ps_json_text(json, "policy", run->policies[i].policy->name);
        ps_json_object(json, "windows");
        ps_report_json_windows(json, &run->policies[i].policy->engagement);
        ps_json_object_end(json);
        ps_json_object(json, "rows");
        ps_report_json_verdicts(json, run->policies[i].verdict);
        ps_json_object_end(json);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

// Against the limits of Amazon SES's reputation pages: review from 5 % on, a pause at 10 %.
void ps_report_json_projections(ps_json *json, const ps_view *view)
{
    uint64_t rows = view->bounce_rows + view->dead_domain_rows;

    ps_json_object(json, "projections");
    ps_json_object(json, "bounces_avoided");
    ps_json_count(json, "bounced_before", view->bounce_rows);
    ps_json_count(json, "domain_without_mail", view->dead_domain_rows);
    ps_report_json_share(json, "share", rows, view->run->rows);
    ps_json_number(json, "ses_review", 0.05);
    ps_json_number(json, "ses_pause", 0.1);
    ps_json_object_end(json);
    put_policies(json, view->run);
    ps_json_object_end(json);
}
