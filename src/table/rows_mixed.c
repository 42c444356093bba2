#include "table/rows.h"

#include "table/scan.h"

// More than a few records in a hundred that are not regular, and to begin again behind each costs more than it saves.
enum { IRREGULAR_MAX = 64 };

// Behind the next record, or the batch's end where only blank lines are left.
static size_t behind_record(const ps_batch *batch, size_t offset)
{
    ps_span bytes = {batch->bytes, batch->len};
    ps_scan_record record;

    return ps_scan_record_at(bytes, offset, batch->layout->delimiter, true, &record) ? record.end : batch->len;
}

ps_status ps_rows_of_mixed(ps_batch *batch, ps_error *err)
{
    ps_splitter *split = ps_split_for(ps_cpu_best());
    ps_rows_place place = {0, batch->first_line};
    ps_status status = ps_split_room(&batch->run, batch->len, err);

    batch->split.end_count = 0;
    for (size_t i = 0; status == PS_OK && i < IRREGULAR_MAX && place.offset < batch->len; i++) {
        ps_span left = {batch->bytes + place.offset, batch->len - place.offset};
        split(left, batch->layout->delimiter, &batch->run);
        status = ps_rows_of_run(batch, &place, err);
        if (status != PS_OK || place.offset == batch->len) break;
        status = ps_rows_of_csv(batch, behind_record(batch, place.offset), &place, err);
    }
    if (status == PS_OK && place.offset < batch->len) status = ps_rows_of_csv(batch, batch->len, &place, err);
    return status;
}
