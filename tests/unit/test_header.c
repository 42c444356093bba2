// Which column is what, and what flag and status words mean.
// layer: table
#include "assert.h"

#include "table_fixture.h"

#include "table/header.h"
#include "table/permission.h"

static ps_recipients recipients_of(const char *const *declared)
{
    ps_recipients recipients = {.file = "list.csv"};
    for (; declared != NULL && declared[0] != NULL; declared += 2) {
        recipients.columns[ps_column_find(ps_span_of(declared[0]))] = declared[1];
    }
    return recipients;
}

static ps_status map_text(const table_fixture *fixture, const ps_recipients *recipients, ps_span text, char out[512],
                          ps_error *err)
{
    ps_reader *reader = NULL;
    size_t len = 0;

    fixture_write(fixture, text);
    ps_reader_options options = fixture_options(fixture);
    options.headerless = recipients->headerless;
    assert_ok(ps_reader_open(&options, &reader, err), err);
    ps_status status = ps_header_map(recipients, reader, err);
    const ps_layout *layout = ps_reader_layout(reader);
    out[0] = '\0';
    for (size_t i = 0; status == PS_OK && i < layout->mapped_count; i++) {
        const ps_mapped *mapped = &layout->mapped[i];
        len += (size_t)snprintf(out + len, 512 - len, "%s%s=%u%s", i == 0 ? "" : " ", ps_column_name(mapped->column),
                                mapped->index, mapped->declared ? "!" : "");
    }
    ps_reader_close(reader);
    return status;
}

static const struct {
    const char *name, *text;
    const char *declared[5];
    const char *mapped;
} maps[] = {
    {"English", "Email,Name,Last Click\na@example.com,Ann,2024-02-01\n", {NULL}, "email=0 name=1 last_click=2"},
    {"Japanese",
     "会員ID,メールアドレス,氏名,最終クリック日,配信停止フラグ\n1,a@example.jp,山田,2024/2/1,0\n",
     {NULL},
     "id=0 email=1 name=2 last_click=3 optout=4"},
    {"folding", "Ｅ－Ｍａｉｌ,ﾒﾙﾏｶﾞ購読,お名前（姓）\na@example.jp,○,山田\n", {NULL}, "email=0 optin=1 name=2"},
    {"half-width kana", "ﾒｰﾙｱﾄﾞﾚｽ\na@example.jp\n", {NULL}, "email=0"},
    {"header only", "email,last_click,optin\n", {NULL}, "email=0 last_click=1 optin=2"},
    {"email wins over another", "Work email,Email\nb@example.com,a@example.com\n", {NULL}, "email_alt=0 email=1"},
    {"own names",
     "email,winback_replied_at,sends_since_engagement,protected\na@example.com,2024-02-01,3,yes\n",
     {NULL},
     "email=0 winback_replied_at=1 sends_since_engagement=2 protected=3"},
    {"full-width @", "メール\na＠example.jp\n", {NULL}, "email=0"},
    {"a name is no proof", "email,mail\na@example.com,yes\nb@example.com,no\n", {NULL}, "email=0"},
    {"a postal address", "email,address\na@example.com,1 Main Street\n", {NULL}, "email=0"},
    {"an address by content", "address,name\na@example.com,Ann\n", {NULL}, "email=0 name=1"},
    {"created by a person", "email,created\na@example.com,Ann\n", {NULL}, "email=0"},
    {"a date column with a bad date",
     "email,created\na@example.com,2024-13-45\nb@example.com,soon\n",
     {NULL},
     "email=0 signup_at=1"},
    {"an empty date column", "email,created\na@example.com,\n", {NULL}, "email=0 signup_at=1"},
    {"several opt-outs",
     "email,unsubscribed,Opted Out,退会日\na@example.com,0,no,\nb@example.com,1,yes,2024/2/1\n",
     {NULL},
     "email=0 optout=1 optout=2 optout_at=3"},
    {"several names, the first",
     "email,first name,last name,customer id,user_id\na@example.com,A,B,1,2\n",
     {NULL},
     "email=0 name=1 id=3"},
    {"a reason is a bounce",
     "Email,Email hard bounce reason\na@example.com,MAILBOX_FULL\n",
     {NULL},
     "email=0 bounced=1"},
    {"NULL is nothing",
     "email,unsubscribed_at\na@example.com,NULL\nb@example.com,2024-02-01 10:00:00\n",
     {NULL},
     "email=0 optout_at=1"},
    {"status", "email,ステータス\na@example.com,本会員\n", {NULL}, "email=0 status=1"},
    {"repeated headers", "email,x,x\na@example.com,1,2\n", {NULL}, "email=0"},
    {"declared", "a,b,c\nx,y,z\n", {"email", "b", "last_click", "c"}, "email=1! last_click=2!"},
    {"declared wins", "email,mail\na@example.com,b@example.com\n", {"email", "mail"}, "email=1!"},
    {"declared, with blanks around", " mail one ,b\nx,y\n", {"email", "mail one"}, "email=0!"},
    {"declared among two",
     "email,created,date added\na@example.com,2024-02-01,2024-02-02\n",
     {"signup_at", "date added"},
     "email=0 signup_at=2!"},
    {"one opt-in declared",
     "email,newsletter,optin\na@example.com,Gardening,yes\n",
     {"optin", "optin"},
     "email=0 optin=2!"},
    {"nine of ten", "email\na@b\na@b\na@b\na@b\na@b\na@b\na@b\na@b\na@b\nnone at all\n", {NULL}, "email=0"},
};

static void test_maps(void **state)
{
    for (size_t i = 0; i < PS_COUNT_OF(maps); i++) {
        char mapped[512];
        ps_error err;
        ps_recipients recipients = recipients_of(maps[i].declared);

        print_message("  %s\n", maps[i].name);
        assert_ok(map_text(*state, &recipients, ps_span_of(maps[i].text), mapped, &err), &err);
        assert_string_equal(mapped, maps[i].mapped);
    }
}

static const struct {
    const char *name, *text;
    const char *declared[5];
    const char *error, *hint;
} refusals[] = {
    {"none", "name,city\nAnn,Kobe\n", {NULL}, "Its columns are: name, city.", "columns: {email: ITS HEADER}"},
    {"none by name, one by content",
     "name,連絡先\nAnn,a@example.com\n",
     {NULL},
     "No column",
     "columns: {email: 連絡先}"},
    {"two",
     "email,メール\na@example.com,b@example.com\n",
     {NULL},
     "both 'email' and 'メール' could be `email`",
     "columns: {email: email}"},
    {"twice",
     "email,Email\na@example.com,b@example.com\n",
     {NULL},
     "both 'email' and 'Email'",
     "columns: {email: email}"},
    {"no header", "a@example.com,Ann\nb@example.com,Bob\n", {NULL}, "holds an address", "header: none"},
    {"refuted", "email,name\nyes,Ann\n", {NULL}, "0 of its first 1 filled cells hold one @", "columns: {email: email}"},
    {"two in most cells", "email\na@example.com b@example.com\n", {NULL}, "hold one @", "columns: {email: email}"},
    {"declared, not there",
     "email,last_click\na@example.com,\n",
     {"last_click", "last_clik"},
     "does not have",
     "Did you mean 'last_click'?"},
    {"declared, nothing near",
     "email,name\na@example.com,\n",
     {"last_click", "最終日"},
     "Its columns are: email, name.",
     "one of these names"},
    {"declared, twice in the file", "email,x,x\na@example.com,1,2\n", {"id", "x"}, "has twice", "Rename"},
    {"declared as two things",
     "email,x\na@example.com,1\n",
     {"id", "x", "name", "x"},
     "both `id` and `name`",
     "of its own"},
    {"two dates",
     "email,created,date added\na@example.com,2024-02-01,2024-02-02\n",
     {NULL},
     "could be `signup_at`",
     "columns: {signup_at: created}"},
    {"two opt-ins",
     "email,optin,subscribed\na@example.com,1,1\n",
     {NULL},
     "could be `optin`",
     "columns: {optin: optin}"},
    {"a newsletter by name",
     "email,newsletter\na@example.com,Gardening\n",
     {NULL},
     "is named like `optin`, but only 0 of",
     "rename the column"},
    {"an opt-out in other words",
     "email,unsubscribed\na@example.com,perhaps\n",
     {NULL},
     "is named like `optout`",
     "yes and no"},
    {"a bounce in other words",
     "email,portal bounce\na@example.com,perhaps\n",
     {NULL},
     "is named like `bounced`, but only 0 of its first 1 filled cells say yes or no",
     "希望しない) or as dates, or"},
    {"a date of opting out in other words",
     "email,配信停止日\na@example.com,そのうち\nb@example.com,2024/2/1\n",
     {NULL},
     "is named like `optout_at`, but only 1 of its first 2 filled cells are dates.",
     "Write its cells as dates such as 2024-02-01 (also 2024/2/1, 20240201, 令和6年2月1日), empty where nothing "
     "happened"},
    {"a date of opting out beside yes and no",
     "email,配信停止日\na@example.com,そのうち\nb@example.com,はい\nc@example.com,2024/2/1\n",
     {NULL},
     "is named like `optout_at`, but only 1 of its first 3 filled cells are dates.",
     "If it says yes or no: columns: {optout: ITS HEADER}"},
    {"a date of opting out declared, in other words",
     "email,x\na@example.com,someday\n",
     {"optout_at", "x"},
     "is declared as `optout_at`, but only 0 of its first 1 filled cells are dates.",
     "If it says yes or no: columns: {optout: ITS HEADER}"},
    {"declared flag in other words",
     "email,x\na@example.com,perhaps\n",
     {"optout", "x"},
     "is declared as `optout`",
     "yes and no"},
    {"own output", "email,Presend_Reason\na@example.com,ok\n", {NULL}, "output of presend", "original file"},
    {"odd header in the hint",
     "no: 1,\"a \"\"b\"\"\"\n1,a@example.com\n",
     {NULL},
     "No column",
     "columns: {email: \"a \\\"b\\\"\"}"},
};

static void test_refusals(void **state)
{
    for (size_t i = 0; i < PS_COUNT_OF(refusals); i++) {
        char mapped[512];
        ps_error err = {.status = PS_OK};
        ps_recipients recipients = recipients_of(refusals[i].declared);

        print_message("  %s\n", refusals[i].name);
        assert_int_equal(map_text(*state, &recipients, ps_span_of(refusals[i].text), mapped, &err), PS_INPUT);
        if (strstr(err.text, refusals[i].error) == NULL || strstr(err.hint, refusals[i].hint) == NULL) {
            fail_msg("%s / %s", err.text, err.hint);
        }
    }
}

static void test_headerless(void **state)
{
    char mapped[512];
    ps_error err;
    ps_recipients recipients = {.headerless = true};

    assert_ok(map_text(*state, &recipients, ps_span_of("1,a@example.com\n2,b@example.com\n"), mapped, &err), &err);
    assert_string_equal(mapped, "email=1");
    assert_int_equal(map_text(*state, &recipients, ps_span_of("a@example.com,b@example.com\n"), mapped, &err),
                     PS_INPUT);
    assert_non_null(strstr(err.text, "both column 1 and column 2"));
    assert_non_null(strstr(err.hint, "columns: {email: 1}"));
    assert_int_equal(map_text(*state, &recipients, ps_span_of("Ann,Bob\n"), mapped, &err), PS_INPUT);
    assert_non_null(strstr(err.hint, "columns: {email: 1}"));
    recipients.columns[PS_COLUMN_EMAIL] = "2";
    recipients.columns[PS_COLUMN_LAST_CLICK] = "1";
    assert_ok(map_text(*state, &recipients, ps_span_of("a@example.com,b@example.com\n"), mapped, &err), &err);
    assert_string_equal(mapped, "last_click=0! email=1!");
    recipients.columns[PS_COLUMN_LAST_CLICK] = "3";
    assert_int_equal(map_text(*state, &recipients, ps_span_of("a@example.com,b@example.com\n"), mapped, &err),
                     PS_INPUT);
    assert_non_null(strstr(err.hint, "numbers from 1"));
}

// CP932: メール, 配信停止, ○
static void test_cp932(void **state)
{
    char mapped[512];
    ps_error err;
    ps_recipients recipients = {.file = "list.csv"};

    assert_ok(
        map_text(*state, &recipients,
                 ps_span_of("\x83\x81\x81\x5b\x83\x8b,\x94\x7a\x90\x4d\x92\xe2\x8e\x7e\r\na@example.jp,\x81\x9b\r\n"),
                 mapped, &err),
        &err);
    assert_string_equal(mapped, "email=0 optout=1");
}

static const struct {
    const char *text;
    ps_word flag, status;
} words[] = {
    {"", PS_WORD_BLANK, PS_WORD_BLANK},
    {" \t", PS_WORD_BLANK, PS_WORD_BLANK},
    {"　", PS_WORD_BLANK, PS_WORD_BLANK},
    {"1", PS_WORD_TRUE, PS_WORD_OTHER},
    {" YES ", PS_WORD_TRUE, PS_WORD_OTHER},
    {"ＴＲＵＥ", PS_WORD_TRUE, PS_WORD_OTHER},
    {"○", PS_WORD_TRUE, PS_WORD_OTHER},
    {"希望する", PS_WORD_TRUE, PS_WORD_OTHER},
    {"０", PS_WORD_FALSE, PS_WORD_OTHER},
    {"False", PS_WORD_FALSE, PS_WORD_OTHER},
    {"×", PS_WORD_FALSE, PS_WORD_OTHER},
    {"希望しない", PS_WORD_FALSE, PS_WORD_OTHER},
    {"配信停止", PS_WORD_FALSE, PS_WORD_STOP},
    {"送る", PS_WORD_TRUE, PS_WORD_OTHER},
    {"送らない", PS_WORD_FALSE, PS_WORD_OTHER},
    {"配信しない", PS_WORD_FALSE, PS_WORD_OTHER},
    {"Unsubscribed", PS_WORD_OTHER, PS_WORD_STOP},
    {"opt-out", PS_WORD_OTHER, PS_WORD_STOP},
    {"not_subscribed", PS_WORD_OTHER, PS_WORD_PENDING},
    {"ｴﾗｰ停止", PS_WORD_OTHER, PS_WORD_STOP},
    {"退会済", PS_WORD_OTHER, PS_WORD_STOP},
    {"退会済み", PS_WORD_OTHER, PS_WORD_STOP},
    {"解除済み", PS_WORD_OTHER, PS_WORD_STOP},
    {"配信停止中", PS_WORD_OTHER, PS_WORD_STOP},
    {"Canceled", PS_WORD_OTHER, PS_WORD_STOP},
    {"Opted out", PS_WORD_OTHER, PS_WORD_STOP},
    {"hard-bounced", PS_WORD_OTHER, PS_WORD_STOP},
    {"仮登録", PS_WORD_OTHER, PS_WORD_PENDING},
    {"active", PS_WORD_OTHER, PS_WORD_OTHER},
    {"maybe", PS_WORD_OTHER, PS_WORD_OTHER},
    {"\xff", PS_WORD_OTHER, PS_WORD_OTHER},
    {"yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes yes", PS_WORD_OTHER, PS_WORD_OTHER},
    {"ﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺ", PS_WORD_OTHER, PS_WORD_OTHER}, // NFKC makes 33 bytes of three
};

static void test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(words); i++) {
        print_message("  %s\n", words[i].text);
        assert_int_equal(ps_flag_word(ps_span_of(words[i].text)), words[i].flag);
        assert_int_equal(ps_status_column_word(ps_span_of(words[i].text)), words[i].status);
    }
}

// A line of the table that is not folded could never be found; one that stands twice would hide a mistake.
static void test_synonyms(void **state)
{
    (void)state;
    static const char *const headers[] = {
#define PS_SYNONYM(column, header) header,
#include "table/synonyms.def"
#undef PS_SYNONYM
    };
    ps_arena arena;
    ps_error err;

    assert_ok(ps_arena_open(1 << 20, &arena, &err), &err);
    for (size_t i = 0; i < PS_COUNT_OF(headers); i++) {
        ps_arena_reset(&arena);
        assert_span_equal(ps_header_fold(ps_span_of(headers[i]), &arena), headers[i]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(headers[i], headers[k]);
    }
    assert_span_equal(ps_header_fold(ps_span_of(" Ｅメール【ＰＣ】 "), &arena), "eメールpc");
    ps_arena_close(&arena);
}

// Names that are about mailing in no known sense, and names that only look like them.
static void test_permission_names(void **state)
{
    static const struct {
        const char *name; // folded
        bool is;
    } names[] = {
        {"メルマガ配信", true}, {"配信フラグ", true},        {"dm受信", true},
        {"optin2", true},       {"newslettershop", true},    {"subscribertype", true},
        {"sms配信", false},     {"配信エラー回数", false},   {"配信数", false},
        {"最終購入日", false},  {"acceptsmarketing", false}, {"", false},
    };

    (void)state;
    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        print_message("  %s\n", names[i].name);
        assert_int_equal(ps_permission_is_named(ps_span_of(names[i].name)), names[i].is);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_maps),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_headerless),
        cmocka_unit_test(test_cp932),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_synonyms),
        cmocka_unit_test(test_permission_names),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
