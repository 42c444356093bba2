#ifndef PS_ENGINE_INPUTS_H
#define PS_ENGINE_INPUTS_H

// The recipient files of a job, read one after the other as if they were one.

#include "presend/job.h"
#include "presend/run.h"
#include "table/pieces.h"
#include "table/reader.h"

typedef struct ps_inputs {
    const ps_job *job;
    ps_reader **readers; // one per file, all open: their headers are compared before a row is read
    size_t count;
    size_t current;
    uint64_t bytes_total; // packed size of all files; 0 if one of them is a pipe
    uint64_t bytes_done; // of the files before the current one
} ps_inputs;

// Open all, map their columns, and check that they share header, delimiter and encoding (PS_INPUT). `spool_folder` is
// where a pipe is spooled; `stop` (NULL, or a signal number once one came) ends the wait for one.
ps_status ps_inputs_open(const ps_job *job, const char *spool_folder, const volatile int *stop, ps_inputs *out,
                         ps_error *err);
void ps_inputs_close(ps_inputs *inputs); // a zeroed one is fine

// The next batch over all files, into a reset batch; its file and layout are set. One thread at a time. Of a file that
// can be read in pieces only the next piece is taken, for ps_piece_read and, in the order of the batches,
// ps_piece_settle to make a batch of; of the others the batch is whole, and `piece` is that of no reader.
ps_status ps_inputs_take(ps_inputs *inputs, ps_batch *batch, ps_piece *piece, bool *out_more, ps_error *err);
ps_status ps_inputs_rewind(ps_inputs *inputs, ps_error *err);

// There will be another pass: this one makes no fingerprints, which all threads would wait for, batch after batch.
void ps_inputs_leave_unprinted(ps_inputs *inputs);

// After the last batch: no file has changed while it was read.
ps_status ps_inputs_check(ps_inputs *inputs, ps_error *err);

uint64_t ps_inputs_position(const ps_inputs *inputs); // packed bytes read so far

// Of all records, as far as that is known before they are read; else 0. And how many records that is, were all batches
// like this one.
uint64_t ps_inputs_bytes(const ps_inputs *inputs);
uint64_t ps_inputs_rows(const ps_inputs *inputs, const ps_batch *batch);

static inline const ps_layout *ps_inputs_layout(const ps_inputs *inputs, size_t file)
{
    return ps_reader_layout(inputs->readers[file]);
}

// Does some file have a column of this kind of fact?
bool ps_inputs_have(const ps_inputs *inputs, ps_column column);

#endif
