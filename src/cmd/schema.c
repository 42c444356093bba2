#include "cmd/schema.h"

#include <assert.h>
#include <regex.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/memory.h"
#include "base/text.h"

static const char job_schema[] = {
#include "schemas/job.schema.json.inc"
};

enum { KEYS_MAX = 64, LIST_BYTES_MAX = 600, PATTERN_BYTES_MAX = 256 };

struct ps_schema {
    json_t *root;
};

// A node that waits for its check: the document may be deep, so there is no recursion.
typedef struct task {
    const ps_yaml *node;
    const json_t *rule;
    struct task *next;
} task;

typedef struct checker {
    const json_t *root;
    ps_problems *problems;
    task *tasks;
} checker;

ps_status ps_schema_open_job(ps_schema **out, ps_error *err)
{
    ps_schema *schema = ps_memory_new(1, sizeof *schema, err);
    json_error_t error;

    if (schema == NULL) return PS_RETRY;
    schema->root = json_loadb(job_schema, sizeof job_schema, JSON_REJECT_DUPLICATES, &error);
    if (schema->root == NULL) {
        ps_memory_free(schema);
        return ps_error_set(err, PS_BUG, "The embedded job schema cannot be read: line %d: %s.", error.line,
                            error.text);
    }
    *out = schema;
    return PS_OK;
}

void ps_schema_close(ps_schema *schema)
{
    if (schema == NULL) return;
    json_decref(schema->root);
    ps_memory_free(schema);
}

// A word of a rule; words beside `$ref` win over those of what it names (`#/$defs/NAME`).
static json_t *word(const checker *c, const json_t *rule, const char *name)
{
    json_t *value = json_object_get(rule, name);
    const char *ref = json_string_value(json_object_get(rule, "$ref"));

    if (value != NULL || ref == NULL) return value;
    const char *definition = strrchr(ref, '/');
    const json_t *target = json_object_get(json_object_get(c->root, "$defs"), definition + 1);
    assert(target != NULL && json_object_get(target, "$ref") == NULL);
    return json_object_get(target, name);
}

static const char *text_word(const checker *c, const json_t *rule, const char *name)
{
    return json_string_value(word(c, rule, name));
}

static void push(checker *c, const ps_yaml *node, const json_t *rule)
{
    task *pushed = ps_arena_take(c->problems->arena, sizeof *pushed);

    *pushed = (task){node, rule, c->tasks};
    c->tasks = pushed;
}

static bool whole_number(const ps_yaml *node, long long *out)
{
    if (node->kind != PS_YAML_SCALAR || !node->plain) return false;
    const char *text = node->text.bytes;
    size_t digits = strspn(text + (*text == '-'), "0123456789");
    bool fits = digits > 0 && digits <= 18 && text[(*text == '-') + digits] == '\0';

    if (fits) *out = strtoll(text, NULL, 10);
    return fits;
}

static bool is_boolean(const ps_yaml *node)
{
    static const char *const words[] = {"true", "false", "True", "False", "TRUE", "FALSE"};

    for (size_t i = 0; node->kind == PS_YAML_SCALAR && node->plain && i < PS_COUNT_OF(words); i++) {
        if (ps_span_equal(node->text, ps_span_of(words[i]))) return true;
    }
    return false;
}

static bool is_type(const ps_yaml *node, const char *type)
{
    long long number;

    if (strcmp(type, "object") == 0) return node->kind == PS_YAML_MAPPING;
    if (strcmp(type, "array") == 0) return node->kind == PS_YAML_SEQUENCE;
    if (strcmp(type, "string") == 0) return node->kind == PS_YAML_SCALAR;
    if (strcmp(type, "boolean") == 0) return is_boolean(node);
    assert(strcmp(type, "integer") == 0);
    return whole_number(node, &number);
}

// The same for people.
static const char *type_text(const char *type)
{
    static const struct {
        const char *type, *text;
    } texts[] = {{"object", "keys and values"},
                 {"array", "a list"},
                 {"string", "a text"},
                 {"boolean", "true or false"},
                 {"integer", "a whole number"}};

    for (size_t i = 0; i < PS_COUNT_OF(texts); i++) {
        if (strcmp(texts[i].type, type) == 0) return texts[i].text;
    }
    return type;
}

// The type that a rule is named by in messages: the first.
static const char *rule_type(const checker *c, const json_t *rule)
{
    const json_t *type = word(c, rule, "type");

    return json_string_value(json_is_array(type) ? json_array_get(type, 0) : type);
}

static bool has_type(const checker *c, const json_t *rule, const ps_yaml *node)
{
    const json_t *type = word(c, rule, "type");

    if (json_is_string(type)) return is_type(node, json_string_value(type));
    for (size_t i = 0; i < json_array_size(type); i++) {
        if (is_type(node, json_string_value(json_array_get(type, i)))) return true;
    }
    return type == NULL;
}

static const char *found_text(const ps_yaml *node)
{
    static const char *const texts[] = {
        [PS_YAML_NULL] = "nothing",
        [PS_YAML_SCALAR] = NULL,
        [PS_YAML_SEQUENCE] = "a list",
        [PS_YAML_MAPPING] = "keys and values",
    };

    return texts[node->kind];
}

// "expected X, found Y" at the value, or at its key where there is none.
static void add_expected(checker *c, const ps_yaml *node, const char *expected)
{
    bool nothing = node->kind == PS_YAML_NULL && node->key.len > 0;
    const ps_place *place = nothing ? &node->key_place : &node->place;

    if (node->kind == PS_YAML_SCALAR) {
        ps_problem_add(c->problems, place, "expected %s, found `%.*s`", expected, (int)node->text.len,
                       node->text.bytes);
    } else {
        ps_problem_add(c->problems, place, "expected %s, found %s", expected, found_text(node));
    }
}

static bool equals(const ps_yaml *node, const json_t *value)
{
    long long number;

    if (json_is_string(value)) return ps_span_equal(node->text, ps_span_of(json_string_value(value)));
    return json_is_integer(value) && whole_number(node, &number) && number == json_integer_value(value);
}

static bool is_among(const ps_yaml *node, const json_t *values)
{
    for (size_t i = 0; i < json_array_size(values); i++) {
        if (equals(node, json_array_get(values, i))) return true;
    }
    return false;
}

// `a`, `b` or `c`
static void list_values(const json_t *values, const char *last_word, ps_buf *out)
{
    size_t count = json_array_size(values);

    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(values, i);
        if (i > 0) ps_buf_add_text(out, i + 1 == count ? last_word : ", ");
        if (json_is_string(value)) {
            ps_buf_add_format(out, "`%s`", json_string_value(value));
        } else {
            ps_buf_add_format(out, "`%lld`", (long long)json_integer_value(value));
        }
    }
}

static void suggest_value(checker *c, const ps_yaml *node, const json_t *values)
{
    const char *words[KEYS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(values) && count < KEYS_MAX; i++) {
        const char *text = json_string_value(json_array_get(values, i));
        if (text != NULL) words[count++] = text;
    }
    const char *meant = ps_did_you_mean(node->text.bytes, words, count);
    if (meant != NULL) ps_problem_hint(c->problems, "did you mean `%s`?", meant);
}

static void check_enum(checker *c, const ps_yaml *node, const json_t *rule)
{
    const json_t *values = word(c, rule, "enum");
    ps_buf list;

    if (values == NULL) return;
    if (is_among(node, values)) {
        const char *instead =
            json_string_value(json_object_get(word(c, rule, "x-presend-not-yet-values"), node->text.bytes));
        if (instead == NULL) return;
        ps_problem_add(c->problems, &node->place, "`%s` cannot be used in this version", node->text.bytes);
        ps_problem_hint(c->problems, "%s", instead);
        return;
    }
    ps_buf_init(&list, LIST_BYTES_MAX);
    list_values(values, " or ", &list);
    add_expected(c, node, ps_buf_text(&list));
    suggest_value(c, node, values);
    ps_buf_done(&list);
}

static bool matches(const char *pattern, const char *text)
{
    regex_t regex;

    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0) abort(); // ours, and tested; or no memory at the start
    bool matched = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return matched;
}

static void check_text(checker *c, const ps_yaml *node, const json_t *rule)
{
    const char *pattern = text_word(c, rule, "pattern");
    const json_t *least = word(c, rule, "minLength"), *most = word(c, rule, "maxLength");

    if (pattern != NULL && !matches(pattern, node->text.bytes)) {
        const char *expected = text_word(c, rule, "x-presend-expected");
        add_expected(c, node, expected != NULL ? expected : pattern);
    }
    if (least != NULL && (long long)node->text.len < json_integer_value(least)) {
        ps_problem_add(c->problems, &node->place, "expected a text, found an empty one");
    }
    if (most != NULL && (long long)node->text.len > json_integer_value(most)) {
        ps_problem_add(c->problems, &node->place, "longer than %lld bytes", (long long)json_integer_value(most));
    }
}

static void check_number(checker *c, const ps_yaml *node, const json_t *rule)
{
    const json_t *least = word(c, rule, "minimum"), *most = word(c, rule, "maximum");
    long long number;

    if (least == NULL || most == NULL || !whole_number(node, &number)) return;
    if (number >= json_integer_value(least) && number <= json_integer_value(most)) return;
    ps_problem_add(c->problems, &node->place, "expected a whole number from %lld to %lld, found `%lld`",
                   (long long)json_integer_value(least), (long long)json_integer_value(most), number);
}

static void list_keys(json_t *properties, ps_buf *out)
{
    void *i = json_object_iter(properties);

    for (const char *separator = ""; i != NULL; i = json_object_iter_next(properties, i), separator = ", ") {
        if (json_object_get(json_object_iter_value(i), "x-presend-not-yet") != NULL) continue;
        ps_buf_add_format(out, "%s%s", separator, json_object_iter_key(i));
    }
}

static void add_unknown_key(checker *c, const ps_yaml *member, json_t *properties)
{
    const char *words[KEYS_MAX];
    size_t count = 0;
    ps_buf list;

    for (void *i = json_object_iter(properties); i != NULL && count < KEYS_MAX;
         i = json_object_iter_next(properties, i)) {
        words[count++] = json_object_iter_key(i);
    }
    ps_problem_add(c->problems, &member->key_place, "unknown key `%s`", member->key.bytes);
    const char *meant = ps_did_you_mean(member->key.bytes, words, count);
    ps_buf_init(&list, LIST_BYTES_MAX);
    list_keys(properties, &list);
    if (meant != NULL) {
        ps_problem_hint(c->problems, "did you mean `%s`?", meant);
    } else if (!list.failed) {
        ps_problem_hint(c->problems, "known here: %s", ps_buf_text(&list));
    }
    ps_buf_done(&list);
}

// A missing key is reported at the first key of its mapping: the mapping itself may be the whole file.
static void check_required(checker *c, const ps_yaml *node, const json_t *rule)
{
    const json_t *required = word(c, rule, "required"), *properties = word(c, rule, "properties");
    const ps_place *place = node->first != NULL ? &node->first->key_place : &node->place;

    for (size_t i = 0; i < json_array_size(required); i++) {
        const char *name = json_string_value(json_array_get(required, i));
        if (ps_yaml_member(node, name) != NULL) continue;
        ps_problem_add(c->problems, place, "`%s` is missing", name);
        const char *hint = text_word(c, json_object_get(properties, name), "x-presend-missing");
        if (hint != NULL) ps_problem_hint(c->problems, "%s", hint);
    }
}

// The keys of a mapping whose keys are names that the user gives.
static void check_names(checker *c, const ps_yaml *node, const json_t *rule)
{
    const json_t *names = word(c, rule, "propertyNames"), *most = word(c, rule, "maxProperties");

    if (most != NULL && (long long)node->count > json_integer_value(most)) {
        ps_problem_add(c->problems, &node->place, "more than %lld items", (long long)json_integer_value(most));
    }
    for (const ps_yaml *member = node->first; names != NULL && member != NULL; member = member->next) {
        if (matches(text_word(c, names, "pattern"), member->key.bytes)) continue;
        ps_problem_add(c->problems, &member->key_place, "expected %s, found `%s`",
                       text_word(c, names, "x-presend-expected"), member->key.bytes);
    }
}

static void check_object(checker *c, const ps_yaml *node, const json_t *rule)
{
    json_t *properties = word(c, rule, "properties");
    const json_t *others = word(c, rule, "additionalProperties");

    check_required(c, node, rule);
    check_names(c, node, rule);
    for (const ps_yaml *member = node->first; member != NULL; member = member->next) {
        const json_t *property = json_object_get(properties, member->key.bytes);
        if (property == NULL && json_is_object(others)) property = others;
        if (property != NULL) {
            push(c, member, property);
        } else {
            add_unknown_key(c, member, properties);
        }
    }
}

static void check_array(checker *c, const ps_yaml *node, const json_t *rule)
{
    const json_t *least = word(c, rule, "minItems"), *most = word(c, rule, "maxItems");
    const json_t *items = word(c, rule, "items");

    if (least != NULL && (long long)node->count < json_integer_value(least)) {
        ps_problem_add(c->problems, &node->place, "the list is empty");
        const char *hint = text_word(c, rule, "x-presend-missing");
        if (hint != NULL) ps_problem_hint(c->problems, "%s", hint);
    }
    if (most != NULL && (long long)node->count > json_integer_value(most)) {
        ps_problem_add(c->problems, &node->place, "more than %lld items", (long long)json_integer_value(most));
    }
    for (const ps_yaml *item = node->first; item != NULL; item = item->next)
        push(c, item, items);
}

// True when the key or value is of something that is still to come, and was refused by name.
static bool refuse_not_yet(checker *c, const ps_yaml *node, const json_t *rule)
{
    const char *instead = text_word(c, rule, "x-presend-not-yet");

    if (instead == NULL) return false;
    if (node->kind == PS_YAML_SCALAR && is_among(node, word(c, rule, "x-presend-available"))) return false;
    if (node->key.len > 0) {
        ps_problem_add(c->problems, &node->key_place, "`%s` cannot be used in this version", node->key.bytes);
    } else {
        ps_problem_add(c->problems, &node->place, "`%s` cannot be used in this version",
                       node->kind == PS_YAML_SCALAR ? node->text.bytes : found_text(node));
    }
    ps_problem_hint(c->problems, "%s", instead);
    return true;
}

// True when a secret itself stands where its place should be named; nothing of it is shown.
static bool refuse_secret(checker *c, const ps_yaml *node, const json_t *rule)
{
    if (word(c, rule, "x-presend-secret") == NULL) return false;
    if (node->kind == PS_YAML_SCALAR && matches(text_word(c, rule, "pattern"), node->text.bytes)) return false;
    ps_problems_hide(c->problems, &node->place);
    ps_problem_add(c->problems, &node->place, "a secret must not stand in a job file");
    ps_problem_hint(c->problems, "name where it is: %s", text_word(c, rule, "x-presend-expected"));
    return true;
}

// The branches of a oneOf differ in their type, so the type picks the one to check; `none` or a list, say.
static void check_one_of(checker *c, const ps_yaml *node, const json_t *branches)
{
    ps_buf expected;

    for (size_t i = 0; i < json_array_size(branches); i++) {
        const json_t *branch = json_array_get(branches, i);
        bool typed = has_type(c, branch, node), listed = word(c, branch, "enum") != NULL;
        if (!typed || (listed && !is_among(node, word(c, branch, "enum")))) continue;
        push(c, node, branch);
        return;
    }
    ps_buf_init(&expected, LIST_BYTES_MAX);
    for (size_t i = 0; i < json_array_size(branches); i++) {
        const json_t *branch = json_array_get(branches, i), *values = word(c, branch, "enum");
        const json_t *before = i == 0 ? NULL : json_array_get(branches, i - 1);
        bool said = values == NULL && before != NULL && strcmp(rule_type(c, before), rule_type(c, branch)) == 0;
        if (said) continue;
        if (i > 0) ps_buf_add_text(&expected, " or ");
        if (values != NULL) {
            list_values(values, " or ", &expected);
        } else {
            ps_buf_add_text(&expected, type_text(rule_type(c, branch)));
        }
    }
    add_expected(c, node, ps_buf_text(&expected));
    ps_buf_done(&expected);
}

static void add_wrong_type(checker *c, const ps_yaml *node, const json_t *rule)
{
    const char *expected = text_word(c, rule, "x-presend-expected"), *type = rule_type(c, rule);
    const json_t *values = word(c, rule, "enum");
    ps_buf list;

    ps_buf_init(&list, LIST_BYTES_MAX);
    if (values != NULL) list_values(values, " or ", &list);
    add_expected(c, node, values != NULL ? ps_buf_text(&list) : expected != NULL ? expected : type_text(type));
    ps_buf_done(&list);
}

static void check_node(checker *c, const ps_yaml *node, const json_t *rule)
{
    const json_t *branches = word(c, rule, "oneOf");

    if (refuse_secret(c, node, rule) || refuse_not_yet(c, node, rule)) return;
    if (branches != NULL) {
        check_one_of(c, node, branches);
        return;
    }
    if (!has_type(c, rule, node)) {
        add_wrong_type(c, node, rule);
    } else if (node->kind == PS_YAML_MAPPING) {
        check_object(c, node, rule);
    } else if (node->kind == PS_YAML_SEQUENCE) {
        check_array(c, node, rule);
    } else {
        check_enum(c, node, rule);
        check_text(c, node, rule);
        check_number(c, node, rule);
    }
}

void ps_schema_check(const ps_schema *schema, const ps_yaml *root, ps_problems *problems)
{
    checker c = {.root = schema->root, .problems = problems};

    push(&c, root, schema->root);
    while (c.tasks != NULL) {
        const task *next = c.tasks;
        c.tasks = next->next;
        check_node(&c, next->node, next->rule);
    }
}
