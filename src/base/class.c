#include <assert.h>

#include "presend/source.h"

const char *ps_class_word(ps_class class)
{
    static const char *const words[PS_CLASS_COUNT] = {
#define PS_CLASS(symbol, word) [PS_CLASS_##symbol] = word,
#include "presend/class.def"
#undef PS_CLASS
        [PS_CLASS_VERIFIED] = "verified",
    };

    assert((unsigned)class < PS_CLASS_COUNT);
    return words[class];
}
