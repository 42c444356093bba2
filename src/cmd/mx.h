#ifndef PS_CMD_MX_H
#define PS_CMD_MX_H

// What a run or a command needs to know of domains: DNS, the cache of earlier answers in the state, and the snapshot
// that is left behind.

#include "cmd/beside.h"
#include "cmd/terminal.h"
#include "facts/domain_cache.h"
#include "net/dns.h"
#include "store/domains.h"

typedef struct ps_mx {
    const ps_job *job;
    ps_domains domains; // receives what is known of each
    ps_resolver resolver;
    ps_dns *dns; // NULL: nobody is asked
    ps_domain_store *store; // NULL: no cache
    ps_domain_cache cache;
    ps_beside saved; // the snapshot, as it is written
} ps_mx;

// `out` must stay where it is, and is given back by ps_mx_close also on failure. `store` (NULL: no state) must outlive
// it. Where packets may leave, resolvers are opened: PS_CONFIG for one that is no address, PS_RETRY without any.
ps_status ps_mx_open(const ps_job *job, ps_store *store, ps_mx *out, ps_error *err);
void ps_mx_close(ps_mx *mx); // a zeroed one is fine; before the store

// On the terminal, while domains are asked about; before the first is.
void ps_mx_show_progress(ps_mx *mx, ps_terminal *terminal);

// Who is asked; NULL: nobody, since the job looks domains up in a snapshot or not at all.
ps_resolver *ps_mx_resolver(ps_mx *mx);

// What runs knew of domains; NULL without a state.
const ps_domain_cache *ps_mx_past(const ps_mx *mx);

// The domains that a published run will have seen; NULL where nothing was looked up, or there is no state.
const ps_domains *ps_mx_seen(const ps_mx *mx);

// `mx.save_snapshot`: all that can fail, and then the rest, once the run is published. Both do nothing without it.
ps_status ps_mx_save(ps_mx *mx, ps_error *err);
void ps_mx_settle(ps_mx *mx);

#endif
