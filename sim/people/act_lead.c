/* Lead ads: Meta's own app asks the questions of the ad in the thread, which it owns meanwhile, and hands the thread on at the end (webhooks.md 2.9, 3.6). */
#include <string.h>

#include "people/act_family.h"
#include "people/label.h"

#define LEAD_LIFE_MS (48 * HOUR) /* "unfinished ones are closed after 48 h" [documented] */
#define COMPLETE "messenger_lead_gen_complete"
#define INCOMPLETE "messenger_lead_gen_incomplete"
#define SUMMARY_APP_ID "498721317747541" /* of the summary in the documented sample */
#define IN_PROGRESS "Lead In Progress"

/* The flow is a node: text is what was answered so far as [{"question","answer"}], text2 the ad, `a` the app that gets the thread. */
static struct node *
running_lead(const struct world *world, const struct thread *thread)
{
    if (thread_owner(world, thread) != OWNER_LEADS)
        return NULL;
    for (uint32_t i = world->node_count; i-- > 0;) {
        struct node *node = world->nodes[i];

        if (node->kind == NODE_OTHER && node->thread == thread->index && !node->is_spent &&
            node->text != NULL)
            return node;
    }
    return NULL;
}

/* ---- the answers ------------------------------------------------------------------------------------------------------------ */

static void
put_answer(struct buf *out, struct str question, struct str answer)
{
    jw_item(out);
    jw_open(out, '{');
    jw_kv_str(out, "question", question);
    jw_kv_str(out, "answer", answer);
    jw_close(out, '}');
}

/* {"question":"answer"} or a list of {"question","answer"}; false when it is neither. */
static bool
read_answers(struct buf *out, const json_t *answers)
{
    json_t *object = json_to_iterate(answers);

    for (size_t i = 0; i < json_array_size(answers); i++) {
        const json_t *one = json_array_get(answers, i);

        if (json_member(one, "question").s == NULL || json_member(one, "answer").s == NULL)
            return false;
        put_answer(out, json_member(one, "question"), json_member(one, "answer"));
    }
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        struct str answer = json_str(json_object_iter_value(at));

        if (answer.s == NULL)
            return false;
        put_answer(out, str_of(json_object_iter_key(at)), answer);
    }
    return answers == NULL || json_is_array(answers) || json_is_object(answers);
}

static int
keep_answers(struct act *act, struct node *lead)
{
    struct buf all = {0};

    jw_open(&all, '[');
    if (lead->text != NULL && strlen(lead->text) > 2) /* those of before */
        buf_add(&all, lead->text + 1, strlen(lead->text) - 2);
    bool is_good = read_answers(&all, act_json(act, AF_ANSWERS));
    jw_close(&all, ']');
    if (is_good)
        node_set_text(lead, buf_view(&all));
    buf_fini(&all);
    return is_good ? 0
                   : act_refuse(act, "/answers: expected {\"question\":\"answer\"} or a list of "
                                     "{\"question\",\"answer\"}");
}

/* ---- what is told ----------------------------------------------------------------------------------------------------------- */

static void
put_owner(struct buf *out, const struct world *world, const char *key, uint32_t app)
{
    jw_kv_raw(out, key, str_of(event_owner_id(world, app))); /* numbers, in the documented sample */
}

/* The hand-over, with hop_context beside the events of the entry. */
static void
tell_control(struct world *world, struct thread *thread, uint32_t app, const char *metadata)
{
    struct page *page = world->pages[thread->page];
    struct buf item = {0};

    event_open(&item, HEAD_TOLD, world_policy_date(world), page, thread, world->now);
    jw_key(&item, "pass_thread_control");
    jw_open(&item, '{');
    put_owner(&item, world, "previous_owner_app_id", OWNER_LEADS);
    put_owner(&item, world, "new_owner_app_id", app);
    jw_kv_text(&item, "metadata", metadata);
    jw_close(&item, '}');
    jw_close(&item, '}');
    buf_char(&item, DELIVERY_BESIDE);
    buf_printf(&item, "\"hop_context\":[{\"app_id\":%s,\"metadata\":\"%s\"}]",
               event_owner_id(world, app), metadata);
    event_queue(world, page, thread, "pass_thread_control", buf_view(&item), world->now,
                INDEX_NONE);
    buf_fini(&item);
}

static void
put_summary(struct buf *out, const json_t *answers)
{
    buf_adds(out, "Lead summary:");
    for (size_t i = 0; i < json_array_size(answers); i++) {
        const json_t *one = json_array_get(answers, i);

        buf_char(out, '\n');
        buf_str(out, json_member(one, "question"));
        buf_adds(out, ": ");
        buf_str(out, json_member(one, "answer"));
    }
}

/* As if the person had written it; it stands in nobody's thread. Its timestamp is in seconds [documented sample]. */
static void
tell_summary(struct world *world, struct thread *thread, const json_t *answers)
{
    struct page *page = world->pages[thread->page];
    struct buf item = {0}, text = {0}, json = {0};

    put_summary(&text, answers);
    jw_open(&json, '{');
    jw_kv_str(&json, "text", buf_view(&text));
    jw_close(&json, '}');
    uint64_t number = world_add_message(world, thread, INDEX_NONE, MESSAGE_HIDDEN, buf_view(&json));
    event_open(&item, HEAD_WRITTEN, world_policy_date(world), page, thread, world->now / SECOND);
    jw_key(&item, "message");
    jw_open(&item, '{');
    jw_key(&item, "mid");
    event_put_mid(&item, world, number);
    jw_kv_str(&item, "text", buf_view(&text));
    jw_close(&item, '}');
    jw_key(&item, "hop_context");
    jw_open(&item, '{');
    jw_kv_raw(&item, "app_id", STR(SUMMARY_APP_ID));
    jw_kv_text(&item, "metadata", COMPLETE);
    jw_close(&item, '}');
    jw_close(&item, '}');
    event_queue(world, page, thread, "message", buf_view(&item), world->now, INDEX_NONE);
    buf_fini(&item);
    buf_fini(&text);
    buf_fini(&json);
}

static void
tell_lead(struct world *world, struct thread *thread, const struct node *lead, bool is_complete)
{
    struct page *page = world->pages[thread->page];
    struct buf item = {0};

    event_open(&item, HEAD_TOLD, world_policy_date(world), page, thread, world->now / SECOND);
    jw_key(&item, "referral");
    jw_open(&item, '{');
    if (lead->text2 != NULL)
        jw_kv_text(&item, "ad_id", lead->text2);
    jw_kv_text(&item, "source", "ADS");
    jw_kv_text(&item, "type", is_complete ? "LEAD_COMPLETE" : "LEAD_INCOMPLETE");
    jw_close(&item, '}');
    jw_key(&item, "lead");
    jw_open(&item, '{');
    jw_kv_raw(&item, "data", str_of(lead->text));
    jw_close(&item, '}');
    jw_close(&item, '}');
    event_queue(world, page, thread, "referral", buf_view(&item), world->now, INDEX_NONE);
    buf_fini(&item);
}

/* ---- the end ---------------------------------------------------------------------------------------------------------------- */

/* The hand-over comes before the summary [documented]. Without an app the thread is released, which nobody is told. */
static void
end_lead(struct world *world, struct thread *thread, struct node *lead, bool is_complete,
         const char *label)
{
    uint32_t app = (uint32_t)lead->a;
    struct thread_extra *extra = thread_extra(thread);
    json_t *answers = json_loads(lead->text, 0, NULL);

    lead->is_spent = true;
    extra->owner = app;
    extra->owner_until = app != INDEX_NONE ? world->now + 24 * HOUR : MS_NEVER;
    if (app != INDEX_NONE)
        tell_control(world, thread, app, is_complete ? COMPLETE : INCOMPLETE);
    if (is_complete)
        tell_summary(world, thread, answers);
    tell_lead(world, thread, lead, is_complete);
    label_set(world, thread, STR(IN_PROGRESS), false);
    label_set(world, thread, str_of(label), true);
    json_decref(answers);
}

static void
give_up(struct world *world, const struct outbox_item *item)
{
    struct node *lead = world->nodes[item->a];
    struct thread *thread = world_thread(world, lead->thread);

    if (!lead->is_spent && thread_extra(thread)->owner == OWNER_LEADS)
        end_lead(world, thread, lead, false, "Lead Incomplete");
}

/* ---- acts ------------------------------------------------------------------------------------------------------------------- */

/* Who gets the thread: the app named, else the default one, else the first on the page. */
static int
find_receiver(struct act *act, uint32_t *app)
{
    *app = act->page->default_app;
    if (*app == INDEX_NONE && act->page->app_count > 0)
        *app = act->page->apps[0].app;
    if (!act_has(act, AF_APP))
        return 0;
    *app = world_find_app(act->world, act_text(act, AF_APP));
    return *app != INDEX_NONE && page_find_app(act->page, *app) != NULL
               ? 0
               : act_refuse(act, "/app: no app of that id is connected to the page");
}

int
act_lead_start(struct act *act)
{
    uint32_t app;

    if (thread_owner(act->world, act->thread) == OWNER_LEADS)
        return act_refuse(act, "lead_start: the person is in the questions of a lead ad already");
    if (find_receiver(act, &app) < 0)
        return -1;
    struct node *lead = world_add_node(act->world, NODE_OTHER, NULL, act->page_index);
    if (keep_answers(act, lead) < 0) {
        lead->is_deleted = true;
        return -1;
    }
    lead->thread = act->thread->index;
    lead->a = app;
    if (act_has(act, AF_AD_ID))
        node_set_text2(lead, act_text(act, AF_AD_ID));
    struct thread_extra *extra = thread_extra(act->thread);
    extra->owner = OWNER_LEADS;
    extra->owner_until = act->world->now + LEAD_LIFE_MS + 1;
    label_set(act->world, act->thread, STR(IN_PROGRESS), true);
    outbox_push_timer(&act->world->outbox, act->world->now + LEAD_LIFE_MS, give_up, lead->index, 0);
    return 0;
}

int
act_lead_finish(struct act *act)
{
    struct str action = act_has(act, AF_ACTION) ? act_text(act, AF_ACTION) : STR("complete");
    bool is_complete = str_eq_lit(action, "complete");
    struct node *lead = running_lead(act->world, act->thread);

    if (lead == NULL)
        return act_refuse(act,
                          "lead_finish: no questions of a lead ad are open; act lead_start first");
    if (!is_complete && !str_eq_lit(action, "disqualified") && !str_eq_lit(action, "incomplete"))
        return act_refuse(act, "/action: expected complete, disqualified or incomplete");
    if (keep_answers(act, lead) < 0)
        return -1;
    end_lead(act->world, act->thread, lead, is_complete,
             is_complete                          ? "Lead Complete"
             : str_eq_lit(action, "disqualified") ? "Lead Disqualified"
                                                  : "Lead Incomplete");
    return 0;
}
