#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "cmd/command.h"
#include "cmd/inspect_write.h"
#include "facts/date.h"
#include "mail/charset.h"
#include "table/exports.h"

// A header of PS_COLUMNS_MAX names, each shown with escapes.
#define OUTPUT_BYTES_MAX ((size_t)64 << 20)

static const ps_option options[] = {
    {"write-job", 0, PS_OPTION_TEXT, "FILE", NULL, "write a job file that `presend run` takes as it is", NULL, 0, 0},
    {"suppress", 0, PS_OPTION_TEXT, "FILE", NULL, "a list of that job to leave out; may repeat", NULL, 0, 0},
    {"column", 0, PS_OPTION_TEXT, "NAME=HEADER", NULL, "take this column for NAME, as optin=news; may repeat", NULL, 0,
     0},
    {"dates", 0, PS_OPTION_TEXT, "NAME=FORM", NULL, "how its dates are written, as last_click=dmy; may repeat", NULL, 0,
     0},
    {"encoding", 0, PS_OPTION_TEXT, "NAME", "auto", "what the file is in, as utf-8 or cp932", NULL, 0, 0},
    {"no-header", 0, PS_OPTION_FLAG, NULL, NULL, "the file has no header: columns are numbers from 1", NULL, 0, 0},
    {"timezone", 0, PS_OPTION_TEXT, "ZONE", "UTC", "the zone that dates without one are in", NULL, 0, 0},
    {"as-of", 0, PS_OPTION_DATE, "DATE", NULL, "the day that dates are seen from", NULL, 0, 0},
    {"json", 0, PS_OPTION_FLAG, NULL, NULL, "tell the result as one line of JSON", NULL, 0, 0},
};

// How the job file names the recipients: by their last part where both lie in one folder, else in full.
static ps_status path_in_job(const char *file, const char *job_file, char out[PATH_MAX], ps_error *err)
{
    char folder[PATH_MAX], real_folder[PATH_MAX], full[PATH_MAX];
    const char *name = NULL, *job_name = NULL;

    if (!ps_path_split(job_file, folder, sizeof folder, &job_name) || realpath(folder, real_folder) == NULL ||
        realpath(file, full) == NULL) {
        return ps_error_set(err, PS_MISSING, "'%s' or the folder of '%s' cannot be found: %s.", file, job_file,
                            strerror(errno));
    }
    (void)ps_path_split(full, folder, sizeof folder, &name); // it fits: both have PATH_MAX
    bool together = strcmp(folder, real_folder) == 0;
    if (!ps_path_join(".", together ? name : full, out, PATH_MAX))
        return ps_error_set(err, PS_USAGE, "The path of '%s' is too long.", file);
    if (together) memmove(out, out + 2, strlen(out) - 1); // without the ./
    return PS_OK;
}

static ps_status refuse_job(const ps_inspection *inspection, ps_error *err)
{
    const ps_error *why = &inspection->refusals[0];

    ps_error_set(err, PS_INPUT, "No job file is written, since a run would refuse the file. %s", why->text);
    ps_error_hint(err, "%s%sHere: --column NAME=HEADER for `columns`, --dates NAME=FORM for `dates`.", why->hint,
                  why->hint[0] == '\0' ? "" : " ");
    return PS_INPUT;
}

static ps_status create(const char *path, ps_span text, ps_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0 && errno == EEXIST) {
        ps_error_set(err, PS_USAGE, "The job file '%s' is there already.", path);
        ps_error_hint(err, "Name another one, or move it away.");
        return PS_USAGE;
    }
    if (fd < 0) return ps_error_set(err, PS_IO, "The job file '%s' cannot be written: %s.", path, strerror(errno));
    ps_status status = ps_file_write(fd, text, path, err);
    if (close(fd) != 0 && status == PS_OK)
        status = ps_error_set(err, PS_IO, "The job file '%s' cannot be written: %s.", path, strerror(errno));
    return status;
}

// Paths of the command line start from the working directory, those of a job file from its own folder.
static ps_status name_files(const ps_session *session, const char *job_file, ps_arena *arena, const char **out,
                            size_t *out_count, ps_error *err)
{
    const ps_arguments *arguments = &session->arguments;
    char path[PATH_MAX];
    ps_status status = path_in_job(arguments->operands[0], job_file, path, err);

    *out_count = 1;
    if (status == PS_OK) out[0] = ps_arena_copy(arena, ps_span_of(path)).bytes;
    for (size_t i = 0; i < arguments->count && status == PS_OK; i++) {
        if (strcmp(arguments->items[i].option->name, "suppress") != 0) continue;
        status = path_in_job(arguments->items[i].value, job_file, path, err);
        if (status == PS_OK) out[(*out_count)++] = ps_arena_copy(arena, ps_span_of(path)).bytes;
    }
    return status;
}

static ps_status write_job(const ps_session *session, const ps_inspection *inspection, const char *path, ps_error *err)
{
    ps_arena arena = {0};
    ps_buf text;
    size_t count = 0;

    if (inspection->refusals_count > 0) return refuse_job(inspection, err);
    const char **paths = ps_memory_new(session->arguments.count + 1, sizeof *paths, err);
    ps_status status = paths == NULL ? PS_RETRY : ps_arena_open((size_t)1 << 26, &arena, err);
    ps_buf_init(&text, OUTPUT_BYTES_MAX);
    if (status == PS_OK) status = name_files(session, path, &arena, paths, &count, err);
    if (status == PS_OK) {
        ps_inspect_job(inspection, paths, count, &text);
        status = ps_buf_status(&text, "the job file", err);
    }
    if (status == PS_OK) status = create(path, ps_buf_span(&text), err);
    ps_buf_done(&text);
    ps_arena_close(&arena);
    ps_memory_free(paths);
    return status;
}

static ps_status tell(ps_session *session, const ps_inspection *inspection, ps_error *err)
{
    const char *job_file = ps_arguments_value(&session->arguments, "write-job");
    ps_arena arena = {0};
    ps_buf out;
    ps_status status = ps_arena_open((size_t)256 << 20, &arena, err); // names of a header of 1 MiB, folded

    if (status != PS_OK) return status;
    ps_buf_init(&out, OUTPUT_BYTES_MAX);
    const char *product = ps_export_name(ps_inspect_layout(inspection), &arena);
    if (session->terminal.json) {
        ps_inspect_json(inspection, product, job_file, &out);
    } else {
        ps_inspect_text(inspection, product, &out);
        if (job_file != NULL)
            ps_buf_add_format(&out, "The job file %s is written: presend run %s\n", job_file, job_file);
    }
    status = ps_buf_status(&out, "the result", err);
    if (status == PS_OK) status = ps_terminal_data(&session->terminal, ps_buf_span(&out), err);
    ps_buf_done(&out);
    ps_arena_close(&arena);
    return status;
}

// NAME= of a column, and what stands behind it.
static ps_status split_declared(const ps_argument *argument, ps_column *out, const char **out_value, ps_error *err)
{
    const char *equals = strchr(argument->value, '=');

    *out = PS_COLUMN_COUNT;
    if (equals != NULL) *out = ps_column_find((ps_span){argument->value, (size_t)(equals - argument->value)});
    if (*out == PS_COLUMN_COUNT || equals[1] == '\0') {
        ps_error_set(err, PS_USAGE, "`--%s %s` names no column that presend reads.", argument->option->name,
                     argument->value);
        ps_error_hint(err, "Such as --column last_click=HEADER or --dates last_click=dmy; the names are those of "
                           "`columns` in a job file.");
        return PS_USAGE;
    }
    *out_value = equals + 1;
    return PS_OK;
}

static ps_status declare_dates(ps_recipients *table, ps_column column, const char *word, ps_error *err)
{
    for (unsigned form = PS_DATE_FORM_ISO; form < PS_DATE_FORM_COUNT; form++) {
        if (strcmp(word, ps_date_form_word((ps_date_form)form)) != 0) continue;
        table->dates[column] = (ps_date_form)form;
        return PS_OK;
    }
    ps_error_set(err, PS_USAGE, "There is no form of dates `%s`.", word);
    ps_error_hint(err, "It is one of: iso ymd dmy mdy era compact epoch rfc5322 excel.");
    return PS_USAGE;
}

// What the user says of columns, as the job file would.
static ps_status declare(const ps_arguments *arguments, ps_recipients *table, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < arguments->count && status == PS_OK; i++) {
        const ps_argument *argument = &arguments->items[i];
        bool dates = strcmp(argument->option->name, "dates") == 0;
        const char *value = NULL;
        ps_column column;
        if (!dates && strcmp(argument->option->name, "column") != 0) continue;
        status = split_declared(argument, &column, &value, err);
        if (status == PS_OK && dates) status = declare_dates(table, column, value, err);
        if (status == PS_OK && !dates) table->columns[column] = value;
    }
    return status;
}

static ps_status check_arguments(ps_session *session, ps_inspection *inspection, ps_error *err)
{
    const ps_arguments *arguments = &session->arguments;
    const char *encoding = ps_arguments_value(arguments, "encoding");
    bool is_stdin = strcmp(arguments->operands[0], "-") == 0;

    inspection->table.file = arguments->operands[0];
    inspection->table.headerless = ps_arguments_has(arguments, "no-header");
    if (encoding != NULL && !ps_charset_find(ps_span_of(encoding), &inspection->table.encoding)) {
        ps_error_set(err, PS_USAGE, "There is no encoding `%s`.", encoding);
        ps_error_hint(err, "It is one of: auto utf-8 cp932 euc-jp iso-2022-jp utf-16 utf-16be windows-1252.");
        return PS_USAGE;
    }
    if (is_stdin && ps_arguments_has(arguments, "write-job"))
        return ps_error_set(err, PS_USAGE, "A job file names its recipients: standard input cannot be one.");
    if (is_stdin && isatty(STDIN_FILENO) == 1)
        return ps_error_set(err, PS_USAGE, "The file would be read from standard input, but that is the keyboard.");
    return PS_OK;
}

static ps_status inspect(ps_session *session, ps_error *err)
{
    const ps_arguments *arguments = &session->arguments;
    const char *zone = ps_arguments_value(arguments, "timezone"), *as_of = ps_arguments_value(arguments, "as-of");
    const char *job_file = ps_arguments_value(arguments, "write-job");
    ps_day day = PS_DAY_NONE;
    ps_inspection *inspection = ps_memory_new(1, sizeof *inspection, err);

    if (inspection == NULL) return PS_RETRY;
    if (as_of != NULL) (void)ps_day_parse(ps_span_of(as_of), &day); // `now` leaves it open
    ps_status status = check_arguments(session, inspection, err);
    if (status == PS_OK) status = declare(arguments, &inspection->table, err);
    if (status == PS_OK) status = ps_inspect_open(zone == NULL ? "UTC" : zone, day, session->stop, inspection, err);
    if (status == PS_OK && job_file != NULL) status = write_job(session, inspection, job_file, err);
    if (status == PS_OK) status = tell(session, inspection, err);
    ps_inspect_close(inspection);
    ps_memory_free(inspection);
    return status;
}

const ps_command ps_command_inspect = {
    .syntax = {.name = "inspect",
               .operands = "FILE",
               .operands_least = 1,
               .operands_most = 1,
               .summary = "Look at a recipient file: how it is written, what its columns are taken for, what is wrong",
               .examples = {"presend inspect recipients.csv",
                            "presend inspect recipients.csv --suppress bounces.csv --write-job campaign.yaml"},
               .options = options,
               .options_count = PS_COUNT_OF(options)},
    .run = inspect,
};
