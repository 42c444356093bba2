#ifndef PS_ESP_VERIFICATION_H
#define PS_ESP_VERIFICATION_H

// Results of address verification services: what they say of an address removes it or does not.

#include "esp/form.h"

typedef enum ps_verified {
    PS_VERIFIED_DELIVERABLE,
    PS_VERIFIED_UNDELIVERABLE, // removes
    PS_VERIFIED_RISKY, // a catch-all domain, a role, a full mailbox: it says too little to remove
    PS_VERIFIED_UNKNOWN,
    PS_VERIFIED_HARMFUL, // a spam trap, a complainer, a disposable address: removes
    PS_VERIFIED_COUNT
} ps_verified;

enum { PS_VERIFIED_GOOD_DAYS = 90 }; // results that are older say nothing any more

typedef struct ps_verification ps_verification;

// The service of that id, or NULL; those whose columns these are, and how many there are of them.
const ps_verification *ps_verification_find(const char *id);
size_t ps_verification_fit(const ps_form_columns *columns, const ps_verification **out);
bool ps_verification_fits(const ps_verification *service, const ps_form_columns *columns);

// Slots of its columns: words[0] is the status, words[1] (SIZE_MAX: none) what is said closer. The address is the
// column with a usual name; `*out_found` is how many there are.
void ps_verification_slots(const ps_verification *service, const ps_form_columns *columns,
                           const ps_source_config *config, ps_form_slots *out, size_t *out_found);

// False: the status is none that the service is known to give.
bool ps_verification_judge(const ps_verification *service, ps_span status, ps_span closer, ps_verified *out);
bool ps_verified_removes(ps_verified verdict);
const char *ps_verified_word(ps_verified verdict);

#endif
