#include <assert.h>

#include "presend/source.h"

const char *ps_class_word(ps_class class)
{
    static const char *const words[PS_CLASS_COUNT] = {
        [PS_CLASS_COMPLAINT] = "complaint", [PS_CLASS_UNSUBSCRIBE] = "unsubscribe",
        [PS_CLASS_MANUAL] = "manual",       [PS_CLASS_HARD] = "hard",
        [PS_CLASS_INVALID] = "invalid",     [PS_CLASS_UNKNOWN] = "unknown",
        [PS_CLASS_BLOCK] = "block",         [PS_CLASS_SOFT] = "soft",
        [PS_CLASS_VERIFIED] = "verified",
    };

    assert((unsigned)class < PS_CLASS_COUNT);
    return words[class];
}
