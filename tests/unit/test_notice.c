// Messages in the form of each receiver: within its limits, and with nothing in them that it takes for markup.
// layer: notify
#include "assert.h"
#include "notify/render.h"

enum { BODY_MAX = 1 << 20, MANY = 500 };

static void render(ps_alert_type type, const ps_notice *notice, ps_buf *out)
{
    ps_error err;

    ps_buf_init(out, BODY_MAX);
    ps_notify_form_of(type)->render(notice, out);
    assert_ok(ps_buf_status(out, "a message", &err), &err);
}

static void test_markup(void **state)
{
    static const struct {
        ps_alert_type type;
        const char *has; // of the line
    } cases[] = {
        {PS_ALERT_SLACK, "&lt;!channel&gt;&amp;\xCB\x8B[To:1]*_@example.jp"},
        {PS_ALERT_TEAMS, "<!channel>&`[To:1]*_@example.jp"}, // a TextRun has no markup
        {PS_ALERT_DISCORD, "<!channel>&\xCB\x8B[To:1]*_@example.jp"},
        {PS_ALERT_GOOGLE_CHAT, "<!channel>&\xCB\x8B[To:1]*_@example.jp"},
        {PS_ALERT_CHATWORK, "%3C%21channel%3E%26%60%EF%BC%BBTo%3A1%5D%2A_%40example.jp"},
        {PS_ALERT_WEBHOOK, "<!channel>&`[To:1]*_@example.jp"},
    };
    static const ps_notice_entry entry = {"<!channel>&`[To:1]*_@example.jp", "mg", "bounces", "hard", ""};
    const ps_notice notice = {"<!here> & [title]", &entry, 1, 1};
    ps_buf out;
    (void)state; // no fixture

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        render(cases[i].type, &notice, &out);
        print_message("  %s\n", ps_notify_form_of(cases[i].type)->name);
        assert_non_null(strstr(ps_buf_text(&out), cases[i].has));
        assert_null(strstr(ps_buf_text(&out), "more"));
        ps_buf_done(&out);
    }
}

// Whatever is in them, the bodies stay below what the receivers take.
static void test_limits(void **state)
{
    static const size_t limits[PS_ALERT_TYPE_COUNT] = {
        [PS_ALERT_SLACK] = 3600,        [PS_ALERT_TEAMS] = 28000,     [PS_ALERT_DISCORD] = 6000,
        [PS_ALERT_GOOGLE_CHAT] = 32000, [PS_ALERT_CHATWORK] = 120000, [PS_ALERT_WEBHOOK] = 1 << 18,
    };
    ps_notice_entry entries[MANY];
    char address[200], title[600];
    ps_buf out;
    (void)state; // no fixture

    memset(address, '&', sizeof address - 1);
    address[sizeof address - 1] = '\0';
    for (size_t i = 0; i < sizeof title - 3; i += 3)
        memcpy(title + i, "\xE4\xBE\x8B", 4); // and NUL
    for (size_t i = 0; i < MANY; i++)
        entries[i] = (ps_notice_entry){address, "mg", "bounces", "hard", "2026-11-21"};
    const ps_notice notice = {title, entries, MANY, 2 * MANY};
    for (int type = 0; type < PS_ALERT_TYPE_COUNT; type++) {
        render((ps_alert_type)type, &notice, &out);
        print_message("  %s: %zu bytes\n", ps_notify_form_of((ps_alert_type)type)->name, out.len);
        // The title comes on top, twice at most.
        assert_in_range(out.len, 1, limits[type] + 2 * sizeof title);
        if (type != PS_ALERT_WEBHOOK) assert_non_null(strstr(ps_buf_text(&out), "more"));
        ps_buf_done(&out);
    }
}

static void test_no_entry_shown(void **state)
{
    char address[4000];
    static const ps_notice_entry none = {"", "", "", "", ""};
    ps_notice_entry entry = none;
    ps_buf out;
    (void)state; // no fixture

    memset(address, 'a', sizeof address - 1);
    address[sizeof address - 1] = '\0';
    entry.address = address;
    const ps_notice notice = {"title", &entry, 1, 1};
    render(PS_ALERT_SLACK, &notice, &out);
    assert_non_null(strstr(ps_buf_text(&out), "... and 1 more"));
    assert_null(strstr(ps_buf_text(&out), "aaaa"));
    ps_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_markup),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_no_entry_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
