#ifndef PS_CMD_EXECUTE_H
#define PS_CMD_EXECUTE_H

// The road from a job to a published set, which `run` and `clean` share.

#include "cmd/command.h"

// Options that both commands have.
#define PS_EXECUTE_OPTIONS                                                                                              \
    {"output", 'o', PS_OPTION_TEXT, "DIR", NULL, "write the set to this folder", NULL, 0, 0},                           \
        {"as-of", 0, PS_OPTION_DATE, "DATE", NULL, "judge as of this day", NULL, 0, 0},                                 \
        {"offline", 0, PS_OPTION_FLAG, NULL, NULL, "let no packet leave this machine", NULL, 0, 0},                     \
        {"threads", 0, PS_OPTION_NUMBER, "N", NULL, "work with so many threads", NULL, 1, PS_THREADS_MAX},              \
        {"set", 0, PS_OPTION_TEXT, "PATH=VALUE", NULL, "set a key of the job, as mx.mode=off; may repeat", NULL, 0, 0}, \
        {"accept", 0, PS_OPTION_TEXT, "GUARD", NULL, "let this run pass a guard; may repeat", NULL, 0, 0},              \
    {                                                                                                                   \
        "json", 0, PS_OPTION_FLAG, NULL, NULL, "tell the result as one line of JSON", NULL, 0, 0                        \
    }

// Everything, from reading the job to telling the result. `settings` come before those of the command line.
ps_status ps_execute(ps_session *session, const char *job_file, const ps_setting *settings, size_t settings_count,
                     ps_error *err);

#endif
