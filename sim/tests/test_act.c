/* Acts: what they make, which of them open the window, what is refused and why. */
#include <check.h>

#include "tests/people_bench.h"

static struct bench b;

static void
setup(void)
{
    people_init(&b, BENCH_NOW);
}

static void
teardown(void)
{
    bench_fini(&b);
}

/* What the page says, as a client would send it; Ann's window must be open. */
static void
page_sends(const char *message)
{
    char body[4096];

    snprintf(body, sizeof body, "{\"recipient\":{\"id\":\"%s\"},\"message\":%s}", b.psid, message);
    ck_assert_msg(bench_call(&b, "POST", "/v19.0/me/messages", "application/json", body) == 200,
                  "%s", bench_body(&b));
}

#define TEMPLATE(payload) "{\"attachment\":{\"type\":\"template\",\"payload\":" payload "}}"
#define BUTTONS                                                                                    \
    TEMPLATE("{\"template_type\":\"button\",\"text\":\"x\",\"buttons\":[{\"type\":\"postback\","   \
             "\"title\":\"Menu\",\"payload\":\"MENU\"}]}")
#define ONE_TIME                                                                                   \
    TEMPLATE("{\"template_type\":\"one_time_notif_req\",\"title\":\"Back?\",\"payload\":\"RED\"}")

/* ---- the window ------------------------------------------------------------------------------------------------------------------ */

/* Thirty hours after Ann wrote: which acts open the window again? */
static const struct {
    const char *act;
    bool opens;
} windows[] = {
    {"{'act':'message','text':'hi'}", true},
    {"{'act':'attachment'}", true},
    {"{'act':'sticker'}", true},
    {"{'act':'location','lat':1,'long':2}", true},
    {"{'act':'quick_reply','payload':'RED'}", true},
    {"{'act':'reply','text':'x'}", true},
    {"{'act':'command','name':'order'}", true},
    {"{'act':'product_question','product_id':'1'}", true},
    {"{'act':'postback'}", true},
    {"{'act':'get_started'}", true},
    {"{'act':'menu','payload':'M'}", true},
    {"{'act':'ice_breaker','payload':'M'}", true},
    {"{'act':'m_me','ref':'r'}", true},
    {"{'act':'send_to_messenger'}", true},
    {"{'act':'react'}", true},
    {"{'act':'link_account'}", true},
    {"{'act':'cart','products':[{}]}", true},
    {"{'act':'ad_click','text':'hi'}", true},
    {"{'act':'page_search','text':'hi'}", true},
    {"{'act':'ad_click'}", false},
    {"{'act':'page_search'}", false},
    {"{'act':'unreact'}", false},
    {"{'act':'read'}", false},
    {"{'act':'open_thread'}", false},
    {"{'act':'close_thread'}", false},
    {"{'act':'notify_me'}", false},
    {"{'act':'opt_in','payload':'NEWS'}", false},
    {"{'act':'stop'}", false},
    {"{'act':'resume'}", false},
    {"{'act':'checkbox','user':'ann'}", false},
    {"{'act':'comment','text':'x'}", false},
    {"{'act':'visitor_post','text':'x'}", false},
    {"{'act':'publish','text':'x'}", false},
    {"{'act':'lead_start'}", true},
    {"{'act':'react_post','reaction':'haha'}", false},
    {"{'act':'like_page'}", false},
    {"{'act':'mention','text':'x'}", false},
    {"{'act':'mute'}", false},
    {"{'act':'report'}", false},
    {"{'act':'delete_thread'}", false},
    {"{'act':'block'}", false},
    {"{'act':'unsend'}", false},
    {"{'act':'reads_off'}", false},
    {"{'act':'inbox_reply','text':'x'}", false},
    {"{'act':'label','label':'x'}", false},
    {"{'act':'note','note':'x'}", false},
    {"{'act':'move','folder':'done'}", false},
};

START_TEST(test_window)
{
    ms_t later = BENCH_NOW + 30 * HOUR;

    people_does(&b, "{'act':'message','text':'hi'}");
    ck_assert_int_eq(b.ann->last_act, BENCH_NOW);
    page_sends(BUTTONS);
    page_sends(ONE_TIME);
    people_does(&b, "{'act':'react'}");
    people_drive(&b, later, 200, NULL);
    people_does(&b, windows[_i].act);
    ck_assert_msg(b.ann->last_act == (windows[_i].opens ? later : BENCH_NOW), "%s",
                  windows[_i].act);
}
END_TEST

/* The first touch of a person who has never written. */
static const struct {
    const char *act;
    bool starts;
} first_acts[] = {
    {"{'act':'message','text':'hi'}", true},
    {"{'act':'get_started'}", true},
    {"{'act':'send_to_messenger'}", true},
    {"{'act':'m_me','ref':'r'}", false},
    {"{'act':'ad_click'}", false},
    {"{'act':'comment','text':'x'}", false},
    {"{'act':'checkbox','user':'ann'}", false},
    {"{'act':'open_thread'}", false},
    {"{'act':'read'}", false},
};

/* What was said since does not hide the message that was reacted to; a reaction comes off once. */
START_TEST(test_unreact)
{
    world_set_now(b.world, CIVIL(2024, 3, 5));
    people_does(&b, "{'act':'message','text':'x'}");
    page_sends("{\"text\":\"one\"}");
    people_does(&b, "{'act':'react'}");
    page_sends("{\"text\":\"two\"}");
    people_does(&b, "{'act':'message','text':'y'}");
    people_refuses(&b, "{'act':'unreact','mid':'last'}", "there is no reaction of this person");
    people_does(&b, "{'act':'unreact'}");
    people_refuses(&b, "{'act':'unreact'}", "there is no reaction of this person");
}
END_TEST

START_TEST(test_first_touch)
{
    people_does(&b, first_acts[_i].act);
    ck_assert_msg(((b.ann->flags & THREAD_STARTED) != 0) == first_acts[_i].starts, "%s",
                  first_acts[_i].act);
    ck_assert_int_eq(b.ann->last_act, first_acts[_i].starts ? BENCH_NOW : MS_NEVER);
}
END_TEST

/* ---- refusals ---------------------------------------------------------------------------------------------------------------------- */

/* before, then what is refused, then why. A step is one act or NULL. */
static const struct {
    const char *before, *act, *reason;
} refusals[] = {
    {NULL, "{'act':'mesage','text':'x'}", "/act: unknown act \"mesage\", nearest is \"message\""},
    {NULL, "{'text':'x'}", "/act: missing"},
    {NULL, "{'act':'message','txt':'x'}",
     "/txt: the act message takes no such field, nearest is \"text\""},
    {NULL, "{'act':'message','text':7}", "/text: wrong type, expected text"},
    {NULL, "{'act':'location','lat':'x','long':1}", "/lat: wrong type, expected number"},
    {NULL, "{'act':'messages_off','on':'x'}", "/on: wrong type, expected true or false"},
    {NULL, "{'act':'message','text':'x','quick_reply':'x'}",
     "/quick_reply: wrong type, expected object"},
    {NULL, "{'act':'message','attachments':'x'}", "/attachments: wrong type, expected list"},
    {NULL, "{'act':'reply'}", "/text: missing, the act reply needs it"},
    {NULL, "{'act':'message'}", "/text: missing, a message has text or attachments"},
    {NULL, "{'act':'message','user':'anna','text':'x'}",
     "/user: nobody here is called \"anna\", nearest is \"ann\""},
    {NULL, "{'act':'message','page':'1','text':'x'}", "/page: there is no page \"1\""},
    {NULL, "{'act':'quick_reply'}", "no quick reply that fits"},
    {NULL, "{'act':'postback'}", "no postback button that fits"},
    {NULL, "{'act':'menu'}", "no postback that fits"},
    {NULL, "{'act':'notify_me'}", "no one-time notification request"},
    {NULL, "{'act':'opt_in'}", "no notification_messages template"},
    {NULL, "{'act':'feedback','rating':1}", "no customer feedback template"},
    {NULL, "{'act':'coupon_reveal'}", "no coupon"},
    {NULL, "{'act':'react'}", "/mid: the page has no message last"},
    {NULL, "{'act':'edit','text':'x'}", "/mid: the person has no message own"},
    {"{'act':'message','text':'x'}", "{'act':'unreact'}", "unreact: there is no reaction of this person"},
    {"{'act':'message','text':'x'}", "{'act':'unreact','mid':'own'}", "unreact: there is no reaction of this person"},
    {NULL, "{'act':'unlink_account'}", "unlink_account: no account is linked"},
    {"{'act':'message','text':'x'}", "{'act':'react','mid':'own-1'}",
     "/mid: the person has no message own-1"},
    {"{'act':'message','text':'x'}", "{'act':'react','mid':'m_nonsense'}",
     "/mid: no message \"m_nonsense\""},
    {"{'act':'message','text':'x'}", "{'act':'react','mid':'own','reaction':'hate'}",
     "/reaction: expected smile"},
    {"{'act':'block'}", "{'act':'message','text':'x'}", "blocked the page; act unblock first"},
    {"{'act':'block'}", "{'act':'block'}", "already"},
    {NULL, "{'act':'unblock'}", "has not blocked"},
    {"{'act':'messages_off'}", "{'act':'message','text':'x'}", "turned the page's messages off"},
    {"{'act':'ban'}", "{'act':'message','text':'x'}", "the page has blocked the person"},
    {"{'act':'deactivate'}", "{'act':'read'}", "deactivated"},
    {"{'act':'deactivate'}", "{'act':'deactivate'}", "already"},
    {NULL, "{'act':'reactivate'}", "not deactivated"},
    {NULL, "{'act':'poll'}", "never had this"},
    {NULL, "{'act':'group_chat'}", "never had this"},
    {NULL, "{'act':'edit','text':'x'}", "own"},
    {NULL, "{'act':'messenger_code'}", "it ended on 2019-08-26"},
    {NULL, "{'act':'response_feedback','rating':'good'}", "it began on 2024-10-08"},
    {NULL, "{'act':'inbox_reply','text':'x'}", "never written"},
    {NULL, "{'act':'unrestrict'}", "not restricted"},
    {NULL, "{'act':'restrict','until':'soon'}", "/until: expected"},
    {NULL, "{'act':'comment','text':'x','parent_id':'9'}", "/parent_id: there is no such comment"},
    {NULL, "{'act':'comment'}", "/text: missing"},
    {NULL, "{'act':'comment','verb':'eat','text':'x'}", "/verb: expected"},
    {NULL, "{'act':'publish','type':'poem','text':'x'}", "/type: expected status, photo"},
    {NULL, "{'act':'attachment','type':'template'}", "/products: missing"},
    {NULL, "{'act':'lead_finish'}", "no questions of a lead ad are open"},
    {"{'act':'lead_start'}", "{'act':'lead_start'}", "in the questions of a lead ad already"},
    {"{'act':'lead_start'}", "{'act':'lead_finish','action':'bored'}",
     "/action: expected complete"},
    {"{'act':'lead_start'}", "{'act':'lead_finish','answers':[{'question':'x'}]}",
     "/answers: expected"},
    {NULL, "{'act':'lead_start','answers':'yes'}", "/answers: expected"},
    {NULL, "{'act':'lead_start','app':'1'}", "/app: no app of that id"},
    {NULL, "{'act':'publish'}", "/text: missing"},
    {NULL, "{'act':'publish','verb':'edited','post_id':'1_2','text':'x'}",
     "/post_id: no post of this page"},
    {NULL, "{'act':'visitor_post'}", "/text: missing"},
    {NULL, "{'act':'visitor_post','verb':'remove','post_id':'1_2'}",
     "/post_id: no post of this person"},
    {NULL, "{'act':'react_post','reaction':'smirk'}", "/reaction: expected like"},
    {NULL, "{'act':'react_post','verb':'hide'}", "/verb: expected add"},
    {NULL, "{'act':'react_post','comment_id':'1_2'}", "/comment_id: there is no such comment"},
    {NULL, "{'act':'label','label':'VIP','remove':true}", "off the conversation already"},
    {NULL, "{'act':'ad_click','placement':'moon'}", "/placement: expected"},
    {NULL, "{'act':'attachment','type':'smell'}", "/type: unknown type"},
    {NULL, "{'act':'attachment','urls':[]}", "/urls: expected"},
    {NULL, "{'act':'sticker','sticker_id':'x'}", "/sticker_id: expected digits"},
    {NULL, "{'act':'location','lat':91,'long':1}", "/lat: expected"},
    {NULL, "{'act':'resume','token':'x'}", "no such notifications"},
    {NULL, "{'act':'pass_thread','app':'1'}", "/app: no app"},
    {"{'act':'checkbox','user':'ann','user_ref':'box'}",
     "{'act':'checkbox','user':'ann','user_ref':'box'}", "/user_ref: taken"},
    {NULL, "{'act':'message','reply_to':{'mid':'last'},'text':'x'}",
     "/mid: the page has no message last"},
    {NULL, "{'act':'message','text':'x','quick_reply':{}}", "/quick_reply/payload: missing"},
    {NULL, "{'act':'attachment','urls':['a',1]}", "/urls/1: wrong type"},
    {NULL, "{'act':'attachment','reply_to':'last'}", "/mid: the page has no message last"},
    {NULL, "{'act':'quick_reply','type':'smell'}", "/type: expected"},
    {NULL, "{'act':'quick_reply','type':'user_email'}", "/text: missing"},
    {NULL, "{'act':'quick_reply','type':'user_email','texd':'a'}", "nearest is \"text\""},
    {NULL, "{'act':'ice_breaker'}", "no ice breaker that fits"},
    {NULL, "{'act':'opt_in','payload':'N','frequency':'HOURLY'}", "/frequency: expected"},
    {"{'act':'opt_in','payload':'N','title':'T'}", "{'act':'resume','title':'T'}",
     "are on already"},
    {NULL, "{'act':'move','folder':'bin'}", "/folder: expected"},
    {NULL, "{'act':'restrict','action':'hug'}", "/action: expected"},
    {"{'act':'message','text':'x'}", "{'act':'pass_thread','app':'1517776481860111'}",
     "no conversation routing"},
    {"{'act':'get_started'}", "{'act':'inbox_reply','text':'x','reply_to':'last'}",
     "/mid: the page has no message last"},
    {NULL, "{'act':'react','mid':'own','reaction':'other'}", "/emoji: missing"},
    {NULL, "{'act':'message','user':7,'text':'x'}", "/user: nobody here is called \"7\""},
    {NULL, "{'act':'message','user':-7,'text':'x'}", "/user: wrong type"},
    {NULL, "{'act':'m_me','ref':7}", "/ref: wrong type"},
    {NULL, "{'act':'ad_click','ad_id':''}", "/ad_id: wrong type"},
    {NULL, "{'act':'platform_event','name':'nope','value':{}}", "/name: there is no event"},
    {NULL, "{'act':'platform_event','name':'message','value':{}}", "has an act of its own"},
    {NULL, "{'act':'platform_event','name':'pre_checkout','value':{}}", "/user: missing"},
};

START_TEST(test_refusal)
{
    uint64_t before;
    ms_t last_act;

    world_set_now(b.world, CIVIL(2024, 3, 5));
    if (strstr(refusals[_i].act, "'act':'edit'") != NULL)
        world_set_now(b.world, CIVIL(2024, 5, 1));
    if (refusals[_i].before != NULL)
        people_does(&b, refusals[_i].before);
    people_settle(&b, NULL);
    before = b.world->messages.next;
    last_act = b.ann->last_act;
    people_refuses(&b, refusals[_i].act, refusals[_i].reason);
    ck_assert_uint_eq(b.world->messages.next, before);
    ck_assert_int_eq(b.ann->last_act, last_act);
    ck_assert_int_gt(outbox_next_due(&b.world->outbox), b.world->now);
}
END_TEST

START_TEST(test_edits)
{
    people_drive(&b, CIVIL(2024, 5, 1), 200, NULL);
    people_does(&b, "{'act':'message','text':'a'}");
    for (int i = 0; i < 5; i++)
        people_does(&b, "{'act':'edit','text':'b'}");
    people_refuses(&b, "{'act':'edit','text':'c'}", "five times");
    people_does(&b, "{'act':'message','text':'a'}");
    people_drive(&b, b.world->now + 15 * MINUTE, 200, NULL);
    people_does(&b, "{'act':'edit','text':'b'}");
    people_drive(&b, b.world->now + 1, 200, NULL);
    people_refuses(&b, "{'act':'edit','text':'c'}", "within 15 minutes");
}
END_TEST

/* ---- what acts make --------------------------------------------------------------------------------------------------------------------- */

START_TEST(test_made)
{
    json_t *made = people_do(&b, "{'act':'message','text':'hi','user':'ann'}");

    ck_assert_ptr_nonnull(json_string_value(json_object_get(made, "mid")));
    ck_assert_int_eq(json_integer_value(json_object_get(made, "timestamp")), BENCH_NOW);
    uint64_t number;
    ck_assert_ptr_nonnull(
        world_find_mid(b.world, str_of(json_string_value(json_object_get(made, "mid"))), &number));
    ck_assert_uint_eq(number, b.ann->newest);
    json_decref(made);
}
END_TEST

START_TEST(test_one_time_token)
{
    people_does(&b, "{'act':'message','text':'hi'}");
    page_sends(ONE_TIME);
    json_t *made = people_do(&b, "{'act':'notify_me'}");
    struct node *token =
        world_find_node(b.world, NODE_OTN_TOKEN,
                        str_of(json_string_value(json_object_get(made, "one_time_notif_token"))));

    ck_assert_ptr_nonnull(token);
    ck_assert_uint_eq(token->thread, b.ann->index);
    ck_assert_int_eq(token->until, BENCH_NOW + 365 * DAY);
    ck_assert_str_eq(token->text, "RED");
    json_decref(made);
    /* a request with another payload does not fit */
    people_refuses(&b, "{'act':'notify_me','payload':'BLUE'}", "that fits");
}
END_TEST

START_TEST(test_comment_node)
{
    json_t *made = people_do(&b, "{'act':'comment','text':'Do you ship?'}");
    struct node *comment = world_find_node(
        b.world, NODE_COMMENT, str_of(json_string_value(json_object_get(made, "comment_id"))));

    ck_assert_ptr_nonnull(comment);
    ck_assert_ptr_nonnull(world_find_node(
        b.world, NODE_POST, str_of(json_string_value(json_object_get(made, "post_id")))));
    ck_assert_uint_eq(comment->thread, b.ann->index);
    ck_assert(!comment->is_spent);
    json_decref(made);
    /* a removed comment is gone */
    char act[200];
    snprintf(act, sizeof act, "{'act':'comment','verb':'remove','comment_id':'%s'}", comment->id);
    people_does(&b, act);
    ck_assert_ptr_null(world_find_node(b.world, NODE_COMMENT, str_of(comment->id)));
}
END_TEST

START_TEST(test_checkbox_of_a_stranger)
{
    json_t *made = people_do(&b, "{'act':'checkbox','ref':'order'}");
    struct node *ref = world_find_node(
        b.world, NODE_USER_REF, str_of(json_string_value(json_object_get(made, "user_ref"))));

    ck_assert_ptr_nonnull(ref);
    ck_assert_uint_eq(b.world->thread_count, 2); /* somebody is behind it */
    ck_assert_uint_eq(ref->thread, 1);
    ck_assert_str_eq(json_string_value(json_object_get(made, "ref")) != NULL ? "" : "no ref",
                     "no ref");
    json_decref(made);
}
END_TEST

/* Words that mean stop, in the languages of the recordings; a sentence that holds one is none. */
START_TEST(test_stop_words)
{
    static const struct {
        const char *text;
        bool stops;
    } texts[] = {{"stop", true},
                 {"STOP!", true},
                 {" Стоп ", true},
                 {"стоп", true},
                 {"إيقاف", true},
                 {"dur", true},
                 {"lopeta", true},
                 {"please never stop", false},
                 {"duruma bakar mısınız", false}};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char act[200];

        snprintf(act, sizeof act, "{\"act\":\"message\",\"text\":\"%s\"}", texts[i].text);
        people_does(&b, act);
        ck_assert_msg(((b.ann->flags & THREAD_OPTED_OUT) != 0) == texts[i].stops, "%s",
                      texts[i].text);
        people_does(&b, "{'act':'message','text':'start'}");
        ck_assert_uint_eq(b.ann->flags & THREAD_OPTED_OUT, 0);
    }
}
END_TEST

START_TEST(test_restriction)
{
    people_does(&b, "{'act':'restrict','until':'24h','reason':'spam'}");
    ck_assert_int_eq(b.page->restricted_until, BENCH_NOW + DAY);
    people_does(&b, "{'act':'unrestrict'}");
    ck_assert_int_eq(b.page->restricted_until, MS_NEVER);
    people_does(&b, "{'act':'restrict'}");
    ck_assert_int_eq(b.page->restricted_until, MS_ALWAYS);
    people_does(&b, "{'act':'unrestrict'}");
    people_does(&b, "{'act':'restrict','action':'warning'}");
    ck_assert_int_eq(b.page->restricted_until, MS_NEVER);
}
END_TEST

/* Instant reply to the first message only, away message outside of hours, a question by its word, a private reply to a comment. */
START_TEST(test_automations)
{
    people_does(&b, "{'act':'instant_reply','text':'We will be with you soon'}");
    people_does(&b, "{'act':'message','text':'hi'}");
    uint64_t after_first = b.ann->newest;
    ck_assert_uint_eq(world_message(b.world, after_first)->flags & MESSAGE_FROM_INBOX,
                      MESSAGE_FROM_INBOX);
    people_does(&b, "{'act':'message','text':'hello?'}");
    ck_assert_uint_eq(b.ann->newest, after_first + 1);
    people_does(&b, "{'act':'frequent_question','keyword':'hours','text':'9 to 5'}");
    people_does(&b, "{'act':'message','text':'What are your HOURS?'}");
    ck_assert_uint_eq(b.ann->newest, after_first + 3);
    people_does(&b, "{'act':'away_message','text':'We are closed','hours':'09:00-18:00'}");
    people_does(&b, "{'act':'message','text':'anybody?'}"); /* midnight */
    ck_assert_uint_eq(b.ann->newest, after_first + 5);
    people_drive(&b, BENCH_NOW + 9 * HOUR, 200, NULL);
    people_does(&b, "{'act':'message','text':'anybody?'}");
    ck_assert_uint_eq(b.ann->newest, after_first + 6);
    people_does(&b, "{'act':'comment_reply','text':'Thanks, look into your inbox'}");
    json_t *made = people_do(&b, "{'act':'comment','text':'how much?'}");
    ck_assert(world_find_node(b.world, NODE_COMMENT,
                              str_of(json_string_value(json_object_get(made, "comment_id"))))
                  ->is_spent);
    json_decref(made);
    people_refuses(&b, "{'act':'away_message','text':'x','hours':'nine'}", "/hours");
    people_refuses(&b, "{'act':'instant_reply'}", "/text");
    people_does(&b, "{'act':'instant_reply','on':false}");
}
END_TEST

/* A quick reply goes with the next message, be it the tap itself. */
START_TEST(test_quick_replies_disappear)
{
    static const char ask[] =
        "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"text\":\"?\",\"quick_replies\":[{\"content_"
        "type\":\"text\",\"title\":\"Red\",\"payload\":\"R\"}]}}";

    people_does(&b, "{'act':'message','text':'hi'}");
    ck_assert_int_eq(bench_send(&b, ask), 200);
    people_does(&b, "{'act':'quick_reply','title':'Red'}");
    people_refuses(&b, "{'act':'quick_reply','title':'Red'}", "it is gone");
    people_does(&b, "{'act':'quick_reply','payload':'R'}");
    ck_assert_int_eq(bench_send(&b, ask), 200);
    ck_assert_int_eq(
        bench_send(&b, "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"text\":\"well?\"}}"), 200);
    people_refuses(&b, "{'act':'quick_reply'}", "it is gone");
}
END_TEST

/* ---- the journal --------------------------------------------------------------------------------------------------------------------------- */

static void
keep(void *to, const char *line, size_t n)
{
    json_t **record = to;

    *record = json_loadb(line, n, 0, NULL);
    ck_assert_msg(*record != NULL, "%.*s", (int)n, line);
}

static json_t *
newest_record(void)
{
    json_t *record = NULL;

    ck_assert(world_journal_read(b.world, world_journal_next(b.world) - 1, keep, &record));
    return record;
}

START_TEST(test_journal)
{
    people_does(&b, "{'act':'message','text':'a/b ü','user':'ann'}");
    json_t *record = newest_record();

    ck_assert_str_eq(json_string_value(json_object_get(record, "kind")), "act");
    ck_assert_str_eq(json_string_value(json_object_get(record, "act")), "message");
    ck_assert_str_eq(json_string_value(json_object_get(record, "user")), b.psid);
    ck_assert_str_eq(json_string_value(json_object_get(json_object_get(record, "input"), "text")),
                     "a/b ü");
    ck_assert_ptr_nonnull(json_object_get(json_object_get(record, "made"), "mid"));
    json_decref(record);
    people_refuses(&b, "{'act':'unblock'}", "");
    record = newest_record();
    ck_assert_ptr_nonnull(json_object_get(record, "refused"));
    ck_assert_ptr_null(json_object_get(record, "made"));
    json_decref(record);
    people_does(&b, "{'act':'message','text':'hi'}");
    people_settle(&b, NULL);
    record = newest_record();
    ck_assert_str_eq(json_string_value(json_object_get(record, "kind")), "webhook");
    ck_assert_str_eq(json_string_value(json_object_get(record, "url_path")), "/webhook");
    ck_assert_str_eq(json_string_value(json_object_get(record, "outcome")), "delivered");
    ck_assert_str_eq(json_string_value(json_object_get(record, "event")), "message");
    json_decref(record);
}
END_TEST

/* Several people, several pages: who is meant must be said. */
START_TEST(test_who)
{
    struct page *second = world_add_page(b.world, "42", NULL, NULL);

    people_does(&b, "{'act':'message','text':'only Ann is there'}");
    struct thread *bob = world_add_thread(b.world, 1, 0);
    people_refuses(&b, "{'act':'message','text':'x'}",
                   "/user: missing, expected the PSID or alias");
    people_refuses(&b, "{'act':'message','user':'ann','page':'42','text':'x'}",
                   "not one of page 42");
    people_does(&b, "{'act':'message','page':'42','text':'only one is there'}");
    ck_assert_uint_eq(bob->message_count, 1);
    people_refuses(&b, "{'act':'restrict'}", "/page: missing, expected one of the 2 pages");
    people_does(&b, "{'act':'restrict','page':'42'}");
    ck_assert_int_eq(second->restricted_until, MS_ALWAYS);
    people_does(&b, "{'act':'spam','user':'ann'}");
    people_does(&b, "{'act':'move','user':'ann','folder':'spam'}");
    people_does(&b, "{'act':'assign','user':'ann','name':'Pia'}");
    ck_assert_uint_eq(b.ann->flags & THREAD_SPAM, THREAD_SPAM);
    people_does(&b, "{'act':'move','user':'ann','folder':'done'}");
    ck_assert_uint_eq(b.ann->flags & THREAD_SPAM, 0);
    b.page->messaging_is_on = false;
    people_refuses(&b, "{'act':'message','user':'ann','text':'x'}", "switched messaging off");
    b.page->messaging_is_on = true;
    people_does(&b, "{'act':'block','user':'ann'}");
    people_refuses(&b, "{'act':'inbox_reply','user':'ann','text':'x'}", "isn't available");
}
END_TEST

START_TEST(test_by_name)
{
    struct thread *bob = world_add_thread(b.world, 0, 0);

    thread_extra(bob)->first_name = strdup("Bob");
    thread_extra(bob)->last_name = strdup("O'Neill Smith");
    people_does(&b, "{\"act\":\"message\",\"user\":\"Bob\",\"text\":\"x\"}");
    bob->message_count = 0;
    json_t *spec =
        json_pack("{s:s,s:s,s:s}", "act", "message", "user", "Bob O'Neill Smith", "text", "x");
    ck_assert_int_eq(people_act(b.world, spec, NULL, people_problem, sizeof people_problem), 0);
    json_decref(spec);
    ck_assert_uint_eq(bob->message_count, 1);
    people_refuses(&b, "{'act':'message','user':'Bob Smith','text':'x'}", "nobody here is called");
    thread_extra(b.ann)->first_name = strdup("Bob");
    people_refuses(&b, "{'act':'message','user':'Bob','text':'x'}", "nobody here is called");
}
END_TEST

START_TEST(test_own_messages)
{
    people_drive(&b, CIVIL(2024, 5, 1), 200, NULL);
    people_does(&b, "{'act':'message','text':'hi'}");
    page_sends("{\"text\":\"hello\"}");
    people_refuses(&b, "{'act':'edit','mid':'last','text':'x'}", "the page's, not the person's");
    people_does(&b, "{'act':'inbox_reply','text':'x','reply_to':{'mid':'own'}}");
    json_t *made = people_do(&b, "{'act':'unsend'}");
    char act[200];
    snprintf(act, sizeof act, "{'act':'edit','text':'x','mid':'%s'}",
             json_string_value(json_object_get(made, "mid")));
    people_refuses(&b, act, "taken this message back");
    json_decref(made);
}
END_TEST

START_TEST(test_table)
{
    json_t *acts = acts_json();
    static const char *const contract[] = {"message",
                                           "attachment",
                                           "quick_reply",
                                           "reply",
                                           "postback",
                                           "get_started",
                                           "menu",
                                           "ice_breaker",
                                           "m_me",
                                           "ad_click",
                                           "send_to_messenger",
                                           "checkbox",
                                           "notify_me",
                                           "opt_in",
                                           "stop",
                                           "resume",
                                           "link_account",
                                           "unlink_account",
                                           "react",
                                           "unreact",
                                           "edit",
                                           "read",
                                           "block",
                                           "unblock",
                                           "report",
                                           "mute",
                                           "delete_thread",
                                           "deactivate",
                                           "comment",
                                           "visitor_post",
                                           "feedback",
                                           "inbox_reply",
                                           "label",
                                           "restrict",
                                           "unrestrict"};

    for (size_t i = 0; i < sizeof contract / sizeof *contract; i++) {
        bool is_there = false;

        for (size_t j = 0; j < json_array_size(acts); j++)
            is_there |= strcmp(json_string_value(json_object_get(json_array_get(acts, j), "name")),
                               contract[i]) == 0;
        ck_assert_msg(is_there, "%s", contract[i]);
    }
    json_decref(acts);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("act");
    TCase *tests = tcase_create("acts");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, test_window, 0, sizeof windows / sizeof *windows);
    tcase_add_test(tests, test_unreact);
    tcase_add_loop_test(tests, test_first_touch, 0, sizeof first_acts / sizeof *first_acts);
    tcase_add_loop_test(tests, test_refusal, 0, sizeof refusals / sizeof *refusals);
    tcase_add_test(tests, test_edits);
    tcase_add_test(tests, test_made);
    tcase_add_test(tests, test_one_time_token);
    tcase_add_test(tests, test_comment_node);
    tcase_add_test(tests, test_checkbox_of_a_stranger);
    tcase_add_test(tests, test_stop_words);
    tcase_add_test(tests, test_restriction);
    tcase_add_test(tests, test_automations);
    tcase_add_test(tests, test_journal);
    tcase_add_test(tests, test_who);
    tcase_add_test(tests, test_by_name);
    tcase_add_test(tests, test_own_messages);
    tcase_add_test(tests, test_quick_replies_disappear);
    tcase_add_test(tests, test_table);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
