// layer: store
#include <sqlite3.h>

#include "base/memory.h"
#include "store/suppressions.h"
#include "store_fixture.h"

// Lists of an ESP on their way into the state.

enum { HOUR = 3600, START = 1790000000 };

typedef struct item {
    const char *text, *scope;
    ps_class class;
    int64_t created_s;
} item;

static ps_stored_entry entry_of(const item *from)
{
    return (ps_stored_entry){.text = ps_span_of(from->text),
                             .scope = ps_span_of(from->scope == NULL ? "" : from->scope),
                             .code = ps_span_of("550"),
                             .class = from->class,
                             .created_s = from->created_s};
}

typedef struct one_sync {
    const char *list; // NULL: bounces
    int64_t now_s, since_s;
    const item *items;
    size_t count;
    bool allowlist;
    ps_intake_accept apply;
} one_sync;

static ps_status read_list(ps_store_intake *intake, const one_sync *s, ps_error *err)
{
    ps_reading reading = {
        .list = s->list == NULL ? "bounces" : s->list, .since_s = s->since_s, .allowlist = s->allowlist};
    ps_stored_entry entries[8];
    ps_status status = ps_store_reading_begin(intake, &reading, err);

    for (size_t from = 0, first = 1; status == PS_OK && (first || from < s->count); first = 0) {
        size_t count = s->count - from < PS_COUNT_OF(entries) ? s->count - from : PS_COUNT_OF(entries);
        for (size_t i = 0; i < count; i++)
            entries[i] = entry_of(&s->items[from + i]);
        from += count;
        const ps_intake_page page = {
            .entries = entries, .count = count, .token = from < s->count ? "more" : NULL, .first = first};
        status = ps_store_reading_page(intake, &reading, &page, err);
    }
    if (status != PS_OK) return status;
    assert_true(reading.ended);
    assert_int_equal(reading.entries, s->count);
    return PS_OK;
}

static ps_status try_sync(ps_store *store, const one_sync *s, ps_intake_change *out, ps_error *err)
{
    ps_store_intake *intake = open_intake(store, s->now_s);

    assert_ok(read_list(intake, s, err), err);
    ps_status status = ps_store_intake_apply(intake, &s->apply, out, err);
    ps_store_intake_close(intake);
    return status;
}

static ps_intake_change do_sync(ps_store *store, const one_sync *s)
{
    ps_intake_change change;
    ps_error err;

    assert_ok(try_sync(store, s, &change, &err), &err);
    return change;
}

static ps_stored_source find_source(ps_store *store)
{
    ps_stored_source source;
    bool found = false;
    ps_error err;

    assert_ok(ps_store_source(store, "mailgun-jp", &source, &found, &err), &err);
    assert_true(found);
    return source;
}

static ps_status add_text(void *context, const ps_stored_list *list, const ps_stored_entry *entry, ps_error *err)
{
    char *text = context;
    (void)err;

    size_t len = strlen(text);
    snprintf(text + len, 512 - len, "%s/%.*s%s%.*s%s ", list->name, (int)entry->text.len, entry->text.bytes,
             entry->scope.len == 0 ? "" : "#", (int)entry->scope.len, entry->scope.bytes,
             entry->gone_s == 0 ? "" : "(gone)");
    return PS_OK;
}

static void assert_stored(ps_store *store, const char *expected)
{
    char text[512] = "";
    ps_error err;
    ps_stored_source source = find_source(store);

    assert_ok(ps_store_entries(store, &source, add_text, text, &err), &err);
    assert_string_equal(text, expected);
}

static const item bounces[] = {{"zoe@example.net", NULL, PS_CLASS_HARD, START - 50},
                               {"Ann@Example.jp", NULL, PS_CLASS_HARD, START - 300},
                               {"bob@example.jp", NULL, PS_CLASS_HARD, START - 200}};

static void test_new_source(void **state)
{
    (void)state;
    ps_store *store = open_store();
    ps_intake_change change = do_sync(store, &(one_sync){.now_s = START, .items = bounces, .count = 3});

    assert_int_equal(change.added, 3);
    assert_int_equal(change.entries, 3);
    assert_int_equal(change.after, 3);
    assert_stored(store, "bounces/Ann@Example.jp bounces/bob@example.jp bounces/zoe@example.net ");
    ps_stored_source source = find_source(store);
    assert_int_equal(source.lists[0].whole_s, START);
    assert_int_equal(source.lists[0].full_s, START);
    assert_int_equal(ps_stored_whole_s(&source), START);

    // Nothing new: nothing changes, but that it is known to be so.
    ps_hash sum = source.lists[0].sum;
    change = do_sync(store, &(one_sync){.now_s = START + HOUR, .items = bounces, .count = 3});
    assert_int_equal(change.added + change.changed + change.gone, 0);
    source = find_source(store);
    assert_true(ps_hash_equal(sum, source.lists[0].sum));
    assert_int_equal(source.lists[0].whole_s, START + HOUR);
    ps_store_close(store);
}

// A window of time only adds.
static void test_window(void **state)
{
    (void)state;
    const item later = {"new@example.jp", NULL, PS_CLASS_HARD, START + 10};
    ps_store *store = open_store();

    do_sync(store, &(one_sync){.now_s = START, .items = bounces, .count = 3});
    ps_intake_change change =
        do_sync(store, &(one_sync){.now_s = START + HOUR, .since_s = START, .items = &later, .count = 1});
    assert_int_equal(change.added, 1);
    assert_int_equal(change.gone, 0);
    assert_int_equal(change.entries, 4);
    change = do_sync(store, &(one_sync){.now_s = START + 2 * HOUR, .since_s = START, .items = NULL, .count = 0});
    assert_int_equal(change.gone, 0); // nothing came, which is no empty list
    ps_stored_source source = find_source(store);
    assert_int_equal(source.lists[0].whole_s, START + 2 * HOUR);
    assert_int_equal(source.lists[0].full_s, START);
    ps_store_close(store);
}

// The same address under two tags is two entries; one that comes twice in a reading is one.
static void test_repeated(void **state)
{
    (void)state;
    const item items[] = {{"a@example.jp", "news", PS_CLASS_UNSUBSCRIBE, 0},
                          {"a@example.jp", "shop", PS_CLASS_UNSUBSCRIBE, 0},
                          {"a@example.jp", "news", PS_CLASS_UNSUBSCRIBE, 5}};
    ps_store *store = open_store();

    ps_intake_change change =
        do_sync(store, &(one_sync){.list = "unsubscribes", .now_s = START, .items = items, .count = 3});
    assert_int_equal(change.added, 2);
    assert_stored(store, "unsubscribes/a@example.jp#news unsubscribes/a@example.jp#shop ");
    ps_store_close(store);
}

static void test_vanished(void **state)
{
    static const struct {
        const char *name;
        item gone;
        uint64_t lifted, kept;
    } cases[] = {
        {"a bounce is lifted", {"gone@example.jp", NULL, PS_CLASS_HARD, START - 100}, 1, 0},
        {"a block", {"gone@example.jp", NULL, PS_CLASS_BLOCK, START - 100}, 1, 0},
        {"a soft bounce", {"gone@example.jp", NULL, PS_CLASS_SOFT, START - 100}, 1, 0},
        {"an invalid one", {"gone@example.jp", NULL, PS_CLASS_INVALID, START - 100}, 1, 0},
        {"a bounce of unknown time", {"gone@example.jp", NULL, PS_CLASS_HARD, 0}, 1, 0},
        {"a bounce older than all that is left", {"gone@example.jp", NULL, PS_CLASS_HARD, START - 1000}, 0, 1},
        {"a complaint stays", {"gone@example.jp", NULL, PS_CLASS_COMPLAINT, START - 100}, 0, 1},
        {"an unsubscribe", {"gone@example.jp", NULL, PS_CLASS_UNSUBSCRIBE, START - 100}, 0, 1},
        {"a manual block", {"gone@example.jp", NULL, PS_CLASS_MANUAL, START - 100}, 0, 1},
        {"nobody knows why", {"gone@example.jp", NULL, PS_CLASS_UNKNOWN, START - 100}, 0, 1},
    };
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].name);
        const item items[] = {bounces[0], bounces[1], bounces[2], cases[i].gone};
        begin_empty(NULL);
        ps_store *store = open_store();
        do_sync(store, &(one_sync){.now_s = START, .items = items, .count = 4});
        ps_intake_change change = do_sync(store, &(one_sync){.now_s = START + HOUR, .items = items, .count = 3});
        assert_int_equal(change.lifted, cases[i].lifted);
        assert_int_equal(change.kept, cases[i].kept);
        assert_int_equal(change.gone, 1);
        assert_stored(store, cases[i].kept ? "bounces/Ann@Example.jp bounces/bob@example.jp "
                                             "bounces/gone@example.jp(gone) bounces/zoe@example.net "
                                           : "bounces/Ann@Example.jp bounces/bob@example.jp bounces/zoe@example.net ");
        // It stays gone without being counted again, and may come back.
        change = do_sync(store, &(one_sync){.now_s = START + 2 * HOUR, .items = items, .count = 3});
        assert_int_equal(change.gone, 0);
        change = do_sync(store, &(one_sync){.now_s = START + 3 * HOUR, .items = items, .count = 4});
        assert_int_equal(change.returned, cases[i].kept);
        assert_int_equal(change.added, cases[i].lifted);
        assert_int_equal(change.entries, 4);
        ps_store_close(store);
    }
}

enum { MANY = 4000 };

// Many bounces; every `without`-th of them is left out.
static void do_many(ps_store *store, int64_t now_s, size_t left_out, const ps_intake_accept *apply,
                    ps_intake_change *out)
{
    static char texts[MANY][32];
    static item items[MANY];

    for (size_t i = left_out; i < MANY; i++) {
        snprintf(texts[i], sizeof texts[i], "person%04zu@example.jp", i);
        items[i] = (item){texts[i], NULL, PS_CLASS_HARD, START - 1};
    }
    *out = do_sync(store,
                   &(one_sync){.now_s = now_s, .items = items + left_out, .count = MANY - left_out, .apply = *apply});
}

// More than a hundred and more than a twentieth at once: none is lifted, until somebody says so.
static void test_lift_guard(void **state)
{
    const ps_intake_accept none = {.accept_lift = false}, accept = {.accept_lift = true};
    ps_intake_change change;
    (void)state;

    ps_store *store = open_store();
    do_many(store, START, 0, &none, &change);
    do_many(store, START + HOUR, MANY / 20 + 1, &none, &change);
    assert_int_equal(change.held_back, MANY / 20 + 1);
    assert_int_equal(change.lifted, 0);
    assert_int_equal(change.entries, MANY);
    do_many(store, START + 2 * HOUR, MANY / 20 + 1, &none, &change);
    assert_int_equal(change.held_back, MANY / 20 + 1); // it is still so
    do_many(store, START + 3 * HOUR, MANY / 20 + 1, &accept, &change);
    assert_int_equal(change.lifted, MANY / 20 + 1);
    assert_int_equal(change.held_back, 0);

    begin_empty(NULL);
    ps_store_close(store);
    store = open_store();
    do_many(store, START, 0, &none, &change);
    do_many(store, START + HOUR, MANY / 20, &none, &change);
    assert_int_equal(change.lifted, MANY / 20);
    assert_int_equal(change.held_back, 0);
    ps_store_close(store);
}

static void test_emptied(void **state)
{
    ps_intake_change change;
    ps_error err;
    (void)state;

    ps_store *store = open_store();
    change = do_sync(store, &(one_sync){.now_s = START, .items = NULL, .count = 0}); // empty by its own end mark: whole
    assert_int_equal(change.entries, 0);
    do_sync(store, &(one_sync){.now_s = START, .items = bounces, .count = 3});
    one_sync empty = {.now_s = START + HOUR, .items = NULL, .count = 0};
    assert_int_equal(try_sync(store, &empty, &change, &err), PS_SOURCE);
    assert_non_null(strstr(err.hint, "--accept mailgun-jp:empty"));
    assert_stored(store, "bounces/Ann@Example.jp bounces/bob@example.jp bounces/zoe@example.net ");
    empty.apply.accept_empty = true;
    assert_int_equal(try_sync(store, &empty, &change, &err), PS_OK);
    assert_true(change.emptied);
    assert_int_equal(change.lifted, 3);
    ps_store_close(store);
}

// Pages survive; the state is the old one until the source is whole.
static void test_resumed(void **state)
{
    const ps_stored_entry first = entry_of(&bounces[0]);
    ps_reading reading = {.list = "bounces"};
    ps_intake_change change;
    ps_error err;
    (void)state;

    ps_store *store = open_store();
    ps_store_intake *intake = open_intake(store, START);
    assert_ok(ps_store_reading_begin(intake, &reading, &err), &err);
    assert_string_equal(reading.token, "");
    const ps_intake_page page = {.entries = &first, .count = 1, .token = "page=2&limit=1", .first = true};
    assert_ok(ps_store_reading_page(intake, &reading, &page, &err), &err);
    ps_store_intake_close(intake);
    assert_stored(store, "");
    ps_store_close(store);

    store = open_store();
    intake = open_intake(store, START + HOUR);
    reading = (ps_reading){.list = "bounces"};
    assert_ok(ps_store_reading_begin(intake, &reading, &err), &err);
    assert_string_equal(reading.token, "page=2&limit=1");
    assert_int_equal(reading.started_s, START);
    assert_int_equal(reading.entries, 1);
    const ps_stored_entry second = entry_of(&bounces[1]);
    const ps_intake_page last = {.entries = &second, .count = 1};
    assert_ok(ps_store_reading_page(intake, &reading, &last, &err), &err);
    assert_ok(ps_store_intake_apply(intake, &(ps_intake_accept){0}, &change, &err), &err);
    ps_store_intake_close(intake);
    assert_int_equal(change.added, 2);
    assert_stored(store, "bounces/Ann@Example.jp bounces/zoe@example.net ");
    ps_stored_source source = find_source(store);
    assert_int_equal(source.lists[0].whole_s, START); // what came after that moment may be missing
    ps_store_close(store);
}

// A reading of another kind, or too long ago, or of a caller who wants a fresh one, starts over.
static void test_not_resumed(void **state)
{
    static const struct {
        const char *name;
        int64_t now_s, since_s;
        bool fresh;
    } cases[] = {
        {"another kind", START + HOUR, START - HOUR, false},
        {"too long ago", START + 7 * HOUR, 0, false},
        {"wanted fresh", START + HOUR, 0, true},
    };
    const ps_stored_entry first = entry_of(&bounces[0]);
    ps_error err;
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].name);
        begin_empty(NULL);
        ps_store *store = open_store();
        ps_store_intake *intake = open_intake(store, START);
        ps_reading reading = {.list = "bounces"};
        assert_ok(ps_store_reading_begin(intake, &reading, &err), &err);
        const ps_intake_page page = {.entries = &first, .count = 1, .token = "more", .first = true};
        assert_ok(ps_store_reading_page(intake, &reading, &page, &err), &err);
        ps_store_intake_close(intake);

        const ps_intake_options options = {.name = "mailgun-jp",
                                           .type = "mailgun",
                                           .origin = "us mg.example.jp",
                                           .now_s = cases[i].now_s,
                                           .fresh = cases[i].fresh};
        assert_ok(ps_store_intake_open(store, &options, &intake, &err), &err);
        reading = (ps_reading){.list = "bounces", .since_s = cases[i].since_s};
        assert_ok(ps_store_reading_begin(intake, &reading, &err), &err);
        assert_string_equal(reading.token, "");
        assert_int_equal(reading.started_s, cases[i].now_s);
        ps_store_intake_close(intake);
        ps_store_close(store);
    }
}

static void test_other_account(void **state)
{
    ps_intake_options options = {.name = "mailgun-jp", .type = "mailgun", .origin = "eu mg.example.jp"};
    ps_store_intake *intake = NULL;
    ps_error err;
    (void)state;

    ps_store *store = open_store();
    do_sync(store, &(one_sync){.now_s = START, .items = bounces, .count = 3});
    assert_int_equal(ps_store_intake_open(store, &options, &intake, &err), PS_CONFIG);
    assert_non_null(strstr(err.text, "us mg.example.jp"));
    assert_non_null(strstr(err.hint, "--accept mailgun-jp:account"));
    assert_null(intake);
    options.accept_account = true;
    assert_ok(ps_store_intake_open(store, &options, &intake, &err), &err);
    ps_store_intake_close(intake);
    options.accept_account = false;
    assert_ok(ps_store_intake_open(store, &options, &intake, &err), &err);
    ps_store_intake_close(intake);
    options.type = "sendgrid"; // with lists of other names
    options.accept_account = true;
    assert_int_equal(ps_store_intake_open(store, &options, &intake, &err), PS_CONFIG);
    ps_store_close(store);
}

static void change_file(const char *sql)
{
    sqlite3 *database = NULL;

    assert_int_equal(sqlite3_open(STATE, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

// One bit of a stored address, class or time, or a row more or less: SQLite finds none of these.
static void test_flipped(void **state)
{
    static const char *const changes[] = {
        "UPDATE suppression_pages SET entries = CAST(replace(entries, 'bob@', 'bnb@') AS BLOB)",
        "UPDATE suppression_pages SET entries = CAST(replace(entries, 'zoe@', 'abe@') AS BLOB)", // not in order
        "UPDATE suppression_pages SET entries = substr(entries, 1, length(entries) - 1)",
        "UPDATE suppression_pages SET entries = zeroblob(0)",
        "UPDATE suppression_pages SET text = 'Anm@Example.jp'",
        "UPDATE suppression_pages SET scope = 'x'",
        "UPDATE suppression_pages SET list = list + 8",
        "DELETE FROM suppression_pages",
        "UPDATE suppression_lists SET count = 2",
        "UPDATE suppression_lists SET sum = zeroblob(16)",
        "UPDATE suppression_lists SET allowlist = 1",
        "UPDATE suppression_lists SET name = 'bounced' WHERE name = 'bounces'",
        "PRAGMA foreign_keys = OFF; UPDATE suppression_lists SET source = 0",
        "UPDATE suppression_sources SET seal = zeroblob(16)",
    };
    char text[512];
    ps_intake_change change;
    ps_error err;
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(changes); i++) {
        print_message("  %s\n", changes[i]);
        begin_empty(NULL);
        ps_store *store = open_store();
        do_sync(store, &(one_sync){.now_s = START, .items = bounces, .count = 3});
        ps_store_close(store);
        change_file(changes[i]);
        store = open_store();
        ps_stored_source source = find_source(store);
        text[0] = '\0';
        assert_int_equal(ps_store_entries(store, &source, add_text, text, &err), PS_SOURCE);
        assert_non_null(strstr(err.hint, "--accept mailgun-jp:checksum"));
        one_sync again = {.now_s = START + HOUR, .items = bounces, .count = 3};
        // Which lists are allowlists the client knows itself.
        bool told_again = strstr(changes[i], "allowlist") != NULL;
        assert_int_equal(try_sync(store, &again, &change, &err), told_again ? PS_OK : PS_SOURCE);
        again.apply.accept_checksum = true;
        assert_ok(try_sync(store, &again, &change, &err), &err);
        text[0] = '\0';
        source = find_source(store);
        assert_ok(ps_store_entries(store, &source, add_text, text, &err), &err);
        for (size_t n = 0; n < PS_COUNT_OF(bounces); n++)
            assert_non_null(strstr(text, bounces[n].text));
        ps_store_close(store);
    }
}

static ps_status add_difference(void *context, const ps_store_difference *difference, ps_error *err)
{
    static const char *const words[] = {"came", "went", "lifted", "out"};
    char *text = context;
    (void)err;

    size_t len = strlen(text);
    snprintf(text + len, 512 - len, "%s:%.*s%s%s ", words[difference->event], (int)difference->entry.text.len,
             difference->entry.text.bytes, difference->who[0] == '\0' ? "" : " by ", difference->who);
    return PS_OK;
}

static void assert_differences(ps_store *store, int64_t since_s, const char *expected)
{
    char text[512] = "";
    ps_error err;
    ps_stored_source source = find_source(store);

    assert_ok(ps_store_differences(store, &source, since_s, add_difference, text, &err), &err);
    assert_string_equal(text, expected);
}

static void test_differences(void **state)
{
    const item later[] = {bounces[1], {"new@example.jp", NULL, PS_CLASS_HARD, START}};
    const item complaint = {"angry@example.jp", NULL, PS_CLASS_COMPLAINT, START - 10};
    int64_t last_s = 0;
    uint64_t count = 0;
    ps_error err;
    (void)state;

    ps_store *store = open_store();
    ps_stored_source source;
    do_sync(store, &(one_sync){.now_s = START, .items = (const item[]){bounces[0], bounces[1], complaint}, .count = 3});
    assert_differences(store, START, "came:Ann@Example.jp came:angry@example.jp came:zoe@example.net ");
    do_sync(store, &(one_sync){.now_s = START + HOUR, .items = later, .count = 2});
    source = find_source(store);
    assert_ok(ps_store_last_sync(store, &source, &last_s, &err), &err);
    assert_int_equal(last_s, START + HOUR);
    assert_differences(store, last_s, "went:angry@example.jp came:new@example.jp lifted:zoe@example.net ");

    const ps_store_removal removal = {
        .text = ps_span_of("angry@example.jp"), .who = "hanako", .why = "asked by phone", .now_s = START + 2 * HOUR};
    assert_ok(ps_store_take_out(store, &source, &removal, &count, &err), &err);
    assert_int_equal(count, 1);
    assert_differences(store, START + 2 * HOUR, "out:angry@example.jp by hanako ");
    assert_stored(store, "bounces/Ann@Example.jp bounces/new@example.jp ");
    source = find_source(store);
    assert_ok(ps_store_take_out(store, &source, &removal, &count, &err), &err);
    assert_int_equal(count, 0);
    ps_store_close(store);
}

// Two sources and two lists of one are read at the same time.
static void test_interleaved(void **state)
{
    const ps_intake_options other = {.name = "ses", .type = "ses", .origin = "ap-northeast-1", .now_s = START};
    const ps_stored_entry one = entry_of(&bounces[0]), two = entry_of(&bounces[1]);
    ps_reading a = {.list = "bounces"}, b = {.list = "complaints"}, c = {.list = "account"};
    ps_store_intake *second = NULL;
    ps_intake_change change;
    ps_error err;
    (void)state;

    ps_store *store = open_store();
    ps_store_intake *first = open_intake(store, START);
    assert_ok(ps_store_intake_open(store, &other, &second, &err), &err);
    assert_ok(ps_store_reading_begin(first, &a, &err), &err);
    assert_ok(ps_store_reading_begin(first, &b, &err), &err);
    assert_ok(ps_store_reading_begin(second, &c, &err), &err);
    ps_intake_page page = {.entries = &one, .count = 1, .token = "more", .first = true};
    assert_ok(ps_store_reading_page(first, &a, &page, &err), &err);
    assert_ok(ps_store_reading_page(second, &c, &page, &err), &err);
    assert_ok(ps_store_reading_page(first, &b, &page, &err), &err);
    page = (ps_intake_page){.entries = &two, .count = 1};
    assert_ok(ps_store_reading_page(second, &c, &page, &err), &err);
    assert_ok(ps_store_intake_apply(second, &(ps_intake_accept){0}, &change, &err), &err);
    assert_ok(ps_store_reading_page(first, &a, &page, &err), &err);
    assert_ok(ps_store_reading_page(first, &b, &page, &err), &err);
    assert_ok(ps_store_intake_apply(first, &(ps_intake_accept){0}, &change, &err), &err);
    assert_int_equal(change.entries, 4);
    ps_store_intake_close(first);
    ps_store_intake_close(second);
    assert_stored(store, "bounces/Ann@Example.jp bounces/zoe@example.net complaints/Ann@Example.jp "
                         "complaints/zoe@example.net ");
    ps_store_close(store);
}

// Without memory at any point: the old state or the new one, and the next sync is fine.
static void test_without_memory(void **state)
{
    ps_intake_change change;
    ps_error err;
    bool failed = true;
    (void)state;

    ps_store *store = open_store();
    do_sync(store, &(one_sync){.now_s = START, .items = bounces, .count = 2});
    for (unsigned long n = 1; failed; n++) {
        const ps_intake_options options = {
            .name = "mailgun-jp", .type = "mailgun", .origin = "us mg.example.jp", .now_s = START + HOUR};
        ps_store_intake *intake = NULL;
        ps_memory_fail_at(n, 0);
        ps_status status = ps_store_intake_open(store, &options, &intake, &err);
        if (status == PS_OK) {
            status = read_list(intake, &(one_sync){.items = bounces, .count = 3}, &err);
        }
        if (status == PS_OK) {
            status = ps_store_intake_apply(intake, &(ps_intake_accept){0}, &change, &err);
        }
        ps_memory_fail_at(0, 0);
        failed = status != PS_OK;
        ps_store_intake_close(intake);
        if (failed) assert_int_equal(status, PS_RETRY);
        assert_stored(store, failed ? "bounces/Ann@Example.jp bounces/zoe@example.net "
                                    : "bounces/Ann@Example.jp bounces/bob@example.jp bounces/zoe@example.net ");
        assert_true(n < 100);
    }
    ps_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_new_source, begin_empty),     cmocka_unit_test_setup(test_window, begin_empty),
        cmocka_unit_test_setup(test_repeated, begin_empty),       cmocka_unit_test_setup(test_vanished, begin_empty),
        cmocka_unit_test_setup(test_lift_guard, begin_empty),     cmocka_unit_test_setup(test_emptied, begin_empty),
        cmocka_unit_test_setup(test_resumed, begin_empty),        cmocka_unit_test_setup(test_not_resumed, begin_empty),
        cmocka_unit_test_setup(test_other_account, begin_empty),  cmocka_unit_test_setup(test_flipped, begin_empty),
        cmocka_unit_test_setup(test_differences, begin_empty),    cmocka_unit_test_setup(test_interleaved, begin_empty),
        cmocka_unit_test_setup(test_without_memory, begin_empty),
    };

    return cmocka_run_group_tests(tests, enter_store, leave_store);
}
