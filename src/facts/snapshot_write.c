#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "facts/domains.h"
#include "facts/operators.h"

enum { WRITE_BYTES = 64 << 10, LINE_BYTES_MAX = 4 << 10 };

// A domain in the order of its name.
typedef struct place {
    ps_span name;
    uint32_t number;
} place;

static int compare_places(const void *a, const void *b)
{
    return ps_span_compare(((const place *)a)->name, ((const place *)b)->name);
}

const char *ps_mail_verdict_word(ps_mail_verdict verdict)
{
    static const char *const words[] = {
        [PS_MAIL_UNKNOWN] = "unknown", [PS_MAIL_DELIVERABLE] = "deliverable", [PS_MAIL_NONE] = "no_mail"};

    return words[verdict];
}

void ps_snapshot_add_head(ps_buf *out)
{
    ps_buf_add_text(out, "domain,verdict,reason,operator,mx,checked_at\n");
}

// No cell needs quotes: names are A-labels, the rest are words of this program.
void ps_snapshot_add(const ps_domain_answer *answer, ps_buf *out)
{
    const ps_domain_fact *fact = &answer->fact;
    char checked[PS_DAY_TEXT_SIZE];

    ps_day_text(fact->checked, checked);
    ps_buf_add_span(out, answer->domain);
    ps_buf_add_format(out, ",%s,%s,%s,", ps_mail_verdict_word(fact->verdict), ps_reason_get(fact->reason)->wire,
                      ps_operator_get(fact->taker)->name);
    ps_buf_add_span(out, answer->servers);
    ps_buf_add_format(out, ",%s\n", checked);
}

static ps_status write_places(const ps_domains *domains, const place *places, size_t count, const ps_snapshot_file *to,
                              ps_error *err)
{
    ps_status status = PS_OK;
    ps_buf out;

    ps_buf_init(&out, WRITE_BYTES + LINE_BYTES_MAX);
    ps_snapshot_add_head(&out);
    for (size_t i = 0; i < count && status == PS_OK; i++) {
        const ps_domain_answer answer = {.domain = places[i].name,
                                         .fact = domains->facts[places[i].number],
                                         .servers = ps_domains_servers(domains, places[i].number)};
        ps_snapshot_add(&answer, &out);
        if (out.len < WRITE_BYTES) continue;
        status = ps_buf_status(&out, "the MX snapshot", err);
        if (status == PS_OK) status = ps_file_write(to->fd, ps_buf_span(&out), to->path, err);
        ps_buf_clear(&out);
    }
    if (status == PS_OK) status = ps_buf_status(&out, "the MX snapshot", err);
    if (status == PS_OK) status = ps_file_write(to->fd, ps_buf_span(&out), to->path, err);
    ps_buf_done(&out);
    return status;
}

ps_status ps_snapshot_write(const ps_domains *domains, const ps_snapshot_file *to, ps_error *err)
{
    size_t count = 0;
    place *places = ps_memory_new(domains->names.count + 1, sizeof *places, err);

    if (places == NULL) return PS_RETRY;
    for (uint32_t i = 0; i < domains->names.count; i++) {
        if (domains->facts[i].reason == PS_REASON_NOT_CHECKED) continue;
        places[count++] = (place){ps_intern_text(&domains->names, i), i};
    }
    qsort(places, count, sizeof *places, compare_places);
    ps_status status = write_places(domains, places, count, to, err);
    ps_memory_free(places);
    return status;
}
