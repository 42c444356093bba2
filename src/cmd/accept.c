#include "cmd/accept.h"

#include "base/limits.h"
#include "base/text.h"
#include "engine/engine.h"

enum { GUARD_WORDS_MAX = 32 };

static const char *const source_guards[] = {"shrink", "empty",    "stale", "lift",
                                            "kinds",  "checksum", "count", "account"};

const char *ps_source_guard_name(size_t index)
{
    return index < PS_COUNT_OF(source_guards) ? source_guards[index] : NULL;
}

bool ps_source_accepts(const ps_job *job, const char *source, const char *guard)
{
    size_t len = strlen(source);

    for (size_t i = 0; i < job->accepted_count; i++) {
        const char *accepted = job->accepted[i];
        bool same = strncmp(accepted, source, len) == 0 && accepted[len] == ':';
        if (same && strcmp(accepted + len + 1, guard) == 0) return true;
    }
    return false;
}

// One of `words`, or PS_USAGE with what was probably meant.
static ps_status check_word(const char *word, const char *const *words, size_t count, ps_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], word) == 0) return PS_OK;
    }
    const char *meant = ps_did_you_mean(word, words, count);
    if (meant != NULL) {
        ps_error_hint(err, "Did you mean `%s`?", meant);
    } else {
        ps_error_hint(err, "A run that a guard keeps back names it.");
    }
    return PS_USAGE;
}

static ps_status no_such_guard(const char *accepted, ps_error *err)
{
    return ps_error_set(err, PS_USAGE, "--accept %s: there is no such guard.", accepted);
}

static ps_status check_run_guard(const char *accepted, ps_error *err)
{
    const char *words[GUARD_WORDS_MAX];
    size_t count = 0;

    for (const char *name; count < GUARD_WORDS_MAX && (name = ps_guard_name(count)) != NULL; count++)
        words[count] = name;
    no_such_guard(accepted, err);
    return check_word(accepted, words, count, err);
}

static ps_status check_source_guard(const ps_job *job, const char *accepted, const char *colon, ps_error *err)
{
    const char *names[PS_SOURCES_MAX];
    char source[PS_ERROR_TEXT_MAX];
    size_t count = 0, len = (size_t)(colon - accepted);

    for (size_t i = 0; i < job->sources_count && count < PS_SOURCES_MAX; i++)
        names[count++] = job->sources[i].name;
    len = len < sizeof source ? len : sizeof source - 1;
    memcpy(source, accepted, len);
    source[len] = '\0';
    ps_error_set(err, PS_USAGE, "--accept %s: the job has no suppression source `%s`.", accepted, source);
    ps_status status = check_word(source, names, count, err);
    if (status != PS_OK) return status;
    no_such_guard(accepted, err);
    return check_word(colon + 1, source_guards, PS_COUNT_OF(source_guards), err);
}

ps_status ps_accept_check(const ps_job *job, const char *accepted, ps_error *err)
{
    const char *colon = strchr(accepted, ':');
    ps_error found = {.status = PS_OK};
    ps_status status =
        colon == NULL ? check_run_guard(accepted, &found) : check_source_guard(job, accepted, colon, &found);

    if (status != PS_OK && err != NULL) *err = found;
    return status;
}
