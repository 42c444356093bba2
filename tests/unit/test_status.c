// layer: base
#include "assert.h"

#include "base/text.h"

// The exit codes and words are a promise to scripts: this list is it.
static const struct {
    ps_status status;
    int exit_code;
    const char *word;
} statuses[] = {
    {PS_OK, 0, "ok"},
    {PS_USAGE, 64, "usage"},
    {PS_INPUT, 65, "input"},
    {PS_MISSING, 66, "missing"},
    {PS_SOURCE, 69, "source"},
    {PS_BUG, 70, "bug"},
    {PS_CREATE, 73, "create"},
    {PS_IO, 74, "io"},
    {PS_RETRY, 75, "retry"},
    {PS_GUARD, 76, "guard"},
    {PS_CREDENTIALS, 77, "credentials"},
    {PS_CONFIG, 78, "config"},
    {PS_INTERRUPTED, 130, "interrupted"},
    {PS_TERMINATED, 143, "terminated"},
};

static void test_table(void **state)
{
    (void)state;
    assert_int_equal(PS_COUNT_OF(statuses), PS_STATUS_COUNT);
    for (size_t i = 0; i < PS_COUNT_OF(statuses); i++) {
        assert_int_equal(ps_status_exit_code(statuses[i].status), statuses[i].exit_code);
        assert_string_equal(ps_status_word(statuses[i].status), statuses[i].word);
        assert_true(strlen(ps_status_meaning(statuses[i].status)) > 10);
    }
}

static void test_error(void **state)
{
    ps_error err = {.status = PS_OK};
    (void)state;

    assert_int_equal(ps_error_set(&err, PS_INPUT, "Row %d is %s.", 3, "bad"), PS_INPUT);
    ps_error_hint(&err, "Add `%s`.", "header: none");
    ps_error_where(&err, "%s:%d:%d", "job.yaml", 3, 7);
    assert_int_equal(err.status, PS_INPUT);
    assert_string_equal(err.text, "Row 3 is bad.");
    assert_string_equal(err.hint, "Add `header: none`.");
    assert_string_equal(err.where, "job.yaml:3:7");

    // An error may be told within another.
    assert_int_equal(ps_error_set(&err, PS_SOURCE, "The list is refused: %s", err.text), PS_SOURCE);
    assert_string_equal(err.text, "The list is refused: Row 3 is bad.");
    assert_string_equal(err.hint, "");
    assert_string_equal(err.where, "");

    assert_int_equal(ps_error_set(NULL, PS_IO, "nobody asks"), PS_IO);
    ps_error_hint(NULL, "nobody asks");
    ps_error_where(NULL, "nobody asks");
}

static void test_long_text(void **state)
{
    ps_error err = {.status = PS_OK};
    char text[3 * PS_ERROR_TEXT_MAX + 2];
    (void)state;

    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "\u3042", 4);
        ps_error_set(&err, PS_INPUT, "%s", text);
        ps_error_hint(&err, "%s", text);
        ps_error_where(&err, "%s", text);
        const char *const cut[] = {err.text, err.hint, err.where};
        const size_t sizes[] = {sizeof err.text, sizeof err.hint, sizeof err.where};
        for (size_t i = 0; i < PS_COUNT_OF(cut); i++) {
            size_t len = strlen(cut[i]);
            assert_true(len < sizes[i] && len + 3 >= sizes[i] - 1);
            assert_string_equal(cut[i] + len - 3, "...");
            assert_true(ps_utf8_valid(ps_span_of(cut[i])));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_error),
        cmocka_unit_test(test_long_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
