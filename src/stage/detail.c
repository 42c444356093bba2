#include "base/clock.h"
#include "stage/stage.h"

static void begin_part(ps_buf *out, size_t from)
{
    if (out->len > from) ps_buf_add_text(out, "; ");
}

// The part of a path that the user thinks of as the file's name.
static ps_span base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return ps_span_of(slash == NULL ? path : slash + 1);
}

ps_span ps_recipients_name(const ps_job *job, size_t file)
{
    const char *path = job->recipients[file].file;

    return strcmp(path, "-") == 0 ? ps_span_of("stdin") : base_name(path);
}

static void add_first(const ps_job *job, const ps_row *row, ps_buf *out)
{
    ps_buf_add_text(out, "line ");
    ps_buf_add_number(out, row->first_line);
    if (job->recipients_count < 2) return;
    ps_buf_add_text(out, " of ");
    ps_buf_add_span(out, ps_recipients_name(job, row->first_file));
}

static void add_word(const char *word, ps_buf *out)
{
    if (word[0] == '\0') return;
    ps_buf_add_char(out, ' ');
    ps_buf_add_text(out, word);
}

static void add_suppressed(const ps_job *job, const ps_suppressed *entry, ps_buf *out)
{
    char day[PS_DAY_TEXT_SIZE];

    ps_day_text(entry->date, day);
    ps_buf_add_text(out, job->sources[entry->source].name);
    add_word(entry->list, out);
    add_word(day, out);
}

// What the wait hangs on, so that nobody has to count days.
static void add_winback(const ps_job *job, const ps_row *row, ps_buf *out)
{
    char begin[PS_DAY_TEXT_SIZE], end[PS_DAY_TEXT_SIZE];

    ps_day_text(row->winback_at, begin);
    if (row->reply_by == PS_DAY_NONE) {
        ps_day_text(row->winback_at + job->engagement.relist, end);
        ps_buf_add_text(out, "listed for win-back on ");
        ps_buf_add_text(out, begin);
        ps_buf_add_text(out, " (again from ");
        ps_buf_add_text(out, end);
        ps_buf_add_text(out, " on)");
        return;
    }
    ps_day_text(row->reply_by, end);
    const char *counts = row->reply_by < job->as_of ? " (a reply counted until " : " (a reply counts until ";
    ps_buf_add_text(out, "win-back mail of ");
    ps_buf_add_text(out, begin);
    ps_buf_add_text(out, counts);
    ps_buf_add_text(out, end);
    ps_buf_add_char(out, ')');
}

void ps_row_detail(const ps_facts *facts, const ps_row *row, ps_buf *out)
{
    size_t from = out->len;

    if (ps_findings_has(row->findings, PS_REASON_DUPLICATE)) add_first(facts->job, row, out);
    if (row->suppressed != NULL) {
        begin_part(out, from);
        add_suppressed(facts->job, row->suppressed, out);
    }
    if ((row->findings & (PS_FIND(WINBACK_PENDING) | PS_FIND(WINBACK_EXPIRED))) != 0) {
        begin_part(out, from);
        add_winback(facts->job, row, out);
    }
    if (row->address.detail != NULL) {
        begin_part(out, from);
        ps_buf_add_text(out, row->address.detail);
    }
    if (row->address.suggestion.len != 0) {
        begin_part(out, from);
        ps_buf_add_text(out, "suggestion: ");
        ps_buf_add_span(out, row->address.suggestion);
    }
}
