#ifndef PS_TEST_TABLE_FIXTURE_H
#define PS_TEST_TABLE_FIXTURE_H

// Files for the tests of src/table: bytes in, reader or source out. Each lives in a folder of its own that is removed
// at the end.

#include <fcntl.h>
#include <unistd.h>

#include "table/reader.h"

typedef struct table_fixture {
    char folder[64];
    char path[96];
} table_fixture;

static inline int fixture_open(void **state)
{
    static table_fixture fixture;
    snprintf(fixture.folder, sizeof fixture.folder, "/tmp/presend-test-XXXXXX");
    if (mkdtemp(fixture.folder) == NULL) return -1;
    snprintf(fixture.path, sizeof fixture.path, "%s/list.csv", fixture.folder);
    *state = &fixture;
    return 0;
}

static inline int fixture_close(void **state)
{
    table_fixture *fixture = *state;
    unlink(fixture->path); // may not be there
    return rmdir(fixture->folder);
}

static inline const char *fixture_write(const table_fixture *fixture, ps_span bytes)
{
    unlink(fixture->path); // a new inode: some test may hold the old one
    int fd = open(fixture->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.bytes, bytes.len), (ssize_t)bytes.len);
    close(fd);
    return fixture->path;
}

static inline ps_reader_options fixture_options(const table_fixture *fixture)
{
    return (ps_reader_options){.source = {.path = fixture->path, .missing = PS_MISSING, .bad = PS_INPUT}};
}

// Bytes with NULs in them, as the initializer of a span.
#define BYTES(text)                                                                                                    \
    {                                                                                                                  \
        (text), sizeof(text) - 1                                                                                       \
    }

#endif
