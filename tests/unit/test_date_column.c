// How the dates of a whole column are written.
// layer: facts
#include "assert.h"
#include "facts/date_column.h"

enum { CELLS_MAX = 8 };

static const struct {
    const char *name;
    const char *cells[CELLS_MAX];
    ps_date_decision decision;
    ps_date_form form;
    uint64_t filled, future; // in that form
} cases[] = {
    {"nothing", {NULL}, PS_DATE_DECIDED, PS_DATE_FORM_AUTO, 0, 0},
    {"evident forms mix",
     {"2024-02-01", "2024/2/1", "R6.2.1", "Feb 1, 2024", "20240201"},
     PS_DATE_DECIDED,
     PS_DATE_FORM_AUTO,
     5,
     0},
    {"a first part over 12", {"03/04/2021", "13/04/2021", ""}, PS_DATE_DECIDED, PS_DATE_FORM_DMY, 2, 0},
    {"a second part over 12", {"03/04/2021", "04/13/2021", "なし"}, PS_DATE_DECIDED, PS_DATE_FORM_MDY, 2, 0},
    {"no part over 12", {"03/04/2021", "12-04-2022 09:30"}, PS_DATE_UNDECIDED, PS_DATE_FORM_AUTO, 0, 0},
    {"the same day and month decide nothing", {"04/04/2021"}, PS_DATE_UNDECIDED, PS_DATE_FORM_AUTO, 0, 0},
    {"both orders", {"13/04/2021", "04/13/2021"}, PS_DATE_CONTRADICTED, PS_DATE_FORM_AUTO, 0, 0},
    {"a day that is none decides nothing", {"31/02/2021", "03/04/2021"}, PS_DATE_UNDECIDED, PS_DATE_FORM_AUTO, 0, 0},
    {"sentinels decide nothing",
     {"31/12/9999", "03/04/2021", "00/00/0000"},
     PS_DATE_UNDECIDED,
     PS_DATE_FORM_AUTO,
     0,
     0},
    {"most cells are ISO", {"2024-02-01", "2024-02-02", "13/04/2021"}, PS_DATE_DECIDED, PS_DATE_FORM_AUTO, 2, 0},
    {"most cells are not ISO", {"2024-02-01", "14/04/2021", "13/04/2021"}, PS_DATE_DECIDED, PS_DATE_FORM_DMY, 2, 0},
    {"seconds", {"1706745600", "1706745601", "0"}, PS_DATE_DECIDED, PS_DATE_FORM_EPOCH, 2, 0},
    {"seconds and milliseconds", {"1706745600", "1706745600000"}, PS_DATE_DECIDED, PS_DATE_FORM_EPOCH, 2, 0},
    {"a number outside the years",
     {"1706745600", "1706745600", "9999999999"},
     PS_DATE_DECIDED,
     PS_DATE_FORM_AUTO,
     0,
     0},
    {"a number of another length", {"1706745600", "1706745600", "12345"}, PS_DATE_DECIDED, PS_DATE_FORM_AUTO, 0, 0},
    {"an epoch within a year", {"1706745600", "1798761600"}, PS_DATE_DECIDED, PS_DATE_FORM_EPOCH, 1, 1},
    {"serials are never guessed", {"45323", "45324"}, PS_DATE_DECIDED, PS_DATE_FORM_AUTO, 0, 0},
    {"two-digit years never fit", {"13/04/21", "14/04/21"}, PS_DATE_DECIDED, PS_DATE_FORM_AUTO, 0, 0},
};

// The cells of a case, dealt to `piles` that are merged again: in how many batches they come must not matter.
static uint64_t gather(const char *const *cells, size_t piles, const ps_zone *zone, ps_date_doubt *out)
{
    ps_date_doubt pile[3];
    ps_day as_of = ps_day_of(2026, 11, 21), day;
    uint64_t evident = 0;

    for (size_t i = 0; i < piles; i++)
        ps_date_doubt_init(&pile[i]);
    for (size_t i = 0; i < CELLS_MAX && cells[i] != NULL; i++) {
        ps_date_result result = ps_date_read(ps_span_of(cells[i]), PS_DATE_FORM_AUTO, zone, &day);
        evident += result == PS_DATE_READ;
        if (result == PS_DATE_UNREADABLE) ps_date_doubt_add(&pile[i % piles], ps_span_of(cells[i]), zone, as_of);
    }
    ps_date_doubt_init(out);
    for (size_t i = piles; i > 0; i--)
        ps_date_doubt_merge(out, &pile[i - 1]);
    return evident;
}

static void test_decisions(void **state)
{
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].name);
        for (size_t piles = 1; piles <= 3; piles++) {
            ps_date_doubt doubt;
            ps_date_form form = PS_DATE_FORM_COUNT;
            uint64_t evident = gather(cases[i].cells, piles, *state, &doubt);
            assert_int_equal(ps_date_doubt_decide(&doubt, evident, &form), cases[i].decision);
            assert_int_equal(form, cases[i].form);
            const ps_date_days *days = ps_date_doubt_days(&doubt, form);
            if (cases[i].decision != PS_DATE_DECIDED) continue;
            assert_int_equal(days == NULL ? evident : days->filled, cases[i].filled);
            if (days != NULL) assert_int_equal(days->future, cases[i].future);
        }
    }
}

static void test_days(void **state)
{
    ps_date_doubt doubt;
    const char *cells[CELLS_MAX] = {"13/04/2021", "01/02/2024", "03/04/2019", NULL};

    gather(cells, 2, *state, &doubt);
    assert_int_equal(doubt.day_first.oldest, ps_day_of(2019, 4, 3));
    assert_int_equal(doubt.day_first.newest, ps_day_of(2024, 2, 1));
    assert_int_equal(doubt.month_first.oldest, ps_day_of(2019, 3, 4));
    assert_int_equal(doubt.month_first.newest, ps_day_of(2024, 1, 2));
    assert_int_equal(doubt.only_day_first, 1);
    assert_null(ps_date_doubt_days(&doubt, PS_DATE_FORM_AUTO));
}

static int open_zone(void **state)
{
    ps_zone *zone = NULL;
    ps_error err = {.status = PS_OK};

    if (ps_zone_new("Asia/Tokyo", &zone, &err) != PS_OK) return -1;
    *state = zone;
    return 0;
}

static int close_zone(void **state)
{
    ps_zone_free(*state);
    return 0;
}

// Many at once are what they are one by one, however many there are.
static void test_days_add_all(void **state)
{
    enum { DAYS = 70 };
    const ps_day as_of = ps_day_of(2026, 11, 21), kinds[] = {PS_DAY_NONE, as_of, as_of + 1, as_of + 2,       as_of - 1,
                                                             0,           -1,    INT32_MAX, PS_DAY_NONE + 1, 365};
    ps_day all[DAYS];
    uint32_t chance = 1;

    (void)state;
    for (size_t round = 0; round < 2000; round++) {
        size_t count = round % (DAYS + 1);
        ps_date_days one, many;
        ps_date_days_init(&one);
        ps_date_days_init(&many);
        for (size_t i = 0; i < count; i++) {
            chance = chance * 1664525 + 1013904223;
            all[i] = kinds[round % 7 == 0 ? 0 : (chance >> 20) % PS_COUNT_OF(kinds)];
            if (all[i] != PS_DAY_NONE) ps_date_days_add(&one, all[i], as_of);
        }
        size_t half = count / 2, known = ps_date_days_add_all(&many, all, half, as_of);
        known += ps_date_days_add_all(&many, all + half, count - half, as_of);
        assert_int_equal(known, one.filled + one.future);
        assert_int_equal(many.filled, one.filled);
        assert_int_equal(many.future, one.future);
        assert_int_equal(many.oldest, one.oldest);
        assert_int_equal(many.newest, one.newest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_add_all),
        cmocka_unit_test(test_decisions),
        cmocka_unit_test(test_days),
    };
    return cmocka_run_group_tests(tests, open_zone, close_zone);
}
