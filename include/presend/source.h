#ifndef PRESEND_SOURCE_H
#define PRESEND_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a job says of one suppression source: a file, or the lists of an ESP. */

typedef enum ps_encoding {
    PS_ENCODING_AUTO,
    PS_ENCODING_UTF8,
    PS_ENCODING_CP932,
    PS_ENCODING_EUC_JP_MS,
    PS_ENCODING_ISO_2022_JP_3,
    PS_ENCODING_UTF16LE,
    PS_ENCODING_UTF16BE,
    PS_ENCODING_WINDOWS_1252,
    PS_ENCODING_COUNT
} ps_encoding;

typedef enum ps_entry_kind { PS_ENTRY_ADDRESS, PS_ENTRY_DOMAIN, PS_ENTRY_BOTH } ps_entry_kind;

/** Why an address is on a list; the table, strongest first, is class.def. */
typedef enum ps_class {
#define PS_CLASS(symbol, word) PS_CLASS_##symbol,
#include "presend/class.def"
#undef PS_CLASS
    PS_CLASS_VERIFIED, /**< a verification service says so; last because numbers are stored, not because it is weak */
    PS_CLASS_COUNT
} ps_class;

/** A class as job files, lists and reports write it, such as `unsubscribe`. */
const char *ps_class_word(ps_class class);

/** How the entries of a hashed list were made of addresses. */
typedef enum ps_digest_kind {
    PS_DIGEST_NONE, /**< they are addresses */
    PS_DIGEST_MD5,
    PS_DIGEST_SHA1,
    PS_DIGEST_SHA256,
    PS_DIGEST_SHA512,
    PS_DIGEST_HMAC_SHA256, /**< under `hash_key` */
    PS_DIGEST_COUNT
} ps_digest_kind;

/** One suppression source of the job. */
typedef struct ps_source_config {
    const char *name; /**< [a-z0-9_-] */
    const char *file;
    const char *format; /**< NULL: by content; or plain csv mailgun sendgrid ses */
    ps_encoding encoding; /**< AUTO: by content */
    const char *column; /**< the header of the address column; NULL: by name */
    ps_entry_kind kind;
    ps_class default_class; /**< for entries whose list says none; PS_CLASS_MANUAL by default */
    bool allow_empty;
    ps_digest_kind hash;
    const char *hash_key; /**< env:NAME or file:PATH; of HMAC only */
    bool hash_by_content; /**< where `hash` is NONE: digests are taken for what they look like, if that is certain */
    int32_t as_of; /**< ps_day that results of a verification service are judged on */
    int32_t dated; /**< ps_day that the file is of, whenever it was written; 0: the day of writing */

    /** Of an ESP's lists, read over HTTP; NULL or 0 where the job says nothing. */
    const char *type; /**< NULL: file; or mailgun sendgrid ses ..., or http with `client` */
    const char *client; /**< a file that describes an ESP's API */
    const char *base_url; /**< in place of the ESP's own: a gateway, the customer's own host, a test server */
    const char *domain, *region, *account;
    const char *user; /**< the name that goes with the key, where an API has one; or env:NAME, file:PATH */
    const char *key; /**< env:NAME or file:PATH */
    const char *ca_file; /**< certificates to trust beside the system's */
    const char *proxy;
    uint64_t max_reply_mib; /**< of one reply; 0: what the program takes, 64 */
    const char *const *lists; /**< count 0: all of them */
    size_t lists_count;
    const char *const *without; /**< lists of complaints and unsubscribes that are left out on purpose */
    size_t without_count;
    bool recorded_elsewhere; /**< SES: the account's list need not record bounces and complaints */
    uint32_t max_age_s; /**< since its lists were whole last, 0: 24 hours; of a file, 0: as the program sees fit */
    bool retired; /**< not asked any more, and never too old */
    bool on_outage_last_whole; /**< out of reach: the lists as they were whole last, up to max_age_s */
    const char *const *scope; /**< this campaign's tags, groups or streams; count 0: any */
    size_t scope_count;

    /** Of any source. */
    const char *const *brands; /**< whose unsubscribes it holds; count 0: those of every brand */
    size_t brands_count;
    bool accept_kinds; /**< entries of another kind than declared are passed over in this run */
    bool unsubscribes_off; /**< they are of other brands, or this is service mail: they do not count */
} ps_source_config;

#endif
