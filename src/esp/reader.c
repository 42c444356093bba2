#include "esp/reader.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "esp/paging.h"
#include "esp/pointer.h"
#include "esp/resume.h"
#include "esp/steady.h"

enum { NUMBER_SIZE = 24 };

static const char again_hint[] =
    "Try again; `--accept %s:stale` uses the last whole list for one run, and an export of the list can be named as a "
    "file.";

ps_status ps_list_reader_refuse(const ps_list_reader *reader, ps_error *err, const char *format, ...)
{
    char text[512];
    const char *name = reader->client->config->name;
    va_list list;

    va_start(list, format);
    ps_text_format(text, sizeof text, format, list);
    va_end(list);
    ps_error_set(err, PS_SOURCE, "Suppression source '%s' cannot be used: page %" PRIu64 " of its list '%s' at %s %s",
                 name, reader->pages + 1, reader->list->name, reader->client->origin, text);
    ps_error_hint(err, again_hint, name);
    return PS_SOURCE;
}

static void first_page(ps_list_reader *reader)
{
    ps_buf_clear(&reader->cursor);
    reader->offset = reader->page = reader->items = reader->repeated = 0;
    reader->total = reader->total_first = UINT64_MAX;
    reader->page_size = 0;
    reader->overlaps = false;
}

static void begin(ps_list_reader *reader)
{
    first_page(reader);
    ps_index_done(&reader->seen);
    reader->seen = (ps_index){NULL, NULL, 0, 0};
    reader->part = 0;
    reader->pages = reader->entries = 0;
    reader->sum = (ps_hash){0, 0};
    reader->resumed = false;
}

static const ps_api_proof *proof_of(const ps_client *client)
{
    const ps_api *api = client->api;

    return client->config->account != NULL && api->proof_account != NULL ? api->proof_account : api->proof;
}

ps_status ps_list_reader_open(const ps_client *client, const ps_client_list *list, int64_t since_s, int64_t now_s,
                              const char *resume, ps_list_reader *out, ps_error *err)
{
    *out = (ps_list_reader){.client = client, .public_list = list, .list = ps_client_api_list(client, list)};
    out->since_s = list->window ? since_s : 0;
    out->start_s = now_s;
    out->phase = client->api->parts != NULL ? PS_READER_PARTS : PS_READER_PAGES;
    // What is recorded elsewhere need not be on this list, so it is not asked.
    if (proof_of(client) != NULL && !client->config->recorded_elsewhere) out->phase = PS_READER_PROOF;
    ps_buf *const buffers[] = {&out->wanted_part, &out->cursor, &out->target, &out->body, &out->resume};
    for (size_t i = 0; i < PS_COUNT_OF(buffers); i++)
        ps_buf_init(buffers[i], PS_READER_TARGET_BYTES_MAX);
    begin(out);
    (void)ps_resume_read(resume, out); // what does not fit is no loss: the list is read from its beginning
    return ps_items_open(&out->page_items, err);
}

static void free_parts(ps_list_reader *reader)
{
    for (size_t i = 0; i < reader->parts_count; i++)
        ps_memory_free(reader->parts[i]);
    ps_memory_free(reader->parts);
    reader->parts = NULL;
    reader->parts_count = 0;
}

void ps_list_reader_close(ps_list_reader *reader)
{
    free_parts(reader);
    ps_items_close(&reader->page_items);
    ps_index_done(&reader->seen);
    if (reader->body.bytes != NULL) explicit_bzero(reader->body.bytes, reader->body.capacity);
    ps_buf_done(&reader->body);
    ps_buf_done(&reader->wanted_part);
    ps_buf_done(&reader->cursor);
    ps_buf_done(&reader->target);
    ps_buf_done(&reader->resume);
}

bool ps_list_reader_start_over(ps_list_reader *reader)
{
    bool worth = (reader->list->paging.expires && reader->cursor.len > 0) || reader->resumed;

    if (reader->phase != PS_READER_PAGES || reader->restarted || !worth) return false;
    begin(reader);
    reader->restarted = true;
    return true;
}

bool ps_list_reader_skip_proof(ps_list_reader *reader)
{
    if (reader->phase != PS_READER_PROOF) return false;
    ps_error warning;
    ps_error_set(&warning, PS_SOURCE, "%s did not let presend read what the account of '%s' records (%s).",
                 reader->client->api->title, reader->client->config->name, proof_of(reader->client)->path);
    snprintf(reader->warning, sizeof reader->warning, "%.511s", warning.text);
    reader->phase = reader->client->api->parts != NULL ? PS_READER_PARTS : PS_READER_PAGES;
    return true;
}

// The numbers that templates take, as texts.
typedef struct numbers {
    char offset[NUMBER_SIZE], page[NUMBER_SIZE], limit[NUMBER_SIZE], start[NUMBER_SIZE], since[NUMBER_SIZE];
    char since_iso[PS_TIME_TEXT_SIZE];
} numbers;

static void fill_values(const ps_list_reader *reader, numbers *n, ps_template_values *out)
{
    *out = reader->client->values;
    snprintf(n->offset, sizeof n->offset, "%" PRIu64, reader->offset - reader->overlaps);
    snprintf(n->page, sizeof n->page, "%" PRIu64, reader->page);
    snprintf(n->limit, sizeof n->limit, "%" PRIu32, reader->list->paging.limit);
    snprintf(n->start, sizeof n->start, "%" PRId64, reader->start_s);
    snprintf(n->since, sizeof n->since, "%" PRId64, reader->since_s);
    ps_time_text(reader->since_s, n->since_iso);
    out->of[PS_TEMPLATE_OFFSET] = ps_span_of(n->offset);
    out->of[PS_TEMPLATE_PAGE] = ps_span_of(n->page);
    out->of[PS_TEMPLATE_LIMIT] = ps_span_of(n->limit);
    out->of[PS_TEMPLATE_START] = ps_span_of(n->start);
    out->of[PS_TEMPLATE_SINCE] = ps_span_of(n->since);
    out->of[PS_TEMPLATE_SINCE_ISO] = ps_span_of(n->since_iso);
    if (reader->cursor.len > 0) out->of[PS_TEMPLATE_CURSOR] = ps_buf_span(&reader->cursor);
    if (reader->part < reader->parts_count) out->of[PS_TEMPLATE_PART] = ps_span_of(reader->parts[reader->part]);
}

// One more piece of a query, or of a form.
static void add_query(ps_buf *out, size_t from, const char *text, const ps_template_values *values)
{
    if (text == NULL || text[0] == '\0') return;
    if (out->len > from) ps_buf_add_char(out, '&');
    ps_template_add(out, text, PS_TEMPLATE_URL, values);
}

static void add_queries(const ps_list_reader *reader, ps_buf *out, size_t from, const ps_template_values *values)
{
    if (reader->since_s > 0) add_query(out, from, reader->list->query_since, values);
    if (values->of[PS_TEMPLATE_ACCOUNT].len > 0) add_query(out, from, reader->list->query_account, values);
}

static void write_page_request(ps_list_reader *reader)
{
    const ps_api_list *list = reader->list;
    bool form = list->body != NULL && list->body[0] != '{';
    ps_template_values values;
    numbers n;

    if (list->paging.kind == PS_API_LINK && reader->cursor.len > 0) {
        ps_buf_add_span(&reader->target, ps_buf_span(&reader->cursor));
        return;
    }
    fill_values(reader, &n, &values);
    ps_template_add(&reader->target, list->path, PS_TEMPLATE_URL, &values);
    ps_buf_add_char(&reader->target, '?');
    size_t from = reader->target.len;
    add_query(&reader->target, from, list->query, &values);
    if (reader->cursor.len > 0) add_query(&reader->target, from, list->query_next, &values);
    if (!form) add_queries(reader, &reader->target, from, &values);
    if (reader->target.len == from && from > 0) reader->target.len--; // the `?` alone
    if (list->body == NULL) return;
    (void)ps_buf_extend(&reader->body, PS_READER_TARGET_BYTES_MAX / 2); // growing leaves copies of the key behind
    ps_buf_clear(&reader->body);
    ps_template_add(&reader->body, list->body, form ? PS_TEMPLATE_URL : PS_TEMPLATE_RAW, &values);
    if (form) add_queries(reader, &reader->body, 0, &values);
}

// A request that was made before would give the same page for ever.
static ps_status claim(ps_list_reader *reader, ps_hash hash, bool *out_new, ps_error *err)
{
    uint32_t value;

    return ps_index_claim(&reader->seen, hash, 0, &value, out_new, err);
}

static ps_status check_request(ps_list_reader *reader, ps_error *err)
{
    ps_hash target = ps_hash_of(ps_buf_span(&reader->target)), body = ps_hash_of(ps_buf_span(&reader->body));
    bool fresh = true;

    if (reader->pages >= PS_API_PAGES_MAX)
        return ps_list_reader_refuse(reader, err, "would be one more than %d, which no list has.", PS_API_PAGES_MAX);
    ps_status status = claim(reader, (ps_hash){target.low ^ body.high, target.high ^ body.low}, &fresh, err);
    if (status != PS_OK || fresh) return status;
    return ps_list_reader_refuse(reader, err, "was read before: the ESP's pages go round in a circle.");
}

static void write_proof_request(ps_list_reader *reader, ps_list_reader_request *out)
{
    const ps_api_proof *proof = proof_of(reader->client);

    ps_buf_add_text(&reader->target, proof->path);
    if (proof->method != NULL) out->method = proof->method;
    if (proof->body != NULL) ps_template_add(&reader->body, proof->body, PS_TEMPLATE_RAW, &reader->client->values);
}

ps_status ps_list_reader_next(ps_list_reader *reader, ps_list_reader_request *out, ps_error *err)
{
    ps_status status = PS_OK;

    ps_buf_clear(&reader->target);
    ps_buf_clear(&reader->body);
    *out = (ps_list_reader_request){.method = "GET"};
    if (reader->phase == PS_READER_PROOF) {
        write_proof_request(reader, out);
    } else if (reader->phase == PS_READER_PARTS) {
        ps_buf_add_text(&reader->target, reader->client->api->parts->path);
    } else {
        write_page_request(reader);
        if (reader->list->method != NULL) out->method = reader->list->method;
        status = check_request(reader, err);
    }
    if (status == PS_OK) status = ps_buf_status(&reader->target, "the path of a request", err);
    if (status == PS_OK) status = ps_buf_status(&reader->body, "the body of a request", err);
    out->target = ps_buf_text(&reader->target);
    out->body = ps_buf_span(&reader->body);
    return status;
}

static bool is_web_page(ps_span body, const char *content_type)
{
    ps_span trimmed = ps_ascii_trim(body);

    while (trimmed.len > 0 && (trimmed.bytes[0] == '\n' || trimmed.bytes[0] == '\r'))
        trimmed = ps_ascii_trim((ps_span){trimmed.bytes + 1, trimmed.len - 1});
    if (trimmed.len > 0 && trimmed.bytes[0] == '<') return true;
    return content_type != NULL && (strstr(content_type, "html") != NULL || strstr(content_type, "xml") != NULL);
}

static ps_status parse(const ps_list_reader *reader, ps_span body, const char *content_type, json_t **out,
                       ps_error *err)
{
    // Numbers beyond 64 bits occur in members that are not read; a NUL is dealt with where it matters.
    const size_t flags = JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
    json_error_t error = {.line = 0};

    if (body.len == 0) return ps_list_reader_refuse(reader, err, "is empty, which is not the same as an empty list.");
    if (is_web_page(body, content_type)) return ps_list_reader_refuse(reader, err, "is a web page or XML, not JSON.");
    if (ps_client_key_is_in(reader->client, body))
        return ps_list_reader_refuse(reader, err, "repeats the key, which would then be stored.");
    if (!ps_json_within_limits(body))
        return ps_list_reader_refuse(reader, err, "is JSON of more than 64 levels or with a text over 1 MiB.");
    *out = json_loadb(body.bytes, body.len, flags, &error);
    if (*out != NULL) return PS_OK;
    if (json_error_code(&error) == json_error_out_of_memory)
        return ps_error_set(err, PS_RETRY, "There is not enough memory for a page of '%s'.",
                            reader->client->config->name);
    return ps_list_reader_refuse(reader, err, "is no JSON, or cut, at byte %d of %zu.", error.position, body.len);
}

static bool holds_word(const json_t *words, const char *word)
{
    for (size_t i = 0; i < json_array_size(words); i++) {
        const char *text = json_string_value(json_array_get(words, i));
        if (text != NULL && strcmp(text, word) == 0) return true;
    }
    return false;
}

static ps_status refuse_proof(const ps_list_reader *reader, const char *why, const char *hint, ps_error *err)
{
    ps_error_set(err, PS_SOURCE, "Suppression source '%s' cannot be used: %s.", reader->client->config->name, why);
    ps_error_hint(err, "%s", hint);
    return PS_SOURCE;
}

static ps_status take_proof(ps_list_reader *reader, const json_t *reply, ps_error *err)
{
    const ps_api_proof *proof = proof_of(reader->client);
    const json_t *words = ps_pointer_get(reply, proof->words);
    const char *own = json_string_value(ps_pointer_get(reply, proof->own));
    bool all = true;

    for (const char *const *wanted = proof->wanted; *wanted != NULL; wanted++)
        all = all && holds_word(words, *wanted);
    reader->phase = reader->client->api->parts != NULL ? PS_READER_PARTS : PS_READER_PAGES;
    if (proof->own != NULL && (own == NULL || strcmp(own, proof->own_is) != 0))
        return refuse_proof(reader, proof->none, proof->none_hint, err);
    return all ? PS_OK : refuse_proof(reader, proof->missing, proof->missing_hint, err);
}

static ps_status add_part(ps_list_reader *reader, size_t capacity, const json_t *item, ps_error *err)
{
    const ps_api_parts *parts = reader->client->api->parts;
    const char *name = json_string_value(ps_pointer_get(item, parts->name));
    const char *kind = json_string_value(ps_pointer_get(item, parts->skip));

    if (kind != NULL && strcmp(kind, parts->skip_is) == 0) return PS_OK;
    if (name == NULL || name[0] == '\0' || reader->parts_count == capacity)
        return ps_list_reader_refuse(reader, err, "depends on a list of parts, of which one has no name.");
    char *copy = ps_memory_text(name, err);
    if (copy == NULL) return PS_RETRY;
    reader->parts[reader->parts_count++] = copy;
    return PS_OK;
}

// Goes on in the part in which a resumed read was left; when there is none of that name, from the beginning.
static void find_part(ps_list_reader *reader)
{
    while (reader->resumed && reader->part < reader->parts_count &&
           !ps_span_equal(ps_span_of(reader->parts[reader->part]), ps_buf_span(&reader->wanted_part)))
        reader->part++;
    if (reader->resumed && reader->part == reader->parts_count) begin(reader);
}

static ps_status take_parts(ps_list_reader *reader, const json_t *reply, ps_error *err)
{
    const json_t *items = ps_pointer_get(reply, reader->client->api->parts->items);
    size_t count = json_array_size(items);
    ps_status status = PS_OK;

    if (!json_is_array(items) || count == 0 || count > PS_READER_PARTS_MAX)
        return ps_list_reader_refuse(reader, err, "depends on a list of parts, which the ESP did not give.");
    free_parts(reader);
    reader->parts = ps_memory_new(count, sizeof *reader->parts, err);
    if (reader->parts == NULL) return PS_RETRY;
    for (size_t i = 0; status == PS_OK && i < count; i++)
        status = add_part(reader, count, json_array_get(items, i), err);
    if (status != PS_OK) return status;
    if (reader->parts_count == 0)
        return ps_list_reader_refuse(reader, err, "depends on a list of parts, which is empty.");
    reader->phase = PS_READER_PAGES;
    find_part(reader);
    return PS_OK;
}

// The array of items; NULL with PS_OK where the reply is a page without any.
static ps_status find_items(const ps_list_reader *reader, const json_t *reply, const json_t **out, ps_error *err)
{
    const json_t *items = ps_pointer_get(reply, reader->list->items);
    const char *name = reader->list->items[0] == '/' ? reader->list->items + 1 : "list";

    *out = items;
    if (json_is_array(items)) return PS_OK;
    if (items == NULL && ps_pointer_get(reply, reader->list->frame) != NULL) return PS_OK;
    return ps_list_reader_refuse(reader, err, "has no `%s` in it, so it is no page of a list.", name);
}

static void note_total(ps_list_reader *reader, const json_t *reply)
{
    const json_t *total = ps_pointer_get(reply, reader->list->paging.total);

    if (!json_is_number(total) || !(json_number_value(total) >= 0 && json_number_value(total) < 1e15)) return;
    reader->total = (uint64_t)json_number_value(total);
    if (reader->total_first == UINT64_MAX) reader->total_first = reader->total;
}

// The page again that was read before: an error, but for servers that may leave the paging parameters aside.
static ps_status check_page(ps_list_reader *reader, bool *out_all_again, ps_error *err)
{
    ps_hash hash = reader->page_items.hash;
    bool fresh = true;

    *out_all_again = false;
    if (!reader->page_items.any_address) return PS_OK;
    hash.low += reader->part; // parts may well have the same addresses
    if (reader->page == 0) reader->first_page = hash;
    ps_status status = claim(reader, hash, &fresh, err);
    if (status != PS_OK || fresh) return status;
    *out_all_again = reader->list->paging.may_ignore && ps_hash_equal(hash, reader->first_page);
    if (*out_all_again) return PS_OK;
    return ps_list_reader_refuse(reader, err, "has the same entries as an earlier one.");
}

// From the beginning, once.
static void read_again(ps_list_reader *reader)
{
    begin(reader);
    reader->restarted = true;
}

// After a page that ended its part: the next part, the end of the list, or all again.
static ps_status end_part(ps_list_reader *reader, bool *out_again, ps_error *err)
{
    ps_status status = ps_steady_check(reader, out_again, err);

    if (status != PS_OK) return status;
    if (*out_again) {
        read_again(reader);
        return PS_OK;
    }
    reader->part++;
    if (reader->part >= reader->parts_count) {
        reader->phase = PS_READER_ENDED;
    } else {
        first_page(reader);
    }
    return PS_OK;
}

static void fill_page(ps_list_reader *reader, ps_client_page *out)
{
    bool ended = reader->phase == PS_READER_ENDED;

    if (!ended) ps_resume_write(reader, &reader->resume);
    *out = (ps_client_page){
        .list = reader->public_list,
        .number = reader->pages,
        .entries = reader->page_items.entries,
        .count = reader->page_items.count,
        .resume = ended ? NULL : ps_buf_text(&reader->resume),
        .ended = ended,
    };
}

static ps_status take_items(ps_list_reader *reader, const json_t *reply, const json_t *items, bool *out_ended,
                            ps_error *err)
{
    ps_span part = {NULL, 0};
    const char *why = NULL;
    size_t index = 0, count = json_array_size(items);

    reader->page_items.skip = reader->overlaps ? 1 : 0;
    if (reader->part < reader->parts_count) part = ps_span_of(reader->parts[reader->part]);
    if (!ps_items_read(&reader->page_items, reader->client->api, reader->list, items, part, &index, &why))
        return ps_list_reader_refuse(reader, err, "has an entry, number %zu, that %s.", index + 1, why);
    ps_status status = check_page(reader, out_ended, err);
    if (status != PS_OK || *out_ended) return status;
    note_total(reader, reply);
    if (reader->list->paging.full > 0 && count >= reader->list->paging.full)
        return ps_list_reader_refuse(reader, err,
                                     "has %zu entries, as many as the ESP gives at most: more may be missing.", count);
    reader->items += count - reader->page_items.skip;
    status = ps_steady_note(reader, items, err);
    if (status == PS_OK) status = ps_paging_step(reader, reply, items, out_ended, err);
    // Once more: escapes of JSON may have hidden it.
    if (status == PS_OK && ps_client_key_is_in(reader->client, ps_buf_span(&reader->cursor)))
        return ps_list_reader_refuse(reader, err, "repeats the key in the place of the next page.");
    return status;
}

static ps_status take_page(ps_list_reader *reader, const json_t *reply, ps_client_page *out, bool *out_has_page,
                           ps_error *err)
{
    const json_t *items = NULL;
    bool ended = false, again = false;

    ps_status status = find_items(reader, reply, &items, err);
    if (status == PS_OK && !ps_steady_follows(reader, items)) {
        if (!reader->restarted) {
            read_again(reader);
            return PS_OK;
        }
        if (!reader->accept_count) return ps_steady_refuse(reader, err);
        reader->overlaps = false;
        reader->offset--; // it was asked for from there on, and nothing of it is passed over
    }
    if (status == PS_OK) status = take_items(reader, reply, items, &ended, err);
    if (status == PS_OK && ended) status = end_part(reader, &again, err);
    if (status != PS_OK || again) return status;
    reader->resumed = false;
    reader->pages++;
    reader->entries += reader->page_items.count;
    fill_page(reader, out);
    *out_has_page = true;
    return PS_OK;
}

ps_status ps_list_reader_take(ps_list_reader *reader, ps_span body, const char *content_type, json_t **out_reply,
                              ps_client_page *out_page, bool *out_has_page, ps_error *err)
{
    json_t *reply = NULL;

    *out_has_page = false;
    ps_status status = parse(reader, body, content_type, &reply, err);
    *out_reply = reply;
    if (status != PS_OK) return status;
    switch (reader->phase) {
    case PS_READER_PROOF:
        return take_proof(reader, reply, err);
    case PS_READER_PARTS:
        return take_parts(reader, reply, err);
    case PS_READER_PAGES:
    case PS_READER_ENDED:
        break;
    }
    return take_page(reader, reply, out_page, out_has_page, err);
}
