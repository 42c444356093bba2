#ifndef PS_TEST_IMPORT_FILE_H
#define PS_TEST_IMPORT_FILE_H

// A suppression file through the importer, with the address rules, set and zone of a job in Japan.

#include <stdio.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/memory.h"
#include "esp/import.h"
#include "unit/assert.h"

typedef struct import_test {
    ps_address_rules *rules;
    ps_zone *zone;
    ps_suppression *set;
    char path[400]; // of the latest file written
    ps_run_source out;
    ps_error err;
} import_test;

static inline int import_setup(void **state)
{
    const ps_address_options options = {.special_use_all = true}; // the people of the samples live at example.com
    import_test *test = calloc(1, sizeof *test);

    assert_non_null(test);
    assert_ok(ps_address_rules_new(&options, &test->rules, &test->err), &test->err);
    assert_ok(ps_zone_new("+09:00", &test->zone, &test->err), &test->err);
    *state = test;
    return 0;
}

static inline int import_teardown(void **state)
{
    import_test *test = *state;

    if (test->path[0] != '\0') unlink(test->path);
    ps_suppression_free(test->set);
    ps_zone_free(test->zone);
    ps_address_rules_free(test->rules);
    free(test);
    return 0;
}

// A file that is removed by the next one or at the end. `name` is what follows the random part of its name.
static inline const char *import_write(import_test *test, ps_span content, const char *name)
{
    if (test->path[0] != '\0') unlink(test->path);
    snprintf(test->path, sizeof test->path, "/tmp/presend-test-XXXXXX%s", name);
    int fd = mkstemps(test->path, (int)strlen(name));
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content.bytes, content.len), (ssize_t)content.len);
    assert_int_equal(close(fd), 0);
    return test->path;
}

// Whatever form it has, the digest that was said is that of all bytes of the file.
static inline void import_check_digest(const char *path, const char *said)
{
    enum { BYTES_MAX = 8 << 20 };
    ps_error err;
    char sha256[65], *bytes = malloc(BYTES_MAX);
    FILE *file = fopen(path, "r");

    assert_non_null(bytes);
    assert_non_null(file);
    size_t len = fread(bytes, 1, BYTES_MAX, file);
    assert_true(len < BYTES_MAX);
    assert_int_equal(fclose(file), 0);
    assert_ok(ps_sha256_of((ps_span){bytes, len}, sha256, &err), &err);
    assert_string_equal(said, sha256);
    free(bytes);
}

// Into the set as it is.
static inline ps_status import_more(import_test *test, const ps_source_config *config)
{
    test->err = (ps_error){.status = PS_OK};
    ps_import import = {.config = config, .rules = test->rules, .zone = test->zone, .set = test->set};

    ps_status status = ps_import_entries(&import, &test->out, &test->err);
    if (status != PS_OK) return status;
    ps_memory_fail_at(0, 0); // of the import alone
    import_check_digest(config->file, test->out.sha256);
    return status;
}

static inline void import_renew(import_test *test)
{
    ps_suppression_free(test->set);
    test->set = NULL;
    assert_ok(ps_suppression_new(&test->set, &test->err), &test->err);
}

// Into a fresh set.
static inline ps_status import_run(import_test *test, const ps_source_config *config)
{
    import_renew(test);
    return import_more(test, config);
}

static inline ps_source_config import_config(const char *file)
{
    return (ps_source_config){.name = "source", .file = file, .default_class = PS_CLASS_MANUAL};
}

static inline const ps_suppressed *import_find(const import_test *test, const char *key)
{
    return ps_suppression_address(test->set, ps_hash_of(ps_span_of(key)));
}

static inline uint64_t import_total(const import_test *test)
{
    return test->out.addresses + test->out.domains;
}

#endif
