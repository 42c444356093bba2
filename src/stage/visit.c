#include "stage/visit.h"

#include <assert.h>
#include <string.h>

#include "stage/row.h"

// Rows that visit, in their order, and the group of each.
typedef struct visitors {
    uint32_t *rows;
    uint8_t *groups;
} visitors;

// They were counted: now each is put where its group begins, in their order.
static void place(const visitors *listed, ps_visits *out)
{
    uint32_t next[PS_ROSTER_PARTS];

    for (size_t group = 0; group < out->groups; group++) {
        next[group] = out->from[group];
        out->from[group + 1] += out->from[group];
    }
    if (out->groups == 1) {
        out->rows = listed->rows;
        return;
    }
    for (size_t i = 0; i < out->from[out->groups]; i++)
        out->rows[next[listed->groups[i]]++] = listed->rows[i];
}

void ps_visits_list(const ps_facts *facts, ps_batch *batch, ps_visits *out)
{
    const size_t room = batch->row_count + 1;
    visitors listed = {ps_arena_room(&batch->arena, room * sizeof *listed.rows), ps_arena_room(&batch->arena, room)};
    uint32_t count = 0;

    static_assert(PS_ROSTER_PARTS <= UINT8_MAX, "the number of a group fits");
    out->moves = ps_roster_moves(out->roster);
    out->rows = ps_arena_room(&batch->arena, room * sizeof *out->rows);
    out->gaps = ps_arena_room(&batch->arena, room * sizeof *out->gaps);
    memset(out->from, 0, sizeof out->from);
    for (uint32_t i = 0; i < batch->row_count; i++) {
        ps_row *row = &batch->rows[i];
        row->suppressed = NULL;
        if (!ps_row_has_key(row)) continue;
        unsigned group = ps_roster_part(ps_row_identity(facts, row)) * out->groups / PS_ROSTER_PARTS;
        listed.rows[count] = i;
        listed.groups[count++] = (uint8_t)group;
        out->from[group + 1]++;
    }
    place(&listed, out);
}
