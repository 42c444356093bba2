#ifndef PS_STORE_ALERTS_H
#define PS_STORE_ALERTS_H

// What somebody is still to be told of new entries: for each room and source, since when nothing was told. The entries
// themselves are the book's, so that however often a message fails, a line a source is all that is kept.

#include "store/suppressions.h"

enum { PS_ALERT_OWED_DAYS = 30 }; // nobody wants to hear of older ones

// To `room` is owed what came to the source since then; an earlier time that is owed already stays.
ps_status ps_store_alert_owe(ps_store *store, const char *room, int64_t source, int64_t since_s, int64_t now_s,
                             ps_error *err);

// `*out_s` is since when; 0: nothing is owed.
ps_status ps_store_alert_owed(ps_store *store, const char *room, int64_t source, int64_t *out_s, ps_error *err);

// All that was owed to it of the source is told.
ps_status ps_store_alert_told(ps_store *store, const char *room, int64_t source, ps_error *err);

#endif
