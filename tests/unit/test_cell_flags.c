// Columns of words: what a block of cells says is what each cell says that nothing was read before.
// layer: stage

#include <stdlib.h>

#include "assert.h"
#include "stage/cell_flags.h"

enum { ROUNDS = 3000, COUNT = 64, STRIDE = 3 };

// Of all lengths that are compared in different ways, and such as differ in one byte.
static const char *const words[] = {
    "",
    "1",
    "0",
    "y",
    "n",
    "no",
    "ny",
    "yes",
    "yez",
    "nes",
    "true",
    "trua",
    "false",
    "falsy",
    "b2b",
    "b2c",
    "active",
    "Active ",
    "bounced",
    "bouncec",
    "bounced1",
    "bounced2",
    "2bounced",
    "pending",
    "cancelled",
    "complain",
    "2024-01-01",
    "2024-01-02",
    "はい",
    "いいえ",
    "受信拒否",
    "配信停止",
    "法人",
    "個人",
    "unsubscribed1234",
    "NULL",
    "-",
    "0000-00-00",
    "なし",
    "停止",
    "退会",
    "unsubscribed12345",
    // One byte differs, which lies between the first eight and the last; and words that are as long as is remembered.
    "配信停止済み",
    "配信偁止済み",
    "本人の申し出により配信停止中です",
    "本人の申し出により配信停止中でず",
    "本人の申し出により配信を停止しています",
};

static const ps_column columns[] = {
    PS_COLUMN_OPTIN,      PS_COLUMN_OPTOUT,    PS_COLUMN_OPTOUT_AT, PS_COLUMN_BOUNCED,
    PS_COLUMN_COMPLAINED, PS_COLUMN_PROTECTED, PS_COLUMN_SEGMENT,   PS_COLUMN_STATUS,
};

static uint32_t random_of(uint32_t *state, size_t below)
{
    *state = *state * 1664525 + 1013904223;
    return (*state >> 16) % (uint32_t)below;
}

// In memory of its own size where a sanitizer sees a byte read beyond it.
static ps_span cell_of(const char *text)
{
    char *bytes = malloc(strlen(text) + 1);

    assert_non_null(bytes);
    char *end = bytes + 1 + strlen(text); // ends where the memory does
    memcpy(end - strlen(text), text, strlen(text));
    return (ps_span){end - strlen(text), strlen(text)};
}

static uint32_t alone(const ps_facts *facts, ps_column column, ps_span cell)
{
    ps_cell_flags fresh;
    uint32_t flags = 0;

    assert_true(ps_cell_flags_init(&fresh, facts, column));
    ps_cell_flags_read(&fresh, &cell, 1, 1, &flags);
    return flags;
}

// Few words a round, as a column has them, and then others.
static void check_column(const ps_facts *facts, ps_column column, const ps_span *cells, const uint32_t *expected)
{
    ps_span block[COUNT * STRIDE] = {{NULL, 0}};
    uint32_t random = 1, flags[COUNT];
    size_t which[COUNT];
    ps_cell_flags known;

    assert_true(ps_cell_flags_init(&known, facts, column));
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = random_of(&random, COUNT + 1), first = random_of(&random, PS_COUNT_OF(words));
        for (size_t i = 0; i < count; i++) {
            which[i] = (first + random_of(&random, 1 + random_of(&random, 8))) % PS_COUNT_OF(words);
            block[i * STRIDE] = cells[which[i]];
            flags[i] = PS_FLAG_BAD_DATE; // which another column said
        }
        ps_cell_flags_read(&known, block, STRIDE, count, flags);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(flags[i], expected[which[i]] | PS_FLAG_BAD_DATE);
    }
}

static void test_blocks(void **state)
{
    ps_error err = {.status = PS_OK};
    ps_span cells[PS_COUNT_OF(words)];
    uint32_t expected[PS_COUNT_OF(words)];
    ps_zone *zone;

    (void)state; // none
    assert_ok(ps_zone_new("Asia/Tokyo", &zone, &err), &err);
    const ps_facts facts = {.zone = zone};
    for (size_t i = 0; i < PS_COUNT_OF(words); i++)
        cells[i] = cell_of(words[i]);
    for (size_t column = 0; column < PS_COUNT_OF(columns); column++) {
        for (size_t i = 0; i < PS_COUNT_OF(words); i++)
            expected[i] = alone(&facts, columns[column], cells[i]);
        check_column(&facts, columns[column], cells, expected);
    }
    for (size_t i = 0; i < PS_COUNT_OF(words); i++)
        free((void *)(uintptr_t)(cells[i].bytes - 1));
    ps_zone_free(zone);
}

static void test_words(void **state)
{
    static const struct {
        ps_column column;
        const char *cell;
        uint32_t flags;
    } cases[] = {
        {PS_COLUMN_OPTIN, "yes", 0},
        {PS_COLUMN_OPTIN, "no", PS_FLAG_OPTOUT},
        {PS_COLUMN_OPTIN, "", PS_FLAG_OPTIN_BLANK},
        {PS_COLUMN_OPTIN, "perhaps", PS_FLAG_OPTIN_UNKNOWN},
        {PS_COLUMN_OPTOUT, "", 0},
        {PS_COLUMN_OPTOUT, "2024-01-01", PS_FLAG_OPTOUT},
        {PS_COLUMN_OPTOUT, "0000-00-00", 0},
        {PS_COLUMN_OPTOUT, "受信しない", PS_FLAG_OPTOUT},
        {PS_COLUMN_SEGMENT, "法人", PS_FLAG_SEGMENT_B2B},
        {PS_COLUMN_PROTECTED, "no", PS_FLAG_UNPROTECTED},
    };
    ps_error err = {.status = PS_OK};
    ps_zone *zone;

    (void)state; // none
    assert_ok(ps_zone_new("Asia/Tokyo", &zone, &err), &err);
    const ps_facts facts = {.zone = zone};
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].cell);
        assert_int_equal(alone(&facts, cases[i].column, ps_span_of(cases[i].cell)), cases[i].flags);
    }
    ps_zone_free(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words), cmocka_unit_test(test_blocks)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
