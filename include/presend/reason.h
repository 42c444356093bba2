#ifndef PRESEND_REASON_H
#define PRESEND_REASON_H

#include <stdbool.h>

#include "presend/span.h"

/** Every fact against or about a row; the table is reason.def. The value is the stored number, not the precedence. */
typedef enum ps_reason {
#define PS_REASON(number, symbol, wire, stage, effect, text) PS_REASON_##symbol = (number),
#include "presend/reason.def"
#undef PS_REASON
} ps_reason;

enum {
    PS_FINDING_COUNT_MAX = 128, /**< reasons below this number are bits of ps_findings */
    PS_REASON_NUMBER_MAX = 256 /**< no reason number reaches this; size of tables indexed by reason */
};

/** A set of reasons found for one row: bit n is the reason of number n. */
__extension__ typedef unsigned __int128 ps_findings;

/** The set of one reason. `symbol` is the reason's name without PS_REASON_. */
#define PS_FIND(symbol) ((ps_findings)1 << PS_REASON_##symbol)

static inline bool ps_findings_has(ps_findings findings, ps_reason reason)
{
    return (findings >> reason & 1) != 0;
}

/** What a finding does to its row, weakest first: the strongest among a row's findings is its verdict. */
typedef enum ps_effect {
    PS_EFFECT_OFF, /**< a policy that does not look for the fact */
    PS_EFFECT_KEEP,
    PS_EFFECT_WINBACK,
    PS_EFFECT_HOLD,
    PS_EFFECT_REMOVE,
    PS_EFFECT_COUNT
} ps_effect;

/** Where a row goes: exactly one. */
typedef enum ps_verdict {
    PS_VERDICT_CLEAN,
    PS_VERDICT_WINBACK,
    PS_VERDICT_HELD,
    PS_VERDICT_REMOVED,
    PS_VERDICT_COUNT
} ps_verdict;

/** The step of the road that finds a reason. */
typedef enum ps_reason_stage {
    PS_REASON_STAGE_ROW,
    PS_REASON_STAGE_SYNTAX,
    PS_REASON_STAGE_SUPPRESS,
    PS_REASON_STAGE_COLUMN,
    PS_REASON_STAGE_DOMAIN,
    PS_REASON_STAGE_CLAIM,
    PS_REASON_STAGE_ENGAGE,
    PS_REASON_STAGE_CONSENT,
    PS_REASON_STAGE_DECIDE,
    PS_REASON_STAGE_COUNT
} ps_reason_stage;

/** One line of reason.def. */
typedef struct ps_reason_info {
    ps_reason reason;
    const char *symbol; /**< as in reason.def */
    const char *wire; /**< the stable name in files and JSON; two reasons may share one */
    ps_reason_stage stage;
    ps_effect effect; /**< the default; the job file may change it */
    const char *text; /**< what a user reads: no capital, no full stop */
} ps_reason_info;

/** The table in the order of precedence. Static storage. */
const ps_reason_info *ps_reason_table(size_t *out_count);

/** The line of one reason; NULL for a number that is not in the table. */
const ps_reason_info *ps_reason_get(ps_reason reason);

/** The reason of a wire name whose stage is `stage` (the first of precedence); false if there is none. */
bool ps_reason_find(ps_span wire, ps_reason_stage stage, ps_reason *out);

const char *ps_effect_word(ps_effect effect); /**< off keep winback hold remove */
const char *ps_verdict_word(ps_verdict verdict); /**< clean winback held removed */
const char *ps_reason_stage_word(ps_reason_stage stage); /**< row syntax suppress column domain claim ... */

#endif
