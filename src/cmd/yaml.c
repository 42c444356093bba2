#include "cmd/yaml.h"

#include <stdlib.h>

#include <libfyaml.h>

#include "base/limits.h"
#include "base/text.h"

enum { MEMBERS_MAX = 1000, PATH_PART_MAX = 64 };

typedef struct builder {
    const ps_config_text *origin;
    ps_arena *arena;
    ps_problems *problems;
    ps_yaml *open[PS_JSON_DEPTH_MAX]; // the containers that the next node is in
    size_t depth;
    ps_yaml *root;
    bool has_key; // a key waits for its value
    ps_span key;
    ps_place key_place;
    ps_place last; // of the event before: where a value that is not written would stand
    bool failed;
} builder;

static void fail(builder *b, const ps_place *place, const char *text, const char *hint)
{
    ps_problem_add(b->problems, place, "%s", text);
    if (hint != NULL) ps_problem_hint(b->problems, "%s", hint);
    b->failed = true;
}

static ps_place place_of(builder *b, struct fy_event *event)
{
    const struct fy_mark *start = fy_event_start_mark(event), *end = fy_event_end_mark(event);

    if (start == NULL || end == NULL) return b->last;
    ps_place place = {b->origin, (uint32_t)start->line + 1, (uint32_t)start->column + 1, 1};
    if (end->line == start->line && end->column > start->column) {
        place.width = (uint32_t)(end->column - start->column);
    }
    return place;
}

static void add_child(ps_yaml *parent, ps_yaml *child)
{
    if (parent->last == NULL) {
        parent->first = child;
    } else {
        parent->last->next = child;
    }
    parent->last = child;
    parent->count++;
}

static void take_key(builder *b, const ps_yaml *mapping, const ps_yaml *key)
{
    if (key->kind != PS_YAML_SCALAR) {
        fail(b, &key->place, "a key must be a word", NULL);
        return;
    }
    if (mapping->count == MEMBERS_MAX) {
        fail(b, &key->place, "more than 1000 keys in one place", NULL);
        return;
    }
    const ps_yaml *earlier = ps_yaml_member(mapping, key->text.bytes);
    if (earlier != NULL) {
        ps_problem_add(b->problems, &key->place, "`%s` is written twice; the first one is in line %u", key->text.bytes,
                       earlier->key_place.line);
        b->failed = true;
    }
    b->has_key = true;
    b->key = key->text;
    b->key_place = key->place;
}

// Put a node where the document has it; a scalar in a mapping may be a key.
static void attach(builder *b, ps_yaml *node)
{
    ps_yaml *parent = b->depth == 0 ? NULL : b->open[b->depth - 1];

    if (parent == NULL) {
        if (b->root != NULL) fail(b, &node->place, "a second document begins here", "a job file is one document");
        if (b->root == NULL) b->root = node;
    } else if (parent->kind == PS_YAML_MAPPING && !b->has_key) {
        take_key(b, parent, node);
    } else {
        node->key = b->key;
        node->key_place = b->key_place;
        b->has_key = false;
        b->key = (ps_span){NULL, 0};
        add_child(parent, node);
    }
}

static ps_yaml *new_node(builder *b, ps_yaml_kind kind, ps_place place)
{
    ps_yaml *node = ps_arena_take(b->arena, sizeof *node);

    node->kind = kind;
    node->place = place;
    return node;
}

static void open_container(builder *b, ps_yaml_kind kind, ps_place place)
{
    ps_yaml *node = new_node(b, kind, place);

    if (b->depth > 0 && b->open[b->depth - 1]->kind == PS_YAML_MAPPING && !b->has_key) {
        fail(b, &place, "a key must be a word", NULL);
        return;
    }
    attach(b, node);
    if (b->depth == PS_JSON_DEPTH_MAX) {
        fail(b, &place, "nested too deeply", NULL);
        return;
    }
    b->open[b->depth++] = node;
}

static void add_scalar(builder *b, struct fy_event *event, ps_place place)
{
    struct fy_token *token = event->scalar.value;
    size_t len = 0;
    const char *text = token == NULL ? NULL : fy_token_get_text(token, &len);
    bool plain = token == NULL || fy_token_scalar_style(token) == FYSS_PLAIN;
    ps_yaml *node = new_node(b, PS_YAML_SCALAR, place);

    node->plain = plain;
    node->text = ps_arena_copy(b->arena, (ps_span){text == NULL ? "" : text, len});
    bool is_null = plain && (len == 0 || ps_span_equal(node->text, ps_span_of("~")) ||
                             ps_span_equal(node->text, ps_span_of("null")));
    if (is_null) node->kind = PS_YAML_NULL;
    if (memchr(node->text.bytes, '\0', len) != NULL) fail(b, &place, "a NUL character", NULL);
    attach(b, node);
}

static void refuse_extras(builder *b, struct fy_event *event, const ps_place *place)
{
    if (fy_event_get_anchor_token(event) != NULL) {
        fail(b, place, "anchors are not read", "write the value out wherever it is wanted");
    }
    if (fy_event_get_tag_token(event) != NULL) {
        fail(b, place, "tags are not read", "write the value without the word that begins with !");
    }
}

static void take_event(builder *b, struct fy_event *event)
{
    ps_place place = place_of(b, event);

    switch (event->type) {
    case FYET_SCALAR:
        refuse_extras(b, event, &place);
        add_scalar(b, event, place);
        break;
    case FYET_ALIAS:
        fail(b, &place, "aliases are not read", "write the value out wherever it is wanted");
        break;
    case FYET_SEQUENCE_START:
    case FYET_MAPPING_START:
        refuse_extras(b, event, &place);
        open_container(b, event->type == FYET_MAPPING_START ? PS_YAML_MAPPING : PS_YAML_SEQUENCE, place);
        break;
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        b->depth--;
        break;
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_START:
    case FYET_DOCUMENT_END:
        break;
    }
    b->last = place;
}

static void add_syntax_errors(builder *b, struct fy_diag *diag)
{
    void *previous = NULL;
    const struct fy_diag_error *error;
    size_t count = b->problems->count;

    while ((error = fy_diag_errors_iterate(diag, &previous)) != NULL) {
        ps_place place = {b->origin, error->line > 0 ? (uint32_t)error->line : 1,
                          error->column > 0 ? (uint32_t)error->column : 1, 1};
        bool behind = b->origin->option && place.line > 1; // libfyaml's end of a text is the line after it
        if (behind) place = (ps_place){b->origin, 1, (uint32_t)b->origin->text.len + 1, 1};
        ps_problem_add(b->problems, &place, "%s", error->msg);
    }
    if (b->problems->count == count) fail(b, &b->last, "this is not YAML", NULL);
    b->failed = true;
}

static void parse(builder *b, struct fy_parser *parser, struct fy_diag *diag)
{
    struct fy_event *event;

    while (!b->failed && (event = fy_parser_parse(parser)) != NULL) {
        take_event(b, event);
        fy_parser_event_free(parser, event);
    }
    if (fy_parser_get_stream_error(parser)) add_syntax_errors(b, diag);
}

// libfyaml says "malformed" of such bytes at best; and a job file saved as Shift_JIS is the likely cause.
static bool check_bytes(builder *b)
{
    ps_span text = b->origin->text;
    ps_place place = {b->origin, 1, 1, 1};

    for (size_t offset = 0; offset < text.len; place.column++) {
        int32_t code_point = ps_utf8_next(text, &offset);
        if (code_point == '\n') place = (ps_place){b->origin, place.line + 1, 0, 1};
        if (code_point > 0) continue;
        fail(b, &place, code_point == 0 ? "a NUL character" : "not UTF-8", "save the file as UTF-8");
        return false;
    }
    return true;
}

ps_yaml *ps_yaml_read(const ps_config_text *origin, ps_arena *arena, ps_problems *problems)
{
    builder b = {.origin = origin, .arena = arena, .problems = problems, .last = {origin, 1, 1, 1}};
    struct fy_parser *parser = NULL;
    struct fy_diag_cfg diag_config;

    if (!check_bytes(&b)) return NULL;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_config);
    if (diag != NULL) {
        fy_diag_set_collect_errors(diag, true);
        const struct fy_parse_cfg config = {
            .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE, .diag = diag};
        parser = fy_parser_create(&config);
    }
    if (parser == NULL || fy_parser_set_string(parser, origin->text.bytes, origin->text.len) != 0) {
        fail(&b, &b.last, "there is not enough memory to read this", NULL);
    } else {
        parse(&b, parser, diag);
    }
    if (!b.failed && b.root == NULL) fail(&b, &b.last, "there is nothing in it", NULL);
    if (parser != NULL) fy_parser_destroy(parser);
    if (diag != NULL) fy_diag_destroy(diag);
    return b.failed ? NULL : b.root;
}

ps_yaml *ps_yaml_member(const ps_yaml *node, const char *key)
{
    ps_span name = ps_span_of(key);

    if (node == NULL || node->kind != PS_YAML_MAPPING) return NULL;
    for (ps_yaml *child = node->first; child != NULL; child = child->next) {
        if (ps_span_equal(child->key, name)) return child;
    }
    return NULL;
}

static ps_yaml *item_at(const ps_yaml *sequence, const char *part)
{
    char *end;
    unsigned long index = strtoul(part, &end, 10);
    ps_yaml *child = sequence->first;

    if (*part < '0' || *part > '9' || *end != '\0') return NULL;
    while (child != NULL && index-- > 0)
        child = child->next;
    return child;
}

static ps_yaml *child_at(const ps_yaml *node, const char *part)
{
    return node->kind == PS_YAML_SEQUENCE ? item_at(node, part) : ps_yaml_member(node, part);
}

// The next part of a dotted path; false at its end, or where a part is empty or far too long.
static bool next_part(const char **path, char part[PATH_PART_MAX])
{
    size_t len = strcspn(*path, ".");

    if (len == 0 || len >= PATH_PART_MAX) return false;
    memcpy(part, *path, len);
    part[len] = '\0';
    *path += len + ((*path)[len] == '.');
    return true;
}

ps_yaml *ps_yaml_find(ps_yaml *root, const char *path)
{
    char part[PATH_PART_MAX];
    ps_yaml *node = root;

    while (node != NULL && *path != '\0')
        node = next_part(&path, part) ? child_at(node, part) : NULL;
    return node;
}

// Where it is decides its key; what it is stays.
static void replace(ps_yaml *old, const ps_yaml *value)
{
    ps_span key = old->key;
    ps_yaml *next = old->next;

    *old = *value;
    old->key = key;
    old->key_place = value->place;
    old->next = next;
}

static ps_yaml *add_part(ps_yaml *parent, const char *part, const ps_place *place, ps_arena *arena)
{
    ps_yaml *child = ps_arena_take(arena, sizeof *child);

    child->place = child->key_place = *place; // nothing yet: what it is put into decides what it becomes
    if (parent->kind == PS_YAML_MAPPING) child->key = ps_arena_copy(arena, ps_span_of(part));
    add_child(parent, child);
    return child;
}

static bool may_add(const ps_yaml *parent, const char *part)
{
    char *end;

    if (parent->kind == PS_YAML_MAPPING) return parent->count < MEMBERS_MAX;
    return parent->kind == PS_YAML_SEQUENCE && strtoul(part, &end, 10) == parent->count && *end == '\0';
}

void ps_yaml_put(ps_yaml *root, const char *path, ps_yaml *value, const ps_place *place, ps_problems *problems)
{
    char part[PATH_PART_MAX];
    const char *rest = path;
    ps_yaml *node = root;

    while (*rest != '\0') {
        if (!next_part(&rest, part)) {
            ps_problem_add(problems, place, "`%s` is no path of the job file", path);
            return;
        }
        if (node->kind == PS_YAML_NULL) node->kind = strcmp(part, "0") == 0 ? PS_YAML_SEQUENCE : PS_YAML_MAPPING;
        ps_yaml *child = child_at(node, part);
        if (child == NULL && !may_add(node, part)) {
            ps_problem_add(problems, place, "there is no `%s` to set in `%s`", part, path);
            return;
        }
        node = child != NULL ? child : add_part(node, part, place, problems->arena);
    }
    replace(node, value);
}

ps_yaml *ps_yaml_scalar(const char *text, const ps_place *place, ps_arena *arena)
{
    ps_yaml *node = ps_arena_take(arena, sizeof *node);

    node->kind = PS_YAML_SCALAR;
    node->text = ps_arena_copy(arena, ps_span_of(text));
    node->place = *place;
    return node;
}
