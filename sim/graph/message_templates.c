/* Utility templates: made, listed, changed, deleted, and the platform's library of them (send.md 9.2). */
#include <ctype.h>
#include <string.h>

#include "core/utf8.h"
#include "graph/conventions.h"
#include "graph/event.h"
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/message_template.h"
#include "graph/node.h"
#include "graph/paging.h"

#define BODY_MAX 1024
#define BUTTONS_MAX 3
#define LABEL_MAX 20

static const char *const status_texts[TEMPLATE_STATUS_COUNT] = { "APPROVED",    "REJECTED",       "PENDING",          "PAUSED", "DISABLED",
                                                                 "ARCHIVED",    "IN_APPEAL",      "LIMIT_EXCEEDED",   "PENDING_DELETION",
                                                                 "DELETED" };

const struct jnode *
message_template_json(struct arena *arena, const struct node *template)
{
    return json_read(arena, str_of(template->text), JSON_LAST_WINS, NULL);
}

/* The value of a member of the stored JSON, whose writer is ours: no tree needed. */
static struct str
member_text(const struct node *template, const char *key)
{
    const char *at = strstr(template->text, key);

    if (at == NULL)
        return STR_NONE;
    at += strlen(key);
    return (struct str){ at, strcspn(at, "\"") };
}

static struct str
name_of(const struct node *template)
{
    return member_text(template, "{\"name\":\"");
}

static struct str
language_of(const struct node *template)
{
    return member_text(template, "\",\"language\":\"");
}

struct node *
message_template_find(const struct world *w, uint32_t page, struct str name, struct str language)
{
    for (uint32_t i = 0; i < w->node_count; i++) {
        struct node *node = world_node(w, i);

        if (node->kind == NODE_TEMPLATE && !node->is_deleted && node->page == page && str_eq(name_of(node), name) &&
            (language.s == NULL || str_eq_nocase(language_of(node), language)))
            return node;
    }
    return NULL;
}

/* ---- checks --------------------------------------------------------------------------------------------------------------------------------- */

static bool
is_type(const struct jnode *object, const char *type)
{
    return str_eq_nocase(json_text(json_get(object, "type")), str_of(type));
}

/* A button of the wrong kind, or with an example it may not have [observed]. */
static enum graph_err
check_button(struct call *c, const struct jnode *button, unsigned index)
{
    call_saw(c, RULE_TEMPLATE_FORM);
    if (is_type(button, "QUICK_REPLY"))
        return call_fail(c, RULE_TEMPLATE_FORM, ERR_TEMPLATE_QUICK_REPLY_BUTTON, NULL);
    if (!is_type(button, "POSTBACK") && !is_type(button, "URL") && !is_type(button, "PHONE_NUMBER"))
        return call_fail(c, RULE_TEMPLATE_FORM, ERR_INVALID_BUTTON_TYPE, NULL);
    if (is_type(button, "POSTBACK") && json_get(button, "example") != NULL) {
        const char *const arguments[] = { call_printf(c, "%u", index), "example" };
        char text[256];
        size_t n = graph_error_fill(text, sizeof text, graph_error(ERR_TEMPLATE_BUTTON_FIELD)->user_msg, arguments, 2);

        c->error_extra.user_msg = (struct str){ arena_strndup(c->arena, text, n), n };
        return call_fail(c, RULE_TEMPLATE_FORM, ERR_TEMPLATE_BUTTON_FIELD, NULL);
    }
    struct str label = json_text(json_get(button, "text"));
    call_saw(c, RULE_FORM_LENGTH);
    if (label.s != NULL && utf8_length(label) > LABEL_MAX)
        return call_fail(c, RULE_FORM_LENGTH, ERR_TEXT_LENGTH, call_printf(c, "components[buttons][%u][text]", index), call_printf(c, "%d", LABEL_MAX), NULL);
    return ERR_NONE;
}

static enum graph_err
check_component(struct call *c, const struct jnode *component)
{
    const struct jnode *buttons = json_get(component, "buttons");
    enum graph_err error = ERR_NONE;
    unsigned index = 0;

    call_saw(c, RULE_FORM_LENGTH);
    if (is_type(component, "BODY") && utf8_length(json_text(json_get(component, "text"))) > BODY_MAX)
        return call_fail(c, RULE_FORM_LENGTH, ERR_TEXT_LENGTH, "components[body][text]", call_printf(c, "%d", BODY_MAX), NULL);
    if (!jnode_is_array(buttons))
        return ERR_NONE;
    call_saw(c, RULE_FORM_TOO_MANY);
    if (buttons->count > BUTTONS_MAX)
        return call_fail(c, RULE_FORM_TOO_MANY, ERR_TOO_MANY, "components[buttons]", NULL);
    for (const struct jnode *button = buttons->first; button != NULL && error == ERR_NONE; button = button->next, index++)
        error = check_button(c, button, index);
    return error;
}

static enum graph_err
check_components(struct call *c, const struct jnode *components)
{
    enum graph_err error = ERR_NONE;
    bool has_body = false;

    for (const struct jnode *item = components != NULL ? components->first : NULL; item != NULL && error == ERR_NONE; item = item->next) {
        has_body |= is_type(item, "BODY");
        error = check_component(c, item);
    }
    call_saw(c, RULE_FORM_REQUIRED);
    if (error == ERR_NONE && !has_body)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "components[body]", NULL);
    return error;
}

/* ---- review: what answers REJECTED instead of an error ---------------------------------------------------------------------------------------- */

struct wording {
    unsigned words, placeholders;
    bool begins_or_ends_with_one;
};

/* Words, and placeholders like {{1}} or {{name}}, of a body. */
static struct wording
wording_of(struct str text)
{
    struct wording w = { 0 };
    bool in_word = false;

    text = str_trim(text);
    for (size_t i = 0; i < text.n; i++) {
        if (text.n - i >= 4 && memcmp(text.s + i, "{{", 2) == 0) {
            const char *close = memmem(text.s + i, text.n - i, "}}", 2);

            if (close != NULL) {
                size_t end = (size_t)(close + 2 - text.s);

                w.placeholders++;
                w.begins_or_ends_with_one |= i == 0 || end == text.n;
                i = end - 1;
                in_word = false;
                continue;
            }
        }
        bool is_space = isspace((unsigned char)text.s[i]) != 0;
        w.words += !is_space && !in_word;
        in_word = !is_space;
    }
    return w;
}

/* NULL: approved. The reasons are the platform's; where the lines run between them is our own reading [inferred]. */
static const char *
rejection_of(const struct jnode *components)
{
    for (const struct jnode *item = components->first; item != NULL; item = item->next) {
        struct wording w = wording_of(json_text(json_get(item, "text")));

        if (!is_type(item, "BODY") || w.placeholders == 0)
            continue;
        if (w.begins_or_ends_with_one)
            return "INCORRECT_PARAMS";
        if (json_get(item, "example") == NULL)
            return "TEMPLATE_VARIABLES_MISSING_SAMPLE_VALUES";
        if (w.words < 2 * w.placeholders)
            return "PARAMS_TO_WORD_RATIO_EXCEED_LIMIT";
    }
    return NULL;
}

/* ---- the library -------------------------------------------------------------------------------------------------------------------------------- */

static const struct library_entry {
    const char *id, *name, *topic, *usecase, *body, *buttons;
} library[] = {
    { "7138055039625001", "appointment_reminder_1", "APPOINTMENT", "APPOINTMENT_REMINDER", "Hello {{1}}, this is a reminder of your appointment on {{2}} with us.",
      "[{\"type\":\"POSTBACK\",\"text\":\"Confirm\"}]" },
    { "7138055039625002", "order_confirmation_1", "ORDER_MANAGEMENT", "ORDER_CONFIRMATION", "Thank you {{1}}, your order {{2}} is confirmed and will be sent soon.",
      "[{\"type\":\"URL\",\"text\":\"View order\",\"url\":\"https://www.example.com\"}]" },
    { "7138055039625003", "shipment_update_1", "ORDER_MANAGEMENT", "SHIPMENT_CONFIRMATION", "Good news {{1}}, your order {{2}} has left our warehouse today.",
      "[{\"type\":\"URL\",\"text\":\"Track\",\"url\":\"https://www.example.com\"}]" },
    { "7138055039625004", "payment_received_1", "PAYMENTS", "PAYMENT_CONFIRMATION", "Hello {{1}}, we have received your payment of {{2}} for your account.", "[]" },
};

#define LIBRARY_COUNT (sizeof library / sizeof *library)

static void
put_library_components(struct buf *out, const struct library_entry *entry)
{
    buf_adds(out, "[{\"type\":\"BODY\"");
    jw_kv_text(out, "text", entry->body);
    jw_kv_raw(out, "example", STR("{\"body_text\":[[\"Ann\",\"A1\"]]}"));
    buf_adds(out, "}");
    if (strcmp(entry->buttons, "[]") != 0) {
        buf_adds(out, ",{\"type\":\"BUTTONS\"");
        jw_kv_raw(out, "buttons", str_of(entry->buttons));
        buf_adds(out, "}");
    }
    buf_adds(out, "]");
}

static const struct library_entry *
library_named(struct str name)
{
    for (size_t i = 0; i < LIBRARY_COUNT; i++)
        if (str_eq(name, str_of(library[i].name)))
            return &library[i];
    return NULL;
}

static bool
has_text(struct str text, struct str part)
{
    return part.n == 0 || (text.n > 0 && memmem(text.s, text.n, part.s, part.n) != NULL);
}

static enum graph_err
write_library_entry(struct call *c, struct buf *out, size_t i, const void *list)
{
    const struct library_entry *entry = ((const struct library_entry *const *)list)[i];

    struct str fields = call_text(c, "fields");
    struct buf all = { 0 };

    jw_open(&all, '{');
    jw_kv_text(&all, "id", entry->id);
    jw_kv_text(&all, "name", entry->name);
    jw_kv_text(&all, "language", "en_US");
    jw_kv_text(&all, "category", "UTILITY");
    jw_kv_text(&all, "topic", entry->topic);
    jw_kv_text(&all, "usecase", entry->usecase);
    jw_kv_text(&all, "body", entry->body);
    jw_kv_raw(&all, "buttons", str_of(entry->buttons));
    jw_close(&all, '}');
    if (fields.n > 0)
        selection_keep(out, c->arena, (struct str){ arena_strndup(c->arena, all.s, all.n), all.n }, fields);
    else
        buf_str(out, buf_view(&all));
    buf_fini(&all);
    return ERR_NONE;
}

/* The entries are ours: what the platform's library holds is not public [inferred]. */
enum graph_err
message_template_library_get(struct call *c)
{
    struct str part = call_text(c, "name_or_content").n > 0 ? call_text(c, "name_or_content") : call_text(c, "search");
    struct str language = call_text(c, "language");
    const struct library_entry *list[LIBRARY_COUNT];
    size_t count = 0;

    for (size_t i = 0; i < LIBRARY_COUNT; i++)
        if ((has_text(str_of(library[i].name), part) || has_text(str_of(library[i].body), part)) && (language.n == 0 || str_starts_lit(language, "en")))
            list[count++] = &library[i];
    return paging_write(c, count, list, write_library_entry, 25, 100);
}

/* ---- making and changing -------------------------------------------------------------------------------------------------------------------------- */

static void
tell_status(struct call *c, const struct node *template, const char *reason)
{
    struct buf json = { 0 };

    jw_open(&json, '{');
    jw_kv_text(&json, "event", status_texts[template->a]);
    jw_kv_text(&json, "message_template_id", template->id);
    jw_kv_str(&json, "message_template_name", name_of(template));
    jw_kv_str(&json, "message_template_language", language_of(template));
    jw_kv_text(&json, "reason", reason != NULL ? reason : "NONE");
    jw_close(&json, '}');
    event_change(c->world, c->page, NULL, EVENT_TEMPLATE_STATUS, buf_view(&json));
    buf_fini(&json);
}

/* Reviews and writes what the node holds. */
static void
store(struct call *c, struct node *node, struct str name, struct str language, struct str format, const struct jnode *components)
{
    const char *reason = rejection_of(components);
    struct str library_name = field_text(c, F_TEMPLATES_LIBRARY);
    struct buf json = { 0 };

    jw_open(&json, '{');
    jw_kv_str(&json, "name", name);
    jw_kv_str(&json, "language", language);
    jw_kv_text(&json, "category", "UTILITY");
    jw_kv_str(&json, "parameter_format", format.n > 0 ? format : STR("POSITIONAL"));
    if (library_name.n > 0)
        jw_kv_str(&json, "library_template_name", library_name);
    jw_kv_node(&json, "components", components, JW_GRAPH);
    jw_close(&json, '}');
    node_set_text(node, buf_view(&json));
    node_set_text2(node, reason != NULL ? str_of(reason) : STR("NONE"));
    buf_fini(&json);
    node->a = reason != NULL ? TEMPLATE_REJECTED : TEMPLATE_APPROVED;
    node->next = c->now;
    tell_status(c, node, reason);
}

static bool
is_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!(name.s[i] == '_' || (name.s[i] >= 'a' && name.s[i] <= 'z') || (name.s[i] >= '0' && name.s[i] <= '9')))
            return false;
    return name.n > 0;
}

static enum graph_err
components_of(struct call *c, const struct jnode **components)
{
    struct str library_name = field_text(c, F_TEMPLATES_LIBRARY);

    *components = field(c, F_TEMPLATES_COMPONENTS);
    if (library_name.n > 0) {
        const struct library_entry *entry = library_named(library_name);
        struct buf json = { 0 };

        call_saw(c, RULE_TEMPLATE_FORM);
        if (entry == NULL)
            return call_fail(c, RULE_TEMPLATE_FORM, ERR_TEMPLATE_NOT_FOUND, NULL);
        put_library_components(&json, entry);
        *components = json_read(c->arena, (struct str){ arena_strndup(c->arena, json.s, json.n), json.n }, 0, NULL);
        buf_fini(&json);
    }
    call_saw(c, RULE_FORM_REQUIRED);
    return *components != NULL ? ERR_NONE : call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "components", NULL);
}

enum graph_err
message_templates_post(struct call *c)
{
    struct str name = field_text(c, F_TEMPLATES_NAME), language = field_text(c, F_TEMPLATES_LANGUAGE);
    const struct jnode *components;
    enum graph_err error = components_of(c, &components);

    if (error == ERR_NONE)
        error = check_components(c, components);
    call_saw(c, RULE_TEMPLATE_FORM);
    if (error == ERR_NONE && (!is_name(name) || message_template_find(c->world, c->page_index, name, language) != NULL))
        error = call_fail(c, RULE_TEMPLATE_FORM, ERR_INVALID_PARAMETER, NULL); /* name and language are the identity of a template */
    if (error != ERR_NONE)
        return error;
    struct node *node = world_add_node(c->world, NODE_TEMPLATE, NULL, c->page_index);
    node->app = c->app_index;
    store(c, node, name, language, field_text(c, F_TEMPLATES_FORMAT), components);
    jw_open(&c->reply->body, '{');
    jw_kv_text(&c->reply->body, "id", node->id);
    jw_kv_text(&c->reply->body, "status", status_texts[node->a]);
    jw_kv_text(&c->reply->body, "category", "UTILITY");
    jw_close(&c->reply->body, '}');
    return ERR_NONE;
}

enum graph_err
template_post(struct call *c)
{
    const struct jnode *old = message_template_json(c->arena, c->node);
    const struct jnode *components = field(c, F_TEMPLATE_COMPONENTS) != NULL ? field(c, F_TEMPLATE_COMPONENTS) : json_get(old, "components");
    enum graph_err error = check_components(c, components);
    struct str format = field_text(c, F_TEMPLATE_FORMAT).n > 0 ? field_text(c, F_TEMPLATE_FORMAT) : json_text(json_get(old, "parameter_format"));

    if (error != ERR_NONE)
        return error;
    store(c, c->node, json_text(json_get(old, "name")), json_text(json_get(old, "language")), format, components);
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}

/* By name all languages go, by id one. */
enum graph_err
message_templates_delete(struct call *c)
{
    struct str name = call_text(c, "name");
    struct str id = call_text(c, "template_id").n > 0 ? call_text(c, "template_id") : call_text(c, "hsm_id");
    unsigned count = 0;

    call_saw(c, RULE_FORM_REQUIRED);
    if (name.n == 0)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "name", NULL);
    for (uint32_t i = 0; i < c->world->node_count; i++) {
        struct node *node = world_node(c->world, i);

        if (node->kind != NODE_TEMPLATE || node->is_deleted || node->page != c->page_index || !str_eq(name_of(node), name) ||
            (id.n > 0 && !str_eq(id, str_of(node->id))))
            continue;
        node->is_deleted = true;
        node->a = TEMPLATE_DELETED;
        count++;
    }
    call_saw(c, RULE_TEMPLATE_FORM);
    if (count == 0)
        return call_fail(c, RULE_TEMPLATE_FORM, ERR_TEMPLATE_NOT_FOUND, NULL);
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}

/* ---- showing -------------------------------------------------------------------------------------------------------------------------------------- */

/* Everything that stands in the stored JSON under its own name. */
static void
write_member(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct jnode *value = json_get(message_template_json(c->arena, object), key);

    if (value != NULL)
        jw_kv_node(out, key, value, JW_GRAPH);
}

static void
write_status(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, status_texts[((const struct node *)object)->a]);
}

/* The reason of a rejection as a list. */
static void
write_reasons(struct buf *out, struct call *c, const void *object, const char *key)
{
    const char *reason = ((const struct node *)object)->text2;

    (void)c;
    jw_key(out, key);
    jw_open(out, '[');
    if (reason != NULL && strcmp(reason, "NONE") != 0)
        jw_string(out, str_of(reason), JW_GRAPH);
    jw_close(out, ']');
}

/* What stands in it is not public. */
static void
write_no_reasons(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    (void)object;
    jw_kv_raw(out, key, STR("[]"));
}

static void
write_made(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_int(out, key, ((const struct node *)object)->made / SECOND);
}

static void
write_changed(struct buf *out, struct call *c, const void *object, const char *key)
{
    conventions_time(c, out, key, ((const struct node *)object)->next);
}

static void
write_languages(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct node *own = object;
    int64_t count = 0;

    for (uint32_t i = 0; i < c->world->node_count; i++) {
        const struct node *node = world_node(c->world, i);

        count += node->kind == NODE_TEMPLATE && !node->is_deleted && node->page == own->page && str_eq(name_of(node), name_of(own));
    }
    jw_kv_int(out, key, count);
}

static const struct node_field fields[] = {
    { "name", write_member, true, 0 },
    { "parameter_format", write_member, true, 0 },
    { "components", write_member, true, 0 },
    { "language", write_member, true, 0 },
    { "status", write_status, true, 0 },
    { "category", write_member, true, 0 },
    { "id", node_put_id, true, 0 },
    { "rejected_reason", node_put_text2, false, 0 },
    { "rejection_reasons", write_reasons, false, 0 },
    { "specific_rejection_reasons", write_no_reasons, false, 0 },
    { "library_template_name", write_member, false, 0 },
    { "creation_time", write_made, false, 0 },
    { "last_updated_time", write_changed, false, 0 },
    { "language_count", write_languages, false, 0 },
};

#define FIELDS_COUNT (sizeof fields / sizeof *fields)

static bool
is_listed(const struct jnode *list, struct str text)
{
    struct names names;
    struct str name;

    for (names_open(&names, list); names_next(&names, &name);)
        if (str_eq_nocase(name, text))
            return true;
    return list == NULL;
}

static bool
is_wanted(struct call *c, const struct node *template)
{
    struct str name = call_text(c, "name"), either = call_text(c, "name_or_content"), content = call_text(c, "content");
    struct str text = str_of(template->text);

    return (name.n == 0 || str_eq(name, name_of(template))) && has_text(text, content) && (has_text(name_of(template), either) || has_text(text, either)) &&
           is_listed(call_param(c, "language"), language_of(template)) && is_listed(call_param(c, "status"), str_of(status_texts[template->a])) &&
           is_listed(call_param(c, "category"), STR("UTILITY"));
}

static enum graph_err
write_item(struct call *c, struct buf *out, size_t i, const void *list)
{
    return node_write(c, out, fields, FIELDS_COUNT, ((const struct node *const *)list)[i], call_param(c, "fields"), false);
}

/* A filter by status or category names ones that there are. */
static enum graph_err
check_filter(struct call *c, const char *param, const char *const *known, size_t count)
{
    const struct jnode *asked = call_param(c, param);
    struct buf all = { 0 };
    struct names names;
    struct str name, wrong = STR_NONE;

    call_saw(c, RULE_FORM_ENUM);
    for (names_open(&names, asked); wrong.s == NULL && names_next(&names, &name);) {
        wrong = name;
        for (size_t i = 0; i < count; i++)
            if (str_eq_nocase(name, str_of(known[i])))
                wrong = STR_NONE;
    }
    if (wrong.s == NULL)
        return ERR_NONE;
    for (size_t i = 0; i < count; i++)
        buf_printf(&all, "%s%s", i > 0 ? ", " : "", known[i]);
    char *list = arena_strndup(c->arena, all.s, all.n);
    buf_fini(&all);
    return call_fail(c, RULE_FORM_ENUM, ERR_ENUM, param, list, arena_strndup(c->arena, wrong.s, wrong.n), NULL);
}

enum graph_err
message_templates_get(struct call *c)
{
    static const char *const categories[] = { "UTILITY" };
    const struct node **list = arena_alloc(c->arena, (c->world->node_count + 1) * sizeof *list);
    size_t count = 0;
    enum graph_err error = check_filter(c, "status", status_texts, TEMPLATE_STATUS_COUNT);

    if (error == ERR_NONE)
        error = check_filter(c, "category", categories, 1);
    if (error != ERR_NONE)
        return error;

    for (uint32_t i = 0; i < c->world->node_count; i++) {
        const struct node *node = world_node(c->world, i);

        if (node->kind == NODE_TEMPLATE && !node->is_deleted && node->page == c->page_index && is_wanted(c, node))
            list[count++] = node;
    }
    return paging_write(c, count, list, write_item, 25, 100);
}

enum graph_err
template_get(struct call *c)
{
    return node_write(c, &c->reply->body, fields, FIELDS_COUNT, c->node, call_param(c, "fields"), false);
}
