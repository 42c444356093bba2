#include "table/layout.h"

int ps_layout_slot(const ps_layout *layout, ps_column column)
{
    for (size_t i = 0; i < layout->mapped_count; i++) {
        if (layout->mapped[i].column == column) return (int)i;
    }
    return -1;
}
