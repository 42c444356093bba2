#ifndef PS_BASE_CLOCK_H
#define PS_BASE_CLOCK_H

// Civil days and time zones. Decisions see days only; the machine's clock is read here and nowhere else.

#include <stdbool.h>
#include <stdint.h>

#include "presend/job.h"
#include "presend/span.h"
#include "presend/status.h"

int64_t ps_clock_now_s(void); // seconds since 1970, UTC
uint64_t ps_clock_monotonic_ms(void); // for progress and timeouts

// Proleptic Gregorian. `ps_day_of` returns PS_DAY_NONE for a date that does not exist (month, day of month; years 1 to
// 9999).
ps_day ps_day_of(int year, int month, int day);
void ps_day_split(ps_day day, int *year, int *month, int *day_of_month);

enum { PS_DAY_TEXT_SIZE = 11, PS_TIME_TEXT_SIZE = 21 };
void ps_day_text(ps_day day, char out[PS_DAY_TEXT_SIZE]); // 2026-11-21, or "" for none

// The same without the NUL, where there is room for PS_DAY_ROOM bytes, any of which may be written; gives the end.
enum { PS_DAY_ROOM = 16 };
char *ps_put_day(char *out, ps_day day);
void ps_time_text(int64_t seconds, char out[PS_TIME_TEXT_SIZE]); // 2026-11-21T18:32:00Z
bool ps_day_parse(ps_span text, ps_day *out); // exactly YYYY-MM-DD

// A time zone: a table of offsets from 1900 to 2100, made once; reading is safe on any thread and sees no environment.
typedef struct ps_zone ps_zone;

// `name` is an IANA name, UTC, or +09:00. PS_CONFIG for an unknown one. Not thread-safe: it sets TZ while it reads the
// system's table.
ps_status ps_zone_new(const char *name, ps_zone **out, ps_error *err);
void ps_zone_free(ps_zone *zone);
// The civil day of an instant; PS_DAY_NONE outside years 1 to 9999.
ps_day ps_zone_day(const ps_zone *zone, int64_t seconds);

// The instants around one that have its offset from UTC, for those who ask about many: [from_s, until_s).
typedef struct ps_zone_stretch {
    int64_t from_s, until_s;
    int32_t offset_s; // east of Greenwich
} ps_zone_stretch;
ps_zone_stretch ps_zone_stretch_at(const ps_zone *zone, int64_t seconds);

#endif
