// The keys that lists and duplicates are compared on.

#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>

#include "mail/character.h"
#include "mail/parse.h"

// Providers that hand mail for several spellings to one mailbox, on their own domains only: on a customer's domain the
// same provider may tell them apart. Sources: Google help 7436150 (dots, tags); Microsoft for Exchange Online, Fastmail
// help 360060591053, Proton "addresses and aliases", for tags. Yahoo's disposable addresses have a base name of their
// own, so nothing may be cut there.
static const struct {
    const char *domain, *canonical;
    bool drop_dots;
} providers[] = {
    {NULL, NULL, false}, // number 0: none
    {"gmail.com", "gmail.com", true},
    {"googlemail.com", "gmail.com", true},
    {"outlook.com", "outlook.com", false},
    {"hotmail.com", "hotmail.com", false},
    {"live.com", "live.com", false},
    {"msn.com", "msn.com", false},
    {"fastmail.com", "fastmail.com", false},
    {"proton.me", "proton.me", false},
    {"protonmail.com", "protonmail.com", false},
    {"pm.me", "pm.me", false},
    {"icloud.com", "icloud.com", false},
    {"me.com", "me.com", false},
    {"mac.com", "mac.com", false},
};

uint32_t ps_provider_count(void)
{
    return PS_COUNT_OF(providers);
}

ps_span ps_provider_domain(uint32_t number)
{
    return ps_span_of(providers[number].domain);
}

bool ps_provider_ignores_dots(uint32_t number)
{
    return providers[number].drop_dots;
}

static bool has_upper(ps_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (ps_is_upper(text.bytes[i])) return true;
    }
    return false;
}

static ps_span lower_ascii(ps_arena *arena, ps_span text)
{
    char *bytes = ps_arena_room(arena, text.len + 1);

    for (size_t i = 0; i < text.len; i++) {
        bytes[i] = ps_lower(text.bytes[i]);
    }
    return (ps_span){bytes, text.len};
}

// No language: the same key everywhere. Lower case, not case folding: a sharp s stays one.
static ps_span lower_unicode(ps_arena *arena, ps_span text)
{
    uint8_t room[512];
    size_t len = sizeof(room);
    uint8_t *lower = u8_tolower((const uint8_t *)text.bytes, text.len, NULL, UNINORM_NFC, room, &len);

    if (lower == NULL) ps_parse_out_of_memory(); // never: as said there
    ps_span copy = ps_arena_copy(arena, (ps_span){(const char *)lower, len});
    if (lower != room) free(lower); // never: a mailbox name of 64 bytes has room in lower case
    return copy;
}

static ps_span key_of(const ps_parse *parse, const ps_address *out)
{
    ps_span mailbox = parse->mailbox;
    bool written_so = parse->mailbox.bytes == parse->local_out.bytes;

    if (!parse->mailbox_ascii) {
        mailbox = lower_unicode(parse->arena, mailbox);
    } else if (has_upper(mailbox)) {
        mailbox = lower_ascii(parse->arena, mailbox);
    } else if (written_so) {
        return out->deliverable;
    }
    return ps_parse_join(parse->arena, mailbox, parse->host);
}

// fastmail.com: tag@user.fastmail.com is user@fastmail.com.
static ps_span fastmail_user(ps_span host)
{
    static const char suffix[] = ".fastmail.com";

    if (!ps_span_ends(host, suffix)) return (ps_span){NULL, 0};
    ps_span user = ps_span_head(host, host.len - (sizeof(suffix) - 1));
    return memchr(user.bytes, '.', user.len) == NULL ? user : (ps_span){NULL, 0};
}

// Where `name` ends without its tag.
static size_t base_len(ps_span name)
{
    const char *plus = memchr(name.bytes, '+', name.len);

    return plus == NULL ? name.len : (size_t)(plus - name.bytes);
}

ps_span ps_provider_key(ps_arena *arena, uint32_t provider, ps_span key, size_t host_len)
{
    ps_span name = ps_span_head(key, key.len - host_len - 1), host = ps_span_tail(key, key.len - host_len);
    ps_span base = ps_span_head(name, base_len(name)), domain = ps_span_of(providers[provider].canonical);
    char *bytes = ps_arena_room(arena, base.len + 1 + domain.len);
    size_t len = 0;

    for (size_t i = 0; i < base.len; i++) {
        bytes[len] = base.bytes[i];
        len += base.bytes[i] != '.' || !providers[provider].drop_dots;
    }
    if (len == 0) return key; // nothing but a tag: no mailbox that one could name
    if (len == name.len && ps_span_equal(domain, host)) return key;
    bytes[len] = '@';
    memcpy(bytes + len + 1, domain.bytes, domain.len);
    return (ps_span){bytes, len + 1 + domain.len};
}

static ps_span provider_key_of(const ps_parse *parse, ps_span key)
{
    ps_span user = fastmail_user(parse->host);
    ps_known known = parse->known;

    if (user.len > 0) return ps_parse_join(parse->arena, user, ps_span_of("fastmail.com"));
    if (known.kind != PS_KNOWN_GOOD || known.number == 0) return key;
    return ps_provider_key(parse->arena, known.number, key, parse->host.len);
}

void ps_parse_key(const ps_parse *parse, ps_address *out)
{
    out->key = key_of(parse, out);
    out->domain = ps_span_tail(out->key, out->key.len - parse->host.len);
    out->provider_key = provider_key_of(parse, out->key);
}
