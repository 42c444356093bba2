// A main for fuzz targets in ordinary builds: each seed once, then mutated seeds, the same ones on every machine.

#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEED_BYTES_MAX = 1 << 16, SEEDS_MAX = 256, INPUT_BYTES_MAX = 1 << 17, CHANGES_MAX = 6 };

typedef struct text {
    uint8_t *bytes;
    size_t len;
} text;

// What runs now, for the message when it fails.
static uint8_t input[INPUT_BYTES_MAX];
static size_t input_len;

static void say_input(int signal_number)
{
    static const char digits[] = "0123456789abcdef";
    static const char title[] = "\nthe input that failed, in hex: ";
    char pair[2];
    ssize_t written = write(STDERR_FILENO, title, sizeof(title) - 1);

    for (size_t i = 0; written > 0 && i < input_len; i++) {
        pair[0] = digits[input[i] >> 4];
        pair[1] = digits[input[i] & 15];
        written = write(STDERR_FILENO, pair, sizeof(pair));
    }
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void run(const uint8_t *bytes, size_t len)
{
    input_len = len < sizeof(input) ? len : sizeof(input);
    memmove(input, bytes, input_len);
    // A copy of its own size, so that AddressSanitizer sees one byte too many.
    uint8_t *exact = malloc(input_len == 0 ? 1 : input_len);
    if (exact == NULL) abort();
    memcpy(exact, input, input_len);
    LLVMFuzzerTestOneInput(exact, input_len);
    free(exact);
}

// xorshift64: fixed, so that a failure can be run again.
static uint64_t random_state = 0x9E3779B97F4A7C15;

static size_t below(size_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return limit == 0 ? 0 : (size_t)(random_state >> 11) % limit;
}

// A place where a character begins; now and then any place.
static size_t place_in(text where)
{
    size_t at = below(where.len + 1);

    if (below(16) == 0) return at;
    while (at < where.len && at > 0 && (where.bytes[at] & 0xC0) == 0x80) {
        at--;
    }
    return at;
}

static void replace(text *where, size_t from, size_t to, text by)
{
    if (where->len - (to - from) + by.len > INPUT_BYTES_MAX) return;
    memmove(where->bytes + from + by.len, where->bytes + to, where->len - to);
    if (by.len > 0) memcpy(where->bytes + from, by.bytes, by.len);
    where->len = where->len - (to - from) + by.len;
}

// Some characters of a seed, most often one.
static text piece_of(text seed)
{
    size_t from = place_in(seed), to = from;
    size_t characters = below(3) == 0 ? 1 + below(12) : 1;

    while (to < seed.len && characters > 0) {
        to++;
        while (to < seed.len && (seed.bytes[to] & 0xC0) == 0x80) {
            to++;
        }
        characters--;
    }
    return (text){seed.bytes + from, to - from};
}

static void change(text *where, const text *seeds, size_t seeds_count)
{
    size_t from = place_in(*where), to = from;
    text by = piece_of(seeds[below(seeds_count)]), own = piece_of(*where);
    uint8_t byte = (uint8_t)below(256);

    switch (below(5)) {
    case 0: // put in
        break;
    case 1: // put in place of
        to = from + own.len <= where->len ? from + own.len : from;
        break;
    case 2: // take out
        to = from + own.len <= where->len ? from + own.len : from;
        by.len = 0;
        break;
    case 3: // the rest of another seed
        to = where->len;
        by = seeds[below(seeds_count)];
        from = place_in(*where);
        break;
    default: // any byte
        by = (text){&byte, 1};
        to = from < where->len ? from + below(2) : from;
        break;
    }
    replace(where, from, to, by);
}

static void run_mutated(const text *seeds, size_t seeds_count, unsigned long count)
{
    static uint8_t room[INPUT_BYTES_MAX];

    for (unsigned long i = 0; i < count; i++) {
        text seed = seeds[below(seeds_count)], mutated = {room, seed.len};
        memcpy(room, seed.bytes, seed.len);
        for (size_t changes = 1 + below(CHANGES_MAX); changes > 0; changes--) {
            change(&mutated, seeds, seeds_count);
        }
        run(mutated.bytes, mutated.len);
    }
}

static text load(const char *folder, const char *name)
{
    char path[4096];
    text seed = {malloc(SEED_BYTES_MAX), 0};
    FILE *file = NULL;

    if (seed.bytes == NULL || snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path)) abort();
    file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    seed.len = fread(seed.bytes, 1, SEED_BYTES_MAX, file);
    fclose(file);
    return seed;
}

int main(int argc, char **argv)
{
    static text seeds[SEEDS_MAX];
    struct dirent **entries = NULL;
    size_t seeds_count = 0;
    int entries_count = argc == 3 ? scandir(argv[1], &entries, NULL, alphasort) : -1;

    if (entries_count < 0) {
        fprintf(stderr, "usage: %s FOLDER-OF-SEEDS MUTATED-INPUTS\n", argv[0]);
        return 1;
    }
    signal(SIGABRT, say_input);
    for (int i = 0; i < entries_count; i++) {
        if (entries[i]->d_name[0] != '.' && seeds_count < SEEDS_MAX)
            seeds[seeds_count++] = load(argv[1], entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    if (seeds_count == 0) return 1; // a test that tests nothing must not pass
    for (size_t i = 0; i < seeds_count; i++) {
        run(seeds[i].bytes, seeds[i].len);
    }
    run_mutated(seeds, seeds_count, strtoul(argv[2], NULL, 10));
    printf("%zu seeds and %s mutated inputs\n", seeds_count, argv[2]);
    for (size_t i = 0; i < seeds_count; i++) {
        free(seeds[i].bytes);
    }
    return 0;
}
