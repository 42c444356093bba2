#ifndef PS_TEST_REPORT_RUN_FILES_H
#define PS_TEST_REPORT_RUN_FILES_H

// The files of the run made by hand: inputs, lists, outputs.

#include "report_run_type.h"

#define REPORT_RUN_SHA256 "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static inline void report_run_inputs(report_run *out)
{
    static const char *const headers[] = {"会員番号", "氏名", "メールアドレス", "最終クリック日", "メルマガ配信停止"};
    const uint32_t forms = UINT32_C(1) << PS_DATE_FORM_ISO | UINT32_C(1) << PS_DATE_FORM_ERA;
    const ps_day oldest = ps_day_of(2024, 4, 2), newest = ps_day_of(2026, 11, 19);

    memcpy(out->headers, headers, sizeof headers);
    out->columns[0] =
        (ps_run_column){PS_COLUMN_EMAIL, 2, headers[2], true, false, 0, 0, 0, 0, PS_DAY_NONE, PS_DAY_NONE, 0};
    out->columns[1] =
        (ps_run_column){PS_COLUMN_LAST_CLICK, 3, headers[3], false, true, 3320, 666, 14, 0, oldest, newest, forms};
    out->columns[2] =
        (ps_run_column){PS_COLUMN_OPTOUT, 4, headers[4], false, false, 0, 0, 0, 0, PS_DAY_NONE, PS_DAY_NONE, 0};
    out->columns[3] =
        (ps_run_column){PS_COLUMN_NAME, 1, headers[1], false, false, 0, 0, 0, 0, PS_DAY_NONE, PS_DAY_NONE, 0};
    out->inputs[0] = (ps_run_input){.file = "data/会員一覧.csv",
                                    .encoding = "CP932",
                                    .encoding_declared = true,
                                    .compression = "none",
                                    .delimiter = ",",
                                    .line_end = "crlf",
                                    .size_bytes = 612345,
                                    .rows = 4000,
                                    .blank_lines = 1,
                                    .fingerprint = "0123456789abcdef0123456789abcdef",
                                    .columns = out->columns,
                                    .columns_count = 4,
                                    .headers = out->headers,
                                    .headers_count = 5};
    out->inputs[1] = out->inputs[0];
    out->inputs[1].file = "data/追加.csv.gz";
    out->inputs[1].compression = "gzip";
    out->inputs[1].rows = 1000;
    out->inputs[1].columns = out->columns + 4;
    for (size_t i = 0; i < 4; i++) {
        out->columns[4 + i] = out->columns[i];
        out->columns[4 + i].filled /= 4;
        out->columns[4 + i].missing /= 4;
    }
    out->run.inputs = out->inputs;
    out->run.inputs_count = 2;
}

static inline void report_run_outputs(report_run *out)
{
    static const char *const files[] = {"clean.csv", "winback.csv", "held.csv", "removed.csv"};
    for (size_t i = 0; i < PS_VERDICT_COUNT; i++) {
        out->outputs[i] = (ps_run_output){
            .name = files[i], .rows = out->run.verdict[i], .size_bytes = 1000 + 479000 / (i * i * 9 + 1)};
        memcpy(out->outputs[i].sha256, REPORT_RUN_SHA256, sizeof out->outputs[i].sha256);
    }
    out->run.outputs = out->outputs;
    out->run.outputs_count = PS_VERDICT_COUNT;
}

static inline void report_run_sources(report_run *out)
{
    out->sources[0] = (ps_run_source){.name = "mailgun-jp",
                                      .file = "/home/somebody/lists/mailgun_bounces.csv",
                                      .format = "mailgun",
                                      .encoding = "UTF-8",
                                      .size_bytes = 48211,
                                      .modified_s = 1794987600,
                                      .addresses = 812,
                                      .rows_matched = 140};
    out->sources[0].entries[PS_CLASS_HARD] = 790;
    out->sources[0].entries[PS_CLASS_SOFT] = 22;
    out->sources[1] = (ps_run_source){.name = "sendgrid",
                                      .file = "lists/sg_unsubscribes.csv",
                                      .format = "sendgrid",
                                      .encoding = "UTF-8",
                                      .size_bytes = 120,
                                      .modified_s = 1795000000,
                                      .addresses = 1204,
                                      .unreadable = 1,
                                      .rows_matched = 251};
    out->sources[1].entries[PS_CLASS_UNSUBSCRIBE] = 1183;
    out->sources[1].entries[PS_CLASS_COMPLAINT] = 21;
    out->sources[2] = (ps_run_source){.name = "competitors",
                                      .file = "domains.txt",
                                      .format = "plain",
                                      .encoding = "UTF-8",
                                      .modified_s = 1780000000,
                                      .domains = 14,
                                      .rows_matched = 9};
    out->sources[2].entries[PS_CLASS_MANUAL] = 14;
    for (size_t i = 0; i < 3; i++) {
        out->sources[i].type = "file";
        memcpy(out->sources[i].sha256, REPORT_RUN_SHA256, sizeof out->sources[i].sha256);
    }
    out->run.sources = out->sources;
    out->run.sources_count = 3;
}

#endif
