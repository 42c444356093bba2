#include "presend/column.h"

#include <assert.h>

static const struct {
    const char *name;
    ps_column_kind kind;
} columns[PS_COLUMN_COUNT] = {
#define PS_COLUMN(symbol, name, kind) [PS_COLUMN_##symbol] = {name, PS_COLUMN_KIND_##kind},
#include "presend/column.def"
#undef PS_COLUMN
};

const char *ps_column_name(ps_column column)
{
    assert((unsigned)column < PS_COLUMN_COUNT);
    return columns[column].name;
}

ps_column_kind ps_column_kind_of(ps_column column)
{
    assert((unsigned)column < PS_COLUMN_COUNT);
    return columns[column].kind;
}

ps_column ps_column_find(ps_span name)
{
    unsigned i = 0;

    while (i < PS_COLUMN_COUNT && !ps_span_equal(name, ps_span_of(columns[i].name)))
        i++;
    return (ps_column)i;
}
