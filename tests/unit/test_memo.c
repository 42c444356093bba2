// What is known of domains, kept: found again, whole, from any thread; and no answer depends on it.
// layer: mail
// labels: threads

#include "mail/memo.h"

#include <pthread.h>

#include "mail/lists.h"
#include "mail/parse.h"

#include "assert.h"

enum { THREADS = 4, CELLS = 600, ROUNDS = 20, TEXT_SIZE = PS_MEMO_BYTES_BEFORE + PS_MEMO_TEXT_MAX + 1 };
enum { ENOUGH = 150000 }; // domains, more than are kept

// `before`, a number and `after`, with the bytes before them that the memo may read.
static ps_span text_of(char room[TEXT_SIZE], const char *before, unsigned number, const char *after)
{
    memset(room, '@', PS_MEMO_BYTES_BEFORE);
    int len = snprintf(room + PS_MEMO_BYTES_BEFORE, TEXT_SIZE - PS_MEMO_BYTES_BEFORE, "%s%u%s", before, number, after);
    assert_in_range(len, PS_MEMO_TEXT_MIN, PS_MEMO_TEXT_MAX);
    return (ps_span){room + PS_MEMO_BYTES_BEFORE, (size_t)len};
}

static const ps_memo_entry *find(const ps_memo *memo, ps_span text)
{
    ps_memo_key key;

    ps_memo_key_of(text, false, &key);
    return ps_memo_find_from(memo, ps_memo_likely(memo, key.hash, text.len), text, &key);
}

// Without a guess.
static const ps_memo_entry *find_all(const ps_memo *memo, ps_span text)
{
    ps_memo_key key;

    ps_memo_key_of(text, false, &key);
    return ps_memo_find(memo, text, &key);
}

static bool is_likely(const ps_memo *memo, ps_span text)
{
    ps_memo_key key;

    ps_memo_key_of(text, false, &key);
    return ps_memo_is(ps_memo_likely(memo, key.hash, text.len), text);
}

static const ps_memo_entry *add(ps_memo *memo, const ps_memo_domain *domain)
{
    ps_memo_key key;

    ps_memo_key_of(domain->text, false, &key);
    return ps_memo_add(memo, domain, &key);
}

static void test_keeps_all(void **state)
{
    char room[TEXT_SIZE];
    ps_memo *memo = NULL;
    ps_memo_domain domain = {
        .text = text_of(room, "bu\u0308cher", 1, ".de"),
        .usable = true,
        .minds = PS_PLAIN_ANY,
        .provider = 7,
        .findings = PS_FIND(NORMALIZED_IDN) | PS_FIND(TYPO_SUSPECTED),
        .host = ps_span_of("xn--bcher1-kva.de"),
        .unicode = ps_span_of("b\u00FCcher1.de"),
        .meant = ps_span_of("meant.de"),
        .provider_key = ps_span_of("user@host.de"),
    };

    (void)state;
    assert_ok(ps_memo_new(&memo, NULL), NULL);
    assert_null(find(memo, domain.text));
    const ps_memo_entry *entry = add(memo, &domain);
    assert_non_null(entry);
    assert_ptr_equal(find(memo, domain.text), entry);
    assert_ptr_equal(add(memo, &domain), entry); // once is enough
    assert_true(entry->usable && !entry->as_written);
    assert_int_equal(entry->minds, PS_PLAIN_ANY);
    assert_int_equal(entry->provider, 7);
    assert_findings_equal(ps_memo_findings(entry), domain.findings);
    assert_span_equal(ps_memo_host(entry), "xn--bcher1-kva.de");
    assert_span_equal(ps_memo_unicode(entry), "b\u00FCcher1.de");
    assert_span_equal(ps_memo_meant(entry), "meant.de");
    assert_span_equal(ps_memo_provider_key(entry), "user@host.de");
    ps_memo_free(memo);
    ps_memo_free(NULL);
}

// What is not kept says the same.
static void test_made(void **state)
{
    char room[TEXT_SIZE];
    ps_arena arena;
    ps_memo_domain domain = {
        .text = text_of(room, "B\u00FCcher", 1, ".de"),
        .usable = true,
        .minds = 3,
        .provider = 5,
        .findings = PS_FIND(TYPO_SUSPECTED),
        .host = ps_span_of("xn--bcher1-kva.de"),
        .unicode = ps_span_of("b\u00FCcher1.de"),
        .meant = ps_span_of("meant.de"),
        .provider_key = ps_span_of("user@host.de"),
    };

    (void)state;
    assert_ok(ps_arena_open(1 << 20, &arena, NULL), NULL);
    const ps_memo_entry *entry = ps_memo_make(&arena, &domain);
    assert_int_equal(entry->number, 0);
    assert_true(entry->usable && !entry->refused && !entry->as_written && entry->has_more);
    assert_int_equal(entry->minds, 3);
    assert_int_equal(entry->provider, 5);
    assert_findings_equal(ps_memo_findings(entry), domain.findings);
    assert_span_equal(ps_memo_host(entry), "xn--bcher1-kva.de");
    assert_span_equal(ps_memo_unicode(entry), "b\u00FCcher1.de");
    assert_span_equal(ps_memo_meant(entry), "meant.de");
    assert_span_equal(ps_memo_provider_key(entry), "user@host.de");
    ps_arena_close(&arena);
}

// Entries with more than a text and without, of all lengths: each is gone through once, as it was added.
static void test_next(void **state)
{
    ps_memo *memo = NULL;
    const ps_memo_entry *entry = NULL;
    char room[TEXT_SIZE];
    uint32_t number = 0;

    (void)state;
    assert_ok(ps_memo_new(&memo, NULL), NULL);
    assert_null(ps_memo_next(memo, NULL));
    for (size_t len = PS_MEMO_TEXT_MIN; len <= PS_MEMO_TEXT_MAX; len++) {
        memset(room, 'a', sizeof room);
        ps_memo_domain domain = {.text = {room + PS_MEMO_BYTES_BEFORE, len}, .host = {room, len}, .usable = true};
        if (len % 4 == 1) domain.findings = PS_FIND(TYPO_SUSPECTED);
        if (len % 4 == 2) domain.meant = ps_span_of("meant.de");
        if (len % 4 == 3) domain.host = ps_span_of("other.de");
        const ps_memo_entry *added = add(memo, &domain);
        entry = ps_memo_next(memo, entry);
        assert_ptr_equal(entry, added);
        assert_int_equal(entry->number, ++number);
        assert_findings_equal(ps_memo_findings(entry), domain.findings);
        assert_true(ps_span_equal(ps_memo_host(entry), domain.host));
        assert_true(ps_span_equal(ps_memo_meant(entry), domain.meant));
        assert_int_equal(ps_memo_unicode(entry).len + ps_memo_provider_key(entry).len, 0);
        assert_null(ps_memo_next(memo, entry));
    }
    ps_memo_free(memo);
}

// Texts of all lengths that differ in one byte only, wherever it is.
static void test_tells_texts_apart(void **state)
{
    ps_memo *memo = NULL;
    char room[TEXT_SIZE];

    (void)state;
    assert_ok(ps_memo_new(&memo, NULL), NULL);
    for (size_t len = PS_MEMO_TEXT_MIN; len <= PS_MEMO_TEXT_MAX; len++) {
        ps_memo_domain domain = {.text = {room + PS_MEMO_BYTES_BEFORE, len}};
        memset(room, 'a', sizeof room);
        for (size_t at = 0; at < len; at++) {
            room[PS_MEMO_BYTES_BEFORE + at] = 'b';
            assert_null(find(memo, domain.text));
            // Long texts that agree at the beginning, in the middle and at the end share one hash: not all have room.
            const ps_memo_entry *entry = add(memo, &domain);
            assert_true(entry != NULL || len > 24);
            assert_ptr_equal(find(memo, domain.text), entry);
            room[PS_MEMO_BYTES_BEFORE - 1] = '@'; // what stands before does not count
            assert_ptr_equal(find(memo, domain.text), entry);
            room[PS_MEMO_BYTES_BEFORE - 1] = 'a';
            room[PS_MEMO_BYTES_BEFORE + at] = 'a';
        }
    }
    ps_memo_free(memo);
}

static void test_is_bounded(void **state)
{
    char room[TEXT_SIZE], long_text[2000];
    ps_memo *memo = NULL;
    unsigned kept = 0;

    (void)state;
    assert_ok(ps_memo_new(&memo, NULL), NULL);
    memset(long_text, 'a', sizeof long_text);
    ps_memo_domain too_long = {.text = text_of(room, "long", 0, ".jp"), .unicode = {long_text, sizeof long_text}};
    assert_null(add(memo, &too_long));
    assert_true(ps_memo_has_room(memo));
    for (unsigned i = 0; i < ENOUGH; i++) {
        ps_memo_domain domain = {.text = text_of(room, "shop", i, ".example.jp")};
        kept += add(memo, &domain) != NULL;
        if (kept == 100000) assert_true(ps_memo_has_room(memo));
    }
    assert_false(ps_memo_has_room(memo));
    assert_in_range(kept, 120000, 122880);
    unsigned unlikely = 0;
    for (unsigned i = 0; i < 100000; i++) {
        const ps_span text = text_of(room, "shop", i, ".example.jp");
        const ps_memo_entry *entry = find(memo, text);
        assert_ptr_equal(entry, find_all(memo, text));
        kept -= entry != NULL;
        unlikely += entry != NULL && !is_likely(memo, text);
    }
    assert_in_range(kept, 20000, 23500);
    assert_in_range(unlikely, 1, 100000 / 20); // however full it is, it seldom looks at another one's entry
    ps_memo_free(memo);
}

// Entries that take many units fill the room before there are many.
static void test_is_bounded_in_bytes(void **state)
{
    static char mailbox[960];
    ps_memo *memo = NULL;
    char room[TEXT_SIZE];
    unsigned kept = 0;

    (void)state;
    memset(mailbox, 'a', sizeof mailbox);
    assert_ok(ps_memo_new(&memo, NULL), NULL);
    for (unsigned i = 0; i < 30000; i++) {
        ps_memo_domain domain = {.text = text_of(room, "shop", i, ".jp"), .provider_key = {mailbox, sizeof mailbox}};
        kept += add(memo, &domain) != NULL;
    }
    assert_false(ps_memo_has_room(memo));
    assert_in_range(kept, 15000, 16000); // 15 MiB
    ps_memo_free(memo);
}

// Threads that meet every domain for the first time at the same time.
typedef struct work {
    const ps_address_rules *rules;
    char (*cells)[PS_PLAIN_BYTES_MAX];
    unsigned first;
    uint64_t wrong;
} work;

static bool same_answers(const ps_address_rules *rules, ps_span cell, ps_arena *arena)
{
    ps_address fast, slow;
    ps_findings by_fast = ps_address_parse(rules, cell, arena, &fast);
    ps_findings by_slow = ps_address_parse_long(rules, cell, arena, &slow);

    return by_fast == by_slow && ps_span_equal(fast.ascii, slow.ascii) && ps_span_equal(fast.unicode, slow.unicode) &&
           ps_span_equal(fast.key, slow.key) && ps_span_equal(fast.provider_key, slow.provider_key) &&
           ps_span_equal(fast.suggestion, slow.suggestion);
}

static void *run(void *context)
{
    work *w = context;
    ps_arena arena;

    if (ps_arena_open((size_t)64 << 20, &arena, NULL) != PS_OK) {
        w->wrong++;
        return NULL;
    }
    for (unsigned i = 0; i < CELLS; i++) {
        const char *cell = w->cells[(w->first + i) % CELLS];
        w->wrong += !same_answers(w->rules, ps_span_of(cell), &arena);
        ps_arena_reset(&arena);
    }
    ps_arena_close(&arena);
    return NULL;
}

static void fill_cells(char cells[CELLS][PS_PLAIN_BYTES_MAX])
{
    static const char *const domains[] = {"shop%u.jp",    "gmail.com",        "Gmail.COM",        "例え%u.jp",
                                          "gmial.com",    "x%u.fastmail.com", "googlemail.com",   "shop%u.jp.",
                                          "SHOP%u.co.jp", "shop%u.neverseen", "BÜCHER%u.example", "mailinator.com",
                                          "-bad%u.jp",    "-Bad%u.jp",        "localhost",        "büchEr%u.de",
                                          "shop%u.jp  ",  "Shop%u.de ",       "-bad%u.jp\t"};
    static const char *const locals[] = {"taro%u@", "Ta.ro+x%u@", "info@", "noreply+%u@", " taro%u@"};

    for (unsigned i = 0; i < CELLS; i++) {
        size_t len = 0;
        const char *parts[] = {locals[i % PS_COUNT_OF(locals)],
                               domains[i / PS_COUNT_OF(locals) % PS_COUNT_OF(domains)]};
        for (size_t p = 0; p < PS_COUNT_OF(parts); p++) {
            const char *number = strstr(parts[p], "%u");
            size_t before = number == NULL ? strlen(parts[p]) : (size_t)(number - parts[p]);
            memcpy(cells[i] + len, parts[p], before + 1);
            len += before;
            cells[i][len] = '\0';
            if (number == NULL) continue;
            len += (size_t)snprintf(cells[i] + len, PS_PLAIN_BYTES_MAX - len, "%u%s", i / 5, number + 2);
        }
    }
}

static void test_threads(void **state)
{
    static char cells[CELLS][PS_PLAIN_BYTES_MAX];

    (void)state;
    fill_cells(cells);
    for (unsigned round = 0; round < ROUNDS; round++) {
        pthread_t threads[THREADS];
        work works[THREADS];
        ps_address_rules *rules = NULL;
        assert_ok(ps_address_rules_new(NULL, &rules, NULL), NULL);
        for (unsigned i = 0; i < THREADS; i++) {
            works[i] = (work){.rules = rules, .cells = cells, .first = round % 2 == 0 ? 0 : i * CELLS / THREADS};
            assert_int_equal(pthread_create(&threads[i], NULL, run, &works[i]), 0);
        }
        for (unsigned i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_join(threads[i], NULL), 0);
            assert_int_equal(works[i].wrong, 0);
        }
        ps_address_rules_free(rules);
    }
}

// One thread of those that add the same domains: of each, what is kept of it.
typedef struct filling {
    ps_memo *memo;
    unsigned first;
    const ps_memo_entry **kept;
} filling;

enum { MANY = 120000 }; // of two threads, most of which find room

static void *fill(void *context)
{
    filling *f = context;
    char room[TEXT_SIZE];

    for (unsigned i = 0; i < MANY; i++) {
        unsigned number = (f->first + i) % MANY;
        ps_memo_domain domain = {.text = text_of(room, "many", number, ".jp")};
        f->kept[number] = find(f->memo, domain.text);
        if (f->kept[number] == NULL) f->kept[number] = add(f->memo, &domain);
    }
    return NULL;
}

// A domain stands in one place for all: else it would be counted as two.
static void test_threads_fill_it(void **state)
{
    static const ps_memo_entry *kept[2][MANY];
    pthread_t threads[2];
    filling fillings[2];
    ps_memo *memo = NULL;
    char room[TEXT_SIZE];
    unsigned lost = 0;

    (void)state;
    assert_ok(ps_memo_new(&memo, NULL), NULL);
    for (unsigned i = 0; i < 2; i++) {
        fillings[i] = (filling){.memo = memo, .first = i * 100, .kept = kept[i]};
        assert_int_equal(pthread_create(&threads[i], NULL, fill, &fillings[i]), 0);
    }
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (unsigned i = 0; i < MANY; i++) {
        const ps_memo_entry *entry = find(memo, text_of(room, "many", i, ".jp"));
        lost += entry == NULL;
        for (unsigned thread = 0; thread < 2; thread++)
            assert_true(kept[thread][i] == NULL || kept[thread][i] == entry);
    }
    assert_in_range(lost, 0, MANY / 5); // what two threads add at the same time takes the room of two
    ps_memo_free(memo);
}

// A memo without room changes speed and nothing else.
static void test_full_memo(void **state)
{
    static char cells[CELLS][PS_PLAIN_BYTES_MAX];
    char room[TEXT_SIZE];
    ps_address_rules *rules = NULL;
    ps_arena arena;

    (void)state;
    fill_cells(cells);
    assert_ok(ps_arena_open((size_t)64 << 20, &arena, NULL), NULL);
    assert_ok(ps_address_rules_new(NULL, &rules, NULL), NULL);
    for (unsigned i = 0; i < ENOUGH; i++) {
        ps_memo_domain domain = {.text = text_of(room, "full", i, ".jp")};
        (void)add(rules->memo, &domain); // that some do not fit is the point
    }
    for (unsigned i = 0; i < CELLS; i++) {
        ps_address address;
        assert_true(same_answers(rules, ps_span_of(cells[i]), &arena));
        ps_address_parse(rules, ps_span_of(cells[i]), &arena, &address);
        assert_int_equal(address.domain_number, 0);
    }
    ps_address_rules_free(rules);
    ps_arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keeps_all),
        cmocka_unit_test(test_made),
        cmocka_unit_test(test_next),
        cmocka_unit_test(test_tells_texts_apart),
        cmocka_unit_test(test_is_bounded),
        cmocka_unit_test(test_is_bounded_in_bytes),
        cmocka_unit_test(test_full_memo),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_threads_fill_it),
    };

    if (PS_TEST_RACES) cmocka_set_test_filter("test_threads*"); // the others take one thread most of a minute there
    return cmocka_run_group_tests(tests, NULL, NULL);
}
