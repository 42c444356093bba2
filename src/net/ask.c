#include "net/ask.h"

#include <arpa/nameser.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "net/flight.h"

enum {
    ATTEMPTS_MAX = 3,
    MISMATCHES_MAX = 10, // wrong answers to one question, after which it goes by TCP, which nobody can guess into
    TCP_MAX = 8, // connections at a time
    TCP_TIMEOUT_MS = 3000,
    REFUSED_MS = 1000, // before a resolver that refused is asked again
    UNREACHABLE_MS = 500,
    POSTPONE_MS = 1, // for a question that must go to a resolver without room; so short that new ones do not push in
    OUTAGE_MS = 50, // the same while there is no resolver at all
    POSTPONED_MAX = 64, // of them in one go
    PROBE_MS = 1000,
    PROBE_TIMEOUT_MS = 2000,
    WAIT_MAX_MS = 100, // `stop` is looked at this often
    EVENTS_MAX = 64,
    DATAGRAMS_MAX = 64, // from one socket before the others get their turn
    DATAGRAM_SIZE_MAX = 4096,
    KIND_PROBE = UINT8_MAX // the client's kinds are below
};

struct ps_ask {
    ps_dns_options options;
    int epoll;
    ps_upstream upstreams[PS_UPSTREAMS_MAX];
    char probe_names[PS_UPSTREAMS_MAX][PS_ASK_RANDOM_NAME_SIZE];
    size_t upstreams_count, probes;
    ps_flights flights;
    ps_queue queue;
    const ps_ask_client *client;
    bool drained; // the client has nothing new
    uint64_t now_ms, started_ms, ticked_ms;
    unsigned turn; // whose turn it is among the resolvers
    unsigned char datagram[DATAGRAM_SIZE_MAX];
};

// The question ends here.
static ps_status conclude(ps_ask *ask, ps_question *question, const ps_dns_answer *answer, unsigned resolver,
                          ps_error *err)
{
    ps_status status = PS_OK;

    if (question->kind == KIND_PROBE) {
        ask->upstreams[resolver].probing = false;
        ask->probes--;
    } else {
        status = ask->client->done(ask->client->context, question, answer, resolver, err);
    }
    ps_memory_free(question->alias);
    return status;
}

static ps_status requeue(ps_ask *ask, ps_question *question, uint64_t due_ms, ps_error *err)
{
    question->due_ms = due_ms;
    ps_status status = ps_queue_add(&ask->queue, question, err);
    if (status != PS_OK) ps_memory_free(question->alias);
    return status;
}

// Whether somebody can be asked who is not in `avoid`.
static bool rotation_beyond(const ps_ask *ask, unsigned avoid)
{
    for (size_t i = 0; i < ask->upstreams_count; i++) {
        if ((avoid >> i & 1) == 0 && ps_upstream_in_rotation(&ask->upstreams[i], ask->now_ms)) return true;
    }
    return false;
}

static bool has_other(const ps_ask *ask, const ps_question *question)
{
    return question->pinned < 0 && rotation_beyond(ask, question->avoid);
}

// How long the same resolver is left alone with a question that it failed.
static uint64_t patience_ms(const ps_ask *ask, const ps_question *question, ps_dns_outcome outcome)
{
    if (outcome >= PS_DNS_SERVFAIL) return (uint64_t)ask->options.servfail_ms * question->attempts;
    if (outcome == PS_DNS_REFUSED || outcome == PS_DNS_RESOLVER_ERROR) return (uint64_t)REFUSED_MS * question->attempts;
    return 0;
}

static ps_status retry(ps_ask *ask, ps_question *question, ps_dns_answer *answer, unsigned resolver, ps_error *err)
{
    if (answer->outcome > question->failure) question->failure = (uint8_t)answer->outcome;
    question->attempts++;
    question->avoid |= (uint8_t)(1U << resolver);
    uint64_t same_from_ms = ask->now_ms + patience_ms(ask, question, answer->outcome);
    if (same_from_ms > question->same_from_ms) question->same_from_ms = same_from_ms;
    // A filter that says so will say so again.
    bool last = answer->outcome == PS_DNS_FILTERED && !has_other(ask, question);
    if (!last && question->kind != KIND_PROBE && question->attempts < ATTEMPTS_MAX) {
        return requeue(ask, question, ask->now_ms, err);
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
    ps_memory_free(question->alias);
    if (name == NULL) return PS_RETRY;
    question->hops = (uint8_t)(question->hops + answer->hops);
    question->alias = name;
    question->name = name;
    return requeue(ask, question, ask->now_ms, err);
}

// An attempt ended in an answer, or in none.
static ps_status end_attempt(ps_ask *ask, ps_flight *flight, ps_dns_answer *answer, ps_error *err)
{
    ps_question question = flight->question;
    unsigned resolver = flight->upstream->number;

    ps_flight_end(&ask->flights, flight);
    if (answer->outcome == PS_DNS_TRUNCATED && question.tcp) answer->outcome = PS_DNS_TCP_FAILED;
    bool by_tcp = answer->outcome == PS_DNS_TRUNCATED;
    bool without_edns = answer->no_edns && !question.no_edns;
    if (by_tcp || without_edns) {
        question.tcp |= by_tcp;
        question.no_edns |= without_edns;
        question.stick = (int8_t)resolver;
        return requeue(ask, &question, ask->now_ms, err);
    }
    if (answer->outcome == PS_DNS_ELSEWHERE) return follow(ask, &question, answer, resolver, err);
    if (ps_dns_is_failure(answer->outcome)) return retry(ask, &question, answer, resolver, err);
    return conclude(ask, &question, answer, resolver, err);
}

static ps_status end_failed(ps_ask *ask, ps_flight *flight, ps_dns_outcome outcome, ps_error *err)
{
    ps_dns_answer answer = {.outcome = outcome};

    return end_attempt(ask, flight, &answer, err);
}

static uint64_t timeout_ms(const ps_ask *ask, const ps_flight *flight)
{
    bool unsent = flight->socket < 0 && flight->tcp == NULL;

    if (unsent) return UNREACHABLE_MS;
    if (flight->question.kind == KIND_PROBE) return PROBE_TIMEOUT_MS;
    if (flight->question.tcp) return TCP_TIMEOUT_MS;
    return ask->options.timeout_ms[flight->question.attempts];
}

static ps_status start(ps_ask *ask, ps_question *question, ps_upstream *upstream, ps_error *err)
{
    ps_flight *flight = NULL;

    question->stick = -1;
    ps_status status = ps_flight_start(&ask->flights, question, upstream, &flight, err);
    if (status != PS_OK) {
        ps_memory_free(question->alias);
    } else if (flight == NULL) {
        status = requeue(ask, question, ask->now_ms + POSTPONE_MS, err);
    } else {
        flight->deadline_ms = ask->now_ms + timeout_ms(ask, flight);
    }
    return status;
}

// Whom the question may go to at all.
static bool is_candidate(const ps_ask *ask, const ps_question *question, const ps_upstream *upstream)
{
    if (question->stick >= 0) return question->stick == upstream->number;
    if (question->pinned >= 0) return question->pinned == upstream->number;
    // Nobody is his own second source while there is another.
    if (question->confirms == upstream->number && rotation_beyond(ask, 1U << upstream->number)) return false;
    return ps_upstream_in_rotation(upstream, ask->now_ms);
}

// Whom it goes to now: rather one that has not failed it. NULL, with its next due time, when it has to wait.
static ps_upstream *choose(ps_ask *ask, ps_question *question)
{
    bool others = has_other(ask, question);
    bool same_waits = !others && question->stick < 0 && question->avoid != 0 && ask->now_ms < question->same_from_ms;

    question->due_ms = ask->now_ms + (rotation_beyond(ask, 0) ? POSTPONE_MS : OUTAGE_MS);
    if (same_waits) question->due_ms = question->same_from_ms;
    if (same_waits || (question->tcp && ask->flights.tcp_count >= TCP_MAX)) return NULL;
    ask->turn++;
    for (size_t i = 0; i < ask->upstreams_count; i++) {
        ps_upstream *upstream = &ask->upstreams[(ask->turn + i) % ask->upstreams_count];
        bool avoided = others && question->stick < 0 && (question->avoid >> upstream->number & 1) != 0;
        if (avoided || !is_candidate(ask, question, upstream)) continue;
        if (ps_upstream_has_room(upstream, ask->now_ms)) return upstream;
    }
    return NULL;
}

// Whether a resolver, or one in rotation, can take a question now.
static bool has_room(ps_ask *ask, bool in_rotation)
{
    for (size_t i = 0; i < ask->upstreams_count; i++) {
        ps_upstream *upstream = &ask->upstreams[i];
        if (in_rotation && !ps_upstream_in_rotation(upstream, ask->now_ms)) continue;
        if (ps_upstream_has_room(upstream, ask->now_ms)) return true;
    }
    return false;
}

// Those on their way come before new ones, so that a deadline leaves few half done.
static bool take_next(ps_ask *ask, ps_question *out)
{
    if (!has_room(ask, false)) return false;
    if (ps_queue_take(&ask->queue, ask->now_ms, out)) return true;
    if (ask->drained || !has_room(ask, true)) return false;
    ask->drained = !ask->client->next(ask->client->context, out);
    out->stick = out->confirms = -1;
    return !ask->drained;
}

static ps_status send_some(ps_ask *ask, ps_error *err)
{
    ps_question question;
    ps_status status = PS_OK;

    for (unsigned postponed = 0; postponed < POSTPONED_MAX && status == PS_OK;) {
        // Places are left for probes, one a resolver.
        if (ask->flights.used + ask->upstreams_count >= ask->flights.count || !take_next(ask, &question)) break;
        ps_upstream *upstream = choose(ask, &question);
        if (upstream != NULL) {
            status = start(ask, &question, upstream, err);
        } else {
            status = requeue(ask, &question, question.due_ms, err);
            postponed++;
        }
    }
    return status;
}

// A silent resolver gets one question a second that it can answer from its cache or the root's, until it speaks.
static ps_status probe_suspects(ps_ask *ask, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < ask->upstreams_count && status == PS_OK; i++) {
        ps_upstream *upstream = &ask->upstreams[i];
        if (!upstream->suspect || upstream->excluded || upstream->probing) continue;
        if (ask->now_ms - upstream->probed_ms < PROBE_MS) continue;
        ps_ask_random_name(ask, "com", ask->probe_names[i]);
        ps_question question = {
            .name = ask->probe_names[i], .type = ns_t_a, .kind = KIND_PROBE, .pinned = (int8_t)i, .confirms = -1};
        upstream->probing = true;
        upstream->probed_ms = ask->now_ms;
        ask->probes++;
        status = start(ask, &question, upstream, err);
    }
    return status;
}

static ps_status take_answer(ps_ask *ask, ps_flight *flight, ps_span message, ps_error *err)
{
    ps_upstream *upstream = flight->upstream;
    ps_dns_answer answer;

    ps_dns_read(message, flight->question.name, flight->question.type, &answer);
    ps_upstream_replied(upstream, answer.outcome == PS_DNS_REFUSED, ask->now_ms);
    if (upstream->refusals_row >= PS_UPSTREAM_REFUSALS && ask->upstreams_count > 1) {
        upstream->rest_until_ms = ask->now_ms + PS_UPSTREAM_REST_MS;
        upstream->refusals_row = 0;
    }
    return end_attempt(ask, flight, &answer, err);
}

// The network says that nobody listens there: what was sent by this socket waits no longer than need be.
static void shorten(ps_ask *ask, const ps_upstream *upstream, int socket)
{
    for (size_t i = 0; i < ask->flights.count; i++) {
        ps_flight *flight = &ask->flights.items[i];
        if (flight->upstream != upstream || flight->socket != socket || flight->tcp != NULL) continue;
        if (flight->deadline_ms > ask->now_ms + UNREACHABLE_MS) flight->deadline_ms = ask->now_ms + UNREACHABLE_MS;
    }
}

static ps_status take_datagrams(ps_ask *ask, ps_upstream *upstream, int socket, ps_error *err)
{
    ps_status status = PS_OK;

    for (unsigned i = 0; i < DATAGRAMS_MAX && status == PS_OK; i++) {
        ssize_t len = recv(upstream->sockets[socket].fd, ask->datagram, sizeof ask->datagram, MSG_TRUNC);
        if (len < 0 && errno == ECONNREFUSED) shorten(ask, upstream, socket);
        if (len < 0) break; // EAGAIN: all read; anything else shows as silence
        if ((size_t)len > sizeof ask->datagram) continue;
        ps_span message = {(const char *)ask->datagram, (size_t)len};
        ps_flight *flight = ps_flights_match(&ask->flights, upstream, socket, message);
        if (flight != NULL) status = take_answer(ask, flight, message, err);
    }
    return status;
}

static ps_status step_tcp(ps_ask *ask, size_t place, ps_error *err)
{
    ps_flight *flight = &ask->flights.items[place];
    ps_span message;

    if (flight->tcp == NULL) return PS_OK; // ended by an earlier event
    ps_tcp_state state = ps_tcp_step(flight->tcp, &message);
    if (state == PS_TCP_WAITING) return PS_OK;
    if (state == PS_TCP_BROKEN) return end_failed(ask, flight, PS_DNS_TCP_FAILED, err);
    const ps_question *question = &flight->question;
    bool fits = ps_dns_match_reply(message, question->name, question->type, flight->id) == PS_DNS_MATCH;
    if (!fits) return end_failed(ask, flight, PS_DNS_BAD_ANSWER, err);
    return take_answer(ask, flight, message, err);
}

static ps_status take_events(ps_ask *ask, int wait_ms, ps_error *err)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(ask->epoll, events, EVENTS_MAX, wait_ms);
    ps_status status = PS_OK;

    ask->now_ms = ps_clock_monotonic_ms();
    for (int i = 0; i < count && status == PS_OK; i++) {
        uint64_t tag = events[i].data.u64;
        if ((tag & PS_FLIGHT_TAG_TCP) != 0) {
            status = step_tcp(ask, tag & UINT32_MAX, err);
        } else {
            status = take_datagrams(ask, &ask->upstreams[tag >> 8], tag & UINT8_MAX, err);
        }
    }
    return status;
}

// No answer in time.
static ps_status expire(ps_ask *ask, ps_flight *flight, ps_error *err)
{
    ps_upstream *upstream = flight->upstream;
    bool suspected = upstream->suspect;

    if (flight->tcp != NULL) return end_failed(ask, flight, PS_DNS_TCP_FAILED, err);
    if (flight->mismatches > 0) return end_failed(ask, flight, PS_DNS_BAD_ANSWER, err);
    ps_upstream_timed_out(upstream);
    if (!suspected || flight->question.pinned >= 0) return end_failed(ask, flight, PS_DNS_TIMEOUT, err);
    // While nobody knows whether the resolver lives, its silence says nothing of the question.
    ps_question question = flight->question;
    ps_flight_end(&ask->flights, flight);
    return requeue(ask, &question, ask->now_ms, err);
}

static ps_status distrust(ps_ask *ask, ps_flight *flight, ps_error *err)
{
    ps_question question = flight->question;

    question.tcp = true;
    question.stick = (int8_t)flight->upstream->number;
    question.failure = question.failure > PS_DNS_BAD_ANSWER ? question.failure : PS_DNS_BAD_ANSWER;
    ps_flight_end(&ask->flights, flight);
    return requeue(ask, &question, ask->now_ms, err);
}

static ps_status look_at_flights(ps_ask *ask, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < ask->flights.count && status == PS_OK; i++) {
        ps_flight *flight = &ask->flights.items[i];
        if (flight->upstream == NULL) continue;
        if (flight->mismatches > MISMATCHES_MAX) {
            status = distrust(ask, flight, err);
        } else if (ask->now_ms >= flight->deadline_ms) {
            status = expire(ask, flight, err);
        }
    }
    return status;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

// When a question that is due now, or a new one, can be sent.
static uint64_t room_ms(ps_ask *ask)
{
    uint64_t room = UINT64_MAX;

    for (size_t i = 0; i < ask->upstreams_count; i++) {
        ps_upstream *upstream = &ask->upstreams[i];
        if (!ps_upstream_in_rotation(upstream, ask->now_ms) || upstream->in_flight >= upstream->in_flight_max) continue;
        uint64_t wait = ps_upstream_wait_ms(upstream);
        room = earlier(room, ask->now_ms + (wait == 0 ? 1 : wait));
    }
    return room;
}

static int wait_ms(ps_ask *ask)
{
    uint64_t until = ask->now_ms + WAIT_MAX_MS;
    uint64_t due = ps_queue_next_ms(&ask->queue);

    until = earlier(until, due <= ask->now_ms || !ask->drained ? room_ms(ask) : UINT64_MAX);
    until = earlier(until, due > ask->now_ms ? due : UINT64_MAX);
    for (size_t i = 0; i < ask->flights.count; i++) {
        const ps_flight *flight = &ask->flights.items[i];
        if (flight->upstream != NULL) until = earlier(until, flight->deadline_ms);
    }
    return until <= ask->now_ms ? 0 : (int)(until - ask->now_ms);
}

static bool is_down(const ps_ask *ask)
{
    uint64_t last_ms = ask->started_ms;

    for (size_t i = 0; i < ask->upstreams_count; i++) {
        const ps_upstream *upstream = &ask->upstreams[i];
        if (upstream->excluded) continue;
        if (!upstream->suspect) return false;
        if (upstream->last_reply_ms > last_ms) last_ms = upstream->last_reply_ms;
    }
    return ask->now_ms - last_ms >= ask->options.down_ms;
}

static bool is_over(const ps_ask *ask, const volatile int *stop, uint64_t deadline_ms, ps_ask_end *out)
{
    bool empty = ask->drained && ask->queue.count == 0 && ask->flights.used == ask->probes;
    const struct {
        bool holds;
        ps_ask_end end;
    } ends[] = {
        {*stop != 0, PS_ASK_END_STOPPED},
        {empty, PS_ASK_END_DONE},
        {ask->now_ms >= deadline_ms, PS_ASK_END_LATE},
        {is_down(ask), PS_ASK_END_DOWN},
    };

    for (size_t i = 0; i < PS_COUNT_OF(ends); i++) {
        if (!ends[i].holds) continue;
        *out = ends[i].end;
        return true;
    }
    return false;
}

static void tick(ps_ask *ask)
{
    if (ask->client->tick == NULL || ask->now_ms - ask->ticked_ms < WAIT_MAX_MS) return;
    ask->ticked_ms = ask->now_ms;
    ask->client->tick(ask->client->context);
}

// Forget what is open.
static void drop_all(ps_ask *ask)
{
    ps_question question;

    while (ps_queue_take(&ask->queue, UINT64_MAX - 1, &question)) {
        ps_memory_free(question.alias);
    }
    for (size_t i = 0; i < ask->flights.count; i++) {
        ps_flight *flight = &ask->flights.items[i];
        if (flight->upstream == NULL) continue;
        flight->upstream->probing = false;
        ps_memory_free(flight->question.alias);
        ps_flight_end(&ask->flights, flight);
    }
    ask->probes = 0;
}

ps_status ps_ask_run(ps_ask *ask, const ps_ask_client *client, const volatile int *stop, uint64_t deadline_ms,
                     ps_ask_end *out, ps_error *err)
{
    ps_status status = PS_OK;

    ask->client = client;
    ask->drained = false;
    ask->now_ms = ps_clock_monotonic_ms();
    ask->started_ms = ask->now_ms;
    while (status == PS_OK && !is_over(ask, stop, deadline_ms, out)) {
        status = send_some(ask, err);
        if (status == PS_OK) status = probe_suspects(ask, err);
        if (status == PS_OK) status = take_events(ask, wait_ms(ask), err);
        if (status == PS_OK) status = look_at_flights(ask, err);
        tick(ask);
    }
    drop_all(ask);
    return status;
}

ps_status ps_ask_add(ps_ask *ask, const ps_question *question, ps_error *err)
{
    ps_question own = *question;

    own.stick = -1;
    own.confirms = -1;
    own.due_ms = 0;
    return ps_queue_add(&ask->queue, &own, err);
}

ps_status ps_ask_again(ps_ask *ask, const ps_question *question, unsigned answered_by, ps_error *err)
{
    ps_question own = *question;

    own.stick = -1;
    own.confirms = (int8_t)answered_by;
    own.avoid = (uint8_t)(1U << answered_by);
    own.same_from_ms = ask->now_ms + ask->options.confirm_ms;
    return ps_queue_add(&ask->queue, &own, err);
}

void ps_ask_random_name(ps_ask *ask, const char *tld, char out[PS_ASK_RANDOM_NAME_SIZE])
{
    char label[21] = "";

    for (size_t i = 0; i + 1 < sizeof label; i++) {
        label[i] = (char)('a' + ps_random_16(&ask->flights.random) % 26);
    }
    snprintf(out, PS_ASK_RANDOM_NAME_SIZE, "%s.%s", label, tld);
}

ps_upstream *ps_ask_upstreams(ps_ask *ask, size_t *out_count)
{
    *out_count = ask->upstreams_count;
    return ask->upstreams;
}

uint64_t ps_ask_queries(const ps_ask *ask)
{
    return ask->flights.sent;
}

// What a resolver of each kind takes without being asked first: public ones publish limits of 1,000 a second and up,
// home routers break early.
static uint32_t polite_rate(const ps_endpoint *endpoint)
{
    if (ps_endpoint_is_loopback(endpoint)) return 2000;
    return ps_endpoint_is_private(endpoint) ? 100 : 200;
}

static void set_up(ps_ask *ask, const ps_endpoint *endpoints, size_t count)
{
    const ps_dns_options *options = &ask->options;

    for (size_t i = 0; i < count; i++) {
        ps_upstream *upstream = &ask->upstreams[i];
        ps_upstream_init(upstream, &endpoints[i], (uint8_t)i, ask->epoll);
        upstream->in_flight_max = options->in_flight_max;
        upstream->rate = options->rate != 0 ? options->rate : polite_rate(&endpoints[i]);
        if (options->unthrottled && ps_endpoint_is_loopback(&endpoints[i])) upstream->rate = 0;
    }
    ask->upstreams_count = count;
}

ps_status ps_ask_open(const ps_dns_options *options, const ps_endpoint *endpoints, size_t count, ps_ask **out,
                      ps_error *err)
{
    ps_ask *ask = ps_memory_new(1, sizeof *ask, err);

    if (ask == NULL) return PS_RETRY;
    assert(count >= 1 && count <= PS_UPSTREAMS_MAX);
    ask->options = *options;
    ask->epoll = epoll_create1(EPOLL_CLOEXEC);
    ps_status status = PS_OK;
    if (ask->epoll < 0) {
        status = ps_error_set(err, PS_RETRY, "The system has no descriptor left for asking DNS: %s.", strerror(errno));
    }
    if (status == PS_OK) {
        status = ps_flights_open(&ask->flights, count * (options->in_flight_max + 1), ask->epoll, err);
    }
    if (status == PS_OK) {
        set_up(ask, endpoints, count);
        *out = ask;
    } else {
        ps_ask_close(ask);
    }
    return status;
}

void ps_ask_close(ps_ask *ask)
{
    if (ask == NULL) return;
    ps_flights_done(&ask->flights);
    for (size_t i = 0; i < ask->upstreams_count; i++) {
        ps_upstream_close(&ask->upstreams[i]);
    }
    if (ask->epoll >= 0) close(ask->epoll); // nothing can be lost
    ps_queue_done(&ask->queue);
    ps_memory_free(ask);
}
