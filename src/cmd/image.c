#include "cmd/image.h"

#include <limits.h>
#include <stdio.h>

#include "base/log.h"
#include "base/memory.h"
#include "cmd/lasting_key.h"
#include "esp/expand.h"
#include "esp/merge.h"
#include "esp/shape.h"
#include "mail/lists.h"
#include "presend/presend.h"

// ---- whether it fits

// Whatever may change the key of an address: the program, its lists, and the zone of days.
static ps_hash rules_hash(const char *timezone)
{
    char text[4096];
    size_t count = 0, len = 0;
    const ps_run_data_list *lists = ps_mail_data_lists(&count);

    len = (size_t)snprintf(text, sizeof text, "%s %s", PS_VERSION, timezone);
    for (size_t i = 0; i < count && len < sizeof text; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, " %s %s %llu", lists[i].name, lists[i].date,
                                (unsigned long long)lists[i].entries);
    }
    return ps_hash_of((ps_span){text, len < sizeof text ? len : sizeof text - 1});
}

typedef struct fitting {
    const ps_image *image;
    size_t lists;
    bool fits;
} fitting;

static ps_status check_source(void *context, const ps_stored_source *source, ps_error *err)
{
    fitting *f = context;
    (void)err;

    for (size_t i = 0; i < source->list_count; i++)
        f->fits = f->fits && ps_image_fits(f->image, &source->lists[i]);
    f->lists += source->list_count;
    return PS_OK;
}

// ---- making it

typedef struct making {
    const ps_image_request *request;
    ps_image *image;
    ps_expander expander;
    const ps_stored_source *source;
    uint32_t fact; // of the entry at hand
} making;

static ps_status take(void *context, const ps_suppression_entry *found, bool *out_new, ps_error *err)
{
    making *m = context;
    bool other_spelling = found->provider_key.len != 0 && !ps_span_equal(found->provider_key, found->key);

    *out_new = false;
    if (found->domain || found->subdomains) {
        return ps_image_add_domain(m->image, found->key, found->subdomains, m->fact, err);
    }
    ps_status status = ps_image_add_address(m->image, ps_hash_of(found->key), m->fact, err);
    if (status != PS_OK || !other_spelling) return status;
    return ps_image_add_address(m->image, ps_hash_of(found->provider_key), m->fact | PS_SUPPRESSION_ALIAS, err);
}

// A digest is compared with those of the rows, under the key of its source where the kind has one.
static ps_status make_digest(const making *m, const ps_stored_entry *entry, ps_error *err)
{
    unsigned char digest[PS_DIGEST_BYTES_MAX];
    char room[PS_HASHED_KEY_BYTES];
    ps_hashing hashing = {.kind = ps_stored_digest(entry->kind)};
    ps_lasting_key key;
    bool keyed = hashing.kind == PS_DIGEST_HMAC_SHA256;

    bool sound = ps_shape_hex(entry->text, ps_digest_bytes(hashing.kind), digest) &&
                 (!keyed || ps_lasting_key_parse(m->source->origin, &key));
    if (!sound) {
        ps_error_set(err, PS_SOURCE,
                     "Suppression source '%s' cannot be used: it has a digest that is none, or no key is known for it.",
                     m->source->name);
        ps_error_hint(err, "Import the hashed list again: presend suppress import FILE --into %s", m->source->name);
        return PS_SOURCE;
    }
    if (keyed) memcpy(hashing.check, key.check, sizeof key.check);
    ps_span made = ps_hashed_key(&hashing, digest, room);
    return ps_image_add_address(m->image, ps_hash_of(made), m->fact, err);
}

static ps_status make_entry(void *context, const ps_stored_list *list, const ps_stored_entry *entry, ps_error *err)
{
    making *m = context;
    const ps_zone *zone = m->request->zone;
    const ps_image_fact fact = {
        .list = list->id,
        .rows = 1,
        .date = entry->created_s == 0 ? PS_DAY_NONE : ps_zone_day(zone, entry->created_s),
        .expires = entry->expires_s == 0 ? PS_DAY_NONE : ps_zone_day(zone, entry->expires_s),
        .class = entry->class,
        .kind = entry->kind,
    };
    ps_status status = ps_image_add_fact(m->image, &fact, entry->scope, &m->fact, err);

    // An allowlist suppresses nobody: it is only counted.
    if (status != PS_OK || list->allowlist) return status;
    if (ps_stored_digest(entry->kind) != PS_DIGEST_NONE) return make_digest(m, entry, err);
    return ps_expand(&m->expander, list->name, entry, err);
}

static ps_status make_source(void *context, const ps_stored_source *source, ps_error *err)
{
    making *m = context;
    ps_status status = PS_OK;

    m->expander.config.name = source->name; // for messages
    m->source = source;
    for (size_t i = 0; status == PS_OK && i < source->list_count; i++) {
        const ps_stored_list *list = &source->lists[i];
        const ps_run_source before = m->expander.counts;
        ps_stored_source one = *source;
        one.lists[0] = *list;
        one.list_count = 1;
        status = ps_store_entries(m->request->store, &one, make_entry, m, err);
        const ps_image_list made = {
            .id = list->id,
            .count = list->count,
            .sum = list->sum,
            .unreadable = m->expander.counts.unreadable - before.unreadable,
            .unmatched = m->expander.counts.unmatched - before.unmatched,
        };
        if (status == PS_OK) status = ps_image_add_list(m->image, &made, err);
    }
    return status;
}

static ps_status make(const ps_image_request *request, ps_image *out, ps_error *err)
{
    making m = {.request = request, .image = out};
    ps_status status = ps_expander_open(&m.expander, "image", request->rules, request->zone, err);

    m.expander.take = take;
    m.expander.context = &m;
    *out = (ps_image){.fd = -1};
    if (status == PS_OK) status = ps_store_sources(request->store, make_source, &m, err);
    ps_expander_close(&m.expander);
    return status;
}

static ps_status make_and_keep(const ps_image_request *request, const char *path, ps_image *out, ps_error *err)
{
    ps_hash rules = rules_hash(request->timezone);
    ps_error why = {.status = PS_OK};
    ps_status status = make(request, out, err);

    if (status != PS_OK) return status;
    if (ps_image_write(out, path, rules, &why) != PS_OK)
        ps_log(PS_LOG_WARNING, "%s The next run reads the lists anew.", why.text);
    return PS_OK;
}

ps_status ps_image_load(const ps_image_request *request, ps_image *out, ps_error *err)
{
    char path[PATH_MAX];
    fitting f = {.image = out, .fits = true};
    bool fits = false;

    if (snprintf(path, sizeof path, "%s-lists", ps_store_path(request->store)) >= (int)sizeof path) {
        return ps_error_set(err, PS_CONFIG, "The path of the state file '%s' is too long.",
                            ps_store_path(request->store));
    }
    ps_status status = ps_image_open(path, rules_hash(request->timezone), out, &fits, err);
    if (status != PS_OK) return status;
    if (fits) status = ps_store_sources(request->store, check_source, &f, err);
    if (status == PS_OK && fits && f.fits && f.lists == out->list_count) return PS_OK;
    ps_image_close(out);
    if (status == PS_OK) status = make_and_keep(request, path, out, err);
    if (status != PS_OK) ps_image_close(out);
    return status;
}

// ---- loading it

#define NOT_COUNTED UINT32_MAX

typedef struct loading {
    const ps_image *image;
    ps_suppression *set;
    uint32_t *numbers; // of the set, by the image's fact
} loading;

static const ps_stored_list *find_list(const ps_image_source *source, int64_t id)
{
    for (size_t i = 0; i < source->stored->list_count; i++) {
        if (source->stored->lists[i].id == id) return &source->stored->lists[i];
    }
    return NULL;
}

static void count_rows(const ps_image_fact *fact, ps_run_source *out)
{
    out->entries[fact->class] += fact->rows;
    if (fact->kind == PS_STORED_DOMAIN) {
        out->domains += fact->rows;
    } else {
        out->addresses += fact->rows;
    }
}

// Rows are asked for by digests of every kind that the set has some of.
static ps_status take_hashing(const loading *l, const ps_image_source *source, ps_digest_kind kind, ps_error *err)
{
    const ps_hashing *ignored = NULL;
    ps_secret *key = NULL;
    ps_status status = PS_OK;

    if (kind == PS_DIGEST_NONE) return PS_OK;
    if (kind == PS_DIGEST_HMAC_SHA256) status = ps_lasting_key_load(source->stored, &key, err);
    return status == PS_OK ? ps_suppression_hash_by(l->set, kind, key, &ignored, err) : status;
}

// A fact of one of the source's lists: whether it counts, and its number in the set.
static ps_status take_fact(const loading *l, const ps_image_source *source, const ps_stored_list *list, size_t index,
                           ps_error *err)
{
    const ps_image_fact *fact = &l->image->facts[index];
    const ps_merge_kind kind = {
        .class = (ps_class)fact->class,
        .scope = {l->image->texts + fact->scope, fact->scope_len},
        .expires = fact->expires,
        .allowlist = list->allowlist,
    };
    const ps_suppressed known = {
        .sources = UINT64_C(1) << source->source,
        .classes = UINT32_C(1) << fact->class,
        .source = (uint16_t)source->source,
        .strongest = (uint16_t)fact->class,
        .list = list->name,
        .date = fact->date,
        .last_bounce = ps_bounce_day((ps_class)fact->class, fact->date),
    };
    ps_merge_verdict verdict = ps_merge_judge(source->job, &source->job->sources[source->source], &kind);

    ps_merge_count(source->out, verdict, fact->rows);
    if (verdict != PS_MERGE_COUNTS) return PS_OK;
    count_rows(fact, source->out);
    ps_status status = take_hashing(l, source, ps_stored_digest((ps_stored_kind)fact->kind), err);
    if (status != PS_OK) return status;
    return ps_suppression_fact(l->set, &known, &l->numbers[index], err);
}

static ps_status take_source(const loading *l, const ps_image_source *source, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < l->image->fact_count; i++) {
        const ps_stored_list *list = find_list(source, l->image->facts[i].list);
        if (list != NULL) status = take_fact(l, source, list, i, err);
    }
    for (size_t i = 0; i < l->image->list_count; i++) {
        if (find_list(source, l->image->lists[i].id) == NULL) continue;
        source->out->unreadable += l->image->lists[i].unreadable;
        source->out->unmatched += l->image->lists[i].unmatched;
    }
    return status;
}

// The pairs that count, with the numbers of the set.
static ps_status take_pairs(void *context, ps_suppression_pair *pairs, size_t count, ps_error *err)
{
    const loading *l = context;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t alias = pairs[i].fact & PS_SUPPRESSION_ALIAS, fact = pairs[i].fact & ~PS_SUPPRESSION_ALIAS;
        uint32_t number = fact < l->image->fact_count ? l->numbers[fact] : NOT_COUNTED;
        if (number == NOT_COUNTED) continue;
        pairs[kept] = pairs[i];
        pairs[kept++].fact = number | alias;
    }
    return ps_suppression_load(l->set, pairs, kept, err);
}

static ps_status take_domains(const loading *l, const ps_image_source *source, ps_error *err)
{
    ps_status status = PS_OK;

    for (size_t i = 0; status == PS_OK && i < l->image->domain_count; i++) {
        const ps_image_domain *domain = &l->image->domains[i];
        const ps_image_fact *fact = &l->image->facts[domain->fact];
        const ps_stored_list *list = find_list(source, fact->list);
        bool ignored;
        if (list == NULL || l->numbers[domain->fact] == NOT_COUNTED) continue;
        const ps_suppression_entry entry = {
            .source = source->source,
            .class = (ps_class)fact->class,
            .list = list->name,
            .date = fact->date,
            .key = {l->image->texts + domain->name, domain->name_len},
            .domain = domain->subdomains == 0,
            .subdomains = domain->subdomains != 0,
        };
        status = ps_suppression_add(l->set, &entry, &ignored, err);
    }
    return status;
}

ps_status ps_image_merge(const ps_image *image, const ps_image_source *sources, size_t count, ps_suppression *set,
                         ps_error *err)
{
    loading l = {.image = image, .set = set};
    ps_status status = PS_OK;
    uint64_t addresses = 0;

    l.numbers = ps_memory_new(image->fact_count + 1, sizeof *l.numbers, err);
    if (l.numbers == NULL) return PS_RETRY;
    for (size_t i = 0; i < image->fact_count; i++)
        l.numbers[i] = NOT_COUNTED;
    for (size_t i = 0; status == PS_OK && i < count; i++) {
        status = take_source(&l, &sources[i], err);
        addresses += sources[i].out->addresses;
    }
    if (status == PS_OK) status = ps_suppression_expect(set, addresses, err);
    if (status == PS_OK) status = ps_image_pairs(image, take_pairs, &l, err);
    for (size_t i = 0; status == PS_OK && i < count; i++)
        status = take_domains(&l, &sources[i], err);
    ps_memory_free(l.numbers);
    return status;
}
