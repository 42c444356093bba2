#include <stdio.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "cmd/execute.h"

enum { SETTINGS_PER_SOURCE = 3, SETTINGS_MORE = 6, PATH_TEXT_SIZE = 48, NAME_SIZE = 65, FOLDER_SIZE = 4096 };

static const ps_option options[] = {
    {"suppress", 0, PS_OPTION_TEXT, "FILE", NULL, "leave out everybody in this list, or write none; may repeat", NULL,
     0, 0},
    {"hash", 0, PS_OPTION_CHOICE, "KIND", NULL, "the list named before it holds digests of addresses, made so",
     "md5 sha1 sha256 sha512 hmac-sha256", 0, 0},
    {"hash-key", 0, PS_OPTION_TEXT, "env:NAME", NULL, "the key of --hash hmac-sha256; or file:PATH", NULL, 0, 0},
    {"engagement", 0, PS_OPTION_CHOICE, "PROFILE", NULL, "judge who is inactive",
     "b2c_weekly b2c_daily b2c_monthly b2b", 0, 0},
    {"state", 0, PS_OPTION_TEXT, "FILE", NULL, "remember this run, and who is listed for win-back, in this file", NULL,
     0, 0},
    PS_EXECUTE_OPTIONS,
};

// Settings, and the texts that they borrow.
typedef struct builder {
    ps_setting *settings;
    size_t count;
    ps_arena arena;
} builder;

static void add(builder *b, const char *option, const char *path, const char *text)
{
    b->settings[b->count++] = (ps_setting){option, path, text};
}

static size_t count_option(const ps_arguments *arguments, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < arguments->count; i++)
        count += strcmp(arguments->items[i].option->name, name) == 0;
    return count;
}

static bool name_is_taken(const builder *b, const char *name)
{
    for (size_t i = 0; i < b->count; i++) {
        size_t len = b->settings[i].path == NULL ? 0 : strlen(b->settings[i].path);
        bool names = len > 5 && strcmp(b->settings[i].path + len - 5, ".name") == 0;
        if (names && strcmp(b->settings[i].text, name) == 0) return true;
    }
    return false;
}

// A source is named after its file, up to the first dot: what a name may not have becomes _.
static const char *name_of(builder *b, const char *file)
{
    char folder[FOLDER_SIZE], name[NAME_SIZE] = "list", unique[NAME_SIZE + 24];
    const char *last = file;
    size_t len = 0;

    (void)ps_path_split(file, folder, sizeof folder, &last); // where it does not fit, opening the file will say so
    for (; last[len] != '\0' && last[len] != '.' && len + 1 < sizeof name; len++) {
        char c = last[len] >= 'A' && last[len] <= 'Z' ? (char)(last[len] + ('a' - 'A')) : last[len];
        bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        name[len] = fine ? c : '_';
    }
    if (len > 0) name[len] = '\0';
    snprintf(unique, sizeof unique, "%s", name);
    for (unsigned number = 2; name_is_taken(b, unique); number++)
        snprintf(unique, sizeof unique, "%.*s-%u", NAME_SIZE - 12, name, number);
    return ps_arena_copy(&b->arena, ps_span_of(unique)).bytes;
}

static void add_key(builder *b, const char *option, size_t index, const char *key, const char *value)
{
    char path[PATH_TEXT_SIZE];

    snprintf(path, sizeof path, "suppressions.%zu.%s", index, key);
    add(b, option, ps_arena_copy(&b->arena, ps_span_of(path)).bytes, value);
}

static void add_source(builder *b, size_t index, const char *file)
{
    add_key(b, "--suppress", index, "name", name_of(b, file));
    add_key(b, "--suppress", index, "type", "file");
    add_key(b, "--suppress", index, "file", file);
}

// How the list is hashed that was named last.
static ps_status add_hash(builder *b, const ps_argument *argument, size_t sources, ps_error *err)
{
    bool key = strcmp(argument->option->name, "hash-key") == 0;

    if (sources > 0) {
        add_key(b, key ? "--hash-key" : "--hash", sources - 1, key ? "hash_key" : "hash", argument->value);
        return PS_OK;
    }
    ps_error_set(err, PS_USAGE, "--%s says how a list is hashed, and no list is named before it.",
                 argument->option->name);
    ps_error_hint(err, "Write it behind its list: --suppress partner.txt --hash sha256");
    return PS_USAGE;
}

static ps_status add_sources(builder *b, const ps_arguments *arguments, ps_error *err)
{
    size_t index = 0, none = 0;
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < arguments->count; i++) {
        const ps_argument *argument = &arguments->items[i];
        if (strncmp(argument->option->name, "hash", 4) == 0) status = add_hash(b, argument, index, err);
        if (strcmp(argument->option->name, "suppress") != 0) continue;
        if (strcmp(argument->value, "none") == 0) {
            none++;
        } else {
            add_source(b, index++, argument->value);
        }
    }
    if (status != PS_OK) return status;
    if (none > 0 && index > 0) {
        ps_error_set(err, PS_USAGE, "--suppress none says that there is no list, but one is given.");
        ps_error_hint(err, "Write --suppress ./none for a file of that name.");
        return PS_USAGE;
    }
    if (none > 0) add(b, "--suppress", "suppressions", "none");
    if (none > 0 || index > 0) return PS_OK;
    ps_error_set(err, PS_USAGE, "No suppression list is named: nobody would be left out.");
    ps_error_hint(err, "Add --suppress FILE for each list. That there is none must be said: --suppress none");
    return PS_USAGE;
}

static ps_status build(builder *b, const ps_arguments *arguments, ps_error *err)
{
    const char *profile = ps_arguments_value(arguments, "engagement");
    const char *state = ps_arguments_value(arguments, "state");
    size_t max = SETTINGS_PER_SOURCE * count_option(arguments, "suppress") + count_option(arguments, "hash") +
                 count_option(arguments, "hash-key") + SETTINGS_MORE;
    ps_status status = ps_arena_open((size_t)1 << 26, &b->arena, err);

    if (status != PS_OK) return status;
    b->settings = ps_memory_new(max, sizeof *b->settings, err);
    if (b->settings == NULL) return PS_RETRY;
    add(b, "FILE", "recipients.0.file", arguments->operands[0]);
    add(b, "clean", "mx.budget", "5m"); // somebody waits at the terminal
    if (state != NULL) add(b, "--state", "state", state);
    if (profile != NULL) add(b, "--engagement", "engagement.profile", profile);
    return add_sources(b, arguments, err);
}

static ps_status clean(ps_session *session, ps_error *err)
{
    builder b = {.settings = NULL};
    ps_status status = build(&b, &session->arguments, err);

    if (status == PS_OK) status = ps_execute(session, NULL, b.settings, b.count, err);
    ps_memory_free(b.settings);
    ps_arena_close(&b.arena);
    return status;
}

const ps_command ps_command_clean = {
    .syntax = {.name = "clean",
               .operands = "FILE",
               .operands_least = 1,
               .operands_most = 1,
               .summary = "Clean one recipient file without a job file; - is standard input",
               .examples = {"presend clean recipients.csv --suppress unsubscribed.csv --suppress bounces.csv",
                            "presend clean recipients.csv --suppress none --engagement b2c_weekly --offline -o out"},
               .options = options,
               .options_count = PS_COUNT_OF(options)},
    .run = clean,
};
