// `presend winback sent DIR`: the CSV often cannot say that the win-back mail went out, so somebody tells presend.

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/remember.h"
#include "engine/published.h"

enum { OUTPUT_BYTES_MAX = 64 << 10 };

static const ps_option options[] = {
    {"at", 0, PS_OPTION_DATE, "DATE", "now", "the day on which the mail went out", NULL, 0, 0},
    {"job", 0, PS_OPTION_TEXT, "JOB.yaml", NULL, "the job that made the set, where the set was moved away", NULL, 0, 0},
    {"state", 0, PS_OPTION_TEXT, "FILE", NULL, "its state, likewise", NULL, 0, 0},
    {"json", 0, PS_OPTION_FLAG, NULL, NULL, "tell the result as one line of JSON", NULL, 0, 0},
};

// The file that the run is remembered in: as the options say, else as its manifest says.
static ps_status find_state(ps_session *session, const ps_published *set, const char **out, ps_error *err)
{
    const char *job_file = ps_arguments_value(&session->arguments, "job");
    const char *state = ps_arguments_value(&session->arguments, "state");
    const ps_config_request request = {.job_file = job_file};

    if (job_file != NULL && state != NULL) {
        return ps_error_set(err, PS_USAGE, "--job and --state both name the state: one of them is enough.");
    }
    if (job_file != NULL) {
        ps_status status = ps_config_open(&request, &session->config, err);
        if (status != PS_OK) return status;
        state = session->config.job.state;
    }
    *out = state != NULL ? state : set->state;
    if (**out != '\0') return PS_OK;
    ps_error_set(err, PS_USAGE, "The set was made by a run that is not remembered, so nobody would know of the mail.");
    ps_error_hint(err,
                  "Give `presend clean` a --state FILE, or say when the mail went out in a column winback_sent_at.");
    return PS_USAGE;
}

static ps_status take_day(const ps_arguments *arguments, const ps_store_found *run, ps_day *out, ps_error *err)
{
    const char *at = ps_arguments_value(arguments, "at");
    char made[PS_DAY_TEXT_SIZE];
    ps_zone *zone = NULL;
    ps_status status = ps_zone_new(run->timezone, &zone, err);

    if (status != PS_OK) return status;
    ps_day today = ps_zone_day(zone, ps_clock_now_s());
    ps_zone_free(zone);
    if (today < run->as_of) today = run->as_of; // a run may be judged as of a day to come
    *out = today;
    if (at != NULL && strcmp(at, "now") != 0) (void)ps_day_parse(ps_span_of(at), out); // the parser has checked it
    ps_day_text(run->as_of, made);
    if (*out < run->as_of) {
        ps_error_set(err, PS_USAGE, "--at %s: the list was made on %s, so it cannot have been mailed before.", at,
                     made);
    } else if (*out > today) {
        ps_error_set(err, PS_USAGE, "--at %s: that day is yet to come.", at);
    } else {
        return PS_OK;
    }
    ps_error_hint(err, "Name the day on which the mail went out.");
    return PS_USAGE;
}

// The state knows it: a reader that is gone does not undo that.
static void tell(ps_session *session, const ps_published *set, const ps_store_found *run, ps_day sent_at)
{
    ps_terminal *terminal = &session->terminal;
    char day[PS_DAY_TEXT_SIZE];
    ps_json json;
    ps_buf out;

    ps_day_text(sent_at, day);
    ps_buf_init(&out, OUTPUT_BYTES_MAX);
    // A later run may have replaced the set whose list was mailed.
    if (run->listed == 0) {
        ps_log(PS_LOG_WARNING, "the run of '%s' listed nobody for win-back, so no time to reply begins",
               session->arguments.operands[1]);
    }
    if (terminal->json) {
        ps_json_init(&json, &out, 0);
        ps_json_object(&json, NULL);
        ps_json_text(&json, "schema_version", "1.0");
        ps_json_text(&json, "command", "winback");
        ps_json_text(&json, "run_id", set->run_id);
        ps_json_span(&json, "directory", ps_span_of(session->arguments.operands[1]));
        ps_json_text(&json, "sent_at", day);
        ps_json_count(&json, "addresses", run->listed);
        ps_json_object_end(&json);
        ps_buf_add_char(&out, '\n');
        (void)ps_terminal_data(terminal, ps_buf_span(&out), NULL); // as said above
    } else if (!terminal->quiet && (terminal->attended || terminal->verbose)) {
        ps_buf_add_format(&out, "%llu win-back mails of %s are noted.\n", (unsigned long long)run->listed, day);
        ps_terminal_say(terminal, ps_buf_span(&out));
    }
    ps_buf_done(&out);
}

static ps_status winback(ps_session *session, ps_error *err)
{
    const char *what = session->arguments.operands[0], *state = NULL;
    ps_published set;
    ps_store *store = NULL;
    ps_store_found run;
    ps_day sent_at = PS_DAY_NONE;

    if (strcmp(what, "sent") != 0) {
        ps_error_set(err, PS_USAGE, "There is no `presend winback %s`.", what);
        ps_error_hint(err, "Did you mean `presend winback sent DIR`?");
        return PS_USAGE;
    }
    ps_status status = ps_published_read(session->arguments.operands[1], &set, err);
    if (status == PS_OK) status = find_state(session, &set, &state, err);
    if (status == PS_OK) status = ps_remember_visit(state, &store, err);
    if (status == PS_OK) status = ps_store_find(store, set.run_id, &run, err);
    if (status == PS_OK) status = take_day(&session->arguments, &run, &sent_at, err);
    if (status == PS_OK) status = ps_store_mark_sent(store, set.run_id, sent_at, err);
    if (status == PS_OK) tell(session, &set, &run, sent_at);
    ps_store_close(store);
    return status;
}

const ps_command ps_command_winback = {
    .syntax = {.name = "winback",
               .operands = "sent DIR",
               .operands_least = 2,
               .operands_most = 2,
               .summary = "Say that the win-back list of a run was mailed: the time to reply begins",
               .examples = {"presend winback sent out", "presend winback sent out --at 2026-11-21 --json"},
               .options = options,
               .options_count = PS_COUNT_OF(options)},
    .run = winback,
};
