// Keys and passwords: where they may be, and that nothing shows them.
// layer: base
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assert.h"
#include "base/limits.h"
#include "base/secret.h"

#define KEY "canary-4f9a/+="

static const struct {
    const char *name, *reference, *value; // of the variable
    ps_status status;
    const char *text; // the secret, or a part of the message
} variables[] = {
    {"a key", "env:PS_TEST_KEY", KEY, PS_OK, KEY},
    {"one line end is not a part of it", "env:PS_TEST_KEY", KEY "\r\n", PS_OK, KEY},
    {"not set", "env:PS_TEST_NONE", NULL, PS_CONFIG, "no such environment variable"},
    {"empty", "env:PS_TEST_KEY", "", PS_CONFIG, "is empty"},
    {"only a line end", "env:PS_TEST_KEY", "\n", PS_CONFIG, "is empty"},
    {"a header after it", "env:PS_TEST_KEY", KEY "\r\nX-Evil: 1", PS_CONFIG, "line break"},
    {"a control character", "env:PS_TEST_KEY", KEY "\x1b", PS_CONFIG, "control character"},
    {"the key itself", KEY, NULL, PS_CONFIG, "must not stand in a job file"},
};

static void test_variables(void **state)
{
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(variables); i++) {
        ps_secret *secret = NULL;
        ps_error err = {.status = PS_OK};
        print_message("  %s\n", variables[i].name);
        if (variables[i].value != NULL) assert_int_equal(setenv("PS_TEST_KEY", variables[i].value, 1), 0);
        assert_int_equal(ps_secret_load(variables[i].reference, "key", &secret, &err), variables[i].status);
        if (variables[i].status == PS_OK) {
            assert_span_equal(ps_secret_expose(secret), variables[i].text);
        } else {
            assert_non_null(strstr(err.text, variables[i].text));
            assert_null(strstr(err.text, "canary"));
            assert_null(strstr(err.hint, "canary"));
        }
        ps_secret_free(secret);
    }
}

static void write_file(const char *path, const char *bytes, size_t len, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void test_files(void **state)
{
    static const struct {
        const char *name;
        mode_t mode;
        ps_status status;
        const char *text;
    } cases[] = {
        {"its owner's", 0600, PS_OK, KEY},
        {"read-only", 0400, PS_OK, KEY},
        {"its group may read it", 0640, PS_CONFIG, "by others"},
        {"others may read it", 0604, PS_CONFIG, "by others"},
        {"others may write it", 0602, PS_CONFIG, "by others"},
    };
    char path[] = "/tmp/test_secret.XXXXXX", reference[64];
    int fd = mkstemp(path);
    (void)state;

    assert_true(fd >= 0);
    close(fd);
    snprintf(reference, sizeof reference, "file:%s", path);
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_secret *secret = NULL;
        ps_error err = {.status = PS_OK};
        print_message("  %s\n", cases[i].name);
        write_file(path, KEY "\n", strlen(KEY) + 1, cases[i].mode);
        assert_int_equal(ps_secret_load(reference, "key", &secret, &err), cases[i].status);
        if (secret != NULL) assert_span_equal(ps_secret_expose(secret), KEY);
        if (secret == NULL) assert_non_null(strstr(err.text, cases[i].text));
        ps_secret_free(secret);
    }
    unlink(path);
}

static void test_files_that_are_none(void **state)
{
    ps_secret *secret = NULL;
    ps_error err;
    (void)state;

    assert_int_equal(ps_secret_load("file:/tmp", "key", &secret, &err), PS_CONFIG);
    assert_int_equal(ps_secret_load("file:/nowhere/key", "key", &secret, &err), PS_CONFIG);
    assert_int_equal(ps_secret_load("file:/dev/zero", "key", &secret, &err), PS_CONFIG);
    assert_null(secret);
}

static void test_length(void **state)
{
    static char bytes[PS_SECRET_BYTES_MAX + 2];
    ps_secret *secret = NULL;
    ps_error err;
    (void)state;

    memset(bytes, 'k', PS_SECRET_BYTES_MAX);
    assert_int_equal(setenv("PS_TEST_KEY", bytes, 1), 0);
    assert_ok(ps_secret_load("env:PS_TEST_KEY", "key", &secret, &err), &err);
    assert_int_equal(ps_secret_expose(secret).len, PS_SECRET_BYTES_MAX);
    ps_secret_free(secret);
    bytes[PS_SECRET_BYTES_MAX] = 'k';
    assert_int_equal(setenv("PS_TEST_KEY", bytes, 1), 0);
    assert_int_equal(ps_secret_load("env:PS_TEST_KEY", "key", &secret, &err), PS_CONFIG);
}

static void test_found_in_a_reply(void **state)
{
    static const struct {
        const char *text;
        bool found;
    } cases[] = {
        {"", false},
        {"nothing here", false},
        {"key " KEY " is not valid", true},
        {"?api_key=canary-4f9a%2F%2B%3D&p=0", true},
        {"canary-4f9a%2f%2b%3d", true},
        {"canary-4f9a%2F%2B%3", false},
        {"canary-4f9a/+", false},
    };
    ps_secret *secret = NULL;
    ps_error err;
    (void)state;

    assert_ok(ps_secret_of(ps_span_of(KEY), &secret, &err), &err);
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++)
        assert_int_equal(ps_secret_is_in(secret, ps_span_of(cases[i].text)), cases[i].found);
    ps_secret_free(secret);
    ps_secret_free(NULL);
}

// The example of RFC 7617 section 2.
static void test_basic(void **state)
{
    ps_secret *password = NULL, *header = NULL;
    ps_error err;
    (void)state;

    assert_ok(ps_secret_of(ps_span_of("open sesame"), &password, &err), &err);
    assert_ok(ps_secret_basic(ps_span_of("Aladdin"), password, &header, &err), &err);
    assert_span_equal(ps_secret_expose(header), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    ps_secret_free(header);
    ps_secret_free(password);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variables),           cmocka_unit_test(test_files),
        cmocka_unit_test(test_files_that_are_none), cmocka_unit_test(test_length),
        cmocka_unit_test(test_found_in_a_reply),    cmocka_unit_test(test_basic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
