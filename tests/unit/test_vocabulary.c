// What exports call their columns and write in them: each header and each word that must be known, as a list by itself,
// so that a line that is lost from the tables is missed here.
// layer: table
#include "assert.h"

#include "table_fixture.h"

#include "table/header.h"

enum { WORD_SIZE = 128 };

// Headers as they are written in exports and by people, with | between them, and a cell that fits.
static const struct {
    ps_column column;
    const char *cell;
    const char *headers;
} columns[] = {
    {PS_COLUMN_EMAIL, "a@example.jp",
     "email|Email Address|E-mail|mail|Mail Address|email_id|Subscriber Email|Primary Email|Contact Email|Recipient|To|"
     "address|EMAIL"},
    {PS_COLUMN_EMAIL, "a@example.jp",
     "メールアドレス|メアド|Eメール|Ｅメールアドレス|メール|電子メール|PCメール|PCメールアドレス|携帯メールアドレス|"
     "連絡先メール|配信先アドレス|送信先"},
    {PS_COLUMN_EMAIL_ALT, "b@example.jp",
     "Work email|Secondary Email|Alternate Emails|Private e-mail address|Email 2|サブメールアドレス|メールアドレス2|"
     "携帯メール"},
    {PS_COLUMN_ID, "17",
     "id|Record ID|Customer ID|user_id|External ID|contact_id|SubscriberKey|LEID|EUID|member_id|会員ID|顧客ID|"
     "顧客番号|会員番号|お客様番号|レコード番号|システム顧客番号"},
    {PS_COLUMN_OPTIN, "yes",
     "optin|opt-in|subscribed|is_subscribed|Accepts Email Marketing|Accepts Marketing|Email Marketing Consent|consent|"
     "Email Subscribe|newsletter|Email Permission"},
    {PS_COLUMN_OPTIN, "希望する",
     "メルマガ|メルマガ購読|メルマガ受信|メルマガ希望|メール配信許可|配信可否|メール受信|案内メール"},
    {PS_COLUMN_OPTOUT, "1",
     "unsubscribed|Unsubscribed from all email|Opted Out|Opted out of email|HasOptedOutOfEmail|Email Opt Out|"
     "Do Not Email|EMAIL_BLACKLISTED|blocklisted|blacklist|Portal Unsubscribe|suppressed|Global Unsubscribe|"
     "Opted out of email: One to One"},
    {PS_COLUMN_OPTOUT, "1",
     "配信停止|配信停止フラグ|メール送信除外|メール拒否|受信拒否|解除|退会フラグ|配信不可|オプトアウト"},
    {PS_COLUMN_OPTOUT_AT, "2024-02-01",
     "unsubscribed_at|UNSUB_TIME|Date Unsubscribed|unsubscribed_from_emails_at|optout_time|配信停止日|解除日|解除日時|"
     "退会日|オプトアウト日"},
    {PS_COLUMN_BOUNCED, "1",
     "bounced|Hard Bounced|Portal Bounce|Global Bounce|Invalid email address|Email Address Quarantined|cleaned|"
     "エラー|エラー停止|不達|エラーフラグ|宛先不明|バウンス"},
    {PS_COLUMN_BOUNCED, "2024-02-01", "EmailBouncedDate|CLEAN_TIME|DateHeld"},
    {PS_COLUMN_BOUNCED, "unknown user", "Email hard bounce reason"},
    {PS_COLUMN_COMPLAINED, "1", "Spam Report|Portal Spam Report|complaint|abuse|Reported Spam|迷惑メール報告"},
    {PS_COLUMN_STATUS, "active",
     "status|state|Subscription Status|Email Status|Member Status|Contact "
     "Status|ステータス|状態|会員ステータス|会員状態|"
     "配信状態|配信ステータス"},
    {PS_COLUMN_LAST_OPEN, "2024-02-01",
     "Last Open|last_opened|Last Open Date|Last marketing email open date|last_opened_at|hs_email_last_open_date|"
     "最終開封日|最終開封日時"},
    {PS_COLUMN_LAST_CLICK, "2024-02-01",
     "Last Click|last_clicked|Last marketing email click date|最終クリック日|最終クリック日時"},
    {PS_COLUMN_LAST_SENT, "2024-02-01",
     "last_emailed|Last marketing email send date|last_sent|last_send_at|最終配信日|最終送信日"},
    {PS_COLUMN_LAST_LOGIN, "2024-02-01",
     "last_login|last_login_at|Last Visit|last_seen|last_session|最終アクセス日|最終ログイン日|最終ログイン日時|"
     "最終利用日|最終来店日|最終来訪日"},
    {PS_COLUMN_LAST_ACTIVITY, "2024-02-01",
     "Last Active|last_activity|Last Activity Date|Last Engagement Date|最終活動日"},
    {PS_COLUMN_LAST_REPLY, "2024-02-01", "last_reply|Last Reply Date|Last marketing email reply date|最終返信日"},
    {PS_COLUMN_RESUBSCRIBED_AT, "2024-02-01", "resubscribed_at|reoptin_at|再登録日|再購読日"},
    {PS_COLUMN_CONSENT_AT, "2024-02-01", "consent_at|Consent Date|同意日|同意日時"},
    {PS_COLUMN_CONSENT_SOURCE, "web", "consent_source|同意元"},
    {PS_COLUMN_LAST_PURCHASE, "2024-02-01",
     "Last Order|Last Order Date|last_purchase|Last Purchase Date|Recent Order Date|last_buy_date|最終購入日|"
     "最終購入日時|最終注文日|最終受注日|直近購入日"},
    {PS_COLUMN_SIGNUP_AT, "2024-02-01",
     "created_at|created|Create Date|Date Joined|Date Added|ADDED_TIME|OPTIN_TIME|CONFIRM_TIME|Profile Created On|"
     "Date registered|Signup Date|登録日|登録日時|会員登録日|入会日|作成日時|申込日"},
    {PS_COLUMN_UPDATED_AT, "2024-02-01",
     "updated_at|Last Modified Date|LAST_CHANGED|MODIFIED_TIME|更新日|更新日時|最終更新日時"},
    {PS_COLUMN_WINBACK_SENT_AT, "2024-02-01",
     "winback_at|winback_sent_at|Reengagement Date|Last Winback|ウィンバック配信日|掘り起こし配信日|休眠掘り起こし日"},
    {PS_COLUMN_WINBACK_REPLIED_AT, "2024-02-01", "winback_replied_at"},
    {PS_COLUMN_SENDS_SINCE_ENGAGEMENT, "3", "sends_since_engagement|Sends Since Last Engagement"},
    {PS_COLUMN_OPEN_IS_MACHINE, "yes", "open_is_machine"},
    {PS_COLUMN_SEGMENT, "b2b", "segment"},
    {PS_COLUMN_PROTECTED, "yes", "protected"},
    {PS_COLUMN_NAME, "x", "Full Name|name|First Name|Last Name|お名前|氏名|姓|名|お名前(姓)"},
    {PS_COLUMN_LANGUAGE, "ja", "language|Preferred language|locale|言語"},
    {PS_COLUMN_TAGS, "x", "tags|lists|タグ|顧客分類"},
    {PS_COLUMN_COUNTRY, "JP", "country|cc|国"},
};

// The next of several words apart by `separator`; false at the end.
static bool next_word(const char **words, char separator, char out[WORD_SIZE])
{
    size_t len = 0;

    if (**words == '\0') return false;
    while ((*words)[len] != '\0' && (*words)[len] != separator)
        len++;
    assert_true(len > 0 && len < WORD_SIZE);
    memcpy(out, *words, len);
    out[len] = '\0';
    *words += len + ((*words)[len] == separator);
    return true;
}

static ps_column column_named(const table_fixture *fixture, const char *header, ps_column column, const char *cell)
{
    const ps_recipients recipients = {.file = "list.csv"};
    ps_reader *reader = NULL;
    ps_error err;
    char text[512];
    ps_column found = PS_COLUMN_COUNT;

    if (column == PS_COLUMN_EMAIL) {
        snprintf(text, sizeof text, "nothing,%s\nx,%s\n", header, cell);
    } else {
        snprintf(text, sizeof text, "email,%s\na@example.jp,%s\n", header, cell);
    }
    fixture_write(fixture, ps_span_of(text));
    ps_reader_options options = fixture_options(fixture);
    assert_ok(ps_reader_open(&options, &reader, &err), &err);
    assert_ok(ps_header_map(&recipients, reader, &err), &err);
    const ps_layout *layout = ps_reader_layout(reader);
    for (size_t i = 0; i < layout->mapped_count; i++) {
        if (layout->mapped[i].index == 1) found = layout->mapped[i].column;
    }
    ps_reader_close(reader);
    return found;
}

static void test_headers(void **state)
{
    bool named[PS_COLUMN_COUNT] = {false};

    for (size_t i = 0; i < PS_COUNT_OF(columns); i++) {
        const char *headers = columns[i].headers;
        char header[WORD_SIZE];
        named[columns[i].column] = true;
        while (next_word(&headers, '|', header)) {
            ps_column found = column_named(*state, header, columns[i].column, columns[i].cell);
            if (found == columns[i].column) continue;
            fail_msg("'%s' is %s, not %s", header, found == PS_COLUMN_COUNT ? "nothing" : ps_column_name(found),
                     ps_column_name(columns[i].column));
        }
    }
    for (size_t column = 0; column < PS_COLUMN_COUNT; column++)
        assert_true(named[column]); // a new column needs a line above
}

static void test_flag_words(void **state)
{
    const char *yes = "1 y yes true t on ○ 〇 有 はい 可 許可 希望 希望する 受信する 購読中 配信中 Yes TRUE １ Ｙ";
    const char *no = "0 n no false f off × 無 いいえ 不可 拒否 希望しない 受信しない 配信停止 停止 No FALSE ０ Ｎ";
    char word[WORD_SIZE];

    (void)state;
    while (next_word(&yes, ' ', word)) {
        print_message("  %s\n", word);
        assert_int_equal(ps_flag_word(ps_span_of(word)), PS_WORD_TRUE);
    }
    while (next_word(&no, ' ', word)) {
        print_message("  %s\n", word);
        assert_int_equal(ps_flag_word(ps_span_of(word)), PS_WORD_FALSE);
    }
    assert_int_equal(ps_flag_word(ps_span_of("　")), PS_WORD_BLANK);
}

static void test_status_words(void **state)
{
    const char *stop = "unsubscribed cancelled optout cleaned bounced held undeliverable suppressed deleted inactive "
                       "blocked complained 配信停止 エラー停止 解除 退会 退会済 無効 仮会員 Unsubscribed Bounced Held";
    const char *pending = "unconfirmed pending not_subscribed 仮登録 Unconfirmed";
    const char *fine = "active subscribed 本会員 会員 配信中 有効";
    char word[WORD_SIZE];

    (void)state;
    while (next_word(&stop, ' ', word)) {
        print_message("  %s\n", word);
        assert_int_equal(ps_status_column_word(ps_span_of(word)), PS_WORD_STOP);
    }
    while (next_word(&pending, ' ', word)) {
        print_message("  %s\n", word);
        assert_int_equal(ps_status_column_word(ps_span_of(word)), PS_WORD_PENDING);
    }
    while (next_word(&fine, ' ', word))
        assert_int_equal(ps_status_column_word(ps_span_of(word)), PS_WORD_OTHER);
}

// What stands where a file says from where consent came.
static void test_consent_words(void **state)
{
    const char *denied =
        "withdrawn|Revoked|No consent|not-consented|declined|no|×|いいえ|拒否|配信停止|unsubscribed|"
        "opt-out|never_subscribed|pending|受信拒否|退会済み|撤回|　撤回　|【撤回】|撤回済み|未同意|不同意|"
        "同意しない|同意していない|同意なし|ＮＯ　ＣＯＮＳＥＮＴ";
    const char *unknown = "unknown|none|ＮＯＮＥ|不明|未取得|未確認|未回答|なし|　|-";
    const char *sources = "web form|yes|○|店頭|Ｗｅｂフォーム|2024-02-01|withdrawal form|未来フォーム";
    char word[WORD_SIZE];

    (void)state;
    while (next_word(&denied, '|', word)) {
        print_message("  %s\n", word);
        assert_int_equal(ps_consent_word(ps_span_of(word)), PS_WORD_FALSE);
    }
    while (next_word(&unknown, '|', word)) {
        print_message("  %s\n", word);
        assert_int_equal(ps_consent_word(ps_span_of(word)), PS_WORD_BLANK);
    }
    while (next_word(&sources, '|', word)) {
        print_message("  %s\n", word);
        assert_int_equal(ps_consent_word(ps_span_of(word)), PS_WORD_OTHER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_flag_words),
        cmocka_unit_test(test_status_words),
        cmocka_unit_test(test_consent_words),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
