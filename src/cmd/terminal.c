#include "cmd/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/text.h"

enum { DRAW_MS = 100, LINE_MS = 10000, LOG_BYTES_MAX = 16 << 10, WIDTH_DEFAULT = 80, ETA_AFTER_MS = 2000 };

static bool is_set(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0';
}

static bool is_when(const ps_arguments *arguments, const char *name, const char *when)
{
    const char *value = ps_arguments_value(arguments, name);

    return value != NULL && strcmp(value, when) == 0;
}

static bool wants_color(const ps_arguments *arguments, bool is_terminal, bool is_dumb)
{
    if (is_when(arguments, "color", "always")) return true;
    if (is_when(arguments, "color", "never") || is_set("NO_COLOR")) return false;
    return is_set("FORCE_COLOR") || is_set("CLICOLOR_FORCE") || (is_terminal && !is_dumb);
}

static unsigned width_of(int fd)
{
    struct winsize size;

    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : WIDTH_DEFAULT;
}

static void log_human(ps_log_level level, const char *text, ps_buf *line)
{
    static const char *const words[] = {
        [PS_LOG_ERROR] = "error: ", [PS_LOG_WARNING] = "warning: ", [PS_LOG_INFO] = "", [PS_LOG_DEBUG] = ""};

    ps_buf_add_format(line, "presend: %s", words[level]);
    ps_add_visible(line, ps_span_of(text));
}

static void log_json(ps_log_level level, const char *text, ps_buf *line)
{
    static const char *const words[] = {
        [PS_LOG_ERROR] = "error", [PS_LOG_WARNING] = "warning", [PS_LOG_INFO] = "info", [PS_LOG_DEBUG] = "debug"};
    char now[PS_TIME_TEXT_SIZE];
    ps_json json;

    ps_time_text(ps_clock_now_s(), now);
    ps_json_init(&json, line, 0);
    ps_json_object(&json, NULL);
    ps_json_text(&json, "ts", now);
    ps_json_text(&json, "level", words[level]);
    ps_json_text(&json, "event", "message");
    ps_json_span(&json, "message", ps_span_of(text));
    ps_json_object_end(&json);
}

static void log_line(void *context, ps_log_level level, const char *text)
{
    ps_terminal *terminal = context;
    ps_log_level least = terminal->quiet ? PS_LOG_ERROR : terminal->verbose ? PS_LOG_DEBUG : PS_LOG_WARNING;
    ps_buf line;

    if (level > least) return;
    ps_buf_init(&line, LOG_BYTES_MAX);
    (terminal->log_json ? log_json : log_human)(level, text, &line);
    ps_buf_add_char(&line, '\n');
    if (!line.failed) ps_terminal_say(terminal, ps_buf_span(&line));
    ps_buf_done(&line);
}

void ps_terminal_open(const ps_arguments *arguments, ps_terminal *terminal)
{
    bool is_terminal = isatty(STDERR_FILENO) == 1;
    const char *kind = getenv("TERM");

    memset(terminal, 0, sizeof *terminal);
    terminal->plain = kind == NULL || strcmp(kind, "dumb") == 0;
    terminal->quiet = ps_arguments_has(arguments, "quiet");
    terminal->verbose = ps_arguments_has(arguments, "verbose") && !terminal->quiet;
    terminal->json = ps_arguments_has(arguments, "json");
    terminal->log_json = is_when(arguments, "log-format", "json");
    terminal->color = wants_color(arguments, is_terminal, terminal->plain);
    terminal->attended = is_terminal || isatty(STDOUT_FILENO) == 1;
    terminal->width = width_of(STDERR_FILENO);
    bool always = is_when(arguments, "progress", "always");
    bool may = !is_when(arguments, "progress", "never") && !terminal->quiet && !terminal->log_json;
    terminal->meter = may && (is_terminal || always);
    terminal->meter_lines = may && !terminal->meter && terminal->verbose;
    ps_log_set(log_line, terminal);
}

static void write_stderr(ps_span text)
{
    (void)ps_file_write(STDERR_FILENO, text, "stderr", NULL); // there is nowhere else to say so
}

void ps_terminal_clear(ps_terminal *terminal)
{
    if (!terminal->drawn) return;
    terminal->drawn = false;
    if (!terminal->plain) {
        write_stderr(ps_span_of("\r\x1b[K"));
        return;
    }
    ps_buf blanks;
    ps_buf_init(&blanks, LOG_BYTES_MAX);
    ps_buf_add_char(&blanks, '\r');
    for (unsigned i = 1; i < terminal->width; i++)
        ps_buf_add_char(&blanks, ' ');
    ps_buf_add_char(&blanks, '\r');
    write_stderr(ps_buf_span(&blanks));
    ps_buf_done(&blanks);
}

void ps_terminal_say(ps_terminal *terminal, ps_span text)
{
    ps_terminal_clear(terminal);
    write_stderr(text);
}

ps_status ps_terminal_data(ps_terminal *terminal, ps_span text, ps_error *err)
{
    ps_terminal_clear(terminal);
    return ps_file_write(STDOUT_FILENO, text, "standard output", err);
}

// 1234567 as 1,234,567
static void add_count(ps_buf *out, uint64_t count)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) ps_buf_add_char(out, ',');
        ps_buf_add_char(out, digits[i]);
    }
}

static void add_meter(const ps_terminal *terminal, const ps_progress *progress, uint64_t now_ms, ps_buf *out)
{
    uint64_t spent_ms = now_ms - terminal->stage_ms;
    bool domains = strcmp(progress->stage, "mx") == 0;
    uint64_t things = domains ? progress->done : progress->rows;

    ps_buf_add_format(out, "%-7s ", progress->stage);
    if (progress->total > 0) {
        unsigned percent = (unsigned)((double)progress->done * 100 / (double)progress->total);
        ps_buf_add_format(out, "%3u %%  ", percent > 100 ? 100 : percent);
    }
    add_count(out, things);
    ps_buf_add_text(out, domains ? " domains" : " rows");
    if (spent_ms > 0) {
        ps_buf_add_text(out, "  ");
        add_count(out, (uint64_t)((double)things * 1000 / (double)spent_ms));
        ps_buf_add_text(out, "/s");
    }
    if (spent_ms >= ETA_AFTER_MS && progress->done > 0 && progress->total > progress->done) {
        double left = (double)(progress->total - progress->done) * (double)spent_ms / (double)progress->done / 1000;
        unsigned left_s = left > 359999 ? 359999 : (unsigned)left;
        ps_buf_add_format(out, "  %u:%02u left", left_s / 60, left_s % 60);
    }
    if (progress->note != NULL) ps_buf_add_format(out, "  %s", progress->note);
}

static void draw(ps_terminal *terminal, const ps_progress *progress, uint64_t now_ms)
{
    ps_buf line;

    ps_buf_init(&line, LOG_BYTES_MAX);
    if (terminal->meter) ps_terminal_clear(terminal);
    size_t start = line.len;
    add_meter(terminal, progress, now_ms, &line);
    if (terminal->meter && line.len - start >= terminal->width) line.len = start + terminal->width - 1;
    if (terminal->meter_lines) ps_buf_add_char(&line, '\n');
    if (!line.failed) write_stderr(ps_buf_span(&line));
    terminal->drawn = terminal->meter;
    terminal->drawn_ms = now_ms;
    ps_buf_done(&line);
}

void ps_terminal_progress(void *context, const ps_progress *progress)
{
    ps_terminal *terminal = context;
    uint64_t now_ms = ps_clock_monotonic_ms();

    if (!terminal->meter && !terminal->meter_lines) return;
    bool begins = terminal->stage == NULL || strcmp(terminal->stage, progress->stage) != 0;
    if (begins) {
        terminal->stage = progress->stage;
        terminal->stage_ms = now_ms;
    }
    unsigned pause_ms = terminal->meter ? DRAW_MS : LINE_MS;
    if (!begins && now_ms - terminal->drawn_ms < pause_ms) return;
    draw(terminal, progress, now_ms);
}
