/* What a utility message must fulfil beside its shape: an approved template of the page, a payload for each postback button, plain parameters (send.md 9.2). */
#include <string.h>

#include "graph/content.h"
#include "graph/fields.h"
#include "graph/message_template.h"

/* {"code":"en_US"}, or the code alone. */
static struct str
language_code(const struct jnode *language)
{
    struct str code = jnode_is_object(language) ? json_text(json_get(language, "code")) : json_text(language);

    return code.s != NULL ? code : STR("");
}

/* '#', '%', '$' and emoji are refused in parameters [observed]; which ranges count as emoji is our reading [inferred]. */
static bool
is_plain(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char b = (unsigned char)text.s[i];

        if (b == '#' || b == '%' || b == '$' || b >= 0xF0) /* beyond the basic plane */
            return false;
        if (b == 0xE2 && i + 2 < text.n && (unsigned char)text.s[i + 1] >= 0x98 && (unsigned char)text.s[i + 1] <= 0x9E) /* U+2600 to U+27BF */
            return false;
    }
    return true;
}

static enum graph_err
check_parameters(struct call *c, const struct jnode *parameters, unsigned *payloads)
{
    for (const struct jnode *item = jnode_is_array(parameters) ? parameters->first : NULL; item != NULL; item = item->next) {
        struct str text = json_text(json_get(item, "text"));

        *payloads += json_text(json_get(item, "payload")).n > 0;
        if (text.s != NULL && !is_plain(text))
            return call_fail(c, RULE_UTILITY_TEMPLATE, ERR_TEMPLATE_PARAMETER_CHARACTERS, NULL);
    }
    return ERR_NONE;
}

/* Postback buttons of a template that was made. */
static unsigned
count_postbacks(const struct jnode *template)
{
    const struct jnode *components = json_get(template, "components");
    unsigned count = 0;

    for (const struct jnode *part = components != NULL ? components->first : NULL; part != NULL; part = part->next) {
        const struct jnode *buttons = json_get(part, "buttons");

        for (const struct jnode *button = jnode_is_array(buttons) ? buttons->first : NULL; button != NULL; button = button->next)
            count += str_eq_nocase(json_text(json_get(button, "type")), STR("POSTBACK"));
    }
    return count;
}

enum graph_err
check_utility_send(struct call *c)
{
    const struct jnode *components = field(c, F_UTILITY_COMPONENTS);
    enum graph_err error = ERR_NONE;
    unsigned payloads = 0;

    if (field(c, F_MESSAGE_TEMPLATE) == NULL)
        return ERR_NONE;
    call_saw(c, RULE_UTILITY_TEMPLATE);
    const struct node *node =
        message_template_find(c->world, c->page_index, field_text(c, F_UTILITY_NAME), language_code(field(c, F_UTILITY_LANGUAGE)));
    if (node == NULL || node->a != TEMPLATE_APPROVED)
        return call_fail(c, RULE_UTILITY_TEMPLATE, ERR_TEMPLATE_NOT_FOUND, NULL);
    for (const struct jnode *part = jnode_is_array(components) ? components->first : NULL; part != NULL && error == ERR_NONE; part = part->next)
        error = check_parameters(c, json_get(part, "parameters"), &payloads);
    if (error == ERR_NONE && payloads < count_postbacks(message_template_json(c->arena, node)))
        error = call_fail(c, RULE_UTILITY_TEMPLATE, ERR_TEMPLATE_BUTTON_PAYLOADS, NULL);
    return error;
}
