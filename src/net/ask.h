#ifndef PS_NET_ASK_H
#define PS_NET_ASK_H

// Questions to resolvers and their answers: who is asked, when, how often. Knows nothing of mail.

#include "net/dns.h"
#include "net/queue.h"
#include "net/upstream.h"

typedef struct ps_ask_client {
    void *context;
    // The next new question, when there is room for one. Once there is none, it is called again only if `more` says so.
    ps_status (*next)(void *context, ps_question *out, bool *out_found, ps_error *err);
    // The end of a question: what it was, how it ended, by which resolver. May add questions.
    ps_status (*done)(void *context, const ps_question *question, const ps_dns_answer *answer, unsigned resolver,
                      ps_error *err);
    // The end of this one is near: what it will touch may be fetched from memory. May be NULL.
    void (*expect)(void *context, const ps_question *question);
    ps_status (*tick)(void *context, uint64_t now_ms, ps_error *err); // about ten times a second; may be NULL
    // Whether there may be new questions after all, and whether to return with PS_ASK_END_PAUSED; may be NULL.
    bool (*more)(void *context);
    bool (*pause)(void *context);
} ps_ask_client;

typedef enum ps_ask_end {
    PS_ASK_END_DONE, // every question was answered, or failed
    PS_ASK_END_LATE, // the deadline passed
    PS_ASK_END_STOPPED, // `stop` became true
    PS_ASK_END_DOWN, // no resolver answers any more
    PS_ASK_END_PAUSED // the client wished so; the next run goes on where this one ended
} ps_ask_end;

typedef struct ps_ask ps_ask;

ps_status ps_ask_open(const ps_dns_options *options, const ps_endpoint *endpoints, size_t count, ps_ask **out,
                      ps_error *err);
void ps_ask_close(ps_ask *ask); // NULL is fine

// The resolvers, to look at and to exclude; `*out_count` of them.
ps_upstream *ps_ask_upstreams(ps_ask *ask, size_t *out_count);
// What was wrong last with a resolver that is asked by HTTPS, for people; "" where nothing was.
const char *ps_ask_problem(const ps_ask *ask);
uint64_t ps_ask_queries(const ps_ask *ask); // sent so far

// A question of the client; `name` and `type` say what, `pinned` whom (-1: anyone). What it owns is freed, also on
// failure.
ps_status ps_ask_add(ps_ask *ask, const ps_question *question, ps_error *err);

// The same question once more for a second opinion: of another resolver, or of the same one after confirm_ms.
ps_status ps_ask_again(ps_ask *ask, const ps_question *question, unsigned answered_by, ps_error *err);

// Until all is done. PS_OK with how it ended, or PS_RETRY without memory. What was still open is dropped, but for a
// pause.
ps_status ps_ask_run(ps_ask *ask, const ps_ask_client *client, const volatile int *stop, uint64_t deadline_ms,
                     ps_ask_end *out, ps_error *err);

// A name that does not exist: 20 random letters under `tld`.
enum { PS_ASK_RANDOM_NAME_SIZE = 32 };
void ps_ask_random_name(ps_ask *ask, const char *tld, char out[PS_ASK_RANDOM_NAME_SIZE]);

#endif
