/* Thread control, call by call and app by app (webhooks.md 4.6). */
#include "tests/manage_bench.h"
#include "world/delivery.h"

#define V "/v19.0/me/"
#define TO_ANN "\"recipient\":{\"id\":\"$ann\"}"
#define DONE "{\"success\":true}"
#define INBOX "263902037430900"

/* A page with three apps, each with its token and its webhook. */
struct desk {
    struct stage s;
    struct credential *tokens[3];
};

static void
desk_init(struct desk *d)
{
    stage_init(&d->s);
    d->tokens[0] = d->s.b.token;
    for (uint32_t i = 1; i < 3; i++) {
        world_add_app(d->s.b.world, NULL, NULL, NULL, NULL);
        page_connect_app(d->s.b.page, i);
        d->tokens[i] = world_add_credential(d->s.b.world, CREDENTIAL_PAGE, i, 0, NULL);
    }
    for (uint32_t i = 0; i < 3; i++) {
        struct app *app = d->s.b.world->apps[i];
        struct page_app *on = page_find_app(d->s.b.page, i);

        app->webhook.url = strdup("http://127.0.0.1/hook");
        app->webhook.fields = on->fields = FIELD_BIT(FIELD_MESSAGING_HANDOVERS);
        on->is_subscribed = app->is_live = true;
    }
}

/* Who got a webhook since the last look: -1 nobody. The bodies are kept in `items`. */
static int
app_told(struct desk *d, char *items, size_t size)
{
    struct outbox_item item;
    int told = -1;

    *items = '\0';
    while (outbox_pop(&d->s.b.world->outbox, MS_ALWAYS, &item)) {
        if (item.delivery == NULL)
            continue;
        told = (int)item.delivery->app;
        snprintf(items, size, "%.*s", (int)item.delivery->items_n, item.delivery->items);
        delivery_free(item.delivery);
    }
    return told;
}

struct move {
    int app;              /* who calls; -1: nobody, `edge` is a number of hours that pass */
    const char *edge;
    const char *body;     /* NULL: GET; $1 and $2 are the ids of the other apps */
    int status;
    const char *contains;
    int told;
    const char *event;    /* part of the event */
};

/* $0, $1, $2: ids of apps. */
static void
fill_apps(struct desk *d, char *out, size_t size, const char *text)
{
    size_t used = 0;

    for (; *text != '\0'; text++) {
        if (*text == '$' && text[1] >= '0' && text[1] <= '2')
            used += (size_t)snprintf(out + used, size - used, "%s", d->s.b.world->apps[*++text - '0']->id);
        else if (used + 1 < size)
            out[used++] = *text;
    }
    out[used] = '\0';
}

static void
play(struct desk *d, const struct move *m)
{
    char target[512], body[1024], want[512], items[1024], event[512];

    if (m->app < 0) {
        world_set_now(d->s.b.world, d->s.b.world->now + atoi(m->edge) * HOUR);
        return;
    }
    fill_apps(d, body, sizeof body, m->body != NULL ? m->body : "");
    fill_apps(d, want, sizeof want, m->contains);
    fill_apps(d, event, sizeof event, m->event != NULL ? m->event : "");
    snprintf(target, sizeof target, V "%s%caccess_token=%s", m->edge, strchr(m->edge, '?') != NULL ? '&' : '?', d->tokens[m->app]->token);
    stage_play(&d->s, &(struct step){ m->body != NULL ? "POST" : "GET", target, m->body != NULL ? body : NULL, m->status, want });
    int told = app_told(d, items, sizeof items);
    ck_assert_msg(told == m->told, "%s by %d: told %d, wanted %d", m->edge, m->app, told, m->told);
    ck_assert_msg(strstr(items, event) != NULL, "%s: %s", m->edge, items);
}

#define NOT_OWNER "(#100) calling app is not the thread owner"
#define OWNER_IS(n) { n, "thread_owner?recipient=$ann", NULL, 200, "{\"data\":[{\"thread_owner\":{\"app_id\":\"$" #n "\",\"expiration\":", -1, NULL }
#define IDLE(n) { n, "thread_owner?recipient=$ann", NULL, 200, "{\"data\":[]}", -1, NULL }

/* Without routing: an idle thread may be passed by anybody, take is refused, requests go to the owner. */
static const struct move without_routing[] = {
    IDLE(0),
    { 0, "take_thread_control", "{" TO_ANN "}", 400, "Only available to Primary and Secondary Receivers.", -1, NULL },
    { 0, "pass_thread_control", "{" TO_ANN ",\"target_app_id\":\"$1\",\"metadata\":\"to one\"}", 200, DONE, 1,
      "\"pass_thread_control\":{\"previous_owner_app_id\":null,\"new_owner_app_id\":\"$1\",\"metadata\":\"to one\"}" },
    OWNER_IS(1),
    { 0, "pass_thread_control", "{" TO_ANN ",\"target_app_id\":\"$2\"}", 400, NOT_OWNER, -1, NULL },
    { 0, "release_thread_control", "{" TO_ANN "}", 400, NOT_OWNER, -1, NULL },
    { 0, "request_thread_control", "{" TO_ANN ",\"metadata\":\"mine\"}", 200, DONE, 1, "\"request_thread_control\":{\"requested_owner_app_id\":$0,\"metadata\":\"mine\"}" },
    { 1, "request_thread_control", "{" TO_ANN "}", 200, DONE, -1, NULL },
    { 1, "pass_thread_control", "{" TO_ANN ",\"target_app_id\":$0}", 200, DONE, 0, "\"previous_owner_app_id\":\"$1\",\"new_owner_app_id\":\"$0\"" },
    { 0, "pass_thread_control", "{" TO_ANN ",\"target_app_id\":" INBOX "}", 200, DONE, -1, NULL },
    { 1, "thread_owner?recipient=$ann", NULL, 200, "\"app_id\":\"" INBOX "\"", -1, NULL },
    { 0, "pass_thread_control", "{" TO_ANN ",\"target_app_id\":\"$1\"}", 400, NOT_OWNER, -1, NULL },
    { -1, "24", NULL, 0, NULL, 0, NULL },
    IDLE(0),
    { 2, "pass_thread_control", "{" TO_ANN ",\"target_app_id\":\"$2\"}", 200, DONE, -1, NULL },
    OWNER_IS(2),
    { 2, "release_thread_control", "{" TO_ANN "}", 200, DONE, -1, NULL },
    IDLE(2),
    { 0, "pass_thread_control", "{" TO_ANN ",\"target_app_id\":\"999\"}", 400, "\"error_subcode\":2018164", -1, NULL },
    { 0, "pass_thread_control", "{\"recipient\":{\"id\":\"123\"},\"target_app_id\":\"$1\"}", 400, "\"error_subcode\":2018001", -1, NULL },
    { 0, "pass_thread_control", "{\"target_app_id\":\"$1\"}", 400, "(#100) The parameter recipient is required", -1, NULL },
    { 0, "pass_thread_control", "{\"recipient\":{\"user_ref\":\"x\"},\"target_app_id\":\"$1\"}", 400, "(#100) The parameter recipient[id] is required", -1, NULL },
    { 0, "thread_owner", NULL, 400, "(#100) The parameter recipient is required", -1, NULL },
    { 0, "me?fields=x", NULL, 400, "", -1, NULL },
};

/* With routing: the default app keeps idle threads, and may take. */
static const struct move with_routing[] = {
    IDLE(0),
    { 1, "pass_thread_control", "{" TO_ANN ",\"target_app_id\":\"$1\"}", 400, NOT_OWNER, -1, NULL },
    { 1, "request_thread_control", "{" TO_ANN "}", 200, DONE, 0, "\"requested_owner_app_id\":$1" },
    { 0, "pass_thread_control", "{" TO_ANN ",\"target_app_id\":\"$1\"}", 200, DONE, 1, "\"previous_owner_app_id\":null" },
    OWNER_IS(1),
    { 0, "thread_owner?recipient=$ann", NULL, 200, "\"app_id\":\"$1\"", -1, NULL },
    IDLE(2), /* may not know */
    { 2, "take_thread_control", "{" TO_ANN "}", 400, "Only available to Primary", -1, NULL },
    { 0, "take_thread_control", "{" TO_ANN ",\"metadata\":\"back\"}", 200, DONE, 1,
      "\"take_thread_control\":{\"previous_owner_app_id\":\"$1\",\"new_owner_app_id\":\"$0\",\"metadata\":\"back\"}" },
    { 0, "take_thread_control", "{" TO_ANN "}", 200, DONE, -1, NULL },
    { 1, "extend_thread_control", "{" TO_ANN ",\"duration\":60}", 400, NOT_OWNER, -1, NULL },
    { 0, "extend_thread_control", "{" TO_ANN ",\"duration\":604801}", 400, "(#100) Param duration must be less than or equal to 604800", -1, NULL },
    { 0, "extend_thread_control", "{" TO_ANN ",\"duration\":0}", 400, "(#100) Param duration must be greater than or equal to 1", -1, NULL },
    { 0, "extend_thread_control", "{" TO_ANN ",\"duration\":604800}", 200, DONE, -1, NULL },
    { -1, "167", NULL, 0, NULL, 0, NULL },
    OWNER_IS(0),
    { -1, "1", NULL, 0, NULL, 0, NULL },
    IDLE(0),
    { 0, "pass_thread_control", "{" TO_ANN ",\"target_app_id\":\"$2\"}", 200, DONE, 2, "" },
    { 2, "pass_thread_control", "{" TO_ANN "}", 200, DONE, 0, "\"new_owner_app_id\":\"$0\"" },
};

START_TEST(moves_without_routing)
{
    struct desk d;

    desk_init(&d);
    for (size_t i = 0; i + 1 < sizeof without_routing / sizeof *without_routing; i++)
        play(&d, &without_routing[i]);
    stage_fini(&d.s);
}
END_TEST

START_TEST(moves_with_routing)
{
    struct desk d;

    desk_init(&d);
    d.s.b.page->default_app = 0;
    for (size_t i = 0; i < sizeof with_routing / sizeof *with_routing; i++)
        play(&d, &with_routing[i]);
    stage_fini(&d.s);
}
END_TEST

/* Before 2023-09-12 every page had a primary receiver, which may take. */
START_TEST(handover_protocol)
{
    static const struct move moves[] = {
        { 0, "pass_thread_control", "{" TO_ANN ",\"target_app_id\":\"$1\"}", 200, DONE, 1, "" },
        { 1, "take_thread_control", "{" TO_ANN "}", 400, "Only available to Primary", -1, NULL },
        { 0, "take_thread_control", "{" TO_ANN "}", 200, DONE, 1, "\"take_thread_control\"" },
    };
    struct desk d;

    desk_init(&d);
    d.s.b.world->now = d.s.b.ann->last_message = CIVIL(2023, 9, 11);
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        play(&d, &moves[i]);
    d.s.b.world->now = CIVIL(2023, 9, 12);
    play(&d, &(struct move){ 0, "take_thread_control", "{" TO_ANN "}", 400, "Only available to Primary", -1, NULL });
    stage_fini(&d.s);
}
END_TEST

/* `thread_control` of a send: what gives the thread away rides along. */
static const struct move rides[] = {
    { 0, "messages", "{" TO_ANN ",\"message\":{\"text\":\"over to you\"},\"thread_control\":{\"app_id\":\"$1\",\"control_type\":\"pass\"}}", 200, "message_id", 1,
      "\"new_owner_app_id\":\"$1\"" },
    OWNER_IS(1),
    { 0, "messages", "{" TO_ANN ",\"message\":{\"text\":\"x\"},\"thread_control\":{\"app_id\":\"$0\",\"control_type\":\"pass\"}}", 400, "\"error_subcode\":2018300", -1, NULL },
    { 1, "messages", "{" TO_ANN ",\"message\":{\"text\":\"x\"},\"thread_control\":{\"app_id\":\"999\",\"control_type\":\"pass\"}}", 400, "\"error_subcode\":2018164", -1, NULL },
    OWNER_IS(1),
    { 1, "messages", "{" TO_ANN ",\"message\":{\"text\":\"x\"},\"thread_control\":{\"control_type\":\"release\"}}", 200, "message_id", -1, NULL },
    IDLE(1),
    { 0, "messages", "{" TO_ANN ",\"sender_action\":\"typing_off\",\"thread_control\":{\"app_id\":\"$2\",\"control_type\":\"pass\"}}", 200, "recipient_id", 2, "" },
    OWNER_IS(2),
};

START_TEST(rides_along)
{
    struct desk d;

    desk_init(&d);
    d.s.b.page->default_app = _i == 0 ? INDEX_NONE : 0;
    for (size_t i = 0; i < sizeof rides / sizeof *rides; i++)
        play(&d, &rides[i]);
    ck_assert_uint_eq(d.s.b.ann->message_count, 2);
    stage_fini(&d.s);
}
END_TEST

START_TEST(receivers)
{
    static const struct move moves[] = {
        { 0, "secondary_receivers?fields=id,name", NULL, 200, "{\"data\":[{\"id\":\"$1\",\"name\":", -1, NULL },
        { 0, "secondary_receivers", NULL, 200, "{\"id\":\"" INBOX "\",\"name\":\"Page Inbox\"}", -1, NULL },
        { 1, "secondary_receivers?fields=id", NULL, 200, "{\"data\":[{\"id\":\"$1\"}]", -1, NULL },
        { 0, "?fields=messaging_feature_status", NULL, 200, "{\"messaging_feature_status\":{\"hop_v2\":true,\"msgr_multi_app\":true,\"ig_multi_app\":false}", -1, NULL },
    };
    struct desk d;

    desk_init(&d);
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        play(&d, &moves[i]);
    stage_fini(&d.s);
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = { moves_without_routing, moves_with_routing, handover_protocol, receivers };

    Suite *suite = suite_create("thread_control");
    TCase *tc = tcase_create("thread_control");

    suite_add_tcase(suite, tc);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(tc, tests[i]);
    tcase_add_loop_test(tc, rides_along, 0, 2);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
