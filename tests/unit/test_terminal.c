// Who looks on, and what goes where.
// layer: cmd
#include <fcntl.h>
#include <unistd.h>

#include "assert.h"
#include "base/log.h"
#include "cmd/terminal.h"

enum { OUTPUT_BYTES_MAX = 4096, MEMORY_WORDS_MAX = 4 };

static const ps_syntax syntax = {.name = "test", .operands = "FILE", .operands_most = 1};

static void open_with(const char *const *words, ps_arguments *arguments, ps_terminal *terminal)
{
    char name[] = "test", texts[MEMORY_WORDS_MAX][32], *argv[MEMORY_WORDS_MAX + 2] = {name};
    ps_error err;
    int argc = 1;

    for (; words[argc - 1] != NULL; argc++) {
        snprintf(texts[argc - 1], sizeof texts[0], "%s", words[argc - 1]);
        argv[argc] = texts[argc - 1];
    }
    memset(arguments, 0, sizeof *arguments);
    assert_ok(ps_arguments_parse(&syntax, argc, argv, arguments, &err), &err);
    // The values of choices point into `texts`, which ps_terminal_open reads for the last time.
    ps_terminal_open(arguments, terminal);
}

static const struct {
    const char *words[MEMORY_WORDS_MAX], *variable, *value;
    bool color, meter, meter_lines;
} cases[] = {
    {{NULL}, NULL, NULL, false, false, false}, // a test's stderr is no terminal
    {{"-v", NULL}, NULL, NULL, false, false, true},
    {{"--color=always", NULL}, NULL, NULL, true, false, false},
    {{"--color=always", NULL}, "NO_COLOR", "1", true, false, false},
    {{NULL}, "FORCE_COLOR", "1", true, false, false},
    {{NULL}, "CLICOLOR_FORCE", "1", true, false, false},
    {{"--color=never", NULL}, "FORCE_COLOR", "1", false, false, false},
    {{NULL}, "FORCE_COLOR", "", false, false, false},
    {{"--progress=always", NULL}, NULL, NULL, false, true, false},
    {{"--progress=never", "-v", NULL}, NULL, NULL, false, false, false},
    {{"--progress=always", "-q", NULL}, NULL, NULL, false, false, false},
    {{"--log-format=json", "-v", NULL}, NULL, NULL, false, false, false},
};

// Sends stderr to a file while a test writes to it.
typedef struct capture {
    int saved, file;
} capture;

static void begin(capture *c)
{
    char path[] = "/tmp/presend-terminal-XXXXXX";

    fflush(stderr);
    c->saved = dup(STDERR_FILENO);
    c->file = mkstemp(path);
    assert_true(c->saved >= 0 && c->file >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(dup2(c->file, STDERR_FILENO), STDERR_FILENO);
}

static void end(capture *c, char out[OUTPUT_BYTES_MAX])
{
    ssize_t len = pread(c->file, out, OUTPUT_BYTES_MAX - 1, 0);

    assert_int_equal(dup2(c->saved, STDERR_FILENO), STDERR_FILENO);
    close(c->saved);
    close(c->file);
    assert_true(len >= 0);
    out[len] = '\0';
}

static void test_what_is_shown(void **state)
{
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_arguments arguments;
        ps_terminal terminal;
        capture c;
        char output[OUTPUT_BYTES_MAX];

        if (cases[i].variable != NULL) assert_int_equal(setenv(cases[i].variable, cases[i].value, 1), 0);
        begin(&c);
        open_with(cases[i].words, &arguments, &terminal);
        end(&c, output);
        assert_int_equal(terminal.color, cases[i].color);
        assert_int_equal(terminal.meter, cases[i].meter);
        assert_int_equal(terminal.meter_lines, cases[i].meter_lines);
        if (cases[i].variable != NULL) assert_int_equal(unsetenv(cases[i].variable), 0);
        ps_log_set(NULL, NULL);
        ps_arguments_done(&arguments);
    }
}

static void test_log(void **state)
{
    static const struct {
        const char *words[MEMORY_WORDS_MAX], *begins, *ends;
    } logs[] = {
        {{NULL}, "presend: warning: a\\x1b[0m\n", "presend: error: bad\n"},
        {{"-v", NULL}, "presend: warning: a\\x1b[0m\npresend: told\n", "presend: error: bad\n"},
        {{"-q", NULL}, "presend: error: bad\n", "presend: error: bad\n"},
        {{"--log-format=json", NULL},
         "{\"ts\":\"2",
         "Z\",\"level\":\"error\",\"event\":\"message\",\"message\":\"bad\"}\n"},
    };
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(logs); i++) {
        ps_arguments arguments;
        ps_terminal terminal;
        capture c;
        char output[OUTPUT_BYTES_MAX];

        begin(&c);
        open_with(logs[i].words, &arguments, &terminal);
        ps_log(PS_LOG_WARNING, "a\x1b[0m");
        ps_log(PS_LOG_DEBUG, "told");
        ps_log(PS_LOG_ERROR, "bad");
        ps_log_set(NULL, NULL);
        end(&c, output);
        size_t len = strlen(output), tail = strlen(logs[i].ends);
        assert_int_equal(strncmp(output, logs[i].begins, strlen(logs[i].begins)), 0);
        assert_true(len >= tail);
        assert_string_equal(output + len - tail, logs[i].ends);
        ps_arguments_done(&arguments);
    }
}

static void test_meter(void **state)
{
    static const char *const words[] = {"--progress=always", NULL};
    const ps_progress progress = {
        .stage = "judge", .done = 50, .total = 200, .rows = 1234567, .note = "slowest 192.0.2.1"};
    ps_arguments arguments;
    ps_terminal terminal;
    capture c;
    char output[OUTPUT_BYTES_MAX];
    (void)state;

    assert_int_equal(setenv("TERM", "xterm", 1), 0);
    begin(&c);
    open_with(words, &arguments, &terminal);
    for (int i = 0; i < 1000; i++) // far faster than ten times a second
        ps_terminal_progress(&terminal, &progress);
    ps_terminal_say(&terminal, ps_span_of("done\n"));
    end(&c, output);
    assert_int_equal(strncmp(output, "judge    25 %  1,234,567 rows", 29), 0);
    assert_string_equal(output + strlen(output) - 9, "\r\x1b[Kdone\n");
    assert_non_null(strstr(output, "slowest 192.0.2.1"));
    size_t drawn = 0;
    for (const char *at = output; (at = strstr(at, "judge")) != NULL; at++)
        drawn++;
    assert_true(drawn >= 1 && drawn <= 50);
    ps_log_set(NULL, NULL);
    ps_arguments_done(&arguments);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_shown),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_meter),
    };

    (void)unsetenv("NO_COLOR"); // the cases say what is set
    (void)unsetenv("FORCE_COLOR");
    (void)unsetenv("CLICOLOR_FORCE");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
