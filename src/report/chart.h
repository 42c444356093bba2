#ifndef PS_REPORT_CHART_H
#define PS_REPORT_CHART_H

// Charts as SVG in HTML. Widths are percentages and colours presentation attributes, so that a chart fits any screen,
// keeps the size of its letters, and shows where no style sheet is allowed. Each colour has a class beside it for the
// dark scheme.

#include <stdint.h>

#include "base/buf.h"
#include "presend/reason.h"

typedef struct ps_chart_part {
    const char *word; // what it stands for
    const char *name; // its colour class
    const char *color; // and the colour without style sheets
    uint64_t rows;
} ps_chart_part;

// One bar cut into its parts; `id` is unique in the page, `title` says what the bar is.
void ps_chart_stack(ps_buf *out, const char *id, const char *title, const ps_chart_part *parts, size_t count);

// The parts of a stack with their numbers: what its colours mean. `unit` such as "rows".
void ps_chart_legend(ps_buf *out, const ps_chart_part *parts, size_t count);

// A small bar for a table cell; the same row says its number, so it is hidden from screen readers.
void ps_chart_cell_bar(ps_buf *out, uint64_t rows, uint64_t whole, const char *name, const char *color);
void ps_chart_cell_stack(ps_buf *out, const ps_chart_part *parts, size_t count, uint64_t whole);

// One step of a waterfall: of `whole`, `left` are still there before `rows` of them leave.
void ps_chart_cell_step(ps_buf *out, uint64_t left, uint64_t rows, uint64_t whole, const ps_chart_part *part);

// A share on a scale with two marks, in millionths.
typedef struct ps_chart_gauge {
    const char *id, *title;
    uint64_t share, warn, stop;
    const char *warn_word, *stop_word;
} ps_chart_gauge;
void ps_chart_gauge_draw(ps_buf *out, const ps_chart_gauge *gauge);

// The sign of an outcome: colour is never the only one.
void ps_chart_icon(ps_buf *out, ps_verdict verdict);

#endif
