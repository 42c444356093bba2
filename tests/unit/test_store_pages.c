// layer: store
#include <sqlite3.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/suppressions.h"
#include "store_fixture.h"

// Lists of many pages, against a slow and obvious reference; and the states of before.

enum { START = 1790000000, HOUR = 3600, PEOPLE = 1500, SCOPES = 3, KEYS = PEOPLE * SCOPES, TEXT_BYTES = 64 };

static const char *const scopes[SCOPES] = {"", "news", "shop"};

// What is known of one key.
typedef struct known {
    bool listed; // by the ESP, now
    bool stored;
    ps_stored_entry entry;
} known;

static known model[KEYS];
static char texts[PEOPLE][TEXT_BYTES];
static char long_reason[20000];

static uint64_t seed;

static uint64_t draw(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

// Most texts share long beginnings, and some are the beginning of others.
static void begin_model(uint64_t from)
{
    memset(model, 0, sizeof model);
    memset(long_reason, 'r', sizeof long_reason);
    seed = from;
    for (unsigned i = 0; i < PEOPLE; i++)
        snprintf(texts[i], sizeof texts[i], "person.%0*u@example.com%s", (int)(i % 3) + 1, i,
                 i % 5 == 0 ? ".example" : "");
}

static ps_stored_entry drawn(unsigned key)
{
    static const ps_class classes[] = {PS_CLASS_COMPLAINT, PS_CLASS_UNSUBSCRIBE, PS_CLASS_HARD, PS_CLASS_BLOCK};
    size_t reason = draw(40) == 0 ? draw(sizeof long_reason) : draw(30);

    return (ps_stored_entry){.text = ps_span_of(texts[key / SCOPES]),
                             .scope = ps_span_of(scopes[key % SCOPES]),
                             .code = ps_span_of("550"),
                             .reason = {long_reason, reason},
                             .class = classes[draw(PS_COUNT_OF(classes))],
                             .created_s = START - HOUR + (int64_t)draw(HOUR),
                             .expires_s = draw(3) == 0 ? START + (int64_t)draw(HOUR) : 0};
}

static int64_t lasts(const ps_stored_entry *entry)
{
    return entry->expires_s == 0 ? INT64_MAX : entry->expires_s;
}

// The stronger of two that came under one key, the later one of equals.
static const ps_stored_entry *stronger(const ps_stored_entry *a, const ps_stored_entry *later)
{
    if (a->class != later->class) return a->class < later->class ? a : later;
    if (lasts(a) != lasts(later)) return lasts(a) > lasts(later) ? a : later;
    return a->created_s > later->created_s ? a : later;
}

static bool is_wish(ps_class class)
{
    return class == PS_CLASS_COMPLAINT || class == PS_CLASS_UNSUBSCRIBE;
}

typedef struct turn {
    int64_t now_s;
    bool window; // only what came since
    bool again; // through a process that ended and another that went on
    ps_stored_entry came[KEYS * 2];
    size_t count;
} turn;

// What the ESP gives: most of what it had, some of it changed, some new, in any order, some of it twice.
static void draw_turn(turn *t)
{
    for (unsigned key = 0; key < KEYS; key++)
        model[key].listed = false;
    t->count = 0;
    for (unsigned key = 0; key < KEYS; key++) {
        bool had = model[key].stored && model[key].entry.gone_s == 0;
        if (t->window ? draw(50) != 0 : had ? draw(60) == 0 : draw(4) != 0) continue;
        ps_stored_entry entry = had && draw(20) != 0 ? model[key].entry : drawn(key);
        entry.first_seen_s = entry.gone_s = 0;
        t->came[t->count++] = entry;
        if (draw(30) == 0) t->came[t->count++] = drawn(key);
    }
    for (size_t i = t->count; draw(3) != 0 && i > 1; i--) {
        size_t other = draw(i);
        ps_stored_entry held = t->came[i - 1];
        t->came[i - 1] = t->came[other];
        t->came[other] = held;
    }
}

static unsigned key_of(const ps_stored_entry *entry)
{
    unsigned person = 0, scope = 0;

    while (strlen(texts[person]) != entry->text.len || memcmp(texts[person], entry->text.bytes, entry->text.len) != 0) {
        person++;
        assert_true(person < PEOPLE);
    }
    while (strlen(scopes[scope]) != entry->scope.len ||
           memcmp(scopes[scope], entry->scope.bytes, entry->scope.len) != 0)
        scope++;
    return person * SCOPES + scope;
}

static void settle_listed(known *k, const ps_stored_entry *came, int64_t now_s, ps_intake_change *out)
{
    ps_stored_entry entry = *came, old = k->entry;

    entry.first_seen_s = k->stored ? old.first_seen_s : now_s;
    if (k->stored && is_wish(old.class) && old.class < entry.class) {
        entry.class = old.class;
        entry.expires_s = old.expires_s;
    }
    bool same = k->stored && old.gone_s == 0 && old.class == entry.class && old.created_s == entry.created_s &&
                old.expires_s == entry.expires_s && old.reason.len == entry.reason.len;
    out->added += !k->stored;
    out->returned += k->stored && old.gone_s != 0;
    out->changed += k->stored && old.gone_s == 0 && !same;
    k->stored = true;
    k->entry = entry;
}

static void settle_model(const turn *t, ps_intake_change *out)
{
    static ps_stored_entry best[KEYS];
    int64_t oldest_s = INT64_MAX;

    for (size_t i = 0; i < t->count; i++) {
        unsigned key = key_of(&t->came[i]);
        best[key] = model[key].listed ? *stronger(&best[key], &t->came[i]) : t->came[i];
        model[key].listed = true;
    }
    for (unsigned key = 0; key < KEYS; key++) {
        if (model[key].listed && best[key].created_s < oldest_s) oldest_s = best[key].created_s;
    }
    for (unsigned key = 0; key < KEYS; key++) {
        known *k = &model[key];
        bool gone = !t->window && !k->listed && k->stored && k->entry.gone_s == 0;
        if (k->listed) settle_listed(k, &best[key], t->now_s, out);
        if (!gone) continue;
        bool stays = is_wish(k->entry.class) || k->entry.created_s < oldest_s;
        out->gone++;
        out->kept += stays;
        out->lifted += !stays;
        if (stays) k->entry.gone_s = t->now_s;
        k->stored = stays;
    }
}

static ps_store *sync_turn(ps_store *store, const turn *t, ps_intake_change *out)
{
    ps_reading reading = {.list = "bounces", .since_s = t->window ? START : 0};
    ps_error err;

    ps_store_intake *intake = open_intake(store, t->now_s);
    assert_ok(ps_store_reading_begin(intake, &reading, &err), &err);
    for (size_t from = 0, count = 0; from == 0 || from < t->count; from += count) {
        count = t->count - from < 400 ? t->count - from : 400;
        const ps_intake_page page = {.entries = t->came + from,
                                     .count = count,
                                     .token = from + count < t->count ? "more" : NULL,
                                     .first = from == 0};
        assert_ok(ps_store_reading_page(intake, &reading, &page, &err), &err);
        if (page.token == NULL) break;
        if (!t->again || draw(3) != 0) continue;
        ps_store_intake_close(intake);
        ps_store_close(store);
        store = open_store();
        intake = open_intake(store, t->now_s + 1);
        reading = (ps_reading){.list = "bounces", .since_s = t->window ? START : 0};
        assert_ok(ps_store_reading_begin(intake, &reading, &err), &err);
        assert_string_equal(reading.token, "more");
    }
    assert_ok(ps_store_intake_apply(intake, &(ps_intake_accept){.accept_lift = true}, out, &err), &err);
    ps_store_intake_close(intake);
    return store;
}

static ps_status compare_entry(void *context, const ps_stored_list *list, const ps_stored_entry *entry, ps_error *err)
{
    const known *k = &model[key_of(entry)];
    size_t *count = context;
    (void)list;
    (void)err;

    (*count)++;
    assert_true(k->stored);
    assert_int_equal(entry->class, k->entry.class);
    assert_int_equal(entry->created_s, k->entry.created_s);
    assert_int_equal(entry->expires_s, k->entry.expires_s);
    assert_int_equal(entry->first_seen_s, k->entry.first_seen_s);
    assert_int_equal(entry->gone_s, k->entry.gone_s);
    assert_int_equal(entry->reason.len, k->entry.reason.len);
    return PS_OK;
}

static ps_stored_source find(ps_store *store, const char *name)
{
    ps_stored_source source;
    bool found = false;
    ps_error err;

    assert_ok(ps_store_source(store, name, &source, &found, &err), &err);
    assert_true(found);
    return source;
}

static void expect_model(ps_store *store)
{
    ps_stored_source source = find(store, "mailgun-jp");
    size_t count = 0, expected = 0;
    ps_error err;

    for (unsigned key = 0; key < KEYS; key++)
        expected += model[key].stored;
    assert_ok(ps_store_entries(store, &source, compare_entry, &count, &err), &err);
    assert_int_equal(count, expected);
    assert_int_equal(source.lists[0].count, expected);
}

static void take_out(ps_store *store, int64_t now_s)
{
    unsigned key = (unsigned)draw(KEYS), person = key / SCOPES;
    const ps_span scope = ps_span_of(scopes[key % SCOPES]);
    bool all = draw(2) == 0;
    const ps_store_removal removal = {
        .text = ps_span_of(texts[person]), .scope = all ? NULL : &scope, .who = "hanako", .why = "", .now_s = now_s};
    ps_stored_source source = find(store, "mailgun-jp");
    uint64_t count = 0, expected = 0;
    ps_error err;

    for (unsigned of = 0; of < SCOPES; of++) {
        known *k = &model[person * SCOPES + of];
        if (!k->stored || (!all && of != key % SCOPES)) continue;
        expected++;
        k->stored = false;
    }
    assert_ok(ps_store_take_out(store, &source, &removal, &count, &err), &err);
    assert_int_equal(count, expected);
}

static void test_model(void **state)
{
    static turn t;
    (void)state;

    for (uint64_t from = 1; from <= 3; from++) {
        remove_state();
        begin_model(from * 0x9E3779B97F4A7C15);
        ps_store *store = open_store();
        for (int round = 0; round < 8; round++) {
            ps_intake_change change, expected = {.added = 0};
            t.now_s = START + round * HOUR;
            t.window = round % 4 == 2;
            t.again = round % 2 == 1;
            draw_turn(&t);
            settle_model(&t, &expected);
            store = sync_turn(store, &t, &change);
            assert_int_equal(change.added, expected.added);
            assert_int_equal(change.changed, expected.changed);
            assert_int_equal(change.returned, expected.returned);
            assert_int_equal(change.gone, expected.gone);
            assert_int_equal(change.kept, expected.kept);
            assert_int_equal(change.lifted, expected.lifted);
            expect_model(store);
            for (int i = 0; i < 40; i++)
                take_out(store, t.now_s + 1);
            expect_model(store);
        }
        ps_store_close(store);
    }
}

// ---- states of before

static void make_old_state(const char *further)
{
    static char sql[16384];
    sqlite3 *database = NULL;
    FILE *file = fopen(PS_TEST_FOLDER "/unit/data/state-10.sql", "r");

    remove_state();
    assert_non_null(file);
    sql[fread(sql, 1, sizeof sql - 1, file)] = '\0';
    assert_true(feof(file) && fclose(file) == 0);
    assert_int_equal(sqlite3_open(STATE, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, further, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static ps_status add_text(void *context, const ps_stored_list *list, const ps_stored_entry *entry, ps_error *err)
{
    char *text = context;
    (void)list;
    (void)err;

    size_t len = strlen(text);
    snprintf(text + len, 1024 - len, "%.*s/%.*s/%s/%.*s/%.*s/%d/%d/%d\n", (int)entry->text.len, entry->text.bytes,
             (int)entry->scope.len, entry->scope.bytes, ps_class_word(entry->class), (int)entry->code.len,
             entry->code.bytes, (int)entry->reason.len, entry->reason.bytes, (int)entry->created_s,
             (int)entry->first_seen_s, (int)entry->gone_s);
    return PS_OK;
}

static const char old_entries[] = "friend@example.jp//unknown///1765417780/1795322489/0\n"
                                  "Ann@Example.jp//hard/550/No such mailbox/1765417780/1795322489/0\n"
                                  "new@example.com//hard/550/No such mailbox/1765417780/1795322490/0\n"
                                  "zoe@example.net//hard/550/No such mailbox/1765417780/1795322489/0\n"
                                  "angry@example.jp//complaint///1765417780/1795322489/0\n"
                                  "calm@example.jp//complaint///1765417780/1795322489/1795322490\n"
                                  "hanako@example.jp/news/unsubscribe///1765417780/1795322489/0\n"
                                  "hanako@example.jp/shop/unsubscribe///1765417780/1795322489/0\n"
                                  "taro@example.jp//unsubscribe///1765417780/1795322489/0\n";

static void put_bytes(const unsigned char *bytes, size_t len)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *put = NULL;

    assert_int_equal(sqlite3_open(STATE, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, "UPDATE suppression_pages SET entries = ?", -1, &put, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_bind_blob(put, 1, bytes, (int)len, SQLITE_STATIC), SQLITE_OK);
    assert_int_equal(sqlite3_step(put), SQLITE_DONE);
    sqlite3_finalize(put);
    sqlite3_close(database);
}

static size_t get_bytes(unsigned char *out, size_t max)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *get = NULL;

    assert_int_equal(sqlite3_open(STATE, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, "SELECT entries FROM suppression_pages", -1, &get, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(get), SQLITE_ROW);
    size_t len = (size_t)sqlite3_column_bytes(get, 0);
    assert_true(len > 0 && len <= max);
    memcpy(out, sqlite3_column_blob(get, 0), len);
    assert_int_equal(sqlite3_step(get), SQLITE_DONE);
    sqlite3_finalize(get);
    sqlite3_close(database);
    return len;
}

// Whichever bit of the stored entries flips is found, and whatever can be read of them is there afterwards. One bit in
// seven is mended, which comes to each of a byte.
static void check_bit(ps_store *store, size_t bit, const turn *t)
{
    unsigned char bytes[512];
    char text[1024] = "";
    ps_intake_change change;
    ps_error err;

    size_t len = get_bytes(bytes, sizeof bytes);
    bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    put_bytes(bytes, len);
    ps_stored_source source = find(store, "mailgun-jp");
    assert_int_equal(ps_store_entries(store, &source, add_text, text, &err), PS_SOURCE);
    ps_store_intake *intake = open_intake(store, START + HOUR);
    ps_reading reading = {.list = "bounces", .since_s = START};
    const ps_intake_page nothing = {.first = true};
    assert_ok(ps_store_reading_begin(intake, &reading, &err), &err);
    assert_ok(ps_store_reading_page(intake, &reading, &nothing, &err), &err);
    assert_int_equal(ps_store_intake_apply(intake, &(ps_intake_accept){0}, &change, &err), PS_SOURCE);
    if (bit % 7 == 0) {
        assert_ok(ps_store_intake_apply(intake, &(ps_intake_accept){.accept_checksum = true}, &change, &err), &err);
        source = find(store, "mailgun-jp");
        text[0] = '\0';
        assert_ok(ps_store_entries(store, &source, add_text, text, &err), &err);
        unsigned left = 0;
        for (size_t i = 0; i < t->count; i++)
            left += strstr(text, t->came[i].text.bytes) != NULL;
        assert_in_range(left, t->count - 1, t->count); // all but the one that was hit
    }
    ps_store_intake_close(intake);
    bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    if (bit % 7 != 0) put_bytes(bytes, len);
}

static void test_every_bit(void **state)
{
    static turn t = {.now_s = START, .count = 3};
    static const char *const addresses[] = {"Ann@Example.jp", "bob@example.jp", "zoe@example.net"};
    unsigned char bytes[512];
    ps_intake_change change;
    size_t bits = 1;
    (void)state;

    for (size_t i = 0; i < t.count; i++)
        t.came[i] = (ps_stored_entry){.text = ps_span_of(addresses[i]),
                                      .code = ps_span_of("550"),
                                      .class = PS_CLASS_HARD,
                                      .created_s = START - 50};
    for (size_t bit = 0; bit < bits; bit++) {
        if (bit % 7 <= 1) remove_state(); // the one before was mended
        ps_store *store = open_store();
        if (bit % 7 <= 1) store = sync_turn(store, &t, &change);
        bits = 8 * get_bytes(bytes, sizeof bytes);
        check_bit(store, bit, &t);
        ps_store_close(store);
    }
}

// The tenth form: every entry is there as it was, with what proves it; what departed, too. What waited is read again.
static void test_old_state(void **state)
{
    char text[1024] = "";
    ps_reading reading = {.list = "complaints"};
    ps_error err;
    (void)state;

    make_old_state("");
    ps_store *store = open_store();
    ps_stored_source source = find(store, "mailgun-jp"), keep = find(store, "keep");
    assert_ok(ps_store_entries(store, &source, add_text, text, &err), &err);
    assert_string_equal(text, old_entries);
    text[0] = '\0';
    assert_ok(ps_store_entries(store, &keep, add_text, text, &err), &err);
    assert_string_equal(text, "never@example.com//manual//l.txt/0/1795322490/0\n"
                              "other@example.com//manual//l.txt/0/1795322490/0\n");
    ps_store_intake *intake = open_intake(store, 1795322500);
    assert_ok(ps_store_reading_begin(intake, &reading, &err), &err);
    assert_string_equal(reading.token, "");
    assert_int_equal(reading.pages, 0);
    ps_store_intake_close(intake);
    ps_store_close(store);
}

// What was damaged before stays found out.
static void test_old_damage(void **state)
{
    static const char *const changes[] = {
        "UPDATE suppression_entries SET text = 'bnn@Example.jp' WHERE text = 'Ann@Example.jp'",
        "UPDATE suppression_entries SET class = 64 WHERE text = 'Ann@Example.jp'",
        "UPDATE suppression_entries SET kind = -1 WHERE text = 'Ann@Example.jp'",
        "UPDATE suppression_entries SET list = 77 WHERE text = 'Ann@Example.jp'",
        "DELETE FROM suppression_entries WHERE text = 'Ann@Example.jp'",
    };
    char text[1024];
    ps_error err;
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(changes); i++) {
        print_message("  %s\n", changes[i]);
        make_old_state(changes[i]);
        ps_store *store = open_store();
        ps_stored_source source = find(store, "mailgun-jp");
        text[0] = '\0';
        assert_int_equal(ps_store_entries(store, &source, add_text, text, &err), PS_SOURCE);
        ps_store_close(store);
    }
}

// An entry that is none is left out, wherever among many pages it stands: the state opens, and what is missing is found
// out and can be let pass.
static void test_old_unsound(void **state)
{
    enum { MORE = 2000, SOUND = 3 + MORE - MORE / 10 - 2 };
    ps_reading reading = {.list = "bounces", .since_s = 1795322500};
    const ps_intake_page nothing = {.first = true};
    ps_intake_change change;
    ps_error err;
    (void)state;

    make_old_state("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
                   "INSERT INTO suppression_entries SELECT 1, printf('n%04d@example.com', i), '', 0, 3, '550', "
                   "'No such mailbox', 1765417780, 0, 1795322489, 0 FROM n;"
                   "UPDATE suppression_entries SET class = 64 WHERE text = 'Ann@Example.jp' OR text LIKE 'n%1@%';"
                   "UPDATE suppression_entries SET kind = -1 WHERE text = 'n1200@example.com'");
    ps_store *store = open_store();
    ps_stored_source source = find(store, "mailgun-jp");
    char text[1024] = "";
    assert_int_equal(ps_store_entries(store, &source, add_text, text, &err), PS_SOURCE);
    assert_non_null(strstr(err.hint, "--accept mailgun-jp:checksum"));
    ps_store_intake *intake = open_intake(store, 1795322500);
    assert_ok(ps_store_reading_begin(intake, &reading, &err), &err);
    assert_ok(ps_store_reading_page(intake, &reading, &nothing, &err), &err);
    assert_ok(ps_store_intake_apply(intake, &(ps_intake_accept){.accept_checksum = true}, &change, &err), &err);
    ps_store_intake_close(intake);
    source = find(store, "mailgun-jp");
    assert_int_equal(source.lists[1].count, SOUND);
    ps_store_close(store);
}

// Without memory at any moment the state stays as it was, and the next start packs it.
static void test_old_state_without_memory(void **state)
{
    char text[1024] = "";
    ps_store *store = NULL;
    unsigned long n = 1;
    ps_error err;
    (void)state;

    make_old_state("");
    for (; store == NULL && n < 1000; n++) {
        ps_memory_fail_at(n, 0);
        ps_status status = ps_store_open(STATE, NULL, &store, &err);
        ps_memory_fail_at(0, 0);
        assert_true(status == PS_OK || status == PS_RETRY);
    }
    assert_true(n > 5 && n < 1000);
    ps_stored_source source = find(store, "mailgun-jp");
    assert_ok(ps_store_entries(store, &source, add_text, text, &err), &err);
    assert_string_equal(text, old_entries);
    ps_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_model, begin_empty),
        cmocka_unit_test_setup(test_every_bit, begin_empty),
        cmocka_unit_test_setup(test_old_state, begin_empty),
        cmocka_unit_test_setup(test_old_damage, begin_empty),
        cmocka_unit_test_setup(test_old_unsound, begin_empty),
        cmocka_unit_test_setup(test_old_state_without_memory, begin_empty),
    };

    return cmocka_run_group_tests(tests, enter_store, leave_store);
}
