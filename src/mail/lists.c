#include "mail/lists.h"

#include "mail/lists.inc" // generated from data/*.txt: for each list its text, and one line of facts

ps_span ps_list_text(ps_list list)
{
    return (ps_span){texts[list].bytes, texts[list].len};
}

bool ps_list_next(ps_span *text, ps_span *out_line)
{
    if (text->len == 0) return false;
    const char *end = memchr(text->bytes, '\n', text->len);
    size_t len = end == NULL ? text->len : (size_t)(end - text->bytes);
    size_t used = end == NULL ? len : len + 1;

    *out_line = (ps_span){text->bytes, len};
    if (len > 0 && text->bytes[len - 1] == '\r') out_line->len--;
    *text = (ps_span){text->bytes + used, text->len - used};
    return true;
}

bool ps_list_pair(ps_span line, ps_span *out_first, ps_span *out_second)
{
    const char *blank = line.len == 0 ? NULL : memchr(line.bytes, ' ', line.len);

    if (blank == NULL) return false;
    size_t len = (size_t)(blank - line.bytes);
    *out_first = (ps_span){line.bytes, len};
    *out_second = (ps_span){blank + 1, line.len - len - 1};
    return true;
}

const ps_run_data_list *ps_mail_data_lists(size_t *count)
{
    *count = PS_COUNT_OF(data_lists);
    return data_lists;
}
