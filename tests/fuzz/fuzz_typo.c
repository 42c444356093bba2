// The quick search for the domain that was meant, against a slow one that leaves nothing out.
// layer: mail
// replays: 20000

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "mail/rules.h"

enum { NAME_MAX_BYTES = 64, NOWHERE = 100000 };

static ps_address_rules *rules;

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

// The keys of a board: each row stands half a key to the right of the one above it, and keys touch that are half a key
// apart across rows, or one key within a row.
static bool touching[128][128];

static void find_touching(void)
{
    static const char *const rows[] = {"1234567890-", "qwertyuiop", "asdfghjkl", "zxcvbnm"};

    for (size_t r = 0; r < PS_COUNT_OF(rows); r++) {
        for (size_t c = 0; rows[r][c] != '\0'; c++) {
            unsigned char key = (unsigned char)rows[r][c];
            const char *below = r + 1 < PS_COUNT_OF(rows) ? rows[r + 1] : "";
            const char near[] = {rows[r][c + 1], c < strlen(below) ? below[c] : '\0',
                                 c > 0 && c <= strlen(below) ? below[c - 1] : '\0'};
            for (size_t i = 0; i < sizeof near; i++) {
                if (near[i] == '\0') continue;
                touching[key][(unsigned char)near[i]] = true;
                touching[(unsigned char)near[i]][key] = true;
            }
        }
    }
}

static bool touch(char a, char b)
{
    return (unsigned char)a < 128 && (unsigned char)b < 128 && touching[(unsigned char)a][(unsigned char)b];
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned once(ps_span text, size_t at)
{
    return at > 0 && text.bytes[at - 1] == text.bytes[at] ? 6 : 10;
}

// In tenths. The whole table, by its definition.
static unsigned cost(ps_span typed, ps_span meant)
{
    static unsigned table[NAME_MAX_BYTES + 1][NAME_MAX_BYTES + 1];

    for (size_t i = 0; i <= typed.len; i++) {
        for (size_t j = 0; j <= meant.len; j++) {
            unsigned best = i == 0 && j == 0 ? 0 : NOWHERE;
            if (i > 0) best = least(best, table[i - 1][j] + once(typed, i - 1));
            if (j > 0) best = least(best, table[i][j - 1] + once(meant, j - 1));
            if (i > 0 && j > 0) {
                char a = typed.bytes[i - 1], b = meant.bytes[j - 1];
                best = least(best, table[i - 1][j - 1] + (a == b ? 0 : touch(a, b) ? 7 : 10));
                bool swapped = i > 1 && j > 1 && a != b && a == meant.bytes[j - 2] && typed.bytes[i - 2] == b;
                if (swapped) best = least(best, table[i - 2][j - 2] + 7);
            }
            table[i][j] = best;
        }
    }
    return table[typed.len][meant.len] + (typed.bytes[0] == meant.bytes[0] ? 0 : 5);
}

static void find_costs(ps_span host, unsigned out[PS_TYPO_TARGETS_MAX])
{
    for (size_t i = 0; i < rules->targets.count; i++) {
        ps_span target = rules->targets.each[i].domain;
        size_t apart = host.len > target.len ? host.len - target.len : target.len - host.len;
        out[i] = host.len == 0 || host.len > NAME_MAX_BYTES || apart > 2 ? NOWHERE : cost(host, target);
    }
}

static ps_span slow_nearest(const unsigned costs[PS_TYPO_TARGETS_MAX], bool tld_known)
{
    ps_span nearest = {NULL, 0};
    unsigned nearest_cost = NOWHERE;

    for (size_t i = 0; i < rules->targets.count; i++) {
        ps_span target = rules->targets.each[i].domain;
        unsigned limit = (target.len <= 10 ? 10U : 16U) + (tld_known ? 0 : 8);
        if (costs[i] > limit || costs[i] >= nearest_cost) continue;
        nearest = target;
        nearest_cost = costs[i];
    }
    return nearest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ps_span host = {(const char *)data, size};
    unsigned costs[PS_TYPO_TARGETS_MAX];

    if (rules == NULL) {
        must(ps_address_rules_new(NULL, &rules, NULL) == PS_OK, "rules are made");
        find_touching();
    }
    find_costs(host, costs);
    for (int known = 0; known < 2; known++) {
        ps_span quick = ps_typo_nearest(rules, host, known != 0);
        must(ps_span_equal(quick, slow_nearest(costs, known != 0)), "quick and slow find the same");
    }
    return 0;
}
