#include "esp/event.h"

#include "base/hash.h"
#include "base/text.h"
#include "esp/bounce.h"
#include "esp/pointer.h"
#include "esp/stamp.h"
#include "esp/words.h"

enum { DAY_S = 86400 };

static const ps_event_form *const forms[] = {
    &ps_event_sendgrid,    &ps_event_mailgun,         &ps_event_ses,     &ps_event_ses_published, &ps_event_postmark,
    &ps_event_brevo,       &ps_event_brevo_marketing, &ps_event_mailjet, &ps_event_resend,        &ps_event_sisimai,
    &ps_event_blastengine,
};

// ---- which form, which kind

static bool is_form(const ps_event_form *form, const json_t *object)
{
    for (size_t i = 0; i < PS_EVENT_MARKS && form->marks[i] != NULL; i++) {
        if (ps_pointer_get(object, form->marks[i]) == NULL) return false;
    }
    const char *kind = json_string_value(ps_pointer_get(object, form->kind));
    if (kind == NULL) return false;
    return form->begins == NULL || strncmp(kind, form->begins, strlen(form->begins)) == 0;
}

const ps_event_form *ps_event_form_of(const json_t *object, bool *out_doubt)
{
    const ps_event_form *found = NULL;

    *out_doubt = false;
    for (size_t i = 0; i < PS_COUNT_OF(forms); i++) {
        if (!is_form(forms[i], object)) continue;
        if (found == NULL) found = forms[i];
        *out_doubt = *out_doubt || found->kinds != forms[i]->kinds;
    }
    return *out_doubt ? NULL : found;
}

// What is longer than any word is none, and is there.
static void fold(const json_t *value, ps_arena *arena, char out[PS_WORD_BYTES_MAX + 1])
{
    ps_span text;

    if (!ps_pointer_text(value, arena, &text) || !ps_word_fold(text, out)) memcpy(out, "?", 2);
}

const ps_event_kind *ps_event_kind_of(const ps_event_form *form, const json_t *object, ps_arena *arena)
{
    char said[PS_WORD_BYTES_MAX + 1];

    fold(ps_pointer_get(object, form->kind), arena, said);
    for (const ps_event_kind *kind = form->kinds; kind->kind != NULL; kind++) {
        if (ps_word_same(kind->kind, said)) return kind;
    }
    return NULL;
}

// ---- whom it is about

static const char *address_of(const ps_event_form *form, const ps_event_kind *kind)
{
    return kind == NULL || kind->address == NULL ? form->address : kind->address;
}

size_t ps_event_recipients(const ps_event_form *form, const ps_event_kind *kind, const json_t *object)
{
    const char *people = kind == NULL || kind->people == NULL ? address_of(form, kind) : kind->people;
    size_t count = json_array_size(ps_pointer_get(object, people));

    return count == 0 ? 1 : count; // one who is not there is told as missing
}

// The object that tells of one recipient: the event itself where it tells of one only, or alike of all.
static const json_t *record_of(const ps_event_place *place)
{
    if (place->kind == NULL || place->kind->people == NULL) return place->object;
    return json_array_get(ps_pointer_get(place->object, place->kind->people), place->recipient);
}

static const json_t *recipient_of(const ps_event_place *place)
{
    const json_t *record = record_of(place), *value = record;

    if (json_is_object(record)) value = ps_pointer_get(record, address_of(place->form, place->kind));
    return json_is_array(value) ? json_array_get(value, place->recipient) : value;
}

// ---- what it says

static bool fits_text(const char *word, const json_t *value, ps_arena *arena)
{
    char said[PS_WORD_BYTES_MAX + 1];
    size_t len = strlen(word);

    fold(value, arena, said);
    return len > 0 && word[len - 1] == '*' ? strncmp(word, said, len - 1) == 0 : ps_word_same(word, said);
}

// Of an object any member that is a text.
static bool fits_member(const char *word, const json_t *object, ps_arena *arena)
{
    const char *name;
    json_t *member;

    json_object_foreach((json_t *)(uintptr_t)object, name, member)
    { // only read
        if (json_is_string(member) && fits_text(word, member, arena)) return true;
    }
    return false;
}

// Of a list any element.
static bool fits(const char *word, const json_t *value, ps_arena *arena)
{
    bool found = false;

    if (word == NULL) return true;
    if (!json_is_array(value)) return fits_text(word, value, arena);
    for (size_t i = 0; !found && i < json_array_size(value); i++)
        found = fits_member(word, json_array_get(value, i), arena);
    return found;
}

static ps_event_says by_rules(const ps_event_kind *kind, const json_t *object, ps_arena *arena)
{
    const json_t *values[PS_EVENT_WORDS];

    for (size_t i = 0; i < PS_EVENT_WORDS; i++)
        values[i] = ps_pointer_get(object, kind->words[i]);
    for (const ps_event_rule *rule = kind->rules;; rule++) {
        bool all = true;
        for (size_t i = 0; i < PS_EVENT_WORDS; i++)
            all = all && fits(rule->words[i], values[i], arena);
        if (all) return rule->says; // the last has no words
    }
}

ps_event_says ps_event_says_of(ps_class class)
{
    switch (class) {
    case PS_CLASS_COMPLAINT:
        return PS_EVENT_COMPLAINT;
    case PS_CLASS_UNSUBSCRIBE:
        return PS_EVENT_UNSUBSCRIBE;
    case PS_CLASS_MANUAL:
        return PS_EVENT_MANUAL;
    case PS_CLASS_HARD:
        return PS_EVENT_HARD;
    case PS_CLASS_INVALID:
        return PS_EVENT_INVALID;
    case PS_CLASS_BLOCK:
        return PS_EVENT_BLOCK;
    case PS_CLASS_SOFT:
        return PS_EVENT_SOFT;
    case PS_CLASS_UNKNOWN:
    case PS_CLASS_VERIFIED:
    case PS_CLASS_COUNT:
        break;
    }
    return PS_EVENT_UNCLEAR;
}

// A new name may stand for an old thing: where it says plainly that somebody wants no mail, or that there is nobody, it
// is taken at its word.
static ps_event_says by_word(const json_t *word, ps_arena *arena)
{
    ps_span text;
    ps_class class;
    bool vague;

    if (!ps_pointer_text(word, arena, &text) || !ps_word_class(text, &class, &vague) || vague) return PS_EVENT_STRANGE;
    return class == PS_CLASS_BLOCK || class == PS_CLASS_SOFT ? PS_EVENT_STRANGE : ps_event_says_of(class);
}

// The first that is there.
static ps_span first_text(const json_t *record, const char *const *pointers, size_t count, ps_arena *arena)
{
    ps_span text = {NULL, 0};

    for (size_t i = 0; i < count && text.len == 0; i++) {
        if (!ps_pointer_text(ps_pointer_get(record, pointers[i]), arena, &text)) text = (ps_span){NULL, 0};
    }
    return text;
}

typedef struct answer {
    ps_span status, code, text;
} answer;

static answer answer_of(const ps_event_place *place, ps_arena *arena)
{
    const json_t *record = record_of(place);
    const ps_event_form *form = place->form;

    return (answer){
        .status = first_text(record, form->statuses, PS_COUNT_OF(form->statuses), arena),
        .code = first_text(record, &form->code, 1, arena),
        .text = first_text(record, form->texts, PS_COUNT_OF(form->texts), arena),
    };
}

static bool begins(ps_span text, const char *with)
{
    return text.len >= strlen(with) && memcmp(text.bytes, with, strlen(with)) == 0;
}

// Codes from 600 on are no server's: they are what the ESP says of mails that it did not send.
static ps_event_says by_answer(const answer *said, bool else_hard)
{
    if (said->code.len == 3 && said->code.bytes[0] == '6') return PS_EVENT_SUPPRESSED;
    ps_event_says says = ps_event_says_of(ps_bounce_class(said->status, said->code, said->text));
    return says == PS_EVENT_UNCLEAR && else_hard ? PS_EVENT_HARD : says;
}

static ps_event_says says_of(const ps_event_place *place, const answer *said, ps_arena *arena)
{
    const ps_event_kind *kind = place->kind;
    ps_event_says says = kind == NULL          ? by_word(ps_pointer_get(place->object, place->form->kind), arena)
                         : kind->rules == NULL ? kind->says
                                               : by_rules(kind, place->object, arena);

    if (says == PS_EVENT_STRANGE && kind != NULL) says = by_word(ps_pointer_get(place->object, kind->words[0]), arena);
    bool else_hard = says == PS_EVENT_BY_ANSWER_ELSE_HARD;
    if (else_hard || says == PS_EVENT_BY_ANSWER) says = by_answer(said, else_hard);
    bool transient = kind != NULL && kind->transient_by_status && begins(said->status, "4");
    return transient && says == PS_EVENT_HARD ? PS_EVENT_SOFT : says;
}

// ---- when, and which

static void read_time(const ps_event_place *place, ps_arena *arena, ps_event *out)
{
    const ps_event_form *form = place->form;
    bool own = place->kind != NULL && place->kind->time != NULL;
    ps_span stamp = own ? first_text(place->object, &place->kind->time, 1, arena)
                        : first_text(place->object, form->times, PS_EVENT_TIMES, arena);

    out->undated = !ps_stamp_seconds(stamp, form->zone_s, &out->time_s);
}

// Of its own id, or of what tells it from others.
static void set_same(const ps_event_place *place, const answer *said, ps_arena *arena, ps_event *out)
{
    const char *pointer = place->kind == NULL || place->kind->id == NULL ? place->form->event_id : place->kind->id;
    ps_span id = first_text(place->object, &pointer, 1, arena);
    int64_t when = id.len == 0 ? out->time_s : place->form->id_of_day ? out->time_s / DAY_S : 0;
    ps_span parts[] = {id, {(const char *)&when, sizeof when}, said->status, said->code, said->text};
    uint64_t same = (uint64_t)out->says;

    for (size_t i = 0; i < (id.len == 0 ? PS_COUNT_OF(parts) : 2); i++)
        same = same * UINT64_C(0x9E3779B97F4A7C15) + ps_hash_of(parts[i]).low;
    out->same = same;
}

static bool read_address(const ps_event_place *place, ps_event *out)
{
    const json_t *value = recipient_of(place);

    if (!json_is_string(value)) return false;
    out->address = (ps_span){json_string_value(value), json_string_length(value)};
    return true;
}

bool ps_event_read(const ps_event_place *place, ps_arena *arena, ps_event *out)
{
    const char *group = place->kind == NULL ? NULL : place->kind->group;
    answer said = answer_of(place, arena);

    *out = (ps_event){.says = says_of(place, &said, arena)};
    if (out->says == PS_EVENT_NOTHING || out->says == PS_EVENT_STRANGE) return true;
    out->gave_up = out->says == PS_EVENT_SOFT && ps_span_equal(said.status, ps_span_of("4.4.7"));
    out->group = first_text(place->object, &group, 1, arena);
    read_time(place, arena, out);
    set_same(place, &said, arena, out);
    return read_address(place, out);
}
