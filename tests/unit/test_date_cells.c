// The dates of a column: what its many cells are read as is what each alone is read as.
// layer: facts

#include <stdlib.h>

#include "assert.h"
#include "facts/date_cells.h"

// A sanitizer's run is slow.
enum { RANDOM_ROUNDS = PS_TEST_SANITIZED ? 2000 : 10000, COUNT = PS_DATE_CELLS_MAX, CELL_SIZE = 32 };

static const ps_date_form forms[] = {PS_DATE_FORM_AUTO, PS_DATE_FORM_ISO,     PS_DATE_FORM_YMD,
                                     PS_DATE_FORM_DMY,  PS_DATE_FORM_COMPACT, PS_DATE_FORM_EPOCH};
static const char *const zones[] = {"Asia/Tokyo", "-09:30", "America/New_York", "Pacific/Apia"};

// Cells, each in memory of its own size where a sanitizer sees a byte read beyond it.
typedef struct column {
    ps_zone *zone;
    ps_span cells[2 * COUNT]; // every other one is another column's
    size_t count, turn;
    ps_day stride; // of the days that are tried
} column;

static void add(column *c, const char *text)
{
    ps_span *cell = &c->cells[2 * c->count++];
    char *bytes = malloc(strlen(text) + 1);

    assert_non_null(bytes);
    assert_true(c->count <= COUNT);
    memcpy(bytes, text, strlen(text));
    *cell = (ps_span){bytes, strlen(text)};
}

static void check_cell(const column *c, size_t i, ps_date_form form, ps_day day, bool unreadable)
{
    ps_span cell = c->cells[2 * i];
    ps_day alone = PS_DAY_NONE;
    ps_date_result result = ps_date_read(cell, form, c->zone, &alone);

    if (day == alone && unreadable == (result == PS_DATE_UNREADABLE)) return;
    fail_msg("\"%.*s\" as %s: in a column %d (%s), alone %d (%d)", (int)cell.len, cell.bytes, ps_date_form_word(form),
             day, unreadable ? "unreadable" : "read", alone, result);
}

static void check_in_form(const column *c, ps_date_form form)
{
    const ps_day near = ps_day_of(2024, 2, 1);
    ps_day days[COUNT];
    ps_date_reader reader;

    ps_date_reader_init(&reader, form, c->zone, near);
    for (int turn = 0; turn < 2; turn++) { // what was learnt in the first must not harm in the second
        uint64_t unreadable = ps_date_cells_read(&reader, c->cells, 2, c->count, days);
        for (size_t i = 0; i < c->count; i++)
            check_cell(c, i, form, days[i], (unreadable >> i & 1) != 0);
        for (size_t i = c->count; i < COUNT; i++)
            assert_int_equal(days[i], PS_DAY_NONE);
    }
}

// In one form after another; then the column is empty again.
static void check(column *c)
{
    check_in_form(c, forms[c->turn++ % PS_COUNT_OF(forms)]);
    check_in_form(c, PS_DATE_FORM_ISO);
    for (size_t i = 0; i < c->count; i++)
        free((void *)(uintptr_t)c->cells[2 * i].bytes);
    c->count = 0;
}

static void add_or_check(column *c, const char *text)
{
    if (c->count == COUNT) check(c);
    add(c, text);
}

static void test_shapes(column *c)
{
    static const char *const cells[] = {
        "2024-02-01",
        "",
        "なし",
        "2024/02/01",
        "2024/2/1",
        "0000-00-00",
        "2024-02-30",
        "1970-01-01",
        "1971-01-01",
        "2099-12-31",
        "2100-02-29",
        "2100-03-01",
        "1969-12-31T23:59:59Z",
        "1971-01-01T00:00:00Z",
        "2024-02-01T14:59:59Z",
        "2024-02-01T15:00:00Z",
        "2024-02-01 23:59:59",
        "2024-02-01 24:00:00",
        "2016-12-31T23:59:60Z",
        "2024-02-01T12:60:00Z",
        "2024-02-01X12:00:00",
        "2024-02-01T12:00:00z",
        "2011-12-30T10:00:00Z",
        "2011-12-29T10:00:00Z",
        "2024/02/01T12:00:00Z",
        "2024-02/01",
        "20240201",
        "2024-02-01T12:34:56+09:00",
        "1/2/2024",
        "1706745600",
        "９９９９－１２－３１",
    };

    for (size_t i = 0; i < PS_COUNT_OF(cells); i++)
        add(c, cells[i]);
    check(c);
}

// Every day of the years around the short way's, with and without a time.
static void test_days(column *c)
{
    uint32_t random = 1;

    for (ps_day day = ps_day_of(1968, 12, 1); day < ps_day_of(2105, 1, 1); day += c->stride) {
        char date[PS_DAY_TEXT_SIZE], cell[CELL_SIZE];
        ps_day_text(day, date);
        random = random * 1664525 + 1013904223;
        unsigned second = (random >> 8) % 86400;
        snprintf(cell, sizeof cell, "%s%c%02u:%02u:%02u%s", date, (random & 128) != 0 ? 'T' : ' ', second / 3600,
                 second / 60 % 60, second % 60, (random & 64) != 0 ? "Z" : "");
        add_or_check(c, date);
        add_or_check(c, cell);
    }
    check(c);
}

// Any byte in any place of the exact shapes.
static void test_damaged(column *c)
{
    static const char *const shapes[] = {"2024-02-29", "2023/12/31", "2024-02-01 12:34:56", "2024-12-31T23:59:59Z"};

    for (size_t i = 0; i < PS_COUNT_OF(shapes); i++) {
        char cell[CELL_SIZE];
        for (size_t at = 0; at < strlen(shapes[i]); at++) {
            for (int byte = 1; byte < 256; byte++) {
                snprintf(cell, sizeof cell, "%s", shapes[i]);
                cell[at] = (char)byte;
                add_or_check(c, cell);
            }
            snprintf(cell, sizeof cell, "%.*s", (int)at, shapes[i]);
            add_or_check(c, cell);
        }
    }
    check(c);
}

// Digits and signs by chance, of the lengths that have a short way.
static void test_random(column *c)
{
    static const char likely[] = "00112233445566789--//::TTZ .";
    static const char *const shapes[] = {"2024-02-29", "2024-12-31T23:59:59Z", "2023/01/30 00:00:00"};
    uint32_t random = 7;

    for (int round = 0; round < RANDOM_ROUNDS; round++) {
        char cell[CELL_SIZE];
        snprintf(cell, sizeof cell, "%s", shapes[round % (int)PS_COUNT_OF(shapes)]);
        for (int changes = 0; changes < 3; changes++) {
            random = random * 1664525 + 1013904223;
            cell[(random >> 8) % strlen(cell)] = likely[(random >> 16) % (sizeof likely - 1)];
        }
        add_or_check(c, cell);
        if ((random >> 24 & 1) != 0) add_or_check(c, ""); // which no neighbour's day must come to
    }
    check(c);
}

static void test_none(column *c)
{

    check(c);
    add(c, "");
    check(c);
}

static void try_zone(const char *name, ps_cpu cpu, ps_day stride)
{
    static void (*const tests[])(column *) = {test_none, test_shapes, test_days, test_damaged, test_random};
    column c = {.stride = stride};
    ps_error err = {.status = PS_OK};

    print_message("  %s, %s\n", name, ps_cpu_name(cpu));
    assert_ok(ps_zone_new(name, &c.zone, &err), &err);
    ps_cpu_limit(cpu);
    for (size_t i = 0; i < PS_COUNT_OF(tests); i++)
        tests[i](&c);
    ps_zone_free(c.zone);
}

// That the short way is taken: what it leaves is read right, too, but slowly.
static void test_is_short(void **state)
{
    static const char *const texts[] = {"2024-02-29", "", "2023-12-31T23:59:59", "2099-01-01T00:00:00Z"};
    ps_error err = {.status = PS_OK};
    ps_span cells[COUNT];
    ps_date_reader reader;
    ps_zone *zone;
    ps_day days[COUNT];

    (void)state; // none
    assert_ok(ps_zone_new("Asia/Tokyo", &zone, &err), &err);
    ps_date_reader_init(&reader, PS_DATE_FORM_ISO, zone, ps_day_of(2024, 2, 1));
    for (size_t i = 0; i < COUNT; i++)
        cells[i] = ps_span_of(texts[i % PS_COUNT_OF(texts)]);
    for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= ps_cpu_best(); cpu++) {
        for (size_t count = 0; count <= COUNT; count++)
            assert_int_equal(ps_date_decode_for(cpu)(&reader.frame, cells, 1, count, days), 0);
        assert_int_equal(days[COUNT - 4], ps_day_of(2024, 2, 29));
        assert_int_equal(days[COUNT - 3], PS_DAY_NONE);
        assert_int_equal(days[COUNT - 2], ps_day_of(2023, 12, 31));
        assert_int_equal(days[COUNT - 1], ps_day_of(2099, 1, 1));
    }
    ps_zone_free(zone);
}

// By every form of the code that this machine can run.
static void test_in_zones(void **state)
{
    enum { STRIDE = 31 };

    (void)state; // none
    const ps_cpu best = ps_cpu_best();
    for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= best; cpu++) {
        try_zone("UTC", cpu, PS_TEST_SANITIZED ? STRIDE : 1);
        for (size_t zone = 0; zone < PS_COUNT_OF(zones); zone++)
            try_zone(zones[zone], cpu, STRIDE);
    }
    ps_cpu_limit(PS_CPU_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_is_short), cmocka_unit_test(test_in_zones)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
