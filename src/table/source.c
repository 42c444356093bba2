#include "table/source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "table/spool.h"
#include "table/unpack.h"

enum { PACKED_BYTES = 256 << 10, MAGIC_BYTES = 8, SHOWN_BYTES_MAX = 1024 };

static const ps_unpack *const unpacks[] = {&ps_unpack_gzip, &ps_unpack_zstd};

// Files that are sent in place of a CSV, by how they begin.
static const struct {
    ps_span magic;
    const char *name, *hint;
} strangers[] = {
    {{"PK\x03\x04", 4}, "a zip file or an Excel workbook", "Unzip it, or save the sheet as CSV, and name that file."},
    {{"PK\x05\x06", 4}, "an empty zip file", "Unzip it and name the CSV file."},
    {{"%PDF", 4}, "a PDF", "Export the list as CSV."},
    {{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8}, "an old Excel workbook", "Save the sheet as CSV and name that file."},
    {{"BZh", 3}, "a bzip2 file", "Unpack it, or pack it with gzip or zstd."},
    {{"\xfd"
      "7zXZ",
      5},
     "an xz file",
     "Unpack it, or pack it with gzip or zstd."},
    {{"7z\xbc\xaf\x27\x1c", 6}, "a 7z file", "Unpack it and name the CSV file."},
    {{"SQLite f", 8}, "a SQLite database", "Export the list as CSV."},
};

// What tells whether a file is the same: one of the two, or none where nobody asks.
typedef struct file_sum {
    ps_hasher *hasher;
    ps_sha256 *sha256;
} file_sum;

static ps_status open_sum(bool sha256, file_sum *out, ps_error *err)
{
    return sha256 ? ps_sha256_new(&out->sha256, err) : ps_hasher_new(&out->hasher, err);
}

static void add_to_sum(const file_sum *sum, ps_span bytes)
{
    if (sum->sha256 != NULL) ps_sha256_add(sum->sha256, bytes);
    if (sum->hasher != NULL) ps_hasher_add(sum->hasher, bytes);
}

static void close_sum(file_sum *sum)
{
    ps_hasher_free(sum->hasher);
    ps_sha256_free(sum->sha256);
}

struct ps_source {
    ps_source_options options;
    char *path; // as given
    char *shown; // for messages
    int fd;
    bool spooled;
    struct stat info; // when it was opened
    off_t start; // standard input may be a file that someone has begun to read
    const ps_unpack *unpack; // NULL: not compressed
    void *state; // of `unpack`
    char *packed;
    ps_span in; // what of `packed` was not used yet
    bool packed_end;
    uint64_t position, unpacked;
    file_sum sum;
};

static ps_status bad(const ps_source *source, ps_error *err, const char *what)
{
    ps_error_set(err, source->options.bad, "%s cannot be trusted: %s.", source->shown, what);
    ps_error_hint(err, "Copy or export the file again.");
    return source->options.bad;
}

static bool begins_with(ps_span text, ps_span magic)
{
    return text.len >= magic.len && memcmp(text.bytes, magic.bytes, magic.len) == 0;
}

static ps_status refuse_strangers(const ps_source *source, ps_span begin, ps_error *err)
{
    for (size_t i = 0; i < PS_COUNT_OF(strangers); i++) {
        if (!begins_with(begin, strangers[i].magic)) continue;
        ps_error_set(err, source->options.bad, "%s is %s, not a CSV file.", source->shown, strangers[i].name);
        ps_error_hint(err, "%s", strangers[i].hint);
        return source->options.bad;
    }
    return PS_OK;
}

// Packed bytes in file order, fingerprinted once each.
static ps_status read_packed(ps_source *source, void *bytes, size_t size, size_t *out_len, ps_error *err)
{
    size_t len;
    ps_status status = ps_file_read(source->fd, bytes, size, source->path, &len, err);
    if (status != PS_OK) return status;
    add_to_sum(&source->sum, (ps_span){bytes, len});
    source->position += len;
    if (len < size) source->packed_end = true;
    *out_len = len;
    return PS_OK;
}

static ps_status refill(ps_source *source, ps_error *err)
{
    size_t len;
    if (source->in.len > 0 || source->packed_end) return PS_OK;
    ps_status status = read_packed(source, source->packed, PACKED_BYTES, &len, err);
    if (status == PS_OK) source->in = (ps_span){source->packed, len};
    return status;
}

static ps_status check_unpacked(const ps_source *source, ps_error *err)
{
    uint64_t ratio_max = ps_source_size(source) * PS_UNPACK_RATIO_MAX;

    if (source->unpacked > PS_UNPACKED_BYTES_MAX) return bad(source, err, "it unpacks to more than 64 GiB");
    if (source->unpacked > PS_UNPACK_RATIO_FREE && source->unpacked > ratio_max) {
        return bad(source, err, "it unpacks to more than 200 times its size");
    }
    return PS_OK;
}

// One step; `*out_done` when nothing more can come.
static ps_status unpack_some(ps_source *source, ps_span room, size_t *out_len, bool *out_done, ps_error *err)
{
    ps_status status = refill(source, err);
    if (status != PS_OK) return status;

    size_t made = 0, before = source->in.len;
    char *bytes = (char *)(uintptr_t)room.bytes; // the caller's own memory
    const char *wrong = source->unpack->step(source->state, &source->in, bytes, room.len, &made);
    if (wrong != NULL) return bad(source, err, wrong);
    source->unpacked += made;
    *out_len = made;
    *out_done = made == 0 && before == source->in.len && source->packed_end;
    if (*out_done && !source->unpack->whole(source->state)) {
        return bad(source, err, "it is compressed and ends too early, as a file whose copy was broken off");
    }
    return check_unpacked(source, err);
}

ps_status ps_source_read(ps_source *source, void *bytes, size_t size, size_t *out_len, ps_error *err)
{
    if (source->unpack == NULL) return read_packed(source, bytes, size, out_len, err);

    size_t len = 0;
    bool done = false;
    while (len < size && !done) {
        size_t made = 0;
        ps_status status = unpack_some(source, (ps_span){(char *)bytes + len, size - len}, &made, &done, err);
        if (status != PS_OK) return status;
        len += made;
    }
    *out_len = len;
    return PS_OK;
}

bool ps_source_plain(const ps_source *source)
{
    return source->unpack == NULL && ps_source_size(source) > 0; // some files of the system say that they have 0
}

static ps_status changed(const ps_source *source, ps_error *err)
{
    ps_error_set(err, source->options.bad, "%s was changed or replaced while it was read.", source->shown);
    ps_error_hint(err, "Run again when whoever writes it has finished.");
    return source->options.bad;
}

ps_status ps_source_read_at(ps_source *source, uint64_t offset, void *bytes, size_t size, ps_error *err)
{
    size_t len = size;
    uint64_t from = (uint64_t)source->start + offset;

    ps_status status = ps_file_read_at(source->fd, from, bytes, &len, source->path, err);
    return status == PS_OK && len < size ? changed(source, err) : status;
}

void ps_source_add(ps_source *source, ps_span bytes)
{
    add_to_sum(&source->sum, bytes);
}

void ps_source_leave_unprinted(ps_source *source)
{
    close_sum(&source->sum);
    source->sum = (file_sum){.hasher = NULL};
}

ps_status ps_source_rewind(ps_source *source, ps_error *err)
{
    void *state = NULL;
    file_sum sum = {.hasher = NULL};

    ps_status status = open_sum(source->options.sha256, &sum, err);
    if (status != PS_OK) return status;
    if (source->unpack != NULL && (state = source->unpack->open(err)) == NULL) {
        status = PS_RETRY;
    } else if (lseek(source->fd, source->start, SEEK_SET) < 0) {
        status = ps_error_set(err, PS_IO, "%s could not be rewound: %s.", source->shown, strerrordesc_np(errno));
    }
    if (status != PS_OK) {
        close_sum(&sum);
        if (source->unpack != NULL) source->unpack->close(state);
        return status;
    }
    if (source->unpack != NULL) source->unpack->close(source->state);
    close_sum(&source->sum);
    source->state = state;
    source->sum = sum;
    source->in = (ps_span){NULL, 0};
    source->packed_end = false;
    source->position = 0;
    source->unpacked = 0;
    return PS_OK;
}

// What it is, by its first bytes.
static ps_status look_at_begin(ps_source *source, ps_error *err)
{
    char begin[MAGIC_BYTES];
    size_t len;

    ps_status status = ps_file_read(source->fd, begin, sizeof begin, source->path, &len, err);
    if (status != PS_OK) return status;
    ps_span span = {begin, len};
    for (size_t i = 0; i < PS_COUNT_OF(unpacks); i++) {
        if (begins_with(span, unpacks[i]->magic)) source->unpack = unpacks[i];
    }
    if (source->unpack != NULL) {
        source->packed = ps_memory_new(PACKED_BYTES, 1, err);
        return source->packed == NULL ? PS_RETRY : PS_OK;
    }
    return refuse_strangers(source, span, err);
}

// A pipe, device or folder where a file is wanted is not a missing file: it is one that cannot be trusted.
static ps_status refuse_kind(const ps_source *source, ps_error *err)
{
    struct stat info;

    if (strcmp(source->path, "-") == 0 && source->options.allow_pipe) return PS_OK;
    if (stat(source->path, &info) != 0) return PS_OK; // opening it says why
    bool folder = S_ISDIR(info.st_mode);
    if (folder || (!S_ISREG(info.st_mode) && !source->options.allow_pipe)) {
        ps_error_set(err, source->options.bad, "%s is %s; here it must be a file.", source->shown,
                     folder ? "a folder" : "a pipe or a device");
        ps_error_hint(err, "Name the file itself.");
        return source->options.bad;
    }
    return PS_OK;
}

static ps_status open_file(ps_source *source, ps_error *err)
{
    const ps_source_options *options = &source->options;
    ps_status status = refuse_kind(source, err);

    if (status == PS_OK) status = ps_file_open(source->path, options->allow_pipe, options->missing, &source->fd, err);
    if (status != PS_OK) return status;
    if (fstat(source->fd, &source->info) == 0 && S_ISREG(source->info.st_mode)) return PS_OK;

    int spool = -1;
    status = ps_spool(source->fd, options, &spool, err);
    if (status != PS_OK) return status;
    close(source->fd); // read to its end
    source->fd = spool;
    source->spooled = true;
    if (fstat(spool, &source->info) == 0) return PS_OK;
    return ps_error_set(err, PS_IO, "The copy of %s could not be examined: %s.", source->shown, strerrordesc_np(errno));
}

static char *shown_name(const char *path, ps_error *err)
{
    ps_buf shown;
    if (strcmp(path, "-") == 0) return ps_memory_text("Standard input", err);
    ps_buf_init(&shown, SHOWN_BYTES_MAX);
    ps_buf_add_char(&shown, '\'');
    ps_add_visible(&shown, ps_span_of(path));
    ps_buf_add_char(&shown, '\'');
    char *name = ps_memory_text(shown.failed ? "The file" : ps_buf_text(&shown), err);
    ps_buf_done(&shown);
    return name;
}

ps_status ps_source_open(const ps_source_options *options, ps_source **out, ps_error *err)
{
    ps_source *source = ps_memory_new(1, sizeof *source, err);
    if (source == NULL) return PS_RETRY;

    source->options = *options;
    source->fd = -1;
    source->path = ps_memory_text(options->path, err);
    source->shown = source->path == NULL ? NULL : shown_name(options->path, err);
    ps_status status = source->shown == NULL ? PS_RETRY : open_file(source, err);
    if (status != PS_OK) goto done;
    source->start = lseek(source->fd, 0, SEEK_CUR);
    status = look_at_begin(source, err);
    if (status == PS_OK) status = ps_source_rewind(source, err);
    if (status == PS_OK) *out = source;

done:
    if (status != PS_OK) ps_source_close(source);
    return status;
}

void ps_source_close(ps_source *source)
{
    if (source == NULL) return;
    if (source->fd >= 0) close(source->fd); // only read from
    if (source->unpack != NULL) source->unpack->close(source->state);
    close_sum(&source->sum);
    ps_memory_free(source->packed);
    ps_memory_free(source->shown);
    ps_memory_free(source->path);
    ps_memory_free(source);
}

static bool same_state(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec; // a day of change can be set back, not this one
}

ps_status ps_source_check(ps_source *source, ps_error *err)
{
    struct stat now;

    if (source->spooled) return PS_OK; // nobody else can reach it
    bool same = fstat(source->fd, &now) == 0 && same_state(&source->info, &now);
    if (same && strcmp(source->path, "-") != 0) {
        same = stat(source->path, &now) == 0 && now.st_dev == source->info.st_dev && now.st_ino == source->info.st_ino;
    }
    return same ? PS_OK : changed(source, err);
}

const char *ps_source_shown(const ps_source *source)
{
    return source->shown;
}

const char *ps_source_compression(const ps_source *source)
{
    return source->unpack == NULL ? "none" : source->unpack->name;
}

uint64_t ps_source_size(const ps_source *source)
{
    return source->info.st_size > source->start ? (uint64_t)(source->info.st_size - source->start) : 0;
}

int64_t ps_source_modified_s(const ps_source *source)
{
    return source->info.st_mtim.tv_sec;
}

uint64_t ps_source_position(const ps_source *source)
{
    return source->position;
}

void ps_source_fingerprint(const ps_source *source, char out[33])
{
    assert(source->sum.hasher != NULL);
    ps_hasher_hex(source->sum.hasher, out);
}

void ps_source_sha256(const ps_source *source, char out[65])
{
    assert(source->sum.sha256 != NULL);
    ps_sha256_hex(source->sum.sha256, out);
}
