#ifndef PS_REPORT_FORMAT_H
#define PS_REPORT_FORMAT_H

// Numbers as people read them, in English and without locale.

#include <stdint.h>

#include "base/buf.h"

void ps_add_count(ps_buf *out, uint64_t count); // 1,234,567
void ps_add_rows(ps_buf *out, uint64_t count); // 1 row, 2 rows

// 78.2%. What is not all is never 100.0%, what is not nothing never 0.0%: ">99.9%", "<0.1%". "-" of no rows at all.
void ps_add_share(ps_buf *out, uint64_t part, uint64_t whole);
void ps_add_fraction(ps_buf *out, double fraction); // 0.5 as 50.0%

void ps_add_size(ps_buf *out, uint64_t bytes); // 812 bytes, 1.4 MB

#endif
