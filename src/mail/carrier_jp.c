#include "mail/carrier_jp.h"

#include "mail/lists.h"

static bool has_more_than_dots(ps_span mailbox)
{
    for (size_t i = 0; i < mailbox.len; i++) {
        if (mailbox.bytes[i] != '.') return true;
    }
    return false;
}

bool ps_carrier_is_legacy(ps_span mailbox, ps_span host)
{
    ps_span carriers = ps_list_text(PS_LIST_CARRIERS), carrier;

    while (ps_list_next(&carriers, &carrier)) {
        if (ps_span_equal(carrier, host)) return has_more_than_dots(mailbox);
    }
    return false;
}
