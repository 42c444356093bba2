#ifndef PS_ESP_EVENTS_H
#define PS_ESP_EVENTS_H

// A file of events on its way to entries.

#include "esp/people.h"

typedef struct ps_events {
    ps_import *import;
    ps_people *people; // NULL: there was no event yet
    const ps_event_form *form; // of the first
} ps_events;

void ps_events_done(ps_events *events);

// An event, or an envelope of events. PS_SOURCE for what is neither, for events of two forms, and for a form that the
// job does not name.
ps_status ps_events_read(ps_events *events, const json_t *object, uint64_t line, ps_error *err);

// After the last: what they say of people is in the import.
ps_status ps_events_finish(ps_events *events, ps_error *err);

#endif
