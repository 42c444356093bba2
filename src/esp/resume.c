#include "esp/resume.h"

#include <jansson.h>

#include "base/text.h"

// {"form":1,"account":...,"list":...,"since":...,"start":...,"part":...,"cursor":...,"offset":...,...}
enum { FORM = 2, RESUME_BYTES_MAX = 128 << 10 };

static json_t *text_of(ps_span text)
{
    return json_stringn(text.bytes == NULL ? "" : text.bytes, text.len);
}

static ps_span part_of(const ps_list_reader *reader)
{
    return reader->part < reader->parts_count ? ps_span_of(reader->parts[reader->part]) : (ps_span){"", 0};
}

void ps_resume_write(const ps_list_reader *reader, ps_buf *out)
{
    // Without memory there is nothing to go on from: the next read starts over.
    json_t *root = json_pack(
        "{s:i, s:s, s:s, s:I, s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "form", FORM, "account",
        ps_client_account(reader->client), "list", reader->list->name, "since", (json_int_t)reader->since_s, "start",
        (json_int_t)reader->start_s, "part", text_of(part_of(reader)), "cursor", text_of(ps_buf_span(&reader->cursor)),
        "offset", (json_int_t)reader->offset, "page", (json_int_t)reader->page, "items", (json_int_t)reader->items,
        "pages", (json_int_t)reader->pages, "entries", (json_int_t)reader->entries, "size",
        (json_int_t)reader->page_size, "overlaps", (json_int_t)reader->overlaps, "last_low",
        (json_int_t)reader->last_item.low, "last_high", (json_int_t)reader->last_item.high);
    size_t len = json_dumpb(root, NULL, 0, JSON_COMPACT);

    ps_buf_clear(out);
    char *bytes = len == 0 || len > RESUME_BYTES_MAX ? NULL : ps_buf_extend(out, len);
    if (bytes != NULL) json_dumpb(root, bytes, len, JSON_COMPACT);
    json_decref(root);
}

static bool same(const json_t *root, const char *name, const char *text)
{
    const char *found = json_string_value(json_object_get(root, name));

    return found != NULL && strcmp(found, text) == 0;
}

// A member that is a whole number from 0.
static bool count_of(const json_t *root, const char *name, uint64_t *out)
{
    const json_t *value = json_object_get(root, name);

    if (!json_is_integer(value) || json_integer_value(value) < 0) return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

static bool read_counts(const json_t *root, ps_list_reader *reader)
{
    uint64_t since, start, offset, page, items, pages, entries, size, overlaps, low, high;
    bool fits = count_of(root, "since", &since) && count_of(root, "start", &start) &&
                count_of(root, "offset", &offset) && count_of(root, "page", &page) && count_of(root, "items", &items) &&
                count_of(root, "pages", &pages) && count_of(root, "entries", &entries) &&
                count_of(root, "size", &size) && count_of(root, "overlaps", &overlaps) &&
                count_of(root, "last_low", &low) && count_of(root, "last_high", &high);

    if (!fits || since != (uint64_t)reader->since_s || (int64_t)start > reader->start_s) return false;
    reader->start_s = (int64_t)start;
    reader->offset = offset;
    reader->page = page;
    reader->items = items;
    reader->pages = pages;
    reader->entries = entries;
    reader->page_size = size;
    reader->overlaps = overlaps != 0;
    reader->last_item = (ps_hash){low, high};
    return true;
}

bool ps_resume_read(const char *text, ps_list_reader *reader)
{
    json_t *root = text == NULL ? NULL : json_loads(text, 0, NULL);
    const json_t *part = json_object_get(root, "part"), *cursor = json_object_get(root, "cursor");
    uint64_t form = 0;
    // Numbered pages are read twice, and only by one that has read both from their beginning.
    bool numbered = reader->list->paging.kind == PS_API_NUMBER;
    bool fits = !numbered && count_of(root, "form", &form) && form == FORM && same(root, "list", reader->list->name) &&
                same(root, "account", ps_client_account(reader->client)) && json_is_string(part) &&
                json_is_string(cursor) && read_counts(root, reader);

    if (fits) {
        ps_buf_add(&reader->wanted_part, json_string_value(part), json_string_length(part));
        ps_buf_add(&reader->cursor, json_string_value(cursor), json_string_length(cursor));
        reader->resumed = true;
    }
    json_decref(root);
    return fits;
}
