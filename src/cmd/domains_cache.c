// `presend domains --cache`: what is kept of earlier answers.

#include <inttypes.h>

#include "base/clock.h"
#include "base/json_write.h"
#include "base/text.h"
#include "cmd/domains.h"
#include "facts/operators.h"
#include "store/domains.h"

enum { WRITE_BYTES = 64 << 10, OUTPUT_BYTES_MAX = 1 << 20 };

typedef struct listing {
    ps_session *session;
    ps_buf out;
} listing;

static const char *kind_word(const ps_cache_entry *entry)
{
    static const char *const words[] = {[PS_CACHED_NOTHING] = "none",
                                        [PS_CACHED_FRESH] = "fresh",
                                        [PS_CACHED_STALE_MAIL] = "stale",
                                        [PS_CACHED_STALE_NO_MAIL] = "stale"};

    return words[entry->kind];
}

static ps_status flush(listing *l, ps_error *err)
{
    ps_status status = ps_buf_status(&l->out, "the cache", err);

    if (status == PS_OK) status = ps_terminal_data(&l->session->terminal, ps_buf_span(&l->out), err);
    ps_buf_clear(&l->out);
    return status;
}

// The operator is not kept: it is what this build knows of the best server.
static ps_operator taker_of(const ps_domain_answer *answer)
{
    ps_operator taker = ps_operator_of_domain(answer->domain);
    const char *blank = answer->servers.len == 0 ? NULL : memchr(answer->servers.bytes, ' ', answer->servers.len);
    ps_span best = answer->servers;

    if (blank != NULL) best.len = (size_t)(blank - best.bytes);
    return taker != PS_OPERATOR_NONE ? taker : ps_operator_of_host(best, NULL);
}

static void list_json(const ps_domain_line *line, ps_buf *out)
{
    const ps_domain_answer *answer = &line->entry.answer;
    bool known = line->entry.kind != PS_CACHED_NOTHING;
    char checked[PS_TIME_TEXT_SIZE], expires[PS_TIME_TEXT_SIZE], failed[PS_TIME_TEXT_SIZE];
    ps_json json;

    ps_time_text(answer->checked_s, checked);
    ps_time_text(line->expires_s, expires);
    ps_time_text(line->entry.first_failed_s, failed);
    ps_json_init(&json, out, 0);
    ps_json_object(&json, NULL);
    ps_json_span(&json, "domain", answer->domain);
    ps_json_text(&json, "state", kind_word(&line->entry));
    ps_json_text(&json, "verdict", ps_mail_verdict_word(answer->fact.verdict));
    ps_json_text(&json, "reason", ps_reason_get(answer->fact.reason)->wire);
    ps_json_text(&json, "operator", ps_operator_get(answer->fact.taker)->name);
    ps_domains_tell_servers(&json, answer->servers);
    ps_json_text(&json, "checked_at", known ? checked : NULL);
    ps_json_text(&json, "expires_at", known ? expires : NULL);
    ps_json_count(&json, "ttl_s", answer->ttl_s);
    ps_json_count(&json, "sources", answer->sources);
    ps_json_text(&json, "resolvers", line->resolvers);
    ps_json_count(&json, "failures", line->entry.failures);
    ps_json_text(&json, "failed_since", line->entry.failures > 0 ? failed : NULL);
    ps_json_object_end(&json);
    ps_buf_add_char(out, '\n');
}

static void list_row(const ps_domain_line *line, ps_buf *out)
{
    const ps_domain_answer *answer = &line->entry.answer;
    char expires[PS_TIME_TEXT_SIZE], failed[PS_TIME_TEXT_SIZE];

    ps_time_text(line->expires_s, expires);
    ps_buf_add_format(out, "%-5s  %-11s  %-20s  %-20s  ", kind_word(&line->entry),
                      ps_mail_verdict_word(answer->fact.verdict), ps_reason_get(answer->fact.reason)->wire,
                      line->entry.kind == PS_CACHED_NOTHING ? "-" : expires);
    ps_add_visible(out, answer->domain);
    if (line->entry.failures > 0) {
        ps_time_text(line->entry.first_failed_s, failed);
        ps_buf_add_format(out, "  failed in %" PRIu32 " %s since %s", line->entry.failures,
                          line->entry.failures == 1 ? "run" : "runs", failed);
    }
    ps_buf_add_char(out, '\n');
}

// What is only remembered as seen has nothing to tell.
static ps_status list_line(void *context, const ps_domain_line *line, ps_error *err)
{
    listing *l = context;
    ps_domain_line shown = *line;

    if (line->entry.kind == PS_CACHED_NOTHING && line->entry.failures == 0) return PS_OK;
    shown.entry.answer.fact.taker = taker_of(&line->entry.answer);
    if (l->session->terminal.json) {
        list_json(&shown, &l->out);
    } else {
        list_row(&shown, &l->out);
    }
    return l->out.len < WRITE_BYTES ? PS_OK : flush(l, err);
}

// Only what a run would take: nobody may be removed for an answer that is too old.
static ps_status export_line(void *context, const ps_domain_line *line, ps_error *err)
{
    listing *l = context;
    ps_domain_answer answer = line->entry.answer;

    if (line->entry.kind != PS_CACHED_FRESH) return PS_OK;
    answer.fact.taker = taker_of(&answer);
    ps_snapshot_add(&answer, &l->out);
    return l->out.len < WRITE_BYTES ? PS_OK : flush(l, err);
}

static ps_status list(listing *l, ps_domain_store *domains, ps_error *err)
{
    if (!l->session->terminal.json) {
        ps_buf_add_format(&l->out, "%-5s  %-11s  %-20s  %-20s  %s\n", "STATE", "VERDICT", "REASON", "GOOD UNTIL",
                          "DOMAIN");
    }
    return ps_domain_store_each(domains, list_line, l, err);
}

static ps_status export(listing *l, ps_domain_store *domains, ps_error *err)
{
    ps_snapshot_add_head(&l->out);
    return ps_domain_store_each(domains, export_line, l, err);
}

static ps_status clear(listing *l, ps_domain_store *domains, ps_error *err)
{
    uint64_t count = 0;
    ps_status status = ps_domain_store_clear(domains, &count, err);

    if (status != PS_OK) return status;
    if (l->session->terminal.json) {
        ps_json json;
        ps_json_init(&json, &l->out, 0);
        ps_json_object(&json, NULL);
        ps_json_count(&json, "cleared", count);
        ps_json_object_end(&json);
        ps_buf_add_char(&l->out, '\n');
    } else {
        ps_buf_add_format(&l->out, "%" PRIu64 " %s forgotten; they are asked for again when a list holds them.\n",
                          count, count == 1 ? "domain was" : "domains were");
    }
    return PS_OK;
}

static const struct {
    const char *word;
    ps_status (*run)(listing *l, ps_domain_store *domains, ps_error *err);
} actions[] = {{"list", list}, {"clear", clear}, {"export", export}};

ps_status ps_domains_work_cache(ps_session *session, ps_store *store, const char *word, ps_error *err)
{
    const ps_domain_store_options options = {.lifetime_days = session->config.job.mx_cache};
    ps_domain_store *domains = NULL;
    listing l = {.session = session};
    ps_status status = ps_domain_store_open(store, &options, &domains, err);

    ps_buf_init(&l.out, OUTPUT_BYTES_MAX);
    for (size_t i = 0; status == PS_OK && i < PS_COUNT_OF(actions); i++) {
        if (strcmp(actions[i].word, word) == 0) status = actions[i].run(&l, domains, err);
    }
    if (status == PS_OK) status = flush(&l, err);
    ps_buf_done(&l.out);
    ps_domain_store_close(domains);
    return status;
}
