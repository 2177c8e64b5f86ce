/* The tables as JSON: what `understudy rules --json` and GET /_sim/rules print (docs/design.md). */
#include <stdio.h>
#include <string.h>

#include "core/datetime.h"
#include "graph/event.h"
#include "graph/fields.h"
#include "graph/limits.h"
#include "graph/route.h"

static void
kv(struct buf *out, const char *key, const char *text)
{
    if (text != NULL)
        jw_kv_strf(out, key, str_of(text), JW_OURS);
    else
        jw_kv_null(out, key);
}

/* A span's end as a date, null when it has none. */
static void
kv_instant(struct buf *out, const char *key, ms_t at)
{
    char text[DATETIME_SIZE];

    if (at <= MS_NEVER || at >= MS_ALWAYS) {
        jw_kv_null(out, key);
        return;
    }
    datetime_iso(text, at);
    kv(out, key, text);
}

static void
kv_version(struct buf *out, const char *key, version_t version)
{
    char text[16];

    if (version == 0 || version == VERSION_END) {
        jw_kv_null(out, key);
        return;
    }
    snprintf(text, sizeof text, "v%d.%d", version / 100, version % 100);
    kv(out, key, text);
}

static void
open_list(struct buf *out, const char *key)
{
    jw_key(out, key);
    jw_open(out, '[');
}

/* Where a source can be read; NULL when nobody kept the address. */
static const char *
source_url(const char *cite)
{
    static const struct {
        const char *key, *url;
    } sources[] = {
#define SOURCE(key, url) { key, url },
#include "sources.def"
#undef SOURCE
    };

    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (strcmp(sources[i].key, cite) == 0)
            return sources[i].url[0] != '\0' ? sources[i].url : NULL;
    return NULL;
}

static void
write_rules(struct buf *out, ms_t as_of)
{
    open_list(out, "rules");
    for (unsigned i = 0; i < RULE_COUNT; i++) {
        const struct rule *r = &policy_rules[i];
        const struct span span = era_row(r->era)->span;

        jw_item(out);
        jw_open(out, '{');
        kv(out, "id", r->id);
        kv(out, "kind", rule_kind_text(r->kind));
        kv(out, "severity", severity_text(r->severity));
        kv(out, "title", r->title);
        kv(out, "why", r->why);
        kv(out, "advice", r->advice);
        kv(out, "fidelity", fidelity_name(r->fidelity));
        kv(out, "cite", r->cite);
        kv(out, "url", source_url(r->cite));
        kv_instant(out, "from", span.from);
        kv_instant(out, "until", span.until);
        jw_kv_bool(out, "in_force", span_has(span, as_of));
        if (r->error != ERR_NONE)
            kv(out, "error", graph_error(r->error)->id);
        else
            jw_kv_null(out, "error");
        jw_close(out, '}');
    }
    jw_close(out, ']');
}

static void
write_errors(struct buf *out)
{
    open_list(out, "errors");
    for (unsigned i = 1; i < GRAPH_ERR_COUNT; i++) {
        const struct graph_error *e = graph_error((enum graph_err)i);

        jw_item(out);
        jw_open(out, '{');
        kv(out, "id", e->id);
        jw_kv_int(out, "http", e->http);
        kv(out, "type", e->type);
        jw_kv_int(out, "code", e->code);
        if (e->subcode != 0)
            jw_kv_int(out, "subcode", e->subcode);
        else
            jw_kv_null(out, "subcode");
        kv(out, "message", e->text);
        kv(out, "fidelity", fidelity_name(e->fidelity));
        kv(out, "cite", e->cite);
        jw_kv_bool(out, "reached", graph_error_unreached((enum graph_err)i) == NULL);
        kv(out, "reason", graph_error_unreached((enum graph_err)i));
        jw_close(out, '}');
    }
    jw_close(out, ']');
}

static void
write_endpoints(struct buf *out)
{
    unsigned count;
    const struct route *rows = route_rows(&count);

    open_list(out, "endpoints");
    for (unsigned i = 0; i < count; i++) {
        jw_item(out);
        jw_open(out, '{');
        const char *id = route_id(&rows[i]), *blank = strchr(id, ' ');

        kv(out, "id", id);
        jw_kv_strf(out, "method", (struct str){ id, (size_t)(blank - id) }, JW_OURS);
        kv(out, "path", blank + 1);
        kv_version(out, "since", rows[i].since);
        kv_version(out, "until", rows[i].until);
        kv(out, "fidelity", fidelity_name(rows[i].fidelity));
        kv(out, "cite", rows[i].cite);
        jw_close(out, '}');
    }
    jw_close(out, ']');
}

static const char *
type_text(enum field_type type)
{
    static const char *const texts[] = { "any",  "string", "text",   "id",   "integer", "number", "boolean",
                                         "url",  "enum",   "object", "list", "strings", "payload" };

    return texts[type];
}

static void
write_fields(struct buf *out)
{
    open_list(out, "fields");
    for (unsigned i = 0; i < F_COUNT; i++) {
        const struct field_row *f = field_row((enum field)i);
        char path[128];

        snprintf(path, sizeof path, "%s.%s", schema_name(f->schema), f->key);
        jw_item(out);
        jw_open(out, '{');
        kv(out, "schema", schema_name(f->schema));
        kv(out, "path", path);
        kv(out, "type", type_text(f->type));
        if (f->words != NULL)
            kv(out, "values", f->words);
        jw_kv_bool(out, "required", (f->flags & FIELD_REQUIRED) != 0);
        if (f->max != 0)
            jw_kv_int(out, "max", f->max);
        else
            jw_kv_null(out, "max");
        kv(out, "fidelity", fidelity_name(f->fidelity));
        kv(out, "cite", f->cite);
        jw_close(out, '}');
    }
    jw_close(out, ']');
}

static void
write_templates(struct buf *out)
{
    unsigned count;
    const struct template_row *rows = template_rows(&count);

    open_list(out, "templates");
    for (unsigned i = 0; i < count; i++) {
        jw_item(out);
        jw_open(out, '{');
        kv(out, "id", rows[i].name);
        kv_version(out, "since", rows[i].since);
        kv_version(out, "until", rows[i].until);
        kv(out, "fidelity", fidelity_name(rows[i].fidelity));
        kv(out, "cite", rows[i].cite);
        jw_close(out, '}');
    }
    jw_close(out, ']');
}

static void
write_events(struct buf *out)
{
    unsigned count;
    const struct event_row *rows = event_rows(&count);

    open_list(out, "events");
    for (unsigned i = 0; i < count; i++) {
        jw_item(out);
        jw_open(out, '{');
        kv(out, "id", rows[i].id);
        kv(out, "field", webhook_field_name(rows[i].field));
        kv(out, "fidelity", fidelity_name(rows[i].fidelity));
        kv(out, "cite", rows[i].cite);
        jw_close(out, '}');
    }
    jw_close(out, ']');
}

/* What may be subscribed to, whether or not there is an event for it yet. */
static void
write_webhook_fields(struct buf *out)
{
    open_list(out, "webhook_fields");
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        jw_item(out);
        jw_string(out, str_of(webhook_field_name((enum webhook_field)i)), JW_OURS);
    }
    jw_close(out, ']');
}

/* Questions that the sources leave open, and what is not here at all. */
static void
write_choices(struct buf *out)
{
    static const struct {
        const char *question, *choice, *other, *cite;
    } choices[] = {
#define CHOICE(question, choice, other, cite) { question, choice, other, cite },
#include "core/choices.def"
#undef CHOICE
    };

    open_list(out, "choices");
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        jw_item(out);
        jw_open(out, '{');
        kv(out, "question", choices[i].question);
        kv(out, "choice", choices[i].choice);
        kv(out, "other", *choices[i].other != '\0' ? choices[i].other : NULL);
        kv(out, "cite", choices[i].cite);
        jw_close(out, '}');
    }
    jw_close(out, ']');
}

static void
write_absent(struct buf *out)
{
    static const struct {
        const char *kind, *what, *reason;
    } absent[] = {
#define ABSENT(kind, what, reason) { kind, what, reason },
#include "core/absent.def"
#undef ABSENT
    };

    open_list(out, "absent");
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        jw_item(out);
        jw_open(out, '{');
        kv(out, "kind", absent[i].kind);
        kv(out, "what", absent[i].what);
        kv(out, "reason", absent[i].reason);
        jw_close(out, '}');
    }
    jw_close(out, ']');
}

void
rules_json(struct buf *out, ms_t as_of, struct str acts)
{
    jw_open(out, '{');
    kv_instant(out, "as_of", as_of);
    write_rules(out, as_of);
    write_errors(out);
    write_endpoints(out);
    write_fields(out);
    write_templates(out);
    write_events(out);
    write_webhook_fields(out);
    jw_kv_raw(out, "acts", acts.s != NULL ? acts : STR("[]"));
    jw_key(out, "limits");
    limit_rows_json(out);
    write_choices(out);
    write_absent(out);
    jw_close(out, '}');
}
