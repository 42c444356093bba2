#ifndef PS_ENGINE_ORDER_H
#define PS_ENGINE_ORDER_H

// Where the batches of a run meet.

#include <assert.h>

#include "base/order.h"
#include "base/roster.h"
#include "presend/reason.h"

enum {
    PS_ORDER_SETTLE = PS_ORDER_READ + 1, // the CSV state is handed on
    PS_ORDER_EVIDENCE, // what several rows of one address say is put together
    PS_ORDER_WRITE, // the place in the outputs
    PS_ORDER_DIGEST, // what is written is added to the digests: a point for each list
    PS_ORDER_CLAIM =
        PS_ORDER_DIGEST + PS_VERDICT_COUNT, // the first row of an address wins: a point for each group of its parts
    PS_ORDER_POINTS = PS_ORDER_CLAIM + PS_ROSTER_PARTS
};
static_assert((int)PS_ORDER_POINTS <= (int)PS_ORDER_POINTS_MAX, "a point for each");

#endif
