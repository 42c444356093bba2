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
    PROBE_MS = 1000,
    WAIT_MAX_MS = 100, // `stop` is looked at this often
    OVERDUE_MAX = 256, // in one go
    PLACES_MAX = 32000 // half of all ids
};

// A silent resolver gets one question a second that it can answer from its cache or the root's, until it speaks.
static ps_status probe_suspects(ps_ask *ask, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; i < ask->upstreams_count && status == PS_OK; i++) {
        ps_upstream *upstream = &ask->upstreams[i];
        if (!upstream->suspect || upstream->excluded || upstream->probing) continue;
        if (ask->now_ms - upstream->probed_ms < PROBE_MS || ask->now_ms < upstream->rest_until_ms) continue;
        ps_ask_random_name(ask, "com", ask->probe_names[i]);
        ps_question question = {.name = ask->probe_names[i],
                                .type = ns_t_a,
                                .kind = PS_ASK_KIND_PROBE,
                                .pinned = (int8_t)i,
                                .confirms = -1,
                                .stick = -1};
        upstream->probing = true;
        upstream->probed_ms = ask->now_ms;
        ask->probes++;
        status = ps_ask_start(ask, &question, upstream, err);
    }
    return status;
}

static ps_status look_at_overdue(ps_ask *ask, ps_error *err)
{
    ps_status status = PS_OK;

    for (unsigned i = 0; i < OVERDUE_MAX && status == PS_OK; i++) {
        ps_flight *flight = ps_flights_overdue(&ask->flights, ask->now_ms);
        if (flight == NULL) break;
        status = ps_ask_expire(ask, flight, err);
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
        if (!ps_upstream_in_rotation(upstream, ask->now_ms) || upstream->in_flight >= upstream->pace.window) continue;
        uint64_t wait = ps_pace_wait_ms(&upstream->pace);
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
    until = ps_flights_next_ms(&ask->flights, until);
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
    // Who may pause may also bring more.
    bool empty = ask->client->pause == NULL && ask->drained && ps_queue_next_ms(&ask->queue) == UINT64_MAX &&
                 ask->flights.used == ask->probes;
    bool pause = ask->client->pause != NULL && ask->client->pause(ask->client->context);
    const struct {
        bool holds;
        ps_ask_end end;
    } ends[] = {
        {*stop != 0, PS_ASK_END_STOPPED}, {pause, PS_ASK_END_PAUSED},
        {empty, PS_ASK_END_DONE},         {ask->now_ms >= deadline_ms, PS_ASK_END_LATE},
        {is_down(ask), PS_ASK_END_DOWN},
    };

    for (size_t i = 0; i < PS_COUNT_OF(ends); i++) {
        if (!ends[i].holds) continue;
        *out = ends[i].end;
        return true;
    }
    return false;
}

static ps_status tick(ps_ask *ask, ps_error *err)
{
    const ps_ask_client *client = ask->client;

    if (ask->drained && client->more != NULL) ask->drained = !client->more(client->context);
    if (client->tick == NULL || ask->now_ms - ask->ticked_ms < WAIT_MAX_MS) return PS_OK;
    ask->ticked_ms = ask->now_ms;
    return client->tick(client->context, ask->now_ms, err);
}

// Forget what is open.
static void drop_all(ps_ask *ask)
{
    ps_question question;

    while (ps_queue_take(&ask->queue, UINT64_MAX - 1, &question))
        ps_question_done(&question);
    for (size_t i = 0; i < ask->flights.count; i++) {
        ps_flight *flight = &ask->flights.items[i];
        if (flight->upstream == NULL) continue;
        ps_ask_leave(ask, flight, &question);
        ps_question_done(&question);
    }
    for (size_t i = 0; i < ask->upstreams_count; i++) {
        ask->upstreams[i].probing = false;
        ask->outboxes[i].count = 0;
        if (ask->upstreams[i].doh != NULL) ps_doh_forget(ask->upstreams[i].doh);
    }
    ask->probes = 0;
}

// Once nothing else is under way, those that wait for that have their turn. Who may pause may also bring more.
static ps_status start_last(ps_ask *ask, ps_error *err)
{
    bool over = ask->drained && ask->client->pause == NULL && ask->flights.used == ask->probes;
    ps_status status = PS_OK;
    ps_question question;

    if (!over || ps_queue_next_ms(&ask->queue) != PS_ASK_LAST_MS) return PS_OK;
    for (size_t left = ask->queue.waiting_count; left > 0 && status == PS_OK; left--) {
        if (ps_queue_take(&ask->queue, PS_ASK_LAST_MS, &question)) status = ps_ask_requeue(ask, &question, 0, err);
    }
    return status;
}

static ps_status turn_once(ps_ask *ask, ps_error *err)
{
    ps_status status = start_last(ask, err);

    if (status == PS_OK) status = ps_ask_send(ask, err);

    if (status == PS_OK) status = probe_suspects(ask, err);
    if (status == PS_OK) status = ps_ask_receive(ask, wait_ms(ask), err);
    if (status == PS_OK) status = look_at_overdue(ask, err);
    if (status == PS_OK) status = tick(ask, err);
    return status;
}

ps_status ps_ask_run(ps_ask *ask, const ps_ask_client *client, const volatile int *stop, uint64_t deadline_ms,
                     ps_ask_end *out, ps_error *err)
{
    ps_status status = PS_OK;

    ask->client = client;
    ask->drained = false;
    ask->now_ms = ps_clock_monotonic_ms();
    ask->started_ms = ask->now_ms;
    while (status == PS_OK && !is_over(ask, stop, deadline_ms, out))
        status = turn_once(ask, err);
    if (status == PS_OK && *out == PS_ASK_END_LATE) status = ps_ask_give_up(ask, err);
    if (status != PS_OK || *out != PS_ASK_END_PAUSED) drop_all(ask);
    return status;
}

ps_status ps_ask_add(ps_ask *ask, const ps_question *question, ps_error *err)
{
    ps_question own = *question;

    own.stick = -1;
    own.confirms = -1;
    return ps_ask_requeue(ask, &own, 0, err);
}

ps_status ps_ask_again(ps_ask *ask, const ps_question *question, unsigned answered_by, ps_error *err)
{
    ps_question own = *question;

    own.stick = -1;
    own.confirms = (int8_t)answered_by;
    own.avoid = (uint8_t)(1U << answered_by);
    own.same_from_ms = ask->now_ms + ask->options.confirm_ms;
    return ps_ask_requeue(ask, &own, 0, err);
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

const char *ps_ask_problem(const ps_ask *ask)
{
    return ask->upstreams[0].doh == NULL ? "" : ps_doh_problem(ask->upstreams[0].doh);
}

uint64_t ps_ask_queries(const ps_ask *ask)
{
    uint64_t queries = 0;

    for (size_t i = 0; i < ask->upstreams_count; i++)
        queries += ask->upstreams[i].queries;
    return queries;
}

// What a resolver of each kind takes without being asked first, and what it may be found to take: public ones publish
// limits of 1,000 a second and up, home routers break early, one's own machine is one's own.
typedef struct rate_kind {
    double start, max;
} rate_kind;

static rate_kind polite_rate(const ps_endpoint *endpoint)
{
    static const rate_kind loopback = {2000, 20000}, private = {50, 400}, public = {200, 800};

    if (ps_endpoint_is_private(endpoint)) return private;
    return ps_endpoint_is_loopback(endpoint) ? loopback : public;
}

static void set_up(ps_ask *ask, const ps_endpoint *endpoints, size_t count)
{
    const ps_dns_options *options = &ask->options;

    for (size_t i = 0; i < count; i++) {
        rate_kind rate = polite_rate(&endpoints[i]);
        if (options->rate != 0) rate = (rate_kind){options->rate, options->rate};
        if (options->unthrottled && ps_endpoint_is_loopback(&endpoints[i])) rate = (rate_kind){0, 0};
        uint32_t window = options->in_flight_max;
        if (endpoints[i].url != NULL && window > PS_DOH_IN_FLIGHT_MAX) window = PS_DOH_IN_FLIGHT_MAX;
        ps_upstream_options each = {
            .limits = {.rate_start = rate.start,
                       .rate_max = rate.max,
                       .window_max = window,
                       .timeout_min_ms = options->timeout_ms[0]},
            .sockets = options->sockets,
            .buffer_bytes = (int)options->buffer_bytes,
        };
        ask->upstreams[i].number = (uint8_t)i;
        ask->upstreams[i].epoll = ask->epoll;
        ps_upstream_init(&ask->upstreams[i], &endpoints[i], &each, ask->now_ms);
    }
    ask->upstreams_count = count;
}

static ps_status open_ask(ps_ask *ask, size_t count, ps_error *err)
{
    size_t places = count * (ask->options.in_flight_max + 1);

    ask->now_ms = ps_clock_monotonic_ms();
    ask->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (ask->epoll < 0) {
        return ps_error_set(err, PS_RETRY, "The system has no descriptor left for asking DNS: %s.",
                            strerrordesc_np(errno));
    }
    if (places > PLACES_MAX) places = PLACES_MAX;
    ps_status status = ps_flights_open(&ask->flights, places, ask->now_ms, err);
    return status == PS_OK ? ps_inbox_new(&ask->inbox, err) : status;
}

ps_status ps_ask_open(const ps_dns_options *options, const ps_endpoint *endpoints, size_t count, ps_ask **out,
                      ps_error *err)
{
    ps_ask *ask = ps_memory_new(1, sizeof *ask, err);

    if (ask == NULL) return PS_RETRY;
    assert(count >= 1 && count <= PS_UPSTREAMS_MAX);
    assert(count == 1 || endpoints[0].url == NULL); // one by HTTPS is waited for alone
    ask->options = *options;
    ps_status status = open_ask(ask, count, err);
    if (status == PS_OK) {
        set_up(ask, endpoints, count);
        if (endpoints[0].url != NULL) status = ps_ask_open_doh(ask, &ask->upstreams[0], err);
    }
    if (status == PS_OK) {
        *out = ask;
    } else {
        ps_ask_close(ask);
    }
    return status;
}

void ps_ask_close(ps_ask *ask)
{
    if (ask == NULL) return;
    for (size_t i = 0; i < ask->upstreams_count; i++)
        ps_upstream_close(&ask->upstreams[i]);
    ps_flights_done(&ask->flights);
    if (ask->epoll >= 0) close(ask->epoll); // nothing can be lost
    ps_queue_done(&ask->queue);
    ps_memory_free(ask->inbox);
    ps_memory_free(ask);
}
