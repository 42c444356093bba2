#include "presend/status.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

static const struct {
    int exit_code;
    const char *word, *meaning;
} statuses[PS_STATUS_COUNT] = {
#define PS_STATUS(symbol, exit_code, word, meaning) [PS_##symbol] = {exit_code, word, meaning},
#include "presend/status.def"
#undef PS_STATUS
};

int ps_status_exit_code(ps_status status)
{
    assert((unsigned)status < PS_STATUS_COUNT);
    return statuses[status].exit_code;
}

const char *ps_status_word(ps_status status)
{
    assert((unsigned)status < PS_STATUS_COUNT);
    return statuses[status].word;
}

const char *ps_status_meaning(ps_status status)
{
    assert((unsigned)status < PS_STATUS_COUNT);
    return statuses[status].meaning;
}

// By way of a local buffer, because the arguments may hold the very text that is replaced.
__attribute__((format(printf, 3, 0))) static void fill(char *out, size_t size, const char *format, va_list list)
{
    char text[PS_ERROR_TEXT_MAX];

    assert(size <= sizeof text);
    ps_text_format(text, size, format, list);
    memcpy(out, text, strlen(text) + 1);
}

ps_status ps_error_set(ps_error *err, ps_status status, const char *format, ...)
{
    assert(status != PS_OK);
    if (err == NULL) return status;

    va_list list;
    va_start(list, format);
    fill(err->text, sizeof err->text, format, list);
    va_end(list);
    err->status = status;
    err->hint[0] = '\0';
    err->where[0] = '\0';
    return status;
}

void ps_error_hint(ps_error *err, const char *format, ...)
{
    if (err == NULL) return;

    va_list list;
    va_start(list, format);
    fill(err->hint, sizeof err->hint, format, list);
    va_end(list);
}

void ps_error_where(ps_error *err, const char *format, ...)
{
    if (err == NULL) return;

    va_list list;
    va_start(list, format);
    fill(err->where, sizeof err->where, format, list);
    va_end(list);
}
