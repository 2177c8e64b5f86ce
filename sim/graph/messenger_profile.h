/* messenger_profile.h - the properties of a page's profile as texts of the page ("profile/<property>", JSON), and what a menu must look like. Shared by the profile,
 * the settings of one person and the settings of old. */
#ifndef UNDERSTUDY_GRAPH_MESSENGER_PROFILE_H
#define UNDERSTUDY_GRAPH_MESSENGER_PROFILE_H

#include "graph/api.h"

/* The property as JSON text, NULL when it is not set. Borrowed. */
const char *profile_get_text(const struct page *page, const char *property);
/* Sets it; json STR_NONE takes it away. */
void profile_set_text(struct page *page, const char *property, struct str json);

/* A value as it is given back: booleans are booleans however they came. */
void profile_put_value(struct buf *out, const struct jnode *value);

/* The rules of a menu: default locale, types, depth and length by version. The shape was checked by fields.def. */
enum graph_err profile_check_menu(struct call *call, const struct jnode *menu);
/* Whether this app may set a menu here now: it is the primary one, and there is (or comes with this call) a Get Started button. */
enum graph_err profile_check_menu_place(struct call *call);
/* https, no bare address, no localhost. */
enum graph_err profile_check_domains(struct call *call, const struct jnode *domains);

#endif
