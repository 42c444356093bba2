#include <zstd.h>
#include <zstd_errors.h>

#include "base/memory.h"
#include "table/unpack.h"

typedef struct zstd_state {
    ZSTD_DStream *stream;
    size_t wanted; // what ZSTD_decompressStream said last: 0 at the end of a frame
} zstd_state;

static void zstd_close(void *context)
{
    zstd_state *state = context;
    if (state == NULL) return;
    ZSTD_freeDStream(state->stream);
    ps_memory_free(state);
}

static void *zstd_open(ps_error *err)
{
    zstd_state *state = ps_memory_new(1, sizeof *state, err);
    if (state == NULL) return NULL;
    state->wanted = 1;
    state->stream = ZSTD_createDStream();
    if (state->stream != NULL) return state;
    ps_error_set(err, PS_RETRY, "There was not enough memory to unpack zstd data."); // NULL says it
    zstd_close(state);
    return NULL;
}

static const char *zstd_message(size_t result)
{
    switch ((int)ZSTD_getErrorCode(result)) {
    case ZSTD_error_checksum_wrong:
        return "its checksum is wrong";
    case ZSTD_error_prefix_unknown:
        return "something follows its end";
    case ZSTD_error_frameParameter_windowTooLarge:
        return "it needs more than 128 MiB of memory to unpack";
    default:
        return "its data is damaged";
    }
}

static const char *zstd_step(void *context, ps_span *in, char *bytes, size_t size, size_t *out_len)
{
    zstd_state *state = context;
    ZSTD_inBuffer input = {in->bytes, in->len, 0};
    ZSTD_outBuffer output = {bytes, size, 0};

    if (in->len == 0 && state->wanted == 0) { // between two frames a call would only ask for a next one
        *out_len = 0;
        return NULL;
    }
    size_t result = ZSTD_decompressStream(state->stream, &output, &input);
    if (ZSTD_isError(result)) return zstd_message(result);
    state->wanted = result;
    *in = (ps_span){in->bytes + input.pos, in->len - input.pos};
    *out_len = output.pos;
    return NULL;
}

static bool zstd_whole(const void *context)
{
    const zstd_state *state = context;
    return state->wanted == 0;
}

const ps_unpack ps_unpack_zstd = {
    .name = "zstd",
    .magic = {"\x28\xb5\x2f\xfd", 4},
    .open = zstd_open,
    .close = zstd_close,
    .step = zstd_step,
    .whole = zstd_whole,
};
