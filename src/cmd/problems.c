#include "cmd/problems.h"

#include <stdarg.h>

#include <uniwidth.h>

#include "base/text.h"

enum { TEXT_BYTES_MAX = 1024, LINE_BYTES_MAX = 400 };

void ps_problems_init(ps_problems *problems, ps_arena *arena)
{
    memset(problems, 0, sizeof *problems);
    problems->arena = arena;
}

__attribute__((format(printf, 2, 0))) static const char *format_text(ps_problems *problems, const char *format,
                                                                     va_list list)
{
    char text[TEXT_BYTES_MAX];

    ps_text_format(text, sizeof text, format, list);
    return ps_arena_copy(problems->arena, ps_span_of(text)).bytes;
}

void ps_problem_add(ps_problems *problems, const ps_place *place, const char *format, ...)
{
    va_list list;

    if (problems->count == PS_PROBLEMS_MAX) {
        problems->more++;
        return;
    }
    va_start(list, format);
    problems->items[problems->count++] = (ps_problem){*place, format_text(problems, format, list), NULL};
    va_end(list);
}

void ps_problem_hint(ps_problems *problems, const char *format, ...)
{
    va_list list;

    if (problems->more > 0) return; // the problem that it is about was only counted
    va_start(list, format);
    problems->items[problems->count - 1].hint = format_text(problems, format, list);
    va_end(list);
}

void ps_problems_hide(ps_problems *problems, const ps_place *place)
{
    if (problems->secret_count < PS_SECRETS_MAX) problems->secrets[problems->secret_count] = *place;
    problems->secret_count++;
}

static bool is_hidden(const ps_problems *problems, const ps_place *place)
{
    if (problems->secret_count > PS_SECRETS_MAX) return true;
    for (size_t i = 0; i < problems->secret_count; i++) {
        const ps_place *secret = &problems->secrets[i];
        if (secret->origin == place->origin && secret->line == place->line) return true;
    }
    return false;
}

static bool stands_before(const ps_place *a, const ps_place *b)
{
    if (a->origin->option != b->origin->option) return b->origin->option;
    if (a->origin->number != b->origin->number) return a->origin->number < b->origin->number;
    if (a->origin != b->origin || a->line != b->line) return a->origin == b->origin && a->line < b->line;
    return a->column < b->column;
}

void ps_problems_sort(ps_problems *problems)
{
    for (size_t i = 1; i < problems->count; i++) {
        ps_problem problem = problems->items[i];
        size_t to = i;
        for (; to > 0 && stands_before(&problem.place, &problems->items[to - 1].place); to--)
            problems->items[to] = problems->items[to - 1];
        problems->items[to] = problem;
    }
}

void ps_place_write(const ps_place *place, ps_buf *out)
{
    ps_add_visible(out, ps_span_of(place->origin->name));
    if (place->origin->option || place->line == 0) return;
    ps_buf_add_format(out, ":%u:%u", place->line, place->column);
}

static ps_span line_of(ps_span text, uint32_t line)
{
    size_t start = 0;

    for (; line > 1; line--) {
        const char *end = memchr(text.bytes + start, '\n', text.len - start);
        if (end == NULL) return (ps_span){NULL, 0};
        start = (size_t)(end - text.bytes) + 1;
    }
    if (start == 0 && text.len >= 3 && memcmp(text.bytes, "\xef\xbb\xbf", 3) == 0) start = 3; // the mark is no column
    size_t len = 0;
    while (start + len < text.len && memchr("\r\n", text.bytes[start + len], 2) == NULL)
        len++;
    return (ps_span){text.bytes + start, len};
}

// Moves the caret under its character: a tab stays a tab, and what fills two columns of a terminal is two blanks.
static void write_padding(ps_span line, uint32_t column, ps_buf *out)
{
    size_t offset = 0;

    for (uint32_t i = 1; i < column && offset < line.len; i++) {
        int32_t code_point = ps_utf8_next(line, &offset);
        if (code_point == '\t') {
            ps_buf_add_char(out, '\t');
            continue;
        }
        int width = code_point < 0 ? 1 : uc_width((ucs4_t)code_point, "UTF-8");
        for (int blank = 0; blank < width; blank++)
            ps_buf_add_char(out, ' ');
    }
}

static void write_caret(ps_span line, const ps_place *place, ps_buf *out)
{
    size_t offset = 0;
    uint32_t column = 1;

    ps_buf_add_text(out, "    ");
    write_padding(line, place->column, out);
    ps_buf_add_char(out, '^');
    for (; column < place->column && offset < line.len; column++)
        (void)ps_utf8_next(line, &offset); // only moves on
    for (bool first = true; column < place->column + place->width && offset < line.len; column++, first = false) {
        int32_t code_point = ps_utf8_next(line, &offset);
        int width = code_point < 0 ? 1 : uc_width((ucs4_t)code_point, "UTF-8");
        for (int i = first ? 1 : 0; i < width; i++)
            ps_buf_add_char(out, '~');
    }
    ps_buf_add_char(out, '\n');
}

static void write_line(const ps_place *place, ps_buf *out)
{
    ps_span line = line_of(place->origin->text, place->line);

    if (line.len == 0 || line.len > LINE_BYTES_MAX || !ps_utf8_valid(line)) return;
    ps_buf_add_text(out, "    ");
    for (size_t start = 0, i = 0; i <= line.len; i++) { // tabs stay: the caret below has the same ones
        if (i < line.len && line.bytes[i] != '\t') continue;
        ps_add_visible(out, (ps_span){line.bytes + start, i - start});
        if (i < line.len) ps_buf_add_char(out, '\t');
        start = i + 1;
    }
    ps_buf_add_char(out, '\n');
    write_caret(line, place, out);
}

void ps_problems_write(const ps_problems *problems, ps_buf *out)
{
    for (size_t i = 0; i < problems->count; i++) {
        const ps_problem *problem = &problems->items[i];
        ps_place_write(&problem->place, out);
        ps_buf_add_text(out, ": error: ");
        ps_add_visible(out, ps_span_of(problem->text));
        ps_buf_add_char(out, '\n');
        if (problem->place.line != 0 && !is_hidden(problems, &problem->place)) write_line(&problem->place, out);
        if (problem->hint != NULL) ps_buf_add_format(out, "    hint: %s\n", problem->hint);
    }
    if (problems->more > 0) ps_buf_add_format(out, "and %zu more errors\n", problems->more);
}
