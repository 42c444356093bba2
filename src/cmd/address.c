#include <unistd.h>
#include <uniwidth.h>

#include "base/file.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "cmd/command.h"
#include "cmd/lines.h"
#include "facts/policy.h"
#include "presend/address.h"

enum {
    TLD_BYTES_MAX = 1 << 20, // the root zone's has 10 KiB
    SPECIAL_USE_MAX = 64, // there are twelve
    WRITE_BYTES = 64 << 10,
    REASON_COLUMNS = 24, // the longest reason's
    INPUT_COLUMNS = 32,
};

// The rules of a cell of PS_FIELD_BYTES_MAX look at its first 4 KiB at most, its decoding takes three times its bytes.
#define ARENA_BYTES ((size_t)16 << 20)

// A line of JSON or of the table for a cell of PS_FIELD_BYTES_MAX, each byte escaped, and for what waits before it.
#define OUTPUT_BYTES_MAX ((size_t)16 << 20)

static const ps_option options[] = {
    {"encoding", 0, PS_OPTION_TEXT, "NAME", "auto", "what the cells are in, as utf-8 or cp932", NULL, 0, 0},
    {"tld-file", 0, PS_OPTION_TEXT, "FILE", NULL, "the domain endings that exist, one a line, or none to take any",
     NULL, 0, 0},
    {"allow-special-use", 0, PS_OPTION_TEXT, "NAMES", NULL, "reserved domains to take, as example.com,test, or all",
     NULL, 0, 0},
    {"json", 0, PS_OPTION_FLAG, NULL, NULL, "tell each result as one line of JSON", NULL, 0, 0},
};

// What cells are judged by and where the results go.
typedef struct judge {
    ps_session *session;
    ps_encoding encoding; // as named
    ps_address_options rules_options;
    ps_span special_use[SPECIAL_USE_MAX];
    ps_buf tlds;
    ps_address_rules *rules;
    ps_policy policy;
    ps_arena arena;
    ps_buf out;
} judge;

// What came of one cell.
typedef struct result {
    ps_span input;
    ps_findings findings;
    ps_address address;
    ps_effect effect;
    ps_reason reason;
} result;

static ps_status take_encoding(judge *j, ps_error *err)
{
    const char *name = ps_arguments_value(&j->session->arguments, "encoding");

    if (name == NULL || ps_charset_find(ps_span_of(name), &j->encoding)) return PS_OK;
    ps_error_set(err, PS_USAGE, "There is no encoding `%s`.", name);
    ps_error_hint(err, "It is one of: auto utf-8 cp932 euc-jp iso-2022-jp utf-16 utf-16be windows-1252.");
    return PS_USAGE;
}

static ps_status take_tlds(judge *j, ps_error *err)
{
    const char *path = ps_arguments_value(&j->session->arguments, "tld-file");

    if (path == NULL) return PS_OK;
    j->rules_options.tld_any = strcmp(path, "none") == 0;
    if (j->rules_options.tld_any) return PS_OK;
    ps_status status = ps_file_load(path, PS_MISSING, &j->tlds, err);
    if (status != PS_OK) return status;
    ps_buf_add_char(&j->tlds, '\n'); // an empty list is not the built-in one
    j->rules_options.tld_list = ps_buf_span(&j->tlds);
    return ps_buf_status(&j->tlds, path, err);
}

static ps_status take_special_use(judge *j, ps_error *err)
{
    const char *names = ps_arguments_value(&j->session->arguments, "allow-special-use");
    size_t count = 0;

    if (names == NULL) return PS_OK;
    j->rules_options.special_use_all = strcmp(names, "all") == 0;
    for (const char *name = names; name != NULL && !j->rules_options.special_use_all;) {
        size_t len = strcspn(name, ",");
        if (len == 0 || count == SPECIAL_USE_MAX) {
            return ps_error_set(err, PS_USAGE,
                                "--allow-special-use takes up to %d names with commas between, not `%s`.",
                                SPECIAL_USE_MAX, names);
        }
        j->special_use[count++] = (ps_span){name, len};
        name = name[len] == ',' ? name + len + 1 : NULL;
    }
    j->rules_options.special_use = j->special_use;
    j->rules_options.special_use_count = count;
    return PS_OK;
}

static ps_status make_rules(judge *j, ps_encoding encoding, ps_error *err)
{
    const char *path = ps_arguments_value(&j->session->arguments, "tld-file");

    ps_address_rules_free(j->rules);
    j->rules = NULL;
    j->rules_options.jis_source = ps_charset_is_jis(encoding);
    ps_status status = ps_address_rules_new(&j->rules_options, &j->rules, err);
    if (status == PS_INPUT && path != NULL) ps_error_where(err, "%s", path);
    return status;
}

static ps_status open_judge(judge *j, ps_error *err)
{
    ps_job job;
    ps_status status = PS_OK;

    ps_buf_init(&j->tlds, TLD_BYTES_MAX);
    ps_buf_init(&j->out, OUTPUT_BYTES_MAX);
    ps_job_init(&job);
    ps_policy_init(&j->policy, &job);
    status = take_encoding(j, err);
    if (status == PS_OK) status = take_tlds(j, err);
    if (status == PS_OK) status = take_special_use(j, err);
    if (status == PS_OK) status = make_rules(j, j->encoding, err);
    if (status == PS_OK) status = ps_arena_open(ARENA_BYTES, &j->arena, err);
    return status;
}

static void close_judge(judge *j)
{
    ps_address_rules_free(j->rules);
    ps_arena_close(&j->arena);
    ps_buf_done(&j->tlds);
    ps_buf_done(&j->out);
}

static ps_effect effect_of(ps_verdict verdict)
{
    static const ps_effect effects[PS_VERDICT_COUNT] = {
        [PS_VERDICT_CLEAN] = PS_EFFECT_KEEP,
        [PS_VERDICT_WINBACK] = PS_EFFECT_WINBACK,
        [PS_VERDICT_HELD] = PS_EFFECT_HOLD,
        [PS_VERDICT_REMOVED] = PS_EFFECT_REMOVE,
    };

    return effects[verdict];
}

// The finding at or after `*place` in the order of precedence that is not the reason itself; NULL after the last.
static const ps_reason_info *next_note(const judge *j, const result *r, size_t *place)
{
    while (*place < j->policy.order_count) {
        ps_reason reason = j->policy.order[(*place)++];
        if (reason != r->reason && ps_findings_has(r->findings, reason)) return ps_reason_get(reason);
    }
    return NULL;
}

static void write_json(judge *j, const result *r)
{
    size_t place = 0;
    ps_json json;

    ps_json_init(&json, &j->out, 0);
    ps_json_object(&json, NULL);
    ps_json_span(&json, "input", r->input);
    ps_json_text(&json, "verdict", ps_effect_word(r->effect));
    ps_json_text(&json, "reason", ps_reason_get(r->reason)->wire);
    ps_json_array(&json, "notes");
    for (const ps_reason_info *note; (note = next_note(j, r, &place)) != NULL;)
        ps_json_text(&json, NULL, note->wire);
    ps_json_array_end(&json);
    ps_json_span(&json, "ascii", r->address.ascii);
    ps_json_span(&json, "unicode", r->address.unicode);
    ps_json_span(&json, "key", r->address.key);
    ps_json_span(&json, "suggestion", r->address.suggestion);
    ps_json_object_end(&json);
    ps_buf_add_char(&j->out, '\n');
}

static void add_remark(ps_buf *out, bool *first, const char *words, ps_span address)
{
    ps_buf_add_text(out, *first ? "  " : "; ");
    ps_buf_add_text(out, words);
    ps_add_visible(out, address);
    *first = false;
}

// What a person wants to know beside the reason's name, in whole words.
static void write_remarks(judge *j, const result *r)
{
    const ps_span none = {NULL, 0};
    const ps_address *address = &r->address;
    bool first = true;
    size_t place = 0;

    if (r->reason != PS_REASON_OK) add_remark(&j->out, &first, ps_reason_get(r->reason)->text, none);
    if (address->deliverable.len > 0 && !ps_span_equal(address->deliverable, r->input))
        add_remark(&j->out, &first, "sent as ", address->deliverable);
    if (address->suggestion.len > 0) {
        add_remark(&j->out, &first, "did you mean ", address->suggestion);
        ps_buf_add_char(&j->out, '?');
    }
    for (const ps_reason_info *note; (note = next_note(j, r, &place)) != NULL;)
        add_remark(&j->out, &first, note->text, none);
}

static void write_row(judge *j, const result *r)
{
    ps_buf *out = &j->out;

    ps_buf_add_format(out, "%-7s  %-*s  ", ps_effect_word(r->effect), REASON_COLUMNS, ps_reason_get(r->reason)->wire);
    size_t start = out->len;
    ps_add_visible(out, r->input);
    if (out->failed) return; // said once all is done
    size_t remarks = out->len;
    write_remarks(j, r);
    if (out->failed || out->len == remarks) {
        ps_buf_add_char(out, '\n');
        return;
    }
    // Columns are counted only where something stands behind them.
    int width = u8_width((const uint8_t *)out->bytes + start, remarks - start, "UTF-8");
    size_t blanks = width < INPUT_COLUMNS ? (size_t)(INPUT_COLUMNS - width) : 0, len = out->len - remarks;
    if (ps_buf_extend(out, blanks) == NULL) return; // as said above
    memmove(out->bytes + remarks + blanks, out->bytes + remarks, len);
    memset(out->bytes + remarks, ' ', blanks);
    ps_buf_add_char(out, '\n');
}

static void judge_cell(judge *j, ps_span input, ps_span text)
{
    result r = {.input = input};

    r.findings = ps_address_parse(j->rules, text, &j->arena, &r.address);
    r.effect = effect_of(ps_policy_decide(&j->policy, r.findings, &r.reason));
    if (j->session->terminal.json) {
        write_json(j, &r);
    } else {
        write_row(j, &r);
    }
    ps_arena_reset(&j->arena);
}

static ps_status flush(judge *j, ps_error *err)
{
    ps_status status = ps_buf_status(&j->out, "the results", err);

    if (status == PS_OK) status = ps_terminal_data(&j->session->terminal, ps_buf_span(&j->out), err);
    ps_buf_clear(&j->out);
    return status;
}

static void write_head(judge *j)
{
    if (j->session->terminal.json) return;
    ps_buf_add_format(&j->out, "%-7s  %-*s  %s\n", "VERDICT", REASON_COLUMNS, "REASON", "INPUT");
}

// The command line is UTF-8 unless an encoding is named.
static ps_status judge_arguments(judge *j, ps_error *err)
{
    const ps_arguments *arguments = &j->session->arguments;
    ps_encoding encoding = j->encoding == PS_ENCODING_AUTO ? PS_ENCODING_UTF8 : j->encoding;
    ps_decoder *decoder = NULL;
    ps_status status = ps_decoder_open(encoding, &decoder, err);

    for (size_t i = 0; status == PS_OK && i < arguments->operands_count; i++) {
        ps_span bytes = ps_span_of(arguments->operands[i]), text;
        if (bytes.len > PS_FIELD_BYTES_MAX) bytes.len = PS_FIELD_BYTES_MAX; // no system takes so long a one
        bool whole = ps_decoder_cell(decoder, bytes, &j->arena, &text);
        judge_cell(j, whole ? text : bytes, text);
        if (j->out.len >= WRITE_BYTES) status = flush(j, err);
    }
    ps_decoder_close(decoder);
    return status;
}

static ps_status judge_line(judge *j, ps_lines *lines, const ps_line *line, ps_error *err)
{
    bool jis = ps_charset_is_jis(ps_lines_encoding(lines));
    ps_status status = PS_OK;

    if (jis != j->rules_options.jis_source) status = make_rules(j, ps_lines_encoding(lines), err);
    if (status != PS_OK) return status;
    if (line->cut) {
        ps_log(PS_LOG_WARNING, "Line %llu is longer than %d bytes: no more of it is shown.",
               (unsigned long long)line->number, PS_FIELD_BYTES_MAX);
    }
    judge_cell(j, line->whole ? line->text : line->bytes, line->text);
    if (j->out.len >= WRITE_BYTES || ps_lines_will_read(lines)) status = flush(j, err);
    return status;
}

static ps_status judge_lines(judge *j, ps_error *err)
{
    const volatile int *stop = j->session->stop;
    ps_lines *lines = NULL;
    ps_line line;
    bool more = true;
    ps_status status = ps_lines_open(STDIN_FILENO, j->encoding, &lines, err);

    while (status == PS_OK) {
        status = ps_lines_next(lines, stop, &j->arena, &line, &more, err);
        if (status != PS_OK || !more) break;
        status = judge_line(j, lines, &line, err);
    }
    ps_lines_close(lines);
    return status;
}

static ps_status address(ps_session *session, ps_error *err)
{
    judge j = {.session = session};
    bool named = session->arguments.operands_count > 0;

    if (!named && isatty(STDIN_FILENO) == 1) return ps_refuse_keyboard(session, "address", "addresses", err);
    ps_status status = open_judge(&j, err);
    if (status == PS_OK) {
        write_head(&j);
        status = named ? judge_arguments(&j, err) : judge_lines(&j, err);
    }
    if (status == PS_OK) status = flush(&j, err);
    close_judge(&j);
    return status;
}

const ps_command ps_command_address = {
    .syntax = {.name = "address",
               .operands = "[ADDRESS...]",
               .operands_least = 0,
               .operands_most = SIZE_MAX,
               .summary = "Judge addresses by the address rules alone: named ones, or one a line on standard input",
               .examples = {"presend address 'Taro Yamada <taro@gmial.com>'",
                            "cut -d, -f2 recipients.csv | presend address --json"},
               .options = options,
               .options_count = PS_COUNT_OF(options)},
    .run = address,
};
