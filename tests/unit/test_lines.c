// Standard input as lines: the same ones however the bytes come.
// layer: cmd

#include "cmd/lines.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/memory.h"

#include "assert.h"

enum { LINES_MAX = 16 };

typedef struct answer {
    char *text;
    size_t len;
    bool cut, whole;
} answer;

static ps_arena arena;
static const volatile int running = 0;

// A pipe that another process fills, `piece` bytes at a time.
static int feed(ps_span bytes, size_t piece, pid_t *out_child)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    *out_child = fork();
    assert_true(*out_child >= 0);
    if (*out_child > 0) {
        close(ends[1]);
        return ends[0];
    }
    close(ends[0]);
    while (bytes.len > 0) {
        ssize_t len = write(ends[1], bytes.bytes, bytes.len < piece ? bytes.len : piece);
        if (len <= 0) _exit(1);
        bytes = (ps_span){bytes.bytes + len, bytes.len - (size_t)len};
    }
    _exit(0);
}

static size_t read_all(int fd, ps_encoding encoding, answer *out)
{
    ps_lines *lines = NULL;
    ps_line line = {.number = 0};
    size_t count = 0;
    bool more = true;
    ps_error err;

    assert_ok(ps_lines_open(fd, encoding, &lines, &err), &err);
    for (;;) {
        (void)ps_lines_will_read(lines); // must change nothing
        assert_ok(ps_lines_next(lines, &running, &arena, &line, &more, &err), &err);
        if (!more) break;
        assert_true(count < LINES_MAX);
        assert_int_equal(line.number, count + 1);
        out[count] = (answer){malloc(line.text.len + 1), line.text.len, line.cut, line.whole};
        assert_non_null(out[count].text);
        if (line.text.len > 0) memcpy(out[count].text, line.text.bytes, line.text.len);
        count++;
        ps_arena_reset(&arena);
    }
    assert_ok(ps_lines_next(lines, &running, &arena, &line, &more, &err), &err);
    assert_false(more);
    ps_lines_close(lines);
    close(fd);
    return count;
}

static void free_all(answer *answers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(answers[i].text);
}

static const struct {
    const char *name;
    ps_encoding encoding;
    ps_span bytes;
    size_t count;
    const char *lines[6];
} cases[] = {
#define BYTES(text)                                                                                                    \
    {                                                                                                                  \
        (text), sizeof(text) - 1                                                                                       \
    }
    {"nothing", PS_ENCODING_AUTO, BYTES(""), 0, {NULL}},
    {"an empty line", PS_ENCODING_AUTO, BYTES("\n"), 1, {""}},
    {"no line end at the end", PS_ENCODING_AUTO, BYTES("a\nb"), 2, {"a", "b"}},
    {"carriage returns", PS_ENCODING_AUTO, BYTES("a\r\n\r\nb\r"), 3, {"a", "", "b"}},
    {"UTF-8", PS_ENCODING_AUTO, BYTES("a\n\xE3\x81\x82\nb\n"), 3, {"a", "\u3042", "b"}},
    {"UTF-8 with a mark",
     PS_ENCODING_AUTO,
     BYTES("\xEF\xBB\xBF"
           "a\n"),
     1,
     {"a"}},
    {"UTF-8 with a mark, named",
     PS_ENCODING_UTF8,
     BYTES("\xEF\xBB\xBF"
           "a\n"),
     1,
     {"a"}},
    {"a mark that is none of the named encoding",
     PS_ENCODING_WINDOWS_1252,
     BYTES("\xEF\xBB\xBF\n"),
     1,
     {"\u00EF\u00BB\u00BF"}},
    {"a mark further on is text",
     PS_ENCODING_AUTO,
     BYTES("a\n\xEF\xBB\xBF"
           "a\n"),
     2,
     {"a", "\uFEFF"
           "a"}},
    {"half a mark", PS_ENCODING_UTF8, BYTES("\xEF"), 1, {"\uFFFD"}},
    {"CP932", PS_ENCODING_AUTO, BYTES("a\n\x82\xA0\n"), 2, {"a", "\u3042"}},
    {"ISO-2022-JP", PS_ENCODING_AUTO, BYTES("a\n\x1b$B$\"\x1b(B\nb"), 3, {"a", "\u3042", "b"}},
    {"UTF-16 by its mark", PS_ENCODING_AUTO, BYTES("\xFE\xFF\0a\0\n\x30\x42"), 2, {"a", "\u3042"}},
    {"UTF-16 of the other order than named",
     PS_ENCODING_UTF16BE,
     BYTES("\xFF\xFE"
           "a\0\n\0"),
     1,
     {"a"}},
    {"a cut character at the end", PS_ENCODING_UTF16LE, BYTES("a\0\n\0b"), 2, {"a", "\uFFFD"}},
    {"text in no encoding", PS_ENCODING_AUTO, BYTES("a\n\xFF\xFF\n"), 2, {"a", "\uFFFD\uFFFD"}},
};

static void test_lines(void **state)
{
    static const size_t pieces[] = {1, 2, 3, 1 << 16};

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].name);
        for (size_t p = 0; p < PS_COUNT_OF(pieces); p++) {
            answer answers[LINES_MAX];
            pid_t child = 0;
            size_t count = read_all(feed(cases[i].bytes, pieces[p], &child), cases[i].encoding, answers);
            assert_int_equal(waitpid(child, NULL, 0), child);
            assert_int_equal(count, cases[i].count);
            for (size_t k = 0; k < count; k++) {
                assert_span_equal(((ps_span){answers[k].text, answers[k].len}), cases[i].lines[k]);
                assert_false(answers[k].cut);
                assert_int_equal(answers[k].whole, strstr(cases[i].lines[k], "\uFFFD") == NULL ||
                                                       !ps_charset_ascii_safe(cases[i].encoding));
            }
            free_all(answers, count);
        }
    }
}

// Lines around the limit, in an encoding that is decoded line by line and one that is decoded whole.
static void test_long_lines(void **state)
{
    static const size_t sizes[] = {PS_FIELD_BYTES_MAX - 1, PS_FIELD_BYTES_MAX, PS_FIELD_BYTES_MAX + 1,
                                   PS_FIELD_BYTES_MAX * 3 + 17};
    static const ps_encoding encodings[] = {PS_ENCODING_AUTO, PS_ENCODING_CP932, PS_ENCODING_ISO_2022_JP_3};
    size_t room = PS_FIELD_BYTES_MAX * 4;
    char *bytes = malloc(room);

    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < PS_COUNT_OF(sizes) * PS_COUNT_OF(encodings) * 2; i++) {
        size_t size = sizes[i % PS_COUNT_OF(sizes)], expected = size < PS_FIELD_BYTES_MAX ? size : PS_FIELD_BYTES_MAX;
        answer answers[LINES_MAX];
        pid_t child = 0;
        memset(bytes, 'a', size);
        memcpy(bytes + size, "\nb\n", 3);
        int fd = feed((ps_span){bytes, size + 3}, i % 2 == 0 ? 1000003 : 4093, &child);
        size_t count = read_all(fd, encodings[i / PS_COUNT_OF(sizes) % PS_COUNT_OF(encodings)], answers);
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_int_equal(count, 2);
        assert_int_equal(answers[0].len, expected);
        assert_int_equal(answers[0].cut, size > PS_FIELD_BYTES_MAX);
        assert_span_equal(((ps_span){answers[1].text, answers[1].len}), "b");
        free_all(answers, count);
    }
    free(bytes);
}

static void test_signals_and_errors(void **state)
{
    static const struct {
        int number;
        ps_status status;
    } signals[] = {{SIGINT, PS_INTERRUPTED}, {SIGTERM, PS_TERMINATED}};
    ps_lines *lines = NULL;
    ps_line line;
    bool more;
    ps_error err;

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(signals); i++) {
        const volatile int number = signals[i].number;
        assert_ok(ps_lines_open(STDIN_FILENO, PS_ENCODING_UTF8, &lines, &err), &err);
        assert_int_equal(ps_lines_next(lines, &number, &arena, &line, &more, &err), signals[i].status);
        ps_lines_close(lines);
    }
    assert_ok(ps_lines_open(-1, PS_ENCODING_AUTO, &lines, &err), &err);
    assert_int_equal(ps_lines_next(lines, &running, &arena, &line, &more, &err), PS_IO);
    ps_lines_close(lines);
    ps_lines_close(NULL);
}

// Each allocation fails once: an error and no leak.
static void test_no_memory(void **state)
{
    unsigned failed = 0;

    (void)state;
    for (unsigned long n = 1;; n++) {
        ps_lines *lines = NULL;
        ps_line line;
        bool more = false;
        pid_t child = 0;
        int fd = feed(ps_span_of("a\n\x1b$B$\"\x1b(B\n"), 100, &child);
        ps_memory_fail_at(n, 0);
        ps_status status = ps_lines_open(fd, PS_ENCODING_AUTO, &lines, NULL);
        while (status == PS_OK && (status = ps_lines_next(lines, &running, &arena, &line, &more, NULL)) == PS_OK &&
               more)
            ps_arena_reset(&arena);
        ps_memory_fail_at(0, 0);
        ps_lines_close(lines);
        close(fd);
        assert_int_equal(waitpid(child, NULL, 0), child);
        if (status == PS_OK) break;
        assert_int_equal(status, PS_RETRY);
        failed++;
    }
    assert_true(failed >= 3);
}

static int open_arena(void **state)
{
    (void)state;
    return ps_arena_open((size_t)64 << 20, &arena, NULL) == PS_OK ? 0 : -1;
}

static int close_arena(void **state)
{
    (void)state;
    ps_arena_close(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_signals_and_errors),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
