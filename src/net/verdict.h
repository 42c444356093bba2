#ifndef PS_NET_VERDICT_H
#define PS_NET_VERDICT_H

// From what DNS said of a domain to whether it can receive mail. Pure; tables decide.

#include "facts/operators.h"
#include "net/dns_wire.h"

// One question, asked of one source or of two.
typedef struct ps_dns_lookup {
    uint8_t outcome; // ps_dns_outcome of both sources together
    uint8_t addresses; // PS_IP_ bits
    // Bits, since there are two of these for each of a million hosts.
    bool alias : 1; // the name is an alias
    bool twice : 1; // a second source was asked
    bool confirmed : 1; // and said much the same
    bool zone_shown : 1; // one of them showed the zone that it spoke for, as ps_dns_answer has it
} ps_dns_lookup;

// The second answer to a question joins the first: what exists for either exists; a name without data outweighs no
// name; a failure confirms nothing.
void ps_dns_lookup_add(ps_dns_lookup *lookup, const ps_dns_answer *answer, bool alias);

// What a mail server's name says by itself.
typedef enum ps_dns_target {
    PS_DNS_TARGET_NAME,
    PS_DNS_TARGET_NULL, // "." (RFC 7505)
    PS_DNS_TARGET_IP, // an address in place of a name
    PS_DNS_TARGET_SPECIAL, // reserved for use within a machine or network, or for examples
    PS_DNS_TARGET_COLLISION, // ICANN's sign of a name collision
    PS_DNS_TARGET_ODD, // no host name at all
    PS_DNS_TARGET_COUNT
} ps_dns_target;

ps_dns_target ps_dns_target_of(const char *name);

// Whether a domain without a mail server says that it sends no mail either (`v=spf1 -all`): then nobody reads there.
typedef enum ps_dns_policy {
    PS_DNS_POLICY_UNWANTED, // the host is somebody's mail server
    PS_DNS_POLICY_OPEN,
    PS_DNS_POLICY_OTHER, // or none, or not to be had
    PS_DNS_POLICY_SENDS_NOTHING
} ps_dns_policy;

typedef struct ps_dns_host {
    uint8_t target; // ps_dns_target; only a NAME is looked up
    uint8_t policy; // ps_dns_policy
    bool parking : 1; // of a service that takes the mail of names that nobody uses
    bool disposable : 1; // of one that takes it for a while, for anybody
    bool shared : 1; // of an operator, for many customers: it is there without asking
    ps_operator taker;
    ps_dns_lookup a, aaaa; // aaaa only where `a` gave no public address
} ps_dns_host;

// The host of a name, before anything was asked.
void ps_dns_host_init(ps_dns_host *host, const char *name);

// What there is to ask of a host; bits.
enum {
    PS_DNS_NEED_A = 1 << 0,
    PS_DNS_NEED_AAAA = 1 << 1,
    PS_DNS_NEED_SECOND_A = 1 << 2, // the same again, of another source
    PS_DNS_NEED_SECOND_AAAA = 1 << 3,
    PS_DNS_NEED_POLICY = 1 << 4
};

// What is still needed by what is known so far; 0 when the host can be judged.
unsigned ps_dns_host_need(const ps_dns_host *host);

// How far the resolvers can be believed when they say that there is nothing.
typedef enum ps_dns_trust {
    PS_DNS_TRUST_GOOD, // random names do not exist, and a well-known one does
    PS_DNS_TRUST_UNSURE, // they said otherwise, or nothing clear
    PS_DNS_TRUST_LIES // random names have addresses
} ps_dns_trust;

// All that is known of the run.
typedef struct ps_dns_view {
    ps_dns_trust trust;
    bool resolver_alive; // a resolver answered to the end: a name that got no answer has only itself to blame
    bool site_addresses; // the resolver stands in a private network, which may answer with its own addresses
    bool zones_shown; // of names that do not exist the resolvers show the zone: what comes without it is a filter's
} ps_dns_view;

typedef struct ps_dns_evidence {
    ps_dns_lookup mx;
    bool null_pref; // a null MX with a preference other than 0
    bool cut; // there are more targets than were looked at
    const ps_dns_host *hosts;
    const uint32_t *targets; // numbers into `hosts`: the mail servers; without one, the domain itself as a host
    size_t targets_count;
} ps_dns_evidence;

// Whether one server of these is known to be there, so that the others need not be asked for.
bool ps_dns_is_served(const ps_dns_evidence *evidence);

// Verdict, reason, further warnings and taker. The rest of `out` is left alone.
void ps_dns_judge(const ps_dns_evidence *evidence, const ps_dns_view *view, ps_domain_fact *out);

// What is left of a verdict when its resolvers turn out to be of `trust`.
void ps_dns_doubt(ps_dns_trust trust, ps_domain_fact *fact);

#endif
