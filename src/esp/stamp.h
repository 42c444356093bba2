#ifndef PS_ESP_STAMP_H
#define PS_ESP_STAMP_H

// The time stamps that ESPs write, each as a civil day. One reader for all of them, since exports mix the forms.

#include <stdbool.h>

#include "base/clock.h"
#include "presend/span.h"

// False when the text is no stamp that is understood; `out` is then PS_DAY_NONE. An empty text, epoch 0 and the year 1
// (Go's zero time, which Mailgun writes) are read as PS_DAY_NONE. Stamps without a zone are taken as the zone's own
// day; zone names other than Z, UT, UTC and GMT are not guessed.
bool ps_stamp_read(ps_span text, const ps_zone *zone, ps_day *out);

// The same for many stamps one after the other, nearly all of which lie where the zone has one offset from UTC.
typedef struct ps_stamp_reader {
    const ps_zone *zone;
    ps_zone_stretch near; // of the latest one; zeroed at first
} ps_stamp_reader;
bool ps_stamp_day(ps_stamp_reader *reader, ps_span text, ps_day *out);

// The same as seconds since 1970, 0 for one that is not known; stamps without a zone are `offset_s` east of UTC.
bool ps_stamp_seconds(ps_span text, int32_t offset_s, int64_t *out);

#endif
