/* What may stand in `fields`: selections, arguments, other names, and where the grammar breaks (webhooks.md 4.5; issue 3, point 5). */
#include "graph/selection.h"
#include "tests/manage_bench.h"

#define ME "/v19.0/me?fields="

STORY(parts_of_values,
    { "POST", "/v19.0/me/messages", "{\"recipient\":{\"id\":\"$ann\"},\"message\":{\"text\":\"m1\"}}", 200, NULL },
    { "GET", "/v19.0/$mid?fields=from{id}", NULL, 200, "{\"from\":{\"id\":\"$page\"},\"id\":\"$mid\"}" },
    { "GET", "/v19.0/$mid?fields=from{name}", NULL, 200, "!email" },
    { "GET", "/v19.0/$mid?fields=from", NULL, 200, "email" },
    { "GET", "/v19.0/$mid?fields=to{id},message", NULL, 200, "{\"to\":{\"data\":[{\"id\":\"$ann\"}]},\"message\":\"m1\"," },
    { "GET", "/v19.0/$mid?fields=from{nothing}", NULL, 200, "{\"from\":{\"id\":\"$page\"}," },
    { "GET", "/v19.0/me/conversations?fields=participants{id}", NULL, 200, "{\"participants\":{\"data\":[{\"id\":\"$ann\"},{\"id\":\"$page\"}]},\"id\":" },
    { "GET", "/v19.0/me/conversations?fields=messages.limit(1){from{id},message}", NULL, 200,
      "{\"messages\":{\"data\":[{\"from\":{\"id\":\"$page\"},\"message\":\"m1\",\"id\":\"$mid\"}],\"paging\":" },
    { "GET", "/v19.0/$mid?fields=from{name,name,id,id}", NULL, 200, "\",\"id\":\"$page\"},\"id\":\"$mid\"}" },
    { "GET", ME "category_list{name}", NULL, 200, "{\"category_list\":[{\"name\":" })

STORY(other_names,
    { "GET", ME "name.as(title)", NULL, 200, "{\"title\":\"" },
    { "GET", ME "name.as(title)", NULL, 200, "!\"name\"" },
    { "POST", "/v19.0/me/messages", "{\"recipient\":{\"id\":\"$ann\"},\"message\":{\"text\":\"m1\"}}", 200, NULL },
    { "GET", ME "conversations.as(talks){message_count}", NULL, 200, "{\"talks\":{\"data\":[{\"message_count\":1," },
    { "GET", ME "conversations.fields(message_count)", NULL, 200, "{\"conversations\":{\"data\":[{\"message_count\":1," },
    { "GET", ME "conversations.limit(5).fields(messages.limit(1).fields(message))", NULL, 200, "{\"conversations\":{\"data\":[{\"messages\":{\"data\":[{\"message\":\"m1\"," },
    { "GET", ME "conversations.user_id(1){id}", NULL, 200, "{\"conversations\":{\"data\":[]}" },
    { "GET", ME "conversations.user_id($ann){message_count}", NULL, 200, "{\"conversations\":{\"data\":[{\"message_count\":1," })

#define BREAKS(fields, expected, at)                                                               \
    { "GET", ME fields, NULL, 400,                                                                 \
      "{\"error\":{\"message\":\"Syntax error \\\"Expected " expected "\\\" at character " at ": " fields "\",\"type\":\"OAuthException\",\"code\":2500,\"fbtrace_id\":" }

STORY(grammar,
    BREAKS("name?x=1", "end of string instead of \\\"?\\\".", "4"),
    BREAKS("name,", "name.", "5"),
    BREAKS("name,,id", "name.", "5"),
    BREAKS("name id", "end of string instead of \\\"id\\\".", "5"),
    BREAKS("conversations{id}}", "end of string instead of \\\"}\\\".", "17"),
    BREAKS("conversations{id}.limit(1)", "end of string instead of \\\".\\\".", "17"),
    BREAKS("conversations{}", "name.", "14"),
    BREAKS("conversations.limit{id}", "end of string instead of \\\"{\\\".", "19"),
    BREAKS("conversations{id", "\\\"}\\\" instead of end of string.", "16"),
    BREAKS("conversations.limit(1", "\\\")\\\" instead of end of string.", "21"),
    { "GET", ME "id,%20name", NULL, 200, "{\"id\":\"$page\",\"name\":" },
    { "GET", ME "%20", NULL, 200, "{\"name\":" },
    { "GET", "/v19.0/me/messenger_profile?fields=greeting,", NULL, 400, "Syntax error" },
    { "POST", "/v19.0/me/subscribed_apps", "{\"subscribed_fields\":\"messages\",\"fields\":\"a,,b\"}", 200, "success" })

STORY(kinds_of_objects,
    { "GET", ME "nonsense", NULL, 400, "(#100) Tried accessing nonexisting field (nonsense) on node type (Page)" },
    { "GET", "/v19.0/$ann?fields=email", NULL, 400, "(email) on node type (User)" },
    { "POST", "/v19.0/me/messages", "{\"recipient\":{\"id\":\"$ann\"},\"message\":{\"text\":\"m1\"}}", 200, NULL },
    { "GET", "/v19.0/$mid?fields=x", NULL, 400, "(x) on node type (Message)" },
    { "GET", "/v19.0/me/conversations?fields=x", NULL, 400, "(x) on node type (UnifiedThread)" },
    { "GET", "/v19.0/me/conversations?fields=messages{x}", NULL, 400, "(x) on node type (Message)" },
    { "GET", ME "conversations{x}", NULL, 400, "(x) on node type (UnifiedThread)" },
    { "POST", "/v19.0/me/personas", "{\"name\":\"a\",\"profile_picture_url\":\"https://a.com/\"}", 200, NULL },
    { "GET", "/v19.0/me/personas?fields=x", NULL, 400, "(x) on node type (Persona)" },
    { "GET", "/v19.0/$id?fields=x", NULL, 400, "(x) on node type (Persona)" },
    { "GET", "/v19.0/me/messenger_profile?fields=x", NULL, 400, "(x) on node type (MessengerProfile)" })

STORY(metadata_names_the_page,
    { "GET", "/v19.0/me?metadata=1", NULL, 200, "\"connections\":{\"picture\":\"https:\\/\\/graph.facebook.com\\/v19.0\\/$page\\/picture\",\"subscribed_apps\"" },
    { "GET", "/v19.0/$ann?metadata=1", NULL, 200, "\"type\":\"user\"" })

int
main(void)
{
    const TTest *const tests[] = { parts_of_values, other_names, grammar, kinds_of_objects, metadata_names_the_page };

    return suite_main("selection", tests, sizeof tests / sizeof *tests);
}
