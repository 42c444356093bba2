// What published runs have seen of domains: written with the run, and part of what is known once it is settled.

#include "store/domain_log.h"
#include "store/domain_merge.h"

// What is known of a domain's past once this run is published; 0: no more than before. A domain that lost its mail is
// asked about once: whoever published the run knew.
static unsigned news_of(const ps_domain_fact *fact)
{
    unsigned mail = fact->verdict == PS_MAIL_DELIVERABLE ? PS_PAST_MAIL : 0;

    if (fact->reason == PS_REASON_NOT_CHECKED) return 0;
    if (fact->verdict == PS_MAIL_UNKNOWN) mail = fact->past & PS_PAST_MAIL;
    unsigned now = PS_PAST_SEEN | mail;
    return now == fact->past ? 0 : now;
}

static ps_status put_domains(ps_domain_log *log, const ps_domains *domains, ps_day as_of, ps_error *err)
{
    int64_t segment = 0;
    ps_status status = PS_OK;

    for (size_t i = 0; i < domains->names.count && status == PS_OK; i++) {
        unsigned news = domains->rows[i] == 0 ? 0 : news_of(&domains->facts[i]); // a snapshot may hold others
        if (news == 0) continue;
        const ps_domain_record record = {.key = ps_domain_key(ps_intern_text(&domains->names, i)),
                                         .parts = PS_RECORD_PAST,
                                         .past = (uint8_t)news,
                                         .past_since = as_of};
        ps_domain_log_add(log, &record);
        if (!ps_domain_log_has_room(log)) status = ps_domain_log_write(log, segment++, err);
    }
    return status == PS_OK ? ps_domain_log_write(log, segment, err) : status;
}

ps_status ps_store_put_domains(const ps_store *store, const ps_store_seen *seen, ps_error *err)
{
    ps_domain_log log = {.count = 0};

    if (seen->domains == NULL) return PS_OK;
    ps_status status =
        ps_domain_log_open(store, "INSERT INTO run_domain_log(at, records, sum, run) VALUES(?, ?, ?, ?)", &log, err);
    if (status == PS_OK) ps_statement_bind_int(&log.put, 4, seen->run);
    if (status == PS_OK) status = put_domains(&log, seen->domains, seen->as_of, err);
    ps_domain_log_close(&log);
    return status;
}

ps_status ps_store_settle_domains(const ps_store *store, int64_t run, ps_error *err)
{
    ps_statement move = {0};
    int64_t segment = 0;
    ps_status status = ps_domain_next_segment(store, &segment, err);

    if (status == PS_OK)
        status = ps_statement_open(store,
                                   "INSERT INTO domain_log(at, records, sum) SELECT at + ?, records, sum "
                                   "FROM run_domain_log WHERE run = ?",
                                   &move, err);
    if (status == PS_OK) {
        ps_statement_bind_int(&move, 1, segment << PS_LOG_ROW_BITS);
        ps_statement_bind_int(&move, 2, run);
        status = ps_statement_run(&move, err);
    }
    ps_statement_close(&move);
    return status;
}
