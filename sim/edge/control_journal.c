/* The journal of a world, from a cursor on, as JSON lines. */
#include "edge/control.h"
#include "edge/drive.h"
#include "edge/exchange.h"
#include "edge/server.h"
#include "edge/tenant.h"
#include "edge/wallclock.h"

enum { WAIT_MS_MAX = 600000 };

static void
add_line(void *to, const char *line, size_t n)
{
    struct buf *out = to;

    buf_add(out, line, n);
    buf_char(out, '\n');
}

/* The tenant is locked. Records that were dropped because the journal had become too large are missed in a header. */
static void
write_lines(struct exchange *exchange)
{
    const struct world *world = exchange->tenant->world;
    struct reply *reply = &exchange->reply;
    uint64_t first = world_journal_first(world), from = exchange->after + 1;
    char missed[24];

    if (from < first) {
        format_uint64(missed, first - from);
        reply_header(reply, "X-Understudy-Missed", missed);
        from = first;
    }
    buf_reset(&reply->body);
    for (uint64_t seq = from; seq < world_journal_next(world); seq++)
        world_journal_read(world, seq, add_line, &reply->body);
    reply->status = 200;
    reply->content_type = "application/x-ndjson";
}

static void
after_waiting(struct exchange *exchange)
{
    if (exchange->is_refused || !tenant_enter(exchange->tenant)) {
        control_refuse(exchange);
        return;
    }
    write_lines(exchange);
    tenant_leave(exchange->tenant);
}

void
control_journal(struct control *control)
{
    struct exchange *exchange = control->exchange;
    struct tenant *tenant = control->tenant;
    uint64_t wait_ms;

    if (!control_query_number(control, "after", 0, &exchange->after) ||
        !control_query_number(control, "wait", 0, &wait_ms))
        return;
    if (!control_enter(control))
        return;
    if (wait_ms == 0 || world_journal_next(tenant->world) > exchange->after + 1 ||
        !exchange_sleep(exchange, after_waiting)) {
        write_lines(exchange);
        control_leave(control);
        return;
    }
    exchange->deadline_us =
        wallclock_ticks_us() + (int64_t)(wait_ms < WAIT_MS_MAX ? wait_ms : WAIT_MS_MAX) * 1000;
    exchange->next = tenant->polling;
    tenant->polling = exchange;
    tenant_hold(tenant);
    control_leave(control);
    driver_flag(control->server->driver, tenant);
    tenant_release(tenant);
}
