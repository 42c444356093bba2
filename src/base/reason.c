#include "presend/reason.h"

#include <assert.h>
#include <stdint.h>

static const ps_reason_info table[] = {
#define PS_REASON(number, symbol, wire, stage, effect, text)                                                           \
    {PS_REASON_##symbol, #symbol, wire, PS_REASON_STAGE_##stage, PS_EFFECT_##effect, text},
#include "presend/reason.def"
#undef PS_REASON
};

// The places of the lines above, from 1 so that 0 is "none".
enum {
    PLACE_NONE,
#define PS_REASON(number, symbol, wire, stage, effect, text) PLACE_##symbol,
#include "presend/reason.def"
#undef PS_REASON
};

// By number. A number that stands twice in reason.def is a compiler warning here, so an error.
static const uint8_t place_of[PS_REASON_NUMBER_MAX] = {
#define PS_REASON(number, symbol, wire, stage, effect, text) [number] = PLACE_##symbol,
#include "presend/reason.def"
#undef PS_REASON
};

static_assert(PS_COUNT_OF(table) <= UINT8_MAX, "places are stored in 8 bits");

const ps_reason_info *ps_reason_table(size_t *out_count)
{
    *out_count = PS_COUNT_OF(table);
    return table;
}

const ps_reason_info *ps_reason_get(ps_reason reason)
{
    unsigned number = (unsigned)reason;

    if (number >= PS_REASON_NUMBER_MAX || place_of[number] == PLACE_NONE) return NULL;
    return &table[place_of[number] - 1];
}

// A snapshot of DNS asks for every one of its domains: the first byte tells most names apart.
bool ps_reason_find(ps_span wire, ps_reason_stage stage, ps_reason *out)
{
    if (wire.len == 0) return false;
    for (size_t i = 0; i < PS_COUNT_OF(table); i++) {
        if (table[i].stage != stage || table[i].wire[0] != wire.bytes[0]) continue;
        if (!ps_span_equal(wire, ps_span_of(table[i].wire))) continue;
        *out = table[i].reason;
        return true;
    }
    return false;
}

const char *ps_effect_word(ps_effect effect)
{
    static const char *const words[PS_EFFECT_COUNT] = {
        [PS_EFFECT_OFF] = "off",   [PS_EFFECT_KEEP] = "keep",     [PS_EFFECT_WINBACK] = "winback",
        [PS_EFFECT_HOLD] = "hold", [PS_EFFECT_REMOVE] = "remove",
    };

    assert((unsigned)effect < PS_EFFECT_COUNT);
    return words[effect];
}

const char *ps_verdict_word(ps_verdict verdict)
{
    static const char *const words[PS_VERDICT_COUNT] = {
        [PS_VERDICT_CLEAN] = "clean",
        [PS_VERDICT_WINBACK] = "winback",
        [PS_VERDICT_HELD] = "held",
        [PS_VERDICT_REMOVED] = "removed",
    };

    assert((unsigned)verdict < PS_VERDICT_COUNT);
    return words[verdict];
}

const char *ps_reason_stage_word(ps_reason_stage stage)
{
    static const char *const words[PS_REASON_STAGE_COUNT] = {
        [PS_REASON_STAGE_ROW] = "row",           [PS_REASON_STAGE_SYNTAX] = "syntax",
        [PS_REASON_STAGE_SUPPRESS] = "suppress", [PS_REASON_STAGE_COLUMN] = "column",
        [PS_REASON_STAGE_DOMAIN] = "domain",     [PS_REASON_STAGE_CLAIM] = "claim",
        [PS_REASON_STAGE_ENGAGE] = "engage",     [PS_REASON_STAGE_CONSENT] = "consent",
        [PS_REASON_STAGE_DECIDE] = "decide",
    };

    assert((unsigned)stage < PS_REASON_STAGE_COUNT);
    return words[stage];
}
