#include "notify/render.h"

#include "base/json_write.h"

enum {
    BODY_BYTES_MAX = 1 << 20,
    TITLE_BYTES_MAX = 150, // of a header in Slack
    SLACK_BYTES_MAX = 2900, // a section takes 3,000 characters
    TEAMS_BYTES_MAX = 12000, // the whole card about 28 KB; each line has a frame of its own
    TEAMS_FRAME_BYTES = 90,
    DISCORD_BYTES_MAX = 4000, // a description takes 4,096 characters
    GOOGLE_BYTES_MAX = 30000, // a message 32,000 bytes
    CHATWORK_BYTES_MAX = 30000, // 40,000 characters are known to pass
};

static void as_it_is(ps_buf *out, const char *text)
{
    ps_buf_add_text(out, text);
}

// Between fences nothing is markup but what ends them.
static void escape_fenced(ps_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '`') {
            ps_buf_add_text(out, "\xCB\x8B"); // U+02CB looks the same
        } else {
            ps_buf_add_char(out, *text);
        }
    }
}

static void escape_slack(ps_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        const char one[2] = {*text, '\0'};
        switch (*text) {
        case '&':
            ps_buf_add_text(out, "&amp;");
            break;
        case '<':
            ps_buf_add_text(out, "&lt;");
            break;
        case '>':
            ps_buf_add_text(out, "&gt;");
            break;
        default:
            escape_fenced(out, one);
        }
    }
}

// A bracket of a tag as its full-width form: `[To:1]` would call somebody.
static void escape_chatwork(ps_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '[') {
            ps_buf_add_text(out, "\xEF\xBC\xBB");
        } else {
            ps_buf_add_char(out, *text);
        }
    }
}

// The title as the receiver's header takes it, cut at a character.
static const char *short_title(const ps_notice *notice, char out[TITLE_BYTES_MAX + 1])
{
    size_t len = strlen(notice->title);

    if (len > TITLE_BYTES_MAX) {
        len = TITLE_BYTES_MAX;
        while (len > 0 && ((unsigned char)notice->title[len] & 0xC0) == 0x80)
            len--;
    }
    memcpy(out, notice->title, len);
    out[len] = '\0';
    return out;
}

// The lines between fences of three backquotes.
static void add_fenced(ps_json *json, const char *name, const ps_notice *notice, size_t max, ps_notice_escape *escape)
{
    ps_buf text;

    ps_buf_init(&text, BODY_BYTES_MAX);
    ps_buf_add_text(&text, "```\n");
    ps_notice_add_lines(notice, max, escape, &text);
    ps_buf_add_text(&text, "\n```");
    ps_json_span(json, name, ps_buf_span(&text));
    ps_buf_done(&text);
}

static void render_slack(const ps_notice *notice, ps_buf *out)
{
    char title[TITLE_BYTES_MAX + 1];
    ps_buf fallback;
    ps_json json;

    ps_buf_init(&fallback, BODY_BYTES_MAX);
    escape_slack(&fallback, notice->title);
    ps_json_init(&json, out, 0);
    ps_json_object(&json, NULL);
    ps_json_span(&json, "text", ps_buf_span(&fallback));
    ps_json_array(&json, "blocks");
    ps_json_object(&json, NULL);
    ps_json_text(&json, "type", "header");
    ps_json_object(&json, "text");
    ps_json_text(&json, "type", "plain_text");
    ps_json_text(&json, "text", short_title(notice, title));
    ps_json_object_end(&json);
    ps_json_object_end(&json);
    ps_json_object(&json, NULL);
    ps_json_text(&json, "type", "section");
    ps_json_object(&json, "text");
    ps_json_text(&json, "type", "mrkdwn");
    add_fenced(&json, "text", notice, SLACK_BYTES_MAX, escape_slack);
    ps_json_object_end(&json);
    ps_json_object_end(&json);
    ps_json_array_end(&json);
    ps_json_object_end(&json);
    ps_buf_done(&fallback);
}

// Of a RichTextBlock nothing is markup; a TextBlock would take `_` and `*` for some.
static void add_run(ps_json *json, const char *text, bool bold)
{
    ps_json_object(json, NULL);
    ps_json_text(json, "type", "RichTextBlock");
    ps_json_array(json, "inlines");
    ps_json_object(json, NULL);
    ps_json_text(json, "type", "TextRun");
    ps_json_text(json, "text", text);
    if (bold) ps_json_text(json, "weight", "Bolder");
    ps_json_object_end(json);
    ps_json_array_end(json);
    ps_json_object_end(json);
}

static void add_runs(ps_json *json, const ps_notice *notice)
{
    size_t shown = 0, len = 0;
    ps_buf line;

    ps_buf_init(&line, BODY_BYTES_MAX);
    for (; shown < notice->entries_count; shown++) {
        ps_buf_clear(&line);
        ps_notice_add_entry(&notice->entries[shown], as_it_is, &line);
        len += line.len + TEAMS_FRAME_BYTES;
        if (len > TEAMS_BYTES_MAX) break;
        add_run(json, ps_buf_text(&line), false);
    }
    ps_buf_clear(&line);
    ps_notice_add_rest(notice, shown, &line);
    if (line.len > 0) add_run(json, ps_buf_text(&line), false);
    ps_buf_done(&line);
}

static void render_teams(const ps_notice *notice, ps_buf *out)
{
    ps_json json;

    ps_json_init(&json, out, 0);
    ps_json_object(&json, NULL);
    ps_json_text(&json, "type", "message");
    ps_json_array(&json, "attachments");
    ps_json_object(&json, NULL);
    ps_json_text(&json, "contentType", "application/vnd.microsoft.card.adaptive");
    ps_json_object(&json, "content");
    ps_json_text(&json, "type", "AdaptiveCard");
    ps_json_text(&json, "version", "1.4");
    ps_json_array(&json, "body");
    add_run(&json, notice->title, true);
    add_runs(&json, notice);
    ps_json_array_end(&json);
    ps_json_object_end(&json);
    ps_json_object_end(&json);
    ps_json_array_end(&json);
    ps_json_object_end(&json);
}

static void render_discord(const ps_notice *notice, ps_buf *out)
{
    char title[TITLE_BYTES_MAX + 1];
    ps_json json;

    ps_json_init(&json, out, 0);
    ps_json_object(&json, NULL);
    ps_json_array(&json, "embeds");
    ps_json_object(&json, NULL);
    ps_json_text(&json, "title", short_title(notice, title));
    add_fenced(&json, "description", notice, DISCORD_BYTES_MAX, escape_fenced);
    ps_json_object_end(&json);
    ps_json_array_end(&json);
    ps_json_object(&json, "allowed_mentions"); // nobody is called by what stands in a list
    ps_json_array(&json, "parse");
    ps_json_array_end(&json);
    ps_json_object_end(&json);
    ps_json_object_end(&json);
}

static void render_google_chat(const ps_notice *notice, ps_buf *out)
{
    ps_buf text;
    ps_json json;

    ps_buf_init(&text, BODY_BYTES_MAX);
    ps_buf_add_text(&text, "```\n");
    escape_fenced(&text, notice->title);
    ps_buf_add_char(&text, '\n');
    ps_notice_add_lines(notice, GOOGLE_BYTES_MAX, escape_fenced, &text);
    ps_buf_add_text(&text, "\n```");
    ps_json_init(&json, out, 0);
    ps_json_object(&json, NULL);
    ps_json_span(&json, "text", ps_buf_span(&text));
    ps_json_object_end(&json);
    ps_buf_done(&text);
}

// A form's value (WHATWG URL, application/x-www-form-urlencoded): all but letters, digits and `-_.` as %XX.
static void add_form_value(ps_buf *out, ps_span text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

    for (size_t i = 0; i < text.len; i++) {
        char c = text.bytes[i];
        if (memchr(plain, c, sizeof plain - 1) != NULL) {
            ps_buf_add_char(out, c);
        } else {
            ps_buf_add_format(out, "%%%02X", (unsigned char)c);
        }
    }
}

static void render_chatwork(const ps_notice *notice, ps_buf *out)
{
    ps_buf text;

    ps_buf_init(&text, BODY_BYTES_MAX);
    ps_buf_add_text(&text, "[info][title]");
    escape_chatwork(&text, notice->title);
    ps_buf_add_text(&text, "[/title]");
    ps_notice_add_lines(notice, CHATWORK_BYTES_MAX, escape_chatwork, &text);
    ps_buf_add_text(&text, "[/info]");
    ps_buf_add_text(out, "body=");
    add_form_value(out, ps_buf_span(&text));
    ps_buf_add_text(out, "&self_unread=0");
    ps_buf_done(&text);
}

static void render_webhook(const ps_notice *notice, ps_buf *out)
{
    ps_json json;

    ps_json_init(&json, out, 0);
    ps_json_object(&json, NULL);
    ps_json_text(&json, "schema_version", "1.0");
    ps_json_text(&json, "event", "suppressed");
    ps_json_text(&json, "title", notice->title);
    ps_json_count(&json, "total", notice->total);
    ps_json_array(&json, "entries");
    for (size_t i = 0; i < notice->entries_count; i++) {
        const ps_notice_entry *entry = &notice->entries[i];
        ps_json_object(&json, NULL);
        ps_json_text(&json, "address", entry->address);
        ps_json_text(&json, "source", entry->source);
        ps_json_text(&json, "list", entry->list);
        ps_json_text(&json, "class", entry->class);
        ps_json_text(&json, "day", entry->day[0] == '\0' ? NULL : entry->day);
        ps_json_object_end(&json);
    }
    ps_json_array_end(&json);
    ps_json_object_end(&json);
}

#define JSON_TYPE "application/json; charset=utf-8"

static const ps_notify_form forms[PS_ALERT_TYPE_COUNT] = {
    [PS_ALERT_SLACK] = {.name = "slack", .content_type = JSON_TYPE, .render = render_slack},
    [PS_ALERT_TEAMS] = {.name = "teams", .content_type = JSON_TYPE, .render = render_teams},
    [PS_ALERT_DISCORD] = {.name = "discord", .content_type = JSON_TYPE, .render = render_discord},
    [PS_ALERT_GOOGLE_CHAT] = {.name = "google_chat", .content_type = JSON_TYPE, .render = render_google_chat},
    [PS_ALERT_CHATWORK] = {.name = "chatwork",
                           .content_type = "application/x-www-form-urlencoded",
                           .render = render_chatwork,
                           .key_header = "X-ChatWorkToken",
                           .key_needed = true},
    [PS_ALERT_WEBHOOK] = {.name = "webhook",
                          .content_type = JSON_TYPE,
                          .render = render_webhook,
                          .key_header = "X-Presend-Signature",
                          .signs = true},
};

const ps_notify_form *ps_notify_form_of(ps_alert_type type)
{
    return &forms[type];
}
