#include "report/report.h"

#include "base/digest.h"
#include "report/format.h"
#include "report/html.h"
#include "report/html_part.h"

static const char style[] = {
#include "report/report.css.inc"
};

static const char script[] = {
#include "report/report.js.inc"
};

static unsigned hex_value(char digit)
{
    return digit <= '9' ? (unsigned)(digit - '0') : (unsigned)(digit - 'a' + 10);
}

// RFC 4648 section 4, of a SHA-256 in hex: 32 bytes are 43 digits and one sign to fill up.
static void put_base64(ps_buf *out, const char hex[65])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < 64; i += 3) {
        // Three hex digits are two of base 64; the last group has one hex digit only.
        unsigned bits = hex_value(hex[i]) << 8;
        if (i + 1 < 64) bits |= hex_value(hex[i + 1]) << 4;
        if (i + 2 < 64) bits |= hex_value(hex[i + 2]);
        ps_buf_add_char(out, digits[bits >> 6]);
        ps_buf_add_char(out, i + 1 < 64 ? digits[bits & 63] : '=');
    }
}

static ps_status put_policy(ps_buf *out, ps_error *err)
{
    char hash[65];

    ps_buf_add_text(out,
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
    ps_status status = ps_sha256_of((ps_span){style, sizeof style}, hash, err);
    if (status != PS_OK) return status;
    put_base64(out, hash);
    ps_buf_add_text(out, "'; script-src 'sha256-");
    status = ps_sha256_of((ps_span){script, sizeof script}, hash, err);
    if (status != PS_OK) return status;
    put_base64(out, hash);
    ps_buf_add_text(out, "'; base-uri 'none'; form-action 'none'\">\n");
    return PS_OK;
}

static void put_title(ps_buf *out, const ps_run *run)
{
    ps_buf_add_text(out, "<title>");
    ps_add_count(out, run->verdict[PS_VERDICT_CLEAN]);
    ps_buf_add_text(out, " of ");
    ps_add_rows(out, run->rows);
    ps_buf_add_text(out, run->sources_count == 0 ? ", no suppression list checked" : " may be mailed");
    if (run->job->campaign != NULL) {
        ps_buf_add_text(out, " - ");
        ps_html_text(out, ps_span_of(run->job->campaign));
    }
    ps_buf_add_text(out, "</title>\n");
}

static ps_status put_head(ps_buf *out, const ps_run *run, ps_error *err)
{
    ps_buf_add_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    ps_status status = put_policy(out, err);
    if (status != PS_OK) return status;
    ps_buf_add_text(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                         "<meta name=\"referrer\" content=\"no-referrer\">\n"
                         "<meta name=\"robots\" content=\"noindex\">\n");
    put_title(out, run);
    ps_buf_add_text(out, "<style>");
    ps_buf_add(out, style, sizeof style);
    ps_buf_add_text(out, "</style>\n</head>\n<body>\n");
    return PS_OK;
}

static void put_body(ps_buf *out, const ps_view *view, ps_span job_text)
{
    ps_report_html_hero(out, view);
    ps_report_html_flow(out, view);
    ps_buf_add_text(out, "<div class=\"pair\">\n");
    ps_report_html_bounces(out, view);
    ps_report_html_mx(out, view);
    ps_buf_add_text(out, "</div>\n");
    ps_report_html_sources(out, view);
    ps_report_html_engagement(out, view);
    ps_report_html_domains(out, view);
    ps_report_html_samples(out, view);
    ps_report_html_notes(out, view);
    ps_report_html_columns(out, view);
    ps_report_html_guards(out, view);
    ps_report_html_files(out, view);
    ps_report_html_job(out, view, job_text);
    ps_report_html_data(out, view);
    ps_buf_add_text(out, "</main>\n");
    ps_report_html_run(out, view);
}

ps_status ps_report_html(const ps_run *run, ps_span job_text, ps_buf *out, ps_error *err)
{
    ps_view view;

    ps_view_init(&view, run);
    ps_status status = put_head(out, run, err);
    if (status != PS_OK) return status;
    put_body(out, &view, job_text);
    ps_buf_add_text(out, "<script>");
    ps_buf_add(out, script, sizeof script);
    ps_buf_add_text(out, "</script>\n</body>\n</html>\n");
    return ps_buf_status(out, "report.html", err);
}
