#ifndef PS_ESP_REFUSE_H
#define PS_ESP_REFUSE_H

// Why a source is refused, and what to do about it. No message shows an entry: they are people's addresses.

#include "esp/entry.h"

// A thousandth of a list may be no addresses; one more and it is not the list that it is taken for.
enum { PS_UNREADABLE_SHARE = 1000 };

// PS_SOURCE: "Suppression source 'x' cannot be used: " and the text, at that line of its file (0: the whole file).
ps_status ps_refuse(const ps_import *import, uint64_t line, ps_error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

ps_status ps_refuse_domain(const ps_import *import, uint64_t line, ps_error *err); // a domain in a list of addresses
ps_status ps_refuse_address(const ps_import *import, uint64_t line, ps_error *err); // an address in a list of domains
ps_status ps_refuse_pattern(const ps_import *import, uint64_t line, ps_error *err);
ps_status ps_refuse_digest(const ps_import *import, ps_span text, uint64_t line, ps_error *err);
ps_status ps_refuse_misfit(const ps_import *import, uint64_t line, ps_error *err); // no digest of the declared kind
ps_status ps_refuse_cut(const ps_import *import, uint64_t line, ps_error *err);
ps_status ps_refuse_unreadable(const ps_import *import, ps_error *err);
ps_status ps_refuse_empty(const ps_import *import, ps_error *err);
ps_status ps_refuse_form(const ps_import *import, ps_error *err); // nothing that is known

// An error of a lower folder, told as this source's: its text after the same beginning, PS_SOURCE unless it is about
// memory or a bug.
ps_status ps_refuse_wrap(const ps_source_config *config, ps_status status, ps_error *err);

#endif
