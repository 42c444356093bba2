#include "base/clock.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"

enum {
    DAY_S = 86400,
    ERA_DAYS = 146097, // days of 400 Gregorian years
    EPOCH_DAYS = 719468, // from 0000-03-01 to 1970-01-01
    DAY_FIRST = -25567, // 1900-01-01
    DAY_LAST = 47847, // 2101-01-01
    ZONE_NAME_MAX = 64, // the longest IANA name has 32 bytes
    OFFSET_MAX_S = 15 * 3600 // the widest in use are -12:00 and +14:00
};

int64_t ps_clock_now_s(void)
{
    struct timespec now;

    // Whole seconds need no more than the kernel's last tick, which is read in a tenth of the time.
    if (clock_gettime(CLOCK_REALTIME_COARSE, &now) != 0) abort(); // fails for a wrong clock or address only
    return now.tv_sec;
}

uint64_t ps_clock_monotonic_ms(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) abort(); // as above
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year));
}

ps_day ps_day_of(int year, int month, int day)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || (day > 28 && day > month_days(year, month))) {
        return PS_DAY_NONE;
    }
    // Years are counted from March, so that the leap day is the last one and a month's first day is a straight line.
    int from_march = (month + 9) % 12;
    int years = month <= 2 ? year - 1 : year;
    return years * 365 + years / 4 - years / 100 + years / 400 + (from_march * 153 + 2) / 5 + day - 1 - EPOCH_DAYS;
}

// Divisions by constants only, and none that waits for a branch: Neri and Schneider, "Euclidean affine functions and
// their application to calendar algorithms" (2022). Every win-back date of a list is written by it.
static inline void split_day(ps_day day, int *year, int *month, int *day_of_month)
{
    enum { ERAS = 14700 }; // of 400 years, so that no day of 32 bits is negative
    uint64_t days = (uint64_t)((int64_t)day + EPOCH_DAYS + (int64_t)ERAS * ERA_DAYS);
    uint64_t quarters = 4 * days + 3;
    uint32_t in_century = (uint32_t)(quarters % ERA_DAYS / 4);
    uint64_t years = (uint64_t)(4 * in_century + 3) * 2939745; // 2^32 / 1461
    uint32_t in_year = (uint32_t)years / 2939745 / 4;
    uint32_t months = 2141 * in_year + 197913; // 2^16 / 30.6; a year of this count begins in March
    int next_year = in_year >= 306;

    *day_of_month = (int)(months % 65536 / 2141) + 1;
    *month = (int)(months / 65536) - 12 * next_year;
    *year = (int)(quarters / ERA_DAYS * 100 + (years >> 32)) - 400 * ERAS + next_year;
}

void ps_day_split(ps_day day, int *year, int *month, int *day_of_month)
{
    split_day(day, year, month, day_of_month);
}

// Days that have a four-digit year.
static bool day_is_writable(int64_t day)
{
    enum { FIRST = -719162, LAST = 2932896 }; // 0001-01-01, 9999-12-31
    return day >= FIRST && day <= LAST;
}

char *ps_put_day(char *out, ps_day day)
{
    int year, month, day_of_month;

    if (!day_is_writable(day)) return out;
    split_day(day, &year, &month, &day_of_month);
    uint64_t digits = ps_digits_of((uint32_t)(year * 10000 + month * 100 + day_of_month));
    char *at = ps_put_digits(out, digits, 4); // what each writes too much the next one writes over
    *at = '-';
    at = ps_put_digits(at + 1, digits >> 32, 2);
    *at = '-';
    return ps_put_digits(at + 1, digits >> 48, 2);
}

void ps_day_text(ps_day day, char out[PS_DAY_TEXT_SIZE])
{
    char text[PS_DAY_ROOM] = "";

    ps_put_day(text, day);
    memcpy(out, text, PS_DAY_TEXT_SIZE - 1);
    out[PS_DAY_TEXT_SIZE - 1] = '\0';
}

static int64_t day_of_second(int64_t seconds)
{
    return seconds / DAY_S - (seconds % DAY_S < 0);
}

void ps_time_text(int64_t seconds, char out[PS_TIME_TEXT_SIZE])
{
    int64_t day = day_of_second(seconds);
    char day_text[PS_DAY_TEXT_SIZE];

    out[0] = '\0';
    if (!day_is_writable(day)) return;
    ps_day_text((ps_day)day, day_text);
    unsigned rest = (unsigned)(seconds - day * DAY_S);
    snprintf(out, PS_TIME_TEXT_SIZE, "%sT%02u:%02u:%02uZ", day_text, rest / 3600 % 24, rest / 60 % 60, rest % 60);
}

// `count` digits; -1 where one is none.
static int digits_value(const char *bytes, size_t count)
{
    int value = 0;

    for (size_t i = 0; i < count; i++) {
        if (bytes[i] < '0' || bytes[i] > '9') return -1;
        value = value * 10 + (bytes[i] - '0');
    }
    return value;
}

bool ps_day_parse(ps_span text, ps_day *out)
{
    if (text.len != PS_DAY_TEXT_SIZE - 1 || text.bytes[4] != '-' || text.bytes[7] != '-') return false;

    ps_day day = ps_day_of(digits_value(text.bytes, 4), digits_value(text.bytes + 5, 2),
                           digits_value(text.bytes + 8, 2)); // -1 is out of every range
    if (day == PS_DAY_NONE) return false;
    *out = day;
    return true;
}

typedef struct zone_change {
    int64_t from_s; // the first second that has the offset
    int32_t offset_s;
} zone_change;

struct ps_zone {
    zone_change *changes; // at least one; the first counts for all time before it, too
    size_t count, capacity;
};

static ps_status add_change(ps_zone *zone, int64_t from_s, int32_t offset_s, ps_error *err)
{
    ps_status status =
        ps_memory_grow((void **)&zone->changes, &zone->capacity, zone->count + 1, sizeof *zone->changes, err);

    if (status == PS_OK) zone->changes[zone->count++] = (zone_change){from_s, offset_s};
    return status;
}

// By the TZ that is set just now.
static int32_t system_offset(int64_t seconds)
{
    time_t at = seconds;
    struct tm parts;

    if (localtime_r(&at, &parts) == NULL) abort(); // fails for years that an int cannot hold only
    return (int32_t)parts.tm_gmtoff;
}

// The first second after `before` that no longer has its offset; `after` is one that has another.
static int64_t change_between(int64_t before, int64_t after)
{
    int32_t offset_s = system_offset(before);

    while (after - before > 1) {
        int64_t middle = before + (after - before) / 2;
        if (system_offset(middle) == offset_s) {
            before = middle;
        } else {
            after = middle;
        }
    }
    return after;
}

static ps_status read_changes(ps_zone *zone, ps_error *err)
{
    int64_t last = (int64_t)DAY_FIRST * DAY_S;
    int32_t last_offset = system_offset(last);
    ps_status status = add_change(zone, last, last_offset, err);

    for (int64_t day = DAY_FIRST + 1; day <= DAY_LAST && status == PS_OK; day++) {
        int64_t now = day * DAY_S;
        int32_t offset = system_offset(now);
        if (offset != last_offset) status = add_change(zone, change_between(last, now), offset, err);
        last = now;
        last_offset = offset;
    }
    return status;
}

static bool put_environment(const char *value)
{
    int failed = value == NULL ? unsetenv("TZ") : setenv("TZ", value, 1);

    tzset();
    return failed == 0;
}

// The path makes the C library read that very file, whatever TZDIR says.
static ps_status read_system_zone(const char *path, ps_zone *zone, ps_error *err)
{
    const char *now = getenv("TZ"); // put back below: nothing is decided by it
    char *before = now == NULL ? NULL : ps_memory_text(now, err);

    if (now != NULL && before == NULL) return PS_RETRY;
    ps_status status = PS_OK;
    if (put_environment(path)) {
        status = read_changes(zone, err);
    } else {
        status = ps_error_set(err, PS_RETRY, "There is not enough memory to read a time zone.");
    }
    if (!put_environment(before) && status == PS_OK) {
        status = ps_error_set(err, PS_RETRY, "There is not enough memory to restore the variable TZ.");
    }
    ps_memory_free(before);
    return status;
}

// +09:00, -03:30
static bool parse_offset(const char *name, int32_t *out_s)
{
    if (strlen(name) != 6 || (name[0] != '+' && name[0] != '-') || name[3] != ':') return false;
    int hours = digits_value(name + 1, 2), minutes = digits_value(name + 4, 2);
    if (hours < 0 || minutes < 0 || minutes > 59) return false;
    int32_t offset = hours * 3600 + minutes * 60;
    if (offset > OFFSET_MAX_S) return false;
    *out_s = name[0] == '-' ? -offset : offset;
    return true;
}

// Folders of the zone files hold lists and tables as well; only TZif files (RFC 8536) are zones, and for anything else
// the C library would silently take UTC.
static bool is_zone_file(const char *path)
{
    struct stat info;
    char magic[4] = "";
    size_t len = 0;
    int fd = -1;

    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) return false;
    if (ps_file_open(path, false, PS_CONFIG, &fd, NULL) != PS_OK) return false;
    ps_status status = ps_file_read(fd, magic, sizeof magic, path, &len, NULL);
    close(fd); // read only: nothing can be lost
    return status == PS_OK && len == sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
}

static bool name_is_plain(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    size_t len = strlen(name);

    return len > 0 && len <= ZONE_NAME_MAX && name[0] != '/' && strspn(name, allowed) == len;
}

static ps_status unknown_zone(const char *name, ps_error *err)
{
    ps_buf shown;
    struct stat info;

    ps_buf_init(&shown, PS_ERROR_TEXT_MAX);
    ps_add_visible(&shown, ps_span_of(name));
    ps_error_set(err, PS_CONFIG, "There is no time zone '%s'.", ps_buf_text(&shown));
    ps_buf_done(&shown);
    if (stat(ZONE_FOLDER "/Asia", &info) == 0) {
        ps_error_hint(err, "Write a name such as Asia/Tokyo, an offset such as +09:00, or UTC.");
    } else {
        ps_error_hint(err, "This machine has no time zone data: install the package tzdata, or write an offset such "
                           "as +09:00.");
    }
    return PS_CONFIG;
}

static ps_status fill_zone(const char *name, ps_zone *zone, ps_error *err)
{
    char path[sizeof ":" ZONE_FOLDER "/" + ZONE_NAME_MAX];
    int32_t offset_s = 0;

    if (strcmp(name, "UTC") == 0 || parse_offset(name, &offset_s)) return add_change(zone, 0, offset_s, err);
    if (!name_is_plain(name)) return unknown_zone(name, err);
    snprintf(path, sizeof path, ":" ZONE_FOLDER "/%s", name);
    if (!is_zone_file(path + 1)) return unknown_zone(name, err);
    return read_system_zone(path, zone, err);
}

ps_status ps_zone_new(const char *name, ps_zone **out, ps_error *err)
{
    ps_zone *zone = ps_memory_new(1, sizeof *zone, err);

    if (zone == NULL) return PS_RETRY;
    ps_status status = fill_zone(name, zone, err);
    if (status == PS_OK) {
        *out = zone;
    } else {
        ps_zone_free(zone);
    }
    return status;
}

void ps_zone_free(ps_zone *zone)
{
    if (zone == NULL) return;
    ps_memory_free(zone->changes);
    ps_memory_free(zone);
}

ps_zone_stretch ps_zone_stretch_at(const ps_zone *zone, int64_t seconds)
{
    size_t first = 0, end = zone->count; // the change in force lies in [first, end)

    while (end - first > 1) {
        size_t middle = first + (end - first) / 2;
        if (zone->changes[middle].from_s <= seconds) {
            first = middle;
        } else {
            end = middle;
        }
    }
    return (ps_zone_stretch){
        .from_s = first == 0 ? INT64_MIN : zone->changes[first].from_s,
        .until_s = end == zone->count ? INT64_MAX : zone->changes[end].from_s,
        .offset_s = zone->changes[first].offset_s,
    };
}

ps_day ps_zone_day(const ps_zone *zone, int64_t seconds)
{
    if (!day_is_writable(day_of_second(seconds))) return PS_DAY_NONE;
    int64_t day = day_of_second(seconds + ps_zone_stretch_at(zone, seconds).offset_s);
    return day_is_writable(day) ? (ps_day)day : PS_DAY_NONE;
}
