#ifndef PS_BASE_ORDER_H
#define PS_BASE_ORDER_H

// Where the pieces of a file meet that several threads have in hand: each point is passed in the order of their
// numbers, one piece at a time. A piece waits for lower numbers only, so nothing can wait in a circle. Who waits spins
// for a moment, then sleeps.

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "presend/status.h"

enum {
    PS_ORDER_READ, // what is read next; the piece gets its number here. The other points are the user's
    PS_ORDER_POINTS_MAX = 80,
    PS_ORDER_ROOMS = 64 // where pieces sleep, by their numbers, so that only the next one is woken
};

typedef struct ps_order_point {
    _Alignas(64) _Atomic uint64_t next; // the piece whose turn it is; a cache line of its own
} ps_order_point;

typedef struct ps_order {
    ps_order_point points[PS_ORDER_POINTS_MAX];
    _Atomic uint64_t failed_at; // pieces from this number on stop; UINT64_MAX: none
    _Atomic unsigned sleepers[PS_ORDER_ROOMS];
    pthread_mutex_t mutex;
    pthread_cond_t turned[PS_ORDER_ROOMS];
    pthread_cond_t read;
    bool busy_reading;
    ps_error failure; // of the lowest piece that failed: the same for any number of threads
} ps_order;

void ps_order_init(ps_order *order);
void ps_order_done(ps_order *order);

// Wait for the reading point and take the next number. False when the pass has failed: nothing is to be read any more.
bool ps_order_enter_reading(ps_order *order, uint64_t *out_number);
void ps_order_leave_reading(ps_order *order);

// Wait for the turn of piece `number`. False when a piece up to it has failed: leave without ps_order_leave.
bool ps_order_enter(ps_order *order, unsigned point, uint64_t number);
void ps_order_leave(ps_order *order, unsigned point);

// Piece `number` failed with `err`: it and all later ones end; earlier ones go on.
void ps_order_fail(ps_order *order, uint64_t number, const ps_error *err);

#endif
