#ifndef PS_TEST_REPORT_RUN_TYPE_H
#define PS_TEST_REPORT_RUN_TYPE_H

// A run and all that it points to, for tests that make one by hand.

#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "presend/run.h"

typedef struct report_run {
    ps_run run;
    ps_job job;
    ps_recipients recipients[1];
    ps_source_config configs[3];
    ps_run_input inputs[2];
    ps_run_column columns[8];
    ps_run_source sources[3];
    ps_run_domain domains[7];
    ps_run_operator operators[3];
    ps_run_sample samples[4];
    ps_run_guard guards[3];
    ps_run_warning warnings[4];
    ps_run_data_list lists[2];
    ps_run_output outputs[PS_VERDICT_COUNT];
    const char *headers[5];
    const char *accepted[1];
} report_run;

#endif
