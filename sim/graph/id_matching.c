/* One person's ids in the apps and on the pages of a business (webhooks.md 4.4, id matching). */
#include "graph/fields.h"
#include "graph/handlers.h"
#include "graph/paging.h"

struct match {
    const struct thread *thread;
    const struct page *page; /* NULL: an app's */
    const struct app *app;
};

static enum graph_err
write_match(struct call *c, struct buf *out, size_t i, const void *list)
{
    const struct match *m = (const struct match *)list + i;
    struct person person;
    char psid[UINT64_SIZE];

    thread_person(c->world, m->thread, &person);
    format_uint64(psid, m->thread->psid);
    jw_open(out, '{');
    jw_kv_text(out, "id", m->page != NULL ? psid : person.asid);
    jw_key(out, m->page != NULL ? "page" : "app");
    jw_open(out, '{');
    if (m->page == NULL) {
        jw_kv_text(out, "category", "Business");
        jw_kv_text(out, "link", call_printf(c, "https://www.facebook.com/games/?app_id=%s", m->app->id));
    }
    jw_kv_text(out, "name", m->page != NULL ? m->page->name : m->app->name);
    jw_kv_text(out, "id", m->page != NULL ? m->page->id : m->app->id);
    jw_close(out, '}');
    jw_close(out, '}');
    return ERR_NONE;
}

/* The id that log-in gives out; in this world a person has the same one in every app [inferred: it differs by app]. */
enum graph_err
ids_for_apps_get(struct call *c)
{
    struct str wanted = call_text(c, "app");
    struct match *list = arena_alloc(c->arena, (c->world->app_count + 1) * sizeof *list);
    size_t count = 0;

    for (uint32_t i = 0; i < c->world->app_count; i++)
        if (wanted.n == 0 || str_eq(wanted, str_of(c->world->apps[i]->id)))
            list[count++] = (struct match){ c->thread, NULL, c->world->apps[i] };
    return paging_write(c, count, list, write_match, 25, 100);
}

enum graph_err
ids_for_pages_get(struct call *c)
{
    struct str wanted = call_text(c, "page");
    const struct page *page = c->world->pages[c->thread->page];
    const struct match match = { c->thread, page, NULL };

    return paging_write(c, wanted.n == 0 || str_eq(wanted, str_of(page->id)), &match, write_match, 25, 100);
}
