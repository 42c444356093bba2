#ifndef DNS_WORLD_H
#define DNS_WORLD_H

// A made-up world of mail domains for tests and benches: domain n is always the same, whoever looks. The responder
// answers for it, and those who ask know what should come out.

#include <stdint.h>

enum { WORLD_NAME_SIZE = 128 };

typedef enum world_kind {
    WORLD_GOOGLE, // five servers of an operator
    WORLD_OPERATOR, // one or two of another
    WORLD_TENANT, // one of its own at an operator's
    WORLD_SHARED, // one of a few hundred hosts that nobody knows
    WORLD_OWN,
    WORLD_IMPLICIT, // an address, no server
    WORLD_ABSENT,
    WORLD_NULL,
    WORLD_EMPTY, // neither server nor address
    WORLD_PRIVATE, // a server with a private address
    WORLD_DANGLING, // a server that does not exist
    WORLD_SERVFAIL,
    WORLD_DEAD, // never answers
    WORLD_KINDS
} world_kind;

world_kind world_kind_of(uint32_t number);
void world_name(uint32_t number, char out[WORLD_NAME_SIZE]);

// The number of a domain of this world by its first labels; `*out_rest` is what stands before it, such as "mail."; -1:
// it is none.
int64_t world_number(const char *name, int *out_is_host);

// What each kind comes to.
typedef struct world_verdict {
    const char *verdict, *reason;
    const char *or_else; // another reason that is as good, or NULL
} world_verdict;
const world_verdict *world_verdict_of(world_kind kind);

#endif
