// layer: base
#include "assert.h"

#include <float.h>
#include <math.h>

#include "base/json_write.h"
#include "base/text.h"

typedef struct document {
    ps_buf buf;
    ps_json json;
} document;

static void begin(document *doc, unsigned indent)
{
    ps_buf_init(&doc->buf, 1 << 20);
    ps_json_init(&doc->json, &doc->buf, indent);
}

static void assert_document(document *doc, const char *expected)
{
    assert_int_equal(doc->json.depth, 0);
    assert_string_equal(ps_buf_text(&doc->buf), expected);
    ps_buf_done(&doc->buf);
}

static void write_all_kinds(ps_json *json)
{
    ps_json_object(json, NULL);
    ps_json_text(json, "text", "value");
    ps_json_text(json, "nothing", NULL);
    ps_json_count(json, "count", UINT64_MAX);
    ps_json_int(json, "int", INT64_MIN);
    ps_json_number(json, "number", 0.25);
    ps_json_bool(json, "yes", true);
    ps_json_bool(json, "no", false);
    ps_json_array(json, "list");
    ps_json_int(json, NULL, 1);
    ps_json_object(json, NULL);
    ps_json_object_end(json);
    ps_json_array(json, NULL);
    ps_json_array_end(json);
    ps_json_null(json, NULL);
    ps_json_array_end(json);
    ps_json_object_end(json);
}

static void test_one_line(void **state)
{
    document doc;
    (void)state;

    begin(&doc, 0);
    write_all_kinds(&doc.json);
    assert_document(&doc, "{\"text\":\"value\",\"nothing\":null,\"count\":18446744073709551615,"
                          "\"int\":-9223372036854775808,\"number\":0.25,\"yes\":true,\"no\":false,"
                          "\"list\":[1,{},[],null]}");
}

static void test_indented(void **state)
{
    document doc;
    (void)state;

    begin(&doc, 2);
    write_all_kinds(&doc.json);
    assert_document(&doc, "{\n"
                          "  \"text\": \"value\",\n"
                          "  \"nothing\": null,\n"
                          "  \"count\": 18446744073709551615,\n"
                          "  \"int\": -9223372036854775808,\n"
                          "  \"number\": 0.25,\n"
                          "  \"yes\": true,\n"
                          "  \"no\": false,\n"
                          "  \"list\": [\n"
                          "    1,\n"
                          "    {},\n"
                          "    [],\n"
                          "    null\n"
                          "  ]\n"
                          "}");
}

static void test_texts(void **state)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"", "\"\""},
        {"例え <b>&", "\"例え <b>&\""},
        {"\"\\/", "\"\\\"\\\\/\""},
        {"\b\t\n\f\r\v\x01\x1f", "\"\\b\\t\\n\\f\\r\\u000b\\u0001\\u001f\""},
        {"\x7f\xc2\x9b", "\"\\u007f\\u009b\""},
        {"\u2028\u2029\u2027", "\"\\u2028\\u2029\u2027\""},
        {"\U0001f363", "\"\U0001f363\""},
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        document doc;
        begin(&doc, 0);
        ps_json_text(&doc.json, NULL, cases[i].text);
        assert_document(&doc, cases[i].json);
    }
}

static void test_nul_inside(void **state)
{
    document doc;
    (void)state;

    begin(&doc, 0);
    ps_json_span(&doc.json, NULL, (ps_span){"a\0b", 3});
    assert_document(&doc, "\"a\\u0000b\"");
}

// Bytes that are not UTF-8 come through whole, under a name that says so. RFC 4648 section 10 has the pattern.
static void test_base64(void **state)
{
    document doc;
    (void)state;

    begin(&doc, 0);
    ps_json_object(&doc.json, NULL);
    ps_json_span(&doc.json, "a", ps_span_of("\x83"));
    ps_json_span(&doc.json, "b", ps_span_of("\x83\x81"));
    ps_json_text(&doc.json, "c", "\x83\x81\xff");
    ps_json_span(&doc.json, "d", ps_span_of("\xffoobar"));
    ps_json_array(&doc.json, "list");
    ps_json_span(&doc.json, NULL, ps_span_of("\xff\xfe"));
    ps_json_text(&doc.json, NULL, "plain");
    ps_json_array_end(&doc.json);
    ps_json_object_end(&doc.json);
    assert_document(&doc, "{\"a_b64\":\"gw==\",\"b_b64\":\"g4E=\",\"c_b64\":\"g4H/\",\"d_b64\":\"/29vYmFy\","
                          "\"list\":[{\"b64\":\"//4=\"},\"plain\"]}");
}

static void test_numbers(void **state)
{
    static const struct {
        double value;
        const char *json;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-1.5, "-1.5"},
        {0.1 + 0.2, "0.3"},
        {1.0 / 3, "0.333333"},
        {2.0 / 3, "0.666667"},
        {0.000001, "0.000001"},
        {0.0000004, "0"},
        {-0.0000004, "0"},
        {0.9999999, "1"},
        {-0.9999999, "-1"},
        {1.05, "1.05"},
        {100, "100"},
        {120.030, "120.03"},
        {9007199254740991.0, "9007199254740991"},
        {9007199254740992.0, "9007199254740992"},
        {-1e20, "-100000000000000000000"},
        {HUGE_VAL, "null"},
        {-HUGE_VAL, "null"},
        {NAN, "null"},
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        document doc;
        begin(&doc, 0);
        ps_json_number(&doc.json, NULL, cases[i].value);
        assert_document(&doc, cases[i].json);
    }
}

// Shares as they stand in a report: what is written reads back as the same six decimals that printf rounds to.
static void test_numbers_read_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= 10000; i++) {
        double value = i / 7919.0;
        document doc;
        begin(&doc, 0);
        ps_json_number(&doc.json, NULL, value);
        assert_true(fabs(strtod(ps_buf_text(&doc.buf), NULL) - value) <= 0.50001e-6);
        ps_buf_done(&doc.buf);
    }
}

// Whatever the bytes, the document stays valid UTF-8 without a raw control character.
static void test_any_bytes(void **state)
{
    uint32_t random = 12345;
    (void)state;

    for (int round = 0; round < 2000; round++) {
        char bytes[24];
        document doc;
        for (size_t i = 0; i < sizeof bytes; i++) {
            random = random * 1664525 + 1013904223;
            bytes[i] = (char)(random >> (round % 2 == 0 ? 24 : 25)); // any bytes, or ASCII only
        }
        begin(&doc, 0);
        ps_json_object(&doc.json, NULL);
        ps_json_span(&doc.json, "a", (ps_span){bytes, sizeof bytes});
        ps_json_object_end(&doc.json);
        ps_span text = ps_buf_span(&doc.buf);
        assert_true(ps_utf8_valid(text));
        for (size_t i = 0; i < text.len; i++)
            assert_true((unsigned char)text.bytes[i] >= 0x20 && text.bytes[i] != 0x7f);
        ps_buf_done(&doc.buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_line),          cmocka_unit_test(test_indented),  cmocka_unit_test(test_texts),
        cmocka_unit_test(test_nul_inside),        cmocka_unit_test(test_base64),    cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_numbers_read_back), cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
