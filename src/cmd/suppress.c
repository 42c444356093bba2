// `presend suppress sync|list|diff|export|import|remove`

#include "cmd/suppress.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/remember.h"
#include "esp/hash_look.h"
#include "report/view.h"

enum { BUFFER_BYTES_MAX = 64 << 20 };

static const ps_option options[] = {
    {"job", 0, PS_OPTION_TEXT, "JOB.yaml", NULL, "the job whose sources and state these are", NULL, 0, 0},
    {"state", 0, PS_OPTION_TEXT, "FILE", NULL, "the state, where no job is needed", NULL, 0, 0},
    {"full", 0, PS_OPTION_FLAG, NULL, NULL, "sync: read whole lists, from their beginnings", NULL, 0, 0},
    {"accept", 0, PS_OPTION_TEXT, "SOURCE:GUARD", NULL, "sync, import: let it pass a guard; may repeat", NULL, 0, 0},
    {"since", 0, PS_OPTION_DATE, "DATE", NULL, "diff: from this day of the job's zone on, not since the last sync",
     NULL, 0, 0},
    {"for", 0, PS_OPTION_CHOICE, "FORM", "csv", "export: the form that this ESP imports",
     "csv plain mailgun sendgrid ses", 0, 0},
    {"missing-from", 0, PS_OPTION_TEXT, "NAME", NULL, "export: only what this source does not have", NULL, 0, 0},
    {"output", 'o', PS_OPTION_TEXT, "DIR", NULL, "export: the folder that the files go to", NULL, 0, 0},
    {"into", 0, PS_OPTION_TEXT, "NAME", NULL, "import: the source to add to", NULL, 0, 0},
    {"class", 0, PS_OPTION_CHOICE, "CLASS", "manual", "import: why they are on the list, where it does not say",
     "complaint unsubscribe manual hard invalid unknown block soft", 0, 0},
    {"hash", 0, PS_OPTION_CHOICE, "KIND", NULL, "import: the entries are digests of addresses, made so",
     "md5 sha1 sha256 sha512 hmac-sha256", 0, 0},
    {"hash-key", 0, PS_OPTION_TEXT, "env:NAME", NULL,
     "import: the key of --hash hmac-sha256, which every run needs; or file:PATH", NULL, 0, 0},
    {"kind", 0, PS_OPTION_CHOICE, "KIND", "address", "import: what the entries are", "address domain both", 0, 0},
    {"from", 0, PS_OPTION_TEXT, "NAME", NULL, "remove: the source at whose ESP the address is taken off", NULL, 0, 0},
    {"list", 0, PS_OPTION_TEXT, "LIST", NULL, "list, remove: only this list of the source", NULL, 0, 0},
    {"why", 0, PS_OPTION_TEXT, "TEXT", NULL, "remove: the reason, for the record", NULL, 0, 0},
    {"yes", 0, PS_OPTION_FLAG, NULL, NULL, "remove: do not ask", NULL, 0, 0},
    {"person-asked", 0, PS_OPTION_FLAG, NULL, NULL,
     "remove: also a complaint or unsubscribe, because they asked for it", NULL, 0, 0},
    {"json", 0, PS_OPTION_FLAG, NULL, NULL, "tell the result as one line of JSON", NULL, 0, 0},
};

static const struct {
    const char *name;
    ps_status (*run)(ps_suppress *s, ps_error *err);
    bool needs_job; // it talks to ESPs
    bool makes_state;
} subcommands[] = {
    {"sync", ps_suppress_sync, true, true},      {"list", ps_suppress_list, false, false},
    {"diff", ps_suppress_diff, false, false},    {"export", ps_suppress_export, false, false},
    {"import", ps_suppress_import, false, true}, {"remove", ps_suppress_remove, true, false},
};

static ps_status find_subcommand(const char *name, size_t *out, ps_error *err)
{
    const char *names[PS_COUNT_OF(subcommands)];

    for (*out = 0; *out < PS_COUNT_OF(subcommands); (*out)++) {
        if (strcmp(subcommands[*out].name, name) == 0) return PS_OK;
        names[*out] = subcommands[*out].name;
    }
    ps_error_set(err, PS_USAGE, "There is no `presend suppress %s`.", name);
    const char *meant = ps_did_you_mean(name, names, PS_COUNT_OF(names));
    if (meant != NULL) {
        ps_error_hint(err, "Did you mean `presend suppress %s`?", meant);
    } else {
        ps_error_hint(err, "There are sync, list, diff, export, import and remove.");
    }
    return PS_USAGE;
}

static size_t take_accepted(const ps_arguments *arguments, const char **out, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < arguments->count && count < max; i++) {
        if (strcmp(arguments->items[i].option->name, "accept") == 0) out[count++] = arguments->items[i].value;
    }
    return count;
}

// What is accepted names sources of the job where it is about them: `import` reads its own.
static ps_status open_job(ps_suppress *s, const char *job_file, ps_error *err)
{
    enum { ACCEPTED_MAX = 64 };
    const char *accepted[ACCEPTED_MAX];
    ps_config *config = &s->session->config;
    ps_config_request request = {.job_file = job_file, .accepted = accepted};

    if (strcmp(s->session->arguments.operands[0], "import") != 0)
        request.accepted_count = take_accepted(&s->session->arguments, accepted, ACCEPTED_MAX);
    ps_status status = ps_config_open(&request, config, err);
    if (status != PS_OK) return status;
    const char **kept = ps_arena_take(&config->arena, (request.accepted_count + 1) * sizeof *kept);
    memcpy(kept, accepted, request.accepted_count * sizeof *kept);
    config->job.accepted = kept; // the array above ends here
    s->job = &config->job;
    return PS_OK;
}

static ps_status no_state(const char *name, bool needs_job, ps_error *err)
{
    ps_error_set(err, PS_USAGE, "Which suppression lists does `presend suppress %s` mean?", name);
    ps_error_hint(err, needs_job ? "Name the job: --job JOB.yaml"
                                 : "Name the job with --job JOB.yaml, or its state with --state FILE.");
    return PS_USAGE;
}

static ps_status open_state(ps_suppress *s, size_t subcommand, ps_error *err)
{
    const ps_arguments *arguments = &s->session->arguments;
    const char *job_file = ps_arguments_value(arguments, "job"), *state = ps_arguments_value(arguments, "state");
    bool needs_job = subcommands[subcommand].needs_job;
    ps_status status = PS_OK;

    if (job_file != NULL && state != NULL) {
        return ps_error_set(err, PS_USAGE, "--job and --state both name the state: one of them is enough.");
    }
    if (job_file == NULL && (needs_job || state == NULL)) return no_state(subcommands[subcommand].name, needs_job, err);
    if (job_file != NULL) status = open_job(s, job_file, err);
    if (status != PS_OK) return status;
    const char *path = state != NULL ? state : s->job->state;
    bool there = access(path, F_OK) == 0 || errno != ENOENT;
    if (!there && subcommands[subcommand].makes_state) {
        return ps_store_open(path, s->job == NULL ? NULL : s->job->owner, &s->store, err);
    }
    return ps_remember_visit(path, &s->store, err);
}

static ps_status suppress(ps_session *session, ps_error *err)
{
    ps_suppress s = {.session = session,
                     .names = session->arguments.operands + 1,
                     .name_count = session->arguments.operands_count - 1};
    size_t subcommand = 0;

    ps_buf_init(&s.out, BUFFER_BYTES_MAX);
    ps_status status = find_subcommand(session->arguments.operands[0], &subcommand, err);
    if (status == PS_OK) status = open_state(&s, subcommand, err);
    if (status == PS_OK) status = ps_expand_rules(&s.rules, err);
    if (status == PS_OK) status = ps_zone_new("UTC", &s.utc, err);
    if (status == PS_OK) status = subcommands[subcommand].run(&s, err);
    ps_zone_free(s.utc);
    ps_address_rules_free(s.rules);
    ps_store_close(s.store);
    ps_buf_done(&s.out);
    return status;
}

// ---- shared by the subcommands

static ps_status unknown_source(const char *name, ps_error *err)
{
    ps_error_set(err, PS_USAGE, "The state knows no suppression source `%s`.", name);
    ps_error_hint(err, "`presend suppress list` shows those that it knows; an ESP's is known once it was synced.");
    return PS_USAGE;
}

ps_status ps_suppress_find(ps_suppress *s, const char *name, ps_stored_source *out, ps_error *err)
{
    bool found = false;
    ps_status status = ps_store_source(s->store, name, out, &found, err);

    return status == PS_OK && !found ? unknown_source(name, err) : status;
}

ps_status ps_suppress_each(ps_suppress *s, ps_store_visit_source *visit, void *context, ps_error *err)
{
    ps_stored_source source;
    ps_status status = PS_OK;

    if (s->name_count == 0) return ps_store_sources(s->store, visit, context, err);
    for (size_t i = 0; status == PS_OK && i < s->name_count; i++) {
        status = ps_suppress_find(s, s->names[i], &source, err);
        if (status == PS_OK) status = visit(context, &source, err);
    }
    return status;
}

void ps_suppress_json_begin(ps_suppress *s)
{
    char command[64];

    snprintf(command, sizeof command, "suppress %s", s->session->arguments.operands[0]);
    ps_json_init(&s->json, &s->out, 0);
    ps_json_object(&s->json, NULL);
    ps_json_text(&s->json, "schema_version", "1.0");
    ps_json_text(&s->json, "command", command);
}

ps_status ps_suppress_json_end(ps_suppress *s, ps_error *err)
{
    ps_json_object_end(&s->json);
    ps_buf_add_char(&s->out, '\n');
    return ps_suppress_flush(s, 0, err);
}

ps_status ps_suppress_flush(ps_suppress *s, size_t more_than, ps_error *err)
{
    if (s->out.len <= more_than && !s->out.failed) return PS_OK;
    ps_status status = ps_buf_status(&s->out, "the result", err);
    if (status == PS_OK) status = ps_terminal_data(&s->session->terminal, ps_buf_span(&s->out), err);
    ps_buf_clear(&s->out);
    return status;
}

const char *ps_suppress_time(int64_t seconds, char out[PS_TIME_TEXT_SIZE])
{
    if (seconds <= 0) return "never";
    ps_time_text(seconds, out);
    return out;
}

static void json_time(ps_json *json, const char *name, int64_t seconds)
{
    char text[PS_TIME_TEXT_SIZE];

    if (seconds > 0) {
        ps_time_text(seconds, text);
        ps_json_text(json, name, text);
    } else {
        ps_json_null(json, name);
    }
}

void ps_suppress_json_entry(ps_suppress *s, const char *list, const ps_stored_entry *entry)
{
    ps_json *json = &s->json;
    ps_digest_kind digest = ps_stored_digest(entry->kind);
    bool domain = entry->kind == PS_STORED_DOMAIN;

    ps_json_text(json, "list", list);
    ps_json_span(json, digest != PS_DIGEST_NONE ? "digest" : domain ? "domain" : "address", entry->text);
    if (digest != PS_DIGEST_NONE) ps_json_text(json, "hash", ps_hash_word(digest));
    ps_json_text(json, "class", ps_class_word(entry->class));
    ps_json_span(json, "scope", entry->scope);
    ps_json_span(json, "code", entry->code);
    ps_json_span(json, "reason", entry->reason);
    json_time(json, "created_at", entry->created_s);
    json_time(json, "expires_at", entry->expires_s);
    json_time(json, "first_seen_at", entry->first_seen_s);
    json_time(json, "gone_at", entry->gone_s);
}

const ps_command ps_command_suppress = {
    .syntax = {.name = "suppress",
               .operands = "WHAT",
               .operands_least = 1,
               .operands_most = 65,
               .summary = "The suppression lists: sync, list, diff, export, import or remove",
               .examples = {"presend suppress sync --job campaign.yaml",
                            "presend suppress export --state presend.sqlite --for ses --missing-from ses -o move"},
               .options = options,
               .options_count = PS_COUNT_OF(options)},
    .run = suppress,
};
