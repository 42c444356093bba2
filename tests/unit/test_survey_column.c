// What stands in columns: the same as reading cell by cell.
// layer: engine

#include "engine/survey_column.h"

#include "facts/engagement.h"

#include "assert.h"

enum { ROWS = 1000, AS_OF = 20000, WIDTH = 3 };

static const char *const cells[] = {
    "2024-02-01",
    "2023-12-31",
    "2024-02-01 12:34:56",
    "2024-02-01T23:34:56Z",
    "2024/02/01",
    "2024-02-30",
    "2024/2/1",
    "",
    "NULL",
    "-",
    "03/04/2024",
    "25/12/2023",
    "12/25/2023",
    "1700000000",
    "45000",
    "20240201",
    "2031-01-01",
    "令和6年2月1日",
    "soon",
    " 2024-02-01 ",
    "0000-00-00",
    "2024-02-01T23:34:56Z",
    "2024/02/01 01:02:03",
    "1969-12-31",
    "2024-10-04",
};

static const ps_date_form forms[] = {
    PS_DATE_FORM_AUTO, PS_DATE_FORM_ISO, PS_DATE_FORM_YMD, PS_DATE_FORM_DMY, PS_DATE_FORM_EPOCH,
};

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

// Most cells of a column are alike, and some columns have no odd ones.
static ps_span choose_cell(uint32_t *seed, unsigned run)
{
    static const unsigned common[] = {0, 3, 4, 7};
    bool odd = run % 3 != 0 && next_random(seed) % (run % 3 == 1 ? 20 : 2) == 0;
    bool blank = next_random(seed) % 3 == 0;

    if (blank && !odd) return ps_span_of("");
    return ps_span_of(cells[odd ? next_random(seed) % PS_COUNT_OF(cells) : common[run % PS_COUNT_OF(common)]]);
}

static void read_plainly(const ps_facts *facts, ps_date_form form, ps_span cell, ps_survey_column *out)
{
    ps_day day = PS_DAY_NONE;
    ps_date_form found = PS_DATE_FORM_AUTO;
    ps_date_result result = ps_date_read_form(cell, form, facts->zone, &day, &found);
    ps_date_days days = {out->filled, out->future, out->oldest, out->newest};

    out->missing += result == PS_DATE_MISSING;
    out->unreadable += result == PS_DATE_UNREADABLE;
    if (result == PS_DATE_UNREADABLE && form == PS_DATE_FORM_AUTO)
        ps_date_doubt_add(&out->doubt, cell, facts->zone, AS_OF);
    if (result != PS_DATE_READ) return;
    out->forms |= UINT32_C(1) << found;
    ps_date_days_add(&days, day, AS_OF);
    out->filled = days.filled;
    out->future = days.future;
    out->oldest = days.oldest;
    out->newest = days.newest;
}

static ps_day signup_of(const ps_facts *facts, ps_span cell)
{
    ps_day day = PS_DAY_NONE;

    (void)ps_date_read(cell, PS_DATE_FORM_AUTO, facts->zone, &day); // what cannot be read is no day
    return ps_signal_settle(day, AS_OF);
}

static void assert_same(const ps_survey_column *a, const ps_survey_column *b)
{
    assert_int_equal(a->filled, b->filled);
    assert_int_equal(a->missing, b->missing);
    assert_int_equal(a->unreadable, b->unreadable);
    assert_int_equal(a->future, b->future);
    assert_int_equal(a->oldest, b->oldest);
    assert_int_equal(a->newest, b->newest);
    assert_int_equal(a->forms, b->forms);
    assert_memory_equal(&a->doubt, &b->doubt, sizeof a->doubt);
    assert_int_equal(a->has_false, b->has_false);
}

static void fill(ps_batch *batch, uint32_t *seed, unsigned run)
{
    static const char *const words[] = {"yes", "", "はい", "no"};

    batch->row_count = next_random(seed) % ROWS;
    for (size_t i = 0; i < batch->row_count; i++) {
        batch->rows[i].findings = next_random(seed) % 50 == 0 ? PS_FIND(COLUMNS) : 0;
        batch->values[i * WIDTH] = choose_cell(seed, run);
        batch->values[i * WIDTH + 1] = choose_cell(seed, run + 1);
        batch->values[i * WIDTH + 2] = ps_span_of(words[next_random(seed) % (run % 2 == 0 ? 3 : 4)]);
    }
}

static void test_as_cell_by_cell(void **state)
{
    static ps_row rows[ROWS];
    static ps_span values[ROWS * WIDTH];
    static ps_survey_column got[PS_MAPPED_MAX], want[WIDTH];
    static ps_day signups[ROWS], signed_up[ROWS];
    ps_layout layout = {
        .mapped = {{.column = PS_COLUMN_LAST_CLICK}, {.column = PS_COLUMN_SIGNUP_AT}, {.column = PS_COLUMN_OPTIN}},
        .mapped_count = WIDTH,
    };
    ps_batch batch = {.rows = rows, .values = values, .layout = &layout, .damaged = true};
    ps_recipients table = {.file = "list.csv"};
    ps_job job;
    ps_facts facts = {.job = &job};
    ps_zone *zone = NULL;
    ps_error err = {.status = PS_OK};
    uint32_t seed = 5;
    (void)state;

    ps_job_init(&job);
    job.recipients = &table;
    job.recipients_count = 1;
    job.as_of = AS_OF;
    assert_ok(ps_zone_new("Asia/Tokyo", &zone, &err), &err);
    facts.zone = zone;
    for (unsigned run = 0; run < 200; run++) {
        ps_date_form form = forms[run % PS_COUNT_OF(forms)];
        table.dates[PS_COLUMN_LAST_CLICK] = form;
        fill(&batch, &seed, run);
        for (size_t slot = 0; slot < WIDTH; slot++)
            ps_survey_column_init(&want[slot]);
        for (size_t i = 0; i < batch.row_count; i++) {
            signed_up[i] = PS_DAY_NONE;
            if (rows[i].findings != 0) continue;
            read_plainly(&facts, form, values[i * WIDTH], &want[0]);
            read_plainly(&facts, PS_DATE_FORM_AUTO, values[i * WIDTH + 1], &want[1]);
            signed_up[i] = signup_of(&facts, values[i * WIDTH + 1]);
            want[2].has_false = want[2].has_false || ps_survey_is_against(values[i * WIDTH + 2]);
        }
        ps_survey_note(&facts, &batch, got, run % 4 == 0 ? NULL : signups);
        for (size_t slot = 0; slot < WIDTH; slot++)
            assert_same(&got[slot], &want[slot]);
        if (run % 4 != 0) assert_memory_equal(signups, signed_up, batch.row_count * sizeof *signups);
    }
    ps_zone_free(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_as_cell_by_cell)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
