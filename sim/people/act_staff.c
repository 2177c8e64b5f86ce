/* What a page's staff does in the inbox (webhooks.md 2.22, 3.17, 4.7). */
#include <stdio.h>
#include <string.h>

#include "people/act_family.h"
#include "people/inbox.h"
#include "people/label.h"

static bool
wants(const struct act *act)
{
    return !act_has(act, AF_ON) || act_number(act, AF_ON) != 0;
}

static int
check_receives(struct act *act)
{
    unsigned flags = act->thread->flags;

    if ((flags & (THREAD_BLOCKED | THREAD_DEACTIVATED | THREAD_MESSAGES_OFF)) != 0)
        return act_refuse(act, "%s: this person isn't available right now", act->row->name);
    if ((flags & THREAD_STARTED) == 0)
        return act_refuse(act, "%s: the person has never written to the page", act->row->name);
    return 0;
}

int
act_inbox_reply(struct act *act)
{
    const json_t *reply_to = act_json(act, AF_REPLY_TO);
    struct str mid = json_is_string(reply_to) ? json_str(reply_to) : json_member(reply_to, "mid");
    char text[MID_SIZE];
    uint64_t number;
    struct message *message;

    if (check_receives(act) < 0)
        return -1;
    if (mid.s != NULL) {
        if (act_find_mid(act, mid, &number, &message) < 0)
            return -1;
        world_mid(act->world, number, text);
        mid = str_of(text);
    }
    number = inbox_say(act, act_text(act, AF_TEXT), mid);
    inbox_take(act);
    made_mid(act, number);
    return 0;
}

/* ---- labels ------------------------------------------------------------------------------------------------------------------------------ */

int
act_label(struct act *act)
{
    bool is_added = act_number(act, AF_REMOVE) == 0;
    struct node *label = label_set(act->world, act->thread, act_text(act, AF_LABEL), is_added);

    if (label == NULL)
        return act_refuse(act, "label: the label is %s the conversation already",
                          is_added ? "on" : "off");
    jw_kv_text(&act->made, "label_id", label->id);
    return 0;
}

/* ---- what apps do not see ------------------------------------------------------------------------------------------------------------------ */

int
act_note(struct act *act)
{
    (void)act; /* it stands in the journal, which is all that ever sees it */
    return 0;
}

int
act_assign(struct act *act)
{
    (void)act;
    return 0;
}

int
act_done(struct act *act)
{
    (void)act;
    return 0;
}

int
act_spam(struct act *act)
{
    act->thread->flags =
        wants(act) ? act->thread->flags | THREAD_SPAM : act->thread->flags & ~(uint32_t)THREAD_SPAM;
    return 0;
}

int
act_ban(struct act *act)
{
    act->thread->flags = wants(act) ? act->thread->flags | THREAD_BANNED
                                    : act->thread->flags & ~(uint32_t)THREAD_BANNED;
    return 0;
}

int
act_move(struct act *act)
{
    struct str folder = act_text(act, AF_FOLDER);

    if (str_eq_lit(folder, "spam"))
        return act_spam(act);
    if (!str_eq_lit(folder, "main") && !str_eq_lit(folder, "done"))
        return act_refuse(act, "/folder: expected main, done or spam");
    act->thread->flags &= ~(uint32_t)THREAD_SPAM;
    if (str_eq_lit(folder, "main"))
        inbox_take(act);
    return 0;
}

int
act_pass_thread(struct act *act)
{
    uint32_t app = world_find_app(act->world, act_text(act, AF_APP));
    uint32_t owner = thread_owner(act->world, act->thread);

    if (app == INDEX_NONE || page_find_app(act->page, app) == NULL)
        return act_refuse(act, "/app: no app of that id is connected to the page");
    if (act->page->default_app == INDEX_NONE)
        return act_refuse(act, "pass_thread: the page has no conversation routing");
    struct thread_extra *extra = thread_extra(act->thread);
    extra->owner = app;
    extra->owner_until = MS_NEVER;
    event_pass_control(act->world, act->thread, owner, app, act_text(act, AF_METADATA), app);
    return 0;
}
