#include "engine/inputs.h"

#include <string.h>

#include "base/memory.h"
#include "mail/charset.h"
#include "table/header.h"

// `common` is what all files are opened with.
static ps_status open_one(const ps_job *job, const ps_source_options *common, const ps_recipients *recipients,
                          ps_reader **out, ps_error *err)
{
    ps_reader_options options = {
        .source = *common,
        .encoding = recipients->encoding,
        .headerless = recipients->headerless,
        .batch_bytes = job->batch_bytes,
    };
    ps_reader *reader = NULL;

    options.source.path = recipients->file;
    ps_status status = ps_reader_open(&options, &reader, err);

    if (status == PS_OK) status = ps_header_map(recipients, reader, err);
    if (status == PS_OK) {
        *out = reader;
    } else {
        ps_reader_close(reader);
    }
    return status;
}

static bool same_names(const ps_layout *a, const ps_layout *b)
{
    if (a->column_count != b->column_count || a->headerless != b->headerless) return false;
    for (size_t i = 0; i < a->column_count && !a->headerless; i++) {
        if (!ps_span_equal(a->names[i], b->names[i])) return false;
    }
    return true;
}

static bool same_mapping(const ps_layout *a, const ps_layout *b)
{
    if (a->mapped_count != b->mapped_count) return false;
    for (size_t i = 0; i < a->mapped_count; i++) {
        if (a->mapped[i].column != b->mapped[i].column || a->mapped[i].index != b->mapped[i].index) return false;
    }
    return true;
}

// One send list has one header: files that differ cannot share it.
static ps_status compare(const ps_job *job, const ps_layout *first, const ps_layout *other, ps_error *err)
{
    bool recoded = job->output_encoding != PS_ENCODING_AUTO;
    const char *what = NULL;

    if (!same_names(first, other)) {
        what = "columns";
    } else if (first->delimiter != other->delimiter) {
        what = "delimiter";
    } else if (first->encoding != other->encoding && !recoded) {
        what = "encoding";
    } else if (!same_mapping(first, other)) {
        what = "content of columns";
    }
    if (what == NULL) return PS_OK;
    ps_error_set(err, PS_INPUT, "%s and %s differ in their %s, and one send list can have only one.", first->file,
                 other->file, what);
    if (strcmp(what, "encoding") == 0) {
        ps_error_hint(err, "Say in the job file which one the list is to have, such as: output: {encoding: utf-8}");
    } else {
        ps_error_hint(err, "Give both the same header and form, declare `columns:` for both, or run two jobs.");
    }
    return PS_INPUT;
}

// Half of a character may look like the sign between cells, to whoever reads the list byte by byte.
static ps_status check_delimiter(const ps_job *job, const ps_layout *layout, ps_error *err)
{
    if (ps_charset_byte_is_safe(job->output_encoding, layout->delimiter)) return PS_OK;
    ps_error_set(err, PS_INPUT, "The cells of %s are divided by `%c`, which is a part of many characters in %s.",
                 layout->file, layout->delimiter, ps_charset_name(job->output_encoding));
    ps_error_hint(err, "Write the lists in another encoding: output: {encoding: utf-8}");
    return PS_INPUT;
}

// A job of many small files must not fail for one that is empty, so pure ASCII goes with whatever the others are.
static void share_encoding(ps_layout *first, ps_layout *other)
{
    bool first_ascii = first->encoding == PS_ENCODING_UTF8 && !first->bom && first->ascii_only;
    bool other_ascii = other->encoding == PS_ENCODING_UTF8 && !other->bom && other->ascii_only;

    if (first_ascii == other_ascii) return;
    if (first_ascii) first->encoding = other->encoding;
    if (other_ascii) other->encoding = first->encoding;
}

ps_status ps_inputs_open(const ps_job *job, const char *spool_folder, const volatile int *stop, ps_inputs *out,
                         ps_error *err)
{
    const ps_source_options common = {
        .missing = PS_MISSING, .bad = PS_INPUT, .allow_pipe = true, .spool_folder = spool_folder, .stop = stop};
    ps_inputs inputs = {.job = job, .count = job->recipients_count};
    ps_status status = PS_OK;

    inputs.readers = ps_memory_new(inputs.count, sizeof *inputs.readers, err);
    if (inputs.readers == NULL) return PS_RETRY;
    for (size_t i = 0; i < inputs.count && status == PS_OK; i++) {
        status = open_one(job, &common, &job->recipients[i], &inputs.readers[i], err);
    }
    for (size_t i = 1; i < inputs.count && status == PS_OK; i++) {
        share_encoding(ps_reader_layout(inputs.readers[0]), ps_reader_layout(inputs.readers[i]));
    }
    for (size_t i = 1; i < inputs.count && status == PS_OK; i++) {
        share_encoding(ps_reader_layout(inputs.readers[0]), ps_reader_layout(inputs.readers[i]));
        status = compare(job, ps_inputs_layout(&inputs, 0), ps_inputs_layout(&inputs, i), err);
    }
    if (status == PS_OK) status = check_delimiter(job, ps_inputs_layout(&inputs, 0), err);
    for (size_t i = 0; i < inputs.count && status == PS_OK; i++) {
        inputs.bytes_total += ps_source_size(ps_reader_source(inputs.readers[i]));
    }
    if (status == PS_OK) {
        *out = inputs;
    } else {
        ps_inputs_close(&inputs);
    }
    return status;
}

uint64_t ps_inputs_bytes(const ps_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        bool plain = strcmp(ps_source_compression(ps_reader_source(inputs->readers[i])), "none") == 0;
        if (!plain) return 0;
    }
    return inputs->bytes_total;
}

uint64_t ps_inputs_rows(const ps_inputs *inputs, const ps_batch *batch)
{
    return batch->len == 0 ? 0 : ps_inputs_bytes(inputs) / batch->len * batch->row_count;
}

void ps_inputs_close(ps_inputs *inputs)
{
    for (size_t i = 0; inputs->readers != NULL && i < inputs->count; i++)
        ps_reader_close(inputs->readers[i]);
    ps_memory_free(inputs->readers);
    *inputs = (ps_inputs){0};
}

ps_status ps_inputs_take(ps_inputs *inputs, ps_batch *batch, ps_piece *piece, bool *out_more, ps_error *err)
{
    bool more = false;

    *piece = (ps_piece){.reader = NULL};
    while (!more && inputs->current < inputs->count) {
        ps_reader *reader = inputs->readers[inputs->current];
        batch->file = (uint32_t)inputs->current;
        batch->layout = ps_reader_layout(reader);
        ps_status status = PS_OK;
        if (ps_pieces_of(reader)) {
            more = ps_piece_take(reader, piece);
        } else {
            status = ps_reader_next(reader, batch, &more, err);
        }
        if (status != PS_OK) return status;
        if (more) break;
        inputs->bytes_done += ps_source_size(ps_reader_source(reader));
        inputs->current++;
    }
    *out_more = more;
    return PS_OK;
}

ps_status ps_inputs_rewind(ps_inputs *inputs, ps_error *err)
{
    inputs->current = 0;
    inputs->bytes_done = 0;
    for (size_t i = 0; i < inputs->count; i++) {
        ps_status status = ps_reader_rewind(inputs->readers[i], err);
        if (status != PS_OK) return status;
    }
    return PS_OK;
}

void ps_inputs_leave_unprinted(ps_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++)
        ps_reader_leave_unprinted(inputs->readers[i]);
}

ps_status ps_inputs_check(ps_inputs *inputs, ps_error *err)
{
    for (size_t i = 0; i < inputs->count; i++) {
        ps_status status = ps_reader_check(inputs->readers[i], err);
        if (status != PS_OK) return status;
    }
    return PS_OK;
}

uint64_t ps_inputs_position(const ps_inputs *inputs)
{
    if (inputs->current >= inputs->count) return inputs->bytes_done;
    return inputs->bytes_done + ps_reader_position(inputs->readers[inputs->current]);
}

bool ps_inputs_have(const ps_inputs *inputs, ps_column column)
{
    for (size_t i = 0; i < inputs->count; i++) {
        if (ps_layout_slot(ps_inputs_layout(inputs, i), column) != -1) return true;
    }
    return false;
}
