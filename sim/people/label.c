#include "people/label.h"

#include <stdio.h>
#include <string.h>

#include "graph/event.h"

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

/* Whom a label is on: PSIDs between commas in text2. */
static void
write_people(struct node *label, const char *list, const char *mark, const char *at)
{
    struct buf people = {0};

    if (at == NULL) {
        buf_printf(&people, "%s%s", list, mark + 1);
    } else {
        buf_add(&people, list, (size_t)(at - list));
        buf_adds(&people, at + strlen(mark) - 1);
    }
    node_set_text2(label, buf_view(&people));
    buf_fini(&people);
}

struct node *
label_set(struct world *world, struct thread *thread, struct str name, bool is_on)
{
    struct node *label = find_label(world, thread->page, name);
    char mark[UINT64_SIZE + 2];

    snprintf(mark, sizeof mark, ",%llu,", (unsigned long long)thread->psid);
    const char *list = label != NULL && label->text2 != NULL ? label->text2 : ",";
    const char *at = strstr(list, mark);
    if ((at != NULL) == is_on)
        return NULL;
    if (label == NULL) {
        label = world_add_node(world, NODE_LABEL, NULL, thread->page);
        node_set_text(label, name);
    }
    write_people(label, list, mark, at);
    event_label(world, thread, str_of(label->id), str_of(label->text), is_on);
    return label;
}
