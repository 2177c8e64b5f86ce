#include "people/label.h"

#include "graph/labels.h"

/* By id or by name; NULL when there is none yet. */
static struct node *
find_label(const struct world *world, uint32_t page, struct str name)
{
    struct node *label = world_find_node(world, NODE_LABEL, name);

    for (uint32_t i = 0; label == NULL && i < world->node_count; i++) {
        struct node *node = world->nodes[i];

        if (node->kind == NODE_LABEL && !node->is_deleted && node->page == page &&
            node->text != NULL && str_eq(name, str_of(node->text)))
            label = node;
    }
    return label;
}

struct node *
label_set(struct world *world, struct thread *thread, struct str name, bool is_on)
{
    struct node *label = find_label(world, thread->page, name);

    if (label == NULL) {
        if (!is_on)
            return NULL;
        label = world_add_node(world, NODE_LABEL, NULL, thread->page);
        node_set_text(label, name);
    }
    return label_mark(world, label, thread, is_on) ? label : NULL;
}
