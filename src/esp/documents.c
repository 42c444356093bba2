// JSON files: documents one after the other, each a page of a list, an array of entries or of pages, or an entry of its
// own.

#include "esp/item.h"
#include "esp/json.h"
#include "esp/reads.h"
#include "esp/refuse.h"
#include "esp/words.h"

enum { FRAME_MEMBERS_MAX = 4096 }; // members of one document beside its entries; a page has a handful

typedef struct document_read {
    ps_json_reader json;
    ps_item_reader items;
    uint64_t alone; // entries of the latest array that stand in no page
    const char *member; // the name of the latest array in a page
} document_read;

static bool has_items_in(const ps_form *form, const char *name)
{
    return form->items != NULL && strcmp(form->items, name) == 0;
}

// The form whose pages have their entries in a member of that name; of several the one that says so of itself, by an
// item or by the document, or the first.
static const ps_form *form_of_member(const char *name, const json_t *document, const json_t *item)
{
    const ps_form *first = NULL;

    for (size_t i = 0; ps_form_at(i) != NULL; i++) {
        const ps_form *form = ps_form_at(i);
        if (!has_items_in(form, name)) continue;
        if (form->is_mine != NULL && form->is_mine(document, item)) return form;
        if (first == NULL) first = form;
    }
    return first;
}

static bool has_address(const json_t *document, ps_entry_kind kind)
{
    char folded[PS_WORD_BYTES_MAX + 1];
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)document, key, value)
    { // only read
        if (ps_word_fold(ps_span_of(key), folded) && ps_generic_is_address_name(folded, kind)) return true;
    }
    return false;
}

// An entry or an event may have a member of the name that a page's entries have.
static const ps_form *form_of_page(const json_t *document)
{
    if (ps_event_is(document)) return NULL;
    if (has_address(document, PS_ENTRY_ADDRESS)) return NULL;
    for (size_t i = 0; ps_form_at(i) != NULL; i++) {
        const ps_form *form = ps_form_at(i);
        const json_t *items = form->items == NULL ? NULL : json_object_get(document, form->items);
        if (json_is_array(items) || json_is_null(items))
            return form_of_member(form->items, document, json_array_get(items, 0));
        if (form->is_page != NULL && form->is_page(document)) return form;
    }
    return NULL;
}

static ps_status refuse_items(const ps_import *import, uint64_t line, ps_error *err)
{
    return ps_refuse(import, line, err, "the member that should hold the entries is no array.");
}

// What separates the elements of an array or the members of an object: `*out_more` after a comma.
static ps_status read_separator(document_read *read, char close, bool *out_more, ps_error *err)
{
    char c;
    ps_status status = ps_json_reader_peek(&read->json, &c, err);

    if (status != PS_OK) return status;
    if (c == '\0') return ps_json_reader_refuse_cut(&read->json, err);
    if (c != ',' && c != close) return ps_json_reader_refuse(&read->json, err);
    ps_json_reader_skip(&read->json);
    *out_more = c == ',';
    return PS_OK;
}

// Past an opening bracket; `*out_more` is false when the closing one follows, which is then skipped too.
static ps_status open_bracket(document_read *read, char close, bool *out_more, ps_error *err)
{
    char c;

    ps_json_reader_skip(&read->json);
    ps_status status = ps_json_reader_peek(&read->json, &c, err);
    if (status != PS_OK) return status;
    *out_more = c != close;
    if (c == close) ps_json_reader_skip(&read->json);
    return c == '\0' ? ps_json_reader_refuse_cut(&read->json, err) : PS_OK;
}

typedef ps_status element_reader(document_read *read, const json_t *element, uint64_t line, ps_error *err);

static ps_status read_elements(document_read *read, size_t depth, element_reader *take, ps_error *err)
{
    bool more = false;
    ps_status status = open_bracket(read, ']', &more, err);

    while (status == PS_OK && more) {
        json_t *element = NULL;
        char c;
        status = ps_json_reader_peek(&read->json, &c, err);
        uint64_t line = read->json.text->line;
        if (status == PS_OK) status = ps_json_reader_value(&read->json, depth, &element, err);
        if (status != PS_OK) return status;
        status = take(read, element, line, err);
        json_decref(element);
        if (status == PS_OK) status = read_separator(read, ']', &more, err);
    }
    return status;
}

static ps_status take_page_item(document_read *read, const json_t *element, uint64_t line, ps_error *err)
{
    ps_status status = ps_item_set_form(&read->items, form_of_member(read->member, NULL, element), line, err);

    if (status != PS_OK) return status;
    return ps_item_read(&read->items, element, true, line, err);
}

// The end of a document of a form with pages.
static void end_page(document_read *read, const json_t *document, uint64_t items)
{
    const ps_form *form = read->items.form;

    if (form->page != NULL) form->page(document, items, &read->items.proof);
}

// A page that stands in an array of pages.
static ps_status read_whole_page(document_read *read, const json_t *page, const ps_form *form, uint64_t line,
                                 ps_error *err)
{
    const json_t *items = form->items == NULL ? NULL : json_object_get(page, form->items);
    ps_status status = ps_item_set_form(&read->items, form, line, err);

    if (status != PS_OK) return status;
    if (items != NULL && !json_is_null(items) && !json_is_array(items))
        return refuse_items(read->items.import, line, err);
    read->items.page = page;
    for (size_t i = 0; status == PS_OK && i < json_array_size(items); i++) {
        status = ps_item_read(&read->items, json_array_get(items, i), true, line, err);
    }
    read->items.page = NULL;
    if (status == PS_OK) end_page(read, page, json_array_size(items));
    return status;
}

static ps_status take_element(document_read *read, const json_t *element, uint64_t line, ps_error *err)
{
    const ps_form *form = json_is_object(element) ? form_of_page(element) : NULL;

    if (form != NULL) return read_whole_page(read, element, form, line, err);
    read->alone++;
    return ps_item_read(&read->items, element, false, line, err);
}

// An array of entries has nothing around it that says whether it is whole: one as long as a full page may be just that.
static ps_status read_array(document_read *read, ps_error *err)
{
    uint64_t before = read->items.proof.items;

    read->alone = 0;
    ps_status status = read_elements(read, 1, take_element, err);
    const ps_form *form = read->items.form;
    if (status != PS_OK || form == NULL || form->full_page == 0) return status;
    bool empty = read->items.proof.items == before && form->items == NULL;
    if (empty || read->alone > 0) read->items.proof.open = !empty && read->alone % form->full_page == 0;
    return PS_OK;
}

typedef struct frame {
    json_t *members; // all but the entries
    const char *items_of; // the member that holds the entries; NULL: none does
    uint64_t items;
} frame;

static ps_status read_key(document_read *read, json_t **out, ps_error *err)
{
    json_t *key = NULL;
    char c;
    ps_status status = ps_json_reader_peek(&read->json, &c, err);

    if (status == PS_OK && c != '"')
        return c == '\0' ? ps_json_reader_refuse_cut(&read->json, err) : ps_json_reader_refuse(&read->json, err);
    if (status == PS_OK) status = ps_json_reader_value(&read->json, 1, &key, err);
    if (status == PS_OK) status = ps_json_reader_peek(&read->json, &c, err);
    if (status == PS_OK && c != ':')
        status = c == '\0' ? ps_json_reader_refuse_cut(&read->json, err) : ps_json_reader_refuse(&read->json, err);
    if (status == PS_OK) {
        ps_json_reader_skip(&read->json);
        *out = key;
    } else {
        json_decref(key);
    }
    return status;
}

static ps_status read_page_items(document_read *read, const ps_form *form, frame *out, ps_error *err)
{
    uint64_t before = read->items.proof.items;

    read->member = form->items;
    read->items.page = out->members;
    ps_status status = read_elements(read, 2, take_page_item, err);
    if (out->items_of == NULL || read->items.proof.items > before) out->items_of = form->items;
    out->items += read->items.proof.items - before;
    return status;
}

static ps_status read_member(document_read *read, const char *name, frame *out, ps_error *err)
{
    const ps_form *form = form_of_member(name, NULL, NULL);
    json_t *value = NULL;
    char c;

    ps_status status = ps_json_reader_peek(&read->json, &c, err);
    if (status != PS_OK) return status;
    if (form != NULL && c == '[') return read_page_items(read, form, out, err);
    status = ps_json_reader_value(&read->json, 1, &value, err);
    if (status != PS_OK) return status;
    if (json_object_size(out->members) == FRAME_MEMBERS_MAX) {
        json_decref(value);
        return ps_json_reader_refuse(&read->json, err);
    }
    if (json_object_set_new(out->members, name, value) == 0) return PS_OK;
    // A name is never NULL and jansson has checked it, so only memory can be short.
    return ps_error_set(err, PS_RETRY, "There is not enough memory for source '%s'.", read->items.import->config->name);
}

static ps_status read_members(document_read *read, frame *out, ps_error *err)
{
    bool more = false;
    ps_status status = open_bracket(read, '}', &more, err);

    while (status == PS_OK && more) {
        json_t *key = NULL;
        status = read_key(read, &key, err);
        if (status == PS_OK) status = read_member(read, json_string_value(key), out, err);
        json_decref(key);
        if (status == PS_OK) status = read_separator(read, '}', &more, err);
    }
    return status;
}

// A page whose entries are no array. (An entry may well have a member of that name.)
static bool holds_no_list(const json_t *document, ps_entry_kind kind)
{
    bool named = false;

    for (size_t i = 0; ps_form_at(i) != NULL && !named; i++) {
        const char *items = ps_form_at(i)->items;
        named = items != NULL && json_object_get(document, items) != NULL;
    }
    return named && !has_address(document, kind);
}

// Replies of an API that are no list.
static bool is_error_reply(const json_t *document, ps_entry_kind kind)
{
    if (json_object_size(document) == 0) return true;
    bool error = json_object_get(document, "errors") != NULL || json_object_get(document, "message") != NULL ||
                 json_object_get(document, "error") != NULL;
    return error && !has_address(document, kind);
}

// A page without entries is of the form of the pages before it where it can be.
static const ps_form *form_of_frame(const document_read *read, const frame *document)
{
    const ps_form *before = read->items.form;

    if (document->items_of == NULL) return form_of_page(document->members);
    if (before != NULL && has_items_in(before, document->items_of)) return before;
    return form_of_member(document->items_of, document->members, NULL);
}

static ps_status end_object(document_read *read, const frame *document, uint64_t line, ps_error *err)
{
    const ps_import *import = read->items.import;
    const ps_form *form = form_of_frame(read, document);

    if (document->items_of != NULL && has_address(document->members, import->config->kind))
        return ps_refuse(import, line, err, "in line %llu an entry and a list stand in one.", (unsigned long long)line);
    if (form != NULL) {
        ps_status status = ps_item_set_form(&read->items, form, line, err);
        if (status == PS_OK) end_page(read, document->members, document->items);
        return status;
    }
    if (ps_event_is(document->members)) return ps_item_read(&read->items, document->members, false, line, err);
    if (json_object_get(document->members, "Keys") != NULL && json_object_get(document->members, "Metadata") != NULL) {
        ps_refuse(import, line, err, "it is an incremental export of DynamoDB: only what changed, not the whole list.");
        ps_error_hint(err, "Make a full export of the table.");
        return PS_SOURCE;
    }
    if (holds_no_list(document->members, import->config->kind)) return refuse_items(import, line, err);
    if (is_error_reply(document->members, import->config->kind)) {
        ps_refuse(import, line, err, "it holds a reply without a list, as an ESP gives when a request fails.");
        ps_error_hint(err, "Ask the ESP for the list again.");
        return PS_SOURCE;
    }
    return ps_item_read(&read->items, document->members, false, line, err);
}

static ps_status read_object(document_read *read, ps_error *err)
{
    frame document = {.members = json_object()};
    uint64_t line = read->json.text->line;

    if (document.members == NULL)
        return ps_error_set(err, PS_RETRY, "There is not enough memory for source '%s'.",
                            read->items.import->config->name);
    ps_status status = read_members(read, &document, err);
    if (status == PS_OK) status = end_object(read, &document, line, err);
    read->items.page = NULL;
    json_decref(document.members);
    return status;
}

static ps_status refuse_text(const document_read *read, ps_error *err)
{
    uint64_t line = read->json.text->line;

    return ps_refuse(read->items.import, line, err, "line %llu has text behind the end of the list.",
                     (unsigned long long)line);
}

static ps_status judge_proof(const document_read *read, ps_error *err)
{
    const ps_form_proof *proof = &read->items.proof;
    const ps_form *form = read->items.form;

    if (proof->stated && proof->stated_count != proof->items) {
        ps_refuse(read->items.import, 0, err, "it says that it has %llu entries, and %llu are there.",
                  (unsigned long long)proof->stated_count, (unsigned long long)proof->items);
        ps_error_hint(err, "Export the list again, all pages of it.");
        return PS_SOURCE;
    }
    if (!proof->open || form == NULL) return PS_OK;
    ps_refuse(read->items.import, 0, err, "%s", form->open_text);
    ps_error_hint(err, "%s", form->open_hint);
    return PS_SOURCE;
}

ps_status ps_read_json(ps_import *import, ps_text *text, const ps_form *form, ps_error *err)
{
    document_read read = {.items = {.import = import, .declared = form, .events = {.import = import}}};
    ps_status status;

    import->out->format = form == NULL ? "json" : form->json_names.certain;
    ps_json_reader_init(&read.json, import, text);
    for (;;) {
        char c;
        status = ps_json_reader_peek(&read.json, &c, err);
        if (status != PS_OK || c == '\0') break;
        status = c == '[' ? read_array(&read, err) : c == '{' ? read_object(&read, err) : refuse_text(&read, err);
        if (status != PS_OK) break;
    }
    if (status == PS_OK) status = judge_proof(&read, err);
    if (status == PS_OK) status = ps_events_finish(&read.items.events, err);
    if (status == PS_OK) status = ps_import_finish(import, true, text->line, err);
    ps_events_done(&read.items.events);
    ps_json_reader_done(&read.json);
    return status;
}
