// About how many addresses a file holds.
// layer: table
#include "assert.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "table/estimate.h"

enum { BYTES_MAX = 64 << 20 };

static char path[] = "/tmp/ps-test-estimate-XXXXXX";

static void write_file(const ps_buf *text)
{
    ps_error err;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_ok(ps_file_write(fd, ps_buf_span(text), path, &err), &err);
    close(fd);
}

static void test_small_files(void **state)
{
    static const struct {
        const char *text;
        uint64_t lines;
    } cases[] = {
        {"", 0},
        {"email\n", 0},
        {"email\nann@example.com\n", 1},
        {"email\nann@example.com\nbob@example.com", 2},
        {"ann@example.com,@ann\n\n\nbob@example.com,me@home\n", 2},
        {"@\n@\n@", 3},
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_buf text;
        ps_buf_init(&text, BYTES_MAX);
        ps_buf_add_text(&text, cases[i].text);
        write_file(&text);
        assert_int_equal(ps_estimate_addresses(path), cases[i].lines);
        ps_buf_done(&text);
    }
}

// Short rows first, long ones last, and blank lines in between: its beginning tells little of the whole.
static void test_uneven_file(void **state)
{
    enum { ROWS = 200000, PART = ROWS / 4 };
    ps_buf text;

    (void)state;
    ps_buf_init(&text, BYTES_MAX);
    for (int i = 0; i < ROWS; i++) {
        ps_buf_add_format(&text, "person%d@example.com,%0*d\n", i, i < PART ? 2 : 2 + i / 2000, i);
        if (i == 2 * PART) {
            for (int blank = 0; blank < 1000000; blank++)
                ps_buf_add_text(&text, "\n");
        }
    }
    write_file(&text);
    uint64_t lines = ps_estimate_addresses(path);
    assert_true(lines > ROWS * 4 / 5 && lines < ROWS * 6 / 5);
    ps_buf_done(&text);
}

// Neither waits nor reads.
static void test_no_file(void **state)
{
    (void)state;
    assert_int_equal(ps_estimate_addresses("/tmp/ps-test-no-such-file"), 0);
    assert_int_equal(ps_estimate_addresses("/tmp"), 0);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(ps_estimate_addresses(path), 0);
    unlink(path);
}

int main(void)
{
    int fd = mkstemp(path); // a name of its own
    if (fd < 0 || close(fd) != 0) return EXIT_FAILURE;

    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_files),
        cmocka_unit_test(test_uneven_file),
        cmocka_unit_test(test_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
