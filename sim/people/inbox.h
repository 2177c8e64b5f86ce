/* inbox.h - the Page inbox: what its staff writes, and its automations (instant reply, away message, frequent questions, comment reply: webhooks.md 4.10). They echo
 * like messages of staff and run beside the apps. */
#ifndef UNDERSTUDY_PEOPLE_INBOX_H
#define UNDERSTUDY_PEOPLE_INBOX_H

#include "people/act_in.h"

/* A message from the inbox to the person: stored, echoed. Returns its number. */
uint64_t inbox_say(struct act *act, struct str text, struct str reply_to_mid);

/* A person has written: the automations that fit answer. */
void inbox_answer(struct act *act);
/* A person has commented: the private reply, if the page has one set. */
void inbox_answer_comment(struct act *act, struct node *comment);

/* Makes the inbox the owner of the thread, when routing is on and it is not yet; tells the apps. */
void inbox_take(struct act *act);

#endif
