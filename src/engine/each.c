#include "engine/each.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/memory.h"
#include "engine/pipeline.h"

struct ps_turn {
    pthread_mutex_t mutex;
};

ps_status ps_turn_new(ps_turn **out, ps_error *err)
{
    ps_turn *turn = ps_memory_new(1, sizeof *turn, err);

    if (turn == NULL) return PS_RETRY;
    pthread_mutex_init(&turn->mutex, NULL);
    *out = turn;
    return PS_OK;
}

void ps_turn_free(ps_turn *turn)
{
    if (turn == NULL) return;
    pthread_mutex_destroy(&turn->mutex);
    ps_memory_free(turn);
}

void ps_turn_enter(void *turn)
{
    pthread_mutex_lock(&((ps_turn *)turn)->mutex);
}

void ps_turn_leave(void *turn)
{
    pthread_mutex_unlock(&((ps_turn *)turn)->mutex);
}

void ps_each(const ps_job *job, size_t count, ps_each_step *step, void *context)
{
    unsigned threads = ps_pipeline_threads(job);
    unsigned wanted = count < threads ? (unsigned)count : threads;
    _Atomic size_t next = 0;

    if (count == 0) return;
#pragma omp parallel num_threads((int)wanted) default(none) shared(next, count, step, context)
    for (size_t i = atomic_fetch_add(&next, 1); i < count; i = atomic_fetch_add(&next, 1))
        step(context, i);
}
