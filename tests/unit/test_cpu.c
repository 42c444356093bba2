// What the machine and the control group of the process allow.
// layer: base
#include "base/cpu.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assert.h"

static const struct {
    const char *name, *cgroup; // what /proc says of the process
    const char *outer, *inner; // cpu.max of /a and of /a/b; NULL: no such file
    unsigned quota;
} cases[] = {
    {"no control groups", NULL, NULL, NULL, 0},
    {"no limit", "0::/a/b\n", "max 100000\n", "max 100000\n", 0},
    {"two processors", "0::/a/b\n", "max 100000\n", "200000 100000\n", 2},
    {"one and a half are two", "0::/a/b\n", NULL, "150000 100000\n", 2},
    {"the group around it is tighter", "0::/a/b\n", "100000 100000\n", "400000 100000\n", 1},
    {"lines of the older form", "4:cpu:/a\n1:name=x:/y\n0::/a/b\n", NULL, "300000 100000\n", 3},
    {"only the older form", "4:cpu:/a/b\n", NULL, "300000 100000\n", 0},
    {"nothing to be read", "0::/a/b\n", NULL, "words\n", 0},
};

static void put(const char *folder, const char *name, const char *text)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path); // may not be there
    if (text == NULL) return;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_quota(void **state)
{
    static const char *const folders[] = {"/self", "/fs", "/fs/cgroup", "/fs/cgroup/a", "/fs/cgroup/a/b"};
    char root[] = "/tmp/presend-cpu-XXXXXX", path[128];
    (void)state;

    assert_non_null(mkdtemp(root));
    for (size_t i = 0; i < PS_COUNT_OF(folders); i++) {
        snprintf(path, sizeof path, "%s%s", root, folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        print_message("  %s\n", cases[i].name);
        put(root, "self/cgroup", cases[i].cgroup);
        put(root, "fs/cgroup/a/cpu.max", cases[i].outer);
        put(root, "fs/cgroup/a/b/cpu.max", cases[i].inner);
        assert_int_equal(ps_cpu_quota(root, root), cases[i].quota);
    }
    put(root, "self/cgroup", NULL);
    put(root, "fs/cgroup/a/cpu.max", NULL);
    put(root, "fs/cgroup/a/b/cpu.max", NULL);
    for (size_t i = PS_COUNT_OF(folders); i-- > 0;) {
        snprintf(path, sizeof path, "%s%s", root, folders[i]);
        assert_int_equal(rmdir(path), 0);
    }
    assert_int_equal(rmdir(root), 0);
}

static void test_limit(void **state)
{
    ps_cpu best = ps_cpu_best();
    (void)state;

    for (ps_cpu cpu = PS_CPU_SCALAR; cpu <= best; cpu++) {
        ps_cpu_limit(cpu);
        assert_int_equal(ps_cpu_best(), cpu);
    }
    ps_cpu_limit(PS_CPU_COUNT);
    assert_int_equal(ps_cpu_best(), best);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_quota), cmocka_unit_test(test_limit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
