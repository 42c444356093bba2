// The last cells of a row that is taken out: as they are written one by one.
// layer: stage

#include "stage/place_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "assert.h"

enum { TEXT_MAX = 512 };

static void check_place(ps_place_text *place, uint64_t number, uint64_t line)
{
    char expected[TEXT_MAX], made[TEXT_MAX];
    int len = snprintf(expected, sizeof expected, "%.*s%" PRIu64 "%c%" PRIu64, (int)place->file_cell.len,
                       place->file_cell.bytes, number, place->delimiter, line);

    assert_true(ps_place_text_max(place) <= sizeof made);
    const char *end = ps_put_place(place, made, number, line);
    if (end - made != len || memcmp(made, expected, (size_t)len) != 0) fail_msg("%s", expected);
}

// Rows that rise, alone and with lines that run ahead of them, over each power of ten.
static void check_rising(ps_place_text *place)
{
    for (uint64_t from = 1; from <= UINT64_C(1000000000000); from *= 10) {
        for (uint64_t i = 0; i < 250; i++)
            check_place(place, from + i, from + 1 + i + i / 7);
        for (uint64_t i = 0; i < 250; i++)
            check_place(place, from * 1000 - 120 + i, from * 2000 + i * 37);
    }
}

static void test_cells(void **state)
{
    static const char *const cells[] = {
        ",list.csv,",
        ";\"a;b\";",
        "\t\t",
        ",a file whose name is so long that no number is written out behind it in advance.csv,",
        ",a name that leaves room for the small numbers only.csv,",
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cells); i++) {
        ps_place_text place = PS_PLACE_TEXT_OF(ps_span_of(cells[i]), cells[i][0]);
        check_rising(&place);
    }
}

// Whatever came before: of nothing but the first and last of hundreds, back and forth.
static void test_any_order(void **state)
{
    static const uint64_t numbers[] = {
        0, 1, 9, 10, 99, 100, 101, 199, 200, 999, 1000, 9999, 10000, UINT32_MAX, UINT64_C(1) << 62, INT64_MAX};
    ps_place_text used = PS_PLACE_TEXT_OF(ps_span_of(",list.csv,"), ',');

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(numbers); i++) {
        for (size_t k = 0; k < PS_COUNT_OF(numbers); k++) {
            check_place(&used, numbers[i], numbers[k]);
            check_place(&used, numbers[k], numbers[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
