#include "graph/content.h"

#include <string.h>

#include "graph/fields.h"
#include "graph/route.h"
#include "graph/sniff.h"
#include "world/page_extra.h"

/* ---- buttons and quick replies ------------------------------------------------------------------------------------------------------ */

static bool
has_text(const struct jnode *object, const char *key)
{
    return json_text(json_get(object, key)).n > 0;
}

enum { TITLE = 1, PAYLOAD = 2, URL = 4 };

static const struct {
    const char *type;
    unsigned needs;
    enum era era;
} button_kinds[] = {
#define BUTTON(symbol, name, wants, in, sure, source) { name, wants, ERA_##in },
#include "graph/buttons.def"
#undef BUTTON
};

/* messenger_extensions needs https and a domain of the page's whitelist. */
static enum graph_err
check_extensions(struct call *c, const struct jnode *button)
{
    struct str url = json_text(json_get(button, "url"));
    const char *domains = page_text(c->page, "profile/whitelisted_domains");
    bool wants = false;
    size_t host = 8;

    json_bool(json_get(button, "messenger_extensions"), &wants);
    if (!wants)
        return ERR_NONE;
    call_saw(c, RULE_FORM_WHITELIST);
    while (host < url.n && url.s[host] != '/' && url.s[host] != '?')
        host++;
    if (domains == NULL || !str_starts(url, STR("https://")))
        return call_fail(c, RULE_FORM_WHITELIST, ERR_NOT_WHITELISTED, NULL);
    const struct jnode *list = json_read(c->arena, str_of(domains), 0, NULL);
    for (const struct jnode *item = list != NULL ? list->first : NULL; item != NULL; item = item->next)
        if (str_starts(json_text(item), (struct str){ url.s, host }))
            return ERR_NONE;
    return call_fail(c, RULE_FORM_WHITELIST, ERR_NOT_WHITELISTED, NULL);
}

static enum graph_err
check_button(struct call *c, const struct jnode *button)
{
    struct str type = json_text(json_get(button, "type"));
    unsigned needs = 0;
    bool is_kind = false;

    for (size_t i = 0; i < sizeof button_kinds / sizeof *button_kinds && !is_kind; i++) {
        is_kind = str_eq(type, str_of(button_kinds[i].type)) && span_has(era_row(button_kinds[i].era)->span, c->as_of);
        needs = button_kinds[i].needs;
    }
    call_saw(c, RULE_FORM_BUTTON_TYPE);
    if (!is_kind)
        return call_fail(c, RULE_FORM_BUTTON_TYPE, ERR_INVALID_BUTTON_TYPE, NULL);
    call_saw(c, RULE_FORM_BUTTON_TITLE);
    if (needs & TITLE && !has_text(button, "title"))
        return call_fail(c, RULE_FORM_BUTTON_TITLE, ERR_BUTTON_TITLE_EMPTY, NULL);
    call_saw(c, RULE_FORM_BUTTON_PAYLOAD);
    if (needs & PAYLOAD && !has_text(button, "payload"))
        return call_fail(c, RULE_FORM_BUTTON_PAYLOAD, ERR_POSTBACK_PAYLOAD_EMPTY, NULL);
    call_saw(c, RULE_FORM_BUTTON_URL);
    if (needs & URL && !has_text(button, "url"))
        return call_fail(c, RULE_FORM_BUTTON_URL, ERR_BUTTON_URL_EMPTY, NULL);
    return check_extensions(c, button);
}

enum graph_err
check_buttons(struct call *c, const struct jnode *buttons)
{
    enum graph_err error = ERR_NONE;

    for (const struct jnode *button = buttons != NULL ? buttons->first : NULL; button != NULL && error == ERR_NONE; button = button->next)
        error = check_button(c, button);
    return error;
}

static enum graph_err
check_quick_replies(struct call *c)
{
    const struct jnode *quick = field(c, F_MESSAGE_QUICK);

    for (const struct jnode *item = quick != NULL ? quick->first : NULL; item != NULL; item = item->next) {
        if (!str_eq_lit(json_text(json_get(item, "content_type")), "text"))
            continue;
        call_saw(c, RULE_FORM_QR_TITLE);
        if (!has_text(item, "title") && !has_text(item, "image_url"))
            return call_fail(c, RULE_FORM_QR_TITLE, ERR_QUICK_REPLY_TITLE, NULL);
        call_saw(c, RULE_FORM_QR_PAYLOAD);
        if (!has_text(item, "payload") && !has_text(item, "image_url"))
            return call_fail(c, RULE_FORM_QR_PAYLOAD, ERR_QUICK_REPLY_PAYLOAD, NULL);
    }
    return ERR_NONE;
}

/* ---- attachments ------------------------------------------------------------------------------------------------------------------------ */

#define ATTACHMENT_BYTES_MAX ((size_t)25 << 20)
#define ATTACHMENT_LIFE (90 * DAY)

/* Whether a content type (image/png) is what the declared type (image) says. Files may be anything. */
static bool
type_fits(struct str declared, struct str content_type)
{
    return str_eq_lit(declared, "file") ||
           (content_type.n > declared.n && str_starts(content_type, declared) && content_type.s[declared.n] == '/');
}

static enum graph_err
check_url(struct call *c, struct str type, struct str url)
{
    const char *answer = world_url_answer(c->world, url);

    call_saw(c, RULE_FORM_ATT_FETCH);
    if (answer == NULL)
        return ERR_NONE;
    if (strcmp(answer, "timeout") == 0 && str_eq_lit(type, "video"))
        return call_fail(c, RULE_FORM_ATT_FETCH, ERR_VIDEO_UPLOAD, NULL);
    if (strcmp(answer, "unreachable") == 0 || strcmp(answer, "dns") == 0 || strcmp(answer, "timeout") == 0)
        return call_fail(c, RULE_FORM_ATT_FETCH, ERR_ATTACHMENT_FETCH, NULL);
    call_saw(c, RULE_FORM_ATT_SIZE);
    if (strcmp(answer, "too_large") == 0)
        return call_fail(c, RULE_FORM_ATT_SIZE, ERR_ATTACHMENT_SIZE, NULL);
    call_saw(c, RULE_FORM_ATT_TYPE);
    return type_fits(type, str_of(answer)) ? ERR_NONE : call_fail(c, RULE_FORM_ATT_TYPE, ERR_ATTACHMENT_UPLOAD, NULL);
}

static enum graph_err
check_file(struct call *c, struct str type, const struct file_part *file)
{
    call_saw(c, RULE_FORM_ATT_SIZE);
    if (file->data.n > ATTACHMENT_BYTES_MAX)
        return call_fail(c, RULE_FORM_ATT_SIZE, ERR_ATTACHMENT_SIZE, NULL);
    call_saw(c, RULE_FORM_ATT_TYPE);
    const char *real = sniff(file->data);
    if (file->content_type.n == 0 || !type_fits(type, file->content_type) || (real != NULL && !type_fits(type, str_of(real))))
        return call_fail(c, RULE_FORM_ATT_TYPE, ERR_ATTACHMENT_UPLOAD, NULL);
    return ERR_NONE;
}

enum graph_err
check_attachment_id(struct call *c, struct str id)
{
    const struct node *node = world_find_node(c->world, NODE_ATTACHMENT, id);

    call_saw(c, RULE_FORM_ATT_ID);
    if (node == NULL || node->page != c->page_index || c->now >= node->until)
        return call_fail(c, RULE_FORM_ATT_ID, ERR_ATTACHMENT_ID, NULL);
    return ERR_NONE;
}

enum graph_err
check_attachment(struct call *c, const struct jnode *attachment, const struct file_part *file, bool is_saved, struct node **made)
{
    const struct jnode *payload = json_get(attachment, "payload");
    struct str type = json_text(json_get(attachment, "type"));
    struct str url = json_text(json_get(payload, "url"));
    struct str id = json_text(json_get(payload, "attachment_id"));
    enum graph_err error;
    bool is_reusable = is_saved;

    call_saw(c, RULE_FORM_FILES);
    if (id.s != NULL)
        return check_attachment_id(c, id);
    if (url.s == NULL && file == NULL)
        return call_fail(c, RULE_FORM_FILES, ERR_FILE_COUNT, NULL);
    error = url.s != NULL ? check_url(c, type, url) : check_file(c, type, file);
    if (error != ERR_NONE)
        return error;
    json_bool(json_get(payload, "is_reusable"), &is_reusable);
    if (is_reusable || is_saved) {
        *made = world_add_node(c->world, NODE_ATTACHMENT, NULL, c->page_index);
        (*made)->until = c->now + ATTACHMENT_LIFE;
        node_set_text(*made, type);
    }
    return ERR_NONE;
}

/* ---- the stage -------------------------------------------------------------------------------------------------------------------------- */

static enum graph_err
check_message_kind(struct call *c, const struct jnode *message)
{
    bool has_words = field_text(c, F_MESSAGE_TEXT).n > 0;
    bool has_attachment = field(c, F_MESSAGE_ATTACHMENT) != NULL || field(c, F_MESSAGE_ATTACHMENTS) != NULL;
    bool has_other = field(c, F_MESSAGE_STICKER) != NULL || field(c, F_MESSAGE_TEMPLATE) != NULL;

    (void)message;
    call_saw(c, RULE_FORM_MESSAGE_EMPTY);
    if (!has_words && !has_attachment && !has_other)
        return call_fail(c, RULE_FORM_MESSAGE_EMPTY, ERR_MESSAGE_EMPTY, NULL);
    call_saw(c, RULE_FORM_TEXT_XOR_ATTACHMENT);
    if (has_words && has_attachment)
        return call_fail(c, RULE_FORM_TEXT_XOR_ATTACHMENT, ERR_TEXT_AND_ATTACHMENT, NULL);
    return ERR_NONE;
}

static enum graph_err
check_attachments(struct call *c)
{
    const struct jnode *attachment = field(c, F_MESSAGE_ATTACHMENT);
    const struct jnode *attachments = field(c, F_MESSAGE_ATTACHMENTS);
    const struct file_part *file = c->params->nfiles == 1 ? &c->params->files[0] : NULL;
    struct node *ignored = NULL;
    enum graph_err error = ERR_NONE;

    if (c->params->nfiles > 1)
        return call_fail(c, RULE_FORM_FILES, ERR_FILE_COUNT, NULL);
    if (c->template_kind != NULL) {
        const struct template_row *row = template_named(str_of(c->template_kind), c->version, c->as_of);

        return row->content != NULL ? row->content(c, field(c, F_ATTACHMENT_PAYLOAD)) : ERR_NONE;
    }
    if (attachment != NULL)
        error = check_attachment(c, attachment, file, false, &c->attachment);
    for (const struct jnode *item = attachments != NULL ? attachments->first : NULL; item != NULL && error == ERR_NONE; item = item->next)
        error = check_attachment(c, item, NULL, false, &ignored);
    return error;
}

/* reply_to, reactions and personas name things that must be there. */
static enum graph_err
check_references(struct call *c)
{
    enum field named = field(c, F_SEND_REPLY_TO) != NULL ? F_REPLY_TO_MID : F_ACTION_MESSAGE_ID;
    struct str mid = field_text(c, named), persona = field_text(c, F_SEND_PERSONA_ID);

    if (mid.s != NULL) {
        const struct message *message = world_find_mid(c->world, mid, NULL);

        call_saw(c, RULE_FORM_REPLY_TO);
        if (message == NULL || c->thread == NULL || message->thread != c->thread->index)
            return call_fail_str(c, RULE_FORM_REPLY_TO, ERR_INVALID_MESSAGE_ID, mid);
    }
    if (persona.s != NULL) {
        call_saw(c, RULE_FORM_PERSONA);
        c->persona = world_find_node(c->world, NODE_PERSONA, persona);
        if (c->persona == NULL || c->persona->page != c->page_index)
            return call_fail(c, RULE_FORM_PERSONA, ERR_INVALID_PERSONA, NULL);
    }
    return ERR_NONE;
}

/* Of several mistakes the first of these is reported; a refusal keeps the rule that let the message out from being the deciding one. */
enum graph_err
check_content(struct call *c)
{
    const struct jnode *message = field(c, F_SEND_MESSAGE);
    bool has_action = field(c, F_SEND_SENDER_ACTION) != NULL;
    enum graph_err error;

    if (!(c->route->flags & ROUTE_SEND))
        return ERR_NONE;
    call_saw(c, RULE_FORM_MESSAGE_OR_STATE);
    if (message == NULL && !has_action)
        return call_fail(c, RULE_FORM_MESSAGE_OR_STATE, ERR_MESSAGE_OR_STATE, NULL);
    call_saw(c, RULE_FORM_MESSAGE_AND_STATE);
    if (message != NULL && has_action)
        return call_fail(c, RULE_FORM_MESSAGE_AND_STATE, ERR_MESSAGE_AND_STATE, NULL);
    if ((error = check_references(c)) != ERR_NONE || message == NULL)
        return error;
    if ((error = check_message_kind(c, message)) != ERR_NONE || (error = check_quick_replies(c)) != ERR_NONE)
        return error;
    return check_attachments(c);
}
