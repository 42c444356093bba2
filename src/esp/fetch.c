#include "esp/fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "esp/asking.h"
#include "esp/reader.h"
#include "esp/reply.h"
#include "esp/retry.h"
#include "net/random.h"

enum {
    STEP_MS = 200, // how long a wait for the network may keep a stop from being seen
    PROGRESS_MS = 1000, // between two reports of a list that waits
    CLOCK_SKEW_S = 600, // between the ESP's clock and ours, where ours says what is asked for
    WHAT_SIZE = 160
};

struct run;

// The requests of one client, one after the other.
typedef struct lane {
    const ps_client *client;
    const struct reading *busy; // the list that is being read
    uint64_t waited_ms; // in retries
    uint64_t next_ms; // not before
} lane;

typedef struct reading {
    struct run *run;
    ps_client_fetch *fetch;
    lane *lane;
    ps_list_reader reader;
    ps_list_reader_request request;
    bool open, asked, done;
    unsigned tries; // of this request
    uint32_t wait_ms;
    uint64_t shown_ms;
} reading;

typedef struct run {
    ps_http *http;
    reading *readings;
    lane *lanes;
    size_t count, lanes_count;
    bool first_page;
    const ps_client_watch *watch;
    ps_random random;
} run;

static void finish(reading *r, ps_status status)
{
    r->done = true;
    r->fetch->status = status;
    r->fetch->ended_s = ps_clock_now_s();
    memcpy(r->fetch->warning, r->reader.warning, sizeof r->fetch->warning);
    if (r->lane->busy == r) r->lane->busy = NULL;
}

static void show(reading *r, const char *why)
{
    const ps_client_watch *watch = r->run->watch;
    const ps_client_progress progress = {
        .source = r->fetch->client->config->name,
        .list = r->fetch->list->name,
        .pages = r->reader.pages,
        .entries = r->reader.entries,
        .total = r->reader.total == UINT64_MAX ? 0 : r->reader.total,
        .retries = r->tries,
        .wait_ms = r->wait_ms,
        .why = why,
    };

    r->shown_ms = ps_clock_monotonic_ms();
    if (watch != NULL && watch->progress != NULL) watch->progress(watch->context, &progress);
}

static void hold_back(reading *r, uint32_t wait_ms)
{
    r->wait_ms = wait_ms;
    r->lane->next_ms = ps_clock_monotonic_ms() + wait_ms;
}

// The next request of the list, after its reply was taken.
static void go_on(reading *r, uint32_t pause_ms)
{
    uint32_t pace = r->lane->client->loopback ? 0 : r->lane->client->api->pace_ms;

    r->tries = 0;
    hold_back(r, pause_ms > pace ? pause_ms : pace);
    ps_status status = ps_list_reader_next(&r->reader, &r->request, &r->fetch->error);
    if (status != PS_OK) finish(r, status);
}

static void take_page(reading *r, const ps_client_page *page, const ps_http_reply *reply)
{
    ps_client_fetch *fetch = r->fetch;

    fetch->pages++;
    fetch->entries += page->count;
    fetch->undated += r->reader.page_items.undated;
    ps_status status = fetch->page == NULL ? PS_OK : fetch->page(fetch->context, page, &fetch->error);
    show(r, "");
    if (status != PS_OK || page->ended || r->run->first_page) {
        fetch->whole = status == PS_OK && page->ended;
        finish(r, status);
    } else {
        go_on(r, ps_retry_pause_ms(reply, (double)ps_clock_now_s()));
    }
}

// A list that is asked for by times of this machine lacks its newest entries when the clock is slow, and what came
// between two readings when it was fast.
static ps_status check_clock(const reading *r, const ps_http_reply *reply, ps_error *err)
{
    const char *name = r->fetch->client->config->name;
    int64_t theirs = ps_http_date(ps_http_reply_header(reply, "date")), ours = ps_clock_now_s();

    if (!r->fetch->list->window || theirs < 0 || llabs(theirs - ours) <= CLOCK_SKEW_S) return PS_OK;
    ps_error_set(err, PS_SOURCE,
                 "Suppression source '%s' cannot be used: this machine's clock differs from that of %s by %lld s, and "
                 "its lists are asked for by time.",
                 name, ps_client_origin(r->fetch->client), llabs((long long)(theirs - ours)));
    ps_error_hint(err, "Set the clock, then run again; `--accept %s:stale` uses the last whole list for one run.",
                  name);
    return PS_SOURCE;
}

static void take(reading *r, const ps_http_reply *reply)
{
    json_t *parsed = NULL;
    ps_client_page page;
    bool has_page = false;

    ps_status status = check_clock(r, reply, &r->fetch->error);
    if (status == PS_OK) {
        status = ps_list_reader_take(&r->reader, reply->body, ps_http_reply_header(reply, "content-type"), &parsed,
                                     &page, &has_page, &r->fetch->error);
    }
    if (status != PS_OK) {
        finish(r, status);
    } else if (has_page) {
        take_page(r, &page, reply);
    } else {
        go_on(r, ps_retry_pause_ms(reply, (double)ps_clock_now_s()));
    }
    json_decref(parsed);
}

static void fail(reading *r, const ps_http_reply *reply, const ps_reply_verdict *verdict)
{
    char what[WHAT_SIZE];
    bool about_account = r->reader.phase == PS_READER_PROOF;

    if (verdict->status == PS_CREDENTIALS && ps_list_reader_skip_proof(&r->reader)) {
        go_on(r, 0);
        return;
    }
    if (verdict->about_request && ps_list_reader_start_over(&r->reader)) {
        go_on(r, 0);
        return;
    }
    snprintf(what, sizeof what, "page %" PRIu64 " of its list '%s'", r->reader.pages + 1, r->fetch->list->name);
    finish(r, ps_reply_error(r->fetch->client, reply, verdict->status, about_account ? "the account" : what,
                             &r->fetch->error));
}

static void on_reply(void *context, const ps_http_reply *reply)
{
    reading *r = context;
    const ps_client_watch *watch = r->run->watch;
    ps_reply_verdict verdict;
    uint32_t wait = 0;

    r->asked = false;
    r->fetch->requests++;
    r->fetch->bytes += reply->received_bytes;
    r->tries++;
    ps_reply_judge(r->fetch->client, reply, &verdict);
    if (verdict.action == PS_REPLY_TAKE) {
        take(r, reply);
        return;
    }
    double asked = ps_retry_asked_s(reply, (double)ps_clock_now_s());
    const ps_retry retry = {r->tries, r->lane->waited_ms, watch == NULL ? 0 : watch->first_wait_ms};
    bool again =
        verdict.action == PS_REPLY_RETRY && ps_retry_wait_ms(&retry, asked, ps_random_16(&r->run->random), &wait);
    if (!again) {
        fail(r, reply, &verdict);
        return;
    }
    r->lane->waited_ms += wait;
    hold_back(r, wait);
    show(r, reply->status == 429 ? "the ESP asks to slow down" : "the ESP does not answer");
}

static ps_status ask(reading *r)
{
    const ps_asking asking = {.method = r->request.method,
                              .target = r->request.target,
                              .body = r->request.body,
                              .done = on_reply,
                              .context = r};

    r->asked = true;
    r->wait_ms = 0;
    return ps_asking_start(r->fetch->client, r->run->http, &asking, &r->fetch->error);
}

static ps_status open_reading(reading *r)
{
    ps_client_fetch *fetch = r->fetch;

    fetch->started_s = ps_clock_now_s();
    r->open = true;
    ps_status status = ps_list_reader_open(fetch->client, fetch->list, fetch->since_s, fetch->started_s, fetch->resume,
                                           &r->reader, &fetch->error);
    r->reader.accept_count = fetch->accept_count;
    return status == PS_OK ? ps_list_reader_next(&r->reader, &r->request, &fetch->error) : status;
}

// Sources of one account each have their own requests, and the ESP counts them all.
static bool is_crowded(const run *all, const ps_client *client)
{
    uint32_t under_way = 0;

    for (size_t i = 0; client->api->at_once > 0 && i < all->count; i++) {
        const reading *other = &all->readings[i];
        under_way += other->asked && strcmp(ps_client_origin(other->fetch->client), ps_client_origin(client)) == 0;
    }
    return client->api->at_once > 0 && under_way >= client->api->at_once;
}

// Moves one list on as far as it goes without waiting.
static void move(reading *r, uint64_t now_ms)
{
    ps_status status = PS_OK;

    if (r->done || r->asked || (r->lane->busy != NULL && r->lane->busy != r)) return;
    bool crowded = is_crowded(r->run, r->lane->client);
    r->lane->busy = r;
    if (!r->open) status = open_reading(r);
    if (status == PS_OK && r->lane->next_ms <= now_ms && !crowded) status = ask(r);
    if (status != PS_OK) finish(r, status);
    if (!r->done && !r->asked && now_ms - r->shown_ms >= PROGRESS_MS)
        show(r, crowded ? "other lists of this ESP are read" : "the ESP asks to slow down");
}

static bool all_done(const run *all)
{
    for (size_t i = 0; i < all->count; i++) {
        if (!all->readings[i].done) return false;
    }
    return true;
}

// Until the next list may go on.
static uint32_t wait_ms(const run *all, uint64_t now_ms)
{
    uint64_t least = STEP_MS;

    for (size_t i = 0; i < all->count; i++) {
        const reading *r = &all->readings[i];
        if (r->done || r->asked || (r->lane->busy != NULL && r->lane->busy != r)) continue;
        if (is_crowded(all, r->lane->client)) continue; // until one of those is answered
        uint64_t wait = r->lane->next_ms > now_ms ? r->lane->next_ms - now_ms : 0;
        if (wait < least) least = wait;
    }
    return (uint32_t)least;
}

static void end_all(run *all, ps_status status, const ps_error *why)
{
    for (size_t i = 0; i < all->count; i++) {
        reading *r = &all->readings[i];
        if (r->done) continue;
        r->fetch->error = *why;
        finish(r, status);
    }
}

static void loop(run *all)
{
    const ps_client_watch *watch = all->watch;
    ps_error err = {.status = PS_OK};
    ps_status status = PS_OK;

    while (status == PS_OK && !all_done(all)) {
        uint64_t now = ps_clock_monotonic_ms();
        if (watch != NULL && watch->stop != NULL && watch->stop(watch->context)) {
            status = ps_error_set(&err, PS_INTERRUPTED, "Stopped while the lists of ESPs were read.");
            ps_error_hint(&err, "Run the same command again: it goes on at the page that it had come to.");
            break;
        }
        for (size_t i = 0; i < all->count; i++)
            move(&all->readings[i], now);
        if (!all_done(all)) status = ps_http_wait(all->http, wait_ms(all, ps_clock_monotonic_ms()), &err);
    }
    if (status != PS_OK) end_all(all, status, &err);
}

static lane *lane_of(run *all, const ps_client *client)
{
    for (size_t i = 0; i < all->lanes_count; i++) {
        if (all->lanes[i].client == client) return &all->lanes[i];
    }
    all->lanes[all->lanes_count] = (lane){.client = client};
    return &all->lanes[all->lanes_count++];
}

static ps_status set_up(run *all, ps_client_fetch *fetches, ps_error *err)
{
    all->readings = ps_memory_new(all->count, sizeof *all->readings, err);
    all->lanes = ps_memory_new(all->count, sizeof *all->lanes, err);
    if (all->readings == NULL || all->lanes == NULL) return PS_RETRY;
    for (size_t i = 0; i < all->count; i++) {
        ps_client_fetch *fetch = &fetches[i];
        fetch->status = PS_OK;
        fetch->error = (ps_error){.status = PS_OK};
        fetch->whole = false;
        fetch->warning[0] = '\0';
        fetch->pages = fetch->entries = fetch->requests = fetch->bytes = fetch->undated = 0;
        all->readings[i] = (reading){.run = all, .fetch = fetch, .lane = lane_of(all, fetch->client)};
    }
    return ps_http_open(&all->http, err);
}

ps_status ps_fetch_run(ps_client_fetch *fetches, size_t count, bool first_page, const ps_client_watch *watch,
                       ps_error *err)
{
    run all = {.count = count, .first_page = first_page, .watch = watch};

    if (count == 0) return PS_OK;
    ps_status status = set_up(&all, fetches, err);
    if (status == PS_OK) loop(&all);
    ps_http_close(all.http); // before the readers: what is under way points to them
    for (size_t i = 0; i < count && all.readings != NULL; i++) {
        if (all.readings[i].open) ps_list_reader_close(&all.readings[i].reader);
    }
    ps_memory_free(all.readings);
    ps_memory_free(all.lanes);
    for (size_t i = 0; status == PS_OK && i < count; i++) {
        if (fetches[i].status == PS_OK) continue;
        status = fetches[i].status;
        if (err != NULL) *err = fetches[i].error;
    }
    return status;
}

ps_status ps_client_fetch_all(ps_client_fetch *fetches, size_t count, const ps_client_watch *watch, ps_error *err)
{
    return ps_fetch_run(fetches, count, false, watch, err);
}

ps_status ps_client_check(const ps_client *client, const ps_client_watch *watch, ps_error *err)
{
    ps_client_fetch *fetches = ps_memory_new(client->lists_count, sizeof *fetches, err);

    if (fetches == NULL) return PS_RETRY;
    for (size_t i = 0; i < client->lists_count; i++) {
        fetches[i].client = client;
        fetches[i].list = &client->lists[i];
    }
    ps_status status = ps_fetch_run(fetches, client->lists_count, true, watch, err);
    ps_memory_free(fetches);
    return status;
}
