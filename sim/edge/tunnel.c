#include "edge/tunnel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "world/xalloc.h"

struct tunnel *
tunnel_new(int client)
{
    struct tunnel *tunnel = xcalloc(1, sizeof *tunnel);

    tunnel->client = client;
    tunnel->server = -1;
    return tunnel;
}

void
tunnel_free(struct tunnel **tunnel)
{
    close((*tunnel)->client);
    if ((*tunnel)->server >= 0)
        close((*tunnel)->server);
    free(*tunnel);
    *tunnel = NULL;
}

struct str
tunnel_head(struct tunnel *tunnel)
{
    const struct flow *up = &tunnel->up;
    const char *end = memmem(up->bytes, up->n, "\r\n\r\n", 4);

    if (end != NULL)
        return (struct str){up->bytes, (size_t)(end + 4 - up->bytes)};
    if (up->n == TUNNEL_BUFFER || up->has_ended)
        tunnel->is_over = true;
    return STR_NONE;
}

bool
tunnel_open(struct tunnel *tunnel, uint16_t port, size_t skip)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    tunnel->server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (tunnel->server < 0)
        return false;
    tunnel->up.at = skip;
    return connect(tunnel->server, (struct sockaddr *)&address, sizeof address) == 0 ||
           errno == EINPROGRESS;
}

void
tunnel_say(struct tunnel *tunnel, const char *text)
{
    struct flow *down = &tunnel->down;
    size_t n = strlen(text);

    if (n > TUNNEL_BUFFER - down->n)
        n = TUNNEL_BUFFER - down->n;
    memcpy(down->bytes + down->n, text, n);
    down->n += n;
}

/* ---- moving --------------------------------------------------------------------------------------------------------------------- */

static bool
can_read(const struct flow *flow)
{
    return !flow->has_ended && flow->n < TUNNEL_BUFFER;
}

void
tunnel_wants(const struct tunnel *tunnel, struct pollfd polled[2])
{
    bool reads_client = can_read(&tunnel->up) && !tunnel->closes_after;

    polled[0] = (struct pollfd){
        tunnel->client,
        (short)((reads_client ? POLLIN : 0) | (tunnel->down.n > tunnel->down.at ? POLLOUT : 0)), 0};
    polled[1] = (struct pollfd){tunnel->server,
                                (short)((can_read(&tunnel->down) ? POLLIN : 0) |
                                        (tunnel->up.n > tunnel->up.at ? POLLOUT : 0)),
                                0};
}

static void
fill(struct tunnel *tunnel, struct flow *flow, int from)
{
    ssize_t n;

    if (!can_read(flow))
        return;
    n = recv(from, flow->bytes + flow->n, TUNNEL_BUFFER - flow->n, 0);
    if (n > 0)
        flow->n += (size_t)n;
    else if (n == 0)
        flow->has_ended = true;
    else if (errno != EAGAIN && errno != EINTR)
        tunnel->is_over = true;
}

static void
drain(struct tunnel *tunnel, struct flow *flow, int to)
{
    ssize_t n = 0;

    if (flow->n > flow->at)
        n = send(to, flow->bytes + flow->at, flow->n - flow->at, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        tunnel->is_over = true;
    if (n > 0)
        flow->at += (size_t)n;
    if (flow->at == flow->n)
        flow->at = flow->n = 0;
    if (flow->n == 0 && flow->has_ended && !flow->is_shut) {
        shutdown(to, SHUT_WR);
        flow->is_shut = true;
    }
}

void
tunnel_move(struct tunnel *tunnel, const struct pollfd polled[2])
{
    if ((polled[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        fill(tunnel, &tunnel->up, tunnel->client);
    if (tunnel->server >= 0 && (polled[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
        fill(tunnel, &tunnel->down, tunnel->server);
    if (tunnel->server >= 0 && (polled[1].revents & POLLOUT || tunnel->up.has_ended))
        drain(tunnel, &tunnel->up, tunnel->server);
    if ((polled[0].revents & POLLOUT) != 0 || tunnel->down.has_ended)
        drain(tunnel, &tunnel->down, tunnel->client);
    if ((tunnel->up.is_shut && tunnel->down.is_shut) ||
        (tunnel->closes_after && tunnel->down.n == 0))
        tunnel->is_over = true;
}
