#ifndef PS_TEST_ASSERT_H
#define PS_TEST_ASSERT_H

// What every unit test includes: cmocka with its headers, and asserts about presend's own types.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "presend/reason.h"
#include "presend/span.h"
#include "presend/status.h"

static inline void ps_assert_span(ps_span span, const char *expected, const char *file, int line)
{
    if (ps_span_equal(span, ps_span_of(expected))) return;
    print_error("\"%.*s\" is not \"%s\"\n", (int)span.len, span.len == 0 ? "" : span.bytes, expected);
    _fail(file, line);
}

static inline void ps_print_findings(const char *title, ps_findings findings)
{
    print_error("%s:", title);
    for (unsigned n = 0; n < PS_FINDING_COUNT_MAX; n++) {
        if (ps_findings_has(findings, (ps_reason)n)) print_error(" %s", ps_reason_get((ps_reason)n)->symbol);
    }
    print_error("\n");
}

static inline void ps_assert_findings(ps_findings findings, ps_findings expected, const char *file, int line)
{
    if (findings == expected) return;
    ps_print_findings("found", findings);
    ps_print_findings("expected", expected);
    _fail(file, line);
}

static inline void ps_assert_ok(ps_status status, const ps_error *err, const char *file, int line)
{
    if (status == PS_OK) return;
    print_error("%s: %s\n", ps_status_word(status), err == NULL ? "" : err->text);
    _fail(file, line);
}

#define assert_span_equal(span, expected) ps_assert_span((span), (expected), __FILE__, __LINE__)
#define assert_findings_equal(findings, expected) ps_assert_findings((findings), (expected), __FILE__, __LINE__)
#define assert_ok(status, err) ps_assert_ok((status), (err), __FILE__, __LINE__)

#endif
