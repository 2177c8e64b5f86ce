/* Marks on messages, and what a person switches on and off: reactions, reads, blocks, mutes (webhooks.md 2.4, 2.5, 3.14, 3.15). */
#include <string.h>

#include "graph/enforce.h"
#include "people/act_family.h"

/* ---- reactions ------------------------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name, *emoji;
} reactions[] = {{"love", "❤️"}, {"smile", "😆"}, {"wow", "😮"},    {"sad", "😢"},
                 {"angry", "😠"},     {"like", "👍"},  {"dislike", "👎"}};
#define REACTIONS (sizeof reactions / sizeof *reactions)

/* Whether or not the variation selector (U+FE0F) stands behind it. */
static struct str
bare(struct str emoji)
{
    static const char selector[] = "\xef\xb8\x8f";

    if (emoji.n > 3 && memcmp(emoji.s + emoji.n - 3, selector, 3) == 0)
        emoji.n -= 3;
    return emoji;
}

static size_t
reaction_of_emoji(struct str emoji)
{
    size_t i = 0;

    while (i < REACTIONS && !str_eq(bare(emoji), bare(str_of(reactions[i].emoji))))
        i++;
    return i;
}

static size_t
reaction_named(struct str name)
{
    size_t i = 0;

    while (i < REACTIONS && !str_eq(name, str_of(reactions[i].name)))
        i++;
    return i;
}

/* By name, by emoji, or both; a heart when nothing is said; `other` for emoji without a name [inferred: webhooks.md 2.5]. */
static int
choose(struct act *act, struct str *name, struct str *emoji)
{
    *name = act_text(act, AF_REACTION);
    *emoji = act_text(act, AF_EMOJI);
    if (name->s != NULL && reaction_named(*name) == REACTIONS && !str_eq_lit(*name, "other")) {
        if (reaction_of_emoji(*name) == REACTIONS && name->n > 0 &&
            (unsigned char)name->s[0] < 0x80)
            return act_refuse(act, "/reaction: expected smile, angry, sad, wow, love, like, "
                                   "dislike, other or an emoji");
        *emoji = *name; /* an emoji in the wrong place */
        *name = STR_NONE;
    }
    if (name->s == NULL && emoji->s == NULL)
        *name = STR("love");
    if (name->s == NULL)
        *name = reaction_of_emoji(*emoji) < REACTIONS
                    ? str_of(reactions[reaction_of_emoji(*emoji)].name)
                    : STR("other");
    if (emoji->s == NULL) {
        if (str_eq_lit(*name, "other"))
            return act_refuse(act, "/emoji: missing, the reaction \"other\" needs one");
        *emoji = str_of(reactions[reaction_named(*name)].emoji);
    }
    return 0;
}

int
act_react(struct act *act)
{
    uint64_t number;
    struct message *message;
    struct str name, emoji;
    char mid[MID_SIZE];

    if (choose(act, &name, &emoji) < 0 ||
        act_find_message(act, AF_MID, "last", &number, &message) < 0)
        return -1;
    message->flags |= MESSAGE_REACTED;
    world_mid(act->world, number, mid);
    jw_kv_text(&act->made, "mid", mid);
    jw_kv_str(&act->made, "reaction", name);
    event_reaction(act->world, act->thread, str_of(mid), name, emoji, false);
    return 0;
}

/* The newest message with a reaction of this person; 0: none as far as one would scroll back. */
static uint64_t
newest_reacted(const struct act *act)
{
    uint64_t number = act->thread->newest;
    const struct message *message = world_message(act->world, number);

    for (unsigned n = 0; n < LOOK_BACK_MAX && message != NULL; n++) {
        if ((message->flags & MESSAGE_REACTED) != 0)
            return number;
        number = message->previous;
        message = world_message(act->world, number);
    }
    return 0;
}

/* From the message that is named, or from the newest that has one. */
int
act_unreact(struct act *act)
{
    uint64_t number;
    struct message *message;
    struct str name = STR_NONE, emoji = STR_NONE;
    char mid[MID_SIZE];

    if ((act_has(act, AF_REACTION) || act_has(act, AF_EMOJI)) && choose(act, &name, &emoji) < 0)
        return -1;
    if (act_has(act, AF_MID)) {
        if (act_find_message(act, AF_MID, NULL, &number, &message) < 0)
            return -1;
    } else {
        number = newest_reacted(act);
        message = world_message(act->world, number);
    }
    if (message == NULL || (message->flags & MESSAGE_REACTED) == 0)
        return act_refuse(act, "unreact: there is no reaction of this person on that message");
    message->flags &= ~(uint32_t)MESSAGE_REACTED;
    world_mid(act->world, number, mid);
    jw_kv_text(&act->made, "mid", mid);
    event_reaction(act->world, act->thread, str_of(mid), name, emoji, true);
    return 0;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------------------ */

int
act_read(struct act *act)
{
    bool went_out = event_read(act->world, act->thread);

    if (act_number(act, AF_KEEP) != 0)
        act->thread->flags |= THREAD_OPEN;
    jw_kv_bool(&act->made, "read", went_out);
    if (act->thread->read != MS_NEVER)
        jw_kv_int(&act->made, "watermark", act->thread->read);
    return 0;
}

int
act_open_thread(struct act *act)
{
    if (!act_has(act, AF_KEEP) || act_number(act, AF_KEEP) != 0)
        act->thread->flags |= THREAD_OPEN;
    jw_kv_bool(&act->made, "read", event_read(act->world, act->thread));
    return 0;
}

int
act_close_thread(struct act *act)
{
    act->thread->flags &= ~(uint32_t)THREAD_OPEN;
    return 0;
}

/* ---- switches ------------------------------------------------------------------------------------------------------------------------------- */

/* `on` left out means on. */
static int
set_flag(struct act *act, unsigned flag, bool value)
{
    act->thread->flags = value ? act->thread->flags | flag : act->thread->flags & ~flag;
    return 0;
}

static bool
wants(const struct act *act)
{
    return !act_has(act, AF_ON) || act_number(act, AF_ON) != 0;
}

int
act_reads_off(struct act *act)
{
    return set_flag(act, THREAD_READS_OFF, wants(act));
}

int
act_messages_off(struct act *act)
{
    return set_flag(act, THREAD_MESSAGES_OFF, wants(act));
}

int
act_mute(struct act *act)
{
    return set_flag(act, THREAD_MUTED, wants(act));
}

int
act_block(struct act *act)
{
    if ((act->thread->flags & THREAD_BLOCKED) != 0)
        return act_refuse(act, "block: the person has blocked the page already");
    act->thread->flags &= ~(uint32_t)THREAD_OPEN;
    set_flag(act, THREAD_BLOCKED, true);
    enforce_block(act->world, act->thread);
    return 0;
}

int
act_unblock(struct act *act)
{
    if ((act->thread->flags & THREAD_BLOCKED) == 0)
        return act_refuse(act, "unblock: the person has not blocked the page");
    return set_flag(act, THREAD_BLOCKED, false);
}

int
act_report(struct act *act)
{
    bool was_reported = (act->thread->flags & THREAD_REPORTED) != 0;

    set_flag(act, THREAD_REPORTED, true);
    if (!was_reported)
        enforce_block(act->world, act->thread);
    return 0;
}

int
act_delete_thread(struct act *act)
{
    act->thread->flags &= ~(uint32_t)THREAD_OPEN;
    return set_flag(act, THREAD_DELETED, true);
}

int
act_deactivate(struct act *act)
{
    if ((act->thread->flags & THREAD_DEACTIVATED) != 0)
        return act_refuse(act, "deactivate: the account is deactivated already");
    act->thread->flags &= ~(uint32_t)THREAD_OPEN;
    return set_flag(act, THREAD_DEACTIVATED, true);
}

int
act_reactivate(struct act *act)
{
    if ((act->thread->flags & THREAD_DEACTIVATED) == 0)
        return act_refuse(act, "reactivate: the account is not deactivated");
    return set_flag(act, THREAD_DEACTIVATED, false);
}
