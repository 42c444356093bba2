#include "table/pack.h"

#include <assert.h>
#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include "base/memory.h"

// What compresses fastest: lists are written once and read once. igzip's levels 1 and 2 let the address of their stream
// into what they find (2.30): one run in fifty had other bytes than the rest. Level 0 takes as long as they do, and its
// lists are a sixteenth longer; level 3 takes twice as long. A processor without SSE 4 packs to other bytes, which
// unpack to the same.
enum { GZIP_LEVEL = 0, ZSTD_LEVEL = 1 };

struct ps_packer {
    ps_compression compression;
    struct isal_zstream gzip;
    ZSTD_CCtx *zstd;
    struct packed {
        char *bytes;
        size_t capacity;
    } slots[PS_VERDICT_COUNT];
};

const char *ps_packed_suffix(ps_compression compression)
{
    static const char *const suffixes[] = {
        [PS_COMPRESSION_NONE] = "", [PS_COMPRESSION_GZIP] = ".gz", [PS_COMPRESSION_ZSTD] = ".zst"};

    return suffixes[compression];
}

static ps_status open_zstd(ps_packer *packer, ps_error *err)
{
    packer->zstd = ZSTD_createCCtx();
    if (packer->zstd == NULL) return ps_error_set(err, PS_RETRY, "There is not enough memory to compress with zstd.");
    ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL); // both fail for a wrong value only
    ZSTD_CCtx_setParameter(packer->zstd, ZSTD_c_checksumFlag, 1);
    return PS_OK;
}

ps_status ps_packer_new(ps_compression compression, ps_packer **out, ps_error *err)
{
    ps_packer *packer = ps_memory_new(1, sizeof *packer, err);
    ps_status status = packer == NULL ? PS_RETRY : PS_OK;

    if (packer != NULL) packer->compression = compression;
    if (status == PS_OK && compression == PS_COMPRESSION_ZSTD) status = open_zstd(packer, err);
    if (status == PS_OK) {
        *out = packer;
    } else {
        ps_packer_free(packer);
    }
    return status;
}

void ps_packer_free(ps_packer *packer)
{
    if (packer == NULL) return;
    for (size_t i = 0; i < PS_VERDICT_COUNT; i++)
        ps_memory_free(packer->slots[i].bytes);
    ZSTD_freeCCtx(packer->zstd);
    ps_memory_free(packer);
}

// Stored blocks of 64 KiB with five bytes each are the worst that deflate makes, and a member has 18 bytes about it.
static size_t gzip_bound(size_t len)
{
    return len + len / 1024 + 512;
}

static ps_status pack_gzip(ps_packer *packer, ps_span piece, struct packed *out, size_t *out_len, ps_error *err)
{
    struct isal_zstream *stream = &packer->gzip;

    isal_deflate_stateless_init(stream);
    stream->level = GZIP_LEVEL;
    stream->gzip_flag = IGZIP_GZIP;
    stream->end_of_stream = 1;
    stream->flush = NO_FLUSH;
    stream->next_in = (uint8_t *)(uintptr_t)piece.bytes; // igzip only reads it
    stream->avail_in = (uint32_t)piece.len;
    stream->next_out = (uint8_t *)out->bytes;
    stream->avail_out = (uint32_t)out->capacity;
    int result = isal_deflate_stateless(stream);
    if (result != COMP_OK) return ps_error_set(err, PS_BUG, "A list could not be compressed (igzip: %d).", result);
    *out_len = stream->total_out;
    return PS_OK;
}

static ps_status pack_zstd(ps_packer *packer, ps_span piece, struct packed *out, size_t *out_len, ps_error *err)
{
    size_t len = ZSTD_compress2(packer->zstd, out->bytes, out->capacity, piece.bytes, piece.len);

    if (ZSTD_isError(len)) {
        return ps_error_set(err, PS_RETRY, "A list could not be compressed: %s.", ZSTD_getErrorName(len));
    }
    *out_len = len;
    return PS_OK;
}

ps_status ps_packer_pack(ps_packer *packer, ps_verdict slot, ps_span piece, ps_span *out, ps_error *err)
{
    struct packed *packed = &packer->slots[slot];
    bool gzip = packer->compression == PS_COMPRESSION_GZIP;
    size_t len = 0;

    if (packer->compression == PS_COMPRESSION_NONE) {
        *out = piece;
        return PS_OK;
    }
    assert(piece.len < (size_t)1 << 31); // a piece is what one batch makes; igzip counts in 32 bits
    if (piece.len == 0) piece.bytes = "";
    size_t bound = gzip ? gzip_bound(piece.len) : ZSTD_compressBound(piece.len);
    ps_status status = ps_memory_grow((void **)&packed->bytes, &packed->capacity, bound, 1, err);
    if (status != PS_OK) return status;
    status = (gzip ? pack_gzip : pack_zstd)(packer, piece, packed, &len, err);
    if (status == PS_OK) *out = (ps_span){packed->bytes, len};
    return status;
}
