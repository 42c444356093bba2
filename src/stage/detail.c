#include <assert.h>

#include "base/day_texts.h"
#include "base/number.h"
#include "stage/row.h"
#include "stage/stage.h"

static_assert((int)PS_FIRST_DETAIL_MAX >= 5 + (int)PS_NUMBER_SIZE, "room for any line");

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

char *ps_put_first_detail(char *at, const ps_row *row)
{
    return ps_put_number(ps_put_text(at, "line "), row->first_line);
}

static void add_first(const ps_job *job, const ps_row *row, ps_buf *out)
{
    char *at = ps_buf_room(out, PS_FIRST_DETAIL_MAX);

    if (at == NULL) return;
    ps_buf_end(out, ps_put_first_detail(at, row));
    if (job->recipients_count < 2) return;
    ps_buf_add_text(out, " of ");
    ps_buf_add_span(out, ps_recipients_name(job, row->first_file));
}

void ps_add_list_name(const ps_job *job, const ps_suppressed *entry, ps_buf *out)
{
    ps_buf_add_text(out, job->sources[entry->source].name);
    if (entry->list[0] == '\0') return;
    ps_buf_add_char(out, ' ');
    ps_buf_add_text(out, entry->list);
}

static void add_suppressed(const ps_job *job, const ps_suppressed *entry, ps_day_texts *days, ps_buf *out)
{
    ps_add_list_name(job, entry, out);
    if (entry->date == PS_DAY_NONE) return;
    ps_buf_add_char(out, ' ');
    char *at = ps_buf_room(out, PS_DAY_ROOM);
    if (at != NULL) ps_buf_end(out, ps_put_known_day(days, at, entry->date));
}

// What the wait hangs on, so that nobody has to count days.
char *ps_put_winback_detail(char *at, const ps_job *job, const ps_batch *batch, const ps_row *row)
{
    const ps_wait wait = ps_row_wait(job, batch, row);
    ps_day_texts *days = batch->day_texts;

    if (wait.reply_by == PS_DAY_NONE) {
        at = ps_put_known_day(days, ps_put_text(at, "listed for win-back on "), wait.winback_at);
        at = ps_put_known_day(days, ps_put_text(at, " (again from "), wait.winback_at + job->engagement.relist);
        return ps_put_text(at, " on)");
    }
    at = ps_put_known_day(days, ps_put_text(at, "win-back mail of "), wait.winback_at);
    if (wait.reply_by < job->as_of) {
        at = ps_put_text(at, " (a reply counted until ");
    } else {
        at = ps_put_text(at, " (a reply counts until ");
    }
    at = ps_put_known_day(days, at, wait.reply_by);
    *at = ')';
    return at + 1;
}

static void add_winback(const ps_job *job, const ps_batch *batch, const ps_row *row, ps_buf *out)
{
    char *at = ps_buf_room(out, PS_WINBACK_DETAIL_MAX);

    if (at != NULL) ps_buf_end(out, ps_put_winback_detail(at, job, batch, row));
}

#define WINBACK (PS_FIND(WINBACK_PENDING) | PS_FIND(WINBACK_EXPIRED))

// The library's name for what is wrong with the domain, or NULL.
static const char *idna_error(const ps_row *row)
{
    return row->address == NULL ? NULL : row->address->detail;
}

bool ps_detail_may_hold(char c)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

    return letter || strchr(" ();-", c) != NULL;
}

void ps_row_detail(const ps_facts *facts, const ps_batch *batch, const ps_row *row, ps_buf *out)
{
    size_t from = out->len;

    if (ps_findings_has(row->findings, PS_REASON_DUPLICATE)) add_first(facts->job, row, out);
    if (row->suppressed != NULL) {
        begin_part(out, from);
        add_suppressed(facts->job, row->suppressed, batch->day_texts, out);
    }
    if ((row->findings & WINBACK) != 0) {
        begin_part(out, from);
        add_winback(facts->job, batch, row, out);
    }
    if (idna_error(row) != NULL) {
        begin_part(out, from);
        ps_buf_add_text(out, idna_error(row));
    }
    if (ps_row_suggestion(row).len != 0) {
        begin_part(out, from);
        ps_buf_add_text(out, "suggestion: ");
        ps_buf_add_span(out, ps_row_suggestion(row));
    }
}
