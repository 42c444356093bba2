#ifndef PS_REPORT_JSON_PART_H
#define PS_REPORT_JSON_PART_H

// The larger members of report.json, one function each.

#include "base/json_write.h"
#include "report/view.h"

void ps_report_json_job(ps_json *json, const ps_job *job);
void ps_report_json_inputs(ps_json *json, const ps_run *run);
void ps_report_json_sources(ps_json *json, const ps_run *run);
void ps_report_json_domains(ps_json *json, const ps_view *view);
void ps_report_json_operators(ps_json *json, const ps_run *run);
void ps_report_json_engagement(ps_json *json, const ps_run *run);
void ps_report_json_dns(ps_json *json, const ps_run *run);
void ps_report_json_projections(ps_json *json, const ps_view *view);

void ps_report_json_windows(ps_json *json, const ps_engagement *engagement); // the members of a policy
void ps_report_json_day(ps_json *json, const char *name, ps_day day); // null for none
void ps_report_json_verdicts(ps_json *json, const uint64_t verdict[PS_VERDICT_COUNT]); // clean winback held removed
void ps_report_json_share(ps_json *json, const char *name, uint64_t part, uint64_t whole); // 0 of nothing

#endif
