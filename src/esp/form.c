#include "esp/form.h"

#include "base/text.h"
#include "esp/api.h"
#include "esp/bounce.h"
#include "esp/words.h"

static const ps_form *const forms[] = {
    &ps_form_mailgun,      &ps_form_sendgrid,  &ps_form_ses,      &ps_form_dynamodb,   &ps_form_postmark,
    &ps_form_brevo,        &ps_form_sparkpost, &ps_form_mandrill, &ps_form_resend,     &ps_form_customers_mail_cloud,
    &ps_form_blastengine,  &ps_form_mailjet,   &ps_form_sisimai,  &ps_form_customerio, &ps_form_klaviyo,
    &ps_form_elasticemail,
};

const ps_form *ps_form_at(size_t index)
{
    return index < PS_COUNT_OF(forms) ? forms[index] : NULL;
}

const ps_form *ps_form_find(const char *id)
{
    for (size_t i = 0; i < PS_COUNT_OF(forms); i++) {
        if (strcmp(forms[i]->id, id) == 0) return forms[i];
    }
    return NULL;
}

static const struct {
    const char *lines, *table;
} formats[PS_DIGEST_COUNT] = {
    [PS_DIGEST_NONE] = {"plain list", "csv"},
    [PS_DIGEST_MD5] = {"plain list of MD5 digests", "csv with MD5 digests"},
    [PS_DIGEST_SHA1] = {"plain list of SHA-1 digests", "csv with SHA-1 digests"},
    [PS_DIGEST_SHA256] = {"plain list of SHA-256 digests", "csv with SHA-256 digests"},
    [PS_DIGEST_SHA512] = {"plain list of SHA-512 digests", "csv with SHA-512 digests"},
    [PS_DIGEST_HMAC_SHA256] = {"plain list of HMAC-SHA-256 digests", "csv with HMAC-SHA-256 digests"},
};

const char *ps_form_lines_name(ps_digest_kind hash)
{
    return formats[hash].lines;
}

const char *ps_form_table_name(ps_digest_kind hash)
{
    return formats[hash].table;
}

size_t ps_form_column(const ps_form_columns *columns, const char *name)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (ps_word_same(columns->names[i], name)) return i;
    }
    return SIZE_MAX;
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count && names[i] != NULL; i++) {
        if (ps_word_same(name, names[i])) return true;
    }
    return false;
}

static bool is_known(const ps_form_list *list, const char *name)
{
    return ps_word_same(name, list->address) || is_among(name, list->needs, PS_FORM_NEEDS_MAX) ||
           is_among(name, list->may, PS_FORM_MAY_MAX);
}

static bool fits(const ps_form_list *list, const ps_form_columns *columns, bool exact)
{
    if (ps_form_column(columns, list->address) == SIZE_MAX) return false;
    for (size_t i = 0; i < PS_FORM_NEEDS_MAX && list->needs[i] != NULL; i++) {
        if (ps_form_column(columns, list->needs[i]) == SIZE_MAX) return false;
    }
    for (size_t i = 0; exact && i < columns->count; i++) {
        if (!is_known(list, columns->names[i])) return false;
    }
    return true;
}

const ps_form_list *ps_form_fit(const ps_form_list *lists, const ps_form_columns *columns, bool exact)
{
    for (const ps_form_list *list = lists; list != NULL && list->address != NULL; list++) {
        if (fits(list, columns, exact)) return list;
    }
    return NULL;
}

// Certain columns win; then a class that the job names (`manual` is what it says when it names none); then the name of
// the file.
static void decide_class(const ps_form_list *list, const ps_form_names *names, const ps_source_config *config,
                         ps_form_slots *out)
{
    ps_word_hint hint;
    bool by_job = list->class == PS_CLASS_COUNT || (list->hints != 0 && config->default_class != PS_CLASS_MANUAL);

    out->class = by_job ? config->default_class : list->class;
    out->list = list->name;
    out->format = by_job && !list->words_decide ? names->by_job : names->certain;
    if (config->default_class != PS_CLASS_MANUAL || !ps_word_file_hint(config->file, &hint)) return;
    if ((list->hints & PS_CLASS_BIT(hint.class)) == 0) return;
    out->class = hint.class;
    out->list = hint.list;
    out->format = names->by_file;
}

// Mandrill's export is documented with the column twice.
static void set_expiry(const ps_form_list *list, const ps_form_columns *columns, ps_form_slots *out)
{
    size_t count = 0;

    out->expires[0] = out->expires[1] = SIZE_MAX;
    for (size_t i = 0; list->expires != NULL && i < columns->count && count < PS_IMPORT_EXPIRES; i++) {
        if (ps_word_same(columns->names[i], list->expires)) out->expires[count++] = i;
    }
}

void ps_form_slots_of(const ps_form_list *list, const ps_form_names *names, const ps_form_columns *columns,
                      const ps_source_config *config, ps_form_slots *out)
{
    *out = (ps_form_slots){
        .address = ps_form_column(columns, list->address),
        .stamp = ps_generic_stamp(columns),
        .scope = list->scope == NULL || config->scope_count == 0 ? SIZE_MAX : ps_form_column(columns, list->scope),
        .words_decide = list->words_decide,
        .words_remove_only = !list->words_decide,
        .answers = list->answers,
        .codes = list->codes,
    };
    set_expiry(list, columns, out);
    decide_class(list, names, config, out);
    for (size_t i = 0; i < PS_COUNT_OF(list->words) && list->words[i] != NULL; i++) {
        size_t slot = ps_form_column(columns, list->words[i]);
        if (slot != SIZE_MAX) out->words[out->words_count++] = slot;
    }
}

// The first that fits.
static ps_class class_by_codes(const ps_form_slots *slots, const ps_span *words)
{
    ps_span first = slots->words_count > 0 ? ps_ascii_trim(words[0]) : (ps_span){NULL, 0};
    ps_span second = slots->words_count > 1 ? ps_ascii_trim(words[1]) : (ps_span){NULL, 0};

    for (const ps_api_word *code = slots->codes; code->word != NULL; code++) {
        if (!ps_ascii_equal_fold(first, ps_span_of(code->word))) continue;
        if (code->and == NULL || ps_ascii_equal_fold(second, ps_span_of(code->and))) return code->class;
    }
    return PS_CLASS_UNKNOWN;
}

ps_class ps_form_class(const ps_form_slots *slots, const ps_span *words)
{
    if (slots->codes != NULL) return class_by_codes(slots, words);
    if (slots->answers && slots->words_count == 2) return ps_bounce_class((ps_span){NULL, 0}, words[0], words[1]);
    ps_class sure = PS_CLASS_COUNT, vague = PS_CLASS_COUNT;
    bool unknown = false;

    for (size_t i = 0; i < slots->words_count; i++) {
        ps_class class;
        bool is_vague;
        if (ps_word_class(words[i], &class, &is_vague)) {
            ps_class *out = is_vague ? &vague : &sure;
            bool noted_only = class == PS_CLASS_BLOCK || class == PS_CLASS_SOFT;
            if (class < *out && !(noted_only && slots->words_remove_only)) *out = class;
        } else if (!ps_word_is_blank(words[i])) {
            unknown = true;
        }
    }
    if (sure != PS_CLASS_COUNT) return sure;
    if (vague != PS_CLASS_COUNT) return vague;
    return unknown && slots->words_decide ? PS_CLASS_UNKNOWN : slots->class;
}
