// layer: base
#include "assert.h"

#include "base/hmac.h"
#include "base/memory.h"

// RFC 4231, test cases 1, 2, 6 and 7 (a key longer than a block, and a long text).
static const struct {
    const char *key;
    size_t key_repeat;
    const char *text, *hex;
} cases[] = {
    {"\x0b", 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", 1, "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"\xaa", 131, "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {"\xaa", 131,
     "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed "
     "before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static void hex_of(const unsigned char bytes[PS_HMAC_BYTES], char out[2 * PS_HMAC_BYTES + 1])
{
    for (size_t i = 0; i < PS_HMAC_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

// Twice with one key: what came before leaves nothing behind.
static void test_vectors(void **state)
{
    unsigned char bytes[PS_HMAC_BYTES];
    char key[256] = "", hex[2 * PS_HMAC_BYTES + 1];
    ps_hash hash;
    ps_error err;
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_hmac *hmac = NULL;
        size_t len = strlen(cases[i].key) * cases[i].key_repeat;
        for (size_t c = 0; c < len; c++)
            key[c] = cases[i].key[c % strlen(cases[i].key)];
        assert_ok(ps_hmac_new(key, len, &hmac, &err), &err);
        for (int again = 0; again < 2; again++) {
            assert_ok(ps_hmac_of(hmac, ps_span_of(cases[i].text), bytes, &err), &err);
            hex_of(bytes, hex);
            assert_string_equal(hex, cases[i].hex);
            assert_ok(ps_hmac_hash(hmac, ps_span_of("other"), &hash, &err), &err);
        }
        assert_ok(ps_hmac_hash(hmac, ps_span_of(cases[i].text), &hash, &err), &err);
        assert_memory_equal(&hash, bytes, sizeof hash);
        ps_hmac_free(hmac);
    }
    ps_hmac_free(NULL);
}

// Many at once say what each says by itself, wherever one stands that is too long for the short way.
static void test_many(void **state)
{
    enum { TEXTS = 37, BYTES = 200 };
    char bytes[TEXTS + BYTES];
    ps_hmac *hmac = NULL;
    ps_error err;
    (void)state;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 37 + 11);
    assert_ok(ps_hmac_new("key", 3, &hmac, &err), &err);
    for (size_t len = 0; len < BYTES; len++) {
        ps_span texts[TEXTS];
        ps_hash found[TEXTS + 1], expected;
        const size_t count = len % (TEXTS + 1);
        for (size_t i = 0; i < count; i++)
            texts[i] = (ps_span){bytes + i, (i + len) % 5 == 0 ? len : (i * 7 + len) % 56};
        memset(found, 0xA5, sizeof found);
        expected = found[count];
        assert_ok(ps_hmac_hashes(hmac, texts, count, found, &err), &err);
        assert_memory_equal(&found[count], &expected, sizeof expected);
        for (size_t i = 0; i < count; i++) {
            assert_ok(ps_hmac_hash(hmac, texts[i], &expected, &err), &err);
            assert_memory_equal(&found[i], &expected, sizeof expected);
        }
    }
    ps_hmac_free(hmac);
}

static void test_no_memory(void **state)
{
    ps_hmac *hmac = NULL;
    ps_error err;
    (void)state;

    ps_memory_fail_at(1, 0);
    assert_int_equal(ps_hmac_new("key", 3, &hmac, &err), PS_RETRY);
    ps_memory_fail_at(0, 0);
    assert_null(hmac);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors), cmocka_unit_test(test_many),
                                       cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
