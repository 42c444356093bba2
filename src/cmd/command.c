#include "cmd/command.h"

#include <stdio.h>

#include "base/json_write.h"
#include "base/log.h"
#include "base/text.h"
#include "cmd/startup.h"

enum { OUTPUT_BYTES_MAX = 1 << 20, COMMANDS_MAX = 32 };

// "presend run: what", and below it where and what to do. A text of several lines keeps them.
static void write_lines(const char *title, const char *text, ps_buf *out)
{
    if (*text == '\0') return;
    ps_buf_add_text(out, title);
    for (const char *line = text; line != NULL;) {
        size_t len = strcspn(line, "\n");
        ps_add_visible(out, (ps_span){line, len});
        ps_buf_add_char(out, '\n');
        line = line[len] == '\n' && line[len + 1] != '\0' ? line + len + 1 : NULL;
        if (line != NULL) ps_buf_add_text(out, "  ");
    }
}

static void write_error(const char *name, const ps_error *err, const ps_problems *problems, ps_buf *out)
{
    char title[64] = "presend: ";
    size_t count = problems->count + problems->more;

    if (name != NULL) snprintf(title, sizeof title, "presend %s: ", name);
    if (err->status == PS_CONFIG && count > 0) {
        ps_problems_write(problems, out);
        ps_buf_add_format(out, "%s%zu error%s in the job; nothing was done\n", title, count, count == 1 ? "" : "s");
        return;
    }
    write_lines(title, err->text, out);
    write_lines("  where: ", err->where, out);
    write_lines("  hint: ", err->hint, out);
}

static void json_problems(ps_json *json, const ps_problems *problems)
{
    ps_buf place;

    ps_buf_init(&place, PS_ERROR_TEXT_MAX);
    ps_json_array(json, "problems");
    for (size_t i = 0; i < problems->count; i++) {
        ps_buf_clear(&place);
        ps_place_write(&problems->items[i].place, &place);
        ps_json_object(json, NULL);
        ps_json_text(json, "message", problems->items[i].text);
        ps_json_text(json, "hint", problems->items[i].hint == NULL ? "" : problems->items[i].hint);
        ps_json_text(json, "where", ps_buf_text(&place));
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
    ps_buf_done(&place);
}

static void json_error(ps_json *json, const ps_error *err, const ps_problems *problems)
{
    ps_json_text(json, "code", ps_status_word(err->status));
    ps_json_span(json, "message", ps_span_of(err->text));
    ps_json_span(json, "hint", ps_span_of(err->hint));
    ps_json_span(json, "where", ps_span_of(err->where));
    if (err->status == PS_CONFIG && problems->count > 0) json_problems(json, problems);
}

// The result of --json.
static void write_json_result(const ps_error *err, const ps_problems *problems, ps_buf *out)
{
    ps_json json;

    ps_json_init(&json, out, 0);
    ps_json_object(&json, NULL);
    ps_json_object(&json, "error");
    json_error(&json, err, problems);
    ps_json_object_end(&json);
    ps_json_object_end(&json);
    ps_buf_add_char(out, '\n');
}

// A line of --log-format json.
static void write_json_line(const ps_error *err, const ps_problems *problems, ps_buf *out)
{
    char now[PS_TIME_TEXT_SIZE];
    ps_json json;

    ps_time_text(ps_clock_now_s(), now);
    ps_json_init(&json, out, 0);
    ps_json_object(&json, NULL);
    ps_json_text(&json, "ts", now);
    ps_json_text(&json, "level", "error");
    ps_json_text(&json, "event", "failed");
    json_error(&json, err, problems);
    ps_json_object_end(&json);
    ps_buf_add_char(out, '\n');
}

static void tell_error(ps_session *session, const char *name, const ps_error *err)
{
    const ps_problems *problems = &session->config.problems;
    ps_buf out;

    ps_buf_init(&out, OUTPUT_BYTES_MAX);
    if (session->terminal.json) {
        write_json_result(err, problems, &out);
        (void)ps_terminal_data(&session->terminal, ps_buf_span(&out), NULL); // the exit code says it
    } else if (session->terminal.log_json) {
        write_json_line(err, problems, &out);
        ps_terminal_say(&session->terminal, ps_buf_span(&out));
    } else {
        write_error(name, err, problems, &out);
        ps_terminal_say(&session->terminal, ps_buf_span(&out));
    }
    ps_buf_done(&out);
}

// For errors that come before the options are understood.
static bool wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0) return true;
    }
    return false;
}

static ps_status tell_asked(ps_session *session, ps_error *err)
{
    ps_buf out;

    ps_buf_init(&out, OUTPUT_BYTES_MAX);
    if (ps_arguments_has(&session->arguments, "help")) {
        ps_options_help(session->syntax, &out);
    } else {
        ps_version_write(&out);
    }
    ps_status status = ps_terminal_data(&session->terminal, ps_buf_span(&out), err);
    ps_buf_done(&out);
    return status;
}

static ps_status run_command(const ps_command *command, ps_session *session, int argc, char **argv, ps_error *err)
{
    session->syntax = &command->syntax;
    session->terminal.json = wants_json(argc, argv);
    ps_status status = ps_arguments_parse(&command->syntax, argc, argv, &session->arguments, err);

    if (status != PS_OK) return status;
    ps_terminal_open(&session->arguments, &session->terminal);
    bool asked = ps_arguments_has(&session->arguments, "help") || ps_arguments_has(&session->arguments, "version");
    return asked ? tell_asked(session, err) : command->run(session, err);
}

static void write_overview(const ps_command *const *commands, ps_buf *out)
{
    ps_buf_add_text(out, "presend takes a campaign's recipient CSV and writes the list that is safe to send to.\n\n"
                         "Examples:\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        ps_buf_add_format(out, "  %s\n", commands[i]->syntax.examples[0]);
    ps_buf_add_text(out, "\nUsage: presend COMMAND [OPTION...]\n\nCommands:\n");
    for (size_t i = 0; commands[i] != NULL; i++) {
        ps_buf_add_format(out, "  %-8s %-12s %s\n", commands[i]->syntax.name, commands[i]->syntax.operands,
                          commands[i]->syntax.summary);
    }
    ps_buf_add_text(out, "\n`presend COMMAND --help` tells more.\n");
}

static const ps_command *find_command(const ps_command *const *commands, const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++) {
        if (strcmp(commands[i]->syntax.name, name) == 0) return commands[i];
    }
    return NULL;
}

static ps_status unknown_command(const ps_command *const *commands, const char *name, ps_error *err)
{
    const char *names[COMMANDS_MAX];
    size_t count = 0;

    for (; commands[count] != NULL && count < COMMANDS_MAX; count++)
        names[count] = commands[count]->syntax.name;
    ps_error_set(err, PS_USAGE, "There is no command `%s`.", name);
    const char *meant = ps_did_you_mean(name, names, count);
    if (meant != NULL) {
        ps_error_hint(err, "Did you mean `presend %s`?", meant);
    } else {
        ps_error_hint(err, "`presend --help` lists the commands.");
    }
    return PS_USAGE;
}

// presend, presend --help, presend --version, presend anything-else
static ps_status run_without_command(const ps_command *const *commands, ps_session *session, const char *word,
                                     ps_error *err)
{
    bool help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
    bool version = strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0;
    ps_status status = PS_USAGE;
    ps_buf out;

    if (*word != '\0' && !help && !version) return unknown_command(commands, word, err);
    ps_buf_init(&out, OUTPUT_BYTES_MAX);
    if (version) {
        ps_version_write(&out);
    } else {
        write_overview(commands, &out);
    }
    if (help || version) {
        status = ps_terminal_data(&session->terminal, ps_buf_span(&out), err);
    } else {
        ps_error_set(err, PS_USAGE, "A command is missing.");
        if (!session->terminal.json) ps_terminal_say(&session->terminal, ps_buf_span(&out));
    }
    ps_buf_done(&out);
    return status;
}

ps_status ps_refuse_keyboard(ps_session *session, const char *thing, const char *things, ps_error *err)
{
    ps_buf help;

    ps_buf_init(&help, OUTPUT_BYTES_MAX);
    ps_options_help(session->syntax, &help);
    if (!session->terminal.json) ps_terminal_say(&session->terminal, ps_buf_span(&help));
    ps_buf_done(&help);
    ps_error_set(err, PS_USAGE, "No %s is given, and standard input is the keyboard.", thing);
    ps_error_hint(err, "Name %s, or send them in, one a line: other-program | presend %s", things,
                  session->syntax->name);
    return PS_USAGE;
}

int ps_commands_main(const ps_command *const *commands, int argc, char **argv)
{
    ps_session session;
    ps_error err = {.status = PS_OK};
    const char *word = argc > 1 ? argv[1] : "";
    const ps_command *command = find_command(commands, word);

    memset(&session, 0, sizeof session);
    session.terminal.json = wants_json(argc, argv);
    session.stop = ps_startup();
    ps_status status = command == NULL ? run_without_command(commands, &session, word, &err)
                                       : run_command(command, &session, argc - 1, argv + 1, &err);
    if (status != PS_OK) tell_error(&session, command == NULL ? NULL : command->syntax.name, &err);
    ps_terminal_clear(&session.terminal);
    ps_log_set(NULL, NULL); // its sink ends here
    ps_config_close(&session.config);
    ps_arguments_done(&session.arguments);
    return ps_status_exit_code(status);
}
