/* Custom labels: made, listed, put on people and taken off (webhooks.md 4.2). */
#include "graph/labels.h"

#include <stdio.h>
#include <string.h>

#include "graph/event.h"
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/node.h"
#include "graph/paging.h"
#include "world/page_extra.h"

/* `name` became `page_label_name` with v12.0, in every version three months later [documented]. */
#define NEW_NAME_VERSION 1200
#define NEW_NAME_DATE CIVIL(2021, 12, 14)
#define MARK_SIZE (UINT64_SIZE + 2)

/* Since 2021-10-01 an admin of the page must have accepted the contact terms; the page's text says when nobody has. */
static enum graph_err
check_terms(struct call *c)
{
    const char *terms = page_text(c->page, "terms/contact");

    if (!span_has(era_row(ERA_CONTACT_TERMS)->span, c->as_of))
        return ERR_NONE;
    call_saw(c, RULE_LABEL_TERMS);
    if (terms != NULL && strcmp(terms, "false") == 0)
        return call_fail(c, RULE_LABEL_TERMS, ERR_CONTACT_TERMS, NULL);
    return ERR_NONE;
}

/* ---- whom a label is on --------------------------------------------------------------------------------------------------------------- */

static const char *
find_mark(const struct node *label, const struct thread *thread, char mark[MARK_SIZE])
{
    snprintf(mark, MARK_SIZE, ",%llu,", (unsigned long long)thread->psid);
    return label->text2 != NULL ? strstr(label->text2, mark) : NULL;
}

static bool
is_on(const struct node *label, const struct thread *thread)
{
    char mark[MARK_SIZE];

    return find_mark(label, thread, mark) != NULL;
}

bool
label_mark(struct world *world, struct node *label, struct thread *thread, bool is_wanted)
{
    char mark[MARK_SIZE];
    const char *at = find_mark(label, thread, mark);
    const char *list = label->text2 != NULL ? label->text2 : ",";
    struct buf people = { 0 };

    if ((at != NULL) == is_wanted)
        return false;
    if (is_wanted) {
        buf_printf(&people, "%s%s", list, mark + 1);
    } else {
        buf_add(&people, list, (size_t)(at - list));
        buf_adds(&people, at + strlen(mark) - 1);
    }
    node_set_text2(label, buf_view(&people));
    buf_fini(&people);
    event_label(world, thread, str_of(label->id), str_of(label->text), is_wanted);
    return true;
}

/* ---- a label as it is shown --------------------------------------------------------------------------------------------------------------- */

static const struct node_field new_fields[] = { { "page_label_name", node_put_text, true, 0 }, { "id", node_put_id, true, 0 } };
static const struct node_field old_fields[] = { { "name", node_put_text, true, 0 }, { "id", node_put_id, true, 0 } };

static const struct node_field *
fields_of(const struct call *c)
{
    return c->version >= NEW_NAME_VERSION || c->as_of >= NEW_NAME_DATE ? new_fields : old_fields;
}

struct labels {
    const struct node **nodes;
    size_t count;
};

/* The page's labels in the order of making; those on one person when thread is not NULL. */
static struct labels
labels_of(struct call *c, const struct thread *thread)
{
    struct labels list = { arena_alloc(c->arena, (c->world->node_count + 1) * sizeof *list.nodes), 0 };

    for (uint32_t i = 0; i < c->world->node_count; i++) {
        const struct node *node = world_node(c->world, i);

        if (node->kind == NODE_LABEL && !node->is_deleted && node->page == c->page_index && (thread == NULL || is_on(node, thread)))
            list.nodes[list.count++] = node;
    }
    return list;
}

static enum graph_err
write_item(struct call *c, struct buf *out, size_t i, const void *list)
{
    return node_write(c, out, fields_of(c), 2, ((const struct labels *)list)->nodes[i], call_param(c, "fields"), false);
}

/* ---- the calls ---------------------------------------------------------------------------------------------------------------------------- */

static enum graph_err
success(struct call *c)
{
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}

/* Either name is taken, as the platform's own list of parameters has both. A name that exists gives the label that has it [inferred]. */
enum graph_err
custom_labels_post(struct call *c)
{
    struct str name = field_text(c, F_LABEL_NAME).s != NULL ? field_text(c, F_LABEL_NAME) : field_text(c, F_LABEL_OLD_NAME);
    enum graph_err error = check_terms(c);
    const struct node *label = NULL;

    if (error != ERR_NONE)
        return error;
    call_saw(c, RULE_FORM_REQUIRED);
    if (name.s == NULL)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, fields_of(c)[0].name, NULL);
    struct labels list = labels_of(c, NULL);
    for (size_t i = 0; i < list.count && label == NULL; i++)
        if (str_eq(str_of(list.nodes[i]->text), name))
            label = list.nodes[i];
    if (label == NULL) {
        struct node *node = world_add_node(c->world, NODE_LABEL, NULL, c->page_index);

        node_set_text(node, name);
        node->app = c->app_index;
        label = node;
    }
    jw_open(&c->reply->body, '{');
    jw_kv_text(&c->reply->body, "id", label->id);
    jw_close(&c->reply->body, '}');
    return ERR_NONE;
}

enum graph_err
custom_labels_get(struct call *c)
{
    enum graph_err error = check_terms(c);

    if (error != ERR_NONE)
        return error;
    struct labels list = labels_of(c, NULL);
    return paging_write(c, list.count, &list, write_item, 25, 100);
}

enum graph_err
person_labels_get(struct call *c)
{
    enum graph_err error = check_terms(c);

    if (error != ERR_NONE)
        return error;
    struct labels list = labels_of(c, c->thread);
    return paging_write(c, list.count, &list, write_item, 25, 100);
}

enum graph_err
label_get(struct call *c)
{
    enum graph_err error = check_terms(c);

    return error != ERR_NONE ? error : node_write(c, &c->reply->body, fields_of(c), 2, c->node, call_param(c, "fields"), false);
}

enum graph_err
label_delete(struct call *c)
{
    enum graph_err error = check_terms(c);

    if (error != ERR_NONE)
        return error;
    c->node->is_deleted = true;
    return success(c);
}

static enum graph_err
mark_person(struct call *c, bool is_wanted)
{
    struct str psid = call_text(c, "user");
    enum graph_err error = check_terms(c);

    if (error != ERR_NONE)
        return error;
    call_saw(c, RULE_FORM_REQUIRED);
    if (psid.n == 0)
        return call_fail(c, RULE_FORM_REQUIRED, ERR_PARAM_REQUIRED, "user", NULL);
    if ((error = call_find_person(c, psid)) != ERR_NONE)
        return error;
    label_mark(c->world, c->node, c->thread, is_wanted);
    return success(c);
}

enum graph_err
label_put_on(struct call *c)
{
    return mark_person(c, true);
}

enum graph_err
label_take_off(struct call *c)
{
    return mark_person(c, false);
}
