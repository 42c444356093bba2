#include "net/queue.h"

#include "base/memory.h"

enum { RING_FIRST = 64 };

void ps_question_done(ps_question *question)
{
    ps_memory_free(question->alias);
    ps_memory_free(question->own);
    question->alias = question->own = NULL;
}

static bool is_before(const ps_question *a, const ps_question *b)
{
    if (a->due_ms != b->due_ms) return a->due_ms < b->due_ms;
    return a->sequence < b->sequence;
}

static ps_question *ready_at(const ps_queue *queue, size_t index)
{
    return &queue->ready[(queue->ready_first + index) & (queue->ready_capacity - 1)];
}

static ps_status grow_ring(ps_queue *queue, ps_error *err)
{
    size_t capacity = queue->ready_capacity == 0 ? RING_FIRST : queue->ready_capacity * 2;
    ps_question *ring = ps_memory_new(capacity, sizeof *ring, err);

    if (ring == NULL) return PS_RETRY;
    for (size_t i = 0; i < queue->ready_count; i++)
        ring[i] = *ready_at(queue, i);
    ps_memory_free(queue->ready);
    queue->ready = ring;
    queue->ready_first = 0;
    queue->ready_capacity = capacity;
    return PS_OK;
}

static ps_status add_ready(ps_queue *queue, const ps_question *question, ps_error *err)
{
    if (queue->ready_count == queue->ready_capacity) {
        ps_status status = grow_ring(queue, err);
        if (status != PS_OK) return status;
    }
    *ready_at(queue, queue->ready_count++) = *question;
    return PS_OK;
}

ps_status ps_queue_add(ps_queue *queue, const ps_question *question, ps_error *err)
{
    if (question->due_ms == 0) return add_ready(queue, question, err);
    ps_status status = ps_memory_grow((void **)&queue->waiting, &queue->waiting_capacity, queue->waiting_count + 1,
                                      sizeof *queue->waiting, err);
    if (status != PS_OK) return status;

    ps_question item = *question;
    size_t place = queue->waiting_count++;
    item.sequence = queue->sequence++;
    while (place > 0 && is_before(&item, &queue->waiting[(place - 1) / 2])) {
        queue->waiting[place] = queue->waiting[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    queue->waiting[place] = item;
    return PS_OK;
}

// Fill the hole at the top with the last item.
static void sink(ps_queue *queue)
{
    ps_question item = queue->waiting[--queue->waiting_count];
    size_t place = 0;

    for (;;) {
        size_t child = place * 2 + 1;
        if (child >= queue->waiting_count) break;
        if (child + 1 < queue->waiting_count && is_before(&queue->waiting[child + 1], &queue->waiting[child])) child++;
        if (!is_before(&queue->waiting[child], &item)) break;
        queue->waiting[place] = queue->waiting[child];
        place = child;
    }
    queue->waiting[place] = item;
}

static uint64_t next_waiting_ms(const ps_queue *queue)
{
    return queue->waiting_count == 0 ? UINT64_MAX : queue->waiting[0].due_ms;
}

bool ps_queue_take(ps_queue *queue, uint64_t now_ms, ps_question *out)
{
    if (next_waiting_ms(queue) <= now_ms) {
        *out = queue->waiting[0];
        sink(queue);
        return true;
    }
    if (queue->ready_count == 0) return false;
    *out = *ready_at(queue, 0);
    queue->ready_first = (queue->ready_first + 1) & (queue->ready_capacity - 1);
    queue->ready_count--;
    return true;
}

uint64_t ps_queue_next_ms(const ps_queue *queue)
{
    return queue->ready_count > 0 ? 0 : next_waiting_ms(queue);
}

void ps_queue_done(ps_queue *queue)
{
    for (size_t i = 0; i < queue->ready_count; i++)
        ps_question_done(ready_at(queue, i));
    for (size_t i = 0; i < queue->waiting_count; i++)
        ps_question_done(&queue->waiting[i]);
    ps_memory_free(queue->ready);
    ps_memory_free(queue->waiting);
    *queue = (ps_queue){0};
}
