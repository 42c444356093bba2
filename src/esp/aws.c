#include "esp/aws.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"

const char *ps_aws_region(void)
{
    const char *region = getenv("AWS_REGION");

    return region != NULL ? region : getenv("AWS_DEFAULT_REGION");
}

static ps_status load_variables(ps_secret **out_id, ps_secret **out_key, ps_secret **out_session, ps_error *err)
{
    ps_status status = ps_secret_load("env:AWS_ACCESS_KEY_ID", "user", out_id, err);

    if (status == PS_OK) status = ps_secret_load("env:AWS_SECRET_ACCESS_KEY", "key", out_key, err);
    if (status == PS_OK && getenv("AWS_SESSION_TOKEN") != NULL)
        status = ps_secret_load("env:AWS_SESSION_TOKEN", "session", out_session, err);
    return status;
}

static ps_span next_line(ps_span *rest)
{
    size_t len = 0;

    while (len < rest->len && rest->bytes[len] != '\n' && rest->bytes[len] != '\r')
        len++;
    ps_span line = ps_ascii_trim((ps_span){rest->bytes, len});
    size_t next = len < rest->len ? len + 1 : len;
    *rest = (ps_span){rest->bytes + next, rest->len - next};
    return line;
}

// `aws_access_key_id = AKIA...` below `[profile]`.
static void take_line(ps_span line, ps_secret **const secrets[3], ps_error *err, ps_status *status)
{
    static const char *const names[] = {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"};
    const char *equals = memchr(line.bytes, '=', line.len);
    size_t name_len = equals == NULL ? 0 : (size_t)(equals - line.bytes);

    for (size_t i = 0; equals != NULL && i < PS_COUNT_OF(names); i++) {
        ps_span name = ps_ascii_trim((ps_span){line.bytes, name_len});
        ps_span value = ps_ascii_trim((ps_span){equals + 1, line.len - name_len - 1});
        if (!ps_span_equal(name, ps_span_of(names[i])) || value.len == 0 || *secrets[i] != NULL) continue;
        *status = ps_secret_of(value, secrets[i], err);
    }
}

static ps_status take_profile(ps_span text, const char *profile, ps_secret **const secrets[3], ps_error *err)
{
    ps_status status = PS_OK;
    bool inside = false;

    while (status == PS_OK && text.len > 0) {
        ps_span line = next_line(&text);
        if (line.len == 0 || line.bytes[0] == '#' || line.bytes[0] == ';') continue;
        if (line.bytes[0] == '[') {
            ps_span name = {line.bytes + 1, line.len > 1 && line.bytes[line.len - 1] == ']' ? line.len - 2 : 0};
            inside = ps_span_equal(ps_ascii_trim(name), ps_span_of(profile));
        } else if (inside) {
            take_line(line, secrets, err, &status);
        }
    }
    return status;
}

static ps_status load_file(const char *path, ps_secret **const secrets[3], ps_error *err)
{
    const char *named = getenv("AWS_PROFILE"), *profile = named == NULL ? "default" : named;
    ps_buf text;

    ps_buf_init(&text, PS_SECRET_BYTES_MAX);
    ps_status status = ps_secret_file(path, "AWS credentials", &text, err);
    if (status == PS_OK) status = take_profile(ps_buf_span(&text), profile, secrets, err);
    if (text.bytes != NULL) explicit_bzero(text.bytes, text.capacity);
    ps_buf_done(&text);
    if (status != PS_OK || (*secrets[0] != NULL && *secrets[1] != NULL)) return status;
    ps_error_set(err, PS_CONFIG, "There are no AWS keys of the profile '%s' in %s.", profile, path);
    ps_error_hint(err, "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.");
    return PS_CONFIG;
}

// Behind the four letters of its kind an id is base32; the account is 40 bits of it, from the second on.
bool ps_aws_account(ps_span key_id, char out[PS_AWS_ACCOUNT_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    enum { ID_BYTES = 20, KIND_BYTES = 4, BITS = 41, PER_DIGIT = 5 };
    uint64_t bits = 0;
    size_t count = 0;

    bool kind =
        key_id.len == ID_BYTES && (memcmp(key_id.bytes, "AKIA", 4) == 0 || memcmp(key_id.bytes, "ASIA", 4) == 0);
    // Older ids, which hold none, go on with I or J.
    if (!kind || key_id.bytes[KIND_BYTES] == 'I' || key_id.bytes[KIND_BYTES] == 'J') return false;
    for (size_t i = KIND_BYTES; i < ID_BYTES && count < BITS; i++, count += PER_DIGIT) {
        const char *digit = memchr(digits, key_id.bytes[i], sizeof digits - 1);
        if (digit == NULL) return false;
        bits = bits << PER_DIGIT | (uint64_t)(digit - digits);
    }
    bits = bits >> (count - BITS) & ((UINT64_C(1) << (BITS - 1)) - 1);
    snprintf(out, PS_AWS_ACCOUNT_SIZE, "%012llu", (unsigned long long)(bits % UINT64_C(1000000000000)));
    return true;
}

ps_status ps_aws_load(ps_secret **out_id, ps_secret **out_key, ps_secret **out_session, ps_error *err)
{
    ps_secret **const secrets[] = {out_id, out_key, out_session};
    const char *file = getenv("AWS_SHARED_CREDENTIALS_FILE"), *home = getenv("HOME");
    char path[PATH_MAX];

    if (getenv("AWS_ACCESS_KEY_ID") != NULL) return load_variables(out_id, out_key, out_session, err);
    if (file != NULL) return load_file(file, secrets, err);
    if (home != NULL && ps_path_join(home, ".aws/credentials", path, sizeof path)) return load_file(path, secrets, err);
    return load_variables(out_id, out_key, out_session, err); // says what is missing
}
