#ifndef PS_NET_QUEUE_H
#define PS_NET_QUEUE_H

// Questions that wait to be sent, the earliest due first, equals in the order they came.

#include "net/dns_wire.h"
#include "presend/status.h"

// One question on its way through as many attempts as it takes.
typedef struct ps_question {
    const char *name; // what is asked for now; borrowed until the question is done
    char *alias; // where `name` points once an alias was followed; NULL before
    uint64_t due_ms;
    uint64_t same_from_ms; // before this the resolvers in `avoid` are not asked
    uint64_t sequence;
    uint32_t number; // the client's
    uint16_t type;
    uint8_t kind; // the client's
    uint8_t attempts; // that failed
    uint8_t failure; // the most telling of them
    uint8_t hops; // aliases followed so far
    uint8_t avoid; // resolvers, as bits, that others are preferred to
    int8_t pinned; // the one resolver that is meant; -1: any
    int8_t confirms; // the resolver whose answer is in doubt: asked only where it is the only one; -1: none
    int8_t stick; // the resolver of the next attempt only; -1: any
    bool no_edns, tcp;
} ps_question;

typedef struct ps_queue {
    ps_question *items; // a binary heap
    size_t count, capacity;
    uint64_t sequence;
} ps_queue;

ps_status ps_queue_add(ps_queue *queue, const ps_question *question, ps_error *err);
bool ps_queue_take(ps_queue *queue, uint64_t now_ms, ps_question *out); // false: none is due
uint64_t ps_queue_next_ms(const ps_queue *queue); // UINT64_MAX when empty
void ps_queue_done(ps_queue *queue); // a zeroed queue is empty and fine

#endif
