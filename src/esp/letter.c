#include "esp/letter.h"

#include "base/hash.h"
#include "base/text.h"
#include "esp/bounce.h"
#include "esp/letter_address.h"
#include "esp/shape.h"
#include "esp/stamp.h"
#include "mail/character.h"

#define ARENA_BYTES ((size_t)64 << 20) // of address space: everybody with every field at its longest

// ---- taking it in

static const struct {
    ps_letter_part part;
    const char *name;
    ps_letter_word word;
} fields[] = {
    {PS_LETTER_TOP, "From", PS_LETTER_FROM},
    {PS_LETTER_TOP, "Subject", PS_LETTER_SUBJECT},
    {PS_LETTER_TOP, "Date", PS_LETTER_DATE},
    {PS_LETTER_TOP, "Message-ID", PS_LETTER_ID},
    {PS_LETTER_TOP, "Return-Path", PS_LETTER_RETURN_PATH},
    {PS_LETTER_TOP, "Auto-Submitted", PS_LETTER_AUTOMATIC},
    {PS_LETTER_TOP, "Precedence", PS_LETTER_PRECEDENCE},
    {PS_LETTER_TOP, "X-Autoreply", PS_LETTER_AUTOREPLY},
    {PS_LETTER_TOP, "X-Autorespond", PS_LETTER_AUTOREPLY},
    {PS_LETTER_TOP, "X-Failed-Recipients", PS_LETTER_FAILED}, // Exim
    {PS_LETTER_TOP, "X-HmXmrOriginalRecipient", PS_LETTER_COMPLAINER}, // Microsoft's feedback loop, which is no ARF
    {PS_LETTER_ORIGINAL, "X-HmXmrOriginalRecipient", PS_LETTER_COMPLAINER},
    {PS_LETTER_STATUS, "Arrival-Date", PS_LETTER_ARRIVED},
    {PS_LETTER_FEEDBACK, "Arrival-Date", PS_LETTER_ARRIVED},
    {PS_LETTER_FEEDBACK, "Received-Date", PS_LETTER_ARRIVED}, // its older name
    {PS_LETTER_FEEDBACK, "Feedback-Type", PS_LETTER_KIND},
    {PS_LETTER_FEEDBACK, "Original-Mail-From", PS_LETTER_SENT_BY},
    {PS_LETTER_ORIGINAL, "Return-Path", PS_LETTER_SENT_BY},
    {PS_LETTER_ORIGINAL, "To", PS_LETTER_SENT_TO},
    {PS_LETTER_ORIGINAL, "X-Original-To", PS_LETTER_MEANT_FOR},
    {PS_LETTER_READ, "Original-Recipient", PS_LETTER_READER},
    {PS_LETTER_READ, "Final-Recipient", PS_LETTER_READER},
};

static const char *const about_names[PS_LETTER_ABOUT] = {"Original-Recipient", "Final-Recipient",  "Action", "Status",
                                                         "Diagnostic-Code",    "Last-Attempt-Date"};

ps_status ps_letter_open(ps_letter *out, ps_error *err)
{
    return ps_arena_open(ARENA_BYTES, &out->arena, err);
}

void ps_letter_close(ps_letter *letter)
{
    ps_letter_charsets_close(&letter->charsets);
    ps_arena_close(&letter->arena);
}

void ps_letter_begin(ps_letter *letter)
{
    ps_arena arena = letter->arena;

    ps_arena_reset(&arena);
    *letter = (ps_letter){.arena = arena, .charsets = letter->charsets};
    letter->people = ps_arena_take(&letter->arena, PS_LETTER_PEOPLE_MAX * sizeof *letter->people);
    letter->text = ps_arena_room(&letter->arena, PS_LETTER_TEXT_BYTES_MAX);
    letter->failed = ps_arena_room(&letter->arena, PS_LETTER_NAMES_BYTES_MAX);
    // Two for each recipient: whom the mail was for, and whom it was forwarded to.
    letter->events = ps_arena_take(&letter->arena, 2 * PS_LETTER_PEOPLE_MAX * sizeof *letter->events);
}

static ps_span keep(ps_letter *letter, ps_span text, size_t len_max)
{
    text = ps_ascii_trim(text);
    if (text.len > len_max) text.len = len_max;
    return ps_arena_copy(&letter->arena, text);
}

// Whoever stands in a second list has failed as well. None is cut: behind the cut would be somebody.
static void note_failed(ps_letter *letter, ps_span people)
{
    ps_span *kept = &letter->words[PS_LETTER_FAILED];
    size_t left = PS_LETTER_NAMES_BYTES_MAX - kept->len;

    letter->crowded = letter->crowded || people.len + 1 > left;
    if (letter->crowded) return;
    char *end = ps_put_text(ps_put_span(letter->failed + kept->len, people), ",");
    *kept = (ps_span){letter->failed, (size_t)(end - letter->failed)};
}

static void note_word(ps_letter *letter, ps_letter_word word, ps_span value)
{
    size_t len_max = word == PS_LETTER_FROM ? PS_LETTER_NAMES_BYTES_MAX : PS_LETTER_FIELD_BYTES_MAX;

    if (word == PS_LETTER_FAILED) {
        note_failed(letter, value);
    } else if (letter->words[word].len == 0) {
        letter->words[word] = keep(letter, value, len_max);
    }
}

static ps_letter_person *new_person(ps_letter *letter)
{
    letter->crowded = letter->crowded || letter->people_count == PS_LETTER_PEOPLE_MAX;
    if (letter->crowded) return NULL;
    letter->group = true;
    return &letter->people[letter->people_count++];
}

// The blank line between two recipients may be missing: a second address begins the next one.
static void note_about(ps_letter *letter, ps_letter_about about, ps_span value)
{
    bool address = about == PS_LETTER_ORIGINAL_RECIPIENT || about == PS_LETTER_FINAL_RECIPIENT;
    ps_letter_person *last = letter->group ? &letter->people[letter->people_count - 1] : NULL;

    if (last == NULL || (address && last->about[about].len > 0)) last = new_person(letter);
    if (last != NULL && last->about[about].len == 0)
        last->about[about] = keep(letter, value, PS_LETTER_FIELD_BYTES_MAX);
}

void ps_letter_field(ps_letter *letter, ps_letter_part part, ps_span name, ps_span value)
{
    letter->has[part] = true;
    for (size_t i = 0; i < PS_COUNT_OF(fields); i++) {
        bool same = fields[i].part == part && ps_ascii_equal_fold(name, ps_span_of(fields[i].name));
        if (same) note_word(letter, fields[i].word, value);
    }
    for (unsigned about = 0; part == PS_LETTER_STATUS && about < PS_LETTER_ABOUT; about++) {
        if (ps_ascii_equal_fold(name, ps_span_of(about_names[about])))
            note_about(letter, (ps_letter_about)about, value);
    }
    // One complaint may be about several recipients.
    if (part == PS_LETTER_FEEDBACK && ps_ascii_equal_fold(name, ps_span_of("Original-Rcpt-To"))) {
        letter->group = false;
        note_about(letter, PS_LETTER_ORIGINAL_RECIPIENT, value);
    }
}

void ps_letter_end_group(ps_letter *letter)
{
    letter->group = false;
}

void ps_letter_part_begin(ps_letter *letter, ps_letter_part part, ps_letter_coding coding, ps_span charset)
{
    letter->has[part] = true;
    if (part != PS_LETTER_TEXT) return;
    letter->cut = letter->cut || letter->texts_count == PS_LETTER_TEXTS_MAX;
    if (letter->cut) return;
    letter->texts[letter->texts_count++] = (ps_letter_coded){
        .bytes = {letter->text + letter->text_len, 0},
        .charset = ps_arena_copy(&letter->arena, charset),
        .coding = coding,
    };
}

void ps_letter_line(ps_letter *letter, ps_span line)
{
    size_t left = PS_LETTER_TEXT_BYTES_MAX - letter->text_len;

    letter->cut = letter->cut || line.len + 1 > left;
    if (letter->cut) return;
    if (line.len > 0) memcpy(letter->text + letter->text_len, line.bytes, line.len);
    letter->text[letter->text_len + line.len] = '\n';
    letter->text_len += line.len + 1;
    letter->texts[letter->texts_count - 1].bytes.len += line.len + 1;
}

// ---- words

static bool holds(ps_span text, const char *word)
{
    size_t len = strlen(word);

    for (size_t i = 0; i + len <= text.len; i++) {
        if (ps_ascii_equal_fold((ps_span){text.bytes + i, len}, (ps_span){word, len})) return true;
    }
    return false;
}

static bool holds_any(ps_span text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (holds(text, words[i])) return true;
    }
    return false;
}

// ---- what it says

// Without the comment that many write behind a date: `+0900 (JST)`.
static bool seconds_of(ps_span text, int64_t *out)
{
    const char *comment = text.len == 0 ? NULL : memchr(text.bytes, '(', text.len);

    if (comment != NULL) text.len = (size_t)(comment - text.bytes);
    return ps_stamp_seconds(ps_ascii_trim(text), 0, out);
}

typedef struct answer {
    ps_span status, text, when;
} answer;

static void add_event(ps_letter *letter, ps_span address, ps_event_says says, const answer *said)
{
    const ps_span stamps[] = {said->when, letter->words[PS_LETTER_DATE], letter->words[PS_LETTER_ARRIVED]};
    ps_span id = letter->words[PS_LETTER_ID];
    ps_event event = {.address = address, .says = says};

    for (size_t i = 0; i < PS_COUNT_OF(stamps) && event.time_s == 0; i++)
        event.undated = !seconds_of(stamps[i], &event.time_s) || event.undated;
    event.undated = event.undated && event.time_s == 0;
    event.gave_up = says == PS_EVENT_SOFT && ps_ascii_begins_fold(said->status, "4.4.7");
    event.same = id.len > 0 ? ps_hash_of(id).low
                            : ps_hash_of(said->text).low ^ ps_hash_of(said->status).high ^ (uint64_t)event.time_s;
    letter->events[letter->events_count++] = event;
}

static void add_plain(ps_letter *letter, ps_span address, ps_event_says says)
{
    const answer nothing = {.status = {NULL, 0}};

    add_event(letter, address, says, &nothing);
}

static ps_event_says says_of_answer(const answer *said)
{
    return ps_event_says_of(ps_bounce_class(said->status, (ps_span){NULL, 0}, said->text));
}

static ps_event_says says_of_person(ps_span action, const answer *said)
{
    static const struct {
        const char *action;
        ps_event_says says;
    } actions[] = {
        {"delayed", PS_EVENT_DELAY},
        {"delivered", PS_EVENT_ALIVE},
        {"relayed", PS_EVENT_NOTHING},
        {"expanded", PS_EVENT_NOTHING},
    };

    for (size_t i = 0; i < PS_COUNT_OF(actions); i++) {
        if (ps_ascii_begins_fold(action, actions[i].action)) return actions[i].says;
    }
    return ps_ascii_begins_fold(said->status, "2.") ? PS_EVENT_NOTHING : says_of_answer(said);
}

// Whose address is ours: the one that the mail was sent to. Behind a forwarding stands a stranger's as the final one;
// where the mail itself names one other recipient, it is about both.
static void judge_person(ps_letter *letter, const ps_letter_person *person)
{
    const ps_span *about = person->about;
    const answer said = {about[PS_LETTER_STATUS_CODE], about[PS_LETTER_ANSWER], about[PS_LETTER_LAST_TRY]};
    ps_event_says says = says_of_person(about[PS_LETTER_ACTION], &said);
    ps_span original = ps_letter_typed_address(&letter->arena, about[PS_LETTER_ORIGINAL_RECIPIENT]);
    ps_span final = ps_letter_typed_address(&letter->arena, about[PS_LETTER_FINAL_RECIPIENT]), sent_to = {NULL, 0};

    if (original.len == 0 && letter->people_count == 1) {
        sent_to = ps_letter_only_address(letter->words[PS_LETTER_MEANT_FOR]);
        if (sent_to.len == 0) sent_to = ps_letter_only_address(letter->words[PS_LETTER_SENT_TO]);
        if (sent_to.len == 0) sent_to = ps_letter_return_path(&letter->arena, letter->words[PS_LETTER_SENT_BY]);
    }
    add_event(letter, original.len > 0 ? original : final, says, &said);
    if (sent_to.len > 0 && !ps_ascii_equal_fold(sent_to, final)) add_event(letter, sent_to, says, &said);
}

static void judge_status(ps_letter *letter)
{
    for (size_t i = 0; i < letter->people_count; i++)
        judge_person(letter, &letter->people[i]);
}

static bool is_redacted(ps_span address)
{
    return address.len == 0 || ps_ascii_begins_fold(address, "redacted");
}

static ps_event_says says_of_feedback(ps_span kind)
{
    if (ps_ascii_begins_fold(kind, "not-spam")) return PS_EVENT_NOTHING; // it takes a complaint back, and lifts none
    if (ps_ascii_begins_fold(kind, "opt-out")) return PS_EVENT_UNSUBSCRIBE;
    return ps_ascii_begins_fold(kind, "virus") || ps_ascii_begins_fold(kind, "auth-failure") ? PS_EVENT_UNCLEAR
                                                                                             : PS_EVENT_COMPLAINT;
}

static bool is_told(const ps_letter *letter, ps_span person)
{
    for (size_t i = 0; i < letter->events_count; i++) {
        if (ps_ascii_equal_fold(letter->events[i].address, person)) return true;
    }
    return false;
}

// Who complained is often struck out; then the mail itself may tell.
static ps_span struck_out(ps_letter *letter)
{
    ps_span address = ps_letter_address_in(letter->words[PS_LETTER_COMPLAINER]);

    if (is_redacted(address)) address = ps_letter_return_path(&letter->arena, letter->words[PS_LETTER_SENT_BY]);
    if (is_redacted(address)) address = ps_letter_only_address(letter->words[PS_LETTER_SENT_TO]);
    return is_redacted(address) || is_told(letter, address) ? (ps_span){NULL, 0} : address;
}

static void judge_feedback(ps_letter *letter)
{
    ps_event_says says = says_of_feedback(letter->words[PS_LETTER_KIND]);
    size_t hidden = letter->people_count == 0;

    for (size_t i = 0; i < letter->people_count; i++) {
        ps_span address = ps_letter_address_in(letter->people[i].about[PS_LETTER_ORIGINAL_RECIPIENT]);
        if (is_redacted(address)) {
            hidden++;
        } else {
            add_plain(letter, address, says);
        }
    }
    for (size_t i = 0; i < hidden; i++)
        add_plain(letter, i == 0 ? struck_out(letter) : (ps_span){NULL, 0}, says);
}

// ---- bounces in words

static bool next_line(ps_span *rest, ps_span *out)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->bytes, '\n', rest->len);

    if (end == NULL) return false; // every line ends in one
    *out = (ps_span){rest->bytes, (size_t)(end - rest->bytes)};
    *rest = (ps_span){end + 1, rest->len - out->len - 1};
    return true;
}

// `<alice@example.com>: host ...` (Postfix), `<alice@example.com>:` (qmail), `Recipient: <alice@ezweb.ne.jp>` (au).
static bool names_person(ps_span line, ps_span *out)
{
    static const char label[] = "Recipient:";
    const char *close;

    line = ps_ascii_trim(line);
    if (ps_ascii_begins_fold(line, label))
        line = ps_ascii_trim((ps_span){line.bytes + sizeof label - 1, line.len - (sizeof label - 1)});
    if (line.len < 2 || line.bytes[0] != '<' || (close = memchr(line.bytes, '>', line.len)) == NULL) return false;
    *out = (ps_span){line.bytes + 1, (size_t)(close - line.bytes - 1)};
    bool ends = close + 1 == line.bytes + line.len || close[1] == ':';
    return ends && ps_shape_has_at(*out);
}

static bool is_listed(ps_span list, ps_span line, ps_span *out)
{
    ps_span part;

    while (ps_shape_part(&list, &part)) {
        if (!ps_shape_has_at(part) || line.len < part.len || memmem(line.bytes, line.len, part.bytes, part.len) == NULL)
            continue;
        *out = part;
        return true;
    }
    return false;
}

static void add_failed(ps_letter *letter, ps_span person, const answer *said)
{
    letter->crowded = letter->crowded || letter->events_count == PS_LETTER_PEOPLE_MAX;
    if (!letter->crowded) add_event(letter, person, says_of_answer(said), said);
}

// A person, and the paragraph in which he is named: why stands there.
static void judge_paragraph(ps_letter *letter, ps_span person, ps_span paragraph)
{
    const answer said = {.text = paragraph};

    if (person.len > 0) add_failed(letter, person, &said);
}

// Each paragraph names nobody, or somebody and says why. Below a line of dashes stands the mail that came back.
static void judge_text(ps_letter *letter)
{
    ps_span rest = {letter->text, letter->text_len}, line = {NULL, 0}, person = {NULL, 0}, named;
    const char *from = letter->text;

    while (next_line(&rest, &line) && !ps_ascii_begins_fold(line, "---")) {
        bool blank = ps_ascii_trim(line).len == 0;
        bool names = names_person(line, &named) || is_listed(letter->words[PS_LETTER_FAILED], line, &named);
        if (blank || (names && person.len > 0)) {
            judge_paragraph(letter, person, (ps_span){from, (size_t)(line.bytes - from)});
            person = (ps_span){NULL, 0};
            from = blank ? rest.bytes : line.bytes;
        }
        if (names) person = named;
    }
    judge_paragraph(letter, person, (ps_span){from, (size_t)(letter->text + letter->text_len - rest.len - from)});
    // Where some are named, more may be behind the cut.
    letter->crowded =
        letter->crowded || (letter->cut && letter->events_count > 0 && !ps_ascii_begins_fold(line, "---"));
}

// Exim names them in the header; those whom its text does not explain have failed all the same.
static void judge_failed(ps_letter *letter)
{
    ps_span list = letter->words[PS_LETTER_FAILED], part;
    const answer said = {.text = {letter->text, letter->text_len}};

    while (ps_shape_part(&list, &part)) {
        if (ps_shape_has_at(part) && !is_told(letter, part)) add_failed(letter, part, &said);
    }
}

// A program that answers for somebody who is away.
static bool is_absence(const ps_letter *letter)
{
    static const char *const subjects[] = {"out of office", "automatic reply", "auto-reply", "autoreply",
                                           "auto reply",    "自動返信",        "自動応答",   "不在"};

    if (ps_ascii_begins_fold(letter->words[PS_LETTER_AUTOMATIC], "auto-replied")) return true;
    if (ps_ascii_begins_fold(letter->words[PS_LETTER_PRECEDENCE], "auto_reply")) return true;
    if (letter->words[PS_LETTER_AUTOREPLY].len > 0) return true;
    return holds_any(letter->words[PS_LETTER_SUBJECT], subjects, PS_COUNT_OF(subjects));
}

// Absence notes go out under the empty path, too; a colleague whom they name has not bounced.
static bool is_from_machine(const ps_letter *letter)
{
    static const char *const names[] = {"mailer-daemon", "postmaster@", "mail delivery"};
    bool silent = ps_span_equal(letter->words[PS_LETTER_RETURN_PATH], ps_span_of("<>")) && !is_absence(letter);

    return silent || holds_any(letter->words[PS_LETTER_FROM], names, PS_COUNT_OF(names));
}

// ---- everything else

static bool is_automatic(const ps_letter *letter)
{
    ps_span automatic = letter->words[PS_LETTER_AUTOMATIC];

    if (automatic.len > 0 && !ps_ascii_begins_fold(automatic, "no")) return true;
    return ps_ascii_begins_fold(letter->words[PS_LETTER_PRECEDENCE], "bulk") || is_absence(letter);
}

static const char *const wishes[] = {"unsubscribe", "配信停止", "配信解除", "購読解除"};

// `please remove meals` is no wish.
static bool begins_as_wish(ps_span text)
{
    static const char *const requests[] = {"please unsubscribe", "please remove me", "配信を停止"};

    text = ps_shape_trim(text);
    for (size_t i = 0; i < PS_COUNT_OF(wishes); i++) {
        if (ps_ascii_begins_fold(text, wishes[i])) return true;
    }
    for (size_t i = 0; i < PS_COUNT_OF(requests); i++) {
        size_t len = strlen(requests[i]);
        if (ps_ascii_begins_fold(text, requests[i]) && (text.len == len || !ps_is_ldh(text.bytes[len]))) return true;
    }
    return false;
}

// The wish stands in the subject or is the first thing said; further down it may be the footer of the mail that is
// answered.
static bool is_wish(const ps_letter *letter)
{
    ps_span rest = {letter->text, letter->text_len}, line = {NULL, 0};

    if (holds_any(letter->words[PS_LETTER_SUBJECT], wishes, PS_COUNT_OF(wishes))) return true;
    while (next_line(&rest, &line) && ps_shape_trim(line).len == 0) {
    }
    return begins_as_wish(line) || begins_as_wish(letter->words[PS_LETTER_SUBJECT]);
}

// A mail program that unsubscribes writes by itself, too; it answers nothing.
static bool is_made_wish(const ps_letter *letter)
{
    return !is_absence(letter) && begins_as_wish(letter->words[PS_LETTER_SUBJECT]);
}

// A mail may be from several.
static void judge_wish(ps_letter *letter)
{
    ps_span senders = letter->words[PS_LETTER_FROM], sender;

    while (!letter->crowded && ps_letter_next_address(&senders, &sender)) {
        letter->crowded = letter->events_count == PS_LETTER_PEOPLE_MAX;
        if (!letter->crowded) add_plain(letter, sender, PS_EVENT_UNSUBSCRIBE);
    }
    if (letter->events_count == 0) add_plain(letter, (ps_span){NULL, 0}, PS_EVENT_UNSUBSCRIBE);
}

static void judge_other(ps_letter *letter)
{
    const ps_span nobody = {NULL, 0};

    if (letter->words[PS_LETTER_COMPLAINER].len > 0) {
        add_plain(letter, ps_letter_address_in(letter->words[PS_LETTER_COMPLAINER]), PS_EVENT_COMPLAINT);
    } else if (is_automatic(letter) && !is_made_wish(letter) && !letter->has[PS_LETTER_STATUS]) {
        add_plain(letter, nobody, PS_EVENT_NOTHING);
    } else if (is_wish(letter)) {
        judge_wish(letter);
    } else {
        add_plain(letter, nobody, PS_EVENT_STRANGE);
    }
}

static void judge(ps_letter *letter)
{
    if (letter->has[PS_LETTER_FEEDBACK]) {
        judge_feedback(letter);
    } else if (letter->people_count > 0) {
        judge_status(letter);
    } else if (letter->has[PS_LETTER_READ]) {
        add_plain(letter, ps_letter_typed_address(&letter->arena, letter->words[PS_LETTER_READER]), PS_EVENT_ALIVE);
    } else if (letter->words[PS_LETTER_FAILED].len > 0 || is_from_machine(letter)) {
        judge_text(letter);
        judge_failed(letter);
    }
    if (letter->events_count == 0) judge_other(letter);
}

// The text as it was written, line by line.
static ps_status decode_texts(ps_letter *letter, ps_error *err)
{
    ps_span decoded[PS_LETTER_TEXTS_MAX];
    ps_status status =
        ps_letter_decode_field(&letter->charsets, &letter->arena, &letter->words[PS_LETTER_SUBJECT], err);
    size_t len = 0;

    for (size_t i = 0; status == PS_OK && i < letter->texts_count; i++) {
        status = ps_letter_decode(&letter->charsets, &letter->arena, &letter->texts[i], &decoded[i], err);
        if (status == PS_OK) len += decoded[i].len + 1;
    }
    if (status != PS_OK) return status;
    char *text = ps_arena_room(&letter->arena, len + 1), *end = text;
    for (size_t i = 0; i < letter->texts_count; i++) {
        end = ps_put_span(end, decoded[i]);
        if (end > text && end[-1] != '\n') *end++ = '\n';
    }
    letter->text = text;
    letter->text_len = (size_t)(end - text);
    return PS_OK;
}

ps_status ps_letter_judge(ps_letter *letter, ps_error *err)
{
    ps_status status = decode_texts(letter, err);

    letter->events_count = 0;
    if (status == PS_OK) judge(letter);
    return status;
}
