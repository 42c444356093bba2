#include "esp/verification.h"

#include "esp/words.h"

// Of one status, where what is said closer begins with `closer`; NULL: whatever it is. The first that fits counts.
typedef struct status_rule {
    const char *status, *closer;
    ps_verified verdict;
} status_rule;

struct ps_verification {
    const char *id, *format;
    const char *status, *closer; // columns, folded
    const char *needs[2]; // further columns without which it is not this service
    const status_rule *rules; // ends without a status
};

#define DELIVERABLE PS_VERIFIED_DELIVERABLE
#define UNDELIVERABLE PS_VERIFIED_UNDELIVERABLE
#define RISKY PS_VERIFIED_RISKY
#define UNKNOWN PS_VERIFIED_UNKNOWN
#define HARMFUL PS_VERIFIED_HARMFUL

static const status_rule zerobounce[] = {
    {"valid", "acceptall", RISKY},     {"valid", "rolebased", RISKY},
    {"valid", NULL, DELIVERABLE},      {"invalid", "mailboxquotaexceeded", RISKY},
    {"invalid", NULL, UNDELIVERABLE},  {"catchall", NULL, RISKY},
    {"spamtrap", NULL, HARMFUL},       {"abuse", NULL, HARMFUL},
    {"donotmail", "rolebased", RISKY}, {"donotmail", NULL, HARMFUL},
    {"unknown", NULL, UNKNOWN},        {NULL, NULL, UNKNOWN},
};

static const status_rule neverbounce[] = {
    {"valid", NULL, DELIVERABLE}, {"0", NULL, DELIVERABLE},      {"invalid", NULL, UNDELIVERABLE},
    {"1", NULL, UNDELIVERABLE},   {"disposable", NULL, HARMFUL}, {"2", NULL, HARMFUL},
    {"catchall", NULL, RISKY},    {"acceptall", NULL, RISKY},    {"3", NULL, RISKY},
    {"unknown", NULL, UNKNOWN},   {"4", NULL, UNKNOWN},          {NULL, NULL, UNKNOWN},
};

static const status_rule kickbox[] = {
    {"deliverable", NULL, DELIVERABLE},
    {"undeliverable", NULL, UNDELIVERABLE},
    {"risky", NULL, RISKY},
    {"unknown", NULL, UNKNOWN},
    {NULL, NULL, UNKNOWN},
};

// `toxicity` goes from 0 to 5.
static const status_rule bouncer[] = {
    {"undeliverable", NULL, UNDELIVERABLE},
    {"deliverable", "4", HARMFUL},
    {"deliverable", "5", HARMFUL},
    {"deliverable", NULL, DELIVERABLE},
    {"risky", "4", HARMFUL},
    {"risky", "5", HARMFUL},
    {"risky", NULL, RISKY},
    {"unknown", "4", HARMFUL},
    {"unknown", "5", HARMFUL},
    {"unknown", NULL, UNKNOWN},
    {NULL, NULL, UNKNOWN},
};

static const status_rule millionverifier[] = {
    {"ok", NULL, DELIVERABLE},        {"catchall", NULL, RISKY},  {"disposable", NULL, HARMFUL},
    {"invalid", NULL, UNDELIVERABLE}, {"unknown", NULL, UNKNOWN}, {"error", NULL, UNKNOWN},
    {"reverify", NULL, UNKNOWN},      {NULL, NULL, UNKNOWN},
};

static const status_rule captainverify[] = {
    {"ok", NULL, DELIVERABLE}, {"valid", NULL, DELIVERABLE}, {"invalid", NULL, UNDELIVERABLE},
    {"risky", NULL, RISKY},    {"unknown", NULL, UNKNOWN},   {NULL, NULL, UNKNOWN},
};

static const ps_verification services[] = {
    {"zerobounce", "zerobounce results", "zbstatus", "zbsubstatus", {"zbsubstatus"}, zerobounce},
    {"neverbounce", "neverbounce results", "emailstatus", NULL, {NULL}, neverbounce},
    {"kickbox", "kickbox results", "result", NULL, {"acceptall", "sendex"}, kickbox},
    {"bouncer", "bouncer results", "status", "toxicity", {"toxicity"}, bouncer},
    {"bouncer", "bouncer results", "status", "toxicity", {"reason", "score"}, bouncer}, // toxicity costs extra there
    {"millionverifier", "millionverifier results", "result", NULL, {"quality"}, millionverifier},
    {"captainverify", "captainverify results", "status", NULL, {"okforall"}, captainverify},
};

static bool fits(const ps_verification *service, const ps_form_columns *columns)
{
    if (ps_form_column(columns, service->status) == SIZE_MAX) return false;
    for (size_t i = 0; i < PS_COUNT_OF(service->needs) && service->needs[i] != NULL; i++) {
        if (ps_form_column(columns, service->needs[i]) == SIZE_MAX) return false;
    }
    return true;
}

const ps_verification *ps_verification_find(const char *id)
{
    for (size_t i = 0; i < PS_COUNT_OF(services); i++) {
        if (strcmp(services[i].id, id) == 0) return &services[i];
    }
    return NULL;
}

bool ps_verification_fits(const ps_verification *service, const ps_form_columns *columns)
{
    bool any = false;

    for (size_t i = 0; i < PS_COUNT_OF(services); i++)
        any = any || (services[i].rules == service->rules && fits(&services[i], columns));
    return any;
}

size_t ps_verification_fit(const ps_form_columns *columns, const ps_verification **out)
{
    size_t found = 0;

    for (size_t i = 0; i < PS_COUNT_OF(services); i++) {
        bool same = found > 0 && (*out)->rules == services[i].rules;
        if (!same && fits(&services[i], columns) && found++ == 0) *out = &services[i];
    }
    return found;
}

void ps_verification_slots(const ps_verification *service, const ps_form_columns *columns,
                           const ps_source_config *config, ps_form_slots *out, size_t *out_found)
{
    ps_generic_slots(columns, config, out, out_found);
    out->format = service->format;
    out->class = PS_CLASS_VERIFIED;
    out->stamp = SIZE_MAX; // dates in such files are the customer's own
    out->verification = service;
    out->words_count = 1;
    out->words[0] = ps_form_column(columns, service->status);
    if (service->closer == NULL) return;
    out->words[1] = ps_form_column(columns, service->closer);
    out->words_count = 2;
}

bool ps_verification_judge(const ps_verification *service, ps_span status, ps_span closer, ps_verified *out)
{
    char said[PS_WORD_BYTES_MAX + 1], more[PS_WORD_BYTES_MAX + 1];

    if (!ps_word_fold(status, said)) return false;
    if (!ps_word_fold(closer, more)) more[0] = '\0';
    for (const status_rule *rule = service->rules; rule->status != NULL; rule++) {
        if (strcmp(rule->status, said) != 0) continue;
        if (rule->closer != NULL && strncmp(rule->closer, more, strlen(rule->closer)) != 0) continue;
        *out = rule->verdict;
        return true;
    }
    *out = UNKNOWN;
    return said[0] == '\0'; // not verified yet
}

bool ps_verified_removes(ps_verified verdict)
{
    return verdict == UNDELIVERABLE || verdict == HARMFUL;
}

const char *ps_verified_word(ps_verified verdict)
{
    static const char *const words[PS_VERIFIED_COUNT] = {"deliverable", "undeliverable", "risky", "unknown", "harmful"};

    return words[verdict];
}
