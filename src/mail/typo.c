// Slips of the fingers in a provider's domain.

#include <assert.h>

#include "mail/rules.h"

// Costs in tenths. A neighbouring key, a swapped pair and a doubled letter are the slips that happen most.
enum {
    COST_OTHER = 10,
    COST_NEIGHBOUR = 7,
    COST_SWAP = 7,
    COST_DOUBLE = 6,
    COST_FIRST_LETTER = 5, // the first letter is seldom wrong
    LIMIT_SHORT = 10,
    LIMIT_LONG = 16,
    LIMIT_NO_SUCH_TLD = 8, // more where the ending does not exist: the name is wrong anyhow
    SHORT_NAME_MAX = 10,
    TARGET_BYTES_MIN = 7,
    TARGET_LETTERS_MIN = 5, // in the first label: aon.com, line.jp and odn.ne.jp are near too many
    LENGTH_DIFFERENCE_MAX = 2,
};

// The keys that touch each key of a QWERTY board, letters and digits.
static const char *const neighbours['z' + 1] = {
    ['1'] = "2q",     ['2'] = "13qw",   ['3'] = "24we",   ['4'] = "35er",   ['5'] = "46rt",   ['6'] = "57ty",
    ['7'] = "68yu",   ['8'] = "79ui",   ['9'] = "80io",   ['0'] = "9-op",   ['-'] = "0p",     ['q'] = "12wa",
    ['w'] = "23qeas", ['e'] = "34wrsd", ['r'] = "45etdf", ['t'] = "56ryfg", ['y'] = "67tugh", ['u'] = "78yihj",
    ['i'] = "89uojk", ['o'] = "90ipkl", ['p'] = "0-ol",   ['a'] = "qwsz",   ['s'] = "weadzx", ['d'] = "ersfxc",
    ['f'] = "rtdgcv", ['g'] = "tyfhvb", ['h'] = "yugjbn", ['j'] = "uihknm", ['k'] = "iojlm",  ['l'] = "opk",
    ['z'] = "asx",    ['x'] = "sdzc",   ['c'] = "dfxv",   ['v'] = "fgcb",   ['b'] = "ghvn",   ['n'] = "hjbm",
    ['m'] = "jkn",
};

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

// Without a branch: digits come where nobody can tell.
static uint32_t letters_of(ps_span name)
{
    uint32_t letters = 0;

    for (size_t i = 0; i < name.len; i++)
        letters |= (uint32_t)is_letter(name.bytes[i]) << ((unsigned char)(name.bytes[i] - 'a') % 32);
    return letters;
}

bool ps_typo_is_target(ps_span domain)
{
    size_t letters = 0;

    for (size_t i = 0; i < domain.len && domain.bytes[i] != '.'; i++) {
        letters += is_letter(domain.bytes[i]);
    }
    return domain.len >= TARGET_BYTES_MIN && domain.len <= PS_TYPO_BYTES_MAX && letters >= TARGET_LETTERS_MIN;
}

static bool is_alike_long(size_t a, size_t b)
{
    return (a > b ? a - b : b - a) <= LENGTH_DIFFERENCE_MAX;
}

void ps_typo_add_target(ps_typo_targets *targets, ps_span domain)
{
    const uint64_t bit = UINT64_C(1) << targets->count;
    uint32_t letters = letters_of(domain);

    assert(targets->count < PS_TYPO_TARGETS_MAX);
    targets->each[targets->count].domain = domain;
    targets->each[targets->count].letters = letters;
    targets->count++;
    for (; letters != 0; letters &= letters - 1)
        targets->with_letter[__builtin_ctz(letters)] |= bit;
    for (size_t len = 0; len <= PS_TYPO_BYTES_MAX; len++)
        targets->about_as_long[len] |= is_alike_long(len, domain.len) ? bit : 0;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned replace_cost(char typed, char meant)
{
    const char *near = (unsigned char)typed < PS_COUNT_OF(neighbours) ? neighbours[(unsigned char)typed] : NULL;

    if (typed == meant) return 0;
    return near != NULL && strchr(near, meant) != NULL ? COST_NEIGHBOUR : COST_OTHER;
}

// What it costs that `text[at]` is there too often, or is missing.
static unsigned extra_cost(ps_span text, size_t at)
{
    return at > 0 && text.bytes[at] == text.bytes[at - 1] ? COST_DOUBLE : COST_OTHER;
}

// Weighted optimal string alignment: insertions, deletions, replacements and swaps of neighbours. Over `limit`, it may
// be any cost that is: what two rows have left behind is not made up for.
static unsigned distance(ps_span typed, ps_span meant, unsigned limit)
{
    unsigned rows[3][PS_TYPO_BYTES_MAX + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2], least_above = 0;

    above[0] = 0;
    for (size_t j = 0; j < meant.len; j++) {
        above[j + 1] = above[j] + extra_cost(meant, j);
    }
    for (size_t i = 0; i < typed.len; i++) {
        unsigned least_here = row[0] = above[0] + extra_cost(typed, i);
        for (size_t j = 0; j < meant.len; j++) {
            unsigned cost = above[j] + replace_cost(typed.bytes[i], meant.bytes[j]);
            cost = least(cost, above[j + 1] + extra_cost(typed, i));
            cost = least(cost, row[j] + extra_cost(meant, j));
            bool swapped = i > 0 && j > 0 && typed.bytes[i] == meant.bytes[j - 1] &&
                           typed.bytes[i - 1] == meant.bytes[j] && typed.bytes[i] != meant.bytes[j];
            row[j + 1] = swapped ? least(cost, before[j - 1] + COST_SWAP) : cost;
            least_here = least(least_here, row[j + 1]);
        }
        if (least_here > limit && least_above > limit) return least_here;
        least_above = least_here;
        unsigned *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[meant.len] + (typed.bytes[0] == meant.bytes[0] ? 0 : COST_FIRST_LETTER);
}

// The processor's own count of bits is one that not every machine has.
static bool has_at_most(uint32_t bits, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        bits &= bits - 1; // takes the lowest one
    return bits == 0;
}

// Each letter that one name has and the other has not costs at least a neighbouring key: so most names need no
// alignment.
static bool may_be_near(uint32_t typed, uint32_t meant, unsigned limit)
{
    unsigned different = limit / COST_NEIGHBOUR;

    return has_at_most(typed & ~meant, different) && has_at_most(meant & ~typed, different);
}

// may_be_near() of all of them at once, for the letters that the typed name has and they have not.
static uint64_t near_ones(const ps_typo_targets *targets, uint32_t typed)
{
    static_assert((LIMIT_LONG + LIMIT_NO_SUCH_TLD) / COST_NEIGHBOUR == 3, "one more rules a name out");
    uint64_t one = 0, two = 0, three = 0, four = 0; // those without so many of the letters

    for (; typed != 0; typed &= typed - 1) {
        uint64_t without = ~targets->with_letter[__builtin_ctz(typed)];
        four |= three & without;
        three |= two & without;
        two |= one & without;
        one |= without;
    }
    return ~four;
}

ps_span ps_typo_nearest(const ps_address_rules *rules, ps_span host, bool tld_known)
{
    const ps_typo_targets *targets = &rules->targets;
    ps_span nearest = {NULL, 0};
    unsigned nearest_cost = UINT32_MAX;
    uint32_t letters = letters_of(host);

    if (host.len == 0 || host.len > PS_TYPO_BYTES_MAX) return nearest;
    uint64_t left = targets->about_as_long[host.len] & near_ones(targets, letters);
    for (; left != 0; left &= left - 1) {
        size_t i = (size_t)__builtin_ctzll(left);
        const ps_span target = targets->each[i].domain;
        unsigned limit = target.len <= SHORT_NAME_MAX ? LIMIT_SHORT : LIMIT_LONG;
        if (!tld_known) limit += LIMIT_NO_SUCH_TLD;
        if (!may_be_near(letters, targets->each[i].letters, limit)) continue;
        unsigned cost = distance(host, target, limit);
        if (cost > limit || cost >= nearest_cost) continue; // of two that are equally near, the more common one
        nearest = target;
        nearest_cost = cost;
    }
    return nearest;
}
