#include "facts/book.h"

#include <string.h>

int64_t ps_stored_whole_s(const ps_stored_source *source)
{
    int64_t oldest = source->list_count == 0 ? 0 : INT64_MAX;

    for (size_t i = 0; i < source->list_count; i++) {
        const ps_stored_list *list = &source->lists[i];
        if (list->whole_s < 0 || strcmp(list->name, PS_STORED_IMPORTED) == 0) continue;
        oldest = list->whole_s < oldest ? list->whole_s : oldest;
    }
    return oldest == INT64_MAX ? 0 : oldest;
}
