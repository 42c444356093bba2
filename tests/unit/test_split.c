// Where cells and records end: every form for a kind of CPU says what the scalar one says, and reads no byte beyond the
// piece. That the scalar one says what libcsv says, fuzz_split shows.
// layer: table

#include "table/split.h"

#include <sys/mman.h>
#include <unistd.h>

#include "assert.h"

enum { RANDOM_PIECES = 60000, PIECE_BYTES_MAX = 10000 };

static const struct {
    const char *name, *text;
    bool regular, open, cut_cr;
    size_t ends, lines, inner, blank;
} cases[] = {
    {"nothing", "", true, false, false, 0, 0, 0, 0},
    {"plain", "a,b\nc,d\n", true, false, false, 4, 2, 0, 0},
    {"a tail", "a,b\nc,d", true, false, false, 3, 1, 0, 0},
    {"quoted", "\"a,\n\",\"\"\n", true, false, false, 2, 1, 1, 0},
    {"doubled quotes", "\"\"\"a\"\"\",b\n", true, false, false, 2, 1, 0, 0},
    {"open", "a,\"b\n", true, true, false, 1, 0, 1, 0},
    {"crlf", "a\r\n\r\n\"\r\n\r\"\r\n", true, false, false, 3, 3, 2, 1},
    {"blank lines", "\n\na\n\r\n\n", true, false, false, 5, 5, 0, 4},
    {"cut crlf", "a\nb\r", true, false, true, 1, 1, 0, 0},
    {"a quote in a cell", "a\"b\n", false, false, false, 0, 0, 0, 0},
    {"a quote in a quoted cell", "\"a\"b\"\n", false, false, false, 0, 0, 0, 0},
    {"a blank behind a quote", "\"a\" ,b\n", false, false, false, 0, 0, 0, 0},
    {"a blank before a quote", "a, \"b\"\n", false, false, false, 0, 0, 0, 0},
    {"a lone CR", "a\rb\n", false, false, false, 0, 0, 0, 0},
    {"CR CR LF", "a\r\r\n", false, false, false, 0, 0, 0, 0},
};

static void test_cases(void **state)
{
    ps_split split = {.ends = NULL};
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].name);
        ps_span piece = ps_span_of(cases[i].text);
        assert_int_equal(ps_split_room(&split, piece.len, NULL), PS_OK);
        ps_split_scalar(piece, ',', &split);
        assert_int_equal(split.regular, cases[i].regular);
        if (!split.regular) continue;
        assert_int_equal(split.open, cases[i].open);
        assert_int_equal(split.cut_cr, cases[i].cut_cr);
        assert_int_equal(split.end_count, cases[i].ends);
        assert_int_equal(split.line_count, cases[i].lines);
        assert_int_equal(split.inner_count, cases[i].inner);
        assert_int_equal(split.blank_count, cases[i].blank);
    }
    ps_split_done(&split);
}

// What a record of a few bytes may have, behind as many others as make it cross a block.
static void test_doubts(void **state)
{
    static const struct {
        const char *text;
        unsigned doubts;
    } records[] = {
        {"a@b.jp,1-2,\"3 = 4\",,\"\"\"\",\"\"\n", PS_SPLIT_DOUBLED},
        {"a,=1\n", PS_SPLIT_FORMULA},
        {"a,\"@b\"\n", PS_SPLIT_FORMULA},
        {"'a,b\n", PS_SPLIT_FORMULA},
        {"a,\",b\"\n", 0},
        {"a,\"\tb\"\n", PS_SPLIT_FORMULA},
        {"a,\"\rb\"\r\n", PS_SPLIT_FORMULA | PS_SPLIT_INNER},
        {"a,\r\n", 0},
        {"a,\"\n\"\n", PS_SPLIT_FORMULA | PS_SPLIT_INNER},
        {"a,\"b\r\nc\"\n", PS_SPLIT_FORMULA | PS_SPLIT_INNER},
        {"a,\"b\nc\"\n", PS_SPLIT_INNER},
        {"a\u00e9,b\n", PS_SPLIT_HIGH},
        {"a,\uff1d1\n", PS_SPLIT_HIGH | PS_SPLIT_FORMULA},
        {"a,\x81\x81\n", PS_SPLIT_HIGH | PS_SPLIT_FORMULA},
        {"a,\"\xa1\xe1\"\n", PS_SPLIT_HIGH | PS_SPLIT_FORMULA},
        {"a,\u5c71\uff1d,\"\u00e9\"\n", PS_SPLIT_HIGH},
        {"a,\"b \"\"c\"\"\"\n", PS_SPLIT_DOUBLED},
        {"abc,defg,\"h\",\"\",,\n", 0},
    };
    enum { BEFORE_MAX = 2 * PS_SPLIT_BLOCK };
    char text[BEFORE_MAX + 64];
    ps_split split = {.ends = NULL};
    (void)state;

    assert_int_equal(ps_split_room(&split, sizeof text, NULL), PS_OK);
    for (size_t i = 0; i < PS_COUNT_OF(records) * BEFORE_MAX; i++) {
        const char *record = records[i / BEFORE_MAX].text;
        size_t before = i % BEFORE_MAX, len = before + strlen(record);
        memset(text, 'a', before);
        memcpy(text + before, record, strlen(record));
        if (before > 0) text[before - 1] = '\n';
        ps_split_for(ps_cpu_best())((ps_span){text, len}, ',', &split);
        assert_true(split.regular);
        assert_int_equal(ps_split_doubts(&split, before, len), records[i / BEFORE_MAX].doubts);
        assert_int_equal(ps_split_doubts_of_blocks(&split, before / PS_SPLIT_BLOCK, (len - 1) / PS_SPLIT_BLOCK),
                         records[i / BEFORE_MAX].doubts);
    }
    ps_split_done(&split);
}

// More blocks than are looked at in one word.
static void test_doubts_of_a_long_record(void **state)
{
    enum { LONG = 20 * PS_SPLIT_BLOCK };
    char text[LONG];
    ps_split split = {.ends = NULL};
    (void)state;

    assert_int_equal(ps_split_room(&split, sizeof text, NULL), PS_OK);
    memset(text, 'a', sizeof text);
    memcpy(text + 2 * PS_SPLIT_BLOCK, "\xc3\xa9\n", 3);
    text[LONG - 1] = '\n';
    ps_split_scalar((ps_span){text, LONG}, ',', &split);
    assert_int_equal(ps_split_doubts(&split, (size_t)3 * PS_SPLIT_BLOCK, LONG), 0);
    memcpy(text + (size_t)17 * PS_SPLIT_BLOCK, ",\"=\n\",", 6);
    ps_split_scalar((ps_span){text, LONG}, ',', &split);
    assert_int_equal(ps_split_doubts(&split, (size_t)3 * PS_SPLIT_BLOCK, LONG), PS_SPLIT_FORMULA | PS_SPLIT_INNER);
    ps_split_done(&split);
}

static void test_finish(void **state)
{
    ps_split split = {.ends = NULL};
    (void)state;

    assert_int_equal(ps_split_room(&split, 16, NULL), PS_OK);
    ps_split_scalar(ps_span_of("a,b\nc,d"), ',', &split);
    assert_true(ps_split_finish(&split, 7));
    assert_int_equal(split.line_count, 2);
    assert_int_equal(split.ends[split.lines[1]], 7);
    ps_split_scalar(ps_span_of("a,b\n"), ',', &split);
    assert_true(ps_split_finish(&split, 4));
    assert_int_equal(split.line_count, 1);
    ps_split_scalar(ps_span_of("a,\"b\n"), ',', &split);
    assert_false(ps_split_finish(&split, 5));
    ps_split_scalar(ps_span_of("a\nb\r"), ',', &split);
    assert_false(ps_split_finish(&split, 4));
    ps_split_done(&split);
}

static void assert_same(const ps_split *a, const ps_split *b, size_t len)
{
    assert_int_equal(a->regular, b->regular);
    if (!a->regular) return;
    assert_int_equal(a->open, b->open);
    assert_int_equal(a->cut_cr, b->cut_cr);
    assert_int_equal(a->blank_count, b->blank_count);
    assert_int_equal(a->end_count, b->end_count);
    assert_int_equal(a->line_count, b->line_count);
    assert_int_equal(a->inner_count, b->inner_count);
    assert_memory_equal(a->ends, b->ends, a->end_count * sizeof *a->ends);
    assert_memory_equal(a->lines, b->lines, a->line_count * sizeof *a->lines);
    assert_memory_equal(a->inner, b->inner, a->inner_count * sizeof *a->inner);
    assert_memory_equal(a->doubts, b->doubts, (len + PS_SPLIT_BLOCK - 1) / PS_SPLIT_BLOCK);
}

// Values that begin with any byte, in either half of a block.
static void test_first_bytes(void **state)
{
    enum { PLACES = 2 };
    static const size_t places[PLACES] = {9, 41};
    ps_split split = {.ends = NULL}, reference = {.ends = NULL};
    (void)state;

    assert_int_equal(ps_split_room(&split, PS_SPLIT_BLOCK, NULL), PS_OK);
    assert_int_equal(ps_split_room(&reference, PS_SPLIT_BLOCK, NULL), PS_OK);
    for (int i = 0; i < PLACES * (UINT8_MAX + 1); i++) {
        char text[PS_SPLIT_BLOCK];
        memset(text, 'a', sizeof text);
        text[places[i % PLACES] - 1] = ',';
        text[places[i % PLACES]] = (char)(i / PLACES);
        ps_split_scalar((ps_span){text, sizeof text}, ',', &reference);
        for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= ps_cpu_best(); cpu++) {
            ps_split_for(cpu)((ps_span){text, sizeof text}, ',', &split);
            assert_same(&split, &reference, sizeof text);
        }
    }
    ps_split_done(&split);
    ps_split_done(&reference);
}

// xorshift64: fixed, so that a failure can be run again.
static uint64_t next_random(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

// Pieces of tokens that are often regular, for long enough to cross several blocks.
static size_t make_piece(char *bytes, uint64_t *random)
{
    static const char *const tokens[] = {"a,",       "bcdefgh\n", "\"x,\",",  "\"\"\r\n", "\"y\"\"\"\n", "\"\n\",",
                                         "\"\r\"\n", "\n",        "\r\n",     ",",        "=a,",         "\"+b\",",
                                         "'-\n",     "\"\xc3\",", "\"\t,\",", "@",        "\"",          "\r"};
    size_t rare = next_random(random) % 2 == 0 ? 2 : 0; // without the last two, most are regular
    size_t len = 0, want = next_random(random) % (next_random(random) % 8 == 0 ? PIECE_BYTES_MAX - 8 : 300);

    while (len < want) {
        const char *token = tokens[next_random(random) % (PS_COUNT_OF(tokens) - rare)];
        memcpy(bytes + len, token, strlen(token));
        len += strlen(token);
    }
    return len;
}

// Each piece ends where a page ends that must not be read.
static void test_forms(void **state)
{
    (void)state;
    size_t page = 4 * (size_t)sysconf(_SC_PAGESIZE); // holds any piece
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t random = 88172645463325252, regular = 0;
    ps_split split = {.ends = NULL}, reference = {.ends = NULL};

    assert_true(pages != MAP_FAILED);
    assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
    assert_int_equal(ps_split_room(&split, PIECE_BYTES_MAX, NULL), PS_OK);
    assert_int_equal(ps_split_room(&reference, PIECE_BYTES_MAX, NULL), PS_OK);
    for (int i = 0; i < RANDOM_PIECES; i++) {
        char made[PIECE_BYTES_MAX];
        size_t len = make_piece(made, &random);
        ps_span piece = {memcpy(pages + page - len, made, len), len};
        ps_split_scalar(piece, ',', &reference);
        regular += reference.regular;
        for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= ps_cpu_best(); cpu++) {
            ps_split_for(cpu)(piece, ',', &split);
            assert_same(&split, &reference, len);
        }
    }
    assert_true(regular > RANDOM_PIECES / 10); // else nothing was compared
    ps_split_done(&split);
    ps_split_done(&reference);
    munmap(pages, 2 * page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_doubts),
        cmocka_unit_test(test_doubts_of_a_long_record),
        cmocka_unit_test(test_finish),
        cmocka_unit_test(test_first_bytes),
        cmocka_unit_test(test_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
