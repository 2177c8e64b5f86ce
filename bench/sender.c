/* The least that sends webhooks: POSTs of one and the same body on keep-alive connections, written and read on plain sockets, nothing signed and nothing read but that
 * an answer came. What `understudy serve` delivers a second is held against it. Prints one line of JSON.
 *
 * usage: bench_sender PORT CONNECTIONS DELIVERIES BODY_BYTES */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024

static char request[65536];
static size_t request_n;

static void
give_up(const char *what)
{
    perror(what);
    exit(2);
}

/* The headers that the platform sends, with a signature of the right length. */
static void
write_request(size_t body_n)
{
    int head =
        snprintf(request, sizeof request,
                 "POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: "
                 "facebookexternalua\r\nAccept: */*\r\nAccept-Encoding: deflate, gzip\r\n"
                 "Content-Type: application/json\r\nX-Hub-Signature: "
                 "sha1=%040d\r\nX-Hub-Signature-256: sha256=%064d\r\nContent-Length: %zu\r\n\r\n",
                 0, 0, body_n);

    if (head < 0 || (size_t)head + body_n > sizeof request) {
        fprintf(stderr, "BODY_BYTES is %zu, expected less than 60000\n", body_n);
        exit(2);
    }
    memset(request + head, 'x', body_n);
    request_n = (size_t)head + body_n;
}

static int
connect_to(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int file = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

    if (file < 0 || connect(file, (struct sockaddr *)&address, sizeof address) != 0)
        give_up("connect");
    setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return file;
}

static void
post(int file)
{
    if (write(file, request, request_n) != (ssize_t)request_n)
        give_up("write");
}

/* An answer of the sink is small and comes at once. */
static void
take_answer(int file)
{
    char answer[4096];
    ssize_t n = read(file, answer, sizeof answer);

    if (n < 12 || memcmp(answer, "HTTP/1.1 200", 12) != 0)
        give_up("an answer that is not 200");
}

static void
deliver(uint16_t port, unsigned connections, unsigned long deliveries)
{
    struct epoll_event ready[CONNECTIONS_MAX];
    int poll = epoll_create1(0);
    unsigned long sent = 0, answered = 0;

    for (unsigned i = 0; i < connections; i++) {
        int file = connect_to(port);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = file};

        epoll_ctl(poll, EPOLL_CTL_ADD, file, &event);
        post(file);
        sent++;
    }
    while (answered < deliveries) {
        int n = epoll_wait(poll, ready, CONNECTIONS_MAX, 10000);

        if (n <= 0)
            give_up("no answer for ten seconds");
        for (int i = 0; i < n; i++) {
            take_answer(ready[i].data.fd);
            answered++;
            if (sent < deliveries) {
                post(ready[i].data.fd);
                sent++;
            }
        }
    }
}

int
main(int argc, char **argv)
{
    struct timespec used;

    if (argc != 5) {
        fprintf(stderr, "usage: bench_sender PORT CONNECTIONS DELIVERIES BODY_BYTES\n");
        return 2;
    }
    unsigned long connections = strtoul(argv[2], NULL, 10), deliveries = strtoul(argv[3], NULL, 10);
    if (connections < 1 || connections > CONNECTIONS_MAX || deliveries < connections) {
        fprintf(stderr, "CONNECTIONS is %s, expected 1 to %d and at most DELIVERIES\n", argv[2],
                CONNECTIONS_MAX);
        return 2;
    }
    write_request(strtoul(argv[4], NULL, 10));
    deliver((uint16_t)strtoul(argv[1], NULL, 10), (unsigned)connections, deliveries);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    printf("{\"deliveries\":%lu,\"cpu_seconds\":%.6f}\n", deliveries,
           (double)used.tv_sec + (double)used.tv_nsec / 1e9);
    return 0;
}
