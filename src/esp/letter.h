#ifndef PS_ESP_LETTER_H
#define PS_ESP_LETTER_H

// One mail to the sender: a bounce (RFC 3464, or in words), a complaint (RFC 5965), a reader's wish to get no more, or
// none of these. esp/mailbox.c takes mails apart; here is what they say.

#include "esp/event.h"
#include "esp/letter_text.h"

enum {
    PS_LETTER_PEOPLE_MAX = 1000,
    PS_LETTER_FIELD_BYTES_MAX = 4096,
    PS_LETTER_NAMES_BYTES_MAX = 60 << 10, // of fields that list people
    PS_LETTER_TEXT_BYTES_MAX = 256 << 10,
    PS_LETTER_TEXTS_MAX = 16, // parts of a mail that are its text
};

typedef enum ps_letter_part {
    PS_LETTER_OTHER,
    PS_LETTER_TOP, // the header of the mail itself
    PS_LETTER_TEXT,
    PS_LETTER_STATUS, // message/delivery-status
    PS_LETTER_FEEDBACK, // message/feedback-report
    PS_LETTER_READ, // message/disposition-notification
    PS_LETTER_ORIGINAL, // the header of the mail that it is about
    PS_LETTER_PARTS
} ps_letter_part;

// Fields that are kept, each the first time it comes, and all of PS_LETTER_FAILED; the names are in letter.c.
typedef enum ps_letter_word {
    PS_LETTER_FROM,
    PS_LETTER_SUBJECT,
    PS_LETTER_DATE,
    PS_LETTER_ID,
    PS_LETTER_RETURN_PATH,
    PS_LETTER_AUTOMATIC,
    PS_LETTER_PRECEDENCE,
    PS_LETTER_AUTOREPLY,
    PS_LETTER_FAILED,
    PS_LETTER_ARRIVED,
    PS_LETTER_KIND,
    PS_LETTER_SENT_BY,
    PS_LETTER_SENT_TO,
    PS_LETTER_MEANT_FOR,
    PS_LETTER_COMPLAINER,
    PS_LETTER_READER,
    PS_LETTER_WORDS
} ps_letter_word;

// One recipient of a report.
typedef enum ps_letter_about {
    PS_LETTER_ORIGINAL_RECIPIENT,
    PS_LETTER_FINAL_RECIPIENT,
    PS_LETTER_ACTION,
    PS_LETTER_STATUS_CODE,
    PS_LETTER_ANSWER,
    PS_LETTER_LAST_TRY,
    PS_LETTER_ABOUT
} ps_letter_about;

typedef struct ps_letter_person {
    ps_span about[PS_LETTER_ABOUT];
} ps_letter_person;

typedef struct ps_letter {
    ps_arena arena;
    ps_letter_charsets charsets;
    bool has[PS_LETTER_PARTS];
    ps_span words[PS_LETTER_WORDS];
    ps_letter_person *people;
    size_t people_count;
    bool group; // the last of them may have more fields
    bool crowded; // there are more than are kept
    char *failed; // the lists of PS_LETTER_FAILED
    char *text; // the first of its text
    size_t text_len;
    ps_letter_coded texts[PS_LETTER_TEXTS_MAX]; // the parts that it lies in
    size_t texts_count;
    bool cut; // there is more text than is kept
    ps_event *events;
    size_t events_count;
} ps_letter;

ps_status ps_letter_open(ps_letter *out, ps_error *err);
void ps_letter_close(ps_letter *letter); // a zeroed one is fine

void ps_letter_begin(ps_letter *letter);
void ps_letter_field(ps_letter *letter, ps_letter_part part, ps_span name, ps_span value);
void ps_letter_end_group(ps_letter *letter); // of fields
// A part begins, whose lines are coded so; `has` tells of it, be there fields in it that can be read or not.
void ps_letter_part_begin(ps_letter *letter, ps_letter_part part, ps_letter_coding coding, ps_span charset);
void ps_letter_line(ps_letter *letter, ps_span line); // of its text

// What it says, in `events`; the texts last as long as the letter. An event without an address is about somebody whom
// the mail does not name. PS_RETRY without memory.
ps_status ps_letter_judge(ps_letter *letter, ps_error *err);

#endif
