#ifndef PS_TEST_EXECUTE_FIXTURE_H
#define PS_TEST_EXECUTE_FIXTURE_H

// A small job in a folder of its own, and whole runs of it inside the test's process.

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assert.h"
#include "base/file.h"
#include "base/memory.h"
#include "cmd/command.h"

enum { FILE_BYTES_MAX = 1 << 20, WORDS_MAX = 12 };

static const ps_command *const commands[] = {&ps_command_run, &ps_command_clean, &ps_command_approve, NULL};

static const struct {
    const char *name, *text;
} files[] = {
    {"a.csv",
     "email,last_click,name\ntaro@gmail.com,2026-11-01,Taro\nhanako@docomo.ne.jp,2026/10/1,\"Ha,nako\"\n"
     "TARO@GMAIL.COM,,x\nbro ken@gmail.com,,y\ngone@old-shop.jp,2024-01-01,z\nout@gmail.com,,a\nx@dead-shop.jp,,b\n"},
    {"list.txt", "out@gmail.com\n"},
    {"logins.csv", "email,last_login\nhanako@docomo.ne.jp,2026-10-02\nnobody@gmail.com,2026-10-02\n"},
    {"orders.csv", "id,last_purchase\nTaro,2026-10-03\nz,2024-01-02\n"},
    {"mx.csv", "domain,verdict,reason\ngmail.com,deliverable,mx\ndocomo.ne.jp,deliverable,mx\n"
               "dead-shop.jp,no_mail,nxdomain\nold-shop.jp,deliverable,mx\n"},
    {"job.yaml", "version: 1\nas_of: 2026-11-21\nrecipients: [{file: a.csv, columns: {id: name}}]\nmx: {mode: "
                 "snapshot, snapshot: mx.csv}\n"
                 "suppressions: [{name: list, type: file, file: list.txt}]\n"
                 "activity: [{file: logins.csv, key: email}, {file: orders.csv, key: id}]\n"
                 "policies: {strict: {profile: b2c_daily}, mild: {profile: b2b}}\n"
                 "engagement: {profile: b2c_weekly}\noutput: {directory: out}\n"},
};

static int nowhere, saved_stdout, saved_stderr;

// What the program says is not what is tested here.
static inline void point_streams(int out, int err)
{
    fflush(stdout);
    assert_int_equal(dup2(out, STDOUT_FILENO), STDOUT_FILENO);
    assert_int_equal(dup2(err, STDERR_FILENO), STDERR_FILENO);
}

static inline int call(const char *const *words)
{
    char texts[WORDS_MAX][64], *argv[WORDS_MAX + 1] = {NULL};
    int argc = 0;

    for (; words[argc] != NULL; argc++) {
        snprintf(texts[argc], sizeof texts[0], "%s", words[argc]);
        argv[argc] = texts[argc];
    }
    point_streams(nowhere, nowhere);
    int code = ps_commands_main(commands, argc, argv);
    point_streams(saved_stdout, saved_stderr);
    return code;
}

static inline void load(const char *path, ps_buf *out)
{
    ps_error err;

    ps_buf_init(out, FILE_BYTES_MAX);
    assert_ok(ps_file_load(path, PS_MISSING, out, &err), &err);
}

// The folder holds what was put there, the set and its lock: nothing that a failed run left.
static inline void expect_no_leftovers(void)
{
    DIR *folder = opendir(".");
    const struct dirent *entry;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        bool known = entry->d_name[0] == '.' || strcmp(entry->d_name, "out") == 0;
        known = known || strcmp(entry->d_name, "presend.sqlite") == 0;
        for (size_t i = 0; i < PS_COUNT_OF(files); i++)
            known = known || strcmp(entry->d_name, files[i].name) == 0;
        if (!known) print_error("left over: %s\n", entry->d_name);
        assert_true(known);
        assert_false(entry->d_name[0] == '.' && strstr(entry->d_name, "fresh") != NULL);
    }
    closedir(folder);
}

// In memory where that is possible: a run syncs each of its files.
static char in_memory[] = "/dev/shm/presend-execute-XXXXXX", on_disk[] = "/tmp/presend-execute-XXXXXX";
static const char *folder = in_memory;

static inline int enter(void **state)
{
    (void)state;

    nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (mkdtemp(in_memory) == NULL) folder = mkdtemp(on_disk);
    if (folder == NULL || chdir(folder) != 0 || nowhere < 0) return -1;
    for (size_t i = 0; i < PS_COUNT_OF(files); i++) {
        FILE *file = fopen(files[i].name, "w");
        if (file == NULL || fputs(files[i].text, file) < 0 || fclose(file) != 0) return -1;
    }
    saved_stdout = dup(STDOUT_FILENO);
    saved_stderr = dup(STDERR_FILENO);
    return 0;
}

static inline int leave(void **state)
{
    static const char *const names[] = {"clean.csv",   "unsuppressed.csv", "winback.csv", "held.csv",
                                        "removed.csv", "report.json",      "report.html", "manifest.json"};
    char path[64];
    (void)state;

    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "out/%s", names[i]);
        (void)unlink(path); // not every set has every file
    }
    for (size_t i = 0; i < PS_COUNT_OF(files); i++)
        (void)unlink(files[i].name); // as above
    (void)unlink(".out.presend.lock"); // as above
    (void)unlink("presend.sqlite"); // as above
    (void)unlink(".presend.sqlite.lock"); // as above
    (void)rmdir("out"); // as above
    return chdir("/") == 0 ? rmdir(folder) : -1;
}

#endif
