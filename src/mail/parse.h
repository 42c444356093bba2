#ifndef PS_MAIL_PARSE_H
#define PS_MAIL_PARSE_H

// One cell on its way through the address rules. Each step is one file, reads what earlier steps left and adds its own;
// the order stands in address.c. A step that says no sets one finding of effect `remove`, and no later step runs.

#include "mail/rules.h"
#include "presend/address.h"

typedef struct ps_parse {
    const ps_address_rules *rules;
    ps_arena *arena;
    ps_findings findings;
    ps_span text; // trim, width, unwrap: what is left of the cell, valid UTF-8
    ps_span local, domain; // split: the halves of `text`, as written
    ps_span host; // domain: in A-labels, lower case; `domain` itself when nothing changed
    bool idn; // domain: some label of `host` is an A-label
    ps_span mailbox; // local: without quotes and escapes
    ps_span local_out; // local: as it is sent; `local` itself when nothing changed
    bool mailbox_ascii; // local
    ps_known known; // address: of `host`, once the address is whole
    const char *detail; // idn: see ps_address
    bool short_ways; // a second spelling may take them
} ps_parse;

static inline void ps_parse_note(ps_parse *parse, ps_reason reason)
{
    parse->findings |= (ps_findings)1 << reason;
}

// Sets the finding that ends the parse; false, so that a step can return it.
static inline bool ps_parse_fail(ps_parse *parse, ps_reason reason)
{
    parse->findings |= (ps_findings)1 << reason;
    return false;
}

static inline bool ps_is_ascii(ps_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.bytes[i] > 0x7F) return false;
    }
    return true;
}

// The first `len` bytes, and all but them.
static inline ps_span ps_span_head(ps_span text, size_t len)
{
    return (ps_span){text.bytes, len};
}

static inline ps_span ps_span_tail(ps_span text, size_t len)
{
    return (ps_span){text.bytes + len, text.len - len};
}

static inline bool ps_span_begins(ps_span text, const char *with)
{
    size_t len = strlen(with);
    return text.len >= len && memcmp(text.bytes, with, len) == 0;
}

static inline bool ps_span_ends(ps_span text, const char *with)
{
    size_t len = strlen(with);
    return text.len >= len && memcmp(text.bytes + text.len - len, with, len) == 0;
}

// Memory ran out inside a library in the middle of a cell. Going on would call a good address bad, so the run ends
// here: nothing is published.
_Noreturn void ps_parse_out_of_memory(void);

// `local`@`domain` in the arena.
ps_span ps_parse_join(ps_arena *arena, ps_span local, ps_span domain);

// The steps, in their order.
bool ps_parse_check_text(ps_parse *parse); // text.c: UTF-8, and no control characters
bool ps_parse_trim(ps_parse *parse); // trim.c: white space and invisible characters around the text
void ps_parse_fold(ps_parse *parse); // width.c: full-width and look-alike characters, NFC
bool ps_parse_unwrap(ps_parse *parse); // unwrap.c: names, brackets, mailto:
bool ps_parse_split(ps_parse *parse); // syntax.c: the halves
bool ps_parse_host(ps_parse *parse); // domain.c: the domain as A-labels
bool ps_parse_check_host(ps_parse *parse); // domain.c: what a mail domain may be
bool ps_parse_local(ps_parse *parse); // local.c
void ps_parse_key(const ps_parse *parse, ps_address *out); // key.c: `key`, `domain`, `provider_key`
void ps_parse_policy(ps_parse *parse, ps_address *out); // policy.c: role accounts, disposable domains, typos

// address.c: all of them; what is sent and matched on goes to `out`, no suggestion for what was refused.
void ps_parse_run(ps_parse *parse, ps_address *out);

// address.c: what ps_parse_run() says, sooner for most cells.
void ps_parse_short(ps_parse *parse, ps_address *out);

// fast.c: what ps_address_parse() says of a cell with a plain local part and a domain that says all else; false, and
// nothing done, of any other.
bool ps_parse_plain(const ps_address_rules *rules, ps_span cell, ps_arena *arena, ps_address *out,
                    ps_findings *out_findings);

// address.c: for cells that fast.c, which ps_address_parse() is in, does not take.
ps_findings ps_parse_other(const ps_address_rules *rules, ps_span cell, ps_arena *arena, ps_address *out);

// refuse.c: what ps_parse_other() says of a cell that is refused for one of the usual reasons; false, and nothing done,
// of any other.
bool ps_parse_refuse(ps_parse *parse, ps_address *out);

// address.c: a second spelling is only worth showing when the rules would keep it as it is; `*out` is what they make of
// it.
bool ps_parse_is_kept(const ps_parse *parse, ps_span spelling, ps_span *out);

// width.c: what stands for `c` once widths and look-alikes are folded.
uint32_t ps_fold_character(const ps_address_rules *rules, uint32_t c);

// policy.c: what is to be said of a mailbox name, in lower case and without its tag.
ps_findings ps_policy_role(const ps_address_rules *rules, ps_span name);

// key.c: `key` without what the provider of that line ignores; its domain has `host_len` bytes.
ps_span ps_provider_key(ps_arena *arena, uint32_t provider, ps_span key, size_t host_len);

// suggest.c: another spelling of a cell that was refused, which the rules may keep; false when none suggests itself.
bool ps_suggest(const ps_parse *parse, ps_span *out);
bool ps_may_suggest(ps_findings findings); // false: ps_suggest() knows nothing for a cell refused for that

// address.c: the rules without any short way: the reference that tests compare the others with.
ps_findings ps_address_parse_long(const ps_address_rules *rules, ps_span cell, ps_arena *arena, ps_address *out);

#endif
