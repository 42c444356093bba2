// libcsv with the places of cells in the input.
// layer: table
#include "assert.h"

#include "table/csv.h"

typedef struct taken_cells {
    char text[512]; // cells as [value], ' behind a copied one, records as {line}
    size_t cells_before_stop;
} taken_cells;

static void add(taken_cells *taken, const char *begin, ps_span text, const char *end)
{
    size_t len = strlen(taken->text);
    snprintf(taken->text + len, sizeof taken->text - len, "%s%.*s%s", begin, (int)text.len,
             text.len == 0 ? "" : text.bytes, end);
}

static ps_status take_cell(void *context, const ps_csv_cell *cell, ps_error *err)
{
    taken_cells *taken = context;
    if (taken->cells_before_stop-- == 0) return ps_error_set(err, PS_INPUT, "Enough.");
    add(taken, "[", cell->value, cell->borrowed ? "]" : "']");
    return PS_OK;
}

static ps_status take_record(void *context, const ps_csv_record *record, ps_error *err)
{
    (void)err;
    char line[64];
    snprintf(line, sizeof line, "{%llu:%zu-%zu-%zu}", (unsigned long long)record->line, record->start, record->body_end,
             record->end);
    add(context, line, (ps_span){NULL, 0}, "");
    return PS_OK;
}

static const struct {
    const char *text, *taken;
} cases[] = {
    {"", ""},
    {"\r\n\n", ""},
    {"a,b\n", "[a][b]{0:0-3-4}"},
    {"a\r\nb", "[a]{0:0-1-3}[b]{1:3-4-4}"},
    {"\n\ra\r\r\nb\n", "[a]{2:2-3-4}[b]{4:6-7-8}"},
    {"\"a\",\"b\"\"c\"\n", "[a][b\"c']{0:0-10-11}"},
    {"\"\"\n", "[]{0:0-2-3}"},
    {"\"\"\"\"", "[\"']{0:0-4-4}"},
    {"\"a\"b\"\n", "[a\"b]{0:0-5-6}"},
    {"a\"b\n", "[a\"b]{0:0-3-4}"},
    {"a\\,b\n", "[a\\][b]{0:0-4-5}"},
    {",\n", "[][]{0:0-1-2}"},
    {"a,", "[a][]{0:0-2-2}"},
};

static void test_cells(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        taken_cells taken = {.cells_before_stop = SIZE_MAX};
        ps_csv_sink sink = {take_cell, take_record, &taken};
        ps_error err;
        assert_ok(ps_csv_parse(ps_span_of(cases[i].text), ',', &sink, &err), &err);
        assert_string_equal(taken.text, cases[i].taken);
    }
}

static void test_sink_stops(void **state)
{
    (void)state;
    taken_cells taken = {.cells_before_stop = 3};
    ps_csv_sink sink = {take_cell, take_record, &taken};
    ps_error err;
    assert_int_equal(ps_csv_parse(ps_span_of("a,b\nc,d\ne,f\n"), ',', &sink, &err), PS_INPUT);
    assert_string_equal(taken.text, "[a][b]{0:0-3-4}[c]");
    taken.cells_before_stop = 0;
    assert_int_equal(ps_csv_parse(ps_span_of("a"), ',', &sink, &err), PS_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_sink_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
