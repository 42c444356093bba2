#include "esp/retry.h"

#include <stdlib.h>

// A number above this is a time, below it a number of seconds.
#define EPOCH_FROM 1e9

// The headers that say when to come back, and those that say how many requests are left. Retry-After holds for every
// failure; the others are on every reply, so they count only where the rate was the matter.
static const char retry_after[] = "retry-after";
static const char *const resets[] = {"x-rate-limit-retry-after-seconds", "x-ratelimit-reset", "x-sib-ratelimit-reset",
                                     "ratelimit-reset"};
static const char *const remainings[] = {"x-ratelimit-remaining", "x-sib-ratelimit-remaining", "ratelimit-remaining"};

double ps_retry_hint_s(const char *value, double now_s)
{
    char *end = NULL;

    if (value == NULL) return -1;
    value += strspn(value, " \t");
    double number = strtod(value, &end); // the program never leaves the C locale
    size_t digits = strspn(value, "0123456789.");
    bool is_number = digits > 0 && end == value + digits && strspn(end, " \t") == strlen(end);
    if (!is_number) {
        int64_t date = ps_http_date(value);
        return date < 0 ? -1 : (double)date > now_s ? (double)date - now_s : 0;
    }
    if (number > EPOCH_FROM) number -= now_s;
    return number > 0 ? number : 0;
}

double ps_retry_asked_s(const ps_http_reply *reply, double now_s)
{
    double asked = ps_retry_hint_s(ps_http_reply_header(reply, retry_after), now_s);

    for (size_t i = 0; asked < 0 && reply->status == 429 && i < PS_COUNT_OF(resets); i++)
        asked = ps_retry_hint_s(ps_http_reply_header(reply, resets[i]), now_s);
    return asked < 0 ? 0 : asked;
}

bool ps_retry_wait_ms(const ps_retry *retry, double asked_s, uint16_t random, uint32_t *out_ms)
{
    uint32_t longest = retry->first_ms == 0 ? PS_RETRY_FIRST_MS : retry->first_ms;

    if (retry->tries >= PS_RETRY_TRIES_MAX || asked_s > PS_RETRY_HINT_S_MAX) return false;
    for (unsigned i = 1; i < retry->tries && longest < PS_RETRY_LONGEST_MS; i++)
        longest *= 2;
    if (longest > PS_RETRY_LONGEST_MS) longest = PS_RETRY_LONGEST_MS;
    uint32_t own = (uint32_t)((uint64_t)longest * random / UINT16_MAX), asked = (uint32_t)(asked_s * 1000);
    uint32_t wait = own > asked ? own : asked;
    if (retry->waited_ms + wait > PS_RETRY_BUDGET_MS) return false;
    *out_ms = wait;
    return true;
}

uint32_t ps_retry_pause_ms(const ps_http_reply *reply, double now_s)
{
    const char *left = NULL;
    double asked = -1;

    for (size_t i = 0; left == NULL && i < PS_COUNT_OF(remainings); i++)
        left = ps_http_reply_header(reply, remainings[i]);
    if (left == NULL || strcmp(left, "0") != 0) return 0;
    for (size_t i = 0; asked < 0 && i < PS_COUNT_OF(resets); i++)
        asked = ps_retry_hint_s(ps_http_reply_header(reply, resets[i]), now_s);
    // Longer than that and the next request will be told so itself.
    return asked > 0 && asked <= PS_RETRY_HINT_S_MAX ? (uint32_t)(asked * 1000) : 0;
}
