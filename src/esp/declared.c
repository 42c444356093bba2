#include "esp/declared.h"

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "esp/pointer.h"
#include "esp/template.h"
#include "net/http.h"

#define ARENA_BYTES ((size_t)16 << 20)

enum { CHOICES_BYTES_MAX = 1000, ITEMS_MAX = 1000 };

struct ps_declared {
    ps_arena arena;
    ps_api api;
};

// A file that is being read. Every message says which member it is about.
typedef struct source {
    ps_declared *declared;
    const char *path;
    ps_error *err;
} source;

typedef enum field_kind {
    FIELD_TEXT, // one line
    FIELD_POINTER,
    FIELD_URL, // a template of a path or query: no key in it
    FIELD_BODY, // a template that may hold the key
    FIELD_BOOL,
    FIELD_COUNT, // uint32_t
    FIELD_CHOICE, // an enum, by `choices`
    FIELD_BITS, // a list of words, each a bit
} field_kind;

typedef struct choice {
    const char *word;
    int value;
} choice;

typedef struct field {
    const char *name;
    field_kind kind;
    size_t offset;
    const choice *choices;
    bool required;
} field;

static const choice classes[] = {
#define PS_CLASS(symbol, word) {word, PS_CLASS_##symbol},
#include "presend/class.def"
#undef PS_CLASS
    {NULL, 0},
};
static const choice auths[] = {{"headers", PS_API_AUTH_HEADERS}, {"basic", PS_API_AUTH_BASIC}, {NULL, 0}};
static const choice kinds[] = {{"one", PS_API_ONE},       {"link", PS_API_LINK},     {"cursor", PS_API_CURSOR},
                               {"offset", PS_API_OFFSET}, {"number", PS_API_NUMBER}, {NULL, 0}};
static const choice ends[] = {{"empty", PS_API_END_EMPTY},
                              {"no_next", PS_API_END_NO_NEXT},
                              {"short", PS_API_END_SHORT},
                              {"flag", PS_API_END_FLAG},
                              {NULL, 0}};
static const choice mistakes[] = {{"source", PS_API_MISTAKE_SOURCE},
                                  {"credentials", PS_API_MISTAKE_CREDENTIALS},
                                  {"retry", PS_API_MISTAKE_RETRY},
                                  {NULL, 0}};

#define API(member) offsetof(ps_api, member)
static const field api_fields[] = {
    {"title", FIELD_TEXT, API(title), NULL, true},
    {"origin", FIELD_TEXT, API(origin), NULL, false},
    {"auth", FIELD_CHOICE, API(auth), auths, false},
    {"auth_user", FIELD_TEXT, API(auth_user), NULL, false},
    {"account_header", FIELD_TEXT, API(header_account), NULL, false},
    {"account_default", FIELD_TEXT, API(account_default), NULL, false},
    {"pace_ms", FIELD_COUNT, API(pace_ms), NULL, false},
    {"zone_s", FIELD_COUNT, API(zone_s), NULL, false},
    {"error_name", FIELD_POINTER, API(error_name), NULL, false},
    {"hint", FIELD_TEXT, API(wrong_region), NULL, false},
};

#define LIST(member) offsetof(ps_api_list, member)
static const field list_fields[] = {
    {"name", FIELD_TEXT, LIST(name), NULL, true},
    {"class", FIELD_CHOICE, LIST(class), classes, true},
    {"allowlist", FIELD_BOOL, LIST(allowlist), NULL, false},
    {"method", FIELD_TEXT, LIST(method), NULL, false},
    {"path", FIELD_URL, LIST(path), NULL, true},
    {"query", FIELD_URL, LIST(query), NULL, false},
    {"query_next", FIELD_URL, LIST(query_next), NULL, false},
    {"query_since", FIELD_URL, LIST(query_since), NULL, false},
    {"query_account", FIELD_URL, LIST(query_account), NULL, false},
    {"body", FIELD_BODY, LIST(body), NULL, false},
    {"items", FIELD_POINTER, LIST(items), NULL, true},
    {"frame", FIELD_POINTER, LIST(frame), NULL, false},
    {"remove", FIELD_URL, LIST(remove), NULL, false},
    {"remove_body", FIELD_BODY, LIST(remove_body), NULL, false},
    {"remove_body_too", FIELD_BODY, LIST(remove_body_too), NULL, false},
    {"removed", FIELD_POINTER, LIST(removed), NULL, false},
    {"removed_is", FIELD_TEXT, LIST(removed_is), NULL, false},
};

#define ITEM(member) offsetof(ps_api_item, member)
static const field item_fields[] = {
    {"address", FIELD_POINTER, ITEM(address), NULL, true},
    {"address_optional", FIELD_BOOL, ITEM(address_optional), NULL, false},
    {"created", FIELD_POINTER, ITEM(created), NULL, false},
    {"expires", FIELD_POINTER, ITEM(expires), NULL, false},
    {"code", FIELD_POINTER, ITEM(code), NULL, false},
    {"reason", FIELD_POINTER, ITEM(reason), NULL, false},
    {"scope", FIELD_POINTER, ITEM(scope), NULL, false},
    {"scope_member", FIELD_POINTER, ITEM(scope_member), NULL, false},
    {"scope_all", FIELD_TEXT, ITEM(scope_all), NULL, false},
    {"scope_only", FIELD_BOOL, ITEM(scope_only), NULL, false},
    {"word", FIELD_POINTER, ITEM(word), NULL, false},
    {"word_and", FIELD_POINTER, ITEM(word_and), NULL, false},
    {"only", FIELD_POINTER, ITEM(only), NULL, false},
    {"only_is", FIELD_TEXT, ITEM(only_is), NULL, false},
    {"also", FIELD_POINTER, ITEM(also), NULL, false},
    {"also_is", FIELD_TEXT, ITEM(also_is), NULL, false},
    {"kind", FIELD_POINTER, ITEM(kind), NULL, false},
    {"kind_domain", FIELD_TEXT, ITEM(kind_domain), NULL, false},
};

#define WORD(member) offsetof(ps_api_word, member)
static const field word_fields[] = {
    {"word", FIELD_TEXT, WORD(word), NULL, true},
    {"and", FIELD_TEXT, WORD(and), NULL, false},
    {"class", FIELD_CHOICE, WORD(class), classes, true},
};

#define PAGING(member) offsetof(ps_api_paging, member)
static const field paging_fields[] = {
    {"kind", FIELD_CHOICE, PAGING(kind), kinds, true},
    {"ends", FIELD_BITS, PAGING(ends), ends, false},
    {"next", FIELD_POINTER, PAGING(next), NULL, false},
    {"next_rel", FIELD_TEXT, PAGING(next_rel), NULL, false},
    {"last_item", FIELD_POINTER, PAGING(last_item), NULL, false},
    {"more", FIELD_POINTER, PAGING(more), NULL, false},
    {"limit", FIELD_COUNT, PAGING(limit), NULL, false},
    {"full", FIELD_COUNT, PAGING(full), NULL, false},
    {"total", FIELD_POINTER, PAGING(total), NULL, false},
    {"may_ignore", FIELD_BOOL, PAGING(may_ignore), NULL, false},
    {"expires", FIELD_BOOL, PAGING(expires), NULL, false},
};

// Enumerations and counts are written through 32 bits.
_Static_assert(sizeof(ps_class) == 4 && sizeof(ps_api_auth) == 4 && sizeof(unsigned) == 4, "enums of another size");

static ps_status refuse(const source *from, const char *where, const char *name, const char *why)
{
    ps_error_set(from->err, PS_CONFIG, "The description of an ESP's API in %s cannot be used: `%s%s%s` %s.", from->path,
                 where, where[0] == '\0' ? "" : ".", name, why);
    ps_error_hint(from->err, "schemas/client.schema.json says what may stand there.");
    return PS_CONFIG;
}

static ps_status refuse_choice(const source *from, const char *where, const field *to)
{
    char words[CHOICES_BYTES_MAX] = "must be one of";

    for (const choice *each = to->choices; each->word != NULL; each++) {
        size_t len = strlen(words);
        snprintf(words + len, sizeof words - len, " %s", each->word);
    }
    return refuse(from, where, to->name, words);
}

// A text of one line, copied; NULL when it is none.
static const char *take_text(const source *from, const json_t *value)
{
    ps_span text = {json_string_value(value), json_string_length(value)};

    if (!json_is_string(value) || memchr(text.bytes, '\0', text.len) != NULL) return NULL;
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.bytes[i] < 0x20 || text.bytes[i] == 0x7f) return NULL;
    }
    return ps_arena_copy(&from->declared->arena, text).bytes;
}

static ps_status set_text(const source *from, const char *where, const field *to, const json_t *value, char *base)
{
    const char *text = take_text(from, value);

    if (text == NULL) return refuse(from, where, to->name, "must be a text of one line");
    if (to->kind == FIELD_POINTER && !ps_pointer_is_valid(text))
        return refuse(from, where, to->name, "must be a JSON pointer such as /data/email");
    bool key = ps_template_has(text, PS_TEMPLATE_KEY) || ps_template_has(text, PS_TEMPLATE_USER);
    if (to->kind == FIELD_URL && key) return refuse(from, where, to->name, "would put the key into an address");
    memcpy(base + to->offset, &text, sizeof text);
    return PS_OK;
}

static bool find_choice(const field *to, const json_t *value, int32_t *out)
{
    const char *word = json_string_value(value);

    for (const choice *each = to->choices; word != NULL && each->word != NULL; each++) {
        if (strcmp(each->word, word) != 0) continue;
        *out = each->value;
        return true;
    }
    return false;
}

static ps_status set_bits(const source *from, const char *where, const field *to, const json_t *value, char *base)
{
    int32_t bits = 0, bit = 0;

    for (size_t i = 0; i < json_array_size(value); i++) {
        if (!find_choice(to, json_array_get(value, i), &bit)) return refuse_choice(from, where, to);
        bits |= bit;
    }
    if (!json_is_array(value)) return refuse(from, where, to->name, "must be a list");
    memcpy(base + to->offset, &bits, sizeof bits);
    return PS_OK;
}

static ps_status set(const source *from, const char *where, const field *to, const json_t *value, char *base)
{
    int32_t number = (int32_t)json_integer_value(value);
    bool flag = json_is_true(value);

    switch (to->kind) {
    case FIELD_TEXT:
    case FIELD_POINTER:
    case FIELD_URL:
    case FIELD_BODY:
        return set_text(from, where, to, value, base);
    case FIELD_BOOL:
        if (!json_is_boolean(value)) return refuse(from, where, to->name, "must be true or false");
        memcpy(base + to->offset, &flag, sizeof flag);
        return PS_OK;
    case FIELD_COUNT:
        if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > 1000000)
            return refuse(from, where, to->name, "must be a whole number from 0 to 1000000");
        memcpy(base + to->offset, &number, sizeof number);
        return PS_OK;
    case FIELD_CHOICE:
        if (!find_choice(to, value, &number)) return refuse_choice(from, where, to);
        memcpy(base + to->offset, &number, sizeof number);
        return PS_OK;
    case FIELD_BITS:
        break;
    }
    return set_bits(from, where, to, value, base);
}

typedef struct fields {
    const field *items;
    size_t count;
    const char *const *others; // members that are read elsewhere; ends with NULL
} fields;

static bool is_other(const fields *known, const char *name)
{
    for (const char *const *other = known->others; *other != NULL; other++) {
        if (strcmp(*other, name) == 0) return true;
    }
    return strcmp(name, "description") == 0;
}

static const field *find_field(const fields *known, const char *name)
{
    for (size_t i = 0; i < known->count; i++) {
        if (strcmp(known->items[i].name, name) == 0) return &known->items[i];
    }
    return NULL;
}

// All members of an object by the table.
static ps_status map(const source *from, const char *where, const fields *known, json_t *object, void *base)
{
    const char *name;
    json_t *value;
    ps_status status = PS_OK;

    if (!json_is_object(object)) return refuse(from, "", where[0] == '\0' ? "file" : where, "must be an object");
    json_object_foreach(object, name, value)
    {
        const field *to = find_field(known, name);
        if (status != PS_OK) break;
        if (to == NULL && !is_other(known, name)) status = refuse(from, where, name, "is not known");
        if (to != NULL) status = set(from, where, to, value, base);
    }
    for (size_t i = 0; status == PS_OK && i < known->count; i++) {
        if (known->items[i].required && json_object_get(object, known->items[i].name) == NULL)
            status = refuse(from, where, known->items[i].name, "is missing");
    }
    return status;
}

// An array of `count` items and one that ends it.
static void *take_array(const source *from, size_t count, size_t size)
{
    return ps_arena_take(&from->declared->arena, (count + 1) * size);
}

static const char *const none[] = {NULL};

static ps_status read_words(const source *from, const char *where, const json_t *list, ps_api_item *out)
{
    const fields known = {word_fields, PS_COUNT_OF(word_fields), none};
    size_t count = json_array_size(list);
    ps_status status = PS_OK;

    if (list == NULL) return PS_OK;
    if (!json_is_array(list) || count == 0 || count > ITEMS_MAX || out->word == NULL)
        return refuse(from, where, "words", "must be a list of words, beside the pointer `word`");
    ps_api_word *words = take_array(from, count, sizeof *words);
    for (size_t i = 0; status == PS_OK && i < count; i++)
        status = map(from, where, &known, json_array_get(list, i), &words[i]);
    out->words = words;
    return status;
}

static ps_status read_item(const source *from, const char *where, json_t *object, ps_api_item *out)
{
    static const char *const others[] = {"words", NULL};
    const fields known = {item_fields, PS_COUNT_OF(item_fields), others};

    ps_status status = map(from, where, &known, object, out);
    if (status == PS_OK) status = read_words(from, where, json_object_get(object, "words"), out);
    if (status != PS_OK) return status;
    if ((out->only == NULL) != (out->only_is == NULL) || (out->also == NULL) != (out->also_is == NULL) ||
        (out->kind == NULL) != (out->kind_domain == NULL))
        return refuse(from, where, "only", "and `only_is`, `also` and `also_is`, `kind` and `kind_domain` go together");
    if (out->word != NULL && out->words == NULL) return refuse(from, where, "words", "is missing");
    return PS_OK;
}

// An end that cannot come would let a list go on for ever, one that is not meant would cut it.
static ps_status check_paging(const source *from, const char *where, const ps_api_paging *paging)
{
    bool by_reply = paging->kind == PS_API_LINK || paging->kind == PS_API_CURSOR;

    if (by_reply && paging->next == NULL && paging->last_item == NULL) return refuse(from, where, "next", "is missing");
    if (paging->kind != PS_API_ONE && paging->ends == 0)
        return refuse(from, where, "ends", "must say what proves that a list is at its end");
    if (!by_reply && (paging->ends & (PS_API_END_NO_NEXT | PS_API_END_FLAG)) != 0)
        return refuse(from, where, "ends", "can be empty or short where the pages are counted");
    if ((paging->ends & PS_API_END_FLAG) != 0 && paging->more == NULL) return refuse(from, where, "more", "is missing");
    if ((paging->ends & PS_API_END_SHORT) != 0 && paging->limit == 0) return refuse(from, where, "limit", "is missing");
    return PS_OK;
}

// The next page must differ in something from this one.
static ps_status check_list(const source *from, const ps_api_list *list)
{
    static const ps_template_name needs[] = {[PS_API_ONE] = PS_TEMPLATE_COUNT,
                                             [PS_API_LINK] = PS_TEMPLATE_COUNT,
                                             [PS_API_CURSOR] = PS_TEMPLATE_CURSOR,
                                             [PS_API_OFFSET] = PS_TEMPLATE_OFFSET,
                                             [PS_API_NUMBER] = PS_TEMPLATE_PAGE};
    const char *const templates[] = {list->path, list->query, list->query_next, list->body};
    ps_template_name need = needs[list->paging.kind];
    bool found = need == PS_TEMPLATE_COUNT;

    for (size_t i = 0; i < PS_COUNT_OF(templates); i++)
        found = found || ps_template_has(templates[i], need);
    if (!found) return refuse(from, list->name, "query", "does not hold what goes from page to page");
    if (list->path[0] != '/') return refuse(from, list->name, "path", "must begin with /");
    if (list->method != NULL && strcmp(list->method, "GET") != 0 && strcmp(list->method, "POST") != 0)
        return refuse(from, list->name, "method", "must be GET or POST");
    if (list->remove == NULL) return PS_OK;
    const char *path = strchr(list->remove, ' ');
    bool addressed =
        ps_template_has(list->remove, PS_TEMPLATE_ADDRESS) || ps_template_has(list->remove_body, PS_TEMPLATE_ADDRESS);
    bool method = strncmp(list->remove, "DELETE ", 7) == 0 || strncmp(list->remove, "POST ", 5) == 0;
    if (!method || path[1] != '/' || !addressed)
        return refuse(from, list->name, "remove", "must be `DELETE /PATH` or `POST /PATH` with {address} in it");
    return PS_OK;
}

static ps_status read_list(const source *from, json_t *object, ps_api_list *out)
{
    static const char *const others[] = {"entry", "paging", NULL};
    const fields known = {list_fields, PS_COUNT_OF(list_fields), others};
    const fields paging = {paging_fields, PS_COUNT_OF(paging_fields), none};

    ps_status status = map(from, "lists", &known, object, out);
    if (status == PS_OK) status = read_item(from, "entry", json_object_get(object, "entry"), &out->item);
    if (status == PS_OK) status = map(from, "paging", &paging, json_object_get(object, "paging"), &out->paging);
    if (status == PS_OK) status = check_paging(from, "paging", &out->paging);
    return status == PS_OK ? check_list(from, out) : status;
}

static ps_status read_lists(const source *from, const json_t *list, ps_api *out)
{
    size_t count = json_array_size(list);
    ps_status status = PS_OK;

    if (!json_is_array(list) || count == 0 || count > PS_API_LISTS_MAX)
        return refuse(from, "", "lists", "must be a list of 1 to 32 lists");
    ps_api_list *lists = take_array(from, count, sizeof *lists);
    for (size_t i = 0; status == PS_OK && i < count; i++) {
        status = read_list(from, json_array_get(list, i), &lists[i]);
        for (size_t same = 0; status == PS_OK && same < i; same++) {
            if (strcmp(lists[same].name, lists[i].name) == 0) status = refuse(from, "lists", "name", "stands twice");
        }
    }
    out->lists = lists;
    return status;
}

static ps_status read_headers(const source *from, const json_t *list, ps_api *out)
{
    size_t count = json_array_size(list);

    if (list == NULL) return PS_OK;
    if (!json_is_array(list) || count > PS_API_HEADERS_MAX - 1)
        return refuse(from, "", "headers", "must be a list of at most 5");
    for (size_t i = 0; i < count; i++) {
        out->headers[i] = take_text(from, json_array_get(list, i));
        if (out->headers[i] == NULL || strchr(out->headers[i], ':') == NULL || out->headers[i][0] == ':')
            return refuse(from, "", "headers", "must each be `Name: value`");
    }
    return PS_OK;
}

static bool is_safe_origin(const char *origin)
{
    return strncmp(origin, "https://", 8) == 0 || ps_http_is_loopback(origin);
}

static ps_status read_regions(const source *from, json_t *object, ps_api *out)
{
    const char *name;
    json_t *value;
    size_t i = 0;

    if (object == NULL) return PS_OK;
    if (!json_is_object(object) || json_object_size(object) == 0 || json_object_size(object) > PS_API_REGIONS_MAX)
        return refuse(from, "", "regions", "must be 1 to 8 names with their addresses");
    ps_api_region *regions = take_array(from, json_object_size(object), sizeof *regions);
    json_object_foreach(object, name, value)
    {
        regions[i].name = ps_arena_copy(&from->declared->arena, ps_span_of(name)).bytes;
        regions[i].origin = take_text(from, value);
        if (regions[i].origin == NULL || !is_safe_origin(regions[i].origin))
            return refuse(from, "regions", name, "must begin with https://");
        i++;
    }
    out->regions = regions;
    return PS_OK;
}

static ps_status read_errors(const source *from, json_t *object, ps_api *out)
{
    const field to = {"errors", FIELD_CHOICE, 0, mistakes, false};
    const char *name;
    json_t *value;
    size_t i = 0;

    if (object == NULL) return PS_OK;
    if (!json_is_object(object) || out->error_name == NULL)
        return refuse(from, "", "errors", "must be names and what they mean, beside the pointer `error_name`");
    ps_api_error *errors = take_array(from, json_object_size(object), sizeof *errors);
    json_object_foreach(object, name, value)
    {
        int32_t mistake = 0;
        if (!find_choice(&to, value, &mistake)) return refuse_choice(from, name, &to);
        errors[i++] =
            (ps_api_error){ps_arena_copy(&from->declared->arena, ps_span_of(name)).bytes, (ps_api_mistake)mistake};
    }
    out->errors = errors;
    return PS_OK;
}

// What the templates of the API need the job to say.
static unsigned needs_of(const ps_api *api)
{
    unsigned needs = api->origin == NULL && api->regions == NULL ? PS_API_NEEDS_BASE_URL : 0;

    for (size_t i = 0; i < PS_API_HEADERS_MAX && api->headers[i] != NULL; i++) {
        if (ps_template_has(api->headers[i], PS_TEMPLATE_USER)) needs |= PS_API_NEEDS_USER;
    }
    for (const ps_api_list *list = api->lists; list->name != NULL; list++) {
        if (ps_template_has(list->path, PS_TEMPLATE_DOMAIN)) needs |= PS_API_NEEDS_DOMAIN;
        if (ps_template_has(list->body, PS_TEMPLATE_USER)) needs |= PS_API_NEEDS_USER;
    }
    if (api->origin != NULL && ps_template_has(api->origin, PS_TEMPLATE_REGION)) needs |= PS_API_NEEDS_REGION;
    return needs;
}

static ps_status read_api(const source *from, json_t *root)
{
    static const char *const others[] = {"headers", "regions", "errors", "lists", NULL};
    const fields known = {api_fields, PS_COUNT_OF(api_fields), others};
    ps_api *api = &from->declared->api;

    ps_status status = map(from, "", &known, root, api);
    if (status == PS_OK) status = read_headers(from, json_object_get(root, "headers"), api);
    if (status == PS_OK) status = read_regions(from, json_object_get(root, "regions"), api);
    if (status == PS_OK) status = read_errors(from, json_object_get(root, "errors"), api);
    if (status == PS_OK) status = read_lists(from, json_object_get(root, "lists"), api);
    if (status == PS_OK && api->origin != NULL && !is_safe_origin(api->origin))
        status = refuse(from, "", "origin", "must begin with https://");
    if (status == PS_OK) api->needs = needs_of(api);
    return status;
}

static ps_status parse(const source *from, ps_span text)
{
    json_error_t error = {.line = 0};

    if (text.len == 0 || !ps_json_within_limits(text)) return refuse(from, "", "file", "is empty or not JSON");
    json_t *root = json_loadb(text.bytes, text.len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        ps_error_set(from->err, PS_CONFIG, "The description of an ESP's API in %s is not JSON: %s.", from->path,
                     error.text);
        ps_error_where(from->err, "%s:%d:%d", from->path, error.line, error.column);
        return PS_CONFIG;
    }
    ps_status status = read_api(from, root);
    json_decref(root);
    return status;
}

ps_status ps_declared_read(ps_span text, const char *id, const char *path, ps_declared **out, ps_error *err)
{
    ps_declared *declared = ps_memory_new(1, sizeof *declared, err);

    if (declared == NULL) return PS_RETRY;
    const source from = {declared, path, err};
    ps_status status = ps_arena_open(ARENA_BYTES, &declared->arena, err);
    declared->api.id = id;
    if (status == PS_OK) status = parse(&from, text);
    if (status == PS_OK) {
        *out = declared;
    } else {
        ps_declared_free(declared);
    }
    return status;
}

ps_status ps_declared_load(const char *path, ps_declared **out, ps_error *err)
{
    ps_buf text;

    ps_buf_init(&text, PS_CONFIG_BYTES_MAX);
    ps_status status = ps_file_load(path, PS_CONFIG, &text, err);
    if (status == PS_OK) status = ps_declared_read(ps_buf_span(&text), "http", path, out, err);
    ps_buf_done(&text);
    return status;
}

const ps_api *ps_declared_api(const ps_declared *declared)
{
    return &declared->api;
}

void ps_declared_free(ps_declared *declared)
{
    if (declared == NULL) return;
    ps_arena_close(&declared->arena);
    ps_memory_free(declared);
}
