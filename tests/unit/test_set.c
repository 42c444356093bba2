// layer: engine
#include "assert.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/folder.h"
#include "engine/set.h"

// Every test has a folder of its own, and an output directory `out` in it that does not exist yet.
typedef struct scene {
    char folder[64], out[80], pending[96], input[80];
    ps_job job;
    ps_recipients recipients;
    ps_run run;
    ps_error err;
} scene;

static int sync_fails_at; // the n-th from now on; 0: none

// In place of libc's.
int fsync(int fd)
{
    if (sync_fails_at == 0 || --sync_fails_at > 0) return (int)syscall(SYS_fsync, fd);
    errno = EIO;
    return -1;
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void assert_content(const char *folder, const char *name, const char *expected)
{
    char path[256], text[256] = "";
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    assert_string_equal(text, expected);
}

static bool exists(const char *folder, const char *name)
{
    char path[256];
    struct stat state;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &state) == 0;
}

static int set_up(void **state)
{
    scene *s = calloc(1, sizeof *s);
    snprintf(s->folder, sizeof s->folder, "/tmp/presend-test-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    snprintf(s->out, sizeof s->out, "%s/out", s->folder);
    snprintf(s->pending, sizeof s->pending, "%s/out.pending", s->folder);
    snprintf(s->input, sizeof s->input, "%s/in.csv", s->folder);
    write_text(s->input, "email\n");
    s->recipients.file = s->input;
    s->job.recipients = &s->recipients;
    s->job.recipients_count = 1;
    s->run.job = &s->job;
    s->run.started_s = ps_clock_now_s();
    snprintf(s->run.id, sizeof s->run.id, "00000000-0000-4000-8000-000000000000");
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    scene *s = *state;
    char command[256];
    snprintf(command, sizeof command, "rm -rf %s", s->folder);
    int result = system(command); // NOLINT: a folder of this test's own
    free(s);
    return result;
}

static ps_set *fill(scene *s, const char *text)
{
    ps_set *set = NULL;
    ps_set_file *file = NULL;
    ps_run_output output;

    assert_ok(ps_set_open(s->out, &set, &s->err), &s->err);
    assert_ok(ps_set_create(set, "clean.csv", &file, &s->err), &s->err);
    assert_ok(ps_set_write(file, ps_span_of(text), &s->err), &s->err);
    assert_ok(ps_set_close_file(file, 1, &output, &s->err), &s->err);
    assert_int_equal(output.size_bytes, strlen(text));
    return set;
}

static void test_publish(void **state)
{
    scene *s = *state;
    struct stat mode;
    ps_set *set = fill(s, "one\n");

    assert_false(exists(s->out, "clean.csv"));
    assert_ok(ps_set_publish(set, &s->run, &s->err), &s->err);
    ps_set_close(set);
    assert_content(s->out, "clean.csv", "one\n");
    assert_true(exists(s->out, "manifest.json"));
    assert_int_equal(stat(s->out, &mode), 0);
    assert_int_equal(mode.st_mode & 0777, 0700);

    set = fill(s, "two\n");
    assert_content(s->out, "clean.csv", "one\n"); // until the exchange the old set stands
    assert_ok(ps_set_publish(set, &s->run, &s->err), &s->err);
    ps_set_close(set);
    assert_content(s->out, "clean.csv", "two\n");
}

static void test_failed_run_leaves_the_old_set(void **state)
{
    scene *s = *state;
    ps_set *set = fill(s, "one\n");
    char fresh[512];

    assert_ok(ps_set_publish(set, &s->run, &s->err), &s->err);
    ps_set_close(set);
    set = fill(s, "two\n");
    snprintf(fresh, sizeof fresh, "%s", ps_set_folder(set));
    ps_set_close(set);
    assert_content(s->out, "clean.csv", "one\n");
    assert_int_not_equal(access(fresh, F_OK), 0);
}

// Whichever sync fails: one set stands, whole, and who is told of the error is told which one it is.
static void test_failed_syncs(void **state)
{
    scene *s = *state;
    ps_status status = PS_IO;
    int n = 0, in_place = 0;

    while (status != PS_OK) {
        ps_set *set = fill(s, "one\n");
        assert_ok(ps_set_publish(set, &s->run, &s->err), &s->err);
        ps_set_close(set);
        set = fill(s, "two\n");
        sync_fails_at = ++n;
        status = ps_set_publish(set, &s->run, &s->err);
        sync_fails_at = 0;
        ps_set_close(set);
        bool told = status != PS_OK && strstr(s->err.hint, "is in place") != NULL;
        assert_content(s->out, "clean.csv", told || status == PS_OK ? "two\n" : "one\n");
        assert_true(exists(s->out, "manifest.json"));
        in_place += told;
    }
    assert_true(n > 3);
    assert_int_equal(in_place, 1);
}

static void test_one_run_at_a_time(void **state)
{
    scene *s = *state;
    ps_set *second = NULL, *set = fill(s, "one\n");

    assert_int_equal(ps_set_open(s->out, &second, &s->err), PS_RETRY);
    assert_non_null(strstr(s->err.text, "Another run"));
    ps_set_close(set);
    assert_ok(ps_set_open(s->out, &second, &s->err), &s->err);
    ps_set_close(second);
}

static void test_leftovers_of_dead_runs_go(void **state)
{
    scene *s = *state;
    char dead[256], file[300];

    snprintf(dead, sizeof dead, "%s/.out.presend.00000000deadbeef", s->folder);
    assert_int_equal(mkdir(dead, 0700), 0);
    snprintf(file, sizeof file, "%s/clean.csv", dead);
    write_text(file, "half\n");
    ps_set *set = fill(s, "one\n");
    assert_int_not_equal(access(dead, F_OK), 0);
    ps_set_close(set);
}

static void test_foreign_directories_are_refused(void **state)
{
    scene *s = *state;
    ps_set *set = NULL;
    char path[256];

    assert_int_equal(mkdir(s->out, 0700), 0);
    snprintf(path, sizeof path, "%s/clean.csv", s->out);
    write_text(path, "somebody's own\n"); // a known name alone does not make it presend's
    assert_int_equal(ps_set_open(s->out, &set, &s->err), PS_USAGE);
    snprintf(path, sizeof path, "%s/manifest.json", s->out);
    write_text(path, "{}\n");
    snprintf(path, sizeof path, "%s/letter.txt", s->out);
    write_text(path, "dear\n");
    assert_int_equal(ps_set_open(s->out, &set, &s->err), PS_USAGE);
    assert_non_null(strstr(s->err.text, "letter.txt"));

    assert_int_equal(ps_set_open(s->input, &set, &s->err), PS_USAGE); // a file
    snprintf(path, sizeof path, "%s/link", s->folder);
    assert_int_equal(symlink(s->folder, path), 0);
    assert_int_equal(ps_set_open(path, &set, &s->err), PS_USAGE);
    assert_int_equal(ps_set_open("/", &set, &s->err), PS_USAGE);
    assert_int_equal(ps_set_open("", &set, &s->err), PS_USAGE);
    snprintf(path, sizeof path, "%s/no/such/out", s->folder);
    assert_int_equal(ps_set_open(path, &set, &s->err), PS_CREATE);
}

static void keep_pending(scene *s)
{
    ps_set *set = fill(s, "held back\n");
    assert_ok(ps_set_keep_pending(set, &s->run, &s->err), &s->err);
    ps_set_close(set);
    assert_true(exists(s->pending, "pending.json"));
    assert_false(exists(s->pending, "manifest.json"));
}

static void test_approve(void **state)
{
    scene *s = *state;
    ps_set *set = fill(s, "old\n");

    assert_int_equal(ps_set_approve(s->out, NULL, &s->err), PS_RETRY); // the lock is held
    assert_ok(ps_set_publish(set, &s->run, &s->err), &s->err);
    ps_set_close(set);
    assert_int_equal(ps_set_approve(s->out, NULL, &s->err), PS_MISSING);
    keep_pending(s);
    assert_content(s->out, "clean.csv", "old\n");
    assert_ok(ps_set_approve(s->out, NULL, &s->err), &s->err);
    assert_content(s->out, "clean.csv", "held back\n");
    assert_true(exists(s->out, "manifest.json"));
    assert_false(exists(s->out, "pending.json"));
    assert_int_not_equal(access(s->pending, F_OK), 0);
}

static void test_approve_refuses_what_changed(void **state)
{
    scene *s = *state;
    char path[256];

    keep_pending(s);
    write_text(s->input, "email\nnew@shop.example\n");
    assert_int_equal(ps_set_approve(s->out, NULL, &s->err), PS_INPUT);
    write_text(s->input, "email\n");
    snprintf(path, sizeof path, "%s/clean.csv", s->pending);
    write_text(path, "slipped in\n");
    assert_int_equal(ps_set_approve(s->out, NULL, &s->err), PS_INPUT);
    assert_true(exists(s->pending, "pending.json"));
    keep_pending(s);
    snprintf(path, sizeof path, "%s/letter.txt", s->pending);
    write_text(path, "dear\n");
    assert_int_equal(ps_set_approve(s->out, NULL, &s->err), PS_INPUT);
    assert_non_null(strstr(s->err.text, "letter.txt"));
    s->run.started_s -= 25 * 3600;
    keep_pending(s);
    assert_int_equal(ps_set_approve(s->out, NULL, &s->err), PS_GUARD);
    assert_false(exists(s->out, "clean.csv"));
}

static void test_a_new_set_overtakes_a_waiting_one(void **state)
{
    scene *s = *state;

    keep_pending(s);
    ps_set *set = fill(s, "newer\n");
    assert_ok(ps_set_publish(set, &s->run, &s->err), &s->err);
    ps_set_close(set);
    assert_int_equal(ps_set_approve(s->out, NULL, &s->err), PS_MISSING);
    assert_content(s->out, "clean.csv", "newer\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_publish, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failed_run_leaves_the_old_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failed_syncs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_run_at_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_leftovers_of_dead_runs_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_foreign_directories_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_approve, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_approve_refuses_what_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_new_set_overtakes_a_waiting_one, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
