// A client of c-ares as its manual has it: one channel, so many questions in flight, answers parsed.
//
//   mx-cares RESOLVER:PORT IN_FLIGHT <names

#include <ares.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <time.h>

static unsigned long in_flight, most, count, silent, servers;

static void on_answer(void *context, int status, int timeouts, unsigned char *bytes, int len)
{
    struct ares_mx_reply *list = NULL;

    (void)context;
    (void)timeouts;
    in_flight--;
    silent += status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED;
    if (status != ARES_SUCCESS || ares_parse_mx_reply(bytes, len, &list) != ARES_SUCCESS) return;
    for (struct ares_mx_reply *item = list; item != NULL; item = item->next)
        servers++;
    ares_free_data(list);
}

static int ask_more(ares_channel channel)
{
    char name[512];

    while (in_flight < most) {
        if (fgets(name, sizeof name, stdin) == NULL) return 0;
        name[strcspn(name, "\n")] = '\0';
        in_flight++;
        count++;
        ares_query(channel, name, 1, 15, on_answer, NULL);
    }
    return 1;
}

static void wait_some(ares_channel channel)
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    struct pollfd items[ARES_GETSOCK_MAXNUM];
    struct timeval longest = {1, 0}, left;
    int bits = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM), used = 0;

    for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        if (ARES_GETSOCK_READABLE(bits, i)) items[used++] = (struct pollfd){.fd = sockets[i], .events = POLLIN};
    }
    struct timeval *until = ares_timeout(channel, &longest, &left);
    int ready = poll(items, (nfds_t)used, (int)(until->tv_sec * 1000 + until->tv_usec / 1000 + 1));
    if (ready <= 0) ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    for (int i = 0; i < used; i++) {
        if (items[i].revents != 0) ares_process_fd(channel, items[i].fd, ARES_SOCKET_BAD);
    }
}

int main(int argc, char **argv)
{
    struct ares_options options = {.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOCHECKRESP,
                                   .timeout = 500,
                                   .tries = 3,
                                   .socket_receive_buffer_size = 4 << 20};
    ares_channel channel;
    struct timespec started, ended;
    struct rusage usage;

    if (argc < 3) return 64;
    most = strtoul(argv[2], NULL, 10);
    clock_gettime(CLOCK_MONOTONIC, &started);
    ares_library_init(ARES_LIB_INIT_ALL);
    if (ares_init_options(&channel, &options,
                          ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_RCVBUF) !=
        ARES_SUCCESS) {
        return 1;
    }
    if (ares_set_servers_ports_csv(channel, argv[1]) != ARES_SUCCESS) return 1;
    for (int more = 1; more || in_flight > 0;) {
        if (more) more = ask_more(channel);
        wait_some(channel);
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    getrusage(RUSAGE_SELF, &usage);
    double wall = (double)(ended.tv_sec - started.tv_sec) + (double)(ended.tv_nsec - started.tv_nsec) / 1e9;
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    printf("domains %lu silent %lu seconds %.2f domains/s %.0f cpu-us/domain %.2f servers %lu\n", count, silent, wall,
           (double)count / wall, cpu * 1e6 / (double)count, servers);
    return 0;
}
