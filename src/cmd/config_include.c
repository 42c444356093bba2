#include "cmd/config_include.h"

#include <limits.h>

#include "base/file.h"
#include "cmd/config_file.h"

static const char *path_of(ps_config *config, const ps_yaml *node)
{
    const char *folder = node->place.origin->folder;
    char path[PATH_MAX];

    if (folder == NULL || strcmp(folder, ".") == 0) return node->text.bytes;
    if (!ps_path_join(folder, node->text.bytes, path, sizeof path)) return node->text.bytes; // opening it says why
    return ps_arena_copy(&config->arena, ps_span_of(path)).bytes;
}

// What the reading of the file says is told at the line that names it.
static ps_status tell_where(const ps_yaml *node, ps_status status, ps_error *err)
{
    ps_buf place;

    if (err == NULL || err->where[0] != '\0') return status;
    ps_buf_init(&place, sizeof err->where);
    ps_place_write(&node->place, &place);
    ps_error_where(err, "%s", ps_buf_text(&place));
    ps_buf_done(&place);
    return status;
}

// Its sources, with nothing to include any further. `*out_list` is NULL with a problem added.
static ps_status read_list(ps_config *config, const ps_yaml *node, const ps_yaml **out_list, ps_error *err)
{
    ps_config_text *text = ps_arena_take(&config->arena, sizeof *text);
    const char *path = path_of(config, node);
    ps_status status = ps_config_file_read(path, &config->arena, text, err);

    if (status != PS_OK) return tell_where(node, status, err);
    text->number = (unsigned)config->included_count + 1;
    config->included[config->included_count++] = *text;
    const ps_yaml *list = ps_yaml_read(text, &config->arena, &config->problems);
    if (list != NULL && list->kind != PS_YAML_SEQUENCE) {
        ps_problem_add(&config->problems, &list->place, "an included file is a list of suppression sources");
        ps_problem_hint(&config->problems,
                        "begin each with a dash: `- {name: letters, type: file, file: letters.txt}`");
        list = NULL;
    }
    for (const ps_yaml *item = list == NULL ? NULL : list->first; item != NULL; item = item->next) {
        const ps_yaml *nested = ps_yaml_member(item, "include");
        if (nested == NULL) continue;
        ps_problem_add(&config->problems, &nested->key_place, "an included file includes no other");
        ps_problem_hint(&config->problems, "include that file in the job itself");
    }
    *out_list = list;
    return PS_OK;
}

static bool is_fine(ps_config *config, const ps_yaml *item, const ps_yaml *include)
{
    if (item->count > 1) {
        ps_problem_add(&config->problems, &include->key_place, "`include` stands alone in its entry");
        ps_problem_hint(&config->problems, "write `- include: FILE`, and the source itself as an entry of its own");
    } else if (include->kind != PS_YAML_SCALAR || include->text.len == 0) {
        ps_problem_add(&config->problems, &include->key_place, "`include` takes the name of one file");
    } else if (config->included_count == PS_INCLUDES_MAX) {
        ps_problem_add(&config->problems, &include->place, "at most %d files can be included", PS_INCLUDES_MAX);
    } else {
        return true;
    }
    return false;
}

static void append(ps_yaml *list, ps_yaml *node)
{
    node->next = NULL;
    if (list->last == NULL) {
        list->first = node;
    } else {
        list->last->next = node;
    }
    list->last = node;
    list->count++;
}

ps_status ps_config_include(ps_config *config, ps_yaml *root, ps_error *err)
{
    ps_yaml *sources = ps_yaml_member(root, "suppressions");
    ps_status status = PS_OK;

    if (sources == NULL || sources->kind != PS_YAML_SEQUENCE) return PS_OK;
    ps_yaml *item = sources->first;
    sources->first = sources->last = NULL;
    sources->count = 0;
    for (ps_yaml *next; status == PS_OK && item != NULL; item = next) {
        const ps_yaml *include = ps_yaml_member(item, "include"), *list = NULL;
        next = item->next;
        if (include == NULL) {
            append(sources, item);
            continue;
        }
        if (is_fine(config, item, include)) status = read_list(config, include, &list, err);
        for (ps_yaml *source = list == NULL ? NULL : list->first, *after; source != NULL; source = after) {
            after = source->next;
            if (ps_yaml_member(source, "include") == NULL) append(sources, source);
        }
    }
    return status;
}
