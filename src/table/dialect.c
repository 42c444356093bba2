#include "table/dialect.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/text.h"
#include "mail/charset.h"
#include "table/scan.h"

static const struct {
    char byte;
    const char *name;
} delimiters[] = {{',', ","}, {';', ";"}, {'\t', "tab"}, {'|', "|"}};

// Text that is sent in place of a CSV, by how it begins behind blanks; lower case.
static const struct {
    const char *begin, *name;
} strangers[] = {
    {"<!doctype", "an HTML page"}, {"<html", "an HTML page"}, {"<?xml", "an XML file"}, {"{", "JSON"}, {"[", "JSON"},
};

const char *ps_delimiter_name(char delimiter)
{
    for (size_t i = 0; i < PS_COUNT_OF(delimiters); i++) {
        if (delimiters[i].byte == delimiter) return delimiters[i].name;
    }
    return "?";
}

static bool is_delimiter(char byte)
{
    for (size_t i = 0; i < PS_COUNT_OF(delimiters); i++) {
        if (delimiters[i].byte == byte) return true;
    }
    return false;
}

static ps_status refuse_strangers(const ps_dialect_sample *sample, ps_error *err)
{
    size_t i = 0;
    while (i < sample->text.len && strchr(" \t\r\n", sample->text.bytes[i]) != NULL && sample->text.bytes[i] != '\0')
        i++;

    for (size_t k = 0; k < PS_COUNT_OF(strangers); k++) {
        size_t len = strlen(strangers[k].begin);
        if (sample->text.len - i < len || strncasecmp(sample->text.bytes + i, strangers[k].begin, len) != 0) continue;
        ps_error_set(err, sample->bad, "%s is %s, not a CSV file.", sample->file, strangers[k].name);
        ps_error_hint(err, "Export the list as CSV. A saved log-in or error page looks like this, too.");
        return sample->bad;
    }
    return PS_OK;
}

static ps_status unsafe_delimiter(const ps_dialect_sample *sample, char delimiter, ps_error *err)
{
    ps_error_set(err, sample->bad, "In %s the delimiter %s cannot be told from the second byte of a %s character.",
                 sample->file, ps_delimiter_name(delimiter), ps_charset_name(sample->encoding));
    ps_error_hint(err, "Export the file as UTF-8, or with commas or tabs.");
    return sample->bad;
}

// Excel's own way to say it: a first line `sep=;`.
static ps_status read_sep_line(const ps_dialect_sample *sample, ps_dialect *out, ps_error *err)
{
    ps_span text = sample->text;

    if (text.len < 5 || strncasecmp(text.bytes, "sep=", 4) != 0) return PS_OK;
    bool ends = text.len == 5 || text.bytes[5] == '\r' || text.bytes[5] == '\n';
    if (!ends || !is_delimiter(text.bytes[4])) {
        ps_error_set(err, sample->bad, "The first line of %s says `sep=`, but not one of , ; tab | behind it.",
                     sample->file);
        ps_error_hint(err, "Export the file with commas.");
        return sample->bad;
    }
    out->delimiter = text.bytes[4];
    out->begin = text.len == 5 ? 5 : 6;
    if (text.len > 6 && text.bytes[5] == '\r' && text.bytes[6] == '\n') out->begin = 7;
    return PS_OK;
}

// What the first records look like by one delimiter.
typedef struct candidate {
    char delimiter;
    size_t cells; // of the first record
    size_t others; // records after it
    size_t agree; // of these, with as many cells
} candidate;

static candidate count_cells(const ps_dialect_sample *sample, size_t begin, char delimiter)
{
    candidate found = {.delimiter = delimiter};
    ps_scan_record record;

    if (!ps_scan_record_at(sample->text, begin, delimiter, sample->whole, &record)) return found;
    found.cells = record.cell_count;
    while (found.others < PS_DIALECT_SAMPLE_RECORDS &&
           ps_scan_record_at(sample->text, record.end, delimiter, sample->whole, &record)) {
        found.others++;
        if (record.cell_count == found.cells) found.agree++;
    }
    return found;
}

typedef struct candidate_list {
    candidate all[PS_COUNT_OF(delimiters)]; // those that cut the first record at all
    size_t count;
} candidate_list;

static candidate_list find_candidates(const ps_dialect_sample *sample, size_t begin)
{
    candidate_list list = {.count = 0};

    for (size_t i = 0; i < PS_COUNT_OF(delimiters); i++) {
        if (!ps_charset_byte_is_safe(sample->encoding, delimiters[i].byte)) continue;
        candidate found = count_cells(sample, begin, delimiters[i].byte);
        if (found.cells > 1) list.all[list.count++] = found;
    }
    return list;
}

// The one candidate that cuts all records alike, into most columns. NULL: none, or (`*out_tie`) two.
static const candidate *constant_one(const candidate_list *list, bool *out_tie)
{
    const candidate *best = NULL;

    *out_tie = false;
    for (size_t i = 0; i < list->count; i++) {
        const candidate *one = &list->all[i];
        if (one->agree < one->others || (best != NULL && one->cells < best->cells)) continue;
        *out_tie = best != NULL && one->cells == best->cells;
        best = one;
    }
    return *out_tie ? NULL : best;
}

// Rows with a cell too few or too many are data to be held, not a reason to refuse the file, as long as nothing else
// could be meant: the header is cut by one delimiter only and some row agrees, or nine of ten rows agree and no other
// delimiter has that.
static const candidate *likely_one(const candidate_list *list)
{
    const candidate *best = NULL;

    if (list->count == 1) return list->all[0].agree > 0 ? &list->all[0] : NULL;
    for (size_t i = 0; i < list->count; i++) {
        const candidate *one = &list->all[i];
        if (one->agree * 10 < one->others * 9) continue;
        if (best != NULL) return NULL;
        best = one;
    }
    return best;
}

static ps_status refuse_delimiter(const ps_dialect_sample *sample, const candidate_list *list, bool tie, ps_error *err)
{
    if (tie) {
        ps_error_set(err, sample->bad,
                     "The delimiter of %s is not certain: two would give all rows the same number of cells.",
                     sample->file);
    } else {
        const candidate *one = &list->all[0];
        ps_error_set(
            err, sample->bad,
            "The delimiter of %s is not certain: by %s its header has %zu cells, as have %zu of the next %zu rows.",
            sample->file, ps_delimiter_name(one->delimiter), one->cells, one->agree, one->others);
    }
    ps_error_hint(err,
                  "Put the line sep=, (or sep=; ...) before the header, and cells that hold a delimiter in quotes.");
    return sample->bad;
}

static ps_status find_delimiter(const ps_dialect_sample *sample, ps_dialect *dialect, ps_error *err)
{
    bool tie;

    if (dialect->delimiter == 0) dialect->delimiter = sample->delimiter;
    if (dialect->delimiter != 0) {
        bool safe = ps_charset_byte_is_safe(sample->encoding, dialect->delimiter);
        return safe ? PS_OK : unsafe_delimiter(sample, dialect->delimiter, err);
    }
    candidate_list list = find_candidates(sample, dialect->begin);
    if (list.count == 0) { // one column
        dialect->delimiter = ',';
        return PS_OK;
    }
    const candidate *best = constant_one(&list, &tie);
    if (best == NULL && !tie) best = likely_one(&list);
    if (best == NULL) return refuse_delimiter(sample, &list, tie, err);
    dialect->delimiter = best->delimiter;
    return PS_OK;
}

static const char *find_line_end(const ps_dialect_sample *sample, const ps_dialect *dialect)
{
    ps_span text = sample->text;
    size_t lf = 0, crlf = 0, cr = 0, offset = dialect->begin;
    ps_scan_record record;

    // Most files have none, and the sample is too long to be gone through byte by byte for that.
    if (text.len == 0 || memchr(text.bytes, '\r', text.len) == NULL) return "lf";
    while (ps_scan_record_at(text, offset, dialect->delimiter, sample->whole, &record)) {
        offset = record.end;
        size_t len = record.end - record.body_end;
        if (len == 2) crlf++;
        if (len == 1 && text.bytes[record.body_end] == '\n') lf++;
        if (len == 1 && text.bytes[record.body_end] == '\r') cr++;
    }
    if ((lf > 0) + (crlf > 0) + (cr > 0) > 1) return "mixed";
    if (crlf > 0) return "crlf";
    return cr > 0 ? "cr" : "lf";
}

ps_status ps_dialect_find(const ps_dialect_sample *sample, ps_dialect *out, ps_error *err)
{
    ps_dialect dialect = {.delimiter = 0};

    ps_status status = refuse_strangers(sample, err);
    if (status == PS_OK) status = read_sep_line(sample, &dialect, err);
    if (status == PS_OK) status = find_delimiter(sample, &dialect, err);
    if (status != PS_OK) return status;
    dialect.line_end = find_line_end(sample, &dialect);
    *out = dialect;
    return PS_OK;
}
