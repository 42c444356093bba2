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

// ---- a crew

// What one of them leads. It stands on that one's stack while anybody is at it.
typedef struct shared_work {
    void (*work)(void *of);
    void *of;
    size_t helpers;
    bool over; // nothing of it is left to begin
    struct shared_work *next;
} shared_work;

struct ps_crew {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t leaders;
    shared_work *open;
};

ps_status ps_crew_new(size_t leaders, ps_crew **out, ps_error *err)
{
    ps_crew *crew = ps_memory_new(1, sizeof *crew, err);

    if (crew == NULL) return PS_RETRY;
    pthread_mutex_init(&crew->mutex, NULL);
    pthread_cond_init(&crew->changed, NULL);
    crew->leaders = leaders;
    *out = crew;
    return PS_OK;
}

void ps_crew_free(ps_crew *crew)
{
    if (crew == NULL) return;
    pthread_cond_destroy(&crew->changed);
    pthread_mutex_destroy(&crew->mutex);
    ps_memory_free(crew);
}

static void take_out(ps_crew *crew, const shared_work *done)
{
    shared_work **link = &crew->open;

    while (*link != done)
        link = &(*link)->next;
    *link = done->next;
}

void ps_crew_lead(void *of_crew, void (*work)(void *of), void *of)
{
    ps_crew *crew = of_crew;
    shared_work mine = {.work = work, .of = of};

    pthread_mutex_lock(&crew->mutex);
    mine.next = crew->open;
    crew->open = &mine;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->mutex);
    work(of);
    pthread_mutex_lock(&crew->mutex);
    take_out(crew, &mine);
    while (mine.helpers > 0)
        pthread_cond_wait(&crew->changed, &crew->mutex);
    pthread_mutex_unlock(&crew->mutex);
}

void ps_crew_retire(ps_crew *crew)
{
    pthread_mutex_lock(&crew->mutex);
    crew->leaders--;
    pthread_cond_broadcast(&crew->changed);
    pthread_mutex_unlock(&crew->mutex);
}

// Some work of which something is left; NULL where there is none at the moment.
static shared_work *find_work(const ps_crew *crew)
{
    shared_work *found = crew->open;

    while (found != NULL && found->over)
        found = found->next;
    return found;
}

void ps_crew_help(ps_crew *crew)
{
    pthread_mutex_lock(&crew->mutex);
    while (crew->leaders > 0) {
        shared_work *found = find_work(crew);
        if (found == NULL) {
            pthread_cond_wait(&crew->changed, &crew->mutex);
            continue;
        }
        found->helpers++;
        pthread_mutex_unlock(&crew->mutex);
        found->work(found->of);
        pthread_mutex_lock(&crew->mutex);
        found->over = true;
        found->helpers--;
        pthread_cond_broadcast(&crew->changed);
    }
    pthread_mutex_unlock(&crew->mutex);
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
