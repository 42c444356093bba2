#include "base/memory.h"
#include "net/ask_state.h"

enum { ATTEMPTS_MAX = 3 };

// The question ends here.
static ps_status conclude(ps_ask *ask, ps_question *question, const ps_dns_answer *answer, unsigned resolver,
                          ps_error *err)
{
    ps_status status = PS_OK;

    if (question->kind == PS_ASK_KIND_PROBE) {
        ask->upstreams[resolver].probing = false;
        ask->probes--;
    } else {
        status = ask->client->done(ask->client->context, question, answer, resolver, err);
    }
    ps_question_done(question);
    return status;
}

ps_status ps_ask_requeue(ps_ask *ask, ps_question *question, uint64_t due_ms, ps_error *err)
{
    question->due_ms = due_ms;
    ps_status status = ps_queue_add(&ask->queue, question, err);
    if (status != PS_OK) ps_question_done(question);
    return status;
}

// Whether somebody can be asked who is not in `avoid`.
bool ps_ask_rotation_beyond(const ps_ask *ask, unsigned avoid)
{
    for (size_t i = 0; i < ask->upstreams_count; i++) {
        if ((avoid >> i & 1) == 0 && ps_upstream_in_rotation(&ask->upstreams[i], ask->now_ms)) return true;
    }
    return false;
}

bool ps_ask_has_other(const ps_ask *ask, const ps_question *question)
{
    return question->pinned < 0 && ps_ask_rotation_beyond(ask, question->avoid);
}

void ps_ask_leave(ps_ask *ask, ps_flight *flight, ps_question *out)
{
    unsigned resolver = flight->upstream->number;

    if (flight->tcp >= 0) {
        ask->tcp_pending[resolver][flight->tcp]--;
        ask->tcp_alone[resolver][flight->tcp] = false;
    }
    *out = flight->question;
    ps_flight_end(&ask->flights, flight);
}

// How long the same resolver is left alone with a question that it failed: resolvers remember failures for a while
// (RFC 9520), and one that refuses wants less.
static uint64_t patience_ms(const ps_ask *ask, const ps_question *question, ps_dns_outcome outcome)
{
    bool remembered = outcome >= PS_DNS_SERVFAIL || outcome == PS_DNS_REFUSED || outcome == PS_DNS_RESOLVER_ERROR;

    return remembered ? (uint64_t)ask->options.servfail_ms * question->attempts : 0;
}

// A failed look-up may come right while the others are asked, and not before: its last chance is the end of the run.
static bool waits_for_end(const ps_question *question, ps_dns_outcome outcome)
{
    bool failed = outcome == PS_DNS_SERVFAIL || outcome == PS_DNS_AUTH_UNREACHABLE || outcome == PS_DNS_BOGUS;

    return failed && question->pinned < 0 && question->attempts == ATTEMPTS_MAX - 1;
}

static ps_status retry(ps_ask *ask, ps_question *question, ps_dns_answer *answer, unsigned resolver, ps_error *err)
{
    if (answer->outcome > question->failure) question->failure = (uint8_t)answer->outcome;
    question->attempts++;
    question->reconnected = false;
    question->avoid |= (uint8_t)(1U << resolver);
    uint64_t same_from_ms = ask->now_ms + patience_ms(ask, question, answer->outcome);
    if (same_from_ms > question->same_from_ms) question->same_from_ms = same_from_ms;
    // A filter that says so will say so again.
    bool last = answer->outcome == PS_DNS_FILTERED && !ps_ask_has_other(ask, question);
    if (!last && question->kind != PS_ASK_KIND_PROBE && question->attempts < ATTEMPTS_MAX) {
        return ps_ask_requeue(ask, question, waits_for_end(question, answer->outcome) ? PS_ASK_LAST_MS : 0, err);
    }
    answer->outcome = (ps_dns_outcome)question->failure;
    return conclude(ask, question, answer, resolver, err);
}

// The alias leads out of the answer: ask for its end.
static ps_status follow(ps_ask *ask, ps_question *question, ps_dns_answer *answer, unsigned resolver, ps_error *err)
{
    if (question->hops + answer->hops > PS_DNS_HOPS_MAX) {
        answer->outcome = PS_DNS_CNAME_LOOP;
        return conclude(ask, question, answer, resolver, err);
    }
    char *name = ps_memory_text(answer->name, err);
    if (name == NULL) {
        ps_question_done(question);
        return PS_RETRY;
    }
    ps_memory_free(question->alias);
    question->alias = name;
    question->hops = (uint8_t)(question->hops + answer->hops);
    return ps_ask_requeue(ask, question, 0, err);
}

// Those who were silent to a question that somebody answers now had no reason to be.
static void note_lost(ps_ask *ask, ps_question *question)
{
    for (size_t i = 0; question->lost != 0 && i < ask->upstreams_count; i++) {
        if ((question->lost >> i & 1) != 0) ps_pace_lost(&ask->upstreams[i].pace, question->lost_ms, ask->now_ms);
    }
    question->lost = 0;
}

// An attempt ended in an answer, or in none.
ps_status ps_ask_end_attempt(ps_ask *ask, ps_flight *flight, ps_dns_answer *answer, ps_error *err)
{
    unsigned resolver = flight->upstream->number;
    ps_question question;

    ps_ask_leave(ask, flight, &question);
    if (answer->outcome != PS_DNS_TIMEOUT) note_lost(ask, &question);
    if (answer->outcome == PS_DNS_TRUNCATED && question.tcp) answer->outcome = PS_DNS_TCP_FAILED;
    bool by_tcp = answer->outcome == PS_DNS_TRUNCATED;
    bool without_edns = answer->no_edns && !question.no_edns;
    if (by_tcp || without_edns) {
        question.tcp |= by_tcp;
        question.no_edns |= without_edns;
        question.stick = (int8_t)resolver;
        return ps_ask_requeue(ask, &question, 0, err);
    }
    if (answer->outcome == PS_DNS_ELSEWHERE) return follow(ask, &question, answer, resolver, err);
    if (ps_dns_is_failure(answer->outcome)) return retry(ask, &question, answer, resolver, err);
    return conclude(ask, &question, answer, resolver, err);
}

ps_status ps_ask_end_failed(ps_ask *ask, ps_flight *flight, ps_dns_outcome outcome, ps_error *err)
{
    ps_dns_answer_clear(&ask->answer);
    ask->answer.outcome = outcome;
    return ps_ask_end_attempt(ask, flight, &ask->answer, err);
}

ps_status ps_ask_give_up(ps_ask *ask, ps_error *err)
{
    ps_status status = PS_OK;
    ps_question question;

    while (status == PS_OK && ps_queue_take(&ask->queue, UINT64_MAX - 1, &question)) {
        if (question.failure == 0 || question.kind == PS_ASK_KIND_PROBE) {
            ps_question_done(&question);
            continue;
        }
        ps_dns_answer_clear(&ask->answer);
        ask->answer.outcome = (ps_dns_outcome)question.failure;
        status = conclude(ask, &question, &ask->answer, 0, err);
    }
    return status;
}

// Whether the silence is this machine's fault: it dropped the answer itself, or had asked faster than was good.
static bool is_excused(ps_ask *ask, ps_flight *flight)
{
    ps_upstream *upstream = flight->upstream;

    ps_upstream_ask_dropped(upstream, flight->socket, ask->now_ms);
    if (ps_upstream_take_excuse(upstream, flight->socket, flight->sent_ms)) return true;
    if (!ps_pace_excuses(&upstream->pace, flight->sent_ms) || flight->question.excused >= PS_ASK_EXCUSES_MAX)
        return false;
    flight->question.excused++;
    return true;
}

// No answer in time.
ps_status ps_ask_expire(ps_ask *ask, ps_flight *flight, ps_error *err)
{
    ps_upstream *upstream = flight->upstream;
    bool suspected = upstream->suspect;

    if (flight->tcp >= 0) return ps_ask_break_tcp(ask, upstream, (unsigned)flight->tcp, PS_DNS_TCP_FAILED, err);
    if (flight->mismatches > 0) return ps_ask_end_failed(ask, flight, PS_DNS_BAD_ANSWER, err);
    bool excused = flight->socket >= 0 && is_excused(ask, flight);
    ps_upstream_timed_out(upstream, ask->now_ms);
    // While nobody knows whether the resolver lives, its silence says nothing of the question.
    bool heard = upstream->last_reply_ms >= flight->sent_ms;
    excused |= suspected && !heard && flight->question.pinned < 0;
    if (!excused) {
        bool left = flight->socket >= 0 || upstream->doh != NULL;
        if (left) flight->question.lost |= (uint8_t)(1U << upstream->number);
        flight->question.lost_ms = flight->sent_ms;
        return ps_ask_end_failed(ask, flight, PS_DNS_TIMEOUT, err);
    }
    ps_question question;
    ps_ask_leave(ask, flight, &question);
    return ps_ask_requeue(ask, &question, 0, err);
}

ps_status ps_ask_distrust(ps_ask *ask, ps_flight *flight, ps_error *err)
{
    unsigned resolver = flight->upstream->number;
    ps_question question;

    ps_ask_leave(ask, flight, &question);
    question.tcp = true;
    question.stick = (int8_t)resolver;
    question.failure = question.failure > PS_DNS_BAD_ANSWER ? question.failure : PS_DNS_BAD_ANSWER;
    return ps_ask_requeue(ask, &question, 0, err);
}

static ps_status end_broken(ps_ask *ask, ps_flight *flight, ps_dns_outcome outcome, ps_error *err)
{
    unsigned resolver = flight->upstream->number;
    ps_question question;

    if (flight->question.reconnected) return ps_ask_end_failed(ask, flight, outcome, err);
    ps_ask_leave(ask, flight, &question);
    question.reconnected = true;
    question.stick = (int8_t)resolver;
    return ps_ask_requeue(ask, &question, 0, err);
}

ps_status ps_ask_break_tcp(ps_ask *ask, ps_upstream *upstream, unsigned connection, ps_dns_outcome outcome,
                           ps_error *err)
{
    ps_status status = PS_OK;

    ps_tcp_close(upstream->tcp[connection]);
    upstream->tcp[connection] = NULL;
    for (size_t i = 0; i < ask->flights.count && status == PS_OK; i++) {
        ps_flight *flight = &ask->flights.items[i];
        bool there = flight->upstream == upstream && flight->tcp == (int8_t)connection;
        if (there) status = end_broken(ask, flight, outcome, err);
    }
    return status;
}
