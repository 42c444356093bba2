#ifndef PS_ENGINE_ORDER_H
#define PS_ENGINE_ORDER_H

// Where batches meet: each point is passed in the order of the batch numbers, one batch at a time. All locks of the
// engine are here. A batch waits for lower numbers only, so nothing can wait in a circle.

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "presend/status.h"

typedef enum ps_order_point {
    PS_ORDER_READ, // the CSV state is handed on; the batch gets its number here
    PS_ORDER_CLAIM, // the first row of an address wins
    PS_ORDER_WRITE, // the place in the outputs
    PS_ORDER_POINTS
} ps_order_point;

typedef struct ps_order {
    pthread_mutex_t mutex;
    pthread_cond_t turned;
    uint64_t next[PS_ORDER_POINTS];
    bool busy_reading;
    uint64_t failed_at; // batches from this number on stop; UINT64_MAX: none
    ps_error failure; // of the lowest batch that failed: the same for any number of threads
} ps_order;

void ps_order_init(ps_order *order);
void ps_order_done(ps_order *order);

// Wait for the reading point and take the next number. False when the pass has failed: nothing is to be read any more.
bool ps_order_enter_reading(ps_order *order, uint64_t *out_number);
void ps_order_leave_reading(ps_order *order);

// Wait for the turn of batch `number`. False when a batch up to it has failed: leave without ps_order_leave.
bool ps_order_enter(ps_order *order, ps_order_point point, uint64_t number);
void ps_order_leave(ps_order *order, ps_order_point point);

// Batch `number` failed with `err`: it and all later ones end; earlier ones go on.
void ps_order_fail(ps_order *order, uint64_t number, const ps_error *err);

#endif
