#include "edge/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

bool
listener_is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
           strcmp(host, "::1") == 0;
}

static int
bind_one(const struct addrinfo *address)
{
    int yes = 1,
        listener = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (listener < 0)
        return -1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, address->ai_addr, address->ai_addrlen) == 0 &&
        listen(listener, BACKLOG) == 0)
        return listener;
    int error = errno;
    close(listener);
    errno = error;
    return -1;
}

int
listener_open(const char *host, uint16_t port, char *problem, size_t size)
{
    struct addrinfo wanted = {.ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[8];
    int listener = -1;

    snprintf(service, sizeof service, "%u", (unsigned)port);
    int error = getaddrinfo(host, service, &wanted, &found);
    if (error != 0) {
        snprintf(problem, size, "cannot listen on %s:%u: %s; give an address of this machine", host,
                 (unsigned)port, gai_strerror(error));
        return -1;
    }
    for (const struct addrinfo *each = found; each != NULL && listener < 0; each = each->ai_next)
        listener = bind_one(each);
    if (listener < 0)
        snprintf(problem, size, "cannot listen on %s:%u: %s; give %s", host, (unsigned)port,
                 strerror(errno),
                 errno == EADDRNOTAVAIL ? "an address of this machine"
                                        : "another port, or 0 for any free one");
    freeaddrinfo(found);
    return listener;
}

uint16_t
listener_port(int listener)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_storage room;
    } address = {.room = {0}};
    socklen_t size = sizeof address;

    if (getsockname(listener, &address.any, &size) != 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}
