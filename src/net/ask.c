#include "net/ask.h"

#include <arpa/nameser.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "net/ask_state.h"

enum {
    MISMATCHES_MAX = 10, // wrong answers to one question, after which it goes by TCP, which nobody can guess into
    TCP_MAX = 8, // connections at a time
    TCP_TIMEOUT_MS = 3000,
    POSTPONE_MS = 1, // for a question that must go to a resolver without room; so short that new ones do not push in
    OUTAGE_MS = 50, // the same while there is no resolver at all
    POSTPONED_MAX = 64, // of them in one go
    PROBE_MS = 1000,
    PROBE_TIMEOUT_MS = 2000,
    WAIT_MAX_MS = 100 // `stop` is looked at this often
};

static uint64_t timeout_ms(const ps_ask *ask, const ps_flight *flight)
{
    bool unsent = flight->socket < 0 && flight->tcp == NULL;

    if (unsent) return PS_ASK_UNREACHABLE_MS;
    if (flight->question.kind == PS_ASK_KIND_PROBE) return PROBE_TIMEOUT_MS;
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
        status = ps_ask_requeue(ask, question, ask->now_ms + POSTPONE_MS, err);
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
    if (question->confirms == upstream->number && ps_ask_rotation_beyond(ask, 1U << upstream->number)) return false;
    return ps_upstream_in_rotation(upstream, ask->now_ms);
}

// Whom it goes to now: rather one that has not failed it. NULL, with its next due time, when it has to wait.
static ps_upstream *choose(ps_ask *ask, ps_question *question)
{
    bool others = ps_ask_has_other(ask, question);
    bool same_waits = !others && question->stick < 0 && question->avoid != 0 && ask->now_ms < question->same_from_ms;

    question->due_ms = ask->now_ms + (ps_ask_rotation_beyond(ask, 0) ? POSTPONE_MS : OUTAGE_MS);
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
            status = ps_ask_requeue(ask, &question, question.due_ms, err);
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
        ps_question question = {.name = ask->probe_names[i],
                                .type = ns_t_a,
                                .kind = PS_ASK_KIND_PROBE,
                                .pinned = (int8_t)i,
                                .confirms = -1};
        upstream->probing = true;
        upstream->probed_ms = ask->now_ms;
        ask->probes++;
        status = start(ask, &question, upstream, err);
    }
    return status;
}

static ps_status look_at_flights(ps_ask *ask, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < ask->flights.count && status == PS_OK; i++) {
        ps_flight *flight = &ask->flights.items[i];
        if (flight->upstream == NULL) continue;
        if (flight->mismatches > MISMATCHES_MAX) {
            status = ps_ask_distrust(ask, flight, err);
        } else if (ask->now_ms >= flight->deadline_ms) {
            status = ps_ask_expire(ask, flight, err);
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
        ps_memory_free(flight->question.alias);
        ps_flight_end(&ask->flights, flight);
    }
    for (size_t i = 0; i < ask->upstreams_count; i++) {
        ask->upstreams[i].probing = false;
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
        if (status == PS_OK) status = ps_ask_receive(ask, wait_ms(ask), err);
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
