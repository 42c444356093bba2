// Job files: what is accepted, what becomes of it, and what people read when something is wrong.
// layer: cmd
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assert.h"
#include "base/file.h"
#include "base/memory.h"
#include "cmd/config.h"
#include "facts/engagement.h"

#define GOLDEN PS_TEST_FOLDER "/golden/config"

enum { MESSAGES_BYTES_MAX = 1 << 20, GOLDEN_COUNT_LEAST = 15 };

static ps_status open_file(const char *name, ps_config *out, ps_error *err)
{
    const ps_config_request request = {.job_file = name};

    memset(out, 0, sizeof *out);
    return ps_config_open(&request, out, err);
}

static void expect_messages(const char *name, const ps_config *config)
{
    char path[512];
    ps_buf messages, expected;
    ps_error err;

    ps_buf_init(&messages, MESSAGES_BYTES_MAX);
    ps_buf_init(&expected, MESSAGES_BYTES_MAX);
    ps_problems_write(&config->problems, &messages);
    snprintf(path, sizeof path, "%.*s.err", (int)(strlen(name) - 5), name);
    if (getenv("PS_GOLDEN_WRITE") != NULL) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(ps_buf_text(&messages), file);
        assert_int_equal(fclose(file), 0);
    }
    assert_ok(ps_file_load(path, PS_MISSING, &expected, &err), &err);
    assert_string_equal(ps_buf_text(&messages), ps_buf_text(&expected));
    ps_buf_done(&messages);
    ps_buf_done(&expected);
}

static void test_golden(void **state)
{
    DIR *folder = opendir(".");
    const struct dirent *entry;
    size_t count = 0;
    (void)state;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        ps_config config;
        ps_error err = {.status = PS_OK};
        size_t len = strlen(entry->d_name);
        if (len < 6 || strcmp(entry->d_name + len - 5, ".yaml") != 0) continue;
        print_message("  %s\n", entry->d_name);
        count++;
        ps_status status = open_file(entry->d_name, &config, &err);
        if (strncmp(entry->d_name, "good_", 5) == 0) {
            assert_ok(status, &err);
        } else {
            assert_int_equal(status, PS_CONFIG);
            assert_int_equal(err.status, PS_CONFIG);
            expect_messages(entry->d_name, &config);
        }
        ps_config_close(&config);
    }
    closedir(folder);
    assert_true(count >= GOLDEN_COUNT_LEAST);
}

static void test_full_job(void **state)
{
    ps_config config;
    ps_error err;
    (void)state;

    assert_ok(open_file("good_full.yaml", &config, &err), &err);
    const ps_job *job = &config.job;
    assert_string_equal(job->campaign, "2026-autumn");
    assert_int_equal(job->as_of, ps_day_of(2026, 11, 21));
    assert_int_equal(job->recipients_count, 2);
    assert_string_equal(job->recipients[0].file, "recipients.csv");
    assert_string_equal(job->recipients[0].columns[PS_COLUMN_EMAIL], "メールアドレス");
    assert_int_equal(job->recipients[0].dates[PS_COLUMN_LAST_CLICK], PS_DATE_FORM_YMD);
    assert_int_equal(job->recipients[1].encoding, PS_ENCODING_CP932);
    assert_true(job->recipients[1].headerless);
    assert_string_equal(job->recipients[1].columns[PS_COLUMN_EMAIL], "3");
    assert_int_equal(job->mx_mode, PS_MX_SNAPSHOT);
    assert_string_equal(job->mx_snapshot, "mx.csv");
    assert_int_equal(job->mx_budget_s, 0);
    assert_int_equal(job->mx_rate, 200);
    assert_int_equal(job->mx_cache, 7);
    assert_string_equal(job->mx_save_snapshot, "mx.csv");
    assert_false(job->offline);
    assert_int_equal(job->sources_count, 2);
    assert_string_equal(job->sources[0].format, "sendgrid");
    assert_int_equal(job->sources[0].default_class, PS_CLASS_MANUAL);
    assert_int_equal(job->sources[1].kind, PS_ENTRY_DOMAIN);
    assert_true(job->sources[1].allow_empty);
    assert_true(job->engagement.applied);
    assert_int_equal(job->engagement.sunset, 365);
    assert_int_equal(job->engagement.observed_since[PS_COLUMN_LAST_CLICK], ps_day_of(2024, 4, 1));
    assert_true(job->guards.removed_share > 0.4999 && job->guards.removed_share < 0.5001);
    assert_string_equal(job->output_directory, "out");
    assert_false(job->report_unmasked);
    ps_config_close(&config);
}

// The settings of a source that is asked over HTTP, up to where they are used.
static void test_esp_settings_are_mapped(void **state)
{
    static const ps_setting settings[] = {
        {"--set", NULL,
         "suppressions=[{name: mg, type: file, file: a.csv, domain: mg.example.jp, region: eu, account: sub, user: "
         "api, "
         "key: 'file:keys/mailgun', base_url: 'https://gate.example.com:8443/mg', ca_file: ca.pem, "
         "proxy: 'http://proxy.example.com:3128', client: esp.yaml, lists: [bounces, complaints], "
         "without: [unsubscribes], recorded_elsewhere: true}]"},
    };
    const ps_config_request request = {
        .job_file = GOLDEN "/good_least.yaml", .settings = settings, .settings_count = 1};
    ps_config config;
    ps_error err;
    (void)state;

    memset(&config, 0, sizeof config);
    assert_ok(ps_config_open(&request, &config, &err), &err);
    const ps_source_config *source = &config.job.sources[0];
    assert_string_equal(source->type, "file");
    assert_string_equal(source->domain, "mg.example.jp");
    assert_string_equal(source->region, "eu");
    assert_string_equal(source->account, "sub");
    assert_string_equal(source->user, "api");
    assert_string_equal(source->key, "file:keys/mailgun");
    assert_string_equal(source->base_url, "https://gate.example.com:8443/mg");
    assert_string_equal(source->ca_file, "ca.pem");
    assert_string_equal(source->proxy, "http://proxy.example.com:3128");
    assert_string_equal(source->client, "esp.yaml");
    assert_int_equal(source->lists_count, 2);
    assert_string_equal(source->lists[1], "complaints");
    assert_int_equal(source->without_count, 1);
    assert_string_equal(source->without[0], "unsubscribes");
    assert_true(source->recorded_elsewhere);
    ps_config_close(&config);
}

static void test_least_job_has_the_defaults(void **state)
{
    ps_config config;
    ps_error err;
    ps_job defaults;
    (void)state;

    ps_job_init(&defaults);
    assert_ok(open_file("good_least.yaml", &config, &err), &err);
    assert_true(config.job.suppressions_none);
    assert_int_equal(config.job.sources_count, 0);
    assert_false(config.job.engagement.applied);
    assert_int_equal(config.job.mx_mode, PS_MX_LIVE);
    assert_memory_equal(config.job.effect, defaults.effect, sizeof defaults.effect);
    assert_memory_equal(&config.job.guards, &defaults.guards, sizeof defaults.guards);
    assert_string_equal(config.job.output_directory, "presend-out");
    ps_config_close(&config);
}

// A default that is written out changes nothing, so each default of the schema is what the program does.
static void test_defaults_of_the_full_job(void **state)
{
    ps_config config;
    ps_error err;
    ps_job defaults;
    (void)state;

    ps_job_init(&defaults);
    assert_ok(open_file("good_full.yaml", &config, &err), &err);
    assert_memory_equal(config.job.effect, defaults.effect, sizeof defaults.effect);
    assert_true(config.job.guards.min_rows == defaults.guards.min_rows);
    assert_int_equal(config.job.dedupe, defaults.dedupe);
    assert_int_equal(config.job.alias, defaults.alias);
    assert_int_equal(config.job.engagement.active, defaults.engagement.active);
    assert_int_equal(config.job.engagement.reply, defaults.engagement.reply);
    ps_config_close(&config);
}

static void test_paths_start_at_their_text(void **state)
{
    static const ps_setting settings[] = {{"--output", "output.directory", "there"},
                                          {"--set", NULL, "mx.snapshot=m.csv"}};
    const ps_config_request request = {
        .job_file = GOLDEN "/good_full.yaml", .settings = settings, .settings_count = PS_COUNT_OF(settings)};
    ps_config config = {0};
    ps_error err;
    (void)state;

    assert_ok(ps_config_open(&request, &config, &err), &err);
    assert_string_equal(config.job.recipients[0].file, GOLDEN "/recipients.csv");
    assert_string_equal(config.job.sources[0].file, GOLDEN "/sg_bounces.csv");
    assert_string_equal(config.job.output_directory, "there");
    assert_string_equal(config.job.mx_snapshot, "m.csv");
    ps_config_close(&config);
}

static const struct {
    const char *set; // PATH=VALUE
    const char *messages; // "" when it is fine
} set_cases[] = {
    {"mx.mode=off", ""},
    {"guards.min_rows=0", ""},
    {"engagement.profile=b2b", ""},
    {"suppressions.0.file=other.csv", ""},
    {"suppressions.2={name: new, type: file, file: new.csv}", ""},
    {"recipients.0.columns.email=E-Mail", ""},
    {"address.allow_special_use=[example.com]", ""},
    {"campaign=0123", ""},
    {"mx.mode=lve", "--set: error: expected `live`, `snapshot` or `off`, found `lve`\n"
                    "    mx.mode=lve\n"
                    "            ^~~\n"
                    "    hint: did you mean `live`?\n"},
    {"mx.mod=live", "--set: error: unknown key `mod`\n"
                    "    mx.mod=live\n"
                    "           ^~~~\n"
                    "    hint: did you mean `mode`?\n"},
    {"mx.mode", "--set: error: expected PATH=VALUE, such as mx.mode=off\n"
                "    mx.mode\n"
                "    ^\n"},
    {"campaign.x=1", "--set: error: there is no `x` to set in `campaign.x`\n"
                     "    campaign.x=1\n"
                     "    ^~~~~~~~~~\n"},
    {"suppressions.7.file=x", "--set: error: there is no `7` to set in `suppressions.7.file`\n"
                              "    suppressions.7.file=x\n"
                              "    ^~~~~~~~~~~~~~~~~~~\n"},
    {"mx..mode=off", "--set: error: `mx..mode` is no path of the job file\n"
                     "    mx..mode=off\n"
                     "    ^~~~~~~~\n"},
    {"state=x.sqlite", ""},
    {"retain=30d", ""},
    {"engagement.relist=14d", ""},
    {"report.language=ja", "--set: error: `ja` cannot be used in this version\n"
                           "    report.language=ja\n"
                           "                    ^~\n"
                           "    hint: use `language: en`\n"},
    {"metrics.file=x.prom", ""},
    {"campaign=[a", "--set: error: flow sequence without a closing bracket\n"
                    "    campaign=[a\n"
                    "               ^\n"},
};

static void test_set(void **state)
{
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(set_cases); i++) {
        const ps_setting setting = {"--set", NULL, set_cases[i].set};
        const ps_config_request request = {.job_file = "good_full.yaml", .settings = &setting, .settings_count = 1};
        ps_config config = {0};
        ps_error err;
        ps_buf messages;

        print_message("  %s\n", set_cases[i].set);
        ps_buf_init(&messages, MESSAGES_BYTES_MAX);
        ps_status status = ps_config_open(&request, &config, &err);
        ps_problems_write(&config.problems, &messages);
        assert_string_equal(ps_buf_text(&messages), set_cases[i].messages);
        assert_int_equal(status, *set_cases[i].messages == '\0' ? PS_OK : PS_CONFIG);
        ps_buf_done(&messages);
        ps_config_close(&config);
    }
}

static void test_set_changes_the_job(void **state)
{
    static const ps_setting settings[] = {{"--set", NULL, "mx.mode=off"},
                                          {"--set", NULL, "mx.unknown=hold"},
                                          {"--set", NULL, "engagement={profile: b2b, sunset: 800d}"},
                                          {"--set", NULL, "guards.dead_rows=12.5%"},
                                          {"--set", NULL, "mx.budget=10m"}};
    const ps_config_request request = {
        .job_file = "good_least.yaml", .settings = settings, .settings_count = PS_COUNT_OF(settings)};
    ps_config config = {0};
    ps_engagement b2b = {0};
    ps_error err;
    (void)state;

    assert_true(ps_engagement_profile("b2b", &b2b));
    assert_ok(ps_config_open(&request, &config, &err), &err);
    assert_int_equal(config.job.mx_mode, PS_MX_OFF);
    assert_int_equal(config.job.effect[PS_REASON_TIMEOUT], PS_EFFECT_HOLD);
    assert_int_equal(config.job.engagement.active, b2b.active);
    assert_int_equal(config.job.engagement.sunset, 800);
    assert_int_equal(config.job.engagement.observed_since[PS_COLUMN_LAST_CLICK], PS_DAY_NONE);
    assert_true(config.job.guards.dead_rows > 0.12499 && config.job.guards.dead_rows < 0.12501);
    assert_int_equal(config.job.mx_budget_s, 600);
    ps_config_close(&config);
}

static void test_offline(void **state)
{
    static const ps_setting no_job[] = {{"FILE", "recipients.0.file", "a.csv"}, {"clean", "suppressions", "none"}};
    static const ps_setting snapshot[] = {{"FILE", "recipients.0.file", "a.csv"},
                                          {"clean", "suppressions", "none"},
                                          {"--set", NULL, "mx.snapshot=m.csv"}};
    static const struct {
        const char *file;
        const ps_setting *settings;
        size_t settings_count;
        ps_mx_mode mode;
    } cases[] = {
        {"good_least.yaml", NULL, 0, PS_MX_OFFLINE},
        {"good_full.yaml", NULL, 0, PS_MX_SNAPSHOT},
        {"good_resolvers.yaml", NULL, 0, PS_MX_OFFLINE},
        {NULL, no_job, PS_COUNT_OF(no_job), PS_MX_OFF}, // without a state there is no cache
        {NULL, snapshot, PS_COUNT_OF(snapshot), PS_MX_SNAPSHOT},
    };
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        const ps_config_request request = {.job_file = cases[i].file,
                                           .settings = cases[i].settings,
                                           .settings_count = cases[i].settings_count,
                                           .offline = true};
        ps_config config = {0};
        ps_error err;
        assert_ok(ps_config_open(&request, &config, &err), &err);
        assert_int_equal(config.job.mx_mode, cases[i].mode);
        assert_true(config.job.offline);
        ps_config_close(&config);
    }
}

static void test_accept(void **state)
{
    static const struct {
        const char *accepted;
        ps_status status;
    } cases[] = {{"removed_share", PS_OK},
                 {"dead_rows", PS_OK},
                 {"removed_shares", PS_USAGE},
                 {"old-export:dead_rows", PS_USAGE}, // no guard is about a source yet
                 {"", PS_USAGE}};
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        const ps_config_request request = {
            .job_file = "good_full.yaml", .accepted = &cases[i].accepted, .accepted_count = 1};
        ps_config config = {0};
        ps_error err;
        assert_int_equal(ps_config_open(&request, &config, &err), cases[i].status);
        ps_config_close(&config);
    }
}

static void write_file(const char *path, const char *text, size_t repeat, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    for (size_t i = 0; i < repeat; i++)
        fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void test_files_that_are_refused(void **state)
{
    static const struct {
        const char *name, *text;
        size_t repeat;
        mode_t mode;
        ps_status status;
    } cases[] = {
        {"open.yaml", "version: 1\nrecipients: [{file: a.csv}]\nsuppressions: none\n", 1, 0666, PS_CONFIG},
        {"private.yaml", "version: 1\nrecipients: [{file: a.csv}]\nsuppressions: none\n", 1, 0600, PS_OK},
        {"large.yaml", "# 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\n", 20000, 0600, PS_CONFIG},
        {"deep.yaml", "[", 200, 0600, PS_CONFIG},
        {"wide.yaml", "x\n", 200000, 0600, PS_CONFIG},
    };
    char folder[] = "/tmp/presend-config-XXXXXX";
    (void)state;

    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        char path[128];
        ps_config config;
        ps_error err = {.status = PS_OK};
        snprintf(path, sizeof path, "%s/%s", folder, cases[i].name);
        write_file(path, cases[i].text, cases[i].repeat, cases[i].mode);
        print_message("  %s\n", cases[i].name);
        assert_int_equal(open_file(path, &config, &err), cases[i].status);
        ps_config_close(&config);
        assert_int_equal(unlink(path), 0);
    }
    ps_config config;
    ps_error err;
    assert_int_equal(open_file(folder, &config, &err), PS_MISSING);
    ps_config_close(&config);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(open_file(folder, &config, &err), PS_MISSING);
    ps_config_close(&config);
}

// Each allocation fails once: there is an error that says so, and nothing is left behind.
static void test_without_memory(void **state)
{
    const char *const files[] = {"good_full.yaml", "good_resolvers.yaml"};
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(files); i++) {
        ps_status status = PS_RETRY;
        unsigned long n = 1;
        for (; status != PS_OK; n++) {
            ps_config config;
            ps_error err = {.status = PS_OK};
            ps_memory_fail_at(n, 0);
            status = open_file(files[i], &config, &err);
            ps_memory_fail_at(0, 0);
            assert_int_equal(status, err.status == PS_OK ? PS_OK : PS_RETRY);
            ps_config_close(&config);
        }
        assert_true(n > 2);
    }
}

static int enter_golden(void **state)
{
    (void)state;
    return chdir(GOLDEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_full_job),
        cmocka_unit_test(test_least_job_has_the_defaults),
        cmocka_unit_test(test_esp_settings_are_mapped),
        cmocka_unit_test(test_defaults_of_the_full_job),
        cmocka_unit_test(test_paths_start_at_their_text),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_set_changes_the_job),
        cmocka_unit_test(test_offline),
        cmocka_unit_test(test_accept),
        cmocka_unit_test(test_files_that_are_refused),
        cmocka_unit_test(test_without_memory),
    };

    return cmocka_run_group_tests(tests, enter_golden, NULL);
}
