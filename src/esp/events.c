#include "esp/events.h"

#include "esp/refuse.h"

enum { ENVELOPES_MAX = 4 }; // one in the other: Lambda, SQS and SNS are three

static ps_status refuse_memory(const ps_import *import, ps_error *err)
{
    return ps_error_set(err, PS_RETRY, "There is not enough memory for the events of source '%s'.",
                        import->config->name);
}

// What is no event may tell of a complaint in words that nobody here knows.
static ps_status refuse_stranger(const ps_import *import, uint64_t line, bool doubt, ps_error *err)
{
    ps_refuse(import, line, err,
              doubt ? "in line %llu stands an event that could be of two ESPs."
                    : "among its events, in line %llu, stands something that is none.",
              (unsigned long long)line);
    ps_error_hint(err, doubt ? "Take what is the sender's own out of the events."
                             : "Write events of one ESP only into the file, as it sent them.");
    return PS_SOURCE;
}

static ps_status set_form(ps_events *events, const ps_event_form *form, uint64_t line, ps_error *err)
{
    const char *declared = events->import->config->format;

    if (events->form != NULL && events->form->kinds != form->kinds) {
        return ps_refuse(events->import, line, err, "it mixes the events of two ESPs; the second begins in line %llu.",
                         (unsigned long long)line);
    }
    if (declared != NULL && strcmp(declared, form->id) != 0) {
        ps_refuse(events->import, line, err, "it is not of the form that the job names.");
        ps_error_hint(err, "Take `format:` out, or name the form that it has.");
        return PS_SOURCE;
    }
    events->form = form;
    events->import->out->format = form->format;
    return PS_OK;
}

static void count_strange(ps_import *import, uint64_t line)
{
    if (import->out->events_unknown++ == 0) import->out->first_unknown = line;
}

static ps_status note(ps_events *events, const ps_event_place *place, uint64_t line, ps_error *err)
{
    ps_import *import = events->import;
    ps_import_entry entry = {.line = line};
    ps_event event;

    ps_arena_reset(&import->arena);
    bool read = ps_event_read(place, &import->arena, &event);
    if (event.says == PS_EVENT_STRANGE) count_strange(import, line);
    if (event.undated) import->out->undated++;
    // Whoever cannot be read and only got mail is not missed.
    bool needed = event.says != PS_EVENT_NOTHING && event.says != PS_EVENT_STRANGE && event.says != PS_EVENT_ALIVE;
    if (!read && needed) return ps_import_add(import, &entry, err);
    ps_import_pass(import, &entry);
    import->quiet += !needed;
    if (!read || (!needed && event.says != PS_EVENT_ALIVE)) return PS_OK;
    return ps_people_note(events->people, &event, line, err);
}

static ps_status read_event(ps_events *events, const json_t *object, uint64_t line, ps_error *err)
{
    bool doubt;
    const ps_event_form *form = ps_event_form_of(object, &doubt);

    if (form == NULL) return refuse_stranger(events->import, line, doubt, err);
    ps_status status = set_form(events, form, line, err);
    if (status != PS_OK) return status;
    ps_arena_reset(&events->import->arena);
    ps_event_place place = {.form = form, .object = object};
    place.kind = ps_event_kind_of(form, object, &events->import->arena);
    size_t count = ps_event_recipients(form, place.kind, object);
    events->import->out->events++;
    for (; status == PS_OK && place.recipient < count; place.recipient++)
        status = note(events, &place, line, err);
    return status;
}

static ps_status refuse_envelope(const ps_import *import, ps_status status, const char *why, uint64_t line,
                                 ps_error *err)
{
    if (status != PS_SOURCE) return refuse_memory(import, err);
    ps_refuse(import, line, err, "line %llu %s.", (unsigned long long)line, why);
    ps_error_hint(err, "Save the messages again, as they came.");
    return PS_SOURCE;
}

// Read what is an event; what is an envelope is opened into `inner`.
static ps_status read_layer(ps_events *events, const json_t *objects, json_t *inner, uint64_t line, ps_error *err)
{
    ps_status status = PS_OK;
    size_t i;
    json_t *object;

    json_array_foreach((json_t *)(uintptr_t)objects, i, object)
    { // only read
        const char *why = NULL;
        bool wrapped;
        status = ps_event_unwrap(object, inner, &wrapped, &why);
        if (status != PS_OK) return refuse_envelope(events->import, status, why, line, err);
        if (!wrapped) status = read_event(events, object, line, err);
        if (status != PS_OK) return status;
    }
    return status;
}

static ps_status read_layers(ps_events *events, json_t **layer, uint64_t line, ps_error *err)
{
    for (int depth = 0; json_array_size(*layer) > 0; depth++) {
        json_t *inner = json_array();
        if (inner == NULL) return refuse_memory(events->import, err);
        if (depth > ENVELOPES_MAX) {
            json_decref(inner);
            return ps_refuse(events->import, line, err, "line %llu has more than four envelopes around an event.",
                             (unsigned long long)line);
        }
        ps_status status = read_layer(events, *layer, inner, line, err);
        json_decref(*layer);
        *layer = inner;
        if (status != PS_OK) return status;
    }
    return PS_OK;
}

ps_status ps_events_read(ps_events *events, const json_t *object, uint64_t line, ps_error *err)
{
    ps_status status = PS_OK;

    if (events->people == NULL) status = ps_people_new(events->import, &events->people, err);
    if (status != PS_OK) return status;
    json_t *layer = json_array();
    bool kept = layer != NULL && json_array_append(layer, (json_t *)(uintptr_t)object) == 0; // counted, not changed
    status = kept ? read_layers(events, &layer, line, err) : refuse_memory(events->import, err);
    json_decref(layer);
    return status;
}

// A few kinds may be new. Where all are, nothing of the file was understood.
static ps_status check_known(const ps_import *import, ps_error *err)
{
    const ps_run_source *out = import->out;

    if (out->events == 0 || out->events_unknown < import->records) return PS_OK;
    return ps_refuse(import, out->first_unknown, err, "none of its events is of a kind that presend knows.");
}

ps_status ps_events_finish(ps_events *events, ps_error *err)
{
    if (events->people == NULL) return PS_OK;
    ps_status status = check_known(events->import, err);
    return status == PS_OK ? ps_people_finish(events->people, err) : status;
}

void ps_events_done(ps_events *events)
{
    ps_people_free(events->people);
    *events = (ps_events){.people = NULL};
}
