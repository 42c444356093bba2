// What the state holds of suppression lists, and what came and went.

#include <stdio.h>

#include "base/text.h"
#include "cmd/suppress.h"
#include "report/format.h"
#include "report/view.h"

// ---- list

static void text_source(ps_suppress *s, const ps_stored_source *source)
{
    char time[PS_TIME_TEXT_SIZE];

    for (size_t i = 0; i < source->list_count; i++) {
        const ps_stored_list *list = &source->lists[i];
        ps_buf_add_format(&s->out, "%-20s %-12s %-24s %12llu  %-20s%s\n", source->name, source->type, list->name,
                          (unsigned long long)list->count, ps_suppress_time(list->whole_s, time),
                          list->allowlist ? " allowlist: lifts nothing" : "");
    }
}

static void json_time(ps_json *json, const char *name, int64_t seconds)
{
    char text[PS_TIME_TEXT_SIZE];

    ps_json_text(json, name, seconds > 0 ? ps_suppress_time(seconds, text) : NULL);
}

static void json_source(ps_suppress *s, const ps_stored_source *source)
{
    ps_json *json = &s->json;

    ps_json_object(json, NULL);
    ps_json_text(json, "source", source->name);
    ps_json_text(json, "type", source->type);
    ps_json_text(json, "account", source->origin);
    json_time(json, "whole_at", ps_stored_whole_s(source));
    ps_json_array(json, "lists");
    for (size_t i = 0; i < source->list_count; i++) {
        const ps_stored_list *list = &source->lists[i];
        ps_json_object(json, NULL);
        ps_json_text(json, "list", list->name);
        ps_json_bool(json, "allowlist", list->allowlist);
        ps_json_count(json, "entries", list->count);
        json_time(json, "whole_at", list->whole_s);
        json_time(json, "full_at", list->full_s);
        ps_json_object_end(json);
    }
    ps_json_array_end(json);
    ps_json_object_end(json);
}

static ps_status show_source(void *context, const ps_stored_source *source, ps_error *err)
{
    ps_suppress *s = context;

    if (s->session->terminal.json) {
        json_source(s, source);
    } else {
        text_source(s, source);
    }
    return ps_suppress_flush(s, PS_SUPPRESS_OUTPUT_BYTES, err);
}

static ps_status list_sources(ps_suppress *s, ps_error *err)
{
    bool json = s->session->terminal.json;

    if (json) {
        ps_suppress_json_begin(s);
        ps_json_array(&s->json, "sources");
    } else {
        ps_buf_add_format(&s->out, "%-20s %-12s %-24s %12s  %s\n", "source", "type", "list", "entries", "whole at");
    }
    ps_status status = ps_suppress_each(s, show_source, s, err);
    if (status != PS_OK) return status;
    if (!json) return ps_suppress_flush(s, 0, err);
    ps_json_array_end(&s->json);
    return ps_suppress_json_end(s, err);
}

static bool is_wanted(const ps_suppress *s, const char *list)
{
    const char *wanted = ps_arguments_value(&s->session->arguments, "list");

    return wanted == NULL || strcmp(wanted, list) == 0;
}

static ps_status show_entry(void *context, const ps_stored_list *list, const ps_stored_entry *entry, ps_error *err)
{
    ps_suppress *s = context;
    char time[PS_TIME_TEXT_SIZE];

    if (!is_wanted(s, list->name)) return PS_OK;
    if (s->session->terminal.json) {
        ps_json_object(&s->json, NULL);
        ps_suppress_json_entry(s, list->name, entry);
        ps_json_object_end(&s->json);
    } else {
        ps_buf_add_format(&s->out, "%-24s %-12s %-20s ", list->name, ps_class_word(entry->class),
                          ps_suppress_time(entry->created_s, time));
        ps_add_visible(&s->out, entry->text);
        if (entry->scope.len > 0) ps_buf_add_text(&s->out, "  only ");
        ps_add_visible(&s->out, entry->scope);
        if (entry->gone_s != 0) ps_buf_add_text(&s->out, "  gone at the ESP, kept");
        ps_buf_add_char(&s->out, '\n');
    }
    return ps_suppress_flush(s, PS_SUPPRESS_OUTPUT_BYTES, err);
}

// Whether they fit their sums is known after the last one, and what is shown cannot be taken back.
static ps_status check_only(void *context, const ps_stored_list *list, const ps_stored_entry *entry, ps_error *err)
{
    (void)context;
    (void)list;
    (void)entry;
    (void)err;
    return PS_OK;
}

static ps_status list_entries(ps_suppress *s, ps_error *err)
{
    bool json = s->session->terminal.json;
    ps_stored_source source;
    ps_status status = ps_suppress_find(s, s->names[0], &source, err);

    if (status == PS_OK) status = ps_store_entries(s->store, &source, check_only, NULL, err);
    if (status != PS_OK) return status;
    if (json) {
        ps_suppress_json_begin(s);
        ps_json_text(&s->json, "source", source.name);
        ps_json_array(&s->json, "entries");
    }
    status = ps_store_entries(s->store, &source, show_entry, s, err);
    if (status != PS_OK) return status;
    if (!json) return ps_suppress_flush(s, 0, err);
    ps_json_array_end(&s->json);
    return ps_suppress_json_end(s, err);
}

ps_status ps_suppress_list(ps_suppress *s, ps_error *err)
{
    return s->name_count == 0 ? list_sources(s, err) : list_entries(s, err);
}

// ---- diff

typedef struct comparing {
    ps_suppress *s;
    const ps_stored_source *source;
    uint64_t counts[PS_STORE_EVENT_COUNT];
} comparing;

static const char *const event_words[PS_STORE_EVENT_COUNT] = {"came", "gone_kept", "lifted", "removed"};
static const char event_signs[PS_STORE_EVENT_COUNT] = {'+', '=', '-', '-'};

static void text_difference(comparing *c, const ps_store_difference *difference)
{
    ps_buf *out = &c->s->out;

    ps_buf_add_format(out, "%c %-20s %-20s %-12s ", event_signs[difference->event], c->source->name, difference->list,
                      ps_class_word(difference->entry.class));
    ps_add_visible(out, difference->entry.text);
    if (difference->event == PS_STORE_WENT) ps_buf_add_text(out, "  gone at the ESP, kept");
    if (difference->event == PS_STORE_TAKEN_OUT) {
        ps_buf_add_text(out, "  removed by ");
        ps_add_visible(out, ps_span_of(difference->who));
        ps_buf_add_text(out, ": ");
        ps_add_visible(out, ps_span_of(difference->why));
    }
    ps_buf_add_char(out, '\n');
}

static void json_difference(comparing *c, const ps_store_difference *difference)
{
    ps_json *json = &c->s->json;

    ps_json_object(json, NULL);
    ps_json_text(json, "source", c->source->name);
    ps_json_text(json, "event", event_words[difference->event]);
    json_time(json, "at", difference->at_s);
    ps_suppress_json_entry(c->s, difference->list, &difference->entry);
    ps_json_span(json, "who", ps_span_of(difference->who));
    ps_json_span(json, "why", ps_span_of(difference->why));
    ps_json_object_end(json);
}

static ps_status show_difference(void *context, const ps_store_difference *difference, ps_error *err)
{
    comparing *c = context;

    c->counts[difference->event]++;
    if (c->s->session->terminal.json) {
        json_difference(c, difference);
    } else {
        text_difference(c, difference);
    }
    return ps_suppress_flush(c->s, PS_SUPPRESS_OUTPUT_BYTES, err);
}

// The first second of a day. No zone is as much as a day away.
static int64_t day_begin_s(const ps_zone *zone, ps_day day)
{
    int64_t low = ((int64_t)day - 1) * 86400, high = ((int64_t)day + 1) * 86400;

    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (ps_zone_day(zone, middle) < day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int64_t since_of(const ps_suppress *s)
{
    const char *since = ps_arguments_value(&s->session->arguments, "since");
    ps_day day = PS_DAY_NONE;

    if (since == NULL) return 0;
    if (!ps_day_parse(ps_span_of(since), &day)) return ps_clock_now_s(); // `now`
    return day_begin_s(s->job == NULL ? s->utc : s->session->config.zone, day);
}

static ps_status compare_source(void *context, const ps_stored_source *source, ps_error *err)
{
    comparing *c = context;
    int64_t since_s = since_of(c->s);
    ps_status status = PS_OK;

    c->source = source;
    if (since_s == 0) status = ps_store_last_sync(c->s->store, source, &since_s, err);
    if (status != PS_OK) return status;
    return ps_store_differences(c->s->store, source, since_s, show_difference, c, err);
}

ps_status ps_suppress_diff(ps_suppress *s, ps_error *err)
{
    comparing c = {.s = s};
    bool json = s->session->terminal.json;

    if (json) {
        ps_suppress_json_begin(s);
        ps_json_array(&s->json, "differences");
    }
    ps_status status = ps_suppress_each(s, compare_source, &c, err);
    if (status != PS_OK) return status;
    if (!json) {
        ps_buf_add_format(&s->out, "%llu came, %llu gone at the ESP and kept, %llu lifted, %llu removed\n",
                          (unsigned long long)c.counts[PS_STORE_CAME], (unsigned long long)c.counts[PS_STORE_WENT],
                          (unsigned long long)c.counts[PS_STORE_LIFTED],
                          (unsigned long long)c.counts[PS_STORE_TAKEN_OUT]);
        return ps_suppress_flush(s, 0, err);
    }
    ps_json_array_end(&s->json);
    ps_json_object(&s->json, "counts");
    for (size_t i = 0; i < PS_STORE_EVENT_COUNT; i++)
        ps_json_count(&s->json, event_words[i], c.counts[i]);
    ps_json_object_end(&s->json);
    return ps_suppress_json_end(s, err);
}
