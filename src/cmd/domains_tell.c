#include "base/clock.h"
#include "base/json_write.h"
#include "base/text.h"
#include "cmd/domains.h"
#include "facts/operators.h"

enum { VERDICT_COLUMNS = 11, REASON_COLUMNS = 24, DOMAIN_COLUMNS = 32 };

// The first of the servers in `*rest`, which moves past it; empty at the end.
static ps_span next_server(ps_span *rest)
{
    const char *blank = rest->len == 0 ? NULL : memchr(rest->bytes, ' ', rest->len);
    size_t len = blank == NULL ? rest->len : (size_t)(blank - rest->bytes), used = blank == NULL ? len : len + 1;
    ps_span server = {rest->bytes, len};

    if (rest->len > 0) *rest = (ps_span){rest->bytes + used, rest->len - used};
    return server;
}

void ps_domains_tell_servers(ps_json *json, ps_span servers)
{
    ps_json_array(json, "mx");
    for (ps_span rest = servers, server; (server = next_server(&rest)).len > 0;)
        ps_json_span(json, NULL, server);
    ps_json_array_end(json);
}

static void tell_json(const ps_domain_answer *answer, ps_buf *out)
{
    const ps_domain_fact *fact = &answer->fact;
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count);
    ps_json json;

    ps_json_init(&json, out, 0);
    ps_json_object(&json, NULL);
    ps_json_span(&json, "domain", answer->domain);
    ps_json_text(&json, "verdict", ps_mail_verdict_word(fact->verdict));
    ps_json_text(&json, "reason", ps_reason_get(fact->reason)->wire);
    ps_json_array(&json, "warnings");
    for (size_t i = 0; i < count && fact->warnings != 0; i++) {
        bool warned = (int)table[i].reason < PS_FINDING_COUNT_MAX && ps_findings_has(fact->warnings, table[i].reason);
        if (warned) ps_json_text(&json, NULL, table[i].wire);
    }
    ps_json_array_end(&json);
    ps_json_text(&json, "operator", ps_operator_get(fact->taker)->name);
    ps_domains_tell_servers(&json, answer->servers);
    ps_json_bool(&json, "cached", fact->cached);
    ps_json_object_end(&json);
    ps_buf_add_char(out, '\n');
}

static void add_remark(ps_buf *out, bool *first, const char *words, ps_span name)
{
    ps_buf_add_text(out, *first ? "  " : "; ");
    ps_buf_add_text(out, words);
    ps_add_visible(out, name);
    *first = false;
}

// What a person wants to know beside the reason's name.
static void tell_remarks(const ps_domain_answer *answer, ps_buf *out)
{
    const ps_domain_fact *fact = &answer->fact;
    const ps_span none = {NULL, 0};
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count);
    ps_span rest = answer->servers;
    bool first = true;
    char day[PS_DAY_TEXT_SIZE];

    if (fact->reason != PS_REASON_MX) add_remark(out, &first, ps_reason_get(fact->reason)->text, none);
    ps_span best = next_server(&rest);
    if (best.len > 0) add_remark(out, &first, "", best);
    if (fact->taker != PS_OPERATOR_NONE)
        add_remark(out, &first, "operated by ", ps_span_of(ps_operator_get(fact->taker)->name));
    for (size_t i = 0; i < count && fact->warnings != 0; i++) {
        bool warned = (int)table[i].reason < PS_FINDING_COUNT_MAX && ps_findings_has(fact->warnings, table[i].reason);
        if (warned) add_remark(out, &first, table[i].text, none);
    }
    if (!fact->cached) return;
    ps_day_text(fact->checked, day);
    add_remark(out, &first, "as of ", ps_span_of(day));
}

static void tell_row(const ps_domain_answer *answer, ps_buf *out)
{
    ps_buf_add_format(out, "%-*s  %-*s  ", VERDICT_COLUMNS, ps_mail_verdict_word(answer->fact.verdict), REASON_COLUMNS,
                      ps_reason_get(answer->fact.reason)->wire);
    size_t start = out->len;
    ps_add_visible(out, answer->domain);
    while (!out->failed && out->len - start < DOMAIN_COLUMNS)
        ps_buf_add_char(out, ' ');
    tell_remarks(answer, out);
    while (!out->failed && out->len > 0 && out->bytes[out->len - 1] == ' ')
        out->len--; // nothing stood behind the name
    ps_buf_add_char(out, '\n');
}

void ps_domains_tell(const ps_terminal *terminal, const ps_domain_answer *answer, ps_buf *out)
{
    if (terminal->json) {
        tell_json(answer, out);
    } else {
        tell_row(answer, out);
    }
}

void ps_domains_tell_head(const ps_terminal *terminal, ps_buf *out)
{
    if (terminal->json) return;
    ps_buf_add_format(out, "%-*s  %-*s  %s\n", VERDICT_COLUMNS, "VERDICT", REASON_COLUMNS, "REASON", "DOMAIN");
}
