// What many events say of one person together, in whatever order and however often they come.
// layer: esp
#include "base/buf.h"
#include "unit/import_file.h"

enum { C = PS_CLASS_COMPLAINT, U = PS_CLASS_UNSUBSCRIBE, H = PS_CLASS_HARD };
enum { B = PS_CLASS_BLOCK, S = PS_CLASS_SOFT, NOBODY = PS_CLASS_COUNT };

#define DAY INT64_C(86400)
#define START INT64_C(1764950400) // 2025-12-05T16:00:00Z

typedef struct happening {
    const char *who, *event, *more;
    int64_t time_s;
} happening;

#define SOFT ",\"type\":\"bounce\",\"bounce_classification\":\"Technical Failure\""
#define HARD ",\"type\":\"bounce\",\"bounce_classification\":\"Invalid Address\""
#define WHO "a@example.com"
#define CARRIER "a@docomo.ne.jp"
enum { HAPPENINGS_MAX = 8 };

static const struct {
    const char *name;
    happening events[HAPPENINGS_MAX];
    const char *key;
    int class;
    const char *list, *date;
} stories[] = {
    {"one hard bounce", {{WHO, "bounce", HARD, START}}, WHO, H, "bounces", "2025-12-06"},
    {"the last of several",
     {{WHO, "bounce", HARD, START}, {WHO, "bounce", HARD, START + 3 * DAY}},
     WHO,
     H,
     "bounces",
     "2025-12-09"},
    {"suppressed later: the day of the bounce",
     {{WHO, "bounce", HARD, START}, {WHO, "dropped", ",\"reason\":\"Bounced Address\"", START + 30 * DAY}},
     WHO,
     H,
     "bounces",
     "2025-12-06"},
    {"suppressed: the first time",
     {{WHO, "dropped", ",\"reason\":\"Bounced Address\"", START + DAY},
      {WHO, "dropped", ",\"reason\":\"Bounced Address\"", START}},
     WHO,
     H,
     "bounces",
     "2025-12-06"},
    {"delivered after a hard bounce",
     {{WHO, "bounce", HARD, START}, {WHO, "delivered", "", START + DAY}},
     WHO,
     H,
     "bounces",
     "2025-12-06"},
    {"a carrier's, once", {{CARRIER, "bounce", HARD, START}}, CARRIER, S, "single_bounces", "2025-12-06"},
    {"a carrier's, twice on a day",
     {{CARRIER, "bounce", HARD, START}, {CARRIER, "bounce", HARD, START + 60}},
     CARRIER,
     S,
     "single_bounces",
     "2025-12-06"},
    {"a carrier's, on two days",
     {{CARRIER, "bounce", HARD, START}, {CARRIER, "bounce", HARD, START + DAY}},
     CARRIER,
     H,
     "bounces",
     "2025-12-07"},
    {"a carrier's, suppressed",
     {{CARRIER, "dropped", ",\"reason\":\"Bounced Address\"", START}},
     CARRIER,
     H,
     "bounces",
     "2025-12-06"},
    {"a carrier's, who complained",
     {{CARRIER, "bounce", HARD, START}, {CARRIER, "spamreport", "", START}},
     CARRIER,
     C,
     "complaints",
     "2025-12-06"},
    {"five soft ones in 14 days",
     {{WHO, "bounce", SOFT, START},
      {WHO, "bounce", SOFT, START + DAY},
      {WHO, "bounce", SOFT, START + 2 * DAY},
      {WHO, "bounce", SOFT, START + 3 * DAY},
      {WHO, "bounce", SOFT, START + 14 * DAY}},
     WHO,
     H,
     "repeated_soft_bounces",
     "2025-12-20"},
    {"five soft ones in fewer days",
     {{WHO, "bounce", SOFT, START},
      {WHO, "bounce", SOFT, START + DAY},
      {WHO, "bounce", SOFT, START + 2 * DAY},
      {WHO, "bounce", SOFT, START + 3 * DAY},
      {WHO, "bounce", SOFT, START + 14 * DAY - 1}},
     WHO,
     S,
     "soft_bounces",
     "2025-12-20"},
    {"four soft ones",
     {{WHO, "bounce", SOFT, START},
      {WHO, "bounce", SOFT, START + DAY},
      {WHO, "bounce", SOFT, START + 2 * DAY},
      {WHO, "bounce", SOFT, START + 14 * DAY}},
     WHO,
     S,
     "soft_bounces",
     "2025-12-20"},
    {"the same soft one five times",
     {{WHO, "bounce", SOFT ",\"sg_event_id\":\"1\"", START},
      {WHO, "bounce", SOFT ",\"sg_event_id\":\"2\"", START + 14 * DAY},
      {WHO, "bounce", SOFT ",\"sg_event_id\":\"2\"", START + 14 * DAY},
      {WHO, "bounce", SOFT ",\"sg_event_id\":\"2\"", START + 14 * DAY},
      {WHO, "bounce", SOFT ",\"sg_event_id\":\"2\"", START + 14 * DAY}},
     WHO,
     S,
     "soft_bounces",
     "2025-12-20"},
    {"soft ones of one second that are not the same",
     {{WHO, "bounce", SOFT ",\"sg_event_id\":\"1\"", START},
      {WHO, "bounce", SOFT ",\"sg_event_id\":\"2\"", START + 14 * DAY},
      {WHO, "bounce", SOFT ",\"sg_event_id\":\"3\"", START + 14 * DAY},
      {WHO, "bounce", SOFT ",\"sg_event_id\":\"4\"", START + 14 * DAY},
      {WHO, "bounce", SOFT ",\"sg_event_id\":\"5\"", START + 14 * DAY}},
     WHO,
     H,
     "repeated_soft_bounces",
     "2025-12-20"},
    {"a delivery between soft ones",
     {{WHO, "bounce", SOFT, START},
      {WHO, "bounce", SOFT, START + DAY},
      {WHO, "bounce", SOFT, START + 2 * DAY},
      {WHO, "bounce", SOFT, START + 3 * DAY},
      {WHO, "bounce", SOFT, START + 14 * DAY},
      {WHO, "delivered", "", START + 2 * DAY + 5}},
     WHO,
     S,
     "soft_bounces",
     "2025-12-20"},
    {"a click after soft ones",
     {{WHO, "bounce", SOFT, START},
      {WHO, "bounce", SOFT, START + DAY},
      {WHO, "bounce", SOFT, START + 2 * DAY},
      {WHO, "bounce", SOFT, START + 3 * DAY},
      {WHO, "bounce", SOFT, START + 14 * DAY},
      {WHO, "click", "", START + 40 * DAY}},
     WHO,
     S,
     "soft_bounces",
     "2025-12-20"},
    {"a delivery before soft ones",
     {{WHO, "bounce", SOFT, START},
      {WHO, "bounce", SOFT, START + DAY},
      {WHO, "bounce", SOFT, START + 2 * DAY},
      {WHO, "bounce", SOFT, START + 3 * DAY},
      {WHO, "bounce", SOFT, START + 14 * DAY},
      {WHO, "delivered", "", START - 1}},
     WHO,
     H,
     "repeated_soft_bounces",
     "2025-12-20"},
    {"delays are none",
     {{WHO, "deferred", "", START},
      {WHO, "deferred", "", START + DAY},
      {WHO, "deferred", "", START + 2 * DAY},
      {WHO, "deferred", "", START + 3 * DAY},
      {WHO, "deferred", "", START + 14 * DAY},
      {WHO, "deferred", "", START + 15 * DAY}},
     WHO,
     S,
     "soft_bounces",
     "2025-12-21"},
    {"blocks never add up",
     {{WHO, "blocked", "", START},
      {WHO, "blocked", "", START + DAY},
      {WHO, "blocked", "", START + 2 * DAY},
      {WHO, "blocked", "", START + 3 * DAY},
      {WHO, "blocked", "", START + 14 * DAY},
      {WHO, "blocked", "", START + 15 * DAY}},
     WHO,
     B,
     "blocks",
     "2025-12-21"},
    {"three that ended days of trying are six",
     {{WHO, "bounce", SOFT ",\"status\":\"4.4.7\"", START},
      {WHO, "bounce", SOFT ",\"status\":\"4.4.7\"", START + DAY},
      {WHO, "bounce", SOFT ",\"status\":\"4.4.7\"", START + 14 * DAY}},
     WHO,
     H,
     "repeated_soft_bounces",
     "2025-12-20"},
    {"back in the group",
     {{WHO, "group_unsubscribe", ",\"asm_group_id\":1", START},
      {WHO, "group_resubscribe", ",\"asm_group_id\":1", START + 1}},
     WHO,
     NOBODY,
     "",
     ""},
    {"out of the group again",
     {{WHO, "group_unsubscribe", ",\"asm_group_id\":1", START + 2},
      {WHO, "group_resubscribe", ",\"asm_group_id\":1", START + 1},
      {WHO, "group_unsubscribe", ",\"asm_group_id\":1", START}},
     WHO,
     U,
     "unsubscribes",
     "2025-12-06"},
    {"back in another group",
     {{WHO, "group_unsubscribe", ",\"asm_group_id\":1", START},
      {WHO, "group_resubscribe", ",\"asm_group_id\":2", START + 1}},
     WHO,
     U,
     "unsubscribes",
     "2025-12-06"},
    {"both in the same second",
     {{WHO, "group_unsubscribe", ",\"asm_group_id\":1", START},
      {WHO, "group_resubscribe", ",\"asm_group_id\":1", START}},
     WHO,
     U,
     "unsubscribes",
     "2025-12-06"},
    {"back in the group, but out of everything",
     {{WHO, "unsubscribe", "", START},
      {WHO, "group_unsubscribe", ",\"asm_group_id\":1", START},
      {WHO, "group_resubscribe", ",\"asm_group_id\":1", START + 1}},
     WHO,
     U,
     "unsubscribes",
     "2025-12-06"},
    {"back in the group does not lift a complaint",
     {{WHO, "spamreport", "", START}, {WHO, "group_resubscribe", ",\"asm_group_id\":1", START + 1}},
     WHO,
     C,
     "complaints",
     "2025-12-06"},
    {"out of the group at an unknown time",
     {{WHO, "group_unsubscribe", ",\"asm_group_id\":1", 0}, {WHO, "group_resubscribe", ",\"asm_group_id\":1", START}},
     WHO,
     U,
     "unsubscribes",
     ""},
    {"back at an unknown time",
     {{WHO, "group_unsubscribe", ",\"asm_group_id\":1", START}, {WHO, "group_resubscribe", ",\"asm_group_id\":1", 0}},
     WHO,
     U,
     "unsubscribes",
     "2025-12-06"},
    {"another spelling is the same person",
     {{"A@Example.COM", "unsubscribe", "", START}, {"a@example.com", "bounce", HARD, START + DAY}},
     WHO,
     U,
     "unsubscribes",
     "2025-12-06"},
    {"a carrier's, undated twice",
     {{CARRIER, "bounce", HARD ",\"sg_event_id\":\"1\"", 0}, {CARRIER, "bounce", HARD ",\"sg_event_id\":\"2\"", 0}},
     CARRIER,
     H,
     "bounces",
     ""},
    {"a carrier's, the same undated one",
     {{CARRIER, "bounce", HARD ",\"sg_event_id\":\"1\"", 0}, {CARRIER, "bounce", HARD ",\"sg_event_id\":\"1\"", 0}},
     CARRIER,
     S,
     "single_bounces",
     ""},
};

static void add_happening(ps_buf *out, const happening *one)
{
    ps_buf_add_format(out, "{\"email\":\"%s\",\"event\":\"%s\",\"timestamp\":%lld%s}\n", one->who, one->event,
                      (long long)one->time_s, one->more);
}

static void assert_story(import_test *test, size_t i, const ps_buf *text)
{
    char date[PS_DAY_TEXT_SIZE] = "";
    ps_source_config config = import_config(import_write(test, ps_buf_span(text), ".json"));

    assert_ok(import_run(test, &config), &test->err);
    const ps_suppressed *found = import_find(test, stories[i].key);
    assert_int_equal(found == NULL ? NOBODY : (int)found->strongest, stories[i].class);
    assert_int_equal(import_total(test), found != NULL);
    if (found == NULL) return;
    assert_int_equal(test->out.entries[stories[i].class], 1);
    assert_string_equal(found->list, stories[i].list);
    ps_day_text(found->date, date);
    assert_string_equal(date, stories[i].date);
}

// In the order of the table, backwards, and from the middle on; each event once, then all of them twice.
static void test_stories(void **state)
{
    import_test *test = *state;
    ps_buf text;

    ps_buf_init(&text, 1 << 20);
    for (size_t i = 0; i < PS_COUNT_OF(stories); i++) {
        size_t count = 0;
        while (count < HAPPENINGS_MAX && stories[i].events[count].who != NULL)
            count++;
        print_message("  %s\n", stories[i].name);
        for (size_t way = 0; way < 4; way++) {
            ps_buf_clear(&text);
            for (size_t at = 0; at < (way == 3 ? 2 * count : count); at++) {
                size_t place = way == 1 ? count - 1 - at : way == 2 ? (at + count / 2) % count : at % count;
                add_happening(&text, &stories[i].events[place]);
            }
            assert_story(test, i, &text);
        }
    }
    ps_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stories)};

    return cmocka_run_group_tests(tests, import_setup, import_teardown);
}
