#include "net/flight.h"

#include <assert.h>

#include "base/memory.h"

enum {
    IDS = UINT16_MAX + 1,
    ID_UNUSED = UINT16_MAX,
    SLOT_MS = 4,
    SLOTS = 8192, // 32 s
    DEADLINE_MAX_MS = (SLOTS - 1) * SLOT_MS
};

// Each is drawn one query ahead, and its place in the table, which is anywhere, fetched meanwhile.
static void draw_id(ps_flights *flights)
{
    flights->next_id = ps_random_16(&flights->random);
    __builtin_prefetch(&flights->by_id[flights->next_id], 1);
}

ps_status ps_flights_open(ps_flights *out, size_t count, uint64_t now_ms, ps_error *err)
{
    ps_flights flights = {.count = count, .wheel_ms = now_ms - now_ms % SLOT_MS};

    assert(count < IDS / 2); // an unused id is found at the second try, on average
    flights.items = ps_memory_new(count, sizeof *flights.items, err);
    flights.by_id = ps_memory_new(IDS, sizeof *flights.by_id, err);
    flights.wheel = ps_memory_new(SLOTS, sizeof *flights.wheel, err);
    if (flights.items == NULL || flights.by_id == NULL || flights.wheel == NULL) {
        flights.count = 0;
        ps_flights_done(&flights);
        return PS_RETRY;
    }
    memset(flights.by_id, 0xff, IDS * sizeof *flights.by_id); // ID_UNUSED in each
    draw_id(&flights);
    memset(flights.wheel, 0xff, SLOTS * sizeof *flights.wheel); // PS_FLIGHT_NONE in each
    for (size_t i = 0; i < count; i++)
        flights.items[i].next = i + 1 < count ? (uint32_t)(i + 1) : PS_FLIGHT_NONE;
    *out = flights;
    return PS_OK;
}

void ps_flights_done(ps_flights *flights)
{
    for (size_t i = 0; i < flights->count; i++) {
        if (flights->items[i].upstream != NULL) ps_question_done(&flights->items[i].question);
    }
    ps_memory_free(flights->items);
    ps_memory_free(flights->by_id);
    ps_memory_free(flights->wheel);
    *flights = (ps_flights){0};
}

static uint16_t unused_id(ps_flights *flights)
{
    while (flights->by_id[flights->next_id] != ID_UNUSED)
        draw_id(flights);
    return flights->next_id;
}

ps_flight *ps_flight_new(ps_flights *flights, const ps_question *question, ps_upstream *upstream, uint64_t now_ms)
{
    assert(flights->free != PS_FLIGHT_NONE && flights->used < flights->count);
    uint32_t place = flights->free;
    ps_flight *flight = &flights->items[place];
    flights->free = flight->next;
    flight->question = *question;
    flight->upstream = upstream;
    flight->sent_ms = now_ms;
    flight->deadline_ms = 0;
    flight->next = flight->previous = flight->next_mate = flight->previous_mate = PS_FLIGHT_NONE;
    flight->socket = flight->tcp = -1;
    flight->mismatches = 0;
    // A connection needs no such help.
    bool plain = upstream->plain_case || question->tcp || upstream->doh != NULL;
    flight->query = (ps_dns_query){.name = ps_question_asks(question),
                                   .capitals = plain ? 0 : ps_random_64(&flights->random),
                                   .type = question->type,
                                   .id = unused_id(flights),
                                   .edns = !question->no_edns};
    flights->by_id[flight->query.id] = (uint16_t)place;
    draw_id(flights);
    flights->used++;
    upstream->in_flight++;
    return flight;
}

void ps_flight_set_socket(ps_flights *flights, ps_flight *flight, int socket)
{
    ps_upstream_socket *at = &flight->upstream->sockets[socket];
    uint32_t place = ps_flight_place(flights, flight);

    assert(flight->socket < 0 && flight->tcp < 0);
    flight->socket = (int16_t)socket;
    flight->next_mate = at->flights;
    flight->previous_mate = PS_FLIGHT_NONE;
    if (at->flights != PS_FLIGHT_NONE) flights->items[at->flights].previous_mate = place;
    at->flights = place;
    at->in_flight++;
}

static void leave_socket(ps_flights *flights, ps_flight *flight)
{
    ps_upstream_socket *at = &flight->upstream->sockets[flight->socket];

    if (flight->next_mate != PS_FLIGHT_NONE) flights->items[flight->next_mate].previous_mate = flight->previous_mate;
    if (flight->previous_mate != PS_FLIGHT_NONE) {
        flights->items[flight->previous_mate].next_mate = flight->next_mate;
    } else {
        at->flights = flight->next_mate;
    }
    ps_upstream_socket_leave(flight->upstream, flight->socket);
}

static uint32_t *slot_of(const ps_flights *flights, uint64_t deadline_ms)
{
    return &flights->wheel[deadline_ms / SLOT_MS % SLOTS];
}

static void leave_wheel(ps_flights *flights, ps_flight *flight)
{
    if (flight->deadline_ms == 0) return;
    if (flight->next != PS_FLIGHT_NONE) flights->items[flight->next].previous = flight->previous;
    if (flight->previous != PS_FLIGHT_NONE) {
        flights->items[flight->previous].next = flight->next;
    } else {
        *slot_of(flights, flight->deadline_ms) = flight->next;
    }
    flight->deadline_ms = 0;
}

void ps_flight_set_deadline(ps_flights *flights, ps_flight *flight, uint64_t deadline_ms)
{
    uint64_t last_ms = flights->wheel_ms + DEADLINE_MAX_MS;
    uint32_t place = ps_flight_place(flights, flight);

    leave_wheel(flights, flight);
    if (deadline_ms < flights->wheel_ms) deadline_ms = flights->wheel_ms;
    flight->deadline_ms = deadline_ms < last_ms ? deadline_ms : last_ms;
    uint32_t *slot = slot_of(flights, flight->deadline_ms);
    flight->next = *slot;
    flight->previous = PS_FLIGHT_NONE;
    if (*slot != PS_FLIGHT_NONE) flights->items[*slot].previous = place;
    *slot = place;
}

void ps_flight_end(ps_flights *flights, ps_flight *flight)
{
    uint32_t place = ps_flight_place(flights, flight);

    leave_wheel(flights, flight);
    if (flight->socket >= 0) leave_socket(flights, flight);
    flight->upstream->in_flight--;
    flights->by_id[flight->query.id] = ID_UNUSED;
    flight->upstream = NULL;
    flight->next = flights->free;
    flights->free = place;
    flights->used--;
}

ps_flight *ps_flights_overdue(ps_flights *flights, uint64_t now_ms)
{
    // A slot is looked at once all that is in it is due.
    while (flights->wheel_ms + SLOT_MS <= now_ms) {
        uint32_t place = *slot_of(flights, flights->wheel_ms);
        if (place != PS_FLIGHT_NONE) return &flights->items[place];
        flights->wheel_ms += SLOT_MS;
    }
    return NULL;
}

uint64_t ps_flights_next_ms(const ps_flights *flights, uint64_t until_ms)
{
    for (uint64_t at = flights->wheel_ms; at < until_ms; at += SLOT_MS) {
        if (*slot_of(flights, at) != PS_FLIGHT_NONE) return at + SLOT_MS;
    }
    return until_ms;
}

ps_flight *ps_flights_of_id(const ps_flights *flights, ps_span message)
{
    if (message.len < sizeof(uint16_t)) return NULL;
    uint32_t place = flights->by_id[(unsigned char)message.bytes[0] << 8 | (unsigned char)message.bytes[1]];
    return place == ID_UNUSED ? NULL : &flights->items[place];
}

ps_flight *ps_flights_imitated(ps_flights *flights, const ps_upstream *upstream, int socket, ps_span message)
{
    uint32_t place = upstream->sockets[socket].flights;

    for (; place != PS_FLIGHT_NONE; place = flights->items[place].next_mate) {
        ps_dns_match match = ps_dns_match_reply(message, &flights->items[place].query);
        if (match != PS_DNS_MATCH_NONE) return &flights->items[place];
    }
    return NULL;
}
