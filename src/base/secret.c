#include "base/secret.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

struct ps_secret {
    size_t len;
    char bytes[];
};

static const char env_prefix[] = "env:", file_prefix[] = "file:";

ps_status ps_secret_of(ps_span bytes, ps_secret **out, ps_error *err)
{
    ps_secret *secret = ps_memory_new(1, sizeof *secret + bytes.len + 1, err);

    if (secret == NULL) return PS_RETRY;
    secret->len = bytes.len;
    if (bytes.len > 0) memcpy(secret->bytes, bytes.bytes, bytes.len);
    *out = secret;
    return PS_OK;
}

ps_status ps_secret_basic(ps_span user, const ps_secret *password, ps_secret **out, ps_error *err)
{
    static const char scheme[] = "Basic ";
    const size_t scheme_len = sizeof scheme - 1, plain_len = user.len + 1 + password->len;
    const size_t size = plain_len + scheme_len + (plain_len + 2) / 3 * 4 + 1;
    char *plain = ps_memory_new(size, 1, err);

    if (plain == NULL) return PS_RETRY;
    char *header = plain + plain_len;
    memcpy(plain, user.bytes, user.len);
    plain[user.len] = ':';
    memcpy(plain + user.len + 1, password->bytes, password->len);
    memcpy(header, scheme, scheme_len);
    unsigned char *encoded = (unsigned char *)header + scheme_len;
    int len = EVP_EncodeBlock(encoded, (const unsigned char *)plain, (int)plain_len);
    ps_status status = ps_secret_of((ps_span){header, scheme_len + (size_t)len}, out, err);
    explicit_bzero(plain, size);
    ps_memory_free(plain);
    return status;
}

ps_span ps_secret_expose(const ps_secret *secret)
{
    return (ps_span){secret->bytes, secret->len};
}

void ps_secret_free(ps_secret *secret)
{
    if (secret == NULL) return;
    explicit_bzero(secret->bytes, secret->len);
    ps_memory_free(secret);
}

// What stands there must be able to be one line of a header, or an attacker could add more.
static ps_status check(ps_span *bytes, const char *what, const char *reference, ps_error *err)
{
    if (bytes->len > 0 && bytes->bytes[bytes->len - 1] == '\n') bytes->len--;
    if (bytes->len > 0 && bytes->bytes[bytes->len - 1] == '\r') bytes->len--;
    if (bytes->len == 0) return ps_error_set(err, PS_CONFIG, "The secret `%s: %s` is empty.", what, reference);
    for (size_t i = 0; i < bytes->len; i++) {
        unsigned char c = (unsigned char)bytes->bytes[i];
        if (c >= 0x20 && c != 0x7f) continue;
        ps_error_set(err, PS_CONFIG, "The secret `%s: %s` has a line break or control character in it.", what,
                     reference);
        ps_error_hint(err, "Keep the key alone in it, on one line.");
        return PS_CONFIG;
    }
    return PS_OK;
}

static ps_status from_environment(const char *reference, const char *what, ps_secret **out, ps_error *err)
{
    const char *name = reference + strlen(env_prefix), *value = getenv(name);
    ps_span bytes = ps_span_of(value);

    if (value == NULL) {
        ps_error_set(err, PS_CONFIG, "The secret `%s: %s` is missing: there is no such environment variable.", what,
                     reference);
        ps_error_hint(err, "Set %s, or name a file: `%s: file:PATH`.", name, what);
        return PS_CONFIG;
    }
    if (bytes.len > PS_SECRET_BYTES_MAX)
        return ps_error_set(err, PS_CONFIG, "The secret `%s: %s` is over 64 KiB.", what, reference);
    ps_status status = check(&bytes, what, reference, err);
    return status == PS_OK ? ps_secret_of(bytes, out, err) : status;
}

static ps_status check_owner(int fd, const char *path, const char *what, ps_error *err)
{
    struct stat file;

    if (fstat(fd, &file) != 0) return ps_error_set(err, PS_CONFIG, "The secret `%s` in %s cannot be read.", what, path);
    bool ours = file.st_uid == geteuid() || file.st_uid == 0;
    if (ours && (file.st_mode & (S_IRWXG | S_IRWXO)) == 0) return PS_OK;
    ps_error_set(err, PS_CONFIG, "The secret `%s` in %s can be read or written by others.", what, path);
    ps_error_hint(err, "Let only its owner read it: `chmod 600 %s`.", path);
    return PS_CONFIG;
}

static ps_status read_file(int fd, const char *path, const char *what, ps_buf *out, ps_error *err)
{
    char *bytes = ps_memory_new(PS_SECRET_BYTES_MAX + 1, 1, err);
    size_t len = 0;

    if (bytes == NULL) return PS_RETRY;
    ps_status status = check_owner(fd, path, what, err);
    if (status == PS_OK) status = ps_file_read(fd, bytes, PS_SECRET_BYTES_MAX + 1, path, &len, err);
    if (status == PS_OK && len > PS_SECRET_BYTES_MAX)
        status = ps_error_set(err, PS_CONFIG, "The secret `%s` in %s is over 64 KiB.", what, path);
    if (status == PS_OK) {
        ps_buf_add(out, bytes, len); // all at once: growing would leave copies
        status = ps_buf_status(out, "a secret", err);
    }
    explicit_bzero(bytes, PS_SECRET_BYTES_MAX + 1);
    ps_memory_free(bytes);
    return status;
}

ps_status ps_secret_file(const char *path, const char *what, ps_buf *out, ps_error *err)
{
    int fd = -1;
    ps_status status = ps_file_open(path, false, PS_CONFIG, &fd, err);

    if (status != PS_OK) return status;
    status = read_file(fd, path, what, out, err);
    close(fd); // only read from
    return status;
}

static ps_status from_file(const char *reference, const char *what, ps_secret **out, ps_error *err)
{
    ps_buf text;

    ps_buf_init(&text, PS_SECRET_BYTES_MAX);
    ps_status status = ps_secret_file(reference + strlen(file_prefix), what, &text, err);
    ps_span bytes = ps_buf_span(&text);
    if (status == PS_OK) status = check(&bytes, what, reference, err);
    if (status == PS_OK) status = ps_secret_of(bytes, out, err);
    if (text.bytes != NULL) explicit_bzero(text.bytes, text.capacity);
    ps_buf_done(&text);
    return status;
}

ps_status ps_secret_load(const char *reference, const char *what, ps_secret **out, ps_error *err)
{
    if (strncmp(reference, env_prefix, strlen(env_prefix)) == 0) return from_environment(reference, what, out, err);
    if (strncmp(reference, file_prefix, strlen(file_prefix)) == 0) return from_file(reference, what, out, err);
    ps_error_set(err, PS_CONFIG, "A secret must not stand in a job file, as it does at `%s`.", what);
    ps_error_hint(err, "Name where it is: `%s: env:NAME` or `%s: file:PATH`.", what, what);
    return PS_CONFIG;
}

static bool is_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~", c) != NULL;
}

// Bytes of `text` that the secret's next byte takes up, plain or as %XX; 0 when it is another.
static size_t match_byte(ps_span text, unsigned char c)
{
    if (text.len > 0 && (unsigned char)text.bytes[0] == c) return 1;
    if (is_plain(c) || text.len < 3 || text.bytes[0] != '%') return 0;
    int high = ps_hex_value(text.bytes[1]), low = ps_hex_value(text.bytes[2]);
    return high >= 0 && low >= 0 && high * 16 + low == c ? 3 : 0;
}

static bool begins(const ps_secret *secret, ps_span text)
{
    for (size_t i = 0; i < secret->len; i++) {
        size_t len = match_byte(text, (unsigned char)secret->bytes[i]);
        if (len == 0) return false;
        text = (ps_span){text.bytes + len, text.len - len};
    }
    return secret->len > 0;
}

bool ps_secret_is_in(const ps_secret *secret, ps_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (begins(secret, (ps_span){text.bytes + i, text.len - i})) return true;
    }
    return false;
}
