#ifndef PS_TABLE_PIECES_H
#define PS_TABLE_PIECES_H

// A plain file in pieces of a batch's size, which several threads read and split at once. Where the records of a piece
// begin is guessed from its own first bytes. The guess is right when the records of the piece before, which is known by
// then to be right, end just there; else, and where anything is irregular, the piece is read again from where they end,
// byte by byte. So the batches hold the same rows as those of ps_reader_next, cut at other places.

#include "table/reader.h"

typedef struct ps_piece {
    ps_reader *reader; // NULL: none
    uint64_t from, to; // in the file, from its first record on
    uint64_t start, end; // of its records, as far as was guessed
    bool guessed; // both are known
    bool whole; // the batch holds all between them, and its split is regular
} ps_piece;

// Can this file be read so? Then, from one rewind to the next, either in this way or by ps_reader_next.
bool ps_pieces_of(const ps_reader *reader);

// The next piece; false: there is none. One thread at a time.
bool ps_piece_take(ps_reader *reader, ps_piece *out);

// Its bytes into a reset batch, and where their cells and records end. On any thread. `bad`: the file became shorter.
ps_status ps_piece_read(ps_piece *piece, ps_batch *batch, ps_error *err);

// Now all pieces before are settled: its whole records, as ps_reader_next gives them, but there may be none. One thread
// at a time, in the order of the pieces.
ps_status ps_piece_settle(const ps_piece *piece, ps_batch *batch, ps_error *err);

#endif
