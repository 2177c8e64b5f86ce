/* Messaging insights of a page, counted from what happened: messages in the world's log, acts in its journal (webhooks.md 4.9). */
#include <string.h>

#include "core/datetime.h"
#include "graph/conventions.h"
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/node.h"

/* Days end at midnight of the Pacific standard zone [observed in samples; summer time left out]. */
#define DAY_OFFSET (8 * HOUR)
#define DAYS_MAX 93

/* ---- what is counted --------------------------------------------------------------------------------------------------------------------- */

enum counted { COUNT_CONNECTIONS, COUNT_NEW, COUNT_ACTIVE, COUNT_BLOCKED, COUNT_REPORTED, COUNT_FEEDBACK, COUNT_BY_TYPE };

static const struct metric {
    const char *name;
    enum counted counted;
    ms_t until; /* policy date from which it is no metric any more */
    const char *title, *description;
} metrics[] = {
    { "page_messages_total_messaging_connections", COUNT_CONNECTIONS, MS_ALWAYS, "Messaging connections",
      "People who have written to the page, without those who blocked or reported it." },
    { "page_messages_new_conversations_unique", COUNT_NEW, MS_ALWAYS, "Unique new conversations",
      "Conversations with people who had never written to the page before." },
    { "page_messages_blocked_conversations_unique", COUNT_BLOCKED, MS_ALWAYS, "Unique blocked conversations", "Conversations that people blocked." },
    { "page_messages_reported_conversations_unique", COUNT_REPORTED, MS_ALWAYS, "Unique reported conversations", "Conversations that people reported." },
    { "page_messages_reported_conversations_by_report_type_unique", COUNT_BY_TYPE, CIVIL(2020, 3, 4), "Unique reported conversations by type",
      "Conversations that people reported, by the kind of report." },
    { "page_messages_active_threads_unique", COUNT_ACTIVE, CIVIL(2020, 3, 4), "Unique active threads", "Conversations in which something was written." },
    { "page_messages_open_conversations_unique", COUNT_ACTIVE, CIVIL(2017, 11, 7), "Unique open conversations", "Conversations that were open." },
    { "page_messages_feedback_by_action_unique", COUNT_FEEDBACK, CIVIL(2017, 11, 7), "Unique feedback by action", "Feedback of people, by action." },
};

static const struct metric *
metric_named(const struct call *c, struct str name)
{
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
        if (str_eq(name, str_of(metrics[i].name)))
            return c->as_of < metrics[i].until ? &metrics[i] : NULL;
    return NULL;
}

/* ---- what happened ------------------------------------------------------------------------------------------------------------------------- */

struct happening {
    ms_t at;
    uint32_t thread;
    enum counted kind; /* COUNT_NEW, COUNT_ACTIVE, COUNT_BLOCKED or COUNT_REPORTED */
};

struct story {
    struct call *call;
    struct happening *at;
    size_t count, room;
};

static void
add(struct story *story, ms_t at, uint32_t thread, enum counted kind)
{
    if (story->count == story->room) {
        size_t room = story->room * 2 + 64;
        struct happening *more = arena_alloc(story->call->arena, room * sizeof *more);

        if (story->count > 0)
            memcpy(more, story->at, story->count * sizeof *more);
        story->at = more;
        story->room = room;
    }
    story->at[story->count++] = (struct happening){ at, thread, kind };
}

/* Every message, and the first one of each person. */
static void
add_messages(struct story *story, const struct thread *thread)
{
    const struct message *m, *first = NULL;

    for (uint64_t number = thread->newest; number != 0 && (m = world_message(story->call->world, number)) != NULL; number = m->previous) {
        add(story, m->at, thread->index, COUNT_ACTIVE);
        if (!(m->flags & MESSAGE_FROM_PAGE))
            first = m;
    }
    if (first != NULL)
        add(story, first->at, thread->index, COUNT_NEW);
}

/* A record of the journal: blocks and reports are acts of people. */
static void
add_record(void *to, const char *line, size_t n)
{
    struct story *story = to;
    struct call *c = story->call;
    ms_t at;

    if (memmem(line, n < 400 ? n : 400, "\"kind\":\"act\"", 12) == NULL)
        return;
    const struct jnode *json = json_read(c->arena, (struct str){ arena_strndup(c->arena, line, n), n }, JSON_LAST_WINS, NULL);
    struct str act = json_text(json_get(json, "act")), user = json_text(json_get(json, "user"));
    bool is_block = str_eq_lit(act, "block"), is_report = str_eq_lit(act, "report");
    const struct thread *thread = world_find_psid(c->world, digits_read(user.s, user.n));
    if ((!is_block && !is_report) || thread == NULL || thread->page != c->page_index || json_get(json, "refused") != NULL ||
        !datetime_read(json_text(json_get(json, "at")), &at))
        return;
    add(story, at, thread->index, is_block ? COUNT_BLOCKED : COUNT_REPORTED);
}

static void
tell_story(struct story *story, bool wants_acts)
{
    struct world *w = story->call->world;

    for (uint32_t i = 0; i < w->thread_count; i++)
        if (world_thread(w, i)->page == story->call->page_index)
            add_messages(story, world_thread(w, i));
    for (uint64_t seq = world_journal_first(w); wants_acts && seq < world_journal_next(w); seq++)
        world_journal_read(w, seq, add_record, story);
}

/* Distinct threads to which something of that kind happened in [from, until). */
static int64_t
count_threads(const struct story *story, enum counted kind, ms_t from, ms_t until)
{
    uint8_t *seen = arena_zalloc(story->call->arena, story->call->world->thread_count + 1);
    int64_t count = 0;

    for (size_t i = 0; i < story->count; i++) {
        const struct happening *h = &story->at[i];

        if (h->kind != kind || h->at < from || h->at >= until || seen[h->thread])
            continue;
        seen[h->thread] = 1;
        count++;
    }
    return count;
}

/* Everybody who ever wrote, without those who have blocked or reported the page. */
static int64_t
count_connections(const struct story *story, ms_t until)
{
    int64_t count = 0;

    for (size_t i = 0; i < story->count; i++) {
        const struct happening *h = &story->at[i];

        count += h->kind == COUNT_NEW && h->at < until && !(world_thread(story->call->world, h->thread)->flags & (THREAD_BLOCKED | THREAD_REPORTED));
    }
    return count;
}

static void
write_value(struct buf *out, const struct story *story, const struct metric *metric, ms_t from, ms_t until)
{
    jw_item(out);
    jw_open(out, '{');
    if (metric->counted == COUNT_CONNECTIONS) {
        jw_kv_int(out, "value", count_connections(story, until));
    } else if (metric->counted == COUNT_BY_TYPE || metric->counted == COUNT_FEEDBACK) {
        jw_key(out, "value");
        jw_open(out, '{');
        if (metric->counted == COUNT_FEEDBACK) {
            jw_kv_int(out, "TURN_OFF", 0);
            jw_kv_int(out, "TURN_ON", 0);
            jw_kv_int(out, "DELETE", 0);
            jw_kv_int(out, "OTHER", count_threads(story, COUNT_BLOCKED, from, until));
            jw_kv_int(out, "REPORT_SPAM", count_threads(story, COUNT_REPORTED, from, until));
        } else {
            jw_kv_int(out, "spam", count_threads(story, COUNT_REPORTED, from, until));
            jw_kv_int(out, "inappropriate", 0);
            jw_kv_int(out, "other", 0);
        }
        jw_close(out, '}');
    } else {
        jw_kv_int(out, "value", count_threads(story, metric->counted, from, until));
    }
    conventions_time(story->call, out, "end_time", until);
    jw_close(out, '}');
}

/* ---- the range ------------------------------------------------------------------------------------------------------------------------------ */

static const struct period {
    const char *name;
    unsigned days; /* 0: the whole range is one */
} periods[] = { { "day", 1 }, { "week", 7 }, { "days_28", 28 }, { "month", 30 }, { "total_over_range", 0 }, { "lifetime", 0 } };

/* Unix seconds (milliseconds too, as clients that exist send them) or a date. */
static bool
read_instant(struct str text, ms_t *at)
{
    uint64_t number = digits_read(text.s, text.n);

    if (number > 0) {
        *at = number > 100000000000 ? (ms_t)number : (ms_t)number * SECOND;
        return true;
    }
    return datetime_read(text, at);
}

struct range {
    ms_t since, until; /* on boundaries of days */
    const struct period *period;
};

static ms_t
day_end(ms_t at)
{
    return (at - DAY_OFFSET + DAY - 1) / DAY * DAY + DAY_OFFSET;
}

static enum graph_err
read_range(struct call *c, struct range *range)
{
    struct str period = call_text(c, "period"), since = call_text(c, "since"), until = call_text(c, "until");

    *range = (struct range){ 0, c->now, &periods[0] };
    call_saw(c, RULE_FORM_ENUM);
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++)
        if (str_eq(period, str_of(periods[i].name)))
            range->period = &periods[i];
    if (period.n > 0 && !str_eq(period, str_of(range->period->name)))
        return call_fail(c, RULE_FORM_ENUM, ERR_ENUM, "period", "day, week, days_28, month, lifetime, total_over_range",
                         arena_strndup(c->arena, period.s, period.n), NULL);
    call_saw(c, RULE_FORM_TYPE);
    if (until.n > 0 && !read_instant(until, &range->until))
        return call_fail(c, RULE_FORM_TYPE, ERR_INVALID_PARAMETER, NULL);
    range->until = day_end(range->until);
    range->since = range->until - 2 * DAY;
    if (since.n > 0 && !read_instant(since, &range->since))
        return call_fail(c, RULE_FORM_TYPE, ERR_INVALID_PARAMETER, NULL);
    range->since = day_end(range->since) - (since.n > 0 ? DAY : 0);
    if (range->since >= range->until || range->until - range->since > (DAYS_MAX + 1) * DAY)
        return call_fail(c, RULE_FORM_TYPE, ERR_INSIGHTS_RANGE, NULL);
    return ERR_NONE;
}

/* ---- the answer ------------------------------------------------------------------------------------------------------------------------------- */

static void
write_metric(struct call *c, const struct story *story, const struct metric *metric, const struct range *range)
{
    struct buf *out = &c->reply->body;

    jw_item(out);
    jw_open(out, '{');
    jw_kv_text(out, "name", metric->name);
    jw_kv_text(out, "period", range->period->name);
    jw_key(out, "values");
    jw_open(out, '[');
    if (range->period->days == 0)
        write_value(out, story, metric, range->since, range->until);
    for (ms_t end = range->since + DAY; end <= range->until && range->period->days > 0; end += DAY)
        write_value(out, story, metric, end - (ms_t)range->period->days * DAY, end);
    jw_close(out, ']');
    jw_kv_text(out, "title", metric->title);
    jw_kv_text(out, "description", metric->description);
    jw_kv_text(out, "id", call_printf(c, "%s/insights/%s/%s", c->page->id, metric->name, range->period->name));
    jw_close(out, '}');
}

/* The metrics that were asked for, between commas. */
static struct str
asked_metrics(struct call *c, const struct jnode *asked)
{
    struct buf list = { 0 };
    struct names names;
    struct str name;

    for (names_open(&names, asked); names_next(&names, &name);) {
        buf_adds(&list, list.n > 0 ? "," : "");
        buf_str(&list, name);
    }
    struct str text = { arena_strndup(c->arena, list.n > 0 ? list.s : "", list.n), list.n };
    buf_fini(&list);
    return text;
}

static void
write_link(struct call *c, const char *key, struct str asked, ms_t since, ms_t until)
{
    struct str period = call_text(c, "period");
    struct buf link = { 0 };

    buf_printf(&link, "https://graph.facebook.com/v%d.%d/%s/insights?access_token=%.*s&metric=%.*s", c->version / 100, c->version % 100, c->page->id,
               STR_ARG(c->token), STR_ARG(asked));
    if (period.n > 0)
        buf_printf(&link, "&period=%.*s", STR_ARG(period));
    buf_printf(&link, "&since=%lld&until=%lld", (long long)(since / SECOND), (long long)(until / SECOND));
    jw_kv_str(&c->reply->body, key, buf_view(&link));
    buf_fini(&link);
}

enum graph_err
insights_get(struct call *c)
{
    struct buf *out = &c->reply->body;
    const struct jnode *asked = call_param(c, "metric");
    struct story story = { .call = c };
    struct names names;
    struct range range;
    struct str name;
    bool wants_acts = false;

    call_saw(c, RULE_FORM_REQUIRED);
    if (asked == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "metric", NULL);
    enum graph_err error = read_range(c, &range);
    if (error != ERR_NONE)
        return error;
    call_saw(c, RULE_FORM_ENUM);
    for (names_open(&names, asked); names_next(&names, &name);) {
        const struct metric *metric = metric_named(c, name);

        if (metric == NULL)
            return call_fail(c, RULE_FORM_ENUM, ERR_INVALID_METRIC, NULL);
        wants_acts |= metric->counted >= COUNT_BLOCKED;
    }
    tell_story(&story, wants_acts);
    buf_adds(out, "{\"data\":[");
    for (names_open(&names, asked); names_next(&names, &name);)
        write_metric(c, &story, metric_named(c, name), &range);
    buf_adds(out, "],\"paging\":{");
    ms_t length = range.until - range.since;
    write_link(c, "previous", asked_metrics(c, asked), range.since - length, range.since);
    write_link(c, "next", asked_metrics(c, asked), range.until, range.until + length);
    buf_adds(out, "}}");
    return ERR_NONE;
}
