#include "net/curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

static const char library[] = "libcurl.so.4"; // its name since 2006

static const struct {
    const char *name;
    size_t place; // in ps_curl
} calls[] = {
#define PS_CURL_CALL(name) {"curl_" #name, offsetof(ps_curl, name)},
    PS_CURL_CALLS(PS_CURL_CALL)
#undef PS_CURL_CALL
};

// Written by load() alone, before anybody reads it.
static pthread_once_t once = PTHREAD_ONCE_INIT;
static ps_curl curl;
static ps_error problem;

static ps_status refuse(void)
{
    const char *why = dlerror();

    ps_error_set(&problem, PS_RETRY, "Nothing can be asked by HTTP, since %s cannot be used: %s.", library,
                 why == NULL ? "the system does not say why" : why);
    ps_error_hint(&problem, "Install libcurl (Debian and Ubuntu: apt install libcurl4), then run again.");
    return PS_RETRY;
}

static void load(void)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    ps_status status = handle == NULL ? refuse() : PS_OK;

    for (size_t i = 0; i < PS_COUNT_OF(calls) && status == PS_OK; i++) {
        void *symbol = dlsym(handle, calls[i].name);
        if (symbol == NULL) status = refuse();
        memcpy((char *)&curl + calls[i].place, &symbol, sizeof symbol); // C has no cast from data to function
    }
}

ps_status ps_curl_load(const ps_curl **out, ps_error *err)
{
    (void)pthread_once(&once, load); // cannot fail
    if (problem.status == PS_OK) *out = &curl;
    if (problem.status != PS_OK && err != NULL) *err = problem;
    return problem.status;
}
