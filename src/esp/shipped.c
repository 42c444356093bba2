// The descriptions of APIs that presend ships with.

#include "esp/declared.h"

static const char sparkpost_json[] = {
#include "esp/data/sparkpost.json.inc"
};
static const char mandrill_json[] = {
#include "esp/data/mandrill.json.inc"
};
static const char resend_json[] = {
#include "esp/data/resend.json.inc"
};
static const char klaviyo_json[] = {
#include "esp/data/klaviyo.json.inc"
};
static const char customerio_json[] = {
#include "esp/data/customerio.json.inc"
};
static const char mailjet_json[] = {
#include "esp/data/mailjet.json.inc"
};
static const char elasticemail_json[] = {
#include "esp/data/elasticemail.json.inc"
};

#define SHIPPED(id)                                                                                                    \
    {                                                                                                                  \
#id,                                                                                                           \
        {                                                                                                              \
            id##_json, sizeof id##_json                                                                                \
        }                                                                                                              \
    }
static const struct {
    const char *id;
    ps_span text;
} shipped[] = {SHIPPED(sparkpost),  SHIPPED(mandrill), SHIPPED(resend),      SHIPPED(klaviyo),
               SHIPPED(customerio), SHIPPED(mailjet),  SHIPPED(elasticemail)};

bool ps_declared_is_shipped(const char *id)
{
    for (size_t i = 0; i < PS_COUNT_OF(shipped); i++) {
        if (strcmp(shipped[i].id, id) == 0) return true;
    }
    return false;
}

ps_status ps_declared_shipped(const char *id, ps_declared **out, ps_error *err)
{
    for (size_t i = 0; i < PS_COUNT_OF(shipped); i++) {
        if (strcmp(shipped[i].id, id) != 0) continue;
        return ps_declared_read(shipped[i].text, shipped[i].id, shipped[i].id, out, err);
    }
    return ps_error_set(err, PS_BUG, "There is no ESP of the name %s.", id);
}
