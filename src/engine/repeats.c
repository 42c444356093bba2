#include "engine/repeats.h"

#include <string.h>

#include "stage/row.h"

enum { ONCE, AGAIN }; // the values in the roster
enum { KIND_SEEN = 1 };
enum { PREFETCHED = 16 }; // rows ahead: what they touch is on its way while the ones before are noted

static ps_status note_row(ps_repeats *repeats, ps_hash identity, ps_error *err)
{
    const ps_roster_key key = {identity, KIND_SEEN};
    unsigned part = ps_roster_part(identity);
    uint64_t before = ps_roster_count_part(repeats->seen, part);
    uint32_t stands = ONCE;
    ps_status status = ps_roster_claim(repeats->seen, key, ONCE, &stands, err);

    if (status != PS_OK || stands == AGAIN || ps_roster_count_part(repeats->seen, part) > before) return status;
    repeats->count++;
    return ps_roster_put(repeats->seen, key, AGAIN, err);
}

static void prefetch(const ps_repeats *repeats, const ps_facts *facts, const ps_batch *batch, size_t i)
{
    if (i >= batch->row_count || !ps_row_has_key(&batch->rows[i])) return;
    ps_roster_prefetch_claim(repeats->seen, ps_row_identity(facts, &batch->rows[i]));
}

ps_status ps_repeats_note(ps_repeats *repeats, const ps_facts *facts, const ps_batch *batch, uint64_t rows_expected,
                          ps_error *err)
{
    ps_status status = PS_OK;

    if (repeats->seen == NULL) {
        status = ps_roster_new(&repeats->seen, err);
        if (status == PS_OK) status = ps_roster_reserve(repeats->seen, rows_expected, err);
    }
    for (size_t i = 0; i < batch->row_count && status == PS_OK; i++) {
        const ps_row *row = &batch->rows[i];
        prefetch(repeats, facts, batch, i + PREFETCHED);
        if (ps_row_has_key(row)) status = note_row(repeats, ps_row_identity(facts, row), err);
    }
    return status;
}

bool ps_repeats_has(const ps_repeats *repeats, const ps_facts *facts, const ps_row *row)
{
    uint32_t stands = ONCE;

    if (repeats->seen == NULL || !ps_row_has_key(row)) return false;
    return ps_roster_find(repeats->seen, (ps_roster_key){ps_row_identity(facts, row), KIND_SEEN}, &stands) &&
           stands == AGAIN;
}

void ps_repeats_keep(const ps_repeats *repeats, const ps_facts *facts, ps_batch *batch)
{
    size_t kept = 0, width = batch->layout->mapped_count;

    for (size_t i = 0; i < batch->row_count; i++) {
        prefetch(repeats, facts, batch, i + PREFETCHED);
        if (!ps_repeats_has(repeats, facts, &batch->rows[i])) continue;
        memmove(&batch->values[kept * width], &batch->values[i * width], width * sizeof *batch->values);
        batch->rows[kept++] = batch->rows[i];
    }
    batch->row_count = kept;
}

void ps_repeats_done(ps_repeats *repeats)
{
    ps_roster_free(repeats->seen);
    *repeats = (ps_repeats){.count = 0};
}
