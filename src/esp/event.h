#ifndef PS_ESP_EVENT_H
#define PS_ESP_EVENT_H

// Events of ESPs, as their webhooks, queues and logs write them, in data: how a form is known, where the members are,
// and what each kind says of its recipient.

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "presend/arena.h"
#include "presend/source.h"
#include "presend/span.h"

typedef enum ps_event_says {
    PS_EVENT_NOTHING, // known, and not about whether the address is to be mailed
    PS_EVENT_ALIVE, // delivered, opened or clicked
    PS_EVENT_COMPLAINT,
    PS_EVENT_UNSUBSCRIBE,
    PS_EVENT_RESUBSCRIBE, // takes back what was unsubscribed of the same group before, and nothing else
    PS_EVENT_MANUAL,
    PS_EVENT_SUPPRESSED, // the ESP itself sends it nothing any more, for an earlier bounce
    PS_EVENT_HARD, // the address is bad, says one answer
    PS_EVENT_INVALID,
    PS_EVENT_BLOCK,
    PS_EVENT_SOFT,
    PS_EVENT_WEAK, // soft, or only an out-of-office reply
    PS_EVENT_DELAY, // soft, and still tried
    PS_EVENT_UNCLEAR, // it failed; why, or by whose fault, nobody says
    PS_EVENT_STRANGE, // of a kind that is not known
    PS_EVENT_BY_ANSWER, // one of the above, by what the server answered
    PS_EVENT_BY_ANSWER_ELSE_HARD, // the ESP calls it hard, so a silent answer does not count
    PS_EVENT_SAYS_COUNT
} ps_event_says;

enum { PS_EVENT_WORDS = 3, PS_EVENT_MARKS = 4, PS_EVENT_TIMES = 3 };

// Of the values at a kind's `words`: NULL fits any, one with `*` at its end what begins so. The first rule that fits
// counts; the last has no words.
typedef struct ps_event_rule {
    const char *words[PS_EVENT_WORDS]; // folded as ps_word_fold() does
    ps_event_says says;
} ps_event_rule;

// All texts are JSON pointers but `kind`. What is NULL is where the form says.
typedef struct ps_event_kind {
    const char *kind; // folded; the last has none
    ps_event_says says; // without rules
    const ps_event_rule *rules;
    const char *words[PS_EVENT_WORDS];
    const char *people; // an array of recipients, each a text, or an object with an `address`
    const char *address;
    const char *time, *id, *group;
    bool transient_by_status; // a recipient whose own status begins with 4 is not permanent, whatever the kind says
} ps_event_kind;

typedef struct ps_event_form {
    const char *id; // as `format:` takes it
    const char *format; // as the report names it
    const char *marks[PS_EVENT_MARKS]; // what all of its events have
    const char *begins; // of the kind, or NULL: others are no events of this form
    const char *kind; // pointers from here on
    const char *address;
    const char *times[PS_EVENT_TIMES]; // the first that is there
    const char *event_id; // of one event; NULL or not there: two events of the same content are the same
    bool id_of_day; // unique on its day only
    const char *statuses[2], *code, *texts[2]; // the server's answer; the first that is there, from the recipient's own
    int32_t zone_s; // of times without a zone, east of UTC
    const ps_event_kind *kinds;
} ps_event_form;

extern const ps_event_form ps_event_sendgrid, ps_event_mailgun, ps_event_ses, ps_event_ses_published, ps_event_postmark,
    ps_event_brevo, ps_event_brevo_marketing, ps_event_mailjet, ps_event_resend, ps_event_sisimai, ps_event_blastengine;

// One event about one recipient.
typedef struct ps_event {
    ps_span address;
    ps_event_says says; // never BY_ANSWER...
    bool gave_up; // a soft one that ended after days of trying
    bool undated; // its stamp cannot be read
    int64_t time_s; // 0: not known
    ps_span group; // empty: of everything
    uint64_t same; // equal for the same event
} ps_event;

// What an answer of that class says of an address.
ps_event_says ps_event_says_of(ps_class class);

// The form of an object. `*out_doubt`: it has the marks of two, so that it is neither.
const ps_event_form *ps_event_form_of(const json_t *object, bool *out_doubt);

// The kind that an event is of, NULL if it is not known; its recipients, and what it says of one of them (from 0).
// Texts lie in the JSON or in the arena.
const ps_event_kind *ps_event_kind_of(const ps_event_form *form, const json_t *object, ps_arena *arena);
size_t ps_event_recipients(const ps_event_form *form, const ps_event_kind *kind, const json_t *object);

typedef struct ps_event_place {
    const ps_event_form *form;
    const ps_event_kind *kind; // NULL: not known
    const json_t *object;
    size_t recipient;
} ps_event_place;

// False: the recipient is not there, or no text.
bool ps_event_read(const ps_event_place *place, ps_arena *arena, ps_event *out);

// What lies in an envelope of SNS, SQS, Lambda or of a webhook, into `out`: an array of objects, empty where the
// envelope tells of itself only. `*out_wrapped` is false for what is no envelope. PS_SOURCE and `*out_why` for an
// envelope whose content is no JSON; PS_RETRY without memory.
ps_status ps_event_unwrap(const json_t *object, json_t *out, bool *out_wrapped, const char **out_why);

// Whether it is an event, or an envelope of such.
bool ps_event_is(const json_t *object);

#endif
