// The text of a batch's cells is what each of them decodes to by itself, however its bytes lie in the blocks that are
// looked at as a whole. Cells by which nothing is judged keep their bytes.
// layer: stage

#include "assert.h"
#include "base/buf.h"
#include "base/limits.h"
#include "stage/stage.h"

enum { RECORDS = 400, COLUMNS = 4, MAPPED = 3, READ = 2 };

static ps_layout layout = {
    .file = "list.csv",
    .bad = PS_INPUT,
    .delimiter = ',',
    .column_count = COLUMNS,
    .mapped = {{PS_COLUMN_EMAIL, 0, false}, {PS_COLUMN_OPTIN, 2, false}, {PS_COLUMN_NAME, 3, false}},
    .mapped_count = MAPPED};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

// How often a cell is no text: never, or so that some batches have one and others many.
static const uint32_t one_in[] = {0, 5000, 300, 4};

static void make_text(ps_buf *out, uint32_t *seed, uint32_t damaged)
{
    static const char *const good[] = {
        "a@example.com", "\xE9\x88\xB4\xE6\x9C\xA8",  "S\xC3\xB8ren", "\xF0\x9F\x98\x80", "\"b\xC3\xBC\xC3\xA4\"", "",
        "yes",           "\"x \"\"\xE4\xBD\xA0\"\"\""};
    static const char *const bad[] = {"\xE6\x97", "\xC3", "\xB8", "\xED\xA0\x80", "\"\xFF\"", "\xF4\x90\x80\x80"};

    for (size_t i = 0; i < (size_t)RECORDS * COLUMNS; i++) {
        bool is_bad = damaged > 0 && next_random(seed) % damaged == 0;
        size_t letters = next_random(seed) % 20, which = next_random(seed);
        const char *text = which % 12 == 0 ? good[which / 12 % PS_COUNT_OF(good)] : "2024-02-01"; // as in most lists
        if (is_bad) text = bad[which % PS_COUNT_OF(bad)];
        if (text[0] != '"') ps_buf_add_format(out, "%.*s", (int)letters, "....................");
        ps_buf_add_text(out, text);
        ps_buf_add_text(out, i % COLUMNS == COLUMNS - 1 ? "\n" : ",");
    }
    assert_false(out->failed);
}

static void parse(ps_batch *batch, ps_span text)
{
    ps_batch_reset(batch);
    assert_int_equal(ps_batch_room(batch, text.len, NULL), PS_OK);
    assert_int_equal(ps_split_room(&batch->split, text.len, NULL), PS_OK);
    memcpy(batch->bytes, text.bytes, text.len);
    batch->len = text.len;
    batch->layout = &layout;
    ps_split_for(ps_cpu_best())((ps_span){batch->bytes, batch->len}, ',', &batch->split);
    assert_true(batch->split.regular);
    assert_int_equal(ps_batch_parse(batch, NULL), PS_OK);
}

static void check_cell(ps_batch *batch, ps_decoder *decoder, ps_span raw, ps_span text)
{
    ps_span alone;

    (void)ps_decoder_cell(decoder, raw, &batch->arena, &alone); // a damaged one is no error
    assert_true(ps_span_equal(text, alone));
}

static void check_batch(ps_batch *batch, ps_decoder *decoder, ps_span bytes)
{
    static ps_span raw[RECORDS][MAPPED];

    batch->decoder = decoder;
    parse(batch, bytes);
    assert_int_equal(batch->row_count, RECORDS);
    for (size_t i = 0; i < RECORDS; i++)
        memcpy(raw[i], ps_batch_values(batch, &batch->rows[i]), sizeof raw[i]);
    ps_stage_normalize(NULL, batch);
    for (size_t i = 0; i < RECORDS; i++) {
        const ps_span *cells = ps_batch_values(batch, &batch->rows[i]);
        for (size_t slot = 0; slot < READ; slot++)
            check_cell(batch, decoder, raw[i][slot], cells[slot]);
        assert_ptr_equal(cells[READ].bytes, raw[i][READ].bytes);
    }
}

static void check_encoding(ps_encoding encoding, ps_batch *batch)
{
    ps_decoder *decoder = NULL;
    uint32_t seed = 1;
    ps_buf text;

    ps_buf_init(&text, 1 << 20);
    layout.encoding = encoding;
    assert_int_equal(ps_decoder_open(encoding, &decoder, NULL), PS_OK);
    for (size_t round = 0; round < 40; round++) {
        ps_buf_clear(&text);
        make_text(&text, &seed, one_in[round % PS_COUNT_OF(one_in)]);
        check_batch(batch, decoder, ps_buf_span(&text));
    }
    ps_decoder_close(decoder);
    ps_buf_done(&text);
}

static void test_as_cell_by_cell(void **state)
{
    static const ps_encoding encodings[] = {PS_ENCODING_UTF8, PS_ENCODING_WINDOWS_1252, PS_ENCODING_EUC_JP_MS};
    const ps_cpu best = ps_cpu_best();
    ps_batch batch = {.number = 0};
    (void)state;

    assert_int_equal(ps_batch_open(PS_BATCH_BYTES, &batch, NULL), PS_OK);
    for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= best; cpu++) {
        ps_cpu_limit(cpu);
        for (size_t i = 0; i < PS_COUNT_OF(encodings); i++)
            check_encoding(encodings[i], &batch);
    }
    ps_cpu_limit(PS_CPU_COUNT);
    ps_batch_close(&batch);
}

// At each place of the blocks that its cell lies in, and nothing else but ASCII around.
static void test_one_damaged_byte(void **state)
{
    enum { LETTERS = 200 };
    ps_batch batch = {.number = 0};
    char text[2 * LETTERS];
    (void)state;

    layout.encoding = PS_ENCODING_UTF8;
    assert_int_equal(ps_batch_open(PS_BATCH_BYTES, &batch, NULL), PS_OK);
    assert_int_equal(ps_decoder_open(layout.encoding, &batch.decoder, NULL), PS_OK);
    for (size_t at = 0; at < LETTERS; at++) {
        memset(text, 'a', LETTERS);
        text[at] = '\xB8';
        memcpy(text + LETTERS, ",b,c,d\n", sizeof ",b,c,d\n" - 1);
        parse(&batch, (ps_span){text, LETTERS + sizeof ",b,c,d\n" - 1});
        ps_stage_normalize(NULL, &batch);
        ps_span cell = ps_batch_values(&batch, batch.rows)[0];
        assert_int_equal(cell.len, LETTERS - 1 + 3);
        assert_memory_equal(cell.bytes + at, "\xEF\xBF\xBD", 3); // U+FFFD
    }
    ps_decoder_close(batch.decoder);
    ps_batch_close(&batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_as_cell_by_cell), cmocka_unit_test(test_one_damaged_byte)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
