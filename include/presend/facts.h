#ifndef PRESEND_FACTS_H
#define PRESEND_FACTS_H

#include <stdint.h>

#include "presend/job.h"
#include "presend/reason.h"

/**
 * What is known of one address or domain, as rows carry it. All of it is plain data: it is gathered before the first
 * row is judged, sealed, and then only read.
 */

/** The dates that engagement is judged by, each the civil day in the job's time zone or PS_DAY_NONE. */
typedef enum ps_signal {
    PS_SIGNAL_SIGNUP,
    PS_SIGNAL_RESUBSCRIBED,
    PS_SIGNAL_CLICK,
    PS_SIGNAL_LOGIN,
    PS_SIGNAL_PURCHASE,
    PS_SIGNAL_REPLY,
    PS_SIGNAL_OPEN, /**< not known to be a machine's */
    PS_SIGNAL_OPEN_PERSON, /**< of those, known to be a person's; no column of its own feeds it */
    PS_SIGNAL_ACTIVITY,
    PS_SIGNAL_SENT,
    PS_SIGNAL_WINBACK_SENT,
    PS_SIGNAL_WINBACK_REPLIED,
    PS_SIGNAL_WINBACK_LISTED, /**< by an earlier run, as the state remembers it; no column feeds it */
    PS_SIGNAL_COUNT
} ps_signal;

/** What a row's own cells say besides dates; bits of ps_signals.flags. */
enum {
    PS_FLAG_OPTOUT = 1 << 0, /**< an opt-out flag or date, or a false opt-in word */
    PS_FLAG_OPTIN_BLANK = 1 << 1, /**< an opt-in column stands and is empty here */
    PS_FLAG_OPTIN_UNKNOWN = 1 << 2, /**< an opt-in word that is not understood */
    PS_FLAG_COMPLAINED = 1 << 3,
    PS_FLAG_BOUNCED = 1 << 4,
    PS_FLAG_STATUS = 1 << 5, /**< a status word that stops sending */
    PS_FLAG_PENDING = 1 << 6, /**< a status word of an unconfirmed sign-up */
    PS_FLAG_PROTECTED = 1 << 7,
    PS_FLAG_UNPROTECTED = 1 << 8, /**< the protected column says no: it outweighs a yes in another row of the address */
    PS_FLAG_NO_CONSENT = 1 << 9, /**< the file has a column of consent, and nothing stands in it here */
    PS_FLAG_SEGMENT_B2B = 1 << 10, /**< the row's own profile; among several the one that gives more time wins */
    PS_FLAG_SEGMENT_B2C = 1 << 11,
    PS_FLAG_BAD_DATE = 1 << 12, /**< a date cell of this row cannot be read; of the row, never of the address */
    PS_FLAG_JUDGED = 1 << 13, /**< other rows or an earlier run say more of the address; of the row */
    PS_FLAGS_OF_ADDRESS = PS_FLAG_BAD_DATE - 1, /**< what merging keeps */
    PS_FLAG_BAD_SIGNAL = 1 << 16 /**< shifted left by n: it is signal n that cannot be read; beside PS_FLAG_BAD_DATE */
};

/** What the rows of one address say of it. Merging is associative and commutative. */
typedef struct ps_signals {
    ps_day date[PS_SIGNAL_COUNT];
    int32_t sends; /**< sends since engagement; -1 unknown */
    uint32_t flags;
} ps_signals;

/** What the suppression lists say of one address or domain, all sources merged. */
typedef struct ps_suppressed {
    uint64_t sources; /**< bit n: the job's source n has it */
    uint32_t classes; /**< bit n: class n (ps_class) */
    uint16_t source; /**< the source, list and date of the strongest class: what the row's detail says */
    uint16_t strongest; /**< a ps_class */
    const char *list; /**< such as `bounces`, or "" */
    ps_day date; /**< or PS_DAY_NONE */
    ps_day last_bounce; /**< the latest hard one; INT32_MAX: one has no date; PS_DAY_NONE: none */
} ps_suppressed;

/** Whether a domain can receive mail. */
typedef enum ps_mail_verdict { PS_MAIL_UNKNOWN, PS_MAIL_DELIVERABLE, PS_MAIL_NONE } ps_mail_verdict;

/** The number of who takes a domain's mail; it may change from build to build, so that names are what is stored. */
typedef uint16_t ps_operator;
#define PS_OPERATOR_NONE ((ps_operator)0)

/** What published runs of earlier knew of a domain; bits of ps_domain_fact.past. */
enum {
    PS_PAST_SEEN = 1 << 0,
    PS_PAST_MAIL = 1 << 1 /**< it took mail */
};

/** 24 bytes, since a list may hold a million domains: the warnings need no more than the alignment of the rest. */
typedef struct ps_domain_fact {
    ps_findings warnings __attribute__((packed, aligned(8))); /**< further findings of stage DOMAIN */
    ps_day checked; /**< PS_DAY_NONE if not known */
    ps_operator taker; /**< who takes its mail; PS_OPERATOR_NONE if not known */
    ps_reason reason : 8; /**< of stage DOMAIN */
    ps_mail_verdict verdict : 2;
    unsigned past : 5; /**< PS_PAST_ */
    bool cached : 1; /**< an earlier run asked; this one did not */
} ps_domain_fact;

/** All that rows are judged against. */
typedef struct ps_facts ps_facts;

#endif
