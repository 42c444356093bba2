#include "engine/order.h"

#include <assert.h>

void ps_order_init(ps_order *order)
{
    *order = (ps_order){.failed_at = UINT64_MAX};
    pthread_mutex_init(&order->mutex, NULL);
    pthread_cond_init(&order->turned, NULL);
}

void ps_order_done(ps_order *order)
{
    pthread_cond_destroy(&order->turned);
    pthread_mutex_destroy(&order->mutex);
}

bool ps_order_enter_reading(ps_order *order, uint64_t *out_number)
{
    pthread_mutex_lock(&order->mutex);
    while (order->busy_reading)
        pthread_cond_wait(&order->turned, &order->mutex);
    uint64_t number = order->next[PS_ORDER_READ];
    bool go = number < order->failed_at;
    order->busy_reading = go;
    pthread_mutex_unlock(&order->mutex);
    if (go) *out_number = number;
    return go;
}

void ps_order_leave_reading(ps_order *order)
{
    pthread_mutex_lock(&order->mutex);
    assert(order->busy_reading);
    order->busy_reading = false;
    order->next[PS_ORDER_READ]++;
    pthread_cond_broadcast(&order->turned);
    pthread_mutex_unlock(&order->mutex);
}

bool ps_order_enter(ps_order *order, ps_order_point point, uint64_t number)
{
    assert(point != PS_ORDER_READ);
    pthread_mutex_lock(&order->mutex);
    while (order->next[point] != number && number < order->failed_at)
        pthread_cond_wait(&order->turned, &order->mutex);
    bool go = number < order->failed_at;
    pthread_mutex_unlock(&order->mutex);
    return go;
}

void ps_order_leave(ps_order *order, ps_order_point point)
{
    pthread_mutex_lock(&order->mutex);
    order->next[point]++;
    pthread_cond_broadcast(&order->turned);
    pthread_mutex_unlock(&order->mutex);
}

void ps_order_fail(ps_order *order, uint64_t number, const ps_error *err)
{
    pthread_mutex_lock(&order->mutex);
    if (number < order->failed_at) {
        order->failed_at = number;
        order->failure = *err;
    }
    pthread_cond_broadcast(&order->turned);
    pthread_mutex_unlock(&order->mutex);
}
