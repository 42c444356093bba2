// Hashed lists: what is taken for a digest, and what leaves a doubt.
// layer: esp
#include <sys/stat.h>

#include "unit/import_file.h"

// Of user@example.com.
#define MD5 "b58996c504c5638798eb6b511e6f49af"
#define SHA1 "63a710569261a24b3766275b7000ce8d7b32e2f7"
#define SHA256 "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514"
#define UPPER_MD5 "B58996C504C5638798EB6B511E6F49AF"
#define OTHER_MD5 "0ee726de91387e1c29a91799f82e4fc3" // of o'brien+tag@example.com
#define BASE64_MD5 "tYmWxQTFY3mOtrtRHm9Jrw=="

static const struct {
    const char *name, *content;
    ps_digest_kind hash;
    const char *column;
    const char *format; // NULL: refused
    const char *says; // of a refusal; of what is read: the list's class word
    uint64_t entries;
} cases[] = {
    {"plain", MD5 "\n" OTHER_MD5 "\n", PS_DIGEST_MD5, NULL, "plain list of MD5 digests", "manual", 2},
    {"upper case, quotes, blanks, CRLF", "\"" UPPER_MD5 "\"\r\n  '" OTHER_MD5 "' \r\n", PS_DIGEST_MD5, NULL,
     "plain list of MD5 digests", "manual", 2},
    {"comments and blank lines", "# list\n\n" SHA1 "\n", PS_DIGEST_SHA1, NULL, "plain list of SHA-1 digests", "manual",
     1},
    {"no line end", MD5, PS_DIGEST_MD5, NULL, "plain list of MD5 digests", "manual", 1},
    {"twice, in both cases", MD5 "\n" UPPER_MD5 "\n", PS_DIGEST_MD5, NULL, "plain list of MD5 digests", "manual", 1},
    {"header", "email_sha256\n" SHA256 "\n", PS_DIGEST_SHA256, NULL, "csv with SHA-256 digests", "manual", 1},
    {"second column", MD5 ",spam\n" OTHER_MD5 ",spam\n", PS_DIGEST_MD5, NULL, "csv with MD5 digests", "manual", 2},
    {"header and class", "reason,md5\ncomplaint," MD5 "\n", PS_DIGEST_MD5, NULL, "csv with MD5 digests", "complaint",
     1},
    {"two kinds of digests", "md5,sha1\n" MD5 "," SHA1 "\n", PS_DIGEST_SHA1, NULL, "csv with SHA-1 digests", "manual",
     1},
    {"declared column", "id,md5\n" OTHER_MD5 "," MD5 "\n", PS_DIGEST_MD5, "md5", "csv with MD5 digests", "manual", 1},

    {"another kind", SHA1 "\n", PS_DIGEST_MD5, NULL, NULL, "line 1 holds no MD5 digest, which is 32", 0},
    {"a digest too short", MD5 "\n0ee726de91387e1c29a91799f82e4fc\n", PS_DIGEST_MD5, NULL, NULL, "line 2 holds no", 0},
    {"the first too short", "0ee726de91387e1c29a91799f82e4fc\n" MD5 "\n", PS_DIGEST_MD5, NULL, NULL, "line 1 holds no",
     0},
    {"a letter that is no digit", MD5 "\n0ee726de91387e1c29a91799f82e4fcg\n", PS_DIGEST_MD5, NULL, NULL, "line 2", 0},
    {"an address among digests", MD5 "\nuser@example.com\n", PS_DIGEST_MD5, NULL, NULL, "line 2 holds no", 0},
    {"addresses", "user@example.com\n" MD5 "\n", PS_DIGEST_MD5, NULL, NULL, "line 1 holds no", 0},
    {"base64", BASE64_MD5 "\n", PS_DIGEST_MD5, NULL, NULL, "hexadecimal digits", 0},
    {"cut in the last line",
     MD5 "\n"
         "0ee726de",
     PS_DIGEST_MD5, NULL, NULL, "line 2 holds no", 0},
    {"an empty cell",
     "md5,reason\n" MD5 ",spam\n,spam\n" OTHER_MD5 ",x\n" MD5 ",x\n" MD5 ",x\n" MD5 ",x\n" MD5 ",x\n" MD5 ",x\n" MD5
     ",x\n" MD5 ",x\n" MD5 ",x\n",
     PS_DIGEST_MD5, NULL, NULL, "line 3 holds no", 0},
    {"a row of another width", "md5,reason\n" MD5 ",spam\n" OTHER_MD5 ",a,b\n", PS_DIGEST_MD5, NULL, NULL, "line 3", 0},
    {"two columns that could be it", "id,md5\n" OTHER_MD5 "," MD5 "\n", PS_DIGEST_MD5, NULL, NULL,
     "several of its columns", 0},
    {"no column that could be it", "id,sha1\n1," SHA1 "\n", PS_DIGEST_MD5, NULL, NULL, "no column with a digest", 0},
    {"empty", "", PS_DIGEST_MD5, NULL, NULL, "no entry", 0},
    {"header only", "md5\n", PS_DIGEST_MD5, NULL, NULL, "no entry", 0},
    {"json", "[\"" MD5 "\"]", PS_DIGEST_MD5, NULL, NULL, "it is JSON", 0},
    {"html", "<!DOCTYPE html><html>", PS_DIGEST_MD5, NULL, NULL, "web page", 0},
};

static uint64_t total(const ps_run_source *out)
{
    uint64_t count = 0;

    for (size_t i = 0; i < PS_CLASS_COUNT; i++)
        count += out->entries[i];
    return count;
}

static void test_cases(void **state)
{
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].name);
        ps_source_config config = import_config(import_write(test, ps_span_of(cases[i].content), ""));
        config.hash = cases[i].hash;
        config.column = cases[i].column;
        ps_status status = import_run(test, &config);
        if (cases[i].format == NULL) {
            assert_int_equal(status, PS_SOURCE);
            assert_non_null(strstr(test->err.text, cases[i].says));
            assert_null(strstr(test->err.text, MD5)); // who is on a list is nobody's business
            continue;
        }
        assert_ok(status, &test->err);
        assert_string_equal(test->out.format, cases[i].format);
        assert_int_equal(total(&test->out), cases[i].entries);
        ps_class class = strcmp(cases[i].says, "complaint") == 0 ? PS_CLASS_COMPLAINT : PS_CLASS_MANUAL;
        if (cases[i].column == NULL && strstr(cases[i].content, ",spam") == NULL)
            assert_int_equal(test->out.entries[class], cases[i].entries);
    }
}

// Every spelling of the published values finds its digest in the set, under the number of its kind.
static void test_found(void **state)
{
    import_test *test = *state;
    char room[PS_HASHED_KEY_BYTES];
    unsigned char digest[PS_DIGEST_BYTES_MAX];
    ps_digester *digester = NULL;
    ps_source_config config = import_config(import_write(test, ps_span_of(UPPER_MD5 "\n"), ""));

    config.hash = PS_DIGEST_MD5;
    assert_ok(import_run(test, &config), &test->err);
    const ps_hashings *hashings = ps_suppression_hashings(test->set);
    assert_int_equal(hashings->count, 1);
    assert_ok(ps_digester_new(PS_DIGEST_MD5, NULL, &digester, &test->err), &test->err);
    ps_digester_of(digester, ps_span_of("user@example.com"), digest);
    ps_span key = ps_hashed_key(&hashings->items[0], digest, room);
    assert_non_null(ps_suppression_address(test->set, ps_hash_of(key)));
    ps_digester_of(digester, ps_span_of("user@example.net"), digest);
    key = ps_hashed_key(&hashings->items[0], digest, room);
    assert_null(ps_suppression_address(test->set, ps_hash_of(key)));
    ps_digester_free(digester);
}

// A digest that nobody declared is never passed over.
static void test_undeclared(void **state)
{
    import_test *test = *state;
    ps_source_config config = import_config(import_write(test, ps_span_of(MD5 "\n"), ""));

    assert_int_equal(import_run(test, &config), PS_SOURCE);
    assert_non_null(strstr(test->err.text, "looks like a digest"));
    assert_non_null(strstr(test->err.hint, "`hash: md5`"));
    assert_non_null(strstr(test->err.hint, "`--hash md5`"));
}

// On the command line nobody says it: what is certain is taken, and said.
static const struct {
    const char *name, *content, *file;
    const char *format; // NULL: refused
    const char *says; // of a refusal
    const char *hint;
} by_content[] = {
    {"MD5 by the file's name", MD5 "\n" OTHER_MD5 "\n", ".md5", "plain list of MD5 digests", NULL, NULL},
    {"SHA-1 by the file's name", SHA1 "\n", "-sha1.txt", "plain list of SHA-1 digests", NULL, NULL},
    {"SHA-512 by the file's name", MD5 MD5 MD5 MD5 "\n", "-SHA512.txt", "plain list of SHA-512 digests", NULL, NULL},
    {"SHA-256 by the file's name", SHA256 "\n", ".sha256", "plain list of SHA-256 digests", NULL, NULL},
    {"SHA-256 by the header", "sha256\n" SHA256 "\n", ".txt", "csv with SHA-256 digests", NULL, NULL},
    {"SHA-256 by the header, further columns", "reason;E-Mail SHA-256\nspam;" SHA256 "\n", ".csv",
     "csv with SHA-256 digests", NULL, NULL},
    {"quotes, CRLF, comments", "# of whom not to mail\r\n\r\n\"" UPPER_MD5 "\"\r\n", ".md5",
     "plain list of MD5 digests", NULL, NULL},
    {"MD5 by the header", "email_md5\n" MD5 "\n", ".csv", "csv with MD5 digests", NULL, NULL},
    {"a header of addresses", "email\n" MD5 "\n", "-md5.csv", "csv with MD5 digests", NULL, NULL},
    {"addresses beside digests", "email,md5\nuser@example.com," MD5 "\n", ".csv", "csv", NULL, NULL},
    {"addresses", "user@example.com\nuser@example.net\n", ".md5", "plain list", NULL, NULL},

    {"32 digits", MD5 "\n", ".txt", NULL, "neither its name nor a header", "--hash md5"},
    {"32 digits under a column of addresses", "email\n" MD5 "\n", ".csv", NULL, "neither its name nor a header",
     "--hash md5"},
    {"40 digits", SHA1 "\n", ".txt", NULL, "neither its name nor a header", "`hash: sha1`"},
    {"128 digits", MD5 MD5 MD5 MD5 "\n", ".txt", NULL, "neither its name nor a header", "--hash sha512"},
    {"numbers of customers, nothing else", "customer_id\n" MD5 "\n", ".csv", NULL, "no header says", "--hash md5"},
    {"the file's name against its header", "customer_id\n" MD5 "\n", ".md5", NULL, "no header says", "--hash md5"},
    {"64 digits", SHA256 "\n", ".txt", NULL, "SHA-256 or HMAC-SHA-256", "--hash hmac-sha256 --hash-key file:PATH"},
    {"64 digits under a column of addresses", "email\n" SHA256 "\n", ".csv", NULL, "SHA-256 or HMAC-SHA-256",
     "`hash: sha256`"},
    {"a key by the name", SHA256 "\n", "-hmac-sha256.txt", NULL, "SHA-256 or HMAC-SHA-256", "--hash-key"},
    {"two kinds in one list", MD5 "\n" SHA1 "\n", ".txt", NULL, "several kinds", "--hash md5"},
    {"two columns", "md5,sha1\n" MD5 "," SHA1 "\n", ".csv", NULL, "several kinds", "--hash md5"},
    {"numbers of customers", "customer,city\n" MD5 ",Kyoto\n", ".csv", NULL, "no header says", "--hash md5"},
    {"further columns without a header", MD5 ",spam\n", ".md5", NULL, "no header says", "--hash md5"},
    {"a name of another kind", MD5 "\n", ".sha1", NULL, "the length of MD5, and its name or header says SHA-1",
     "--hash md5"},
    {"an address after digests", MD5 "\nuser@example.com\n", ".txt", NULL, "line 1 looks like a digest", "--hash md5"},
    {"a digest after addresses", "user@example.com\n" MD5 "\n", ".txt", NULL, "line 2 looks like a digest",
     "--hash md5"},
    {"base64", BASE64_MD5 "\n", ".txt", NULL, "looks like a digest", "in hexadecimal digits"},
    {"json", "[\"" MD5 "\"]", ".json", NULL, "looks like a digest", "--hash md5"},
};

static void test_by_content(void **state)
{
    import_test *test = *state;

    for (size_t i = 0; i < PS_COUNT_OF(by_content); i++) {
        print_message("  %s\n", by_content[i].name);
        ps_source_config config =
            import_config(import_write(test, ps_span_of(by_content[i].content), by_content[i].file));
        config.hash_by_content = true;
        ps_status status = import_run(test, &config);
        if (by_content[i].format != NULL) {
            assert_ok(status, &test->err);
            assert_string_equal(test->out.format, by_content[i].format);
            continue;
        }
        assert_int_equal(status, PS_SOURCE);
        assert_non_null(strstr(test->err.text, by_content[i].says));
        assert_non_null(strstr(test->err.hint, by_content[i].hint));
    }
}

// Digests under one key are never compared with those of another, and two lists under the same share the work.
static void test_keys_apart(void **state)
{
    import_test *test = *state;
    const ps_hashing *first = NULL, *second = NULL, *again = NULL, *plain = NULL;
    char room[PS_HASHED_KEY_BYTES], other[PS_HASHED_KEY_BYTES];
    const unsigned char digest[PS_DIGEST_BYTES_MAX] = {1};
    ps_hashings hashings = {.count = 0};
    ps_secret *key = NULL;
    const struct {
        ps_digest_kind kind;
        const char *key;
        const ps_hashing **out;
    } adds[] = {{PS_DIGEST_HMAC_SHA256, "one", &first},
                {PS_DIGEST_HMAC_SHA256, "two", &second},
                {PS_DIGEST_HMAC_SHA256, "one", &again},
                {PS_DIGEST_SHA256, NULL, &plain}};

    for (size_t i = 0; i < PS_COUNT_OF(adds); i++) {
        key = NULL;
        if (adds[i].key != NULL) assert_ok(ps_secret_of(ps_span_of(adds[i].key), &key, &test->err), &test->err);
        assert_ok(ps_hashings_add(&hashings, adds[i].kind, key, adds[i].out, &test->err), &test->err);
    }
    assert_int_equal(hashings.count, 3);
    assert_ptr_equal(first, again);
    ps_span one = ps_hashed_key(first, digest, room);
    assert_false(ps_span_equal(one, ps_hashed_key(second, digest, other)));
    assert_false(ps_span_equal(one, ps_hashed_key(plain, digest, other)));
    ps_hashings_done(&hashings);
}

static void test_key(void **state)
{
    import_test *test = *state;
    char reference[500];
    ps_source_config config = import_config(import_write(test, ps_span_of(SHA256 "\n"), ""));

    config.hash = PS_DIGEST_HMAC_SHA256;
    config.hash_key = "env:PRESEND_TEST_NO_SUCH_KEY";
    assert_int_equal(import_run(test, &config), PS_CONFIG);
    assert_non_null(strstr(test->err.text, "hash_key"));
    assert_int_equal(setenv("PRESEND_TEST_LIST_KEY", "k", 1), 0);
    config.hash_key = "env:PRESEND_TEST_LIST_KEY";
    assert_ok(import_run(test, &config), &test->err);
    assert_int_equal(test->out.addresses, 1);
    snprintf(reference, sizeof reference, "file:%s", test->path);
    assert_int_equal(chmod(test->path, 0644), 0);
    config.hash_key = reference; // everybody can read it
    assert_int_equal(import_run(test, &config), PS_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cases, import_setup, import_teardown),
        cmocka_unit_test_setup_teardown(test_found, import_setup, import_teardown),
        cmocka_unit_test_setup_teardown(test_undeclared, import_setup, import_teardown),
        cmocka_unit_test_setup_teardown(test_key, import_setup, import_teardown),
        cmocka_unit_test_setup_teardown(test_by_content, import_setup, import_teardown),
        cmocka_unit_test_setup_teardown(test_keys_apart, import_setup, import_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
