#ifndef PS_CMD_IMAGE_H
#define PS_CMD_IMAGE_H

// The load image of a state: made from its lists by the address rules, and loaded into the set of a run.

#include "base/clock.h"
#include "presend/address.h"
#include "store/image.h"
#include "store/suppressions.h"

typedef struct ps_image_request {
    ps_store *store;
    const ps_address_rules *rules; // of ps_expand_rules()
    const ps_zone *zone;
    const char *timezone; // the zone's name: days of entries are of it
} ps_image_request;

// The image beside the state, made anew where it does not fit. PS_SOURCE: a list in the state does not fit its sum. One
// that cannot be written is used all the same.
ps_status ps_image_load(const ps_image_request *request, ps_image *out, ps_error *err);

typedef struct ps_image_source {
    const ps_job *job;
    uint32_t source; // index in the job
    const ps_stored_source *stored; // outlives the set
    ps_run_source *out; // gets the counts
} ps_image_source;

// What counts of these sources in their job, into the set. All of them at once: the image is read once.
ps_status ps_image_merge(const ps_image *image, const ps_image_source *sources, size_t count, ps_suppression *set,
                         ps_error *err);

#endif
