#include "net/queue.h"

#include "base/memory.h"

static bool is_before(const ps_question *a, const ps_question *b)
{
    if (a->due_ms != b->due_ms) return a->due_ms < b->due_ms;
    return a->sequence < b->sequence;
}

ps_status ps_queue_add(ps_queue *queue, const ps_question *question, ps_error *err)
{
    ps_status status =
        ps_memory_grow((void **)&queue->items, &queue->capacity, queue->count + 1, sizeof *queue->items, err);
    if (status != PS_OK) return status;

    ps_question item = *question;
    size_t place = queue->count++;
    item.sequence = queue->sequence++;
    while (place > 0 && is_before(&item, &queue->items[(place - 1) / 2])) {
        queue->items[place] = queue->items[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    queue->items[place] = item;
    return PS_OK;
}

// Fill the hole at the top with the last item.
static void sink(ps_queue *queue)
{
    ps_question item = queue->items[--queue->count];
    size_t place = 0;

    for (;;) {
        size_t child = place * 2 + 1;
        if (child >= queue->count) break;
        if (child + 1 < queue->count && is_before(&queue->items[child + 1], &queue->items[child])) child++;
        if (!is_before(&queue->items[child], &item)) break;
        queue->items[place] = queue->items[child];
        place = child;
    }
    queue->items[place] = item;
}

bool ps_queue_take(ps_queue *queue, uint64_t now_ms, ps_question *out)
{
    if (ps_queue_next_ms(queue) > now_ms) return false;
    *out = queue->items[0];
    sink(queue);
    return true;
}

uint64_t ps_queue_next_ms(const ps_queue *queue)
{
    return queue->count == 0 ? UINT64_MAX : queue->items[0].due_ms;
}

void ps_queue_done(ps_queue *queue)
{
    ps_memory_free(queue->items);
    *queue = (ps_queue){0};
}
