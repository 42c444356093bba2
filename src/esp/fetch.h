#ifndef PS_ESP_FETCH_H
#define PS_ESP_FETCH_H

#include "esp/client.h"

// As ps_client_fetch_all(); `first_page`: each list only up to its first page, which is then not called whole.
ps_status ps_fetch_run(ps_client_fetch *fetches, size_t count, bool first_page, const ps_client_watch *watch,
                       ps_error *err);

#endif
