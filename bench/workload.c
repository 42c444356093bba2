// The data that speed is measured on: `bench_workload ROWS FOLDER [f|m|a]` writes list.csv and three suppression lists.
// Row i depends only on i and ROWS: the same bytes on any machine. People and companies are made up.
//
// Of the rows 3 % are invalid, 5 % repeat an earlier mailbox in another spelling, 5 % have names beyond ASCII, 1 % a
// line break in a cell, 1 % an internationalized domain, 0.5 % a blank behind the address; two thirds hold a quote (f:
// a tenth of all fields is quoted; m: only where CSV needs it; a: all). Domains are as unequal as real ones.

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TODAY = 20454, BUFFER_BYTES = 1 << 20, RECORD_BYTES_MAX = 4096, TEXT_BYTES = 512, LISTS = 3 };

static const char *const first_names[] = {"taro",  "hanako", "kenji",  "yuki",   "john",  "mary", "anna",
                                          "peter", "sofia",  "lucas",  "emma",   "liam",  "noah", "olivia",
                                          "akira", "naoko",  "haruto", "sakura", "james", "linda"};
static const char *const last_names[] = {"yamada", "suzuki",   "tanaka", "sato",      "smith",    "jones",  "brown",
                                         "muller", "garcia",   "rossi",  "dubois",    "kim",      "nguyen", "ivanov",
                                         "silva",  "watanabe", "ito",    "kobayashi", "williams", "taylor"};
static const char *const wide_first_names[] = {"太郎", "花子",  "健二",   "優希",  "José",
                                               "Zoë",  "Søren", "Łukasz", "Chloé", "Jürgen"};
static const char *const wide_last_names[] = {"山田",    "鈴木",     "高橋",   "佐藤",    "Muñoz",
                                              "Gößling", "Ångström", "Dvořák", "Lefèvre", "渡邉"};
static const char *const companies[] = {"Acme Trading", "Northwind",       "Globex", "Initech",  "Umbrella Foods",
                                        "Stark Metals", "Wayne Logistics", "Hooli",  "Vandelay", "Sakura Shoji"};
static const char *const countries[] = {"JP", "US", "DE", "FR", "GB", "BR", "KR", "IT", "ES", "IN"};
static const char *const big_domains[] = {
    "gmail.com", "yahoo.co.jp", "docomo.ne.jp",  "icloud.com", "hotmail.com",   "ezweb.ne.jp", "softbank.ne.jp",
    "yahoo.com", "outlook.com", "i.softbank.jp", "au.com",     "outlook.jp",    "live.jp",     "nifty.com",
    "me.com",    "gmx.de",      "web.de",        "orange.fr",  "hotmail.co.jp", "aol.com"};
static const char *const syllables[] = {"ka",  "mi",  "to",  "ra",  "ne",  "so",  "ha",  "ku",
                                        "ten", "shi", "mar", "vel", "dor", "lin", "bex", "quo"};
static const char *const endings[] = {".com", ".co.jp", ".jp", ".net", ".org", ".de", ".co.uk", ".io", ".fr", ".ne.jp"};

typedef struct workload {
    uint64_t rows, domains;
    char quoting; // f, m or a
} workload;

// A text that grows at its end.
typedef struct text {
    char bytes[TEXT_BYTES];
    size_t len;
} text;

// ---- numbers that look random

static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t mix_two(uint64_t a, uint64_t b)
{
    return mix(mix((a * UINT64_C(0x9e3779b97f4a7c15)) ^ b) + b);
}

static double to_share(uint64_t hash)
{
    return (double)(hash >> 11) * (1.0 / 9007199254740992.0);
}

// ---- text

static void add_char(text *out, char c)
{
    out->bytes[out->len++] = c;
}

static void add(text *out, const char *word)
{
    size_t len = strlen(word);

    memcpy(out->bytes + out->len, word, len);
    out->len += len;
}

static void add_base36(text *out, uint64_t number)
{
    char digits[16];
    size_t count = 0;

    do {
        digits[count++] = "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36];
        number /= 36;
    } while (number != 0);
    while (count > 0)
        add_char(out, digits[--count]);
}

static void add_two(text *out, int number)
{
    add_char(out, (char)('0' + number / 10));
    add_char(out, (char)('0' + number % 10));
}

static void add_date(text *out, int day)
{
    int days = day + 719468, era = days / 146097, in_era = days - era * 146097;
    int year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int in_year = in_era - (365 * year + year / 4 - year / 100), from_march = (5 * in_year + 2) / 153;
    int day_of_month = in_year - (153 * from_march + 2) / 5 + 1,
        month = from_march < 10 ? from_march + 3 : from_march - 9;

    year += era * 400 + (month <= 2);
    add_two(out, year / 100);
    add_two(out, year % 100);
    add_char(out, '-');
    add_two(out, month);
    add_char(out, '-');
    add_two(out, day_of_month);
}

static void add_instant(text *out, int day, uint64_t hash)
{
    add_date(out, day);
    add_char(out, 'T');
    add_two(out, (int)(hash % 24));
    add_char(out, ':');
    add_two(out, (int)((hash >> 8) % 60));
    add_char(out, ':');
    add_two(out, (int)((hash >> 16) % 60));
    add_char(out, 'Z');
}

// ---- addresses

static void add_wide_domain(text *out, uint64_t number, const workload *w)
{
    static const char *const names[] = {"株式会社", "bücher", "почта", "例え"};
    static const char *const tops[] = {".jp", ".de", ".com", ".co.jp"};
    uint64_t which = number % (w->domains / 20 + 1);

    add(out, names[which & 3]);
    add_base36(out, which);
    add(out, tops[which & 3]);
}

// True where the provider ignores dots.
static bool add_domain(text *out, const workload *w, uint64_t user)
{
    uint64_t hash = mix_two(user, 11);

    if (hash % 100 == 0) {
        add_wide_domain(out, hash >> 8, w);
        return false;
    }
    uint64_t rank = (uint64_t)exp(to_share(mix(hash)) * log((double)w->domains + 1)) - 1;
    if (rank < 20) {
        add(out, big_domains[rank]);
        return rank == 0;
    }
    uint64_t form = mix(rank);
    add(out, syllables[form & 15]);
    add(out, syllables[form >> 4 & 15]);
    if ((form >> 8 & 1) != 0) add(out, syllables[form >> 9 & 15]);
    if ((form >> 13 & 3) == 0) add_char(out, '-');
    add_base36(out, rank);
    add(out, endings[(form >> 20) % 10]);
    return false;
}

typedef struct mailbox {
    text address;
    size_t at;
    bool dots_ignored;
} mailbox;

static void make_mailbox(mailbox *out, const workload *w, uint64_t user)
{
    uint64_t hash = mix_two(user, 7);
    const char *first = first_names[hash % 20], *last = last_names[(hash >> 8) % 20];
    uint64_t form = hash >> 16 & 3;

    out->address.len = 0;
    if (form == 2) {
        add_char(&out->address, first[0]);
    } else {
        add(&out->address, first);
    }
    if (form < 2) add_char(&out->address, form == 0 ? '.' : '_');
    if (form < 3) add(&out->address, last);
    add_base36(&out->address, user);
    out->at = out->address.len;
    add_char(&out->address, '@');
    out->dots_ignored = add_domain(&out->address, w, user);
}

// The user whose mailbox row i has: itself, or an earlier one.
static uint64_t user_of(uint64_t row)
{
    while (row > 0) {
        uint64_t hash = mix_two(row, 1);
        if (hash % 100 >= 5) break;
        row = (hash >> 8) % row;
    }
    return row;
}

// The same mailbox in another spelling.
static void make_variant(text *out, const workload *w, uint64_t user, uint64_t hash)
{
    mailbox box;

    make_mailbox(&box, w, user);
    out->len = 0;
    for (size_t i = 0; i < box.address.len; i++) {
        char c = box.address.bytes[i];
        bool inside = box.dots_ignored && i > 0 && i + 1 < box.at && c != '.' && box.address.bytes[i - 1] != '.';
        if (inside && (hash >> i & 7) == 0) add_char(out, '.');
        if (c >= 'a' && c <= 'z' && (hash >> (i % 40) & 3) == 0) c = (char)(c - ('a' - 'A'));
        add_char(out, c);
    }
}

static void make_invalid(text *out, const workload *w, uint64_t user, uint64_t hash)
{
    static const char *const joints[8] = {"", "@@", "@", "..x@", "@localhost", " x@", "@-bad", "@"};
    uint64_t form = hash % 8;
    mailbox box;

    make_mailbox(&box, w, user);
    out->len = 0;
    memcpy(out->bytes, box.address.bytes, box.at);
    out->len = box.at;
    add(out, joints[form]);
    bool has_domain = form != 2 && form != 4;
    size_t domain_len = has_domain ? box.address.len - box.at - 1 : 0;
    memcpy(out->bytes + out->len, box.address.bytes + box.at + 1, domain_len);
    out->len += domain_len;
    if (form == 7) add_char(out, '.');
}

// ---- records

typedef struct sink {
    FILE *file;
    char *bytes;
    size_t len;
    char quoting;
} sink;

static bool needs_quotes(const text *value)
{
    for (size_t i = 0; i < value->len; i++) {
        if (strchr("\",\n", value->bytes[i]) != NULL) return true;
    }
    return false;
}

static void put_char(sink *out, char c)
{
    out->bytes[out->len++] = c;
}

static void put_field(sink *out, const text *value, bool chosen, char end)
{
    bool quoted = needs_quotes(value) || out->quoting == 'a' || (out->quoting == 'f' && chosen);

    if (quoted) put_char(out, '"');
    for (size_t i = 0; i < value->len; i++) {
        if (quoted && value->bytes[i] == '"') put_char(out, '"');
        put_char(out, value->bytes[i]);
    }
    if (quoted) put_char(out, '"');
    put_char(out, end);
}

static void flush(sink *out, bool force)
{
    if (!force && out->len <= BUFFER_BYTES - RECORD_BYTES_MAX) return;
    if (fwrite(out->bytes, 1, out->len, out->file) != out->len) {
        perror("bench_workload");
        exit(1);
    }
    out->len = 0;
}

static void make_address(text *out, const workload *w, uint64_t row, uint64_t hash, uint64_t form)
{
    uint64_t user = user_of(row);
    mailbox box;

    if (hash % 100 < 3) {
        make_invalid(out, w, user, form);
    } else if (user != row) {
        make_variant(out, w, user, form);
    } else {
        make_mailbox(&box, w, user);
        *out = box.address;
        if ((hash >> 10) % 200 == 0) add_char(out, ' ');
    }
}

static void make_name(text *out, const char *name, bool capital)
{
    out->len = 0;
    add(out, name);
    if (capital) out->bytes[0] = (char)(out->bytes[0] - ('a' - 'A'));
}

static void make_company(text *out, uint64_t form)
{
    uint64_t kind = (form >> 24) % 100;

    out->len = 0;
    add(out, companies[(form >> 16) % 10]);
    add(out, kind == 0 ? "\nTokyo Branch" : kind < 5 ? ", Inc." : kind == 5 ? " \"The Best\"" : " Ltd");
}

// How long ago, in days; -1: never.
typedef struct history {
    int age, open, click, purchase, winback;
} history;

static int at_most(int days, int age)
{
    return days > age ? age : days;
}

static history make_history(uint64_t when)
{
    history h = {.age = (int)(when % 3650), .open = -1, .click = -1, .purchase = -1, .winback = -1};
    double skew = to_share(mix(when)); // most were there lately
    int open = at_most((int)(skew * skew * 1500), h.age);

    if ((when >> 20) % 100 < 85) h.open = open;
    if ((when >> 28) % 100 < 60) h.click = at_most(open + (int)((when >> 36) % 200), h.age);
    if ((when >> 36) % 100 < 35) h.purchase = at_most(open + (int)((when >> 44) % 300), h.age);
    if (open > 330 && (when >> 44) % 100 < 60) h.winback = (int)((when >> 50) % 300);
    return h;
}

static void put_history(sink *out, uint64_t when, const bool chosen[11])
{
    history h = make_history(when);
    const int events[] = {h.open, h.click, h.purchase, h.winback};
    text value = {.len = 0};

    add_date(&value, TODAY - h.age - 1);
    put_field(out, &value, chosen[5], ',');
    for (uint64_t i = 0; i < 4; i++) {
        value.len = 0;
        if (events[i] >= 0) add_instant(&value, TODAY - 1 - events[i], mix(when + i + 1));
        put_field(out, &value, chosen[6 + i], ',');
    }
    uint64_t consent = (when >> 12) % 100;
    value.len = 0;
    add(&value, consent < 2 ? "no" : consent < 4 ? "" : "yes");
    put_field(out, &value, chosen[10], '\n');
}

static void put_row(sink *out, const workload *w, uint64_t row)
{
    uint64_t hash = mix_two(row, 2), form = mix_two(row, 3), when = mix_two(row, 4), quotes = mix_two(row, 5);
    bool wide = (hash >> 8) % 100 < 5, chosen[11];
    text value = {.len = 0};

    for (uint64_t i = 0; i < 11; i++)
        chosen[i] = mix(quotes + i) % 10 == 0;
    make_address(&value, w, row, hash, form);
    put_field(out, &value, chosen[0], ',');
    make_name(&value, wide ? wide_first_names[form % 10] : first_names[form % 20], !wide);
    put_field(out, &value, chosen[1], ',');
    make_name(&value, wide ? wide_last_names[(form >> 8) % 10] : last_names[(form >> 8) % 20], !wide);
    put_field(out, &value, chosen[2], ',');
    make_company(&value, form);
    put_field(out, &value, chosen[3], ',');
    make_name(&value, countries[(form >> 32) % 10], false);
    put_field(out, &value, chosen[4], ',');
    put_history(out, when, chosen);
}

// ---- suppression lists

static void put_entry(sink *out, const workload *w, unsigned list, uint64_t number)
{
    uint64_t same = list > 0 && mix_two(number, 90 + list) % 10 == 0 ? number * 3 : number * 3 + list;
    uint64_t hash = mix_two(same, 77);
    uint64_t user = (hash & 1) != 0 ? user_of((hash >> 8) % w->rows) : w->rows + (hash >> 8) % w->rows;
    text value = {.len = 0};
    mailbox box;

    if ((hash >> 1 & 7) == 0) {
        make_variant(&value, w, user, hash);
    } else {
        make_mailbox(&box, w, user);
        value = box.address;
    }
    put_field(out, &value, false, ',');
    value.len = 0;
    if (list == 1) {
        char seconds[24];
        snprintf(seconds, sizeof seconds, "%llu", 1700000000ULL + (unsigned long long)((hash >> 40) % 60000000));
        add(&value, seconds);
        add(&value, ",550 5.1.1 mailbox unavailable");
    } else {
        add(&value, list == 0              ? "550,\"5.1.1 user unknown, rejected\","
                    : (hash >> 5 & 3) != 0 ? "BOUNCE,"
                                           : "COMPLAINT,");
        add_instant(&value, TODAY - 1 - (int)(hash >> 40) % 900, hash);
    }
    add_char(&value, '\n');
    memcpy(out->bytes + out->len, value.bytes, value.len);
    out->len += value.len;
}

static void begin(sink *out, const char *folder, const char *name, const char *header)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s.csv", folder, name);
    out->file = fopen(path, "wb");
    if (out->file == NULL) {
        perror(path);
        exit(1);
    }
    out->len = strlen(header);
    memcpy(out->bytes, header, out->len);
}

static void end(sink *out)
{
    flush(out, true);
    if (fclose(out->file) == 0) return;
    perror("bench_workload");
    exit(1);
}

int main(int argc, char **argv)
{
    static const char *const names[LISTS] = {"supp_mailgun", "supp_sendgrid", "supp_ses"};
    static const char *const headers[LISTS] = {"address,code,error,created_at\n", "email,created,reason\n",
                                               "EmailAddress,Reason,LastUpdateTime\n"};
    sink out = {.bytes = malloc(BUFFER_BYTES), .quoting = argc > 3 ? argv[3][0] : 'f'};
    workload w = {.rows = argc > 2 ? strtoull(argv[1], NULL, 10) : 0};

    if (w.rows == 0 || out.bytes == NULL) return 64;
    w.domains = w.rows / 100 < 100 ? 100 : w.rows / 100;
    begin(&out, argv[2], "list",
          "email,first_name,last_name,company,country,signup_date,last_open_at,last_click_at,last_purchase_at,"
          "winback_sent_at,consent\n");
    for (uint64_t row = 0; row < w.rows; row++) {
        put_row(&out, &w, row);
        flush(&out, false);
    }
    end(&out);
    for (unsigned list = 0; list < LISTS; list++) {
        begin(&out, argv[2], names[list], headers[list]);
        for (uint64_t i = 0; i < w.rows / 15; i++) {
            put_entry(&out, &w, list, i);
            flush(&out, false);
        }
        end(&out);
    }
    free(out.bytes);
    return 0;
}
