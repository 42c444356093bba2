// Lists packed piece by piece come out whole.
// layer: table
#include <unistd.h>

#include "assert.h"
#include "base/memory.h"
#include "table/pack.h"
#include "table/source.h"

enum { PIECES = 40, PIECE_MAX = 700000 };

static char pieces[PIECE_MAX], read_back[PIECE_MAX];
static ps_error error;

static const struct {
    ps_compression compression;
    const char *suffix;
} kinds[] = {{PS_COMPRESSION_GZIP, ".gz"}, {PS_COMPRESSION_ZSTD, ".zst"}};

// Text, text that repeats, and noise, which only grows.
static size_t make_piece(unsigned number)
{
    static const size_t sizes[] = {0, 1, 10, 65535, 65536, PIECE_MAX};
    uint64_t random = number + 1;
    size_t len = sizes[number % PS_COUNT_OF(sizes)];

    for (size_t i = 0; i < len; i++) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        uint64_t noise = random >> 56, letter = 'a' + (random >> 60), line = i % 2 == 0 ? ',' : '\n';
        pieces[i] = (char)(number % 3 == 0 ? noise : number % 3 == 1 ? letter : line);
    }
    return len;
}

static void pack_into(ps_packer *packer, int fd, unsigned number)
{
    ps_span packed = {NULL, 0};
    size_t len = make_piece(number);

    assert_ok(ps_packer_pack(packer, number % PS_VERDICT_COUNT, (ps_span){pieces, len}, &packed, &error), &error);
    assert_true(packed.len > 0); // an empty piece is a member, too
    assert_int_equal(write(fd, packed.bytes, packed.len), (ssize_t)packed.len);
}

static void check_file(const char *path)
{
    const ps_source_options options = {.path = path, .missing = PS_MISSING, .bad = PS_INPUT};
    ps_source *source = NULL;
    size_t len = 0;

    assert_ok(ps_source_open(&options, &source, &error), &error);
    for (unsigned i = 0; i < PIECES; i++) {
        size_t want = make_piece(i);
        assert_ok(ps_source_read(source, read_back, want, &len, &error), &error);
        assert_int_equal(len, want);
        assert_memory_equal(read_back, pieces, want);
    }
    assert_ok(ps_source_read(source, read_back, 1, &len, &error), &error);
    assert_int_equal(len, 0);
    ps_source_close(source);
}

static void test_pieces_are_one_file(void **state)
{
    (void)state;
    for (size_t k = 0; k < PS_COUNT_OF(kinds); k++) {
        char path[] = "/tmp/presend-pack-XXXXXX";
        ps_packer *packer = NULL;
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_string_equal(ps_packed_suffix(kinds[k].compression), kinds[k].suffix);
        assert_ok(ps_packer_new(kinds[k].compression, &packer, &error), &error);
        for (unsigned i = 0; i < PIECES; i++)
            pack_into(packer, fd, i);
        assert_int_equal(close(fd), 0);
        check_file(path);
        unlink(path);
        ps_packer_free(packer);
    }
}

// Wherever a packer lies in memory: igzip's levels 1 and 2 put an entry of their table where bits of that address say,
// from the sixteenth on, and what is found by it is found at one address in thousands.
static void test_any_address(void **state)
{
    enum { ADDRESSES = 20000, STEP = 1 << 16, LEN = 4000 };
    static void *between[ADDRESSES]; // not touched, so they take next to no memory
    static char first[LEN * 2];
    size_t first_len = 0;
    (void)state;

    for (size_t i = 0; i < LEN; i++)
        pieces[i] = "lina.ito@example.jp,2026-01-31\n"[(i + i / 311 * 7) % 31];
    for (size_t i = 0; i < ADDRESSES; i++) {
        ps_packer *packer = NULL;
        ps_span out = {NULL, 0};
        between[i] = malloc(STEP);
        assert_ok(ps_packer_new(PS_COMPRESSION_GZIP, &packer, &error), &error);
        assert_ok(ps_packer_pack(packer, PS_VERDICT_CLEAN, (ps_span){pieces, LEN}, &out, &error), &error);
        if (i == 0) memcpy(first, out.bytes, first_len = out.len);
        assert_int_equal(out.len, first_len);
        assert_memory_equal(out.bytes, first, first_len);
        ps_packer_free(packer);
    }
    for (size_t i = 0; i < ADDRESSES; i++)
        free(between[i]);
}

static void test_plain(void **state)
{
    const ps_span piece = ps_span_of("a,b\n");
    ps_packer *packer = NULL;
    ps_span out = {NULL, 0};

    (void)state;
    assert_ok(ps_packer_new(PS_COMPRESSION_NONE, &packer, &error), &error);
    assert_ok(ps_packer_pack(packer, PS_VERDICT_CLEAN, piece, &out, &error), &error);
    assert_ptr_equal(out.bytes, piece.bytes);
    assert_string_equal(ps_packed_suffix(PS_COMPRESSION_NONE), "");
    ps_packer_free(packer);
    ps_packer_free(NULL);
}

static void test_no_memory(void **state)
{
    ps_packer *packer = NULL;
    ps_span out = {NULL, 0};

    (void)state;
    ps_memory_fail_at(1, 0);
    assert_int_equal(ps_packer_new(PS_COMPRESSION_GZIP, &packer, &error), PS_RETRY);
    ps_memory_fail_at(0, 0);
    assert_ok(ps_packer_new(PS_COMPRESSION_GZIP, &packer, &error), &error);
    ps_memory_fail_at(1, 0);
    assert_int_equal(ps_packer_pack(packer, PS_VERDICT_HELD, ps_span_of("x"), &out, &error), PS_RETRY);
    ps_memory_fail_at(0, 0);
    assert_ok(ps_packer_pack(packer, PS_VERDICT_HELD, ps_span_of("x"), &out, &error), &error);
    ps_packer_free(packer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_one_file),
        cmocka_unit_test(test_any_address),
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
