#include "facts/book.h"

int64_t ps_stored_whole_s(const ps_stored_source *source)
{
    int64_t oldest = source->list_count == 0 ? 0 : INT64_MAX;

    for (size_t i = 0; i < source->list_count; i++)
        oldest = source->lists[i].whole_s < oldest ? source->lists[i].whole_s : oldest;
    return oldest;
}
