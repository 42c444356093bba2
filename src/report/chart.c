#include "report/chart.h"

#include "report/format.h"
#include "report/html.h"
#include "report/view.h"

#define MILLION UINT64_C(1000000)

enum { SLIVER = 3000 }; // millionths of a bar that can still be seen

// A percentage with four decimals from millionths.
static void put_percent(ps_buf *out, uint64_t millionths)
{
    ps_buf_add_format(out, "%u.%04u%%", (unsigned)(millionths / 10000), (unsigned)(millionths % 10000));
}

// `part` of `whole` in millionths without overflow for any count of rows.
static uint64_t millionths_of(uint64_t part, uint64_t whole)
{
    if (whole == 0) return 0;
    return (uint64_t)((double)part / (double)whole * 1e6 + 0.5);
}

static void put_rect(ps_buf *out, uint64_t x, uint64_t width, const char *name, const char *color)
{
    ps_buf_add_text(out, "<rect x=\"");
    put_percent(out, x);
    ps_buf_add_text(out, "\" width=\"");
    put_percent(out, width);
    ps_buf_add_format(out, "\" height=\"100%%\" class=\"f-%s\" fill=\"%s\"/>", name, color);
}

static uint64_t sum(const ps_chart_part *parts, size_t count)
{
    uint64_t rows = 0;

    for (size_t i = 0; i < count; i++)
        rows += parts[i].rows;
    return rows;
}

static void put_parts(ps_buf *out, const ps_chart_part *parts, size_t count, uint64_t whole)
{
    uint64_t before = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t start = millionths_of(before, whole);
        before += parts[i].rows;
        if (parts[i].rows == 0) continue;
        uint64_t end = millionths_of(before, whole);
        uint64_t width = end - start < SLIVER ? SLIVER : end - start;
        if (start + width > MILLION) start = MILLION - width;
        put_rect(out, start, width, parts[i].name, parts[i].color);
    }
}

static void put_numbers(ps_buf *out, const ps_chart_part *parts, size_t count, uint64_t whole)
{
    for (size_t i = 0; i < count; i++) {
        ps_buf_add_text(out, i == 0 ? "" : ", ");
        ps_html_text(out, ps_span_of(parts[i].word));
        ps_buf_add_char(out, ' ');
        ps_add_count(out, parts[i].rows);
        ps_buf_add_text(out, " (");
        ps_html_share(out, parts[i].rows, whole);
        ps_buf_add_text(out, ")");
    }
}

static void open_image(ps_buf *out, const char *class, const char *id, const char *title, unsigned height)
{
    ps_buf_add_format(out,
                      "<svg class=\"%s\" role=\"img\" aria-labelledby=\"%s-t %s-d\" width=\"100%%\" height=\"%u\">",
                      class, id, id, height);
    ps_buf_add_format(out, "<title id=\"%s-t\">%s</title><desc id=\"%s-d\">", id, title, id);
}

void ps_chart_stack(ps_buf *out, const char *id, const char *title, const ps_chart_part *parts, size_t count)
{
    uint64_t whole = sum(parts, count);

    open_image(out, "stack", id, title, 36);
    put_numbers(out, parts, count, whole);
    ps_buf_add_text(out, "</desc>");
    put_rect(out, 0, MILLION, "track", "#e7e4dd");
    put_parts(out, parts, count, whole);
    ps_buf_add_text(out, "</svg>\n");
}

void ps_chart_legend(ps_buf *out, const ps_chart_part *parts, size_t count)
{
    uint64_t whole = sum(parts, count);

    ps_buf_add_text(out, "<ul class=\"legend\">\n");
    for (size_t i = 0; i < count; i++) {
        ps_buf_add_format(out,
                          "<li><svg class=\"key\" width=\"12\" height=\"12\" aria-hidden=\"true\"><rect width=\"12\" "
                          "height=\"12\" rx=\"3\" class=\"f-%s\" fill=\"%s\"/></svg> ",
                          parts[i].name, parts[i].color);
        ps_html_text(out, ps_span_of(parts[i].word));
        ps_buf_add_text(out, " <strong>");
        ps_add_count(out, parts[i].rows);
        ps_buf_add_text(out, "</strong> <span class=\"share\">");
        ps_html_share(out, parts[i].rows, whole);
        ps_buf_add_text(out, "</span></li>\n");
    }
    ps_buf_add_text(out, "</ul>\n");
}

static void open_cell(ps_buf *out, unsigned height)
{
    ps_buf_add_format(out, "<svg class=\"bar\" width=\"100%%\" height=\"%u\" aria-hidden=\"true\">", height);
}

void ps_chart_cell_bar(ps_buf *out, uint64_t rows, uint64_t whole, const char *name, const char *color)
{
    const ps_chart_part part = {"", name, color, rows};

    open_cell(out, 10);
    put_rect(out, 0, MILLION, "track", "#e7e4dd");
    put_parts(out, &part, 1, whole);
    ps_buf_add_text(out, "</svg>");
}

void ps_chart_cell_stack(ps_buf *out, const ps_chart_part *parts, size_t count, uint64_t whole)
{
    open_cell(out, 10);
    put_rect(out, 0, MILLION, "track", "#e7e4dd");
    put_parts(out, parts, count, whole);
    ps_buf_add_text(out, "</svg>");
}

void ps_chart_cell_step(ps_buf *out, uint64_t left, uint64_t rows, uint64_t whole, const ps_chart_part *part)
{
    uint64_t end = millionths_of(left, whole);
    uint64_t start = millionths_of(left - rows, whole);

    open_cell(out, 18);
    if (start > 0) put_rect(out, 0, start, "left", "#dfe8e2");
    if (rows > 0 && end - start < SLIVER) start = end > SLIVER ? end - SLIVER : 0;
    if (rows > 0) put_rect(out, start, end - start < SLIVER ? SLIVER : end - start, part->name, part->color);
    ps_buf_add_text(out, "</svg>");
}

static void put_mark(ps_buf *out, uint64_t at, const char *word)
{
    ps_buf_add_text(out, "<line class=\"s-ink\" stroke=\"#1b1f23\" stroke-width=\"2\" y1=\"18\" y2=\"48\" x1=\"");
    put_percent(out, at);
    ps_buf_add_text(out, "\" x2=\"");
    put_percent(out, at);
    ps_buf_add_text(out,
                    "\"/><text class=\"f-ink\" fill=\"#1b1f23\" font-size=\"12\" text-anchor=\"middle\" y=\"12\" x=\"");
    put_percent(out, at);
    ps_buf_add_format(out, "\">%s</text>", word);
}

void ps_chart_gauge_draw(ps_buf *out, const ps_chart_gauge *gauge)
{
    uint64_t most = gauge->share > gauge->stop ? gauge->share : gauge->stop;
    uint64_t scale = most + most / 4;
    uint64_t width = millionths_of(gauge->share, scale);
    const char *name = gauge->share >= gauge->stop ? "removed" : gauge->share >= gauge->warn ? "winback" : "clean";

    open_image(out, "gauge", gauge->id, gauge->title, 52);
    ps_html_share(out, gauge->share, MILLION);
    ps_buf_add_format(out, "; %s, %s</desc>", gauge->warn_word, gauge->stop_word);
    ps_buf_add_text(out, "<rect y=\"24\" width=\"100%\" height=\"18\" rx=\"4\" class=\"f-track\" fill=\"#e7e4dd\"/>"
                         "<rect y=\"24\" height=\"18\" rx=\"4\" width=\"");
    put_percent(out, gauge->share > 0 && width < SLIVER ? SLIVER : width);
    ps_buf_add_format(out, "\" class=\"f-%s\" fill=\"#7a7f87\"/>", name);
    put_mark(out, millionths_of(gauge->warn, scale), gauge->warn_word);
    put_mark(out, millionths_of(gauge->stop, scale), gauge->stop_word);
    ps_buf_add_text(out, "</svg>\n");
}

void ps_chart_icon(ps_buf *out, ps_verdict verdict)
{
    static const char *const paths[PS_VERDICT_COUNT] = {
        [PS_VERDICT_CLEAN] = "M3.5 8.5l3 3 6-7", // a tick
        [PS_VERDICT_WINBACK] = "M4 9a4.5 4.5 0 1 0 1.5-4.5L3.5 6.5M3.5 3v3.5H7", // an arrow back
        [PS_VERDICT_HELD] = "M5.5 4v8M10.5 4v8", // a pause
        [PS_VERDICT_REMOVED] = "M4 4l8 8M12 4l-8 8", // a cross
    };
    const ps_view_outcome *outcome = ps_view_outcome_of(verdict);

    ps_buf_add_format(out,
                      "<svg class=\"icon s-%s\" width=\"16\" height=\"16\" viewBox=\"0 0 16 16\" aria-hidden=\"true\" "
                      "fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-linecap=\"round\" "
                      "stroke-linejoin=\"round\"><path d=\"%s\"/></svg>",
                      outcome->name, outcome->color, paths[verdict]);
}
