#include "cmd/inspect_write.h"

#include <inttypes.h>
#include <string.h>

#include "base/json_write.h"
#include "base/limits.h"
#include "base/text.h"
#include "facts/date.h"
#include "mail/charset.h"

enum { SAMPLES = 3, SAMPLE_BYTES_MAX = 60, NAME_COLUMNS = 24 };

// ---- words

static bool is_date(const ps_inspection *inspection, size_t slot)
{
    return ps_column_kind_of(ps_inspect_layout(inspection)->mapped[slot].column) == PS_COLUMN_KIND_DATE;
}

// How the dates of a column are written; `-` where it has none.
static void add_forms(const ps_survey_column *found, ps_buf *out)
{
    if (found->forms == 0) ps_buf_add_char(out, '-');
    ps_date_forms_text(found->forms, out);
}

const char *ps_inspect_why(const ps_inspection *inspection, size_t slot)
{
    const ps_layout *layout = ps_inspect_layout(inspection);

    if (layout->mapped[slot].declared) return "declared";
    return layout->headerless ? "content" : "name";
}

static const char *delimiter_word(char delimiter)
{
    static const struct {
        char delimiter;
        const char *word;
    } words[] = {{'\t', "tab"}, {',', ","}, {';', ";"}, {'|', "|"}};

    for (size_t i = 0; i < PS_COUNT_OF(words); i++) {
        if (words[i].delimiter == delimiter) return words[i].word;
    }
    return "?";
}

static double share(const ps_inspection *inspection, uint64_t part)
{
    return inspection->rows == 0 ? 0 : (double)part / (double)inspection->rows;
}

// ---- samples

size_t ps_inspect_samples(const ps_inspection *inspection)
{
    size_t rows = 0;

    (void)ps_reader_sample(inspection->reader, &rows);
    if (!inspection->mapped) return 0; // which cells hold people is not known
    return rows < SAMPLES ? rows : SAMPLES;
}

bool ps_inspect_sample(const ps_inspection *inspection, size_t row, size_t slot, ps_buf *out)
{
    const ps_layout *layout = ps_inspect_layout(inspection);
    const ps_mapped *mapped = &layout->mapped[slot];
    size_t rows = 0;
    ps_span cell = ps_reader_sample(inspection->reader, &rows)[row * layout->column_count + mapped->index];

    if (mapped->column == PS_COLUMN_EMAIL || mapped->column == PS_COLUMN_EMAIL_ALT) {
        ps_mask_address(cell, out);
        return true;
    }
    if (ps_column_kind_of(mapped->column) == PS_COLUMN_KIND_TEXT) return false;
    if (cell.len > SAMPLE_BYTES_MAX) return false; // prose, whatever its header says
    ps_add_visible(out, cell);
    return true;
}

// ---- for people

static void text_column(const ps_inspection *inspection, size_t index, ps_buf *out)
{
    const ps_layout *layout = ps_inspect_layout(inspection);
    int slot = ps_inspect_slot(inspection, index);
    char oldest[PS_DAY_TEXT_SIZE], newest[PS_DAY_TEXT_SIZE];

    ps_buf_add_format(out, "  %3zu  ", index + 1);
    if (slot < 0) {
        ps_buf_add_format(out, "%-*s  ", NAME_COLUMNS, "-");
    } else {
        ps_buf_add_format(out, "%-*s  ", NAME_COLUMNS, ps_column_name(layout->mapped[slot].column));
    }
    if (!layout->headerless) ps_add_visible(out, layout->names[index]);
    if (slot >= 0) {
        const char *why = layout->mapped[slot].declared ? "as" : "by";
        ps_buf_add_format(out, " (%s %s)", why, ps_inspect_why(inspection, (size_t)slot));
    }
    if (slot >= 0 && is_date(inspection, (size_t)slot)) {
        const ps_survey_column *found = &inspection->columns[slot];
        ps_day_text(found->oldest, oldest);
        ps_day_text(found->newest, newest);
        ps_buf_add_text(out, ": ");
        add_forms(found, out);
        ps_buf_add_format(out, ", %.1f %% filled", 100 * share(inspection, found->filled));
        if (found->filled > 0) ps_buf_add_format(out, ", %s to %s", oldest, newest);
        if (found->unreadable > 0) ps_buf_add_format(out, ", %" PRIu64 " cannot be read", found->unreadable);
        if (found->future > 0) ps_buf_add_format(out, ", %" PRIu64 " in the future", found->future);
    }
    ps_buf_add_char(out, '\n');
}

static void text_samples(const ps_inspection *inspection, ps_buf *out)
{
    const ps_layout *layout = ps_inspect_layout(inspection);
    size_t samples = ps_inspect_samples(inspection);

    if (samples > 0) ps_buf_add_text(out, "\nSample rows, masked:\n");
    for (size_t row = 0; row < samples; row++) {
        bool first = true;
        for (size_t slot = 0; slot < layout->mapped_count; slot++) {
            size_t before = out->len;
            ps_buf_add_format(out, "%s%s=", first ? "  " : "  ", ps_column_name(layout->mapped[slot].column));
            if (ps_inspect_sample(inspection, row, slot, out)) {
                first = false;
            } else if (!out->failed) {
                out->len = before;
            }
        }
        ps_buf_add_char(out, '\n');
    }
}

static void text_refusals(const ps_inspection *inspection, ps_buf *out)
{
    if (inspection->refusals_count == 0) {
        ps_buf_add_text(out, "\nA run would take this file.\n");
        return;
    }
    ps_buf_add_text(out, "\nA run would refuse this file:\n");
    for (size_t i = 0; i < inspection->refusals_count; i++) {
        ps_buf_add_text(out, "  ");
        ps_add_visible(out, ps_span_of(inspection->refusals[i].text));
        ps_buf_add_text(out, "\n    hint: ");
        ps_add_visible(out, ps_span_of(inspection->refusals[i].hint));
        ps_buf_add_char(out, '\n');
    }
}

void ps_inspect_text(const ps_inspection *inspection, const char *product, ps_buf *out)
{
    const ps_layout *layout = ps_inspect_layout(inspection);
    const ps_source *source = ps_reader_source(inspection->reader);

    ps_add_visible(out, ps_span_of(inspection->table.file));
    if (product != NULL) ps_buf_add_format(out, ": looks like an export of %s", product);
    ps_buf_add_format(out, "\n  %s%s, delimiter %s, line ends %s, compression %s, %s\n",
                      ps_charset_name(layout->stored), layout->bom ? " with a byte order mark" : "",
                      delimiter_word(layout->delimiter), layout->line_end, ps_source_compression(source),
                      layout->headerless ? "no header" : "with a header");
    if (inspection->mapped) {
        ps_buf_add_format(
            out, "  %" PRIu64 " rows, %" PRIu64 " of them with too few or too many cells, %" PRIu64 " empty lines\n",
            inspection->rows, inspection->damaged, ps_reader_blank_lines(inspection->reader));
    }
    ps_buf_add_text(out, "\nColumns, and what they are taken for:\n");
    for (size_t i = 0; i < layout->column_count; i++)
        text_column(inspection, i, out);
    text_samples(inspection, out);
    text_refusals(inspection, out);
}

// ---- for programs

static void json_dates(const ps_inspection *inspection, size_t slot, ps_json *json)
{
    const ps_survey_column *found = &inspection->columns[slot];
    char oldest[PS_DAY_TEXT_SIZE], newest[PS_DAY_TEXT_SIZE];
    ps_buf forms;

    ps_buf_init(&forms, SAMPLE_BYTES_MAX * 2);
    add_forms(found, &forms);
    ps_day_text(found->oldest, oldest);
    ps_day_text(found->newest, newest);
    ps_json_object(json, "dates");
    ps_json_text(json, "forms", ps_buf_text(&forms));
    ps_json_number(json, "coverage", share(inspection, found->filled));
    ps_json_count(json, "filled", found->filled);
    ps_json_count(json, "missing", found->missing);
    ps_json_count(json, "unreadable", found->unreadable);
    ps_json_count(json, "future", found->future);
    ps_json_text(json, "oldest", found->filled > 0 ? oldest : NULL);
    ps_json_text(json, "newest", found->filled > 0 ? newest : NULL);
    ps_json_object_end(json);
    ps_buf_done(&forms);
}

static void json_columns(const ps_inspection *inspection, ps_json *json)
{
    const ps_layout *layout = ps_inspect_layout(inspection);

    ps_json_array(json, "columns");
    for (size_t i = 0; i < layout->column_count; i++) {
        int slot = ps_inspect_slot(inspection, i);
        ps_json_object(json, NULL);
        ps_json_count(json, "number", i + 1);
        if (layout->headerless) {
            ps_json_null(json, "header");
        } else {
            ps_json_span(json, "header", layout->names[i]);
        }
        ps_json_text(json, "column", slot < 0 ? NULL : ps_column_name(layout->mapped[slot].column));
        ps_json_text(json, "why", slot < 0 ? NULL : ps_inspect_why(inspection, (size_t)slot));
        if (slot >= 0 && is_date(inspection, (size_t)slot)) json_dates(inspection, (size_t)slot, json);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

static void json_samples(const ps_inspection *inspection, ps_json *json)
{
    const ps_layout *layout = ps_inspect_layout(inspection);
    ps_buf cell;

    ps_buf_init(&cell, PS_FIELD_BYTES_MAX);
    ps_json_array(json, "samples");
    for (size_t row = 0; row < ps_inspect_samples(inspection); row++) {
        ps_json_array(json, NULL);
        for (size_t slot = 0; slot < layout->mapped_count; slot++) {
            ps_buf_clear(&cell);
            if (!ps_inspect_sample(inspection, row, slot, &cell)) continue;
            ps_json_object(json, NULL);
            ps_json_text(json, "column", ps_column_name(layout->mapped[slot].column));
            ps_json_span(json, "value", ps_buf_span(&cell));
            ps_json_object_end(json);
        }
        ps_json_array_end(json);
    }
    ps_json_array_end(json);
    ps_buf_done(&cell);
}

static void json_refusals(const ps_inspection *inspection, ps_json *json)
{
    ps_json_array(json, "refusals");
    for (size_t i = 0; i < inspection->refusals_count; i++) {
        ps_json_object(json, NULL);
        ps_json_span(json, "message", ps_span_of(inspection->refusals[i].text));
        ps_json_span(json, "hint", ps_span_of(inspection->refusals[i].hint));
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
}

void ps_inspect_json(const ps_inspection *inspection, const char *product, const char *job_file, ps_buf *out)
{
    const ps_layout *layout = ps_inspect_layout(inspection);
    ps_json json;

    ps_json_init(&json, out, 0);
    ps_json_object(&json, NULL);
    ps_json_span(&json, "file", ps_span_of(inspection->table.file));
    ps_json_text(&json, "product", product);
    ps_json_text(&json, "encoding", ps_charset_name(layout->stored));
    ps_json_bool(&json, "bom", layout->bom);
    ps_json_text(&json, "compression", ps_source_compression(ps_reader_source(inspection->reader)));
    ps_json_text(&json, "delimiter", delimiter_word(layout->delimiter));
    ps_json_text(&json, "line_end", layout->line_end);
    ps_json_bool(&json, "header", !layout->headerless);
    if (inspection->mapped) {
        ps_json_count(&json, "rows", inspection->rows);
        ps_json_count(&json, "damaged_rows", inspection->damaged);
        ps_json_count(&json, "blank_lines", ps_reader_blank_lines(inspection->reader));
    }
    json_columns(inspection, &json);
    json_samples(inspection, &json);
    json_refusals(inspection, &json);
    ps_json_text(&json, "job_file", job_file);
    ps_json_object_end(&json);
    ps_buf_add_char(out, '\n');
}
