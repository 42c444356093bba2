#ifndef PS_REPORT_HTML_H
#define PS_REPORT_HTML_H

// Writing HTML: one escaping function per context, then sections and tables made of them. Literals of ours go in by
// ps_buf_add_text(); whatever comes from a file, a job or a list only by these.

#include <stdint.h>

#include "base/buf.h"
#include "presend/job.h"
#include "presend/span.h"

void ps_html_text(ps_buf *out, ps_span text); // the content of an element
void ps_html_attribute(ps_buf *out, ps_span text); // between double quotes
void ps_html_lines(ps_buf *out, ps_span text); // the content of <pre>: line feeds and tabs stay

// Text from outside, its direction kept from what stands beside it; a dash for NULL and "".
void ps_html_foreign(ps_buf *out, const char *text);
void ps_html_prose(ps_buf *out, const char *text); // from outside, with `code` between backticks
void ps_html_sentence(ps_buf *out, const char *text); // a text of reason.def: with a capital
void ps_html_code(ps_buf *out, const char *text);
void ps_html_share(ps_buf *out, uint64_t part, uint64_t whole); // as ps_add_share()
void ps_html_hash(ps_buf *out, const char *hash); // its first 12 digits; all of them for the copy button

// `title` is ours. A section ends by ps_html_section_end().
void ps_html_section(ps_buf *out, const char *id, const char *title);
void ps_html_section_end(ps_buf *out);

typedef enum ps_html_column_kind { PS_HTML_WORDS, PS_HTML_NUMBER, PS_HTML_CHART } ps_html_column_kind;

typedef struct ps_html_column {
    const char *title;
    ps_html_column_kind kind;
} ps_html_column;

// A table that the reader may sort where scripts run. Each row begins with its head cell.
void ps_html_table(ps_buf *out, const char *caption, const ps_html_column *columns, size_t count);
void ps_html_table_end(ps_buf *out);
void ps_html_row(ps_buf *out, const char *head);
void ps_html_row_end(ps_buf *out);
void ps_html_cell(ps_buf *out, const char *text);
void ps_html_cell_count(ps_buf *out, uint64_t count);
void ps_html_cell_share(ps_buf *out, uint64_t part, uint64_t whole);
void ps_html_cell_size(ps_buf *out, uint64_t bytes);
void ps_html_cell_day(ps_buf *out, ps_day day);
void ps_html_cell_hash(ps_buf *out, const char *hash);

// One line of a <dl>.
void ps_html_fact(ps_buf *out, const char *title, const char *text);
void ps_html_fact_count(ps_buf *out, const char *title, uint64_t count);

#endif
