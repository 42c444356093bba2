#include "engine/dates.h"

#include <inttypes.h>

#include "base/text.h"
#include "facts/date_column.h"
#include "facts/engagement.h"

enum { SHOWN_BYTES_MAX = 160 };

// One date column of one file.
typedef struct column {
    const ps_layout *layout;
    const ps_mapped *mapped;
    ps_survey_column *found;
    ps_date_form *form; // where it is sealed
    ps_date_decision decision;
} column;

typedef struct sealing {
    const ps_inputs *inputs;
    ps_survey_column *columns;
    ps_recipients *sealed;
} sealing;

static column column_of(const sealing *s, size_t file, size_t slot)
{
    const ps_layout *layout = ps_inputs_layout(s->inputs, file);
    const ps_mapped *mapped = &layout->mapped[slot];

    return (column){.layout = layout,
                    .mapped = mapped,
                    .found = &s->columns[file * layout->mapped_count + slot],
                    .form = &s->sealed[file].dates[mapped->column]};
}

static bool is_open(const column *c)
{
    return ps_column_kind_of(c->mapped->column) == PS_COLUMN_KIND_DATE && *c->form == PS_DATE_FORM_AUTO;
}

static ps_date_decision decide(const column *c, ps_date_form *out)
{
    return ps_date_doubt_decide(&c->found->doubt, c->found->filled + c->found->future, out);
}

// The form of the other files in this slot, where those that know it agree; else AUTO.
static ps_date_form form_of_others(const sealing *s, size_t slot)
{
    ps_date_form agreed = PS_DATE_FORM_AUTO;

    for (size_t file = 0; file < s->inputs->count; file++) {
        const column other = column_of(s, file, slot);
        ps_date_form form = *other.form; // of those sealed before, the figures have moved and decide nothing any more
        if (form == PS_DATE_FORM_AUTO && decide(&other, &form) != PS_DATE_DECIDED) continue;
        if (form != PS_DATE_FORM_DMY && form != PS_DATE_FORM_MDY) continue;
        if (agreed != PS_DATE_FORM_AUTO && agreed != form) return PS_DATE_FORM_AUTO;
        agreed = form;
    }
    return agreed;
}

static void show_header(const column *c, ps_buf *out)
{
    ps_span name = c->layout->headerless ? (ps_span){0} : c->layout->names[c->mapped->index];

    if (c->layout->headerless) ps_buf_add_format(out, "column %" PRIu32, c->mapped->index + 1);
    if (name.len > SHOWN_BYTES_MAX) name.len = SHOWN_BYTES_MAX;
    if (name.len > 0) ps_buf_add_char(out, '\'');
    ps_add_visible(out, name);
    if (name.len > 0) ps_buf_add_char(out, '\'');
}

static ps_status refuse(const column *c, ps_error *err)
{
    const ps_date_doubt *doubt = &c->found->doubt;
    const char *name = ps_column_name(c->mapped->column);
    ps_buf header;

    ps_buf_init(&header, SHOWN_BYTES_MAX * 8);
    show_header(c, &header);
    if (c->decision == PS_DATE_UNDECIDED) {
        ps_error_set(err, c->layout->bad,
                     "The dates in %s of %s are written like 03/04/2021, and none tells whether its day or its month "
                     "stands first.",
                     ps_buf_text(&header), c->layout->file);
    } else {
        ps_error_set(err, c->layout->bad,
                     "The dates in %s of %s contradict each other: %" PRIu64 " can only have the day first, %" PRIu64
                     " only the month.",
                     ps_buf_text(&header), c->layout->file, doubt->only_day_first, doubt->only_month_first);
    }
    ps_buf_done(&header);
    ps_error_hint(err,
                  "Say it in the job file, beside the name of the file: dates: {%s: dmy} for the day first, dates: "
                  "{%s: mdy} for the "
                  "month first.",
                  name, name);
    return c->layout->bad;
}

// The figures of a column as its form reads it: cells of other forms are unreadable then.
static void move_figures(ps_survey_column *found, ps_date_form form)
{
    const ps_date_days *days = ps_date_doubt_days(&found->doubt, form);

    if (days == NULL) return;
    uint64_t cells = found->filled + found->future + found->unreadable;
    found->filled = days->filled;
    found->future = days->future;
    found->oldest = days->oldest;
    found->newest = days->newest;
    found->unreadable = cells - days->filled - days->future;
    found->forms = UINT32_C(1) << form;
}

// Nothing is judged by it, so nobody has to say how it is written.
static void pass_over(ps_survey_column *found)
{
    found->unreadable = 0;
}

static ps_status seal_column(const sealing *s, column *c, size_t slot, bool *changed, ps_error *err)
{
    ps_date_form form = PS_DATE_FORM_AUTO;
    bool judged = ps_signal_of(c->mapped->column) != PS_SIGNAL_COUNT;

    c->decision = decide(c, &form);
    if (c->decision == PS_DATE_UNDECIDED) form = form_of_others(s, slot);
    if (c->decision != PS_DATE_DECIDED && form == PS_DATE_FORM_AUTO) {
        if (judged) return refuse(c, err);
        pass_over(c->found);
    }
    *changed = *changed || (judged && form != PS_DATE_FORM_AUTO);
    move_figures(c->found, form);
    *c->form = form;
    return PS_OK;
}

ps_status ps_dates_seal_next(const ps_inputs *inputs, ps_survey_column *columns, ps_recipients *sealed,
                             bool *out_changed, ps_column *out_at, ps_error *err)
{
    const sealing s = {inputs, columns, sealed};
    ps_status status = PS_OK;
    size_t slots = ps_inputs_layout(inputs, 0)->mapped_count;

    *out_changed = false;
    for (size_t slot = 0; slot < slots && status == PS_OK; slot++) {
        for (size_t file = 0; file < inputs->count && status == PS_OK; file++) {
            column c = column_of(&s, file, slot);
            *out_at = c.mapped->column;
            if (is_open(&c)) status = seal_column(&s, &c, slot, out_changed, err);
        }
    }
    return status;
}

ps_status ps_dates_seal(const ps_inputs *inputs, ps_survey_column *columns, ps_recipients *sealed, bool *out_changed,
                        ps_error *err)
{
    ps_column at;

    return ps_dates_seal_next(inputs, columns, sealed, out_changed, &at, err);
}
