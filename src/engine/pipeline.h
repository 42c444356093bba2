#ifndef PS_ENGINE_PIPELINE_H
#define PS_ENGINE_PIPELINE_H

// One pass over the input: each worker takes the next batch and carries it the whole road in its own memory.

#include "engine/inputs.h"
#include "engine/order.h"
#include "facts/facts.h"
#include "stage/tally.h"

// What one thread owns.
typedef struct ps_worker {
    ps_batch batch;
    ps_piece piece; // of the input, that the batch is made of
    ps_encoding decoder_encoding; // of batch.decoder
    ps_tally tally;
} ps_worker;

typedef struct ps_pass {
    const char *stage; // for progress
    const ps_facts *facts;
    ps_inputs *inputs;
    unsigned threads;
    const volatile int *stop;
    // Says which rows a batch needs to have, before it is parsed; may be NULL.
    void (*choose)(void *context, ps_batch *batch);
    // Carries one batch from parsed rows to the end of the pass. The order is for the points where batches meet.
    ps_status (*carry)(void *context, ps_worker *worker, ps_order *order, ps_error *err);
    void *context;
    // Called at the reading point, so from one thread at a time, with the rows that were parsed so far; may be NULL.
    void (*progress)(void *context, const char *stage, uint64_t rows);
    void *progress_context;
} ps_pass;

// Read every batch and carry it. `into` (may be NULL) receives the workers' tallies, merged. The error is that of the
// first batch in input order that failed; a stop signal is PS_INTERRUPTED or PS_TERMINATED.
ps_status ps_pipeline_run(const ps_pass *pass, ps_tally *into, ps_error *err);

// The number of threads for a job: what it says, else OMP_NUM_THREADS or the processors of this process, but no more
// than its control group lets it use.
unsigned ps_pipeline_threads(const ps_job *job);

// The error of a stop signal.
ps_status ps_stopped(int signal, ps_error *err);

#endif
