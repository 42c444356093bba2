#include "stage/place_text.h"

#include <assert.h>

char *ps_put_new_place(ps_place_text *place, char *at, uint64_t number, uint64_t line)
{
    char *number_end = ps_put_number(ps_put_span(at, place->file_cell), number), *end = number_end;
    size_t len;

    assert((number | line) >> 63 == 0);
    *end++ = place->delimiter;
    end = ps_put_number(end, line);
    len = (size_t)(end - at);
    if (number < 100 || line < 100 || len > sizeof place->text) return end; // the last two digits would be all, or one
    place->number = number - number % 100;
    place->line = line - line % 100;
    place->number_at = (size_t)(number_end - at) - 2;
    place->line_at = len - 2;
    place->len = len;
    memcpy(place->text, at, len);
    return end;
}
