#include "cmd/execute.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "cmd/metrics.h"
#include "cmd/mx.h"
#include "cmd/outcome.h"
#include "cmd/remember.h"
#include "cmd/sources.h"
#include "engine/engine.h"
#include "report/report.h"

enum { REPORT_BYTES_MAX = 64 << 20 };

// What one run holds; all of it is given back by close_execution.
typedef struct execution {
    ps_session *session;
    const ps_job *job;
    ps_setting *settings;
    const char **accepted;
    ps_address_rules *rules;
    ps_sources sources;
    ps_mx mx;
    ps_remember remember;
    ps_set *set;
    ps_run run;
} execution;

static ps_status check_stop(const ps_session *session, ps_error *err)
{
    int number = *session->stop;

    if (number == 0) return PS_OK;
    ps_status status = number == SIGINT ? PS_INTERRUPTED : PS_TERMINATED;
    ps_error_set(err, status, "Stopped by a signal; nothing was published.");
    ps_error_hint(err, "Run the same command again: it starts over.");
    return status;
}

// The options that stand for keys of the job, in the order of the command line.
static const struct {
    const char *name, *option, *path;
} setting_options[] = {
    {"output", "--output", "output.directory"}, {"as-of", "--as-of", "as_of"}, {"set", "--set", NULL}};

static size_t take_settings(const ps_arguments *arguments, ps_setting *out)
{
    size_t count = 0;

    for (size_t i = 0; i < arguments->count; i++) {
        for (size_t s = 0; s < PS_COUNT_OF(setting_options); s++) {
            if (strcmp(arguments->items[i].option->name, setting_options[s].name) != 0) continue;
            out[count++] = (ps_setting){setting_options[s].option, setting_options[s].path, arguments->items[i].value};
        }
    }
    return count;
}

static size_t take_accepted(const ps_arguments *arguments, const char **out)
{
    size_t count = 0;

    for (size_t i = 0; i < arguments->count; i++) {
        if (strcmp(arguments->items[i].option->name, "accept") == 0) out[count++] = arguments->items[i].value;
    }
    return count;
}

static ps_status open_job(execution *x, const char *job_file, const ps_setting *settings, size_t settings_count,
                          ps_error *err)
{
    const ps_arguments *arguments = &x->session->arguments;
    const char *threads = ps_arguments_value(arguments, "threads");
    ps_config_request request = {.job_file = job_file, .offline = ps_arguments_has(arguments, "offline")};

    x->settings = ps_memory_new(settings_count + arguments->count, sizeof *x->settings, err);
    x->accepted = ps_memory_new(arguments->count, sizeof *x->accepted, err);
    if (x->settings == NULL || x->accepted == NULL) return PS_RETRY;
    for (size_t i = 0; i < settings_count; i++)
        x->settings[i] = settings[i];
    request.settings = x->settings;
    request.settings_count = settings_count + take_settings(arguments, x->settings + settings_count);
    request.accepted = x->accepted;
    request.accepted_count = take_accepted(arguments, x->accepted);
    request.threads = threads == NULL ? 0 : (unsigned)strtoul(threads, NULL, 10);
    ps_status status = ps_config_open(&request, &x->session->config, err);
    if (status == PS_OK) x->job = &x->session->config.job;
    return status;
}

// A run that waits for somebody to type a campaign looks as if it hung.
static ps_status check_keyboard(const ps_job *job, ps_error *err)
{
    for (size_t i = 0; i < job->recipients_count; i++) {
        if (strcmp(job->recipients[i].file, "-") != 0 || isatty(STDIN_FILENO) != 1) continue;
        ps_error_set(err, PS_USAGE, "The recipients would be read from standard input, but that is the keyboard.");
        ps_error_hint(err, "Name a file, or send the recipients in: other-program | presend ...");
        return PS_USAGE;
    }
    return PS_OK;
}

static ps_status open_rules(execution *x, ps_error *err)
{
    const ps_address_options options = {
        .legacy_carrier_quoted = x->job->legacy_carrier_quoted,
        .special_use_all = x->job->special_use_all,
        .special_use = x->job->special_use,
        .special_use_count = x->job->special_use_count,
    };

    return ps_address_rules_new(&options, &x->rules, err);
}

static ps_status open_sources(execution *x, ps_error *err)
{
    x->sources = (ps_sources){.session = x->session, .job = x->job, .remember = &x->remember, .rules = x->rules};
    ps_status status = ps_sources_open(&x->sources, err);
    x->sources.rules = NULL;
    // Of most domains of the rows they have learnt from the lists; with too many others, they would learn no more.
    if (!ps_address_rules_have_room(x->rules)) {
        ps_address_rules_free(x->rules);
        x->rules = NULL;
    }
    if (status == PS_OK && x->sources.set != NULL) ps_suppression_seal(x->sources.set);
    ps_memory_trim();
    return status;
}

static ps_status open_mx(execution *x, ps_error *err)
{
    ps_status status = ps_mx_open(x->job, x->remember.store, &x->mx, err);

    ps_mx_show_progress(&x->mx, &x->session->terminal);
    return status;
}

static ps_status run_engine(execution *x, ps_error *err)
{
    const ps_engine engine = {
        .job = x->job,
        .suppression = x->sources.set,
        .address_rules = x->rules,
        .sources = x->sources.items,
        .sources_count = x->job->sources_count,
        .guards = x->sources.guards,
        .guards_count = x->sources.guards_count,
        .resolver = ps_mx_resolver(&x->mx),
        .past = ps_mx_past(&x->mx),
        .domains = &x->mx.domains,
        .listings = x->remember.store == NULL ? NULL : &x->remember.listings,
        .listed = x->remember.store == NULL ? NULL : &x->remember.listed,
        .history = x->remember.store == NULL ? NULL : &x->remember.history,
        .state = x->remember.store == NULL ? NULL : ps_store_path(x->remember.store),
        .set = x->set,
        .progress = ps_terminal_progress,
        .progress_context = &x->session->terminal,
        .stop = x->session->stop,
    };

    return ps_engine_run(&engine, &x->run, err);
}

static void add_file_text(ps_span text, ps_buf *out)
{
    ps_buf_add_span(out, text);
    if (text.len > 0 && text.bytes[text.len - 1] != '\n') ps_buf_add_char(out, '\n');
}

// The job file as it is written, below it the files that it includes, and what the command line changed.
static void add_job_text(const execution *x, ps_buf *out)
{
    ps_span text = x->session->config.file.text;
    const ps_arguments *arguments = &x->session->arguments;

    if (text.len == 0) return;
    add_file_text(text, out);
    for (size_t i = 0; i < x->session->config.included_count; i++) {
        const ps_config_text *included = &x->session->config.included[i];
        ps_buf_add_text(out, "# included: ");
        ps_add_visible(out, ps_span_of(included->name));
        ps_buf_add_char(out, '\n');
        add_file_text(included->text, out);
    }
    for (size_t i = 0; i < arguments->count; i++) {
        const char *name = arguments->items[i].option->name;
        bool changes = strcmp(name, "set") == 0 || strcmp(name, "as-of") == 0 || strcmp(name, "offline") == 0;
        if (!changes) continue;
        ps_buf_add_format(out, "# on the command line: --%s", name);
        if (arguments->items[i].value != NULL) ps_buf_add_format(out, " %s", arguments->items[i].value);
        ps_buf_add_char(out, '\n');
    }
}

static ps_status write_reports(execution *x, ps_error *err)
{
    ps_buf json, html, job_text;
    ps_status status;

    ps_buf_init(&json, REPORT_BYTES_MAX);
    ps_buf_init(&html, REPORT_BYTES_MAX);
    ps_buf_init(&job_text, REPORT_BYTES_MAX);
    add_job_text(x, &job_text);
    status = ps_buf_status(&job_text, "the job text", err);
    if (status == PS_OK) status = ps_report_json(&x->run, &json, err);
    if (status == PS_OK) status = ps_set_put(x->set, "report.json", ps_buf_span(&json), err);
    if (status == PS_OK) status = ps_report_html(&x->run, ps_buf_span(&job_text), &html, err);
    if (status == PS_OK) status = ps_set_put(x->set, "report.html", ps_buf_span(&html), err);
    ps_buf_done(&json);
    ps_buf_done(&html);
    ps_buf_done(&job_text);
    return status;
}

static ps_status keep_back(execution *x, const ps_run_guard *guard, ps_error *err)
{
    const char *directory = x->job->output_directory;
    ps_status status = ps_set_keep_pending(x->set, &x->run, err);

    if (status != PS_OK) return status;
    ps_error_set(err, PS_GUARD, "The guard %s kept the set back: %s.", guard->name, guard->text);
    ps_error_where(err, "%s.pending", directory);
    ps_error_hint(err,
                  "Read %s.pending/report.html. If it is right, `presend approve %s` publishes these very files "
                  "within 24 hours, and `--accept %s` lets one run pass.",
                  directory, directory, guard->name);
    return PS_GUARD;
}

static ps_status publish(execution *x, ps_error *err)
{
    const ps_run_guard *guard = ps_run_fired(&x->run);
    x->remember.domains = ps_mx_seen(&x->mx);
    ps_status status = ps_remember_prepare(&x->remember, &x->run, err);

    if (status != PS_OK) return status;
    if (guard != NULL) return keep_back(x, guard, err);
    for (size_t i = 0; i < x->run.guards_count; i++) {
        if (x->run.guards[i].fired) ps_log(PS_LOG_WARNING, "accepted: %s", x->run.guards[i].text);
    }
    status = ps_mx_save(&x->mx, err);
    if (status == PS_OK) status = ps_set_publish(x->set, &x->run, err);
    if (status != PS_OK) return status;
    ps_remember_settle(x->remember.store, x->run.id);
    ps_mx_settle(&x->mx);
    return PS_OK;
}

// The set stands: from here on nothing fails the run, for anything but 0 says that nothing was published.
static void tell(execution *x)
{
    ps_terminal *terminal = &x->session->terminal;
    bool for_people = !terminal->json && !terminal->quiet && (terminal->attended || terminal->verbose);
    bool as_log = terminal->log_json && !terminal->json;
    ps_error err = {.status = PS_OK};
    ps_status status = PS_OK;
    ps_buf out;

    ps_buf_init(&out, REPORT_BYTES_MAX);
    if (terminal->json) {
        ps_outcome_json(x->session->syntax->name, &x->run, &out);
        status = ps_terminal_data(terminal, ps_buf_span(&out), &err);
    } else if (as_log) {
        ps_log(PS_LOG_INFO, "published %s: %llu rows in, %llu clean", x->job->output_directory,
               (unsigned long long)x->run.rows, (unsigned long long)x->run.verdict[PS_VERDICT_CLEAN]);
    } else if (for_people) {
        status = ps_report_summary(&x->run, terminal->color, terminal->width, &out, &err);
        ps_buf_add_text(&out, "\nThe set is in ");
        ps_add_visible(&out, ps_span_of(x->job->output_directory));
        ps_buf_add_text(&out, "; its report is report.html there.\n");
        if (status == PS_OK) ps_terminal_say(terminal, ps_buf_span(&out));
    }
    if (status != PS_OK) ps_log(PS_LOG_WARNING, "the set is published, but could not be told: %s", err.text);
    ps_buf_done(&out);
}

static void close_execution(execution *x)
{
    ps_run_done(&x->run);
    ps_set_close(x->set);
    ps_mx_close(&x->mx);
    ps_remember_close(&x->remember);
    ps_address_rules_free(x->rules);
    ps_sources_close(&x->sources);
    ps_memory_free(x->settings);
    ps_memory_free(x->accepted);
}

ps_status ps_execute(ps_session *session, const char *job_file, const ps_setting *settings, size_t settings_count,
                     ps_error *err)
{
    execution x = {.session = session};
    ps_status status = open_job(&x, job_file, settings, settings_count, err);

    if (status == PS_OK) status = check_keyboard(x.job, err);
    if (status == PS_OK) status = ps_metrics_check(x.job, err);
    if (status == PS_OK) status = ps_remember_open(x.job, &x.remember, err);
    if (status == PS_OK) status = open_rules(&x, err);
    if (status == PS_OK) status = open_sources(&x, err);
    if (status == PS_OK) status = ps_set_open(x.job->output_directory, &x.set, err);
    if (status == PS_OK) status = open_mx(&x, err);
    if (status == PS_OK) status = run_engine(&x, err);
    if (status == PS_OK) status = write_reports(&x, err);
    if (status == PS_OK) status = check_stop(session, err);
    if (status == PS_OK) status = publish(&x, err);
    if (status == PS_OK) tell(&x);
    if (x.job != NULL) ps_metrics_write(x.job, &x.run, status);
    close_execution(&x);
    return status;
}
