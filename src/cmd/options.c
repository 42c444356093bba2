#include "cmd/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

enum { OPTIONS_MAX = 48, FIRST_INDEX = 256, HELP_COLUMN = 30, WORD_MAX = 64 };

#define WHEN "auto always never"

static const ps_option common_options[] = {
    {"help", 'h', PS_OPTION_FLAG, NULL, NULL, "show this and end", NULL, 0, 0},
    {"version", 'V', PS_OPTION_FLAG, NULL, NULL, "show the version and end", NULL, 0, 0},
    {"quiet", 'q', PS_OPTION_FLAG, NULL, NULL, "say nothing but errors", NULL, 0, 0},
    {"verbose", 'v', PS_OPTION_FLAG, NULL, NULL, "say more, also where nobody looks on", NULL, 0, 0},
    {"color", 0, PS_OPTION_CHOICE, "WHEN", "auto", "colours on a terminal", WHEN, 0, 0},
    {"progress", 0, PS_OPTION_CHOICE, "WHEN", "auto", "how far it is, on a terminal", WHEN, 0, 0},
    {"log-format", 0, PS_OPTION_CHOICE, "FORM", "human", "messages for people or for programs", "human json", 0, 0},
};

// All options of a command in one array, which getopt's table and messages index.
typedef struct table {
    const ps_option *options[OPTIONS_MAX];
    size_t count;
    struct option longs[OPTIONS_MAX + 1];
    char shorts[2 * OPTIONS_MAX + 3];
} table;

const ps_option *ps_options_common(size_t *out_count)
{
    *out_count = PS_COUNT_OF(common_options);
    return common_options;
}

static void add_options(table *t, const ps_option *options, size_t count)
{
    for (size_t i = 0; i < count && t->count < OPTIONS_MAX; i++)
        t->options[t->count++] = &options[i];
}

// The leading `-` hands operands over where they stand, so that POSIXLY_CORRECT changes nothing; `:` tells a missing
// argument from an unknown option.
static void make_table(table *t, const ps_syntax *syntax)
{
    size_t len = 2;

    memset(t, 0, sizeof *t);
    memcpy(t->shorts, "-:", len);
    add_options(t, syntax->options, syntax->options_count);
    add_options(t, common_options, PS_COUNT_OF(common_options));
    for (size_t i = 0; i < t->count; i++) {
        const ps_option *option = t->options[i];
        int argument = option->type == PS_OPTION_FLAG ? no_argument : required_argument;
        t->longs[i] = (struct option){option->name, argument, NULL, FIRST_INDEX + (int)i};
        if (option->letter == 0) continue;
        t->shorts[len++] = option->letter;
        if (argument == required_argument) t->shorts[len++] = ':';
    }
    t->shorts[len] = '\0';
}

static const ps_option *find_code(const table *t, int code)
{
    if (code >= FIRST_INDEX) return t->options[code - FIRST_INDEX];
    for (size_t i = 0; i < t->count; i++) {
        if (t->options[i]->letter != 0 && t->options[i]->letter == code) return t->options[i];
    }
    return NULL;
}

static ps_status unknown_option(const table *t, const char *word, const ps_syntax *syntax, ps_error *err)
{
    const char *names[OPTIONS_MAX];
    char name[WORD_MAX];
    size_t len = strcspn(word, "=");

    for (size_t i = 0; i < t->count; i++)
        names[i] = t->options[i]->name;
    ps_error_set(err, PS_USAGE, "There is no option %.*s.", (int)len, word);
    const char *meant = NULL;
    if (len > 2 && len - 2 < sizeof name && word[1] == '-') {
        memcpy(name, word + 2, len - 2);
        name[len - 2] = '\0';
        meant = ps_did_you_mean(name, names, t->count);
        for (size_t i = 0; meant == NULL && i < t->count; i++) // an abbreviation
            if (strncmp(names[i], name, len - 2) == 0) meant = names[i];
    }
    if (meant != NULL) {
        ps_error_hint(err, "Did you mean --%s?", meant);
    } else {
        ps_error_hint(err, "`presend %s --help` lists the options.", syntax->name);
    }
    return PS_USAGE;
}

static bool number_fits(const ps_option *option, const char *value)
{
    size_t digits = strspn(value, "0123456789");
    unsigned long number = strtoul(value, NULL, 10);

    return digits > 0 && digits < 10 && value[digits] == '\0' && number >= option->least && number <= option->most;
}

// Is `value` one of the words of `choices`?
static bool is_choice(const char *choices, const char *value)
{
    size_t len = strlen(value);

    for (const char *word = choices; word != NULL && len > 0; word = strchr(word, ' ')) {
        word += *word == ' ';
        if (strcspn(word, " ") == len && strncmp(word, value, len) == 0) return true;
    }
    return false;
}

static ps_status check_value(const ps_option *option, const char *value, ps_error *err)
{
    ps_day day;

    switch (option->type) {
    case PS_OPTION_FLAG:
        return PS_OK;
    case PS_OPTION_TEXT:
        if (*value != '\0') return PS_OK;
        return ps_error_set(err, PS_USAGE, "--%s needs a value, not an empty one.", option->name);
    case PS_OPTION_NUMBER:
        if (number_fits(option, value)) return PS_OK;
        return ps_error_set(err, PS_USAGE, "--%s takes a whole number from %u to %u, not `%s`.", option->name,
                            option->least, option->most, value);
    case PS_OPTION_DATE:
        if (ps_day_parse(ps_span_of(value), &day) || strcmp(value, "now") == 0) return PS_OK;
        return ps_error_set(err, PS_USAGE, "--%s takes a date such as 2026-11-21, not `%s`.", option->name, value);
    case PS_OPTION_CHOICE:
        if (is_choice(option->choices, value)) return PS_OK;
        ps_error_set(err, PS_USAGE, "--%s does not take `%s`.", option->name, value);
        ps_error_hint(err, "It takes one of: %s.", option->choices);
        return PS_USAGE;
    }
    return PS_OK;
}

// The word of the command line that getopt has just read. Its argument was in the same word or is the next one.
static const char *word_of(char **argv)
{
    bool apart = optarg != NULL && optarg == argv[optind - 1];

    return argv[optind - (apart ? 2 : 1)];
}

static ps_status take_option(const table *t, int code, char **argv, ps_arguments *out, ps_error *err)
{
    const ps_option *option = find_code(t, code);

    out->items[out->count++] = (ps_argument){option, option->type == PS_OPTION_FLAG ? NULL : optarg};
    (void)argv;
    return option->type == PS_OPTION_FLAG ? PS_OK : check_value(option, optarg, err);
}

// getopt takes `--off` for `--offline`, which would break scripts the day another option begins with the same letters.
static bool is_abbreviated(const table *t, int code, char **argv)
{
    if (code < FIRST_INDEX) return false;
    const char *word = word_of(argv);
    const char *name = t->options[code - FIRST_INDEX]->name;
    size_t len = strcspn(word, "=");

    return len != strlen(name) + 2 || strncmp(word + 2, name, len - 2) != 0;
}

static ps_status refuse(const table *t, int code, char **argv, const ps_syntax *syntax, ps_error *err)
{
    char letter[3] = {'-', (char)optopt, '\0'};
    const ps_option *known = optopt == 0 ? NULL : find_code(t, optopt);

    if (known == NULL) return unknown_option(t, optopt == 0 ? argv[optind - 1] : letter, syntax, err);
    if (code == ':') return ps_error_set(err, PS_USAGE, "--%s needs %s.", known->name, known->argument);
    return ps_error_set(err, PS_USAGE, "--%s takes no value.", known->name);
}

static ps_status take_code(const table *t, int code, char **argv, const ps_syntax *syntax, ps_arguments *out,
                           ps_error *err)
{
    if (code == 1) { // an operand
        out->operands[out->operands_count++] = optarg;
        return PS_OK;
    }
    if (code == '?' || code == ':') return refuse(t, code, argv, syntax, err);
    if (is_abbreviated(t, code, argv)) return unknown_option(t, word_of(argv), syntax, err);
    return take_option(t, code, argv, out, err);
}

static ps_status check_operands(const ps_syntax *syntax, const ps_arguments *arguments, ps_error *err)
{
    if (arguments->operands_count > syntax->operands_most) {
        ps_error_set(err, PS_USAGE, "`%s` is one name too many.", arguments->operands[syntax->operands_most]);
    } else if (arguments->operands_count < syntax->operands_least) {
        ps_error_set(err, PS_USAGE, "%s is missing.", syntax->operands);
    } else {
        return PS_OK;
    }
    ps_error_hint(err, "Usage: presend %s %s", syntax->name, syntax->operands);
    return PS_USAGE;
}

ps_status ps_arguments_parse(const ps_syntax *syntax, int argc, char **argv, ps_arguments *out, ps_error *err)
{
    ps_status status = PS_OK;
    table t;
    int code;

    out->items = ps_memory_new((size_t)argc, sizeof *out->items, err);
    out->operands = ps_memory_new((size_t)argc, sizeof *out->operands, err);
    if (out->items == NULL || out->operands == NULL) return PS_RETRY;
    make_table(&t, syntax);
    optind = 0; // glibc: begin anew
    opterr = 0;
    while (status == PS_OK && (code = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1)
        status = take_code(&t, code, argv, syntax, out, err);
    while (status == PS_OK && optind < argc)
        out->operands[out->operands_count++] = argv[optind++];
    if (status != PS_OK || ps_arguments_has(out, "help") || ps_arguments_has(out, "version")) return status;
    return check_operands(syntax, out, err);
}

void ps_arguments_done(ps_arguments *arguments)
{
    ps_memory_free(arguments->items);
    ps_memory_free(arguments->operands);
    memset(arguments, 0, sizeof *arguments);
}

static const ps_argument *find_argument(const ps_arguments *arguments, const char *name)
{
    for (size_t i = arguments->count; i > 0; i--) {
        if (strcmp(arguments->items[i - 1].option->name, name) == 0) return &arguments->items[i - 1];
    }
    return NULL;
}

bool ps_arguments_has(const ps_arguments *arguments, const char *name)
{
    return find_argument(arguments, name) != NULL;
}

const char *ps_arguments_value(const ps_arguments *arguments, const char *name)
{
    const ps_argument *found = find_argument(arguments, name);

    return found == NULL ? NULL : found->value;
}

static void write_option(const ps_option *option, ps_buf *out)
{
    size_t start = out->len;

    ps_buf_add_text(out, "  ");
    if (option->letter != 0) {
        ps_buf_add_format(out, "-%c, ", option->letter);
    } else {
        ps_buf_add_text(out, "    ");
    }
    ps_buf_add_format(out, "--%s", option->name);
    if (option->argument != NULL) ps_buf_add_format(out, " %s", option->argument);
    do {
        ps_buf_add_char(out, ' ');
    } while (!out->failed && out->len - start < HELP_COLUMN);
    ps_buf_add_text(out, option->help);
    if (option->choices != NULL) ps_buf_add_format(out, ": %s", option->choices);
    if (option->initial != NULL) ps_buf_add_format(out, " (default %s)", option->initial);
    ps_buf_add_char(out, '\n');
}

void ps_options_help(const ps_syntax *syntax, ps_buf *out)
{
    ps_buf_add_text(out, "Examples:\n");
    for (size_t i = 0; i < PS_COUNT_OF(syntax->examples); i++)
        ps_buf_add_format(out, "  %s\n", syntax->examples[i]);
    ps_buf_add_format(out, "\nUsage: presend %s [OPTION...] %s\n\n%s.\n\nOptions:\n", syntax->name, syntax->operands,
                      syntax->summary);
    for (size_t i = 0; i < syntax->options_count; i++)
        write_option(&syntax->options[i], out);
    ps_buf_add_text(out, "\nOptions of every command:\n");
    for (size_t i = 0; i < PS_COUNT_OF(common_options); i++)
        write_option(&common_options[i], out);
}
