#include "cmd/config.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "cmd/accept.h"
#include "cmd/config_file.h"
#include "cmd/config_include.h"
#include "cmd/config_map.h"
#include "cmd/schema.h"
#include "cmd/yaml.h"
#include "engine/engine.h"

// Address space for the tree of a file of 1 MiB: two bytes of YAML may become a node.
#define CONFIG_ARENA_BYTES ((size_t)512 << 20)
#define DEFAULT_DIRECTORY "presend-out"
#define DEFAULT_STATE "presend.sqlite"

enum { PATH_BYTES_MAX = 4096 };

static ps_status read_document(ps_config *config, const char *path, ps_yaml **out, ps_error *err)
{
    ps_status status = ps_config_file_read(path, &config->arena, &config->file, err);

    if (status == PS_OK) *out = ps_yaml_read(&config->file, &config->arena, &config->problems);
    return status;
}

// Without a job file the document begins as this; settings say the rest.
static ps_yaml *empty_document(ps_config *config)
{
    ps_config_text *text = ps_arena_take(&config->arena, sizeof *text);

    *text = (ps_config_text){"the command line", ps_span_of("version: 1\nrecipients: []\n"), NULL, true, 0};
    return ps_yaml_read(text, &config->arena, &config->problems);
}

static void put_value(ps_config *config, const ps_setting *setting, ps_yaml *root)
{
    ps_config_text *text = ps_arena_take(&config->arena, sizeof *text);

    *text = (ps_config_text){setting->option, ps_arena_copy(&config->arena, ps_span_of(setting->text)), NULL, true, 0};
    ps_place place = {text, 1, 1, 1};
    ps_yaml_put(root, setting->path, ps_yaml_scalar(setting->text, &place, &config->arena), &place, &config->problems);
}

// PATH=VALUE: the value is read alone, then its columns are moved behind the path, so that a caret stands right.
static void put_assignment(ps_config *config, const ps_setting *setting, ps_yaml *root)
{
    ps_config_text *text = ps_arena_take(&config->arena, sizeof *text);
    const char *equals = strchr(setting->text, '=');
    size_t len = equals == NULL ? 0 : (size_t)(equals - setting->text);

    *text = (ps_config_text){setting->option, ps_arena_copy(&config->arena, ps_span_of(setting->text)), NULL, true, 0};
    ps_place place = {text, 1, 1, (uint32_t)len};
    if (len == 0) {
        ps_problem_add(&config->problems, &place, "expected PATH=VALUE, such as mx.mode=off");
        return;
    }
    const char *path = ps_arena_copy(&config->arena, (ps_span){setting->text, len}).bytes;
    ps_config_text *padded = ps_arena_take(&config->arena, sizeof *padded);
    char *value = ps_arena_take(&config->arena, text->text.len + 1);
    memset(value, ' ', len + 1);
    memcpy(value + len + 1, equals + 1, text->text.len - len - 1);
    *padded = (ps_config_text){setting->option, {value, text->text.len}, NULL, true, 0};
    ps_yaml *node = ps_yaml_read(padded, &config->arena, &config->problems);
    padded->text = text->text; // what messages show
    if (node != NULL) ps_yaml_put(root, path, node, &place, &config->problems);
}

static void apply_settings(ps_config *config, const ps_config_request *request, ps_yaml *root)
{
    for (size_t i = 0; i < request->settings_count; i++) {
        const ps_setting *setting = &request->settings[i];
        if (setting->path != NULL) {
            put_value(config, setting, root);
        } else {
            put_assignment(config, setting, root);
        }
    }
}

// PS_CONFIG with the first problem in `err`, if there is any.
static ps_status problems_status(ps_config *config, ps_error *err)
{
    ps_problems *problems = &config->problems;
    char where[sizeof err->where];
    ps_buf place;

    if (problems->count == 0) return PS_OK;
    ps_problems_sort(problems);
    ps_error_set(err, PS_CONFIG, "%s", problems->items[0].text);
    if (problems->items[0].hint != NULL) ps_error_hint(err, "%s", problems->items[0].hint);
    ps_buf_init(&place, sizeof where);
    ps_place_write(&problems->items[0].place, &place);
    ps_error_where(err, "%s", ps_buf_text(&place));
    ps_buf_done(&place);
    return PS_CONFIG;
}

static ps_status check_document(ps_config *config, const ps_yaml *root, ps_error *err)
{
    ps_schema *schema = NULL;
    ps_status status = ps_schema_open_job(&schema, err);

    if (status != PS_OK) return status;
    ps_schema_check(schema, root, &config->problems);
    ps_schema_close(schema);
    return problems_status(config, err);
}

static ps_status default_directory(ps_config *config, ps_error *err)
{
    char path[PATH_BYTES_MAX];
    const char *folder = config->file.folder == NULL ? "." : config->file.folder;

    if (config->job.output_directory != NULL) return PS_OK;
    if (strcmp(folder, ".") == 0) {
        config->job.output_directory = DEFAULT_DIRECTORY;
        return PS_OK;
    }
    if (!ps_path_join(folder, DEFAULT_DIRECTORY, path, sizeof path)) {
        return ps_error_set(err, PS_USAGE, "The path of the output directory is too long.");
    }
    config->job.output_directory = ps_arena_copy(&config->arena, ps_span_of(path)).bytes;
    return PS_OK;
}

// Without a job file nothing is remembered, unless somebody says where.
static ps_status default_state(ps_config *config, ps_error *err)
{
    char path[PATH_BYTES_MAX];

    if (config->job.state != NULL || config->file.folder == NULL) return PS_OK;
    if (!ps_path_join(config->file.folder, DEFAULT_STATE, path, sizeof path)) {
        return ps_error_set(err, PS_USAGE, "The path of the state file is too long.");
    }
    config->job.state = ps_arena_copy(&config->arena, ps_span_of(path)).bytes;
    return PS_OK;
}

// Without a state there is no cache to look into.
static ps_mx_mode offline_mode(const ps_job *job)
{
    if (job->state != NULL) return PS_MX_OFFLINE;
    return job->mx_snapshot != NULL ? PS_MX_SNAPSHOT : PS_MX_OFF;
}

static void name_included(ps_config *config)
{
    const char **paths = ps_arena_take(&config->arena, (config->included_count + 1) * sizeof *paths);

    for (size_t i = 0; i < config->included_count; i++)
        paths[i] = config->included[i].name;
    config->job.included = paths;
    config->job.included_count = config->included_count;
}

static ps_status finish_job(ps_config *config, const ps_config_request *request, ps_error *err)
{
    ps_job *job = &config->job;
    ps_status status = default_directory(config, err);

    if (status == PS_OK) status = default_state(config, err);
    job->job_file = request->job_file;
    name_included(config);
    job->threads = request->threads;
    job->offline = request->offline;
    job->accepted = request->accepted;
    job->accepted_count = request->accepted_count;
    if (request->offline && job->mx_mode == PS_MX_LIVE) job->mx_mode = offline_mode(job);
    for (size_t i = 0; status == PS_OK && i < request->accepted_count; i++)
        status = ps_accept_check(job, request->accepted[i], err);
    return status;
}

ps_status ps_config_open(const ps_config_request *request, ps_config *out, ps_error *err)
{
    ps_yaml *root = NULL;
    ps_status status = ps_arena_open(CONFIG_ARENA_BYTES, &out->arena, err);

    if (status != PS_OK) return status;
    ps_problems_init(&out->problems, &out->arena);
    ps_job_init(&out->job);
    if (request->job_file == NULL) {
        root = empty_document(out);
    } else {
        status = read_document(out, request->job_file, &root, err);
    }
    if (status == PS_OK && root == NULL) status = problems_status(out, err);
    if (root != NULL) apply_settings(out, request, root);
    if (status == PS_OK) status = ps_config_include(out, root, err);
    if (status == PS_OK) status = check_document(out, root, err);
    if (status == PS_OK) status = ps_config_map(out, root, err);
    if (status != PS_OK) return status;

    ps_config_check(out, root);
    status = problems_status(out, err);
    return status != PS_OK ? status : finish_job(out, request, err);
}

void ps_config_close(ps_config *config)
{
    ps_zone_free(config->zone);
    ps_arena_close(&config->arena);
    memset(config, 0, sizeof *config);
}
