// Mailboxes: mbox with its From lines, and single mails (.eml). Each mail is taken apart into the parts that tell of
// people; esp/letter.c says what they tell.

#include <stdio.h>

#include "base/text.h"
#include "esp/letter.h"
#include "esp/people.h"
#include "esp/reads.h"
#include "esp/refuse.h"
#include "esp/shape.h"

enum {
    DEPTH_MAX = 8, // multiparts one in the other; reports have two
    BOUNDARY_BYTES_MAX = 70, // RFC 2046 section 5.1.1
    FIELD_BYTES_MAX = 64 << 10, // of a folded field; of a longer one, what comes first
};

// A parameter of a header; no charset has a longer name.
typedef struct boundary {
    char bytes[BOUNDARY_BYTES_MAX];
    size_t len;
} boundary;

typedef struct mailbox {
    ps_import *import;
    ps_people *people;
    ps_letter letter;
    uint64_t begun; // the line that the mail begins in
    bool many; // From lines stand before mails
    bool inside, header; // of a mail; in a header: of it or of one of its parts
    bool top; // and it is the mail's own
    bool report; // says the mail
    ps_letter_part part; // the body that is read
    ps_letter_part next; // what the header at hand says of its body
    boundary boundaries[DEPTH_MAX];
    size_t depth;
    boundary announced, charset; // by the header at hand
    ps_letter_coding coding;
    ps_buf field; // with its folded lines
} mailbox;

// ---- how one is known

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// A sender and a time. Text that begins so has no time in its line.
static bool is_from_line(ps_span line)
{
    static const char from[] = "From ";

    if (line.len <= sizeof from || memcmp(line.bytes, from, sizeof from - 1) != 0) return false;
    for (size_t i = sizeof from; i + 1 < line.len; i++) {
        if (line.bytes[i] == ':' && is_digit(line.bytes[i - 1]) && is_digit(line.bytes[i + 1])) return true;
    }
    return false;
}

bool ps_mailbox_is(ps_span begin)
{
    static const char *const names[] = {"Return-Path:", "Received:",      "Delivered-To:",   "From:",
                                        "Date:",        "Message-ID:",    "MIME-Version:",   "Content-Type:",
                                        "Subject:",     "X-Original-To:", "DKIM-Signature:", "Authentication-Results:"};

    size_t len = 0;

    while (len < begin.len && begin.bytes[len] != '\n' && begin.bytes[len] != '\r')
        len++;
    if (is_from_line((ps_span){begin.bytes, len})) return true;
    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        if (ps_ascii_begins_fold(begin, names[i])) return true;
    }
    return false;
}

// ---- what was read

static void count_strange(ps_import *import, uint64_t line)
{
    if (import->out->events_unknown++ == 0) import->out->first_unknown = line;
}

// Whoever complains or wants no more mail and is not named would be mailed: such a one is an entry that nobody can
// read. A bounce without a name is only told.
static ps_status note(mailbox *box, ps_event *event, ps_error *err)
{
    const ps_import_entry entry = {.line = box->begun};
    ps_import *import = box->import;
    bool wish = event->says == PS_EVENT_COMPLAINT || event->says == PS_EVENT_UNSUBSCRIBE;

    if (event->address.len == 0 && wish) return ps_import_add(import, &entry, err);
    if (event->address.len == 0 && event->says != PS_EVENT_NOTHING && event->says != PS_EVENT_ALIVE)
        event->says = PS_EVENT_STRANGE;
    ps_import_pass(import, &entry);
    import->out->undated += event->undated;
    if (event->says == PS_EVENT_STRANGE) count_strange(import, box->begun);
    bool silent = event->says == PS_EVENT_STRANGE || event->says == PS_EVENT_NOTHING;
    import->quiet += silent || event->says == PS_EVENT_ALIVE;
    if (silent || event->address.len == 0) return PS_OK;
    ps_arena_reset(&import->arena);
    return ps_people_note(box->people, event, box->begun, err);
}

static ps_status end_letter(mailbox *box, ps_error *err)
{
    ps_status status = PS_OK;

    if (!box->inside) return PS_OK;
    box->inside = false;
    box->import->out->events++;
    status = ps_letter_judge(&box->letter, err);
    if (status != PS_OK) return status;
    if (box->letter.crowded)
        return ps_refuse(box->import, box->begun, err,
                         "the mail in line %llu tells of more recipients than are read of one (%d).",
                         (unsigned long long)box->begun, PS_LETTER_PEOPLE_MAX);
    for (size_t i = 0; status == PS_OK && i < box->letter.events_count; i++)
        status = note(box, &box->letter.events[i], err);
    return status;
}

// ---- the header of a mail or of a part

static const struct {
    const char *type;
    ps_letter_part part;
} types[] = {
    {"message/delivery-status", PS_LETTER_STATUS},
    {"message/global-delivery-status", PS_LETTER_STATUS},
    {"message/feedback-report", PS_LETTER_FEEDBACK},
    {"message/disposition-notification", PS_LETTER_READ},
    {"message/global-disposition-notification", PS_LETTER_READ},
    {"message/rfc822", PS_LETTER_ORIGINAL},
    {"message/global", PS_LETTER_ORIGINAL},
    {"text/rfc822-headers", PS_LETTER_ORIGINAL},
    {"message/global-headers", PS_LETTER_ORIGINAL},
    {"text/plain", PS_LETTER_TEXT},
};

static ps_letter_part part_of_type(ps_span value)
{
    size_t len = 0;

    while (len < value.len && value.bytes[len] != ';' && value.bytes[len] != ' ' && value.bytes[len] != '\t')
        len++;
    for (size_t i = 0; i < PS_COUNT_OF(types); i++) {
        if (ps_ascii_equal_fold((ps_span){value.bytes, len}, ps_span_of(types[i].type))) return types[i].part;
    }
    return PS_LETTER_OTHER;
}

// A parameter such as `boundary=`, in quotes or without.
static void read_parameter(ps_span value, const char *name, boundary *out)
{
    const size_t name_len = strlen(name);

    for (size_t i = 0; i + name_len < value.len; i++) {
        ps_span rest = {value.bytes + i, value.len - i};
        if (!ps_ascii_begins_fold(rest, name)) continue;
        rest = (ps_span){rest.bytes + name_len, rest.len - name_len};
        bool quoted = rest.bytes[0] == '"';
        size_t from = quoted, to = from;
        while (to < rest.len && (quoted ? rest.bytes[to] != '"' : strchr("; \t", rest.bytes[to]) == NULL))
            to++;
        out->len = to - from <= BOUNDARY_BYTES_MAX ? to - from : 0;
        memcpy(out->bytes, rest.bytes + from, out->len);
        return;
    }
}

static void take_field(mailbox *box, ps_letter_part part)
{
    ps_span field = ps_buf_span(&box->field);
    const char *colon = field.len == 0 ? NULL : memchr(field.bytes, ':', field.len);

    if (colon != NULL && !box->field.failed) {
        ps_span name = ps_ascii_trim((ps_span){field.bytes, (size_t)(colon - field.bytes)});
        ps_span value = ps_ascii_trim((ps_span){colon + 1, field.len - (size_t)(colon + 1 - field.bytes)});
        if (box->header && ps_ascii_equal_fold(name, ps_span_of("Content-Type"))) {
            box->next = part_of_type(value);
            box->report = box->report || (box->top && ps_ascii_begins_fold(value, "multipart/report"));
            if (ps_ascii_begins_fold(value, "multipart/")) read_parameter(value, "boundary=", &box->announced);
            read_parameter(value, "charset=", &box->charset);
        }
        if (box->header && ps_ascii_equal_fold(name, ps_span_of("Content-Transfer-Encoding")))
            box->coding = ps_letter_coding_of(value);
        if (part != PS_LETTER_OTHER) ps_letter_field(&box->letter, part, name, value);
    }
    ps_buf_clear(&box->field);
}

// Fields as a header has them: a line that begins with a blank belongs to the one before.
static void take_field_line(mailbox *box, ps_span line, ps_letter_part part)
{
    bool folded = line.len > 0 && (line.bytes[0] == ' ' || line.bytes[0] == '\t');

    if (!folded) take_field(box, part);
    size_t left = FIELD_BYTES_MAX - box->field.len;
    ps_buf_add(&box->field, line.bytes, line.len < left ? line.len : left);
}

static ps_letter_part part_of_header(const mailbox *box)
{
    return box->top ? PS_LETTER_TOP : PS_LETTER_OTHER;
}

static void begin_header(mailbox *box, bool top)
{
    box->header = true;
    box->top = top;
    box->next = PS_LETTER_TEXT; // without a type it is plain text
    box->announced.len = 0;
    box->charset.len = 0;
    box->coding = PS_LETTER_AS_IT_IS;
}

static void end_header(mailbox *box)
{
    take_field(box, part_of_header(box));
    box->header = false;
    box->part = box->next;
    if (box->announced.len == 0) {
        ps_letter_part_begin(&box->letter, box->part, box->coding, (ps_span){box->charset.bytes, box->charset.len});
        return;
    }
    box->part = PS_LETTER_OTHER; // what stands before the first part
    if (box->depth < DEPTH_MAX) box->boundaries[box->depth++] = box->announced;
}

// ---- its lines

// `--boundary` ends a part and those within it, and begins another unless `--` follows.
static bool is_boundary(mailbox *box, ps_span line)
{
    if (line.len < 3 || line.bytes[0] != '-' || line.bytes[1] != '-') return false;
    for (size_t level = box->depth; level > 0; level--) {
        const boundary *known = &box->boundaries[level - 1];
        ps_span rest = {line.bytes + 2, line.len - 2};
        if (rest.len < known->len || memcmp(rest.bytes, known->bytes, known->len) != 0) continue;
        rest = ps_ascii_trim((ps_span){rest.bytes + known->len, rest.len - known->len});
        bool last = ps_span_equal(rest, ps_span_of("--"));
        if (rest.len > 0 && !last) continue; // a longer one of another level
        take_field(box, box->header ? part_of_header(box) : box->part);
        ps_letter_end_group(&box->letter);
        box->depth = last ? level - 1 : level;
        box->part = PS_LETTER_OTHER;
        box->header = false;
        if (!last) begin_header(box, false);
        return true;
    }
    return false;
}

static void take_body_line(mailbox *box, ps_span line)
{
    bool blank = ps_ascii_trim(line).len == 0;

    switch (box->part) {
    case PS_LETTER_TEXT:
        ps_letter_line(&box->letter, line);
        break;
    case PS_LETTER_STATUS:
    case PS_LETTER_FEEDBACK:
    case PS_LETTER_READ:
    case PS_LETTER_ORIGINAL:
        take_field_line(box, blank ? (ps_span){line.bytes, 0} : line, box->part); // blanks alone fold nothing
        if (!blank) break;
        ps_letter_end_group(&box->letter);
        if (box->part == PS_LETTER_ORIGINAL) box->part = PS_LETTER_OTHER; // only its header tells of people
        break;
    case PS_LETTER_OTHER:
    case PS_LETTER_TOP:
    case PS_LETTER_PARTS:
        break;
    }
}

static void begin_letter(mailbox *box, uint64_t line)
{
    ps_letter_begin(&box->letter);
    ps_buf_clear(&box->field);
    box->begun = line;
    box->inside = true;
    box->depth = 0;
    box->report = false;
    begin_header(box, true);
}

static void take_line(mailbox *box, ps_span line)
{
    if (is_boundary(box, line)) return;
    if (!box->header) {
        take_body_line(box, line);
    } else if (line.len > 0) {
        take_field_line(box, line, part_of_header(box));
    } else {
        end_header(box);
    }
}

// A mail of several parts says where the last of them ends.
static ps_status check_end(const mailbox *box, uint64_t line, ps_error *err)
{
    if (!box->inside || (box->depth == 0 && !box->header)) return PS_OK;
    ps_refuse(box->import, line, err, "it is cut: the mail that begins in line %llu has no end.",
              (unsigned long long)box->begun);
    ps_error_hint(err, "Save the mailbox again, with all of its mails whole.");
    return PS_SOURCE;
}

// In the middle of a mailbox, too, a report has its end. Other mails are often made badly, and are judged as they are.
static ps_status check_cut(const mailbox *box, uint64_t line, ps_error *err)
{
    const bool *has = box->letter.has;
    bool tells = box->report || has[PS_LETTER_STATUS] || has[PS_LETTER_FEEDBACK] || has[PS_LETTER_ORIGINAL];

    return tells ? check_end(box, line, err) : PS_OK;
}

static ps_status read_lines(mailbox *box, ps_text *text, ps_error *err)
{
    bool more = true, blank = true; // a From line stands at the beginning or behind a blank line

    for (;;) {
        ps_span line;
        uint64_t number = text->line;
        ps_status status = ps_text_line(text, &line, &more, err);
        if (status != PS_OK || !more) return status;
        bool from = blank && is_from_line(line);
        blank = ps_ascii_trim(line).len == 0;
        if (from && (box->many || !box->inside)) {
            status = check_cut(box, number, err);
            if (status == PS_OK) status = end_letter(box, err);
            box->many = true;
            begin_letter(box, number);
        } else if (box->inside || !blank) {
            if (!box->inside) begin_letter(box, number);
            take_line(box, line);
        }
        if (status != PS_OK) return status;
    }
}

static ps_status check_known(const ps_import *import, ps_error *err)
{
    const ps_run_source *out = import->out;

    if (out->events == 0 || out->events_unknown < import->records) return PS_OK;
    ps_refuse(import, out->first_unknown, err,
              "none of its mails is a bounce, a complaint or an unsubscribe that presend understands.");
    return PS_SOURCE;
}

ps_status ps_read_mailbox(ps_import *import, ps_text *text, ps_error *err)
{
    mailbox box = {.import = import};

    import->out->format = "mailbox";
    ps_buf_init(&box.field, FIELD_BYTES_MAX);
    ps_status status = ps_letter_open(&box.letter, err);
    if (status == PS_OK) status = ps_people_new(import, &box.people, err);
    if (status == PS_OK) status = read_lines(&box, text, err);
    if (status == PS_OK) take_field(&box, box.part);
    if (status == PS_OK) status = check_end(&box, text->line, err);
    if (status == PS_OK) status = end_letter(&box, err);
    if (status == PS_OK) status = check_known(import, err);
    if (status == PS_OK) status = ps_people_finish(box.people, err);
    if (status == PS_OK) status = ps_import_finish(import, true, text->line, err);
    ps_people_free(box.people);
    ps_letter_close(&box.letter);
    ps_buf_done(&box.field);
    return status;
}
