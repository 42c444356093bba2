#ifndef PS_NET_PACE_H
#define PS_NET_PACE_H

// How fast and how patiently one resolver is asked, learnt from how it answers. Pure: the caller has the clock.
//
// Two limits, not one: the rate is politeness, the window (unanswered queries) is what a resolver and this machine can
// hold. Both grow while all is well and fall when queries get lost. Lost is what went unanswered and was answered when
// asked again: a domain whose own servers are dead is silent each time, and says nothing about the resolver.

#include <stdbool.h>
#include <stdint.h>

typedef struct ps_pace_limits {
    double rate_start, rate_max; // queries a second; rate_start 0: no limit
    double window_max; // unanswered queries
    uint32_t timeout_min_ms;
} ps_pace_limits;

typedef struct ps_pace {
    ps_pace_limits limits;
    double rate, window, tokens;
    double ceiling; // what it was seen to take when it began to lose; 0: never
    double srtt_ms, deviation_ms;
    uint64_t refilled_ms, assessed_ms, cut_ms;
    uint64_t second_ms;
    uint32_t second_answered, last_second_answered;
    uint32_t answered, lost; // since it was assessed last
    bool bound, full; // the rate, or the window, held something back since then
} ps_pace;

void ps_pace_init(ps_pace *pace, const ps_pace_limits *limits, uint64_t now_ms);

void ps_pace_bound(ps_pace *pace, double window_max); // no more than that, whatever the limits say

// One more query may go while `in_flight` are unanswered.
bool ps_pace_has_room(ps_pace *pace, uint32_t in_flight, uint64_t now_ms);
void ps_pace_sent(ps_pace *pace);
uint64_t ps_pace_wait_ms(const ps_pace *pace); // until the rate allows one; 0 if it does

void ps_pace_answered(ps_pace *pace, uint64_t rtt_ms, uint64_t now_ms);
// A query of `sent_ms` that got no answer; asked again, there was one.
void ps_pace_lost(ps_pace *pace, uint64_t sent_ms, uint64_t now_ms);
// A burst of refusals, or answers that this machine had no room for.
void ps_pace_cut(ps_pace *pace, uint64_t now_ms);

// Whether a query of `sent_ms` left faster than has since been found good, so that its silence proves nothing.
bool ps_pace_excuses(const ps_pace *pace, uint64_t sent_ms);

// How long the first attempt waits; later ones wait longer.
uint32_t ps_pace_timeout_ms(const ps_pace *pace);

#endif
