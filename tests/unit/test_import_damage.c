// Files that were cut or changed anywhere: refused or read, never a crash, and no cut JSON list passes.
// layer: esp
#include <dirent.h>

#include "base/file.h"
#include "unit/import_file.h"

enum { STRIDE = 5 }; // of the bytes that are changed: enough to meet each kind of place

static void load(const char *path, ps_buf *out)
{
    ps_error err;

    ps_buf_init(out, 1 << 20);
    assert_ok(ps_file_load(path, PS_MISSING, out, &err), &err);
}

// One set takes all that is made of a file: a fresh one for each costs more than reading it.
static ps_status import_bytes(import_test *test, ps_span bytes, const char *name)
{
    ps_source_config config = import_config(import_write(test, bytes, name));
    ps_status status = import_more(test, &config);

    if (status != PS_OK) assert_int_equal(status, PS_SOURCE);
    return status;
}

// Of one file: every place to cut it at, and changed bytes.
static void damage(import_test *test, const char *path, const char *name)
{
    static const char changes[] = {'\0', '"', '{', '\n', ',', '\\', '\xFF', '@'};
    ps_buf whole;
    unsigned accepted = 0;

    load(path, &whole);
    import_renew(test);
    for (size_t len = 0; len < whole.len; len++) {
        if (import_bytes(test, (ps_span){whole.bytes, len}, name) == PS_OK) accepted++;
    }
    for (size_t at = 0; at < whole.len; at += STRIDE) {
        char kept = whole.bytes[at];
        whole.bytes[at] = changes[at / STRIDE % sizeof changes];
        (void)import_bytes(test, ps_buf_span(&whole), name); // either way is right
        whole.bytes[at] = kept;
    }
    print_message("  %s: %u of %zu cuts go unseen\n", name, accepted, whole.len);
    ps_buf_done(&whole);
}

// The folder also holds programs, and descriptions of APIs.
static bool is_list(const char *name)
{
    static const char *const ends[] = {".csv", ".json", ".jsonl", ".txt"};
    const char *end = strrchr(name, '.');

    for (size_t i = 0; end != NULL && end != name && i < PS_COUNT_OF(ends); i++) {
        if (strcmp(end, ends[i]) == 0) return strcmp(name, "CMakeLists.txt") != 0;
    }
    return false;
}

static void test_damage(void **state)
{
    import_test *test = *state;
    DIR *folder = opendir(PS_TEST_FOLDER "/esp");
    unsigned files = 0;

    assert_non_null(folder);
    for (struct dirent *file = readdir(folder); file != NULL; file = readdir(folder)) {
        char path[512], name[300];
        if (!is_list(file->d_name)) continue;
        snprintf(path, sizeof path, PS_TEST_FOLDER "/esp/%s", file->d_name);
        snprintf(name, sizeof name, "_%s", file->d_name);
        damage(test, path, name);
        files++;
    }
    assert_int_equal(closedir(folder), 0);
    assert_true(files >= 25);
}

// One document, or several that only the last one ends: no cut of it is a list. (Lines of their own cannot be told from
// a shorter file.)
static void test_cut_json(void **state)
{
    static const char *const files[] = {
        "mailgun_bounces.json", "mailgun_complaints.json", "mailgun_unsubscribes.json", "mailgun_old.json",
        "ses_cli_v1.json",      "ses_cli_v2.json",         "sendgrid_groups.json",      "dynamodb_scan.json",
        "generic.json",         "events/sendgrid.json",    "events/ses_sqs.json",
    };
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(files); i++) {
        char path[512];
        ps_buf whole;
        snprintf(path, sizeof path, PS_TEST_FOLDER "/esp/%s", files[i]);
        load(path, &whole);
        import_renew(test);
        print_message("  %s\n", files[i]);
        for (size_t len = 0; len + 1 < whole.len; len++) { // without its last line end it is whole
            assert_int_equal(import_bytes(test, (ps_span){whole.bytes, len}, ".json"), PS_SOURCE);
        }
        ps_buf_done(&whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_damage), cmocka_unit_test(test_cut_json)};

    return cmocka_run_group_tests(tests, import_setup, import_teardown);
}
