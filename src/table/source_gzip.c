#include <isa-l/igzip_lib.h>

#include "base/memory.h"
#include "table/unpack.h"

// igzip counts in 32 bits.
#define STEP_BYTES_MAX ((size_t)1 << 30)

static void begin_member(struct inflate_state *state)
{
    isal_inflate_reset(state);
    state->crc_flag = ISAL_GZIP; // reads the header; checks length and CRC at the end
}

static void *gzip_open(ps_error *err)
{
    struct inflate_state *state = ps_memory_new(1, sizeof *state, err);
    if (state == NULL) return NULL;
    isal_inflate_init(state);
    begin_member(state);
    return state;
}

static void gzip_close(void *state)
{
    ps_memory_free(state);
}

static const char *gzip_message(int result)
{
    switch (result) {
    case ISAL_INCORRECT_CHECKSUM:
        return "its checksum is wrong";
    case ISAL_INVALID_WRAPPER:
    case ISAL_UNSUPPORTED_METHOD:
        return "something follows its end, or its header is damaged";
    default:
        return "its data is damaged";
    }
}

// Several members after one another are one file (RFC 1952 section 2.2).
static const char *gzip_step(void *context, ps_span *in, char *bytes, size_t size, size_t *out_len)
{
    struct inflate_state *state = context;
    size_t room = size < STEP_BYTES_MAX ? size : STEP_BYTES_MAX;
    size_t given = in->len < STEP_BYTES_MAX ? in->len : STEP_BYTES_MAX;

    if (state->block_state == ISAL_BLOCK_FINISH && given > 0) {
        if (in->bytes[0] != '\x1f') return gzip_message(ISAL_INVALID_WRAPPER);
        begin_member(state);
    }
    state->next_in = (uint8_t *)(uintptr_t)in->bytes; // igzip only reads it
    state->avail_in = (uint32_t)given;
    state->next_out = (uint8_t *)bytes;
    state->avail_out = (uint32_t)room;
    int result = isal_inflate(state);
    size_t used = given - state->avail_in;
    *in = (ps_span){in->bytes + used, in->len - used};
    *out_len = room - state->avail_out;
    return result < 0 || result == ISAL_NEED_DICT ? gzip_message(result) : NULL;
}

static bool gzip_whole(const void *context)
{
    const struct inflate_state *state = context;
    return state->block_state == ISAL_BLOCK_FINISH;
}

const ps_unpack ps_unpack_gzip = {
    .name = "gzip",
    .magic = {"\x1f\x8b", 2},
    .open = gzip_open,
    .close = gzip_close,
    .step = gzip_step,
    .whole = gzip_whole,
};
