#include "edge/reactor.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "edge/wallclock.h"
#include "world/xalloc.h"

enum { READY_MAX = 64 };

struct reactor {
    CURLM *multi;
    int epoll, event;
    int64_t
        curl_due_us; /* when libcurl wants to be called though nothing is ready; INT64_MAX: never */
    bool has_curl;   /* it was called since its messages were last read */
};

/* What epoll gives back: a watch, nothing for the call of other threads, or a socket of libcurl's, told by the lowest bit. */
static uint64_t
tag_of_curl(curl_socket_t file)
{
    return ((uint64_t)(uint32_t)file << 1) | 1;
}

static void
set(struct reactor *reactor, int file, uint32_t events, uint64_t tag)
{
    struct epoll_event event = {.events = events, .data.u64 = tag};

    if (epoll_ctl(reactor->epoll, EPOLL_CTL_MOD, file, &event) != 0 &&
        epoll_ctl(reactor->epoll, EPOLL_CTL_ADD, file, &event) != 0)
        abort(); /* no memory for it, or not a socket */
}

/* ---- libcurl -------------------------------------------------------------------------------------------------------------------- */

static int
on_socket(CURL *easy, curl_socket_t file, int wanted, void *into, void *of_socket)
{
    struct reactor *reactor = into;

    (void)easy;
    (void)of_socket;
    if (wanted == CURL_POLL_REMOVE)
        epoll_ctl(reactor->epoll, EPOLL_CTL_DEL, file, NULL);
    else
        set(reactor, file,
            (uint32_t)((wanted & CURL_POLL_IN ? EPOLLIN : 0) |
                       (wanted & CURL_POLL_OUT ? EPOLLOUT : 0)),
            tag_of_curl(file));
    return 0;
}

static int
on_timer(CURLM *multi, long wait_ms, void *into)
{
    struct reactor *reactor = into;

    (void)multi;
    reactor->curl_due_us = wait_ms < 0 ? INT64_MAX : wallclock_ticks_us() + 1000 * (int64_t)wait_ms;
    return 0;
}

static void
run_curl(struct reactor *reactor, curl_socket_t file, uint32_t events)
{
    int running, what = (events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                        (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                        (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);

    curl_multi_socket_action(reactor->multi, file, what, &running);
    reactor->has_curl = true;
}

/* A call may end transfers and begin others, which want a call at once. */
static void
finish_transfers(struct reactor *reactor)
{
    CURLMsg *message;
    int left;

    while (reactor->curl_due_us != INT64_MAX && reactor->curl_due_us <= wallclock_ticks_us()) {
        reactor->curl_due_us = INT64_MAX;
        run_curl(reactor, CURL_SOCKET_TIMEOUT, 0);
    }
    if (!reactor->has_curl)
        return;
    reactor->has_curl = false;
    while ((message = curl_multi_info_read(reactor->multi, &left)) != NULL) {
        CURLcode result = message->data.result;
        struct transfer *transfer;

        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        transfer->on_end(transfer, result);
    }
}

/* ---- the reactor ---------------------------------------------------------------------------------------------------------------- */

struct reactor *
reactor_new(void)
{
    struct reactor *reactor = xcalloc(1, sizeof *reactor);

    reactor->multi = curl_multi_init();
    reactor->epoll = epoll_create1(EPOLL_CLOEXEC);
    reactor->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (reactor->multi == NULL || reactor->epoll < 0 || reactor->event < 0)
        abort();
    reactor->curl_due_us = INT64_MAX;
    set(reactor, reactor->event, EPOLLIN, 0);
    curl_multi_setopt(reactor->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(reactor->multi, CURLMOPT_SOCKETDATA, reactor);
    curl_multi_setopt(reactor->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(reactor->multi, CURLMOPT_TIMERDATA, reactor);
    return reactor;
}

void
reactor_free(struct reactor **reactor)
{
    curl_multi_cleanup((*reactor)->multi);
    close((*reactor)->epoll);
    close((*reactor)->event);
    free(*reactor);
    *reactor = NULL;
}

CURLM *
reactor_multi(struct reactor *reactor)
{
    return reactor->multi;
}

void
reactor_watch(struct reactor *reactor, int file, struct watch *watch, bool wants_room)
{
    assert(((uintptr_t)watch & 1) == 0);
    set(reactor, file, EPOLLIN | (wants_room ? EPOLLOUT : 0), (uintptr_t)watch);
}

static int
wait_ms_of(struct reactor *reactor, int64_t wait_us)
{
    if (wait_us > 0 && reactor->curl_due_us != INT64_MAX) {
        int64_t due_us = reactor->curl_due_us - wallclock_ticks_us();

        wait_us = due_us < wait_us ? due_us : wait_us;
    }
    return wait_us <= 0 ? 0 : (int)((wait_us + 999) / 1000);
}

void
reactor_wait(struct reactor *reactor, int64_t wait_us)
{
    struct epoll_event ready[READY_MAX];
    int n = epoll_wait(reactor->epoll, ready, READY_MAX, wait_ms_of(reactor, wait_us));

    for (int i = 0; i < n; i++) {
        uint64_t tag = ready[i].data.u64;

        if (tag == 0) {
            eventfd_t calls;

            eventfd_read(reactor->event, &calls);
        } else if ((tag & 1) != 0) {
            run_curl(reactor, (curl_socket_t)(tag >> 1), ready[i].events);
        } else {
            struct watch *watch =
                (struct watch *)(uintptr_t)tag; // NOLINT(performance-no-int-to-ptr)

            watch->on_ready(watch, ready[i].events);
        }
    }
    finish_transfers(reactor);
}

void
reactor_wake(struct reactor *reactor)
{
    eventfd_write(reactor->event,
                  1); /* fails when it is full: then it has been called often enough */
}

/* ---- transfers ------------------------------------------------------------------------------------------------------------------ */

CURL *
reactor_easy_new(struct transfer *transfer)
{
    CURL *easy = curl_easy_init();

    if (easy == NULL)
        abort();
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    return easy;
}

const char *
reactor_reason(CURLcode result)
{
    switch ((int)result) {
    case CURLE_OPERATION_TIMEDOUT:
        return "no answer within 5 seconds";
    case CURLE_COULDNT_CONNECT:
        return "connection refused";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "the host is not known";
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
        return "the connection was closed without an answer";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
        return "TLS failed";
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return "the callback is no http or https URL";
    default:
        return "the answer is not HTTP";
    }
}
