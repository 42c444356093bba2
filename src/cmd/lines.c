#include "cmd/lines.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"

enum {
    READ_BYTES = 64 << 10,
    DECODER_ROOM_MIN = 16,
    MARK_BYTES_MAX = 3,
    ROOM_BYTES = PS_ENCODING_SAMPLE_BYTES + PS_FIELD_BYTES_MAX + 2 * READ_BYTES,
};

// Bytes from `start` to `end`. One byte before `start` stays, so that what stands in the middle is not taken for the
// beginning of the input, where a byte order mark may stand.
typedef struct window {
    char *bytes;
    size_t start, end;
} window;

struct ps_lines {
    int fd;
    ps_encoding encoding;
    ps_decoder *decoder; // once the encoding is known
    bool whole; // the stream is decoded, not the lines: `text` holds them
    bool begun; // a byte order mark was looked for
    bool end; // all was read
    bool decoded; // and, where the stream is decoded, all of it was
    bool skipping; // inside a line that was cut
    window raw, text;
    size_t looked_at; // bytes after `start` of the window of lines that hold no line end
    uint64_t number;
};

static window *lines_of(ps_lines *lines)
{
    return lines->whole ? &lines->text : &lines->raw;
}

static size_t window_len(const window *w)
{
    return w->end - w->start;
}

static void compact(window *w)
{
    if (w->start <= 1) return;
    size_t from = w->start - 1;
    memmove(w->bytes, w->bytes + from, w->end - from);
    w->start = 1;
    w->end -= from;
}

static ps_status stopped(int number, ps_error *err)
{
    ps_status status = number == SIGINT ? PS_INTERRUPTED : PS_TERMINATED;

    return ps_error_set(err, status, "Stopped by a signal.");
}

// Whatever is there, at least a byte unless all was read.
static ps_status read_more(ps_lines *lines, const volatile int *stop, ps_error *err)
{
    window *raw = &lines->raw;

    compact(raw);
    assert(ROOM_BYTES - raw->end >= READ_BYTES);
    for (;;) {
        if (*stop != 0) return stopped(*stop, err);
        ssize_t len = read(lines->fd, raw->bytes + raw->end, READ_BYTES);
        if (len >= 0) {
            raw->end += (size_t)len;
            lines->end = len == 0;
            return PS_OK;
        }
        struct pollfd wait = {.fd = lines->fd, .events = POLLIN};
        bool again = errno == EINTR || (errno == EAGAIN && (poll(&wait, 1, -1) >= 0 || errno == EINTR));
        if (!again) return ps_error_set(err, PS_IO, "Standard input cannot be read: %s.", strerrordesc_np(errno));
    }
}

static void decode_more(ps_lines *lines)
{
    window *text = &lines->text;
    ps_span in = {lines->raw.bytes + lines->raw.start, window_len(&lines->raw)};
    size_t len = 0;

    compact(text);
    do {
        ps_decoder_room room = {.bytes = text->bytes + text->end, .size = ROOM_BYTES - text->end};
        if (room.size < DECODER_ROOM_MIN) break;
        len = ps_decoder_stream(lines->decoder, &in, lines->end, &room);
        text->end += len;
        lines->decoded = lines->end && in.len == 0;
    } while (len > 0 && in.len > 0);
    lines->raw.start = lines->raw.end - in.len;
}

// More text behind the lines that are there, or the end.
static ps_status advance(ps_lines *lines, const volatile int *stop, ps_error *err)
{
    size_t before = window_len(&lines->text);

    if (lines->whole) decode_more(lines);
    if (lines->decoded || window_len(&lines->text) > before) return PS_OK;
    ps_status status = read_more(lines, stop, err);
    if (status == PS_OK && lines->whole) decode_more(lines);
    return status;
}

static ps_status use_encoding(ps_lines *lines, ps_encoding encoding, ps_error *err)
{
    ps_status status = ps_decoder_open(encoding, &lines->decoder, err);

    if (status != PS_OK) return status;
    lines->encoding = encoding;
    lines->whole = !ps_charset_ascii_safe(encoding);
    lines->looked_at = 0; // a mark may have been stepped over, or decoding starts another window
    if (!lines->whole) return PS_OK;
    lines->text.bytes = ps_memory_new(ROOM_BYTES, 1, err);
    return lines->text.bytes == NULL ? PS_RETRY : PS_OK;
}

static bool is_utf16(ps_encoding encoding)
{
    return encoding == PS_ENCODING_UTF16LE || encoding == PS_ENCODING_UTF16BE;
}

// The encoding was named: a mark of it at the very beginning is no text, and tells the byte orders of UTF-16 apart.
static ps_status begin(ps_lines *lines, const volatile int *stop, ps_error *err)
{
    window *raw = &lines->raw;
    ps_encoding marked = PS_ENCODING_AUTO;
    ps_status status = PS_OK;

    while (status == PS_OK && !lines->end && (raw->end == 0 || (raw->end < MARK_BYTES_MAX && raw->bytes[0] < 0)))
        status = read_more(lines, stop, err);
    if (status != PS_OK) return status;
    size_t len = ps_charset_bom((ps_span){raw->bytes, raw->end}, &marked);
    bool meant = marked == lines->encoding || (is_utf16(marked) && is_utf16(lines->encoding));
    if (len > 0 && meant) raw->start = len;
    lines->begun = true;
    return use_encoding(lines, len > 0 && meant ? marked : lines->encoding, err);
}

static ps_status detect(ps_lines *lines, const volatile int *stop, ps_error *err)
{
    window *raw = &lines->raw;
    ps_status status = PS_OK;
    size_t mark = 0;

    while (status == PS_OK && !lines->end && window_len(raw) < PS_ENCODING_SAMPLE_BYTES)
        status = read_more(lines, stop, err);
    if (status != PS_OK) return status;
    size_t before = raw->start > 0;
    ps_span sample = {raw->bytes + raw->start - before, window_len(raw) + before};
    ps_encoding encoding = ps_charset_detect(sample, lines->end, &mark);
    raw->start += mark;
    if (encoding != PS_ENCODING_AUTO) return use_encoding(lines, encoding, err);
    ps_log(PS_LOG_WARNING,
           "From line %llu on, standard input is text in none of UTF-8, CP932, EUC-JP and ISO-2022-JP. It is taken for "
           "UTF-8; name what it is in, as in --encoding windows-1252.",
           (unsigned long long)lines->number + 1);
    return use_encoding(lines, PS_ENCODING_UTF8, err);
}

ps_status ps_lines_open(int fd, ps_encoding encoding, ps_lines **out, ps_error *err)
{
    ps_lines *lines = ps_memory_new(1, sizeof *lines, err);

    if (lines == NULL) return PS_RETRY;
    lines->fd = fd;
    lines->encoding = encoding;
    lines->begun = encoding == PS_ENCODING_AUTO;
    lines->raw.bytes = ps_memory_new(ROOM_BYTES, 1, err);
    if (lines->raw.bytes == NULL) {
        ps_lines_close(lines);
        return PS_RETRY;
    }
    *out = lines;
    return PS_OK;
}

void ps_lines_close(ps_lines *lines)
{
    if (lines == NULL) return;
    ps_decoder_close(lines->decoder);
    ps_memory_free(lines->raw.bytes);
    ps_memory_free(lines->text.bytes);
    ps_memory_free(lines);
}

static bool all_is_here(const ps_lines *lines)
{
    return lines->whole ? lines->decoded : lines->end;
}

// The line that begins at the window's start. False until its end has come, or more of it than a line may have.
static bool find_line(ps_lines *lines, ps_span *out, bool *out_ended)
{
    const window *w = lines_of(lines);
    const char *start = w->bytes + w->start;
    size_t len = window_len(w), left = len - lines->looked_at;
    const char *end = left == 0 ? NULL : memchr(start + lines->looked_at, '\n', left);

    lines->looked_at = end == NULL ? len : (size_t)(end - start);
    *out = (ps_span){start, lines->looked_at};
    *out_ended = end != NULL || all_is_here(lines);
    return end != NULL || len > PS_FIELD_BYTES_MAX || (len > 0 && all_is_here(lines));
}

static void step_over(ps_lines *lines, ps_span line, bool ended)
{
    window *w = lines_of(lines);
    bool line_end = w->start + line.len < w->end;

    w->start += line.len + line_end;
    lines->looked_at = 0;
    lines->skipping = !ended;
}

static ps_line make_line(ps_lines *lines, ps_span bytes, ps_arena *arena)
{
    ps_line line = {.bytes = bytes, .number = ++lines->number, .cut = bytes.len > PS_FIELD_BYTES_MAX};

    if (line.cut) line.bytes.len = PS_FIELD_BYTES_MAX;
    if (!line.cut && bytes.len > 0 && bytes.bytes[bytes.len - 1] == '\r') line.bytes.len--;
    line.text = line.bytes;
    line.whole =
        lines->whole || lines->decoder == NULL || ps_decoder_cell(lines->decoder, line.bytes, arena, &line.text);
    return line;
}

// Nothing is known of the encoding yet, and this line cannot be read without.
static bool must_detect(const ps_lines *lines, ps_span line)
{
    return lines->encoding == PS_ENCODING_AUTO && !ps_charset_undecided(line);
}

ps_status ps_lines_next(ps_lines *lines, const volatile int *stop, ps_arena *arena, ps_line *out, bool *out_more,
                        ps_error *err)
{
    ps_status status = lines->begun ? PS_OK : begin(lines, stop, err);
    ps_span line;
    bool ended = false;

    while (status == PS_OK) {
        if (!find_line(lines, &line, &ended)) {
            *out_more = false;
            if (all_is_here(lines)) return PS_OK;
            status = advance(lines, stop, err);
        } else if (must_detect(lines, line)) {
            status = detect(lines, stop, err);
        } else if (lines->skipping) {
            step_over(lines, line, ended);
        } else {
            *out = make_line(lines, line, arena);
            *out_more = true;
            step_over(lines, line, ended);
            return PS_OK;
        }
    }
    return status;
}

bool ps_lines_will_read(ps_lines *lines)
{
    ps_span line;
    bool ended;

    return !find_line(lines, &line, &ended) || must_detect(lines, line);
}

ps_encoding ps_lines_encoding(const ps_lines *lines)
{
    return lines->encoding;
}
