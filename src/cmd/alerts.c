#include "cmd/alerts.h"

#include <inttypes.h>

#include "base/log.h"
#include "base/text.h"
#include "notify/render.h"
#include "notify/send.h"
#include "report/view.h"

enum {
    ENTRIES_MAX = 1000, // that a message may show; all are counted
    KEPT_BYTES = 8 << 20, // of their texts, and what is made of the domains
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

static ps_status take_source(telling *t, const ps_sync_source *source, ps_error *err)
{
    ps_stored_source stored;
    bool found = false;
    int64_t since_s = 0;

    if (source->status != PS_OK || source->change.added == 0) return PS_OK;
    ps_status status = ps_store_source(t->request->store, source->config->name, &stored, &found, err);
    if (status == PS_OK && found) status = ps_store_last_sync(t->request->store, &stored, &since_s, err);
    if (status != PS_OK || !found) return status;
    t->source = source->config->name;
    t->stored = &stored;
    return ps_store_differences(t->request->store, &stored, since_s, take_difference, t, err);
}

// ---- telling

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

static bool stopped(void *context)
{
    const ps_session *session = context;

    return *session->stop != 0;
}

static void send(telling *t)
{
    ps_notify_result results[PS_NOTIFY_TARGETS_MAX] = {{.sent = false}};
    const ps_alerts *alerts = t->alerts;

    t->notice.title = title_of(t);
    t->notice.entries = t->entries;
    ps_notify_send(alerts->targets, alerts->targets_count, &t->notice, stopped, t->request->session, results);
    for (size_t i = 0; i < alerts->targets_count; i++) {
        const char *name = ps_notify_form_of(alerts->targets[i].type)->name;
        if (results[i].sent) {
            ps_log(PS_LOG_INFO, "told %s: %s", name, t->notice.title);
        } else {
            ps_log(PS_LOG_WARNING, "the alert to %s (alerts.to.%zu) was not sent: %s", name, i, results[i].problem);
        }
    }
}

void ps_alerts_tell(const ps_sync_request *request, const ps_sync_source *sources, size_t count)
{
    telling t = {.request = request, .alerts = &request->session->config.job.alerts};
    ps_error err = {.status = PS_OK};

    if (t.alerts->targets_count == 0 || t.alerts->domains_count == 0) return;
    ps_status status = ps_arena_open(KEPT_BYTES, &t.kept, &err);
    if (status == PS_OK) status = ps_arena_open(SCRATCH_BYTES, &t.scratch, &err);
    if (status == PS_OK) {
        t.entries = ps_arena_take(&t.kept, ENTRIES_MAX * sizeof *t.entries);
        take_domains(&t);
    }
    for (size_t i = 0; status == PS_OK && i < count; i++)
        status = take_source(&t, &sources[i], &err);
    if (status != PS_OK) {
        ps_log(PS_LOG_WARNING, "nobody was told of new entries of your own domains: %s", err.text);
    } else if (t.notice.total > 0) {
        send(&t);
    }
    ps_arena_close(&t.scratch);
    ps_arena_close(&t.kept);
}
