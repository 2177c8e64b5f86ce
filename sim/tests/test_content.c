/* What a message may hold, as single sentences of send.md 1 and 2 say it: rows. And which of several mistakes is reported, the window before the content, messages that
 * are named, whitelisted domains. Facts that come field by field are in test_template.c. */
#include <check.h>

#include "tests/graph_bench.h"
#include "world/page_extra.h"

#define TEXT_SIZE 60000

static int
send_text(struct bench *b, const char *version, const char *body)
{
    char path[64];

    snprintf(path, sizeof path, "/%s/me/messages", version);
    return bench_call(b, "POST", path, "application/json", body);
}

#define M(message) "{'recipient':{'id':'@'},'message':" message "}"
#define T(payload) M("{'attachment':{'type':'template','payload':" payload "}}")
#define CARD(button) T("{'template_type':'generic','elements':[{'title':'a','buttons':[" button "]}]}")
#define BUTTONS(button) T("{'template_type':'button','text':'a','buttons':[" button "]}")
#define MEDIA(element) T("{'template_type':'media','elements':[{" element "}]}")
#define RECEIPT(currency, summary) \
    T("{'template_type':'receipt','recipient_name':'a','order_number':'1','currency':'" currency "','payment_method':'v','summary':{" summary "}}")
#define FEEDBACK(head, question) \
    T("{'template_type':'customer_feedback'," head ",'business_privacy':{'url':'https://a.example/'},'feedback_screens':[{'questions':[{" question "}]}]}")
#define QUESTION "'id':'q','type':'nps'"
#define GRID(tap) T("{'template_type':'image_grid','elements':[{'image_url':'https://a.example/1','default_action':" tap "},{'image_url':'https://a.example/2'}]}")
#define QR(reply) M("{'text':'a','quick_replies':[" reply "]}")
#define IMAGE "{'type':'image','payload':{'url':'https://a.example/1.png'}}"
#define ELEMENT "{'title':'a','subtitle':'b'}"
#define POSTBACK "{'type':'postback','title':'b','payload':'c'}"

#define NOW BENCH_NOW
#define V19 "v19.0"
#define GRIDS CIVIL(2026, 7, 1)

static const struct row {
    const char *name, *version;
    ms_t now;
    const char *body;
    int status;
    const char *contains, *rule;
} rows[] = {
    /* message: text, attachment, or neither */
    { "null text is no text", V19, NOW, M("{'text':null}"), 400, "2018034", "FORM-MESSAGE-EMPTY" },
    { "an empty text is invalid data", V19, NOW, M("{'text':''}"), 400, "(#100) Invalid Data\",\"type\":\"OAuthException\",\"code\":100,\"error_subcode\":2018032", "FORM-MESSAGE-EMPTY" },
    { "an empty text beside an attachment", V19, NOW, M("{'text':'','attachment':" IMAGE "}"), 200, "message_id", "WIN-STD-24H" },
    { "metadata alone is empty", V19, NOW, M("{'metadata':'x'}"), 400, "2018034", "FORM-MESSAGE-EMPTY" },
    { "quick replies alone are empty", V19, NOW, M("{'quick_replies':[{'content_type':'user_email'}]}"), 400, "2018034", "FORM-MESSAGE-EMPTY" },
    { "text and attachment", V19, NOW, M("{'text':'a','attachment':" IMAGE "}"), 400, "Only one of text or attachment can be specified", "FORM-TEXT-XOR-ATTACHMENT" },
    { "quick replies with a template", V19, NOW,
      M("{'attachment':{'type':'template','payload':{'template_type':'generic','elements':[" ELEMENT "]}},'quick_replies':[{'content_type':'user_email'}]}"), 200,
      "message_id", "WIN-STD-24H" },
    { "no message, no action", V19, NOW, "{'recipient':{'id':'@'}}", 400, "2018015", "FORM-MESSAGE-OR-STATE" },
    { "null message, no action", V19, NOW, "{'recipient':{'id':'@'},'message':null,'sender_action':null}", 400, "2018015", "FORM-MESSAGE-OR-STATE" },
    { "no messaging_type", V19, NOW, M("{'text':'a'}"), 200, "message_id", "WIN-STD-24H" },
    { "wrong messaging_type", V19, NOW, "{'recipient':{'id':'@'},'messaging_type':'response','message':{'text':'a'}}", 400,
      "(#100) Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG, UTILITY, NON_PROMOTIONAL_SUBSCRIPTION} - got \\\"response\\\".", "FORM-ENUM" },
    { "notification_type", V19, NOW, "{'recipient':{'id':'@'},'notification_type':'SILENT_PUSH','message':{'text':'a'}}", 200, "message_id", "WIN-STD-24H" },
    { "wrong notification_type", V19, NOW, "{'recipient':{'id':'@'},'notification_type':'LOUD','message':{'text':'a'}}", 400, "{REGULAR, SILENT_PUSH, NO_PUSH}", "FORM-ENUM" },
    { "folder", V19, NOW, "{'recipient':{'id':'@'},'folder':'PARTNERSHIP','message':{'text':'a'}}", 200, "message_id", "WIN-STD-24H" },
    { "an unknown parameter is ignored", V19, NOW, "{'recipient':{'id':'@'},'format':'json','colour':{'a':1},'message':{'text':'a'}}", 200, "message_id", "WIN-STD-24H" },
    { "an unknown key in an object is not", V19, NOW, "{'recipient':{'id':'@','colour':1},'message':{'text':'a'}}", 400,
      "(#100) Invalid keys \\\"colour\\\" were found in param \\\"recipient\\\".", "FORM-KEYS" },
    { "an unknown key in a button", V19, NOW, BUTTONS("{'type':'postback','title':'a','payload':'b','colour':1}"), 400,
      "(#100) Invalid keys \\\"colour\\\" were found in param \\\"name_placeholder[buttons][0]\\\".", "FORM-KEYS" },
    { "two receivers", V19, NOW, "{'recipient':{'id':'@','user_ref':'x'},'message':{'text':'a'}}", 400, "Must specify exactly one of recipient[id]", "FORM-RECIPIENT" },
    { "an id as a number", V19, NOW, "{'recipient':{'id':@},'message':{'text':'a'}}", 200, "message_id", "WIN-STD-24H" },
    { "a payload as JSON text", V19, NOW, M("{'attachment':{'type':'template','payload':'{\\'template_type\\':\\'button\\',\\'text\\':\\'a\\',\\'buttons\\':[{\\'type\\':\\'postback\\',\\'title\\':\\'a\\'}]}'}}"),
      400, "2018040", "FORM-BUTTON-PAYLOAD" },

    /* how long a text may be, over time */
    { "320 letters in 2016", "v2.6", CIVIL(2016, 6, 20), M("{'text':'<320>'}"), 200, "message_id", "WIN-STD-24H" },
    { "321 letters in 2016", "v2.6", CIVIL(2016, 6, 20), M("{'text':'<321>'}"), 400, "must be less than or equal to 320", "FORM-TEXT-LEN" },
    { "640 letters in 2017", "v2.8", CIVIL(2017, 2, 17), M("{'text':'<640>'}"), 200, "message_id", "WIN-STD-24H" },
    { "641 letters in 2017", "v2.8", CIVIL(2017, 2, 17), M("{'text':'<641>'}"), 400, "must be less than or equal to 640", "FORM-TEXT-LEN" },
    { "641 letters in 2019", "v3.2", CIVIL(2019, 2, 17), M("{'text':'<641>'}"), 200, "message_id", "WIN-STD-24H" },
    { "11 quick replies in 2017", "v2.8", CIVIL(2017, 2, 17), QR("<11:{'content_type':'text','title':'a','payload':'b'}>"), 200, "message_id", "WIN-STD-24H" },
    { "12 quick replies in 2017", "v2.8", CIVIL(2017, 2, 17), QR("<12:{'content_type':'text','title':'a','payload':'b'}>"), 400, "(#105)", "FORM-TOO-MANY" },

    /* fields that came later */
    { "attachments the day before", "v22.0", CIVIL(2025, 3, 19) - 1, M("{'attachments':[" IMAGE "]}"), 400, "Invalid keys \\\"attachments\\\"", "FORM-KEYS" },
    { "attachments on the day", "v22.0", CIVIL(2025, 3, 19), M("{'attachments':[" IMAGE "]}"), 200, "message_id", "WIN-STD-24H" },
    { "attachments are images", "v22.0", CIVIL(2025, 3, 19), M("{'attachments':[{'type':'video','payload':{'url':'https://a.example/1'}}]}"), 400,
      "(#100) Param message[attachments][0][type] must be one of {image} - got \\\"video\\\".", "FORM-ENUM" },
    { "attachment and attachments", "v22.0", CIVIL(2025, 3, 19), M("{'attachment':" IMAGE ",'attachments':[" IMAGE "]}"), 400, "Must specify exactly one of", "FORM-TEXT-XOR-ATTACHMENT" },
    { "a sticker the day before", "v25.0", CIVIL(2026, 6, 1) - 1, M("{'sticker_id':767226160478561}"), 400, "Invalid keys \\\"sticker_id\\\"", "FORM-KEYS" },
    { "a sticker on the day", "v25.0", CIVIL(2026, 6, 1), M("{'sticker_id':767226160478561}"), 200, "message_id", "WIN-STD-24H" },
    { "a sticker that is none", "v25.0", CIVIL(2026, 6, 1), M("{'sticker_id':'smile'}"), 400, "must be a valid ID string", "FORM-ID" },
    { "a sticker and a text", "v25.0", CIVIL(2026, 6, 1), M("{'text':'a','sticker_id':767226160478561}"), 400, "Only one of text or attachment", "FORM-TEXT-XOR-ATTACHMENT" },
    { "reply_to the day before it came is unknown, so ignored", "v22.0", CIVIL(2025, 7, 15) - 1, "{'recipient':{'id':'@'},'reply_to':{'mid':'m_x'},'message':{'text':'a'}}", 200, "message_id",
      "WIN-STD-24H" },
    { "reply_to a message of nobody", "v22.0", CIVIL(2025, 7, 15), "{'recipient':{'id':'@'},'reply_to':{'mid':'m_x'},'message':{'text':'a'}}", 400, "Invalid message ID m_x", "FORM-REPLY-TO" },
    { "reply_to nothing", "v22.0", CIVIL(2025, 7, 15), "{'recipient':{'id':'@'},'reply_to':{},'message':{'text':'a'}}", 400, "The parameter reply_to[mid] is required", "FORM-REQUIRED" },

    /* sender actions */
    { "a reaction without payload", V19, NOW, "{'recipient':{'id':'@'},'sender_action':'react'}", 400, "The parameter payload is required", "FORM-REQUIRED" },
    { "a reaction without message", V19, NOW, "{'recipient':{'id':'@'},'sender_action':'react','payload':{'reaction':'x'}}", 400, "The parameter payload[message_id] is required", "FORM-REQUIRED" },
    { "a reaction without reaction", V19, NOW, "{'recipient':{'id':'@'},'sender_action':'REACT','payload':{'message_id':'m_x'}}", 400, "The parameter payload[reaction] is required", "FORM-REQUIRED" },
    { "a reaction to a message of nobody", V19, NOW, "{'recipient':{'id':'@'},'sender_action':'react','payload':{'message_id':'m_x','reaction':'x'}}", 400, "Invalid message ID m_x", "FORM-REPLY-TO" },
    { "an unknown action", V19, NOW, "{'recipient':{'id':'@'},'sender_action':'dance'}", 400, "{MARK_SEEN, TYPING_ON, TYPING_OFF, REACT, UNREACT}", "FORM-ENUM" },

    /* templates as such */
    { "no template_type", V19, NOW, T("{'elements':[]}"), 400, "(#100) Invalid template type", "FORM-TEMPLATE" },
    { "unknown template_type", V19, NOW, T("{'template_type':'poem'}"), 400, "(#100) Invalid template type", "FORM-TEMPLATE" },
    { "template in capitals", V19, NOW, T("{'template_type':'GENERIC','elements':[" ELEMENT "]}"), 400, "(#100) Invalid template type", "FORM-TEMPLATE" },
    { "a template's payload is a list", V19, NOW, T("[1]"), 400, "(#100) Param message[attachment][payload] must be an object.", "FORM-TYPE" },

    /* the dead kinds, at both ends */
    { "list before v4.0", "v3.3", CIVIL(2019, 8, 1), T("{'template_type':'list','elements':[" ELEMENT "," ELEMENT "]}"), 200, "message_id", "WIN-STD-24H" },
    { "list in v4.0", "v4.0", CIVIL(2019, 8, 1), T("{'template_type':'list','elements':[" ELEMENT "," ELEMENT "]}"), 400, "(#100) Invalid template type", "FORM-TEMPLATE" },
    { "list in an ended version is served by a newer one", "v3.3", CIVIL(2022, 8, 1), T("{'template_type':'list','elements':[" ELEMENT "," ELEMENT "]}"), 400, "(#100) Invalid template type", "FORM-TEMPLATE" },
    { "open_graph before v4.0", "v3.3", CIVIL(2019, 8, 1), T("{'template_type':'open_graph','elements':[{'url':'https://a.example/'}]}"), 200, "message_id", "WIN-STD-24H" },
    { "open_graph in v4.0", "v4.0", CIVIL(2019, 8, 1), T("{'template_type':'open_graph','elements':[{'url':'https://a.example/'}]}"), 400, "(#100) Invalid template type", "FORM-TEMPLATE" },
    { "airline before v11.0", "v10.0", CIVIL(2021, 7, 1), T("{'template_type':'airline_update','locale':'en_US'}"), 200, "message_id", "WIN-STD-24H" },
    { "airline in v11.0", "v11.0", CIVIL(2021, 7, 1), T("{'template_type':'airline_update','locale':'en_US'}"), 400, "(#100) Invalid template type", "FORM-TEMPLATE" },
    { "airline on the last day", "v10.0", CIVIL(2021, 12, 6) - 1, T("{'template_type':'airline_checkin','locale':'en_US'}"), 200, "message_id", "WIN-STD-24H" },
    { "airline after it", "v10.0", CIVIL(2021, 12, 6), T("{'template_type':'airline_checkin','locale':'en_US'}"), 400, "(#100) Invalid template type", "FORM-TEMPLATE" },
    { "grid the day before", "v25.0", CIVIL(2026, 6, 30) - 1, GRID("null"), 400, "(#100) Invalid template type", "FORM-TEMPLATE" },
    { "grid on the day", "v25.0", CIVIL(2026, 6, 30), GRID("null"), 200, "message_id", "WIN-STD-24H" },
    { "recurring request on the last day", "v24.0", CIVIL(2026, 2, 10) - 1, T("{'template_type':'notification_messages','title':'a','payload':'b'}"), 200, "message_id", "WIN-STD-24H" },
    { "recurring request after it", "v24.0", CIVIL(2026, 2, 10), T("{'template_type':'notification_messages','title':'a','payload':'b'}"), 400, "(#100) Invalid template type", "RN-REQUEST-ENDED" },
    { "recurring request before there were any", "v10.0", CIVIL(2021, 6, 2) - 1, T("{'template_type':'notification_messages','title':'a','payload':'b'}"), 400, "(#100) Invalid template type", "FORM-TEMPLATE" },
    { "one-time request before there were any", "v6.0", CIVIL(2020, 2, 4) - 1, T("{'template_type':'one_time_notif_req','title':'a','payload':'b'}"), 400, "(#100) Invalid template type", "FORM-TEMPLATE" },
    { "one-time request on the day", "v6.0", CIVIL(2020, 2, 4), T("{'template_type':'one_time_notif_req','title':'a','payload':'b'}"), 200, "message_id", "WIN-STD-24H" },
    { "its title had to be there", "v15.0", CIVIL(2023, 2, 21) - 1, T("{'template_type':'notification_messages','payload':'b'}"), 400, "The parameter name_placeholder[title] is required", "FORM-REQUIRED" },
    { "until it got a default", "v16.0", CIVIL(2023, 2, 21), T("{'template_type':'notification_messages','payload':'b'}"), 200, "message_id", "WIN-STD-24H" },
    { "its frequency is gone in v16.0", "v16.0", CIVIL(2023, 3, 1), T("{'template_type':'notification_messages','payload':'b','notification_messages_frequency':'DAILY'}"), 400, "Invalid keys \\\"notification_messages_frequency\\\"", "FORM-KEYS" },
    { "feedback before it came", "v10.0", CIVIL(2021, 6, 2) - 1, FEEDBACK("'title':'a'", QUESTION), 400, "(#100) Invalid template type", "FORM-TEMPLATE" },
    { "feedback once it was there", "v10.0", CIVIL(2021, 6, 2), FEEDBACK("'title':'a'", QUESTION), 200, "message_id", "WIN-STD-24H" },
    { "product below v8.0", "v7.0", CIVIL(2021, 1, 1), T("{'template_type':'product','elements':[{'id':'1'}]}"), 400, "2018328", "FORM-PRODUCT" },
    { "product in v8.0", "v8.0", CIVIL(2021, 1, 1), T("{'template_type':'product','elements':[{'id':'1'}]}"), 200, "message_id", "WIN-STD-24H" },

    /* generic */
    { "a title alone", V19, NOW, T("{'template_type':'generic','elements':[{'title':'a'}]}"), 400, "2018035", "FORM-ELEMENT" },
    { "a title and an empty subtitle", V19, NOW, T("{'template_type':'generic','elements':[{'title':'a','subtitle':''}]}"), 400, "2018035", "FORM-ELEMENT" },
    { "a title and an image", V19, NOW, T("{'template_type':'generic','elements':[{'title':'a','image_url':'https://a.example/1.png'}]}"), 200, "message_id", "WIN-STD-24H" },
    { "the second element is the wrong one", V19, NOW, T("{'template_type':'generic','elements':[" ELEMENT ",{'subtitle':'b'}]}"), 400, "name_placeholder[elements][1][title] is required", "FORM-REQUIRED" },
    { "a default action has no title", V19, NOW, T("{'template_type':'generic','elements':[{'title':'a','default_action':{'type':'web_url','url':'https://a.example/','title':'x'}}]}"), 400,
      "Invalid keys \\\"title\\\" were found in param \\\"name_placeholder[elements][0][default_action]\\\"", "FORM-KEYS" },
    { "a default action of a card is no postback", V19, NOW, T("{'template_type':'generic','elements':[{'title':'a','default_action':{'type':'postback'}}]}"), 400, "must be one of {web_url}", "FORM-ENUM" },

    /* buttons of every kind */
    { "web_url", V19, NOW, CARD("{'type':'web_url','title':'a','url':'https://a.example/'}"), 200, "message_id", "WIN-STD-24H" },
    { "web_url with a bad address", V19, NOW, BUTTONS("{'type':'web_url','title':'a','url':'a.example'}"), 400, "(#100) name_placeholder[buttons][0][url] should represent a valid URL", "FORM-URL" },
    { "postback", V19, NOW, CARD(POSTBACK), 200, "message_id", "WIN-STD-24H" },
    { "phone_number", V19, NOW, CARD("{'type':'phone_number','title':'a','payload':'+15105551234'}"), 200, "message_id", "WIN-STD-24H" },
    { "phone_number without number", V19, NOW, CARD("{'type':'phone_number','title':'a'}"), 400, "2018040", "FORM-BUTTON-PAYLOAD" },
    { "account_link", V19, NOW, CARD("{'type':'account_link','url':'https://a.example/login'}"), 200, "message_id", "WIN-STD-24H" },
    { "account_link without address", V19, NOW, CARD("{'type':'account_link'}"), 400, "2018041", "FORM-BUTTON-URL" },
    { "account_link is https", V19, NOW, CARD("{'type':'account_link','url':'http://a.example/login'}"), 400, "name_placeholder[elements][0][buttons][0][url] should represent a valid URL", "FORM-URL" },
    { "account_unlink", V19, NOW, CARD("{'type':'account_unlink'}"), 200, "message_id", "WIN-STD-24H" },
    { "game_play", V19, NOW, CARD("{'type':'game_play','title':'a','payload':'b','game_metadata':{'player_id':'1'}}"), 200, "message_id", "WIN-STD-24H" },
    { "audio_call the day before", "v24.0", CIVIL(2026, 2, 11) - 1, CARD("{'type':'audio_call'}"), 400, "(#100) Invalid button type", "FORM-BUTTON-TYPE" },
    { "audio_call on the day", "v24.0", CIVIL(2026, 2, 11), CARD("{'type':'audio_call'}"), 200, "message_id", "WIN-STD-24H" },
    { "audio_call in a button template", "v24.0", CIVIL(2026, 2, 11), BUTTONS("{'type':'audio_call'}"), 200, "message_id", "WIN-STD-24H" },
    { "audio_call elsewhere", "v24.0", CIVIL(2026, 2, 11), MEDIA("'media_type':'image','url':'https://facebook.com/photo/1','buttons':[{'type':'audio_call'}]"), 400, "(#100) Invalid button type", "FORM-BUTTON-TYPE" },
    { "app is for marketing messages", "v24.0", CIVIL(2026, 2, 11), CARD("{'type':'app','title':'a','ios_url':'x'}"), 400, "(#100) Invalid button type", "FORM-BUTTON-TYPE" },
    { "element_share in its time", "v2.11", CIVIL(2018, 1, 10), CARD("{'type':'element_share'}"), 200, "message_id", "WIN-STD-24H" },
    { "element_share now", V19, NOW, CARD("{'type':'element_share'}"), 400, "(#100) Invalid button type", "FORM-BUTTON-TYPE" },
    { "payment in its time", "v2.11", CIVIL(2018, 1, 10), CARD("{'type':'payment','title':'buy','payload':'x','payment_summary':{}}"), 200, "message_id", "WIN-STD-24H" },
    { "payment now", V19, NOW, CARD("{'type':'payment','title':'buy'}"), 400, "(#100) Invalid button type", "FORM-BUTTON-TYPE" },
    { "a button of no kind", V19, NOW, CARD("{'type':'lever','title':'a'}"), 400, "name_placeholder[elements][0][buttons][0][type] must be one of {web_url, postback", "FORM-ENUM" },
    { "extensions off the whitelist", V19, NOW, BUTTONS("{'type':'web_url','title':'a','url':'https://a.example/','messenger_extensions':true}"), 400, "is not whitelisted for messenger extensions", "FORM-WHITELIST" },
    { "extensions as a text", V19, NOW, BUTTONS("{'type':'web_url','title':'a','url':'https://a.example/','messenger_extensions':'false'}"), 200, "message_id", "WIN-STD-24H" },
    { "extensions of a default action", V19, NOW, T("{'template_type':'generic','elements':[{'title':'a','default_action':{'type':'web_url','url':'https://a.example/','messenger_extensions':true}}]}"), 400,
      "is not whitelisted for messenger extensions", "FORM-WHITELIST" },

    /* quick replies of every kind */
    { "text, by picture", V19, NOW, QR("{'content_type':'text','image_url':'https://a.example/1.png'}"), 200, "message_id", "WIN-STD-24H" },
    { "text, with an empty payload and a picture", V19, NOW, QR("{'content_type':'text','title':'a','payload':'','image_url':'https://a.example/1.png'}"), 200, "message_id", "WIN-STD-24H" },
    { "text, with an empty title", V19, NOW, QR("{'content_type':'text','title':'','payload':'b'}"), 400, "2018098", "FORM-QR-TITLE" },
    { "phone", V19, NOW, QR("{'content_type':'user_phone_number'}"), 200, "message_id", "WIN-STD-24H" },
    { "e-mail", V19, NOW, QR("{'content_type':'user_email'}"), 200, "message_id", "WIN-STD-24H" },
    { "location in its time", "v2.11", CIVIL(2018, 1, 10), QR("{'content_type':'location'}"), 200, "message_id", "WIN-STD-24H" },
    { "location now", V19, NOW, QR("{'content_type':'location'}"), 400, "(#100) Param message[quick_replies][0][content_type] must be one of {text, user_phone_number, user_email} - got \\\"location\\\".", "FORM-ENUM" },

    /* media */
    { "media of another type", V19, NOW, MEDIA("'media_type':'song','url':'https://facebook.com/photo/1'"), 400, "2018182", "FORM-MEDIA" },
    { "media with both", V19, NOW, MEDIA("'media_type':'image','url':'https://facebook.com/photo/1','attachment_id':'1'"), 400, "Must specify exactly one of url, attachment_id", "FORM-MEDIA" },
    { "media with neither", V19, NOW, MEDIA("'media_type':'image'"), 400, "2018187", "FORM-MEDIA" },
    { "media with an empty id", V19, NOW, MEDIA("'media_type':'image','attachment_id':''"), 400, "2018183", "FORM-MEDIA" },
    { "media with an id of nobody", V19, NOW, MEDIA("'media_type':'image','attachment_id':'123'"), 400, "2018074", "FORM-ATT-ID" },
    { "media elsewhere", V19, NOW, MEDIA("'media_type':'image','url':'https://a.example/photo/1'"), 400, "2018185", "FORM-MEDIA" },
    { "media in a name that only looks like it", V19, NOW, MEDIA("'media_type':'image','url':'https://notfacebook.com/photo/1'"), 400, "2018185", "FORM-MEDIA" },
    { "media from a file server", V19, NOW, MEDIA("'media_type':'image','url':'https://scontent.fbcdn.net/photo.png'"), 400, "2018188", "FORM-MEDIA" },
    { "a page that shows no media", V19, NOW, MEDIA("'media_type':'image','url':'https://facebook.com/shop'"), 400, "2018184", "FORM-MEDIA" },

    /* receipt */
    { "a currency in small letters", V19, NOW, RECEIPT("usd", "'total_cost':1"), 400, "(#100) The currency code 'usd' is not supported", "FORM-RECEIPT" },
    { "a currency of nowhere", V19, NOW, RECEIPT("XYZ", "'total_cost':1"), 400, "(#100) The currency code 'XYZ' is not supported", "FORM-RECEIPT" },
    { "two decimals", V19, NOW, RECEIPT("EUR", "'total_cost':'12.50'"), 200, "message_id", "WIN-STD-24H" },
    { "three decimals", V19, NOW, RECEIPT("EUR", "'total_cost':'12.505'"), 400, "2018055", "FORM-RECEIPT" },
    { "decimals of a currency without", V19, NOW, RECEIPT("JPY", "'total_cost':12.5"), 400, "2018055", "FORM-RECEIPT" },
    { "a number with noise", V19, NOW, RECEIPT("EUR", "'total_cost':4.9500000000000002"), 200, "message_id", "WIN-STD-24H" },
    { "a number with three decimals", V19, NOW, RECEIPT("EUR", "'total_cost':4.955"), 400, "2018055", "FORM-RECEIPT" },
    { "a comma", V19, NOW, RECEIPT("EUR", "'total_cost':'12,50'"), 400, "2018055", "FORM-RECEIPT" },
    { "less than nothing", V19, NOW, RECEIPT("EUR", "'total_cost':-1"), 400, "2018055", "FORM-RECEIPT" },
    { "an element in a currency of nowhere", V19, NOW,
      T("{'template_type':'receipt','recipient_name':'a','order_number':'1','currency':'EUR','payment_method':'v','summary':{'total_cost':1},'elements':[{'title':'a','price':1,'currency':'eur'}]}"),
      400, "(#100) The currency code 'eur' is not supported", "FORM-RECEIPT" },

    /* coupon, product */
    { "a coupon without code and URL", V19, NOW, T("{'template_type':'coupon','title':'a'}"), 400, "name_placeholder[coupon_code] is required", "FORM-COUPON" },
    { "a coupon with a URL only", V19, NOW, T("{'template_type':'coupon','title':'a','coupon_url':'https://a.example/'}"), 200, "message_id", "WIN-STD-24H" },
    { "a code with a space", V19, NOW, T("{'template_type':'coupon','title':'a','coupon_code':'10 OFF'}"), 400, "Invalid parameter", "FORM-COUPON" },
    { "a product that is no number", V19, NOW, T("{'template_type':'product','elements':[{'id':'shoe'}]}"), 400, "2018320", "FORM-PRODUCT" },

    /* feedback */
    { "a link in a title", V19, NOW, FEEDBACK("'title':'see https://a.example'", QUESTION), 400, "Invalid parameter", "FORM-FEEDBACK" },
    { "a link in a subtitle", V19, NOW, FEEDBACK("'title':'a','subtitle':'www.a.example'", QUESTION), 400, "Invalid parameter", "FORM-FEEDBACK" },
    { "a link in a button", V19, NOW, FEEDBACK("'title':'a','button_title':'http://a.b'", QUESTION), 400, "Invalid parameter", "FORM-FEEDBACK" },
    { "a question id with a dash", V19, NOW, FEEDBACK("'title':'a'", "'id':'q-1','type':'nps'"), 400, "Invalid parameter", "FORM-FEEDBACK" },

    /* grid */
    { "a tap is a postback", "v25.0", GRIDS, GRID("{'type':'postback','payload':'x'}"), 200, "message_id", "WIN-STD-24H" },
    { "a tap without payload", "v25.0", GRIDS, GRID("{'type':'postback'}"), 400, "2018040", "FORM-BUTTON-PAYLOAD" },

    /* several mistakes at once: which is reported */
    { "recipient before message", V19, NOW, "{'message':5}", 400, "The parameter recipient is required", "FORM-REQUIRED" },
    { "shape before receiver", V19, NOW, "{'recipient':{'id':'1'},'message':{'attachment':{'payload':{}}}}", 400, "message[attachment][type] is required", "FORM-REQUIRED" },
    { "receiver before content", V19, NOW, "{'recipient':{'id':'1'},'message':{}}", 400, "2018001", "RCPT-KNOWN" },
    { "tag before content", V19, NOW, "{'recipient':{'id':'@'},'tag':'SALE','message':{}}", 400, "Invalid tag", "TAG-KNOWN" },
    { "type before payload", V19, NOW, M("{'attachment':{}}"), 400, "message[attachment][type] is required", "FORM-REQUIRED" },
    { "what is strange before what is missing", V19, NOW, M("{'attachment':{'colour':1,'smell':2}}"), 400, "Invalid keys \\\"colour, smell\\\" were found in param \\\"message[attachment]\\\"", "FORM-KEYS" },
    { "too many before what is wrong inside", V19, NOW, BUTTONS("<4:{}>"), 400, "(#105)", "FORM-TOO-MANY" },
    { "shape of a later element before content of an earlier", V19, NOW, T("{'template_type':'generic','elements':[{'title':'a'},{}]}"), 400, "name_placeholder[elements][1][title] is required", "FORM-REQUIRED" },
    { "title before payload", V19, NOW, CARD("{'type':'postback'}"), 400, "2018053", "FORM-BUTTON-TITLE" },
    { "empty before both", V19, NOW, M("{'quick_replies':[{'content_type':'text'}]}"), 400, "2018034", "FORM-MESSAGE-EMPTY" },
    { "quick replies before attachments", V19, NOW, M("{'attachment':{'type':'image','payload':{}},'quick_replies':[{'content_type':'text'}]}"), 400, "2018098", "FORM-QR-TITLE" },
    { "currency before amount", V19, NOW, RECEIPT("usd", "'total_cost':-1"), 400, "currency code", "FORM-RECEIPT" },
};

START_TEST(test_row)
{
    const struct row *r = &rows[_i];
    struct bench b;
    char body[TEXT_SIZE];

    bench_init_at(&b, r->now);
    bench_expand(body, sizeof body, r->body, b.psid);
    for (char *at = body; (at = strstr(at, "\\\"")) != NULL; at += 2) /* a quote inside a quoted text */
        ck_assert(at[1] == '"');
    int status = send_text(&b, r->version, body);
    ck_assert_msg(status == r->status && strstr(bench_body(&b), r->contains) != NULL, "%s: %d %s", r->name, status, bench_body(&b));
    ck_assert_msg(b.reply.rule != NULL && strcmp(b.reply.rule, r->rule) == 0, "%s: decided by %s, not %s", r->name, b.reply.rule, r->rule);
    bench_fini(&b);
}
END_TEST

/* The window is asked before the content, and an action after it as little as a message. */
START_TEST(test_window_before_content)
{
    static const char *const bodies[] = { M("{}"), M("{'text':'a','attachment':" IMAGE "}"), CARD("{'type':'postback'}"),
                                          "{'recipient':{'id':'@'},'reply_to':{'mid':'m_x'},'message':{'text':'a'}}" };
    struct bench b;
    char body[2000];

    bench_init_at(&b, CIVIL(2025, 8, 1));
    world_set_now(b.world, CIVIL(2025, 8, 2));
    bench_expand(body, sizeof body, bodies[_i], b.psid);
    ck_assert_int_eq(send_text(&b, "v22.0", body), 400);
    ck_assert_msg(strstr(bench_body(&b), "2018278") != NULL, "%s", bench_body(&b));
    bench_fini(&b);
}
END_TEST

/* reply_to, react and unreact name a message of this thread; a reply needs the window even when a tag lets the message out. */
START_TEST(test_named_messages)
{
    static const struct {
        const char *body;
        int status;
    } calls[] = {
        { "{'recipient':{'id':'@'},'reply_to':{'mid':'MID'},'message':{'text':'a'}}", 200 },
        { "{'recipient':{'id':'@'},'sender_action':'react','payload':{'message_id':'MID','reaction':'x'}}", 200 },
        { "{'recipient':{'id':'@'},'sender_action':'unreact','payload':{'message_id':'MID'}}", 200 },
        { "{'recipient':{'id':'@'},'messaging_type':'MESSAGE_TAG','tag':'HUMAN_AGENT','message':{'text':'a'}}", 200 },
        { "{'recipient':{'id':'@'},'messaging_type':'MESSAGE_TAG','tag':'HUMAN_AGENT','reply_to':{'mid':'MID'},'message':{'text':'a'}}", 400 },
    };
    struct bench b;
    char body[2000], full[2000];

    bench_init_at(&b, CIVIL(2025, 8, 1));
    b.app->human_agent = true;
    ck_assert_int_eq(bench_send(&b, "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"text\":\"hi\"}}"), 200);
    const char *mid = strstr(bench_body(&b), "m_");
    ck_assert_ptr_nonnull(mid);
    char *name = strndup(mid, strcspn(mid, "\""));
    if (_i >= 3)
        world_set_now(b.world, CIVIL(2025, 8, 2));
    bench_expand(body, sizeof body, calls[_i].body, b.psid);
    const char *hole = strstr(body, "MID");
    snprintf(full, sizeof full, "%.*s%s%s", hole != NULL ? (int)(hole - body) : (int)strlen(body), body, hole != NULL ? name : "", hole != NULL ? hole + 3 : "");
    ck_assert_msg(send_text(&b, "v22.0", full) == calls[_i].status, "%s: %s", full, bench_body(&b));
    if (calls[_i].status == 400)
        ck_assert_ptr_nonnull(strstr(bench_body(&b), "2018278"));
    free(name);
    bench_fini(&b);
}
END_TEST

/* messenger_extensions asks for https and the very host of a whitelisted domain. */
START_TEST(test_whitelist)
{
    static const struct {
        const char *url;
        int status;
    } urls[] = {
        { "https://shop.example/a", 200 },     { "https://SHOP.example/a", 200 },      { "https://shop.example:8443/a", 200 },
        { "http://shop.example/a", 400 },      { "https://shop.example.evil/a", 400 }, { "https://evil.example/?shop.example", 400 },
        { "https://www.shop.example/a", 400 },
    };
    struct bench b;
    char body[1000];

    bench_init(&b);
    page_set_text(b.page, "profile/whitelisted_domains", STR("[\"https://other.example/\",\"https://shop.example/\"]"));
    snprintf(body, sizeof body,
             "{\"recipient\":{\"id\":\"%s\"},\"message\":{\"attachment\":{\"type\":\"template\",\"payload\":{\"template_type\":\"button\",\"text\":\"a\",\"buttons\":"
             "[{\"type\":\"web_url\",\"title\":\"a\",\"url\":\"%s\",\"messenger_extensions\":true}]}}}}",
             b.psid, urls[_i].url);
    ck_assert_msg(send_text(&b, "v19.0", body) == urls[_i].status, "%s: %s", urls[_i].url, bench_body(&b));
    bench_fini(&b);
}
END_TEST

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

int
main(void)
{
    Suite *suite = suite_create("content");
    TCase *tc = tcase_create("content");

    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_row, 0, COUNT(rows));
    tcase_add_loop_test(tc, test_window_before_content, 0, 4);
    tcase_add_loop_test(tc, test_named_messages, 0, 5);
    tcase_add_loop_test(tc, test_whitelist, 0, 7);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
