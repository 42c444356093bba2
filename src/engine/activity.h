#ifndef PS_ENGINE_ACTIVITY_H
#define PS_ENGINE_ACTIVITY_H

// Files of logins, purchases, replies: each is read once, after the survey, and what it says of a recipient's address
// is merged into the evidence. A row of such a file never makes a recipient.

#include "engine/survey.h"

typedef struct ps_activity_file {
    const ps_activity *config;
    ps_job job; // the run's, with this file in place of the recipients: what reads rows asks the job about the file
    ps_facts facts; // with that job
    ps_recipients table; // the config's, with the forms of its date columns as they were found
    ps_inputs inputs;
    ps_survey_column columns[PS_MAPPED_MAX]; // by slot of its layout
    uint64_t rows, matched, damaged;
    uint64_t addresses[PS_SIGNAL_COUNT]; // distinct recipients for whom it has this signal
} ps_activity_file;

typedef struct ps_activities {
    ps_activity_file *files;
    size_t count;
    ps_survey *survey; // its evidence is added to; its ids are the recipients'
    uint16_t *seen; // by address: the signals that the current file has for it
} ps_activities;

// Open all files of the job and map their columns: PS_MISSING, PS_INPUT. Nothing is read but their heads.
ps_status ps_activities_open(const ps_job *job, const volatile int *stop, ps_activities *out, ps_error *err);
void ps_activities_close(ps_activities *activities); // a zeroed one is fine

// Read the file of this number, once the survey has seen every recipient; twice where it has dates whose form the job
// does not name. `pass` says all but what to read and what to
// do with it. PS_INPUT when no row is about a recipient.
ps_status ps_activities_join(ps_activities *activities, size_t number, const ps_pass *pass, ps_error *err);

// May the column prove that somebody did nothing?
bool ps_activity_tracked(const ps_activities *activities, const ps_activity_file *file, const ps_job *job, size_t slot);

// Add what the files can prove to what the recipients' own columns can.
void ps_activities_coverage(const ps_activities *activities, const ps_job *job, ps_coverage *coverage);

#endif
