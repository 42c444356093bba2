// Which columns of a CSV file say what: an ESP's, or those of anybody's file, or none at all.

#include "esp/csv.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "esp/refuse.h"
#include "esp/shape.h"
#include "esp/verification.h"
#include "esp/words.h"

enum {
    SHARE_SURE = 90, // percent of the rows by which a column without a header is the one with addresses or classes
    HEADERS_SHOWN_MAX = 1000,
    ARENA_BYTES = 2 << 20, // of names: at most PS_COLUMNS_MAX of them
};

static void fold_names(ps_csv *csv)
{
    size_t count = csv->layout->column_count;
    const char **names = ps_arena_take(&csv->arena, (count + 1) * sizeof *names);

    for (size_t i = 0; i < count; i++) {
        char folded[PS_WORD_BYTES_MAX + 1] = "";
        bool known = !csv->options->headerless && ps_word_fold(csv->layout->names[i], folded);
        names[i] = known ? ps_arena_copy(&csv->arena, ps_span_of(folded)).bytes : "";
    }
    csv->columns = (ps_form_columns){names, count};
}

static void show_headers(const ps_csv *csv, ps_buf *out)
{
    ps_buf_init(out, HEADERS_SHOWN_MAX);
    for (size_t i = 0; i < csv->columns.count && !out->failed; i++) {
        if (i > 0) ps_buf_add_text(out, ", ");
        if (csv->options->headerless) {
            ps_buf_add_format(out, "%zu", i + 1);
        } else {
            ps_add_visible(out, csv->layout->names[i]);
        }
    }
    if (out->over_max) ps_buf_clear(out);
}

// `what` is a whole sentence; the columns of the file follow it.
static ps_status refuse_columns(const ps_csv *csv, const char *what, const char *hint, ps_error *err)
{
    ps_buf shown;

    show_headers(csv, &shown);
    ps_refuse(csv->import, csv->options->headerless ? 0 : 1, err, "%s Its columns are: %s.", what, ps_buf_text(&shown));
    ps_error_hint(err, "%s", hint);
    ps_buf_done(&shown);
    return PS_SOURCE;
}

#define COLUMN_HINT "Name the column of the addresses at this source, such as: column: email"

#define DIGEST_HINT "Name the column of the digests at this source, such as: column: sha256; and correct `hash:`."

static size_t count_of(const ps_form_columns *columns, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < columns->count; i++) {
        if (strcmp(columns->names[i], name) == 0) count++;
    }
    return count;
}

static ps_status use_list(ps_csv *csv, const ps_form *form, const ps_form_list *list, ps_error *err)
{
    if (list->refused != NULL) return ps_refuse(csv->import, 1, err, "%s", list->refused);
    if (count_of(&csv->columns, list->address) > 1) {
        return refuse_columns(csv, "its column of addresses stands twice.", "Remove the one that is not meant.", err);
    }
    ps_form_slots_of(list, &form->csv_names, &csv->columns, csv->import->config, &csv->slots);
    return PS_OK;
}

// The column that the job names: by its header as written, or folded; without a header by its number from 1.
static ps_status use_declared(ps_csv *csv, ps_error *err)
{
    const char *wanted = csv->import->config->column;
    char folded[PS_WORD_BYTES_MAX + 1], number[24];
    size_t found = 0, slot = SIZE_MAX;

    if (!ps_word_fold(ps_span_of(wanted), folded)) folded[0] = '\0';
    for (size_t i = 0; i < csv->columns.count; i++) {
        (void)snprintf(number, sizeof number, "%zu", i + 1); // fits: 24 bytes hold any size_t
        bool same = csv->options->headerless ? strcmp(number, wanted) == 0
                                             : ps_span_equal(csv->layout->names[i], ps_span_of(wanted)) ||
                                                   strcmp(csv->columns.names[i], folded) == 0;
        if (!same) continue;
        found++;
        slot = i;
    }
    if (found == 0) return refuse_columns(csv, "it does not have the column that the job names.", COLUMN_HINT, err);
    if (found > 1) return refuse_columns(csv, "the column that the job names stands more than once.", COLUMN_HINT, err);
    csv->slots.address = slot;
    return PS_OK;
}

typedef enum sample_kind { SAMPLE_ADDRESS, SAMPLE_CLASS, SAMPLE_DIGEST } sample_kind;

static bool is_kind(const ps_csv *csv, sample_kind kind, ps_span cell)
{
    unsigned char digest[PS_DIGEST_BYTES_MAX];
    ps_class class;
    bool vague;

    switch (kind) {
    case SAMPLE_ADDRESS:
        return ps_shape_has_at(ps_shape_trim(cell));
    case SAMPLE_CLASS:
        return ps_word_class(cell, &class, &vague);
    case SAMPLE_DIGEST:
        return ps_shape_hex(ps_shape_trim(cell), ps_digest_bytes(csv->import->config->hash), digest);
    }
    return false;
}

// Without a header: the columns that nearly all rows of the sample fill with an address, or with a word that names a
// class.
static size_t find_by_content(const ps_csv *csv, sample_kind kind, size_t *out_column)
{
    size_t rows, found = 0;
    const ps_span *cells = ps_reader_sample(csv->reader, &rows);

    for (size_t column = 0; column < csv->columns.count; column++) {
        size_t fits = 0;
        for (size_t row = 0; row < rows; row++) {
            if (is_kind(csv, kind, cells[row * csv->columns.count + column])) fits++;
        }
        if (rows == 0 || fits * 100 < rows * SHARE_SURE) continue;
        if (found++ == 0) *out_column = column;
    }
    return found;
}

static ps_status use_content(ps_csv *csv, ps_error *err)
{
    size_t address = 0, class = 0;
    bool declared = csv->import->config->column != NULL;
    size_t found = declared ? 1 : find_by_content(csv, SAMPLE_ADDRESS, &address);

    if (found == 0)
        return refuse_columns(csv, "it has no header, and no column with an address in nearly every row.", COLUMN_HINT,
                              err);
    if (found > 1)
        return refuse_columns(csv, "it has no header and several columns with addresses.",
                              "Name one by its number, such as: column: 1", err);
    if (!declared) csv->slots.address = address;
    if (find_by_content(csv, SAMPLE_CLASS, &class) == 1 && class != csv->slots.address) {
        csv->slots.words[0] = class;
        csv->slots.words_count = 1;
    }
    return PS_OK;
}

static ps_status use_generic(ps_csv *csv, ps_error *err)
{
    const ps_source_config *config = csv->import->config;
    size_t found;

    ps_generic_slots(&csv->columns, config, &csv->slots, &found);
    csv->slots.format = csv->options->form == &ps_form_ses ? "ses csv"
                        : csv->options->headerless         ? "csv without a header"
                                                           : "csv";
    if (config->column != NULL) {
        ps_status status = use_declared(csv, err);
        if (status != PS_OK) return status;
    }
    if (csv->options->headerless) return use_content(csv, err);
    if (config->column != NULL || found == 1) return PS_OK;
    if (found == 0) return refuse_columns(csv, "it has no column that is known to hold addresses.", COLUMN_HINT, err);
    return refuse_columns(csv, "several of its columns could be the addresses.", COLUMN_HINT, err);
}

// The one column whose cells are digests of the declared kind, whatever its name. Where there is only one column it is
// that one, so that a digest that does not fit is told with its line.
static ps_status use_hashed(ps_csv *csv, ps_error *err)
{
    const ps_source_config *config = csv->import->config;
    size_t found;

    ps_generic_slots(&csv->columns, config, &csv->slots, &found);
    csv->slots.format = ps_form_table_name(config->hash);
    if (config->column != NULL) return use_declared(csv, err);
    csv->slots.address = 0;
    found = find_by_content(csv, SAMPLE_DIGEST, &csv->slots.address);
    if (found == 1 || csv->columns.count == 1) return PS_OK;
    if (found > 1) return refuse_columns(csv, "several of its columns could be the digests.", DIGEST_HINT, err);
    return refuse_columns(csv, "it has no column with a digest of the declared kind in nearly every row.", DIGEST_HINT,
                          err);
}

// A service's results: the columns decide, and those of two services leave a doubt.
static ps_status use_verification(ps_csv *csv, const ps_verification *service, ps_error *err)
{
    size_t found = 0;

    ps_verification_slots(service, &csv->columns, csv->import->config, &csv->slots, &found);
    if (csv->import->config->column != NULL) return use_declared(csv, err);
    if (found == 1) return PS_OK;
    return refuse_columns(csv,
                          found == 0 ? "it has no column that is known to hold addresses."
                                     : "several of its columns could be the addresses.",
                          COLUMN_HINT, err);
}

static ps_status choose_service(ps_csv *csv, bool *out_chosen, ps_error *err)
{
    const char *format = csv->import->config->format;
    const ps_verification *service = format == NULL ? NULL : ps_verification_find(format);
    bool declared = service != NULL;
    size_t fits = format == NULL ? ps_verification_fit(&csv->columns, &service) : 0;

    *out_chosen = service != NULL;
    if (fits > 1) {
        return refuse_columns(csv, "it has the columns of the results of two verification services.",
                              "Say whose they are, such as: format: zerobounce", err);
    }
    if (declared && !ps_verification_fits(service, &csv->columns)) {
        return refuse_columns(csv, "it does not have the columns of the form that the job names.",
                              "Take `format:` out, or name the form that it has.", err);
    }
    return service == NULL ? PS_OK : use_verification(csv, service, err);
}

static ps_status choose_slots(ps_csv *csv, ps_error *err)
{
    bool chosen = false;
    if (csv->import->config->hash == PS_DIGEST_NONE) {
        ps_status status = choose_service(csv, &chosen, err);
        if (status != PS_OK || chosen) return status;
    }
    const ps_form *declared = csv->options->form;
    const ps_form_list *list = declared == NULL ? NULL : ps_form_fit(declared->csv, &csv->columns, false);

    if (csv->import->config->hash != PS_DIGEST_NONE) return use_hashed(csv, err);
    if (list != NULL) return use_list(csv, declared, list, err);
    bool ses_bulk = declared == &ps_form_ses && csv->options->headerless; // address,REASON
    if (ses_bulk) {
        ps_status status = use_generic(csv, err);
        if (status != PS_OK || csv->slots.words_count > 0) return status;
    }
    if (declared != NULL) {
        return refuse_columns(csv, "it does not have the columns of the form that the job names.",
                              "Take `format:` out, or name the form that it has.", err);
    }
    for (size_t i = 0; !csv->options->generic && csv->import->config->column == NULL && ps_form_at(i) != NULL; i++) {
        const ps_form *form = ps_form_at(i);
        list = ps_form_fit(form->csv, &csv->columns, true);
        if (list != NULL) return use_list(csv, form, list, err);
    }
    return use_generic(csv, err);
}

static size_t place_among(const size_t *columns, size_t count, size_t column)
{
    for (size_t i = 0; i < count; i++) {
        if (columns[i] == column) return i;
    }
    return SIZE_MAX;
}

// Each keeps its place: a status and what is said closer, a code and its text are two things.
static bool note_word(ps_csv *csv, const ps_form_slots *slots, size_t column, size_t slot)
{
    size_t word = place_among(slots->words, slots->words_count, column);
    size_t expiry = place_among(slots->expires, PS_IMPORT_EXPIRES, column);

    if (word != SIZE_MAX) csv->slots.words[word] = slot;
    if (expiry != SIZE_MAX) csv->slots.expires[expiry] = slot;
    if (column == slots->scope) csv->slots.scope = slot;
    return word != SIZE_MAX || expiry != SIZE_MAX || column == slots->scope;
}

// Turn indexes of columns into indexes of mapped columns, which stand in the order of the file.
static void map_columns(ps_csv *csv)
{
    const ps_form_slots slots = csv->slots;
    ps_layout *layout = csv->layout;

    layout->mapped_count = 0;
    memset(csv->slots.words, 0xFF, sizeof csv->slots.words); // SIZE_MAX: what is the address or the stamp is no word
    memset(csv->slots.expires, 0xFF, sizeof csv->slots.expires);
    for (size_t i = 0; i < csv->columns.count; i++) {
        size_t next = layout->mapped_count;
        ps_mapped mapped = {.index = (uint32_t)i};
        if (i == slots.address) {
            mapped.column = PS_COLUMN_EMAIL;
            csv->slots.address = next;
        } else if (i == slots.stamp) {
            mapped.column = PS_COLUMN_SIGNUP_AT;
            csv->slots.stamp = next;
        } else if (note_word(csv, &slots, i, next)) {
            mapped.column = PS_COLUMN_BOUNCED; // of the kind that may stand several times
        } else {
            continue;
        }
        layout->mapped[layout->mapped_count++] = mapped;
    }
}

static ps_status open_csv(ps_csv *csv, ps_error *err)
{
    const ps_source_config *config = csv->import->config;
    const ps_reader_options options = {
        .source = {.path = config->file, .missing = PS_SOURCE, .bad = PS_SOURCE, .sha256 = true},
        .encoding = csv->options->encoding,
        .delimiter = csv->options->delimiter,
        .headerless = csv->options->headerless,
        .batch_bytes = PS_CSV_PIECE_BYTES,
    };

    ps_status status = ps_reader_open(&options, &csv->reader, err);
    if (status != PS_OK) return status;
    csv->layout = ps_reader_layout(csv->reader);
    csv->ascii_safe = ps_charset_ascii_safe(csv->layout->encoding);
    return ps_arena_open(ARENA_BYTES, &csv->arena, err);
}

ps_status ps_read_csv(ps_import *import, const ps_read_csv_options *options, ps_error *err)
{
    ps_csv csv = {.import = import, .options = options, .ended = true};

    ps_status status = open_csv(&csv, err);
    if (status != PS_OK) goto done;
    fold_names(&csv);
    status = choose_slots(&csv, err);
    if (status != PS_OK) goto done;
    import->out->format = csv.slots.format;
    map_columns(&csv);
    status = ps_csv_read_rows(&csv, err);
    if (status == PS_OK && csv.people != NULL) status = ps_people_finish(csv.people, err);
    if (status == PS_OK) status = ps_import_finish(import, csv.ended, csv.last_line, err);
    if (status == PS_OK) status = ps_reader_check(csv.reader, err);
    if (status != PS_OK) goto done;
    ps_source_sha256(ps_reader_source(csv.reader), import->out->sha256);

done:
    ps_people_free(csv.people);
    ps_arena_close(&csv.arena);
    ps_reader_close(csv.reader);
    return status;
}
