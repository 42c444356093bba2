// What stands before the `@`: every form for a kind of CPU says what the scalar one says, and reads no byte beyond the
// cell.
// layer: mail

#include "mail/glance.h"

#include <sys/mman.h>
#include <unistd.h>

#include "assert.h"

enum { RANDOM_CELLS = 400000 };

static const struct {
    const char *cell;
    uint32_t local_len, marks;
} cases[] = {
    {"taro@shop.jp", 4, PS_PLAIN_ANY},
    {"Ta.ro+x@shop.jp", 7, PS_PLAIN_UPPER | PS_PLAIN_DOT | PS_PLAIN_PLUS | PS_PLAIN_ANY},
    {"taro@Shop.JP", 4, PS_PLAIN_ANY | PS_PLAIN_HOST_UPPER},
    {"taro@B\xC3\x9C"
     "cher.DE",
     4, PS_PLAIN_ANY},
    {"Taro@shop.jp", 4, PS_PLAIN_UPPER | PS_PLAIN_ANY},
    {"taro@s+h.o", 4, PS_PLAIN_ANY},
    {"!#$%&*+-/=?^_`{|}~'@x", 19, PS_PLAIN_PLUS | PS_PLAIN_ANY},
    {"a@b@C", 1, PS_PLAIN_ANY | PS_PLAIN_HOST_UPPER},
    {"a@", 0, 0},
    {"@a", 0, 0},
    {"", 0, 0},
    {"taro", 0, 0},
    {".taro@shop.jp", 0, 0},
    {"taro.@shop.jp", 0, 0},
    {"ta..ro@shop.jp", 0, 0},
    {"'taro@shop.jp", 0, 0},
    {"{taro@shop.jp}", 0, 0},
    {"ta ro@shop.jp", 0, 0},
    {"ta\x80ro@shop.jp", 0, 0},
    {"mailto:taro@shop.jp", 0, 0},
    {"taro@\xE4\xBE\x8B.jp", 4, PS_PLAIN_ANY},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b", 62, PS_PLAIN_ANY},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@", 0, 0},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0, 0},
};

static bool is_equal(ps_plain a, ps_plain b)
{
    return a.local_len == b.local_len && (a.local_len == 0 || a.marks == b.marks);
}

static ps_memo *memo; // that knows no domain

static int make_memo(void **state)
{
    (void)state;
    return ps_memo_new(&memo, NULL) == PS_OK ? 0 : -1;
}

static int free_memo(void **state)
{
    (void)state;
    ps_memo_free(memo);
    return 0;
}

static ps_glance look(ps_cpu cpu, ps_span cell)
{
    const ps_cells cells = {&cell, 1, 1};
    ps_glance glance;

    ps_glance_each_for(cpu)(memo, &cells, &glance);
    return glance;
}

static void check_forms(ps_span cell)
{
    ps_glance scalar = look(PS_CPU_SCALAR, cell);

    for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= ps_cpu_best(); cpu++) {
        ps_glance found = look(cpu, cell);
        if (is_equal(found.plain, scalar.plain) && found.hash == scalar.hash) continue;
        print_error("%s differs on \"%.*s\"\n", ps_cpu_name(cpu), (int)cell.len, cell.bytes);
        fail();
    }
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        ps_plain expected = {cases[i].local_len, cases[i].marks};
        print_message("  %s\n", cases[i].cell);
        assert_true(is_equal(ps_plain_scan_scalar(ps_span_of(cases[i].cell)), expected));
        check_forms(ps_span_of(cases[i].cell));
    }
}

// Each byte as the whole local part, inside it, and at its ends, for every length around the vectors' bounds.
static void test_every_byte(void **state)
{
    static const size_t lens[] = {3, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64};
    char cell[PS_PLAIN_BYTES_MAX];

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(lens); i++) {
        for (size_t at = 1; at < lens[i]; at++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                memset(cell, 'a', lens[i]);
                cell[at] = '@';
                cell[byte % at] = (char)byte;
                check_forms((ps_span){cell, lens[i]});
                cell[at - 1] = (char)byte;
                check_forms((ps_span){cell, lens[i]});
            }
        }
    }
}

// Between two pages that must not be touched.
static char *fenced_page(size_t *out_size)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, size * 3, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_true(pages != MAP_FAILED);
    assert_int_equal(mprotect(pages, size, PROT_NONE), 0);
    assert_int_equal(mprotect(pages + size * 2, size, PROT_NONE), 0);
    *out_size = size;
    return pages + size;
}

static void test_random(void **state)
{
    static const char alphabet[] = "aaaazZ09..@+-_'{}!\"(\x7F\x80\xC3\xFF \n";
    uint64_t random = 1;
    size_t size = 0, plain = 0;
    char *page = fenced_page(&size);

    (void)state;
    for (size_t i = 0; i < RANDOM_CELLS; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        size_t len = (size_t)(random >> 33) % (PS_PLAIN_BYTES_MAX + 1);
        // At the page's begin and at its end by turns. Most bytes are letters, so that many cells are plain.
        char *cell = i % 2 == 0 ? page : page + size - len;
        for (size_t k = 0; k < len; k++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
            size_t pick = (size_t)(random >> 33);
            cell[k] = pick % 8 != 0 ? 'a' : alphabet[pick / 8 % (sizeof alphabet - 1)];
        }
        check_forms((ps_span){cell, len});
        plain += ps_plain_scan_scalar((ps_span){cell, len}).local_len > 0;
    }
    munmap(page - size, size * 3);
    assert_true(plain > RANDOM_CELLS / 20);
}

// All at once by every form: plain or not, too long or too short for the vectors, or with too little behind the `@`.
static void test_glances(void **state)
{
    static const struct {
        const char *cell;
        uint32_t local_len;
    } each[] = {
        {"taro@shop.jp", 4},
        {"taro@Shop.JP", 4},
        {"tarotarotaro@jp", 0},
        {"a@b.jp", 0},
        {"nobody in here", 0},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@shop.jp", 0},
        {"haruto.yamada.of.sales@shop.example.jp", 22},
    };
    enum { COUNT = PS_COUNT_OF(each) };
    ps_span spans[2 * COUNT];
    ps_glance glances[COUNT];
    const ps_cells cells = {spans, 2, COUNT};

    (void)state;
    for (size_t i = 0; i < 2 * COUNT; i++)
        spans[i] = ps_span_of(i % 2 == 0 ? each[i / 2].cell : "between@two.jp");
    for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= ps_cpu_best(); cpu++) {
        ps_glance_each_for(cpu)(memo, &cells, glances);
        for (size_t i = 0; i < COUNT; i++)
            assert_int_equal(glances[i].plain.local_len, each[i].local_len);
        assert_true(glances[0].hash == glances[1].hash); // one domain, whatever its case
        assert_true((glances[1].plain.marks & PS_PLAIN_HOST_UPPER) != 0);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(ps_cpu_name(PS_CPU_SCALAR), "scalar");
    assert_string_equal(ps_cpu_name(PS_CPU_AVX2), "avx2");
    assert_string_equal(ps_cpu_name(PS_CPU_AVX512), "avx512");
    assert_in_range(ps_cpu_best(), PS_CPU_SCALAR, PS_CPU_COUNT - 1);
    print_message("  best here: %s\n", ps_cpu_name(ps_cpu_best()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),   cmocka_unit_test(test_every_byte), cmocka_unit_test(test_random),
        cmocka_unit_test(test_glances), cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, make_memo, free_memo);
}
