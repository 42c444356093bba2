#include "esp/sync.h"

#include <stdio.h>

#include "base/memory.h"

enum {
    FULL_EVERY_S = 20 * 3600, // a nightly sync reads whole lists, an hourly one mostly what came since
    OVERLAP_S = 2 * 3600 // a window begins before the last reading did: events reach the lists of ESPs late
};

// A list that is being read.
typedef struct sync_list {
    struct sync_one *one;
    ps_reading reading;
} sync_list;

// A source that is being synced.
typedef struct sync_one {
    const ps_sync_options *options;
    ps_sync_source *source;
    ps_client *client;
    void *intake;
    ps_expander expander;
    sync_list lists[PS_STORED_LISTS_MAX];
    size_t list_count;
    size_t first_fetch, fetch_count; // of the lists that are still to be read
    ps_stored_entry *entries; // room for a page
    size_t capacity;
} sync_one;

typedef struct sync_all {
    const ps_sync_options *options;
    sync_one *ones;
    ps_client_fetch *fetches;
    size_t count, fetch_count;
} sync_all;

// ---- a page

// Every entry is looked at before it is stored: a list that cannot be understood never becomes the state.
static ps_status look_only(void *context, const ps_suppression_entry *found, bool *out_new, ps_error *err)
{
    (void)context;
    (void)found;
    (void)err;
    *out_new = false;
    return PS_OK;
}

static ps_stored_entry stored_of(const ps_client_entry *entry)
{
    return (ps_stored_entry){
        .text = entry->text,
        .scope = entry->scope,
        .code = entry->code,
        .reason = entry->reason,
        .kind = entry->kind == PS_CLIENT_DOMAIN ? PS_STORED_DOMAIN : PS_STORED_ADDRESS,
        .class = entry->class,
        .created_s = entry->created_s,
        .expires_s = entry->expires_s,
    };
}

static ps_status take_page(void *context, const ps_client_page *page, ps_error *err)
{
    sync_list *list = context;
    sync_one *one = list->one;
    ps_status status =
        ps_memory_grow((void **)&one->entries, &one->capacity, page->count + 1, sizeof *one->entries, err);

    for (size_t i = 0; status == PS_OK && i < page->count; i++) {
        one->entries[i] = stored_of(&page->entries[i]);
        // An allowlist suppresses nobody, whatever stands in it.
        if (!list->reading.allowlist) status = ps_expand(&one->expander, list->reading.list, &one->entries[i], err);
    }
    if (status != PS_OK) return status;
    const ps_intake_page taken = {.entries = one->entries,
                                  .count = page->count,
                                  .token = page->ended ? NULL : page->resume,
                                  .first = page->number == 1};
    return one->options->book->page(one->intake, &list->reading, &taken, err);
}

// ---- before

// A window of time where the ESP has one and the last whole reading is not long ago, else the whole list.
static int64_t since_of(const sync_one *one, const ps_client_list *list, const ps_stored_source *known)
{
    for (size_t i = 0; list->window && !one->options->full && i < known->list_count; i++) {
        const ps_stored_list *stored = &known->lists[i];
        if (strcmp(stored->name, list->name) != 0) continue;
        int64_t now_s = one->options->now_s;
        // A time yet to come was written by a clock that was wrong: what came since is not known.
        bool sound = stored->full_s > 0 && stored->full_s <= now_s && stored->whole_s <= now_s;
        bool recent = sound && now_s - stored->full_s < FULL_EVERY_S;
        return recent ? stored->whole_s - OVERLAP_S : 0;
    }
    return 0;
}

static ps_status begin_list(sync_one *one, const ps_client_list *list, const ps_stored_source *known, ps_error *err)
{
    sync_list *out = &one->lists[one->list_count];

    if (one->list_count == PS_STORED_LISTS_MAX) {
        return ps_error_set(err, PS_CONFIG, "Suppression source '%s' has more than %d lists.",
                            one->source->config->name, PS_STORED_LISTS_MAX);
    }
    *out = (sync_list){
        .one = one,
        .reading = {.list = list->name, .allowlist = list->allowlist, .since_s = since_of(one, list, known)}};
    one->list_count++;
    one->source->full = one->source->full && out->reading.since_s == 0;
    return one->options->book->begin(one->intake, &out->reading, err);
}

// Lists are read in an order in which people move: one who is taken off the bounces for a complaint is found on one of
// the two. So a list that had ended is read again when one before it had not.
static void keep_order(sync_one *one)
{
    bool before = true;

    for (size_t i = 0; i < one->list_count; i++) {
        ps_reading *reading = &one->lists[i].reading;
        if (!before && reading->ended) {
            reading->ended = false;
            reading->token[0] = '\0';
        }
        before = before && reading->ended;
    }
}

static ps_status begin_lists(sync_one *one, ps_error *err)
{
    const ps_book *book = one->options->book;
    ps_stored_source known = {.list_count = 0};
    bool found = false;
    size_t count = 0;
    const ps_client_list *lists = ps_client_lists(one->client, &count);
    ps_status status = book->source(book->store, one->source->config->name, &known, &found, err);

    one->source->full = true;
    for (size_t i = 0; status == PS_OK && i < count; i++)
        status = begin_list(one, &lists[i], &known, err);
    keep_order(one);
    return status;
}

static ps_status begin_one(sync_one *one, ps_error *err)
{
    const ps_sync_options *options = one->options;
    const ps_source_config *config = one->source->config;
    ps_status status = ps_client_new(config, &one->client, err);

    if (status != PS_OK) return status;
    const ps_intake_options intake = {.name = config->name,
                                      .type = config->type,
                                      .origin = ps_client_account(one->client),
                                      .fresh = options->full,
                                      .accept_account = one->source->accept_account,
                                      .now_s = options->now_s};
    status = ps_expander_open(&one->expander, config->name, options->rules, options->zone, err);
    one->expander.take = look_only;
    if (status == PS_OK) status = options->book->open(options->book->store, &intake, &one->intake, err);
    return status == PS_OK ? begin_lists(one, err) : status;
}

static void add_fetches(sync_all *all, sync_one *one)
{
    one->first_fetch = all->fetch_count;
    for (size_t i = 0; i < one->list_count; i++) {
        sync_list *list = &one->lists[i];
        if (list->reading.ended) continue; // an earlier sync came to its end
        all->fetches[all->fetch_count++] = (ps_client_fetch){
            .client = one->client,
            .list = ps_client_list_find(one->client, list->reading.list),
            .since_s = list->reading.since_s,
            .accept_count = one->source->accept_count,
            .resume = list->reading.token[0] == '\0' ? NULL : list->reading.token,
            .page = take_page,
            .context = list,
        };
    }
    one->fetch_count = all->fetch_count - one->first_fetch;
}

// ---- after

// How its lists came; the first that is not whole speaks for the source.
static ps_status settle_fetches(const sync_all *all, sync_one *one, ps_error *err)
{
    ps_sync_source *source = one->source;
    ps_status status = PS_OK;

    for (size_t i = 0; i < one->fetch_count; i++) {
        const ps_client_fetch *fetch = &all->fetches[one->first_fetch + i];
        source->pages += fetch->pages;
        source->requests += fetch->requests;
        source->fetched += fetch->entries;
        source->undated += fetch->undated;
        if (source->warning[0] == '\0') snprintf(source->warning, sizeof source->warning, "%s", fetch->warning);
        if (fetch->status == PS_OK || status != PS_OK) continue;
        status = fetch->status;
        *err = fetch->error;
    }
    return status;
}

static ps_status end_one(const sync_all *all, sync_one *one, ps_error *err)
{
    ps_sync_source *source = one->source;
    ps_status status = settle_fetches(all, one, err);

    source->unreadable = one->expander.counts.unreadable;
    if (status == PS_OK && !source->accept_kinds) status = ps_expander_finish(&one->expander, err);
    if (status == PS_OK) status = all->options->book->apply(one->intake, &source->accept, &source->change, err);
    return status;
}

static void close_all(sync_all *all)
{
    for (size_t i = 0; all->ones != NULL && i < all->count; i++) {
        sync_one *one = &all->ones[i];
        if (one->intake != NULL) all->options->book->close(one->intake);
        ps_expander_close(&one->expander);
        ps_client_free(one->client);
        ps_memory_free(one->entries);
    }
    ps_memory_free(all->fetches);
    ps_memory_free(all->ones);
}

static ps_status first_failure(const sync_all *all, ps_error *err)
{
    for (size_t i = 0; i < all->count; i++) {
        const ps_sync_source *source = all->ones[i].source;
        if (source->status == PS_OK) continue;
        if (err != NULL) *err = source->error;
        return source->status;
    }
    return PS_OK;
}

static void fetch_all(sync_all *all)
{
    const ps_sync_options *options = all->options;
    ps_error ignored = {.status = PS_OK};

    for (size_t i = 0; i < all->count; i++) {
        sync_one *one = &all->ones[i];
        one->source->status = begin_one(one, &one->source->error);
        if (one->source->status == PS_OK) add_fetches(all, one);
    }
    // Each fetch has its own status and error: these are looked at source by source.
    if (all->fetch_count > 0) (void)ps_client_fetch_all(all->fetches, all->fetch_count, options->watch, &ignored);
    for (size_t i = 0; i < all->count; i++) {
        sync_one *one = &all->ones[i];
        if (one->source->status == PS_OK) one->source->status = end_one(all, one, &one->source->error);
    }
}

ps_status ps_sync_run(const ps_sync_options *options, ps_sync_source *sources, size_t count, ps_error *err)
{
    sync_all all = {.options = options, .count = count};

    all.ones = ps_memory_new(count, sizeof *all.ones, err);
    all.fetches = ps_memory_new(count * PS_STORED_LISTS_MAX, sizeof *all.fetches, err);
    if (all.ones == NULL || all.fetches == NULL) {
        close_all(&all);
        return PS_RETRY;
    }
    for (size_t i = 0; i < count; i++) {
        all.ones[i].options = options;
        all.ones[i].source = &sources[i];
    }
    fetch_all(&all);
    ps_status status = first_failure(&all, err);
    close_all(&all);
    return status;
}
