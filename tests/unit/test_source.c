// Bytes of files, pipes and compressed files; what cannot be trusted is refused.
// layer: table
#include "assert.h"

#include <isa-l/igzip_lib.h>
#include <signal.h>
#include <sys/stat.h>
#include <zstd.h>

#include "base/limits.h"
#include "table_fixture.h"

static ps_source_options options_of(const table_fixture *fixture)
{
    return (ps_source_options){.path = fixture->path, .missing = PS_MISSING, .bad = PS_INPUT};
}

// One gzip member, appended.
static void add_gzip(ps_buf *out, ps_span text)
{
    struct isal_zstream stream;
    isal_deflate_init(&stream);
    stream.gzip_flag = IGZIP_GZIP;
    stream.end_of_stream = 1;
    stream.next_in = (uint8_t *)(uintptr_t)text.bytes;
    stream.avail_in = (uint32_t)text.len;
    size_t room = text.len + 1024;
    uint8_t *packed = malloc(room);
    assert_non_null(packed);
    stream.next_out = packed;
    stream.avail_out = (uint32_t)room;
    assert_int_equal(isal_deflate(&stream), COMP_OK);
    ps_buf_add(out, packed, room - stream.avail_out);
    free(packed);
}

static void add_zstd(ps_buf *out, ps_span text)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t room = ZSTD_compressBound(text.len);
    char *packed = malloc(room);
    assert_non_null(packed);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t len = ZSTD_compress2(context, packed, room, text.bytes, text.len);
    assert_false(ZSTD_isError(len));
    ps_buf_add(out, packed, len);
    free(packed);
    ZSTD_freeCCtx(context);
}

// Text that does not pack to nothing.
static void add_rows(ps_buf *out, size_t count)
{
    uint32_t state = 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525 + 1013904223;
        ps_buf_add_format(out, "user%u@example.com,%u\r\n", state >> 8, state);
    }
}

static ps_status read_all(ps_source *source, size_t step, ps_buf *out, ps_error *err)
{
    for (;;) {
        size_t len;
        char *bytes = ps_buf_extend(out, step);
        assert_non_null(bytes);
        ps_status status = ps_source_read(source, bytes, step, &len, err);
        if (status != PS_OK) return status;
        out->len -= step - len;
        if (len < step) return PS_OK;
    }
}

static ps_status unpack(const table_fixture *fixture, ps_span packed, ps_buf *out, ps_error *err)
{
    ps_source *source = NULL;
    ps_source_options options = options_of(fixture);

    fixture_write(fixture, packed);
    ps_status status = ps_source_open(&options, &source, err);
    if (status == PS_OK) status = read_all(source, 1000, out, err);
    ps_source_close(source);
    return status;
}

static void pass_unprinted(ps_source *source, size_t step, ps_buf *out)
{
    ps_error err;

    ps_source_leave_unprinted(source);
    assert_ok(read_all(source, step, out, &err), &err);
    assert_ok(ps_source_rewind(source, &err), &err);
}

// Plain, gzip, gzip of several members, zstd, zstd of several frames; in steps of several sizes, and twice.
static void test_forms(void **state)
{
    typedef void add_form(ps_buf * out, ps_span text);
    static const struct {
        const char *name;
        add_form *form;
        size_t parts;
    } forms[] = {{"none", ps_buf_add_span, 1},
                 {"gzip", add_gzip, 1},
                 {"gzip", add_gzip, 7},
                 {"zstd", add_zstd, 1},
                 {"zstd", add_zstd, 7}};
    static const size_t steps[] = {16, 333, 1 << 20};
    ps_buf text, packed, out;
    ps_error err;

    ps_buf_init(&text, 32 << 20);
    ps_buf_init(&packed, 32 << 20);
    ps_buf_init(&out, 32 << 20);
    add_rows(&text, 40000);
    for (size_t i = 0; i < PS_COUNT_OF(forms); i++) {
        char before[33], after[33];
        ps_source *source = NULL;
        ps_source_options options = options_of(*state);

        print_message("  %s, %zu\n", forms[i].name, forms[i].parts);
        ps_buf_clear(&packed);
        for (size_t k = 0; k < forms[i].parts; k++) {
            size_t start = text.len * k / forms[i].parts, end = text.len * (k + 1) / forms[i].parts;
            forms[i].form(&packed, (ps_span){text.bytes + start, end - start});
        }
        fixture_write(*state, ps_buf_span(&packed));
        assert_ok(ps_source_open(&options, &source, &err), &err);
        assert_string_equal(ps_source_compression(source), forms[i].name);
        assert_int_equal(ps_source_size(source), packed.len);
        for (size_t k = 0; k < PS_COUNT_OF(steps); k++) {
            ps_buf_clear(&out);
            assert_ok(read_all(source, steps[k], &out, &err), &err);
            assert_int_equal(out.len, text.len);
            assert_memory_equal(out.bytes, text.bytes, text.len);
            assert_int_equal(ps_source_position(source), packed.len);
            ps_source_fingerprint(source, after);
            if (k > 0) assert_string_equal(before, after);
            memcpy(before, after, sizeof before);
            assert_ok(ps_source_rewind(source, &err), &err);
            pass_unprinted(source, steps[k], &out); // which leaves nothing in the next one
        }
        assert_ok(ps_source_check(source, &err), &err);
        ps_source_close(source);
    }
    ps_buf_done(&out);
    ps_buf_done(&packed);
    ps_buf_done(&text);
}

// Cut at every place, and with every byte changed, it is refused or (a byte of a header that means nothing) read as it
// was.
static void test_damage(void **state)
{
    ps_buf text, out, packs[2];
    ps_error err;

    ps_buf_init(&text, 1 << 20);
    ps_buf_init(&out, 1 << 20);
    add_rows(&text, 20);
    for (size_t form = 0; form < 2; form++) {
        ps_buf *packed = &packs[form];
        size_t passed = 0;
        ps_buf_init(packed, 1 << 20);
        if (form == 0) add_gzip(packed, ps_buf_span(&text));
        if (form == 1) add_zstd(packed, ps_buf_span(&text));
        for (size_t len = 4; len < packed->len; len++) {
            ps_buf_clear(&out);
            assert_int_equal(unpack(*state, (ps_span){packed->bytes, len}, &out, &err), PS_INPUT);
            assert_non_null(strstr(err.text, "cannot be trusted"));
        }
        for (size_t i = 4; i < packed->len; i++) {
            ps_buf_clear(&out);
            packed->bytes[i] ^= 0x55;
            if (unpack(*state, ps_buf_span(packed), &out, &err) == PS_OK) {
                assert_memory_equal(out.bytes, text.bytes, text.len);
                assert_int_equal(out.len, text.len);
                passed++;
            }
            packed->bytes[i] ^= 0x55;
        }
        assert_true(passed < 10);
        ps_buf_add_text(packed, "and more");
        ps_buf_clear(&out);
        assert_int_equal(unpack(*state, ps_buf_span(packed), &out, &err), PS_INPUT);
        assert_non_null(strstr(err.text, "something follows its end"));
        ps_buf_done(packed);
    }
    ps_buf_done(&out);
    ps_buf_done(&text);
}

// 80 MiB of NULs in a few KiB.
static void test_bomb(void **state)
{
    ps_buf zeros, packed;
    ps_error err;
    ps_source *source = NULL;
    size_t total = 0, len = 1;
    static char bytes[1 << 16];
    ps_source_options options = options_of(*state);
    ps_status status = PS_OK;

    ps_buf_init(&zeros, 128 << 20);
    ps_buf_init(&packed, 1 << 20);
    assert_non_null(ps_buf_extend(&zeros, 80 << 20));
    memset(zeros.bytes, 0, zeros.len);
    add_zstd(&packed, ps_buf_span(&zeros));
    fixture_write(*state, ps_buf_span(&packed));
    assert_ok(ps_source_open(&options, &source, &err), &err);
    while (status == PS_OK && len > 0) {
        status = ps_source_read(source, bytes, sizeof bytes, &len, &err);
        total += len;
    }
    assert_int_equal(status, PS_INPUT);
    assert_non_null(strstr(err.text, "200 times its size"));
    assert_true(total <= PS_UNPACK_RATIO_FREE + sizeof bytes);
    ps_source_close(source);
    ps_buf_done(&packed);
    ps_buf_done(&zeros);
}

static void test_missing_and_strange(void **state)
{
    table_fixture *fixture = *state;
    ps_source *source = NULL;
    ps_error err;
    ps_source_options options = options_of(fixture);

    unlink(fixture->path);
    assert_int_equal(ps_source_open(&options, &source, &err), PS_MISSING);
    options.path = fixture->folder;
    assert_int_equal(ps_source_open(&options, &source, &err), PS_INPUT);
    assert_non_null(strstr(err.text, "is a folder"));
    options.path = fixture->path;
    assert_int_equal(mkfifo(fixture->path, 0600), 0);
    assert_int_equal(ps_source_open(&options, &source, &err), PS_INPUT);
    assert_non_null(strstr(err.text, "a pipe or a device"));
    fixture_write(fixture, ps_span_of("PK\x03\x04"));
    assert_int_equal(ps_source_open(&options, &source, &err), PS_INPUT);
    assert_non_null(strstr(err.hint, "Unzip"));
    fixture_write(fixture, (ps_span){NULL, 0});
    assert_ok(ps_source_open(&options, &source, &err), &err);
    assert_int_equal(ps_source_size(source), 0);
    ps_source_close(source);
}

// Standard input that is a pipe is kept, and read twice.
static void test_pipe(void **state)
{
    table_fixture *fixture = *state;
    ps_source *source = NULL;
    ps_error err;
    ps_buf out;
    int ends[2], old = dup(STDIN_FILENO);
    ps_source_options options = {
        .path = "-", .missing = PS_MISSING, .bad = PS_INPUT, .allow_pipe = true, .spool_folder = fixture->folder};

    ps_buf_init(&out, 1 << 20);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "email\na@example.com\n", 20), 20);
    close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    assert_ok(ps_source_open(&options, &source, &err), &err);
    assert_string_equal(ps_source_shown(source), "Standard input");
    assert_int_equal(ps_source_size(source), 20);
    for (int i = 0; i < 2; i++) {
        ps_buf_clear(&out);
        assert_ok(read_all(source, 7, &out, &err), &err);
        assert_span_equal(ps_buf_span(&out), "email\na@example.com\n");
        assert_ok(ps_source_rewind(source, &err), &err);
    }
    assert_ok(ps_source_check(source, &err), &err);
    ps_source_close(source);
    dup2(old, STDIN_FILENO);
    close(old);
    ps_buf_done(&out);
}

// Nobody knows when the writer of a pipe is done, so a signal ends the wait for it.
static void test_stopped_pipe(void **state)
{
    static const struct {
        int signal;
        ps_status status;
    } cases[] = {{SIGINT, PS_INTERRUPTED}, {SIGTERM, PS_TERMINATED}};
    table_fixture *fixture = *state;
    int ends[2], old = dup(STDIN_FILENO);

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "email\n", 6), 6); // and the writer keeps it open
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    for (size_t i = 0; i < PS_COUNT_OF(cases); i++) {
        volatile int stop = cases[i].signal;
        ps_source *source = NULL;
        ps_error err;
        ps_source_options options = {.path = "-",
                                     .missing = PS_MISSING,
                                     .bad = PS_INPUT,
                                     .allow_pipe = true,
                                     .spool_folder = fixture->folder,
                                     .stop = &stop};
        assert_int_equal(ps_source_open(&options, &source, &err), cases[i].status);
        assert_null(source);
    }
    close(ends[1]);
    dup2(old, STDIN_FILENO);
    close(old);
}

// Standard input that is a file begins where someone left it.
static void test_redirected(void **state)
{
    table_fixture *fixture = *state;
    ps_source *source = NULL;
    ps_error err;
    ps_buf out;
    int old = dup(STDIN_FILENO);
    ps_source_options options = {.path = "-", .missing = PS_MISSING, .bad = PS_INPUT, .allow_pipe = true};

    ps_buf_init(&out, 1 << 20);
    fixture_write(fixture, ps_span_of("# first\nemail\n"));
    int fd = open(fixture->path, O_RDONLY);
    assert_int_equal(lseek(fd, 8, SEEK_SET), 8);
    dup2(fd, STDIN_FILENO);
    close(fd);
    assert_ok(ps_source_open(&options, &source, &err), &err);
    for (int i = 0; i < 2; i++) {
        ps_buf_clear(&out);
        assert_ok(read_all(source, 100, &out, &err), &err);
        assert_span_equal(ps_buf_span(&out), "email\n");
        assert_ok(ps_source_rewind(source, &err), &err);
    }
    assert_int_equal(ps_source_size(source), 6);
    assert_ok(ps_source_check(source, &err), &err);
    ps_source_close(source);
    dup2(old, STDIN_FILENO);
    close(old);
    ps_buf_done(&out);
}

static void test_changed(void **state)
{
    table_fixture *fixture = *state;
    ps_error err;
    ps_source_options options = options_of(fixture);

    for (int replaced = 0; replaced < 2; replaced++) {
        ps_source *source = NULL;
        fixture_write(fixture, ps_span_of("email\n"));
        assert_ok(ps_source_open(&options, &source, &err), &err);
        assert_ok(ps_source_check(source, &err), &err);
        if (replaced) {
            fixture_write(fixture, ps_span_of("email\n"));
        } else {
            int fd = open(fixture->path, O_WRONLY | O_APPEND);
            assert_int_equal(write(fd, "x", 1), 1);
            close(fd);
        }
        assert_int_equal(ps_source_check(source, &err), PS_INPUT);
        assert_non_null(strstr(err.text, "changed or replaced"));
        ps_source_close(source);
    }
}

// As who copies a file over it and keeps its date does.
static void test_changed_in_place(void **state)
{
    table_fixture *fixture = *state;
    ps_source_options options = options_of(fixture);
    ps_source *source = NULL;
    struct stat before;
    ps_error err;

    fixture_write(fixture, ps_span_of("email\n"));
    assert_ok(ps_source_open(&options, &source, &err), &err);
    assert_int_equal(stat(fixture->path, &before), 0);
    usleep(20000); // the kernel's clock of files goes by ticks
    int fd = open(fixture->path, O_WRONLY);
    assert_int_equal(write(fd, "phone\n", 6), 6);
    assert_int_equal(futimens(fd, (struct timespec[]){before.st_atim, before.st_mtim}), 0);
    close(fd);
    assert_int_equal(ps_source_check(source, &err), PS_INPUT);
    assert_non_null(strstr(err.text, "changed or replaced"));
    ps_source_close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changed_in_place),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_missing_and_strange),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_stopped_pipe),
        cmocka_unit_test(test_redirected),
        cmocka_unit_test(test_changed),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
