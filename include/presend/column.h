#ifndef PRESEND_COLUMN_H
#define PRESEND_COLUMN_H

#include "presend/span.h"

/** The columns of a recipient file that presend understands; the table is column.def. */
typedef enum ps_column {
#define PS_COLUMN(symbol, name, kind) PS_COLUMN_##symbol,
#include "presend/column.def"
#undef PS_COLUMN
    PS_COLUMN_COUNT
} ps_column;

typedef enum ps_column_kind {
    PS_COLUMN_KIND_TEXT, /**< nothing is judged by it */
    PS_COLUMN_KIND_WORD, /**< what stands there says something of the person */
    PS_COLUMN_KIND_DATE, /**< a civil day, engagement-policy section 7 */
    PS_COLUMN_KIND_FLAG_GOOD, /**< a true word means: may be sent to */
    PS_COLUMN_KIND_FLAG_BAD, /**< a true word, or any date, means: must not be sent to */
    PS_COLUMN_KIND_FLAG, /**< a true word means what the column's name says */
    PS_COLUMN_KIND_STATUS, /**< a status word of inputs section 3 */
    PS_COLUMN_KIND_COUNT /**< a whole number */
} ps_column_kind;

/** The column's name in the job file and the report. Static storage. */
const char *ps_column_name(ps_column column);

ps_column_kind ps_column_kind_of(ps_column column);

/** The column of that name, or PS_COLUMN_COUNT. */
ps_column ps_column_find(ps_span name);

#endif
