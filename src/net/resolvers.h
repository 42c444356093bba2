#ifndef PS_NET_RESOLVERS_H
#define PS_NET_RESOLVERS_H

// Which resolvers there are.

#include "net/upstream.h"
#include "presend/job.h"
#include "presend/status.h"

// The job's resolver by HTTPS, those of the job, or the first three of `resolv_conf`, as the C library takes them.
// PS_CONFIG for one of the job that is no URL or no address, or too many; PS_RETRY when there is none.
ps_status ps_resolvers_find(const ps_job *job, const char *resolv_conf, ps_endpoint out[PS_UPSTREAMS_MAX],
                            size_t *out_count, ps_error *err);

#endif
