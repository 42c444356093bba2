#ifndef PS_REPORT_REPORT_H
#define PS_REPORT_REPORT_H

// What a run did, told four ways. Each appends to `out`, reads nothing but its arguments, and gives the same bytes for
// the same run; PS_RETRY without memory, PS_BUG over the ceiling of `out`.

#include <stdbool.h>

#include "base/buf.h"
#include "presend/run.h"
#include "presend/span.h"
#include "presend/status.h"

// report.json, by schemas/report.schema.json. Only its member `run` differs between runs over the same input.
ps_status ps_report_json(const ps_run *run, ps_buf *out, ps_error *err);

// report.html: one file without outside resources. `job_text` is the job file as written, empty for `clean`.
ps_status ps_report_html(const ps_run *run, ps_span job_text, ps_buf *out, ps_error *err);

// What a monitoring system wants to know of the last run.
typedef struct ps_metrics {
    const char *config; // which job
    const ps_run *run; // NULL: it did not get through all rows
    int exit_code;
    int64_t ended_s; // the machine's clock
    int64_t succeeded_s; // of the last run that was published; 0: of none it is known
} ps_metrics;

// Gauges in Prometheus' text format.
ps_status ps_report_metrics(const ps_metrics *metrics, ps_buf *out, ps_error *err);

// The summary for a terminal of `width` columns (0: 80): at most 24 lines, ASCII but for what the run's own texts hold.
// `color` adds ANSI colours, which say nothing that the words do not.
ps_status ps_report_summary(const ps_run *run, bool color, unsigned width, ps_buf *out, ps_error *err);

#endif
