// What decoding a date cell costs, in nanoseconds of one core: each form by itself, as many cells in random order as a
// batch holds, read as the judging pass reads them.
//
//     date                 measures; a line a form: name, median, best and worst of the passes

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "facts/date.h"

enum { ROWS = 8192, PASSES = 401, CELL_BYTES_MAX = 48, DAYS = 1500 };

static char bytes[ROWS][CELL_BYTES_MAX];
static ps_span cells[ROWS];

// splitmix64: the same cells everywhere.
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

// A moment as the forms below write it.
typedef struct moment {
    int year, month, day, hour, minute, second;
    int64_t since_1970;
} moment;

static moment moment_of(size_t row)
{
    uint64_t random = mix(row);
    moment m = {.minute = (int)(random >> 32 & 63) % 60};
    ps_day day = ps_day_of(2026, 11, 21) - (ps_day)(random % DAYS);

    m.second = (int)(random >> 40 & 63) % 60;
    m.hour = (int)(random >> 48 & 31) % 24;
    ps_day_split(day, &m.year, &m.month, &m.day);
    m.since_1970 = (int64_t)day * 86400 + m.hour * 3600 + m.minute * 60 + m.second;
    return m;
}

typedef int writer(char *out, size_t size, const moment *m);

static int write_iso(char *out, size_t size, const moment *m)
{
    return snprintf(out, size, "%04d-%02d-%02d", m->year, m->month, m->day);
}

static int write_iso_time(char *out, size_t size, const moment *m)
{
    return snprintf(out, size, "%04d-%02d-%02d %02d:%02d:%02d", m->year, m->month, m->day, m->hour, m->minute,
                    m->second);
}

static int write_slashes(char *out, size_t size, const moment *m)
{
    return snprintf(out, size, "%04d/%02d/%02d", m->year, m->month, m->day);
}

static int write_empty_often(char *out, size_t size, const moment *m)
{
    return m->second < 30 ? 0 : write_iso(out, size, m);
}

static int write_zulu(char *out, size_t size, const moment *m)
{
    return write_iso_time(out, size, m) + snprintf(out + 19, size - 19, "Z");
}

static int write_offset(char *out, size_t size, const moment *m)
{
    return write_iso_time(out, size, m) + snprintf(out + 19, size - 19, "+09:00");
}

static int write_short_slashes(char *out, size_t size, const moment *m)
{
    return snprintf(out, size, "%d/%d/%d", m->year, m->month, m->day);
}

static int write_slashes_time(char *out, size_t size, const moment *m)
{
    return snprintf(out, size, "%d/%d/%d %d:%02d", m->year, m->month, m->day, m->hour, m->minute);
}

static int write_compact(char *out, size_t size, const moment *m)
{
    return snprintf(out, size, "%04d%02d%02d", m->year, m->month, m->day);
}

static int write_epoch(char *out, size_t size, const moment *m)
{
    return snprintf(out, size, "%lld", (long long)m->since_1970);
}

static int write_dmy(char *out, size_t size, const moment *m)
{
    return snprintf(out, size, "%02d-%02d-%04d %02d:%02d", m->day, m->month, m->year, m->hour, m->minute);
}

static int write_kanji(char *out, size_t size, const moment *m)
{
    return snprintf(out, size, "%d年%d月%d日", m->year, m->month, m->day);
}

static int write_era(char *out, size_t size, const moment *m)
{
    return snprintf(out, size, "R%d.%d.%d", m->year - 2018, m->month, m->day);
}

static int write_english(char *out, size_t size, const moment *m)
{
    return snprintf(out, size, "Fri, %d Oct %d %02d:%02d:%02d GMT", 1 + m->day % 28, m->year, m->hour, m->minute,
                    m->second);
}

static const struct {
    const char *name;
    writer *write;
    ps_date_form form;
} forms[] = {
    {"iso", write_iso, PS_DATE_FORM_AUTO},
    {"iso, half of them empty", write_empty_often, PS_DATE_FORM_AUTO},
    {"iso with time", write_iso_time, PS_DATE_FORM_AUTO},
    {"slashes", write_slashes, PS_DATE_FORM_AUTO},
    {"iso with time and Z", write_zulu, PS_DATE_FORM_AUTO},
    {"iso with time and offset", write_offset, PS_DATE_FORM_AUTO},
    {"slashes, short", write_short_slashes, PS_DATE_FORM_AUTO},
    {"slashes, short, with time", write_slashes_time, PS_DATE_FORM_AUTO},
    {"compact", write_compact, PS_DATE_FORM_AUTO},
    {"epoch", write_epoch, PS_DATE_FORM_EPOCH},
    {"dmy with time", write_dmy, PS_DATE_FORM_DMY},
    {"kanji", write_kanji, PS_DATE_FORM_AUTO},
    {"era", write_era, PS_DATE_FORM_AUTO},
    {"rfc5322", write_english, PS_DATE_FORM_AUTO},
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); // not the wall's: other programs run beside this one
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return left < right ? -1 : left > right;
}

static int64_t pass(ps_date_form form, const ps_zone *zone, size_t *unreadable)
{
    int64_t sum = 0;

    *unreadable = 0;
    for (size_t row = 0; row < ROWS; row++) {
        ps_day day = 0;
        *unreadable += ps_date_read(cells[row], form, zone, &day) == PS_DATE_UNREADABLE;
        sum += day;
    }
    return sum;
}

static void measure(size_t index, const ps_zone *zone)
{
    double ns[PASSES];
    size_t unreadable = 0;
    int64_t first = 0;

    for (size_t row = 0; row < ROWS; row++) {
        const moment m = moment_of(row);
        cells[row] = (ps_span){bytes[row], (size_t)forms[index].write(bytes[row], CELL_BYTES_MAX, &m)};
    }
    for (size_t i = 0; i <= PASSES; i++) {
        uint64_t begin = now_ns();
        int64_t sum = pass(forms[index].form, zone, &unreadable);
        if (i == 0) first = sum;
        if (sum != first || unreadable > 0) {
            fprintf(stderr, "%s: not all is read\n", forms[index].name);
            exit(1);
        }
        if (i > 0) ns[i - 1] = (double)(now_ns() - begin) / ROWS; // the first pass warms up
    }
    qsort(ns, PASSES, sizeof ns[0], compare);
    printf("%s\t%.1f\t%.1f\t%.1f\n", forms[index].name, ns[PASSES / 2], ns[0], ns[PASSES - 1]);
}

int main(void)
{
    ps_zone *zone = NULL;
    ps_error err;

    if (ps_zone_new("Asia/Tokyo", &zone, &err) != PS_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    for (size_t i = 0; i < PS_COUNT_OF(forms); i++)
        measure(i, zone);
    ps_zone_free(zone);
    return 0;
}
