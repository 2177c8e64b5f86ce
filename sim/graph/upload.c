/* POST /{page}/message_attachments: saves an asset for later sends (send.md 9.1). */
#include "graph/attachment.h"
#include "graph/fields.h"
#include "graph/handlers.h"

enum graph_err
attachment_upload(struct call *c)
{
    const struct jnode *attachment = field(c, F_MESSAGE_ATTACHMENT);
    const struct file_part *file = c->params->nfiles == 1 ? &c->params->files[0] : NULL;
    enum graph_err error;

    call_saw(c, RULE_FORM_REQUIRED);
    if (attachment == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "message[attachment]", NULL);
    if (c->params->nfiles > 1)
        return call_fail(c, RULE_FORM_FILES, ERR_FILE_COUNT, NULL);
    if ((error = check_attachment(c, attachment, file, true, &c->attachment)) != ERR_NONE)
        return error;
    jw_open(&c->reply->body, '{');
    jw_kv_str(&c->reply->body, "attachment_id",
              c->attachment != NULL ? str_of(c->attachment->id) : field_text(c, F_MEDIA_ID));
    jw_close(&c->reply->body, '}');
    return ERR_NONE;
}
