// layer: engine
// labels: threads
#include "assert.h"

#include <errno.h>
#include <fcntl.h>
#include <omp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/blocks.h"

enum { FILES = 3, THREADS_MAX = 4, PIECES = 100, PIECE_MAX = 3 * PS_BLOCK_BYTES + 1 };

// Every test has a set of its own with some files, and the blocks that these are filled by.
typedef struct scene {
    char folder[64];
    ps_set *set;
    ps_blocks blocks;
    ps_block_file files[FILES];
    ps_error err;
} scene;

static int set_up(void **state)
{
    scene *s = calloc(1, sizeof *s);
    char out[80];

    snprintf(s->folder, sizeof s->folder, "/tmp/presend-test-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    snprintf(out, sizeof out, "%s/out", s->folder);
    assert_ok(ps_set_open(out, &s->set, &s->err), &s->err);
    assert_ok(ps_blocks_open(&s->blocks, &s->err), &s->err);
    for (unsigned f = 0; f < FILES; f++) {
        char name[8];
        snprintf(name, sizeof name, "%u", f);
        assert_ok(ps_set_create(s->set, name, &s->files[f].file, &s->err), &s->err);
    }
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    scene *s = *state;
    char command[80];

    for (unsigned f = 0; f < FILES; f++)
        ps_set_drop_file(s->files[f].file);
    ps_blocks_done(&s->blocks);
    ps_set_close(s->set);
    snprintf(command, sizeof command, "rm -rf %s", s->folder);
    assert_int_equal(system(command), 0); // NOLINT: a folder of this test's own
    free(s);
    return 0;
}

// A byte of a file tells where in it it stands, and in which.
static char byte_of(unsigned file, uint64_t at)
{
    return (char)(at % 251 + at / PS_BLOCK_BYTES + file * 7);
}

static ps_span piece_of(unsigned file, uint64_t offset, size_t len, char *bytes)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = byte_of(file, offset + i);
    return (ps_span){bytes, len};
}

// Mostly small, some of many blocks, some that end with a block, some empty.
static size_t len_of(unsigned file, size_t piece)
{
    if ((piece + file) % 11 == 0) return 0;
    if ((piece + file) % 13 == 0) return PIECE_MAX - piece % 3;
    return (piece * 7919 + file * 31) % (PS_BLOCK_BYTES / 2);
}

static ps_status write_piece(scene *s, unsigned file, const ps_block_place *place, size_t len)
{
    char *bytes = malloc(len + 1);
    ps_error err = {.status = PS_OK};

    ps_status status = ps_blocks_write(s->files[file].file, place, piece_of(file, place->offset, len, bytes), &err);
    free(bytes);
    return status;
}

static void place_and_write(scene *s, unsigned file, size_t len)
{
    ps_block_place place;

    ps_blocks_place(&s->blocks, &s->files[file], len, &place);
    assert_int_equal(write_piece(s, file, &place, len), PS_OK);
}

static unsigned taken_blocks(const scene *s)
{
    unsigned count = 0;

    for (unsigned i = 0; i < PS_BLOCKS; i++)
        count += s->blocks.all[i].taken;
    return count;
}

static uint64_t size_of(const scene *s, unsigned file)
{
    struct stat state;
    char path[4200];

    snprintf(path, sizeof path, "%s/%u", ps_set_folder(s->set), file);
    assert_int_equal(stat(path, &state), 0);
    return (uint64_t)state.st_size;
}

// The file is finished and closed, and holds what was placed in it.
static void assert_whole(scene *s, unsigned file)
{
    uint64_t size = ps_set_place(s->files[file].file, 0);
    char path[4200];

    assert_ok(ps_blocks_finish(&s->files[file], &s->err), &s->err);
    assert_ok(ps_set_close_file(s->files[file].file, 0, NULL, &s->err), &s->err);
    s->files[file].file = NULL;
    assert_int_equal(size_of(s, file), size);
    snprintf(path, sizeof path, "%s/%u", ps_set_folder(s->set), file);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    for (uint64_t at = 0; at < size; at++)
        if ((char)getc_unlocked(stream) != byte_of(file, at)) fail_msg("file %u differs at %zu", file, (size_t)at);
    fclose(stream);
}

static void test_lengths(void **state)
{
    static const size_t around[] = {0, PS_BLOCK_BYTES / 2, PS_BLOCK_BYTES, 2 * PS_BLOCK_BYTES, 5 * PS_BLOCK_BYTES};
    scene *s = *state;

    for (size_t a = 0; a < sizeof around / sizeof around[0]; a++) {
        for (size_t b = 0; b < sizeof around / sizeof around[0]; b++) {
            for (int more = -1; more <= 1; more++) {
                place_and_write(s, 0, around[a]);
                if (around[b] > 0) place_and_write(s, 0, around[b] + (size_t)more);
            }
        }
    }
    assert_whole(s, 0);
    assert_int_equal(taken_blocks(s), 0);
}

// What stands before the first piece was written by other means.
static void test_begins_anywhere(void **state)
{
    scene *s = *state;
    char bytes[1000];

    assert_ok(ps_set_write(s->files[1].file, piece_of(1, 0, sizeof bytes, bytes), &s->err), &s->err);
    for (size_t piece = 0; piece < 40; piece++)
        place_and_write(s, 1, 10000);
    assert_whole(s, 1);
}

static void test_nothing(void **state)
{
    scene *s = *state;

    place_and_write(s, 0, 0);
    assert_whole(s, 0);
}

static void test_small_pieces_wait(void **state)
{
    scene *s = *state;

    place_and_write(s, 0, PS_BLOCK_BYTES - 1);
    assert_int_equal(size_of(s, 0), 0);
    place_and_write(s, 0, 3);
    assert_int_equal(size_of(s, 0), PS_BLOCK_BYTES);
    assert_int_equal(taken_blocks(s), 1);
    assert_whole(s, 0);
}

// A worker that is late keeps its block, and those that went on find no other: nobody waits, and nothing is lost.
static void test_late_pieces(void **state)
{
    enum { LATE = 2 * PS_BLOCKS + 3, LEN = PS_BLOCK_BYTES - 100 };
    scene *s = *state;
    ps_block_place places[LATE];

    for (size_t i = 0; i < LATE; i++)
        ps_blocks_place(&s->blocks, &s->files[0], LEN, &places[i]);
    assert_int_equal(taken_blocks(s), PS_BLOCKS);
    assert_null(places[LATE - 1].head);
    for (size_t i = LATE; i-- > 0;)
        assert_int_equal(write_piece(s, 0, &places[i], LEN), PS_OK);
    place_and_write(s, 0, LEN);
    assert_whole(s, 0);
    assert_int_equal(taken_blocks(s), 0);
}

static void test_workers(void **state)
{
    scene *s = *state;

    for (int threads = 1; threads <= THREADS_MAX; threads++) {
        int failed = 0;
#pragma omp parallel for num_threads(threads) schedule(static, 1) ordered reduction(+ : failed)
        for (size_t piece = 0; piece < PIECES; piece++) {
            ps_block_place places[FILES];
#pragma omp ordered
            for (unsigned f = 0; f < FILES; f++)
                ps_blocks_place(&s->blocks, &s->files[f], len_of(f, piece), &places[f]);
            for (unsigned f = 0; f < FILES; f++)
                failed += write_piece(s, f, &places[f], len_of(f, piece)) != PS_OK;
        }
        assert_int_equal(failed, 0);
    }
    for (unsigned f = 0; f < FILES; f++)
        assert_whole(s, f);
    assert_int_equal(taken_blocks(s), 0);
}

// A piece whose worker never came leaves a hole that the size does not show.
static void test_a_hole_is_seen(void **state)
{
    scene *s = *state;
    ps_block_place lost;

    place_and_write(s, 0, 1000);
    ps_blocks_place(&s->blocks, &s->files[0], PS_BLOCK_BYTES, &lost);
    place_and_write(s, 0, PS_BLOCK_BYTES);
    place_and_write(s, 0, PS_BLOCK_BYTES);
    assert_ok(ps_blocks_finish(&s->files[0], &s->err), &s->err);
    assert_int_equal(ps_set_close_file(s->files[0].file, 0, NULL, &s->err), PS_IO);
    s->files[0].file = NULL;
}

// The disk takes `limit` bytes of a file; whether some write of pieces of `len`, or the finish, says so.
static bool is_refused(scene *s, unsigned file, size_t limit, size_t len)
{
    struct rlimit old, small = {limit, RLIM_INFINITY};
    ps_status status = PS_OK;
    ps_block_place place;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (size_t written = 0; written <= limit && status == PS_OK; written += len) {
        ps_blocks_place(&s->blocks, &s->files[file], len, &place);
        status = write_piece(s, file, &place, len);
    }
    if (status == PS_OK) status = ps_blocks_finish(&s->files[file], &s->err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    return status == PS_IO;
}

static void test_full(void **state)
{
    scene *s = *state;

    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_true(is_refused(s, 0, 100, 30));
    assert_true(is_refused(s, 1, 2 * PS_BLOCK_BYTES + 100, 5000));
    assert_true(is_refused(s, 2, 4 * PS_BLOCK_BYTES, PIECE_MAX));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_lengths),     CASE(test_begins_anywhere), CASE(test_nothing),        CASE(test_small_pieces_wait),
        CASE(test_late_pieces), CASE(test_workers),         CASE(test_a_hole_is_seen), CASE(test_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
