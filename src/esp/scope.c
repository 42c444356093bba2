#include "esp/scope.h"

#include "base/text.h"
#include "esp/merge.h"
#include "esp/pointer.h"
#include "esp/shape.h"

static bool is_here(const ps_source_config *config, ps_span name)
{
    return ps_merge_in_scope(config, name) || ps_span_equal(name, ps_span_of("*"));
}

// Off both ends: blanks, and what a list within a cell is written with.
static ps_span bare(ps_span text)
{
    text = ps_shape_trim(text);
    while (text.len > 0 && strchr("[]\"' ", text.bytes[0]) != NULL)
        text = (ps_span){text.bytes + 1, text.len - 1};
    while (text.len > 0 && strchr("[]\"' ", text.bytes[text.len - 1]) != NULL)
        text.len--;
    return text;
}

bool ps_scope_is_elsewhere(const ps_source_config *config, ps_span cell)
{
    size_t from = 0, named = 0;

    if (is_here(config, ps_shape_trim(cell))) return false;
    for (size_t i = 0; i <= cell.len; i++) {
        if (i < cell.len && cell.bytes[i] != ',' && cell.bytes[i] != ';' && cell.bytes[i] != '|') continue;
        ps_span name = bare((ps_span){cell.bytes + from, i - from});
        if (name.len > 0 && is_here(config, name)) return false;
        named += name.len > 0;
        from = i + 1;
    }
    return named > 0;
}

static bool is_text_elsewhere(const ps_source_config *config, const json_t *value, ps_arena *arena)
{
    ps_span text;

    return ps_pointer_text(value, arena, &text) && ps_scope_is_elsewhere(config, text);
}

bool ps_scope_value_is_elsewhere(const ps_source_config *config, const json_t *value, ps_arena *arena)
{
    bool elsewhere = json_array_size(value) > 0;

    if (!json_is_array(value)) return is_text_elsewhere(config, value, arena);
    for (size_t i = 0; elsewhere && i < json_array_size(value); i++)
        elsewhere = is_text_elsewhere(config, json_array_get(value, i), arena);
    return elsewhere;
}
