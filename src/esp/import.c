#include "esp/import.h"

#include "base/limits.h"
#include "base/text.h"
#include "esp/hash_look.h"
#include "esp/reads.h"
#include "esp/refuse.h"
#include "esp/shape.h"
#include "esp/verification.h"
#include "esp/words.h"

#define DAY_S INT64_C(86400)

#define FORMAT_MAILBOX "mailbox"

// The lines that tell how a text is to be read.
typedef struct text_look {
    ps_span begin; // from the first character that is no blank
    ps_span line; // the first line that is an entry or a header
    bool ses_text;
    ps_encoding encoding; // of the file
} text_look;

static ps_span cut_line(ps_span *rest)
{
    size_t len = 0;

    while (len < rest->len && rest->bytes[len] != '\n' && rest->bytes[len] != '\r')
        len++;
    ps_span line = {rest->bytes, len};
    size_t next = len < rest->len ? len + 1 : len;
    *rest = (ps_span){rest->bytes + next, rest->len - next};
    return line;
}

static void look(ps_span text, text_look *out)
{
    ps_span rest = text;
    enum { LINES_LOOKED_AT = 100 };

    *out = (text_look){.begin = ps_shape_trim(text)};
    for (int i = 0; i < LINES_LOOKED_AT && rest.len > 0; i++) {
        ps_span line = cut_line(&rest);
        if (ps_ascii_begins_fold(line, PS_SES_TEXT_BEGIN)) out->ses_text = true;
        bool skipped =
            ps_ascii_begins_fold(line, "# ") || ps_ascii_begins_fold(line, "sep=") || ps_shape_trim(line).len == 0;
        if (out->line.len == 0 && !skipped) out->line = line;
    }
}

static bool is_page_of_text(ps_span begin)
{
    static const char *const begins[] = {"<!", "<?", "<html", "<head", "<body", "<table", "<div"};

    for (size_t i = 0; i < PS_COUNT_OF(begins); i++) {
        if (ps_ascii_begins_fold(begin, begins[i])) return true;
    }
    return false;
}

static bool is_delimiter(char c)
{
    return c == ',' || c == ';' || c == '\t';
}

// Behind a quoted local part, as in "a,b"@example.jp; 0 where the line begins with none.
static size_t quoted_local_end(ps_span line)
{
    size_t i = 1;

    if (line.len == 0 || line.bytes[0] != '"') return 0;
    while (i < line.len && line.bytes[i] != '"')
        i += line.bytes[i] == '\\' ? 2 : 1;
    return i + 1 < line.len && line.bytes[i + 1] == '@' ? i + 1 : 0;
}

static bool has_delimiter(ps_span line)
{
    for (size_t i = quoted_local_end(line); i < line.len; i++) {
        if (is_delimiter(line.bytes[i])) return true;
    }
    return false;
}

static bool is_header_of_one(ps_span line, const ps_source_config *config)
{
    char folded[PS_WORD_BYTES_MAX + 1];

    return ps_word_fold(line, folded) && ps_generic_is_address_name(folded, config->kind);
}

static bool holds_at(ps_span line)
{
    return ps_shape_has_at(line) || (line.len > 0 && memchr(line.bytes, '@', line.len) != NULL);
}

// Whether some cell of the line looks like a digest of any kind: a header has none.
static bool holds_digest(ps_span line)
{
    size_t from = 0;

    for (size_t i = 0; i <= line.len; i++) {
        if (i < line.len && !is_delimiter(line.bytes[i])) continue;
        if (ps_shape_is_digest(ps_shape_trim((ps_span){line.bytes + from, i - from}))) return true;
        from = i + 1;
    }
    return false;
}

// A hashed list with a header or further columns is a table. What has nothing but hexadecimal digits in its first line
// has no header, also where they are too few.
static bool is_hashed_table(ps_span line)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    bool hex = true;

    for (size_t i = 0; i < line.len; i++) {
        if (is_delimiter(line.bytes[i])) return true;
        hex = hex && memchr(digits, line.bytes[i], sizeof digits - 1) != NULL;
    }
    return !hex && !holds_digest(line) && !holds_at(line);
}

// A header holds no address. Without one the first row of a list of domains looks like a header, so it must be declared
// plain.
static ps_status read_table(ps_import *import, const ps_form *form, const text_look *seen, ps_error *err)
{
    const char *format = import->config->format;
    const ps_read_csv_options options = {
        .form = form,
        .generic = format != NULL && strcmp(format, "csv") == 0,
        .headerless = import->config->hash == PS_DIGEST_NONE ? holds_at(seen->line) : holds_digest(seen->line),
        .delimiter = has_delimiter(seen->line) ? '\0' : ',',
        .encoding = seen->encoding,
    };

    return ps_read_csv(import, &options, err);
}

static ps_status read_by_look(ps_import *import, ps_text *text, const ps_form *form, ps_error *err)
{
    const ps_source_config *config = import->config;
    bool plain = config->format != NULL && strcmp(config->format, "plain") == 0;
    bool csv =
        config->format != NULL && (strcmp(config->format, "csv") == 0 || ps_verification_find(config->format) != NULL);
    text_look seen;

    look(text->rest, &seen);
    seen.encoding = text->stream.stored;
    char first = seen.begin.len == 0 ? '\0' : seen.begin.bytes[0];
    if (is_page_of_text(seen.begin)) {
        ps_refuse(import, 1, err, "it is a web page or XML, not a list.");
        ps_error_hint(err, "Download the list again; you may have been signed out.");
        return PS_SOURCE;
    }
    if (plain || (first == '\0' && form == NULL && !csv)) return ps_read_plain(import, text, err);
    if (config->hash != PS_DIGEST_NONE && (first == '{' || first == '[')) {
        return ps_refuse(import, 1, err, "it is JSON, and hashed lists are read as lines or CSV.");
    }
    if (config->hash != PS_DIGEST_NONE) {
        return csv || config->column != NULL || is_hashed_table(seen.line) ? read_table(import, NULL, &seen, err)
                                                                           : ps_read_plain(import, text, err);
    }
    if (!csv && (first == '{' || first == '[')) return ps_read_json(import, text, form, err);
    if (seen.ses_text && !csv && (form == NULL || form == &ps_form_ses)) return ps_read_ses_text(import, text, err);
    bool table = csv || form != NULL || config->column != NULL || has_delimiter(seen.line) ||
                 is_header_of_one(seen.line, config);
    return table ? read_table(import, form, &seen, err) : ps_read_plain(import, text, err);
}

// How a list is hashed may be asked of its content: of lines and tables, and where nothing else is said of it.
static ps_status look_for_digests(ps_import *import, ps_span text, ps_error *err)
{
    const ps_source_config *config = import->config;
    ps_span begin = ps_shape_trim(text);
    bool json = begin.len > 0 && (begin.bytes[0] == '{' || begin.bytes[0] == '[');
    bool other = config->kind != PS_ENTRY_ADDRESS || (config->format != NULL && ps_form_find(config->format) != NULL);

    if (!config->hash_by_content || config->hash != PS_DIGEST_NONE || json || other) return PS_OK;
    import->own_config = *config;
    ps_status status = ps_hash_look(import, text, &import->own_config.hash, err);
    if (status == PS_OK) import->config = &import->own_config;
    return status;
}

// The set takes the key, and gives it back to the system with itself.
static ps_status open_hashing(ps_import *import, ps_span text, ps_error *err)
{
    ps_secret *key = NULL;
    ps_status status = look_for_digests(import, text, err);
    const ps_source_config *config = import->config;

    if (status != PS_OK || config->hash == PS_DIGEST_NONE) return status;
    if (config->hash == PS_DIGEST_HMAC_SHA256) status = ps_secret_load(config->hash_key, "hash_key", &key, err);
    if (status != PS_OK) return status;
    if (import->set != NULL) return ps_suppression_hash_by(import->set, config->hash, key, &import->hashing, err);
    import->hashing = &import->own_hashing;
    return ps_hashing_open(config->hash, key, &import->own_hashing, err);
}

static ps_status check_config(const ps_source_config *config, const ps_form **out_form, ps_error *err)
{
    static const char *const others[] = {"plain", "csv", FORMAT_MAILBOX};
    const char *format = config->format;

    *out_form = format == NULL ? NULL : ps_form_find(format);
    if (*out_form != NULL && config->column != NULL) {
        return ps_error_set(err, PS_CONFIG,
                            "Suppression source '%s' names a `column`, which the format '%s' has by itself.",
                            config->name, format);
    }
    if (format == NULL || *out_form != NULL || ps_verification_find(format) != NULL) return PS_OK;
    for (size_t i = 0; i < PS_COUNT_OF(others); i++) {
        if (strcmp(format, others[i]) == 0) return PS_OK;
    }
    return ps_error_set(
        err, PS_CONFIG,
        "Suppression source '%s' has the format '%s'; there are plain, csv, mailgun, sendgrid, ses, dynamodb, "
        "postmark, brevo, sparkpost, mandrill, resend, customers_mail_cloud, blastengine, mailjet, sisimai, "
        "customerio, klaviyo, elasticemail and mailbox.",
        config->name, format);
}

// Mails are of many encodings at once: their bytes are read as they stand.
static ps_status open_text(const ps_import *import, ps_text *out, bool *out_mails, ps_error *err)
{
    const ps_source_config *config = import->config;
    bool declared = config->format != NULL && strcmp(config->format, FORMAT_MAILBOX) == 0;
    bool possible = declared || (config->format == NULL && config->hash == PS_DIGEST_NONE && config->column == NULL);
    ps_source_config as_bytes = *config;

    as_bytes.encoding = PS_ENCODING_UTF8;
    *out_mails = false;
    if (possible && ps_text_open(&as_bytes, out, NULL) == PS_OK) {
        *out_mails = ps_text_fill(out, NULL) == PS_OK && ps_mailbox_is(ps_shape_trim(out->rest));
        if (*out_mails) return PS_OK;
        ps_text_close(out);
    }
    ps_status status = ps_text_open(config, out, err);
    if (status != PS_OK || !declared || out->empty) return status;
    ps_refuse(import, 1, err, "it does not begin as a mail does, and the job says that it is a mailbox.");
    ps_error_hint(err, "Take `format:` out, or name the form that it has.");
    return PS_SOURCE;
}

static ps_status read_text(ps_import *import, ps_text *text, bool mails, const ps_form *form, ps_error *err)
{
    ps_run_source *out = import->out;

    out->size_bytes = ps_source_size(text->source);
    // At noon it is the same day in any time zone that mail is sent in.
    bool dated = import->config->dated != 0;
    out->modified_s = dated ? import->config->dated * DAY_S + DAY_S / 2 : ps_source_modified_s(text->source);
    // A mail says for itself.
    out->encoding = text->empty ? "" : mails ? "MIME" : ps_charset_name(text->stream.stored);
    out->format = "empty file";
    ps_status status = ps_text_fill(text, err);
    if (status != PS_OK) return status;
    if (!mails) status = open_hashing(import, text->rest, err);
    if (status != PS_OK) return status;
    status = text->empty ? ps_import_finish(import, true, 0, err)
             : mails     ? ps_read_mailbox(import, text, err)
                         : read_by_look(import, text, form, err);
    if (status == PS_OK) status = ps_text_check(text, err);
    if (status == PS_OK && out->sha256[0] == '\0') ps_source_sha256(text->source, out->sha256);
    return status;
}

static ps_status read_file(ps_import *import, ps_error *err)
{
    const ps_form *form;
    ps_text text = {.line = 0};
    bool mails = false;

    ps_status status = check_config(import->config, &form, err);
    if (status == PS_OK) status = open_text(import, &text, &mails, err);
    if (status == PS_OK) status = read_text(import, &text, mails, form, err);
    ps_text_close(&text);
    return status;
}

// Errors of lower folders are told as the source's, so their text is needed even when the caller wants none.
static ps_status wrap(const ps_source_config *config, ps_status status, ps_error *own, ps_error *err)
{
    status = ps_refuse_wrap(config, status, own);
    if (err != NULL) *err = *own;
    return status;
}

ps_status ps_import_entries(ps_import *import, ps_run_source *out, ps_error *err)
{
    const ps_source_config *config = import->config;
    ps_run_source source = {.name = config->name, .type = "file", .file = config->file};
    ps_error own = {.status = PS_OK};

    import->out = &source;
    ps_status status = ps_import_open(import, &own);
    if (status == PS_OK) status = read_file(import, &own);
    ps_import_close(import);
    ps_hashing_close(&import->own_hashing);
    import->config = config;
    import->out = NULL;
    if (status != PS_OK) return wrap(config, status, &own, err);
    *out = source;
    return PS_OK;
}
