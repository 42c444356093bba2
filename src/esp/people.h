#ifndef PS_ESP_PEOPLE_H
#define PS_ESP_PEOPLE_H

// What events say of each of their recipients, taken together. The order of the events does not matter, and the same
// event counts once however often it comes.

#include "esp/entry.h"
#include "esp/event.h"

// A complaint, an unsubscribe or an address that the ESP suppresses counts at once, a bad address from its first event
// on. A soft bounce counts when it comes again and again: this often, over so long, and nothing arrived since.
enum { PS_PEOPLE_SOFT_TIMES = 5, PS_PEOPLE_SOFT_DAYS = 14 };

typedef struct ps_people ps_people;

ps_status ps_people_new(ps_import *import, ps_people **out, ps_error *err);
void ps_people_free(ps_people *people); // NULL is fine

ps_status ps_people_note(ps_people *people, const ps_event *event, uint64_t line, ps_error *err);

// After the last event: everybody of whom they say something becomes entries of the import.
ps_status ps_people_finish(ps_people *people, ps_error *err);

#endif
