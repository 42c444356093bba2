#include "esp/client.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "esp/aws.h"
#include "esp/client_config.h"
#include "esp/client_state.h"
#include "net/http.h"

enum { KEY_BYTES_MIN = 8 }; // no ESP's key is shorter

const ps_api_list *ps_client_api_list(const ps_client *client, const ps_client_list *list)
{
    return client->api_lists[list - client->lists];
}

const ps_client_list *ps_client_lists(const ps_client *client, size_t *out_count)
{
    *out_count = client->lists_count;
    return client->lists;
}

const ps_client_list *ps_client_list_find(const ps_client *client, const char *name)
{
    for (size_t i = 0; i < client->lists_count; i++) {
        if (strcmp(client->lists[i].name, name) == 0) return &client->lists[i];
    }
    return NULL;
}

const char *ps_client_origin(const ps_client *client)
{
    return client->origin;
}

const char *ps_client_account(const ps_client *client)
{
    return client->account;
}

// Some of its entries are people who said no.
static bool holds_refusals(const ps_api_list *list)
{
    if (list->class == PS_CLASS_COMPLAINT || list->class == PS_CLASS_UNSUBSCRIBE) return true;
    for (const ps_api_word *word = list->item.words; word != NULL && word->word != NULL; word++) {
        if (word->class == PS_CLASS_COMPLAINT || word->class == PS_CLASS_UNSUBSCRIBE) return true;
    }
    return false;
}

// A removal that is the same for several lists takes the address off all of them.
static bool is_weighty(const ps_api *api, const ps_api_list *list)
{
    for (const ps_api_list *other = api->lists; other->name != NULL; other++) {
        bool same = list->remove != NULL && other->remove != NULL && strcmp(list->remove, other->remove) == 0;
        if ((other == list || same) && holds_refusals(other)) return true;
    }
    return false;
}

bool ps_client_key_is_in(const ps_client *client, ps_span text)
{
    const ps_secret *const secrets[] = {client->key, client->session};

    for (size_t i = 0; i < PS_COUNT_OF(secrets); i++) {
        if (secrets[i] == NULL || ps_secret_expose(secrets[i]).len < KEY_BYTES_MIN) continue;
        if (ps_secret_is_in(secrets[i], text)) return true;
    }
    return false;
}

static void take_lists(ps_client *client)
{
    for (const ps_api_list *list = client->api->lists; list->name != NULL; list++) {
        if (!ps_client_wants(client->config, list->name)) continue;
        client->api_lists[client->lists_count] = list;
        client->lists[client->lists_count++] = (ps_client_list){
            .name = list->name,
            .class = list->class,
            .allowlist = list->allowlist,
            .window = list->query_since != NULL,
            .removable = list->remove != NULL,
            .removable_twice_asked = is_weighty(client->api, list),
        };
    }
}

static const char *region_origin(const ps_client *client)
{
    for (const ps_api_region *region = client->api->regions; region != NULL && region->name != NULL; region++) {
        if (strcmp(region->name, client->region) == 0) return region->origin;
    }
    for (const ps_api_region *part = client->api->partitions; part != NULL && part->name != NULL; part++) {
        if (strncmp(client->region, part->name, strlen(part->name)) == 0) return part->origin;
    }
    return client->api->origin;
}

// Scheme, host and port apart from the path below which everything is.
static ps_status take_origin(ps_client *client, ps_error *err)
{
    const char *base = client->config->base_url, *found = base != NULL ? base : region_origin(client);
    ps_buf url;

    ps_buf_init(&url, PS_CLIENT_ORIGIN_SIZE - 1);
    if (found != NULL) ps_template_add(&url, found, PS_TEMPLATE_RAW, &client->values);
    const char *text = ps_buf_text(&url), *host = strstr(text, "://");
    if (host == NULL) {
        ps_status status = ps_buf_status(&url, "the address of an ESP", err);
        ps_buf_done(&url);
        return status != PS_OK ? status
                               : ps_error_set(err, PS_CONFIG, "Suppression source '%s' has no address to ask at.",
                                              client->config->name);
    }
    size_t len = (size_t)(host - text) + 3 + strcspn(host + 3, "/"), prefix_len = strlen(text + len);
    while (prefix_len > 0 && text[len + prefix_len - 1] == '/')
        prefix_len--;
    snprintf(client->origin, sizeof client->origin, "%.*s", (int)len, text);
    snprintf(client->prefix, sizeof client->prefix, "%.*s", (int)prefix_len, text + len);
    client->loopback = ps_http_is_loopback(client->origin);
    ps_buf_done(&url);
    if (client->loopback || strncmp(client->origin, "https://", 8) == 0) return PS_OK;
    return ps_error_set(err, PS_CONFIG, "Suppression source '%s' would be asked over plain http.",
                        client->config->name);
}

static ps_status load_user(ps_client *client, const char *user, ps_error *err)
{
    bool named = strncmp(user, "env:", 4) == 0 || strncmp(user, "file:", 5) == 0;

    return named ? ps_secret_load(user, "user", &client->user, err)
                 : ps_secret_of(ps_span_of(user), &client->user, err);
}

static ps_status load_secrets(ps_client *client, ps_error *err)
{
    const ps_source_config *config = client->config;
    ps_status status = PS_OK;

    if (client->api->auth == PS_API_AUTH_SIGV4 && config->key == NULL)
        return ps_aws_load(&client->user, &client->key, &client->session, err);
    if (config->key != NULL) status = ps_secret_load(config->key, "key", &client->key, err);
    if (status == PS_OK && config->user != NULL) status = load_user(client, config->user, err);
    return status;
}

static void fill_values(ps_client *client)
{
    const ps_source_config *config = client->config;

    client->values.of[PS_TEMPLATE_DOMAIN] = ps_span_of(config->domain);
    client->values.of[PS_TEMPLATE_ACCOUNT] =
        ps_span_of(config->account != NULL ? config->account : client->api->account_default);
    client->values.of[PS_TEMPLATE_REGION] = ps_span_of(client->region);
    if (client->key != NULL) client->values.of[PS_TEMPLATE_KEY] = ps_secret_expose(client->key);
    if (client->user != NULL) client->values.of[PS_TEMPLATE_USER] = ps_secret_expose(client->user);
}

// What tells two accounts apart, as far as the job shows it; of the key, that names an account too, only its place.
static ps_status name_account(ps_client *client, ps_error *err)
{
    const ps_source_config *config = client->config;

    const char *const parts[] = {client->origin, client->prefix,  client->region,
                                 config->domain, config->account, config->key};
    char aws[PS_AWS_ACCOUNT_SIZE];
    ps_buf text;

    ps_buf_init(&text, PS_CLIENT_ACCOUNT_SIZE - 1);
    ps_buf_add_text(&text, client->api->id);
    for (size_t i = 0; i < PS_COUNT_OF(parts); i++) {
        ps_buf_add_char(&text, ' ');
        if (parts[i] != NULL) ps_buf_add_text(&text, parts[i]);
    }
    // Where AWS's own variables say whose keys they are, nothing of the job changes with the account.
    bool known = client->api->auth == PS_API_AUTH_SIGV4 && ps_aws_account(client->values.of[PS_TEMPLATE_USER], aws);
    if (known) ps_buf_add_format(&text, " %s", aws);
    memcpy(client->account, ps_buf_text(&text), text.failed ? 1 : text.len + 1);
    ps_status status = ps_buf_status(&text, "the name of an account", err);
    ps_buf_done(&text);
    return status;
}

static ps_status refuse_faults(const ps_source_config *config, ps_error *err)
{
    ps_client_fault fault;

    if (!ps_client_config_fault(config, 0, &fault)) return PS_OK;
    ps_error_set(err, PS_CONFIG, "Suppression source '%s' cannot be used: %s.", config->name, fault.text);
    if (fault.hint[0] != '\0') ps_error_hint(err, "%s", fault.hint);
    return PS_CONFIG;
}

static ps_status set_up(ps_client *client, ps_error *err)
{
    ps_status status = ps_client_api(client->config, &client->declared, &client->api, err);

    if (status != PS_OK) return status;
    const char *region = ps_client_region(client->config, client->api);
    snprintf(client->region, sizeof client->region, "%s", region == NULL ? "" : region);
    take_lists(client);
    status = load_secrets(client, err);
    if (status != PS_OK) return status;
    fill_values(client);
    if (client->api->auth == PS_API_AUTH_BASIC) {
        const char *name = client->api->auth_user;
        ps_span user = name != NULL ? ps_span_of(name) : client->values.of[PS_TEMPLATE_USER];
        status = ps_secret_basic(user, client->key, &client->authorization, err);
        if (status != PS_OK) return status;
    }
    status = take_origin(client, err);
    return status == PS_OK ? name_account(client, err) : status;
}

ps_status ps_client_new(const ps_source_config *config, ps_client **out, ps_error *err)
{
    ps_status status = refuse_faults(config, err);

    if (status != PS_OK) return status;
    ps_client *client = ps_memory_new(1, sizeof *client, err);
    if (client == NULL) return PS_RETRY;
    client->config = config;
    status = set_up(client, err);
    if (status == PS_OK) {
        *out = client;
    } else {
        ps_client_free(client);
    }
    return status;
}

void ps_client_free(ps_client *client)
{
    if (client == NULL) return;
    ps_secret_free(client->user);
    ps_secret_free(client->key);
    ps_secret_free(client->session);
    ps_secret_free(client->authorization);
    ps_declared_free(client->declared);
    ps_memory_free(client);
}
