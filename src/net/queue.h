#ifndef PS_NET_QUEUE_H
#define PS_NET_QUEUE_H

// Questions that wait to be sent: those that are due in the order they came, the others by when they are due.

#include "net/dns_wire.h"
#include "presend/status.h"

// One question on its way through as many attempts as it takes.
typedef struct ps_question {
    const char *name; // the client's; borrowed until the question is done, where it is not `own`
    char *own; // the name, to be freed with the question; NULL: somebody else's
    char *alias; // what is asked for in its place once an alias was followed; NULL before
    uint64_t due_ms; // 0: now
    uint64_t same_from_ms; // before this the resolvers in `avoid` are not asked
    uint64_t sequence;
    uint64_t lost_ms; // when the attempt left that got no answer
    uint32_t number; // the client's
    uint16_t type;
    uint8_t kind; // the client's
    uint8_t attempts; // that failed
    uint8_t excused; // that failed by no fault of the question or the resolver
    uint8_t failure; // the most telling of them
    uint8_t hops; // aliases followed so far
    uint8_t avoid; // resolvers, as bits, that others are preferred to
    uint8_t lost; // resolvers, as bits, that gave no answer
    int8_t pinned; // the one resolver that is meant; -1: any
    int8_t confirms; // the resolver whose answer is in doubt: asked only where it is the only one; -1: none
    int8_t stick; // the resolver of the next attempt only; -1: any
    bool no_edns, tcp;
    bool reconnected; // the connection it went by broke once
} ps_question;

static inline const char *ps_question_asks(const ps_question *question)
{
    return question->alias != NULL ? question->alias : question->name;
}

void ps_question_done(ps_question *question); // frees what it owns

typedef struct ps_queue {
    ps_question *ready; // a ring
    size_t ready_first, ready_count, ready_capacity; // the capacity is 0 or a power of two
    ps_question *waiting; // a binary heap
    size_t waiting_count, waiting_capacity;
    uint64_t sequence;
} ps_queue;

ps_status ps_queue_add(ps_queue *queue, const ps_question *question, ps_error *err);
bool ps_queue_take(ps_queue *queue, uint64_t now_ms, ps_question *out); // false: none is due
uint64_t ps_queue_next_ms(const ps_queue *queue); // 0: one is due; UINT64_MAX when empty
void ps_queue_done(ps_queue *queue); // what its questions own as well; a zeroed queue is empty and fine

#endif
