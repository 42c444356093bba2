#include "esp/refuse.h"

#include <stdio.h>

#include "base/digest.h"
#include "base/text.h"
#include "esp/hash_look.h"

enum { NAME_SHOWN_MAX = 400 };

#define BEGINNING "Suppression source '%s' cannot be used: "

static void say_where(const char *file, uint64_t line, ps_error *err)
{
    ps_buf shown;

    ps_buf_init(&shown, NAME_SHOWN_MAX);
    ps_add_visible(&shown, ps_span_of(file));
    if (line == 0) {
        ps_error_where(err, "%s", ps_buf_text(&shown));
    } else {
        ps_error_where(err, "%s:%llu", ps_buf_text(&shown), (unsigned long long)line);
    }
    ps_buf_done(&shown);
}

ps_status ps_refuse(const ps_import *import, uint64_t line, ps_error *err, const char *format, ...)
{
    char text[PS_ERROR_TEXT_MAX];
    va_list list;

    va_start(list, format);
    ps_text_format(text, sizeof text, format, list);
    va_end(list);
    ps_error_set(err, PS_SOURCE, BEGINNING "%s", import->config->name, text);
    ps_error_hint(err, "Correct the file, or export the list again."); // until the caller knows better
    say_where(import->config->file, line, err);
    return PS_SOURCE;
}

ps_status ps_refuse_domain(const ps_import *import, uint64_t line, ps_error *err)
{
    ps_refuse(import, line, err, "line %llu holds a domain, and the source is said to hold addresses.",
              (unsigned long long)line);
    ps_error_hint(err, "Write `kind: both` at this source (or `kind: domain` if it holds nothing but domains), so that "
                       "everybody at such a domain is taken out.");
    return PS_SOURCE;
}

ps_status ps_refuse_address(const ps_import *import, uint64_t line, ps_error *err)
{
    ps_refuse(import, line, err, "line %llu holds an address, and the source is said to hold domains.",
              (unsigned long long)line);
    ps_error_hint(err, "Write `kind: both` at this source.");
    return PS_SOURCE;
}

ps_status ps_refuse_pattern(const ps_import *import, uint64_t line, ps_error *err)
{
    ps_refuse(import, line, err, "line %llu holds a wildcard or a pattern, and presend does not know whom it means.",
              (unsigned long long)line);
    ps_error_hint(err, "Write each address out. For a whole domain write `@example.net`, for the domains below it "
                       "`*.example.net`, and `kind: both` at this source.");
    return PS_SOURCE;
}

ps_status ps_refuse_digest(const ps_import *import, ps_span text, uint64_t line, ps_error *err)
{
    ps_digest_kind kind = ps_hash_kind_of_text(text);

    ps_refuse(import, line, err, "line %llu looks like a digest (MD5, SHA-1, SHA-256 or SHA-512), not like an address.",
              (unsigned long long)line);
    if (kind == PS_DIGEST_NONE) {
        ps_error_hint(err, "If this is a hashed list, ask for it in hexadecimal digits, and how it was made.");
        return PS_SOURCE;
    }
    ps_error_hint(err,
                  "If this is a hashed list, say how it was made: `hash: %s` at this source in the job file, `--hash "
                  "%s` on the command line%s.",
                  ps_hash_word(kind), ps_hash_word(kind),
                  kind == PS_DIGEST_SHA256 ? " (or hmac-sha256, which has a key)" : "");
    return PS_SOURCE;
}

ps_status ps_refuse_misfit(const ps_import *import, uint64_t line, ps_error *err)
{
    ps_digest_kind kind = import->config->hash;

    ps_refuse(import, line, err, "line %llu holds no %s digest, which is %zu hexadecimal digits.",
              (unsigned long long)line, ps_digest_name(kind), 2 * ps_digest_bytes(kind));
    ps_error_hint(
        err, "Correct `hash:` at this source (`--hash`), name the column of the digests with `column:`, or ask for the "
             "list again: in hexadecimal, all of one kind, and nothing else in that column.");
    return PS_SOURCE;
}

ps_status ps_refuse_cut(const ps_import *import, uint64_t line, ps_error *err)
{
    ps_refuse(import, line, err,
              "its last line has no line end, and what stands there is not whole: the file looks cut.");
    ps_error_hint(err, "Export or copy the file again. If it is whole, mend its last line.");
    return PS_SOURCE;
}

ps_status ps_refuse_unreadable(const ps_import *import, ps_error *err)
{
    const char *what = import->config->kind == PS_ENTRY_ADDRESS  ? "no address"
                       : import->config->kind == PS_ENTRY_DOMAIN ? "no domain"
                                                                 : "neither an address nor a domain";

    ps_refuse(
        import, import->first_unreadable, err,
        "%llu of its %llu entries are %s, the first in line %llu; more than one in a thousand means that the list is "
        "not what it is taken for.",
        (unsigned long long)import->out->unreadable, (unsigned long long)(import->records - import->quiet), what,
        (unsigned long long)import->first_unreadable);
    ps_error_hint(err,
                  "Correct or remove these lines. If the addresses stand in another column, name it with `column:`; if "
                  "presend took the file for the wrong form, name it with `format:`.");
    return PS_SOURCE;
}

ps_status ps_refuse_empty(const ps_import *import, ps_error *err)
{
    ps_refuse(import, 0, err, "the file holds no entry at all.");
    ps_error_hint(
        err, "Export it again. If nobody is on this list and that is right, write `allow_empty: true` at this source.");
    return PS_SOURCE;
}

ps_status ps_refuse_form(const ps_import *import, ps_error *err)
{
    ps_refuse(import, 0, err, "the file has none of the forms that presend can read.");
    ps_error_hint(
        err,
        "It reads plain lists (one address a line), CSV with a column of addresses, and the exports of Mailgun "
        "(CSV, JSON), SendGrid (CSV, JSON), Amazon SES (CLI output in JSON or text, bulk CSV), DynamoDB, Postmark, "
        "Brevo, SparkPost, Mandrill, Resend, Customers Mail Cloud, blastengine, Mailjet, Customer.io, Klaviyo and "
        "Elastic Email; and the events of SendGrid, "
        "Mailgun, "
        "Amazon SES, Postmark, Brevo, Mailjet, Resend, Sisimai and blastengine.");
    return PS_SOURCE;
}

ps_status ps_refuse_wrap(const ps_source_config *config, ps_status status, ps_error *err)
{
    static const char ours[] = "Suppression source '";
    ps_status as = status == PS_RETRY || status == PS_BUG || status == PS_CONFIG ? status : PS_SOURCE;

    if (err == NULL || strncmp(err->text, ours, sizeof ours - 1) == 0) return as;
    ps_error inner = *err;
    ps_error_set(err, as, BEGINNING "%s", config->name, inner.text);
    if (inner.hint[0] != '\0') {
        ps_error_hint(err, "%s", inner.hint);
    } else if (as == PS_SOURCE) {
        ps_error_hint(
            err, "Put the file there again, or correct `file:` at this source. A run goes on without a source only "
                 "when the job no longer names it.");
    }
    if (inner.where[0] != '\0') {
        ps_error_where(err, "%s", inner.where);
    } else {
        say_where(config->file, 0, err);
    }
    return as;
}
