// Lists of lines.

#include "esp/reads.h"
#include "esp/refuse.h"
#include "esp/shape.h"

// Only `# ` begins a comment (and a lone `#`): #hash@example.jp is an address.
static bool is_skipped(ps_span line)
{
    ps_span trimmed = ps_shape_trim(line);

    if (trimmed.len == 0) return true;
    return line.bytes[0] == '#' && (trimmed.len == 1 || line.bytes[1] == ' ');
}

ps_status ps_read_plain(ps_import *import, ps_text *text, ps_error *err)
{
    ps_import_entry entry = {.class = import->config->default_class, .list = ""};
    bool more = true, ended = true;
    uint64_t last = 0;

    import->out->format = ps_form_lines_name(import->config->hash);
    for (;;) {
        ps_span line;
        uint64_t number = text->line;
        ps_status status = ps_text_line(text, &line, &more, err);
        if (status != PS_OK) return status;
        if (!more) break;
        if (is_skipped(line)) continue;
        entry.text = line;
        entry.line = last = number;
        ended = text->ended;
        status = ps_import_add(import, &entry, err);
        if (status != PS_OK) return status;
    }
    return ps_import_finish(import, ended, last, err);
}

enum { SES_CELLS = 4 }; // the word, address, time, reason

static ps_status refuse_token(const ps_import *import, uint64_t line, ps_error *err)
{
    ps_refuse(import, line, err,
              "line %llu is the token of a further page, and in this form nothing shows whether that page was read.",
              (unsigned long long)line);
    ps_error_hint(
        err, "Print the list as JSON (--output json), page by page with --next-token until there is no `NextToken`.");
    return PS_SOURCE;
}

static size_t split(ps_span line, ps_span cells[SES_CELLS])
{
    size_t count = 0, from = 0;

    for (size_t i = 0; i <= line.len; i++) {
        if (i < line.len && line.bytes[i] != '\t') continue;
        if (count < SES_CELLS) cells[count] = (ps_span){line.bytes + from, i - from};
        count++;
        from = i + 1;
    }
    return count;
}

static ps_status add_ses_line(ps_import *import, ps_span line, uint64_t number, ps_error *err)
{
    static const ps_form_slots slots = {.words_count = 1, .words_decide = true, .class = PS_CLASS_UNKNOWN};
    ps_span cells[SES_CELLS] = {{NULL, 0}};

    if (line.len < strlen(PS_SES_TEXT_BEGIN) || memcmp(line.bytes, PS_SES_TEXT_BEGIN, strlen(PS_SES_TEXT_BEGIN)) != 0) {
        return refuse_token(import, number, err);
    }
    bool damaged = split(line, cells) != SES_CELLS;
    ps_import_entry entry = {
        .text = cells[1], .stamp = cells[2], .list = "suppression_list", .line = number, .damaged = damaged};
    entry.class = ps_form_class(&slots, &cells[3]);
    return ps_import_add(import, &entry, err);
}

ps_status ps_read_ses_text(ps_import *import, ps_text *text, ps_error *err)
{
    bool more = true, ended = true;
    uint64_t last = 0;

    import->out->format = "ses text";
    for (;;) {
        ps_span line;
        uint64_t number = text->line;
        ps_status status = ps_text_line(text, &line, &more, err);
        if (status != PS_OK) return status;
        if (!more) break;
        if (ps_shape_trim(line).len == 0) continue;
        last = number;
        ended = text->ended;
        status = add_ses_line(import, line, number, err);
        if (status != PS_OK) return status;
    }
    return ps_import_finish(import, ended, last, err);
}
