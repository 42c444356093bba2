// `presend suppress remove ADDRESS --from NAME`: one address, at one ESP, on purpose.

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/suppress.h"
#include "esp/client.h"

enum { WHO_BYTES = 128, ENTRIES_MAX = 64, ANSWER_BYTES = 16, PAGE_BYTES_MAX = 16 << 10 };

// An entry of the address that is to go.
typedef struct removable {
    const char *list; // of the client
    ps_span text, scope;
} removable;

typedef struct removing {
    ps_suppress *s;
    const char *address, *why;
    ps_client *client;
    ps_stored_source source;
    ps_expander expander;
    ps_hash key, at_hand; // match keys: what is to go, and of the entry at hand
    bool known;
    ps_arena texts;
    removable found[ENTRIES_MAX];
    size_t found_count;
} removing;

static ps_status check_request(const ps_suppress *s, ps_error *err)
{
    const ps_arguments *arguments = &s->session->arguments;
    const char *why = ps_arguments_value(arguments, "why");

    if (s->name_count != 1 || ps_arguments_value(arguments, "from") == NULL) {
        ps_error_set(err, PS_USAGE, "One address is needed, and the source that it is taken off.");
        ps_error_hint(err, "presend suppress remove ADDRESS --from NAME --why TEXT --job JOB.yaml");
        return PS_USAGE;
    }
    // Before any request is made: several APIs delete a whole list when the address is missing.
    ps_status status = ps_client_address_check(ps_span_of(s->names[0]), err);
    if (status != PS_OK) return status;
    if (why == NULL || *why == '\0') {
        ps_error_set(err, PS_USAGE, "Say why the address may be mailed again: it goes on record with your name.");
        ps_error_hint(err, "--why 'asked by phone on 2026-11-20'");
        return PS_USAGE;
    }
    if (ps_arguments_has(arguments, "yes") || isatty(STDIN_FILENO) == 1) return PS_OK;
    ps_error_set(err, PS_USAGE, "Nobody can be asked whether the address may go: this is no terminal.");
    ps_error_hint(err, "Add --yes where that is decided already.");
    return PS_USAGE;
}

static ps_status open_client(removing *r, ps_error *err)
{
    const char *name = ps_arguments_value(&r->s->session->arguments, "from");
    const ps_job *job = r->s->job;

    for (size_t i = 0; i < job->sources_count; i++) {
        if (strcmp(job->sources[i].name, name) != 0 || ps_source_is_file(&job->sources[i])) continue;
        ps_status status = ps_client_new(&job->sources[i], &r->client, err);
        return status == PS_OK ? ps_suppress_find(r->s, name, &r->source, err) : status;
    }
    ps_error_set(err, PS_USAGE, "The job has no suppression source `%s` at an ESP.", name);
    ps_error_hint(err, "A file is yours to change.");
    return PS_USAGE;
}

// ---- which entries

static ps_status take_key(void *context, const ps_suppression_entry *found, bool *out_new, ps_error *err)
{
    removing *r = context;
    (void)err;

    *out_new = false;
    if (r->known || found->domain || found->subdomains) return PS_OK;
    r->known = true;
    r->at_hand = ps_hash_of(found->key);
    return PS_OK;
}

static ps_status key_of(removing *r, const char *list, const ps_stored_entry *entry, ps_error *err)
{
    r->known = false;
    return ps_expand(&r->expander, list, entry, err);
}

static ps_status find_entry(void *context, const ps_stored_list *list, const ps_stored_entry *entry, ps_error *err)
{
    removing *r = context;
    const char *wanted = ps_arguments_value(&r->s->session->arguments, "list");
    const ps_client_list *asked = ps_client_list_find(r->client, list->name);

    if (asked == NULL || asked->allowlist || (wanted != NULL && strcmp(wanted, list->name) != 0)) return PS_OK;
    ps_status status = key_of(r, list->name, entry, err);
    if (status != PS_OK || !r->known || !ps_hash_equal(r->at_hand, r->key)) return status;
    if (r->found_count == ENTRIES_MAX) {
        return ps_error_set(err, PS_SOURCE, "The address stands more than %d times there: name one list with --list.",
                            ENTRIES_MAX);
    }
    r->found[r->found_count++] = (removable){.list = asked->name,
                                             .text = ps_arena_copy(&r->texts, entry->text),
                                             .scope = ps_arena_copy(&r->texts, entry->scope)};
    return PS_OK;
}

static ps_status find_entries(removing *r, ps_error *err)
{
    const ps_stored_entry asked = {.text = ps_span_of(r->address), .class = PS_CLASS_MANUAL};
    ps_status status = key_of(r, "", &asked, err);

    if (status == PS_OK && !r->known) {
        return ps_error_set(err, PS_USAGE, "'%s' is no address that can be on a list.", r->address);
    }
    r->key = r->at_hand;
    if (status == PS_OK) status = ps_store_entries(r->s->store, &r->source, find_entry, r, err);
    if (status != PS_OK || r->found_count > 0) return status;
    ps_error_set(err, PS_USAGE, "The address is on no list of %s, as the state knows it.", r->source.name);
    ps_error_hint(err, "If it is new there: presend suppress sync %s", r->source.name);
    return PS_USAGE;
}

// What somebody wished is taken back only where they asked for it.
static ps_status check_lists(const removing *r, ps_error *err)
{
    bool asked = ps_arguments_has(&r->s->session->arguments, "person-asked");

    for (size_t i = 0; i < r->found_count; i++) {
        const ps_client_list *list = ps_client_list_find(r->client, r->found[i].list);
        if (!list->removable) {
            ps_error_set(err, PS_USAGE, "%s takes no single address off its list %s.", r->source.type, list->name);
            ps_error_hint(err, "Look there, or name another list with --list.");
            return PS_USAGE;
        }
        if (!list->removable_twice_asked || asked) continue;
        ps_error_set(err, PS_USAGE, "The address is on the list %s of %s: that is what a person wished.", list->name,
                     r->source.name);
        ps_error_hint(err, "Where that person asked to be mailed again, add --person-asked.");
        return PS_USAGE;
    }
    return PS_OK;
}

// ---- asking and doing

static ps_status ask(removing *r, ps_error *err)
{
    char answer[ANSWER_BYTES] = "";
    ps_buf page;

    if (ps_arguments_has(&r->s->session->arguments, "yes")) return PS_OK;
    ps_buf_init(&page, PAGE_BYTES_MAX);
    ps_buf_add_text(&page, "Take ");
    ps_add_visible(&page, ps_span_of(r->address));
    ps_buf_add_format(&page, " off at %s:", r->source.name);
    for (size_t i = 0; i < r->found_count; i++)
        ps_buf_add_format(&page, " %s", r->found[i].list);
    ps_buf_add_text(&page, "? It will be mailed again. [y/N] ");
    ps_terminal_say(&r->s->session->terminal, ps_buf_span(&page));
    ps_buf_done(&page);
    bool yes = fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
    return yes ? PS_OK : ps_error_set(err, PS_USAGE, "Nothing was removed.");
}

static void who_am_i(char out[WHO_BYTES])
{
    struct passwd entry, *found = NULL;
    char room[4096];

    snprintf(out, WHO_BYTES, "user %lu", (unsigned long)getuid());
    if (getpwuid_r(getuid(), &entry, room, sizeof room, &found) != 0 || found == NULL) return;
    snprintf(out, WHO_BYTES, "%s", found->pw_name);
}

// At the ESP first: what fails there stays suppressed here.
static ps_status remove_one(removing *r, const removable *entry, bool *out_listed, ps_error *err)
{
    const ps_client_list *list = ps_client_list_find(r->client, entry->list);
    char who[WHO_BYTES];
    ps_client_removed removed = PS_CLIENT_REMOVED;
    uint64_t count = 0;
    ps_stored_source now;

    who_am_i(who);
    ps_status status = ps_client_remove(r->client, list, entry->text, entry->scope, &removed, err);
    if (status != PS_OK) return status;
    *out_listed = removed == PS_CLIENT_REMOVED;
    const ps_store_removal removal = {.text = entry->text,
                                      .list = entry->list,
                                      .scope = &entry->scope,
                                      .who = who,
                                      .why = r->why,
                                      .now_s = ps_clock_now_s()};
    status = ps_suppress_find(r->s, r->source.name, &now, err); // its sums have changed since
    return status == PS_OK ? ps_store_take_out(r->s->store, &now, &removal, &count, err) : status;
}

static void tell_one(removing *r, const removable *entry, bool listed)
{
    ps_suppress *s = r->s;

    if (s->session->terminal.json) {
        ps_json_object(&s->json, NULL);
        ps_json_text(&s->json, "list", entry->list);
        ps_json_bool(&s->json, "was_listed", listed);
        ps_json_object_end(&s->json);
    } else {
        ps_buf_add_format(&s->out, "%s %s: %s\n", r->source.name, entry->list,
                          listed ? "taken off" : "was not listed there any more");
    }
}

static ps_status remove_all(removing *r, ps_error *err)
{
    ps_suppress *s = r->s;
    bool json = s->session->terminal.json;
    ps_status status = PS_OK;

    if (json) {
        ps_suppress_json_begin(s);
        ps_json_text(&s->json, "source", r->source.name);
        ps_json_array(&s->json, "removed");
    }
    for (size_t i = 0; status == PS_OK && i < r->found_count; i++) {
        bool listed = false;
        status = remove_one(r, &r->found[i], &listed, err);
        if (status == PS_OK) tell_one(r, &r->found[i], listed);
    }
    if (json && status == PS_OK) {
        ps_json_array_end(&s->json);
        return ps_suppress_json_end(s, err);
    }
    if (!json) ps_terminal_say(&s->session->terminal, ps_buf_span(&s->out));
    return status;
}

ps_status ps_suppress_remove(ps_suppress *s, ps_error *err)
{
    removing r = {.s = s};
    ps_status status = check_request(s, err);

    if (status != PS_OK) return status;
    r.address = s->names[0];
    r.why = ps_arguments_value(&s->session->arguments, "why");
    status = open_client(&r, err);
    if (status == PS_OK) status = ps_arena_open((size_t)1 << 20, &r.texts, err);
    if (status == PS_OK) status = ps_expander_open(&r.expander, r.source.name, s->rules, s->utc, err);
    r.expander.take = take_key;
    r.expander.context = &r;
    if (status == PS_OK) status = find_entries(&r, err);
    if (status == PS_OK) status = check_lists(&r, err);
    if (status == PS_OK) status = ask(&r, err);
    if (status == PS_OK) status = remove_all(&r, err);
    ps_expander_close(&r.expander);
    ps_arena_close(&r.texts);
    ps_client_free(r.client);
    return status;
}
