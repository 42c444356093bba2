#include <errno.h>

#include "net/ask_state.h"

enum {
    POSTPONED_MAX = 64, // questions in one go that wait for their own resolver
    TCP_TIMEOUT_MS = 3000,
    PROBE_TIMEOUT_MS = 2000,
    TIMEOUT_MAX_MS = 20000,
    JITTER_SHARE = 5 // a fifth either way, so that what was sent together does not come again together
};

static uint64_t timeout_ms(ps_ask *ask, const ps_question *question, const ps_upstream *upstream)
{
    if (question->kind == PS_ASK_KIND_PROBE) return PROBE_TIMEOUT_MS;
    if (question->tcp) return TCP_TIMEOUT_MS;
    uint64_t patience = (uint64_t)ps_pace_timeout_ms(&upstream->pace) << question->attempts;
    uint64_t least = ask->options.timeout_ms[question->attempts];
    if (patience < least) patience = least;
    if (patience > TIMEOUT_MAX_MS) patience = TIMEOUT_MAX_MS;
    uint64_t spread = patience * 2 / JITTER_SHARE + 1;
    return patience - patience / JITTER_SHARE + ps_random_16(&ask->flights.random) % spread;
}

// Those that did not leave: again, later, and not as an attempt.
static ps_status take_back(ps_ask *ask, ps_outbox *outbox, unsigned from, ps_error *err)
{
    ps_status status = PS_OK;

    for (unsigned i = from; i < outbox->count; i++) {
        ps_flight *flight = &ask->flights.items[outbox->places[i]];
        ps_question question;
        ps_ask_leave(ask, flight, &question);
        if (status == PS_OK) {
            status = ps_ask_requeue(ask, &question, ask->now_ms + PS_ASK_POSTPONE_MS, err);
        } else {
            ps_question_done(&question);
        }
    }
    return status;
}

static ps_status flush(ps_ask *ask, ps_upstream *upstream, ps_error *err)
{
    ps_outbox *outbox = &ask->outboxes[upstream->number];
    ps_status status = PS_OK;

    if (outbox->count == 0) return PS_OK;
    ps_upstream_socket *from = &upstream->sockets[outbox->socket];
    unsigned sent = ps_outbox_send(outbox, from->fd, upstream->together);
    // An earlier query found nobody, and the socket tells now.
    if (sent == 0 && errno == ECONNREFUSED) {
        ps_ask_shorten(ask, upstream, outbox->socket);
        sent = ps_outbox_send(outbox, from->fd, upstream->together);
    }
    from->sent += sent;
    upstream->queries += sent;
    bool no_room = sent > 0 || errno == EAGAIN || errno == ENOBUFS || errno == EINTR || errno == ENOMEM;
    if (sent < outbox->count && no_room) {
        status = take_back(ask, outbox, sent, err);
    } else if (sent < outbox->count) {
        ps_ask_shorten(ask, upstream, outbox->socket); // what else is wrong shows as silence
    }
    outbox->count = 0;
    return status;
}

// A socket for the next query to a resolver.
static int find_socket(ps_ask *ask, ps_upstream *upstream, ps_error *err, ps_status *status)
{
    ps_outbox *outbox = &ask->outboxes[upstream->number];

    if (outbox->count > 0 && ps_outbox_is_full(outbox)) *status = flush(ask, upstream, err);
    if (outbox->count > 0) return outbox->socket;
    outbox->socket = ps_upstream_socket_pick(upstream, &ask->flights.random, ask->now_ms, &outbox->room);
    return outbox->socket;
}

static ps_status start_datagram(ps_ask *ask, ps_question *question, ps_upstream *upstream, ps_error *err)
{
    ps_status status = PS_OK;
    int socket = find_socket(ask, upstream, err, &status);

    if (status != PS_OK) {
        ps_question_done(question);
        return status;
    }
    if (socket == PS_SOCKET_FULL) return ps_ask_requeue(ask, question, ask->now_ms + PS_ASK_POSTPONE_MS, err);
    ps_flight *flight = ps_flight_new(&ask->flights, question, upstream, ask->now_ms);
    uint64_t patience = PS_ASK_UNREACHABLE_MS;
    if (socket >= 0) {
        patience = timeout_ms(ask, question, upstream);
        ps_flight_set_socket(&ask->flights, flight, socket);
        ps_outbox_put(&ask->outboxes[upstream->number], ps_flight_place(&ask->flights, flight), &flight->query);
    }
    ps_flight_set_deadline(&ask->flights, flight, ask->now_ms + patience);
    ps_pace_sent(&upstream->pace);
    return PS_OK;
}

// A connection with room, the emptiest first; -1: none.
static int find_connection(const ps_ask *ask, const ps_question *question, const ps_upstream *upstream)
{
    const uint16_t *pending = ask->tcp_pending[upstream->number];
    int best = -1;

    for (int i = 0; i < PS_UPSTREAM_TCP; i++) {
        bool room = question->reconnected ? pending[i] == 0 : pending[i] < PS_TCP_PIPELINE;
        if (!room || ask->tcp_alone[upstream->number][i]) continue;
        if (best < 0 || pending[i] < pending[best]) best = i;
    }
    return best;
}

static ps_status connect_tcp(ps_ask *ask, ps_upstream *upstream, unsigned connection, ps_error *err)
{
    uint64_t tag = PS_UPSTREAM_TAG_TCP | ps_upstream_tag(upstream->number, connection);

    if (upstream->tcp[connection] != NULL) return PS_OK;
    return ps_tcp_open(&upstream->endpoint, ask->epoll, tag, &upstream->tcp[connection], err);
}

static ps_status start_stream(ps_ask *ask, ps_question *question, ps_upstream *upstream, ps_error *err)
{
    int found = find_connection(ask, question, upstream);

    if (found < 0) return ps_ask_requeue(ask, question, ask->now_ms + PS_ASK_POSTPONE_MS, err);
    unsigned connection = (unsigned)found;
    ps_status status = connect_tcp(ask, upstream, connection, err);
    if (status != PS_OK) {
        ps_question_done(question);
        return status;
    }
    ps_flight *flight = ps_flight_new(&ask->flights, question, upstream, ask->now_ms);
    unsigned char bytes[PS_DNS_QUERY_SIZE_MAX];
    size_t len = ps_dns_query_write(&flight->query, bytes);
    ps_tcp *tcp = upstream->tcp[connection];
    ps_pace_sent(&upstream->pace);
    if (tcp == NULL || !ps_tcp_put(tcp, (ps_span){(const char *)bytes, len})) {
        return ps_ask_end_failed(ask, flight, PS_DNS_TCP_FAILED, err);
    }
    flight->tcp = (int8_t)connection;
    ask->tcp_pending[upstream->number][connection]++;
    ask->tcp_alone[upstream->number][connection] = question->reconnected;
    upstream->queries++;
    ps_flight_set_deadline(&ask->flights, flight, ask->now_ms + TCP_TIMEOUT_MS);
    return PS_OK;
}

ps_status ps_ask_start(ps_ask *ask, ps_question *question, ps_upstream *upstream, ps_error *err)
{
    question->stick = -1;
    if (upstream->doh != NULL) return ps_ask_start_doh(ask, question, upstream, err);
    return question->tcp ? start_stream(ask, question, upstream, err) : start_datagram(ask, question, upstream, err);
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

    question->due_ms = ask->now_ms + (ps_ask_rotation_beyond(ask, 0) ? PS_ASK_POSTPONE_MS : PS_ASK_OUTAGE_MS);
    if (same_waits) {
        question->due_ms = question->same_from_ms;
        return NULL;
    }
    ask->turn++;
    for (size_t i = 0; i < ask->upstreams_count; i++) {
        ps_upstream *upstream = &ask->upstreams[(ask->turn + i) % ask->upstreams_count];
        bool avoided = others && question->stick < 0 && (question->avoid >> upstream->number & 1) != 0;
        if (avoided || !is_candidate(ask, question, upstream)) continue;
        if (ps_upstream_has_room(upstream, ask->now_ms)) return upstream;
    }
    return NULL;
}

bool ps_ask_has_room(ps_ask *ask)
{
    for (size_t i = 0; i < ask->upstreams_count; i++) {
        ps_upstream *upstream = &ask->upstreams[i];
        if (!ps_upstream_in_rotation(upstream, ask->now_ms)) continue;
        if (ps_upstream_has_room(upstream, ask->now_ms)) return true;
    }
    return false;
}

static bool any_has_room(ps_ask *ask)
{
    for (size_t i = 0; i < ask->upstreams_count; i++) {
        if (ps_upstream_has_room(&ask->upstreams[i], ask->now_ms)) return true;
    }
    return false;
}

// Those on their way come before new ones, so that a deadline leaves few half done.
static ps_status take_next(ps_ask *ask, ps_question *out, bool *out_found, ps_error *err)
{
    *out_found = false;
    // Places are left for probes, one a resolver.
    if (ask->flights.used + ask->upstreams_count >= ask->flights.count || !any_has_room(ask)) return PS_OK;
    *out_found = ps_queue_take(&ask->queue, ask->now_ms, out);
    if (*out_found || ask->drained || !ps_ask_has_room(ask)) return PS_OK;
    ps_status status = ask->client->next(ask->client->context, out, out_found, err);
    out->stick = out->confirms = -1;
    ask->drained = !*out_found;
    return status;
}

static ps_status send_one(ps_ask *ask, bool *out_sent, unsigned *postponed, ps_error *err)
{
    ps_question question;
    ps_status status = take_next(ask, &question, out_sent, err);

    if (status != PS_OK || !*out_sent) return status;
    ps_upstream *upstream = choose(ask, &question);
    if (upstream != NULL) return ps_ask_start(ask, &question, upstream, err);
    ++*postponed;
    return ps_ask_requeue(ask, &question, question.due_ms, err);
}

ps_status ps_ask_send(ps_ask *ask, ps_error *err)
{
    ps_status status = PS_OK;
    unsigned postponed = 0;

    for (bool sent = true; sent && postponed < POSTPONED_MAX && status == PS_OK;)
        status = send_one(ask, &sent, &postponed, err);
    for (size_t i = 0; i < ask->upstreams_count && status == PS_OK; i++)
        status = flush(ask, &ask->upstreams[i], err);
    return status;
}
