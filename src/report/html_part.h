#ifndef PS_REPORT_HTML_PART_H
#define PS_REPORT_HTML_PART_H

// The page's sections, one function each, in the order of the page.

#include "base/buf.h"
#include "report/chart.h"
#include "report/view.h"

void ps_report_html_hero(ps_buf *out, const ps_view *view); // the number, the sentence, the warnings, the outcomes
void ps_report_html_flow(ps_buf *out, const ps_view *view); // where the rows went and why
void ps_report_html_bounces(ps_buf *out, const ps_view *view);
void ps_report_html_mx(ps_buf *out, const ps_view *view);
void ps_report_html_sources(ps_buf *out, const ps_view *view);
void ps_report_html_engagement(ps_buf *out, const ps_view *view);
void ps_report_html_domains(ps_buf *out, const ps_view *view);
void ps_report_html_samples(ps_buf *out, const ps_view *view);
void ps_report_html_notes(ps_buf *out, const ps_view *view); // what was noted and let stand
void ps_report_html_columns(ps_buf *out, const ps_view *view);
void ps_report_html_guards(ps_buf *out, const ps_view *view);
void ps_report_html_files(ps_buf *out, const ps_view *view);
void ps_report_html_job(ps_buf *out, const ps_view *view, ps_span job_text);
void ps_report_html_data(ps_buf *out, const ps_view *view);
void ps_report_html_run(ps_buf *out, const ps_view *view); // the only part that differs between two runs

// Of `verdict` counts: the parts of an outcome bar.
void ps_report_html_outcomes(const uint64_t verdict[PS_VERDICT_COUNT], ps_chart_part out[PS_VERDICT_COUNT]);

#endif
