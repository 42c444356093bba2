#include "esp/item.h"

#include <stdio.h>

#include "esp/refuse.h"
#include "esp/scope.h"
#include "esp/words.h"

enum {
    MEMBERS_MAX = 64, // an item with more is read by its first ones
    NUMBER_TEXT_BYTES = 32,
};

// The members of an item, with their names folded.
typedef struct item_view {
    char folded[MEMBERS_MAX][PS_WORD_BYTES_MAX + 1];
    const char *names[MEMBERS_MAX];
    const char *keys[MEMBERS_MAX];
    const json_t *values[MEMBERS_MAX];
    size_t count;
    char number[NUMBER_TEXT_BYTES];
} item_view;

static void view_item(const json_t *item, item_view *out)
{
    const char *key;
    json_t *value;

    out->count = 0;
    json_object_foreach((json_t *)(uintptr_t)item, key, value)
    { // only read
        size_t i = out->count;
        if (i == MEMBERS_MAX) break;
        if (!ps_word_fold(ps_span_of(key), out->folded[i])) out->folded[i][0] = '\0';
        out->names[i] = out->folded[i];
        out->keys[i] = key;
        out->values[i] = value;
        out->count++;
    }
}

static ps_span text_of(const json_t *value)
{
    if (!json_is_string(value)) return (ps_span){NULL, 0};
    return (ps_span){json_string_value(value), json_string_length(value)};
}

static ps_span stamp_of(item_view *view, size_t slot)
{
    const json_t *value = slot == SIZE_MAX ? NULL : view->values[slot];

    if (!json_is_number(value)) return text_of(value);
    double number = json_number_value(value);
    bool whole =
        number >= 0 && number < 1e15 && number == (double)(int64_t)number; // as nearly all are, and quicker to write
    int len = whole ? snprintf(view->number, sizeof view->number, "%lld", (long long)number)
                    : snprintf(view->number, sizeof view->number, "%.17g", number);
    return (ps_span){view->number, (size_t)len};
}

ps_status ps_item_set_form(ps_item_reader *reader, const ps_form *form, uint64_t line, ps_error *err)
{
    if (reader->known && reader->form != form) {
        return ps_refuse(reader->import, line, err, "it mixes lists of two forms; the second begins in line %llu.",
                         (unsigned long long)line);
    }
    if (reader->declared != NULL && form != reader->declared) {
        ps_refuse(reader->import, line, err, "it is not of the form that the job names.");
        ps_error_hint(err, "Take `format:` out, or name the form that it has.");
        return PS_SOURCE;
    }
    reader->known = true;
    reader->form = form;
    return PS_OK;
}

// Entries that stand alone say what they are by their members only, so all of these must be known ones.
static ps_status detect(ps_item_reader *reader, const item_view *view, uint64_t line, ps_error *err)
{
    const ps_form_columns columns = {view->names, view->count};

    if (reader->known) return PS_OK;
    if (reader->declared != NULL) return ps_item_set_form(reader, reader->declared, line, err);
    if (ps_form_column(&columns, "item") != SIZE_MAX && view->count == 1)
        return ps_item_set_form(reader, &ps_form_dynamodb, line, err);
    for (size_t i = 0; reader->import->config->column == NULL && ps_form_at(i) != NULL; i++) {
        const ps_form *form = ps_form_at(i);
        bool alone = form->plain == NULL && form->word == NULL; // else its page is needed
        if (alone && ps_form_fit(form->json, &columns, true) != NULL) return ps_item_set_form(reader, form, line, err);
    }
    return ps_item_set_form(reader, NULL, line, err);
}

static ps_status refuse_members(const ps_import *import, uint64_t line, size_t candidates, ps_error *err)
{
    if (candidates == 0) return ps_refuse_form(import, err);
    ps_refuse(import, line, err, "several members of its entries could be the address.");
    ps_error_hint(err, "Name the one that is, such as: column: email");
    return PS_SOURCE;
}

static size_t declared_member(const item_view *view, const char *name)
{
    for (size_t i = 0; i < view->count; i++) {
        if (strcmp(view->keys[i], name) == 0) return i;
    }
    return SIZE_MAX;
}

// An entry that tells of one delivery or answer, in a form of its own: not everybody in such a file is to be
// suppressed.
static bool is_event(const ps_form_columns *columns)
{
    static const char *const members[] = {"event", "eventtype", "notificationtype", "softbounce"};

    for (size_t i = 0; i < PS_COUNT_OF(members); i++) {
        if (ps_form_column(columns, members[i]) != SIZE_MAX) return true;
    }
    return false;
}

static ps_status refuse_events(const ps_import *import, uint64_t line, ps_error *err)
{
    ps_refuse(import, line, err, "it tells of events of no form that presend knows, and is no list of people.");
    ps_error_hint(err,
                  "Events are read of SendGrid, Mailgun, Amazon SES, Postmark, Brevo, Mailjet, Resend, Sisimai and "
                  "blastengine, as they were sent. If everybody in the file is to be suppressed, name the member that "
                  "is the address, such as: column: email");
    return PS_SOURCE;
}

// Attributes of a table have any names.
static bool is_event_in_list(const ps_item_reader *reader, const item_view *view)
{
    const ps_form_columns columns = {view->names, view->count};
    bool of_list = reader->form != NULL && reader->form->plain == NULL;

    return of_list && reader->import->config->column == NULL && is_event(&columns);
}

// Entries of unknown origin: the usual names, or the member that the job names.
static ps_status generic_slots(const ps_item_reader *reader, const item_view *view, uint64_t line, ps_form_slots *out,
                               ps_error *err)
{
    const ps_form_columns columns = {view->names, view->count};
    const ps_source_config *config = reader->import->config;
    size_t found;

    ps_generic_slots(&columns, config, out, &found);
    out->format = "json";
    if (config->column != NULL) {
        out->address = declared_member(view, config->column);
        return PS_OK;
    }
    if (is_event(&columns)) return refuse_events(reader->import, line, err);
    bool first = reader->import->records == 0;
    if (found > 1 || (found == 0 && first)) return refuse_members(reader->import, line, found, err);
    return PS_OK;
}

// Where the page says it, neither the job nor the name of the file is asked.
static void set_class_of_page(const ps_item_reader *reader, const ps_form_list *list, ps_form_slots *out)
{
    const char *word = reader->form->word;
    const char *said = word == NULL ? NULL : json_string_value(json_object_get(reader->page, word));
    ps_class class;
    bool vague;

    if (said == NULL || !ps_word_class(ps_span_of(said), &class, &vague)) return;
    out->class = class;
    out->list = list->name;
    out->format = reader->form->json_names.certain;
}

static ps_status find_slots(const ps_item_reader *reader, const item_view *view, uint64_t line, ps_form_slots *out,
                            ps_error *err)
{
    const ps_form_columns columns = {view->names, view->count};
    const ps_form *form = reader->form;
    const ps_source_config *config = reader->import->config;

    if (form == NULL) return generic_slots(reader, view, line, out, err);
    const ps_form_list *list = ps_form_fit(form->json, &columns, false);
    if (list == NULL && (form->json == NULL || (reader->import->records == 0 && config->column == NULL)))
        return ps_refuse_form(reader->import, err);
    if (list == NULL) list = &form->json[0]; // its address is not there, so the entry is unreadable
    if (list->refused != NULL) return ps_refuse(reader->import, line, err, "%s", list->refused);
    ps_form_slots_of(list, &form->json_names, &columns, config, out);
    set_class_of_page(reader, list, out);
    if (config->column != NULL) out->address = declared_member(view, config->column);
    return PS_OK;
}

static ps_status refuse_type(const ps_import *import, uint64_t line, ps_error *err)
{
    return ps_refuse(import, line, err, "in line %llu an address is not a text.", (unsigned long long)line);
}

static ps_status add_address(ps_import *import, const json_t *value, ps_import_entry *entry, ps_error *err)
{
    if (value != NULL && !json_is_null(value) && !json_is_string(value)) return refuse_type(import, entry->line, err);
    entry->text = text_of(value);
    if (entry->text.len > 0 && memchr(entry->text.bytes, '\0', entry->text.len) != NULL) {
        return ps_refuse(import, entry->line, err, "in line %llu an address holds a NUL character.",
                         (unsigned long long)entry->line);
    }
    return ps_import_add(import, entry, err);
}

static ps_status read_object(ps_item_reader *reader, const json_t *item, uint64_t line, ps_error *err)
{
    item_view view;
    ps_form_slots slots;
    ps_span words[PS_FORM_WORDS_MAX];

    view_item(item, &view);
    if (is_event_in_list(reader, &view)) return refuse_events(reader->import, line, err);
    ps_status status = detect(reader, &view, line, err);
    if (status == PS_OK) status = find_slots(reader, &view, line, &slots, err);
    if (status != PS_OK) return status;
    reader->import->out->format = slots.format;
    for (size_t i = 0; i < slots.words_count; i++)
        words[i] = text_of(view.values[slots.words[i]]);

    ps_import_entry entry = {
        .class = ps_form_class(&slots, words), .list = slots.list, .stamp = stamp_of(&view, slots.stamp), .line = line};
    if (reader->form != NULL && reader->form->plain != NULL)
        entry.damaged = json_is_true(json_object_get(item, PS_FORM_DAMAGED));
    for (size_t i = 0; i < PS_IMPORT_EXPIRES && slots.expires[i] != SIZE_MAX; i++)
        entry.expires[i] = text_of(view.values[slots.expires[i]]);
    ps_arena_reset(&reader->import->arena);
    if (slots.scope != SIZE_MAX)
        entry.elsewhere =
            ps_scope_value_is_elsewhere(reader->import->config, view.values[slots.scope], &reader->import->arena);
    const json_t *value = slots.address == SIZE_MAX ? NULL : view.values[slots.address];
    // DynamoDB's string sets: one item, several people.
    bool several = reader->form == &ps_form_dynamodb && json_is_array(value) && json_array_size(value) > 0;
    if (!several) return add_address(reader->import, value, &entry, err);
    for (size_t i = 0; status == PS_OK && i < json_array_size(value); i++) {
        status = add_address(reader->import, json_array_get(value, i), &entry, err);
    }
    return status;
}

// An array of addresses: SendGrid's for one group, or anybody's.
static ps_status read_text(ps_item_reader *reader, const json_t *item, uint64_t line, ps_error *err)
{
    bool group = reader->declared == &ps_form_sendgrid;
    ps_status status = reader->known ? PS_OK : ps_item_set_form(reader, reader->declared, line, err);
    ps_import_entry entry = {.class = reader->import->config->default_class, .list = "", .line = line};

    if (status != PS_OK) return status;
    if (reader->form != NULL && !group) return refuse_type(reader->import, line, err);
    if (group) {
        entry.class = PS_CLASS_UNSUBSCRIBE;
        entry.list = "group_unsubscribes";
    }
    reader->import->out->format = group ? "sendgrid json" : "json list of addresses";
    return add_address(reader->import, item, &entry, err);
}

// What one item says of several people, or of none.
static ps_status read_several(ps_item_reader *reader, const json_t *plain, uint64_t line, ps_error *err)
{
    ps_status status = PS_OK;

    if (json_array_size(plain) == 0) {
        const ps_import_entry nobody = {.line = line};
        ps_import_pass(reader->import, &nobody);
    }
    for (size_t i = 0; status == PS_OK && i < json_array_size(plain); i++)
        status = read_object(reader, json_array_get(plain, i), line, err);
    return status;
}

static ps_status read_plain_item(ps_item_reader *reader, const json_t *item, uint64_t line, ps_error *err)
{
    json_t *plain = reader->form->plain(item);

    if (plain == NULL)
        return ps_error_set(err, PS_RETRY, "There is not enough memory for an entry of source '%s'.",
                            reader->import->config->name);
    ps_status status =
        json_is_array(plain) ? read_several(reader, plain, line, err) : read_object(reader, plain, line, err);
    json_decref(plain);
    return status;
}

// The first item decides whether all are events. A job that names the member of the address says that it is a list.
static bool is_of_events(const ps_item_reader *reader, const json_t *item)
{
    if (reader->events.people != NULL) return true;
    bool first = reader->proof.items == 1 || !reader->known;
    return first && json_is_object(item) && reader->import->config->column == NULL && ps_event_is(item);
}

static ps_status read_event(ps_item_reader *reader, const json_t *item, uint64_t line, ps_error *err)
{
    ps_status status = ps_events_read(&reader->events, item, line, err);
    const ps_event_form *form = reader->events.form;

    reader->known = true;
    if (status != PS_OK || reader->form == NULL || form == NULL || strcmp(reader->form->id, form->id) == 0)
        return status;
    return ps_refuse(reader->import, line, err, "in line %llu stand events of one ESP in a list of another.",
                     (unsigned long long)line);
}

ps_status ps_item_read(ps_item_reader *reader, const json_t *item, bool in_page, uint64_t line, ps_error *err)
{
    reader->proof.items++;
    if (is_of_events(reader, item)) return read_event(reader, item, line, err);
    if (json_is_string(item) && !in_page) return read_text(reader, item, line, err);
    if (!json_is_object(item))
        return ps_refuse(reader->import, line, err, "in line %llu stands something else than an entry.",
                         (unsigned long long)line);
    if (!in_page && !reader->known && json_is_object(json_object_get(item, "Item"))) {
        ps_status status = ps_item_set_form(reader, &ps_form_dynamodb, line, err);
        if (status != PS_OK) return status;
    }
    if (reader->known && reader->form != NULL && reader->form->plain != NULL)
        return read_plain_item(reader, item, line, err);
    return read_object(reader, item, line, err);
}
