// Everybody who must not be mailed.
// layer: facts

#include "assert.h"
#include "base/memory.h"
#include "facts/suppression.h"

static ps_suppression *new_set(void)
{
    ps_suppression *set = NULL;
    ps_error err = {.status = PS_OK};

    assert_ok(ps_suppression_new(&set, &err), &err);
    return set;
}

static bool add(ps_suppression *set, ps_suppression_entry entry)
{
    bool is_new = false;
    ps_error err = {.status = PS_OK};

    if (entry.list == NULL) entry.list = "";
    assert_ok(ps_suppression_add(set, &entry, &is_new, &err), &err);
    return is_new;
}

static ps_suppression_entry address(const char *key, uint32_t source, ps_class class, ps_day date)
{
    return (ps_suppression_entry){.source = source, .class = class, .key = ps_span_of(key), .list = "l", .date = date};
}

static const ps_suppressed *find(const ps_suppression *set, const char *key)
{
    return ps_suppression_address(set, ps_hash_of(ps_span_of(key)));
}

static void test_merge(void **state)
{
    ps_suppression *set = new_set();

    (void)state;
    assert_true(add(set, address("a@example.jp", 0, PS_CLASS_HARD, 100)));
    assert_false(add(set, address("a@example.jp", 0, PS_CLASS_HARD, 300)));
    assert_true(add(set, address("a@example.jp", 3, PS_CLASS_COMPLAINT, 50)));
    assert_true(add(set, address("a@example.jp", 2, PS_CLASS_COMPLAINT, 20)));
    assert_true(add(set, address("b@example.jp", 63, PS_CLASS_SOFT, PS_DAY_NONE)));

    const ps_suppressed *a = find(set, "a@example.jp");
    assert_non_null(a);
    assert_int_equal(a->sources, 1 << 0 | 1 << 2 | 1 << 3);
    assert_int_equal(a->classes, 1 << PS_CLASS_HARD | 1 << PS_CLASS_COMPLAINT);
    assert_int_equal(a->strongest, PS_CLASS_COMPLAINT);
    assert_int_equal(a->source, 2); // of equals, the source that the job names first
    assert_int_equal(a->date, 20);
    assert_true(find(set, "b@example.jp")->sources == UINT64_C(1) << 63);
    assert_null(find(set, "c@example.jp"));
    assert_null(find(set, "A@example.jp")); // keys are compared, not addresses
    assert_int_equal(ps_suppression_count(set), 2);
    ps_suppression_free(set);
}

// Whatever order the entries come in, the same is known.
static void test_order_does_not_matter(void **state)
{
    static const struct {
        uint32_t source;
        ps_class class;
        ps_day date;
    } entries[] = {
        {5, PS_CLASS_HARD, 10}, {1, PS_CLASS_HARD, 20},          {1, PS_CLASS_HARD, 30},
        {2, PS_CLASS_SOFT, 99}, {1, PS_CLASS_HARD, PS_DAY_NONE},
    };
    size_t count = PS_COUNT_OF(entries);

    (void)state;
    for (size_t start = 0; start < count; start++) {
        for (size_t step = 1; step < count; step++) {
            ps_suppression *set = new_set();
            for (size_t i = 0; i < count; i++) {
                size_t at = (start + i * step) % count;
                add(set, address("a@example.jp", entries[at].source, entries[at].class, entries[at].date));
            }
            const ps_suppressed *a = find(set, "a@example.jp");
            assert_int_equal(a->source, 1);
            assert_int_equal(a->strongest, PS_CLASS_HARD);
            assert_int_equal(a->date, 30);
            assert_int_equal(a->classes, 1 << PS_CLASS_HARD | 1 << PS_CLASS_SOFT);
            ps_suppression_free(set);
        }
    }
}

static void test_domains(void **state)
{
    static const struct {
        const char *domain;
        int source; // -1: not there
    } cases[] = {
        {"example.jp", 1},
        {"mail.example.jp", -1},
        {"example.net", -1},
        {"a.example.net", 2},
        {"a.b.example.net", 2},
        {"xexample.net", -1},
        {"example.net.invalid", -1},
        {"jp", -1},
        {"", -1},
        {"both.example", 3},
        {"sub.both.example", 3},
        {"once-blocked.example.net", 2}, // what forbids mail counts more than a failed delivery to the domain itself
        {"only-blocked.example.jp", 4},
    };
    ps_suppression *set = new_set();

    (void)state;
    add(set,
        (ps_suppression_entry){.source = 1, .class = PS_CLASS_MANUAL, .key = ps_span_of("example.jp"), .domain = true});
    add(set, (ps_suppression_entry){
                 .source = 2, .class = PS_CLASS_MANUAL, .key = ps_span_of("example.net"), .subdomains = true});
    ps_suppression_entry both = {
        .source = 3, .class = PS_CLASS_MANUAL, .key = ps_span_of("both.example"), .domain = true, .subdomains = true};
    assert_true(add(set, both));
    assert_false(add(set, both));
    add(set, (ps_suppression_entry){
                 .source = 4, .class = PS_CLASS_BLOCK, .key = ps_span_of("once-blocked.example.net"), .domain = true});
    add(set, (ps_suppression_entry){
                 .source = 4, .class = PS_CLASS_BLOCK, .key = ps_span_of("only-blocked.example.jp"), .domain = true});
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        const ps_suppressed *found = ps_suppression_domain(set, ps_span_of(cases[i].domain));
        print_message("  %s\n", cases[i].domain);
        assert_int_equal(found == NULL ? -1 : (int)found->source, cases[i].source);
    }
    assert_null(find(set, "example.jp"));
    ps_suppression_free(set);
}

// All spellings of a mailbox are found by its provider key, whichever comes first.
static void test_aliases(void **state)
{
    static const char *const spellings[] = {"jane.doe@gmail.com", "janedoe@gmail.com", "janedoe+shop@gmail.com"};

    (void)state;
    for (size_t first = 0; first < 3; first++) {
        ps_suppression *set = new_set();
        ps_hash provider = ps_hash_of(ps_span_of("janedoe@gmail.com"));
        assert_null(ps_suppression_alias(set, provider));
        for (size_t i = 0; i < 3; i++) {
            size_t at = (first + i) % 3;
            ps_suppression_entry entry = address(spellings[at], (uint32_t)at, PS_CLASS_HARD, 10);
            entry.provider_key = ps_span_of("janedoe@gmail.com");
            add(set, entry);
            assert_non_null(ps_suppression_alias(set, provider));
            assert_true(ps_suppression_alias(set, provider)->sources >> at & 1);
        }
        assert_int_equal(ps_suppression_alias(set, provider)->sources, 7);
        assert_int_equal(find(set, "janedoe@gmail.com")->sources, 2); // an address is only itself
        assert_int_equal(ps_suppression_count(set), 3);
        ps_suppression_free(set);
    }
}

static void assert_same(const ps_suppressed *a, const ps_suppressed *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a == NULL) return;
    assert_true(a->sources == b->sources && a->classes == b->classes && a->source == b->source);
    assert_true(a->strongest == b->strongest && a->date == b->date);
    assert_string_equal(a->list, b->list);
}

static void test_many(void **state)
{
    ps_suppression *set = new_set();
    char key[40];

    (void)state;
    for (int i = 0; i < 50000; i++) {
        snprintf(key, sizeof key, "person%d@example.jp", i);
        add(set, address(key, (uint32_t)(i % 64), (ps_class)(i % PS_CLASS_COUNT), i));
    }
    assert_int_equal(ps_suppression_count(set), 50000);
    for (int i = 0; i < 50000; i++) {
        snprintf(key, sizeof key, "person%d@example.jp", i);
        assert_int_equal(find(set, key)->date, i);
    }
    ps_suppression_free(set);
    ps_suppression_free(NULL);
}

// The same entries by hash, in any order and in pieces of any size, are the same set.
static void test_load(void **state)
{
    enum { PEOPLE = 3000 };
    static ps_suppression_pair pairs[3 * PEOPLE];
    ps_suppression *one = new_set(), *other = new_set();
    ps_error err = {.status = PS_OK};
    char key[40], plain[40];
    size_t count = 0;

    (void)state;
    assert_ok(ps_suppression_expect(other, PEOPLE, &err), &err);
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(key, sizeof key, "%s%d@gmail.com", i % 3 == 0 ? "per.son" : "person", i % (PEOPLE / 2));
        snprintf(plain, sizeof plain, "person%d@gmail.com", i % (PEOPLE / 2));
        ps_suppression_entry entry = address(key, (uint32_t)(i % 7), (ps_class)(i % PS_CLASS_COUNT), i % 50);
        entry.provider_key = ps_span_of(plain);
        add(one, entry);
        const ps_suppressed fact = {UINT64_C(1) << i % 7,
                                    1U << i % PS_CLASS_COUNT,
                                    (uint16_t)(i % 7),
                                    (uint16_t)(i % PS_CLASS_COUNT),
                                    "l",
                                    i % 50,
                                    ps_bounce_day((ps_class)(i % PS_CLASS_COUNT), i % 50)};
        uint32_t number = 0, again = 0;
        assert_ok(ps_suppression_fact(other, &fact, &number, &err), &err);
        assert_ok(ps_suppression_fact(other, &fact, &again, &err), &err);
        assert_int_equal(number, again);
        ps_hash hash = ps_hash_of(ps_span_of(key)), provider = ps_hash_of(ps_span_of(plain));
        pairs[count++] = (ps_suppression_pair){hash.low, (uint32_t)(hash.high >> 32), number};
        if (ps_hash_equal(hash, provider)) continue;
        pairs[count++] =
            (ps_suppression_pair){provider.low, (uint32_t)(provider.high >> 32), number | PS_SUPPRESSION_ALIAS};
    }
    for (size_t i = count; i > 1; i--) { // another order
        size_t at = (i * 7919) % i;
        ps_suppression_pair pair = pairs[at];
        pairs[at] = pairs[i - 1];
        pairs[i - 1] = pair;
    }
    assert_ok(ps_suppression_load(other, pairs, 1, &err), &err);
    assert_ok(ps_suppression_load(other, pairs + 1, 100, &err), &err);
    assert_ok(ps_suppression_load(other, pairs + 101, count - 101, &err), &err);
    assert_int_equal(ps_suppression_count(one), ps_suppression_count(other));
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(key, sizeof key, "%s%d@gmail.com", i % 2 == 0 ? "per.son" : "person", i);
        snprintf(plain, sizeof plain, "person%d@gmail.com", i);
        ps_hash hash = ps_hash_of(ps_span_of(key)), provider = ps_hash_of(ps_span_of(plain));
        assert_same(ps_suppression_address(one, hash), ps_suppression_address(other, hash));
        assert_same(ps_suppression_alias(one, provider), ps_suppression_alias(other, provider));
        const ps_suppressed *found, *alias;
        ps_suppression_look(one, &hash, &provider, &found, &alias);
        assert_ptr_equal(found, ps_suppression_address(one, hash));
        assert_ptr_equal(alias, ps_suppression_alias(one, provider));
    }
    ps_suppression_free(one);
    ps_suppression_free(other);
}

static ps_suppression_item item_of(ps_suppression *set, const ps_suppression_entry *entry)
{
    const ps_suppressed fact = ps_suppressed_of(entry->source, entry->class, entry->list, entry->date);
    uint32_t number = 0;
    ps_error err;

    assert_ok(ps_suppression_fact(set, &fact, &number, &err), &err);
    ps_suppression_item item = ps_suppression_item_of(entry->key, entry->provider_key);
    item.fact = number;
    item.class = (uint8_t)entry->class;
    return item;
}

// One call for many is as many calls for one, whatever stands there already.
static void test_all_at_once(void **state)
{
    enum { ENTRIES = 3000, PEOPLE = 700 };
    static ps_suppression_item items[ENTRIES];
    static bool expected[ENTRIES];
    ps_suppression *one = new_set(), *other = new_set();
    char key[40], plain[40];
    ps_error err;

    (void)state;
    for (unsigned i = 0; i < ENTRIES; i++) {
        unsigned person = i * 7919 % PEOPLE;
        snprintf(plain, sizeof plain, "person%u@gmail.com", person);
        snprintf(key, sizeof key, "%s%u@gmail.com", i % 3 == 0 ? "per.son" : "person", person);
        ps_suppression_entry entry = address(key, i % 5, (ps_class)(i % PS_CLASS_COUNT), (ps_day)(i % 11));
        entry.provider_key = ps_span_of(i % 2 == 0 ? plain : key);
        items[i] = item_of(other, &entry);
        expected[i] = add(one, entry);
    }
    assert_ok(ps_suppression_add_all(other, items, 1, &err), &err);
    assert_ok(ps_suppression_add_all(other, items + 1, 100, &err), &err);
    assert_ok(ps_suppression_add_all(other, items + 101, ENTRIES - 101, &err), &err);
    assert_int_equal(ps_suppression_count(one), ps_suppression_count(other));
    for (unsigned i = 0; i < ENTRIES; i++) {
        assert_int_equal(items[i].is_new, expected[i]);
        assert_same(ps_suppression_address(one, items[i].key), ps_suppression_address(other, items[i].key));
        assert_same(ps_suppression_alias(one, items[i].provider), ps_suppression_alias(other, items[i].provider));
    }
    ps_suppression_free(one);
    ps_suppression_free(other);
}

// Nor does it matter how many times somebody stands in one call, and under which spellings.
static void test_repeats_at_once(void **state)
{
    enum { ENTRIES = 600 };
    static ps_suppression_item items[ENTRIES];
    char key[40], plain[40];

    (void)state;
    for (unsigned people = 1; people < 40; people += 6) {
        ps_suppression *one = new_set(), *other = new_set();
        ps_error err;
        unsigned seen = 0, fresh = 0;
        for (unsigned i = 0; i < ENTRIES; i++) {
            unsigned person = i * 7919 % people;
            snprintf(plain, sizeof plain, "person%u@gmail.com", person);
            snprintf(key, sizeof key, "%s%u@gmail.com", i / people % 3 == 1 ? "per.son" : "person", person);
            ps_suppression_entry entry = address(key, i % 3, (ps_class)(i % PS_CLASS_COUNT), (ps_day)(i % 11));
            entry.provider_key = ps_span_of(plain);
            items[i] = item_of(other, &entry);
            seen += add(one, entry);
            if (i == ENTRIES / 2) ps_suppression_seal(one); // what is added all the same is found
        }
        assert_ok(ps_suppression_add_all(other, items, ENTRIES, &err), &err);
        assert_int_equal(ps_suppression_count(one), ps_suppression_count(other));
        for (unsigned i = 0; i < ENTRIES; i++) {
            fresh += items[i].is_new;
            assert_same(ps_suppression_address(one, items[i].key), ps_suppression_address(other, items[i].key));
            assert_same(ps_suppression_alias(one, items[i].provider), ps_suppression_alias(other, items[i].provider));
        }
        assert_int_equal(seen, fresh);
        ps_suppression_free(one);
        ps_suppression_free(other);
    }
}

// Whoever stands there first is the new one, also where the places of many are taken up at once.
static void test_the_first_is_new(void **state)
{
    enum { ENTRIES = 40000, LATER = 40 };
    static ps_suppression_item items[ENTRIES];
    ps_suppression *set = new_set();
    char key[40];
    ps_error err;

    (void)state;
    for (unsigned i = 0; i < ENTRIES; i++) {
        unsigned person = i / (2 * LATER) * LATER + i % LATER; // twice
        snprintf(key, sizeof key, "person%u@a.example", person);
        ps_suppression_entry entry = address(key, 0, i / LATER % 2 == 0 ? PS_CLASS_HARD : PS_CLASS_UNSUBSCRIBE, 1);
        entry.provider_key = entry.key;
        items[i] = item_of(set, &entry);
    }
    assert_ok(ps_suppression_add_all(set, items, ENTRIES, &err), &err);
    for (unsigned i = 0; i < ENTRIES; i++)
        assert_int_equal(items[i].is_new, i / LATER % 2 == 0);
    ps_suppression_free(set);
}

// Memory that runs out at any point leaves a set that can go on, and loses no entry that was taken.
static void test_no_memory(void **state)
{
    (void)state;
    for (unsigned long n = 1; n < 12; n++) {
        ps_suppression *set = new_set();
        ps_error err = {.status = PS_OK};
        bool is_new;
        int taken = 0;
        ps_status status = PS_OK;
        ps_suppression_entry entry = {.class = PS_CLASS_HARD, .list = "", .date = 1};
        char key[40];

        ps_memory_fail_at(n, 0);
        while (status == PS_OK && taken < 5000) {
            snprintf(key, sizeof key, "a.b%d@gmail.com", taken);
            entry.key = ps_span_of(key);
            entry.date = taken; // a fact of its own
            entry.provider_key = (ps_span){key + 2, strlen(key) - 2};
            status = ps_suppression_add(set, &entry, &is_new, &err);
            taken += status == PS_OK;
        }
        assert_int_equal(status, PS_RETRY);
        ps_memory_fail_at(0, 0);
        assert_ok(ps_suppression_add(set, &entry, &is_new, &err), &err);
        for (int i = 0; i <= taken; i++) {
            snprintf(key, sizeof key, "a.b%d@gmail.com", i);
            assert_non_null(find(set, key));
            assert_non_null(ps_suppression_alias(set, ps_hash_of(ps_span_of(key + 2))));
        }
        ps_suppression_free(set);
    }
    ps_memory_fail_at(1, 0);
    ps_suppression *none = NULL;
    assert_int_equal(ps_suppression_new(&none, NULL), PS_RETRY);
    assert_null(none);
    ps_memory_fail_at(0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_order_does_not_matter),
        cmocka_unit_test(test_domains),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_repeats_at_once),
        cmocka_unit_test(test_the_first_is_new),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
