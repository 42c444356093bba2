#include "esp/paging.h"

#include "base/text.h"
#include "esp/pointer.h"

// The next character of a path, an escape decoded; an escaped slash is none that parts segments, and an escaped NUL is
// no end. '\0' at the end.
static int next_char(const char **at, const char *end)
{
    if (*at == end) return '\0';
    int high = **at == '%' && end - *at > 2 ? ps_hex_value((*at)[1]) : -1;
    int low = high >= 0 ? ps_hex_value((*at)[2]) : -1;
    if (low < 0) return (unsigned char)*(*at)++;
    *at += 3;
    int c = high * 16 + low;
    return c == '/' || c == '\0' ? 256 + c : c;
}

static bool same_path(const char *a, const char *a_end, const char *b, const char *b_end)
{
    for (;;) {
        int left = next_char(&a, a_end), right = next_char(&b, b_end);
        if (left != right) return false;
        if (left == '\0') return a == a_end && b == b_end;
    }
}

static bool is_clean(const char *link)
{
    for (; *link != '\0'; link++) {
        unsigned char c = (unsigned char)*link;
        if (c <= 0x20 || c >= 0x7f || c == '\\' || c == '#') return false;
    }
    return true;
}

// Where the path of a link begins; NULL for one that has none.
static const char *path_of(const char *link)
{
    const char *scheme = strstr(link, "://");

    if (strncmp(link, "//", 2) == 0) return strchr(link + 2, '/');
    if (link[0] == '/') return link;
    bool web = strncmp(link, "https://", 8) == 0 || strncmp(link, "http://", 7) == 0;
    return web ? strchr(scheme + 3, '/') : NULL;
}

bool ps_paging_target(const char *link, const char *prefix, const char *path, ps_buf *out)
{
    const char *begin = path_of(link);

    if (begin == NULL || !is_clean(link)) return false;
    const char *end = begin + strcspn(begin, "?");
    size_t prefix_len = strlen(prefix);
    bool prefixed = prefix_len > 0 && strncmp(begin, prefix, prefix_len) == 0;
    if (prefixed && same_path(begin + prefix_len, end, path, path + strlen(path))) {
        begin += prefix_len;
    } else if (!same_path(begin, end, path, path + strlen(path))) {
        return false;
    }
    // The path as it was first asked for: what is sent never depends on how the reply spells it.
    ps_buf_clear(out);
    ps_buf_add_text(out, path);
    ps_buf_add_text(out, end);
    return true;
}

// The `href` of the link of that `rel`.
static const json_t *link_of(const json_t *links, const char *rel)
{
    for (size_t i = 0; i < json_array_size(links); i++) {
        const json_t *link = json_array_get(links, i);
        const char *found = json_string_value(json_object_get(link, "rel"));
        if (found != NULL && strcmp(found, rel) == 0) return ps_pointer_get(link, "/href");
    }
    return NULL;
}

static ps_status refuse_next(const ps_list_reader *reader, ps_error *err)
{
    ps_list_reader_refuse(reader, err, "says where the next page is in a way that is not understood.");
    return PS_SOURCE;
}

// The path of the first page, which all others must have.
static void first_path(const ps_list_reader *reader, ps_buf *out)
{
    ps_template_values values = reader->client->values;

    if (reader->part < reader->parts_count) values.of[PS_TEMPLATE_PART] = ps_span_of(reader->parts[reader->part]);
    ps_template_add(out, reader->list->path, PS_TEMPLATE_URL, &values);
}

static ps_status follow(ps_list_reader *reader, const char *link, ps_error *err)
{
    ps_buf path;

    ps_buf_init(&path, PS_READER_TARGET_BYTES_MAX);
    first_path(reader, &path);
    bool fits = ps_paging_target(link, reader->client->prefix, ps_buf_text(&path), &reader->cursor);
    ps_status status = ps_buf_status(&path, "the path of a list", err);
    ps_buf_done(&path);
    if (status != PS_OK) return status;
    if (fits && !reader->cursor.failed) return PS_OK;
    ps_list_reader_refuse(reader, err, "names a next page that is not a page of this list, and was not asked for.");
    ps_error_hint(err, "Something between presend and the ESP changes its replies; look at `base_url` and `proxy`.");
    return PS_SOURCE;
}

static ps_status step_link(ps_list_reader *reader, const json_t *reply, size_t count, bool *out_ended, ps_error *err)
{
    const ps_api_paging *paging = &reader->list->paging;
    const json_t *next = ps_pointer_get(reply, paging->next);

    if (count == 0 && (paging->ends & PS_API_END_EMPTY) != 0) {
        *out_ended = true;
        return PS_OK;
    }
    if (paging->next_rel != NULL) next = link_of(next, paging->next_rel);
    if (next != NULL && !json_is_string(next)) return refuse_next(reader, err);
    if (next != NULL && json_string_length(next) > 0) return follow(reader, json_string_value(next), err);
    *out_ended =
        (paging->ends & PS_API_END_NO_NEXT) != 0 || ((paging->ends & PS_API_END_SHORT) != 0 && count < paging->limit);
    return *out_ended ? PS_OK : ps_list_reader_refuse(reader, err, "is full, but names no next page.");
}

static ps_status step_flag(ps_list_reader *reader, const json_t *reply, const json_t *items, bool *out_ended,
                           ps_error *err)
{
    const ps_api_paging *paging = &reader->list->paging;
    const json_t *more = ps_pointer_get(reply, paging->more);

    if (!json_is_boolean(more)) return ps_list_reader_refuse(reader, err, "does not say whether there are more.");
    *out_ended = json_is_false(more);
    if (*out_ended || paging->last_item == NULL) return PS_OK;
    if (json_array_size(items) == 0)
        return ps_list_reader_refuse(reader, err, "has no entries, and says that there are more.");
    return PS_OK;
}

static ps_status step_cursor(ps_list_reader *reader, const json_t *reply, const json_t *items, bool *out_ended,
                             ps_error *err)
{
    const ps_api_paging *paging = &reader->list->paging;
    size_t count = json_array_size(items);
    ps_span text;

    if ((paging->ends & PS_API_END_EMPTY) != 0 && count == 0) {
        *out_ended = true;
        return PS_OK;
    }
    if ((paging->ends & PS_API_END_FLAG) != 0) {
        ps_status status = step_flag(reader, reply, items, out_ended, err);
        if (status != PS_OK || *out_ended) return status;
    }
    const json_t *next = paging->last_item == NULL
                             ? ps_pointer_get(reply, paging->next)
                             : ps_pointer_get(json_array_get(items, count - 1), paging->last_item);
    if (!ps_pointer_text(next, &reader->page_items.arena, &text)) return refuse_next(reader, err);
    if (text.len == 0) {
        *out_ended = (paging->ends & PS_API_END_NO_NEXT) != 0;
        return *out_ended ? PS_OK : refuse_next(reader, err);
    }
    ps_buf_clear(&reader->cursor);
    ps_buf_add_span(&reader->cursor, text);
    return ps_buf_status(&reader->cursor, "the cursor of a list", err);
}

static ps_status step_count(ps_list_reader *reader, size_t count, bool *out_ended)
{
    const ps_api_paging *paging = &reader->list->paging;
    size_t skipped = reader->page_items.skip;

    *out_ended = (count == 0 && (paging->ends & PS_API_END_EMPTY) != 0) ||
                 (count < paging->limit && (paging->ends & PS_API_END_SHORT) != 0);
    // More than was asked for: the parameters were left aside, and this was all.
    if (paging->may_ignore && reader->page == 0 && count > paging->limit) *out_ended = true;
    reader->offset += count - skipped; // not the page size: a server may clamp it
    reader->page++;
    return PS_OK;
}

ps_status ps_paging_step(ps_list_reader *reader, const json_t *reply, const json_t *items, bool *out_ended,
                         ps_error *err)
{
    *out_ended = false;
    switch (reader->list->paging.kind) {
    case PS_API_LINK:
        return step_link(reader, reply, json_array_size(items), out_ended, err);
    case PS_API_CURSOR:
        return step_cursor(reader, reply, items, out_ended, err);
    case PS_API_OFFSET:
    case PS_API_NUMBER:
        return step_count(reader, json_array_size(items), out_ended);
    case PS_API_ONE:
    case PS_API_PAGING_COUNT:
        break;
    }
    *out_ended = true;
    return PS_OK;
}
