#ifndef PS_ESP_CLIENT_STATE_H
#define PS_ESP_CLIENT_STATE_H

// What a client is made of, for the files that make it up: client.c sets it up, the others only read it.

#include "base/secret.h"
#include "esp/api.h"
#include "esp/client.h"
#include "esp/declared.h"
#include "esp/template.h"

enum { PS_CLIENT_ORIGIN_SIZE = 512, PS_CLIENT_ACCOUNT_SIZE = 1024 };

struct ps_client {
    const ps_source_config *config;
    const ps_api *api;
    ps_declared *declared; // what `api` lives in, when it came from a file
    ps_client_list lists[PS_API_LISTS_MAX];
    const ps_api_list *api_lists[PS_API_LISTS_MAX]; // of the same index
    size_t lists_count;
    ps_secret *user, *key, *session;
    ps_secret *authorization; // the header's value, for BASIC
    char origin[PS_CLIENT_ORIGIN_SIZE]; // https://host:port
    char prefix[PS_CLIENT_ORIGIN_SIZE]; // the path of the job's base_url, without a slash at its end
    char region[64];
    char account[PS_CLIENT_ACCOUNT_SIZE];
    ps_template_values values; // those that are the same in every request
    bool loopback;
};

// The key, of a length that cannot be there by chance: what a reply says would be stored, shown and asked for again.
bool ps_client_key_is_in(const ps_client *client, ps_span text);

const ps_api_list *ps_client_api_list(const ps_client *client, const ps_client_list *list);

#endif
