#include "engine/engine.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "engine/account.h"
#include "engine/activity.h"
#include "engine/judge.h"
#include "mail/charset.h"
#include "mail/lists.h"

// Everything that one run owns.
typedef struct ps_house {
    const ps_engine *engine;
    ps_job job; // the engine's, with the forms of the date columns as they were found
    ps_recipients *recipients;
    ps_run *run;
    ps_inputs inputs;
    ps_facts facts;
    ps_address_rules *own_rules; // NULL where the engine's do
    ps_zone *zone;
    ps_survey survey;
    ps_activities activities;
    const ps_inputs *reading; // for progress
    ps_tally tally;
    ps_judge judge;
    // By policy that is only counted: the job with it, and what rows are judged against then.
    ps_job *alternative_jobs;
    ps_facts *alternatives;
} ps_house;

static void report_pass(void *context, const char *stage, uint64_t rows)
{
    const ps_house *house = context;
    ps_progress progress = {.stage = stage, .rows = rows};

    if (house->engine->progress == NULL) return;
    progress.done = ps_inputs_position(house->reading);
    progress.total = house->reading->bytes_total;
    house->engine->progress(house->engine->progress_context, &progress);
}

// An input inside the output directory would be deleted with the old set.
static ps_status refuse_inside(const char *output, const char *file, ps_error *err)
{
    char folder[PATH_MAX], input[PATH_MAX];
    const char *name = NULL;

    if (realpath(file, input) == NULL) return PS_OK; // opening it says why
    if (!ps_path_split(input, folder, sizeof folder, &name) || strcmp(folder, output) != 0) return PS_OK;
    ps_error_set(err, PS_USAGE, "'%s' lies in the output directory, which is replaced as a whole.", file);
    ps_error_hint(err, "Name another output directory, or move the file.");
    return PS_USAGE;
}

static ps_status refuse_own_output(const ps_job *job, ps_error *err)
{
    char output[PATH_MAX];
    ps_status status = PS_OK;

    if (realpath(job->output_directory, output) == NULL) return PS_OK; // there is none yet
    for (size_t i = 0; i < job->recipients_count && status == PS_OK; i++)
        status = refuse_inside(output, job->recipients[i].file, err);
    for (size_t i = 0; i < job->activity_count && status == PS_OK; i++)
        status = refuse_inside(output, job->activity[i].table.file, err);
    for (size_t i = 0; i < job->sources_count && status == PS_OK; i++) {
        if (ps_source_is_file(&job->sources[i])) status = refuse_inside(output, job->sources[i].file, err);
    }
    if (status == PS_OK && ps_job_reads_snapshot(job)) status = refuse_inside(output, job->mx_snapshot, err);
    return status;
}

// In a charset of the JIS family; where files differ, their cells are read as those of any other.
static bool all_jis(const ps_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        if (!ps_charset_is_jis(ps_inputs_layout(inputs, i)->stored)) return false;
    }
    return true;
}

static ps_status open_rules(ps_house *house, ps_error *err)
{
    const ps_job *job = house->engine->job;
    ps_address_options options = {
        .legacy_carrier_quoted = job->legacy_carrier_quoted,
        .special_use_all = job->special_use_all,
        .special_use = job->special_use,
        .special_use_count = job->special_use_count,
        .jis_source = all_jis(&house->inputs),
    };

    if (house->engine->address_rules != NULL && !options.jis_source) {
        house->facts.address_rules = house->engine->address_rules;
        return PS_OK;
    }
    ps_status status = ps_address_rules_new(&options, &house->own_rules, err);
    house->facts.address_rules = house->own_rules;
    return status;
}

static ps_status gather_facts(ps_house *house, ps_error *err)
{
    const ps_engine *engine = house->engine;
    const ps_job *job = engine->job;
    ps_status status = open_rules(house, err);

    if (status == PS_OK) status = ps_zone_new(job->timezone, &house->zone, err);
    if (status == PS_OK && ps_job_reads_snapshot(job)) {
        status = ps_snapshot_load(job->mx_snapshot, engine->domains, &house->run->mx, err);
    }
    if (status != PS_OK) return status;
    house->run->mx.mode = job->mx_mode;
    house->job = *job;
    house->facts.job = &house->job;
    house->facts.zone = house->zone;
    house->facts.suppression = engine->suppression;
    house->facts.listings = engine->listings;
    house->facts.domains = job->mx_mode == PS_MX_OFF ? NULL : engine->domains;
    ps_policy_init(&house->facts.policy, job);
    return PS_OK;
}

static ps_pass make_pass(ps_house *house, const char *stage)
{
    return (ps_pass){
        .stage = stage,
        .facts = &house->facts,
        .inputs = &house->inputs,
        .threads = house->run->threads,
        .stop = house->engine->stop,
        .progress = report_pass,
        .progress_context = house,
    };
}

static ps_status join_activity(ps_house *house, ps_error *err)
{
    const ps_pass pass = make_pass(house, "activity");
    ps_status status = PS_OK;

    house->activities.survey = &house->survey;
    for (size_t i = 0; i < house->activities.count && status == PS_OK; i++) {
        house->reading = &house->activities.files[i].inputs;
        status = ps_activities_join(&house->activities, i, &pass, err);
    }
    house->reading = &house->inputs;
    return status;
}

// From here on rows are read with the forms that the survey found.
static ps_status seal_dates(ps_house *house, bool *out_again, ps_error *err)
{
    const ps_job *job = house->engine->job;

    *out_again = false;
    if (house->recipients == NULL) {
        house->recipients = ps_memory_new(job->recipients_count, sizeof *house->recipients, err);
        if (house->recipients == NULL) return PS_RETRY;
        memcpy(house->recipients, job->recipients, job->recipients_count * sizeof *house->recipients);
    }
    ps_status status = ps_survey_seal(&house->survey, house->recipients, &house->facts, out_again, err);
    house->job.recipients = house->recipients;
    return status;
}

// DNS is asked while the list is being read, where the resolver can do that.
static ps_status begin_asking(ps_house *house, ps_error *err)
{
    const ps_resolver *resolver = house->engine->resolver;

    if (!house->survey.wants_domains || resolver->begin == NULL) return PS_OK;
    house->survey.resolver = resolver;
    return resolver->begin(resolver->context, house->engine->stop, err);
}

// The first pass, if the job needs facts that only the whole file gives; then the facts are sealed.
static ps_status survey(ps_house *house, ps_error *err)
{
    ps_survey *survey = &house->survey;
    ps_pass pass = make_pass(house, "survey");
    ps_status status = PS_OK;

    survey->facts = &house->facts;
    survey->domains = house->engine->domains;
    pass.choose = ps_survey_choose;
    pass.carry = ps_survey_carry;
    pass.context = survey;
    status = ps_survey_begin(survey, house->engine->job, err);
    if (status == PS_OK) status = begin_asking(house, err);
    for (bool again = true; again && status == PS_OK;) {
        ps_inputs_leave_unprinted(&house->inputs); // rows are judged in a pass of their own
        status = ps_pipeline_run(&pass, NULL, err);
        if (status == PS_OK) status = ps_inputs_check(&house->inputs, err);
        if (status == PS_OK) status = ps_inputs_rewind(&house->inputs, err);
        if (status == PS_OK) status = seal_dates(house, &again, err);
    }
    if (status == PS_OK) status = join_activity(house, err);
    if (status == PS_OK && survey->wants_domains) {
        ps_resolver *resolver = house->engine->resolver;
        status = resolver->resolve(resolver->context, survey->domains, house->engine->stop, &house->run->mx, err);
    }
    if (status == PS_OK && survey->wants_evidence) house->facts.evidence = &survey->evidence;
    return status;
}

static void seal_coverage(const ps_house *house, ps_facts *facts)
{
    ps_survey_coverage(&house->survey, facts->job, &facts->coverage);
    ps_activities_coverage(&house->activities, facts->job, &facts->coverage);
}

// The facts once more for each policy that is only counted; nothing of them changes from here on.
static ps_status seal_facts(ps_house *house, ps_error *err)
{
    const ps_job *job = house->facts.job; // with the dates' forms, as the survey sealed them
    size_t count = job->policies_count;

    seal_coverage(house, &house->facts);
    if (count == 0) return PS_OK;
    house->alternative_jobs = ps_memory_new(count, sizeof *house->alternative_jobs, err);
    house->alternatives = ps_memory_new(count, sizeof *house->alternatives, err);
    if (house->alternative_jobs == NULL || house->alternatives == NULL) return PS_RETRY;
    for (size_t i = 0; i < count; i++) {
        ps_facts *facts = &house->alternatives[i];
        house->alternative_jobs[i] = *job;
        house->alternative_jobs[i].engagement = job->policies[i].engagement;
        *facts = house->facts;
        facts->job = &house->alternative_jobs[i];
        ps_policy_init(&facts->policy, facts->job);
        seal_coverage(house, facts);
    }
    house->facts.alternatives = house->alternatives;
    house->facts.alternatives_count = count;
    return PS_OK;
}

static ps_status judge(ps_house *house, ps_error *err)
{
    ps_pass pass = make_pass(house, "judge");
    ps_status status = ps_tally_open(NULL, ps_set_folder(house->engine->set), &house->tally, err);

    house->judge.facts = &house->facts;
    house->judge.lacking = house->survey.lacks_firsts ? &house->survey.evidence : NULL;
    house->judge.set = house->engine->set;
    house->judge.run = house->run;
    house->judge.listed = house->engine->listed;
    pass.carry = ps_judge_carry;
    pass.context = &house->judge;
    if (status == PS_OK) status = ps_judge_open(&house->inputs, &house->judge, err);
    if (status == PS_OK) status = ps_pipeline_run(&pass, &house->tally, err);
    if (status == PS_OK) status = ps_domain_counts_settle(&house->tally.domains, house->facts.address_rules, err);
    if (status == PS_OK) status = ps_inputs_check(&house->inputs, err);
    if (status == PS_OK) status = ps_judge_finish(&house->judge, err);
    return status;
}

static void list_data(ps_run *run)
{
    size_t count = 0;
    const ps_run_data_list *lists = ps_mail_data_lists(&count);

    run->data_lists = ps_arena_take(&run->arena, (count + 1) * sizeof *lists);
    memcpy(run->data_lists, lists, count * sizeof *lists);
    run->data_lists_count = count;
}

static ps_status account_for(ps_house *house, ps_error *err)
{
    ps_account account = {.engine = house->engine,
                          .inputs = &house->inputs,
                          .survey = &house->survey,
                          .activities = &house->activities,
                          .tally = &house->tally,
                          .domains = house->facts.domains,
                          .run = house->run};

    ps_account_inputs(&account);
    list_data(house->run);
    ps_status status = ps_account_counts(&account, err);
    if (status != PS_OK) return status;
    ps_account_guards(&account);
    ps_account_warnings(&account);
    house->run->finished_s = ps_clock_now_s();
    return PS_OK;
}

// Without a column of it nobody could show consent, and all rows would be held.
static ps_status check_consent(const ps_house *house, ps_error *err)
{
    const ps_inputs *inputs = &house->inputs;
    bool asked = house->engine->job->effect[PS_REASON_CONSENT] > PS_EFFECT_KEEP;

    if (!asked || ps_inputs_have(inputs, PS_COLUMN_CONSENT_AT) || ps_inputs_have(inputs, PS_COLUMN_CONSENT_SOURCE))
        return PS_OK;
    ps_error_set(err, PS_INPUT,
                 "The job holds rows without evidence of consent, but no column of %s says when or where it was given.",
                 ps_inputs_layout(inputs, 0)->file);
    ps_error_hint(err,
                  "Name the column in the job file: columns: {consent_at: ITS HEADER} or columns: {consent_source: "
                  "ITS HEADER}; or write consent: keep");
    return PS_INPUT;
}

static ps_status run_house(ps_house *house, ps_error *err)
{
    const ps_job *job = house->engine->job;
    ps_status status = ps_account_begin(house->engine, house->run, err);

    if (status == PS_OK) status = refuse_own_output(job, err);
    if (status == PS_OK)
        status = ps_inputs_open(job, ps_set_folder(house->engine->set), house->engine->stop, &house->inputs, err);
    if (status == PS_OK) status = ps_activities_open(job, house->engine->stop, &house->activities, err);
    if (status == PS_OK) status = check_consent(house, err);
    if (status == PS_OK) status = gather_facts(house, err);
    if (status != PS_OK) return status;
    house->reading = &house->inputs;
    if (ps_survey_init(job, &house->inputs, &house->survey)) status = survey(house, err);
    if (status == PS_OK) status = seal_facts(house, err);
    if (status == PS_OK) status = judge(house, err);
    if (status == PS_OK) status = account_for(house, err);
    return status;
}

ps_status ps_engine_run(const ps_engine *engine, ps_run *out, ps_error *err)
{
    ps_house house = {.engine = engine, .run = out};
    ps_status status = run_house(&house, err);

    ps_judge_done(&house.judge);
    ps_tally_close(&house.tally);
    ps_survey_done(&house.survey);
    ps_address_rules_free(house.own_rules);
    ps_zone_free(house.zone);
    ps_activities_close(&house.activities);
    ps_memory_free(house.alternatives);
    ps_memory_free(house.alternative_jobs);
    ps_inputs_close(&house.inputs);
    ps_memory_free(house.recipients);
    return status;
}

void ps_run_done(ps_run *run)
{
    ps_arena_close(&run->arena);
    *run = (ps_run){0};
}
