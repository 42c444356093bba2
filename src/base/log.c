#include "base/log.h"

#include <stdarg.h>
#include <stddef.h>

#include "base/text.h"

enum { LINE_BYTES_MAX = 4096 };

// The one sink of the program: set once by `cmd` before any thread starts, read-only afterwards.
static ps_log_sink *log_sink;
static void *log_context;

void ps_log_set(ps_log_sink *sink, void *context)
{
    log_sink = sink;
    log_context = context;
}

void ps_log(ps_log_level level, const char *format, ...)
{
    char text[LINE_BYTES_MAX];
    va_list list;

    if (log_sink == NULL) return;
    va_start(list, format);
    ps_text_format(text, sizeof text, format, list);
    va_end(list);
    log_sink(log_context, level, text);
}
