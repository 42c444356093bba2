// What judging an address costs, in nanoseconds of one core: each form of the short way, the long way, plain and
// internationalized domains.
//
//     address              measures
//     address FOLDER       measures, and writes the lists there for other programs: plain.txt, idn.txt

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mail/parse.h"

enum {
    ROWS = 100000,
    PASSES = 45,
    LONG_PASSES = 10,
    TURN_PASSES = 5,
    BATCH_ROWS = 4096, // between two resets of the arena, as in a run
    OCTAVES = 14, // 16,383 domains
    IDN_NUMBERS = 150, // 600 domains
    CELL_BYTES_MAX = 64,
};

typedef struct list {
    const char *name;
    ps_span cells[ROWS];
    char bytes[ROWS * CELL_BYTES_MAX];
    size_t len;
} list;

static list plain = {.name = "plain"}, idn = {.name = "idn"};

static const char *const first_names[] = {"taro",  "hanako", "kenji",  "yuki",   "john",  "mary", "anna",
                                          "peter", "sofia",  "lucas",  "emma",   "liam",  "noah", "olivia",
                                          "akira", "naoko",  "haruto", "sakura", "james", "linda"};
static const char *const last_names[] = {"yamada", "suzuki", "tanaka", "sato",     "smith", "jones",     "brown",
                                         "muller", "garcia", "rossi",  "dubois",   "kim",   "nguyen",    "ivanov",
                                         "silva",  "ito",    "ueda",   "watanabe", "baker", "kobayashi", "taylor"};
static const char *const big_domains[] = {
    "gmail.com", "yahoo.co.jp", "docomo.ne.jp",  "icloud.com", "hotmail.com",   "ezweb.ne.jp", "softbank.ne.jp",
    "yahoo.com", "outlook.com", "i.softbank.jp", "au.com",     "outlook.jp",    "live.jp",     "nifty.com",
    "me.com",    "gmx.de",      "web.de",        "orange.fr",  "hotmail.co.jp", "aol.com"};
static const char *const syllables[] = {"ka", "mi", "to", "ra", "ne", "so", "ha", "ku", "ten", "shi", "mar", "vel"};
static const char *const endings[] = {".com", ".co.jp", ".jp", ".net", ".org", ".de", ".co.uk", ".fr"};
static const char *const idn_names[] = {"株式会社", "bücher", "почта", "例え"};
static const char *const idn_endings[] = {".jp", ".de", ".com", ".co.jp"};

// splitmix64: the same lists everywhere.
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

#define PICK(words, random) ((words)[(random) % PS_COUNT_OF(words)])

// Each octave of ranks is as common as the next: three rows in ten have one of the twenty big domains.
static void put_domain(char *out, size_t size, uint64_t random)
{
    unsigned octave = (unsigned)(random % OCTAVES);
    uint64_t rank = (UINT64_C(1) << octave) - 1 + (random >> 8) % (UINT64_C(1) << octave), name = mix(rank);

    if (rank < PS_COUNT_OF(big_domains)) {
        snprintf(out, size, "%s", big_domains[rank]);
        return;
    }
    snprintf(out, size, "%s%s%s%u%s", PICK(syllables, name), PICK(syllables, name >> 8),
             (name >> 16) % 4 == 0 ? "-" : "", (unsigned)rank, PICK(endings, name >> 20));
}

static void put_idn(char *out, size_t size, uint64_t random)
{
    unsigned number = (unsigned)(random >> 8) % IDN_NUMBERS;
    const char *parts[] = {PICK(idn_names, random), PICK(idn_endings, random)};

    snprintf(out, size, "%s%u%s", parts[0], number, parts[1]);
}

static void put_cell(list *to, size_t row, bool is_idn)
{
    uint64_t random = mix(row * 2 + is_idn), other = mix(random);
    const char *first = PICK(first_names, random), *last = PICK(last_names, random >> 8);
    char domain[40], *at = to->bytes + to->len;
    int len = 0;

    if (is_idn) {
        put_idn(domain, sizeof domain, other);
    } else {
        put_domain(domain, sizeof domain, other);
    }
    switch (random >> 16 & 3) {
    case 0:
        len = snprintf(at, CELL_BYTES_MAX, "%s.%s@%s", first, last, domain);
        break;
    case 1:
        len = snprintf(at, CELL_BYTES_MAX, "%s_%s%u@%s", first, last, (unsigned)(random >> 20) % 10000, domain);
        break;
    case 2:
        len = snprintf(at, CELL_BYTES_MAX, "%c%s%u@%s", first[0], last, (unsigned)(random >> 20) % 1000000, domain);
        break;
    default:
        len = snprintf(at, CELL_BYTES_MAX, "%s%u@%s", first, (unsigned)(random >> 20) % 1000000, domain);
        break;
    }
    if ((random >> 40 & 15) == 0) at[0] = (char)(at[0] - 'a' + 'A'); // some are typed with a capital
    to->cells[row] = (ps_span){at, (size_t)len};
    to->len += (size_t)len;
}

static void fill(list *to, bool is_idn)
{
    for (size_t row = 0; row < ROWS; row++)
        put_cell(to, row, is_idn);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); // not the wall's: other programs run beside this one
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

typedef ps_findings parse(const ps_address_rules *rules, ps_span cell, ps_arena *arena, ps_address *out);

// One pass over a list; the sum keeps the compiler from leaving anything out.
static uint64_t pass(parse *how, const ps_address_rules *rules, const list *from, ps_arena *arena)
{
    ps_address address;
    uint64_t sum = 0;

    for (size_t row = 0; row < ROWS; row++) {
        ps_findings findings = how(rules, from->cells[row], arena, &address);
        sum += address.key.len + address.provider_key.len + (uint64_t)findings + (uint64_t)(findings >> 64);
        if (row % BATCH_ROWS == 0) ps_arena_reset(arena);
    }
    return sum;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return left < right ? -1 : left > right;
}

// One form on one list.
typedef struct contest {
    const char *form;
    parse *how;
    ps_glance_each *glance_each;
    const list *from;
    size_t passes, done;
    uint64_t sum; // all forms must come to the same of a list
    double ns[PASSES]; // of each pass, for one address
} contest;

static contest contests[2 * (PS_CPU_COUNT + 1)];
static size_t contests_count;

static void enter(const char *form, parse *how, ps_cpu cpu, size_t passes)
{
    const list *lists[] = {&plain, &idn};

    for (size_t i = 0; i < PS_COUNT_OF(lists); i++) {
        contests[contests_count++] = (contest){
            .form = form, .how = how, .glance_each = ps_glance_each_for(cpu), .from = lists[i], .passes = passes};
    }
}

// They take turns, so that what else the machine does befalls them alike; the first pass of a turn warms up.
static void take_turn(contest *c, ps_address_rules *rules, ps_arena *arena)
{
    rules->glance_each = c->glance_each;
    for (size_t i = 0; i <= TURN_PASSES && c->done < c->passes; i++) {
        uint64_t begin = now_ns();
        c->sum = pass(c->how, rules, c->from, arena);
        if (i > 0) c->ns[c->done++] = (double)(now_ns() - begin) / ROWS;
    }
}

static void run_all(ps_address_rules *rules, ps_arena *arena)
{
    for (size_t turn = 0; turn * TURN_PASSES < PASSES; turn++) {
        for (size_t i = 0; i < contests_count; i++)
            take_turn(&contests[i], rules, arena);
    }
}

static void print_all(void)
{
    for (contest *c = contests; c < contests + contests_count; c++) {
        if (c->sum != contests[c->from == &idn].sum) {
            fprintf(stderr, "%s differs on %s\n", c->form, c->from->name);
            exit(1);
        }
        qsort(c->ns, c->passes, sizeof c->ns[0], compare);
        printf("%s\t%s\t%.1f\t%.1f\t%.1f\n", c->form, c->from->name, c->ns[c->passes / 2], c->ns[0],
               c->ns[c->passes - 1]);
    }
}

static void write_list(const char *folder, const list *from)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s.txt", folder, from->name);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    for (size_t row = 0; row < ROWS; row++)
        fprintf(file, "%.*s\n", (int)from->cells[row].len, from->cells[row].bytes);
    fclose(file);
}

int main(int argc, char **argv)
{
    ps_address_rules *rules = NULL;
    ps_arena arena;
    ps_error err;

    fill(&plain, false);
    fill(&idn, true);
    if (argc > 1) {
        write_list(argv[1], &plain);
        write_list(argv[1], &idn);
    }
    if (ps_address_rules_new(NULL, &rules, &err) != PS_OK || ps_arena_open((size_t)256 << 20, &arena, &err) != PS_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf("# %d addresses, %.1f bytes on average; internationalized %.1f\n", ROWS, (double)plain.len / ROWS,
           (double)idn.len / ROWS);
    printf("# form\tlist\tns an address (median)\tleast\tmost\n");
    for (ps_cpu cpu = ps_cpu_best() + 1; cpu-- > PS_CPU_SCALAR;)
        enter(ps_cpu_name(cpu), ps_address_parse, cpu, PASSES);
    enter("long way", ps_address_parse_long, PS_CPU_SCALAR, LONG_PASSES);
    run_all(rules, &arena);
    print_all();
    ps_arena_close(&arena);
    ps_address_rules_free(rules);
    return 0;
}
