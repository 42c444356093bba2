// The worked table of the address rules, row by row, by the fast way and the long one.
// layer: mail

#include "presend/address.h"

#include "mail/charset.h"
#include "mail/parse.h"

#include "assert.h"

enum { FIELDS = 12, LINE_MAX_BYTES = 8192 };

typedef struct address_fixture {
    ps_arena arena;
    ps_address_rules *rules, *jis_rules;
} address_fixture;

// The columns of tests/unit/data/address-cases.tsv.
typedef struct case_row {
    const char *number, *group, *charset, *input, *verdict, *reason, *ascii, *unicode, *key, *provider_key, *notes;
    const char *suggestion;
} case_row;

static unsigned hex_digits(const char *text, size_t count)
{
    char digits[5] = {0};

    memcpy(digits, text, count);
    return (unsigned)strtoul(digits, NULL, 16);
}

static void put_character(ps_span *out, uint32_t c)
{
    char *at = (char *)(uintptr_t)out->bytes + out->len;

    if (c < 0x80) {
        *at = (char)c;
        out->len += 1;
    } else if (c < 0x800) {
        at[0] = (char)(0xC0 | c >> 6);
        at[1] = (char)(0x80 | (c & 0x3F));
        out->len += 2;
    } else if (c < 0x10000) {
        at[0] = (char)(0xE0 | c >> 12);
        at[1] = (char)(0x80 | (c >> 6 & 0x3F));
        at[2] = (char)(0x80 | (c & 0x3F));
        out->len += 3;
    } else {
        at[0] = (char)(0xF0 | c >> 18);
        at[1] = (char)(0x80 | (c >> 12 & 0x3F));
        at[2] = (char)(0x80 | (c >> 6 & 0x3F));
        at[3] = (char)(0x80 | (c & 0x3F));
        out->len += 4;
    }
}

// A JSON string of the table: ASCII, with \u escapes for the rest.
static ps_span json_text(const char *json, ps_arena *arena)
{
    ps_span out = {ps_arena_take(arena, strlen(json) + 1), 0};
    static const char shorts[][2] = {{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'"', '"'}, {'\\', '\\'}};

    assert_true(json[0] == '"');
    for (json++; *json != '"'; json++) {
        uint32_t c = (unsigned char)*json;
        if (c == '\\' && *++json == 'u') {
            c = hex_digits(json + 1, 4);
            json += 4;
            if (c >= 0xD800 && c < 0xDC00) {
                c = 0x10000 + ((c & 0x3FF) << 10 | (hex_digits(json + 3, 4) & 0x3FF));
                json += 6;
            }
        } else if (c == '\\') {
            for (size_t i = 0; i < PS_COUNT_OF(shorts); i++) {
                if (shorts[i][0] == *json) c = (unsigned char)shorts[i][1];
            }
        }
        put_character(&out, c);
    }
    return out;
}

static ps_span hex_bytes(const char *hex, ps_arena *arena)
{
    size_t len = strlen(hex) / 2;
    char *bytes = ps_arena_take(arena, len + 1);

    for (size_t i = 0; i < len; i++) {
        bytes[i] = (char)hex_digits(hex + 2 * i, 2);
    }
    return (ps_span){bytes, len};
}

static ps_span cell_of(const case_row *row, ps_arena *arena, bool *out_jis)
{
    ps_encoding encoding = PS_ENCODING_AUTO;
    ps_decoder *decoder = NULL;
    ps_span bytes, text;

    *out_jis = false;
    if (strcmp(row->charset, "text") == 0) return json_text(row->input, arena);
    bytes = hex_bytes(row->input, arena);
    assert_true(ps_charset_find(ps_span_of(row->charset), &encoding));
    if (encoding == PS_ENCODING_UTF8) return bytes;
    *out_jis = ps_charset_is_jis(encoding);
    bytes = ps_span_tail(bytes, ps_charset_bom(bytes, &encoding));
    assert_ok(ps_decoder_open(encoding, &decoder, NULL), NULL);
    assert_true(ps_decoder_cell(decoder, bytes, arena, &text));
    ps_decoder_close(decoder);
    return text;
}

// What the findings come to under the default policies: the strongest effect, and the first finding that has it.
static const ps_reason_info *decide(ps_findings findings)
{
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count), *decided = ps_reason_get(PS_REASON_OK);
    ps_effect strongest = PS_EFFECT_KEEP;

    for (size_t i = 0; i < count; i++) {
        if ((unsigned)table[i].reason >= PS_FINDING_COUNT_MAX || !ps_findings_has(findings, table[i].reason)) continue;
        if (table[i].effect <= strongest) continue;
        strongest = table[i].effect;
        decided = &table[i];
    }
    return decided;
}

static unsigned count_words(const char *text)
{
    unsigned count = *text != '\0';

    for (; *text != '\0'; text++) {
        count += *text == ' ';
    }
    return count;
}

static bool has_word(const char *text, const char *word)
{
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++) {
        char after = at[strlen(word)];
        if ((at == text || at[-1] == ' ') && (after == '\0' || after == ' ')) return true;
    }
    return false;
}

static bool same_notes(ps_findings findings, const char *expected)
{
    size_t count = 0;
    const ps_reason_info *table = ps_reason_table(&count);
    unsigned notes = 0;

    for (size_t i = 0; i < count; i++) {
        bool found = (unsigned)table[i].reason < PS_FINDING_COUNT_MAX && ps_findings_has(findings, table[i].reason);
        if (!found || table[i].effect != PS_EFFECT_KEEP) continue;
        notes++;
        if (!has_word(expected, table[i].wire)) return false;
    }
    return notes == count_words(expected);
}

static bool same(const char *what, ps_span found, ps_span expected)
{
    if (ps_span_equal(found, expected)) return true;
    print_error("    %s is \"%.*s\", not \"%.*s\"\n", what, (int)found.len, found.len == 0 ? "" : found.bytes,
                (int)expected.len, expected.bytes);
    return false;
}

static bool row_holds(const case_row *row, ps_findings findings, const ps_address *address, ps_arena *arena)
{
    const ps_reason_info *decided = decide(findings);
    const char *verdict = ps_effect_word(decided->reason == PS_REASON_OK ? PS_EFFECT_KEEP : decided->effect);
    ps_span key = json_text(row->key, arena);
    bool holds = same("verdict", ps_span_of(verdict), ps_span_of(row->verdict));

    holds = same("reason", ps_span_of(decided->wire), ps_span_of(row->reason)) && holds;
    holds = same("ascii", address->ascii, json_text(row->ascii, arena)) && holds;
    holds = same("unicode", address->unicode, json_text(row->unicode, arena)) && holds;
    holds = same("key", address->key, key) && holds;
    holds =
        same("provider key", address->provider_key, *row->provider_key == '\0' ? key : ps_span_of(row->provider_key)) &&
        holds;
    holds = same("suggestion", address->suggestion, ps_span_of(row->suggestion)) && holds;
    if (same_notes(findings, row->notes)) return holds;
    ps_print_findings("    findings", findings);
    return false;
}

static case_row split_row(char *line)
{
    const char *fields[FIELDS] = {0};

    line[strcspn(line, "\r\n")] = '\0';
    for (size_t i = 0; i < FIELDS; i++) {
        assert_non_null(line);
        fields[i] = strsep(&line, "\t");
    }
    return (case_row){fields[0], fields[1], fields[2], fields[3], fields[4],  fields[5],
                      fields[6], fields[7], fields[8], fields[9], fields[10], fields[11]};
}

static bool check_row(const case_row *row, address_fixture *fixture)
{
    ps_address fast, slow;
    bool jis = false, holds = true;
    ps_span cell = cell_of(row, &fixture->arena, &jis);
    const ps_address_rules *rules = jis ? fixture->jis_rules : fixture->rules;
    ps_findings by_fast = ps_address_parse(rules, cell, &fixture->arena, &fast);
    ps_findings by_slow = ps_address_parse_long(rules, cell, &fixture->arena, &slow);

    holds = row_holds(row, by_fast, &fast, &fixture->arena);
    holds = row_holds(row, by_slow, &slow, &fixture->arena) && holds;
    if (!holds) print_error("  row %s: %s\n", row->number, row->input);
    return holds;
}

static void test_worked_table(void **state)
{
    FILE *file = fopen(PS_TEST_FOLDER "/unit/data/address-cases.tsv", "r");
    char line[LINE_MAX_BYTES];
    unsigned rows = 0, wrong = 0;

    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file)); // the names of the columns
    while (fgets(line, sizeof(line), file) != NULL) {
        case_row row = split_row(line);
        wrong += !check_row(&row, *state);
        rows++;
    }
    fclose(file);
    assert_int_equal(rows, 267);
    assert_int_equal(wrong, 0);
}

static int open_fixture(void **state)
{
    static address_fixture fixture;
    ps_address_options jis = {.jis_source = true};
    ps_error err;

    *state = &fixture;
    assert_ok(ps_arena_open((size_t)256 << 20, &fixture.arena, &err), &err);
    assert_ok(ps_address_rules_new(NULL, &fixture.rules, &err), &err);
    assert_ok(ps_address_rules_new(&jis, &fixture.jis_rules, &err), &err);
    return 0;
}

static int close_fixture(void **state)
{
    address_fixture *fixture = *state;

    ps_address_rules_free(fixture->rules);
    ps_address_rules_free(fixture->jis_rules);
    ps_address_rules_free(NULL);
    ps_arena_close(&fixture->arena);
    return 0;
}

// Whoever counts by domain need not look it up by name.
static void test_domain_numbers(void **state)
{
    static const char *const cells[] = {"taro@shop.jp", "Hanako@Shop.JP", "taro@other.jp", "\"a b\"@shop.jp"};
    ps_address address[PS_COUNT_OF(cells)];
    ps_address_rules *rules = NULL;
    ps_arena arena;
    (void)state;

    assert_int_equal(ps_address_rules_new(NULL, &rules, NULL), PS_OK);
    assert_int_equal(ps_arena_open(1 << 20, &arena, NULL), PS_OK);
    for (size_t i = 0; i < PS_COUNT_OF(cells); i++)
        ps_address_parse(rules, ps_span_of(cells[i]), &arena, &address[i]);
    assert_int_equal(address[0].domain_number, 1);
    assert_int_equal(address[1].domain_number, 1);
    assert_int_equal(address[2].domain_number, 2);
    assert_int_equal(address[3].domain_number, 0); // the long way asks nobody
    ps_arena_close(&arena);
    ps_address_rules_free(rules);
}

// Cells that are asked for before they come: long, short, without an @, of a domain that is known or not, or too short.
static void test_prefetch(void **state)
{
    static const char *const cells[] = {"taro@a.prefetch.example.jp",
                                        "taro.yamada.of.sales@b.prefetch.example.jp",
                                        "no at sign in it",
                                        "x@y",
                                        "tarotarotaro@jp",
                                        "a.local.part.that.makes.it.too.long.for.one.vector@prefetch.example.jp"};
    ps_address_rules *rules = NULL;
    ps_arena arena;
    ps_address before, after;
    ps_error err = {.status = PS_OK};

    (void)state;
    assert_ok(ps_address_rules_new(NULL, &rules, &err), &err);
    assert_ok(ps_arena_open(1 << 20, &arena, &err), &err);
    for (size_t i = 0; i < 2 * PS_COUNT_OF(cells); i++) { // the second time their domains are known
        ps_span cell = ps_span_of(cells[i % PS_COUNT_OF(cells)]);
        const ps_cells one = {.first = &cell, .count = 1};
        ps_glance glance;
        uint32_t number;
        ps_address_look(rules, &one, &glance, &number);
        ps_findings found = ps_address_parse_glanced(rules, cell, &glance, &arena, &before);
        assert_true(found == ps_address_parse(rules, cell, &arena, &after));
        assert_true(ps_span_equal(before.key, after.key));
    }
    ps_arena_close(&arena);
    ps_address_rules_free(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_domain_numbers),
        cmocka_unit_test(test_prefetch),
        cmocka_unit_test(test_worked_table),
    };

    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
