// The command line of one command: tables, parser and help.
// layer: cmd
#include "assert.h"
#include "cmd/command.h"

enum { WORDS_MAX = 8, EXAMPLE_WORDS_MAX = 32 };

static const ps_option options[] = {
    {"output", 'o', PS_OPTION_TEXT, "DIR", NULL, "where to", NULL, 0, 0},
    {"offline", 0, PS_OPTION_FLAG, NULL, NULL, "no network", NULL, 0, 0},
    {"threads", 0, PS_OPTION_NUMBER, "N", NULL, "so many", NULL, 1, 256},
    {"as-of", 0, PS_OPTION_DATE, "DATE", NULL, "the day", NULL, 0, 0},
    {"profile", 0, PS_OPTION_CHOICE, "NAME", "fast", "how", "fast slow", 0, 0},
};

static const ps_syntax syntax = {.name = "test",
                                 .operands = "FILE",
                                 .operands_least = 1,
                                 .operands_most = 2,
                                 .summary = "Test",
                                 .examples = {"presend test one", "presend test two"},
                                 .options = options,
                                 .options_count = PS_COUNT_OF(options)};

// `words` as parsed: "name=value" of each option and each operand, with blanks between.
static const struct {
    const char *name, *words[WORDS_MAX], *parsed, *text, *hint;
} cases[] = {
    {"nothing but an operand", {"a.csv"}, "a.csv", "", ""},
    {"option and operand in either order", {"a.csv", "--offline"}, "offline a.csv", "", ""},
    {"value apart", {"--output", "out", "a"}, "output=out a", "", ""},
    {"value joined", {"--output=out", "a"}, "output=out a", "", ""},
    {"short, apart", {"-o", "out", "a"}, "output=out a", "", ""},
    {"short, joined", {"-oout", "a"}, "output=out a", "", ""},
    {"short ones together", {"-qv", "a"}, "quiet verbose a", "", ""},
    {"a dash is an operand", {"-"}, "-", "", ""},
    {"two dashes end the options", {"--", "--offline"}, "--offline", "", ""},
    {"a value may look like an option", {"--output", "--offline", "a"}, "output=--offline a", "", ""},
    {"repeated", {"-o", "1", "-o", "2", "a"}, "output=1 output=2 a", "", ""},
    {"help needs no operand", {"--help"}, "help", "", ""},
    {"a number", {"--threads", "256", "a"}, "threads=256 a", "", ""},
    {"a date", {"--as-of", "2026-11-21", "a"}, "as-of=2026-11-21 a", "", ""},
    {"today", {"--as-of=now", "a"}, "as-of=now a", "", ""},
    {"a choice", {"--profile", "slow", "--color", "never", "a"}, "profile=slow color=never a", "", ""},

    {"no abbreviation", {"--off", "a"}, NULL, "There is no option --off.", "Did you mean --offline?"},
    {"no abbreviation with a value", {"--out=x", "a"}, NULL, "There is no option --out.", "Did you mean --output?"},
    {"no abbreviation with a value apart",
     {"--thread", "4", "a"},
     NULL,
     "There is no option --thread.",
     "Did you mean --threads?"},
    {"a slip", {"--ofline", "a"}, NULL, "There is no option --ofline.", "Did you mean --offline?"},
    {"ambiguous", {"--o", "a"}, NULL, "There is no option --o.", "Did you mean --output?"},
    {"unknown", {"--zzz", "a"}, NULL, "There is no option --zzz.", "`presend test --help` lists the options."},
    {"unknown letter", {"-z", "a"}, NULL, "There is no option -z.", "`presend test --help` lists the options."},
    {"value missing", {"a", "--output"}, NULL, "--output needs DIR.", ""},
    {"value of a letter missing", {"a", "-o"}, NULL, "--output needs DIR.", ""},
    {"value too many", {"--offline=yes", "a"}, NULL, "--offline takes no value.", ""},
    {"value empty", {"--output=", "a"}, NULL, "--output needs a value, not an empty one.", ""},
    {"number too small", {"--threads", "0", "a"}, NULL, "--threads takes a whole number from 1 to 256, not `0`.", ""},
    {"number too large",
     {"--threads", "257", "a"},
     NULL,
     "--threads takes a whole number from 1 to 256, not `257`.",
     ""},
    {"no number", {"--threads", "4x", "a"}, NULL, "--threads takes a whole number from 1 to 256, not `4x`.", ""},
    {"no date", {"--as-of", "2026-02-30", "a"}, NULL, "--as-of takes a date such as 2026-11-21, not `2026-02-30`.", ""},
    {"no such choice",
     {"--profile", "fas", "a"},
     NULL,
     "--profile does not take `fas`.",
     "It takes one of: fast slow."},
    {"operand missing", {"--offline"}, NULL, "FILE is missing.", "Usage: presend test FILE"},
    {"operand too many", {"a", "b", "c"}, NULL, "`c` is one name too many.", "Usage: presend test FILE"},
};

static void write_parsed(const ps_arguments *arguments, char *out, size_t size)
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < arguments->count; i++) {
        const char *value = arguments->items[i].value;
        len += (size_t)snprintf(out + len, size - len, "%s%s%s%s", len > 0 ? " " : "", arguments->items[i].option->name,
                                value == NULL ? "" : "=", value == NULL ? "" : value);
    }
    for (size_t i = 0; i < arguments->operands_count; i++)
        len += (size_t)snprintf(out + len, size - len, "%s%s", len > 0 ? " " : "", arguments->operands[i]);
}

static void test_parse(void **state)
{
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        char name[] = "test", words[WORDS_MAX][64], parsed[256], *argv[WORDS_MAX + 2] = {name};
        ps_arguments arguments = {0};
        ps_error err = {.status = PS_OK};
        int argc = 1;

        print_message("  %s\n", cases[i].name);
        for (; cases[i].words[argc - 1] != NULL; argc++) {
            snprintf(words[argc - 1], sizeof words[0], "%s", cases[i].words[argc - 1]);
            argv[argc] = words[argc - 1];
        }
        ps_status status = ps_arguments_parse(&syntax, argc, argv, &arguments, &err);
        assert_int_equal(status, cases[i].parsed == NULL ? PS_USAGE : PS_OK);
        assert_string_equal(err.text, cases[i].text);
        assert_string_equal(err.hint, cases[i].hint);
        write_parsed(&arguments, parsed, sizeof parsed);
        if (cases[i].parsed != NULL) assert_string_equal(parsed, cases[i].parsed);
        ps_arguments_done(&arguments);
    }
}

// The environment has no say: POSIXLY_CORRECT would end the options at the first operand.
static void test_environment(void **state)
{
    char name[] = "test", operand[] = "a", option[] = "--offline", *argv[] = {name, operand, option, NULL};
    ps_arguments arguments = {0};
    ps_error err;
    (void)state;

    assert_int_equal(setenv("POSIXLY_CORRECT", "1", 1), 0);
    assert_ok(ps_arguments_parse(&syntax, 3, argv, &arguments, &err), &err);
    assert_true(ps_arguments_has(&arguments, "offline"));
    assert_int_equal(arguments.operands_count, 1);
    ps_arguments_done(&arguments);
    assert_int_equal(unsetenv("POSIXLY_CORRECT"), 0);
}

static void expect_help(const ps_option *table, size_t count, const char *help)
{
    for (size_t i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "--%s", table[i].name);
        assert_non_null(strstr(help, name));
        assert_non_null(strstr(help, table[i].help));
        assert_true(table[i].type == PS_OPTION_FLAG || table[i].argument != NULL);
        assert_true(table[i].type != PS_OPTION_CHOICE || table[i].choices != NULL);
    }
}

static void test_help_covers_every_option(void **state)
{
    size_t count;
    const ps_option *common = ps_options_common(&count);
    ps_buf help;
    (void)state;

    ps_buf_init(&help, 1 << 16);
    ps_options_help(&syntax, &help);
    assert_int_equal(strncmp(ps_buf_text(&help), "Examples:\n  presend test one\n  presend test two\n", 48), 0);
    expect_help(options, PS_COUNT_OF(options), ps_buf_text(&help));
    expect_help(common, count, ps_buf_text(&help));
    assert_non_null(strstr(ps_buf_text(&help), "(default fast)"));
    ps_buf_done(&help);
}

static const ps_command *const commands[] = {&ps_command_run, &ps_command_clean, &ps_command_approve};

// An example is a command line that parses.
static void expect_example(const ps_syntax *of, const char *example)
{
    char text[256], *argv[EXAMPLE_WORDS_MAX], *rest = NULL;
    ps_arguments arguments = {0};
    ps_error err;
    int argc = 0;

    snprintf(text, sizeof text, "%s", example);
    for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    argv[argc] = NULL;
    assert_string_equal(argv[0], "presend");
    assert_string_equal(argv[1], of->name);
    assert_ok(ps_arguments_parse(of, argc - 1, argv + 1, &arguments, &err), &err);
    ps_arguments_done(&arguments);
}

static void expect_unique(const ps_syntax *of)
{
    size_t common_count;
    const ps_option *common = ps_options_common(&common_count);

    for (size_t i = 0; i < of->options_count; i++) {
        for (size_t j = 0; j < i + common_count; j++) {
            const ps_option *other = j < i ? &of->options[j] : &common[j - i];
            assert_string_not_equal(of->options[i].name, other->name);
            assert_true(of->options[i].letter == 0 || of->options[i].letter != other->letter);
        }
    }
}

static void test_commands(void **state)
{
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(commands); i++) {
        const ps_syntax *of = &commands[i]->syntax;
        ps_buf help;
        ps_buf_init(&help, 1 << 16);
        ps_options_help(of, &help);
        expect_help(of->options, of->options_count, ps_buf_text(&help));
        expect_unique(of);
        for (size_t e = 0; e < PS_COUNT_OF(of->examples); e++)
            expect_example(of, of->examples[e]);
        ps_buf_done(&help);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_help_covers_every_option),
        cmocka_unit_test(test_commands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
