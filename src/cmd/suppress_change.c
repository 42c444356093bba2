// Sync the lists of ESPs, and add a file to a lasting source.

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "cmd/lasting_key.h"
#include "cmd/suppress.h"
#include "cmd/sync.h"
#include "esp/hash_look.h"
#include "esp/import.h"
#include "report/view.h"

// ---- sync

static bool is_wanted(const ps_suppress *s, const char *name)
{
    for (size_t i = 0; i < s->name_count; i++) {
        if (strcmp(s->names[i], name) == 0) return true;
    }
    return s->name_count == 0;
}

static ps_status check_names(const ps_suppress *s, ps_error *err)
{
    for (size_t i = 0; i < s->name_count; i++) {
        const ps_source_config *found = NULL;
        for (size_t j = 0; j < s->job->sources_count; j++) {
            if (strcmp(s->job->sources[j].name, s->names[i]) == 0) found = &s->job->sources[j];
        }
        if (found == NULL) {
            return ps_error_set(err, PS_USAGE, "The job has no suppression source `%s`.", s->names[i]);
        }
        if (!ps_source_is_file(found)) continue;
        ps_error_set(err, PS_USAGE, "The suppression source `%s` is a file: it is read by every run.", s->names[i]);
        ps_error_hint(err, "To keep its entries for good: presend suppress import %s --into NAME", found->file);
        return PS_USAGE;
    }
    return PS_OK;
}

static void json_synced(ps_suppress *s, const ps_sync_source *source)
{
    ps_json *json = &s->json;
    const ps_intake_change *change = &source->change;

    ps_json_object(json, NULL);
    ps_json_text(json, "source", source->config->name);
    ps_json_text(json, "status", ps_status_word(source->status));
    ps_json_text(json, "error", source->status == PS_OK ? NULL : source->error.text);
    ps_json_bool(json, "full", source->full);
    ps_json_count(json, "pages", source->pages);
    ps_json_count(json, "fetched", source->fetched);
    ps_json_count(json, "entries", change->entries);
    ps_json_count(json, "added", change->added + change->returned);
    ps_json_count(json, "changed", change->changed);
    ps_json_count(json, "gone", change->gone);
    ps_json_count(json, "lifted", change->lifted);
    ps_json_count(json, "kept", change->kept);
    ps_json_count(json, "held_back", change->held_back);
    ps_json_count(json, "unreadable", source->unreadable);
    ps_json_count(json, "undated", source->undated);
    ps_json_text(json, "warning", source->warning);
    ps_json_object_end(json);
}

static void text_synced(ps_suppress *s, const ps_sync_source *source)
{
    const ps_intake_change *change = &source->change;

    ps_buf_add_format(&s->out, "%-20s ", source->config->name);
    if (source->status != PS_OK) {
        ps_buf_add_format(&s->out, "not synced (%s): its lists are as they were\n", ps_status_word(source->status));
        return;
    }
    ps_buf_add_format(&s->out,
                      "%" PRIu64 " entries: %" PRIu64 " new, %" PRIu64 " gone (%" PRIu64 " lifted, %" PRIu64 " kept)\n",
                      change->entries, change->added + change->returned, change->gone, change->lifted, change->kept);
    if (change->held_back > 0) {
        ps_buf_add_format(&s->out,
                          "%-20s guard lift: %" PRIu64 " bounces vanished at once and stay suppressed; if that is "
                          "right: --accept %s:lift\n",
                          "", change->held_back, source->config->name);
    }
    if (source->undated > 0) {
        ps_buf_add_format(&s->out, "%-20s %" PRIu64 " of the dates that came cannot be read, and count as unknown\n",
                          "", source->undated);
    }
    if (source->warning[0] == '\0') return;
    ps_buf_add_format(&s->out, "%-20s ", "");
    ps_add_visible(&s->out, ps_span_of(source->warning));
    ps_buf_add_char(&s->out, '\n');
}

// A failure is told as the command's: with --json there is one document.
static ps_status tell_synced(ps_suppress *s, const ps_sync_source *sources, size_t count, ps_status status,
                             ps_error *err)
{
    bool json = s->session->terminal.json;

    if (json && status != PS_OK) return status;
    if (json) {
        ps_suppress_json_begin(s);
        ps_json_array(&s->json, "sources");
    }
    for (size_t i = 0; i < count; i++) {
        if (json) {
            json_synced(s, &sources[i]);
        } else {
            text_synced(s, &sources[i]);
        }
    }
    if (json) {
        ps_json_array_end(&s->json);
        return ps_suppress_json_end(s, err);
    }
    if (s->session->terminal.quiet || (!s->session->terminal.attended && !s->session->terminal.verbose)) return status;
    ps_terminal_say(&s->session->terminal, ps_buf_span(&s->out));
    return status;
}

ps_status ps_suppress_sync(ps_suppress *s, ps_error *err)
{
    const ps_sync_request request = {.session = s->session,
                                     .store = s->store,
                                     .rules = s->rules,
                                     .full = ps_arguments_has(&s->session->arguments, "full")};
    size_t count = 0;
    ps_status status = check_names(s, err);

    if (status != PS_OK) return status;
    ps_sync_source *sources = ps_memory_new(s->job->sources_count + 1, sizeof *sources, err);
    if (sources == NULL) return PS_RETRY;
    for (size_t i = 0; i < s->job->sources_count; i++) {
        const ps_source_config *source = &s->job->sources[i];
        bool asked = !ps_source_is_file(source) && is_wanted(s, source->name);
        if (asked && (!source->retired || s->name_count > 0)) ps_sync_source_init(s->job, source, &sources[count++]);
    }
    if (count == 0) {
        status = ps_error_set(err, PS_USAGE, "The job has no suppression source at an ESP: there is nothing to sync.");
    } else {
        status = ps_sync_job(&request, sources, count, err);
        status = tell_synced(s, sources, count, status, err);
    }
    ps_memory_free(sources);
    return status;
}

// ---- import

enum { PAGE_ENTRIES = 1000, PAGE_ARENA_BYTES = 64 << 20, DAY_S = 86400 };

typedef struct importing {
    ps_suppress *s;
    ps_store_intake *intake;
    ps_reading reading;
    ps_arena texts; // of the page
    ps_stored_entry entries[PAGE_ENTRIES];
    size_t count;
    bool first;
    const char *file; // as the reason of each entry
} importing;

static ps_status put_page(importing *m, bool last, ps_error *err)
{
    const ps_intake_page page = {
        .entries = m->entries, .count = m->count, .token = last ? NULL : "more", .first = m->first};
    ps_status status = ps_store_reading_page(m->intake, &m->reading, &page, err);

    m->first = false;
    m->count = 0;
    ps_arena_reset(&m->texts);
    return status;
}

// In hexadecimal digits, as lists have them.
static ps_span digits_of(importing *m, const ps_suppression_entry *found)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = ps_digest_bytes(found->digest);
    const char *bytes = found->key.bytes + PS_HASHED_KEY_HEAD;
    char *text = ps_arena_take(&m->texts, 2 * len);

    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[(unsigned char)bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return (ps_span){text, 2 * len};
}

static ps_span text_of(importing *m, const ps_suppression_entry *found)
{
    if (found->digest != PS_DIGEST_NONE) return digits_of(m, found);
    if (!found->subdomains) return ps_arena_copy(&m->texts, found->key);
    char *text = ps_arena_take(&m->texts, found->key.len + 3);
    memcpy(text, "*.", 2);
    memcpy(text + 2, found->key.bytes, found->key.len);
    return (ps_span){text, found->key.len + 2};
}

static ps_stored_kind kind_of(const ps_suppression_entry *found)
{
    if (found->digest != PS_DIGEST_NONE) return ps_stored_of_digest(found->digest);
    return found->domain || found->subdomains ? PS_STORED_DOMAIN : PS_STORED_ADDRESS;
}

// Noon, which is the same day in nearly every time zone that a job may have; the others, far in the east, have the day
// after it, so that nothing lapses early.
static int64_t noon_of(ps_day day)
{
    return day == PS_DAY_NONE ? 0 : (int64_t)day * DAY_S + DAY_S / 2;
}

static ps_status take_entry(void *context, ps_suppression_entry *found, ps_day expires, bool *out_new, ps_error *err)
{
    importing *m = context;
    ps_status status = m->count == PAGE_ENTRIES ? put_page(m, false, err) : PS_OK;

    *out_new = true;
    if (status != PS_OK) return status;
    m->entries[m->count++] = (ps_stored_entry){
        .text = text_of(m, found),
        .reason = ps_span_of(m->file),
        .code = ps_span_of(found->list),
        .kind = kind_of(found),
        .class = found->class,
        .created_s = noon_of(found->date),
        .expires_s = noon_of(expires),
    };
    return PS_OK;
}

// Which key the digests of a source are under: one for all of them, and only where they are imported.
static ps_status check_key(const ps_stored_source *known, bool found, const char *origin, ps_error *err)
{
    ps_lasting_key old, fresh;
    bool lasting = !found || strcmp(known->type, PS_STORED_IMPORTED) == 0;
    bool keyed = found && lasting && ps_lasting_key_parse(known->origin, &old);

    (void)ps_lasting_key_parse(origin, &fresh); // it was just made
    if (lasting && (!keyed || memcmp(old.check, fresh.check, sizeof old.check) == 0)) return PS_OK;
    ps_error_set(err, PS_USAGE,
                 lasting ? "The source `%s` has digests under another key." : "The source `%s` is the lists of an ESP.",
                 known->name);
    ps_error_hint(err, "Give digests under this key a source of their own: --into NAME");
    return PS_USAGE;
}

// Into a source of an ESP that is known, or into one of its own that every run of this state heeds.
static ps_status open_target(importing *m, const char *name, const char *hash_key, ps_error *err)
{
    ps_stored_source known = {.list_count = 0};
    char keyed[sizeof known.origin] = "";
    bool found = false;
    ps_status status = ps_store_source(m->s->store, name, &known, &found, err);

    if (status == PS_OK && hash_key != NULL) {
        status = ps_lasting_key_origin(hash_key, keyed, sizeof keyed, err);
        if (status == PS_OK) status = check_key(&known, found, keyed, err);
    }
    if (status != PS_OK) return status;
    const ps_intake_options options = {.name = name,
                                       .type = found ? known.type : PS_STORED_IMPORTED,
                                       .origin = hash_key != NULL ? keyed
                                                 : found          ? known.origin
                                                                  : "",
                                       .fresh = true,
                                       .accept_account = hash_key != NULL, // the same key, wherever it is now
                                       .adds = true,
                                       .now_s = ps_clock_now_s()};
    status = ps_store_intake_open(m->s->store, &options, &m->intake, err);
    m->reading = (ps_reading){.list = PS_STORED_IMPORTED, .since_s = 1};
    return status == PS_OK ? ps_store_reading_begin(m->intake, &m->reading, err) : status;
}

static ps_status tell_imported(ps_suppress *s, const char *name, const ps_run_source *read,
                               const ps_intake_change *change, ps_error *err)
{
    if (s->session->terminal.json) {
        ps_suppress_json_begin(s);
        ps_json_text(&s->json, "into", name);
        ps_json_span(&s->json, "file", ps_span_of(read->file));
        ps_json_text(&s->json, "format", read->format);
        ps_json_text(&s->json, "encoding", read->encoding);
        ps_json_text(&s->json, "sha256", read->sha256);
        ps_json_count(&s->json, "addresses", read->addresses);
        ps_json_count(&s->json, "domains", read->domains);
        ps_json_count(&s->json, "unreadable", read->unreadable);
        ps_json_count(&s->json, "events", read->events);
        ps_json_count(&s->json, "events_unknown", read->events_unknown);
        ps_json_count(&s->json, "added", change->added);
        ps_json_count(&s->json, "entries", change->entries);
        return ps_suppress_json_end(s, err);
    }
    ps_buf_add_format(&s->out, "%s (%s, %s): %" PRIu64 " new entries in %s, %" PRIu64 " in all\n", read->file,
                      read->format, read->encoding, change->added, name, change->entries);
    if (read->events_unknown > 0) {
        ps_buf_add_format(&s->out,
                          "some events are of kinds that are not known (%" PRIu64 ", the first in line %" PRIu64
                          "): nobody is suppressed by them\n",
                          read->events_unknown, read->first_unknown);
    }
    ps_terminal_say(&s->session->terminal, ps_buf_span(&s->out));
    return PS_OK;
}

static ps_status check_hash(const ps_source_config *config, ps_error *err)
{
    bool keyed = config->hash == PS_DIGEST_HMAC_SHA256;

    if (keyed && config->hash_key == NULL) {
        ps_error_set(err, PS_USAGE, "--hash hmac-sha256 needs the key that the digests were made with.");
        ps_error_hint(err, "Add --hash-key env:NAME or --hash-key file:PATH");
        return PS_USAGE;
    }
    if (!keyed && config->hash_key != NULL)
        return ps_error_set(err, PS_USAGE, "--hash-key is the key of --hash hmac-sha256 alone.");
    if (config->hash == PS_DIGEST_NONE || config->kind == PS_ENTRY_ADDRESS) return PS_OK;
    return ps_error_set(err, PS_USAGE, "--hash and --kind: hashed lists are lists of addresses.");
}

static ps_status read_options(const ps_arguments *arguments, ps_source_config *out, ps_error *err)
{
    const char *class = ps_arguments_value(arguments, "class"), *kind = ps_arguments_value(arguments, "kind");
    const char *hash = ps_arguments_value(arguments, "hash");

    for (unsigned i = 0; class != NULL && i < PS_CLASS_COUNT; i++) {
        if (strcmp(ps_class_word((ps_class)i), class) == 0) out->default_class = (ps_class)i;
    }
    for (unsigned i = PS_DIGEST_MD5; hash != NULL && i < PS_DIGEST_COUNT; i++) {
        if (strcmp(ps_hash_word((ps_digest_kind)i), hash) == 0) out->hash = (ps_digest_kind)i;
    }
    if (kind != NULL && strcmp(kind, "domain") == 0) out->kind = PS_ENTRY_DOMAIN;
    if (kind != NULL && strcmp(kind, "both") == 0) out->kind = PS_ENTRY_BOTH;
    out->hash_key = ps_arguments_value(arguments, "hash-key");
    return check_hash(out, err);
}

// The one guard of a lasting source: what the state holds of it does not fit its sum, and no ESP can be asked again.
static ps_status read_accepted(const ps_arguments *arguments, const char *name, ps_intake_accept *out, ps_error *err)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < arguments->count; i++) {
        const char *value = arguments->items[i].value;
        if (strcmp(arguments->items[i].option->name, "accept") != 0) continue;
        if (strncmp(value, name, len) != 0 || strcmp(value + len, ":checksum") != 0) {
            ps_error_set(err, PS_USAGE, "--accept %s: an import can be let pass one guard only.", value);
            ps_error_hint(err, "That is --accept %s:checksum, and a message names it when it is needed.", name);
            return PS_USAGE;
        }
        out->accept_checksum = true;
        ps_log(PS_LOG_WARNING, "accepted for this import: %s", value);
    }
    return PS_OK;
}

static ps_status import_into(importing *m, const char *file, const char *name, ps_error *err)
{
    ps_source_config config = {.name = name, .file = file, .default_class = PS_CLASS_MANUAL, .hash_by_content = true};
    ps_import import = {.config = &config, .rules = m->s->rules, .zone = m->s->utc, .put = take_entry};
    ps_intake_change change = {.added = 0};
    ps_intake_accept accept = {.accept_checksum = false};
    ps_run_source read;

    import.put_context = m;
    ps_status status = read_options(&m->s->session->arguments, &config, err);
    if (status == PS_OK) status = read_accepted(&m->s->session->arguments, name, &accept, err);
    if (status == PS_OK) status = open_target(m, name, config.hash_key, err);
    if (status == PS_OK) status = ps_import_entries(&import, &read, err);
    if (status == PS_OK) status = put_page(m, true, err);
    if (status == PS_OK) status = ps_store_intake_apply(m->intake, &accept, &change, err);
    return status == PS_OK ? tell_imported(m->s, name, &read, &change, err) : status;
}

static ps_status check_name(const char *name, ps_error *err)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

    if (len > 0 && len <= 64 && name[len] == '\0') return PS_OK;
    ps_error_set(err, PS_USAGE, "--into %s: the name of a source is of a-z, 0-9, - and _, at most 64 of them.", name);
    return PS_USAGE;
}

ps_status ps_suppress_import(ps_suppress *s, ps_error *err)
{
    const char *into = ps_arguments_value(&s->session->arguments, "into");

    if (s->name_count != 1 || into == NULL) {
        ps_error_set(err, PS_USAGE, "A file and the source that it goes into are needed.");
        ps_error_hint(err, "presend suppress import FILE --into NAME --state presend.sqlite");
        return PS_USAGE;
    }
    ps_status status = check_name(into, err);
    if (status != PS_OK) return status;
    importing *m = ps_memory_new(1, sizeof *m, err);
    if (m == NULL) return PS_RETRY;
    const char *slash = strrchr(s->names[0], '/');
    *m = (importing){.s = s, .first = true, .file = slash == NULL ? s->names[0] : slash + 1};
    status = ps_arena_open(PAGE_ARENA_BYTES, &m->texts, err);
    if (status == PS_OK) status = import_into(m, s->names[0], into, err);
    ps_store_intake_close(m->intake);
    ps_arena_close(&m->texts);
    ps_memory_free(m);
    return status;
}
