#include "cmd/alerts.h"

#include <inttypes.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "notify/render.h"
#include "notify/send.h"
#include "report/view.h"
#include "store/alerts.h"

enum {
    ENTRIES_MAX = 1000, // that a message may show; all are counted
    KEPT_BYTES = 64 << 20, // of their texts, and what is made of the domains
    SCRATCH_BYTES = 1 << 20, // of the address at hand
    TEXT_BYTES_MAX = 4096,
    DOMAINS_NAMED = 3, // in a title
};

typedef struct own_domain {
    ps_span name; // in A-labels, lower case
    bool below; // `*.example.jp`
} own_domain;

typedef struct telling {
    const ps_sync_request *request;
    const ps_alerts *alerts;
    const char *source;
    const ps_stored_source *stored;
    own_domain *domains;
    ps_arena kept, scratch;
    ps_notice_entry *entries;
    ps_notice notice;
    const struct due *told; // the sources that the notice tells of
    size_t told_count;
} telling;

// ---- own domains

// As the address rules write it: any local part will do that every domain takes. Lower case is what is left of a name
// that they refuse.
static ps_span canonical(telling *t, ps_span domain, ps_arena *arena)
{
    static const char local[] = "postmaster@";
    char *text = ps_arena_take(arena, sizeof local + domain.len);
    ps_address address;

    memcpy(text, local, sizeof local - 1);
    memcpy(text + sizeof local - 1, domain.bytes, domain.len);
    ps_address_parse(t->request->rules, (ps_span){text, sizeof local - 1 + domain.len}, arena, &address);
    return address.domain.len > 0 ? address.domain : domain;
}

static void take_domains(telling *t)
{
    const ps_alerts *alerts = t->alerts;

    t->domains = ps_arena_take(&t->kept, alerts->domains_count * sizeof *t->domains);
    for (size_t i = 0; i < alerts->domains_count; i++) {
        bool below = strncmp(alerts->domains[i], "*.", 2) == 0;
        ps_span name = ps_span_of(alerts->domains[i] + (below ? 2 : 0));
        t->domains[i] = (own_domain){canonical(t, name, &t->kept), below};
    }
}

static bool is_own(const telling *t, ps_span domain)
{
    for (size_t i = 0; i < t->alerts->domains_count; i++) {
        const own_domain *own = &t->domains[i];
        if (!own->below && ps_ascii_equal_fold(domain, own->name)) return true;
        if (!own->below || domain.len <= own->name.len) continue;
        size_t before = domain.len - own->name.len;
        ps_span tail = {domain.bytes + before, own->name.len};
        if (domain.bytes[before - 1] == '.' && ps_ascii_equal_fold(tail, own->name)) return true;
    }
    return false;
}

static ps_span domain_of(telling *t, const ps_stored_entry *entry)
{
    const char *at = entry->text.len == 0 ? NULL : memrchr(entry->text.bytes, '@', entry->text.len);
    ps_address address;

    ps_arena_reset(&t->scratch);
    if (entry->kind == PS_STORED_DOMAIN) return canonical(t, entry->text, &t->scratch);
    ps_address_parse(t->request->rules, entry->text, &t->scratch, &address);
    if (address.domain.len > 0 || at == NULL) return address.domain;
    return (ps_span){at + 1, (size_t)(entry->text.bytes + entry->text.len - at - 1)};
}

// ---- what came

static const char *shown(telling *t, const ps_stored_entry *entry)
{
    ps_buf masked, text;

    ps_buf_init(&masked, TEXT_BYTES_MAX);
    ps_buf_init(&text, TEXT_BYTES_MAX);
    if (t->alerts->unmasked || entry->kind == PS_STORED_DOMAIN) {
        ps_buf_add_span(&masked, entry->text);
    } else {
        ps_mask_address(entry->text, &masked);
    }
    ps_add_visible(&text, ps_buf_span(&masked));
    const char *kept = ps_arena_copy(&t->kept, ps_span_of(ps_buf_text(&text))).bytes;
    ps_buf_done(&masked);
    ps_buf_done(&text);
    return kept;
}

static const char *day_of(telling *t, int64_t seconds)
{
    char text[PS_DAY_TEXT_SIZE];

    if (seconds <= 0) return "";
    ps_day_text(ps_zone_day(t->request->session->config.zone, seconds), text);
    return ps_arena_copy(&t->kept, ps_span_of(text)).bytes;
}

static bool is_allowlist(const telling *t, const char *list)
{
    for (size_t i = 0; i < t->stored->list_count; i++) {
        if (strcmp(t->stored->lists[i].name, list) == 0) return t->stored->lists[i].allowlist;
    }
    return false;
}

static ps_status take_difference(void *context, const ps_store_difference *difference, ps_error *err)
{
    telling *t = context;
    (void)err; // nothing here can fail

    if (difference->event != PS_STORE_CAME || is_allowlist(t, difference->list)) return PS_OK;
    if (strcmp(difference->list, PS_STORED_IMPORTED) == 0) return PS_OK; // somebody's own doing, not the ESP's
    if (!is_own(t, domain_of(t, &difference->entry))) return PS_OK;
    if (t->notice.total++ >= ENTRIES_MAX) return PS_OK;
    t->entries[t->notice.entries_count++] = (ps_notice_entry){
        .address = shown(t, &difference->entry),
        .source = t->source,
        .list = ps_arena_copy(&t->kept, ps_span_of(difference->list)).bytes,
        .class = ps_class_word(difference->entry.class),
        .day = day_of(t, difference->entry.created_s),
    };
    return PS_OK;
}

static const char *title_of(telling *t)
{
    ps_buf title;

    ps_buf_init(&title, TEXT_BYTES_MAX);
    ps_buf_add_format(&title, "%" PRIu64 " new suppression %s of ", t->notice.total,
                      t->notice.total == 1 ? "entry" : "entries");
    for (size_t i = 0; i < t->alerts->domains_count && i < DOMAINS_NAMED; i++) {
        if (i > 0) ps_buf_add_text(&title, ", ");
        ps_add_visible(&title, ps_span_of(t->alerts->domains[i]));
    }
    if (t->alerts->domains_count > DOMAINS_NAMED) ps_buf_add_text(&title, ", ...");
    const char *kept = ps_arena_copy(&t->kept, ps_span_of(ps_buf_text(&title))).bytes;
    ps_buf_done(&title);
    return kept;
}

// Since when entries of each source are to be told; 0: none of them.
typedef struct due {
    ps_stored_source stored;
    int64_t since_s;
} due;

static ps_status take_source(telling *t, const due *source, ps_error *err)
{
    if (source->since_s == 0) return PS_OK;
    t->source = source->stored.name;
    t->stored = &source->stored;
    return ps_store_differences(t->request->store, &source->stored, source->since_s, take_difference, t, err);
}

// The notice of all that is due.
static ps_status gather(telling *t, const due *dues, size_t count, ps_error *err)
{
    ps_status status = PS_OK;

    t->notice = (ps_notice){.entries = t->entries};
    t->told = dues;
    t->told_count = count;
    for (size_t i = 0; status == PS_OK && i < count; i++)
        status = take_source(t, &dues[i], err);
    t->notice.title = title_of(t);
    return status;
}

// ---- telling

static bool stopped(void *context)
{
    const ps_session *session = context;

    return *session->stop != 0;
}

static ps_status find_sources(const telling *t, const ps_sync_source *sources, size_t count, due *dues, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < count; i++) {
        bool found = false, fresh = sources[i].status == PS_OK && sources[i].change.added > 0;
        dues[i].since_s = 0;
        status = ps_store_source(t->request->store, sources[i].config->name, &dues[i].stored, &found, err);
        if (status == PS_OK && !found) dues[i].stored.id = 0;
        if (status == PS_OK && found && fresh)
            status = ps_store_last_sync(t->request->store, &dues[i].stored, &dues[i].since_s, err);
    }
    return status;
}

// How the state knows a room: two jobs with one state may have it for other domains.
static const char *room_of(telling *t, const ps_alert_target *target)
{
    ps_buf name;

    ps_buf_init(&name, TEXT_BYTES_MAX);
    ps_buf_add_format(&name, "%s %s", ps_notify_form_of(target->type)->name, target->url);
    for (size_t i = 0; i < t->alerts->domains_count; i++)
        ps_buf_add_format(&name, " %s", t->alerts->domains[i]);
    const char *kept = ps_arena_copy(&t->kept, ps_span_of(ps_buf_text(&name))).bytes;
    ps_buf_done(&name);
    return kept;
}

static ps_status owe(const telling *t, const char *room, const due *dues, size_t count, ps_error *err)
{
    int64_t now_s = ps_clock_now_s();
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < count; i++) {
        if (dues[i].since_s == 0) continue;
        status = ps_store_alert_owe(t->request->store, room, dues[i].stored.id, dues[i].since_s, now_s, err);
    }
    return status;
}

// What is owed to the room, from earlier syncs too.
static ps_status find_owed(const telling *t, const char *room, due *dues, size_t count, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < count; i++)
        status = ps_store_alert_owed(t->request->store, room, dues[i].stored.id, &dues[i].since_s, err);
    return status;
}

static void tell_result(telling *t, size_t index, const ps_notify_result *result)
{
    const char *name = ps_notify_form_of(t->alerts->targets[index].type)->name;

    if (result->sent) {
        ps_log(PS_LOG_INFO, "told %s: %s", name, t->notice.title);
    } else {
        ps_log(PS_LOG_WARNING, "the alert to %s (alerts.to.%zu) was not sent: %s; the next sync sends it again", name,
               index, result->problem);
    }
}

// Of sources that were not asked this time the room still waits to hear.
static ps_status settle(const telling *t, const char *room, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < t->told_count; i++)
        status = ps_store_alert_told(t->request->store, room, t->told[i].stored.id, err);
    return status;
}

// The rooms to which the same is owed, all at once. What is told is owed no more.
static ps_status send(telling *t, const char *const *rooms, const size_t *indexes, size_t count, ps_error *err)
{
    ps_notify_result results[PS_NOTIFY_TARGETS_MAX] = {{.sent = false}};
    ps_alert_target targets[PS_NOTIFY_TARGETS_MAX];
    ps_status status = PS_OK;

    for (size_t i = 0; i < count; i++)
        targets[i] = t->alerts->targets[indexes[i]];
    if (t->notice.total > 0) ps_notify_send(targets, count, &t->notice, stopped, t->request->session, results);
    for (size_t i = 0; status == PS_OK && i < count; i++) {
        if (t->notice.total > 0) tell_result(t, indexes[i], &results[i]);
        bool told = t->notice.total == 0 || results[i].sent;
        if (told) status = settle(t, rooms[indexes[i]], err);
    }
    return status;
}

static bool same_dues(const due *a, const int64_t *since_s, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (a[i].since_s != since_s[i]) return false;
    }
    return true;
}

// New entries are owed to every room before one of them is told: neither a message that fails nor a killed process
// loses them. Rooms that missed an earlier message get one of their own.
static ps_status tell_all(telling *t, due *dues, size_t count, ps_error *err)
{
    const ps_alerts *alerts = t->alerts;
    const char *rooms[PS_NOTIFY_TARGETS_MAX];
    size_t together[PS_NOTIFY_TARGETS_MAX], together_count = 0;
    int64_t fresh_s[PS_SOURCES_MAX];
    ps_status status = gather(t, dues, count, err);
    bool any = t->notice.total > 0;

    for (size_t i = 0; i < count; i++)
        fresh_s[i] = any ? dues[i].since_s : 0;
    for (size_t i = 0; i < alerts->targets_count; i++) {
        rooms[i] = room_of(t, &alerts->targets[i]);
        if (status == PS_OK && any) status = owe(t, rooms[i], dues, count, err);
    }
    for (size_t i = 0; status == PS_OK && i < alerts->targets_count; i++) {
        status = find_owed(t, rooms[i], dues, count, err);
        if (same_dues(dues, fresh_s, count)) together[together_count++] = i;
    }
    if (status == PS_OK && any && together_count > 0) status = send(t, rooms, together, together_count, err);
    for (size_t i = 0, next = 0; status == PS_OK && i < alerts->targets_count; i++) {
        if (next < together_count && together[next] == i) {
            next++;
            continue;
        }
        status = find_owed(t, rooms[i], dues, count, err);
        if (status == PS_OK) status = gather(t, dues, count, err);
        if (status == PS_OK) status = send(t, rooms, &i, 1, err);
    }
    return status;
}

void ps_alerts_tell(const ps_sync_request *request, const ps_sync_source *sources, size_t count)
{
    telling t = {.request = request, .alerts = &request->session->config.job.alerts};
    ps_error err = {.status = PS_OK};
    due *dues = NULL;

    if (t.alerts->targets_count == 0 || t.alerts->domains_count == 0) return;
    ps_status status = ps_arena_open(KEPT_BYTES, &t.kept, &err);
    if (status == PS_OK) status = ps_arena_open(SCRATCH_BYTES, &t.scratch, &err);
    if (status == PS_OK && (dues = ps_memory_new(count, sizeof *dues, &err)) == NULL) status = PS_RETRY;
    if (status == PS_OK) {
        t.entries = ps_arena_take(&t.kept, ENTRIES_MAX * sizeof *t.entries);
        take_domains(&t);
        status = find_sources(&t, sources, count, dues, &err);
    }
    if (status == PS_OK) status = tell_all(&t, dues, count, &err);
    if (status != PS_OK)
        ps_log(PS_LOG_WARNING, "not everybody was told of new entries of your own domains: %s", err.text);
    ps_memory_free(dues);
    ps_arena_close(&t.scratch);
    ps_arena_close(&t.kept);
}
