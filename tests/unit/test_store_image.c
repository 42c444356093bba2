// layer: store
#include <sys/stat.h>
#include <unistd.h>

#include "assert.h"
#include "store/image.h"

// The load image: what comes out is what went in, and nothing that was changed since is taken.

#define IMAGE "image"

enum { PAIRS = 200000 }; // more than one chunk

static const ps_hash rules = {7, 9};
static char folder[] = "/tmp/presend-image-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : chdir(folder);
}

static int leave(void **state)
{
    (void)state;
    (void)unlink(IMAGE); // may not be there
    return chdir("/") == 0 ? rmdir(folder) : -1;
}

static ps_hash key_of(uint64_t number)
{
    return ps_hash_of((ps_span){(const char *)&number, sizeof number});
}

static void write_image(uint64_t pairs)
{
    ps_image image = {.fd = -1};
    ps_error err;
    uint32_t number = 0;

    assert_ok(ps_image_add_list(&image, &(ps_image_list){.id = 3, .count = pairs, .sum = {1, 2}}, &err), &err);
    for (uint64_t i = 0; i < pairs; i++) {
        const ps_image_fact fact = {
            .list = 3, .rows = 1, .date = (ps_day)(i % 5), .expires = PS_DAY_NONE, .class = PS_CLASS_UNSUBSCRIBE};
        assert_ok(ps_image_add_fact(&image, &fact, ps_span_of(i % 2 == 0 ? "" : "news"), &number, &err), &err);
        assert_int_equal(number, i % 10);
        assert_ok(ps_image_add_address(&image, key_of(i), number, &err), &err);
    }
    assert_ok(ps_image_add_domain(&image, ps_span_of("example.net"), true, 0, &err), &err);
    assert_ok(ps_image_write(&image, IMAGE, rules, &err), &err);
    ps_image_close(&image);
}

static bool opens(ps_hash wanted)
{
    ps_image image;
    bool fits = false;
    ps_error err;

    assert_ok(ps_image_open(IMAGE, wanted, &image, &fits, &err), &err);
    ps_image_close(&image);
    return fits;
}

static ps_status check_pairs(void *context, ps_suppression_pair *pairs, size_t count, ps_error *err)
{
    uint64_t *seen = context;
    (void)err;

    for (size_t i = 0; i < count; i++, (*seen)++) {
        ps_hash key = key_of(*seen);
        assert_int_equal(pairs[i].low, key.low);
        assert_int_equal(pairs[i].high, key.high >> 32);
        assert_int_equal(pairs[i].fact, *seen % 10);
    }
    return PS_OK;
}

static void test_whole(void **state)
{
    const ps_stored_list list = {.id = 3, .count = PAIRS, .sum = {1, 2}};
    ps_image image;
    struct stat info;
    bool fits = false;
    uint64_t seen = 0;
    ps_error err;
    (void)state;

    write_image(PAIRS);
    assert_int_equal(stat(IMAGE, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_ok(ps_image_open(IMAGE, rules, &image, &fits, &err), &err);
    assert_true(fits);
    assert_int_equal(image.fact_count, 10);
    assert_int_equal(image.facts[1].rows, PAIRS / 10);
    assert_span_equal(((ps_span){image.texts + image.facts[1].scope, image.facts[1].scope_len}), "news");
    assert_span_equal(((ps_span){image.texts + image.domains[0].name, image.domains[0].name_len}), "example.net");
    assert_ok(ps_image_pairs(&image, check_pairs, &seen, &err), &err);
    assert_int_equal(seen, PAIRS);
    assert_true(ps_image_fits(&image, &list));
    assert_false(ps_image_fits(&image, &(ps_stored_list){.id = 4, .count = PAIRS, .sum = {1, 2}}));
    assert_false(ps_image_fits(&image, &(ps_stored_list){.id = 3, .count = PAIRS - 1, .sum = {1, 2}}));
    assert_false(ps_image_fits(&image, &(ps_stored_list){.id = 3, .count = PAIRS, .sum = {1, 3}}));
    ps_image_close(&image);
    assert_false(opens((ps_hash){7, 8}));
}

// Any bit of it, and any cut.
static void test_damaged(void **state)
{
    (void)state;

    write_image(20);
    FILE *file = fopen(IMAGE, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    for (long at = 0; at < size; at++) {
        int bit = 1 << at % 8;
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        int byte = fgetc(file);
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_int_not_equal(fputc(byte ^ bit, file), EOF);
        assert_int_equal(fflush(file), 0);
        // Behind the end of the text in the header nothing is read.
        bool unread = at >= 72 + 33 && at < 72 + 40;
        if (opens(rules) && !unread) fail_msg("the bit %d of byte %ld is not missed", bit, at);
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_int_not_equal(fputc(byte, file), EOF);
        assert_int_equal(fflush(file), 0);
    }
    assert_true(opens(rules));
    for (long len = size - 1; len >= 0; len -= 7) {
        assert_int_equal(truncate(IMAGE, len), 0);
        assert_false(opens(rules));
    }
    fclose(file);
}

static void test_none(void **state)
{
    (void)state;
    (void)unlink(IMAGE);
    assert_false(opens(rules));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_none),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
