#include "report/html.h"

#include "base/clock.h"
#include "report/format.h"

enum { HASH_DIGITS_SHOWN = 12 };

void ps_html_foreign(ps_buf *out, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        ps_buf_add_text(out, "–");
        return;
    }
    ps_buf_add_text(out, "<bdi>");
    ps_html_text(out, ps_span_of(text));
    ps_buf_add_text(out, "</bdi>");
}

// The span up to the next backtick or the end.
static ps_span piece_of(const char *text)
{
    return (ps_span){text, strcspn(text, "`")};
}

void ps_html_prose(ps_buf *out, const char *text)
{
    for (bool code = false;; code = !code) {
        ps_span piece = piece_of(text);
        bool closed = !code || text[piece.len] == '`'; // an odd backtick is only a backtick
        ps_buf_add_text(out, !code ? "<bdi>" : closed ? "<code>" : "<bdi>`");
        ps_html_text(out, piece);
        ps_buf_add_text(out, code && closed ? "</code>" : "</bdi>");
        if (text[piece.len] == '\0') return;
        text += piece.len + 1;
    }
}

void ps_html_sentence(ps_buf *out, const char *text)
{
    bool lower = text[0] >= 'a' && text[0] <= 'z';

    if (lower) ps_buf_add_char(out, (char)(text[0] - 'a' + 'A'));
    ps_html_text(out, ps_span_of(text + lower));
}

void ps_html_code(ps_buf *out, const char *text)
{
    ps_buf_add_text(out, "<code>");
    ps_html_text(out, ps_span_of(text));
    ps_buf_add_text(out, "</code>");
}

void ps_html_hash(ps_buf *out, const char *hash)
{
    size_t len = strnlen(hash, HASH_DIGITS_SHOWN);

    ps_buf_add_text(out, "<code class=\"hash\" data-copy=\"");
    ps_html_attribute(out, ps_span_of(hash));
    ps_buf_add_text(out, "\">");
    ps_html_text(out, (ps_span){hash, len});
    ps_buf_add_text(out, hash[len] == '\0' ? "</code>" : "…</code>");
}

void ps_html_section(ps_buf *out, const char *id, const char *title)
{
    ps_buf_add_format(out,
                      "<section class=\"card\" id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n",
                      id, id, id, title);
}

void ps_html_section_end(ps_buf *out)
{
    ps_buf_add_text(out, "</section>\n");
}

void ps_html_table(ps_buf *out, const char *caption, const ps_html_column *columns, size_t count)
{
    static const char *const classes[] = {
        [PS_HTML_WORDS] = "", [PS_HTML_NUMBER] = " class=\"n\"", [PS_HTML_CHART] = " class=\"chart\""};

    // Wide tables scroll by themselves, also by the keyboard.
    ps_buf_add_format(out, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">\n", caption);
    ps_buf_add_format(out, "<table cellpadding=\"4\">\n<caption class=\"hidden\">%s</caption>\n<thead><tr>", caption);
    for (size_t i = 0; i < count; i++)
        ps_buf_add_format(out, "<th scope=\"col\"%s>%s</th>", classes[columns[i].kind], columns[i].title);
    ps_buf_add_text(out, "</tr></thead>\n<tbody>\n");
}

void ps_html_table_end(ps_buf *out)
{
    ps_buf_add_text(out, "</tbody>\n</table>\n</div>\n");
}

void ps_html_row(ps_buf *out, const char *head)
{
    ps_buf_add_text(out, "<tr><th scope=\"row\" align=\"left\">");
    ps_html_foreign(out, head);
    ps_buf_add_text(out, "</th>");
}

void ps_html_row_end(ps_buf *out)
{
    ps_buf_add_text(out, "</tr>\n");
}

void ps_html_cell(ps_buf *out, const char *text)
{
    ps_buf_add_text(out, "<td>");
    ps_html_foreign(out, text);
    ps_buf_add_text(out, "</td>");
}

void ps_html_cell_count(ps_buf *out, uint64_t count)
{
    ps_buf_add_text(out, "<td class=\"n\">");
    ps_add_count(out, count);
    ps_buf_add_text(out, "</td>");
}

void ps_html_share(ps_buf *out, uint64_t part, uint64_t whole)
{
    ps_buf share;

    ps_buf_init(&share, 64);
    ps_add_share(&share, part, whole);
    if (share.failed) out->failed = true;
    ps_html_text(out, ps_buf_span(&share)); // it may begin with a <
    ps_buf_done(&share);
}

void ps_html_cell_share(ps_buf *out, uint64_t part, uint64_t whole)
{
    ps_buf_add_text(out, "<td class=\"n\">");
    ps_html_share(out, part, whole);
    ps_buf_add_text(out, "</td>");
}

void ps_html_cell_size(ps_buf *out, uint64_t bytes)
{
    ps_buf_add_text(out, "<td class=\"n\">");
    ps_add_size(out, bytes);
    ps_buf_add_text(out, "</td>");
}

void ps_html_cell_day(ps_buf *out, ps_day day)
{
    char text[PS_DAY_TEXT_SIZE];

    ps_day_text(day, text);
    ps_buf_add_text(out, "<td class=\"day\">");
    ps_buf_add_text(out, day == PS_DAY_NONE ? "–" : text);
    ps_buf_add_text(out, "</td>");
}

void ps_html_cell_hash(ps_buf *out, const char *hash)
{
    ps_buf_add_text(out, "<td>");
    ps_html_hash(out, hash);
    ps_buf_add_text(out, "</td>");
}

void ps_html_fact(ps_buf *out, const char *title, const char *text)
{
    ps_buf_add_format(out, "<div><dt>%s</dt><dd>", title);
    ps_html_foreign(out, text);
    ps_buf_add_text(out, "</dd></div>\n");
}

void ps_html_fact_count(ps_buf *out, const char *title, uint64_t count)
{
    ps_buf_add_format(out, "<div><dt>%s</dt><dd>", title);
    ps_add_count(out, count);
    ps_buf_add_text(out, "</dd></div>\n");
}
