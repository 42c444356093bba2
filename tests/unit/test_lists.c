// layer: engine
// labels: threads
#include "assert.h"

#include <omp.h>

#include "base/digest.h"
#include "engine/lists.h"

// Every fifth batch leaves nothing for a list, and pieces are as different in length as they are in a run.
enum { BATCHES = 400, PIECE_MAX = 40000, THREADS_MAX = 4 };

static size_t len_of(unsigned verdict, size_t batch)
{
    return (batch + verdict) % 5 == 0 ? 0 : (batch * 7919 + verdict) % (PIECE_MAX >> (2 * (3 - verdict))) + 1;
}

// A byte of a list says which batch it is of and where in its piece it stands.
static char byte_of(unsigned verdict, size_t batch, size_t at)
{
    return (char)(batch * 31 + verdict * 7 + at % 251);
}

static void fill(ps_lists *lists, const ps_batch *none, size_t batch, char *bytes, ps_pieces *out)
{
    for (unsigned v = 0; v < PS_VERDICT_COUNT; v++) {
        out->bytes[v] = (ps_span){bytes + v * PIECE_MAX, len_of(v, batch)};
        for (size_t i = 0; i < out->bytes[v].len; i++)
            bytes[v * PIECE_MAX + i] = byte_of(v, batch, i);
    }
    ps_lists_place(lists, none, out);
}

static void write_all(ps_lists *lists, ps_order *order, int threads)
{
    static char bytes[THREADS_MAX][PS_VERDICT_COUNT * PIECE_MAX];
    static const ps_batch none;
    int failed = 0;

#pragma omp parallel for num_threads(threads) schedule(static, 1) ordered reduction(+ : failed)
    for (size_t batch = 0; batch < BATCHES; batch++) {
        ps_error err = {.status = PS_OK};
        ps_pieces pieces;
#pragma omp ordered
        fill(lists, &none, batch, bytes[omp_get_thread_num()], &pieces);
        ps_lists_digest(lists, &pieces, order, batch);
        failed += ps_lists_write(lists, &pieces, &err) != PS_OK;
    }
    assert_int_equal(failed, 0);
}

// The list holds the pieces in the order of the batches, and `sha256` is its digest.
static void check_list(const char *folder, unsigned verdict, const char *sha256)
{
    char path[128], whole[65];
    ps_sha256 *digest = NULL;

    snprintf(path, sizeof path, "%s/%u", folder, verdict);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(ps_sha256_new(&digest, NULL), PS_OK);
    for (size_t batch = 0; batch < BATCHES; batch++) {
        for (size_t i = 0; i < len_of(verdict, batch); i++) {
            char byte = (char)fgetc(file);
            assert_int_equal(byte, byte_of(verdict, batch, i));
            ps_sha256_add(digest, (ps_span){&byte, 1});
        }
    }
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
    ps_sha256_hex(digest, whole);
    assert_string_equal(sha256, whole);
    ps_sha256_free(digest);
}

static void check_written(int threads)
{
    char folder[] = "/tmp/presend-test-XXXXXX", out[64], name[8], command[64];
    ps_error err = {.status = PS_OK};
    ps_lists lists = {.tools_count = 0};
    ps_set *set = NULL;
    ps_order order;

    assert_non_null(mkdtemp(folder));
    snprintf(out, sizeof out, "%s/out", folder);
    assert_ok(ps_set_open(out, &set, &err), &err);
    assert_ok(ps_blocks_open(&lists.blocks, &err), &err);
    for (unsigned v = 0; v < PS_VERDICT_COUNT; v++) {
        snprintf(name, sizeof name, "%u", v);
        assert_ok(ps_set_create(set, name, &lists.files[v].file, &err), &err);
    }
    ps_order_init(&order);
    write_all(&lists, &order, threads);
    ps_order_done(&order);
    for (unsigned v = 0; v < PS_VERDICT_COUNT; v++) {
        ps_run_output written;
        assert_ok(ps_blocks_finish(&lists.files[v], &err), &err);
        assert_ok(ps_set_close_file(lists.files[v].file, 0, &written, &err), &err);
        lists.files[v].file = NULL;
        check_list(ps_set_folder(set), v, written.sha256);
    }
    ps_lists_done(&lists);
    ps_set_close(set);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0); // NOLINT: a folder of this test's own
}

static void test_written_together(void **state)
{
    (void)state;

    for (int threads = 1; threads <= THREADS_MAX; threads++)
        check_written(threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_written_together)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
