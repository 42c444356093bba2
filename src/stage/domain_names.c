#include "stage/domain_names.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"

static const char what[] = "the file of rows by domain";

// What stands in the file: a length, a word of counts, and the name. A sum of more than a word holds stands there in
// several.
enum { RECORD_HEAD = 1 + sizeof(uint64_t) };

void ps_domain_file_init(const char *folder, ps_domain_file *out)
{
    out->folder = folder;
    atomic_init(&out->fd, -1);
    atomic_init(&out->bytes, 0);
}

void ps_domain_file_done(ps_domain_file *file)
{
    if (file->fd >= 0) close(file->fd);
    ps_domain_file_init(file->folder, file);
}

// The first thread to come to it makes it.
static ps_status open_file(ps_domain_file *file, int *out, ps_error *err)
{
    int none = -1, fd = atomic_load_explicit(&file->fd, memory_order_acquire);

    *out = fd;
    if (fd >= 0) return PS_OK;
    *out = ps_file_nameless(file->folder);
    if (*out < 0) {
        return ps_error_set(err, PS_CREATE, "No file for rows by domain could be made in '%s': %s.", file->folder,
                            strerrordesc_np(errno));
    }
    if (atomic_compare_exchange_strong_explicit(&file->fd, &none, *out, memory_order_acq_rel, memory_order_acquire))
        return PS_OK;
    close(*out);
    *out = none;
    return PS_OK;
}

ps_status ps_domain_names_open(ps_domain_file *file, ps_domain_names *out, ps_error *err)
{
    ps_domain_names names = {.file = file};
    ps_status status = ps_intern_open(&names.names, err);

    if (status != PS_OK) return status;
    ps_buf_init(&names.bytes, PS_ARENA_RUN_BYTES);
    *out = names;
    return PS_OK;
}

void ps_domain_names_close(ps_domain_names *names)
{
    ps_intern_close(&names->names);
    ps_memory_free(names->sums);
    ps_memory_free(names->runs);
    ps_buf_done(&names->bytes);
    *names = (ps_domain_names){.file = NULL};
}

static unsigned part_of(ps_span name)
{
    return (unsigned)(ps_hash_of(name).high >> 32) % PS_DOMAIN_PARTS;
}

// As much of a sum as a word holds.
static uint64_t take_word(ps_domain_sum *sum)
{
    uint64_t word = 0;

    for (size_t i = 0; i < PS_DOMAIN_FIELDS; i++) {
        uint64_t some = sum->field[i] < PS_DOMAIN_FIELD_MAX ? sum->field[i] : PS_DOMAIN_FIELD_MAX;
        word |= some << (i * PS_DOMAIN_FIELD_BITS);
        sum->field[i] -= some;
    }
    return word;
}

static void write_domain(ps_buf *out, ps_span name, ps_domain_sum sum)
{
    const char len = (char)(unsigned char)name.len;

    assert(name.len <= UINT8_MAX); // as no domain of an address is
    for (uint64_t word = take_word(&sum); word != 0; word = take_word(&sum)) {
        ps_buf_add(out, &len, sizeof len);
        ps_buf_add(out, &word, sizeof word);
        ps_buf_add_span(out, name);
    }
}

// The numbers in memory part by part, each after the one that came later.
typedef struct parting {
    uint32_t first[PS_DOMAIN_PARTS]; // and one, so that 0 is the end
    uint32_t next[PS_DOMAIN_NAMES_MAX];
} parting;

static void part(const ps_domain_names *names, parting *out)
{
    memset(out->first, 0, sizeof out->first);
    for (uint32_t number = 0; number < names->names.count; number++) {
        uint32_t *first = &out->first[part_of(ps_intern_text(&names->names, number))];
        out->next[number] = *first;
        *first = number + 1;
    }
}

static ps_status put_aside(ps_domain_names *names, ps_error *err)
{
    struct ps_domain_run run;
    parting parts;
    int fd;
    ps_status status = open_file(names->file, &fd, err);
    if (status == PS_OK)
        status = ps_memory_grow((void **)&names->runs, &names->runs_capacity, names->runs_count + 1,
                                sizeof *names->runs, err);
    if (status != PS_OK) return status;

    part(names, &parts);
    ps_buf_clear(&names->bytes);
    for (size_t p = 0; p < PS_DOMAIN_PARTS; p++) {
        for (uint32_t one = parts.first[p]; one != 0; one = parts.next[one - 1])
            write_domain(&names->bytes, ps_intern_text(&names->names, one - 1), names->sums[one - 1]);
        run.ends[p] = (uint32_t)names->bytes.len;
    }
    status = ps_buf_status(&names->bytes, what, err);
    if (status != PS_OK) return status;
    run.from = atomic_fetch_add_explicit(&names->file->bytes, names->bytes.len, memory_order_relaxed);
    names->runs[names->runs_count++] = run;
    ps_intern_clear(&names->names);
    return ps_file_write_at(fd, ps_buf_span(&names->bytes), run.from, what, err);
}

static ps_status sum_up(ps_domain_names *names, ps_span name, const ps_domain_sum *rows, ps_error *err)
{
    size_t before = names->names.count;
    uint32_t number;
    // Room first, so that every name has its counts.
    ps_status status = ps_memory_grow((void **)&names->sums, &names->capacity, before + 1, sizeof *names->sums, err);
    if (status == PS_OK) status = ps_intern_add(&names->names, name, &number, err);
    if (status != PS_OK) return status;

    if (number == before) names->sums[number] = (ps_domain_sum){.field = {0}};
    ps_domain_sum_add(&names->sums[number], rows);
    return PS_OK;
}

ps_status ps_domain_names_add(ps_domain_names *names, ps_span name, const ps_domain_sum *rows, ps_error *err)
{
    bool full = names->file != NULL && names->names.count == PS_DOMAIN_NAMES_MAX;
    ps_status status = full ? put_aside(names, err) : PS_OK;

    return status == PS_OK ? sum_up(names, name, rows, err) : status;
}

ps_status ps_domain_names_merge(ps_domain_names *into, ps_domain_names *part, ps_error *err)
{
    size_t count = into->runs_count + part->runs_count;
    ps_status status = ps_memory_grow((void **)&into->runs, &into->runs_capacity, count, sizeof *into->runs, err);

    for (size_t i = 0; i < part->runs_count && status == PS_OK; i++)
        into->runs[into->runs_count++] = part->runs[i];
    for (size_t i = 0; i < part->names.count && status == PS_OK; i++)
        status = ps_domain_names_add(into, ps_intern_text(&part->names, i), &part->sums[i], err);
    return status;
}

ps_status ps_domain_names_seal(ps_domain_names *names, size_t *out_parts, ps_error *err)
{
    *out_parts = names->runs_count == 0 ? 1 : PS_DOMAIN_PARTS;
    return names->runs_count == 0 ? PS_OK : put_aside(names, err);
}

// The bytes of a part of one run.
static ps_status read_bytes(ps_domain_names *names, const struct ps_domain_run *run, size_t part, ps_error *err)
{
    uint32_t begin = part == 0 ? 0 : run->ends[part - 1];
    size_t wanted = run->ends[part] - begin, len = wanted;

    ps_buf_clear(&names->bytes);
    char *bytes = ps_buf_extend(&names->bytes, wanted);
    ps_status status = ps_buf_status(&names->bytes, what, err);
    if (status == PS_OK) status = ps_file_read_at(names->file->fd, run->from + begin, bytes, &len, what, err);
    if (status != PS_OK || len == wanted) return status;
    return ps_error_set(err, PS_IO, "Cannot read %s: it was cut short.", what);
}

static ps_status sum_up_bytes(ps_domain_names *names, ps_error *err)
{
    const char *at = names->bytes.bytes, *end = at + names->bytes.len;
    ps_status status = PS_OK;

    while (at < end && status == PS_OK) {
        ps_span name = {at + RECORD_HEAD, (unsigned char)*at};
        uint64_t word;
        memcpy(&word, at + 1, sizeof word);
        ps_domain_sum rows = ps_domain_word_sum(word);
        status = sum_up(names, name, &rows, err);
        at += RECORD_HEAD + name.len;
    }
    return status;
}

ps_status ps_domain_names_read(ps_domain_names *names, size_t part, ps_error *err)
{
    ps_status status = PS_OK;

    if (names->runs_count == 0) return PS_OK; // all are in memory
    ps_intern_clear(&names->names);
    for (size_t i = 0; i < names->runs_count && status == PS_OK; i++) {
        status = read_bytes(names, &names->runs[i], part, err);
        if (status == PS_OK) status = sum_up_bytes(names, err);
    }
    return status;
}
