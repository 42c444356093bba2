#include "base/order.h"

#include <assert.h>

#if defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() ((void)0)
#endif

// A turn lasts a few microseconds: longer than this, whoever has it is not running.
enum { SPINS = 200 };

void ps_order_init(ps_order *order)
{
    for (size_t i = 0; i < PS_ORDER_POINTS_MAX; i++)
        atomic_init(&order->points[i].next, 0);
    for (size_t i = 0; i < PS_ORDER_ROOMS; i++) {
        atomic_init(&order->sleepers[i], 0);
        pthread_cond_init(&order->turned[i], NULL);
    }
    atomic_init(&order->failed_at, UINT64_MAX);
    pthread_mutex_init(&order->mutex, NULL);
    pthread_cond_init(&order->read, NULL);
    order->busy_reading = false;
    order->failure = (ps_error){.status = PS_OK};
}

void ps_order_done(ps_order *order)
{
    for (size_t i = 0; i < PS_ORDER_ROOMS; i++)
        pthread_cond_destroy(&order->turned[i]);
    pthread_cond_destroy(&order->read);
    pthread_mutex_destroy(&order->mutex);
}

bool ps_order_enter_reading(ps_order *order, uint64_t *out_number)
{
    pthread_mutex_lock(&order->mutex);
    while (order->busy_reading)
        pthread_cond_wait(&order->read, &order->mutex);
    uint64_t number = atomic_load(&order->points[PS_ORDER_READ].next);
    bool go = number < atomic_load(&order->failed_at);
    order->busy_reading = go;
    if (!go) pthread_cond_signal(&order->read); // who was woken alone to leave wakes the next
    pthread_mutex_unlock(&order->mutex);
    if (go) *out_number = number;
    return go;
}

void ps_order_leave_reading(ps_order *order)
{
    pthread_mutex_lock(&order->mutex);
    assert(order->busy_reading);
    order->busy_reading = false;
    atomic_fetch_add(&order->points[PS_ORDER_READ].next, 1);
    pthread_cond_signal(&order->read);
    pthread_mutex_unlock(&order->mutex);
}

static bool is_waiting(ps_order *order, unsigned point, uint64_t number)
{
    return atomic_load(&order->points[point].next) != number && number < atomic_load(&order->failed_at);
}

// Whoever makes the turn looks for sleepers after it is made, and who sleeps looks for the turn after saying so: one of
// them sees the other.
static void sleep_until(ps_order *order, unsigned point, uint64_t number)
{
    size_t room = number % PS_ORDER_ROOMS;

    pthread_mutex_lock(&order->mutex);
    atomic_fetch_add(&order->sleepers[room], 1);
    while (is_waiting(order, point, number))
        pthread_cond_wait(&order->turned[room], &order->mutex);
    atomic_fetch_sub(&order->sleepers[room], 1);
    pthread_mutex_unlock(&order->mutex);
}

bool ps_order_enter(ps_order *order, unsigned point, uint64_t number)
{
    assert(point != PS_ORDER_READ && point < PS_ORDER_POINTS_MAX);
    for (unsigned i = 0; i < SPINS && is_waiting(order, point, number); i++)
        PAUSE();
    if (is_waiting(order, point, number)) sleep_until(order, point, number);
    return number < atomic_load(&order->failed_at);
}

void ps_order_leave(ps_order *order, unsigned point)
{
    uint64_t next = atomic_fetch_add(&order->points[point].next, 1) + 1;
    size_t room = next % PS_ORDER_ROOMS;

    if (atomic_load(&order->sleepers[room]) == 0) return;
    pthread_mutex_lock(&order->mutex);
    pthread_cond_broadcast(&order->turned[room]);
    pthread_mutex_unlock(&order->mutex);
}

void ps_order_fail(ps_order *order, uint64_t number, const ps_error *err)
{
    pthread_mutex_lock(&order->mutex);
    if (number < atomic_load(&order->failed_at)) {
        atomic_store(&order->failed_at, number);
        order->failure = *err;
    }
    for (size_t i = 0; i < PS_ORDER_ROOMS; i++)
        pthread_cond_broadcast(&order->turned[i]);
    pthread_cond_broadcast(&order->read);
    pthread_mutex_unlock(&order->mutex);
}
