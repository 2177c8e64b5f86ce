#include "graph/note.h"

#include "graph/jwrite.h"

static void
write_note(struct world *world, const char *id, enum rule_id rule, uint32_t page, const struct thread *thread, const char *detail)
{
    char psid[UINT64_SIZE];
    struct buf rest = { 0 };

    buf_char(&rest, ',');
    jw_kv_text(&rest, "note", id);
    jw_kv_strf(&rest, "text", str_of(detail != NULL ? detail : policy_rules[rule].title), JW_OURS);
    jw_kv_text(&rest, "page", world->pages[page]->id);
    if (thread != NULL) {
        format_uint64(psid, thread->psid);
        jw_kv_text(&rest, "user", psid);
    }
    jw_key(&rest, "findings");
    jw_open(&rest, '[');
    if (detail != NULL) {
        jw_open(&rest, '{');
        jw_kv_text(&rest, "rule", policy_rules[rule].id);
        jw_kv_text(&rest, "severity", severity_text(policy_rules[rule].severity));
        jw_kv_strf(&rest, "detail", str_of(detail), JW_OURS);
        jw_close(&rest, '}');
    }
    jw_close(&rest, ']');
    jw_key(&rest, "seen");
    jw_open(&rest, '[');
    jw_item(&rest);
    jw_string(&rest, str_of(policy_rules[rule].id), JW_OURS);
    jw_close(&rest, ']');
    buf_char(&rest, '}');
    world_record(world, "note", buf_view(&rest));
    buf_fini(&rest);
}

void
note_finding(struct world *world, const char *id, enum rule_id rule, uint32_t page, const struct thread *thread, const char *detail)
{
    write_note(world, id, rule, page, thread, detail);
}

void
note_seen(struct world *world, const char *id, enum rule_id rule, uint32_t page, const struct thread *thread)
{
    write_note(world, id, rule, page, thread, NULL);
}
