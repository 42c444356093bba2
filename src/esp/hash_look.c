#include "esp/hash_look.h"

#include "base/digest.h"
#include "base/text.h"
#include "esp/form.h"
#include "esp/refuse.h"
#include "esp/shape.h"
#include "esp/words.h"

enum { LINES_LOOKED_AT = 100, CELLS_MAX = 64 };

// What names and headers say, after folding; the first that is in a name counts. SHA-256 under a key says so in its
// name, or nothing would.
static const struct {
    const char *part;
    ps_digest_kind kind; // PS_DIGEST_NONE: a digest, or an address, and not which
} names[] = {
    {"hmac", PS_DIGEST_HMAC_SHA256}, {"sha512", PS_DIGEST_SHA512}, {"sha256", PS_DIGEST_SHA256},
    {"sha1", PS_DIGEST_SHA1},        {"md5", PS_DIGEST_MD5},       {"hash", PS_DIGEST_NONE},
    {"digest", PS_DIGEST_NONE},      {"mail", PS_DIGEST_NONE},     {"メール", PS_DIGEST_NONE},
    {"アドレス", PS_DIGEST_NONE},    {"ハッシュ", PS_DIGEST_NONE},
};

static const char *const kind_words[PS_DIGEST_COUNT] = {"", "md5", "sha1", "sha256", "sha512", "hmac-sha256"};

typedef struct looking {
    unsigned kinds; // a bit for each length that was seen, by the kind without a key
    ps_digest_kind kind;
    uint64_t line; // of the first digest
    size_t column; // of it
    bool columns; // there is more than one
    ps_span header; // the line before it
} looking;

const char *ps_hash_word(ps_digest_kind kind)
{
    return kind_words[kind];
}

bool ps_hash_is_format(const char *format)
{
    for (unsigned i = PS_DIGEST_MD5; i < PS_DIGEST_COUNT; i++) {
        ps_digest_kind kind = (ps_digest_kind)i;
        if (strcmp(format, ps_form_lines_name(kind)) == 0 || strcmp(format, ps_form_table_name(kind)) == 0) return true;
    }
    return false;
}

// False when the name says nothing of digests or addresses.
static bool named(ps_span name, ps_digest_kind *out)
{
    char folded[PS_WORD_BYTES_MAX + 1];

    if (!ps_word_fold(name, folded)) return false;
    for (size_t i = 0; i < PS_COUNT_OF(names); i++) {
        if (strstr(folded, names[i].part) == NULL) continue;
        *out = names[i].kind;
        return true;
    }
    return false;
}

ps_digest_kind ps_hash_kind_of_text(ps_span text)
{
    unsigned char digest[PS_DIGEST_BYTES_MAX];

    text = ps_shape_trim(text);
    for (unsigned kind = PS_DIGEST_MD5; kind < PS_DIGEST_HMAC_SHA256; kind++) {
        if (ps_shape_hex(text, ps_digest_bytes((ps_digest_kind)kind), digest)) return (ps_digest_kind)kind;
    }
    return PS_DIGEST_NONE;
}

static size_t split(ps_span line, ps_span cells[CELLS_MAX])
{
    size_t count = 0, from = 0;

    for (size_t i = 0; i <= line.len && count < CELLS_MAX; i++) {
        if (i < line.len && line.bytes[i] != ',' && line.bytes[i] != ';' && line.bytes[i] != '\t') continue;
        cells[count++] = (ps_span){line.bytes + from, i - from};
        from = i + 1;
    }
    return count;
}

static void look_line(looking *l, ps_span line, uint64_t number)
{
    ps_span cells[CELLS_MAX];
    size_t count = split(line, cells);

    for (size_t i = 0; i < count; i++) {
        ps_digest_kind kind = ps_hash_kind_of_text(cells[i]);
        if (kind == PS_DIGEST_NONE) continue;
        if (l->kinds == 0) {
            l->kind = kind;
            l->line = number;
            l->column = i;
        }
        l->kinds |= 1U << kind;
    }
    if (l->kinds == 0 && number > 0) l->header = line;
    l->columns = l->columns || count > 1;
}

static bool is_comment(ps_span line)
{
    return line.len > 1 && line.bytes[0] == '#' && line.bytes[1] == ' ';
}

static bool begins_sep(ps_span line)
{
    static const char sep[] = "sep=";

    return line.len >= sizeof sep - 1 && ps_ascii_equal_fold((ps_span){line.bytes, sizeof sep - 1}, ps_span_of(sep));
}

// False where an address stands in the lines: whoever is meant is named.
static bool look_lines(looking *l, ps_span text)
{
    size_t from = 0;
    uint64_t number = 1;

    for (size_t i = 0; i <= text.len && number <= LINES_LOOKED_AT; i++) {
        if (i < text.len && text.bytes[i] != '\n' && text.bytes[i] != '\r') continue;
        ps_span line = {text.bytes + from, i - from};
        bool pair = i + 1 < text.len && text.bytes[i] == '\r' && text.bytes[i + 1] == '\n';
        if (!is_comment(line) && !begins_sep(line) && ps_shape_trim(line).len > 0) {
            if (ps_shape_has_at(line)) return false;
            look_line(l, line, number);
        }
        i += pair;
        from = i + 1;
        number++;
    }
    return true;
}

// A header, or cells beside the digests: what they are is for the header to say.
static bool has_columns(const looking *l)
{
    return l->columns || l->header.len > 0;
}

// The name of the column with the digests, else of the file.
static bool name_of(const ps_import *import, const looking *l, ps_digest_kind *out)
{
    const char *file = import->config->file, *slash = strrchr(file, '/');
    ps_span cells[CELLS_MAX];
    ps_digest_kind kind = PS_DIGEST_NONE;
    size_t count = l->header.len == 0 ? 0 : split(l->header, cells);
    bool column = l->column < count && named(cells[l->column], &kind);

    if (kind == PS_DIGEST_NONE && (column || !has_columns(l))) {
        // The file's name says of what kind, and never whether a column is one of addresses.
        if (!named(ps_span_of(slash == NULL ? file : slash + 1), &kind)) kind = PS_DIGEST_NONE;
    }
    *out = kind;
    return column;
}

static void hint_kind(ps_digest_kind kind, ps_error *err)
{
    ps_error_hint(err,
                  "If they are digests of addresses, say which: `--hash %s`; in a job file `hash: %s` at this source.",
                  kind_words[kind], kind_words[kind]);
}

static ps_status refuse_key(const ps_import *import, const looking *l, ps_error *err)
{
    ps_refuse(import, l->line, err,
              "its digests are of 64 hexadecimal digits, and nothing says whether they are SHA-256 or HMAC-SHA-256 "
              "under a key.");
    ps_error_hint(err, "Say which: `--hash sha256`, or `--hash hmac-sha256 --hash-key file:PATH`; in a job file "
                       "`hash: sha256`, or `hash: hmac-sha256` with `hash_key: file:PATH`.");
    return PS_SOURCE;
}

// Digests of one kind. Numbers of customers may look like them, and would match nobody, so that a name must say the
// same.
static ps_status judge(const ps_import *import, const looking *l, ps_digest_kind *out, ps_error *err)
{
    ps_digest_kind said = PS_DIGEST_NONE;
    bool column = name_of(import, l, &said);

    if (has_columns(l) && !column) {
        ps_refuse(import, l->line, err,
                  "it has digests, or numbers that look like them, and no header says that they are of addresses.");
        hint_kind(l->kind, err);
        return PS_SOURCE;
    }
    if (l->kind == PS_DIGEST_SHA256 && said != PS_DIGEST_SHA256) return refuse_key(import, l, err);
    if (said == l->kind) {
        *out = l->kind;
        return PS_OK;
    }
    if (said == PS_DIGEST_NONE) {
        ps_refuse(import, l->line, err,
                  "it has numbers as long as digests of %s, and neither its name nor a header says that they are such.",
                  ps_digest_name(l->kind));
    } else {
        ps_refuse(import, l->line, err, "its digests have the length of %s, and its name or header says %s.",
                  ps_digest_name(l->kind), ps_digest_name(said));
    }
    hint_kind(l->kind, err);
    return PS_SOURCE;
}

ps_status ps_hash_look(const ps_import *import, ps_span text, ps_digest_kind *out, ps_error *err)
{
    looking l = {.kinds = 0};

    *out = PS_DIGEST_NONE;
    if (!look_lines(&l, text) || l.kinds == 0) return PS_OK;
    if ((l.kinds & (l.kinds - 1)) == 0) return judge(import, &l, out, err);
    ps_refuse(import, l.line, err, "it has digests of several kinds.");
    hint_kind(l.kind, err);
    return PS_SOURCE;
}
