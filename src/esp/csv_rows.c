// The rows of a CSV file become entries, piece by piece, each on whatever thread has nothing else to do. What depends
// on the order of the file waits for its turn.

#include "esp/csv.h"

#include <assert.h>

#include "base/limits.h"
#include "base/memory.h"
#include "esp/entry_block.h"
#include "esp/form_memo.h"
#include "esp/refuse.h"
#include "esp/scope.h"
#include "esp/shape.h"
#include "esp/stamp.h"
#include "esp/verification.h"

enum { DAY_S = 86400, JST_S = 9 * 3600 };

static_assert((int)PS_IMPORT_SETTLE > (int)PS_ORDER_READ && (int)PS_IMPORT_PUT < (int)PS_ORDER_POINTS_MAX, "points");

// What one thread has in hand.
typedef struct csv_worker {
    ps_csv *csv;
    ps_import import; // of the piece at hand
    ps_run_source counts; // likewise
    ps_piece piece;
    ps_batch batch;
    ps_decoder *decoder;
    ps_form_memo classes;
    ps_span words[PS_FORM_WORDS_MAX]; // of the row at hand
    bool plain; // so may its rows be
    ps_import_block block; // of them
} csv_worker;

static ps_span value_of(csv_worker *worker, const ps_row *row, size_t slot)
{
    ps_span text = {NULL, 0};

    if (slot == SIZE_MAX) return text;
    text = ps_batch_values(&worker->batch, row)[slot];
    if (worker->csv->ascii_safe && (row->lacks & PS_SPLIT_HIGH) != 0) return text;
    // Bytes that are no text come back as U+FFFD; the address rules then say what is wrong with the address.
    (void)ps_decoder_cell(worker->decoder, text, &worker->batch.arena, &text);
    return text;
}

// Results as old as that say nothing any more: people come and go.
static bool is_outdated(const ps_csv *csv)
{
    const ps_source_config *config = csv->import->config;
    ps_day written = ps_zone_day(csv->import->zone, csv->import->out->modified_s);
    int32_t days = config->max_age_s == 0 ? PS_VERIFIED_GOOD_DAYS : (int32_t)(config->max_age_s / DAY_S);

    return config->as_of > 0 && config->as_of - written > days;
}

static ps_status add_result(csv_worker *worker, ps_import_entry *entry, const ps_span *words, ps_error *err)
{
    const ps_form_slots *slots = &worker->csv->slots;
    ps_span closer = slots->words_count > 1 ? words[1] : (ps_span){NULL, 0};
    ps_import *import = &worker->import;
    ps_verified verdict;

    if (!entry->damaged && !ps_verification_judge(slots->verification, words[0], closer, &verdict)) {
        ps_refuse(import, entry->line, err, "line %llu has a status that the service is not known to give.",
                  (unsigned long long)entry->line);
        ps_error_hint(err, "Correct `format:` at this source, or ask for the results again.");
        return PS_SOURCE;
    }
    bool removes = !entry->damaged && ps_verified_removes(verdict), outdated = removes && is_outdated(worker->csv);
    if (outdated) import->out->expired++;
    if (!removes || outdated) {
        ps_import_pass(import, entry);
        return PS_OK;
    }
    import->results = true;
    entry->class = PS_CLASS_VERIFIED;
    entry->list = ps_verified_word(verdict);
    return ps_import_add(import, entry, err);
}

// An answer in a log counts with the others to the same person. The report that has them is a Japanese one.
static ps_status add_answer(csv_worker *worker, const ps_import_entry *entry, const ps_span *words, ps_error *err)
{
    ps_csv *csv = worker->csv;
    ps_import *import = &worker->import;
    ps_event event = {.address = ps_shape_trim(entry->text)};
    ps_status status = ps_import_enter_turn(import, err);

    if (status == PS_OK && csv->people == NULL) status = ps_people_new(csv->import, &csv->people, err);
    if (status != PS_OK) return status;
    if (event.address.len == 0) return ps_import_add(import, entry, err);
    event.says = ps_event_says_of(ps_form_memo_class(&worker->classes, &csv->slots, words));
    if (!ps_stamp_seconds(entry->stamp, JST_S, &event.time_s)) import->out->undated++;
    event.same = ps_hash_of(entry->stamp).low ^ ps_hash_of(words[csv->slots.words_count - 1]).high;
    import->out->events++;
    ps_import_pass(import, entry);
    ps_arena_reset(&csv->import->arena);
    return ps_people_note(csv->people, &event, entry->line, err);
}

static ps_status add_row(csv_worker *worker, const ps_row *row, ps_error *err)
{
    const ps_findings damage = PS_FIND(COLUMNS) | PS_FIND(TOO_LARGE);
    const ps_form_slots *slots = &worker->csv->slots;
    ps_span *words = worker->words;
    ps_import_entry entry = {
        .text = value_of(worker, row, slots->address),
        .stamp = value_of(worker, row, slots->stamp),
        .expires = {value_of(worker, row, slots->expires[0]), value_of(worker, row, slots->expires[1])},
        .list = slots->list,
        .line = row->line,
        .damaged = (row->findings & damage) != 0,
    };

    if (row->run_together) { // one such record can hide any number of entries
        return ps_refuse(&worker->import, row->line, err,
                         "a quoted cell that begins in line %llu holds a line break and a quote that is not doubled, "
                         "so entries may have run together.",
                         (unsigned long long)row->line);
    }
    for (size_t i = 0; i < slots->words_count; i++)
        words[i] = value_of(worker, row, slots->words[i]);
    if (slots->verification != NULL) return add_result(worker, &entry, words, err);
    if (slots->answers && !entry.damaged) return add_answer(worker, &entry, words, err);
    entry.class = ps_form_memo_class(&worker->classes, slots, words);
    entry.elsewhere =
        slots->scope != SIZE_MAX && ps_scope_is_elsewhere(worker->import.config, value_of(worker, row, slots->scope));
    return ps_import_add(&worker->import, &entry, err);
}

// Whether what most rows of the file say is no more than an address, a class and a day.
static bool may_be_plain(const csv_worker *worker)
{
    const ps_form_slots *slots = &worker->csv->slots;
    bool more = slots->verification != NULL || slots->answers || slots->scope != SIZE_MAX ||
                slots->expires[0] != SIZE_MAX || slots->expires[1] != SIZE_MAX;

    return !more && slots->address != SIZE_MAX && worker->csv->ascii_safe && ps_import_is_plain(&worker->import);
}

// A row whose cells are text as they stand, and its record whole.
static bool is_plain(const ps_row *row)
{
    return row->findings == 0 && !row->run_together && (row->lacks & PS_SPLIT_HIGH) != 0;
}

static ps_span plain_cell(const ps_span *values, size_t slot)
{
    return slot == SIZE_MAX ? (ps_span){NULL, 0} : values[slot];
}

// What the row says, as record n of the block.
static void offer_row(csv_worker *worker, const ps_row *row, size_t n)
{
    const ps_form_slots *slots = &worker->csv->slots;
    const ps_span *values = ps_batch_values(&worker->batch, row);
    ps_import_block *block = &worker->block;

    block->texts[n] = (ps_span){NULL, 0};
    if (!is_plain(row)) return;
    for (size_t i = 0; i < slots->words_count; i++)
        worker->words[i] = plain_cell(values, slots->words[i]);
    block->whole |= UINT64_C(1) << n;
    block->texts[n] = values[slots->address];
    block->stamps[n] = plain_cell(values, slots->stamp);
    block->classes[n] = ps_form_memo_class(&worker->classes, slots, worker->words);
}

static ps_status look_at_block(csv_worker *worker, const ps_row *rows, size_t count, ps_error *err)
{
    ps_import_block *block = &worker->block;

    block->plain = block->whole = 0;
    if (!worker->plain) return PS_OK;
    block->count = count;
    block->list = worker->csv->slots.list;
    for (size_t i = 0; i < count; i++)
        offer_row(worker, &rows[i], i);
    return ps_import_look(&worker->import, block, err);
}

static ps_status add_block(csv_worker *worker, size_t from, ps_error *err)
{
    size_t left = worker->batch.row_count - from, count = left < PS_IMPORT_BLOCK ? left : PS_IMPORT_BLOCK;
    const ps_row *rows = worker->batch.rows + from;
    ps_status status = look_at_block(worker, rows, count, err);

    for (size_t i = 0, run; status == PS_OK && i < count; i += run) {
        uint64_t others = ~(worker->block.plain >> i); // there is one: a block has fewer rows than there are bits
        run = (size_t)__builtin_ctzll(others);
        if (run > 0) {
            status = ps_import_add_plain(&worker->import, &worker->block, i, run, err);
        } else {
            status = add_row(worker, &rows[i], err);
            run = 1;
        }
    }
    return status;
}

// ---- pieces

// Room for the entries that are still to come, by what the file had so far: a table that grows as it fills is moved
// again and again. A log tells of one person many times, and its records may be shorter at its head, so it is asked
// four times what there is at most, and again after 1, 4, 16 ... pieces.
static ps_status expect_entries(const ps_csv *csv, uint64_t number, ps_error *err)
{
    const ps_source *source = ps_reader_source(csv->reader);
    const ps_import *import = csv->import;
    uint64_t pieces = number + 1, size = ps_source_size(source), entries = import->out->addresses;
    bool turn = (pieces & (pieces - 1)) == 0 && __builtin_ctzll(pieces) % 2 == 0;

    if (!turn || import->set == NULL || !ps_source_plain(source) || csv->bytes == 0 || size <= csv->bytes) return PS_OK;
    double more = (double)(size - csv->bytes) / (double)csv->bytes;
    return ps_suppression_expect(import->set, (uint64_t)((more < 4 ? more : 4) * (double)entries), err);
}

// What the piece came to, in its turn.
static ps_status end_piece(csv_worker *worker, ps_error *err)
{
    ps_csv *csv = worker->csv;
    ps_status status = ps_import_end_part(&worker->import, csv->import, err);

    if (status != PS_OK) return status;
    csv->bytes += worker->batch.len;
    if (worker->batch.row_count > 0) {
        const ps_row *last = &worker->batch.rows[worker->batch.row_count - 1];
        csv->ended = last->len != last->body_len;
        csv->last_line = last->line;
    }
    status = expect_entries(csv, worker->import.part, err);
    ps_order_leave(&csv->order, PS_IMPORT_PUT);
    return status;
}

static ps_status add_piece(csv_worker *worker, ps_error *err)
{
    ps_csv *csv = worker->csv;
    bool piece = worker->piece.reader != NULL; // else the batch was read whole
    ps_status status = piece ? ps_piece_read(&worker->piece, &worker->batch, err) : PS_OK;

    if (status != PS_OK || !ps_order_enter(&csv->order, PS_IMPORT_SETTLE, worker->import.part)) return status;
    if (piece) status = ps_piece_settle(&worker->piece, &worker->batch, err);
    if (status != PS_OK) return status; // nobody knows where to go on
    ps_order_leave(&csv->order, PS_IMPORT_SETTLE);
    status = ps_batch_parse(&worker->batch, err);
    // Asked of all bytes at once, as nearly none are.
    worker->block.stars = worker->batch.len > 0 && memchr(worker->batch.bytes, '*', worker->batch.len) != NULL;
    for (size_t i = 0; status == PS_OK && i < worker->batch.row_count; i += PS_IMPORT_BLOCK)
        status = add_block(worker, i, err);
    return status == PS_OK ? end_piece(worker, err) : status;
}

// What cannot be read in pieces is read here, where one thread is at a time.
static ps_status take_piece(csv_worker *worker, uint64_t number, bool *out_more, ps_error *err)
{
    ps_csv *csv = worker->csv;

    ps_batch_reset(&worker->batch);
    worker->batch.layout = csv->layout;
    worker->batch.number = number;
    worker->counts = (ps_run_source){.name = csv->import->out->name};
    worker->import.part = number;
    worker->import.in_turn = false;
    worker->import.records = worker->import.first_unreadable = 0;
    worker->import.results = false;
    worker->piece.reader = NULL;
    if (!ps_pieces_of(csv->reader)) return ps_reader_next(csv->reader, &worker->batch, out_more, err);
    *out_more = ps_piece_take(csv->reader, &worker->piece);
    return PS_OK;
}

static void add_pieces(csv_worker *worker, ps_error *err)
{
    ps_order *order = &worker->csv->order;
    uint64_t number = 0;
    bool more = true;

    while (more && ps_order_enter_reading(order, &number)) {
        ps_status status = take_piece(worker, number, &more, err);
        ps_order_leave_reading(order);
        if (status == PS_OK && more) status = add_piece(worker, err);
        if (status != PS_OK) ps_order_fail(order, number, err);
    }
}

static ps_status open_worker(csv_worker *worker, ps_error *err)
{
    ps_import *import = &worker->import;

    *import = worker->csv->begin;
    import->out = &worker->counts;
    import->order = &worker->csv->order;
    import->arena = (ps_arena){.base = NULL};
    ps_status status = ps_import_open(import, err);
    worker->plain = may_be_plain(worker);
    if (status == PS_OK) status = ps_decoder_open(worker->csv->layout->encoding, &worker->decoder, err);
    return status == PS_OK ? ps_batch_open(PS_CSV_PIECE_BYTES, &worker->batch, err) : status;
}

static void close_worker(csv_worker *worker)
{
    ps_batch_close(&worker->batch);
    ps_decoder_close(worker->decoder);
    ps_import_close(&worker->import);
    ps_memory_free(worker);
}

// One thread's part in it.
static void work(void *of)
{
    ps_csv *csv = of;
    ps_error err = {.status = PS_OK};
    csv_worker *worker = ps_memory_new(1, sizeof *worker, &err);

    if (worker != NULL) worker->csv = csv;
    if (worker == NULL || open_worker(worker, &err) != PS_OK) {
        ps_order_fail(&csv->order, 0, &err);
    } else {
        add_pieces(worker, &err);
    }
    if (worker != NULL) close_worker(worker);
}

ps_status ps_csv_read_rows(ps_csv *csv, ps_error *err)
{
    const ps_import_crew *crew = csv->import->crew;
    ps_status status = PS_OK;

    ps_order_init(&csv->order);
    csv->begin = *csv->import;
    if (crew != NULL) {
        crew->lead(crew->context, work, csv);
    } else {
        work(csv);
    }
    if (atomic_load(&csv->order.failed_at) != UINT64_MAX) {
        status = csv->order.failure.status;
        if (err != NULL) *err = csv->order.failure;
    }
    ps_order_done(&csv->order);
    return status;
}
