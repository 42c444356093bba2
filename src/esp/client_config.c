#include "esp/client_config.h"

#include <stdio.h>

#include "base/text.h"
#include "esp/aws.h"
#include "net/http.h"

enum { FAULTS_MAX = 24, NAMES_SIZE = 200 };

typedef struct faults {
    ps_client_fault items[FAULTS_MAX];
    size_t count;
} faults;

static const ps_api *const native[] = {&ps_api_mailgun,  &ps_api_sendgrid, &ps_api_ses,
                                       &ps_api_postmark, &ps_api_brevo,    &ps_api_customers_mail_cloud};

const ps_api *ps_api_native(const char *id)
{
    for (size_t i = 0; i < PS_COUNT_OF(native); i++) {
        if (strcmp(native[i]->id, id) == 0) return native[i];
    }
    return NULL;
}

static bool is_described(const ps_source_config *config)
{
    return strcmp(config->type, "http") == 0;
}

bool ps_client_is_known_type(const char *type)
{
    return ps_api_native(type) != NULL || ps_declared_is_shipped(type) || strcmp(type, "http") == 0;
}

const char *ps_client_note(const char *type)
{
    const ps_api *api = ps_api_native(type);

    return api == NULL ? NULL : api->note;
}

ps_status ps_client_api(const ps_source_config *config, ps_declared **out_declared, const ps_api **out, ps_error *err)
{
    ps_declared *declared = NULL;
    ps_status status = PS_OK;

    *out_declared = NULL;
    *out = ps_api_native(config->type);
    if (*out != NULL) return PS_OK;
    if (is_described(config)) {
        status = config->client != NULL ? ps_declared_load(config->client, &declared, err)
                                        : ps_error_set(err, PS_CONFIG, "`client` is missing.");
    } else {
        status = ps_declared_shipped(config->type, &declared, err);
    }
    if (status != PS_OK) return status;
    *out_declared = declared;
    *out = ps_declared_api(declared);
    return PS_OK;
}

const char *ps_client_region(const ps_source_config *config, const ps_api *api)
{
    const char *region = config->region;

    if (region == NULL && api->regions != NULL) return api->regions[0].name;
    return region == NULL && api->auth == PS_API_AUTH_SIGV4 ? ps_aws_region() : region;
}

static bool holds(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) return true;
    }
    return false;
}

bool ps_client_wants(const ps_source_config *config, const char *list)
{
    if (holds(config->without, config->without_count, list)) return false;
    return config->lists_count == 0 || holds(config->lists, config->lists_count, list);
}

static ps_client_fault *add(faults *all, const char *key, const char *text, const char *hint)
{
    ps_client_fault *fault = &all->items[all->count < FAULTS_MAX ? all->count++ : FAULTS_MAX - 1];

    fault->key = key;
    snprintf(fault->text, sizeof fault->text, "%s", text);
    snprintf(fault->hint, sizeof fault->hint, "%s", hint);
    return fault;
}

// Settings that must be there: {key, where it is in the config, when, what to write}.
static void check_needs(faults *all, const ps_source_config *config, const ps_api *api)
{
    bool aws = api->auth == PS_API_AUTH_SIGV4, user = (api->needs & PS_API_NEEDS_USER) != 0;
    const struct {
        const char *key, *value;
        bool needed;
        const char *hint;
    } settings[] = {
        {"key", config->key, !aws || config->user != NULL, "add `key: env:NAME` or `key: file:PATH`"},
        {"user", config->user,
         user || (api->auth == PS_API_AUTH_BASIC && api->auth_user == NULL) || (aws && config->key != NULL),
         "add `user: NAME`, or `user: env:NAME`"},
        {"domain", config->domain, (api->needs & PS_API_NEEDS_DOMAIN) != 0,
         "add the sending domain: `domain: mg.example.jp`"},
        {"region", ps_client_region(config, api), (api->needs & PS_API_NEEDS_REGION) != 0,
         "add `region: ap-northeast-1`"},
        {"base_url", config->base_url, (api->needs & PS_API_NEEDS_BASE_URL) != 0,
         "add `base_url: https://HOST` with your own host there"},
    };

    for (size_t i = 0; i < PS_COUNT_OF(settings); i++) {
        char text[64];
        if (!settings[i].needed || settings[i].value != NULL) continue;
        snprintf(text, sizeof text, "`%s` is missing", settings[i].key);
        add(all, settings[i].key, text, settings[i].hint);
    }
}

static void check_region(faults *all, const ps_source_config *config, const ps_api *api)
{
    char hint[NAMES_SIZE] = "known here:";

    if (config->region == NULL || api->regions == NULL) return;
    for (const ps_api_region *region = api->regions; region->name != NULL; region++) {
        if (strcmp(region->name, config->region) == 0) return;
        size_t len = strlen(hint);
        snprintf(hint + len, sizeof hint - len, "%s %s", region == api->regions ? "" : ",", region->name);
    }
    ps_client_fault *fault = add(all, "region", "", hint);
    snprintf(fault->text, sizeof fault->text, "%s has no region `%.64s`", api->title, config->region);
}

static void check_url(faults *all, const ps_source_config *config)
{
    if (config->base_url == NULL || strncmp(config->base_url, "https://", 8) == 0) return;
    if (ps_http_is_loopback(config->base_url)) return;
    add(all, "base_url", "plain http would show the key and the list to the network",
        "write https://, or a loopback address such as http://127.0.0.1:8080");
}

static const ps_api_list *find_list(const ps_api *api, const char *name)
{
    for (const ps_api_list *list = api->lists; list->name != NULL; list++) {
        if (strcmp(list->name, name) == 0) return list;
    }
    return NULL;
}

static void check_names(faults *all, const ps_api *api, const char *key, const char *const *names, size_t count)
{
    char hint[NAMES_SIZE] = "its lists are";

    for (const ps_api_list *list = api->lists; list->name != NULL; list++) {
        size_t len = strlen(hint);
        snprintf(hint + len, sizeof hint - len, "%s %s", list == api->lists ? "" : ",", list->name);
    }
    for (size_t i = 0; i < count; i++) {
        if (find_list(api, names[i]) != NULL && !holds(names, i, names[i])) continue;
        ps_client_fault *fault = add(all, key, "", hint);
        snprintf(fault->text, sizeof fault->text,
                 find_list(api, names[i]) == NULL ? "%s has no list `%.100s`" : "%s: `%.100s` stands twice", api->title,
                 names[i]);
    }
}

// Leaving out who complained or unsubscribed must be meant.
static void check_left_out(faults *all, const ps_source_config *config, const ps_api *api)
{
    size_t wanted = 0;

    for (const ps_api_list *list = api->lists; list->name != NULL; list++) {
        bool without = holds(config->without, config->without_count, list->name);
        bool named = holds(config->lists, config->lists_count, list->name);
        wanted += ps_client_wants(config, list->name);
        if (without && named) {
            ps_client_fault *fault = add(all, "without", "", "take it out of one of them");
            snprintf(fault->text, sizeof fault->text, "`%s` stands in `lists` and in `without`", list->name);
        }
        bool weighty = list->class == PS_CLASS_COMPLAINT || list->class == PS_CLASS_UNSUBSCRIBE;
        if (!weighty || without || named || config->lists_count == 0) continue;
        ps_client_fault *fault = add(all, "lists", "", "");
        snprintf(fault->text, sizeof fault->text, "`lists` leaves out `%s`: these people asked not to be mailed",
                 list->name);
        snprintf(fault->hint, sizeof fault->hint, "add it, or write that it is meant: `without: [%s]`", list->name);
    }
    if (wanted == 0)
        add(all, config->lists_count > 0 ? "lists" : "without", "no list is left to read", "name at least one");
}

static void check_type(faults *all, const ps_source_config *config)
{
    if (config->file != NULL) add(all, "file", "`file` goes with `type: file`", "take the line out");
    if (config->client != NULL && !is_described(config))
        add(all, "client", "`client` goes with `type: http`", "take the line out, or write `type: http`");
}

static void check_all(faults *all, const ps_source_config *config)
{
    ps_error err = {.status = PS_OK};
    ps_declared *declared = NULL;
    const ps_api *api = NULL;

    check_type(all, config);
    check_url(all, config);
    ps_status status = ps_client_api(config, &declared, &api, &err);
    if (status == PS_RETRY) return; // without memory: no fault of the settings, and said when the client is made
    if (status != PS_OK) {
        ps_client_fault *fault = add(all, "client", "", "");
        snprintf(fault->text, sizeof fault->text, "%.255s", err.text);
        snprintf(fault->hint, sizeof fault->hint, "%.255s", err.hint);
        return;
    }
    check_needs(all, config, api);
    check_region(all, config, api);
    check_names(all, api, "lists", config->lists, config->lists_count);
    check_names(all, api, "without", config->without, config->without_count);
    check_left_out(all, config, api);
    ps_declared_free(declared);
}

bool ps_client_config_fault(const ps_source_config *config, size_t index, ps_client_fault *out)
{
    faults all = {.count = 0};

    if (config->type == NULL || strcmp(config->type, "file") == 0) return false;
    check_all(&all, config);
    if (index >= all.count) return false;
    *out = all.items[index];
    return true;
}
