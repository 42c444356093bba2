#include "net/pace.h"

// A burst of this length is saved up at most: what a resolver's own limit, counted by the second, does not notice.
static const double burst_s = 0.05;
static const double lost_share_max = 0.02; // more is no accident
static const double cut = 0.7;
static const double growth_s = 0.05; // of the rate at the start, in each second without loss
static const double below_ceiling = 0.95; // the rate stays so far below what was once too much
static const double rate_floor = 0.125; // of the rate at the start: some loss is not due to the rate
static const double window_start = 32, window_min = 16;

enum {
    ASSESS_MS = 250, // at most once in a round trip to a far resolver
    ASSESS_MIN = 50, // outcomes; fewer say nothing
    CEILING_MS = 60000, // then the rate may grow past it again, to see
    SRTT_START_MS = 100, // 500 ms of patience before anything was measured
    TIMEOUT_MAX_MS = 5000
};

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double most(double a, double b)
{
    return a > b ? a : b;
}

void ps_pace_init(ps_pace *pace, const ps_pace_limits *limits, uint64_t now_ms)
{
    *pace = (ps_pace){.limits = *limits,
                      .rate = limits->rate_start,
                      .window = least(window_start, limits->window_max),
                      .tokens = 1,
                      .srtt_ms = SRTT_START_MS,
                      .deviation_ms = SRTT_START_MS,
                      .refilled_ms = now_ms,
                      .assessed_ms = now_ms};
}

void ps_pace_bound(ps_pace *pace, double window_max)
{
    pace->limits.window_max = least(pace->limits.window_max, window_max);
    pace->window = least(pace->window, pace->limits.window_max);
}

static void refill(ps_pace *pace, uint64_t now_ms)
{
    pace->tokens += (double)(now_ms - pace->refilled_ms) * pace->rate / 1000;
    pace->tokens = least(pace->tokens, most(1, pace->rate * burst_s));
    pace->refilled_ms = now_ms;
}

bool ps_pace_has_room(ps_pace *pace, uint32_t in_flight, uint64_t now_ms)
{
    pace->full |= in_flight >= pace->window;
    if (in_flight >= pace->window) return false;
    if (pace->rate <= 0) return true;
    if (pace->tokens < 1) refill(pace, now_ms);
    bool room = pace->tokens >= 1;
    pace->bound |= !room;
    return room;
}

void ps_pace_sent(ps_pace *pace)
{
    if (pace->rate > 0) pace->tokens -= 1;
}

uint64_t ps_pace_wait_ms(const ps_pace *pace)
{
    if (pace->rate <= 0 || pace->tokens >= 1) return 0;
    return 1 + (uint64_t)((1 - pace->tokens) * 1000 / pace->rate);
}

static void forget_outcomes(ps_pace *pace, uint64_t now_ms)
{
    pace->answered = pace->lost = 0;
    pace->bound = pace->full = false;
    pace->assessed_ms = now_ms;
}

void ps_pace_cut(ps_pace *pace, uint64_t now_ms)
{
    if (pace->cut_ms != 0 && now_ms - pace->cut_ms < ASSESS_MS) return; // what is seen now left before that
    pace->window = most(pace->window * cut, least(window_min, pace->limits.window_max));
    pace->rate = most(pace->rate * cut, pace->limits.rate_start * rate_floor);
    pace->cut_ms = now_ms;
    forget_outcomes(pace, now_ms);
}

static void grow(ps_pace *pace, uint64_t passed_ms, uint64_t now_ms)
{
    double rate = pace->rate + pace->limits.rate_start * growth_s * (double)passed_ms / 1000;
    double bound = pace->limits.rate_max;

    if (!pace->bound) return; // more was not wanted
    if (now_ms - pace->cut_ms >= CEILING_MS) pace->ceiling = 0;
    if (pace->ceiling > 0) bound = least(bound, most(pace->ceiling * below_ceiling, pace->rate));
    pace->rate = least(rate, bound);
}

// Limits are counted by the second, so that a shorter look may see all of one or nothing.
static void count_second(ps_pace *pace, uint64_t now_ms)
{
    enum { SECOND_MS = 1000 };

    if (now_ms - pace->second_ms >= SECOND_MS) {
        pace->last_second_answered = now_ms - pace->second_ms >= 2 * SECOND_MS ? 0 : pace->second_answered;
        pace->second_answered = 0;
        pace->second_ms = now_ms;
    }
    pace->second_answered++;
}

static void assess(ps_pace *pace, uint64_t now_ms)
{
    uint64_t passed_ms = now_ms - pace->assessed_ms;
    uint32_t ended = pace->answered + pace->lost;

    if (passed_ms < ASSESS_MS || ended < ASSESS_MIN) return;
    if (pace->lost > lost_share_max * ended) {
        double taken = most(pace->second_answered, pace->last_second_answered);
        double floor = pace->limits.rate_start * rate_floor;
        bool bound = pace->bound;
        ps_pace_cut(pace, now_ms);
        if (!bound) return; // little was asked: what it took says nothing of what it takes
        pace->ceiling = most(taken, floor);
        pace->rate = least(pace->rate, most(taken * below_ceiling, floor));
    } else {
        grow(pace, passed_ms, now_ms);
        forget_outcomes(pace, now_ms);
    }
}

void ps_pace_answered(ps_pace *pace, uint64_t rtt_ms, uint64_t now_ms)
{
    double error = (double)rtt_ms - pace->srtt_ms;

    // RFC 6298 2.3
    pace->deviation_ms += ((error < 0 ? -error : error) - pace->deviation_ms) / 4;
    pace->srtt_ms += error / 8;
    // Until something is lost it doubles with each round trip, from then on it grows by one (RFC 5681 3.1); where it
    // was not used up it says nothing.
    if (pace->full)
        pace->window = least(pace->window + (pace->cut_ms == 0 ? 1 : 1 / pace->window), pace->limits.window_max);
    pace->answered++;
    count_second(pace, now_ms);
    assess(pace, now_ms);
}

void ps_pace_lost(ps_pace *pace, uint64_t sent_ms, uint64_t now_ms)
{
    if (sent_ms <= pace->cut_ms) return; // that has been paid for
    pace->lost++;
    assess(pace, now_ms);
}

bool ps_pace_excuses(const ps_pace *pace, uint64_t sent_ms)
{
    return sent_ms <= pace->cut_ms;
}

uint32_t ps_pace_timeout_ms(const ps_pace *pace)
{
    return (uint32_t)most(pace->limits.timeout_min_ms, least(TIMEOUT_MAX_MS, pace->srtt_ms + 4 * pace->deviation_ms));
}
