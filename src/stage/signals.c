#include "base/text.h"
#include "facts/date.h"
#include "stage/row.h"
#include "stage/stage.h"
#include "table/header.h"

// The day on which a list was imported is nobody's sign-up.
static bool is_import(const ps_facts *facts, ps_signal signal, ps_day day)
{
    if (signal != PS_SIGNAL_SIGNUP) return false;
    for (size_t i = 0; i < facts->import_days_count; i++) {
        if (facts->import_days[i] == day) return true;
    }
    return false;
}

// How the cells of one mapped column are read: asked once a batch, not once a cell.
typedef struct cell_reader {
    ps_column column;
    ps_column_kind kind;
    ps_signal signal; // of a date; PS_SIGNAL_COUNT: nothing is judged by it
    ps_date_form form;
} cell_reader;

static cell_reader reader_of(const ps_facts *facts, const ps_batch *batch, const ps_mapped *mapped)
{
    return (cell_reader){
        .column = mapped->column,
        .kind = ps_column_kind_of(mapped->column),
        .signal = ps_signal_of(mapped->column),
        .form = facts->job->recipients[batch->file].dates[mapped->column],
    };
}

// A date with what its column and its file say about it.
static void read_date(const ps_facts *facts, ps_row *row, const cell_reader *reader, ps_span cell)
{
    ps_signal signal = reader->signal;
    ps_day day = PS_DAY_NONE;

    if (signal == PS_SIGNAL_COUNT || cell.len == 0) return;
    switch (ps_date_read(cell, reader->form, facts->zone, &day)) {
    case PS_DATE_READ:
        day = ps_signal_settle(day, facts->job->as_of);
        if (!is_import(facts, signal, day)) ps_signals_add_day(&row->signals, signal, day);
        break;
    case PS_DATE_MISSING:
        break;
    case PS_DATE_UNREADABLE:
        row->signals.flags |= PS_FLAG_BAD_DATE | (uint32_t)PS_FLAG_BAD_SIGNAL << signal;
        break;
    }
}

// Words that are false in an opt-in column, but say what an opt-out column is for: 受信拒否 with 拒否 in the cell.
static bool says_stop(ps_span cell)
{
    static const char *const words[] = {"不可", "拒否",       "希望しない", "受信しない", "配信停止",
                                        "停止", "配信しない", "購読しない", "送らない"};
    ps_span text = ps_ascii_trim(cell);

    for (size_t i = 0; i < PS_COUNT_OF(words); i++) {
        if (ps_span_equal(text, ps_span_of(words[i]))) return true;
    }
    return false;
}

// NULL, 0000-00-00 and their like: programs write them where nothing happened.
static bool says_nothing(const ps_facts *facts, ps_span cell)
{
    ps_day day;

    return ps_date_read(cell, PS_DATE_FORM_AUTO, facts->zone, &day) == PS_DATE_MISSING;
}

// A word or date against the address. What is not understood stops the mail: a wrong stop costs one mail, a wrong send
// a person's trust.
static bool is_against(const ps_facts *facts, ps_span cell)
{
    ps_word word = ps_flag_word(cell);

    if (word == PS_WORD_BLANK) return false;
    if (word == PS_WORD_FALSE) return says_stop(cell);
    return word == PS_WORD_TRUE || !says_nothing(facts, cell);
}

static void read_bad_flag(const ps_facts *facts, ps_row *row, ps_column column, ps_span cell)
{
    static const struct {
        ps_column column;
        uint32_t flag;
    } flags[] = {
        {PS_COLUMN_OPTOUT, PS_FLAG_OPTOUT},
        {PS_COLUMN_OPTOUT_AT, PS_FLAG_OPTOUT},
        {PS_COLUMN_BOUNCED, PS_FLAG_BOUNCED},
        {PS_COLUMN_COMPLAINED, PS_FLAG_COMPLAINED},
    };

    if (!is_against(facts, cell)) return;
    for (size_t i = 0; i < PS_COUNT_OF(flags); i++) {
        if (flags[i].column == column) row->signals.flags |= flags[i].flag;
    }
}

static void read_optin(ps_row *row, ps_span cell)
{
    ps_word word = ps_flag_word(cell);

    if (word == PS_WORD_FALSE) row->signals.flags |= PS_FLAG_OPTOUT;
    if (word == PS_WORD_BLANK) row->signals.flags |= PS_FLAG_OPTIN_BLANK;
    if (word == PS_WORD_OTHER) row->signals.flags |= PS_FLAG_OPTIN_UNKNOWN;
}

static void read_flag(ps_row *row, ps_column column, ps_span cell)
{
    ps_word word = ps_flag_word(cell);

    if (column != PS_COLUMN_PROTECTED) return; // whether an open is a machine's is asked with its date
    if (word == PS_WORD_TRUE) row->signals.flags |= PS_FLAG_PROTECTED;
    if (word == PS_WORD_FALSE) row->signals.flags |= PS_FLAG_UNPROTECTED;
}

static void read_segment(ps_row *row, ps_span cell)
{
    static const struct {
        const char *word;
        uint32_t flag;
    } segments[] = {
        {"b2b", PS_FLAG_SEGMENT_B2B}, {"btob", PS_FLAG_SEGMENT_B2B}, {"法人", PS_FLAG_SEGMENT_B2B},
        {"b2c", PS_FLAG_SEGMENT_B2C}, {"btoc", PS_FLAG_SEGMENT_B2C}, {"個人", PS_FLAG_SEGMENT_B2C},
    };
    ps_span text = ps_ascii_trim(cell);

    for (size_t i = 0; i < PS_COUNT_OF(segments); i++) {
        if (ps_ascii_equal_fold(text, ps_span_of(segments[i].word))) row->signals.flags |= segments[i].flag;
    }
}

static void read_status(ps_row *row, ps_span cell)
{
    ps_word word = ps_status_column_word(cell);

    if (word == PS_WORD_STOP) row->signals.flags |= PS_FLAG_STATUS;
    if (word == PS_WORD_PENDING) row->signals.flags |= PS_FLAG_PENDING;
}

// A whole number, also as 12.0, which spreadsheets and data frames make of it; anything else is not known.
static void read_sends(ps_row *row, ps_span cell)
{
    enum { SENDS_MAX = 1000000 }; // a daily mail for 2,700 years
    ps_span text = ps_ascii_trim(cell);
    int32_t value = 0;
    size_t i = 0;

    for (; i < text.len && text.bytes[i] >= '0' && text.bytes[i] <= '9' && value < SENDS_MAX; i++) {
        value = value * 10 + (text.bytes[i] - '0');
    }
    if (i == 0) return;
    if (i < text.len && text.bytes[i] == '.') i++;
    while (i < text.len && text.bytes[i] == '0')
        i++;
    if (i == text.len) row->signals.sends = value;
}

static void read_cell(const ps_facts *facts, ps_row *row, const cell_reader *reader, ps_span cell)
{
    switch (reader->kind) {
    case PS_COLUMN_KIND_TEXT:
        break;
    case PS_COLUMN_KIND_WORD:
        if (reader->column == PS_COLUMN_SEGMENT) read_segment(row, cell);
        break;
    case PS_COLUMN_KIND_DATE:
        read_date(facts, row, reader, cell);
        break;
    case PS_COLUMN_KIND_FLAG_GOOD:
        read_optin(row, cell);
        break;
    case PS_COLUMN_KIND_FLAG_BAD:
        read_bad_flag(facts, row, reader->column, cell);
        break;
    case PS_COLUMN_KIND_FLAG:
        read_flag(row, reader->column, cell);
        break;
    case PS_COLUMN_KIND_STATUS:
        read_status(row, cell);
        break;
    case PS_COLUMN_KIND_COUNT:
        read_sends(row, cell);
        break;
    }
}

// ---- what several cells say together

// The slots of columns that are read together; -1: the file has no such column.
typedef struct slots {
    int consent_at, consent_source, open_is_machine;
} slots;

static slots find_slots(const ps_layout *layout)
{
    return (slots){ps_layout_slot(layout, PS_COLUMN_CONSENT_AT), ps_layout_slot(layout, PS_COLUMN_CONSENT_SOURCE),
                   ps_layout_slot(layout, PS_COLUMN_OPEN_IS_MACHINE)};
}

// What one cell says of consent; what comes later outvotes what comes before.
typedef enum consent {
    CONSENT_UNSAID,
    CONSENT_SHOWN,
    CONSENT_DENIED,
} consent;

static consent consent_by_source(const ps_facts *facts, ps_span cell)
{
    ps_word word = ps_consent_word(cell);

    if (word == PS_WORD_FALSE) return CONSENT_DENIED;
    return word == PS_WORD_BLANK || says_nothing(facts, cell) ? CONSENT_UNSAID : CONSENT_SHOWN;
}

// A word may stand where the day should be: 0 is no day, 撤回 is no consent.
static consent consent_by_day(const ps_facts *facts, ps_date_form form, ps_span cell)
{
    ps_day day = PS_DAY_NONE;

    switch (ps_date_read(cell, form, facts->zone, &day)) {
    case PS_DATE_READ:
        return ps_signal_settle(day, facts->job->as_of) != PS_DAY_NONE ? CONSENT_SHOWN : CONSENT_UNSAID;
    case PS_DATE_MISSING:
        break;
    case PS_DATE_UNREADABLE:
        return ps_consent_word(cell) == PS_WORD_FALSE ? CONSENT_DENIED : CONSENT_UNSAID;
    }
    return CONSENT_UNSAID;
}

// Who withdrew had consented once: a no outvotes the day beside it.
static bool has_consent(const ps_facts *facts, const ps_batch *batch, const slots *at, const ps_span *values)
{
    ps_date_form form = facts->job->recipients[batch->file].dates[PS_COLUMN_CONSENT_AT];
    consent source = CONSENT_UNSAID, day = CONSENT_UNSAID;

    if (at->consent_source >= 0) source = consent_by_source(facts, values[at->consent_source]);
    if (at->consent_at >= 0) day = consent_by_day(facts, form, values[at->consent_at]);
    return (source > day ? source : day) == CONSENT_SHOWN;
}

// Whether an open was a machine's or a person's, where the file knows.
static void sort_open(ps_row *row, ps_span is_machine)
{
    const uint32_t bad = (uint32_t)PS_FLAG_BAD_SIGNAL << PS_SIGNAL_OPEN;
    ps_signals *signals = &row->signals;

    switch (ps_flag_word(is_machine)) {
    case PS_WORD_TRUE:
        signals->date[PS_SIGNAL_OPEN] = PS_DAY_NONE;
        signals->flags &= ~bad; // whenever it was
        break;
    case PS_WORD_FALSE:
        signals->date[PS_SIGNAL_OPEN_PERSON] = signals->date[PS_SIGNAL_OPEN];
        if ((signals->flags & bad) != 0) signals->flags |= (uint32_t)PS_FLAG_BAD_SIGNAL << PS_SIGNAL_OPEN_PERSON;
        break;
    case PS_WORD_BLANK:
    case PS_WORD_STOP:
    case PS_WORD_PENDING:
    case PS_WORD_OTHER:
        break;
    }
}

static void read_together(const ps_facts *facts, const ps_batch *batch, ps_row *row, const slots *at)
{
    const ps_span *values = ps_batch_values(batch, row);
    bool asks_consent = at->consent_at >= 0 || at->consent_source >= 0;

    if (asks_consent && !has_consent(facts, batch, at, values)) row->signals.flags |= PS_FLAG_NO_CONSENT;
    if (at->open_is_machine >= 0) sort_open(row, values[at->open_is_machine]);
}

// Cells of a row with too few or too many may stand under the wrong header, so they say nothing.
void ps_stage_signals(const ps_facts *facts, ps_batch *batch)
{
    const slots at = find_slots(batch->layout);
    size_t count = batch->layout->mapped_count;
    cell_reader readers[PS_MAPPED_MAX];

    for (size_t slot = 0; slot < count; slot++)
        readers[slot] = reader_of(facts, batch, &batch->layout->mapped[slot]);
    for (size_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        const ps_span *values = ps_batch_values(batch, row);
        ps_signals_init(&row->signals);
        if (ps_findings_has(row->findings, PS_REASON_COLUMNS)) continue;
        for (size_t slot = 0; slot < count; slot++)
            read_cell(facts, row, &readers[slot], values[slot]);
        read_together(facts, batch, row, &at);
    }
}
