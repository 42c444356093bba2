#include "cmd/startup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

// A handler can reach nothing but a global. Written by it only.
static volatile sig_atomic_t stop_signal;

static void note_signal(int number)
{
    stop_signal = number;
}

// A file opened by us must not land on a descriptor that others take for a standard stream. In place of a closed stream
// stands one that cannot be used in its direction, so that using it fails instead of vanishing.
static void open_standard_streams(void)
{
    static const int flags[] = {O_WRONLY, O_RDONLY, O_RDONLY};

    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
        (void)open("/dev/null",
                   flags[fd]); // takes the lowest free number, which is fd; without /dev/null nothing helps
    }
}

// Best effort: a system that refuses one of these is no reason not to run.
static void give_up_privileges(void)
{
    const struct rlimit no_core = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &no_core); // as said above
#if !defined(__SANITIZE_ADDRESS__) // the leak checker traces its own process, which this forbids
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // as said above
#endif
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); // as said above
    umask(077);
}

static void handle(int number, void (*handler)(int), int flags)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    (void)sigaction(number, &action, NULL); // fails for a wrong number only
}

const volatile int *ps_startup(void)
{
    open_standard_streams();
    give_up_privileges();
    handle(SIGINT, note_signal, (int)SA_RESETHAND);
    handle(SIGTERM, note_signal, (int)SA_RESETHAND);
    handle(SIGPIPE, SIG_IGN, 0); // writing says it
    handle(SIGXFSZ, SIG_IGN, 0); // so too
    return &stop_signal;
}
