#ifndef PS_ESP_ASKING_H
#define PS_ESP_ASKING_H

// A request of a client with its address, headers and signature. No other file puts a key into one.

#include "esp/client_state.h"
#include "net/http.h"

typedef struct ps_asking {
    const char *method;
    const char *target; // path and query below the client's prefix
    ps_span body;
    ps_http_done *done;
    void *context;
} ps_asking;

ps_status ps_asking_start(const ps_client *client, ps_http *http, const ps_asking *asking, ps_error *err);

#endif
