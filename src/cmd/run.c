#include "base/limits.h"
#include "cmd/execute.h"

static const ps_option options[] = {PS_EXECUTE_OPTIONS};

static ps_status run(ps_session *session, ps_error *err)
{
    return ps_execute(session, session->arguments.operands[0], NULL, 0, err);
}

const ps_command ps_command_run = {
    .syntax = {.name = "run",
               .operands = "JOB.yaml",
               .operands_least = 1,
               .operands_most = 1,
               .summary = "Run a job: recipients in, the list that is safe to send to and its report out",
               .examples = {"presend run campaign.yaml",
                            "presend run campaign.yaml --offline --as-of 2026-11-21 -o out"},
               .options = options,
               .options_count = PS_COUNT_OF(options)},
    .run = run,
};
