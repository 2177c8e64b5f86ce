/* The user profile: what a page may know of a person who wrote to it (webhooks.md 4.4). */
#include <math.h>

#include "graph/handlers.h"
#include "graph/node.h"
#include "graph/privacy.h"

static void
write_id(struct buf *out, struct call *c, const void *person, const char *key)
{
    char psid[UINT64_SIZE];

    (void)person;
    format_uint64(psid, c->thread->psid);
    jw_kv_text(out, key, psid);
}

static void
write_name(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct person *p = object;

    jw_kv_text(out, key, call_printf(c, "%s %s", p->first_name, p->last_name));
}

static void
write_first(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, ((const struct person *)object)->first_name);
}

static void
write_last(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, ((const struct person *)object)->last_name);
}

static void
write_picture(struct buf *out, struct call *c, const void *object, const char *key)
{
    const struct thread_extra *x = c->thread->extra;

    (void)object;
    if (x != NULL && x->profile_pic != NULL)
        jw_kv_text(out, key, x->profile_pic);
    else
        jw_kv_text(out, key, call_printf(c, "https://platform-lookaside.fbsbx.com/platform/profilepic/?psid=%llu&width=1024&ext=%lld",
                                         (unsigned long long)c->thread->psid, (long long)((c->now + 30 * DAY) / SECOND)));
}

static void
write_locale(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, ((const struct person *)object)->locale);
}

static void
write_gender(struct buf *out, struct call *c, const void *object, const char *key)
{
    (void)c;
    jw_kv_text(out, key, ((const struct person *)object)->gender);
}

/* Hours, may be negative or fractional. */
static void
write_timezone(struct buf *out, struct call *c, const void *object, const char *key)
{
    double hours = ((const struct person *)object)->timezone;

    jw_kv_raw(out, key, str_of(hours == floor(hours) ? call_printf(c, "%.0f", hours) : call_printf(c, "%g", hours)));
}

static void
write_false(struct buf *out, struct call *c, const void *person, const char *key)
{
    (void)c;
    (void)person;
    jw_kv_bool(out, key, false);
}

/* Until then locale, timezone and gender came without a permission of their own, and unasked [documented: webhooks.md 4.4]; the id did not, and there was no
 * name [observed 2017]. */
#define OWN_PERMISSIONS_FROM CIVIL(2018, 7, 26)

static const struct node_field old_fields[] = {
    { "first_name", write_first, true, 0 },
    { "last_name", write_last, true, 0 },
    { "profile_pic", write_picture, true, 0 },
    { "locale", write_locale, true, 0 },
    { "timezone", write_timezone, true, 0 },
    { "gender", write_gender, true, 0 },
    { "is_payment_enabled", write_false, false, 0 },
    { "last_ad_referral", node_put_nothing, false, 0 },
    { "id", write_id, false, 0 },
};

static const struct node_field fields[] = {
    { "first_name", write_first, true, 0 },
    { "last_name", write_last, true, 0 },
    { "name", write_name, true, 0 },
    { "profile_pic", write_picture, true, 0 },
    { "locale", write_locale, false, PERM_USER_LOCALE },
    { "timezone", write_timezone, false, PERM_USER_TIMEZONE },
    { "gender", write_gender, false, PERM_USER_GENDER },
    { "is_payment_enabled", write_false, false, 0 },
    { "last_ad_referral", node_put_nothing, false, 0 },
    { "id", write_id, true, 0 },
};

static bool
names_ask(const struct jnode *value, struct str wanted)
{
    struct names names;
    struct str name;

    for (names_open(&names, value); names_next(&names, &name);)
        if (str_eq(name, wanted))
            return true;
    return false;
}

enum graph_err
profile_get(struct call *c)
{
    struct person person;

    call_saw(c, RULE_PROFILE_KNOWN);
    if (!(c->thread->flags & THREAD_STARTED) || c->thread->flags & (THREAD_PHONE_ONLY | THREAD_DEACTIVATED))
        return call_fail(c, RULE_PROFILE_KNOWN, ERR_NO_PROFILE, NULL);
    if (names_ask(call_param(c, "fields"), STR("profile_pic"))) {
        call_saw(c, RULE_PRIVACY_REGION);
        if (privacy_switched_off(c->thread, PRIVACY_PROFILE_PIC, c->as_of))
            return call_fail(c, RULE_PRIVACY_REGION, ERR_PRIVACY_RULES, NULL);
    }
    thread_person(c->world, c->thread, &person);
    c->shown_type = c->as_of < OWN_PERMISSIONS_FROM ? "MessengerPageScopedID" : NULL;
    if (c->as_of < OWN_PERMISSIONS_FROM)
        return node_write(c, &c->reply->body, old_fields, sizeof old_fields / sizeof *old_fields, &person, call_param(c, "fields"), true);
    return node_write(c, &c->reply->body, fields, sizeof fields / sizeof *fields, &person, call_param(c, "fields"), true);
}

/* ---- the person who administers the page --------------------------------------------------------------------------------------------- */

static void
write_user_id(struct buf *out, struct call *c, const void *user, const char *key)
{
    char id[UINT64_SIZE];

    (void)user;
    format_uint64(id, c->credential->user != 0 ? c->credential->user : id_number(c->world->key, ID_ADMIN, 0, 15));
    jw_kv_text(out, key, id);
}

/* The parts of the name stand in the row's own name. */
static void
write_user_name(struct buf *out, struct call *c, const void *user, const char *key)
{
    (void)c;
    (void)user;
    jw_kv_text(out, key, !str_eq_lit(str_of(key), "name") && !str_eq_lit(str_of(key), "last_name") ? "Page" : str_eq_lit(str_of(key), "last_name") ? "Admin" : "Page Admin");
}

static void
write_user_picture(struct buf *out, struct call *c, const void *user, const char *key)
{
    (void)c;
    (void)user;
    jw_kv_raw(out, key, STR("{\"data\":{\"height\":50,\"is_silhouette\":true,\"url\":\"https:\\/\\/scontent.xx.fbcdn.net\\/v\\/t1.30497-1\\/silhouette.jpg\",\"width\":50}}"));
}

static const struct node_field user_fields[] = {
    { "name", write_user_name, true, 0 },
    { "id", write_user_id, true, 0 },
    { "first_name", write_user_name, false, 0 },
    { "last_name", write_user_name, false, 0 },
    { "short_name", write_user_name, false, 0 },
    { "picture", write_user_picture, false, 0 },
    { "email", node_put_nothing, false, 0 }, /* left out of a person who has none to show */
    { "middle_name", node_put_nothing, false, 0 },
};

/* `me` with a user token. */
enum graph_err
user_get(struct call *c)
{
    return node_write(c, &c->reply->body, user_fields, sizeof user_fields / sizeof *user_fields, NULL, call_param(c, "fields"), false);
}

/* GET /me/permissions: what the token carries. */
enum graph_err
user_permissions_get(struct call *c)
{
    struct buf *out = &c->reply->body;

    buf_adds(out, "{\"data\":[");
    for (unsigned i = 0; permission_name(i) != NULL; i++) {
        bool is_granted = c->credential->permissions & 1u << i && c->credential->state != TOKEN_PERMISSIONS_REVOKED;

        jw_item(out);
        jw_open(out, '{');
        jw_kv_text(out, "permission", permission_name(i));
        jw_kv_text(out, "status", is_granted ? "granted" : "declined");
        jw_close(out, '}');
    }
    buf_adds(out, "]}");
    return ERR_NONE;
}
