// layer: base
#include "assert.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

// A folder of its own for each test, removed afterwards.
typedef struct fixture {
    char folder[64], path[128];
} fixture;

static int make_folder(void **state)
{
    static fixture made;

    snprintf(made.folder, sizeof made.folder, "/tmp/ps-test-file-XXXXXX");
    if (mkdtemp(made.folder) == NULL) return -1;
    snprintf(made.path, sizeof made.path, "%s/file", made.folder);
    *state = &made;
    return 0;
}

static int remove_folder(void **state)
{
    fixture *made = *state;

    unlink(made->path);
    return rmdir(made->folder);
}

static void make_file(const fixture *made, const void *bytes, size_t len)
{
    ps_error err;
    int fd = open(made->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_ok(ps_file_write(fd, (ps_span){bytes, len}, made->path, &err), &err);
    assert_int_equal(close(fd), 0);
}

static void test_write_read(void **state)
{
    const fixture *made = *state;
    char bytes[100];
    size_t len;
    ps_error err;
    int fd = -1;

    make_file(made, "0123456789", 10);
    assert_ok(ps_file_open(made->path, false, PS_MISSING, &fd, &err), &err);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_ok(ps_file_read(fd, bytes, 4, made->path, &len, &err), &err);
    assert_span_equal(((ps_span){bytes, len}), "0123");
    assert_ok(ps_file_read(fd, bytes, sizeof bytes, made->path, &len, &err), &err);
    assert_span_equal(((ps_span){bytes, len}), "456789");
    assert_ok(ps_file_read(fd, bytes, sizeof bytes, made->path, &len, &err), &err);
    assert_int_equal(len, 0);
    assert_int_equal(close(fd), 0);
}

static void test_missing(void **state)
{
    const fixture *made = *state;
    char odd[128];
    ps_error err = {.status = PS_OK};
    int fd = -7;

    assert_int_equal(ps_file_open(made->path, false, PS_SOURCE, &fd, &err), PS_SOURCE);
    assert_non_null(strstr(err.text, made->path));
    assert_non_null(strstr(err.text, "No such file"));
    assert_int_equal(ps_file_open(made->folder, true, PS_MISSING, &fd, &err), PS_MISSING);
    assert_non_null(strstr(err.text, "is a folder"));
    snprintf(odd, sizeof odd, "%s/\x1b[2J\n", made->folder);
    assert_int_equal(ps_file_open(odd, false, PS_CONFIG, &fd, &err), PS_CONFIG);
    assert_null(strpbrk(err.text, "\x1b\n"));
    assert_non_null(strstr(err.text, "\\x1b[2J\\x0a"));
    assert_int_equal(fd, -7);
}

// A pipe that nobody writes to must not hold the program up where no pipe is wanted.
static void test_pipe_refused(void **state)
{
    const fixture *made = *state;
    ps_error err = {.status = PS_OK};
    int fd = -7;

    assert_int_equal(mkfifo(made->path, 0600), 0);
    alarm(20);
    assert_int_equal(ps_file_open(made->path, false, PS_CONFIG, &fd, &err), PS_CONFIG);
    alarm(0);
    assert_non_null(strstr(err.text, "is a pipe or a device"));
    assert_int_equal(fd, -7);
}

// "-" is standard input, read to the end however the bytes come in.
static void test_standard_input(void **state)
{
    int ends[2], kept = dup(STDIN_FILENO), fd = -1;
    char bytes[100];
    size_t len;
    ps_error err;
    (void)state;

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (int i = 0; i < 5; i++) {
            if (write(ends[1], "piece,", 6) != 6) _exit(1);
            usleep(5000);
        }
        _exit(0);
    }
    close(ends[0]);
    close(ends[1]);
    assert_ok(ps_file_open("-", true, PS_MISSING, &fd, &err), &err);
    assert_int_not_equal(fd, STDIN_FILENO);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0); // as a shell may have left it
    assert_ok(ps_file_read(fd, bytes, sizeof bytes, "-", &len, &err), &err);
    assert_span_equal(((ps_span){bytes, len}), "piece,piece,piece,piece,piece,");
    assert_int_equal(close(fd), 0);
    assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
    close(kept);
    assert_int_equal(ps_file_open("-", false, PS_MISSING, &fd, &err), PS_MISSING); // a file of that name
}

static void test_load(void **state)
{
    enum { LEN = 200000 };
    const fixture *made = *state;
    char *bytes = malloc(LEN);
    ps_error err;
    ps_buf buf;

    assert_non_null(bytes);
    for (size_t i = 0; i < LEN; i++)
        bytes[i] = (char)(i * 31 >> 3);
    make_file(made, bytes, LEN);
    ps_buf_init(&buf, LEN);
    assert_ok(ps_file_load(made->path, PS_MISSING, &buf, &err), &err);
    assert_int_equal(buf.len, LEN);
    assert_memory_equal(buf.bytes, bytes, LEN);
    ps_buf_done(&buf);
    free(bytes);

    make_file(made, "", 0);
    ps_buf_init(&buf, 10);
    assert_ok(ps_file_load(made->path, PS_MISSING, &buf, &err), &err);
    assert_string_equal(ps_buf_text(&buf), "");
    ps_buf_done(&buf);
}

static void test_load_too_big(void **state)
{
    static const struct {
        ps_status missing, expected;
    } cases[] = {{PS_MISSING, PS_INPUT}, {PS_SOURCE, PS_SOURCE}, {PS_CONFIG, PS_CONFIG}};
    const fixture *made = *state;

    make_file(made, "0123456789", 10);
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_error err = {.status = PS_OK};
        ps_buf buf;
        ps_buf_init(&buf, 9);
        assert_int_equal(ps_file_load(made->path, cases[i].missing, &buf, &err), cases[i].expected);
        assert_non_null(strstr(err.text, "9 bytes"));
        ps_buf_done(&buf);
    }
}

// A write that the system cuts short and then refuses is an error, not a shorter file.
static void test_write_fails(void **state)
{
    const fixture *made = *state;
    struct rlimit before, limit;
    char bytes[5000] = "";
    ps_error err = {.status = PS_OK};

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 4096;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int fd = open(made->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ps_status status = ps_file_write(fd, (ps_span){bytes, sizeof bytes}, made->path, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    close(fd);
    assert_int_equal(status, PS_IO);
    assert_non_null(strstr(err.text, "could not be written"));

    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (full < 0) return; // not every container has it
    assert_int_equal(ps_file_write(full, ps_span_of("x"), "/dev/full", &err), PS_IO);
    close(full);
    assert_non_null(strstr(err.hint, "Free some space"));
}

static void test_join(void **state)
{
    static const struct {
        const char *base, *name, *path;
    } cases[] = {
        {"dir", "file.csv", "dir/file.csv"},
        {"dir/", "file.csv", "dir/file.csv"},
        {"/", "etc", "/etc"},
        {"dir", "/abs", "/abs"},
        {"dir", "-", "-"},
        {"", "file", "file"},
        {".", "../x", "./../x"},
    };
    char out[16];

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        assert_true(ps_path_join(cases[i].base, cases[i].name, out, sizeof out));
        assert_string_equal(out, cases[i].path);
    }
    assert_true(ps_path_join("1234567", "9012345", out, sizeof out)); // 15 bytes and the NUL
    assert_false(ps_path_join("12345678", "0123456", out, sizeof out));
}

static void test_split(void **state)
{
    static const struct {
        const char *path, *folder, *name;
    } cases[] = {
        {"a/b/c", "a/b", "c"},   {"file", ".", "file"}, {"/file", "/", "file"}, {"a//b", "a", "b"},
        {"//file", "/", "file"}, {"a/b/", "a", "b/"},   {"out/", ".", "out/"},  {"", ".", ""},
    };
    char folder[16];
    const char *name;

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        assert_true(ps_path_split(cases[i].path, folder, sizeof folder, &name));
        assert_string_equal(folder, cases[i].folder);
        assert_string_equal(name, cases[i].name);
    }
    assert_true(ps_path_split("abc/x", folder, 4, &name));
    assert_false(ps_path_split("abcd/x", folder, 4, &name));
}

static void test_real(void **state)
{
    const fixture *f = *state;
    char link[80], through[96], out[PATH_MAX], again[PATH_MAX], small[8];

    snprintf(link, sizeof link, "%s/link", f->folder);
    snprintf(through, sizeof through, "%s/file", link);
    assert_int_equal(symlink(".", link), 0);
    assert_true(ps_path_real(through, out, sizeof out)); // the file need not be there
    assert_int_equal(out[0], '/');
    assert_null(strstr(out, "link"));
    assert_true(ps_path_real(out, again, sizeof again));
    assert_string_equal(again, out);
    assert_false(ps_path_real(through, small, sizeof small));
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(unlink(link), 0);
    assert_false(ps_path_real(through, out, sizeof out));
    assert_int_equal(errno, ENOENT);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_write_read),   IN_FOLDER(test_missing),
        IN_FOLDER(test_pipe_refused), cmocka_unit_test(test_standard_input),
        IN_FOLDER(test_load),         IN_FOLDER(test_load_too_big),
        IN_FOLDER(test_write_fails),  cmocka_unit_test(test_join),
        cmocka_unit_test(test_split), IN_FOLDER(test_real),
    };
#undef IN_FOLDER
    return cmocka_run_group_tests(tests, NULL, NULL);
}
