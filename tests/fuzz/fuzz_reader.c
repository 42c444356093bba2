// Any bytes as a file: refused with a message and a hint, or read, and then the rows are the same for any batch size,
// and in pieces that are read by themselves. The first character says the encoding (0 is by content) and whether there
// is a header, the second the batch size.

// layer: table

// replays: 6000

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/limits.h"
#include "table/header.h"
#include "table/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(truth)                                                                                                   \
    do {                                                                                                               \
        if (!(truth)) fail(__LINE__, #truth);                                                                          \
    } while (0)

static void fail(int line, const char *text)
{
    fprintf(stderr, "fuzz_reader.c:%d: not true: %s\n", line, text);
    abort();
}

// What one reading of the file gave.
typedef struct reading {
    ps_status status;
    uint64_t rows, blank_lines, lost_cells;
    ps_hash hash; // of numbers, lines, bytes, cells and values
    char fingerprint[33]; // of the file
} reading;

static void add_row(ps_buf *text, const ps_batch *batch, const ps_row *row)
{
    const ps_span *values = ps_batch_values(batch, row);

    ps_buf_add_format(text, "%llu %llu %u %d:", (unsigned long long)ps_row_number(batch, row),
                      (unsigned long long)row->line, row->cell_count,
                      ps_findings_has(row->findings, PS_REASON_COLUMNS));
    ps_buf_add(text, batch->bytes + row->start, row->len);
    for (size_t i = 0; i < batch->layout->mapped_count; i++) {
        ps_buf_add_char(text, '|');
        ps_buf_add_span(text, values[i]);
    }
}

// An error of a file says what and what to do; anything else than a bad file is a mistake of ours.
static ps_status check_error(ps_status status, const ps_error *err)
{
    if (status == PS_OK) return status;
    CHECK(status == PS_INPUT);
    CHECK(err->text[0] != '\0' && err->hint[0] != '\0');
    return status;
}

static ps_status next_piece(ps_reader *reader, ps_batch *batch, bool *out_more, ps_error *err)
{
    ps_piece piece;

    *out_more = ps_piece_take(reader, &piece);
    ps_status status = *out_more ? ps_piece_read(&piece, batch, err) : PS_OK;
    return status == PS_OK && *out_more ? ps_piece_settle(&piece, batch, err) : status;
}

static ps_status read_batches(ps_reader *reader, bool in_pieces, ps_batch *batch, reading *out, ps_error *err)
{
    ps_buf text;
    bool more = true;
    ps_status status = PS_OK;

    ps_buf_init(&text, 64 << 20);
    while (status == PS_OK && more) {
        ps_batch_reset(batch);
        status = in_pieces ? next_piece(reader, batch, &more, err) : ps_reader_next(reader, batch, &more, err);
        if (status == PS_OK && more) status = ps_batch_parse(batch, err);
        for (size_t i = 0; status == PS_OK && i < batch->row_count; i++) {
            CHECK(ps_row_number(batch, &batch->rows[i]) == ++out->rows);
            add_row(&text, batch, &batch->rows[i]);
        }
    }
    CHECK(!text.failed);
    out->blank_lines = ps_reader_blank_lines(reader);
    out->hash = ps_hash_of(ps_buf_span(&text));
    ps_buf_done(&text);
    return status;
}

static reading read_file(const char *path, unsigned how, size_t batch_bytes)
{
    static ps_batch batch; // opened once: its address space is large
    reading out;
    ps_reader *reader = NULL;
    ps_error err = {.status = PS_OK};
    ps_recipients recipients = {.headerless = (how & 8) != 0};
    ps_reader_options options = {.source = {.path = path, .missing = PS_MISSING, .bad = PS_INPUT},
                                 .encoding = (ps_encoding)(how & 7),
                                 .headerless = recipients.headerless,
                                 .batch_bytes = batch_bytes};

    if (batch.capacity == 0) CHECK(ps_batch_open(PS_BATCH_BYTES_MIN, &batch, NULL) == PS_OK);
    memset(&out, 0, sizeof out);
    out.status = check_error(ps_reader_open(&options, &reader, &err), &err);
    if (out.status != PS_OK) return out;
    check_error(ps_header_map(&recipients, reader, &err),
                &err); // without mapped columns the rows are read all the same
    for (int pass = 0; pass < 3; pass++) {
        reading before = out;
        bool in_pieces = pass == 1 && ps_pieces_of(reader);
        memset(&out, 0, sizeof out); // what pads it is compared, too
        out.status = check_error(read_batches(reader, in_pieces, &batch, &out, &err), &err);
        if (out.status == PS_OK) {
            ps_source_fingerprint(ps_reader_source(reader), out.fingerprint);
        } else { // how many rows came before says nothing
            ps_status status = out.status;
            memset(&out, 0, sizeof out);
            out.status = status;
            out.hash = ps_hash_of(ps_span_of(err.text));
        }
        if (pass > 0) CHECK(memcmp(&before, &out, sizeof out) == 0);
        CHECK(ps_reader_rewind(reader, &err) == PS_OK);
    }
    CHECK(ps_reader_check(reader, &err) == PS_OK);
    ps_reader_close(reader);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;

    char path[64];
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    CHECK(fd >= 0 && write(fd, data + 2, size - 2) == (ssize_t)(size - 2));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    reading whole = read_file(path, data[0], PS_BATCH_BYTES);
    reading pieces = read_file(path, data[0], PS_BATCH_BYTES_MIN + data[1]);
    CHECK(whole.status == pieces.status);
    CHECK(memcmp(&whole, &pieces, sizeof whole) == 0);
    close(fd);
    return 0;
}
