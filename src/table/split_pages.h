#ifndef PS_TABLE_SPLIT_PAGES_H
#define PS_TABLE_SPLIT_PAGES_H

// A piece page by page, as the vector forms of the split share it: marked, worked out (split_words.h) and kept.

#include "table/split_words.h"

// Where `out` is filled to. Kept apart from it so that no store to an array makes the counts be read again.
typedef struct ps_split_fill {
    uint32_t *ends, *lines, *inner; // of the piece
    size_t end_count, line_count, inner_count, blank_count;
} ps_split_fill;

// ---- what each form has: the marks of block `i`, and the offsets of an end's bits

PS_SPLIT_TARGET static inline void ps_split_mark(const char *block, char delimiter, size_t i, ps_split_marks *marks);
PS_SPLIT_TARGET static inline void ps_split_keep_ends(uint64_t bits, size_t offset, ps_split_fill *fill);

// ---- a page

// Its last page has marks of no byte behind its end, up to the end of a stretch. Gives how many blocks were marked.
PS_SPLIT_TARGET static inline size_t ps_split_mark_page(ps_span page, char delimiter, ps_split_marks *marks)
{
    char last[PS_SPLIT_BLOCK] = {0}; // no load reaches over the end
    size_t i = 0, left = page.len % PS_SPLIT_BLOCK;

    for (; i < page.len / PS_SPLIT_BLOCK; i++)
        ps_split_mark(page.bytes + i * PS_SPLIT_BLOCK, delimiter, i, marks);
    if (left > 0) memcpy(last, page.bytes + i * PS_SPLIT_BLOCK, left);
    for (; left > 0 || i % PS_SPLIT_WORDS != 0; i++, left = 0) {
        ps_split_mark(last, delimiter, i, marks);
        marks->inside.block[i] = (UINT64_C(1) << left) - 1;
        memset(last, 0, sizeof last);
    }
    return i;
}

// Line ends inside quotes, and empty lines: few blocks have any.
static inline void ps_split_keep_rare(const ps_split_found *found, size_t i, size_t offset, ps_split_fill *fill)
{
    fill->blank_count += (size_t)__builtin_popcountll(found->blank.block[i]);
    for (uint64_t left = found->inner.block[i]; left != 0; left &= left - 1)
        fill->inner[fill->inner_count++] = (uint32_t)(offset + (size_t)__builtin_ctzll(left));
}

// The numbers of a block's lines in `ends`, before its ends are counted. One in most blocks that have any: it is stored
// whether it is there or not.
static inline void ps_split_keep_lines(uint64_t lines, uint64_t ends, ps_split_fill *fill)
{
    uint64_t left = lines;

    do {
        uint64_t before = ends & ((left & -left) - 1);
        fill->lines[fill->line_count] = (uint32_t)(fill->end_count + (size_t)__builtin_popcountll(before));
        fill->line_count += left != 0;
        left &= left - 1;
    } while (left != 0);
}

// Gives what was seen of all blocks.
PS_SPLIT_TARGET static inline unsigned ps_split_keep_page(const ps_split_found *found, size_t blocks, size_t offset,
                                                          ps_split_fill *fill)
{
    unsigned seen = 0;

    for (size_t i = 0; i < blocks; i++, offset += PS_SPLIT_BLOCK) {
        ps_split_keep_lines(found->lines.block[i], found->ends.block[i], fill);
        ps_split_keep_ends(found->ends.block[i], offset, fill);
        if ((found->seen.block[i] & (PS_SPLIT_INNER | PS_SPLIT_BLANK)) != 0) ps_split_keep_rare(found, i, offset, fill);
        seen |= found->seen.block[i];
    }
    return seen;
}

// How many bytes of the page stand before the block that is not regular.
static inline size_t ps_split_good(const ps_split_found *found)
{
    size_t i = 0;

    while ((found->seen.block[i] & PS_SPLIT_WRONG) == 0)
        i++;
    return i * PS_SPLIT_BLOCK;
}

static inline void ps_split_stop(const ps_split_state *state, const ps_split_fill *fill, ps_span bytes, ps_split *out)
{
    out->end_count = fill->end_count;
    out->line_count = fill->line_count;
    out->inner_count = fill->inner_count;
    out->blank_count = fill->blank_count;
    out->open = state->quoted[PS_SPLIT_WORDS - 1] != 0;
    out->cut_cr = !out->open && bytes.len > 0 && bytes.bytes[bytes.len - 1] == '\r';
}

PS_SPLIT_TARGET static inline void ps_split_pages(ps_span bytes, char delimiter, ps_split *out)
{
    ps_split_state state = ps_split_begin();
    ps_split_fill fill = {.ends = out->ends, .lines = out->lines, .inner = out->inner};
    ps_split_marks marks;
    ps_split_found found;

    memset(&marks.inside, UINT8_MAX, sizeof marks.inside);
    out->regular = true;
    out->good = bytes.len;
    for (size_t at = 0; at < bytes.len && out->regular; at += PS_SPLIT_PAGE) {
        size_t left = bytes.len - at, len = left < PS_SPLIT_PAGE ? left : PS_SPLIT_PAGE;
        size_t blocks = ps_split_mark_page((ps_span){bytes.bytes + at, len}, delimiter, &marks);
        for (size_t i = 0; i < blocks / PS_SPLIT_WORDS; i++)
            ps_split_find(&marks, i, &state, &found, out->doubts + at / PS_SPLIT_BLOCK);
        unsigned seen = ps_split_keep_page(&found, blocks, at, &fill);
        out->regular = (seen & PS_SPLIT_WRONG) == 0;
        if (!out->regular) out->good = at + ps_split_good(&found);
    }
    ps_split_stop(&state, &fill, bytes, out);
}

#endif
