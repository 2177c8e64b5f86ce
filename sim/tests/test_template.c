/* The facts about templates, buttons and quick replies that send.md 1 and 2 give field by field: each is taken away, made null, emptied, given a wrong type, and
 * taken to both sides of its limit, in a payload that has everything. Single sentences are in test_content.c. */
#include <check.h>
#include <jansson.h>

#include "tests/graph_bench.h"

#define TEXT_SIZE 60000

/* ---- a payload of each kind that has everything ------------------------------------------------------------------------------------ */

#define POSTBACK "{'type':'postback','title':'b','payload':'c'}"

static const struct kind {
    const char *name, *version;
    ms_t now;
    const char *payload; /* whole message when it begins with {'text' */
} kinds[] = {
    { "message", "v19.0", BENCH_NOW,
      "{'text':'a','metadata':'m','quick_replies':[{'content_type':'text','title':'a','payload':'b','image_url':'https://a.example/i.png'}]}" },
    { "media payload", "v19.0", BENCH_NOW, "{'attachment':{'type':'image','payload':{'url':'https://a.example/i.png','is_reusable':true}}}" },
    { "images", "v25.0", CIVIL(2026, 7, 1), "{'attachments':[{'type':'image','payload':{'url':'https://a.example/i.png'}}]}" },
    { "generic", "v19.0", BENCH_NOW,
      "{'template_type':'generic','sharable':true,'image_aspect_ratio':'square','elements':[{'title':'a','subtitle':'b','image_url':'https://a.example/i.png',"
      "'default_action':{'type':'web_url','url':'https://a.example/','webview_height_ratio':'tall','messenger_extensions':false,"
      "'fallback_url':'https://a.example/','webview_share_button':'hide'},"
      "'buttons':[{'type':'web_url','title':'b','url':'https://a.example/','webview_height_ratio':'full','messenger_extensions':false,"
      "'fallback_url':'https://a.example/','webview_share_button':'hide'}]}]}" },
    { "button", "v19.0", BENCH_NOW, "{'template_type':'button','text':'a','sharable':false,'buttons':[" POSTBACK "]}" },
    { "media", "v19.0", BENCH_NOW,
      "{'template_type':'media','sharable':true,'elements':[{'media_type':'image','url':'https://www.facebook.com/shop/photos/1','buttons':[" POSTBACK "]}]}" },
    { "receipt", "v19.0", BENCH_NOW,
      "{'template_type':'receipt','recipient_name':'a','order_number':'1','currency':'USD','payment_method':'Visa','merchant_name':'m','sharable':true,"
      "'timestamp':'1428444852','order_url':'https://a.example/o','summary':{'subtotal':75.00,'shipping_cost':4.95,'total_tax':6.19,'total_cost':56.14},"
      "'address':{'street_1':'a','street_2':'b','city':'c','postal_code':'d','state':'e','country':'US'},"
      "'adjustments':[{'name':'a','amount':20}],"
      "'elements':[{'title':'a','subtitle':'b','quantity':2,'price':50,'currency':'USD','image_url':'https://a.example/i.png'}]}" },
    { "coupon", "v19.0", BENCH_NOW,
      "{'template_type':'coupon','title':'a','subtitle':'b','coupon_code':'10OFF','coupon_url':'https://a.example/','coupon_url_button_title':'b',"
      "'coupon_pre_message':'p','image_url':'https://a.example/i.png','payload':'x'}" },
    { "product", "v19.0", BENCH_NOW, "{'template_type':'product','elements':[{'id':'123'}]}" },
    { "customer_feedback", "v19.0", BENCH_NOW,
      "{'template_type':'customer_feedback','title':'a','subtitle':'b','button_title':'c','expires_in_days':3,'business_privacy':{'url':'https://a.example/p'},"
      "'feedback_screens':[{'questions':[{'id':'q_1','type':'csat','title':'How?!?','score_label':'neg_pos','score_option':'five_stars',"
      "'follow_up':{'type':'free_form','placeholder':'say'}}]}]}" },
    { "one_time_notif_req", "v19.0", BENCH_NOW, "{'template_type':'one_time_notif_req','title':'a','payload':'b'}" },
    { "notification_messages", "v15.0", CIVIL(2022, 12, 1),
      "{'template_type':'notification_messages','title':'a','payload':'b','image_url':'https://a.example/i.png','image_aspect_ratio':'square',"
      "'notification_messages_frequency':'DAILY','notification_messages_reoptin':'ENABLED','notification_messages_timezone':'UTC',"
      "'notification_messages_cta_text':'ALLOW'}" },
    { "image_grid", "v25.0", CIVIL(2026, 7, 1),
      "{'template_type':'image_grid','title':'a','subtitle':'b','elements':[{'image_url':'https://a.example/i.png','default_action':{'type':'web_url',"
      "'url':'https://a.example/'}},{'image_url':'https://a.example/i.png'}],'buttons':[" POSTBACK "]}" },
    { "customer_information", "v19.0", BENCH_NOW,
      "{'template_type':'customer_information','countries':['US'],'business_privacy':{'url':'https://a.example/p'},'expires_in_days':3}" },
    { "list", "v2.11", CIVIL(2018, 1, 10),
      "{'template_type':'list','top_element_style':'large','sharable':true,'elements':[{'title':'a','subtitle':'b'},{'title':'c','subtitle':'d'}],"
      "'buttons':[" POSTBACK "]}" },
    { "open_graph", "v2.11", CIVIL(2018, 1, 10),
      "{'template_type':'open_graph','sharable':true,'elements':[{'url':'https://a.example/song','buttons':[" POSTBACK "]}]}" },
    { "airline_boardingpass", "v9.0", CIVIL(2021, 1, 10), "{'template_type':'airline_boardingpass','locale':'en_US','intro_message':'x','boarding_pass':[]}" },
    { "airline_checkin", "v9.0", CIVIL(2021, 1, 10), "{'template_type':'airline_checkin','locale':'en_US','pnr_number':'x'}" },
    { "airline_itinerary", "v9.0", CIVIL(2021, 1, 10), "{'template_type':'airline_itinerary','locale':'en_US','pnr_number':'x'}" },
    { "airline_update", "v9.0", CIVIL(2021, 1, 10), "{'template_type':'airline_update','locale':'en_US','update_type':'delay'}" },
};

static const struct kind *
kind_named(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    ck_abort_msg("no kind %s", name);
    return NULL;
}

static bool
is_template(const struct kind *kind)
{
    return strstr(kind->payload, "template_type") != NULL;
}

static json_t *
read_quoted(const char *quoted)
{
    char text[TEXT_SIZE];
    json_error_t error;

    bench_expand(text, sizeof text, quoted, "");
    json_t *value = json_loads(text, JSON_DECODE_ANY, &error);
    ck_assert_msg(value != NULL, "%s: %s", text, error.text);
    return value;
}

/* Sends a message of a kind; payload is taken over. The reply stays in b. */
static int
send_kind(struct bench *b, const struct kind *kind, json_t *payload)
{
    char path[64];

    json_t *message = is_template(kind) ? json_pack("{s:{s:s,s:o}}", "attachment", "type", "template", "payload", payload) : payload;
    json_t *body = json_pack("{s:{s:s},s:o}", "recipient", "id", b->psid, "message", message);
    char *text = json_dumps(body, JSON_COMPACT);
    snprintf(path, sizeof path, "/%s/me/messages", kind->version);
    int status = bench_call(b, "POST", path, "application/json", text);
    free(text);
    json_decref(body);
    return status;
}

START_TEST(test_everything_at_once)
{
    const struct kind *kind = &kinds[_i];
    struct bench b;

    bench_init_at(&b, kind->now);
    ck_assert_msg(send_kind(&b, kind, read_quoted(kind->payload)) == 200, "%s: %s", kind->name, bench_body(&b));
    bench_fini(&b);
}
END_TEST

/* ---- the facts ---------------------------------------------------------------------------------------------------------------------- */

enum what { TEXT, STRING, SOFT, URL, BOOL, NUMBER, INT, WORD, UNTOLD, LIST, FULL_LIST, OBJECT, DIGITS };

/* needed: what the answer says when the field is missing ("" : it may be; "required": the common text). FULL_LIST: an empty one "must be non-empty" instead of 194. */
static const struct fact {
    const char *kind, *path;
    enum what what;
    const char *needed;
    unsigned min, max;
} facts[] = {
    { "message", "text", STRING, "2018034", 0, 2000 },
    { "message", "metadata", STRING, "", 0, 1000 },
    { "message", "quick_replies", LIST, "", 1, 13 },
    { "message", "quick_replies[0][content_type]", WORD, "required", 0, 0 },
    { "message", "quick_replies[0][title]", SOFT, "", 0, 20 },
    { "message", "quick_replies[0][payload]", STRING, "", 0, 1000 },
    { "message", "quick_replies[0][image_url]", STRING, "", 0, 0 },
    { "media payload", "attachment[type]", UNTOLD, "required", 0, 0 },
    { "media payload", "attachment[payload]", OBJECT, "required", 0, 0 },
    { "media payload", "attachment[payload][url]", URL, "Must upload exactly one file", 0, 0 },
    { "media payload", "attachment[payload][is_reusable]", BOOL, "", 0, 0 },
    { "images", "attachments", LIST, "2018034", 1, 30 },
    { "images", "attachments[0][type]", WORD, "required", 0, 0 },
    { "images", "attachments[0][payload]", OBJECT, "required", 0, 0 },
    { "images", "attachments[0][payload][url]", URL, "Must upload exactly one file", 0, 0 },
    { "generic", "elements", LIST, "required", 1, 10 },
    { "generic", "sharable", BOOL, "", 0, 0 },
    { "generic", "image_aspect_ratio", WORD, "", 0, 0 },
    { "generic", "elements[0][title]", TEXT, "required", 0, 80 },
    { "generic", "elements[0][subtitle]", STRING, "", 0, 80 },
    { "generic", "elements[0][image_url]", STRING, "", 0, 0 },
    { "generic", "elements[0][default_action]", OBJECT, "", 0, 0 },
    { "generic", "elements[0][default_action][type]", WORD, "required", 0, 0 },
    { "generic", "elements[0][default_action][url]", URL, "2018041", 0, 0 },
    { "generic", "elements[0][default_action][webview_height_ratio]", WORD, "", 0, 0 },
    { "generic", "elements[0][default_action][messenger_extensions]", BOOL, "", 0, 0 },
    { "generic", "elements[0][default_action][fallback_url]", URL, "", 0, 0 },
    { "generic", "elements[0][default_action][webview_share_button]", WORD, "", 0, 0 },
    { "generic", "elements[0][buttons]", LIST, "", 1, 3 },
    { "generic", "elements[0][buttons][0][type]", WORD, "required", 0, 0 },
    { "generic", "elements[0][buttons][0][title]", TEXT, "2018053", 0, 0 },
    { "generic", "elements[0][buttons][0][title]", SOFT, "2018053", 0, 20 },
    { "generic", "elements[0][buttons][0][url]", URL, "2018041", 0, 0 },
    { "generic", "elements[0][buttons][0][webview_height_ratio]", WORD, "", 0, 0 },
    { "generic", "elements[0][buttons][0][messenger_extensions]", BOOL, "", 0, 0 },
    { "generic", "elements[0][buttons][0][fallback_url]", URL, "", 0, 0 },
    { "generic", "elements[0][buttons][0][webview_share_button]", WORD, "", 0, 0 },
    { "button", "text", TEXT, "required", 0, 640 },
    { "button", "buttons", FULL_LIST, "required", 1, 3 },
    { "button", "buttons[0][payload]", STRING, "2018040", 0, 1000 },
    { "button", "sharable", BOOL, "", 0, 0 },
    { "media", "elements", LIST, "required", 1, 1 },
    { "media", "elements[0][media_type]", STRING, "required", 0, 0 },
    { "media", "elements[0][url]", URL, "2018187", 0, 0 },
    { "media", "elements[0][buttons]", LIST, "", 1, 3 },
    { "media", "sharable", BOOL, "", 0, 0 },
    { "receipt", "recipient_name", TEXT, "required", 0, 0 },
    { "receipt", "order_number", TEXT, "required", 0, 0 },
    { "receipt", "currency", TEXT, "required", 0, 0 },
    { "receipt", "payment_method", TEXT, "required", 0, 0 },
    { "receipt", "merchant_name", STRING, "", 0, 0 },
    { "receipt", "sharable", BOOL, "", 0, 0 },
    { "receipt", "timestamp", STRING, "", 0, 0 },
    { "receipt", "order_url", URL, "", 0, 0 },
    { "receipt", "summary", OBJECT, "required", 0, 0 },
    { "receipt", "summary[total_cost]", STRING, "required", 0, 0 },
    { "receipt", "summary[subtotal]", STRING, "", 0, 0 },
    { "receipt", "summary[shipping_cost]", STRING, "", 0, 0 },
    { "receipt", "summary[total_tax]", STRING, "", 0, 0 },
    { "receipt", "elements", LIST, "", 0, 100 },
    { "receipt", "elements[0][title]", TEXT, "required", 0, 0 },
    { "receipt", "elements[0][price]", NUMBER, "required", 0, 0 },
    { "receipt", "elements[0][subtitle]", STRING, "", 0, 0 },
    { "receipt", "elements[0][quantity]", NUMBER, "", 0, 0 },
    { "receipt", "elements[0][currency]", STRING, "", 0, 0 },
    { "receipt", "elements[0][image_url]", STRING, "", 0, 0 },
    { "receipt", "address", OBJECT, "", 0, 0 },
    { "receipt", "address[street_1]", TEXT, "required", 0, 0 },
    { "receipt", "address[street_2]", STRING, "", 0, 0 },
    { "receipt", "address[city]", TEXT, "required", 0, 0 },
    { "receipt", "address[postal_code]", TEXT, "required", 0, 0 },
    { "receipt", "address[state]", TEXT, "required", 0, 0 },
    { "receipt", "address[country]", TEXT, "required", 0, 0 },
    { "receipt", "adjustments", LIST, "", 0, 0 },
    { "receipt", "adjustments[0][name]", STRING, "", 0, 0 },
    { "receipt", "adjustments[0][amount]", NUMBER, "", 0, 0 },
    { "coupon", "title", TEXT, "required", 0, 80 },
    { "coupon", "subtitle", STRING, "", 0, 80 },
    { "coupon", "coupon_code", STRING, "", 0, 0 },
    { "coupon", "coupon_url", URL, "", 0, 0 },
    { "coupon", "coupon_url_button_title", SOFT, "", 0, 20 },
    { "coupon", "coupon_pre_message", STRING, "", 0, 0 },
    { "coupon", "image_url", URL, "", 0, 0 },
    { "coupon", "payload", STRING, "", 0, 1000 },
    { "product", "elements", LIST, "required", 1, 10 },
    { "product", "elements[0][id]", TEXT, "required", 0, 0 },
    { "customer_feedback", "title", TEXT, "required", 0, 65 },
    { "customer_feedback", "subtitle", STRING, "", 0, 80 },
    { "customer_feedback", "button_title", STRING, "", 0, 20 },
    { "customer_feedback", "feedback_screens", LIST, "required", 1, 1 },
    { "customer_feedback", "feedback_screens[0][questions]", LIST, "required", 1, 1 },
    { "customer_feedback", "feedback_screens[0][questions][0][id]", TEXT, "required", 0, 80 },
    { "customer_feedback", "feedback_screens[0][questions][0][type]", WORD, "required", 0, 0 },
    { "customer_feedback", "feedback_screens[0][questions][0][title]", STRING, "", 5, 85 },
    { "customer_feedback", "feedback_screens[0][questions][0][score_label]", WORD, "", 0, 0 },
    { "customer_feedback", "feedback_screens[0][questions][0][score_option]", WORD, "", 0, 0 },
    { "customer_feedback", "feedback_screens[0][questions][0][follow_up]", OBJECT, "", 0, 0 },
    { "customer_feedback", "feedback_screens[0][questions][0][follow_up][type]", WORD, "required", 0, 0 },
    { "customer_feedback", "feedback_screens[0][questions][0][follow_up][placeholder]", STRING, "", 0, 0 },
    { "customer_feedback", "business_privacy", OBJECT, "required", 0, 0 },
    { "customer_feedback", "business_privacy[url]", URL, "required", 0, 0 },
    { "customer_feedback", "expires_in_days", INT, "", 1, 7 },
    { "one_time_notif_req", "title", TEXT, "required", 0, 65 },
    { "one_time_notif_req", "payload", TEXT, "required", 0, 1000 },
    { "notification_messages", "title", STRING, "required", 0, 65 },
    { "notification_messages", "payload", STRING, "", 0, 1000 },
    { "notification_messages", "image_url", URL, "", 0, 0 },
    { "notification_messages", "image_aspect_ratio", WORD, "", 0, 0 },
    { "notification_messages", "notification_messages_frequency", WORD, "", 0, 0 },
    { "notification_messages", "notification_messages_reoptin", WORD, "", 0, 0 },
    { "notification_messages", "notification_messages_timezone", STRING, "", 0, 0 },
    { "notification_messages", "notification_messages_cta_text", WORD, "", 0, 0 },
    { "image_grid", "elements", LIST, "required", 2, 6 },
    { "image_grid", "elements[0][image_url]", URL, "required", 0, 0 },
    { "image_grid", "elements[0][default_action]", OBJECT, "", 0, 0 },
    { "image_grid", "elements[0][default_action][type]", WORD, "required", 0, 0 },
    { "image_grid", "elements[0][default_action][url]", URL, "2018041", 0, 0 },
    { "image_grid", "title", STRING, "", 0, 80 },
    { "image_grid", "subtitle", STRING, "", 0, 80 },
    { "image_grid", "buttons", LIST, "", 1, 3 },
    { "customer_information", "business_privacy", OBJECT, "required", 0, 0 },
    { "customer_information", "expires_in_days", INT, "", 1, 7 },
    { "list", "elements", LIST, "required", 2, 4 },
    { "list", "elements[0][title]", TEXT, "required", 0, 80 },
    { "list", "buttons", LIST, "", 1, 1 },
    { "list", "top_element_style", WORD, "", 0, 0 },
    { "open_graph", "elements", LIST, "required", 1, 1 },
    { "open_graph", "elements[0][url]", URL, "required", 0, 0 },
    { "open_graph", "elements[0][buttons]", LIST, "", 1, 3 },
    { "airline_boardingpass", "locale", TEXT, "required", 0, 0 },
    { "airline_checkin", "locale", TEXT, "required", 0, 0 },
    { "airline_itinerary", "locale", TEXT, "required", 0, 0 },
    { "airline_update", "locale", TEXT, "required", 0, 0 },
};

/* Puts value (taken over; NULL: takes the member away) at a path like a[0][b]. */
static void
put_at(json_t *root, const char *path, json_t *value)
{
    char copy[128];
    char *next, *name;
    json_t *at = root;

    snprintf(copy, sizeof copy, "%s", path);
    name = strtok_r(copy, "[]", &next);
    for (char *after; (after = strtok_r(NULL, "[]", &next)) != NULL; name = after) {
        at = json_is_array(at) ? json_array_get(at, strtoul(name, NULL, 10)) : json_object_get(at, name);
        ck_assert_msg(at != NULL, "nothing at %s of %s", name, path);
    }
    if (value != NULL)
        json_object_set_new(at, name, value);
    else
        json_object_del(at, name);
}

static json_t *
value_at(json_t *root, const char *path)
{
    char copy[128];
    char *next;

    snprintf(copy, sizeof copy, "%s", path);
    for (char *name = strtok_r(copy, "[]", &next); name != NULL; name = strtok_r(NULL, "[]", &next))
        root = json_is_array(root) ? json_array_get(root, strtoul(name, NULL, 10)) : json_object_get(root, name);
    return root;
}

/* Sends the fact's payload with `value` (taken over, NULL: missing) in its place. expected: "" for success, else a part of the reply in which %s is the path. */
static void
try_value(const struct fact *fact, json_t *value, const char *expected, const char *why)
{
    const struct kind *kind = kind_named(fact->kind);
    json_t *payload = read_quoted(kind->payload);
    struct bench b;
    char path[160], wanted[400];
    const char *bracket = strchr(fact->path, '[');
    int head = bracket != NULL ? (int)(bracket - fact->path) : (int)strlen(fact->path);

    snprintf(path, sizeof path, "%s[%.*s]%s", is_template(kind) ? "name_placeholder" : "message", head, fact->path, fact->path + head);
    snprintf(wanted, sizeof wanted, "%.*s%s%s", (int)strcspn(expected, "%"), expected, strchr(expected, '%') != NULL ? path : "",
             strchr(expected, '%') != NULL ? strchr(expected, '%') + 2 : "");
    put_at(payload, fact->path, value);
    bench_init_at(&b, kind->now);
    int status = send_kind(&b, kind, payload);
    ck_assert_msg(status == (*expected == '\0' ? 200 : 400) && strstr(bench_body(&b), wanted) != NULL, "%s %s, %s: expected %d '%s', got %d %s", fact->kind,
                  fact->path, why, *expected == '\0' ? 200 : 400, wanted, status, bench_body(&b));
    bench_fini(&b);
}

static json_t *
letters(unsigned n)
{
    char text[3000];

    memset(text, 'x', n);
    return json_stringn(text, n);
}

static void
try_missing(const struct fact *fact)
{
    const char *expected = strcmp(fact->needed, "required") == 0 ? "(#100) The parameter %s is required" : fact->needed;

    try_value(fact, NULL, expected, "missing");
    try_value(fact, json_null(), expected, "null");
}

static void
try_length(const struct fact *fact)
{
    char expected[120];

    if (fact->max == 0)
        return;
    try_value(fact, letters(fact->max - 1), "", "one below its limit");
    try_value(fact, letters(fact->max), "", "at its limit");
    snprintf(expected, sizeof expected, "(#100) Length of param %%s must be less than or equal to %u", fact->max);
    try_value(fact, letters(fact->max + 1), fact->what == SOFT ? "" : expected, "one above its limit");
    if (fact->min > 0) {
        try_value(fact, letters(fact->min), "", "at its least");
        try_value(fact, letters(fact->min - 1), "Invalid parameter", "one below its least");
    }
}

static void
try_number(const struct fact *fact)
{
    char expected[120];

    for (unsigned n = fact->min; n <= fact->max && fact->what == INT; n++)
        try_value(fact, json_integer(n), "", "within");
    if (fact->what == NUMBER) {
        try_value(fact, json_string("12.50"), "", "as a text");
        try_value(fact, json_string("abc"), "(#100) Param %s must be a number.", "letters");
        try_value(fact, json_array(), "(#100) Param %s must be a number.", "a list");
        return;
    }
    snprintf(expected, sizeof expected, "(#100) Param %%s must be greater than or equal to %u", fact->min);
    try_value(fact, json_integer((int)fact->min - 1), expected, "one below");
    snprintf(expected, sizeof expected, "(#100) Param %%s must be less than or equal to %u", fact->max);
    try_value(fact, json_integer(fact->max + 1), expected, "one above");
    try_value(fact, json_string("x"), "(#100) Param %s must be an integer.", "letters");
}

static json_t *
times(const struct fact *fact, unsigned n)
{
    json_t *payload = read_quoted(kind_named(fact->kind)->payload), *list = json_array();

    for (unsigned i = 0; i < n; i++)
        json_array_append(list, json_array_get(value_at(payload, fact->path), 0));
    json_decref(payload);
    return list;
}

static void
try_list(const struct fact *fact)
{
    const char *few = fact->what == FULL_LIST ? "(#100) param %s must be non-empty." : "(#194) param %s has too few elements.";

    if (fact->min > 0)
        try_value(fact, times(fact, fact->min - 1), few, "one too few");
    try_value(fact, times(fact, fact->min > 0 ? fact->min : 1), "", "the least");
    if (fact->max > 0) {
        try_value(fact, times(fact, fact->max), "", "the most");
        try_value(fact, times(fact, fact->max + 1), "(#105) param %s has too many elements.", "one too many");
    }
    bool are_cards = strcmp(fact->path, "elements") == 0 && (strcmp(fact->kind, "generic") == 0 || strcmp(fact->kind, "list") == 0);
    try_value(fact, json_pack("{s:i}", "a", 1), are_cards ? "(#100) Incomplete element data" : "(#100) Param %s must be an array.", "an object");
    try_value(fact, json_string("x"), "(#100) Param %s must be an array.", "a text");
    if (fact->min <= 1)
        try_value(fact, json_pack("[[i]]", 1), "must be an object.", "a list of lists");
}

static void
try_types(const struct fact *fact)
{
    switch (fact->what) {
    case TEXT:
        try_value(fact, json_string(""), "(#100) Param %s must be a non-empty UTF-8 encoded string", "empty");
        try_value(fact, json_array(), "(#100) Param %s must be a string.", "a list");
        break;
    case STRING:
    case SOFT:
        try_value(fact, json_pack("{s:i}", "a", 1), "(#100) Param %s must be a string.", "an object");
        try_value(fact, json_true(), "(#100) Param %s must be a string.", "a boolean");
        break;
    case URL:
        try_value(fact, json_string(""), "(#100) %s should represent a valid URL", "empty");
        try_value(fact, json_string("not a url"), "(#100) %s should represent a valid URL", "no URL");
        try_value(fact, json_array(), "(#100) %s should represent a valid URL", "a list");
        break;
    case BOOL:
        try_value(fact, json_string("false"), "", "as a text");
        try_value(fact, json_integer(0), "", "as a number");
        try_value(fact, json_string("maybe"), "(#100) Param %s must be a boolean.", "no boolean");
        break;
    case WORD:
        try_value(fact, json_string("no such word"), "(#100) Param %s must be one of {", "an unknown word");
        try_value(fact, json_string(""), "(#100) Param %s must be one of {", "empty");
        try_value(fact, json_array(), "(#100) Param %s must be a string.", "a list");
        break;
    case UNTOLD:
        try_value(fact, json_string("no such word"), "(#100) Param %s is not supported. Please check developer docs for details", "an unknown word");
        break;
    case OBJECT:
        try_value(fact, json_string("x"), "(#100) Param %s must be an object.", "a text");
        try_value(fact, json_integer(5), "(#100) Param %s must be an object.", "a number");
        try_value(fact, json_pack("{s:s}", "no_such_key", "x"), "(#100) ", "a wrong key");
        break;
    case DIGITS:
        try_value(fact, json_string("12ab"), "(#100) Param %s must be a valid ID string", "letters");
        break;
    case NUMBER: case INT: case LIST: case FULL_LIST:
        break;
    }
}

START_TEST(test_fact)
{
    const struct fact *fact = &facts[_i];

    try_missing(fact);
    try_types(fact);
    if (fact->what == NUMBER || fact->what == INT)
        try_number(fact);
    else if (fact->what == LIST || fact->what == FULL_LIST)
        try_list(fact);
    else
        try_length(fact);
}
END_TEST

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

int
main(void)
{
    Suite *suite = suite_create("template");
    TCase *tc = tcase_create("template");

    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_everything_at_once, 0, COUNT(kinds));
    tcase_add_loop_test(tc, test_fact, 0, COUNT(facts));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
