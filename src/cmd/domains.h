#ifndef PS_CMD_DOMAINS_H
#define PS_CMD_DOMAINS_H

// What the files of `presend domains` share: how a result is told, and the work on the cache itself.

#include "base/json_write.h"
#include "cmd/command.h"
#include "facts/domain_cache.h"
#include "store/store.h"

// A line of the table or of JSON. The name is A-labels, or whatever was asked where that is no domain.
void ps_domains_tell(const ps_terminal *terminal, const ps_domain_answer *answer, ps_buf *out);
void ps_domains_tell_head(const ps_terminal *terminal, ps_buf *out);

void ps_domains_tell_servers(ps_json *json, ps_span servers); // as the member `mx`

// --cache list, clear or export.
ps_status ps_domains_work_cache(ps_session *session, ps_store *store, const char *word, ps_error *err);

#endif
