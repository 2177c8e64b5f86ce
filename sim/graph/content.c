#include "graph/content.h"

#include "graph/attachment.h"
#include "graph/button.h"
#include "graph/fields.h"
#include "graph/privacy.h"
#include "graph/route.h"

/* Text or one other thing. An empty text is not the same as none: null and a missing key count as none [observed 2017]. */
static enum graph_err
check_message_kind(struct call *c)
{
    struct str text = field_text(c, F_MESSAGE_TEXT);
    bool has_attachment = field(c, F_MESSAGE_ATTACHMENT) != NULL, has_attachments = field(c, F_MESSAGE_ATTACHMENTS) != NULL;
    bool has_thing = has_attachment || has_attachments || field(c, F_MESSAGE_STICKER) != NULL || field(c, F_MESSAGE_TEMPLATE) != NULL;

    call_saw(c, RULE_FORM_MESSAGE_EMPTY);
    if (text.n == 0 && !has_thing)
        return call_fail(c, RULE_FORM_MESSAGE_EMPTY, text.s != NULL ? ERR_INVALID_DATA : ERR_MESSAGE_EMPTY, NULL);
    call_saw(c, RULE_FORM_TEXT_XOR_ATTACHMENT);
    if (text.n > 0 && has_thing)
        return call_fail(c, RULE_FORM_TEXT_XOR_ATTACHMENT, ERR_TEXT_AND_ATTACHMENT, NULL);
    if (has_attachment && has_attachments)
        return call_fail(c, RULE_FORM_TEXT_XOR_ATTACHMENT, ERR_EXACTLY_ONE, "message[attachment], message[attachments]", NULL);
    return ERR_NONE;
}

/* What nobody in Europe or Japan could be sent at this date [inferred: the error is the one that is known for such people]. */
static enum graph_err
check_region(struct call *c)
{
    struct str kind = str_of(c->template_kind);
    const struct jnode *card = json_at(json_get(field(c, F_ATTACHMENT_PAYLOAD), "elements"), 0);
    bool is_video = str_eq_lit(kind, "media") && str_eq_nocase(json_text(json_get(card, "media_type")), STR("video"));
    enum privacy_feature feature = str_eq_lit(kind, "customer_feedback") ? PRIVACY_FEEDBACK : PRIVACY_VIDEO_CARD;

    if (feature == PRIVACY_VIDEO_CARD && !is_video)
        return ERR_NONE;
    call_saw(c, RULE_PRIVACY_REGION);
    return privacy_switched_off(c->thread, feature, c->as_of) ? call_fail(c, RULE_PRIVACY_REGION, ERR_THREAD_IMPACT, NULL) : ERR_NONE;
}

static enum graph_err
check_attachments(struct call *c)
{
    const struct jnode *attachment = field(c, F_MESSAGE_ATTACHMENT);
    const struct jnode *attachments = field(c, F_MESSAGE_ATTACHMENTS);
    const struct file_part *file = c->params->nfiles == 1 ? &c->params->files[0] : NULL;
    enum graph_err error = ERR_NONE;

    if (c->params->nfiles > 1)
        return call_fail(c, RULE_FORM_FILES, ERR_FILE_COUNT, NULL);
    if (c->template_kind != NULL) {
        const struct template_row *row = template_named(str_of(c->template_kind), c->version, c->as_of);

        if ((error = check_region(c)) != ERR_NONE)
            return error;
        return row->content != NULL ? row->content(c, field(c, F_ATTACHMENT_PAYLOAD)) : ERR_NONE;
    }
    if (attachment != NULL)
        return check_attachment(c, attachment, file, false, &c->attachment);
    for (const struct jnode *item = attachments != NULL ? attachments->first : NULL; item != NULL && error == ERR_NONE; item = item->next)
        error = check_attachment(c, item, NULL, false, NULL);
    return error;
}

static enum graph_err
check_message_id(struct call *c, struct str mid)
{
    const struct message *message = world_find_mid(c->world, mid, NULL);

    call_saw(c, RULE_FORM_REPLY_TO);
    if (message == NULL || c->thread == NULL || message->thread != c->thread->index)
        return call_fail_str(c, RULE_FORM_REPLY_TO, ERR_INVALID_MESSAGE_ID, mid);
    return ERR_NONE;
}

/* A reply to one message needs the standard window, whatever else lets the call out (send.md 1.1). */
static enum graph_err
check_reply(struct call *c)
{
    if (field(c, F_SEND_REPLY_TO) == NULL)
        return ERR_NONE;
    enum graph_err error = check_message_id(c, field_text(c, F_REPLY_TO_MID));
    if (error != ERR_NONE || within_ms(c->thread->last_act, DAY, c->now))
        return error;
    return call_fail(c, RULE_FORM_REPLY_TO, ERR_OUTSIDE_WINDOW, NULL);
}

/* react and unreact name the message in `payload`; react the reaction too. */
static enum graph_err
check_reaction(struct call *c)
{
    struct str action = field_text(c, F_SEND_SENDER_ACTION);
    bool is_react = str_eq_nocase(action, STR("react"));

    if (!is_react && !str_eq_nocase(action, STR("unreact")))
        return ERR_NONE;
    call_saw(c, RULE_FORM_REQUIRED);
    if (field(c, F_SEND_PAYLOAD) == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "payload", NULL);
    if (is_react && field_text(c, F_ACTION_REACTION).n == 0)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "payload[reaction]", NULL);
    return check_message_id(c, field_text(c, F_ACTION_MESSAGE_ID));
}

static enum graph_err
check_persona(struct call *c)
{
    struct str persona = field_text(c, F_SEND_PERSONA_ID);

    if (persona.s == NULL)
        return ERR_NONE;
    call_saw(c, RULE_FORM_PERSONA);
    c->persona = world_find_node(c->world, NODE_PERSONA, persona);
    if (c->persona == NULL || c->persona->page != c->page_index)
        return call_fail(c, RULE_FORM_PERSONA, ERR_INVALID_PERSONA, NULL);
    return ERR_NONE;
}

static enum graph_err
check_message(struct call *c)
{
    enum graph_err error = check_message_kind(c);

    if (error == ERR_NONE)
        error = check_quick_replies(c);
    if (error == ERR_NONE)
        error = check_utility_send(c);
    return error != ERR_NONE ? error : check_attachments(c);
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
    if ((error = check_reply(c)) != ERR_NONE || (error = check_reaction(c)) != ERR_NONE || (error = check_persona(c)) != ERR_NONE)
        return error;
    return message != NULL ? check_message(c) : ERR_NONE;
}
