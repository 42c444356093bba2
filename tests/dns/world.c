#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Shares in thousandths, as far as public counts of MX records tell: most domains sit with a few operators.
static const struct {
    world_kind kind;
    unsigned share;
    world_verdict verdict;
} kinds[WORLD_KINDS] = {
    {WORLD_GOOGLE, 200, {"deliverable", "mx_operator", NULL}},
    {WORLD_OPERATOR, 350, {"deliverable", "mx_operator", NULL}},
    {WORLD_TENANT, 150, {"deliverable", "mx", NULL}},
    {WORLD_SHARED, 100, {"deliverable", "mx", NULL}},
    {WORLD_OWN, 60, {"deliverable", "mx", NULL}},
    {WORLD_IMPLICIT, 30, {"deliverable", "implicit_mx", NULL}},
    {WORLD_ABSENT, 78, {"no_mail", "nxdomain", NULL}},
    {WORLD_NULL, 15, {"no_mail", "null_mx", NULL}},
    {WORLD_EMPTY, 5, {"no_mail", "nodata", NULL}},
    {WORLD_PRIVATE, 2, {"no_mail", "mx_private_ip", NULL}},
    {WORLD_DANGLING, 2, {"no_mail", "mx_dangling", NULL}},
    {WORLD_SERVFAIL, 4, {"unknown", "servfail", NULL}},
    {WORLD_DEAD, 4, {"unknown", "timeout_auth", "timeout"}},
};

static uint32_t mixed(uint32_t number)
{
    number = (number ^ number >> 16) * 0x7feb352dU;
    number = (number ^ number >> 15) * 0x846ca68bU;
    return number ^ number >> 16;
}

world_kind world_kind_of(uint32_t number)
{
    unsigned at = mixed(number) % 1000, kind = 0;

    while (kind + 1 < WORLD_KINDS && at >= kinds[kind].share) {
        at -= kinds[kind].share;
        kind++;
    }
    return kinds[kind].kind;
}

void world_name(uint32_t number, char out[WORLD_NAME_SIZE])
{
    static const char *const ends[] = {"-shop.jp", "kai.co.jp", ".com", "-net.ne.jp", ".net", "jp.com", "-do.or.jp"};

    snprintf(out, WORLD_NAME_SIZE, "d%u%s", number, ends[mixed(number + 1) % (sizeof ends / sizeof ends[0])]);
}

int64_t world_number(const char *name, int *out_is_host)
{
    *out_is_host = strncmp(name, "mail.", 5) == 0;
    if (*out_is_host) name += 5;
    if (name[0] != 'd' || name[1] < '0' || name[1] > '9') return -1;
    return (int64_t)strtoul(name + 1, NULL, 10);
}

const world_verdict *world_verdict_of(world_kind kind)
{
    return &kinds[kind].verdict;
}
