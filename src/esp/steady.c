#include "esp/steady.h"

#include <inttypes.h>

enum {
    COUNT_SLACK = 5, // entries come and go while a list is read
    COUNT_SLACK_DIVISOR = 1000,
    READINGS_MAX = 3
};

static ps_hash hash_of_item(ps_list_reader *reader, const json_t *item)
{
    const size_t flags = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY;
    ps_buf *room = &reader->page_items.bytes; // between two pages nobody needs it
    size_t len = json_dumpb(item, NULL, 0, flags);

    ps_buf_clear(room);
    char *text = ps_buf_extend(room, len);
    if (text != NULL) json_dumpb(item, text, len, flags);
    ps_hash hash = ps_hash_of(ps_buf_span(room));
    return (ps_hash){hash.low >> 1, hash.high >> 1}; // as whole numbers of JSON go, in which a reading is kept
}

// Pages that are told by offsets, of which no count is stated: an entry that is taken off meanwhile moves the first one
// of the next page to the end of the page that was read, where nobody sees it. So the next page is asked for from the
// last item on, and must begin with it.
static void note_last(ps_list_reader *reader, const json_t *items)
{
    const ps_api_paging *paging = &reader->list->paging;
    size_t count = json_array_size(items);

    if (reader->page == 0) {
        reader->page_size = count;
        if (count > 0) reader->first_item = hash_of_item(reader, json_array_get(items, 0));
    }
    reader->overlaps =
        paging->kind == PS_API_OFFSET && paging->total == NULL && count > 1 && count == reader->page_size;
    if (reader->overlaps) reader->last_item = hash_of_item(reader, json_array_get(items, count - 1));
}

bool ps_steady_follows(ps_list_reader *reader, const json_t *items)
{
    if (!reader->overlaps) return true;
    if (json_array_size(items) == 0) return false;
    ps_hash first = hash_of_item(reader, json_array_get(items, 0));
    if (ps_hash_equal(first, reader->last_item)) return true;
    // The first page again, from a server that leaves the parameters aside: whether it is, is looked at next.
    bool all = reader->list->paging.may_ignore && ps_hash_equal(first, reader->first_item);
    if (all) reader->overlaps = false;
    return all;
}

static void add_to_sum(ps_list_reader *reader)
{
    for (size_t i = 0; i < reader->page_items.count; i++) {
        ps_hash text = ps_hash_of(reader->page_items.entries[i].text);
        reader->sum.low += text.low;
        reader->sum.high += text.high;
    }
}

// An entry that comes again moved between two pages, and another may have moved past them unseen.
static ps_status count_repeated(ps_list_reader *reader, ps_error *err)
{
    ps_status status = PS_OK;
    uint32_t ignored;

    if (reader->list->paging.kind != PS_API_OFFSET) return PS_OK;
    for (size_t i = 0; status == PS_OK && i < reader->page_items.count; i++) {
        const ps_client_entry *entry = &reader->page_items.entries[i];
        ps_hash hash = ps_hash_of(entry->text), scope = ps_hash_of(entry->scope);
        bool fresh = true;
        // Turned round: an entry is no page and no request.
        hash = (ps_hash){hash.high + scope.low, hash.low + scope.high + reader->part};
        status = ps_index_claim(&reader->seen, hash, 0, &ignored, &fresh, err);
        reader->repeated += !fresh;
    }
    return status;
}

ps_status ps_steady_note(ps_list_reader *reader, const json_t *items, ps_error *err)
{
    ps_status status = count_repeated(reader, err);

    if (reader->list->paging.kind == PS_API_NUMBER) add_to_sum(reader);
    note_last(reader, items);
    return status;
}

static ps_status refuse_count(const ps_list_reader *reader, uint64_t came, ps_error *err)
{
    const char *name = reader->client->config->name;

    ps_list_reader_refuse(reader, err, "is the last, but %" PRIu64 " entries came and the ESP counts %" PRIu64 ".",
                          came, reader->total);
    ps_error_hint(err, "Try again; `--accept %s:stale` uses the last whole list for one run, `--accept %s:count` this.",
                  name, name);
    return PS_SOURCE;
}

ps_status ps_steady_refuse(const ps_list_reader *reader, ps_error *err)
{
    const char *name = reader->client->config->name;

    ps_list_reader_refuse(reader, err,
                          "does not follow on the one before, nor did it when the list was read anew: entries were "
                          "taken off it meanwhile, and others may have been passed over.");
    ps_error_hint(err, "Try again; `--accept %s:stale` uses the last whole list for one run, `--accept %s:count` this.",
                  name, name);
    return PS_SOURCE;
}

// Numbered pages of which no count is stated: an entry that is taken off meanwhile moves another past the reader, and
// only a second reading that finds the same shows that none did.
static ps_status check_readings(ps_list_reader *reader, bool *out_again, ps_error *err)
{
    bool same = reader->readings > 0 && ps_hash_equal(reader->sum, reader->sum_before);

    *out_again = false;
    if (same || reader->page < 3) return PS_OK; // one page and an empty one are of one moment
    reader->sum_before = reader->sum;
    *out_again = ++reader->readings < READINGS_MAX;
    return *out_again || reader->accept_count ? PS_OK : ps_steady_refuse(reader, err);
}

// What the ESP counted and what came. A list that shrank or moved while it was read by offsets may have lost entries
// between two pages: it is read once more.
ps_status ps_steady_check(ps_list_reader *reader, bool *out_again, ps_error *err)
{
    bool counted = reader->total != UINT64_MAX;

    if (!counted && reader->list->paging.kind == PS_API_NUMBER) return check_readings(reader, out_again, err);
    uint64_t came = reader->items - reader->repeated, total = counted ? reader->total : came;
    uint64_t slack = total / COUNT_SLACK_DIVISOR, difference = came > total ? came - total : total - came;

    *out_again = false;
    if (difference == 0 && reader->repeated == 0 && !(counted && total < reader->total_first)) return PS_OK;
    *out_again = !reader->restarted;
    if (*out_again || reader->accept_count || difference <= (slack > COUNT_SLACK ? slack : COUNT_SLACK)) return PS_OK;
    return refuse_count(reader, came, err);
}
