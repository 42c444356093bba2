#include <stdio.h>

#include "base/json_write.h"
#include "cmd/command.h"
#include "cmd/metrics.h"
#include "cmd/remember.h"

enum { OUTPUT_BYTES_MAX = 64 << 10 };

static const ps_option options[] = {
    {"json", 0, PS_OPTION_FLAG, NULL, NULL, "tell the result as one line of JSON", NULL, 0, 0},
};

// The set stands: a reader that is gone does not undo it.
static void tell(ps_session *session, const char *directory)
{
    ps_terminal *terminal = &session->terminal;
    ps_json json;
    ps_buf out;

    ps_buf_init(&out, OUTPUT_BYTES_MAX);
    if (terminal->json) {
        ps_json_init(&json, &out, 0);
        ps_json_object(&json, NULL);
        ps_json_text(&json, "schema_version", "1.0");
        ps_json_text(&json, "command", "approve");
        ps_json_span(&json, "directory", ps_span_of(directory));
        ps_json_object_end(&json);
        ps_buf_add_char(&out, '\n');
        (void)ps_terminal_data(terminal, ps_buf_span(&out), NULL); // as said above
    } else if (!terminal->quiet && (terminal->attended || terminal->verbose)) {
        ps_buf_add_format(&out, "%s is published.\n", directory);
        ps_terminal_say(terminal, ps_buf_span(&out));
    }
    ps_buf_done(&out);
}

typedef struct approval {
    ps_store *store; // that the run is remembered in, open while its set is published
    char run_id[37], metrics[PATH_MAX];
} approval;

static ps_status prepare(void *context, const ps_waiting *set, ps_error *err)
{
    approval *a = context;

    snprintf(a->run_id, sizeof a->run_id, "%s", set->run_id);
    snprintf(a->metrics, sizeof a->metrics, "%s", set->metrics);
    return *set->state == '\0' ? PS_OK : ps_remember_visit(set->state, &a->store, err);
}

static ps_status approve(ps_session *session, ps_error *err)
{
    const char *directory = session->arguments.operands[0];
    approval a = {.store = NULL};
    const ps_approver approver = {prepare, &a};
    ps_status status = ps_set_approve(directory, &approver, err);

    if (status == PS_OK) {
        ps_remember_settle(a.store, a.run_id);
        ps_metrics_approve(directory, a.metrics);
        tell(session, directory);
    }
    ps_store_close(a.store);
    return status;
}

const ps_command ps_command_approve = {
    .syntax = {.name = "approve",
               .operands = "DIR",
               .operands_least = 1,
               .operands_most = 1,
               .summary = "Publish the set that a guard kept back, if nothing it was made from has changed",
               .examples = {"presend approve out", "presend approve out --json"},
               .options = options,
               .options_count = PS_COUNT_OF(options)},
    .run = approve,
};
