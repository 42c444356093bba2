// What tests/esp/*.py drive: one source, given as settings of a job, read as a program reads it.
//
// fetch [--check | --lists | --remove LIST ADDRESS SCOPE] [--since SECONDS] [--list NAME] [--resume TOKEN] [--pages N]
// KEY=VALUE...
//
// Prints a line for each entry (list, kind, class, scope, code, reason, created, expires, address), `# page` lines and
// `= list` lines; errors on stderr. Ends with presend's exit code.
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "esp/client.h"

enum { LISTS_MAX = 32 };

static const char *const class_names[] = {"complaint", "unsubscribe", "manual", "hard",
                                          "invalid",   "unknown",     "block",  "soft"};

typedef struct settings {
    ps_source_config source;
    const char *lists[LISTS_MAX], *without[LISTS_MAX];
    const char *only, *resume, *address, *scope;
    int64_t since_s;
    uint64_t pages_max, pages;
    uint32_t first_wait_ms;
    bool check, names, remove, quiet, progress, accept_count;
} settings;

static volatile sig_atomic_t stopped;

static void note_stop(int number)
{
    stopped = number;
}

static bool on_stop(void *context)
{
    (void)context; // the signal is the program's
    return stopped != 0;
}

static size_t split(char *text, const char *out[LISTS_MAX])
{
    size_t count = 0;

    while (*text != '\0' && count < LISTS_MAX) {
        size_t len = strcspn(text, ",");
        out[count++] = text;
        text += len + (text[len] != '\0');
        text[-1] = text[-1] == ',' ? '\0' : text[-1];
    }
    return count;
}

static bool take_setting(settings *s, char *text)
{
    const struct {
        const char *name;
        const char **to;
    } keys[] = {{"name", &s->source.name},         {"type", &s->source.type},     {"client", &s->source.client},
                {"base_url", &s->source.base_url}, {"domain", &s->source.domain}, {"region", &s->source.region},
                {"account", &s->source.account},   {"user", &s->source.user},     {"key", &s->source.key},
                {"ca_file", &s->source.ca_file},   {"proxy", &s->source.proxy},   {"file", &s->source.file}};
    char *value = strchr(text, '=');

    if (value == NULL) return false;
    *value++ = '\0';
    for (size_t i = 0; i < PS_COUNT_OF(keys); i++) {
        if (strcmp(keys[i].name, text) != 0) continue;
        *keys[i].to = value;
        return true;
    }
    if (strcmp(text, "lists") == 0) s->source.lists_count = split(value, s->lists);
    if (strcmp(text, "without") == 0) s->source.without_count = split(value, s->without);
    if (strcmp(text, "max_reply_mib") == 0) s->source.max_reply_mib = strtoull(value, NULL, 10);
    if (strcmp(text, "recorded_elsewhere") == 0) s->source.recorded_elsewhere = true;
    return true;
}

static bool take_option(settings *s, char ***at)
{
    char **arg = *at;

    if (strcmp(*arg, "--check") == 0)
        s->check = true;
    else if (strcmp(*arg, "--lists") == 0)
        s->names = true;
    else if (strcmp(*arg, "--accept-count") == 0)
        s->accept_count = true;
    else if (strcmp(*arg, "--quiet") == 0)
        s->quiet = true;
    else if (strcmp(*arg, "--progress") == 0)
        s->progress = true;
    else if (strcmp(*arg, "--since") == 0)
        s->since_s = strtoll(*++arg, NULL, 10);
    else if (strcmp(*arg, "--wait") == 0)
        s->first_wait_ms = (uint32_t)strtoul(*++arg, NULL, 10);
    else if (strcmp(*arg, "--list") == 0)
        s->only = *++arg;
    else if (strcmp(*arg, "--resume") == 0)
        s->resume = *++arg;
    else if (strcmp(*arg, "--pages") == 0)
        s->pages_max = strtoull(*++arg, NULL, 10);
    else if (strcmp(*arg, "--remove") == 0) {
        s->remove = true;
        s->only = *++arg;
        s->address = *++arg;
        s->scope = *++arg;
    } else
        return take_setting(s, *arg);
    *at = arg;
    return true;
}

static void print_entry(const ps_client_list *list, const ps_client_entry *entry)
{
    printf("%s\t%s\t%s\t%.*s\t%.*s\t%.*s\t%" PRId64 "\t%" PRId64 "\t%.*s\n", list->name,
           entry->kind == PS_CLIENT_DOMAIN ? "domain" : "address", class_names[entry->class], (int)entry->scope.len,
           entry->scope.bytes, (int)entry->code.len, entry->code.bytes, (int)entry->reason.len, entry->reason.bytes,
           entry->created_s, entry->expires_s, (int)entry->text.len, entry->text.bytes);
}

static ps_status on_page(void *context, const ps_client_page *page, ps_error *err)
{
    settings *s = context;

    for (size_t i = 0; i < page->count && !s->quiet; i++)
        print_entry(page->list, &page->entries[i]);
    if (!s->quiet)
        printf("# page\t%s\t%" PRIu64 "\t%zu\t%s\t%s\n", page->list->name, page->number, page->count,
               page->ended ? "ended" : "", page->resume == NULL ? "" : page->resume);
    if (s->pages_max == 0 || ++s->pages < s->pages_max) return PS_OK;
    return ps_error_set(err, PS_TERMINATED, "Enough pages.");
}

static void on_progress(void *context, const ps_client_progress *progress)
{
    const settings *s = context;

    if (!s->progress) return;
    fprintf(stderr, "progress\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%u\t%s\n", progress->source,
            progress->list, progress->pages, progress->entries, progress->total, (unsigned)progress->retries,
            progress->why);
}

static ps_status fetch(settings *s, const ps_client *client, const ps_client_watch *watch, ps_error *err)
{
    size_t count, wanted = 0;
    const ps_client_list *lists = ps_client_lists(client, &count);
    ps_client_fetch fetches[LISTS_MAX];

    memset(fetches, 0, sizeof fetches);
    for (size_t i = 0; i < count; i++) {
        if (s->only != NULL && strcmp(s->only, lists[i].name) != 0) continue;
        fetches[wanted].client = client;
        fetches[wanted].list = &lists[i];
        fetches[wanted].since_s = s->since_s;
        fetches[wanted].resume = s->resume;
        fetches[wanted].accept_count = s->accept_count;
        fetches[wanted].page = on_page;
        fetches[wanted++].context = s;
    }
    ps_status status = ps_client_fetch_all(fetches, wanted, watch, err);
    for (size_t i = 0; i < wanted; i++) {
        printf("= list\t%s\t%s\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%s\n", fetches[i].list->name,
               ps_status_word(fetches[i].status), fetches[i].whole ? "whole" : "partial", fetches[i].pages,
               fetches[i].entries, fetches[i].requests, fetches[i].warning);
    }
    return status;
}

// What there is, without asking anybody.
static void print_lists(const ps_client *client)
{
    size_t count;
    const ps_client_list *lists = ps_client_lists(client, &count);

    printf("origin\t%s\n", ps_client_origin(client));
    for (size_t i = 0; i < count; i++)
        printf("%s\t%s\n", lists[i].removable_twice_asked ? "weighty" : "plain", lists[i].name);
}

static ps_status act(settings *s, const ps_client *client, ps_error *err)
{
    const ps_client_watch watch = {
        .stop = on_stop, .progress = on_progress, .context = s, .first_wait_ms = s->first_wait_ms};
    ps_client_removed removed;

    if (s->names) {
        print_lists(client);
        return PS_OK;
    }
    if (s->check) return ps_client_check(client, &watch, err);
    if (!s->remove) return fetch(s, client, &watch, err);
    const ps_client_list *list = ps_client_list_find(client, s->only);
    if (list == NULL) return ps_error_set(err, PS_USAGE, "There is no list %s.", s->only);
    ps_status status = ps_client_remove(client, list, ps_span_of(s->address), ps_span_of(s->scope), &removed, err);
    if (status == PS_OK) printf("%s\n", removed == PS_CLIENT_REMOVED ? "removed" : "was not listed");
    return status;
}

int main(int argc, char **argv)
{
    settings s = {.source = {.name = "test"}};
    ps_client *client = NULL;
    ps_client_fault fault;
    ps_error err = {.status = PS_OK};

    (void)argc; // argv ends with NULL
    signal(SIGINT, note_stop);
    s.source.lists = s.lists;
    s.source.without = s.without;
    for (char **arg = argv + 1; *arg != NULL; arg++) {
        if (!take_option(&s, &arg)) return 64;
    }
    for (size_t i = 0; ps_client_config_fault(&s.source, i, &fault); i++)
        fprintf(stderr, "fault\t%s\t%s\t%s\n", fault.key, fault.text, fault.hint);
    ps_status status = ps_client_new(&s.source, &client, &err);
    if (status == PS_OK) status = act(&s, client, &err);
    if (status != PS_OK) fprintf(stderr, "error\t%s\t%s\t%s\n", ps_status_word(status), err.text, err.hint);
    ps_client_free(client);
    return ps_status_exit_code(status);
}
