// Loaded before presend (LD_PRELOAD), this tells how long it waited for the disk: BENCH_SYNC=FILE gets the seconds
// spent in fsync. With BENCH_SYNC_SKIP=1 nothing is waited for, as a program that never syncs would do; with
// BENCH_DIGEST_SKIP=1 no byte of the files in and out is digested, as a program that makes no manifest would do: their
// digests are those of nothing then, and such a set is good for being timed only.

#define _GNU_SOURCE

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// One thread publishes; nothing syncs beside it.
static double waited_s;

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int timed(long number, int fd)
{
    double from_s = now_s();
    long result = getenv("BENCH_SYNC_SKIP") != NULL ? 0 : syscall(number, fd);

    waited_s += now_s() - from_s;
    return (int)result;
}

int fsync(int fd)
{
    return timed(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return timed(SYS_fdatasync, fd);
}

// OpenSSL's. Files are digested through it in long pieces; what is keyed is an address or shorter than one.
enum { PIECE_BYTES_MIN = 1024 };

int SHA256_Update(void *context, const void *bytes, size_t len)
{
    static int (*real)(void *, const void *, size_t);

    if (len >= PIECE_BYTES_MIN && getenv("BENCH_DIGEST_SKIP") != NULL) return 1;
    if (real == NULL) real = (int (*)(void *, const void *, size_t))dlsym(RTLD_NEXT, "SHA256_Update");
    return real(context, bytes, len);
}

// xxHash's, which the fingerprints of what is read come through; hashes of addresses are made at once.
int XXH3_128bits_update_dispatch(void *state, const void *bytes, size_t len)
{
    static int (*real)(void *, const void *, size_t);

    if (getenv("BENCH_DIGEST_SKIP") != NULL) return 0;
    if (real == NULL) real = (int (*)(void *, const void *, size_t))dlsym(RTLD_NEXT, "XXH3_128bits_update_dispatch");
    return real(state, bytes, len);
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("BENCH_SYNC");
    FILE *file = path == NULL ? NULL : fopen(path, "w");

    if (file == NULL) return;
    fprintf(file, "%.3f\n", waited_s);
    fclose(file);
}
