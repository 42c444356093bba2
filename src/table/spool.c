#include "table/spool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum { COPY_BYTES = 256 << 10, LOOK_AGAIN_MS = 200 };

static ps_status stopped(int number, ps_error *err)
{
    ps_status status = number == SIGTERM ? PS_TERMINATED : PS_INTERRUPTED;

    ps_error_set(err, status, "Stopped by a signal while reading a pipe; nothing was published.");
    ps_error_hint(err, "Run the same command again: it starts over and ends with the same result.");
    return status;
}

// Until there is something to read, or a signal came. It may come right before the wait, so the wait ends now and then.
static void wait_for_bytes(int fd, const volatile int *stop)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    while (stop == NULL || *stop == 0) {
        int ready = poll(&wait, 1, LOOK_AGAIN_MS);
        if (ready > 0 || (ready < 0 && errno != EINTR)) return; // reading says what is wrong
    }
}

// What has come by now; nothing at the end.
static ps_status read_some(int fd, const ps_source_options *options, char *bytes, size_t *out_len, ps_error *err)
{
    for (;;) {
        wait_for_bytes(fd, options->stop);
        if (options->stop != NULL && *options->stop != 0) return stopped(*options->stop, err);
        ssize_t len = read(fd, bytes, COPY_BYTES);
        if (len >= 0) {
            *out_len = (size_t)len;
            return PS_OK;
        }
        if (errno == EINTR || errno == EAGAIN) continue;
        return ps_error_set(err, PS_IO, "A pipe could not be read: %s.", strerrordesc_np(errno));
    }
}

static ps_status copy(int from, const ps_source_options *options, int to, ps_error *err)
{
    char *bytes = ps_memory_new(COPY_BYTES, 1, err);
    if (bytes == NULL) return PS_RETRY;

    ps_status status;
    size_t len = 0;
    do {
        status = read_some(from, options, bytes, &len, err);
        if (status == PS_OK) status = ps_file_write(to, (ps_span){bytes, len}, "the copy of standard input", err);
    } while (status == PS_OK && len > 0);
    ps_memory_free(bytes);
    return status;
}

ps_status ps_spool(int fd, const ps_source_options *options, int *out_fd, ps_error *err)
{
    const char *where = options->spool_folder == NULL ? P_tmpdir : options->spool_folder;
    int spool = ps_file_nameless(where);
    if (spool < 0) {
        ps_error_set(err, PS_CREATE, "A pipe is read twice, but no file to keep it in could be made in '%s': %s.",
                     where, strerrordesc_np(errno));
        ps_error_hint(err, "Give the name of a file in place of the pipe.");
        return PS_CREATE;
    }
    ps_status status = copy(fd, options, spool, err);
    if (status == PS_OK && lseek(spool, 0, SEEK_SET) != 0) {
        status = ps_error_set(err, PS_IO, "The copy of a pipe in '%s' could not be rewound: %s.", where,
                              strerrordesc_np(errno));
    }
    if (status != PS_OK) {
        close(spool); // it is given up
        return status;
    }
    *out_fd = spool;
    return PS_OK;
}
