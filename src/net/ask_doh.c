#include "base/clock.h"
#include "net/ask_state.h"

// One that asks for this in the middle of a question means that it wants to be left alone, longer than is waited for.
static void leave_alone(ps_ask *ask, ps_upstream *upstream, uint32_t wait_s)
{
    uint64_t wait_ms = (uint64_t)wait_s * 1000;

    if (wait_ms > PS_UPSTREAM_REST_MS) wait_ms = PS_UPSTREAM_REST_MS;
    uint64_t until_ms = ask->now_ms + wait_ms;
    if (until_ms > upstream->rest_until_ms) upstream->rest_until_ms = until_ms;
}

// The name of its host was looked up by others; who answered is known now.
static void learn_address(ps_endpoint *endpoint, const char *peer)
{
    ps_endpoint found;

    if (endpoint->address.ss_family != AF_UNSPEC || peer == NULL || !ps_endpoint_parse(peer, &found)) return;
    endpoint->address = found.address;
    endpoint->len = found.len;
}

static ps_status take_message(ps_ask *ask, ps_flight *flight, const ps_doh_reply *reply, ps_error *err)
{
    ps_dns_query query = flight->query;

    query.id = 0;
    ps_dns_match match = ps_dns_match_reply(reply->message, &query);
    if (match != PS_DNS_MATCH && match != PS_DNS_MATCH_CASE) {
        ps_doh_note_stray(flight->upstream->doh);
        ps_upstream_timed_out(flight->upstream, ask->now_ms);
        return ps_ask_end_failed(ask, flight, PS_DNS_BAD_ANSWER, err);
    }
    learn_address(&flight->upstream->endpoint, reply->peer);
    if (!reply->multiplexed) ps_pace_bound(&flight->upstream->pace, PS_DOH_CONNECTIONS);
    return ps_ask_take_answer(ask, flight, reply->message, err);
}

// Asked too fast: that says nothing of the question.
static ps_status take_busy(ps_ask *ask, ps_flight *flight, ps_error *err)
{
    ps_question question;

    ps_pace_lost(&flight->upstream->pace, flight->sent_ms, ask->now_ms);
    if (flight->question.excused >= PS_ASK_EXCUSES_MAX || flight->question.kind == PS_ASK_KIND_PROBE) {
        return ps_ask_end_failed(ask, flight, PS_DNS_REFUSED, err);
    }
    ps_ask_leave(ask, flight, &question);
    question.excused++;
    return ps_ask_requeue(ask, &question, ask->now_ms + ask->options.servfail_ms, err);
}

// No resolver has spoken: whatever came was the web server's, or nobody's.
static ps_status take_nothing(ps_ask *ask, ps_flight *flight, const ps_doh_reply *reply, ps_error *err)
{
    static const ps_dns_outcome outcomes[] = {[PS_DOH_FAILED] = PS_DNS_REFUSED,
                                              [PS_DOH_WRONG_STATUS] = PS_DNS_RESOLVER_ERROR,
                                              [PS_DOH_WRONG_BODY] = PS_DNS_BAD_ANSWER};

    if (reply->end == PS_DOH_LATE) return ps_ask_expire(ask, flight, err);
    if (reply->end == PS_DOH_BROKEN) {
        // It may be back in a moment; until then the attempt lasts.
        ps_flight_set_deadline(&ask->flights, flight, ask->now_ms + PS_ASK_UNREACHABLE_MS);
        return PS_OK;
    }
    ps_upstream_timed_out(flight->upstream, ask->now_ms);
    if (reply->end == PS_DOH_BUSY) return take_busy(ask, flight, err);
    return ps_ask_end_failed(ask, flight, outcomes[reply->end], err);
}

static ps_status take_reply(void *context, uint32_t number, const ps_doh_reply *reply, ps_error *err)
{
    ps_ask *ask = context;
    ps_flight *flight = &ask->flights.items[number];

    ask->now_ms = ps_clock_monotonic_ms();
    leave_alone(ask, flight->upstream, reply->wait_s);
    bool spoke = reply->end == PS_DOH_MESSAGE;
    return spoke ? take_message(ask, flight, reply, err) : take_nothing(ask, flight, reply, err);
}

ps_status ps_ask_open_doh(ps_ask *ask, ps_upstream *upstream, ps_error *err)
{
    const ps_doh_options options = {.url = upstream->endpoint.url,
                                    .ca_file = ask->options.doh_ca_file,
                                    .timeout_ms = ask->options.doh_timeout_ms,
                                    .take = take_reply,
                                    .context = ask};

    return ps_doh_open(&options, &upstream->doh, err);
}

ps_status ps_ask_start_doh(ps_ask *ask, ps_question *question, ps_upstream *upstream, ps_error *err)
{
    unsigned char bytes[PS_DNS_QUERY_SIZE_MAX];
    ps_flight *flight = ps_flight_new(&ask->flights, question, upstream, ask->now_ms);
    ps_dns_query query = flight->query;

    query.id = 0; // the same question is the same bytes, for caches on the way (RFC 8484 section 4.1)
    size_t len = ps_dns_query_write(&query, bytes);
    ps_pace_sent(&upstream->pace);
    upstream->queries++;
    return ps_doh_start(upstream->doh, ps_flight_place(&ask->flights, flight), (ps_span){(const char *)bytes, len},
                        err);
}

ps_status ps_ask_receive_doh(ps_ask *ask, ps_doh *doh, int wait_ms, ps_error *err)
{
    ps_status status = ps_doh_wait(doh, (uint32_t)wait_ms, err);

    ask->now_ms = ps_clock_monotonic_ms();
    return status;
}
