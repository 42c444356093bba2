#ifndef PS_CMD_ALERTS_H
#define PS_CMD_ALERTS_H

// Who is told that addresses of a company's own domains came onto suppression lists: after every sync.

#include "cmd/sync.h"

// What `sources` (just synced) brought of the job's own domains, to the rooms that it names. A message that cannot be
// sent is a warning, and sent again after the next sync.
void ps_alerts_tell(const ps_sync_request *request, const ps_sync_source *sources, size_t count);

#endif
