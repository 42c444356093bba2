#include "store/image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum {
    VERSION = 1,
    CHUNK_PAIRS = 64 << 10, // 1 MiB at once
    TABLES_MAX = 1 << 26, // of lists, facts and domains: more is no image of ours
};

// The file begins with this; the tables follow in the order of the counts, then the pairs. Of this machine's byte
// order: another one's magic does not fit.
typedef struct header {
    uint64_t magic;
    uint32_t version, pair_bytes;
    uint64_t list_count, fact_count, domain_count, text_len, pair_count;
    ps_hash rules;
    char checksum[40]; // hex, of all that follows
} header;

#define MAGIC UINT64_C(0x31474D4944534550)

// ---- making

ps_status ps_image_add_list(ps_image *image, const ps_image_list *list, ps_error *err)
{
    ps_status status =
        ps_memory_grow((void **)&image->lists, &image->list_room, image->list_count + 1, sizeof *image->lists, err);

    if (status == PS_OK) image->lists[image->list_count++] = *list;
    return status;
}

static ps_status add_text(ps_image *image, ps_span text, uint32_t *out, ps_error *err)
{
    ps_status status =
        ps_memory_grow((void **)&image->texts, &image->text_room, image->text_len + text.len + 1, 1, err);

    if (status != PS_OK) return status;
    if (image->text_len + text.len > UINT32_MAX / 2) {
        return ps_error_set(err, PS_RETRY, "The suppression lists have too many different tags or domains.");
    }
    *out = (uint32_t)image->text_len;
    memcpy(image->texts + image->text_len, text.len == 0 ? "" : text.bytes, text.len);
    image->text_len += text.len;
    return PS_OK;
}

static ps_hash hash_of_fact(const ps_image_fact *fact, ps_span scope)
{
    const ps_hash text = ps_hash_of(scope);
    const uint64_t words[] = {
        (uint64_t)fact->list,
        (uint64_t)(uint32_t)fact->date << 32 | (uint32_t)fact->expires,
        (uint64_t)fact->class << 32 | fact->kind,
        text.low,
        text.high,
    };

    return ps_hash_of((ps_span){(const char *)words, sizeof words});
}

ps_status ps_image_add_fact(ps_image *image, const ps_image_fact *fact, ps_span scope, uint32_t *out, ps_error *err)
{
    bool added = false;
    ps_status status =
        ps_memory_grow((void **)&image->facts, &image->fact_room, image->fact_count + 1, sizeof *image->facts, err);

    if (status != PS_OK) return status;
    status =
        ps_index_claim(&image->fact_numbers, hash_of_fact(fact, scope), (uint32_t)image->fact_count, out, &added, err);
    if (status != PS_OK) return status;
    if (added) {
        ps_image_fact *stored = &image->facts[image->fact_count++];
        *stored = *fact;
        stored->rows = 0;
        stored->scope_len = (uint32_t)scope.len;
        status = add_text(image, scope, &stored->scope, err);
    }
    image->facts[*out].rows += fact->rows;
    return status;
}

ps_status ps_image_add_address(ps_image *image, ps_hash hash, uint32_t fact, ps_error *err)
{
    ps_status status =
        ps_memory_grow((void **)&image->pairs, &image->pair_room, image->pair_count + 1, sizeof *image->pairs, err);

    if (status != PS_OK) return status;
    image->pairs[image->pair_count++] =
        (ps_suppression_pair){.low = hash.low, .high = (uint32_t)(hash.high >> 32), .fact = fact};
    return PS_OK;
}

ps_status ps_image_add_domain(ps_image *image, ps_span name, bool subdomains, uint32_t fact, ps_error *err)
{
    ps_status status = ps_memory_grow((void **)&image->domains, &image->domain_room, image->domain_count + 1,
                                      sizeof *image->domains, err);

    if (status != PS_OK) return status;
    ps_image_domain *domain = &image->domains[image->domain_count];
    *domain = (ps_image_domain){.fact = fact, .name_len = (uint32_t)name.len, .subdomains = subdomains};
    status = add_text(image, name, &domain->name, err);
    image->domain_count += status == PS_OK;
    return status;
}

// The parts of the file behind its header, in their order.
enum { PART_COUNT = 5 };

static void parts_of(const ps_image *image, ps_span out[PART_COUNT])
{
    const struct {
        const void *items;
        size_t bytes;
    } parts[PART_COUNT] = {
        {image->lists, image->list_count * sizeof *image->lists},
        {image->facts, image->fact_count * sizeof *image->facts},
        {image->domains, image->domain_count * sizeof *image->domains},
        {image->texts, image->text_len},
        {image->pairs, image->pair_count * sizeof *image->pairs},
    };

    for (size_t i = 0; i < PART_COUNT; i++)
        out[i] = (ps_span){parts[i].items, parts[i].bytes};
}

static ps_status head_of(const ps_image *image, ps_hash rules, const ps_span parts[PART_COUNT], header *out,
                         ps_error *err)
{
    ps_hasher *hasher = NULL;
    ps_status status = ps_hasher_new(&hasher, err);

    if (status != PS_OK) return status;
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (parts[i].len > 0) ps_hasher_add(hasher, parts[i]);
    }
    memset(out, 0, sizeof *out);
    out->magic = MAGIC;
    out->version = VERSION;
    out->pair_bytes = sizeof *image->pairs;
    out->list_count = image->list_count;
    out->fact_count = image->fact_count;
    out->domain_count = image->domain_count;
    out->text_len = image->text_len;
    out->pair_count = image->pair_count;
    out->rules = rules;
    ps_hasher_hex(hasher, out->checksum);
    ps_hasher_free(hasher);
    return PS_OK;
}

static ps_status write_parts(int fd, const char *path, const header *head, const ps_span parts[PART_COUNT],
                             ps_error *err)
{
    ps_status status = ps_file_write(fd, (ps_span){(const char *)head, sizeof *head}, path, err);

    for (size_t i = 0; status == PS_OK && i < PART_COUNT; i++)
        status = ps_file_write(fd, parts[i], path, err);
    return status;
}

// Not synced to the disk: what a power cut leaves of it does not fit its checksum.
ps_status ps_image_write(const ps_image *image, const char *path, ps_hash rules, ps_error *err)
{
    char fresh[PATH_MAX];
    ps_span parts[PART_COUNT];
    header head;

    if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh) {
        return ps_error_set(err, PS_CONFIG, "The path '%s' is too long.", path);
    }
    parts_of(image, parts);
    ps_status status = head_of(image, rules, parts, &head, err);
    if (status != PS_OK) return status;
    (void)unlink(fresh); // of a run that was killed; most often there is none
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd == -1) return ps_error_set(err, PS_CREATE, "Cannot create '%s': %s.", fresh, strerror(errno));
    status = write_parts(fd, fresh, &head, parts, err);
    if (close(fd) != 0 && status == PS_OK)
        status = ps_error_set(err, PS_IO, "Cannot write '%s': %s.", fresh, strerror(errno));
    if (status == PS_OK && rename(fresh, path) != 0) {
        status = ps_error_set(err, PS_IO, "Cannot rename '%s': %s.", fresh, strerror(errno));
    }
    if (status != PS_OK) (void)unlink(fresh); // the first failure is the one to tell
    return status;
}

// ---- reading

static bool is_ours(const header *head, ps_hash rules)
{
    bool form = head->magic == MAGIC && head->version == VERSION && head->pair_bytes == sizeof(ps_suppression_pair);
    bool counts = head->list_count <= TABLES_MAX && head->fact_count <= TABLES_MAX &&
                  head->domain_count <= TABLES_MAX && head->text_len <= UINT32_MAX;

    return form && counts && ps_hash_equal(head->rules, rules);
}

static bool has_size_of(int fd, const header *head)
{
    struct stat info;
    uint64_t size = sizeof *head + head->list_count * sizeof(ps_image_list) + head->fact_count * sizeof(ps_image_fact) +
                    head->domain_count * sizeof(ps_image_domain) + head->text_len;

    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size < 0) return false;
    uint64_t left = (uint64_t)info.st_size - size;
    return (uint64_t)info.st_size >= size && left % head->pair_bytes == 0 &&
           left / head->pair_bytes == head->pair_count;
}

// A table of the file; `*out_whole` is false where the file ends in it.
static ps_status read_table(ps_image *image, const char *path, ps_hasher *hasher, size_t bytes, void **out,
                            bool *out_whole, ps_error *err)
{
    size_t len = 0;

    *out = ps_memory_new(bytes + 1, 1, err);
    if (*out == NULL) return PS_RETRY;
    ps_status status = ps_file_read(image->fd, *out, bytes, path, &len, err);
    if (status != PS_OK) return status;
    ps_hasher_add(hasher, (ps_span){*out, len});
    *out_whole = *out_whole && len == bytes;
    return PS_OK;
}

static ps_status read_tables(ps_image *image, const char *path, ps_hasher *hasher, bool *out_whole, ps_error *err)
{
    const struct {
        void **to;
        size_t bytes;
    } tables[] = {
        {(void **)&image->lists, image->list_count * sizeof *image->lists},
        {(void **)&image->facts, image->fact_count * sizeof *image->facts},
        {(void **)&image->domains, image->domain_count * sizeof *image->domains},
        {(void **)&image->texts, image->text_len},
    };
    ps_status status = PS_OK;

    image->pairs_offset = sizeof(header);
    for (size_t i = 0; status == PS_OK && i < PS_COUNT_OF(tables); i++) {
        status = read_table(image, path, hasher, tables[i].bytes, tables[i].to, out_whole, err);
        image->pairs_offset += tables[i].bytes;
    }
    return status;
}

// A hasher of what follows, in place of a visitor.
static ps_status hash_pairs(void *context, ps_suppression_pair *pairs, size_t count, ps_error *err)
{
    (void)err;
    ps_hasher_add(context, (ps_span){(const char *)pairs, count * sizeof *pairs});
    return PS_OK;
}

// Numbers that lead out of a table cannot come from a sound file, and would be followed.
static bool is_sound(const ps_image *image)
{
    for (size_t i = 0; i < image->fact_count; i++) {
        const ps_image_fact *fact = &image->facts[i];
        bool inside = (uint64_t)fact->scope + fact->scope_len <= image->text_len;
        if (!inside || fact->class >= PS_CLASS_COUNT || fact->kind >= PS_STORED_KIND_COUNT) return false;
    }
    for (size_t i = 0; i < image->domain_count; i++) {
        const ps_image_domain *domain = &image->domains[i];
        bool inside = (uint64_t)domain->name + domain->name_len <= image->text_len;
        if (!inside || domain->fact >= image->fact_count) return false;
    }
    return true;
}

static ps_status read_all(ps_image *image, const char *path, const header *head, bool *out_whole, ps_error *err)
{
    ps_hasher *hasher = NULL;
    char checksum[33];
    ps_status status = ps_hasher_new(&hasher, err);

    *out_whole = true;
    if (status == PS_OK) status = read_tables(image, path, hasher, out_whole, err);
    if (status == PS_OK && *out_whole) {
        status = ps_image_pairs(image, hash_pairs, hasher, err);
        if (status == PS_INPUT) { // it ends too early
            *out_whole = false;
            status = PS_OK;
        }
    }
    if (hasher != NULL) {
        ps_hasher_hex(hasher, checksum);
        *out_whole = *out_whole && strcmp(checksum, head->checksum) == 0 && is_sound(image);
    }
    ps_hasher_free(hasher);
    return status;
}

static ps_status read_image(ps_image *image, const char *path, ps_hash rules, bool *out_fits, ps_error *err)
{
    header head;
    size_t len = 0;
    ps_status status = ps_file_read(image->fd, &head, sizeof head, path, &len, err);

    if (status != PS_OK || len != sizeof head || !is_ours(&head, rules)) return status;
    if (!has_size_of(image->fd, &head)) return PS_OK; // nothing is taken from memory for it
    image->list_count = head.list_count;
    image->fact_count = head.fact_count;
    image->domain_count = head.domain_count;
    image->text_len = head.text_len;
    image->pair_count = head.pair_count;
    return read_all(image, path, &head, out_fits, err);
}

ps_status ps_image_open(const char *path, ps_hash rules, ps_image *out, bool *out_fits, ps_error *err)
{
    *out = (ps_image){.fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
    *out_fits = false;
    if (out->fd == -1) return PS_OK; // there is none, or none that can be read
    out->is_file = true;
    ps_status status = read_image(out, path, rules, out_fits, err);
    if (status != PS_OK || !*out_fits) ps_image_close(out);
    return status;
}

void ps_image_close(ps_image *image)
{
    if (image->is_file) close(image->fd);
    ps_index_done(&image->fact_numbers);
    ps_memory_free(image->lists);
    ps_memory_free(image->facts);
    ps_memory_free(image->domains);
    ps_memory_free(image->texts);
    ps_memory_free(image->pairs);
    *image = (ps_image){.fd = -1};
}

bool ps_image_fits(const ps_image *image, const ps_stored_list *list)
{
    for (size_t i = 0; i < image->list_count; i++) {
        const ps_image_list *stored = &image->lists[i];
        if (stored->id == list->id) return stored->count == list->count && ps_hash_equal(stored->sum, list->sum);
    }
    return false;
}

// Of one that was just made, from memory; visitors may change what they get.
static ps_status visit_made(const ps_image *image, ps_suppression_pair *room, ps_image_visit *visit, void *context,
                            ps_error *err)
{
    ps_status status = PS_OK;

    for (uint64_t from = 0; status == PS_OK && from < image->pair_count; from += CHUNK_PAIRS) {
        uint64_t left = image->pair_count - from;
        size_t count = left < CHUNK_PAIRS ? (size_t)left : CHUNK_PAIRS;
        memcpy(room, image->pairs + from, count * sizeof *room);
        status = visit(context, room, count, err);
    }
    return status;
}

ps_status ps_image_pairs(const ps_image *image, ps_image_visit *visit, void *context, ps_error *err)
{
    ps_suppression_pair *pairs = ps_memory_new(CHUNK_PAIRS, sizeof *pairs, err);
    ps_status status = pairs == NULL ? PS_RETRY : PS_OK;

    if (status == PS_OK && !image->is_file) {
        status = visit_made(image, pairs, visit, context, err);
        ps_memory_free(pairs);
        return status;
    }
    if (status == PS_OK && lseek(image->fd, (off_t)image->pairs_offset, SEEK_SET) == -1) {
        status = ps_error_set(err, PS_IO, "The image of the suppression lists cannot be read: %s.", strerror(errno));
    }
    for (uint64_t left = image->pair_count; status == PS_OK && left > 0;) {
        size_t count = left < CHUNK_PAIRS ? (size_t)left : CHUNK_PAIRS, len = 0;
        status = ps_file_read(image->fd, pairs, count * sizeof *pairs, "image", &len, err);
        if (status == PS_OK && len != count * sizeof *pairs) {
            status = ps_error_set(err, PS_INPUT, "The image of the suppression lists ends too early.");
        }
        if (status == PS_OK) status = visit(context, pairs, count, err);
        left -= count;
    }
    ps_memory_free(pairs);
    return status;
}
