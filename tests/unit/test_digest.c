// layer: base
#include "assert.h"

#include "base/digest.h"
#include "base/memory.h"

// FIPS 180-2 appendix B, and the empty text.
static const struct {
    const char *text, *hex;
} cases[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void test_at_once(void **state)
{
    char hex[65];
    ps_error err;
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        assert_ok(ps_sha256_of(ps_span_of(cases[i].text), hex, &err), &err);
        assert_string_equal(hex, cases[i].hex);
    }
    assert_ok(ps_sha256_of((ps_span){NULL, 0}, hex, &err), &err);
    assert_string_equal(hex, cases[0].hex);
}

// Asked after each piece, the digest is that of all pieces so far.
static void test_stream(void **state)
{
    ps_sha256 *digest = NULL;
    ps_error err;
    char text[200], hex[65], expected[65];
    (void)state;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)i;
    assert_ok(ps_sha256_new(&digest, &err), &err);
    for (size_t i = 0; i < sizeof text; i++) {
        ps_sha256_add(digest, (ps_span){text + i, 1});
        ps_sha256_hex(digest, hex);
        assert_ok(ps_sha256_of((ps_span){text, i + 1}, expected, &err), &err);
        assert_string_equal(hex, expected);
    }
    ps_sha256_free(digest);
    ps_sha256_free(NULL);
}

static void test_no_memory(void **state)
{
    ps_error err = {.status = PS_OK};
    char hex[65] = "untouched";
    (void)state;

    ps_memory_fail_at(1, 0);
    ps_status status = ps_sha256_of(ps_span_of("abc"), hex, &err);
    ps_memory_fail_at(0, 0);
    assert_int_equal(status, PS_RETRY);
    assert_string_equal(hex, "untouched");
}

// RFC 1321 appendix A.5, FIPS 180-2 appendix A to C, RFC 4231 test case 2.
static const struct {
    ps_digest_kind kind;
    const char *key, *text, *hex;
} short_cases[] = {
    {PS_DIGEST_MD5, NULL, "abc", "900150983cd24fb0d6963f7d28e17f72"},
    {PS_DIGEST_SHA1, NULL, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {PS_DIGEST_SHA256, NULL, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {PS_DIGEST_SHA512, NULL, "abc",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {PS_DIGEST_HMAC_SHA256, "Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
};

static void test_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(short_cases); i++) {
        ps_secret *key = NULL;
        ps_digester *digester = NULL;
        unsigned char digest[PS_DIGEST_BYTES_MAX];
        char hex[2 * PS_DIGEST_BYTES_MAX + 1] = "";
        ps_error err;
        const char *text = short_cases[i].key;

        if (text != NULL) assert_ok(ps_secret_of(ps_span_of(text), &key, &err), &err);
        assert_ok(ps_digester_new(short_cases[i].kind, key, &digester, &err), &err);
        for (int round = 0; round < 2; round++) { // each begins anew
            ps_digester_of(digester, ps_span_of(short_cases[i].text), digest);
            for (size_t b = 0; b < ps_digest_bytes(short_cases[i].kind); b++)
                snprintf(hex + 2 * b, 3, "%02x", digest[b]);
            assert_string_equal(hex, short_cases[i].hex);
        }
        ps_digester_free(digester);
        ps_secret_free(key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short),
        cmocka_unit_test(test_at_once),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
