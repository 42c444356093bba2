#include "engine/pipeline.h"

#include <omp.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/cpu.h"
#include "base/limits.h"
#include "base/memory.h"
#include "mail/charset.h"

unsigned ps_pipeline_threads(const ps_job *job)
{
    int wanted = job->threads > 0 ? (int)job->threads : omp_get_max_threads();
    int quota = (int)ps_cpu_quota("/proc", "/sys");

    // A container that may use two processors of 64 is not helped by 64 threads.
    if (job->threads == 0 && quota > 0 && quota < wanted) wanted = quota;
    if (wanted < 1) return 1;
    return wanted > PS_THREADS_MAX ? PS_THREADS_MAX : (unsigned)wanted;
}

ps_status ps_stopped(int signal, ps_error *err)
{
    ps_status status = signal == SIGTERM ? PS_TERMINATED : PS_INTERRUPTED;

    ps_error_set(err, status, "Stopped by a signal before the set was whole; nothing was published.");
    ps_error_hint(err, "Run the same command again: it starts over and ends with the same result.");
    return status;
}

// What the workers of one pass share.
typedef struct ps_shift {
    const ps_pass *pass;
    ps_order order;
    _Atomic uint64_t rows; // parsed so far, for progress only
} ps_shift;

static ps_status open_workers(const ps_pass *pass, const ps_tally *whole, ps_worker *workers, ps_error *err)
{
    size_t wanted = pass->facts->job->batch_bytes, bytes_max = wanted > 0 ? wanted : PS_BATCH_BYTES;
    ps_status status = PS_OK;

    for (unsigned i = 0; i < pass->threads && status == PS_OK; i++) {
        status = ps_batch_open(bytes_max, &workers[i].batch, err);
        if (status == PS_OK) status = ps_tally_open(whole, NULL, &workers[i].tally, err);
    }
    return status;
}

static void close_workers(const ps_pass *pass, ps_worker *workers)
{
    for (unsigned i = 0; workers != NULL && i < pass->threads; i++) {
        ps_decoder_close(workers[i].batch.decoder);
        workers[i].batch.decoder = NULL;
        ps_batch_close(&workers[i].batch);
        ps_tally_close(&workers[i].tally);
    }
    ps_memory_free(workers);
}

// Files of one job differ in encoding only where the job names that of the lists, so this is once a run, or a file.
static ps_status provide_decoder(ps_worker *worker, ps_error *err)
{
    ps_encoding encoding = worker->batch.layout->encoding;

    if (worker->batch.decoder != NULL && worker->decoder_encoding == encoding) return PS_OK;
    ps_decoder_close(worker->batch.decoder);
    worker->batch.decoder = NULL;
    worker->decoder_encoding = encoding;
    return ps_decoder_open(encoding, &worker->batch.decoder, err);
}

static ps_status take_batch(const ps_pass *pass, ps_worker *worker, bool *out_more, ps_error *err)
{
    if (pass->stop != NULL && *pass->stop != 0) return ps_stopped(*pass->stop, err);
    return ps_inputs_take(pass->inputs, &worker->batch, &worker->piece, out_more, err);
}

// The piece becomes a batch of whole records, as soon as it is known where those before end.
static ps_status read_batch(ps_shift *shift, ps_worker *worker, bool *out_go, ps_error *err)
{
    ps_status status = PS_OK;
    bool piece = worker->piece.reader != NULL; // else the batch was read whole

    if (piece) status = ps_piece_read(&worker->piece, &worker->batch, err);
    if (status != PS_OK) return status;
    *out_go = ps_order_enter(&shift->order, PS_ORDER_SETTLE, worker->batch.number);
    if (!*out_go) return PS_OK;
    if (piece) status = ps_piece_settle(&worker->piece, &worker->batch, err);
    if (status == PS_OK) ps_order_leave(&shift->order, PS_ORDER_SETTLE); // else nobody knows where to go on
    return status;
}

static ps_status carry_batch(ps_shift *shift, ps_worker *worker, ps_error *err)
{
    bool go = true;

    ps_status status = read_batch(shift, worker, &go, err);
    if (status == PS_OK && go) status = provide_decoder(worker, err);
    if (status == PS_OK && go && shift->pass->choose != NULL) shift->pass->choose(shift->pass->context, &worker->batch);
    if (status == PS_OK && go) status = ps_batch_parse(&worker->batch, err);
    if (status != PS_OK || !go) return status;
    uint64_t rows = worker->batch.row_count + worker->batch.passed_over;
    atomic_fetch_add_explicit(&shift->rows, rows, memory_order_relaxed);
    return shift->pass->carry(shift->pass->context, worker, &shift->order, err);
}

static void show_progress(ps_shift *shift)
{
    const ps_pass *pass = shift->pass;

    if (pass->progress == NULL) return;
    pass->progress(pass->progress_context, pass->stage, atomic_load_explicit(&shift->rows, memory_order_relaxed));
}

// One worker's life: the next batch in input order, down the road, again.
static void work(ps_shift *shift, ps_worker *worker)
{
    uint64_t number = 0;
    bool more = true;

    while (more && ps_order_enter_reading(&shift->order, &number)) {
        ps_error err = {.status = PS_OK};
        ps_batch_reset(&worker->batch);
        ps_status status = take_batch(shift->pass, worker, &more, &err);
        worker->batch.number = number;
        if (status != PS_OK) ps_order_fail(&shift->order, number, &err);
        if (status == PS_OK) show_progress(shift);
        ps_order_leave_reading(&shift->order);
        if (status != PS_OK || !more) break;
        status = carry_batch(shift, worker, &err);
        if (status != PS_OK) ps_order_fail(&shift->order, number, &err);
    }
}

ps_status ps_pipeline_run(const ps_pass *pass, ps_tally *into, ps_error *err)
{
    ps_shift shift = {.pass = pass};
    ps_worker *workers = ps_memory_new(pass->threads, sizeof *workers, err);
    ps_status status = workers == NULL ? PS_RETRY : open_workers(pass, into, workers, err);

    ps_order_init(&shift.order);
    if (status != PS_OK) goto done;
#pragma omp parallel num_threads((int)pass->threads) default(none) shared(shift, workers)
    work(&shift, &workers[omp_get_thread_num()]);

    show_progress(&shift);

    if (shift.order.failed_at != UINT64_MAX) {
        status = shift.order.failure.status;
        if (err != NULL) *err = shift.order.failure;
    }
    for (unsigned i = 0; i < pass->threads && status == PS_OK && into != NULL; i++) {
        status = ps_tally_merge(into, &workers[i].tally, err);
    }
done:
    ps_order_done(&shift.order);
    close_workers(pass, workers);
    return status;
}
