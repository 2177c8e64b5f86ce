/* Personas: another name and picture for the agent who answers (webhooks.md 4.3). */
#include "graph/attachment.h"
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/node.h"
#include "graph/paging.h"

static const struct node_field fields[] = {
    { "name", node_put_text, true, 0 },
    { "profile_picture_url", node_put_text2, true, 0 },
    { "id", node_put_id, true, 0 },
};

#define FIELDS_COUNT (sizeof fields / sizeof *fields)

enum graph_err
personas_post(struct call *c)
{
    struct str picture = field_text(c, F_PERSONA_PICTURE);
    enum graph_err error = check_attachment_url(c, STR("image"), picture); /* a picture of 8 MB at most [documented; its errors inferred] */

    if (error != ERR_NONE)
        return error;
    struct node *node = world_add_node(c->world, NODE_PERSONA, NULL, c->page_index);

    node_set_text(node, field_text(c, F_PERSONA_NAME));
    node_set_text2(node, picture);
    node->app = c->app_index;
    jw_open(&c->reply->body, '{');
    jw_kv_text(&c->reply->body, "id", node->id);
    jw_close(&c->reply->body, '}');
    return ERR_NONE;
}

/* The list is the living personas of the page, in order of making. */
struct personas {
    const struct node **nodes;
    size_t count;
};

static enum graph_err
write_item(struct call *c, struct buf *out, size_t i, const void *list)
{
    const struct personas *personas = list;

    return node_write(c, out, fields, FIELDS_COUNT, personas->nodes[i], call_param(c, "fields"), false);
}

enum graph_err
personas_get(struct call *c)
{
    struct personas list = { arena_alloc(c->arena, (c->world->node_count + 1) * sizeof *list.nodes), 0 };

    for (uint32_t i = 0; i < c->world->node_count; i++) {
        const struct node *node = world_node(c->world, i);

        if (node->kind == NODE_PERSONA && node->page == c->page_index && !node->is_deleted)
            list.nodes[list.count++] = node;
    }
    return paging_write(c, list.count, &list, write_item, 25, 100);
}

enum graph_err
persona_get(struct call *c)
{
    return node_write(c, &c->reply->body, fields, FIELDS_COUNT, c->node, call_param(c, "fields"), false);
}

enum graph_err
persona_delete(struct call *c)
{
    c->node->is_deleted = true;
    buf_adds(&c->reply->body, "{\"success\":true}");
    return ERR_NONE;
}
