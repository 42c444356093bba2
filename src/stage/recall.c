#include "stage/recall.h"

#include "base/hmac.h"
#include "base/roster.h"
#include "stage/row.h"

// What row identity is made of, as text: see ps_row_identity.
static ps_span identity_text(const ps_facts *facts, const ps_batch *batch, const ps_row *row)
{
    if (row->address == NULL) return ps_row_cell(batch, row);
    return facts->job->dedupe == PS_DEDUPE_PROVIDER ? row->address->provider_key : row->address->key;
}

static void add_listing(ps_batch *batch, ps_row *row, const ps_listing *listing)
{
    ps_signals *known = ps_arena_take(&batch->arena, sizeof *known);

    *known = ps_row_signals(batch, row); // many rows may share what it was judged on
    ps_signals_add_day(known, PS_SIGNAL_WINBACK_LISTED, listing->listed_at);
    ps_signals_add_day(known, PS_SIGNAL_WINBACK_SENT, listing->sent_at);
    ps_row_judge_on(batch, row, known);
}

// Digests are quickest side by side, and so are looks at a table that is far larger than the cache.
enum { BLOCK_ROWS = PS_ROSTER_BLOCK };

static ps_status recall_block(const ps_facts *facts, ps_batch *batch, const ps_hmac *hmac, size_t from, ps_error *err)
{
    const size_t left = batch->row_count - from, to = from + (left < BLOCK_ROWS ? left : BLOCK_ROWS);
    ps_row *rows[BLOCK_ROWS];
    ps_span texts[BLOCK_ROWS] = {{NULL, 0}};
    ps_hash digests[BLOCK_ROWS];
    size_t count = 0;

    for (size_t i = from; i < to; i++) {
        ps_row *row = &batch->rows[i];
        if (!ps_row_has_key(row) || ps_row_damaged(row)) continue; // engagement does not judge it
        rows[count] = row;
        texts[count++] = identity_text(facts, batch, row);
    }
    ps_status status = ps_hmac_hashes(hmac, texts, count, digests, err);
    if (status == PS_OK) ps_listings_prefetch(facts->listings, digests, count);
    for (size_t i = 0; i < count && status == PS_OK; i++) {
        const ps_listing *listing = ps_listings_find(facts->listings, digests[i]);
        if (listing != NULL) add_listing(batch, rows[i], listing);
    }
    return status;
}

ps_status ps_stage_recall(const ps_facts *facts, ps_batch *batch, ps_error *err)
{
    const ps_listings *listings = facts->listings;
    ps_hmac *hmac = NULL;

    if (listings == NULL || listings->count == 0) return PS_OK;
    ps_status status = ps_hmac_new(listings->key, sizeof listings->key, &hmac, err);
    for (size_t from = 0; from < batch->row_count && status == PS_OK; from += BLOCK_ROWS)
        status = recall_block(facts, batch, hmac, from, err);
    ps_hmac_free(hmac);
    return status;
}

ps_status ps_stage_listed(const ps_facts *facts, ps_batch *batch, ps_hash **out, size_t *out_count, ps_error *err)
{
    const uint32_t *rows = batch->out_rows[PS_VERDICT_WINBACK];
    size_t count = batch->out_row_count[PS_VERDICT_WINBACK];
    ps_hmac *hmac = NULL;

    *out = NULL;
    *out_count = 0;
    if (facts->listings == NULL || count == 0) return PS_OK;
    ps_hash *digests = ps_arena_room(&batch->arena, count * sizeof *digests);
    ps_span *texts = ps_arena_room(&batch->arena, count * sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = identity_text(facts, batch, &batch->rows[rows[i]]);
    ps_status status = ps_hmac_new(facts->listings->key, sizeof facts->listings->key, &hmac, err);
    if (status == PS_OK) status = ps_hmac_hashes(hmac, texts, count, digests, err);
    ps_hmac_free(hmac);
    *out = digests;
    *out_count = count;
    return status;
}
