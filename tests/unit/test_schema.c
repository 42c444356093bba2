// The job schema says what the program's own tables say.
// layer: cmd
#include <jansson.h>

#include "assert.h"
#include "facts/engagement.h"
#include "facts/policy.h"
#include "mail/charset.h"
#include "presend/column.h"

#define SCHEMA PS_TEST_FOLDER "/../schemas/job.schema.json"

static int load(void **state)
{
    json_error_t error;

    *state = json_load_file(SCHEMA, JSON_REJECT_DUPLICATES, &error);
    return *state == NULL ? -1 : 0;
}

static int unload(void **state)
{
    json_decref(*state);
    return 0;
}

// A word of a rule, or of the definition that it names.
static json_t *word(const json_t *root, const json_t *rule, const char *name)
{
    json_t *value = json_object_get(rule, name);
    const char *ref = json_string_value(json_object_get(rule, "$ref"));

    if (value != NULL || ref == NULL) return value;
    return json_object_get(json_object_get(json_object_get(root, "$defs"), strrchr(ref, '/') + 1), name);
}

// The rule at a dotted path of the job file.
static json_t *rule_at(json_t *root, const char *path)
{
    json_t *rule = root;

    while (*path != '\0') {
        char part[64];
        size_t len = strcspn(path, ".");
        snprintf(part, sizeof part, "%.*s", (int)len, path);
        rule = json_object_get(word(root, rule, "properties"), part);
        path += len + (path[len] == '.');
    }
    return rule;
}

static json_t *items_of(json_t *root, const char *name)
{
    return word(root, rule_at(root, name), "items");
}

static bool lists(const json_t *values, const char *value)
{
    for (size_t i = 0; i < json_array_size(values); i++) {
        if (strcmp(json_string_value(json_array_get(values, i)), value) == 0) return true;
    }
    return false;
}

static void test_policies(void **state)
{
    size_t count;
    const ps_policy_key *keys = ps_policy_keys(&count);

    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        const json_t *rule = rule_at(*state, keys[i].path);
        print_message("  %s\n", keys[i].path);
        assert_non_null(rule);
        const char *initial = json_string_value(json_object_get(rule, "default"));
        assert_non_null(initial);
        assert_true(lists(word(*state, rule, "enum"), initial));
        for (size_t r = 0; r < keys[i].reason_count; r++)
            assert_string_equal(initial, ps_effect_word(ps_reason_get(keys[i].reasons[r])->effect));
    }
}

static void test_columns(void **state)
{
    const json_t *columns = rule_at(items_of(*state, "recipients"), "columns");
    const json_t *properties = json_object_get(columns, "properties");

    assert_int_equal(json_object_size(properties), PS_COLUMN_COUNT);
    for (unsigned i = 0; i < PS_COLUMN_COUNT; i++)
        assert_non_null(json_object_get(properties, ps_column_name((ps_column)i)));
}

static void test_date_columns(void **state)
{
    const json_t *dates = json_object_get(rule_at(items_of(*state, "recipients"), "dates"), "properties");
    const json_t *since = json_object_get(rule_at(*state, "engagement.observed_since"), "properties");

    for (unsigned i = 0; i < PS_COLUMN_COUNT; i++) {
        const char *name = ps_column_name((ps_column)i);
        bool is_date = ps_column_kind_of((ps_column)i) == PS_COLUMN_KIND_DATE || i == PS_COLUMN_OPTOUT_AT;
        assert_int_equal(json_object_get(dates, name) != NULL, is_date);
        if (ps_signal_of((ps_column)i) != PS_SIGNAL_COUNT) assert_non_null(json_object_get(since, name));
    }
}

static void test_profiles(void **state)
{
    size_t count;
    const char *const *names = ps_engagement_profiles(&count);
    const json_t *rule = rule_at(*state, "engagement.profile");

    assert_int_equal(json_array_size(json_object_get(rule, "enum")), count);
    for (size_t i = 0; i < count; i++)
        assert_true(lists(json_object_get(rule, "enum"), names[i]));
    assert_string_equal(json_string_value(json_object_get(rule, "default")), names[0]);
}

static void test_encodings(void **state)
{
    const json_t *values = json_object_get(json_object_get(json_object_get(*state, "$defs"), "encoding"), "enum");

    assert_true(json_array_size(values) > 0);
    for (size_t i = 0; i < json_array_size(values); i++) {
        ps_encoding encoding;
        assert_true(ps_charset_find(ps_span_of(json_string_value(json_array_get(values, i))), &encoding));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policies), cmocka_unit_test(test_columns),   cmocka_unit_test(test_date_columns),
        cmocka_unit_test(test_profiles), cmocka_unit_test(test_encodings),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
